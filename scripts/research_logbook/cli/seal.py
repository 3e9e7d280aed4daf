"""`logbook seal`."""

import datetime as dt
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from research_logbook.actions import runner
from research_logbook.cli.session import Session, github_options
from research_logbook.effects.plan import plan_text
from research_logbook.errors import UnfinishedError
from research_logbook.markdown.escape import terminal, terminal_line
from research_logbook.seal import run as sealing
from research_logbook.seal.collect import SealView
from research_logbook.seal.report import seal_json, seal_text
from research_logbook.seal.run import Sealing

_ROUNDS = 3


@click.command()
@click.option("--issue", type=click.IntRange(1), help="The issue.  [default: that of a closing event]")
@click.option("--reason", default="", help="Why it is closed now; part of the closing comment.")
@click.option("--guard", "is_guard", is_flag=True, help="Judge its closing by somebody else, as its event would.")
@click.option("--draft", is_flag=True, help="Print skeletons of what is missing, and do nothing.")
@partial(github_options, forms=("text", "json", "markdown"))
def seal(*, issue: int | None, reason: str, is_guard: bool, draft: bool, **github: Any) -> None:
    """Close an experiment issue when its record is complete, and say what is missing when it is not.

    In Actions, the closing of an issue by somebody else is judged the same way, and undone where it came too early.
    """
    if draft:
        _print_draft(issue, **github)
    else:
        close(issue, reason, is_guard=is_guard, **github)


def _print_draft(issue: int | None, **github: Any) -> None:
    number, _ = sealing.issue_to_judge(runner.event_of(os.environ), issue)
    with Session.of(**github) as session:
        click.echo(terminal(sealing.draft(_view(session), number)))


def close(issue: int | None, reason: str, *, is_guard: bool, **github: Any) -> None:
    """Judge an issue, and close it or say why not; without its number the closing of the event is judged."""
    event = runner.event_of(os.environ)
    number, is_closing = sealing.issue_to_judge(event, issue)
    with Session.of(**github) as session:
        view, asked_by = _view(session), event.actor or session.hub.login()
        settle(session, lambda: _judged(view, number, reason, asked_by, is_guard=is_guard or is_closing))


def _view(session: Session) -> SealView:
    return sealing.view_of(session.hub, session.config, os.environ, Path.cwd(), dt.datetime.now(dt.UTC))


def _judged(view: SealView, number: int, reason: str, asked_by: str, *, is_guard: bool) -> Sealing:
    return sealing.guard(view, number) if is_guard else sealing.seal(view, number, reason, asked_by)


def settle(session: Session, judged: Callable[[], Sealing]) -> None:
    """Apply what came of judging an issue; where it changed meanwhile, judge it again."""
    for _ in range(_ROUNDS):
        found = judged()
        done = session.do(found.outcome)
        if not done.is_stale:
            break
    else:
        raise UnfinishedError("the issue keeps changing while it is judged", "run it again when it has come to rest")
    is_planned = session.dry_run and bool(found.outcome.plan)
    is_sealed = found.sealed and not (is_planned or done.is_overtaken or done.unreported)
    failed = found.report.failed if found.report else ()
    outputs = {"sealed": str(is_sealed).lower(), "failed-checks": json.dumps(failed)}
    runner.set_outputs(os.environ, {**outputs, "comment-url": next(iter(done.comments), "")})
    session.conclude(_told(session, found))


def _told(session: Session, found: Sealing) -> str:
    plan, report = session.plan, found.report
    if session.form == "markdown":
        return found.outcome.summary
    if session.form == "json":
        number = found.case.issue.number
        return seal_json(report, number, plan, sealed=found.sealed, applied=not session.dry_run)
    return (seal_text(report) if report else f"{terminal_line(found.why)}\n") + plan_text(plan)
