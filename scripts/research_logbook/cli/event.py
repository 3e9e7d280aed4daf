"""`logbook event`: what the root action runs."""

import os
from typing import Any, get_args

import click

from research_logbook.cli.labels import Mode, label_event
from research_logbook.cli.lint import judge
from research_logbook.cli.session import github_options
from research_logbook.commands.event import command_for
from research_logbook.commands.lint import Lint
from research_logbook.config import FailOn
from research_logbook.report.escape import terminal


@click.command(hidden=True)
@click.option("--fail-on", type=click.Choice(get_args(FailOn)))
@click.option("--mode", type=click.Choice(["fix", "check"]))
@github_options
def event(*, fail_on: FailOn | None, mode: Mode, **github: Any) -> None:
    """Do what the event asks for: what the root action runs."""
    match command_for(os.environ):
        case "lint":
            judge(Lint(fail_on=fail_on, config=github["config"]))
        case "labels":
            label_event(mode, **github)
        case _:
            name = terminal(os.environ.get("GITHUB_EVENT_NAME", ""))
            click.echo(f"nothing to do for the event {name or '(none)'}")
