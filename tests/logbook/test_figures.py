"""Claims about the figures that a text states: each is found with its name, and a difference is none."""

import pytest

from research_logbook.logbook.figures import figures_in


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("loss 2.231 after 400 steps", [("loss", "2.231")]),
        ("eval/loss: 2.214, accuracy = 81.5 %", [("eval/loss", "2.214"), ("accuracy", "81.5 %")]),
        ("**val loss** of `2.1`", [("val loss", "2.1")]),
        ("The final loss was 1,024.5", [("loss", "1,024.5")]),
        ("loss ~~2.3~~ 2.4", [("loss", "2.4")]),
        ("loss −0.5", [("loss", "−0.5")]),
        ("lower than 2.3; improved by 0.02; against 2.5", []),
        ("see run-12, v1.2.3, 2026-05-01 and abc123", []),
        ("", []),
    ],
)
def test_a_figure_has_the_name_in_front_of_it(text: str, told: list[tuple[str, str]]) -> None:
    """Markup does not count, nor does what is struck out, nor a figure of something else."""
    assert [(one.name, one.written) for one in figures_in(text)] == told


def test_a_long_line_costs_little() -> None:
    """However it is made: the line is cut."""
    assert list(figures_in("a " * 500_000)) == []
    assert list(figures_in("a." * 500_000 + "1")) == []
