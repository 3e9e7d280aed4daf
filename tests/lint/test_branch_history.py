"""Claims about what a branch answers for, from its own history and its snapshots, each with what must stay silent."""

import datetime as dt
import json
from pathlib import Path

import pytest

from repository import ENTRY, GOOD, PATH, Repository, context
from research_logbook.findings import Report
from research_logbook.lint.run import LintRequest, lint

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
THIRD = (
    ENTRY.replace("SPA-AT-002 second seed", "SPA-AT-003 third seed")
    .replace("05-26", "05-27")
    .replace("--seed 1", "--seed 2")
)
FOURTH = (
    THIRD.replace("SPA-AT-003 third", "SPA-AT-004 fourth").replace("05-27", "05-28").replace("--seed 2", "--seed 3")
)
OTHER = ".agents/logbooks/blocks.md"


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A clone with one good logbook on its default branch, on the research branch of its topic."""
    Repository(tmp_path / "origin").commit({PATH: GOOD})
    clone = Repository(tmp_path / "clone", origin=tmp_path / "origin")
    clone.git("switch", "--quiet", "--create", "research/sparse-attention")
    return clone


def errors(report: Report) -> set[tuple[str, str]]:
    """Return rule and file of each error."""
    return {(it.rule, it.span.path) for it in report.findings if it.severity == "error"}


def in_actions(work: Repository, name: str, payload: dict[str, object]) -> set[tuple[str, str]]:
    """Return what lint finds in HEAD when an event starts it."""
    path = work.root.parent / "event.json"
    path.write_text(json.dumps({"repository": {"default_branch": "main"}, **payload}))
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}
    return errors(lint(LintRequest(), context(work.root, variables, NOW))[0])


def on_push(
    work: Repository, before: str = "HEAD~1", branch: str = "research/sparse-attention"
) -> set[tuple[str, str]]:
    """Return what lint in Actions finds in a push of HEAD; `before` is what the branch was."""
    return in_actions(work, "push", {"ref": f"refs/heads/{branch}", "before": work.git("rev-parse", before)})


def on_pull(work: Repository, branch: str = "research/sparse-attention") -> set[tuple[str, str]]:
    """Return what lint in Actions finds in a pull request of HEAD into main."""
    repo = {"repo": {"full_name": "lab/models"}}
    head = {"ref": branch, "sha": work.git("rev-parse", "HEAD"), **repo}
    pull = {"number": 7, "body": "Part of #8734", "head": head, "base": {"ref": "main", **repo}}
    return in_actions(work, "pull_request", {"number": 7, "pull_request": pull})


def on_laptop(work: Repository) -> set[tuple[str, str]]:
    """Return what lint finds in the work tree."""
    return errors(lint(LintRequest(), context(work.root, {}, NOW))[0])


def everywhere(work: Repository) -> set[tuple[str, str]]:
    """Return what a push of HEAD, a pull request and a laptop find, which is the same."""
    found = on_push(work), on_pull(work), on_laptop(work)
    assert found[0] == found[1] == found[2], found
    return found[0]


REMOVED = {("removed-entry", PATH)}
REWRITTEN = {("rewritten-entry", PATH)}


def test_what_one_push_dropped_is_missed_by_every_later_one(work: Repository) -> None:
    """Commits of whatever, and new entries, do not make it good; what puts it back does."""
    work.commit({PATH: GOOD + ENTRY + THIRD})
    work.commit({PATH: GOOD + THIRD})
    assert everywhere(work) == REMOVED
    work.commit({"train.py": "pass\n"})
    assert everywhere(work) == REMOVED
    work.commit({PATH: GOOD + THIRD + FOURTH})
    assert everywhere(work) == REMOVED
    work.commit({PATH: GOOD + ENTRY + THIRD + FOURTH})
    assert everywhere(work) == set()


def test_old_words_may_be_put_back(work: Repository) -> None:
    """Those that stood in their place meanwhile were never the record; what was added with them was."""
    work.commit({PATH: GOOD + ENTRY})
    work.commit({PATH: GOOD + ENTRY.replace("2.229", "2.129") + THIRD})
    assert everywhere(work) == REWRITTEN
    work.commit({PATH: GOOD + ENTRY})
    assert everywhere(work) == REMOVED
    work.commit({PATH: GOOD + ENTRY + THIRD})
    assert everywhere(work) == set()


def test_a_wrong_number_that_was_committed_is_struck_out(work: Repository) -> None:
    """That is the way out for a slip of one commit that the next one finds, too."""
    work.commit({PATH: GOOD + ENTRY.replace("2.229", "2.129")})
    work.commit({PATH: GOOD + ENTRY})
    assert everywhere(work) == REWRITTEN
    work.commit({PATH: GOOD + ENTRY.replace("2.229", "~~2.129~~ 2.229")})
    assert everywhere(work) == set()


def test_the_last_commit_may_be_amended_before_it_is_pushed(work: Repository) -> None:
    """A slip of the last commit is mended in the work tree without a word, and the one before it is not."""
    work.commit({PATH: GOOD + ENTRY})
    work.write(PATH, GOOD + ENTRY.replace("2.229", "2.230"))
    assert on_laptop(work) == set()
    work.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    assert everywhere(work) == set()
    work.commit({PATH: GOOD + ENTRY.replace("2.229", "2.230") + THIRD})
    work.write(PATH, GOOD + ENTRY + THIRD)
    assert on_laptop(work) == REWRITTEN
    work.git("checkout", "--quiet", ".")
    work.git("push", "--quiet", "origin", "HEAD")
    work.write(PATH, GOOD + ENTRY.replace("2.229", "2.230"))
    assert on_laptop(work) == REMOVED


def test_a_revert_takes_nothing_back(work: Repository) -> None:
    """It drops the entry of the commit that it reverts; the revert of the revert brings it back."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("revert", "--no-edit", "HEAD")
    assert everywhere(work) == REMOVED
    work.git("revert", "--no-edit", "HEAD")
    assert everywhere(work) == set()


