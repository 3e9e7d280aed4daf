"""How a logbook writes its entries: read off its last ones, so that a new one looks like them.

Source: the research workflow, Run / Interpret 3, for what an entry holds; the form is the logbook's own.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise

from research_logbook.logbook import experiment_ids, vocabulary
from research_logbook.logbook.model import Entry, Field, Logbook, When
from research_logbook.logbook.queries import is_dated_after, is_newest_first, is_numbered_after

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

_LOOKED_AT = 12
"""Entries at the growing end of a log, whose habits count."""


_BEHIND: Mapping[str, str] = {"date": " - ", "id": " ", "label": " - "}


@dataclass(frozen=True, slots=True)
class HeadStyle:
    """How an entry begins: the parts of its heading in their order, with what stands around and behind each."""

    start: str
    """What stands in front: `### `, `- ` or `**`."""
    end: str = ""
    parts: tuple[str, ...] = ("date", "id", "label")
    around: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """The marks in front of a part and behind it."""
    behind: Mapping[str, str] = field(default_factory=lambda: _BEHIND)
    """What stands behind a part, where another one follows."""
    when: When | None = None
    """A date as it is written there; None for `2026-05-25 14:30`."""
    date_field: str = ""
    """The name of the field right below the heading that tells the date in its place; empty for none."""

    def write(self, when: dt.datetime, name: str, label: str) -> str:
        """Return the heading of an entry; `name` is its ID, or empty."""
        values = {"date": written_like(self.when, when), "id": name, "label": " ".join(label.split())}
        if "id" not in self.parts:
            values["label"] = " ".join(filter(None, (name, values["label"])))
        text, gap = self.start, ""
        for part in self.parts:
            if values[part]:
                before, after = self.around.get(part, ("", ""))
                text += f"{gap}{before}{values[part]}{after}"
                gap = self.behind[part]
        return text + self.end


@dataclass(frozen=True, slots=True)
class FieldStyle:
    """How the fields of an entry are written."""

    bullet: str = "- "
    """In front of each; empty where each is a paragraph."""
    strong: str = ""
    """The marks of bold type around a name; empty for none."""
    mark: str = ":"
    """What ends a name."""
    is_mark_inside: bool = True
    """Whether that stands inside of the bold type."""
    deeper: int = 0
    """How many levels below that of the entry the heading is that names each; 0 where none does."""
    indent: str = ""

    def write(self, name: str, value: str, level: int = 0) -> str:
        """Return a field; `value` is Markdown, of one line or several, and `level` that of the entry's heading."""
        if self.deeper:
            return f"{'#' * min(level + self.deeper, 6)} {name}\n\n{value.strip(chr(10))}"
        inside, outside = (self.mark, "") if self.is_mark_inside else ("", self.mark)
        named = f"{self.strong}{name}{inside}{self.strong}{outside}"
        first, *rest = value.split("\n")
        within = " " * len(self.bullet)
        lines = [f"{self.bullet}{named} {first}".rstrip(), *(f"{within}{row}".rstrip() for row in rest)]
        return "\n".join(f"{self.indent}{line}" if line else "" for line in lines)


@dataclass(frozen=True, slots=True)
class EntryStyle:
    """How a logbook writes an entry."""

    head: HeadStyle
    fields: FieldStyle
    names: Mapping[str, str]
    """The names of the fields, by their canonical ones."""
    is_tight: bool = False
    """Whether no empty line stands between entries."""
    is_close: bool = False
    """Whether no empty line stands below a heading."""
    rule: str = ""
    """The line that stands between entries, such as `---`."""

    @property
    def level(self) -> int:
        """The level of an entry's heading; 0 for a bullet or a bold line."""
        return self.head.start.count("#")

    def write_field(self, key: str, value: str) -> str:
        """Return a field under the name that the logbook has for it."""
        name = self.names.get(key, key[:1].upper() + key[1:].replace("-", " "))
        return self.fields.write(name, value, self.level)

    def write_entry(self, head: str, fields: Sequence[str]) -> str:
        """Return an entry of a heading and fields."""
        gap = "\n" if self.is_close or self.fields.indent else "\n\n"
        between = "\n" if self.fields.bullet and not self.fields.deeper else "\n\n"
        return gap.join(filter(None, (head, between.join(fields))))


