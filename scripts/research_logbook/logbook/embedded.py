"""What a logbook holds wherever it stands: links, tables and code, in document order."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.links import links_of
from research_logbook.logbook.model import Code, Link, Table
from research_logbook.markdown.tree import Block, BlockKind

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
