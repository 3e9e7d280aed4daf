"""Claims about pairing two sequences."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_logbook.diff.patience_diff import Gap, align, gaps, longest_increasing


class Counted:
    """A key that counts how often any of its kind is hashed or compared."""

    steps = 0

    def __init__(self, value: int) -> None:
        self.value = value

    def __hash__(self) -> int:
        Counted.steps += 1
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        Counted.steps += 1
        return isinstance(other, Counted) and self.value == other.value


def steps(old: list[int], new: list[int]) -> int:
    """Return how many steps it takes to pair the keys of two sequences."""
    was, now = [Counted(key) for key in old], [Counted(key) for key in new]
    Counted.steps = 0
    align(was, now)
    return Counted.steps


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("", "", ""),
        ("abc", "abc", "abc"),
        ("abc", "", ""),
        ("abc", "abxc", "abc"),
        ("abc", "ac", "ac"),
        ("abcd", "bacd", "acd"),
        ("aab", "ab", "ab"),
        ("xyx", "yxn", "yx"),
        ("xyxzx", "xyzx", "xyzx"),
        ("pap", "ppap", "pap"),
    ],
)
def test_what_is_paired(old: str, new: str, kept: str) -> None:
    """As much as can be is paired in order; twins that went do not upset the others."""
    pairs = align(old, new)
    assert len(kept) == len(pairs)
    assert all(old[i] == new[j] for i, j in pairs)


KEYS = st.lists(st.integers(0, 5), max_size=20)


@given(KEYS, KEYS)
def test_pairs_are_equal_and_rise(old: list[int], new: list[int]) -> None:
    """Only equal keys are paired, each once, and both positions rise."""
    pairs = align(old, new)
    assert all(old[i] == new[j] for i, j in pairs)
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(pairs))


@given(KEYS)
def test_a_sequence_is_paired_with_itself(keys: list[int]) -> None:
    """Nothing is missing from an equal sequence."""
    assert [(i, i) for i in range(len(keys))] == align(keys, keys)


@given(st.permutations(range(7)), st.permutations(range(7)))
def test_without_twins_no_longer_pairing_exists(old: list[int], new: list[int]) -> None:
    """Where no key recurs the pairing is a longest common subsequence."""
    longest = [0] * (len(new) + 1)
    for key in old:
        row = longest[:]
        for j, other in enumerate(new):
            row[j + 1] = longest[j] + 1 if key == other else max(longest[j + 1], row[j])
        longest = row
    assert longest[-1] == len(align(old, new))


@given(KEYS, KEYS)
def test_what_is_left_on_both_sides_has_no_pair_in_a_gap(old: list[int], new: list[int]) -> None:
    """Gaps hold exactly what is not paired, once."""
    pairs = align(old, new)
    left = list(gaps(pairs, Gap(range(len(old)), range(len(new)))))
    assert len(old) - len(pairs) == sum(len(gap.old) for gap in left)
    assert len(new) - len(pairs) == sum(len(gap.new) for gap in left)


@given(KEYS, st.data())
def test_one_deletion_is_one_gap(keys: list[int], data: st.DataObject) -> None:
    """Whatever twins there are, all but a deleted key is paired."""
    if keys:
        place = data.draw(st.integers(0, len(keys) - 1))
        assert len(keys) - 1 == len(align(keys, keys[:place] + keys[place + 1 :]))


MANY = 100_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([1] * MANY, [1] * MANY),
        ([1] * MANY, [1] * (MANY // 2)),
        ([0] + [1] * MANY + [2], [2] + [1] * (MANY // 2) + [0]),
        (list(range(MANY)), list(range(MANY))[::-1]),
        ([1, 2] * (MANY // 2), [2, 1, 1] * (MANY // 3)),
        (list(range(MANY)), list(range(MANY, 2 * MANY))),
    ],
    ids=["equal", "half", "turned about", "reversed", "interleaved", "nothing in common"],
)
def test_no_input_takes_many_steps(old: list[int], new: list[int]) -> None:
    """A hundred thousand keys take a few steps each, whatever they are."""
    assert steps(old, new) <= 20 * (len(old) + len(new))


def test_a_longest_rising_run() -> None:
    """Of several pairs as many are kept as rise together."""
    assert longest_increasing([(0, 5), (1, 0), (2, 1), (3, 9), (4, 2)]) == [(1, 0), (2, 1), (4, 2)]
    assert Counter() == Counter(longest_increasing([]))
