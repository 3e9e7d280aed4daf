"""Whether text may have grown from older text: what may be added, and how words may be corrected.

Source: the log is append-only; only formatting, broken links and the reference to the issue may be fixed
(research workflow, task-logbook).
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from heapq import merge
from itertools import accumulate, groupby
from typing import NamedTuple

from research_logbook.diff.patience_diff import Gap, align, gaps
from research_logbook.diff.tokens import CELL_END, CONTROLS, IMAGE, Unit, Word, bare

_MARKS = frozenset(".!?:;)\u3002\uff01\uff1f\uff1a\uff1b\uff09") | {"..."}
_STOPS = frozenset(".!?\u3002\uff01\uff1f") | {"..."}
_CLOSING = frozenset("\"'*_`]}")

# How a reading of the newer text goes on: word by word; past words that follow struck ones; to the end of the
# unit, of the cell, or of whole lines.
_READ, _FREE, _UNIT, _CELL, _LINES = range(5)

_MOST_READINGS = 16
# Honest text is read in one to three ways at once. Text made to be read in thousands is read in this many.

_State = tuple[int, int]
"""How many older words were read, and how reading goes on."""


class Loss(NamedTuple):
    """Older text that is gone."""

    unit: Unit
    quote: str
    """The words that went; for words put inside a sentence, the sentence around them as it was."""
    line: int
    """Where the newer text differs."""
    is_insertion: bool = False
    """Whether no word went, and others were put between."""


@dataclass(slots=True)
class Budget:
    """How often units may still be compared in vain: it keeps hostile input from quadratic time."""

    left: int

    def spend(self, words: int) -> bool:
        """Return whether there was anything left for comparing a unit of so many words; a long one counts more."""
        self.left -= 1 + words // _MOST_WORDS
        return self.left >= 0


_MOST_WORDS = 64


class _Past:
    """Older text, ready to be found again in newer text."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.words: list[Word] = []
        self.edges: dict[int, Unit | None] = {0: None}
        self.inner_code: set[int] = set()
        self.jumps: dict[int, int] = {}
        for unit in units:
            start = len(self.words)
            self.words += unit.words
            self.jumps |= {start + first: start + stop for first, stop in unit.open}
            if unit.is_code:
                self.inner_code.update(range(start + 1, len(self.words)))
            self.edges[len(self.words)] = unit

    def ends(self, place: int, marks: frozenset[str]) -> bool:
        """Return whether one of `marks` stands before `place`, quotes after it aside."""
        place -= 1
        while place > 0 and self.words[place].text in _CLOSING:
            place -= 1
        return place >= 0 and self.words[place].text in marks

    def rests(self, place: int) -> bool:
        """Return whether whole units may stand between the words before and after `place`."""
        return place in self.edges or (place not in self.inner_code and self.ends(place, _STOPS))

    def over(self, places: Iterable[int]) -> set[int]:
        """Return `places`, and those behind values still to come that begin at one."""
        found = set(places)
        for place in sorted(found):
            here = place
            while here in self.jumps and (here := self.jumps[here]) not in found:
                found.add(here)
        return found

    def ways(self, state: _State, word: Word, before: Word | None) -> Iterator[_State]:
        """Yield the states that a reading may be in when it meets `word`, which follows `before`."""
        place, mode = state
        if mode in {_READ, _FREE}:
            yield place, _READ
            if mode == _FREE and word.text != CELL_END:
                yield state
            yield from self._additions(place, word, before)
        elif mode == _CELL and word.text == CELL_END:
            yield place, _READ
        else:
            yield state
            if mode == _LINES and word.is_first and before and before.text in _STOPS:
                yield place, _READ

    def _additions(self, place: int, word: Word, before: Word | None) -> Iterator[_State]:
        """Yield the states in which `word` is an addition, or the value that was still to come."""
        if place in self.jumps:
            end = self.jumps[place]
            is_cell = end < len(self.words) and self.words[end].text == CELL_END
            yield end, (_CELL if is_cell else _UNIT)
            yield end, _READ
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

    def read(self, state: _State, word: Word) -> _State | None:
        """Return the state after `word`, None where the reading fails."""
        place, mode = state
        if mode != _READ:
            return state
        if place == len(self.words) or self.words[place].text != word.text:
            return None
        if self.words[place].is_struck == word.is_struck:
            return place + 1, _READ
        return (place + 1, _FREE) if word.is_struck else None

    def through(self, unit: Unit, starts: Iterable[int]) -> set[int]:
        """Return how many words may be read after `unit`, from each of `starts`."""
        states: Iterable[_State] = [(place, _READ) for place in starts]
        before: Word | None = None
        for word in unit.words:
            after = {self.read(way, word) for state in states for way in self.ways(state, word, before)}
            if word.is_note and before:
                after.update(states)
            states = _few({state for state in after if state is not None})
            if not states:
                break
            before = word
        return self.over(place for place, _ in states)


