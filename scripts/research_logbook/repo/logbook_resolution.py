"""Where the logbook of an issue is, among all copies of all logbooks; if several could be meant, none is chosen."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from research_logbook.github import RepositorySite
from research_logbook.issues.links import IssueLink, LinkKind, Pin
from research_logbook.logbook.model import Header, Logbook, Reference


def own_issue(reference: Reference | None, site: RepositorySite) -> int | None:
    """Return the number of an issue of this repository; None for another's, on which nothing is ever written."""
    return reference.number_in(site.repository, site.host) if reference else None


class LogbookCopy(NamedTuple):
    """A logbook as it is on a branch, or in a snapshot."""

    path: str
    ref: str
    """The branch or tag."""
    digest: str
    """Of its contents: equal ones are the same text."""


class LogbookCopies(NamedTuple):
    """All that a repository holds of logbooks."""

    branches: tuple[LogbookCopy, ...]
    snapshots: tuple[LogbookCopy, ...] = ()
    """Newest first."""
    headers: Mapping[str, Header] = {}
    """By digest."""
    default_branch: str = ""
    research: frozenset[str] = frozenset()
    """The research branches, by name."""
    host: str = "github.com"
    """Of the pages of the repository's issues."""

    def naming(self, number: int, own: str) -> tuple[LogbookCopy, ...]:
        """Return the copies on branches whose header names an issue of the repository `own` (OWNER/NAME)."""
        issues = {digest: header.issue for digest, header in self.headers.items() if header.issue}
        found = {digest for digest, issue in issues.items() if issue.number_in(own, self.host) == number}
        return tuple(copy for copy in self.branches if copy.digest in found)

    def enrolls(self, number: int, own: str) -> bool:
        """Return whether a logbook on the default or a research branch names an issue; a mere link opens no other."""
        counting = {self.default_branch, *self.research}
        return any(copy.ref in counting for copy in self.naming(number, own))


class Lost(NamedTuple):
    """Why it is not clear which logbook is meant."""

    why: str
    help: str


def find(number: int, own: str, links: Iterable[IssueLink], copies: LogbookCopies) -> LogbookCopy | Lost:
    """Return the logbook of an issue, given what the issue's body links.

    Its path is the one that the body links, else the one whose header names the issue. It is looked for on the branch
    of the link, on the branch that its header names, on the one research branch that holds it, in the newest snapshot,
    on the default branch, in this order.
    """
    logbooks = (link for link in links if link.kind is LinkKind.LOGBOOK)
    linked = [link for link in logbooks if (link.repository or own).casefold() == own.casefold()]
    naming = copies.naming(number, own)
    path = _path(linked, naming, number)
    if isinstance(path, Lost):
        return path
    return _copy(path, [link for link in linked if link.path == path], naming, copies)


def _path(linked: Sequence[IssueLink], naming: Sequence[LogbookCopy], number: int) -> str | Lost:
    paths = list(dict.fromkeys(link.path for link in linked))
    own = list(dict.fromkeys(copy.path for copy in naming))
    meant = paths if len(paths) == 1 else [path for path in own if path in paths or not paths]
    if len(meant) == 1:
        return meant[0]
    if not paths and not own:
        return Lost(
            f"the body links no logbook, and no logbook names #{number} as its issue",
            "link the logbook from the body, with its path and branch",
        )
    several = ", ".join(meant or paths)
    return Lost(
        f"several logbooks could be meant: {several}", "link the one that is meant from the body, and only that"
    )


def _copy(
    path: str, linked: Sequence[IssueLink], naming: Iterable[LogbookCopy], copies: LogbookCopies
) -> LogbookCopy | Lost:
    there = [copy for copy in copies.branches if copy.path == path]
    linked_refs = {ref for it in linked if it.pin is Pin.BRANCH for ref in (it.ref, it.tail.removesuffix(f"/{path}"))}
    named = {copies.headers[copy.digest].branch for copy in naming if copy.path == path}
    inherited = {copy.digest for copy in there if copy.ref == copies.default_branch}
    for found in (
        [copy for copy in there if copy.ref in linked_refs],
        [copy for copy in there if copy.ref in named],
        [copy for copy in there if copy.ref in copies.research and copy.digest not in inherited],
        [copy for copy in copies.snapshots if copy.path == path][:1],
        [copy for copy in there if copy.ref == copies.default_branch],
    ):
        if len({copy.digest for copy in found}) == 1:
            return found[0]
        if found:
            several = ", ".join(copy.ref for copy in found)
            fix = "link it from the body on the branch that is meant"
            return Lost(f"{path} differs on several branches: {several}", fix)
    return Lost(f"{path} is on no branch and in no snapshot", "push the branch that holds it, or correct the link")


def branches_named(links: Iterable[IssueLink], known: Collection[str]) -> frozenset[str]:
    """Return the branches among `known` that a text links, or links a file on."""
    tails = [tail for link in links if link.pin is Pin.BRANCH for tail in (f"{link.ref}/", f"{link.tail}/")]
    return frozenset(name for name in known if any(tail.startswith(f"{name}/") for tail in tails))


@dataclass(frozen=True, slots=True)
class PinnedLogbook:
    """A commit of this repository, by the name it is linked by, with the thread's logbook as it is in it."""

    name: str
    """A tag, or a full hash."""
    commit: str
    book: Logbook | None
    """None where it holds no such logbook, or one that cannot be read."""
    is_reachable: bool = True
    """Whether a branch or a tag of the repository leads to it."""
    is_tag: bool = False

    @property
    def short_name(self) -> str:
        """Its name as people are shown it: a commit is abbreviated."""
        return self.name if self.is_tag else self.name[:12]
