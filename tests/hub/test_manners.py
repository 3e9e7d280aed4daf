"""Claims about the bench: it answers as GitHub does where emulate would be kinder."""

import json
from http.client import HTTPConnection, RemoteDisconnected
from typing import Any

import pytest

from hub.bench import Hub, Repository


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
