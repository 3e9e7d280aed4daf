"""What the heading of an entry says: when, which experiment IDs, and its label."""

import re
from functools import lru_cache
from typing import NamedTuple

from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.model import When


class Heading(NamedTuple):
    """What an entry's heading says."""

    when: When | None
    ids: tuple[str, ...]
    label: str


_SEPARATOR = re.compile(r"[\s:–—,|·-]+")


def read_heading(text: str, prefix: str = "") -> Heading:
    """Return what the heading `text` says: its date leads it, or follows the ID."""
    return _read_short(text, prefix) if len(text) < _LONG else _read(text, prefix)


def _read(text: str, prefix: str) -> Heading:
    text = _without(vocabulary.ICONS, " ".join(text.split()))
    names, rest = experiment_ids.before(text)
    dated = dates.leading(_without(_SEPARATOR, rest) if names else rest)
    if dated:
        return _dated(dated[0], names, dated[1], prefix)
    # Without a date behind it an ID must look like one: "GPT-4 evaluation" has none.
    names, rest = experiment_ids.leading(text, prefix)
    label = _without(_SEPARATOR, rest) if names else rest
    return Heading(None, names or experiment_ids.found(label, prefix), label)


_LONG = 200
_read_short = lru_cache(maxsize=256)(_read)


def _dated(when: When, names: tuple[str, ...], rest: str, prefix: str) -> Heading:
    label = _without(_SEPARATOR, rest)
    if not names:
        names, label = experiment_ids.leading(label, prefix)
        label = _without(_SEPARATOR, label)
    return Heading(when, names or experiment_ids.found(label, prefix), label)


def read_backwards(text: str, prefix: str = "") -> Heading:
    """Return what a heading says whose date, if it has one, ends it: `Kickoff (2026-05-25)`."""
    heading = read_heading(text, prefix)
    dated = None if heading.when else dates.trailing(" ".join(text.split()))
    return read_heading(dated[0], prefix)._replace(when=dated[1]) if dated else heading


def _without(start: re.Pattern[str], text: str) -> str:
    match = start.match(text)
    return text[match.end() :] if match else text
