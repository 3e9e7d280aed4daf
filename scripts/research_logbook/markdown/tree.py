"""Markdown in GitHub's dialect, as a small tree with places. No other module knows the parser."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

import comrak

MAX_NESTING = 200
"""The most levels of nesting that are read; nobody writes more, and far more would overflow the parser's stack."""

_GUARD = 400
# Levels that any stack in use has room for: the parser overflows half a megabyte, the smallest, at 1,780. A marker at
# the start of a line stands for two at most.
_MOST_LEVELS = 250_000
_BYTES_A_LEVEL = 512
"""Stack that the parser needs for one level of nesting; measured: 300."""

_EXTENSIONS = comrak.ExtensionOptions(
    alerts=True,
    autolink=True,
    footnotes=True,
    front_matter_delimiter="---",
    strikethrough=True,
    table=True,
    tasklist=True,
)
_ON_PAGES = comrak.ExtensionOptions(
    alerts=True,
    autolink=True,
    footnotes=True,
    front_matter_delimiter="---",
    header_id_prefix="",
    strikethrough=True,
    table=True,
    tasklist=True,
)
_RENDERING = comrak.RenderOptions(sourcepos=True, tasklist_classes=True, unsafe_=True)
# Columns are bytes: the parser would count the characters of a line again for each thing that stands in it.
_OPTIONS = comrak.ParseOptions(relaxed_tasklist_matching=True, leave_footnote_definitions=True)
_OPTIONS_OF_PAGES = comrak.ParseOptions(relaxed_tasklist_matching=True)


class NestingError(Exception):
    """Markdown nested deeper than `MAX_NESTING`; `line` is where, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested more than {MAX_NESTING} levels deep")
        self.line = line


class BlockKind(StrEnum):
    """What a block is."""

    CODE = "code"
    FOOTNOTE = "footnote"
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
ASIDE = 32
"""Not to be seen by reading the page: the words for a picture, and what `markdown.page` finds to be kept aside."""
RAISED, LOWERED, TURNED, FOLDED, QUOTED = 64, 128, 256, 512, 1024
"""Above or below the line, from right to left, a click away, and in a quote; `markdown.page` says what is."""


class InlineRun(NamedTuple):
    r"""Text set in one style on one line; a line break is a run of its own, `"\n"`."""

    text: str
    line: int
    style: int = PLAIN
    url: str = ""


class Block(NamedTuple):
    """A block of Markdown; lines and columns are counted from 1, as on GitHub."""

    kind: BlockKind
    line: int
    end_line: int
    column: int
    level: int = 0
    runs: tuple[InlineRun, ...] = ()
    text: str = ""
    """The text as it appears on the page, without struck-out text; empty for code, HTML and containers."""
    literal: str = ""
    info: str = ""
    """The language of code; the number of an ordered list's item, as the page shows it; the name of a footnote."""
    checked: str | None = None
    """For a task-list item the mark in its box, `" "` when it is open; else None."""
    blocks: tuple["Block", ...] = ()
    style: int = PLAIN
    """How an HTML element sets it that an earlier block began; see `markdown.page`."""


