"""The actions are thin, and say what the command line says; the workflows ask for no more than they need."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

import pages
from research_logbook import actions, cli

ROOT = Path(__file__).resolve().parents[1]
ACTIONS = [ROOT / "action.yml", *sorted(ROOT.glob("actions/*/action.yml"))]
WORKFLOWS = sorted(ROOT.glob("workflows-templates/*.yml"))
OWN = sorted(ROOT.glob(".github/workflows/*.yml"))
"""The workflows of this repository itself."""
OURS = "run-research/logbook"


def load(path: Path) -> dict[str, Any]:
    """Return a YAML file as plain values."""
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text())
    return loaded


def name_of(path: Path) -> str:
    """Return how a test's report calls a file."""
    return str(path.relative_to(ROOT))


def step_of(path: Path) -> Mapping[str, Any]:
    """Return the one step of an action."""
    (step,) = load(path)["runs"]["steps"]
    return dict(step)


def command_of(path: Path) -> str:
    """Return the command that an action runs: the one named like its folder, or `event`."""
    return "event" if path.parent == ROOT else path.parent.name


def variable(name: str) -> str:
    """Return the variable that an input is handed on in."""
    return actions.SECRETS.get(name) or f"INPUT_{name.upper().replace('-', '_')}"


def uses(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each `uses:` of a file with the comment beside it."""
    for line in path.read_text().splitlines():
        if match := re.search(r"uses:\s*(\S+)\s*(#.*)?$", line):
            yield match[1], match[2] or ""


def workflow_jobs() -> list[tuple[str, Mapping[str, Any]]]:
    """Return all jobs of all workflows."""
    jobs = ((path, name, job) for path in WORKFLOWS for name, job in load(path)["jobs"].items())
    return [(f"{name_of(path)}: {name}", job) for path, name, job in jobs]


every_action = pytest.mark.parametrize("path", ACTIONS, ids=name_of)
every_workflow = pytest.mark.parametrize("path", [*WORKFLOWS, *OWN], ids=name_of)
every_file = pytest.mark.parametrize("path", [*ACTIONS, *WORKFLOWS, *OWN], ids=name_of)
every_job = pytest.mark.parametrize("job", [pytest.param(job, id=name) for name, job in workflow_jobs()])


@every_action
def test_each_input_reaches_the_step_as_environment(path: Path) -> None:
    """Every input is handed on in a variable of its own, and nothing else is; the folder is the step's."""
    names = list(load(path)["inputs"])
    place = step_of(path).get("working-directory")
    assert place == ("${{ inputs.working-directory }}" if actions.WORKING_DIRECTORY in names else None)
    handed_on = (name for name in names if name != actions.WORKING_DIRECTORY)
    assert {variable(name): f"${{{{ inputs.{name} }}}}" for name in handed_on} == step_of(path)["env"]


@every_action
def test_each_action_that_reads_a_repository_can_be_told_where_it_is(path: Path) -> None:
    """A checkout may lie below the workspace; only the comment on a verdict needs none."""
    assert (actions.WORKING_DIRECTORY in load(path)["inputs"]) is (command_of(path) != "lint-comment")


@every_action
def test_each_variable_is_read_as_the_option_of_its_name(path: Path) -> None:
    """What the script makes of a variable is the option of that name, and only when it is set."""
    run = step_of(path)["run"]
    for name in load(path)["inputs"].keys() - {*actions.SECRETS, actions.WORKING_DIRECTORY}:
        wanted = f'${{{variable(name)}:+"--{name}=${variable(name)}"}}'
        assert ('"${INPUT_COMMAND:-event}"' if name == "command" else wanted) in run
    assert not [secret for secret in actions.SECRETS.values() if secret in run]


@every_action
def test_each_option_exists_in_the_command_line(path: Path) -> None:
    """No action passes an option that its command does not have."""
    command = cli.cli.get_command(click.Context(cli.cli), command_of(path))
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert known >= set(re.findall(r"--[a-z-]+", step_of(path)["run"]))


@every_action
def test_each_output_is_what_its_step_sets(path: Path) -> None:
    """The outputs that an action declares are those that the code has for its command, under the same names."""
    declared = {name: output["value"] for name, output in load(path)["outputs"].items()}
    outputs = [output.name for output in actions.outputs_of(command_of(path))]
    assert {name: f"${{{{ steps.{step_of(path)['id']}.outputs.{name} }}}}" for name in outputs} == declared


def test_each_output_is_set_by_a_command() -> None:
    """No output is declared that no command sets, and `set_outputs` takes no other."""
    commands = "".join(path.read_text() for path in (ROOT / "scripts/research_logbook/cli").glob("*.py"))
    declared = {name: it for name, it in vars(actions).items() if isinstance(it, actions.Output)}
    assert tuple(declared.values()) == actions.OUTPUTS
    assert [name for name in declared if not re.search(rf"\b{name}: ", commands)] == []


def test_what_follows_from_inputs_and_outputs_is_generated(tmp_path: Path) -> None:
    """An input that is added to an action is handed on and told of in the README; here nothing is behind."""
    assert pages.stale(pages.actions(ROOT), ROOT) == []
    lint = tmp_path / "actions" / "lint" / "action.yml"
    lint.parent.mkdir(parents=True)
    text = (ROOT / "actions" / "lint" / "action.yml").read_text()
    lint.write_text(text.replace("\n  token:\n", "\n  base:\n    description: What to compare with.\n  token:\n"))
    (tmp_path / "README.md").write_text((ROOT / "README.md").read_text())
    made = pages.actions(tmp_path)
    assert "        INPUT_BASE: ${{ inputs.base }}\n" in made["actions/lint/action.yml"]
    assert '        ${INPUT_BASE:+"--base=$INPUT_BASE"}\n' in made["actions/lint/action.yml"]
    assert "| `fail-on`, `config`, `working-directory`, `base`, `token` |" in made["README.md"]


@every_action
def test_each_action_tells_its_users_what_everything_is_for(path: Path) -> None:
    """The action, each input and each output has a description; inputs are optional, and empty unless set."""
    action = load(path)
    parts = (action, *action["inputs"].values(), *action["outputs"].values())
    assert all(part["description"] for part in parts)
    unset = {name: "${{ github.token }}" if name == "token" else "" for name in action["inputs"]}
    assert {name: part["default"] for name, part in action["inputs"].items()} == unset
    assert not any(part["required"] for part in action["inputs"].values())


@every_action
def test_each_action_has_its_row_in_the_readme(path: Path) -> None:
    """The table names the action with exactly the inputs and outputs that it has."""
    folder = "/".join(path.parent.relative_to(ROOT).parts)
    name = "/".join(filter(None, [OURS, folder]))
    rows = [line.split("|")[1:-1] for line in (ROOT / "README.md").read_text().splitlines() if f"`{name}@v1`" in line]
    (row,) = [row for row in rows if len(row) == 5]
    told = [re.findall(r"`([a-z-]+)`", cell) for cell in row[2:4]]
    assert [list(load(path)["inputs"]), list(load(path)["outputs"])] == told


@every_action
def test_each_action_starts_the_script_that_all_share(path: Path) -> None:
    """The script is found by the action's own path, never through the work tree."""
    up = "/".join(".." for _ in path.parent.relative_to(ROOT).parts)
    script = "/".join(filter(None, ["$GITHUB_ACTION_PATH", up, "scripts/run"]))
    assert step_of(path)["run"].startswith(f'"{script}" ')


@every_file
def test_no_script_holds_an_expression(path: Path) -> None:
    """Text of an event can not become code: `run` has no `${{ }}` in it."""
    loaded = load(path)
    jobs = loaded.get("jobs", {"": loaded.get("runs")}).values()
    assert not [step["run"] for job in jobs for step in job["steps"] if "${{" in step.get("run", "")]


@every_file
def test_what_is_not_ours_is_pinned(path: Path) -> None:
    """Every foreign action is named by a full commit, with the version that it is beside it."""
    foreign = [" ".join(use) for use in uses(path) if not use[0].startswith(OURS)]
    assert [use for use in foreign if not re.fullmatch(r"\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


@every_file
def test_what_is_ours_is_there(path: Path) -> None:
    """A workflow names only actions of ours that exist, at the major version."""
    for name, _ in uses(path):
        if name.startswith(OURS):
            folder, _, version = name.removeprefix(OURS).lstrip("/").partition("@")
            assert ((ROOT / folder / "action.yml").is_file(), version) == (True, "v1")


@every_workflow
def test_each_workflow_starts_with_no_permission(path: Path) -> None:
    """A job gets what it asks for and nothing more."""
    assert load(path)["permissions"] == {}


@every_workflow
def test_each_permission_has_its_reason(path: Path) -> None:
    """Beside every grant stands what it is for."""
    grants = re.findall(r"^ +[a-z-]+: (?:read|write)\b.*$", path.read_text(), re.MULTILINE)
    assert grants
    assert [line for line in grants if " # " not in line] == []


@every_job
def test_each_job_is_bounded_and_skips_forks(job: Mapping[str, Any]) -> None:
    """A job ends after ten minutes, and does not run in somebody's fork."""
    assert (job["timeout-minutes"], job["if"]) == (10, "${{ !github.event.repository.fork }}")


@every_job
def test_each_checkout_brings_the_history_and_leaves_no_token(job: Mapping[str, Any]) -> None:
    """The judged history is complete, and no credentials stay in the work tree."""
    asked = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert asked in ([{"fetch-depth": 0, "persist-credentials": False}], [] if "needs" in job else None)


def test_lint_cancels_no_push() -> None:
    """Only runs of one pull request cancel each other: a push is judged against the one before it."""
    lint = load(ROOT / "workflows-templates" / "logbook-lint.yml")
    group = "logbook-lint-${{ github.event.pull_request.number || github.run_id }}"
    assert {"group": group, "cancel-in-progress": True} == lint["concurrency"]


ABOUT = {
    "lint-comment": "-${{ github.event.workflow_run.head_repository.id }}-${{ github.event.workflow_run.head_branch }}",
    "labels": "-${{ github.event.issue.number || github.event.pull_request.number }}",
    "snapshot": "-${{ github.ref }}",
    "seal": "-${{ github.event.issue.number || inputs.issue }}",
    "wandb-summary": "",
    "record": "",
    "sweep": "",
}
"""What the runs of a workflow that writes are about, one at a time."""


@pytest.mark.parametrize("name", ABOUT)
def test_what_writes_is_never_cut_off(name: str) -> None:
    """A run that writes is not cancelled between two writes, and runs about one thing wait for each other."""
    asked = load(ROOT / "workflows-templates" / f"logbook-{name}.yml")["concurrency"]
    assert asked == {"group": f"logbook-{name}{ABOUT[name]}", "cancel-in-progress": False}


def test_each_permission_is_one_that_is_used() -> None:
    """Lint only reads; labels write on issues and pull requests, snapshots tags and on issues, the sweep all of it."""
    granted = {name_of(path): [job["permissions"] for job in load(path)["jobs"].values()] for path in WORKFLOWS}
    reads, labels = {"contents": "read"}, {"issues": "write", "pull-requests": "write"}
    snapshot = {"contents": "write", "issues": "write"}
    seal = {"contents": "read", "issues": "write", "pull-requests": "read"}
    names = {"lint": reads, "labels": reads | labels, "snapshot": snapshot, "seal": seal, "sweep": labels | snapshot}
    names["wandb-summary"] = reads | {"issues": "write"}
    names["lint-comment"] = reads | {"pull-requests": "write"}
    wanted = {f"workflows-templates/logbook-{name}.yml": [grants] for name, grants in names.items()}
    publish = {"pages": "write", "id-token": "write"}
    wanted["workflows-templates/logbook-record.yml"] = [reads | {"issues": "read"}, publish]
    assert wanted == granted


def test_the_readme_tells_the_permissions_of_each_workflow() -> None:
    """Its table has a row for every template, with just what the job is granted beyond reading the repository."""
    rows = [line.split("|")[1:-1] for line in (ROOT / "README.md").read_text().splitlines()]
    told = {row[0]: row[3] for row in rows if len(row) == 4}
    for path in WORKFLOWS:
        grants = [grant for job in load(path)["jobs"].values() for grant in job["permissions"].items()]
        granted = {f"{name}: {level}" for name, level in grants} - {"contents: read"}
        (cell,) = (cell for title, cell in told.items() if f"({name_of(path)})" in title)
        assert set(re.findall(r"`([a-z-]+: [a-z]+)`", cell)) == granted, path


def test_labels_listens_to_what_changes_them() -> None:
    """Issues when they are opened, edited, reopened or labelled, and new pull requests; never a fork's with a token."""
    on = load(ROOT / "workflows-templates" / "logbook-labels.yml")["on"]
    assert on == {
        "issues": {"types": ["opened", "edited", "reopened", "labeled", "unlabeled"]},
        "pull_request": {"types": ["opened"]},
    }


def test_lint_listens_to_what_it_judges() -> None:
    """Pull requests, edited ones too, the merge queue, and pushes to research branches, of any path."""
    on = load(ROOT / "workflows-templates" / "logbook-lint.yml")["on"]
    assert on == {
        "pull_request": {"types": ["opened", "synchronize", "reopened", "edited"]},
        "merge_group": None,
        "push": {"branches": ["research/**"]},
    }


def test_the_summary_runs_alone_and_is_never_cut_off() -> None:
    """By hand for one thread or all, or on a schedule; one run at a time, that only writes on issues."""
    summary = load(ROOT / "workflows-templates" / "logbook-wandb-summary.yml")
    assert summary["concurrency"] == {"group": "logbook-wandb-summary", "cancel-in-progress": False}
    assert (set(summary["on"]), set(summary["on"]["workflow_dispatch"]["inputs"])) == (
        {"workflow_dispatch", "schedule"},
        {"topic", "issue"},
    )
    (job,) = summary["jobs"].values()
    assert job["permissions"] == {"contents": "read", "issues": "write"}


def test_the_comment_follows_the_lint() -> None:
    """The comment's workflow waits for the lint's by the name that it has."""
    lint, comment = (load(ROOT / "workflows-templates" / f"logbook-{name}.yml") for name in ("lint", "lint-comment"))
    assert comment["on"] == {"workflow_run": {"workflows": [lint["name"]], "types": ["completed"]}}
    assert comment["concurrency"]["cancel-in-progress"] is False


def test_the_environment_asks_for_the_python_that_the_package_needs() -> None:
    """scripts/run looks for no older Python than pyproject.toml allows."""
    needs = re.search(r'requires-python = "(.+)"', (ROOT / "pyproject.toml").read_text())
    asks = re.search(r"--python '(.+?)'", (ROOT / "scripts" / "lib" / "environment.sh").read_text())
    assert needs
    assert asks
    assert asks[1].startswith(f"{needs[1]},<")


def test_the_pinned_uv_is_one_that_was_tested() -> None:
    """The version that is installed is the one whose hashes are listed, and in the range that is accepted."""
    script = (ROOT / "scripts" / "lib" / "environment.sh").read_text()
    pinned, tested = re.search(r"pinned_uv=(\S+)", script), re.search(r"tested_uv='(.+)'", script)
    assert pinned
    assert tested
    assert f"uv=={pinned[1]} " in (ROOT / "scripts" / "uv.txt").read_text()
    assert re.fullmatch(tested[1], f"uv {pinned[1]}")


def test_the_lock_follows_what_is_asked_for() -> None:
    """What pyproject.toml asks for is what was locked: run `uv lock` after a change."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    (ours,) = (package["metadata"] for package in packages if package["name"] == "research-logbook")
    extras = [name for names in asked["project"]["optional-dependencies"].values() for name in names]
    assert requirements(ours["requires-dist"]) == sorted([*asked["project"]["dependencies"], *extras])
    assert requirements(ours["requires-dev"]["dev"]) == sorted(asked["dependency-groups"]["dev"])


def requirements(locked: list[dict[str, str]]) -> list[str]:
    """Return requirements as pyproject.toml writes them."""
    # The extra that something belongs to is a marker of the lock's own.
    markers = (item.get("marker", "") for item in locked)
    conditions = ("" if not marker or marker.startswith("extra ") else f"; {marker}" for marker in markers)
    return sorted(it["name"] + it.get("specifier", "") + more for it, more in zip(locked, conditions, strict=True))


@pytest.mark.parametrize("name", ["uv.lock", "tests/e2e/package-lock.json"])
def test_the_locks_name_no_mirror(name: str) -> None:
    """Whoever made a lock, it names the public registry or none."""
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / name).read_text()))
    assert hosts <= {"pypi.org", "files.pythonhosted.org", "github.com"}  # the last for where npm asks for sponsors
