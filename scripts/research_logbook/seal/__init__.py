"""`logbook seal`: closes an experiment issue when its record is complete, and says what is missing when it is not.

What a closing depends on is read first, from GitHub and git: the issue and its past, logbook, snapshots, pull requests.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from research_logbook.actions.event import Event, EventKind
from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.effects import SEALED, CommandResult, Plan, RetireComment, as_plan
from research_logbook.effects.sticky_comments import announced_commit, is_marked, key_of
from research_logbook.errors import (
    FETCH_ALL,
    UnfinishedError,
    UserError,
    no_issue_given,
    no_such_issue,
    not_an_experiment,
)
from research_logbook.github import RepositorySite
from research_logbook.github.client import SPARED, WORKFLOW_LOGIN, GitHub
from research_logbook.github.models import (
    MAINTAINERS,
    Account,
    Comment,
    Issue,
    IssueEvent,
    Timeline,
    issue_in,
    label_pasts,
    same_login,
)
from research_logbook.github.transport import MissingError, MovedError
from research_logbook.issues import parse_issue
from research_logbook.issues.classification import is_enrolled, is_part_of
from research_logbook.issues.links import LinkKind, Pin, Place
from research_logbook.logbook.model import Header
from research_logbook.markdown.escape import code, markdown
from research_logbook.patterns import matches
from research_logbook.render import counted
from research_logbook.repo import ALL_TAGS, force_pushes, research_branches
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_resolution import (
    LogbookCopies,
    LogbookCopy,
    Lost,
    PackedText,
    PinnedLogbook,
    find,
    own_issue,
)
from research_logbook.repo.versions import RepositoryView
from research_logbook.seal.checks.facts import MovedTag, OtherLogbook, ProductionPull, SealFacts
from research_logbook.seal.drafts import drafts
from research_logbook.seal.plan import (
    MOST_REOPENED,
    OVERRIDE,
    REPORT_KIND,
    Answer,
    SealCase,
    SealReport,
    answer,
    closer,
    judge,
    lacks,
    lacks_closing,
    lacks_label,
    lacks_mark,
    left_alone,
    override,
    plan_answer,
    plan_seal,
    reopener,
    report_comment,
)
from research_logbook.seal.report import (
    CLOSE_AGAIN,
    SEAL_AGAIN,
    accepted,
    in_summary,
    refusal,
    sealed_digest,
    summary,
    text_digest,
)
from research_logbook.snapshots.plan import COMMENT_KIND


@dataclass(frozen=True, slots=True)
class SealView:
    """Who is asked, and how what they say is understood."""

    github: GitHub
    repository: Repository | None
    """None outside of a clone, where no logbook is found."""
    config: Config
    default_branch: str | None
    now: dt.datetime
    """In UTC."""
    token: str = field(default="", repr=False)
    """What opens a private repository to git."""
    shown: Issue | None = None
    """The issue as the event shows it that started this run."""
    closer: str = ""
    """The login of whoever closed it, where that is the event."""


def collect(view: SealView, number: int) -> SealCase:
    """Return what is known of an issue; raises `NoIssueError` if there is none of that number.

    Of one that is not enrolled, only its own text is read.
    """
    (issue, timeline), login = _read(view, number), view.github.login()
    site = RepositorySite(view.github.repository, issue.url.rsplit("/", 4)[0])
    comments = (comment for comment in timeline.comments if not is_marked(comment))
    parsed = parse_issue(issue, comments, Place(site.host, view.config.logbooks))
    facts = SealFacts(parsed, view.now, view.config, site)
    copies = _copies(view, facts)
    is_named, agents = copies.enrolls(number), view.config.labels.agents
    if is_enrolled(parsed, is_named=is_named, agents=agents, role_of=view.github.role):
        facts = replace(facts, is_enrolled=True, label_pasts=label_pasts(timeline.events, login))
        facts = _with_logbook(view, facts, timeline, copies)
    reports = (one for one in timeline.comments if key_of(REPORT_KIND, one) == str(number))
    own = (one.text for one in reports if same_login(one.author, login))
    sealed_as = next(filter(None, map(sealed_digest, own)), "")
    return SealCase(facts, timeline.events, login, sealed_as, tuple(_older_reports(timeline.comments, number, login)))


_RETIRED = "This report is no longer kept:"


def _older_reports(comments: Iterable[Comment], number: int, login: str) -> Iterator[Comment]:
    """Yield the reports on an issue's closing that bots wrote under other logins, and that are kept by nobody."""
    for one in comments:
        is_report = key_of(REPORT_KIND, one) == str(number) and _RETIRED not in one.text
        if is_report and one.author.endswith("[bot]") and not same_login(one.author, login):
            yield one


