"""W&B runs as plain values, and how their numbers are written: the same whether W&B's server or its files told of them.

The words are W&B's: a *run* has a *summary* (the last value of each metric, or what its definition keeps) and a
*history* (the values that were logged, step by step).
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

FAILED = frozenset({"failed", "crashed", "killed", "preempted"})
"""States of runs that did not come to their end."""
RUNNING = frozenset({"running", "pending", "preempting"})
"""States of runs whose values are not final."""

_MOST_METRICS = 1_000
_DEEPEST = 3
_AGGREGATES = ("last", "best", "min", "max", "mean", "first")
"""What `define_metric(summary=…)` keeps of a metric; the first of these that is there stands for it."""


class Better(StrEnum):
    """Which values of a metric are the better ones."""

    LOWER = "lower"
    HIGHER = "higher"


class RunKey(NamedTuple):
    """A run by its project and ID, as a link to W&B has them; without an ID for a link to a project."""

    project: str
    run: str = ""

    @property
    def folded(self) -> "RunKey":
        """The link with its project in small letters: W&B tells no letter case apart there."""
        return RunKey(self.project.casefold(), self.run)


@dataclass(frozen=True, slots=True)
class Run:
    """A run; text from outside, but for `url` where there is one."""

    project: str
    """As `entity/project`; without the entity where the SDK's files do not say it."""
    id: str
    name: str
    state: str
    tags: tuple[str, ...]
    created_at: str
    """When it began, ISO 8601; empty where that is not known."""
    runtime: float | None
    """How long it ran, in seconds."""
    summary: Mapping[str, float]
    """The numbers of its summary; `loss.min` beside `loss` where the metric is defined to keep its smallest value."""
    better: Mapping[str, Better]
    """What the definitions of its metrics say."""
    url: str = ""
    """Of its page; empty for a run that no server has."""

    @property
    def key(self) -> RunKey:
        """What tells it from all others."""
        return RunKey(self.project, self.id)


@dataclass(frozen=True, slots=True)
class History:
    """The values of one metric of a run, as (step, value) in ascending steps; a server samples them."""

    run: Run
    points: tuple[tuple[float, float], ...]


def run_of(raw: Mapping[str, Any]) -> Run:
    """Return the run that `raw` describes, whatever it holds.

    Its keys are `project`, `id`, `name`, `state`, `tags`, `created_at`, `url`, `summary` and `definitions`, all as W&B
    has them.
    """
    summary, definitions = raw.get("summary"), raw.get("definitions")
    numbers = dict(_numbers(summary if isinstance(summary, Mapping) else {}))
    kept = dict(list(numbers.items())[:_MOST_METRICS])
    # Who keeps the smallest value wants it small.
    better = {
        name: Better.LOWER if f"{name}.min" in kept else Better.HIGHER
        for name in kept
        if (f"{name}.min" in kept) is not (f"{name}.max" in kept)
    }
    return Run(
        project=_text(raw.get("project")),
        id=_text(raw.get("id")),
        name=_text(raw.get("name")) or _text(raw.get("id")),
        state=_text(raw.get("state")) or "unknown",
        tags=tuple(map(_text, raw.get("tags") or ())),
        created_at=_text(raw.get("created_at")),
        runtime=numbers.get("_wandb.runtime", numbers.get("_runtime")),
        summary={name: value for name, value in kept.items() if not name.startswith("_")},
        better={**better, **dict(_defined(definitions if isinstance(definitions, list) else []))},
        url=_text(raw.get("url")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _numbers(summary: Mapping[Any, Any], above: str = "", depth: int = 0) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a summary, those further in under a name with dots."""
    for key, value in summary.items():
        name = f"{above}{key}"
        number = number_of(value)
        if number is not None:
            yield name, number
        elif isinstance(value, Mapping) and depth < _DEEPEST:
            inner = dict(_numbers(value, f"{name}.", depth + 1))
            yield from inner.items()
            kept = next((f"{name}.{word}" for word in _AGGREGATES if f"{name}.{word}" in inner), None)
            if kept and set(value) <= set(_AGGREGATES):
                yield name, inner[kept]


_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})


def number_of(value: object) -> float | None:
    """Return a number as W&B writes it: what no JSON can hold is a word there. None for what is not a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)) or (isinstance(value, str) and value in _NOT_FINITE):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    return None


