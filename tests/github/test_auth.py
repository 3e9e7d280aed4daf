"""Claims about who we are to GitHub, as the environment tells."""

import pytest

from research_logbook.effects.sticky_comments import Origin, RunId
from research_logbook.errors import UserError
from research_logbook.github import Access, Remote, remote_at

GIVEN = {"GITHUB_TOKEN": "ghs_secret", "GITHUB_REPOSITORY": "lab/tiles"}


def test_a_workflow_needs_no_options() -> None:
    """Inside Actions nothing needs to be said."""
    access = Access.of(
        {**GIVEN, "GITHUB_ACTIONS": "true", "GITHUB_API_URL": "https://ghe.lab.test/api/v3/"},
        GIVEN["GITHUB_REPOSITORY"],
    )
    assert (access.api_url, access.repository) == ("https://ghe.lab.test/api/v3", "lab/tiles")
    assert access.is_workflow_token


def test_a_laptop_needs_a_token_and_a_repository() -> None:
    """Elsewhere the public API is meant, and what the user names goes first."""
    access = Access.of({"GH_TOKEN": " ghp_secret\n", "GITHUB_REPOSITORY": "lab/other"}, "lab/tiles")
    assert (access.api_url, access.token, access.repository) == ("https://api.github.com", "ghp_secret", "lab/tiles")
    assert not access.is_workflow_token


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"GITHUB_TOKEN": ""}, "no GitHub token"),
        ({"GITHUB_TOKEN": " \n"}, "no GitHub token"),
        ({"GITHUB_TOKEN": "secret\r\nX-Evil: 1"}, "malformed GitHub token"),
        ({"GITHUB_TOKEN": "secret" * 1000}, "malformed GitHub token"),
        ({"GITHUB_TOKEN": "sécret"}, "malformed GitHub token"),
        ({"GITHUB_REPOSITORY": ""}, "repository unknown"),
        ({"GITHUB_REPOSITORY": "tiles"}, "not a repository's name"),
        ({"GITHUB_REPOSITORY": "lab/../user"}, "not a repository's name"),
        ({"GITHUB_REPOSITORY": "lab/.."}, "not a repository's name"),
        ({"GITHUB_REPOSITORY": "lab/tiles\n"}, "not a repository's name"),
        ({"GITHUB_REPOSITORY": "https://github.com/lab/tiles"}, "not a repository's name"),
        ({"GITHUB_API_URL": "ghe.lab.test"}, "not the address of an API"),
        ({"GITHUB_API_URL": "ftp://ghe.lab.test"}, "not the address of an API"),
        ({"GITHUB_API_URL": "https://user:secret@ghe.lab.test"}, "not the address of an API"),
        ({"GITHUB_API_URL": "https://ghe.lab.test?x=1"}, "not the address of an API"),
        ({"GITHUB_API_URL": "https://ghe.lab.test:99999"}, "not the address of an API"),
        ({"GITHUB_API_URL": "https://[ghe"}, "not the address of an API"),
        ({"GITHUB_API_URL": "https://"}, "not the address of an API"),
        ({"GITHUB_API_URL": "https://ghe.lab.test/\n"}, "not the address of an API"),
        ({"GITHUB_API_URL": "http://ghe.lab.test/api/v3"}, "unencrypted"),
    ],
)
def test_missing_or_malformed_access_is_an_error(given: dict[str, str], message: str) -> None:
    """Each fault has its sentence and a way out, and no secret is repeated."""
    environment = {**GIVEN, **given}
    with pytest.raises(UserError, match=message) as caught:
        Access.of(environment, environment["GITHUB_REPOSITORY"])
    assert caught.value.help
    assert "secret" not in caught.value.message + caught.value.help


def test_a_malformed_bot_login_is_refused() -> None:
    """What the user takes for a login is checked before it is believed."""
    with pytest.raises(UserError, match="is not a GitHub login"):
        Access.of(GIVEN, GIVEN["GITHUB_REPOSITORY"], bot_login="my app")


