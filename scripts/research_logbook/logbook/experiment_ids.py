"""Experiment IDs such as `MOE-HC-003` (research workflow, Prologue 4), alone, in lists and in ranges."""

import re
from collections import Counter
from collections.abc import Iterable
from string import ascii_lowercase

_PREFIX = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*"
_NUMBER = r"-(?P<number>(?:20[1-3]\d(?:0[1-9]|1[0-2])[0-3]\d|\d{1,5})[a-z]?)"  # A date may be the number.
_ID = re.compile(rf"(?P<prefix>{_PREFIX}){_NUMBER}(?!\w)")
PREFIX = re.compile(rf"^{_PREFIX}\Z")
_MORE = re.compile(
    r"(?P<by>\s?(?:\.\.\.?|…|–)\s?|\s(?:to|through)\s|\s?[/,&+]\s?|\sand\s)"
    r"(?:(?P<prefix>[A-Z][A-Z0-9-]{0,40})-|-)?(?P<number>\d{1,5}[a-z]?)(?![\w%-]|\.\d)"
)
_LISTED = re.compile(r"\s?[/,&+:;)\]–—]|\s-\s|\sand\s|\s?$")

_LONGEST = 200
"""Characters in which a heading's first ID is looked for, and IDs of a list; a longer range keeps its ends only."""
_NOT_PREFIXES = frozenset(
    {"A", "B", "BF", "COVID", "CUDA", "CVE", "FP", "GB", "GPT", "H", "HTTP", "INT", "ISO", "LLAMA", "PEP", "Q", "RFC"}
    | {"SHA", "TF", "UTF", "V"}
)


def leading(text: str, prefix: str = "") -> tuple[tuple[str, ...], str]:
    """Return the IDs that `text` begins with, and the rest.

    With no declared `prefix` a number has at least two digits, so that "GPT-4 evaluation" names no experiment.
    """
    names, rest = before(text)
    if not names:
        return (), text
    own, _, number = names[0].rpartition("-")
    is_id = len(number.rstrip(ascii_lowercase)) >= 2 and own not in _NOT_PREFIXES
    return (names, rest) if own == prefix or is_id else ((), text)


def before(text: str) -> tuple[tuple[str, ...], str]:
    """Return whatever looks like IDs at the start of `text`, and the rest."""
    start = text.lstrip(" `[(")
    match = _ID.match(start[:_LONGEST])
    if not match:
        return (), text
    names, end = _expand(match, start)
    return names, start[end:].lstrip(" `])")


def found(text: str, prefix: str) -> tuple[str, ...]:
    """Return the distinct IDs with `prefix` in `text`, in order; run names such as `MOE-HC-003-seed1` count."""
    if not prefix or prefix not in text:
        return ()
    pattern = re.compile(rf"(?<![\w-])(?P<prefix>{re.escape(prefix)}){_NUMBER}(?![A-Za-z0-9])")
    names: dict[str, None] = {}
    end = 0
    while match := pattern.search(text, end):
        more, end = _expand(match, text)
        names |= dict.fromkeys(more)
    return tuple(names)


def of_series(text: str) -> tuple[str, ...]:
    """Return the IDs that `text` begins with, whose number may have one digit: several of a prefix are a series."""
    names, _ = before(text)
    return () if names and prefix_of(names[0]) in _NOT_PREFIXES else names


def _expand(match: re.Match[str], text: str) -> tuple[tuple[str, ...], int]:
    """Return the IDs that begin with a match, with `004..006` and `004/005` written out, and where they end."""
    prefix, first = match["prefix"], match["number"]
    numbers, end = [first], match.end()
    while len(numbers) < _LONGEST and (more := _MORE.match(text, end)) and _belongs(more, prefix, numbers[-1]):
        if more["by"].strip() not in {*"/,&+", "and"}:  # a range
            start, stop = (number.rstrip(ascii_lowercase) for number in (numbers[-1], more["number"]))
            if int(stop) - int(start) <= _LONGEST:
                numbers += [f"{number:0{len(start)}d}" for number in range(int(start) + 1, int(stop))]
        numbers.append(more["number"])
        end = more.end()
    return tuple(dict.fromkeys(f"{prefix}-{number}" for number in numbers)), end


def _belongs(more: re.Match[str], prefix: str, last: str) -> bool:
    """Return whether another number is an ID: "004, 005" has two IDs, "004, 16 GPUs" and "004 – 2 seeds" have one."""
    number = more["number"]
    if more["prefix"]:
        return more["prefix"] == prefix
    if len(number.rstrip(ascii_lowercase)) < len(last.rstrip(ascii_lowercase)):
        return False
    is_tight = more["by"][-1] in "./–…" or number.startswith("0")
    return is_tight or bool(_LISTED.match(more.string, more.end()))


def prefix_of(name: str) -> str:
    """Return the prefix of an experiment ID."""
    return name.rpartition("-")[0]


def most_used(ids: Iterable[tuple[str, ...]]) -> str:
    """Return the prefix that most groups of IDs begin with, the first of equals; empty without any."""
    counted = Counter(prefix_of(group[0]) for group in ids if group)
    return counted.most_common(1)[0][0] if counted else ""
