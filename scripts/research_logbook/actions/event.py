"""The event that made a run, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from research_logbook.github.models import Issue


class EventKind(StrEnum):
    """What made this run."""

    LOCAL = "local"
    PULL_REQUEST = "pull_request"
    PUSH = "push"
    MERGE_GROUP = "merge_group"
    ISSUES = "issues"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as its event's payload shows it."""

    number: int
    body: str
    head: str
    """The name of the branch it comes from."""
    base: str
    same_repository: bool


@dataclass(frozen=True, slots=True)
class Event:
    """The event that made this run; on a laptop an event that says nothing."""

    kind: EventKind = EventKind.LOCAL
    branch: str | None = None
    default_branch: str | None = None
    pull_request: PullRequest | None = None
    head: str | None = None
    """The pull request's or merge group's head commit."""
    base: str | None = None
    """The merge group's base commit."""
    number: int | None = None
    """The issue or pull request that it is about."""
    issue: Issue | None = None
    """The same as it was at the event, where the payload shows all of it."""
    action: str = ""
    """What happened to it, such as `opened`."""
    actor: str = ""
    """The login of whoever started the run."""
    before: str | None = None
    """The commit that a push replaced; None for a new branch."""
    is_deletion: bool = False
    in_actions: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)
    """What a person who dispatched the workflow filled in."""


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A workflow run that has ended, and what it ran for."""

    event: str
    owner: str
    """Of the repository that the commit is in."""
    repository_id: int
    branch: str
    commit: str
    default_branch: str
