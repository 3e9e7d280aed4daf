"""The report as GitHub's Markdown, for the job summary and for a comment."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

from research_logbook.findings import Finding, Report, Severity
from research_logbook.markdown.escape import code, link, prose
from research_logbook.render import by_reason, counted, rule_page, tally

_MOST_BYTES = 1_000_000
"""GitHub drops a summary over 1 MiB entirely, and sometimes one just below it (actions/runner#4337)."""

_MOST_NOTES = 10


def summary(report: Report, most: int = _MOST_BYTES) -> str:
    """Return the report in at most `most` bytes: the verdict, the findings, and what was not checked.

    Findings that do not fit are dropped, warnings before errors, and a sentence says how many.
    """
    place = f" in {counted(len(report.logbooks), 'logbook')}" if report.logbooks else ""
    icon = "❌" if report.count(Severity.ERROR) else "⚠️"
    verdict = f"{icon} logbook: {tally(report)}" if report.findings else f"✅ logbook: no problems found{place}"
    head, tail = f"### {verdict}\n", "".join(f"\n{part}\n" for part in _rest(report))
    room = most - _size(head + "\n" + _dropped(len(report.findings)) + tail)
    items = _fitting(report, room)
    return head + "\n" * bool(items) + "".join(items) + _dropped(len(report.findings) - len(items)) + tail


def _fitting(report: Report, room: int) -> list[str]:
    """Return the items of a list that fit into `room` bytes, errors first; a table of long paths is too wide."""
    paths = {finding.span.path for finding in report.findings}
    times = Counter(path.rpartition("/")[2] for path in paths)
    items = []
    for finding in sorted(report.findings, key=lambda it: it.severity is Severity.WARNING):
        rule = f"[{code(finding.rule)}]({rule_page(finding.rule)})"
        name = finding.span.path.rpartition("/")[2]
        where = _place(report, finding, finding.span.path if times[name] > 1 else name)
        what = f"**{finding.severity}** {where}{rule}: {prose(finding.message)}"
        line = f"- {what}{f'<br>Fix: {prose(finding.help)}' if finding.help else ''}\n"
        room -= _size(line)
        if room < 0:
            break
        items.append(line)
    return items


def _place(report: Report, finding: Finding, name: str) -> str:
    """Return where a finding is, with a space; a link to its line where the judged commit is on GitHub."""
    path, line = finding.span.path, finding.span.line
    if not (path and report.pages):
        return f"{code(f'{path}:{line}')} " if path else ""
    # The page shows a rendered text without lines, unless it is asked for the source.
    address = f"{report.pages}/{quote(path, errors='surrogateescape')}?plain=1#L{line}"
    return f"{link(f'{name}:{line}', address)} "


def _dropped(number: int) -> str:
    if not number:
        return ""
    does = "does" if number == 1 else "do"
    return f"\n{counted(number, 'more finding')} {does} not fit here; run `logbook lint` to see everything.\n"


def _rest(report: Report) -> Iterator[str]:
    if report.remarks:
        # Another bullet begins another list.
        notes = [f"* {prose(note, 300)}" for note in report.remarks[:_MOST_NOTES]]
        left = len(report.remarks) - _MOST_NOTES
        yield "\n".join([*notes, *([f"* … and {counted(left, 'more note')}"] if left > 0 else [])])
    if report.inherited:
        are = "is" if report.inherited == 1 else "are"
        yield f"{counted(report.inherited, 'finding')} that the base already has {are} not shown."
    if report.accepted:
        are = "is" if report.accepted == 1 else "are"
        yield f"{counted(report.accepted, 'finding')} that the baseline accepts {are} not shown."
    skipped = [rule for rule in report.skipped if rule.matters]
    if skipped:
        were = "was" if len(skipped) == 1 else "were"
        reasons = by_reason(skipped).items()
        lines = [f"- {prose(why, 300)}: {', '.join(map(code, rules))}" for why, rules in reasons]
        title = f"<summary>{counted(len(skipped), 'rule')} {were} not checked</summary>"
        yield "\n".join(["<details>", title, "", *lines, "", "</details>"])


def _size(text: str) -> int:
    return len(text.encode())
