"""The log: where it is, and the entries in it.

An entry is a dated heading in the log section, or a dated heading elsewhere where there is no such section. Where a
log has no headings, its dated bullets or bold dated lines are the entries. A heading without a date is an entry only
if it has an entry's fields. Decision logs and other indices hold none.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, takewhile
from typing import NamedTuple

from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.fields import SourceText, fields_of
from research_logbook.logbook.model import Code, Decision, Entry, EntryKind, Field, Section, Span, Table, When, text_of
from research_logbook.logbook.queries import is_none
from research_logbook.logbook.references import is_shell
from research_logbook.logbook.sections import (
    Contents,
    Heading,
    is_log,
    is_title,
    reach,
    reaches,
    read_backwards,
    read_heading,
)
from research_logbook.markdown.tree import STRONG, Block, BlockKind, InlineRun


class Log(NamedTuple):
    """The log of a logbook."""

    entries: tuple[Entry, ...]
    undated: tuple[Entry, ...]
    heading: Span | None
    prefix: str


class _Piece(NamedTuple):
    """A piece of the text that may be an entry."""

    title: str
    heading: Heading
    level: int
    span: Span
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Outline:
    """The sections, with what their headings say."""

    sections: Sequence[Section]
    headings: Sequence[Heading]
    ends: Sequence[int]

    def below(self, places: Iterable[int]) -> set[int]:
        """Return the positions of these sections and of all below them."""
        return {below for place in places for below in range(place, self.ends[place])}

    def is_dated(self, places: Iterable[int]) -> bool:
        return any(self.headings[place].when for place in places)


def log_of(sections: Sequence[Section], prefix: str, source: SourceText, contents: Contents) -> Log:
    """Return the log; `prefix` is the declared one, or empty."""
    headings = [read_heading(section.title, prefix) for section in sections]
    outline = _Outline(sections, headings, reaches(sections))
    pieces, heading = _pieces(outline, prefix, source)
    prefix = prefix or experiment_ids.most_used(piece.heading.ids for piece in pieces if piece.heading.when)
    entries = tuple(_entries(pieces, prefix, source, contents))
    dated = tuple(entry for entry in entries if entry.when)
    undated = tuple(entry for entry in entries if not entry.when)
    return Log(dated, undated, heading or (dated[0].span if dated else None), prefix)


def _entries(pieces: Iterable[_Piece], prefix: str, source: SourceText, contents: Contents) -> Iterator[Entry]:
    """Yield the entries among `pieces`, which may overlap: what belongs to one entry is no other."""
    done = 0
    for piece in pieces:
        if piece.span.line > done:
            entry = _entry(piece, prefix, source, contents)
            if entry.when or any(item.key in vocabulary.ENTRY_FIELDS for item in entry.fields):
                yield entry
                done = piece.span.end_line


def _pieces(outline: _Outline, prefix: str, source: SourceText) -> tuple[Sequence[_Piece], Span | None]:
    """Return what may be an entry, and the heading of the log."""
    sections = outline.sections
    outside = outline.below(i for i, section in enumerate(sections) if section.name in vocabulary.INDICES)
    free = [i for i in range(len(sections)) if i not in outside and not is_title(sections, i)]
    logs = [i for i in free if is_log(sections, i) or _is_loose_log(outline, i)]
    inside = _inside(outline, logs, outside)
    heading = sections[logs[0]].span if logs else None
    if not outline.is_dated(inside):
        outline = _backwards(outline, inside, prefix)
    if outline.is_dated(inside):
        return _headed(outline, inside, source), heading
    places = outline.below(logs) - outside if logs else [i for i in range(len(sections)) if i not in outside]
    lines = [piece for place in sorted(places) for piece in _dated_lines(sections[place], source.path)]
    dated = [i for i in free if outline.headings[i].when]
    if lines and (logs or (len(lines) > 1 and not dated)):
        return lines, heading or _heading_of(sections, lines[0].span.line)
    pieces = _headed(outline, inside | outline.below(dated), source)
    return pieces, heading or _above(outline, dated)


def _is_loose_log(outline: _Outline, index: int) -> bool:
    section = outline.sections[index]
    if not section.name or not vocabulary.may_be_log(section.title):
        return False
    below = range(index, outline.ends[index])
    return outline.is_dated(below) or any(_dated_lines(outline.sections[place], "") for place in below)


def _inside(outline: _Outline, logs: Sequence[int], outside: set[int]) -> set[int]:
    inside = outline.below(logs)
    for log in logs:  # Dated headings right after a log, at its own level, continue it.
        after = outline.ends[log]
        while after < len(outline.sections) and outline.headings[after].when:
            inside |= outline.below([after])
            after = outline.ends[after]
    return inside - set(logs) - outside


def _backwards(outline: _Outline, inside: set[int], prefix: str) -> _Outline:
    headings = [
        read_backwards(section.title, prefix) if place in inside else heading
        for place, (section, heading) in enumerate(zip(outline.sections, outline.headings, strict=True))
    ]
    return _Outline(outline.sections, headings, outline.ends)


def _above(outline: _Outline, dated: Sequence[int]) -> Span | None:
    """Return the heading that the first of the dated headings stands below; None where that is the title."""
    for place in range(dated[0] if dated else 0)[::-1]:
        if outline.ends[place] > dated[0]:
            return None if is_title(outline.sections, place) else outline.sections[place].span
    return None


def _heading_of(sections: Sequence[Section], line: int) -> Span | None:
    """Return the heading that `line` stands below; None where that is the title."""
    place = bisect_right(sections, line, key=lambda section: section.span.line) - 1
    return None if place < 0 or is_title(sections, place) else sections[place].span


def _headed(outline: _Outline, places: set[int], source: SourceText) -> list[_Piece]:
    """Return the dated headings among `places`, and the others that stand no deeper than these."""
    levels = {place: outline.sections[place].level for place in places}
    top = min((level for place, level in levels.items() if outline.headings[place].when), default=6)
    chosen = [place for place in sorted(places) if outline.headings[place].when or levels[place] <= top]
    return [_section(outline, place, places, source) for place in chosen]


def _section(outline: _Outline, place: int, places: set[int], source: SourceText) -> _Piece:
    """Return a heading with all below it, up to the next dated heading."""
    inner = range(place + 1, outline.ends[place])
    own = takewhile(lambda i: i in places and not outline.headings[i].when, inner)
    head = outline.sections[place]
    blocks = list(head.blocks)
    for section in [outline.sections[i] for i in own]:
        blocks += [heading_block(section), *section.blocks]
    end = blocks[-1].end_line if blocks else head.span.end_line
    span = Span(source.path, head.span.line, end, head.span.column)
    return _Piece(head.title, outline.headings[place], head.level, span, tuple(blocks))


def heading_block(section: Section) -> Block:
    """Return a section's heading as a block."""
    span, title = section.span, section.title
    return Block(
        BlockKind.HEADING, span.line, span.end_line, span.column, section.level, (InlineRun(title, span.line),), title
    )


