"""Edits of a logbook, line by line: what a reader would see of them, whatever its parser makes of the lines."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from research_logbook.logbook import dates, vocabulary
from research_logbook.logbook.model import Logbook


class Edit(NamedTuple):
    """A text with one line edited."""

    kind: str
    line: str
    text: str


_RULE = re.compile(r"\s*(?:`{3,}.*|~{3,}.*|[|: -]+|#+)\s*")
_PENDING = re.compile(r"(?i)\b(?:pending|tbd|to be determined|in progress|running|no run data yet|n/a)\b|<!--|-->")
_MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)])\s(?:\[.\]\s)?")
_TARGET = re.compile(r"\]\([^)]*\)")
_ADDRESS = re.compile(r"https?://\S+")


def lines_of_the_log(book: Logbook) -> list[int]:
    """Return the positions of the lines of the log that show words or figures, values still to come aside."""
    assert book.log
    lines = book.text.split("\n")
    heads = [section for section in book.sections if section.span.line == book.log.line]
    level = heads[0].level if heads else 9
    free: set[int] = set()
    for section in book.sections:
        is_after = section.span.line > book.log.line and section.level <= level and not dates.first(section.title)
        if is_after or section.name in vocabulary.KEPT_UP_TO_DATE:
            free.update(range(section.span.line - 1, section.end_line))
    return [
        n
        for n in range(book.log.line, len(lines))
        if n not in free and not _RULE.fullmatch(lines[n]) and _shown(lines[n]) and not _PENDING.search(lines[n])
    ]


def _shown(line: str) -> bool:
    return re.search(r"\w", re.sub(r"<[^>]*>", "", line)) is not None


def edits(book: Logbook) -> Iterator[Edit]:
    """Yield the log with each of its lines gone, and with a number, a word and a negation changed."""
    lines = book.text.split("\n")
    for n in lines_of_the_log(book):
        line = lines[n]
        # Neither the number of an item nor the target of a link is a word.
        said = _MARKER.sub(lambda match: "_" * len(match[0]), line, count=1)
        for hidden in (_TARGET, _ADDRESS):
            said = hidden.sub(lambda match: "_" * len(match[0]), said)

        def edited(start: int, end: int, by: str, n: int = n, line: str = line) -> str:
            return "\n".join([*lines[:n], line[:start] + by + line[end:], *lines[n + 1 :]])

        yield Edit("a line gone", line, "\n".join([*lines[:n], *lines[n + 1 :]]))
        if number := re.search(r"\d+", said):
            yield Edit("another number", line, edited(*number.span(), str(int(number[0]) + 7)))
        if word := re.search(r"(?<![<\w])[A-Za-z]{4,}", said):
            yield Edit("another word", line, edited(*word.span(), "zebra"))
        if gap := re.search(r"(?<=[a-z]) (?=[a-z])", said):
            yield Edit("a negation", line, edited(*gap.span(), " not "))
