"""What a version answers for, row by row: what each situation is held against, found and kept silent on real git.

Each test is a row, or a sibling of one; `seen` is what was decided, `faults` what lint then finds in the record.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from repository import ENTRY, GOOD, PATH, context
from repository import Repository as Work
from research_logbook.errors import UnfinishedError
from research_logbook.lint.run import LintRequest, explained, lint
from research_logbook.repo import comparison
from research_logbook.repo.comparison import Comparison, HeldKind

BRANCH = "research/sparse-attention"
THIRD = ENTRY.replace("SPA-AT-002", "SPA-AT-003").replace("2.229", "2.417").replace("09:00", "10:00")
FOURTH = ENTRY.replace("SPA-AT-002", "SPA-AT-004").replace("2.229", "2.233").replace("09:00", "11:00")
ZEROS = "0" * 40
LOST = {"removed-entry", "rewritten-entry"}
"""What says that the record lacks something; which of them it is depends on what stands there instead."""


class Scene:
    """A server with one logbook on its default branch, and a clone on a research branch."""

    def __init__(self, folder: Path) -> None:
        """Make both."""
        self.folder = folder
        self.origin = Work(folder / "origin")
        self.start = self.origin.commit({PATH: GOOD})
        self.work = Work(folder / "work", origin=self.origin.root)
        self.work.git("switch", "--quiet", "--create", BRANCH)
        self.event: dict[str, str] = {}

    def push(self, *options: str) -> str:
        """Push the branch that is checked out; return what it is at."""
        self.work.git("push", "--quiet", *options, "origin", "HEAD")
        return self.work.git("rev-parse", "HEAD")

    def checkout(self, *refspecs: str, depth: int = 0) -> None:
        """Go on in a checkout of a runner, which has fetched what `refspecs` name; the first is checked out."""
        runner = Work(self.folder / "runner")
        runner.git("remote", "add", "origin", f"file://{self.origin.root}")
        shallow = [f"--depth={depth}", "--no-tags"] if depth else []
        runner.git("fetch", "--quiet", *shallow, "origin", *refspecs)
        runner.git("checkout", "--quiet", "--detach", refspecs[0].partition(":")[2])
        self.work = runner

    def on(self, name: str, **payload: Any) -> None:
        """Let an event of Actions start what follows."""
        repository = {"default_branch": "main", "full_name": "lab/models"}
        path = self.folder / "event.json"
        path.write_text(json.dumps({"repository": repository} | payload))
        self.event = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}

    def on_push(self, before: str, ref: str = f"refs/heads/{BRANCH}", **more: Any) -> None:
        """Let a push start it."""
        self.on("push", ref=ref, before=before, after=self.work.git("rev-parse", "HEAD"), **more)

    def on_pull(self, head: str, base: str = "main", base_sha: str = "", *, branch: str = BRANCH) -> None:
        """Let a pull request start it."""
        repo = {"repo": {"full_name": "lab/models"}}
        into = {"ref": base, "sha": base_sha or self.origin.git("rev-parse", base), **repo}
        pull = {"number": 7, "body": "Part of #8734", "head": {"ref": branch, "sha": head, **repo}, "base": into}
        self.on("pull_request", number=7, pull_request=pull, action="synchronize")

    def colleague(self, branch: str, text: str, path: str = PATH) -> str:
        """Let somebody else push to a branch meanwhile; return the commit."""
        other = Work(self.folder / f"colleague-{branch.replace('/', '-')}", origin=self.origin.root)
        other.git("switch", "--quiet", branch)
        made = other.commit({path: text}, "A colleague's")
        other.git("push", "--quiet", "origin", branch)
        return made

    @property
    def seen(self) -> Comparison:
        """What is decided."""
        run = context(self.work.root, self.event)
        return comparison.choose(run.clone(), run.event, None, run.token)

    @property
    def held(self) -> dict[str, str]:
        """What history is held against, each with its reason."""
        return {it.commit: it.why for it in self.seen.held}

    @property
    def faults(self) -> set[str]:
        """The errors that lint finds."""
        report = lint(LintRequest(), context(self.work.root, self.event))[0]
        return {finding.rule for finding in report.findings if finding.severity == "error"}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A clone of a server, on a research branch."""
    return Scene(tmp_path)


# Pushes


def test_a_push_is_held_against_what_was_there_before(scene: Scene) -> None:
    """A push, `before` an ancestor: `before`; what it rewrites is found, what it adds is not."""
    before = scene.work.commit({PATH: GOOD + ENTRY})
    scene.work.commit({PATH: GOOD + ENTRY + THIRD})
    scene.on_push(before)
    assert (scene.held, scene.seen.base, scene.seen.left) == ({before: "before the push"}, before, scene.start)
    assert scene.faults == set()
    scene.work.commit({PATH: GOOD + ENTRY.replace("2.229", "2.129")})
    assert scene.faults & LOST


