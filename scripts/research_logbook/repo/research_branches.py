"""The logbooks on the branches of origin, and which of the branches are research branches.

A research branch is one whose name the configuration's patterns match, or one that the header of a logbook names: a
logbook on the branch itself, on the default branch or on another research branch.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from research_logbook.config.schema import Config
from research_logbook.errors import UnfinishedError
from research_logbook.github.client import GitHub
from research_logbook.issues.links import IssueLink
from research_logbook.logbook import header_alone, parse, symlink
from research_logbook.logbook.model import Header, Logbook, topic_of
from research_logbook.patterns import matches
from research_logbook.repo import ALL_TAGS, files, tag_part, tags_of
from research_logbook.repo.git import Blob, Repository
from research_logbook.repo.logbook_resolution import (
    LogbookCopies,
    LogbookCopy,
    PackedText,
    PinnedLogbook,
    branches_named,
    own_issue,
)
from research_logbook.repo.versions import logbook_files, roots

_HEAD = 32_768
"""Bytes at the start of a logbook that are read for its header."""


class BranchLogbook(NamedTuple):
    """One text of a logbook, as far as its header, and the branches that have it."""

    path: str
    digest: str
    header: Header
    branches: frozenset[str]


@dataclass(frozen=True)
class BranchLogbooks:
    """The logbooks on branches, each text once."""

    config: Config
    default: str
    """The default branch; `HEAD` if it is not known."""
    tips: Mapping[str, str]
    """The branches, each with its commit, the last committed to first."""
    books: tuple[BranchLogbook, ...]
    unread: Mapping[str, str] = field(default_factory=dict)
    """The branches whose files git cannot list, each with why."""

    @classmethod
    def read(cls, repository: Repository, config: Config, default: str, tips: Mapping[str, str]) -> "BranchLogbooks":
        """Read the headers; of branches whose folders of logbooks are the same, one is looked at."""
        trees = repository.trees(tips.values(), roots(config))
        alike: dict[tuple[str, ...], list[str]] = {}
        for name, commit in tips.items():
            alike.setdefault(trees[commit], []).append(name)
        found: dict[tuple[str, str], set[str]] = {}
        unread: dict[str, str] = {}
        for names in alike.values():
            try:
                listed = logbook_files(repository, config, tips[names[0]])
            except UnfinishedError as error:  # one branch that cannot be read stops no other
                unread |= dict.fromkeys(names, f"the branch {names[0]} cannot be read: {error.sentence}")
                continue
            for logbook in listed.items():
                found.setdefault(logbook, set()).update(names)
        starts = repository.beginnings((digest for _, digest in found), _HEAD + 1)
        books = (
            BranchLogbook(path, digest, header_of(path, starts[digest]), frozenset(names))
            for (path, digest), names in found.items()
            if digest in starts
        )
        return cls(config, default, tips, tuple(books), unread)

    @classmethod
    def of_origin(cls, repository: Repository, config: Config, default_branch: str | None) -> "BranchLogbooks":
        """Read those of origin's branches.

        What is checked out counts only where no branch is known to be the default one: it may be a stranger's work.
        """
        default, tips = default_branch or repository.default_branch or "HEAD", repository.remote_branches()
        head = repository.commit("HEAD") if default == "HEAD" else None
        return cls.read(repository, config, default, {**tips, "HEAD": head} if head else tips)

    @cached_property
    def research(self) -> frozenset[str]:
        """The names of the research branches, the default branch left out."""
        found = {name for name in self.tips if matches(name, self.config.branches.research)}
        found |= {book.header.branch for book in self.books if book.header.branch in book.branches}
        more = {self.default}
        while more - found:
            found |= more
            more = {book.header.branch for book in self.books if book.header.branch and book.branches & found}
        return frozenset(found) - {self.default}

    def preferred(self) -> dict[str, list[tuple[str, str]]]:
        """Return the versions of each logbook that is on the default or a research branch: branch and hash, best first.

        First comes the one that is on the branch its header names, then that of the newest research branch that is not
        the default branch's too, which a branch of another thread merely carries along; the default branch's is last.
        """
        order = [*(name for name in self.tips if name in self.research), self.default]
        ranks = {name: rank for rank, name in enumerate(order)}
        by_path: dict[str, list[tuple[int, BranchLogbook]]] = {}
        for book in self.books:
            for name in book.branches & ranks.keys():
                by_path.setdefault(book.path, []).append((ranks[name], book))
        preferred = {}
        for path, found in by_path.items():
            versions = sorted(found, key=lambda it: it[0])
            own = [it for it in versions if self.default not in it[1].branches] or versions
            named = [it for it in own if it[1].header.branch == order[it[0]]]
            preferred[path] = list(dict.fromkeys((order[rank], book.digest) for rank, book in [*named, *own]))
        return preferred


def research_branches(repository: Repository, config: Config, default_branch: str | None) -> dict[str, str]:
    """Return the research branches of origin, each with its commit, the last committed to first."""
    known = BranchLogbooks.of_origin(repository, config, default_branch)
    return {name: commit for name, commit in known.tips.items() if name in known.research}


class Named(NamedTuple):
    """What the headers of logbooks on the default and the research branches name."""

    issues: Mapping[int, str] = {}
    """Issues of this repository, each with the path of a logbook."""
    branches: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    """Which branches could not be read, and why: a sentence each."""


def named_in(repository: Repository | None, config: Config, default_branch: str | None, github: GitHub) -> Named:
    """Return what headers name; issues are those of `github`'s repository."""
    if repository is None:
        return Named()
    known = BranchLogbooks.of_origin(repository, config, default_branch)
    counting = (book for book in known.books if book.branches & {*known.research, known.default})
    numbers = ((own_issue(book.header.issue, github.site), book.path) for book in counting)
    unread = tuple(dict.fromkeys(known.unread.values()))
    return Named({number: path for number, path in numbers if number}, known.research, unread)


