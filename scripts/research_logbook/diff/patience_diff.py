"""Patience diff: pair what two sequences have in common, in order, in a time that no input can blow up.

Equal keys are candidates, and a longest increasing subsequence of them (found by patience sorting) is kept. Unlike the
usual patience diff, which pairs only keys that occur once, the k-th occurrence of a key is paired with the k-th.
"""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

Pair = tuple[int, int]
"""A position in the older sequence and the one it is paired with in the newer."""

_ROUNDS = 4
# Equal keys are paired by their count, which one gone before them upsets; another look in the gaps mends it.


class Gap(NamedTuple):
    """What is left between two pairs: a range of each sequence."""

    old: range
    new: range


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    """Return pairs of positions of equal keys, both rising: a longest common subsequence where no key recurs.

    It takes O(n log n), whatever the keys are.
    """
    pairs: list[Pair] = []
    todo = [(Gap(range(len(old)), range(len(new))), _ROUNDS)]
    while todo:
        gap, rounds = todo.pop()
        (i, i_stop), (j, j_stop) = (gap.old.start, gap.old.stop), (gap.new.start, gap.new.stop)
        while i < i_stop and j < j_stop and old[i] == new[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        while i < i_stop and j < j_stop and old[i_stop - 1] == new[j_stop - 1]:
            i_stop, j_stop = i_stop - 1, j_stop - 1
            pairs.append((i_stop, j_stop))
        middle = Gap(range(i, i_stop), range(j, j_stop))
        occurrences: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for position in middle.new:
            occurrences[new[position]].append(position)
        inner = longest_increasing(
            [(position, left.popleft()) for position in middle.old if (left := occurrences.get(old[position]))]
        )
        pairs += inner
        if inner and rounds > 1:
            todo += [(rest, rounds - 1) for rest in gaps(inner, middle) if rest.old and rest.new]
    return sorted(pairs)


def gaps(pairs: Sequence[Pair], within: Gap) -> Iterator[Gap]:
    """Yield the gaps that rising `pairs` leave open, the empty ones included."""
    old, new = within.old.start, within.new.start
    for i, j in (*pairs, (within.old.stop, within.new.stop)):
        yield Gap(range(old, i), range(new, j))
        old, new = i + 1, j + 1


def longest_increasing(pairs: Sequence[Pair]) -> list[Pair]:
    """Return a longest subsequence of `pairs`, whose first numbers rise, in which the second numbers rise too.

    Patience sorting: `tails` holds the smallest number that a subsequence of each length can end with.
    """
    tails: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for place, (_, number) in enumerate(pairs):
        length = bisect_left(tails, number)
        before.append(last[length - 1] if length else None)
        tails[length : length + 1] = [number]
        last[length : length + 1] = [place]
    chain = []
    link = last[-1] if last else None
    while link is not None:
        chain.append(pairs[link])
        link = before[link]
    return chain[::-1]
