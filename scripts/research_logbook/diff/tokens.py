"""The words of a logbook as its reader sees them, unit by unit: what the history comparison compares.

A unit is a heading, a field, the own text of a list item, a paragraph, a row of a table or a line of code.
Formatting, link targets, white space, HTML and its comments are not words; dashes, quotes and dots
count as their ASCII forms, and outside of code so do the letters of a word that is no unit or symbol. What is not to be
seen by reading the page is words too, but kept apart. Pure.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, compress, groupby
from operator import attrgetter
from typing import NamedTuple

from research_logbook.logbook import vocabulary
from research_logbook.logbook.queries import is_none, is_pending, is_placeholder, pending_phrase, says_not_applicable
from research_logbook.markdown.page import tag_of
from research_logbook.markdown.tree import (
    ASIDE,
    CODE,
    FOLDED,
    HTML,
    LOWERED,
    PLAIN,
    QUOTED,
    RAISED,
    STRONG,
    STRUCK,
    TURNED,
    Block,
    BlockKind,
    InlineRun,
)

CELL_END = "\t"
"""The word that ends each cell of a row; no text can hold it."""


class Word(NamedTuple):
    """A word or a mark, as it is compared, and where it is."""

    text: str
    line: int
    start: int
    """With `end`, its place in the text of its unit."""
    end: int
    is_struck: bool
    is_first: bool
    """Whether it begins a line."""
    url: str
    """The target of the link it is in; empty outside links."""
    exact: str = ""
    """Its text with its own letters, capital or small; empty if those are what `text` has."""
    is_code: bool = False
    """Whether it stands in code, or in a command, where capital and small letters differ."""
    is_soft: bool = False
    """Whether it is a comma or a quote that may come and go: it divides no numbers and follows no negation."""

    @property
    def is_footnote(self) -> bool:
        """Whether it is the mark of a footnote, which may be added anywhere."""
        return self.text.startswith("[^")

    def says(self, other: "Word") -> bool:
        """Return whether `other` is the same word: in code by its very letters, else whatever their case."""
        if self.text != other.text:
            return False
        is_exact = self.is_code or other.is_code
        return not is_exact or (self.exact or self.text) == (other.exact or other.text)


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of text that stays or goes as one."""

    text: str
    words: tuple[Word, ...]
    key: str
    """Equal for two units with the same words."""
    line: int
    parent: int | None = None
    """The position of the unit it belongs to: a parent item, a table's header, a sub-heading."""
    is_code: bool = False
    pending: tuple[tuple[int, int], ...] = ()
    """Ranges of words that say "pending", or nothing: a value still to come."""
    is_folded: bool = False
    """Whether it is code in ``<details>``, where long output may be put, but no prose."""
    aside: frozenset[int] = frozenset()
    """The words that are not to be seen by reading the page: a picture and its alternative text, `<details>`."""
    is_title: bool = False
    """Whether it is a heading, a bold line, the header of a table or the summary of what is folded away."""
    is_prose: bool = False
    """Whether it is a paragraph of its own, or a part of one, and no field."""
    number: str = ""
    """The number of an ordered list's item, as the page shows it."""
    box: str = ""
    """The box of a task, with its mark."""
    is_quoted: bool = False
    """Whether it stands in a block quote."""
    has_children: bool = False
    """Whether other units belong to it."""

    @property
    def is_label(self) -> bool:
        """Whether it ends with a colon, so that it speaks of what follows."""
        return bool(self.words) and self.words[-1].text == ":"

    @property
    def is_exact(self) -> bool:
        """Whether it has words whose letters count."""
        return self.is_code or any(word.is_code for word in self.words)

    def cut(self, start: int, stop: int) -> str:
        """Return its text from word `start` to before word `stop`."""
        words = self.words[start:stop]
        return self.text[words[0].start : words[-1].end] if words else ""

    def part(self, words: Sequence[Word]) -> "Unit":
        """Return a unit of its own of some of its words, at least one."""
        aside = frozenset[int]()
        if self.aside:
            starts = {self.words[place].start for place in self.aside}
            aside = frozenset(place for place, word in enumerate(words) if word.start in starts)
        return Unit(self.text, tuple(words), _key(words, aside), words[0].line, aside=aside)

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return bool(self.words) and self.words[-1].text == CELL_END

    @property
    def is_pending(self) -> bool:
        """Whether all of it is a value still to come, so that whatever comes may replace it."""
        return not self.is_row and (0, len(self.words)) in self.pending

    def without(self, texts: Collection[str]) -> "Unit":
        """Return it without the words that are one of `texts`."""
        return self._of([word.text not in texts for word in self.words])

    def seen(self, without: Collection[str]) -> "Unit":
        """Return it without the words that are aside, that are one of `without` or linked to one."""
        kept = self._of(
            [
                place not in self.aside and word.text not in without and (not word.url or word.url not in without)
                for place, word in enumerate(self.words)
            ]
        )
        return kept if kept is self else replace(kept, key=_key(kept.words))

    def put_aside(self) -> "Unit":
        """Return it with all of its words aside."""
        aside = frozenset(range(len(self.words)))
        return replace(self, aside=aside, key=_key(self.words, aside))

    def _of(self, kept: Sequence[bool]) -> "Unit":
        if all(kept):
            return self
        places = list(accumulate(kept, initial=0))
        words = tuple(compress(self.words, kept))
        pending = tuple((places[first], places[stop]) for first, stop in self.pending)
        aside = frozenset(places[place] for place in self.aside if kept[place])
        return replace(self, words=words, pending=pending, aside=aside)