def issues_here(repository: Repository, config: Config, branch: str, github: GitHub) -> set[int]:
    """Return the issues that the logbooks of a branch name, as they are in the work tree."""
    headers = headers_here(repository, config, branch).values()
    return {number for header in headers if (number := own_issue(header.issue, github.site))}


def headers_here(repository: Repository, config: Config, branch: str) -> dict[str, Header]:
    """Return the headers of a branch's logbooks in the work tree, by path.

    They are those that name the branch, else those that the branch is named for, else the only one there is.
    """
    texts = files.read_all(repository, list(logbook_files(repository, config)))
    headers = {path: header_of(path, data) for path, data in texts.items() if isinstance(data, bytes)}
    topic = tag_part(branch.rpartition("/")[2])
    own = {path: header for path, header in headers.items() if branch and header.branch == branch}
    named = {path: header for path, header in headers.items() if branch and tag_part(topic_of(path)) == topic}
    return own or named or (headers if len(headers) == 1 else {})


def ids_here(repository: Repository, config: Config, most: int = 50) -> tuple[str, ...]:
    """Return the experiment IDs of the entries in the work tree, of at most so many logbooks."""
    texts = files.read_all(repository, sorted(logbook_files(repository, config))[:most])
    books = (parse(path, data) for path, data in texts.items() if isinstance(data, bytes))
    found = (name for book in books if isinstance(book, Logbook) for entry in book.everything for name in entry.ids)
    return tuple(dict.fromkeys(found))


def header_of(path: str, data: bytes) -> Header:
    """Return a logbook's header, for which its start is enough; an empty one for what cannot be read."""
    return header_alone(path, data[:_HEAD].rpartition(b"\n")[0] if len(data) > _HEAD else data)


MOST_READ = 100_000_000
"""Bytes of logbooks that are understood at once, which takes fourteen times as much memory."""


def books_of(
    repository: Repository,
    config: Config,
    default_branch: str | None,
    notes: list[str] | None = None,
    most: int = MOST_READ,
) -> tuple[Logbook, ...]:
    """Return each logbook of the default and the research branches once, those that can be read, by path.

    Of several versions the one counts that is on the branch its header names; else the newest research branch's
    that is not the default branch's too, which a branch of another thread merely carries along; else that one.

    Where all together have over `most` bytes, the largest are left out, and `notes` gets a sentence that says so.
    """
    remote = repository.remote_branches()
    # What is checked out stands for the default branch where nobody says which that is: a schedule runs on it.
    default = default_branch if default_branch in remote else "HEAD"
    head = None if default in remote else repository.commit("HEAD")
    known = BranchLogbooks.read(repository, config, default, {**remote, "HEAD": head} if head else remote)
    waiting = {path: list(dict.fromkeys(digest for _, digest in found)) for path, found in known.preferred().items()}
    chosen: dict[str, Logbook] = {}
    unread: list[str] = []
    while waiting:
        paths: defaultdict[str, list[str]] = defaultdict(list)
        for path, (digest, *_) in waiting.items():
            paths[digest].append(path)
        sizes = repository.sizes(paths)
        for digest, data in repository.contents_in_turn(sorted(sizes, key=sizes.__getitem__)):
            for path in paths[digest]:
                if len(data) > most:
                    unread.append(path)
                elif isinstance(parsed := parse(path, data), Logbook):
                    chosen[path] = parsed
                    most -= len(data)
        waiting = {path: rest for path, (_, *rest) in waiting.items() if rest and path not in (*chosen, *unread)}
    if unread and notes is not None:
        more = f" and {len(unread) - 1} more" * (len(unread) > 1)
        notes.append(f"{min(unread)}{more} left out: all logbooks together are too large to be read at once")
    return tuple(book for _, book in sorted(chosen.items()))


