"""The figures that a text states, each with the name in front: "eval loss: 2.214", "step time of 11.2 s". Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from research_logbook.logbook.model import Entry, Table

_NUMBER = r"[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?"
_FIGURE = re.compile(
    r"(?P<name>[A-Za-z][\w./@-]*(?:[ ]+[A-Za-z(][\w./@)-]*){0,4})"
    r"(?:\s*(?:[:=≈~→]|\b(?:is|was|of|at|reached|ended at)\b)\s*|\s+)"
    rf"(?P<value>{_NUMBER})(?P<unit>\s?%)?(?![\w:/-]*\w)"
)
_ALONE = re.compile(rf"\s*(?P<value>{_NUMBER})(?P<unit>\s?%)?(?![\w:/-]*\w)")
_MARKS = re.compile(r"[`*]|~~[^~]*~~")
_FILLERS = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "after",
        "all",
        "best",
        "but",
        "by",
        "each",
        "final",
        "finally",
        "for",
        "from",
        "gave",
        "got",
        "had",
        "has",
        "in",
        "is",
        "it",
        "its",
        "last",
        "mean",
        "now",
        "of",
        "on",
        "our",
        "reached",
        "reaches",
        "result",
        "results",
        "ended",
        "ends",
        "scored",
        "the",
        "to",
        "total",
        "was",
        "we",
        "were",
        "with",
        "average",
    ]
)
_NO_VALUES = frozenset(
    [
        "than",
        "from",
        "vs",
        "versus",
        "against",
        "step",
        "steps",
        "by",
        "gap",
        "delta",
        "spread",
        "difference",
        "differs",
        "gain",
        "gains",
        "improvement",
        "improved",
        "trailed",
        "trails",
        "beat",
        "beats",
        "behind",
        "ahead",
    ]
)
"""What a figure of something else, or a difference, follows."""
_LONGEST_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its name."""

    name: str
    """As it is written, up to five words."""
    value: float
    written: str


def figures_in(text: str) -> Iterator[Figure]:
    """Yield the figures that a text states, in order, without differences and what something is compared with."""
    for line in text.split("\n"):
        for found in _FIGURE.finditer(_MARKS.sub("", line[:_LONGEST_LINE])):
            words = found["name"].split()
            while words and words[0].casefold() in _FILLERS:
                words = words[1:]
            while words and words[-1].casefold() in _FILLERS:
                words = words[:-1]
            if words and _NO_VALUES.isdisjoint(word.casefold() for word in words):
                yield _figure(" ".join(words), found)


def _figure(name: str, found: re.Match[str]) -> Figure:
    digits = found["value"].replace(",", "").replace("−", "-")
    return Figure(name, float(digits), f"{found['value']}{found['unit'] or ''}")


def figures_of(entry: Entry) -> Iterator[Figure]:
    """Yield the figures of an entry's results; of a table, those of its only row or the one that names the entry."""
    for field in entry.all("result"):
        if not field.is_pending:
            yield from figures_in(field.text)
    for table in entry.tables:
        yield from _figures_in_table(table, entry.ids)


def _figures_in_table(table: Table, ids: tuple[str, ...]) -> Iterator[Figure]:
    own = [row for row in table.rows if not set(ids).isdisjoint(cell.strip("` *") for cell in row)]
    rows = own or table.rows
    if len(rows) == 1:
        for title, cell in zip(table.header, rows[0], strict=False):
            if title and (found := _ALONE.match(_MARKS.sub("", cell))):
                yield _figure(title, found)
