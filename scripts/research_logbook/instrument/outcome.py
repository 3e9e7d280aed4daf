"""What there is to say of a command that has ended: its numbers, its W&B run, and how it failed."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.instrument import child
from research_logbook.instrument.child import Ended
from research_logbook.logbook.model import Logbook
from research_logbook.private_text import is_private
from research_logbook.wandb.metric_choice import choose_metrics
from research_logbook.wandb.runs import Run, run_of

_MOST_METRICS = 12
_MOST_LINES = 20
_LONGEST_LINE = 300
_LARGEST_FILE = 10_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    ended: Ended
    numbers: Mapping[str, float]
    run: Run | None
    """The W&B run that it made."""
    tail: str
    """The last lines of its output, as a block of code; empty where it ended well."""
    notes: tuple[str, ...]
    """Sentences for the user, such as why numbers are missing."""

    def values(self, book: Logbook) -> dict[str, str]:
        """Return what its entry says; no result where it ended well and its numbers are not known."""
        told = ", ".join(numbers_told(self.numbers, book))
        values = {"Duration": f"{child.duration(self.ended.seconds)}, exit status {self.ended.status}"}
        if self.run is not None:
            values["run"] = f"[{self.run.id}]({self.run.url})" if self.run.url else f"`{self.run.id}` (offline)"
        if self.ended.status:
            values["result"] = f"failed: {self.ended.sentence}" + (f"; until then {told}" if told else "")
        elif told:
            values["result"] = told
        if self.tail:
            values["Last output"] = self.tail
        return values


def numbers_told(numbers: Mapping[str, float], book: Logbook) -> list[str]:
    """Return metrics with their values, the logbook's primary one first."""
    first = [name for name in choose_metrics([run_of({"summary": numbers})], book).metrics if name in numbers]
    names = list(dict.fromkeys((*first, *numbers)))[:_MOST_METRICS]
    return [
        f"{name} {numbers[name]:.6g}" if math.isfinite(numbers[name]) else f"{name} {numbers[name]}" for name in names
    ]


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended, and where to look for what it left."""

    ended: Ended
    began: float
    """In seconds since 1970."""
    folder: Path
    metrics: Path | None
    """A JSON file that it was to write."""


def outcome_of(done: Finished, book: Logbook, context: RunContext) -> Outcome:
    """Return what a command came to: its numbers are those of its file, else of the W&B run that it made."""
    notes: list[str] = []
    ended, began, folder = done.ended, done.began, done.folder
    run = _wandb_run(done, book, context, notes)
    numbers = _metrics(done.metrics, began, notes) if done.metrics else run.summary if run else {}
    if not (ended.status or numbers):
        notes.append("it ended well, and its numbers are still pending: pass them to `logbook entry complete`")
    return Outcome(ended, numbers, run, _tail(ended.tail, folder, context) if ended.status else "", tuple(notes))


def _metrics(file: Path, began: float, notes: list[str]) -> Mapping[str, float]:
    """Return the numbers in a JSON file that a command wrote."""
    raw, why = None, ""
    try:
        about = file.stat()
        if about.st_mtime < began - 2:
            why = "is older than this run"
        elif about.st_size > _LARGEST_FILE:
            why = f"is over {_LARGEST_FILE // 1_000_000} MB"
        else:
            raw = json.loads(file.read_bytes())
            why = "" if isinstance(raw, dict) else "holds no object of metrics"
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    except (ValueError, RecursionError):
        why = "is not JSON"
    if why or not isinstance(raw, dict):
        notes.append(f"{file.name} {why}, so no metric is taken from it")
        return {}
    return run_of({"summary": raw}).summary


def _wandb_run(done: Finished, book: Logbook, context: RunContext, notes: list[str]) -> Run | None:
    """Return the W&B run that a command made, as the SDK left it on the disk; None for none."""
    place = Path(context.environment.get("WANDB_DIR") or done.folder) / "wandb"
    found = [it for it in place.glob("*run-*") if it.is_dir()] if place.is_dir() else []
    made = [it for it in found if it.stat().st_mtime >= done.began - 2]
    if not made:
        return None
    from research_logbook.issues import IssueText  # noqa: PLC0415 - only for a run that W&B knows
    from research_logbook.wandb.client import OfflineRuns  # noqa: PLC0415
    from research_logbook.wandb.plan import thread_of  # noqa: PLC0415

    newest = max(made, key=lambda it: it.stat().st_mtime)
    try:
        thread = thread_of(book, IssueText(), context.work_tree_config.wandb.host, ())
        return next(iter(OfflineRuns(newest, context.environment).runs(thread, ())), None)
    except UserError as error:
        notes.append(f"the W&B run in {newest.name} is not read: {error.sentence}")
        return None


_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def _tail(raw: bytes, folder: Path, context: RunContext) -> str:
    """Return the last lines of an output as a block of code, without what must not be published."""
    text = _ESCAPES.sub("", raw.decode("utf-8", "replace"))
    lines = (line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n"))
    printable = ("".join(it for it in line if it.isprintable() or it == "\t")[:_LONGEST_LINE] for line in lines)
    held_back = context.work_tree_config.held_back
    # A path on this machine means nothing to others.
    places = ((f"{folder}/", ""), (f"{context.clone().root}/", ""), (f"{Path.home()}/", "~/"))
    relative = (reduce(lambda text, place: text.replace(*place), places, line) for line in printable)
    kept = [line for line in relative if line][-_MOST_LINES:]
    kept = ["[a line is left out that must not be published]" if is_private(line, held_back) else line for line in kept]
    if not kept or is_private("\n".join(kept), held_back):
        return ""
    marks = "`" * max(3, *(len(run) + 1 for line in kept for run in re.findall(r"`+", line)), 3)
    return "\n".join([f"{marks}text", *kept, marks])