def _retirements(case: SealCase) -> Plan:
    """Return what says in the reports of an older login that they are no longer kept.

    Only what a workflow of this repository wrote is edited: another bot may be anybody's.
    """
    text = f"{_RETIRED} {code(case.own_login)} reports on the closing of this issue now."
    return tuple(
        RetireComment(case.facts.issue.number, one.id, one.author, f"{one.text.partition(chr(10))[0].rstrip()}\n{text}")
        for one in case.older_reports
        if same_login(one.author, WORKFLOW_LOGIN)
    )


def _about_older(case: SealCase) -> str:
    """Return a sentence on the reports of an older login, Markdown; empty where there is none."""
    names = ", ".join(dict.fromkeys(code(one.author) for one in case.older_reports))
    return f" What {names} reported on this issue no longer counts." if names else ""


def _read(view: SealView, number: int) -> tuple[Issue, Timeline]:
    """Return an issue and all that happened to it, once the two fit each other and the event.

    GitHub may show late what has just happened, and the timeline later than the issue. So they are read again for some
    seconds; then the event says who closed it. Raises `UnfinishedError` where nothing does, or where an override may
    be missing: a closing is not undone for what is not shown yet.
    """
    shown = view.shown if view.shown and view.shown.number == number else None

    def read() -> tuple[Issue, Timeline]:
        issue = view.github.issue(number, is_known=shown is not None)
        if issue is None or issue.is_pull_request:
            raise no_such_issue(number, view.github.repository, is_pull_request=issue is not None)
        issue = shown if shown and shown.updated_at > issue.updated_at else issue
        try:
            return issue, view.github.timeline(number)
        except (MissingError, MovedError) as error:
            if not view.github.is_gone(number):
                raise
            raise no_such_issue(number, view.github.repository) from error

    issue, timeline = read()
    for pause in (1.0, 2.0, 4.0, 8.0, 8.0):
        # Where it is not shown who put the mark on, it would be taken off and put on again: that is waited for longer.
        is_late = lacks(issue, timeline) if pause <= 4 else lacks_mark(issue, timeline)
        if not (is_late and view.github.pause(pause, SPARED)):
            break
        issue, timeline = read()
    if lacks_closing(issue, timeline.events):
        closed_at = issue.closed_at or issue.updated_at
        if not view.closer or lacks_label(issue, timeline.events, OVERRIDE):
            raise UnfinishedError(
                f"GitHub does not show yet who closed #{number}, and what was before", "run it again in a minute"
            )
        closing = IssueEvent("closed", closed_at, Account(view.closer))
        timeline = replace(timeline, events=(*timeline.events, closing))
    return issue, timeline


def _edited_since(case: SealCase) -> tuple[str, ...]:
    """Return a note on a sealed issue whose text is no longer the one that was sealed."""
    issue = case.facts.issue
    if not case.is_sealed or case.sealed_as in {"", text_digest(issue.text)}:
        return ()
    return (
        f"#{issue.number} was edited after it was sealed; its report shows what it said. Reopen it to seal it anew",
    )


def _copies(view: SealView, facts: SealFacts) -> LogbookCopies:
    """Return the copies of all logbooks on branches."""
    if view.repository is None:
        return LogbookCopies(())
    found = research_branches.copies_of(view.repository, view.config, view.default_branch, facts.body.links)
    return found._replace(site=view.github.site)


