"""The log: where it is, the entries in it, and the fields that say what an entry is about.

An entry is a heading in the log section or behind it, at its level or that of its entries, that carries a date, or a
dated heading elsewhere if there is no such section. If a log has no headings, its dated bullets or bold dated lines are
the entries, and so are the bold dated lines of a log within an entry. A heading of the log without a date is an entry
if it names itself by an ID of the series, or has an entry's fields: ``- Command: …``, ``- **Command:** …``,
``**Command**: …``, or a paragraph or heading of their own. Decision logs and other indices, plans, releases and
sources hold no entries.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

from research_logbook.logbook import dates, experiment_ids, vocabulary
from research_logbook.logbook.model import (
    Claim,
    Contents,
    Entry,
    EntryKind,
    Field,
    Section,
    SourceText,
    Span,
    Table,
    When,
    dedented,
    text_of,
)
from research_logbook.logbook.queries import is_none, is_pending, is_shell
from research_logbook.markdown.tree import CODE, HTML, STRONG, STRUCK, Block, BlockKind, InlineRun, plain, walk

# What a heading says


class EntryHeading(NamedTuple):
    """What an entry's heading says."""

    when: When | None
    ids: tuple[str, ...]
    label: str


_SEPARATOR = re.compile(r"[\s:–—,|·-]*")


@lru_cache(maxsize=256)
def read_heading(text: str, prefix: str = "") -> EntryHeading:
    """Return what the heading `text` says: its date leads it, or follows the ID."""
    text = vocabulary.ICONS.sub("", " ".join(text.split()), count=1)
    ids, rest = experiment_ids.before(text)
    dated = dates.leading(_SEPARATOR.sub("", rest, count=1) if ids else rest)
    when, label = dated or (None, text)
    if dated:
        label = _SEPARATOR.sub("", label, count=1)
    if not ids or not dated:  # Without a date behind it an ID must look like one: "GPT-4 evaluation" has none.
        ids, label = experiment_ids.leading(label, prefix)
        when = when or (dates.of_id(ids[0]) if ids else None)
    if ids or dated:
        label = _SEPARATOR.sub("", label, count=1)
    return EntryHeading(when, ids or experiment_ids.found(label, prefix), label)


def read_backwards(text: str, prefix: str = "") -> EntryHeading:
    """Return what a heading says whose date, if it has one, ends it: `Kickoff (2026-05-25)`."""
    heading = read_heading(text, prefix)
    dated = None if heading.when else dates.trailing(" ".join(text[:_LONGEST_TITLE].split()))
    return read_heading(dated[0], prefix)._replace(when=dated[1]) if dated else heading


def read_anywhere(text: str, prefix: str = "") -> EntryHeading:
    """Return what a heading says that has its date anywhere: `Second pass (overnight 2026-05-09)`."""
    heading = read_backwards(text, prefix)
    return heading if heading.when else heading._replace(when=dates.inside(" ".join(text[:_LONGEST_TITLE].split())))


_LONGEST_TITLE = 500
"""Characters of a heading in which a date that does not lead it is looked for."""
_KIND = re.compile(
    r"(?:(?:\d{1,3}[.)]|(?:runs?|experiments?|exp|entry|trial|results?|update)\b\.?)[\s:#]*)?", re.IGNORECASE
)
_LAST_PART = re.compile(r"(?:[(\[]|\s[-–—|]\s|:\s)(?P<part>[^()\[\]]{3,60})[)\]]?\Z")


def own_ids(title: str, prefix: str) -> tuple[str, ...]:
    """Return the IDs of the series that a heading names itself by, in front or at its end; not those it speaks of."""
    if not prefix or prefix not in title:
        return ()
    text = vocabulary.ICONS.sub("", " ".join(title[:_LONGEST_TITLE].split()), count=1)
    kind = _KIND.match(text)
    starts = (0, kind.end() if kind else 0)  # "EXP-005" begins with a word for an entry, too.
    ids = next(filter(None, (experiment_ids.leading(text[start:], prefix)[0] for start in starts)), ())
    ids = ids or _ending_ids(text, prefix)
    return ids if ids and f"{experiment_ids.prefix_of(ids[0])}-".startswith(f"{prefix}-") else ()


def _ending_ids(title: str, prefix: str = "") -> tuple[str, ...]:
    """Return the IDs that a heading ends with, in brackets or after a dash."""
    last = _LAST_PART.search(title[-_LONGEST_TITLE:])
    ids, rest = experiment_ids.leading(last["part"], prefix) if last else ((), "")
    return () if rest else ids


# The log


class Log(NamedTuple):
    """The log of a logbook."""

    entries: tuple[Entry, ...]
    undated: tuple[Entry, ...]
    heading: Span | None
    prefix: str
    claims: tuple[Claim, ...]
    """What it says was measured, outside of its entries."""


class _Candidate(NamedTuple):
    """A piece of the text that may be an entry."""

    title: str
    heading: EntryHeading
    level: int
    span: Span
    blocks: tuple[Block, ...]
    head: Block | None = None
    is_named: bool = False
    """Whether its heading names itself by an ID."""
    is_late: bool = False
    """Whether it stands behind the log, where an ID alone may be one of something else."""


