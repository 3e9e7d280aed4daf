"""Claims about `logbook labels` and `logbook sweep` from the outside: exit codes, outputs, what is printed."""

import gc
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.bench import Hub, Repository
from research_logbook.cli import main

Invoke = Callable[..., int]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def invoke(hub: Hub, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Return what runs a command as a job does, outside of any repository, and returns its exit code."""
    for name in ("GITHUB_EVENT_PATH", "GITHUB_EVENT_NAME", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_API_URL", hub.url)
    monkeypatch.setenv("GITHUB_REPOSITORY", repository.name)
    monkeypatch.setenv("GITHUB_TOKEN", hub.workflow_token(issues="write"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.chdir(tmp_path)

    def invoked(*arguments: str, **variables: str) -> int:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["logbook", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        gc.enable()  # a command switches it off for its short life
        return int(end.value.code or 0)

    return invoked


def outputs(folder: Path) -> dict[str, object]:
    """Return the outputs that the last command set."""
    lines = (folder / "output").read_text().splitlines()
    return {name: json.loads(value) for name, _, value in (line.partition("=") for line in lines)}


def test_an_issue_that_changes_meanwhile_is_judged_anew(
    invoke: Invoke, hub: Hub, repository: Repository, tmp_path: Path, capsys: Capture
) -> None:
    """Whoever comments between our look and our write loses no label for it."""
    owner = repository.as_person("lab")
    number = owner.issue("Experiment: tiles")
    hub.meanwhile(lambda: owner.change(number, body="🤖 more"), path=f"issues/{number}/events")
    assert invoke("labels", "--issue", str(number)) == 0
    assert owner.labels(number) == {"experiment", "agent-generated"}
    assert outputs(tmp_path) == {"added": ["agent-generated", "experiment"], "tags": [], "comment-urls": []}
    assert "has changed since it was read" in capsys.readouterr().out


def test_outputs_are_set_before_a_failure(
    invoke: Invoke, hub: Hub, repository: Repository, tmp_path: Path, capsys: Capture
) -> None:
    """A command that could not finish sets its outputs all the same, and exits with 3 and a sentence."""
    number = repository.issue("Experiment: tiles")
    assert invoke("labels", "--issue", str(number), GITHUB_TOKEN=hub.workflow_token(issues="read")) == 3
    assert outputs(tmp_path) == {"added": [], "tags": [], "comment-urls": []}
    assert capsys.readouterr().out.startswith("::error title=logbook::could not ")


def test_a_dry_run_prints_what_a_run_does(
    invoke: Invoke, hub: Hub, repository: Repository, tmp_path: Path, capsys: Capture
) -> None:
    """The same effects, and nothing written or among the outputs; as JSON it says that it was not applied."""
    number = repository.issue("Experiment: tiles")
    assert invoke("sweep", "--dry-run", "--verbose") == 0
    dry = capsys.readouterr()
    assert (hub.writes, outputs(tmp_path)["added"]) == ([], [])
    assert dry.err == f"{len(hub.calls)} calls of GitHub's API\n"
    assert invoke("labels", "--issue", str(number), "--dry-run=true", "--format=json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["applied"], [effect["kind"] for effect in told["effects"]]) == (False, ["create-label", "add-labels"])
    assert invoke("sweep", "--dry-run=false") == 0
    labels = "the label “experiment”", f"“experiment” to #{number}"
    text = ":\n\n    A research thread with a logbook (#5319e7)\n\n"
    assert dry.out == f"would create {labels[0]}{text}would add {labels[1]}\n"
    assert capsys.readouterr().out == f"created {labels[0]}\nadded {labels[1]}\n"
    assert repository.labels(number) == {"experiment"}


@pytest.mark.parametrize(
    ("arguments", "variables", "says"),
    [
        (["labels"], {}, "no issue given"),
        (["labels", "--issue=1", "--pull=2"], {}, "name two things"),
        (["labels", "--issue=0"], {}, "--issue"),
        (["labels", "--issue=99"], {}, "no issue or pull request #99 in"),
        (["labels", "--issue=1", "--dry-run=maybe"], {}, "--dry-run"),
        (["labels", "--issue=1", "--mode=mend"], {}, "--mode"),
        (["labels", "--issue=1", "--repo=x"], {}, "`x` is not a repository's name"),
        (["labels", "--issue=1", "--bot-login=a b"], {}, "`a b` is not a GitHub login"),
        (["labels", "--issue=1", "--config=gone.yml"], {}, "the configuration gone.yml cannot be read"),
        (["sweep", "--after=-1"], {}, "--after"),
        (["sweep"], {"GITHUB_TOKEN": ""}, "no GitHub token"),
        (["event"], {"GITHUB_EVENT_NAME": "schedule"}, "the event schedule does not say what to do"),
        (["event"], {"GITHUB_EVENT_NAME": "workflow_dispatch"}, "`command`"),
        (["event"], {"GITHUB_EVENT_NAME": "pull_request_target"}, "pull_request_target is refused"),
        (["labels"], {"GITHUB_EVENT_NAME": "pull_request_target"}, "pull_request_target is refused"),
    ],
)
def test_bad_usage_is_a_sentence(
    invoke: Invoke, hub: Hub, capsys: Capture, arguments: list[str], variables: dict[str, str], says: str
) -> None:
    """Exit code 2, what is wrong and what to do, and nothing written."""
    assert invoke(*arguments, **variables) == 2
    said = capsys.readouterr()
    assert says in said.out + said.err
    assert "Traceback" not in said.err
    assert hub.writes == []


def test_a_configuration_that_is_named_counts(invoke: Invoke, hub: Hub, repository: Repository, tmp_path: Path) -> None:
    """`--config` replaces the repository's: here, logins that count as agents, and only a check."""
    (tmp_path / "other.yml").write_text("labels:\n  agents: [lab]\n  mode: check\n")
    number = repository.issue("Experiment: tiles")
    assert invoke("labels", f"--issue={number}", "--config=other.yml") == 1
    assert hub.writes == []
    assert invoke("labels", f"--issue={number}", "--config=other.yml", "--mode=fix") == 0
    assert repository.labels(number) == {"experiment", "agent-generated"}
