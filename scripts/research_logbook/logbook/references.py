"""What entries refer to: commands and their scripts, commits, jobs, linked files, and through these each other."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from string import ascii_lowercase
from typing import NamedTuple
from urllib.parse import unquote

from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import (
    Code,
    Entry,
    Field,
    Link,
    Logbook,
    Span,
)

JUDGED = ""
"""Stands for the tree that is checked, where other trees are named by the hash of their commit."""


class Script(NamedTuple):
    """A script that an entry's command runs."""

    entry: Entry
    span: Span
    path: str
    tree: str
    """The commit that the entry records; `JUDGED` without one."""

    @property
    def subject(self) -> str:
        """Name the script by its entry and path."""
        return f"{self.entry.subject} script {self.path}"


_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:|//|[#<]")
_LONGEST = 2_000
"""Characters of the longest link that is followed."""


def target(book: str, link: Link) -> str | None:
    """Return the path in the repository that a relative link of the logbook at path `book` leads to.

    None for a link to another site or to a heading.
    """
    url = link.url.strip()
    if not url or len(url) > _LONGEST or _ELSEWHERE.match(url):
        return None
    path = unquote(re.split(r"[?#]", url)[0])
    if any(mark in path for mark in ("\n", "\0", "{", "$", "*")):
        return None
    base = "" if path.startswith("/") else posixpath.dirname(book)
    return posixpath.normpath(posixpath.join(base, path.lstrip("/")))


_HEX = re.compile(r"(?<![\w/.-])[0-9a-f]{7,40}(?![\w/.-])")


def commit_of(entry: Entry) -> str | None:
    """Return the commit that an entry records, as it is written."""
    for field in entry.all("commit"):
        match = _HEX.search(field.text.casefold())
        if match:
            return match[0]
    return None


_JOB = re.compile(r"`?(/[\w.-]+/[\w./-]+)`?")


def jobs_of(entry: Entry) -> Iterator[str]:
    """Yield the jobs and runs that an entry names by a path, such as `/ana/moe-hc-001`."""
    for field in entry.all("job", "run"):
        yield from (match[1] for match in _JOB.finditer(field.text))


def scripts_of(book: Logbook) -> Iterator[Script]:
    """Yield the scripts that the commands of a logbook's experiments run."""
    for entry in book.everything:
        tree = commit_of(entry) or JUDGED
        for place in commands_of(entry):
            for path in paths_in(place.text):
                yield Script(entry, place.span, path, tree)


def commands_of(entry: Entry) -> Iterator[Field | Code]:
    """Yield the fields and blocks of code that hold an entry's commands."""
    fields = [item for item in entry.all("command") if not item.is_pending]
    yield from fields
    inside = {line for item in fields for line in range(item.span.line, item.span.end_line + 1)}
    yield from (code for code in entry.code if code.span.line not in inside and is_shell(code))


SHORTENED = re.compile(r"(?:^|(?<=[\s`]))(?:\.\.\.|…)(?=[\s`]|$)", re.MULTILINE)
"""Dots in a command in place of words that were left out."""

_WORD_END = re.compile(r"[\s;&|()'\"]+")
_SCRIPT = re.compile(r"(?:[\w.-]+/)+[\w.-]+\.(?:py|sh|sbatch|jl|R)")


def paths_in(command: str) -> Iterator[str]:
    """Yield the scripts that a command names by a relative path with a folder."""
    for word in _WORD_END.split(command):
        path = word.removeprefix("./")
        if _SCRIPT.fullmatch(path) and ".." not in path:
            yield path


def wanted(book: Logbook, tree: str = JUDGED) -> Iterator[tuple[str, str]]:
    """Yield the tree and path of each file that a logbook in `tree` links or runs."""
    for link in book.links:
        path = target(book.path, link)
        if path is not None and not path.startswith(".."):
            yield tree, path
    for script in scripts_of(book):
        yield (script.tree if script.tree != JUDGED else tree), script.path


def ties_of(entry: Entry) -> set[str]:
    """Return what ties an entry to others: its IDs, without the letter of a rerun, and the jobs and runs it names."""
    return {*(name.rstrip(ascii_lowercase) for name in entry.ids), *jobs_of(entry)}


def unexplained(asked: Iterable[Entry], entries: Iterable[Entry], explains: Callable[[Entry], bool]) -> Iterator[Entry]:
    """Yield those of `asked` that neither they themselves nor any of the `entries` tied to them explain.

    Each entry is looked at once or twice, however many are tied to it.
    """
    left = [entry for entry in asked if not explains(entry)]
    known = {tie for entry in entries if explains(entry) for tie in ties_of(entry)} if left else set()
    yield from (entry for entry in left if known.isdisjoint(ties_of(entry)))


def is_shell(code: Code) -> bool:
    """Return whether a block of code holds commands, by its language, or without one by its first line."""
    language = re.split(r"[\s,{]", code.info, maxsplit=1)[0].casefold()
    return language in vocabulary.SHELLS or (not language and vocabulary.is_command(code.text))
