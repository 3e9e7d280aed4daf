"""What the runner says: the event, its payload, and where outputs and the job summary go."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from research_logbook.actions.event import (
    Event,
    EventKind,
    FinishedRun,
    _issue,
    _pull_request,
    _push,
    _text,
)
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.findings import Finding, Report, Severity
from research_logbook.markdown.escape import command
from research_logbook.render import counted


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


_MOST_TEXT = 2_000
"""Characters of a message and of its help; a runner cuts both together at 4,096 (ExecutionContext.cs)."""


# What cannot wait comes first. A published secret does harm from the first minute. What was taken out of the
# record is easiest to bring back now. A file that cannot be read hides its other faults. All else keeps the
# order of path and line in which it is read.
FIRST = (
    "committed-secret",
    "held-back-text",
    "deleted-logbook",
    "removed-entry",
    "rewritten-entry",
    "rewritten-decision",
    "dropped-hypothesis",
    "unreadable-logbook",
    "hidden-characters",
)


def annotations(report: Report, most: int = 10) -> str:
    """Return workflow commands for at most `most` findings of each severity, and a notice of how many more.

    GitHub shows ten of a severity for a step, and drops the rest without a word.
    """
    shown = [finding for severity in Severity for finding in _top(report, severity, most)]
    lines = [_annotation(finding) for finding in shown]
    left = len(report.findings) - len(shown)
    if left:
        more = f"{counted(left, 'more finding')} {'stands' if left == 1 else 'stand'} in the job summary"
        lines.append(command("notice", more, title="logbook"))
    return "".join(f"{line}\n" for line in lines)


def _top(report: Report, severity: Severity, most: int) -> list[Finding]:
    return sorted((item for item in report.findings if item.severity is severity), key=_urgency)[:most]


def _urgency(finding: Finding) -> int:
    return FIRST.index(finding.rule) if finding.rule in FIRST else len(FIRST)


def _annotation(finding: Finding) -> str:
    parts = (finding.message, finding.help)
    message = "\n".join(part[:_MOST_TEXT] for part in parts if part)
    return command(finding.severity, message, **_place(finding), title=finding.rule)


def _place(finding: Finding) -> dict[str, str | int]:
    span = finding.span
    if not span.path:
        return {}
    end = max(span.line, span.end_line)
    place: dict[str, str | int] = {"file": span.path, "line": span.line, "endLine": end}
    # A runner takes a column only for a single line.
    return place if end > span.line else place | {"col": span.column}
