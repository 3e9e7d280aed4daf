"""`logbook entry` and `logbook hypothesis`: what a person or an agent knows, put into the record."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import UserError
from research_logbook.instrument import entry_text, queue_text
from research_logbook.instrument.entry_text import NewEntry
from research_logbook.instrument.logbook_file import changed
from research_logbook.instrument.queue_text import Move, NewHypothesis
from research_logbook.logbook import experiment_ids, vocabulary
from research_logbook.logbook.model import Logbook, Status
from research_logbook.markdown.escape import quoted

_RAN = ("command", "result")
"""Fields of what ran, which has a commit."""


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
    notes: tuple[str, ...] = ()


def add_entry(path: str, options: EntryOptions, context: RunContext, *, dry_run: bool = False) -> Written:
    """Append an entry with the next free ID, the time, and the commit that is checked out where something ran.

    Raises `UserError` for an ID that is taken, or is not one of the logbook's.
    """
    values = dict(options.values)
    notes: list[str] = []
    if "commit" not in values and any(values.get(key) for key in _RAN):
        commit = context.clone().commit("HEAD")
        if commit:
            values["commit"] = commit
            if context.clone().is_edited(path):
                notes.append("this commit lacks changes of tracked files: commit them, or say so in the entry")
    used: list[str] = []

    def change(book: Logbook) -> str:
        name = checked_id(book, options.id) if options.id else entry_text.next_id(book)
        used.append(name)
        return entry_text.with_entry(book, NewEntry(local(context.now), name, options.label or name, values))

    rewrite = changed(context, path, change, dry_run=dry_run)
    return Written(rewrite, used[-1], tuple(notes))


def checked_id(book: Logbook, name: str) -> str:
    """Return an ID for a new entry; raises `UserError` where it is taken, no ID, or one of another series."""
    if experiment_ids.before(name) != ((name,), ""):
        raise UserError(
            f"{quoted(name)} is not an experiment ID", f"write it as {entry_text.next_id(book) or 'MOE-HC-001'}"
        )
    if book.prefix and experiment_ids.prefix_of(name) != book.prefix:
        raise UserError(
            f"ID {quoted(name)} does not use this logbook's prefix {book.prefix}",
            f"the next one is {entry_text.next_id(book)}",
        )
    if any(name in entry.heading_ids for entry in book.everything):
        raise UserError(
            f"{book.path} already has an entry {quoted(name)}",
            f"the next free one is {entry_text.next_id(book)}; `logbook entry complete {name}` fills in the pending",
        )
    return name


def complete_entry(
    path: str, name: str, values: Mapping[str, str], context: RunContext, *, dry_run: bool = False
) -> Written:
    """Fill in what is pending in an entry and add what it lacks; raises `UserError` for what it says already."""
    if not values:
        raise UserError("nothing to fill in", "pass what is known, such as --result 'loss 2.31'")

    def change(book: Logbook) -> str:
        return entry_text.completed(book, entry_text.entry_named(book, name), values)

    return Written(changed(context, path, change, dry_run=dry_run), name)


def correct_entry(
    path: str, name: str, values: Mapping[str, str], context: RunContext, *, dry_run: bool = False
) -> Written:
    """Strike out what an entry says and put the right value behind it."""
    if not values:
        raise UserError("nothing to correct", "pass the right value, such as --result 'loss 2.31'")

    def change(book: Logbook) -> str:
        text = book.text
        for key, value in values.items():
            book = entry_text.parsed_again(book, text)
            text = entry_text.corrected(book, entry_text.entry_named(book, name), key, value)
        return text

    return Written(changed(context, path, change, dry_run=dry_run), name)


def add_hypothesis(path: str, new: NewHypothesis, context: RunContext, *, dry_run: bool = False) -> Written:
    """Put a hypothesis into the queue; without an ID it has the next free one."""
    used: list[str] = []

    def change(book: Logbook) -> str:
        used.append(new.id or queue_text.next_hypothesis_id(book))
        return queue_text.with_hypothesis(book, replace(new, id=used[-1]))

    rewrite = changed(context, path, change, dry_run=dry_run)
    return Written(rewrite, used[-1])


def move_hypothesis(path: str, name: str, move: Move, context: RunContext, *, dry_run: bool = False) -> Written:
    """Move a hypothesis to another state."""
    return Written(changed(context, path, lambda book: queue_text.moved(book, name, move), dry_run=dry_run), name)


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
