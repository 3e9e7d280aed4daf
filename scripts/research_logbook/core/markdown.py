"""Markdown in GitHub's dialect, as a small located tree. The only module that knows the parser."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import comrak

MAX_NESTING = 200
"""Levels of nesting that are read; no person or agent writes more, and far more overflows the parser's stack."""

_GUARD = 1_000
# The parser uses about 330 bytes of stack a level: what passes this guard fits the smallest stacks in use.

_EXTENSIONS = comrak.ExtensionOptions(
    alerts=True,
    autolink=True,
    footnotes=True,
    front_matter_delimiter="---",
    strikethrough=True,
    table=True,
    tasklist=True,
)
_OPTIONS = comrak.ParseOptions(relaxed_tasklist_matching=True, sourcepos_chars=True)


class NestingError(Exception):
    """Markdown nested deeper than `MAX_NESTING`; `line` is where, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested more than {MAX_NESTING} levels deep")
        self.line = line


class Kind(StrEnum):
    """What a block is."""

    CODE = "code"
    FRONT_MATTER = "front-matter"
    HEADING = "heading"
    HTML = "html"
    ITEM = "item"
    LIST = "list"
    PARAGRAPH = "paragraph"
    QUOTE = "quote"
    ROW = "row"
    CELL = "cell"
    TABLE = "table"
    OTHER = "other"


# How a run of text is set; several may hold at once. Plain integers: a file has tens of thousands of runs.
PLAIN, STRONG, EMPHASIS, STRUCK, CODE, HTML = 0, 1, 2, 4, 8, 16


class Run(NamedTuple):
    """Text set in one style on one line; a line break is a run of its own, `"\\n"`."""

    text: str
    line: int
    style: int = PLAIN
    url: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of Markdown: lines and columns counted from 1, as GitHub shows them."""

    kind: Kind
    line: int
    end_line: int
    column: int
    level: int = 0
    runs: tuple[Run, ...] = ()
    literal: str = ""
    info: str = ""
    checked: str | None = None
    """For a task-list item the mark in its box, `" "` when it is open; else None."""
    blocks: tuple["Block", ...] = ()

    @property
    def text(self) -> str:
        """The text a reader sees, without what is struck out."""
        return plain(self.runs)

    def walk(self) -> Iterator["Block"]:
        """Yield this block and all within it, in document order."""
        yield self
        for block in self.blocks:
            yield from block.walk()


def plain(runs: tuple[Run, ...], *, struck: bool = False) -> str:
    """Return the text of `runs` without formatting and HTML; what is struck out only if asked for."""
    hidden = HTML if struck else HTML | STRUCK
    return "".join([run.text for run in runs if not run.style & hidden])


def parse(text: str) -> tuple[Block, ...]:
    r"""Return the top-level blocks of `text`, whose lines end in ``\n``.

    Raises:
        NestingError: when anything in it is nested more than `MAX_NESTING` levels deep.
    """
    _guard(text)
    return _blocks(comrak.parse_document(text, _EXTENSIONS, _OPTIONS), 0)


_CONTAINERS = re.compile(r"(?m)^[ \t]*(?:>[ \t>]*|[-+*][ \t]+|\d{1,9}[.)][ \t]+)+")
_MARKER = re.compile(r">|[-+*]|\d+[.)]")
_BLANK = re.compile(r"\n[ \t]*\n")
_DELIMITERS = re.compile(r"[*_~]+|!\[|\]\(")


def _guard(text: str) -> None:
    """Refuse what could overflow the parser's stack, before it is parsed; cheap and generous."""
    for match in _CONTAINERS.finditer(text):
        # An indent of two columns can stand for a level, a marker always does.
        if len(match[0]) > _GUARD and len(_MARKER.findall(match[0])) + match[0].count("  ") > _GUARD:
            raise NestingError(text.count("\n", 0, match.start()) + 1)
    if sum(text.count(mark) for mark in ("*", "_", "~", "![")) > _GUARD:
        _guard_emphasis(text)


def _guard_emphasis(text: str) -> None:
    start = 0
    for end in [*(match.start() for match in _BLANK.finditer(text)), len(text)]:
        if end - start > _GUARD and _emphasis_depth(text[start:end]) > _GUARD:
            raise NestingError(text.count("\n", 0, start) + 1)
        start = end


def _emphasis_depth(paragraph: str) -> int:
    """Return about how deep emphasis and images are nested: a run that can close does, any other opens."""
    depth = deepest = 0
    for match in _DELIMITERS.finditer(paragraph):
        mark, before = match[0], paragraph[match.start() - 1 : match.start()]
        closes = mark == "](" or (mark != "![" and depth and before and not before.isspace())
        depth = max(0, depth - len(mark)) if closes else depth + len(mark)
        deepest = max(deepest, depth)
    return deepest


def _blocks(node: Any, depth: int) -> tuple[Block, ...]:
    return tuple([_block(child, depth + 1) for child in node.children])


