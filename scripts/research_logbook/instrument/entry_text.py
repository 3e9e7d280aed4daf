"""What an entry adds to the text of a logbook: at the place where its log grows, and nowhere else.

Nothing that stands is changed but values that are pending, and what is struck out (research workflow, Run / Interpret
3 and 4).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import ascii_lowercase

from research_logbook.errors import UserError
from research_logbook.instrument.style import NAMES, style_of, value_of
from research_logbook.logbook import parse
from research_logbook.logbook.model import Entry, Field, Logbook
from research_logbook.logbook.queries import is_newest_first
from research_logbook.markdown.escape import quoted

PENDING = "pending"
"""The value of what is not known yet."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be written."""

    when: dt.datetime
    """With a time zone."""
    id: str = ""
    label: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    """What it says, by the canonical names of the fields; a value is Markdown, a command plain text."""


def next_id(book: Logbook) -> str:
    """Return the ID after the highest that an entry has, as wide as those are; empty where there is no prefix."""
    if not book.prefix:
        return ""
    known = [name.rpartition("-") for entry in book.everything for name in entry.heading_ids]
    numbers = [number.rstrip(ascii_lowercase) for prefix, _, number in known if prefix == book.prefix]
    width = len(numbers[-1]) if numbers else 3
    return f"{book.prefix}-{max(map(int, numbers), default=0) + 1:0{width}d}"


def with_entry(book: Logbook, entry: NewEntry) -> str:
    """Return the text of a logbook with an entry at the growing end of its log, in the style of its last ones."""
    style = style_of(book)
    order = [*NAMES, *(key for key in entry.values if key not in NAMES)]
    told = [(key, value_of(key, entry.values[key])) for key in order if entry.values.get(key)]
    fields = [style.write_field(key, value) for key, value in told]
    head = style.head.write(entry.when, entry.id, entry.label)
    between = "\n\n" if style.fields.level or not (style.fields.bullet or style.is_tight) else "\n"
    gap = "\n" if style.is_tight or not style.head.start.startswith(("#", "**")) else "\n\n"
    text = gap.join([head, between.join(it.rstrip("\n") for it in fields)] if fields else [head])
    lines = book.text.split("\n")
    at, is_first = _place(book)
    if at is None:
        return f"{book.text.rstrip()}\n\n## Entry Log\n\n{text}\n"
    before, after = lines[:at], lines[at:]
    if is_first and style.is_tight:
        return "\n".join([*before, text, *after])
    while before and not before[-1].strip():
        before.pop()
    while after and not after[0].strip():
        after.pop(0)
    above = [] if style.is_tight else [""]
    below = [""] if not (style.is_tight and after) or after[0].startswith("#") else []
    return "\n".join([*before, *above, text, *below, *after])


def _place(book: Logbook) -> tuple[int | None, bool]:
    """Return after how many lines an entry is put, and whether that is in front of the others."""
    entries = book.everything
    if entries and is_newest_first(book):
        return entries[0].span.line - 1, True
    if entries:
        return entries[-1].span.end_line, False
    log = next((section for section in book.sections if book.log and section.span == book.log), None)
    if log is None:
        return None, False
    end = log.blocks[-1].end_line if log.blocks else log.span.end_line
    return end, False


# An entry that is there


def entry_named(book: Logbook, name: str) -> Entry:
    """Return the last entry of an ID; raises `UserError` where a logbook has none."""
    named = [entry for entry in book.everything if name in entry.heading_ids] or [
        entry for entry in book.everything if name in entry.ids
    ]
    if not named:
        known = [it for entry in book.everything for it in entry.heading_ids][-5:]
        have = f"its last IDs are {', '.join(known)}" if known else "it has no entry with an ID"
        raise UserError(f"{book.path} has no entry {quoted(name)}", f"{have}; see `logbook inspect {book.path}`")
    return named[-1]


def completed(book: Logbook, entry: Entry, values: Mapping[str, str]) -> str:
    """Return the text of a logbook with values of an entry filled in where they are pending, and else added.

    Raises `UserError` for a value that is there already.
    """
    lines = book.text.split("\n")
    style = style_of(book)
    edits: list[tuple[int, int, list[str]]] = []
    added: list[str] = []
    for key in sorted(values, key=[*NAMES, *values].index):
        value = value_of(key, values[key])
        there = list(entry.all(key))
        pending = next((it for it in there if it.is_pending), None)
        if pending:
            edits.append(_filled_in(pending, value, lines))
        elif there and key in NAMES:
            raise UserError(
                f"{entry.name} already says its {there[0].name.casefold()}: {quoted(there[0].text)}",
                f"to correct it: `logbook entry correct {next(iter(entry.ids), 'ID')} --{key} …`",
            )
        else:
            added.append(style.write_field(key, value))
    if added:
        edits.append((entry.span.end_line, entry.span.end_line, _joined(style.fields.bullet, added)))
    return _edited(lines, edits)


def corrected(book: Logbook, entry: Entry, key: str, value: str) -> str:
    """Return the text of a logbook with a value of an entry struck out and the right one behind it.

    Raises `UserError` where the entry has no such value.
    """
    there = list(entry.all(key))
    if not there:
        raise UserError(f"{entry.name} says no {key.replace('-', ' ')}", "add it: `logbook entry complete`")
    lines = book.text.split("\n")
    field, new = there[-1], value_of(key, value)
    first = lines[field.span.line - 1]
    old = field.value.split("\n")[0].strip()
    if not old or old not in first or field.span.end_line > field.span.line:
        raise UserError(
            f"the {field.name.casefold()} of {entry.name} has several lines",
            "strike out what is wrong by hand: `~~old~~ new`",
        )
    at = first.rindex(old)
    return _edited(
        lines, [(field.span.line - 1, field.span.line, [f"{first[:at]}~~{old}~~ {new}{first[at + len(old) :]}"])]
    )


def _filled_in(field: Field, value: str, lines: list[str]) -> tuple[int, int, list[str]]:
    """Return the lines of a field with another value."""
    first = lines[field.span.line - 1]
    old = field.value.split("\n")[0].strip()
    deeper = " " * (len(first) - len(first.lstrip()) + 2 * first.lstrip().startswith(("- ", "* ", "+ ")))
    one, *rest = value.split("\n")
    if first.lstrip().startswith("#"):
        return field.span.line, field.span.end_line, ["", *value.strip("\n").split("\n")]
    start = first[: first.rindex(old)] if old else f"{first.rstrip()} "
    return (
        field.span.line - 1,
        field.span.end_line,
        [f"{start}{one}".rstrip(), *(f"{deeper}{it}".rstrip() for it in rest)],
    )


def _joined(bullet: str, added: list[str]) -> list[str]:
    return [row for text in added for row in ([] if bullet else [""]) + text.split("\n")]


def _edited(lines: list[str], edits: list[tuple[int, int, list[str]]]) -> str:
    for start, end, rows in sorted(edits, key=lambda edit: edit[0], reverse=True):
        lines[start:end] = rows
    return "\n".join(lines)


def parsed_again(book: Logbook, text: str) -> Logbook:
    """Return a logbook with another text; raises `UserError` where that is none any more."""
    read = parse(book.path, text.encode())
    if not isinstance(read, Logbook):
        raise UserError(f"{book.path}: {read.reason}", read.help)
    return read
