"""The course of a metric in several runs, as a chart in GitHub's Markdown. Pure.

The chart is Mermaid's `xychart-beta`, which GitHub draws without a picture of anybody's. It has no names for its lines,
no logarithmic axis, and spreads each line over the whole axis of steps. So all are brought to the same steps here, and
the text below says which colour is which, where a line ends, and what the axis cannot hold.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from research_logbook.markdown.escape import chart_text, markdown
from research_logbook.render import enumerated
from research_logbook.wandb.runs import FAILED, RUNNING, Better, History, Run, RunKey, metric_format

POINTS = 60
"""Of a line in the chart."""

COLOURS = (
    ("🟦", "#3b88c3"),
    ("🟥", "#dd2e44"),
    ("🟩", "#78b159"),
    ("🟧", "#f4900c"),
    ("🟪", "#aa8ed6"),
    ("🟫", "#a0694b"),
    ("🟨", "#e6b800"),
    ("⬛", "#66757f"),
)
"""Of the lines in order: how the text shows them, and the chart."""

_SIZE = '{"width": 600, "height": 360}'
"""As small as eight lines allow: on a telephone a chart is shrunk, and its words with it."""
_STEPS = ((1e9, "billion steps"), (1e6, "million steps"), (1e3, "thousand steps"))
_LONGEST_TITLE = 36
"""Characters that have room beside the axis."""
_LARGEST = 1e15
"""A chart's numbers have no exponents."""
_CUT = "1" + "0" * 309
"""A number that no browser can hold: a path is drawn up to there (SVG 2, "Error handling in path data")."""
_OUT_OF_SCALE = 10
"""How many times the others' values one has to be so that the axis is not made for it."""
_FAR_APART = 1e3
"""How many times the lower quarter's values the highest has to be for a logarithmic axis."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a metric went in a run: two steps or more, ascending, with a value each that is a number or infinite."""

    run: Run
    points: tuple[tuple[float, float], ...]
    end: float
    """The last step at which it was logged; behind the last of the points it is not a number any more."""

    @property
    def first(self) -> float:
        """The first step."""
        return self.points[0][0]

    @property
    def last(self) -> float:
        """The last step."""
        return self.points[-1][0]

    @property
    def finite(self) -> list[float]:
        """The values that a chart could hold."""
        return [value for _, value in self.points if abs(value) < _LARGEST]


def courses_of(histories: Iterable[History]) -> list[Course]:
    """Return the courses of which a chart can hold two points or more."""
    found = []
    for history in histories:
        held = {step: value for step, value in history.points if abs(step) < _LARGEST and not math.isnan(value)}
        if len(held) > 1 and any(abs(value) < _LARGEST for value in held.values()):
            end = max(step for step, _ in history.points if abs(step) < _LARGEST)
            found.append(Course(history.run, tuple(sorted(held.items())), end))
    return found


