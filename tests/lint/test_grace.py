"""Claims about a force push that takes back what was pushed a moment before: GitHub says how long it had stood."""

import datetime as dt
import json
from pathlib import Path

import pytest

from hub.bench import Hub
from hub.closeout import BRANCH, PATH, Thread
from repository import Repository as Work
from repository import context
from research_logbook.findings import Severity
from research_logbook.lint.run import LintRequest, lint

NOON = dt.datetime(2026, 5, 28, 12, tzinfo=dt.UTC)


class Branch:
    """A research branch that somebody pushes to, and what lint says of the last push."""

    def __init__(self, hub: Hub, thread: Thread, folder: Path) -> None:
        self.hub, self.thread, self.folder = hub, thread, folder
        self.token = hub.workflow_token(contents="read")

    def push(self, minutes: int, text: str, *, amend: bool = False) -> str:
        """Push a version so many minutes after noon: as a further commit, or in the place of the last."""
        work = self.thread.work
        self.thread.server.set_clock(NOON + dt.timedelta(minutes=minutes))
        work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}")
        if amend:
            work.git("reset", "--quiet", "--hard", "HEAD~1")
        commit = work.commit({PATH: text})
        work.git("push", "--quiet", "--force", "origin", BRANCH)
        return commit

    def start_again(self, minutes: int) -> None:
        """Replace all of the branch so many minutes after noon by what the default branch has."""
        self.thread.server.set_clock(NOON + dt.timedelta(minutes=minutes))
        self.thread.work.git("push", "--quiet", "--force", "origin", f"origin/main:refs/heads/{BRANCH}")

    def said(self) -> dict[str, set[str]]:
        """Return the rules about history that found something in the last push, by severity."""
        last = self.thread.server.activity[-1]
        payload = {key: last[key] for key in ("ref", "before", "after")} | {"forced": True, "deleted": False}
        event = self.folder / "event.json"
        event.write_text(json.dumps(payload | {"repository": {"default_branch": "main"}}))
        runner = Work(self.folder / f"runner-{last['id']}", origin=self.folder / "origin")
        runner.git("checkout", "--quiet", BRANCH)
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": self.thread.project.name,
            "GITHUB_API_URL": self.hub.url,
            "GITHUB_TOKEN": self.token,
        }
        report = lint(LintRequest(), context(runner.root, environment, NOON))[0]
        found: dict[str, set[str]] = {"error": set(), "warning": set()}
        for finding in report.findings:
            if finding.rule in {"removed-entry", "rewritten-entry", "deleted-logbook"}:
                found["error" if finding.severity is Severity.ERROR else "warning"].add(finding.rule)
        return found


NOTHING: dict[str, set[str]] = {"error": set(), "warning": set()}
LOSS = {"error": {"removed-entry"}, "warning": set[str]()}
TAKEN_BACK = {"error": set[str](), "warning": {"removed-entry"}}


@pytest.fixture
def branch(hub: Hub, thread: Thread, tmp_path: Path) -> Branch:
    """Return the branch of a thread with two entries, which stood there for days."""
    for tag in thread.work.git("tag").split():  # whatever a snapshot holds is owed anyway
        thread.work.git("push", "--quiet", "--delete", "origin", tag)
    return Branch(hub, thread, tmp_path)


@pytest.mark.parametrize(("later", "verdict"), [(59, TAKEN_BACK), (60, LOSS), (600, LOSS)])
def test_an_entry_may_be_taken_back_within_the_grace(branch: Branch, later: int, verdict: dict[str, set[str]]) -> None:
    """An entry that was pushed less than an hour ago is missed with a warning; an older one is a loss."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(later, branch.thread.logbook(2) + "\nNothing more.\n", amend=True)
    assert branch.said() == verdict
    assert [call for call in branch.hub.calls if "activity" in call] == [
        f"GET /repos/{branch.thread.project.name}/activity"
    ]


def test_what_stood_before_is_a_loss_even_so(branch: Branch) -> None:
    """A force push that takes back what is new must not drop what is older along with it."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(10, branch.thread.logbook(1) + "\nNothing more.\n", amend=True)
    assert branch.said() == {"error": {"removed-entry"}, "warning": {"removed-entry"}}


