"""`logbook merge-driver`: what git calls to merge a logbook.

Source: gitattributes(5), "Defining a custom merge driver": it gets the ancestor's file, ours and theirs, leaves the
result in ours, and exits with 1 where a conflict is left.
"""

import subprocess
import tempfile
from pathlib import Path

from research_logbook.errors import UnfinishedError, UserError
from research_logbook.instrument.merge_text import Merged, merged
from research_logbook.logbook import MAX_BYTES, decode
from research_logbook.logbook.model import Unreadable
from research_logbook.repo import files

LABELS = ("ours", "base", "theirs")


def merge_files(base: Path, ours: Path, theirs: Path, size: int = 7, labels: tuple[str, ...] = LABELS) -> Merged:
    """Merge two files into `ours`; marks of a conflict are `size` characters long and have the labels of the sides.

    Line ends are those of ours. Raises `UserError` for a file that is not there, or that is no text.
    """
    raw = [_read(file) for file in (base, ours, theirs)]
    texts = [decode(file.name, data) for file, data in zip((base, ours, theirs), raw, strict=True)]
    for text in texts:
        if isinstance(text, Unreadable):
            raise UserError(f"a side of the merge {text.reason}", "merge it by hand: `git mergetool`, or take a side")
    # An older git passes the placeholder of a label as it is.
    named = [LABELS[at] if not it or it.startswith("%") else it for at, it in enumerate(labels)]

    def lines_merged(old: str, one: str, other: str) -> tuple[str, bool]:
        with tempfile.TemporaryDirectory(prefix="logbook-") as folder:
            places = [Path(folder, name) for name in LABELS]
            for place, text in zip(places, (one, old, other), strict=True):
                place.write_bytes(text.encode())
            options = [f"--marker-size={size}", *(word for label in named for word in ("-L", label))]
            command = ["git", "merge-file", "-p", *options, "--", *map(str, places)]
            done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        if done.returncode < 0 or done.returncode > 127:
            raise UnfinishedError("`git merge-file` failed", done.stderr.decode(errors="replace").strip())
        return done.stdout.decode(), done.returncode == 0

    old, one, other = (text for text in texts if isinstance(text, str))
    found = merged(old, one, other, lines_merged)
    has_crlf = raw[1].count(b"\r\n") * 2 > raw[1].count(b"\n")
    files.write(ours, found.text.replace("\n", "\r\n") if has_crlf else found.text)
    return found


def _read(file: Path) -> bytes:
    """Return the bytes of a file that git made; one more than a logbook may have is enough to know it is too large."""
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(
            f"{file} cannot be read: {error.strerror}", "git calls this command: see gitattributes(5)"
        ) from error
