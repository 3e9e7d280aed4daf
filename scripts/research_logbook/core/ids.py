"""Experiment IDs such as `MOE-HC-003` (research workflow, Prologue 4), alone, in lists and in ranges."""

import re
from collections import Counter
from collections.abc import Iterable

_PREFIX = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*"
_TAIL = r"(?P<tail>(?:\s?(?:\.\.\.?|…|–)\s?-?\d+[a-z]?)|(?:(?:\s?[/,&+]\s?|\sand\s)-?\d+[a-z]?(?![\w.%]))*)"
_ID = re.compile(rf"(?<![\w/-])(?P<prefix>{_PREFIX})-(?P<number>\d{{1,5}}[a-z]?)(?![\w]){_TAIL}")
PREFIX = re.compile(rf"^{_PREFIX}$")

_RANGE_MOST = 200
_NOT_PREFIXES = frozenset({"GPT", "SHA", "UTF", "ISO", "RFC", "CVE", "PEP", "BF", "FP", "INT", "TF", "COVID", "LLAMA", "A", "H", "B", "V"})


def expand(match: re.Match[str]) -> tuple[str, ...]:
    """Return the IDs of a match, `004..006` and `004/005` written out; a range of over 200 only by its ends."""
    prefix, first, tail = match["prefix"], match["number"], match["tail"] or ""
    numbers = re.findall(r"\d+[a-z]?", tail)
    if re.match(r"\s?(?:\.\.|…|–)", tail):
        numbers = _range(first, numbers[0])
    return tuple(dict.fromkeys(f"{prefix}-{number}" for number in (first, *numbers)))


def _range(first: str, last: str) -> list[str]:
    low, high = int(first.rstrip("abcdefghijklmnopqrstuvwxyz")), int(last.rstrip("abcdefghijklmnopqrstuvwxyz"))
    if not low < high <= low + _RANGE_MOST:
        return [last]
    return [f"{number:0{len(first)}d}" for number in range(low + 1, high + 1)]


def leading(text: str, prefix: str = "") -> tuple[tuple[str, ...], str]:
    """Return the IDs that `text` begins with, and the rest.

    With no declared `prefix` a number has at least two digits, so that "GPT-4 evaluation" names no experiment.
    """
    match = _ID.match(text.lstrip(" `[("))
    if not match or not (_is_own(match, prefix) or _looks_own(match)):
        return (), text
    rest = text.lstrip(" `[(")[match.end() :]
    return expand(match), rest.lstrip(" `])")


def _is_own(match: re.Match[str], prefix: str) -> bool:
    return bool(prefix) and match["prefix"] == prefix


def _looks_own(match: re.Match[str]) -> bool:
    return len(match["number"].rstrip("abcdefghijklmnopqrstuvwxyz")) >= 2 and match["prefix"] not in _NOT_PREFIXES


def found(text: str, prefix: str) -> tuple[str, ...]:
    """Return all IDs with `prefix` in `text`, once each, in order; run names such as `MOE-HC-003-seed1` count."""
    if not prefix or prefix not in text:
        return ()
    pattern = re.compile(rf"(?<![\w-])(?P<prefix>{re.escape(prefix)})-(?P<number>\d{{1,5}}[a-z]?)(?![A-Za-z0-9]){_TAIL}")
    return tuple(dict.fromkeys(name for match in pattern.finditer(text) for name in expand(match)))


def prefix_of(name: str) -> str:
    """Return the prefix of an experiment ID."""
    return name.rpartition("-")[0]


def most_used(ids: Iterable[tuple[str, ...]]) -> str:
    """Return the prefix that most groups of IDs begin with, the first of equals; empty for none."""
    counted = Counter(prefix_of(group[0]) for group in ids if group)
    return counted.most_common(1)[0][0] if counted else ""
