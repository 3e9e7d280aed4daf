"""Links, wherever they stand."""

from collections.abc import Iterable, Iterator

from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.model import Link, Span
from research_logbook.markdown.tree import Block


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
