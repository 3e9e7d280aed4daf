"""The lines of a commit message that make the commit a snapshot: `Snapshot: ID`, wherever they stand. Pure.

Git's trailers are the last paragraph of a message, and tools put footers of their own behind it; a squash merge makes
bullets of its commits' titles, and `git merge --squash` indents their messages. So each line is read for itself. Prose
that mentions a snapshot stays prose.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from research_logbook.logbook import experiment_ids


class SnapshotLine(NamedTuple):
    """What a line of a commit message says to snapshot."""

    name: str = ""
    """The experiment ID or slug, with all that follows it; empty where none is given, which means the newest entry."""
    is_title: bool = False
    """Whether it is the title of a commit, which may go on in words: `snapshot: first numbers`."""

    @property
    def is_named(self) -> bool:
        """Whether it says which experiment is meant, or gives the snapshot a name."""
        return bool(_begins_with_id(self.name)) or len(self.name.split()) == 1


_BULLET = re.compile(r"(?:[*+•–-]|\d{1,3}[.)])\s+")
_MARKS = "*_` "
_KEY = re.compile(
    r"snapshot[*_`]{0,3}\s?(?:\((?P<scope>[^()]{0,80})\))?!?[*_`]{0,3}\s?[:：](?P<value>.*)", re.IGNORECASE
)
_LIKE_KEY = re.compile(r"snapshots?(?:[ -](?:tag|id|entry|of|for))?s?\s?[*_`]{0,3}[:：](?P<value>.*)", re.IGNORECASE)
_WITHOUT_COLON = re.compile(r"snapshot\s+(?P<value>\S.*)", re.IGNORECASE)
_AFTER_ID = re.compile(r"[*_`]{0,3}\s?(?:\Z|[:：–—]|-\s)")
_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]*:(?:\s|\Z)")
_SQUASHED = "Squashed commit of the following:"
_MOST_LISTED = 20
"""Lines below one that are read as going on with it."""
_LEAST_PROSE = 5
"""Words without an ID, from which on they are a sentence, which names nothing."""


def snapshot_lines(message: str) -> tuple[SnapshotLine, ...]:
    """Return what a commit message says to snapshot, in order, each thing once; nothing for an ordinary commit.

    A title that names nothing counts only if no other line says what is meant.
    """
    found = tuple(dict.fromkeys(_lines(message.splitlines())))
    return tuple(it for it in found if it.is_named or not it.is_title) or found[:1]


def _lines(lines: Sequence[str]) -> Iterator[SnapshotLine]:
    is_squashed = any(line.startswith(_SQUASHED) for line in lines)
    is_code, before = False, ""
    for place, line in enumerate(lines):
        text = line.strip()
        is_code ^= text.startswith("```")
        if not is_code and (is_squashed or not line.startswith(("    ", "\t"))):
            bullet = _BULLET.match(text)
            is_title = place == 0 or bullet is not None
            # In the midst of a sentence that goes over several lines, only an ID is meant.
            is_apart = not before or any(kind.match(before) for kind in (_TRAILER, _BULLET))
            rest = islice(lines, place + 1, place + 1 + (0 if is_squashed else _MOST_LISTED))
            said = _read(text[bullet.end() :] if bullet else text, rest, is_title=is_title)
            if said and (_begins_with_id(said.name) or place == 0 or _is_meant(said, text, is_apart=is_apart)):
                yield said
        before = text


def _is_meant(said: SnapshotLine, text: str, *, is_apart: bool) -> bool:
    """Return whether a line without an ID is more than prose; in a list, `snapshot:` may name a part of the code."""
    if said.is_title:
        return said.is_named and "Snapshot" in text[:14]
    return is_apart and len(said.name.split()) < _LEAST_PROSE


def _read(text: str, following: Iterable[str], *, is_title: bool) -> SnapshotLine | None:
    text = text.lstrip(_MARKS)
    if key := _KEY.match(text):
        value = " ".join(f"{key['value']} {_continued(key['value'], following)}".split()).strip(_MARKS)
        scope = (key["scope"] or "").strip()
        if _begins_with_id(scope) and not _begins_with_id(value):
            value = scope
        return SnapshotLine(value, is_title)
    like = _LIKE_KEY.match(text) or _WITHOUT_COLON.match(text)
    value = like["value"].strip(_MARKS) if like else ""
    names, _ = experiment_ids.before(value)
    is_meant = bool(names) and (":" in text[: text.find(value)] or bool(_AFTER_ID.match(value, len(names[0]))))
    return SnapshotLine(value, is_title) if is_meant else None


def _continued(value: str, following: Iterable[str]) -> str:
    """Return what the lines below add: a trailer goes on where they are indented, and an empty one in a list."""
    more = []
    for line in following:
        text = line.strip()
        is_folded = line[:1].isspace() and not line.startswith("    ")
        is_listed = not value.strip() and (_BULLET.match(text) or _begins_with_id(text))
        if not text or _TRAILER.match(text) or not (is_folded or is_listed):
            break
        more.append(_BULLET.sub("", text, count=1))
    return " ".join(more)


def _begins_with_id(text: str) -> bool:
    return bool(experiment_ids.before(text)[0])
