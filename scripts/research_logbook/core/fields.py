"""Named values: ``- Command: …``, ``- **Command:** …``, ``**Command**: …``, a paragraph or a heading of its own."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from research_logbook.core import words
from research_logbook.core.markdown import CODE, HTML, STRONG, STRUCK, Block, Kind, Run
from research_logbook.core.model import Field, Span, text_of

_NAME = re.compile(r"[A-Za-z][\w /&'’.()#-]*")
_NAME_LONGEST = 48


class Source(NamedTuple):
    """The text of a file by lines, for values as they were written."""

    path: str
    lines: Sequence[str]

    def cut(self, first: int, last: int) -> str:
        """Return lines `first` to `last`, counted from 1, without their common indent."""
        rows = self.lines[first - 1 : last]
        indent = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)
        return "\n".join(row[indent:] for row in rows)

    def span(self, block: Block) -> Span:
        """Return the span of a block."""
        return Span(self.path, block.line, block.end_line, block.column)


class _Named(NamedTuple):
    name: str
    text: str
    """What follows the colon, as a reader sees it."""
    is_strong: bool


def fields_of(blocks: Sequence[Block], source: Source) -> Iterator[Field]:
    """Yield the fields among `blocks`: of list items, of paragraphs, and of sub-headings."""
    for index, block in enumerate(blocks):
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if block.kind == Kind.LIST:
            for item in block.blocks:
                yield from _of_item(item, source)
        elif block.kind == Kind.PARAGRAPH:
            yield from _of_paragraph(block, following, source)
        elif block.kind == Kind.HEADING:
            yield from _of_heading(block, blocks[index + 1 :], source)


def _of_item(item: Block, source: Source) -> Iterator[Field]:
    head = item.blocks[0] if item.blocks else None
    if head is None or head.kind != Kind.PARAGRAPH:
        return
    named = _split(head.runs)
    if named:
        rest = "\n".join(text_of(block) for block in item.blocks[1:])
        written = source.cut(item.line, item.end_line)
        yield _field(named, "\n".join(filter(None, [named.text, rest])), written, source.span(item))


def _of_paragraph(block: Block, following: Block | None, source: Source) -> Iterator[Field]:
    lines = _lines(block.runs)
    starts = [(index, named) for index, line in enumerate(lines) if (named := _split(line)) and _is_label(named)]
    for position, (index, named) in enumerate(starts):
        stop = starts[position + 1][0] if position + 1 < len(starts) else len(lines)
        more = "\n".join("".join(run.text for run in line) for line in lines[index + 1 : stop])
        text = "\n".join(filter(None, [named.text, more]))
        span = Span(source.path, block.line + index, block.line + stop - 1, block.column)
        if not text and following is not None and following.kind in _VALUES:
            # A label on a line of its own names the list, table or code below it.
            text = text_of(following)
            span = Span(source.path, span.line, following.end_line, span.column)
        yield _field(named, text, source.cut(span.line, span.end_line), span)


_VALUES = frozenset({Kind.LIST, Kind.TABLE, Kind.CODE, Kind.QUOTE})


def _of_heading(heading: Block, below: Sequence[Block], source: Source) -> Iterator[Field]:
    key = words.field_key(heading.text)
    if key not in words.ENTRY_FIELDS:
        return
    value = []
    for block in below:
        if block.kind == Kind.HEADING and block.level <= heading.level:
            break
        value.append(block)
    last = value[-1].end_line if value else heading.end_line
    text = "\n".join(text_of(block) for block in value)
    written = source.cut(heading.end_line + 1, last) if value else ""
    span = Span(source.path, heading.line, last, heading.column)
    yield Field(span, heading.text, key, written.strip(), text, words.is_pending(text))


def _field(named: _Named, text: str, written: str, span: Span) -> Field:
    value = _after_name(written, named.name)
    return Field(span, named.name, words.field_key(named.name), value, text.strip(), words.is_pending(text))


def _after_name(written: str, name: str) -> str:
    """Return the Markdown after the name and its colon, its other lines without their indent."""
    start = written.find(":", written.find(name.partition(" ")[0]))
    first, _, rest = written[start + 1 :].partition("\n")
    first = re.sub(r"^[*_]{1,3}(?=\s|$)", "", first).strip()
    return "\n".join(filter(None, [first, _dedent(rest)])) if rest.strip() else first


def _dedent(text: str) -> str:
    rows = text.rstrip().split("\n")
    indent = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)
    return "\n".join(row[indent:] for row in rows)


def _lines(runs: Sequence[Run]) -> list[list[Run]]:
    lines: list[list[Run]] = [[]]
    for run in runs:
        if run.text == "\n":
            lines.append([])
        else:
            lines[-1].append(run)
    return lines


def _split(runs: Sequence[Run]) -> _Named | None:
    """Return the name before the first colon and the text after it; None where no name stands there.

    Code may stand in the name ("H100 job `/user/name`: passed"): then it belongs to the value.
    """
    name: list[str] = []
    code: list[str] = []
    strong = False
    for index, run in enumerate(runs):
        if run.style & (HTML | STRUCK):
            continue
        if run.text == "\n":
            return None
        if run.style & CODE:
            if not name:
                return None
            code.append(run.text)
            continue
        before, colon, after = run.text.partition(":")
        name.append(before)
        strong = strong or bool(run.style & STRONG)
        if colon:
            rest = after + "".join(item.text for item in runs[index + 1 :] if not item.style & (HTML | STRUCK))
            return _named("".join(name), code, rest, strong=strong)
        if run.url or sum(map(len, name)) > 2 * _NAME_LONGEST:
            return None
    return None


def _named(name: str, code: Sequence[str], rest: str, *, strong: bool) -> _Named | None:
    name = " ".join(re.sub(r"\([^)]*\)", " ", name).split()).strip("*_ ")
    if not _NAME.fullmatch(name) or len(name) > _NAME_LONGEST or name.count(" ") > 5 or rest.startswith("//"):
        return None
    if code and words.field_key(name) not in words.ENTRY_FIELDS:
        return None
    return _Named(name, " ".join(filter(None, [*code, rest.strip()])), strong)


def _is_label(named: _Named) -> bool:
    """Return whether a paragraph's line is a field: set in bold, or a name that is known."""
    return named.is_strong or words.field_key(named.name) in _KNOWN


_KNOWN = frozenset(words.FIELDS.values())


def facts_of(blocks: Sequence[Block], source: Source) -> Iterator[Field]:
    """Yield the ``Key: value`` facts of a header, bold or plain, one a line, and those of its lists."""
    for block in blocks:
        if block.kind == Kind.LIST:
            for item in block.blocks:
                yield from _of_item(item, source)
        elif block.kind == Kind.PARAGRAPH:
            yield from _facts_of_paragraph(block, source)


def _facts_of_paragraph(block: Block, source: Source) -> Iterator[Field]:
    for index, line in enumerate(_lines(block.runs)):
        named = _split(line)
        if named:
            span = Span(source.path, block.line + index, block.line + index, block.column)
            yield _field(named, named.text, source.cut(span.line, span.line), span)
