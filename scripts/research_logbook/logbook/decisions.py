"""The decision log (task-logbook: living indices): what was decided stays."""

from collections.abc import Iterator, Sequence

from research_logbook.logbook.entries import heading_block
from research_logbook.logbook.entry_heading import read_heading
from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.model import Decision, Section, text_of
from research_logbook.logbook.sections import reach
from research_logbook.markdown.tree import Block, BlockKind


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
