"""Sections, what their headings say, and the links, tables, code and allowances that they hold."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple, TypeVar

from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.model import Allowance, Code, Link, Section, Span, Table, When
from research_logbook.markdown.tree import HTML, Block, BlockKind


def sections_of(blocks: Sequence[Block], source: SourceText) -> tuple[Section, ...]:
    """Return the sections in document order; a heading inside a quote, a list or code begins none."""
    heads = [index for index, block in enumerate(blocks) if block.kind is BlockKind.HEADING]
    titles = [" ".join(blocks[index].text.split()) for index in heads]
    levels = [blocks[index].level for index in heads]
    stops = [len(heads)] * len(heads)
    open_heads: list[int] = []
    for place, level in enumerate(levels):
        while open_heads and levels[open_heads[-1]] >= level:
            stops[open_heads.pop()] = place
        open_heads.append(place)
    starts = [*heads, len(blocks)]
    return tuple(
        Section(
            span=source.span(blocks[index]),
            title=title,
            name=name,
            level=level,
            blocks=tuple(blocks[index + 1 : starts[place + 1]]),
            end_line=blocks[starts[stop] - 1].end_line,
            stop=stop,
        )
        for place, (index, title, level, name, stop) in enumerate(
            zip(heads, titles, levels, _names(titles, levels), stops, strict=True)
        )
    )


_INDEX, _LOG, _ENTRY = "index", "log", "entry"


def _names(titles: Sequence[str], levels: Sequence[int]) -> list[str]:
    """Return the canonical names of sections, empty for those inside an entry.

    A "Baseline" below a dated heading, or two levels below a log, is a part of the entry, not the baseline.
    """
    names: list[str] = []
    above: list[tuple[int, str]] = [(0, "")]  # The level of each heading above, and what stands below that heading.
    for title, level in zip(titles, levels, strict=True):
        while above[-1][0] >= level:
            above.pop()
        place = above[-1][1]
        names.append("" if place == _ENTRY else vocabulary.section_name(title))
        if level == 1 and len(names) == 1:  # the file's title
            place = ""
        elif place not in {_INDEX, _ENTRY}:
            if names[-1] in vocabulary.INDICES:
                place = _INDEX
            elif place == _LOG or read_heading(title).when:
                place = _ENTRY
            else:
                place = _LOG if vocabulary.is_log(title) else ""
        above.append((level, place))
    return names


def is_log(sections: Sequence[Section], index: int) -> bool:
    """Return whether a section is a log by its title; a file's title never is."""
    return bool(sections[index].name) and vocabulary.is_log(sections[index].title) and not is_title(sections, index)


def is_title(sections: Sequence[Section], index: int) -> bool:
    """Return whether a section is the title's: the first, of the highest level."""
    return index == 0 and sections[0].level == 1


# What a heading says


class EntryHeading(NamedTuple):
    """What an entry's heading says."""

    when: When | None
    ids: tuple[str, ...]
    label: str


_SEPARATOR = re.compile(r"[\s:–—,|·-]*")
_MOST_CACHED = 200


def read_heading(text: str, prefix: str = "") -> EntryHeading:
    """Return what the heading `text` says: its date leads it, or follows the ID."""
    return _read_cached(text, prefix) if len(text) < _MOST_CACHED else _read(text, prefix)


def _read(text: str, prefix: str) -> EntryHeading:
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


_read_cached = lru_cache(maxsize=256)(_read)


def read_backwards(text: str, prefix: str = "") -> EntryHeading:
    """Return what a heading says whose date, if it has one, ends it: `Kickoff (2026-05-25)`."""
    heading = read_heading(text, prefix)
    dated = None if heading.when else dates.trailing(" ".join(text.split()))
    return read_heading(dated[0], prefix)._replace(when=dated[1]) if dated else heading


# What sections hold


_Item = TypeVar("_Item", Link, Table, Code)


class Contents(NamedTuple):
    """The links, tables and blocks of code of a logbook, in document order."""

    links: Sequence[Link]
    tables: Sequence[Table]
    code: Sequence[Code]

    def within(self, first: int, last: int) -> "Contents":
        """Return what begins in these lines."""

        def cut(items: Sequence[_Item]) -> Sequence[_Item]:
            start = bisect_left(items, first, key=lambda item: item.span.line)
            return items[start : bisect_right(items, last, lo=start, key=lambda item: item.span.line)]

        return Contents(cut(self.links), cut(self.tables), cut(self.code))


def contents_of(leaves: Iterable[Block], source: SourceText) -> Contents:
    """Return what the `leaves` of a logbook hold."""
    links: list[Link] = []
    tables: list[Table] = []
    code: list[Code] = []
    for leaf in leaves:
        if leaf.kind is BlockKind.TABLE:
            header, *rows = [tuple([cell.text.strip() for cell in row.blocks]) for row in leaf.blocks]
            tables.append(Table(source.span(leaf), header, tuple(rows)))
        elif leaf.kind is BlockKind.CODE:
            code.append(Code(source.span(leaf), leaf.info, leaf.literal))
        elif leaf.runs:
            links += _links_in(leaf, source.path)
    return Contents(links, tables, code)


def _links_in(leaf: Block, path: str) -> Iterator[Link]:
    """Yield a leaf's links and images, each on the line where it begins."""
    if any(run.url for run in leaf.runs):
        for url, group in groupby(leaf.runs, key=lambda run: run.url):
            runs = list(group)
            if url:
                yield Link(Span(path, runs[0].line, runs[0].line), url, "".join([run.text for run in runs]))


# Comments that silence a rule


_ALLOW = re.compile(r"\s*logbook:\s*allow\s+(?P<rule>\w+(?:-\w+)*+)\s*(?:--|—|–|:)?(?P<reason>.*)", re.DOTALL)


def allowances_of(leaves: Iterable[Block], sections: Sequence[Section], source: SourceText) -> Iterator[Allowance]:
    """Yield the comments ``<!-- logbook: allow RULE -- reason -->`` among `leaves`.

    Each covers the block of the innermost heading it stands under; above the first heading and right below the title
    it covers the whole file.
    """
    starts = [section.span.line for section in sections]
    for leaf in leaves:
        html = [(leaf.literal, leaf.line)] if leaf.kind is BlockKind.HTML else []
        html += [(run.text, run.line) for run in leaf.runs if run.style & HTML]
        for text, first in html:
            for line, comment in _comments_in(text, first) if "logbook:" in text else ():
                if match := _ALLOW.match(comment):
                    place = bisect_right(starts, line) - 1
                    lines = 1, len(source.lines)
                    if place >= 0 and sections[place].level > 1:
                        lines = sections[place].span.line, max(sections[place].end_line, line)
                    reason = " ".join(match["reason"].split())
                    yield Allowance(Span(source.path, line, line), match["rule"], reason, *lines)


def _comments_in(text: str, line: int) -> Iterator[tuple[int, str]]:
    before, *comments = text.split("<!--")
    for comment in comments:
        line += before.count("\n")
        before = comment
        body, end, _ = comment.partition("-->")
        if end:
            yield line, body
