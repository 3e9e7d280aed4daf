"""Claims about closings by others: what came too early is undone without a war, and all else is left alone."""

import datetime as dt
import re
from contextlib import suppress

import pytest

from hub.bench import BOT, Connect, Hub
from hub.closeout import ENTRY, FINAL_COMMENT, HEAD, Thread
from research_logbook.errors import NoIssueError, UnfinishedError

OPEN, CLOSED = "open", "completed"


@pytest.fixture
def closed(thread: Thread) -> Thread:
    """Let a person close a thread with nothing done about it."""
    thread.project.as_person("wim").close(thread.number)
    return thread


def test_an_early_closing_is_undone(connect: Connect, closed: Thread) -> None:
    """The issue is open again, with the report on what is missing; the run itself does not fail."""
    assert closed.guard(connect()) == 0
    assert closed.end[:3] == (OPEN, {"experiment"}, 1)
    assert "conclusion" in closed.failed
    assert "Closed by `wim` before the record was complete, so it was reopened." in closed.report


def test_closing_again_updates_the_comment(connect: Connect, closed: Thread) -> None:
    """The same person closing it again meets the same comment, brought up to date, not a second one."""
    github = connect()
    closed.guard(github)
    closed.write(closed.body)
    closed.project.as_person("wim").close(closed.number)
    assert closed.guard(github) == 0
    assert closed.end[:3] == (OPEN, {"experiment"}, 1)
    assert closed.failed == ["final-comment"]


def test_after_three_reopenings_a_maintainer_decides(connect: Connect, closed: Thread) -> None:
    """It stays closed, and the comment asks a maintainer to reopen it or to accept it as it is."""
    github, wim = connect(), closed.project.as_person("wim")
    for _ in range(3):
        closed.guard(github)
        assert closed.end[0] == OPEN
        wim.close(closed.number)
    assert closed.guard(github) == 0
    assert closed.end[:3] == (CLOSED, {"experiment"}, 1)
    assert "A maintainer decides:" in closed.report
    assert closed.project.history(closed.number).count(f"reopened @{BOT}") == 3


def test_a_complete_thread_that_a_person_closes_is_sealed(connect: Connect, closed: Thread) -> None:
    """Where all is there, the guard completes what the person began: the report and the mark."""
    closed.complete()
    assert closed.guard(connect()) == 0
    assert closed.end[:3] == (CLOSED, {"experiment", "sealed"}, 2)
    assert "Closed by `wim`; the record is complete." in closed.report


def test_a_sealed_issue_is_left_alone(connect: Connect, hub: Hub, thread: Thread) -> None:
    """What we closed ourselves needs no guard."""
    thread.complete()
    github = connect()
    thread.seal(github)
    hub.forget()
    assert thread.guard(github) == 0
    assert hub.writes == []


def test_closing_a_reopened_thread_is_judged_anew(connect: Connect, thread: Thread) -> None:
    """The seal of before the reopening does not cover what came after it."""
    thread.complete()
    github = connect()
    thread.seal(github)
    thread.project.reopen(thread.number)
    thread.push(thread.logbook(3))
    thread.project.close(thread.number)
    assert thread.guard(github) == 0
    assert thread.end[0] == OPEN


def test_a_bug_that_a_logbook_cites_is_left_alone(connect: Connect, hub: Hub, thread: Thread) -> None:
    """An issue that a logbook mentions in an entry, and its fix closes, is none of ours."""
    bug = thread.project.issue("Crash on start")
    thread.push(thread.logbook(2) + f"\nStopped by #{bug}.\n")
    thread.project.close(bug)
    hub.forget()
    assert Thread(thread.project, thread.work, bug).guard(connect()) == 0
    assert hub.writes == []


def test_an_issue_that_never_was_an_experiment_is_left_alone(connect: Connect, hub: Hub, thread: Thread) -> None:
    """An issue that a header names, and that never carried the label, is not opened again."""
    plain = thread.project.issue("Sparse attention")
    other = HEAD.format(number=plain) + ENTRY.format(index=1, day=25)
    thread.push(other, "research/other", ".agents/logbooks/other.md")
    thread.project.close(plain)
    hub.forget()
    assert Thread(thread.project, thread.work, plain).guard(connect()) == 0
    assert hub.writes == []


