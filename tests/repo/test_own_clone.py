"""Claims about what is changed in the user's own clone."""

from pathlib import Path

import pytest

from repository import Repository as Work
from repository import context
from research_logbook.errors import UnfinishedError
from research_logbook.repo import own_clone


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository with two files, both edited since they were committed."""
    work = Work(tmp_path / "work")
    work.commit({"code.py": "one\n", "notes.md": "one\n"})
    work.git("config", "user.name", "Ana")
    work.git("config", "user.email", "ana@lab.example")
    for name in ("code.py", "notes.md"):
        (work.root / name).write_text("two\n")
    return work


def hook(work: Work, name: str, script: str) -> None:
    """Install a hook."""
    path = work.root / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_what_is_left_out_is_not_committed(work: Work) -> None:
    """The other file's change is committed, as the user; this one's stays in the work tree."""
    (work.root / "new.py").write_text("not tracked\n")
    commit = own_clone.commit_changes(context(work.root).clone(), "Run MOE-HC-001: --amend", "notes.md")
    assert work.git("log", "-1", "--format=%H %an: %s") == f"{commit} Ana: Run MOE-HC-001: --amend"
    assert work.git("status", "--porcelain").split() == ["M", "notes.md", "??", "new.py"]


def test_a_hook_may_refuse_a_commit_and_is_told(work: Work) -> None:
    """The hooks of whoever commits run, in their own environment; nothing is committed where one refuses."""
    hook(work, "pre-commit", 'test -z "$GIT_LITERAL_PATHSPECS" && echo "no tabs, please" >&2; exit 1')
    before = work.git("rev-parse", "HEAD")
    with pytest.raises(UnfinishedError, match="`git commit` failed: no tabs, please"):
        own_clone.commit_changes(context(work.root).clone(), "Run it")
    assert work.git("rev-parse", "HEAD") == before


def test_a_work_tree_is_gone_afterwards(work: Work) -> None:
    """Whether what is done in it succeeds or not; no hook runs for it."""
    hook(work, "post-checkout", f"touch {work.root}/ran")
    clone, commit = context(work.root).clone(), work.git("rev-parse", "HEAD")

    def fail() -> None:
        with own_clone.work_tree_at(clone, commit) as folder:
            places.append(folder)
            raise ValueError((folder / "code.py").read_text())

    places: list[Path] = []
    with pytest.raises(ValueError, match="one"):
        fail()
    assert not places[0].exists()
    assert work.git("worktree", "list").count("\n") == 0
    assert not (work.root / "ran").exists()


def test_a_work_tree_that_cannot_be_made_is_told(work: Work) -> None:
    """A commit that is not there."""
    with (
        pytest.raises(UnfinishedError, match=r"`git worktree` failed: .*invalid reference"),
        own_clone.work_tree_at(context(work.root).clone(), "f" * 40),
    ):
        pytest.fail("it was made")


def test_a_switch_loses_nothing(work: Work) -> None:
    """Git refuses to check out a branch where an edited file differs; a new branch takes the edits along."""
    clone = context(work.root).clone()
    own_clone.switch(clone, "research/tiles", is_new=True)
    assert work.git("branch", "--show-current") == "research/tiles"
    work.git("commit", "--all", "--message=two")
    (work.root / "code.py").write_text("three\n")
    with pytest.raises(UnfinishedError, match="`git switch` failed"):
        own_clone.switch(clone, "main", is_new=False)
    assert (work.root / "code.py").read_text() == "three\n"