def _with_logbook(view: SealView, facts: SealFacts, timeline: Timeline, copies: LogbookCopies) -> SealFacts:
    """Return the facts with the thread's logbook, and with what is linked from the texts that the checks read."""
    if view.repository is None:
        return replace(
            facts,
            no_logbook="this is no clone of the repository, so the logbook is not here",
            no_logbook_help="run it inside a clone of the repository, with its branches and tags",
        )
    naming = set(copies.naming(facts.issue.number))
    linked = {link.path for link in facts.body.links if link.kind is LinkKind.LOGBOOK}
    paths = linked | {copy.path for copy in naming}
    known = research_branches.snapshots_of(view.repository, view.config, copies, facts.issue.number, paths)
    held = (LogbookCopy(one.path, one.name, one.commit) for one in known if one.text)
    found = find(facts.issue.number, facts.body.links, copies._replace(snapshots=tuple(held)))
    if isinstance(found, Lost) and copies.unread:
        raise UnfinishedError(copies.unread[0], FETCH_ALL)  # that is where the logbook may be
    facts = replace(facts, unchecked=(*facts.unchecked, *copies.unread))
    if isinstance(found, Lost):
        return replace(facts, no_logbook=found.why, no_logbook_help=found.help, is_ambiguous=found.is_ambiguous)
    refs = {**research_branches.branches(view.repository), **{one.name: one.commit for one in known}}
    commit = refs[found.ref]
    blob = view.repository.read([(commit, found.path)]).get((commit, found.path))
    book = research_branches.book_of(found.path, blob)
    links = (link for text in facts.texts for link in text.links)
    names = {link.ref for link in links if link.pin in {Pin.TAG, Pin.COMMIT} and link.ref}
    # A body may link logbooks of other threads: their snapshots are none of this one's, unless they name its issue.
    paths = {found.path, *(copy.path for copy in naming)}
    snapshots = tuple(one for one in known if one.path in paths or one.names_issue)
    places = list(dict.fromkeys((found.path, *(one.path for one in snapshots))))
    facts = replace(
        facts,
        book=book,
        ref=found.ref,
        commit=commit,
        no_logbook="" if book else f"{found.path} on {found.ref} cannot be read",
        no_logbook_help="" if book else "`logbook lint` says what is wrong with it",
        snapshots=snapshots,
        others=tuple(_others(view.repository, facts.issue.number, found, copies, {one.path for one in snapshots})),
        # A snapshot under the logbook's old name, or in a copy that was merged into it, may be the final one.
        linked=research_branches.held(view.repository, places, sorted(names)),
        pulls=tuple(_pulls(view, facts, found, timeline.mentions, copies)),
    )
    facts = _with_what_was_announced(view, view.repository, facts, timeline.comments)
    facts = _with_what_its_branch_had(view, view.repository, facts)
    return _with_what_was_replaced(view, view.repository, facts)


def _with_what_was_announced(
    view: SealView, repository: Repository, facts: SealFacts, comments: Iterable[Comment]
) -> SealFacts:
    """Return the facts with the snapshot tags that are not where they were announced, and with what was there."""
    moved = tuple(_moved_tags(view, repository, facts.site, comments))
    gone = repository.fetch_commits((one.announced for one in moved), view.token)
    here = dict.fromkeys(one.announced for one in moved if one.announced not in gone)
    paths = dict.fromkeys((*([facts.book.path] if facts.book else []), *(one.path for one in facts.snapshots)))
    blobs = repository.read([(commit, path) for commit in here for path in paths])
    announced = (
        PinnedLogbook(commit, commit, path, None if blob.is_symlink else PackedText(blob.data))
        for (commit, path), blob in blobs.items()
    )
    lacking = (one for one in moved if one.announced in gone)
    unchecked = (f"{one.announced[:12]}, on which {one.tag} was: {gone[one.announced]}" for one in lacking)
    return replace(
        facts,
        moved_tags=moved,
        earlier=(*facts.earlier, *announced),
        unchecked=(*facts.unchecked, *unchecked),
    )


