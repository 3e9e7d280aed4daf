"""Claims about the figures that a result states: which they are, and whether a second run's numbers are the same."""

import math

import pytest

from research_logbook.instrument.stated_figures import agrees, compared, difference, figures_in, figures_of
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

_ENTRY = "# Tiles: Research Logbook\n\n## Entry Log\n\n### 2026-05-25 - TIL-001 first\n\n{}\n"


def told(text: str) -> list[str]:
    """Return the figures that a text states."""
    return [f"{it} (against {it.against.written})" if it.against else str(it) for it in figures_in(text)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("loss 2.25, eval/accuracy 0.5", ["loss 2.25", "eval/accuracy 0.5"]),
        ("Final eval loss of 2.214 at step 400.", ["eval loss 2.214"]),
        ("accuracy: 71.2 ± 0.3 %; ppl = 1,234.5", ["accuracy 71.2 ± 0.3 %", "ppl 1,234.5"]),
        ("loss 2.2 (baseline 2.26)", ["loss 2.2 (against 2.26)"]),
        ("loss 2.2, down from 2.26", ["loss 2.2 (against 2.26)"]),
        ("loss fell from 2.3 to 2.2", ["loss 2.2 (against 2.3)"]),
        ("step time 81 ms vs 90 ms", ["step time 81 ms (against 90 ms)"]),
        ("loss nan, gap −0.3, ratio -inf", ["loss nan", "gap −0.3", "ratio -inf"]),
        ("mAP@0.5: 0.33, R@10 55.1%", ["mAP@0.5 0.33", "R@10 55.1%"]),
        ("throughput 12.3k tokens/s, loss 1e-3", ["throughput 12.3k", "loss 1e-3"]),
        ("损失 2.2", ["损失 2.2"]),
        ("loss (validation) 2.2", ["loss 2.2"]),
        ("seed 3, 400 steps, batch size 64, exit status 3 after 2.0 s", []),
        ("on 2026-05-26 at 10:30 in v1.2.3, see #12 and TIL-001", []),
        ("better than the baseline's 2.26", []),
    ],
)
def test_a_figure_is_a_metric_with_its_value(text: str, figures: list[str]) -> None:
    """Under the name in front of it; settings, dates, versions and what it is compared with are none."""
    assert told(text) == figures


@pytest.mark.parametrize(
    ("rows", "figures"),
    [
        ("| metric | value |\n|---|---|\n| loss | 2.25 |\n| accuracy | 71 % |", ["loss 2.25", "accuracy 71 %"]),
        ("| loss | accuracy |\n|---|---|\n| 2.25 | 0.5 |", ["loss 2.25", "accuracy 0.5"]),
        ("| run | loss |\n|---|---|\n| TIL-000 | 2.9 |\n| TIL-001 | 2.25 |", ["loss 2.25"]),
        ("| width | loss |\n|---|---|\n| 64 | 2.9 |\n| 128 | 2.25 |", []),
    ],
    ids=["names in the first column", "names on top", "a row of the entry", "a sweep"],
)
def test_a_table_states_figures_where_it_is_clear_whose_they_are(rows: str, figures: list[str]) -> None:
    """Of a sweep nobody knows which row is meant."""
    book = parse("til.md", _ENTRY.format(f"- Command: `x`\n- Result: see the table.\n\n{rows}").encode())
    assert isinstance(book, Logbook)
    assert [str(it) for it in figures_of(book.everything[0])] == figures


def test_what_is_struck_out_is_not_stated() -> None:
    """The correction counts."""
    book = parse("til.md", _ENTRY.format("- Command: `x`\n- Result: ~~loss 2.3~~ loss 2.2").encode())
    assert isinstance(book, Logbook)
    assert [str(it) for it in figures_of(book.everything[0])] == ["loss 2.2"]


@pytest.mark.parametrize(
    ("text", "value", "tolerance", "is_same"),
    [
        ("loss 2.25", 2.2512, None, True),
        ("loss 2.25", 2.2612, None, False),
        ("loss 2.25", 2.27, 0.01, True),
        ("loss 2.25", 2.28, 0.01, False),
        ("loss 2.25", -2.25, 0.01, False),
        ("loss −2.25", -2.25, None, True),
        ("loss 0", 0.0, 0.5, True),
        ("loss 0.00", 0.3, 0.5, False),
        ("loss nan", math.nan, None, True),
        ("loss nan", 2.0, 1.0, False),
        ("loss 2.0", math.nan, 1.0, False),
        ("loss inf", math.inf, None, True),
        ("loss inf", -math.inf, 9.0, False),
        ("accuracy 71.2 %", 0.7121, None, True),
        ("accuracy 71.2 %", 71.2, None, True),
        ("accuracy 71.2 %", 0.75, 0.01, False),
        ("accuracy 71.2 %", 0.715, 0.01, True),
        ("accuracy 71.2 ± 0.3", 71.45, None, True),
        ("accuracy 71.2 ± 0.3", 71.7, None, False),
        ("throughput 12.3k", 12345.0, None, True),
        ("loss 1e-3", 0.00101, None, True),
        ("tokens/s 1,234", 1234.2, None, True),
    ],
)
def test_numbers_agree_in_the_digits_that_are_written(
    text: str, value: float, tolerance: float | None, *, is_same: bool
) -> None:
    """Or within a share of what is stated, or the spread stated with it; a share of nothing is nothing."""
    assert agrees(next(figures_in(text)), value, tolerance) is is_same


def test_a_metric_is_found_by_its_last_word_where_that_is_clear() -> None:
    """One that is not reported is missing; one that nobody stated says nothing."""
    stated = tuple(figures_in("loss 2.25, accuracy 0.5"))
    one = compared(stated, {"eval/loss": 2.25, "speed": 3.0})
    assert ([it[0].name for it in one.agree], [it.name for it in one.missing]) == (["loss"], ["accuracy"])
    two = compared(stated, {"eval/loss": 2.25, "train/loss": 2.25, "accuracy": 0.7})
    assert ([it[0].name for it in two.differ], [it.name for it in two.missing]) == (["accuracy"], ["loss"])


def test_of_several_values_of_a_metric_one_has_to_agree() -> None:
    """As where a result tells several steps."""
    found = compared(tuple(figures_in("loss 2.9 at step 100, loss 2.25 at step 400")), {"loss": 2.25})
    assert (len(found.agree), found.differ) == (1, ())


@pytest.mark.parametrize(
    ("one", "other", "gap"),
    [
        ("loss 2.225", "loss 2.26", "−0.035 (−1.5 %)"),
        ("accuracy 71.2 %", "accuracy 70 %", "+1.2 points"),
        ("step time 81 ms", "step time 90 ms", "−9 ms (−10 %)"),
        ("loss 0.1", "loss 0", "+0.1"),
        ("loss 2.20", "loss 2.2", "±0"),
        ("loss nan", "loss 2.2", ""),
        ("time 81 ms", "time 0.09 s", ""),
    ],
)
def test_a_difference_has_the_digits_of_what_is_compared(one: str, other: str, gap: str) -> None:
    """In points for percentages; none where one is no number, or the units differ."""
    first = next(figures_in(one.replace("time ", "latency ")))
    assert difference(first, next(figures_in(other.replace("time ", "latency ")))) == gap
