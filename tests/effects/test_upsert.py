"""Claims about comments that are kept current: whatever happens, one remains and says the newest."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from hub.bench import BOT, Connect, Hub, Repository
from research_logbook.effects import CloseIssue, UpsertComment
from research_logbook.effects.apply import UpsertResult, UpsertStatus, apply, upsert
from research_logbook.effects.sticky_comments import LONGEST, Origin, RunId, comment_text
from research_logbook.errors import UnfinishedError
from research_logbook.github.client import GitHub
from research_logbook.github.transport import MissingError

KIND, KEY = "seal", "#5"


def origin(run: int) -> Origin:
    """Return a workflow run."""
    return Origin(RunId(run, 1), f"https://github.test/runs/{run}")


def text(number: int, body: str, run: int) -> str:
    """Return what a run posts."""
    return comment_text(UpsertComment(number, KIND, KEY, body), origin(run))


def post(github: GitHub, number: int, body: str, run: int = 1, **how: Callable[[], bool]) -> UpsertResult:
    """Post or update the comment, as a workflow run."""
    return upsert(github, UpsertComment(number, KIND, KEY, body), origin(run), **how)


def said(repository: Repository, number: int) -> list[str]:
    """Return what the bot's comments say below their markers."""
    return [body.partition("\n")[2] for author, body in repository.comments(number) if author == BOT]


def test_a_comment_is_posted_then_edited(connect: Connect, repository: Repository) -> None:
    """The first run posts, later ones edit, and each says where."""
    number, github = repository.issue(), connect()
    first, second = post(github, number, "first", run=1), post(github, number, "second", run=2)
    assert (first.status, second.status) == (UpsertStatus.CREATED, UpsertStatus.UPDATED)
    assert first.url == second.url != ""
    assert said(repository, number) == ["second"]


