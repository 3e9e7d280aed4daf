"""Figures in an entry's results, held against what the runs really ended at.

A figure counts as a metric's only where it follows the metric's name at once (`eval/loss: 2.214`, "eval loss of
2.214"), or is in a table's column of that name. An entry contradicts the runs only when nothing that it says of
the metric fits any of them, so that a value at an earlier step, or a mean over seeds, is not a fault.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Entry, Table
from research_logbook.wandb.runs import Run, RunKey

_LONGEST_LINE = 2_000
_MOST_METRICS = 200


class Mismatch(NamedTuple):
    """A figure in an entry that fits none of its runs."""

    line: int
    """In the logbook, counted from 1."""
    metric: str
    written: str
    runs: tuple[Run, ...] = ()
    """The runs that a table's row is about; else all of the entry."""


def mismatches(
    entry: Entry, runs: Sequence[Run], lines: Sequence[str], names: Mapping[RunKey, Collection[str]]
) -> Iterator[Mismatch]:
    """Yield the figures of an entry that fit none of its runs.

    `lines` are the logbook's, and `names` what a table may call each run, by its key.
    """
    metrics = list(dict.fromkeys(name for run in runs for name in run.summary))[:_MOST_METRICS]
    tables = [table for table in entry.tables if table.header]
    inside = {line for table in tables for line in range(table.span.line, table.span.end_line + 1)}
    fields = (field for field in entry.all("result", "conclusion") if not field.is_pending)
    numbers = (number for field in fields for number in range(field.span.line, field.span.end_line + 1))
    # The lines of the results as a reader sees them, those of tables aside.
    said = [(number, _UNSEEN.sub("", lines[number - 1][:_LONGEST_LINE])) for number in numbers if number not in inside]
    text = "\n".join(line for _, line in said).casefold()
    for metric in metrics:
        if _last_word(metric) in text:
            yield from _in_prose(metric, said, [run for run in runs if metric in run.summary], metrics)
    for table in tables:
        yield from _in_table(table, runs, metrics, names)


_UNSEEN = re.compile(r"~~[^~]*~~|<!--.*?-->|[`*]|\]\([^()\s]*\)")


def _in_prose(
    metric: str, said: Sequence[tuple[int, str]], runs: Sequence[Run], metrics: Collection[str]
) -> Iterator[Mismatch]:
    found = [
        (number, match) for number, line in said for match in _spoken(metric, _is_alone(metric, metrics)).finditer(line)
    ]
    told = [
        (number, match["figure"].strip())
        for number, match in found
        if not match["figure"].startswith("+") and not _THAN.match(match["rest"])  # no difference to another value
    ]
    values = _expected(metric, runs)
    near = (figure for _, match in found for figure in _FIGURE.findall(match["figure"] + match["rest"]))
    if told and not any(fits(figure, value) for figure in near for value in values):
        number, written = told[-1]
        yield Mismatch(number, metric, written)


def _expected(metric: str, runs: Sequence[Run]) -> list[float]:
    """Return all that may be said to be the outcome: each run's value, however it is aggregated, and their mean."""
    values = [
        value for run in runs for name, value in run.summary.items() if name == metric or name.startswith(f"{metric}.")
    ]
    last = [run.summary[metric] for run in runs]
    return [*values, sum(last) / len(last)] if last else values


_NUMBER = r"[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?"
_UNIT = r"(?:\s?(?:%|[kKMBGT](?![A-Za-z])|[kKMGT](?=[A-Za-z]*/)|(?:ms|[µu]s|s|min|h)\b))?"
_FIGURE = re.compile(rf"(?<![\w.]){_NUMBER}{_UNIT}(?![\w]*\w)")
_JOINT = r"[\s|(]*+(?:(?:is|was|of|at|reached|reaches|ended\sat|ends\sat|final|value)\s+|[:=≈~→]\s*){0,3}"
_QUALIFIERS = r"(?:^|[-(,;:.|>]\s*|\b(?:final|the|a|best|last|and|with|mean|average|primary|at|result|results):?\s+)"


