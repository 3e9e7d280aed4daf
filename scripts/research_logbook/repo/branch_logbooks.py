"""The logbooks of the repository's threads, each in its newest version."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from research_logbook.config.schema import Config
from research_logbook.github.client import GitHub
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, topic_of
from research_logbook.patterns import matches
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_versions import roots
from research_logbook.repo.research_branches import number_in, research_branches


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
