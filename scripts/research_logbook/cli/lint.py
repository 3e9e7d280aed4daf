"""`logbook lint`."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import click

from research_logbook.actions import ERRORS, FINDINGS, WARNINGS, runner
from research_logbook.actions.runner import annotations
from research_logbook.cli import completion, config_option, repo_option
from research_logbook.cli.appearance import Appearance
from research_logbook.cli.session import say
from research_logbook.config.baseline import BASELINE
from research_logbook.config.schema import FailOn
from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import UserError
from research_logbook.findings import Report, Severity
from research_logbook.lint import run
from research_logbook.lint.rules import CATALOGUE
from research_logbook.lint.run import LintRequest
from research_logbook.lint.selection import rules_selected
from research_logbook.markdown.escape import terminal, terminal_line
from research_logbook.render.json_report import json_report, statistics_json
from research_logbook.render.markdown import summary
from research_logbook.render.sarif import sarif
from research_logbook.render.text import statistics_text, text
from research_logbook.repo import files
from research_logbook.repo.comparison import Comparison

_TEXT = "text"
_FORMATS: dict[str, Callable[[Report], str]] = {
    "json": json_report,
    "github": annotations,
    "sarif": lambda report: sarif(report, CATALOGUE),
    "markdown": summary,
}


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--base", metavar="REV", help="Compare with this revision.")
@click.option("--all", "everything", is_flag=True, help="Judge all logbooks; show inherited findings.")
@click.option("--fail-on", type=click.Choice(get_args(FailOn)), help="What makes it exit 1.  [default: error]")
@config_option
@repo_option
@click.option("--format", "form", type=click.Choice([_TEXT, *_FORMATS]), help="[default: text; in Actions github]")
@click.option(
    "--fix",
    is_flag=True,
    help="Apply the safe fixes first; in Actions last.",
)
@click.option("--fix-only", is_flag=True, help="Apply the safe fixes and judge nothing.")
@click.option("--dry-run", is_flag=True, help="With --fix: print the changes alone.")
@click.option("--update-baseline", is_flag=True, help="Drop what no longer occurs; judge nothing.")
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=completion.rule_lists,
    help="Show these rules or groups only: A,B.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULES",
    shell_complete=completion.rule_lists,
    help="Show all but these; not in Actions.",
)
@click.option("--statistics", is_flag=True, help="Print how many findings each rule has.")
@click.option("-q", "--quiet", is_flag=True, help="Print the findings and nothing else.")
@click.option("--explain-base", is_flag=True, help="Print what is compared; judge nothing.")
@click.option("-v", "--verbose", is_flag=True, help="Also print what was not checked, and why.")
def lint_command(  # noqa: PLR0913 - an option each
    *,
    fix: bool,
    dry_run: bool,
    update_baseline: bool,
    explain_base: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    form: str | None,
    statistics: bool,
    quiet: bool,
    verbose: bool,
    **asked: Any,
) -> None:
    """Judge logbooks: those named, else those that changed since the base, else all.

    The base is the pull request's, the push's or the merge queue's inside Actions, and elsewhere where the branch
    left the remote's default branch; --explain-base says which commits these are. What the base has too is counted,
    and shown by --all. Fixes never change a word.
    """
    context = RunContext.here(repo=asked.pop("repo"), config=asked.pop("config"))
    wanted = LintRequest(**asked, selected=_selected(context, select, ignore))
    style = ReportStyle(form, statistics=statistics, is_quiet=quiet, is_verbose=verbose)
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
                judge(context, wanted, style)
            finally:
                _mend(root, rewrites, is_quiet=quiet)
            return
        _mend(root, rewrites, is_quiet=quiet)
        if wanted.fix_only:
            return
    elif dry_run:
        raise UserError("--dry-run goes with --fix: nothing else that lint does writes", "leave it out")
    judge(context, wanted, style)


def _selected(context: RunContext, select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """Return the rules that are looked at; raises `UserError` where every rule has to count."""
    selected = rules_selected(select, ignore)
    if context.in_actions and (select or ignore):
        raise UserError(
            "--select and --ignore are for a look on your own machine: in Actions every rule counts",
            "leave them out; `rules` in .github/logbook.yml, on the default branch, says which rules count",
        )
    return selected


def _mend(root: Path, rewrites: Sequence[FileRewrite], *, is_quiet: bool) -> None:
    run.apply(root, rewrites)
    for rewrite in () if is_quiet else rewrites:
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


@dataclass(frozen=True, slots=True)
class ReportStyle:
    """How a report is printed."""

    form: str | None = None
    """One of the formats; None for what is usual where it runs."""
    statistics: bool = False
    is_quiet: bool = False
    is_verbose: bool = False

    def print(self, report: Report, context: RunContext) -> None:
        """Print a report; raises `UserError` for what does not go together."""
        form = self.form or ("github" if context.in_actions and not self.statistics else _TEXT)
        looks = Appearance.of(sys.stdout, context.environment)
        if self.statistics and form == "json":
            shown = statistics_json(report)
        elif self.statistics and form == _TEXT:
            shown = statistics_text(report, colour=looks.has_colour, links=looks.has_links)
        elif self.statistics:
            raise UserError(f"--statistics has no format `{form}`", "use `--format text` or `--format json`")
        elif form == _TEXT:
            shown = text(
                report,
                colour=looks.has_colour,
                links=looks.has_links,
                verbose=self.is_verbose,
                quiet=self.is_quiet,
            )
        else:
            shown = _FORMATS[form](report)
        # Where colour is forced, click would take it out again: it looks at the stream alone.
        click.echo(shown, nl=False, color=True)
        if report.left_out and form in {"github", "sarif"}:  # which have no place for it
            say(report.left_out)


def judge(context: RunContext, wanted: LintRequest, style: ReportStyle = ReportStyle()) -> None:
    """Judge, report everywhere where a report is read, and exit 1 where it fails."""
    report, config = run.lint(wanted, context)
    style.print(report, context)
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    runner.set_outputs(context.environment, {FINDINGS: errors + warnings, ERRORS: errors, WARNINGS: warnings})
    if "GITHUB_STEP_SUMMARY" in context.environment:
        runner.add_summary(context.environment, summary(report))
    if report.fails(wanted.fail_on or config.fail_on):
        raise SystemExit(1)
