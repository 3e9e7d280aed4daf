"""Claims about the bench: it answers as GitHub does where emulate would be kinder."""

import datetime as dt
import json
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

from hub.bench import Hub, Repository
from hub.git_server import GitServer
from repository import Repository as Work


def ask(hub: Hub, token: str, call: str, body: object = None) -> tuple[int, Any, dict[str, str]]:
    """Make a call such as `GET /user`; return status, body and headers."""
    verb, _, path = call.partition(" ")
    connection = HTTPConnection(hub.url.removeprefix("http://"), timeout=10)
    try:
        connection.request(verb, path, json.dumps(body), {"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        return response.status, json.loads(response.read()), {name.lower(): it for name, it in response.getheaders()}
    finally:
        connection.close()


def test_an_unknown_token_is_rejected(hub: Hub) -> None:
    """Nobody is taken for somebody."""
    assert ask(hub, "ghp_none", "GET /user")[:1] == (401,)


def test_a_job_cannot_read_its_own_login(hub: Hub) -> None:
    """`GET /user` is for people."""
    status, answer, _ = ask(hub, hub.workflow_token(issues="write"), "GET /user")
    assert (status, answer["message"]) == (403, "Resource not accessible by integration")
    assert ask(hub, hub.token("mia"), "GET /user")[1]["login"] == "mia"


@pytest.mark.parametrize(
    ("permissions", "call", "status"),
    [
        ({"issues": "write"}, "POST {}/issues/1/labels", 200),
        ({"pull_requests": "write"}, "POST {}/issues/1/labels", 200),
        ({"issues": "read"}, "POST {}/issues/1/labels", 403),
        ({}, "POST {}/issues/1/labels", 403),
        ({}, "GET {}/issues/1/labels", 200),
        ({"issues": "write"}, "POST {}/git/refs", 403),
    ],
)
def test_a_job_can_do_what_it_is_granted(
    hub: Hub, repository: Repository, permissions: dict[str, str], call: str, status: int
) -> None:
    """What a job's `permissions:` leave out is refused, with the header that says what is missing."""
    repository.issue()
    token = hub.workflow_token(**permissions)
    got, _, headers = ask(hub, token, call.format(f"/repos/{repository.name}"), {"labels": ["a"]})
    assert got == status
    assert ("x-accepted-github-permissions" in headers) == (status == 403)


@pytest.mark.parametrize(
    ("login", "permission", "role"),
    [("mia", "write", "maintain"), ("tri", "read", "triage"), ("ann", "read", "read"), ("lab", "admin", "admin")],
)
def test_permission_folds_maintain_and_role_name_does_not(
    hub: Hub, repository: Repository, login: str, permission: str, role: str
) -> None:
    """`permission` knows three levels and none; `role_name` knows all."""
    call = f"GET /repos/{repository.name}/collaborators/{login}/permission"
    _, answer, _ = ask(hub, hub.token("lab"), call)
    assert (answer["permission"], answer["role_name"]) == (permission, role)


def test_labels_are_case_insensitive(hub: Hub, repository: Repository) -> None:
    """A label that differs in case exists already, and is the one that is put on."""
    repository.new_label("Experiment")
    number, token = repository.issue(), hub.token("lab")
    status, answer, _ = ask(hub, token, f"POST /repos/{repository.name}/labels", {"name": "experiment"})
    assert (status, answer["errors"][0]["code"]) == (422, "already_exists")
    ask(hub, token, f"POST /repos/{repository.name}/issues/{number}/labels", {"labels": ["EXPERIMENT"]})
    assert repository.labels(number) == {"Experiment"}


def test_a_comment_has_a_maximum_length(hub: Hub, repository: Repository) -> None:
    """One character too many is refused."""
    number = repository.issue()
    call = f"POST /repos/{repository.name}/issues/{number}/comments"
    got = [ask(hub, hub.token("lab"), call, {"body": "x" * size})[0] for size in (65_536, 65_537)]
    assert got == [201, 422]


@pytest.fixture
def pushed(repository: Repository, tmp_path: Path) -> Work:
    """Return a clone of the git repository behind the bench's."""
    origin = Work(tmp_path / "origin")
    origin.commit()
    repository.is_pushed_to(GitServer.noting_pushes(origin))
    return Work(tmp_path / "work", origin=origin.root)


def test_each_push_is_an_activity(hub: Hub, repository: Repository, pushed: Work) -> None:
    """What moved a branch is listed with its time, newest first; of a deleted account nobody is told."""
    times = [dt.datetime(2026, 5, day, 9, 30, tzinfo=dt.UTC) for day in (1, 2, 3, 4)]
    commits = []
    for time, command in zip(times, ("", "", "--force", "--delete"), strict=True):
        repository.server.set_clock(time)
        if command == "--force":
            pushed.git("reset", "--quiet", "--hard", "HEAD~1")
        if command != "--delete":
            commits.append(pushed.commit(message=f"at {time}"))
        pushed.git("push", "--quiet", *filter(None, [command]), "origin", "x" if command == "--delete" else "HEAD:x")
    pushed.git("push", "--quiet", "origin", "HEAD:y")
    repository.server.actor = None
    call = f"GET /repos/{repository.name}/activity"
    listed = ask(hub, hub.token("ann"), f"{call}?ref=refs/heads/x")[1]
    one, two, three = commits
    assert [(it["activity_type"], it["before"], it["after"], it["timestamp"][:10]) for it in listed] == [
        ("branch_deletion", three, "0" * 40, "2026-05-04"),
        ("force_push", two, three, "2026-05-03"),
        ("push", one, two, "2026-05-02"),
        ("branch_creation", "0" * 40, one, "2026-05-01"),
    ]
    assert {(it["ref"], it["actor"]) for it in listed} == {("refs/heads/x", None)}
    assert ask(hub, hub.token("ann"), f"{call}?ref=x&activity_type=push")[1] == listed[2:3]
    assert len(ask(hub, hub.token("ann"), call)[1]) == 5
    assert ask(hub, hub.token("ann"), f"{call}?activity_type=reset")[0] == 422
    assert pushed.git("ls-remote", "origin", "x") == ""
    pushed.git("fetch", "--quiet", "origin", two)
    repository.server.collect_garbage()
    assert repository.server.activity[1]["after"] == two


def test_activities_come_in_pages_with_cursors(hub: Hub, repository: Repository, pushed: Work) -> None:
    """The address of the next page stands in a header and keeps what was asked for; the last page names none."""
    for _ in range(5):
        pushed.commit()
        pushed.git("push", "--quiet", "origin", "HEAD:x")
    call, seen, pages = f"GET /repos/{repository.name}/activity?ref=x&per_page=2", list[int](), 0
    while call:
        _, page, headers = ask(hub, hub.token("ann"), call)
        seen += [it["id"] for it in page]
        pages += 1
        address = headers.get("link", "").partition(">")[0].removeprefix(f"<{hub.url}")
        call = f"GET {address}" if address else ""
    assert (seen, pages) == ([5, 4, 3, 2, 1], 3)


def test_nothing_moved_where_nobody_pushed(hub: Hub, repository: Repository) -> None:
    """A repository without a push has an empty list."""
    assert ask(hub, hub.token("ann"), f"GET /repos/{repository.name}/activity?ref=x")[:2] == (200, [])


def test_only_our_calls_are_counted(hub: Hub, repository: Repository) -> None:
    """Only what arrives over the network counts."""
    number = repository.issue()
    ask(hub, hub.token("lab"), f"GET /repos/{repository.name}/issues/{number}?state=all")
    ask(hub, hub.token("lab"), f"POST /repos/{repository.name}/issues/{number}/comments", {"body": "text"})
    assert hub.calls == [
        f"GET /repos/{repository.name}/issues/{number}",
        f"POST /repos/{repository.name}/issues/{number}/comments",
    ]
    assert hub.writes == hub.calls[1:]


def test_a_call_with_a_lost_response_is_counted(hub: Hub, repository: Repository) -> None:
    """A call can be carried out and its answer lost, in a status or in silence."""
    number, token = repository.issue(), hub.token("lab")
    call = f"POST /repos/{repository.name}/issues/{number}/comments"
    hub.fail(502, verb="POST", after=True)
    assert ask(hub, token, call, {"body": "first"})[0] == 502
    hub.fail(0, verb="POST", after=True)
    with pytest.raises(RemoteDisconnected):
        ask(hub, token, call, {"body": "second"})
    assert [body for _, body in repository.comments(number)] == ["first", "second"]