def grows_at_top(book: Logbook) -> bool:
    """Return whether a new entry is put above the others: by IDs before dates, and never because of one date alone."""
    ids = [is_numbered_after(above, below) for above, below in pairwise(it for it in book.everything if it.ids)]
    days = [is_dated_after(above, below) for above, below in pairwise(it for it in book.everything if it.when)]
    down, up = ids.count(True), ids.count(False)
    if down == up:
        return days.count(True) > 1 and bool(is_newest_first(book))
    return down > up and (down > 1 or days.count(True) > days.count(False))


def in_order(book: Logbook) -> tuple[Entry, ...]:
    """Return the entries in the order in which the log grew."""
    return book.everything[::-1] if grows_at_top(book) else book.everything


def style_of(book: Logbook, like: Entry | None = None) -> EntryStyle:
    """Return how a logbook writes its entries, or one of them; as its template does where it has none."""
    latest = [*([like] if like else []), *islice(reversed(in_order(book)), _LOOKED_AT)]
    last = like or next((entry for entry in latest if entry.when and not entry.when.is_month), None)
    lines = book.text.split("\n")
    if not last:
        log = next((section.level for section in book.sections if book.log and section.span == book.log), 2)
        level = next((entry.level for entry in latest if entry.level), log + 1)
        return EntryStyle(HeadStyle("#" * level + " "), _field_style(latest, lines), _names(latest))
    head, fields = _head_style(last, lines), _field_style(latest, lines)
    above, below = lines[max(last.span.line - 2, 0)], [*lines, ""][last.span.line]
    if not last.level:
        indent = " " * (2 if head.start[0] in "-*+" and head.start[1:2] == " " else 0)
        fields = replace(fields, bullet=fields.bullet or "- ", deeper=0, indent=indent)
    return EntryStyle(
        head,
        fields,
        _names(latest),
        is_tight=not last.level and last.span.line > 1 and bool(above.strip()),
        is_close=bool(last.level and below.strip() and not fields.deeper),
        rule=_rule_between(book, lines),
    )


def _rule_between(book: Logbook, lines: Sequence[str]) -> str:
    """Return the line that stands between most entries of a log; empty where that is none."""
    ends = (lines[: below.span.line - 1] for _, below in pairwise(book.everything))
    found = Counter(rule_at_end(it) for it in ends)
    return found.most_common(1)[0][0] if found else ""


_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")


def is_rule(line: str) -> bool:
    """Return whether a line parts what is above it from what is below, where it follows an empty one."""
    return _RULE.fullmatch(line) is not None


def rule_at_end(lines: Sequence[str]) -> str:
    """Return the line between two parts, such as `---`, that lines end with; empty where they do not."""
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    has_rule = last > 1 and not lines[last - 2].strip() and is_rule(lines[last - 1])
    return lines[last - 1] if has_rule else ""


# Headings


_SEPARATOR = r"[\s:.–—,|·•-]+"
_OPENING = re.compile(
    r"(?P<marks>[\[(`*_]*)(?P<word>(?:\b(?:date|when|time):\s*)?)(?P<inner>[\[(`*_]*)\Z", re.IGNORECASE
)
_CLOSING_OF = {"[": "]", "(": ")", "`": "`", "*": "*", "_": "_"}


