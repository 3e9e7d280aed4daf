"""Claims about the order of snapshots, and about what git tells of the files of a branch, on real repositories."""

from pathlib import Path

import pytest

from repository import Repository as Work
from repository import context


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository with one commit."""
    work = Work(tmp_path / "work")
    work.commit({"a.md": "a\n"})
    return work


def names(work: Work) -> list[str]:
    """Return the snapshots of the topic `a`, newest first, by the last part of their names."""
    clone = context(work.root).clone()
    return [name.rpartition("/")[2] for name, _ in clone.newest_first(clone.tags("snapshot/a"))]


def test_the_newest_snapshot_is_the_one_that_descends_from_the_others(work: Work) -> None:
    """Neither their names nor the order in which they were made say which is newer."""
    for name in ("zeta", "beta", "alpha"):
        work.commit()
        work.git("tag", f"snapshot/a/{name}")
    assert names(work) == ["alpha", "beta", "zeta"]
    work.commit()
    work.git("tag", "--annotate", "--message", "m", "snapshot/a/omega", "HEAD~3")
    assert names(work) == ["alpha", "beta", "zeta", "omega"]


def test_snapshots_side_by_side_are_ordered_as_people_count(work: Work) -> None:
    """On one commit, and on branches that do not hold each other, the name decides, its numbers by their size."""
    for number in ("A-2", "A-2.2", "A-2.10", "A-2.11", "A-10"):
        work.git("tag", f"snapshot/a/{number}")
    assert names(work) == ["A-10", "A-2.11", "A-2.10", "A-2.2", "A-2"]
    for number in ("A-30", "A-4"):
        work.git("switch", "--quiet", "--detach", "main")
        work.commit({number: "x"})
        work.git("tag", f"snapshot/a/{number}")
    assert names(work)[:2] == ["A-30", "A-4"]


def test_the_order_holds_across_merges_and_without_a_shared_past(work: Work) -> None:
    """A merge is newer than both its sides; a history of its own is ordered too."""
    work.git("switch", "--quiet", "--create", "side")
    work.commit({"b": "b"})
    work.git("tag", "snapshot/a/z-side")
    work.git("switch", "--quiet", "main")
    work.commit({"c": "c"})
    work.git("tag", "snapshot/a/y-main")
    work.git("merge", "--quiet", "--no-edit", "side")
    work.git("tag", "snapshot/a/a-merge")
    assert names(work) == ["a-merge", "z-side", "y-main"]
    work.git("switch", "--quiet", "--orphan", "other")
    work.commit({"d": "d"})
    work.git("tag", "snapshot/a/m-alone")
    assert names(work) == ["m-alone", "a-merge", "z-side", "y-main"]


def test_the_edits_of_a_branch_say_what_each_parent_had(work: Work) -> None:
    """A merge is compared with each of its parents; what the named commits lead to is left out."""
    left = work.git("rev-parse", "HEAD")
    work.git("switch", "--quiet", "--create", "side")
    side = work.commit({"a.md": "a\nside\n"}, f"(from {'0' * 40}) {left}")
    work.git("switch", "--quiet", "--create", "ours", "main")
    ours = work.commit({"a.md": "a\nours\n", "b.txt": "b"})
    work.git("merge", "--quiet", "--no-edit", "--strategy=ours", "side")
    merge = work.git("rev-parse", "HEAD")
    found = context(work.root).clone().history(merge, [left], ["."])
    assert list(found.parents) == [merge, ours, side] or list(found.parents) == [merge, side, ours]
    edits = {(it.commit, it.parent, it.path, bool(it.old), bool(it.new)) for it in found.edits}
    assert edits == {
        (merge, side, "a.md", True, True),
        (merge, side, "b.txt", False, True),
        (side, left, "a.md", True, True),
        (ours, left, "a.md", True, True),
        (ours, left, "b.txt", False, True),
    }


def test_the_users_own_settings_change_no_history(work: Work) -> None:
    """What git shows a user by default, and how, makes no difference."""
    left = work.git("rev-parse", "HEAD")
    work.git("mv", "a.md", "b.md")
    head = work.commit()
    plain = context(work.root).clone().history(head, [left], ["."])
    for name, value in {
        "log.diffMerges": "off",
        "log.follow": "true",
        "log.decorate": "full",
        "log.abbrevCommit": "true",
        "log.showRoot": "false",
        "log.showSignature": "true",
        "diff.renames": "copies",
        "core.abbrev": "4",
        "color.ui": "always",
    }.items():
        work.git("config", name, value)
    assert context(work.root).clone().history(head, [left], ["."]) == plain
    assert {(it.path, bool(it.old), bool(it.new)) for it in plain.edits} == {
        ("a.md", True, False),
        ("b.md", False, True),
    }
    assert context(work.root).clone().history(head, [head], ["."]).edits == ()
