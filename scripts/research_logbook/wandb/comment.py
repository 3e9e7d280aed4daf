"""The summary of a thread's W&B runs as the comment that is kept current, GitHub's Markdown."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from research_logbook.markdown.escape import chart_text, code, markdown, prose, row
from research_logbook.render import counted
from research_logbook.wandb.plan import Column, Remark, RemarkKind, RunComparison
from research_logbook.wandb.runs import Better, Curve, Run, Style, duration, style_of

MOST_ROWS = 60
"""Runs in the table of a comment."""

_MOST_REMARKS = 15
_LONGEST_NAME = 80
_LONGEST_URL = 500
_URL = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~%@+-]+)*/?")

Key = tuple[str, str]


def comment(summary: RunComparison, curves: Sequence[Curve] = (), most_rows: int = MOST_ROWS) -> str:
    """Return the comment: what the runs ended at, what does not fit together, and the course of the primary metric."""
    colours = {curve.run.key: COLOURS[index][0] for index, curve in enumerate(_drawn(curves))}
    parts = [
        f"### W&B results of {markdown(summary.thread.book.topic, 200)}",
        _opening(summary),
        _table(summary, colours, most_rows),
        *_remarks(summary.remarks),
        *_charted(summary, curves, colours),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _opening(summary: RunComparison) -> str:
    if not summary.runs:
        return "There is no run of this thread in the projects that are read."
    projects = ", ".join(code(project) for project in dict.fromkeys(run.project for run in summary.runs if run.project))
    states = ", ".join(
        f"{number} {markdown(state, 40)}" for state, number in Counter(r.state for r in summary.runs).items()
    )
    where = f" in {projects}" if projects else ""
    return " ".join([f"{counted(len(summary.runs), 'run').capitalize()}{where}: {states}.", *_reading(summary)])


def _reading(summary: RunComparison) -> Iterator[str]:
    """Yield how the table is to be read."""
    for way in Better:
        names = [code(column.metric) for column in summary.columns if column.better is way]
        if names:
            yield f"{way.capitalize()} is better for {', '.join(names)}; the best of the finished runs is bold."
    if summary.baseline:
        yield f"In parentheses: the difference to the baseline, {_name(summary.baseline)}; ✓ is better, ✗ worse."
    unknown = [code(column.metric) for column in summary.columns if column.better is None]
    if unknown:
        yield f"Nobody says which is better for {', '.join(unknown)}: `wandb.better` in the configuration can."


def _table(summary: RunComparison, colours: Mapping[Key, str], most_rows: int) -> str:
    if not summary.runs:
        return ""
    titles = ["Experiment", "Run", "State", "Runtime", *(code(column.metric, 60) for column in summary.columns)]
    styles = [style_of(column.metric, _values(summary, column)) for column in summary.columns]
    shown = _most_telling(summary, colours, most_rows)
    rows = [row(_cells(summary, run, styles, colours)) for run in shown]
    left_out = len(summary.runs) - len(shown)
    more = f"\n\n{counted(left_out, 'more run')} not shown, for want of room." if left_out else ""
    rule = [*["---"] * 3, *["--:"] * (1 + len(summary.columns))]
    return "\n".join([row(titles), row(rule), *rows]) + more


def _most_telling(summary: RunComparison, colours: Mapping[Key, str], most: int) -> Sequence[Run]:
    """Return the runs that have room: the baseline, the charted ones and the newest, in the summary's order."""
    if len(summary.runs) <= most:
        return summary.runs
    newest = sorted(summary.runs, key=lambda run: run.created, reverse=True)
    first = sorted(newest, key=lambda run: run is not summary.baseline and run.key not in colours)
    kept = {run.key for run in first[:most]}
    return [run for run in summary.runs if run.key in kept]


def _values(summary: RunComparison, column: Column) -> list[float]:
    return [run.values[column.metric] for run in summary.runs if column.metric in run.values]


def _cells(summary: RunComparison, run: Run, styles: Sequence[Style], colours: Mapping[Key, str]) -> Iterator[str]:
    yield markdown(", ".join(summary.thread.ids(run)), _LONGEST_NAME) or "–"
    colour = f"{colours[run.key]} " if run.key in colours else ""
    yield f"{colour}{_linked(run)}{' (baseline)' if run is summary.baseline else ''}"
    yield markdown(run.state, 40)
    yield duration(run.seconds)
    for column, style in zip(summary.columns, styles, strict=True):
        yield _cell(run, column, style, summary.baseline)


def _linked(run: Run) -> str:
    is_link = len(run.url) <= _LONGEST_URL and _URL.fullmatch(run.url)
    return f"[{_name(run)}]({run.url})" if is_link else _name(run)


def _name(run: Run) -> str:
    return markdown(run.name, _LONGEST_NAME) or markdown(run.id, _LONGEST_NAME)


def _cell(run: Run, column: Column, style: Style, baseline: Run | None) -> str:
    value = run.values.get(column.metric)
    if value is None:
        return "–"
    is_best = run.state == "finished" and value == column.best
    shown = f"**{style.value(value)}**" if is_best else style.value(value)
    base = baseline.values.get(column.metric) if baseline and run is not baseline else None
    gap = style.difference(value, base) if base is not None else ""
    return f"{shown} ({gap}{_mark(value, base, column.better)})" if gap and base is not None else shown


def _mark(value: float, base: float, better: Better | None) -> str:
    if better is None or value == base:
        return ""
    return " ✓" if (value < base) is (better is Better.LOWER) else " ✗"


def _remarks(remarks: Sequence[Remark]) -> Iterator[str]:
    for kind in RemarkKind:
        texts = [remark.text for remark in remarks if remark.kind is kind]
        if texts:
            lines = [f"- {prose(text, 600)}" for text in texts[:_MOST_REMARKS]]
            more = [f"- … and {len(texts) - _MOST_REMARKS} more"] if len(texts) > _MOST_REMARKS else []
            yield "\n".join([f"**{kind}**", "", *lines, *more])


def _drawn(curves: Sequence[Curve]) -> list[Curve]:
    return [curve for curve in curves if len(usable(curve)) > 1]


def _charted(summary: RunComparison, curves: Sequence[Curve], colours: Mapping[Key, str]) -> Iterator[str]:
    drawn = _drawn(curves)
    if not drawn or summary.primary is None:
        return
    yield chart(summary.primary.metric, drawn)
    yield " · ".join(f"{colours[curve.run.key]} {_name(curve.run)}" for curve in drawn)
    last = max(usable(curve)[-1][0] for curve in drawn)
    early = [curve for curve in drawn if usable(curve)[-1][0] < last]
    if early:
        ends = ", ".join(f"{_name(curve.run)} at {usable(curve)[-1][0]:.12g}" for curve in early)
        yield f"Drawn on at its last value where a run ends before step {last:.12g}: {ends}."


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
