"""Claims about what happens when GitHub fails, limits, or is not GitHub."""

import pytest

from hub.bench import NOW, Connect, Hub, Repository
from research_logbook.errors import UnfinishedError
from research_logbook.github.transport import (
    AmbiguousError,
    ApiResponse,
    Call,
    InvalidError,
    RetryBudget,
    RetryingTransport,
)

FOREVER = 1_000
RESET = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 30)}


@pytest.mark.parametrize("status", [500, 502, 503, 0])
def test_reads_are_retried(connect: Connect, hub: Hub, repository: Repository, waits: list[float], status: int) -> None:
    """An error of the server, or a broken connection, is tried again after a pause that grows."""
    number = repository.issue()
    hub.fail(status, times=2)
    assert connect().issue(number) is not None
    assert waits == [1.0, 2.0]


def test_retries_end(connect: Connect, hub: Hub, waits: list[float]) -> None:
    """A server that stays broken ends in a sentence, after a bounded number of tries."""
    hub.fail(502, times=FOREVER)
    with pytest.raises(UnfinishedError, match="could not read #1: GitHub answered 502") as caught:
        connect().issue(1)
    assert caught.value.exit_code == 3
    assert (len(hub.calls), sum(waits)) == (4, 7.0)


def test_a_refused_connection_is_an_error(connect: Connect, waits: list[float]) -> None:
    """Where nothing listens, the user reads that there was no connection."""
    with pytest.raises(UnfinishedError, match=r"GitHub did not answer \(the connection failed\)"):
        connect(GITHUB_API_URL="http://localhost:9").issue(1)
    assert waits == [1.0, 2.0, 4.0]