def walk(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks and all within them, in document order."""
    left = list(blocks)[::-1]
    while left:
        block = left.pop()
        yield block
        if block.blocks:
            left += block.blocks[::-1]


def plain(runs: Iterable[InlineRun], *, struck: bool = False) -> str:
    """Return the text of `runs` without formatting and HTML; struck-out text only if `struck`."""
    hidden = HTML if struck else HTML | STRUCK
    return "".join([run.text for run in runs if not run.style & hidden])


def parse(text: str) -> tuple[Block, ...]:
    r"""Return the top-level blocks of `text`, whose lines end in ``\n``.

    Raises:
        NestingError: when anything in it is nested more than `MAX_NESTING` levels deep.

    """
    return _with_room_for(text, _parsed)


def to_html(text: str) -> str:
    r"""Return `text`, whose lines end in ``\n``, as HTML with the HTML in it as it is: not safe to show.

    Blocks have their place in `data-sourcepos`. Raises `NestingError` for what the parser's stack has no room for.
    """
    return _with_room_for(text, lambda it: comrak.markdown_to_html(it, _ON_PAGES, _OPTIONS_OF_PAGES, _RENDERING))


_Made = TypeVar("_Made")


def _parsed(text: str) -> tuple[Block, ...]:
    document = comrak.parse_document(text, _EXTENSIONS, _OPTIONS)
    return tuple(map(_block, _children(document), repeat(0)))


def _with_room_for(text: str, make: Callable[[str], _Made]) -> _Made:
    """Call the parser, in a thread with a larger stack where `text` could nest as deep as hardly any does."""
    levels = _deepest(text)
    if levels <= _GUARD:
        return make(text)
    found: list[_Made] = []
    failed: list[int] = []

    def run() -> None:
        try:
            found.append(make(text))
        except NestingError as error:
            failed.append(error.line)  # not the error, which holds the tree: that must be let go of here

    before = threading.stack_size(levels * _BYTES_A_LEVEL + 2**20)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failed:
        raise NestingError(failed[0])
    return found[0]


_LONG_LINE = re.compile(rf"^.{{{_GUARD // 2}}}.*", re.MULTILINE)  # A tab can stand for two levels.
_CONTAINERS = re.compile(r"[ \t]*+(?:>[ \t>]*+|[-+*][ \t]++|\d{1,9}[.)][ \t]++|\[\^[^\]\s]++\]:[ \t]*+)++")
_MARKER = re.compile(r">|[-+*]|\d+[.)]|\[\^")
_BLANK = re.compile(r"\n[ \t]*\n")


def _deepest(text: str) -> int:
    """Return a bound for how deep `text` could nest; raise `NestingError` for what no stack has room for."""
    for line in _LONG_LINE.finditer(text):
        if containers := _CONTAINERS.match(line[0]):
            # A level takes a marker, or every two columns of indent.
            marks = containers[0]
            if len(_MARKER.findall(marks)) + marks.count("  ") + 2 * marks.count("\t") > _GUARD:
                raise NestingError(text.count("\n", 0, line.start()) + 1)
    most = _pairs(text)
    if most > _GUARD:
        most, number = 0, 1
        for paragraph in _BLANK.split(text):
            levels = _pairs(paragraph)
            if levels > _MOST_LEVELS:
                raise NestingError(number)
            most, number = max(most, levels), number + paragraph.count("\n") + 2
    return most


def _pairs(text: str) -> int:
    """Return a bound for how deep emphasis and images are nested: a level takes a mark at each end."""
    return sum(map(text.count, "*_~")) // 2 + min(text.count("!["), text.count("]"))


def _children(node: Any) -> list[Any]:
    """Return a node's children and unlink them: the cycles of parents and children would never be freed."""
    children: list[Any] = node.children
    if children:
        node.children = []
    return children


_LEAVES: dict[type, BlockKind] = {
    comrak.Heading: BlockKind.HEADING,
    comrak.Paragraph: BlockKind.PARAGRAPH,
    comrak.TableCell: BlockKind.CELL,
}
_HOLDERS: dict[type, BlockKind] = {
    comrak.List: BlockKind.LIST,
    comrak.Item: BlockKind.ITEM,
    comrak.TaskItem: BlockKind.ITEM,
    comrak.BlockQuote: BlockKind.QUOTE,
    comrak.Alert: BlockKind.QUOTE,
    comrak.FootnoteDefinition: BlockKind.FOOTNOTE,
    comrak.Table: BlockKind.TABLE,
    comrak.TableRow: BlockKind.ROW,
}


def _block(node: Any, depth: int) -> Block:
    if depth > MAX_NESTING:
        raise NestingError(node.sourcepos.start.line)
    value, place = node.node_value, node.sourcepos
    node_type, start = type(value), place.start
    line, end_line, column = start.line, place.end.line, start.column
    if kind := _LEAVES.get(node_type):
        found: list[InlineRun] = []
        _inline(node, InlineRun("", line if line == end_line else 0), depth, found)
        text = found[0].text if len(found) == 1 and not found[0].style else plain(found)
        level = value.value.level if kind is BlockKind.HEADING else 0
        return Block(kind, line, end_line, column, level, tuple(found), text)
    if node_type is comrak.CodeBlock:
        code = value.value
        return Block(BlockKind.CODE, line, end_line, column, literal=code.literal, info=code.info)
    if node_type is comrak.HtmlBlock:
        return Block(BlockKind.HTML, line, end_line, column, literal=value.value.literal)
    if node_type is comrak.FrontMatter:
        return Block(BlockKind.FRONT_MATTER, line, end_line, column, literal=value.value)
    # A bullet is one level to whoever writes it, and two nodes: the list, and its item.
    blocks = tuple(map(_block, _children(node), repeat(depth + (node_type is not comrak.List))))
    kind = _HOLDERS.get(node_type)
    if kind:  # The parser lets an item end on the blank line after it; its last child knows better.
        end_line = blocks[-1].end_line if blocks else line
    if node_type is comrak.Alert and value.value.title:  # GitHub knows no titles: what follows the mark is text
        said = value.value.title
        blocks = (Block(BlockKind.PARAGRAPH, line, line, column, runs=(InlineRun(said, line),), text=said), *blocks)
    checked = (value.value.symbol or " ") if node_type is comrak.TaskItem else None
    info = value.value.name if node_type is comrak.FootnoteDefinition else ""
    if node_type is comrak.List and value.value.list_type == comrak.ListType.Ordered:
        # Items are counted from the first one's number, whatever the others are given.
        blocks = tuple([item._replace(info=str(number)) for number, item in enumerate(blocks, value.value.start)])
    return Block(kind or BlockKind.OTHER, line, end_line, column, info=info, checked=checked, blocks=blocks)


_TEXT, _CODE_SPAN, _LINKS = comrak.Text, comrak.Code, frozenset({comrak.Link, comrak.Image})
_BREAKS = frozenset({comrak.SoftBreak, comrak.LineBreak})
_STYLES = {comrak.Strong: STRONG, comrak.Emph: EMPHASIS, comrak.Strikethrough: STRUCK, comrak.Image: ASIDE}


def _inline(node: Any, like: InlineRun, depth: int, out: list[InlineRun]) -> None:
    """Append the runs in `node`, set as `like`; its line is 0 where they may stand on several."""
    if depth > MAX_NESTING:
        raise NestingError(node.sourcepos.start.line)
    _, line, style, url = like
    for child in _children(node):
        value = child.node_value
        kind = type(value)
        if kind is _TEXT:
            text, own = value.value, PLAIN
        elif kind is _CODE_SPAN:
            text, own = value.value.literal, CODE
        elif kind in _BREAKS:
            text, own = "\n", PLAIN
        elif kind is comrak.HtmlInline:
            text, own = value.value, HTML
        elif kind is comrak.FootnoteReference:
            text, own = f"[^{value.value.name}]", PLAIN
        else:
            target = value.value.url if kind in _LINKS else url
            before = len(out)
            _inline(child, InlineRun("", line, style | _STYLES.get(kind, PLAIN), target), depth + 1, out)
            if target != url and not any(run.url == target for run in out[before:]):
                # A link around nothing, or around an image, which has a target of its own.
                out.append(InlineRun("", line or child.sourcepos.start.line, style, target))
            continue
        out.append(InlineRun(text, line or child.sourcepos.start.line, style | own, url))