@pytest.mark.parametrize(("later", "severity"), [(59, "warning"), (60, "error")])
def test_a_logbook_may_be_taken_back_too(branch: Branch, later: int, severity: str) -> None:
    """A branch that has just been begun may be started again; later its logbook is missed."""
    branch.thread.server.set_clock(NOON - dt.timedelta(days=1))
    branch.thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    branch.thread.work.git("fetch", "--quiet", "--prune", "origin")
    branch.thread.server.set_clock(NOON)
    branch.thread.push(branch.thread.logbook(2))
    branch.start_again(later)
    assert branch.said() == NOTHING | {severity: {"deleted-logbook"}}


def test_what_was_taken_back_before_is_not_owed_again(branch: Branch) -> None:
    """An entry that was amended in time stood a grace before the next force push, and is none of its losses."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(50, branch.thread.logbook(2) + "\nNothing more.\n", amend=True)
    branch.push(70, branch.thread.logbook(2) + "\nNothing more. Or so it seems.\n", amend=True)
    assert branch.said() == NOTHING
    branch.push(75, branch.thread.logbook(1) + "\nNothing more.\n", amend=True)
    assert branch.said()["error"] == {"removed-entry"}


def test_what_a_commit_dropped_is_still_owed_when_that_is_squashed(branch: Branch) -> None:
    """A force push that hides the commit which dropped an entry hides no loss."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(100, branch.thread.logbook(2))
    branch.thread.server.set_clock(NOON + dt.timedelta(minutes=120))
    branch.thread.work.git("push", "--quiet", "--force", "origin", f"HEAD~2:refs/heads/{BRANCH}")
    assert branch.said() == LOSS


def test_a_force_push_that_keeps_the_text_says_nothing(branch: Branch) -> None:
    """Commits that are reordered or reworded lose nothing, however old."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(600, branch.thread.logbook(3), amend=True)
    assert branch.said() == NOTHING


def test_an_ordinary_push_has_no_grace_and_asks_for_none(branch: Branch) -> None:
    """What a commit drops is to be struck out, though it was pushed a minute before."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(1, branch.thread.logbook(2))
    assert branch.said() == LOSS
    assert not [call for call in branch.hub.calls if "activity" in call]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_where_github_says_nothing_there_is_no_grace(branch: Branch, status: int) -> None:
    """A list that cannot be read excuses nothing."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(1, branch.thread.logbook(2) + "\nNothing more.\n", amend=True)
    branch.hub.fail(status, path="/activity$", times=9)
    assert branch.said() == LOSS


def test_a_list_that_lags_behind_excuses_nothing(branch: Branch) -> None:
    """Where the push is not listed yet, it is not known what stood before."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(1, branch.thread.logbook(2) + "\nNothing more.\n", amend=True)
    listed = branch.thread.server.activity[:-1]
    branch.hub.proxy.pushes[f"/repos/{branch.thread.project.name}"] = lambda: listed
    assert branch.said() == LOSS


def test_without_a_token_there_is_no_grace(branch: Branch) -> None:
    """Nobody is asked, and nothing is excused."""
    branch.push(0, branch.thread.logbook(3))
    branch.push(1, branch.thread.logbook(2) + "\nNothing more.\n", amend=True)
    branch.token = ""
    assert branch.said() == LOSS


def test_a_commits_date_makes_nothing_young(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a text was pushed counts, and not what its commit says."""
    branch.push(0, branch.thread.logbook(3))
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-05-28T17:59:00Z")
    branch.push(360, branch.thread.logbook(2) + "\nNothing more.\n", amend=True)
    assert branch.said() == LOSS
