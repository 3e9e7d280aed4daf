"""`logbook run`: an entry before a command starts, its outcome after it.

What is known beforehand is written beforehand: command, commit, configuration, hardware, and a result that is pending.
A kill leaves that, which is the truth.
"""

import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.instrument import child, entry_text, machine, queue_text
from research_logbook.instrument.child import Ended
from research_logbook.instrument.entry import EntryOptions, checked_id, local
from research_logbook.instrument.entry_text import PENDING, NewEntry
from research_logbook.instrument.logbook_file import changed, ids_elsewhere, read_logbook, refuse_private
from research_logbook.instrument.outcome import Outcome, Whereabouts, outcome_of
from research_logbook.instrument.style import NAMES
from research_logbook.instrument.values import as_code, checked, in_line
from research_logbook.logbook import queries
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.markdown.escape import one_line, quoted
from research_logbook.patterns import matches
from research_logbook.private_text import find_private
from research_logbook.repo import files, own_clone
from research_logbook.secret_scanner import KnownSecrets

_LONGEST_COMMAND = 20_000
_LARGEST_PATCH = 2_000_000
_MOST_NAMED = 5
_SOURCE = frozenset((
    ".c", ".cc", ".cfg", ".cpp", ".cu", ".go", ".ini", ".ipynb", ".java", ".jl", ".js", ".json", ".lua",
    ".pl", ".py", ".r", ".rs", ".sh", ".sql", ".toml", ".ts", ".yaml", ".yml",
))  # fmt: skip
_LARGEST_SOURCE = 1_000_000


