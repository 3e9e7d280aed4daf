"""Comments that silence a rule: ``<!-- logbook: allow RULE -- reason -->``."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.model import Allowance, Section, Span
from research_logbook.markdown.tree import HTML, Block, BlockKind

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
