"""What an issue's labels depend on, read from GitHub and git: no more than is needed to decide."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from research_logbook.config.schema import Config
from research_logbook.github.client import GitHub
from research_logbook.issues.links import IssueLink
from research_logbook.logbook import parse, symlink
from research_logbook.logbook.model import Header, Logbook, topic_of
from research_logbook.patterns import matches
from research_logbook.repo import files
from research_logbook.repo.commits import tag_part, tags_of
from research_logbook.repo.git import Blob, Repository
from research_logbook.repo.logbook_resolution import LogbookCopies, LogbookCopy, PinnedLogbook, branches_named
from research_logbook.repo.versions import roots

_HEAD = 32_768
"""Bytes at the start of a logbook that are read for its header."""


class Named(NamedTuple):
    """What the headers of the logbooks name that stand on the default or on a research branch."""

    issues: Mapping[int, str] = {}
    """Issues of this repository, each with the path of a logbook."""
    branches: frozenset[str] = frozenset()


class _Book(NamedTuple):
    """A logbook's header, and the branches that it stands on."""

    path: str
    header: Header
    branches: frozenset[str]


def named_in(repository: Repository | None, config: Config, default_branch: str | None, github: GitHub) -> Named:
    """Return what headers name, of issues those that stand in `github`'s repository.

    A research branch is known by its name, or because the header of a logbook names it: one on the branch itself, on
    the default branch or on another research branch. Where nobody says which branch is the default one, it is the
    one that is checked out.
    """
    if repository is None:
        return Named()
    default = default_branch or repository.default_branch or "HEAD"
    books = tuple(_books(repository, config, default))
    branches = _research(books, default, config)
    counting = [book for book in books if book.branches & {*branches, default}]
    numbers = ((number_in(book.header, github), book.path) for book in counting)
    return Named({number: path for number, path in numbers if number}, branches - {default})


def research_branches(repository: Repository, config: Config, default_branch: str | None) -> frozenset[str]:
    """Return the research branches of origin, known as `named_in` knows them."""
    default = default_branch or repository.default_branch or "HEAD"
    return _research(tuple(_books(repository, config, default)), default, config) - {default}


def issues_here(repository: Repository, config: Config, branch: str, github: GitHub) -> set[int]:
    """Return the issues that the logbooks of a branch name, as they are in the work tree.

    They are those whose header names the branch, else the one that the branch is named for.
    """
    books = {path: files.read(repository.root / path, path) for path in repository.tracked(roots(config))}
    headers = {
        path: header_of(path, data)
        for path, data in books.items()
        if matches(path, config.logbooks) and isinstance(data, bytes)
    }
    own = [header for header in headers.values() if header.branch == branch]
    topic = tag_part(branch.rpartition("/")[2])
    named_for = [header for path, header in headers.items() if tag_part(topic_of(path)) == topic]
    return {number for header in own or named_for if (number := number_in(header, github))}


def number_in(header: Header, github: GitHub) -> int | None:
    """Return the issue of `github`'s repository that a header names, or None."""
    return header.issue.number_in(github.repository, github.host) if header.issue else None


def _research(books: Iterable[_Book], default: str, config: Config) -> frozenset[str]:
    everywhere = frozenset[str]().union(*(book.branches for book in books))
    found = {name for name in everywhere if matches(name, config.branches.research)}
    found |= {book.header.branch for book in books if book.header.branch in book.branches}
    more = {default}
    while more - found:
        found |= more
        more = {book.header.branch for book in books if book.header.branch and book.branches & found}
    return frozenset(found)


def _books(repository: Repository, config: Config, default: str) -> Iterator[_Book]:
    """Yield each version of each logbook on any branch once; of a branch only its folders of logbooks are read."""
    places: dict[tuple[str, str], set[str]] = {}
    for branches, commit in _groups(repository, config, default):
        for path, digest in repository.files(commit, roots(config)).items():
            if matches(path, config.logbooks):
                places.setdefault((path, digest), set()).update(branches)
    contents = repository.contents(list(dict.fromkeys(digest for _, digest in places)))
    for (path, digest), branches in places.items():
        book = parse(path, _head(contents[digest])) if digest in contents else None
        if isinstance(book, Logbook):
            yield _Book(path, book.header, frozenset(branches))


def _groups(repository: Repository, config: Config, default: str) -> Iterator[tuple[set[str], str]]:
    """Yield branches that hold the same logbooks, with the commit of one.

    What is checked out counts only where no branch is known to be the default one: it may be a stranger's work.
    """
    head = repository.commit("HEAD") if default == "HEAD" else None
    commits = {**repository.remote_branches(), **({"HEAD": head} if head else {})}
    trees = repository.trees(commits.values(), roots(config))
    groups: dict[tuple[bytes, ...], set[str]] = {}
    for name, commit in commits.items():
        groups.setdefault(trees[commit], set()).add(name)
    for names in groups.values():
        yield names, commits[min(names)]


def header_of(path: str, data: bytes) -> Header:
    """Return a logbook's header, for which its start is enough."""
    book = parse(path, _head(data))
    return book.header if isinstance(book, Logbook) else Header()


def _head(data: bytes) -> bytes:
    return data[:_HEAD].rpartition(b"\n")[0] if len(data) > _HEAD else data


class _Place(NamedTuple):
    branch: str
    digest: str


