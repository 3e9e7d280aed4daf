"""What all commands that write on GitHub have in common: their options, and how they end."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import click

from research_logbook.commands.outcome import Outcome
from research_logbook.core.plan import NOTHING, Plan
from research_logbook.report.escape import command, terminal_line
from research_logbook.report.plan import plan_json, plan_text
from research_logbook.shell import runner
from research_logbook.shell.access import Access, repository_at
from research_logbook.shell.apply import Applied, apply
from research_logbook.shell.comments import origin_of
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub

_OPTIONS = (
    click.option("--repo", metavar="OWNER/NAME", help="The repository.  [default: GITHUB_REPOSITORY]"),
    click.option("--bot-login", help="Whose comments are ours, where the token cannot say."),
    click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing."),
    click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True),
    click.option("--verbose", is_flag=True, help="Say how many calls of GitHub's API were made."),
)


def github_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a `Session`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def repository_of(repository: Repository, named: str | None) -> str | None:
    """Return the repository on GitHub, OWNER/NAME: the one that was named, else the environment's, else origin's."""
    return named or os.environ.get("GITHUB_REPOSITORY") or repository_at(repository.origin)


@contextmanager
def perhaps_connected(repository: Repository, named: str | None) -> Iterator[GitHub | None]:
    """Yield a connection to GitHub where there is a token and it is known which repository is meant, else None."""
    name = repository_of(repository, named)
    if not name or not (os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")):
        yield None
        return
    with GitHub(Access.of(os.environ, name)) as github:
        yield github


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

    def conclude(self) -> None:
        """Print the plan, and exit with the worst code."""
        applied = not (self.dry_run or self.is_check)
        form = plan_json(self.plan, applied=applied) if self.form == "json" else plan_text(self.plan)
        click.echo(form, nl=False)
        if self.exit_code:
            raise SystemExit(self.exit_code)


def say(note: str) -> None:
    """Say a sentence beside the results: on standard error, in Actions as a warning of the run."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(command("warning", note, title="logbook"))
    else:
        click.echo(f"note: {terminal_line(note)}", err=True)
