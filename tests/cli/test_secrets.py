"""Claims about secrets: whoever repeats one, it is shown nowhere."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from cli.test_streams import run
from hub.fixtures import Connect
from repository import GOOD_ANYWHERE as GOOD
from repository import PATH, Repository
from research_logbook.actions import FINDINGS, runner
from research_logbook.errors import UnfinishedError
from research_logbook.github.transport import ApiResponse, Call, RetryBudget, RetryingTransport
from research_logbook.markdown.escape import quoted
from research_logbook.secret_scanner import SECRET_VARIABLES, KnownSecrets, masked

TOKEN = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
PLAIN = "0123456789abcdef" * 2
"""A token of a server that gives them no form, which no scanner knows."""
CALL = Call("GET", "/repos/{repository}", "read the repository", {"repository": "lab/models"})


def forms(secret: str) -> list[str]:
    """Return how a server may repeat a secret."""
    return [
        *(f"Authorization: token {secret}", f"?access_token={secret}&x=1", secret * 2),
        "".join(f"\\u{ord(letter):04x}" for letter in secret),
        f"%{ord(secret[0]):02X}{secret[1:]}",
        *(b64encode(told.encode()).decode() for told in (secret, f"x-access-token:{secret}")),
    ]


@pytest.mark.parametrize("form", forms(PLAIN))
@pytest.mark.parametrize("status", [200, 400, 403, 404, 422])
def test_what_a_server_repeats_of_a_request_is_not_read(form: str, status: int) -> None:
    """A proxy's message may hold the header; neither an error nor what is read from an answer does."""
    body = json.dumps({"message": f"no: {'x' * 270}{form}"}).replace("\\\\u", "\\u")
    transport = RetryingTransport(lambda *_: ApiResponse(status, {}, body), RetryBudget(0), KnownSecrets([PLAIN]))
    try:
        said = json.loads(transport.send(CALL).body)["message"]
    except UnfinishedError as error:
        said = error.sentence
    assert not any(part in said for part in (PLAIN[:12], *forms(PLAIN)[-2:]))
    assert "x" * 20 in said


def test_a_server_that_repeats_nothing_is_read_in_full() -> None:
    """Digits that only resemble a secret stay as they are."""
    transport = RetryingTransport(
        lambda *_: ApiResponse(422, {}, json.dumps({"message": f"no commit {PLAIN[:-1]}e"})),
        RetryBudget(0),
        KnownSecrets([PLAIN, "short"]),
    )
    with pytest.raises(UnfinishedError, match=f"no commit {PLAIN[:-1]}e"):
        transport.send(CALL)


def test_the_client_tells_its_transport_the_token(connect: Connect) -> None:
    """What the hub says of a request is masked by the client as it is made."""
    github = connect()
    token = github._access.token
    assert github._transport._secrets.mask(f"a {token} b") == "a *** b"


@pytest.mark.parametrize("name", SECRET_VARIABLES)
def test_neither_summary_nor_outputs_hold_a_secret_of_the_run(tmp_path: Path, name: str) -> None:
    """What reached a text all the same is not written to where others read it."""
    files = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(tmp_path / "output")}
    runner.add_summary({**files, name: PLAIN}, f"a {PLAIN} b")
    runner.set_outputs({**files, name: PLAIN}, {FINDINGS: f"{PLAIN}"})
    assert (tmp_path / "summary").read_text() == "a *** b\n"
    assert (tmp_path / "output").read_text() == "findings=***\n"


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A repository with a logbook."""
    work = Repository(tmp_path / "work")
    work.commit({PATH: GOOD})
    return work


LONG = "wandb_v1_" + "aB3dE5gH7j" * 8

WORDS = [
    ("lint", TOKEN),
    ("lint", f"{TOKEN}/x.md"),
    ("lint", "--base", TOKEN),
    ("lint", "--config", f"/nowhere/{TOKEN}.yml"),
    ("lint", f"--format={TOKEN}"),
    ("lint", f"--{TOKEN}"),
    (TOKEN,),
    ("snapshot", "--show", TOKEN),
    ("snapshot", "--show", LONG),
    ("snapshot", "--list", TOKEN),
    ("trace", TOKEN),
    ("rules", TOKEN),
    ("inspect", TOKEN),
    ("labels", "--repo", LONG, "--issue", "1"),
    ("labels", "--repo", "lab/models", "--bot-login", f"x y {TOKEN}", "--issue", "1"),
    ("labels", "--issue", TOKEN),
    ("seal", "--repo", f"https://ana:{TOKEN}@github.com/lab/models", "--issue", "1"),
    ("sweep", "--since", TOKEN),
    ("wandb-summary", "--offline", TOKEN),
    ("rerun", TOKEN),
    ("promote", "--topic", TOKEN, "SPA-AT-001"),
]


@pytest.mark.parametrize("actions", ["", "true"])
@pytest.mark.parametrize("words", WORDS, ids=lambda words: " ".join(words)[:20])
def test_no_error_repeats_a_secret(work: Repository, words: tuple[str, ...], actions: str) -> None:
    """An option, a path or a name that is a secret by mistake is not shown, nor a part of it."""
    said = run(work, *words, GITHUB_ACTIONS=actions, GITHUB_TOKEN=PLAIN, GITHUB_EVENT_NAME="workflow_dispatch")
    told = (said.stdout + said.stderr).decode()
    assert said.returncode != 0
    assert TOKEN[4:20] not in told
    assert LONG[9:30] not in told
    assert PLAIN not in told


def test_an_error_repeats_what_is_no_secret(work: Repository) -> None:
    """Who mistypes a path sees what was typed, also where it is long."""
    said = run(work, "lint", "notes/0123456789abcdef0123456789abcdef01234567/results-of-the-second-week.md").stderr
    assert b"0123456789abcdef0123456789abcdef01234567/results-of-the-second-week.md does not exist" in said


def test_a_secret_is_masked_before_a_quote_is_cut() -> None:
    """The beginning of one is known for what it is only as long as the rest is there."""
    assert masked(f"a {LONG} b {TOKEN}\n{TOKEN}") == "a *** b ***\n***"
    assert quoted(f"{'a ' * 20}{LONG}").endswith(" ***")
    assert masked("nothing here: 41.2 ms") == "nothing here: 41.2 ms"
