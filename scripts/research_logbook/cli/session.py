"""What all commands that write on GitHub share: their options, and how they end."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import click

from research_logbook.actions import ADDED, COMMENT_URLS, TAGS, Output, runner
from research_logbook.cli import config_option, repo_option
from research_logbook.context import RunContext
from research_logbook.effects import (
    AddLabels,
    CommandResult,
    CreateLabel,
    Plan,
    Step,
    StepsResult,
    UpsertComment,
    plan_json,
    plan_refusal,
    text_refusal,
)
from research_logbook.effects.apply import Applied, apply
from research_logbook.effects.outcomes import EffectOutcome, outcomes_summary, outcomes_text, planned
from research_logbook.effects.sticky_comments import Origin
from research_logbook.errors import RefusedError, UnfinishedError, UserError, gone, keeps_changing
from research_logbook.github.client import GitHub
from research_logbook.github.transport import (
    OF_ALL_SUBJECTS,
    InvalidError,
    LimitedError,
    LockedError,
    MissingError,
    MovedError,
    RetryBudget,
    UrllibTransport,
)
from research_logbook.logbook import issue_meant
from research_logbook.logbook.model import Reference
from research_logbook.markdown.escape import command, quoted, terminal_line
from research_logbook.secret_scanner import masked

_PATIENCE, _TIMEOUT = 5, 10
"""Seconds for further tries, and for each, where a command can do without GitHub."""
_MOST_FAILURES = 3
"""How many steps may fail in a row before it is GitHub that fails, and not one thing on it."""


def flag(*names: str, help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:  # noqa: A002 - click's word
    """Return an option that is on when it is named; for an action's input it also takes `true` and `false`."""
    return click.option(
        *names,
        type=click.Choice(["true", "false"]),
        is_flag=False,
        flag_value="true",
        default="false",
        callback=lambda _context, _option, value: value == "true",
        help=help,
    )


class IssueType(click.ParamType[Reference]):
    """An issue or pull request, by its number or its address; `RunContext.number_of` says whether it is ours."""

    name = "issue"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Reference:
        """Return what is named."""
        if isinstance(value, Reference):
            return value
        found = issue_meant(value)
        return found or self.fail(f"`{quoted(value)}` is no issue: write its number, or paste its address", param, ctx)


_OPTIONS = (
    repo_option,
    click.option("--bot-login", help="The login of the token's owner, where GitHub does not tell."),
    config_option,
    flag("--dry-run", help="Print what would be done, and write nothing."),
    click.option("--verbose", is_flag=True, help="Print how many calls of GitHub's API were made."),
)


def github_options(function: Callable[..., None], forms: Sequence[str] = ("text", "json")) -> Callable[..., None]:
    """Give a command the options of a `Session`; `forms` are what it can print its plan, or its report, as."""
    form = click.option("--format", "form", type=click.Choice(forms), default="text", show_default=True)
    for option in (form, *reversed(_OPTIONS)):
        function = option(function)
    return function


@contextmanager
def perhaps_connected(context: RunContext) -> Iterator[GitHub | None]:
    """Yield what reads GitHub where there is a token and it is known which repository is meant, else None.

    It needs no extra, and does not wait long for a GitHub that does not answer: who asks for it does without.
    """
    if not (context.github_name and context.token):
        yield None
        return
    access = context.access()
    with GitHub(access, RetryBudget(_PATIENCE), transport=UrllibTransport(access, _TIMEOUT)) as github:
        yield github


