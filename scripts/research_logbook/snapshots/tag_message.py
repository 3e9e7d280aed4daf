"""The message of a snapshot tag: written for people who run `git show`, and read back years later.

Text of others stands indented, or on the line of its name: only our own words begin a line.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from research_logbook.logbook.model import Reference
from research_logbook.markdown.escape import printable
from research_logbook.snapshots.candidates import ENVIRONMENT, SnapshotCandidate

LONGEST = 20_000
"""Characters of the commands, and of each other block."""

_INDENT = "    "
_LONGEST_LINE = 300
_FACT = re.compile(r"^(Topic|Experiment ID|Issue|Logbook|Entry|Commit Hash|Result): (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SnapshotTag:
    """A snapshot tag and what its message says."""

    tag: str
    commit: str
    topic: str
    experiment_id: str
    """Or the slug that the commit gave in its place."""
    message: str


def message(evidence: SnapshotCandidate) -> str:
    """Return the message of the tag that a snapshot gets."""
    entry = evidence.entry
    title = _line(f"{evidence.name}: {entry.label or entry.heading}")
    facts = "\n".join(f"{name}: {_line(value)}" for name, value in _facts(evidence))
    return "\n\n".join([title, facts, *_blocks(evidence)]) + "\n"


def _facts(evidence: SnapshotCandidate) -> Iterator[tuple[str, str]]:
    yield "Topic", evidence.topic
    yield "Experiment ID", evidence.name
    if evidence.issue:
        yield "Issue", _name_of(evidence.issue)
    yield "Logbook", evidence.path
    yield "Entry", evidence.entry.heading
    if evidence.code:
        yield "Commit Hash", evidence.code
    if evidence.is_preregistration:
        yield "Result", "pending, so this is a preregistration"


def _name_of(issue: Reference) -> str:
    is_here = issue.number is not None and issue.host in {None, "github.com"}
    return f"{issue.repository or ''}#{issue.number}" if is_here else issue.written


def _blocks(evidence: SnapshotCandidate) -> Iterator[str]:
    yield _block("Commands", evidence.commands)
    for name, keys in (("Configuration", ("config",)), ("Environment", ENVIRONMENT)):
        if fields := evidence.said(*keys):
            yield _block(name, (field.text for field in fields))
    if evidence.runs:
        yield _block("W&B", (link.url for link in evidence.runs))


def _block(name: str, texts: Iterable[str]) -> str:
    text = bounded("\n".join(texts))
    lines = (f"{_INDENT}{_visible(line)}".rstrip() for line in text.split("\n"))
    return f"{name}:\n\n" + "\n".join(lines)


def bounded(text: str) -> str:
    """Return the start of a long text, which says that it is cut."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… cut here: the logbook at this commit has the rest"


def _line(text: str) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _visible(line: str) -> str:
    return "\t".join(map(printable, line.split("\t")))


def snapshot_of(tag: str, commit: str, text: str) -> SnapshotTag:
    """Return what a tag says of itself; the name of one that somebody made by hand tells topic and ID."""
    facts = facts_in(text)
    _, topic, name = (*tag.split("/", 2), "", "")[:3]
    named = re.sub(r"\.[1-9][0-9]*\Z", "", name)
    return SnapshotTag(tag, commit, facts.get("Topic", topic), facts.get("Experiment ID", named), text)


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
