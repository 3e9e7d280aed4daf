"""The logbook in the user's own clone, changed whole: behind a lock, at once or not at all."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import RefusedError, UnfinishedError, UserError, no_such_logbook
from research_logbook.instrument.entry_text import parsed_again
from research_logbook.lint.rules.leftovers import conflict_markers
from research_logbook.logbook import experiment_ids, parse
from research_logbook.logbook.model import Logbook, Unreadable, topic_of
from research_logbook.markdown.escape import quoted
from research_logbook.private_text import find_private
from research_logbook.repo import files
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import header_of, headers_here
from research_logbook.repo.versions import logbook_files


def logbook_meant(context: RunContext, topic: str | None, name: str = "") -> str:
    """Return the path of the logbook of a topic; without one, of the branch's, or of the only one there is.

    Where one has the prefix of the ID `name`, it is that. Raises `UserError` where there is none, or still several.
    """
    repository = context.clone()
    found = sorted(logbook_files(repository, context.work_tree_config))
    paths = [path for path in found if not topic_of(path).startswith(".")]  # what editors leave beside one
    if topic:
        asked = topic.rpartition("/")[2].removesuffix(".md")
        own = [path for path in paths if path == topic] or [path for path in paths if topic_of(path) == asked]
        if not own:
            raise no_such_logbook(quoted(topic), map(topic_of, paths))
        return own[0]
    if not paths:
        raise UserError("there is no logbook in this clone", "begin a thread: `logbook new TOPIC`")
    if len(paths) == 1:
        return paths[0]
    branch = context.branch or ""
    own = [path for path in headers_here(repository, context.work_tree_config, branch) if path in paths]
    if prefix := experiment_ids.prefix_of(name):
        texts = files.read_all(repository, paths)
        same = [it for it, data in texts.items() if isinstance(data, bytes) and header_of(it, data).prefix == prefix]
        own = same if len(same) == 1 else own
    if len(own) == 1:
        return own[0]
    listed = ", ".join(quoted(topic_of(path)) for path in (own or paths)[:_MOST_NAMED])
    where = f"branch {quoted(branch)} names {len(own) or 'none'} of them" if branch else "no branch is checked out"
    raise UserError(f"there are {len(paths)} logbooks, and {where}", f"say which topic is meant, one of: {listed}")


_MOST_NAMED = 8


def ids_elsewhere(context: RunContext, path: str) -> Iterator[str]:
    """Yield the IDs of entries in the copies of a logbook that other work trees of this clone have.

    Who runs in one while something runs in another gets no ID twice.
    """
    repository = context.clone()
    for root in repository.work_trees:
        if root.resolve() != repository.root.resolve():
            book = files.read_logbook(root / path, path)
            if isinstance(book, Logbook):
                yield from (name for entry in book.everything for name in entry.heading_ids)


def read_logbook(repository: Repository, path: str) -> Logbook:
    """Return a logbook that can be written; raises `UserError` for one that cannot."""
    return _parsed(path, files.read(repository.root / path, path))


def _parsed(path: str, data: bytes | Unreadable) -> Logbook:
    book = data if isinstance(data, Unreadable) else parse(path, data)
    if isinstance(book, Unreadable):
        raise UserError(f"{path}:{book.line}: {book.reason}", book.help)
    for line, marker in conflict_markers(book):
        raise UserError(
            f"{path}:{line}: “{quoted(marker)}” is left over from a merge",
            "settle it first: where both are entries, keep both",
        )
    return book


@dataclass(frozen=True, slots=True)
class Changed:
    """A logbook that was changed, or would be in a dry run."""

    rewrite: FileRewrite
    book: Logbook
    """As it is then."""
    notes: tuple[str, ...] = ()


def changed(
    context: RunContext, path: str, change: Callable[[Logbook], str], *, added: int = 0, dry_run: bool = False
) -> Changed:
    """Change a logbook of the work tree, which then has so many entries more.

    Others that change it meanwhile wait, so nobody's entry is lost. Raises `UserError` where it cannot be written, and
    `RefusedError` where what is added must not be published.
    """
    repository = context.clone()
    place = repository.root / path
    with files.one_at_a_time(repository.common_folder / "logbook.lock"):
        there = files.text_there(repository.root, path)
        if isinstance(there, files.Obstacle):
            raise UserError(f"{path} {there.why}", "put the file itself there")
        data = files.read(place, path)
        book = _parsed(path, data)
        # Whoever is root may write it all the same, and yet somebody wanted it to stay.
        for it in (place, place.parent):
            if not stat.S_IMODE(it.stat().st_mode) & 0o222:
                name = it.relative_to(repository.root)
                raise UserError(f"{name} is read-only", f"make it writable: `chmod u+w {name}`")
        text = change(book)
        new = parsed_again(book, text, added)
        refuse_private(book.text, text, context)
        raw = data.decode("utf-8-sig") if isinstance(data, bytes) else ""
        if raw.count("\r\n") * 2 > raw.count("\n"):
            text = text.replace("\n", "\r\n")
        if not dry_run and raw != text:
            if files.read(place, path) != data:  # by an editor, or where no lock can be had
                raise UnfinishedError(f"{path} was changed by somebody else meanwhile", "run it again")
            try:
                files.write(place, text)
            except OSError as error:
                raise UnfinishedError(
                    f"{path} cannot be written: {error.strerror}",
                    "it is as it was; make room, or check who owns the folder",
                ) from error
    editor = _open_in_editor(place)
    note = f"an editor seems to have the logbook open ({editor}): load it again there before you save"
    return Changed(FileRewrite(path, raw, text), new, (note,) if editor else ())


def _open_in_editor(place: Path) -> str:
    """Return the name of the file by which an editor shows that it has another open; empty where there is none."""
    names = (f".{place.name}.swp", f".#{place.name}", f".~lock.{place.name}#")  # Vim, Emacs, LibreOffice
    return next((name for name in names if os.path.lexists(place.parent / name)), "")


def refuse_private(old: str, new: str, context: RunContext) -> None:
    """Raise `RefusedError` where a text has what must not be published in a line that another lacks."""
    before = set(old.split("\n"))
    added = "\n".join(line for line in new.split("\n") if line not in before)
    found = next(find_private(added, context.work_tree_config.held_back), None)
    if found:
        raise RefusedError(
            f"this would write {found.what} into the logbook, so nothing is written",
            "leave it out, or pass it to the command in an environment variable",
        )
