"""What the seal decides: what a record lacks, what closes its issue, and what an early closing leads to. Pure."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from research_logbook.config.schema import Demand
from research_logbook.effects import (
    SEALED,
    CloseIssue,
    CreateLabel,
    Effect,
    MarkSealed,
    Plan,
    ReopenIssue,
    UpsertComment,
    as_plan,
)
from research_logbook.github.models import Comment, Issue, IssueEvent, Timeline, same_login
from research_logbook.issues import ExperimentIssue
from research_logbook.issues.classification import LABEL
from research_logbook.logbook.queries import has_result, last_entry
from research_logbook.seal.checks import CATALOGUE
from research_logbook.seal.checks.facts import Evidence, SealCheck, SealFacts

# The report


@dataclass(frozen=True, slots=True)
class SealVerdict:
    """What a check found."""

    check: str
    demand: Demand
    evidence: tuple[Evidence, ...]

    @property
    def passes(self) -> bool:
        """Whether nothing has to be done."""
        return not any(found.remedy for found in self.evidence)

    @property
    def blocks(self) -> bool:
        """Whether it keeps the issue from being sealed."""
        return self.demand == "required" and not self.passes


@dataclass(frozen=True, slots=True)
class SealReport:
    """The verdict on a thread."""

    issue: int
    verdicts: tuple[SealVerdict, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the checks that keep the issue from being sealed."""
        return tuple(verdict.check for verdict in self.verdicts if verdict.blocks)


def judge(facts: SealFacts, catalogue: Iterable[SealCheck] = CATALOGUE) -> SealReport:
    """Return the verdict of every check that is not switched off; no evidence in it quotes private text."""

    def published(found: Evidence) -> Evidence:
        if not facts.is_private(f"{found.text}\n{found.remedy}"):
            return found
        fix = "open the link to see it"
        return Evidence("not quoted: it contains private text", found.url, found.remedy and fix)

    demands = facts.config.seal.checks
    verdicts = (
        SealVerdict(check.name, demands.get(check.name, check.demand), tuple(map(published, check.judge(facts))))
        for check in catalogue
        if demands.get(check.name) != "off"
    )
    return SealReport(facts.issue.number, tuple(verdicts))


# The seal

SEALED_LABEL = CreateLabel(SEALED, "0e8a16", "Closed out: its record is complete")


@dataclass(frozen=True, slots=True)
class SealCase:
    """An issue that is to be closed, or was, and all that was read of it."""

    facts: SealFacts
    events: tuple[IssueEvent, ...]
    own_login: str
    sealed_as: str = ""
    """The digest of the issue's text that our report on its closing tells; empty where there is none."""
    older_reports: tuple[Comment, ...] = ()
    """The reports that bots wrote under other logins, and that still tell something."""

    @property
    def judged(self) -> dict[int, dt.datetime]:
        """What a plan about it was made for, as in `CommandResult.judged`."""
        return {self.facts.issue.number: self.facts.issue.updated_at}

    @property
    def is_sealed(self) -> bool:
        """Whether we sealed it, and nobody reopened it since."""
        return is_sealed(self.events, self.own_login)


def is_sealed(events: Sequence[IssueEvent], own_login: str) -> bool:
    """Return whether we marked an issue as sealed after it was last reopened, and left the mark there.

    Nobody else's mark counts, and none that came on it while it was open: it was reopened just before.
    """
    sealed = is_open = False
    for event in events:
        if event.event in {"closed", "reopened"}:
            is_open = event.event == "reopened"
            sealed = sealed and not is_open
        elif event.label_name.casefold() == SEALED and same_login(event.actor_login, own_login):
            sealed = event.event == "labeled" and not is_open
    return sealed


def _is_labelled(event: IssueEvent, label: str) -> bool:
    return event.event == "labeled" and event.label_name.casefold() == label


REPORT_KIND = "seal"
"""The kind of the comment about a closing."""


def report_comment(number: int, body: str) -> UpsertComment:
    """Return the comment about an issue's closing: one, however often it is judged."""
    return UpsertComment(number, REPORT_KIND, str(number), body)


def plan_seal(
    issue: ExperimentIssue, events: Sequence[IssueEvent], own_login: str, body: str, known: Collection[str]
) -> Plan:
    """Return what seals an issue: its report, the closing, the mark; without what is done already.

    `known` are the repository's labels, in lower case.
    """
    effects: list[Effect] = [report_comment(issue.number, body)]
    if issue.state == "open":
        effects.append(CloseIssue(issue.number))
    if not is_sealed(events, own_login):
        effects += [] if SEALED in known else [SEALED_LABEL]
        effects.append(MarkSealed(issue.number, again=issue.has_label(SEALED)))
    return as_plan(effects)


# What GitHub may show late


_TOLERANCE = dt.timedelta(seconds=10)
"""What may lie between an issue's own time of closing and that of its event."""


def lacks(issue: Issue, timeline: Timeline) -> bool:
    """Return whether a timeline seems to lack what the issue itself shows: its state, a mark, a comment."""
    return (
        lacks_closing(issue, timeline.events)
        or lacks_reopening(issue, timeline.events)
        or lacks_mark(issue, timeline)
        or (not issue.is_open and lacks_label(issue, timeline.events, OVERRIDE))
        or issue.comment_count > len(timeline.comments)
    )


def lacks_closing(issue: Issue, events: Sequence[IssueEvent]) -> bool:
    """Return whether an issue is closed and its events do not show by whom."""
    last = _last_turn(events)
    if issue.is_open:
        return False
    if last is None or last.event == "reopened":
        return True
    return issue.closed_at is not None and last.created_at + _TOLERANCE < issue.closed_at


