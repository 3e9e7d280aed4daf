"""`logbook run`: an entry before a command starts, its outcome after it.

What is known beforehand is written beforehand: command, commit, configuration, hardware, and a result that is pending.
A kill leaves that, which is the truth.
"""

import json
import math
import os
import re
import shlex
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from hashlib import sha256
from pathlib import Path

from research_logbook.context import RunContext
from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.instrument import child, entry_text, machine
from research_logbook.instrument.child import Ended
from research_logbook.instrument.entry import EntryOptions, add_entry, complete_entry
from research_logbook.instrument.entry_text import PENDING
from research_logbook.instrument.logbook_file import read_logbook
from research_logbook.logbook.model import Logbook
from research_logbook.markdown.escape import quoted
from research_logbook.private_text import find_private, is_private
from research_logbook.wandb.plan import metrics_of
from research_logbook.wandb.runs import Run, run_of

_MOST_METRICS = 12
_MOST_LINES = 20
_LONGEST_LINE = 300
_LARGEST_METRICS_FILE = 10_000_000


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
    ended: Ended
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Preparation:
    """What is known before a command starts."""

    path: str
    id: str
    values: dict[str, str]
    changes: bytes = b""
    """The diff that no commit holds, where it is to be kept."""
    to_commit: bool = False
    notes: list[str] = field(default_factory=list)


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
    name = options.entry.id or entry_text.next_id(book)
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


def record(options: RunOptions, ready: Preparation, context: RunContext) -> Recorded:
    """Write the entry, run the command, and write how it ended."""
    repository = context.clone()
    label = options.entry.label or Path(options.command[0]).name
    if ready.to_commit:
        ready.values["commit"] = repository.commit_changes(f"Run {ready.id}: {label}", ready.path)
    if ready.changes:
        patch = repository.root / ready.path.rpartition("/")[0] / "patches" / f"{ready.id}.patch"
        patch.parent.mkdir(parents=True, exist_ok=True)
        patch.write_bytes(ready.changes)
    written = add_entry(ready.path, EntryOptions(options.entry.id, label, ready.values), context)
    environment = {**context.environment, "LOGBOOK_ID": written.id}
    environment.setdefault("WANDB_NAME", f"{written.id} {label}".strip())
    began = time.time()
    ended = child.run(options.command, environment)
    notes: list[str] = []
    try:
        values = dict(_outcome(options, ready.path, ended, began, context, notes))
        complete_entry(ready.path, written.id, values, context)
    except (UserError, OSError) as error:
        why = error.sentence if isinstance(error, UserError) else str(error)
        raise UnfinishedError(
            f"{written.id} ended ({ended.sentence}), but its entry still says that its result is pending: {why}",
            f"then run `logbook entry complete {written.id} --result …`",
        ) from error
    return Recorded(written.id, ready.path, ended, tuple(notes))


def _outcome(
    options: RunOptions, path: str, ended: Ended, began: float, context: RunContext, notes: list[str]
) -> Iterator[tuple[str, str]]:
    """Yield what an entry says after its command has ended."""
    book = read_logbook(context.clone(), path)
    run = _wandb_run(book, began, context, notes)
    if run is not None:
        yield "run", f"[{run.id}]({run.url})" if run.url else f"`{run.id}` (offline)"
    yield "Duration", f"{child.duration(ended.seconds)}, exit status {ended.status}"
    numbers = _metrics(options.metrics, began, context, notes) if options.metrics else run.summary if run else {}
    told = ", ".join(_told(book, numbers))
    if ended.status:
        tail = _tail(ended.tail, context)
        yield "result", f"failed: {ended.sentence}" + (f"; until then {told}" if told else "")
        if tail:
            yield "Last output", tail
    elif told:
        yield "result", told
    else:
        notes.append("it ended well, and its numbers are still pending: `logbook entry complete ID --result …`")


def _told(book: Logbook, numbers: Mapping[str, float]) -> Iterator[str]:
    """Yield metrics and their values, the logbook's primary one first."""
    run = run_of({"summary": numbers})
    first = [name for name in metrics_of([run], book) if name in numbers]
    for name in list(dict.fromkeys((*first, *numbers)))[:_MOST_METRICS]:
        value = numbers[name]
        yield f"{name} {value:.6g}" if math.isfinite(value) else f"{name} {value}"


def _metrics(name: str, began: float, context: RunContext, notes: list[str]) -> Mapping[str, float]:
    """Return the numbers in a JSON file that the command wrote."""
    file = context.folder / name
    try:
        about = file.stat()
        if about.st_mtime < began - 2:
            notes.append(f"{name} is older than this run, so it is not read")
            return {}
        if about.st_size > _LARGEST_METRICS_FILE:
            notes.append(f"{name} is over {_LARGEST_METRICS_FILE // 1_000_000} MB, so it is not read")
            return {}
        raw = json.loads(file.read_bytes())
    except OSError as error:
        notes.append(f"{name} cannot be read: {error.strerror}")
        return {}
    except (ValueError, RecursionError):
        notes.append(f"{name} is not JSON")
        return {}
    if not isinstance(raw, dict):
        notes.append(f"{name} holds no object of metrics")
        return {}
    return run_of({"summary": raw}).summary


def _wandb_run(book: Logbook, began: float, context: RunContext, notes: list[str]) -> Run | None:
    """Return the W&B run that a command made, as the SDK left it on the disk; None for none."""
    folder = Path(context.environment.get("WANDB_DIR") or context.folder) / "wandb"
    made = (
        [it for it in folder.glob("*run-*") if it.is_dir() and it.stat().st_mtime >= began - 2]
        if folder.is_dir()
        else []
    )
    if not made:
        return None
    from research_logbook.issues import IssueText  # noqa: PLC0415 - only for a run that W&B knows
    from research_logbook.wandb.client import OfflineRuns  # noqa: PLC0415
    from research_logbook.wandb.plan import thread_of  # noqa: PLC0415

    newest = max(made, key=lambda it: it.stat().st_mtime)
    host = context.work_tree_config.wandb.host
    try:
        source = OfflineRuns(newest, context.environment)
        found = source.runs(thread_of(book, IssueText(), host, ()), ())
    except UserError as error:
        notes.append(f"the W&B run in {newest.name} is not read: {error.sentence}")
        return None
    run = next(iter(found), None)
    return run


_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def _tail(raw: bytes, context: RunContext) -> str:
    """Return the last lines of an output as a block of code, without what must not be published."""
    text = _ESCAPES.sub("", raw.decode("utf-8", "replace"))
    lines = (line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n"))
    printable = ("".join(it for it in line if it.isprintable() or it == "\t")[:_LONGEST_LINE] for line in lines)
    held_back = context.work_tree_config.held_back
    # A path on this machine means nothing to others.
    places = ((f"{context.clone().root}/", ""), (f"{Path.home()}/", "~/"))
    relative = (reduce(lambda text, place: text.replace(*place), places, line) for line in printable)
    kept = [line for line in relative if line][-_MOST_LINES:]
    kept = ["[a line is left out that must not be published]" if is_private(line, held_back) else line for line in kept]
    if not kept or is_private("\n".join(kept), held_back):
        return ""
    marks = "`" * max(3, *(len(run) + 1 for line in kept for run in re.findall(r"`+", line)), 3)
    return "\n".join([f"{marks}text", *kept, marks])
