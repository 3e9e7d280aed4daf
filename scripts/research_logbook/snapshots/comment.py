"""A snapshot as the comment that reproduces it, as a line of a list, and as a page in the terminal."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

import msgspec

from research_logbook.logbook.model import Field, Table
from research_logbook.markdown.escape import block, json_text, link, markdown, prose, row, terminal, terminal_line
from research_logbook.render import counted
from research_logbook.snapshots.candidates import ENVIRONMENT, SnapshotCandidate
from research_logbook.snapshots.tag_message import SnapshotTag, bounded

_MOST_ROWS = 20
_MOST_COLUMNS = 12
_MOST_FILES = 20
_CONFIGURATIONS = (".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".conf", ".gin", ".env")


def comment(evidence: SnapshotCandidate, tag: str, gaps: Sequence[str], site: str) -> str:
    """Return the comment on a snapshot, Markdown; `site` is the address of the repository's page.

    Source: task-snapshot: tag, links pinned to the commit, exact commands, hardware, the primary table.
    """
    return "\n\n".join(filter(None, _parts(evidence, tag, gaps, f"{site}/blob/{evidence.commit.hash}", site))) + "\n"


def _parts(evidence: SnapshotCandidate, tag: str, gaps: Sequence[str], pinned: str, site: str) -> Iterator[str]:
    digest = evidence.commit.hash
    head = f"{link(tag, f'{site}/tree/{quote(tag)}')} at commit {link(digest[:10], f'{site}/commit/{digest}')}"
    yield f"**Snapshot** {head}"
    yield "\n".join(f"- {line}" for line in _facts(evidence, pinned, site))
    yield f"Commands:\n\n{block(bounded(chr(10).join(evidence.commands)), 'sh')}"
    for name, keys in (("Configuration", ("config",)), ("Environment", ENVIRONMENT)):
        yield _fields(name, evidence.said(*keys))
    if evidence.entry.tables:
        yield _table(evidence.entry.tables[0], _entry_url(evidence, pinned))
    yield f"To run it again:\n\n{block(chr(10).join(checkout(tag)), 'sh')}"
    if gaps:
        missing = "\n".join(f"- {markdown(gap)}" for gap in gaps)
        yield f"Before it counts as evidence:\n\n{missing}"


def _facts(evidence: SnapshotCandidate, pinned: str, site: str) -> Iterator[str]:
    entry = evidence.entry
    yield f"Logbook: {link(f'{evidence.topic}, {entry.heading}', _entry_url(evidence, pinned), 200)}"
    if evidence.code:
        yield f"Code: {link(evidence.code[:12], f'{site}/commit/{evidence.code}')}"
    if evidence.is_preregistration:
        yield "Result: pending, so this is a preregistration"
    others = [path for path in evidence.candidate.touched if path != evidence.path]
    configurations = [path for path in others if path.endswith(_CONFIGURATIONS)]
    artefacts = [path for path in others if not path.endswith(_CONFIGURATIONS)]
    for name, paths in (("Configurations", configurations), ("Artefacts", artefacts)):
        if paths:
            yield f"{name}: {_files(paths, pinned, f'{site}/commit/{evidence.commit.hash}')}"
    if evidence.runs:
        runs = (link(_run_name(run.text, run.url), run.url, 100) for run in evidence.runs[:_MOST_FILES])
        yield f"W&B: {', '.join(runs)}"


def _entry_url(evidence: SnapshotCandidate, pinned: str) -> str:
    span = evidence.entry.span
    return f"{pinned}/{_path(evidence.path)}?plain=1#L{span.line}-L{span.end_line}"


def _path(path: str) -> str:
    return quote(path, errors="surrogateescape")


def _files(paths: Sequence[str], pinned: str, more: str) -> str:
    links = [link(path, f"{pinned}/{_path(path)}", 120) for path in paths[:_MOST_FILES]]
    rest = len(paths) - len(links)
    return ", ".join([*links, *([link(f"{rest} more", more)] if rest else [])])


def _run_name(text: str, url: str) -> str:
    """Return what a link to a run is called: its text, or the end of a bare address."""
    return text if "://" not in text else url.partition("?")[0].rstrip("/").rpartition("/")[2]


def _fields(name: str, fields: Iterable[Field]) -> str:
    texts = [field.text for field in fields]
    if len(texts) == 1 and "\n" not in texts[0]:
        return f"{name}: {markdown(texts[0])}"
    return f"{name}:\n\n{block(bounded(chr(10).join(texts)), 'text')}" if texts else ""


def _table(table: Table, url: str) -> str:
    width = min(len(table.header), _MOST_COLUMNS)
    lines = [row(markdown(cell, 200) for cell in line[:width]) for line in (table.header, *table.rows[:_MOST_ROWS])]
    rest = len(table.rows) - _MOST_ROWS
    note = link(f"{counted(rest, 'more row')} in the logbook", url) if rest > 0 else ""
    return "\n".join([lines[0], row(["---"] * width), *lines[1:]]) + f"\n\n{note}".rstrip()


def checkout(tag: str) -> tuple[str, str]:
    """Return the command lines that bring a snapshot's tree back."""
    name = shlex.quote(tag)
    return f"git fetch origin tag {name}", f"git switch --detach {name}"


