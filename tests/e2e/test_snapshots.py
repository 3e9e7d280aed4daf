"""The snapshot workflow, as users copy it, on the pushes that GitHub sends; and the root action on the same."""

import json
from pathlib import Path

import pytest

from e2e.bench import CHECKOUT, Bench, Run
from e2e.test_lint import with_root_action
from e2e.thread import BRANCH, LOGBOOK, ZERO, Event, Thread
from hub.bench import Repository
from hub.mirror import mirror
from research_logbook.snapshots.render import block_in

WORKFLOW = "logbook-snapshot.yml"
TAG, NEXT = "snapshot/tile-order/TILE-003", "snapshot/tile-order/TILE-004"


class Lab:
    """A thread on a research branch, its repository on GitHub with its issue #12, and a machine for its jobs."""

    def __init__(self, thread: Thread, bench: Bench, repository: Repository) -> None:
        self.thread, self.repository, self.hub = thread, repository, repository.hub
        for number in range(12):
            self.repository.issue(f"Experiment {number}")
        self.bench = bench.on(repository, self.hub.workflow_token(contents="write", issues="write"))
        thread.branch()
        self.hub.forget()

    def commit(self, number: int = 3, message: str = "Measure\n\nSnapshot: TILE-{:03d}") -> str:
        """Append an entry, and commit it as a snapshot."""
        self.thread.add_entry(number)
        return self.thread.commit(message=message.format(number))

    def push(self, before: str = ZERO, *, forced: bool = False) -> Run:
        """Push, and let the workflow run."""
        return self.run(self.thread.push_branch(before, forced=forced))

    def run(self, event: Event, workflow: str = WORKFLOW) -> Run:
        """Let a workflow run on a push; its tags are in origin afterwards."""
        payload, checkout = event
        template = CHECKOUT / "workflows-templates" / WORKFLOW
        (checkout / ".github" / "workflows" / WORKFLOW).write_text(template.read_text())
        run = self.bench.act("push", payload, checkout, workflow)
        mirror(self.repository, self.thread)
        return run

    def tags(self) -> dict[str, str]:
        """Return the tags on GitHub with their commits."""
        return {tag: commit for tag, (commit, _) in self.repository.tags().items()}

    def comments(self) -> list[str]:
        """Return the comments on the thread's issue."""
        return [body for _, body in self.repository.comments(12)]


@pytest.fixture
def lab(thread: Thread, bench: Bench, repository: Repository) -> Lab:
    """Begin a thread."""
    return Lab(thread, bench, repository)


def notes(run: Run) -> str:
    """Return what a run warned of."""
    return "\n".join(item.message for item in run.annotations)


def test_a_push_is_tagged_and_told(lab: Lab) -> None:
    """A new branch with a snapshot commit: the tag, the comment and the outputs are there, in six calls."""
    commit = lab.commit()
    run = lab.push()
    assert (run.job, run.exit_code, lab.tags()) == ("success", 0, {TAG: commit}), run.log
    assert len(lab.hub.calls) == 6
    (comment,) = lab.comments()
    assert f"/blob/{commit}/{LOGBOOK}" in comment
    assert "python bench/tiles.py --order hilbert" in comment
    assert block_in(lab.repository.tags()[TAG][1], "Commands") == "python bench/tiles.py --order hilbert"
    assert json.loads(run.outputs["tags"]) == [TAG]
    assert len(json.loads(run.outputs["comment-urls"])) == 1
    assert TAG in run.summary


def test_a_second_run_writes_nothing(lab: Lab) -> None:
    """The same push again, as `Re-run` does it: the same tag on the same commit is nothing to do."""
    lab.commit()
    lab.push()
    lab.hub.forget()
    run = lab.push()
    assert (run.job, run.outputs, lab.hub.writes) == (
        "success",
        dict.fromkeys(("added", "tags", "comment-urls"), "[]"),
        [],
    )
    assert "nothing to do" in run.log


def test_a_push_makes_up_for_cancelled_runs(lab: Lab) -> None:
    """Several snapshots, one of a push whose run never started, are all tagged by the run that does start."""
    commits = {TAG: lab.commit(3)}
    lab.thread.push_branch()
    commits[NEXT] = lab.commit(4, "snapshot: the fourth")
    commits["snapshot/tile-order/TILE-005"] = lab.commit(5)
    run = lab.push(commits[TAG])
    assert (run.job, lab.tags(), len(lab.comments())) == ("success", commits, 3)