class _Outline(NamedTuple):
    """The sections, with what their headings say."""

    sections: Sequence[Section]
    headings: Sequence[EntryHeading]
    """What they say where the date leads them."""
    anywhere: Sequence[EntryHeading]
    """What they say wherever their date stands."""
    told: Sequence[When | None]
    """The dates of those headings that have none, told right below them: `**Date:** 2026-05-25`."""

    def when(self, place: int) -> When | None:
        """Return the date of a section, in its heading or right below it."""
        return self.anywhere[place].when or self.told[place]

    def below(self, places: Iterable[int]) -> set[int]:
        """Return the positions of these sections and of all below them."""
        return {below for place in places for below in range(place, self.sections[place].stop)}

    def is_dated(self, places: Iterable[int]) -> bool:
        return any(self.headings[place].when for place in places)

    def level_of(self, places: Iterable[int]) -> int:
        """Return the level of the highest of these headings; one that no heading has, without any."""
        return min((self.sections[place].level for place in places), default=7)

    def is_month(self, place: int) -> bool:
        """Return whether a heading is dated by its month, and something stands right below it."""
        section = self.sections[place]
        return bool(section.blocks) and dates.month(section.title[:_LONGEST_TITLE]) is not None

    def asides(self, places: Iterable[int]) -> set[int]:
        """Return those of `places` whose dates are of plans, releases or sources, and all below them."""
        titles = ((place, self.sections[place]) for place in places)
        return self.below(place for place, one in titles if one.name and vocabulary.holds_no_entries(one.title))

    def without_groups(self, places: Iterable[int], dated: Iterable[int]) -> set[int]:
        """Return those of `places` that no heading of `dated` stands below."""
        known = sorted(dated)
        return {
            place for place in places if bisect_right(known, place) == bisect_left(known, self.sections[place].stop)
        }

    def is_log(self, index: int) -> bool:
        """Return whether a section is a log by its title, or is named only much like one but holds what is dated."""
        section = self.sections[index]
        if not section.name or vocabulary.is_log(section.title):
            return bool(section.name)
        below = range(index, section.stop)
        return vocabulary.may_be_log(section.title) and (
            self.is_dated(below) or any(_dated_lines(self.sections[place], "") for place in below)
        )


def log_of(sections: Sequence[Section], prefix: str, source: SourceText, contents: Contents) -> Log:
    """Return the log; `prefix` is the declared one, or empty."""
    headings = [read_heading(section.title, prefix) for section in sections]
    anywhere = [read_anywhere(section.title, prefix) for section in sections]
    told = [
        None if known.when or (place == 0 and section.level == 1) else _told_below(section, source)
        for place, (section, known) in enumerate(zip(sections, anywhere, strict=True))
    ]
    candidates, heading = _candidates(_Outline(sections, headings, anywhere, told), prefix, source)
    prefix = prefix or experiment_ids.most_used(
        one.heading.ids for one in candidates if one.heading.when or (one.is_named and not one.is_late)
    )
    prefix = prefix or _shared([_ending_ids(one.heading.label) for one in candidates if one.heading.when])
    prefix = prefix or _shared([experiment_ids.of_series(one.heading.label) for one in candidates if one.heading.when])
    entries: list[Entry] = []
    late: list[Entry] = []
    done = 0
    for candidate in candidates:  # They may overlap: what is part of one entry is not another.
        if candidate.span.line > done:
            entry = _entry(candidate, prefix, source, contents)
            if entry.when or candidate.is_named or any(item.key in vocabulary.ENTRY_FIELDS for item in entry.fields):
                (late if candidate.is_late and not entry.when else entries).append(entry)
                done = candidate.span.end_line
    known = {name for entry in entries for name in entry.ids}
    entries += [entry for entry in late if known.isdisjoint(entry.ids) and _was_run(entry)]
    dated = tuple(entry for entry in entries if entry.when)
    undated = tuple(entry for entry in entries if not entry.when)
    claims = tuple(_claims_beside(sections, entries, source))
    return Log(dated, undated, heading or (dated[0].span if dated else None), prefix, claims)


_TOLD_IN = 2
"""Blocks right below a heading in which its date is looked for."""


def _told_below(section: Section, source: SourceText) -> When | None:
    """Return the date that the first lines below a heading tell: in a field, in a table, or alone on a line."""
    blocks = [block for block in section.blocks if block.kind is not BlockKind.OTHER][:_TOLD_IN]
    if not any(any(map(str.isdigit, text_of(block))) for block in blocks):
        return None
    first = blocks[0]
    if (
        first.kind is BlockKind.PARAGRAPH
        and (alone := dates.leading(first.text.strip()))
        and not alone[1].strip(" .*_")
    ):
        return alone[0]
    facts = facts_of(blocks, source) if any(block.kind is BlockKind.TABLE for block in blocks) else ()
    fields = (item for item in (*fields_of(blocks, source), *facts) if item.key == "date")
    return next((dated[0] for item in fields if (dated := dates.leading(" ".join(item.text.split())))), None)


