"""Compare two versions of a logbook: what was lost of the record, and what changed as it may. Pure."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from research_logbook.diff.append_only import ComparisonBudget, LostText, lost_text, matched_units, says_nothing
from research_logbook.diff.entry_matching import EntryText, entry_texts, moved, paired
from research_logbook.diff.goalposts import MovedGoalpost, moved_goalposts
from research_logbook.diff.hypothesis_queue import (
    DroppedHypothesis,
    RewordedHypothesis,
    dropped_hypotheses,
    reworded_hypotheses,
)
from research_logbook.diff.index_sections import (
    ChangedSection,
    LostDecision,
    TextOutsideEntries,
    changed_section,
    lost_decisions,
)
from research_logbook.diff.new_statements import NewStatements
from research_logbook.diff.protected_text import cited_footnotes, footnotes, note_passage, outside_of
from research_logbook.diff.tokens import CELL_END, CONTROLS, Unit, folded, joined, units_of, words_of
from research_logbook.logbook import parse
from research_logbook.logbook.experiment_ids import leading
from research_logbook.logbook.model import Entry, Logbook, Section, Span, Unreadable
from research_logbook.logbook.queries import (
    are_newest_first,
    has_result,
    is_dated_after,
    is_newest_first,
    is_numbered_after,
)


@dataclass(frozen=True, slots=True)
class RemovedEntry:
    """An entry that is gone; `span` is the line before the gap that it left, or where its text is now."""

    entry: Entry
    span: Span
    is_aside: bool = False
    """Whether its text is still there, in an index or a quote, where it no longer counts as an entry."""
    quote: str = ""
    """Of protected text that is no entry, the words that are gone."""


@dataclass(frozen=True, slots=True)
class MovedEntry:
    """An entry that is on the other side of another one than it was; `span` is where it is now."""

    entry: Entry
    span: Span


@dataclass(frozen=True, slots=True)
class RewrittenEntry:
    """An entry, or its next action, that lost words, had others inserted, or has them where they say something else."""

    entry: Entry
    now: Entry
    quote: str
    """The lost words; where words were only inserted, the sentence around them as it was."""
    is_insertion: bool
    span: Span
    """The line on which the text now differs."""
    stands: str = ""
    """How the words stand now, where they are still there: "below “Expected”"."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of an older logbook's record; empty when nothing in it was touched."""

    removed: tuple[RemovedEntry, ...] = ()
    moved: tuple[MovedEntry, ...] = ()
    rewritten: tuple[RewrittenEntry, ...] = ()
    replaced_next_actions: tuple[RewrittenEntry, ...] = ()
    backdated: tuple[Entry, ...] = ()
    """New entries inserted before existing ones, where the log grows at its end."""
    decisions: tuple[LostDecision, ...] = ()
    dropped: tuple[DroppedHypothesis, ...] = ()
    reworded: tuple[RewordedHypothesis, ...] = ()
    """Hypotheses whose claim changed after a result named them."""
    baseline: ChangedSection | None = None
    goalposts: tuple[MovedGoalpost, ...] = ()
    """What a thread is held to, that changed after its first result without a word."""

    @property
    def has_loss(self) -> bool:
        """Whether anything of the older record is not as it was; what was only put in between is no loss."""
        return replace(self, backdated=()) != Changes()


