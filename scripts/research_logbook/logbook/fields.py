"""Fields: ``- Command: …``, ``- **Command:** …``, ``**Command**: …``, or a paragraph or heading of their own."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Field, Span, text_of
from research_logbook.logbook.queries import is_pending
from research_logbook.markdown.tree import CODE, HTML, STRONG, STRUCK, Block, BlockKind, InlineRun, plain

_NAME = re.compile(r"[^\W\d_][\w /&'’.+#-]{0,47}")
_LONGEST = 120
"""Characters at the start of a line in which the name has to end."""


class SourceText(NamedTuple):
    """The lines of a file, for values as they were written."""

    path: str
    lines: Sequence[str]

    def cut(self, first: int, last: int) -> str:
        """Return lines `first` to `last`, counted from 1, without their common indent."""
        return _dedented(self.lines[first - 1 : last])

    def span(self, block: Block) -> Span:
        """Return the span of a block."""
        return Span(self.path, block.line, block.end_line, block.column)


class _Named(NamedTuple):
    name: str
    text: str
    """What follows the colon, as it appears on the page."""
    is_strong: bool


def fields_of(blocks: Sequence[Block], source: SourceText) -> Iterator[Field]:
    """Yield the fields among `blocks`: of list items, of paragraphs, and of sub-headings."""
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.LIST:
            for item in block.blocks:
                yield from _of_item(item, source)
        elif block.kind is BlockKind.PARAGRAPH:
            following = blocks[index + 1] if index + 1 < len(blocks) else None
            yield from _of_paragraph(block, following, source)
        elif block.kind is BlockKind.HEADING:
            yield from _of_heading(blocks, index, source)


def facts_of(blocks: Sequence[Block], source: SourceText) -> Iterator[Field]:
    """Yield the ``Key: value`` facts of a header, bold or plain, one on a line, and those of its lists."""
    for block in blocks:
        if block.kind is BlockKind.LIST:
            for item in block.blocks:
                yield from _of_item(item, source)
        elif block.kind is BlockKind.PARAGRAPH:
            for line in _lines(block.runs):
                if named := _split(line):
                    number = line[0].line
                    yield _field(named, named.text, Span(source.path, number, number, block.column), source)


_NESTED = vocabulary.ENTRY_FIELDS | {"run"}
_OF_OTHERS = frozenset({"hypothesis", "next-action", "baseline", "id", "date"})


def _of_item(item: Block, source: SourceText) -> Iterator[Field]:
    """Yield the field of a list item, and those that are listed below it: "Setup:", and below that "Command:"."""
    if not item.blocks or item.blocks[0].kind is not BlockKind.PARAGRAPH:
        return
    head, *rest = item.blocks
    named = _split(head.runs) if ":" in head.text else None
    key = ""
    if named:
        text = "\n".join([named.text, *map(text_of, rest)]).strip()
        field = _field(named, text, source.span(item), source)
        key = field.key
        yield field
    if key in _OF_OTHERS or key.partition("-")[0] in vocabulary.NOT_OWN:
        return
    for block in rest:
        for nested in block.blocks if block.kind is BlockKind.LIST else ():
            yield from (field for field in _of_item(nested, source) if field.key in _NESTED and field.key != key)


def _of_paragraph(block: Block, following: Block | None, source: SourceText) -> Iterator[Field]:
    """Yield the fields of a paragraph: its lines that begin with a name that is known, or set in bold."""
    if ":" not in block.text:
        return
    lines = _lines(block.runs)
    starts = [
        (index, named)
        for index, line in enumerate(lines)
        if (named := _split(line)) and (named.is_strong or vocabulary.field_key(named.name) in vocabulary.KNOWN_FIELDS)
    ]
    ends = [*(index for index, _ in starts[1:]), len(lines)]
    for (index, named), end in zip(starts, ends, strict=False):
        text = "\n".join([named.text, *(plain(line) for line in lines[index + 1 : end])]).strip()
        first = lines[index][0].line
        last = lines[end][0].line - 1 if end < len(lines) else block.end_line
        if not text and end == len(lines) and following is not None and following.kind in _VALUES:
            # A label on a line of its own names the list, table or code below it.
            text, last = text_of(following).strip(), following.end_line
        yield _field(named, text, Span(source.path, first, last, block.column), source)


_VALUES = (BlockKind.LIST, BlockKind.TABLE, BlockKind.CODE, BlockKind.QUOTE)


def _of_heading(blocks: Sequence[Block], index: int, source: SourceText) -> Iterator[Field]:
    heading = blocks[index]
    name = heading.text.strip().rstrip(":")
    key = vocabulary.field_key(name) if len(name) < _LONGEST else ""
    if key not in vocabulary.KNOWN_FIELDS:
        return
    stop = index + 1
    while stop < len(blocks) and not (blocks[stop].kind is BlockKind.HEADING and blocks[stop].level <= heading.level):
        stop += 1
    below = blocks[index + 1 : stop]
    last = below[-1].end_line if below else heading.end_line
    text = "\n".join(map(text_of, below)).strip()
    span = Span(source.path, heading.line, last, heading.column)
    yield Field(span, name, key, source.cut(heading.end_line + 1, last).lstrip("\n"), text, is_pending(text))


def _field(named: _Named, text: str, span: Span, source: SourceText) -> Field:
    value = _value(source.lines[span.line - 1 : span.end_line], text)
    return Field(span, named.name, vocabulary.field_key(named.name), value, text, is_pending(text))


_COLON = re.compile(r"`+[^`]*`+|<[^<>]*>|\]\([^()]*\)|\([^()]*\)|~~[^~]*~~|\\.|(?P<colon>:)")
_START = re.compile(r"\s*+(?:[-+*]\s++|\d{1,9}[.)]\s++)?+(?:\[.\]\s++)?+(?P<mark>\*{1,3}|_{1,3})")


def _value(rows: Sequence[str], text: str) -> str:
    """Return the Markdown after the name and its colon, with later lines dedented."""
    colon = next((match for match in _COLON.finditer(rows[0], 0, 4 * _LONGEST) if match["colon"]), None)
    if not colon:
        return text
    before, first = rows[0][: colon.start()], rows[0][colon.end() :]
    start = _START.match(before)
    if start and start["mark"] not in before[start.end() :]:  # The bold or italic type ends behind the colon.
        mark = start["mark"]
        first = first[len(mark) :] if first.startswith(mark) else first.rstrip().removesuffix(mark)
    first = first.strip()
    if not text.partition("\n")[0].endswith("\\"):  # What a reader does not see breaks the line.
        first = first.removesuffix("\\")
    rest = _dedented(rows[1:]) if len(rows) > 1 else ""
    if not rest.strip():
        return first
    return f"{first}\n{rest}" if first else rest.lstrip("\n")


def _dedented(rows: Sequence[str]) -> str:
    indent = min([len(row) - len(row.lstrip()) for row in rows if row and not row.isspace()], default=0)
    return "\n".join([row[indent:] for row in rows]).rstrip()


def _lines(runs: Sequence[InlineRun]) -> list[list[InlineRun]]:
    lines: list[list[InlineRun]] = [[]]
    for run in runs:
        if run.text == "\n":
            lines.append([])
        else:
            lines[-1].append(run)
    return lines


_HIDDEN = HTML | STRUCK
_NAME_END = re.compile(r"[^:()]*+(?:\([^()]*+\)[^:()]*+)*+:")


def _split(runs: Sequence[InlineRun]) -> _Named | None:
    """Return the name before the first colon and the text after it; None if there is no name.

    Code may stand in the name ("H100 job `/user/name`: passed"): then it belongs to the value.
    """
    name, code, is_strong = "", [], False
    for index, run in enumerate(runs):
        if run.style & _HIDDEN:
            continue
        if run.style & CODE and name:
            code += [run.text] if name.count("(") == name.count(")") else []
            continue
        name += run.text
        is_strong = is_strong or bool(run.style & STRONG)
        if end := _NAME_END.match(name[:_LONGEST]):
            rest = name[end.end() :] + "".join([item.text for item in runs[index + 1 :] if not item.style & _HIDDEN])
            name = _clean(end[0][:-1])
            # "https://…", "12:30" and "3:1" are a URL, a time and a ratio.
            if not name or rest.startswith("//") or (name[-1].isdigit() and rest[:1].isdigit()):
                return None
            if code and vocabulary.field_key(name) not in vocabulary.ENTRY_FIELDS:
                return None
            return _Named(name, " ".join(filter(None, [*code, rest.strip()])), is_strong)
        if run.style & CODE or run.text == "\n" or len(name) > _LONGEST:
            return None
    return None


@lru_cache(maxsize=1024)
def _clean(name: str) -> str:
    """Return a field's name without asides, marks and emoji; empty for what is not a name."""
    name = vocabulary.ICONS.sub("", " ".join(vocabulary.without_asides(name).split()).strip("*_ "), count=1)
    return name if _NAME.fullmatch(name) and name.count(" ") <= 5 else ""