@lru_cache(maxsize=4_096)
def _spoken(metric: str, is_alone: bool) -> re.Pattern[str]:  # noqa: FBT001 - a key of the cache
    """Return what finds a metric's name with the figure behind it."""
    parts = [re.escape(part) for part in re.split(r"[^A-Za-z0-9]+", metric) if part]
    full = r"[\s/_.-]{0,3}".join(parts) or "(?!)"
    short = rf"|{_QUALIFIERS}{parts[-1]}" if is_alone and len(parts) > 1 else ""
    return re.compile(
        rf"(?:(?<![\w/.-]){full}{short})(?![\w/-]){_JOINT}(?P<figure>{_NUMBER}{_UNIT})(?![\d:/]|-\d|\.\d)(?P<rest>[^;]{{0,80}})",
        re.IGNORECASE,
    )


def _is_alone(metric: str, metrics: Collection[str]) -> bool:
    """Return whether a metric's last word names no other metric."""
    last = _last_word(metric)
    return len(last) > 2 and [last] == [word for word in map(_last_word, metrics) if word == last]


def _last_word(metric: str) -> str:
    return vocabulary.slug(metric).rpartition("-")[2]


_THAN = re.compile(
    r"\s*(?:lower|higher|better|worse|less|more|below|above|points?|vs\b|of\b|steps?\b|seeds?\b|runs?\b)"
)


def _in_table(
    table: Table, runs: Sequence[Run], metrics: Collection[str], names: Mapping[RunKey, Collection[str]]
) -> Iterator[Mismatch]:
    columns = [(index, name) for index, cell in enumerate(table.header) if (name := _metric_named(cell, metrics))]
    for number, row in enumerate(table.rows, table.span.line + 2):
        words = {cell.strip("` *") for cell in row}
        about = tuple(run for run in runs if not words.isdisjoint(names[run.key]))
        for metric, group in groupby(columns, key=lambda column: column[1]):
            cells = [row[index] for index, _ in group if index < len(row)]
            valued = tuple(run for run in about if metric in run.summary)
            told = [figure.strip() for cell in cells for figure in _FIGURE.findall(cell)[:1]]
            if told and valued and not any(fits(one, value) for one in told for value in _expected(metric, valued)):
                yield Mismatch(number, metric, told[0], valued)


def _metric_named(cell: str, metrics: Collection[str]) -> str:
    slug = vocabulary.slug(vocabulary.without_asides(cell))
    exact = (metric for metric in metrics if vocabulary.slug(metric) == slug)
    alone = (metric for metric in metrics if slug and _last_word(metric) == slug and _is_alone(metric, metrics))
    return next(exact, "") or next(alone, "")


_SCALES = {"%": 1e-2, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12}
_TIMES = {"ms": 1e-3, "us": 1e-6, "µs": 1e-6, "min": 60.0, "h": 3_600.0}


def fits(written: str, value: float) -> bool:
    """Return whether a figure can be `value`, rounded or cut off to the digits that are written.

    A unit may or may not be W&B's own: "17.16 %" fits 0.1716 and 17.16, "189.6k" fits 189612.
    """
    match = re.match(rf"\s*({_NUMBER})\s?(\D*)", written)
    if match is None or not math.isfinite(value):
        return match is not None and math.isnan(value)
    number, unit = match[1].replace(",", "").replace("−", "-"), match[2].strip()
    digits, _, exponent = number.lower().partition("e")
    power = int(exponent[:5] or 0) - len(digits.partition(".")[2])
    said, last = float(number), 10.0**power if abs(power) < 300 else 0.0  # what one more in the last digit is worth
    scales = {1.0, _SCALES.get(unit, 1.0), _TIMES.get(unit, 1.0)}
    for scale in scales:
        scaled = value / scale
        over = (scaled - said) * (1 if said >= 0 else -1)
        slack = 1e-9 * max(abs(scaled), last)
        if -last / 2 - slack <= over < (last if last < 1 else last / 2 + slack):
            return True
    return False
