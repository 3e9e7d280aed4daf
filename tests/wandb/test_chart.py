"""Claims about the chart: each run's course where it is, as far as it goes, on an axis that shows the difference."""

import math
import re
from collections.abc import Sequence

import pytest

from research_logbook.wandb.chart import POINTS, Chart, courses_of
from research_logbook.wandb.runs import Better, History
from runs import run

FIRST, SECOND, THIRD = (run(f"MOE-HC-00{n}", run_id=f"r{n}") for n in (1, 2, 3))
FALLING = [(float(step), 3 - step / 100) for step in range(100)]


def chart(*histories: History, better: Better | None = None, metric: str = "eval/loss") -> Chart:
    """Return the chart of histories."""
    return Chart(metric, courses_of(histories), better)


def lines(text: str) -> list[list[float]]:
    """Return the numbers of a chart's lines, up to where each ends."""
    found = [[float(number) for number in line.split(", ")] for line in re.findall(r"line \[(.*)\]", text)]
    assert {len(line) for line in found} == {POINTS}
    return [line[: line.index(math.inf)] if math.inf in line else line for line in found]


def axis(text: str) -> tuple[float, float]:
    """Return the ends of the axis of values."""
    found = re.search(r"y-axis .* (\S+) --> (\S+)$", text, re.MULTILINE)
    assert found
    return float(found[1]), float(found[2])


def said(one: Chart) -> list[str]:
    """Return what stands below the chart."""
    return list(one.legend({course.run.key: course.run.name[-3:] for course in one.courses}))


def test_all_lines_have_the_same_steps() -> None:
    """Each line is spread over the same steps, with values between those that were logged."""
    whole = History(FIRST, tuple((float(step), float(step)) for step in range(0, 1_000, 10)))
    short = History(SECOND, ((0.0, 5.0), (495.0, 100.0)))
    text = chart(whole, short).text()
    (one, other) = lines(text)
    assert one == pytest.approx([990 * index / 59 for index in range(60)], rel=1e-3)
    assert (len(other), other[0], other[-1]) == (30, 5.0, 100.0)
    assert 'x-axis "step" 0 --> 990.09375' in text


@pytest.mark.parametrize(
    ("last", "axis"),
    [(9_900, '"step" 0 --> 99'), (59e3, '"thousand steps" 0 --> 59'), (59e6, '"million steps" 0 --> 59')],
)
def test_many_steps_have_a_unit(last: float, axis: str) -> None:
    """Long numbers would stand in each other's way below the axis."""
    assert f"x-axis {axis}" in chart(History(FIRST, ((0.0, 3.0), (last, 2.0)))).text()


ENDS: list[tuple[str, Sequence[tuple[float, float]], str]] = [
    ("finished", FALLING[:50], "Lines that end before step 99: 002 at 49."),
    ("running", FALLING[:50], "Lines that end before step 99: 002 at 49 (still running)."),
    ("crashed", FALLING[:50], "Lines that end before step 99: 002 at 49 (crashed)."),
    ("finished", [*FALLING[:50], *((step, math.nan) for step, _ in FALLING[50:])], "002 at 49 (NaN from there on)."),
]


@pytest.mark.parametrize(("state", "points", "told"), ENDS, ids=range(len(ENDS)))
def test_a_line_ends_where_its_run_does(state: str, points: Sequence[tuple[float, float]], told: str) -> None:
    """A run that stopped, goes on or has become NaN is not drawn on as if it had stayed there; it is said why."""
    one = chart(History(FIRST, tuple(FALLING)), History(run("MOE-HC-002", state), tuple(points)))
    whole, short = lines(one.text())
    assert (len(whole), len(short), short[-1]) == (60, 30, 2.51)
    assert next(text for text in said(one) if "end before" in text).endswith(told)


def test_a_run_alone_may_become_no_number() -> None:
    """The axis of steps goes on to where the run went, and its line does not."""
    one = chart(History(FIRST, (*FALLING[:50], (99.0, math.nan))))
    assert [len(line) for line in lines(one.text())] == [30]
    assert said(one)[1] == "Lines that end before step 99: 001 at 49 (NaN from there on)."


