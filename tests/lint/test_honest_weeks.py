"""Claims about honest people: ordinary weeks of git, in which nobody is accused of anything at any step.

Each plays a week on real repositories (see `lint.team`): a verdict on the laptop before every push, and in Actions for
every push and pull request. None may find an error, and a warning only where the test says which.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lint.team import BRANCH, HISTORY, PATH, Team, entry
from repository import GOOD_ANYWHERE as GOOD
from repository import Repository

OTHER = PATH.replace("sparse-attention", "optimizers")
OTHER_BOOK = (
    GOOD.replace("SPA-", "OPT-").replace("topic: sparse-attention", "topic: optimizers").replace("8734", "8735")
)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """A team whose week has to end without an error, and without a warning that is not expected."""
    team = Team(tmp_path / "lab")
    yield team
    assert team.verdicts
    assert team.faults == set(), team.story
    assert team.warnings <= team.expected, team.story


def squash_merged(team: Team) -> None:
    """Ana's branch with an entry is merged into main as one commit."""
    team.ana.start(2)
    pull, _ = team.pull()
    team.merge(pull, "squash")


def test_entries_are_appended_from_the_first_push_to_the_merge_queue(team: Team) -> None:
    """The plainest week: push, pull request, push, merge queue, merge."""
    team.ana.start(2)
    pull, _ = team.pull()
    team.ana.record(3, 4)
    team.ana.push()
    team.queue(pull)
    team.merge(pull)
    team.ana.join("main")
    team.ana.git("pull", "--quiet")
    team.ana.look()


def test_pending_results_are_filled_in(team: Team) -> None:
    """A run is recorded before it starts and completed when it ends."""
    team.ana.start()
    team.ana.record(2, result="pending.")
    team.ana.push()
    team.snapshot(2)
    team.ana.edit("- Result: pending.", "- Result: loss 2.229 after 400 steps.")
    team.ana.commit()
    team.ana.push()
    team.pull()


def test_the_queue_lives(team: Team) -> None:
    """Hypotheses are added, moved with their evidence, and told what is next."""
    team.ana.start(2)
    team.ana.edit("one seed at 512 blocks.", "three seeds at 512 blocks.")
    team.ana.edit("\n## Entry Log", "\n- `SPA-H2`: 256 blocks are enough. Next test: SPA-AT-003.\n\n## Entry Log")
    team.ana.commit()
    team.ana.push()
    team.pull()
    was = "- `SPA-H1`: block sparsity keeps the loss. Next test: three seeds at 512 blocks.\n"
    team.ana.edit(was, "")
    now = "### Falsified\n\n- `SPA-H1`: block sparsity keeps the loss. Evidence: SPA-AT-002, loss 2.232.\n"
    team.ana.edit("\n## Entry Log", f"\n{now}\n## Entry Log")
    team.ana.commit()
    team.ana.push()


def both_at_work(team: Team) -> None:
    """Ana and Bo are on one branch; Ana has pushed an entry that Bo has not, and Bo has one of his own."""
    team.ana.start(2)
    team.bo.join()
    team.ana.record(3)
    team.ana.push()
    team.bo.record(4)


def test_two_append_and_the_later_one_rebases(team: Team) -> None:
    """`git pull --rebase` ends in a conflict, which is resolved by keeping both."""
    both_at_work(team)
    team.bo.look()
    team.bo.git("fetch", "--quiet")
    team.bo.look()
    assert "Record SPA-AT-003" in team.notes, team.story
    team.bo.attempt("pull", "--rebase")
    team.bo.keep_both()
    team.bo.look()
    team.bo.git("-c", "core.editor=true", "rebase", "--continue")
    team.bo.push()
    team.pull()


def test_two_append_and_the_later_one_merges(team: Team) -> None:
    """`git pull` ends in a merge commit, in which the entries stand in the order of their dates."""
    both_at_work(team)
    team.bo.attempt("pull", "--no-rebase")
    text = team.bo.show(f"MERGE_HEAD:{PATH}")
    team.bo.write(PATH, text + entry(4))
    team.bo.look()
    team.bo.commit(message="Merge")
    team.bo.push()
    team.pull()
    team.ana.git("pull", "--quiet")
    team.ana.record(5)
    team.ana.push()


def test_two_append_and_the_later_one_keeps_his_own_first(team: Team) -> None:
    """Git puts one's own entry first: it is out of order, and nothing is lost."""
    team.expected = {"backdated-entry", "entry-out-of-order"}
    both_at_work(team)
    team.bo.attempt("pull", "--no-rebase")
    team.bo.keep_both()
    team.bo.commit(message="Merge")
    team.bo.push()
    team.pull()


def test_a_commit_is_amended_before_it_is_pushed(team: Team) -> None:
    """Nothing that never left the laptop is on record."""
    team.ana.start(2)
    team.ana.record(3)
    team.ana.edit("loss 2.233", "loss 2.333")
    team.ana.look()
    team.ana.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    team.ana.push()


