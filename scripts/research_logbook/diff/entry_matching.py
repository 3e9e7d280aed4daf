"""Which entry of an older logbook has become which one of a newer."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property

from research_logbook.diff.patience_diff import Gap, align, gaps, rising
from research_logbook.diff.tokens import Unit, units_of, words_of
from research_logbook.logbook.model import Entry, Logbook


class Page:
    """An entry and its text in several normal forms, each made when it is asked for."""

    def __init__(self, entry: Entry, lines: Sequence[str]) -> None:
        self.entry = entry
        self.raw = "\n".join(lines[entry.span.line - 1 : entry.span.end_line]).strip()

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Its text; that of a bullet or a bold line includes the heading."""
        return units_of(self.entry.blocks, is_item=not self.entry.level)

    @cached_property
    def whole_units(self) -> tuple[Unit, ...]:
        """Its text with the heading."""
        entry = self.entry
        return units_of(entry.blocks, entry.heading, entry.span.line) if entry.level else self.units

    @cached_property
    def title(self) -> str:
        """The words of its heading."""
        return " ".join(words_of(self.entry.heading))

    @cached_property
    def body(self) -> str:
        """The words of its text."""
        return "\n".join([unit.key for unit in self.units])

    @cached_property
    def bag(self) -> Counter[str]:
        """The words of heading and text that say something: no date, no name of a field."""
        names = Counter(word for item in self.entry.fields for word in words_of(item.name))
        texts = (*words_of(self.entry.label), *(word.text for unit in self.units for word in unit.words))
        return Counter(word for word in texts if word[0].isalnum()) - names


def pages_of(book: Logbook) -> list[Page]:
    """Return the entries of a logbook, dated or not, in document order."""
    lines = book.text.split("\n")
    return [Page(entry, lines) for entry in book.everything]


_Key = Callable[[Page], Hashable]
_Find = Callable[[Gap], Iterator[tuple[int, int]]]

_TELLING = 40
# A text of so many characters tells an entry from others; "Result: pending" does not.


def _raw(page: Page) -> Hashable:
    return page.raw


def _exact(page: Page) -> Hashable:
    return page.title, page.body


def _opening(page: Page) -> Hashable:
    return page.title, page.body.partition("\n")[0]


def _title(page: Page) -> Hashable:
    return page.title


def _body(page: Page) -> Hashable:
    return page.body if len(page.body) >= _TELLING else page


def _day_and_ids(page: Page) -> Hashable:
    when, names = page.entry.when, page.entry.ids
    return (when.date if when else None, names) if names else page


_KEYS: tuple[_Key, ...] = (_raw, _exact, _opening, _title, _body, _day_and_ids)
# What tells which entry is which, the surest first; a page as its own key equals no other.
_STRAY_KEYS: tuple[_Key, ...] = (_raw, _exact, _title, _body)


def paired(old: Sequence[Page], new: Sequence[Page]) -> dict[int, int]:
    """Return which old entry has become which new one, by position; twins are told apart by their order."""
    pairs: list[tuple[int, int]] = []
    for key in _KEYS:
        pairs = _refined(pairs, old, new, _aligning(old, new, key))
    found = dict(_refined(pairs, old, new, _likening(old, new)))
    for key in _STRAY_KEYS:
        found |= _strays(found, old, new, key)
    return found


def moved(pairs: Mapping[int, int]) -> list[int]:
    """Return as few old entries as account for all changes of order."""
    in_order = dict(rising(sorted(pairs.items())))
    return [i for i in sorted(pairs) if i not in in_order]


def _refined(
    pairs: Sequence[tuple[int, int]], old: Sequence[Page], new: Sequence[Page], find: _Find
) -> list[tuple[int, int]]:
    """Return `pairs` and what `find` finds in the gaps between them."""
    within = Gap(range(len(old)), range(len(new)))
    more = [found for gap in gaps(pairs, within) if gap.old and gap.new for found in find(gap)]
    return sorted([*pairs, *more])


def _aligning(old: Sequence[Page], new: Sequence[Page], key: _Key) -> _Find:
    def find(gap: Gap) -> Iterator[tuple[int, int]]:
        for i, j in align([key(old[i]) for i in gap.old], [key(new[j]) for j in gap.new]):
            yield gap.old[i], gap.new[j]

    return find


_ALIKE = 0.5
_WINDOW = 16


def _likening(old: Sequence[Page], new: Sequence[Page]) -> _Find:
    """Pair entries that share half of the old one's words, in order."""

    def find(gap: Gap) -> Iterator[tuple[int, int]]:
        start = gap.new.start
        for i in gap.old:
            ahead = gap.new[start - gap.new.start :][:_WINDOW]
            near = {j: _overlap(old[i].bag, new[j].bag) for j in ahead if not _are_two(old[i], new[j])}
            best = max(near, key=near.__getitem__, default=None)
            if best is not None and near[best] >= _ALIKE:
                yield i, best
                start = best + 1

    return find


def _are_two(one: Page, other: Page) -> bool:
    """Return whether two entries say themselves that they are not the same: both their day and their IDs differ."""
    days = [page.entry.when.date if page.entry.when else None for page in (one, other)]
    names = [set(page.entry.ids) for page in (one, other)]
    return days[0] != days[1] and all(names) and not names[0] & names[1]


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of the words of `one` that `other` has too."""
    return (one & other).total() / max(1, one.total())


def _strays(pairs: Mapping[int, int], old: Sequence[Page], new: Sequence[Page], key: _Key) -> dict[int, int]:
    """Pair what is left over without regard to order, the k-th of a key with the k-th."""
    taken = set(pairs.values())
    free: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for j in range(len(new)):
        if j not in taken:
            free[key(new[j])].append(j)
    left = (i for i in range(len(old)) if i not in pairs)
    return {i: waiting.popleft() for i in left if (waiting := free.get(key(old[i])))}