def _with_what_its_branch_had(view: SealView, repository: Repository, facts: SealFacts) -> SealFacts:
    """Return the facts with what the judged branch had since it left the default branch, and what it has no more.

    Of a branch that was merged, the default branch counts as it was before that.
    """
    default = repository.tip(view.default_branch or repository.default_branch)
    if facts.book is None or default is None:
        return facts
    if repository.is_ancestor(facts.commit, default):
        merges = repository.commits(default, [facts.commit])
        default = next(iter(repository.parents(merges[0].hash)), default) if merges else default
    left, path = repository.merge_base(default, facts.commit), facts.book.path
    comparison = Comparison(facts.commit, left=left, rules_from=default)
    walked = RepositoryView(repository, comparison, facts.ref, view.config).walked
    count = walked.uncompared.get(path, 0)
    unchecked = [f"{counted(count, 'earlier version')} of the branch: too much to compare"] if count else []
    if repository.is_shallow:
        unchecked.append("what the branch had before: the clone is shallow")
    lost = (
        PinnedLogbook(it.commit, it.commit, it.path, PackedText(it.text.encode())) for it in walked.lost.get(path, ())
    )
    return replace(
        facts,
        earlier=(*facts.earlier, *lost),
        former_paths=walked.other_names.get(path, frozenset()),
        unchecked=(*facts.unchecked, *unchecked),
    )


def _with_what_was_replaced(view: SealView, repository: Repository, facts: SealFacts) -> SealFacts:
    """Return the facts with what force pushes took away from the branches that the logbook is on, or says it is on.

    It may have said so only in a snapshot, and such a branch may be gone. The default branch is everybody's, and is not
    asked about.
    """
    book, known = facts.book, research_branches.branches(repository)
    named = [facts.ref if facts.ref in known else "", book.header.branch if book else ""]
    versions = {one.text for one in facts.snapshots if book and one.path == book.path and one.text}
    named += sorted(research_branches.header_of("", text.data).branch for text in versions)
    branches = [name for name in dict.fromkeys(named) if name and name != view.default_branch]
    ends = list[force_pushes.ReplacedEnd]()
    unchecked = [] if branches else ["force pushes: the logbook is on no branch of its own, and its header names none"]
    for branch in branches:
        moves, unasked = force_pushes.moves_of(view.github, branch)
        replaced = force_pushes.replaced_ends(moves, view.config.history.grace_time)
        here, gone = force_pushes.fetched(repository, view.token, branch, replaced)
        ends += here
        unchecked += [*filter(None, [unasked]), *gone]
    if book is None or not ends:
        return replace(facts, unchecked=(*facts.unchecked, *unchecked))

    def is_own(path: str, header: Header) -> bool:
        return path in facts.former_paths or own_issue(header.issue, facts.site) == facts.issue.number

    taken = force_pushes.replaced_logbooks(repository, view.config, ends, (facts.commit, book.path), is_own)
    unchecked += [f"{taken.too_large} of the versions that were pushed over, which are over 5 MB"] * bool(
        taken.too_large
    )
    return replace(facts, replaced=taken.owed, taken_back=taken.recent, unchecked=(*facts.unchecked, *unchecked))


def _others(
    repository: Repository, number: int, found: LogbookCopy, copies: LogbookCopies, paths: Collection[str]
) -> Iterator[OtherLogbook]:
    """Yield the other logbooks that may be tied to the thread: all but those that name another issue.

    Of these come the ones at the `paths` of snapshots that named this issue once.
    """
    naming, strays = (
        {(it.path, it.digest) for it in some} for some in (copies.naming(number), copies.strays_naming(number))
    )
    branches: dict[tuple[str, str], list[str]] = {}
    for copy in copies.branches:
        key, issue = (copy.path, copy.digest), copies.headers[copy.digest].issue
        names_none = issue is None and copy.ref in {copies.default_branch, *copies.research}
        is_at_snapshot = copy.path in paths and copy.path != found.path
        if (key in naming or names_none or is_at_snapshot) and key != (found.path, found.digest):
            branches.setdefault(key, []).append(copy.ref)
    for copy in copies.strays_naming(number):
        branches.setdefault((copy.path, copy.digest), []).append(copy.ref)
    contents = repository.contents(sorted({digest for _, digest in branches}))
    tips = research_branches.branches(repository) if branches else {}
    for (path, digest), refs in branches.items():
        version = PinnedLogbook(
            refs[0], tips[refs[0]], path, PackedText(contents[digest]) if digest in contents else None
        )
        is_stray = (path, digest) in strays
        is_naming = is_stray or (path, digest) in naming
        yield OtherLogbook(version, tuple(refs), copies.headers[digest], names_issue=is_naming, is_stray=is_stray)


