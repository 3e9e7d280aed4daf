"""The report as GitHub's Markdown, for the job summary and for a comment."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from research_logbook.findings import Finding, Report, Severity
from research_logbook.markdown.escape import code, markdown, prose, row
from research_logbook.render import by_reason, counted, tally

_MOST_BYTES = 1_000_000
"""GitHub drops a summary over 1 MiB whole, and one just below it at times (actions/runner#4337)."""

_MOST_NOTES = 10
_PAGES = "https://github.com/run-research/logbook/blob/v1/docs/rules.md"
_COLUMNS = ("", "Where", "Rule", "What is wrong", "What to do")


def summary(report: Report, most: int = _MOST_BYTES) -> str:
    """Return the report in at most `most` bytes: the verdict, the findings, and what was not looked at.

    Rows that do not fit are left out, warnings before errors, and a sentence says how many.
    """
    head, tail = f"### {_verdict(report)}\n", "".join(f"\n{part}\n" for part in _rest(report))
    top = f"\n{row(_COLUMNS)}\n{row(['---'] * len(_COLUMNS))}\n"
    room = most - _size(head + top + _left_out(len(report.findings)) + tail)
    rows = _fitting(report.findings, room)
    table = top + "".join(rows) if rows else ""
    return head + table + _left_out(len(report.findings) - len(rows)) + tail


def _verdict(report: Report) -> str:
    if not report.findings:
        place = f" in {counted(len(report.logbooks), 'logbook')}" if report.logbooks else ""
        return f"✅ logbook: nothing wrong{place}"
    return f"{'❌' if report.count(Severity.ERROR) else '⚠️'} logbook: {tally(report)}"


def _fitting(findings: Sequence[Finding], room: int) -> list[str]:
    """Return the rows that fit into `room` bytes, in the order of the findings."""
    rows = {}
    for index in sorted(range(len(findings)), key=lambda index: findings[index].severity is Severity.WARNING):
        line = f"{_row(findings[index])}\n"
        room -= _size(line)
        if room < 0:
            break
        rows[index] = line
    return [rows[index] for index in sorted(rows)]


def _row(finding: Finding) -> str:
    rule = f"[{code(finding.rule)}]({_PAGES}#{quote(finding.rule)})"
    where = code(f"{finding.span.path}:{finding.span.line}") if finding.span.path else ""
    return row([finding.severity, where, rule, prose(finding.message), prose(finding.help)])


def _left_out(number: int) -> str:
    if not number:
        return ""
    are = "is" if number == 1 else "are"
    more = counted(number, "more finding")
    return f"\n{more} {are} left out, for want of room. `logbook lint` shows everything.\n"


def _rest(report: Report) -> Iterator[str]:
    if report.notes:
        yield "\n".join(_notes(report.notes))
    if report.inherited:
        has = "is not shown: the base has it" if report.inherited == 1 else "are not shown: the base has them"
        yield f"{counted(report.inherited, 'inherited finding')} {has} too."
    if report.skipped:
        yield _skipped(report)


def _notes(notes: Sequence[str]) -> Iterator[str]:
    yield from (f"- {prose(note, 300)}" for note in notes[:_MOST_NOTES])
    if len(notes) > _MOST_NOTES:
        yield f"- … and {counted(len(notes) - _MOST_NOTES, 'more note')}"


def _skipped(report: Report) -> str:
    were = "was" if len(report.skipped) == 1 else "were"
    reasons = by_reason(report.skipped).items()
    lines = [f"- {markdown(why, 300)}: {', '.join(map(code, rules))}" for why, rules in reasons]
    title = f"<summary>{counted(len(report.skipped), 'rule')} {were} not applied</summary>"
    return "\n".join(["<details>", title, "", *lines, "", "</details>"])


def _size(text: str) -> int:
    return len(text.encode())
