"""Claims about the hooks of pre-commit: the same verdict as in a workflow, also inside of one."""

import json
from pathlib import Path

import pytest

from cli.test_streams import run
from repository import ENTRY, PATH, Repository
from repository import GOOD_ANYWHERE as GOOD

HIDDEN = GOOD.replace("# Sparse", "# Spa\u200brse")


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A clone on a research branch that was just pushed to."""
    origin = Repository(tmp_path / "origin")
    origin.commit({PATH: GOOD})
    work = Repository(tmp_path / "work", origin=tmp_path / "origin")
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    return work


def variables(work: Repository, name: str) -> dict[str, str]:
    """Return the environment of a job that an event started."""
    payload = {"repository": {"default_branch": "main"}, "ref": "refs/heads/research/sparse-attention"}
    path = work.root.parent / "event.json"
    path.write_text(json.dumps({**payload, "before": work.git("rev-parse", "HEAD~1")}))
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)}


EVENTS = ("push", "workflow_dispatch", "schedule", "release")


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("how", [["--fix-only"], ["--fix", "--fail-on", "never"], ["--fix"], []], ids=" ".join)
def test_a_clean_logbook_passes_each_hook(work: Repository, event: str, how: list[str]) -> None:
    """What there is nothing to fix in, or to find, is left alone."""
    work.commit({PATH: GOOD + ENTRY})
    said = run(work, "lint", *how, **variables(work, event))
    assert (said.returncode, work.git("status", "--porcelain")) == (0, ""), said.stdout


@pytest.mark.parametrize("event", EVENTS)
def test_what_is_fixed_on_a_runner_does_not_change_the_verdict(work: Repository, event: str) -> None:
    """The verdict is on what was pushed; the hook then fails for the file that it mended."""
    work.commit({PATH: HIDDEN})
    said = run(work, "lint", "--fix", **variables(work, event))
    assert said.returncode == 1
    assert b"hidden-characters" in said.stdout
    assert said.stderr.decode() == f"fixed {PATH}\n"
    assert (work.root / PATH).read_text() == GOOD


def test_a_laptop_judges_what_it_has_fixed(work: Repository) -> None:
    """There the work tree is judged, so it is mended first."""
    work.write(PATH, HIDDEN)
    said = run(work, "lint", "--fix")
    assert (said.returncode, (work.root / PATH).read_text()) == (0, GOOD), said.stdout
