"""What there is to say of a command that has ended: its numbers, its W&B run, and how it failed."""

import datetime as dt
import json
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.instrument.child import Ended
from research_logbook.instrument.values import as_code
from research_logbook.logbook.model import Logbook
from research_logbook.markdown.escape import block, link, one_line
from research_logbook.private_text import is_private
from research_logbook.secret_scanner import KnownSecrets
from research_logbook.wandb.links import parse_run_link
from research_logbook.wandb.metric_choice import choose_metrics
from research_logbook.wandb.runs import Run, run_of

_MOST_METRICS = 12
_MOST_LINES = 20
_LONGEST_LINE = 300
_LARGEST_FILE = 10_000_000
_MOST_RUNS = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    ended: Ended
    numbers: Mapping[str, float]
    runs: Sequence[Run]
    """The W&B runs that it made."""
    tail: str
    """The last lines of its output, as a block of code; empty where it ended well."""
    notes: tuple[str, ...]
    """Sentences for the user, such as why numbers are missing."""

    @property
    def is_pending(self) -> bool:
        """Whether it ended well and said no number, so that its result is still to be told."""
        return not (self.ended.status or self.numbers)

    def values(self, book: Logbook) -> dict[str, str]:
        """Return what its entry says; no result where it ended well and its numbers are not known."""
        told = ", ".join(numbers_told(self.numbers, book))
        start = dt.datetime.fromtimestamp(self.ended.began, dt.UTC)
        end = start + dt.timedelta(seconds=self.ended.seconds)
        ends = f"{end:%H:%M:%S}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M:%S}"
        span = f"from {start:%Y-%m-%d %H:%M:%S} to {ends} UTC"
        values = {"Duration": f"{self.ended.lasted}, {span}, exit status {self.ended.status}"}
        if self.runs:
            values["run"] = ", ".join(map(_run_told, self.runs))
        if self.ended.status:
            how = "interrupted" if self.ended.is_interrupted else "failed"
            values["result"] = f"{how}: {self.ended.sentence}" + (f"; until then {told}" if told else "")
        elif told:
            values["result"] = told
        if self.tail:
            values["Last output"] = self.tail
        return values


def _run_told(run: Run) -> str:
    return link(run.id, run.url) if run.url else f"{as_code(one_line(run.id, 80))} (offline)"


def numbers_told(numbers: Mapping[str, float], book: Logbook) -> list[str]:
    """Return metrics with their values, the logbook's primary one first; of very many, how many more there are."""
    first = [name for name in choose_metrics([run_of({"summary": numbers})], book).metrics if name in numbers]
    names = list(dict.fromkeys((*first, *numbers)))
    told = [f"{_name_told(name)} {_number_told(numbers[name])}" for name in names[:_MOST_METRICS]]
    more = len(names) - _MOST_METRICS
    return [*told, f"and {more} more"] if more > 0 else told


_PLAIN_NAME = re.compile(r"(?!www\.)[A-Za-z0-9][\w./%@+-]{0,79}", re.ASCII | re.IGNORECASE)


