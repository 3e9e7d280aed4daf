"""Claims about what a snapshot publishes: which logbook, which entry, which commands, and what is missing."""

import pytest

from book import book, parsed, written
from research_logbook.errors import Refusal
from research_logbook.logbook.model import Logbook
from research_logbook.repo import Commit
from research_logbook.snapshots.candidates import (
    RefusedSnapshot,
    SnapshotCandidate,
    SnapshotCommit,
    candidate_of,
    is_snapshot,
    reproducibility_gaps,
    trailer_names,
    which_logbook,
)


def commit(subject: str = "Measure", *snapshots: str) -> Commit:
    """Return a commit."""
    return Commit("c" * 40, "Ana <ana@lab.example>", "2026-05-25T10:00:00+00:00", subject, snapshots)


def pinned(logbook: Logbook, asked: str = "", subject: str = "Measure") -> SnapshotCandidate | RefusedSnapshot:
    """Return what a snapshot of a logbook publishes."""
    return candidate_of(SnapshotCommit(commit(subject), "", asked), {logbook.path: logbook})


def candidate(text: str, asked: str = "", subject: str = "Measure") -> SnapshotCandidate:
    """Return what a snapshot of a logbook in the tiny language publishes."""
    found = pinned(book(text), asked, subject)
    assert isinstance(found, SnapshotCandidate), found
    return found


@pytest.mark.parametrize(
    ("subject", "trailers", "is_one", "asked"),
    [
        ("Measure", ("MOE-HC-001",), True, ("MOE-HC-001",)),
        ("Measure", ("",), True, ("",)),
        ("Measure", ("a", "b", "a"), True, ("a", "b")),
        ("snapshot: first numbers", (), True, ("",)),
        ("Snapshot: first numbers", (), True, ("",)),
        ("A snapshot: of nothing", (), False, ("",)),
        ("snapshots: a list", (), False, ("",)),
    ],
)
def test_a_snapshot_commit_says_so(
    subject: str, trailers: tuple[str, ...], is_one: bool, asked: tuple[str, ...]
) -> None:
    """A trailer, or how the subject begins, makes a commit a snapshot; several trailers make several."""
    assert (is_snapshot(commit(subject, *trailers)), trailer_names(commit(subject, *trailers))) == (is_one, asked)


@pytest.mark.parametrize(
    ("asked", "subject", "name", "entry"),
    [
        ("MOE-HC-001", "Measure", "MOE-HC-001", "MOE-HC-001"),
        ("moe-hc-001", "Measure", "MOE-HC-001", "MOE-HC-001"),
        ("", "Measure", "MOE-HC-002", "MOE-HC-002"),
        ("", "snapshot: MOE-HC-001 again", "MOE-HC-001", "MOE-HC-001"),
        ("", "snapshot: all of it", "MOE-HC-002", "MOE-HC-002"),
        ("final", "Measure", "final", "MOE-HC-002"),
        ("GPT-4", "Measure", "GPT-4", "MOE-HC-002"),
    ],
)
def test_the_entry_that_is_meant(asked: str, subject: str, name: str, entry: str) -> None:
    """An ID means its entry, in any case and in the subject too; a slug, and nothing, the newest one."""
    found = candidate("E1 command result; E2 command result", asked, subject)
    assert (found.name, found.entry.ids) == (name, (entry,))


def test_newest_first_is_newest_all_the_same() -> None:
    """In a log that grows at its top, the newest entry is the first."""
    assert candidate("E3 command result; E2 command result; E1 command result").name == "MOE-HC-003"


def test_a_closing_note_is_passed_over() -> None:
    """A note without an ID ran nothing: the newest experiment is meant."""
    found = candidate("E1 command result; E-@2026-06-01 interpretation")
    assert found.name == "MOE-HC-001"


def test_an_entry_without_an_id_is_named_by_day_and_label() -> None:
    """Something has to tell it from others."""
    assert candidate("E-@2026-06-01 command result").name == "2026-06-01-seed-run"


