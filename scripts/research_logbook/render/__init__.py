"""Reports and logbooks as text, JSON, SARIF and Markdown, and the wording of counts in all of them. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from research_logbook.findings import Report, Severity, Skipped

_RULE_PAGES = "https://github.com/run-research/logbook/blob/v1/docs/rules.md"


def rule_page(rule: str) -> str:
    """Return the address of a rule's page."""
    return f"{_RULE_PAGES}#{quote(rule)}"


def counted(number: int, noun: str) -> str:
    """Return `1 error`, `2 errors` or `no errors`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def enumerated(items: Iterable[str], word: str = "and") -> str:
    """Return `a`, `a and b` or `a, b and c`; nothing for nothing."""
    *most, last = [*items] or [""]
    return f"{', '.join(most)} {word} {last}" if most else last


def tally(report: Report) -> str:
    """Return `2 errors, 1 warning`, leaving out zeros; empty without findings."""
    counts = ((report.count(severity), severity) for severity in Severity)
    return ", ".join(counted(number, severity) for number, severity in counts if number)


class RuleCount(NamedTuple):
    """How many findings there are of a rule."""

    rule: str
    severity: Severity
    """The worst of them."""
    number: int


def rule_counts(report: Report) -> list[RuleCount]:
    """Return how many findings there are of each rule, the most first."""
    counts = Counter(finding.rule for finding in report.findings)
    errors = {finding.rule for finding in report.findings if finding.severity is Severity.ERROR}
    found = (
        RuleCount(rule, Severity.ERROR if rule in errors else Severity.WARNING, number)
        for rule, number in counts.items()
    )
    return sorted(found, key=lambda it: (-it.number, it.rule))


def by_reason(skipped: Iterable[Skipped]) -> dict[str, list[str]]:
    """Return the rules that were not checked, by reason, in order of appearance."""
    reasons: dict[str, list[str]] = {}
    for item in skipped:
        reasons.setdefault(item.why, []).append(item.rule)
    return reasons
