"""Claims about labels, on a GitHub that counts: nobody's own are touched, and nothing is written twice."""

import json
from pathlib import Path

import pytest

from hub.bench import Connect, Hub, Repository
from hub.closeout import NOW
from repository import GOOD, context
from repository import Repository as Work
from research_logbook.config.schema import Config, Labels, with_mode
from research_logbook.effects.apply import apply
from research_logbook.effects.sticky_comments import Origin
from research_logbook.errors import UserError
from research_logbook.github.client import GitHub
from research_logbook.github.transport import DeniedError
from research_logbook.labels import labels
from research_logbook.seal import view_of
from research_logbook.sweep import labels as all_labels

LOGBOOK = ".agents/logbooks/sparse-attention.md"


def settle(github: GitHub, number: int, folder: Path) -> list[str]:
    """Give an issue its labels, and return what was done."""
    outcome = labels(number, github, context(folder, {}, config=Config()))
    apply(github, outcome.plan, Origin(), outcome.judged)
    return [str(effect) for effect in outcome.plan]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a folder outside of any repository."""
    return tmp_path


def test_an_agents_experiment_gets_both_labels(
    connect: Connect, hub: Hub, repository: Repository, outside: Path
) -> None:
    """An `Experiment: …` by a person with a role, with an agent's mark, gets both labels; twice writes nothing."""
    owner = repository.as_person("lab")
    number = owner.issue("Experiment: sparse attention", body="🤖 An agent made this.")
    github = connect()
    assert settle(github, number, outside)[-1].startswith("add “experiment” and “agent-generated”")
    assert set(owner.labels(number)) == {"experiment", "agent-generated"}
    hub.forget()
    assert settle(github, number, outside) == []
    assert hub.writes == []


def test_a_bug_report_gets_no_label(connect: Connect, hub: Hub, repository: Repository, outside: Path) -> None:
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


BRANCHES = {
    "research/one": "research/one",
    "wim/own": "wim/own",
    "wim/second": "wim/second",
    "wim/none": "research/elsewhere",
}
"""Branches, each with the branch that the header of its logbook names."""


def test_logbooks_count_on_the_default_and_on_research_branches(
    connect: Connect, repository: Repository, tmp_path: Path
) -> None:
    """A research branch is one by its name or because a header says so; other branches enrol nothing.

    Nor does what a pull request checks out, which may be a stranger's.
    """
    stranger = repository.as_person("ann")
    numbers = [stranger.issue(f"On {name}") for name in ("main", *BRANCHES, "a fork")]
    origin = Work(tmp_path / "origin")
    origin.commit({LOGBOOK: book(numbers[0], "")})
    for number, (name, named) in zip(numbers[1:], BRANCHES.items(), strict=False):
        origin.git("switch", "--quiet", "--create", name, "main")
        origin.commit({f".agents/logbooks/{name.rpartition('/')[2]}.md": book(number, named)})
    origin.git("switch", "--quiet", "main")
    work = Work(tmp_path / "work", origin=origin.root)
    work.git("switch", "--quiet", "--detach", "main")
    work.commit({LOGBOOK: book(numbers[-1], "research/one")})
    github = connect()
    labelled = [bool(settle(github, number, work.root)) for number in numbers]
    assert labelled == [True, True, True, True, False, False]


def book(issue: int | str, branch: str) -> str:
    """Return a logbook that names an issue and a branch."""
    return f"# Tiles: Research Logbook\n\n- Issue: {issue}\n- Branch: {branch}\n\n## Entry Log\n"


@pytest.mark.parametrize("place", ["https://github.com/lab/elsewhere/issues/{}", "https://gitlab.com/{}/issues/{}"])
def test_another_repositorys_issue_number_enrols_nothing(
    connect: Connect, hub: Hub, repository: Repository, tmp_path: Path, place: str
) -> None:
    """A header that names an issue of another repository, or of another host, says nothing of ours of that number."""
    number = repository.as_person("ann").issue("A bug", body="")
    work = Work(tmp_path / "work")
    address = place.format(number) if "elsewhere" in place else place.format(repository.name, number)
    work.commit({LOGBOOK: book(address, "")})
    assert settle(connect(), number, work.root) == []
    assert hub.writes == []