def _claims_beside(sections: Sequence[Section], entries: Iterable[Entry], source: SourceText) -> Iterator[Claim]:
    """Yield what a log says was measured in text that is part of no entry."""
    spans = sorted((entry.span.line, entry.span.end_line) for entry in entries)
    end = 0
    for place, section in enumerate(sections):
        if place >= end and section.name and (place or section.level > 1) and vocabulary.is_log(section.title):
            end = section.stop
        is_kept = section.name in vocabulary.KEPT_UP_TO_DATE or vocabulary.holds_no_entries(section.title)
        if place < end and not is_kept:
            free = []
            for block in section.blocks:
                before = bisect_right(spans, (block.end_line, len(source.lines))) - 1
                if before < 0 or spans[before][1] < block.line:
                    free.append(block)
            yield from claims_of(free, tuple(fields_of(free, source)), source.path)


def _was_run(entry: Entry) -> bool:
    told = entry.all("command", "job", "run", "commit", "result")
    return entry.is_measured or any(not (field.is_pending or is_none(field.text)) for field in told)


# Where the log is


_DATED_RECORDS = frozenset({"baseline", "scope", "tldr"})
"""Indices that are entries instead where they are dated in a log, or where there are several with dates."""


def _candidates(outline: _Outline, prefix: str, source: SourceText) -> tuple[Sequence[_Candidate], Span | None]:
    """Return what may be an entry, and the heading of the log."""
    sections = outline.sections
    tops = [place for place, section in enumerate(sections) if section.level == 1]
    # A file whose first-level headings are its entries has no title.
    title = 0 if tops[:1] == [0] and not (len(tops) > 1 and outline.headings[0].when) else None
    indices = [i for i, section in enumerate(sections) if section.name in vocabulary.INDICES and i != title]
    records = {i for i in indices if sections[i].name in _DATED_RECORDS and outline.anywhere[i].when}
    repeated = Counter(sections[i].name for i in records)
    outside = outline.below(i for i in indices if not (i in records and repeated[sections[i].name] > 1))
    free = [i for i in range(len(sections)) if i not in outside and i != title]
    logs = list(filter(outline.is_log, free))
    heading = sections[logs[0]].span if logs else None
    inside = outline.below(logs) - {*logs, *outside}
    found = _in_log(outline, inside, (records & outline.below(logs)) - {*logs})
    if found.dated:
        found = _behind_log(outline, found, free, logs)
        return _headed(outline, found, prefix, source), heading
    places = outline.below(logs) - outside if logs else [i for i in range(len(sections)) if i not in outside]
    lines = [line for place in sorted(places) for line in _dated_lines(sections[place], source.path)]
    found = _without_log(outline, found, free, has_log=bool(logs))
    loose = [i for i in found.dated if not outline.headings[i].when]
    if lines and (logs or (len(lines) > 1 and len(found.dated) == len(loose) < 2)):
        above = bisect_right(sections, lines[0].span.line, key=lambda section: section.span.line) - 1
        return lines, heading or (None if above in {-1, title} else sections[above].span)
    # The log is what the first dated heading stands below, unless that is the title.
    first = min(found.dated, default=0)
    parents = [i for i in range(first)[::-1] if sections[i].stop > first]
    if parents and not heading and parents[0] != title:
        heading = sections[parents[0]].span
    return _headed(outline, found, prefix, source), heading


class _Headings(NamedTuple):
    """Headings by what they may be, as positions of their sections."""

    inside: set[int]
    """Those in the log, dated or not."""
    dated: set[int]
    """Those that begin an entry with a date."""
    level: int
    """The level of the entries."""
    late: frozenset[int] = frozenset()
    """Those behind the log that may begin an entry without a date."""


def _in_log(outline: _Outline, inside: set[int], records: set[int]) -> _Headings:
    """Return the dated headings in a log.

    A date that leads a heading counts at any level, and so does one that ends it where none leads one. Elsewhere in a
    heading it counts at the level of the entries. A month may head the entries of a month.
    """
    dated = {i for i in inside if outline.headings[i].when}
    dated = dated or {i for i in inside if dates.trailing(outline.sections[i].title[:_LONGEST_TITLE])}
    loose = {i for i in inside if outline.when(i)} | {i for i in records if outline.anywhere[i].when}
    level = outline.level_of(dated or loose)
    near = {i for i in loose if outline.sections[i].level <= level} - dated
    dated |= outline.without_groups(near, dated)
    months = {i for i in inside - dated if outline.is_month(i)}
    level = level if dated else outline.level_of(months)
    near = {i for i in months if outline.sections[i].level == level} - (outline.below(dated) - dated)
    dated |= outline.without_groups(near, dated)
    return _Headings(inside | outline.below(records & dated), dated, level)


def _behind_log(outline: _Outline, found: _Headings, free: Sequence[int], logs: Sequence[int]) -> _Headings:
    """Return the headings of a log with those that continue it behind its end, at its own level or its entries'."""
    sections, levels = outline.sections, {found.level, *(outline.sections[i].level for i in logs)}
    asides = outline.asides(free) - found.inside
    kept = outline.below(i for i in free if sections[i].name in vocabulary.KEPT_UP_TO_DATE)
    dated, late = set(found.dated), set[int]()
    is_loose = not any(outline.headings[i].when for i in dated)
    end = 0
    for i in free:
        if i < max(end, logs[0]) or i in found.inside or i in asides or i in logs:
            continue
        level, is_index = sections[i].level, sections[i].name in vocabulary.KEPT_UP_TO_DATE
        is_led = outline.headings[i].when is not None
        # A date elsewhere in a heading is that of an entry where it is so in the log too, or where an ID says so.
        is_dated = outline.anywhere[i].when is not None and (is_loose or bool(outline.anywhere[i].ids))
        if (is_led and level <= found.level) or (is_dated and level in levels and not is_index):
            dated |= {i, *(j for j in range(i + 1, sections[i].stop) if outline.headings[j].when)}
            end = sections[i].stop
        elif level == found.level and i not in kept:
            late.add(i)
    return found._replace(dated=dated, late=frozenset(late))


