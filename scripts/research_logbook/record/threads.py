"""What the pages show of a thread: its state, its experiments, where its metric stands, and what is stuck. Pure.

`ThreadFacts` is what the front page, the search and other programs need of it, and what `record.json` keeps: a thread
that has not changed is not read again.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import msgspec

from research_logbook.issues import read
from research_logbook.logbook.model import Entry, Hypothesis, Logbook, Section, Status
from research_logbook.logbook.queries import EntryOutcome, has_content, oldest_first, outcome_of, unanswered
from research_logbook.markdown.escape import one_line
from research_logbook.record.metric_progress import MetricProgress, progress_of
from research_logbook.record.sources import IssueFacts, ThreadSource

BOARD = (Status.ACTIVE, Status.PROPOSED, Status.BLOCKED, Status.SUPPORTED, Status.FALSIFIED, Status.PROMOTED)
"""The columns of the hypothesis queue: what is open first."""
OPEN = frozenset(BOARD[:3])
_NEWEST = 5
"""Entries of a thread that can be among the newest of all."""
_LONGEST = 200
"""Characters of a sentence on the front page."""


class Standing(StrEnum):
    """Where a thread stands, by its issue."""

    OPEN = "open"
    SEALED = "sealed"
    CLOSED = "closed"
    """Closed, and not sealed."""
    UNKNOWN = "unknown"
    """GitHub was not asked, or no issue of this repository is named."""


class ExperimentFacts(msgspec.Struct, frozen=True):
    """An entry with an ID, for the front page and the search."""

    id: str
    label: str
    when: str
    outcome: str


class EntryFacts(msgspec.Struct, frozen=True):
    """An entry on the front page."""

    name: str
    label: str
    when: str
    outcome: str
    said: str
    """Its result in a sentence."""
    page: str


class MetricFacts(msgspec.Struct, frozen=True):
    """Where the primary metric stands."""

    name: str
    baseline: str
    latest: str
    best: str
    """Empty where nothing says which value is better."""
    gain: str
    """Of the best value, else of the latest, against the baseline."""
    is_gain: bool | None
    values: tuple[float, ...]


class ThreadFacts(msgspec.Struct, frozen=True):
    """A thread on the front page."""

    slug: str
    path: str
    topic: str
    title: str
    branch: str
    prefix: str
    tags: tuple[str, ...]
    digest: str
    """Of the logbook's text."""
    issue: int | None = None
    entries: int = 0
    negative: int = 0
    pending: int = 0
    last: EntryFacts | None = None
    newest: tuple[EntryFacts, ...] = ()
    stuck: tuple[str, ...] = ()
    """What waits: results still to come, and blocked hypotheses."""
    refuted: tuple[str, ...] = ()
    metric: MetricFacts | None = None
    hypotheses: dict[str, int] = {}
    experiments: tuple[ExperimentFacts, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Its experiment IDs."""
        return tuple(one.id for one in self.experiments)

    @property
    def open_hypotheses(self) -> int:
        """How many hypotheses are not decided on."""
        return sum(self.hypotheses.get(status, 0) for status in OPEN)

    @property
    def name(self) -> str:
        """What readers call it."""
        return self.title or self.topic


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry, and what came of it."""

    entry: Entry
    outcome: EntryOutcome
    gain: str = ""
    is_gain: bool | None = None

    @property
    def id(self) -> str:
        """The first of its IDs; empty where it has none."""
        return next(iter(self.entry.ids), "")


@dataclass(frozen=True)
class Thread:
    """A thread as its pages show it."""

    slug: str
    source: ThreadSource
    book: Logbook
    issue: IssueFacts | None = None
    tags: Sequence[tuple[str, str]] = ()
    """Its snapshots, newest first, with their commits."""

    @cached_property
    def progress(self) -> MetricProgress | None:
        """How its primary metric went."""
        return progress_of(self.book)

    @cached_property
    def entries(self) -> tuple[EntryView, ...]:
        """Its entries, newest first."""
        progress = self.progress
        figures = {entry.span.line: figure for entry, figure in progress.points} if progress else {}
        views = []
        for entry in oldest_first(self.book)[::-1]:
            figure = figures.get(entry.span.line)
            gain = progress.gain(figure) if progress and figure else ""
            views.append(
                EntryView(entry, outcome_of(entry), gain, progress.is_gain(figure) if progress and figure else None)
            )
        return tuple(views)

    @cached_property
    def board(self) -> Mapping[Status | None, tuple[Hypothesis, ...]]:
        """Its hypotheses by their states; those whose state is not told are under None."""
        columns = {
            status: tuple(one for one in self.book.hypotheses if one.status is status) for status in (*BOARD, None)
        }
        return {status: found for status, found in columns.items() if found}

    @property
    def state(self) -> Standing:
        """Where it stands."""
        return state_of(self.issue)

    @cached_property
    def summary(self) -> tuple[str, str]:
        """Its TL;DR as Markdown, and where that stands; empty where nobody has written one."""
        for names in (("tldr",), ("conclusion",)):
            for section in read(self.issue.body).named(*names) if self.issue else ():
                if section.has_content:
                    return section.text, "issue"
            for own in self.book.named(*names):
                if has_content(own.text, own.title):
                    return self.source_of(own), "logbook"
        return "", ""

    def source_of(self, section: Section) -> str:
        """Return a section's text as it is written, without its heading."""
        lines = self.book.text.split("\n")
        return "\n".join(lines[section.head.end_line : section.end_line])

    def sections(self, *names: str) -> list[tuple[str, str]]:
        """Return title and text of the sections of these names that say something."""
        found = (section for section in self.book.named(*names) if has_content(section.text, section.title))
        return [(section.title, self.source_of(section)) for section in found]


def state_of(issue: IssueFacts | None) -> Standing:
    """Return where a thread stands, by its issue."""
    if issue is None:
        return Standing.UNKNOWN
    if issue.is_open:
        return Standing.OPEN
    return Standing.SEALED if issue.is_sealed else Standing.CLOSED


def facts_of(thread: Thread, issue: int | None) -> ThreadFacts:
    """Return what the front page shows of a thread; nothing in it depends on GitHub or on the day."""
    book = thread.book
    outcomes = Counter(view.outcome for view in thread.entries)
    newest = tuple(_entry(view) for view in thread.entries[:_NEWEST])
    stuck = [f"{_name(entry)}: result pending since {_day(entry) or 'its entry'}" for entry, _ in unanswered(book)]
    stuck += [f"{one.name} is blocked: {_short(one.claim or one.text)}" for one in thread.board.get(Status.BLOCKED, ())]
    refuted = [f"{one.name}: {_short(one.claim or one.text)}" for one in thread.board.get(Status.FALSIFIED, ())]
    experiments: dict[str, ExperimentFacts] = {}
    for view in thread.entries[::-1]:
        for name in view.entry.ids:
            experiments[name] = ExperimentFacts(name, _short(view.entry.label), _day(view.entry), view.outcome)
    return ThreadFacts(
        slug=thread.slug,
        path=book.path,
        topic=book.topic,
        title=_title(book),
        branch=thread.source.branch,
        prefix=book.prefix,
        tags=book.header.tags,
        digest=thread.source.digest,
        issue=issue,
        entries=len(thread.entries),
        negative=outcomes[EntryOutcome.NEGATIVE],
        pending=outcomes[EntryOutcome.PENDING],
        last=newest[0] if newest else None,
        newest=newest,
        stuck=tuple(stuck),
        refuted=tuple(refuted),
        metric=_metric(thread.progress) if thread.progress else None,
        hypotheses={str(status or "undecided"): len(found) for status, found in thread.board.items()},
        experiments=tuple(experiments.values()),
    )


def _title(book: Logbook) -> str:
    """Return the title without what it says of being a logbook."""
    title = one_line(book.title, _LONGEST)
    for ending in (": Research Logbook", " Research Logbook", ": Logbook", " Logbook", " - Research Logbook"):
        if title.casefold().endswith(ending.casefold()):
            return title[: -len(ending)].rstrip(" :-–—")
    return title


def _metric(progress: MetricProgress) -> MetricFacts:
    best = progress.best
    shown = best or progress.latest
    return MetricFacts(
        name=progress.metric,
        baseline=progress.baseline.written if progress.baseline else "",
        latest=progress.latest[1].written,
        best=best[1].written if best else "",
        gain=progress.gain(shown[1]),
        is_gain=progress.is_gain(shown[1]),
        values=tuple(figure.value for _, figure in progress.points),
    )


def _entry(view: EntryView) -> EntryFacts:
    entry = view.entry
    said = next((field.text for field in entry.all("result") if not field.is_pending), "")
    page = f"experiments/{view.id}.html" if view.id else ""
    return EntryFacts(view.id, _short(entry.label or entry.heading), _day(entry), view.outcome, _short(said), page)


def _name(entry: Entry) -> str:
    return entry.ids[-1] if entry.ids else _short(entry.label or entry.heading)


def _day(entry: Entry) -> str:
    return entry.when.date.isoformat() if entry.when and entry.when.date else ""


def _short(text: str) -> str:
    return one_line(text, _LONGEST)


def age(day: str, as_of: str) -> str:
    """Return how long before another a day was, in words: "3 weeks ago"; both are ISO 8601."""
    days = (dt.date.fromisoformat(as_of) - dt.date.fromisoformat(day)).days
    if days <= 1:
        return "yesterday" if days == 1 else "today" if days == 0 else ""
    for size, word in ((365, "year"), (30, "month"), (7, "week")):
        if days >= 2 * size:
            return f"{days // size} {word}s ago"
    return f"{days} days ago"