def _block(node: Any, depth: int) -> Block:
    node.parent = None  # Python cannot collect the parser's tree: parents and children hold each other.
    start, end = node.sourcepos.start, node.sourcepos.end
    if depth > MAX_NESTING:
        raise NestingError(start.line)
    value = node.node_value
    build = _BUILDERS.get(type(value))
    if build is None:
        return Block(Kind.OTHER, start.line, end.line, start.column, blocks=_blocks(node, depth))
    return build(node, value, start.line, end.line, start.column, depth)


_Build = Callable[[Any, Any, int, int, int, int], Block]


def _heading(node: Any, value: Any, line: int, end_line: int, column: int, depth: int) -> Block:
    return Block(Kind.HEADING, line, end_line, column, value.value.level, _runs(node, depth))


def _paragraph(node: Any, _value: Any, line: int, end_line: int, column: int, depth: int) -> Block:
    return Block(Kind.PARAGRAPH, line, end_line, column, runs=_runs(node, depth))


def _container(kind: Kind) -> _Build:
    def build(node: Any, _value: Any, line: int, end_line: int, column: int, depth: int) -> Block:
        blocks = _blocks(node, depth)
        # The parser lets an item end on the blank line after it; its last child knows better.
        last = blocks[-1].end_line if blocks else max(line, min(end_line, line))
        return Block(kind, line, last, column, blocks=blocks)

    return build


def _task(node: Any, value: Any, line: int, _end_line: int, column: int, depth: int) -> Block:
    blocks = _blocks(node, depth)
    last = blocks[-1].end_line if blocks else line
    return Block(Kind.ITEM, line, last, column, checked=value.value.symbol or " ", blocks=blocks)


def _code(_node: Any, value: Any, line: int, end_line: int, column: int, _depth: int) -> Block:
    code = value.value
    return Block(Kind.CODE, line, end_line, column, literal=code.literal, info=code.info)


def _html(_node: Any, value: Any, line: int, end_line: int, column: int, _depth: int) -> Block:
    return Block(Kind.HTML, line, end_line, column, literal=value.value.literal)


def _front_matter(_node: Any, value: Any, line: int, end_line: int, column: int, _depth: int) -> Block:
    return Block(Kind.FRONT_MATTER, line, end_line, column, literal=value.value)


def _cell(node: Any, _value: Any, line: int, end_line: int, column: int, depth: int) -> Block:
    return Block(Kind.CELL, line, end_line, column, runs=_runs(node, depth))


_BUILDERS: dict[type, _Build] = {
    comrak.Heading: _heading,
    comrak.Paragraph: _paragraph,
    comrak.List: _container(Kind.LIST),
    comrak.Item: _container(Kind.ITEM),
    comrak.TaskItem: _task,
    comrak.BlockQuote: _container(Kind.QUOTE),
    comrak.Alert: _container(Kind.QUOTE),
    comrak.Table: _container(Kind.TABLE),
    comrak.TableRow: _container(Kind.ROW),
    comrak.TableCell: _cell,
    comrak.CodeBlock: _code,
    comrak.HtmlBlock: _html,
    comrak.FrontMatter: _front_matter,
}


def _runs(node: Any, depth: int) -> tuple[Run, ...]:
    out: list[Run] = []
    _inline(node, PLAIN, "", depth, out)
    return tuple(out)


_STYLES = {
    comrak.Strong: STRONG,
    comrak.Emph: EMPHASIS,
    comrak.Strikethrough: STRUCK,
}


def _inline(node: Any, style: int, url: str, depth: int, out: list[Run]) -> None:
    for child in node.children:
        child.parent = None
        value = child.node_value
        kind = type(value)
        if kind is comrak.Text:
            out.append(Run(value.value, child.sourcepos.start.line, style, url))
        elif kind is comrak.Code:
            out.append(Run(value.value.literal, child.sourcepos.start.line, style | CODE, url))
        elif kind is comrak.SoftBreak or kind is comrak.LineBreak:
            out.append(Run("\n", child.sourcepos.start.line, style, url))
        elif kind is comrak.HtmlInline:
            out.append(Run(value.value, child.sourcepos.start.line, style | HTML, url))
        elif kind is comrak.FootnoteReference:
            out.append(Run(f"[^{value.value.name}]", child.sourcepos.start.line, style, url))
        else:
            _nested(child, value, style, url, depth + 1, out)


def _nested(node: Any, value: Any, style: int, url: str, depth: int, out: list[Run]) -> None:
    if depth > MAX_NESTING:
        raise NestingError(node.sourcepos.start.line)
    kind = type(value)
    if kind is comrak.Link or kind is comrak.Image:
        url = value.value.url
        if not node.children:
            out.append(Run("", node.sourcepos.start.line, style, url))
    _inline(node, style | _STYLES.get(kind, PLAIN), url, depth, out)
