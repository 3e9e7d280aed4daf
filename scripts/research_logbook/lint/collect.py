"""What a lint asks git and GitHub once the logbooks are parsed: few calls, and no failure of GitHub fails the lint."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from research_logbook.actions.event import closed_by
from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.github import Access
from research_logbook.lint.rules.rule import Facts, IssueFact
from research_logbook.logbook.model import LogbookSummary

MOST = 3
"""Issues that are asked about: a change names one, or two."""

_TIMEOUT = 5
_PATIENCE = 1
"""Seconds that a lint waits between attempts: enough for one more."""


@dataclass(frozen=True, slots=True)
class IssueLookup:
    """Where a lint asks about issues, or why it cannot."""

    access: Access | None = None
    why: str = "GitHub was not asked"
    agents: Collection[str] = field(default=())
    """Patterns of the logins of agents."""

    @classmethod
    def of(cls, context: RunContext, agents: Collection[str]) -> Self:
        """Return where the run may ask."""
        try:
            return cls(context.access(), "", agents)
        except UserError as error:
            return cls(None, error.sentence)


@dataclass(frozen=True, slots=True)
class IssueAnswers:
    """What GitHub said of issues."""

    issues: dict[int, IssueFact] | None = None
    """By number; None where it said nothing, and `why` then says why."""
    why: str = ""
    left: tuple[int, ...] = ()
    """Issues that were one too many to ask about."""


def ask_about_issues(lookup: IssueLookup, facts: Facts, books: Iterable[LogbookSummary]) -> IssueAnswers:
    """Return what GitHub says of the issues that the pull request would close and that the logbooks name."""
    body = facts.pull_request.body if facts.pull_request else ""
    references = (book.header.issue for book in books)
    named = [it for ref in references if ref and (it := ref.number_in(facts.repository, facts.host))]
    closing = closed_by(body, facts.repository, facts.host) if body else ()
    numbers = tuple(dict.fromkeys((*closing, *named)))
    if lookup.access is None:
        return IssueAnswers(why=lookup.why)
    wanted, left = numbers[:MOST], numbers[MOST:]
    if not wanted:
        return IssueAnswers({}, left=left)
    try:
        issues = _read(lookup, lookup.access, wanted, named)
    except UserError as error:
        return IssueAnswers(why=error.sentence)
    if not issues:
        shown = ", ".join(f"#{number}" for number in wanted)
        return IssueAnswers(why=f"GitHub has no issue {shown}, or hides it from this token", left=left)
    return IssueAnswers(issues, left=left)


def _read(lookup: IssueLookup, access: Access, numbers: Sequence[int], named: Collection[int]) -> dict[int, IssueFact]:
    from research_logbook.github.client import GitHub  # noqa: PLC0415 - only a lint that asks needs these
    from research_logbook.github.transport import RetryBudget, UrllibTransport  # noqa: PLC0415
    from research_logbook.issues import parse_issue  # noqa: PLC0415
    from research_logbook.issues.classification import is_enrolled  # noqa: PLC0415

    with GitHub(access, RetryBudget(_PATIENCE), transport=UrllibTransport(access, _TIMEOUT)) as github:
        issues = [issue for number in numbers if (issue := github.issue(number))]
    return {
        issue.number: IssueFact(
            text=issue.text,
            is_experiment=is_enrolled(parse_issue(issue), is_named=issue.number in named, agents=lookup.agents),
            is_sealed="sealed" in {label.casefold() for label in issue.label_names},
            is_open=issue.is_open,
        )
        for issue in issues
    }