@pytest.mark.parametrize("is_fetched", [True, False])
def test_a_forced_push_is_held_against_what_it_replaced(scene: Scene, *, is_fetched: bool) -> None:
    """A push, `before` not an ancestor: `before` itself, fetched by its hash where the clone lacks it."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.work.commit({PATH: GOOD + ENTRY + THIRD})
    before = scene.push()
    scene.work.git("reset", "--quiet", "--hard", "HEAD~1")
    scene.work.commit({PATH: GOOD + ENTRY + FOURTH})
    scene.push("--force")
    if not is_fetched:
        scene.checkout(f"{BRANCH}:refs/remotes/origin/{BRANCH}", "main:refs/remotes/origin/main")
    scene.on_push(before, forced=True)
    assert scene.seen.base == scene.seen.left == scene.start
    assert scene.seen.held[1].kind is HeldKind.REPLACED
    assert scene.held == {scene.start: "where the branch left `main`", before: "which this push replaced"}
    assert scene.seen.unchecked == ()
    assert scene.faults == {"removed-entry"}


def test_a_rebase_that_keeps_the_text_is_silent(scene: Scene) -> None:
    """A push, `before` not an ancestor, and all that it had is there still."""
    scene.work.commit({PATH: GOOD + ENTRY})
    before = scene.push()
    scene.colleague("main", "A neighbour's.\n", "README.md")
    scene.work.git("fetch", "--quiet")
    scene.work.git("rebase", "--quiet", "origin/main")
    scene.push("--force")
    scene.on_push(before, forced=True)
    assert before in scene.held
    assert scene.faults == set()


def test_what_a_push_replaced_and_the_server_has_no_more_is_not_checked(scene: Scene) -> None:
    """A push, `before` not to be had: the report says so, and the rest is judged."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.on_push("1" * 40, forced=True)
    assert (scene.seen.base, set(scene.held)) == (scene.start, {scene.start})
    assert "1111111111 is not in this clone, and could not be fetched" in scene.seen.unchecked[0]
    assert scene.faults == set()


@pytest.mark.parametrize("before", [ZEROS, "0" * 64, ""])
def test_a_new_branch_is_held_against_where_it_left_the_default_branch(scene: Scene, before: str) -> None:
    """A new branch: where it left the default branch, never what that got since."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.colleague("main", GOOD + THIRD)
    scene.work.git("fetch", "--quiet")
    scene.on_push(before)
    assert scene.held == {scene.start: "where the branch left `main`"}
    assert (scene.seen.rules_from, scene.faults) == (scene.work.git("rev-parse", "origin/main"), set())
    scene.work.commit({PATH: GOOD.replace("2.231", "2.131") + ENTRY})
    assert scene.faults & LOST


def test_a_branch_from_a_research_branch_is_not_held_against_what_that_got_since(scene: Scene) -> None:
    """A new branch from another: it answers for what it has of the other, and for nothing later."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.push()
    scene.work.git("switch", "--quiet", "--create", "research/wide")
    scene.work.commit({"train.py": "pass\n"})
    scene.push()
    scene.colleague(BRANCH, GOOD + ENTRY + THIRD)
    scene.work.git("fetch", "--quiet")
    scene.on_push(ZEROS, "refs/heads/research/wide")
    assert (scene.held, scene.faults) == ({scene.start: "where the branch left `main`"}, set())


def test_a_push_to_the_default_branch_is_judged_by_the_rules_that_it_had(scene: Scene) -> None:
    """A default branch that loosens its rules with the same push is judged without that."""
    scene.work.git("switch", "--quiet", "main")
    loosened = {PATH: GOOD + ENTRY.replace("2026-05-26", "2026-02-31"), ".github/logbook.yml": "fail-on: never\n"}
    scene.work.commit({**loosened, ".github/logbook.yml": "rules: {impossible-date: 'off'}\n"})
    scene.push()
    scene.on_push(scene.start, "refs/heads/main")
    assert (scene.seen.rules_from, scene.faults) == (scene.start, {"impossible-date"})


def test_a_rewritten_default_branch_is_held_against_what_it_was(scene: Scene) -> None:
    """A forced push to the default branch: what it replaced, from where the two part."""
    scene.work.git("switch", "--quiet", "main")
    scene.work.commit({PATH: GOOD + ENTRY})
    before = scene.push()
    scene.work.git("reset", "--quiet", "--hard", scene.start)
    scene.work.commit({PATH: GOOD + THIRD})
    scene.push("--force")
    scene.on_push(before, "refs/heads/main", forced=True)
    assert (scene.seen.base, scene.seen.rules_from) == (scene.start, before)
    assert set(scene.held) == {scene.start, before}


