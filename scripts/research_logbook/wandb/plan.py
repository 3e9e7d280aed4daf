"""Which W&B runs are a research thread's, what they are compared by, and where they and the logbook disagree. Pure."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Any
from urllib.parse import unquote

from research_logbook.issues import IssueText
from research_logbook.logbook import experiment_ids, vocabulary
from research_logbook.logbook.model import Entry, EntryKind, Logbook
from research_logbook.render import enumerated
from research_logbook.wandb.links import parse_run_link
from research_logbook.wandb.metric_choice import better_by_name, choose_metrics
from research_logbook.wandb.metric_crosscheck import mismatches
from research_logbook.wandb.runs import (
    AGGREGATES,
    FAILED,
    LAST,
    RUNNING,
    Better,
    MetricFormat,
    Run,
    RunKey,
    metric_format,
)

MOST_LINES = 8
"""Lines of a chart."""


# Finding the runs


@dataclass(frozen=True, slots=True)
class WandbThread:
    """What a logbook and its issue say of the runs of their thread."""

    book: Logbook
    linked: frozenset[RunKey]
    """Runs, groups and sweeps that the logbook or the issue links."""
    mentions: Mapping[RunKey | str, tuple[Entry, ...]]
    """The entries that link a run, its group or its sweep, or have one's ID or name in a field for that."""
    unlisted: tuple[str, ...]
    """Projects that are linked and that the configuration does not list."""
    host: str
    """The W&B server that is read, by the address of its API; links to another are none."""

    def owns(self, run: Run) -> bool:
        """Return whether a run is the thread's: it is linked or named, or has its tags or an ID of its prefix.

        As a run is linked or named, so may be its group or its sweep; the ID may be that of its group, or a tag.
        """
        tags = self.book.header.tags
        return (
            not self.linked.isdisjoint(run.ways)
            or bool(self.entries_of(run))
            or bool(tags and set(tags) <= set(run.tags))
            or bool(self.own_ids(run))
        )

    def entries_of(self, run: Run) -> tuple[Entry, ...]:
        """Return the entries that link or name a run, its group or its sweep."""
        ways: tuple[RunKey | str, ...] = (*run.ways, run.id, run.name, run.group, run.sweep)
        return tuple({entry.span.line: entry for way in ways for entry in self.mentions.get(way, ())}.values())

    def own_ids(self, run: Run) -> tuple[str, ...]:
        """Return the experiment IDs that a run has at W&B: in its name, else as its group, else as tags."""
        texts = (run.name, run.group, " ".join(run.tags))
        return next(filter(None, (ids_in(text, self.book.prefix) for text in texts)), ())

    def ids(self, run: Run) -> tuple[str, ...]:
        """Return the experiment IDs of a run: its own, else those of the entries that link or name it."""
        return self.own_ids(run) or tuple(dict.fromkeys(name for entry in self.entries_of(run) for name in entry.ids))

    def api_filters(self, project: str) -> dict[str, Any] | None:
        """Return what asks W&B for the thread's runs in a project, as `Api.runs` has it; None for nothing to ask."""
        linked = [link for link in self.linked if link.project == project.casefold()]
        named = {name for name in self.mentions if isinstance(name, str)}
        runs = sorted({link.run for link in linked if link.run} | named)
        groups = sorted({link.group for link in linked if link.group} | named)
        sweeps = sorted({link.sweep for link in linked if link.sweep} | named)
        tags, prefix = self.book.header.tags, self.book.prefix
        ids = sorted({name for entry in self.book.everything for name in entry.ids})[:_MOST_IDS]
        ways: list[dict[str, Any]] = []
        if runs:
            ways += [{"name": {"$in": runs}}, {"displayName": {"$in": runs}}]
        ways += [{"group": {"$in": groups}}] if groups else []
        ways += [{"sweep": {"$in": sweeps}}] if sweeps else []
        if tags:
            ways.append({"$and": [{"tags": {"$in": [tag]}} for tag in tags]})
        if prefix:
            is_one = {"$regex": f"(?i){re.escape(prefix)}-[0-9]"}
            ways += [{"displayName": is_one}, {"group": is_one}]
            ways += [{"tags": {"$in": ids}}] if ids else []
        return {"$or": ways} if ways else None


