"""Reports, and the outline of a logbook, for a terminal."""

from collections.abc import Iterable, Iterator

import click

from research_logbook.findings import Finding, Report, Severity
from research_logbook.logbook.model import Entry, Logbook, Span
from research_logbook.logbook.queries import is_newest_first
from research_logbook.markdown.escape import terminal_line
from research_logbook.render import by_reason, counted, rule_counts, rule_page, tally

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def text(report: Report, *, colour: bool, links: bool = False, verbose: bool = False, quiet: bool = False) -> str:
    """Return the report as lines for a terminal: findings, notes, what was not checked, and the sum.

    Only with `verbose` it says at length what was compared, and which rules such a run never checks; with `quiet` it
    has the findings alone, and what nobody asked to see. `links` makes the names of rules links to their pages.
    """
    if quiet:
        lines = [*_findings(report.findings, links=links), *_left_out(report)]
        shown = "".join(f"{line}\n" for line in lines)
        return shown if colour else click.unstyle(shown)
    lines = [
        *_findings(report.findings, links=links),
        *(f"note: {terminal_line(note)}" for note in report.remarks),
    ]
    lines += [f"  {terminal_line(detail)}" for detail in report.details] if verbose else []
    skipped = [rule for rule in report.skipped if rule.matters or verbose]
    if skipped:
        lines.append("not checked:")
    for why, rules in by_reason(skipped).items():
        lines.append(f"  {terminal_line(why)}: {terminal_line(', '.join(rules))}")
    lines.append(click.style(_sum(report), bold=True))
    shown = "\n".join(lines) + "\n"
    return shown if colour else click.unstyle(shown)


def statistics_text(report: Report, *, colour: bool, links: bool = False) -> str:
    """Return how many findings there are of each rule, the most first, and the sum."""
    counts = rule_counts(report)
    width = max((len(str(it.number)) for it in counts), default=0)
    lines = [
        f"{it.number:>{width}}  {_severity(it.severity)}{' ' * (7 - len(it.severity))}  {_rule(it.rule, links=links)}"
        for it in counts
    ]
    shown = "\n".join([*lines, *_left_out(report), click.style(_sum(report), bold=True)]) + "\n"
    return shown if colour else click.unstyle(shown)


def _left_out(report: Report) -> list[str]:
    return [f"note: {terminal_line(report.left_out)}"] if report.left_out else []


def _sum(report: Report) -> str:
    place = f" in {counted(len(report.logbooks), 'logbook')}" if report.logbooks else ""
    inherited = ""
    if report.inherited:
        them = "it" if report.inherited == 1 else "them"
        inherited = f"; {counted(report.inherited, 'inherited finding')} not shown (use --all to see {them})"
    if report.accepted:
        inherited += f"; {counted(report.accepted, 'finding')} accepted by the baseline"
    return f"{tally(report) or 'no problems found'}{place}{inherited}"


def _findings(findings: Iterable[Finding], *, links: bool) -> Iterator[str]:
    for finding in findings:
        span = finding.span
        place = f"{terminal_line(span.path)}:{span.line}:{span.column}: " if span.path else ""
        rule = _rule(finding.rule, links=links)
        yield f"{place}{_severity(finding.severity)} {rule}: {terminal_line(finding.message)}"
        if finding.help:
            yield f"    {click.style('help', fg='cyan')}: {terminal_line(finding.help)}"


def _severity(severity: Severity) -> str:
    return click.style(f"{severity}", fg=_COLOURS[severity], bold=True)


def _rule(name: str, *, links: bool) -> str:
    """Return the name of a rule; as a link it is still only that."""
    shown = click.style(terminal_line(name), bold=True)
    return f"\x1b]8;;{rule_page(name)}\x1b\\{shown}\x1b]8;;\x1b\\" if links else shown


def inspect_text(book: Logbook) -> str:
    """Return an outline of the logbook as it is understood, for people."""
    header = book.header
    facts = {
        "path": book.path,
        "issue": header.issue.written if header.issue else "",
        "branch": header.branch,
        "prefix": book.prefix,
        "tags": ", ".join(header.tags),
        "parent": header.parent,
    }
    number = len(book.everything)
    entries = "1 entry" if number == 1 else f"{number or 'no'} entries"
    order = ", newest first" if is_newest_first(book) else ""
    in_log = {entry.span.line for entry in book.everything}
    others = [section for section in book.sections if section.span.line not in in_log]
    parts = [
        [
            terminal_line(book.title or book.topic),
            *(f"  {name}: {terminal_line(value)}" for name, value in facts.items() if value),
        ],
        [
            f"{f'log at line {book.log.line}' if book.log else 'no log'}{order}: {entries}",
            *(line for entry in book.everything for line in _entry(entry)),
        ],
    ]
    lists = {
        "hypotheses:": [
            _item(item.span, item.id, item.status or f"unknown status “{item.status_written}”", item.text)
            for item in book.hypotheses
        ],
        "decisions:": [_item(item.span, item.text) for item in book.decisions],
        "sections:": [_item(section.span, f"{'#' * section.level} {section.title}") for section in others],
    }
    parts += [[title, *lines] for title, lines in lists.items() if lines]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _entry(entry: Entry) -> Iterator[str]:
    when = entry.when.written if entry.when else "undated"
    yield _item(entry.span, when, ", ".join(entry.ids), entry.kind, entry.label)
    names = dict.fromkeys(f"{field.key}{' (pending)' if field.is_pending else ''}" for field in entry.fields)
    if names:
        yield f"{'':8}{terminal_line(', '.join(names))}"


def _item(span: Span, *parts: str) -> str:
    return f"{span.line:6}  {'  '.join(terminal_line(part, 100) for part in parts if part)}"
