"""Claims about what is read from GitHub and written to it."""

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.bench import BOT, Connect, Hub, Repository
from hub.closeout import Thread
from hub.proxy import ENTERPRISE
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.github.client import GitHub
from research_logbook.github.models import LabelPast
from research_logbook.github.transport import DeniedError, MissingError, MovedError

NOW = dt.datetime(2026, 5, 1, 9, 30, tzinfo=dt.UTC)


def test_an_issue_is_decoded(connect: Connect, repository: Repository) -> None:
    """An issue says who wrote it, what it says, and what it is."""
    number = repository.as_person("ann").issue("Experiment: tiles", "🤖 the body", ["experiment"])
    issue = connect().issue(number)
    assert issue
    assert (issue.number, issue.title, issue.body) == (number, "Experiment: tiles", "🤖 the body")
    assert (issue.author, issue.is_bot, issue.state, issue.label_names) == ("ann", False, "open", ("experiment",))
    assert (issue.is_locked, issue.is_pull_request) == (False, False)
    assert issue.updated_at >= issue.created_at >= dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert issue.url.endswith(f"/{repository.name}/issues/{number}")


def test_an_app_is_a_bot_and_a_person_is_not(connect: Connect, repository: Repository) -> None:
    """What an app opened has a bot for its author."""
    issue = connect().issue(repository.as_person(BOT).issue())
    assert issue
    assert (issue.author, issue.is_bot) == (BOT, True)


def test_a_pull_request_is_read_as_an_issue(connect: Connect, repository: Repository) -> None:
    """A pull request is found by its number, and says what it is."""
    issue = connect().issue(repository.pull_request("faster"))
    assert issue
    assert issue.is_pull_request


READS: dict[str, tuple[str, dict[str, object], Callable[[GitHub], object]]] = {
    "an issue": ("/issues/1", {"number": 999}, lambda github: github.issue(1)),
    "whether an issue is gone": ("/issues/1", {"number": 999}, lambda github: github.is_gone(1)),
    "how many comments there are": ("/issues/1", {"number": 999}, lambda github: github.comment_count(1)),
    "a pull request": ("/pulls/2", {"number": 999}, lambda github: github.pull(2)),
    "comments": (
        "/issues/1/comments",
        {"issue_url": "https://api.github.com/repos/lab/tiles/issues/999"},
        lambda github: github.comments(1),
    ),
    "a role": ("/collaborators/wim/permission", {"user": {"login": "mia"}}, lambda github: github.role("wim")),
    "the repository": ("", {"full_name": "ann/tiles"}, lambda github: github.visibility()),
    "a tag": ("/git/ref/tags/T-001", {"ref": "refs/tags/T-002"}, lambda github: github.tagged("T-001")),
}


@pytest.mark.parametrize("what", READS)
def test_an_answer_about_something_else_is_none(connect: Connect, hub: Hub, repository: Repository, what: str) -> None:
    """What is read is told by its number, ID or name: any other is not what GitHub's API answers."""
    assert (repository.issue(), repository.pull_request("faster")) == (1, 2)
    repository.comment(1, "text")
    github = connect(hub.workflow_token(issues="write", contents="write"))
    github.create_tag("T-001", repository.head, "Tiles")
    path, other, read = READS[what]
    path = f"/repos/{repository.name}{path}"
    answer = hub.proxy.behind("GET", path, "lab").data
    read(connect())
    hub.fail(200, path=f"{path}$", data=[{**answer[0], **other}] if isinstance(answer, list) else {**answer, **other})
    with pytest.raises(UnfinishedError, match=r"not from GitHub's API \(it is about something else\)") as caught:
        read(connect())
    assert caught.value.exit_code == 3