def test_a_force_push_drops_no_tag(lab: Lab) -> None:
    """A snapshot that is no longer on the branch keeps its tag where it is."""
    dropped = lab.commit()
    lab.push()
    lab.thread.git("reset", "--quiet", "--hard", "origin/main")
    other = lab.commit(4)
    run = lab.push(dropped, forced=True)
    assert (run.job, lab.tags()) == ("success", {TAG: dropped, NEXT: other})


def test_a_rebase_is_a_note(lab: Lab) -> None:
    """A rebased copy leaves the tag on the old commit, and the job passes with a note."""
    old = lab.commit()
    lab.push()
    lab.thread.git("checkout", "--quiet", "main")
    lab.thread.commit({"README.md": "Tiles\n"}, "Elsewhere")
    lab.thread.push("main")
    lab.thread.git("checkout", "--quiet", BRANCH)
    lab.thread.git("rebase", "--quiet", "main")
    run = lab.push(old, forced=True)
    assert (run.job, run.exit_code, lab.tags()) == ("success", 0, {TAG: old})
    assert "is a rebased copy of" in notes(run)


def test_the_same_id_again_is_numbered(lab: Lab) -> None:
    """The same ID on a descendant is a snapshot of its own."""
    first = lab.commit()
    lab.push()
    second = lab.thread.commit(message="Once more\n\nSnapshot: TILE-003")
    run = lab.push(first)
    assert (run.job, lab.tags()) == ("success", {TAG: first, f"{TAG}.2": second})


def test_a_clash_is_refused(lab: Lab) -> None:
    """The ID is taken by another commit: exit 4, nothing is moved, and the other snapshot is made."""
    old = lab.commit()
    lab.push()
    lab.thread.git("reset", "--quiet", "--hard", "origin/main")
    lab.commit(message="Anew\n\nSnapshot: TILE-003")
    other = lab.commit(4)
    run = lab.push(old, forced=True)
    assert (run.job, run.exit_code, lab.tags()) == ("failure", 4, {TAG: old, NEXT: other})
    assert "tags are never moved" in notes(run)
    assert json.loads(run.outputs["tags"]) == [NEXT]


def test_a_deleted_branch_is_nothing_to_do(lab: Lab) -> None:
    """GitHub runs a deletion on the default branch: nothing is asked and nothing lost."""
    lab.commit()
    lab.push()
    tags = lab.tags()
    lab.hub.forget()
    payload = {**lab.thread.push_branch()[0], "after": ZERO, "deleted": True}
    run = lab.run((payload, lab.thread.checkout("refs/heads/main", "main")))
    assert (run.job, lab.tags(), lab.hub.calls) == ("success", tags, [])


def test_a_merge_of_the_default_branch_brings_nothing_in(lab: Lab) -> None:
    """The squashed snapshot of another thread is no snapshot of the branch that merges it."""
    lab.thread.git("checkout", "--quiet", "main")
    lab.commit(4)
    lab.thread.push("main")
    lab.thread.git("checkout", "--quiet", BRANCH)
    lab.thread.git("merge", "--quiet", "--no-ff", "--message", "Merge main", "main")
    run = lab.push()
    assert (run.job, lab.tags(), lab.hub.calls) == ("success", {}, [])


def test_a_shallow_checkout_is_refused(lab: Lab) -> None:
    """Without history: exit 3, and what to change in the workflow."""
    lab.commit()
    payload, _ = lab.thread.push_branch()
    run = lab.run((payload, lab.thread.checkout(f"refs/heads/{BRANCH}", BRANCH, shallow=True)))
    assert (run.job, run.exit_code, lab.hub.calls) == ("failure", 3, [])
    assert "fetch-depth: 0" in notes(run)


def test_two_pushes_at_once(lab: Lab) -> None:
    """Another run has just made the tag: its commit is the same, so all is well, and the comment is posted once."""
    commit = lab.commit()
    event = lab.thread.push_branch()
    first = lab.run(event)
    payload, checkout = event
    Thread.git(lab.thread, "push", "--quiet", "origin", "--delete", f"refs/tags/{TAG}")
    second = lab.bench.act("push", payload, checkout, WORKFLOW)
    assert (first.job, second.job, lab.tags(), len(lab.comments())) == ("success", "success", {TAG: commit}, 1)
    assert "POST" in " ".join(lab.hub.calls[5:])