def test_a_commit_is_amended_after_the_push_by_what_is_no_logbook(team: Team) -> None:
    """A forgotten file is added to the pushed commit, which is pushed with force."""
    team.ana.start(2, 3)
    team.pull()
    team.ana.write("plot.py", "pass\n")
    team.ana.git("add", "--all")
    team.ana.git("commit", "--quiet", "--amend", "--no-edit")
    team.ana.push("--force-with-lease")


def test_a_branch_is_rebased_onto_main(team: Team) -> None:
    """Main has moved with another thread's logbook; the branch is rebased and pushed with force, its text kept."""
    team.ana.start(2, 3)
    team.snapshot(2, commit=team.ana.git("rev-parse", "HEAD~1"))
    team.bo.commit({OTHER: OTHER_BOOK, "train.py": "print(1)\n"})
    team.bo.push()
    team.pull()
    team.ana.git("fetch", "--quiet")
    team.ana.look()
    team.ana.git("rebase", "--quiet", "origin/main")
    team.ana.push("--force")
    team.ana.record(4)
    team.ana.push()


def test_a_branch_is_merged_as_one_commit_and_continued(team: Team) -> None:
    """After a squash merge the same branch goes on: git sees the text twice, and no one lost a word."""
    squash_merged(team)
    team.ana.record(3)
    team.ana.push()
    team.ana.attempt("pull", "--no-rebase", "origin", "main")
    team.ana.git("checkout", "--ours", PATH)
    team.ana.commit(message="Merge main")
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_a_branch_is_recreated_after_its_merge(team: Team) -> None:
    """The branch of a squash merge is deleted, and one of the same name starts from main."""
    squash_merged(team)
    team.ana.git("push", "--quiet", "origin", "--delete", BRANCH)
    team.pushed_away(BRANCH)
    team.ana.git("fetch", "--quiet", "--prune")
    team.ana.git("switch", "--quiet", "-C", BRANCH, "origin/main")
    team.ana.look()
    team.ana.record(3)
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_a_branch_is_reset_to_main_after_its_merge(team: Team) -> None:
    """The branch of a squash merge is not deleted but moved to main, and pushed with force."""
    squash_merged(team)
    team.ana.git("fetch", "--quiet")
    team.ana.git("reset", "--quiet", "--hard", "origin/main")
    team.ana.look()
    team.ana.record(3)
    team.ana.push("--force")
    team.pull()


@pytest.mark.slow
def test_a_branch_is_merged_by_rebasing(team: Team) -> None:
    """GitHub's third way: its commits are made anew on main."""
    team.ana.start(2, 3)
    pull, _ = team.pull()
    team.bo.commit({"README.md": "# All models\n"})
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    team.ana.git("switch", "--quiet", "--detach")
    team.ana.git("rebase", "--quiet", "origin/main")
    team.ana.git("push", "--quiet", "origin", "HEAD:main")
    team.close(pull)
    team.ana.git("fetch", "--quiet")
    team.ana.look()
    team.ana.git("switch", "--quiet", BRANCH)
    team.ana.look()
    team.ana.git("pull", "--quiet", "--rebase", "origin", "main")
    team.ana.record(4)
    team.ana.push("--force")


@pytest.mark.slow
def test_an_entry_is_picked_from_a_colleagues_branch(team: Team) -> None:
    """One of the entries of another branch is wanted here too."""
    team.ana.start(2)
    team.bo.join()
    team.bo.git("switch", "--quiet", "--create", "research/sparse-attention-seeds")
    wanted = team.bo.record(3)
    team.bo.record(4)
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    team.ana.git("cherry-pick", wanted)
    team.ana.push()
    team.pull()
    team.bo.attempt("pull", "--no-rebase", "origin", BRANCH)
    team.bo.git("checkout", "--ours", PATH)
    team.bo.commit(message="Merge the other branch")
    team.bo.push()


@pytest.mark.slow
def test_a_commit_of_code_is_reverted(team: Team) -> None:
    """What is taken back is code; the entry about it stays."""
    team.ana.start(2)
    code = team.ana.commit({"train.py": "print(3)\n"})
    team.ana.record(3)
    team.ana.push()
    team.ana.git("revert", "--no-edit", code)
    team.ana.push()
    team.pull()


def test_who_is_behind_is_not_blamed(team: Team) -> None:
    """Bo has not pulled what Ana pushed: he looks, edits, looks, pulls and pushes."""
    team.ana.start(2)
    team.bo.join()
    team.ana.record(3)
    team.ana.push()
    team.snapshot(3)
    team.bo.git("fetch", "--quiet", "--tags")
    team.bo.look()
    assert "1 commit behind" in team.notes, team.story
    team.bo.edit("one seed at 512 blocks", "three seeds at 512 blocks")
    team.bo.look()
    team.bo.commit()
    team.bo.look()
    team.bo.git("pull", "--quiet", "--rebase")
    team.bo.push()


