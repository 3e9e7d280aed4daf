"""Claims about merging logbooks, through git itself: entries of both sides stay, and true conflicts too."""

import datetime as dt
import random
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from book import parsed, written
from repository import Repository, context
from research_logbook.errors import UserError
from research_logbook.instrument.entry import EntryOptions, add_entry, complete_entry, status_named
from research_logbook.instrument.entry_text import NewEntry, with_entry
from research_logbook.instrument.merge_driver import merge_files
from research_logbook.instrument.merge_text import Merged
from research_logbook.instrument.queue_text import Move, NewHypothesis, moved, with_hypothesis
from research_logbook.lint.rules import history
from research_logbook.lint.run import LintRequest, lint
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

PATH = ".agents/logbooks/moe-hill-climb.md"
PENDING = written("H1 proposed; E1 command pending")


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return a repository that merges its logbooks by the driver."""
    made = Repository(tmp_path / "work")
    driver = f"{shlex.quote(sys.executable)} -m research_logbook merge-driver --marker-size=%L --labels %X %S %Y"
    made.git("config", "merge.logbook.driver", f"{driver} %O %A %B %P")
    made.commit({PATH: written("H1 proposed; E1 command result"), ".gitattributes": "*.md merge=logbook\n"})
    made.git("branch", "theirs")
    return made


def entry(text: str, name: str, minute: int, label: str = "more") -> str:
    """Return a logbook with a further entry."""
    when = dt.datetime(2026, 6, 1, 14, minute, tzinfo=dt.UTC)
    return with_entry(parsed(text), NewEntry(when, name, label, {"command": "python -m train", "result": "loss 2.2"}))


def merge(work: Repository, ours: str, theirs: str, *command: str) -> tuple[str, bool]:
    """Commit a version on each side and merge; return what is there, and whether git calls it merged."""
    base = work.git("rev-parse", "HEAD")
    work.commit({PATH: ours}, "ours")
    head = work.git("rev-parse", "HEAD")
    work.git("switch", "--quiet", "--detach", base)
    work.commit({PATH: theirs}, "theirs")
    other = work.git("rev-parse", "HEAD")
    work.git("switch", "--quiet", "--detach", head)
    try:
        work.git(*(command or ("merge", "--quiet", "--no-edit")), other)
    except subprocess.CalledProcessError:
        return (work.root / PATH).read_text(), False
    return (work.root / PATH).read_text(), True


def names(text: str) -> list[str]:
    """Return the IDs of the entries in their order."""
    book = parse(PATH, text.encode())
    assert isinstance(book, Logbook)
    return [name for it in book.everything for name in it.heading_ids]


def put_together(tmp_path: Path, base: str, ours: str, theirs: str) -> Merged:
    """Merge three texts without git."""
    places = [tmp_path / name for name in ("base", "ours", "theirs")]
    for place, text in zip(places, (base, ours, theirs), strict=True):
        place.write_bytes(text.encode())
    return merge_files(places[0], places[1], places[2])


@pytest.mark.parametrize(
    "command", [(), ("rebase", "--quiet"), ("cherry-pick",)], ids=["merge", "rebase", "cherry-pick"]
)
def test_an_entry_of_each_side_stays(work: Repository, command: Sequence[str]) -> None:
    """Without a conflict, in the order of their dates, whichever side was first; and lint has nothing to say."""
    text = (work.root / PATH).read_text()
    found, is_merged = merge(work, entry(text, "MOE-HC-003", 30), entry(text, "MOE-HC-002", 10), *command)
    assert (is_merged, names(found)) == (True, ["MOE-HC-001", "MOE-HC-002", "MOE-HC-003"])
    report = lint(LintRequest(base=work.git("rev-parse", "theirs")), context(work.root, {}))[0]
    assert [it.rule for it in report.findings if it.rule in {rule.name for rule in history.RULES}] == []
    assert set(text.split("\n")) <= set(found.split("\n"))


def test_an_index_that_one_side_edited_is_edited(work: Repository) -> None:
    """Entries on both sides, and the queue on one."""
    text = (work.root / PATH).read_text()
    move = Move(status_named("supported"), "`MOE-HC-002`: 0.02 better")
    theirs = moved(parsed(entry(text, "MOE-HC-002", 10)), "MOE-HC-H1", move)
    found, is_merged = merge(work, entry(text, "MOE-HC-003", 30), theirs)
    assert (is_merged, names(found)) == (True, ["MOE-HC-001", "MOE-HC-002", "MOE-HC-003"])
    assert [str(it.status) for it in parsed(found).hypotheses] == ["supported"]


def test_items_that_both_sides_add_to_a_list_stay(tmp_path: Path) -> None:
    """Hypotheses and decisions; one item that both change is a conflict."""
    text = written("H1 proposed; D@2026-05-25 'one seed'; E1 command result")
    ours, theirs = (with_hypothesis(parsed(text), NewHypothesis(f"MOE-HC-H{it}", f"claim {it}")) for it in (2, 3))
    ours = ours.replace("one seed", "one seed\n- 2026-05-26: two seeds")
    theirs = theirs.replace("one seed", "one seed\n- 2026-05-26: three seeds")
    found = put_together(tmp_path, text, ours, theirs)
    book = parsed(found.text)
    assert (found.is_clean, len(book.hypotheses), len(book.decisions)) == (True, 3, 3)
    changed = [text.replace("one seed", it) for it in ("no seed", "every seed")]
    assert not put_together(tmp_path, text, *changed).is_clean


def test_logs_that_grow_at_their_top_grow_there(tmp_path: Path) -> None:
    """The newest of both sides is the first."""
    old = "### 2026-05-26 10:00 - MOE-HC-002 b\n\nx\n\n### 2026-05-25 10:00 - MOE-HC-001 a\n\ny\n"
    text = f"# T\n\n## Log\n\nNewest first.\n\n{old}\n## Notes\n\nz\n"
    found = put_together(tmp_path, text, entry(text, "MOE-HC-004", 30), entry(text, "MOE-HC-003", 10))
    assert (found.is_clean, names(found.text)) == (True, [f"MOE-HC-00{it}" for it in (4, 3, 2, 1)])
    assert "\n\n\n" not in found.text


def test_the_first_entries_of_a_new_log_stay(tmp_path: Path) -> None:
    """Of both sides."""
    text = written("prefix=MOE-HC")
    found = put_together(tmp_path, text, entry(text, "MOE-HC-002", 30), entry(text, "MOE-HC-001", 10))
    assert (found.is_clean, names(found.text)) == (True, ["MOE-HC-001", "MOE-HC-002"])


def test_what_both_sides_changed_stays_a_conflict(work: Repository) -> None:
    """The marks are there, in the entry alone, and git says so."""
    text = (work.root / PATH).read_text()
    ours = entry(text.replace("loss 2.214", "loss 2.3"), "MOE-HC-002", 10)
    theirs = entry(text.replace("loss 2.214", "loss 2.4"), "MOE-HC-003", 30)
    found, is_merged = merge(work, ours, theirs)
    assert (is_merged, found.count("<<<<<<<"), found.count(">>>>>>>")) == (False, 1, 1)
    assert names(found)[-2:] == ["MOE-HC-002", "MOE-HC-003"]
    assert found.index(">>>>>>>") < found.index("MOE-HC-002")


@pytest.mark.parametrize(
    ("ours", "theirs", "is_clean"),
    [
        ({"result": "loss 2.1"}, {"interpretation": "better."}, True),
        ({"result": "loss 2.1"}, {"result": "loss 2.1"}, True),
        ({"result": "loss 2.1"}, {"result": "loss 2.2"}, False),
    ],
)
def test_an_entry_that_both_sides_complete_is_complete(
    tmp_path: Path, ours: dict[str, str], theirs: dict[str, str], is_clean: bool
) -> None:
    """Beside the entries that both append; what they say of one thing is a conflict where it differs."""
    sides = []
    for minute, values in ((10, ours), (30, theirs)):
        work = Repository(tmp_path / str(minute))
        work.write(PATH, PENDING)
        complete_entry(PATH, "MOE-HC-001", values, context(work.root, {}))
        sides.append(entry((work.root / PATH).read_text(), f"MOE-HC-{minute:03}", minute))
    found = put_together(tmp_path, PENDING, *sides)
    assert (found.is_clean, "<<<<<<<" in found.text) == (is_clean, not is_clean)
    assert names(found.text) == ["MOE-HC-001", "MOE-HC-010", "MOE-HC-030"]


def test_one_entry_that_both_sides_have_is_there_once(work: Repository) -> None:
    """As after a cherry-pick."""
    text = (work.root / PATH).read_text()
    same = entry(text, "MOE-HC-002", 10)
    found, is_merged = merge(work, entry(same, "MOE-HC-003", 30), entry(same, "MOE-HC-004", 40))
    assert (is_merged, names(found)) == (True, ["MOE-HC-001", "MOE-HC-002", "MOE-HC-003", "MOE-HC-004"])


def test_one_entry_that_a_side_completed_is_there_complete(tmp_path: Path) -> None:
    """Where both have it and the older version has not."""
    text = written("E1 command result")
    pending = entry(text, "MOE-HC-002", 10).replace("loss 2.2\n", "pending\n")
    found = put_together(tmp_path, text, pending, pending.replace("pending", "loss 2.1"))
    assert (found.is_clean, found.twice, names(found.text)) == (True, (), ["MOE-HC-001", "MOE-HC-002"])
    assert "loss 2.1" in found.text


def test_an_id_that_both_sides_took_is_told(tmp_path: Path) -> None:
    """Both entries stay, and somebody has to choose."""
    text = written("E1 command result")
    sides = [entry(text, "MOE-HC-002", minute, f"at {minute}") for minute in (10, 30)]
    found = put_together(tmp_path, text, *sides)
    assert (found.is_clean, found.twice, len(names(found.text))) == (True, ("MOE-HC-002",), 3)


def test_line_ends_and_the_end_of_the_file_are_as_ours(tmp_path: Path) -> None:
    """Whatever theirs are."""
    text = written("E1 command result")
    ours = entry(text, "MOE-HC-002", 10).replace("\n", "\r\n")
    put_together(tmp_path, text.replace("\n", "\r\n"), ours, entry(text, "MOE-HC-003", 30))
    now = (tmp_path / "ours").read_bytes()
    assert (now.count(b"\r\n"), now.endswith(b"\r\n")) == (now.count(b"\n"), True)


@pytest.mark.parametrize("data", [b"\0binary", b"\xff\xfe", b"x" * 6_000_000], ids=["binary", "utf-16", "large"])
def test_what_is_no_logbook_is_left_as_it_is(tmp_path: Path, data: bytes) -> None:
    """Git then has its own way."""
    for name in ("base", "ours", "theirs"):
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match="a side of the merge"):
        merge_files(*(tmp_path / name for name in ("base", "ours", "theirs")))
    assert (tmp_path / "ours").read_bytes() == data


def test_the_marks_have_the_names_that_git_passes(tmp_path: Path) -> None:
    """An older git passes their placeholders as they are."""
    for labels, mark in ((("HEAD", "base", "topic"), "<<<<<<< HEAD"), (("%X", "%S", "%Y"), "<<<<<<< ours")):
        for name, word in (("base", "a"), ("ours", "b"), ("theirs", "c")):
            (tmp_path / name).write_text(f"# T\n\n{word}\n")
        merge_files(*(tmp_path / name for name in ("base", "ours", "theirs")), labels=labels)
        assert mark in (tmp_path / "ours").read_text()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_both_sides_write_stays(tmp_path: Path, seed: int) -> None:
    """Entries, completions and hypotheses in any number: every entry is there once, and nobody's line is lost."""
    choice, texts = random.Random(seed), []
    for side in range(2):
        work = Repository(tmp_path / str(side))
        work.write(PATH, PENDING)
        here = context(work.root, {})
        for number in range(choice.randint(0, 4)):
            label = f"side {side}, {number}"
            add_entry(PATH, EntryOptions(f"MOE-HC-{side + 1}{number}", label, {"decision": label}), here)
        if choice.random() < 0.5:
            complete_entry(PATH, "MOE-HC-001", {("result", "Seeds")[side]: "none"}, here)
        text = (work.root / PATH).read_text()
        if choice.random() < 0.5:
            text = with_hypothesis(parsed(text), NewHypothesis(f"MOE-HC-H{side + 2}", f"claim {side}"))
        texts.append(text)
    found = put_together(tmp_path, PENDING, *texts)
    assert found.is_clean
    assert sorted(names(found.text)) == sorted({name for text in texts for name in names(text)})
    lost = {line for text in (PENDING, *texts) for line in text.split("\n")} - set(found.text.split("\n"))
    assert lost <= {"- Result: pending."}