def test_a_slow_response_times_out(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A read that takes longer than the timeout is tried again."""
    number = repository.issue()
    hub.fail(200, delay=1.5)
    issue = connect(timeout=1).issue(number)
    assert issue
    assert len(hub.calls) == 2


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (403, {"retry-after": "17"}, "You have exceeded a secondary rate limit", 17),
        (429, {"retry-after": "17"}, "Too Many Requests", 17),
        (403, RESET, "API rate limit exceeded for installation", 31),
        (429, RESET, "API rate limit exceeded", 31),
        (403, {}, "You have exceeded a secondary rate limit. Please wait a few minutes.", 60),
        (429, {"retry-after": "soon"}, "", 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, "API rate limit exceeded", 1),
    ],
)
def test_a_rate_limit_is_waited_for(
    connect: Connect,
    hub: Hub,
    repository: Repository,
    waits: list[float],
    status: int,
    headers: dict[str, str],
    message: str,
    wait: float,
) -> None:
    """Whatever way GitHub limits, the call is made again when GitHub says, a POST too: it was not carried out."""
    number = repository.issue()
    hub.fail(status, headers=headers, message=message)
    connect().create_comment(number, "text")
    assert waits == [wait]
    assert len(repository.comments(number)) == 1


@pytest.mark.parametrize("headers", [{"retry-after": "3600"}, RESET | {"x-ratelimit-reset": str(int(NOW) + 3599)}])
def test_a_limit_beyond_the_budget_says_when_it_resets(
    connect: Connect, hub: Hub, waits: list[float], headers: dict[str, str]
) -> None:
    """Nobody waits an hour: the run ends at once, and says when another one may try."""
    hub.fail(403, headers=headers)
    with pytest.raises(UnfinishedError, match="rate limit reached; it resets at 21:26:40 UTC on 2026-05-28"):
        connect().issue(1)
    assert (waits, len(hub.calls)) == ([], 1)


def test_the_retry_budget_is_for_the_whole_run(connect: Connect, hub: Hub, waits: list[float]) -> None:
    """Many short waits end where one long wait would."""
    hub.fail(429, headers={"retry-after": "20"}, times=FOREVER)
    github = connect(budget=50)
    for _ in range(2):
        with pytest.raises(UnfinishedError, match="rate limit reached"):
            github.issue(1)
    assert waits == [20, 20]


@pytest.mark.parametrize("header", ["9" * 15, "9" * 400, "-5", "1e9", "∞".encode().decode("latin-1")])
def test_an_absurd_limit_is_bounded(connect: Connect, hub: Hub, header: str) -> None:
    """A header that no clock can hold ends in the same sentence, or in a wait that is bounded."""
    hub.fail(429, headers={"retry-after": header}, times=FOREVER)
    with pytest.raises(UnfinishedError, match="rate limit reached; it resets at"):
        connect(budget=1).issue(1)


@pytest.mark.parametrize("status", [500, 502, 0])
@pytest.mark.parametrize("after", [True, False])
def test_a_comment_is_never_posted_blindly(
    connect: Connect, hub: Hub, repository: Repository, waits: list[float], status: int, after: bool
) -> None:
    """Where it is not known if a comment was posted, it is not posted again, and the error says so."""
    number = repository.issue()
    hub.fail(status, verb="POST", after=after)
    with pytest.raises(AmbiguousError, match=f"so it is not known whether it did comment on #{number}"):
        connect().create_comment(number, "text")
    assert (len(hub.writes), waits) == (1, [])


@pytest.mark.parametrize(("after", "posts"), [(True, 1), (False, 2)])
def test_labels_are_read_before_they_are_added_again(
    connect: Connect, hub: Hub, repository: Repository, after: bool, posts: int
) -> None:
    """Where it is not known if labels were added, they are read, and added only where they are missing."""
    number = repository.issue()
    hub.fail(502, verb="POST", after=after)
    connect().add_labels(number, ["Experiment"])
    assert repository.labels(number) == {"Experiment"}
    assert len(hub.writes) == posts


@pytest.mark.parametrize(("after", "posts"), [(True, 1), (False, 2)])
def test_a_label_is_looked_for_before_it_is_created_again(
    connect: Connect, hub: Hub, repository: Repository, after: bool, posts: int
) -> None:
    """Where it is not known if a label was created, the labels are listed first."""
    hub.fail(502, verb="POST", after=after)
    connect().create_label("sealed", "0e8a16", "Closed out")
    assert list(repository.all_labels()) == ["sealed"]
    assert len(hub.writes) == posts


def test_deletions_are_retried(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A deletion whose answer was lost is repeated, and finds nothing left to delete."""
    number, github = repository.issue(), connect()
    comment = github.create_comment(number, "text")
    hub.fail(0, verb="DELETE", after=True)
    github.delete_comment(comment.id)
    assert repository.comments(number) == []


def test_validation_errors_are_quoted(connect: Connect, hub: Hub, repository: Repository) -> None:
    """A refusal of what was sent says which part of it GitHub means, with nothing in it that a terminal obeys."""
    number = repository.issue()
    fault = {"resource": "Label", "field": "color", "code": "invalid"}
    hub.fail(422, data={"message": "Validation\x1b[2J Failed", "errors": [fault, "and\nmore", 7, {"code": 5}]})
    with pytest.raises(InvalidError) as caught:
        connect().create_comment(number, "text")
    assert caught.value.message.endswith("(“Validation\\x1b[2J Failed; Label color invalid; and\\nmore”)")
    assert caught.value.codes == {"invalid"}


@pytest.mark.parametrize("data", ["<html>", [], {}, {"number": "five"}, None, 17])
def test_a_response_that_is_not_githubs_is_an_error(connect: Connect, hub: Hub, data: object) -> None:
    """A proxy's page, or another server's JSON, ends in a sentence about the address."""
    hub.fail(200, data=data)
    with pytest.raises(UnfinishedError, match="the response is not from GitHub's API") as caught:
        connect().issue(1)
    assert "GITHUB_API_URL" in caught.value.help


@pytest.mark.parametrize("status", [302, 307, 308])
def test_the_token_is_never_sent_to_another_host(connect: Connect, hub: Hub, status: int) -> None:
    """Nothing is sent to where an answer points."""
    hub.fail(status, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(UnfinishedError, match="it has moved"):
        connect().create_comment(1, "text")
    assert len(hub.calls) == 1


def test_pages_are_bounded(connect: Connect, hub: Hub) -> None:
    """A list that always has a further page ends in a sentence."""
    hub.fail(200, times=FOREVER, data=[], headers={"Link": f'<{hub.url}/repos/lab/tiles/issues?page=2>; rel="next"'})
    with pytest.raises(UnfinishedError, match="there are more than 500"):
        connect(most_pages=5).comments(1)


def test_writes_are_a_second_apart(connect: Connect, repository: Repository, waits: list[float]) -> None:
    """Whatever is written, and whatever is read in between; what is only read never waits."""
    number, github = repository.issue(), connect()
    github.issue(number)
    github.comments(number)
    assert waits == []
    github.create_comment(number, "text")
    assert waits == []
    github.issue(number)
    github.add_labels(number, ["experiment"])
    github.close(number)
    assert waits == [1.0, 1.0]


def test_time_that_has_passed_is_not_waited_for_again() -> None:
    """A slow answer, or a long look at something, is pause enough; a clock that is put back lets nobody wait longer."""
    now, waits = [0.0], list[float]()
    call = Call("POST", "/markdown", "write")
    transport = RetryingTransport(
        lambda *_: ApiResponse(200, {}, "{}"), RetryBudget(clock=lambda: now[0], sleep=waits.append)
    )
    for now[0] in (0.0, 5.0, 5.25, 4.0):
        transport.send(call)
    assert waits == [0.75, 1.0]
