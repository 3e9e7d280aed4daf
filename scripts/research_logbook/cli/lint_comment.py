"""`logbook lint-comment`."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import click

from research_logbook.actions import runner
from research_logbook.cli.session import Session, github_options
from research_logbook.lint.comment import lint_comment as command


@click.command()
@github_options
def lint_comment(**github: Any) -> None:
    """Comment the verdict on the pull request whose lint has just ended.

    It is for the event `workflow_run`: a pull request from a fork has a token that cannot comment.
    """
    path: str | None = github["config"]
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN") or ""
    with Session.of(**github) as session:
        run = runner.event_of(os.environ).finished_run
        session.do(command(run, session.hub, token.strip(), Path.cwd(), dt.datetime.now(dt.UTC), path=path))
        session.conclude()
