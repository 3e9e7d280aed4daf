"""GitHub's API and its git repository are one place; on the bench the tags of the one are brought to the other."""

from e2e.thread import Thread
from hub.bench import Repository


def mirror(repository: Repository, thread: Thread) -> None:
    """Let the tags that were made through the API be those of the thread's origin, too."""
    there = thread.git("ls-remote", "--tags", "--refs", "origin").replace("\t", "\n").splitlines()
    for tag, (commit, message) in repository.tags().items():
        if f"refs/tags/{tag}" not in there:
            thread.git("tag", "--annotate", "--cleanup=verbatim", "--message", message, tag, commit)
            thread.push(f"refs/tags/{tag}")
            thread.git("tag", "--delete", tag)
