"""What all commands that write on GitHub have in common: their options, and how they end."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import click

from research_logbook.commands.outcome import Outcome
from research_logbook.core.plan import NOTHING, Plan
from research_logbook.report.escape import command, terminal, terminal_line
from research_logbook.report.plan import plan_json, plan_text
from research_logbook.shell import runner
from research_logbook.shell.access import Access
from research_logbook.shell.apply import Applied, apply
from research_logbook.shell.comments import origin_of
from research_logbook.shell.github import GitHub

_OPTIONS = (
    click.option("--repo", metavar="OWNER/NAME", help="The repository.  [default: GITHUB_REPOSITORY]"),
    click.option("--bot-login", help="Whose comments are ours, where the token cannot say."),
    click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing."),
    click.option("--verbose", is_flag=True, help="Say how many calls of GitHub's API were made."),
)


def github_options(function: Callable[..., None], forms: Sequence[str] = ("text", "json")) -> Callable[..., None]:
    """Give a command the options of a `Session`; `forms` are those that its plan can be printed in."""
    form = click.option("--format", "form", type=click.Choice(forms), default="text", show_default=True)
    for option in (form, *reversed(_OPTIONS)):
        function = option(function)
    return function


@dataclass(slots=True)
class Session:
    """A conversation with GitHub for one command: what it would do, or does, and how it ends."""

    hub: GitHub
    dry_run: bool
    form: str
    verbose: bool
    plan: Plan = NOTHING
    exit_code: int = 0
    is_check: bool = False
    summary: str = ""
    """What went into the job summary, Markdown."""
    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that were written, or stood there already."""

    @classmethod
    def of(cls, *, repo: str | None, bot_login: str | None, **how: Any) -> Self:
        """Open it, from the values of `github_options`."""
        return cls(GitHub(Access.of(os.environ, repo, bot_login)), **how)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.verbose:
            click.echo(f"{self.hub.calls} calls of GitHub's API", err=True)
        self.hub.__exit__()

    def do(self, outcome: Outcome) -> Applied:
        """Apply a plan, unless it is to be printed only; say what has to be said."""
        self.plan += outcome.plan
        self.exit_code = max(self.exit_code, outcome.exit_code)
        self.is_check = self.is_check or outcome.is_check
        self.summary += outcome.summary
        runner.add_summary(os.environ, outcome.summary)
        done = Applied()
        if not (self.dry_run or outcome.is_check):
            done = apply(self.hub, outcome.plan, origin_of(os.environ))
        self.comments += done.comments
        for note in (*outcome.notes, *done.notes):
            say(note)
        return done

    def conclude(self) -> None:
        """Print the plan, and exit with the worst code."""
        applied = not (self.dry_run or self.is_check)
        match self.form:
            case "json":
                click.echo(plan_json(self.plan, applied=applied), nl=False)
            case "markdown":
                click.echo(terminal(self.summary))
            case _:
                click.echo(plan_text(self.plan), nl=False)
        if self.exit_code:
            raise SystemExit(self.exit_code)


def say(note: str) -> None:
    """Say a sentence beside the results: on standard error, in Actions as a warning of the run."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(command("warning", note, title="logbook"))
    else:
        click.echo(f"note: {terminal_line(note)}", err=True)
