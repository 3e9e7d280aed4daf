"""Which branches are research branches, and which version of each logbook counts."""

from pathlib import Path

import pytest

from repository import GOOD, PATH, Repository
from research_logbook.config.schema import Branches, Config
from research_logbook.github import RepositorySite
from research_logbook.repo.git import Repository as Clone
from research_logbook.repo.research_branches import books_of, copies_of, research_branches, snapshots_of

OTHER = ".agents/logbooks/tiles.md"


def book(branch: str = "", topic: str = "sparse-attention") -> str:
    """Return a logbook whose header names a branch."""
    named = f"- Branch: `{branch}`\n" if branch else ""
    text = GOOD.replace("- Branch: `research/sparse-attention`\n", named)
    return text.replace("topic: sparse-attention", f"topic: {topic}")


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A clone of a repository without a logbook."""
    Repository(tmp_path / "origin").commit({"README.md": "Tiles\n"})
    return Repository(tmp_path / "work", origin=tmp_path / "origin")


def push(work: Repository, branch: str, files: dict[str, str | bytes]) -> str:
    """Push a branch that starts from the default branch, or commit to that itself; return the commit."""
    work.git("switch", "--quiet", *([branch] if branch == "main" else ["--create", branch, "main"]))
    commit = work.commit(files)
    work.git("push", "--quiet", "origin", branch)
    work.git("switch", "--quiet", "main")
    return commit


@pytest.mark.parametrize(
    ("pushed", "expected"),
    [
        ({"research/a": {PATH: book()}}, {"research/a"}),
        ({"research/a": {"README.md": "no logbook\n"}}, {"research/a"}),
        ({"ana/faster": {PATH: book("ana/faster")}}, {"ana/faster"}),
        ({"ana/faster": {PATH: book()}}, set()),
        ({"ana/faster": {PATH: book("research/sparse-attention")}}, set()),
        ({"main": {PATH: book("ana/faster")}, "ana/faster": {"x.py": "1\n"}}, {"ana/faster"}),
        ({"research/a": {PATH: book("ana/faster")}, "ana/faster": {"x.py": "1\n"}}, {"research/a", "ana/faster"}),
        ({"eve/stranger": {PATH: book("ana/faster")}, "ana/faster": {"x.py": "1\n"}}, set()),
        ({"ana/faster": {PATH: book("ana/next")}, "ana/next": {PATH: book("ana/next")}}, {"ana/next"}),
    ],
)
def test_a_research_branch_is_known_by_its_name_or_by_a_logbook(
    work: Repository, pushed: dict[str, dict[str, str | bytes]], expected: set[str]
) -> None:
    """By a pattern, or by the header of a logbook on it, on the default or on another research branch; by no other."""
    tips = {branch: push(work, branch, files) for branch, files in pushed.items()}
    found = research_branches(Clone(work.root), Config(), "main")
    assert found == {branch: tips[branch] for branch in expected}


def test_patterns_are_the_configurations(work: Repository) -> None:
    """Other patterns make other branches research branches, and the default branch is never one."""
    push(work, "thread/a", {PATH: book()})
    config = Config(branches=Branches(research=("thread/*", "main")))
    assert set(research_branches(Clone(work.root), config, "main")) == {"thread/a"}


def test_the_version_on_its_own_branch_counts(work: Repository) -> None:
    """Of several versions the one on the branch that its header names, else a research branch's, else the default's."""
    push(work, "main", {PATH: book("research/a"), OTHER: book(topic="tiles")})
    push(work, "research/a", {PATH: book("research/a") + "\nOwn.\n"})
    push(work, "research/b", {PATH: book("research/a") + "\nCarried along.\n", OTHER: book(topic="tiles") + "\nNew.\n"})
    found = {book.path: book.text for book in books_of(Clone(work.root), Config(), "main")}
    assert "Own." in found[PATH]
    assert "New." in found[OTHER]


def test_what_is_too_large_together_is_left_out_and_named(work: Repository) -> None:
    """Many large logbooks keep no small one from being read; below the limit none is left out, and nothing is said."""
    large = {f".agents/logbooks/large-{number}.md": book() + "note\n" * 4_000 for number in range(3)}
    push(work, "research/a", {PATH: book(), **large})
    notes: list[str] = []
    found = {one.path for one in books_of(Clone(work.root), Config(), "main", notes, 50_000)}
    assert found == {PATH, *sorted(large)[:2]}
    assert notes == [f"{sorted(large)[2]} left out: all logbooks together are too large to be read at once"]
    assert {one.path for one in books_of(Clone(work.root), Config(), "main", notes)} == {PATH, *large}
    assert len(notes) == 1


def found_snapshots(work: Repository, *paths: str) -> list[tuple[str, str, bool]]:
    """Return the snapshots of issue 8734 of this repository and of some paths: tag, path, whether it has a logbook."""
    clone = Clone(work.root)
    config = Config(logbooks=(".agents/logbooks/**/*.md",))
    copies = copies_of(clone, config, "main", [])._replace(site=RepositorySite("lab/models"))
    found = snapshots_of(clone, config, copies, 8734, paths)
    return sorted((one.name.removeprefix("snapshot/"), one.path, one.data is not None) for one in found)


def test_a_snapshot_is_found_by_its_topic_or_by_the_issue_that_it_names(work: Repository) -> None:
    """In another folder, under another name, of a branch that was never pushed; what a tree carries along is not it."""
    ours, theirs = book(), book(topic="tiles").replace("8734", "9")
    for tag, files in {
        "sparse-attention/1": {PATH: ours, OTHER: theirs},
        "sparse-attention/2": {"README.md": "no logbook here\n"},
        "tiles/1": {PATH: ours, OTHER: theirs},
        "deep/1": {".agents/logbooks/2026/deep.md": ours},
        "renamed/1": {".agents/logbooks/renamed.md": ours, PATH: theirs},
        "odd-name/1": {PATH: ours},
        "v1/1": {"src/x.py": "1\n"},
    }.items():
        work.git("switch", "--quiet", "--orphan", tag)
        work.commit(dict(files))
        work.git("tag", f"snapshot/{tag}")
    work.git("switch", "--quiet", "main")
    named = [
        ("deep/1", ".agents/logbooks/2026/deep.md", True),
        ("odd-name/1", PATH, True),
        ("renamed/1", ".agents/logbooks/renamed.md", True),
        ("sparse-attention/1", PATH, True),
    ]
    assert found_snapshots(work) == named
    assert found_snapshots(work, PATH) == [*named, ("sparse-attention/2", PATH, False)]
    assert ("tiles/1", OTHER, True) in found_snapshots(work, OTHER)
