"""Looking up in git what the parsed logbooks refer to: the second and last look, now that their text is known."""

import os
from collections.abc import Iterable

from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, LogbookSummary, Unreadable
from research_logbook.logbook.references import JUDGED
from research_logbook.repo import files
from research_logbook.repo.git import Repository


def missing(repository: Repository, head: str | None, wanted: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return the (tree, path) pairs of `wanted` that are not there; `head` is the judged commit, None the work tree.

    What stands in a commit that this clone does not know is not missing.
    """
    asked = list(dict.fromkeys(wanted))
    local = {(tree, path) for tree, path in asked if tree == JUDGED and head is None}
    gone = {(tree, path) for tree, path in local if not os.path.lexists(repository.root / path)}
    named = {(tree, path): f"{tree or head}:{path}" for tree, path in asked if (tree, path) not in local}
    trees = {f"{tree or head}^{{tree}}" for tree, _ in named}
    there = repository.exist([*trees, *named.values()])
    for (tree, path), name in named.items():
        if there.get(f"{tree or head}^{{tree}}") and not there.get(name, True):
            gone.add((tree, path))
    return frozenset(gone)


def others(repository: Repository, books: Iterable[LogbookSummary], paths: Iterable[str]) -> tuple[LogbookSummary, ...]:
    """Return the logbooks among `paths` that are not judged and mention the prefix of one that is."""
    judged = {book.path for book in books}
    known = set(paths) - judged
    folders = sorted({path.rpartition("/")[0] or "." for path in known})
    found: dict[str, LogbookSummary] = {}
    for prefix in {book.prefix for book in books if book.prefix} if known else ():
        for path in repository.containing(f"{prefix}-", folders):
            if path in known and path not in found:
                book = _parsed(repository, path)
                if isinstance(book, Logbook):
                    found[path] = book.brief
    return tuple(found.values())


def _parsed(repository: Repository, path: str) -> Logbook | Unreadable:
    data = files.read(repository.root / path, path)
    return data if isinstance(data, Unreadable) else parse(path, data)