def test_taking_the_label_off_first_does_not_help(connect: Connect, thread: Thread) -> None:
    """A thread that carried the label before it was closed, and that its logbook names, is judged."""
    thread.project.label(thread.number, "experiment")
    thread.project.unlabel(thread.number, "experiment")
    thread.project.label(thread.number, "experiment")
    thread.project.unlabel(thread.number, "experiment")
    thread.project.close(thread.number)
    assert thread.guard(connect()) == 0
    assert thread.end[0] == OPEN


def test_a_duplicate_may_be_closed(connect: Connect, hub: Hub, thread: Thread) -> None:
    """Nothing is asked of a duplicate."""
    thread.project.close(thread.number, "duplicate")
    hub.forget()
    assert thread.guard(connect()) == 0
    assert hub.writes == []


def test_not_planned_with_results_is_judged(connect: Connect, thread: Thread) -> None:
    """A thread with results is not given up without a word; a comment after its end that says why is one."""
    github = connect()
    thread.project.close(thread.number, "not_planned")
    assert thread.guard(github) == 0
    assert thread.end[0] == OPEN
    thread.project.comment(thread.number, "ok")
    thread.project.close(thread.number, "not_planned")
    assert thread.guard(github) == 0
    assert thread.end[0] == OPEN
    thread.project.comment(thread.number, "We stop here because the cluster is gone.")
    thread.project.close(thread.number, "not_planned")
    assert thread.guard(github) == 0
    assert thread.end[0] == "not_planned"


def test_not_planned_with_two_logbooks_is_judged(connect: Connect, thread: Thread) -> None:
    """That it is not clear which logbook is meant does not make a thread one without results."""
    thread.push(thread.logbook(1), "research/copy", ".agents/logbooks/copy.md")
    thread.project.close(thread.number, "not_planned")
    assert thread.guard(connect()) == 0
    assert thread.end[0] == OPEN


def test_not_planned_without_results_may_be_closed(connect: Connect, hub: Hub, thread: Thread) -> None:
    """A thread that found nothing yet can be given up."""
    thread.push(
        HEAD.format(number=thread.number) + ENTRY.format(index=1, day=25).replace("loss 2.225", "pending, loss")
    )
    thread.project.close(thread.number, "not_planned")
    hub.forget()
    assert thread.guard(connect()) == 0
    assert hub.writes == []


@pytest.mark.parametrize(("login", "counts"), [("mia", True), ("lab", True), ("wim", False)])
def test_an_override_counts_from_maintainers(connect: Connect, thread: Thread, login: str, counts: bool) -> None:
    """A label by a maintainer or an administrator lets the next closing pass, and the comment records it."""
    thread.project.as_person(login).label(thread.number, "seal-override")
    thread.project.as_person("wim").close(thread.number)
    assert thread.guard(connect()) == 0
    assert (thread.end[0] == CLOSED) is counts
    said = f"which `{login}` accepted with" if counts else "counts only if a maintainer or admin adds it"
    assert said in thread.report
    assert "sealed" not in thread.end[1]


def test_an_override_is_used_up(connect: Connect, thread: Thread) -> None:
    """The closing after the next one is judged again; and the guard that runs twice on one says the same."""
    github = connect()
    thread.project.as_person("mia").label(thread.number, "seal-override")
    thread.project.close(thread.number)
    assert [thread.guard(github), thread.guard(github)] == [0, 0]
    assert thread.end[0] == CLOSED
    thread.project.reopen(thread.number)
    thread.project.close(thread.number)
    assert thread.guard(github) == 0
    assert thread.end[0] == OPEN


def test_an_override_that_was_taken_back_does_not_count(connect: Connect, thread: Thread) -> None:
    """A label that was taken off before the closing is no word of a maintainer."""
    mia = thread.project.as_person("mia")
    mia.label(thread.number, "seal-override")
    mia.unlabel(thread.number, "seal-override")
    thread.project.close(thread.number)
    assert thread.guard(connect()) == 0
    assert thread.end[0] == OPEN