_MOST_IDS = 500
"""Experiment IDs that are looked for as tags."""


def thread_of(book: Logbook, issue: IssueText, host: str, projects: Collection[str]) -> WandbThread:
    """Return the thread of a logbook and its issue; links into projects that are not listed are only named."""
    urls = [*(link.url for link in book.links), *(link.url for link in issue.links if link.url)]
    found = [link for url in dict.fromkeys(urls) if (link := parse_run_link(url, host))]
    listed = {project.casefold() for project in projects}
    mentions: dict[RunKey | str, tuple[Entry, ...]] = {}
    for entry in book.everything:
        links = (parse_run_link(link.url, host) for link in entry.links)
        ways: set[RunKey | str] = {link.folded for link in links if link and link.has_runs}
        among = (field for field in entry.fields if vocabulary.slug(field.name) in _AMONG and not field.is_empty)
        for field in (*entry.all("run"), *among):  # what is in backticks there, or the only word
            only = _ONE_WORD.fullmatch(field.value.strip()[:129])
            ways.update(_RUN_NAME.findall(field.value[:10_000]) or ([only[0]] if only else []))
        for way in ways:
            mentions[way] = (*mentions.get(way, ()), entry)
    return WandbThread(
        book,
        frozenset(link.folded for link in found if link.has_runs and link.project.casefold() in listed),
        mentions,
        tuple(dict.fromkeys(link.project for link in found if link.project.casefold() not in listed)),
        host,
    )


_AMONG = frozenset({"group", "run-group", "wandb-group", "w-b-group", "sweep", "sweep-id", "wandb-sweep", "w-b-sweep"})
"""What fields are called that name a group or a sweep of runs."""
_RUN_NAME = re.compile(r"`([^`\n]{4,128})`")
_ONE_WORD = re.compile(r"[\w.:-]{4,128}")


def ids_in(name: str, prefix: str) -> tuple[str, ...]:
    """Return the experiment IDs in a run's name, which may be in small letters there."""
    return experiment_ids.found(name[:500], prefix) or experiment_ids.found(name[:500].upper(), prefix)


# Comparing them


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """A metric in the summary."""

    metric: str
    better: Better | None
    """None if nothing says it."""
    best: float | None
    """The best value of a finished run; None if there is none, or no other to compare, or nothing says which is it."""
    form: MetricFormat
    kind: str = LAST
    """What of the metric is compared: the last value, or another that W&B keeps, such as `min`."""

    def value(self, run: Run) -> float | None:
        """Return what is compared of a run; None where it has nothing of that kind."""
        found = run.value(self.metric, self.kind)
        return found[0] if found and found[1] == self.kind else None