def test_a_second_branch_starts_from_the_first(team: Team) -> None:
    """Two research branches share a beginning, and each goes on by itself."""
    team.ana.start(2)
    team.bo.join()
    team.bo.git("switch", "--quiet", "--create", "research/sparse-attention-wide")
    team.bo.record(3)
    team.bo.push()
    team.ana.record(4)
    team.ana.push()
    team.snapshot(4)
    team.bo.git("fetch", "--quiet", "--tags")
    team.bo.record(5)
    team.bo.push()
    team.pull()
    team.pull("research/sparse-attention-wide")


@pytest.mark.slow
def test_a_logbook_is_renamed_with_a_large_move_of_files(team: Team) -> None:
    """1,300 files move in the commit that renames the logbook and adds an entry."""
    team.ana.commit({f"old/{number}.txt": f"{number}\n" for number in range(1300)})
    team.ana.push()
    team.ana.start(2)
    new = PATH.replace("sparse-attention", "sparse-attention-512")
    team.ana.git("mv", "old", "new")
    for number in range(1300):
        team.ana.write(f"new/{number}.txt", f"{number} moved\n")
    team.ana.git("mv", PATH, new)
    team.ana.append(entry(3), new)
    team.ana.look()
    team.ana.commit()
    team.ana.push()
    team.pull()
    team.ana.append(entry(4), new)
    team.ana.commit()
    team.ana.push()


@pytest.mark.slow
def test_the_folder_of_logbooks_moves(team: Team) -> None:
    """First main's configuration knows both folders; then the files move."""
    team.ana.commit({".github/logbook.yml": 'logbooks: [".agents/logbooks/*.md", "research/logs/*.md"]\n'})
    team.ana.push()
    team.ana.start(2)
    team.ana.record(3)
    team.ana.push()
    (team.ana.root / "research" / "logs").mkdir(parents=True)
    moved = "research/logs/sparse-attention.md"
    team.ana.git("mv", PATH, moved)
    team.ana.look()
    team.ana.commit()
    team.ana.push()
    team.ana.append(entry(4), moved)
    team.ana.commit()
    team.ana.push()
    team.pull()


def test_main_is_merged_into_the_branch(team: Team) -> None:
    """Main got another thread's logbook and an entry in this one, which takes its place before one's own."""
    team.ana.start(3)
    team.pull()
    team.bo.append(entry(2))
    team.bo.commit({OTHER: OTHER_BOOK})
    team.bo.push()
    team.ana.attempt("pull", "--no-rebase", "origin", "main")
    team.ana.write(PATH, team.ana.show(f"MERGE_HEAD:{PATH}") + entry(3))
    team.ana.look()
    team.ana.commit(message="Merge main")
    team.ana.push()
    team.ana.record(4)
    team.ana.push()


def test_a_stacked_pull_request_is_retargeted(team: Team) -> None:
    """A pull request into another one's branch is retargeted to main when that is merged; its merge ref lags behind."""
    team.ana.start(2)
    first, _ = team.pull()
    team.bo.join()
    team.bo.git("switch", "--quiet", "--create", "research/sparse-attention-wide")
    team.bo.record(3)
    team.bo.push()
    second, _ = team.pull("research/sparse-attention-wide", BRANCH)
    team.merge(first)
    second.base = "main"
    team.synchronize(second, "edited", stale=True)
    team.synchronize(second, "edited")
    team.bo.record(4)
    team.bo.push()


@pytest.mark.slow
def test_a_stacked_pull_request_outlives_a_squash_merge(team: Team) -> None:
    """The lower one is merged as one commit, and main is merged into the upper one."""
    team.ana.start(2)
    first, _ = team.pull()
    team.bo.join()
    team.bo.git("switch", "--quiet", "--create", "research/sparse-attention-wide")
    team.bo.record(3)
    team.bo.push()
    second, _ = team.pull("research/sparse-attention-wide", BRANCH)
    team.merge(first, "squash")
    second.base = "main"
    team.synchronize(second, "edited", stale=True)
    team.bo.attempt("pull", "--no-rebase", "origin", "main")
    team.bo.git("checkout", "--ours", PATH)
    team.bo.commit(message="Merge main")
    team.bo.push()


def test_a_fork_has_a_stale_main(team: Team) -> None:
    """The branch starts from upstream's main while the fork's own main is old."""
    team.ana.append(entry(2))
    team.ana.commit()
    kim = team.server.fork("Kim")
    team.ana.push()
    team.ana.edit("2.231", "2.131")
    team.ana.commit()
    team.ana.push()
    team.said.clear()
    kim.git("fetch", "--quiet", "upstream")
    kim.git("switch", "--quiet", "--create", BRANCH, "upstream/main")
    kim.look()
    kim.record(3)
    kim.push()
    team.pull(owner=kim.address)
    kim.record(4)
    kim.push()