def history_of(run: Run, points: Iterable[tuple[object, object]]) -> History:
    """Return a metric's history in a run from steps and values as W&B has them; what is no number is left out."""
    numbers = ((number_of(step), number_of(value)) for step, value in points)
    return History(run, tuple((step, value) for step, value in numbers if step is not None and value is not None))


# The numbers of the fields of MetricRecord and MetricSummary in the SDK's wandb_internal.proto, which stand for
# their names in a run's configuration.
_NAME, _SUMMARY, _GOAL = "1", "7", "8"
_MIN, _MAX = 1, 2


def _defined(definitions: Collection[object]) -> Iterator[tuple[str, Better]]:
    """Yield which values of a metric are better, as its definition has it: by its goal, or by what it keeps."""
    for item in definitions:
        if not isinstance(item, Mapping) or not isinstance(item.get(_NAME), str):
            continue
        kept = item.get(_SUMMARY)
        marks = {item.get(_GOAL), *(mark for mark in (kept if isinstance(kept, list) else ()) if isinstance(mark, int))}
        if (_MIN in marks) is not (_MAX in marks):
            yield item[_NAME], Better.LOWER if _MIN in marks else Better.HIGHER


DIGITS = 6
_FEW_DIGITS = 4
_MINUS = "−"
_SHARE = re.compile(r"(?:^|[^a-z])(?:acc|accuracy|mfu|hfu|precision|recall|f1)(?:[^a-z]|\Z)")
_PERCENTAGE = re.compile(r"percent|(?:^|[^a-z])pct(?:[^a-z]|\Z)|%")
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class MetricFormat:
    """How the values of one metric are written: `value * factor`, with `places` decimals and a unit."""

    factor: float = 1.0
    places: int | None = None
    """None for as many as six significant digits need."""
    unit: str = ""

    def value(self, number: float) -> str:
        """Return a value; a word where it is not finite."""
        if not math.isfinite(number):
            return "NaN" if math.isnan(number) else "∞" if number > 0 else f"{_MINUS}∞"
        return f"{self._plain(number)}{self.unit}"

    def difference(self, number: float, base: float) -> str:
        """Return how far `number` is from `base`, with its sign; empty where one is not finite."""
        gap = number - base
        if not math.isfinite(gap):
            return ""
        shown = self._plain(abs(gap))
        sign = "+" if gap > 0 else _MINUS if gap < 0 else "±"
        return f"{sign}{shown if gap else '0'}{self.unit.strip(' %')}"

    def _plain(self, number: float) -> str:
        scaled = number * self.factor
        text = f"{scaled:.{DIGITS}g}" if self.places is None else f"{scaled:.{self.places}f}"
        return text.replace("-", _MINUS) if text.startswith("-") else text


def metric_format(metric: str, values: Collection[float]) -> MetricFormat:
    """Return how a metric's values are written, with the same digits for all: 2.21443, 189.6k or 17.16 %.

    A share between 0 and 1 is a percentage where the metric's name says that it is a share, such as an accuracy.
    """
    finite = [abs(value) for value in values if math.isfinite(value)]
    largest, name = max(finite, default=0.0), metric.casefold()
    if _PERCENTAGE.search(name):
        return MetricFormat(1.0, 2, " %")
    if _SHARE.search(name) and largest <= 1:
        return MetricFormat(100.0, 2, " %")
    size, letter = next(((size, letter) for size, letter in _LARGE if largest >= 10 * size), (1.0, ""))
    if letter:
        places = max(0, _FEW_DIGITS - 1 - math.floor(math.log10(largest / size)))
        return MetricFormat(1 / size, places if largest < 1e16 else None, letter)
    if largest and all(value == round(value) for value in finite):
        return MetricFormat(1.0, 0)
    places = DIGITS - 1 - math.floor(math.log10(largest)) if largest else 0
    return MetricFormat(1.0, places if 0 <= places <= 8 else None)


def duration(seconds: float | None) -> str:
    """Return a time as `2 d 3 h`, `1 h 23 min`, `4 min 5 s` or `12 s`; a dash where it is not known."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next((index for index, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(
        f"{number} {unit}" for number, unit in parts[first : first + 2] if number or first == len(parts) - 1
    )
