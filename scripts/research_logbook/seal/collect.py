"""What a closing depends on, read from GitHub and git: the issue and its past, logbook, snapshots, pull requests."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from research_logbook.config.schema import Config
from research_logbook.effects.sticky_comments import is_marked
from research_logbook.errors import no_such_issue
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue, RepositorySite, label_pasts
from research_logbook.issues import parse_issue
from research_logbook.issues.enrolment import author_role
from research_logbook.issues.links import LinkKind, Pin, Place
from research_logbook.issues.summaries import is_part_of
from research_logbook.patterns import matches
from research_logbook.repo import research_branches
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_resolution import LogbookCopies, LogbookCopy, Lost, find
from research_logbook.seal.checks.facts import ProductionPull, SealFacts
from research_logbook.seal.plan import SealCase


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


def collect(view: SealView, number: int) -> SealCase:
    """Return what is known of an issue; raises `NoIssueError` if there is none of that number.

    Of one that is not enrolled, only its own text is read.
    """
    issue = view.github.issue(number)
    if issue is None or issue.is_pull_request:
        raise no_such_issue(number, view.github.repository, is_pull_request=issue is not None)
    timeline, login = view.github.timeline(number), view.github.login()
    site = RepositorySite(view.github.repository, issue.url.rsplit("/", 4)[0])
    comments = (comment for comment in timeline.comments if not is_marked(comment))
    parsed = parse_issue(issue, comments, Place(site.host, view.config.logbooks))
    facts = SealFacts(parsed, view.now, view.config, site)
    copies = _copies(view, facts)
    is_named = copies.enrolls(number, facts.repository)
    facts = replace(
        facts,
        is_named=is_named,
        author_role=None if is_named else author_role(parsed, view.config.labels.agents, view.github.role),
        label_pasts=label_pasts(timeline.events, login),
    )
    if facts.is_enrolled:
        facts = _with_logbook(view, facts, timeline.mentions, copies)
    return SealCase(issue, facts, timeline.events, login)


def _copies(view: SealView, facts: SealFacts) -> LogbookCopies:
    if view.repository is None:
        return LogbookCopies(())
    links = facts.body.links
    found = research_branches.copies_of(view.repository, view.config, view.default_branch, links)
    found = found._replace(host=view.github.site.host)
    linked = {link.path for link in links if link.kind is LinkKind.LOGBOOK}
    paths = linked | {copy.path for copy in found.naming(facts.issue.number, facts.repository)}
    held = [(path, one) for path in sorted(paths) for one in research_branches.snapshots_of(view.repository, path)]
    return found._replace(snapshots=tuple(LogbookCopy(path, one.name, one.commit) for path, one in held if one.book))


def _with_logbook(view: SealView, facts: SealFacts, mentions: Sequence[Issue], copies: LogbookCopies) -> SealFacts:
    """Return the facts with the thread's logbook, and with what is linked from the texts that the checks read."""
    if view.repository is None:
        return replace(
            facts,
            no_logbook="this is no clone of the repository, so the logbook is not here",
            no_logbook_help="run it inside a clone of the repository, with its branches and tags",
        )
    found = find(facts.issue.number, facts.repository, facts.body.links, copies)
    if isinstance(found, Lost):
        return replace(facts, no_logbook=found.why, no_logbook_help=found.help)
    snapshots = research_branches.snapshots_of(view.repository, found.path)
    known_refs = {**research_branches.branches(view.repository), **{one.name: one.commit for one in snapshots}}
    commit = known_refs[found.ref]
    blob = view.repository.read([(commit, found.path)]).get((commit, found.path))
    book = research_branches.book_of(found.path, blob)
    links = (link for text in facts.texts for link in text.links)
    names = {link.ref for link in links if link.pin in {Pin.TAG, Pin.COMMIT} and link.ref}
    return replace(
        facts,
        book=book,
        ref=found.ref,
        commit=commit,
        no_logbook="" if book else f"{found.path} on {found.ref} cannot be read",
        no_logbook_help="" if book else "`logbook lint` says what is wrong with it",
        snapshots=snapshots,
        linked=research_branches.held(view.repository, found.path, sorted(names)),
        pulls=tuple(_pulls(view, facts, found, mentions, copies)),
    )


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
