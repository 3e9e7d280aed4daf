"""The workflow for labels, as users copy it, against a GitHub that counts."""

from pathlib import Path
from typing import Any

import pytest

from e2e.bench import Bench, Run
from e2e.thread import BOOK, BRANCH, LOGBOOK, Thread
from hub.bench import Hub, Repository

AGENT = "other-app[bot]"
BOTH = {"experiment", "agent-generated"}
LABELS = "logbook-labels.yml"


class Lab:
    """A repository on GitHub, a clone of it on a runner, and the workflows that run there."""

    def __init__(self, bench: Bench, thread: Thread, repository: Repository) -> None:
        thread.adopt(LABELS)
        self.thread, self.repository, self.hub = thread, repository, repository.hub
        self.bench = bench.on(repository, self.hub.workflow_token(issues="write", pull_requests="write"))
        self.checkout = thread.checkout("refs/heads/main", "main")

    def event(self, number: int, action: str = "opened", token: str = "") -> Run:
        """Deliver an event about an issue as it is now."""
        return self.deliver("issues", self.repository.event(number, action), token)

    def deliver(self, name: str, payload: dict[str, Any], token: str = "", workflow: str = LABELS) -> Run:
        """Deliver an event."""
        bench = self.bench.on(self.repository, token or self.bench.token)
        self.hub.forget()
        return bench.act(name, payload, self.checkout, workflow)


_PLACE = {"full_name": "lab/tiles", "default_branch": "main", "fork": False}


@pytest.fixture
def lab(bench: Bench, thread: Thread, repository: Repository) -> Lab:
    """Adopt the workflows in a repository."""
    return Lab(bench, thread, repository)


def test_a_bots_experiment_gets_both_labels_and_nothing_twice(lab: Lab, hub: Hub) -> None:
    """At first contact the labels are created and added in eight calls at most; the same again writes nothing."""
    number = lab.repository.as_person(AGENT).issue("Experiment: tile order")
    opened = lab.repository.event(number)
    run = lab.deliver("issues", opened)
    assert (run.job, lab.repository.labels(number)) == ("success", BOTH), run.log
    assert run.outputs == {"added": '["agent-generated", "experiment"]', "tags": "[]", "comment-urls": "[]"}
    assert lab.repository.all_labels().keys() >= BOTH
    assert len(hub.calls) <= 9  # the issue is looked at before each write
    assert lab.deliver("issues", opened).outputs["added"] == "[]"
    assert (hub.writes, len(hub.calls)) == ([], 1)
    lab.event(number, "labeled")
    assert hub.calls == []


def test_a_label_comes_back_three_times(lab: Lab, hub: Hub) -> None:
    """The fourth time it stays off, and one comment says so, once."""
    number = lab.repository.as_person(AGENT).issue("Experiment: tile order")
    lab.event(number)
    for _ in range(3):
        lab.repository.unlabel(number, "experiment")
        lab.event(number, "unlabeled")
        assert lab.repository.labels(number) == BOTH
    lab.repository.unlabel(number, "experiment")
    told = lab.event(number, "unlabeled")
    assert lab.event(number, "edited").job == "success"
    assert hub.writes == []
    assert lab.repository.labels(number) == {"agent-generated"}
    ((_, said),) = lab.repository.comments(number)
    assert "put back 3 times. It stays off now." in said
    assert f"/issues/{number}#" in told.outputs["comment-urls"]


def test_nobody_elses_issue_is_touched(lab: Lab, hub: Hub) -> None:
    """A bug, one that a logbook cites, and an outsider's `Experiment: …` stay as they are."""
    bug = lab.repository.as_person("mia").issue("Crash on start")
    foreign = lab.repository.as_person("ann").issue("Experiment: mine")
    lab.thread.write(LOGBOOK, lab.thread.book + f"\nThe crash is #{bug}.\n")
    lab.thread.commit(message="Cite the bug")
    lab.thread.push("main")
    for number in (bug, foreign):
        assert lab.event(number).job == "success"
        assert (hub.writes, lab.repository.labels(number)) == ([], set())
        assert len(hub.calls) <= 2