def merged(work: Repository, *how: str, message: str = "merge") -> None:
    """Merge the branch `side`."""
    work.git("merge", "--quiet", "--no-ff", "--message", message, *how, "side")


def aside(work: Repository, text: str) -> None:
    """Make a research branch of a colleague from here, with another text."""
    here = work.git("branch", "--show-current")
    work.git("switch", "--quiet", "--create", "side")
    work.commit({PATH: text, "side.txt": "side\n"})
    work.git("switch", "--quiet", here)


def test_a_merge_answers_for_all_that_it_merges(work: Repository) -> None:
    """A colleague's entry that a merge leaves out is missed; one that keeps both is good."""
    work.commit({PATH: GOOD + ENTRY})
    aside(work, GOOD + ENTRY + THIRD)
    work.commit({"train.py": "pass\n"})
    merged(work, "--strategy=ours")
    work.commit({"train.py": "pass  # again\n"})
    assert everywhere(work) == REMOVED
    work.git("reset", "--quiet", "--hard", "HEAD~2")
    merged(work)
    assert everywhere(work) == set()


def test_a_merge_that_takes_mains_side_drops_the_branchs_own(work: Repository) -> None:
    """Main got an entry of its own; whoever takes that side in the conflict loses the branch's."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("switch", "--quiet", "--create", "fix", "origin/main")
    work.commit({PATH: GOOD + FOURTH})
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("fetch", "--quiet")
    work.git("switch", "--quiet", "research/sparse-attention")
    work.git("merge", "--quiet", "--no-commit", "--strategy=ours", "origin/main")
    work.commit({PATH: GOOD + FOURTH})
    assert everywhere(work) == REMOVED
    work.commit({"train.py": "pass\n"})
    assert everywhere(work) == REMOVED
    work.commit({PATH: GOOD + ENTRY + FOURTH})
    assert everywhere(work) == set()


def test_what_main_took_itself_is_not_the_branchs_doing(work: Repository) -> None:
    """A branch that merges main has what main has; with that it may lose nothing of its own."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("switch", "--quiet", "--create", "fix", "origin/main")
    work.commit({PATH: GOOD.replace("2.231", "2.131")})
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("fetch", "--quiet")
    work.git("switch", "--quiet", "research/sparse-attention")
    work.git("merge", "--quiet", "--no-edit", "origin/main")
    assert everywhere(work) == set()
    work.commit({PATH: GOOD.replace("2.231", "2.131")})
    assert everywhere(work) == REMOVED