@dataclass(slots=True)
class Session:
    """One command's work on GitHub: what it would do, or does, and how it ends."""

    github: GitHub
    context: RunContext
    dry_run: bool = False
    form: str = "text"
    verbose: bool = False
    plan: Plan = ()
    """What was done, or would be."""
    outcomes: list[EffectOutcome] = field(default_factory=list)
    """What came of it, and of what is only listed."""
    told: int = 0
    """How many of these are printed already."""
    notes: list[str] = field(default_factory=list)
    """The notes that no part of the job summary tells."""
    exit_code: int = 0
    is_check: bool = False
    failure: UserError | None = None
    """Why it stopped before the end; `conclude` raises it."""
    summary: str = ""
    """What went into the job summary, Markdown."""
    comments: list[str] = field(default_factory=list)
    """The addresses of the comments that were written, or were up to date."""
    tags: list[str] = field(default_factory=list)
    """The tags that were made, or existed already."""

    @classmethod
    def of(cls, context: RunContext, *, bot_login: str | None = None, **options: Any) -> Self:
        """Open it, from the values of `github_options`."""
        how = {name: options[name] for name in ("dry_run", "form", "verbose") if name in options}
        return cls(GitHub(context.access(bot_login)), context, **how)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Set the step's outputs, whatever became of the command, and close the connection."""
        done = () if self.dry_run or self.is_check else self.plan
        added = {name for effect in done if isinstance(effect, AddLabels) for name in effect.names}
        outputs: dict[Output, object] = {ADDED: sorted(added), TAGS: self.tags, COMMENT_URLS: self.comments}
        runner.set_outputs(self.context.environment, outputs)
        told = outcomes_summary(self.outcomes, self.notes, self.github.site, is_dry=self.dry_run)
        runner.add_summary(self.context.environment, told)
        if self.verbose:
            click.echo(f"{self.github.calls} calls of GitHub's API", err=True)
        self.github.__exit__()

    def do(self, result: CommandResult) -> Applied:
        """Apply a plan, unless it is only to be printed, and print its notes.

        Raises `RefusedError`, and nothing of it is written or printed, where it would publish what must not be.
        """
        held_back, is_dry = self.context.config.held_back, self.dry_run or result.is_check
        texts = "\n".join((result.summary, result.foreseen, *result.notes))
        refusal = text_refusal("this run's log", texts, held_back) or plan_refusal(result.listed, held_back)
        if refusal:
            raise RefusedError(*refusal)
        done = apply(
            self.github, result.plan, Origin.of(self.context.environment), result.judged, held_back, is_dry=is_dry
        )
        self.plan += result.plan if is_dry else tuple(done.effects)
        self.outcomes += planned(result.plan) if is_dry else done.outcomes
        self.outcomes += planned(result.listed, "--apply")
        if is_dry and not result.is_check:
            self._foresee(result.plan)
        self.exit_code = max(self.exit_code, result.exit_code, done.exit_code)
        self.is_check = self.is_check or result.is_check
        if not done.is_stale:
            is_done = not (is_dry or result.listed) and set(result.plan) <= set(done.effects)
            report = result.summary if is_done else result.foreseen or result.summary
            self.summary += report
            runner.add_summary(self.context.environment, report)
        self.comments += done.comments
        self.tags += done.tags
        if not done.is_stale:  # it is judged again, or said to be skipped
            self._note(*result.notes, is_told=bool(result.summary))
        self._note(*done.notes)
        return done

    def do_part(self, result: CommandResult) -> None:
        """Apply one plan of several: one that would publish what must not be stops no other."""
        try:
            self.do(result)
        except RefusedError as error:
            self._skip("a part", error)

    def each(self, steps: Iterable[Step], most: int | None = None) -> StepsResult:
        """Do one step after the other, with a moment between those that write; return what came of them.

        A step that fails is skipped with a note. What would fail each time ends them, as three failures in a row do,
        and it is said where to resume; where the rate limit was reached before, none is begun. Once `most` of them
        had something to do the rest is only counted.
        """
        came = StepsResult()
        if isinstance(self.failure, LimitedError):
            return came
        number = written = left = failures = 0
        try:
            for step in self.context.progress.over("looking at what is due", steps):
                if most is not None and written >= most:
                    left += step.is_due()
                    continue
                if not failures:
                    number = step.number
                error, has_plan = self._step(step, came)
                written += has_plan
                failures = failures + 1 if error else 0
                if error and (isinstance(error, OF_ALL_SUBJECTS) or failures == _MOST_FAILURES):
                    raise error
                if error:
                    self._skip(step.name, error)
            if left:
                done = f"{most} {'was' if most == 1 else 'were'} done at once"
                self._note(f"{done}, and {left} more left to the next sweep; `--limit N` does N of them")
        except (UnfinishedError, RefusedError) as error:
            if number:
                resume = f"everything before #{number} is done; resume with --after {number - 1}"
                error.help = f"{error.help}\n{resume}" if error.help else resume
            if self.failure:  # the last of several is raised in the end, those before it are printed
                self.exit_code = max(self.exit_code, self.failure.exit_code)
                self._note(self.failure.sentence)
            self.failure = error
        return came

    def _step(self, step: Step, came: StepsResult) -> tuple[UnfinishedError | None, bool]:
        """Do one of many steps, and return why it failed, where that passes, and whether anything was to be done."""
        plan: Plan = ()
        try:
            for decide in (step.decide, step.again or step.decide):
                result = decide()
                plan = result.plan
                came.planned += () if result.is_check else plan
                came.decided.add(step.issue or step.number)
                done = self.do(result)
                if not done.is_stale:
                    break
        except (MissingError, MovedError) as error:
            number = step.issue or step.number
            if number and self.github.is_gone(number):
                self._note(gone(number))
            else:
                self._skip(step.name, error)
        except (LockedError, InvalidError, RefusedError) as error:
            self._skip(step.name, error)
        except UnfinishedError as error:
            came.waiting += plan
            self._foresee(plan)
            return error, bool(plan)
        else:
            if done.is_stale:
                came.waiting += [effect for effect in plan if effect not in done.effects]
                self._skip(step.name, keeps_changing())
        return None, bool(plan)

    def _foresee(self, plan: Plan) -> None:
        """Let what is read from now on show the labels of a plan as done."""
        for effect in plan:
            if isinstance(effect, AddLabels):
                self.github.foresee(effect.issue, effect.names)
            elif isinstance(effect, CreateLabel) and self.dry_run:
                self.github.foresee(None, [effect.name])

    def _skip(self, name: str, error: UserError) -> None:
        """Say why one thing of several is not done; the exit code is that of the worst."""
        self.exit_code = max(self.exit_code, error.exit_code)
        self._note(f"skipped {name}: {error.sentence}")

    def _note(self, *notes: str, is_told: bool = False) -> None:
        """Print notes; `is_told` says whether the job summary has them already."""
        for note in notes:
            say(note)
            self.notes += [] if is_told else [masked(note)]

    def tell(self) -> None:
        """Print now what came of the effects since the last time, for a command that does other things between them."""
        told, self.told = self.outcomes[self.told :], len(self.outcomes)
        click.echo(outcomes_text(told, with_texts=self.dry_run) if told else "", nl=False)

    @property
    def outcomes_text(self) -> str:
        """What came of it for a terminal; of a dry run with all texts that would be written."""
        return outcomes_text(self.outcomes, with_texts=self.dry_run)

    def conclude(self, report: str | None = None) -> None:
        """Print the plan, or a report in its place; end with what went wrong or the worst exit code."""
        if report is None:
            applied = not (self.dry_run or self.is_check)
            report = plan_json(self.plan, applied=applied) if self.form == "json" else self.outcomes_text
        click.echo(report, nl=False)
        if self.form == "text" and not runner.in_actions(os.environ):
            for address in self._addresses():
                click.echo(terminal_line(address), err=True)
        if self.failure and self.failure.exit_code >= self.exit_code:
            raise self.failure
        if self.failure:
            say(self.failure.sentence)
        if self.exit_code:
            raise SystemExit(self.exit_code)

    def _addresses(self) -> Iterator[str]:
        """Yield the addresses of what was written: comments, tags, and issues that were changed without a comment."""
        if self.dry_run or self.is_check:
            return
        yield from dict.fromkeys(self.comments)
        site = self.github.site
        yield from (site.url("tree", tag) for tag in dict.fromkeys(self.tags))
        told = {getattr(effect, "issue", None) for effect in self.plan if isinstance(effect, UpsertComment)}
        changed = dict.fromkeys(getattr(effect, "issue", None) for effect in self.plan)
        yield from (site.url("issues", str(number)) for number in changed if number and number not in told)


def say(note: str) -> None:
    """Print a note beside the results, without any secret in it: on standard error, in Actions as a warning."""
    note = masked(note)
    if runner.in_actions(os.environ):
        click.echo(command("warning", note, title="logbook"))
    else:
        click.echo(f"note: {terminal_line(note)}", err=True)
