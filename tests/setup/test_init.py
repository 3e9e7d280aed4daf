"""Claims about `logbook init`: what it writes, and what it leaves alone."""

import contextlib
import datetime as dt
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from repository import GOOD, GOOD_ANYWHERE, PATH, Repository, context, release
from research_logbook import cli
from research_logbook.config.load import load
from research_logbook.config.schema import Config
from research_logbook.errors import UserError
from research_logbook.findings import Severity
from research_logbook.issues import read
from research_logbook.issues.classification import is_experiment_outline
from research_logbook.lint.run import LintRequest, lint
from research_logbook.repo import files
from research_logbook.setup import workflows
from research_logbook.setup.init import InitOptions, InitPlan, plan_init
from research_logbook.setup.workflows import template_text, workflow_templates

NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
LINT = ".github/workflows/logbook-lint.yml"
CONFIG = ".github/logbook.yml"
FORM = ".github/ISSUE_TEMPLATE/experiment.yml"


@pytest.fixture
def actions(tmp_path: Path) -> Repository:
    """The actions, on a server of their own, with a release."""
    return release(tmp_path / "server", "v1.0.0", "v1")


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A clone of a repository with a README and nothing of ours."""
    origin = Repository(tmp_path / "origin")
    origin.commit({"README.md": "# Models\n"})
    return Repository(tmp_path / "clone", origin=tmp_path / "origin")


def plan(work: Repository, actions: Repository, *names: str, **asked: bool) -> InitPlan:
    """Return what `init` would do."""
    server = {"GITHUB_SERVER_URL": actions.root.parents[1].as_uri()}
    return plan_init(InitOptions(names, **asked), context(work.root, server, NOW))


def run(work: Repository, actions: Repository, *names: str, **asked: bool) -> InitPlan:
    """Do it."""
    done = plan(work, actions, *names, **asked)
    for rewrite in done.rewrites:
        files.write(done.root / rewrite.name, rewrite.new)
    return done


def text(work: Repository, path: str) -> str:
    """Return a file of the work tree."""
    return (work.root / path).read_text()


def test_an_empty_repository_gets_all_it_needs(work: Repository, actions: Repository) -> None:
    """Workflows, pinned to the release; a configuration that changes nothing; the issue form. And then no more."""
    run(work, actions, "lint")
    commit = actions.git("rev-parse", "HEAD")
    assert f"run-research/logbook/actions/lint@{commit} # v1.0.0\n" in text(work, LINT)
    assert load(text(work, CONFIG), CONFIG) == Config()
    assert text(work, FORM) == template_text("experiment.yml")
    again = plan(work, actions, "lint")
    assert (again.rewrites, again.notes) == ((), ())


def test_planning_writes_nothing(work: Repository, actions: Repository) -> None:
    """A dry run leaves the work tree as it was, and shows every file as a diff that git can apply."""
    done = plan(work, actions)
    assert work.git("status", "--short") == ""
    (work.root.parent / "plan.diff").write_text("".join(map(str, done.rewrites)))
    work.git("apply", "../plan.diff")
    assert plan(work, actions).rewrites == ()


def test_the_usual_workflows_are_added_by_default(work: Repository, actions: Repository) -> None:
    """A workflow that needs a secret, or comments more than everyone wants, is added only when it is named."""
    run(work, actions)
    there = {path.name for path in (work.root / ".github/workflows").iterdir()}
    usual = {item.file for item in workflows.WORKFLOWS if item.is_usual and item.name in workflow_templates()}
    assert there == usual


def test_an_upgrade_moves_the_pins_alone(work: Repository, actions: Repository) -> None:
    """After a release, a second run brings the pins up to date; comments, own steps and other pins stay as they are."""
    run(work, actions, "lint")
    edited = (
        text(work, LINT).replace("permissions: {}", "# our comment\npermissions:   {}").replace("10\n", "7 # ours\n")
    )
    work.write(LINT, edited + "      - run:   make   check # ours\n")
    work.write(CONFIG, "fail-on: warning # ours\n")
    old = text(work, LINT)
    commit = release(actions.root.parents[1], "v1.1.0", "v1").git("rev-parse", "HEAD")
    done = run(work, actions, "lint")
    assert [rewrite.name for rewrite in done.rewrites] == [LINT]
    changed = [pair for pair in zip(old.splitlines(), text(work, LINT).splitlines(), strict=True) if pair[0] != pair[1]]
    assert [new for _, new in changed] == [f"      - uses: run-research/logbook/actions/lint@{commit} # v1.1.0"]
    assert text(work, CONFIG) == "fail-on: warning # ours\n"
    assert any("differs from the template" in note for note in done.notes)


def test_an_upgrade_of_an_untouched_file_says_nothing(work: Repository, actions: Repository) -> None:
    """A workflow that is the template but for its pins gets them without a word."""
    run(work, actions, "lint")
    release(actions.root.parents[1], "v1.1.0", "v1")
    done = run(work, actions, "lint")
    assert ([rewrite.name for rewrite in done.rewrites], done.notes) == ([LINT], ())


def test_force_replaces_what_was_changed(work: Repository, actions: Repository) -> None:
    """Only with --force is a changed file overwritten."""
    run(work, actions, "lint")
    fresh = {path: text(work, path) for path in (LINT, CONFIG, FORM)}
    for path in fresh:
        work.write(path, "fail-on: never\n")
    assert plan(work, actions, "lint").rewrites == ()
    assert len(plan(work, actions, "lint").notes) == 3
    run(work, actions, "lint", force=True)
    assert {path: text(work, path) for path in fresh} == fresh


def test_nothing_is_written_through_a_symlink(work: Repository, actions: Repository, tmp_path: Path) -> None:
    """Neither the file that a link points to nor the folder is written to."""
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "kept.yml").write_text("kept\n")
    (work.root / ".github").mkdir()
    (work.root / ".github/workflows").symlink_to(target)
    (work.root / CONFIG).symlink_to(target / "nothing")
    (work.root / ".github/ISSUE_TEMPLATE").mkdir()
    (work.root / FORM).symlink_to(target / "kept.yml")
    done = run(work, actions, "lint", force=True)
    assert done.rewrites == ()
    assert len(done.notes) == 3
    assert [path.name for path in target.iterdir()] == ["kept.yml"]
    assert (target / "kept.yml").read_text() == "kept\n"


def test_a_workflow_runs_on_pushes_to_the_configured_branches(work: Repository, actions: Repository) -> None:
    """The research branches of the configuration become the branch filter of the workflow."""
    work.write(CONFIG, 'branches:\n  research: ["research/**", "exp/**", "[0-9]*-x"]\n')
    run(work, actions, "lint")
    assert workflows.pushed_branches(text(work, LINT)) == ("research/**", "exp/**")


def test_an_unknown_workflow_is_refused(work: Repository, actions: Repository) -> None:
    """A misspelled workflow is bad usage, and the error lists the workflows."""
    with pytest.raises(UserError, match="no workflow 'lnit'") as raised:
        plan(work, actions, "lnit")
    assert "lint" in raised.value.help


def test_outside_of_a_repository_it_says_so(tmp_path: Path, actions: Repository) -> None:
    """It writes into repositories only."""
    folder = tmp_path / "nowhere"
    folder.mkdir()
    with pytest.raises(UserError, match="not a git repository"):
        plan_init(InitOptions(), context(folder, {"GITHUB_SERVER_URL": actions.root.parents[1].as_uri()}, NOW))


def test_an_organisation_gets_starter_workflows(work: Repository, actions: Repository) -> None:
    """Each pinned workflow is written with its properties, and nothing else is."""
    done = run(work, actions, "lint", org=True)
    names = ["workflow-templates/logbook-lint.yml", "workflow-templates/logbook-lint.properties.json"]
    assert [rewrite.name for rewrite in done.rewrites] == names
    about = json.loads(text(work, names[1]))
    assert set(about) == {"name", "description", "iconName", "categories"}
    assert "@v1" not in text(work, names[0])
    assert "organisation" in done.to_do[0]
    with pytest.raises(UserError, match="two repositories"):
        plan(work, actions, org=True, adopt=True)


def test_the_next_steps_begin_with_the_merge(work: Repository, actions: Repository) -> None:
    """Then come the research branches that do not run the workflow until they have it."""
    work.git("push", "--quiet", "origin", "HEAD:refs/heads/research/old")
    work.git("fetch", "--quiet")
    done = plan(work, actions, "lint")
    assert done.to_do[0].startswith("commit these files and merge them into main")
    assert done.to_do[1].startswith("then merge main into research/old: ")


def test_the_issue_form_makes_an_experiment_issue() -> None:
    """What GitHub makes of the form has the sections of an experiment issue, and gives an outsider no label."""
    form = YAML(typ="safe", pure=True).load(template_text("experiment.yml"))
    asked = [part["attributes"] for part in form["body"]]
    body = "\n\n".join(f"### {part['label']}\n\n{part.get('value') or '_No response_'}" for part in asked)
    assert [part["label"] for part in asked] == ["Description", "Hypothesis or Goal", "Links", "Results"]
    assert is_experiment_outline(read(body).sections)
    assert form["title"].startswith("Experiment: ")
    assert "labels" not in form


OLD = """# Old thread

