"""The report as annotations of GitHub, which a runner reads from its log."""

from research_logbook.findings import Finding, Report, Severity
from research_logbook.markdown.escape import command
from research_logbook.render import counted

_MOST_TEXT = 2_000
"""Characters of a message and of its help; a runner cuts both together at 4,096 (ExecutionContext.cs)."""

# What cannot wait comes first. A published secret does harm from the first minute. What was taken out of the
# record is easiest to bring back now. A file that cannot be read hides its other faults. All else keeps the
# order of path and line in which it is read.
FIRST = (
    "committed-secret",
    "held-back-text",
    "deleted-logbook",
    "removed-entry",
    "rewritten-entry",
    "rewritten-decision",
    "dropped-hypothesis",
    "unreadable-logbook",
    "hidden-characters",
)


def annotations(report: Report, most: int = 10) -> str:
    """Return workflow commands for at most `most` findings of each severity, and a notice of how many more.

    GitHub shows ten of a severity for a step, and drops the rest without a word.
    """
    shown = [finding for severity in Severity for finding in _top(report, severity, most)]
    lines = [_annotation(finding) for finding in shown]
    left = len(report.findings) - len(shown)
    if left:
        more = f"{counted(left, 'more finding')} {'stands' if left == 1 else 'stand'} in the job summary"
        lines.append(command("notice", more, title="logbook"))
    return "".join(f"{line}\n" for line in lines)


def _top(report: Report, severity: Severity, most: int) -> list[Finding]:
    return sorted((item for item in report.findings if item.severity is severity), key=_urgency)[:most]


def _urgency(finding: Finding) -> int:
    return FIRST.index(finding.rule) if finding.rule in FIRST else len(FIRST)


def _annotation(finding: Finding) -> str:
    parts = (finding.message, finding.help)
    message = "\n".join(part[:_MOST_TEXT] for part in parts if part)
    return command(finding.severity, message, **_place(finding), title=finding.rule)


def _place(finding: Finding) -> dict[str, str | int]:
    span = finding.span
    if not span.path:
        return {}
    end = max(span.line, span.end_line)
    place: dict[str, str | int] = {"file": span.path, "line": span.line, "endLine": end}
    # A runner takes a column only for a single line.
    return place if end > span.line else place | {"col": span.column}
