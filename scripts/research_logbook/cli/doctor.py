"""`logbook doctor`."""

import os
from pathlib import Path

import click

from research_logbook.cli.session import perhaps_connected
from research_logbook.repo.git import Repository
from research_logbook.setup import doctor as command
from research_logbook.setup.doctor import State, health_json, health_text
from research_logbook.setup.init import SOURCE


@click.command()
@click.option("--source", default=SOURCE, show_default=True, metavar="OWNER/NAME@REF", help="Whose actions.")
@click.option("--repo", metavar="OWNER/NAME", help="The repository.  [default: GITHUB_REPOSITORY, else origin's]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(*, source: str, repo: str | None, form: str) -> None:
    """Say what this repository lacks to use logbook, or has out of date.

    With a token in GITHUB_TOKEN it looks at labels, secrets and rulesets too. Exits 1 where something is to be put
    right; it changes nothing.
    """
    repository = Repository.here(Path.cwd())
    with perhaps_connected(repository, repo) as github:
        checks = command.doctor(repository, source, os.environ, github)
    click.echo((health_json if form == "json" else health_text)(checks), nl=False)
    if any(check.state is State.BAD for check in checks):
        raise SystemExit(1)