class NoProgramError(UserError):
    """There is no such program, or it cannot be run; the exit code is a shell's."""

    def __init__(self, message: str, help: str, exit_code: int) -> None:  # noqa: A002 - as in `UserError`
        super().__init__(message, help)
        self.exit_code = exit_code


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

    @property
    def label(self) -> str:
        """A few words for the entry's heading: those of the user, else the script, else the program."""
        scripts = (word for word in self.command if Path(word).suffix in {".py", ".sh", ".jl", ".r", ".R", ".ipynb"})
        return in_line(self.entry.label or one_line(Path(next(scripts, self.command[0])).name, 60))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run that has ended, and what is in the record of it."""

    id: str
    path: str
    outcome: Outcome
    notes: tuple[str, ...] = ()

    @property
    def ended(self) -> Ended:
        """How its command ended."""
        return self.outcome.ended


@dataclass(slots=True)
class Preparation:
    """What is known before a command starts."""

    path: str
    values: dict[str, str]
    changes: bytes = b""
    """The diff that no commit holds, where it is to be kept."""
    to_commit: bool = False
    aside: tuple[str, ...] = ()
    """Edited files that are no code, such as logbooks: they are not committed."""
    new: tuple[str, ...] = ()
    """Files that the command names and git does not track."""
    judged: Callable[[Outcome], dict[str, str]] = lambda _: {}
    """What the entry says of an outcome besides."""
    notes: list[str] = field(default_factory=list)


def prepare(path: str, options: RunOptions, context: RunContext) -> Preparation:
    """Return what is known of a run before it starts; nothing is written.

    Raises `UserError` for a program that is not there, for changes that no commit holds, and for a command that must
    not be published.
    """
    _check_program(options.command[0])
    command = as_typed(options.command)
    folder, root = context.folder.resolve(), context.clone().root.resolve()
    if root in folder.parents:
        command = f"cd {as_typed([folder.relative_to(root).as_posix()])} && {command}"
    _check_command(command, context)
    ready = Preparation(path, checked(options.entry.values))
    _about_commit(ready, options, context)
    ready.values["command"] = command
    ready.values["config"] = "; ".join(configuration(ready, options, context))
    if "hardware" not in ready.values:
        ready.values["hardware"] = machine.hardware(context.environment)
    for key in ("result", "interpretation", "next-action"):
        ready.values.setdefault(key, PENDING)
    return ready


def _check_program(name: str) -> None:
    if shutil.which(name) is not None:
        return
    fix = "check its name and the PATH"
    if " " in name:
        fix = "for a line of the shell: `logbook run -- bash -c '…'`"
    elif re.match(r"[A-Za-z_]\w*=", name):
        fix = f"to set a variable for it: `logbook run -- env {quoted(name)} …`"
    if Path(name).is_dir():
        raise NoProgramError(f"{quoted(name)} is a folder, and no program", "name the program in it", 126)
    if "/" in name and Path(name).exists():
        fix = f"make it one: `chmod +x {quoted(name)}`, or name what runs it, such as `python {quoted(name)}`"
        raise NoProgramError(f"{quoted(name)} is not executable", fix, 126)
    raise NoProgramError(f"there is no program {quoted(name)}", fix, 127)


def as_typed(command: Sequence[str]) -> str:
    """Return a command as it is typed into a shell, so that it runs the same: bash, where it holds unseen bytes."""
    return " ".join(map(_word, command))


def _word(word: str) -> str:
    if all(it.isprintable() or it in "\n\t" for it in word) and not re.search(r"[ \t]\n", word):
        return shlex.quote(word)
    unseen = {it: "".join(f"\\x{byte:02x}" for byte in os.fsencode(it)) for it in word if not it.isprintable()}
    return "$'" + "".join(unseen.get(it) or ("\\" + it if it in "\\'" else it) for it in word) + "'"


def _check_command(command: str, context: RunContext) -> None:
    if len(command) > _LONGEST_COMMAND:
        raise UserError(
            f"the command has {len(command):,} characters, which is too much for a record",
            "put it into a script, or its arguments into a file",
        )
    found = next((it.what for it in find_private(command, context.work_tree_config.held_back)), "")
    if not found and KnownSecrets.among(context.environment).mask(command) != command:
        found = "the value of a variable that is a secret"
    if found:
        raise RefusedError(
            f"the command holds {found}, so it is neither recorded nor run",
            "let the command read it from an environment variable or a file",
        )


def _about_commit(ready: Preparation, options: RunOptions, context: RunContext) -> None:
    """Say which commit runs, or what runs besides."""
    there = context.clone().uncommitted()
    if not there.commit:
        raise UserError("there is no commit yet, so nobody could run this again", "commit the code first")
    ready.values["commit"] = there.commit
    ready.aside = tuple(path for path in there.tracked if _is_aside(path, ready, options, context))
    named = _named_sources(options.command, there.untracked, context)
    ready.new = tuple(path for path in named if not _is_aside(path, ready, options, context))
    edited = [*(path for path in there.tracked if path not in ready.aside), *ready.new]
    if not edited:
        return
    if options.commit:
        ready.to_commit = True
        return
    if not options.dirty:
        has = "has changes" if len(edited) == 1 else "have changes"
        raise UserError(
            f"{_listed(edited)} {has} that no commit holds, so nobody could run this again",
            "pass --commit to commit them first, or --dirty to keep them as a patch beside the logbook",
        )
    ready.changes = context.clone().changes_text(*ready.aside, new=ready.new)
    if len(ready.changes) > _LARGEST_PATCH:
        raise UserError(
            f"the changes have {len(ready.changes):,} bytes, which is too much for a patch",
            "commit them, or leave out what is no code",
        )
    text = ready.changes.decode("utf-8", "replace")
    if found := next(find_private(text, context.work_tree_config.held_back), None):
        raise RefusedError(f"the changes hold {found.what}, so they are not kept", "take it out, or commit without it")
    others = [
        path for path in there.untracked if path not in ready.new and not _is_aside(path, ready, options, context)
    ]
    if others:
        told = f"not tracked by git: {_listed(others, code=True)}"
        ready.values["config"] = "; ".join(filter(None, (ready.values.get("config"), told)))


def _is_aside(path: str, ready: Preparation, options: RunOptions, context: RunContext) -> bool:
    """Return whether a file is a part of the record, or what a run writes, and no code."""
    root = context.clone().root.resolve()
    metrics = options.metrics and (context.folder / options.metrics).resolve()
    return (
        matches(path, context.work_tree_config.logbooks)
        or path.startswith(_patches(ready.path))
        or (root / path).resolve() == metrics
    )


def _patches(path: str) -> str:
    return f"{path.rpartition('/')[0]}/patches/".lstrip("/")


def _named_sources(command: Sequence[str], untracked: Sequence[str], context: RunContext) -> Iterator[str]:
    """Yield the sources that a command names and that git does not track, from the root of the repository."""
    words = list(command)
    for line in (word for word in command if " " in word):
        with suppress(ValueError):
            words += shlex.split(line)
    root = context.clone().root.resolve()
    for number, word in enumerate(dict.fromkeys(words)):
        with suppress(OSError, ValueError):
            file = (context.folder / word).resolve()
            name = file.relative_to(root).as_posix()
            is_source = Path(word).suffix.casefold() in _SOURCE or (not number and "/" in word)
            is_known = not any(name == it or (it.endswith("/") and name.startswith(it)) for it in untracked)
            if is_source and not is_known and file.is_file() and file.stat().st_size <= _LARGEST_SOURCE:
                yield name


def _listed(paths: Sequence[str], *, code: bool = False) -> str:
    """Return files by name, and of many how many more there are."""
    named = [as_code(one_line(path, 200)) if code else quoted(path) for path in paths[:_MOST_NAMED]]
    more = len(paths) - len(named)
    return ", ".join([*named, *([f"and {more} more"] if more else [])])


def configuration(
    ready: Preparation, options: RunOptions, context: RunContext, folder: Path | None = None
) -> Iterator[str]:
    """Yield what there is to say of how a command runs in a folder, by default this one, besides the command."""
    if said := ready.values.get("config"):
        yield said
    config = context.work_tree_config
    asked = (*config.run.environment, *options.variables)
    told, refused = machine.variables(context.environment, asked, config.held_back)
    ready.notes += [f"{name} is not recorded: it looks like a secret" for name in refused]
    if told:
        yield "environment " + ", ".join(told)
    yield from filter(None, (machine.python(options.command),))
    there, root = (folder, folder) if folder else (context.folder.resolve(), context.clone().root.resolve())
    yield from filter(None, (machine.lock_file(there, root),))


@dataclass(frozen=True, slots=True)
class Begun:
    """An entry that says that something runs."""

    id: str
    book: Logbook
    """As it was before."""
    rewrite: FileRewrite
    notes: tuple[str, ...]


def begin(options: RunOptions, ready: Preparation, context: RunContext, *, dry_run: bool = False) -> Begun:
    """Write the entry of a run with the next free ID, or into the plan that has the ID which the user names.

    A proposed hypothesis that it tests becomes active with it. Changes are committed, or kept as a patch, first. Raises
    `UserError` where any of that cannot be done.
    """
    begun: list[tuple[str, Logbook]] = []
    notes: list[str] = []

    def change(book: Logbook) -> str:
        elsewhere = set(ids_elsewhere(context, ready.path))
        plan = _plan(book, options.entry.id)
        name = options.entry.id or entry_text.next_id(book, local(context.now), elsewhere)
        if not name:
            raise UserError(f"{book.path} has no experiment ID yet", "give the first one: --id ABC-001")
        if name in elsewhere:
            raise UserError(f"another work tree of this clone already has an entry {quoted(name)}", "leave out --id")
        if plan is None and options.entry.id:
            checked_id(book, name)
        begun.append((name, book))
        book, told = _with_its_test_begun(book, options.entry.values.get("hypothesis", ""), context)
        notes.extend(told)
        values = {**ready.values, "commit": _commit(name, ready, options, context, dry_run=dry_run)}
        if plan is None:
            return entry_text.with_entry(book, NewEntry(local(context.now), name, options.label, values))
        if plan.first("config") and "config" in values:
            values["Environment"] = values.pop("config")
        new = {key: it for key, it in values.items() if it != PENDING or not any(plan.all(key))}
        return entry_text.completed(book, name, new)

    is_planned = bool(options.entry.id and _plan(read_logbook(context.clone(), ready.path), options.entry.id))
    done = changed(context, ready.path, change, added=0 if is_planned else 1, dry_run=dry_run)
    return Begun(*begun[-1], done.rewrite, (*notes, *done.notes))


def _with_its_test_begun(book: Logbook, hypothesis: str, context: RunContext) -> tuple[Logbook, list[str]]:
    """Return a logbook with the proposed hypotheses that a run tests as active ones, and what there is to say of it.

    Whatever keeps one from being moved is said, and keeps nothing from being run.
    """
    notes: list[str] = []
    for name in queue_text.hypotheses_said(hypothesis):
        try:
            text = queue_text.under_test(book, name)
            refuse_private(book.text, text, context)
        except UserError as error:
            notes.append(f"{quoted(name)} is not moved to active: {error.message}; {error.help}")
            continue
        if text != book.text:
            notes.append(f"{quoted(name)} moves from proposed to active: this run tests it")
            book = entry_text.parsed_again(book, text)
    return book, notes


def _plan(book: Logbook, name: str | None) -> Entry | None:
    """Return the entry of an ID where that is a plan: no command, and no result yet."""
    entry = next((it for it in reversed(book.everything) if name and name in it.heading_ids), None)
    if entry is None or any(queries.commands_of(entry)):
        return None
    return None if any(not it.is_pending for it in entry.all("result")) else entry


def _commit(name: str, ready: Preparation, options: RunOptions, context: RunContext, *, dry_run: bool) -> str:
    """Return what the entry says of the commit, made now or not."""
    if ready.to_commit:
        message = f"Run {name}: {options.label}"
        repository = context.clone()
        return PENDING if dry_run else own_clone.commit_changes(repository, message, *ready.aside, new=ready.new)
    if not ready.changes:
        return ready.values["commit"]
    file = f"{_patches(ready.path)}{name}.patch"
    if not dry_run:
        place = context.clone().root / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(ready.changes)
    told = f"`{ready.values['commit']}` plus uncommitted changes"
    return f"{told}, `sha256:{sha256(ready.changes).hexdigest()[:16]}` in [`{name}.patch`](patches/{name}.patch)"


def record(
    begun: Begun, options: RunOptions, ready: Preparation, context: RunContext, folder: Path | None = None
) -> Recorded:
    """Run the command of an entry that is there, in a folder, by default this one, and write what it came to.

    Raises `UnfinishedError` where the last cannot be done; the entry then says that its result is pending.
    """
    there = folder or context.folder
    environment = {**context.environment, "LOGBOOK_ID": begun.id}
    environment.setdefault("WANDB_NAME", f"{begun.id} {options.label}".strip())
    before = Whereabouts.before(there, options.metrics, environment)
    with child.run(options.command, environment, there) as ended:
        outcome = outcome_of(ended, before, begun.id, begun.book, context)
        values = {**outcome.values(begun.book), **ready.judged(outcome)}
        try:
            notes = _complete(begun.id, ready.path, values, context)
        except (UserError, OSError) as error:
            raise _lost(begun.id, ended, values, error, context) from error
    return Recorded(begun.id, ready.path, outcome, tuple(notes))


def _complete(name: str, path: str, values: dict[str, str], context: RunContext) -> list[str]:
    """Write into an entry what is known now; return what somebody has written into it meanwhile, which stays."""
    notes: list[str] = []

    def change(book: Logbook) -> str:
        entry = entry_text.entry_named(book, name)
        there = [key for key in values if key in NAMES and any(entry.all(key))]
        filled = [key for key in there if not any(it.is_pending for it in entry.all(key))]
        notes.extend(f"{name} has a {key} already, which stays; this run's is: {quoted(values[key])}" for key in filled)
        return entry_text.completed(book, name, {key: it for key, it in values.items() if key not in filled})

    return [*changed(context, path, change).notes, *notes]


def _lost(
    name: str, ended: Ended, values: dict[str, str], error: UserError | OSError, context: RunContext
) -> UnfinishedError:
    """Keep what cannot be written into an entry in git's own folder; return what there is to say of it."""
    why = error.message if isinstance(error, UserError) else error.strerror or str(error)
    text = "".join(f"- {NAMES.get(key, key)}: {value}\n" for key, value in values.items())
    kept = context.clone().common_folder / "logbook" / f"{name}.md"
    where = f"what is known of it is kept in {kept}; "
    try:
        files.write(kept, text)
    except OSError:
        where = ""
    given = {key: value for key, value in values.items() if "\n" not in value}
    fields = [f"--{key} {shlex.quote(it)}" for key, it in given.items() if key in NAMES]
    fields += [f"--field {shlex.quote(f'{key}={it}')}" for key, it in given.items() if key not in NAMES]
    found = UnfinishedError(
        f"{name} ended ({ended.sentence}), but its entry could not be completed: {why}",
        f"{where}once that is mended: `logbook entry complete {name} {' '.join(fields)}`",
    )
    found.exit_code = ended.status or found.exit_code
    return found