class RemarkKind(StrEnum):
    """What a reader has to know about, as its heading has it."""

    DISAGREES = "The logbook and W&B disagree"
    FAILED = "Did not finish"
    NAMING = "Names and tags"
    UNMATCHED = "Unmatched"
    UNLISTED = "Not read"


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The runs of a thread, compared."""

    thread: WandbThread
    runs: tuple[Run, ...]
    """By experiment ID as the logbook has them, then by when they began."""
    columns: tuple[MetricColumn, ...]
    baseline: Run | None
    remarks: Mapping[RemarkKind, Sequence[str]]
    """Sentences of each kind."""

    @property
    def primary(self) -> MetricColumn | None:
        """The metric that is charted."""
        return self.columns[0] if self.columns else None

    @property
    def charted(self) -> tuple[Run, ...]:
        """Return the runs whose course is drawn: the baseline, then the best or, if nothing says which, the newest."""
        primary = self.primary
        if primary is None:
            return ()
        valued = [run for run in self.runs if primary.metric in run.summary and run is not self.baseline]
        if primary.better is None:
            ranked = sorted(valued, key=lambda run: run.created_at, reverse=True)
        else:
            sign = 1 if primary.better is Better.LOWER else -1
            values = {run.key: sign * number for run in valued if (number := primary.value(run)) is not None}
            worst_last = {key: math.inf if math.isnan(value) else value for key, value in values.items()}
            # A run that failed may have stopped where others were no worse.
            ranked = sorted(
                valued,
                key=lambda run: (run.state in FAILED, worst_last.get(run.key, math.inf), run.created_at),
            )
        first = [self.baseline] if self.baseline and primary.metric in self.baseline.summary else []
        chosen = {run.key for run in [*first, *ranked][:MOST_LINES]}
        return tuple(run for run in self.runs if run.key in chosen)


def compare_runs(
    thread: WandbThread, found: Iterable[Run], metrics: Sequence[str], better: Mapping[str, str], baseline: str = ""
) -> RunComparison:
    """Return the summary of the thread's runs among those that were found.

    `metrics` are the configured ones, `better` says of metrics whether `lower` or `higher` is better, and
    `baseline` names the run to compare with by its experiment ID, name or ID.
    """
    ids = dict.fromkeys(name for entry in thread.book.everything for name in entry.ids)
    places = {name: place for place, name in enumerate(ids)}
    mine = {run.key: run for run in found if thread.owns(run)}

    def order(run: Run) -> tuple[int, str, str, list[str], str]:
        own = thread.ids(run)
        place = min((places.get(name, len(places)) for name in own), default=len(places) + 1)
        return place, own[0] if own else "", run.created_at, _natural(run.name), run.id

    runs = tuple(sorted(mine.values(), key=order))
    chosen = choose_metrics(runs, thread.book, metrics)
    said = dict(chosen.better) | {name: Better(side) for name, side in better.items()}
    columns = tuple(_column(name, runs, said) for name in chosen.metrics)
    unlisted = [f"`{project}` is linked, but not listed under `wandb.projects`" for project in thread.unlisted]
    remarks = {
        RemarkKind.DISAGREES: list(_disagreements(runs, thread)),
        RemarkKind.FAILED: [f"{shown(run)}: {run.state}" for run in runs if run.state in FAILED],
        RemarkKind.NAMING: list(_naming(runs, thread)),
        RemarkKind.UNMATCHED: list(_unmatched(runs, thread)),
        RemarkKind.UNLISTED: unlisted,
    }
    return RunComparison(thread, runs, columns, _baseline(runs, thread, baseline), remarks)


def _natural(name: str) -> list[str]:
    """Return what sorts names as people count: `eager-sweep-9` before `eager-sweep-10`."""
    return [part.zfill(20) if part.isdigit() else part for part in re.split(r"(\d+)", name[:200])]


def _column(name: str, runs: Sequence[Run], better: Mapping[str, Better]) -> MetricColumn:
    """Return a metric's column: what most runs keep of it is compared, and which is better is said or plain."""
    defined = Counter(run.better[name] for run in runs if name in run.better)
    said = better.get(name) or next((way for way, _ in defined.most_common(1)), better_by_name(name))
    if name not in better and len(defined) > 1:
        said = None
    kinds = Counter(kind for run in runs for kind in run.kinds(name))
    kind = min(kinds, key=lambda it: (-kinds[it], AGGREGATES.index(it)), default=LAST)
    column = MetricColumn(
        name, said, None, metric_format(name, [run.summary[name] for run in runs if name in run.summary]), kind
    )
    values = [(run, number) for run in runs if (number := column.value(run)) is not None]
    real = [number for run, number in values if run.state == "finished" and math.isfinite(number)]
    if said is None or not real or len(values) < 2:
        return column
    return replace(column, best=min(real) if said is Better.LOWER else max(real))