def listing(snapshots: Iterable[tuple[SnapshotTag, str]], form: str = "text") -> str:
    """Return a line for each snapshot with the day it was made: tag, commit, day, title; or all of it as JSON."""
    if form == "json":
        return json_text(
            {"version": 1, "snapshots": [{**msgspec.to_builtins(it), "day": day} for it, day in snapshots]}
        )
    return "".join(
        f"{terminal_line(it.tag)}  {it.commit[:12]}  {day}  {terminal_line(it.message.partition(chr(10))[0], 100)}\n"
        for it, day in snapshots
    )


def page(snapshot: SnapshotTag, commands: str, gaps: Sequence[str], form: str = "text") -> str:
    """Return what a snapshot says, how to run it again, and what is missing for that; or all of it as JSON."""
    if form == "json":
        told = {"snapshot": msgspec.to_builtins(snapshot), "commands": commands, "missing": list(gaps)}
        return json_text({"version": 1, **told})
    name = shlex.quote(snapshot.tag)
    parts = [
        f"{snapshot.tag} at {snapshot.commit}",
        f"message:\n\n{_indented(snapshot.message)}" if snapshot.message else "it has no message",
        f"commands:\n\n{_indented(commands)}" if commands else "commands: none",
        "to check it out, here or beside the work tree:\n\n"
        + _indented(f"git switch --detach {name}\ngit worktree add ../snapshot {name}"),
        "missing before it counts as evidence:\n\n" + _indented("\n".join(f"- {gap}" for gap in gaps))
        if gaps
        else "nothing is missing to reproduce it, as far as the logbook tells",
    ]
    return "\n\n".join(map(terminal, parts)) + "\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.strip("\n").split("\n"))


def told(evidence: SnapshotCandidate) -> Iterator[str]:
    """Yield the texts of others that a comment holds, as they were written: escaped, a secret could pass unseen."""
    yield from (evidence.entry.heading, evidence.topic, *evidence.candidate.touched)
    yield from evidence.commands
    yield from (field.text for keys in (("config",), ENVIRONMENT) for field in evidence.said(*keys))
    yield from (f"{run.text} {run.url}" for run in evidence.runs)
    if evidence.entry.tables:
        table = evidence.entry.tables[0]
        yield from (" | ".join(cells) for cells in (table.header, *table.rows))


def others(number: int) -> Iterator[str]:
    """Yield a sentence about refused commits that a run was not started for."""
    if number:
        lack = "has" if number == 1 else "have"
        yield f"{counted(number, 'older snapshot commit')} {lack} no tag: `logbook snapshot --branch NAME` says why"


def summary(effects: Iterable[str], notes: Sequence[str]) -> str:
    """Return what a run does about snapshots, Markdown for the job summary; empty for nothing."""
    lines = [f"- {prose(text)}" for text in (*effects, *notes)]
    return "\n".join(["### logbook: snapshots", "", *lines, ""]) if lines else ""
