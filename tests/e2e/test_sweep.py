"""The daily sweep alone ends where all events together do: one history, played with every event and with none."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from e2e.bench import CHECKOUT, Bench, Payload, Run
from e2e.test_seal import COMMENT, NUMBER, TAG, Desk
from e2e.thread import BOOK, BRANCH, LOGBOOK, ZERO, Thread, entry
from hub.bench import Hub, Repository
from hub.mirror import mirror

AGENT = "other-app[bot]"
SWEEP = "logbook-sweep.yml"
TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    name: YAML(typ="safe").load(CHECKOUT / "workflows-templates" / name)
    for name in ("logbook-labels.yml", "logbook-snapshot.yml", "logbook-seal.yml", SWEEP)
}
EARLY = NUMBER - 1
"""The issue that is closed before its record is complete."""
OTHER, OTHER_LOGBOOK = "research/cache-size", ".agents/logbooks/cache-size.md"


def permissions_of(workflow: str) -> dict[str, str]:
    """Return what a template grants to its one job, in the words of the bench."""
    (job,) = TEMPLATES[workflow]["jobs"].values()
    return {name.replace("-", "_"): level for name, level in job["permissions"].items()}


def listens(workflow: str, event: str, action: str) -> bool:
    """Return whether a template is started by an event."""
    asked = TEMPLATES[workflow]["on"]
    return event in asked and action in (asked[event] or {}).get("types", [action])


class Lab:
    """A repository on GitHub that has adopted all of it, its clone, and a machine; it may be deaf to events."""

    def __init__(self, bench: Bench, folder: Path, repository: Repository, *, is_deaf: bool) -> None:
        self.bench, self.thread, self.repository, self.hub = bench, Thread(folder), repository, repository.hub
        self.is_deaf = is_deaf
        self.heard: list[tuple[str, str]] = []
        """The runs of workflows, each with its result."""
        for workflow in TEMPLATES:
            self.thread.adopt(workflow)

    def run(self, workflow: str, event: str, payload: Payload, checkout: Path) -> Run:
        """Run a workflow with exactly what its template grants; the tags it made are in origin afterwards."""
        token = self.hub.workflow_token(**permissions_of(workflow))
        run = self.bench.on(self.repository, token).act(event, payload, checkout, workflow)
        mirror(self.repository, self.thread)
        return run

    def deliver(self, event: str, payload: Payload, checkout: Path) -> None:
        """Let an event start what listens to it, unless none is delivered here."""
        for workflow in () if self.is_deaf else TEMPLATES:
            if listens(workflow, event, payload.get("action", "")):
                self.heard.append((workflow, self.run(workflow, event, payload, checkout).job))

    def about(self, number: int, action: str) -> None:
        """Deliver what happened to an issue."""
        self.deliver("issues", self.repository.event(number, action), self.main)

    @property
    def main(self) -> Path:
        """A checkout of the default branch."""
        return self.thread.checkout("refs/heads/main", "main")

    def push(self, branch: str, before: str = ZERO) -> None:
        """Push what is checked out as a research branch."""
        self.deliver("push", *self.thread.push_branch(before, branch))

    def sweep(self) -> Run:
        """Let a day pass: a schedule's payload says nothing but when it was due."""
        self.hub.forget()
        return self.run(SWEEP, "schedule", {"schedule": "23 4 * * *"}, self.main)

    def end(self) -> dict[str, object]:
        """Return how everything stands, whatever the repository is called; comments in no order, as theirs differs."""
        last = NUMBER + 2
        issues = {number: self.repository.get_issue(number) for number in range(1, last)}
        return {
            "states": {number: (issue["state"], issue["state_reason"]) for number, issue in issues.items()},
            "labels": {number: self.repository.labels(number) for number in range(1, last + 1)},
            "comments": {number: Counter(map(self._said, self.repository.comments(number))) for number in issues},
            "tags": {tag: (commit, self._plain(text)) for tag, (commit, text) in self.repository.tags().items()},
        }

    def _said(self, comment: tuple[str, str]) -> tuple[str, str]:
        author, body = comment
        return author, self._plain(re.sub(r"(\A<!-- logbook:\S+) run=\S+ -->", r"\1", body))

    def _plain(self, text: str) -> str:
        """Return a text without what no two repositories share: names, digests of them, the IDs of comments."""
        text = re.sub(r"was sealed as `[0-9a-f]{16}`", "was sealed", text.replace(self.repository.name, "OWNER/NAME"))
        return re.sub(r"#issuecomment-\d+", "#issuecomment", text)


