"""`logbook labels` and `logbook sweep`."""

import datetime as dt
import os
from pathlib import Path
from typing import Any, Literal

import click

from research_logbook.cli.session import Session, flag, github_options
from research_logbook.commands import labels as labelling
from research_logbook.commands import sweep as sweeping
from research_logbook.commands.seal import view_of
from research_logbook.config import with_mode
from research_logbook.errors import UserError
from research_logbook.shell import runner

Mode = Literal["fix", "check"] | None


_ROUNDS = 2
"""How often an issue is judged that changes meanwhile: whoever opened it may have commented, which raises no event."""


@click.command()
@click.option("--issue", type=click.IntRange(1), help="The issue.  [default: the event's]")
@click.option("--pull", type=click.IntRange(1), help="The pull request.  [default: the event's]")
@click.option("--mode", type=click.Choice(["fix", "check"]), help="Add what is missing, or fail.  [default: fix]")
@github_options
def labels(*, issue: int | None, pull: int | None, mode: Mode, **github: Any) -> None:
    """Give an experiment issue its labels, `experiment` and `agent-generated`; touch nobody else's."""
    if issue and pull:
        raise UserError("--issue and --pull name two things", "give one of them")
    _label(issue or pull, mode, **github)


def label_event(mode: Mode, **github: Any) -> None:
    """Give the event's issue its labels."""
    _label(None, mode, **github)


def _label(asked: int | None, mode: Mode, **github: Any) -> None:
    number = asked or runner.event_of(os.environ).number
    if number is None:
        raise UserError("it is not said which issue is meant", "name it: --issue N or --pull N")
    with Session.of(**github) as session:
        config = with_mode(session.config, mode)
        for _ in range(_ROUNDS):
            done = session.do(labelling.labels(number, session.hub, config, os.environ, Path.cwd()))
            if not done.is_stale:
                break
        session.conclude()


@click.command()
@click.option("--mode", type=click.Choice(["fix", "check"]), help="Add what is missing, or fail.  [default: fix]")
@click.option("--after", type=click.IntRange(0), default=0, help="Go on after this issue number.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Look at closings since this day.  [default: a month]")
@flag("--apply", "is_applied", help="Undo closings that came too early; else they are only named.")
@click.option("--force", is_flag=True, help=f"Reopen more than {sweeping.MOST_REOPENED} issues at once.")
@github_options
def sweep(*, after: int, mode: Mode, since: dt.datetime | None, is_applied: bool, force: bool, **github: Any) -> None:
    """Do what events would have done: snapshots of research branches, labels of open issues, early closings."""
    now = dt.datetime.now(dt.UTC)
    with Session.of(**github) as session:
        config = with_mode(session.config, mode)
        session.each(sweeping.sweep(session.hub, config, os.environ, Path.cwd(), after))
        if session.trouble is None:
            view = view_of(session.hub, config, os.environ, Path.cwd(), now)
            day = since.replace(tzinfo=dt.UTC) if since else now - _A_MONTH
            session.each(sweeping.early_closings(view, day, is_applied=is_applied, force=force))
        session.conclude()


_A_MONTH = dt.timedelta(days=30)
