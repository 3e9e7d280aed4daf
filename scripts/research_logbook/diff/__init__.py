"""Two versions of a logbook: what was lost, and what was allowed to change. Pure."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from research_logbook.diff.append_only import ComparisonBudget, LostText, lost_text, matched_units
from research_logbook.diff.entry_matching import Page, moved, pages_of, paired
from research_logbook.diff.index_sections import (
    Beside,
    Dropped,
    LostDecision,
    Shift,
    dropped,
    lost_decisions,
    says,
    shift,
)
from research_logbook.diff.tokens import CELL_END, CONTROLS, Unit, joined, units_of
from research_logbook.logbook.experiment_ids import leading
from research_logbook.logbook.model import Entry, Logbook, Section, Span
from research_logbook.logbook.queries import is_newest_first
from research_logbook.markdown.tree import NestingError, parse


@dataclass(frozen=True, slots=True)
class Removed:
    """An entry that is gone; `span` is the line before the gap that it left, or where its text is now."""

    entry: Entry
    span: Span
    is_aside: bool = False
    """Whether its text still stands, in an index or a quote, where it is an entry no more."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An entry that stands on the other side of another than it did; `span` is where it is now."""

    entry: Entry
    span: Span


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An entry, or its next action, whose words went or had others put between."""

    entry: Entry
    now: Entry
    quote: str
    """The words that went; where only words were put between, the sentence around them as it was."""
    is_insertion: bool
    span: Span
    """The line on which the text now differs."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of an older logbook's record; empty when nothing in it was touched."""

    removed: tuple[Removed, ...] = ()
    moved: tuple[Moved, ...] = ()
    rewritten: tuple[Rewritten, ...] = ()
    replaced_next_actions: tuple[Rewritten, ...] = ()
    backdated: tuple[Entry, ...] = ()
    """New entries among old ones, where the log grows at its end."""
    decisions: tuple[LostDecision, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    baseline: Shift | None = None
    stop_criteria: Shift | None = None


_COMPARISONS_LEAST = 20_000


def compare(old: Logbook, new: Logbook, may_go: Callable[[str], bool] = lambda _: False) -> Changes:
    """Return what `new` does to the record of `old`; a line of an entry that `may_go` is never missed."""
    if old.text == new.text:
        return Changes()
    budget = ComparisonBudget(_COMPARISONS_LEAST + (len(old.text) + len(new.text)) // 64)
    before, after, beside = pages_of(old), pages_of(new), Beside(new)
    pairs = paired(before, after)
    kept = {pairs[i] for i in pairs}
    added = [page.entry for j, page in enumerate(after) if j not in kept]
    missing = list(_missing(before, after, pairs, new, beside))
    inside = [Moved(before[i].entry, after[pairs[i]].entry.span) for i in moved(pairs)]
    rewritten, replaced = _rewritten(before, after, pairs, _Rest(new, budget), may_go)
    baseline, stop_criteria = (
        None if says(old, new, added, about) else shift(old, new, name, beside, budget)
        for name, about in (("baseline", "baseline"), ("stop-criteria", "stop|gate|criteri"))
    )
    return Changes(
        removed=tuple(item for item in missing if isinstance(item, Removed)),
        moved=(*inside, *(item for item in missing if isinstance(item, Moved))),
        rewritten=tuple(rewritten),
        replaced_next_actions=tuple(replaced),
        backdated=tuple(_backdated(old, new, [after[j].entry for j in kept], added)),
        decisions=tuple(lost_decisions(old, new, beside, budget)),
        dropped=tuple(dropped(old, new, beside)),
        baseline=baseline,
        stop_criteria=stop_criteria,
    )


def _missing(
    before: Sequence[Page], after: Sequence[Page], pairs: Mapping[int, int], new: Logbook, beside: Beside
) -> Iterator[Removed | Moved]:
    """Yield the entries that are gone, and those that stand outside of the log, elsewhere than they stood."""
    heading = new.log or new.span
    end = heading.line
    following = _starts_after(before, after, pairs, len(new.text))
    for i, page in enumerate(before):
        if i in pairs:
            end = after[pairs[i]].entry.span.end_line
            continue
        lines = beside.lines_of(page.whole_units)
        if not lines:
            yield Removed(page.entry, Span(new.path, end, end))
        elif all(map(beside.is_aside, lines)):
            yield Removed(page.entry, Span(new.path, lines[0], lines[0]), is_aside=True)
        elif not any(end <= line < following[i] for line in lines):
            yield Moved(page.entry, Span(new.path, lines[0], lines[0]))


def _starts_after(before: Sequence[Page], after: Sequence[Page], pairs: Mapping[int, int], last: int) -> list[int]:
    """Return for each old entry the line of the next that is still one, `last` where none follows."""
    starts = [last] * len(before)
    for i in reversed(range(len(before))):
        last = starts[i] = after[pairs[i]].entry.span.line if i in pairs else last
    return starts


def _rewritten(
    before: Sequence[Page],
    after: Sequence[Page],
    pairs: Mapping[int, int],
    rest: "_Rest",
    may_go: Callable[[str], bool],
) -> tuple[list[Rewritten], list[Rewritten]]:
    """Return the rewritten entries, and those whose next action alone gave way, to what it led to."""
    rewritten, replaced = [], []
    for i, j in sorted(pairs.items()):
        old, new = before[i], after[j]
        gone = [] if old.raw == new.raw else [*_lost_heading(old, new), *_lost_units(old, new, rest)]
        gone = [loss for loss in gone if not may_go(loss.unit.text)]
        lines = _next_action_lines(old)
        elsewhere = [loss for loss in gone if loss.unit.line not in lines]
        next_action = new.entry.first("next-action")
        if gone and not elsewhere and next_action and _is_completed(old, new):
            replaced.append(_difference(old, new, gone[0], next_action.span.line))
        elif gone:
            telling = (elsewhere or gone)[0]
            rewritten.append(_difference(old, new, telling, telling.line))
    return rewritten, replaced


def _difference(old: Page, new: Page, loss: LostText, line: int) -> Rewritten:
    span = new.entry.span
    line = min(max(line, span.line), span.end_line)
    return Rewritten(old.entry, new.entry, loss.quote, loss.is_insertion, Span(span.path, line, line))


def _next_action_lines(page: Page) -> set[int]:
    spans = [item.span for item in page.entry.all("next-action")]
    return {line for span in spans for line in range(span.line, span.end_line + 1)}


class _Rest:
    """What else it takes to hold two versions of an entry against each other."""

    def __init__(self, book: Logbook, budget: ComparisonBudget) -> None:
        self._book = book
        self.budget = budget

    def below(self, entry: Entry) -> list[Unit]:
        """Return what stands under headings that divide an entry of the newer logbook now, up to the next entry."""
        units: tuple[Unit, ...] = ()
        for section in self._sections.get(entry.span.line, ()):
            units = joined(units, units_of(section.blocks, section.title, section.span.line))
        return list(units)

    @cached_property
    def _sections(self) -> dict[int, list[Section]]:
        entries = {entry.span.line: entry for entry in self._book.everything}
        found: dict[int, list[Section]] = {}
        entry: Entry | None = None
        for section in self._book.sections:
            entry = entries.get(section.span.line, entry)
            if entry is None or section.span.line <= entry.span.end_line:
                continue
            if section.level < entry.level:
                entry = None
            else:
                found.setdefault(entry.span.line, []).append(section)
        return found


def _lost_units(old: Page, new: Page, rest: _Rest) -> list[LostText]:
    if bool(old.entry.level) == bool(new.entry.level):
        was, now = old.units, new.units
    else:  # a bullet became a heading, or the other way round
        was, now = old.whole_units, new.whole_units
    gone = lost_text(was, now, rest.budget)
    if gone and new.entry.level and (below := rest.below(new.entry)):
        return lost_text(was, joined(now, below), rest.budget) and gone
    return gone


def _lost_heading(old: Page, new: Page) -> list[LostText]:
    if not old.entry.level or not new.entry.level or old.title == new.title or _is_labelled(old, new):
        return []
    was, now = _heading(old), _heading(new)
    if any(word.is_struck for unit in now for word in unit.words) and matched_units(was, now) is not None:
        return []
    return lost_text(was, now, ComparisonBudget(1)) or [
        LostText(was[0], old.entry.heading, new.entry.span.line, is_insertion=True)
    ]


def _heading(page: Page) -> tuple[Unit, ...]:
    """Return the heading as a unit, what is struck out in it included."""
    try:
        units = units_of(parse(page.raw.partition("\n")[0])[:1])
    except NestingError:
        units = ()
    return tuple(units) or units_of((), page.entry.heading, page.entry.span.line)


_MARKS = " \t,;:|\u00b7()[]{}`*_"


_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015"


_WHEN = re.compile(
    r"~?\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?|~?\d{1,2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?|"
    r"UTC|GMT|Z|[PMCE][SD]?T|W?E[SD]?T|CES?T|BST|IST|JST|AE[SD]T|[+-]\d{2}:?\d{2}"
)


def _is_labelled(old: Page, new: Page) -> bool:
    """Return whether a heading only gained IDs or a date, or changed in the marks between its words."""
    hidden = dict.fromkeys(map(ord, CONTROLS & set(old.entry.heading)))
    was, now = (_split(page.entry.heading.translate(hidden)) for page in (old, new))
    added, place = [], 0
    for word in now:
        if place < len(was) and word == was[place]:
            place += 1
        else:
            added.append(word)
    if place < len(was) or not _keeps_when(was, added):
        return False
    prefix = new.entry.ids[0].rpartition("-")[0] if new.entry.ids else ""
    names = _names(was, prefix)
    return _names(now, prefix)[: len(names)] == names and all(
        _WHEN.fullmatch(word) or leading(word, prefix)[0] for word in added
    )


def _names(heading: Sequence[str], prefix: str) -> list[str]:
    return [word for word in heading if leading(word, prefix)[0]]


_DATE = re.compile(r"~?\d{4}-\d{2}-\d{2}")


_TIME = re.compile(r"~?\d{1,2}:\d{2}|~?\d{4}-\d{2}-\d{2}T\d")


_NO_SHIFT = frozenset({"UTC", "GMT", "Z", "+00:00", "+0000"})


def _keeps_when(was: Sequence[str], added: Sequence[str]) -> bool:
    """Return whether words added to a heading leave its date and time what they were; without a zone it is UTC."""
    for part in (_DATE, _TIME):
        if any(map(part.match, was)) and any(map(part.match, added)):
            return False
    zones = {word for word in added if _WHEN.fullmatch(word) and not _DATE.match(word) and not _TIME.match(word)}
    return zones <= _NO_SHIFT or not any(map(_TIME.match, was))


def _split(heading: str) -> list[str]:
    """Return the words of a heading without the marks between them; the sign of a number is none."""
    found = (word.strip(_MARKS).rstrip(_DASHES) for word in re.split("\\s+|[\u2013\u2014]", heading))
    return [word for word in found if word]


def _is_completed(old: Page, new: Page) -> bool:
    """Return whether a value that was still to come has come."""
    return bool(Counter(_slots(old)) - Counter(_slots(new)))


def _slots(page: Page) -> Iterator[Hashable]:
    """Yield a name for each value still to come: the words before it, or its column behind the first cell."""
    for unit in page.units:
        for start, _ in unit.pending:
            column = sum(word.text == CELL_END for word in unit.words[:start])
            yield (unit.words[0].text, column) if unit.is_row else tuple(word.text for word in unit.words[:start])


def _backdated(old: Logbook, new: Logbook, kept: Sequence[Entry], added: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the new entries that an old one follows under the same heading, where the log grows downwards."""
    direction = is_newest_first(old)
    if is_newest_first(new) if direction is None else direction:
        return
    parents = _parents(new)
    last: dict[int, int] = {}
    for entry in kept:
        parent = parents[entry.span.line]
        last[parent] = max(last.get(parent, 0), entry.span.line)
    # Headings that were there, and were no entries yet.
    titles = Counter(section.title for section in old.sections)
    titles -= Counter(entry.heading for entry in old.everything if entry.level)
    for entry in added:
        if titles[entry.heading]:
            titles[entry.heading] -= 1
        elif entry.span.line < last.get(parents[entry.span.line], 0):
            yield entry


def _parents(book: Logbook) -> dict[int, int]:
    """Return for the line of each entry that of the heading it stands under, 0 where it stands under none."""
    heads: list[tuple[int, int]] = []
    above = [(0, 0)]
    for section in book.sections:
        while above[-1][0] >= section.level:
            above.pop()
        heads.append((section.span.line, above[-1][1]))
        above.append((section.level, section.span.line))
    parents = {}
    for entry in book.everything:
        line, parent = heads[bisect_right(heads, (entry.span.line, entry.span.line)) - 1]
        parents[entry.span.line] = parent if entry.level else line
    return parents
