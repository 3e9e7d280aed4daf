"""How a thread's primary metric went from experiment to experiment, as the logbook itself tells it. Pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from research_logbook.logbook.figures import Figure, figures_in, figures_of
from research_logbook.logbook.model import Entry, EntryKind, Logbook
from research_logbook.logbook.queries import oldest_first
from research_logbook.wandb.metric_choice import (
    NAMES,
    better_by_name,
    choose_metrics,
    metric_words,
    told_of_the_primary,
)
from research_logbook.wandb.runs import Better, MetricFormat, Run, metric_format

_PHRASE_END = re.compile(r"[,;:.(`\n]|\b(?:and|at|on|vs|versus|per|over|with|in|for|against)\b", re.IGNORECASE)
_FILLERS = frozenset(
    ["a", "an", "and", "at", "by", "for", "in", "is", "it", "of", "on", "per", "the", "to", "vs", "with"]
)


@dataclass(frozen=True)
class MetricProgress:
    """The primary metric over a thread's experiments."""

    metric: str
    better: Better | None
    """None where nothing says it."""
    baseline: Figure | None
    """What the section on the baseline says of it."""
    points: tuple[tuple[Entry, Figure], ...]
    """The experiments that state it, oldest first."""

    @property
    def latest(self) -> tuple[Entry, Figure]:
        """The last experiment that states it."""
        return self.points[-1]

    @cached_property
    def best(self) -> tuple[Entry, Figure] | None:
        """The experiment with the best value, the first of equal ones; None where nothing says which is better."""
        if self.better is None:
            return None
        sign = 1 if self.better is Better.LOWER else -1
        return min(self.points, key=lambda point: sign * point[1].value)

    @cached_property
    def form(self) -> MetricFormat:
        """How differences are written."""
        known = [figure.value for _, figure in self.points]
        return metric_format(self.metric, [*known, self.baseline.value] if self.baseline else known)

    def gain(self, figure: Figure) -> str:
        """Return how far a figure is from the baseline, such as `−0.017`; empty without one."""
        return self.form.difference(figure.value, self.baseline.value) if self.baseline else ""

    def is_gain(self, figure: Figure) -> bool | None:
        """Return whether a figure is better than the baseline; None where that is not known, or it is neither."""
        if self.baseline is None or self.better is None or figure.value == self.baseline.value:
            return None
        return (figure.value < self.baseline.value) is (self.better is Better.LOWER)


def progress_of(book: Logbook) -> MetricProgress | None:
    """Return how the primary metric of a logbook went; None where no experiment states a figure of it.

    The metric is the one that the logbook calls primary, else the likeliest by name, chosen as for runs of W&B.
    """
    told = "\n".join(told_of_the_primary(book))
    known = NAMES | set(metric_words(told)) - _FILLERS
    heads = {words[-1] for phrase in _PHRASE_END.split(told) if (words := metric_words(phrase))}
    stated = [
        (entry, found)
        for entry in oldest_first(book)
        if entry.kind is EntryKind.EXPERIMENT and (found := _named(figures_of(entry), known, heads))
    ]
    runs = [_run({name: figures[0].value for name, figures in found.items()}) for _, found in stated]
    choice = choose_metrics(runs, book)
    if not choice.metrics:
        return None
    metric = choice.metrics[0]
    better = choice.better.get(metric) or better_by_name(metric)
    points = [(entry, _best(found[metric], better)) for entry, found in stated if metric in found]
    sections = "\n".join(section.text for section in book.named("baseline"))
    baseline = _named(figures_in(sections), known, heads).get(metric)
    return MetricProgress(metric, better, baseline[0] if baseline else None, tuple(points))


def _named(figures: Iterable[Figure], known: Collection[str], heads: Collection[str]) -> dict[str, list[Figure]]:
    """Return figures by the metric that their names end with.

    It is one that its name makes a measure of quality, or one of `heads`, the last words of what is called primary.
    """
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        words = metric_words(figure.name)
        start = len(words)
        while start and words[start - 1] in known:
            start -= 1
        name = " ".join(words[start:])
        is_count = words[-1:] == ["error"] and figure.value == int(figure.value)  # "error 404"
        if name and not is_count and (better_by_name(name) or words[-1] in heads):
            found.setdefault(name, []).append(figure)
    return found


def _best(figures: list[Figure], better: Better | None) -> Figure:
    if better is None:
        return figures[0]
    return (min if better is Better.LOWER else max)(figures, key=lambda figure: figure.value)


def _run(summary: dict[str, float]) -> Run:
    """Return an experiment in the form in which metrics are chosen by."""
    return Run("", "", "", "finished", (), "", None, summary, {})
