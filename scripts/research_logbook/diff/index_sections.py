"""What is kept up to date beside the log, and what of it may not go: decisions, hypotheses, baseline.

Source: hypotheses change their status and point to their evidence, decisions stay (research workflow, Core
Artifacts 3 and task-logbook).
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from research_logbook.diff.append_only import ComparisonBudget, are_there, lost_text
from research_logbook.diff.protected_text import outside_of
from research_logbook.diff.tokens import CELL_END, Unit, Word, seen, units_of, without_cells
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Decision, Logbook, Section, Span
from research_logbook.logbook.queries import is_none, is_placeholder
from research_logbook.markdown.tree import BlockKind


@dataclass(frozen=True, slots=True)
class LostDecision:
    """A decision that was rewritten, or removed: then the quote is empty."""

    decision: Decision
    quote: str
    is_insertion: bool
    span: Span


@dataclass(frozen=True, slots=True)
class ChangedSection:
    """A section that lost or changed words."""

    section: Section
    quote: str
    span: Span


_MOST_STARTS = 16


class TextOutsideEntries:
    """The text of a logbook outside of its entries: what its parser files elsewhere now is not gone."""

    def __init__(self, book: Logbook) -> None:
        self._book = book

    def holds(self, units: Sequence[Unit], name: str) -> bool:
        """Return whether these units are there in a row, outside of sections with that canonical name."""
        return any(self._units[start][1] != name for start in self._starts(units))

    def mentions(self, unit: Unit) -> bool:
        """Return whether the words of a unit are there in a row, alone or among others."""
        return any(f" {unit.key} " in f" {other.key} " for other, _ in self._units)

    def lines_of(self, units: Sequence[Unit]) -> list[int]:
        """Return the lines on which these units begin to be there in a row, below nothing but headings."""
        return [unit.line for start in self._starts(units) if (unit := self._units[start][0]).parent is None]

    @cached_property
    def aside_lines(self) -> frozenset[int]:
        """The lines in an index or a quote, which hold no entries."""
        tops = (block for section in self._book.sections for block in section.blocks)
        quotes = sorted((block.line, block.end_line) for block in tops if block.kind == BlockKind.QUOTE)
        return frozenset(
            unit.line for unit, name in self._units if name in vocabulary.INDICES or is_covered(unit.line, quotes)
        )

    def _starts(self, units: Sequence[Unit]) -> list[int]:
        if not units:
            return []
        keys = [unit.key for unit in units]
        starts = self._places.get(keys[0], [])[:_MOST_STARTS]
        return [start for start in starts if keys == [unit.key for unit, _ in self._units[start : start + len(keys)]]]

    @cached_property
    def hypotheses(self) -> list[Unit]:
        """What may be a hypothesis that is read as none: all but the known ones, and what is in another index."""
        others = vocabulary.INDICES - {"hypotheses"}
        spans = sorted((item.span.line, item.span.end_line) for item in self._book.hypotheses)
        return [unit for unit, name in self._units if name not in others and not is_covered(unit.line, spans)]

    def units_of_hypothesis(self, name: str) -> Iterator[Unit]:
        """Yield what the hypotheses with this ID show, each cell of a table alone; or what else begins with the ID."""
        folded = name.casefold()
        units: list[Unit] = []
        for item in self._book.hypotheses:
            if item.id.casefold() == folded:
                first, stop = bisect_left(self._lines, item.span.line), bisect_right(self._lines, item.span.end_line)
                units += [unit for unit, _ in self._units[first:stop]]
        if not units:
            units = [
                it for it in self.hypotheses if (match := _BEGINS.match(it.text)) and match[1].casefold() == folded
            ]
        for unit in units:
            shown = unit.seen(())
            yield from (unit.part(words) for words in (cells_of(shown) if unit.is_row else [shown.words]) if words)

    @cached_property
    def _others_by_id(self) -> dict[str, list[Unit]]:
        """What may be a hypothesis that is read as none, by what it begins with, as far as that may be an ID."""
        found: dict[str, list[Unit]] = {}
        for unit in self.hypotheses:
            if match := _BEGINS.match(unit.text):
                found.setdefault(match[1].casefold(), []).append(unit)
        return found

    @cached_property
    def _lines(self) -> list[int]:
        return [unit.line for unit, _ in self._units]

    @property
    def ids(self) -> Collection[str]:
        """What these units begin with, as far as it may be an ID."""
        return self._others_by_id.keys()

    @cached_property
    def _units(self) -> list[tuple[Unit, str]]:
        """The units, each with the canonical name of the index that it is in, or of its own section."""
        sections = self._book.sections
        names = [section.name for section in sections]
        for place, section in enumerate(sections):
            if section.name in vocabulary.INDICES and names[place] == section.name:
                names[place : section.stop] = [section.name] * (section.stop - place)
        spans = sorted((entry.span.line, entry.span.end_line) for entry in self._book.everything)
        found: list[tuple[Unit, str]] = []
        for section, name in zip(sections, names, strict=True):
            blocks = outside_of(section.blocks, spans)
            title = "" if is_covered(section.span.line, spans) else section.title
            found += [(unit, name) for unit in units_of(blocks, title, section.span.line)]
        return found

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, (unit, _) in enumerate(self._units):
            places.setdefault(unit.key, []).append(place)
        return places


_BEGINS = re.compile(r"[\W_]*+(\w(?:[\w.-]*\w)?)")


def cells_of(row: Unit) -> list[list[Word]]:
    """Return the words of each cell of a row."""
    cells: list[list[Word]] = [[]]
    for word in row.words:
        if word.text == CELL_END:
            cells.append([])
        else:
            cells[-1].append(word)
    return cells[:-1]


def is_covered(line: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Return whether a line is in one of the sorted `spans`."""
    place = bisect_right(spans, (line, line)) - 1
    around = spans[max(place, 0) : place + 2]
    return any(first <= line <= last for first, last in around)


