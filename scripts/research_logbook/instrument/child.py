"""A command run as if nobody stood between it and its user: its terminal, its signals, its output, its exit status.

What logbook itself was started with decides how:

- At a terminal, in the foreground, the command has a terminal of its own, and every key goes there.
- Where only its input is a terminal, or in the background of a shell, it stays in our process group, which is the one
  that the terminal's signals reach.
- Elsewhere it leads a process group of its own. So it gets each signal once, whether that was sent to us or to our
  whole group. If we are killed, so is that group.

Input is the command's own; an output that is a terminal is one for the command too, and any other is a pipe. Kept of
the output are its last bytes, however long it runs; between two events nothing happens. What the command leaves behind
in the background cannot write any more once the command has ended: nobody waits for it.
"""

import errno
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from research_logbook.logbook.dates import duration

_CHUNK = 65_536
_FROM_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
_ENDING = (signal.SIGTERM, signal.SIGHUP, *_FROM_KEYBOARD)
_JOB_CONTROL = (signal.SIGTSTP, signal.SIGCONT)
_HANDLED = (*_ENDING, signal.SIGUSR1, signal.SIGUSR2, *_JOB_CONTROL, signal.SIGCHLD, signal.SIGWINCH)
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_GRACE = 0.2
"""Seconds without a byte, after which an output that others still hold has nothing more of the command."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    """As a shell shows it: 128 and the number of the signal, if one ended it."""
    signal: int
    """The number of the signal that ended it; 0 for none."""
    began: float
    """In seconds since 1970."""
    seconds: float
    tail: bytes
    """The last of what it wrote."""

    @property
    def is_interrupted(self) -> bool:
        """Whether it was stopped by its user, such as with Ctrl-C, and did not fail by itself."""
        return self.status in {128 + signal.SIGINT, 128 + signal.SIGTERM, 128 + signal.SIGHUP}

    @property
    def sentence(self) -> str:
        """How it ended, in words."""
        how = f"ended by {signal.Signals(self.signal).name}" if self.signal else f"exit status {self.status}"
        return f"{how} after {self.lasted}"

    @property
    def lasted(self) -> str:
        """How long it ran: `0.4 s`, `3 min 12 s`, `3 d 4 h`."""
        return f"{self.seconds:.1f} s" if self.seconds < 10 else duration(self.seconds)


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


@contextmanager
def run(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None, tail: int = 16_384
) -> Iterator[Ended]:
    """Run a command to its end, in a folder, by default this one, and yield how it ended; `tail` bytes are kept.

    Inside the block the signals that end a process are ignored, so that what came of the command can be recorded.
    """
    _open_what_is_closed()
    kept = _Tail(tail)
    began, start = time.time(), time.monotonic()
    # A signal that comes before anybody could pass it on waits.
    program = _Program(command, environment, folder, signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED))
    with ExitStack() as stack:
        is_ours = all(map(os.isatty, (0, 1, 2))) and _in_foreground()
        link = (_at_terminal if is_ours else _through_pipes)(stack, program)
        with _handling(link, program.mask) as wake:
            raw = _copied(link, kept, wake)
            for ending in _ENDING:
                signal.signal(ending, signal.SIG_IGN)
            stack.close()
            number = os.WTERMSIG(raw) if os.WIFSIGNALED(raw) else 0
            status = 128 + number if number else os.WEXITSTATUS(raw)
            yield Ended(status, number, began, time.monotonic() - start, bytes(kept))


def _open_what_is_closed() -> None:
    """Let closed standard streams lead nowhere: else the next file that is opened would be one of them."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - its signature


def _in_foreground() -> bool:
    with suppress(OSError):
        return os.tcgetpgrp(0) == os.getpgrp()
    return False


@dataclass(frozen=True, slots=True)
class _Program:
    """A command, with what it is started in."""

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path | None
    mask: Set[int]
    """The signals that are blocked."""

    def become(self) -> NoReturn:
        """Be the command from here on; a signal that is ignored, as under `nohup`, stays so."""
        name = self.command[0]
        try:
            handled = (number for number in _HANDLED if signal.getsignal(number) is not signal.SIG_IGN)
            for number in (*handled, *_IGNORED_BY_PYTHON):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
            if self.folder:
                os.chdir(self.folder)
            try:
                os.execvpe(name, list(self.command), dict(self.environment))  # noqa: S606 - the user's own
            except OSError as error:
                if error.errno != errno.ENOEXEC:
                    raise
                # A script without a first line that names its shell, as `execvp` has it.
                os.execve("/bin/sh", ["sh", *self.command], dict(self.environment))  # noqa: S606
        except OSError as error:
            os.write(2, f"{name}: {error.strerror}\n".encode(errors="replace"))
            os._exit(127 if error.errno == errno.ENOENT else 126)
        finally:
            os._exit(126)


