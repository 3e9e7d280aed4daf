"""Claims about `logbook doctor`: it finds what is missing or out of date, and changes nothing."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from hub.bench import Connect, Hub
from hub.proxy import ENTERPRISE
from repository import Repository, context, release
from research_logbook import cli
from research_logbook.github.client import GitHub
from research_logbook.render import enumerated
from research_logbook.repo import files
from research_logbook.setup.doctor import DoctorCheck, State, diagnose, health_json, health_text
from research_logbook.setup.init import SOURCE, InitOptions, plan_init
from research_logbook.setup.workflows import WORKFLOWS, workflow_templates

NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
LINT = ".github/workflows/logbook-lint.yml"
USUAL = tuple(one.name for one in WORKFLOWS if one.is_usual and one.name in workflow_templates())


@pytest.fixture
def actions(tmp_path: Path) -> Repository:
    """The actions, on a server of their own, with a release."""
    return release(tmp_path / "server", "v1.0.0", "v1")


@pytest.fixture
def work(tmp_path: Path, actions: Repository) -> Repository:
    """A clone of a repository that has adopted logbook on its default branch."""
    origin = Repository(tmp_path / "origin")
    origin.commit({"README.md": "# Models\n"})
    clone = Repository(tmp_path / "clone", origin=tmp_path / "origin")
    done = plan_init(InitOptions(), context(clone.root, {"GITHUB_SERVER_URL": actions.root.parents[1].as_uri()}, NOW))
    for rewrite in done.rewrites:
        files.write(clone.root / rewrite.name, rewrite.new)
    publish(clone)
    return clone


def publish(work: Repository) -> None:
    """Push everything to the default branch of origin."""
    work.commit(message="Adopt logbook")
    work.git("push", "--quiet", "origin", "HEAD:main")
    work.git("fetch", "--quiet")


def run(work: Repository, actions: Repository, github: GitHub | None = None) -> tuple[DoctorCheck, ...]:
    """Return the doctor's checks."""
    return diagnose(context(work.root, {"GITHUB_SERVER_URL": actions.root.parents[1].as_uri()}), SOURCE, github)


def bad(checks: tuple[DoctorCheck, ...]) -> list[str]:
    """Return what has to be fixed."""
    return [f"{check.name} {check.says}" for check in checks if check.state is State.BAD]


def edit(work: Repository, old: str, new: str) -> None:
    """Edit the lint workflow in the work tree."""
    text = (work.root / LINT).read_text()
    assert old in text
    work.write(LINT, text.replace(old, new))


def test_a_fresh_adoption_is_healthy(work: Repository, actions: Repository) -> None:
    """After `init` and its merge nothing has to be fixed, and what only GitHub knows is unknown."""
    checks = run(work, actions)
    assert bad(checks) == []
    assert {check.name for check in checks if check.state is State.UNKNOWN} == {"labels", "snapshot tags"}
    assert DoctorCheck("workflow lint", State.GOOD, "is there and up to date") in checks


def test_an_empty_repository_lacks_the_workflows(tmp_path: Path, actions: Repository) -> None:
    """Each usual workflow that is missing is named, with the command that adds it."""
    empty = Repository(tmp_path / "empty")
    empty.commit()
    checks = run(empty, actions)
    assert bad(checks) == [f"workflow {name} is missing" for name in USUAL]
    assert all(it.help.startswith("run `logbook init`;") for it in checks if it.state is State.BAD)
    assert "is not there (.github/logbook.yml), so the defaults count" in [it.says for it in checks]


def test_an_outdated_pin_is_reported(work: Repository, actions: Repository) -> None:
    """After a release the pinned version is out of date."""
    release(actions.root.parents[1], "v1.1.0", "v1")
    assert "workflow lint pins v1.0.0, but v1.1.0 is available" in bad(run(work, actions))


def test_a_version_that_can_be_moved_is_reported(work: Repository, actions: Repository) -> None:
    """A tag in place of a commit is not pinned."""
    commit = actions.git("rev-parse", "HEAD")
    edit(work, f"@{commit} # v1.0.0", "@v1")
    assert bad(run(work, actions)) == ["workflow lint uses v1, which can be moved, instead of a commit"]