def _baseline(runs: Sequence[Run], thread: WandbThread, configured: str) -> Run | None:
    """Return the run to compare with: the configured one, else the one that the logbook's baseline names."""
    if configured:
        return next((run for run in runs if configured in {run.id, run.name, *thread.ids(run)}), None)
    book = thread.book
    sections = list(book.named("baseline"))
    own = {name for section in sections for name in experiment_ids.found(section.text, book.prefix)}
    urls = {
        unquote(link.url)
        for link in book.links
        for section in sections
        if section.span.line <= link.span.line <= section.end_line
    }
    linked = (run for run in runs if any(f"{run.project}/runs/{run.id}" in url for url in urls))
    named = (run for run in runs if not own.isdisjoint(thread.ids(run)))
    tagged = (run for run in runs if "baseline" in run.tags)
    return next(chain(linked, named, tagged), None)


# What does not fit together


def shown(run: Run) -> str:
    """Return how remarks speak of a run."""
    return f"“{run.name[:80]}”" + (f" ({run.id[:80]})" if run.name != run.id else "")


def _naming(runs: Iterable[Run], thread: WandbThread) -> Iterator[str]:
    """Say which runs break the rules for names and tags (research workflow, Prologue 4 and 5)."""
    book = thread.book
    for run in runs:
        if book.prefix and not thread.own_ids(run):
            yield f"{shown(run)} has no experiment ID in its name or as its group, such as `{book.prefix}-001`"
        lacking = [f"`{tag}`" for tag in book.header.tags if tag not in run.tags]
        if lacking:
            tags = "tag" if len(lacking) == 1 else "tags"
            yield f"{shown(run)} lacks the shared {tags} {enumerated(lacking)}"


def _kind(run: Run, metric: str) -> str:
    kind = run.kept.get(metric, LAST)
    return "" if kind == LAST else f" ({kind})"


def _unmatched(runs: Sequence[Run], thread: WandbThread) -> Iterator[str]:
    book = thread.book
    experiments = (entry for entry in book.everything if entry.kind is EntryKind.EXPERIMENT)
    wanted = dict.fromkeys(
        name for entry in experiments for name in entry.ids if experiment_ids.prefix_of(name) == book.prefix
    )
    have = {name for run in runs for name in thread.ids(run)}
    missing = [name for name in wanted if name not in have]
    if missing:
        yield f"no run found for {enumerated(missing)}"
    known = {name for entry in book.everything for name in entry.ids}
    for run in runs:
        if known.isdisjoint(thread.ids(run)) and not thread.entries_of(run):
            yield f"no logbook entry is about {shown(run)}"


def _disagreements(runs: Sequence[Run], thread: WandbThread) -> Iterator[str]:
    book = thread.book
    lines = book.text.split("\n")
    names = {run.key: {run.name, run.id, *thread.ids(run)} for run in runs}
    lines_of: dict[str, list[int]] = {}
    for entry in book.everything:
        for name in entry.ids:
            lines_of.setdefault(name, []).append(entry.span.line)
    about: dict[int, list[Run]] = {}  # the runs of each entry, by the line of its heading
    for run in runs:
        if run.state not in RUNNING:
            named = {line for name in thread.ids(run) for line in lines_of.get(name, ())}
            for line in named | {entry.span.line for entry in thread.entries_of(run)}:
                about.setdefault(line, []).append(run)
    for entry in book.everything:
        own = about.get(entry.span.line, [])
        for found in mismatches(entry, own, lines, names) if own else ():
            theirs = [run for run in found.runs or own if found.metric in run.summary]
            ends = ", ".join(
                f"{MetricFormat().value(run.summary[found.metric])}{_kind(run, found.metric)} for {shown(run)}"
                for run in theirs[:3]
            )
            more = f" and {len(theirs) - 3} more" if len(theirs) > 3 else ""
            where = f"`{book.path}:{found.line}` says {found.written} for `{found.metric}`"
            yield f"{where}; W&B ends at {ends}{more}"