def _without_log(outline: _Outline, found: _Headings, free: Sequence[int], *, has_log: bool) -> _Headings:
    """Return the dated headings of a logbook without a log, or with one that nothing dated stands in."""
    sections, asides = outline.sections, outline.asides(free)
    dated = {i for i in free if outline.headings[i].when and i not in asides}
    level = outline.level_of(dated)
    if not has_log:
        kept = asides | outline.below(dated) | {i for i in free if sections[i].name in _KEPT}
        loose = {i for i in free if outline.when(i) and i not in kept}
        # Before the first date that leads a heading, others count where they would without it: nothing that is added
        # makes an entry of an older text no entry.
        alone = {i for i in loose if sections[i].level == outline.level_of(loose)}
        start = min(dated, default=0)
        loose = {i for i in loose if i > start or (i in alone and len(alone) > 1)}
        months = {i for i in free if outline.is_month(i) and i not in kept}
        level = level if dated else outline.level_of(loose or months)
        near = {i for i in loose | months if sections[i].level == level}
        if dated or len(near) > 1:  # One alone may be a page of notes.
            dated |= outline.without_groups(near, dated)
        dated |= (
            {i for i in free if _SESSION.match(sections[i].title) and outline.when(i)} - kept - outline.below(dated)
        )
        # Behind the first entry, a heading of their level may name itself by an ID alone.
        start = min(dated, default=len(sections))
        late = {i for i in free if i > start and sections[i].level == level} - kept - outline.below(dated)
        found = found._replace(late=frozenset(late))
    return found._replace(dated=dated, level=level if dated else 6)


_SESSION = re.compile(r"\W{0,8}session\b", re.IGNORECASE)


_KEPT = vocabulary.KEPT_UP_TO_DATE - _DATED_RECORDS


# What may be an entry


def _headed(outline: _Outline, found: _Headings, prefix: str, source: SourceText) -> list[_Candidate]:
    """Return the dated headings, those that name themselves by an ID, and others of the log that are no deeper.

    Each goes on to the next of the first two.
    """
    sections = outline.sections
    prefix = prefix or _series(outline, found)
    parts = outline.below(found.dated) - found.dated
    near = {i for i in found.inside | found.late if sections[i].level <= found.level} - parts - found.dated
    named = outline.without_groups((i for i in near if own_ids(sections[i].title, prefix)), found.dated)
    candidates: list[_Candidate] = []
    for place in sorted(found.dated | named | (near & found.inside)):
        head = sections[place]
        own = [head]
        for i in range(place + 1, head.stop):
            if i in found.dated or i in named:
                break
            own.append(sections[i])
        blocks = list(head.blocks)
        for section in own[1:]:
            blocks += section.with_heading
        lines = _sub_log(own, source.path) if place in found.dated else []
        if lines:
            blocks = [block for block in blocks if block.line < lines[0].span.line]
        end = blocks[-1].end_line if blocks else head.span.end_line
        span = Span(source.path, head.span.line, end, head.span.column)
        heading = (outline.anywhere if place in found.dated else outline.headings)[place]
        if place in found.dated and not heading.when:
            heading = heading._replace(when=outline.told[place] or dates.month(head.title))
        candidate = _Candidate(head.title, heading, head.level, span, tuple(blocks), head.head)
        candidates.append(candidate._replace(is_named=place in named, is_late=place in found.late))
        candidates += lines
    return candidates


def _series(outline: _Outline, found: _Headings) -> str:
    """Return the prefix of the IDs that dated headings have; without any, one that two other headings share."""
    dated = [outline.anywhere[i] for i in sorted(found.dated)]
    near = [i for i in sorted(found.inside) if outline.sections[i].level <= found.level]
    return (
        experiment_ids.most_used(one.ids for one in dated)
        or _shared([_ending_ids(one.label) for one in dated])
        or _shared([experiment_ids.of_series(one.label) for one in dated])
        or _shared([outline.headings[i].ids for i in near])
    )


def _shared(groups: Sequence[tuple[str, ...]]) -> str:
    """Return the prefix that most of the groups of IDs begin with, if that is more than one."""
    prefix = experiment_ids.most_used(groups)
    return prefix if sum(bool(ids) and experiment_ids.prefix_of(ids[0]) == prefix for ids in groups) > 1 else ""


