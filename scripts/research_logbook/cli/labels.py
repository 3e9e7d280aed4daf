"""`logbook labels`."""

import os
from pathlib import Path
from typing import Any, Literal

import click

from research_logbook.actions import runner
from research_logbook.cli.session import Session, github_options
from research_logbook.config.schema import with_mode
from research_logbook.errors import UserError, no_issue_given
from research_logbook.labels import run as labelling

Mode = Literal["fix", "check"] | None
mode_option = click.option(
    "--mode", type=click.Choice(["fix", "check"]), help="Add what is missing, or fail.  [default: fix]"
)

_ROUNDS = 2
"""How often an issue is judged that changes meanwhile: whoever opened it may have commented, which raises no event."""


@click.command()
@click.option("--issue", type=click.IntRange(1), help="The issue.  [default: the event's]")
@click.option("--pull", type=click.IntRange(1), help="The pull request.  [default: the event's]")
@mode_option
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
        raise no_issue_given("pass `--issue N` or `--pull N`")
    with Session.of(**github) as session:
        config = with_mode(session.config, mode)
        for _ in range(_ROUNDS):
            done = session.do(labelling.labels(number, session.hub, config, os.environ, Path.cwd()))
            if not done.is_stale:
                break
        session.conclude()