def test_a_branch_of_a_branch_answers_for_both(work: Repository) -> None:
    """A branch that was started from another research branch has what that one had."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("switch", "--quiet", "--create", "research/sparse-attention-2")
    work.commit({PATH: GOOD})
    work.commit({"train.py": "pass\n"})
    assert on_push(work, branch="research/sparse-attention-2") == REMOVED
    assert on_pull(work, "research/sparse-attention-2") == REMOVED


def test_a_pick_and_a_squash_bring_what_they_bring(work: Repository) -> None:
    """A commit of a colleague that is picked, and a branch that is merged as one commit, owe no more than they hold."""
    work.commit({PATH: GOOD + ENTRY})
    aside(work, GOOD + ENTRY + THIRD)
    work.git("cherry-pick", "side")
    assert everywhere(work) == set()
    work.git("reset", "--quiet", "--hard", "HEAD~1")
    work.git("merge", "--quiet", "--squash", "side")
    work.commit()
    assert everywhere(work) == set()


@pytest.mark.parametrize(
    "broken",
    [
        f"<<<<<<< HEAD\n{GOOD}{ENTRY}=======\n{GOOD}{THIRD}>>>>>>> side\n",
        b"\xff\xfe\x00",
        "x" * 6_000_000,
        "> " * 2_000 + "deep\n",
    ],
    ids=["a conflict", "no text", "too large", "too deep"],
)
def test_a_broken_version_between_two_stops_nothing(work: Repository, broken: str | bytes) -> None:
    """What was before it is still owed after it, and nothing of it is."""
    work.commit({PATH: GOOD + ENTRY})
    work.commit({PATH: broken})
    work.commit({PATH: GOOD})
    assert on_pull(work) == REMOVED
    work.commit({PATH: GOOD + ENTRY + THIRD})
    assert on_pull(work) == set()


def test_a_link_in_between_stops_nothing(work: Repository) -> None:
    """A logbook that was a link for a while, or was gone, owes what it had before."""
    work.commit({PATH: GOOD + ENTRY})
    (work.root / PATH).unlink()
    (work.root / PATH).symlink_to("/etc/passwd")
    work.commit()
    (work.root / PATH).unlink()
    work.commit({PATH: GOOD})
    assert everywhere(work) == REMOVED
    (work.root / PATH).unlink()
    work.commit()
    assert {rule for rule, _ in everywhere(work)} == {"deleted-logbook"}
    work.commit({PATH: GOOD})
    assert everywhere(work) == REMOVED
    work.commit({PATH: GOOD + ENTRY})
    assert everywhere(work) == set()


def test_a_secret_may_still_go(work: Repository) -> None:
    """What must not be published is taken out of a line, and neither this push nor a later one asks for it."""
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "abcdef"
    work.commit({PATH: GOOD + ENTRY.replace("--seed 1", f"--seed 1 --token {secret}")})
    work.commit({PATH: GOOD + ENTRY.replace("--seed 1", "--seed 1 --token <redacted>")})
    assert on_push(work) == set()
    work.commit({"train.py": "pass\n"})
    assert everywhere(work) == set()


# Snapshots


def tag(work: Repository, name: str, topic: str = "sparse-attention") -> None:
    """Make a snapshot of HEAD."""
    work.git("tag", "--annotate", "--message", name, f"snapshot/{topic}/{name}")


def test_a_doctored_copy_that_is_tagged_itself_hides_nothing(work: Repository) -> None:
    """The older snapshot counts beside the newer one; and the help names it."""
    work.commit({PATH: GOOD + ENTRY})
    tag(work, "SPA-AT-002")
    work.commit({PATH: GOOD + THIRD})
    tag(work, "SPA-AT-003")
    assert everywhere(work) == REMOVED
    report = lint(LintRequest(), context(work.root, {}, NOW))[0]
    (finding,) = [it for it in report.findings if it.rule == "removed-entry"]
    assert "snapshot/sparse-attention/SPA-AT-002" in finding.help


def test_a_rebased_thread_keeps_faith_with_its_snapshots(work: Repository) -> None:
    """Snapshots that no branch leads to any more are held against what the branch became, which has their text."""
    work.commit({PATH: GOOD + ENTRY})
    tag(work, "SPA-AT-002")
    work.commit({PATH: GOOD + ENTRY + THIRD})
    tag(work, "SPA-AT-003")
    work.git("reset", "--quiet", "--hard", "origin/main")
    work.commit({PATH: GOOD + ENTRY + THIRD + FOURTH})
    assert everywhere(work) == set()
    work.git("reset", "--quiet", "--hard", "origin/main")
    work.commit({PATH: GOOD + THIRD + FOURTH})
    work.commit({"train.py": "pass\n"})
    assert everywhere(work) == REMOVED


def test_a_thread_that_was_squashed_is_held_by_main(work: Repository) -> None:
    """Its snapshots still have the text, and whoever goes on from main is accused of nothing."""
    work.commit({PATH: GOOD + ENTRY})
    tag(work, "SPA-AT-002")
    work.git("switch", "--quiet", "--create", "squash", "origin/main")
    work.commit({PATH: GOOD + ENTRY})
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("fetch", "--quiet")
    work.git("branch", "--quiet", "--force", "research/sparse-attention", "HEAD")
    work.git("switch", "--quiet", "research/sparse-attention")
    work.commit({PATH: GOOD + ENTRY + THIRD})
    assert everywhere(work) == set()
    work.git("switch", "--quiet", "--create", "postscript", "origin/main")
    work.commit({PATH: GOOD + ENTRY + FOURTH})
    assert on_pull(work, "postscript") == set()


def behind(work: Repository) -> None:
    """Leave the branch behind a snapshot that a colleague pushed."""
    work.commit({PATH: GOOD + FOURTH})
    work.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
    work.commit({PATH: GOOD + FOURTH + THIRD})
    tag(work, "SPA-AT-003")
    work.git("push", "--quiet", "origin", "HEAD")
    work.git("reset", "--quiet", "--hard", "HEAD~1")


def test_who_is_behind_a_snapshot_is_told_to_pull(work: Repository) -> None:
    """It stands on the branch of the remote, and says nothing of one that never had it."""
    behind(work)
    assert on_laptop(work) == set()
    work.write(PATH, GOOD + FOURTH + ENTRY)
    assert on_laptop(work) == set()


def copied(work: Repository, text: str, branch: str) -> None:
    """Bring a logbook to a branch from main while a snapshot of it stands on its own branch."""
    work.commit({PATH: GOOD + ENTRY})
    tag(work, "SPA-AT-002")
    work.git("push", "--quiet", "origin", "HEAD")
    work.git("switch", "--quiet", "--create", branch, "origin/main")
    work.commit({PATH: text})


@pytest.mark.parametrize("branch", ["feature/clean", "research/clean-copy"])
def test_a_clean_copy_is_not_the_record(work: Repository, branch: str) -> None:
    """What a pull request brings into main as the record of a topic has what its snapshots have."""
    copied(work, GOOD + THIRD, branch)
    assert on_pull(work, branch) == REMOVED


@pytest.mark.parametrize(
    "text", [GOOD.replace("halve", "**halve**"), GOOD + ENTRY, GOOD + ENTRY + THIRD], ids=["a typo", "all", "more"]
)
def test_another_branch_may_mend_and_bring_what_the_record_has(work: Repository, text: str) -> None:
    """A change without entries of its own lacks nothing, and neither does one that has all."""
    copied(work, text, "feature/typo")
    assert on_pull(work, "feature/typo") == set()


def test_a_branch_beside_the_topics_own_need_not_have_its_snapshots(work: Repository) -> None:
    """A push to another research branch, and one of another thread, are not on their way to main yet."""
    copied(work, GOOD + THIRD, "research/blocks")
    assert on_push(work, branch="research/blocks") == set()
    other = GOOD.replace("sparse-attention", "blocks").replace("SPA-AT", "BLO")
    work.git("reset", "--quiet", "--hard", "origin/main")
    work.commit({OTHER: other})
    assert on_pull(work, "research/blocks") == set()


# Renames, and logbooks that are gone


def moved(work: Repository, text: str, to: str = OTHER) -> None:
    """Rename the logbook, with another text."""
    work.git("mv", PATH, to)
    work.commit({to: text})


def test_a_rename_in_an_earlier_push_is_followed(work: Repository) -> None:
    """Its history and its snapshots stay its own: an entry from before is missed after."""
    work.commit({PATH: GOOD + ENTRY})
    tag(work, "SPA-AT-002")
    moved(work, GOOD + ENTRY)
    assert everywhere(work) == set()
    work.commit({OTHER: GOOD + ENTRY + THIRD})
    assert everywhere(work) == set()
    work.commit({OTHER: GOOD + THIRD})
    assert everywhere(work) == {("removed-entry", OTHER)}
    work.git("reset", "--quiet", "--hard", "origin/main")
    moved(work, GOOD + THIRD)
    assert everywhere(work) == {("removed-entry", OTHER)}, "an orphaned snapshot under the old name"


def test_a_rename_and_back_is_none(work: Repository) -> None:
    """Nothing is deleted, and nothing forgotten."""
    work.commit({PATH: GOOD + ENTRY})
    moved(work, GOOD + ENTRY)
    work.git("mv", OTHER, PATH)
    work.commit()
    assert everywhere(work) == set()
    work.commit({PATH: GOOD})
    assert everywhere(work) == REMOVED


def test_a_new_logbook_under_an_old_name_inherits_nothing(work: Repository) -> None:
    """The text goes on under the new name, in one commit or in two; a snapshot of that time is that one's."""
    new = "# Dense baselines: Research Logbook\n\n- Experiment ID prefix: `DEN`\n\n## Entry Log\n"
    work.commit({PATH: GOOD + ENTRY})
    tag(work, "SPA-AT-002")
    start = work.git("rev-parse", "HEAD")
    moved(work, GOOD + ENTRY)
    work.commit({PATH: new})
    assert everywhere(work) == set()
    work.git("reset", "--quiet", "--hard", start)
    work.commit({OTHER: GOOD + ENTRY + THIRD, PATH: new})
    assert everywhere(work) == set()
    work.commit({OTHER: GOOD + THIRD})
    assert everywhere(work) == {("removed-entry", OTHER)}


