"""A commit, as a plain value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git's log shows it."""

    hash: str
    author: str
    """Name and address."""
    authored_at: str
    """ISO 8601; a rebase keeps it, as it keeps the author."""
    subject: str
    snapshots: tuple[str, ...] = ()
    """The values of its `Snapshot:` trailers, empty ones included."""

    @property
    def origin(self) -> tuple[str, str, str]:
        """What a rebased copy has in common with the commit it was made from."""
        return self.author, self.authored_at, self.subject