def _name_told(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else as_code(one_line(name, 80))


def _number_told(number: float) -> str:
    return f"{number:.0f}" if number.is_integer() and abs(number) < 1e15 else f"{number:.6g}"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a command leaves its numbers, and what is there before it starts."""

    folder: Path
    metrics: Path | None
    """A JSON file that it is to write."""
    stamp: tuple[int, ...]
    wandb: Path
    runs: frozenset[str]

    @classmethod
    def before(cls, folder: Path, metrics: str | None, environment: Mapping[str, str]) -> "Whereabouts":
        """Look, before a command starts in a folder."""
        file = folder / metrics if metrics else None
        wandb = folder / (environment.get("WANDB_DIR") or ".") / "wandb"
        return cls(folder, file, _stamp(file), wandb, frozenset(_run_folders(wandb)))


def _stamp(file: Path | None) -> tuple[int, ...]:
    """Return what tells whether a file was written again; no clock does that on every disk."""
    try:
        about = os.stat(file) if file else None  # noqa: PTH116 - either of the two
    except OSError:
        return ()
    return (about.st_ino, about.st_mtime_ns, about.st_ctime_ns, about.st_size) if about else ()


def _run_folders(wandb: Path) -> list[str]:
    """Return the folders of runs that the SDK has left, the oldest first."""
    try:
        found = [it.name for it in wandb.iterdir() if re.match(r"(?:offline-)?run-", it.name)]
    except OSError:
        return []
    return sorted(found, key=lambda name: name.removeprefix("offline-"))


def outcome_of(ended: Ended, there: Whereabouts, name: str, book: Logbook, context: RunContext) -> Outcome:
    """Return what a command came to: its numbers are those of its file, else of the W&B run that it made."""
    text = ended.tail.decode("utf-8", "replace")
    runs, notes = _wandb_runs(there, text, name, book, context)
    numbers = _metrics(there, notes) if there.metrics else runs[-1].summary if runs else {}
    return Outcome(ended, numbers, runs, _tail(text, there.folder, context) if ended.status else "", tuple(notes))


def _metrics(there: Whereabouts, notes: list[str]) -> Mapping[str, float]:
    """Return the numbers in a JSON file that a command wrote."""
    assert there.metrics  # noqa: S101 - the caller knows
    raw, why = None, ""
    try:
        about = there.metrics.stat()
        if not stat.S_ISREG(about.st_mode):
            why = "is no file"
        elif _stamp(there.metrics) == there.stamp:
            why = "was not written by this run"
        elif about.st_size > _LARGEST_FILE:
            why = f"is over {_LARGEST_FILE // 1_000_000} MB"
        else:
            raw = json.loads(there.metrics.read_bytes())
            why = "" if isinstance(raw, dict) else "holds no object of metrics"
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    except (ValueError, RecursionError):
        why = "is not JSON"
    found = run_of({"summary": raw}).summary if isinstance(raw, dict) else {}
    if why or not found:
        notes.append(f"{there.metrics.name} {why or 'holds no number'}, so no metric is taken from it")
    return found


_URL = re.compile(r"https?://[^\s\x00-\x1f<>\"'`)\]]{1,500}")


def _wandb_runs(
    there: Whereabouts, text: str, name: str, book: Logbook, context: RunContext
) -> tuple[list[Run], list[str]]:
    """Return the W&B runs that a command made, as the SDK left them on the disk, with the links that it printed.

    Where several commands at once leave theirs in one folder, its own are those that are named for it. Beside them are
    sentences for the user.
    """
    host = context.work_tree_config.wandb.host
    # Of links in other lines nobody knows whose they are.
    said = "\n".join(line for line in _ESCAPES.sub("", text).splitlines() if line.startswith("wandb: "))
    linked = ((url.partition("?")[0].rstrip(".,;:"), parse_run_link(url, host)) for url in _URL.findall(said))
    links = {key.run: (url, key.project) for url, key in linked if key and key.run}
    made = [it for it in _run_folders(there.wandb) if it not in there.runs and (there.wandb / it).is_dir()]
    read = [_wandb_run(there.wandb / it, book, context) for it in made[-_MOST_RUNS:]]
    found, notes = [run for run, _ in read], [note for _, note in read if note]
    named = [run for run in found if run.name == name or run.name.startswith(f"{name} ")]
    found = named or found
    seen = [] if found else [run_of({"id": run, "project": project}) for run, (_, project) in links.items()]
    return [replace(run, url=links.get(run.id, ("",))[0]) for run in (*found, *seen)], notes


def _wandb_run(folder: Path, book: Logbook, context: RunContext) -> tuple[Run, str]:
    """Return the run in a folder of the SDK, read by the SDK's own tool; where that cannot be, its ID, and why."""
    why = "its file is not readable"
    from research_logbook.issues import IssueText  # noqa: PLC0415 - only for a run that W&B knows
    from research_logbook.wandb.client import OfflineRuns  # noqa: PLC0415
    from research_logbook.wandb.plan import thread_of  # noqa: PLC0415

    try:
        thread = thread_of(book, IssueText(), context.work_tree_config.wandb.host, ())
        if read := OfflineRuns(folder, context.environment).runs(thread, ()):
            return read[0], ""
    except UserError as error:
        why = error.sentence
    return run_of({"id": folder.name.rpartition("-")[2]}), f"the W&B run in {folder.name} is not read: {why}"


_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")


def _tail(text: str, folder: Path, context: RunContext) -> str:
    """Return the last lines of an output as a block of code, without what must not be published."""
    lines = (line.rstrip("\r").rpartition("\r")[2].rstrip() for line in _ESCAPES.sub("", text).split("\n"))
    printable = ("".join(it for it in line if it.isprintable() or it == "\t")[:_LONGEST_LINE] for line in lines)
    # A path on this machine means nothing to others.
    places = ((f"{folder}/", ""), (f"{context.clone().root}/", ""), (f"{Path.home()}/", "~/"))
    relative = (reduce(lambda text, place: text.replace(*place), places, line) for line in printable)
    kept = [line for line in relative if line][-_MOST_LINES:]
    held_back, secrets = context.work_tree_config.held_back, KnownSecrets.among(context.environment)
    kept = [
        "[a line is left out that must not be published]"
        if is_private(line, held_back) or secrets.mask(line) != line
        else line
        for line in kept
    ]
    joined = "\n".join(kept)
    return block(joined, "text") if kept and not is_private(joined, held_back) else ""
