"""Claims about carrying a plan out: nothing outdated, nothing private and nothing half is written."""

import datetime as dt
from collections.abc import Callable

import pytest

from effects.test_publish_guard import SECRET, VALUE
from hub.bench import Connect, Hub, Repository
from research_logbook.effects import AddLabels, CloseIssue, CreateLabel, MarkSealed, ReopenIssue, UpsertComment, as_plan
from research_logbook.effects.apply import apply
from research_logbook.effects.sticky_comments import Origin
from research_logbook.errors import RefusedError
from research_logbook.github.client import GitHub
from research_logbook.github.transport import MissingError


def plan_for(number: int, body: str = "the report") -> tuple[CreateLabel | AddLabels | UpsertComment, ...]:
    """Return a plan with an effect of each kind."""
    label = CreateLabel("experiment", "5319e7", "A thread")
    return as_plan((label, AddLabels(number, ("experiment",)), UpsertComment(number, "seal", str(number), body)))


def seen(github: GitHub, number: int) -> dict[int, dt.datetime]:
    """Return when an issue last changed, as it is judged."""
    issue = github.issue(number)
    assert issue
    return {number: issue.updated_at}


def read(hub: Hub, repository: Repository, number: int) -> int:
    """Return how often the issue itself was read."""
    return hub.calls.count(f"GET /repos/{repository.name}/issues/{number}")


def test_our_own_writes_do_not_make_a_plan_stale(connect: Connect, hub: Hub, repository: Repository) -> None:
    """What the plan itself changes does not stop it; each write is preceded by a read."""
    number, github = repository.issue(), connect()
    judged = seen(github, number)
    hub.forget()
    plan = as_plan([*plan_for(number), CloseIssue(number), MarkSealed(number)])
    done = apply(github, plan, Origin(), judged)
    assert (done.is_stale, done.effects, len(repository.comments(number))) == (False, list(plan), 1)
    assert read(hub, repository, number) == len(plan) + 1  # and whether all is still so


PEOPLE: dict[str, Callable[[Repository, int], object]] = {
    "empty the text": lambda project, number: project.change(number, body=""),
    "rename it": lambda project, number: project.change(number, title="Experiment: another"),
    "label it": lambda project, number: project.label(number, "invalid"),
    "comment": lambda project, number: project.comment(number, "Wait, the last figure is wrong."),
    "delete a comment": lambda project, number: project.delete_comment(project.comment_ids(number)[0]),
}


@pytest.mark.parametrize(
    ("deed", "call"),
    [
        *((deed, call) for deed in PEOPLE for call in ("POST comments", "GET comments", "PATCH", "POST labels")),
        ("reopen it", "POST labels"),
    ],
)
def test_what_people_do_between_two_writes_stops_the_rest(
    connect: Connect, hub: Hub, repository: Repository, deed: str, call: str
) -> None:
    """Whatever they change after the first write, just before a call or by it, nothing is sealed because of before."""
    mia, number = repository.as_person("mia"), repository.issue("Experiment: tiles", "The summary.")
    repository.comment(number, "The final words.")
    github = connect()
    plan = as_plan([UpsertComment(number, "seal", "1", "the report"), CloseIssue(number), MarkSealed(number)])
    judged = seen(github, number)
    verb, _, path = call.partition(" ")
    does = PEOPLE.get(deed, lambda project, number: project.reopen(number))
    hub.meanwhile(lambda: does(mia, number), verb=verb, path=f"{path}$")
    done = apply(github, plan, Origin(), judged)
    assert (done.is_stale, "sealed" in repository.labels(number)) == (True, False)


@pytest.mark.parametrize("call", ["PATCH", "POST labels"])
def test_a_report_that_is_deleted_is_posted_again(
    connect: Connect, hub: Hub, repository: Repository, call: str
) -> None:
    """No issue stays closed without its report, whenever it was deleted."""
    number, github = repository.issue("Experiment: tiles"), connect()
    plan = as_plan([UpsertComment(number, "seal", "1", "the report"), CloseIssue(number), MarkSealed(number)])
    verb, _, path = call.partition(" ")

    def deleted() -> None:
        repository.delete_comment(repository.comment_ids(number)[0])

    hub.meanwhile(deleted, verb=verb, path=f"{path}$")
    done = apply(github, plan, Origin(), seen(github, number))
    if done.is_stale:
        done = apply(github, plan, Origin(), seen(github, number))
    assert (done.is_stale, len(repository.comments(number))) == (False, 1)
    assert (repository.state(number), repository.labels(number)) == ("completed", {"sealed"})