def _sub_log(own: Sequence[Section], path: str) -> list[_Candidate]:
    """Return the bold dated lines that an entry has below a heading such as "Launch log", the last with all behind it.

    What is put behind them later thus divides the entry in no other way.
    """
    for place, section in enumerate(own):
        is_log = place > 0 and (vocabulary.is_log(section.title) or vocabulary.may_be_log(section.title))
        if is_log and (lines := _bold_lines(section, path)):
            blocks = [*lines[-1].blocks]
            for later in own[place + 1 :]:
                blocks += later.with_heading
            span = lines[-1].span
            last = lines[-1]._replace(
                blocks=tuple(blocks), span=Span(path, span.line, blocks[-1].end_line, span.column)
            )
            return [*lines[:-1], last]
    return []


def _bold_lines(section: Section, path: str) -> list[_Candidate]:
    """Return a section's bold dated lines, each with all that follows it."""
    blocks = section.blocks
    bold = [
        i
        for i, block in enumerate(blocks)
        if block.kind is BlockKind.PARAGRAPH and block.runs and block.runs[0].style & STRONG and begins_with_date(block)
    ]
    return [_line(blocks[start], blocks[start:end], path) for start, end in pairwise([*bold, len(blocks)])]


def _dated_lines(section: Section, path: str) -> list[_Candidate]:
    """Return a section's bold dated lines, each with all that follows it; if it has none, its dated bullets."""
    return _bold_lines(section, path) or [
        _line(item, item.blocks, path)
        for block in section.blocks
        if block.kind is BlockKind.LIST
        for item in block.blocks
        if item.blocks and begins_with_date(item.blocks[0])
    ]


def _line(start: Block, within: Sequence[Block], path: str) -> _Candidate:
    title = within[0].text.partition("\n")[0]
    return _Candidate(
        title, read_heading(title), 0, Span(path, start.line, within[-1].end_line, start.column), tuple(within)
    )


def begins_with_date(block: Block) -> bool:
    """Return whether the first line of a block reads like a dated heading."""
    return read_heading(block.text.partition("\n")[0]).when is not None


# What an entry is


_RAN = frozenset({"command", "job", "run"})
_NOT_RUN = re.compile(
    r"[\s`*_]*no(?:t|ne|thing)?\b(?:\s[\w-]+){0,3}\s(?:commands?|jobs?|runs?|submitted|launched|run)\b", re.IGNORECASE
)
_PLAN = re.compile(r"\b(?:plans?|proposals?)\W*\Z", re.IGNORECASE)
"""How the heading of an entry ends that plans, whose figures are wanted or known already."""
_RESULTS = frozenset({"result", "interpretation", "conclusion"})
_MANY_CLAIMS = 2
"""Sentences with a measured number that make an entry an experiment; one may be an aside in a note."""


def _entry(candidate: _Candidate, prefix: str, source: SourceText, contents: Contents) -> Entry:
    span, heading, blocks = candidate.span, candidate.heading, candidate.blocks
    fields = tuple(fields_of(blocks, source))
    inner = contents.within(blocks[0].line, span.end_line) if blocks else contents.within(1, 0)
    claims = tuple(claims_of(blocks, fields, source.path))
    own_ids = heading.ids or experiment_ids.found(heading.label, prefix)
    is_set_up = bool(own_ids) or any(item.key in _SET_UP and not is_none(item.text) for item in fields)
    is_set_up = is_set_up or any("wandb" in link.url for link in inner.links)
    is_plan = _PLAN.search(heading.label[:_LONGEST_TITLE]) is not None
    is_measured = _is_measured(fields, () if is_plan else inner.tables) or (is_set_up and bool(claims) and not is_plan)
    ran = (item.text for item in fields if item.key in _RAN and not item.is_pending)
    has_run = any(not (is_none(text) or _NOT_RUN.match(text)) for text in ran)
    is_run = is_measured or has_run or any(is_shell(block) for block in inner.code)
    is_experiment = is_run or (not is_plan and (len(claims) >= _MANY_CLAIMS or _has_figures(fields, inner.tables)))
    written = (dates.first(" ".join(item.text.split())) for item in fields if item.key == "date")
    listed = (
        experiment_ids.leading(item.text, prefix)[0] or experiment_ids.found(item.text, prefix)
        for item in fields
        if item.key == "id"
    )
    return Entry(
        span=span,
        heading=candidate.title,
        when=heading.when or next(filter(None, written), None),
        ids=own_ids or tuple(name for names in listed for name in names),
        label=heading.label,
        kind=EntryKind.EXPERIMENT if is_experiment else EntryKind.NOTE,
        fields=fields,
        tables=tuple(inner.tables),
        code=tuple(inner.code),
        links=tuple(inner.links),
        text="\n".join(map(text_of, blocks)),
        blocks=blocks,
        level=candidate.level,
        is_measured=is_measured,
        is_run=is_run,
        heading_ids=own_ids,
        head=candidate.head,
        claims=claims,
    )


def _is_measured(fields: Sequence[Field], tables: Sequence[Table]) -> bool:
    """Return whether a result holds a measurement, or a table has a column of figures with one."""
    results = (item for item in fields if item.key == "result" and not item.is_pending)
    if any(vocabulary.is_measured(item.text) and vocabulary.is_measured(_without_settings(item)) for item in results):
        return True
    # A table of figures is a result, unless it is part of a field that is not.
    others = (item.span for item in fields if item.key not in _RESULTS)
    inside = {line for span in others for line in range(span.line, span.end_line + 1)}
    return any(
        all(re.search(r"\d", cell) for cell in column) and any(map(vocabulary.is_measured, column))
        for table in tables
        if table.span.line not in inside
        for column in list(zip(*table.rows, strict=False))[1:]
    )


