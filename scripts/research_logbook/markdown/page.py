"""What a reader of GitHub's page sees of Markdown with HTML in it: the tree, with the work of each tag done.

Source: the elements and attributes that GitHub keeps (`SanitizationFilter` of gjtorikian/html-pipeline), the tags that
it shows as text (GitHub Flavored Markdown, 6.11), and how browsers close what is left open (HTML Standard, 13.2.6). In
doubt between two readings the one is taken in which less is seen.

| construct | what its text is |
|---|---|
| comments, declarations, `<style>`, `<script>` | not there; what an unclosed one swallows is not there either |
| `<details>` without `open`, its summary apart | folded: a click away |
| `<rp>`, `<template>`, `<title>`, `<noscript>`, `<object>`, text in `<picture>`, `<video>` and the like | aside |
| type four times smaller (`<sub>`, `<sup>`, `<small>`) | aside |
| `<del>`, `<s>`, `<strike>` | struck out, unclosed `<s>` and `<strike>` to the end of the text |
| `<sup>`, `<rt>`; `<sub>` | raised; lowered |
| `<bdo dir=rtl>`, any tag with `dir=rtl` | turned round |
| `<blockquote>` | in a quote |
| `<q>` | between quotation marks |
| any tag with `hidden`, or a `style` that hides | aside: GitHub drops these attributes, other pages do not |
| any other attribute | nothing |
| any other tag | nothing; text between tags is text |
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from html import unescape
from typing import NamedTuple

from research_logbook.markdown.tree import (
    ASIDE,
    FOLDED,
    HTML,
    LOWERED,
    PLAIN,
    QUOTED,
    RAISED,
    STRUCK,
    TURNED,
    Block,
    BlockKind,
    InlineRun,
    plain,
)

_HAS_HTML = re.compile(r"<[A-Za-z/!?]")
_MARKUP = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|(?P<open_comment>\Z)))|<\?.*?(?:\?>|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<![A-Za-z][^>]*+(?:>|\Z)|"
    r"<(?P<end>/?)(?P<name>[A-Za-z][^\s/>]*+)"
    r"(?P<attributes>(?:[^>=]++|=\s*+(?:\"[^\"]*+(?:\"|(?P<open_double>\Z))|'[^']*+(?:'|(?P<open_single>\Z)))?+)*+)"
    r"(?:>|\Z)",
    re.DOTALL,
)
_CLOSINGS = {"open_comment": "-->", "open_double": '"', "open_single": "'"}
_ATTRIBUTE = re.compile(r"([^\s\"'>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"?|'([^']*+)'?|([^\s>]++)))?+")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STYLES = {
    **dict.fromkeys(("del", "s", "strike"), STRUCK),
    **dict.fromkeys(("sup", "rt"), RAISED),
    "sub": LOWERED,
    "blockquote": QUOTED,
    **dict.fromkeys(("style", "script"), HTML),
}
_ASIDE = _names(
    "rp template title textarea noscript noembed noframes iframe xmp plaintext object svg math picture video audio "
    "canvas datalist select"
)
_SMALL = frozenset({"sup", "sub", "rt", "small"})
_MOST_SMALL = 3
"""How often type may be made smaller and still be read; `<sub><sup>` is how small print is written."""
_VOID = _names("area base br col embed hr img image input link meta param source track wbr")
_CARRIED = frozenset({"s", "strike"})
"""Elements that go on in the next paragraph when they are not closed."""
_ENDED_BY_NEXT = _names("p li dt dd tr td th option")
_BLOCKS = _names(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre section summary table tbody td tfoot th thead tr "
    "ul"
)
"""Elements that begin a line of their own, and end the paragraph that they stand in."""
_MOST_OPEN = 400
_MOST_ALIKE = 3  # as in browsers: more of one kind do no more


class HtmlTag(NamedTuple):
    """A tag, as far as it matters here."""

    name: str
    """In lower case."""
    is_end: bool
    attributes: str

    @property
    def is_block(self) -> bool:
        """Whether its text stands on lines of its own."""
        return self.name in _BLOCKS

    def attribute(self, name: str) -> str | None:
        """Return the value of an attribute in lower case, empty where it has none; None where it is not there."""
        for match in _ATTRIBUTE.finditer(self.attributes):
            if match[1].lower() == name:
                return unescape("".join(filter(None, match.groups()[1:]))).strip().lower()
        return None


def tag_of(html: str) -> HtmlTag | None:
    """Return the tag that a run of HTML is; None for a comment, a declaration or text."""
    match = _MARKUP.match(html)
    return HtmlTag(match["name"].lower(), bool(match["end"]), match["attributes"]) if match and match["name"] else None


def as_shown(blocks: Sequence[Block], text: str) -> Sequence[Block]:
    """Return the `blocks` of a `text` with runs and blocks set as their elements set them.

    A block of HTML gets runs, as a paragraph has them. What an unclosed comment or attribute swallows becomes a block
    of HTML without any.
    """
    return tuple(_Page().blocks(blocks, is_item=False)) if _HAS_HTML.search(text) else blocks


class _Element(NamedTuple):
    name: str
    style: int
    """Its own and that of all around it."""
    around: int
    smaller: int
    """How often type is made smaller in it."""


_NOTHING = _Element("", PLAIN, PLAIN, 0)


class _Page:
    """Reads blocks in order, and knows which elements are open."""

    def __init__(self) -> None:
        self.open: list[_Element] = []
        self.count: Counter[str] = Counter()
        self.closing = ""
        """What ends the unclosed comment or attribute that everything is part of."""

    @property
    def style(self) -> int:
        return self.open[-1].style if self.open else PLAIN

    def blocks(self, blocks: Iterable[Block], *, is_item: bool) -> Iterator[Block]:
        """Yield blocks as they are shown; what is opened among them ends with them."""
        depth = len(self.open)
        for block in blocks:
            style = self.style
            is_plain = not (self.open or self.closing or any(run.style & HTML for run in block.runs))
            if is_plain and not block.blocks and block.kind is not BlockKind.HTML:
                yield block
            elif block.kind is BlockKind.HTML:
                runs = tuple(self._html(block.literal, block.line))
                yield block._replace(runs=runs, style=style)
            elif block.blocks:
                inner = tuple(self.blocks(block.blocks, is_item=block.kind is BlockKind.ITEM))
                yield block._replace(blocks=inner, style=style)
            elif block.runs:
                yield self._leaf(block, style, is_item=is_item)
            else:
                yield self._without_runs(block, style)
        self._leave(depth)

    def _without_runs(self, block: Block, style: int) -> Block:
        """Return code, which HTML around it can hide, or a block without text."""
        if not block.literal or not (self.closing or style & HTML):
            return block._replace(style=style)
        return Block(BlockKind.HTML, block.line, block.end_line, block.column)

    def _leaf(self, block: Block, style: int, *, is_item: bool) -> Block:
        depth, was_open = len(self.open), not self.closing
        runs = tuple(self._runs(block.runs))
        if not was_open and all(run.style & HTML for run in runs):
            return Block(BlockKind.HTML, block.line, block.end_line, block.column)
        if block.kind is not BlockKind.PARAGRAPH:
            self._leave(depth, carried=() if block.kind is BlockKind.CELL else _CARRIED)
        elif not is_item and len(self.open) > depth:
            # The end of a paragraph ends what was opened in it, unless a block has ended the paragraph before.
            blocks = (i for i in range(depth, len(self.open)) if self.open[i].name in _BLOCKS)
            kept = self.open[next(blocks, len(self.open)) :]
            self._leave(depth)
            for element in kept:
                if element.name not in _CARRIED:
                    self._push(element.name, element.style & ~element.around)
        # What is struck out with all around it is still read: an entry that is withdrawn stays one.
        return block._replace(runs=runs, text=plain(runs, struck=bool(style & STRUCK)), style=style)

    def _runs(self, runs: Iterable[InlineRun]) -> Iterator[InlineRun]:
        for run in runs:
            if run.style & HTML:
                yield from self._html(run.text, run.line)
            elif self.closing and run.text != "\n":
                yield run._replace(style=run.style | HTML)
            else:
                yield run._replace(style=run.style | self.style) if self.open else run

    def _html(self, html: str, line: int) -> Iterator[InlineRun]:
        """Yield the tags and the text of a piece of HTML, line by line."""
        place = 0
        if self.closing:
            end = html.find(self.closing)
            if end < 0:
                yield from _by_line(html, line, HTML)
                return
            place = end + len(self.closing)
            if self.closing != "-->":  # an attribute: its tag goes on
                place = html.find(">", place) + 1 or len(html)
            self.closing = ""
            yield from _by_line(html[:place], line, HTML)
            line += html.count("\n", 0, place)
        for match in _MARKUP.finditer(html, place):
            yield from _by_line(unescape(html[place : match.start()]), line, self.style)
            line += html.count("\n", place, match.start())
            place = match.end()
            yield from self._markup(match, line)
            line += match[0].count("\n")
        yield from _by_line(unescape(html[place:]), line, self.style)

    def _markup(self, match: re.Match[str], line: int) -> Iterator[InlineRun]:
        yield InlineRun(match[0], line, HTML)
        if match.end() == len(match.string):
            self.closing = next((_CLOSINGS[name] for name in _CLOSINGS if match[name] is not None), "")
        if match["name"]:
            tag = HtmlTag(match["name"].lower(), bool(match["end"]), match["attributes"])
            if tag.name == "q":
                yield InlineRun('"', line, self.style)
            if tag.is_end:
                self._close(tag.name)
            elif tag.name not in _VOID:
                self._push(tag.name, _own_style(tag))

    def _push(self, name: str, own: int) -> None:
        if self.open and self.open[-1].name == name and name in _ENDED_BY_NEXT:
            self._leave(len(self.open) - 1)
        if name in _CARRIED and self.count[name] == _MOST_ALIKE:
            return
        around = self.open[-1] if self.open else _NOTHING
        if len(self.open) == _MOST_OPEN:  # nobody writes so many: nothing that follows is taken for seen
            self.open[-1] = around._replace(style=around.style | own | ASIDE)
            return
        smaller = around.smaller + (name in _SMALL)
        style = around.style | own | (ASIDE if smaller > _MOST_SMALL else PLAIN)
        if name == "summary" and around.name == "details":
            style = around.around
        self.open.append(_Element(name, style, around.style, smaller))
        self.count[name] += 1

    def _close(self, name: str) -> None:
        """Close the last element of that name, and what is open in it; headings close each other."""
        names = _HEADINGS if name in _HEADINGS else (name,)
        if any(self.count[one] for one in names):
            place = next(i for i in reversed(range(len(self.open))) if self.open[i].name in names)
            self._leave(place + 1)
            inner = self.open[place + 1 :]  # what is carried on
            self._leave(place, carried=())
            for element in inner:
                self._push(element.name, element.style & ~element.around)

    def _leave(self, depth: int, carried: Collection[str] = _CARRIED) -> None:
        """Close what is open from `depth` on, and open again after it what is `carried` on."""
        inner = self.open[depth:]
        del self.open[depth:]
        self.count.subtract(element.name for element in inner)
        for element in inner:
            if element.name in carried:
                self._push(element.name, element.style & ~element.around)


_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


_HIDES = re.compile(
    r"(?:display|visibility|opacity|font-size|color)\s*+:\s*+"
    r"(?:none|hidden|collapse|0(?![.\d]*[1-9])|white|transparent|#fff)"
)


def _own_style(tag: HtmlTag) -> int:
    style = PLAIN
    if tag.attributes.strip():
        if tag.attribute("dir") == "rtl":
            style |= TURNED
        if tag.attribute("hidden") is not None or _HIDES.search(tag.attribute("style") or ""):
            style |= ASIDE
    if tag.name in _STYLES:
        return style | _STYLES[tag.name]
    if tag.name == "details":
        return style | (FOLDED if tag.attribute("open") is None else PLAIN)
    return style | (ASIDE if tag.name in _ASIDE else PLAIN)


def _by_line(text: str, line: int, style: int) -> Iterator[InlineRun]:
    """Yield text as runs, each on its line."""
    for number, row in enumerate(text.split("\n") if text else (), line):
        if number > line:
            yield InlineRun("\n", number - 1, style)
        if row:
            yield InlineRun(row, number, style)
