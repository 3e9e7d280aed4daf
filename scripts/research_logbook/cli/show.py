"""`logbook inspect` and `logbook rules`: the two commands that show what is known."""

import click

from research_logbook.lint import show
from research_logbook.render.json_report import inspect_json, inspect_text


@click.command()
@click.argument("path", type=click.Path())
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def inspect(path: str, form: str) -> None:
    """Show a logbook as it is understood: entries with dates, IDs, kinds and fields."""
    click.echo((inspect_json if form == "json" else inspect_text)(show.inspect(path)), nl=False)


@click.command()
@click.argument("name", required=False)
@click.option("--seal", "of_seal", is_flag=True, help="The seal checks in place of the rules of lint.")
def rules(name: str | None, *, of_seal: bool) -> None:
    """List the rules or the seal checks, or show the page of one."""
    click.echo(show.rules(name, of_seal=of_seal), nl=False)
