"""The W&B summary from end to end: the workflow as users copy it, a GitHub and a W&B on this machine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.bench import CHECKOUT, Bench, Run
from e2e.thread import BRANCH, LOGBOOK, Thread
from hub.bench import Hub, Repository
from wandb_server import KEY, ServedRun, WandbServer, running_wandb, steps

WORKFLOW = "logbook-wandb-summary.yml"


@dataclass(frozen=True, slots=True)
class Lab:
    """A repository on GitHub with a thread in it, and a W&B."""

    hub: Hub
    wandb: WandbServer
    repository: Repository
    thread: Thread
    bench: Bench
    issue: int

    def dispatch(self, event: str = "workflow_dispatch", key: str = KEY, **inputs: str) -> Run:
        """Run the workflow, as a person with a form or the clock starts it."""
        about = {"full_name": "lab/tiles", "default_branch": "main", "fork": False}
        payload: dict[str, Any] = {"ref": "refs/heads/main", "inputs": inputs, "repository": about}
        if event == "schedule":
            payload = {"schedule": "23 */6 * * *"}  # which is all that GitHub says then
        secrets = {"WANDB_API_KEY": key} if key else {}
        bench = self.bench.on(self.repository, self.hub.workflow_token(contents="read", issues="write"))
        return bench.act(event, payload, self.thread.checkout("refs/heads/main", "main"), WORKFLOW, secrets=secrets)

    def comments(self) -> list[tuple[str, str]]:
        """Return the comments on the thread's issue."""
        return self.repository.comments(self.issue)


def served(milliseconds: float) -> list[ServedRun]:
    """Return the runs of the thread, the second of which took so long."""
    history = steps([50.0 - step / 10 for step in range(90)], "milliseconds")
    return [
        ServedRun("r1", "TILE-001 row", tags=["tiles", "cache"], summary={"milliseconds": 41.2}, history=history),
        ServedRun("m2", "TILE-002 morton", tags=["tiles"], summary={"milliseconds": milliseconds}, history=history),
        ServedRun("x3", "TILE-003 @mia | <!-- x", "crashed", tags=["tiles", "cache"], summary={}),
    ]


@pytest.fixture
def lab(bench: Bench, thread: Thread, repository: Repository) -> Iterator[Lab]:
    """Set up the laboratory: the workflow and the configuration on main, the thread on its branch."""
    with running_wandb() as wandb:
        yield _lab(repository, wandb, bench, thread)


def _lab(repository: Repository, wandb: WandbServer, bench: Bench, thread: Thread) -> Lab:
    issue = repository.as_person("ann").issue("Tile order")
    wandb.projects["lab/tiles"] = served(38.9)
    thread.write(f".github/workflows/{WORKFLOW}", (CHECKOUT / "workflows-templates" / WORKFLOW).read_text())
    settings = f"wandb:\n  host: {wandb.url}\n  projects: [lab/tiles]\n  better: {{milliseconds: lower}}\n"
    thread.write(".github/logbook.yml", settings)
    book = thread.book.replace("#12", f"#{issue}").replace("issue: 12", f"issue: {issue}")
    thread.write(LOGBOOK, book.replace("38.9 ms per product", "milliseconds: 38.9"))
    thread.commit()
    thread.push("main", f"HEAD:refs/heads/{BRANCH}")
    return Lab(repository.hub, wandb, repository, thread, bench, issue)


def test_one_comment_is_made_kept_and_brought_up_to_date(lab: Lab) -> None:
    """Dispatched, the workflow makes one comment; again, it writes nothing; and after a change, it changes that one."""
    first = lab.dispatch(topic="tile-order")
    assert (first.job, first.exit_code) == ("success", 0), first.log
    ((author, text),) = lab.comments()
    assert author == "github-actions[bot]"
    assert ("**38.9000**" in text, "xychart-beta" in text, "🟦 TILE-001 row" in text) == (True, True, True)
    assert "TILE-003 <span>\\@</span>mia" in text
    assert first.summary.startswith(text.partition("\n")[2].strip())
    assert f"- Commented on [<span>\\#</span>{lab.issue}](" in first.summary.partition("### Done")[2]
    lab.hub.forget()
    assert lab.dispatch(issue=str(lab.issue)).job == "success"
    assert lab.hub.writes == []
    lab.wandb.projects["lab/tiles"] = served(37.5)
    assert lab.dispatch("schedule").job == "success"
    assert [call.split(" ")[0] for call in lab.hub.writes] == ["PATCH"]
    ((_, text),) = lab.comments()
    line = lab.thread.line("milliseconds: 38.9")
    assert ("37.5000" in text, f"`{LOGBOOK}:{line}` says 38.9 for `milliseconds`" in text) == (True, True)


def test_no_key_is_no_failure(lab: Lab) -> None:
    """Without the secret the action says so and succeeds; neither GitHub nor W&B is asked."""
    run = lab.dispatch(key="")
    assert (run.job, [item.level for item in run.annotations]) == ("success", ["warning"])
    assert "no W&B key" in run.annotations[0].message
    assert (run.outputs, lab.hub.calls, lab.wandb.calls) == ({"comment-urls": "[]"}, [], [])


def test_an_expired_key_fails_with_a_sentence(lab: Lab) -> None:
    """A key that W&B rejects ends the run with exit code 3 and one error, and stands in no log."""
    lab.wandb.refuse = [("Viewer", 401)]
    run = lab.dispatch(key="e" * 40)
    assert (run.job, run.exit_code, lab.comments()) == ("failure", 3, [])
    assert [item.message.partition("\n")[0] for item in run.annotations if item.level == "error"] == [
        f"W&B at {lab.wandb.url} rejected the API key"
    ]
    assert "e" * 40 not in run.log


def test_what_is_planted_in_the_work_tree_gets_no_key(lab: Lab, planted: Path) -> None:
    """Settings, programs and modules in the work tree lead the key nowhere, and change nothing."""
    with running_wandb() as other:
        lab.thread.write("wandb/settings", f"[default]\nbase_url = {other.url}\n")
        lab.thread.write("wandb.py", f"open({str(planted)!r}, 'w')\n")
        lab.thread.commit()
        lab.thread.push("main")
        run = lab.dispatch(topic="tile-order")
        assert (run.job, planted.exists(), other.calls) == ("success", False, []), run.log
    assert len(lab.comments()) == 1


@pytest.fixture
def root_workflow(lab: Lab) -> Mapping[str, str]:
    """Put a workflow beside the template that calls the root action, as its users write it."""
    template = (CHECKOUT / "workflows-templates" / WORKFLOW).read_text()
    head, _, _ = template.partition("        with:\n          topic:")
    text = head.replace("/actions/wandb-summary@v1", "@v1")
    options = "        with:\n          command: wandb-summary\n          wandb-api-key: ${{ secrets.WANDB_API_KEY }}\n"
    lab.thread.write(f".github/workflows/{WORKFLOW}", text + options)
    lab.thread.commit()
    lab.thread.push("main")
    return {"topic": "tile-order"}


def test_the_root_action_takes_the_command(lab: Lab, root_workflow: Mapping[str, str]) -> None:
    """With `command: wandb-summary` the root action does the same, for the thread that was filled in."""
    run = lab.dispatch(**root_workflow)
    assert (run.job, len(lab.comments())) == ("success", 1), run.log
    assert lab.dispatch(topic="none").exit_code == 2