def test_a_plan_for_an_issue_that_changed_is_not_applied(connect: Connect, hub: Hub, repository: Repository) -> None:
    """When the issue changed since it was judged nothing of the plan is done, and a sentence says so."""
    number, github = repository.issue(), connect()
    judged = seen(github, number)
    repository.change(number, title="Experiment: something else")
    hub.forget()
    done = apply(github, plan_for(number), Origin(), judged)
    assert (hub.writes, done.is_stale) == ([], True)
    assert done.notes == ["not done, because the issue has changed since it was read: create the label “experiment”"]


def test_a_stale_comment_is_not_posted(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A plan of one comment is not posted when the issue is newer, or gone."""
    number, github = repository.issue(), connect()
    judged, plan = seen(github, number), (UpsertComment(number, "seal", str(number), "the report"),)
    hub.fail(410, path=f"issues/{number}$", times=2)
    assert apply(github, plan, Origin(), judged).is_stale
    assert repository.comments(number) == []


def test_nothing_is_read_again_without_a_write(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A comment that says so already costs one call, whatever was judged."""
    number, github = repository.issue(), connect()
    plan = (UpsertComment(number, "seal", str(number), "the report"),)
    apply(github, plan, Origin())
    judged = seen(github, number)
    hub.forget()
    assert not apply(github, plan, Origin(), judged).is_stale
    assert hub.calls == [f"GET /repos/{repository.name}/issues/{number}/comments"]


@pytest.mark.parametrize(("body", "held_back"), [(f"Ran with {SECRET}.", ()), ("For Orchid.", ("Orchid",))])
def test_private_text_stops_a_plan_before_its_first_write(
    connect: Connect, hub: Hub, repository: Repository, body: str, held_back: tuple[str, ...]
) -> None:
    """Exit code 4, no call at all, and the text is not repeated: the label before the comment is not added either."""
    number = repository.issue()
    with pytest.raises(RefusedError, match="nothing was written: comment on") as caught:
        apply(connect(), plan_for(number, body), Origin(), held_back=held_back)
    assert (hub.calls, caught.value.exit_code) == ([], 4)
    assert not {VALUE, "Orchid"} & set(caught.value.message.split())


def test_a_dry_run_checks_the_publish_guard_too(connect: Connect, hub: Hub, repository: Repository) -> None:
    """What would not be posted is not printed either; what would be costs no call."""
    number = repository.issue()
    with pytest.raises(RefusedError):
        apply(connect(), plan_for(number, SECRET), Origin(), is_dry=True)
    assert apply(connect(), plan_for(number), Origin(), is_dry=True).comments == []
    assert hub.calls == []


def test_nothing_is_closed_reopened_or_marked_without_its_report(
    connect: Connect, hub: Hub, repository: Repository
) -> None:
    """Where the conversation is locked nobody could read why: the issue stays as it is, and another is done."""
    locked, other = repository.issue(), repository.issue()
    repository.lock(locked)
    hub.forget()
    plan = as_plan(
        effect
        for number in (locked, other)
        for effect in (UpsertComment(number, "seal", "1", "the report"), CloseIssue(number), MarkSealed(number))
    )
    done = apply(connect(), plan, Origin())
    assert (done.exit_code, done.unreported) == (3, {locked})
    assert (repository.state(locked), repository.labels(locked)) == ("open", set())
    assert (repository.state(other), repository.labels(other)) == ("completed", {"sealed"})
    assert apply(connect(), as_plan([plan[0], ReopenIssue(locked)]), Origin()).effects == []


@pytest.mark.parametrize("answer", [CloseIssue, ReopenIssue, MarkSealed])
def test_an_issue_that_goes_away_while_a_plan_is_applied_is_a_note(
    connect: Connect, hub: Hub, repository: Repository, answer: type[CloseIssue | ReopenIssue | MarkSealed]
) -> None:
    """It is said once and stops no other; it fails the run only where the issue was to be closed."""
    gone, other = repository.issue(), repository.issue()
    plan = (UpsertComment(gone, "seal", "1", "the report"), answer(gone), MarkSealed(gone), *plan_for(other))
    hub.meanwhile(lambda: hub.fail(410, path=f"/issues/{gone}(/|$)", times=99), path=f"/issues/{gone}(/labels)?$")
    done = apply(connect(), plan, Origin())
    assert done.notes == [f"#{gone} was deleted or moved meanwhile, so there is nothing to do"]
    assert (done.exit_code, len(repository.comments(other))) == (3 if answer is CloseIssue else 0, 1)


def test_an_issue_that_is_there_and_cannot_be_written_is_an_error(
    connect: Connect, hub: Hub, repository: Repository
) -> None:
    """A 404 for a write says nothing about the issue where that can be read."""
    number = repository.issue()
    hub.fail(404, verb="PATCH", path=f"/issues/{number}$", times=99)
    with pytest.raises(MissingError, match="could not close"):
        apply(connect(), (CloseIssue(number),), Origin())
