"""The commands that only show: `logbook inspect`, `logbook rules` and `logbook trace`."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import click

from research_logbook import record
from research_logbook.cli import format_option, repo_option
from research_logbook.cli.session import perhaps_connected
from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.lint import rules
from research_logbook.logbook.model import Unreadable
from research_logbook.record import trace_json, trace_text
from research_logbook.render import counted
from research_logbook.render.json_report import inspect_json
from research_logbook.render.text import inspect_text
from research_logbook.repo import files
from research_logbook.repo.research_branches import headers_here
from research_logbook.seal import checks


@click.command("inspect")
@click.argument("path", type=click.Path(), required=False)
@format_option
def inspect_command(path: str | None, form: str) -> None:
    """Show a logbook as it is understood: entries with dates, IDs, kinds and fields.

    Without a PATH it is the logbook of the branch that is checked out.
    """
    path = path or _logbook_here(RunContext.here())
    if not Path(path).is_file():
        raise UserError(f"{path} is not a file", "name a logbook")
    book = files.read_logbook(Path(path), path)
    if isinstance(book, Unreadable):
        raise UserError(f"{path}:{book.line}: the logbook {book.reason}", book.help)
    click.echo((inspect_json if form == "json" else inspect_text)(book), nl=False)


def _logbook_here(context: RunContext) -> str:
    """Return the path of the branch's logbook, as seen from the folder; raises `UserError` unless it has one."""
    repository = context.clone()
    found = headers_here(repository, context.work_tree_config, context.branch or "")
    if len(found) != 1:
        raise UserError(f"this branch has {counted(len(found), 'logbook')}, not one", "name a logbook as PATH")
    return os.path.relpath(repository.root / next(iter(found)), context.folder)


@click.command("rules")
@click.argument("name", required=False)
@click.option("--seal", "of_seal", is_flag=True, help="The seal checks in place of the rules of lint.")
def rules_command(name: str | None, *, of_seal: bool) -> None:
    """List the rules or the seal checks, or show the page of one."""
    if name is None:
        listed = (f"  {one.name:<20} {one.demand}: {one.page.partition(chr(10))[0]}" for one in checks.CATALOGUE)
        click.echo("\n".join(["seal", *listed] if of_seal else _rules_listed()))
        return
    rule = None if of_seal else next((rule for rule in rules.CATALOGUE if rule.name == name), None)
    check = next((check for check in checks.CATALOGUE if check.name == name), None)
    if rule:
        click.echo(f"{rule.name} ({rule.group}, {rule.severity})\n\n{rule.page}")
    elif check:
        click.echo(f"{check.name} (seal, {check.demand})\n\n{check.page}")
    else:
        known, what = (checks.NAMES, "seal check") if of_seal else (rules.NAMES | checks.NAMES, "rule")
        close = get_close_matches(name, known, 1)
        lists = f"`logbook rules{' --seal' * of_seal}` lists them"
        raise UserError(f"no {what} {name!r}", f"did you mean {close[0]}?" if close else lists)


def _rules_listed() -> Iterator[str]:
    """Yield a line for each rule, by group: name, severity, what it flags."""
    group = ""
    for rule in rules.CATALOGUE:
        if rule.group != group:
            yield from ([""] if group else [])
            yield rule.group
            group = rule.group
        marks = "".join([", fixable" if rule.fixable else "", "" if rule.default_on else ", off by default"])
        yield f"  {rule.name:<32} {rule.severity}{marks}: {rule.page.partition(chr(10))[0]}"


@click.command("trace")
@click.argument("name", metavar="ID")
@repo_option
@format_option
def trace_command(*, name: str, repo: str | None, form: str) -> None:
    """Follow one experiment ID: entry, commit, snapshot, runs, comments, and what is missing.

    With a token in GITHUB_TOKEN it reads the comments on the logbook's issue too.
    """
    context = RunContext.here(repo=repo)
    with perhaps_connected(context) as github:
        found = record.trace(name, context, github)
    click.echo((trace_json if form == "json" else trace_text)(found), nl=False)
