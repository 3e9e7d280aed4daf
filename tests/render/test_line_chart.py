"""Claims about charts: the same bytes each time, no script or style in them, and words for a screen reader."""

import math

from research_logbook.render.line_chart import MOST_LINES, ChartLine, line_chart, sparkline

LOSS = ChartLine('loss <b> & "x"', [(0, 2.25), (1, 2.24), (2, 2.21)])
BASELINE = ChartLine("baseline", [(0, 2.23), (2, 2.23)], is_reference=True)


def test_a_chart_is_the_same_each_time() -> None:
    """No date, no random name."""
    drawn = line_chart([LOSS, BASELINE], about="loss in 3 experiments", names=["A-001", "A-002", "A-003"])
    assert drawn == line_chart([LOSS, BASELINE], about="loss in 3 experiments", names=["A-001", "A-002", "A-003"])
    assert 'role="img"' in drawn
    assert 'aria-label="loss in 3 experiments"' in drawn


def test_a_chart_holds_nothing_but_shapes_and_words() -> None:
    """No script and no style, and a name is text; the reference is told apart."""
    drawn = line_chart([LOSS, BASELINE], about='a"><script>', names=["A-001", "<x>", "A-003"])
    for what in ("<script", "<style", "style=", "<b>", "<x>", "href", " id="):
        assert what not in drawn
    assert "loss &lt;b&gt; &amp;" in drawn
    assert drawn.count("reference") >= 1


def test_what_is_not_finite_is_left_out() -> None:
    """A run that diverged is drawn as far as it had numbers."""
    drawn = line_chart([ChartLine("x", [(0, 1.0), (1, math.nan), (2, math.inf), (3, 2.0)])], about="x")
    assert "nan" not in drawn.casefold()
    assert "inf" not in drawn.casefold()


def test_one_point_is_no_chart() -> None:
    """Nor is none."""
    assert line_chart([ChartLine("x", [(0, 1.0)])], about="x") == ""
    assert line_chart([], about="x") == ""
    assert sparkline([1.0], about="x") == ""
    assert sparkline([math.nan, math.nan, 3.0], about="x") == ""


def test_no_more_lines_than_can_be_told_apart() -> None:
    """The first ones are drawn."""
    drawn = line_chart([ChartLine(f"run-{n}", [(0, n), (1, n + 1)]) for n in range(20)], about="x")
    assert f"run-{MOST_LINES - 1}" in drawn
    assert f"run-{MOST_LINES}<" not in drawn


def test_the_same_value_throughout_is_drawn() -> None:
    """A flat line is a line."""
    assert "<path" in sparkline([2.0, 2.0, 2.0], about="x")
