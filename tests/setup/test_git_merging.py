"""Claims about `logbook init --merge-driver`: git then merges logbooks entry by entry."""

import subprocess
import sys
from pathlib import Path

import pytest

from repository import PATH, Repository, context
from research_logbook.config.schema import Config
from research_logbook.repo import files, own_clone
from research_logbook.setup.doctor import State, diagnose
from research_logbook.setup.git_merging import attribute, driver_command, with_attributes
from research_logbook.setup.init import SOURCE, InitOptions, InitPlan, plan_init

COMMAND = "merge.logbook.driver"
PYTHON = [sys.executable, "-P", "-m", "research_logbook"]
BOOK = """\
# Tiles: Research Logbook

- Branch: `research/tiles`
- Experiment ID prefix: `TIL`

## Scope

- Goal: know which tile is fastest

## Entry Log

### 2026-05-25 09:00 - TIL-001 baseline

- Result: 12.5 ms
"""


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A repository with a logbook, in a folder with spaces."""
    repository = Repository(tmp_path / "a clone")
    repository.commit({PATH: BOOK})
    return repository


def plan(work: Repository) -> InitPlan:
    """Return what `init --merge-driver` would do."""
    return plan_init(InitOptions(merge_driver=True), context(work.root))


def set_up(work: Repository, *start: str) -> None:
    """Do it, with a command that starts the code under test; commit the attributes."""
    done = plan(work)
    for rewrite in done.rewrites:
        files.write(done.root / rewrite.name, rewrite.new)
    for setting in done.settings:
        own_clone.configure(context(work.root).clone(), setting.name, setting.new)
    work.git("config", COMMAND, driver_command(start or PYTHON))
    work.commit(message="Merge logbooks")


def append(work: Repository, branch: str, entry: str) -> None:
    """Append an entry on a branch of its own."""
    work.git("switch", "--quiet", "--create", branch, "main")
    work.commit({PATH: f"{(work.root / PATH).read_text()}\n{entry}"}, branch)


def two_branches(work: Repository) -> None:
    """Append an entry on each of two branches; the second is checked out."""
    append(work, "one", "### 2026-05-26 09:00 - TIL-002 wide tiles\n\n- Result: 11.0 ms\n")
    append(work, "two", "### 2026-05-26 08:00 - TIL-003 tall tiles\n\n- Result: 14.0 ms\n")


def headings(work: Repository) -> list[str]:
    """Return the headings of the log."""
    return [line for line in (work.root / PATH).read_text().splitlines() if line.startswith(("### ", "<<<<", ">>>>"))]


BOTH = [
    "### 2026-05-25 09:00 - TIL-001 baseline",
    "### 2026-05-26 08:00 - TIL-003 tall tiles",
    "### 2026-05-26 09:00 - TIL-002 wide tiles",
]


@pytest.mark.parametrize("how", [("merge", "--no-edit"), ("rebase",), ("cherry-pick",)])
def test_appended_entries_merge_without_a_conflict(how: tuple[str, ...], work: Repository) -> None:
    """By a merge, a rebase and a cherry-pick; in the order of their times."""
    set_up(work)
    two_branches(work)
    work.git(how[0], *how[1:], "one")
    assert headings(work) == BOTH


def merge(work: Repository) -> int:
    """Merge one branch into the other; return git's exit code."""
    done = subprocess.run(["git", "merge", "--no-edit", "one"], cwd=work.root, capture_output=True, check=False)
    return done.returncode


@pytest.mark.parametrize(
    "start", [["/nowhere/logbook"], [sys.executable, "-c", "raise SystemExit(1)"], [sys.executable, "-m", "no_such"]]
)
def test_a_driver_that_fails_loses_no_side(start: list[str], work: Repository) -> None:
    """Gone, broken or silent: git's own merge of lines takes its place, and leaves its marks."""
    set_up(work, *start)
    two_branches(work)
    assert merge(work) == 1
    text = (work.root / PATH).read_text()
    assert all(words in text for words in ("<<<<<<<", "TIL-002 wide", "TIL-003 tall", ">>>>>>>"))


def test_a_true_conflict_stays_one(work: Repository) -> None:
    """Both sides changed one line: the marks are there, and git knows."""
    set_up(work)
    for name, goal in (("one", "cheapest"), ("two", "best")):
        work.git("switch", "--quiet", "--create", name, "main")
        work.commit({PATH: BOOK.replace("fastest", goal)}, name)
    assert merge(work) == 1
    assert work.git("diff", "--name-only", "--diff-filter=U") == PATH
    assert "<<<<<<<" in (work.root / PATH).read_text()