def test_a_moved_tag_replaces_nothing(scene: Scene) -> None:
    """A push of a tag: where its commit left the default branch, not what the tag was on."""
    scene.work.commit({PATH: GOOD + ENTRY})
    moved = scene.push()
    scene.work.git("switch", "--quiet", "--create", "research/other", "origin/main")
    scene.work.commit({"train.py": "pass\n"})
    scene.on_push(moved, "refs/tags/v1", forced=True)
    assert (set(scene.held), scene.faults) == ({scene.start}, set())


def test_a_deleted_branch_has_nothing_to_judge(scene: Scene) -> None:
    """A push that deletes a branch."""
    scene.on_push(scene.start, deleted=True)
    assert (scene.seen.is_deletion, scene.held, scene.faults) == (True, {}, set())


def test_an_unrelated_branch_is_judged_as_a_whole(scene: Scene) -> None:
    """A branch with a root of its own answers for all of itself, and for nothing else."""
    scene.work.git("switch", "--quiet", "--orphan", "research/anew")
    scene.work.commit({PATH: GOOD.replace("2026-05-25", "2026-02-31")})
    scene.on_push(ZEROS, "refs/heads/research/anew")
    assert (scene.seen.base, scene.held, scene.faults) == (None, {}, {"impossible-date"})
    assert scene.seen.notes == ("it shares no commit with `main`, so all of it is judged",)


# Pull requests and the merge queue


def merged(scene: Scene, into: str, head: str) -> str:
    """Return the merge of a pull request as GitHub makes it, checked out."""
    scene.work.git("fetch", "--quiet")
    scene.work.git("switch", "--quiet", "--detach", f"origin/{into}")
    scene.work.git("merge", "--quiet", "--no-ff", "--no-edit", head)
    return scene.work.git("rev-parse", "HEAD")


def test_a_pull_requests_merge_is_held_against_its_first_parent(scene: Scene) -> None:
    """A pull request, the merge's first parent on its base: that parent, not what the base got since."""
    head = scene.work.commit({PATH: GOOD + ENTRY})
    scene.push()
    first = scene.colleague("main", "A neighbour's fault\n", ".agents/logbooks/other.md")
    scene.on_pull(head)
    merge = merged(scene, "main", head)
    scene.origin.commit({".agents/logbooks/third.md": "A later fault\n"})
    scene.work.git("fetch", "--quiet")
    assert (scene.seen.head, scene.held) == (merge, {first: "`main` as this merge has it"})
    assert (scene.seen.rules_from, scene.faults) == (first, set())
    scene.work.git("switch", "--quiet", BRANCH)
    head = scene.work.commit({PATH: GOOD.replace("2.231", "2.131")})
    scene.on_pull(head)
    merged(scene, "main", head)
    assert scene.faults & LOST


def test_a_stale_merge_of_a_pull_request_does_not_count(scene: Scene) -> None:
    """A retargeted pull request: its head against where it left the new base, by the default branch's rules."""
    scene.work.git("switch", "--quiet", "--create", "develop")
    loose = "rules: {result-without-command: 'off'}\n"
    scene.work.commit({PATH: GOOD.replace("2.231", "2.131"), ".github/logbook.yml": loose})
    scene.push()
    scene.work.git("switch", "--quiet", "--create", "topic")
    head = scene.work.commit({"train.py": "pass\n"})
    scene.push()
    scene.colleague("develop", "A neighbour's fault\n", ".agents/logbooks/other.md")
    merged(scene, "develop", head)
    scene.on_pull(head, "develop", branch="topic")
    assert (scene.faults, scene.seen.head) == (set(), scene.work.git("rev-parse", "HEAD"))
    scene.on_pull(head, "main", branch="topic")
    assert (scene.seen.head, scene.seen.rules_from) == (head, scene.start)
    assert scene.held == {scene.start: "where the branch left `main`"}
    assert scene.faults & LOST


def test_a_pull_requests_head_is_held_against_where_it_left_its_base(scene: Scene) -> None:
    """A pull request whose workflow checks out the head: the merge base, not what the base got since."""
    head = scene.work.commit({PATH: GOOD + ENTRY})
    scene.colleague("main", GOOD + THIRD)
    scene.work.git("fetch", "--quiet")
    scene.on_pull(head)
    assert (scene.held, scene.faults) == ({scene.start: "where the branch left `main`"}, set())
    scene.on_pull(scene.work.commit({PATH: GOOD.replace("2.231", "2.131")}))
    assert scene.faults & LOST


