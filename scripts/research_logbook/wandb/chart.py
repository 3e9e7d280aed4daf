"""The course of a metric as a chart that GitHub draws: Mermaid's `xychart-beta`, without a picture of anybody's.

Such a chart has no names for its lines and stretches each over the whole axis. So all are brought to the same steps
here, and the text below it says which colour is which, and which of them end early.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

from research_logbook.markdown.escape import chart_text
from research_logbook.wandb.runs import Curve

POINTS = 60
"""Of a line."""

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

_LARGEST = 1e15
"""A chart's numbers have no exponents."""


def chart(metric: str, curves: Sequence[Curve]) -> str:
    """Return the chart in its fence; empty where no curve has two points."""
    drawn = [points for curve in curves if len(points := usable(curve)) > 1]
    if not drawn:
        return ""
    last = max(points[-1][0] for points in drawn)
    first = min(points[0][0] for points in drawn)
    width = _exact((last - first) / (POINTS - 1))
    steps = [first + width * index for index in range(POINTS)]
    lines = [[_at(points, step) for step in steps] for points in drawn]
    low, high = _range([value for line in lines for value in line])
    palette = ", ".join(colour for _, colour in COLOURS[: len(lines)])
    return "\n".join(
        [
            "```mermaid",
            f'%%{{init: {{"themeVariables": {{"xyChart": {{"plotColorPalette": "{palette}"}}}}}}}}%%',
            "xychart-beta",
            f'    x-axis "step" {_plain(first)} --> {_plain(steps[-1])}',
            f"    y-axis {chart_text(metric)} {_number(low)} --> {_number(high)}",
            *(f"    line [{', '.join(map(_number, line))}]" for line in lines),
            "```",
        ]
    )


def usable(curve: Curve) -> tuple[tuple[float, float], ...]:
    """Return the points of a curve that a chart can hold, ascending."""
    held = {step: value for step, value in curve.points if abs(step) < _LARGEST and abs(value) < _LARGEST}
    return tuple(sorted(held.items()))


def _exact(width: float) -> float:
    """Return a width, hardly longer, that Mermaid can add up without rounding, which would lose the last point."""
    mantissa, exponent = math.frexp(width)
    return math.ldexp(math.ceil(mantissa * 4096), exponent - 12)


def _at(points: Sequence[tuple[float, float]], step: float) -> float:
    """Return the value at a step, on a straight line between its neighbours; beyond an end the end's."""
    before = points[0]
    for after in points:
        if after[0] >= step:
            width = after[0] - before[0]
            share = (step - before[0]) / width if width and step > before[0] else 1.0
            return before[1] + (after[1] - before[1]) * share
        before = after
    return before[1]


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    return low - room, high + room


def _number(value: float) -> str:
    return _plain(float(f"{value:.6g}"))


def _plain(value: float) -> str:
    """Return a number without an exponent, which Mermaid does not read."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")