def test_a_gap_is_bridged() -> None:
    """A value between two others that is no number ends nothing."""
    one = chart(History(FIRST, ((0.0, 3.0), (1.0, math.nan), (2.0, 1.0))))
    assert [len(line) for line in lines(one.text())] == [60]
    assert said(one) == ["🟦 001"]


def test_a_line_that_begins_late_is_said() -> None:
    """A path cannot begin late, so the line is level up to there, and the text says from where on it counts."""
    one = chart(History(FIRST, tuple(FALLING)), History(SECOND, tuple(FALLING[50:])))
    assert said(one)[1] == "Lines that begin later, and are drawn level up to there: 002 at 50."
    assert lines(one.text())[1][:30] == [2.5] * 30


DIVERGED = [*FALLING[:40], *((float(step), 10.0 ** min(13, step - 39)) for step in range(40, 100))]


@pytest.mark.parametrize("worst", [1e13, 1e30, math.inf])
def test_one_run_that_diverged_does_not_flatten_the_others(worst: float) -> None:
    """The axis is made for the others; the one goes along its edge, and the text says how far it went."""
    bad = History(SECOND, (*DIVERGED[:-1], (99.0, worst)))
    one = chart(History(FIRST, tuple(FALLING)), bad, better=Better.LOWER)
    text = one.text()
    low, high = axis(text)
    assert (low, high) == (pytest.approx(1.96, abs=0.02), pytest.approx(3.05, abs=0.02))
    assert max(lines(text)[1]) == high
    shown = {1e13: "10.00T", 1e30: "1e+30", math.inf: "∞"}[worst]
    assert said(one)[1:] == [f"Beyond the axis, and drawn along its edge: 002, up to {shown}."]


def test_a_run_that_diverged_alone_has_a_logarithmic_axis() -> None:
    """Where there is nothing to compare with, powers of ten are drawn, and both axis and text say so."""
    one = chart(History(FIRST, tuple(DIVERGED)), better=Better.LOWER)
    text = one.text()
    assert 'y-axis "log10 of eval/loss"' in text
    assert axis(text)[1] == pytest.approx(13.6, abs=0.1)
    assert said(one)[1].startswith("The values lie far apart, so the axis is logarithmic")


def test_what_is_far_better_is_not_cut_off() -> None:
    """A run that is ten times as good as all others is what everybody wants to see."""
    slow, fast = (tuple((float(step), value * (1 + step / 100)) for step in range(100)) for value in (1e4, 1e6))
    rising = chart(
        History(FIRST, slow), History(SECOND, ((0.0, 1e4), *fast[1:])), better=Better.HIGHER, metric="tokens"
    )
    assert not rising.is_cut_off
    assert axis(rising.text())[1] > 1.9e6


CALM: list[tuple[float, ...]] = [
    (11.0, 3.0, 2.0),
    (0.1, 0.5, 0.9),
    tuple(1e-3 * (1 + math.cos(n / 50 * math.pi)) for n in range(51)),
    (0.0, 0.0),
    (-5.0, 3.0),
    (2.0, 9.0, 2.0),
]


@pytest.mark.parametrize("values", CALM)
def test_an_ordinary_course_has_an_ordinary_axis(values: Sequence[float]) -> None:
    """A loss that falls, an accuracy that rises, a schedule to zero: nothing is cut off, and no power of ten drawn."""
    one = chart(History(FIRST, tuple((float(step), value) for step, value in enumerate(values))))
    assert (one.is_cut_off, one.is_logarithmic, len(said(one))) == (False, False, 1)


def test_there_are_no_numbers_that_mermaid_cannot_read() -> None:
    """Tiny, huge and missing values are written without an exponent, or left out."""
    points = [(0.0, 1e-7), (1.0, 123_456_789.0), (2.0, math.inf), (3.0, math.nan), (4.0, 1e30), (5.0, 2.0)]
    text = chart(History(FIRST, tuple(points)), metric='x"]\n```\nline').text()
    assert re.findall(r"\d[eE][-+]?\d|nan|inf", text) == []
    assert text.count("```") == 2
    assert 'y-axis "log10 of x line"' in text


def test_no_points_make_no_course() -> None:
    """A run with one point, with none, or with no number has no course."""
    lost = History(THIRD, ((0.0, math.nan), (1.0, math.inf), (2.0, -math.inf)))
    assert courses_of([History(FIRST, ((0.0, 1.0),)), History(SECOND, ()), lost]) == []
