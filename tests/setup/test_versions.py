"""Claims about which commit a version is, asked of real repositories."""

from pathlib import Path

import pytest

from repository import Repository as Work
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.repo.git import Repository
from research_logbook.setup.workflows import ActionPin, ActionSource, resolve

NAME = "lab/logbook"


@pytest.fixture
def released(tmp_path: Path) -> Work:
    """A repository on a server of its own, with releases."""
    work = Work(tmp_path / "server" / NAME)
    first = work.commit(message="First")
    work.git("tag", "--annotate", "--message", "v1.0.0", "v1.0.0")
    work.commit(message="Second")
    for tag in ("v1", "v1.2", "v1.2.0", "v1.10.0", "latest"):
        work.git("tag", "--annotate", "--message", tag, tag)
    work.git("tag", "light", first)
    return work


def pin(released: Work, reference: str) -> ActionPin:
    """Resolve a version on that server."""
    server = released.root.parents[1].as_uri()
    return resolve(ActionSource(NAME, reference), Repository(released.root), {"GITHUB_SERVER_URL": server})


def test_an_annotated_tag_is_its_commit(released: Work) -> None:
    """The commit behind the tag is named, not the tag's own object."""
    head = released.git("rev-parse", "HEAD")
    assert released.git("rev-parse", "v1") != head
    assert pin(released, "v1").commit == head


def test_the_version_is_the_most_exact_one(released: Work) -> None:
    """`v1` moves on, so the comment names the release that it is today: the highest with the most parts."""
    assert pin(released, "v1").version == "v1.10.0"
    assert pin(released, "v1.0.0").version == "v1.0.0"


def test_a_lightweight_tag_and_a_branch_are_found(released: Work) -> None:
    """Whatever names a commit can be used."""
    first = released.git("rev-parse", "v1.0.0^{commit}")
    assert pin(released, "light") == ActionPin(NAME, first, "v1.0.0")
    released.git("switch", "--quiet", "--create", "next")
    head = released.commit(message="Third")
    assert pin(released, "next") == ActionPin(NAME, head, "next")


def test_a_commit_is_taken_as_it_is(released: Work, tmp_path: Path) -> None:
    """A full commit needs no server; where one answers, it says the version."""
    head = released.git("rev-parse", "HEAD")
    assert pin(released, head) == ActionPin(NAME, head, "v1.10.0")
    nowhere = {"GITHUB_SERVER_URL": (tmp_path / "nowhere").as_uri()}
    assert resolve(ActionSource(NAME, head), Repository(released.root), nowhere) == ActionPin(NAME, head, "")


def test_without_an_answer_it_says_what_to_do(released: Work, tmp_path: Path) -> None:
    """Offline it ends in a sentence that names the way that needs no connection."""
    nowhere = {"GITHUB_SERVER_URL": (tmp_path / "nowhere").as_uri()}
    with pytest.raises(UnfinishedError, match="which commit lab/logbook@v1 is") as raised:
        resolve(ActionSource(NAME, "v1"), Repository(released.root), nowhere)
    assert "--source lab/logbook@" in raised.value.help


def test_a_version_that_is_not_there_is_refused(released: Work) -> None:
    """A misspelled version is bad usage."""
    with pytest.raises(UserError, match="no tag or branch v9"):
        pin(released, "v9")


@pytest.mark.parametrize(
    "text",
    ["logbook@v1", "a/b", "a/b@", "a/b@-x", "--upload-pack=x/y@v1", "a/..@v1", "a/b@v1 c", "a/b/c@v1", "a/b@v1\n"],
)
def test_text_that_is_not_a_version_is_refused(text: str) -> None:
    """Nothing that could be an option or a path passes for a source."""
    with pytest.raises(UserError):
        ActionSource.of(text)


@pytest.mark.parametrize("server", ["ext::sh -c id", "-u", "javascript:x"])
def test_a_bad_server_address_is_refused(released: Work, server: str) -> None:
    """Git is handed addresses of servers only, never a command."""
    with pytest.raises(UserError, match="GITHUB_SERVER_URL"):
        resolve(ActionSource(NAME, "v1"), Repository(released.root), {"GITHUB_SERVER_URL": server})
