"""One experiment as text and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict

from research_logbook.markdown.escape import json_text, terminal_line
from research_logbook.record.experiment import Trace, TracedEntry

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
