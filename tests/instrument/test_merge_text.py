"""Claims about merging logbooks, through git itself: entries of both sides stay, and true conflicts too."""

import datetime as dt
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from book import parsed, written
from repository import Repository
from research_logbook.instrument.entry_text import NewEntry, with_entry
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

PATH = ".agents/logbooks/moe-hill-climb.md"


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return a repository that merges its logbooks by the driver."""
    made = Repository(tmp_path / "work")
    driver = f"{shlex.quote(sys.executable)} -m research_logbook merge-driver --marker-size=%L %O %A %B %P"
    made.git("config", "merge.logbook.driver", driver)
    made.commit({PATH: written("H1 proposed; E1 command result"), ".gitattributes": "*.md merge=logbook\n"})
    made.git("branch", "theirs")
    return made


def entry(text: str, name: str, minute: int, label: str = "more") -> str:
    """Return a logbook with a further entry."""
    when = dt.datetime(2026, 6, 1, 14, minute, tzinfo=dt.UTC)
    return with_entry(parsed(text), NewEntry(when, name, label, {"command": "python -m train", "result": "loss 2.2"}))


def merge(work: Repository, ours: str, theirs: str) -> tuple[str, bool]:
    """Commit a version on each side and merge; return what is there, and whether git calls it merged."""
    base = work.git("rev-parse", "HEAD")
    work.commit({PATH: ours}, "ours")
    head = work.git("rev-parse", "HEAD")
    work.git("switch", "--quiet", "--detach", base)
    work.commit({PATH: theirs}, "theirs")
    other = work.git("rev-parse", "HEAD")
    work.git("switch", "--quiet", "--detach", head)
    try:
        work.git("merge", "--quiet", "--no-edit", other)
    except subprocess.CalledProcessError:
        return (work.root / PATH).read_text(), False
    return (work.root / PATH).read_text(), True


def names(text: str) -> list[str]:
    """Return the IDs of the entries in their order."""
    book = parse(PATH, text.encode())
    assert isinstance(book, Logbook)
    return [name for it in book.everything for name in it.heading_ids]


def test_an_entry_of_each_side_stays(work: Repository) -> None:
    """Without a conflict, in the order of their dates, whichever side was first."""
    text = (work.root / PATH).read_text()
    found, is_merged = merge(work, entry(text, "MOE-HC-003", 30), entry(text, "MOE-HC-002", 10))
    assert (is_merged, names(found)) == (True, ["MOE-HC-001", "MOE-HC-002", "MOE-HC-003"])


def test_an_index_that_one_side_edited_is_edited(work: Repository) -> None:
    """Entries on both sides, and the queue on one."""
    text = (work.root / PATH).read_text()
    theirs = entry(text, "MOE-HC-002", 10).replace("## ", "## ", 1).replace("MOE-HC-H1", "MOE-HC-H1", 1)
    theirs = theirs.replace("one more", "two more").replace("# Moe", "# MoE", 1)
    found, is_merged = merge(work, entry(text, "MOE-HC-003", 30), theirs)
    assert (is_merged, names(found)) == (True, ["MOE-HC-001", "MOE-HC-002", "MOE-HC-003"])


def test_what_both_sides_changed_stays_a_conflict(work: Repository) -> None:
    """The marks are there, and git says so."""
    text = (work.root / PATH).read_text()
    ours = entry(text.replace("loss 2.214", "loss 2.3"), "MOE-HC-002", 10)
    theirs = entry(text.replace("loss 2.214", "loss 2.4"), "MOE-HC-003", 30)
    found, is_merged = merge(work, ours, theirs)
    assert (is_merged, "<<<<<<<" in found, ">>>>>>>" in found) == (False, True, True)


def test_one_entry_that_both_sides_have_is_there_once(work: Repository) -> None:
    """As after a cherry-pick."""
    text = (work.root / PATH).read_text()
    same = entry(text, "MOE-HC-002", 10)
    found, is_merged = merge(work, entry(same, "MOE-HC-003", 30), entry(same, "MOE-HC-004", 40))
    assert (is_merged, names(found)) == (True, ["MOE-HC-001", "MOE-HC-002", "MOE-HC-003", "MOE-HC-004"])
