"""`logbook sweep`."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import click

from research_logbook import sweep as sweeping
from research_logbook.cli.labels import Mode, mode_option
from research_logbook.cli.session import Session, flag, github_options
from research_logbook.config.schema import with_mode
from research_logbook.seal.run import view_of

_A_MONTH = dt.timedelta(days=30)


@click.command()
@mode_option
@click.option("--after", type=click.IntRange(0), default=0, help="Resume the labels after this issue number.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Look at closings since this day.  [default: a month]")
@flag("--apply", "is_applied", help="Undo closings that came too early; otherwise only list them.")
@click.option("--force", is_flag=True, help=f"Reopen more than {sweeping.MOST_REOPENED} issues at once.")
@github_options
def sweep(*, after: int, mode: Mode, since: dt.datetime | None, is_applied: bool, force: bool, **github: Any) -> None:
    """Catch up on missed snapshots, labels and closings in the whole repository."""
    now = dt.datetime.now(dt.UTC)
    day = since.replace(tzinfo=dt.UTC) if since else now - _A_MONTH
    with Session.of(**github) as session:
        view = view_of(session.hub, with_mode(session.config, mode), os.environ, Path.cwd(), now)
        session.each(sweeping.snapshots(view))
        session.each(sweeping.labels(view, day, after))
        view = sweeping.with_tags(view, session.plan)
        session.each(sweeping.closings(view, day, is_applied=is_applied, force=force))
        session.conclude()
