"""The log: where it is, and the entries in it.

An entry is a dated heading in the log section, or a dated H2 where there is no such section. Where a log has no
headings, its dated bullets or bold dated lines are the entries. A heading without a date is an entry only if it
has an entry's fields. Decision logs and other indices hold none.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from research_logbook.core import dates, ids, words
from research_logbook.core.fields import Source, fields_of
from research_logbook.core.links import links_of
from research_logbook.core.markdown import STRONG, Block, Kind
from research_logbook.core.model import Code, Entry, EntryKind, Field, Section, Span, Table, When, text_of
from research_logbook.core.outline import reach


class Log(NamedTuple):
    """The log of a logbook."""

    entries: tuple[Entry, ...]
    undated: tuple[Entry, ...]
    heading: Span | None
    prefix: str


class Heading(NamedTuple):
    """What an entry's heading says."""

    when: When | None
    ids: tuple[str, ...]
    label: str


_SEPARATOR = re.compile(r"^[\s:–—,|·-]+")


def read_heading(text: str, prefix: str) -> Heading:
    """Return what the heading `text` says: its date leads it, or follows the ID."""
    text = " ".join(text.split())
    names, rest = ids.leading(text, prefix)
    rest = _SEPARATOR.sub("", rest) if names else rest
    dated = dates.leading(rest)
    if not dated:
        return Heading(None, names, rest)
    when, label = dated[0], _SEPARATOR.sub("", dated[1])
    if not names:
        names, label = ids.leading(label, prefix)
        label = _SEPARATOR.sub("", label)
    return Heading(when, names or ids.found(label, prefix), label)


def log_of(sections: Sequence[Section], preamble: Sequence[Block], prefix: str, source: Source) -> Log:
    """Return the log; `prefix` is the declared one, or empty."""
    headings = [read_heading(section.title, prefix) for section in sections]
    prefix = prefix or ids.most_used(heading.ids for heading in headings if heading.when)
    places, logs = _places(sections, headings)
    heading = sections[logs[0]].span if logs else None
    if not any(headings[index].when for index in places):
        bullets = tuple(_dated_lines([sections[index] for index in logs], sections, prefix, source))
        if bullets:
            return Log(bullets, (), heading, prefix or ids.most_used(entry.ids for entry in bullets))
    entries = tuple(_headed(sections, headings, places, prefix, source))
    dated = tuple(entry for entry in entries if entry.when)
    undated = tuple(entry for entry in entries if not entry.when)
    return Log(dated, undated, heading or (dated[0].span if dated else None), prefix)


def _places(sections: Sequence[Section], headings: Sequence[Heading]) -> tuple[list[int], list[int]]:
    """Return the positions of the sections that stand in the log, and those of the logs' own headings."""
    outside = _below(sections, [i for i, section in enumerate(sections) if section.name in words.INDICES])
    free = [i for i, section in enumerate(sections) if i not in outside and section.level > 1 or _is_log(section)]
    logs = [i for i in free if _is_log(sections[i]) or _is_loose_log(sections, headings, i)]
    inside = _below(sections, logs) - set(logs) - outside
    for log in logs:  # Dated headings right after a log, at its own level, continue it.
        after = reach(sections, log)
        while after < len(sections) and headings[after].when:
            end = reach(sections, after)
            inside |= set(range(after, end)) - outside
            after = end
    if not any(headings[i].when for i in inside):
        dated = [i for i in free if headings[i].when]
        return sorted(inside | _below(sections, dated)), logs
    return sorted(inside), logs


def _is_log(section: Section) -> bool:
    return words.slug(re.sub(r"\([^)]*\)", " ", section.title)) in words.LOGS


def _is_loose_log(sections: Sequence[Section], headings: Sequence[Heading], index: int) -> bool:
    if sections[index].name not in words.LOOSE_LOGS:
        return False
    below = range(index + 1, reach(sections, index))
    return any(headings[i].when for i in below) or any(True for _ in _dated_starts(sections[index], ""))


def _below(sections: Sequence[Section], heads: Sequence[int]) -> set[int]:
    return {place for head in heads for place in range(head, reach(sections, head))}


def _headed(
    sections: Sequence[Section], headings: Sequence[Heading], places: Sequence[int], prefix: str, source: Source
) -> Iterator[Entry]:
    inside = set(places)
    top = min((sections[i].level for i in places if headings[i].when), default=None)
    done = -1
    for place in places:
        if place <= done or not (headings[place].when or top is None or sections[place].level <= top):
            continue
        stop = next(
            (
                i
                for i in range(place + 1, len(sections))
                if i not in inside or sections[i].level <= sections[place].level or headings[i].when
            ),
            len(sections),
        )
        entry = _entry(sections[place:stop], prefix, source)
        if entry.when or any(item.key in words.ENTRY_FIELDS for item in entry.fields):
            yield entry
            done = stop - 1


def _entry(sections: Sequence[Section], prefix: str, source: Source) -> Entry:
    """Build the entry that begins with the heading of the first of `sections` and holds the others."""
    head = sections[0]
    blocks = list(head.blocks)
    for section in sections[1:]:
        blocks += [_heading_block(section), *section.blocks]
    end = blocks[-1].end_line if blocks else head.span.line
    span = Span(source.path, head.span.line, end, head.span.column)
    return build(head.title, head.level, span, tuple(blocks), prefix, source)


