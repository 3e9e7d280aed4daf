"""Two versions of a logbook put together: entries one by one, and the new ones in the order of their dates.

Source: gitattributes(5), "Defining a custom merge driver".
"""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from research_logbook.instrument.entry_text import end_of, place_of
from research_logbook.instrument.style import grows_at_top, is_rule
from research_logbook.logbook import parse
from research_logbook.logbook.model import Entry, Logbook

Merge = Callable[[str, str, str], tuple[str, bool]]
"""Merges the lines of two texts that go back to the first; also returns whether that went without conflict."""


class Merged(NamedTuple):
    """What became of two versions."""

    text: str
    is_clean: bool
    twice: tuple[str, ...] = ()
    """IDs that an entry of each side took."""


@dataclass(slots=True)
class _Added:
    """An entry that only one version has, at the growing end of its log."""

    entry: Entry
    text: str
    gap: list[str]
    """The lines that part it from the older ones."""

    @property
    def moment(self) -> tuple[str, tuple[str, ...]]:
        """What orders entries: their dates, and on one day their IDs."""
        when = self.entry.when
        return (f"{when.date or ''} {when.time or ''}" if when else "9", self.entry.ids)


@dataclass(slots=True)
class _Version:
    """A version of a logbook, taken apart."""

    frame: list[str]
    """Its lines, with one line for each entry that the older version has too, and none for those that it added."""
    texts: dict[str, str]
    """Those entries, by that line."""
    added: list[_Added] = field(default_factory=list)
    """Oldest first."""


def merged(base: str, ours: str, theirs: str, merge: Merge) -> Merged:
    """Return two versions of a logbook as one.

    Each entry is merged by itself, and so is what stands around them; lines as git merges them. What both sides changed
    stays a conflict, with marks.
    """
    books = [book for text in (base, ours, theirs) if isinstance(book := parse("logbook", text.encode()), Logbook)]
    by_lines = Merged(*merge(base, ours, theirs))
    if len(books) < 3 or any(mark in text for text in (base, ours, theirs) for mark in ("\n<<<<<<<", _MARK)):
        return by_lines
    is_newest = grows_at_top(max(books, key=lambda book: len(book.everything)))
    versions = [_taken_apart(books[0], book, is_newest=is_newest) for book in books]
    old, one, other = versions
    if any(version.texts.keys() != old.texts.keys() for version in versions):  # an entry is gone, or has another name
        return by_lines
    for version in (one, other):
        if _said(version.frame) == _said(old.frame):
            version.frame = old.frame
    frame, is_clean = merge(*("\n".join(version.frame) for version in versions))
    if not is_clean and (both := _with_both(frame, old.frame)):
        frame, is_clean = both, True
    entries = {}
    for name, text in old.texts.items():
        entries[name], is_merged = _entry_merged(text, one.texts[name], other.texts[name], merge)
        is_clean = is_clean and is_merged
    lines, (added, twice) = frame.split("\n"), _together(one.added, other.added)
    places = [at for at, line in enumerate(lines) if line in entries]
    if added and not places:
        book = parse("logbook", frame.encode())
        if not is_clean or not isinstance(book, Logbook):
            return by_lines
        place = place_of(book)
        places = [len(lines) if place is None else place - 1]
    if added and is_newest:
        rows = [row for it in reversed(added) for row in (*it.text.split("\n"), *it.gap)]
        lines[places[0] : places[0]] = rows
    elif added:
        rows = [row for it in added for row in (*it.gap, *it.text.split("\n"))]
        lines[places[-1] + 1 : places[-1] + 1] = rows
    text = "\n".join(entries.get(line, line) for line in lines)
    return Merged(text if text.endswith("\n") else f"{text}\n", is_clean, twice)


_MARK = "\ue000"
"""A character for private use, around the name of an entry."""


def _taken_apart(old: Logbook, book: Logbook, *, is_newest: bool) -> _Version:
    """Take a version apart, by the entries that an older one has."""
    lines, names = book.text.split("\n"), _names(old, book)
    known = [place for place, name in enumerate(names) if name]
    # Only what stands at the growing end is added; what stands elsewhere is a part of the frame.
    added = range(min(known, default=len(names))) if is_newest else range(max(known, default=-1) + 1, len(names))
    version, at = _Version([], {}), 0
    for place, (entry, name) in enumerate(zip(book.everything, names, strict=True)):
        start, end = entry.span.line - 1, end_of(entry, lines)
        text, first, last = "\n".join(lines[start:end]), start, end
        if place in added:
            while is_newest and last < len(lines) and _is_gap(lines[last]):
                last += 1
            while not is_newest and first > at and _is_gap(lines[first - 1]):
                first -= 1
            version.added.append(_Added(entry, text, lines[end:last] if is_newest else lines[first:start]))
        if name:
            version.texts[name] = text
        if name or place in added:
            version.frame += [*lines[at:first], *([name] if name else [])]
            at = last
    version.frame += lines[at:]
    if is_newest:
        version.added.reverse()
    return version


