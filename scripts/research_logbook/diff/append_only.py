"""Append-only check: older text must be found again in newer text, up to additions, corrections and new formatting.

Three steps, all in bounded time. *Diff*: units that stayed are paired by a patience diff. *Match*: what is left in a
gap is looked for there, then anywhere, by a nondeterministic automaton that reads newer words and knows where
additions, `~~old~~ new` corrections and values that were pending are allowed. *Place*: what was found must stand
where it says the same: below the same parents, in the same quotes, with the same number and the same box, and
paragraphs in the same order.

Source: the log is append-only; only formatting, broken links and the reference to the issue may be fixed
(research workflow, task-logbook).
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from research_logbook.diff.patience_diff import Gap, align, gaps, longest_increasing
from research_logbook.diff.tokens import CELL_END, CONTROLS, IMAGE, Unit, Word, seen, without_cells

_MARKS = frozenset(".!?:;)\u3002\uff01\uff1f\uff1a\uff1b\uff09") | {"..."}
# What may be put behind a statement with more words after it. A question mark would make a question of it, a colon
# the name of what follows.
_NEW_MARKS = frozenset(".!;\u3002\uff01\uff1b") | {"..."}
_FINAL = frozenset(".!\u3002\uff01")
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
    now: str = ""
    """Where the words are still there: how they stand now, such as "below “Expected”"."""


@dataclass(slots=True)
class ComparisonBudget:
    """How often units may still be compared in vain: it keeps hostile input from quadratic time."""

    left: int

    def spend(self, words: int) -> bool:
        """Return whether there was anything left for comparing a unit of so many words; 64 more count as another."""
        self.left -= 1 + words // 64
        return self.left >= 0


class _OldText:
    """Older text as a nondeterministic automaton that newer text runs through.

    Commas and quotes may either be `dropped` or be added, not both: a comma that moves divides a sentence elsewhere.
    """

    def __init__(self, units: Iterable[Unit], *, dropped: bool = False, added: bool = False) -> None:
        self.dropped, self.added = dropped, added
        self.units = list(units)
        self.unit_ends: list[int] = []
        self.words: list[Word] = []
        self.edges: dict[int, Unit | None] = {0: None}
        """Places between two units, each with the unit before it."""
        self.inner_code: set[int] = set()
        """Places inside a line of code, where nothing may be added."""
        self.pending: dict[int, int] = {}
        """Where values still to come begin, and where they end."""
        for unit in self.units:
            start = len(self.words)
            self.words += unit.words
            self.pending |= {start + first: start + stop for first, stop in unit.pending}
            if unit.is_code:
                self.inner_code.update(range(start + 1, len(self.words)))
            self.edges[len(self.words)] = unit
            self.unit_ends.append(len(self.words))

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
            while here in self.pending and self._is_whole(here) and (here := self.pending[here]) not in found:
                found.add(here)
        return found

    def _is_whole(self, place: int) -> bool:
        """Return whether the value still to come at `place` is all to the end of its unit or cell."""
        end = self.pending[place]
        return end in self.edges or self.words[end].text == CELL_END

    def past_marks(self, place: int) -> int:
        """Return the place behind commas and quotes at `place` that may be dropped, and behind a final stop."""
        while self.dropped and place < len(self.words) and self.words[place].is_soft:
            place += 1
        if place < len(self.words) and self.words[place].text in _FINAL and not self.words[place].is_code:
            end = place + 1
            while self.dropped and end < len(self.words) and self.words[end].is_soft:
                end += 1
            if end in self.edges or self.words[end].text == CELL_END:
                return end
        return place

    def alternatives(self, state: _State, word: Word, before: Word | None) -> Iterator[_State]:
        """Yield the states that the automaton may be in when it meets `word`, which follows `before`."""
        place, mode = state
        if mode in {_MATCH, _CORRECTION}:
            yield place, _MATCH
            if word.text == CELL_END and (end := self.past_marks(place)) != place:
                yield end, _MATCH
            elif self.dropped and place < len(self.words) and self.words[place].is_soft:
                yield from self.alternatives((place + 1, mode), word, before)
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
            if self._is_whole(place):
                yield end, (_CELL if is_cell else _UNIT)
                yield end, _MATCH
            elif word.text != CELL_END:
                yield end, _CORRECTION
        if before is None or not place or place in self.inner_code:
            return
        begins = word.is_first or word.text in _NEW_MARKS
        edge = self.edges.get(place)
        if edge is not None:
            # A title says what stands below it, a label what follows it: neither goes on, but a table may get columns.
            is_closed = edge.is_title or (edge.is_label and edge.has_children)
            goes_on = begins or self.ends(place, _MARKS)
            if edge.is_row or (goes_on and not edge.is_code and not is_closed):
                yield place, _UNIT
        elif self.words[place].text == CELL_END:
            row = self.units[bisect_right(self.unit_ends, place)]
            if word.text != CELL_END and not row.is_title and (begins or self.ends(place, _MARKS)):
                yield place, _CELL
        elif word.is_first and self.ends(place, _STOPS):
            yield place, _LINES

    def step(self, state: _State, word: Word) -> _State | None:
        """Return the state after `word`; None where it is not the next older word."""
        place, mode = state
        if mode != _MATCH:
            return state
        if place == len(self.words) or not self.words[place].says(word):
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
            if (word.is_footnote and before) or (self.added and word.is_soft):
                after.update(states)
            if not after:
                return set()
            states = after
            if len(after) > _MOST_STATES:
                ranked = sorted(after)
                states = ranked[: _MOST_STATES // 2] + ranked[-_MOST_STATES // 2 :]
            before = word
        return self.past_pending({place for place, _ in states} | {self.past_marks(place) for place, _ in states})


def matched_units(old: Sequence[Unit], new: Sequence[Unit], *, anywhere: bool = True) -> int | None:
    """Return how many of `new` it takes to find all of `old` again, up to allowed changes; None if it is not there.

    Between and after the old units whole new ones may be put, before them only if `anywhere`.
    """
    found = found_in(old, new, anywhere=anywhere)
    return None if found is None else found.units


class Found(NamedTuple):
    """Where older units were found: in how many newer ones, and which of those hold words of theirs."""

    units: int
    holders: tuple[int, ...]


def found_in(old: Sequence[Unit], new: Sequence[Unit], *, anywhere: bool = True) -> Found | None:
    """Return where all of `old` is found again in `new`, up to allowed changes; None if it is not there."""
    # Control characters that no reader sees may be deleted.
    if controls := {word.text for unit in old for word in unit.words if word.text in CONTROLS}:
        old, new = ([unit.without(controls) for unit in units] for units in (old, new))
    found = _run(_OldText(old), new, anywhere=anywhere)
    if found is None and any(word.is_soft for unit in old for word in unit.words):
        found = _run(_OldText(old, dropped=True), new, anywhere=anywhere)
    if found is None and any(word.is_soft for unit in new for word in unit.words):
        found = _run(_OldText(old, added=True), new, anywhere=anywhere)
    return found


def _run(text: _OldText, new: Sequence[Unit], *, anywhere: bool) -> Found | None:
    length = len(text.words)
    steps = [text.past_pending({0})]
    for unit in new:
        places = steps[-1]
        if length in places:
            break
        waiting = {place for place in places if text.admits_units(place) and (place or anywhere)}
        # What has been found furthest on is kept: behind it, every place between two units would wait for ever.
        places = set(sorted(text.run(unit, places) | waiting)[-_MOST_STATES:])
        if not places:
            return None
        steps.append(places)
    if length not in steps[-1]:
        return None
    # Back from the end: a unit that nothing was taken from was passed over.
    here, holders = length, list[int]()
    for count in range(len(steps) - 1)[::-1]:
        before = steps[count]
        if here in before and text.admits_units(here) and (here or anywhere):
            continue
        here = next((place for place in sorted(before, reverse=True) if here in text.run(new[count], {place})), 0)
        holders.append(count)
    return Found(len(steps) - 1, tuple(holders[::-1]))


def lost_text(old: Sequence[Unit], new: Sequence[Unit], budget: ComparisonBudget) -> list[LostText]:
    """Return what is gone from a text: all that has not stayed, been reformatted, corrected or continued.

    What is still there and says something else where it stands now is gone too, and so is what is out of sight and was
    not before.
    """
    if len(old) == len(new) and all(map(_is_same, old, new)):
        return []
    pairs = align([unit.key for unit in old], [unit.key for unit in new])
    pairs = [(i, j) for i, j in pairs if _has_same_letters(old[i], new[j])]
    lost = _Comparison(old, new, budget).lost(pairs)
    return lost or _out_of_sight(old, new, budget)


def _out_of_sight(old: Sequence[Unit], new: Sequence[Unit], budget: ComparisonBudget) -> list[LostText]:
    """Return what of a text is still there and no longer to be seen by reading the page.

    A link to a picture may become the picture, and what is a block of code may be folded away: long output is.
    """
    if not any(unit.aside or unit.is_folded for unit in new):
        return []
    pictures = {word.url for unit in new for word in (unit.words[i] for i in unit.aside) if _SHOWS.search(word.url)}
    was, now = seen(old, pictures, with_code=False), seen(new, pictures)
    whole = {(unit.line, unit.text): unit for unit in old}
    gone = [
        item._replace(unit=whole[item.unit.line, item.unit.text], now="" if item.is_insertion else OUT_OF_SIGHT)
        for item in lost_text(was, now, budget)
    ]
    code = [unit for unit in old if unit.is_code and not unit.aside]
    now = [unit.seen(()) for unit in new]
    if code and matched_units(code, now) is None:
        hidden = (unit for unit in code if budget.spend(len(unit.words)) and matched_units([unit], now) is None)
        unit = next(hidden, code[0])
        gone.append(LostText(unit, unit.cut(0, len(unit.words)), unit.line, now=OUT_OF_SIGHT))
    return gone


def are_there(old: Sequence[Unit], new: Sequence[Unit]) -> bool:
    """Return whether all words of `old` are in `new` in their order, however divided, and can be seen if they could."""
    is_aside = any(unit.aside or unit.is_folded for unit in new)
    pairs = [(old, new), (seen(old, with_code=False), seen(new))] if is_aside else [(old, new)]
    return all(matched_units(without_cells(was), without_cells(now)) is not None for was, now in pairs)


OUT_OF_SIGHT = "out of sight"
"""How words stand that a reader of GitHub's page no longer sees."""
_SHOWS = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp)(?:[?#]|\Z)|/user-attachments/assets/", re.IGNORECASE)
"""What the address of a picture has."""


def _is_same(one: Unit, other: Unit) -> bool:
    return (
        (one.key, one.parent, one.number, one.box, one.is_quoted)
        == (other.key, other.parent, other.number, other.box, other.is_quoted)
    ) and _has_same_letters(one, other)


def _has_same_letters(one: Unit, other: Unit) -> bool:
    """Return whether two units with the same key have the same letters where these count."""
    if one.text == other.text or not (one.is_exact or other.is_exact):
        return True
    return all(word.says(twin) for word, twin in zip(one.words, other.words, strict=True))


_NEAR = 8
_AROUND = 4


class _Comparison:
    """Two versions of a text; what of the older one is found again is noted as it is found."""

    def __init__(self, old: Sequence[Unit], new: Sequence[Unit], budget: ComparisonBudget) -> None:
        self.old, self.new, self.budget = old, new, budget
        self.origin: dict[int, int] = {}
        """Positions of newer units to those of the older ones they come from, the first of several."""
        self.holders: dict[int, tuple[int, ...]] = {}
        """Positions of older units to those of the newer ones that hold their words."""
        self.dissolved: list[tuple[list[int], tuple[int, ...]]] = []
        """Older units whose words are found in order, but not as one unit, and the newer ones that hold them."""
        self.gaps: dict[int, Gap] = {}
        """Missing older units to the gap they left."""

    def lost(self, pairs: Sequence[tuple[int, int]]) -> list[LostText]:
        self.origin = {j: i for i, j in pairs}
        self.holders = {i: (j,) for i, j in pairs}
        missing = []
        for gap in gaps(pairs, Gap(range(len(self.old)), range(len(self.new)))):
            here = self._missing_in(gap)
            self.gaps |= dict.fromkeys(here, gap)
            missing += here
        if missing:
            missing = self._missing_anywhere(missing)
        became = {i: j for j, i in self.origin.items()} if missing else {}
        misplaced = _Places(self.old, self.new, self.holders, self.dissolved).misplaced()
        found = {i: self._lost(i, became) for i in missing}
        for i, (j, now) in misplaced.items():
            unit = self.old[i]
            marks = [f"{unit.number}." if unit.number else "", unit.box, unit.text.strip("| ")]
            found.setdefault(i, LostText(unit, " ".join(filter(None, marks)), self.new[j].line, now=now))
        return [found[i] for i in sorted(found)]

    def _missing_in(self, gap: Gap) -> list[int]:
        """Return the older units of a gap that are not in its newer ones, in order, grown or not."""
        missing, start = [], gap.new.start
        index = _PrefixIndex(self.new, gap.new if gap.old else ())
        for i in gap.old:
            last = self._find(i, index.near(self.old[i], start), gap.new.stop)
            if last is not None:
                start = last + 1
            elif not self.old[i].is_pending:
                missing.append(i)
        if missing and (held := self._regrouped(gap)) is not None:
            if held:  # else it was all control characters, which may go
                self.dissolved.append(([*gap.old], held))
            for j in [j for j in gap.new if j in self.origin]:
                del self.origin[j]
            for i in gap.old:
                self.holders.pop(i, None)
            return []
        return missing

    def _missing_anywhere(self, missing: Sequence[int]) -> list[int]:
        """Return those of the missing older units that no newer unit anywhere is, or has grown from."""
        free = [j for j in range(len(self.new)) if j not in self.origin]
        waiting = defaultdict[str, list[int]](list)
        for j in free[::-1]:
            waiting[self.new[j].key].append(j)
        index = _PrefixIndex(self.new, free)
        gone = []
        for i in missing:
            same = waiting.get(self.old[i].key, [])
            while same and same[-1] in self.origin:
                same.pop()
            if same and _has_same_letters(self.old[i], self.new[same[-1]]):
                self.origin[same[-1]], self.holders[i] = i, (same[-1],)
            elif self._find(i, index.near(self.old[i]), len(self.new)) is None:
                gone.append(i)
        return gone

    def _find(self, i: int, candidates: Iterable[int], stop: int) -> int | None:
        """Note which newer units older unit `i` has become; return the position of the last."""
        old = [self.old[i]]
        references = _references(old)
        for j in candidates:
            new = self.new[j : min(stop, j + 1 + len(old[0].words))]
            found = None if j in self.origin else found_in(old, new, anywhere=False)
            if found is None and references and j not in self.origin:
                found = found_in(old, _spelled_out(new, old, references), anywhere=False)
            if found is not None:
                self.holders[i] = tuple(j + place for place in found.holders) or (j,)
                for place in self.holders[i]:
                    self.origin.setdefault(place, i)
                return j + max(found.units, 1) - 1
            if not self.budget.spend(len(old[0].words)):
                break
        return None

    def _regrouped(self, gap: Gap) -> tuple[int, ...] | None:
        """Return which newer units hold the words of a gap, if all are there in order, however they are divided."""
        old = [self.old[i] for i in gap.old]
        new = [self.new[j] for j in gap.new]
        references = _references(old)
        found = found_in(old, _spelled_out(new, old, references) if references else new)
        if found is None and all(unit.is_row for unit in old) != all(unit.is_row for unit in new):
            found = found_in(without_cells(old), without_cells(new))
        return None if found is None else tuple(gap.new[place] for place in found.holders)

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


_Chain = int
"""A number for a unit and all that it belongs to."""


class _Places:
    """Whether older units that were found again stand where they say the same as before."""

    def __init__(
        self,
        old: Sequence[Unit],
        new: Sequence[Unit],
        holders: Mapping[int, tuple[int, ...]],
        dissolved: Sequence[tuple[list[int], tuple[int, ...]]],
    ) -> None:
        self.old, self.new, self.holders, self.dissolved = old, new, holders, dissolved
        self._numbers: dict[tuple[str, _Chain], _Chain] = {}
        was: list[str | None] = [None] * len(old)
        known = {unit.key for unit in old}
        now: list[str | None] = [None if unit.is_code and unit.key not in known else unit.key for unit in new]
        for i, places in holders.items():
            was[i] = old[i].key
            for j in places:
                now[j] = old[i].key
        for number, (group, places) in enumerate(dissolved):
            for i in group:
                was[i] = f"\n{number}"
            for j in places:
                now[j] = f"\n{number}"
        for units, tokens in ((old, was), (new, now)):
            tokens[:] = [None if _is_neutral(unit) else token for unit, token in zip(units, tokens, strict=True)]
        # Siblings that follow a label may be put below it.
        self.was = self._chains(was, [unit.parent for unit in old])
        self.labelled = self._chains(was, _with_labels(old))
        self.now = self._chains(now, [unit.parent for unit in new])

    def _chains(self, tokens: Sequence[str | None], parents: Sequence[int | None]) -> list[tuple[_Chain, _Chain]]:
        """Return for each unit the chain that it belongs to, and the one that belongs to it.

        What has no token is passed over, and what has its parent's is one with that.
        """
        found: list[tuple[_Chain, _Chain]] = []
        for token, parent in zip(tokens, parents, strict=True):
            above = found[parent] if parent is not None else (-1, -1)
            if token is not None and parent is not None and token == tokens[parent]:
                found.append(above)
            elif token is None:
                found.append((above[1], above[1]))
            else:
                found.append((above[1], self._numbers.setdefault((token, above[1]), len(self._numbers))))
        return found

    def misplaced(self) -> dict[int, tuple[int, str]]:
        """Return the older units that are not where they were, each with its new place and how it stands there."""
        found: dict[int, tuple[int, str]] = {}
        strangers: list[int] = []
        there: Counter[tuple[str, _Chain]] = Counter()
        for i, places in self.holders.items():
            unit = self.old[i]
            if how := _other_marks([unit], [self.new[j] for j in places]):
                found[i] = (places[0], how)
            elif unit.has_children and not unit.is_label and self.new[places[-1]].is_label:
                found[i] = (places[-1], "as the name of what stands below it")
            known = {self.was[i][0], self.labelled[i][0]}
            stray = next((j for j in places if self.now[j][0] not in known), None)
            if stray is None or unit.is_pending:
                continue
            if len(places) > 1:
                found.setdefault(i, (stray, self._below(stray)))
            else:
                strangers.append(i)
                there[unit.key, self.now[stray][0]] += 1
        # Of equal units any one may be below any of their parents, if only each parent has as many.
        for i in strangers:
            key = self.old[i].key, self.was[i][0]
            there[key] -= 1
            if there[key] < 0:
                j = self.holders[i][0]
                found.setdefault(i, (j, self._below(j)))
        found |= self._misplaced_groups()
        for i in self._out_of_order():
            found.setdefault(i, (self.holders[i][0], "in another order"))
        return found

    def _misplaced_groups(self) -> dict[int, tuple[int, str]]:
        """Return the same for units that were divided in another way, each group by its first."""
        found: dict[int, tuple[int, str]] = {}
        for group, places in self.dissolved:
            chains = {self.now[j][0] for j in places}
            if how := _other_marks([self.old[i] for i in group], [self.new[j] for j in places]):
                found[group[0]] = (places[0], how)
            elif len(places) < len(group) and self._is_swallowed(group, places):
                found[group[0]] = (places[0], f"in “{self.new[places[0]].text.strip('| ')}”")
            elif not chains <= {chain[0] for i in group for chain in (self.was[i], self.labelled[i])}:
                known = {self.was[i][0] for i in group}
                j = next(j for j in places if self.now[j][0] not in known)
                found[group[0]] = (j, self._below(j))
        return found

    def _is_swallowed(self, group: Sequence[int], places: Sequence[int]) -> bool:
        """Return whether a paragraph has become a part of an item or a field."""
        return any(self.old[i].is_prose for i in group) and not any(self.new[j].is_prose for j in places)

    def _below(self, j: int) -> str:
        parent = self.new[j].parent
        return f"below “{self.new[parent].text.strip('| ')}”" if parent is not None else "in another place"

    def _out_of_order(self) -> Iterator[int]:
        """Yield the units that are on the other side of a paragraph below the same parents than they were."""
        below: defaultdict[_Chain, list[tuple[int, int]]] = defaultdict(list)
        for i in sorted(self.holders):
            below[self.was[i][0]].append((i, self.holders[i][0]))
        for pairs in below.values():
            prose = [(i, j) for i, j in pairs if self.old[i].is_prose]
            kept = longest_increasing(prose)
            was, now = [i for i, _ in kept], [j for _, j in kept]
            in_order = set(was)
            for i, j in pairs:
                if i not in in_order and (self.old[i].is_prose or bisect_left(was, i) != bisect_left(now, j)):
                    yield i


def _other_marks(old: Sequence[Unit], new: Sequence[Unit]) -> str:
    """Return how units differ in what is beside their words: quotes, boxes and numbers; empty if they do not."""
    if {unit.is_quoted for unit in old} != {unit.is_quoted for unit in new}:
        return "in a quote" if any(unit.is_quoted for unit in new) else "outside of its quote"
    boxes = [[unit.box for unit in units if unit.box] for units in (old, new)]
    if boxes[0] != boxes[1] and not all(unit.pending and unit.box in {"", "[ ]"} for unit in old):
        return f"with the box {boxes[1][0]}" if boxes[1] else f"without the box {boxes[0][0]}"
    numbers = [[unit.number for unit in units if unit.number] for units in (old, new)]
    if numbers[0] and numbers[0] != numbers[1]:
        return f"as number {numbers[1][0]}" if numbers[1] else f"without the number {numbers[0][0]}"
    return ""


_NEUTRAL = frozenset(
    re.findall(
        r"\w+",
        "the, and, of, to, full, more, detail, details, note, notes, output, outputs, setup, log, logs, logbook, raw, "
        "stdout, stderr, trace, traceback, console, complete, long, click, expand, show, "
        "worklog, journal, notebook, diary, entry, entries, experiment, experiments, run, runs, research, lab, work, "
        "progress, update, updates, task, tasks, timeline, history, launches, actions, investigation, phase, part, "
        "day, week, month, quarter, year, sprint, stage, january, february, march, april, may, june, july, august, "
        "september, october, november, december",
    )
)


def says_nothing(title: Iterable[str]) -> bool:
    """Return whether a title says nothing about what is put below it: "Details", "Week 21", "May 2026"."""
    return not any(word[0].isalpha() and len(word) > 1 and _says_something(word) for word in title)


def _says_something(word: str) -> bool:
    return word[0].isalnum() and word not in _NEUTRAL


def _is_neutral(unit: Unit) -> bool:
    words = [word.text for word in unit.words]
    return says_nothing(words) if unit.is_title and not unit.is_row else not any(map(_says_something, words))


def _with_labels(units: Sequence[Unit]) -> list[int | None]:
    """Return the parents of units as they are once what follows a label has been put below it."""
    parents: list[int | None] = []
    labels: dict[int | None, int] = {}
    for place, unit in enumerate(units):
        parents.append(labels.get(unit.parent, unit.parent))
        if unit.is_label and not unit.has_children:
            labels[unit.parent] = place
            parents[-1] = unit.parent
    return parents


def _shared(one: Unit, other: Unit) -> tuple[int, int]:
    """Return how many words two units have in common at their start, and then at their end."""

    def differ(place: int) -> bool:
        was, now = one.words[place], other.words[place]
        return not was.says(now) or was.is_struck != now.is_struck

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
            words = units[j].words
            first = tuple([word.text for word in words if not (word.is_footnote or word.is_soft)][:_FIRST_WORDS])
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
            if word.is_soft:
                continue
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


_MOST_IMAGE_WORDS = 6
_SENTENCE_MARKS = (*_STOPS, ";")
_KINDS = frozenset(
    {"a", "an", "the", "this", "it", "link", "here", "issue", "pr", "pull", "request", "run", "w&b", "wandb", "github"}
    | {"commit", "job", "log", "report", "page", "dashboard", "comment", "thread"}
)
"""Words of a link that only tell what kind of thing it leads to."""


def _spelled_out(units: Sequence[Unit], old: Sequence[Unit], references: frozenset[str]) -> list[Unit]:
    """Return `units` with each link that takes the place of a plain reference of the older text replaced by that.

    Its words can be the reference, a part of the address, or the kind of thing that it leads to: no others.
    """
    kept = {label for unit in old for url, label, _ in _links(unit) if url and label not in references}
    found = []
    for unit in units:
        if not any(word.url for word in unit.words):
            found.append(unit)
            continue
        words: list[Word] = []
        for url, label, group in _links(unit):
            reference = _replaced_reference(url, group, references) if url and label not in kept else ""
            words += [group[0]._replace(text=reference, exact="")] if reference else group
        found.append(replace(unit, words=tuple(words)))
    return found


def _links(unit: Unit) -> Iterator[tuple[str, str, list[Word]]]:
    """Yield runs of words: the target they link to or an empty string, their text, and the words."""
    for url, group in groupby(unit.words, lambda word: word.url):
        run = list(group)
        yield url, " ".join(word.text for word in run), run


_ISSUE = re.compile(r"https?://[^/]+/[^/]+/[^/]+/(?:issues|pull)/(?P<number>\d+)(?:[/?#].*)?")


def _replaced_reference(url: str, label: Sequence[Word], references: frozenset[str]) -> str:
    """Return the one of `references` that a link with these words may stand for; empty if there is none."""
    said = [word.exact or word.text for word in label]
    if IMAGE + url in references:
        is_name = len(said) <= _MOST_IMAGE_WORDS and not any(word.endswith(_SENTENCE_MARKS) for word in said)
        return IMAGE if is_name else ""
    others = [word for word in said if word.casefold() not in _KINDS]
    if url in references:
        address = re.split("[?#]", url.partition("://")[2])[0].strip("/")
        written = "".join(others).rpartition("://")[2].rstrip("/")
        return url if not written or url.endswith(written) or f"/{written}/" in f"/{address}/" else ""
    issue = _ISSUE.fullmatch(url)
    number = f"#{issue['number']}" if issue else ""
    is_named = number in references and (others == [number] or url in others or "".join(others).endswith(number))
    return number if is_named and len(others) == 1 else ""
