"""Reports and logbooks as JSON: programs read them, so what is in them keeps its names and meanings."""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import asdict

from research_logbook.findings import Report, Severity
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.logbook.queries import is_newest_first
from research_logbook.markdown.escape import json_text
from research_logbook.render import rule_counts


def json_report(report: Report) -> str:
    """Return the report as JSON; lines and columns count from 1."""
    findings = [
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "path": finding.span.path,
            "line": finding.span.line,
            "column": finding.span.column,
            "end_line": finding.span.end_line,
            "message": finding.message,
            "help": finding.help,
            "count": finding.count,
        }
        for finding in report.findings
    ]
    return json_text(
        {
            "version": 1,
            "logbooks": [asdict(book) for book in report.logbooks],
            "findings": findings,
            "inherited": report.inherited,
            "accepted": report.accepted,
            "skipped": [{"rule": it.rule, "why": it.why} for it in report.skipped],
            "notes": report.remarks,
            "summary": {"errors": report.count(Severity.ERROR), "warnings": report.count(Severity.WARNING)},
        }
    )


def statistics_json(report: Report) -> str:
    """Return how many findings there are of each rule, as JSON, the most first."""
    return json_text(
        {
            "version": 1,
            "rules": [{"rule": it.rule, "severity": it.severity, "count": it.number} for it in rule_counts(report)],
            "notes": report.remarks,
            "summary": {"errors": report.count(Severity.ERROR), "warnings": report.count(Severity.WARNING)},
        }
    )


def inspect_json(book: Logbook) -> str:
    """Return the logbook as it is understood, as JSON.

    `log` is the line where its log begins; a section's `name` is its canonical name; a hypothesis's `status` is null if
    `status_written` is unknown.
    """
    header = book.header
    left, front = iter(range(_MOST_VALUES)), None
    if book.front_matter and not book.front_matter.problem:
        front = {str(key): _plain(value, left, 0) for key, value in book.front_matter.values.items()}
    hypotheses = [
        {
            "line": item.span.line,
            "id": item.id,
            "status": item.status,
            "status_written": item.status_written,
            "text": item.text,
            "evidence": item.evidence,
            "next_step": item.next_step,
        }
        for item in book.hypotheses
    ]
    return json_text(
        {
            "version": 1,
            "path": book.path,
            "topic": book.topic,
            "title": book.title,
            "issue": header.issue.written if header.issue else None,
            "branch": header.branch or None,
            "prefix": book.prefix or None,
            "tags": header.tags,
            "parent": header.parent or None,
            "front_matter": front,
            "log": book.log.line if book.log else None,
            "newest_first": bool(is_newest_first(book)),
            "entries": [_entry(entry) for entry in book.entries],
            "undated": [_entry(entry) for entry in book.undated],
            "hypotheses": hypotheses,
            "decisions": [{"line": item.span.line, "text": item.text} for item in book.decisions],
            "sections": [
                {"line": item.span.line, "title": item.title, "name": item.name, "level": item.level}
                for item in book.sections
            ],
        }
    )


def _entry(entry: Entry) -> dict[str, object]:
    """Return an entry: `fields` is Markdown by canonical name, a `date` that does not exist is null."""
    values: dict[str, list[str]] = {}
    for field in entry.fields:
        values.setdefault(field.key, []).append(field.value)
    when = entry.when and {
        "date": entry.when.day.isoformat() if entry.when.day else None,
        "time": entry.when.time.strftime("%H:%M") if entry.when.time else None,
        "zone": entry.when.zone,
        "written": entry.when.written,
    }
    return {
        "line": entry.span.line,
        "end_line": entry.span.end_line,
        "heading": entry.heading,
        "when": when,
        "ids": entry.ids,
        "label": entry.label,
        "kind": entry.kind,
        "fields": {key: "\n".join(parts) for key, parts in values.items()},
        "pending": list(dict.fromkeys(field.key for field in entry.fields if field.is_pending)),
        "tables": [{"line": it.span.line, "header": it.header, "rows": it.rows} for it in entry.tables],
        "code": [{"line": it.span.line, "info": it.info, "text": it.text} for it in entry.code],
        "links": [{"line": it.span.line, "url": it.url, "text": it.text} for it in entry.links],
    }


# YAML can hold itself, and a few aliases of aliases stand for more values than there is memory for.
_DEEPEST = 8
_MOST_VALUES = 10_000
_LARGEST = 2**63


def _plain(value: object, left: Iterator[int], depth: int) -> object:
    """Return a value of YAML as JSON, with `…` for what is too deep or too much."""
    if next(left, None) is None or depth > _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {_name(key): _plain(item, left, depth + 1) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=_name)
    if isinstance(value, (list, tuple)):
        return [_plain(item, left, depth + 1) for item in value]
    return _scalar(value)


def _name(key: object) -> str:
    return str(_scalar(key)) if not isinstance(key, tuple) else "…"


def _scalar(value: object) -> object:
    if isinstance(value, int) and abs(value) >= _LARGEST:  # Python refuses to print a number of over 4,300 digits.
        return hex(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
