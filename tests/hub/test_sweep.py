"""Claims about the sweep: with no event delivered it finds closings that came too early, and undoes them on request."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.bench import BOT, Hub
from hub.closeout import Thread
from research_logbook.cli.sweep import sweep
from research_logbook.errors import RefusedError


def run(hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    """Run the sweep in the clone, as a scheduled job."""
    monkeypatch.chdir(thread.work.root)
    environment = {
        "GITHUB_API_URL": hub.url,
        "GITHUB_REPOSITORY": thread.project.name,
        "GITHUB_TOKEN": hub.workflow_token(issues="write"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": str(event(thread.work.root.parent)),
    }
    return CliRunner().invoke(sweep, options, env=environment, standalone_mode=False)


def event(folder: Path) -> Path:
    """Write the payload of a schedule."""
    path = folder / "event.json"
    path.write_text('{"repository": {"default_branch": "main"}}')
    return path


@pytest.fixture
def closed(thread: Thread) -> Thread:
    """Let a workflow's token close a thread: no event tells of it."""
    thread.project.as_person(BOT).close(thread.number)
    return thread


def test_an_early_closing_is_named_only(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--apply` nothing is written."""
    hub.forget()
    done = run(hub, closed, monkeypatch)
    assert done.exception is None
    assert f"#{closed.number} was closed before it was closed out; what does not hold: tldr-current" in done.output
    assert hub.writes == []


def test_an_early_closing_is_undone_on_request(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--apply` the issue is open again, with its report; a second sweep finds nothing to do."""
    assert run(hub, closed, monkeypatch, "--apply").exception is None
    assert closed.end[:3] == ("open", {"experiment"}, 1)
    hub.forget()
    assert run(hub, closed, monkeypatch, "--apply").output == "nothing to do\n"
    assert hub.writes == []


def test_many_are_not_reopened_by_the_way(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than five take `--force`; without it none is touched, and all are named."""
    more = [closed.project.issue(f"Experiment: {index}", labels=["experiment"]) for index in range(5)]
    for number in more:
        closed.project.close(number)
    hub.forget()
    refused = run(hub, closed, monkeypatch, "--apply")
    assert isinstance(refused.exception, RefusedError)
    assert (refused.exception.exit_code, hub.writes) == (4, [])
    assert all(f"#{number}" in str(refused.exception) for number in more)
    assert run(hub, closed, monkeypatch, "--apply", "--force").exception is None
    assert {closed.project.state(number) for number in (closed.number, *more)} == {"open"}


def test_a_seal_that_broke_off_is_completed(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """A complete thread that is closed without the mark gets it, and its report."""
    closed.complete()
    assert run(hub, closed, monkeypatch, "--apply").exception is None
    assert closed.end[:3] == ("completed", {"experiment", "sealed"}, 2)


def test_other_issues_cost_nothing(hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed bugs are not looked into."""
    for index in range(3):
        thread.project.close(thread.project.issue(f"Crash {index}"))
    hub.forget()
    run(hub, thread, monkeypatch, "--apply")
    assert not [call for call in hub.calls if "timeline" in call]


def test_old_closings_are_left_alone(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what changed since the given day is looked at."""
    assert run(hub, closed, monkeypatch, "--apply", "--since", "2999-01-01").output == "nothing to do\n"
    assert closed.end[0] == "completed"
