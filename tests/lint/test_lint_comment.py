"""Claims about the comment on pull requests from forks: whose it is, what it says, and what of the fork is not used."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from effects.test_publish_guard import SECRET, VALUE
from hub.bench import BOT, Connect, Hub, Repository
from repository import ENTRY, GOOD, PATH, context
from repository import Repository as Work
from research_logbook.actions.event import FinishedRun
from research_logbook.actions.runner import event_of
from research_logbook.effects import CommandResult
from research_logbook.effects.apply import apply
from research_logbook.effects.sticky_comments import Origin
from research_logbook.errors import UnfinishedError
from research_logbook.lint.comment import lint_comment

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
BRANCH = "research/sparse-attention"
FORK = 4711


class Scene:
    """A repository with an open pull request from a fork, and the runner that comments on it."""

    def __init__(self, folder: Path, hub: Hub, repository: Repository, connect: Connect) -> None:
        self.hub, self.repository, self.connect = hub, repository, connect
        self.number = repository.issue("Sparse attention")
        self.origin = Work(folder / "origin")
        self.base = self.origin.commit({PATH: GOOD})
        self.runner = Work(folder / "runner", origin=folder / "origin")
        self.fork = Work(folder / "fork", origin=folder / "origin")
        self.fork.git("switch", "--quiet", "--create", BRANCH)

    def push(self, files: dict[str, str | bytes]) -> str:
        """Commit in the fork and push to the pull request."""
        head = self.fork.commit(files)
        self.fork.git("push", "--quiet", "--force", "origin", f"HEAD:refs/pull/{self.number}/head")
        self.pulls(self.pull(head))
        return head

    def pull(self, head: str, **other: Any) -> dict[str, Any]:
        """Return a pull request as GitHub lists it."""
        place = {"id": FORK, "full_name": "ann/tiles"}
        base = {"ref": "main", "sha": self.base, "repo": {"full_name": self.repository.name}}
        told = {"number": self.number, "body": "Part of #8734", "base": base}
        return told | {"head": {"ref": BRANCH, "sha": head, "repo": place}} | other

    def production(self, head: str, repository: str) -> dict[str, Any]:
        """Return one from another branch, of some repository."""
        place = {"id": FORK, "full_name": repository}
        return self.pull(head) | {"head": {"ref": "faster", "sha": head, "repo": place}}

    def pulls(self, *pulls: dict[str, Any], times: int = 99) -> None:
        """Let GitHub list these pull requests; emulate knows nothing of forks."""
        self.hub.forget()
        self.hub.fail(200, path=r"/pulls$", data=list(pulls), times=times)

    def finished(self, head: str, **other: Any) -> FinishedRun:
        """Return the run that has ended."""
        told = {"event": "pull_request", "owner": "ann", "repository_id": FORK, "branch": BRANCH, "commit": head}
        return FinishedRun(**(told | {"default_branch": "main"} | other))

    def run(self, head: str, run: FinishedRun | None = None) -> CommandResult:
        """Comment, and return what was planned."""
        github = self.connect(self.hub.workflow_token(pull_requests="write"))
        outcome = lint_comment(run or self.finished(head), context(self.runner.root), github)
        apply(github, outcome.plan, Origin())
        return outcome

    @property
    def said(self) -> list[str]:
        """What our comments say."""
        return [text for author, text in self.repository.comments(self.number) if author == BOT]


@pytest.fixture
def scene(tmp_path: Path, hub: Hub, repository: Repository, connect: Connect) -> Scene:
    """A pull request from a fork."""
    return Scene(tmp_path, hub, repository, connect)


REWRITTEN = GOOD.replace("loss 2.231", "loss 2.001")


def test_a_fault_is_commented_once(scene: Scene) -> None:
    """The verdict stands in one comment, and a second run of the same leaves it as it is."""
    head = scene.push({PATH: REWRITTEN})
    scene.run(head)
    (said,) = scene.said
    assert "rewritten-entry" in said
    assert f"logbook:lint:{scene.number}" in said
    scene.hub.proxy.calls.clear()
    scene.run(head)
    assert (scene.hub.writes, len(scene.said)) == ([], 1)


def test_it_costs_few_calls(scene: Scene) -> None:
    """Finding the pull request takes one call before and one after judging; the rest is the comment's own.

    Before it is posted the pull request is read once more: it may have changed since it was judged.
    """
    head = scene.push({PATH: REWRITTEN})
    scene.run(head)
    assert [call.split()[0] for call in scene.hub.calls] == ["GET", "GET", "GET", "GET", "POST", "GET"]


def test_a_good_pull_request_gets_no_comment(scene: Scene) -> None:
    """Where nothing is wrong and nothing was said, nothing is said."""
    scene.run(scene.push({PATH: GOOD + ENTRY}))
    assert scene.said == []


def test_a_fault_that_is_mended_is_taken_back(scene: Scene) -> None:
    """The comment that is there says that nothing is wrong any more."""
    scene.run(scene.push({PATH: REWRITTEN}))
    scene.run(scene.push({PATH: GOOD + ENTRY}))
    (said,) = scene.said
    assert "no problems found in 1 logbook" in said


def test_nothing_of_the_fork_is_checked_out(scene: Scene) -> None:
    """The work tree, its branches and its tags are what they were; only objects came."""
    head = scene.push({PATH: REWRITTEN, "click.py": "raise SystemExit\n", ".gitattributes": "* filter=x\n"})
    scene.fork.git("tag", "planted")
    scene.fork.git("push", "--quiet", "origin", "planted")
    before = (
        scene.runner.git("for-each-ref"),
        scene.runner.git("status", "--short"),
        scene.runner.git("rev-parse", "HEAD"),
    )
    scene.run(head)
    after = (
        scene.runner.git("for-each-ref"),
        scene.runner.git("status", "--short"),
        scene.runner.git("rev-parse", "HEAD"),
    )
    assert before == after
    assert not (scene.runner.root / "click.py").exists()
    assert not (scene.runner.root / ".git/FETCH_HEAD").exists()
    assert scene.said


def test_the_forks_configuration_does_not_count(scene: Scene) -> None:
    """What the pull request would loosen is judged by the default branch, and the comment says so."""
    broken = GOOD + ENTRY.replace("- Command: `python -m train --blocks 512 --seed 1`\n", "")
    head = scene.push({PATH: broken, ".github/logbook.yml": "rules:\n  result-without-command: off\n"})
    scene.run(head)
    (said,) = scene.said
    assert "result-without-command" in said
    assert "judged by the configuration without that edit" in said


def test_the_default_branchs_configuration_counts(scene: Scene) -> None:
    """Its rules hold, though the fork left before they were there."""
    scene.origin.commit({".github/logbook.yml": "rules:\n  result-without-command: off\n"})
    scene.runner.git("fetch", "--quiet")
    broken = GOOD + ENTRY.replace("- Command: `python -m train --blocks 512 --seed 1`\n", "")
    scene.run(scene.push({PATH: broken}))
    assert scene.said == []


@pytest.mark.parametrize(
    "other",
    [
        {"commit": "0" * 40},
        {"repository_id": FORK + 1},
        {"branch": "research/other"},
        {"event": "push"},
        {"event": "workflow_dispatch"},
    ],
)
def test_what_is_not_certain_is_not_commented(scene: Scene, other: dict[str, Any]) -> None:
    """Another commit, repository or branch than the listed one's, or another event: nothing is fetched or written."""
    head = scene.push({PATH: REWRITTEN})
    outcome = scene.run(head, scene.finished(head, **other))
    assert (outcome.plan, len(outcome.notes), scene.hub.writes, scene.said) == ((), 1, [], [])
    assert "refs/pull" not in scene.runner.git("for-each-ref")


