"""The comparison of a thread's W&B runs as the comment that is kept current, GitHub's Markdown, with a chart. Pure.

The chart is Mermaid's `xychart-beta`, which GitHub draws without a picture of anybody's. It has no names for its lines
and stretches each over the whole axis: so all are brought to the same steps here, and the text below it says which
colour is which, and which of them end early.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from research_logbook.issues.wandb_server import on_wandb
from research_logbook.markdown.escape import chart_text, code, markdown, prose, row
from research_logbook.render import counted
from research_logbook.wandb.plan import MetricColumn, RunComparison
from research_logbook.wandb.runs import LAST, Better, History, Run, RunKey, duration

MOST_ROWS = 60
"""Runs in the table of a comment."""

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

_MOST_REMARKS = 15
_LONGEST_NAME = 80
_LONGEST_URL = 500
_URL = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~%@+-]+)*/?")
_LARGEST = 1e15
"""A chart's numbers have no exponents."""

Colours = Mapping[RunKey, str]


def comment(compared: RunComparison, histories: Sequence[History] = (), most_rows: int = MOST_ROWS) -> str:
    """Return the comment: what the runs ended at, what does not fit together, and the history of the primary metric."""
    drawn = _drawable(histories)
    colours = {history.run.key: COLOURS[index][0] for index, history in enumerate(drawn)}
    parts = [f"### W&B results of {markdown(compared.thread.book.topic, 200)}"]
    if compared.runs:
        parts += [" ".join(_introduction(compared)), _table(compared, colours, most_rows)]
    else:
        parts.append("No runs of this thread were found in the configured projects.")
    for kind, texts in compared.remarks.items():
        if texts:
            lines = [f"- {prose(text, 600)}" for text in texts[:_MOST_REMARKS]]
            more = [f"- … and {len(texts) - _MOST_REMARKS} more"] if len(texts) > _MOST_REMARKS else []
            parts.append("\n".join([f"**{kind}**", "", *lines, *more]))
    if drawn and compared.primary:
        parts += [chart(compared.primary.metric, drawn), *_legend(drawn, colours)]
    return "\n\n".join(parts) + "\n"


def _introduction(compared: RunComparison) -> Iterator[str]:
    """Yield how many runs there are, and how the table is to be read."""
    projects = ", ".join(map(code, dict.fromkeys(run.project for run in compared.runs if run.project)))
    counts = Counter(run.state for run in compared.runs)
    states = ", ".join(f"{number} {markdown(state, 40)}" for state, number in counts.items())
    yield f"{counted(len(compared.runs), 'run').capitalize()}{f' in {projects}' if projects else ''}: {states}."
    for way in Better:
        names = [code(column.metric) for column in compared.columns if column.better is way]
        if names:
            yield f"{way.capitalize()} is better for {', '.join(names)}; the best finished run is in bold."
    if compared.baseline:
        yield f"In parentheses: the difference from the baseline, {_name(compared.baseline)}; ✓ is better, ✗ worse."
    unknown = [code(column.metric) for column in compared.columns if column.better is None]
    if unknown:
        yield f"Set `wandb.better` in the configuration to say which is better for {', '.join(unknown)}."


def _table(compared: RunComparison, colours: Colours, most_rows: int) -> str:
    """Return the table of runs; where not all have room, the baseline, the charted ones and the newest are shown."""
    titles = ["Experiment", "Run", "State", "Runtime", *map(_title, compared.columns)]
    newest = sorted(compared.runs, key=lambda run: run.created_at, reverse=True)
    first = sorted(newest, key=lambda run: run is not compared.baseline and run.key not in colours)
    kept = {run.key for run in first[:most_rows]}
    rows = []
    for run in compared.runs:
        if run.key in kept:
            is_page = (
                len(run.url) <= _LONGEST_URL and _URL.fullmatch(run.url) and on_wandb(run.url, compared.thread.host)
            )
            name = f"[{_name(run)}]({run.url})" if is_page else _name(run)
            colour = f"{colours[run.key]} " if run.key in colours else ""
            mark = " (baseline)" if run is compared.baseline else ""
            cells = [markdown(", ".join(compared.thread.ids(run)), _LONGEST_NAME) or "–", f"{colour}{name}{mark}"]
            cells += [markdown(run.state, 40), duration(run.runtime)]
            rows.append(row([*cells, *(_cell(run, column, compared.baseline) for column in compared.columns)]))
    rule = [*["---"] * 3, *["--:"] * (1 + len(compared.columns))]
    left_out = len(compared.runs) - len(rows)
    more = f"\n\n{counted(left_out, 'more run')} not shown." if left_out else ""
    return "\n".join([row(titles), row(rule), *rows]) + more


