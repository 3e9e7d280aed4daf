"""Claims about snapshots, on a GitHub that counts and real git: nothing is lost, moved, or said twice."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from e2e.thread import BRANCH, LOGBOOK, ZERO, Event, Thread
from hub.bench import Connect, Hub, Repository
from hub.closeout import NOW
from hub.mirror import mirror
from repository import context
from research_logbook.config.schema import Config
from research_logbook.effects import CommandResult
from research_logbook.effects.apply import Applied, apply
from research_logbook.effects.sticky_comments import Origin
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.github import Access
from research_logbook.github.client import GitHub
from research_logbook.seal import view_of
from research_logbook.snapshots import FoundSnapshots, SnapshotRequest, all_snapshots, snapshot
from research_logbook.snapshots.render import block_in, snapshot_of
from research_logbook.sweep import snapshots

SCRIPTS = Path(__file__).parents[2] / "scripts"
TAG = "snapshot/tile-order/TILE-003"


class Lab:
    """A research thread, its repository on GitHub, and runs of the command as a push starts them."""

    def __init__(self, folder: Path, hub: Hub, repository: Repository, connect: Connect) -> None:
        self.thread = Thread(folder / "thread")
        self.hub, self.repository, self.connect = hub, repository, connect
        self.issues = [repository.issue(f"Experiment {number}") for number in range(12)]
        self.thread.branch()
        self.payload = folder / "payload.json"

    def github(self) -> GitHub:
        """Connect as the snapshot workflow does."""
        token = self.hub.workflow_token(contents="write", issues="write")
        return self.connect(token)

    def commit(self, number: int = 3, message: str = "TILE-{:03d}\n\nSnapshot: TILE-{:03d}") -> str:
        """Append an entry, and commit it as a snapshot."""
        self.thread.add_entry(number, "hilbert")
        return self.thread.commit(message=message.format(number, number))

    def push(self, before: str = ZERO, branch: str = BRANCH) -> tuple[CommandResult, Applied]:
        """Push, and do what the workflow does."""
        return self.run(self.thread.push_branch(before, branch))

    def run(self, event: Event, github: GitHub | None = None) -> tuple[CommandResult, Applied]:
        """Do what the workflow does on a push, and let its tags come to origin, which on GitHub is the same place."""
        payload, checkout = event
        github = github or self.github()
        outcome = snapshot(SnapshotRequest(), github, context(checkout, self.told(payload)))
        done = apply(github, outcome.plan, Origin())
        self.mirror()
        return outcome, done

    def told(self, payload: Mapping[str, object]) -> dict[str, str]:
        """Return the environment of a push."""
        self.payload.write_text(json.dumps(payload))
        named = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(self.payload)}
        return {"GITHUB_ACTIONS": "true", **named}

    def mirror(self) -> None:
        """Let the tags of the API be those of the git repository."""
        mirror(self.repository, self.thread)

    def tags(self) -> dict[str, str]:
        """Return the tags on GitHub with their commits."""
        return {tag: commit for tag, (commit, _) in self.repository.tags().items()}

    def comments(self, number: int = 12) -> list[str]:
        """Return the comments on the thread's issue."""
        return [body for _, body in self.repository.comments(number)]


@pytest.fixture
def lab(tmp_path: Path, hub: Hub, repository: Repository, connect: Connect) -> Lab:
    """Begin a thread on a research branch, with its issue #12 on GitHub."""
    made = Lab(tmp_path, hub, repository, connect)
    hub.forget()
    return made


def test_a_snapshot_commit_is_tagged_and_told(lab: Lab) -> None:
    """The tag is annotated and says what was run; one comment on the issue says how to run it again."""
    commit = lab.commit()
    outcome, done = lab.push()
    assert (outcome.exit_code, done.tags, lab.tags()) == (0, [TAG], {TAG: commit})
    message = lab.repository.tags()[TAG][1]
    assert block_in(message, "Commands") == "python bench/tiles.py --order hilbert"
    assert snapshot_of(TAG, commit, message).experiment_id == "TILE-003"
    (comment,) = lab.comments()
    assert "```sh\npython bench/tiles.py --order hilbert\n```" in comment
    assert f"https://github.com/{lab.repository.name}/blob/{commit}/{LOGBOOK}" in comment


