"""Claims about the sweep: it finds closings that raised no event, and one part that fails stops no other."""

import datetime as dt
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.bench import BOT, Hub
from hub.closeout import BRANCH, PATH, Thread
from repository import Repository as Work
from research_logbook.cli.publish import sweep_command
from research_logbook.errors import RefusedError, UnfinishedError


def run(hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch, *options: str, **variables: str) -> Result:
    """Run the sweep in the clone, as a scheduled job with what the template grants."""
    monkeypatch.chdir(thread.work.root)
    environment = {
        "GITHUB_API_URL": hub.url,
        "GITHUB_REPOSITORY": thread.project.name,
        "GITHUB_TOKEN": hub.workflow_token(contents="write", issues="write", pull_requests="write"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_EVENT_PATH": str(event(thread.work.root.parent)),
        "GITHUB_REF_NAME": "main",
    }
    return CliRunner().invoke(sweep_command, options, env=environment | variables, standalone_mode=False)


def event(folder: Path) -> Path:
    """Write the payload of a schedule, which names no repository."""
    path = folder / "event.json"
    path.write_text('{"schedule": "23 4 * * *"}')
    return path


def unfinished(done: Result) -> str:
    """Return with what words a sweep ended that could not do all, whose exit code is 3."""
    if isinstance(done.exception, UnfinishedError):
        return f"{done.output}{done.exception.message}\n{done.exception.help}"
    assert done.exit_code == 3, done
    return done.output


@pytest.fixture
def closed(thread: Thread) -> Thread:
    """Let a workflow's token close a thread: no event tells of it."""
    thread.project.as_person(BOT).close(thread.number)
    return thread


def test_an_early_closing_is_only_listed_by_default(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--apply` nothing is written."""
    hub.forget()
    done = run(hub, closed, monkeypatch)
    assert done.exception is None
    assert f"#{closed.number} was closed before its record was complete; failed checks: tldr-current" in done.output
    assert hub.writes == []


def test_an_early_closing_is_undone_with_apply(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--apply` the issue is open again, with its report; a second sweep finds nothing to do."""
    assert run(hub, closed, monkeypatch, "--apply").exception is None
    assert closed.end[:3] == ("open", {"experiment"}, 1)
    hub.forget()
    assert run(hub, closed, monkeypatch, "--apply").output == "nothing to do\n"
    assert hub.writes == []


@pytest.mark.slow
def test_reopening_many_issues_needs_force(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than five take `--force`; without it none is touched, and all are named."""
    more = [closed.project.issue(f"Experiment: {index}", labels=["experiment"]) for index in range(5)]
    for number in more:
        closed.project.close(number)
    hub.forget()
    refused = run(hub, closed, monkeypatch, "--apply")
    assert isinstance(refused.exception, RefusedError)
    assert (refused.exception.exit_code, hub.writes) == (4, [])
    assert all(f"#{number}" in str(refused.exception) for number in more)
    assert run(hub, closed, monkeypatch, "--apply", "--force").exception is None
    assert {closed.project.state(number) for number in (closed.number, *more)} == {"open"}


def test_a_closing_after_a_force_push_is_undone(hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a force push took away keeps an issue from being closed, and what could not be asked is noted."""
    thread.server.set_clock(dt.datetime(2026, 5, 27, 9, tzinfo=dt.UTC))
    thread.push(thread.logbook(3))
    thread.server.set_clock(dt.datetime(2026, 5, 27, 12, tzinfo=dt.UTC))
    thread.work.git("push", "--quiet", "--force", "origin", f"origin/{BRANCH}~1:refs/heads/{BRANCH}")
    thread.work.git("fetch", "--quiet", "origin")
    thread.complete()
    thread.project.as_person("wim").close(thread.number)
    assert f"#{thread.number} was closed before its record" in run(hub, thread, monkeypatch).output
    hub.fail(404, path="/activity$", times=2)
    done = run(hub, thread, monkeypatch, "--apply")
    assert f"#{thread.number}: not checked: force pushes of {BRANCH}" in done.output
    assert thread.project.state(thread.number) == "completed"


def test_an_interrupted_seal_is_completed(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """A complete thread that is closed without the mark gets it, and its report."""
    closed.complete()
    assert run(hub, closed, monkeypatch, "--apply").exception is None
    assert closed.end[:3] == ("completed", {"experiment", "agent-generated", "sealed"}, 2)


@pytest.mark.parametrize("is_complete", [False, True])
def test_closings_that_are_only_listed_are_not_told_as_done(
    hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch, *, is_complete: bool
) -> None:
    """Without `--apply` the log and the job summary say what it would do, and neither “reopened” nor “closed out”."""
    if is_complete:
        closed.complete()
    summary = closed.work.root.parent / "summary.md"
    done = run(hub, closed, monkeypatch, GITHUB_STEP_SUMMARY=str(summary))
    assert closed.end[0] == "completed"
    number = closed.number
    then = "mark #{} as sealed" if is_complete else "reopen #{}"
    assert f"with --apply, would comment on #{number} about its closing\n" in done.output
    assert f"with --apply, would {then.format(number)}\n" in done.output
    said = summary.read_text()
    _, _, listed = said.partition("\n\nOnly listed, to be done with `--apply`:\n\n")
    assert "- Would comment on [" in listed
    assert not re.search(r"reopened|🔒|was sealed", said)


def test_an_edit_after_the_seal_is_noted(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The conclusion of a sealed issue was edited: the sweep says so, and writes nothing."""
    closed.complete()
    run(hub, closed, monkeypatch, "--apply")
    closed.write(closed.body.replace("Use block sparsity", "Do not use block sparsity"))
    hub.forget()
    done = run(hub, closed, monkeypatch, "--apply")
    assert f"#{closed.number} was edited after it was sealed" in done.output
    assert (done.exception, hub.writes) == (None, [])


def test_other_issues_cost_nothing(hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed bugs are not looked into."""
    for index in range(3):
        thread.project.close(thread.project.issue(f"Crash {index}"))
    hub.forget()
    run(hub, thread, monkeypatch, "--apply")
    assert not [call for call in hub.calls if "timeline" in call]


def test_old_closings_are_left_alone(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what changed since the given day is looked at."""
    assert run(hub, closed, monkeypatch, "--apply", "--since", "2999-01-01").output == "nothing to do\n"
    assert closed.end[0] == "completed"


@pytest.mark.slow
def test_a_closing_is_judged_by_the_labels_of_the_opening(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent's experiment that was opened and closed with no event gets its labels, and is opened again."""
    project = thread.project
    number = project.as_person("other-app[bot]").issue("Experiment: unheard of")
    outside = project.as_person("ann").issue("Experiment: an outsider's")
    for one in (number, outside):
        project.close(one)
    assert run(hub, thread, monkeypatch, "--apply").exception is None
    assert (project.state(number), project.labels(number)) == ("open", {"experiment", "agent-generated"})
    assert (project.state(outside), project.labels(outside)) == ("completed", set())


@pytest.mark.slow
def test_a_locked_conversation_stops_no_other(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note and the job summary say what it lacks, every day the same; the next closing is undone all the same.

    Once it is unlocked it is judged as well.
    """
    other = closed.project.issue("Experiment: other", labels=["experiment"])
    closed.project.close(other)
    closed.project.lock(closed.number)
    page = closed.work.root.parent / "summary.md"
    for _ in range(2):
        page.unlink(missing_ok=True)
        done = run(hub, closed, monkeypatch, "--apply", GITHUB_STEP_SUMMARY=str(page))
        assert (done.exit_code, done.exception) == (0, None)
        assert done.output.count("Its conversation is locked, so nothing is done: unlock it") == 1
        assert "The conversation is locked, so nothing is done until somebody unlocks it." in page.read_text()
        assert "`final-snapshot`" in page.read_text()
    assert (closed.project.state(other), len(closed.project.comments(other))) == ("open", 1)
    assert closed.end[:3] == ("completed", {"experiment"}, 0)
    closed.project.unlock(closed.number)
    assert run(hub, closed, monkeypatch, "--apply").exit_code == 0
    assert closed.end[:3] == ("open", {"experiment"}, 1)


def test_a_shallow_clone_labels_and_judges_nothing(
    hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It shows neither snapshots nor closings, and a note says so; labels are still given."""
    plain = closed.project.issue("Experiment: plain")
    closed.complete()
    shallow = Work(tmp_path / "shallow")
    shallow.git("remote", "add", "origin", (tmp_path / "origin").as_uri())
    shallow.git("fetch", "--quiet", "--depth=1", "origin", "+main:refs/remotes/origin/main")
    shallow.git("checkout", "--quiet", "-B", "main", "origin/main")
    closed.work = shallow
    said = unfinished(run(hub, closed, monkeypatch, "--apply"))
    assert "the clone is shallow, so it is not known which commits are the branch's own" in said
    assert f"the clone is shallow, so whether #{closed.number} was closed too early cannot be judged" in said
    assert said.count("fetch-depth: 0") == 2
    assert closed.project.labels(plain) == {"experiment"}
    assert closed.end[:2] == ("completed", {"experiment", "agent-generated"})


def test_outside_of_a_clone_no_closing_is_undone(
    hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the logbook is not at hand, nothing is known of what is missing in it."""
    (tmp_path / "outside").mkdir()
    closed.work.root = tmp_path / "outside"
    assert "this is not a clone of the repository" in unfinished(run(hub, closed, monkeypatch, "--apply"))
    assert closed.end[0] == "completed"


def snapshot(thread: Thread) -> None:
    """Push a snapshot commit that nobody has tagged."""
    thread.work.git("checkout", "--quiet", BRANCH)
    thread.work.commit({PATH: thread.logbook(3)}, "Measure\n\nSnapshot: SPA-AT-003")
    thread.work.git("push", "--quiet", "origin", BRANCH)
    thread.work.git("checkout", "--quiet", "-")


@pytest.mark.slow
def test_a_permission_that_is_missing_stops_its_own_part(
    hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without `contents: write` no tag is made; the rest is done, and exit code 3 says what lacks."""
    snapshot(closed)
    plain = closed.project.issue("Experiment: plain")
    token = hub.workflow_token(contents="read", issues="write", pull_requests="write")
    said = unfinished(run(hub, closed, monkeypatch, "--apply", GITHUB_TOKEN=token))
    assert "the token lacks permission" in said
    assert "add `contents: write`" in said
    assert closed.project.tags() == {}
    assert closed.project.labels(plain) == {"experiment"}
    assert closed.end[0] == "open"


@pytest.mark.slow
def test_labels_that_are_denied_stop_no_closing(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first label that is denied ends the labels, and says after which number to go on; closings are undone."""
    first, second = (closed.project.issue(f"Experiment: {index}") for index in range(2))
    hub.forget()
    hub.fail(403, verb="POST", path=f"issues/{second}/labels", message="Resource not accessible by integration")
    said = unfinished(run(hub, closed, monkeypatch, "--apply"))
    assert f"everything before #{second} is done; resume with --after {first}" in said
    assert closed.end[0] == "open"
    assert run(hub, closed, monkeypatch, "--apply", "--after", str(first)).exception is None
    assert [closed.project.labels(number) for number in (first, second)] == [{"experiment"}] * 2


def test_a_rate_limit_ends_the_sweep(hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rate limit is reached no more calls are made: nothing else is begun, and it is said when to go on."""
    number = closed.project.issue("Experiment: plain")
    hub.forget()
    hub.fail(429, verb="POST", path=f"issues/{number}/labels", headers={"retry-after": "3600"})
    said = unfinished(run(hub, closed, monkeypatch, "--apply"))
    assert "GitHub rate limit reached; it resets at" in said
    assert f"resume with --after {number - 1}" in said
    assert hub.calls[-1] == f"POST /repos/{closed.project.name}/issues/{number}/labels"
    assert closed.end[0] == "completed"


@pytest.mark.slow
def test_the_default_branch_may_have_any_name(
    hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A schedule says it with the branch that it runs on: its configuration counts, here that nothing is reopened."""
    origin = Work(tmp_path / "origin")
    origin.git("branch", "--move", "main", "trunk")
    origin.commit({".github/logbook.yml": "guard: {mode: comment}\n"})
    closed.work.git("remote", "set-head", "origin", "--delete")
    closed.work.git("fetch", "--quiet", "--prune", "origin")
    closed.work.git("checkout", "--quiet", "trunk")
    snapshot(closed)
    done = run(hub, closed, monkeypatch, "--apply", GITHUB_REF_NAME="trunk")
    assert done.exception is None, done.output
    assert closed.project.tags().keys() == {"snapshot/sparse-attention/SPA-AT-003"}
    assert closed.end[0] == "completed"
    assert "before the record was complete." in closed.report


def test_a_sweep_with_nothing_to_do_costs_few_calls(hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """With thirty open issues, five of them experiments with nothing to do, it makes four calls, all of them lists."""
    for index in range(4):
        thread.project.issue(f"Experiment: {index}", labels=["experiment"])
    for index in range(25):
        thread.project.issue(f"Crash {index}")
    hub.forget()
    assert run(hub, thread, monkeypatch, "--apply").output == "nothing to do\n"
    place = f"GET /repos/{thread.project.name}"
    assert sorted(hub.calls) == [*[f"{place}/issues"] * 3, f"{place}/pulls"]


def test_a_repository_that_becomes_hidden_is_no_success(
    hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all answers are 404 from some call on, nothing was deleted and nothing is done: exit code 3."""
    hub.forget()
    hub.meanwhile(lambda: hub.fail(404, times=999), path=f"/issues/{closed.number}$")
    assert "could not find" in unfinished(run(hub, closed, monkeypatch, "--apply"))
    hub.forget()
    assert closed.end[:3] == ("completed", {"experiment"}, 0)


def test_a_closing_that_cannot_be_judged_stops_no_other(
    hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose past GitHub does not tell is skipped, and one that was deleted meanwhile is a note."""
    gone, other = (closed.project.issue(f"Experiment: {index}", labels=["experiment"]) for index in range(2))
    for number in (gone, other):
        closed.project.close(number)
    hub.forget()
    hub.fail(422, path=f"issues/{closed.number}/timeline")
    hub.fail(410, path=f"issues/{gone}$", times=9)
    said = unfinished(run(hub, closed, monkeypatch, "--apply"))
    assert f"skipped the closing of #{closed.number}: could not read the timeline" in said
    assert f"#{gone} was deleted or moved meanwhile, so there is nothing to do" in said
    hub.forget()
    assert [closed.project.state(number) for number in (closed.number, gone, other)] == ["completed"] * 2 + ["open"]


@pytest.mark.parametrize("deed", ["comments", "empties the text", "reopens it", "deletes it"])
def test_a_closing_that_somebody_changes_meanwhile_is_judged_again(
    hub: Hub, closed: Thread, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    """What is so by then is answered in the same sweep, and no job fails because somebody was there at that time."""
    deeds = {
        "comments": lambda: closed.project.as_person("wim").comment(closed.number, "Closed too early?"),
        "empties the text": lambda: closed.write("We look at tiles."),
        "reopens it": lambda: closed.project.as_person("mia").reopen(closed.number),
        "deletes it": lambda: hub.fail(410, path=f"/issues/{closed.number}$", times=99),
    }
    hub.forget()
    hub.meanwhile(deeds[deed], path=f"/issues/{closed.number}/comments$")
    done = run(hub, closed, monkeypatch, "--apply")
    assert (done.exception, done.exit_code) == (None, 0)
    hub.forget()
    state, _, comments, report = closed.end
    if deed == "deletes it":
        assert (state, comments) == ("completed", 0)
        assert f"#{closed.number} was deleted or moved meanwhile, so there is nothing to do" in done.output
    else:
        assert state == "open"
        assert bool(report) == (deed != "reopens it")


def test_labels_of_an_issue_that_somebody_changes_meanwhile_are_judged_again(
    hub: Hub, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets its label in the same sweep, and no job fails for that."""
    number = thread.project.as_person("mia").issue("Experiment: dense tiles")
    hub.forget()
    hub.meanwhile(lambda: thread.project.as_person("wim").comment(number, "Nice."), path=f"/issues/{number}/events$")
    done = run(hub, thread, monkeypatch)
    assert (done.exception, done.exit_code) == (None, 0)
    hub.forget()
    assert thread.project.labels(number) == {"experiment"}