def seen(units: Iterable[Unit], without: Collection[str] = (), *, with_code: bool = True) -> list[Unit]:
    """Return what is to be seen of `units` by reading the page, `without` some texts and links, maybe without code."""
    found: list[Unit] = []
    places: list[int | None] = []
    for unit in units:
        parent = None if unit.parent is None else places[unit.parent]
        here = unit.seen(without)
        is_left_out = unit.is_folded or (unit.is_code and not with_code)
        if is_left_out or all(word.text == CELL_END for word in here.words):
            places.append(parent)
        else:
            places.append(len(found))
            found.append(replace(here, parent=parent))
    return found


def units_of(blocks: Sequence[Block], heading: str = "", line: int = 1, *, is_item: bool = False) -> tuple[Unit, ...]:
    """Return the units of `blocks` in document order, after one for the `heading` on `line` if there is one.

    `is_item` says that the blocks are a list item's.
    """
    reader = _UnitReader()
    if heading:
        reader.add(replace(_spelled([_Text(heading, line)]), is_title=True))
    if is_item:
        reader.read_item(blocks, None)
    else:
        reader.read(blocks, None)
    parents = {unit.parent for unit in reader.units}
    return tuple(
        # What stands below a label is its value: none is still to come.
        replace(unit, has_children=True, pending=() if unit.is_label else unit.pending) if place in parents else unit
        for place, unit in enumerate(reader.units)
    )