def _head_style(entry: Entry, lines: Sequence[str]) -> HeadStyle:
    """Return how an entry's heading is written: where its date, its ID and its words stand, and what is around them."""
    raw = lines[entry.span.line - 1].strip()
    found = re.match(r"#{1,6}\s+|[-*+]\s+", raw)
    start, end = found[0] if found else "", ""
    at = len(start)
    if entry.level and not found:  # its heading is underlined
        start = "#" * entry.level + " "
    when, slots = entry.when, _slots(entry, raw)
    strong = next((mark for mark in ("**", "__") if raw.startswith(mark, at)), "")
    if strong and at not in {first for first, _, _, _ in slots.values()}:
        close, behind_all = raw.find(strong, at + 2), max((last for *_, last in slots.values()), default=0)
        if close >= behind_all and slots and not re.search(r"\w", raw[behind_all:close]):  # only these are bold
            first, last = (choose(slots, key=slots.__getitem__) for choose in (min, max))
            slots[first] = (at, *slots[first][1:])
            slots[last] = (*slots[last][:3], close + 2)
        else:
            start, end, at = start + strong, strong, at + 2
    below = next((it.name for it in entry.fields if it.key == "date" and when and when.written in it.text), "")
    if when is None or not ("date" in slots or is_dated(entry.heading_ids) or below):
        return HeadStyle(start, end)
    below = "" if "date" in slots else below
    parts = sorted(slots, key=slots.__getitem__)
    edges = [at, *(edge for part in parts for edge in (slots[part][0], slots[part][3])), len(raw.removesuffix(end))]
    gaps = [raw[one:other] for one, other in zip(edges[::2], edges[1::2], strict=True)]
    place = max(range(len(gaps)), key=lambda it: (len(re.sub(r"\W", "", gaps[it])), it))
    behind = {part: found[0] for part, gap in zip(parts, gaps[1:], strict=True) if (found := re.match(_SEPARATOR, gap))}
    if place < len(parts) and (found := re.search(rf"{_SEPARATOR}\Z", gaps[place])):
        behind["label"] = found[0]
    around = {part: (raw[slots[part][0] : slots[part][1]], raw[slots[part][2] : slots[part][3]]) for part in parts}
    ordered = (*parts[:place], "label", *parts[place:])
    return HeadStyle(start, end, ordered, around, {**_BEHIND, **behind}, when, below)


def is_dated(names: Sequence[str]) -> bool:
    """Return whether experiment IDs are numbered by their days, as in `TILE-20260704a`."""
    return any(re.search(r"-20[1-3]\d(?:0[1-9]|1[0-2])[0-3]\d[a-z]?\Z", name) for name in names[:1])


def _slots(entry: Entry, raw: str) -> dict[str, tuple[int, int, int, int]]:
    """Return where the date and the IDs of an entry stand in its heading: first with the marks around, then without."""
    slots = {}
    if entry.heading_ids and (at := raw.find(entry.heading_ids[0])) >= 0:
        listed = raw[at:].removesuffix(experiment_ids.before(raw[at:])[1]).rstrip(" `])")
        slots["id"] = _with_marks(raw, at, at + len(listed))
    at = raw.find(entry.when.written) if entry.when else -1
    # A date may be the number of the ID.
    if entry.when and at >= 0 and not any(first <= at < last for first, *_, last in slots.values()):
        slots["date"] = _with_marks(raw, at, at + len(entry.when.written))
    return slots


def _with_marks(raw: str, start: int, end: int) -> tuple[int, int, int, int]:
    found = _OPENING.search(raw[:start])
    marks = found["marks"] + found["inner"] if found else ""
    closing = "".join(_CLOSING_OF[mark] for mark in reversed(marks))
    while closing and not raw.startswith(closing, end):
        closing, marks = closing[:-1], marks[1:]
    word = found["word"] if found else ""
    return start - len(marks) - len(word), start, end, end + len(closing)


# Dates


_ISO = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}")
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):\d{2}(?P<seconds>:\d{2}(?:[.,]\d+)?)?(?P<half>\s?[AaPp]\.?[Mm]\.?)?")
_NAMED = re.compile(r"[A-Za-z]+\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{1,2}(?:st|nd|rd|th)?\s[A-Za-z]+\.?,?\s\d{4}")


