"""A snapshot in words: the message of its tag, the comment that reproduces it, and what the terminal shows of it. Pure.

A message is written for people who run `git show`, and read back years later: text of others is indented there, or on
the line of its name, so that only our own words begin a line.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from research_logbook.github import RepositorySite
from research_logbook.issues.wandb_server import on_wandb
from research_logbook.logbook.model import Link, Table
from research_logbook.markdown.escape import (
    block,
    code,
    json_text,
    link,
    markdown,
    printable,
    row,
    terminal,
    terminal_line,
)
from research_logbook.render import counted
from research_logbook.snapshots.candidates import CodeCommit, SnapshotCandidate

_MOST_ROWS = 20
_MOST_COLUMNS = 12
_MOST_FILES = 20
_CONFIGURATIONS = (".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".conf", ".gin", ".env")
LONGEST = 20_000
"""Characters of the commands, and of each other block."""
_INDENT = "    "
_LONGEST_LINE = 300
_FACT = re.compile(r"^(Topic|Experiment ID|Issue|Logbook|Entry|Commit Hash|Result): (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SnapshotDetails:
    """A snapshot tag and what its message says."""

    tag: str
    commit: str
    topic: str
    experiment_id: str
    """Or the slug that the commit gave in its place."""
    message: str


def message(candidate: SnapshotCandidate) -> str:
    """Return the message of the tag that a snapshot gets."""
    entry, issue = candidate.entry, candidate.issue
    written = issue.written if issue else None
    if issue and issue.number is not None and issue.host in {None, "github.com"}:
        written = f"{issue.repository or ''}#{issue.number}"
    facts = {
        "Topic": candidate.topic,
        "Experiment ID": candidate.name,
        "Issue": written,
        "Logbook": candidate.path,
        "Entry": entry.heading,
        "Commit Hash": candidate.code_commit,
        "Result": "pending, so this is a preregistration" if candidate.is_preregistration else None,
    }
    blocks = {
        "Commands": candidate.commands,
        "Configuration": tuple(field.text for field in candidate.fields("config")),
        "Environment": candidate.environment,
        "W&B": tuple(link.url for link in candidate.wandb_links),
    }
    label = entry.label or entry.heading
    is_named = not entry.ids or any(name in f"{candidate.name} {label}" for name in entry.ids)
    parts = [
        _line(f"{candidate.name}: {label if is_named else f'{entry.name} {label}'}"),
        "\n".join(f"{name}: {_line(value)}" for name, value in facts.items() if value is not None),
    ]
    for name, texts in blocks.items():
        if texts:
            lines = ("\t".join(map(printable, line.split("\t"))) for line in bounded("\n".join(texts)).split("\n"))
            parts.append(f"{name}:\n\n" + _indented("\n".join(lines)))
    return "\n\n".join(parts) + "\n"


def bounded(text: str) -> str:
    """Return a text, a long one cut off with a line that says so."""
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n… cut off here; the logbook at this commit has the rest"


def _line(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def snapshot_of(tag: str, commit: str, text: str) -> SnapshotDetails:
    """Return what a tag says of itself; the name of one that somebody made by hand tells topic and ID."""
    facts = facts_in(text)
    _, topic, name = (*tag.split("/", 2), "", "")[:3]
    named = re.sub(r"\.[1-9][0-9]*\Z", "", name)
    return SnapshotDetails(tag, commit, facts.get("Topic", topic), facts.get("Experiment ID", named), text)


def facts_in(text: str) -> dict[str, str]:
    """Return the facts that a message holds by name, such as `Logbook`; none for one that is not ours."""
    head = text.partition("\n\n")[2].partition("\n\n")[0]
    return dict(_FACT.findall(head))


def block_in(text: str, name: str) -> str:
    """Return a block of a message, such as `Commands`, as it was before it was indented; empty for none."""
    lines = iter(text.split("\n"))
    if f"{name}:" not in lines:
        return ""
    inside = []
    for line in lines:
        if line and not line.startswith(_INDENT):
            break
        inside.append(line.removeprefix(_INDENT))
    return "\n".join(inside).strip("\n")


def comment(candidate: SnapshotCandidate, tag: str, gaps: Sequence[str], site: RepositorySite, wandb_host: str) -> str:
    """Return the comment on a snapshot, Markdown; its links to W&B lead to the server with its API at `wandb_host`.

    Source: task-snapshot: tag, links pinned to the commit, exact commands, hardware, the primary table.
    """
    digest, entry = candidate.commit.hash, candidate.entry
    lines = f"L{entry.span.line}-L{entry.span.end_line}"
    entry_url = f"{site.url('blob', digest, candidate.path)}?plain=1#{lines}"
    name = shlex.quote(tag)
    parts = [
        f"**Snapshot** {link(tag, site.url('tree', tag))} at commit {link(digest[:10], site.url('commit', digest))}",
        "\n".join(f"- {line}" for line in _facts(candidate, entry_url, site, wandb_host)),
        f"Commands:\n\n{block(bounded(chr(10).join(candidate.commands)), 'sh')}",
        _texts("Configuration", [field.text for field in candidate.fields("config")]),
        _texts("Environment", candidate.environment),
        _table(entry.tables[0], entry_url) if entry.tables else "",
        _reproducing(name, candidate.code),
    ]
    if gaps:
        parts.append(
            "Missing to reproduce it from the record alone; to have it pinned, add it to the entry and snapshot again:"
            "\n\n" + "\n".join(f"- {markdown(gap)}" for gap in gaps)
        )
    return "\n\n".join(filter(None, parts)) + "\n"


def _reproducing(tag: str, code: CodeCommit | None) -> str:
    """Return how to check out what ran; `tag` is quoted for a shell."""
    lines, end = [f"git fetch origin tag {tag}", f"git switch --detach {tag}"], ""
    if code and code.hash:
        lines[1:] = [
            *([] if code.is_ancestor else [f"git fetch origin {code.hash}"]),
            f"git switch --detach {code.hash}",
        ]
        end = "\n\nThis is the commit that the entry records for its command; the tag holds the record."
    title = "To check out the record, which need not hold the code that ran" if code and code.why else "To reproduce"
    return f"{title}:\n\n{block(chr(10).join(lines), 'sh')}{end}"


def _facts(candidate: SnapshotCandidate, entry_url: str, site: RepositorySite, wandb_host: str) -> Iterator[str]:
    yield f"Logbook: {link(f'{candidate.topic}, {candidate.entry.heading}', entry_url, 200)}"
    if candidate.code_commit:
        yield f"Code: {link(candidate.code_commit[:12], site.url('commit', candidate.code_commit))}"
    if candidate.is_preregistration:
        yield "Result: pending, so this is a preregistration"
    others = [path for path in candidate.source.changed_files if path != candidate.path]
    for name, are_configurations in (("Configurations", True), ("Artefacts", False)):
        paths = [path for path in others if path.endswith(_CONFIGURATIONS) is are_configurations]
        links = [link(path, site.url("blob", candidate.commit.hash, path), 120) for path in paths[:_MOST_FILES]]
        if len(paths) > _MOST_FILES:
            links.append(link(f"{len(paths) - _MOST_FILES} more", site.url("commit", candidate.commit.hash)))
        if links:
            yield f"{name}: {', '.join(links)}"
    runs = [_wandb_link(run, wandb_host) for run in _wandb_links(candidate, wandb_host)]
    if runs:
        yield f"W&B: {', '.join(runs)}"


def _wandb_links(candidate: SnapshotCandidate, host: str) -> list[Link]:
    """Return the links of the entries to the W&B server that is read, or to a host that is called like one."""
    links = {it.url: it for entry in candidate.entries for it in entry.links if on_wandb(it.url, host)}
    return [*(links | {it.url: it for it in candidate.wandb_links}).values()][:_MOST_FILES]


def _wandb_link(run: Link, host: str) -> str:
    """Return a link by its text, a bare address by its end; to another server than the one that is read none."""
    if on_wandb(run.url, host) is None:
        return code(run.url, 200)
    name = run.url.partition("?")[0].rstrip("/").rpartition("/")[2] if "://" in run.text else run.text
    return link(name, run.url, 100)


def _texts(name: str, texts: Sequence[str]) -> str:
    if len(texts) == 1 and "\n" not in texts[0]:
        return f"{name}: {markdown(texts[0])}"
    return f"{name}:\n\n{block(bounded(chr(10).join(texts)), 'text')}" if texts else ""


def _table(table: Table, url: str) -> str:
    width = min(len(table.header), _MOST_COLUMNS)
    lines = [row(markdown(cell, 200) for cell in line[:width]) for line in (table.header, *table.rows[:_MOST_ROWS])]
    rest = len(table.rows) - _MOST_ROWS
    note = link(f"{counted(rest, 'more row')} in the logbook", url) if rest > 0 else ""
    return "\n".join([lines[0], row(["---"] * width), *lines[1:]]) + f"\n\n{note}".rstrip()


def quoted_texts(candidate: SnapshotCandidate, wandb_host: str) -> Iterator[str]:
    """Yield the texts of others that a comment holds, as they were written: escaped, a secret could pass unseen."""
    yield from (candidate.entry.heading, candidate.topic, *candidate.source.changed_files)
    yield from candidate.commands
    yield from (*(field.text for field in candidate.fields("config")), *candidate.environment)
    yield from (f"{run.text} {run.url}" for run in _wandb_links(candidate, wandb_host))
    if candidate.entry.tables:
        table = candidate.entry.tables[0]
        yield from (" | ".join(cells) for cells in (table.header, *table.rows))


def listing(snapshots: Iterable[tuple[SnapshotDetails, str]], form: str = "text") -> str:
    """Return a line for each snapshot with the day it was made: tag, commit, day, title; or all of it as JSON."""
    if form == "json":
        listed = [{**msgspec.to_builtins(it), "day": day} for it, day in snapshots]
        return json_text({"version": 1, "snapshots": listed})
    return "".join(
        f"{terminal_line(it.tag)}  {it.commit[:12]}  {day}  {terminal_line(it.message.partition(chr(10))[0], 100)}\n"
        for it, day in snapshots
    )


def page(
    snapshot: SnapshotDetails, commands: str, gaps: Sequence[str], code: CodeCommit | None = None, form: str = "text"
) -> str:
    """Return what a snapshot says, how to run it again, and what is missing for that; or all of it as JSON."""
    if form == "json":
        held = {
            "snapshot": msgspec.to_builtins(snapshot),
            "commands": commands,
            "check_out": (code.hash if code else "") or snapshot.commit,
            "missing": list(gaps),
        }
        return json_text({"version": 1, **held})
    name, what = shlex.quote(snapshot.tag), "check it out"
    if code and code.hash:
        name, what = code.hash, "check out the commit that the entry records for its command (the tag holds the record)"
    elif code:
        what = "check out the record, which need not hold the code that ran"
    parts = [
        f"{snapshot.tag} at {snapshot.commit}",
        f"message:\n\n{_indented(snapshot.message.strip(chr(10)))}" if snapshot.message else "message: none",
        f"commands:\n\n{_indented(commands)}" if commands else "commands: none",
        f"{what}, here or in a second work tree:\n\n"
        + _indented(f"git switch --detach {name}\ngit worktree add ../snapshot {name}"),
        "missing to reproduce it from the record alone:\n\n" + _indented("\n".join(f"- {gap}" for gap in gaps))
        if gaps
        else "the logbook records everything needed to reproduce it",
    ]
    return "\n\n".join(map(terminal, parts)) + "\n"


def _indented(text: str) -> str:
    return "\n".join(f"{_INDENT}{line}".rstrip() for line in text.split("\n"))
