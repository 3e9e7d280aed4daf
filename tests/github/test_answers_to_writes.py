"""Claims about the answers to what is written: one that holds no such object is no success."""

from collections.abc import Callable
from typing import Any

import pytest

from hub.bench import BOT, Connect, Hub, Repository
from research_logbook.errors import UnfinishedError
from research_logbook.github.client import GitHub

PAGE = b"<!DOCTYPE html><title>Sign in</title>"
FOREVER = 1_000

WRITES: dict[str, Callable[[GitHub, int, int, str], object]] = {
    "comment": lambda github, number, *_: github.create_comment(number, "text"),
    "edit": lambda github, _, comment, __: github.edit_comment(comment, "newer"),
    "delete": lambda github, _, comment, __: github.delete_comment(comment),
    "label": lambda github, number, *_: github.add_labels(number, ["sealed"]),
    "unlabel": lambda github, number, *_: github.remove_label(number, "experiment"),
    "create label": lambda github, *_: github.create_label("sealed", "0e8a16", "Closed out"),
    "close": lambda github, number, *_: github.close(number),
    "edit the text": lambda github, number, *_: github.write_body(number, "A question.\n"),
    "open": lambda github, *_: github.create_issue("Experiment: tiles", "text", ["experiment"]),
    "tag": lambda github, _, __, commit: github.create_tag("snapshot/tiles/T-001", commit, "Tiles"),
}
ASKED_TWICE = WRITES.keys() - {"comment", "edit", "open"}
"""Those that are made once more where nothing shows that they were done; of a comment its callers look for it."""


@pytest.fixture
def github(connect: Connect, hub: Hub) -> GitHub:
    """Connect as a job that may write all of it."""
    return connect(hub.workflow_token(issues="write", contents="write"))


@pytest.fixture
def place(repository: Repository) -> tuple[int, int, str]:
    """Return an issue with a label, a comment of ours on it, and a commit."""
    number = repository.issue(labels=["experiment"])
    return number, repository.as_person(BOT).comment(number, "older"), repository.head


def end(repository: Repository) -> list[Any]:
    """Return all that the writes change."""
    issues = [
        (repository.get_issue(it)["body"], repository.state(it), repository.labels(it), repository.comments(it))
        for it in repository.numbers
    ]
    return [issues, sorted(repository.all_labels()), repository.tags()]


@pytest.mark.parametrize("answer", [PAGE, b"", b"null", b'{"id": 1', "text", 17, [], {}, [{}]])
@pytest.mark.parametrize("write", WRITES)
def test_an_answer_that_is_none_is_no_success(
    github: GitHub, hub: Hub, repository: Repository, place: tuple[int, int, str], write: str, answer: object
) -> None:
    """Where something else answers with status 200 and nothing is written, the write fails with a sentence."""
    if (write, answer) == ("unlabel", []):
        return  # what GitHub answers where no label is left
    before = end(repository)
    hub.fail(200, verb="POST|PATCH|DELETE", data=answer, times=FOREVER)
    with pytest.raises(UnfinishedError, match="the response is not from GitHub's API") as caught:
        WRITES[write](github, *place)
    assert (caught.value.exit_code, end(repository)) == (3, before)


@pytest.mark.parametrize("status", [200, 404, 410, 422])
@pytest.mark.parametrize("write", sorted(ASKED_TWICE))
@pytest.mark.parametrize("after", [True, False])
def test_a_write_whose_answer_was_lost_is_looked_for(
    github: GitHub, hub: Hub, repository: Repository, place: tuple[int, int, str], write: str, status: int, after: bool
) -> None:
    """Whether it was done or not, it is done then, and done once; also where GitHub says that it cannot be."""
    before = end(repository)
    hub.fail(status, verb="POST|PATCH|DELETE", data=PAGE if status == 200 else None, after=after)
    WRITES[write](github, *place)
    done = end(repository)
    assert (hub.proxy.faults[0].times, done == before) == (0, False)
    WRITES[write](github, *place)
    assert end(repository) == done
