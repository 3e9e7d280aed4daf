"""`logbook labels` and `logbook sweep`."""

import datetime as dt
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from research_logbook.cli.session import Session, github_options
from research_logbook.commands import labels as labelling
from research_logbook.commands import sweep as sweeping
from research_logbook.commands.seal import view_of
from research_logbook.core.plan import NOTHING
from research_logbook.errors import UserError
from research_logbook.shell import runner


@click.command()
@click.option("--issue", type=click.IntRange(1), help="The issue.  [default: the event's]")
@click.option("--pull", type=click.IntRange(1), help="The pull request.  [default: the event's]")
@click.option("--mode", type=click.Choice(["fix", "check"]), help="Add what is missing, or fail.  [default: fix]")
@github_options
def labels(*, issue: int | None, pull: int | None, mode: str | None, **github: Any) -> None:
    """Give an experiment issue its labels, `experiment` and `agent-generated`; touch nobody else's."""
    if issue and pull:
        raise UserError("--issue and --pull name two things", "give one of them")
    number = issue or pull or runner.event_of(os.environ).number
    if number is None:
        raise UserError("it is not said which issue is meant", "name it: --issue N or --pull N")
    with Session.of(**github) as session:
        session.do(labelling.labels(number, session.hub, os.environ, Path.cwd(), mode))
        session.conclude()


@click.command()
@click.option("--after", type=int, default=0, help="Go on after this issue number.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Look at closings from this day on.  [default: 30 days]"
)
@click.option(
    "--apply", "is_applied", is_flag=True, help="Undo closings that came too early; else they are only named."
)
@click.option("--force", is_flag=True, help=f"Reopen more than {sweeping.MOST_REOPENED} issues at once.")
@github_options
def sweep(*, after: int, since: dt.datetime | None, is_applied: bool, force: bool, **github: Any) -> None:
    """Do for all issues and pull requests what their events would have done: labels, and early closings."""
    now = dt.datetime.now(dt.UTC)
    with Session.of(**github) as session:
        for outcome in sweeping.sweep(session.hub, os.environ, Path.cwd(), after):
            session.do(outcome)
        view = view_of(session.hub, os.environ, Path.cwd(), now)
        found = list(sweeping.closings(view, since.replace(tzinfo=dt.UTC) if since else now - _A_MONTH))
        for closing in sweeping.within_limit(found, force=force) if is_applied else found:
            outcome = closing.outcome if is_applied else replace(closing.outcome, plan=NOTHING)
            if session.is_current(outcome):  # else the next sweep judges it anew
                session.do(outcome)
        session.conclude()


_A_MONTH = dt.timedelta(days=30)