def lacks_mark(issue: Issue, timeline: Timeline) -> bool:
    """Return whether an issue is closed and carries the mark, and its timeline does not show who put it on."""
    return not issue.is_open and lacks_label(issue, timeline.events, SEALED)


def lacks_reopening(issue: Issue, events: Sequence[IssueEvent]) -> bool:
    """Return whether an issue is open and its events do not show who reopened it, or the issue is shown late."""
    last = _last_turn(events)
    return issue.is_open and (issue.state_reason == "reopened" if last is None else last.event == "closed")


def _last_turn(events: Sequence[IssueEvent]) -> IssueEvent | None:
    """Return the event that closed or reopened an issue last."""
    return next((event for event in reversed(events) if event.event in {"closed", "reopened"}), None)


def reopener(events: Sequence[IssueEvent], known: Sequence[IssueEvent], own_login: str) -> str:
    """Return the login of whoever reopened an issue that we closed after there were only the `known` events.

    Empty where nobody did.
    """

    def closings(some: Sequence[IssueEvent]) -> int:
        return sum(event.event == "closed" and same_login(event.actor_login, own_login) for event in some)

    last = _last_turn(events)
    is_undone = last is not None and last.event == "reopened" and not same_login(last.actor_login, own_login)
    return last.actor_login if last and is_undone and closings(events) > closings(known) else ""


def lacks_label(issue: Issue, events: Sequence[IssueEvent], name: str) -> bool:
    """Return whether an issue carries a label and its events do not show who put it on."""
    marks = [event.event for event in events if event.label_name.casefold() == name]
    is_on = name in {label.casefold() for label in issue.label_names}
    return is_on and (not marks or marks[-1] != "labeled")


# The guard: closings by others

OVERRIDE = "seal-override"
"""The label by which a maintainer lets an issue be closed as it is."""

MOST_REOPENED = 3
"""How often an issue is reopened before people are asked to decide."""


def left_alone(case: SealCase, since: dt.date | None) -> str:
    """Return why nothing is done about a closing, in a sentence; empty for one that has to be judged.

    Issues that were opened before `since` are exempt.
    """
    issue = case.facts.issue
    closings = [index for index, event in enumerate(case.events) if event.event == "closed"]
    before = case.events[: closings[-1]] if closings else case.events
    was_experiment = issue.has_label(LABEL) or any(_is_labelled(event, LABEL) for event in before)
    exemptions = (
        (not case.facts.is_enrolled or not was_experiment, "is not an experiment issue"),
        (issue.state == "open", "is open"),
        (case.is_sealed, "is sealed"),
        (since is not None and issue.created_at.date() < since, f"was opened before {since} (`guard.since`)"),
        (issue.state_reason == "duplicate", "was closed as a duplicate"),
        (issue.state_reason == "not_planned" and _is_given_up(case.facts), "was closed as not planned, and may be"),
    )
    return next((f"#{issue.number} {why}" for is_exempt, why in exemptions if is_exempt), "")


_REASON = re.compile(
    r"\b(?:because|since|due to|as (?:the|we|it)|reasons?|why|no longer|instead|superseded|replaced|obsolete|blocked|"
    r"abandon\w*|stopp\w*|cancel\w*|dropp\w*|not worth|out of|lack of|budget|priorit\w+|won['’]?t|will not|"
    r"not plann?\w*)\b",
    re.IGNORECASE,
)
_LEAST_WORDS = 4
"""A comment of fewer words gives no reason."""


def _is_given_up(facts: SealFacts) -> bool:
    """Return whether a thread may be closed as not planned: it has no result, or a later comment says why."""
    book = facts.book
    # Where several logbooks could be meant, that none was taken does not say that none has a result.
    if not (facts.is_ambiguous if book is None else any(has_result(entry) for entry in book.everything)):
        return True
    last = last_entry(book) if book else None
    end = last.when.date if last and last.when else None
    return any(
        (end is None or comment.created_at.date() >= end)
        and len(comment.text.split()) >= _LEAST_WORDS
        and _REASON.search(comment.text)
        for comment in facts.issue.comments
    )


def override(events: Sequence[IssueEvent]) -> IssueEvent | None:
    """Return the override that the last closing used up: added after the closing before it, and not removed."""
    closings = [index for index, event in enumerate(events) if event.event == "closed"]
    if not closings:
        return None
    before = closings[-2] if len(closings) > 1 else 0
    marks = [event for event in events[before : closings[-1]] if event.label_name.casefold() == OVERRIDE]
    return marks[-1] if marks and marks[-1].event == "labeled" else None


def closer(events: Sequence[IssueEvent]) -> str:
    """Return the login of whoever closed the issue last; empty if nobody did."""
    return next((event.actor_login for event in reversed(events) if event.event == "closed"), "")


class Answer(StrEnum):
    """What is done about an issue that was closed too early."""

    REOPEN = "reopen"
    COMMENT = "comment"
    """As the configuration says."""
    ASK = "ask"
    """It was reopened often enough: people have to decide."""


def answer(events: Sequence[IssueEvent], own_login: str, mode: str) -> Answer:
    """Return what is done; `mode` is the configuration's."""
    ours = [event for event in events if same_login(event.actor_login, own_login)]
    seals = [index for index, event in enumerate(ours) if _is_labelled(event, SEALED)]
    reopened = sum(event.event == "reopened" for event in ours[seals[-1] if seals else 0 :])
    if mode == "comment":
        return Answer.COMMENT
    return Answer.ASK if reopened >= MOST_REOPENED else Answer.REOPEN


def plan_answer(number: int, body: str, what: Answer) -> Plan:
    """Return what is done about an issue that was closed too early: its report first, then the rest."""
    effects: list[Effect] = [report_comment(number, body)]
    return as_plan([*effects, ReopenIssue(number)] if what is Answer.REOPEN else effects)