def test_a_pull_request_into_another_branch_is_judged_by_the_default_branchs_rules(scene: Scene) -> None:
    """Whoever may push a branch cannot loosen the rules of what is merged into it."""
    scene.work.git("switch", "--quiet", "--create", "develop")
    scene.work.commit({".github/logbook.yml": "rules: {impossible-date: 'off'}\n"})
    scene.push()
    scene.work.git("switch", "--quiet", "--create", "topic")
    head = scene.work.commit({PATH: GOOD + ENTRY.replace("2026-05-26", "2026-02-31")})
    scene.on_pull(head, "develop", branch="topic")
    assert (scene.seen.rules_from, scene.faults) == (scene.start, {"impossible-date"})


def test_a_pull_request_into_a_deleted_branch_is_held_against_its_last_commit(scene: Scene) -> None:
    """The event still knows where the base was."""
    head = scene.work.commit({PATH: GOOD + ENTRY})
    scene.on_pull(head, "gone", scene.start)
    assert (scene.held, scene.faults) == ({scene.start: "where the branch left `gone`"}, set())
    scene.on_pull(head, "gone", "1" * 40)
    with pytest.raises(UnfinishedError, match="the branch 'gone' of the remote is not in this clone"):
        _ = scene.seen


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_checkout_of_a_pull_request_says_what_it_lacks(scene: Scene, depth: int) -> None:
    """`fetch-depth: 1` and `2`: the first parent is fetched where it is missing; versions and snapshots were not."""
    head = scene.work.commit({PATH: GOOD.replace("2.231", "2.131")})
    scene.push()
    merge = merged(scene, "main", head)
    scene.work.git("push", "--quiet", "origin", f"{merge}:refs/pull/7/merge")
    scene.checkout("refs/pull/7/merge:refs/remotes/pull/7/merge", depth=depth)
    scene.on_pull(head)
    assert (scene.seen.base, scene.faults) == (scene.start, {"rewritten-entry"})
    (lacking,) = scene.seen.unchecked
    assert lacking.startswith("versions and snapshots that were not fetched, because the clone is shallow; check out")
    later = scene.origin.commit({"README.md": "Later\n"})
    scene.on_pull(head, base_sha=later)
    assert (scene.seen.base, scene.seen.rules_from) == (scene.start, later)
    assert "is on `main` as it is now" in scene.seen.unchecked[0]


def test_the_merge_queue_is_held_against_its_base(scene: Scene) -> None:
    """The merge queue: its base, fetched where it is missing."""
    base = scene.colleague("main", GOOD + THIRD)
    scene.work.git("fetch", "--quiet")
    scene.work.git("merge", "--quiet", "--ff-only", "origin/main")
    head = scene.work.commit({PATH: GOOD + THIRD + ENTRY})
    scene.on("merge_group", merge_group={"head_sha": head, "base_sha": base})
    assert (scene.held, scene.seen.rules_from) == ({base: "the merge queue's base"}, base)
    assert scene.faults == set()
    scene.work.commit({PATH: GOOD})
    assert scene.faults & LOST
    scene.on("merge_group", merge_group={"head_sha": head, "base_sha": "1" * 40})
    with pytest.raises(UnfinishedError, match="merge queue's base"):
        _ = scene.seen


# Shallow and partial checkouts of pushes, and dispatched runs


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_checkout_of_a_push_is_held_against_what_was_before(scene: Scene, depth: int) -> None:
    """`fetch-depth: 1` and `2` of a push: `before` and the default branch are fetched, the rest is not checked."""
    scene.work.commit({PATH: GOOD + ENTRY})
    before = scene.push()
    scene.work.commit({PATH: GOOD + ENTRY.replace("2.229", "2.129")})
    scene.push()
    scene.checkout(f"{BRANCH}:refs/remotes/origin/{BRANCH}", depth=depth)
    scene.on_push(before, forced=False)
    assert (scene.held, scene.seen.rules_from) == ({before: "before the push"}, scene.start)
    assert scene.faults & LOST
    assert "because the clone is shallow" in scene.seen.unchecked[-1]


def test_a_new_branch_of_a_shallow_checkout_says_what_to_fetch(scene: Scene) -> None:
    """`fetch-depth: 1` of a new branch: where it left the default branch cannot be told."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.push()
    scene.checkout(f"{BRANCH}:refs/remotes/origin/{BRANCH}", depth=1)
    scene.on_push(ZEROS, forced=False)
    with pytest.raises(UnfinishedError, match="the clone is shallow"):
        _ = scene.seen


def test_a_default_branch_that_was_not_fetched_is_fetched(scene: Scene) -> None:
    """A full checkout of one branch alone."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.push()
    scene.checkout(f"{BRANCH}:refs/remotes/origin/{BRANCH}")
    scene.work.git("update-ref", "-d", "refs/remotes/origin/main")
    scene.on_push(ZEROS)
    assert (scene.held, scene.seen.rules_from) == ({scene.start: "where the branch left `main`"}, scene.start)
    assert scene.seen.unchecked == ()