def test_a_pull_request_is_labelled_for_its_branch_alone(
    connect: Connect, hub: Hub, repository: Repository, outside: Path
) -> None:
    """Without an event one more read tells the branch; a title makes no production pull request an experiment."""
    owner = repository.as_person("lab")
    production = owner.pull_request("faster", title="Experiment: faster", body="🤖 Made by an agent.")
    research = owner.pull_request("research/tiles", body="🤖 Made by an agent.")
    github = connect()
    assert settle(github, production, outside) == []
    assert hub.calls == [f"GET /repos/{repository.name}/{path}/{production}" for path in ("issues", "pulls")]
    assert settle(github, research, outside)[-1].startswith("add “experiment” and “agent-generated”")
    for _ in range(3):
        owner.unlabel(research, "experiment")
        assert settle(github, research, outside)
    owner.unlabel(research, "experiment")
    assert settle(github, research, outside) == [f"comment on #{research} about its labels"]


def test_labelling_costs_few_calls(connect: Connect, hub: Hub, repository: Repository, outside: Path) -> None:
    """Ten calls at first contact, with the author's role; with nothing to do two reads at most, and no write."""
    mine = repository.as_person("tri").issue("Experiment: tiles", body="🤖 Made by an agent.")
    foreign = repository.as_person("ann").issue("Experiment: tiles")
    settle(connect(), mine, outside)
    assert len(hub.calls) <= 10
    assert repository.labels(mine) == {"experiment", "agent-generated"}
    for number, most in ((mine, 1), (foreign, 2)):
        hub.forget()
        assert settle(connect(), number, outside) == []
        assert (hub.writes, len(hub.calls)) == ([], most)


def test_a_custom_role_counts_for_what_it_may_do(
    connect: Connect, hub: Hub, repository: Repository, outside: Path
) -> None:
    """Who may triage under a name of the organisation's own is trusted, and a name alone is not."""
    number = repository.as_person("ann").issue("Experiment: tiles")
    for role, granted, is_trusted in (("helper", {"pull": True}, False), ("curator", {"triage": True}, True)):
        data = {"permission": "read", "role_name": role, "user": {"permissions": granted}}
        hub.fail(200, path="permission$", data=data)
        assert bool(settle(connect(), number, outside)) is is_trusted


def test_mode_check_reports_missing_labels_and_fails(
    connect: Connect, hub: Hub, repository: Repository, outside: Path
) -> None:
    """In mode `check` nothing is written, and the run fails with the labels that are missing."""
    number = repository.as_person("lab").issue("Experiment: tiles")
    outcome = labels(number, connect(), context(outside, {}, config=with_mode(Config(), "check")))
    assert (outcome.exit_code, outcome.is_check, outcome.notes) == (1, True, (f"#{number} lacks “experiment”",))
    assert hub.writes == []
    repository.label(number, "experiment")
    assert labels(number, connect(), context(outside, {}, config=with_mode(Config(), "check"))).exit_code == 0


def test_a_label_that_is_not_put_back_stays_off(
    connect: Connect, hub: Hub, repository: Repository, outside: Path
) -> None:
    """What the configuration lists is added at first contact, and stays off once somebody took it off."""
    number, github = repository.as_person("lab").issue("Experiment: tiles"), connect()
    config = Config(labels=Labels(not_put_back=("Experiment",)))
    apply(github, labels(number, github, context(outside, {}, config=config)).plan, Origin())
    assert repository.labels(number) == {"experiment"}
    repository.unlabel(number, "experiment")
    hub.forget()
    assert labels(number, github, context(outside, {}, config=config)).plan == ()
    assert hub.writes == []


@pytest.mark.parametrize("body", ["", "🤖" + "x" * 65_535, "`" * 65_536, "> " * 32_768, "\x00\u202e"])
def test_any_body_can_be_labelled(connect: Connect, repository: Repository, outside: Path, body: str) -> None:
    """An empty body, the longest one and a hostile one neither stop the labels nor reach the plan."""
    number = repository.as_person("lab").issue("Experiment: @all ::error::x\n--mode=check", body=body)
    wanted = "add “experiment” and “agent-generated”" if body.startswith("🤖") else "add “experiment”"
    assert settle(connect(), number, outside)[-1] == f"{wanted} to #{number}"


def shown(folder: Path, payload: dict[str, object]) -> dict[str, str]:
    """Return the environment of an event about an issue."""
    path = folder / "event.json"
    path.write_text(json.dumps(payload))
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "issues", "GITHUB_EVENT_PATH": str(path)}


def test_an_issue_that_is_deleted_before_its_event_is_no_failure(
    connect: Connect, hub: Hub, repository: Repository, outside: Path
) -> None:
    """Where the event's issue is gone there is nothing to do, and a sentence says so."""
    number = repository.as_person("lab").issue("Experiment: tiles")
    environment = shown(outside, repository.event(number))
    hub.fail(410, path=f"issues/{number}$", times=4)
    outcome = labels(number, connect(), context(outside, environment, config=Config()))
    assert (outcome.plan, outcome.exit_code) == ((), 0)
    assert outcome.notes == (f"#{number} was deleted or moved meanwhile, so there is nothing to do",)


