"""The commands that write the record of one's own work: `logbook entry`, `logbook hypothesis`, `logbook run`."""

import math
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from research_logbook.cli import completion, format_option
from research_logbook.cli.commands import CommandGroup
from research_logbook.cli.session import Session, github_options, say
from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.instrument.child import become
from research_logbook.instrument.entry import (
    EntryOptions,
    Written,
    add_entry,
    add_hypothesis,
    complete_entry,
    correct_entry,
    latest_id,
    move_hypothesis,
    status_named,
)
from research_logbook.instrument.entry_text import option_of
from research_logbook.instrument.logbook_file import logbook_meant
from research_logbook.instrument.machine import is_further_task
from research_logbook.instrument.merge_driver import LABELS, merge_files
from research_logbook.instrument.promote import plan_promotion
from research_logbook.instrument.queue_text import Move, NewHypothesis
from research_logbook.instrument.rerun import plan_rerun, rerun, shown
from research_logbook.instrument.run import Recorded, RunOptions, begin, prepare, record
from research_logbook.instrument.values import LONGEST
from research_logbook.logbook import vocabulary
from research_logbook.markdown.escape import json_text, quoted, terminal, terminal_line
from research_logbook.repo.git import Repository

_VALUES = {
    "hypothesis": "The hypothesis that it tests, such as `MOE-HC-H1`.",
    "commit": "The commit that ran.  [default: the one that is checked out]",
    "command": "The exact command line.",
    "config": "What the command does not say.",
    "hardware": "What it ran on.",
    "run": "The run, such as its W&B link.",
    "result": "The numbers, or how it failed.",
    "interpretation": "What it means, against the baseline.",
    "confidence": "`exploratory`, `replicated` or `stable`.",
    "decision": "What was decided, and why.",
    "next-action": "The step that follows from this.",
}
"""What an entry can say, each an option."""

_OPTION_NAMES = {
    "hypothesis": ("-H", "--hypothesis", "hypothesis"),
    "result": ("-r", "--result", "result"),
    "interpretation": ("-i", "--interpretation", "interpretation"),
    "next-action": ("-n", "--next", "next_action"),
}
"""Names of the options that are not the name of what is said alone: what is typed all day has a short one."""

dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
topic_option = click.option(
    "--topic", shell_complete=completion.topics, help="The thread's topic.  [default: the branch's]"
)


def value_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each thing that an entry can say; `-` reads it from standard input."""
    more = click.option(
        "--field", "fields", multiple=True, metavar="NAME=VALUE", help="Anything else; may be repeated."
    )
    function = more(function)
    for key, help_text in reversed(_VALUES.items()):
        names = _OPTION_NAMES.get(key, (f"--{key}", key))
        function = click.option(*names, metavar="TEXT", help=help_text)(function)
    return function


def values_in(asked: dict[str, Any]) -> dict[str, str]:
    """Take what an entry says out of a command's options; raises `UserError` for a field without a name."""
    values = {key: asked.pop(key.replace("-", "_")) for key in _VALUES}
    for written in asked.pop("fields"):
        name, is_there, value = written.partition("=")
        if not (is_there and re.fullmatch(r"[^\W_][^\n:*_`#<>|]{0,59}", name.strip())):
            raise UserError(f"--field {quoted(written)} has no name", "write it as NAME=VALUE")
        values[vocabulary.FIELDS.get(vocabulary.slug(name), name.strip())] = value
    given = {key: value for key, value in values.items() if value is not None}
    from_stdin = [key for key, value in given.items() if value == "-"]
    if len(from_stdin) > 1:
        raise UserError(
            "only one value can be read from standard input", f"pass `-` for one of {', '.join(from_stdin)}"
        )
    if from_stdin:
        # One character more than allowed is enough to know that it is too long.
        given[from_stdin[0]] = sys.stdin.buffer.read(4 * LONGEST + 4).decode("utf-8", "surrogateescape")
    return given


class _WithDefault(CommandGroup):
    """Runs `add` where no other of its commands is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in {"--help", "-h"}):
            args = ["add", *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of `add` as its own."""
        self.commands["add"].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


def _tell(written: Written, done: str, *, dry_run: bool, form: str) -> None:
    """Say what was written and where, and what the entry still has to say; or what would be written."""
    rewrite = written.rewrite
    is_new = rewrite.old != rewrite.new
    if form == "json":
        told = {"id": written.id, "path": rewrite.name, "line": written.line, "written": is_new and not dry_run}
        click.echo(json_text({**told, "open": written.open, "notes": written.notes, "diff": str(rewrite)}), nl=False)
        return
    for note in written.notes:
        say(note)
    where = f"{terminal_line(rewrite.name)}:{written.line}"
    if not is_new:
        click.echo(f"nothing to change: {where}")
        return
    if dry_run:
        click.echo(f"would have {done}: {where}\n\n{terminal(str(rewrite))}")
        return
    click.echo(f"{done}: {where}")
    if written.open and written.id:
        options = " ".join(f"--{option_of(key)} …" for key in written.open)
        click.echo(f"still open: `logbook entry complete {written.id} {options}`")