def test_two_pull_requests_of_one_commit_are_too_many(scene: Scene) -> None:
    """Where two fit, none is commented on."""
    head = scene.push({PATH: REWRITTEN})
    scene.pulls(scene.pull(head), scene.pull(head, number=scene.number + 1))
    assert (scene.run(head).plan, scene.said) == ((), [])


def test_the_same_branch_of_another_fork_is_another(scene: Scene) -> None:
    """Of two forks with a branch of that name, the one whose commit was judged is meant."""
    head = scene.push({PATH: REWRITTEN})
    stranger = scene.pull(head, number=scene.number + 1)
    stranger["head"] = stranger["head"] | {"repo": {"id": 1, "full_name": "ann/other"}}
    gone = scene.pull(head, number=scene.number + 2)
    gone["head"] = gone["head"] | {"repo": None}
    scene.pulls(stranger, scene.pull(head), gone)
    scene.run(head)
    assert len(scene.said) == 1


def test_a_production_pull_request_of_our_own_is_judged_as_one(scene: Scene) -> None:
    """A logbook among code is a fault in a pull request of the repository itself, and none in one from a fork."""
    head = scene.push({PATH: GOOD + ENTRY, "src/attention.py": "x = 1\n"})
    scene.pulls(scene.production(head, "ann/tiles"))
    scene.run(head, scene.finished(head, branch="faster"))
    assert scene.said == []
    scene.pulls(scene.production(head, scene.repository.name))
    scene.run(head, scene.finished(head, branch="faster"))
    assert "logbook-in-production-pr" in scene.said[0]


