"""The record of one experiment: `trace` follows its ID through logbooks, tags and comments."""

from collections.abc import Iterator

from research_logbook.config import settings
from research_logbook.config.schema import Config
from research_logbook.errors import UserError
from research_logbook.github.client import GitHub
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, topic_of
from research_logbook.markdown.escape import quoted
from research_logbook.patterns import matches
from research_logbook.record.experiment import Found, Snapshot, Trace, entries_of, is_id, is_snapshot_of, names
from research_logbook.repo import files
from research_logbook.repo.commits import tags_of
from research_logbook.repo.git import Repository
from research_logbook.repo.versions import research_branches, roots


def trace(name: str, repository: Repository, github: GitHub | None) -> Trace:
    """Return what carries the experiment ID; raises `UserError` where no logbook has an entry of it."""
    if not is_id(name):
        raise UserError(
            f"`{quoted(name)}` is no experiment ID", "write it as in an entry's heading, such as MOE-HC-003"
        )
    found = tuple(_found(name, repository, settings.of_work_tree(repository)))
    entries = entries_of(name, found)
    if not entries:
        raise UserError(
            f"no logbook here has an entry {name}", "`git fetch origin` brings the research branches into this clone"
        )
    issue = _issue(found, github)
    return Trace(
        id=name,
        entries=entries,
        snapshots=tuple(_snapshots(name, repository, found)),
        issue=issue,
        comments=tuple(one for one in github.comments(issue) if names(one.text, name)) if github and issue else None,
        unknown_commits=tuple(
            commit
            for commit in dict.fromkeys(entry.commit for entry in entries)
            if commit and not _is_here(repository, commit)
        ),
    )


def _is_here(repository: Repository, commit: str) -> bool:
    return repository.commit(commit) is not None


def _found(name: str, repository: Repository, config: Config) -> Iterator[Found]:
    """Yield the logbooks with the ID: the work tree's, then those that only a research branch has, each once."""
    seen: set[str] = set()
    for path in sorted(repository.tracked(roots(config))):
        data = files.read(repository.root / path, path) if matches(path, config.logbooks) else b""
        if isinstance(data, bytes) and name.encode() in data:
            yield from _parsed(path, data, "")
            seen.add(path)
    for branch, tip in research_branches(repository, config).items():
        there = repository.files(tip, roots(config))
        fresh = {path: digest for path, digest in there.items() if matches(path, config.logbooks) and path not in seen}
        contents = repository.contents(list(fresh.values()))
        for path, digest in fresh.items():
            if name.encode() in contents.get(digest, b""):
                yield from _parsed(path, contents[digest], branch)
                seen.add(path)


def _parsed(path: str, data: bytes, branch: str) -> Iterator[Found]:
    book = parse(path, data)
    if isinstance(book, Logbook):
        yield Found(book, branch)


def _issue(found: tuple[Found, ...], github: GitHub | None) -> int | None:
    """Return the issue that the logbook names, where it is one of this repository."""
    for one in found:
        named = one.book.header.issue
        number = named.number_in(github.repository, github.host) if named and github else named and named.number
        if number:
            return number
    return None


def _snapshots(name: str, repository: Repository, found: tuple[Found, ...]) -> Iterator[Snapshot]:
    for topic in dict.fromkeys(topic_of(one.book.path) for one in found):
        yield from (Snapshot(*tag) for tag in repository.tags(tags_of(topic)) if is_snapshot_of(tag[0], name))
