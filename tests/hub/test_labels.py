"""Claims about labels, on a GitHub that counts: nobody's own are touched, and nothing is written twice."""

from pathlib import Path

import pytest

from hub.bench import Connect, Hub, Repository
from repository import GOOD
from repository import Repository as Work
from research_logbook.commands.labels import labels
from research_logbook.commands.sweep import sweep
from research_logbook.config import Config
from research_logbook.core.planning.comments import Origin
from research_logbook.errors import UserError
from research_logbook.shell.apply import apply
from research_logbook.shell.github import GitHub

LOGBOOK = ".agents/logbooks/sparse-attention.md"


def settle(github: GitHub, number: int, folder: Path) -> list[str]:
    """Give an issue its labels, and return what was done."""
    outcome = labels(number, github, Config(), {}, folder)
    apply(github, outcome.plan, Origin(), outcome.judged)
    return [str(effect) for effect in outcome.plan]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a folder outside of any repository."""
    return tmp_path


def test_an_agents_experiment_gets_both(connect: Connect, hub: Hub, repository: Repository, outside: Path) -> None:
    """An `Experiment: …` by a person with a role, with an agent's mark, gets both labels; twice writes nothing."""
    owner = repository.as_person("lab")
    number = owner.issue("Experiment: sparse attention", body="🤖 An agent made this.")
    github = connect()
    assert settle(github, number, outside)[-1].startswith("add “experiment” and “agent-generated”")
    assert set(owner.labels(number)) == {"experiment", "agent-generated"}
    hub.forget()
    assert settle(github, number, outside) == []
    assert hub.writes == []


def test_a_bug_report_is_left_alone(connect: Connect, hub: Hub, repository: Repository, outside: Path) -> None:
    """A bug report, and an outsider's `Experiment: …`, get nothing."""
    bug = repository.as_person("lab").issue("Crash on start", body="It crashes.")
    foreign = repository.as_person("ann").issue("Experiment: mine")
    github = connect()
    assert (settle(github, bug, outside), settle(github, foreign, outside)) == ([], [])
    assert hub.writes == []


def test_a_logbook_enrols_the_issue_it_names(connect: Connect, repository: Repository, tmp_path: Path) -> None:
    """An issue that a logbook's header names gets its label, whoever opened it; one that it only cites does not."""
    stranger = repository.as_person("ann")
    named, cited = stranger.issue("Sparse attention"), stranger.issue("A bug")
    work = Work(tmp_path / "work")
    text = GOOD.replace("https://github.com/lab/models/issues/8734", str(named))
    work.commit({LOGBOOK: f"{text}\nSee #{cited}.\n"})
    github = connect()
    assert settle(github, named, work.root)[-1] == f"add “experiment” to #{named}"
    assert settle(github, cited, work.root) == []


def test_a_removed_label_comes_back_three_times(connect: Connect, repository: Repository, outside: Path) -> None:
    """A label that somebody takes off is put back, the fourth time it is not and one comment says so."""
    owner = repository.as_person("lab")
    number = owner.issue("Experiment: sparse attention")
    github = connect()
    settle(github, number, outside)
    for _ in range(3):
        owner.unlabel(number, "experiment")
        assert settle(github, number, outside)
    owner.unlabel(number, "experiment")
    for _ in range(2):
        settle(github, number, outside)
    assert "experiment" not in owner.labels(number)
    assert len(owner.comments(number)) == 1


def test_the_sweep_reaches_the_same_state(connect: Connect, repository: Repository, outside: Path) -> None:
    """With no event delivered, the sweep gives every open experiment issue its labels."""
    owner = repository.as_person("lab")
    first, bug, second = (owner.issue(title) for title in ("Experiment: one", "A bug", "Experiment: two"))
    github = connect()
    for step in sweep(github, Config(), {}, outside):
        outcome = step.outcome()
        apply(github, outcome.plan, Origin(), outcome.judged)
    assert [owner.labels(number) for number in (first, bug, second)] == [{"experiment"}, set(), {"experiment"}]
    assert [step.outcome().plan for step in sweep(github, Config(), {}, outside)] == [(), (), ()]


def test_a_number_that_names_nothing_is_refused(connect: Connect, outside: Path) -> None:
    """A number that names nothing is bad usage, and not an issue with nothing to do."""
    with pytest.raises(UserError, match="there is no issue or pull request #999 here"):
        labels(999, connect(), Config(), {}, outside)
