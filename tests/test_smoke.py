"""Claims about scripts/smoke, as far as they can be held where no workflow runs."""

from pathlib import Path

import pytest

import smoke
from hub.bench import Hub, Repository
from repository import Repository as Work
from repository import release
from research_logbook.errors import UserError
from research_logbook.setup.workflows import WORKFLOWS


@pytest.fixture(scope="session")
def names() -> list[str]:
    """Collect the names of the repositories that were made."""
    return []


@pytest.fixture
def place(hub: Hub, names: list[str]) -> Repository:
    """Create a repository that is there for nothing else."""
    names.append(f"smoke-{len(names)}")
    return hub.repository(names[-1])


@pytest.fixture
def scene(hub: Hub, place: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> smoke.Scene:
    """Clone it from a server of its own, and connect."""
    server = tmp_path / "server"
    origin = Work(server / place.name)
    origin.commit({"README.md": "# Smoke\n"})
    release(server, "v1")
    ana = {f"GIT_{who}_{what}": "ana@lab.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    access = {"GITHUB_SERVER_URL": server.as_uri(), "GITHUB_API_URL": hub.url, "GITHUB_TOKEN": hub.token("lab")}
    for variable, value in (ana | access).items():
        monkeypatch.setenv(variable, value)
    connected = smoke.connected(place.name, tmp_path, minutes=0.2)
    connected.sleep = lambda _: None
    return connected


def test_it_is_dry_unless_asked(capsys: pytest.CaptureFixture[str], hub: Hub) -> None:
    """Without --run it prints the checklist, the steps by hand included, and asks GitHub nothing."""
    assert smoke.main(["lab/smoke"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("1. adopt every workflow on the default branch\n   expect: ")
    assert all(text in said for text in smoke.by_hand())
    assert hub.calls == []


@pytest.mark.parametrize("arguments", [[], ["a/b", "--rnu"], ["a/b", "--run", "x"]])
def test_other_words_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelled option starts nothing."""
    assert smoke.main(arguments) == 2
    assert "usage" in capsys.readouterr().err


def test_a_repository_with_another_purpose_is_refused(hub: Hub) -> None:
    """It writes, so it wants a repository whose name says that it is there for this."""
    with pytest.raises(UserError, match="has no `smoke` in its name"):
        smoke.main(["lab/models", "--run"])
    assert hub.calls == []


def test_it_adopts_and_then_waits_for_a_run(scene: smoke.Scene) -> None:
    """The workflows are pushed to the default branch; where none ever runs, it says for what it waited, and stops."""
    said: list[str] = []
    assert smoke.smoke(scene, said.append) == 1
    assert said[0] == "ok adopt every workflow on the default branch: the push is accepted\n"
    assert "still not: a finished run of logbook-lint.yml for " in said[1]
    assert scene.run("git", "ls-tree", "--name-only", "origin/main", ".github/workflows/logbook-lint.yml")
    assert len(said) == 2


def test_an_entry_is_taken_back_by_force(scene: smoke.Scene) -> None:
    """The step pushes over its own entry, and waits for the run of that push."""
    scene.book.parent.mkdir(parents=True)
    scene.book.write_text("# Smoke\n")
    kept = scene.push("Begin")
    with pytest.raises(smoke.StepError, match=r"still not: a finished run of logbook-lint\.yml"):
        smoke._take_back(scene)
    scene.run("git", "fetch", "--quiet", "origin")
    assert scene.run("git", "rev-parse", "origin/main~1") == kept
    assert "SMOK-005" not in scene.run("git", "show", f"origin/main:{scene.book.relative_to(scene.clone)}")


def test_an_issue_that_gets_its_label_is_enough(scene: smoke.Scene, hub: Hub, place: Repository) -> None:
    """The step waits until somebody has put the label on."""
    scene.stamp = "1"
    hub.meanwhile(lambda: place.label(1, "experiment"), verb="GET", path="/issues/1$")
    smoke._open_issue(scene)
    assert place.labels(1) == {"experiment"}


def test_an_issue_without_its_label_is_not(scene: smoke.Scene) -> None:
    """A step that waits in vain goes wrong, and says for what."""
    with pytest.raises(smoke.StepError, match="still not: the label `experiment`"):
        smoke._open_issue(scene)


def test_the_order_is_kept() -> None:
    """Adopting comes first, and each step that names a workflow is one that there is or may be."""
    known = {workflow.name for workflow in WORKFLOWS}
    assert {step.workflow for step in smoke.STEPS} - {""} | {name for name, _ in smoke.BY_HAND} <= known
    assert next(smoke.steps()).workflow == ""