def test_it_takes_six_calls_and_then_none_that_writes(lab: Lab) -> None:
    """A tag with its comment costs six calls; running it again reads once and writes nothing."""
    lab.commit()
    event = lab.thread.push_branch()
    lab.run(event)
    assert len(lab.hub.calls) == 6
    lab.hub.forget()
    outcome, _ = lab.run(lab.thread.push_branch())
    assert (outcome.plan, lab.hub.writes, len(lab.hub.calls)) == ((), [], 1)


def test_a_dry_run_says_just_what_is_done(lab: Lab) -> None:
    """The plan names every write, and planning it writes nothing."""
    commit = lab.commit()
    payload, checkout = lab.thread.push_branch()
    outcome = snapshot(SnapshotRequest(), lab.github(), context(checkout, lab.told(payload)))
    assert [str(effect) for effect in outcome.plan] == [
        f"create the tag {TAG} on {commit[:12]}",
        f"comment on #12 about the snapshot {TAG}",
    ]
    assert lab.hub.writes == []


def cli(lab: Lab, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as somebody does on their own machine."""
    there = {"GITHUB_API_URL": lab.hub.url, "GITHUB_REPOSITORY": lab.repository.name, "GITHUB_ACTIONS": ""}
    environment = {**os.environ, **there, "GITHUB_TOKEN": lab.hub.token("lab"), "PYTHONPATH": str(SCRIPTS)}
    command = [sys.executable, "-m", "research_logbook", "snapshot", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_command_line_says_it_first_and_does_it_then(lab: Lab) -> None:
    """A dry run prints the plan with its texts, as text or JSON, and writes nothing; the real one does it."""
    commit = lab.commit()
    _, checkout = lab.thread.push_branch()
    dry, as_json = (
        cli(lab, checkout, "--branch", BRANCH, "--dry-run", f"--format={form}") for form in ("text", "json")
    )
    assert lab.hub.writes == []
    plan = json.loads(as_json.stdout)
    assert (plan["applied"], [effect["kind"] for effect in plan["effects"]]) == (
        False,
        ["create-tag", "upsert-comment"],
    )
    assert block_in(plan["effects"][0]["message"], "Commands") == "python bench/tiles.py --order hilbert"
    real = cli(lab, checkout, "--branch", BRANCH)
    site = f"https://github.com/{lab.repository.name}"
    (comment,) = lab.comments()
    lines = [line for line in dry.stdout.splitlines() if line.startswith("would ")]
    assert lines == [f"would create the tag {TAG} on {commit[:12]}:", f"would comment on #12 about the snapshot {TAG}:"]
    body = comment.partition("\n")[2].strip("\n").splitlines()
    assert [line.strip() for line in dry.stdout.splitlines()][-len(body) - 1 : -1] == [line.strip() for line in body]
    first, second = real.stdout.splitlines()
    assert (real.returncode, first) == (0, f"tagged {TAG} on {commit[:12]}: {site}/tree/{TAG}")
    assert second.startswith(
        f"commented on #12 about the snapshot {TAG}: {lab.hub.url}/{lab.repository.name}/issues/12#"
    )
    assert lab.tags() == {TAG: commit}


def test_the_command_line_finds_it_again(lab: Lab) -> None:
    """A list and a page need git alone; two wishes at once are refused with exit code 2."""
    lab.commit()
    lab.push()
    _, checkout = lab.thread.push_branch()
    lab.hub.forget()
    listed, shown = cli(lab, checkout, "--list", "tile-order"), cli(lab, checkout, "--show", TAG)
    assert (listed.returncode, listed.stdout.startswith(f"{TAG}  ")) == (0, True)
    assert (shown.returncode, "    python bench/tiles.py --order hilbert\n" in shown.stdout) == (0, True)
    assert cli(lab, checkout, "--show", "snapshot/none/x").returncode == 2
    assert cli(lab, checkout, "--show", TAG, "--list", "tile-order").returncode == 2
    assert lab.hub.calls == []


def test_several_snapshots_in_one_push(lab: Lab) -> None:
    """Each gets its own tag and comment, and a commit between them none."""
    commits = [lab.commit(3), lab.thread.commit(message="Tidy up"), lab.commit(4)]
    lab.push()
    assert lab.tags() == {TAG: commits[0], "snapshot/tile-order/TILE-004": commits[2]}
    assert len(lab.comments()) == 2
    assert len(lab.hub.calls) == 11


def test_one_commit_may_be_two_snapshots(lab: Lab) -> None:
    """A commit with two trailers is two snapshots."""
    lab.thread.add_entry(3)
    lab.thread.add_entry(4, "spiral")
    commit = lab.thread.commit(message="Both\n\nSnapshot: TILE-003\nSnapshot: TILE-004")
    lab.push()
    assert lab.tags() == {TAG: commit, "snapshot/tile-order/TILE-004": commit}


@pytest.mark.parametrize("message", ["snapshot: the third order", "Snapshot: TILE-003 measured", "M\n\nSnapshot:"])
def test_without_an_id_it_is_the_newest_entrys(lab: Lab, message: str) -> None:
    """A subject will do, and without an ID the newest entry is meant."""
    commit = lab.commit(message=message)
    lab.push()
    assert lab.tags() == {TAG: commit}


def test_a_slug_names_the_tag_and_the_newest_entry_is_pinned(lab: Lab) -> None:
    """A milestone has a name of its own, and the newest entry's commands; the tag's title says which entry that is."""
    lab.commit(message="Report\n\nSnapshot: final-numbers")
    lab.push()
    ((tag, (_, message)),) = lab.repository.tags().items()
    assert tag == "snapshot/tile-order/final-numbers"
    assert message.startswith("final-numbers: TILE-003 ")
    assert block_in(message, "Commands") == "python bench/tiles.py --order hilbert"


def test_a_line_before_the_footers_of_a_tool_is_found(lab: Lab) -> None:
    """Git calls it no trailer, and it is a snapshot all the same."""
    footer = "\U0001f916 Generated by a coding agent\n\nCo-Authored-By: Agent <agent@lab.example>"
    commit = lab.commit(message=f"Third order\n\nSnapshot: TILE-003\n\n{footer}")
    lab.push()
    assert lab.tags() == {TAG: commit}


def test_hundreds_of_lines_are_refused_in_one_sentence(lab: Lab) -> None:
    """Nothing is written, and nothing is tagged as something else."""
    lines = "".join(f"Snapshot: TILE-{number:03d}\n" for number in range(300))
    lab.commit(message=f"All\n\n{lines}")
    outcome, _ = lab.push()
    assert (outcome.exit_code, outcome.plan, len(outcome.notes), lab.hub.writes) == (1, (), 1, [])
    assert "it says `Snapshot:` 300 times" in outcome.notes[0]


def test_a_tag_in_the_way_refuses_before_anything_is_written(lab: Lab) -> None:
    """A tag that is the folder's name, on whatever it is, is named, with the way out of it."""
    lab.commit()
    lab.thread.git("tag", "snapshot", "HEAD^{tree}")
    lab.thread.git("push", "--quiet", "origin", "refs/tags/snapshot")
    outcome, _ = lab.push()
    assert (outcome.exit_code, outcome.plan, lab.hub.writes) == (4, (), [])
    assert "there is a tag snapshot, and git can hold no tag" in outcome.notes[0]


def test_what_a_cancelled_run_left_is_made_up_for(lab: Lab) -> None:
    """The run of one push never starts: the next one tags its commit too, and fails for nothing in it."""
    first = lab.thread.commit(message="Begin")
    skipped = lab.commit(3)
    before = lab.thread.push_branch(first)[0]["after"]
    latest = lab.commit(4)
    outcome, _ = lab.push(before)
    assert lab.tags() == {TAG: skipped, "snapshot/tile-order/TILE-004": latest}
    assert outcome.exit_code == 0


def test_a_dropped_snapshot_keeps_its_tag(lab: Lab) -> None:
    """A force push that drops a snapshot moves nothing, and its number is what the next one counts from."""
    dropped = lab.commit()
    lab.push()
    lab.thread.git("reset", "--quiet", "--hard", "origin/main")
    lab.thread.add_entry(4, "spiral")
    lab.thread.commit(message="Start again")
    outcome, _ = lab.push(dropped)
    assert (outcome.plan, outcome.exit_code, lab.tags()) == ((), 0, {TAG: dropped})


def test_a_rebased_copy_is_a_note(lab: Lab) -> None:
    """After a rebase the tag stays on the old commit; the copy is told once, as no failure."""
    old = lab.commit()
    lab.push()
    lab.thread.git("checkout", "--quiet", "main")
    lab.thread.commit({"README.md": "Tiles\n"}, "Elsewhere")
    lab.thread.push("main")
    lab.thread.git("checkout", "--quiet", BRANCH)
    lab.thread.git("rebase", "--quiet", "main")
    outcome, _ = lab.push(old)
    assert (outcome.plan, outcome.exit_code, lab.tags()) == ((), 0, {TAG: old})
    assert "is a rebased copy of" in outcome.notes[0]
    head = lab.thread.git("rev-parse", "HEAD")
    lab.thread.commit(message="Go on")
    assert lab.push(head)[0] == CommandResult()


def test_the_same_id_again_is_numbered(lab: Lab) -> None:
    """On a descendant the same ID gets `.2`, then `.3`; two in one push as well."""
    commits = [lab.commit()]
    lab.push()
    commits += [lab.thread.commit(message=f"Again {run}\n\nSnapshot: TILE-003") for run in range(2)]
    lab.push(commits[0])
    assert lab.tags() == {TAG: commits[0], f"{TAG}.2": commits[1], f"{TAG}.3": commits[2]}
    assert len(lab.comments()) == 3


def test_a_clash_is_refused_and_nothing_moves(lab: Lab) -> None:
    """The ID is on a commit that is no ancestor and no original: refused with 4, and the others go on."""
    old = lab.commit()
    lab.push()
    lab.thread.git("reset", "--quiet", "--hard", "origin/main")
    lab.commit(message="Another thread of thought\n\nSnapshot: TILE-003")
    other = lab.commit(4)
    outcome, _ = lab.push(old)
    assert outcome.exit_code == 4
    assert f"{TAG} already points to {old[:12]}" in outcome.notes[0]
    assert lab.tags() == {TAG: old, "snapshot/tile-order/TILE-004": other}


def test_a_refused_commit_does_not_fail_every_later_push(lab: Lab) -> None:
    """History cannot be changed: what one push was failed for is only counted from then on."""
    lab.thread.add_entry(3, command="")
    faulty = lab.thread.commit(message="TILE-003\n\nSnapshot: TILE-003")
    assert lab.push()[0].exit_code == 1
    lab.thread.commit(message="Go on")
    outcome, _ = lab.push(faulty)
    assert (outcome.exit_code, outcome.plan) == (0, ())
    assert outcome.notes == ("1 older snapshot commit has no tag: `logbook snapshot --branch NAME` says why",)


def test_a_tag_by_hand_settles_it(lab: Lab) -> None:
    """A commit that somebody has tagged under its name is not tagged again, and gets its comment."""
    commit = lab.commit()
    lab.thread.snapshot("TILE-003")
    outcome, done = lab.push()
    assert (done.tags, lab.tags()) == ([], {})
    assert [str(effect) for effect in outcome.plan] == [f"comment on #12 about the snapshot {TAG}"]
    assert f"/commit/{commit}" in lab.comments()[0]


def test_a_tag_by_hand_settles_a_refusal(lab: Lab) -> None:
    """A commit that is refused for its entry, and that somebody tags all the same, is not refused again."""
    lab.thread.add_entry(3, command="")
    lab.thread.commit(message="TILE-003\n\nSnapshot: TILE-003")
    assert lab.push()[0].exit_code == 1
    lab.thread.snapshot("TILE-003")
    assert lab.push()[0] == CommandResult()


def test_a_deleted_branch_keeps_its_snapshots(lab: Lab) -> None:
    """A branch that is deleted asks for nothing."""
    lab.commit()
    payload, checkout = lab.thread.push_branch()
    outcome = snapshot(SnapshotRequest(), lab.github(), context(checkout, lab.told({**payload, "deleted": True})))
    assert (outcome.plan, outcome.exit_code, lab.hub.calls) == ((), 0, [])


def test_the_default_branch_brings_nothing_in(lab: Lab) -> None:
    """Snapshots of another thread, squashed into the default branch or merged with it, are not this branch's."""
    lab.thread.git("checkout", "--quiet", "main")
    lab.commit(4, "Another thread\n\nSnapshot: TILE-004")
    lab.thread.push("main")
    lab.thread.git("checkout", "--quiet", BRANCH)
    lab.thread.git("merge", "--quiet", "--no-ff", "--message", "Merge main", "main")
    own = lab.commit(5)
    lab.push()
    assert lab.tags() == {"snapshot/tile-order/TILE-005": own}


def test_what_a_branch_starts_from_or_merges_is_not_its_own(lab: Lab) -> None:
    """A snapshot on the default branch before this one began, or on a merged branch, is not this branch's."""
    lab.thread.git("checkout", "--quiet", "main")
    lab.commit(4, "Squashed\n\nSnapshot: TILE-004")
    lab.thread.push("main")
    lab.thread.branch("research/side")
    lab.commit(6)
    lab.thread.git("checkout", "--quiet", "-B", BRANCH, "main")
    lab.thread.git("merge", "--quiet", "--no-ff", "--message", "Merge side", "research/side")
    own = lab.commit(5)
    lab.push()
    assert lab.tags() == {"snapshot/tile-order/TILE-005": own}


def test_of_several_logbooks_the_touched_one_is_meant(lab: Lab) -> None:
    """A branch with two threads: the commit's own logbook names the tag, whatever the branch is called."""
    other = ".agents/logbooks/tile-size.md"
    lab.thread.commit({other: lab.thread.book}, "A second thread")
    lab.thread.write(other, lab.thread.book.replace("TILE-002 morton", "TILE-002 larger"))
    commit = lab.thread.commit(message="Size\n\nSnapshot: TILE-002")
    lab.push()
    assert lab.tags() == {"snapshot/tile-size/TILE-002": commit}


def test_a_shallow_clone_is_refused(lab: Lab) -> None:
    """Half of a history tells nothing: it is said what to do, and nothing is asked of GitHub."""
    lab.commit()
    payload, _ = lab.thread.push_branch()
    shallow = lab.thread.checkout(f"refs/heads/{BRANCH}", BRANCH, shallow=True)
    with pytest.raises(UnfinishedError, match="the clone is shallow") as caught:
        snapshot(SnapshotRequest(), lab.github(), context(shallow, lab.told(payload)))
    assert "fetch-depth: 0" in caught.value.help
    assert lab.hub.calls == []


def test_two_pushes_at_once(lab: Lab) -> None:
    """Another run makes the tag in between: the same tag on the same commit is what was wanted."""
    lab.commit()
    event = lab.thread.push_branch()
    payload, checkout = event
    first, second = lab.github(), lab.github()
    plans = [
        snapshot(SnapshotRequest(), github, context(checkout, lab.told(payload))).plan for github in (first, second)
    ]
    both = [apply(github, plan, Origin()) for github, plan in zip((first, second), plans, strict=True)]
    assert [(done.tags, done.exit_code) for done in both] == [([TAG], 0), ([TAG], 0)]
    assert len(lab.comments()) == 1


def test_a_clone_that_is_behind_moves_nothing(lab: Lab) -> None:
    """GitHub has the tag on another commit than this clone knows of: refused with 4, told of nowhere, others go on."""
    lab.commit()
    event = lab.thread.push_branch()
    elsewhere = lab.thread.git("rev-parse", "origin/main")
    lab.github().create_tag(TAG, elsewhere, "by somebody else")
    outcome = snapshot(SnapshotRequest(), lab.github(), context(event[1], lab.told(event[0])))
    done = apply(lab.github(), outcome.plan, Origin())
    assert (done.exit_code, lab.tags(), lab.comments()) == (4, {TAG: elsewhere}, [])
    assert "a tag is never moved" in done.notes[0]


@pytest.mark.parametrize(
    ("command", "commit", "why"),
    [
        ("", "Snapshot: TILE-003", f"entry TILE-003 at {LOGBOOK}:55 has no command"),
        ("- Command: pending\n", "Snapshot: TILE-003", "has no command"),
        (None, "Snapshot: TILE-099", "has no entry TILE-099"),
    ],
)
def test_an_entry_that_cannot_be_run_again_is_refused(lab: Lab, command: str | None, commit: str, why: str) -> None:
    """Without an entry or without its command there is nothing to reproduce: the finding says where."""
    lab.thread.add_entry(3, command=command)
    lab.thread.commit(message=f"TILE-003\n\n{commit}")
    outcome, _ = lab.push()
    assert (outcome.exit_code, outcome.plan) == (1, ())
    assert why in outcome.notes[0]


def test_a_preregistration_says_so(lab: Lab) -> None:
    """An entry whose result is pending may be a snapshot, and its tag and comment say what it is."""
    lab.thread.add_entry(3)
    lab.thread.write(LOGBOOK, lab.thread.book.replace("Result: 37.25 ms per product.", "Result: pending."))
    lab.thread.commit(message="Before the run\n\nSnapshot: TILE-003")
    lab.push()
    assert "Result: pending, so this is a preregistration\n" in lab.repository.tags()[TAG][1]
    assert "- Result: pending, so this is a preregistration" in lab.comments()[0]


def test_changed_workflow_files_are_somebody_elses_to_tag(lab: Lab) -> None:
    """A token that may not tag a commit says which lines will, and goes on with the others."""
    commits = [lab.commit(3), lab.commit(4)]
    needs = {"x-accepted-github-permissions": "contents=write; contents=write,workflows=write"}
    lab.hub.fail(403, verb="POST", path="/git/refs$", message="Resource not accessible by integration", headers=needs)
    _, done = lab.push()
    assert done.exit_code == 3
    assert (
        f"`git tag --annotate --message {TAG} {TAG} {commits[0]} && git push origin refs/tags/{TAG}`" in done.notes[0]
    )
    assert lab.tags() == {"snapshot/tile-order/TILE-004": commits[1]}
    assert [TAG in body for body in lab.comments()] == [False]


def test_a_job_without_the_permission_is_told_which(lab: Lab) -> None:
    """A job that may not write contents stops at the first tag, and is told what to add."""
    lab.commit()
    payload, checkout = lab.thread.push_branch()
    github = lab.connect(lab.hub.workflow_token(issues="write"))
    plan = snapshot(SnapshotRequest(), github, context(checkout, lab.told(payload))).plan
    with pytest.raises(UnfinishedError, match="the token lacks permission") as caught:
        apply(github, plan, Origin())
    assert "`contents: write`" in caught.value.help


def test_a_ruleset_that_forbids_one_tag_leaves_the_others(lab: Lab) -> None:
    """A refusal for the tag's own sake is told, and the rest is done."""
    lab.commit(3)
    lab.commit(4)
    lab.hub.fail(422, verb="POST", path="/git/refs$", times=2, message="Repository rule violations found")
    _, done = lab.push()
    assert (done.exit_code, done.tags) == (3, ["snapshot/tile-order/TILE-004"])
    assert "Repository rule violations found" in done.notes[0]


def test_secrets_and_held_back_text_stay_where_they_are(lab: Lab) -> None:
    """Nothing is posted of an entry that holds a secret or held-back words, and the refusal repeats neither."""
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    lab.thread.add_entry(3, command=f"- Command: `GH_TOKEN={token} python bench/tiles.py`\n")
    lab.thread.commit(message="TILE-003\n\nSnapshot: TILE-003")
    outcome, _ = lab.push()
    assert (outcome.exit_code, outcome.plan) == (1, ())
    assert "looks like a secret" in outcome.notes[0]
    assert token not in " ".join(outcome.notes) + outcome.summary
    assert lab.hub.writes == []


def test_a_refusal_with_held_back_words_keeps_no_other_from_its_tag(lab: Lab) -> None:
    """An entry without a command is named in its refusal: where that name is private, only its commit is told."""
    lab.thread.git("checkout", "--quiet", "main")
    lab.thread.commit({".github/logbook.yml": "held-back: [falcon]\n"}, "Hold back")
    lab.thread.push("main")
    lab.thread.git("checkout", "--quiet", BRANCH)
    other = lab.commit(3)
    lab.thread.write(LOGBOOK, lab.thread.book + "\n### 2026-05-27 - falcon\n\n- Result: loss 2.1\n")
    lab.thread.commit(message="Falcon\n\nSnapshot: falcon")
    outcome, _ = lab.push()
    assert lab.tags() == {TAG: other}
    assert "was not tagged: the reason contains private text; `logbook lint` shows where" in " ".join(outcome.notes)
    assert "falcon" not in " ".join(outcome.notes) + outcome.summary


def test_held_back_text_of_the_default_branchs_configuration(lab: Lab) -> None:
    """What the default branch holds back is held back, whatever the research branch says."""
    lab.thread.git("checkout", "--quiet", "main")
    lab.thread.commit({".github/logbook.yml": "held-back:\n  - Project Falcon\n"}, "Hold back")
    lab.thread.push("main")
    lab.thread.git("checkout", "--quiet", BRANCH)
    lab.thread.add_entry(3, command="- Command: `python bench/tiles.py --name 'Project Falcon'`\n")
    lab.thread.commit(message="TILE-003\n\nSnapshot: TILE-003")
    outcome, _ = lab.push()
    assert (outcome.exit_code, outcome.plan) == (1, ())
    assert "pattern 1 of `held-back` matches" in outcome.notes[0]
    assert "Falcon" not in " ".join(outcome.notes) + outcome.summary
    lab.thread.write(LOGBOOK, lab.thread.book.replace("'Project Falcon'", "x") + "\n| Project Falcon |\n|---|\n| 1 |\n")
    lab.thread.commit(message="Only in a table, which the comment shows\n\nSnapshot: TILE-003")
    assert [(it.exit_code, it.plan) for it in [lab.push()[0]]] == [(1, ())]


def test_a_logbook_without_an_issue_is_tagged_all_the_same(lab: Lab) -> None:
    """Nobody is told, and the run says so; an issue of another repository is never written on."""
    lab.thread.add_entry(3)
    text = lab.thread.book.replace("issue: 12\n", "").replace("- Experiment issue: #12", "- Issue: other/place#12")
    lab.thread.write(LOGBOOK, text)
    commit = lab.thread.commit(message="TILE-003\n\nSnapshot: TILE-003")
    outcome, _ = lab.push()
    assert (lab.tags(), lab.comments(), outcome.exit_code) == ({TAG: commit}, [], 0)
    assert "names no issue of this repository" in outcome.notes[0]


def test_several_logbooks_are_named(lab: Lab) -> None:
    """A commit that may be of several logbooks is refused, and they are named."""
    lab.thread.add_entry(3)
    text = lab.thread.book.replace(f"- Branch: `{BRANCH}`\n", "")
    for topic in ("one", "two"):
        lab.thread.write(f".agents/logbooks/{topic}.md", text)
    (lab.thread.root / LOGBOOK).unlink()
    lab.thread.commit(message="TILE-003\n\nSnapshot: TILE-003")
    outcome, _ = lab.push()
    assert (outcome.exit_code, outcome.plan) == (1, ())
    assert "it could belong to any of .agents/logbooks/one.md, .agents/logbooks/two.md" in outcome.notes[0]


def test_a_branch_that_is_no_research_branch_is_left_alone(lab: Lab) -> None:
    """A push elsewhere asks for nothing, unless a logbook names the branch."""
    commit = lab.commit()
    assert lab.push(branch="feature")[0] == CommandResult()
    lab.thread.write(LOGBOOK, lab.thread.book.replace(f"`{BRANCH}`", "`tiles-by-hand`"))
    lab.thread.commit(message="Work elsewhere")
    lab.push(branch="tiles-by-hand")
    assert lab.tags() == {TAG: commit}


def test_a_commit_can_be_named(lab: Lab) -> None:
    """Somebody names a commit that says nothing of itself; one that is not pushed is refused."""
    lab.thread.add_entry(3)
    commit = lab.thread.commit(message="Measure")
    _, checkout = lab.thread.push_branch()
    plan = snapshot(SnapshotRequest(commit=commit[:10]), lab.github(), context(checkout, {})).plan
    assert str(plan[0]) == f"create the tag {TAG} on {commit[:12]}"
    lab.thread.commit(message="Not pushed")
    with pytest.raises(UserError, match="is on neither a research branch nor the default branch"):
        snapshot(SnapshotRequest(commit="HEAD"), lab.github(), context(lab.thread.root, {}))


def test_a_branch_can_be_named(lab: Lab) -> None:
    """Somebody names a branch of origin; one that is not there, or is none of research, is refused."""
    commit = lab.commit()
    _, checkout = lab.thread.push_branch()
    plan = snapshot(SnapshotRequest(branch=BRANCH), lab.github(), context(checkout, {})).plan
    assert str(plan[0]) == f"create the tag {TAG} on {commit[:12]}"
    for branch, why in (("research/none", "origin has no branch"), ("main", "is not a research branch")):
        with pytest.raises(UserError, match=why):
            snapshot(SnapshotRequest(branch=branch), lab.github(), context(checkout, {}))
    assert snapshot(SnapshotRequest(), lab.github(), context(checkout, {})).plan == plan  # the one checked out
    subprocess.run(["git", "-C", str(checkout), "switch", "--quiet", "--detach"], check=True)
    with pytest.raises(UserError, match="no commit or branch given"):
        snapshot(SnapshotRequest(), lab.github(), context(checkout, {}))


def test_the_sweep_reaches_the_same_state(lab: Lab) -> None:
    """With no event delivered, the sweep tags and tells all research branches, and then rests."""
    first = lab.commit(3)
    lab.thread.push_branch()
    lab.thread.branch("research/tile-order-2")
    second = lab.commit(4)
    _, checkout = lab.thread.push_branch(branch="research/tile-order-2")
    for step in snapshots(view_of(lab.github(), context(checkout, now=NOW)), FoundSnapshots()):
        apply(lab.github(), step.decide().plan, Origin())
    assert lab.tags() == {TAG: first, "snapshot/tile-order/TILE-004": second}
    assert len(lab.comments()) == 2
    lab.mirror()
    fresh = lab.thread.checkout(f"refs/heads/{BRANCH}", BRANCH)
    steps = all_snapshots(lab.github(), context(fresh).clone(), Config(), None, FoundSnapshots())
    assert [step.decide() for step in steps] == [CommandResult()]


@pytest.mark.parametrize(("status", "after"), [(502, False), (0, True)])
@pytest.mark.parametrize("call", range(10))
def test_an_interruption_leaves_nothing_behind(lab: Lab, call: int, status: int, after: bool) -> None:
    """Whichever call fails, before or after it was carried out: run again, it ends as if nothing had happened."""
    commits = {TAG: lab.commit(3), "snapshot/tile-order/TILE-004": lab.commit(4)}
    event = lab.thread.push_branch()
    lab.hub.fail(status, times=1, after=after, spared=call)
    lab.hub.fail(502, times=1_000)
    with pytest.raises(UnfinishedError):
        lab.run(event, lab.connect(lab.hub.workflow_token(contents="write", issues="write"), budget=0))
    lab.hub.forget()
    lab.mirror()
    lab.run(lab.thread.push_branch())
    assert lab.tags() == commits
    assert sorted(next(tag for tag in commits if f"tree/{tag})" in body) for body in lab.comments()) == sorted(commits)


@pytest.mark.parametrize(
    ("path", "after", "posts"), [("/git/tags$", True, 3), ("/git/refs$", True, 2), ("/git/refs$", False, 3)]
)
def test_a_tag_whose_fate_is_unknown_is_looked_for(lab: Lab, path: str, after: bool, posts: int) -> None:
    """Where an answer is lost, the tag is looked for before its reference is posted again."""
    commit = lab.thread.git("rev-parse", "HEAD")
    lab.hub.fail(502, verb="POST", path=path, after=after)
    lab.github().create_tag(TAG, commit, "text")
    assert (lab.tags(), len(lab.hub.writes)) == ({TAG: commit}, posts)


def test_a_locked_conversation_keeps_no_other_from_its_comment(lab: Lab) -> None:
    """The tag is made, the refusal is told with its way out, and another issue gets its comment."""
    lab.commit()
    lab.thread.write(LOGBOOK, lab.thread.book.replace("issue: 12", "issue: 11").replace("#12", "#11"))
    lab.thread.add_entry(4)
    lab.thread.commit(message="Another issue\n\nSnapshot: TILE-004")
    lab.repository.lock(11)
    _, done = lab.push()
    assert (len(done.tags), done.exit_code, len(lab.comments(12)), lab.comments(11)) == (2, 0, 1, [])
    assert "the conversation is locked" in done.notes[0]


def test_an_issue_that_is_not_there_keeps_no_tag_from_being_made(lab: Lab) -> None:
    """A logbook that names no such issue: the tag is made, it is told, and no later push fails for it."""
    lab.thread.write(LOGBOOK, lab.thread.book.replace("issue: 12", "issue: 999").replace("#12", "#999"))
    commit = lab.commit()
    _, done = lab.push()
    assert (lab.tags(), done.exit_code) == ({TAG: commit}, 3)
    assert lab.push(commit)[0] == CommandResult()


def test_a_logbook_on_github_enterprise_is_linked_there() -> None:
    """Links lead to the server whose API is spoken with, unless the environment names another."""
    told = {"GITHUB_TOKEN": "ghp_x", "GITHUB_REPOSITORY": "lab/tiles", "GITHUB_API_URL": "https://ghe.lab.test/api/v3"}
    assert GitHub(Access.of(told, "lab/tiles")).site.url() == "https://ghe.lab.test/lab/tiles"
    assert (
        GitHub(Access.of({**told, "GITHUB_SERVER_URL": "https://pages.test/"}, "lab/tiles")).site.url()
        == "https://pages.test/lab/tiles"
    )
    assert GitHub(Access.of({**told, "GITHUB_API_URL": ""}, "lab/tiles")).site.url() == "https://github.com/lab/tiles"