def compare(
    old: Logbook,
    new: Logbook,
    may_go: Callable[[str], bool] = lambda _: False,
    read_whole: Callable[[], Logbook | Unreadable] | None = None,
    renamed_files: Mapping[str, str] | None = None,
) -> Changes:
    """Return what `new` does to the record of `old`; a line of an entry that `may_go` is never missed.

    Where `old` is only a part of a logbook, `read_whole` reads that; it is called if results elsewhere in it count.
    The path of one of `renamed_files`, old names to new, may be corrected.

    Source: no entry is deleted because a hypothesis was revised, and only formatting, broken links and the reference
    to the issue may be fixed (research workflow, task-logbook).
    """
    if old.text == new.text:
        return Changes()
    if corrected := _with_corrected_paths(old, new, renamed_files or {}):
        return compare(*corrected, may_go, read_whole)
    budget = ComparisonBudget(_LEAST_COMPARISONS + (len(old.text) + len(new.text)) // 64)

    def judge(was: Sequence[Unit], now: Sequence[Unit]) -> list[LostText]:
        return [lost for lost in lost_text(was, now, budget) if not may_go(lost.unit.text)]

    record, outside = _Record(entry_texts(old), entry_texts(new)), TextOutsideEntries(new)
    before, after, pairs, added = record.before, record.after, record.pairs, record.added
    missing = list(_missing(record, new, outside, judge))
    inside = [MovedEntry(before[i].entry, after[pairs[i]].entry.span) for i in moved(pairs)]
    stayed = [(before[i], after[j]) for i, j in sorted(pairs.items()) if not after[j].is_passage]
    rewritten, replaced = _rewritten(record, judge)
    rewritten += _under_other_headings(old, new, record)
    rewritten += _changed_footnotes(old, new, before, judge)
    statements = NewStatements(old, new, added)
    goalposts = tuple(moved_goalposts(old, new, outside, statements, budget))

    def whole() -> Logbook:
        read = read_whole() if read_whole else old
        return read if isinstance(read, Logbook) else old

    return Changes(
        removed=tuple(item for item in missing if isinstance(item, RemovedEntry)),
        moved=(*inside, *(item for item in missing if isinstance(item, MovedEntry))),
        rewritten=tuple(rewritten),
        replaced_next_actions=tuple(replaced),
        backdated=tuple(_backdated(old, new, stayed, added)),
        decisions=tuple(lost_decisions(old, new, outside, budget)),
        dropped=tuple(dropped_hypotheses(old, new, outside)),
        reworded=tuple(reworded_hypotheses(old, new, outside, budget, whole)),
        baseline=None if statements.name("baseline") else changed_section(old, new, "baseline", outside, budget),
        goalposts=goalposts if goalposts and any(map(has_result, whole().everything)) else (),
    )


_LEAST_COMPARISONS = 20_000

_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+|[\w-]+\.[A-Za-z]\w*")
"""What a path looks like in a text: it has a folder, or a kind of file at its end."""


def _with_corrected_paths(old: Logbook, new: Logbook, renamed: Mapping[str, str]) -> tuple[Logbook, Logbook] | None:
    """Return two logbooks with the new paths of renamed files in both; None where the older one names none of them."""
    if not any(path in old.text for path in renamed):
        return None

    def corrected(match: re.Match[str]) -> str:
        path = match[0].rstrip(".")
        above = _UP.match(path)
        start = above.end() if above else 0
        return path[:start] + renamed.get(path[start:], path[start:]) + match[0][len(path) :]

    texts = (_PATH.sub(corrected, book.text) for book in (old, new))
    was, now = (parse(book.path, text.encode()) for book, text in zip((old, new), texts, strict=True))
    return (was, now) if isinstance(was, Logbook) and isinstance(now, Logbook) else None


_UP = re.compile(r"(?:\.{1,2}/)+")


_Judge = Callable[[Sequence[Unit], Sequence[Unit]], list[LostText]]
"""Returns what an older text lost in a newer, but for what may go."""


class _Record:
    """The entries and passages of two versions, and which has become which."""

    def __init__(self, before: Sequence[EntryText], after: Sequence[EntryText]) -> None:
        self.before, self.after = before, after
        self.pairs = paired(before, after)
        self.kept = sorted(self.pairs.values())
        self.origin = {j: i for i, j in self.pairs.items()}

    @property
    def added(self) -> list[Entry]:
        """The new entries that no old text has become."""
        return [text.entry for j, text in enumerate(self.after) if j not in self.origin and not text.is_passage]

    def next_kept(self, j: int) -> int:
        """Return the position of the next text behind `j` that an old one has become."""
        place = bisect_right(self.kept, j)
        return self.kept[place] if place < len(self.kept) else len(self.after)

    def units(self, start: int, stop: int) -> tuple[Unit, ...]:
        """Return the units of newer texts in a row, those below a new heading as a part of that."""
        parts = (
            text.entry.blocks if text.is_titled and j in self.origin else text.whole_blocks
            for j, text in enumerate(self.after[start:stop], start)
        )
        return units_of([block for blocks in parts for block in blocks])


def _missing(
    record: _Record, new: Logbook, outside: TextOutsideEntries, judge: _Judge
) -> Iterator[RemovedEntry | MovedEntry]:
    """Yield the entries that are gone, and those that are outside of the log now, elsewhere than they were."""
    before, after, pairs = record.before, record.after, record.pairs
    following = [len(after)] * (len(before) + 1)
    for i in reversed(range(len(before))):
        following[i] = pairs.get(i, following[i + 1])
    end, start = (new.log or new.span).line, 0
    for i, text in enumerate(before):
        if i in pairs:
            end, start = after[pairs[i]].entry.span.end_line, pairs[i]
            continue
        if text.is_passage:  # it may be a part of what stands there now
            if gone := judge(units_of(text.whole_blocks), record.units(start, max(start, following[i]))):
                line = gone[0].line or end
                yield RemovedEntry(text.entry, Span(new.path, line, line), quote=gone[0].quote)
            continue
        lines = outside.lines_of(text.whole_units)
        next_start = after[following[i]].entry.span.line if following[i] < len(after) else len(new.text)
        if not lines:
            yield RemovedEntry(text.entry, Span(new.path, end, end))
        elif outside.aside_lines.issuperset(lines):
            yield RemovedEntry(text.entry, Span(new.path, lines[0], lines[0]), is_aside=True)
        elif not any(end <= line < next_start for line in lines):
            yield MovedEntry(text.entry, Span(new.path, lines[0], lines[0]))


def _rewritten(record: _Record, judge: _Judge) -> tuple[list[RewrittenEntry], list[RewrittenEntry]]:
    """Return the rewritten entries, and those whose next action alone gave way, to what it led to."""
    rewritten, replaced = list[RewrittenEntry](), list[RewrittenEntry]()
    for i, j in sorted(record.pairs.items()):
        old, new = record.before[i], record.after[j]
        gone = list(_lost(record, i, j, judge)) if old.raw != new.raw or new.is_set else []
        if not gone:
            continue
        spans = [item.span for item in old.entry.all("next-action")]
        planned = {line for span in spans for line in range(span.line, span.end_line + 1)}
        elsewhere = [lost for lost in gone if lost.unit.line not in planned]
        next_action = new.entry.first("next-action")
        is_replaced = not elsewhere and next_action and bool(Counter(_slots(old)) - Counter(_slots(new)))
        lost = (elsewhere or gone)[0]
        line = next_action.span.line if is_replaced and next_action else lost.line
        line = min(max(line, new.entry.span.line), new.entry.span.end_line)
        span = Span(new.entry.span.path, line, line)
        change = RewrittenEntry(old.entry, new.entry, lost.quote, lost.is_insertion, span, lost.now)
        (replaced if is_replaced else rewritten).append(change)
    return rewritten, replaced


def _slots(text: EntryText) -> Iterator[Hashable]:
    """Yield a name for each value still to come: the words before it, or its column behind the first cell."""
    for unit in text.units:
        for start, _ in unit.pending:
            column = sum(word.text == CELL_END for word in unit.words[:start])
            yield (unit.words[0].text, column) if unit.is_row else tuple(word.text for word in unit.words[:start])


def _lost(record: _Record, i: int, j: int, judge: _Judge) -> Iterator[LostText]:
    """Yield what an entry lost: of its heading, and of its text, which headings may have divided since."""
    old, new = record.before[i], record.after[j]
    was, now = old.heading, new.heading
    if was and any(unit.aside for unit in now):
        yield from judge(was, now)
    if was and now and old.title != new.title and not _is_same_heading(old, new):
        is_struck = any(word.is_struck for unit in now for word in unit.words)
        if not is_struck or matched_units(was, now) is None:
            insertion = LostText(was[0], old.entry.heading, new.entry.span.line, is_insertion=True)
            yield from judge(was, now) or [insertion]
    is_form_kept = bool(old.entry.level) == bool(new.entry.level)  # else a bullet became a heading, or a heading one
    was, now = old.units, new.units
    if not is_form_kept:
        was, now = units_of(old.whole_blocks), units_of(new.whole_blocks)
    gone = judge(was, now)
    if gone and (stop := record.next_kept(j)) > j + 1:
        gone = judge(was, joined(now, record.units(j + 1, stop))) and gone
    yield from gone


def _under_other_headings(old: Logbook, new: Logbook, record: _Record) -> Iterator[RewrittenEntry]:
    """Yield the first entry of each heading that says something else of the entries that stand below it now."""
    before, after, pairs = record.before, record.after, record.pairs
    was, now = _headings_above(old, before), _headings_above(new, after)
    places = [{text.entry.span.line: k for k, text in enumerate(texts) if text.is_titled} for texts in (before, after)]
    seen: set[tuple[str, int]] = set()
    for i, j in sorted(pairs.items()):
        titles = [[words_of(section.title) for section in sections] for sections in (was[i], now[j])]
        if titles[0] == titles[1]:
            continue
        own, here = (
            {places[k].get(section.span.line) for section in sections} for k, sections in enumerate((was[i], now[j]))
        )
        is_renamed = any(says_nothing(words_of(section.title)) for section in now[j])
        for section in now[j]:
            k = places[1].get(section.span.line)
            known = record.origin.get(k) if k is not None else None
            is_strange = words_of(section.title) not in titles[0]
            if known is not None:  # its words are compared as its own
                is_strange = before[known].is_passage and known not in own
            elif k is not None and not after[k].is_passage:  # a dated entry stands for itself, whatever its level
                is_strange = is_strange and before[i].entry.when is None
            is_strange = is_strange and not says_nothing(words_of(section.title))
            if is_strange and ("below", section.span.line) not in seen:
                seen.add(("below", section.span.line))
                yield _stands(before[i], after[j], f"below “{section.title}”")
        for section in was[i]:
            k = places[0].get(section.span.line)
            if k is not None and k in pairs:
                is_gone = before[k].is_passage and pairs[k] not in here
            else:
                is_gone = k is None and words_of(section.title) not in titles[1] and not is_renamed
            is_gone = is_gone and not says_nothing(words_of(section.title))
            if is_gone and ("outside", section.span.line) not in seen:
                seen.add(("outside", section.span.line))
                yield _stands(before[i], after[j], f"no longer below “{section.title}”")


def _stands(old: EntryText, new: EntryText, how: str) -> RewrittenEntry:
    line = new.entry.span.line
    span = Span(new.entry.span.path, line, line)
    return RewrittenEntry(old.entry, new.entry, old.entry.heading, is_insertion=False, span=span, stands=how)


def _headings_above(book: Logbook, texts: Sequence[EntryText]) -> list[list[Section]]:
    """Return the headings that each entry stands below, without its own and without the file's title."""
    above: list[Section] = []
    chains: list[list[Section]] = []
    for place, section in enumerate(book.sections):
        while above and above[-1].level >= section.level:
            above.pop()
        if place or section.level > 1:
            above.append(section)
        chains.append(above.copy())
    lines = [section.span.line for section in book.sections]
    found = []
    for text in texts:
        place = bisect_right(lines, text.entry.span.line) - 1
        chain = chains[place] if place >= 0 else []
        found.append([section for section in chain if section.span.line != text.entry.span.line])
    return found


def _changed_footnotes(
    old: Logbook, new: Logbook, before: Sequence[EntryText], judge: _Judge
) -> Iterator[RewrittenEntry]:
    """Yield the footnotes outside of the protected text that it refers to, and that lost words."""
    notes = footnotes(old)
    spans = [text.entry.span for text in before]
    cited = cited_footnotes(old, spans, notes)
    inside = sorted((span.line, span.end_line) for span in spans)
    there = footnotes(new) if cited else {}
    for name in sorted(cited):
        note, now = notes[name], there.get(name)
        if not outside_of((note,), inside):
            continue
        gone = judge(units_of(note.blocks), units_of(now.blocks) if now else ())
        if gone:
            passage = note_passage(old.path, note)
            line = gone[0].line or (now.line if now else 1)
            span = Span(new.path, line, line)
            yield RewrittenEntry(passage, passage, gone[0].quote, gone[0].is_insertion, span, gone[0].now)


_MARKS = " \t,;:|\u00b7()[]{}`*_\"'\u201c\u201d\u2018\u2019"


_DATE = re.compile(r"~?\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"~?\d{1,2}:\d{2}|~?\d{4}-\d{2}-\d{2}T\d")
_UTC = frozenset({"UTC", "GMT", "Z", "+00:00", "+0000"})
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015"


_WHEN = re.compile(
    r"~?\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?|~?\d{1,2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?|"
    r"UTC|GMT|Z|[PMCE][SD]?T|W?E[SD]?T|CES?T|BST|IST|JST|AE[SD]T|[+-]\d{2}:?\d{2}"
)


def _is_same_heading(old: EntryText, new: EntryText) -> bool:
    """Return whether a heading only gained IDs or a date, or changed in the marks between its words.

    What it said of its date, its time and its own ID stays; a time without a zone is UTC.
    """
    hidden = dict.fromkeys(map(ord, CONTROLS & set(old.said)))
    was, now = (
        # Marks between words do not count; the sign of a number is part of it.
        [
            word.strip(_MARKS).rstrip(_DASHES + ".")
            for word in re.split("\\s+|[\u2013\u2014]", heading.translate(hidden))
        ]
        for heading in (old.said, new.said)
    )
    was, now = ([word for word in words if word] for words in (was, now))
    added, place = [], 0
    for word in now:
        if place < len(was) and folded(word) == folded(was[place]):
            place += 1
        else:
            added.append(word)
    if place < len(was):
        return False
    for part in (_DATE, _TIME):
        if any(map(part.match, was)) and any(map(part.match, added)):
            return False
    zones = {word for word in added if _WHEN.fullmatch(word) and not _DATE.match(word) and not _TIME.match(word)}
    if not zones <= _UTC and any(map(_TIME.match, was)):
        return False
    prefix = new.entry.ids[0].rpartition("-")[0] if new.entry.ids else ""
    old_ids, new_ids = ([word for word in words if leading(word, prefix)[0]] for words in (was, now))
    return new_ids[: len(old_ids)] == old_ids and all(
        _WHEN.fullmatch(word) or leading(word, prefix)[0] for word in added
    )


def _backdated(
    old: Logbook, new: Logbook, kept: Sequence[tuple[EntryText, EntryText]], added: Sequence[Entry]
) -> list[Entry]:
    """Return the new entries that stand before old ones under the same heading, where the log is known to grow down.

    `kept` are the entries that stayed, as they were and as they are. What stands above them all is backdated only if
    it claims to be older than one of them: an author may begin to write at the top.
    """
    direction = is_newest_first(old)
    # The line of the heading that each entry is under, 0 where it is under none.
    heads: list[tuple[int, int]] = []
    above = [(0, 0)]
    for section in new.sections:
        while above[-1][0] >= section.level:
            above.pop()
        heads.append((section.span.line, above[-1][1]))
        above.append((section.level, section.span.line))
    parents = {}
    for entry in new.everything:
        line, parent = heads[bisect_right(heads, (entry.span.line, entry.span.line)) - 1]
        parents[entry.span.line] = parent if entry.level else line
    parts: defaultdict[int, list[tuple[Entry, Entry]]] = defaultdict(list)
    for was, now in kept:
        parts[parents[now.entry.span.line]].append((was.entry, now.entry))
    # What has neither a date nor an ID, such as the plans at the end of a log, does not say when it was written.
    told: dict[int, list[Entry]] = {}
    for parent, part in parts.items():
        if {direction, are_newest_first([was for was, _ in part])} - {None} == {False}:
            told[parent] = [now for _, now in part if now.when or now.ids]
    # Headings that were there, and were no entries yet.
    titles = Counter(section.title for section in old.sections)
    titles -= Counter(entry.heading for entry in old.everything if entry.level)
    found = []
    for entry in added:
        others = told.get(parents[entry.span.line], [])
        place = bisect_right(others, entry.span.line, key=lambda other: other.span.line)
        if titles[entry.heading]:
            titles[entry.heading] -= 1
        elif 0 < place < len(others) or (others and not place and _is_older(entry, others)):
            found.append(entry)
    return found


def _is_older(entry: Entry, others: Sequence[Entry]) -> bool:
    """Return whether an entry claims to be older than the first, the last or the latest of others."""
    latest = max(others, key=lambda other: other.when.date.toordinal() if other.when and other.when.date else 0)
    for other in (others[0], others[-1], latest):
        is_later = is_dated_after(other, entry)
        if is_numbered_after(other, entry) if is_later is None else is_later:
            return True
    return False