@pytest.mark.parametrize(
    ("mode", "end"),
    [
        ("reopen", "Once all of it is there, close the issue again: its record is then checked anew."),
        ("comment", "Once all of it is there, run the seal again."),
    ],
)
def test_a_report_ends_with_what_is_to_be_done(connect: Connect, closed: Thread, mode: str, end: str) -> None:
    """Whoever closed an issue that is open again closes it again; where it stays closed, the seal is run."""
    if mode == "comment":
        closed.work.write(".github/logbook.yml", "guard: {mode: comment}\n")
    closed.guard(connect())
    assert closed.report.rstrip().endswith(end)


def test_an_accepted_closing_asks_for_nothing(connect: Connect, thread: Thread) -> None:
    """The report of an override says what the record lacks, and neither “not closed out” nor what to do next."""
    thread.project.as_person("lab").label(thread.number, "seal-override")
    thread.project.as_person("wim").close(thread.number)
    thread.guard(connect())
    assert thread.report.startswith("### ⚠️ Closed with an incomplete record: ")
    assert "Nothing has to be done." in thread.report
    assert not re.search("Not closed out|Once all of it|--draft", thread.report)


def test_the_configuration_may_only_comment(connect: Connect, closed: Thread) -> None:
    """In mode `comment` the report is all that happens."""
    closed.work.write(".github/logbook.yml", "guard: {mode: comment}\n")
    assert closed.guard(connect()) == 0
    assert closed.end[:3] == (CLOSED, {"experiment"}, 1)


def test_old_issues_are_exempt(connect: Connect, hub: Hub, closed: Thread) -> None:
    """Issues that were opened before `guard.since` are left alone."""
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    closed.work.write(".github/logbook.yml", f"guard: {{since: '{tomorrow}'}}\n")
    hub.forget()
    assert closed.guard(connect()) == 0
    assert hub.writes == []


def test_an_issue_that_is_open_again_is_left_alone(connect: Connect, hub: Hub, closed: Thread) -> None:
    """A person who was faster than the guard has settled it."""
    closed.project.reopen(closed.number)
    hub.forget()
    assert closed.guard(connect()) == 0
    assert hub.writes == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", range(10))
def test_a_guard_that_breaks_off_is_completed(
    connect: Connect, hub: Hub, closed: Thread, call: int, after: bool
) -> None:
    """Whatever call is the last one, the next run ends with one report and one reopening."""
    hub.forget()
    hub.meanwhile(lambda: None, times=call)
    hub.fail(502, times=1, after=after)
    hub.fail(403, times=1_000)
    with suppress(UnfinishedError):
        closed.guard(connect())
    hub.forget()
    state, _, comments, _ = closed.end
    assert state == CLOSED or comments == 1
    assert closed.guard(connect()) == 0
    assert closed.end[:3] == (OPEN, {"experiment"}, 1)
    assert closed.project.history(closed.number).count(f"reopened @{BOT}") == 1


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_issue_that_is_locked_or_deleted_while_it_is_judged_is_no_failure(
    connect: Connect, hub: Hub, closed: Thread, verb: str
) -> None:
    """What can no longer be answered is left as it is: nothing that another run would mend."""
    if verb == "GET":
        hub.meanwhile(lambda: hub.fail(410, path="/issues/1(/|$)", times=99), path="/issues/1$")
        with pytest.raises(NoIssueError, match="no issue #1"):
            closed.guard(connect())
    else:
        hub.meanwhile(lambda: closed.project.lock(closed.number), verb="POST", path="/comments$")
        assert closed.guard(connect()) == 0
    assert closed.end[:3] == (CLOSED, {"experiment"}, 0)


def test_a_guard_of_a_bug_costs_few_calls(connect: Connect, hub: Hub, thread: Thread) -> None:
    """Every closed issue starts the workflow: for one that is none of ours it reads it and its past, and no more."""
    bug = thread.project.issue("Crash on start")
    thread.project.close(bug)
    hub.forget()
    Thread(thread.project, thread.work, bug).guard(connect())
    assert len(hub.calls) <= 2


def test_a_comment_of_somebody_else_is_not_ours(connect: Connect, closed: Thread) -> None:
    """A comment by a person that looks like our report is neither changed nor counted as one."""
    closed.project.comment(closed.number, f"<!-- logbook:seal:{closed.number} run=1.1 -->\n{FINAL_COMMENT}")
    assert closed.guard(connect()) == 0
    assert [author for author, _ in closed.project.comments(closed.number)] == ["lab", BOT]
