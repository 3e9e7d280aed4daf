"""The command that makes the record as pages: `logbook record`."""

from contextlib import nullcontext
from pathlib import Path

import click

from research_logbook.actions import FOLDER, runner
from research_logbook.cli import config_option, repo_option
from research_logbook.cli.publish import run_source
from research_logbook.cli.session import flag, perhaps_connected, say
from research_logbook.context import RunContext
from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.github.client import GitHub
from research_logbook.installation import missing_extra
from research_logbook.markdown.escape import terminal_line
from research_logbook.render import counted

_DEFAULT_PORT = 8_000


@click.command("record")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder for the pages.  [default in Actions: record; with --serve: .git/record]",
)
@flag("--wandb", help="Read runs from W&B, and draw their curves.")
@click.option(
    "--offline", type=click.Path(path_type=Path), help="Read runs from a folder of the SDK's own files instead."
)
@flag("--public", help="Make pages of a private repository, too: wherever they are put, they can be read there.")
@click.option("--serve", is_flag=True, help="Show them on this machine only, and make them again when a file changes.")
@click.option("--port", type=click.IntRange(0, 65_535), default=_DEFAULT_PORT, show_default=True, help="With --serve.")
@repo_option
@config_option
def record_command(  # noqa: PLR0913 - its options
    *,
    out: Path | None,
    wandb: bool,
    offline: Path | None,
    public: bool,
    serve: bool,
    port: int,
    repo: str | None,
    config: str | None,
) -> None:
    """Make pages of all threads, which anybody can read without a server, an account or a script.

    They are made from the clone; with a token in GITHUB_TOKEN or GH_TOKEN, GitHub tells the state of issues as well.
    A run that finds pages of an earlier one makes only those that have changed.
    """
    context = RunContext.here(repo=repo, config=config)
    clone = context.clone()
    if wandb and offline:
        raise UserError("--wandb and --offline name two sources of runs", "give one of them")
    try:
        from research_logbook.record.serve import serve_pages  # noqa: PLC0415 - all this needs the extra
        from research_logbook.record.site import make  # noqa: PLC0415
    except ImportError as error:
        raise missing_extra("record") from error
    folder = _folder(out, context, serve=serve).resolve()

    def again(context: RunContext = context) -> None:
        with perhaps_connected(context) as github:
            if not serve:
                _refuse_private(github, is_meant=public)
            source = run_source(context, offline, context.work_tree_config) if wandb or offline else None
            with source or nullcontext() as runs:
                made = make(folder, context, github, runs)
        for note in made.notes:
            say(note)
        pages = f"{counted(len(made.written), 'file')} written, {len(made.removed)} removed"
        runner.set_outputs(context.environment, {FOLDER: str(folder)})
        click.echo(f"{counted(made.threads, 'thread')} in {terminal_line(str(folder / 'index.html'))}: {pages}")

    again()
    if serve:

        def once_more() -> None:
            try:
                again(RunContext.here(repo=repo, config=config))
            except UnfinishedError as error:  # a branch may be half fetched
                say(error.sentence)

        try:
            serve_pages(folder, clone, once_more, port=port, tell=click.echo)
        except KeyboardInterrupt:
            return
        except OSError as error:
            raise UserError(
                f"port {port} cannot be had: {error.strerror}", "pass --port 0 for any that is free"
            ) from error


def _folder(out: Path | None, context: RunContext, *, serve: bool) -> Path:
    """Return where the pages go; raises `UserError` where nothing says it."""
    if out or context.in_actions:
        return out or Path("record")
    if serve:
        return context.clone().common_folder / "record"
    raise UserError("no folder given for the pages", "pass --out DIR, or --serve to look at them here")


def _refuse_private(github: GitHub | None, *, is_meant: bool) -> None:
    """Raise `RefusedError` for a private repository: the pages that GitHub makes of it may be for everybody."""
    if github is not None and not is_meant and github.visibility() != "public":
        raise RefusedError(
            f"{github.repository} is not public, and its pages may be where they are put",
            "pass --public if whoever can read them there may",
        )
