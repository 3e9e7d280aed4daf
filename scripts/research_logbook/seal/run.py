"""`logbook seal`: closes an experiment issue when its record is complete, and says what is missing when it is not."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from research_logbook.actions.event import Event, EventKind
from research_logbook.context import RunContext
from research_logbook.effects.plan import SEALED, CommandResult, Plan
from research_logbook.errors import FETCH_ALL, UnfinishedError, UserError, no_issue_given, not_an_experiment
from research_logbook.github.client import GitHub
from research_logbook.github.models import MAINTAINERS
from research_logbook.markdown.escape import code, markdown
from research_logbook.seal.collect import SealView, collect
from research_logbook.seal.plan import (
    MOST_REOPENED,
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
    """None if nothing had to be judged."""
    sealed: bool = False
    """Whether the issue is sealed, or is once the plan is applied."""
    why: str = ""
    """Why nothing had to be judged, in a sentence."""


def view_of(github: GitHub, context: RunContext) -> SealView:
    """Return whom to ask about closings, and by which configuration."""
    return SealView(github, context.repository, context.config, context.default_branch, context.now)


def issue_to_judge(event: Event, asked: int | None) -> tuple[int, bool]:
    """Return the issue that is meant, and whether it was closed by others, which the guard judges.

    Raises `UserError` if the event names no issue or does not trigger sealing, and on any branch but the default one.
    """
    if asked is None:
        if event.number is None:
            raise no_issue_given()
        if event.action != "closed":
            raise UserError(f"this event does not trigger sealing: {event.action or 'no action'}", "pass `--issue N`")
        return event.number, True
    is_run = event.in_actions or event.kind not in {EventKind.LOCAL, EventKind.ISSUES}
    if is_run and event.branch != event.default_branch:
        raise UserError(
            f"sealing works on the default branch only, and this is {event.branch}",
            f"run the workflow on {event.default_branch}",
        )
    return asked, False


def draft(view: SealView, number: int) -> str:
    """Return a draft of what an issue's record lacks, Markdown."""
    facts = collect(view, number).facts
    return drafts(facts, judge(facts))


def seal(view: SealView, number: int, reason: str, asked_by: str) -> Sealing:
    """Return what closes an issue, or the report that says why it stays open.

    Raises `UserError` if it is not an experiment issue, or if the `reason` must not be published.
    """
    case = collect(view, number)
    if not case.facts.is_enrolled:
        raise not_an_experiment(number)
    if case.issue.state == "closed" and case.is_sealed:
        return Sealing(case, CommandResult(), sealed=True, why=f"#{number} is already sealed")
    if case.facts.is_private(reason):
        raise UserError("the reason contains private text, so it is not published", "give another reason")
    report = judge(case.facts)
    who = f"Requested by {code(asked_by)}" if asked_by else "Requested"
    intro = f"{who}{f': {markdown(reason)}' if reason.strip() else '.'}"
    if not report.failed:
        return _sealed(view, case, report, intro)
    body = refusal(report, intro)
    plan = (report_comment(number, body),)
    return Sealing(case, CommandResult(plan, summary=body, exit_code=1, judged=_judged(case)), report)


def _judged(case: SealCase) -> Mapping[int, dt.datetime]:
    return {case.issue.number: case.issue.updated_at}


def _sealed(view: SealView, case: SealCase, report: SealReport, intro: str) -> Sealing:
    body = summary(case.facts, report, intro)
    # What labels the repository has matters only if the mark is still missing.
    labels = {SEALED} if case.is_sealed else view.github.repository_labels()
    plan = plan_seal(case.facts.issue, case.events, case.own_login, body, labels)
    return Sealing(case, CommandResult(plan, summary=body, judged=_judged(case)), report, sealed=True)


def guard(view: SealView, number: int) -> Sealing:
    """Return what is done about an issue that somebody closed: nothing, if it may be closed.

    Raises `UnfinishedError` if the clone shows too little to judge it by: a closing is not undone for that.
    """
    case = collect(view, number)
    since = view.config.guard.since
    why = left_alone(case, dt.date.fromisoformat(since) if since else None)
    if why:
        return Sealing(case, CommandResult(), sealed=case.is_sealed, why=why)
    if view.repository is None or view.repository.is_shallow:
        what = "this is not a clone of the repository" if view.repository is None else "the clone is shallow"
        raise UnfinishedError(f"{what}, so whether #{number} was closed too early cannot be judged", FETCH_ALL)
    report, who = judge(case.facts), code(closer(case.events))
    if not report.failed:
        return _sealed(view, case, report, f"Closed by {who}; the record is complete.")
    mark = override(case.events)
    is_overridden = mark is not None and view.github.role(mark.actor_login) in MAINTAINERS
    if mark and is_overridden:
        accepted = f"which {code(mark.actor_login)} accepted with {code(OVERRIDE)}. This override is used up."
        body = refusal(report, f"Closed by {who} with an incomplete record, {accepted}")
        plan: Plan = (report_comment(number, body),)
        note = f"#{number} was closed with an override by {mark.actor_login}"
    else:
        what_follows = answer(case.events, case.own_login, view.config.guard.mode)
        ignored = f" {code(OVERRIDE)} counts only if a maintainer or admin adds it." if mark else ""
        body = refusal(report, f"Closed by {who} before the record was complete{_ANSWERS[what_follows]}{ignored}")
        plan = plan_answer(number, body, what_follows)
        note = f"#{number} was closed before its record was complete; failed checks: {', '.join(report.failed)}"
    return Sealing(case, CommandResult(plan, notes=(note,), summary=body, judged=_judged(case)), report)


_ANSWERS = {
    Answer.REOPEN: ", so it was reopened.",
    Answer.COMMENT: ".",
    Answer.ASK: (
        f". It was reopened {MOST_REOPENED} times already, so it stays closed this time. A maintainer decides: reopen "
        f"it, and seal it once its record is complete, or add `{OVERRIDE}`, which lets the next closing pass."
    ),
}