def books_of(repository: Repository, config: Config, default_branch: str | None) -> tuple[Logbook, ...]:
    """Return each logbook of the default and the research branches once, those that can be read, by path.

    Of several versions the one counts that stands on the branch its header names; else the newest research branch's
    that is not the default branch's too, which a branch of another thread merely carries along; else that one.
    """
    remote, places = repository.remote_branches(), dict[str, list[_Place]]()
    default = default_branch if default_branch in remote else "HEAD"
    for name, commit in _branches(repository, config, remote, default).items():
        for path, digest in repository.files(commit, roots(config)).items():
            if matches(path, config.logbooks):
                places.setdefault(path, []).append(_Place(name, digest))
    contents = repository.contents(list({place.digest for found in places.values() for place in found}))
    chosen = (_newest(path, found, contents, default) for path, found in sorted(places.items()))
    return tuple(book for book in chosen if book)


def _branches(repository: Repository, config: Config, remote: Mapping[str, str], default: str) -> Mapping[str, str]:
    """Return the branches that hold logbooks, the newest first, each with its commit.

    What is checked out stands for the default branch where nobody says which that is: a schedule runs on it.
    """
    research = research_branches(repository, config, default)
    chosen = {name: commit for name, commit in remote.items() if name in research}
    commit = remote.get(default) or repository.commit("HEAD")
    return {**chosen, **({default: commit} if commit else {})}


def _newest(path: str, places: Sequence[_Place], contents: Mapping[str, bytes], default: str) -> Logbook | None:
    common = {place.digest for place in places if place.branch == default}
    own = [place for place in places if place.digest not in common] or places
    books = list(_parsed(path, own, contents))
    named = (book for place, book in books if book.header.branch == place.branch)
    return next(named, None) or next((book for _, book in books), None)


def _parsed(path: str, places: Iterable[_Place], contents: Mapping[str, bytes]) -> Iterator[tuple[_Place, Logbook]]:
    for place in places:
        book = parse(path, contents[place.digest]) if place.digest in contents else None
        if isinstance(book, Logbook):
            yield place, book


def numbered(books: Iterable[Logbook], github: GitHub) -> dict[int, list[Logbook]]:
    """Return the issues of `github`'s repository that headers name, each with its logbooks, child logbooks last."""
    found: dict[int, list[Logbook]] = {}
    for book in sorted(books, key=lambda book: bool(book.header.parent)):
        number = number_in(book.header, github)
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
    known = branches(repository)
    default = default_branch if default_branch and default_branch in known else next(iter(known), "")
    research = research_branches(repository, config, default) & known.keys()
    first = {default, *research, *branches_named(links, known)} & known.keys()
    found = _on(repository, config, {name: known[name] for name in sorted(first)})
    headers = _headers(repository, found)
    told = {header.branch for header in headers.values()} & known.keys() - first
    more = _on(repository, config, {name: known[name] for name in sorted(told)})
    headers |= _headers(repository, (copy for copy in more if copy.digest not in headers))
    return LogbookCopies((*found, *more), (), headers, default, frozenset(research))


def branches(repository: Repository) -> Mapping[str, str]:
    """Return the branches of origin, each with its commit; what is checked out, where nothing was fetched."""
    head = repository.commit("HEAD")
    return repository.remote_branches() or ({repository.branch or "HEAD": head} if head else {})


def _on(repository: Repository, config: Config, chosen: Mapping[str, str]) -> list[LogbookCopy]:
    return [
        LogbookCopy(path, name, digest)
        for name, commit in chosen.items()
        for path, digest in repository.files(commit, roots(config)).items()
        if matches(path, config.logbooks)
    ]


def _headers(repository: Repository, found: Iterable[LogbookCopy]) -> dict[str, Header]:
    paths = {copy.digest: copy.path for copy in found}
    contents = repository.contents(list(paths))
    return {digest: header_of(paths[digest], data) for digest, data in contents.items()}


def snapshots_of(repository: Repository, path: str) -> tuple[PinnedLogbook, ...]:
    """Return the snapshots of a logbook's topic, newest first."""
    tags = repository.tags(tags_of(topic_of(path)))
    blobs = repository.read([(commit, path) for _, commit in tags])
    return tuple(
        PinnedLogbook(tag, commit, book_of(path, blobs.get((commit, path))), is_tag=True) for tag, commit in tags
    )


def book_of(path: str, blob: Blob | None) -> Logbook | None:
    """Return the logbook in a file; None where there is none that can be read."""
    parsed = None if blob is None else symlink(path) if blob.is_symlink else parse(path, blob.data)
    return parsed if isinstance(parsed, Logbook) else None


def held(repository: Repository, path: str, names: Iterable[str]) -> dict[str, PinnedLogbook]:
    """Return those of the `names` that are tags, or full hashes of commits, of the repository, with the logbook."""
    tags = dict(repository.tags(""))
    commits = {name: tags.get(name) or _commit(repository, name) for name in names}
    blobs = repository.read([(commit, path) for commit in commits.values() if commit])
    return {
        name: PinnedLogbook(
            name,
            commit,
            book_of(path, blobs.get((commit, path))),
            is_reachable=name in tags or repository.is_led_to(commit),
            is_tag=name in tags,
        )
        for name, commit in commits.items()
        if commit
    }


def _commit(repository: Repository, name: str) -> str | None:
    is_full = len(name) == 40 and set(name) <= set("0123456789abcdef")
    return repository.commit(name) if is_full else None
