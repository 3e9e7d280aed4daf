"""The command line: arguments, exit codes, and the one place that catches errors."""

import datetime as dt
import gc
import os
import platform
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, get_args

import click

from research_logbook import __version__, commands
from research_logbook.commands import Labelling, Lint
from research_logbook.config import FailOn
from research_logbook.core.finding import Report, Severity
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.report.annotations import annotations
from research_logbook.report.escape import command, terminal
from research_logbook.report.json_report import inspect_json, inspect_text, json_report
from research_logbook.report.plan import plan_json, plan_text
from research_logbook.report.sarif import sarif
from research_logbook.report.summary import summary
from research_logbook.report.text import text
from research_logbook.rules import CATALOGUE
from research_logbook.shell import runner
from research_logbook.shell.access import Access
from research_logbook.shell.apply import apply
from research_logbook.shell.comments import origin_of
from research_logbook.shell.github import GitHub

_FORMATS: dict[str, Callable[[Report], str]] = {
    "text": lambda report: text(report, colour=bool(sys.stdout and sys.stdout.isatty())),
    "json": json_report,
    "github": annotations,
    "sarif": lambda report: sarif(report, CATALOGUE),
    "markdown": summary,
}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="logbook")
def cli() -> None:
    """Keep the record of agent-directed research honest.

    Exit codes: 0 nothing wrong; 1 findings at or above --fail-on; 2 bad usage or configuration; 3 git or GitHub
    failed; 4 a safety limit refused.
    """


_LINT_OPTIONS = (
    click.argument("paths", nargs=-1, type=click.Path()),
    click.option("--base", metavar="REV", help="Compare with this revision: what it has too is counted, not shown."),
    click.option("--all", "everything", is_flag=True, help="Show inherited findings, and judge old logbooks like new."),
    click.option("--fail-on", type=click.Choice(get_args(FailOn)), help="What makes it exit 1.  [default: error]"),
    click.option("--config", type=click.Path(), help="Configuration to use instead of .github/logbook.yml."),
    click.option("--format", "form", type=click.Choice(list(_FORMATS)), help="[default: text; in Actions github]"),
    click.option("--fix", is_flag=True, help="Apply the safe fixes first: they never change a word."),
    click.option("--dry-run", is_flag=True, help="With --fix: print the changes, and make none."),
)


def _lint_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_LINT_OPTIONS):
        function = option(function)
    return function


@cli.command()
@_lint_options
def lint(*, form: str | None, fix: bool, dry_run: bool, **asked: Any) -> None:
    """Judge logbooks: those named, else those that changed since the base, else all.

    The base is the pull request's, the push's or the merge queue's inside Actions, and elsewhere where the branch
    left origin's default branch.
    """
    wanted = Lint(**asked)
    if fix:
        _fix(wanted, dry_run=dry_run)
    elif dry_run:
        raise UserError("--dry-run goes with --fix: nothing else that lint does writes", "leave it out")
    if not dry_run:
        _lint(wanted, form)


def _fix(wanted: Lint, *, dry_run: bool) -> None:
    rewrites = commands.plan_fixes(wanted, os.environ, Path.cwd())
    if dry_run:
        click.echo(terminal("".join(map(str, rewrites))) or "nothing to fix\n", nl=False)
        return
    commands.apply(rewrites)
    for rewrite in rewrites:
        click.echo(f"fixed {terminal(rewrite.name)}", err=True)


def _lint(wanted: Lint, form: str | None) -> None:
    report, config = commands.lint(wanted, os.environ, Path.cwd(), dt.datetime.now(dt.UTC))
    in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    click.echo(_FORMATS[form or ("github" if in_actions else "text")](report), nl=False)
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    runner.set_outputs(os.environ, {"findings": errors + warnings, "errors": errors, "warnings": warnings})
    runner.add_summary(os.environ, summary(report))
    if report.fails(wanted.fail_on or config.fail_on):
        raise SystemExit(1)


@cli.command()
@click.argument("path", type=click.Path())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def inspect(path: str, form: str) -> None:
    """Show a logbook as it is understood: entries with dates, IDs, kinds and fields."""
    click.echo((inspect_json if form == "json" else inspect_text)(commands.inspect(path)), nl=False)


@cli.command()
@click.argument("name", required=False)
def rules(name: str | None) -> None:
    """List the rules, or show the page of one."""
    click.echo(commands.rules(name), nl=False)


_GITHUB_OPTIONS = (
    click.option("--repo", metavar="OWNER/NAME", help="The repository.  [default: GITHUB_REPOSITORY]"),
    click.option("--bot-login", help="Whose comments are ours, where the token cannot say."),
    click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing."),
    click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
    click.option("--verbose", is_flag=True, help="Say how many calls of GitHub's API were made."),
)


