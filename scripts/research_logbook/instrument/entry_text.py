"""What an entry adds to the text of a logbook: at the place where its log grows, and nowhere else.

Nothing that stands is changed but values that are pending, and what is struck out (research workflow, Run / Interpret
3 and 4).
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from string import ascii_lowercase

from research_logbook.errors import UserError
from research_logbook.instrument.style import (
    NAMES,
    EntryStyle,
    grows_at_top,
    in_order,
    is_dated,
    rule_at_end,
    style_of,
    written_like,
)
from research_logbook.instrument.values import value_of
from research_logbook.logbook import experiment_ids, parse, vocabulary
from research_logbook.logbook.model import Entry, Field, Logbook
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


def next_id(book: Logbook, now: dt.datetime, elsewhere: Iterable[str] = ()) -> str:
    """Return the ID after the highest that an entry has, as wide as those are; empty where there is no prefix.

    Where the number is the day, it is that of `now`, with a letter if the day has an entry already. IDs in `elsewhere`
    are taken too.
    """
    if not book.prefix:
        return ""
    taken = [*elsewhere, *(name for entry in in_order(book) for name in entry.heading_ids)]
    own = [name for name in taken if experiment_ids.prefix_of(name) == book.prefix]
    if is_dated(own[-1:]):
        day = f"{book.prefix}-{now:%Y%m%d}"
        return next(name for name in (day, *(day + letter for letter in ascii_lowercase[1:]), "") if name not in taken)
    numbers = [name.rpartition("-")[2].rstrip(ascii_lowercase) for name in own]
    width = len(numbers[-1]) if numbers else 3
    return f"{book.prefix}-{max(map(int, numbers), default=0) + 1:0{width}d}"


def with_entry(book: Logbook, entry: NewEntry) -> str:
    """Return the text of a logbook with an entry at the growing end of its log, in the style of its last ones."""
    return grown(book, entry_in_style(style_of(book), entry))


def entry_in_style(style: EntryStyle, entry: NewEntry) -> str:
    """Return the text of an entry."""
    order = [*NAMES, *(key for key in entry.values if key not in NAMES)]
    told = ((key, value_of(key, entry.values[key])) for key in order if key in entry.values)
    fields = [style.write_field(key, value) for key, value in told]
    if style.head.date_field:
        fields.insert(
            0, style.fields.write(style.head.date_field, written_like(style.head.when, entry.when), style.level)
        )
    return style.write_entry(style.head.write(entry.when, entry.id, entry.label), fields)


def grown(book: Logbook, entry: str) -> str:
    """Return the text of a logbook with the text of an entry at the growing end of its log."""
    style, lines, at = style_of(book), book.text.split("\n"), place_of(book)
    if at is None:
        return f"{book.text.rstrip()}\n\n## Entry Log\n\n{entry}\n"
    has_entries, is_first = bool(book.everything), grows_at_top(book)
    before, after = lines[:at], lines[at:]
    if is_first and style.is_tight:
        return "\n".join([*before, entry, *after])
    _strip(before)
    rule = rule_at_end(before) if has_entries and not is_first else ""
    rows = [entry]
    if style.rule and (is_first or rule):  # one behind each entry
        rows = [entry, "", style.rule]
    elif style.rule:
        rows = [style.rule, "", entry]
    elif rule:  # It parts the log from what follows.
        before.pop()
        _strip(before)
        after = ["", rule, *after]
    while after and not after[0].strip():
        after.pop(0)
    above = [] if style.is_tight and has_entries else [""]
    below = [] if style.is_tight and after and not after[0].startswith("#") else [""]
    return "\n".join([*before, *above, *rows, *below, *after])


def _strip(lines: list[str]) -> None:
    while lines and not lines[-1].strip():
        lines.pop()


def place_of(book: Logbook) -> int | None:
    """Return after how many lines an entry is put."""
    entries = book.everything
    if entries and grows_at_top(book):
        return entries[0].span.line - 1
    log = next((section for section in book.sections if book.log and section.span == book.log), None)
    if not entries:
        return (log.blocks[-1].end_line if log.blocks else log.span.end_line) if log else None
    last = entries[-1]
    if not last.level or log is None or log.level >= last.level or last.span.line > log.end_line:
        return last.span.end_line
    # Parts of the log behind its last entry that are none themselves, such as one without a date, stay in front.
    later = [section for section in book.sections if last.span.end_line < section.span.line <= log.end_line]
    indices = [section.span.line - 1 for section in later if section.name in vocabulary.SECTIONS.values()]
    return min(indices, default=log.end_line)


# An entry that is there


def entry_named(book: Logbook, name: str, is_meant: Callable[[Entry], bool] | None = None) -> Entry:
    """Return the entry of an ID, the last of several; raises `UserError` where a logbook has none.

    Of several the one is taken that is meant; raises `UserError` where that is not one of them alone.
    """
    named = [entry for entry in book.everything if name in entry.heading_ids] or [
        entry for entry in book.everything if name in entry.ids
    ]
    if not named:
        known = [it for entry in book.everything for it in entry.heading_ids]
        close = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
        have = f"its last IDs are {', '.join(known[-5:])}" if known else "it has no entry with an ID"
        fix = f"did you mean {close[0]}? {have}" if close else f"{have}; see `logbook inspect {book.path}`"
        raise UserError(f"{book.path} has no entry {quoted(name)}", fix)
    meant = list(filter(is_meant, named))
    if len(named) > 1 and is_meant and len(meant) != 1:
        lines = ", ".join(str(entry.span.line) for entry in named)
        raise UserError(
            f"{book.path} has {len(named)} entries {quoted(name)}, on lines {lines}", "change the one you mean by hand"
        )
    return meant[-1] if meant else named[-1]


def completed(book: Logbook, name: str, values: Mapping[str, str]) -> str:
    """Return the text of a logbook with values of an entry filled in where they are pending or empty, and else added.

    Raises `UserError` for an entry that is not there, and for a value that is there already.
    """
    entry = entry_named(book, name, lambda it: all(_is_open(it, key) for key in values))
    lines, style = book.text.split("\n"), style_of(book, entry)
    edits: list[tuple[int, int, list[str]]] = []
    added: list[str] = []
    for key in sorted(values, key=[*NAMES, *values].index):
        value = value_of(key, values[key])
        there = [it for it in entry.fields if it.key == key]
        pending = next((it for it in there if it.is_pending or not it.value.strip()), None)
        if pending:
            edits.append(_filled_in(pending, value, lines))
        elif there and key in NAMES:
            raise UserError(
                f"{book.path}:{there[0].span.line}: {entry.name} already says its {there[0].name.casefold()}: "
                f"{quoted(there[0].text)}",
                f"to correct it: `logbook entry correct {name} --{option_of(key)} …`",
            )
        else:
            added.append(style.write_field(key, value))
    if added:
        end = end_of(entry, lines)
        gap = [] if style.fields.bullet and re.match(r"\s*[-*+] |\s{2,}\S", lines[end - 1]) else [""]
        rows = ("\n" if style.fields.bullet else "\n\n").join(added).split("\n")
        edits.append((end, end, [*gap, *rows]))
    return _edited(lines, edits)


def _is_open(entry: Entry, key: str) -> bool:
    there = [it for it in entry.fields if it.key == key]
    return not there or any(it.is_pending or not it.value.strip() for it in there)


def end_of(entry: Entry, lines: Sequence[str]) -> int:
    """Return the last line of an entry that says something."""
    own = list(lines[: entry.span.end_line])
    while own and (not own[-1].strip() or rule_at_end(own)):
        own.pop()
    return len(own)


def corrected(book: Logbook, name: str, key: str, value: str) -> str:
    """Return the text of a logbook with a value of an entry struck out and the right one behind it.

    Raises `UserError` where the entry says no such value, or one that is more than a paragraph.
    """
    entry = entry_named(book, name, lambda it: any(True for _ in it.all(key)))
    called, option = key.replace("-", " "), f"--{option_of(key)}"
    there = list(entry.all(key))
    if not there:
        raise UserError(
            f"{book.path}:{entry.span.line}: {entry.name} says no {called}",
            f"to add it: `logbook entry complete {name} {option} …`",
        )
    field, new = there[-1], value_of(key, value)
    where = f"{book.path}:{field.span.line}"
    if field.is_pending:
        raise UserError(
            f"{where}: the {called} of {entry.name} is still pending",
            f"to fill it in: `logbook entry complete {name} {option} …`",
        )
    if field.value.strip().endswith(new.strip()):
        raise UserError(f"{where}: that is what {entry.name} says already", "pass the right value")
    lines = book.text.split("\n")
    first, *others = field.value.strip("\n").rstrip().split("\n")
    rows = lines[field.span.line - 1 : field.span.end_line]
    begin = next((at for at, row in enumerate(rows) if first and first in row), None)
    is_paragraph = not any(not row.strip() or _BLOCK.match(row) for row in (first, *others))
    if begin is None or not is_paragraph or begin + 1 + len(others) > len(rows):
        raise UserError(
            f"{where}: the {called} of {entry.name} is more than a paragraph",
            "strike out what is wrong by hand: `~~old~~ new`",
        )
    column = rows[begin].rindex(first)
    old = "\n".join([rows[begin][column:], *rows[begin + 1 : begin + 1 + len(others)]])
    struck, one, *rest = _struck(old), *f" {new}".split("\n")
    within = " " * _column(rows[0])
    text = [*(rows[begin][:column] + struck + one).split("\n"), *(f"{within}{it}".rstrip() for it in rest)]
    start = field.span.line - 1 + begin
    return _edited(lines, [(start, start + 1 + len(others), text)])


_BLOCK = re.compile(r"\s*(?:`{3}|~{3,}|[-*+] |\d{1,9}[.)] |>|\||#{1,6} )")


def _struck(text: str) -> str:
    """Return a text struck out where it is not; a single tilde in it would keep the marks from being ones."""
    parts = re.split(r"(~~.+?~~)", text, flags=re.DOTALL)
    for place in range(0, len(parts), 2):
        part = _CODE_OR_TILDE.sub(lambda found: found["code"] or r"\~", parts[place])
        parts[place] = re.sub(r"(?s)\S.*\S|\S", lambda found: f"~~{found[0]}~~", part)
    return "".join(parts)


_CODE_OR_TILDE = re.compile(r"(?P<code>(?P<marks>`+).+?(?P=marks)(?!`))|(?<!\\)~", re.DOTALL)


def _column(line: str) -> int:
    """Return how far what belongs to a line is indented."""
    found = re.match(r"\s*(?:[-*+]\s+)?", line)
    return found.end() if found else 0


def _filled_in(field: Field, value: str, lines: list[str]) -> tuple[int, int, list[str]]:
    """Return the lines of a field with another value."""
    first = lines[field.span.line - 1]
    old = field.value.split("\n")[0].strip()
    if first.lstrip().startswith("#"):
        return field.span.line, field.span.end_line, ["", *value.strip("\n").split("\n")]
    one, *rest = value.split("\n")
    start = first[: first.rindex(old)] if old and old in first else f"{first.rstrip()} "
    rows = [f"{start}{one}".rstrip(), *(f"{' ' * _column(first)}{it}".rstrip() for it in rest)]
    return field.span.line - 1, field.span.end_line, rows


def _edited(lines: list[str], edits: list[tuple[int, int, list[str]]]) -> str:
    for start, end, rows in sorted(edits, key=lambda edit: edit[0], reverse=True):
        lines[start:end] = rows
    return "\n".join(lines)


def option_of(key: str) -> str:
    """Return the option that says a field."""
    if key == "next-action":
        return "next"
    return key if key in NAMES else f"field {quoted(key)}="


def open_parts(entry: Entry) -> list[str]:
    """Return what is pending in an entry, or missing where it says that something ran."""
    pending = [it.key for it in entry.fields if it.is_pending]
    asked = ("result", "interpretation", "next-action") if entry.first("command", "run", "result") else ()
    return list(dict.fromkeys([*pending, *(key for key in asked if not entry.first(key))]))


def parsed_again(book: Logbook, text: str, added: int = 0) -> Logbook:
    """Return a logbook with another text that has so many entries more.

    Raises `UserError` where it is none any more, or where what was said became more than a part of its entry.
    """
    read = parse(book.path, text.encode())
    if not isinstance(read, Logbook):
        raise UserError(f"with this {book.path} could not be read: it {read.reason}", read.help)
    old, new = (Counter(entry.heading for entry in it.everything) for it in (book, read))
    allowed = [Counter((it.rule, it.reason) for it in one.allowances) for one in (book, read)]
    if allowed[0] != allowed[1]:
        raise UserError("what was passed would silence a rule, so nothing is written", "write such a comment by hand")
    if (new - old).total() != added or old - new or len(book.sections) > len(read.sections):
        raise UserError(
            "what was passed would end its entry, or begin another one, so nothing is written",
            "pass a long text as a block of code: a line of ``` before it and one behind it",
        )
    return read