def _title(column: MetricColumn) -> str:
    return code(column.metric, 60) + (f" ({column.kind})" if column.kind != LAST else "")


def _cell(run: Run, column: MetricColumn, baseline: Run | None) -> str:
    found, form = run.value(column.metric, column.kind), column.form
    if found is None:
        return "–"
    value, kind = found
    if kind != column.kind:  # a smallest value and a last one say nothing about each other
        return f"{form.value(value)} ({kind})"
    is_best = run.state == "finished" and value == column.best
    shown = f"**{form.value(value)}**" if is_best else form.value(value)
    base = column.value(baseline) if baseline and run is not baseline else None
    gap = form.difference(value, base) if base is not None else ""
    if base is None or not gap:
        return shown
    is_worse = (value < base) is not (column.better is Better.LOWER)
    mark = "" if column.better is None or value == base else " ✗" if is_worse else " ✓"
    return f"{shown} ({gap}{mark})"


def _name(run: Run) -> str:
    return markdown(run.name, _LONGEST_NAME) or markdown(run.id, _LONGEST_NAME)


def _legend(drawn: Sequence[History], colours: Colours) -> Iterator[str]:
    yield " · ".join(f"{colours[history.run.key]} {_name(history.run)}" for history in drawn)
    ends = {history.run.key: history.points[-1][0] for history in drawn}
    last = max(ends.values())
    early = [f"{_name(one.run)} at {ends[one.run.key]:.12g}" for one in drawn if ends[one.run.key] < last]
    if early:
        yield f"Runs that end before step {last:.12g} are continued at their last value: {', '.join(early)}."


def chart(metric: str, histories: Sequence[History]) -> str:
    """Return the chart in its fence; empty where no history has two points."""
    drawn = [history.points for history in _drawable(histories)]
    if not drawn:
        return ""
    last = max(points[-1][0] for points in drawn)
    first = min(points[0][0] for points in drawn)
    # Hardly wider than needed, so that Mermaid can add widths up without rounding, which would lose the last point.
    mantissa, exponent = math.frexp((last - first) / (POINTS - 1))
    width = math.ldexp(math.ceil(mantissa * 4096), exponent - 12)
    steps = [first + width * index for index in range(POINTS)]
    lines = [[_value_at(points, step) for step in steps] for points in drawn]
    low, high = min(map(min, lines)), max(map(max, lines))
    room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    palette = ", ".join(colour for _, colour in COLOURS[: len(lines)])
    return "\n".join(
        [
            "```mermaid",
            f'%%{{init: {{"themeVariables": {{"xyChart": {{"plotColorPalette": "{palette}"}}}}}}}}%%',
            "xychart-beta",
            f'    x-axis "step" {_plain(first)} --> {_plain(steps[-1])}',
            f"    y-axis {chart_text(metric)} {_rounded(low - room)} --> {_rounded(high + room)}",
            *(f"    line [{', '.join(map(_rounded, line))}]" for line in lines),
            "```",
        ]
    )


def _drawable(histories: Iterable[History]) -> list[History]:
    """Return the histories of which a chart can hold two points or more, with those points in ascending order."""
    found = []
    for history in histories:
        held = {step: value for step, value in history.points if abs(step) < _LARGEST and abs(value) < _LARGEST}
        if len(held) > 1:
            found.append(History(history.run, tuple(sorted(held.items()))))
    return found


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
