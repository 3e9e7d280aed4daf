"""`logbook lint`."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import click

from research_logbook.actions import ERRORS, FINDINGS, WARNINGS, runner
from research_logbook.actions.runner import annotations
from research_logbook.cli import config_option, repo_option
from research_logbook.config.baseline import BASELINE
from research_logbook.config.schema import FailOn
from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import UserError
from research_logbook.findings import Report, Severity
from research_logbook.lint import run
from research_logbook.lint.rules import CATALOGUE
from research_logbook.lint.run import LintRequest
from research_logbook.markdown.escape import terminal, terminal_line
from research_logbook.render.json_report import json_report
from research_logbook.render.markdown import summary
from research_logbook.render.sarif import sarif
from research_logbook.render.text import text
from research_logbook.repo import files
from research_logbook.repo.comparison import Comparison

_FORMATS: dict[str, Callable[[Report], str]] = {
    "json": json_report,
    "github": annotations,
    "sarif": lambda report: sarif(report, CATALOGUE),
    "markdown": summary,
}


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--base", metavar="REV", help="Compare with this revision: what it has too is counted, not shown.")
@click.option(
    "--all", "everything", is_flag=True, help="Judge all logbooks, old ones like new, and show inherited findings."
)
@click.option("--fail-on", type=click.Choice(get_args(FailOn)), help="What makes it exit 1.  [default: error]")
@config_option
@repo_option
@click.option("--format", "form", type=click.Choice(["text", *_FORMATS]), help="[default: text; in Actions github]")
@click.option(
    "--fix",
    is_flag=True,
    help="Apply the safe fixes first: they never change a word. Inside Actions last: what was pushed is judged.",
)
@click.option("--fix-only", is_flag=True, help="Apply the safe fixes and judge nothing.")
@click.option("--dry-run", is_flag=True, help="With --fix: print the changes, and make none.")
@click.option("--update-baseline", is_flag=True, help="Drop from the baseline what no longer occurs; judge nothing.")
@click.option("--explain-base", is_flag=True, help="Print what is compared with what, and why; judge nothing.")
@click.option(
    "--verbose", is_flag=True, help="Also print what was compared at length, and which rules were not checked."
)
def lint_command(  # noqa: PLR0913 - an option each
    *,
    form: str | None,
    fix: bool,
    dry_run: bool,
    update_baseline: bool,
    explain_base: bool,
    verbose: bool,
    **asked: Any,
) -> None:
    """Judge logbooks: those named, else those that changed since the base, else all.

    The base is the pull request's, the push's or the merge queue's inside Actions, and elsewhere where the branch
    left the remote's default branch; --explain-base says which commits these are.
    """
    context = RunContext.here(repo=asked.pop("repo"), config=asked.pop("config"))
    wanted = LintRequest(**asked)
    if explain_base:
        click.echo("\n".join(map(terminal_line, run.explained(wanted, context))))
        return
    if update_baseline:
        _update_baseline(context, dry_run=dry_run)
        return
    if fix or wanted.fix_only:
        root, rewrites = run.plan_fixes(wanted, context)
        if dry_run:
            click.echo(terminal("".join(map(str, rewrites))) or "nothing to fix\n", nl=False)
            return
        if context.in_actions and not wanted.fix_only:
            try:  # the verdict is on what was pushed, not on what is mended here
                judge(context, wanted, form, verbose=verbose)
            finally:
                _mend(root, rewrites)
            return
        _mend(root, rewrites)
        if wanted.fix_only:
            return
    elif dry_run:
        raise UserError("--dry-run goes with --fix: nothing else that lint does writes", "leave it out")
    judge(context, wanted, form, verbose=verbose)


def _mend(root: Path, rewrites: Sequence[FileRewrite]) -> None:
    run.apply(root, rewrites)
    for rewrite in rewrites:
        click.echo(f"fixed {terminal(rewrite.name)}", err=True)


def _update_baseline(context: RunContext, *, dry_run: bool) -> None:
    """Write the baseline without what no longer occurs; delete it where nothing is left."""
    from research_logbook.setup.adopt import shrunk  # noqa: PLC0415 - a lint needs nothing of it

    if context.in_actions:
        raise UserError("--update-baseline writes to the work tree and is refused inside Actions", "run it yourself")
    repository, before = context.clone(), context.baseline_for(Comparison(None))
    if not before:
        raise UserError(f"{BASELINE} accepts nothing", "`logbook init --adopt` writes it, where there is something")
    after = shrunk(before, repository, context.work_tree_config, context.now)
    old, new = sum(before.counts.values()), sum(after.counts.values())
    if not dry_run and after:
        files.write(repository.root / BASELINE, after.text())
    elif not dry_run:
        (repository.root / BASELINE).unlink()
    does = "would drop" if dry_run else "dropped"
    rest = f"{new} are left" if new else "none is left, so the file is not needed any more"
    click.echo(f"{does} {old - new} of {old} accepted findings from {BASELINE}; {rest}")


def judge(context: RunContext, wanted: LintRequest, form: str | None = None, *, verbose: bool = False) -> None:
    """Judge, report everywhere where a report is read, and exit 1 where it fails."""
    report, config = run.lint(wanted, context)
    chosen = form or ("github" if context.in_actions else "text")
    colour = bool(sys.stdout and sys.stdout.isatty())
    shown = text(report, colour=colour, verbose=verbose) if chosen == "text" else _FORMATS[chosen](report)
    click.echo(shown, nl=False)
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    runner.set_outputs(context.environment, {FINDINGS: errors + warnings, ERRORS: errors, WARNINGS: warnings})
    if "GITHUB_STEP_SUMMARY" in context.environment:
        runner.add_summary(context.environment, summary(report))
    if report.fails(wanted.fail_on or config.fail_on):
        raise SystemExit(1)