@pytest.mark.parametrize("name", ["workflow_dispatch", "schedule", "issue_comment"])
def test_a_dispatched_run_is_held_against_where_the_branch_left(scene: Scene, name: str) -> None:
    """What a person or the clock starts: the work tree against the default branch, by that branch's rules."""
    scene.work.commit({PATH: GOOD + ENTRY, ".github/logbook.yml": "rules: {removed-entry: 'off'}\n"})
    scene.on(name)
    assert (scene.seen.head, scene.seen.rules_from) == (None, scene.start)
    assert (scene.held, scene.faults) == ({scene.start: "where the branch left `main`"}, set())
    scene.work.commit({PATH: GOOD.partition("### 2026-05-25")[0]})
    assert scene.faults & LOST


# On a laptop


def test_a_branch_ahead_of_its_upstream_is_held_against_both(scene: Scene) -> None:
    """HEAD contains its upstream: the merge base with the default branch, and the upstream."""
    scene.work.commit({PATH: GOOD + ENTRY})
    pushed = scene.push("--set-upstream")
    scene.work.commit({PATH: GOOD + ENTRY + THIRD})
    assert scene.held == {scene.start: "where this branch left `origin/main`", pushed: f"pushed as `origin/{BRANCH}`"}
    assert (scene.seen.base, scene.seen.left, scene.seen.rules_from) == (scene.start, scene.start, None)
    assert (scene.seen.warnings, scene.faults) == ((), set())
    scene.work.write(PATH, GOOD + ENTRY.replace("2.229", "2.129") + THIRD)
    assert scene.faults & LOST


def test_a_branch_behind_its_upstream_is_told_to_pull(scene: Scene) -> None:
    """HEAD is behind its upstream: as if it were not, and a note; the entries it never had are not missed."""
    scene.work.commit({PATH: GOOD + ENTRY})
    pushed = scene.push("--set-upstream")
    scene.colleague(BRANCH, GOOD + ENTRY + THIRD)
    scene.work.git("fetch", "--quiet")
    assert set(scene.held) == {scene.start, pushed}
    assert scene.seen.warnings == (
        f"this branch is 1 commit behind `origin/{BRANCH}`: run `git pull` before you write more",
    )
    assert scene.faults == set()
    scene.work.write(PATH, GOOD + ENTRY.replace("2.229", "2.129"))
    assert scene.faults & LOST


def test_a_diverged_branch_is_told_what_a_forced_push_would_drop(scene: Scene) -> None:
    """Diverged: held against the merge base; what the upstream has alone is listed, not missed."""
    scene.work.commit({PATH: GOOD + ENTRY})
    common = scene.push("--set-upstream")
    theirs = scene.colleague(BRANCH, GOOD + ENTRY + THIRD)
    scene.work.git("fetch", "--quiet")
    scene.work.commit({PATH: GOOD + ENTRY + FOURTH})
    assert set(scene.held) == {scene.start, common}
    (warning,) = scene.seen.warnings
    assert warning.startswith(f"`origin/{BRANCH}` has 1 commit that this branch lacks: {theirs[:10]} “A colleague's”;")
    assert "a force push would drop" in warning
    assert scene.faults == set()
    scene.work.commit({PATH: GOOD})
    assert scene.faults & LOST


