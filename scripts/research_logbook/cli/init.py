"""`logbook init`."""

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Any

import click

from research_logbook.markdown.escape import terminal, terminal_line
from research_logbook.repo import files
from research_logbook.setup import init as command
from research_logbook.setup.init import SOURCE, Init, left_to_do
from research_logbook.setup.workflows import WORKFLOWS, workflow_templates


@click.command()
@click.option("--workflow", "workflows", multiple=True, metavar="NAME", help="A workflow to take; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Take every workflow.")
@click.option("--source", default=SOURCE, show_default=True, metavar="OWNER/NAME@REF", help="Whose actions.")
@click.option("--adopt", is_flag=True, help="Write a configuration under which what is there now fails no run.")
@click.option("--org", is_flag=True, help="Write starter workflows for an organisation's `.github` repository.")
@click.option("--force", is_flag=True, help="Replace files that were changed.")
@click.option("--dry-run", is_flag=True, help="Print what would be written as a diff, and write nothing.")
def init(*, workflows: tuple[str, ...], everything: bool, dry_run: bool, **asked: Any) -> None:
    """Make this repository use logbook: workflows, configuration, issue form.

    Run again it brings the pinned versions up to date, and leaves alone whatever you changed.
    """
    chosen = tuple(workflow_templates()) if everything else workflows or _asked()
    done = command.init(Init(chosen, **asked), os.environ, Path.cwd(), dt.datetime.now(dt.UTC))
    for note in done.files.notes:
        click.echo(f"note: {terminal_line(note)}", err=True)
    for rewrite in done.files.rewrites:
        if dry_run:
            click.echo(terminal(str(rewrite)))
        else:
            files.write(done.root / rewrite.name, rewrite.new)
            click.echo(f"{'wrote' if rewrite.old is None else 'updated'} {terminal_line(rewrite.name)}")
    if not done.files.rewrites:
        click.echo("nothing to write: everything is there and up to date")
    click.echo(f"\n{left_to_do(done.left)}", nl=False)


def _asked() -> tuple[str, ...]:
    """Ask a person at a terminal for each workflow; nobody else is asked, and gets the usual ones."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        return ()
    there = workflow_templates()
    return tuple(
        workflow.name
        for workflow in WORKFLOWS
        if workflow.name in there
        and click.confirm(f"Take `{workflow.name}`, which {workflow.does}?", default=workflow.is_usual)
    )
