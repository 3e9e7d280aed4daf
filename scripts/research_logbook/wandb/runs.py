"""W&B runs as plain values, and how their numbers are written: the same whether W&B's server or its files told of them.

The words are W&B's: a *run* has a *summary* (the last value of each metric, or what its definition keeps) and a
*history* (the values that were logged, step by step).
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

FAILED = frozenset({"failed", "crashed", "killed", "preempted"})
"""States of runs that did not come to their end."""
RUNNING = frozenset({"running", "pending", "preempting"})
"""States of runs whose values are not final."""

_MOST_METRICS = 1_000
_DEEPEST = 3
LAST = "last"
AGGREGATES = (LAST, "best", "min", "max", "mean", "first")
"""What `define_metric(summary=…)` keeps of a metric; the first of these that is there stands for it."""


class Better(StrEnum):
    """Which values of a metric are the better ones."""

    LOWER = "lower"
    HIGHER = "higher"


class RunKey(NamedTuple):
    """What a link to W&B leads to: a run, all runs of a group or a sweep, or else a whole project."""

    project: str
    run: str = ""
    """The run's ID."""
    group: str = ""
    sweep: str = ""
    """The sweep's ID."""

    @property
    def folded(self) -> "RunKey":
        """The link with its project in small letters: W&B tells no letter case apart there."""
        return self._replace(project=self.project.casefold())

    @property
    def has_runs(self) -> bool:
        """Whether certain runs are meant, and no whole project."""
        return self != RunKey(self.project)


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
    kept: Mapping[str, str] = field(default_factory=dict)
    """What the number of a metric is that has definitions, such as `min`; of all others it is the last one."""
    nested: Mapping[str, str] = field(default_factory=dict)
    """The name that the history has for a metric which stands further in: `eval.loss` for `eval/loss`."""
    group: str = ""
    sweep: str = ""
    """The sweep's ID."""
    url: str = ""
    """Of its page; empty for a run that no server has."""

    @property
    def key(self) -> RunKey:
        """What tells it from all others."""
        return RunKey(self.project, self.id)

    @property
    def ways(self) -> tuple[RunKey, ...]:
        """The links that lead to it."""
        project = self.project.casefold()
        among = (RunKey(project, group=self.group), RunKey(project, sweep=self.sweep))
        return (self.key.folded, *(way for way in among if way.has_runs))

    def value(self, metric: str, kind: str = LAST) -> tuple[float, str] | None:
        """Return the number of a metric that is of a kind, such as `min`, else the one that stands for it.

        Beside it the kind that it is; None where the run has no such metric.
        """
        if metric not in self.summary:
            return None
        told = self.kept.get(metric, LAST)
        wanted = self.summary.get(f"{metric}.{kind}") if kind != told else None
        return (self.summary[metric], told) if wanted is None else (wanted, kind)

    def kinds(self, metric: str) -> tuple[str, ...]:
        """Return what W&B kept of a metric: `last` where nothing else is defined."""
        found = (word for word in AGGREGATES if f"{metric}.{word}" in self.summary)
        return tuple(found) if metric in self.kept else (LAST,) if metric in self.summary else ()


@dataclass(frozen=True, slots=True)
class History:
    """The values of one metric of a run, as (step, value) in ascending steps; a server samples them."""

    run: Run
    points: tuple[tuple[float, float], ...]


