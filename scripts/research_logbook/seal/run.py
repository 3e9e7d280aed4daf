"""`logbook seal`: closes an experiment issue when its record is complete, and says what is missing when it is not."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from research_logbook.actions.event import Event, EventKind
from research_logbook.actions.runner import event_of
from research_logbook.config.schema import Config
from research_logbook.effects.plan import SEALED, CommandResult, Plan
from research_logbook.errors import FETCH_ALL, UnfinishedError, UserError, no_issue_given, not_an_experiment
from research_logbook.github.client import GitHub
from research_logbook.github.models import MAINTAINERS
from research_logbook.markdown.escape import code, markdown
from research_logbook.repo.git import Repository
from research_logbook.seal.collect import SealView, collect
from research_logbook.seal.plan import (
    OVERRIDE,
    Answer,
    SealCase,
    SealReport,
    answer,
    closer,
    judge,
    left_alone,
    override,
    plan_answer,
    plan_seal,
    report_comment,
)
from research_logbook.seal.report import drafts, refusal, summary


@dataclass(frozen=True, slots=True)
class Sealing:
    """What came of judging an issue, before anything is written."""

    case: SealCase
    outcome: CommandResult
    report: SealReport | None = None
    """None where nothing had to be judged."""
    sealed: bool = False
    """Whether the issue is closed out, or is once the plan was applied."""
    word: str = ""
    """Why nothing had to be judged, in a sentence."""


def view_of(github: GitHub, config: Config, environment: Mapping[str, str], folder: Path, now: dt.datetime) -> SealView:
    """Return whom to ask about closings, and by which configuration."""
    event, repository = event_of(environment), Repository.around(folder)
    default = event.default_branch or (repository.default_branch if repository else None)
    return SealView(github, repository, config, default, now)


def draft(view: SealView, number: int) -> str:
    """Return skeletons of what an issue's record lacks, Markdown."""
    facts = collect(view, number).facts
    return drafts(facts, judge(facts))


def seal(view: SealView, number: int, reason: str, asked_by: str) -> Sealing:
    """Return what closes an issue out, or the report that says why it stays open."""
    found = collect(view, number)
    if not found.is_enrolled:
        raise not_an_experiment(number)
    if found.issue.state == "closed" and found.is_sealed:
        return Sealing(found, CommandResult(), sealed=True, word=f"#{number} is sealed already")
    if found.facts.is_private(reason):
        raise UserError("the reason holds private text, so it is not published", "give another one")
    report = judge(found.facts)
    intro = _asked(reason, asked_by)
    if report.holds:
        return _sealed(view, found, report, intro)
    body = refusal(report, intro)
    plan = (report_comment(number, body),)
    return Sealing(found, CommandResult(plan, summary=body, exit_code=1, judged=_judged(found)), report)


def _judged(found: SealCase) -> Mapping[int, dt.datetime]:
    return {found.issue.number: found.issue.updated_at}


def _asked(reason: str, asked_by: str) -> str:
    who = f"Asked for by {code(asked_by)}" if asked_by else "Asked for"
    return f"{who}{f': {markdown(reason)}' if reason.strip() else '.'}"


def _sealed(view: SealView, found: SealCase, report: SealReport, intro: str) -> Sealing:
    body = summary(found.facts, report, intro)
    # What the repository's labels are matters only where the mark has still to be put on.
    labels = {SEALED} if found.is_sealed else view.github.repository_labels()
    plan = plan_seal(found.facts.issue, found.events, found.own_login, body, labels)
    return Sealing(found, CommandResult(plan, summary=body, judged=_judged(found)), report, sealed=True)


# The guard


def guard(view: SealView, number: int) -> Sealing:
    """Return what is done about an issue that somebody closed: nothing, where it may be closed.

    Raises `UnfinishedError` where the clone shows too little to judge it by: a closing is not undone for that.
    """
    found = collect(view, number)
    since = view.config.guard.since
    why = left_alone(found, dt.date.fromisoformat(since) if since else None)
    if why:
        return Sealing(found, CommandResult(), sealed=found.is_sealed, word=why)
    _must_see_all(view, number)
    report, who = judge(found.facts), closer(found.events)
    if report.holds:
        return _sealed(view, found, report, f"Closed by {code(who)}, when everything was there.")
    plan, note, body = _answered(view, found, report, who)
    return Sealing(found, CommandResult(plan, notes=(note,), summary=body, judged=_judged(found)), report)


def _must_see_all(view: SealView, number: int) -> None:
    if view.repository is None or view.repository.is_shallow:
        what = "this is not a clone of the repository" if view.repository is None else "the clone is shallow"
        raise UnfinishedError(f"{what}, so whether #{number} was closed too early cannot be judged", FETCH_ALL)


def _answered(view: SealView, found: SealCase, report: SealReport, who: str) -> tuple[Plan, str, str]:
    """Return what is done about an issue that was closed too early, with a sentence and the report about it."""
    number, mark = found.issue.number, override(found.events)
    if mark and view.github.role(mark.actor_login) in MAINTAINERS:
        by = f"{code(mark.actor_login)} overrode what is missing with {code(OVERRIDE)}"
        body = refusal(report, f"Closed by {code(who)} all the same: {by}. This override is used up.")
        return (report_comment(number, body),), f"#{number} was closed by an override of {mark.actor_login}", body
    what = answer(found.events, found.own_login, view.config.guard.mode)
    unheard = f" {code(OVERRIDE)} counts only from a maintainer or administrator." if mark else ""
    body = refusal(report, f"Closed by {code(who)} before it was closed out{_ANSWERS[what]}{unheard}")
    note = f"#{number} was closed before it was closed out; what does not hold: {', '.join(report.failed)}"
    return plan_answer(number, body, what), note, body


_ANSWERS = {
    Answer.REOPEN: ", so it is open again.",
    Answer.COMMENT: ".",
    Answer.ASK: (
        ". It was opened again often enough, and stays closed now: would a maintainer decide? Either reopen it and "
        f"seal it when it is complete, or put on `{OVERRIDE}`, which lets the next closing pass."
    ),
}


def number_of(event: Event, asked: int | None) -> tuple[int, bool]:
    """Return the issue that is meant, and whether it is the closing of the event that is to be judged."""
    if asked is None and event.number is None:
        raise no_issue_given()
    is_guard = asked is None and event.action == "closed"
    if asked is None and not is_guard:
        raise UserError(f"this event does not trigger sealing: {event.action or 'no action'}", "pass `--issue N`")
    is_run = event.in_actions or event.kind not in {EventKind.LOCAL, EventKind.ISSUES}
    if asked is not None and is_run and event.branch != event.default_branch:
        raise UserError(
            f"a seal is dispatched on the default branch only, and this is {event.branch}",
            f"run the workflow on {event.default_branch}",
        )
    return asked or event.number or 0, is_guard