def _dated_lines(section: Section, path: str) -> list[_Piece]:
    """Return the bold dated lines of a section, each with all that follows it; where it has none its dated bullets."""
    return _bold(section.blocks, path) or _bullets(section.blocks, path)


def _bold(blocks: tuple[Block, ...], path: str) -> list[_Piece]:
    starts = [i for i, block in enumerate(blocks) if _is_bold(block) and read_heading(_first_line(block)).when]
    ranges = pairwise([*starts, len(blocks)])
    return [_line(blocks[start], blocks[start:end], path) for start, end in ranges]


def _bullets(blocks: Sequence[Block], path: str) -> list[_Piece]:
    items = [item for block in blocks if block.kind is BlockKind.LIST for item in block.blocks if item.blocks]
    return [_line(item, item.blocks, path) for item in items if read_heading(_first_line(item.blocks[0])).when]


def _line(start: Block, blocks: tuple[Block, ...], path: str) -> _Piece:
    title = _first_line(blocks[0])
    span = Span(path, start.line, blocks[-1].end_line, start.column)
    return _Piece(title, read_heading(title), 0, span, blocks)


def _is_bold(block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and bool(block.runs) and bool(block.runs[0].style & STRONG)


def _first_line(block: Block) -> str:
    return block.text.partition("\n")[0]


def _entry(piece: _Piece, prefix: str, source: SourceText, contents: Contents) -> Entry:
    """Build an entry."""
    span, heading = piece.span, piece.heading
    fields = tuple(fields_of(piece.blocks, source))
    inner = contents.within(piece.blocks[0].line, span.end_line) if piece.blocks else contents.within(1, 0)
    is_measured = _is_measured(fields, inner.tables)
    own_ids = heading.ids or experiment_ids.found(heading.label, prefix)
    return Entry(
        span=span,
        heading=piece.title,
        when=heading.when or _when_in(fields),
        ids=own_ids or tuple(_ids_in(fields, prefix)),
        label=heading.label,
        kind=_kind(fields, inner.code, is_measured=is_measured),
        fields=fields,
        tables=tuple(inner.tables),
        code=tuple(inner.code),
        links=tuple(inner.links),
        text="\n".join(map(text_of, piece.blocks)),
        blocks=piece.blocks,
        level=piece.level,
        is_measured=is_measured,
        heading_ids=own_ids,
    )


def _when_in(fields: Sequence[Field]) -> When | None:
    found = (dates.first(" ".join(item.text.split())) for item in fields if item.key == "date")
    return next(filter(None, found), None)


def _ids_in(fields: Sequence[Field], prefix: str) -> Iterator[str]:
    for item in fields:
        if item.key == "id":
            yield from experiment_ids.leading(item.text, prefix)[0] or experiment_ids.found(item.text, prefix)


def _kind(fields: Sequence[Field], code: Sequence[Code], *, is_measured: bool) -> EntryKind:
    if is_measured or any(_ran(item) for item in fields) or any(is_shell(block) for block in code):
        return EntryKind.EXPERIMENT
    return EntryKind.NOTE


_RAN = frozenset({"command", "job", "run"})


def _ran(item: Field) -> bool:
    return item.key in _RAN and not item.is_pending and not is_none(item.text)


_RESULTS = frozenset({"result", "interpretation", "conclusion"})


def _is_measured(fields: Sequence[Field], tables: Sequence[Table]) -> bool:
    if any(item.key == "result" and not item.is_pending and vocabulary.is_measured(item.text) for item in fields):
        return True
    # A table of figures is a result, unless it is part of a field that is none.
    spans = sorted((item.span.line, item.span.end_line) for item in fields if item.key not in _RESULTS)
    starts, ends = [line for line, _ in spans], list(accumulate((end for _, end in spans), max, initial=0))
    free = (table for table in tables if ends[bisect_right(starts, table.span.line)] < table.span.end_line)
    return any(map(_has_numbers, free))


def _has_numbers(table: Table) -> bool:
    """Return whether the table has a column of figures, at least one of them measured."""
    columns = list(zip(*table.rows, strict=False))
    return any(
        all(_FIGURE.search(cell) for cell in column) and any(vocabulary.is_measured(cell) for cell in column)
        for column in columns[1:]
    )


_FIGURE = re.compile(r"\d")


def decisions_of(sections: Sequence[Section], source: SourceText) -> Iterator[Decision]:
    """Yield the decisions of a decision log: list items, rows, dated paragraphs, dated headings with all below them."""
    done = 0
    for index, section in enumerate(sections):
        if index < done or section.name != "decision-log":
            continue
        done = reach(sections, index)
        yield from _decisions_in(sections[index:done], source)


def _decisions_in(sections: Sequence[Section], source: SourceText) -> Iterator[Decision]:
    done = 0
    for index, section in enumerate(sections):
        if index < done:
            continue
        if index and read_heading(section.title).when:
            done = reach(sections, index)
            yield _decision(_under_heading(sections[index:done]), source)
        else:
            yield from (_decision(item, source) for block in section.blocks for item in _items(block))


def _decision(block: Block, source: SourceText) -> Decision:
    return Decision(source.span(block), " ".join(text_of(block).split()), block)


def _under_heading(sections: Sequence[Section]) -> Block:
    """Return a heading and all below it as one block."""
    blocks = tuple(block for section in sections for block in (heading_block(section), *section.blocks))
    head = sections[0].span
    return Block(BlockKind.OTHER, head.line, blocks[-1].end_line, head.column, blocks=blocks)


def _items(block: Block) -> Sequence[Block]:
    if block.kind is BlockKind.LIST:
        return block.blocks
    if block.kind is BlockKind.PARAGRAPH and read_heading(block.text.partition("\n")[0]).when:
        return (block,)
    return block.blocks[1:] if block.kind is BlockKind.TABLE else ()
