"""Plans: what would be done on GitHub, as values. A dry run prints exactly what a real one walks."""

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
        """Say it in a line."""
        return f"create the label “{self.name}”"


@dataclass(frozen=True, slots=True)
class AddLabels:
    """Add labels to an issue or pull request; those that it has already stay."""

    issue: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a line."""
        return f"add {' and '.join(f'“{name}”' for name in self.names)} to #{self.issue}"


@dataclass(frozen=True, slots=True)
class CreateTag:
    """Create an annotated tag; one that is there is never moved."""

    tag: str
    commit: str
    message: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"create the tag {self.tag} on {self.commit[:12]}"


@dataclass(frozen=True, slots=True)
class CreateIssue:
    """Open an issue with labels that the repository has."""

    title: str
    body: str
    labels: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a line."""
        return f"open the issue “{self.title}” with {' and '.join(f'“{name}”' for name in self.labels)}"


@dataclass(frozen=True, slots=True)
class WriteBody:
    """Replace the body of an issue that we opened ourselves."""

    issue: int
    body: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"edit the text of #{self.issue}, which is our own"


@dataclass(frozen=True, slots=True)
class UpsertComment:
    """Post a comment, or bring the one of the same kind and key up to date."""

    issue: int
    kind: str
    key: str
    body: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"comment on #{self.issue} ({self.kind} {self.key})"


@dataclass(frozen=True, slots=True)
class CloseIssue:
    """Close an issue as completed."""

    issue: int

    def __str__(self) -> str:
        """Say it in a line."""
        return f"close #{self.issue} as completed"


@dataclass(frozen=True, slots=True)
class ReopenIssue:
    """Open an issue again."""

    issue: int

    def __str__(self) -> str:
        """Say it in a line."""
        return f"reopen #{self.issue}"


@dataclass(frozen=True, slots=True)
class MarkSealed:
    """Label an issue as sealed, so that the mark is ours and newer than the last reopening."""

    issue: int
    again: bool = False
    """Whether the label is on already, which says nothing: it is taken off, and put on by us."""

    def __str__(self) -> str:
        """Say it in a line."""
        return f"mark #{self.issue} as sealed{' anew' * self.again}"


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
NOTHING: Plan = ()

# No issue is closed, or opened again, before its report stands there; and only what is closed is marked as sealed.
_ORDER = (
    CreateLabel,
    CreateTag,
    CreateIssue,
    AddLabels,
    WriteBody,
    UpsertComment,
    CloseIssue,
    ReopenIssue,
    MarkSealed,
)


def in_order(effects: Iterable[Effect]) -> Plan:
    """Return a plan: each effect once, what others need first, then by issue."""
    return tuple(sorted(dict.fromkeys(effects), key=_place))


def _place(effect: Effect) -> tuple[int, int, str]:
    return getattr(effect, "issue", 0), _ORDER.index(type(effect)), str(effect)


SEALED = "sealed"
"""The label of an issue that was closed out."""


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
    """What would be done, what has to be said, and how the command ends when all of it could be done."""

    plan: Plan = NOTHING
    notes: tuple[str, ...] = ()
    """Sentences for whoever started the command, such as what was left out and why."""
    summary: str = ""
    """For the job summary, Markdown."""
    exit_code: int = 0
    is_check: bool = False
    """Whether the plan only says what is missing, and is not to be applied."""
    judged: Mapping[int, dt.datetime] = field(default_factory=dict)
    """The issues that the plan was made for, and when each had last changed then: it is not for newer ones."""


class Step(NamedTuple):
    """One of many things that a command does, whatever becomes of the others."""

    number: int
    """Of the issue or pull request, in ascending order; 0 for what comes before all of them."""
    outcome: Callable[[], CommandResult]
    """Looks, and says what is to be done."""
    title: str = ""
    """What it is about, where that is not the number."""

    @property
    def name(self) -> str:
        """What it is about, for messages."""
        return self.title or f"#{self.number}"


def plan_text(effects: Iterable[Effect]) -> str:
    """Return a line for each effect."""
    return "".join(f"{terminal_line(str(effect))}\n" for effect in effects) or "nothing to do\n"


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


def plan_json(effects: Iterable[Effect], *, applied: bool) -> str:
    """Return the plan for programs: `{"version": 1, "effects": [{"kind", …}], "applied"}`."""
    return json_text({"version": 1, "effects": effect_rows(effects), "applied": applied})


def effect_rows(effects: Iterable[Effect]) -> list[dict[str, object]]:
    """Return effects as plain values."""
    return [{"kind": _KINDS[type(effect)], **_fields(effect)} for effect in effects]


def _fields(effect: Effect) -> dict[str, object]:
    # A comment has a kind of its own, which must not pass for the effect's.
    return {"comment" if name == "kind" else name: value for name, value in msgspec.to_builtins(effect).items()}
