"""The seal workflow, as users copy it, from a dispatch that is refused to one that closes the issue."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from e2e.bench import Bench, Run
from e2e.thread import BRANCH, LOGBOOK, Event, Thread
from hub.bench import Repository

NUMBER = 12
"""The issue that the thread's logbook names."""
WORKFLOW = "logbook-seal.yml"
TAG = "snapshot/tile-order/TILE-003"
COMMENT = (
    "Final summary. Hilbert order won, Morton did not. Confidence: exploratory. Limitations: one core. Next: none."
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a thread is closed: the machine, the thread and its issue."""

    bench: Bench
    thread: Thread
    project: Repository

    @property
    def body(self) -> dict[str, str]:
        """The sections of a complete body."""
        pages = f"{self.project.hub.url}/{self.project.name}"
        return {
            "TL;DR": "Hilbert order is the fastest (TILE-003).",
            "Links": f"- [Logbook]({pages}/blob/{BRANCH}/{LOGBOOK})\n- [Snapshot]({pages}/tree/{TAG})",
            "Decision log": "- 2026-03-04: take Hilbert order (TILE-003).",
            "Negative results": "- Morton order gains little (TILE-002).",
            "Conclusion": "Walk tiles in Hilbert order.",
            "Next steps": "- none",
        }

    def write(self, *left_out: str) -> None:
        """Write the body, with some of its sections left out."""
        sections = (f"## {title}\n\n{text}" for title, text in self.body.items() if title not in left_out)
        self.project.change(NUMBER, body="\n\n".join(sections))

    def run(self, event: str, sent: Event, workflow: str = WORKFLOW) -> Run:
        """Run the workflow on an event, with the permissions that its template grants."""
        token = self.project.hub.workflow_token(contents="read", issues="write", pull_requests="read")
        return self.bench.on(self.project, token).act(event, *sent, workflow)

    def seal(self, **inputs: str) -> Run:
        """Dispatch a seal."""
        return self.run("workflow_dispatch", self.thread.dispatch(issue=str(NUMBER), **inputs))

    def guard(self) -> Run:
        """Send the event that the issue was closed."""
        return self.run("issues", self.thread.close_issue(NUMBER))


@pytest.fixture
def desk(bench: Bench, thread: Thread, repository: Repository) -> Desk:
    """Bring a thread to its end: all is found and tagged, and nothing is said of it on its issue."""
    project = repository
    for index in range(NUMBER - 1):
        project.issue(f"Crash {index}")
    assert project.issue("Experiment: tile order", labels=["experiment"]) == NUMBER
    thread.adopt(WORKFLOW)
    thread.branch()
    thread.add_entry()
    thread.write(LOGBOOK, thread.book.replace("### Active", "### Supported"))
    thread.commit(message="TILE-003")
    thread.snapshot("TILE-003")
    thread.push(f"HEAD:refs/heads/{BRANCH}")
    return Desk(bench, thread, project)


def test_from_a_refusal_to_a_seal(desk: Desk) -> None:
    """A seal is refused as long as something is missing, each time for less, and then closes the issue."""
    for left_out in (tuple(desk.body), ("Conclusion", "Next steps"), ("Conclusion",)):
        desk.write(*left_out)
        run = desk.seal()
        assert (run.job, run.exit_code, run.outputs["sealed"]) == ("failure", 1, "false"), run.log
        assert "final-comment" in json.loads(run.outputs["failed-checks"])
        assert ("next-steps" in run.outputs["failed-checks"]) == ("Next steps" in left_out)
        assert "Not closed out" in run.summary
    desk.write()
    desk.project.comment(NUMBER, COMMENT)
    run = desk.seal(reason="all orders are measured")
    assert (run.job, run.exit_code, run.outputs["sealed"]) == ("success", 0, "true"), run.log
    assert run.outputs["failed-checks"] == "[]"
    assert run.outputs["comment-url"].startswith(desk.project.hub.url)
    assert desk.project.state(NUMBER) == "completed"
    assert desk.project.labels(NUMBER) == {"experiment", "sealed"}
    (report,) = [body for _, body in desk.project.comments(NUMBER) if "logbook:seal" in body]
    assert "Requested by `nektos/act`: all orders are measured" in report
    assert desk.guard().exit_code == 0
    assert desk.project.state(NUMBER) == "completed"


def test_an_early_closing_is_undone(desk: Desk) -> None:
    """The job does not fail: it warns, and the issue is open again with the report."""
    desk.project.as_person("wim").close(NUMBER)
    desk.project.label(NUMBER, "sealed")
    run = desk.guard()
    assert (run.job, [item.level for item in run.annotations]) == ("success", ["warning"]), run.log
    assert run.outputs["sealed"] == "false"
    assert desk.project.state(NUMBER) == "open"


Way = Callable[[Desk], object]
WAYS: dict[str, tuple[Way, str]] = {
    "a maintainer's override": (lambda desk: desk.project.as_person("mia").label(NUMBER, "seal-override"), "completed"),
    "no maintainer's override": (lambda desk: desk.project.as_person("wim").label(NUMBER, "seal-override"), "open"),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_override_is_a_maintainers(desk: Desk, way: str) -> None:
    """A maintainer's override lets the next closing pass; anybody else's does not."""
    before, state = WAYS[way]
    before(desk)
    desk.project.as_person("wim").close(NUMBER)
    assert desk.guard().job == "success"
    assert desk.project.state(NUMBER) == state


def test_the_root_action_guards_too(desk: Desk) -> None:
    """Where one action does everything, the closing of an experiment is judged as well, and a bug's is not."""
    desk.thread.git("checkout", "--quiet", "main")
    text = (desk.thread.root / ".github/workflows" / WORKFLOW).read_text()
    root = text.replace("logbook/actions/seal@v1", "logbook@v1").partition("        with:\n          issue:")[0]
    desk.thread.commit({".github/workflows/logbook.yml": root})
    desk.thread.push("main")
    for number in (1, NUMBER):
        desk.project.close(number)
        desk.run("issues", desk.thread.close_issue(number), "logbook.yml")
    assert (desk.project.state(1), desk.project.state(NUMBER)) == ("completed", "open")


def test_a_dispatch_off_the_default_branch_is_refused(desk: Desk) -> None:
    """Whoever can push a branch cannot have it decide what is closed."""
    payload, checkout = desk.thread.dispatch(issue=str(NUMBER))
    desk.project.hub.forget()
    run = desk.run("workflow_dispatch", ({**payload, "ref": f"refs/heads/{BRANCH}"}, checkout))
    assert (run.job, run.exit_code) == ("failure", 2), run.log
    assert desk.project.hub.calls == []
