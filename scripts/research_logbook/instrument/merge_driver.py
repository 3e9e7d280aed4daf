"""`logbook merge-driver`: what git calls to merge a logbook.

Source: gitattributes(5), "Defining a custom merge driver": it gets the ancestor's file, ours and theirs, leaves the
result in ours, and exits with 1 where a conflict is left.
"""

import subprocess
import tempfile
from pathlib import Path

from research_logbook.errors import UnfinishedError, UserError
from research_logbook.instrument.merge_text import Merged, merged
from research_logbook.repo import files


def merge_files(base: Path, ours: Path, theirs: Path, size: int = 7) -> Merged:
    """Merge two files into `ours`; marks of a conflict are `size` characters long.

    Raises `UserError` for a file that is not there, or not UTF-8.
    """
    texts = []
    for file in (base, ours, theirs):
        try:
            texts.append(file.read_bytes().decode())
        except OSError as error:
            raise UserError(
                f"{file} cannot be read: {error.strerror}", "git calls this command: see gitattributes(5)"
            ) from error
        except UnicodeDecodeError as error:
            raise UserError(f"{file} is not UTF-8", "merge it by hand") from error

    def lines_merged(old: str, one: str, other: str) -> tuple[str, bool]:
        with tempfile.TemporaryDirectory() as folder:
            places = [Path(folder, name) for name in ("ours", "base", "theirs")]
            for place, text in zip(places, (one, old, other), strict=True):
                place.write_bytes(text.encode())
            command = ["git", "merge-file", "-p", f"--marker-size={size}", *(f"-L{place.name}" for place in places)]
            done = subprocess.run([*command, *map(str, places)], capture_output=True, check=False)  # noqa: S603
        if done.returncode < 0 or done.returncode > 127:
            raise UnfinishedError("`git merge-file` failed", done.stderr.decode(errors="replace").strip())
        return done.stdout.decode(), done.returncode == 0

    found = merged(texts[0], texts[1], texts[2], lines_merged)
    files.write(ours, found.text)
    return found