def test_without_a_server_pins_are_unknown(work: Repository, tmp_path: Path) -> None:
    """Offline the doctor goes on, and says what it could not check."""
    checks = diagnose(context(work.root, {"GITHUB_SERVER_URL": (tmp_path / "nowhere").as_uri()}), SOURCE, None)
    assert bad(checks) == []
    assert [check.says for check in checks if check.name == "workflow lint"] == ["pins v1.0.0"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("contents: read", "actions: read", "lacks the permission contents: read"),
        ("contents: read", "contents: write", "has the permission contents: write, which it does not need"),
        ('branches: ["research/**"]', "branches: [main]", "runs on pushes to main, not to the research branches"),
        ("uses: run-research/logbook", "uses: someone/else", "uses none of our actions"),
    ],
)
def test_a_workflow_changed_for_the_worse_is_reported(
    old: str, new: str, says: str, work: Repository, actions: Repository
) -> None:
    """Permissions are compared with the template, branches with the configuration."""
    edit(work, old, new)
    assert bad(run(work, actions)) == [f"workflow lint {says}"]


def test_broken_files_are_reported(work: Repository, actions: Repository) -> None:
    """A workflow that is no YAML and a configuration with an unknown key are reported, and stop no other check."""
    work.write(LINT, "on: 'x\n")
    work.write(".github/logbook.yml", "fail-onn: error\n")
    found = bad(run(work, actions))
    assert found[0].startswith("workflow lint cannot be read: line 2: the file is not YAML")
    assert "unknown key `fail-onn`" in found[1]


def test_what_is_not_merged_is_reported(work: Repository, actions: Repository) -> None:
    """Workflows that the default branch lacks do not run by issue or clock."""
    work.git("push", "--quiet", "--force", "origin", "HEAD~1:main")
    work.git("fetch", "--quiet")
    assert bad(run(work, actions)) == [f"default branch does not have {enumerated(USUAL)}"]


def test_old_research_branches_are_reported(work: Repository, actions: Repository) -> None:
    """A research branch from before the adoption is named, one from after it is not."""
    work.git("push", "--quiet", "origin", "HEAD~1:refs/heads/research/old", "HEAD:refs/heads/research/new")
    work.git("fetch", "--quiet")
    assert bad(run(work, actions)) == ["branch research/old lacks the workflows that run on its pushes"]


RULESET = {"id": 1, "name": "snapshots", "target": "tag", "enforcement": "active"}


def with_rules(hub: Hub, *rules: str, include: str = "refs/tags/snapshot/**/*", **listed: Any) -> None:
    """Let the repository have a ruleset, which emulate knows nothing of."""
    one = RULESET | listed
    conditions = {"ref_name": {"include": [include], "exclude": []}}
    hub.fail(200, path="/rulesets$", data=[one], times=9)
    hub.fail(
        200,
        path="/rulesets/1$",
        data={**one, "conditions": conditions, "rules": [{"type": rule} for rule in rules]},
        times=9,
    )


def told(checks: tuple[DoctorCheck, ...], name: str) -> list[tuple[State, str]]:
    """Return state and words of the checks of a name."""
    return [(check.state, check.says) for check in checks if check.name == name]


def test_protected_tags_are_good(work: Repository, actions: Repository, connect: Connect, hub: Hub) -> None:
    """A ruleset that restricts moving and deleting snapshot tags is all it takes; nothing is written."""
    with_rules(hub, "update", "deletion", "non_fast_forward")
    checks = run(work, actions, connect(hub.token("lab"), GITHUB_ACTIONS=""))
    assert told(checks, "snapshot tags") == [(State.GOOD, "can be neither moved nor deleted")]
    assert hub.writes == []


def test_it_looks_at_github_enterprise(work: Repository, actions: Repository, connect: Connect, hub: Hub) -> None:
    """Below the base path of an Enterprise server it makes the same calls."""
    with_rules(hub, "update", "deletion")
    checks = run(work, actions, connect(hub.token("lab"), GITHUB_API_URL=hub.url + ENTERPRISE))
    assert told(checks, "snapshot tags") == [(State.GOOD, "can be neither moved nor deleted")]


