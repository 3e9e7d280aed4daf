"""`logbook snapshot`."""

import os
from pathlib import Path
from typing import Any

import click

from research_logbook.cli.session import Session, github_options
from research_logbook.errors import UserError
from research_logbook.snapshots import SnapshotRequest, listed, shown
from research_logbook.snapshots import snapshot as snapshots_of
from research_logbook.snapshots.comment import listing, page


@click.command()
@click.option("--commit", metavar="SHA", help="This commit, whatever its message says.")
@click.option("--branch", metavar="NAME", help="The snapshot commits of this branch of origin.  [default: the event's]")
@click.option("--list", "topic", metavar="TOPIC", help="List the snapshots of a topic; needs no GitHub.")
@click.option("--show", "tag", metavar="TAG", help="Say how to run a snapshot again; needs no GitHub.")
@github_options
def snapshot(*, commit: str | None, branch: str | None, topic: str | None, tag: str | None, **github: Any) -> None:
    """Give snapshot commits an annotated tag, and their issue a comment that reproduces them.

    A snapshot commit has the trailer `Snapshot: <experiment ID or slug>`, or a subject that begins with `snapshot:`.
    """
    if len([word for word in (commit, branch, topic, tag) if word is not None]) > 1:
        raise UserError("--commit, --branch, --list and --show ask for different things", "give one of them")
    if topic is not None:
        click.echo(listing(listed(topic, Path.cwd()), github["form"]), nl=False)
    elif tag is not None:
        click.echo(page(*shown(tag, Path.cwd()), github["form"]), nl=False)
    else:
        make(SnapshotRequest(commit, branch), **github)


def make(asked: SnapshotRequest, **github: Any) -> None:
    """Make the tags and the comments, and exit with the worst code."""
    with Session.of(**github) as session:
        session.do(snapshots_of(asked, session.hub, session.config, os.environ, Path.cwd()))
        session.conclude()
