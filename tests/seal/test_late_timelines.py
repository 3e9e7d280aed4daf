"""Claims about a closing that GitHub's timeline does not show yet: it is waited for, or judged by the event."""

from dataclasses import replace

import pytest

from hub.bench import BOT, Connect, Hub
from hub.closeout import FINAL_COMMENT, Thread
from research_logbook.effects import MarkSealed, ReopenIssue
from research_logbook.errors import UnfinishedError
from research_logbook.github.models import issue_in
from research_logbook.seal import SealView, guard, seal

NEVER = 1_000


def told(thread: Thread, view: SealView) -> SealView:
    """Return the view of the run that the closing started."""
    event = thread.project.event(thread.number, "closed")
    return replace(view, shown=issue_in(event["issue"]), closer="wim")


def closed(hub: Hub, thread: Thread, *, overridden: bool = False, reads: int = NEVER) -> None:
    """Close a thread on a GitHub whose timelines are late from then on."""
    if overridden:
        thread.project.as_person("mia").label(thread.number, "seal-override")
    hub.let_lag(reads, shows_issues=True)
    thread.project.as_person("wim").close(thread.number)


def test_a_closing_that_shows_later_is_waited_for(
    connect: Connect, hub: Hub, thread: Thread, waits: list[float]
) -> None:
    """The override that goes before it counts."""
    closed(hub, thread, overridden=True, reads=2)
    found = guard(thread.view(connect()), thread.number)
    assert "accepted" in found.outcome.summary
    assert (ReopenIssue(thread.number) in found.outcome.plan, waits) == (False, [1.0, 2.0])


@pytest.mark.parametrize("overridden", [False, True])
def test_a_closing_that_does_not_show_is_not_undone_by_a_sweep(
    connect: Connect, hub: Hub, thread: Thread, overridden: bool
) -> None:
    """Nobody knows who closed it, and what was before: exit code 3, and the issue stays as it is."""
    closed(hub, thread, overridden=overridden)
    with pytest.raises(UnfinishedError, match="does not show yet who closed #1"):
        guard(thread.view(connect()), thread.number)


def test_an_event_tells_who_closed_it(connect: Connect, hub: Hub, thread: Thread) -> None:
    """Where the timeline does not, the closing is judged by it."""
    closed(hub, thread)
    found = guard(told(thread, thread.view(connect())), thread.number)
    assert ReopenIssue(thread.number) in found.outcome.plan
    assert "Closed by `wim` before the record was complete, so it was reopened." in found.outcome.summary


def test_an_issue_that_is_shown_as_open_is_judged_as_the_event_shows_it(
    connect: Connect, hub: Hub, thread: Thread
) -> None:
    """A read that is older than the event says nothing of it."""
    connect().issue(thread.number)
    hub.let_lag(NEVER)
    thread.project.as_person("wim").close(thread.number)
    found = guard(told(thread, thread.view(connect())), thread.number)
    assert ReopenIssue(thread.number) in found.outcome.plan


def test_an_override_that_does_not_show_is_not_passed_over(connect: Connect, hub: Hub, thread: Thread) -> None:
    """The issue carries the label, and the timeline does not say who put it on: nothing is done."""
    hub.let_lag(NEVER, shows_issues=True)
    thread.project.as_person("mia").label(thread.number, "seal-override")
    thread.project.as_person("wim").close(thread.number)
    with pytest.raises(UnfinishedError, match="GitHub does not show yet"):
        guard(told(thread, thread.view(connect())), thread.number)


def test_a_final_comment_that_is_late_is_waited_for(
    connect: Connect, hub: Hub, thread: Thread, waits: list[float]
) -> None:
    """The issue counts a comment more than the timeline has: a complete thread is not refused."""
    thread.write(thread.body)
    hub.let_lag(seconds=2, clock=lambda: sum(waits), shows_issues=True)
    thread.project.comment(thread.number, FINAL_COMMENT)
    assert seal(thread.view(connect()), thread.number, "", "wim").sealed


@pytest.mark.parametrize(("reads", "seconds"), [(5, 0), (0, 8), (0, 20)])
def test_a_mark_that_the_timeline_does_not_show_yet_is_not_renewed(
    connect: Connect, hub: Hub, thread: Thread, waits: list[float], reads: int, seconds: float
) -> None:
    """The issue is closed and carries it, since a run just before: it is not taken off and put on again."""
    thread.complete()
    hub.let_lag(reads, seconds, clock=lambda: sum(waits), shows_issues=True)
    bot = thread.project.as_person(BOT)
    bot.close(thread.number)
    bot.label(thread.number, "sealed")
    done = seal(thread.view(connect()), thread.number, "", "wim")
    assert (done.sealed, done.outcome.plan, done.why) == (True, (), f"#{thread.number} is already sealed")
    assert sum(waits) <= 23


def test_the_mark_of_somebody_else_is_renewed_at_once(connect: Connect, thread: Thread, waits: list[float]) -> None:
    """The timeline shows who put it on, and it was not us."""
    thread.complete()
    thread.project.as_person(BOT).close(thread.number)
    thread.project.as_person("mia").label(thread.number, "sealed")
    assert MarkSealed(thread.number, again=True) in seal(thread.view(connect()), thread.number, "", "wim").outcome.plan
    assert waits == []


def test_a_timeline_that_fits_costs_no_wait(connect: Connect, thread: Thread, waits: list[float]) -> None:
    """Labels, comments, closings and reopenings, each as it is shown."""
    project = thread.project
    thread.complete()
    project.as_person("mia").label(thread.number, "seal-override")
    for _ in range(2):
        project.as_person("wim").close(thread.number)
        project.as_person("mia").reopen(thread.number)
    project.as_person("wim").close(thread.number)
    guard(thread.view(connect()), thread.number)
    assert waits == []