@pytest.mark.slow
def test_a_fork_works_on_an_old_main(team: Team) -> None:
    """Main moves on in the meantime; the pull request is held against where it left."""
    kim = team.server.fork("Kim")
    kim.start(3)
    team.ana.commit({OTHER: OTHER_BOOK})
    team.ana.edit("2.231", "2.131")
    team.ana.commit()
    team.ana.push()
    team.said.clear()
    pull, _ = team.pull(owner=kim.address)
    kim.record(4)
    kim.push()
    team.queue(pull)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_checkout_accuses_nobody(team: Team, depth: int) -> None:
    """A workflow that fetches too little gets a verdict all the same, or is told to fetch more: see the next test."""
    team.depth = depth
    team.ana.git("switch", "--quiet", "--create", BRANCH)
    team.ana.record(2)
    team.ana.git("push", "--quiet", "origin", BRANCH)
    before = team.tip(BRANCH)
    team.ana.record(3)
    team.ana.git("push", "--quiet", "origin", BRANCH)
    verdict = team.pushed(BRANCH, before, team.tip(BRANCH))
    assert not verdict.errors, team.story
    _, verdict = team.pull()
    assert not verdict.errors, team.story
    team.said = [it for it in team.said if it == "" or not getattr(it, "refusal", "")]


@pytest.mark.slow
def test_a_second_work_tree_is_one_of_the_same_repository(team: Team) -> None:
    """`git worktree add` for a second branch: each tree is judged as its own branch."""
    team.ana.start(2)
    tree = team.folder / "wide"
    team.ana.git("worktree", "add", "--quiet", "-b", "research/sparse-attention-wide", str(tree), "origin/main")
    other = Repository(tree)
    other.write(PATH, GOOD + entry(4))
    team.judge("the second work tree", tree, {})
    other.variables = team.ana.variables
    other.commit()
    team.judge("the second work tree", tree, {})
    team.ana.record(3)
    team.ana.push()


@pytest.mark.slow
def test_work_is_stashed_and_taken_out_again(team: Team) -> None:
    """An entry is half written when something else has to be done first."""
    team.ana.start(2)
    team.ana.append(entry(3))
    team.ana.look()
    team.ana.git("stash", "--quiet")
    team.ana.look()
    team.ana.commit({"train.py": "print(4)\n"})
    team.ana.push()
    team.ana.git("stash", "pop", "--quiet")
    team.ana.look()
    team.ana.commit()
    team.ana.push()


@pytest.mark.slow
def test_a_branchs_upstream_is_main(team: Team) -> None:
    """`git switch -c x origin/main` follows main: what the branch adds is nothing that main had."""
    team.ana.git("switch", "--quiet", "--create", BRANCH, "origin/main")
    team.ana.record(2)
    team.bo.append(entry(3))
    team.bo.commit({OTHER: OTHER_BOOK})
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    team.ana.look()
    team.ana.push()
    team.ana.record(4)
    team.ana.look()


def test_snapshots_are_tagged_along_the_way(team: Team) -> None:
    """The snapshot action tags the branch, and a second branch that never had the entry is not held to it."""
    team.ana.start(2)
    team.snapshot(2)
    team.ana.record(3)
    team.ana.push()
    team.snapshot(3)
    team.bo.start(4, branch="research/sparse-attention-wide")
    team.pull("research/sparse-attention-wide")
    team.pull()
    team.bo.git("fetch", "--quiet", "--tags")
    team.bo.look()


def newest_first(*numbers: int) -> str:
    """Return a logbook whose newest entry comes first."""
    head, _, first = GOOD.partition("### 2026-05-25")
    return (
        head + "".join(entry(number)[1:] + "\n" for number in sorted(numbers, reverse=True)) + f"### 2026-05-25{first}"
    )


def test_a_log_grows_at_its_top(team: Team) -> None:
    """In a log that is newest first, new entries are inserted before the old ones."""
    team.ana.commit({PATH: newest_first(2)})
    team.ana.push()
    team.ana.start()
    for count in (3, 4):
        team.ana.commit({PATH: newest_first(*range(2, count + 1))})
        team.ana.push()
    team.pull()
    team.bo.join()
    team.bo.commit({PATH: newest_first(2, 3, 4, 5)})
    team.bo.push()


def test_a_mistake_is_struck_out(team: Team) -> None:
    """A wrong number and a misspelled word are corrected as ~~old~~ new."""
    team.ana.start(2)
    team.ana.edit("loss 2.232 after", "loss ~~2.232~~ 2.323 after")
    team.ana.edit("within the noise", "within the ~~noise~~ spread")
    team.ana.commit()
    team.ana.push()
    team.pull()