def test_an_entry_without_a_command_is_refused(lab: Lab) -> None:
    """The finding says which entry at which line; nothing is written."""
    line = lab.thread.add_entry(command="")
    lab.thread.commit(message="Measure\n\nSnapshot: TILE-003")
    run = lab.push()
    assert (run.job, run.exit_code, lab.hub.writes) == ("failure", 1, [])
    assert f"entry TILE-003 at {LOGBOOK}:{line - 5} has no command" in notes(run)


def test_a_preregistration_is_a_snapshot(lab: Lab) -> None:
    """A pending result is said to be one."""
    lab.thread.add_entry()
    lab.thread.write(LOGBOOK, lab.thread.book.replace("37.25 ms per product.", "pending"))
    lab.thread.commit(message="Before the run\n\nSnapshot: TILE-003")
    run = lab.push()
    assert run.job == "success"
    assert "this is a preregistration" in lab.repository.tags()[TAG][1]
    assert "this is a preregistration" in lab.comments()[0]


def test_changed_workflow_files_are_tagged_by_hand(lab: Lab) -> None:
    """What a workflow's token may not tag is told with the lines that do: exit 3, after the others were made."""
    refused, made = lab.commit(3), lab.commit(4)
    needs = {"x-accepted-github-permissions": "contents=write; contents=write,workflows=write"}
    lab.hub.fail(403, verb="POST", path="/git/refs$", message="Resource not accessible by integration", headers=needs)
    run = lab.push()
    assert (run.job, run.exit_code, lab.tags()) == ("failure", 3, {NEXT: made})
    assert f"git tag --annotate --message {TAG} {TAG} {refused} && git push origin refs/tags/{TAG}" in notes(run)
    assert len(lab.comments()) == 1


def test_hostile_words_do_no_harm(lab: Lab) -> None:
    """Whatever a commit, a logbook and an entry are called: a tag with a safe name, and a comment that does nothing."""
    lab.thread.add_entry(command="- Command: `echo $(touch pwned) @everyone ::error::pwned`\n")
    text = lab.thread.book.replace("TILE-003 hilbert order", "TILE-003 <!-- [x](javascript:pwned) @everyone")
    (lab.thread.root / LOGBOOK).unlink()
    lab.thread.write(".agents/logbooks/$(touch pwned)`--output=pwned`.md", text)
    lab.thread.commit(message="::error::pwned\n\nSnapshot: TILE-003")
    run = lab.push()
    assert (run.job, [item.message for item in run.annotations if "pwned" in item.message]) == ("success", []), run.log
    (tag,) = lab.tags()
    assert tag == "snapshot/touch-pwned---output-pwned/TILE-003"
    (comment,) = lab.comments()
    assert comment.count("<!--") == 1
    assert "](javascript:" not in comment
    assert "@everyone" not in comment.split("```")[0]
    assert sorted(path.name for path in lab.bench.folder.rglob("pwned*")) == []


def test_a_hostile_snapshot_line_is_refused(lab: Lab) -> None:
    """What is no name is not made one, and is quoted where it does nothing."""
    lab.commit(message="::error::pwned\n\nSnapshot: --delete $(touch pwned) ../../heads/main")
    run = lab.push()
    assert (run.job, lab.tags(), lab.comments()) == ("failure", {}, []), run.log
    assert [item.level for item in run.annotations if "pwned" in item.message] == ["warning"]
    assert sorted(path.name for path in lab.bench.folder.rglob("pwned*")) == []


def test_planted_files_change_nothing(lab: Lab, planted: Path) -> None:
    """A work tree full of traps is not run by a job that has a writing token."""
    commit = lab.commit()
    run = lab.push()
    assert (run.job, lab.tags()) == ("success", {TAG: commit}), run.log
    assert not planted.exists()


def test_the_root_action_lints_and_tags(lab: Lab) -> None:
    """One action for everything: a fault in the logbook fails the job, and the snapshot is made all the same."""
    commit = lab.commit()
    line = lab.thread.add_entry(4, command="")
    lab.thread.commit(message="A fault")
    payload, checkout = lab.thread.push_branch()
    run = lab.run((payload, checkout), with_root_action(checkout))
    assert (run.job, run.faults) == ("failure", [("result-without-command", LOGBOOK, line)])
    assert (lab.tags(), json.loads(run.outputs["tags"])) == ({TAG: commit}, [TAG])
    assert run.outputs["errors"] == "1"
