"""What lint found: findings, and the report that holds them."""

from dataclasses import dataclass
from enum import StrEnum

from research_logbook.logbook.model import Span


class Severity(StrEnum):
    """How much a finding weighs; `fail-on` decides which of them fail a run."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: `message` states it, `help` says what to do about it."""

    rule: str
    severity: Severity
    subject: str
    """What it is about; the same in every version of the file."""
    span: Span
    message: str
    help: str
    block: int | None = None
    """The line where the entry or section begins that it is in; None where it is about no place in a logbook."""
    count: int = 1
    """How many findings of the rule in the same block it stands for."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that was not checked, and why, with the fields that the JSON report has."""

    rule: str
    why: str
    matters: bool = False
    """Whether it would have been checked in such a run if nothing had failed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged logbook in short, with the fields that the JSON report has."""

    path: str
    topic: str
    issue: str | None
    prefix: str | None
    entries: int
    hypotheses: int


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a lint run."""

    logbooks: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    """What the author of the change should look at, by path and line."""
    inherited: int = 0
    """How many findings the base already has; they are not shown."""
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences about the run itself: what was compared, and whose configuration was used."""
    accepted: int = 0
    """How many findings the baseline accepts; they are not shown."""
    pages: str = ""
    """The address of the judged commit's files on GitHub; empty where what was judged has none."""
    left_out: str = ""
    """A sentence on the rules that whoever asked did not want to see judged; empty where there are none."""
    details: tuple[str, ...] = ()
    """The same at length, for those who ask: every commit that history was held against, and why."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said beside the findings: first what nobody asked to see judged."""
        return (self.left_out, *self.notes) if self.left_out else self.notes

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, fail_on: str) -> bool:
        """Return whether the findings fail a run with this `fail-on`: `error`, `warning` or `never`."""
        at_least = {"error": {Severity.ERROR}, "warning": {Severity.ERROR, Severity.WARNING}, "never": set()}[fail_on]
        return any(finding.severity in at_least for finding in self.findings)
