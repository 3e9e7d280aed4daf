"""Which entry of an older logbook has become which one of a newer.

Entries are paired by ever weaker keys, each by a patience diff in the gaps that the surer ones left; then by the share
of words in common; what is left over, without regard to order.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from research_logbook.diff.patience_diff import Gap, Pair, align, gaps, longest_increasing
from research_logbook.diff.protected_text import Passage, passages
from research_logbook.diff.tokens import Unit, units_of, words_of
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.markdown.tree import LOWERED, RAISED, TURNED, Block, BlockKind

_ITEM = re.compile(r"\s*(?:[-+*]|\d{1,9}[.)])\s+(?:\[(?P<box>[^\[\]])\]\s)?")


class EntryText:
    """An entry and its text in several normal forms, each made when it is asked for."""

    def __init__(self, entry: Entry, lines: Sequence[str]) -> None:
        self.entry = entry
        self.raw = "\n".join(lines[entry.span.line - 1 : entry.span.end_line]).strip()

    @property
    def is_passage(self) -> bool:
        """Whether it is protected text that is no entry."""
        return isinstance(self.entry, Passage)

    @property
    def is_titled(self) -> bool:
        """Whether it begins with a heading of its own."""
        return self.entry.level > 0

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Its text; that of a bullet or a bold line includes the heading."""
        units = units_of(self.entry.blocks, is_item=not self.entry.level and not self.is_passage)
        if units and not self.entry.level and not self.is_passage and (item := _ITEM.match(self.raw)):
            # The item itself is not among the blocks: what is beside its words is read here.
            box = f"[{item['box'].lower()}]" if item["box"] else ""
            units = (replace(units[0], box=box), *units[1:])
        return units

    @property
    def whole_blocks(self) -> list[Block]:
        """Its blocks, after one for its heading, or in one for the item that it is."""
        entry, span = self.entry, self.entry.span
        if not entry.level:
            item = Block(BlockKind.ITEM, span.line, span.end_line, span.column, blocks=entry.blocks)
            return list(entry.blocks) if self.is_passage else [item]
        return [*([entry.head] if entry.head else []), *entry.blocks]

    @property
    def heading(self) -> tuple[Unit, ...]:
        """Its heading, what is struck out in it included; nothing for a bullet or a bold line."""
        return units_of([self.entry.head]) if self.entry.head else ()

    @cached_property
    def said(self) -> str:
        """Its heading as it is read; digits above or below the line and text turned round are marked."""
        head = self.entry.head
        is_marked = head and any(run.style & (RAISED | LOWERED | TURNED) for run in head.runs)
        return "".join(unit.text for unit in self.heading).strip() if is_marked else self.entry.heading

    @property
    def is_set(self) -> bool:
        """Whether an HTML element around it can make it look otherwise than its own lines say."""
        return any(block and block.style for block in (self.entry.head, *self.entry.blocks))

    @cached_property
    def whole_units(self) -> tuple[Unit, ...]:
        """Its text with the heading."""
        entry = self.entry
        return units_of(entry.blocks, entry.heading, entry.span.line) if entry.level else self.units

    @cached_property
    def title(self) -> str:
        """The words of its heading."""
        return " ".join(words_of(self.said))

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

    @property
    def day_and_ids(self) -> Hashable:
        """Its day and its IDs; itself, which equals no other, where it has none."""
        when, names = self.entry.when, self.entry.ids
        return (when.date if when else None, names) if names else self


def entry_texts(book: Logbook) -> list[EntryText]:
    """Return the entries of a logbook, dated or not, and the protected text between them, in document order."""
    lines = book.text.split("\n")
    return [
        EntryText(entry, lines)
        for entry in sorted((*book.everything, *passages(book)), key=lambda entry: entry.span.line)
    ]


_Key = Callable[[EntryText], Hashable]

_TELLING = 40
# A text of so many characters tells an entry from others; "Result: pending" does not.


