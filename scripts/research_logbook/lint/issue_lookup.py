"""Asking GitHub what a lint wants to know of issues: few calls, and no failure of them fails the lint."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.github.auth import Access
from research_logbook.github.models import Issue
from research_logbook.lint.rule import IssueFact

MOST = 3
"""Issues that are asked about: a change names one, or two."""

_TIMEOUT = 5
_PATIENCE = 1
"""Seconds that a lint waits for GitHub beside that: enough to try once more."""


@dataclass(frozen=True, slots=True)
class IssueAnswers:
    """What GitHub said of issues."""

    issues: Mapping[int, IssueFact] | None = None
    """By number; None where it said nothing, and `why` then says why."""
    why: str = ""
    left: tuple[int, ...] = ()
    """Issues that were one too many to ask about."""


@dataclass(frozen=True, slots=True)
class IssueLookup:
    """Where a lint asks, or why it cannot."""

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
            return cls(None, _told(error))

    def about(self, numbers: Sequence[int], named: Collection[int]) -> IssueAnswers:
        """Return what GitHub says of the first `MOST` issues of `numbers`; logbooks name those of `named`."""
        if self.access is None:
            return IssueAnswers(why=self.why)
        wanted, left = numbers[:MOST], tuple(numbers[MOST:])
        try:
            issues = _read(self.access, wanted) if wanted else []
        except UserError as error:
            return IssueAnswers(why=_told(error))
        if wanted and not issues:
            shown = ", ".join(f"#{number}" for number in wanted)
            return IssueAnswers(why=f"GitHub knows no issue {shown}, or shows none to this token", left=left)
        return IssueAnswers({issue.number: self._fact(issue, named) for issue in issues}, left=left)

    def _fact(self, issue: Issue, named: Collection[int]) -> IssueFact:
        from research_logbook.issues.enrolment import is_experiment_issue  # noqa: PLC0415 - only a lint that asks needs it

        return IssueFact(
            text=issue.text,
            is_experiment=is_experiment_issue(issue, is_named=issue.number in named, agents=self.agents),
            is_sealed="sealed" in {label.casefold() for label in issue.label_names},
            is_open=issue.is_open,
        )


def _read(access: Access, numbers: Sequence[int]) -> list[Issue]:
    from research_logbook.github.client import GitHub  # noqa: PLC0415
    from research_logbook.github.transport import RetryBudget, UrllibTransport  # noqa: PLC0415 - the same

    with GitHub(access, RetryBudget(_PATIENCE), transport=UrllibTransport(access, _TIMEOUT)) as github:
        return [issue for number in numbers if (issue := github.issue(number))]


def _told(error: UserError) -> str:
    return "; ".join(filter(None, [error.message, error.help]))
