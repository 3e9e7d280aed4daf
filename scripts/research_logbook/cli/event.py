"""`logbook event`: what the root action runs."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from research_logbook.actions import runner
from research_logbook.actions.event import command_for
from research_logbook.cli.labels import Mode, label_event
from research_logbook.cli.lint import judge
from research_logbook.cli.session import github_options
from research_logbook.cli.snapshot import make
from research_logbook.config.schema import FailOn
from research_logbook.errors import UserError
from research_logbook.lint.run import LintRequest
from research_logbook.markdown.escape import terminal
from research_logbook.snapshots import SnapshotRequest, is_due


@click.command(hidden=True)
@click.option("--fail-on", type=click.Choice(get_args(FailOn)))
@click.option("--mode", type=click.Choice(["fix", "check"]))
@click.option("--issue", "--reason", "--apply", "others", multiple=True)
@github_options
def event(*, fail_on: FailOn | None, mode: Mode, others: tuple[str, ...], **github: Any) -> None:
    """Do what the event asks for: what the root action runs."""
    if others:
        raise UserError(
            "`issue` and `reason` are for the command `seal`, and `apply` is for `sweep`", "set `command` beside them"
        )
    match command_for(runner.event_of(os.environ)):
        case "lint":
            _judge_and_keep(LintRequest(fail_on=fail_on, config=github["config"]), github)
        case "labels":
            label_event(mode, **github)
        case "seal":
            _guard(github)
        case _:
            name = terminal(os.environ.get("GITHUB_EVENT_NAME", ""))
            click.echo(f"nothing to do for the event {name or '(none)'}")


def _judge_and_keep(wanted: LintRequest, github: dict[str, Any]) -> None:
    """Judge, and make the snapshots of a push: a fault in the logbook is no reason to lose one."""
    codes = [_code_of(lambda: judge(wanted))]
    if is_due(os.environ, Path.cwd(), wanted.config):
        codes.append(_code_of(lambda: make(SnapshotRequest(), **github)))
    raise SystemExit(max(codes))


def _code_of(command: Callable[[], None]) -> int:
    try:
        command()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _guard(github: dict[str, Any]) -> None:
    from research_logbook.cli.seal import close  # noqa: PLC0415 - what is linted does not wait for it

    close(None, "", is_guard=True, **github)
