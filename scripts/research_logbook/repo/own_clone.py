"""What changes the user's own clone: a branch that is checked out, a commit, a work tree, a setting.

Reading is `repo.git`'s.

GitPython is imported where it is first needed: most runs change nothing, and it takes a tenth of a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from research_logbook.errors import UnfinishedError
from research_logbook.repo.git import NO_HOOKS, SAFE, SETTINGS, Repository, failure, git_environment, trusted


@contextmanager
def work_tree_at(repository: Repository, commit: str) -> Iterator[Path]:
    """Check a commit out in a folder of its own, which is gone afterwards, whatever happens."""
    with TemporaryDirectory(prefix="logbook-", ignore_cleanup_errors=True) as folder:
        place = f"{folder}/tree"
        try:
            if said := _git(repository, ["worktree", "add", "--quiet", "--detach", "--", place, commit]):
                raise UnfinishedError(said, "look whether the disk has space")
            yield Path(place)
        finally:
            _git(repository, ["worktree", "remove", "--force", "--force", "--", place])


def commit_changes(repository: Repository, message: str, *but: str) -> str:
    """Commit what tracked files have changed, the paths in `but` left out, and return the commit.

    Hooks run, as they do for whoever commits by hand.
    """
    paths = [".", *(f":(exclude,literal){path}" for path in but)]
    said = _git(repository, ["commit", "--quiet", f"--message={message}", "--", *paths], with_hooks=True)
    commit = repository.commit("HEAD")
    if said or commit is None:
        raise UnfinishedError(said, "commit the changes yourself, then run it again")
    return commit


def switch(repository: Repository, branch: str, *, is_new: bool) -> None:
    """Check out a branch, a new one from HEAD; git refuses where that would lose what is not committed."""
    if said := _git(repository, ["switch", "--quiet", *(["--create", branch] if is_new else [SAFE, branch])]):
        raise UnfinishedError(said, "")


def configure(repository: Repository, name: str, value: str) -> None:
    """Write a setting of this clone."""
    if said := _git(repository, ["config", "--local", name, value]):
        raise UnfinishedError(said, f"set it yourself: `git config {name} …`")


def _git(repository: Repository, arguments: list[str], *, with_hooks: bool = False) -> str:
    """Let git change the clone, and return a sentence that says how that failed, or nothing."""
    from git import Repo  # noqa: PLC0415 - see above

    with Repo(repository.root) as clone:
        git = clone.git
        git.set_persistent_git_options(c=[*SETTINGS, *trusted(repository.root), *([] if with_hooks else [NO_HOOKS])])
        if not with_hooks:  # a hook expects the user's own environment
            git.update_environment(**git_environment({"GIT_LITERAL_PATHSPECS": "0"}))
        status, _, said = getattr(git, arguments[0])(*arguments[1:], with_extended_output=True, with_exceptions=False)
    return failure(arguments[0], said.encode(errors="replace")) if status else ""
