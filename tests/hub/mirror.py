"""GitHub's API and its git repository are one place; on the bench the tags of the one are brought to the other."""

from e2e.thread import Thread
from hub.bench import Repository
from repository import Repository as Work


def mirror(repository: Repository, thread: Thread) -> None:
    """Let the tags that were made through the API be those of the thread's origin, too."""
    for tag in mirror_tags(repository, thread):
        thread.git("tag", "--delete", tag)


def mirror_tags(repository: Repository, work: Work) -> list[str]:
    """Bring the tags that were made through the API to the origin of a clone; return those that the clone got."""
    there = work.git("ls-remote", "--tags", "--refs", "origin").replace("\t", "\n").splitlines()
    new = {tag: told for tag, told in repository.tags().items() if f"refs/tags/{tag}" not in there}
    for tag, (commit, message) in new.items():
        work.git("tag", "--annotate", "--cleanup=verbatim", "--message", message, tag, commit)
        work.git("push", "--quiet", "--force", "origin", f"refs/tags/{tag}")
    return list(new)
