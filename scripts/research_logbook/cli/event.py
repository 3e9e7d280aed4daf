"""`logbook event`: what the root action runs."""

import os
from typing import get_args

import click

from research_logbook.cli.lint import judge
from research_logbook.commands.lint import Lint, does_something
from research_logbook.config import FailOn
from research_logbook.core.facts import EventKind
from research_logbook.errors import UserError
from research_logbook.report.escape import terminal
from research_logbook.shell.runner import event_of


@click.command(hidden=True)
@click.option("--fail-on", type=click.Choice(get_args(FailOn)))
@click.option("--config", type=click.Path())
@click.option("--issue", "--reason", "asked", multiple=True)
@click.option("--bot-login")
@click.pass_context
def event(
    context: click.Context,
    *,
    fail_on: FailOn | None,
    config: str | None,
    asked: tuple[str, ...],
    bot_login: str | None,
) -> None:
    """Do what the event asks for: what the root action runs."""
    if asked:
        raise UserError("an issue and a reason are for the command `seal`", "set `command: seal` beside them")
    started = event_of(os.environ)
    if started.kind is EventKind.ISSUES and started.action == "closed":
        _guard(context, bot_login)
        return
    if not does_something(os.environ):
        name = terminal(os.environ.get("GITHUB_EVENT_NAME", ""))
        click.echo(f"nothing to do for the event {name or '(none)'}")
        return
    judge(Lint(fail_on=fail_on, config=config))


def _guard(context: click.Context, bot_login: str | None) -> None:
    from research_logbook.cli.seal import seal  # noqa: PLC0415 - what is linted does not wait for it

    context.invoke(seal, bot_login=bot_login)
