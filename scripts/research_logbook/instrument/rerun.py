"""`logbook rerun`: an experiment run again at its own commit, and what came out compared with what it says.

Source: the research workflow, Run / Interpret: a result that was run again and held is `replicated`.
"""

import json
import os
import re
import shlex
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from research_logbook.context import RunContext
from research_logbook.errors import FETCH_ALL, RefusedError, UserError
from research_logbook.instrument import entry_text, machine
from research_logbook.instrument.entry import EntryOptions
from research_logbook.instrument.entry_text import PENDING
from research_logbook.instrument.logbook_file import read_logbook
from research_logbook.instrument.outcome import Outcome, numbers_told
from research_logbook.instrument.queue_text import hypotheses_said
from research_logbook.instrument.run import Preparation, Recorded, RunOptions, begin, configuration, record
from research_logbook.instrument.stated_figures import StatedFigure, compared, figures_of
from research_logbook.lint.rules.entries import why_inexact
from research_logbook.logbook import queries, vocabulary
from research_logbook.logbook.model import Code, Entry, Field, Logbook
from research_logbook.markdown.escape import printable, quoted
from research_logbook.repo import own_clone, tags_of
from research_logbook.repo.git import Repository
from research_logbook.wandb.runs import run_of

_LARGEST_PATCH = 100_000_000
_MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class Replication:
    """An experiment that can be run again."""

    id: str
    path: str
    command: str
    """A line, or lines, of the shell."""
    commit: str
    expected: tuple[StatedFigure, ...] = ()
    failure: str = ""
    """How it failed, as it says; empty where it did not."""
    patch: bytes = b""
    """What it ran with besides its commit."""
    commit_told: str = ""
    """How the entry writes its commit and its patch; empty without a patch."""
    hypothesis: str = ""
    """Which it tests, as it says; empty for none."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replicated:
    """An experiment that was run again."""

    recorded: Recorded
    verdict: str


def plan_rerun(path: str, name: str, context: RunContext) -> Replication:
    """Return how an experiment is run again; raises `UserError` that says why it cannot."""
    repository = context.clone()
    book = read_logbook(repository, path)
    entry = _entry(book, name)
    command = command_of(entry, name)
    results = [field for field in entry.all("result") if not field.is_pending]
    if not queries.has_result(entry):
        raise UserError(
            f"{name} has no result yet, so there is nothing to compare with",
            f"fill it in: `logbook entry complete {name} --result …`, or run it anew: `logbook run -- COMMAND`",
        )
    if any(re.match(r"\W*interrupted\b", field.text, re.IGNORECASE) for field in results):
        raise UserError(
            f"{name} was interrupted, so there is nothing to compare with", "run it anew: `logbook run -- COMMAND`"
        )
    commit, notes = _commit(book, entry, name, repository)
    told = "\n".join(field.text for field in results)
    failure = told.split("\n")[0] if _FAILED.match(told) else ""
    patch, commit_told = _patch(entry, name, path, repository)
    expected = () if failure else figures_of(entry)
    said = next((it for it in entry.all("hypothesis") if not it.is_pending), None)
    tested = ", ".join(hypotheses_said(said.text)) or " ".join(said.value.split()) if said else ""
    return Replication(name, path, command, commit, expected, failure, patch, commit_told, tested, tuple(notes))


_FAILED = re.compile(
    r"\W*(?:(?:it|the\s+run|run|training|job)\s+)?(?:was\s+)?(?:failed|fails|failure|crashed|crashes|crash|oom\b|"
    r"out\s+of\s+memory|killed|interrupted|aborted|timed\s+out|segfault|exit(?:\s+status|\s+code)?\s*:?\s*[1-9])",
    re.IGNORECASE,
)


def _entry(book: Logbook, name: str) -> Entry:
    """Return the one entry of an ID that says what was run; raises `UserError` where there are several."""
    last = entry_text.entry_named(book, name)
    ran = [entry for entry in book.everything if name in entry.heading_ids and any(queries.commands_of(entry))]
    told = {(tuple(it.text for it in queries.commands_of(entry)), queries.commit_of(entry)) for entry in ran}
    if len(told) > 1:
        lines = " and ".join(str(entry.span.line) for entry in ran)
        raise UserError(
            f"{book.path} has {len(ran)} entries {name} with a command, in the lines {lines}",
            "strike the ID out in the heading that is not meant, and give that entry another",
        )
    return ran[-1] if ran else last


# The command


_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_PROMPT = re.compile(r"^\s*\$ ", re.MULTILINE)


def command_of(entry: Entry, name: str) -> str:
    """Return the exact command of an entry; raises `UserError` for none, several, or one that cannot be run."""
    places = list(queries.commands_of(entry))
    anew = "run what is meant: `logbook run -- COMMAND`"
    if not places:
        raise UserError(f"{name} records no exact command, so it cannot be run again", anew)
    commands = [command for place in places for command in _commands_in(place)]
    if len(commands) > 1:
        listed = "; ".join(quoted(command) for command in commands[:3])
        raise UserError(f"{name} records {len(commands)} commands: {listed}", anew)
    (place,) = places
    why = why_inexact(place)
    if not why and isinstance(place, Field):
        around = vocabulary.without_asides(_SPAN.sub("", place.value)) if _SPAN.search(place.value) else ""
        why = f"stands among words: “{quoted(' '.join(around.split()))}”" if re.search(r"\w", around) else ""
    if not (commands or why):
        why = "is empty"
    if why:
        line = f"{entry.span.path}:{place.span.line}"
        raise UserError(f"the command of {name} {why} ({line}), so it cannot be run again", anew)
    if "\0" in commands[0]:
        raise UserError(f"the command of {name} holds a NUL character, so no shell can run it", anew)
    return commands[0]


def _commands_in(place: Field | Code) -> list[str]:
    """Return the commands of a field or a block; of a block with prompts, the lines behind them."""
    is_block = isinstance(place, Code) or place.value.lstrip().startswith(("```", "~~~"))
    spans = [] if isinstance(place, Code) or is_block else [found[2] for found in _SPAN.finditer(place.value)]
    if spans:
        return [_unpadded(span) for span in spans]
    text = place.text.strip("\n")
    if is_block and _PROMPT.search(text):
        text = "\n".join(_PROMPT.sub("", line) for line in text.split("\n") if _PROMPT.match(line))
    return [text.strip()] if text.strip() else []


def _unpadded(span: str) -> str:
    """Return what a code span holds: one space at both ends lets it begin or end with a backtick (CommonMark)."""
    line = span.replace("\n", " ")
    return line[1:-1] if line.startswith(" ") and line.endswith(" ") and line.strip() else line


# The commit


def _commit(book: Logbook, entry: Entry, name: str, repository: Repository) -> tuple[str, list[str]]:
    """Return the commit that an entry records, else that of its snapshot, with a note where that stands in."""
    recorded = queries.commit_of(entry)
    found = repository.commit(recorded) if recorded else None
    # A branch or a tag may have such a name.
    if found and recorded and found.startswith(recorded):
        return found, []
    numbered = re.compile(rf"{re.escape(name)}(?:\.[1-9]\d*)?\Z")
    tags = [it for it in repository.tags(tags_of(book.topic)) if numbered.match(it[0].rpartition("/")[2])]
    if tags:
        tag, commit = repository.newest_first(tags)[0]
        why = f"commit {recorded[:12]} is not in this clone" if recorded else "it records no commit"
        return commit, [f"{why}: its snapshot {tag} is used"]
    if recorded is None:
        raise UserError(
            f"{name} records no commit and has no snapshot, so it cannot be run again",
            f"if you know it: `logbook entry complete {name} --commit …`",
        )
    is_own = any(own == recorded for _, own in queries.own_commits(entry))
    where = (
        "" if is_own else f"; “{quoted(' '.join(field.text for field in entry.all('commit')))}” may be of another one"
    )
    if found is None and any(repository.exist([recorded]).values()):
        raise UserError(f"{name}: several objects begin with {recorded}", "look up its commit, and correct the entry")
    remote = repository.remote or "origin"
    fix = f"`git fetch --tags {remote}` brings what was pushed"
    fix += f", and `git fetch {remote} {recorded}` what no branch has any more" if len(recorded) >= 40 else ""
    raise UserError(
        f"{name} cannot be run again: its commit {recorded[:12]} is not in this clone{where}",
        f"the clone is shallow: {FETCH_ALL}" if repository.is_shallow else fix,
    )


_HASH = re.compile(r"sha256:([0-9a-f]{12,64})")


def _patch(entry: Entry, name: str, path: str, repository: Repository) -> tuple[bytes, str]:
    """Return what an entry ran with besides its commit, and how it writes that; raises `UserError` where that is gone.

    Raises `RefusedError` where the patch is another one than it was.
    """
    fields = list(entry.all("commit"))
    field = next((it for it in fields if re.search(r"uncommitted|dirty|\.patch\b", it.text)), None)
    if field is None:
        return b"", ""
    by_hand = "apply its changes on a branch, commit them, and `logbook run` it there"
    digest = _HASH.search(field.text)
    lines = range(field.span.line, field.span.end_line + 1)
    links = (queries.link_target(path, link) for link in entry.links if link.span.line in lines)
    kept = next((it for it in links if it and it.endswith(".patch") and not it.startswith("..")), None)
    if not (digest and kept):
        raise UserError(f"{name} ran with changes that no commit holds, and keeps no patch of them", by_hand)
    place = repository.root / kept
    is_inside = place.resolve().is_relative_to(repository.root.resolve())
    if not (is_inside and place.is_file()) or place.stat().st_size > _LARGEST_PATCH:
        raise UserError(
            f"{name} ran with changes that no commit holds, and their patch {quoted(kept)} is not here", by_hand
        )
    data = place.read_bytes()
    if not sha256(data).hexdigest().startswith(digest[1]):
        raise RefusedError(
            f"{quoted(kept)} is not the patch that {name} ran with: its hash is another",
            f"restore it: `git log --all -- {quoted(kept)}` shows its versions",
        )
    return data, field.value.strip()


# Running it


_GIT_PLACES = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
)  # fmt: skip
"""Variables by which git would take another repository than the work tree that a command runs in."""


def rerun(
    plan: Replication, context: RunContext, metrics: str | None = None, tolerance: float | None = None
) -> Replicated:
    """Run an experiment again in a work tree of its own, and append what came of it to the logbook that is here."""
    repository = context.clone()
    values = {
        "commit": plan.commit_told or plan.commit,
        "command": plan.command,
        "config": f"second run of {plan.id}",
        "hardware": machine.hardware(context.environment),
        "result": PENDING,
    }
    # Before it has run, nobody knows whether it replicates anything.
    entry = EntryOptions(None, f"second run of {plan.id}", values)
    verdicts = [f"{plan.id} was not compared"]
    shell = "bash" if shutil.which("bash") else "sh"
    environment = {key: value for key, value in context.environment.items() if key not in _GIT_PLACES}
    with own_clone.work_tree_at(repository, plan.commit, plan.patch) as folder:
        before = {} if metrics else _json_files(folder)
        written: list[tuple[str, Mapping[str, float]]] = []

        def judged(outcome: Outcome) -> dict[str, str]:
            told: dict[str, str] = {}
            if not (metrics or outcome.numbers or outcome.ended.status):
                written.extend(_metrics_written(folder, before, plan.expected))
            if len(written) == 1:
                outcome = replace(outcome, numbers=written[0][1])
                told["result"] = ", ".join(numbers_told(outcome.numbers, read_logbook(repository, plan.path)))
            told |= verdict(plan, outcome, tolerance)
            if outcome.ended.status and not plan.failure:
                lacking = "; ".join(missing_there(outcome.ended.tail, folder, repository.root))
                told["interpretation"] += f": {lacking}" if lacking else ""
            verdicts.append(told["interpretation"])
            return told

        # It stays in the state that it has: no new test of it begins.
        tested = {"hypothesis": plan.hypothesis} if plan.hypothesis else {}
        ready = Preparation(plan.path, tested | values, judged=judged)
        ready.values["config"] = "; ".join(configuration(ready, RunOptions(_words(plan.command)), context, folder))
        options = RunOptions((shell, "-c", plan.command), entry, metrics)
        there = replace(context, environment=environment)
        begun = begin(options, ready, there)
        done = record(begun, options, ready, there, folder)
        done = replace(done, notes=(*begun.notes, *done.notes))
    if len(written) == 1:
        name, numbers = written[0]
        told = (*done.notes, f"its numbers are those of {quoted(name)}, which it wrote")
        done = replace(done, outcome=replace(done.outcome, numbers=numbers), notes=told)
    elif written:
        names = ", ".join(quoted(name) for name, _ in written)
        done = replace(done, notes=(*done.notes, f"its numbers may be in one of {names}: pass --metrics"))
    return Replicated(done, verdicts[-1])


def _words(command: str) -> tuple[str, ...]:
    """Return the words of a command, where they can be told apart."""
    with suppress(ValueError):
        return tuple(shlex.split(command)) or (command,)
    return (command,)


def _json_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the JSON files below a folder, each with what tells whether it was written again."""
    found: dict[str, tuple[int, int]] = {}
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _NOT_LOOKED_AT)
        for place in (Path(at, name) for name in names if name.endswith(".json")):
            with suppress(OSError):
                about = place.lstat()
                if stat.S_ISREG(about.st_mode) and about.st_size <= _LARGEST_METRICS:
                    found[place.relative_to(folder).as_posix()] = about.st_ino, about.st_mtime_ns
        if len(found) > _MOST_FILES:
            break
    return found