def test_an_issue_that_is_deleted_while_it_is_read_is_no_failure(
    connect: Connect, hub: Hub, repository: Repository, outside: Path
) -> None:
    """The same goes for one that goes away between two reads."""
    number = repository.as_person("lab").issue("Experiment: tiles")
    environment = shown(outside, repository.event(number))
    hub.meanwhile(lambda: hub.fail(410, path=f"/issues/{number}(/|$)", times=9), path=f"/issues/{number}$")
    outcome = labels(number, connect(), context(outside, environment, config=Config()))
    assert (outcome.plan, outcome.exit_code) == ((), 0)
    assert outcome.notes == (f"#{number} was deleted or moved meanwhile, so there is nothing to do",)


def test_a_replayed_event_changes_nothing(connect: Connect, hub: Hub, repository: Repository, outside: Path) -> None:
    """What the payload showed is looked up again before anything is written: a run that is started again rests."""
    number = repository.as_person("lab").issue("Experiment: tiles")
    environment = shown(outside, repository.event(number))
    repository.label(number, "experiment")
    hub.forget()
    assert labels(number, connect(), context(outside, environment, config=Config())).plan == ()
    assert hub.calls[-1] == f"GET /repos/{repository.name}/issues/{number}"


def test_a_locked_issue_keeps_its_labels_and_gets_no_comment(
    connect: Connect, repository: Repository, outside: Path
) -> None:
    """Where the comment cannot be posted the user reads that the conversation is locked; labels still come back."""
    owner = repository.as_person("lab")
    number = owner.issue("Experiment: tiles")
    owner.lock(number)
    for _ in range(4):
        settle(connect(), number, outside)
        owner.unlabel(number, "experiment")
    github = connect()
    outcome = labels(number, github, context(outside, {}, config=Config()))
    done = apply(github, outcome.plan, Origin(), outcome.judged)
    assert (done.effects, done.exit_code) == ([], 0)
    assert done.notes == [f"could not comment on #{number}: the conversation is locked; unlock it, then run it again"]


def test_a_read_only_token_leaves_nothing_half_done(
    connect: Connect, hub: Hub, repository: Repository, outside: Path
) -> None:
    """The first write is refused, and the sentence names the permission that the job lacks."""
    number = repository.as_person("lab").issue("Experiment: tiles")
    with pytest.raises(DeniedError, match="the token lacks permission") as caught:
        settle(connect(hub.workflow_token(contents="read")), number, outside)
    assert "add `issues: write` or `pull-requests: write`" in caught.value.help
    assert (len(hub.writes), repository.labels(number)) == (1, set())


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
    view = view_of(github, context(outside, now=NOW))
    for step in all_labels(view, NOW):
        outcome = step.decide()
        apply(github, outcome.plan, Origin(), outcome.judged)
    assert [owner.labels(number) for number in (first, bug, second)] == [{"experiment"}, set(), {"experiment"}]
    assert [step.decide().plan for step in all_labels(view, NOW)] == [(), (), ()]


def test_a_number_that_names_nothing_is_refused(connect: Connect, outside: Path) -> None:
    """A number that names nothing is bad usage, and not an issue with nothing to do."""
    with pytest.raises(UserError, match="no issue or pull request #999 in"):
        labels(999, connect(), context(outside, {}, config=Config()))


@pytest.mark.parametrize(
    ("login", "text", "expected"),
    [
        ("lab", "🤖 Update: first run done.", {"experiment", "agent-generated"}),
        ("lab", "Done.\n\nCo-authored-by: Claude <noreply@anthropic.com>", {"experiment", "agent-generated"}),
        ("lab", "The 🤖 is at work.", {"experiment"}),
        ("wim", "🤖 Update: first run done.", {"experiment"}),
        ("lab", "> 🤖 Update: first run done.", {"experiment"}),
    ],
)
def test_an_agent_that_writes_below_its_own_issue_made_it(
    connect: Connect, repository: Repository, outside: Path, login: str, text: str, expected: set[str]
) -> None:
    """A comment by the issue's author that begins as an agent's do; nobody else's says anything of the issue."""
    owner = repository.as_person("lab")
    number = owner.issue("Experiment: sparse attention", "## Description\n\nx\n")
    repository.as_person(login).comment(number, text)
    settle(connect(), number, outside)
    assert owner.labels(number) == expected
