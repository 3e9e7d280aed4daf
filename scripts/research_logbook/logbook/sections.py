"""Sections: which heading a block stands under, and how far a heading reaches."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.model import Allowance, Code, Link, Section, Span, Table, When
from research_logbook.markdown.tree import HTML, Block, BlockKind


def sections_of(blocks: Sequence[Block], source: SourceText) -> tuple[Section, ...]:
    """Return the sections in document order; headings inside quotes, lists and code are none."""
    heads = [index for index, block in enumerate(blocks) if block.kind is BlockKind.HEADING]
    titles = [" ".join(blocks[index].text.split()) for index in heads]
    levels = [blocks[index].level for index in heads]
    starts = [*heads, len(blocks)]
    return tuple(
        Section(
            span=source.span(blocks[index]),
            title=title,
            name=name,
            level=level,
            blocks=tuple(blocks[index + 1 : starts[place + 1]]),
            end_line=blocks[starts[end] - 1].end_line,
        )
        for place, (index, title, level, name, end) in enumerate(
            zip(heads, titles, levels, _names(titles, levels), _ends(levels), strict=True)
        )
    )


def _ends(levels: Sequence[int]) -> list[int]:
    """Return for each heading the position of the next one at its own or a higher level."""
    ends = [len(levels)] * len(levels)
    open_heads: list[int] = []
    for position, level in enumerate(levels):
        while open_heads and levels[open_heads[-1]] >= level:
            ends[open_heads.pop()] = position
        open_heads.append(position)
    return ends


_INDEX, _LOG, _ENTRY = "index", "log", "entry"


def _names(titles: Sequence[str], levels: Sequence[int]) -> list[str]:
    """Return the canonical names of sections, none for those inside of an entry.

    A "Baseline" below a dated heading, or two levels below a log, is a part of what stands there, not the baseline.
    """
    names: list[str] = []
    above: list[tuple[int, str]] = [(0, "")]
    for title, level in zip(titles, levels, strict=True):
        while above[-1][0] >= level:
            above.pop()
        place = above[-1][1]
        names.append("" if place == _ENTRY else vocabulary.section_name(title))
        is_title = level == 1 and len(names) == 1
        above.append((level, "" if is_title else _below(title, names[-1], place)))
    return names


def _below(title: str, name: str, place: str) -> str:
    """Return what the sections below a heading belong to, when the heading itself belongs to `place`."""
    if place in {_INDEX, _ENTRY}:
        return place
    if name in vocabulary.INDICES:
        return _INDEX
    if place == _LOG or read_heading(title).when:
        return _ENTRY
    return _LOG if vocabulary.is_log(title) else ""


def is_log(sections: Sequence[Section], index: int) -> bool:
    """Return whether a section is a log by its title; a file's title, whatever it says, is none."""
    return bool(sections[index].name) and vocabulary.is_log(sections[index].title) and not is_title(sections, index)


def is_title(sections: Sequence[Section], index: int) -> bool:
    """Return whether a section is the title's: the first, of the highest level."""
    return index == 0 and sections[0].level == 1


def reach(sections: Sequence[Section], index: int) -> int:
    """Return the position after the last section that stands below section `index`."""
    level = sections[index].level
    return next((i for i in range(index + 1, len(sections)) if sections[i].level <= level), len(sections))


def reaches(sections: Sequence[Section]) -> list[int]:
    """Return `reach` for each of the sections."""
    return _ends([section.level for section in sections])


class Heading(NamedTuple):
    """What an entry's heading says."""

    when: When | None
    ids: tuple[str, ...]
    label: str


_SEPARATOR = re.compile(r"[\s:–—,|·-]+")


def read_heading(text: str, prefix: str = "") -> Heading:
    """Return what the heading `text` says: its date leads it, or follows the ID."""
    return _read_short(text, prefix) if len(text) < _LONG else _read(text, prefix)


def _read(text: str, prefix: str) -> Heading:
    text = _without(vocabulary.ICONS, " ".join(text.split()))
    names, rest = experiment_ids.before(text)
    dated = dates.leading(_without(_SEPARATOR, rest) if names else rest)
    if dated:
        return _dated(dated[0], names, dated[1], prefix)
    # Without a date behind it an ID must look like one: "GPT-4 evaluation" has none.
    names, rest = experiment_ids.leading(text, prefix)
    label = _without(_SEPARATOR, rest) if names else rest
    return Heading(None, names or experiment_ids.found(label, prefix), label)


_LONG = 200


_read_short = lru_cache(maxsize=256)(_read)


