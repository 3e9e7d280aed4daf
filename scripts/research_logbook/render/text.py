"""The report for a terminal."""

from collections.abc import Iterable, Iterator

import click

from research_logbook.findings import Finding, Report, Severity
from research_logbook.markdown.escape import terminal_line
from research_logbook.render.counts import by_reason, counted, tally

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def text(report: Report, *, colour: bool) -> str:
    """Return the report as lines for a terminal: findings, notes, what was not checked, and the sum."""
    lines = [*_findings(report.findings), *_notes(report), click.style(_sum(report), bold=True)]
    shown = "\n".join(lines) + "\n"
    return shown if colour else click.unstyle(shown)


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        name = click.style(f"{finding.severity}", fg=_COLOURS[finding.severity], bold=True)
        rule = click.style(terminal_line(finding.rule), bold=True)
        yield f"{_place(finding)}{name} {rule}: {terminal_line(finding.message)}"
        if finding.help:
            yield f"    {click.style('help', fg='cyan')}: {terminal_line(finding.help)}"


def _place(finding: Finding) -> str:
    span = finding.span
    return f"{terminal_line(span.path)}:{span.line}:{span.column}: " if span.path else ""


def _notes(report: Report) -> Iterator[str]:
    yield from (f"note: {terminal_line(note)}" for note in report.notes)
    if report.skipped:
        yield "not checked:"
    for why, rules in by_reason(report.skipped).items():
        yield f"  {terminal_line(why)}: {terminal_line(', '.join(rules))}"


def _sum(report: Report) -> str:
    books = counted(len(report.logbooks), "logbook")
    if not report.findings:
        return f"{books}, nothing wrong{_inherited(report)}."
    return f"{tally(report)}{f' in {books}' if report.logbooks else ''}{_inherited(report)}"


def _inherited(report: Report) -> str:
    if not report.inherited:
        return ""
    them = "it" if report.inherited == 1 else "them"
    return f"; {counted(report.inherited, 'inherited finding')} not shown (see {them} with --all)"
