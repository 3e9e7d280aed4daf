"""The commands that begin something: `logbook init`, `logbook new` and `logbook doctor`."""

import sys
from typing import Any

import click

from research_logbook.cli.session import Session, perhaps_connected, say
from research_logbook.context import REPO_HELP, RunContext
from research_logbook.effects.plan import CommandResult, CreateIssue, Plan
from research_logbook.errors import UserError, repository_unknown
from research_logbook.github.models import Issue
from research_logbook.markdown.escape import terminal, terminal_line
from research_logbook.repo import files
from research_logbook.setup import doctor as doctoring
from research_logbook.setup import init as setting_up
from research_logbook.setup import new as opening
from research_logbook.setup.doctor import State, health_json, health_text
from research_logbook.setup.init import SOURCE, Init, left_to_do
from research_logbook.setup.new import New, Start
from research_logbook.setup.workflows import WORKFLOWS, workflow_templates

_TO_COME = "NUMBER"
"""Stands for the number of an issue that a dry run does not open."""

_SOURCE = click.option(
    "--source", default=SOURCE, show_default=True, metavar="OWNER/NAME@REF", help="The repository with the actions."
)


@click.command()
@click.option("--workflow", "workflows", multiple=True, metavar="NAME", help="A workflow to add; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Add every workflow.")
@_SOURCE
@click.option("--adopt", is_flag=True, help="Write a configuration under which what is there now fails no run.")
@click.option("--org", is_flag=True, help="Write starter workflows for an organisation's `.github` repository.")
@click.option("--force", is_flag=True, help="Replace files that were changed.")
@click.option("--dry-run", is_flag=True, help="Print what would be written as a diff, and write nothing.")
def init(*, workflows: tuple[str, ...], everything: bool, dry_run: bool, **asked: Any) -> None:
    """Make this repository use logbook: workflows, configuration, issue form.

    Run again it brings the pinned versions up to date, and leaves alone whatever you changed.
    """
    chosen = tuple(workflow_templates()) if everything else workflows or _asked()
    done = setting_up.init(Init(chosen, **asked), RunContext.here())
    for note in done.files.notes:
        click.echo(f"note: {terminal_line(note)}", err=True)
    for rewrite in done.files.rewrites:
        if dry_run:
            click.echo(terminal(str(rewrite)))
        else:
            files.write(done.root / rewrite.name, rewrite.new)
            click.echo(f"{'wrote' if rewrite.old is None else 'updated'} {terminal_line(rewrite.name)}")
    if not done.files.rewrites:
        click.echo("nothing to write: everything is there and up to date")
    click.echo(f"\n{left_to_do(done.left)}", nl=False)


def _asked() -> tuple[str, ...]:
    """Ask a person at a terminal for each workflow; nobody else is asked, and gets the usual ones."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        return ()
    there = workflow_templates()
    return tuple(
        workflow.name
        for workflow in WORKFLOWS
        if workflow.name in there
        and click.confirm(f"Add `{workflow.name}`, which {workflow.does}?", default=workflow.is_usual)
    )


@click.command()
@click.argument("topic")
@click.option("--issue", type=click.IntRange(1), help="Use this experiment issue.  [default: open one]")
@click.option("--no-issue", is_flag=True, help="Begin without GitHub: branch and logbook alone.")
@click.option("--prefix", metavar="PREFIX", help="The experiment-ID prefix.  [default: made from the topic]")
@click.option("--agent", "by_agent", is_flag=True, help="An agent opens the thread: the issue says so.")
@click.option("--yes", is_flag=True, help="Open the issue without asking.")
@click.option("--repo", metavar="OWNER/NAME", help=REPO_HELP)
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
def new(*, no_issue: bool, yes: bool, repo: str | None, dry_run: bool, **asked: Any) -> None:
    """Begin a research thread: its branch, its logbook, its experiment issue.

    Run again it goes on where it was interrupted, and does nothing twice.
    """
    wanted, context = New(**asked), RunContext.here(repo=repo)
    begun = opening.start(wanted, context)
    for note in begun.notes:
        say(note)
    if no_issue:
        if wanted.issue:
            raise UserError("--issue and --no-issue contradict each other", "leave one of them out")
        _begin(begun, begun.issue, dry_run=dry_run)
        return
    if not context.github_name:
        raise repository_unknown("pass `--repo OWNER/NAME`, or begin without an issue: `--no-issue`")
    with Session.of(context, dry_run=dry_run) as session:
        begun = opening.on_github(begun, session.github, opening.server_of(context.environment))
        issue = opening.find_issue(wanted, begun, session.github)
        if issue is None:
            issue = _opened(session, opening.open_issue(wanted, begun, session.github), yes=yes)
        _begin(begun, issue.number if issue else _TO_COME, dry_run=dry_run)
        if issue:
            plan = opening.link(wanted, begun, issue, session.github)
            session.do(CommandResult(plan, judged={issue.number: issue.updated_at}))
        session.conclude()


def _opened(session: Session, plan: Plan, *, yes: bool) -> Issue | None:
    """Open the issue, once a person has seen what is published and where; None in a dry run."""
    (wanted,) = (effect for effect in plan if isinstance(effect, CreateIssue))
    if session.dry_run or not yes:
        click.echo(f"{terminal_line(str(wanted))}:\n\n{terminal(wanted.body)}\n")
    if not (session.dry_run or yes):
        if not (sys.stdin and sys.stdin.isatty()):
            raise UserError("not a terminal", "pass `--yes` to publish, or `--issue N` to use an issue that exists")
        where = f"{session.github.repository}, which is {session.github.visibility()}"
        if not click.confirm(f"Open this issue in {terminal_line(where)}?"):
            raise UserError("nothing was done", "pass `--issue N` to use an issue, or `--no-issue` to do without")
    done = session.do(CommandResult(plan))
    return session.github.issue(done.issues[0]) if done.issues else None


def _begin(begun: Start, issue: int | str | None, *, dry_run: bool) -> None:
    """Check out the branch and write the logbook, or print that; say what comes next."""
    thread, rewrites = begun.opening, begun.logbook(issue)
    if not begun.is_here:
        click.echo(f"{'switch to' if begun.has_branch else 'create'} the branch {thread.branch}")
    for rewrite in rewrites:
        click.echo(terminal(str(rewrite)) if dry_run else f"wrote {terminal_line(rewrite.name)}")
    if not dry_run:
        opening.begin(begun, rewrites)
        click.echo(f"next: fill in {thread.path}, then commit it and `git push --set-upstream origin {thread.branch}`")


@click.command()
@_SOURCE
@click.option("--repo", metavar="OWNER/NAME", help=REPO_HELP)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(*, source: str, repo: str | None, form: str) -> None:
    """Say what this repository lacks to use logbook, or has out of date.

    With a token in GITHUB_TOKEN it looks at labels, secrets and rulesets too. Exits 1 where something has to be
    fixed; it changes nothing.
    """
    context = RunContext.here(repo=repo)
    context.clone()
    with perhaps_connected(context) as github:
        checks = doctoring.doctor(context, source, github)
    click.echo((health_json if form == "json" else health_text)(checks), nl=False)
    if any(check.state is State.BAD for check in checks):
        raise SystemExit(1)