def run_of(raw: Mapping[str, Any]) -> Run:
    """Return the run that `raw` describes, whatever it holds.

    Its keys are `project`, `id`, `name`, `state`, `tags`, `created_at`, `url`, `group`, `sweep`, `summary` and
    `definitions`, all as W&B has them.
    """
    summary, definitions, tags = raw.get("summary"), raw.get("definitions"), raw.get("tags")
    summary = summary if isinstance(summary, Mapping) else {}
    runtime = _inner(summary.get("_wandb"), "runtime"), summary.get("_wandb.runtime"), summary.get("_runtime")
    found = dict(list(_numbers(summary))[:_MOST_METRICS])
    kept = {name: number.kind for name, number in found.items() if number.kind}
    # Who keeps the smallest value wants it small.
    better = {
        name: Better.LOWER if f"{name}.min" in found else Better.HIGHER
        for name in kept
        if (f"{name}.min" in found) is not (f"{name}.max" in found)
    }
    return Run(
        project=_text(raw.get("project")),
        id=_text(raw.get("id")),
        name=_text(raw.get("name")) or _text(raw.get("id")),
        state=_text(raw.get("state")) or "unknown",
        tags=tuple(map(_text, tags if isinstance(tags, (list, tuple)) else ())),
        created_at=_text(raw.get("created_at")),
        runtime=next((number for it in runtime if (number := number_of(it)) is not None), None),
        summary={name: number.value for name, number in found.items()},
        better={**better, **dict(_defined(definitions if isinstance(definitions, list) else []))},
        kept=kept,
        nested={name: number.nested for name, number in found.items() if number.nested},
        group=_text(raw.get("group")),
        sweep=_text(raw.get("sweep")),
        url=_text(raw.get("url")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def resumed(parts: Sequence[Run]) -> Run:
    """Return the run that was resumed: what its parts, each a run in the order that they ran, come to together.

    A later part keeps what it does not log again, as on W&B's server.
    """
    summary, kept, better, nested = dict[str, float](), dict[str, str](), dict[str, Better](), dict[str, str]()
    for part in parts:
        for name, number in part.summary.items():
            kind = part.kept.get(name) or name.rpartition(".")[2]
            extreme = {"min": min, "max": max}.get(kind) if name in summary else None
            summary[name] = extreme(summary[name], number) if extreme else number
        kept = {name: kind for name, kind in kept.items() if name not in part.summary} | dict(part.kept)
        better |= part.better
        nested |= part.nested
    times = [part.runtime for part in parts if part.runtime is not None]
    return replace(
        parts[-1],
        tags=tuple(dict.fromkeys(tag for part in parts for tag in part.tags)),
        created_at=parts[0].created_at,
        runtime=sum(times) if times else None,
        summary=summary,
        better=better,
        kept=kept,
        nested=nested,
    )


class _Number(NamedTuple):
    value: float
    kind: str = ""
    """Which aggregate stands for a metric; empty for a number of its own."""
    nested: str = ""


def _numbers(summary: Mapping[Any, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, _Number]]:
    """Yield the numbers of a summary: those further in under a path, aggregates under the name of their metric.

    The SDK's own begin with an underscore. What has a `_type` is a picture, a table, a histogram, and its numbers are
    sizes.
    """
    for key, value in summary.items():
        path = (*above, str(key))
        name, nested = "/".join(path), ".".join(path) if above else ""
        number = number_of(value)
        if path[-1].startswith("_"):
            continue
        if number is not None:
            yield name, _Number(number, nested=nested)
        elif isinstance(value, Mapping) and value and set(value) <= set(AGGREGATES):
            numbers = {word: number for word in AGGREGATES if (number := number_of(value.get(word))) is not None}
            yield from ((f"{name}.{word}", _Number(number)) for word, number in numbers.items())
            yield from ((name, _Number(numbers[word], word, nested)) for word in list(numbers)[:1])
        elif isinstance(value, Mapping) and "_type" not in value and len(path) <= _DEEPEST:
            yield from _numbers(value, path)


def _inner(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None


_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE)


def number_of(value: object) -> float | None:
    """Return a number as W&B writes it: what no JSON can hold is a word there. None for what is not a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)) or (isinstance(value, str) and _NOT_FINITE.fullmatch(value)):
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


def _from(size: float) -> float:
    """Return from which value on a letter shortens a number: 9,000 is short as it is."""
    return size if size > 1e3 else 10 * size


_NO_LETTER = 1e15
"""From which value on there is no letter for a number."""
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class MetricFormat:
    """How the values of one metric are written: `value * factor`, with `places` decimals and a unit."""

    factor: float = 1.0
    places: int | None = None
    """None for as many as six significant digits need."""
    unit: str = ""
    each: str | None = None
    """The metric, where its values lie so far apart that each is written for itself."""

    def value(self, number: float) -> str:
        """Return a value; a word where it is not finite."""
        if not math.isfinite(number):
            return "NaN" if math.isnan(number) else "∞" if number > 0 else f"{_MINUS}∞"
        if self.each is not None:
            return metric_format(self.each, [number]).value(number)
        return f"{self._plain(number)}{self.unit}"

    def difference(self, number: float, base: float) -> str:
        """Return how far `number` is from `base`, with its sign; empty where one is not finite."""
        gap = number - base
        if not math.isfinite(gap):
            return ""
        if self.each is not None:
            form = metric_format(self.each, [number, base])
            return (
                form.difference(number, base)
                if form.each is None
                else metric_format(self.each, [gap]).difference(gap, 0.0)
            )
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
    smallest = min(filter(None, finite), default=largest)
    if not largest or largest >= _NO_LETTER > largest / smallest:
        return MetricFormat(1.0, None if largest else 0)
    size, letter = next(((size, letter) for size, letter in _LARGE if largest >= _from(size)), (1.0, ""))
    if not letter and all(value == round(value) for value in finite):
        return MetricFormat(1.0, 0)
    digits = _FEW_DIGITS if letter else DIGITS
    places = max(0, digits - 1 - math.floor(math.log10(largest / size)))
    if smallest / size < 10.0**-places:
        return MetricFormat(each=metric)  # a diverged run, and all others would be 0.00T
    return MetricFormat(1 / size, places if letter or places <= 8 else None, letter)