def test_a_comment_of_another_id_is_none(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A comment is not there because another one is."""
    number = repository.issue()
    ours, other = (repository.comment(number, text) for text in ("ours", "another"))
    answer = hub.proxy.behind("GET", f"/repos/{repository.name}/issues/comments/{other}", "lab").data
    hub.fail(200, path=f"/comments/{ours}$", data=answer)
    with pytest.raises(UnfinishedError, match="it is about something else"):
        connect().has_comment(ours)


def test_a_missing_issue_is_none(connect: Connect) -> None:
    """A number that was never given is no error."""
    assert connect().issue(404) is None


@pytest.mark.parametrize("status", [404, 410])
def test_a_deleted_issue_is_none(connect: Connect, hub: Hub, status: int) -> None:
    """An issue that was deleted is no error either."""
    hub.fail(status, message="This issue was deleted")
    assert connect().issue(1) is None


def test_a_transferred_issue_is_none(connect: Connect, hub: Hub, repository: Repository) -> None:
    """An issue that GitHub knows under another address now is not one of this repository, and is not followed."""
    hub.fail(301, path="/issues/1$", times=2, headers={"Location": f"{hub.url}/repositories/2/issues/1"})
    assert connect().issue(1) is None
    assert hub.calls == [*[f"GET /repos/{repository.name}/issues/1"] * 2, f"GET /repos/{repository.name}"]


@pytest.mark.parametrize("status", [301, 404, 410])
def test_what_is_not_there_is_looked_for_again(
    connect: Connect, hub: Hub, repository: Repository, waits: list[float], status: int
) -> None:
    """One answer that there is no such issue is not believed; where it is there a moment later, it is there."""
    number = repository.issue()
    hub.fail(status, path="/issues/1$")
    issue = connect().issue(number)
    assert (issue and issue.number, waits) == (number, [1.0])


def test_a_hidden_repository_is_no_missing_issue(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A token that may no longer see a repository is told that all in it is missing: nothing is gone for that."""
    number, github = repository.issue("Experiment: tiles"), connect()
    assert github.issue(number)
    hub.fail(404, times=99)
    with pytest.raises(MissingError, match="could not find"):
        github.issue(number)
    with pytest.raises(MissingError, match="could not find"):
        github.is_gone(number)


def test_a_renamed_repository_is_an_error(connect: Connect, hub: Hub) -> None:
    """When the repository itself has moved, the user is asked for its new name."""
    hub.fail(301, times=3, headers={"Location": f"{hub.url}/repositories/2"})
    with pytest.raises(MovedError, match="it has moved") as caught:
        connect().issue(1)
    assert "--repo OWNER/NAME" in caught.value.help


def test_open_issues_come_in_order_of_their_numbers(connect: Connect, repository: Repository, hub: Hub) -> None:
    """Every page is read, pull requests come along, closed issues do not, and a run can begin after a number."""
    numbers = [repository.issue(f"Experiment {index}") for index in range(102)]
    pull = repository.pull_request("faster")
    repository.change(numbers[7], state="closed")
    github = connect()
    assert [issue.number for issue in github.open_issues()] == [*numbers[:7], *numbers[8:], pull]
    assert len(hub.calls) == 2
    assert [issue.number for issue in github.open_issues(after=numbers[-1])] == [pull]


def test_an_issue_on_two_pages_is_yielded_once(connect: Connect, hub: Hub, repository: Repository) -> None:
    """Pages move while they are read; an issue on two of them is one issue."""
    first, second = repository.issue("first"), repository.issue("second")
    issues = [{"number": number, "title": "", "state": "open", "html_url": "", **_TIMES} for number in (second, first)]
    second_page = f"{hub.url}/repos/{repository.name}/issues?page=2"
    link = {"Link": f'<{second_page}>; rel="next", <{second_page}>; rel="last"'}
    hub.fail(200, path="/issues$", data=issues, headers=link)
    hub.fail(200, path="/issues$", data=issues[:1])
    assert [issue.number for issue in connect().open_issues()] == [first, second]


_TIMES = {"created_at": "2026-05-25T10:00:00Z", "updated_at": "2026-05-25T10:00:00Z"}


@pytest.mark.parametrize(
    ("login", "role"),
    [("lab", "admin"), ("mia", "maintain"), ("wim", "write"), ("tri", "triage"), ("ann", "read"), ("nobody", "none")],
)
def test_maintain_and_write_are_different_roles(connect: Connect, login: str, role: str) -> None:
    """Maintain and triage stay what they are, though GitHub's `permission` folds them."""
    assert connect().role(login) == role


@pytest.mark.parametrize("login", ["../../../user", "a/b", "", "a b", "..", "%2e%2e"])
def test_a_malformed_login_costs_no_call(connect: Connect, hub: Hub, login: str) -> None:
    """No name from outside becomes a path."""
    assert connect().role(login) == "none"
    assert hub.calls == []


def test_label_pasts_are_read_from_events(connect: Connect, repository: Repository) -> None:
    """Who took a label off, and how often we put it back, stands in the issue's events."""
    number, bot, tri = repository.issue(), repository.as_person(BOT), repository.as_person("tri")
    bot.label(number, "experiment", "agent-generated")
    for _ in range(2):
        tri.unlabel(number, "experiment")
        bot.label(number, "experiment")
    tri.unlabel(number, "experiment")
    assert connect().label_pasts(number) == {"experiment": LabelPast(removed=3, put_back=2)}


def test_labels_are_created_once(connect: Connect, repository: Repository) -> None:
    """A label that is there already, in whatever case, is as good as created."""
    repository.new_label("Experiment")
    github = connect()
    github.create_label("experiment", "1d76db", "A research experiment")
    github.create_label("sealed", "0e8a16", "Closed out")
    assert github.repository_labels() == {"experiment", "sealed"}
    assert repository.all_labels()["sealed"] == ("0e8a16", "Closed out")


def test_labels_are_added_in_one_call(connect: Connect, repository: Repository, hub: Hub) -> None:
    """Labels join those of other people, none of which goes."""
    number = repository.issue(labels=["kernels"])
    connect().add_labels(number, ["experiment", "agent-generated"])
    assert repository.labels(number) == {"kernels", "experiment", "agent-generated"}
    assert hub.calls == [f"POST /repos/{repository.name}/issues/{number}/labels"]


def test_a_comment_is_posted_edited_and_deleted(connect: Connect, repository: Repository) -> None:
    """A comment of our own can be changed and taken back, and taking back what is gone is no error."""
    number, github = repository.issue(), connect()
    comment = github.create_comment(number, "first")
    assert (comment.author, comment.body) == (BOT, "first")
    assert github.edit_comment(comment.id, "second").body == "second"
    assert repository.comments(number) == [(BOT, "second")]
    github.delete_comment(comment.id)
    github.delete_comment(comment.id)
    assert github.comments(number) == ()


def test_editing_a_deleted_comment_is_an_error(connect: Connect) -> None:
    """An edit of a deleted comment has an error of its own, so that it can be posted anew."""
    with pytest.raises(MissingError):
        connect().edit_comment(404, "text")


def test_a_workflow_token_belongs_to_the_actions_bot(connect: Connect, hub: Hub) -> None:
    """Who a workflow's token is needs no call, which GitHub would refuse."""
    assert connect().login() == BOT
    assert hub.calls == []


def test_the_owner_of_a_personal_token_is_asked_for(connect: Connect, hub: Hub) -> None:
    """GitHub is asked once whose a personal token is, in Actions and elsewhere."""
    github = connect(hub.token("mia"))
    assert [github.login(), github.login()] == ["mia", "mia"]
    assert hub.calls == ["GET /user"]


def test_bot_login_names_the_owner_without_a_call(connect: Connect, hub: Hub) -> None:
    """The login that the user names goes before all else."""
    assert connect(hub.app_token("other-app[bot]"), bot_login="other-app[bot]").login() == "other-app[bot]"
    assert hub.calls == []


def test_an_app_token_needs_bot_login(connect: Connect, hub: Hub) -> None:
    """Outside of Actions an app's token belongs to nobody we know, so nothing is written."""
    with pytest.raises(UserError, match="does not say whose token this is") as caught:
        connect(hub.app_token("other-app[bot]", issues="write"), GITHUB_ACTIONS="").login()
    assert "--bot-login" in caught.value.help


def test_a_missing_permission_is_named(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A write that the job's permissions do not allow names the one to add."""
    number = repository.issue()
    with pytest.raises(DeniedError, match=f"could not comment on #{number}: the token lacks permission") as caught:
        connect(hub.workflow_token(contents="read")).create_comment(number, "text")
    assert caught.value.help == "under the job's `permissions:`, add `issues: write` or `pull-requests: write`"


def test_a_locked_issue_is_an_error(connect: Connect, repository: Repository) -> None:
    """A job cannot comment on a locked issue, and the user learns that it is locked."""
    number = repository.issue()
    repository.lock(number)
    with pytest.raises(DeniedError, match=f"could not comment on #{number}: the conversation is locked"):
        connect().create_comment(number, "text")


def test_a_rejected_token_is_not_shown(connect: Connect) -> None:
    """A token that GitHub does not know ends in a sentence that does not hold it."""
    with pytest.raises(UnfinishedError, match="GitHub rejected the token") as caught:
        connect("ghp_wrong").issue(1)
    assert "ghp_wrong" not in str(caught.value) + caught.value.help


def test_enterprise_has_a_base_path(connect: Connect, hub: Hub, repository: Repository) -> None:
    """Everything works below /api/v3 too, further pages included."""
    number = repository.issue()
    for index in range(101):
        repository.comment(number, f"comment {index}")
    github = connect(GITHUB_API_URL=hub.url + ENTERPRISE)
    assert len(github.comments(number)) == 101
    assert github.create_comment(number, "text").author == BOT


def test_calls_are_counted_by_verb_and_path(connect: Connect, repository: Repository, hub: Hub) -> None:
    """The client's own count is the server's, and names kinds of calls."""
    first, second, github = repository.issue(), repository.issue(), connect()
    for number in (first, second):
        github.issue(number)
    github.add_labels(first, ["experiment"])
    assert github.calls == len(hub.calls) == 3
    assert github.tally == {
        "GET /repos/{repository}/issues/{number}": 2,
        "POST /repos/{repository}/issues/{number}/labels": 1,
    }


def test_a_timeline_has_events_comments_and_mentions(connect: Connect, repository: Repository) -> None:
    """All that happened to an issue comes in one list, whose pages are turned, with the pull requests that name it."""
    number = repository.issue()
    for index in range(101):
        repository.comment(number, f"comment {index}")
    pull = repository.pull_request("faster", body=f"Part of #{number}")
    repository.pull_request("slower", body=f"Part of #{number}0")
    repository.merge(pull)
    repository.close(number)
    timeline = connect().timeline(number)
    assert [comment.body for comment in timeline.comments] == [f"comment {index}" for index in range(101)]
    assert [(one.number, one.is_merged) for one in timeline.mentions] == [(pull, True)]
    assert [event.event for event in timeline.events][-1] == "closed"


def test_closing_and_reopening(connect: Connect, hub: Hub, repository: Repository) -> None:
    """An issue is closed as completed and opened again, and an answer that got lost does not do it twice."""
    number, github = repository.issue(), connect()
    hub.fail(502, verb="PATCH", after=True)
    github.close(number)
    assert repository.state(number) == "completed"
    github.reopen(number)
    assert repository.state(number) == "open"
    assert [event for event in repository.history(number) if event.startswith("closed")] == [f"closed @{BOT}"]


def test_a_pull_request_has_its_branches_and_files(connect: Connect, repository: Repository) -> None:
    """Its branches, whose they are, and the files that it changes."""
    pull = repository.pull_request("faster")
    repository.merge(pull, "src/tiles.py")
    github = connect()
    found = github.pull(pull)
    assert (found.number, found.head.ref, found.base.ref) == (pull, "faster", "main")
    assert found.comes_from(repository.name.upper())
    assert not found.comes_from("other/tiles")
    assert github.pull_files(pull) == {"src/tiles.py"}


def test_what_moved_a_branch_is_listed(connect: Connect, hub: Hub, thread: Thread) -> None:
    """All that moved one branch, newest first, however many pages it takes; who did it may be a deleted account."""
    thread.server.actor = None
    for day in range(120):
        thread.server.set_clock(NOW + dt.timedelta(days=day))
        thread.work.git("push", "--quiet", *["--delete"] * (day % 2), "origin", "x" if day % 2 else "HEAD:refs/heads/x")
    hub.forget()
    found = list(connect().activity("x"))
    assert [it.activity_type for it in found] == ["branch_deletion", "branch_creation"] * 60
    assert found[0].timestamp == NOW + dt.timedelta(days=119)
    assert found[0].before == found[1].after == thread.work.git("rev-parse", "main")
    assert {(it.ref, it.actor) for it in found} == {("refs/heads/x", None)}
    assert len(hub.calls) == 2


def test_removing_a_label_that_is_off_is_no_error(connect: Connect, repository: Repository) -> None:
    """A label that somebody else took off already is off, which is all that was wanted."""
    number = repository.issue(labels=["sealed"])
    github = connect()
    github.remove_label(number, "sealed")
    github.remove_label(number, "sealed")
    assert repository.labels(number) == set()


def test_pygithub_is_imported_only_by_a_client() -> None:
    """A run that asks GitHub nothing does not pay for PyGithub."""
    asked = "import sys, research_logbook.effects.apply; print(sorted({'github', 'requests'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=_SCRIPTS)
    assert done.stdout == "[]\n"


_SCRIPTS = Path(__file__).parents[2] / "scripts"


def test_bytes_that_are_no_text_are_not_sent(connect: Connect, repository: Repository) -> None:
    """The name of a file or a branch may hold half a character, and what quotes it is posted all the same."""
    number, github = repository.issue(), connect()
    assert github.create_comment(number, "in x-\udcff-logbooks, Zoë 😀").text == "in x-?-logbooks, Zoë 😀"
    github.write_body(number, "in x-\udcff-logbooks")
    assert github.tagged("snapshot/caf\udce9/x") is None
    assert list(github.activity("research/caf\udce9")) == []
    assert repository.get_issue(number)["body"] == "in x-?-logbooks"