@dataclass(frozen=True)
class Chart:
    """Courses of one metric, of which there is one at least."""

    metric: str
    courses: Sequence[Course]
    better: Better | None = None

    @property
    def first(self) -> float:
        """The first step of all."""
        return min(course.first for course in self.courses)

    @property
    def last(self) -> float:
        """The last step of all."""
        return max(course.end for course in self.courses)

    @cached_property
    def calm(self) -> float:
        """What values have at most by their size, but for a few runs: what half of them reach, and all begin with."""
        peaks = sorted(max(abs(value) for _, value in course.points) for course in self.courses)
        return max(peaks[(len(peaks) - 1) // 2], *(abs(course.finite[0]) for course in self.courses))

    @cached_property
    def is_cut_off(self) -> bool:
        """Whether the axis ends before some values, so that one run that diverged does not flatten all others."""
        values = [value for course in self.courses for _, value in course.points]
        beyond = [value for value in values if abs(value) > self.calm]
        # What is far better than all others is what everybody wants to see.
        is_worse = self.better is None or all((value > 0) is (self.better is Better.LOWER) for value in beyond)
        return 0 < self.calm * _OUT_OF_SCALE < max(map(abs, values)) and is_worse

    @cached_property
    def is_logarithmic(self) -> bool:
        """Whether the values lie so far apart that their powers of ten are drawn."""
        values = sorted(value for course in self.courses for value in course.finite)
        return not self.is_cut_off and values[0] > 0 and values[-1] > _FAR_APART * values[len(values) // 4]

    @cached_property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest value that the axis is made for."""
        most = self.calm if self.is_cut_off else math.inf
        values = [value for course in self.courses for value in course.finite if abs(value) <= most]
        return min(values), max(values)

    def beyond(self, course: Course) -> float | None:
        """Return the value of a course that lies furthest beyond the axis; None where all are within."""
        low, high = self.range
        values = [value for _, value in course.points if not low <= value <= high]
        return max(values, key=abs, default=None)

    def text(self) -> str:
        """Return it in its fence."""
        # Hardly wider than needed, so that Mermaid can add widths up without rounding, which would lose the last point.
        mantissa, exponent = math.frexp((self.last - self.first) / (POINTS - 1))
        width = math.ldexp(math.ceil(mantissa * 4096), exponent - 12)
        steps = [self.first + width * index for index in range(POINTS)]
        low, high = map(self._height, self.range)
        room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
        bottom, top = low - room, high + room
        lines = []
        for course in self.courses:
            points = [(step, min(max(self._height(value), bottom), top)) for step, value in course.points]
            number = min(POINTS, max(2, round((course.last - self.first) / width) + 1))
            # The last value itself, at the nearest step.
            values = [*(_rounded(_value_at(points, step)) for step in steps[: number - 1]), _rounded(points[-1][1])]
            lines.append(", ".join([*values, *([_CUT] * (number < POINTS)), *(["0"] * (POINTS - number - 1))]))
        colours = f'{{"plotColorPalette": "{", ".join(colour for _, colour in COLOURS[: len(lines)])}"}}'
        # Ten long numbers have no room side by side.
        largest = max(abs(self.first), abs(self.last))
        unit, word = next(((size, word) for size, word in _STEPS if largest >= 10 * size), (1.0, "step"))
        title = f"log10 of {self.metric}" if self.is_logarithmic else self.metric
        return "\n".join(
            [
                "```mermaid",
                f'%%{{init: {{"xyChart": {_SIZE}, "themeVariables": {{"xyChart": {colours}}}}}}}%%',
                "xychart-beta",
                f'    x-axis "{word}" {_plain(self.first / unit)} --> {_plain(steps[-1] / unit)}',
                f"    y-axis {chart_text(title, _LONGEST_TITLE)} {_rounded(bottom)} --> {_rounded(top)}",
                *(f"    line [{line}]" for line in lines),
                "```",
            ]
        )

    def _height(self, value: float) -> float:
        return math.log10(value) if self.is_logarithmic and 0 < value < math.inf else value

    def legend(self, names: Mapping[RunKey, str]) -> Iterator[str]:
        """Yield which colour is which, and what the chart does not show by itself; `names` are Markdown."""
        keys = zip(COLOURS, self.courses, strict=False)
        yield " · ".join(f"{colour} {names[course.run.key]}" for (colour, _), course in keys)
        if self.is_logarithmic:
            yield "The values lie far apart, so the axis is logarithmic: it shows their powers of ten."
        beyond = [(course, value) for course in self.courses if (value := self.beyond(course)) is not None]
        if beyond:
            told = [f"{names[course.run.key]}, up to {self._written(value)}" for course, value in beyond]
            yield f"Beyond the axis, and drawn along its edge: {'; '.join(told)}."
        early = [course for course in self.courses if course.last < self.last]
        if early:
            told = [f"{names[course.run.key]} at {_plain(course.last)}{_why_it_ends(course)}" for course in early]
            yield f"Lines that end before step {_plain(self.last)}: {enumerated(told)}."
        late = [course for course in self.courses if course.first > self.first]
        if late:
            told = [f"{names[course.run.key]} at {_plain(course.first)}" for course in late]
            yield f"Lines that begin later, and are drawn level up to there: {enumerated(told)}."

    def _written(self, value: float) -> str:
        return metric_format(self.metric, [value]).value(value)


def _why_it_ends(course: Course) -> str:
    if course.last < course.end:
        return " (NaN from there on)"
    if course.run.state in RUNNING:
        return " (still running)"
    return f" ({markdown(course.run.state, 40)})" if course.run.state in FAILED else ""


def _value_at(points: Sequence[tuple[float, float]], step: float) -> float:
    """Return the value at a step, on a straight line between its neighbours; beyond an end the end's."""
    before = points[0]
    for after in points:
        if after[0] >= step:
            width = after[0] - before[0]
            share = (step - before[0]) / width if width and step > before[0] else 1.0
            return before[1] + (after[1] - before[1]) * share
        before = after
    return before[1]


def _rounded(value: float) -> str:
    return _plain(float(f"{value:.6g}"))


def _plain(value: float) -> str:
    """Return a number without an exponent, which Mermaid does not read."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")