## Log

### 2025-13-01 - first

- Result: loss 2.1 after 400 steps.

### second

- Command: `python train.py`
- Result: loss 2.0
"""


@pytest.fixture
def old(work: Repository) -> Repository:
    """A repository with logbooks of before, in a place and on branches of their own."""
    books = {f"notes/logbooks/old-{number}.md": OLD for number in range(3)}
    work.commit({**books, PATH: GOOD, "notes/logbooks/README.md": "# How we keep logbooks\n"})
    work.git("push", "--quiet", "origin", "HEAD:main")
    for branch in ("exp/one", "exp/two", "ana-tiles", "fix/typo"):
        work.git("switch", "--quiet", "--create", branch, "main")
        is_research = branch != "fix/typo"
        name = branch.replace("/", "-")
        work.commit({f"notes/logbooks/{name}.md" if is_research else "README.md": OLD})
        work.git("push", "--quiet", "origin", branch)
    work.git("switch", "--quiet", "main")
    work.git("fetch", "--quiet")
    return work


def test_with_adopt_day_one_is_green(old: Repository, actions: Repository) -> None:
    """With the baseline that is written, all that is there fails no run, on the branches too."""
    books = [str(old.root / path) for path in (PATH, *(f"notes/logbooks/old-{number}.md" for number in range(3)))]
    before, _ = lint(LintRequest((*books,), everything=True), context(old.root, {}, NOW))
    assert before.fails("error")
    done = run(old, actions, adopt=True)
    report, config = lint(LintRequest((*books,), everything=True), context(old.root, {}, NOW))
    assert (len(report.logbooks), report.count(Severity.ERROR)) == (4, 0)
    assert not report.fails(config.fail_on)
    page, known = done.notes
    assert page.startswith("notes/logbooks/README.md is taken for a page about its folder, and not judged")
    assert " are accepted as they are in .github/logbook-baseline.json" in known
    old.commit(message="Adopt logbook")
    old.git("push", "--quiet", "origin", "main")
    for branch in ("exp/one", "exp/two", "ana-tiles"):
        old.git("switch", "--quiet", branch)
        old.git("merge", "--quiet", "--no-edit", "main")
        report, config = lint(LintRequest(base="origin/main"), context(old.root, {}, NOW))
        assert [book.path for book in report.logbooks] == [f"notes/logbooks/{branch.replace('/', '-')}.md"]
        assert not report.fails(config.fail_on)


def test_adopt_relaxes_no_rule(old: Repository, actions: Repository) -> None:
    """What is there is accepted one by one, the branches' findings included; each rule stays as it was."""
    run(old, actions, adopt=True)
    config = load(text(old, CONFIG), CONFIG)
    assert (config.rules, config.fail_on, config.guard.since) == ({}, "error", "2026-11-28")
    accepted = json.loads(text(old, ".github/logbook-baseline.json"))["accepted"]
    dates = [it for it in accepted if it["rule"] == "impossible-date"]
    names = ("ana-tiles", "exp-one", "exp-two", "old-0", "old-1", "old-2")
    assert [it["path"] for it in dates] == [f"notes/logbooks/{name}.md" for name in names]
    assert {it["count"] for it in dates} == {1}
    assert {tuple(it) for it in accepted} == {("path", "rule", "subject", "count")}