def test_a_formatter_runs_over_the_logbook(team: Team) -> None:
    """Prettier and mdformat: other bullets, wrapped lines, padded tables, blank lines, underscores for emphasis."""
    table = "\n| seed | loss |\n|-|-|\n| 1 | 2.229 |\n| 2 | 2.3 |\n\nThis is *not* the __best__ of what we have seen.\n"
    team.ana.start(2)
    team.ana.append(table)
    team.ana.commit()
    team.ana.push()
    text = team.ana.text().replace("\n- ", "\n* ").replace("|-|-|", "| ---- | ----- |").replace("| 2.3 |", "| 2.3   |")
    text = text.replace("*not* the __best__ of", "_not_ the **best** of\nwhat").replace("what what", "what")
    team.ana.write(PATH, text.replace("replicates SPA-AT-001", "replicates\n  SPA-AT-001"))
    team.ana.look()
    team.ana.commit()
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_line_ends_are_those_of_windows(team: Team) -> None:
    """A colleague's editor writes CRLF, another's git converts, and a third normalises them all."""
    team.ana.start(2)
    team.bo.git("config", "core.autocrlf", "true")
    team.bo.join()
    team.bo.write(PATH, team.bo.text().replace("\n", "\r\n") + entry(3).replace("\n", "\r\n"))
    team.bo.look()
    team.bo.commit()
    team.bo.push()
    team.ana.git("pull", "--quiet")
    team.ana.write(PATH, (team.ana.text() + entry(4)).replace("\n", "\r\n"))
    team.ana.commit()
    team.ana.push()
    team.ana.write(".gitattributes", "*.md text\n")
    team.ana.git("add", "--renormalize", ".")
    team.ana.commit()
    team.ana.push()
    team.pull()


def test_a_secret_is_taken_out(team: Team) -> None:
    """A key that was pushed is redacted; what finds the key is not the history."""
    key = "0123456789abcdef" * 2 + "01234567"
    team.ana.start(2)
    team.ana.append(entry(3).replace("`python", f"`WANDB_API_KEY={key} python"))
    team.ana.commit()
    step = team.ana.push()
    assert "committed-secret" in step.push.errors if step.push else False
    team.said.clear()
    team.ana.edit(key, "<redacted>")
    team.ana.commit()
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_main_moves_with_another_threads_logbook(team: Team) -> None:
    """What others merged to main meanwhile is held against nobody who has not got it."""
    team.ana.start(2)
    pull, _ = team.pull()
    team.bo.start(branch="research/optimizers")
    team.bo.commit({OTHER: OTHER_BOOK})
    team.bo.push()
    other, _ = team.pull("research/optimizers", body="Part of #8735")
    team.merge(other, "squash")
    team.ana.git("fetch", "--quiet")
    team.ana.look()
    team.ana.record(3)
    team.ana.push()
    team.queue(pull)


def test_an_entry_reaches_this_logbook_on_main_meanwhile(team: Team) -> None:
    """Two pull requests append to one logbook: the second leaves out what it never had, and then takes it in."""
    team.ana.start(2)
    first, _ = team.pull()
    team.bo.start(3, branch="research/sparse-attention-wide")
    team.merge(first, "squash")
    team.bo.git("fetch", "--quiet")
    team.bo.look()
    team.bo.record(4)
    team.bo.push()
    team.bo.attempt("rebase", "origin/main")
    team.bo.write(PATH, GOOD + entry(2) + entry(3))
    team.bo.git("add", PATH)
    team.bo.git("-c", "core.editor=true", "rebase", "--continue")
    team.bo.push("--force")
    team.pull("research/sparse-attention-wide")


@pytest.mark.slow
def test_an_empty_logbook_comes_first(team: Team) -> None:
    """The file is made with its header alone, its sections follow, and then the first entry."""
    team.expected = {"missing-scope", "missing-entry-log", "incomplete-prologue"}
    head, scope = GOOD.split("## Scope")
    team.ana.git("switch", "--quiet", "--create", BRANCH)
    (team.ana.root / PATH).unlink()
    team.ana.commit()
    team.ana.push(branch="main")
    team.said.clear()
    scope = scope.partition("### 2026-05-25")[0]
    for text in (head, f"{head}## Scope{scope}", GOOD):
        team.ana.commit({PATH: text})
        team.ana.push()
    team.pull()


@pytest.mark.slow
def test_commits_that_were_not_pushed_are_reset(team: Team) -> None:
    """What was never pushed may go."""
    team.ana.start(2)
    team.ana.record(3)
    team.ana.look()
    team.ana.git("reset", "--quiet", "--hard", "HEAD~1")
    team.ana.look()
    team.ana.record(4)
    team.ana.push()


