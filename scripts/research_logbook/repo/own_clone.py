"""What changes the user's own clone: a branch that is checked out, a commit, a work tree, a setting.

Reading is `repo.git`'s.

GitPython is imported where it is first needed: most runs change nothing, and it takes a tenth of a second.
"""

import fcntl
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from research_logbook.errors import UnfinishedError
from research_logbook.repo.git import NO_HOOKS, SAFE, SETTINGS, Repository, failure, git_environment, trusted

_PREFIX = "logbook-rerun-"
_LOCK = ".lock"
_TRIES = 5
"""How often a work tree is deleted in which something still writes."""


@contextmanager
def work_tree_at(repository: Repository, commit: str, patch: bytes = b"") -> Iterator[Path]:
    """Check a commit out in a folder of its own, a patch applied, which is gone afterwards, whatever happens.

    What a run that was killed has left is cleared away first. Files that a sparse checkout leaves out are there. Raises
    `UnfinishedError` where the commit cannot be checked out, or the patch does not apply.
    """
    clear_left(repository)
    folder = Path(mkdtemp(prefix=_PREFIX)).resolve()
    place = folder / (repository.root.name or "tree")
    with (folder / _LOCK).open("w") as lock:
        # It is also held by whoever the command leaves behind: what still uses the folder keeps it.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.set_inheritable(lock.fileno(), True)  # noqa: FBT003 - its signature
        try:
            added = ["worktree", "add", "--quiet", "--detach", "--", str(place), commit]
            if said := _git(repository, added, settings=("core.sparseCheckout=false",)):
                raise UnfinishedError(said, "look whether the disk has space, and whether the commit is whole")
            if patch:
                _apply(place, patch)
            yield place
        finally:
            with _undisturbed():
                _remove(repository, folder)


def _apply(place: Path, patch: bytes) -> None:
    file = place.parent / "changes.patch"
    file.write_bytes(patch)
    if said := _git(Repository(place), ["apply", "--whitespace=nowarn", "--", str(file)]):
        raise UnfinishedError(f"the patch does not apply: {said}", "look whether the entry records the right commit")


def clear_left(repository: Repository) -> None:
    """Remove the work trees of runs that were killed, and what git knows of them; those of others stay."""
    for _, folder in _ours(repository):
        if not _is_used(folder):
            _remove(repository, folder)


def _ours(repository: Repository) -> Iterator[tuple[Path, Path]]:
    """Yield what git keeps of each work tree that `work_tree_at` made, with the folder that this is in."""
    kept = repository.common_folder / "worktrees"
    for about in sorted(kept.iterdir()) if kept.is_dir() else ():
        with suppress(OSError, ValueError):
            # A path that is not absolute begins there.
            folder = (about / os.fsdecode((about / "gitdir").read_bytes()).rstrip("\n")).parent.parent
            if folder.name.startswith(_PREFIX):
                yield about, folder


def _is_used(folder: Path) -> bool:
    try:
        if folder.lstat().st_uid != os.geteuid():
            return True
        with (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _remove(repository: Repository, folder: Path) -> None:
    """Delete a folder with its work tree, and what git keeps of it: locked, read-only, or written in meanwhile.

    `git worktree remove` does the same, and refuses where a command has broken the work tree.
    """
    kept = [about for about, there in _ours(repository) if there.resolve() == folder.resolve()]
    for attempt in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            break
        time.sleep(0.05 * attempt)
        _make_writable(folder)
    for about in kept:
        shutil.rmtree(about, ignore_errors=True)
    with suppress(OSError):  # of others
        (repository.common_folder / "worktrees").rmdir()


def _make_writable(folder: Path) -> None:
    with suppress(OSError):
        folder.chmod(0o700)
    for at, names, _ in os.walk(folder):
        for inside in (Path(at, name) for name in names):
            with suppress(OSError):
                if not inside.is_symlink():
                    inside.chmod(0o700)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let the signals that end a run wait until this is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def commit_changes(repository: Repository, message: str, *but: str, new: Sequence[str] = ()) -> str:
    """Commit what tracked files have changed, the paths in `but` left out, and return the commit.

    The files in `new`, which git does not track, are committed with them. Hooks run, as they do for whoever commits by
    hand.
    """
    literal = [f":(literal){path}" for path in new]
    if new and (said := _git(repository, ["add", "--intent-to-add", "--", *literal])):
        raise UnfinishedError(said, "commit the changes yourself, then run it again")
    paths = [".", *(f":(exclude,literal){path}" for path in but)]
    said = _git(repository, ["commit", "--quiet", f"--message={message}", "--", *paths], with_hooks=True)
    commit = repository.commit("HEAD")
    if said or commit is None:
        raise UnfinishedError(said, "commit the changes yourself, then run it again")
    return commit


def switch(repository: Repository, branch: str, *, is_new: bool) -> None:
    """Check out a branch, a new one from HEAD; git refuses where that would lose what is not committed."""
    if said := _git(repository, ["switch", "--quiet", *(["--create", branch] if is_new else [SAFE, branch])]):
        raise UnfinishedError(said, "commit or stash what git names, then run it again")


def configure(repository: Repository, name: str, value: str) -> None:
    """Write a setting of this clone."""
    if said := _git(repository, ["config", "--local", name, value]):
        raise UnfinishedError(said, f"set it yourself: `git config {name} …`")


def _git(
    repository: Repository, arguments: list[str], *, with_hooks: bool = False, settings: tuple[str, ...] = ()
) -> str:
    """Let git change the clone, and return a sentence that says how that failed, or nothing."""
    from git import Repo  # noqa: PLC0415 - see above

    with Repo(repository.root) as clone:
        git = clone.git
        all_settings = [*SETTINGS, *settings, *trusted(repository.root), *([] if with_hooks else [NO_HOOKS])]
        git.set_persistent_git_options(c=all_settings)
        if not with_hooks:  # a hook expects the user's own environment
            git.update_environment(**git_environment({"GIT_LITERAL_PATHSPECS": "0"}))
        process = getattr(git, arguments[0])(*arguments[1:], as_process=True)
        try:
            _, said = process.communicate()
        except BaseException:  # whoever ends this run ends what it has started
            process.kill()
            process.proc.wait()  # its own `wait` raises what became of it
            raise
    return failure(arguments[0], said) if process.returncode else ""
