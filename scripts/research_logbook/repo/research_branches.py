"""What an issue's labels depend on, read from GitHub and git: no more than is needed to decide."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from research_logbook.config.schema import Config
from research_logbook.github.client import GitHub
from research_logbook.logbook import parse
from research_logbook.logbook.model import Header, Logbook
from research_logbook.patterns import matches
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_versions import roots

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