@pytest.mark.slow
def test_an_agent_and_a_bot_commit_too(team: Team) -> None:
    """An agent appends, a bot updates a lock file, and both push to the same branch."""
    team.ana.start(2)
    team.bo.name = "lab-agent[bot]"
    team.bo.join()
    team.bo.record(3)
    team.bo.push()
    team.bo.commit({"uv.lock": "1\n"}, "Bump torch\n\nCo-authored-by: dependabot[bot] <bot@github.example>")
    team.bo.push()
    team.ana.git("pull", "--quiet", "--rebase")
    team.ana.record(4)
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_a_submodule_is_added_and_moved_forward(team: Team) -> None:
    """A submodule beside the logbook is no logbook."""
    kernels = Repository(team.folder / "kernels")
    kernels.commit({PATH: GOOD, "kernel.cu": "1\n"})
    team.ana.start(2)
    team.ana.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(kernels.root), "kernels")
    team.ana.commit()
    team.ana.push()
    kernels.commit({"kernel.cu": "2\n"})
    module = Repository(team.ana.root / "kernels")
    module.git("-c", "protocol.file.allow=always", "pull", "--quiet")
    team.ana.commit()
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_a_branch_is_renamed(team: Team) -> None:
    """`git branch -m`, a push under the new name, and the old one deleted."""
    team.ana.start(2, 3)
    team.snapshot(3)
    team.ana.git("branch", "--move", "research/sparse-attention-512")
    team.ana.push()
    team.ana.git("push", "--quiet", "origin", "--delete", BRANCH)
    team.pushed_away(BRANCH)
    team.ana.record(4)
    team.ana.push()
    team.pull("research/sparse-attention-512")


@pytest.mark.slow
def test_an_old_commit_is_looked_at(team: Team) -> None:
    """`git checkout` of an old commit, a bisection, a rebase that stopped: HEAD is on no branch."""
    team.ana.start(2, 3)
    team.snapshot(3)
    team.ana.git("fetch", "--quiet", "--tags")
    team.ana.git("checkout", "--quiet", "HEAD~1")
    team.ana.look()
    team.ana.git("checkout", "--quiet", "main")
    team.ana.look()


def test_the_remote_has_another_name(team: Team) -> None:
    """The clone calls its server `lab`."""
    team.ana.start(2)
    team.bo.git("remote", "rename", "origin", "lab")
    team.bo.git("fetch", "--quiet", "lab")
    team.bo.git("switch", "--quiet", BRANCH)
    team.bo.record(3)
    team.bo.look()
    team.ana.record(4)
    team.ana.push()
    team.bo.git("fetch", "--quiet", "lab")
    team.bo.look()


@pytest.mark.parametrize("options", [("--filter=blob:none",), ("--no-checkout",), ("--sparse",)], ids=" ".join)
def test_a_clone_is_partial(team: Team, options: tuple[str, ...]) -> None:
    """Blobs or files that the clone left out are not missing from the record."""
    team.ana.start(2)
    team.ana.record(3)
    team.ana.push()
    clone = team.folder / "partial"
    clone.mkdir()
    team.server.git("clone", "--quiet", *options, team.server.root.as_uri(), str(clone))
    here = Repository(clone)
    here.git("switch", "--quiet", BRANCH)
    if options == ("--sparse",):
        here.git("sparse-checkout", "set", "src")
    team.judge("a partial clone", clone, {})


@pytest.mark.slow
def test_a_file_is_untracked_or_ignored(team: Team) -> None:
    """A draft beside the logbooks, and a folder of one's own that git ignores."""
    team.ana.start(2)
    team.ana.write(OTHER, OTHER_BOOK)
    team.ana.look()
    team.ana.write(".git/info/exclude", OTHER + "\n")
    team.ana.look()
    team.ana.record(3)
    team.ana.push()


def test_there_is_no_server(tmp_path: Path, team: Team) -> None:
    """A repository that was never pushed, on its main branch: entries are appended and committed."""
    alone = Repository(tmp_path / "alone")
    alone.variables = team.dates
    alone.commit({PATH: GOOD})
    team.judge("alone", alone.root, {})
    alone.write(PATH, GOOD + entry(2))
    team.judge("alone", alone.root, {})
    alone.commit()
    alone.write(PATH, GOOD + entry(2) + entry(3))
    team.judge("alone", alone.root, {})


@pytest.mark.slow
def test_work_goes_straight_to_main(team: Team) -> None:
    """A small team without branches: pull, append, push; the second is behind, then diverged."""
    team.ana.record(2)
    team.ana.push()
    team.bo.record(3)
    team.bo.look()
    team.bo.git("fetch", "--quiet")
    team.bo.look()
    team.bo.attempt("rebase", "origin/main")
    team.bo.keep_both()
    team.bo.git("-c", "core.editor=true", "rebase", "--continue")
    team.bo.look()
    team.bo.push()