def joined(units: Sequence[Unit], more: Iterable[Unit]) -> tuple[Unit, ...]:
    """Return the units of a text and of one that follows it."""
    start = len(units)
    return *units, *(unit if unit.parent is None else replace(unit, parent=unit.parent + start) for unit in more)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of plain text as they are compared."""
    return tuple([word.text for word in _spelled([_Text(text, 1)]).words])


def without_cells(units: Iterable[Unit]) -> list[Unit]:
    """Return units without the ends of their cells: a table and a list of the same words become the same."""
    return [replace(unit.without({CELL_END}), pending=()) if unit.is_row else unit for unit in units]


class _Text(NamedTuple):
    """Text in one style; that of a line feed ends a line."""

    text: str
    line: int
    style: int = PLAIN
    """Whether it is struck out or aside."""
    is_strong: bool = False
    url: str = ""
    is_code: bool = False


_PICTURE = re.compile(r"<(?:img|image|svg|picture|video|audio)(?=[\s/>])", re.IGNORECASE)

IMAGE = "\ufffc"
"""The word that an image without words is."""

_APART = STRUCK | ASIDE | FOLDED | QUOTED
_OFF_LINE = RAISED | LOWERED


def _pieces(runs: Iterable[InlineRun]) -> Iterator[_Text]:
    """Yield the text of `runs`; a tag may end a line, an image is a word, other HTML nothing.

    Where a number goes on above or below the line is a mark, so that 4<sup>00</sup> is no 400 but 4^00. Text that is
    turned round stands between the characters that do the same.
    """
    last, now, url = "", PLAIN, ""
    for run in runs:
        text, _, style, target = run
        if style & HTML:
            if text == "\n" or ((tag := tag_of(text)) and (tag.is_block or tag.name == "br")):
                yield _Text("\n", run.line)
                last = ""
            elif _PICTURE.match(text):
                yield _Text(IMAGE, run.line, ASIDE)
            url = ""
            continue
        # Where a link is around an image with words, those are all there is to read.
        if target and not text and not url:
            text, style = IMAGE, style | ASIDE
        if text.isspace():
            style = style & ~TURNED | now & TURNED
        if (now ^ style) & TURNED:
            yield _Text(_TURN if style & TURNED else _TURN_BACK, run.line, style & _APART)
        if (now ^ style) & _OFF_LINE and _is_number_split(last, text, is_end=not style & _OFF_LINE):
            yield _Text("_" if (style | now) & LOWERED else "^", run.line, style & _APART)
        yield _Text(text, run.line, style & _APART, bool(style & STRONG), target, bool(style & CODE))
        last, now, url = text, style, target
    if now & TURNED:
        yield _Text(_TURN_BACK, run.line, now & _APART)


_TURN, _TURN_BACK = "\u202e", "\u202c"
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_NUMBER = re.compile(r"[-+\u2212]?[\d.,]*\d\s*")
_MOST_INDEX = 2
_INDEX = re.compile(rf"[^\W\d_]++\^\w{{1,{_MOST_INDEX}}}")
"""A power as it is typed where it says no more than without its sign: m^2 is m<sup>2</sup>."""


def _is_number_split(before: str, text: str, *, is_end: bool) -> bool:
    """Return whether it changes what is read that `text` is raised or lowered, or what is `before` it.

    It does not in m<sup>2</sup>, H<sub>2</sub>O and 1<sup>st</sup>, or where the line goes on with another word. A
    number behind a word is read as its power, or as a footnote.
    """
    if not before or not text or text[0].isspace():
        return False
    if before[-1].isspace():
        return not is_end and _NUMBER.fullmatch(text) is not None
    if is_end:
        return text[0].isdigit()
    name = before.rsplit(maxsplit=1)[-1]
    is_index = name.isalpha() and len(text) <= _MOST_INDEX
    return not is_index and not (name[-1].isdigit() and _ORDINAL.match(text))


def _by_line(pieces: Iterable[_Text]) -> list[list[_Text]]:
    lines: list[list[_Text]] = [[]]
    for piece in pieces:
        if piece.text == "\n":
            lines.append([])
        else:
            lines[-1].append(piece)
    return [line for line in lines if line]


_INVISIBLE = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x2060, 0x2066), *range(0x206A, 0x2070), 0xFE0E, 0xFE0F, 0xFEFF]
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_ASCII = str.maketrans(
    {
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        "\u2026": "...",
    }
)
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""The words that turn the direction of a text: one that comes in changes what the text says."""

