"""Claims about what a sweep plans: a dry run plans the same, and nothing of its own is held against a thread."""

import datetime as dt
import json
import re
from collections.abc import Mapping

import pytest
from click.testing import Result

from faults.scenarios import SCENARIOS, Trees, set_up
from faults.sweep import run as run_stage
from faults.wire import Wire
from hub.bench import BOT, Connect, Hub
from hub.closeout import FINAL_COMMENT, Thread
from research_logbook.cli import session
from research_logbook.effects import StepsResult
from research_logbook.github import Access
from research_logbook.github.client import GitHub
from research_logbook.github.models import IssueEvent
from research_logbook.github.transport import RetryBudget
from research_logbook.snapshots import FoundSnapshots
from research_logbook.sweep import EarlierParts, closings, was_locked
from test_sweep import run, snapshot


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no wait for GitHub take time."""

    def connected(access: Access) -> GitHub:
        return GitHub(access, RetryBudget(sleep=lambda _: None))

    monkeypatch.setattr(session, "GitHub", connected)


def undone(thread: Thread, *, by_agent: bool) -> None:
    """Close a thread that is complete but for what a sweep has to do: its last snapshot, or a label."""
    if by_agent:
        thread.write(thread.body.replace("## TL;DR", "🤖 Written by an agent.\n\n## TL;DR"))
        thread.project.comment(thread.number, FINAL_COMMENT)
    else:
        snapshot(thread)
        thread.write(thread.body.replace("SPA-AT-002", "SPA-AT-003"))
        thread.project.comment(thread.number, FINAL_COMMENT)
    thread.project.as_person(BOT).close(thread.number)


FAILURES: dict[str, dict[str, object]] = {
    "nothing": {"status": None},
    "cut": {"status": 0},
    "bad gateway": {"status": 502},
    "no JSON": {"status": 200, "data": b"<title>Maintenance</title>"},
    "cut in half": {"status": 200, "data": b'[{"id": 1'},
    "no permission": {"status": 403, "message": "Resource not accessible by integration"},
}


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    ("verb", "path", "by_agent", "failure"),
    [
        *(("POST", "/git/refs$", False, failure) for failure in FAILURES),
        *(("POST", "/issues/1/labels$", True, failure) for failure in FAILURES),
        ("POST", "/git/tags$", False, "bad gateway"),
        ("POST", "/comments$", False, "cut"),
        ("GET", "/issues/1/comments$", False, "cut in half"),
        ("GET", "/issues/1/comments$", False, "bad gateway"),
        ("POST", r"tiles-\d+/labels$", True, "bad gateway"),
        ("GET", "/issues/1/events$", True, "cut in half"),
        ("GET", "/pulls$", True, "bad gateway"),
    ],
)
def test_what_a_sweep_fails_to_do_reopens_nothing(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch, verb: str, path: str, by_agent: bool, failure: str
) -> None:
    """A complete thread whose tag or label the sweep cannot make stays closed, and the next sweep seals it."""
    undone(thread, by_agent=by_agent)
    hub.forget()
    hub.fail(verb=verb, path=path, times=50, **FAILURES[failure])
    done = run(hub, thread, monkeypatch, "--apply")
    hub.forget()
    assert f"reopened @{BOT}" not in thread.project.history(thread.number), done.output
    thread.work.git("fetch", "--quiet", "--tags", "origin")
    again = run(hub, thread, monkeypatch, "--apply")
    assert (again.exit_code, again.exception) == (0, None), again.output
    assert thread.project.state(thread.number) == "completed"
    assert "sealed" in thread.project.labels(thread.number)


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    """Make the git repositories once."""
    return Trees(tmp_path_factory.mktemp("trees"))


@pytest.mark.parametrize("name", [name for name, one in SCENARIOS.items() if one.command != "new"])
def test_a_dry_run_plans_what_a_run_does(hub: Hub, trees: Trees, name: str) -> None:
    """The effects, with every text of theirs, and what is said of them are the same, and the dry run writes nothing."""
    with set_up(name, hub, trees) as stage:
        asked = [*stage.arguments, "--format", "json"]
        stage.arguments = [*asked, "--dry-run"]
        dry = run_stage(stage, Wire(), 1)
        assert hub.writes == []
        stage.arguments = asked
        real = run_stage(stage, Wire(), 1)
    planned, done = (json.loads(ended.said[ended.said.index("{") :]) for ended in (dry, real))
    assert planned["effects"] == done["effects"] != []
    assert dry.said[: dry.said.index("{")] == real.said[: real.said.index("{")]


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
def test_a_dry_run_plans_what_a_whole_sweep_does(hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels of several issues, a snapshot, an issue without its label that was closed: all in one plan, twice."""
    project = thread.project
    undone(thread, by_agent=False)
    for index in range(3):
        project.issue(f"Experiment: number {index}")
    project.close(project.issue("Experiment: unlabelled"))
    project.close(project.as_person("other-app[bot]").issue("Experiment: an agent's"))
    project.close(project.as_person("ann").issue("Experiment: an outsider's"))
    project.lock(project.issue("Experiment: locked"))
    hub.forget()
    dry = effects_of(run(hub, thread, monkeypatch, "--apply", "--dry-run", "--format", "json"))
    assert hub.writes == []
    assert dry == effects_of(run(hub, thread, monkeypatch, "--apply", "--format", "json"))
    kinds = [effect["kind"] for effect in dry[1]]
    assert (kinds.count("create-tag"), kinds.count("reopen-issue")) == (1, 2)
    created = [effect["name"] for effect in dry[1] if effect["kind"] == "create-label"]
    assert len(created) == len(set(created))