def test_a_pull_request_from_a_research_branch_is_labelled(lab: Lab, hub: Hub) -> None:
    """So is one from a branch that a header names; one from elsewhere, or from a fork, is not."""
    lab.thread.write(".agents/logbooks/waves.md", BOOK.replace(BRANCH, "wim/waves").replace("tile-order", "waves"))
    lab.thread.commit(message="Another thread")
    lab.thread.push("main")
    lab.checkout = lab.thread.checkout("refs/heads/main", "main")
    theirs = lab.repository.as_person("wim")
    research, named, production, foreign = (
        theirs.pull_request(branch) for branch in (BRANCH, "wim/waves", "faster", "research/theirs")
    )
    for number in (research, named, production):
        assert lab.deliver("pull_request", lab.repository.pull_event(number)).job == "success"
    lab.deliver("pull_request", lab.repository.pull_event(foreign, fork="ann/tiles"))
    assert hub.calls == []
    found = [lab.repository.labels(number) for number in (research, named, production, foreign)]
    assert found == [{"experiment"}, {"experiment"}, set(), set()]


def test_a_title_is_text(lab: Lab) -> None:
    """Workflow commands, mentions and options in a title do nothing, and the longest body is read."""
    title = "Experiment: ::error::pwned\n::set-output name=added::x @lab/all $(touch pwned) --mode=check <!-- x"
    number = lab.repository.as_person(AGENT).issue(title, body="`" * 65_536)
    run = lab.event(number)
    assert (run.job, run.annotations, lab.repository.labels(number)) == ("success", [], BOTH), run.log
    assert list(lab.bench.folder.rglob("pwned*")) == []
    assert lab.repository.comments(number) == []


def test_a_token_that_may_not_write_is_told_what_it_lacks(lab: Lab, hub: Hub) -> None:
    """The job fails with exit code 3, and the permission to add stands in the log."""
    number = lab.repository.as_person(AGENT).issue("Experiment: tile order")
    run = lab.event(number, token=hub.workflow_token(issues="read"))
    assert (run.job, run.exit_code, lab.repository.labels(number)) == ("failure", 3, set())
    assert "add `issues: write`" in run.log


ROOT = """\
on: [issues, workflow_dispatch]
permissions: {}
jobs:
  logbook:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: run-research/logbook@v1
"""


def with_root(checkout: Path, text: str = ROOT) -> str:
    """Write a workflow with the root action into a checkout, and return its name."""
    (checkout / ".github" / "workflows" / "logbook.yml").write_text(text)
    return "logbook.yml"


def test_the_root_action_labels_issues(lab: Lab) -> None:
    """One action for everything: on an issue's event it labels."""
    number = lab.repository.as_person(AGENT).issue("Experiment: tile order")
    run = lab.deliver("issues", lab.repository.event(number), workflow=with_root(lab.checkout))
    assert (run.job, lab.repository.labels(number)) == ("success", BOTH), run.log


def test_a_dispatch_has_to_say_what_to_do(lab: Lab, hub: Hub) -> None:
    """Without the input `command` it is bad usage, and with it that command runs."""
    dispatch = {"repository": _PLACE, "inputs": {}}
    run = lab.deliver("workflow_dispatch", dispatch, workflow=with_root(lab.checkout))
    assert (run.exit_code, hub.calls) == (2, [])
    assert "`command`" in run.log
    number = lab.repository.as_person(AGENT).issue("Experiment: tile order")
    text = f'{ROOT}        with:\n          command: sweep\n          dry-run: "true"\n'
    run = lab.deliver("workflow_dispatch", dispatch, workflow=with_root(lab.checkout, text))
    assert (run.job, hub.writes) == ("success", []), run.log
    assert f"add “experiment” and “agent-generated” to #{number}" in run.log