@pytest.mark.slow
def test_two_commits_are_made_one_before_the_merge(team: Team) -> None:
    """The commits of a branch are squashed on it, their text kept, and pushed with force."""
    team.ana.start(2, 3, 4)
    team.pull()
    team.snapshot(3, commit=team.ana.git("rev-parse", "HEAD~1"))
    team.ana.git("reset", "--quiet", "--soft", "origin/main")
    team.ana.commit(message="Sparse attention")
    team.ana.push("--force")
    team.ana.record(5)
    team.ana.push()


@pytest.mark.slow
def test_an_entry_is_reverted_by_mistake_and_put_back(team: Team) -> None:
    """What went missing on the laptop and came back before the push was never missing."""
    team.ana.start(2)
    team.ana.record(3)
    team.ana.git("revert", "--no-edit", "HEAD")
    team.ana.git("revert", "--no-edit", "HEAD")
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_a_colleagues_branch_is_merged(team: Team) -> None:
    """A research branch takes in another one, with another logbook and a snapshot of its own."""
    team.ana.start(2)
    team.bo.start(branch="research/optimizers")
    team.bo.commit({OTHER: OTHER_BOOK})
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    team.ana.git("merge", "--quiet", "--no-edit", "origin/research/optimizers")
    team.ana.push()
    team.expected = {"unlinked-pull-request"}
    team.pull()
    team.bo.append(entry(2).replace("SPA-", "OPT-"), OTHER)
    team.bo.commit()
    team.bo.push()
    team.ana.git("fetch", "--quiet")
    team.ana.record(3)
    team.ana.push()


@pytest.mark.slow
def test_a_local_branch_has_a_name_of_its_own(team: Team) -> None:
    """Bo works as `seeds` on what the server calls Ana's branch."""
    team.ana.start(2)
    team.bo.git("fetch", "--quiet")
    team.bo.git("switch", "--quiet", "--track", "--create", "seeds", f"origin/{BRANCH}")
    team.bo.record(3)
    team.bo.push(branch=BRANCH)
    team.ana.git("pull", "--quiet")
    team.ana.record(4)
    team.ana.push()
    team.bo.git("fetch", "--quiet")
    team.bo.look()
    team.bo.git("reset", "--quiet", "--hard", f"origin/{BRANCH}")
    team.bo.look()


@pytest.mark.slow
def test_main_renames_the_logbook_meanwhile(team: Team) -> None:
    """Git merges what Ana appended into the file under its new name."""
    team.ana.start(2)
    new = PATH.replace("sparse-attention", "attention")
    team.bo.git("mv", PATH, new)
    team.bo.edit("topic: sparse-attention", "topic: attention", new)
    team.bo.commit()
    team.bo.push()
    team.ana.git("pull", "--quiet", "--no-rebase", "origin", "main")
    team.ana.push()
    team.ana.append(entry(3), new)
    team.ana.commit()
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_a_logbook_is_renamed_twice(team: Team) -> None:
    """And grows in between."""
    team.ana.start(2)
    for number, (old, new) in enumerate(itertools.pairwise(["sparse", "local", "linear"]), 3):
        team.ana.git("mv", PATH.replace("sparse", old), PATH.replace("sparse", new))
        team.ana.edit(f"topic: {old}", f"topic: {new}", PATH.replace("sparse", new))
        team.ana.commit()
        team.ana.append(entry(number), PATH.replace("sparse", new))
        team.ana.commit()
        team.ana.push()
    team.pull()


@pytest.mark.slow
def test_the_merge_queue_takes_two_at_once(team: Team) -> None:
    """The second one is judged on top of the first."""
    team.ana.start(2)
    first, _ = team.pull()
    team.bo.start(branch="research/optimizers")
    team.bo.commit({OTHER: OTHER_BOOK})
    team.bo.push()
    second, _ = team.pull("research/optimizers", body="Part of #8735")
    team.queue(first)
    team.merge(first)
    team.queue(second)


@pytest.mark.slow
def test_main_is_merged_by_the_button(team: Team) -> None:
    """GitHub's Update branch merges main on the server, and Ana, who has gone on, pulls."""
    team.ana.start(2)
    team.bo.commit({OTHER: OTHER_BOOK})
    team.bo.push()
    pull, _ = team.pull()
    before, main = team.tip(BRANCH), team.tip("main")
    merged = team.server.commit_tree(team.server.merged(before, main), [before, main], "Merge branch main")
    team.server.git("update-ref", f"refs/heads/{BRANCH}", merged)
    team.pushed(BRANCH, before, merged)
    team.synchronize(pull)
    team.ana.record(3)
    team.ana.git("pull", "--quiet", "--no-rebase")
    team.ana.push()