def written_like(example: When | None, now: dt.datetime) -> str:
    """Return a time in the form of another; `now` has a time zone.

    Where the other names its zone, UTC is meant and said; elsewhere the time is that of `now`'s own zone, or in UTC
    where the date would lie before the other's.
    """
    if example is None:
        return f"{now:%Y-%m-%d %H:%M}"
    is_before = example.day is not None and now.date() < example.day
    there = now.astimezone(dt.UTC) if example.zone or is_before else now
    text = example.written.replace("~", "")  # it is exact now
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


def _field_style(latest: Sequence[Entry], lines: Sequence[str]) -> FieldStyle:
    """Return how the fields of the last entries are written: those with the names of the workflow before all others."""
    pooled: Counter[FieldStyle] = Counter()
    for entry in latest:
        found = [(field.key in vocabulary.KNOWN_FIELDS, _written(field, entry, lines)) for field in entry.fields]
        known = Counter(style for is_known, style in found if style and is_known)
        for styles in (known, Counter(style for _, style in found if style)):
            if styles and styles.most_common(1)[0][1] > 1:
                return styles.most_common(1)[0][0]
        pooled += known
    return pooled.most_common(1)[0][0] if pooled else FieldStyle()


_NAME = re.compile(r"(?P<bullet>[-*+]\s+)?(?P<strong>\*\*|__)?")


def _written(field: Field, entry: Entry, lines: Sequence[str]) -> FieldStyle | None:
    line = lines[field.span.line - 1]
    if heading := re.match(r"(#{2,6})\s", line):
        deeper = len(heading[1]) - entry.level
        return FieldStyle(deeper=deeper) if deeper > 0 else None
    found = _NAME.match(line if entry.level else line.lstrip())
    is_list_title = found and not found[0] and line.rstrip().endswith(":")
    if not found or is_list_title or (line[:1].isspace() and entry.level):
        return None
    bullet, strong = found["bullet"] or "", found["strong"] or ""
    name, _, rest = line.lstrip()[found.end() :].partition(strong) if strong else ("", "", "")
    inside, outside = re.search(r"[:.]\Z", name), re.match(r"\s?[:—–]", rest)
    mark = inside or outside
    return FieldStyle(bullet, strong, mark[0] if mark else ":", bool(inside) or not outside)


_NARROWER = re.compile(
    "expectation|prediction|base-head|base-commit|code|root|status|state|(?:terminal-)?errors?|failures?|validation|"
    "early-interpretation|root-cause(?:-analysis)?|diagnosis|data|action(?:-items?)?|next-(?:decision|test|experiment)|"
    "fix-path|what-(?:is|s)-pending|logs?|files|checkpoints?"
)
"""Names that are read as one of a field, and say less or more: an entry of another kind has no use for them."""


def _names(latest: Sequence[Entry]) -> dict[str, str]:
    """Return the names of fields: those that the last entries use most, else the usual ones, in their letter case."""
    used: dict[str, Counter[str]] = {}
    initials: Counter[bool] = Counter()
    for entry in latest:
        own: dict[str, list[str]] = {}
        for it in entry.fields:
            slug = vocabulary.slug(it.name)
            is_plain = it.name.isascii() and not _NARROWER.fullmatch(slug)
            if it.key in NAMES and vocabulary.FIELDS.get(slug) == it.key and is_plain:
                own.setdefault(it.key, []).append(it.name)
                initials[it.name[:1].islower()] += 1
        for key, names in own.items():
            usual = [name for name in names if name.casefold().rstrip("s") == NAMES[key].casefold()]
            used.setdefault(key, Counter()).update(set(usual or names))
    is_lower = initials[True] > initials[False]
    found = {key: used[key].most_common(1)[0][0] if key in used else name for key, name in NAMES.items()}
    if is_lower:
        return {key: name if key in used else name.lower() for key, name in found.items()}
    return {key: name[:1].upper() + name[1:] for key, name in found.items()}
