"""The workflow that comments on pull requests from forks, as users copy it."""

from pathlib import Path
from typing import Any

import pytest

from e2e.bench import CHECKOUT, Bench, Run
from e2e.thread import BRANCH, LOGBOOK, Thread
from hub.bench import BOT, Repository

COMMENT = "logbook-lint-comment.yml"
FORK = 4711


class Fork:
    """Somebody's fork with a pull request, and the repository that it is for."""

    def __init__(self, bench: Bench, thread: Thread, repository: Repository) -> None:
        template = (CHECKOUT / "workflows-templates" / COMMENT).read_text()
        thread.commit({f".github/workflows/{COMMENT}": template}, "Comment on forks too")
        thread.push("main")
        self.thread, self.repository, self.hub = thread, repository, repository.hub
        self.bench = bench.on(repository, self.hub.workflow_token(pull_requests="write"))
        self.checkout = thread.checkout("refs/heads/main", "main")
        self.number = repository.issue("Tile order")

    def push(self) -> str:
        """Push the work of the fork, as the head of the pull request alone."""
        head = self.thread.commit(message="Work in a fork")
        self.thread.push(f"HEAD:refs/pull/{self.number}/head")
        return head

    def lint_ended(self, head: str, listed: str = "") -> Run:
        """Deliver the event that GitHub sends when the fork's own run has ended; `listed` is the head by then."""
        place = {"id": FORK, "full_name": "ann/tiles"}
        pull = {"number": self.number, "body": "Part of #12", "base": {"ref": "main"}}
        pull["head"] = {"ref": BRANCH, "sha": listed or head, "repo": place}
        self.hub.forget()
        self.hub.fail(200, path="/pulls$", data=[pull], times=9)
        run: dict[str, Any] = {"event": "pull_request", "head_branch": BRANCH, "head_sha": head, "pull_requests": []}
        run["head_repository"] = place | {"owner": {"login": "ann"}}
        repository = {"full_name": self.repository.name, "default_branch": "main", "fork": False}
        payload = {"action": "completed", "workflow_run": run, "repository": repository}
        return self.bench.act("workflow_run", payload, self.checkout, COMMENT)

    @property
    def said(self) -> list[str]:
        """What our comments say."""
        return [text for author, text in self.repository.comments(self.number) if author == BOT]


@pytest.fixture
def fork(bench: Bench, thread: Thread, repository: Repository) -> Fork:
    """Fork a repository that comments on forks."""
    return Fork(bench, thread, repository)


def test_a_forks_pull_request_gets_its_verdict(fork: Fork) -> None:
    """The removed entry is told in a comment, the job itself succeeds, and the fix is told in the same comment."""
    whole = fork.thread.book
    fork.thread.write(LOGBOOK, whole[: whole.index("\n### 2026-03-03")])
    run = fork.lint_ended(fork.push())
    assert run.job == "success", run.log
    ((said,), (url,)) = (fork.said, _urls(run))
    assert "removed-entry" in said
    assert f"/issues/{fork.number}#" in url
    fork.thread.write(LOGBOOK, whole)
    fork.thread.add_entry()
    assert fork.lint_ended(fork.push()).job == "success"
    ((said,),) = (fork.said,)
    assert "no problems found in 1 logbook" in said


def _urls(run: Run) -> list[str]:
    return [part.strip('"') for part in run.outputs["comment-urls"].strip("[]").split(",") if part]


def test_nothing_of_a_forks_tree_is_run(fork: Fork, planted: Path) -> None:
    """Modules, settings and programs that the fork plants reach neither the work tree nor the interpreter."""
    fork.thread.add_entry(command="")
    run = fork.lint_ended(fork.push())
    assert (run.job, planted.exists()) == ("success", False), run.log
    assert "result-without-command" in fork.said[0]
    assert not (fork.checkout / "click.py").exists()


def test_a_run_that_is_overtaken_says_nothing(fork: Fork) -> None:
    """Where the pull request has another commit by now, nothing is fetched and nothing is written."""
    fork.thread.add_entry(command="")
    run = fork.lint_ended(fork.push(), listed="1" * 40)
    assert (run.job, fork.said, fork.hub.writes) == ("success", [], []), run.log
