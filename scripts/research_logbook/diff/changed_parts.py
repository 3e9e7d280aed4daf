"""Two versions of a text, cut down to what differs between them, with what says how that is read.

A logbook of 200 kB grows by hundreds of versions, each of which changes a page of it. To parse them all in full takes
minutes; to compare each with the next by the changed parts alone takes as long as these are.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
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
_DEFINITION = re.compile(r"\n {0,3}\[(?!\^)[^\]\n]+\]:")
"""Of the target of a link: it may stand anywhere, and says how others are read."""


class TextPart(NamedTuple):
    """A heading with the text up to the next one, or an item of a long list."""

    level: int
    """That of its heading; 0 for what stands before the first."""
    title: str
    text: str
    """Without the blank lines that end it."""


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


class Difference(NamedTuple):
    """What differs between two versions of a text, as two texts of their own; both are empty where nothing does."""

    old: str
    new: str


def difference(old: Sequence[TextPart], new: Sequence[TextPart], *, with_additions: bool = True) -> Difference:
    """Return what differs, with the headings above, the neighbours, and the start, which says what the file is.

    Both are empty where whole parts were put in and nothing else is read in another way for it. Without additions,
    parts are left out that stand in the place of no older ones.
    """
    sides = old, new
    texts = [[part.text for part in side] for side in sides]
    pairs = align(*texts)
    changed = [{*range(len(side))} - {pair[place] for pair in pairs} for place, side in enumerate(sides)]
    if not any(changed):
        return Difference("", "")
    if any(_DEFINITION.search(f"\n{texts[side][place]}") for side in (0, 1) for place in changed[side]):
        return Difference(*("\n\n".join(side) for side in texts))
    above = [_headings_above(side) for side in sides]
    are_headings_changed = any(sides[side][place].level < _ITEM_LEVEL for side in (0, 1) for place in changed[side])
    # What is below other headings than before is read in another way.
    elsewhere = [
        (i, j)
        for i, j in (pairs if are_headings_changed else ())
        if [old[head][:2] for head in above[0][i]] != [new[head][:2] for head in above[1][j]]
    ]
    if not changed[0] and not elsewhere:
        return Difference("", "")
    if not with_additions:
        whole = Gap(range(len(old)), range(len(new)))
        changed[1] = {place for gap in gaps(pairs, whole) if gap.old for place in gap.new}
    # What stands on either side of a change says where it is.
    near = [{place + step for place in places for step in (-1, 1)} for places in changed]
    kept = [(i, j) for i, j in pairs if i in near[0] or j in near[1] or _is_about_the_file(i, j, old[i].title)]
    return Difference(
        *(
            "\n\n".join(
                texts[side][it] for it in sorted({*wanted, *(head for place in wanted for head in above[side][place])})
            )
            for side, wanted in enumerate(
                changed[side] | {pair[side] for pair in (*kept, *elsewhere)} for side in (0, 1)
            )
        )
    )


def _is_about_the_file(i: int, j: int, title: str) -> bool:
    return min(i, j) < 2 or vocabulary.section_name(title) in vocabulary.HEADER_SECTIONS


def _headings_above(parts: Sequence[TextPart]) -> list[tuple[int, ...]]:
    """Return for each part the ones whose headings it stands below."""
    found: list[tuple[int, ...]] = []
    above: tuple[int, ...] = ()
    for place, part in enumerate(parts):
        while above and parts[above[-1]].level >= part.level:
            above = above[:-1]
        found.append(above)
        above = (*above, place)
    return found
