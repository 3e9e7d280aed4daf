"""Claims about what is read of the event that started a run."""

import json
from pathlib import Path

from research_logbook.actions.event import Event
from research_logbook.actions.runner import event_of


def told(folder: Path, name: str, payload: object, branch: str = "trunk") -> Event:
    """Return what is read of an event."""
    path = folder / "event.json"
    path.write_text(json.dumps(payload))
    return event_of(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF_NAME": branch,
        }
    )


def test_a_schedule_runs_on_the_default_branch(tmp_path: Path) -> None:
    """The payload of a schedule names no repository, so the default branch is the one that it runs on."""
    event = told(tmp_path, "schedule", {"schedule": "23 4 * * *"})
    assert (event.default_branch, event.branch) == ("trunk", "trunk")


def test_a_dispatch_may_run_on_any_branch(tmp_path: Path) -> None:
    """A dispatch from another branch does not make that branch the default one."""
    event = told(tmp_path, "workflow_dispatch", {"repository": {"default_branch": "main"}}, branch="elsewhere")
    assert (event.default_branch, event.branch) == ("main", "elsewhere")
