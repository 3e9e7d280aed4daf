"""Every command, how the help lists them, and what a command line that cannot be understood is told."""

import importlib
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

import click
from click.shell_completion import CompletionItem

from research_logbook.errors import UserError, did_you_mean
from research_logbook.markdown.escape import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Listing(NamedTuple):
    """How the help lists a command, and where it is."""

    module: str
    """Of this package; it is imported when the command is asked for."""
    group: str
    line: str
    """What it does, in a line that fits a terminal of 80 columns."""
    example: str
    is_hidden: bool = False


_START, _WRITE, _CHECK = "Start a thread", "Write the record", "Check it"
_PUBLISH, _SET_UP, _IN_WORKFLOWS = "Publish it", "Set a repository up", "Run by workflows and git"

COMMANDS = {
    "new": Listing(
        "setup", _START, "start a thread: branch, logbook, experiment issue", "logbook new sparse-attention"
    ),
    "run": Listing(
        "instrument", _WRITE, "run a command and record it as an entry", "logbook run -- python train.py --lr 0.1"
    ),
    "entry": Listing(
        "instrument", _WRITE, "append an entry, complete or correct one", 'logbook entry --label "why it diverged"'
    ),
    "hypothesis": Listing(
        "instrument", _WRITE, "add a hypothesis, or move one on", 'logbook hypothesis add "wider tiles help"'
    ),
    "rerun": Listing("instrument", _WRITE, "run an experiment again and compare", "logbook rerun SPA-AT-003"),
    "lint": Listing("lint", _CHECK, "check what the branch changed, or logbooks by name", "logbook lint --all"),
    "inspect": Listing("show", _CHECK, "show a logbook as it is understood", "logbook inspect"),
    "trace": Listing("show", _CHECK, "follow one experiment through everything", "logbook trace SPA-AT-003"),
    "rules": Listing("show", _CHECK, "list the rules, or show the page of one", "logbook rules removed-entry"),
    "promote": Listing("instrument", _PUBLISH, "tell a result on the experiment issue", "logbook promote SPA-AT-003"),
    "snapshot": Listing(
        "publish", _PUBLISH, "tag snapshot commits, list or show them", "logbook snapshot --list sparse-attention"
    ),
    "record": Listing("record", _PUBLISH, "make pages of all threads", "logbook record --serve"),
    "wandb-summary": Listing(
        "publish", _PUBLISH, "compare the W&B runs of a thread", "logbook wandb-summary --topic sparse-attention"
    ),
    "seal": Listing("publish", _PUBLISH, "close an issue whose record is complete", "logbook seal --draft"),
    "init": Listing("setup", _SET_UP, "add workflows, configuration, issue form", "logbook init --dry-run"),
    "doctor": Listing("setup", _SET_UP, "say what a repository lacks", "logbook doctor"),
    "labels": Listing("publish", _IN_WORKFLOWS, "label an experiment issue", "logbook labels --issue 12 --dry-run"),
    "lint-comment": Listing(
        "publish", _IN_WORKFLOWS, "comment the verdict on a pull request", "logbook lint-comment --dry-run"
    ),
    "sweep": Listing("publish", _IN_WORKFLOWS, "catch up on what was missed", "logbook sweep --dry-run"),
    "merge-driver": Listing(
        "instrument", _IN_WORKFLOWS, "merge two versions of a logbook", "logbook merge-driver %O %A %B %P"
    ),
    "event": Listing("publish", _IN_WORKFLOWS, "do what the event asks for", "logbook event", is_hidden=True),
}
"""Every command, in the order of a thread's life, which is that of the help."""

_REPOSITORY = "https://github.com/run-research/logbook"


class _HelpFormatter(click.HelpFormatter):
    """Leaves two thirds of a line to what explains, in a narrow terminal too."""

    def write_dl(self, rows: "Iterable[tuple[str, str]]", col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(rows, min(col_max, self.width // 3), col_spacing)


class HelpContext(click.Context):
    """A context whose help is formatted so."""

    formatter_class = _HelpFormatter


class CommandGroup(click.Group):
    """A group of commands that says which one was probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named; raises `UserError` where there is none."""
        known = self.list_commands(ctx)
        name = str(args[0])
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            raise UserError(
                f"there is no command `{ctx.command_path} {quoted(name)}`",
                did_you_mean(name, known, otherwise=f"`{ctx.command_path} --help` lists them"),
            )
        return super().resolve_command(ctx, args)


class LazyCommands(CommandGroup):
    """Imports a command when it is asked for: a lint waits for nothing that only another command needs."""

    context_class = HelpContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Return a command by its name, or None."""
        if cmd_name not in COMMANDS:
            return None
        listing = COMMANDS[cmd_name]
        module = importlib.import_module(f"research_logbook.cli.{listing.module}")
        found: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        for one in (found, *getattr(found, "commands", {}).values()):
            one.context_class = HelpContext
        found.short_help = listing.line
        found.epilog = f"Example: `{listing.example}`"
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        """List the commands by what they are for; none of them is imported for that."""
        for group in dict.fromkeys(listing.group for listing in COMMANDS.values()):
            rows = [(name, it.line) for name, it in COMMANDS.items() if it.group == group and not it.is_hidden]
            with formatter.section(group):
                formatter.write_dl([(f"{name:<13}", line) for name, line in rows])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin so; no command is imported for that."""
        found = [
            CompletionItem(name, help=it.line)
            for name, it in COMMANDS.items()
            if name.startswith(incomplete) and not it.is_hidden
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)


def usage_of(error: click.ClickException) -> tuple[str, str]:
    """Return what is wrong with a command line, and what to do about it, in the voice of all other messages."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    named = next(iter(sys.argv[1:]), "")  # click does not always say where it was
    path = context.command_path if context else f"logbook{f' {named}' if named in COMMANDS else ''}"
    near: Sequence[str] = ()
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        message, near = error.message, error.possibilities or ()
    message = re.sub(r"'([^'`]*)'", r"`\1`", message.strip().rstrip("."))
    message = message[:1].lower() + message[1:]
    about = f"`{path} --help` shows how it is used"
    listing = COMMANDS.get(path.partition(" ")[2])
    if meant := next(iter(near), ""):
        return message, f"did you mean `{meant}`?"
    if isinstance(error, click.MissingParameter) and listing:
        return message, f"write it as in `{listing.example}`; {about}"
    return message, about
