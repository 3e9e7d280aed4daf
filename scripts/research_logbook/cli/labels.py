"""`logbook labels` and `logbook sweep`."""

import os
from pathlib import Path
from typing import Any

import click

from research_logbook.cli.session import Session, github_options
from research_logbook.commands import labels as labelling
from research_logbook.commands import sweep as sweeping
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
@github_options
def sweep(*, after: int, **github: Any) -> None:
    """Do for all open issues and pull requests what their events would have done: labels."""
    with Session.of(**github) as session:
        for outcome in sweeping.sweep(session.hub, os.environ, Path.cwd(), after):
            session.do(outcome)
        session.conclude()
