"""The logbook in the user's own clone, changed whole: behind a lock, at once or not at all."""

import os
import re
from collections.abc import Callable

from research_logbook.context import RunContext
from research_logbook.effects import FileRewrite
from research_logbook.errors import RefusedError, UserError, no_such_logbook
from research_logbook.logbook.model import Logbook, Unreadable, topic_of
from research_logbook.markdown.escape import quoted
from research_logbook.private_text import find_private
from research_logbook.repo import files
from research_logbook.repo.git import Repository
from research_logbook.repo.research_branches import header_of
from research_logbook.repo.versions import logbook_files

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)


def logbook_meant(context: RunContext, topic: str | None) -> str:
    """Return the path of the logbook of a topic; without one, of the branch's, or of the only one there is.

    Raises `UserError` where there is none, or where it could be one of several.
    """
    repository = context.clone()
    paths = list(logbook_files(repository, context.work_tree_config))
    if topic:
        name = topic.rpartition("/")[2].removesuffix(".md")
        found = [path for path in paths if path == topic or topic_of(path) == name]
        if not found:
            raise no_such_logbook(topic)
        return found[0]
    branch = context.branch or ""
    texts = files.read_all(repository, paths)
    headers = {path: header_of(path, data) for path, data in texts.items() if isinstance(data, bytes)}
    own = [path for path, header in headers.items() if header.branch and header.branch == branch]
    own = own or [path for path in paths if topic_of(path) == branch.rpartition("/")[2]]
    own = own or paths
    if len(own) == 1:
        return own[0]
    if not own:
        raise UserError("there is no logbook in this clone", "begin a thread: `logbook new TOPIC`")
    listed = ", ".join(sorted(topic_of(path) for path in own)[:8])
    raise UserError(f"which logbook is meant is not clear on the branch {quoted(branch)}", f"name its topic: {listed}")


def read_logbook(repository: Repository, path: str) -> Logbook:
    """Return a logbook that can be written; raises `UserError` for one that cannot."""
    book = files.read_logbook(repository.root / path, path)
    if isinstance(book, Unreadable):
        raise UserError(f"{path}:{book.line}: {book.reason}", book.help)
    if _CONFLICT.search(book.text):
        raise UserError(f"{path} holds the marks of a conflict", "settle the merge first")
    return book


def changed(context: RunContext, path: str, change: Callable[[Logbook], str], *, dry_run: bool = False) -> FileRewrite:
    """Change a logbook of the work tree and return what was changed, or would be in a dry run.

    Others that change it meanwhile wait, so nobody's entry is lost. Raises `UserError` where it cannot be written, and
    `RefusedError` where what is added must not be published.
    """
    repository = context.clone()
    place = repository.root / path
    with files.one_at_a_time(repository.common_folder / "logbook.lock"):
        book = read_logbook(repository, path)
        if not os.access(place, os.W_OK):
            raise UserError(f"{path} is read-only", f"make it writable: `chmod u+w {path}`")
        text = change(book)
        _refuse_private(book.text, text, context)
        data = place.read_bytes()
        raw = data.decode("utf-8-sig")
        if raw.count("\r\n") * 2 > raw.count("\n"):
            text = text.replace("\n", "\r\n")
        rewrite = FileRewrite(path, raw, text)
        if not dry_run and raw != text:
            files.write(place, text)
    return rewrite


def _refuse_private(old: str, new: str, context: RunContext) -> None:
    before = set(old.split("\n"))
    added = "\n".join(line for line in new.split("\n") if line not in before)
    found = next(find_private(added, context.work_tree_config.held_back), None)
    if found:
        raise RefusedError(
            f"this would write {found.what} into the logbook, so nothing is written",
            "leave it out, or pass it to the command in an environment variable",
        )
