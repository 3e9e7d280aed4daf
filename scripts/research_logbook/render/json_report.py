"""Reports and logbooks as JSON: programs read the structs, so their fields keep names and meanings."""

import datetime as dt
import math
from collections.abc import Iterator

import msgspec

from research_logbook.findings import Judged, Report, Severity, Skipped
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.logbook.queries import is_newest_first
from research_logbook.markdown.escape import json_text


class JsonFinding(msgspec.Struct, frozen=True):
    """A finding; lines and columns count from 1."""

    rule: str
    severity: Severity
    path: str
    line: int
    column: int
    end_line: int
    message: str
    help: str


class JsonSummary(msgspec.Struct, frozen=True):
    """How many findings there are of each severity."""

    errors: int
    warnings: int


class JsonReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report."""

    version: int = 1
    logbooks: tuple[Judged, ...]
    findings: list[JsonFinding]
    inherited: int
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    summary: JsonSummary


def json_report(report: Report) -> str:
    """Return the report as JSON."""
    wire = JsonReport(
        logbooks=report.logbooks,
        findings=[
            JsonFinding(
                rule=finding.rule,
                severity=finding.severity,
                path=finding.span.path,
                line=finding.span.line,
                column=finding.span.column,
                end_line=finding.span.end_line,
                message=finding.message,
                help=finding.help,
            )
            for finding in report.findings
        ],
        inherited=report.inherited,
        skipped=report.skipped,
        notes=report.notes,
        summary=JsonSummary(report.count(Severity.ERROR), report.count(Severity.WARNING)),
    )
    return json_text(msgspec.to_builtins(wire))


class JsonWhen(msgspec.Struct, frozen=True):
    """A date as it is written; `date` is null if it does not exist, `time` is `HH:MM`."""

    date: str | None
    time: str | None
    zone: str | None
    written: str


class JsonTable(msgspec.Struct, frozen=True):
    """A table as plain text."""

    line: int
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class JsonCode(msgspec.Struct, frozen=True):
    """A block of code."""

    line: int
    info: str
    text: str


class JsonLink(msgspec.Struct, frozen=True):
    """A link."""

    line: int
    url: str
    text: str


class JsonEntry(msgspec.Struct, frozen=True):
    """An entry; `fields` holds Markdown by canonical name, `pending` the names of pending fields."""

    line: int
    end_line: int
    heading: str
    when: JsonWhen | None
    ids: tuple[str, ...]
    label: str
    kind: str
    fields: dict[str, str]
    pending: list[str]
    tables: list[JsonTable]
    code: list[JsonCode]
    links: list[JsonLink]


class JsonHypothesis(msgspec.Struct, frozen=True):
    """A hypothesis; `status` is null if `status_written` is unknown."""

    line: int
    id: str
    status: str | None
    status_written: str
    text: str
    evidence: str
    next_step: str


class JsonDecision(msgspec.Struct, frozen=True):
    """A decision."""

    line: int
    text: str


class JsonSection(msgspec.Struct, frozen=True):
    """A heading; `name` is its canonical name."""

    line: int
    title: str
    name: str
    level: int


class JsonModel(msgspec.Struct, frozen=True, kw_only=True):
    """A logbook as it is understood; `log` is the line where its log begins."""

    version: int = 1
    path: str
    topic: str
    title: str
    issue: str | None
    branch: str | None
    prefix: str | None
    tags: tuple[str, ...]
    parent: str | None
    front_matter: dict[str, object] | None
    log: int | None
    newest_first: bool
    entries: list[JsonEntry]
    undated: list[JsonEntry]
    hypotheses: list[JsonHypothesis]
    decisions: list[JsonDecision]
    sections: list[JsonSection]


def inspect_json(book: Logbook) -> str:
    """Return the logbook as it is understood, as JSON."""
    header = book.header
    left, front = iter(range(_MOST_VALUES)), None
    if book.front_matter and not book.front_matter.problem:
        front = {str(key): _plain(value, left, 0) for key, value in book.front_matter.values.items()}
    wire = JsonModel(
        path=book.path,
        topic=book.topic,
        title=book.title,
        issue=header.issue.written if header.issue else None,
        branch=header.branch or None,
        prefix=book.prefix or None,
        tags=header.tags,
        parent=header.parent or None,
        front_matter=front,
        log=book.log.line if book.log else None,
        newest_first=bool(is_newest_first(book)),
        entries=[_entry(entry) for entry in book.entries],
        undated=[_entry(entry) for entry in book.undated],
        hypotheses=[
            JsonHypothesis(
                line=item.span.line,
                id=item.id,
                status=item.status.value if item.status else None,
                status_written=item.status_written,
                text=item.text,
                evidence=item.evidence,
                next_step=item.next_step,
            )
            for item in book.hypotheses
        ],
        decisions=[JsonDecision(item.span.line, item.text) for item in book.decisions],
        sections=[JsonSection(item.span.line, item.title, item.name, item.level) for item in book.sections],
    )
    return json_text(msgspec.to_builtins(wire))


def _entry(entry: Entry) -> JsonEntry:
    values: dict[str, list[str]] = {}
    for field in entry.fields:
        values.setdefault(field.key, []).append(field.value)
    when = None
    if entry.when:
        date = entry.when.date.isoformat() if entry.when.date else None
        time = entry.when.time.strftime("%H:%M") if entry.when.time else None
        when = JsonWhen(date, time, entry.when.zone, entry.when.written)
    return JsonEntry(
        line=entry.span.line,
        end_line=entry.span.end_line,
        heading=entry.heading,
        when=when,
        ids=entry.ids,
        label=entry.label,
        kind=entry.kind.value,
        fields={key: "\n".join(parts) for key, parts in values.items()},
        pending=list(dict.fromkeys(field.key for field in entry.fields if field.is_pending)),
        tables=[JsonTable(table.span.line, table.header, table.rows) for table in entry.tables],
        code=[JsonCode(code.span.line, code.info, code.text) for code in entry.code],
        links=[JsonLink(link.span.line, link.url, link.text) for link in entry.links],
    )


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
