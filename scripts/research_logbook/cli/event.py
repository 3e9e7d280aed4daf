"""`logbook event`: what the root action runs."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from research_logbook.cli.lint import judge
from research_logbook.cli.snapshot import make
from research_logbook.commands.lint import Lint, does_something
from research_logbook.commands.snapshot import Asked, is_due
from research_logbook.config import FailOn
from research_logbook.report.escape import terminal


@click.command(hidden=True)
@click.option("--fail-on", type=click.Choice(get_args(FailOn)))
@click.option("--config", type=click.Path())
@click.option("--bot-login")
def event(*, fail_on: FailOn | None, config: str | None, bot_login: str | None) -> None:
    """Do what the event asks for: what the root action runs."""
    if not does_something(os.environ):
        name = terminal(os.environ.get("GITHUB_EVENT_NAME", ""))
        click.echo(f"nothing to do for the event {name or '(none)'}")
        return
    # A fault in the logbook is no reason to lose a snapshot, nor the other way round.
    codes = [_code_of(lambda: judge(Lint(fail_on=fail_on, config=config)))]
    if is_due(os.environ, Path.cwd()):
        codes.append(_code_of(lambda: make(Asked(), bot_login=bot_login, **_PLAIN)))
    raise SystemExit(max(codes))


_PLAIN: dict[str, Any] = {"repo": None, "dry_run": False, "form": "text", "verbose": False}


def _code_of(command: Callable[[], None]) -> int:
    try:
        command()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