def _moved_tags(
    view: SealView, repository: Repository, site: RepositorySite, comments: Iterable[Comment]
) -> Iterator[MovedTag]:
    """Yield the snapshot tags that are not where they were announced, as far as a comment can be believed.

    That is one of ours, of a workflow's, or of somebody who may push tags. Where the clone shows another commit than a
    comment does, GitHub is asked: a clone may be older than the tag.
    """
    tags = dict(repository.tags(ALL_TAGS))
    for comment in comments:
        tag, commit = key_of(COMMENT_KIND, comment) or "", announced_commit(comment.text)
        if not tag.startswith(f"{ALL_TAGS}/") or not commit or tags.get(tag) == commit:
            continue
        is_ours = any(same_login(comment.author, login) for login in (view.github.login(), WORKFLOW_LOGIN))
        if not is_ours and view.github.role(comment.author) not in {"write", *MAINTAINERS}:
            continue
        now = view.github.tagged(tag)
        # An issue that was transferred brings the snapshots of another repository along.
        is_here = now is not None or site.url("commit", commit) in comment.text
        if now != commit and is_here:
            yield MovedTag(tag, commit, now, comment.url)


def _pulls(
    view: SealView, facts: SealFacts, found: LogbookCopy, mentions: Sequence[Issue], copies: LogbookCopies
) -> Iterator[ProductionPull]:
    """Yield the production pull requests among those that mention the issue."""
    headers = {header.branch for header in copies.headers.values()}
    # If the default branch holds no logbook, none can have come with a pull request, so nobody has to be asked.
    is_in_default = any(copy.path == found.path and copy.ref == copies.default_branch for copy in copies.branches)
    for mention in mentions:
        if not facts.is_own(mention.repository.full_name if mention.repository else ""):
            continue
        claims = is_part_of(mention.text, facts.issue.number, facts.repository) or found.path in mention.text
        if mention.is_open and claims:
            yield ProductionPull(mention.number, mention.title, is_merged=False)
        if not mention.is_merged:
            continue
        pull = view.github.pull(mention.number)
        branch = pull.head.ref
        is_own = pull.comes_from(view.github.repository) and pull.base.ref == copies.default_branch
        if is_own and (claims or branch == found.ref):
            is_research = branch in headers or branch == found.ref or matches(branch, view.config.branches.research)
            carries = is_in_default and not is_research and found.path in view.github.pull_files(mention.number)
            yield ProductionPull(
                mention.number, mention.title, is_merged=True, carries=(found.path,) if carries else ()
            )


@dataclass(frozen=True, slots=True)
class Sealing:
    """What came of judging an issue, before anything is written."""

    case: SealCase
    outcome: CommandResult
    report: SealReport | None = None
    """None if nothing had to be judged."""
    sealed: bool = False
    """Whether the issue is sealed, or is once the plan is applied."""
    why: str = ""
    """Why nothing had to be judged, in a sentence."""


def view_of(github: GitHub, context: RunContext) -> SealView:
    """Return whom to ask about closings, and by which configuration."""
    event = context.event
    return SealView(
        github,
        context.repository,
        context.config,
        context.default_branch,
        context.now,
        context.fetch_token,
        shown=issue_in(event.issue) if event.kind is EventKind.ISSUES else None,
        closer=event.actor if event.kind is EventKind.ISSUES and event.action == "closed" else "",
    )