def _metrics_written(
    folder: Path, before: Mapping[str, tuple[int, int]], expected: Sequence[StatedFigure]
) -> list[tuple[str, Mapping[str, float]]]:
    """Return the file that a command has written with the numbers that are expected; several where it is not clear."""
    fitting: dict[int, list[tuple[str, Mapping[str, float]]]] = {}
    for name, stamp in _json_files(folder).items():
        if before.get(name) == stamp:
            continue
        with suppress(OSError, ValueError, RecursionError):
            raw = json.loads((folder / name).read_bytes())
            numbers = run_of({"summary": raw}).summary if isinstance(raw, dict) else {}
            missing = len(compared(expected, numbers).missing)
            fitting.setdefault(missing, []).append((name, numbers))
    fewest = min(fitting, default=0)
    return fitting[fewest] if fitting and fewest < len({it.key for it in expected}) else []


_NOT_LOOKED_AT = frozenset({".git", "node_modules", ".venv", "wandb", "__pycache__"})
_LARGEST_METRICS = 10_000_000
_MOST_FILES = 5_000


_MISSING = re.compile(
    r"no such file or directory:?\s*['\"‘`(]?(?P<after>[^\s'\"’`)]+)|"
    r"(?P<before>[^\s'\"‘’`:]+)['\"’`]?:\s*no such file|"
    r"(?:cannot|can't) (?:open|find|access)(?: file)?\s+['\"‘`]?(?P<open>[^\s'\"’`:]+)",
    re.IGNORECASE,
)
_POINTER = b"version https://git-lfs.github.com/spec/"


