"""`logbook trace`."""

from pathlib import Path

import click

from research_logbook import record
from research_logbook.cli.session import perhaps_connected
from research_logbook.record.experiment import trace_json, trace_text
from research_logbook.repo.git import Repository


@click.command()
@click.argument("name", metavar="ID")
@click.option("--repo", metavar="OWNER/NAME", help="The repository.  [default: GITHUB_REPOSITORY, else origin's]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def trace(*, name: str, repo: str | None, form: str) -> None:
    """Follow one experiment ID: entry, commit, snapshot, runs, comments, and what is missing.

    With a token in GITHUB_TOKEN it reads the comments on the logbook's issue too.
    """
    repository = Repository.here(Path.cwd())
    with perhaps_connected(repository, repo) as github:
        found = record.trace(name, repository, github)
    click.echo((trace_json if form == "json" else trace_text)(found), nl=False)
