"""The git repository: which versions of which logbooks there are, and what is compared with what.

The modules share, without a call of git, what a commit is and how the tags of snapshots are named:
`snapshot/<topic>/<experiment ID>`.
"""

import re
from dataclasses import dataclass

ALL_TAGS = "snapshot"
"""What ``git for-each-ref refs/tags/…`` lists all snapshot tags by."""
_LONGEST = 200


def tag_part(text: str) -> str:
    r"""Return `text` as one part of a tag's name that git accepts, whatever it contains.

    Source: ``git check-ref-format``: no white space, control characters or ``~^:?*[\``, no ``..`` and ``@{``, no dot
    or hyphen at an end, no ``.lock``; and a file's name has 255 bytes at most.
    """
    safe = re.sub(r"[^A-Za-z0-9._+-]+", "-", text)[:_LONGEST]
    safe = re.sub(r"\.{2,}", ".", safe).strip(".-")
    return re.sub(r"\.lock$", "-lock", safe) or "unnamed"


def tags_of(topic: str) -> str:
    """Return what ``git for-each-ref refs/tags/…`` lists all snapshot tags of a topic by."""
    return f"{ALL_TAGS}/{tag_part(topic)}"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as git's log shows it."""

    hash: str
    author: str
    """Name and address."""
    authored_at: str
    """ISO 8601; a rebase keeps it, as it keeps the author."""
    subject: str
    message: str = ""
    """All of it, the subject included, as far as it is read."""

    @property
    def origin(self) -> tuple[str, str, str]:
        """What a rebased copy has in common with the commit it was made from."""
        return self.author, self.authored_at, self.subject
