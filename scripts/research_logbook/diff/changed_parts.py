"""Two versions of a text, cut down to what differs between them, with what says how that is read.

A logbook of 200 kB grows by hundreds of versions, each of which changes a page of it. To parse them all in full takes
minutes; to compare each with the next by the changed parts alone takes as long as these are.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from research_logbook.diff.patience_diff import Gap, align, gaps
from research_logbook.logbook import vocabulary

_TOKEN = re.compile(
    r"""\n(?:
    [ ]{0,3}(?P<heading>\#{1,6})(?=[ \t\n])(?P<title>[^\n]*)
    |(?P<indent>(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)(?P<fence>`{3,}(?=[^`\n]*\n)|~{3,})
    |[ ]{0,3}<(?P<html>[a-zA-Z/!?][^\s>]{0,20})
    |[ ]{0,3}(?P<underline>=+|-+)[ \t]*(?=\n)
    )""",
    re.VERBOSE,
)
_FRONT_MATTER = re.compile(r"\n---[ \t]*\n(?:[^\n]*\n)*?---[ \t]*(?=\n)")
_BLANK = re.compile(r"\n[ \t]*(?=\n)")
_HTML_ENDS = {"!--": re.compile("-->"), "?": re.compile(r"\?>"), "![CDATA[": re.compile("]]>")}
_VERBATIM = re.compile(r"(?:script|pre|style|textarea)$", re.IGNORECASE)
_NO_PARAGRAPH = re.compile(r"[ \t]*(?:[#>|<`~]|(?:[-*+]|\d{1,9}[.)])[ \t])")
_ITEM = re.compile(r"\n(?=(?:[-*+]|\d{1,9}[.)])[ \t]+\S|\*\*|__)")
_FENCE = re.compile(r"\n[ \t>]*(?:`{3,}|~{3,})")
_LONGEST_TITLE = 1_000
_LARGE = 4_000
"""Characters below one heading from which its bullets are parts of their own: a log may consist of nothing else."""
_ITEM_LEVEL = 7
"""Of a bullet or a bold line: below every heading."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DEFINITION = re.compile(r"\n {0,3}\[(?!\^)[^\]\n]+\]:")
"""Of the target of a link: it may stand anywhere, and says how others are read."""


class TextPart(NamedTuple):
    """A heading with the text up to the next one, or an item of a long list."""

    level: int
    """That of its heading; 0 for what stands before the first."""
    title: str
    text: str
    """Without the blank lines that end it."""


@lru_cache(maxsize=4)  # versions are compared each with the next
def parts_of(text: str) -> tuple[TextPart, ...]:
    """Return the parts of a text, which together are all of it; a heading in code or HTML begins none.

    Source: CommonMark 0.31, sections 4.2 to 4.6.
    """
    lines = f"\n{text}\n"
    found: list[TextPart] = []
    for (start, level, title), (stop, _, _) in pairwise([(0, 0, ""), *_headings(lines), (len(lines), 0, "")]):
        part = TextPart(level, title, lines[start:stop].strip("\n").rstrip())
        found += [part] if stop - start < _LARGE else _divided(part)
    return tuple(found)


