"""What is kept up to date beside the log, and what of it may not go: decisions, hypotheses, baseline.

Source: hypotheses change their status and point to their evidence, decisions stay (research workflow, Core
Artifacts 3 and task-logbook).
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from research_logbook.diff.append_only import ComparisonBudget, lost_text, matched_units
from research_logbook.diff.tokens import Unit, units_of, without_cells, words_of
from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Decision, Entry, Hypothesis, Logbook, Section, Span
from research_logbook.logbook.queries import is_none, is_placeholder
from research_logbook.logbook.sections import reach
from research_logbook.markdown.tree import BlockKind


@dataclass(frozen=True, slots=True)
class LostDecision:
    """A decision that was rewritten, or is gone: then the quote is empty."""

    decision: Decision
    quote: str
    is_insertion: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Dropped:
    """A hypothesis that is in the queue no more; `span` is the queue."""

    hypothesis: Hypothesis
    span: Span


@dataclass(frozen=True, slots=True)
class Shift:
    """Words of a section that went or changed."""

    section: Section
    quote: str
    span: Span


class Beside:
    """The text of a logbook outside of its entries: what its parser files elsewhere now is not gone."""

    def __init__(self, book: Logbook) -> None:
        self._book = book

    def holds(self, units: Sequence[Unit], name: str) -> bool:
        """Return whether these units stand there in a row, outside of sections with that canonical name."""
        return any(self._names[start] != name for start in self._starts(units))

    def lines_of(self, units: Sequence[Unit]) -> list[int]:
        """Return the lines on which these units begin to stand there in a row."""
        return [self._units[start].line for start in self._starts(units)]

    def is_aside(self, line: int) -> bool:
        """Return whether what stands on a line stands in an index or a quote, where no entry stands."""
        return line in self._aside_lines

    @cached_property
    def _aside_lines(self) -> frozenset[int]:
        tops = (block for section in self._book.sections for block in section.blocks)
        quotes = sorted((block.line, block.end_line) for block in tops if block.kind == BlockKind.QUOTE)
        return frozenset(
            unit.line for unit, name in self._parts if name in vocabulary.INDICES or _is_covered(unit.line, quotes)
        )

    def _starts(self, units: Sequence[Unit]) -> list[int]:
        if not units:
            return []
        keys = [unit.key for unit in units]
        starts = self._places.get(keys[0], [])[:_STARTS]
        return [start for start in starts if keys == self._keys[start : start + len(keys)]]

    @cached_property
    def hypotheses(self) -> list[Unit]:
        """What may be a hypothesis that is read as none: all but the known ones, and what stands in another index."""
        others = vocabulary.INDICES - {"hypotheses"}
        spans = sorted((item.span.line, item.span.end_line) for item in self._book.hypotheses)
        return [
            unit
            for unit, name in zip(self._units, self._names, strict=True)
            if name not in others and not _is_covered(unit.line, spans)
        ]

    @cached_property
    def ids(self) -> frozenset[str]:
        """What these units begin with, as far as it may be an ID."""
        return frozenset(_beginning(unit.text) for unit in self.hypotheses)

    @cached_property
    def _parts(self) -> list[tuple[Unit, str]]:
        spans = sorted((entry.span.line, entry.span.end_line) for entry in self._book.everything)
        parts: list[tuple[Unit, str]] = []
        for section, name in zip(self._book.sections, _index_names(self._book), strict=True):
            blocks = [block for block in section.blocks if not _is_covered(block.line, spans)]
            title = "" if _is_covered(section.span.line, spans) else section.title
            parts += [(unit, name) for unit in units_of(blocks, title, section.span.line)]
        return parts

    @cached_property
    def _units(self) -> list[Unit]:
        return [unit for unit, _ in self._parts]

    @cached_property
    def _names(self) -> list[str]:
        return [name for _, name in self._parts]

    @cached_property
    def _keys(self) -> list[str]:
        return [unit.key for unit in self._units]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, key in enumerate(self._keys):
            places.setdefault(key, []).append(place)
        return places


_STARTS = 16


def _index_names(book: Logbook) -> list[str]:
    """Return for each section the canonical name of the index that it is, or is part of."""
    names = [section.name for section in book.sections]
    for place, section in enumerate(book.sections):
        if section.name in vocabulary.INDICES and names[place] == section.name:
            stop = reach(book.sections, place)
            names[place:stop] = [section.name] * (stop - place)
    return names


def _is_covered(line: int, spans: Sequence[tuple[int, int]]) -> bool:
    place = bisect_right(spans, (line, line)) - 1
    around = spans[max(place, 0) : place + 2]
    return any(first <= line <= last for first, last in around)


def _beginning(text: str) -> str:
    match = re.match(r"[\W_]*+(\w(?:[\w.-]*\w)?)", text)
    return match[1].casefold() if match else ""


def says(old: Logbook, new: Logbook, added: Iterable[Entry], about: str) -> bool:
    """Return whether an added entry or decision has a word that begins as `about`, a pattern, says."""
    known = {decision.text for decision in old.decisions}
    texts = [f"{entry.heading}\n{entry.text}" for entry in added]
    texts += [decision.text for decision in new.decisions if decision.text not in known]
    pattern = re.compile(rf"\b(?:{about})", re.IGNORECASE)
    return any(pattern.search(text) for text in texts)


def lost_decisions(old: Logbook, new: Logbook, beside: Beside, budget: ComparisonBudget) -> Iterator[LostDecision]:
    """Yield the decisions that were rewritten or are gone; their order may change."""
    was = {decision: units_of((decision.block,)) for decision in old.decisions}
    now = {decision: units_of((decision.block,)) for decision in new.decisions}
    known, there = Counter(map(_text, was.values())), Counter(map(_text, now.values()))
    missing = [decision for decision, units in was.items() if not _take(there, _text(units))]
    missing = [item for item in missing if not _is_nothing(was[item]) and not beside.holds(was[item], "decision-log")]
    if not missing or _flows(was.values(), now.values()):
        return
    changed = [decision for decision, units in now.items() if not _take(known, _text(units))]
    pool, head = Pool(_words(now[decision]) for decision in changed), _head(new, "decision-log")
    for decision in missing:
        best = pool.take(_words(was[decision]))
        if best is None:
            yield LostDecision(decision, "", is_insertion=False, span=head)
        elif gone := lost_text(was[decision], now[changed[best]], budget):
            yield LostDecision(decision, gone[0].quote, gone[0].is_insertion, changed[best].span)


def _text(units: Iterable[Unit]) -> str:
    return "\n".join([unit.key for unit in units])


def _words(units: Iterable[Unit]) -> list[str]:
    return [word.text for unit in units for word in unit.words]


_Key = TypeVar("_Key", bound=Hashable)


def _take(counter: Counter[_Key], key: _Key) -> bool:
    if not counter[key]:
        return False
    counter[key] -= 1
    return True


def _flows(was: Iterable[Sequence[Unit]], now: Iterable[Sequence[Unit]]) -> bool:
    """Return whether the words of all decisions are there in order, as after turning a list into a table."""
    old, new = ([unit for units in texts for unit in units] for texts in (was, now))
    return matched_units(without_cells(old), without_cells(new)) is not None


def _is_nothing(units: Sequence[Unit]) -> bool:
    """Return whether a decision only says that there is none yet."""
    text = " ".join(unit.text for unit in units)
    return is_none(text) or is_placeholder(text)


def _head(book: Logbook, name: str) -> Span:
    section = next(book.named(name), None)
    return section.span if section else book.span


class Pool:
    """Texts of which each may be taken once, by one that is like it."""

    _ALIKE = 0.5
    _RARE = 6
    _PLACES = 32
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
        near = {place for word in rare[: self._RARE] for place in self._places[word][: self._PLACES]}
        total = bag.total()
        likeness = {place: self._likeness(bag, total, place) for place in sorted(near - self._taken)}
        best = max(likeness, key=lambda place: likeness[place], default=None)
        if best is None or likeness[best] < self._ALIKE:
            return None
        self._taken.add(best)
        return best

    def _likeness(self, bag: Counter[str], total: int, place: int) -> float:
        return (bag & self._bags[place]).total() / max(1, min(total, self._totals[place]))


def _bag(text: Iterable[str]) -> Counter[str]:
    return Counter(word for word in text if word[0].isalnum())


def dropped(old: Logbook, new: Logbook, beside: Beside) -> Iterator[Dropped]:
    """Yield the hypotheses whose ID no hypothesis has now, and those without one whose words none has."""
    names = {item.id.casefold() for item in new.hypotheses if item.id}
    named = [item for item in old.hypotheses if item.id and item.id.casefold() not in names]
    gone = [item for item in named if item.id.casefold() not in beside.ids]
    head = _head(new, "hypotheses")
    for item in [*gone, *_without_match(old, new, beside)]:
        yield Dropped(item, head)


def _without_match(old: Logbook, new: Logbook, beside: Beside) -> list[Hypothesis]:
    known = {item.id for item in old.hypotheses if item.id}
    there = Counter(words_of(item.text) for item in new.hypotheses if item.id not in known)
    left = [item for item in old.hypotheses if not item.id and not _take(there, words_of(item.text))]
    left = _without_like(left, there.elements)
    return _without_like(left, lambda: (_words([unit]) for unit in beside.hypotheses))


def _without_like(items: Sequence[Hypothesis], texts: Callable[[], Iterable[Iterable[str]]]) -> list[Hypothesis]:
    pool = Pool(texts()) if items else None
    return [item for item in items if pool and pool.take(words_of(item.text)) is None]


def shift(old: Logbook, new: Logbook, name: str, beside: Beside, budget: ComparisonBudget) -> Shift | None:
    """Return what went from sections with a canonical name; additions, even in a sentence, are no change."""
    was, now = _units_under(old, name), _units_under(new, name)
    gone = lost_text(was, now, budget)
    if not gone or beside.holds(was, name) or _is_within(was, now):
        return None
    line = gone[0].line or _head(new, name).line
    return Shift(next(old.named(name)), gone[0].quote, Span(new.path, line, line))


def _units_under(book: Logbook, name: str) -> list[Unit]:
    """Return the units below the headings with a canonical name, sub-headings included."""
    units: list[Unit] = []
    done = 0
    for place, section in enumerate(book.sections):
        if section.name != name or place < done:
            continue
        done = reach(book.sections, place)
        units += units_of(section.blocks)
        for part in book.sections[place + 1 : done]:
            units += units_of(part.blocks, part.title, part.span.line)
    return units


def _is_within(was: Sequence[Unit], now: Sequence[Unit]) -> bool:
    """Return whether the words of `was` are there in order, whatever stands between them."""
    later = iter(_words(without_cells(now)))
    return all(word in later for word in _words(without_cells(was)))
