"""`logbook event`: what the root action runs."""

import os
from typing import get_args

import click

from research_logbook.cli.lint import judge
from research_logbook.commands.lint import Lint, does_something
from research_logbook.config import FailOn
from research_logbook.report.escape import terminal


@click.command(hidden=True)
@click.option("--fail-on", type=click.Choice(get_args(FailOn)))
@click.option("--config", type=click.Path())
def event(*, fail_on: FailOn | None, config: str | None) -> None:
    """Do what the event asks for: what the root action runs."""
    if not does_something(os.environ):
        name = terminal(os.environ.get("GITHUB_EVENT_NAME", ""))
        click.echo(f"nothing to do for the event {name or '(none)'}")
        return
    judge(Lint(fail_on=fail_on, config=config))