def test_an_unchanged_body_is_not_written(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A later run that has nothing new to say writes nothing: one call, to look."""
    number, github = repository.issue(), connect()
    post(github, number, "the same  \n", run=1)
    hub.forget()
    assert post(github, number, "the same", run=2).status is UpsertStatus.UNCHANGED
    assert hub.calls == [f"GET /repos/{repository.name}/issues/{number}/comments"]


def test_a_comment_costs_few_calls(connect: Connect, hub: Hub, repository: Repository) -> None:
    """Posting looks before and after, and at how many comments there are; editing looks before."""
    number, github = repository.issue(), connect()
    post(github, number, "first")
    assert [call.split()[0] for call in hub.calls] == ["GET", "GET", "POST", "GET"]
    hub.forget()
    post(github, number, "second", run=2)
    assert [call.split()[0] for call in hub.calls] == ["GET", "PATCH"]


def test_a_comment_beyond_the_first_page_is_found(connect: Connect, repository: Repository) -> None:
    """Our comment is found behind a hundred others."""
    number, github = repository.issue(), connect()
    for index in range(100):
        repository.comment(number, f"comment {index}")
    post(github, number, "first")
    assert post(github, number, "second", run=2).status is UpsertStatus.UPDATED
    assert said(repository, number) == ["second"]


def test_two_kinds_and_two_keys_are_different_comments(connect: Connect, repository: Repository) -> None:
    """A comment is one of its kind and key."""
    number, github = repository.issue(), connect()
    for kind, key in (("seal", "#5"), ("seal", "#6"), ("lint", "#5")):
        upsert(github, UpsertComment(number, kind, key, f"{kind} {key}"), origin(1))
    assert said(repository, number) == ["seal #5", "seal #6", "lint #5"]


def race(*posts: Callable[[], UpsertResult]) -> list[UpsertResult]:
    """Run upserts at once; each comes back with what it did."""
    with ThreadPoolExecutor(len(posts)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(one) for one in posts]]


def test_one_comment_remains_of_two_racing_runs(connect: Connect, hub: Hub, repository: Repository) -> None:
    """Two runs that saw no comment and none counted both post; one comment remains, with the newer words."""
    number, barrier = repository.issue(), Barrier(2)
    hub.meanwhile(lambda: barrier.wait(timeout=120), verb="POST", times=2)  # each has looked before the other posts
    race(*(partial(post, connect(), number, f"of run {run}", run=run) for run in (1, 2)))
    assert len([call for call in hub.writes if call.startswith("POST")]) == 2
    assert said(repository, number) == ["of run 2"]
    assert post(connect(), number, "of run 3", run=3).status is UpsertStatus.UPDATED
    assert said(repository, number) == ["of run 3"]


@pytest.mark.parametrize("at", [0, 1, 2, 3])
@pytest.mark.parametrize(("outer", "inner"), [(1, 2), (2, 1)])
def test_one_comment_remains_where_a_run_takes_place_during_another(
    connect: Connect, hub: Hub, repository: Repository, waits: list[float], outer: int, inner: int, at: int
) -> None:
    """Before any of its calls another run may begin and end: it sees the other's comment, or one of the two goes."""
    number = repository.issue()
    hub.meanwhile(lambda: post(connect(), number, f"of run {inner}", run=inner), spared=at)
    ends = {post(connect(), number, f"of run {outer}", run=outer).status}
    assert ends <= {*UpsertStatus} - {UpsertStatus.STALE}
    assert said(repository, number) == ["of run 2"]
    assert len([call for call in hub.writes if call.startswith("POST")]) == 1 + (at == 2)
    assert sum(waits) <= 5  # no longer than between writes, and once for a list


@pytest.mark.parametrize(("oldest", "other"), [(1, 2), (2, 1)])
def test_leftover_duplicates_are_removed(connect: Connect, repository: Repository, oldest: int, other: int) -> None:
    """When both runs of a race were cut off, the next one leaves the oldest comment, and nothing of others goes."""
    number, bot = repository.issue(), repository.as_person(BOT)
    kept = bot.comment(number, text(number, f"of run {oldest}", oldest))
    bot.comment(number, text(number, f"of run {other}", other))
    repository.comment(number, "a person's words")
    done = post(connect(), number, "of run 3", run=3)
    assert done.url.endswith(str(kept))
    assert [body.partition("\n")[2] or body for _, body in repository.comments(number)] == [
        "of run 3",
        "a person's words",
    ]


def test_a_late_run_does_not_overwrite_a_newer_one(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A run that finishes after a newer one writes nothing, and says so."""
    number, github = repository.issue(), connect()
    newer = post(github, number, "of run 7", run=7)
    hub.forget()
    late = post(github, number, "of run 6", run=6)
    assert (late.status, late.url, late.id) == (UpsertStatus.OVERTAKEN, newer.url, newer.id)
    assert (hub.writes, said(repository, number)) == ([], ["of run 7"])


def test_a_late_run_removes_duplicates_and_keeps_the_newest_text(connect: Connect, repository: Repository) -> None:
    """Even a late run that finds two comments leaves one, which says what the newest run said."""
    number, bot = repository.issue(), repository.as_person(BOT)
    for run in (5, 7):
        bot.comment(number, text(number, f"of run {run}", run))
    assert post(connect(), number, "of run 6", run=6).status is UpsertStatus.OVERTAKEN
    assert said(repository, number) == ["of run 7"]


def test_a_laptop_overrides_any_workflow_run(connect: Connect, repository: Repository) -> None:
    """What somebody asks for now, outside of a workflow, replaces what any workflow said before."""
    number, github = repository.issue(), connect()
    post(github, number, "of run 7", run=7)
    assert upsert(github, UpsertComment(number, KIND, KEY, "by hand"), Origin()).status is UpsertStatus.UPDATED
    assert post(github, number, "of run 8", run=8).status is UpsertStatus.UPDATED


@pytest.mark.parametrize("there", [True, False])
def test_what_is_stale_is_not_written(connect: Connect, hub: Hub, repository: Repository, there: bool) -> None:
    """When the subject is newer than what was judged, nothing is posted and nothing edited."""
    number, github = repository.issue(), connect()
    url = post(github, number, "first").url if there else ""
    hub.forget()
    assert post(github, number, "second", run=2, is_stale=lambda: True) == UpsertResult(UpsertStatus.STALE, url)
    assert hub.writes == []


def test_staleness_is_checked_only_before_a_write(connect: Connect, repository: Repository) -> None:
    """Nobody asks whether the subject is newer when there is nothing to write."""
    number, github = repository.issue(), connect()
    post(github, number, "first")

    def is_stale() -> bool:
        raise AssertionError

    assert post(github, number, "first", is_stale=is_stale).status is UpsertStatus.UNCHANGED


def test_a_marker_by_another_author_is_ignored(connect: Connect, repository: Repository) -> None:
    """A comment with our marker that another wrote is neither edited nor deleted."""
    number = repository.issue()
    spoofed = text(number, "I am the bot", run=10**15)
    repository.as_person("wim").comment(number, spoofed)
    assert post(connect(), number, "the report").status is UpsertStatus.CREATED
    assert repository.comments(number)[0] == ("wim", spoofed)
    assert said(repository, number) == ["the report"]


@pytest.mark.parametrize("shape", ["> {}", "Someone wrote:\n{}", " {}", "```\n{}\n```", "{} and more", "\n{}"])
def test_a_marker_below_the_first_line_is_ignored(connect: Connect, repository: Repository, shape: str) -> None:
    """Our own comments that only quote a marker are other comments."""
    number = repository.issue()
    marker = text(number, "", run=1).strip()
    repository.as_person(BOT).comment(number, shape.format(marker))
    assert post(connect(), number, "the report").status is UpsertStatus.CREATED
    assert len(repository.comments(number)) == 2


def test_a_long_body_is_cut_at_a_line(connect: Connect, repository: Repository) -> None:
    """GitHub takes no longer comment; the cut one says so on top, and where the rest is."""
    number = repository.issue()
    body = "".join(f"| row {index} | 🧪 |\n" for index in range(10_000))
    post(connect(), number, body, run=4)
    ((_, posted),) = repository.comments(number)
    assert LONGEST - 30 < len(posted) <= LONGEST
    assert posted.splitlines()[1].endswith("[job summary](https://github.test/runs/4) has all of it._")
    assert posted.splitlines()[-1] in body.splitlines()
    assert post(connect(), number, body, run=4).status is UpsertStatus.UNCHANGED


def test_a_comment_deleted_during_an_edit_is_posted_again(connect: Connect, hub: Hub, repository: Repository) -> None:
    """When somebody deletes our comment between our look and our edit, it is posted anew."""
    number, bot = repository.issue(), repository.as_person(BOT)
    comment = bot.comment(number, text(number, "first", 1))
    hub.meanwhile(lambda: repository.delete_comment(comment), verb="PATCH")
    assert post(connect(), number, "second", run=2).status is UpsertStatus.CREATED
    assert said(repository, number) == ["second"]


def test_an_issue_deleted_during_a_post_is_an_error(connect: Connect, hub: Hub, repository: Repository) -> None:
    """When the issue itself goes, the user reads that, after a bounded number of calls."""
    number = repository.issue()
    hub.meanwhile(lambda: hub.fail(404, times=100), verb="POST")
    hub.fail(404, verb="POST")
    with pytest.raises(MissingError, match=f"could not list the comments on #{number}"):
        post(connect(), number, "text")


@pytest.mark.parametrize("status", [502, 500, 0])
@pytest.mark.parametrize("after", [True, False])
def test_a_post_with_unknown_outcome_ends_in_one_comment(
    connect: Connect, hub: Hub, repository: Repository, status: int, after: bool
) -> None:
    """Whether GitHub carried the lost POST out or not, there is one comment afterwards."""
    number = repository.issue()
    hub.fail(status, verb="POST", after=after)
    assert post(connect(), number, "the report").status is UpsertStatus.CREATED
    assert said(repository, number) == ["the report"]
    assert len(hub.writes) == (1 if after else 2)


def test_a_delayed_post_ends_in_one_comment(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A POST that GitHub carries out only after we looked again makes two comments, of which one is removed."""
    number, bot = repository.issue(), repository.as_person(BOT)
    hub.fail(502, verb="POST")
    hub.meanwhile(lambda: bot.comment(number, text(number, "the report", 1)), verb="POST")
    assert post(connect(), number, "the report").status is UpsertStatus.CREATED
    assert said(repository, number) == ["the report"]


@pytest.mark.parametrize("after", [True, False])
def test_an_edit_with_unknown_outcome_ends_in_the_new_text(
    connect: Connect, hub: Hub, repository: Repository, after: bool
) -> None:
    """Whether GitHub carried the lost edit out or not, the comment says the new afterwards."""
    number, github = repository.issue(), connect()
    post(github, number, "first")
    hub.fail(502, verb="PATCH", after=after)
    assert post(github, number, "second", run=2).status is UpsertStatus.UPDATED
    assert said(repository, number) == ["second"]


def test_retries_of_a_post_are_bounded(connect: Connect, hub: Hub, repository: Repository) -> None:
    """It is posted twice at most, and the last error is what the user reads."""
    hub.fail(502, verb="POST", times=100)
    with pytest.raises(UnfinishedError, match="so it is not known whether it did comment"):
        post(connect(), repository.issue(), "the report")
    assert len(hub.writes) == 2


def test_a_post_that_no_list_shows_is_made_twice_at_most(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A server that answers everything with an empty list does not get the report five times."""
    number = repository.issue()
    hub.fail(200, verb="POST", times=100, after=True, data=[])
    hub.fail(200, verb="GET", path=r"/comments$", times=100, data=[])
    with pytest.raises(UnfinishedError, match="the response is not from GitHub's API"):
        post(connect(), number, "the report")
    hub.forget()
    assert len(repository.comments(number)) == 2
    post(connect(), number, "the report")
    assert len(repository.comments(number)) == 1


def test_an_issue_that_another_answer_is_about_is_not_the_one_we_opened(connect: Connect, hub: Hub) -> None:
    """What is said to be opened has the title that was asked for."""
    other = {
        "number": 7,
        "title": "Something else",
        "state": "open",
        "html_url": "",
        "created_at": "2026-05-25T10:00:00Z",
    }
    hub.fail(200, verb="POST", path="/issues$", data={**other, "updated_at": "2026-05-25T10:00:00Z"})
    with pytest.raises(UnfinishedError, match="it is about something else"):
        connect().create_issue("Experiment: tiles", "")


def test_a_crash_between_edit_and_deletion_loses_nothing(connect: Connect, hub: Hub, repository: Repository) -> None:
    """The newest words are in the comment that stays before any other goes; the next run removes the rest."""
    number, bot = repository.issue(), repository.as_person(BOT)
    for run in (1, 2):
        bot.comment(number, text(number, f"of run {run}", run))
    hub.fail(403, verb="DELETE")
    with pytest.raises(UnfinishedError):
        post(connect(), number, "of run 3", run=3)
    assert said(repository, number) == ["of run 3", "of run 2"]
    assert post(connect(), number, "of run 3", run=3).status is UpsertStatus.UNCHANGED
    assert said(repository, number) == ["of run 3"]


def test_a_wrong_assumption_about_our_login_is_corrected(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A token of another app looks like the workflow's; its own first comment tells, and later ones stay one."""
    repository.invite("other-app[bot]", "push")
    number, token = repository.issue(), hub.app_token("other-app[bot]", issues="write")
    first, second = (post(connect(token), number, f"of run {run}", run=run) for run in (1, 2))
    assert [author for author, _ in repository.comments(number)] == ["other-app[bot]"]
    assert first.url == second.url
    assert "--bot-login 'other-app[bot]'" in second.note


def test_an_overtaken_report_is_no_success_of_what_it_was_for(connect: Connect, repository: Repository) -> None:
    """A newer run's comment stands; what an older one wanted to do with its own is not done, and it says so."""
    number, github = repository.issue(), connect()
    post(github, number, "of run 7", run=7)
    comment = UpsertComment(number, KIND, KEY, "of run 6")
    alone = apply(github, (comment,), origin(6))
    assert (alone.exit_code, alone.is_overtaken, len(alone.notes)) == (0, True, 1)
    both = apply(github, (comment, CloseIssue(number)), origin(6))
    assert (both.exit_code, both.effects, repository.state(number)) == (3, [], "open")
    assert apply(github, (comment, CloseIssue(number)), origin(8)).exit_code == 0
    assert repository.state(number) == "completed"
