"""The report for a terminal."""

from collections.abc import Callable

import pytest

from research_logbook.findings import Judged, Report, Skipped
from research_logbook.render.text import text

BOOKS = tuple(Judged(f"{name}.md", name, None, None, 0, 0) for name in "abc")
MISSING = "error missing-title a.md:1 no title => add one"
SCOPE = "warning missing-scope a.md:1 no scope => add one"


def last(report: Report) -> str:
    """Return the last line of the report."""
    return text(report, colour=False).splitlines()[-1]


def test_the_text_is_as_agreed(sample: Report, golden: Callable[[str, str], None]) -> None:
    """Findings with help, notes, what was not checked, and the sum, for a terminal."""
    golden("report.txt", text(sample, colour=False))


def test_colour_adds_nothing_but_colour(sample: Report) -> None:
    """Errors are red and warnings yellow, and the words are the same."""
    shown = text(sample, colour=True)

    assert "\x1b[31m\x1b[1merror\x1b[0m" in shown
    assert "\x1b[33m\x1b[1mwarning\x1b[0m" in shown


def test_a_finding_without_a_file_has_no_place(reported: Callable[..., Report]) -> None:
    """A finding about a pull request begins with its severity."""
    shown = text(reported("warning unlinked-pull-request :1 it links no logbook => name it"), colour=False)

    assert shown.startswith("warning unlinked-pull-request: it links no logbook\n    help: name it\n")


@pytest.mark.parametrize(
    ("found", "books", "inherited", "expected"),
    [
        ("", 3, 0, "no problems found in 3 logbooks"),
        ("", 1, 0, "no problems found in 1 logbook"),
        ("", 0, 0, "no problems found"),
        ("", 2, 1, "no problems found in 2 logbooks; 1 inherited finding not shown (use --all to see it)"),
        (MISSING, 1, 0, "1 error in 1 logbook"),
        (SCOPE, 2, 0, "1 warning in 2 logbooks"),
        (SCOPE, 0, 0, "1 warning"),
        (
            f"{MISSING}\n{MISSING}\n{SCOPE}",
            3,
            14,
            "2 errors, 1 warning in 3 logbooks; 14 inherited findings not shown (use --all to see them)",
        ),
    ],
)
def test_the_sum_counts_in_words(
    reported: Callable[..., Report], found: str, books: int, inherited: int, expected: str
) -> None:
    """The last line says how many of what there are, one in the singular."""
    assert last(reported(found, logbooks=BOOKS[:books], inherited=inherited)) == expected


def test_skipped_rules_are_grouped_by_reason(reported: Callable[..., Report]) -> None:
    """A reason is given once, with all the rules it holds for; what such a run never checks, on request alone."""
    skipped = (Skipped("a", "needs git"), Skipped("b", "needs GitHub"), Skipped("c", "needs git"))
    shown = text(reported(skipped=skipped), colour=False, verbose=True)
    assert "not checked:\n  needs git: a, c\n  needs GitHub: b\n" in shown
    assert "not checked" not in text(reported(skipped=skipped), colour=False)
    failed = (*skipped, Skipped("d", "GitHub refused", matters=True))
    assert "not checked:\n  GitHub refused: d\n" in text(reported(skipped=failed), colour=False)
