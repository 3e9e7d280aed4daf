"""The log: where it is, the entries in it, and the decisions beside it.

An entry is a dated heading in the log section, or a dated heading elsewhere if there is no such section. If a log has
no headings, its dated bullets or bold dated lines are the entries. A heading without a date is an entry only if it has
an entry's fields. Decision logs and other indices hold no entries.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, takewhile
from typing import NamedTuple

from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.fields import SourceText, fields_of
from research_logbook.logbook.model import Decision, Entry, EntryKind, Field, Section, Span, Table, text_of
from research_logbook.logbook.queries import is_none
from research_logbook.logbook.references import is_shell
from research_logbook.logbook.sections import (
    Contents,
    EntryHeading,
    is_log,
    is_title,
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


class _Candidate(NamedTuple):
    """A piece of the text that may be an entry."""

    title: str
    heading: EntryHeading
    level: int
    span: Span
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Outline:
    """The sections, with what their headings say."""

    sections: Sequence[Section]
    headings: Sequence[EntryHeading]

    def below(self, places: Iterable[int]) -> set[int]:
        """Return the positions of these sections and of all below them."""
        return {below for place in places for below in range(place, self.sections[place].stop)}

    def is_dated(self, places: Iterable[int]) -> bool:
        return any(self.headings[place].when for place in places)


def log_of(sections: Sequence[Section], prefix: str, source: SourceText, contents: Contents) -> Log:
    """Return the log; `prefix` is the declared one, or empty."""
    headings = [read_heading(section.title, prefix) for section in sections]
    candidates, heading = _candidates(_Outline(sections, headings), prefix, source)
    prefix = prefix or experiment_ids.most_used(one.heading.ids for one in candidates if one.heading.when)
    entries: list[Entry] = []
    done = 0
    for candidate in candidates:  # They may overlap: what is part of one entry is not another.
        if candidate.span.line > done:
            entry = _entry(candidate, prefix, source, contents)
            if entry.when or any(item.key in vocabulary.ENTRY_FIELDS for item in entry.fields):
                entries.append(entry)
                done = candidate.span.end_line
    dated = tuple(entry for entry in entries if entry.when)
    undated = tuple(entry for entry in entries if not entry.when)
    return Log(dated, undated, heading or (dated[0].span if dated else None), prefix)


# Where the log is


def _candidates(outline: _Outline, prefix: str, source: SourceText) -> tuple[Sequence[_Candidate], Span | None]:
    """Return what may be an entry, and the heading of the log."""
    sections = outline.sections
    outside = outline.below(i for i, section in enumerate(sections) if section.name in vocabulary.INDICES)
    free = [i for i in range(len(sections)) if i not in outside and not is_title(sections, i)]
    logs = [i for i in free if is_log(sections, i) or _is_loose_log(outline, i)]
    heading = sections[logs[0]].span if logs else None
    inside = outline.below(logs)
    for log in logs:  # Dated headings right after a log, at its own level, continue it.
        after = sections[log].stop
        while after < len(sections) and outline.headings[after].when:
            inside |= outline.below([after])
            after = sections[after].stop
    inside -= {*logs, *outside}
    if not outline.is_dated(inside):  # Perhaps the dates end the headings.
        headings = [
            read_backwards(section.title, prefix) if place in inside else known
            for place, (section, known) in enumerate(zip(sections, outline.headings, strict=True))
        ]
        outline = _Outline(sections, headings)
    if outline.is_dated(inside):
        return _headed(outline, inside, source), heading
    places = outline.below(logs) - outside if logs else [i for i in range(len(sections)) if i not in outside]
    lines = [line for place in sorted(places) for line in _dated_lines(sections[place], source.path)]
    dated = [i for i in free if outline.headings[i].when]
    if lines and (logs or (len(lines) > 1 and not dated)):
        above = bisect_right(sections, lines[0].span.line, key=lambda section: section.span.line) - 1
        return lines, heading or (None if above < 0 or is_title(sections, above) else sections[above].span)
    # The log is what the first dated heading stands below, unless that is the title.
    parents = [i for i in range(dated[0] if dated else 0)[::-1] if sections[i].stop > dated[0]]
    if parents and not heading and not is_title(sections, parents[0]):
        heading = sections[parents[0]].span
    return _headed(outline, inside | outline.below(dated), source), heading


def _is_loose_log(outline: _Outline, index: int) -> bool:
    """Return whether a section that is named only much like a log holds what is dated."""
    section = outline.sections[index]
    if not section.name or not vocabulary.may_be_log(section.title):
        return False
    below = range(index, section.stop)
    return outline.is_dated(below) or any(_dated_lines(outline.sections[place], "") for place in below)


# What may be an entry


def _headed(outline: _Outline, places: set[int], source: SourceText) -> list[_Candidate]:
    """Return the dated headings among `places`, and the others that are no deeper, each up to the next dated one."""
    sections, headings = outline.sections, outline.headings
    top = min((sections[place].level for place in places if headings[place].when), default=6)
    found = []
    for place in sorted(places):
        head = sections[place]
        if not headings[place].when and head.level > top:
            continue
        inner = range(place + 1, head.stop)
        own = takewhile(lambda i: i in places and not headings[i].when, inner)
        blocks = list(head.blocks)
        for section in [sections[i] for i in own]:
            blocks += [heading_block(section), *section.blocks]
        end = blocks[-1].end_line if blocks else head.span.end_line
        span = Span(source.path, head.span.line, end, head.span.column)
        found.append(_Candidate(head.title, headings[place], head.level, span, tuple(blocks)))
    return found


def heading_block(section: Section) -> Block:
    """Return a section's heading as a block."""
    span, title = section.span, section.title
    return Block(
        BlockKind.HEADING, span.line, span.end_line, span.column, section.level, (InlineRun(title, span.line),), title
    )