def missing_there(output: bytes, there: Path, here: Path) -> Iterator[str]:
    """Yield what a command that failed lacked: a file that is in no commit, a submodule, what git LFS keeps."""
    told = output.decode("utf-8", "replace")
    names = (found["after"] or found["before"] or found["open"] for found in _MISSING.finditer(told))
    for name in list(dict.fromkeys(names))[:3]:
        path = name.removeprefix(f"{there}/")
        shown = quoted(path)
        if path.startswith("/") or ".." in path or (there / path).exists():
            continue
        also = ", though it is in your own clone" if (here / path).exists() else ""
        yield f"{shown} is not in that commit{also}"
    modules = there / ".gitmodules"
    if modules.is_file() and modules.stat().st_size < 1_000_000:
        paths = re.findall(r"^\s*path\s*=\s*(\S+)", modules.read_text("utf-8", "replace"), re.MULTILINE)
        empty = [
            path for path in paths if ".." not in path and (there / path).is_dir() and not any((there / path).iterdir())
        ]
        if empty:
            yield f"the submodule {quoted(empty[0])} is not checked out in a work tree of its own"
    for name in {part.strip("'\"`,:;()") for part in told.split()}:
        place = there / name
        if 0 < len(name) < 200 and ".." not in name and place.is_file() and place.resolve().is_relative_to(there):
            with place.open("rb") as file:
                if file.read(len(_POINTER)) == _POINTER:
                    yield f"{quoted(name)} is a pointer of git LFS, whose file is not here"