def _dated(when: When, names: tuple[str, ...], rest: str, prefix: str) -> Heading:
    label = _without(_SEPARATOR, rest)
    if not names:
        names, label = experiment_ids.leading(label, prefix)
        label = _without(_SEPARATOR, label)
    return Heading(when, names or experiment_ids.found(label, prefix), label)


def read_backwards(text: str, prefix: str = "") -> Heading:
    """Return what a heading says whose date, if it has one, ends it: `Kickoff (2026-05-25)`."""
    heading = read_heading(text, prefix)
    dated = None if heading.when else dates.trailing(" ".join(text.split()))
    return read_heading(dated[0], prefix)._replace(when=dated[1]) if dated else heading


def _without(start: re.Pattern[str], text: str) -> str:
    match = start.match(text)
    return text[match.end() :] if match else text


_Item = TypeVar("_Item", Link, Table, Code)


class Contents(NamedTuple):
    """The links, tables and blocks of code of a logbook."""

    links: Sequence[Link]
    tables: Sequence[Table]
    code: Sequence[Code]

    def within(self, first: int, last: int) -> "Contents":
        """Return what begins in these lines."""
        return Contents(
            _within(self.links, first, last), _within(self.tables, first, last), _within(self.code, first, last)
        )


def contents_of(leaves: Iterable[Block], source: SourceText) -> Contents:
    """Return what the `leaves` of a logbook hold."""
    leaves = list(leaves)
    return Contents(
        tuple(links_of(leaves, source)),
        tuple([_table(leaf, source) for leaf in leaves if leaf.kind is BlockKind.TABLE]),
        tuple([Code(source.span(leaf), leaf.info, leaf.literal) for leaf in leaves if leaf.kind is BlockKind.CODE]),
    )


def _table(block: Block, source: SourceText) -> Table:
    header, *rows = [tuple([cell.text.strip() for cell in row.blocks]) for row in block.blocks]
    return Table(source.span(block), header, tuple(rows))


def _within(items: Sequence[_Item], first: int, last: int) -> Sequence[_Item]:
    start = bisect_left(items, first, key=_line)
    return items[start : bisect_right(items, last, lo=start, key=_line)]


def _line(item: Link | Table | Code) -> int:
    return item.span.line


def links_of(leaves: Iterable[Block], source: SourceText) -> Iterator[Link]:
    """Yield the links and images of `leaves`, one for each, on the line where it begins."""
    for leaf in leaves:
        urls = [run.url for run in leaf.runs]
        if any(urls):
            yield from _of(leaf, source)


def _of(leaf: Block, source: SourceText) -> Iterator[Link]:
    url, texts, line = "", [""], 0
    for run in leaf.runs:
        if run.url == url:
            texts.append(run.text)
            continue
        if url:
            yield Link(Span(source.path, line, line), url, "".join(texts))
        url, texts, line = run.url, [run.text], run.line
    if url:
        yield Link(Span(source.path, line, line), url, "".join(texts))


_ALLOW = re.compile(r"\s*logbook:\s*allow\s+(?P<rule>\w+(?:-\w+)*+)\s*(?:--|—|–|:)?(?P<reason>.*)", re.DOTALL)


def allowances_of(leaves: Iterable[Block], sections: Sequence[Section], source: SourceText) -> Iterator[Allowance]:
    """Yield the allowances among `leaves`; each covers the block of the heading it stands under."""
    starts = [section.span.line for section in sections]
    for line, comment in _comments(leaves):
        match = _ALLOW.match(comment)
        if match:
            place = bisect_right(starts, line) - 1
            first, last = _covered(sections[place] if place >= 0 else None, line, len(source.lines))
            reason = " ".join(match["reason"].split())
            yield Allowance(Span(source.path, line, line), match["rule"], reason, first, last)


def _comments(leaves: Iterable[Block]) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each comment that may be for this program."""
    for leaf in leaves:
        if leaf.kind is BlockKind.HTML and "logbook:" in leaf.literal:
            yield from _comments_in(leaf.literal, leaf.line)
        for run in leaf.runs:
            if run.style & HTML and "logbook:" in run.text:
                yield from _comments_in(run.text, run.line)


def _comments_in(text: str, line: int) -> Iterator[tuple[int, str]]:
    before, *comments = text.split("<!--")
    for comment in comments:
        line += before.count("\n")
        before = comment
        body, end, _ = comment.partition("-->")
        if end:
            yield line, body


def _covered(section: Section | None, line: int, length: int) -> tuple[int, int]:
    """Return the lines of the innermost heading's block; the whole file above the first heading and below the title."""
    if section is None or section.level == 1:
        return 1, length
    return section.span.line, max(section.end_line, line)
