"""The event that made a run, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from research_logbook.actions.runner import event_of
from research_logbook.errors import UserError
from research_logbook.github.answers import issue_in
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


_NEED_A_COMMAND = ("workflow_dispatch", "repository_dispatch", "schedule")


_COMMANDS = {
    EventKind.PULL_REQUEST: "lint",
    EventKind.MERGE_GROUP: "lint",
    EventKind.PUSH: "lint",
    EventKind.ISSUES: "labels",
}


def command_for(environment: Mapping[str, str]) -> str | None:
    """Return the command for the event that started this run; None where there is nothing to do for it."""
    name = environment.get("GITHUB_EVENT_NAME", "")
    if name in _NEED_A_COMMAND:
        raise UserError(
            f"the event {name} does not say what to do", "say it with the action's input `command`, such as `sweep`"
        )
    event = event_of(environment)
    is_closing = event.kind is EventKind.ISSUES and event.action == "closed"
    return "seal" if is_closing else _COMMANDS.get(event.kind)


_ZERO = "0" * 40


def _text(payload: Mapping[str, Any], *keys: str) -> str | None:
    value: Any = payload
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None


def _pull_request(payload: Mapping[str, Any], default: str | None) -> Event:
    inner = payload.get("pull_request")
    pull = inner if isinstance(inner, dict) else {}
    head, base = _text(pull, "head", "repo", "full_name"), _text(pull, "base", "repo", "full_name")
    number = payload.get("number", pull.get("number"))
    request = PullRequest(
        number=number if isinstance(number, int) else 0,
        body=_text(pull, "body") or "",
        head=_text(pull, "head", "ref") or "",
        base=_text(pull, "base", "ref") or default or "",
        same_repository=head is not None and head == base,
    )
    return Event(
        EventKind.PULL_REQUEST,
        request.head or None,
        default,
        request,
        head=_text(pull, "head", "sha"),
        number=request.number or None,
        issue=issue_in({**pull, "pull_request": {}}),
        action=_text(payload, "action") or "",
    )


def _issue(payload: Mapping[str, Any], default: str | None) -> Event:
    inner = payload.get("issue")
    number = inner.get("number") if isinstance(inner, dict) else None
    return Event(
        EventKind.ISSUES,
        None,
        default,
        number=number if isinstance(number, int) else None,
        issue=issue_in(inner),
        action=_text(payload, "action") or "",
    )


def _push(payload: Mapping[str, Any], default: str | None, environment: Mapping[str, str]) -> Event:
    reference = _text(payload, "ref") or environment.get("GITHUB_REF", "")
    before = _text(payload, "before")
    return Event(
        EventKind.PUSH,
        reference.removeprefix("refs/heads/") if reference.startswith("refs/heads/") else None,
        default,
        before=None if before == _ZERO else before,
        is_deletion=payload.get("deleted") is True,
    )
