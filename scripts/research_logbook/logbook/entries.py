"""The log: where it is, the entries in it, and the fields that say what an entry is about.

An entry is a dated heading in the log section, or a dated heading elsewhere if there is no such section. If a log has
no headings, its dated bullets or bold dated lines are the entries. A heading without a date is an entry only if it has
an entry's fields: ``- Command: …``, ``- **Command:** …``, ``**Command**: …``, or a paragraph or heading of their own.
Decision logs and other indices hold no entries.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby, pairwise, takewhile
from typing import NamedTuple

from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.model import (
    Contents,
    Entry,
    EntryKind,
    Field,
    Section,
    SourceText,
    Span,
    Table,
    When,
    dedented,
    text_of,
)
from research_logbook.logbook.queries import is_none, is_pending, is_shell
from research_logbook.markdown.tree import CODE, HTML, STRONG, STRUCK, Block, BlockKind, InlineRun, plain

# What a heading says


class EntryHeading(NamedTuple):
    """What an entry's heading says."""

    when: When | None
    ids: tuple[str, ...]
    label: str


_SEPARATOR = re.compile(r"[\s:–—,|·-]*")


@lru_cache(maxsize=256)
def read_heading(text: str, prefix: str = "") -> EntryHeading:
    """Return what the heading `text` says: its date leads it, or follows the ID."""
    text = vocabulary.ICONS.sub("", " ".join(text.split()), count=1)
    ids, rest = experiment_ids.before(text)
    dated = dates.leading(_SEPARATOR.sub("", rest, count=1) if ids else rest)
    when, label = dated or (None, text)
    if dated:
        label = _SEPARATOR.sub("", label, count=1)
    if not ids or not dated:  # Without a date behind it an ID must look like one: "GPT-4 evaluation" has none.
        ids, label = experiment_ids.leading(label, prefix)
    if ids or dated:
        label = _SEPARATOR.sub("", label, count=1)
    return EntryHeading(when, ids or experiment_ids.found(label, prefix), label)


def read_backwards(text: str, prefix: str = "") -> EntryHeading:
    """Return what a heading says whose date, if it has one, ends it: `Kickoff (2026-05-25)`."""
    heading = read_heading(text, prefix)
    dated = None if heading.when else dates.trailing(" ".join(text.split()))
    return read_heading(dated[0], prefix)._replace(when=dated[1]) if dated else heading


# The log


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
    head: Block | None = None


class _Outline(NamedTuple):
    """The sections, with what their headings say."""

    sections: Sequence[Section]
    headings: Sequence[EntryHeading]

    def below(self, places: Iterable[int]) -> set[int]:
        """Return the positions of these sections and of all below them."""
        return {below for place in places for below in range(place, self.sections[place].stop)}

    def is_dated(self, places: Iterable[int]) -> bool:
        return any(self.headings[place].when for place in places)

    def is_log(self, index: int) -> bool:
        """Return whether a section is a log by its title, or is named only much like one but holds what is dated."""
        section = self.sections[index]
        if not section.name or vocabulary.is_log(section.title):
            return bool(section.name)
        below = range(index, section.stop)
        return vocabulary.may_be_log(section.title) and (
            self.is_dated(below) or any(_dated_lines(self.sections[place], "") for place in below)
        )


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
    title = 0 if sections and sections[0].level == 1 else None
    outside = outline.below(i for i, section in enumerate(sections) if section.name in vocabulary.INDICES)
    free = [i for i in range(len(sections)) if i not in outside and i != title]
    logs = list(filter(outline.is_log, free))
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
        return lines, heading or (None if above in {-1, title} else sections[above].span)
    # The log is what the first dated heading stands below, unless that is the title.
    parents = [i for i in range(dated[0] if dated else 0)[::-1] if sections[i].stop > dated[0]]
    if parents and not heading and parents[0] != title:
        heading = sections[parents[0]].span
    return _headed(outline, inside | outline.below(dated), source), heading


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
            blocks += section.with_heading
        end = blocks[-1].end_line if blocks else head.span.end_line
        span = Span(source.path, head.span.line, end, head.span.column)
        found.append(_Candidate(head.title, headings[place], head.level, span, tuple(blocks), head.head))
    return found


def _dated_lines(section: Section, path: str) -> list[_Candidate]:
    """Return a section's bold dated lines, each with all that follows it; if it has none, its dated bullets."""
    blocks = section.blocks
    bold = [
        i
        for i, block in enumerate(blocks)
        if block.kind is BlockKind.PARAGRAPH and block.runs and block.runs[0].style & STRONG and begins_with_date(block)
    ]
    lines = [(blocks[start], blocks[start:end]) for start, end in pairwise([*bold, len(blocks)])] or [
        (item, item.blocks)
        for block in blocks
        if block.kind is BlockKind.LIST
        for item in block.blocks
        if item.blocks and begins_with_date(item.blocks[0])
    ]
    found = []
    for start, within in lines:
        title = within[0].text.partition("\n")[0]
        span = Span(path, start.line, within[-1].end_line, start.column)
        found.append(_Candidate(title, read_heading(title), 0, span, within))
    return found


