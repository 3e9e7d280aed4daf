"""Files of a work tree that are to be written: effects like those of a plan, which a dry run prints as a diff."""

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileRewrite:
    """A file to be written, or to be made where `old` is None."""

    name: str
    """Its path, from the root of the repository."""
    old: str | None
    new: str

    def __str__(self) -> str:
        """Return the effect as a unified diff."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.old, self.new))
        before = "/dev/null" if self.old is None else f"a/{self.name}"
        return "".join(difflib.unified_diff(old, new, before, f"b/{self.name}"))
