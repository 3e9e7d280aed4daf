"""Pair what two sequences have in common, in order, in a time that no input can blow up."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

_ROUNDS = 4
# Equal keys are paired by their count, which one gone before them upsets; another look in the gaps mends it.


class Gap(NamedTuple):
    """What stands between two pairs: a range of each sequence."""

    old: range
    new: range


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return positions of equal keys, both rising: a common subsequence, the longest where no key recurs.

    The k-th occurrence of a key is paired with the k-th, so that it takes O(n log n) whatever the keys are.
    """
    pairs: list[tuple[int, int]] = []
    todo = [(Gap(range(len(old)), range(len(new))), _ROUNDS)]
    while todo:
        gap, rounds = todo.pop()
        ends, middle = _trimmed(old, new, gap)
        inner = rising(_candidates(old, new, middle))
        pairs += ends + inner
        if inner and rounds > 1:
            todo += [(rest, rounds - 1) for rest in gaps(inner, middle) if rest.old and rest.new]
    return sorted(pairs)


def gaps(pairs: Sequence[tuple[int, int]], within: Gap) -> Iterator[Gap]:
    """Yield the gaps that rising `pairs` leave open, the empty ones included."""
    old, new = within.old.start, within.new.start
    for i, j in (*pairs, (within.old.stop, within.new.stop)):
        yield Gap(range(old, i), range(new, j))
        old, new = i + 1, j + 1


def rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest run of `pairs`, whose first numbers rise, in which the second numbers rise too."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for place, (_, position) in enumerate(pairs):
        length = bisect_left(tails, position)
        before.append(last[length - 1] if length else None)
        tails[length : length + 1] = [position]
        last[length : length + 1] = [place]
    return _chain(pairs, before, last[-1] if last else None)


def _chain(pairs: Sequence[tuple[int, int]], before: Sequence[int | None], place: int | None) -> list[tuple[int, int]]:
    chain = []
    while place is not None:
        chain.append(pairs[place])
        place = before[place]
    return chain[::-1]


def _trimmed(old: Sequence[Hashable], new: Sequence[Hashable], gap: Gap) -> tuple[list[tuple[int, int]], Gap]:
    """Pair the common beginning and end of a gap; return the pairs and what is left between them."""
    (i, i_stop), (j, j_stop) = (gap.old.start, gap.old.stop), (gap.new.start, gap.new.stop)
    pairs = []
    while i < i_stop and j < j_stop and old[i] == new[j]:
        pairs.append((i, j))
        i, j = i + 1, j + 1
    while i < i_stop and j < j_stop and old[i_stop - 1] == new[j_stop - 1]:
        i_stop, j_stop = i_stop - 1, j_stop - 1
        pairs.append((i_stop, j_stop))
    return pairs, Gap(range(i, i_stop), range(j, j_stop))


def _candidates(old: Sequence[Hashable], new: Sequence[Hashable], gap: Gap) -> list[tuple[int, int]]:
    """Pair the k-th occurrence of each key with the k-th; the first numbers rise, the second need not."""
    places: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for j in gap.new:
        places[new[j]].append(j)
    return [(i, waiting.popleft()) for i in gap.old if (waiting := places.get(old[i]))]
