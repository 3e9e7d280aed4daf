"""Append-only check: older text must be found again in newer text, up to additions, corrections and new formatting.

Three steps, all in bounded time. *Diff*: units that stayed are paired by a patience diff. *Match*: what is left in a
gap is looked for there, then anywhere, by a nondeterministic automaton that reads newer words and knows where
additions, `~~old~~ new` corrections and values that were pending are allowed. *Place*: a unit that moved must keep
its parents.

Source: the log is append-only; only formatting, broken links and the reference to the issue may be fixed
(research workflow, task-logbook).
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from research_logbook.diff.patience_diff import Gap, align, gaps
from research_logbook.diff.tokens import CELL_END, CONTROLS, IMAGE, Unit, Word, without_cells

_MARKS = frozenset(".!?:;)\u3002\uff01\uff1f\uff1a\uff1b\uff09") | {"..."}
_STOPS = frozenset(".!?\u3002\uff01\uff1f") | {"..."}
_CLOSING = frozenset("\"'*_`]}")

# What the automaton takes the next newer word for: the next older word; a word in place of struck ones; an addition
# that goes on to the end of the unit, of the cell, or of whole lines.
_MATCH, _CORRECTION, _UNIT, _CELL, _LINES = range(5)

_MOST_STATES = 16
# Honest text is in one to three states at once. Text made to be in thousands is followed in this many.

_State = tuple[int, int]
"""How many older words were found, and what the next newer word is taken for."""


class LostText(NamedTuple):
    """Older text that is gone."""

    unit: Unit
    quote: str
    """The lost words; for words inserted into a sentence, the sentence around them as it was."""
    line: int
    """Where the newer text differs."""
    is_insertion: bool = False
    """Whether no word was lost, and others were inserted."""


@dataclass(slots=True)
class ComparisonBudget:
    """How often units may still be compared in vain: it keeps hostile input from quadratic time."""

    left: int

    def spend(self, words: int) -> bool:
        """Return whether there was anything left for comparing a unit of so many words; 64 more count as another."""
        self.left -= 1 + words // 64
        return self.left >= 0


class _OldText:
    """Older text as a nondeterministic automaton that newer text runs through."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.words: list[Word] = []
        self.edges: dict[int, Unit | None] = {0: None}
        """Places between two units, each with the unit before it."""
        self.inner_code: set[int] = set()
        """Places inside a line of code, where nothing may be added."""
        self.pending: dict[int, int] = {}
        """Where values still to come begin, and where they end."""
        for unit in units:
            start = len(self.words)
            self.words += unit.words
            self.pending |= {start + first: start + stop for first, stop in unit.pending}
            if unit.is_code:
                self.inner_code.update(range(start + 1, len(self.words)))
            self.edges[len(self.words)] = unit

    def ends(self, place: int, marks: frozenset[str]) -> bool:
        """Return whether one of `marks` comes before `place`, quotes after it aside."""
        place -= 1
        while place > 0 and self.words[place].text in _CLOSING:
            place -= 1
        return place >= 0 and self.words[place].text in marks

    def admits_units(self, place: int) -> bool:
        """Return whether whole new units may be put between the words before and after `place`."""
        return place in self.edges or (place not in self.inner_code and self.ends(place, _STOPS))

    def past_pending(self, places: Iterable[int]) -> set[int]:
        """Return `places`, and those behind values still to come that begin at one."""
        found = set(places)
        for place in sorted(found):
            here = place
            while here in self.pending and (here := self.pending[here]) not in found:
                found.add(here)
        return found

    def alternatives(self, state: _State, word: Word, before: Word | None) -> Iterator[_State]:
        """Yield the states that the automaton may be in when it meets `word`, which follows `before`."""
        place, mode = state
        if mode in {_MATCH, _CORRECTION}:
            yield place, _MATCH
            if mode == _CORRECTION and word.text != CELL_END:
                yield state
            yield from self._additions(place, word, before)
        elif mode == _CELL and word.text == CELL_END:
            yield place, _MATCH
        else:
            yield state
            if mode == _LINES and word.is_first and before and before.text in _STOPS:
                yield place, _MATCH

    def _additions(self, place: int, word: Word, before: Word | None) -> Iterator[_State]:
        """Yield the states in which `word` begins an addition, or the value that was still to come."""
        if place in self.pending:
            end = self.pending[place]
            is_cell = end < len(self.words) and self.words[end].text == CELL_END
            yield end, (_CELL if is_cell else _UNIT)
            yield end, _MATCH
        if before is None or not place or place in self.inner_code:
            return
        begins = word.is_first or word.text in _MARKS
        edge = self.edges.get(place)
        if edge is not None:
            if not edge.is_code and (begins or edge.is_row or self.ends(place, _MARKS)):
                yield place, _UNIT
        elif self.words[place].text == CELL_END:
            if word.text != CELL_END and (begins or self.ends(place, _MARKS)):
                yield place, _CELL
        elif word.is_first and self.ends(place, _STOPS):
            yield place, _LINES

    def step(self, state: _State, word: Word) -> _State | None:
        """Return the state after `word`; None where it is not the next older word."""
        place, mode = state
        if mode != _MATCH:
            return state
        if place == len(self.words) or self.words[place].text != word.text:
            return None
        if self.words[place].is_struck == word.is_struck:
            return place + 1, _MATCH
        return (place + 1, _CORRECTION) if word.is_struck else None

    def run(self, unit: Unit, starts: Iterable[int]) -> set[int]:
        """Return how many older words may be found after `unit`, from each of `starts`."""
        states: Iterable[_State] = [(place, _MATCH) for place in starts]
        before: Word | None = None
        for word in unit.words:
            steps = (self.step(way, word) for state in states for way in self.alternatives(state, word, before))
            after = {state for state in steps if state is not None}
            if word.is_footnote and before:
                after.update(states)
            if not after:
                return set()
            states = after
            if len(after) > _MOST_STATES:
                ranked = sorted(after)
                states = ranked[: _MOST_STATES // 2] + ranked[-_MOST_STATES // 2 :]
            before = word
        return self.past_pending(place for place, _ in states)


def matched_units(old: Sequence[Unit], new: Sequence[Unit], *, anywhere: bool = True) -> int | None:
    """Return how many of `new` it takes to find all of `old` again, up to allowed changes; None if it is not there.

    Between and after the old units whole new ones may be put, before them only if `anywhere`.
    """
    # Control characters that no reader sees may be deleted.
    if controls := {word.text for unit in old for word in unit.words if word.text in CONTROLS}:
        old, new = ([unit.without(controls) for unit in units] for units in (old, new))
    text = _OldText(old)
    places = text.past_pending({0})
    for count, unit in enumerate(new):
        if len(text.words) in places:
            return count
        waiting = {place for place in places if text.admits_units(place) and (place or anywhere)}
        # What has been found furthest on is kept: behind it, every place between two units would wait for ever.
        places = set(sorted(text.run(unit, places) | waiting)[-_MOST_STATES:])
        if not places:
            return None
    return len(new) if len(text.words) in places else None


def lost_text(old: Sequence[Unit], new: Sequence[Unit], budget: ComparisonBudget) -> list[LostText]:
    """Return what is gone from a text: all that has not stayed, been reformatted, corrected or continued."""
    keys = [unit.key for unit in old], [unit.key for unit in new]
    if keys[0] == keys[1]:
        return []
    return _Comparison(old, new, budget).lost(align(*keys))


_NEAR = 8
_AROUND = 4


class _Comparison:
    """Two versions of a text; what of the older one is found again is noted as it is found."""

    def __init__(self, old: Sequence[Unit], new: Sequence[Unit], budget: ComparisonBudget) -> None:
        self.old, self.new, self.budget = old, new, budget
        self.origin: dict[int, int] = {}
        """Positions of newer units to those of the older ones they come from."""
        self.dissolved: set[int] = set()
        """Older units whose words are found in order, but not as one unit."""
        self.gaps: dict[int, Gap] = {}
        """Missing older units to the gap they left."""

    def lost(self, pairs: Sequence[tuple[int, int]]) -> list[LostText]:
        self.origin = {j: i for i, j in pairs}
        missing = []
        for gap in gaps(pairs, Gap(range(len(self.old)), range(len(self.new)))):
            here = self._missing_in(gap)
            self.gaps |= dict.fromkeys(here, gap)
            missing += here
        if missing:
            # What is elsewhere in the text, as it was or grown, may have moved there with its parents.
            present = {unit.key for j, unit in enumerate(self.new) if j not in self.origin}
            gone = self._missing_anywhere([i for i in missing if self.old[i].key not in present])
            missing = sorted({*gone, *(self._without_parents(gone) if len(gone) < len(missing) else ())})
        became = {i: j for j, i in self.origin.items()} if missing else {}
        return [self._lost(i, became) for i in missing]

    def _missing_in(self, gap: Gap) -> list[int]:
        """Return the older units of a gap that are not in its newer ones, in order, grown or not."""
        missing, start = [], gap.new.start
        index = _PrefixIndex(self.new, gap.new if gap.old else ())
        for i in gap.old:
            j = self._find(i, index.near(self.old[i], start), gap.new.stop)
            if j is not None:
                start = j + 1
                self.origin[j] = i
            elif not self.old[i].is_pending:
                missing.append(i)
        if missing and self._is_regrouped(gap):
            self.dissolved.update(missing)
            return []
        return missing

    def _missing_anywhere(self, missing: Sequence[int]) -> list[int]:
        """Return those of the missing older units that no newer unit anywhere has grown from."""
        free = [j for j in range(len(self.new)) if j not in self.origin]
        index = _PrefixIndex(self.new, free if missing else ())
        gone = []
        for i in missing:
            j = self._find(i, index.near(self.old[i]), len(self.new))
            if j is None:
                gone.append(i)
            else:
                self.origin[j] = i
        return gone

    def _find(self, i: int, candidates: Iterable[int], stop: int) -> int | None:
        """Return the position of the newer unit that ends what older unit `i` has become."""
        old = [self.old[i]]
        references = _references(old)
        for j in candidates:
            new = self.new[j : min(stop, j + 1 + len(old[0].words))]
            count = None if j in self.origin else matched_units(old, new, anywhere=False)
            if count is None and references and j not in self.origin:
                count = matched_units(old, _spelled_out(new, old, references), anywhere=False)
            if count is not None:
                return j + max(count, 1) - 1
            if not self.budget.spend(len(old[0].words)):
                break
        return None

    def _is_regrouped(self, gap: Gap) -> bool:
        """Return whether the words of a gap are all there in order, however they are divided into units."""
        old = [self.old[i] for i in gap.old]
        new = [self.new[j] for j in gap.new]
        references = _references(old)
        if matched_units(old, _spelled_out(new, old, references) if references else new) is not None:
            return True
        is_table = all(unit.is_row for unit in old), all(unit.is_row for unit in new)
        return is_table[0] != is_table[1] and matched_units(without_cells(old), without_cells(new)) is not None

    def _without_parents(self, gone: Iterable[int]) -> list[int]:
        """Return the older units that are not there as often as they were with the same parents.

        A bullet that moves to another parent says something else, and so do commands in another order.
        """
        names: dict[tuple[str, int], int] = {}
        known = {unit.key for unit in self.old}
        keys = (self.old[self.origin[j]].key if j in self.origin else unit.key for j, unit in enumerate(self.new))
        was = _paths(self.old, [unit.key for unit in self.old], names)
        there = Counter(_paths(self.new, [key if key in known else None for key in keys], names))
        exempt = {*gone, *self.dissolved, *(i for i, unit in enumerate(self.old) if unit.is_pending)}
        moved = []
        for i, path in enumerate(was):
            if i not in exempt:
                there[path] -= 1
                if there[path] < 0:
                    moved.append(i)
        return moved

    def _lost(self, i: int, became: Mapping[int, int]) -> LostText:
        """Return what is gone of an older unit: against the newer one about its place that has most in common."""
        unit, gap, near = self.old[i], self.gaps.get(i), list[Unit]()
        if gap:
            place = gap.new.start + i - gap.old.start
            about = range(max(gap.new.start, place - _NEAR), min(gap.new.stop, place + _NEAR))
            near = [self.new[j] for j in about if j not in self.origin]
        closest = max(near, key=lambda other: sum(_shared(unit, other)), default=None)
        start, end = _shared(unit, closest) if closest else (0, 0)
        if closest is None or not start + end:
            place = gap.new.start if gap else became.get(i, 0)
            line = self.new[place - 1].words[-1].line if place else 0
            return LostText(unit, unit.cut(0, len(unit.words)).strip("| "), line)
        stop = len(unit.words) - end
        line = closest.words[min(start, len(closest.words) - 1)].line
        if start < stop:
            return LostText(unit, unit.cut(start, stop).strip("| ") or unit.text.strip(), line)
        around = unit.cut(max(0, start - _AROUND), start + _AROUND)
        return LostText(unit, around.strip("| "), line, is_insertion=True)


def _paths(units: Sequence[Unit], keys: Sequence[str | None], names: dict[tuple[str, int], int]) -> list[int]:
    """Return a number for each unit that tells its key and its parents; a parent without a key is passed over."""
    found: list[int] = []
    for unit, key in zip(units, keys, strict=True):
        parent = found[unit.parent] if unit.parent is not None else -1
        found.append(parent if key is None else names.setdefault((key, parent), len(names)))
    return found


def _shared(one: Unit, other: Unit) -> tuple[int, int]:
    """Return how many words two units have in common at their start, and then at their end."""

    def differ(place: int) -> bool:
        was, now = one.words[place], other.words[place]
        return was.text != now.text or was.is_struck != now.is_struck

    most = min(len(one.words), len(other.words))
    start = next((place for place in range(most) if differ(place)), most)
    end = next((place for place in range(most - start) if differ(-1 - place)), most - start)
    return start, end


_FIRST_WORDS = 12
_Positions = defaultdict[tuple[str, ...], list[int]]


class _PrefixIndex:
    """Newer units by their first words: what has grown begins as it did."""

    def __init__(self, units: Sequence[Unit], positions: Sequence[int]) -> None:
        self._all = positions
        self._begun: _Positions = defaultdict(list)
        self._whole: _Positions = defaultdict(list)
        self._struck: _Positions = defaultdict(list)
        for j in positions:
            first = tuple([word.text for word in units[j].words if not word.is_footnote][:_FIRST_WORDS])
            for length in range(1, len(first) + 1):
                self._begun[first[:length]].append(j)
            self._whole[first].append(j)
            if any(word.is_struck for word in units[j].words):
                self._struck[first[:1]].append(j)

    def near(self, unit: Unit, start: int = 0) -> Iterator[int]:
        """Yield the positions from `start` of units that `unit` may have become, or begun to be divided into.

        They share its first words, up to where something may be put in or be written in another way.
        """
        stop = min([_FIRST_WORDS, *(first for first, _ in unit.pending)])
        texts: list[str] = []
        for word in unit.words[:stop]:
            if word.text.startswith((*_ADDRESSES, IMAGE)) or word.text in CONTROLS:
                break
            texts.append(word.text)
            if word.text in _STOPS:
                break
        first = tuple(texts)
        if not first:
            return _from(self._all, start)
        parts = [self._whole.get(first[:length], ()) for length in range(1, len(first))]
        # Words that follow a correction may come before those that it began with.
        places = [self._begun.get(first, ()), self._struck.get(first[:1], ()), *parts]
        return merge(*(_from(found, start) for found in places if found))


def _from(positions: Sequence[int], start: int) -> Iterator[int]:
    """Yield sorted `positions` from `start` on, without going through those before."""
    return (positions[place] for place in range(bisect_left(positions, start), len(positions)))


_ADDRESSES = ("https://", "http://", "#")


def _references(units: Iterable[Unit]) -> frozenset[str]:
    """Return the plain addresses and issue numbers in `units`, and the addresses of images without words."""
    words = [word for unit in units for word in unit.words]
    images = (IMAGE + word.url for word in words if word.text == IMAGE and word.url)
    return frozenset([*(word.text for word in words if word.text.startswith(_ADDRESSES)), *images])


_MOST_LABEL_WORDS = 6
_SENTENCE_MARKS = (*_STOPS, ";")


def _spelled_out(units: Sequence[Unit], old: Sequence[Unit], references: frozenset[str]) -> list[Unit]:
    """Return `units` with each link that takes the place of a plain reference of the older text replaced by that.

    Its label can do no more than name what it links to: a few words without a sentence among them.
    """
    kept = {label for unit in old for url, label, _ in _links(unit) if url and label not in references}
    found = []
    for unit in units:
        if not any(word.url for word in unit.words):
            found.append(unit)
            continue
        words: list[Word] = []
        for url, label, group in _links(unit):
            named = label.split()
            is_plain = label.startswith(_ADDRESSES) and len(named) == 1
            is_name = len(named) <= _MOST_LABEL_WORDS and not any(word.endswith(_SENTENCE_MARKS) for word in named)
            can_replace = url and label not in kept and (is_plain or is_name)
            reference = _replaced_reference(url, references) if can_replace else ""
            words += [group[0]._replace(text=reference)] if reference else group
        found.append(replace(unit, words=tuple(words)))
    return found


def _links(unit: Unit) -> Iterator[tuple[str, str, list[Word]]]:
    """Yield runs of words: the target they link to or an empty string, their text, and the words."""
    for url, group in groupby(unit.words, lambda word: word.url):
        run = list(group)
        yield url, " ".join(word.text for word in run), run


def _replaced_reference(url: str, references: frozenset[str]) -> str:
    if IMAGE + url in references:
        return IMAGE
    if url in references:
        return url
    number = url.rstrip("/").rpartition("/")[2].partition("#")[0]
    is_issue = "/issues/" in url or "/pull/" in url
    return f"#{number}" if is_issue and f"#{number}" in references else ""