def _has_figures(fields: Sequence[Field], tables: Sequence[Table]) -> bool:
    """Return whether a result has a table with a column of numbers, if only whole ones: ranks, wins, Elo ratings."""
    spans = [item.span for item in fields if item.key == "result" and not item.is_pending]
    return any(
        all(re.search(r"\d", cell) for cell in column)
        for table in tables
        if any(span.line <= table.span.line <= span.end_line for span in spans)
        for column in list(zip(*table.rows, strict=False))[1:]
    )


_SET = re.compile(
    r"\s?(?:[\w.-]*(?:coef\w*|lr|rate|decay|dropout|temperature|eps|epsilon|alpha|beta\d?|gamma|lambda|scale|width|ratio|"
    r"weight|warmup\w*)\s?(?:==?|:)\s?[\d.e+-]+|[\w.-]+\s?(?:==?|:)\s?\d+)\s?"
)
_SETTING = re.compile(rf"(?<!`)(`{{1,3}}){_SET.pattern}(?:[,;\s]{_SET.pattern}){{0,20}}\1")


def _without_settings(item: Field) -> str:
    """Return the value of a field without code that configures: a whole number, or a rate, by its name (`pack=1`)."""
    return _SETTING.sub(" ", item.value) if "`" in item.value else item.text


# Claims


_SET_UP = frozenset({"hypothesis", "config", "id"})
_NO_CLAIMS = frozenset(
    {"hypothesis", "commit", "command", "config", "decision", "next-action", "artifacts", "id", "date", "hardware"}
    | {"confidence"}
)
"""Fields that hold no measurement of the entry."""
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+")


def claims_of(blocks: Iterable[Block], fields: Iterable[Field], path: str) -> Iterator[Claim]:
    """Yield the sentences among `blocks` that say a number was measured, outside of code, tables and plans."""
    spans = sorted((item.span.line, item.span.end_line) for item in fields if _is_no_claim(item))
    starts = [start for start, _ in spans]
    ends = list(accumulate((end for _, end in spans), max))
    plan = 7  # The level of the heading of a plan above.
    for block in blocks:
        if block.kind is BlockKind.HEADING and block.level <= plan:
            plan = block.level if vocabulary.holds_no_entries(block.text) else 7
        for leaf in walk([block]) if plan == 7 else ():
            if leaf.kind is not BlockKind.PARAGRAPH or not any(map(str.isdigit, leaf.text)):
                continue
            for run_line, text in _sentences(leaf):
                place = bisect_right(starts, run_line) - 1
                if (place < 0 or ends[place] < run_line) and vocabulary.is_claim(text):
                    yield Claim(Span(path, run_line, run_line), text)