def _github_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_GITHUB_OPTIONS):
        function = option(function)
    return function


class _Session:
    """A conversation with GitHub for one command: what it would do, or does, and how it ends."""

    def __init__(self, *, repo: str | None, bot_login: str | None, dry_run: bool, form: str, verbose: bool) -> None:
        self.hub = GitHub(Access.of(os.environ, repo, bot_login))
        self.dry_run, self.form, self.verbose = dry_run, form, verbose
        self.effects = commands.NOTHING
        self.lacking = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.verbose:
            click.echo(f"{self.hub.calls} calls of GitHub's API", err=True)
        self.hub.__exit__()

    def label(self, done: Labelling, mode: str | None, number: int) -> None:
        """Apply what gives an issue its labels, or say it; in mode `check` never apply it."""
        if not done.is_known:
            raise UserError(
                f"there is no issue or pull request #{number} here", "look at the number and the repository"
            )
        is_check = (mode or done.mode) == "check"
        self.lacking = self.lacking or (is_check and bool(done.plan))
        self.effects += done.plan
        if not (self.dry_run or is_check):
            apply(self.hub, done.plan, origin_of(os.environ))

    def conclude(self, *, is_check: bool) -> None:
        """Print the plan; fail where a check found something missing."""
        applied = not (self.dry_run or is_check or self.lacking)
        click.echo(
            plan_json(self.effects, applied=applied) if self.form == "json" else plan_text(self.effects), nl=False
        )
        if self.lacking:
            raise SystemExit(1)


@cli.command()
@click.option("--issue", type=click.IntRange(1), help="The issue.  [default: the event's]")
@click.option("--pull", type=click.IntRange(1), help="The pull request.  [default: the event's]")
@click.option("--mode", type=click.Choice(["fix", "check"]), help="Add what is missing, or fail.  [default: fix]")
@_github_options
def labels(*, issue: int | None, pull: int | None, mode: str | None, **github: Any) -> None:
    """Give an experiment issue its labels, `experiment` and `agent-generated`; touch nobody else's."""
    if issue and pull:
        raise UserError("--issue and --pull name two things", "give one of them")
    number = issue or pull or runner.event_of(os.environ).number
    if number is None:
        raise UserError("it is not said which issue is meant", "name it: --issue N or --pull N")
    with _Session(**github) as session:
        session.label(commands.labels(number, session.hub, os.environ, Path.cwd()), mode, number)
        session.conclude(is_check=mode == "check")


@cli.command()
@click.option("--after", type=int, default=0, help="Go on after this issue number.")
@_github_options
def sweep(*, after: int, **github: Any) -> None:
    """Do for all open issues and pull requests what their events would have done: labels."""
    with _Session(**github) as session:
        for number, done in commands.sweep(session.hub, os.environ, Path.cwd(), after):
            session.label(done, None, number)
        session.conclude(is_check=False)


@cli.command(hidden=True)
@click.option("--fail-on", type=click.Choice(get_args(FailOn)))
@click.option("--config", type=click.Path())
def event(*, fail_on: FailOn | None, config: str | None) -> None:
    """Do what the event asks for: what the root action runs."""
    if not commands.does_something(os.environ):
        name = terminal(os.environ.get("GITHUB_EVENT_NAME", ""))
        click.echo(f"nothing to do for the event {name or '(none)'}")
        return
    _lint(Lint(fail_on=fail_on, config=config), None)


def main() -> None:
    """Run the command line; every error a user can cause ends in a sentence and its exit code."""
    gc.disable()  # A short run over trees without cycles: collecting takes a third of its time and frees nothing.
    try:
        sys.exit(cli(standalone_mode=False, prog_name="logbook"))
    except UserError as error:
        _say(error.message, error.help)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        _hang_up()
        sys.exit(0)
    except OSError as error:
        _hang_up()
        _say(f"the output cannot be written: {error.strerror}", "look at where it is sent")
        sys.exit(UnfinishedError.exit_code)
    except Exception:  # noqa: BLE001 - the one catcher: anything else is a bug, and says where to report it
        _bug()
        sys.exit(UnfinishedError.exit_code)


def _hang_up() -> None:
    """Let the interpreter flush what is left to nobody."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _say(message: str, help_text: str) -> None:
    both = message if not help_text else f"{message}\n{help_text}"
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(command("error", both, title="logbook"))
        return
    click.echo(f"logbook: {terminal(message)}", err=True)
    if help_text:
        click.echo(f"  help: {terminal(help_text)}", err=True)


def _bug() -> None:
    about = f"logbook {__version__}, Python {platform.python_version()}, {platform.system()}"
    click.echo(terminal(traceback.format_exc()), err=True)
    _say(
        "this is a bug in logbook, not in your logbook",
        f"report it with the lines above at https://github.com/run-research/logbook/issues ({about})",
    )
