"""The event that started a run, read from its payload into plain values.

Source: GitHub's documentation, "Events that trigger workflows" and "Webhook events and payloads".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from research_logbook.errors import UserError
from research_logbook.logbook.model import Reference
from research_logbook.markdown import tree
from research_logbook.markdown.tree import CODE, NestingError, plain


class EventKind(StrEnum):
    """What started this run; `local` also stands for events that carry no change or issue of their own."""

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
class FinishedRun:
    """A workflow run that has ended, and what it ran for."""

    event: str
    owner: str
    """Of the repository that the commit is in."""
    repository_id: int
    branch: str
    commit: str
    default_branch: str


@dataclass(frozen=True, slots=True)
class Event:
    """The event that started this run; on a laptop an event that says nothing."""

    kind: EventKind = EventKind.LOCAL
    branch: str | None = None
    default_branch: str | None = None
    pull_request: PullRequest | None = None
    head: str | None = None
    """The pull request's or merge group's head commit."""
    base: str | None = None
    """The commit that the merge group or the pull request is to be merged into, as the event knows it."""
    number: int | None = None
    """The issue or pull request that it is about."""
    issue: Mapping[str, Any] | None = None
    """The same as it was at the event, in the form of GitHub's API."""
    action: str = ""
    """What happened to it, such as `opened`."""
    actor: str = ""
    """The login of whoever started the run, or did what the event tells."""
    label: str = ""
    """The label that was put on the issue, or taken off."""
    before: str | None = None
    """The commit that a push replaced; None for a new branch."""
    is_forced: bool | None = None
    """Whether a push replaced what it does not continue; None where GitHub does not say."""
    is_deletion: bool = False
    in_actions: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)
    """What a person who dispatched the workflow filled in."""
    finished_run: FinishedRun | None = None
    """The run whose end started this one."""
    name: str = ""
    """GitHub's name for it; empty on a laptop."""


def read_event(environment: Mapping[str, str], payload: Mapping[str, Any]) -> Event:
    """Return the event that GitHub describes in the variables of a run and in the payload.

    Raises `UserError` for `pull_request_target`, which is refused.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    default = _text(payload, "repository", "default_branch")
    match name:
        case "pull_request_target":
            raise UserError(
                "pull_request_target is refused: it runs with a writing token on an outsider's pull request",
                "use `on: pull_request`, as workflows-templates/logbook-lint.yml does",
            )
        case "pull_request":
            return _pull_request(name, payload, default)
        case "merge_group":
            head, base = _text(payload, "merge_group", "head_sha"), _text(payload, "merge_group", "base_sha")
            return Event(EventKind.MERGE_GROUP, None, default, head=head, base=base, name=name)
        case "push":
            ref, before = _text(payload, "ref") or environment.get("GITHUB_REF", ""), _text(payload, "before")
            return Event(
                EventKind.PUSH,
                ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None,
                default,
                before=before if before and before.strip("0") else None,  # zeros stand for no commit
                is_forced=payload.get("forced") if isinstance(payload.get("forced"), bool) else None,
                is_deletion=payload.get("deleted") is True,
                name=name,
            )
        case "issues":
            issue = _object(payload, "issue")
            number, action = _number(issue, "number"), _text(payload, "action") or ""
            return Event(
                EventKind.ISSUES,
                None,
                default,
                number=number,
                issue=issue,
                action=action,
                actor=_text(payload, "sender", "login") or "",
                label=_text(payload, "label", "name") or "",
                name=name,
            )
    # A tag may be named like a branch, and a pull request's merge is on none.
    is_branch = environment.get("GITHUB_REF", "refs/heads/").startswith("refs/heads/")
    branch = environment.get("GITHUB_REF_NAME") if is_branch else None
    inputs = _object(payload, "inputs")
    return Event(
        EventKind.LOCAL,
        branch,
        # The payload of a schedule names no repository; it runs on the default branch and on no other.
        default or (branch if name == "schedule" else None),
        actor=environment.get("GITHUB_TRIGGERING_ACTOR") or environment.get("GITHUB_ACTOR", ""),
        in_actions=True,
        inputs={key: str(value) for key, value in inputs.items() if value},
        finished_run=_finished_run(payload, default) if name == "workflow_run" else None,
        name=name,
    )


def command_for(event: Event) -> str | None:
    """Return the command that the root action runs for an event, or None where there is nothing to do.

    Raises `UserError` for an event that can mean any command.
    """
    if event.name in {"workflow_dispatch", "repository_dispatch", "schedule"}:
        raise UserError(
            f"the event {event.name} does not say what to do", "set the action's input `command`, such as `sweep`"
        )
    match event.kind:
        case EventKind.PULL_REQUEST | EventKind.MERGE_GROUP | EventKind.PUSH:
            return "lint"
        case EventKind.ISSUES:
            return "seal" if event.action == "closed" else "labels"
    return None


def _object(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = payload.get(key)
    return value if isinstance(value, dict) else {}


def _text(payload: Mapping[str, Any], *keys: str) -> str | None:
    value: Any = payload
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None


def _number(payload: Mapping[str, Any], key: str) -> int | None:
    value = payload.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _pull_request(name: str, payload: Mapping[str, Any], default: str | None) -> Event:
    pull = _object(payload, "pull_request")
    head, base = _text(pull, "head", "repo", "full_name"), _text(pull, "base", "repo", "full_name")
    request = PullRequest(
        number=_number(payload, "number") or _number(pull, "number") or 0,
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
        base=_text(pull, "base", "sha"),
        number=request.number or None,
        issue={**pull, "pull_request": {}},
        action=_text(payload, "action") or "",
        name=name,
    )


def _finished_run(payload: Mapping[str, Any], default: str | None) -> FinishedRun | None:
    """Return the run whose end started this one; None where its repository is gone.

    Its `pull_requests` is empty for forks, so it is known by owner, branch and commit.
    """
    run = _object(payload, "workflow_run")
    number = _number(_object(run, "head_repository"), "id")
    owner = _text(run, "head_repository", "owner", "login")
    event, branch, commit = (_text(run, key) for key in ("event", "head_branch", "head_sha"))
    if not (number and event and owner and branch and commit and default):
        return None
    return FinishedRun(event, owner, number, branch, commit, default)


_OWNER_AND_NAME = r"[\w.-]{1,100}/[\w.-]{1,100}"
_CLOSING = re.compile(
    rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s{{1,9}}(?:(?P<short>{_OWNER_AND_NAME})?\#|"
    rf"https?://(?P<host>[^/\s:]{{1,255}})(?::\d{{1,5}})?/(?P<long>{_OWNER_AND_NAME})/issues/)(?P<number>\d{{1,9}})\b",
    re.IGNORECASE,
)


def closed_by(body: str, repository: str, host: str = "github.com") -> tuple[int, ...]:
    """Return the issues of `repository` (owner/name) that a description closes, in order; code and comments do not.

    Source: GitHub's documentation, "Linking a pull request to an issue".
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    try:
        blocks = tree.parse(text)
    except NestingError:
        return ()
    seen = "\n".join(plain(run for run in block.runs if not run.style & CODE) for block in tree.walk(blocks))
    found = (
        Reference(match[0], int(match["number"]), match["short"] or match["long"], match["host"])
        for match in _CLOSING.finditer(seen)
    )
    numbers = (reference.number_in(repository, host) for reference in found)
    return tuple(dict.fromkeys(number for number in numbers if number))