def issue_to_judge(event: Event, asked: int | None) -> tuple[int, bool]:
    """Return the issue that is meant, and whether it was closed by others, which the guard judges.

    Raises `UserError` if the event names no issue or does not trigger sealing, and on any branch but the default one.
    """
    if asked is None:
        if event.number is None:
            raise no_issue_given()
        if event.action != "closed":
            raise UserError(f"this event does not trigger sealing: {event.action or 'no action'}", "pass `--issue N`")
        return event.number, True
    is_run = event.in_actions or event.kind not in {EventKind.LOCAL, EventKind.ISSUES}
    if is_run and event.branch != event.default_branch:
        raise UserError(
            f"sealing works on the default branch only, and this is {event.branch}",
            f"run the workflow on {event.default_branch}",
        )
    return asked, False


def draft(view: SealView, number: int) -> str:
    """Return a draft of what an issue's record lacks, Markdown."""
    facts = collect(view, number).facts
    return drafts(facts, judge(facts))


def seal(view: SealView, number: int, reason: str, asked_by: str, earlier: Sealing | None = None) -> Sealing:
    """Return what closes an issue, or the report that says why it stays open.

    `earlier` is what came of judging it in this run, where it changed meanwhile: who reopened it since wants it open.
    Raises `UserError` if it is not an experiment issue, or if the `reason` must not be published.
    """
    case = collect(view, number)
    if not case.facts.is_enrolled:
        raise not_an_experiment(number)
    if case.facts.issue.state == "closed" and case.is_sealed:
        done = CommandResult(_retirements(case), notes=_edited_since(case))
        return Sealing(case, done, sealed=True, why=f"#{number} is already sealed")
    if earlier and (who := reopener(case.events, earlier.case.events, case.own_login)):
        why = f"#{number} was closed out and {who} reopened it at once, so it stays open; seal it again to close it"
        return Sealing(case, CommandResult(notes=(why,), exit_code=1), why=f"#{number} is open")
    if case.facts.is_private(reason):
        raise UserError("the reason contains private text, so it is not published", "give another reason")
    report = judge(case.facts)
    who = f"Requested by {code(asked_by)}" if asked_by else "Requested"
    intro = f"{who}{f': {markdown(reason)}' if reason.strip() else '.'}{_about_older(case)}"
    if not report.failed:
        return _sealed(view, case, report, intro)
    # One that we closed, and that changed before it was marked, does not stay closed.
    is_ours = case.facts.issue.state == "closed" and same_login(closer(case.events), case.own_login)
    body = refusal(report, f"{intro} It was closed, and is reopened." if is_ours else intro)
    foreseen = refusal(report, intro)
    answered = plan_answer(number, body, Answer.REOPEN if is_ours else Answer.COMMENT)
    plan = as_plan([*answered, *_retirements(case)])
    told = in_summary(case.facts, body), in_summary(case.facts, foreseen)
    return Sealing(case, CommandResult(plan, _unchecked(case), *told, exit_code=1, judged=case.judged), report)


def _sealed(view: SealView, case: SealCase, report: SealReport, intro: str) -> Sealing:
    body = summary(case.facts, report, intro)
    # What labels the repository has matters only if the mark is still missing.
    labels = {SEALED} if case.is_sealed else view.github.repository_labels()
    plan = as_plan([*plan_seal(case.facts.issue, case.events, case.own_login, body, labels), *_retirements(case)])
    told = in_summary(case.facts, body), in_summary(case.facts, summary(case.facts, report, intro, is_done=False))
    return Sealing(case, CommandResult(plan, _unchecked(case), *told, judged=case.judged), report, sealed=True)


def _unchecked(case: SealCase) -> tuple[str, ...]:
    number = case.facts.issue.number
    older = dict.fromkeys(one.author for one in case.older_reports if not same_login(one.author, WORKFLOW_LOGIN))
    left = (f"#{number} has a report of {author}, which is kept by nobody: delete it by hand" for author in older)
    return (*(f"#{number}: not checked: {sentence}" for sentence in case.facts.unchecked), *left)