_NOTE = r"\[\^(?:\d{1,3}|[a-z])\]"
_CONTROLS = "".join(sorted(CONTROLS))
# Written without spaces, so that wrapping adds white space: each sign is a word.
_WORD = re.compile(
    rf"https?://[^\s<>]*[^\s<>.,;:!?'\"\u201d\u2019)\]}}*_]|"
    rf"\#\d+|\.{{3}}|{_NOTE}|"
    rf"(?<!\S)-{{2,3}}(?!\S)|(?<=\w)-{{2,3}}(?=\w)|"  # a dash as typewriters wrote it; "--flag" has none
    rf"[{_CJK}]|"
    rf"[^\W{_CJK}]+(?:(?:(?!{_NOTE})[^\w\s\-{_DASHES}{_CONTROLS}])+[^\W{_CJK}]+)*|"  # 2.31, don't, a/b.log
    rf"\S"
)


_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
# Symbols of units, in which small and capital letters differ: "mW" and "MW", "Gb" and "GB".
_SYMBOL = re.compile(
    r"[mkgtnu\u00b5\u03bcp]?(?:[swbvjnkmgl]|hz|pa|ev|ib|bps)|[mkgtpe]i?(?:bits?|bytes?|flops?)", re.IGNORECASE
)
_NEGATIONS = frozenset({"no", "not", "never", "none", "nor", "neither", "without", "cannot", "nothing", "hardly"})


def folded(word: str, before: str = "") -> str:
    """Return a word in small letters, unless they may tell a unit or a symbol, as after the number `before`."""
    if not _LETTERS.fullmatch(word):
        return word
    is_article = word in {"a", "A", "i", "I"} and not before[-1:].isdigit()
    is_symbol = len(word) == 1 or _SYMBOL.fullmatch(word)
    return word.casefold() if is_article or not is_symbol else word