@dataclass(slots=True)
class _Link:
    """A command that runs, and what leads to it."""

    child: int
    outputs: dict[int, int]
    """What is read, and to which of our own outputs it is written."""
    screens: dict[int, int] = field(default_factory=dict)
    """Which of these are terminals, and whose size they have."""
    is_group: bool = True
    """Whether it leads a process group of its own."""
    keyboard: "_Keyboard | None" = None
    has_ended: bool = False

    def send(self, number: int) -> None:
        """Send it a signal."""
        if not self.has_ended:
            with suppress(ProcessLookupError, PermissionError):
                (os.killpg if self.is_group else os.kill)(self.child, number)

    def resize(self) -> None:
        """Give its terminals the size of ours."""
        for screen, number in self.screens.items():
            _set_size(screen, number)
        if self.is_group and not self.keyboard:  # else it hears of that from a terminal
            self.send(signal.SIGWINCH)

    def suspend(self) -> None:
        """Stop with it, as the shell expects that we run in, and go on once the shell says so."""
        self.send(signal.SIGSTOP if self.keyboard else signal.SIGTSTP)
        if self.keyboard:
            self.keyboard.give_back()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0 if self.keyboard else os.getpid(), signal.SIGTSTP)  # this returns when we go on
        signal.signal(signal.SIGTSTP, handler)
        self.resume()

    def resume(self) -> None:
        """Let it go on, in the foreground or not."""
        if self.keyboard and not self.has_ended:
            self.keyboard.take()
        self.send(signal.SIGCONT)


def become(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Be a command that nobody records, from here on."""
    _open_what_is_closed()
    _Program(command, environment, None, signal.pthread_sigmask(signal.SIG_BLOCK, ())).become()


# A terminal of its own


def _at_terminal(stack: ExitStack, program: _Program) -> _Link:
    master, slave = os.openpty()
    termios.tcsetattr(slave, termios.TCSANOW, termios.tcgetattr(0))
    _set_size(master, 1)
    child = os.fork()
    if not child:
        os.close(master)
        os.login_tty(slave)
        program.become()
    os.close(slave)
    stack.callback(os.close, master)
    os.set_blocking(master, False)
    keyboard = _Keyboard(master, child)
    stack.callback(keyboard.give_back)
    keyboard.take()
    return _Link(child, {master: 1}, {master: 1}, keyboard=keyboard)


class _Keyboard:
    """Our terminal, whose keys go to the command's: its own makes of a key what it means, such as Ctrl-C."""

    def __init__(self, master: int, child: int) -> None:
        self.master = master
        self._child = child
        self._before = termios.tcgetattr(0)
        self.is_taken = False
        self.unwritten = b""
        """Keys that the command's terminal has no room for yet."""

    def take(self) -> None:
        """Read each key, while we are in the foreground."""
        self.is_taken = _in_foreground()
        if self.is_taken:
            with suppress(termios.error):
                tty.setraw(0, termios.TCSADRAIN)

    def give_back(self) -> None:
        """Let the terminal be as it was."""
        if self.is_taken:
            with suppress(termios.error):  # it may be gone
                termios.tcsetattr(0, termios.TCSADRAIN, self._before)
        self.is_taken = False

    def read(self) -> bool:
        """Read keys; return whether one of them suspends what runs.

        A command that leads a session cannot be stopped by that key, since no shell is there to go on with it; so it
        is stopped with us, for the shell that we run in. A shell inside knows what to do with the key itself.
        """
        data = _read(0) or b""
        self.unwritten += data
        if not data:
            self.is_taken = False
        with suppress(OSError, termios.error):
            modes = termios.tcgetattr(self.master)
            key: bytes = modes[6][termios.VSUSP]
            has_key = bool(modes[3] & termios.ISIG) and key != b"\0" and key in data
            if has_key and os.tcgetpgrp(self.master) == self._child:
                self.unwritten = self.unwritten.replace(key, b"")
                return True
        return False

    def write(self) -> None:
        """Write what there is room for."""
        try:
            self.unwritten = self.unwritten[os.write(self.master, self.unwritten) :]
        except BlockingIOError:
            pass
        except OSError:
            self.unwritten = b""


def _set_size(terminal: int, like: int) -> None:
    size = struct.pack("HHHH", 24, 80, 0, 0)
    with suppress(OSError):
        size = fcntl.ioctl(like, termios.TIOCGWINSZ, bytes(8))
    with suppress(OSError):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)


# What is no terminal goes through a pipe


def _through_pipes(stack: ExitStack, program: _Program) -> _Link:
    is_group = not os.isatty(0)
    ends: dict[int, tuple[int, int]] = {}
    screens: dict[int, int] = {}
    for number in (1, 2):
        if ends and os.path.sameopenfile(1, 2):  # two would lose the order of what is written to one file
            ends[2] = ends[1]
        elif os.isatty(number):
            ends[number] = _screen(number)
            screens[ends[number][0]] = number
        else:
            ends[number] = os.pipe()
    child = os.fork()
    if not child:
        if is_group:
            os.setpgid(0, 0)
        for number, (_, into) in ends.items():
            os.dup2(into, number)
        program.become()
    for reading, into in set(ends.values()):
        os.close(into)
        stack.callback(_close, reading)
    if is_group:
        with suppress(OSError):  # it may run already
            os.setpgid(child, child)
        stack.callback(_guarded(child))
    return _Link(child, {ends[number][0]: number for number in (2, 1)}, screens, is_group=is_group)