def test_adopt_finds_logbooks_and_branches(old: Repository, actions: Repository) -> None:
    """Logbooks in other folders and branches of other names are listed; a folder's page and other branches are not."""
    run(old, actions, adopt=True)
    config = load(text(old, CONFIG), CONFIG)
    assert config.logbooks == (".agents/logbooks/*.md", "notes/logbooks/*.md", "!notes/logbooks/README.md")
    assert config.branches.research == ("research/**", "ana-tiles", "exp/**")
    assert workflows.pushed_branches(text(old, LINT)) == config.branches.research


def test_adopt_relaxes_no_secret(work: Repository, actions: Repository) -> None:
    """A committed secret is reported with its line, and no configuration hides it."""
    key = "0123456789abcdef" * 2 + "01234567"
    work.commit({PATH: GOOD_ANYWHERE.replace("`python", f"`WANDB_API_KEY={key} python")})
    done = run(work, actions, adopt=True)
    (note,) = done.notes
    assert note.startswith(f"committed-secret stays an error (1 finding in 1 logbook, {PATH}:")
    assert key not in note + text(work, CONFIG)
    assert "committed-secret" not in text(work, CONFIG)


def test_adopt_changes_nothing_where_all_is_well(work: Repository, actions: Repository) -> None:
    """A repository with one good logbook in the usual place gets the configuration of an empty one."""
    work.commit({PATH: GOOD})
    run(work, actions, adopt=True)
    found = load(text(work, CONFIG), CONFIG)
    assert (found.rules, found.logbooks, found.branches) == ({}, Config().logbooks, Config().branches)


