"""What the runner says: the event, its payload, and where outputs and the job summary go."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from research_logbook.actions.event import Event, EventKind, FinishedRun, PullRequest
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.github.answers import issue_in

_ZERO = "0" * 40


def event_of(environment: Mapping[str, str]) -> Event:
    """Return the event that GitHub describes in the environment and the payload.

    Source: GitHub's documentation, "Events that trigger workflows" and "Webhook events and payloads".
    """
    if environment.get("GITHUB_ACTIONS") != "true":
        return Event()
    name = environment.get("GITHUB_EVENT_NAME", "")
    payload = _payload(environment.get("GITHUB_EVENT_PATH", ""))
    default = _text(payload, "repository", "default_branch")
    match name:
        case "pull_request_target":
            raise UserError(
                "pull_request_target is refused: it runs with a writing token on an outsider's pull request",
                "use `on: pull_request`, as workflows-templates/logbook-lint.yml does",
            )
        case "pull_request":
            return _pull_request(payload, default)
        case "merge_group":
            head, base = _text(payload, "merge_group", "head_sha"), _text(payload, "merge_group", "base_sha")
            return Event(EventKind.MERGE_GROUP, None, default, head=head, base=base)
        case "push":
            return _push(payload, default, environment)
        case "issues":
            return _issue(payload, default)
    branch = environment.get("GITHUB_REF_NAME")
    if name == "schedule":  # Its payload names no repository; it runs on the default branch and on no other.
        default = default or branch
    actor = environment.get("GITHUB_TRIGGERING_ACTOR") or environment.get("GITHUB_ACTOR", "")
    inputs = payload.get("inputs")
    filled = {name: str(value) for name, value in inputs.items() if value} if isinstance(inputs, dict) else {}
    return Event(EventKind.LOCAL, branch, default, actor=actor, in_actions=True, inputs=filled)


def _payload(path: str) -> dict[str, Any]:
    try:
        payload = json.loads(Path(path).read_bytes()) if path else {}
    except (OSError, ValueError, RecursionError) as error:
        raise UnfinishedError(
            f"the event's payload at {path} cannot be read: {error}",
            "run it inside GitHub Actions, or unset GITHUB_ACTIONS",
        ) from error
    return payload if isinstance(payload, dict) else {}


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


def finished_run_of(environment: Mapping[str, str]) -> FinishedRun | None:
    """Return the run whose end started this one; None where the event is another, or its repository is gone.

    Source: GitHub's documentation, "Webhook events and payloads"; `pull_requests` is empty there for forks.
    """
    if environment.get("GITHUB_EVENT_NAME") != "workflow_run":
        return None
    payload = _payload(environment.get("GITHUB_EVENT_PATH", ""))
    run = payload.get("workflow_run")
    run = run if isinstance(run, dict) else {}
    place = run.get("head_repository")
    number = place.get("id") if isinstance(place, dict) else None
    texts = [
        _text(run, "event"),
        _text(run, "head_repository", "owner", "login"),
        _text(run, "head_branch"),
        _text(run, "head_sha"),
        _text(payload, "repository", "default_branch"),
    ]
    if not isinstance(number, int) or None in texts:
        return None
    event, owner, branch, commit, default = (text or "" for text in texts)
    return FinishedRun(event, owner, number, branch, commit, default)


def add_summary(environment: Mapping[str, str], text: str) -> None:
    """Append `text` to the job summary, where there is one."""
    _append(environment.get("GITHUB_STEP_SUMMARY"), text)


def set_outputs(environment: Mapping[str, str], outputs: Mapping[str, str | int]) -> None:
    """Set the step's outputs, where there is a step. Values are one line each."""
    lines = (f"{key}={' '.join(str(value).split())}\n" for key, value in outputs.items())
    _append(environment.get("GITHUB_OUTPUT"), "".join(lines))


def _append(path: str | None, text: str) -> None:
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        what = f"the runner's file {path} cannot be written: {error.strerror}"
        raise UnfinishedError(what, "look at the runner; the verdict itself stands above") from error
