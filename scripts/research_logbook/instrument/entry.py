"""`logbook entry` and `logbook hypothesis`: what a person or an agent knows, put into the record."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import UserError, did_you_mean
from research_logbook.instrument import entry_text, queue_text
from research_logbook.instrument.entry_text import PENDING, NewEntry
from research_logbook.instrument.logbook_file import changed, ids_elsewhere, read_logbook
from research_logbook.instrument.queue_text import Move, NewHypothesis
from research_logbook.instrument.style import in_order, style_of
from research_logbook.instrument.values import checked, in_line
from research_logbook.logbook import experiment_ids, vocabulary
from research_logbook.logbook.model import Entry, Logbook, Status
from research_logbook.markdown.escape import quoted, visible

_RAN = ("command", "result")
"""Fields of what ran, which has a commit."""
_LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class EntryOptions:
    """What a user asked `logbook entry` for."""

    id: str | None = None
    label: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the entry says, by the canonical names of the fields."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, or would be."""

    rewrite: FileRewrite
    id: str
    """Of the entry or hypothesis; empty for an entry without one."""
    line: int
    """Where it begins."""
    notes: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    """What the entry still has to say, by the canonical names of the fields."""


def add_entry(
    path: str,
    options: EntryOptions,
    context: RunContext,
    *,
    edit: Callable[[str], str] | None = None,
    dry_run: bool = False,
) -> Written:
    """Append an entry with the next free ID, the time, and the commit that is checked out where something ran.

    `edit` lets the user change its text before it is written. Raises `UserError` for an ID that is taken, or is not
    one of the logbook's.
    """
    values, label = checked(options.values), in_line(options.label)
    if len(label) > _LONGEST_LABEL:
        raise UserError(f"the label has {len(label)} characters", "use a few words; `--result` and others say the rest")
    notes: list[str] = []
    if "command" in values:
        values.setdefault("result", PENDING)
    if "commit" not in values and any(key in values for key in _RAN):
        commit = context.clone().commit("HEAD")
        if commit:
            values["commit"] = commit
            if set(context.clone().uncommitted(with_untracked=False).tracked) - {path}:
                notes.append("this commit lacks changes of tracked files: commit them, or say so in the entry")
    book, now = read_logbook(context.clone(), path), local(context.now)
    drafted = checked_id(book, options.id) if options.id else entry_text.next_id(book, now)
    draft = NewEntry(now, drafted, label, values)
    edited = _edited(draft, book, edit) if edit else ""
    found: list[tuple[str, Entry]] = []

    def change(book: Logbook) -> str:
        elsewhere = ids_elsewhere(context, path)
        name = checked_id(book, options.id) if options.id else entry_text.next_id(book, now, elsewhere)
        if edited:  # The next free ID may have been taken meanwhile.
            head, _, rest = edited.partition("\n")
            text = entry_text.grown(book, f"{head.replace(drafted, name) if drafted else head}\n{rest}".rstrip())
        else:
            text = entry_text.with_entry(book, replace(draft, id=name))
        entry = _new_entry(book, entry_text.parsed_again(book, text, 1))
        if edited and entry.heading_ids[:1] != (name,)[: bool(name)]:
            name = checked_id(book, entry.heading_ids[0]) if entry.heading_ids else ""
        elif entry.heading_ids != (name,) * bool(name):
            raise UserError(f"the label {quoted(label)} would be read as an ID", "begin it with another word")
        if entry.when is None:
            raise UserError("the entry has no date", "keep the one in its heading")
        found.append((name, entry))
        return text

    done = changed(context, path, change, added=1, dry_run=dry_run)
    name, entry = found[-1]
    notes += done.notes
    return Written(done.rewrite, name, entry.span.line, tuple(notes), tuple(entry_text.open_parts(entry)))


_ASKED = ("hypothesis", "config", "result", "interpretation", "next-action")
"""What an entry that is edited is to be filled in with."""


def _edited(draft: NewEntry, book: Logbook, edit: Callable[[str], str]) -> str:
    """Let the user edit the text of an entry; raises `UserError` where it says nothing then."""
    style = style_of(book)
    asked = {} if style.fields.deeper else {key: "" for key in _ASKED if key not in draft.values}
    blank = {style.write_field(key, "") for key in asked}
    text = visible(edit(entry_text.entry_in_style(style, replace(draft, values={**draft.values, **asked}))))
    kept = [line for line in text.strip().split("\n") if line.rstrip() not in blank]
    if not any(line.strip() for line in kept[1:]):
        raise UserError("the entry says nothing, so nothing is written", "say it below its heading")
    return "\n".join(kept)


def _new_entry(old: Logbook, new: Logbook) -> Entry:
    known = Counter(entry.heading for entry in old.everything)
    for entry in in_order(new):
        known[entry.heading] -= 1
        if known[entry.heading] < 0:
            return entry
    raise AssertionError("it was counted")