REMOTES: dict[str, Remote | None] = {
    "https://github.com/lab/tiles": Remote("github.com", "lab/tiles"),
    "https://github.com/lab/tiles.git": Remote("github.com", "lab/tiles"),
    "https://github.com/lab/tiles/": Remote("github.com", "lab/tiles"),
    "https://github.com/lab/tiles.git/": Remote("github.com", "lab/tiles"),
    "https://github.com//lab/tiles": Remote("github.com", "lab/tiles"),
    "https://www.github.com/lab/tiles": Remote("github.com", "lab/tiles"),
    "http://github.com/lab/tiles": Remote("github.com", "lab/tiles"),
    "HTTPS://GitHub.COM/Lab/Tiles.git": Remote("github.com", "Lab/Tiles"),
    "https://ana@github.com/lab/tiles": Remote("github.com", "lab/tiles"),
    "https://x-access-token:ghs_secret@github.com/lab/tiles.git": Remote("github.com", "lab/tiles"),
    "https://ana:p%40ss:word@github.com/lab/tiles": Remote("github.com", "lab/tiles"),
    "https://github.com/lab/tiles.js": Remote("github.com", "lab/tiles.js"),
    "https://github.com/lab/.github": Remote("github.com", "lab/.github"),
    "https://github.com/lab/%74iles": Remote("github.com", "lab/tiles"),
    "git@github.com:lab/tiles.git": Remote("github.com", "lab/tiles"),
    "git@github.com:/lab/tiles.git": Remote("github.com", "lab/tiles"),
    "git@github.com:lab/tiles/": Remote("github.com", "lab/tiles"),
    "git@GITHUB.com:lab/tiles.GIT": Remote("github.com", "lab/tiles"),
    "org-123@github.com:lab/tiles.git": Remote("github.com", "lab/tiles"),
    "github.com:lab/tiles": Remote("github.com", "lab/tiles"),
    "git@github.com-work:lab/tiles": Remote("github.com", "lab/tiles"),
    "github-work:lab/tiles": Remote("github-work", "lab/tiles"),
    "ssh://git@github.com/lab/tiles.git": Remote("github.com", "lab/tiles"),
    "ssh://github.com/lab/tiles": Remote("github.com", "lab/tiles"),
    "ssh://git@github.com:22/lab/tiles": Remote("github.com", "lab/tiles"),
    "ssh://git@ssh.github.com:443/lab/tiles.git": Remote("github.com", "lab/tiles"),
    "git+ssh://git@github.com/lab/tiles.git": Remote("github.com", "lab/tiles"),
    "ssh+git://git@github.com/lab/tiles": Remote("github.com", "lab/tiles"),
    "git+https://github.com/lab/tiles": Remote("github.com", "lab/tiles"),
    "git://github.com/lab/tiles.git": Remote("github.com", "lab/tiles"),
    "https://octocorp.ghe.com/lab/tiles": Remote("octocorp.ghe.com", "lab/tiles"),
    "octocorp@octocorp.ghe.com:lab/tiles.git": Remote("octocorp.ghe.com", "lab/tiles"),
    "https://ghe.lab.example:8443/lab/tiles.git": Remote("ghe.lab.example", "lab/tiles"),
    "ssh://git@ghe.lab.example:2222/lab/tiles": Remote("ghe.lab.example", "lab/tiles"),
    "git@ssh.lab.example:lab/tiles": Remote("ssh.lab.example", "lab/tiles"),
    "https://github.com@evil.example/lab/tiles": Remote("evil.example", "lab/tiles"),
    "https://gitlab.com/lab/group/tiles": None,
    "https://github.com/lab": None,
    "https://github.com": None,
    "https://github.com/lab/..": None,
    "file:///srv/lab/tiles.git": None,
    "/srv/lab/tiles.git": None,
    "../lab/tiles": None,
    "./lab:x/tiles": None,
    "C:/lab/tiles": None,
    "lab/tiles": None,
    "": None,
}


@pytest.mark.parametrize("address", REMOTES)
def test_a_remote_is_read_however_it_is_written(address: str) -> None:
    """Every form of address that git takes names host and repository; a path on this machine names none."""
    assert remote_at(address) == REMOTES[address]


def test_repr_hides_the_token() -> None:
    """Printing the access prints no token."""
    assert "secret" not in repr(Access.of(GIVEN, GIVEN["GITHUB_REPOSITORY"]))


@pytest.mark.parametrize(
    ("given", "run"),
    [
        ({"GITHUB_RUN_ID": "12", "GITHUB_RUN_ATTEMPT": "3"}, RunId(12, 3)),
        ({"GITHUB_RUN_ID": "12"}, RunId(12, 1)),
        ({"GITHUB_RUN_ID": "twelve"}, RunId()),
        ({"GITHUB_RUN_ID": "1" * 19}, RunId()),
        ({"GITHUB_RUN_ID": "१२"}, RunId()),
        ({}, RunId()),
        ({"GITHUB_RUN_ID": "12", "GITHUB_ACTIONS": ""}, RunId()),
    ],
)
def test_the_workflow_run_is_read_from_the_environment(given: dict[str, str], run: RunId) -> None:
    """A run is known by its number and attempt; elsewhere there is none."""
    assert Origin.of({"GITHUB_ACTIONS": "true", **given}).run == run


def test_the_summary_is_linked_where_github_is() -> None:
    """The job summary stands on the server that runs the workflow."""
    given = {"GITHUB_SERVER_URL": "https://ghe.lab.test", "GITHUB_REPOSITORY": "lab/tiles", "GITHUB_RUN_ID": "12"}
    url = "https://ghe.lab.test/lab/tiles/actions/runs/12/attempts/1"
    assert Origin.of({"GITHUB_ACTIONS": "true", **given}) == Origin(RunId(12, 1), url)
