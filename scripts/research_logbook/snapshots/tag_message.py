"""The message of a snapshot tag: written for people who run `git show`, and read back years later.

Text of others is indented, or on the line of its name: only our own words begin a line.
"""

import re
from dataclasses import dataclass

from research_logbook.markdown.escape import printable
from research_logbook.snapshots.candidates import ENVIRONMENT, SnapshotCandidate

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
        "Environment": tuple(field.text for field in candidate.fields(*ENVIRONMENT)),
        "W&B": tuple(link.url for link in candidate.wandb_links),
    }
    parts = [
        _line(f"{candidate.name}: {entry.label or entry.heading}"),
        "\n".join(f"{name}: {_line(value)}" for name, value in facts.items() if value is not None),
    ]
    for name, texts in blocks.items():
        if texts:
            lines = ("\t".join(map(printable, line.split("\t"))) for line in bounded("\n".join(texts)).split("\n"))
            parts.append(f"{name}:\n\n" + "\n".join(f"{_INDENT}{line}".rstrip() for line in lines))
    return "\n\n".join(parts) + "\n"


def bounded(text: str) -> str:
    """Return a text, a long one cut off with a line that says so."""
    return (
        text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… cut off here; the logbook at this commit has the rest"
    )


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
