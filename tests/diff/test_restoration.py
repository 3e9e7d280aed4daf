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
    mended = restored(parsed(ALL), parsed(broken))
    assert mended is not None
    assert mended.text == (ALL + THIRD).replace("pending", "loss 2.30.")
    assert not compare(mended, parsed(mended.text)).has_loss


def test_a_version_that_lost_nothing_is_as_it_ought_to_be() -> None:
    """It is returned as it is."""
    newer = parsed(ALL + THIRD)
    assert restored(parsed(ALL), newer) is newer


def test_whoever_mends_one_word_may_not_drop_what_was_added_meanwhile() -> None:
    """The record after a change that broke a line and added an entry lacks that entry in a text without it."""
    mended = restored(parsed(ALL), parsed(ALL.replace("2.31", "2.13") + THIRD))
    assert mended is not None
    assert compare(mended, parsed(ALL)).removed
    assert not compare(mended, parsed(ALL + THIRD)).has_loss
