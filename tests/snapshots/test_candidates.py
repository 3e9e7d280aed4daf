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
    reproducibility_gaps,
    which_logbook,
)


def commit() -> Commit:
    """Return a commit."""
    return Commit("c" * 40, "Ana <ana@lab.example>", "2026-05-25T10:00:00+00:00", "Measure")


def pinned(logbook: Logbook, asked: str = "", *, title: bool = False) -> SnapshotCandidate | RefusedSnapshot:
    """Return what a snapshot of a logbook publishes."""
    return candidate_of(SnapshotCommit(commit(), "", asked, is_title=title), {logbook.path: logbook})


def candidate(text: str, asked: str = "", *, title: bool = False) -> SnapshotCandidate:
    """Return what a snapshot of a logbook in the tiny language publishes."""
    found = pinned(book(text), asked, title=title)
    assert isinstance(found, SnapshotCandidate), found
    return found


@pytest.mark.parametrize(
    ("asked", "title", "name", "entry"),
    [
        ("MOE-HC-001", False, "MOE-HC-001", "MOE-HC-001"),
        ("moe-hc-001", False, "MOE-HC-001", "MOE-HC-001"),
        ("`MOE-HC-001`.", False, "MOE-HC-001", "MOE-HC-001"),
        ("MOE-HC-001: the baseline", False, "MOE-HC-001", "MOE-HC-001"),
        ("MOE-HC-001 [skip ci]", False, "MOE-HC-001", "MOE-HC-001"),
        ("MOE-HC-001 (8 GPUs)", False, "MOE-HC-001", "MOE-HC-001"),
        ("MOE-HC-001, 3 seeds", False, "MOE-HC-001", "MOE-HC-001"),
        ("MOE-HC-001 - best of GPT-4", False, "MOE-HC-001", "MOE-HC-001"),
        ("", False, "MOE-HC-002", "MOE-HC-002"),
        ("MOE-HC-001 again", True, "MOE-HC-001", "MOE-HC-001"),
        ("all of it", True, "MOE-HC-002", "MOE-HC-002"),
        ("final", True, "final", "MOE-HC-002"),
        ("final", False, "final", "MOE-HC-002"),
        ("v1.2", False, "v1.2", "MOE-HC-002"),
        ("GPT-4", False, "GPT-4", "MOE-HC-002"),
    ],
)
def test_the_entry_that_is_meant(asked: str, title: bool, name: str, entry: str) -> None:
    """The ID that a line begins with means its entry, in any case; a slug, and nothing, the newest one."""
    found = candidate("E1 command result; E2 command result", asked, title=title)
    assert (found.name, found.entry.ids) == (name, (entry,))


@pytest.mark.parametrize(
    ("asked", "title", "why", "way"),
    [
        ("MOE-HC-001 second seed", False, "is more than the experiment ID MOE-HC-001", "`Snapshot: MOE-HC-001`"),
        ("MOE-HC-001 and the sweep", False, "is more than the experiment ID", "`Snapshot: MOE-HC-001`"),
        ("MOE-HC-001-final", False, "is more than the experiment ID", "`Snapshot: MOE-HC-001`"),
        ("MOE-HC-001/2", False, "is more than the experiment ID", "`Snapshot: MOE-HC-001`"),
        ("MOE-HC-001, MOE-HC-002", False, "names 2 experiments", "`Snapshot: MOE-HC-001` and `Snapshot: MOE-HC-002`"),
        ("MOE-HC-001 MOE-HC-002", False, "names 2 experiments", "a line for each"),
        ("MOE-HC-001..003", False, "names 3 experiments", "a line for each"),
        ("MOE-HC-001 beats MOE-HC-002", True, "names 2 experiments", "a line for each"),
        ("MOE_HC_001", False, "almost one", "`Snapshot: MOE-HC-001`"),
        ("MOE HC 001", False, "almost one", "`Snapshot: MOE-HC-001`"),
        ("MOE\u2011HC\u2011001", False, "almost one", "`Snapshot: MOE-HC-001`"),
        ("MOEHC001", False, "almost one", "`Snapshot: MOE-HC-001`"),
        ("MOE-HV-001", False, "almost one", "`Snapshot: MOE-HC-001`"),
        ("MOE_HC_001 at last", True, "almost one", "`Snapshot: MOE-HC-001`"),
        ("MOE-HC", False, "almost one", "`Snapshot: MOE-HC-"),
        ("002", False, "almost one", "`Snapshot: MOE-HC-002`"),
        ("MOE-HC-1", False, "has no entry MOE-HC-1", "correct the ID"),
        ("Final numbers (v1)", False, "neither an experiment ID nor a snapshot in one word", "Final-numbers-v1"),
        ("a..b", False, "gives a name no tag can have", "`Snapshot: a.b`"),
        ("final~1", False, "gives a name no tag can have", "`Snapshot: final-1`"),
        ("a/b", False, "gives a name no tag can have", "`Snapshot: a-b`"),
        ("best.lock", False, "gives a name no tag can have", "`Snapshot: best-lock`"),
        ("\u00e9", False, "gives a name no tag can have", "one word of letters"),
        ("x" * 250, False, "gives a name no tag can have", "one word of letters"),
    ],
)
def test_what_is_almost_an_id_is_refused(asked: str, title: bool, why: str, way: str) -> None:
    """A tag of that name would be of something else: it is said what the line says, and how to write it."""
    found = pinned(book("E1 command result; E2 command result"), asked, title=title)
    assert isinstance(found, RefusedSnapshot)
    assert why in found.why
    assert way in found.help