def test_a_copy_and_a_deletion_are_a_rename(work: Repository) -> None:
    """In two commits, whichever comes first, and with edits."""
    start = work.commit({PATH: GOOD + ENTRY})
    for order in (1, -1):
        work.git("reset", "--quiet", "--hard", start)
        steps = [
            lambda: work.commit({OTHER: GOOD + ENTRY + THIRD}),
            lambda: (work.git("rm", "--quiet", PATH), work.commit()),
        ]
        for step in steps[::order]:
            step()
        assert on_pull(work) == set()
        assert on_laptop(work) == set()


def test_renames_are_found_among_many_other_files(work: Repository) -> None:
    """Neither a limit of git's nor a setting of the user's makes a deletion of them; a whole folder may move."""
    second = ".agents/logbooks/dense.md"
    dense = GOOD.replace("sparse-attention", "dense").replace("SPA-AT", "DEN")
    files: dict[str, str | bytes] = {f"a/{number}.txt": f"{number}\n" * 9 for number in range(1_300)}
    work.commit({**files, PATH: GOOD + ENTRY, second: dense})
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("fetch", "--quiet")
    work.git("config", "diff.renames", "false")
    work.git("config", "diff.renameLimit", "1")
    work.git("mv", "a", "b")
    for number in range(1_300):
        work.write(f"b/{number}.txt", f"{number}\n" * 8 + "more\n")
    for path in (PATH, second):
        target = path.replace(".agents/logbooks/", ".agents/logbooks/old-")
        work.git("mv", path, target)
        work.write(target, (work.root / target).read_text() + THIRD)
    work.commit()
    assert {rule for rule, _ in everywhere(work)} <= {"shared-prefix"}


