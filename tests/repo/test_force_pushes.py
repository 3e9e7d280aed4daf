"""Claims about what a list of pushes says of a branch: what was taken away, and how long it had stood."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_logbook.github.models import Activity
from research_logbook.repo.force_pushes import replaced_ends

NOON = dt.datetime(2026, 5, 28, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
NONE = "0" * 40


def commit(name: str) -> str:
    """Return the hash of a commit that a test calls by a letter; `-` for none."""
    return NONE if name == "-" else name * 40


def moves(told: str) -> list[Activity]:
    """Return what moved a branch, newest first: `0 -a` created it at noon, `90 a!b` is forced 90 minutes later."""
    found = []
    for number, one in enumerate(told.split(", ")):
        at, move = one.split(" ")
        before, after = commit(move[0]), commit(move[-1])
        kind = "branch_creation" if move[0] == "-" else "branch_deletion" if move[-1] == "-" else "push"
        kind = "force_push" if "!" in move else kind
        found.append(Activity(number, before, after, "refs/heads/x", NOON + dt.timedelta(minutes=int(at)), kind))
    return found[::-1]


def short(hashed: str) -> str:
    """Return what a test calls a commit."""
    return hashed[:1] or "nothing"


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ("0 -a, 90 ab", []),
        ("0 -a, 90 a!b", ["a owes a"]),
        ("0 -a, 60 a!b", ["a owes a"]),
        ("0 -a, 59 a!b", ["a owes nothing"]),
        ("0 -a, 90 ab, 120 b!c", ["b owes a"]),
        ("0 -a, 10 ab, 120 b!c", ["b owes b"]),
        ("0 -a, 90 a-, 100 -b", ["a owes a"]),
        ("0 -a, 90 a-, 100 -b, 110 b!c", ["b owes a", "a owes a"]),
        ("0 -a, 90 a-, 200 -b, 210 b!c", ["b owes nothing", "a owes a"]),
        # Pushed anew every half hour: each time what stood an hour before is owed.
        ("0 -a, 30 a!b, 60 b!c, 90 c!d", ["c owes b", "b owes a", "a owes nothing"]),
        # What came before is not listed any more, or a push is missing.
        ("0 ab, 30 b!c", ["b owes b"]),
        ("0 ab, 90 b!c", ["b owes b"]),
        ("0 ab, 80 bc, 90 c!d", ["c owes b"]),
        ("0 -a, 80 bc, 90 c!d", ["c owes c"]),
        ("0 -a, 80 ab, 90 c!d", ["c owes c"]),
    ],
)
def test_what_is_owed_stood_before_the_grace(told: str, taken: list[str]) -> None:
    """Of an end that was taken away, what the branch was an hour before is owed; if that is not known, all of it."""
    found = replaced_ends(moves(told), HOUR)
    assert [f"{short(end.commit)} owes {short(end.owed)}" for end in found] == taken


def test_without_a_grace_all_is_owed() -> None:
    """A grace of nothing lets nothing be taken back, not even in the same second."""
    (end,) = replaced_ends(moves("0 -a, 0 a!b"), dt.timedelta())
    assert short(end.owed) == "a"


@pytest.mark.parametrize("before", ["", "main", "+refs/heads/a:refs/heads/b", "--upload-pack=x", "a" * 39, "0" * 64])
def test_only_a_full_hash_is_taken_for_a_commit(before: str) -> None:
    """Nothing else of an answer reaches git."""
    (push,) = moves("0 a!b")
    bad = Activity(1, before, push.after, push.ref, push.timestamp, "force_push")
    assert replaced_ends([bad], HOUR) == ()
    odd = Activity(1, before, push.before, push.ref, push.timestamp, "push")
    (end,) = replaced_ends([push, odd], HOUR)
    assert short(end.owed) == "a"


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=12))
def test_an_owed_end_is_never_younger_than_the_grace(steps: list[tuple[int, bool]]) -> None:
    """Whatever was pushed when, what is owed of an end stood an hour before, and no later push changes what is owed."""
    at, told = 0, ["0 -a"]
    for (before, after), (minutes, is_forced) in zip(pairwise("abcdefghijklm"), steps, strict=False):
        at += minutes
        told.append(f"{at} {before}{'!' if is_forced else ''}{after}")
    listed = moves(", ".join(told))
    ends = replaced_ends(listed, HOUR)
    for end in ends:
        since = {it.after: it.timestamp for it in listed}
        assert not end.owed or since[end.owed] <= end.at - HOUR
    assert replaced_ends(listed[1:], HOUR) == tuple(end for end in ends if end.commit != listed[0].before or not steps)