def _long_body(text: EntryText) -> Hashable:
    return text.body if len(text.body) >= _TELLING else text


# What tells which entry is which, the surest first.
_KEYS: tuple[_Key, ...] = (
    lambda text: text.raw,
    lambda text: (text.title, text.body),
    lambda text: (text.title, text.body.partition("\n")[0]),
    lambda text: text.title,
    _long_body,
    lambda text: text.day_and_ids,
)
_UNORDERED_KEYS: tuple[_Key, ...] = (_KEYS[0], _KEYS[1], _KEYS[3], _long_body)


def paired(old: Sequence[EntryText], new: Sequence[EntryText]) -> dict[int, int]:
    """Return which old entry or passage has become which new one, by position.

    What was a passage may be an entry now, as after its heading was given a date.
    """
    pairs: dict[int, int] = {}
    for is_old, is_new in ((False, False), (True, True), (True, False)):
        taken = set(pairs.values())
        was = [i for i, text in enumerate(old) if text.is_passage is is_old and i not in pairs]
        now = [j for j, text in enumerate(new) if text.is_passage is is_new and j not in taken]
        found = _paired([old[i] for i in was], [new[j] for j in now]) if was and now else {}
        pairs |= {was[i]: now[j] for i, j in found.items()}
    return pairs


def _paired(old: Sequence[EntryText], new: Sequence[EntryText]) -> dict[int, int]:
    """Return the pairs by ever weaker keys; twins are told apart by their order."""
    pairs: list[Pair] = []
    for key in _KEYS:
        for gap in _open_gaps(pairs, old, new):
            found = align([key(old[i]) for i in gap.old], [key(new[j]) for j in gap.new])
            pairs += [(gap.old[i], gap.new[j]) for i, j in found]
        pairs.sort()
    for gap in _open_gaps(pairs, old, new):
        pairs += _alike(gap, old, new)
    matched = dict(pairs)
    for key in _UNORDERED_KEYS:
        taken = set(matched.values())
        free: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for j, text in enumerate(new):
            if j not in taken:
                free[key(text)].append(j)
        left = (i for i in range(len(old)) if i not in matched)
        matched |= {i: waiting.popleft() for i in left if (waiting := free.get(key(old[i])))}
    return matched


def moved(pairs: Mapping[int, int]) -> list[int]:
    """Return as few old entries as account for all changes of order."""
    in_order = dict(longest_increasing(sorted(pairs.items())))
    return [i for i in sorted(pairs) if i not in in_order]


def _open_gaps(pairs: Sequence[Pair], old: Sequence[EntryText], new: Sequence[EntryText]) -> list[Gap]:
    within = Gap(range(len(old)), range(len(new)))
    return [gap for gap in gaps(pairs, within) if gap.old and gap.new]


_LEAST_SHARE = 0.5
_WINDOW = 16


def _alike(gap: Gap, old: Sequence[EntryText], new: Sequence[EntryText]) -> Iterable[Pair]:
    """Yield pairs of entries that share half of the old one's words, in order."""
    start = gap.new.start
    for i in gap.old:
        ahead = gap.new[start - gap.new.start :][:_WINDOW]
        total = max(1, old[i].bag.total())
        shares = {j: (old[i].bag & new[j].bag).total() / total for j in ahead if not _are_distinct(old[i], new[j])}
        best = max(shares, key=shares.__getitem__, default=None)
        if best is not None and shares[best] >= _LEAST_SHARE:
            yield i, best
            start = best + 1


def _are_distinct(one: EntryText, other: EntryText) -> bool:
    """Return whether two entries say themselves that they are not the same: both their time and their IDs differ."""
    times = [(when.date, when.time) if (when := text.entry.when) else None for text in (one, other)]
    names = [set(text.entry.ids) for text in (one, other)]
    return times[0] != times[1] and all(names) and not names[0] & names[1]