def test_a_logbook_that_only_the_branch_had_is_missed(work: Repository) -> None:
    """It was made and deleted by it, in a commit or in the work tree, in this push or before."""
    other = GOOD.replace("sparse-attention", "blocks").replace("SPA-AT", "BLO")
    work.commit({OTHER: other})
    (work.root / OTHER).unlink()
    assert ("deleted-logbook", OTHER) in on_laptop(work)
    work.commit()
    work.commit({"train.py": "pass\n"})
    assert everywhere(work) == {("deleted-logbook", OTHER)}
    work.commit({OTHER: other})
    assert everywhere(work) == set()


def test_a_logbook_whose_text_goes_back_is_not_missed(work: Repository) -> None:
    """A thread that was split in two may be made one again; what only one of them had is missed."""
    work.commit({PATH: GOOD + ENTRY})
    work.commit({OTHER: GOOD + ENTRY + THIRD})
    work.git("rm", "--quiet", OTHER)
    work.commit({PATH: GOOD + ENTRY + THIRD})
    assert everywhere(work) == set()
    work.git("reset", "--quiet", "--hard", "HEAD~1")
    work.git("rm", "--quiet", OTHER)
    work.commit({PATH: GOOD + ENTRY + FOURTH})
    assert {rule for rule, _ in everywhere(work)} == {"deleted-logbook"}


