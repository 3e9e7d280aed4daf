"""`logbook wandb-summary`."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from research_logbook.actions import runner
from research_logbook.cli.session import Session, github_options, say
from research_logbook.config import settings
from research_logbook.config.schema import Config, with_host
from research_logbook.effects.plan import plan_json
from research_logbook.errors import UserError, no_repository
from research_logbook.markdown.escape import quoted, terminal
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import books_of
from research_logbook.wandb import SummaryRequest, local, summaries
from research_logbook.wandb.client import OfflineRuns, OnlineRuns

_KEY = "WANDB_API_KEY"


@click.command("wandb-summary")
@click.option("--topic", help="The thread of this logbook.  [default: all open ones]")
@click.option("--issue", type=click.IntRange(1), help="The thread of this issue.")
@click.option("--offline", type=click.Path(path_type=Path), help="Read the files that the W&B SDK left in this folder.")
@click.option("--wandb-host", help="The API of the W&B server.  [default: the configuration's]")
@partial(github_options, forms=("text", "json", "markdown"))
def wandb_summary(
    *, topic: str | None, issue: int | None, offline: Path | None, wandb_host: str | None, **github: Any
) -> None:
    """Compare the W&B runs of a thread in one comment on its issue, which is kept current.

    The key comes from WANDB_API_KEY. Without a token for GitHub, --dry-run --topic shows the summary of a logbook
    in the work tree.
    """
    event = runner.event_of(os.environ)
    asked, branch = _asked(topic, issue, event.inputs), event.default_branch
    repository = Repository.around(Path.cwd())
    config = with_host(settings.of_default_branch(repository, branch, github["config"]), wandb_host)
    runs = _runs(offline, config)
    if runs is None:
        runner.set_outputs(os.environ, {"comment-urls": "[]"})
        return
    with runs:
        if github["dry_run"] and asked.topic and not (os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")):
            _show(asked, runs, config, github["form"])
            return
        if repository is None:
            raise no_repository()
        with Session.of(**github) as session:
            for outcome in summaries(asked, session.hub, runs, config, books_of(repository, config, branch)):
                (session.do if asked.is_one else session.do_part)(outcome)
            session.conclude(terminal(session.summary) + "\n" if session.form == "markdown" else None)


def _asked(topic: str | None, issue: int | None, inputs: Mapping[str, str]) -> SummaryRequest:
    """Return what is asked for; where the command line says nothing, by whoever dispatched the workflow."""
    if topic or issue:
        return SummaryRequest(topic or None, issue)
    number = inputs.get("issue", "").strip().removeprefix("#")
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):
        raise UserError(f"`{quoted(number)}` is no number of an issue", "write it as in `12`")
    return SummaryRequest(inputs.get("topic", "").strip() or None, int(number) if number else None)


def _runs(offline: Path | None, config: Config) -> OfflineRuns | OnlineRuns | None:
    """Return where runs are read from; None in Actions without a key, which a fork or a new repository has not."""
    if offline is not None:
        return OfflineRuns(offline, os.environ)
    key = os.environ.get(_KEY, "").strip()
    if not key and os.environ.get("GITHUB_ACTIONS") == "true":
        say(f"there is no key for W&B, so nothing is read: add the secret {_KEY}, and hand it to the action")
        return None
    if not key:
        raise UserError("there is no key for W&B", f"set {_KEY}, or read the SDK's files: --offline DIR")
    if not config.wandb.projects:
        raise UserError(
            "the configuration lists no project of W&B, and only listed ones are read",
            "list them under `wandb.projects` in .github/logbook.yml, as ENTITY/PROJECT",
        )
    return OnlineRuns(config.wandb.host, key, os.environ)


def _show(asked: SummaryRequest, runs: OfflineRuns | OnlineRuns, config: Config, form: str) -> None:
    outcome = local(asked, runs, config, Path.cwd())
    click.echo(plan_json((), applied=False) if form == "json" else terminal(outcome.summary))
    for note in outcome.notes:
        say(note)
    if outcome.exit_code:
        raise SystemExit(outcome.exit_code)
