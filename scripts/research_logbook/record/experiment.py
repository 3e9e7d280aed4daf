"""Everything that carries one experiment ID: entries, commit, snapshots, runs, comments, and what is missing."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from research_logbook.github.models import Comment
from research_logbook.logbook.model import Entry, EntryKind, Logbook
from research_logbook.logbook.queries import has_result, pending_result
from research_logbook.logbook.references import commands_of, commit_of
from research_logbook.markdown.escape import json_text, terminal_line

_ID = re.compile(r"[A-Z][A-Z0-9]{0,20}(?:-[A-Z0-9]{1,20}){0,4}-\d{1,5}[a-z]?")


def is_id(text: str) -> bool:
    """Return whether a text is one experiment ID."""
    return _ID.fullmatch(text) is not None


def names(text: str, name: str) -> bool:
    """Return whether a text names the ID, alone or at the start of a run's name."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![A-Za-z0-9])", text) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A logbook that has the ID, and the branch it was found on; empty for the work tree."""

    book: Logbook
    branch: str


@dataclass(frozen=True, slots=True)
class TracedEntry:
    """An entry with the ID."""

    path: str
    branch: str
    line: int
    when: str
    label: str
    kind: str
    command: str
    """The first command it records; empty where it has none."""
    commit: str
    result: str
    is_pending: bool
    has_result: bool
    runs: tuple[str, ...]
    """What it says of its runs: links to W&B, else the field."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot tag of the ID and its commit."""

    tag: str
    commit: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of one experiment."""

    id: str
    entries: tuple[TracedEntry, ...]
    snapshots: tuple[Snapshot, ...]
    issue: int | None
    comments: tuple[Comment, ...] | None
    """Those on the issue that name the ID; None where GitHub was not asked."""
    unknown_commits: tuple[str, ...]
    """Commits that the entries record and this clone has not."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What the record of an experiment has and this one lacks, in words."""
        return tuple(_missing(self))


def entries_of(name: str, found: Iterable[Found]) -> tuple[TracedEntry, ...]:
    """Return the entries with the ID."""
    return tuple(
        _traced(entry, one)
        for one in found
        for entry in one.book.everything
        if name in (*entry.ids, *entry.heading_ids)
    )


def _traced(entry: Entry, found: Found) -> TracedEntry:
    result = next((field for field in entry.all("result") if not field.is_pending), entry.first("result"))
    command = next((place.text for place in commands_of(entry)), "")
    return TracedEntry(
        path=found.book.path,
        branch=found.branch,
        line=entry.span.line,
        when=entry.when.written if entry.when else "",
        label=entry.label,
        kind=str(entry.kind),
        command=command.strip(),
        commit=commit_of(entry) or "",
        result=result.text if result else "",
        is_pending=pending_result(entry) is not None,
        has_result=has_result(entry),
        runs=tuple(_runs(entry)),
    )


def _runs(entry: Entry) -> Iterator[str]:
    links = list(dict.fromkeys(link.url for link in entry.links if re.match(r"https?://[^/]*wandb", link.url)))
    yield from links or (item.text for item in entry.all("run"))


def is_snapshot_of(tag: str, name: str) -> bool:
    """Return whether a snapshot tag is one of the ID, or a later one of it: `MOE-HC-003.2`."""
    return re.fullmatch(rf"{re.escape(name)}(?:\.\d+)?", tag.rpartition("/")[2]) is not None


def _missing(trace: Trace) -> Iterator[str]:
    entries = [entry for entry in trace.entries if entry.kind == EntryKind.EXPERIMENT] or list(trace.entries)
    if not any(entry.command for entry in entries):
        yield "no entry records its command"
    if not any(entry.commit for entry in entries):
        yield "no entry records its commit"
    yield from (f"commit {commit} is not in this clone" for commit in trace.unknown_commits)
    if not any(entry.has_result for entry in entries):
        yield "its result is pending" if any(entry.is_pending for entry in entries) else "no entry has a result"
    if not any(entry.runs for entry in entries):
        yield "no entry links a run"
    if not trace.snapshots:
        yield "no snapshot tag is named for it"
    if trace.issue is None:
        yield "its logbook names no issue"
    elif trace.comments == ():
        yield f"no comment on #{trace.issue} names it"


_LONGEST = 160


def trace_text(trace: Trace) -> str:
    """Return a line for each thing that carries the ID, and what is missing."""
    return "".join(f"{line}\n" for line in _lines(trace))


def _lines(trace: Trace) -> Iterator[str]:
    yield trace.id
    for entry in trace.entries:
        yield from (f"  {name:<9} {terminal_line(value, _LONGEST)}" for name, value in _about(entry) if value)
    yield from (f"  snapshot  {terminal_line(one.tag)} at {one.commit[:12]}" for one in trace.snapshots)
    if trace.issue is not None:
        yield f"  issue     #{trace.issue}"
    for comment in trace.comments or ():
        yield f"  comment   {terminal_line(f'{comment.url} by {comment.author}')}, {comment.created_at:%Y-%m-%d}"
    yield from (f"  missing   {terminal_line(what)}" for what in trace.missing)
    if trace.comments is None and trace.issue is not None:
        yield "  unknown   comments: GitHub was not asked; set GITHUB_TOKEN or GH_TOKEN"


def _about(entry: TracedEntry) -> Iterator[tuple[str, str]]:
    where = f" on {entry.branch}" if entry.branch else ""
    yield "entry", f"{entry.path}:{entry.line}{where}: {entry.when} {entry.label} ({entry.kind})"
    yield "command", entry.command
    yield "commit", entry.commit
    yield "result", entry.result
    for run in entry.runs:
        yield "run", run


def trace_json(trace: Trace) -> str:
    """Return `{"version": 1, "id", "entries", "snapshots", "issue", "comments", "missing"}`."""
    comments = trace.comments
    return json_text(
        {
            "version": 1,
            "id": trace.id,
            "entries": [asdict(entry) for entry in trace.entries],
            "snapshots": [asdict(one) for one in trace.snapshots],
            "issue": trace.issue,
            "comments": None
            if comments is None
            else [{"url": one.url, "author": one.author, "created": one.created_at.isoformat()} for one in comments],
            "missing": list(trace.missing),
        }
    )
