"""Claims about a GitHub that shows late what was just written: its answers count, and nothing comes twice."""

import pytest

from hub.bench import BOT, Connect, Hub, Repository
from research_logbook.effects import UpsertComment
from research_logbook.effects.apply import upsert
from research_logbook.effects.sticky_comments import Origin, RunId, comment_text
from research_logbook.github.client import GitHub


def post(github: GitHub, number: int, body: str = "the report", run: int = 1) -> str:
    """Post or update a comment; return its address."""
    return upsert(github, UpsertComment(number, "seal", str(number), body), Origin(RunId(run, 1))).url


@pytest.mark.parametrize("reads", [1, 3, 20])
def test_a_comment_that_is_listed_late_is_posted_once(
    connect: Connect, hub: Hub, repository: Repository, reads: int
) -> None:
    """However many reads miss it, it is posted once, and its address is the answer's."""
    number = repository.issue()
    hub.let_lag(reads)
    url = post(connect(), number)
    assert [call.split()[0] for call in hub.writes] == ["POST"]
    assert url.endswith("#issuecomment-1") or "issuecomment" in url
    assert len(repository.comments(number)) == 1


def test_a_run_updates_what_it_has_posted_though_no_list_shows_it(
    connect: Connect, hub: Hub, repository: Repository
) -> None:
    """Within one run a comment is edited by its own address, and one that was deleted is not edited."""
    number, github = repository.issue(), connect()
    hub.let_lag(reads=20)
    post(github, number, "first")
    post(github, number, "second")
    assert [call.split()[0] for call in hub.writes] == ["POST", "PATCH"]
    ((_, said),) = repository.comments(number)
    assert said.endswith("second")


def test_the_number_of_comments_tells_that_a_list_is_late(
    connect: Connect, hub: Hub, repository: Repository, waits: list[float]
) -> None:
    """What a run before has posted is waited for, where the issue counts a comment more than is listed."""
    number = repository.issue()
    post(connect(), number)
    hub.forget()
    hub.fail(200, path="comments$", data=[], times=1)
    post(connect(), number, "newer", run=2)
    assert ([call.split()[0] for call in hub.writes], waits) == (["PATCH"], [1.0])


def test_a_number_that_never_fits_is_not_waited_for_long(
    connect: Connect, hub: Hub, repository: Repository, waits: list[float]
) -> None:
    """It may count a comment that nobody is shown: after seven seconds the report is posted."""
    number = repository.issue()
    repository.comment(number, "hidden")
    hub.fail(200, path="comments$", verb="GET", data=[], times=4)
    post(connect(), number)
    assert ([call.split()[0] for call in hub.writes], waits) == (["POST"], [1.0, 2.0, 4.0])


@pytest.mark.parametrize(("reads", "seconds"), [(1, 0), (5, 0), (0, 1), (0, 8), (0, 20)])
def test_a_run_removes_its_own_comment_where_an_older_one_shows_up_later(
    connect: Connect, hub: Hub, repository: Repository, waits: list[float], reads: int, seconds: float
) -> None:
    """Neither list nor count showed what another run had just posted: one remains, before the run ends.

    A list that does not show our own comment may miss the other's, too, so it is read until it does.
    """
    number = repository.issue()
    hub.let_lag(reads, seconds, clock=lambda: sum(waits))
    older = comment_text(UpsertComment(number, "seal", str(number), "of run 1"), Origin(RunId(1, 1)))
    kept = repository.as_person(BOT).comment(number, older)
    url = post(connect(), number, "of run 2", run=2)
    ((_, said),) = repository.comments(number)
    assert (url.rpartition("-")[2], said.partition("\n")[2]) == (str(kept), "of run 2")
    assert sum(waits) < 40


def test_a_run_that_is_shown_what_it_posted_waits_for_nothing(
    connect: Connect, repository: Repository, waits: list[float]
) -> None:
    """On a good day it costs no second."""
    post(connect(), repository.issue())
    assert waits == []


def test_waiting_for_lists_leaves_time_for_what_fails_later(
    connect: Connect, hub: Hub, repository: Repository, waits: list[float]
) -> None:
    """Many comments on a GitHub that shows none of them take two minutes at most, and a failing call is repeated."""
    github = connect()
    hub.let_lag(seconds=10**6, clock=lambda: sum(waits))
    for _ in range(9):
        post(github, repository.issue())
    assert 90 < sum(waits) < 140
    hub.fail(502, verb="GET", path="comments$")
    assert github.comments(repository.issue()) == ()


def test_a_comment_whose_answer_was_lost_is_looked_for_before_it_is_posted_again(
    connect: Connect, hub: Hub, repository: Repository, waits: list[float]
) -> None:
    """It was posted, the answer was lost, and the list shows it two seconds later: it stays the only one."""
    number = repository.issue()
    hub.let_lag(seconds=2, clock=lambda: sum(waits))
    hub.fail(502, verb="POST", path="comments$", after=True)
    post(connect(), number)
    assert len(repository.comments(number)) == 1
    assert [call.split()[0] for call in hub.writes] == ["POST"]


def test_a_deleted_comment_that_is_still_listed_is_posted_anew(
    connect: Connect, hub: Hub, repository: Repository
) -> None:
    """It cannot be edited any more: its own address says that it is gone."""
    number, github = repository.issue(), connect()
    post(github, number, "first")
    listed = hub.proxy.behind("GET", f"/repos/{repository.name}/issues/{number}/comments", "lab").data
    repository.delete_comment(listed[0]["id"])
    hub.fail(200, path=f"{number}/comments$", verb="GET", data=listed, times=20)
    post(connect(), number, "second", run=2)
    ((_, said),) = repository.comments(number)
    assert said.endswith("second")


def test_an_issue_that_was_opened_is_there_though_no_read_shows_it(
    connect: Connect, hub: Hub, repository: Repository
) -> None:
    """The answer that opened it tells all of it; of another issue that is not shown nothing is known."""
    hub.let_lag(reads=5)
    github = connect()
    opened = github.create_issue("Experiment: tiles", "Notes.", ["experiment"])
    other = repository.issue()
    assert github.issue(opened.number) == opened
    assert github.issue(other) is None


def test_labels_that_were_put_on_count_until_the_issue_is_newer(
    connect: Connect, hub: Hub, repository: Repository
) -> None:
    """A read from before shows them all the same; one that is newer tells what people did since."""
    number, github = repository.issue(), connect()
    repository.new_label("experiment")
    github.issue(number)
    hub.let_lag(reads=1)
    github.add_labels(number, ["experiment"])
    late, then = (github.issue(number) for _ in range(2))
    assert [issue and issue.label_names for issue in (late, then)] == [("experiment",)] * 2
    hub.proxy.lag = None
    repository.unlabel(number, "experiment")
    now = github.issue(number)
    assert now
    assert now.label_names == ()


def test_an_issue_that_was_closed_is_closed_though_it_is_shown_as_open(
    connect: Connect, hub: Hub, repository: Repository
) -> None:
    """What a write made of it is newer than what a list or a read shows."""
    number, github = repository.issue(), connect()
    hub.let_lag(reads=5)
    github.close(number)
    shown = github.issue(number)
    assert shown
    assert (shown.state, list(github.open_issues())) == ("closed", [])
