"""Claims about what two versions are cut down to: what is lost in the whole is lost in the parts."""

import random
from collections.abc import Callable

import pytest

from book import parsed, written
from research_logbook.diff import compare
from research_logbook.diff.changed_parts import difference, is_begun_with, is_filled_in, parts_of

LOG = written(
    "; ".join(f"E{number} command result='loss 2.{number}' next" for number in range(1, 12)), scope="- Goal: x"
)


def lost_in_parts(old: str, new: str) -> bool:
    """Return whether something is lost, as far as the changed parts tell."""
    parts = parts_of(old), parts_of(new)
    for with_additions in (False, True):
        was, now = difference(*parts, with_additions=with_additions)
        if was == now or not compare(parsed(was), parsed(now), read_whole=lambda: parsed(old)).has_loss:
            return False
    return True


def test_a_small_change_is_cut_down_to_a_page() -> None:
    """The changed entry, its neighbours' headings and the start of the file are enough."""
    was, now = difference(parts_of(LOG), parts_of(LOG.replace("loss 2.5", "loss 2.6")))
    assert len(was) < len(LOG) / 3
    assert (was.count("2.5"), now.count("2.6")) == (1, 1)
    assert "MOE-HC-004" in was
    assert "MOE-HC-006" in was
    assert "MOE-HC-009" not in was


def test_parts_that_are_only_added_leave_nothing_to_compare() -> None:
    """At the end, at the top and in between."""
    for place in ("\n### 2026-05-25", "\n### 2026-05-30"):
        new = LOG.replace(place, f"\n### 2026-06-09 - more\n\n- Result: loss 2.9.\n{place}", 1)
        assert difference(parts_of(LOG), parts_of(new)) == ("", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LOG, LOG.replace("## Entry log", "## Notes").replace("## Entry Log", "## Hypothesis Queue")),
        (LOG, f"# Another\n\n{LOG}"),
        (
            "# A\n\n## Log\n\n### 2026-05-01 - a\n\nX ![2.31][r] y.\n",
            "# A\n\n## Log\n\n### 2026-05-01 - a\n\nX ![2.31][r] y.\n\n[r]: z\n",
        ),
    ],
)
def test_what_is_read_in_another_way_is_no_part_that_was_only_added(old: str, new: str) -> None:
    """A heading above, or the target of a link, says how all the rest is read."""
    assert not is_begun_with(new, old) or difference(parts_of(old), parts_of(new)) != ("", "")


@pytest.mark.parametrize("added", ["\n\n### 2026-06-01 - b\n", "\n- Result: 3.\n", "\n\nText.\n"])
def test_a_text_with_blocks_after_it_is_begun_with_it(added: str) -> None:
    """New entries, bullets and paragraphs leave what is there as it is."""
    assert is_begun_with(f"### 2026-05-01 - a\n\n- Result: 2.31{added}", "### 2026-05-01 - a\n\n- Result: 2.31")


@pytest.mark.parametrize("added", ["4", " and more", "\nand more", "\n===\n", "\n\n[a]: http://b\n", "\n| b |\n"])
def test_a_line_that_goes_on_is_another_line(added: str) -> None:
    """Digits, words and marks that make a heading or a link of what is there change it."""
    assert not is_begun_with(f"### 2026-05-01 - a\n\n- Result: 2.31{added}", "### 2026-05-01 - a\n\n- Result: 2.31")


def test_headings_in_code_and_html_begin_no_part() -> None:
    """Closed and unclosed, in a list and outside; front matter is none either."""
    front = "---\n# a: b\n---\n# T\n\n"
    text = front + "```sh\n# no\n```\n\n<!--\n# no\n-->\n\n- x\n  ```\n  # no\n  ```\n## S\n\nSet\n---\n\n~~~\n# no\n"
    assert [part.title for part in parts_of(text)] == ["", "T", "S", "Set"]
    assert "".join(part.text for part in parts_of(text)).replace("\n", "") == text.replace("\n", "")


EDITS: list[Callable[[random.Random, list[str]], object]] = [
    lambda dice, lines: lines.pop(dice.randrange(len(lines))),
    lambda dice, lines: lines.insert(
        dice.randrange(len(lines)), dice.choice(["## Notes", "- more: 1", "```", "<!--", ""])
    ),
    lambda dice, lines: lines.__setitem__(at := dice.randrange(len(lines)), lines[at].replace("2.", "3.")),
    lambda dice, lines: lines.__setitem__(at := dice.randrange(len(lines)), f"#{lines[at]}"),
    lambda dice, lines: lines.insert(dice.randrange(len(lines)), lines.pop(dice.randrange(len(lines)))),
    lambda _dice, lines: lines.append("\n### 2026-06-09 - more\n\n- Result: loss 2.9."),
]


@pytest.mark.parametrize("seed", range(60))
def test_what_is_lost_in_the_whole_is_lost_in_its_parts(seed: int) -> None:
    """Whatever a change does to a logbook, to compare less of it never makes a loss of it unseen."""
    dice, lines = random.Random(seed), LOG.split("\n")
    for _ in range(dice.choice([1, 1, 2, 3])):
        dice.choice(EDITS)(dice, lines)
    new = "\n".join(lines)
    if compare(parsed(LOG), parsed(new)).has_loss:
        assert not is_begun_with(new, LOG)
        assert lost_in_parts(LOG, new)


PENDING = (
    "# T\n\n## Entry Log\n\n### 2026-05-25 - TH-1 a\n\n- Command: `make`\n- Result: pending.\n- Next action: pending\n"
)
NEXT = "\n### 2026-05-26 - TH-2 b\n\n- Result: pending\n"


@pytest.mark.parametrize(
    "new",
    [
        PENDING.replace("Result: pending.", "Result: loss 2.31 (400 steps)."),
        PENDING.replace("Result: pending.", "Result: loss 2.31.") + NEXT,
        PENDING.replace("Result: pending.", "Result: loss 2.31.").replace("action: pending", "action: go on") + NEXT,
    ],
)
def test_plain_values_that_take_the_place_of_pending_ones_are_told_from_the_lines(new: str) -> None:
    """Nothing is lost, and no text has to be parsed for that."""
    assert is_filled_in(new, PENDING)
    assert not compare(parsed(PENDING), parsed(new)).has_loss


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PENDING, PENDING.replace("Result: pending.", "Outcome: loss 2.31.")),
        (PENDING, PENDING.replace("Result: pending.", "Result: <!-- ")),
        (PENDING, PENDING.replace("Result: pending.", "Result: ~~pending~~")),
        (PENDING, PENDING.replace("`make`", "make it").replace("Result: pending.", "Result: loss 2.31.")),
        (PENDING.replace("pending.", "pending; diverged at 3"), PENDING.replace("pending.", "loss 2.31.")),
        (
            PENDING.replace("- Command: `make`", "```\n- A: b"),
            PENDING.replace("- Command: `make`", "```\n- A: b") + "x",
        ),
        (PENDING, PENDING.replace("- Result: pending.\n", "")),
        (
            PENDING.replace("### 2026", "~~~\n### 2026"),
            PENDING.replace("### 2026", "~~~\n### 2026").replace("pending.", "2"),
        ),
    ],
)
def test_all_else_is_looked_at_more_closely(old: str, new: str) -> None:
    """Another field, marks that change how text is read, words that are no placeholder, and code."""
    assert not is_filled_in(new, old)
