"""A command run as if nobody stood between it and its user: its terminal, its signals, its output, its exit status.

Kept of its output are its last bytes alone, however long it runs.
"""

import errno
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

_CHUNK = 65_536
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT)
_FROM_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    """As a shell shows it: 128 and the number of the signal, if one ended it."""
    signal: int
    """The number of the signal that ended it; 0 for none."""
    seconds: float
    tail: bytes
    """The last of what it wrote, where this was not straight to a terminal."""

    @property
    def sentence(self) -> str:
        """How it ended, in words."""
        if self.signal:
            return f"ended by {signal.Signals(self.signal).name} after {duration(self.seconds)}"
        return f"exit status {self.status} after {duration(self.seconds)}"


def duration(seconds: float) -> str:
    """Return a time span for people: `0.4 s`, `12 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h"


class _Tail:
    """The last bytes of a stream of any length."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: deque[bytes] = deque()
        self._size = 0

    def add(self, data: bytes) -> None:
        self._parts.append(data[-self._most :])
        self._size += len(self._parts[-1])
        while self._size - len(self._parts[0]) >= self._most:
            self._size -= len(self._parts.popleft())

    def __bytes__(self) -> bytes:
        return b"".join(self._parts)[-self._most :]


@dataclass(frozen=True, slots=True)
class _Program:
    """A command, with what it is started in."""

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path | None

    def become(self) -> None:
        """Be the command from here on, with the signals that a new process has."""
        try:
            for number in (*_PASSED_ON, *_FROM_KEYBOARD, signal.SIGPIPE, signal.SIGCHLD, signal.SIGWINCH):
                signal.signal(number, signal.SIG_DFL)
            if self.folder:
                os.chdir(self.folder)
            os.execvpe(self.command[0], list(self.command), dict(self.environment))  # noqa: S606 - the user's own
        except OSError as error:
            os.write(2, f"{self.command[0]}: {error.strerror}\n".encode())
            os._exit(127 if error.errno == errno.ENOENT else 126)
        finally:
            os._exit(126)


def run(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None, tail: int = 16_384
) -> Ended:
    """Run a command to its end, in a folder, by default this one; of its output `tail` bytes are kept.

    Where input and output are a terminal it gets one of its own; elsewhere what is no terminal goes through a pipe.
    """
    kept = _Tail(tail)
    sys.stdout.flush()
    sys.stderr.flush()
    started = time.monotonic()
    if all(map(os.isatty, (0, 1, 2))):
        raw = _in_terminal(_Program(command, environment, folder), kept)
    else:
        raw = _in_pipes(_Program(command, environment, folder), kept)
    number = os.WTERMSIG(raw) if os.WIFSIGNALED(raw) else 0
    status = 128 + number if number else os.WEXITSTATUS(raw)
    return Ended(status, number, time.monotonic() - started, bytes(kept))


# With a terminal of its own


def _in_terminal(program: _Program, kept: _Tail) -> int:
    size = _window(1)
    child, master = pty.fork()
    if not child:
        program.become()
    with ExitStack() as stack:
        stack.callback(os.close, master)
        _set_window(master, size)
        stack.enter_context(_raw_terminal())
        wake = stack.enter_context(_waking(child, _PASSED_ON, lambda: _set_window(master, _window(1))))
        return _copied(child, {master: 1}, kept, wake, typed={0: master})


def _window(terminal: int) -> bytes:
    with suppress(OSError):
        return fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(8))
    return struct.pack("HHHH", 24, 80, 0, 0)


def _set_window(terminal: int, size: bytes) -> None:
    with suppress(OSError):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)


@contextmanager
def _raw_terminal() -> Iterator[None]:
    """Let the command's own terminal make of a key what it means, such as the signal of Ctrl-C."""
    before = termios.tcgetattr(0)
    try:
        tty.setraw(0)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


# Through pipes


def _in_pipes(program: _Program, kept: _Tail) -> int:
    piped = [number for number in (1, 2) if not os.isatty(number)]
    is_one = len(piped) == 2 and os.path.sameopenfile(1, 2)
    pipes = {number: os.pipe() for number in (piped[:1] if is_one else piped)}
    if is_one:  # Two pipes would lose the order of what is written to one file.
        pipes[2] = pipes[1]
    ends = set(pipes.values())
    child = os.fork()
    if not child:
        for number, (_, into) in pipes.items():
            os.dup2(into, number)
        for reading, into in ends:
            os.close(reading)
            os.close(into)
        program.become()
    with ExitStack() as stack:
        for reading, into in ends:
            os.close(into)
            stack.callback(_close, reading)
        passed_on = _PASSED_ON if any(map(os.isatty, (0, 1, 2))) else (*_PASSED_ON, *_FROM_KEYBOARD)
        wake = stack.enter_context(_waking(child, passed_on, lambda: None))
        return _copied(child, {reading: number for number, (reading, _) in reversed(pipes.items())}, kept, wake)


def _close(descriptor: int) -> None:
    with suppress(OSError):
        os.close(descriptor)


# Copying


@contextmanager
def _waking(child: int, passed_on: Sequence[int], on_resize: Callable[[], None]) -> Iterator[int]:
    """Yield what becomes readable when a signal comes; those of `passed_on` go to the command.

    A key such as Ctrl-C has reached the command already: it is in the foreground too.
    """

    def handle(number: int, _: FrameType | None) -> None:
        if number == signal.SIGWINCH:
            on_resize()
        elif number in passed_on:
            with suppress(ProcessLookupError):
                os.kill(child, number)

    reading, into = os.pipe()
    os.set_blocking(into, False)
    os.set_blocking(reading, False)
    numbers = (*_PASSED_ON, *_FROM_KEYBOARD, signal.SIGCHLD, signal.SIGWINCH)
    before = {number: signal.signal(number, handle) for number in numbers}
    woken = signal.set_wakeup_fd(into, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(into)


def _copied(
    child: int, outputs: Mapping[int, int], kept: _Tail, wake: int, typed: Mapping[int, int] | None = None
) -> int:
    """Copy until the command has ended and all that it wrote is through; return its status as the system has it."""
    open_ends, keys = dict(outputs), dict(typed or {})
    status = None
    while True:
        ready, _, _ = select.select([*open_ends, *keys, wake], [], [], 0 if status is not None else None)
        if wake in ready:
            with suppress(BlockingIOError):
                os.read(wake, _CHUNK)
        if status is None:
            done, raw = os.waitpid(child, os.WNOHANG)
            status = raw if done else None
        came = False
        for source in [it for it in open_ends if it in ready]:
            data = _read(source)
            came = came or bool(data)
            if data:
                kept.add(data)
            if not data or not _written(open_ends[source], data):
                # Whoever read it is gone: the command hears of that as it would without us.
                del open_ends[source]
                if source not in (typed or {}).values():
                    _close(source)
        for source in [it for it in keys if it in ready]:
            data = _read(source)
            if not data or not _written(keys[source], data):
                del keys[source]
        if status is not None and not came:
            return status


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK)
    except OSError as error:
        if error.errno == errno.EIO:  # a terminal that nobody holds any more
            return b""
        raise


def _written(descriptor: int, data: bytes) -> bool:
    """Write all of it; return False where nobody reads it any more."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
        except OSError as error:
            if error.errno in {errno.EPIPE, errno.EIO, errno.EBADF}:
                return False
            raise
    return True