@pytest.mark.parametrize(
    ("rules", "how", "says"),
    [
        (["update"], {}, "are not protected from deletion"),
        (["update", "deletion"], {"include": "refs/tags/v*"}, "are not protected from update and deletion"),
        (["update", "deletion"], {"enforcement": "disabled"}, "are not protected from update and deletion"),
        (
            ["update", "deletion", "creation"],
            {},
            "the ruleset “snapshots” restricts creations, which stops the workflow from tagging",
        ),
    ],
)
def test_tags_that_are_open_or_locked_are_reported(
    rules: list[str], how: dict[str, Any], says: str, work: Repository, actions: Repository, connect: Connect, hub: Hub
) -> None:
    """Too little protection, and so much that the workflow itself cannot tag, are both faults."""
    with_rules(hub, *rules, **how)
    assert told(run(work, actions, connect(hub.token("lab"))), "snapshot tags") == [(State.BAD, says)]


def test_a_missing_secret_is_reported(work: Repository, actions: Repository, connect: Connect, hub: Hub) -> None:
    """The secrets that workflows read are checked by name."""
    edit(
        work,
        "      - uses: run",
        "      - env: {K: '${{ secrets.WANDB_API_KEY }}'}\n        run: ':'\n      - uses: run",
    )
    hub.fail(200, path="/actions/secrets", data={"total_count": 1, "secrets": [{"name": "OTHER"}]})
    checks = run(work, actions, connect(hub.token("lab")))
    says = "is missing, and the workflow lint reads it"
    assert told(checks, "secret WANDB_API_KEY") == [(State.BAD, says)]
    hub.fail(403, path="/actions/secrets", message="Resource not accessible")
    assert told(run(work, actions, connect()), "secrets") == [(State.UNKNOWN, "were not checked")]


def test_labels_are_checked(work: Repository, actions: Repository, connect: Connect, hub: Hub) -> None:
    """Missing labels are a fault only where no workflow will create them."""
    ((state, says),) = told(run(work, actions, connect(hub.token("lab"))), "labels")
    if "labels" in USUAL:
        assert (state, says.endswith("the first issue that needs it")) == (State.GOOD, True)
    else:
        assert (state, says) == (State.BAD, "lack experiment and agent-generated")


def test_the_report_is_text_or_json(work: Repository, actions: Repository) -> None:
    """People read how to fix each problem below it; programs read the same."""
    (work.root / LINT).unlink()
    checks = run(work, actions)
    text = health_text(checks)
    assert text.startswith("!!  workflow lint is missing\n    help: run `logbook init --workflow lint`")
    assert text.endswith("1 to fix, 2 not checked\n")
    read = json.loads(health_json(checks))
    assert (read["version"], read["good"]) == (1, False)
    assert read["checks"][0]["state"] == "bad"


def test_the_command_line_exits_1_on_a_fault(
    work: Repository, actions: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a token and with nothing wrong it returns, with a fault it exits 1."""
    monkeypatch.chdir(work.root)
    monkeypatch.setenv("GITHUB_SERVER_URL", actions.root.parents[1].as_uri())
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    cli.cli.main(["doctor"], standalone_mode=False)
    assert capsys.readouterr().out.endswith("nothing to fix, 2 not checked\n")
    (work.root / LINT).unlink()
    with pytest.raises(SystemExit, match="1"):
        cli.cli.main(["doctor", "--format", "json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["good"] is False


def test_a_github_that_tells_nothing_is_no_failure(
    work: Repository, actions: Repository, connect: Connect, hub: Hub
) -> None:
    """What this clone tells is checked all the same, and of the rest it is said why it was not."""
    hub.fail(401, path="/", message="Bad credentials", times=99)
    checks = run(work, actions, connect(hub.token("lab")))
    assert bad(checks) == []
    unknown = [check for check in checks if check.state is State.UNKNOWN]
    assert {check.name for check in unknown} == {"labels", "snapshot tags"}
    assert all("token" in check.help for check in unknown)
