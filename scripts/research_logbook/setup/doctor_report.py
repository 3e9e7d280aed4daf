"""What `logbook doctor` found, as text and as JSON."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from research_logbook.markdown.escape import json_text, terminal_line
from research_logbook.setup.doctor_checks import DoctorCheck, State

_MARKS = {State.GOOD: "ok", State.BAD: "!!", State.UNKNOWN: "??"}


def health_text(checks: Sequence[DoctorCheck]) -> str:
    """Return a line for each check, what is to be done below it, and the count."""
    bad, unknown = (sum(check.state is state for check in checks) for state in (State.BAD, State.UNKNOWN))
    ending = f"{bad} to put right" if bad else "nothing to put right"
    return "".join(_lines(checks)) + f"{ending}{f', {unknown} not looked at' if unknown else ''}\n"


def _lines(checks: Sequence[DoctorCheck]) -> Iterator[str]:
    """Yield the lines; what helps several checks that follow each other stands once, below the last of them."""
    for check, following in zip_longest(checks, checks[1:]):
        yield f"{_MARKS[check.state]}  {terminal_line(f'{check.name} {check.says}')}\n"
        if check.help and not (following and following.help == check.help):
            yield f"    help: {terminal_line(check.help)}\n"


def health_json(checks: Sequence[DoctorCheck]) -> str:
    """Return `{"version": 1, "checks": [{"name", "state", "says", "help"}], "good"}`; good where nothing is bad."""
    good = all(check.state is not State.BAD for check in checks)
    return json_text({"version": 1, "checks": [check._asdict() for check in checks], "good": good})