# The verdict


def verdict(plan: Replication, outcome: Outcome, tolerance: float | None) -> Mapping[str, str]:
    """Return what a second run says of the first, as fields of its entry."""
    status, name = outcome.ended.status, plan.id
    if outcome.ended.is_interrupted:
        return _said(f"not compared with {name}: this run was interrupted", f"run {name} again")
    if plan.failure:
        return _of_failure(plan, status)
    if status:
        return _said(f"not replicated: {name} could not be run again", f"find out why {name} fails now")
    return _of_numbers(plan, outcome.numbers, tolerance)


def _of_failure(plan: Replication, status: int) -> Mapping[str, str]:
    name, before = plan.id, re.search(r"exit (?:status|code)\s*:?\s*(\d{1,3})\b", plan.failure)
    if status and (before is None or int(before[1]) == status):
        return _said(f"replicated the failure of {name}")
    came = f"it failed again, with exit status {status} in place of {before[1]}" if status and before else ""
    came = came or "that failed, and this ended well"
    return _said(f"differs from {name}: {came}", f"find out what differs from {name}")


def _of_numbers(plan: Replication, numbers: Mapping[str, float], tolerance: float | None) -> Mapping[str, str]:
    name, found = plan.id, compared(plan.expected, numbers, tolerance)
    within = f" (with a tolerance of {tolerance:g} of each number)" if tolerance else ""
    lacking = ", ".join(figure.name for figure in found.missing[:_MOST_TOLD])
    besides = f"; not reported this time: {lacking}" if lacking else ""
    if found.differ:
        told = f"differs from {name}: {_side_by_side(found.differ)}{besides}{within}"
        return _said(told, f"find out why it differs from {name}")
    if not found.agree:
        why = "states no number" + " under a name that this run reports" * bool(plan.expected)
        return _said(f"not compared: {name} {why}", f"compare it with {name} by hand")
    told = f"{_side_by_side(found.agree)}{besides}{within}"
    if lacking:
        return _said(f"replicated {name} in part: {told}", f"find out why {lacking} is not reported")
    return _said(f"replicated {name}: {told}")


def _said(interpretation: str, next_action: str = "") -> Mapping[str, str]:
    """Return the fields; where nothing is left to do the result is replicated."""
    confidence = "exploratory" if next_action else "replicated"
    return {"interpretation": interpretation, "confidence": confidence, "next-action": next_action or "none"}


def _side_by_side(pairs: Sequence[tuple[StatedFigure, float]]) -> str:
    return ", ".join(f"{it.name} {value:.6g} against {it.written}" for it, value in pairs[:_MOST_TOLD])


def shown(plan: Replication) -> Iterator[str]:
    """Yield what a person is shown before it runs: nothing in the command is hidden, or moves what stands around it."""
    first, *rest = plan.command.split("\n")
    yield f"command   {printable(first)}"
    yield from (f"          {printable(line)}" for line in rest)
    yield f"commit    {plan.commit}" + (" with its patch applied" if plan.patch else "")
    told = ", ".join(map(str, plan.expected)) or "no number: nothing will be compared"
    yield f"expected  {printable(plan.failure or told)}"