def _heading_block(section: Section) -> Block:
    from research_logbook.core.markdown import Run

    span = section.span
    run = Run(section.title, span.line)
    return Block(Kind.HEADING, span.line, span.end_line, span.column, section.level, (run,))


def build(title: str, level: int, span: Span, blocks: tuple[Block, ...], prefix: str, source: Source) -> Entry:
    """Build an entry from its heading and its blocks."""
    heading = read_heading(title, prefix)
    fields = tuple(fields_of(blocks, source))
    when = heading.when or next((dates.first(item.text) for item in fields if item.key == "date"), None)
    names = heading.ids or tuple(
        name for item in fields if item.key == "id" for name in (ids.leading(item.text, prefix)[0] or ids.found(item.text, prefix))
    )
    leaves = [leaf for block in blocks for leaf in block.walk()]
    tables = tuple(_table(leaf, source) for leaf in leaves if leaf.kind == Kind.TABLE)
    code = tuple(Code(source.span(leaf), leaf.info, leaf.literal) for leaf in leaves if leaf.kind == Kind.CODE)
    text = "\n".join(text_of(block) for block in blocks)
    measured = _is_measured(fields, tables, span)
    return Entry(
        span=span,
        heading=title,
        when=when,
        ids=names,
        label=heading.label,
        kind=_kind(fields, code, is_measured=measured),
        fields=fields,
        tables=tables,
        code=code,
        links=tuple(links_of(leaves, source)),
        text=text,
        blocks=blocks,
        level=level,
        is_measured=measured,
        heading_ids=heading.ids,
    )


def _kind(fields: Sequence[Field], code: Sequence[Code], *, is_measured: bool) -> EntryKind:
    ran = any(
        item.key in {"command", "job", "run"} and not item.is_pending and item.text.strip(" .").casefold() not in _NONE
        for item in fields
    )
    if ran or is_measured or any(is_shell(block) for block in code):
        return EntryKind.EXPERIMENT
    return EntryKind.NOTE


_NONE = frozenset({"", "none", "n/a", "na", "not applicable", "-", "—", "no command", "not run"})


def is_shell(code: Code) -> bool:
    """Return whether a block of code is run: by its language, or by its first line where it names none."""
    language = code.info.split(" ")[0].split(",")[0].casefold()
    return language in words.SHELLS or (not language and words.is_command(code.text.lstrip()))


def _is_measured(fields: Sequence[Field], tables: Sequence[Table], entry: Span) -> bool:
    if any(words.is_measured(item.text) for item in fields if item.key == "result" and not item.is_pending):
        return True
    other = [item.span for item in fields if item.key not in {"result", "interpretation", "conclusion"}]
    return any(_has_numbers(table) for table in tables if not any(_holds(span, table.span) for span in other))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.line <= inner.line and inner.end_line <= outer.end_line


def _has_numbers(table: Table) -> bool:
    """Return whether the table has a column of figures, at least one of them measured."""
    columns = list(zip(*table.rows, strict=False))
    return any(
        all(_FIGURE.search(cell) for cell in column) and any(words.is_measured(cell) for cell in column)
        for column in columns[1:]
    )


_FIGURE = re.compile(r"\d")


def _table(block: Block, source: Source) -> Table:
    rows = [tuple(cell.text.strip() for cell in row.blocks) for row in block.blocks]
    return Table(source.span(block), rows[0] if rows else (), tuple(rows[1:]))


def _dated_lines(
    logs: Sequence[Section], sections: Sequence[Section], prefix: str, source: Source
) -> Iterator[Entry]:
    for log in logs:
        index = sections.index(log)
        for section in sections[index : reach(sections, index)]:
            for title, span, blocks in _dated_starts(section, source.path):
                yield build(title, 0, span, blocks, prefix, source)


def _dated_starts(section: Section, path: str) -> Iterator[tuple[str, Span, tuple[Block, ...]]]:
    """Yield the heading, span and blocks of each dated bullet and each bold dated line of a section."""
    blocks = section.blocks
    for index, block in enumerate(blocks):
        if block.kind == Kind.LIST:
            for item in block.blocks:
                title = _first_line(item.blocks[0]) if item.blocks else ""
                if title and read_heading(title, "").when:
                    yield title, Span(path, item.line, item.end_line, item.column), item.blocks
        elif _is_dated_line(block):
            stop = next((i for i in range(index + 1, len(blocks)) if _is_dated_line(blocks[i])), len(blocks))
            title, body = _first_line(block), blocks[index:stop]
            yield title, Span(path, block.line, body[-1].end_line, block.column), body


def _is_dated_line(block: Block) -> bool:
    bold = block.kind == Kind.PARAGRAPH and block.runs and block.runs[0].style & STRONG
    return bool(bold and read_heading(_first_line(block), "").when)


def _first_line(block: Block) -> str:
    return block.text.partition("\n")[0]