def open_issues(lab: Lab) -> None:
    """Open ten bugs before anything was adopted, then two experiments by an agent, and a bug report by a person."""
    for index in range(EARLY - 1):
        lab.repository.issue(f"Crash {index}")
    agent = lab.repository.as_person(AGENT)
    assert agent.issue("Experiment: cache size") == EARLY
    assert agent.issue("Experiment: tile order", labels=["experiment"]) == NUMBER
    assert lab.repository.as_person("mia").issue("Tiles are walked twice") == NUMBER + 1
    for number in (EARLY, NUMBER, NUMBER + 1):
        lab.about(number, "opened")


def work(lab: Lab) -> None:
    """Push a research branch with a snapshot commit, and another one with one that is refused: it has no command."""
    thread = lab.thread
    thread.branch(OTHER)
    other = BOOK.replace(f"issue: {NUMBER}", f"issue: {EARLY}").replace(f"#{NUMBER}", f"#{EARLY}") + entry(
        1, "row", 41.2, thread.code
    )
    thread.write(OTHER_LOGBOOK, _renamed(other))
    before = thread.commit(message="Measure rows\n\nSnapshot: CACHE-001")
    lab.push(OTHER)
    thread.write(OTHER_LOGBOOK, _renamed(other + entry(2, "morton", 38.9, thread.code, command="")))
    thread.commit(message="Measure Morton order\n\nSnapshot: CACHE-002")
    lab.push(OTHER, before)
    thread.git("checkout", "--quiet", "main")
    thread.branch()
    thread.add_entry()
    thread.write(LOGBOOK, thread.book.replace("### Active", "### Supported"))
    thread.commit(message="Measure Hilbert order\n\nSnapshot: TILE-003")
    lab.push(BRANCH)


def _renamed(book: str) -> str:
    return book.replace("tile-order", "cache-size").replace("TILE", "CACHE").replace("Tile order", "Cache size")


def end_threads(lab: Lab) -> None:
    """Take a label off, open a pull request, complete one record, and close both issues, one of them too early."""
    wim = lab.repository.as_person("wim")
    wim.unlabel(NUMBER, "experiment")
    lab.about(NUMBER, "unlabeled")
    pull = wim.pull_request(BRANCH, body=f"Part of #{NUMBER}")
    assert pull == NUMBER + 2
    lab.deliver("pull_request", lab.repository.pull_event(pull), lab.main)
    Desk(lab.bench, lab.thread, lab.repository).write()
    lab.about(NUMBER, "edited")
    lab.repository.comment(NUMBER, COMMENT)
    for number in (NUMBER, EARLY):
        wim.close(number)
        lab.about(number, "closed")


def play(lab: Lab) -> Lab:
    """Play the little history of a lab."""
    for scene in (open_issues, work, end_threads):
        scene(lab)
    return lab


@pytest.fixture
def labs(bench: Bench, tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> tuple[Lab, Lab]:
    """Play the history in one repository that hears every event and in one that hears none, by the same commits."""
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, "2026-03-05T09:00:00Z")
    heard, deaf = (Lab(bench, tmp_path / f"deaf-{it}", hub.repository(), is_deaf=it) for it in (False, True))
    return play(heard), play(deaf)


def test_the_sweep_alone_ends_where_all_events_do(labs: tuple[Lab, Lab], hub: Hub) -> None:
    """Labels, tags, comments and states are the same, and what is done is done: neither sweep after that writes.

    Some things differ on purpose, and are no part of this history or left out of it. That a snapshot was refused is
    told by the run of its push, which fails; the sweep passes with a note, else it would fail each day for one old
    commit. Comments stand in the order in which they came, and a report tells what was true when it was judged. What
    happened several times between two sweeps is undone once: a label that was taken off four times comes back. A
    sweep reopens five issues at most, and labels no pull request that is closed.
    """
    heard, deaf = labs
    assert Counter(heard.heard) == {
        ("logbook-labels.yml", "success"): 6,
        ("logbook-snapshot.yml", "success"): 2,
        ("logbook-snapshot.yml", "failure"): 1,
        ("logbook-seal.yml", "success"): 2,
    }
    assert deaf.heard == []
    assert deaf.end()["tags"] == {}
    run = deaf.sweep()
    assert (run.job, run.exit_code) == ("success", 0), run.log
    assert deaf.end() == heard.end(), run.log
    for lab in (deaf, heard):
        again = lab.sweep()
        assert (again.job, hub.writes) == ("success", []), again.log
    both = {"experiment", "agent-generated"}
    assert [heard.repository.state(number) for number in (EARLY, NUMBER, NUMBER + 1)] == ["open", "completed", "open"]
    assert [heard.repository.labels(number) for number in range(EARLY, NUMBER + 3)] == [
        both,
        both | {"sealed"},
        set(),
        {"experiment"},
    ]
    assert heard.repository.tags().keys() == {TAG, "snapshot/cache-size/CACHE-001"}
