"""What a command that writes comes to, before anything is written."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from research_logbook.effects.plan import NOTHING, Plan


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What would be done, what has to be said, and how the command ends when all of it could be done."""

    plan: Plan = NOTHING
    notes: tuple[str, ...] = ()
    """Sentences for whoever started the command, such as what was left out and why."""
    summary: str = ""
    """For the job summary, Markdown."""
    exit_code: int = 0
    is_check: bool = False
    """Whether the plan only says what is missing, and is not to be applied."""
    judged: Mapping[int, dt.datetime] = field(default_factory=dict)
    """The issues that the plan was made for, and when each had last changed then: it is not for newer ones."""


class Step(NamedTuple):
    """One of many things that a command does, whatever becomes of the others."""

    number: int
    """Of the issue or pull request, in ascending order; 0 for what comes before all of them."""
    outcome: Callable[[], CommandResult]
    """Looks, and says what is to be done."""
    title: str = ""
    """What it is about, where that is not the number."""

    @property
    def name(self) -> str:
        """What it is about, for messages."""
        return self.title or f"#{self.number}"
