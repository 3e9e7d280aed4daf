"""The text that is protected besides that of entries: what was not read as an entry must not become editable.

All of the log is protected, and all below a heading with a date or an ID, but for the sections that are kept up to
date (design: what is not understood is still protected). Pure.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import groupby

from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.model import Entry, EntryKind, Logbook, Section, Span
from research_logbook.markdown.tree import Block, BlockKind, walk


@dataclass(frozen=True, slots=True)
class Passage(Entry):
    """A piece of protected text that is no entry: a section, or what stands before, between and after entries."""

    is_titled: bool = False
    """Whether it begins with its heading; else it only stands below that."""

    @property
    def subject(self) -> str:
        """Name the passage by the heading it stands below."""
        return f"text below {' '.join(self.heading.split())}"

    @property
    def name(self) -> str:
        """The name that messages use."""
        return f"“{self.heading[:60]}”"


class _Kind(Enum):
    """What a section is, as far as it concerns what may become of its text."""

    FREE = auto()
    LIVING = auto()
    """Kept up to date."""
    LOG = auto()
    """Part of the log, where sections that are kept up to date may stand."""
    RECORD = auto()
    """Below a heading with a date or an ID, where nothing is kept up to date."""


def passages(book: Logbook) -> list[Passage]:
    """Return the protected text outside of entries, in document order."""
    spans = sorted((entry.span.line, entry.span.end_line) for entry in book.everything)
    found: list[Passage] = []
    for section, kind in zip(book.sections, _kinds(book), strict=True):
        protected = section.blocks
        if kind in {_Kind.FREE, _Kind.LIVING}:
            protected = _from_first_entry(section, spans)
        elif kind is _Kind.RECORD or not _is_log(book, section):
            protected = section.with_heading
        pieces = list(_divided(protected, spans))
        for is_entry, group in groupby(pieces, key=lambda piece: piece[1]):
            blocks = tuple(block for block, _ in group)
            if not is_entry:
                found.append(_passage(book.path, section, blocks))
    return [passage for passage in found if passage.is_titled or passage.blocks]


def _kinds(book: Logbook) -> Iterator[_Kind]:
    """Yield what each section is."""
    prefix = book.prefix or experiment_ids.most_used(experiment_ids.leading(one.title)[0] for one in book.sections)
    headed = {entry.span.line for entry in book.everything if entry.level}
    lines = [entry.span.line for entry in book.everything]
    above: list[tuple[int, _Kind | None]] = []
    for place, section in enumerate(book.sections):
        while above and above[-1][0] >= section.level:
            above.pop()
        parent = above[-1][1] if above else _Kind.FREE
        kind: _Kind | None = _Kind.FREE
        if place == 0 and section.level == 1:  # the file's title
            pass
        elif parent in {None, _Kind.RECORD}:
            kind = parent
        elif section.name in vocabulary.INDICES:
            kind = None  # nothing below it is protected
        elif section.span.line in headed:
            kind = _Kind.RECORD
        elif section.name in vocabulary.KEPT_UP_TO_DATE:
            kind = _Kind.LIVING
        elif dates.first(section.title) or experiment_ids.found(section.title, prefix):
            kind = _Kind.RECORD
        elif parent is _Kind.LOG or _is_log(book, section):
            kind = _Kind.LOG
        elif vocabulary.may_be_log(section.title):
            first = bisect_left(lines, section.span.line)
            kind = _Kind.LOG if first < len(lines) and lines[first] <= section.end_line else _Kind.FREE
        above.append((section.level, kind))
        yield kind or _Kind.FREE


def _is_log(book: Logbook, section: Section) -> bool:
    """Return whether a section is a log itself, by its title or because that is where the log begins."""
    is_heading = book.log is not None and book.log.line == section.span.line
    return is_heading or (bool(section.name) and vocabulary.is_log(section.title))


def _from_first_entry(section: Section, spans: Sequence[tuple[int, int]]) -> tuple[Block, ...]:
    """Return the blocks of a section from its first entry on: where that is a dated line, what follows is log."""
    last = section.blocks[-1].end_line if section.blocks else section.span.end_line
    first = bisect_right(spans, (section.span.end_line, section.span.end_line))
    if first == len(spans) or spans[first][0] > last:
        return ()
    return tuple(block for block in section.blocks if block.end_line >= spans[first][0])


def _divided(blocks: Iterable[Block], spans: Sequence[tuple[int, int]]) -> Iterator[tuple[Block, bool]]:
    """Yield blocks, and the items of lists that hold entries, each with whether it is in an entry."""
    for block in blocks:
        place = bisect_right(spans, (block.line, block.line)) - 1
        is_inside = any(first <= block.line <= last for first, last in spans[max(place, 0) : place + 2])
        following = bisect_left(spans, (block.line, 0))
        holds_entries = following < len(spans) and spans[following][0] <= block.end_line
        if block.kind is BlockKind.LIST and holds_entries:
            yield from _divided(block.blocks, spans)
        else:
            yield block, is_inside


def outside_of(blocks: Iterable[Block], spans: Sequence[tuple[int, int]]) -> list[Block]:
    """Return the blocks, and the items of lists, that are in none of the sorted `spans` of entries."""
    return [block for block, is_inside in _divided(blocks, spans) if not is_inside]


def _passage(path: str, section: Section, blocks: Sequence[Block]) -> Passage:
    if blocks[0] is not section.head:
        return _untitled(path, section.title, blocks)
    passage = _untitled(path, section.title, blocks[1:], section.span)
    return replace(passage, label=section.title, level=section.level, head=section.head, is_titled=True)


def _untitled(path: str, heading: str, blocks: Sequence[Block], start: Span | None = None) -> Passage:
    line, column = (start.line, start.column) if start else (blocks[0].line, blocks[0].column)
    return Passage(
        span=Span(path, line, blocks[-1].end_line if blocks else line, column),
        heading=heading,
        when=None,
        ids=(),
        label="",
        kind=EntryKind.NOTE,
        fields=(),
        tables=(),
        code=(),
        links=(),
        text="",
        blocks=tuple(blocks),
    )


_NOTE = re.compile(r"\[\^([^\]\s]+)\]")


def footnotes(book: Logbook) -> dict[str, Block]:
    """Return the footnotes of a logbook by name."""
    blocks = (block for section in book.sections for block in section.blocks)
    notes = (block for top in blocks for block in walk([top]) if block.kind is BlockKind.FOOTNOTE)
    return {note.info: note for note in notes}


def cited_footnotes(book: Logbook, spans: Iterable[Span], notes: Iterable[str]) -> set[str]:
    """Return the names of the footnotes that the text in `spans` refers to."""
    lines = book.text.split("\n")
    known = set(notes)
    texts = ("\n".join(lines[span.line - 1 : span.end_line]) for span in spans) if known else ()
    return {name for text in texts for name in _NOTE.findall(text) if name in known}


def note_passage(path: str, note: Block) -> Passage:
    """Return a footnote as a passage: it belongs to the text that refers to it, wherever it stands."""
    heading = f"[^{note.info}]"
    return _untitled(path, heading, (note,))
