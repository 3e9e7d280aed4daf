"""Judging a thread: every check applied, with the configuration's demands."""

from collections.abc import Iterable
from dataclasses import dataclass

from research_logbook.config.schema import Demand
from research_logbook.seal.checks import CATALOGUE
from research_logbook.seal.checks.check import Closing, Evidence, SealCheck


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


def judge(closing: Closing, catalogue: Iterable[SealCheck] = CATALOGUE) -> SealReport:
    """Return the verdict of every check that is not switched off."""
    demands = closing.config.seal.checks
    verdicts = (
        SealVerdict(check.name, demands.get(check.name, check.demand), tuple(_signs(check, closing)))
        for check in catalogue
        if demands.get(check.name) != "off"
    )
    return SealReport(closing.thread.issue.number, tuple(verdicts))


def _signs(check: SealCheck, closing: Closing) -> Iterable[Evidence]:
    """Yield what a check found as it may be published: nothing repeats what must not be there in the first place."""
    for sign in check.judge(closing):
        is_private = closing.is_private(f"{sign.text}\n{sign.help}")
        yield Evidence(_PRIVATE, sign.url, sign.help and _LOOK) if is_private else sign


_PRIVATE = "what is there is not quoted, because it holds private text"
_LOOK = "run `logbook seal --dry-run` on your own machine, and look at the place itself"
