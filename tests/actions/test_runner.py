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


def test_only_a_branch_is_a_branch(tmp_path: Path) -> None:
    """A run that a person starts on a tag is on no branch, whatever the tag's name; nor is one on a pull request."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"repository": {"default_branch": "main"}}))
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path), "GITHUB_REF_NAME": "main"}

    def branch(name: str, ref: str) -> str | None:
        return event_of({**environment, "GITHUB_EVENT_NAME": name, "GITHUB_REF": ref}).branch

    assert branch("workflow_dispatch", "refs/heads/main") == "main"
    assert branch("workflow_dispatch", "refs/tags/main") is None
    assert branch("pull_request_review", "refs/pull/7/merge") is None


def test_what_a_push_replaced_is_a_commit_or_nothing(tmp_path: Path) -> None:
    """Zeros, 40 or 64 of them, are no commit; whether the push was forced is known where GitHub says it."""
    for zeros in ("0" * 40, "0" * 64):
        event = told(tmp_path, "push", {"ref": "refs/heads/x", "before": zeros, "forced": False})
        assert (event.before, event.is_forced) == (None, False)
    event = told(tmp_path, "push", {"ref": "refs/heads/x", "before": "a" * 40})
    assert (event.before, event.is_forced, event.branch) == ("a" * 40, None, "x")
    assert told(tmp_path, "push", {"ref": "refs/tags/x", "before": "a" * 40, "forced": True}).branch is None


def test_a_pull_request_knows_where_its_base_was(tmp_path: Path) -> None:
    """The commits of both sides, as they were at the event."""
    pull = {"head": {"ref": "x", "sha": "a" * 40}, "base": {"ref": "main", "sha": "b" * 40}}
    event = told(tmp_path, "pull_request", {"number": 7, "pull_request": pull})
    assert (event.head, event.base) == ("a" * 40, "b" * 40)
