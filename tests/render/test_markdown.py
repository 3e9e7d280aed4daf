"""The report as GitHub's Markdown."""

from collections.abc import Callable

import pytest

from research_logbook.findings import Judged, Report, Skipped
from research_logbook.render.markdown import summary

BOOKS = tuple(Judged(f"{name}.md", name, None, None, 0, 0) for name in "ab")
MISSING = "error missing-title a.md:1 no title => add one"
SCOPE = "warning missing-scope a.md:1 no scope => add one"


def test_the_summary_is_as_agreed(sample: Report, golden: Callable[[str, str], None]) -> None:
    """The verdict, a table of findings, notes, and what was not checked."""
    golden("summary.md", summary(sample))


def test_a_good_summary_is_as_agreed(reported: Callable[..., Report], golden: Callable[[str, str], None]) -> None:
    """Without problems there is a verdict and little else."""
    golden("summary-good.md", summary(reported(logbooks=BOOKS, notes=("compared with main",))))


@pytest.mark.parametrize(
    ("found", "books", "expected"),
    [
        ("", 2, "### ✅ logbook: no problems found in 2 logbooks"),
        ("", 1, "### ✅ logbook: no problems found in 1 logbook"),
        ("", 0, "### ✅ logbook: no problems found"),
        (SCOPE, 1, "### ⚠️ logbook: 1 warning"),
        (f"{MISSING}\n{MISSING}\n{SCOPE}", 1, "### ❌ logbook: 2 errors, 1 warning"),
    ],
)
def test_the_verdict_comes_first(reported: Callable[..., Report], found: str, books: int, expected: str) -> None:
    """The first line says whether anything is wrong."""
    assert summary(reported(found, logbooks=BOOKS[:books])).splitlines()[0] == expected


def test_a_summary_stays_below_the_limit(reported: Callable[..., Report]) -> None:
    """GitHub drops a summary over 1 MiB: rows are dropped, and a sentence counts them."""
    shown = summary(reported("\n".join([f"{MISSING} {'ü@' * 200}"] * 900)))

    assert 900_000 < len(shown.encode()) <= 1_000_000
    kept = shown.count("\n- **error** ")
    assert f"\n{900 - kept} more findings do not fit here; " in shown


def test_errors_have_room_before_warnings(reported: Callable[..., Report]) -> None:
    """When rows are dropped, no error is dropped for a warning above it."""
    shown = summary(reported("\n".join([SCOPE] * 50 + [MISSING])), most=1_000)

    assert len(shown.encode()) <= 1_000
    assert shown.count("- **error** ") == 1
    assert shown.index("- **error** ") < shown.index("- **warning** ")


def test_a_summary_without_room_still_has_its_verdict(reported: Callable[..., Report]) -> None:
    """Where no row fits there is no table, only how many findings there are."""
    assert summary(reported(MISSING), most=100) == (
        "### ❌ logbook: 1 error\n\n1 more finding does not fit here; run `logbook lint` to see everything.\n"
    )


def test_lines_are_linked_in_the_judged_commit(reported: Callable[..., Report]) -> None:
    """Where the commit is on GitHub, a place is the short name of the file and leads to the line in its source."""
    pages = "https://github.com/lab/tiles/blob/1691d0a9afbf"
    shown = summary(reported("error x notes/a#b.md:7 no => do\nerror x c/d.md:1 no => do", pages=pages))
    assert f"- **error** [a<span>\\#</span>b.md<span>\\:</span>7]({pages}/notes/a%23b.md?plain=1#L7) [`x`](" in shown
    assert "- **error** `notes/a#b.md:7` [`x`](" in summary(reported("error x notes/a#b.md:7 no => do"))
    same = summary(reported("error x c/d.md:7 no => do\nerror x e/d.md:1 no => do", pages=pages))
    assert "[c/d.md<span>\\:</span>7](" in same
    assert "[e/d.md<span>\\:</span>1](" in same


def test_many_notes_are_counted(reported: Callable[..., Report]) -> None:
    """Notes beyond the first ten are counted."""
    shown = summary(reported(notes=tuple(f"note {number}" for number in range(12))))

    assert shown.count("\n* note ") == 10
    assert "\n* … and 2 more notes\n" in shown


def test_counts_of_one_are_in_the_singular(reported: Callable[..., Report]) -> None:
    """One rule that was not checked and one inherited finding are in the singular."""
    shown = summary(reported(inherited=1, skipped=(Skipped("a-rule", "needs git", matters=True),)))

    assert "\n1 finding that the base already has is not shown.\n" in shown
    assert "<summary>1 rule was not checked</summary>\n\n- needs git: `a-rule`\n" in shown