def _few(states: set[_State]) -> Iterable[_State]:
    if len(states) <= _MOST_READINGS:
        return states
    ranked = sorted(states)
    return ranked[: _MOST_READINGS // 2] + ranked[-_MOST_READINGS // 2 :]


def grown(old: Sequence[Unit], new: Sequence[Unit], *, anywhere: bool = True) -> int | None:
    """Return how many of `new` it takes to find all of `old` again, grown as a record may; else None.

    Between and after the old units may stand whole new ones, before them only if `anywhere`.
    """
    if hidden := frozenset(word.text for unit in old for word in unit.words if word.text in CONTROLS):
        old, new = ([_without(unit, hidden) for unit in units] for units in (old, new))
    past = _Past(old)
    places = past.over({0})
    for count, unit in enumerate(new):
        if len(past.words) in places:
            return count
        waiting = {place for place in places if past.rests(place) and (place or anywhere)}
        # What has been found furthest on is kept: behind it, every place between two units would wait for ever.
        places = set(sorted(past.through(unit, places) | waiting)[-_MOST_READINGS:])
        if not places:
            return None
    return len(new) if len(past.words) in places else None


def _without(unit: Unit, hidden: frozenset[str]) -> Unit:
    """Return a unit without words that no reader sees: those that were there may be deleted."""
    if not any(word.text in hidden for word in unit.words):
        return unit
    places = list(accumulate((word.text not in hidden for word in unit.words), initial=0))
    words = tuple(word for word in unit.words if word.text not in hidden)
    return replace(unit, words=words, open=tuple((places[first], places[stop]) for first, stop in unit.open))


def losses(old: Sequence[Unit], new: Sequence[Unit], budget: Budget) -> list[Loss]:
    """Return what is gone from a text: all that has not stayed, been reformatted, corrected or continued."""
    keys = [unit.key for unit in old], [unit.key for unit in new]
    if keys[0] == keys[1]:
        return []
    return _Comparison(old, new, budget).losses(align(*keys))


class _Comparison:
    """Two versions of a text; what of the older one is found again is noted as it is found."""

    def __init__(self, old: Sequence[Unit], new: Sequence[Unit], budget: Budget) -> None:
        self.old, self.new, self.budget = old, new, budget
        self.origin: dict[int, int] = {}
        """Positions of newer units to those of the older ones they come from."""
        self.dissolved: set[int] = set()
        """Older units whose words are found in order, but not as one unit."""
        self.places: dict[int, Gap] = {}
        """Missing older units to the gap they left."""

    def losses(self, pairs: Sequence[tuple[int, int]]) -> list[Loss]:
        self.origin = {j: i for i, j in pairs}
        missing = []
        for gap in gaps(pairs, Gap(range(len(self.old)), range(len(self.new)))):
            here = self._missing(gap)
            self.places |= dict.fromkeys(here, gap)
            missing += here
        missing = self._unmoved(missing) if missing else []
        became = {i: j for j, i in self.origin.items()} if missing else {}
        return [self._loss(i, became) for i in missing]

    def _missing(self, gap: Gap) -> list[int]:
        """Return the older units of a gap that are not in its newer ones, in order, grown or not."""
        missing, start = [], gap.new.start
        index = _Index(self.new, gap.new if gap.old else ())
        for i in gap.old:
            j = self._found(i, index.near(self.old[i], start), gap.new.stop)
            if j is not None:
                start = j + 1
                self.origin[j] = i
            elif not _may_go(self.old[i]):
                missing.append(i)
        if missing and self._flows(gap):
            self.dissolved.update(missing)
            return []
        return missing

    def _found(self, i: int, candidates: Iterable[int], stop: int) -> int | None:
        """Return the position of the newer unit that ends what older unit `i` has become."""
        for j in candidates:
            until = min(stop, j + 1 + len(self.old[i].words))
            count = None if j in self.origin else self._grown([self.old[i]], self.new[j:until])
            if count is not None:
                return j + max(count, 1) - 1
            if not self.budget.spend(len(self.old[i].words)):
                break
        return None

    def _grown(self, old: Sequence[Unit], new: Sequence[Unit]) -> int | None:
        count = grown(old, new, anywhere=False)
        if count is None and (references := _references(old)):
            count = grown(old, _spelled_out(new, old, references), anywhere=False)
        return count

    def _flows(self, gap: Gap) -> bool:
        """Return whether the words of a gap are all there in order, however they are divided into units."""
        old = [self.old[i] for i in gap.old]
        new = [self.new[j] for j in gap.new]
        spelled = _spelled_out(new, old, references) if (references := _references(old)) else new
        if grown(old, spelled) is not None:
            return True
        is_table = all(unit.is_row for unit in old), all(unit.is_row for unit in new)
        return is_table[0] != is_table[1] and grown(bare(old), bare(new)) is not None

    def _unmoved(self, missing: Sequence[int]) -> list[int]:
        """Leave out what stands elsewhere in the text: as it was with its home, or grown."""
        present = {unit.key for j, unit in enumerate(self.new) if j not in self.origin}
        moved = [i for i in missing if self.old[i].key in present]
        rest = [i for i in missing if self.old[i].key not in present]
        lost = self._grown_elsewhere(rest)
        return sorted({*lost, *(self._homeless(lost) if moved else ())})

    def _grown_elsewhere(self, missing: Sequence[int]) -> list[int]:
        free = [j for j in range(len(self.new)) if j not in self.origin]
        index = _Index(self.new, free if missing else ())
        lost = []
        for i in missing:
            j = self._found(i, index.near(self.old[i]), len(self.new))
            if j is None:
                lost.append(i)
            else:
                self.origin[j] = i
        return lost

    def _homeless(self, lost: Iterable[int]) -> list[int]:
        """Return the older units that are not there as often as they were with the same home.

        A bullet that moves to another parent says something else, and so do commands in another order.
        """
        names: dict[tuple[str, int], int] = {}
        known = {unit.key for unit in self.old}
        was = _addresses(self.old, [unit.key for unit in self.old], names)
        now = _addresses(self.new, [self._key(j, known) for j in range(len(self.new))], names)
        there = Counter(now)
        gone = []
        exempt = {*lost, *self.dissolved, *(i for i, unit in enumerate(self.old) if _may_go(unit))}
        for i, address in enumerate(was):
            if i not in exempt:
                there[address] -= 1
                if there[address] < 0:
                    gone.append(i)
        return gone

    def _key(self, j: int, known: set[str]) -> str | None:
        """Return the older key of newer unit `j`; None for one that is new."""
        if j in self.origin:
            return self.old[self.origin[j]].key
        return key if (key := self.new[j].key) in known else None

    def _loss(self, i: int, became: Mapping[int, int]) -> Loss:
        unit = self.old[i]
        closest = max(self._nearby(i), key=lambda other: sum(_shared(unit, other)), default=None)
        if closest is None or not any(_shared(unit, closest)):
            return Loss(unit, unit.cut(0, len(unit.words)).strip("| "), self._line_before(i, became))
        return _difference(unit, closest)

    def _nearby(self, i: int) -> list[Unit]:
        """Return the new units about the place that older unit `i` left."""
        gap = self.places.get(i)
        if not gap:
            return []
        place = gap.new.start + i - gap.old.start
        near = range(max(gap.new.start, place - _NEAR), min(gap.new.stop, place + _NEAR))
        return [self.new[j] for j in near if j not in self.origin]

    def _line_before(self, i: int, became: Mapping[int, int]) -> int:
        """Return the line of what stands before the place that older unit `i` left, 0 where nothing does."""
        gap = self.places.get(i)
        place = gap.new.start if gap else became.get(i, 0)
        return self.new[place - 1].words[-1].line if place else 0


_NEAR = 8


_FIRST_WORDS = 12


class _Index:
    """Newer units by how they begin: what has grown begins as it did."""

    def __init__(self, units: Sequence[Unit], positions: Sequence[int]) -> None:
        self._all = positions
        self._begun: _Places = defaultdict(list)
        self._whole: _Places = defaultdict(list)
        self._struck: _Places = defaultdict(list)
        for j in positions:
            first = tuple([word.text for word in units[j].words if not word.is_note][:_FIRST_WORDS])
            for length in range(1, len(first) + 1):
                self._begun[first[:length]].append(j)
            self._whole[first].append(j)
            if any(word.is_struck for word in units[j].words):
                self._struck[first[:1]].append(j)

    def near(self, unit: Unit, start: int = 0) -> Iterator[int]:
        """Yield the positions from `start` of units that `unit` may have become, or begun to be divided into."""
        first = tuple(_fixed(unit))
        if not first:
            return _rest(self._all, start)
        parts = [self._whole.get(first[:length], ()) for length in range(1, len(first))]
        # Words that follow a correction may stand before those that it began with.
        places = [self._begun.get(first, ()), self._struck.get(first[:1], ()), *parts]
        return merge(*(_rest(found, start) for found in places if found))


_Places = defaultdict[tuple[str, ...], list[int]]


def _fixed(unit: Unit) -> Iterator[str]:
    """Yield the first words of a unit, up to where something may be put in or be written in another way."""
    stop = min([_FIRST_WORDS, *(first for first, _ in unit.open)])
    for word in unit.words[:stop]:
        if word.text.startswith((*_ADDRESSES, IMAGE)) or word.text in CONTROLS:
            return
        yield word.text
        if word.text in _STOPS:
            return


def _rest(positions: Sequence[int], start: int) -> Iterator[int]:
    """Yield sorted `positions` from `start` on, without going through those before."""
    return (positions[place] for place in range(bisect_left(positions, start), len(positions)))


def _may_go(unit: Unit) -> bool:
    """Return whether all of a unit says that it is still to come: then whatever comes may replace it."""
    return not unit.is_row and (0, len(unit.words)) in unit.open


def _addresses(units: Sequence[Unit], keys: Sequence[str | None], names: dict[tuple[str, int], int]) -> list[int]:
    """Return a number for each unit that tells its key and its homes; a home without a key is passed over."""
    found: list[int] = []
    for unit, key in zip(units, keys, strict=True):
        home = found[unit.home] if unit.home is not None else -1
        found.append(home if key is None else names.setdefault((key, home), len(names)))
    return found


def _shared(one: Unit, other: Unit) -> tuple[int, int]:
    """Return how many words two units have in common at their start, and then at their end."""
    most = min(len(one.words), len(other.words))
    start = next((place for place in range(most) if _differ(one.words[place], other.words[place])), most)
    end = next(
        (place for place in range(most - start) if _differ(one.words[-1 - place], other.words[-1 - place])),
        most - start,
    )
    return start, end


def _differ(one: Word, other: Word) -> bool:
    return one.text != other.text or one.is_struck != other.is_struck


_AROUND = 4


def _difference(unit: Unit, other: Unit) -> Loss:
    start, end = _shared(unit, other)
    stop = len(unit.words) - end
    line = other.words[min(start, len(other.words) - 1)].line
    if start < stop:
        return Loss(unit, unit.cut(start, stop).strip("| ") or unit.text.strip(), line)
    return Loss(unit, unit.cut(max(0, start - _AROUND), start + _AROUND).strip("| "), line, is_insertion=True)


_ADDRESSES = ("https://", "http://", "#")


def _references(units: Iterable[Unit]) -> frozenset[str]:
    """Return the plain addresses and issue numbers in `units`, and the addresses of images without words."""
    words = [word for unit in units for word in unit.words]
    images = (IMAGE + word.url for word in words if word.text == IMAGE and word.url)
    return frozenset([*(word.text for word in words if word.text.startswith(_ADDRESSES)), *images])


def _spelled_out(units: Sequence[Unit], old: Sequence[Unit], references: frozenset[str]) -> list[Unit]:
    """Return `units` with each link that stands for a plain reference of the older text replaced by that."""
    kept = {label for unit in old for url, label, _ in _links(unit) if url and label not in references}
    return [_with_references(unit, references, kept) for unit in units]


def _with_references(unit: Unit, references: frozenset[str], kept: Set[str]) -> Unit:
    if not any(word.url for word in unit.words):
        return unit
    words: list[Word] = []
    for url, label, group in _links(unit):
        plain = _stands_for(url, references) if url and label not in kept and _is_name(label) else ""
        words += [group[0]._replace(text=plain)] if plain else group
    return replace(unit, words=tuple(words))


_MOST_LABEL_WORDS = 6
_SENTENCE_MARKS = (*_STOPS, ";")


def _is_name(label: str) -> bool:
    """Return whether a link's label, words with spaces between, can do no more than name what it links to."""
    words = label.split()
    is_plain = label.startswith(_ADDRESSES) and len(words) == 1
    return is_plain or (len(words) <= _MOST_LABEL_WORDS and not any(word.endswith(_SENTENCE_MARKS) for word in words))


def _links(unit: Unit) -> Iterator[tuple[str, str, list[Word]]]:
    """Yield runs of words: the target they link to or an empty string, their text, and the words."""
    for url, group in groupby(unit.words, lambda word: word.url):
        run = list(group)
        yield url, " ".join(word.text for word in run), run


def _stands_for(url: str, references: frozenset[str]) -> str:
    if IMAGE + url in references:
        return IMAGE
    if url in references:
        return url
    number = url.rstrip("/").rpartition("/")[2].partition("#")[0]
    is_issue = "/issues/" in url or "/pull/" in url
    return f"#{number}" if is_issue and f"#{number}" in references else ""