_ABOUT_EDITING = """

<!-- This is the entry as it will be written. Empty the text and nothing is written; a heading alone is nothing, too.
Lines without a value are left out, and so is this comment. -->
"""


class _Editing:
    """The text of an entry in the user's editor, as git does it with a message."""

    def __init__(self, repository: Repository) -> None:
        self._root = repository.root
        self.file = repository.common_folder / "LOGBOOK_EDITMSG.md"

    def __call__(self, text: str) -> str:
        """Return the text as the user leaves it; raises `UserError` where that fails."""
        command = ["git", "var", "GIT_EDITOR"]  # the first of GIT_EDITOR, core.editor, VISUAL, EDITOR and vi
        set_ones = {name: value for name, value in os.environ.items() if value}
        found = subprocess.run(command, cwd=self._root, env=set_ones, capture_output=True, text=True, check=False)  # noqa: S603
        editor = found.stdout.strip()
        if not editor:
            raise UserError(
                "there is no editor for this terminal", "set EDITOR, or pass what the entry says as options"
            )
        self.file.write_text(text + _ABOUT_EDITING, encoding="utf-8")
        shell = ["sh", "-c", f'{editor} "$@"', editor, str(self.file)]  # with its arguments, as git calls it
        status = subprocess.run(shell, check=False).returncode  # noqa: S603
        if status:
            fix = "set EDITOR to one that is installed" if status in {126, 127} else "run it again"
            raise UserError(f"the editor {quoted(editor)} ended with status {status}, so nothing is written", fix)
        edited = self.file.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
        return edited.replace(_ABOUT_EDITING.strip(), "")


@click.group("entry", cls=_WithDefault)
def entry_command() -> None:
    """Append an entry to the log: `logbook entry [TOPIC] --label … --result …`.

    Its ID is the next free one, its time is now, and where something ran its commit is the one that is checked out.
    `complete` fills in what is pending, `correct` strikes out what is wrong.
    """


@entry_command.command("add")
@click.argument("topic", required=False, shell_complete=completion.topics)
@click.option("--topic", "named", shell_complete=completion.topics, help="The same, as the other commands take it.")
@click.option("--id", "name", metavar="ID", help="The experiment ID.  [default: the next free one]")
@click.option("-l", "--label", metavar="TEXT", default="", help="A few words for its heading.")
@value_options
@click.option("--edit", is_flag=True, help="Open the entry in your editor before it is written.")
@dry_run_option
@format_option
def add_command(*, topic: str | None, named: str | None, name: str | None, edit: bool, **asked: Any) -> None:
    """Append an entry."""
    label, form, dry_run = (asked.pop(it) for it in ("label", "form", "dry_run"))
    values = values_in(asked)
    if not (values or label or edit):
        raise UserError("the entry would be empty", "pass --label, and what is known: --command, --result, --next …")
    context = RunContext.here()
    path = logbook_meant(context, named or topic)
    options, editing = EntryOptions(name, label, values), _Editing(context.clone()) if edit else None
    try:
        written = add_entry(path, options, context, edit=editing, dry_run=dry_run)
    except UserError as error:
        if editing and editing.file.exists():  # as long as nothing is written, nothing is lost
            error.help = f"{error.help}\nwhat you wrote is in {editing.file}"
        raise
    if editing and not dry_run:
        editing.file.unlink()
    _tell(written, f"written {written.id or 'an entry'}", dry_run=dry_run, form=form)


@entry_command.command("complete")
@click.argument("name", metavar="[ID]", required=False, shell_complete=completion.ids)
@topic_option
@value_options
@dry_run_option
@format_option
def complete_command(*, name: str | None, topic: str | None, dry_run: bool, form: str, **asked: Any) -> None:
    """Fill in what an entry says is pending, and add what it does not say; without an ID, the newest entry's."""
    context = RunContext.here()
    path = logbook_meant(context, topic, name or "")
    written = complete_entry(path, name or latest_id(path, context), values_in(asked), context, dry_run=dry_run)
    _tell(written, f"completed {written.id}", dry_run=dry_run, form=form)