def _with_soft_marks(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return `words` with commas and quotes told apart from those that divide numbers or stand at a negation."""
    found = list(words)
    for place, word in enumerate(words):
        if word.text not in {",", '"', "'"} or word.is_code:
            continue
        before, after = (words[at].text if 0 <= at < len(words) else "" for at in (place - 1, place + 1))
        is_at_number = before[-1:].isdigit() and (word.text != "," or after[:1].isdigit())
        is_at_negation = any(text in _NEGATIONS or text.endswith("n't") for text in (before, after))
        if not is_at_number and not is_at_negation:
            found[place] = word._replace(is_soft=True)
    return tuple(found)


def _spelled(pieces: Iterable[_Text], column: int = 0) -> Unit:
    """Return a unit of what `pieces` say; its offsets count from `column`."""
    words: list[Word] = []
    texts: list[str] = []
    aside: list[int] = []
    quoted = PLAIN
    for line in _by_line(pieces):
        begun = len(words)
        for style, group in groupby(line, attrgetter("style")):
            struck, before, quoted = bool(style & STRUCK), len(words), quoted | style & QUOTED
            styled = list(group)  # a word may reach over several pieces
            parts = [
                piece.text if piece.text.isascii() else unicodedata.normalize("NFC", piece.text.translate(_INVISIBLE))
                for piece in styled
            ]
            text, ends = "".join(parts), list(accumulate(map(len, parts)))
            has_power = "^" in text
            for match in _WORD.finditer(text):
                start, end = match.span()
                said = match[0] if text.isascii() else match[0].translate(_ASCII)
                said = "-" if said in {"--", "---"} else said
                if has_power and _INDEX.fullmatch(said):
                    said = said.replace("^", "")
                small = folded(said, words[-1].text if words else "")
                piece = styled[bisect_right(ends, start)]
                is_first = len(words) == begun
                place = column + start, column + end
                exact = said if small != said else ""
                words.append(Word(small, styled[0].line, *place, struck, is_first, piece.url, exact, piece.is_code))
            if style & (ASIDE | FOLDED):
                aside += range(before, len(words))
            texts.append(text)
            column += len(text)
        texts.append(" ")
        column += 1
    if all(word.text == IMAGE for word in words):  # a picture of its own may come, go and be given words
        words, aside = [], []
    marked, first, key = _with_soft_marks(words), words[0].line if words else 0, _key(words, aside)
    return Unit("".join(texts), marked, key, first, is_quoted=bool(quoted), aside=frozenset(aside))


def _key(words: Iterable[Word], aside: Collection[int] = ()) -> str:
    marked = ["~" + word.text if word.is_struck else word.text for word in words]
    for place in aside:
        if marked[place] != IMAGE:
            marked[place] = f"({marked[place]})"
    return " ".join(marked)


_LABEL = re.compile(r"[^\W\d_][^:\n]{0,59}?:(?=\s|$)")
_KNOWN = frozenset(vocabulary.FIELDS.values())


def _label(text: str) -> str:
    match = _LABEL.match(text.lstrip(" ("))
    return match[0] if match and match[0].count(" ") <= 6 else ""


def _is_field(line: Sequence[_Text]) -> bool:
    """Return whether a paragraph's line is a field: its name is set in bold, or is known."""
    label = _label("".join(piece.text for piece in line))
    return bool(label) and (line[0].is_strong or vocabulary.field_key(label[:-1]) in _KNOWN)


_DRAWN = frozenset({"mermaid", "geojson", "topojson", "stl"})
"""Blocks of code that GitHub draws."""
_PROMPT = re.compile(r"\A(?:\s*+\$\s++)+")
_EXACT = frozenset({"command", "commit", "config", "job", "run", "artifacts", "id"})
"""Fields whose values are for a machine, in which capital and small letters differ."""
_MOST_DETAILS = 20
_BOLD_LEVEL = 7
"""A bold line heads what follows it, below any heading."""


def _is_bold(block: Block) -> bool:
    """Return whether a block is a paragraph of one line, all of it bold: a heading in all but name."""
    said = [run for run in block.runs if not run.style & HTML and (run.text == "\n" or run.text.strip(" :."))]
    return block.kind == BlockKind.PARAGRAPH and bool(said) and all(run.style & STRONG for run in said)


def _folded_away(block: Block, left: deque[Block]) -> list[Block]:
    """Take the blocks from `left` that the HTML of `block` folds away with ``<details>``, and return them."""
    depth = _opened(block)
    inside: list[Block] = []
    while depth > 0 and left:
        inside.append(left.popleft())
        depth += _opened(inside[-1])
    return inside


def _opened(block: Block) -> int:
    """Return how many more ``<details>`` a block of HTML opens than it closes."""
    tags = (tag_of(run.text) for run in block.runs if run.style & HTML) if block.kind == BlockKind.HTML else ()
    return sum(-1 if tag.is_end else 1 for tag in tags if tag and tag.name == "details")


class _UnitReader:
    """Collects units; each knows the position of its parent."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self._quotes = 0
        self._details = 0

    def add(self, unit: Unit, parent: int | None = None) -> int | None:
        """Add a unit and return its position; one without words is not added."""
        if not unit.words:
            return parent
        self.units.append(replace(unit, parent=parent, is_quoted=unit.is_quoted or self._quotes > 0))
        return len(self.units) - 1

    def read(self, blocks: Iterable[Block], parent: int | None) -> None:
        """Read blocks in order; those below a sub-heading or a bold line, or right after a label, belong to it."""
        open_heads: list[tuple[int, int | None]] = [(0, parent)]
        label: int | None = None
        left = deque(blocks)
        while left:
            block = left.popleft()
            if block.kind == BlockKind.HTML and self._details < _MOST_DETAILS and (inside := _folded_away(block, left)):
                self._read_details(block, inside, open_heads[-1][1] if label is None else label)
                label = None
                continue
            level = block.level if block.kind == BlockKind.HEADING else _BOLD_LEVEL if _is_bold(block) else 0
            if level:
                while open_heads[-1][0] >= level:
                    open_heads.pop()
                open_heads.append((level, self._head(block, open_heads[-1][1])))
                label = None
            elif block.kind == BlockKind.PARAGRAPH:
                label = self._paragraph(block.runs, open_heads[-1][1] if label is None else label)
            else:
                before = len(self.units)
                self._other(block, open_heads[-1][1] if label is None else label)
                label = label if len(self.units) == before else None

    def _head(self, block: Block, parent: int | None) -> int | None:
        """Read a heading or a bold line; return its position."""
        if block.kind == BlockKind.HEADING:
            return self.add(replace(_spelled(_pieces(block.runs)), is_title=True), parent)
        before = len(self.units)
        self._paragraph(block.runs, parent)
        if len(self.units) == before:
            return parent
        self.units[before] = replace(self.units[before], is_title=True, is_prose=False)
        return before

    def _read_details(self, block: Block, inside: Sequence[Block], parent: int | None) -> None:
        """Read what is folded away: it belongs to its summary."""
        ends = (place for place, run in enumerate(block.runs, 1) if run.text.lower().startswith("</summary"))
        end = next(ends, 0)
        if end:
            before = len(self.units)
            self._paragraph(block.runs[:end], parent)
            if len(self.units) > before:
                self.units[before] = replace(self.units[before], is_title=True, is_prose=False)
                parent = before
        self._paragraph(block.runs[end:], parent)
        self._details += 1
        self.read(inside, parent)
        self._details -= 1

    def _other(self, block: Block, parent: int | None) -> None:
        if block.kind == BlockKind.TABLE:
            self._table(block, parent)
        elif block.kind == BlockKind.ROW:
            self.add(_row(block), parent)
        elif block.kind == BlockKind.CODE:
            self._code(block, parent)
        elif block.kind == BlockKind.HTML:
            self._paragraph(block.runs, parent)
        elif block.kind == BlockKind.ITEM:
            before = len(self.units)
            self.read_item(block.blocks, parent)
            if len(self.units) > before:
                box = f"[{block.checked.lower()}]" if block.checked else ""
                unit = self.units[before]
                number = f"{block.info} {unit.number}".strip()
                self.units[before] = replace(unit, number=number, box=box + unit.box)
        elif block.kind == BlockKind.FOOTNOTE:  # shown at the end of the page, or nowhere
            start = len(self.units)
            self.read(block.blocks, parent)
            self.units[start:] = [unit.put_aside() for unit in self.units[start:]]
        else:
            self._quotes += block.kind == BlockKind.QUOTE
            self.read(block.blocks, parent)
            self._quotes -= block.kind == BlockKind.QUOTE

    def read_item(self, blocks: Sequence[Block], parent: int | None) -> None:
        """Read a list item: what follows its own text belongs to that."""
        rest = list(blocks)
        if rest and rest[0].kind == BlockKind.PARAGRAPH:
            before = len(self.units)
            self._paragraph(rest.pop(0).runs, parent, is_item=True)
            parent = before if len(self.units) > before else parent
        self.read(rest, parent)

    def _paragraph(self, runs: Iterable[InlineRun], parent: int | None, *, is_item: bool = False) -> int | None:
        """Read a paragraph; return the position of its last unit if that is a label for what follows."""
        place, lines = None, _by_line(_pieces(runs))
        are_fields = len(lines) > 1 and all(_label("".join(piece.text for piece in line)) for line in lines)
        parts: list[list[_Text]] = [[]]
        for line in lines:
            if parts[-1] and (are_fields or _is_field(line)):
                parts.append([])
            parts[-1] += [*line, _Text("\n", line[-1].line)]
        for part in parts:
            unit = _spelled(part)
            # What follows a label, or a heading with the name of a field, is its value.
            above = self.units[parent].text.strip() if parent is not None and parent == len(self.units) - 1 else ""
            is_value = above.endswith(":") or vocabulary.field_key(above) in vocabulary.ENTRY_FIELDS
            is_field = bool(part) and _is_field(part)
            ranges = _pending(unit, is_field=is_item or is_field, is_value=is_value)
            unit = replace(unit, pending=ranges, is_prose=not (is_item or is_field or are_fields or unit.is_label))
            label = _label(unit.text) if is_item or is_field or are_fields else ""
            exact = unit.text.find(label) + len(label) if vocabulary.field_key(label[:-1]) in _EXACT else 0
            if exact or vocabulary.field_key(above.rstrip(": ")) in _EXACT:
                words = [word._replace(is_code=True, is_soft=False) for word in unit.words if word.start >= exact]
                unit = replace(unit, words=(*unit.words[: len(unit.words) - len(words)], *words))
            place = self.add(unit, parent)
        return place if place is not None and self.units[place].text.rstrip().endswith(":") else None

    def _table(self, block: Block, parent: int | None) -> None:
        for row in block.blocks:
            is_header = row is block.blocks[0]
            place = self.add(replace(_row(row), is_title=is_header), parent)
            parent = place if is_header else parent

    def _code(self, block: Block, parent: int | None) -> None:
        """Read code: a line that a backslash continues is one with the next."""
        rows = block.literal.split("\n")
        first = block.line + (block.end_line - block.line >= len(rows) - (not rows[-1]))
        is_drawn = block.info.partition(" ")[0].lower() in _DRAWN
        style = block.style & (STRUCK | ASIDE | QUOTED) | (ASIDE if is_drawn else PLAIN)
        is_folded = bool(block.style & FOLDED)
        part: list[_Text] = []
        for line, row in enumerate(rows, first):
            continues = row.endswith("\\")
            said = row if part else _PROMPT.sub("", row)
            part += [_Text(said.removesuffix("\\"), line, style), _Text("\n", line)]
            if not continues:
                parent = self._code_line(part, parent, is_drawn=is_drawn, is_folded=is_folded)
                part = []
        self._code_line(part, parent, is_drawn=is_drawn, is_folded=is_folded)

    def _code_line(self, part: Sequence[_Text], parent: int | None, *, is_drawn: bool, is_folded: bool) -> int | None:
        unit = _spelled(part)
        key = f"({unit.key})" if is_folded else unit.key
        return self.add(replace(unit, key=key, is_code=not is_drawn, is_folded=is_folded), parent)


def _row(block: Block) -> Unit:
    words: list[Word] = []
    aside: set[int] = set()
    texts: list[str] = []
    ranges: list[tuple[int, int]] = []
    column = 0
    for cell in block.blocks:
        unit = _spelled(_pieces(cell.runs), column)
        if not unit.words or _is_to_come("", unit.text.strip()):
            ranges.append((len(words), len(words) + len(unit.words)))
        aside.update(len(words) + place for place in unit.aside)
        column += len(unit.text)
        end = Word(CELL_END, block.line, column, column, is_struck=False, is_first=False, url="")
        words += [*unit.words, end]
        texts += [unit.text, "| "]
        column += 2
    has_text = any(word.text != CELL_END for word in words)
    key, line = _key(words, aside), block.line
    all_words = tuple(words) if has_text else ()
    return Unit("".join(texts), all_words, key, line, pending=tuple(ranges), aside=frozenset(aside))


def _pending(unit: Unit, *, is_field: bool, is_value: bool) -> tuple[tuple[int, int], ...]:
    """Return the range of words that are a value still to come."""
    length = len(unit.words)
    text = unit.text.strip()
    if is_pending(text) and (is_placeholder(text) or (is_value and _is_to_come("", text))):
        return ((0, length),)
    label = _label(unit.text) if is_field else ""
    stop = unit.text.find(label) + len(label)
    key, value = vocabulary.field_key(label[:-1]), unit.text[stop:]
    if not label:
        return ()
    first = sum(word.start < stop for word in unit.words)
    if _is_to_come(key, value.strip()):
        return ((first, length),)
    head = pending_phrase(value) if key != "next-action" else None
    if head and (head["note"] or head["noun"]) and _NOTED.match(value, head.end()):
        # "pending; the first try diverged": the value is still to come, and what is noted beside it stays.
        return ((first, sum(word.start < stop + head.end() for word in unit.words)),)
    return ()


_NOTED = re.compile(r"[\s_*`]*+[;,.(\u2013\u2014-]")


_PROSE = frozenset({"hypothesis", "interpretation", "conclusion", "decision", "command", "next-action"})
_ASIDE = re.compile(r"[(\[][^()\[\]]*[)\]]|\s[-\u2013\u2014]{1,3}\s.*\Z", re.DOTALL)
_CIRCUMSTANCE = re.compile(rf"\W*+(?:(?:{vocabulary.CIRCUMSTANCES})\b|\Z)", re.IGNORECASE)
_CLAUSE = re.compile(
    rf"[,.:;!?]\W{{0,4}} \W{{0,4}}\w|"
    rf"\b(?:{vocabulary.VERBS}|be|been|will|would|should|but|and|so|because|that|which|never)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 5
_LONGEST = 120
_MOST_ASIDE_WORDS = 12


def _is_to_come(key: str, value: str) -> bool:
    """Return whether the value of a field is still to come, so that whatever comes may replace it.

    That is nothing, or a placeholder and at most five words that are no clause, not counting asides of up to twelve
    words: "pending launch validation", "running on v5p-8 (see job 12)". No word follows "empty", and only a
    circumstance "running". All else is prose that somebody wrote, and so are words that say how something came out.
    """
    head = pending_phrase(value)
    if not head:
        is_open = key == "result" and says_not_applicable(value) and is_none(vocabulary.without_asides(value))
        return not value or is_pending(value) or is_open
    if not is_pending(value) or (head["plan"] and key != "result"):
        return False
    rest = value[head.end() :]
    if _says_outcome(rest) or any(len(aside.split()) > _MOST_ASIDE_WORDS for aside in _ASIDE.findall(rest)):
        return False
    rest = " ".join(_ASIDE.sub(" ", rest).split())
    if not re.search(r"\w", rest):
        return True
    says_more = (key in _PROSE and head["state"]) or key == "next-action" or head["future"] or head["alone"]
    if says_more or len(rest) > _LONGEST or len(rest.split()) > _MOST_WORDS or _CLAUSE.search(rest):
        return False
    return bool(head["note"] or head["noun"] or _CIRCUMSTANCE.match(rest))


_OUTCOME = re.compile(
    r"\b(?:fell|rose|grew|g[oa]ve|went|hurts?|helps?|w[io]ns?|los[te]s?|beats?|worse|better|fails?|failing|failures?|"
    r"crash(?:es)?|diverges?|divergence|converges?|regress(?:es)?|regressions?|improves?|bad|poor|stuck|errors?|oom|nan|bugs?|broken?|wrong|\w\w+ed)\b",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"\d[\d.,:]*\s?(?:h|hrs?|hours?|m|min|mins|minutes?|s|sec|seconds?|d|days?|weeks?|%)\b", re.IGNORECASE
)
_UNDER_WAY = frozenset(
    {"started", "restarted", "queued", "submitted", "launched", "scheduled", "resumed", "expected", "requested"}
    | {"needed", "delayed", "planned", "estimated", "reserved", "allocated", "assigned", "preempted", "speed", "seed"}
)


def _says_outcome(aside: str) -> bool:
    """Return whether words beside a placeholder say how something came out, and not only how it is under way."""
    is_measured = vocabulary.is_measured(_DURATION.sub(" ", aside))
    return is_measured or any(word.casefold() not in _UNDER_WAY for word in _OUTCOME.findall(aside))