def test_a_branch_that_was_rebased_with_all_its_text_is_told_nothing(scene: Scene) -> None:
    """Diverged by a rebase: what the upstream has is here as the same change."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.push("--set-upstream")
    scene.colleague("main", "A neighbour's.\n", "README.md")
    scene.work.git("fetch", "--quiet")
    scene.work.git("rebase", "--quiet", "origin/main")
    assert (scene.seen.warnings, scene.faults) == ((), set())
    scene.work.git("commit", "--quiet", "--amend", "--message", "Said otherwise")
    assert scene.seen.warnings == ()
    scene.work.write(PATH, GOOD + FOURTH)
    scene.work.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    assert "a force push would drop" in scene.seen.warnings[0]


def test_a_branch_that_follows_the_default_branch_was_not_pushed_as_it(scene: Scene) -> None:
    """`git switch --create NAME origin/main` sets an upstream that says nothing of what was pushed."""
    scene.work.git("switch", "--quiet", "--create", "research/wide", "origin/main")
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.colleague("main", GOOD + THIRD)
    scene.work.git("fetch", "--quiet")
    assert (set(scene.held), scene.seen.warnings) == ({scene.start}, ())
    pushed = scene.push()
    assert set(scene.held) == {scene.start, pushed}


@pytest.mark.parametrize("settings", [{}, {"push.default": "upstream"}])
def test_an_upstream_of_another_name_counts(scene: Scene, settings: dict[str, str]) -> None:
    """What was pushed as another branch is on record too."""
    for key, value in settings.items():
        scene.work.git("config", key, value)
    pushed = scene.work.commit({PATH: GOOD + ENTRY})
    scene.work.git("push", "--quiet", "--set-upstream", "origin", "HEAD:research/shared")
    assert scene.held[pushed] == "pushed as `origin/research/shared`"
    scene.work.commit({PATH: GOOD})
    assert scene.faults & LOST


def test_a_branch_started_from_a_research_branch_owes_that_nothing_later(scene: Scene) -> None:
    """It follows the other one in git's eyes until it is pushed itself; then only its own name counts."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.push()
    scene.work.git("switch", "--quiet", "--create", "research/wide", f"origin/{BRANCH}")
    scene.work.commit({"train.py": "pass\n"})
    scene.colleague(BRANCH, GOOD + ENTRY + THIRD)
    scene.work.git("fetch", "--quiet")
    assert (scene.seen.warnings, scene.faults) == ((), set())
    scene.push()
    assert (scene.seen.warnings, scene.faults) == ((), set())


@pytest.mark.parametrize("key", ["remote.pushDefault", f"branch.{BRANCH}.pushRemote"])
def test_what_was_pushed_to_a_fork_is_on_record(scene: Scene, key: str) -> None:
    """A triangular workflow pulls from one remote and pushes to another."""
    Work(scene.folder / "fork", origin=scene.origin.root)
    scene.work.git("remote", "add", "fork", str(scene.folder / "fork"))
    scene.work.git("config", key, "fork")
    pushed = scene.work.commit({PATH: GOOD + ENTRY})
    scene.work.git("push", "--quiet", "fork", "HEAD")
    scene.work.git("branch", "--quiet", "--set-upstream-to", "origin/main")
    assert scene.held[pushed] == f"pushed as `fork/{BRANCH}`"
    scene.work.commit({PATH: GOOD})
    assert scene.faults & LOST


def test_a_colleagues_branch_of_the_same_name_asks_for_nothing(scene: Scene) -> None:
    """What one has in common with it is on record; what it has alone is no business of this branch."""
    Work(scene.folder / "ben", origin=scene.origin.root)
    scene.work.git("remote", "add", "ben", str(scene.folder / "ben"))
    common = scene.work.commit({PATH: GOOD + ENTRY})
    scene.work.git("push", "--quiet", "ben", "HEAD")
    ben = Work(scene.folder / "ben")
    ben.git("switch", "--quiet", BRANCH)
    ben.commit({PATH: GOOD + ENTRY + THIRD})
    scene.work.git("fetch", "--quiet", "ben")
    scene.work.commit({PATH: GOOD + ENTRY + FOURTH})
    assert (scene.held[common], scene.seen.warnings) == (f"pushed as `ben/{BRANCH}`", ())


def test_a_branch_of_a_fork_whose_default_branch_is_old(scene: Scene) -> None:
    """The latest commit that it has in common with any remote's default branch counts."""
    fork = Work(scene.folder / "fork", origin=scene.origin.root)
    newer = scene.colleague("main", GOOD.replace("2.231", "2.131"))
    mine = Work(scene.folder / "mine", origin=fork.root)
    mine.git("remote", "add", "lab", str(scene.origin.root))
    mine.git("fetch", "--quiet", "lab")
    mine.git("switch", "--quiet", "--create", BRANCH, "lab/main")
    mine.commit({PATH: GOOD.replace("2.231", "2.131") + ENTRY})
    scene.work = mine
    assert (scene.held, scene.faults) == ({newer: "where this branch left `lab/main`"}, set())
    mine.commit({PATH: GOOD + ENTRY})
    assert scene.faults & LOST