@entry_command.command("correct")
@click.argument("name", metavar="ID", shell_complete=completion.ids)
@topic_option
@value_options
@dry_run_option
@format_option
def correct_command(*, name: str, topic: str | None, dry_run: bool, form: str, **asked: Any) -> None:
    """Strike out what an entry says, and put the right value behind it."""
    context = RunContext.here()
    written = correct_entry(logbook_meant(context, topic, name), name, values_in(asked), context, dry_run=dry_run)
    _tell(written, f"corrected {name}", dry_run=dry_run, form=form)


@click.group("hypothesis", cls=CommandGroup)
def hypothesis_command() -> None:
    """Keep the hypothesis queue: `add` a hypothesis, `move` it to another state with its evidence."""


@hypothesis_command.command("add")
@click.argument("claim")
@click.option("--id", "name", metavar="ID", help="Its ID.  [default: the next free one]")
@click.option("-n", "--next", "next_test", metavar="TEXT", default="", help="The smallest experiment that would tell.")
@topic_option
@dry_run_option
@format_option
def add_hypothesis_command(*, claim: str, name: str | None, next_test: str, topic: str | None, **how: Any) -> None:
    """Propose a hypothesis."""
    context = RunContext.here()
    new = NewHypothesis(name or "", claim, next_test)
    written = add_hypothesis(logbook_meant(context, topic), new, context, dry_run=how["dry_run"])
    _tell(written, f"proposed {written.id}", **how)


@hypothesis_command.command("move")
@click.argument("name", metavar="ID")
@click.argument("status")
@click.option("-e", "--evidence", metavar="TEXT", default="", help="What decided it, with the entry's ID.")
@click.option("-n", "--next", "next_test", metavar="TEXT", default="", help="The next test of an active one.")
@click.option("--resume", metavar="TEXT", default="", help="When a blocked one goes on.")
@topic_option
@dry_run_option
@format_option
def move_command(*, name: str, status: str, topic: str | None, dry_run: bool, form: str, **said: str) -> None:
    """Move a hypothesis: proposed, active, blocked, supported, falsified, promoted."""
    context = RunContext.here()
    move = Move(status_named(status), **said)
    written = move_hypothesis(logbook_meant(context, topic), name, move, context, dry_run=dry_run)
    _tell(written, f"moved {name} to {move.status}", dry_run=dry_run, form=form)


@click.command("merge-driver")
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("ours", type=click.Path(path_type=Path))
@click.argument("theirs", type=click.Path(path_type=Path))
@click.argument("name", required=False, default="")
@click.option("--marker-size", type=click.IntRange(1, 100), default=7, show_default=True)
@click.option("--labels", nargs=3, metavar="OURS BASE THEIRS", default=LABELS, help="The names of the sides: %X %S %Y.")
def merge_driver_command(*, base: Path, ours: Path, theirs: Path, name: str, **how: Any) -> None:
    """Merge a logbook for git, which passes it %O %A %B and %P: the entries of both sides stay, in order.

    `logbook init --merge-driver` sets it up.
    """
    found = merge_files(base, ours, theirs, how["marker_size"], how["labels"])
    where = terminal_line(name) or "the logbook"
    if found.twice:
        say(f"{where}: both sides have an entry {', '.join(found.twice)}; give the one that nobody has seen a new ID")
    if not found.is_clean:
        say(f"{where}: both sides changed the same lines; settle what is between the marks")
        sys.exit(1)


@click.command("run", context_settings={"allow_interspersed_args": False})
@topic_option
@click.option("--id", "name", metavar="ID", help="The experiment ID, a new one or a plan's.  [default: the next one]")
@click.option(
    "-l", "--label", metavar="TEXT", default="", help="A few words for its heading.  [default: the script's name]"
)
@click.option("-H", "--hypothesis", metavar="ID", help="The hypothesis that it tests; a proposed one becomes active.")
@click.option("--config", metavar="TEXT", help="What the command does not say.")
@click.option("-n", "--next", "next_action", metavar="TEXT", help="What is to be done after it.")
@click.option(
    "-m", "--metrics", metavar="FILE", help="A JSON file that the command writes; its numbers are the result."
)
@click.option("--commit", is_flag=True, help="Commit changes of tracked files, and the script, first.")
@click.option("--dirty", is_flag=True, help="Run with them, and keep them as a patch beside the logbook.")
@click.option(
    "--env", "variables", multiple=True, metavar="NAME", help="A further variable to record; may be repeated."
)
@click.option("--quiet", "-q", is_flag=True, help="Say nothing where all is well.")
@dry_run_option
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run_command(
    *, topic: str | None, name: str | None, label: str, dry_run: bool, command: tuple[str, ...], **asked: Any
) -> None:
    """Run a command and record it: `logbook run --label "wider tiles" -- python train.py --lr 0.1`.

    The entry is there before the command starts, and is completed after it. The command has your terminal, its signals
    and its exit status; LOGBOOK_ID tells it its ID, and WANDB_NAME, where it is not set, names its W&B run after that.
    What it leaves behind in the background cannot write to your terminal any more.

    Of several tasks that a scheduler starts with one command, the first is recorded, and the others only run.
    """
    context = RunContext.here()
    if is_further_task(context.environment):
        become(command, context.environment)
    is_quiet = asked.pop("quiet")
    said = {key: asked.pop(key.replace("-", "_")) for key in ("hypothesis", "config", "next-action")}
    values = {key: value for key, value in said.items() if value}
    options = RunOptions(command, EntryOptions(name, label, values), **asked)
    ready = prepare(logbook_meant(context, topic), options, context)
    for note in ready.notes:
        say(note)
    begun = begin(options, ready, context, dry_run=dry_run)
    # The entry is there: who does not listen any more has it run all the same.
    with suppress(OSError):
        for note in () if is_quiet else begun.notes:
            say(note)
    if dry_run:
        click.echo(terminal(str(begun.rewrite)))
        return
    _end(record(begun, options, ready, context), is_quiet=is_quiet)


