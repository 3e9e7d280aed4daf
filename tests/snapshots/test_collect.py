"""Claims about what git tells of snapshots."""

import json
from pathlib import Path

import pytest

from repository import ENTRY, GOOD, PATH, context
from repository import Repository as Work
from research_logbook import cli
from research_logbook.config.schema import Branches, Config
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.repo.git import Repository
from research_logbook.snapshots import listed, shown
from research_logbook.snapshots.candidates import CodeCommit
from research_logbook.snapshots.collect import commits_of_branch, full_clone, known_branches


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """Return a clone of a repository with a logbook on its default branch."""
    Work(tmp_path / "origin").commit({PATH: GOOD})
    return Work(tmp_path / "work", origin=tmp_path / "origin")


def test_a_commit_is_read_with_its_message(work: Work) -> None:
    """Author, date, subject, and all of the message; of a huge one its start."""
    work.commit(message="First é\n\nBody\n\nSnapshot: a b\nSigned-off-by: x <x@y>")
    work.commit(message=f"Second\n\n{'x' * 120_000}")
    first, second = Repository(work.root).commits("HEAD", ["HEAD~2"])
    assert first.message == "First é\n\nBody\n\nSnapshot: a b\nSigned-off-by: x <x@y>\n"
    assert (first.subject, first.author, len(second.message)) == ("First é", "Ana <ana@lab.example>", 100_000)
    assert Repository(work.root).about([first.hash]) == {first.hash: first}


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_dry_run_needs_no_token(
    form: str, work: Work, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What git tells is shown, and that GitHub was not asked; a run that would write still needs a token."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(work.root)
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    commit = work.commit({PATH: GOOD + ENTRY}, "Record it\n\nSnapshot: SPA-AT-002")
    work.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
    asked = ["snapshot", "--repo", "lab/models", f"--format={form}"]
    cli.cli.main([*asked, "--dry-run"], standalone_mode=False)
    shown = capsys.readouterr()
    assert "snapshot/sparse-attention/SPA-AT-002" in shown.out
    assert commit[:12] in shown.out
    assert "#8734" in shown.out if form == "text" else json.loads(shown.out)
    assert "GitHub was not asked which comments are there" in shown.err
    with pytest.raises(UserError, match="no GitHub token"):
        cli.cli.main(asked, standalone_mode=False)


def test_the_commit_that_ran_is_looked_up(work: Work) -> None:
    """One of this clone is checked out, whatever is tagged; of one that is not in it the snapshot says so."""
    ran = work.commit({"train.py": "1"})
    work.commit({"train.py": "2"})
    aside = work.git("commit-tree", "-m", "Aside", "HEAD^{tree}").strip()

    def found(recorded: str) -> tuple[tuple[str, ...], CodeCommit | None]:
        entry = ENTRY.replace("lab/trainer@1691d0a9afbf", recorded)
        assert recorded in entry
        work.commit({PATH: GOOD + entry})
        work.git("tag", "--force", "--annotate", "--message=x", "snapshot/sparse-attention/SPA-AT-002")
        _, _, gaps, code = shown("snapshot/sparse-attention/SPA-AT-002", context(work.root))
        return tuple(gap for gap in gaps if "clone" in gap), code

    assert found(ran[:12]) == ((), CodeCommit(ran))
    assert found(f"research/x at {ran[:12]}") == ((), CodeCommit(ran))
    assert found(aside) == ((), CodeCommit(aside, is_ancestor=False))
    for recorded, end in (("0b5e0d1c7a94", ""), ("lab/kernels@0b5e0d1c7a94", ", and may be of another repository")):
        why = f"commit 0b5e0d1c7a94, which the entry records, is not in this clone{end}"
        assert found(recorded) == ((why,), CodeCommit(why=why))
    assert found("pending")[1] is None


def test_the_files_of_a_commit(work: Work) -> None:
    """What a commit adds and changes, whatever it is called; not what it deletes, nor what a merge brings in."""
    name = "odd\tnäme\n.txt"
    first = work.commit({"a.txt": "a", name: "b"})
    (work.root / "a.txt").unlink()
    second = work.commit({"c.txt": "c"})
    work.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    work.commit({"side.txt": "s"})
    work.git("checkout", "--quiet", "main")
    work.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    merge = work.commit({"own.txt": "o"}, "Merge")
    root = work.git("rev-list", "--max-parents=0", "HEAD")
    touched = Repository(work.root).touched([first, second, merge, root])
    assert set(touched[first]) == {"a.txt", name}
    assert touched[second] == ("c.txt",)
    assert set(touched[merge]) == {"own.txt", "side.txt"}
    assert touched[root] == (PATH,)


def test_tags_are_read_with_their_messages(work: Work) -> None:
    """An annotated tag has a message, a lightweight one none, and a tag on a tree is no snapshot."""
    head = work.git("rev-parse", "HEAD")
    work.git("tag", "--annotate", "--message", "Title\n\nBody", "snapshot/a/1")
    work.git("tag", "snapshot/a/2")
    work.git("tag", "snapshot/a/3", "HEAD^{tree}")
    work.git("tag", "other")
    tags = {tag.name: tag for tag in Repository(work.root).annotated("snapshot")}
    assert {name: (tag.commit, tag.is_annotated) for name, tag in tags.items()} == {
        "snapshot/a/1": (head, True),
        "snapshot/a/2": (head, False),
    }
    assert tags["snapshot/a/1"].message == "Title\n\nBody\n"
    assert tags["snapshot/a/2"].message == ""


def test_known_branches_are_told_by_name_or_by_a_logbook(work: Work) -> None:
    """A pattern of the configuration, or the header of a logbook on any branch, makes a branch one of research."""
    names = ("by-hand", "research/x", "feature")
    work.commit({PATH: GOOD.replace("`research/sparse-attention`", "`by-hand`")}, "Elsewhere")
    work.git("push", "--quiet", "origin", *(f"HEAD:refs/heads/{name}" for name in names))
    work.git("fetch", "--quiet")
    clone = full_clone(Repository(work.root), Config(), None)
    assert (clone.default, set(known_branches(clone))) == ("main", {"by-hand", "research/x"})
    everything = full_clone(Repository(work.root), Config(branches=Branches(research=("**",))), None)
    assert set(known_branches(everything)) == {*names}


def test_a_clone_without_its_default_branch_says_so(work: Work) -> None:
    """Nothing can be told from a clone that does not know what is the branch's own."""
    repository = Repository(work.root)
    with pytest.raises(UnfinishedError, match=r"the default branch of origin, 'none', is not in this clone"):
        full_clone(repository, Config(), "none")
    work.git("remote", "remove", "origin")
    with pytest.raises(UnfinishedError, match="the default branch of origin is not in this clone"):
        full_clone(repository, Config(), None)
    with pytest.raises(UserError, match="not a git repository"):
        full_clone(None, Config(), None)


def test_a_branch_that_begins_at_a_snapshot_has_it_too(work: Work) -> None:
    """Only first parents count, and nothing that the default branch has."""
    work.git("checkout", "--quiet", "-b", "research/a")
    first = work.commit({PATH: GOOD + ENTRY}, "snapshot: a")
    work.git("checkout", "--quiet", "-b", "research/b")
    second = work.commit(message="snapshot: b")
    clone = full_clone(Repository(work.root), Config(), None)
    found = commits_of_branch(clone, "research/b", "HEAD", first)
    assert [(it.commit.hash, it.changed_files, it.is_requested) for it in found] == [
        (first, (PATH,), False),
        (second, (), True),
    ]


def test_a_snapshot_is_found_again_after_years(work: Work) -> None:
    """From the clone alone: the list, the commands, and what is missing to run them again."""
    work.commit({PATH: GOOD + ENTRY})
    work.git("tag", "--annotate", "--message", "By hand", "snapshot/sparse-attention/SPA-AT-001")
    work.git("tag", "snapshot/sparse-attention/SPA-AT-002")
    work.git("checkout", "--quiet", "--orphan", "elsewhere")
    work.git("rm", "--quiet", "-r", "--force", ".")
    work.commit({"other": "x"}, "The branch moved on")
    assert [(it.tag, it.experiment_id) for it, _ in listed("sparse-attention", context(work.root))] == [
        ("snapshot/sparse-attention/SPA-AT-001", "SPA-AT-001"),
        ("snapshot/sparse-attention/SPA-AT-002", "SPA-AT-002"),
    ]
    snapshot, commands, missing, _ = shown("snapshot/sparse-attention/SPA-AT-001", context(work.root))
    assert (snapshot.topic, commands) == ("sparse-attention", "python -m train --blocks 512 --seed 0")
    assert missing[0] == "the entry records neither hardware nor environment"
    assert [it.partition(", which the entry records, ")[2] for it in missing[1:]] == ["is not in this clone"]
    _, commands, missing, _ = shown("snapshot/sparse-attention/SPA-AT-002", context(work.root))
    assert commands == "python -m train --blocks 512 --seed 1"
    assert missing[0].startswith("the tag is lightweight")
    assert "the entry records no configuration" in missing


def test_a_tag_without_a_logbook_says_what_it_has_not(work: Work) -> None:
    """A tag on a commit without a logbook names no commands, and says why."""
    work.git("rm", "--quiet", PATH)
    work.commit(message="Nothing")
    work.git("tag", "--annotate", "--message", "x", "snapshot/a/b")
    assert shown("snapshot/a/b", context(work.root))[1:3] == ("", ("its tree contains no logbook",))


def test_what_is_not_there_is_said(work: Work) -> None:
    """A topic without a snapshot and a tag that is none are bad usage."""
    with pytest.raises(UserError, match="no snapshot of the topic 'other'"):
        listed("other", context(work.root))
    with pytest.raises(UserError, match="no snapshot tag '--all'"):
        shown("--all", context(work.root))
    with pytest.raises(UserError, match="not a git repository"):
        listed("other", context(work.root.parent))


def test_a_branch_name_with_a_line_separator_is_one_name(work: Work) -> None:
    """Git lets it in, and it hides no other branch and breaks nothing."""
    name = "research/a\u2028b"
    head = work.commit({PATH: GOOD}, "Elsewhere")
    work.git("push", "--quiet", "origin", f"HEAD:refs/heads/{name}")
    work.git("fetch", "--quiet")
    repository = Repository(work.root)
    assert repository.remote_branches()[name] == head
    assert repository.branches_with(head) == (name,)
    assert set(known_branches(full_clone(repository, Config(), None))) == {name}


def test_a_push_to_a_branch_that_the_default_branchs_logbook_names_counts(work: Work) -> None:
    """The event and the sweep agree on what is a research branch."""
    work.commit({PATH: GOOD.replace("`research/sparse-attention`", "`by-hand`")}, "Begin")
    work.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
    work.git("fetch", "--quiet")
    head = work.commit({PATH: GOOD}, "Go on")
    work.git("push", "--quiet", "origin", "HEAD:refs/heads/by-hand")
    work.git("fetch", "--quiet")
    clone = full_clone(Repository(work.root), Config(), None)
    assert known_branches(clone) == {"by-hand": head}


def test_tags_that_came_after_the_clone_are_known(work: Work) -> None:
    """They come with those of the clone, below their own folder, and each tag once, as the clone has it."""
    old = work.commit(message="Old")
    work.git("tag", "--annotate", "--message", "Old", "snapshot/a/1")
    new = work.commit(message="New")
    names = ["snapshot/a/1", "snapshot/a/2", "snapshot/ab/1", "snapshot/a/3"]
    clone = Repository(work.root).with_tags(dict.fromkeys(names, new))
    assert clone.tags("snapshot/a") == (("snapshot/a/1", old), ("snapshot/a/2", new), ("snapshot/a/3", new))
    assert {name for name, _ in clone.tags("")} == set(names)
    newest_first = ["snapshot/ab/1", "snapshot/a/3", "snapshot/a/2", "snapshot/a/1"]
    assert [name for name, _ in clone.newest_first(clone.tags(""))] == newest_first
    assert Repository(work.root).tags("snapshot/a") == (("snapshot/a/1", old),)
