"""How a logbook writes its entries: read off its last ones, so that a new one looks like them.

Source: the research workflow, Run / Interpret 3, for what an entry holds; the form is the logbook's own.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Entry, Field, Logbook, When
from research_logbook.logbook.queries import oldest_first

NAMES = {
    "hypothesis": "Hypothesis",
    "commit": "Commit Hash",
    "command": "Command",
    "config": "Config",
    "hardware": "Hardware",
    "run": "Run",
    "artifacts": "Artifacts",
    "result": "Result",
    "interpretation": "Interpretation",
    "confidence": "Confidence",
    "decision": "Decision",
    "next-action": "Next action",
}
"""The fields of an entry in their order, with the names that they have where a logbook has no names of its own."""

IN_CODE = frozenset({"command", "commit"})
"""The fields whose value is shown as code."""

_LOOKED_AT = 12
"""Entries at the growing end of a log, whose habits count."""


@dataclass(frozen=True, slots=True)
class HeadStyle:
    """How an entry begins: the parts of its heading in their order, with what stands around and between them."""

    start: str
    """What stands in front: `### `, `- ` or `**`."""
    end: str = ""
    parts: tuple[str, ...] = ("date", "id", "label")
    around: tuple[str, str, str] = ("{}", "{}", "{}")
    """What stands around each of the parts, such as `({})`."""
    between: tuple[str, str] = (" - ", " ")
    when: When | None = None
    """A date as it is written there; None for `2026-05-25 14:30`."""

    def write(self, when: dt.datetime, name: str, label: str) -> str:
        """Return the heading of an entry; `name` is its ID, or empty."""
        values = {"date": written_like(self.when, when), "id": name, "label": " ".join(label.split())}
        text = ""
        for place, part in enumerate(self.parts):
            if values[part]:
                text += (self.between[place - 1] if text else "") + self.around[place].format(values[part])
        return f"{self.start}{text}{self.end}"


@dataclass(frozen=True, slots=True)
class FieldStyle:
    """How the fields of an entry are written."""

    bullet: str = "- "
    """In front of each; empty where each is a paragraph."""
    strong: str = ""
    """The marks of bold type around a name; empty for none."""
    has_colon_inside: bool = True
    """Whether the colon stands inside of the bold type."""
    level: int = 0
    """The level of the heading that names each; 0 where none does."""
    indent: str = ""

    def write(self, name: str, value: str) -> str:
        """Return a field; `value` is Markdown, of one line or several."""
        first, *rest = value.split("\n")
        if self.level:
            return f"{'#' * self.level} {name}\n\n{value}\n"
        colon = (":", "") if self.has_colon_inside else ("", ":")
        named = f"{self.strong}{name}{colon[0]}{self.strong}{colon[1]}" if self.strong else f"{name}:"
        deeper = " " * len(self.bullet)
        lines = [f"{self.bullet}{named} {first}".rstrip(), *(f"{deeper}{row}".rstrip() for row in rest)]
        return "\n".join(f"{self.indent}{line}" if line else "" for line in lines)


@dataclass(frozen=True, slots=True)
class EntryStyle:
    """How a logbook writes an entry."""

    head: HeadStyle
    fields: FieldStyle
    names: dict[str, str]
    """The names of the fields, by their canonical ones."""
    is_tight: bool = False
    """Whether no empty line stands between entries."""

    def write_field(self, key: str, value: str) -> str:
        """Return a field under the name that the logbook has for it."""
        return self.fields.write(self.names.get(key, key.replace("-", " ").capitalize()), value)


def style_of(book: Logbook) -> EntryStyle:
    """Return how a logbook writes its entries; as its template does where it has none."""
    latest = [entry for entry in islice(reversed(oldest_first(book)), _LOOKED_AT) if entry.when]
    lines = book.text.split("\n")
    if not latest:
        level = next((section.level for section in book.sections if book.log and section.span == book.log), 2) + 1
        return EntryStyle(HeadStyle("#" * level + " "), FieldStyle(), dict(NAMES))
    last = latest[0]
    head = _head_style(last, lines)
    fields = next((found for entry in latest if (found := _field_style(entry, lines))), FieldStyle())
    if not last.level and head.start.endswith("- "):
        fields = FieldStyle("- ", fields.strong, fields.has_colon_inside, 0, " " * len(head.start))
    is_tight = bool(last.span.line > 1 and not last.level and lines[last.span.line - 2].strip())
    return EntryStyle(head, fields, NAMES | _names(latest), is_tight)


# Headings


_SEPARATORS = r"[\s:–—,|·•/-]"
_PAIRS = frozenset({"()", "[]", "``", "**", "__"})


def _head_style(entry: Entry, lines: Sequence[str]) -> HeadStyle:
    """Return how an entry's heading is written, by where its date, its ID and its words stand."""
    raw = lines[entry.span.line - 1]
    start = re.match(r"\s*(?:#{1,6}\s+|[-*+]\s+)?(?:\*\*|__)?", raw)
    begin = start[0] if start else ""
    if entry.level:
        begin = "#" * entry.level + " "
    strong = next((mark for mark in ("**", "__") if begin.endswith(mark)), "")
    end = strong if not entry.level or strong else ""
    when = entry.when
    if when is None or when.is_month or when.written not in raw:
        return HeadStyle(begin, end, when=None)
    date = _slot(raw, when.written)
    name = _slot(raw, entry.heading_ids[0]) if entry.heading_ids and entry.heading_ids[0] in raw else None
    is_last = not raw[date[1] :].strip(" *_:") and bool(raw[len(begin) : date[0]].strip())
    if is_last:
        parts = ("id", "label", "date")
        after_id = _separator(raw, name[1]) if name else " - "
        before_date = re.search(rf"{_SEPARATORS}*\Z", raw[: date[0]])
        between = (after_id or " ", (before_date[0] if before_date else "") or " ")
    elif name and name[0] < date[0]:
        parts = ("id", "date", "label")
        between = (_separator(raw, name[1]) or " ", _separator(raw, date[1]) or " - ")
    else:
        parts = ("date", "id", "label")
        between = (_separator(raw, date[1]) or " - ", (_separator(raw, name[1]) if name else "") or " ")
    forms = {"date": _around(raw, date, when.written), "id": "{}", "label": "{}"}
    if name:
        forms["id"] = _around(raw, name, entry.heading_ids[0])
    one, two, three = (forms[part] for part in parts)
    return HeadStyle(begin, end, parts, (one, two, three), between, when)