def test_what_main_deleted_is_not_missed_by_who_merges_it(work: Repository) -> None:
    """A logbook that the branch never touched may go with a merge; one that it continued may not."""
    other = GOOD.replace("sparse-attention", "blocks").replace("SPA-AT", "BLO")
    work.commit({OTHER: other})
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("fetch", "--quiet")
    work.commit({PATH: GOOD + ENTRY})
    work.git("switch", "--quiet", "--create", "fix", "origin/main")
    work.git("rm", "--quiet", OTHER)
    work.commit()
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("fetch", "--quiet")
    work.git("switch", "--quiet", "research/sparse-attention")
    work.git("merge", "--quiet", "--no-edit", "origin/main")
    assert everywhere(work) == set()


def test_a_logbook_that_moves_to_where_none_is_looked_for_is_gone(work: Repository) -> None:
    """Later pushes still say so."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("mv", PATH, "notes.md")
    work.commit()
    assert everywhere(work) == {("deleted-logbook", PATH)}
    work.commit({"train.py": "pass\n"})
    assert everywhere(work) == {("deleted-logbook", PATH)}


def test_a_force_push_that_takes_a_broken_commit_away_is_good(work: Repository, tmp_path: Path) -> None:
    """What rewrote the record was never part of it; what stood beside it was."""
    assert tmp_path
    work.commit({PATH: GOOD + ENTRY})
    work.commit({PATH: GOOD + ENTRY.replace("2.229", "2.129")})
    before = work.git("rev-parse", "HEAD")
    work.git("reset", "--quiet", "--hard", "HEAD~1")
    assert on_push(work, before) == set()
    work.git("reset", "--quiet", "--hard", before)
    work.commit({PATH: GOOD + ENTRY.replace("2.229", "2.129") + THIRD})
    before = work.git("rev-parse", "HEAD")
    work.git("reset", "--quiet", "--hard", "HEAD~2")
    assert on_push(work, before) == REMOVED


def test_a_path_is_corrected_after_its_file_moved(work: Repository) -> None:
    """The path of a file that the branch moved may be corrected in old entries; without the move that is a rewrite."""
    path = "scripts/train.py"
    book = GOOD + ENTRY.replace("second seed\n", f"second seed\n\nSee {path} for the schedule.\n", 1)
    work.commit({PATH: book, path: "print('train')\n" * 20})
    work.git("push", "--quiet", "origin", "HEAD:main", "HEAD")
    work.commit({PATH: book.replace(path, "tools/train.py")})
    assert everywhere(work) == REWRITTEN
    work.git("mv", "scripts", "tools")
    work.commit({})
    assert on_push(work, "HEAD~2") == set()