def _dated_lines(section: Section, path: str) -> list[_Candidate]:
    """Return a section's bold dated lines, each with all that follows it; if it has none, its dated bullets."""
    blocks = section.blocks
    bold = [
        i
        for i, block in enumerate(blocks)
        if block.kind is BlockKind.PARAGRAPH and block.runs and block.runs[0].style & STRONG
        if read_heading(_first_line(block)).when
    ]
    if bold:
        return [_line(blocks[start], blocks[start:end], path) for start, end in pairwise([*bold, len(blocks)])]
    items = [item for block in blocks if block.kind is BlockKind.LIST for item in block.blocks if item.blocks]
    return [_line(item, item.blocks, path) for item in items if read_heading(_first_line(item.blocks[0])).when]


def _line(start: Block, blocks: tuple[Block, ...], path: str) -> _Candidate:
    title = _first_line(blocks[0])
    span = Span(path, start.line, blocks[-1].end_line, start.column)
    return _Candidate(title, read_heading(title), 0, span, blocks)


def _first_line(block: Block) -> str:
    return block.text.partition("\n")[0]


# What an entry is


_RAN = frozenset({"command", "job", "run"})
_RESULTS = frozenset({"result", "interpretation", "conclusion"})


def _entry(candidate: _Candidate, prefix: str, source: SourceText, contents: Contents) -> Entry:
    span, heading, blocks = candidate.span, candidate.heading, candidate.blocks
    fields = tuple(fields_of(blocks, source))
    inner = contents.within(blocks[0].line, span.end_line) if blocks else contents.within(1, 0)
    is_measured = _is_measured(fields, inner.tables)
    has_run = any(item.key in _RAN and not item.is_pending and not is_none(item.text) for item in fields)
    is_experiment = is_measured or has_run or any(is_shell(block) for block in inner.code)
    written = (dates.first(" ".join(item.text.split())) for item in fields if item.key == "date")
    own_ids = heading.ids or experiment_ids.found(heading.label, prefix)
    listed = (
        experiment_ids.leading(item.text, prefix)[0] or experiment_ids.found(item.text, prefix)
        for item in fields
        if item.key == "id"
    )
    return Entry(
        span=span,
        heading=candidate.title,
        when=heading.when or next(filter(None, written), None),
        ids=own_ids or tuple(name for names in listed for name in names),
        label=heading.label,
        kind=EntryKind.EXPERIMENT if is_experiment else EntryKind.NOTE,
        fields=fields,
        tables=tuple(inner.tables),
        code=tuple(inner.code),
        links=tuple(inner.links),
        text="\n".join(map(text_of, blocks)),
        blocks=blocks,
        level=candidate.level,
        is_measured=is_measured,
        heading_ids=own_ids,
    )


def _is_measured(fields: Sequence[Field], tables: Sequence[Table]) -> bool:
    """Return whether a result holds a measurement, or a table has a column of figures with one."""
    if any(item.key == "result" and not item.is_pending and vocabulary.is_measured(item.text) for item in fields):
        return True
    # A table of figures is a result, unless it is part of a field that is not.
    spans = sorted((item.span.line, item.span.end_line) for item in fields if item.key not in _RESULTS)
    starts, ends = [line for line, _ in spans], list(accumulate((end for _, end in spans), max, initial=0))
    free = (table for table in tables if ends[bisect_right(starts, table.span.line)] < table.span.end_line)
    return any(
        all(re.search(r"\d", cell) for cell in column) and any(map(vocabulary.is_measured, column))
        for table in free
        for column in list(zip(*table.rows, strict=False))[1:]
    )


# The decision log


def decisions_of(sections: Sequence[Section], source: SourceText) -> Iterator[Decision]:
    """Yield the decisions of a decision log: list items, rows, dated paragraphs, dated headings with all below them.

    Source: task-logbook, living indices: what was decided stays.
    """
    log_start = log_end = done = 0
    for index, section in enumerate(sections):
        if index >= log_end and section.name == "decision-log":
            log_start, log_end = index, section.stop
        if index >= log_end or index < done:
            continue
        if index > log_start and read_heading(section.title).when:
            done = section.stop
            parts = sections[index:done]
            blocks = tuple(block for part in parts for block in (heading_block(part), *part.blocks))
            span = section.span
            block = Block(BlockKind.OTHER, span.line, blocks[-1].end_line, span.column, blocks=blocks)
            yield Decision(source.span(block), " ".join(text_of(block).split()), block)
            continue
        for block in section.blocks:
            items: Sequence[Block] = ()
            if block.kind is BlockKind.LIST:
                items = block.blocks
            elif block.kind is BlockKind.TABLE:
                items = block.blocks[1:]
            elif block.kind is BlockKind.PARAGRAPH and read_heading(_first_line(block)).when:
                items = (block,)
            for item in items:
                yield Decision(source.span(item), " ".join(text_of(item).split()), item)
