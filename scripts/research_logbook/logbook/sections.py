"""Sections: which heading a block stands under, and how far a heading reaches."""

from collections.abc import Sequence

from research_logbook.logbook import vocabulary
from research_logbook.logbook.entry_heading import read_heading
from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.model import Section
from research_logbook.markdown.tree import Block, BlockKind


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
