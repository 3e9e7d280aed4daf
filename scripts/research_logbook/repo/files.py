"""Files of the work tree, whatever lies there: reading and writing them, and looking for those that logbooks name."""

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from research_logbook.errors import UserError
from research_logbook.logbook import MAX_BYTES, parse, symlink, too_large
from research_logbook.logbook.model import Logbook, LogbookSummary, Unreadable
from research_logbook.logbook.queries import JUDGED
from research_logbook.repo.git import Repository


class Obstacle(NamedTuple):
    """Why a file that exists cannot be read, so that nothing is written in its place."""

    why: str


def read(path: Path, name: str) -> bytes | Unreadable:
    """Return the bytes of the file at `path`, called `name` in reports, or why it is not read."""
    try:
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            return symlink(name)
        if not stat.S_ISREG(about.st_mode):
            return Unreadable(name, "is not a regular file", "put a text file there")
        with path.open("rb") as file:
            # One byte more than allowed is enough to know that it is too large.
            return file.read(MAX_BYTES + 1) if about.st_size <= MAX_BYTES else too_large(name, about.st_size)
    except OSError as error:
        return Unreadable(name, f"cannot be read: {error.strerror}", "make it readable for the user who runs logbook")


def read_logbook(path: Path, name: str) -> Logbook | Unreadable:
    """Return the logbook at `path`, called `name` in reports, or why it is not read."""
    data = read(path, name)
    return data if isinstance(data, Unreadable) else parse(name, data)


def sources(repository: Repository, names: Sequence[str]) -> dict[str, bytes | Path]:
    """Return what is judged of logbooks of the work tree: the bytes that git would store, as a runner reads them.

    That is the file itself where nothing asks for more. What a sparse checkout left out is read from the index.
    """
    places = {name: repository.root / name for name in names}
    left_out = repository.left_out([name for name, place in places.items() if not os.path.lexists(place)])
    contents = repository.contents(list(left_out.values()))
    regular = [name for name, place in places.items() if place.is_file() and not place.is_symlink()]
    stored = repository.stored([name for name in regular if places[name].stat().st_size <= MAX_BYTES])
    from_index = {name: contents[digest] for name, digest in left_out.items() if digest in contents}
    return {**places, **stored, **{name: data for name, data in from_index.items() if name in places}}


def read_all(repository: Repository, names: Sequence[str]) -> dict[str, bytes | Unreadable]:
    """Return the bytes of files of the work tree as `sources` finds them, or why they are not read."""
    found = sources(repository, names)
    return {name: read(source, name) if isinstance(source, Path) else source for name, source in found.items()}


def named(paths: tuple[str, ...], repository: Repository | None = None) -> Iterator[Path]:
    """Yield the files that the user named, folders replaced by the Markdown files below them.

    What a sparse checkout left out is among them. Raises `UserError` for one that does not exist.
    """
    for path in map(Path, paths):
        is_folder = path.is_dir() and not path.is_symlink()
        if os.path.lexists(path) and not is_folder:
            yield path
            continue
        place, root = path.resolve(), repository.root.resolve() if repository else None
        name = place.relative_to(root).as_posix() if root and place.is_relative_to(root) else ""
        left_out = repository.left_out([name]) if repository and name else {}
        below = {found for found in path.rglob("*.md") if not found.is_dir()} if is_folder else set()
        below |= {path / PurePosixPath(it).relative_to(name) for it in left_out if it.endswith(".md")}
        if not (is_folder or below):
            raise UserError(f"{path} does not exist", "name a logbook, or a folder with logbooks")
        yield from sorted(below)


