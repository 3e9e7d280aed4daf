"""What a closing depends on, read from GitHub and git: the issue and its past, logbook, snapshots, pull requests."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from research_logbook.config.schema import Config
from research_logbook.effects.sticky_comments import is_marked
from research_logbook.errors import no_such_issue
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue, IssueEvent, Mention, Timeline, label_pasts, same_login
from research_logbook.issues.enrolment import author_role, is_enrolled
from research_logbook.issues.links import IssueLink, LinkKind, Pin
from research_logbook.issues.parsing import IssueComment, parse_issue
from research_logbook.labels.plan import LabelFacts, missing
from research_logbook.patterns import matches
from research_logbook.repo import logbook_copies as git
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_resolution import LogbookCopies, LogbookCopy, Lost, find
from research_logbook.seal.checks.check import Closing
from research_logbook.seal.facts import Production, SealFacts, place_on


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


@dataclass(frozen=True, slots=True)
class Known:
    """An issue that is to be closed, or was, and all that was read of it."""

    issue: Issue
    closing: Closing
    events: tuple[IssueEvent, ...]
    own_login: str
    is_enrolled: bool


def known(view: SealView, number: int) -> Known:
    """Return what is known of an issue; raises `NoIssueError` where there is none of that number."""
    issue = view.github.issue(number)
    if issue is None or issue.is_pull_request:
        raise no_such_issue(number, view.github.repository, is_pull_request=issue is not None)
    timeline, login = view.github.timeline(number), view.github.login()
    thread = _thread(view, issue, timeline)
    copies = _copies(view, thread)
    named = copies.enrolls(number, thread.repository)
    role = None if named else author_role(thread.issue, view.config.labels.agents, view.github.role)
    facts = LabelFacts(thread.issue, is_named=named, author_role=role, pasts=label_pasts(timeline.events, login))
    enrolled = is_enrolled(
        thread.issue, named_by_logbook=facts.is_named, author_role=role, agents=view.config.labels.agents
    )
    closing = _closing(view, _labelled(view, thread, facts), timeline, copies) if enrolled else Closing(thread)
    return Known(issue, closing, timeline.events, login, enrolled)


def _thread(view: SealView, issue: Issue, timeline: Timeline) -> SealFacts:
    """Return what GitHub alone says, reports left out."""
    server = issue.url.rsplit("/", 4)[0]
    parsed = parse_issue(
        issue.number,
        issue.title,
        issue.body,
        labels=issue.labels,
        author=issue.author,
        author_is_bot=issue.is_bot,
        state=issue.state,
        comments=(
            IssueComment(comment.author, comment.is_bot, comment.created_at, comment.body, comment.url)
            for comment in timeline.comments
            if not is_marked(comment)
        ),
        place=place_on(server, view.config.logbooks),
    )
    return SealFacts(parsed, view.now, view.github.repository, server, view.config.logbooks)


def _copies(view: SealView, thread: SealFacts) -> LogbookCopies:
    if view.repository is None:
        return LogbookCopies(())
    links = thread.issue.content.links
    found = git.copies_of(view.repository, view.config, view.default_branch, links)._replace(host=view.github.host)
    linked = {link.path for link in links if link.kind is LinkKind.LOGBOOK}
    paths = linked | {copy.path for copy in found.naming(thread.issue.number, thread.repository)}
    held = [(path, one) for path in sorted(paths) for one in git.snapshots_of(view.repository, path)]
    return found._replace(snapshots=tuple(LogbookCopy(path, one.name, one.commit) for path, one in held if one.book))


def _labelled(view: SealView, thread: SealFacts, facts: LabelFacts) -> SealFacts:
    labels = view.config.labels
    return replace(thread, lacking_labels=missing(facts, labels.agents, labels.not_put_back))


def _closing(view: SealView, thread: SealFacts, timeline: Timeline, copies: LogbookCopies) -> Closing:
    """Return the thread with its logbook, and with what is linked from where the checks will look."""
    if view.repository is None:
        lost = replace(
            thread, trouble="this is no clone of the repository, so the logbook is not here", how_to_fix=_CLONE
        )
        return Closing(lost, view.config)
    found = find(thread.issue.number, thread.repository, thread.issue.content.links, copies)
    if isinstance(found, Lost):
        return Closing(replace(thread, trouble=found.why, how_to_fix=found.help), view.config)
    with_book = _with_book(view.repository, thread, found)
    names = {link.ref for text in Closing(with_book, view.config).texts for link in text.links if _is_pinned(link)}
    whole = replace(
        with_book,
        linked=git.held(view.repository, found.path, sorted(names)),
        pulls=tuple(_pulls(view, with_book, found, timeline.mentions, copies)),
    )
    return Closing(whole, view.config)


_CLONE = "run it inside a clone of the repository, with its branches and tags"


def _is_pinned(link: IssueLink) -> bool:
    return link.pin in {Pin.TAG, Pin.COMMIT} and bool(link.ref)


def _with_book(repository: Repository, thread: SealFacts, found: LogbookCopy) -> SealFacts:
    snapshots = git.snapshots_of(repository, found.path)
    known_refs = {**git.branches(repository), **{one.name: one.commit for one in snapshots}}
    commit = known_refs[found.ref]
    book = git.book_of(found.path, repository.read([(commit, found.path)]).get((commit, found.path)))
    trouble = "" if book else f"{found.path} on {found.ref} cannot be read"
    return replace(
        thread,
        book=book,
        ref=found.ref,
        commit=commit,
        snapshots=snapshots,
        trouble=trouble,
        how_to_fix=_LINT if trouble else "",
    )


_LINT = "`logbook lint` says what is wrong with it"


# Production pull requests


def _pulls(
    view: SealView, thread: SealFacts, found: LogbookCopy, mentions: Sequence[Mention], copies: LogbookCopies
) -> Iterator[Production]:
    """Yield the production pull requests among those that mention the issue."""
    for mention in mentions:
        says = _says_part(mention, thread) or found.path in mention.body
        if not thread.is_own(mention.repository):
            continue
        if mention.is_open and says:
            yield Production(mention.number, mention.title, is_merged=False)
        if mention.is_merged:
            yield from _merged(view, mention, found, copies, says=says)


def _merged(
    view: SealView, mention: Mention, found: LogbookCopy, copies: LogbookCopies, *, says: bool
) -> Iterator[Production]:
    pull = view.github.pull(mention.number)
    is_own = same_login(pull.repository, view.github.repository)
    if not is_own or pull.base != copies.default_branch or not (says or pull.branch == found.ref):
        return
    told = {header.branch for header in copies.headers.values()}
    is_research = pull.branch in told or pull.branch == found.ref or matches(pull.branch, view.config.branches.research)
    # Where the default branch holds no logbook, none can have come with the pull request, so nobody has to be asked.
    there = any(copy.path == found.path and copy.ref == copies.default_branch for copy in copies.branches)
    carries = there and not is_research and found.path in view.github.pull_files(mention.number)
    yield Production(mention.number, mention.title, is_merged=True, carries=(found.path,) if carries else ())


_PART = r"(?i)\b(?:part\s+of|close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+(?:{own}#|#|https?://\S{{1,300}}/issues/){number}\b"


def _says_part(mention: Mention, thread: SealFacts) -> bool:
    pattern = _PART.format(own=re.escape(thread.repository), number=thread.issue.number)
    return re.search(pattern, mention.body) is not None