def _sentences(leaf: Block) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a paragraph, each with the line it begins on; code that only configures is left out."""
    shown = [run for run in leaf.runs if not run.style & _HIDDEN]
    text = "".join(" " if run.style & CODE and _SET.fullmatch(run.text) else run.text for run in shown)
    line = leaf.line
    for sentence in text.split("\n"):
        yield from ((line, part) for part in _SENTENCE_END.split(sentence) if part)
        line += 1


def _is_no_claim(item: Field) -> bool:
    first = item.key.partition("-")[0]
    return item.key in _NO_CLAIMS or item.is_pending or first in vocabulary.NOT_OWN or vocabulary.is_plan(item.name)


# Fields


_NAME = re.compile(r"[^\W\d_][\w /&'’.+#-]{0,47}")
_LONGEST = 120
"""Characters at the start of a line in which the name has to end."""


class _Named(NamedTuple):
    name: str
    text: str
    """What follows the colon, as it appears on the page."""
    is_strong: bool


def fields_of(blocks: Sequence[Block], source: SourceText) -> Iterator[Field]:
    """Yield the fields among `blocks`: of list items, of paragraphs, and of sub-headings."""
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.LIST:
            for item in block.blocks:
                yield from _of_item(item, source)
        elif block.kind is BlockKind.PARAGRAPH:
            following = blocks[index + 1] if index + 1 < len(blocks) else None
            yield from _of_paragraph(block, following, source)
        elif block.kind is BlockKind.HEADING:
            yield from _of_heading(blocks, index, source)


def facts_of(blocks: Sequence[Block], source: SourceText) -> Iterator[Field]:
    """Yield the ``Key: value`` facts of a header, bold or plain, and those of its lists, quotes and tables."""
    for block in blocks:
        if block.kind is BlockKind.LIST:
            for item in block.blocks:
                several = _facts_of_lines(item.blocks[0], source) if item.blocks and item.blocks[0].runs else []
                yield from several if len(several) > 1 else _of_item(item, source)
        elif block.kind is BlockKind.QUOTE:
            yield from facts_of(block.blocks, source)
        elif block.kind is BlockKind.TABLE:
            for name, value in (row.blocks for row in block.blocks if len(row.blocks) == 2):
                named = _Named(_clean(name.text.strip().rstrip(":")), value.text, is_strong=False)
                yield _fact(named, name, source)
        elif block.kind is BlockKind.PARAGRAPH:
            yield from _facts_of_lines(block, source)


_BETWEEN_FACTS = re.compile(r"(?<=[|·•;.])(?=\s)")


def _facts_of_lines(block: Block, source: SourceText) -> list[Field]:
    """Return the facts of a block's lines: one each, or several, in bold or behind a bar, a dot or a sentence.

    So in ``**Issue:** #42 **Branch:** `research/x```, ``Issue: #42 | Prefix: KT`` and ``Prefix: KT. Tags: KT, moe``.
    """
    found: list[Field] = []
    for line in _lines(block.runs):
        parts: list[list[InlineRun]] = [[]]
        for run in line:
            if run.style & STRONG and parts[-1] and not parts[-1][-1].style & STRONG:
                parts.append([])
            pieces = [run.text] if run.style & CODE else _BETWEEN_FACTS.split(run.text)
            parts[-1].append(run._replace(text=pieces[0]))
            parts += [[run._replace(text=piece)] for piece in pieces[1:]]
        facts: list[list[InlineRun]] = [[]]
        for part in parts:  # What names no fact is part of the one before: "Series ID: **KT**".
            named = _split(part)
            if facts[-1] and named and vocabulary.header_fact(named.name):
                facts.append([])
            facts[-1] += part
        if len(facts) > 1:
            found += [_fact(named, block, source, part[0].line) for part in facts if (named := _split(part))]
        elif named := _split(line):
            number = line[0].line
            found.append(_field(named, named.text, Span(source.path, number, number, block.column), source))
    return found


def _fact(named: _Named, block: Block, source: SourceText, line: int = 0) -> Field:
    """Return a fact that does not have its line to itself."""
    number, text = line or block.line, named.text.strip(" ,;.|·•")
    span = Span(source.path, number, number, block.column)
    return Field(span, named.name, vocabulary.field_key(named.name), text, text, is_pending(text))


_NESTED = vocabulary.ENTRY_FIELDS | {"run"}
_OF_OTHERS = frozenset({"hypothesis", "next-action", "baseline", "id", "date"})


def _of_item(item: Block, source: SourceText) -> Iterator[Field]:
    """Yield the field of a list item, and those that are listed below it: "Setup:", and below that "Command:"."""
    if not item.blocks or item.blocks[0].kind is not BlockKind.PARAGRAPH:
        return
    head, *rest = item.blocks
    named = _split(head.runs) if ":" in head.text or (head.runs and head.runs[0].style & STRONG) else None
    key = ""
    if named:
        text = "\n".join([named.text, *map(text_of, rest)]).strip()
        field = _field(named, text, source.span(item), source)
        key = field.key
        yield field
    if key in _OF_OTHERS or key.partition("-")[0] in vocabulary.NOT_OWN:
        return
    for block in rest:
        for nested in block.blocks if block.kind is BlockKind.LIST else ():
            yield from (field for field in _of_item(nested, source) if field.key in _NESTED and field.key != key)


def _of_paragraph(block: Block, following: Block | None, source: SourceText) -> Iterator[Field]:
    """Yield the fields of a paragraph: its lines that begin with a name that is known, or set in bold."""
    if ":" not in block.text and not (block.runs and block.runs[0].style & STRONG):
        return
    lines = _lines(block.runs)
    starts = [
        (index, named)
        for index, line in enumerate(lines)
        if (named := _split(line)) and (named.is_strong or vocabulary.field_key(named.name) in vocabulary.KNOWN_FIELDS)
    ]
    ends = [*(index for index, _ in starts[1:]), len(lines)]
    for (index, named), end in zip(starts, ends, strict=False):
        text = "\n".join([named.text, *(plain(line) for line in lines[index + 1 : end])]).strip()
        first = lines[index][0].line
        last = lines[end][0].line - 1 if end < len(lines) else block.end_line
        if not text and end == len(lines) and following is not None and following.kind in _VALUES:
            # A label on a line of its own names the list, table or code below it.
            text, last = text_of(following).strip(), following.end_line
        yield _field(named, text, Span(source.path, first, last, block.column), source)


_VALUES = (BlockKind.LIST, BlockKind.TABLE, BlockKind.CODE, BlockKind.QUOTE)


_TITLED = frozenset({"result", "interpretation", "conclusion", "decision", "next-action"})
"""Fields whose heading may hold their value, or its beginning, behind a colon."""


def _of_heading(blocks: Sequence[Block], index: int, source: SourceText) -> Iterator[Field]:
    heading = blocks[index]
    name = heading.text.strip().rstrip(":")
    key = vocabulary.field_key(name) if len(name) < _LONGEST else ""
    said = ""
    if key not in vocabulary.KNOWN_FIELDS:  # "Key finding: the loss follows the width"
        name, colon, said = heading.text[:_LONGEST_TITLE].strip().partition(": ")
        key = vocabulary.field_key(name) if colon and len(name) < _LONGEST else ""
        if key not in _TITLED:
            return
    stop = index + 1
    while stop < len(blocks) and not (blocks[stop].kind is BlockKind.HEADING and blocks[stop].level <= heading.level):
        stop += 1
    below = blocks[index + 1 : stop]
    last = below[-1].end_line if below else heading.end_line
    text = "\n".join([*filter(None, [said]), *map(text_of, below)]).strip()
    value = "\n".join([*filter(None, [said]), source.cut(heading.end_line + 1, last).lstrip("\n")])
    yield Field(Span(source.path, heading.line, last, heading.column), name, key, value, text, is_pending(text))


_CODE_FIRST = re.compile(r"(`{1,3})(?!`)(?P<code>[^`]{1,2000})\1(?!`)")
_RUN_OF = re.compile(
    r"\b(?:runs?|evaluation|eval|training|benchmark|probe|sweep|profile|replay|smoke|test|tests|analysis)$"
)


def _field(named: _Named, text: str, span: Span, source: SourceText) -> Field:
    value = _value(source.lines[span.line - 1 : span.end_line], text)
    key = vocabulary.field_key(named.name)
    if key in {"run", "interpretation"} or key not in vocabulary.KNOWN_FIELDS:
        # "Exact run: `uv run …`" and "Evaluation: `python -m …`" are commands, whatever they are called.
        code = _CODE_FIRST.match(value) if _RUN_OF.search(named.name.casefold()) else None
        key = "command" if code and " " in code["code"].strip() and vocabulary.is_command(code["code"]) else key
    return Field(span, named.name, key, value, text, is_pending(text))


_COLON = re.compile(r"`+[^`]*`+|<[^<>]*>|\]\([^()]*\)|\([^()]*\)|~~[^~]*~~|\\.|(?P<colon>:)")
_START = re.compile(r"\s*+(?:[-+*]\s++|\d{1,9}[.)]\s++)?+(?:\[.\]\s++)?+(?P<mark>\*{1,3}|_{1,3})")


def _value(rows: Sequence[str], text: str) -> str:
    """Return the Markdown after the name and its colon, with later lines dedented."""
    colon = next((match for match in _COLON.finditer(rows[0], 0, 4 * _LONGEST) if match["colon"]), None)
    if not colon:
        return text
    before, first = rows[0][: colon.start()], rows[0][colon.end() :]
    start = _START.match(before)
    if start and start["mark"] not in before[start.end() :]:  # The bold or italic type ends behind the colon.
        mark = start["mark"]
        first = first[len(mark) :] if first.startswith(mark) else first.rstrip().removesuffix(mark)
    first = first.strip()
    if not text.partition("\n")[0].endswith("\\"):  # What a reader does not see breaks the line.
        first = first.removesuffix("\\")
    rest = dedented(rows[1:]) if len(rows) > 1 else ""
    if not rest.strip():
        return first
    return f"{first}\n{rest}" if first else rest.lstrip("\n")


def _lines(runs: Sequence[InlineRun]) -> list[list[InlineRun]]:
    return [list(line) for is_break, line in groupby(runs, key=lambda run: run.text == "\n") if not is_break]


_HIDDEN = HTML | STRUCK
_NAME_END = re.compile(r"[^:()]*+(?:\([^()]*+\)[^:()]*+)*+:")


def _split(runs: Sequence[InlineRun]) -> _Named | None:
    """Return the name before the first colon and the text after it; None if there is no name.

    Code may stand in the name ("H100 job `/user/name`: passed"): then it belongs to the value.
    """
    name, code, is_strong = "", [], False
    if stop := _stopped(runs):
        return stop
    for index, run in enumerate(runs):
        if run.style & _HIDDEN:
            continue
        if run.style & CODE and name:
            code += [run.text] if name.count("(") == name.count(")") else []
            continue
        name += run.text
        is_strong = is_strong or bool(run.style & STRONG)
        if end := _NAME_END.match(name[:_LONGEST]):
            rest = name[end.end() :] + "".join([item.text for item in runs[index + 1 :] if not item.style & _HIDDEN])
            name = _clean(end[0][:-1])
            # "https://…", "12:30" and "3:1" are a URL, a time and a ratio.
            if not name or rest.startswith("//") or (name[-1].isdigit() and rest[:1].isdigit()):
                return None
            if code and vocabulary.field_key(name) not in vocabulary.ENTRY_FIELDS:
                return None
            return _Named(name, " ".join(filter(None, [*code, rest.strip()])), is_strong)
        if run.style & CODE or run.text == "\n" or len(name) > _LONGEST:
            return None
    return None


def _stopped(runs: Sequence[InlineRun]) -> _Named | None:
    """Return a name that is set in bold and ends with a stop: "**Next.** Run the second seed."."""
    first = runs[0] if runs else None
    if not first or not first.style & STRONG or first.style & _HIDDEN or not first.text.rstrip().endswith("."):
        return None
    name = _clean(first.text.rstrip()[:_LONGEST].rstrip(". "))
    if vocabulary.field_key(name) not in vocabulary.ENTRY_FIELDS:
        return None
    rest = "".join(run.text for run in runs[1:] if not run.style & _HIDDEN).strip()
    return _Named(name, rest, is_strong=True) if rest else None


@lru_cache(maxsize=1024)
def _clean(name: str) -> str:
    """Return a field's name without asides, marks and emoji; empty for what is not a name."""
    name = vocabulary.ICONS.sub("", " ".join(vocabulary.without_asides(name).split()).strip("*_ "), count=1)
    return name if _NAME.fullmatch(name) and name.count(" ") <= 5 else ""
