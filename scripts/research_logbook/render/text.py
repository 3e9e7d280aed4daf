"""Reports, and the outline of a logbook, for a terminal."""

from collections.abc import Iterable, Iterator

import click

from research_logbook.findings import Finding, Report, Severity
from research_logbook.logbook.model import Entry, Logbook, Span
from research_logbook.logbook.queries import is_newest_first
from research_logbook.markdown.escape import terminal_line
from research_logbook.render import by_reason, counted, tally

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


def inspect_text(book: Logbook) -> str:
    """Return an outline of the logbook as it is understood, for people."""
    parts = (_header(book), _log(book), _hypotheses(book), _decisions(book), _sections(book))
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def _header(book: Logbook) -> list[str]:
    header = book.header
    facts = {
        "path": book.path,
        "issue": header.issue.written if header.issue else "",
        "branch": header.branch,
        "prefix": book.prefix,
        "tags": ", ".join(header.tags),
        "parent": header.parent,
    }
    lines = [f"  {name}: {terminal_line(value)}" for name, value in facts.items() if value]
    return [terminal_line(book.title or book.topic), *lines]


def _log(book: Logbook) -> list[str]:
    where = f"log at line {book.log.line}" if book.log else "no log"
    order = ", newest first" if is_newest_first(book) else ""
    lines = [line for entry in book.everything for line in _entry(entry)]
    return [f"{where}{order}: {_counted_entries(len(book.everything))}", *lines]


def _counted_entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number or 'no'} entries"


def _entry(entry: Entry) -> Iterator[str]:
    when = entry.when.written if entry.when else "undated"
    parts = (when, ", ".join(entry.ids), entry.kind, entry.label)
    yield _item(entry.span, *parts)
    names = dict.fromkeys(f"{field.key}{' (pending)' if field.is_pending else ''}" for field in entry.fields)
    if names:
        yield f"{'':8}{terminal_line(', '.join(names))}"


def _item(span: Span, *parts: str) -> str:
    return f"{span.line:6}  {'  '.join(terminal_line(part, 100) for part in parts if part)}"


def _hypotheses(book: Logbook) -> list[str]:
    lines = [
        _item(item.span, item.id, item.status or f"unknown status “{item.status_written}”", item.text)
        for item in book.hypotheses
    ]
    return ["hypotheses:", *lines] if lines else []


def _decisions(book: Logbook) -> list[str]:
    lines = [_item(item.span, item.text) for item in book.decisions]
    return ["decisions:", *lines] if lines else []


def _sections(book: Logbook) -> list[str]:
    entries = {entry.span.line for entry in book.everything}
    others = [section for section in book.sections if section.span.line not in entries]
    lines = [_item(section.span, f"{'#' * section.level} {section.title}") for section in others]
    return ["sections:", *lines] if lines else []
