"""Claims about branches, remotes and commits as git knows them, whatever else has such a name."""

from pathlib import Path

import pytest

from repository import Repository as Work
from repository import context
from research_logbook.repo.git import Repository

BRANCH = "research/tiles"


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A clone on a research branch."""
    origin = Work(tmp_path / "origin")
    origin.commit({"README.md": "Tiles\n"})
    made = Work(tmp_path / "work", origin=origin.root)
    made.git("switch", "--quiet", "--create", BRANCH)
    return made


def seen(work: Work) -> Repository:
    """Return the repository as logbook sees it."""
    return context(work.root).clone()


@pytest.mark.parametrize("name", [f"refs/tags/{BRANCH}", f"refs/remotes/{BRANCH}", "refs/tags/origin/main"])
def test_a_ref_of_the_same_name_changes_nothing(work: Work, name: str) -> None:
    """Git then calls the branch `heads/NAME`; refs are read in full."""
    before = seen(work).branch, seen(work).default_branch, seen(work).branches().here
    work.git("update-ref", name, "HEAD")
    assert (seen(work).branch, seen(work).default_branch, seen(work).branches().here) == before
    assert before == (BRANCH, "main", f"refs/heads/{BRANCH}")


def test_the_remote_need_not_be_called_origin(work: Work) -> None:
    """A clone made with another name for its remote knows the same branches."""
    work.git("push", "--quiet", "origin", "HEAD")
    here = seen(work).tip("main"), seen(work).default_branch, seen(work).branches_with("HEAD")
    work.git("remote", "rename", "origin", "team/lab")
    assert (seen(work).remote, seen(work).remotes) == ("team/lab", ("team/lab",))
    assert (seen(work).tip("main"), seen(work).default_branch, seen(work).branches_with("HEAD")) == here
    assert set(seen(work).remote_branches()) == {"main", BRANCH}
    assert seen(work).branches().defaults == {"team/lab": "refs/remotes/team/lab/main"}


def test_a_default_branch_that_is_gone_is_looked_for_by_its_usual_names(work: Work) -> None:
    """A renamed default branch leaves a dangling HEAD behind."""
    work.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/old")
    assert (seen(work).default_branch, seen(work).branches().defaults) == ("main", {})
    work.git("update-ref", "-d", "refs/remotes/origin/main")
    assert seen(work).default_branch is None


def test_replacements_and_grafts_count_for_nothing(work: Work) -> None:
    """A commit and its parents are what everybody else has."""
    first = work.git("rev-parse", "HEAD")
    second, other = work.commit({"a.txt": "a"}), work.commit({"a.txt": "b"})
    work.git("replace", second, other)
    (work.root / ".git/info").mkdir(exist_ok=True)
    (work.root / ".git/info/grafts").write_text(f"{other}\n")
    repository = seen(work)
    assert repository.read([(second, "a.txt")])[second, "a.txt"].data == b"a"
    assert repository.parents(other) == (second,)
    assert repository.merge_base(first, other) == first


def test_the_parents_that_a_shallow_clone_lacks_are_known(work: Work, tmp_path: Path) -> None:
    """A merge is seen as one also where only itself was fetched."""
    head = work.commit()
    work.git("switch", "--quiet", "--detach", "origin/main")
    work.git("merge", "--quiet", "--no-ff", "--no-edit", head)
    work.git("push", "--quiet", "origin", "HEAD:refs/heads/merged")
    Work(tmp_path / "shallow").git("fetch", "--quiet", "--depth=1", f"file://{tmp_path}/origin", "merged")
    shallow = context(tmp_path / "shallow").clone()
    merge = shallow.commit("FETCH_HEAD")
    assert merge
    assert shallow.parents(merge) == (work.git("rev-parse", "HEAD~1"), head)
    assert shallow.is_shallow


def test_a_commit_is_fetched_by_its_hash(work: Work, tmp_path: Path) -> None:
    """Also one that no branch leads to any more; a full clone stays one."""
    gone = work.commit({"a.txt": "a"})
    work.git("push", "--quiet", "origin", "HEAD")
    work.git("push", "--quiet", "origin", "+origin/main:refs/heads/research/tiles")
    other = Work(tmp_path / "other")
    other.git("remote", "add", "origin", f"file://{tmp_path}/origin")
    other.git("fetch", "--quiet")
    assert seen(other).commit(gone) is None
    seen(other).fetch(gone)
    assert seen(other).commit(gone) == gone
    assert not seen(other).is_shallow
    assert other.git("for-each-ref", "--contains", gone) == ""
