"""`logbook new`."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from research_logbook.cli.session import Session, repository_of, say
from research_logbook.effects.plan import CommandResult, CreateIssue, Plan
from research_logbook.errors import UserError, repository_unknown
from research_logbook.github.models import Issue
from research_logbook.markdown.escape import terminal, terminal_line
from research_logbook.setup import new as command
from research_logbook.setup.new import New, Start

_TO_COME = "NUMBER"
"""Stands for the number of an issue that a dry run does not open."""


@click.command()
@click.argument("topic")
@click.option("--issue", type=click.IntRange(1), help="Use this experiment issue.  [default: open one]")
@click.option("--no-issue", is_flag=True, help="Begin without GitHub: branch and logbook alone.")
@click.option("--prefix", metavar="PREFIX", help="The experiment-ID prefix.  [default: made from the topic]")
@click.option("--agent", "by_agent", is_flag=True, help="An agent opens the thread: the issue says so.")
@click.option("--yes", is_flag=True, help="Open the issue without asking.")
@click.option("--repo", metavar="OWNER/NAME", help="The repository.  [default: GITHUB_REPOSITORY, else origin's]")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
def new(*, no_issue: bool, yes: bool, repo: str | None, dry_run: bool, **asked: Any) -> None:
    """Begin a research thread: its branch, its logbook, its experiment issue.

    Run again it goes on where it was interrupted, and does nothing twice.
    """
    wanted = New(**asked)
    begun = command.start(wanted, Path.cwd())
    for note in begun.notes:
        say(note)
    if no_issue:
        if wanted.issue:
            raise UserError("--issue and --no-issue contradict each other", "leave one of them out")
        _begin(begun, begun.issue, dry_run=dry_run)
        return
    name = repository_of(begun.repository, repo)
    if not name:
        raise repository_unknown("pass `--repo OWNER/NAME`, or begin without an issue: `--no-issue`")
    with Session.of(repo=name, bot_login=None, config=None, dry_run=dry_run, form="text", verbose=False) as session:
        _with_issue(session, wanted, command.on_github(begun, session.hub, command.server_of(os.environ)), yes=yes)
        session.conclude()


def _with_issue(session: Session, wanted: New, begun: Start, *, yes: bool) -> None:
    issue = command.find_issue(wanted, begun, session.hub)
    if issue is None:
        issue = _opened(session, command.open_issue(wanted, begun, session.hub), yes=yes)
    _begin(begun, issue.number if issue else _TO_COME, dry_run=session.dry_run)
    if issue:
        plan = command.link(wanted, begun, issue, session.hub)
        session.do(CommandResult(plan, judged={issue.number: issue.updated_at}))


def _opened(session: Session, plan: Plan, *, yes: bool) -> Issue | None:
    """Open the issue, once a person has seen what is published and where; None in a dry run."""
    (wanted,) = (effect for effect in plan if isinstance(effect, CreateIssue))
    if session.dry_run or not yes:
        click.echo(f"{terminal_line(str(wanted))}:\n\n{terminal(wanted.body)}\n")
    if not (session.dry_run or yes):
        _confirm(session)
    done = session.do(CommandResult(plan))
    return session.hub.issue(done.issues[0]) if done.issues else None


def _confirm(session: Session) -> None:
    if not (sys.stdin and sys.stdin.isatty()):
        raise UserError("not a terminal", "pass `--yes` to publish, or `--issue N` to use an issue that exists")
    where = f"{session.hub.repository}, which is {session.hub.visibility()}"
    if not click.confirm(f"Open this issue in {terminal_line(where)}?"):
        raise UserError("nothing was done", "say --issue N to use an issue, or --no-issue to do without")


def _begin(begun: Start, issue: int | str | None, *, dry_run: bool) -> None:
    """Check out the branch and write the logbook, or print that; say what comes next."""
    opening, rewrites = begun.opening, begun.logbook(issue)
    if not begun.is_here:
        click.echo(f"{'switch to' if begun.has_branch else 'create'} the branch {opening.branch}")
    for rewrite in rewrites:
        click.echo(terminal(str(rewrite)) if dry_run else f"wrote {terminal_line(rewrite.name)}")
    if not dry_run:
        command.begin(begun, rewrites)
        click.echo(
            f"next: fill in {opening.path}, then commit it and `git push --set-upstream origin {opening.branch}`"
        )
