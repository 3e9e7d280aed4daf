"""The comparison of a thread's W&B runs as the comment that is kept current, GitHub's Markdown, with a chart. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from research_logbook.issues.wandb_server import on_wandb
from research_logbook.logbook.dates import duration
from research_logbook.markdown.escape import code, markdown, prose, row
from research_logbook.render import counted, enumerated
from research_logbook.wandb.chart import COLOURS, Chart, courses_of
from research_logbook.wandb.plan import MetricColumn, RunComparison
from research_logbook.wandb.runs import LAST, Better, History, Run, RunKey

MOST_ROWS = 60
"""Runs in the table of a comment."""

_MOST_REMARKS = 15
_LONGEST_NAME = 80
_LONGEST_URL = 500
_URL = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~%@+-]+)*/?")

Colours = Mapping[RunKey, str]


def comment(compared: RunComparison, histories: Sequence[History] = (), most_rows: int = MOST_ROWS) -> str:
    """Return the comment: what the runs ended at, what does not fit together, and the history of the primary metric."""
    courses, names = courses_of(histories), _names(compared)
    colours = {course.run.key: colour for (colour, _), course in zip(COLOURS, courses, strict=False)}
    parts = [f"### W&B results of {markdown(compared.thread.book.topic, 200)}"]
    if compared.runs:
        parts += [" ".join(_introduction(compared, names)), _table(compared, names, colours, most_rows)]
    else:
        parts.append("No runs of this thread were found in the configured projects.")
    for kind, texts in compared.remarks.items():
        if texts:
            lines = [f"- {prose(text, 600)}" for text in texts[:_MOST_REMARKS]]
            more = [f"- … and {len(texts) - _MOST_REMARKS} more"] if len(texts) > _MOST_REMARKS else []
            parts.append("\n".join([f"**{kind}**", "", *lines, *more]))
    if courses and compared.primary:
        chart = Chart(compared.primary.metric, courses, compared.primary.better)
        parts += [chart.text(), *chart.legend(names)]
    return "\n\n".join(parts) + "\n"


Names = Mapping[RunKey, str]
"""What each run is called, Markdown."""


def _names(compared: RunComparison) -> Names:
    """Return the names of runs, with their IDs where several have one name."""
    counts = Counter(run.name for run in compared.runs)
    return {
        run.key: markdown(
            run.name if counts[run.name] == 1 else f"{run.name[:_LONGEST_NAME]} ({run.id})", _LONGEST_NAME + 40
        )
        for run in compared.runs
    }


def _introduction(compared: RunComparison, names: Names) -> Iterator[str]:
    """Yield how many runs there are, and how the table is to be read."""
    projects = ", ".join(map(code, dict.fromkeys(run.project for run in compared.runs if run.project)))
    counts = Counter(run.state for run in compared.runs)
    states = ", ".join(f"{number} {markdown(state, 40)}" for state, number in counts.items())
    yield f"{counted(len(compared.runs), 'run').capitalize()}{f' in {projects}' if projects else ''}: {states}."
    sides = {way: [code(it.metric) for it in compared.columns if it.better is way] for way in Better}
    told = [f"{way} is better for {enumerated(metrics)}" for way, metrics in sides.items() if metrics]
    if told:
        is_marked = any(column.best is not None for column in compared.columns)
        sentence = " and ".join(told) + ("; the best finished run is in bold." if is_marked else ".")
        yield sentence[0].upper() + sentence[1:]
    if compared.baseline:
        yield f"In parentheses: the difference from the baseline, {names[compared.baseline.key]}; ✓ is better, ✗ worse."
    unknown = [code(column.metric) for column in compared.columns if column.better is None]
    if unknown:
        yield f"Set `wandb.better` in the configuration to say which is better for {enumerated(unknown)}."


def _table(compared: RunComparison, names: Names, colours: Colours, most_rows: int) -> str:
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
            name = f"[{names[run.key]}]({run.url})" if is_page else names[run.key]
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