def numbered(books: Iterable[Logbook], github: GitHub) -> dict[int, list[Logbook]]:
    """Return the issues of `github`'s repository that headers name, each with its logbooks, child logbooks last."""
    found: dict[int, list[Logbook]] = {}
    for book in sorted(books, key=lambda book: bool(book.header.parent)):
        number = own_issue(book.header.issue, github.site)
        if number:
            found.setdefault(number, []).append(book)
    return found


def book_at(books: Iterable[Logbook], name: str) -> Logbook | None:
    """Return the logbook of a topic, as its file or its header names it."""
    ordered = list(books)
    by_file = (book for book in ordered if topic_of(book.path) == name)
    return next(by_file, None) or next((book for book in ordered if book.header.topic == name), None)


def copies_of(
    repository: Repository, config: Config, default_branch: str | None, links: Sequence[IssueLink]
) -> LogbookCopies:
    """Return all copies of logbooks on the default branch, on research branches, and on those that are named.

    A branch is named by one of `links`, or by the header of a logbook that is found on another.
    """
    tips = branches(repository)
    default = default_branch if default_branch and default_branch in tips else next(iter(tips), "")
    known = BranchLogbooks.read(repository, config, default, tips)
    first = {default, *known.research, *branches_named(links, tips)} & tips.keys()
    named = {book.header.branch for book in known.books if book.branches & first} & tips.keys()
    copies = [
        LogbookCopy(book.path, name, book.digest)
        for name in [*sorted(first), *sorted(named - first)]
        for book in known.books
        if name in book.branches
    ]
    counting = {(copy.path, copy.digest) for copy in copies}
    strays = tuple(
        LogbookCopy(book.path, name, book.digest)
        for book in known.books
        if book.header.issue and (book.path, book.digest) not in counting
        for name in sorted(book.branches)
    )
    told = {copy.digest for copy in (*copies, *strays)}
    headers = {book.digest: book.header for book in known.books if book.digest in told}
    research, unread = known.research & tips.keys(), tuple(dict.fromkeys(known.unread.values()))
    return LogbookCopies(tuple(copies), (), headers, default, research, strays=strays, unread=unread)


def branches(repository: Repository) -> Mapping[str, str]:
    """Return the branches of origin, each with its commit; what is checked out, where nothing was fetched."""
    head = repository.commit("HEAD")
    return repository.remote_branches() or ({repository.branch or "HEAD": head} if head else {})


def snapshots_of(
    repository: Repository, config: Config, copies: LogbookCopies, number: int, paths: Collection[str]
) -> tuple[PinnedLogbook, ...]:
    """Return the snapshots of an issue's logbooks, newest first.

    They are those of the topics of `paths`, and those of any logbook that names the issue, whether a branch still has
    it or not.
    """
    tags = repository.newest_first(repository.tags(ALL_TAGS))
    found = _tagged_logbooks(repository, config, tags, {copy.path for copy in copies.branches} | {*paths})
    foreign = [digest for there in found.values() for path, digest in there.items() if path not in paths]
    naming = _naming(repository, dict.fromkeys(foreign), copies, number)
    digests = {digest for there in found.values() for path, digest in there.items() if path in paths}
    contents = {**_packed(repository, sorted(digests)), **naming}
    topics = {tags_of(topic_of(path)): path for path in paths}
    snapshots = []
    for tag, commit in tags:
        there = {path: it for path, it in found[tag].items() if path in paths or it in naming}
        topic = "/".join(tag.split("/")[:2])
        if not there and topic in topics:
            snapshots.append(PinnedLogbook(tag, commit, topics[topic], is_tag=True))
        snapshots += [
            PinnedLogbook(tag, commit, path, contents.get(it), is_tag=True, names_issue=it in naming)
            for path, it in there.items()
        ]
    order = {tag: place for place, tag in enumerate(repository.newest_first((it.name, it.commit) for it in snapshots))}
    return tuple(sorted(snapshots, key=lambda it: order[it.name, it.commit]))