def begins_with_date(block: Block) -> bool:
    """Return whether the first line of a block reads like a dated heading."""
    return read_heading(block.text.partition("\n")[0]).when is not None


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
        head=candidate.head,
    )


def _is_measured(fields: Sequence[Field], tables: Sequence[Table]) -> bool:
    """Return whether a result holds a measurement, or a table has a column of figures with one."""
    if any(item.key == "result" and not item.is_pending and vocabulary.is_measured(item.text) for item in fields):
        return True
    # A table of figures is a result, unless it is part of a field that is not.
    others = (item.span for item in fields if item.key not in _RESULTS)
    inside = {line for span in others for line in range(span.line, span.end_line + 1)}
    return any(
        all(re.search(r"\d", cell) for cell in column) and any(map(vocabulary.is_measured, column))
        for table in tables
        if table.span.line not in inside
        for column in list(zip(*table.rows, strict=False))[1:]
    )


# Fields


_NAME = re.compile(r"[^\W\d_][\w /&'’.+#-]{0,47}")
_LONGEST = 120
"""Characters at the start of a line in which the name has to end."""


class _Named(NamedTuple):
    name: str
    text: str
    """What follows the colon, as it appears on the page."""
    is_strong: bool


def fields_of(blocks: Sequence[Block], source: SourceText) -> Iterator[Field]:
    """Yield the fields among `blocks`: of list items, of paragraphs, and of sub-headings."""
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.LIST:
            for item in block.blocks:
                yield from _of_item(item, source)
        elif block.kind is BlockKind.PARAGRAPH:
            following = blocks[index + 1] if index + 1 < len(blocks) else None
            yield from _of_paragraph(block, following, source)
        elif block.kind is BlockKind.HEADING:
            yield from _of_heading(blocks, index, source)


def facts_of(blocks: Sequence[Block], source: SourceText) -> Iterator[Field]:
    """Yield the ``Key: value`` facts of a header, bold or plain, one on a line, and those of its lists."""
    for block in blocks:
        if block.kind is BlockKind.LIST:
            for item in block.blocks:
                yield from _of_item(item, source)
        elif block.kind is BlockKind.PARAGRAPH:
            for line in _lines(block.runs):
                if named := _split(line):
                    number = line[0].line
                    yield _field(named, named.text, Span(source.path, number, number, block.column), source)


_NESTED = vocabulary.ENTRY_FIELDS | {"run"}
_OF_OTHERS = frozenset({"hypothesis", "next-action", "baseline", "id", "date"})


def _of_item(item: Block, source: SourceText) -> Iterator[Field]:
    """Yield the field of a list item, and those that are listed below it: "Setup:", and below that "Command:"."""
    if not item.blocks or item.blocks[0].kind is not BlockKind.PARAGRAPH:
        return
    head, *rest = item.blocks
    named = _split(head.runs) if ":" in head.text else None
    key = ""
    if named:
        text = "\n".join([named.text, *map(text_of, rest)]).strip()
        field = _field(named, text, source.span(item), source)
        key = field.key
        yield field
    if key in _OF_OTHERS or key.partition("-")[0] in vocabulary.NOT_OWN:
        return
    for block in rest:
        for nested in block.blocks if block.kind is BlockKind.LIST else ():
            yield from (field for field in _of_item(nested, source) if field.key in _NESTED and field.key != key)


def _of_paragraph(block: Block, following: Block | None, source: SourceText) -> Iterator[Field]:
    """Yield the fields of a paragraph: its lines that begin with a name that is known, or set in bold."""
    if ":" not in block.text:
        return
    lines = _lines(block.runs)
    starts = [
        (index, named)
        for index, line in enumerate(lines)
        if (named := _split(line)) and (named.is_strong or vocabulary.field_key(named.name) in vocabulary.KNOWN_FIELDS)
    ]
    ends = [*(index for index, _ in starts[1:]), len(lines)]
    for (index, named), end in zip(starts, ends, strict=False):
        text = "\n".join([named.text, *(plain(line) for line in lines[index + 1 : end])]).strip()
        first = lines[index][0].line
        last = lines[end][0].line - 1 if end < len(lines) else block.end_line
        if not text and end == len(lines) and following is not None and following.kind in _VALUES:
            # A label on a line of its own names the list, table or code below it.
            text, last = text_of(following).strip(), following.end_line
        yield _field(named, text, Span(source.path, first, last, block.column), source)


