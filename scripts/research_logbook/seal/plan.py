"""What closes an issue whose record is complete, and what is done about one that was closed before it was."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from research_logbook.config.schema import Demand
from research_logbook.effects.plan import (
    SEALED,
    CloseIssue,
    CreateLabel,
    Effect,
    MarkSealed,
    Plan,
    ReopenIssue,
    UpsertComment,
    in_order,
)
from research_logbook.github.models import Comment, Issue, IssueEvent, same_login
from research_logbook.issues import ExperimentIssue
from research_logbook.issues.enrolment import LABEL
from research_logbook.seal.checks import CATALOGUE
from research_logbook.seal.checks.facts import Evidence, SealCheck, SealFacts, has_result, last_entry

OVERRIDE = "seal-override"
"""The label by which a maintainer lets an issue be closed as it is."""

KIND = "seal"
"""Of the one comment that an issue has about its closing."""

SEALED_LABEL = CreateLabel(SEALED, "0e8a16", "Closed out: its record is complete")

MOST_REOPENED = 3
"""How often an issue is reopened before people are asked to agree."""


def report_comment(number: int, body: str) -> UpsertComment:
    """Return the comment about an issue's closing, which is one however often it is judged."""
    return UpsertComment(number, KIND, str(number), body)


def plan_seal(
    issue: ExperimentIssue, events: Sequence[IssueEvent], own_login: str, body: str, known: Collection[str]
) -> Plan:
    """Return what closes an issue out: its report, the closing, the mark; nothing of it that is done already.

    `known` are the repository's labels, in lower case.
    """
    effects: list[Effect] = [report_comment(issue.number, body)]
    if issue.state == "open":
        effects.append(CloseIssue(issue.number))
    if not is_sealed(events, own_login):
        effects += [] if SEALED in known else [SEALED_LABEL]
        effects.append(MarkSealed(issue.number, again=issue.has_label(SEALED)))
    return in_order(effects)


# Closings by others


def since_reopened(events: Sequence[IssueEvent]) -> Sequence[IssueEvent]:
    """Return what happened to an issue after it was last reopened."""
    last = max((index for index, event in enumerate(events) if event.event == "reopened"), default=-1)
    return events[last + 1 :]


def is_sealed(events: Sequence[IssueEvent], own_login: str) -> bool:
    """Return whether we marked the issue as sealed later than it was last reopened; nobody else's mark counts."""
    return any(
        is_labelled(event, SEALED) and same_login(event.actor_login, own_login) for event in since_reopened(events)
    )


def is_labelled(event: IssueEvent, label: str) -> bool:
    """Return whether the label was put on."""
    return event.event == "labeled" and event.label_name.casefold() == label


@dataclass(frozen=True, slots=True)
class SealCase:
    """An issue that is to be closed, or was, and all that was read of it."""

    issue: Issue
    facts: SealFacts
    events: tuple[IssueEvent, ...]
    own_login: str
    is_enrolled: bool

    @property
    def is_sealed(self) -> bool:
        """Whether we sealed it, and nobody reopened it since."""
        return is_sealed(self.events, self.own_login)


def left_alone(case: SealCase, since: dt.date | None) -> str:
    """Return why nothing is done about a closing, in a sentence; empty for one that has to be judged.

    Issues that were opened before `since` are exempt.
    """
    issue = case.issue
    closings = [index for index, event in enumerate(case.events) if event.event == "closed"]
    before = case.events[: closings[-1]] if closings else case.events
    was_experiment = case.facts.issue.has_label(LABEL) or any(is_labelled(event, LABEL) for event in before)
    exemptions = (
        (not case.is_enrolled or not was_experiment, "is no experiment issue"),
        (issue.state == "open", "is open"),
        (case.is_sealed, "is sealed"),
        (
            since is not None and issue.created_at.date() < since,
            f"was opened before {since}, from when on closings are judged",
        ),
        (issue.state_reason == "duplicate", "was closed as a duplicate"),
        (issue.state_reason == "not_planned" and _is_given_up(case.facts), "was closed as not planned, and says why"),
    )
    return next((f"#{issue.number} {why}" for is_exempt, why in exemptions if is_exempt), "")


def _is_given_up(facts: SealFacts) -> bool:
    """Return whether a thread may be closed as not planned: it has no result, or somebody said why after its end."""
    book = facts.book
    if book is None or not any(has_result(entry) for entry in book.everything):
        return True
    last = last_entry(book)
    end = last.when.date if last and last.when else None
    return any(_says_why(comment, end) for comment in facts.issue.comments)