def _tagged_logbooks(
    repository: Repository, config: Config, tags: Sequence[tuple[str, str]], known: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Return for each snapshot tag the logbook that it is of, by path with the hash of its contents.

    That is the one of its topic; of a tag that is named otherwise, all that its tree holds.
    """
    by_topic: defaultdict[str, set[str]] = defaultdict(set)
    for path in known:
        by_topic[tags_of(topic_of(path))].add(path)
    tried: dict[str, dict[str, str]] = {}
    for tag, commit in tags:
        topic = "/".join(tag.split("/")[:2])
        usual = (f"{root}/{topic.partition('/')[2]}.md".removeprefix("./") for root in roots(config))
        paths = {*by_topic[topic], *(path for path in usual if matches(path, config.logbooks))}
        tried[tag] = {path: f"{commit}:{path}" for path in sorted(paths)}
    hashes = repository.hashes(name for names in tried.values() for name in names.values())
    found = {
        tag: {path: hashes[name] for path, name in names.items() if name in hashes} for tag, names in tried.items()
    }
    others = {tag: commit for tag, commit in tags if not found[tag]}
    trees = repository.trees(others.values(), roots(config))
    listed: dict[tuple[str, ...], dict[str, str]] = {}
    for tag, commit in others.items():
        tree = trees[commit]
        if tree not in listed:
            listed[tree] = logbook_files(repository, config, commit) if any(tree) else {}
        topic = "/".join(tag.split("/")[:2])
        of_topic = {path: it for path, it in listed[tree].items() if tags_of(topic_of(path)) == topic}
        found[tag] = of_topic or listed[tree]
    return found


_AT_ONCE = 20
"""Logbooks that are held in memory in full."""


def _packed(repository: Repository, digests: Sequence[str]) -> dict[str, PackedText]:
    """Return texts by hash, few of which are held in full at a time."""
    parts = (digests[start : start + _AT_ONCE] for start in range(0, len(digests), _AT_ONCE))
    return {digest: PackedText(data) for part in parts for digest, data in repository.contents(part).items()}


def _naming(
    repository: Repository, digests: Iterable[str], copies: LogbookCopies, number: int
) -> dict[str, PackedText]:
    """Return those of the texts whose header names an issue, by hash."""
    asked, found = list(digests), dict[str, PackedText]()
    for start in range(0, len(asked), _AT_ONCE):
        naming = [
            digest
            for digest, data in repository.beginnings(asked[start : start + _AT_ONCE], _HEAD + 1).items()
            # Most are of other issues: no header has to be parsed to see that it cannot name this one.
            if str(number).encode() in data and own_issue(header_of("", data).issue, copies.site) == number
        ]
        found |= _packed(repository, naming)
    return found


def book_of(path: str, blob: Blob | None) -> Logbook | None:
    """Return the logbook in a file; None where there is none that can be read."""
    parsed = None if blob is None else symlink(path) if blob.is_symlink else parse(path, blob.data)
    return parsed if isinstance(parsed, Logbook) else None


def held(repository: Repository, paths: Sequence[str], names: Iterable[str]) -> dict[str, PinnedLogbook]:
    """Return those of the `names` that are tags, or full hashes of commits, of the repository, with the logbook.

    It is at the first of the `paths` that a commit has.
    """
    tags = dict(repository.tags(""))
    full = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
    commits = {name: tags.get(name) or (repository.commit(name) if full.fullmatch(name) else None) for name in names}
    blobs = repository.read([(commit, path) for commit in commits.values() if commit for path in paths])
    found = {}
    for name, commit in commits.items():
        if commit:
            path = next((path for path in paths if (commit, path) in blobs), paths[0])
            blob = blobs.get((commit, path))
            text = None if blob is None or blob.is_symlink else PackedText(blob.data)
            is_reachable = name in tags or repository.is_led_to(commit)
            found[name] = PinnedLogbook(name, commit, path, text, is_reachable=is_reachable, is_tag=name in tags)
    return found
