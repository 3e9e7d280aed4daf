"""The runner of GitHub Actions: where the event's payload is, and where outputs, summary and annotations go."""

import json
from collections.abc import Mapping
from pathlib import Path

from research_logbook.actions import Output
from research_logbook.actions.event import Event, read_event
from research_logbook.errors import UnfinishedError
from research_logbook.findings import Finding, Report, Severity
from research_logbook.markdown.escape import command
from research_logbook.secret_scanner import KnownSecrets


def in_actions(environment: Mapping[str, str]) -> bool:
    """Return whether this is a step of a workflow."""
    return environment.get("GITHUB_ACTIONS") == "true"


def event_of(environment: Mapping[str, str]) -> Event:
    """Return the event that started this run; raises `UnfinishedError` where its payload cannot be read."""
    if not in_actions(environment):
        return Event()
    path = environment.get("GITHUB_EVENT_PATH", "")
    try:
        payload = json.loads(Path(path).read_bytes()) if path else {}
    except (OSError, ValueError, RecursionError) as error:
        raise UnfinishedError(
            f"the event's payload at {path} cannot be read: {error}",
            "run it inside GitHub Actions, or unset GITHUB_ACTIONS",
        ) from error
    return read_event(environment, payload if isinstance(payload, dict) else {})


def add_summary(environment: Mapping[str, str], text: str) -> None:
    """Append `text` to the job summary, where there is one, with an empty line behind it: more may follow."""
    _append(environment, "GITHUB_STEP_SUMMARY", f"{text}\n" if text else "")


def set_outputs(environment: Mapping[str, str], outputs: Mapping[Output, object]) -> None:
    """Set the step's outputs, where there is a step: text and numbers as they are, all else as JSON, a line each."""
    values = {
        it.name: str(value) if isinstance(value, (str, int)) else json.dumps(value) for it, value in outputs.items()
    }
    lines = (f"{name}={' '.join(value.split())}\n" for name, value in values.items())
    _append(environment, "GITHUB_OUTPUT", "".join(lines))


def _append(environment: Mapping[str, str], variable: str, text: str) -> None:
    path = environment.get(variable)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(KnownSecrets.of(environment).mask(text))
    except OSError as error:
        what = f"the runner's file {path} cannot be written: {error.strerror}"
        raise UnfinishedError(what, "check the runner; the verdict itself is above") from error


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
    "moved-goalposts",
    "dropped-hypothesis",
    "reworded-hypothesis",
    "unreadable-logbook",
    "hidden-characters",
    "hidden-text",
)


def annotations(report: Report, most: int = 10) -> str:
    """Return workflow commands for at most `most` findings of each severity, and a notice of how many more.

    GitHub shows ten of a severity for a step, and drops the rest without a word.
    """
    ordered = sorted(report.findings, key=lambda it: FIRST.index(it.rule) if it.rule in FIRST else len(FIRST))
    shown = [finding for severity in Severity for finding in [it for it in ordered if it.severity is severity][:most]]
    lines = list(map(_annotation, shown))
    left = len(report.findings) - len(shown)
    if left:
        more = f"{left} more finding{'s' * (left > 1)} in the job summary"
        lines.append(command("notice", more, title="logbook"))
    return "".join(f"{line}\n" for line in lines)


def _annotation(finding: Finding) -> str:
    span = finding.span
    end = max(span.line, span.end_line)
    place: dict[str, str | int] = {"file": span.path, "line": span.line, "endLine": end} if span.path else {}
    if place and end == span.line:  # A runner takes a column only for a single line.
        place["col"] = span.column
    message = "\n".join(part[:_MOST_TEXT] for part in (finding.message, finding.help) if part)
    return command(finding.severity, message, **place, title=finding.rule)
