"""The commands that only show: `logbook inspect`, `logbook rules` and `logbook trace`."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import click

from research_logbook.cli import completion, format_option, repo_option
from research_logbook.cli.session import perhaps_connected, say
from research_logbook.context import RunContext
from research_logbook.errors import UserError, did_you_mean
from research_logbook.instrument.logbook_file import logbook_meant
from research_logbook.lint import rules
from research_logbook.lint.rules.rule import Rule
from research_logbook.lint.selection import GROUPS, in_group
from research_logbook.logbook.model import Unreadable
from research_logbook.logbook.queries import is_newest_first
from research_logbook.markdown.escape import quoted
from research_logbook.record.trace import trace, trace_json, trace_text
from research_logbook.render.json_report import inspect_json
from research_logbook.render.text import inspect_text
from research_logbook.repo import files
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
        raise UserError(f"{path} is not a file", "name a logbook by its path")
    book = files.read_logbook(Path(path), path)
    if isinstance(book, Unreadable):
        raise UserError(f"{path}:{book.line}: the logbook {book.reason}", book.help)
    click.echo((inspect_json if form == "json" else inspect_text)(book), nl=False)


def _logbook_here(context: RunContext) -> str:
    """Return the path of the logbook that is meant where nobody says which, as seen from the folder."""
    return os.path.relpath(context.clone().root / logbook_meant(context, None), context.folder)


@click.command("rules")
@click.argument("name", required=False, shell_complete=completion.rules_and_checks)
@click.option("--seal", "of_seal", is_flag=True, help="The seal checks in place of the rules of lint.")
def rules_command(name: str | None, *, of_seal: bool) -> None:
    """List the rules or the seal checks, or show the page of one.

    NAME is a rule, a seal check, a group of rules such as `history`, or how the names of some begin.
    """
    pages = {} if of_seal else {rule.name: _rule_page(rule) for rule in rules.CATALOGUE}
    for check in checks.CATALOGUE:
        pages.setdefault(check.name, f"{check.name} (seal, {check.demand})\n\n{check.page}")
    group = frozenset() if of_seal else in_group(name or "")
    begun = [one for one in pages if name and one.startswith(name.casefold())]
    if name is None:
        click.echo("\n".join([*_checks_listed(checks.NAMES)][1:] if of_seal else _rules_listed(rules.NAMES)))
    elif name in pages:
        click.echo(pages[name])
    elif group:
        click.echo("\n".join(_rules_listed(group)))
    elif len(begun) == 1:
        click.echo(pages[begun[0]])
    elif begun:
        click.echo("\n".join([*(() if of_seal else _rules_listed(begun)), *_checks_listed(begun)]).strip("\n"))
    else:
        lists = f"`logbook rules{' --seal' * of_seal}` lists them"
        what = "seal check" if of_seal else "rule"
        known = pages if of_seal else (*pages, *GROUPS)
        raise UserError(f"there is no {what} `{quoted(name)}`", did_you_mean(name, known, otherwise=lists))


def _rule_page(rule: Rule) -> str:
    return f"{rule.name} ({rule.group}, {rule.severity})\n\n{rule.page}"


def _rules_listed(names: Collection[str]) -> Iterator[str]:
    """Yield a line for each of these rules, by group: name, severity, what it flags."""
    group = ""
    for rule in rules.CATALOGUE:
        if rule.name not in names:
            continue
        if rule.group != group:
            yield from ([""] if group else [])
            yield rule.group
            group = rule.group
        marks = "".join([", fixable" if rule.fixable else "", "" if rule.default_on else ", off by default"])
        yield f"  {rule.name:<32} {rule.severity}{marks}: {rule.page.partition(chr(10))[0]}"


def _checks_listed(names: Collection[str]) -> Iterator[str]:
    """Yield a line for each of these seal checks."""
    found = [check for check in checks.CATALOGUE if check.name in names]
    yield from ["", "seal"] if found else []
    for check in found:
        yield f"  {check.name:<20} {check.demand}: {check.page.partition(chr(10))[0]}"


@click.command("trace")
@click.argument("name", metavar="[ID]", required=False, shell_complete=completion.ids)
@repo_option
@format_option
def trace_command(*, name: str | None, repo: str | None, form: str) -> None:
    """Follow one experiment ID: entry, commit, snapshot, runs, comments, and what is missing.

    Without an ID it is the newest of the logbook of the branch that is checked out. With a token in GITHUB_TOKEN it
    reads the comments on the logbook's issue too.
    """
    context = RunContext.here(repo=repo)
    with perhaps_connected(context) as github:
        found = trace(name or _newest_id(context), context, github)
    click.echo((trace_json if form == "json" else trace_text)(found), nl=False)


def _newest_id(context: RunContext) -> str:
    """Return the ID of the newest entry here that has one, and say which others there are; raises `UserError`."""
    path = _logbook_here(context)
    book = files.read_logbook(Path(path), path)
    if isinstance(book, Unreadable):
        raise UserError(f"{path}:{book.line}: the logbook {book.reason}", book.help)
    named = [entry.ids[0] for entry in book.everything if entry.ids]
    if not named:
        raise UserError(f"no entry of {path} has an experiment ID", "name the ID that is meant: `logbook trace ID`")
    newest = named[0] if is_newest_first(book) else named[-1]
    others = [name for name in dict.fromkeys(named) if name != newest][:_MOST_NAMED]
    if others:
        say(f"{newest} is the newest of {path}; `logbook trace ID` takes others: {', '.join(others)}")
    return newest


_MOST_NAMED = 8