_VALUES = (BlockKind.LIST, BlockKind.TABLE, BlockKind.CODE, BlockKind.QUOTE)


def _of_heading(blocks: Sequence[Block], index: int, source: SourceText) -> Iterator[Field]:
    heading = blocks[index]
    name = heading.text.strip().rstrip(":")
    key = vocabulary.field_key(name) if len(name) < _LONGEST else ""
    if key not in vocabulary.KNOWN_FIELDS:
        return
    stop = index + 1
    while stop < len(blocks) and not (blocks[stop].kind is BlockKind.HEADING and blocks[stop].level <= heading.level):
        stop += 1
    below = blocks[index + 1 : stop]
    last = below[-1].end_line if below else heading.end_line
    text = "\n".join(map(text_of, below)).strip()
    span = Span(source.path, heading.line, last, heading.column)
    yield Field(span, name, key, source.cut(heading.end_line + 1, last).lstrip("\n"), text, is_pending(text))


def _field(named: _Named, text: str, span: Span, source: SourceText) -> Field:
    value = _value(source.lines[span.line - 1 : span.end_line], text)
    return Field(span, named.name, vocabulary.field_key(named.name), value, text, is_pending(text))


_COLON = re.compile(r"`+[^`]*`+|<[^<>]*>|\]\([^()]*\)|\([^()]*\)|~~[^~]*~~|\\.|(?P<colon>:)")
_START = re.compile(r"\s*+(?:[-+*]\s++|\d{1,9}[.)]\s++)?+(?:\[.\]\s++)?+(?P<mark>\*{1,3}|_{1,3})")


def _value(rows: Sequence[str], text: str) -> str:
    """Return the Markdown after the name and its colon, with later lines dedented."""
    colon = next((match for match in _COLON.finditer(rows[0], 0, 4 * _LONGEST) if match["colon"]), None)
    if not colon:
        return text
    before, first = rows[0][: colon.start()], rows[0][colon.end() :]
    start = _START.match(before)
    if start and start["mark"] not in before[start.end() :]:  # The bold or italic type ends behind the colon.
        mark = start["mark"]
        first = first[len(mark) :] if first.startswith(mark) else first.rstrip().removesuffix(mark)
    first = first.strip()
    if not text.partition("\n")[0].endswith("\\"):  # What a reader does not see breaks the line.
        first = first.removesuffix("\\")
    rest = dedented(rows[1:]) if len(rows) > 1 else ""
    if not rest.strip():
        return first
    return f"{first}\n{rest}" if first else rest.lstrip("\n")


def _lines(runs: Sequence[InlineRun]) -> list[list[InlineRun]]:
    return [list(line) for is_break, line in groupby(runs, key=lambda run: run.text == "\n") if not is_break]


_HIDDEN = HTML | STRUCK
_NAME_END = re.compile(r"[^:()]*+(?:\([^()]*+\)[^:()]*+)*+:")


def _split(runs: Sequence[InlineRun]) -> _Named | None:
    """Return the name before the first colon and the text after it; None if there is no name.

    Code may stand in the name ("H100 job `/user/name`: passed"): then it belongs to the value.
    """
    name, code, is_strong = "", [], False
    for index, run in enumerate(runs):
        if run.style & _HIDDEN:
            continue
        if run.style & CODE and name:
            code += [run.text] if name.count("(") == name.count(")") else []
            continue
        name += run.text
        is_strong = is_strong or bool(run.style & STRONG)
        if end := _NAME_END.match(name[:_LONGEST]):
            rest = name[end.end() :] + "".join([item.text for item in runs[index + 1 :] if not item.style & _HIDDEN])
            name = _clean(end[0][:-1])
            # "https://…", "12:30" and "3:1" are a URL, a time and a ratio.
            if not name or rest.startswith("//") or (name[-1].isdigit() and rest[:1].isdigit()):
                return None
            if code and vocabulary.field_key(name) not in vocabulary.ENTRY_FIELDS:
                return None
            return _Named(name, " ".join(filter(None, [*code, rest.strip()])), is_strong)
        if run.style & CODE or run.text == "\n" or len(name) > _LONGEST:
            return None
    return None


@lru_cache(maxsize=1024)
def _clean(name: str) -> str:
    """Return a field's name without asides, marks and emoji; empty for what is not a name."""
    name = vocabulary.ICONS.sub("", " ".join(vocabulary.without_asides(name).split()).strip("*_ "), count=1)
    return name if _NAME.fullmatch(name) and name.count(" ") <= 5 else ""
