"""Claims about the payloads that GitHub sends: each that an action can meet has its answer, whatever it lacks."""

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hub.bench import Hub
from hub.bench import Repository as OnGitHub
from repository import GOOD, PATH, Repository
from research_logbook.actions.event import command_for, read_event
from research_logbook.cli import cli
from research_logbook.errors import UserError
from research_logbook.github.models import issue_in

READ = ("pull_request", "push", "merge_group", "issues", "workflow_run", "workflow_dispatch")
"""The events of whose payload something is read."""

UNDECIDED = {"workflow_dispatch", "repository_dispatch", "schedule"}
"""Those that can mean any command."""


@cache
def examples() -> Mapping[str, list[dict[str, Any]]]:
    """Return GitHub's examples of payloads, by the event's name; skips the test where npm's packages are missing."""
    folders = [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep)]
    files = [folder / "@octokit/webhooks-examples/api.github.com/index.json" for folder in folders]
    file = next(filter(Path.is_file, files), None)
    if file is None:
        pytest.skip("@octokit/webhooks-examples is not installed: `scripts/check` and `scripts/test` set it up")
    return {event["name"]: event["examples"] for event in json.loads(file.read_bytes())}


def places(part: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where something stands in a payload, at most four levels down: no deeper is anything read."""
    if isinstance(part, dict) and len(above) < 4:
        for name, value in part.items():
            yield (*above, name)
            yield from places(value, (*above, name))


def changed(payload: Mapping[str, Any], place: tuple[str, ...], *values: object) -> dict[str, Any]:
    """Return a payload with another value at a place, or with none there."""
    first, *rest = place
    if rest:
        return {**payload, first: changed(payload[first], tuple(rest), *values)}
    if values:
        return {**payload, first: values[0]}
    return {name: value for name, value in payload.items() if name != first}


@pytest.mark.parametrize("name", READ)
def test_whatever_is_missing_or_odd_in_a_payload_an_event_is_read(name: str) -> None:
    """A deleted user, a deleted fork, a null, another type: what is read of it is plain, or is not there."""
    seen: set[tuple[str, ...]] = set()
    for example in examples()[name]:
        for place in places(example):
            if place in seen:
                continue
            seen.add(place)
            for values in ((), (None,), ("x",), (7,), ([],), ({},), (True,)):
                _assert_plain(name, changed(example, place, *values))
    assert len(seen) > 10


def _assert_plain(name: str, payload: Mapping[str, Any]) -> None:
    event = read_event({"GITHUB_EVENT_NAME": name, "GITHUB_REF_NAME": "main"}, payload)
    texts = (event.branch, event.default_branch, event.head, event.base, event.before)
    assert all(text is None or (isinstance(text, str) and text) for text in texts)
    assert isinstance(event.action, str)
    assert event.number is None or (type(event.number) is int and event.number > 0)
    if event.pull_request:
        pull = event.pull_request
        assert all(isinstance(text, str) for text in (pull.body, pull.head, pull.base))
    if event.issue is not None:
        shown = issue_in(event.issue)
        assert shown is None or isinstance(shown.author + shown.text + "".join(shown.label_names), str)


def test_every_event_has_its_command_or_none() -> None:
    """The root action lints changes, labels issues, judges closings, and does nothing of what only looks like them."""
    commands: dict[str, set[str | None]] = {}
    for name in examples().keys() - UNDECIDED:
        for example in examples()[name]:
            event = read_event({"GITHUB_EVENT_NAME": name}, example)
            commands.setdefault(name, set()).add(command_for(event))
    linted = {name: {"lint"} for name in ("pull_request", "push", "merge_group")}
    assert {name: it for name, it in commands.items() if it != {None}} == {**linted, "issues": {"labels"}}
    closed = {**examples()["issues"][0], "action": "closed"}
    assert command_for(read_event({"GITHUB_EVENT_NAME": "issues"}, closed)) == "seal"


@pytest.mark.parametrize("name", sorted(UNDECIDED))
def test_an_event_that_can_mean_anything_is_asked_what_it_means(name: str) -> None:
    """A dispatch or a schedule needs the input `command`."""
    for example in examples().get(name, [{"schedule": "23 4 * * *"}]):
        with pytest.raises(UserError, match="does not say what to do"):
            command_for(read_event({"GITHUB_EVENT_NAME": name}, example))


class Runner:
    """A checkout in which the root action runs."""

    def __init__(self, folder: Path, hub: Hub, repository: OnGitHub) -> None:
        self.file = folder / "event.json"
        self.work = Repository(folder / "work")
        self.work.commit({PATH: GOOD})
        self.environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": hub.url,
            "GITHUB_EVENT_PATH": str(self.file),
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REF_NAME": "main",
            "GITHUB_REPOSITORY": repository.name,
            "GITHUB_TOKEN": hub.workflow_token(issues="write"),
        }

    def run(self, name: str, payload: object) -> None:
        """Run it for an event; anything but a sentence fails."""
        self.file.write_text(json.dumps(payload))
        done = CliRunner().invoke(cli, ["event"], env={**self.environment, "GITHUB_EVENT_NAME": name})
        assert isinstance(done.exception, (SystemExit, UserError, type(None))), (payload, done.exception)


@pytest.fixture
def runner(tmp_path: Path, hub: Hub, repository: OnGitHub, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Return a runner, whose checkout is the current folder."""
    made = Runner(tmp_path, hub, repository)
    monkeypatch.chdir(made.work.root)
    return made


@pytest.mark.parametrize("name", ["pull_request", "push", "merge_group", "issues", "check_run", "release"])
def test_an_example_of_an_event_ends_in_a_sentence(name: str, runner: Runner) -> None:
    """The root action has no traceback for payloads of other repositories, whose issues and commits are not here."""
    for example in examples()[name]:
        runner.run(name, example)


@pytest.mark.parametrize("action", ["opened", "closed"])
def test_an_issue_of_which_something_is_missing_ends_in_a_sentence(
    action: str, runner: Runner, repository: OnGitHub
) -> None:
    """A payload that shows less of an issue than GitHub promises, or null, does not stop its labels or its guard."""
    number = repository.issue("Experiment: tiles", GOOD, ["experiment"])
    payload = repository.event(number, action)
    for name in payload["issue"]:
        runner.run("issues", changed(payload, ("issue", name)))
        runner.run("issues", changed(payload, ("issue", name), None))