def test_the_command_may_stand_in_an_older_entry() -> None:
    """An ID that comes again, or a job, goes back to the entry that started it."""
    text = written("E1 command='make one'; E2 job=/ana/two command='make two'; E1@2026-06-02 result")
    same_id = pinned(parsed(text))
    assert isinstance(same_id, SnapshotCandidate)
    assert (same_id.commands, same_id.name) == (("make one",), "MOE-HC-001")
    same_job = pinned(parsed(written("E2 job=/ana/two command='make two'; E3 job=/ana/two result")))
    assert isinstance(same_job, SnapshotCandidate)
    assert (same_job.commands, same_job.name) == (("make two",), "MOE-HC-003")


@pytest.mark.parametrize(
    ("text", "asked", "why"),
    [
        ("E1 result", "", "entry MOE-HC-001 at .agents/logbooks/moe-hill-climb.md:5 has no command"),
        ("E1 job=/ana/one result", "", "has no command"),
        ("E2 result; E1 command", "MOE-HC-002", "has no command"),
        ("E1 command=pending result", "", "has no command"),
        ("E1 job=/ana/one result; E2 job=/ana/one command result", "MOE-HC-001", "has no command"),
        ("E1 command", "MOE-HC-099", "has no entry MOE-HC-099"),
        ("", "final", "has no entry"),
    ],
)
def test_what_cannot_be_run_again_is_refused(text: str, asked: str, why: str) -> None:
    """Without an entry, or a command in it, there is no snapshot; other IDs and later entries lend none."""
    found = pinned(book(text), asked)
    assert isinstance(found, RefusedSnapshot)
    assert why in found.why
    assert found.help


def test_an_unreadable_logbook_is_refused() -> None:
    """A logbook that cannot be read says why."""
    from research_logbook.logbook import parse  # noqa: PLC0415

    path = ".agents/logbooks/a.md"
    found = candidate_of(SnapshotCommit(commit(), ""), {path: parse(path, b"\xff\xfe")})
    assert isinstance(found, RefusedSnapshot)
    assert "UTF-16" in found.why


ONE, TWO, MOE = (f".agents/logbooks/{name}.md" for name in ("one", "two", "moe-hill-climb"))


@pytest.mark.parametrize(
    ("headers", "touched", "branch", "expected"),
    [
        ({ONE: "", TWO: ""}, [TWO, "train.py"], "research/one", TWO),
        ({ONE: "", TWO: "branch=research/x"}, [], "research/x", TWO),
        ({ONE: "", TWO: "branch=research/x"}, [ONE, TWO], "research/x", TWO),
        ({ONE: "", TWO: ""}, [], "research/ana/12-two", TWO),
        ({ONE: "", MOE: ""}, [], "research/moe-hill-climb-one", MOE),
        ({ONE: ""}, [], "research/x", ONE),
        ({ONE: "", TWO: ""}, [], "research/x", None),
        ({ONE: "", TWO: ""}, [ONE, TWO], "", None),
        ({}, [], "research/x", None),
    ],
)
def test_the_logbook_that_is_meant(
    headers: dict[str, str], touched: list[str], branch: str, expected: str | None
) -> None:
    """The one that is touched, else whose header names the branch, else for which it is named, else the only one."""
    books = {path: parsed(written(text), path) for path, text in headers.items()}
    found = which_logbook(books, touched, branch)
    assert found == expected if expected else isinstance(found, Refusal)


def test_several_logbooks_are_named() -> None:
    """Where it cannot be told, the first few are named."""
    books = {path: parsed(written(), path) for path in (f".agents/logbooks/{n}.md" for n in range(9))}
    found = which_logbook(books, [], "")
    assert isinstance(found, Refusal)
    assert found.why.endswith(".agents/logbooks/4.md and 4 more")


def test_what_is_missing_to_reproduce_it() -> None:
    """Each thing that the logbook does not tell is named, and nothing is when it tells all."""
    poor = candidate("E1 command='python run/train.py ...' pending")
    assert reproducibility_gaps(poor, {("c" * 40, "run/train.py"), ("d" * 40, "run/eval.py")}) == (
        "a command is abbreviated with dots",
        "the command runs run/train.py, which is not in the tree",
        "the entry records no configuration",
        "the entry records neither hardware nor environment",
        "the entry records no commit",
        "the result is pending",
    )
    rich = written("E1 commit command config result").rstrip() + "\n- Hardware: 8 x H100\n"
    found = pinned(parsed(rich))
    assert isinstance(found, SnapshotCandidate)
    assert reproducibility_gaps(found, ()) == ()