def test_a_name_that_a_tag_has_is_taken_as_it_is() -> None:
    """A tag of years ago is shown, whatever a new one of that name would be told."""
    logbook = book("E1 command result")
    for name in ("Final numbers (v1)", "MOE-HC-001-final", "MOE-HC-001"):
        source = SnapshotCommit(commit(), "", name, is_tagged=True)
        assert isinstance(candidate_of(source, {logbook.path: logbook}), SnapshotCandidate)


def test_a_commit_is_not_hundreds_of_snapshots() -> None:
    """One sentence refuses it, whatever its lines name."""
    logbook = book("E1 command result")
    found = candidate_of(SnapshotCommit(commit(), "", "MOE-HC-001", lines=300), {logbook.path: logbook})
    assert isinstance(found, RefusedSnapshot)
    assert "`Snapshot:` 300 times" in found.why


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


def test_the_logbook_that_has_the_entry_is_meant() -> None:
    """Where nothing else tells, the ID that is named does; one that several have does not."""
    books = {path: parsed(written(f"E{n} command result"), path) for n, path in ((1, ONE), (2, TWO))}
    found = candidate_of(SnapshotCommit(commit(), "", "MOE-HC-002: best"), books)
    assert isinstance(found, SnapshotCandidate)
    assert (found.path, found.name) == (TWO, "MOE-HC-002")
    both = books | {ONE: parsed(written("E2 command result"), ONE)}
    assert isinstance(candidate_of(SnapshotCommit(commit(), "", "MOE-HC-002"), both), RefusedSnapshot)
    assert isinstance(candidate_of(SnapshotCommit(commit(), "", "final"), books), RefusedSnapshot)


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


STATED = {
    "- Hardware: 8 x H100": True,
    "- GPU type: H100 SXM": True,
    "- Number of GPUs: 8": True,
    "- TPU slice: v5p-64": True,
    "- Compute: one node": True,
    "- Machine: the lab's workstation": True,
    "- Docker image: tiles:2026-05": True,
    "- Software: Python 3.12, JAX 0.6": True,
    "- Python / CUDA: 3.12 / 12.4": True,
    "- Env vars: `XLA_FLAGS=--x`": True,
    "- Ran on: the small cluster": True,
    "- Where: us-east5-a": True,
    "- Setting: width 512 on 8xA100, bf16": True,
    "It ran on a single GPU for an hour.": True,
    "Both seeds on v5litepod-16.": True,
    "- Note: measured on a laptop": True,
    "- Instance: p5.48xlarge": True,
    "- GPU hours: 12": False,
    "- Compute budget: 40 h": False,
    "- GPU memory: high": False,
    "- Note: the V2 of the plan": False,
    "- Hardware: pending": False,
    "- Interpretation: keeps the loss with 512 blocks, as in section A10.": False,
    "- Note: uses the environment of the paper": False,
}


@pytest.mark.parametrize("line", STATED)
def test_what_it_ran_on_is_seen_in_other_words(line: str) -> None:
    """By the name of a field, or by a device that a line of the entry names; what it took is something else."""
    found = pinned(parsed(written("E1 commit command config result").rstrip() + f"\n{line}\n"))
    assert isinstance(found, SnapshotCandidate)
    assert bool(found.environment) is STATED[line]
    assert ("the entry records neither hardware nor environment" in reproducibility_gaps(found, ())) is not STATED[line]
