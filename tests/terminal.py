"""A terminal for tests, with a person at it."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

SECONDS = 120
"""After which something that has not happened never will: a machine under load is slow."""


def until(holds: Callable[[], bool], what: str = "it") -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.02)


class Terminal:
    """A program in a terminal of its own, whose keys a test presses and whose screen it reads."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start the program; it can press keys at once."""
        self.seen = b""
        self.pid, self.master = pty.fork()
        if not self.pid:
            os.chdir(folder)
            os.execvpe(command[0], list(command), dict(environment or os.environ))  # noqa: S606

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
        if kind is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def close(self) -> None:
        """Close the window."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def resize(self, rows: int, columns: int) -> None:
        """Give the window another size."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.master, keys)

    def shows(self, text: bytes) -> None:
        """Wait until the screen shows a text after all that was waited for before, and forget what came up to it."""
        end = time.monotonic() + SECONDS
        while text not in self.seen:
            assert time.monotonic() < end, (text, self.seen[-2000:])
            self._read()
        self.seen = self.seen.partition(text)[2]

    def ends(self) -> int:
        """Wait for the end of the program; return its status, negative for a signal."""
        end = time.monotonic() + SECONDS
        while True:
            done, raw = os.waitpid(self.pid, os.WNOHANG)
            if done:
                while self.master >= 0 and select.select([self.master], [], [], 0)[0] and self._read():
                    pass
                return os.waitstatus_to_exitcode(raw)
            assert time.monotonic() < end, self.seen[-2000:]
            if self.master >= 0:
                self._read()
            else:
                time.sleep(0.02)

    def _read(self) -> bool:
        if not select.select([self.master], [], [], 0.05)[0]:
            return False
        try:
            data = os.read(self.master, 65_536)
        except OSError:  # nobody is there any more
            time.sleep(0.02)
            return False
        self.seen += data
        return bool(data)
