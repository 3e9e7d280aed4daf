"""Claims about the walk over the versions on a branch: what it owes, within which bounds, and what lies beyond them."""

from pathlib import Path

import pytest

from repository import ENTRY, GOOD, PATH, context
from repository import Repository as Work
from research_logbook.repo.branch_walk import BranchVersions, Comparer, Texts, renames, walk

FOLDER = ".agents/logbooks"


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A repository with a logbook."""
    work = Work(tmp_path / "work")
    work.commit({PATH: GOOD})
    work.git("tag", "left")
    return work


def entry(number: int) -> str:
    """Return an entry of its own."""
    return ENTRY.replace("SPA-AT-002 second", f"SPA-AT-{number:03} {number}th").replace("2.229", f"2.{300 + number}")


def walked(work: Work, texts: Texts | None = None, comparer: Comparer | None = None) -> BranchVersions:
    """Walk from `left` to HEAD."""
    clone = context(work.root).clone()
    head, left = work.git("rev-parse", "HEAD"), work.git("rev-parse", "left")
    history = clone.history(head, [left], [FOLDER])
    texts = texts or Texts(clone)
    return walk(history, clone.files(head, [FOLDER]), clone, texts, comparer or Comparer(lambda _: False))


def test_a_version_that_goes_on_is_not_parsed(work: Work) -> None:
    """Entries at the end of a log, or at its top, cost no comparison; a changed line costs its entry and no more."""
    for number in range(2, 6):
        work.commit({PATH: GOOD + "".join(map(entry, range(2, number)))})
    work.commit({PATH: (GOOD + "".join(map(entry, range(2, 5)))).replace("\n### 2026", entry(9) + "\n### 2026", 1)})
    nothing = Comparer(lambda _: False, most=-1)
    found = walked(work, comparer=nothing)
    assert (found.lost, found.gone, found.uncompared) == ({}, {}, {})
    assert found.touched == {PATH}


def test_what_lies_beyond_the_bytes_that_are_read_is_counted(work: Work) -> None:
    """No number of versions, and no size of them, makes a loss go unsaid."""
    for number in range(2, 12):
        work.commit({PATH: GOOD + entry(number)})
    clone = context(work.root).clone()
    found = walked(work, Texts(clone, most=-1))
    assert found.uncompared[PATH] > 0
    assert walked(work).uncompared == {}


def test_what_takes_too_long_to_compare_is_held_or_counted(work: Work) -> None:
    """Versions that cannot be compared are held against the judged one as they are, as many as there may be."""
    for number in range(2, 5):
        work.commit({PATH: GOOD + entry(number)})
    found = walked(work, comparer=Comparer(lambda _: False, most=-1))
    assert found.lost[PATH] or found.uncompared[PATH]
    for number in range(5, 20):
        work.commit({PATH: GOOD + entry(number)})
    assert walked(work, comparer=Comparer(lambda _: False, most=-1)).uncompared[PATH] > 0


def test_a_branch_that_loses_something_each_time_owes_all_of_it(work: Work) -> None:
    """The record that is held has every entry that was lost; the oldest versions come first, each with its commit."""
    text, commits = (
        GOOD + "".join(map(entry, range(2, 8))),
        [work.commit({PATH: GOOD + "".join(map(entry, range(2, 8)))})],
    )
    for number in range(2, 5):
        text = text.replace(entry(number), "")
        commits.append(work.commit({PATH: text}))
    lost = walked(work).lost[PATH]
    assert [it.commit for it in lost[:3]] == commits[:3]
    assert all(f"SPA-AT-{number:03}" in lost[-1].text for number in range(2, 8))
    work.commit({PATH: GOOD + "".join(map(entry, range(2, 8)))})
    assert walked(work).lost == {}


def test_renames_are_told_by_lines(work: Work) -> None:
    """A text that grew, one that was cut down, a swap of names; what has little in common is another logbook."""
    other = "# Dense baselines: Research Logbook\n\n## Entry Log\n" + entry(3)
    work.commit({"a": GOOD, "grown": GOOD + entry(2), "cut": GOOD[: len(GOOD) * 2 // 3], "other": other})
    clone = context(work.root).clone()
    texts, hashes = Texts(clone), clone.files("HEAD", ["."])

    def told(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
        return renames(*({path: hashes[name] for path, name in tree.items()} for tree in (old, new)), texts)

    assert told({"x": "a"}, {"y": "a"}) == {"x": "y"}
    assert told({"x": "a"}, {"y": "grown"}) == {"x": "y"}
    assert told({"x": "a"}, {"y": "cut"}) == {"x": "y"}
    assert told({"x": "a"}, {"y": "other"}) == {}
    assert told({"x": "a"}, {"x": "other", "y": "grown"}) == {"x": "y"}
    assert told({"x": "a"}, {"x": "grown", "y": "other"}) == {}
    assert told({"x": "a", "y": "other"}, {"z": "other", "w": "grown"}) == {"x": "w", "y": "z"}
    assert told({"x": "a"}, {}) == {}
