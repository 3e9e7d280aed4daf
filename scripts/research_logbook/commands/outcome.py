"""What a command that writes comes to, before anything is written."""

from dataclasses import dataclass

from research_logbook.core.github import Issue
from research_logbook.core.plan import NOTHING, Plan


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would be done, what has to be said, and how the command ends when all of it could be done."""

    plan: Plan = NOTHING
    notes: tuple[str, ...] = ()
    """Sentences for whoever started the command, such as what was left out and why."""
    summary: str = ""
    """For the job summary, Markdown."""
    exit_code: int = 0
    judged: Issue | None = None
    """The issue as it was judged: where it has changed since, nothing is done, and it is judged again."""
    is_check: bool = False
    """Whether the plan only says what is missing, and is not to be applied."""
