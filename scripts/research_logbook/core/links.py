"""Links, wherever they stand."""

from collections.abc import Iterable, Iterator

from research_logbook.core.fields import Source
from research_logbook.core.markdown import Block, Kind
from research_logbook.core.model import Link, Span


def links_of(leaves: Iterable[Block], source: Source) -> Iterator[Link]:
    """Yield the links and images of `leaves`, one for each, on the line where it begins."""
    for leaf in leaves:
        if leaf.runs and leaf.kind in _INLINE:
            yield from _of(leaf, source)


_INLINE = frozenset({Kind.PARAGRAPH, Kind.HEADING, Kind.CELL})


def _of(leaf: Block, source: Source) -> Iterator[Link]:
    url, text, line = "", "", 0
    for run in leaf.runs:
        if run.url == url:
            text += run.text
            continue
        if url:
            yield Link(Span(source.path, line, line), url, text)
        url, text, line = run.url, run.text, run.line
    if url:
        yield Link(Span(source.path, line, line), url, text)
