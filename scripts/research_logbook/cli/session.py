"""What all commands that write on GitHub have in common: their options, and how they end."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import click

from research_logbook.commands.outcome import Outcome
from research_logbook.core.plan import NOTHING, Plan
from research_logbook.report.escape import command, terminal_line
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
    """Give a command the options of a `Session`; `forms` are what it can print its plan, or its report, as."""
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
        runner.add_summary(os.environ, outcome.summary)
        done = Applied()
        if not (self.dry_run or outcome.is_check):
            done = apply(self.hub, outcome.plan, origin_of(os.environ))
        self.comments += done.comments
        for note in (*outcome.notes, *done.notes):
            say(note)
        return done

    def is_current(self, outcome: Outcome) -> bool:
        """Return whether what was judged is still what stands on GitHub; a plan that does nothing always is."""
        judged = outcome.judged
        if judged is None or not outcome.plan or self.dry_run:
            return True
        issue = self.hub.issue(judged.number)
        return issue is not None and (issue.updated_at, issue.state) == (judged.updated_at, judged.state)

    def conclude(self, told: str | None = None) -> None:
        """Print the plan, or what a command has to tell in its place, and exit with the worst code."""
        applied = not (self.dry_run or self.is_check)
        form = plan_json(self.plan, applied=applied) if self.form == "json" else plan_text(self.plan)
        click.echo(form if told is None else told, nl=False)
        if self.exit_code:
            raise SystemExit(self.exit_code)


def say(note: str) -> None:
    """Say a sentence beside the results: on standard error, in Actions as a warning of the run."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(command("warning", note, title="logbook"))
    else:
        click.echo(f"note: {terminal_line(note)}", err=True)