@pytest.mark.parametrize("name", ["lab", "team/lab"])
def test_the_remote_may_have_any_name(scene: Scene, name: str) -> None:
    """A clone that calls its only remote otherwise is held against the same commits."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.push("--set-upstream")
    before = set(scene.held)
    scene.work.git("remote", "rename", "origin", name)
    assert set(scene.held) == before
    assert len(before) == 2


def test_a_renamed_default_branch_is_followed(scene: Scene) -> None:
    """A clone goes on believing in the old name: what others did under the new one is not held against this branch."""
    scene.work.git("switch", "--quiet", "--detach")
    scene.work.git("branch", "--quiet", "--move", "main", "master")
    for old in ("refs/remotes/origin/main", "refs/remotes/origin/HEAD"):
        scene.work.git("update-ref", "--no-deref", "-d", old)
    scene.work.git("update-ref", "refs/remotes/origin/master", scene.start)
    scene.work.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/master")
    newer = scene.colleague("main", GOOD + THIRD)
    scene.work.git("fetch", "--quiet")
    scene.work.git("switch", "--quiet", "--create", "research/wide", "origin/main")
    assert scene.held == {newer: "where this branch left `origin/main`"}
    scene.work.git("update-ref", "-d", "refs/remotes/origin/master")  # pruned: HEAD dangles
    assert scene.held == {newer: "where this branch left `origin/main`"}


def test_a_detached_head_is_held_against_where_it_left(scene: Scene) -> None:
    """HEAD on no branch, as in the middle of a rebase."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.work.git("switch", "--quiet", "--detach")
    assert (set(scene.held), scene.faults) == ({scene.start}, set())
    scene.work.write(PATH, GOOD.replace("2.231", "2.131") + ENTRY)
    assert scene.faults & LOST


def test_a_tag_named_like_the_branch_changes_nothing(scene: Scene) -> None:
    """What was pushed is held against the branch with such a tag as without."""
    scene.work.commit({PATH: GOOD + ENTRY})
    pushed = scene.push()
    scene.work.git("tag", BRANCH, "HEAD~1")
    scene.work.git("tag", f"origin/{BRANCH}", "HEAD~1")
    assert set(scene.held) == {scene.start, pushed}


def test_a_deleted_upstream_leaves_the_rest(scene: Scene) -> None:
    """A branch that was deleted on the server and pruned here is nothing to hold anything against."""
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.push("--set-upstream")
    scene.work.git("push", "--quiet", "origin", "--delete", BRANCH)
    assert (set(scene.held), scene.seen.warnings) == ({scene.start}, ())


def test_an_octopus_merge_is_a_commit_like_others(scene: Scene) -> None:
    """A merge of three heads has a base, and its additions are no faults."""
    for name, text in (("a", "A\n"), ("b", "B\n")):
        scene.work.git("switch", "--quiet", "--create", name, "origin/main")
        scene.work.commit({f"{name}.txt": text})
    scene.work.git("switch", "--quiet", BRANCH)
    scene.work.commit({PATH: GOOD + ENTRY})
    scene.work.git("merge", "--quiet", "--no-edit", "a", "b")
    assert (set(scene.held), scene.faults) == ({scene.start}, set())
    head = scene.work.git("rev-parse", "HEAD")
    scene.on_pull(head)
    assert (scene.seen.head, set(scene.held)) == (head, {scene.start})


def test_without_a_remote_what_is_committed_is_on_record(tmp_path: Path) -> None:
    """No origin at all: HEAD against the work tree, on the default branch the last commit too."""
    scene = Scene(tmp_path)
    scene.work = scene.origin
    scene.work.git("switch", "--quiet", "--create", BRANCH)
    head = scene.work.commit({PATH: GOOD + ENTRY})
    assert scene.held == {scene.start: "where this branch left `main`", head: "the last commit"}
    assert scene.faults == set()
    scene.work.write(PATH, GOOD + ENTRY.replace("2.229", "2.129"))
    assert scene.faults & LOST
    scene.work.git("checkout", "--quiet", "--force", "main")
    assert scene.held == {scene.start: "the last commit"}
    scene.work.write(PATH, GOOD.replace("2.231", "2.131"))
    assert scene.faults & LOST
    last = scene.work.commit()
    assert scene.held == {scene.start: "the commit before the last one", last: "the last commit"}
    assert scene.faults & LOST


def test_a_repository_without_a_commit_has_no_history(tmp_path: Path) -> None:
    """What is not committed yet is judged by itself."""
    work = Work(tmp_path)
    work.write(PATH, GOOD)
    run = context(tmp_path)
    seen = comparison.choose(run.clone(), run.event, None)
    assert (seen.base, seen.held, seen.notes) == (
        None,
        (),
        ("nothing is committed yet, so there is no history to compare with",),
    )


def test_a_linked_work_tree_is_on_its_own_branch(scene: Scene) -> None:
    """What is checked out elsewhere is not this work tree's affair."""
    scene.work.commit({PATH: GOOD + ENTRY})
    pushed = scene.push()
    scene.work.git("worktree", "add", "--quiet", "-b", "research/wide", str(scene.folder / "linked"), "origin/main")
    scene.work = Work(scene.folder / "linked")
    assert pushed not in scene.held
    assert set(scene.held) == {scene.start}