@pytest.mark.parametrize("name", workflow_templates())
def test_every_workflow_passes_zizmor(name: str, work: Repository, actions: Repository) -> None:
    """Pinned, every workflow passes the checks that an auditor would run."""
    run(work, actions, name)
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [zizmor, "--offline", "--persona", "auditor", "--no-progress", "--quiet", ".github/workflows"]
    done = subprocess.run(command, cwd=work.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def command_line(work: Repository, actions: Repository, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what runs the command line in the clone."""
    monkeypatch.chdir(work.root)
    monkeypatch.setenv("GITHUB_SERVER_URL", actions.root.parents[1].as_uri())

    def ran(*arguments: str) -> None:
        cli.cli.main([*arguments], standalone_mode=False)

    return ran


def test_the_command_line_says_what_it_wrote(
    command_line: Callable[..., None], work: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run prints the diff and writes nothing; a real one names each file; a third has nothing to do."""
    command_line("init", "--workflow", "lint", "--dry-run")
    said = capsys.readouterr().out
    assert f"would write {LINT}:\n\n--- /dev/null\n+++ b/{LINT}\n" in said
    assert work.git("status", "--short") == ""
    (work.root.parent / "all.patch").write_text(said)
    work.git("apply", "--check", "../all.patch")
    command_line("init", "--workflow", "lint")
    said = capsys.readouterr().out
    assert said.startswith(f"wrote {LINT}\nwrote {CONFIG}\nwrote {FORM}\n")
    assert "next steps:\n- commit these files" in said
    command_line("init", "--workflow", "lint")
    assert capsys.readouterr().out.startswith("nothing to write")


def test_a_person_at_a_terminal_is_asked(work: Repository, actions: Repository) -> None:
    """Each workflow is offered with what it does, and only those the person wants are added."""
    there = list(workflow_templates())
    answers = "".join("y\n" if name == "lint" else "n\n" for name in there)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "GITHUB_SERVER_URL": actions.root.parents[1].as_uri()}
    command = [sys.executable, "-m", "research_logbook", "init"]
    with subprocess.Popen(
        command, cwd=work.root, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        os.write(ours, answers.encode())
        said = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while part := os.read(ours, 4096):
                said += part
    os.close(ours)
    assert process.returncode == 0
    assert [f"Add `{name}`, which" in said.decode() for name in there] == [True] * len(there)
    assert [path.name for path in (work.root / ".github/workflows").iterdir()] == ["logbook-lint.yml"]
