"""The standard streams of a run: they take every character, and standard error nothing that a runner would obey."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from research_logbook.markdown.escape import terminal


class _Escaped(io.TextIOBase):
    """Passes whole lines on, each of them escaped for a terminal and a workflow's log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        self._stream.write("".join(f"{terminal(line)}\n" for line in lines))
        return len(text)

    def flush(self) -> None:
        """Flush what is whole: a line that has only begun could still become a command."""
        self._stream.flush()

    def finish(self) -> None:
        """Pass on a last line that has no end."""
        if self._begun:
            self.write("\n")
        self.flush()


@contextmanager
def safe_streams() -> Iterator[None]:
    """Escape everything that anybody writes on standard error, until the end of the run, and let no character fail.

    A character that the locale's encoding lacks is written as its escape; in Actions the encoding is UTF-8, which is
    what a runner reads.

    A runner reads standard error for commands too, and what a library prints there, warns of, logs or raises can
    quote what it has read.
    """
    encoding = "utf-8" if os.environ.get("GITHUB_ACTIONS") == "true" else None
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    before = sys.stderr
    if before is None:  # it is closed
        yield
        return
    escaped = _Escaped(before)
    sys.stderr = escaped
    try:
        yield
    finally:
        sys.stderr = before
        with suppress(OSError):  # nobody reads it any more
            escaped.finish()
