"""The report as GitHub's Markdown, for the job summary and for a comment."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from research_logbook.findings import Finding, Report, Severity
from research_logbook.markdown.escape import code, markdown, prose, row
from research_logbook.render import by_reason, counted, tally

_MOST_BYTES = 1_000_000
"""GitHub drops a summary over 1 MiB entirely, and sometimes one just below it (actions/runner#4337)."""

_MOST_NOTES = 10
_PAGES = "https://github.com/run-research/logbook/blob/v1/docs/rules.md"
_COLUMNS = ("", "Where", "Rule", "Problem", "How to fix")


def summary(report: Report, most: int = _MOST_BYTES) -> str:
    """Return the report in at most `most` bytes: the verdict, the findings, and what was not checked.

    Rows that do not fit are dropped, warnings before errors, and a sentence says how many.
    """
    place = f" in {counted(len(report.logbooks), 'logbook')}" if report.logbooks else ""
    icon = "❌" if report.count(Severity.ERROR) else "⚠️"
    verdict = f"{icon} logbook: {tally(report)}" if report.findings else f"✅ logbook: no problems found{place}"
    head, tail = f"### {verdict}\n", "".join(f"\n{part}\n" for part in _rest(report))
    top = f"\n{row(_COLUMNS)}\n{row(['---'] * len(_COLUMNS))}\n"
    room = most - _size(head + top + _dropped(len(report.findings)) + tail)
    rows = _fitting(report.findings, room)
    table = top + "".join(rows) if rows else ""
    return head + table + _dropped(len(report.findings) - len(rows)) + tail


def _fitting(findings: Sequence[Finding], room: int) -> list[str]:
    """Return the rows that fit into `room` bytes, in the order of the findings."""
    rows = {}
    for index, finding in sorted(enumerate(findings), key=lambda item: item[1].severity is Severity.WARNING):
        rule = f"[{code(finding.rule)}]({_PAGES}#{quote(finding.rule)})"
        where = code(f"{finding.span.path}:{finding.span.line}") if finding.span.path else ""
        line = f"{row([finding.severity, where, rule, prose(finding.message), prose(finding.help)])}\n"
        room -= _size(line)
        if room < 0:
            break
        rows[index] = line
    return [rows[index] for index in sorted(rows)]


def _dropped(number: int) -> str:
    if not number:
        return ""
    does = "does" if number == 1 else "do"
    return f"\n{counted(number, 'more finding')} {does} not fit here; run `logbook lint` to see everything.\n"


def _rest(report: Report) -> Iterator[str]:
    if report.notes:
        notes = [f"- {prose(note, 300)}" for note in report.notes[:_MOST_NOTES]]
        left = len(report.notes) - _MOST_NOTES
        yield "\n".join([*notes, *([f"- … and {counted(left, 'more note')}"] if left > 0 else [])])
    if report.inherited:
        are = "is" if report.inherited == 1 else "are"
        yield f"{counted(report.inherited, 'finding')} that the base already has {are} not shown."
    if report.skipped:
        were = "was" if len(report.skipped) == 1 else "were"
        reasons = by_reason(report.skipped).items()
        lines = [f"- {markdown(why, 300)}: {', '.join(map(code, rules))}" for why, rules in reasons]
        title = f"<summary>{counted(len(report.skipped), 'rule')} {were} not checked</summary>"
        yield "\n".join(["<details>", title, "", *lines, "", "</details>"])


def _size(text: str) -> int:
    return len(text.encode())