def effects_of(done: Result) -> tuple[str, list[dict[str, object]]]:
    """Return what a sweep said, and its effects from its JSON."""
    said, _, plan = done.output.partition("{")
    return said, json.loads("{" + plan)["effects"]


def test_labels_that_are_only_checked_count_as_missing(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In mode `check` nobody puts them on: a closing without them is undone, in a dry run and in a run."""
    undone(thread, by_agent=True)
    asked = "--apply", "--mode", "check", "--format", "json"
    dry = effects_of(run(hub, thread, monkeypatch, *asked, "--dry-run"))
    assert "failed checks: labels" in dry[0]
    assert dry == effects_of(run(hub, thread, monkeypatch, *asked))
    assert thread.project.state(thread.number) == "open"


# How old a closing is


NOW = dt.datetime.now(dt.UTC)
MONTH = dt.timedelta(days=30)


def days_ago(days: float) -> str:
    """Return a moment as GitHub writes it."""
    return (NOW - dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def judged(thread: Thread, github: GitHub, *, closed: float, history: Mapping[str, float] | None = None) -> list[str]:
    """Return the closings that a sweep judges, where the issue was closed so many days ago, and changed just now."""
    hub, issue = thread.project.hub, thread.project.get_issue(thread.number)
    hub.forget()
    hub.fail(200, path="/issues$", data=[{**issue, "closed_at": days_ago(closed)}])
    told = [{"event": event, "created_at": days_ago(days), "actor": None} for event, days in (history or {}).items()]
    hub.fail(200, path="/events$", data=told)
    earlier = EarlierParts(FoundSnapshots(is_decided=True), StepsResult(), StepsResult())
    steps = closings(thread.view(github), NOW - MONTH, earlier, is_applied=True, force=False)
    return [step.name for step in steps]


def test_a_comment_on_an_old_closing_reopens_nothing(connect: Connect, thread: Thread) -> None:
    """What counts is when it was closed, whatever happened to it later."""
    thread.project.as_person("wim").close(thread.number)
    thread.project.comment(thread.number, "By the way, the paper is out.")
    assert judged(thread, connect(), closed=200) == []
    assert judged(thread, connect(), closed=31) == []
    assert judged(thread, connect(), closed=29) == [f"the closing of #{thread.number}"]


def test_what_was_locked_as_it_was_closed_is_judged_once_it_is_unlocked(connect: Connect, thread: Thread) -> None:
    """However long that took: nobody could judge it before."""
    thread.project.as_person("wim").close(thread.number)
    locked = {"closed": 200.0, "locked": 200.0}
    assert judged(thread, connect(), closed=200, history=locked) == []
    assert judged(thread, connect(), closed=200, history={**locked, "unlocked": 1}) == [
        f"the closing of #{thread.number}"
    ]


DAY = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("history", "is_due"),
    [
        ({0: "closed", 1: "locked", 40: "unlocked"}, True),
        ({0: "locked", 1: "closed", 40: "unlocked"}, True),
        ({0: "closed", 35: "locked", 40: "unlocked"}, False),  # a bot that locks what has been quiet for a month
        ({0: "closed", 1: "locked", 3: "unlocked"}, False),  # unlocked a month ago, and judged then
        ({0: "closed", 1: "locked"}, False),
        ({0: "locked", 1: "unlocked", 2: "closed"}, False),
        ({0: "closed", 1: "locked", 40: "unlocked", 41: "locked"}, False),
        ({0: "closed"}, False),
        ({}, False),
    ],
)
def test_a_lock_counts_where_it_kept_a_closing_from_being_judged(history: dict[int, str], is_due: bool) -> None:
    """It was there when the next sweep would have looked, and was taken off since then."""
    events = [IssueEvent(event, DAY + dt.timedelta(days=day)) for day, event in history.items()]
    assert was_locked(events, since=DAY + dt.timedelta(days=20)) == is_due


# The first day


@pytest.mark.slow
@pytest.mark.usefixtures("_quick")
def test_a_sweep_does_so_much_at_once_and_says_how_much_is_left(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a limit of two, five issues get their labels on three days; a dry run says the same."""
    numbers = [thread.project.issue(f"Experiment: {index}") for index in range(5)]
    for left in ("2 were done at once, and 3 more left", "2 were done at once, and 1 more left", ""):
        asked = "--apply", "--limit", "2", "--format", "json"
        dry = effects_of(run(hub, thread, monkeypatch, *asked, "--dry-run"))
        real = run(hub, thread, monkeypatch, *asked)
        assert dry == effects_of(real)
        assert (left in real.output, "more left" in real.output) == (True, bool(left))
    assert all(thread.project.labels(number) == {"experiment"} for number in numbers)


def test_a_sweep_leaves_alone_what_was_opened_before_the_guard_began(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issues from before `guard.since` get no label, and none of them is opened again."""
    thread.work.commit({".github/logbook.yml": "guard: {since: 2999-01-01}\n"})
    thread.work.git("push", "--quiet", "origin", "main")
    number = thread.project.issue("Experiment: from before")
    thread.project.as_person("wim").close(thread.number)
    hub.forget()
    assert run(hub, thread, monkeypatch, "--apply").output == "nothing to do\n"
    assert (hub.writes, thread.project.labels(number), thread.end[0]) == ([], set(), "completed")


# One that fails, and the others


def test_front_matter_that_a_yaml_library_chokes_on_stops_no_branch(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it raises, that file has no header, and every other branch is read."""
    odd = ["!!omap [a: 1, a: 2]", "!!timestamp x", "!!float 1e", "&a [*a]", "9" * 5_000, "2026-13-45"]
    for index, value in enumerate(odd):
        path = f".agents/logbooks/odd-{index}.md"
        thread.push(f"---\ntopic: {value}\n---\n# Odd\n\n## Entry Log\n", f"research/odd-{index}", path)
    thread.project.as_person("wim").close(thread.number)
    done = run(hub, thread, monkeypatch, "--apply")
    assert (done.exit_code, done.exception) == (0, None)
    assert thread.end[0] == "open"


@pytest.mark.parametrize("what", ["", "~1", ":", ":.agents/logbooks", ":.agents/logbooks/broken.md"])
def test_a_branch_whose_objects_are_gone_stops_no_other(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A clone that lacks what one branch holds: that is told, and the others get their snapshots and verdicts."""
    for text in ("# Broken\n", "# Broken\n\nAnd more.\n"):
        thread.push(text, "research/broken", ".agents/logbooks/broken.md")
    snapshot(thread)
    gone = thread.work.git("rev-parse", f"origin/research/broken{what}").strip()
    (thread.work.root / ".git/objects" / gone[:2] / gone[2:]).unlink()
    thread.project.as_person("wim").close(thread.number)
    done = run(hub, thread, monkeypatch, "--apply")
    assert thread.project.tags().keys() == {"snapshot/sparse-attention/SPA-AT-003"}, done.output
    assert thread.end[0] == "open"
    is_told = re.search(
        r"the branch research/broken cannot be read|skipped the snapshots of research/broken", done.output
    )
    assert (bool(is_told), done.exit_code) == ((False, 0) if what.endswith(".md") else (True, 3))


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("status", [301, 404, 410])
def test_an_issue_that_is_gone_or_is_a_discussion_now_is_one_note(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """It is listed still, and was deleted, transferred or converted: exit code 0, and the others are done."""
    project = thread.project
    open_one, closed_one, last = (project.issue(f"Experiment: {index}") for index in range(3))
    project.close(closed_one)
    hub.forget()
    for number in (open_one, closed_one):
        hub.fail(status, path=f"issues/{number}(/.*)?$", times=99, headers={"Location": f"{hub.url}/repositories/2"})
    done = run(hub, thread, monkeypatch, "--apply")
    assert (done.exit_code, done.exception) == (0, None), done.output
    for number in (open_one, closed_one):
        assert f"#{number} was deleted or moved meanwhile, so there is nothing to do" in done.output
    assert done.output.count("meanwhile") in {2, 3}  # a closed one is looked at for its labels and for its closing
    assert project.labels(last) == {"experiment"}


def test_two_issues_of_one_thread_are_told_of(hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people began it at once: the oldest is to be kept. One of another logbook is none of it."""
    project = thread.project
    first, second = (project.issue("Experiment: Tiles", "Logbook: `.agents/logbooks/tiles.md`") for _ in range(2))
    project.issue("Experiment: Tiles", "Logbook: `.agents/logbooks/others.md`")
    project.issue("Experiment: Other tiles", "Logbook: `.agents/logbooks/tiles.md`")
    said = run(hub, thread, monkeypatch).output
    assert f".agents/logbooks/tiles.md has 2 open issues: keep #{first}, and close #{second} as a duplicate" in said
    assert said.count("open issues") == 1