def test_a_push_meanwhile_stops_it(scene: Scene) -> None:
    """When the pull request has moved on while it was judged, the newer run is the one to speak."""
    head = scene.push({PATH: REWRITTEN})
    scene.pulls(scene.pull(head), times=1)
    scene.hub.fail(200, path=r"/pulls$", data=[scene.pull("1" * 40)])
    outcome = scene.run(head)
    assert (outcome.plan, scene.said) == ((), [])
    assert "changed meanwhile" in outcome.notes[0]


def test_an_old_comment_by_others_is_left_alone(scene: Scene) -> None:
    """A comment that somebody else wrote with our marker stays as it is."""
    head = scene.push({PATH: REWRITTEN})
    planted = f"<!-- logbook:lint:{scene.number} run=9.1 -->\nAll is well."
    scene.repository.as_person("ann").comment(scene.number, planted)
    scene.run(head)
    assert ("ann", planted) in scene.repository.comments(scene.number)
    assert len(scene.said) == 1


def test_hostile_text_of_the_fork_does_nothing(scene: Scene) -> None:
    """What the fork's logbook says mentions nobody, links nothing and hides nothing in the comment."""
    evil = "x <!-- @lab/all [click](https://evil.example) ${{ secrets.X }}\n::error::boo"
    scene.run(scene.push({PATH: GOOD.replace("halve the attention cost", evil), "a": "b"}))
    scene.run(scene.push({PATH: GOOD.replace("SPA-AT-001 first seed", f"SPA-AT-001 {evil}")}))
    (said,) = scene.said
    rest = said.partition("\n")[2]
    for bad in ("<!--", "@lab", "](https://evil", "\n::error"):
        assert bad not in rest


def test_a_planted_link_in_the_fork_is_not_followed(scene: Scene) -> None:
    """A logbook that is a symbolic link in the fork is told as one; what it points to is not read."""
    (scene.fork.root / PATH).unlink()
    (scene.fork.root / PATH).symlink_to("/etc/passwd")
    scene.run(scene.push({}))
    (said,) = scene.said
    assert "unreadable-logbook" in said
    assert "root:" not in said


def test_without_the_history_it_says_what_to_do(scene: Scene) -> None:
    """A base that the runner lacks is no verdict."""
    head = scene.push({PATH: REWRITTEN})
    place = scene.pull(head)["base"] | {"ref": "gone"}
    scene.pulls(scene.pull(head, base=place))
    with pytest.raises(UnfinishedError, match="the branch 'gone'"):
        scene.run(head)
    assert scene.said == []


def test_a_payload_becomes_the_run(tmp_path: Path) -> None:
    """What GitHub tells is read; an event of another kind, or a fork that is gone, is none."""
    place = {"id": FORK, "owner": {"login": "ann"}}
    run = {"event": "pull_request", "head_branch": BRANCH, "head_sha": "a" * 40, "head_repository": place}
    path = tmp_path / "event.json"
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "workflow_run", "GITHUB_EVENT_PATH": str(path)}

    def read(**other: Any) -> FinishedRun | None:
        path.write_text(json.dumps({"workflow_run": run | other, "repository": {"default_branch": "main"}}))
        return event_of(environment).finished_run

    assert read() == FinishedRun("pull_request", "ann", FORK, BRANCH, "a" * 40, "main")
    assert read(head_repository=None) is None
    assert read(head_sha=7) is None
    assert event_of({**environment, "GITHUB_EVENT_NAME": "pull_request"}).finished_run is None


def test_private_text_keeps_no_verdict_from_being_said(scene: Scene) -> None:
    """Where a finding would quote a secret the comment says that there is one, and does not show it."""
    head = scene.push({PATH: REWRITTEN + f"\n### {SECRET} - undated\n\n- Result: {SECRET} loss 2.1\n"})
    scene.run(head)
    (said,) = scene.said
    assert "committed-secret" in said
    assert VALUE not in said
