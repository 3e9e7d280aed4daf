"""What all commands that write on GitHub have in common: their options, and how they end."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import click

from research_logbook.actions import runner
from research_logbook.config import settings
from research_logbook.config.schema import Config
from research_logbook.effects.apply import Applied, apply
from research_logbook.effects.plan import NOTHING, AddLabels, CommandResult, Plan, Step, plan_json, plan_text
from research_logbook.effects.publish_guard import text_refusal
from research_logbook.effects.sticky_comments import Origin
from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.github.auth import Access, repository_at
from research_logbook.github.client import GitHub
from research_logbook.github.errors import OF_ONE_SUBJECT, LimitedError
from research_logbook.markdown.escape import command, terminal_line
from research_logbook.repo.git import Repository


def _is_true(_context: click.Context, _option: click.Parameter, value: str) -> bool:
    return value == "true"


def flag(*names: str, help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:  # noqa: A002 - click's word
    """Return an option that is on when it is named; for an action's input it also takes `true` and `false`."""
    return click.option(
        *names,
        type=click.Choice(["true", "false"]),
        is_flag=False,
        flag_value="true",
        default="false",
        callback=_is_true,
        help=help,
    )


_OPTIONS = (
    click.option("--repo", metavar="OWNER/NAME", help="The repository.  [default: GITHUB_REPOSITORY]"),
    click.option("--bot-login", help="Whose comments are ours, where the token cannot say."),
    click.option("--config", type=click.Path(), help="Configuration to use instead of .github/logbook.yml."),
    flag("--dry-run", help="Print what would be done, and do nothing."),
    click.option("--verbose", is_flag=True, help="Say how many calls of GitHub's API were made."),
)


def github_options(function: Callable[..., None], forms: Sequence[str] = ("text", "json")) -> Callable[..., None]:
    """Give a command the options of a `Session`; `forms` are what it can print its plan, or its report, as."""
    form = click.option("--format", "form", type=click.Choice(forms), default="text", show_default=True)
    for option in (form, *reversed(_OPTIONS)):
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
    config: Config
    dry_run: bool
    form: str
    verbose: bool
    plan: Plan = NOTHING
    exit_code: int = 0
    is_check: bool = False
    trouble: UserError | None = None
    """Why it stopped before the end; whoever concludes it raises that."""
    summary: str = ""
    """What went into the job summary, Markdown."""
    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that were written, or stood there already."""
    tags: list[str] = field(default_factory=list)
    """The tags that were made, or found made."""

    @classmethod
    def of(cls, *, repo: str | None, bot_login: str | None, config: str | None, **how: Any) -> Self:
        """Open it, from the values of `github_options`."""
        branch = runner.event_of(os.environ).default_branch
        read = settings.of_default_branch(Repository.around(Path.cwd()), branch, config)
        return cls(GitHub(Access.of(os.environ, repo, bot_login)), read, **how)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._set_outputs()
        if self.verbose:
            click.echo(f"{self.hub.calls} calls of GitHub's API", err=True)
        self.hub.__exit__()

    def do(self, outcome: CommandResult) -> Applied:
        """Apply a plan, unless it is to be printed only; say what has to be said.

        Raises `RefusedError`, and nothing of it is written or printed, where it would publish what must not be.
        """
        held_back, is_dry = self.config.held_back, self.dry_run or outcome.is_check
        refusal = text_refusal("this run's log", "\n".join((outcome.summary, *outcome.notes)), held_back)
        if refusal:
            raise RefusedError(*refusal)
        done = apply(self.hub, outcome.plan, Origin.of(os.environ), outcome.judged, held_back, is_dry=is_dry)
        self.plan += outcome.plan if is_dry else tuple(done.effects)
        self.exit_code = max(self.exit_code, outcome.exit_code, done.exit_code)
        self.is_check = self.is_check or outcome.is_check
        if not done.is_stale:
            self.summary += outcome.summary
            runner.add_summary(os.environ, outcome.summary)
        self.comments += done.comments
        self.tags += done.tags
        for note in (*outcome.notes, *done.notes):
            say(note)
        return done

    def each(self, steps: Iterable[Step]) -> None:
        """Do one step after the other, with a moment between those that write.

        A step that fails for itself alone is said, and the others go on; any other failure ends them, and says where
        to go on. Where GitHub wants no more calls, what comes after is not begun either.
        """
        if isinstance(self.trouble, LimitedError):
            return
        at = 0
        try:
            for step in steps:
                at = step.number
                self._step(step)
        except (UnfinishedError, RefusedError) as error:
            resume = f"what comes before #{at} is done: go on with --after {at - 1}" if at else ""
            error.help = "\n".join(filter(None, [error.help, resume]))
            self._fail(error)

    def do_part(self, outcome: CommandResult) -> None:
        """Apply one plan of several: one that would publish what must not be keeps no other from being done."""
        try:
            self.do(outcome)
        except RefusedError as error:
            self._leave("a part", error)

    def _leave(self, name: str, error: UserError) -> None:
        """Say why one thing of several is not done; the exit code is that of the worst."""
        self.exit_code = max(self.exit_code, error.exit_code)
        say(f"{name} is left as it is: {error.sentence}")

    def _step(self, step: Step) -> None:
        try:
            outcome = step.outcome()
            self.do(outcome)
        except (*OF_ONE_SUBJECT, RefusedError) as error:
            self._leave(step.name, error)
            return
        if outcome.plan and not (self.dry_run or outcome.is_check):
            self.hub.rest()

    def _fail(self, error: UserError) -> None:
        """Keep what went wrong for the end; the last of several is what it ends with, those before it are said."""
        if self.trouble:
            self.exit_code = max(self.exit_code, self.trouble.exit_code)
            say(self.trouble.sentence)
        self.trouble = error

    def conclude(self, told: str | None = None) -> None:
        """Print the plan, or what is `told` in its place; end with what went wrong or the worst exit code."""
        applied = not (self.dry_run or self.is_check)
        form = plan_json(self.plan, applied=applied) if self.form == "json" else plan_text(self.plan)
        click.echo(form if told is None else told, nl=False)
        if self.trouble and self.trouble.exit_code >= self.exit_code:
            raise self.trouble
        if self.trouble:
            say(self.trouble.sentence)
        if self.exit_code:
            raise SystemExit(self.exit_code)

    def _set_outputs(self) -> None:
        """Set the step's outputs, whatever became of the command."""
        done = () if self.dry_run or self.is_check else self.plan
        added = {name for effect in done if isinstance(effect, AddLabels) for name in effect.names}
        told = {"added": sorted(added), "tags": self.tags, "comment-urls": self.comments}
        runner.set_outputs(os.environ, {name: json.dumps(values) for name, values in told.items()})


def say(note: str) -> None:
    """Say a sentence beside the results: on standard error, in Actions as a warning of the run."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(command("warning", note, title="logbook"))
    else:
        click.echo(f"note: {terminal_line(note)}", err=True)