def lost_decisions(
    old: Logbook, new: Logbook, outside: TextOutsideEntries, budget: ComparisonBudget
) -> Iterator[LostDecision]:
    """Yield the decisions that were rewritten or are gone; their order may change."""
    was = {decision: units_of((decision.block,)) for decision in old.decisions}
    now = {decision: units_of((decision.block,)) for decision in new.decisions}
    known, there = Counter(map(_text, was.values())), Counter(map(_text, now.values()))
    missing = [decision for decision, units in was.items() if not take_one(there, _text(units))]
    missing = [
        decision
        for decision in missing
        if not is_none(text := " ".join(unit.text for unit in was[decision]))
        and not is_placeholder(text)
        and not outside.holds(was[decision], "decision-log")
    ]
    # As after turning a list into a table, the words of all decisions may be there in order.
    before, after = ([unit for units in texts.values() for unit in units] for texts in (was, now))
    if not missing or are_there(before, after):
        return
    changed = [decision for decision, units in now.items() if not take_one(known, _text(units))]
    similar, head = SimilarTexts(words_in(now[decision]) for decision in changed), head_of(new, "decision-log")
    for decision in missing:
        best = similar.take(words_in(was[decision]))
        if best is None:
            yield LostDecision(decision, "", is_insertion=False, span=head)
        elif gone := lost_text(was[decision], now[changed[best]], budget):
            yield LostDecision(decision, gone[0].quote, gone[0].is_insertion, changed[best].span)


def _text(units: Iterable[Unit]) -> str:
    return "\n".join([unit.key for unit in units])


def words_in(units: Iterable[Unit]) -> list[str]:
    """Return the words of units."""
    return [word.text for unit in units for word in unit.words]


_Key = TypeVar("_Key", bound=Hashable)


def take_one(counter: Counter[_Key], key: _Key) -> bool:
    """Count one of `key` less, and return whether there was one."""
    if not counter[key]:
        return False
    counter[key] -= 1
    return True


def head_of(book: Logbook, name: str) -> Span:
    """Return the heading of the section with a canonical name, or the first line."""
    section = next(book.named(name), None)
    return section.span if section else book.span


class SimilarTexts:
    """Texts of which each may be taken once, by one that is like it."""

    _LEAST_SHARE = 0.5
    _RARE_WORDS = 6
    _MOST_PLACES = 32
    # Candidates share one of the rarest words, so that no input makes every text meet every other.

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        self._bags = [_bag(text) for text in texts]
        self._totals = [bag.total() for bag in self._bags]
        self._taken: set[int] = set()
        self._places: dict[str, list[int]] = {}
        for place, bag in enumerate(self._bags):
            for word in bag:
                self._places.setdefault(word, []).append(place)

    def take(self, text: Iterable[str]) -> int | None:
        """Take the text most like `text`; None where none shares half of the shorter one's words."""
        bag = _bag(text)
        rare = sorted(bag.keys() & self._places.keys(), key=lambda word: (len(self._places[word]), word))
        near = {place for word in rare[: self._RARE_WORDS] for place in self._places[word][: self._MOST_PLACES]}
        total = bag.total()
        shares = {
            place: (bag & self._bags[place]).total() / max(1, min(total, self._totals[place]))
            for place in sorted(near - self._taken)
        }
        best = max(shares, key=shares.__getitem__, default=None)
        if best is None or shares[best] < self._LEAST_SHARE:
            return None
        self._taken.add(best)
        return best


def _bag(text: Iterable[str]) -> Counter[str]:
    return Counter(word for word in text if word[0].isalnum())


def changed_section(
    old: Logbook, new: Logbook, name: str, outside: TextOutsideEntries, budget: ComparisonBudget
) -> ChangedSection | None:
    """Return what went from sections with a canonical name; additions, even in a sentence, are no change."""
    was, now = _units_under(old, name), _units_under(new, name)
    gone = lost_text(was, now, budget)
    if not gone or outside.holds(was, name):
        return None
    versions = ((was, now), (seen(was), seen(now)))
    if all(
        _are_in_order(words_in(without_cells(before)), words_in(without_cells(after))) for before, after in versions
    ):
        return None
    line = gone[0].line or head_of(new, name).line
    return ChangedSection(next(old.named(name)), gone[0].quote, Span(new.path, line, line))


def _are_in_order(words: Iterable[str], later: Iterable[str]) -> bool:
    """Return whether `words` are among later ones, whatever was put between them."""
    left = iter(later)
    return all(word in left for word in words)


def _units_under(book: Logbook, name: str) -> list[Unit]:
    """Return the units below the headings with a canonical name, sub-headings included."""
    units: list[Unit] = []
    done = 0
    for place, section in enumerate(book.sections):
        if section.name != name or place < done:
            continue
        done = section.stop
        units += units_of(section.blocks)
        for part in book.sections[place + 1 : done]:
            units += units_of(part.blocks, part.title, part.span.line)
    return units