def test_what_was_never_pushed_is_taken_back(team: Team) -> None:
    """A new logbook is committed on the laptop, thought better of, and its commit dropped."""
    team.ana.start(2)
    team.ana.commit({OTHER: OTHER_BOOK})
    team.ana.look()
    team.ana.git("rm", "--quiet", OTHER)
    team.ana.git("commit", "--quiet", "--amend", "--allow-empty", "--message", "Nothing")
    team.ana.push()


@pytest.mark.slow
def test_an_entry_reaches_main_by_itself_first(team: Team) -> None:
    """One entry is picked into main in a hurry, and the branch follows as a whole."""
    team.ana.start(2)
    wanted = team.ana.git("rev-parse", "HEAD")
    team.ana.record(3)
    team.ana.push()
    team.bo.git("fetch", "--quiet")
    team.bo.git("cherry-pick", wanted)
    team.bo.push()
    team.ana.attempt("pull", "--no-rebase", "origin", "main")
    team.ana.git("checkout", "--ours", PATH)
    team.ana.commit(message="Merge main")
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_conflict_markers_are_taken_out(team: Team) -> None:
    """They are no text of anybody's: what finds them is not the history, nor is it what is left without them."""
    both_at_work(team)
    team.bo.attempt("-c", "merge.conflictStyle=diff3", "pull", "--no-rebase")
    team.bo.commit(message="Merge")
    said = team.bo.push()
    assert not said.push or not said.push.errors & HISTORY, team.story
    team.said.clear()
    team.expected = {"backdated-entry", "entry-out-of-order"}
    text = team.bo.text()
    team.bo.write(PATH, re.sub(r"^(<{7}|\|{7}|={7}|>{7}).*\n", "", text, flags=re.MULTILINE))
    assert team.bo.text() != text
    team.bo.commit()
    team.bo.push()
    team.pull()


def test_paths_follow_the_files_that_move(team: Team) -> None:
    """A script that an entry names moves in the same change; a capital and a full stop are no matter."""
    team.ana.start(2)
    team.ana.append(entry(3).replace("python -m train", "python train.py"))
    team.ana.commit()
    team.ana.push()
    (team.ana.root / "src").mkdir()
    team.ana.git("mv", "train.py", "src/train.py")
    team.ana.edit("python train.py", "python src/train.py")
    team.ana.edit("replicates SPA-AT-001", "Replicates SPA-AT-001")
    team.ana.edit("measure the step time.", "measure the step time")
    team.ana.commit()
    team.ana.push()
    team.pull()


@pytest.mark.slow
def test_a_thread_has_many_pushes(team: Team) -> None:
    """A dozen pushes by two, with main merged now and then, and a snapshot each."""
    team.ana.start(2)
    team.bo.join()
    for number in range(3, 15):
        member = (team.ana, team.bo)[number % 2]
        team.wait(18)
        member.git("pull", "--quiet", "--no-rebase")
        member.record(number)
        member.push()
        team.snapshot(number)
        if number % 4 == 0:
            team.bo.git("fetch", "--quiet")
            team.bo.git("switch", "--quiet", "main")
            team.bo.commit({f"{number}.txt": "1\n"})
            team.bo.push()
            team.bo.git("switch", "--quiet", BRANCH)
            member.git("pull", "--quiet", "--no-rebase", "origin", "main")
            member.push()
    team.pull()


def test_main_was_rewritten_by_others(team: Team) -> None:
    """An administrator merged a rewrite past a red check: whoever takes main in answers for nothing of it."""
    team.ana.start(2)
    team.bo.edit("2.231", "2.131")
    team.bo.commit()
    team.bo.push()
    team.said.clear()
    team.pull()
    team.ana.git("pull", "--quiet", "--no-rebase", "origin", "main")
    team.ana.look()
    team.ana.push()
    team.ana.record(3)
    team.ana.push()


@pytest.mark.slow
def test_a_branch_is_rebased_under_a_colleague(team: Team) -> None:
    """Ana rebases and forces; Bo, who has an entry that he has not pushed, still has the old commits."""
    team.ana.start(2, 3)
    team.bo.join()
    team.bo.record(4)
    team.ana.git("switch", "--quiet", "main")
    team.ana.commit({"train.py": "print(8)\n"})
    team.ana.push()
    team.ana.git("switch", "--quiet", BRANCH)
    team.ana.git("rebase", "--quiet", "main")
    team.ana.push("--force")
    team.bo.git("fetch", "--quiet")
    team.bo.look()
    team.bo.git("pull", "--quiet", "--rebase")
    team.bo.look()
    team.bo.push()
    team.pull()


@pytest.mark.slow
def test_a_branch_without_commits_of_its_own_follows_main(team: Team) -> None:
    """It is moved forward to main, twice, and then gets its first entry."""
    team.ana.start()
    for number in (2, 3):
        team.bo.record(number)
        team.bo.push()
        team.ana.git("pull", "--quiet", "--ff-only", "origin", "main")
        team.ana.push()
    team.ana.record(4)
    team.ana.push()
    team.pull()
