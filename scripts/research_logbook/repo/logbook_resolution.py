"""Where the logbook of an issue is, among all copies of all logbooks; if several could be meant, none is chosen."""

import hashlib
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from research_logbook.github import RepositorySite
from research_logbook.issues.links import IssueLink, LinkKind, Pin
from research_logbook.logbook import parse
from research_logbook.logbook.model import Header, Logbook, Reference
from research_logbook.render import enumerated


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
    site: RepositorySite = RepositorySite()
    """The repository's pages."""
    strays: tuple[LogbookCopy, ...] = ()
    """Texts that are only on branches which are neither research branches nor named by one."""
    unread: tuple[str, ...] = ()
    """Which branches could not be read, and why: a sentence each."""

    def naming(self, number: int) -> tuple[LogbookCopy, ...]:
        """Return the copies on branches whose header names an issue of this repository."""
        return tuple(copy for copy in self.branches if self._names(copy, number))

    def strays_naming(self, number: int) -> tuple[LogbookCopy, ...]:
        """Return the strays whose header names an issue of this repository."""
        return tuple(copy for copy in self.strays if self._names(copy, number))

    def _names(self, copy: LogbookCopy, number: int) -> bool:
        header = self.headers.get(copy.digest)
        return header is not None and own_issue(header.issue, self.site) == number

    def enrolls(self, number: int) -> bool:
        """Return whether a logbook on the default or a research branch names an issue; a mere link opens no other."""
        counting = {self.default_branch, *self.research}
        return any(copy.ref in counting for copy in self.naming(number))


class Lost(NamedTuple):
    """Why it is not clear which logbook is meant."""

    why: str
    help: str
    is_ambiguous: bool = False
    """Whether there are several that could be meant, and not none."""


def find(number: int, links: Iterable[IssueLink], copies: LogbookCopies) -> LogbookCopy | Lost:
    """Return the logbook of an issue, given what the issue's body links.

    Its path is the one that the body links, else the one whose header names the issue; a child logbook gives way to its
    parent. It is looked for on the branch of the link, on the branch that its header names, on the one research branch
    that holds it, in the newest snapshot, on the default branch, in this order.
    """
    logbooks = (link for link in links if link.kind is LinkKind.LOGBOOK)
    own = copies.site.repository.casefold()
    linked = [link for link in logbooks if not link.repository or link.repository.casefold() == own]
    naming = copies.naming(number)
    path = _path(linked, naming, {it.path for it in naming if copies.headers[it.digest].parent})
    if path is None:
        return _unnamed(number, copies)
    if isinstance(path, Lost):
        return path
    return _copy(path, [link for link in linked if link.path == path], naming, copies)


def _path(linked: Sequence[IssueLink], naming: Sequence[LogbookCopy], children: Collection[str]) -> str | Lost | None:
    """Return the path that is meant, or which could be; None where the body links none and none names the issue."""
    paths = list(dict.fromkeys(link.path for link in linked))
    own = list(dict.fromkeys(copy.path for copy in naming))
    meant = paths if len(paths) == 1 else [path for path in own if path in paths or not paths]
    if len(meant) > 1:
        # A child logbook is read with its parent, which the thread is about.
        meant = [path for path in meant if path not in children] or meant
    if len(meant) == 1:
        return meant[0]
    if not paths and not own:
        return None
    several = enumerated(meant or paths)
    return Lost(
        f"several logbooks could be meant: {several}",
        "link the one that is meant from the body, and only that",
        is_ambiguous=True,
    )


_MOST_NAMED = 5


def _unnamed(number: int, copies: LogbookCopies) -> Lost:
    """Return on which branches no logbook names an issue, and on which other ones does."""
    looked = [*filter(None, [copies.default_branch]), *sorted(copies.research - {copies.default_branch})]
    more = [f"{len(looked) - _MOST_NAMED} more"] if len(looked) > _MOST_NAMED else []
    where = f"on {enumerated([*looked[:_MOST_NAMED], *more])}" if looked else "on any branch"
    why = f"the body links no logbook, and no logbook names #{number} {where}"
    if copies.default_branch and not copies.research:
        why += ", and there is no research branch"
    strays = copies.strays_naming(number)[:_MOST_NAMED]
    if strays:
        there = enumerated(f"{it.path} on {it.ref}" for it in strays)
        fix = f"link `{strays[0].path}` on `{strays[0].ref}` from the body, or add the branch to `branches.research`"
        are = "are no research branches" if len(strays) > 1 else "is no research branch"
        return Lost(f"{why}; it is named by {there}, which {are}", fix)
    fix = "link the logbook from the body, with its path and branch, or write the issue's number into its header"
    return Lost(why, fix)


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
            several = enumerated(copy.ref for copy in found)
            fix = "link it from the body on the branch that is meant"
            return Lost(f"{path} differs on several branches: {several}", fix, is_ambiguous=True)
    return Lost(f"{path} is on no branch and in no snapshot", "push the branch that holds it, or correct the link")


def branches_named(links: Iterable[IssueLink], known: Collection[str]) -> frozenset[str]:
    """Return the branches among `known` that a text links, or links a file on."""
    tails = [tail for link in links if link.pin is Pin.BRANCH for tail in (f"{link.ref}/", f"{link.tail}/")]
    return frozenset(name for name in known if any(tail.startswith(f"{name}/") for tail in tails))


class PackedText:
    """The contents of a file, compressed: hundreds of versions are held, and looked into one after the other."""

    __slots__ = ("_packed", "digest")

    def __init__(self, data: bytes) -> None:
        self._packed = zlib.compress(data, 1)
        self.digest = hashlib.sha256(data).digest()
        """Equal for equal contents."""

    @property
    def data(self) -> bytes:
        """The contents."""
        return zlib.decompress(self._packed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PackedText) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@dataclass(frozen=True, slots=True)
class PinnedLogbook:
    """A logbook as it is in a commit of this repository, by the name that the commit is known by."""

    name: str
    """A tag, a branch, or a full hash."""
    commit: str
    path: str = ""
    text: PackedText | None = None
    """Its contents; None where the commit holds no such logbook."""
    is_reachable: bool = True
    """Whether a branch or a tag of the repository leads to it."""
    is_tag: bool = False
    names_issue: bool = False
    """Whether its header is known to name the issue that is asked about."""

    @property
    def data(self) -> bytes | None:
        """Its contents, which take time to unpack; None where the commit holds no such logbook."""
        return self.text.data if self.text else None

    @property
    def book(self) -> Logbook | None:
        """The logbook; None where there is none that can be read.

        It is parsed anew each time: of hundreds of versions few are looked into, and all would not fit into memory.
        """
        parsed = None if self.text is None else parse(self.path, self.text.data)
        return parsed if isinstance(parsed, Logbook) else None

    @property
    def short_name(self) -> str:
        """Its name as people are shown it: a commit is abbreviated."""
        return self.name[:12] if self.name == self.commit else self.name


class OwedLogbook(NamedTuple):
    """A version of a logbook that a branch owed when it was pushed over."""

    version: PinnedLogbook
    until: tuple[PinnedLogbook, ...]
    """What was pushed over then, and what had led to that: what all of it lacks had been taken back before."""