def _screen(like: int) -> tuple[int, int]:
    """Return a terminal to write to, from which every byte comes as it is."""
    master, slave = os.openpty()
    modes = termios.tcgetattr(like)
    modes[1] &= ~termios.OPOST
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    _set_size(master, like)
    return master, slave


def _close(descriptor: int) -> None:
    with suppress(OSError):
        os.close(descriptor)


def _guarded(child: int) -> Callable[[], None]:
    """Start a process that kills the command's group once we are killed; return what ends it."""
    reading, into = os.pipe()
    guard = os.fork()
    if not guard:
        try:
            os.setsid()
            for number in (0, 1, 2):
                os.dup2(os.open(os.devnull, os.O_RDWR), number)
            os.closerange(3, reading)
            os.closerange(reading + 1, os.sysconf("SC_OPEN_MAX") if reading > 1_000 else 1_024)
            if not os.read(reading, 1):
                os.killpg(child, signal.SIGKILL)
        finally:
            os._exit(0)
    os.close(reading)

    def end() -> None:
        with suppress(OSError):
            os.write(into, b".")
        os.close(into)
        os.waitpid(guard, 0)

    return end


# Signals


@contextmanager
def _handling(link: _Link, mask: Set[int]) -> Iterator[int]:
    """Pass signals on to the command, and yield what becomes readable when one comes; what was ignored stays so."""

    def handle(number: int, _: FrameType | None) -> None:
        if number == signal.SIGTSTP:
            link.suspend()
        elif number == signal.SIGCONT:
            link.resume()
        elif number == signal.SIGWINCH:
            link.resize()
        elif number != signal.SIGCHLD and (link.is_group or number not in _FROM_KEYBOARD):
            link.send(number)

    reading, into = os.pipe()
    for end in (reading, into):
        os.set_blocking(end, False)
    # In a group with the command, the terminal stops both.
    wanted = [number for number in _HANDLED if link.is_group or number not in _JOB_CONTROL]
    before = {number: it for number in wanted if (it := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, handle)
    woken = signal.set_wakeup_fd(into, warn_on_full_buffer=False)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(into)


# Copying


class _Outputs:
    """What comes from the command, passed on to where it belongs, with the last of it kept."""

    def __init__(self, link: _Link, kept: _Tail) -> None:
        self.open: dict[int, int | None] = dict(link.outputs)
        """What is read, and where it is written; None where that is gone."""
        self._screens, self._kept = link.screens, kept
        self._left: dict[int, int] = {}

    def pass_on(self, source: int) -> None:
        """Pass on what can be read."""
        data, to = _read(source), self.open[source]
        if data is None:
            return
        self._kept.add(data)
        is_through = to is None or _written(to, data)
        if data and not is_through and source in self._screens:
            self.open[source] = None  # the terminal is gone, and what the command says until its end is for the record
        elif not data or not is_through:
            del self.open[source]
            if source not in self._screens:  # whoever read it is gone: the command hears of that as without us
                _close(source)
        if self._left:
            self._left[source] -= len(data)
            if self._left[source] <= 0:
                self.open.pop(source, None)

    def limit(self) -> None:
        """Take the command for ended: much more is from others, which it left behind, and nobody waits for them."""
        for source in self.open:
            waiting = bytes(4)
            with suppress(OSError):
                waiting = fcntl.ioctl(source, termios.FIONREAD, waiting)
            self._left[source] = _CHUNK + int.from_bytes(waiting, sys.byteorder)


def _copied(link: _Link, kept: _Tail, wake: int) -> int:
    """Copy until the command has ended and all that it wrote is through; return its status as the system has it."""
    outputs, keyboard = _Outputs(link, kept), link.keyboard
    status: int | None = None
    while status is None or outputs.open:
        is_typing = keyboard is not None and keyboard.is_taken and not keyboard.unwritten
        reads = [*outputs.open, wake, *([0] if is_typing else [])]
        writes = [keyboard.master] if keyboard and keyboard.unwritten else []
        ready, room, _ = select.select(reads, writes, [], None if status is None else _GRACE)
        if status is not None and not ready:
            break
        if wake in ready:
            _read(wake)
        if status is None:
            done, raw = os.waitpid(link.child, os.WNOHANG)
            if done:
                status, link.has_ended = raw, True
                outputs.limit()
        for source in [it for it in outputs.open if it in ready]:
            outputs.pass_on(source)
        if keyboard and is_typing and 0 in ready and keyboard.read():
            link.suspend()
        if keyboard and room:
            keyboard.write()
    return status


def _read(descriptor: int) -> bytes | None:
    """Return what can be read: empty at the end, None where there is nothing now."""
    try:
        return os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return None
    except OSError as error:
        if error.errno == errno.EIO:  # a terminal that nobody holds any more
            return b""
        raise


def _written(descriptor: int, data: bytes) -> bool:
    """Write all of it; return False where that cannot be done any more."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
        except OSError:
            return False
    return True
