"""Claims about what is read of GitHub: all that its description lets be null or missing may be so."""

import datetime as dt
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from contract.description import Description, described
from research_logbook.github import Access
from research_logbook.github.client import GitHub
from research_logbook.github.transport import ApiResponse, Call, RetryBudget, path_of

LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ACCESS = Access.of({"GITHUB_TOKEN": "x" * 20, "GITHUB_REPOSITORY": "lab/tiles"}, "lab/tiles")

READ: dict[str, Callable[[GitHub], object]] = {
    "login": lambda github: github.login(),
    "role": lambda github: github.role("ann"),
    "issue": lambda github: github.issue(1),
    "open issues": lambda github: list(github.open_issues()),
    "closed issues": lambda github: list(github.closed_issues(LONG_AGO)),
    "events": lambda github: github.events(1),
    "timeline": lambda github: github.timeline(1),
    "comments": lambda github: github.comments(1),
    "whether a comment is there": lambda github: github.has_comment(1),
    "what happened to labels": lambda github: github.label_pasts(1),
    "the repository's labels": lambda github: github.repository_labels(),
    "pull request": lambda github: github.pull(1),
    "files of a pull request": lambda github: github.pull_files(1),
    "branches of pull requests": lambda github: github.branches(),
    "pull requests from a branch": lambda github: github.pulls_from("ann", "research/tiles"),
    "tag": lambda github: github.tagged("research/a-tag"),
    "what moved a branch": lambda github: list(github.activity("research/tiles")),
    "visibility": lambda github: github.visibility(),
    "names of secrets": lambda github: github.secrets(),
    "rulesets": lambda github: github.tag_rulesets(),
}
WRITTEN: dict[str, Callable[[GitHub], object]] = {
    "an issue": lambda github: github.create_issue("Tiles", "Why", ["experiment"]),
    "a body": lambda github: github.write_body(1, "Why"),
    "a comment": lambda github: github.create_comment(1, "Done"),
    "an edited comment": lambda github: github.edit_comment(1, "Done"),
    "a deleted comment": lambda github: github.delete_comment(1),
    "a label": lambda github: github.create_label("sealed", "ededed", "Closed out"),
    "labels of an issue": lambda github: github.add_labels(1, ["sealed"]),
    "a label taken off": lambda github: github.remove_label(1, "sealed"),
    "closing": lambda github: github.close(1),
    "reopening": lambda github: github.reopen(1),
    "a tag": lambda github: github.create_tag("research/a-tag", "0" * 40, "Tiles"),
}


class DescribedTransport:
    """Answers each call with the least that GitHub's description allows, in its `form`th form."""

    def __init__(self, description: Description, form: int) -> None:
        self.description = description
        self.form = form
        self.forms = 1
        self.faults: list[str] = []

    def close(self) -> None:
        """Close nothing."""

    def send(self, call: Call, url: str) -> ApiResponse:
        """Answer."""
        operation = self.description.operation(call.verb, path_of(call))
        assert operation, f"GitHub describes no {call.verb} {url}"
        query = "&".join(f"{name}={value}" for name, value in call.parameters.items())
        self.faults += operation.faults(query, call.body)
        answers = [_as_asked(call, _as_happens(call, it)) for it in operation.answers()]
        self.forms = max(self.forms, len(answers))
        answer = answers[self.form % len(answers)]
        return ApiResponse(204 if answer is None else 200, {}, "" if answer is None else json.dumps(answer))


def _as_happens(call: Call, answer: Any) -> Any:
    """Name the events of a timeline, of which it is only said that each has a name; let a write do what it asks."""
    asked = call.body or {}
    match call.verb, call.template.rpartition("/")[2]:
        case "GET", "timeline":
            return [{**item, "event": _event(item)} for item in answer]
        case "POST", "labels" if "labels" in asked:
            return [{**answer[0], "name": name} for name in asked["labels"]]
        case "POST", "tags" | "refs":
            return {**answer, "object": {**answer["object"], "sha": asked.get("object", asked.get("sha"))}}
        case "PATCH", ("{number}" | "{id}") as place:
            name = place.strip("{}")
            return {**answer, **asked, name: call.values[name]}
        case "POST", _:
            return {**answer, **{name: value for name, value in asked.items() if name in answer}}
    return answer


def _as_asked(call: Call, answer: Any) -> Any:
    """Let an answer be about what was asked for, where it says what it is about."""
    if isinstance(answer, list):
        return [_as_asked(call, item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    about = {
        "issue_url": f"https://api.github.com/repos/lab/tiles/issues/{call.values.get('number', 1)}",
        "ref": f"refs/tags/{call.values.get('tag', 'research/a-tag')}",
        "full_name": "lab/tiles",
    }
    return answer | {name: value for name, value in about.items() if isinstance(answer.get(name), str)}


def _event(item: dict[str, Any]) -> str:
    if "source" in item:
        return "cross-referenced"
    return "commented" if "issue_url" in item and "author_association" in item else "labeled"


@pytest.mark.parametrize("what", [*READ, *WRITTEN])
def test_the_least_that_github_may_answer_is_read(what: str) -> None:
    """Null where it may be null, and nothing that is not required: no such answer is refused as not GitHub's."""
    description = described()
    for form in count():
        transport = DescribedTransport(description, form)
        github = GitHub(ACCESS, RetryBudget(sleep=lambda _: None), transport=transport)  # type: ignore[arg-type]
        (READ | WRITTEN)[what](github)
        assert transport.faults == []
        if form + 1 >= transport.forms:
            break