def checked_id(book: Logbook, name: str) -> str:
    """Return an ID for a new entry; raises `UserError` where it is taken, no ID, or one of another series."""
    free = entry_text.next_id(book, dt.datetime.now(dt.UTC)) or "MOE-HC-001"
    if experiment_ids.before(name) != ((name,), ""):
        raise UserError(f"{quoted(name)} is not an experiment ID", f"write it as {free}")
    prefix = experiment_ids.prefix_of(name)
    if book.prefix and prefix != book.prefix and not prefix.startswith(f"{book.prefix}-"):
        raise UserError(
            f"ID {quoted(name)} does not use this logbook's prefix {book.prefix}", f"the next one is {free}"
        )
    if any(name in entry.heading_ids for entry in book.everything):
        line = entry_text.entry_named(book, name).span.line
        raise UserError(
            f"{book.path}:{line}: there is an entry {quoted(name)} already",
            f"the next free ID is {free}; `logbook entry complete {name}` fills in what is pending",
        )
    return name


def latest_id(path: str, context: RunContext) -> str:
    """Return the ID of the newest entry that has one; raises `UserError` where none has."""
    book = read_logbook(context.clone(), path)
    named = [entry.heading_ids[-1] for entry in in_order(book) if entry.heading_ids]
    if not named:
        raise UserError(f"{path} has no entry with an ID", "append one: `logbook entry --label …`")
    return named[-1]


def complete_entry(
    path: str, name: str, values: Mapping[str, str], context: RunContext, *, dry_run: bool = False
) -> Written:
    """Fill in what is pending in an entry and add what it lacks; raises `UserError` for what it says already."""
    if not values:
        raise UserError("nothing to fill in", "pass what is known, such as --result 'loss 2.31'")
    said = checked(values)
    done = changed(context, path, lambda book: entry_text.completed(book, name, said), dry_run=dry_run)
    missing = entry_text.open_parts(entry_text.entry_named(done.book, name))
    return Written(done.rewrite, name, _changed_line(done.rewrite), done.notes, tuple(missing))


def correct_entry(
    path: str, name: str, values: Mapping[str, str], context: RunContext, *, dry_run: bool = False
) -> Written:
    """Strike out what an entry says and put the right value behind it; raises `UserError` for what it does not say."""
    if not values:
        raise UserError("nothing to correct", "pass the right value, such as --result 'loss 2.31'")
    said = checked(values)

    def change(book: Logbook) -> str:
        text = book.text
        for key, value in said.items():
            book = entry_text.parsed_again(book, text)
            text = entry_text.corrected(book, name, key, value)
        return text

    done = changed(context, path, change, dry_run=dry_run)
    return Written(done.rewrite, name, _changed_line(done.rewrite), done.notes)


def _changed_line(rewrite: FileRewrite) -> int:
    """Return the first line that is another one."""
    old, new = (rewrite.old or "").split("\n"), rewrite.new.split("\n")
    return next((at for at, (one, other) in enumerate(zip(old, new, strict=False), 1) if one != other), 1)


def add_hypothesis(path: str, new: NewHypothesis, context: RunContext, *, dry_run: bool = False) -> Written:
    """Put a hypothesis into the queue; without an ID it has the next free one."""
    if not new.claim.strip():
        raise UserError("the hypothesis is empty", "say what you expect, such as 'wider tiles are faster'")
    checked({"hypothesis": new.claim} | ({"next": new.next_test} if new.next_test else {}))
    used: list[str] = []

    def change(book: Logbook) -> str:
        used.append(new.id or queue_text.next_hypothesis_id(book))
        return queue_text.with_hypothesis(book, replace(new, id=used[-1]))

    done = changed(context, path, change, dry_run=dry_run)
    return Written(done.rewrite, used[-1], _changed_line(done.rewrite), done.notes)


def move_hypothesis(path: str, name: str, move: Move, context: RunContext, *, dry_run: bool = False) -> Written:
    """Move a hypothesis to another state; raises `UserError` for evidence from an entry that the logbook has not."""
    said = {"evidence": move.evidence, "next": move.next_test, "resume": move.resume}
    checked({key: value for key, value in said.items() if value})

    def moved(book: Logbook) -> str:
        there = {it for entry in book.everything for it in (*entry.ids, *entry.heading_ids)}
        unknown = [it for it in experiment_ids.found(move.evidence, book.prefix) if it not in there] if there else []
        if unknown:
            meant = did_you_mean(unknown[0], there, "name the entry that decided it, or what else did")
            raise UserError(f"the logbook has no entry {unknown[0]}, so it is no evidence", meant)
        return queue_text.moved(book, name, move)

    done = changed(context, path, moved, dry_run=dry_run)
    line = next((it.span.line for it in done.book.hypotheses if it.id == name), 1)
    return Written(done.rewrite, name, line, done.notes)


def status_named(text: str) -> Status:
    """Return the state of a hypothesis that a word means; raises `UserError` for none."""
    known = vocabulary.exact_status(text)
    if known is None:
        states = ", ".join(Status)
        raise UserError(f"{quoted(text)} is not a state of a hypothesis", f"use one of {states}")
    return known


def local(now: dt.datetime) -> dt.datetime:
    """Return a time in the zone of this machine."""
    return now.astimezone()