def _end(recorded: Recorded, *, is_quiet: bool = False, is_judged: bool = False) -> None:
    """Say what was recorded and what is left to say, and end as the command did.

    Of one that is judged already no interpretation is asked.
    """
    if not is_quiet:
        for note in (*recorded.outcome.notes, *recorded.notes):
            say(note)
        fill_in = "" if is_judged else "--interpretation … --next …"
        if recorded.outcome.is_pending:
            fill_in = f"--result … {fill_in}".rstrip()
        where = f"{recorded.id} in {terminal_line(recorded.path)}"
        how = f"`logbook entry complete {recorded.id} {fill_in}`"
        asked = "what did it give?" if is_judged else "what does it mean?"
        left = f"; {asked} {how}" if fill_in else ""
        click.echo(f"logbook: {recorded.ended.sentence}, recorded as {where}{left}", err=True)
    if recorded.ended.signal:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # one core file, the command's, is enough
        if recorded.ended.signal != signal.SIGKILL:  # whose handling nobody may set
            signal.signal(recorded.ended.signal, signal.SIG_DFL)
        os.kill(os.getpid(), recorded.ended.signal)
    sys.exit(recorded.ended.status)


@click.command("rerun")
@click.argument("name", metavar="ID", shell_complete=completion.ids)
@topic_option
@click.option(
    "-m",
    "--metrics",
    metavar="FILE",
    help="The JSON file that the command writes, from the top.  [default: the one with the entry's numbers]",
)
@click.option(
    "--tolerance", type=click.FloatRange(0), metavar="SHARE", help="By which numbers may differ, such as 0.01."
)
@click.option("--yes", is_flag=True, help="Run it without asking.")
@click.option("--dry-run", is_flag=True, help="Print what would be run, and run nothing.")
def rerun_command(*, name: str, topic: str | None, yes: bool, dry_run: bool, **how: Any) -> None:
    """Run an experiment again at its own commit, and compare: `replicated`, or how it differs.

    It runs in a work tree of its own, which is gone afterwards. Numbers agree in the digits that the entry states.
    """
    if how["tolerance"] is not None and not math.isfinite(how["tolerance"]):
        raise UserError("--tolerance is a share", "write it as in 0.01")
    context = RunContext.here()
    plan = plan_rerun(logbook_meant(context, topic, name), name, context)
    for note in plan.notes:
        say(note)
    for line in shown(plan):
        click.echo(terminal(line))
    if dry_run:
        return
    if not yes:
        if context.in_actions or not (sys.stdin and sys.stdin.isatty()):
            raise UserError("not a terminal, so nobody can confirm this command", "pass `--yes` to run it")
        click.confirm("run it?", abort=True)
    done = rerun(plan, context, **how)
    click.echo(f"logbook: {terminal_line(done.verdict)}", err=True)
    _end(done.recorded, is_judged=True)


@click.command("promote")
@click.argument("name", metavar="ID", shell_complete=completion.ids)
@topic_option
@click.option("--agent", "by_agent", is_flag=True, help="An agent promotes it, and the comment says so.")
@github_options
def promote_command(*, name: str, topic: str | None, by_agent: bool, **github: Any) -> None:
    """Tell the result of an entry on the experiment issue: once, with links that stay.

    Run it again after a correction, and the comment is brought up to date.
    """
    context = RunContext.here(**github)
    path = logbook_meant(context, topic, name)
    with Session.of(context, **github) as session:
        session.do(plan_promotion(path, name, context, session.github, by_agent=by_agent))
        session.conclude()