_WHY = re.compile(
    r"\b(?:because|since|due to|as (?:the|we|it)|reasons?|why|no longer|instead|superseded|replaced|obsolete|blocked|"
    r"abandon\w*|stopp\w*|cancel\w*|dropp\w*|not worth|out of|lack of|budget|priorit\w+|won['’]?t|will not|"
    r"not plann?\w*)\b",
    re.IGNORECASE,
)
_LEAST_WORDS = 4


def _says_why(comment: Comment, end: dt.date | None) -> bool:
    is_late = end is None or comment.created_at.date() >= end
    return is_late and len(comment.text.split()) >= _LEAST_WORDS and _WHY.search(comment.text) is not None


def override(events: Sequence[IssueEvent]) -> IssueEvent | None:
    """Return the override that the last closing used up: put on after the closing before it, and not taken off."""
    closings = [index for index, event in enumerate(events) if event.event == "closed"]
    if not closings:
        return None
    before = closings[-2] if len(closings) > 1 else 0
    marks = [event for event in events[before : closings[-1]] if event.label_name.casefold() == OVERRIDE]
    return marks[-1] if marks and marks[-1].event == "labeled" else None


"""The roles whose override counts."""


def closer(events: Sequence[IssueEvent]) -> str:
    """Return the login of whoever closed the issue last; empty where nobody did."""
    return next((event.actor_login for event in reversed(events) if event.event == "closed"), "")


class Answer(StrEnum):
    """What is done about an issue that was closed too early."""

    REOPEN = "reopen"
    COMMENT = "comment"
    """By the configuration."""
    ASK = "ask"
    """It was reopened often enough: people have to agree."""


def answer(events: Sequence[IssueEvent], own_login: str, mode: str) -> Answer:
    """Return what is done; `mode` is the configuration's."""
    ours = [event for event in events if same_login(event.actor_login, own_login)]
    seals = [index for index, event in enumerate(ours) if is_labelled(event, SEALED)]
    reopened = sum(event.event == "reopened" for event in ours[seals[-1] if seals else 0 :])
    if mode == "comment":
        return Answer.COMMENT
    return Answer.ASK if reopened >= MOST_REOPENED else Answer.REOPEN


def plan_answer(number: int, body: str, what: Answer) -> Plan:
    """Return what is done about an issue that was closed too early: its report first, then the rest."""
    effects: list[Effect] = [report_comment(number, body)]
    return in_order([*effects, ReopenIssue(number)] if what is Answer.REOPEN else effects)


@dataclass(frozen=True, slots=True)
class SealVerdict:
    """What a check found."""

    check: str
    demand: Demand
    signs: tuple[Evidence, ...]
    """What it looked at."""

    @property
    def holds(self) -> bool:
        """Whether nothing keeps it from holding."""
        return not any(sign.help for sign in self.signs)

    @property
    def hinders(self) -> bool:
        """Whether the issue cannot be sealed for it."""
        return self.demand == "required" and not self.holds


@dataclass(frozen=True, slots=True)
class SealReport:
    """The verdict on a thread."""

    issue: int
    verdicts: tuple[SealVerdict, ...]

    @property
    def holds(self) -> bool:
        """Whether the issue may be sealed."""
        return not self.failed

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the checks for which it cannot be."""
        return tuple(verdict.check for verdict in self.verdicts if verdict.hinders)


def judge(facts: SealFacts, catalogue: Iterable[SealCheck] = CATALOGUE) -> SealReport:
    """Return the verdict of every check that is not switched off."""
    demands = facts.config.seal.checks
    verdicts = (
        SealVerdict(check.name, demands.get(check.name, check.demand), tuple(_signs(check, facts)))
        for check in catalogue
        if demands.get(check.name) != "off"
    )
    return SealReport(facts.issue.number, tuple(verdicts))


def _signs(check: SealCheck, facts: SealFacts) -> Iterable[Evidence]:
    """Yield what a check found as it may be published: nothing repeats what must not be there in the first place."""
    for sign in check.judge(facts):
        is_private = facts.is_private(f"{sign.text}\n{sign.help}")
        yield Evidence(_PRIVATE, sign.url, sign.help and _LOOK) if is_private else sign


_PRIVATE = "what is there is not quoted, because it holds private text"


_LOOK = "run `logbook seal --dry-run` on your own machine, and look at the place itself"
