"""A version that broke the record, as it ought to have been."""

import pytest

from book import parsed
from research_logbook.diff import compare
from research_logbook.diff.restoration import restored

TOP = "# Sparse attention: Research Logbook\n\n## Baseline\n\n- Loss 2.41 at step 400.\n\n## Entry Log\n"
FIRST = "\n### 2026-05-25 09:00 - SPA-AT-001 first seed\n\n- Command: `python t.py`\n- Result: loss 2.31.\n"
SECOND = "\n### 2026-05-26 09:00 - SPA-AT-002 second seed\n\n- Command: `python t.py`\n- Result: pending\n"
THIRD = "\n### 2026-05-27 09:00 - SPA-AT-003 third seed\n\n- Command: `python t.py`\n- Result: loss 2.29.\n"
ALL = TOP + FIRST + SECOND


def keeps(new: str, old: str) -> bool:
    """Return whether a text has everything of another one."""
    return not compare(parsed(old), parsed(new)).has_loss


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("loss 2.31.", "loss 2.13."),
        ("first seed\n", "the first seed, tuned\n"),
        ("- Command: `python t.py`\n- Result: loss 2.31.", "- Command: `python t.py --tuned`\n- Result: loss 2.13."),
        (FIRST, ""),
        ("Loss 2.41", "Loss 2.36"),
    ],
)
def test_what_was_changed_is_put_back_and_what_was_added_stays(was: str, now: str) -> None:
    """The new entry and the result that came in are in the record, whatever else the change did."""
    broken = (ALL.replace(was, now) + THIRD).replace("pending", "loss 2.30.")
    assert restored(ALL, broken, keeps) == (ALL + THIRD).replace("pending", "loss 2.30.")


def test_an_entry_that_was_moved_is_where_it_was_once() -> None:
    """Its copy is no addition."""
    broken = TOP + SECOND + FIRST + THIRD
    assert restored(ALL, broken, keeps) == ALL + THIRD


@pytest.mark.parametrize("before", ["> ", "    "])
def test_an_entry_that_was_quoted_is_where_it_was_once(before: str) -> None:
    """The quote is no addition either, nor is code."""
    quoted = "".join(f"{before}{line}" for line in SECOND.splitlines(keepends=True))
    assert restored(ALL, ALL.replace(SECOND, quoted), keeps) == ALL


def test_a_version_that_lost_nothing_is_as_it_ought_to_be() -> None:
    """It is returned as it is."""
    assert restored(ALL, ALL + THIRD, keeps) == ALL + THIRD


def test_whoever_mends_one_word_may_not_drop_what_was_added_meanwhile() -> None:
    """The record after a change that broke a line and added an entry lacks that entry in a text without it."""
    mended = restored(ALL, ALL.replace("2.31", "2.13") + THIRD, keeps)
    assert mended is not None
    assert not keeps(ALL, mended)
    assert keeps(ALL + THIRD, mended)


def test_what_cannot_be_told_apart_is_not_guessed() -> None:
    """A text that is another one all over, and one that takes too long to compare, have no record."""
    many = TOP + "".join(f"\n- Note {number}.\n\nSame.\n" for number in range(50))
    assert restored(many, many.replace("Note", "More\n\nNote"), keeps) is None
    assert restored(ALL, ALL.replace("2.31", "2.13"), lambda _new, _old: None) is None