def write(path: Path, text: str) -> None:
    """Replace the text of the file at `path`, at once or not at all, or make it; a byte order mark stays.

    So do its mode and, where that is allowed, its owner. Raises `OSError` where there is no room or no permission.
    """
    import tempfile  # noqa: PLC0415 - most runs write no file

    is_there = path.is_file()
    mark = b"\xef\xbb\xbf" if is_there and path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A random name, under which nobody can have planted a link.
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".logbook-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(mark + text.encode())
            file.flush()
            os.fsync(file.fileno())  # the name must not become that of an empty file if the machine goes down
            about = path.stat() if is_there else None
            if about and (about.st_uid, about.st_gid) != (os.getuid(), os.getgid()):
                with suppress(OSError):
                    os.fchown(file.fileno(), about.st_uid, about.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(about.st_mode) if about else 0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


@contextmanager
def one_at_a_time(lock: Path, seconds: float = 60, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Wait for any other process of this machine that does the same, which `lock` stands for.

    Where no such file can be made or locked, as on some file systems, nobody waits. Raises `UserError` when the other
    one takes longer than `seconds`.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            lock.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(lock.open("a"))
            for waited in range(int(seconds) * 10 + 1):
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if waited == int(seconds) * 10:
                        raise UserError(
                            "another process of this machine is doing the same", "run it again once that is done"
                        ) from None
                    sleep(0.1)
        yield


def text_there(root: Path, name: str) -> str | Obstacle | None:
    """Return the text of a file below `root`, None if there is none, or why it is not touched."""
    path = root / name
    # A link in the place of a folder would lead what is written out of the repository.
    if not (path.parent.resolve() / path.name).is_relative_to(root.resolve()):
        return Obstacle("is reached by a link that leads out of the repository")
    if not os.path.lexists(path):
        return None
    data = read(path, name)
    if isinstance(data, Unreadable):
        return Obstacle(data.reason)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Obstacle("is not UTF-8")


def missing(repository: Repository, head: str | None, wanted: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return the (tree, path) pairs of `wanted` that are not there; `head` is the judged commit, None the work tree.

    Nothing is missing in a commit that this clone does not have.
    """
    asked = list(dict.fromkeys(wanted))
    local = {(tree, path) for tree, path in asked if tree == JUDGED and head is None}
    gone = {(tree, path) for tree, path in local if not os.path.lexists(repository.root / path)}
    left_out = repository.left_out([path for _, path in gone])
    in_index = {*left_out, *(str(folder) for path in left_out for folder in PurePosixPath(path).parents)}
    gone = {(tree, path) for tree, path in gone if path.rstrip("/") not in in_index}
    named = {(tree, path): f"{tree or head}:{path}" for tree, path in asked if (tree, path) not in local}
    trees = {f"{tree or head}^{{tree}}" for tree, _ in named}
    there = repository.exist([*trees, *named.values()])
    for (tree, path), name in named.items():
        if there.get(f"{tree or head}^{{tree}}") and not there.get(name, True):
            gone.add((tree, path))
    return frozenset(gone)


def unknown_commits(repository: Repository, wanted: Iterable[str]) -> frozenset[str]:
    """Return those of some hashes of commits that the repository does not hold: none where it cannot tell.

    A clone of one branch cannot, nor a repository that was never fetched into. It must be neither shallow nor partial:
    git would ask the remote for what it lacks.
    """
    asked = list(dict.fromkeys(wanted))
    if not asked:
        return frozenset()
    there = repository.exist(f"{commit}^{{commit}}" for commit in asked)
    gone = frozenset(commit for commit in asked if not there.get(f"{commit}^{{commit}}", True))
    return gone if gone and repository.has_all_branches else frozenset()


def others(repository: Repository, books: Iterable[LogbookSummary], paths: Iterable[str]) -> tuple[LogbookSummary, ...]:
    """Return the logbooks among `paths` that are not judged and mention the prefix of one that is."""
    judged = {book.path for book in books}
    known = set(paths) - judged
    folders = sorted({path.rpartition("/")[0] or "." for path in known})
    found: dict[str, LogbookSummary] = {}
    for prefix in {book.prefix for book in books if book.prefix} if known else ():
        for path in repository.containing(f"{prefix}-", folders):
            if path in known and path not in found:
                book = read_logbook(repository.root / path, path)
                if isinstance(book, Logbook):
                    found[path] = book.brief
    return tuple(found.values())
