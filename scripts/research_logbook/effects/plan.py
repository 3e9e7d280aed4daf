"""Effects as values: what a command would write. A dry run prints exactly the plan that a real run carries out."""

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from research_logbook.markdown.escape import json_text, terminal_line


@dataclass(frozen=True, slots=True)
class CreateLabel:
    """Create a label that the repository lacks."""

    name: str
    colour: str
    """Six hexadecimal digits, without `#`."""
    description: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"create the label “{self.name}”"


@dataclass(frozen=True, slots=True)
class AddLabels:
    """Add labels to an issue or pull request; those that it has already stay."""

    issue: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as a line."""
        return f"add {' and '.join(f'“{name}”' for name in self.names)} to #{self.issue}"


@dataclass(frozen=True, slots=True)
class CreateTag:
    """Create an annotated tag; one that is there is never moved."""

    tag: str
    commit: str
    message: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"create the tag {self.tag} on {self.commit[:12]}"


@dataclass(frozen=True, slots=True)
class CreateIssue:
    """Open an issue with labels that the repository has."""

    title: str
    body: str
    labels: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as a line."""
        return f"open the issue “{self.title}” with {' and '.join(f'“{name}”' for name in self.labels)}"


@dataclass(frozen=True, slots=True)
class WriteBody:
    """Replace the body of an issue that we opened ourselves."""

    issue: int
    body: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"edit the text of #{self.issue}, which is our own"


@dataclass(frozen=True, slots=True)
class UpsertComment:
    """Post a comment, or bring the one of the same kind and key up to date."""

    issue: int
    kind: str
    key: str
    body: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"comment on #{self.issue} ({self.kind} {self.key})"


@dataclass(frozen=True, slots=True)
class CloseIssue:
    """Close an issue as completed."""

    issue: int

    def __str__(self) -> str:
        """Return it as a line."""
        return f"close #{self.issue} as completed"


@dataclass(frozen=True, slots=True)
class ReopenIssue:
    """Open an issue again."""

    issue: int

    def __str__(self) -> str:
        """Return it as a line."""
        return f"reopen #{self.issue}"


@dataclass(frozen=True, slots=True)
class MarkSealed:
    """Label an issue as sealed, so that the mark is ours and newer than the last reopening."""

    issue: int
    again: bool = False
    """Whether the label is on already, which says nothing: it is taken off, and put on by us."""

    def __str__(self) -> str:
        """Return it as a line."""
        return f"mark #{self.issue} as sealed{' again' * self.again}"


Effect = (
    CreateLabel
    | CreateTag
    | CreateIssue
    | AddLabels
    | WriteBody
    | UpsertComment
    | CloseIssue
    | ReopenIssue
    | MarkSealed
)
Plan = tuple[Effect, ...]

# In the order in which they are done: no issue is closed or reopened before its report is posted, and only what is
# closed is marked as sealed.
_KINDS = {
    CreateLabel: "create-label",
    CreateTag: "create-tag",
    CreateIssue: "create-issue",
    AddLabels: "add-labels",
    WriteBody: "write-body",
    UpsertComment: "upsert-comment",
    CloseIssue: "close-issue",
    ReopenIssue: "reopen-issue",
    MarkSealed: "mark-sealed",
}

SEALED = "sealed"
"""The label of an issue that was closed out."""


def as_plan(effects: Iterable[Effect]) -> Plan:
    """Return a plan: each effect once, by issue, and what others need first."""
    kinds = list(_KINDS)
    return tuple(
        sorted(
            dict.fromkeys(effects),
            key=lambda effect: (getattr(effect, "issue", 0), kinds.index(type(effect)), str(effect)),
        )
    )


def plan_text(effects: Iterable[Effect]) -> str:
    """Return a line for each effect."""
    return "".join(f"{terminal_line(str(effect))}\n" for effect in effects) or "nothing to do\n"


def plan_json(effects: Iterable[Effect], *, applied: bool) -> str:
    """Return the plan for programs: `{"version": 1, "effects": [{"kind", …}], "applied"}`."""
    return json_text({"version": 1, "effects": effect_rows(effects), "applied": applied})


def effect_rows(effects: Iterable[Effect]) -> list[dict[str, object]]:
    """Return effects as plain values."""
    rows: list[dict[str, object]] = []
    for effect in effects:
        fields = msgspec.to_builtins(effect)
        if "kind" in fields:  # a comment's own kind, which must not pass for the effect's
            fields["comment"] = fields.pop("kind")
        rows.append({"kind": _KINDS[type(effect)], **fields})
    return rows


@dataclass(frozen=True, slots=True)
class FileRewrite:
    """A file to be written, or to be made where `old` is None."""

    name: str
    """Its path, from the root of the repository."""
    old: str | None
    new: str

    def __str__(self) -> str:
        """Return the effect as a unified diff."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.old, self.new))
        before = "/dev/null" if self.old is None else f"a/{self.name}"
        return "".join(difflib.unified_diff(old, new, before, f"b/{self.name}"))


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command would do and tell, and its exit code if all of that succeeds."""

    plan: Plan = ()
    notes: tuple[str, ...] = ()
    """Sentences for the user, such as what was left out and why."""
    summary: str = ""
    """For the job summary, Markdown."""
    exit_code: int = 0
    is_check: bool = False
    """Whether the plan only says what is missing, and is not to be applied."""
    judged: Mapping[int, dt.datetime] = field(default_factory=dict)
    """The issues that the plan was made for, and when each had last changed then: it is not for newer ones."""


class Step(NamedTuple):
    """One of many things that a command does; one that fails stops no other."""

    number: int
    """Of the issue or pull request, in ascending order; 0 for what comes before all of them."""
    decide: Callable[[], CommandResult]
    """Reads, and decides what is to be done."""
    title: str = ""
    """What it is about, unless that is the number."""

    @property
    def name(self) -> str:
        """What it is about, for messages."""
        return self.title or f"#{self.number}"