def guard(view: SealView, number: int) -> Sealing:
    """Return what is done about an issue that somebody closed: nothing, if it may be closed.

    Raises `UnfinishedError` if the clone shows too little to judge it by: a closing is not undone for that.
    """
    case = collect(view, number)
    since = view.config.guard.since
    why = left_alone(case, dt.date.fromisoformat(since) if since else None)
    if why:
        return Sealing(case, CommandResult(notes=_edited_since(case)), sealed=case.is_sealed, why=why)
    if view.repository is None or view.repository.is_shallow:
        what = "this is not a clone of the repository" if view.repository is None else "the clone is shallow"
        raise UnfinishedError(f"{what}, so whether #{number} was closed too early cannot be judged", FETCH_ALL)
    report, who = judge(case.facts), code(closer(case.events))
    if case.facts.issue.is_locked:
        return _locked(case, report, who)
    if not report.failed:
        return _sealed(view, case, report, f"Closed by {who}; the record is complete.{_about_older(case)}")
    if lacks_label(case.facts.issue, case.events, OVERRIDE):
        raise UnfinishedError(f"GitHub does not show yet who put {OVERRIDE} on #{number}", "run it again in a minute")
    mark = override(case.events)
    is_overridden = mark is not None and view.github.role(mark.actor_login) in MAINTAINERS
    if mark and is_overridden:
        by = f"which {code(mark.actor_login)} accepted with {code(OVERRIDE)} for this closing alone"
        body = foreseen = accepted(report, f"Closed by {who}, {by}. Nothing has to be done.{_about_older(case)}")
        plan: Plan = as_plan([report_comment(number, body), *_retirements(case)])
        note = f"#{number} was closed with an override by {mark.actor_login}"
    else:
        what_follows = answer(case.events, case.own_login, view.config.guard.mode)
        ignored = f" {code(OVERRIDE)} counts only if a maintainer or admin adds it." if mark else ""
        more = f"{ignored}{_about_older(case)}"
        intro, (follows, then) = f"Closed by {who} before the record was complete", _ANSWERS[what_follows]
        body = refusal(report, f"{intro}{follows}{more}", then)
        foreseen = refusal(report, f"{intro}.{more}", then)
        plan = as_plan([*plan_answer(number, body, what_follows), *_retirements(case)])
        note = f"#{number} was closed before its record was complete; failed checks: {', '.join(report.failed)}"
    told = in_summary(case.facts, body), in_summary(case.facts, foreseen)
    return Sealing(case, CommandResult(plan, (note, *_unchecked(case)), *told, judged=case.judged), report)


def _locked(case: SealCase, report: SealReport, who: str) -> Sealing:
    """Return what is said of a closed issue whose conversation is locked: no report could be posted there."""
    number, failed = case.facts.issue.number, ", ".join(report.failed)
    what = f"was closed before its record was complete; failed checks: {failed}" if failed else "has a complete record"
    note = f"#{number} {what}. Its conversation is locked, so nothing is done: unlock it to have the closing judged"
    intro = f"Closed by {who}. The conversation is locked, so nothing is done until somebody unlocks it."
    body = refusal(report, intro, "") if failed else summary(case.facts, report, intro, is_done=False)
    return Sealing(case, CommandResult(notes=(note, *_unchecked(case)), summary=in_summary(case.facts, body)), report)


_ANSWERS = {
    Answer.REOPEN: (", so it was reopened.", CLOSE_AGAIN),
    Answer.COMMENT: (".", SEAL_AGAIN),
    Answer.ASK: (
        (
            f". It was reopened {MOST_REOPENED} times already, so it stays closed this time. A maintainer decides: "
            f"reopen it, and seal it once its record is complete, or add `{OVERRIDE}`, which lets the next closing "
            "pass."
        ),
        "",
    ),
}
"""What an early closing leads to, in words, and what is to be done once the record is complete."""
