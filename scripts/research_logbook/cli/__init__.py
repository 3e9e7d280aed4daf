"""The command line: its commands, its exit codes, its streams, and the one place that catches errors."""

import gc
import io
import os
import platform
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn, TextIO

import click

from research_logbook import __version__
from research_logbook.cli import completion
from research_logbook.cli.appearance import is_capable_terminal
from research_logbook.cli.commands import LazyCommands, usage_of
from research_logbook.cli.version import version
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.markdown.escape import command, terminal
from research_logbook.progress import SILENT, Progress
from research_logbook.secret_scanner import KnownSecrets, masked

repo_option = click.option(
    "--repo",
    metavar="OWNER/NAME",
    help="The repository on GitHub.  [default: GITHUB_REPOSITORY, else the git remote's]",
)
config_option = click.option("--config", type=click.Path(), help="Configuration to use instead of .github/logbook.yml.")
format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


def _tell_version(ctx: click.Context, _option: click.Parameter, is_asked: bool) -> None:  # noqa: FBT001 - click's
    if is_asked and not ctx.resilient_parsing:
        click.echo(version())
        ctx.exit()


@click.group(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 nothing wrong; 1 findings at or above --fail-on; 2 bad usage or configuration; 3 git, GitHub "
    "or W&B failed; 4 a safety limit refused.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_tell_version, help="Show the version."
)
def cli() -> None:
    """Keep the record of agent-directed research honest."""


class _WithoutSecrets(io.TextIOBase):
    """Passes text on, without the secrets of the run."""

    def __init__(self, stream: TextIO, secrets: KnownSecrets, progress: Progress = SILENT) -> None:
        self._stream = stream
        self._secrets = secrets
        self.progress = progress
        """The line on the terminal that shows how far the run is; it makes way for whatever is printed."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        with self._though_nobody_reads():
            self._stream.write(self._secrets.mask(text))
        return len(text)

    def flush(self) -> None:
        with self._though_nobody_reads():
            self._stream.flush()

    @contextmanager
    def _though_nobody_reads(self) -> Iterator[None]:
        """Go on where the reader has gone, as `head -1` does: what is under way is finished, and judged as it is."""
        self.progress.clear()
        try:
            yield
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


class _Escaped(_WithoutSecrets):
    """Passes whole lines on, each of them escaped for a terminal and a workflow's log, and without any secret.

    A line that has only begun is not flushed: it could still become a command.
    """

    _begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        with self._though_nobody_reads():
            self._stream.write("".join(f"{terminal(masked(self._secrets.mask(line)))}\n" for line in lines))
        return len(text)

    def finish(self) -> None:
        """Pass on a last line that has no end."""
        if self._begun:
            self.write("\n")
        self.flush()


@contextmanager
def safe_streams() -> Iterator[None]:
    """Escape everything that anybody writes on standard error, until the end of the run, and let no character fail.

    The run's own secrets come through neither stream, whoever repeats them.

    A character that the locale's encoding lacks is written as its escape; in Actions the encoding is UTF-8, which is
    what a runner reads.

    A runner reads standard error for commands too, and what a library prints there, warns of, logs or raises can
    quote what it has read.
    """
    encoding = "utf-8" if os.environ.get("GITHUB_ACTIONS") == "true" else None
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    before, secrets = (sys.stdout, sys.stderr), KnownSecrets.of(os.environ)
    progress = _progress_on(sys.stderr)
    escaped = _Escaped(sys.stderr, secrets, progress) if sys.stderr else None  # None where it is closed
    sys.stdout, sys.stderr = _WithoutSecrets(sys.stdout, secrets, progress) if sys.stdout else sys.stdout, escaped
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        with suppress(OSError):  # nobody reads it any more
            if escaped:
                escaped.finish()


def _progress_on(stream: TextIO | None) -> Progress:
    """Return what shows progress on a terminal; a log, a file and a pipe get none."""
    if stream is None or not is_capable_terminal(stream, os.environ):
        return Progress()

    def draw(text: str) -> None:
        with suppress(OSError, ValueError):  # a terminal that is gone is no reason to stop
            # A line that wraps could not be taken away again. What it says is ours, a cell for each character.
            stream.write(text[: max(20, shutil.get_terminal_size().columns)])
            stream.flush()

    return Progress(draw)


def read_names_as_utf_8() -> None:
    """Start anew where this Python reads the names of files in a locale's encoding other than UTF-8.

    Git has them in UTF-8, so in such a locale each name beyond ASCII would be shown, and looked for, as another one.
    What is printed stays in the locale's encoding.
    """
    if sys.getfilesystemencoding() == "utf-8" or sys.stdout is None:
        return
    environment = {"PYTHONIOENCODING": f"{sys.stdout.encoding}:backslashreplace", **os.environ}
    os.execve(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]], environment)  # noqa: S606 - no shell


def main() -> None:
    """Run the command line; every error a user can cause ends in a sentence and its exit code."""
    read_names_as_utf_8()
    if completion.VARIABLE in os.environ:
        sys.exit(completion.answer(cli))
    with safe_streams(), _ended_by_exit():
        _run()


@contextmanager
def _ended_by_exit() -> Iterator[None]:
    """Let the signals that end a run do so by an exit: temporary folders are removed, and what was started ends too."""

    def end(number: int, _frame: object) -> NoReturn:
        sys.exit(128 + number)

    is_main = threading.current_thread() is threading.main_thread()
    # Whoever starts it with `nohup` wants one of them ignored.
    ending = [it for it in (signal.SIGTERM, signal.SIGHUP) if is_main and signal.getsignal(it) is signal.SIG_DFL]
    for it in ending:
        signal.signal(it, end)
    try:
        yield
    finally:
        for it in ending:
            signal.signal(it, signal.SIG_DFL)


_NARROWEST, _WIDEST = 40, 80
"""Columns of a terminal that help is wrapped for."""


def _run() -> NoReturn:
    gc.disable()  # A short run over trees without cycles: collecting takes a third of its time and frees nothing.
    try:
        width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns)) - 2
        sys.exit(cli(standalone_mode=False, prog_name="logbook", terminal_width=width))
    except UserError as error:
        _say(error.message, error.help)
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(UserError.exit_code)
    except click.ClickException as error:
        _say(*usage_of(error))
        sys.exit(UserError.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        _hang_up()
        sys.exit(0)
    except OSError as error:
        _hang_up()
        _say(f"the output cannot be written: {error.strerror}", "look at where it is sent")
        sys.exit(UnfinishedError.exit_code)
    except Exception:  # noqa: BLE001 - the one catcher: anything else is a bug, and says where to report it
        _bug()
        sys.exit(UnfinishedError.exit_code)


def _hang_up() -> None:
    """Let the interpreter flush what is left to nobody."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _say(message: str, help_text: str) -> None:
    message, help_text = masked(message), masked(help_text)
    both = message if not help_text else f"{message}\n{help_text}"
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(command("error", both, title="logbook"))
        return
    click.echo(f"logbook: {terminal(message)}", err=True)
    if help_text:
        click.echo(f"  help: {terminal(help_text)}", err=True)


def _bug() -> None:
    try:
        which = version()
    except Exception:  # noqa: BLE001 - what is broken may be what tells it
        which = f"logbook {__version__}"
    about = f"{which}, Python {platform.python_version()}, {platform.system()}"
    click.echo(terminal(traceback.format_exc()), err=True)
    _say(
        "this is a bug in logbook, not in your logbook",
        f"report it with the lines above at https://github.com/run-research/logbook/issues ({about})",
    )
