"""Two versions of a logbook put together: the entries that either side added stand one after the other.

Source: gitattributes(5), "Defining a custom merge driver".
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from research_logbook.logbook import parse
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.logbook.queries import is_newest_first

Merge = Callable[[str, str, str], tuple[str, bool]]
"""Merges the lines of two texts that go back to the first; also returns whether that went without conflict."""


class Merged(NamedTuple):
    """What became of two versions."""

    text: str
    is_clean: bool
    twice: tuple[str, ...] = ()
    """IDs that an entry of each side took."""


def merged(base: str, ours: str, theirs: str, merge: Merge) -> Merged:
    """Return two versions of a logbook as one; where more than new entries differs, lines are merged as git does.

    What both sides changed stays a conflict, with marks. The new entries come in the order of their dates, at the end
    where the log grows.
    """
    books = [parse("logbook", text.encode()) for text in (base, ours, theirs)]
    if any(not isinstance(book, Logbook) for book in books):
        return Merged(*merge(base, ours, theirs))
    old, one, other = (book for book in books if isinstance(book, Logbook))
    known = [_text(old, entry) for entry in old.everything]
    added = [_added(old, book, known) for book in (one, other)]
    if not all(added):
        return Merged(*merge(base, ours, theirs))
    end = old.text[len(old.text.rstrip()) :]  # A text ends as it did, whoever appended to it.
    rest, is_clean = merge(
        base, *(f"{_without(it, new).rstrip()}{end}" for it, new in zip((one, other), added, strict=True))
    )
    book = parse("logbook", rest.encode())
    if not is_clean or not isinstance(book, Logbook):
        return Merged(*merge(base, ours, theirs))
    texts = {
        _text(owner, entry): entry for owner, entries in zip((one, other), added, strict=True) for entry in entries
    }
    ordered = sorted(texts, key=lambda text: _moment(texts[text]))
    names = [{name for entry in entries for name in entry.heading_ids} for entries in added]
    same = {_text(one, entry) for entry in added[0]} & {_text(other, entry) for entry in added[1]}
    twice = names[0] & names[1] - {name for text in same for name in texts[text].heading_ids}
    return Merged(_with(book, ordered, one if one.entries else other), is_clean=True, twice=tuple(sorted(twice)))


def _text(book: Logbook, entry: Entry) -> str:
    return "\n".join(book.text.split("\n")[entry.span.line - 1 : entry.span.end_line]).rstrip()


def _added(old: Logbook, new: Logbook, known: Sequence[str]) -> list[Entry]:
    """Return the entries that only the newer version has: by their headings, each as often as it has them more."""
    left = [entry.heading for entry in old.everything]
    found = []
    for entry in new.everything:
        if entry.heading in left:
            left.remove(entry.heading)
        elif _text(new, entry) not in known:
            found.append(entry)
    return found


def _without(book: Logbook, entries: Sequence[Entry]) -> str:
    """Return a text without entries, and without the empty lines in front of each."""
    lines = book.text.split("\n")
    for entry in sorted(entries, key=lambda it: it.span.line, reverse=True):
        start, end = entry.span.line - 1, entry.span.end_line
        if end < len(lines) and not lines[end].strip() and start and not lines[start - 1].strip():
            end += 1
        elif start and not lines[start - 1].strip() and end >= len(lines) - 1:
            start -= 1
        del lines[start:end]
    return "\n".join(lines)


def _moment(entry: Entry) -> tuple[str, tuple[str, ...]]:
    """Return what orders entries: their dates, and on one day their IDs."""
    when = entry.when
    return (f"{when.date or ''} {when.time or ''}" if when else "9", entry.ids)


def _with(book: Logbook, texts: Sequence[str], style: Logbook) -> str:
    """Return a text with entries at the growing end of its log."""
    lines = book.text.split("\n")
    is_newest = is_newest_first(book if len(book.everything) > 1 else style)
    entries = book.everything
    if entries and is_newest:
        at, ordered = entries[0].span.line - 1, list(texts)[::-1]
    else:
        log = next((it for it in book.sections if book.log and it.span == book.log), None)
        end = log.blocks[-1].end_line if log and log.blocks else log.span.end_line if log else len(lines)
        at, ordered = entries[-1].span.end_line if entries else end, list(texts)
    before, after = lines[:at], lines[at:]
    while before and not before[-1].strip():
        before.pop()
    while after and not after[0].strip():
        after.pop(0)
    is_tight = bool(texts) and texts[0].startswith("- ")
    parts = ["\n".join(before)] if before else []
    body = ("\n" if is_tight else "\n\n").join(ordered)
    joined = ("\n" if is_tight and before and before[-1].startswith("- ") else "\n\n").join([*parts, body])
    return joined + ("\n\n" + "\n".join(after) if after else "\n")