def _names(old: Logbook, book: Logbook) -> list[str]:
    """Return a name for each entry of a version that an older one has, by its heading or its IDs; else empty."""
    names = [""] * len(book.everything)
    left = {f"{_MARK}{number}{_MARK}": entry for number, entry in enumerate(old.everything)}
    ways: tuple[Callable[[Entry], Hashable], ...] = (lambda entry: entry.heading, lambda entry: entry.heading_ids)
    for of_entry in ways:
        open_names: defaultdict[Hashable, list[str]] = defaultdict(list)
        for name, entry in left.items():
            open_names[of_entry(entry)].append(name)
        for place, entry in enumerate(book.everything):
            same = of_entry(entry)
            if same and not names[place] and open_names[same]:
                names[place] = open_names[same].pop(0)
                del left[names[place]]
    return names


def _is_gap(line: str) -> bool:
    return not line.strip() or is_rule(line)


def _said(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if not _is_gap(line)]


_CONFLICT = re.compile(r"^<{7,}.*\n(?P<ours>(?:.*\n)*?)={7,}\n(?P<theirs>(?:.*\n)*?)>{7,}.*(?:\n|\Z)", re.MULTILINE)


def _with_both(text: str, old: Sequence[str]) -> str:
    """Return a text with the items of lists that both sides added, ours first; empty for any other conflict."""
    said = Counter(_CONFLICT.sub("", text).split("\n"))
    added = "".join(match["ours"] + match["theirs"] for match in _CONFLICT.finditer(text)).split("\n")
    is_change = any(said[line] < times for line, times in Counter(_said(old)).items())
    if is_change or not all(re.match(r"[-*+] |\s+\S|\Z", line) for line in added):
        return ""
    return _CONFLICT.sub(lambda match: match["ours"] + match["theirs"], text)


def _together(ours: Sequence[_Added], theirs: Sequence[_Added]) -> tuple[list[_Added], tuple[str, ...]]:
    """Return the entries of both sides, each side's in its own order, and the IDs that different ones have.

    An entry that both have, as after a cherry-pick, is there once; where one side has completed it, as that has it.
    """
    kept, other = list(ours), []
    for it in theirs:
        same = next((at for at, one in enumerate(kept) if one.text == it.text or _is_completed(one, it)), None)
        if same is None and (same := next((at for at, one in enumerate(kept) if _is_completed(it, one)), None)) is None:
            other.append(it)
        elif _is_completed(kept[same], it):
            kept[same] = it
    names = [{name for it in side for name in it.entry.heading_ids} for side in (kept, other)]
    return list(heapq.merge(kept, other, key=lambda it: it.moment)), tuple(sorted(names[0] & names[1]))


def _is_completed(one: _Added, other: _Added) -> bool:
    """Return whether the second is the first with what was pending filled in."""
    pending = {it.key for it in one.entry.fields if it.is_pending}
    told = [{it.key: it.value for it in each.entry.fields if it.key not in pending} for each in (one, other)]
    return one.entry.heading == other.entry.heading and bool(pending) and told[0].items() <= told[1].items()


def _entry_merged(base: str, ours: str, theirs: str, merge: Merge) -> tuple[str, bool]:
    """Return the text of an entry that both sides have: by its lines one by one, where they stand for each other."""
    if theirs in {ours, base}:
        return ours, True
    if ours == base:
        return theirs, True
    old, one, other = (text.split("\n") for text in (base, ours, theirs))
    tails = [side[len(old) :] for side in (one, other)]
    if min(len(one), len(other)) >= len(old) and (tails[0] == tails[1] or not all(tails)):
        rows = list(zip(old, one, other, strict=False))
        if all(ours in (was, theirs) or theirs == was for was, ours, theirs in rows):
            return "\n".join([*(theirs if ours == was else ours for was, ours, theirs in rows), *max(tails)]), True
    text, is_clean = merge(*(f"{it}\n" for it in (base, ours, theirs)))
    return text.rstrip("\n"), is_clean