def test_a_second_run_finds_nothing_to_do(work: Repository) -> None:
    """What is planned is done once, and a dry run shows all of it and does none."""
    first = plan(work)
    assert (work.git("status", "--short"), len(first.rewrites), len(first.settings)) == ("", 1, 2)
    assert str(first.settings[1]).startswith(f"would run: git config {COMMAND} '")
    for rewrite in first.rewrites:
        files.write(work.root / rewrite.name, rewrite.new)
    for setting in first.settings:
        own_clone.configure(context(work.root).clone(), setting.name, setting.new)
    again = plan(work)
    assert (again.rewrites, again.settings, again.to_do) == ((), (), ())


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (".agents/logbooks/*.md", "/.agents/logbooks/*.md merge=logbook"),
        ("**/logbooks/*.md", "/**/logbooks/*.md merge=logbook"),
        ("lab/**", "/lab/** merge=logbook"),
        ("lab/**.md", "/lab/**/*.md merge=logbook"),
        ("my logbooks/*.md", '"/my logbooks/*.md" merge=logbook'),
        ("!lab/README.md", "/lab/README.md !merge"),
    ],
)
def test_a_pattern_becomes_an_attribute(pattern: str, line: str) -> None:
    """From the root of the repository, quoted where git would end it at a space."""
    assert attribute(pattern) == line


def test_git_reads_the_attributes_as_the_configuration_is_read(work: Repository) -> None:
    """Of folders at any depth, names with spaces, and what is excluded."""
    patterns = ("**/my logbooks/*.md", "lab/**.md", "!lab/README.md")
    work.write(".gitattributes", with_attributes("*.png binary", patterns))
    paths = ["a/b/my logbooks/x.md", "my logbooks/x.md", "lab/x.md", "lab/a/x.md", "lab/README.md", "x.md", "x.png"]
    told = context(work.root).clone().merge_attributes(paths)
    assert [path for path in paths if told[path] == "logbook"] == paths[:4]


def test_what_the_file_says_already_stays() -> None:
    """Lines are added at the end, in its own line ends, and only those that are missing."""
    old = "*.md text\r\n/lab/*.md   merge=logbook"
    new = with_attributes(old, ["lab/*.md", "more/*.md"])
    assert new.startswith(f"{old}\r\n")
    assert new.endswith("\r\n/more/*.md merge=logbook\r\n")
    assert (new.count("/lab/*.md"), with_attributes(new, ["lab/*.md", "more/*.md"])) == (1, new)


def told(work: Repository) -> list[tuple[State, str]]:
    """Return what the doctor says of the merge driver."""
    environment = {"GITHUB_SERVER_URL": (work.root.parent / "none").as_uri(), "PATH": "/usr/bin:/bin"}
    checks = diagnose(context(work.root, environment), SOURCE, None)
    return [(check.state, check.says) for check in checks if check.name == "merge driver"]


def test_the_doctor_knows_a_clone_that_lacks_the_driver(work: Repository) -> None:
    """Silent where nobody asked for it; then for each clone by itself, and for a program that is gone."""
    assert told(work) == []
    set_up(work)
    assert told(work) == [(State.GOOD, "is set up in this clone")]
    colleague = Repository(work.root.parent / "colleague", origin=work.root)
    lacks = "is named in .gitattributes, but this clone lacks it, so git merges logbooks line by line"
    assert told(colleague) == [(State.BAD, lacks)]
    work.git("config", COMMAND, driver_command(["/nowhere/my logbook"]))
    gone = "starts /nowhere/my logbook, which is not found, so git merges logbooks line by line"
    assert told(work) == [(State.BAD, gone)]


def test_the_doctor_knows_a_logbook_that_the_attributes_leave_out(work: Repository) -> None:
    """Such as one that a later line of the file merges otherwise."""
    set_up(work)
    other = str(Path(PATH).with_name("other.md"))
    work.write(".gitattributes", with_attributes("", Config().logbooks) + f"{other} merge=union\n")
    work.commit({other: BOOK}, "Another")
    assert told(work) == [(State.BAD, f"is not used for {other}")]