def _slot(raw: str, text: str) -> tuple[int, int]:
    """Return where a text stands, with the brackets or marks around it."""
    start = raw.index(text)
    end = start + len(text)
    while start and end < len(raw) and raw[start - 1] + raw[end] in _PAIRS:
        start, end = start - 1, end + 1
    return start, end


def _around(raw: str, slot: tuple[int, int], text: str) -> str:
    before, after = raw[slot[0] : slot[1]].split(text, 1)
    return f"{before}{{}}{after}".replace("{}", "\0").replace("{", "{{").replace("}", "}}").replace("\0", "{}")


def _separator(raw: str, place: int) -> str:
    found = re.match(rf"{_SEPARATORS}+", raw[place:])
    return found[0] if found else ""


# Dates


_ISO = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}")
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):\d{2}(?P<seconds>:\d{2}(?:[.,]\d+)?)?(?P<half>\s?[AaPp]\.?[Mm]\.?)?")
_NAMED = re.compile(r"[A-Za-z]+\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{1,2}(?:st|nd|rd|th)?\s[A-Za-z]+\.?,?\s\d{4}")


def written_like(example: When | None, now: dt.datetime) -> str:
    """Return a time in the form of another; `now` has a time zone.

    Where the other names its zone, UTC is meant and said; elsewhere the time is that of `now`'s own zone.
    """
    if example is None:
        return f"{now:%Y-%m-%d %H:%M}"
    there = now.astimezone(dt.UTC) if example.zone else now
    text = example.written
    zone = example.zone or ""
    if zone:
        at = text.rindex(zone)
        text, ending = text[:at], text[at:].replace(zone, "Z" if zone == "Z" else "UTC", 1)
    else:
        ending = ""
    clock = example.time and _CLOCK.search(text)
    if clock:
        half = clock["half"] or ""
        told = f"{there:%I:%M}" if half else f"{there:%H:%M}"
        told += f"{there:%S}".join((":", "")) if clock["seconds"] else ""
        text = (
            text[: clock.start()]
            + told
            + (f"{half[: len(half) - len(half.lstrip())]}{there:%p}" if half else "")
            + text[clock.end() :]
        )
    elif example.time:  # 2315, without a colon
        text = re.sub(r"\d{4}\s?\Z", f"{there:%H%M}", text)
    if iso := _ISO.search(text):
        return f"{text[: iso.start()]}{there:%Y}{iso[1]}{there:%m}{iso[1]}{there:%d}{text[iso.end() :]}{ending}"
    if named := _NAMED.search(text):
        is_whole = re.search(r"[A-Za-z]{4,}|May\b(?!\.)", named[0])
        month = f"{there:%B}" if is_whole else f"{there:%b}"
        comma = "," if "," in named[0] else ""
        day = f"{month} {there.day}" if named[0][0].isalpha() else f"{there.day} {month}"
        return f"{text[: named.start()]}{day}{comma} {there:%Y}{text[named.end() :]}{ending}"
    return f"{there:%Y-%m-%d}"


