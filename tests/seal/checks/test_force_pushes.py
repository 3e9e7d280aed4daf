"""Claims about what force pushes took away: what had stood is owed, what is too young is named, and nothing twice."""

from typing import Any

import pytest

from research_logbook.repo.logbook_resolution import OwedLogbook
from research_logbook.seal.checks.facts import OtherLogbook
from seal.closeout import LOGBOOK, PAGES, PATH, book, failing, thread, verdict, version

THIRD = """
### 2026-05-27 09:00 - SPA-AT-003 third seed

- Command: `python -m train --blocks 512 --seed 2`
- Result: diverged at step 120.
- Next action: none.
"""
PUSHED_OVER = "5e" * 20


def owed(text: str, *until: str) -> tuple[OwedLogbook, ...]:
    """Return a version that was owed when it, or others, were pushed over."""
    one = version(PUSHED_OVER, text, PUSHED_OVER)
    return (OwedLogbook(one, tuple(version("7a" * 20, it, "7a" * 20) for it in until) or (one,)),)


GONE = "entry SPA-AT-003 was removed from the log"


@pytest.mark.parametrize(
    ("given", "holds", "said"),
    [
        ({"replaced": owed(LOGBOOK + THIRD)}, False, f"{GONE}: lost in a force push"),
        ({"taken_back": (version(PUSHED_OVER, LOGBOOK + THIRD, PUSHED_OVER),)}, True, f"{GONE}: taken back within 1h"),
        ({"replaced": owed(LOGBOOK)}, True, ""),
        ({"unchecked": ("force pushes of x: GitHub is ill",)}, True, "not checked: force pushes of x: GitHub is ill"),
    ],
)
def test_what_was_pushed_over_is_owed_unless_it_was_young(given: dict[str, Any], holds: bool, said: str) -> None:
    """What had stood keeps the issue open; what had not, or could not be looked at, is only named."""
    found = verdict(thread(**given), "history-intact")
    assert found.passes == holds
    told = [(one.text, one.url) for one in found.evidence if one.text.startswith(said)] if said else []
    assert len(told) == bool(said)
    if said.startswith(GONE):
        assert told[0][1] == f"{PAGES}/blob/{PUSHED_OVER}/{PATH}"
    if not holds:
        assert found.evidence[0].remedy.startswith(f"run `git fetch origin {PUSHED_OVER}`, and restore the old text")


def test_what_several_versions_had_is_missed_once() -> None:
    """A loss that a snapshot shows is no other for having been pushed over, and one that is owed is not excused too."""
    lost = version(PUSHED_OVER, LOGBOOK + THIRD, PUSHED_OVER)
    later = version("6f" * 20, LOGBOOK + THIRD + "\nMore.\n", "6f" * 20)
    for given in (
        {"earlier": (lost,), "replaced": (OwedLogbook(later, (later,)),)},
        {"replaced": (OwedLogbook(lost, (lost,)),), "taken_back": (later,)},
    ):
        found = verdict(thread(**given), "history-intact")
        assert [one.text.partition(":")[0] for one in found.evidence].count(GONE) == 1


def test_a_log_that_is_gone_as_a_whole_is_told_by_its_first_hundred() -> None:
    """Hundreds of versions that were pushed over are not all compared once there is enough to begin with."""
    entries = [THIRD.replace("003", f"{number:03d}") for number in range(3, 103)]
    versions = [
        version(f"{number:040x}", LOGBOOK + "".join(entries) + f"\n{number}\n", f"{number:040x}") for number in range(3)
    ]
    found = verdict(thread(replaced=tuple(OwedLogbook(one, (one,)) for one in versions)), "history-intact")
    assert sum(one.text.startswith("entry SPA-AT-") for one in found.evidence) == 100


def test_what_another_copy_has_is_left_to_the_check_about_copies() -> None:
    """A branch that was merged and deleted lost nothing: the default branch has it."""
    text = LOGBOOK + THIRD
    main = OtherLogbook(version("main", text), ("main",), book(text).header)
    facts = thread(replaced=owed(text), others=(main,))
    assert failing(facts) == ["one-logbook"]


@pytest.mark.parametrize(
    ("until", "is_missed"),
    [
        ((LOGBOOK,), False),
        ((LOGBOOK + THIRD,), True),
        ((LOGBOOK, LOGBOOK + THIRD), True),
        ((LOGBOOK + THIRD.replace("diverged", "stopped"),), True),
    ],
)
def test_what_was_taken_back_before_is_not_owed_again(until: tuple[str, ...], is_missed: bool) -> None:
    """What had gone before the branch was pushed over is none of that push's losses; what any commit still had is."""
    found = verdict(thread(replaced=owed(LOGBOOK + THIRD, *until)), "history-intact")
    assert found.passes != is_missed
