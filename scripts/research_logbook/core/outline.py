"""Sections: which heading a block stands under, and how far a heading reaches."""

from collections.abc import Sequence

from research_logbook.core import words
from research_logbook.core.fields import Source
from research_logbook.core.markdown import Block, Kind
from research_logbook.core.model import Section


def sections_of(blocks: Sequence[Block], source: Source) -> tuple[Section, ...]:
    """Return the sections in document order; headings inside quotes, lists and code are none."""
    heads = [index for index, block in enumerate(blocks) if block.kind == Kind.HEADING]
    ends = _ends([blocks[index].level for index in heads])
    sections = []
    for position, index in enumerate(heads):
        stop = heads[position + 1] if position + 1 < len(heads) else len(blocks)
        end = heads[ends[position]] if ends[position] < len(heads) else len(blocks)
        head = blocks[index]
        title = " ".join(head.text.split())
        last = blocks[end - 1].end_line
        sections.append(
            Section(
                source.span(head), title, words.section_name(title), head.level, tuple(blocks[index + 1 : stop]), last
            )
        )
    return tuple(sections)


def _ends(levels: Sequence[int]) -> list[int]:
    """Return for each heading the position of the next one at its own or a higher level."""
    ends = [len(levels)] * len(levels)
    open_heads: list[int] = []
    for position, level in enumerate(levels):
        while open_heads and levels[open_heads[-1]] >= level:
            ends[open_heads.pop()] = position
        open_heads.append(position)
    return ends


def reach(sections: Sequence[Section], index: int) -> int:
    """Return the position after the last section that stands below section `index`."""
    level = sections[index].level
    return next((i for i in range(index + 1, len(sections)) if sections[i].level <= level), len(sections))
