"""`logbook run`: an entry before a command starts, its outcome after it.

What is known beforehand is written beforehand: command, commit, configuration, hardware, and a result that is pending.
A kill leaves that, which is the truth.
"""

import os
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from research_logbook.context import RunContext
from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.instrument import child, entry_text, machine
from research_logbook.instrument.child import Ended
from research_logbook.instrument.entry import EntryOptions, add_entry, complete_entry, local
from research_logbook.instrument.entry_text import PENDING
from research_logbook.instrument.logbook_file import read_logbook
from research_logbook.instrument.outcome import Finished, Outcome, outcome_of
from research_logbook.markdown.escape import quoted
from research_logbook.private_text import find_private
from research_logbook.repo import own_clone


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a user asked `logbook run` for."""

    command: tuple[str, ...]
    entry: EntryOptions = EntryOptions()  # noqa: RUF009 - frozen
    metrics: str | None = None
    """A JSON file that the command writes."""
    commit: bool = False
    """Whether changes are committed first."""
    dirty: bool = False
    """Whether it may run with changes that no commit holds."""
    variables: tuple[str, ...] = ()
    """Further variables to be recorded."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run that has ended, and what is in the record of it."""

    id: str
    path: str
    outcome: Outcome

    @property
    def ended(self) -> Ended:
        """How its command ended."""
        return self.outcome.ended


@dataclass(slots=True)
class Preparation:
    """What is known before a command starts."""

    path: str
    id: str
    values: dict[str, str]
    changes: bytes = b""
    """The diff that no commit holds, where it is to be kept."""
    to_commit: bool = False
    judged: Callable[[Outcome], dict[str, str]] = lambda _: {}
    """What the entry says of an outcome besides."""


def prepare(path: str, options: RunOptions, context: RunContext) -> Preparation:
    """Return what is known of a run before it starts; nothing is written.

    Raises `UserError` for a program that is not there, and for changes that no commit holds.
    """
    first = options.command[0]
    if shutil.which(first) is None:
        shell = (
            "for a line of the shell: `logbook run -- bash -c '…'`" if " " in first else "check its name and the PATH"
        )
        raise UserError(f"there is no program {quoted(first)}", shell)
    repository = context.clone()
    book = read_logbook(repository, path)
    name = options.entry.id or entry_text.next_id(book, local(context.now))
    ready = Preparation(path, name, dict(options.entry.values))
    commit = repository.commit("HEAD")
    if commit is None:
        raise UserError("there is no commit yet, so nobody could run this again", "commit the code first")
    ready.values["commit"] = commit
    if repository.is_edited(path):
        _about_changes(ready, options, context)
    ready.values["command"] = shlex.join(options.command)
    ready.values["config"] = "; ".join(_configuration(options, context, ready.values.get("config", "")))
    ready.values.setdefault("hardware", machine.hardware())
    ready.values["result"] = PENDING
    return ready


def _about_changes(ready: Preparation, options: RunOptions, context: RunContext) -> None:
    changes = context.clone().changes_text(ready.path)
    if options.commit:
        ready.to_commit = True
        ready.values["commit"] = PENDING
    elif options.dirty:
        found = next(find_private(changes.decode("utf-8", "replace"), context.work_tree_config.held_back), None)
        if found:
            raise RefusedError(f"the changes hold {found.what}, so they are not kept", "commit them without it")
        ready.changes = changes
        kept = f"{ready.path.rpartition('/')[0]}/patches/{ready.id}.patch"
        told = f"`{ready.values['commit']}` plus uncommitted changes, `sha256:{sha256(changes).hexdigest()[:16]}`"
        ready.values["commit"] = f"{told} in [`{ready.id}.patch`]({os.path.relpath(kept, Path(ready.path).parent)})"
    else:
        raise UserError(
            "tracked files have changes that no commit holds, so nobody could run this again",
            "pass --commit to commit them first, or --dirty to keep them as a patch beside the logbook",
        )


def _configuration(options: RunOptions, context: RunContext, said: str) -> Iterator[str]:
    if said:
        yield said
    told = machine.variables(context.environment, options.variables)
    if told:
        yield "environment " + ", ".join(f"`{name}={value}`" for name, value in told.items())
    version = machine.python(options.command)
    if version:
        yield version
    lock = machine.lock_file(context.folder, context.clone().root)
    if lock:
        yield f"`{lock}`"


def record(options: RunOptions, ready: Preparation, context: RunContext, folder: Path | None = None) -> Recorded:
    """Write the entry, run the command in a folder, by default this one, and write what it came to.

    Raises `UnfinishedError` where the last cannot be done; the entry then says that its result is pending.
    """
    repository, there = context.clone(), folder or context.folder
    label = options.entry.label or Path(options.command[0]).name
    if ready.to_commit:
        ready.values["commit"] = own_clone.commit_changes(repository, f"Run {ready.id}: {label}", ready.path)
    if ready.changes:
        patch = repository.root / ready.path.rpartition("/")[0] / "patches" / f"{ready.id}.patch"
        patch.parent.mkdir(parents=True, exist_ok=True)
        patch.write_bytes(ready.changes)
    written = add_entry(ready.path, EntryOptions(options.entry.id, label, ready.values), context)
    environment = {**context.environment, "LOGBOOK_ID": written.id}
    environment.setdefault("WANDB_NAME", f"{written.id} {label}".strip())
    began = time.time()
    ended = child.run(options.command, environment, there)
    try:
        metrics = there / options.metrics if options.metrics else None
        book = read_logbook(repository, ready.path)
        outcome = outcome_of(Finished(ended, began, there, metrics), book, context)
        values = {**outcome.values(book), **ready.judged(outcome)}
        complete_entry(ready.path, written.id, values, context)
    except (UserError, OSError) as error:
        why = error.sentence if isinstance(error, UserError) else str(error)
        raise UnfinishedError(
            f"{written.id} ended ({ended.sentence}), but its entry still says that its result is pending: {why}",
            f"then run `logbook entry complete {written.id} --result …`",
        ) from error
    return Recorded(written.id, ready.path, outcome)