# Fields


def _field_style(entry: Entry, lines: Sequence[str]) -> FieldStyle | None:
    """Return how most fields of an entry are written; None where it has hardly any."""
    known = [field for field in entry.fields if field.key in NAMES]
    found = (_written(field, lines) for field in known)
    styles = Counter(style for style in found if style and not 0 < style.level <= entry.level)
    return styles.most_common(1)[0][0] if len(known) > 1 and styles else None


def _written(field: Field, lines: Sequence[str]) -> FieldStyle | None:
    line = lines[field.span.line - 1]
    if heading := re.match(r"(#{2,6})\s", line):
        return FieldStyle(level=len(heading[1]))
    found = re.match(r"(?P<bullet>[-*+]\s+)?(?P<strong>\*\*|__)?", line)
    if not found or line[:1].isspace():
        return None
    bullet, strong = found["bullet"] or "", found["strong"] or ""
    rest = line[found.end() :]
    closing = rest.find(strong) if strong else -1
    return FieldStyle(bullet, strong, not strong or ":" in rest[:closing])


def _names(latest: Sequence[Entry]) -> dict[str, str]:
    """Return the names of fields that the last entries use most."""
    used: dict[str, Counter[str]] = {}
    for entry in latest:
        for field in entry.fields:
            if field.key in NAMES and vocabulary.FIELDS.get(vocabulary.slug(field.name)) == field.key:
                used.setdefault(field.key, Counter())[field.name] += 1
    return {key: names.most_common(1)[0][0] for key, names in used.items()}


def value_of(key: str, text: str) -> str:
    """Return a value as Markdown: a command or a commit as code that pastes as it was, all else as it is."""
    text = text.strip("\n").rstrip()
    if re.match(r"(?:`{3,}|~{3,})", text):  # a block, which stands on lines of its own
        return f"\n\n{text}"
    if key not in IN_CODE or text.startswith("`") or not text:
        return text
    marks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    if "\n" not in text:
        space = " " * text.endswith("`")
        return f"{marks}{space}{text}{space}{marks}"
    marks = marks.rjust(3, "`")
    return f"\n\n{marks}bash\n{text}\n{marks}"
