"""Claims about `logbook trace`: all that carries one experiment ID is found, and what is missing is said."""

import json
from pathlib import Path

import pytest

from hub.bench import Connect, Hub, Repository
from repository import ENTRY, GOOD, PATH, context
from repository import Repository as Work
from research_logbook.errors import UserError
from research_logbook.record.trace import trace, trace_json, trace_text

ID = "SPA-AT-002"


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A clone of a repository with a thread on its research branch, and on the default branch what came before."""
    origin = Work(tmp_path / "origin")
    origin.commit({PATH: GOOD})
    return Work(tmp_path / "clone", origin=tmp_path / "origin")


def text_of(number: int, entry: str = ENTRY) -> str:
    """Return the logbook with an entry, and with its issue."""
    return GOOD.replace("https://github.com/lab/models/issues/8734", str(number)) + entry


def test_a_complete_record_has_nothing_missing(work: Work, connect: Connect, repository: Repository) -> None:
    """Entry, commit, tag, run and comment are found, and nothing is missing."""
    number = repository.issue()
    repository.comment(number, "🤖 Update: SPA-AT-002 replicates")
    repository.comment(number, "SPA-AT-0021 is another")
    commit = work.git("rev-parse", "HEAD")
    entry = (
        ENTRY.replace("lab/trainer@1691d0a9afbf", commit[:12]) + "- W&B: [run](https://wandb.ai/lab/tiles/runs/x1)\n"
    )
    head = work.commit({PATH: text_of(number, entry)})
    work.git("tag", "--annotate", "--message", "x", f"snapshot/sparse-attention/{ID}")
    work.git("tag", "--annotate", "--message", "x", f"snapshot/sparse-attention/{ID}.2")
    work.git("tag", "snapshot/sparse-attention/SPA-AT-0021")
    found = trace(ID, context(work.root), connect())
    assert found.missing == ()
    assert set(found.snapshots) == {
        (f"snapshot/sparse-attention/{ID}", head),
        (f"snapshot/sparse-attention/{ID}.2", head),
    }
    assert [one.runs for one in found.entries] == [("https://wandb.ai/lab/tiles/runs/x1",)]
    assert [one.body for one in found.comments or ()] == ["🤖 Update: SPA-AT-002 replicates"]
    lines = trace_text(found).splitlines()
    assert lines[0] == ID
    assert f"  commit    {commit[:12]}" in lines
    assert json.loads(trace_json(found))["missing"] == []


def test_missing_parts_are_listed(work: Work, connect: Connect, repository: Repository) -> None:
    """A pending entry without command, commit, run, tag and comment lacks all of that."""
    number = repository.issue()
    entry = "\n### 2026-05-26 09:00 - SPA-AT-002 second seed\n\n- Job: `j-1`\n- Result: pending\n"
    work.commit({PATH: text_of(number, entry)})
    assert trace(ID, context(work.root), connect()).missing == (
        "no entry records its command",
        "no entry records its commit",
        "its result is pending",
        "no entry links a run",
        "no snapshot tag is named for it",
        f"no comment on #{number} names it",
    )


def test_a_commit_missing_from_the_clone_is_listed(work: Work) -> None:
    """A recorded commit that this clone does not hold is named."""
    work.commit({PATH: text_of(1)})
    found = trace(ID, context(work.root), None)
    assert "commit 1691d0a9afbf is not in this clone" in found.missing
    assert found.comments is None
    assert "GitHub was not asked" in trace_text(found)


def test_a_github_that_tells_nothing_is_no_failure(
    work: Work, connect: Connect, repository: Repository, hub: Hub
) -> None:
    """The record is followed as far as this clone has it, and it is said what was not looked at, and why."""
    number = repository.issue()
    work.commit({PATH: text_of(number)})
    hub.fail(401, path="/comments", message="Bad credentials", times=9)
    found = trace(ID, context(work.root), connect())
    assert (found.comments, f"no comment on #{number} names it" in found.missing) == (None, False)
    assert "  unknown   comments on the issue: " in trace_text(found)
    assert json.loads(trace_json(found))["unknown"] == [f"comments on the issue: {found.unasked}"]


def test_research_branches_are_searched(work: Work) -> None:
    """An entry that only a research branch of origin has is found there."""
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    work.commit({PATH: text_of(1)})
    work.git("push", "--quiet", "origin", "HEAD")
    work.git("switch", "--quiet", "main")
    (entry,) = trace(ID, context(work.root), None).entries
    assert (entry.branch, entry.path, entry.line) == ("research/sparse-attention", PATH, GOOD.count("\n") + 2)


def test_a_branch_that_only_its_header_names_is_searched(work: Work) -> None:
    """A branch is a research branch because a logbook on it says so, whatever it is called."""
    work.git("switch", "--quiet", "--create", "ana/faster")
    work.commit({PATH: text_of(1).replace("`research/sparse-attention`", "`ana/faster`")})
    work.git("push", "--quiet", "origin", "HEAD")
    work.git("switch", "--quiet", "main")
    (entry,) = trace(ID, context(work.root), None).entries
    assert (entry.branch, entry.path) == ("ana/faster", PATH)


def test_the_work_tree_comes_first(work: Work) -> None:
    """What lies in the work tree is shown from there, and not again from a branch."""
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    work.commit({PATH: text_of(1)})
    work.git("push", "--quiet", "origin", "HEAD")
    assert [entry.branch for entry in trace(ID, context(work.root), None).entries] == [""]


@pytest.mark.parametrize("name", ["spa-at-002", "--all", "SPA-AT", "SPA-AT-002 x", ".*", ""])
def test_a_malformed_id_is_refused(name: str, work: Work) -> None:
    """A word that is no ID is bad usage."""
    with pytest.raises(UserError, match="is not an experiment ID"):
        trace(name, context(work.root), None)


def test_an_id_in_lower_case_is_asked_about(work: Work) -> None:
    """Whoever types `spa-at-002` is told how it is written."""
    with pytest.raises(UserError) as refused:
        trace(ID.lower(), context(work.root), None)
    assert refused.value.help == f"did you mean {ID}?"


def test_an_unused_id_is_an_error(work: Work) -> None:
    """An ID without an entry is bad usage, and says where else to look."""
    with pytest.raises(UserError, match="no logbook here has an entry SPA-AT-099"):
        trace("SPA-AT-099", context(work.root), None)


def test_an_id_that_is_only_planned_has_no_entry_yet(work: Work) -> None:
    """The matrix names it before the experiment: there is nothing to fetch, but an entry to write."""
    work.commit({PATH: GOOD + "\nSPA-AT-007 is planned.\n"})
    with pytest.raises(UserError, match=f"{PATH} names SPA-AT-007, but has no entry of it"):
        trace("SPA-AT-007", context(work.root), None)
    with pytest.raises(UserError) as unused:
        trace("SPA-AT-099", context(work.root), None)
    assert unused.value.help is not None
    assert unused.value.help.startswith(f"`logbook inspect {PATH}` lists the entries of SPA-AT there")


@pytest.mark.parametrize("said", ["none was created; the design document stands in for it", "lab/other#5"])
def test_what_the_logbook_says_there_is_none_of_is_not_missing(said: str, work: Work, connect: Connect) -> None:
    """An issue that is elsewhere or not wanted, a run and a snapshot that an entry says there are none of."""
    entry = ENTRY + "- W&B: none\n- Snapshot: none, nothing changed\n"
    work.commit({PATH: GOOD.replace("https://github.com/lab/models/issues/8734", said) + entry})
    found = trace(ID, context(work.root), connect())
    assert not [what for what in found.missing if any(word in what for word in ("run", "snapshot", "issue"))]
    assert f"  issue     {said}" in trace_text(found).splitlines()


def test_hostile_text_is_escaped(work: Work) -> None:
    """What an entry holds reaches the terminal without control characters and workflow commands."""
    entry = ENTRY.replace("second seed", "second \x1b[31mseed\u202e").replace("replicates", "::error::")
    work.commit({PATH: text_of(1, entry)})
    said = trace_text(trace(ID, context(work.root), None))
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert not [line for line in said.splitlines() if line.lstrip().startswith("::")]
