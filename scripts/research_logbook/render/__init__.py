"""Reports and logbooks as text, JSON, SARIF and Markdown, and the wording of counts in all of them. Pure."""

from collections.abc import Iterable

from research_logbook.findings import Report, Severity, Skipped


def counted(number: int, noun: str) -> str:
    """Return `1 error`, `2 errors` or `no errors`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def tally(report: Report) -> str:
    """Return `2 errors, 1 warning`, leaving out zeros; empty without findings."""
    counts = ((report.count(severity), severity) for severity in Severity)
    return ", ".join(counted(number, severity) for number, severity in counts if number)


def by_reason(skipped: Iterable[Skipped]) -> dict[str, list[str]]:
    """Return the rules that were not checked, by reason, in order of appearance."""
    reasons: dict[str, list[str]] = {}
    for item in skipped:
        reasons.setdefault(item.why, []).append(item.rule)
    return reasons