def test_a_submodule_is_a_repository_of_its_own(scene: Scene) -> None:
    """A logbook in a submodule is held against the submodule's own commits."""
    whole = Work(scene.folder / "whole")
    whole.commit({"README.md": "All\n"})
    whole.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(scene.origin.root), "part")
    scene.work = Work(whole.root / "part")
    scene.work.git("switch", "--quiet", "--create", BRANCH)
    scene.work.commit({PATH: GOOD + ENTRY})
    assert set(scene.held) == {scene.start}
    scene.work.write(PATH, GOOD.replace("2.231", "2.131") + ENTRY)
    assert scene.faults & LOST


def test_a_repository_with_sha256_names(tmp_path: Path) -> None:
    """Names of 64 digits are commits like those of 40: what was pushed is held, and an entry's commit is read."""
    origin = Work(tmp_path / "origin-sha256")
    origin.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256", "there")
    there = Work(origin.root / "there")
    there.git("config", "receive.denyCurrentBranch", "ignore")
    first = there.commit({PATH: GOOD})
    work = Work(tmp_path / "clone", origin=there.root)
    work.git("switch", "--quiet", "--create", BRANCH)
    scene = Scene(tmp_path)
    scene.origin, scene.work = there, work
    pushed = work.commit({PATH: GOOD + ENTRY.replace("lab/trainer@1691d0a9afbf", first)})
    scene.push()
    assert len(pushed) == 64
    assert set(scene.held) == {first, pushed}
    report = lint(LintRequest(), context(work.root))[0]
    assert [finding.rule for finding in report.findings] == []
    work.git("reset", "--quiet", "--hard", first)
    work.commit({"train.py": "pass\n"})
    scene.push("--force")
    scene.on_push(pushed, forced=True)
    assert set(scene.held) == {first, pushed}


def test_the_decision_can_be_printed(scene: Scene) -> None:
    """What `logbook lint --explain-base` prints: a line each, and whatever the report's notes say in short."""
    scene.work.commit({PATH: GOOD + ENTRY})
    common = scene.push("--set-upstream")
    theirs = scene.colleague(BRANCH, GOOD + ENTRY + THIRD)
    scene.work.git("fetch", "--quiet")
    scene.work.commit({PATH: GOOD + ENTRY + FOURTH})
    run = context(scene.work.root)
    start, pushed = scene.start[:10], common[:10]
    lacks = f"`origin/{BRANCH}` has 1 commit that this branch lacks: {theirs[:10]} “A colleague's”"
    warning = f"{lacks}; a force push would drop it, so run `git pull --rebase` first"
    assert explained(LintRequest(), run) == (
        "judged: the work tree",
        f"base: {start}, where this branch left `origin/main`; faults that it has too are not shown",
        f"history is held against: {start}, where this branch left `origin/main`",
        f"history is held against: {pushed}, pushed as `origin/{BRANCH}`",
        f"history is held against: every version that the branch itself had since {start}",
        f"warning: {warning}",
        "configuration: the work tree's .github/logbook.yml",
    )
    compared = f"compared with {start}, where this branch left `origin/main`"
    assert scene.seen.notes == (
        f"{compared}, and for lost text with 1 more commit (--explain-base lists it)",
        warning,
    )
    scene.on_push("1" * 40, forced=True)
    lines = explained(LintRequest(), context(scene.work.root, scene.event))
    assert lines[0] == f"judged: commit {scene.work.git('rev-parse', 'HEAD')[:10]}"
    assert lines[-2].startswith("not checked: what this push replaced: 1111111111 is not in this clone")
    assert lines[-1] == f"configuration: .github/logbook.yml in {start}"


@pytest.mark.parametrize("base", ["main", "HEAD"])
def test_a_base_that_the_user_names_counts_first(scene: Scene, base: str) -> None:
    """`--base`: where the branch left it; what was pushed is on record nevertheless."""
    scene.work.commit({PATH: GOOD + ENTRY})
    pushed = scene.push()
    scene.work.write(PATH, GOOD + ENTRY.replace("2.229", "2.129"))
    scene.work.git("tag", "main", "HEAD")  # the branch is meant all the same
    run = context(scene.work.root)
    seen = comparison.choose(run.clone(), run.event, base)
    assert seen.base == {"main": scene.start, "HEAD": pushed}[base]
    assert pushed in {it.commit for it in seen.held}
    faults = lint(LintRequest(base=base), run)[0].findings
    assert "rewritten-entry" in {it.rule for it in faults}
