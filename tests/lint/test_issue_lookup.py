"""Claims about what lint asks GitHub: few calls, only about issues that are named, and never a failure for it."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.bench import Hub, Repository
from repository import ENTRY, GOOD, PATH, context
from repository import Repository as Work
from research_logbook.findings import Report
from research_logbook.lint.run import LintRequest, lint

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
RULES = {"issue-without-logbook-link", "closing-keyword"}
BRANCH = "research/sparse-attention"

Judge = Callable[..., Report]


def book(issue: int | str) -> str:
    """Return a good logbook that names an issue."""
    return GOOD.replace("https://github.com/lab/models/issues/8734", str(issue))


@pytest.fixture
def judge(tmp_path: Path, hub: Hub, repository: Repository) -> Judge:
    """Return what judges a pull request that starts a logbook, with a token that may only read."""

    def judged(text: str, body: str = "", token: str | None = None, **environment: str) -> Report:
        origin = Work(tmp_path / "origin")
        origin.commit({"README.md": "Tiles\n"})
        work = Work(tmp_path / "work", origin=origin.root)
        work.git("switch", "--quiet", "--create", BRANCH)
        head = work.commit({PATH: text + ENTRY})
        environment = _event(tmp_path, hub, repository, head, body, token, environment)
        return lint(LintRequest(), context(work.root, environment, NOW))[0]

    return judged


def _event(
    folder: Path, hub: Hub, repository: Repository, head: str, body: str, token: str | None, more: dict[str, str]
) -> dict[str, str]:
    place: dict[str, Any] = {"repo": {"full_name": repository.name}}
    pull = {"number": 99, "body": body, "head": {"ref": BRANCH, "sha": head} | place, "base": {"ref": "main"} | place}
    payload = {"number": 99, "pull_request": pull, "repository": {"default_branch": "main"}}
    (folder / "event.json").write_text(json.dumps(payload))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_REPOSITORY": repository.name,
        "GITHUB_API_URL": hub.url,
        "GITHUB_TOKEN": hub.workflow_token(contents="read") if token is None else token,
    } | more


def found(report: Report) -> set[str]:
    """Return which of the two rules found something."""
    return {finding.rule for finding in report.findings} & RULES


def why(report: Report) -> set[str]:
    """Return why the two rules were not applied."""
    return {skipped.why for skipped in report.skipped if skipped.rule in RULES}


def test_an_issue_without_the_link_is_found(judge: Judge, hub: Hub, repository: Repository) -> None:
    """The logbook's issue does not link it: one call tells, of the issue that the header names by its address."""
    number = repository.issue(body="Nothing here.")
    report = judge(book(f"https://github.com/{repository.name}/issues/{number}"), f"Part of #{number}")
    assert (found(report), why(report)) == ({"issue-without-logbook-link"}, set())
    assert hub.calls == [f"GET /repos/{repository.name}/issues/{number}"]


def test_a_closing_keyword_is_found(judge: Judge, hub: Hub, repository: Repository) -> None:
    """A pull request that would close the logbook's issue, or one with the label, is warned; a bug may be closed."""
    mine = repository.issue(body=f"`{PATH}`")
    other = repository.issue(labels=["Experiment"])
    bug = repository.issue("A bug")
    report = judge(book(mine), f"Closes #{mine}, fixes #{other}, fixes #{bug}.")
    messages = [finding.message for finding in report.findings if finding.rule == "closing-keyword"]
    assert messages == [
        f"merging this pull request would close experiment issue #{number}, which is not sealed"
        for number in (mine, other)
    ]
    assert len(hub.calls) == 3


@pytest.mark.parametrize(("labels", "state"), [(["sealed"], "open"), ([], "closed")])
def test_what_is_sealed_or_closed_is_closed_by_nobody(
    judge: Judge, repository: Repository, labels: list[str], state: str
) -> None:
    """A sealed issue may be closed, and one that is closed already is not closed by merging."""
    number = repository.issue(body=PATH, labels=["experiment", *labels])
    repository.change(number, state=state)
    assert found(judge(book(number), f"Closes #{number}")) == set()


def test_another_repositorys_issue_is_not_asked_about(judge: Judge, hub: Hub, repository: Repository) -> None:
    """What the header or a keyword names elsewhere is none of ours, whatever its number."""
    number = repository.issue(labels=["experiment"])
    report = judge(book(f"https://github.com/lab/elsewhere/issues/{number}"), f"Closes lab/elsewhere#{number}")
    assert (found(report), why(report), hub.calls) == (set(), set(), [])


def test_more_than_three_issues_are_not_asked_about(judge: Judge, hub: Hub, repository: Repository) -> None:
    """Three calls at most, and the report says about which issues nothing is known."""
    numbers = [repository.issue() for _ in range(5)]
    report = judge(book(numbers[4]), " ".join(f"Closes #{number}" for number in numbers[:4]))
    assert len(hub.calls) == 3
    assert any(f"need to know of #{numbers[3]}, #{numbers[4]}" in note for note in report.notes)


def test_without_a_token_the_rules_are_listed_as_not_applied(judge: Judge, hub: Hub) -> None:
    """No token, no call, and the reason says what to set."""
    report = judge(book(1), "Closes #1", token="")
    assert why(report) == {
        "no GitHub token; set GITHUB_TOKEN or GH_TOKEN; on your own machine `gh auth token` prints one"
    }
    assert hub.calls == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            {
                "status": 403,
                "message": "Resource not accessible by integration",
                "headers": {"x-accepted-github-permissions": "issues=read"},
            },
            "add `issues: read`",
        ),
        ({"status": 401}, "GitHub rejected the token"),
        (
            {"status": 404, "times": 9},
            "check the repository and the number, and that the token may read the repository",
        ),
        ({"status": 429, "headers": {"retry-after": "3600"}}, "rate limit reached"),
        ({"status": 0, "times": 9}, "did not answer"),
        ({"status": 502, "times": 9}, "answered 502"),
        ({"status": 200, "data": "not GitHub"}, "the response is not from GitHub's API"),
        ({"status": 301, "headers": {"location": "http://localhost:9/"}, "times": 9}, "it has moved"),
    ],
)
def test_what_github_refuses_fails_no_lint(
    judge: Judge, hub: Hub, repository: Repository, fault: dict[str, Any], reason: str
) -> None:
    """Whatever goes wrong there is the reason why the two rules were not applied, and all else is judged."""
    hub.fail(**fault)
    report = judge(book(repository.issue()), "Closes #1")
    (told,) = why(report)
    assert reason in told
    assert len(report.logbooks) == 1
    assert len(hub.calls) <= 3


@pytest.mark.parametrize(
    "environment",
    [
        {"GITHUB_API_URL": "http://localhost:9"},
        {"GITHUB_API_URL": "ftp://lab.example"},
        {"GITHUB_REPOSITORY": "../x"},
        {"GITHUB_TOKEN": "two words"},
    ],
)
def test_a_wrong_setting_fails_no_lint(judge: Judge, environment: dict[str, str]) -> None:
    """A server that is not there, and settings that cannot be, are reasons too."""
    assert len(why(judge(book(1), **environment))) == 1
