"""Claims about the chart of a summary, drawn by Mermaid in a browser as GitHub draws it."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from e2e.browser import draw, visit
from research_logbook.wandb.chart import COLOURS, Chart, courses_of
from research_logbook.wandb.runs import History
from runs import run


def curve(number: int, steps: int) -> History:
    """Return the course of a loss that falls, ending after some steps."""
    points = ((float(step * 50), 2 + (number + 1) * math.exp(-step / 20)) for step in range(steps))
    return History(run(f"MOE-HC-{number:03}"), tuple(points))


def chart(metric: str, histories: Sequence[History]) -> str:
    """Return the chart of histories in its fence."""
    return Chart(metric, courses_of(histories)).text()


def unfenced(text: str) -> str:
    """Return a chart as GitHub hands it to Mermaid."""
    fence, *lines, end = text.split("\n")
    assert (fence, end) == ("```mermaid", "```")
    return "\n".join(lines)


def test_charts_are_drawn(tmp_path: Path) -> None:
    """Eight lines in their colours, a single one, tiny and constant values and a hostile metric: all can be drawn."""
    many = [curve(number, 100) for number in range(8)]
    tiny = History(run("a"), ((0.0, 1e-9), (1.0, 2e-9)))
    flat = History(run("a"), ((0.0, 2.0), (1.0, 2.0)))
    charts = [
        chart("eval/loss", many),
        chart("eval/loss", many[:1]),
        chart("grad norm", [tiny]),
        chart("loss", [flat]),
        chart('"]%%{init: {}}%%\n```;<b>@mia</b>\\n line [1, 2]', [flat]),
    ]
    drawn = draw([unfenced(text) for text in charts], tmp_path)
    assert [one.error for one in drawn] == [""] * len(charts)
    assert [len(one.lines) for one in drawn] == [8, 1, 1, 1, 1]
    assert drawn[0].colours == [colour for _, colour in COLOURS]
    assert not [line for one in drawn for line in one.lines if "NaN" in line or line.count("L") != 59]


def test_a_line_that_ends_early_is_drawn_to_its_end(tmp_path: Path) -> None:
    """A browser draws a path up to where it cannot go on, so nothing stands behind the end of a run."""
    whole, short = [(step, 3 - step / 100) for step in range(100)], [(step, 2 - step / 100) for step in range(50)]
    text = chart("loss", [History(run(name), tuple(points)) for name, points in (("a", whole), ("b", short))])
    (one,) = draw([unfenced(text)], tmp_path)
    assert [line.partition("NaN")[0].count("L") for line in one.lines] == [59, 30]
    page = tmp_path / "lengths.html"
    paths = "".join(f'<path d="{line}"/>' for line in one.lines)
    page.write_text(
        f"<!doctype html><svg>{paths}</svg><script>document.title = [...document.querySelectorAll('path')]"
        ".map(path => Math.round(path.getBBox().width)).join(' ')</script>"
    )
    found = re.search(r"<title>(\d+) (\d+)</title>", visit(page, tmp_path, "--dump-dom"))
    assert found
    assert int(found[2]) / int(found[1]) == pytest.approx(29 / 59, abs=0.01)


def test_the_axes_are_labelled(tmp_path: Path) -> None:
    """The steps stand below, the metric at the side, and both axes have numbers."""
    (one,) = draw([unfenced(chart("eval/loss", [curve(1, 100)]))], tmp_path)
    assert {"step", "eval/loss", "0", "1000"} <= set(one.texts)


def test_a_chart_that_is_none_is_told(tmp_path: Path) -> None:
    """The bench would notice: what Mermaid cannot read is an error, and the others are drawn."""
    broken, good = draw(["xychart-beta\n    line [a, b", unfenced(chart("loss", [curve(1, 9)]))], tmp_path)
    assert (bool(broken.error), good.error) == (True, "")