def _headings(lines: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, level and title of the headings in lines that each begin with their line break."""
    front = _FRONT_MATTER.match(lines)
    at = front.end() if front else 0
    while token := _TOKEN.search(lines, at):
        at = token.end()
        if token["heading"]:
            yield token.start(), len(token["heading"]), token["title"].strip(" \t#")
        elif token["fence"]:
            at = _after_code(lines, token)
        elif token["html"]:
            at = _after_html(lines, token)
        else:
            before = max(0, token.start() - _LONGEST_TITLE)
            blanks = [blank.end() for blank in _BLANK.finditer(lines, before, token.start())]
            start = blanks[-1] if blanks else 0
            paragraph = lines[start + 1 : token.start()]
            if (blanks or not before) and paragraph and not _NO_PARAGRAPH.match(paragraph):
                yield start, 1 if token["underline"][0] == "=" else 2, " ".join(paragraph.split())


def _after_code(lines: str, token: re.Match[str]) -> int:
    """Return where a block of code ends; one in a list ends with that, whether it is closed or not."""
    fence, indent = token["fence"], len(token["indent"])
    outside = rf"|[ ]{{0,{min(indent, 4) - 1}}}(?P<outside>\#{{1,6}}[ \t])" if indent > 1 else ""
    end = re.compile(rf"\n(?:[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*(?=\n){outside})").search(
        lines, token.end()
    )
    if end is None:
        return len(lines)
    return end.start() if outside and end["outside"] else end.end()


def _after_html(lines: str, token: re.Match[str]) -> int:
    """Return where a block of HTML ends."""
    name = token["html"]
    ends = (end for start, end in _HTML_ENDS.items() if name.startswith(start))
    if _VERBATIM.match(name):
        end = re.compile(f"</{name}>", re.IGNORECASE).search(lines, token.end())
    else:
        end = next(ends, _BLANK).search(lines, token.end())
    # The rest of the line on which it ends belongs to it.
    return lines.find("\n", end.end()) if end and end.re is not _BLANK else end.start() if end else len(lines)


def _divided(part: TextPart) -> Iterator[TextPart]:
    """Yield a long part in pieces: its beginning, and then each of its bullets and bold lines that is not in code."""
    text = f"\n{part.text}"
    code = sorted(match.start() for match in _FENCE.finditer(text))
    starts, passed = [0], 0
    for item in _ITEM.finditer(text, _LARGE // 2):
        while passed < len(code) and code[passed] < item.start():
            passed += 1
        if passed % 2 == 0:
            starts.append(item.start())
    for start, stop in pairwise([*starts, len(text)]):
        piece = text[start:stop].strip("\n").rstrip()
        yield TextPart(_ITEM_LEVEL, "", piece) if start else part._replace(text=piece)


def is_begun_with(text: str, old: str) -> bool:
    """Return whether a text is an older one and then more blocks, none of which says how those before are read."""
    if not text.startswith(old):
        return False
    added = text[len(old) :]
    if not added.strip():
        return True
    is_apart = old.endswith("\n\n") or added.startswith("\n\n")
    if not is_apart and (old.endswith("\n") or added.startswith("\n")):
        line = f"\n{added.removeprefix(chr(10))}\n"
        is_apart = any(pattern.match(line) for pattern in (_BLANK, _ITEM)) or bool(
            (token := _TOKEN.match(line)) and token["heading"]
        )
    return is_apart and not _DEFINITION.search(f"\n{added}")


_TO_COME = re.compile(r"([ \t]*[-*+][ \t]+\**[A-Z][\w /-]{0,40}:\**[ \t]+)(?:[Pp]ending|TBD)\.?[ \t]*")
_PLAIN = re.compile(r"[\w .,;:%+()/=-]+")
_MOST_FILLED_IN = 4


def is_filled_in(new: str, old: str) -> bool:
    """Return whether a text begins with an older one in which plain values took the place of pending ones.

    That is how a log grows while experiments run, and it can be told from the lines alone.
    """
    for _ in range(_MOST_FILLED_IN):
        start = old.rfind("\n", 0, _same_until(old, new)) + 1
        was, now = (text[start:].partition("\n")[0] for text in (old, new))
        field = _TO_COME.fullmatch(was)
        in_code = old.count("```", 0, start) % 2 or "~~~" in old
        if not field or in_code or not now.startswith(field[1]) or not _PLAIN.fullmatch(now, field.end(1)):
            return False
        old = old[:start] + now + old[start + len(was) :]
        if is_begun_with(new, old):
            return True
    return False


def _same_until(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


class Difference(NamedTuple):
    """What differs between two versions of a text, as two texts of their own; both are empty where nothing does."""

    old: str
    new: str


def difference(old: Sequence[TextPart], new: Sequence[TextPart], *, with_additions: bool = True) -> Difference:
    """Return what differs, with the headings above, the neighbours, and the start, which says what the file is.

    Both are empty where whole parts were put in and nothing else is read in another way for it. Without additions,
    parts are left out that take the place of no older ones.
    """
    hunks, shared = _compared(old, new)
    differing = [part for hunk in hunks for part in (*_cut(old, hunk.old), *_cut(new, hunk.new))]
    if any(_DEFINITION.search(f"\n{part.text}") for part in differing):
        return Difference(*("\n\n".join(part.text for part in side) for side in (old, new)))
    # What is below other headings than before is read in another way.
    shifting = [hunk for hunk in hunks if _shifts_headings(hunk, old, new)]
    titles_of = [_titles(parts) for parts in (old, new)] if shifting else []
    elsewhere = [pair for pair in shared() if titles_of[0][pair[0]] != titles_of[1][pair[1]]] if shifting else []
    if not elsewhere and not any(hunk.old for hunk in hunks):
        return Difference("", "")
    near, changed = list[tuple[int, int]](), (set[int](), set[int]())
    for hunk in hunks:
        changed[0].update(hunk.old)
        titles = {part.title for part in _cut(old, hunk.old)}
        is_told = titles <= {part.title for part in _cut(new, hunk.new)}
        is_whole = with_additions or hunk in shifting or (titles and not is_told)
        changed[1].update(place for place in hunk.new if is_whole or new[place].title in titles)
        near += [(hunk.old.start - 1, hunk.new.start - 1), (hunk.old.stop, hunk.new.stop)]
    about = [pair for pair in shared() if _is_about_the_file(old[pair[0]], min(pair))]
    texts = []
    for side, (parts, own) in enumerate(zip((old, new), changed, strict=True)):
        inside = {*own, *(pair[side] for pair in (*elsewhere, *about))}
        # What stands on either side of a change says where it is.
        beside = {pair[side] for pair in near if 0 <= pair[side] < len(parts)} - inside
        above = {head for place in inside | beside for head in _above(parts, place)}
        shown = {place: _heading_of(parts[place]) for place in beside - above}
        texts.append("\n\n".join(shown.get(it, parts[it].text) for it in sorted(inside | beside | above)))
    return Difference(*texts)


def _compared(
    old: Sequence[TextPart], new: Sequence[TextPart]
) -> tuple[list[Gap], Callable[[], Iterator[tuple[int, int]]]]:
    """Return where parts differ, and what yields the pairs of those that do not."""
    shorter = min(len(old), len(new))
    start = next((it for it in range(shorter) if old[it].text != new[it].text), shorter)
    end = next((it for it in range(shorter - start) if old[-1 - it].text != new[-1 - it].text), shorter - start)
    middle = Gap(range(start, len(old) - end), range(start, len(new) - end))
    texts = ([part.text for part in _cut(parts, within)] for parts, within in ((old, middle.old), (new, middle.new)))
    pairs = [(start + i, start + j) for i, j in align(*texts)]
    hunks = [hunk for hunk in gaps(pairs, middle) if hunk.old or hunk.new]
    last = zip(range(len(old) - end, len(old)), range(len(new) - end, len(new)), strict=True)
    rest = tuple(last)
    return hunks, lambda: chain(((it, it) for it in range(start)), pairs, rest)


def _cut(parts: Sequence[TextPart], within: range) -> Sequence[TextPart]:
    return parts[within.start : within.stop]


def _shifts_headings(hunk: Gap, old: Sequence[TextPart], new: Sequence[TextPart]) -> bool:
    """Return whether what follows may stand below other headings than before."""
    within = _cut(old, hunk.old), _cut(new, hunk.new)
    sides = [[part[:2] for part in parts if part.level < _ITEM_LEVEL] for parts in within]
    if sides[0] == sides[1] or hunk.old.stop == len(old):
        return False
    following = old[hunk.old.stop].level
    return hunk.old.start < 2 or any(level < following for side in sides for level, _ in side)


def _is_about_the_file(part: TextPart, place: int) -> bool:
    is_header = part.level < _ITEM_LEVEL and vocabulary.section_name(part.title) in vocabulary.HEADER_SECTIONS
    return place < 2 or is_header


def _above(parts: Sequence[TextPart], place: int) -> Iterator[int]:
    """Yield the parts whose headings a part stands below, the nearest first."""
    level = parts[place].level
    while place and level > 1:
        place -= 1
        if 0 < parts[place].level < level:
            level = parts[place].level
            yield place


def _titles(parts: Sequence[TextPart]) -> list[tuple[tuple[int, str, bool], ...]]:
    """Return the headings above each part; the first one of a file may be its title."""
    found: list[tuple[tuple[int, str, bool], ...]] = []
    above: tuple[tuple[int, str, bool], ...] = ()
    for place, part in enumerate(parts):
        while above and above[-1][0] >= part.level:
            above = above[:-1]
        found.append(above)
        if part.level < _ITEM_LEVEL:
            above = (*above, (*part[:2], place == 1))
    return found


def _heading_of(part: TextPart) -> str:
    """Return a part that did not change: of an entry, its heading is enough to tell where it is."""
    return part.text.partition("\n")[0] if part.level < _ITEM_LEVEL and _DATE.search(part.title) else part.text
