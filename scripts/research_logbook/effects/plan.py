"""Plans: what would be done on GitHub, as values. A dry run prints exactly what a real one walks."""

from collections.abc import Iterable
from dataclasses import dataclass


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
