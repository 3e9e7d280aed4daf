"""Claims about a command that is run for the record, each about real processes, terminals and signals."""

import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from research_logbook.instrument.child import Ended
from terminal import SECONDS, Terminal, until

RUNNER = """
import json, os, resource, sys
from pathlib import Path
from research_logbook.instrument import child
before = resource.getrusage(resource.RUSAGE_SELF)
with child.run(sys.argv[2:], os.environ) as ended:
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = [after.ru_maxrss - before.ru_maxrss, after.ru_nvcsw - before.ru_nvcsw]
    Path(sys.argv[1]).write_text(json.dumps([ended.status, ended.signal, ended.tail.decode("latin-1"), *used]))
"""
"""Runs a command and writes down how it ended, as the record does."""

COUNT = """
import os, signal, sys, time
came = []
for it in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGWINCH):
    signal.signal(it, lambda number, _: came.append(number))
print("up", flush=True)
while signal.SIGTERM not in came:
    time.sleep(0.02)
print("came", *map(int, came), flush=True)
"""
"""Counts the signals that it gets until SIGTERM."""


def runner(out: Path, *command: str) -> list[str]:
    """Return a command line that runs a command."""
    return [sys.executable, "-c", RUNNER, str(out), *command]


def python(script: str) -> tuple[str, ...]:
    """Return the command line of a script."""
    return (sys.executable, "-c", script)


def told(out: Path) -> tuple[int, int, str]:
    """Return how a command ended: its status, its signal, and the last of its output."""
    until(out.exists, "the end")
    until(lambda: out.read_text().endswith("]"))
    status, number, tail, *_ = json.loads(out.read_text())
    return status, number, tail


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return where it is written how a command ended."""
    return tmp_path / "out.json"


# At a terminal


def test_a_terminal_is_one_for_the_command(out: Path, tmp_path: Path) -> None:
    """Input, output and errors, of our size, also after the window has got another one; keys arrive."""
    script = """
import os, signal, time
print(*map(os.isatty, (0, 1, 2)), os.get_terminal_size().columns, os.tcgetpgrp(0) == os.getpgrp())
came = []
signal.signal(signal.SIGWINCH, lambda *_: came.append(os.get_terminal_size().columns))
print("up", flush=True)
while 97 not in came:
    time.sleep(0.02)
print("now 97", flush=True)
print("typed", input())
"""
    with Terminal(runner(out, *python(script)), tmp_path) as terminal:
        terminal.shows(b"True True True")
        terminal.shows(b"True\r\nup")
        terminal.resize(30, 97)
        terminal.shows(b"now 97")
        terminal.press("grüße\n".encode())
        terminal.shows("typed grüße".encode())
        assert terminal.ends() == 0


def test_ctrl_c_reaches_the_command_once(out: Path, tmp_path: Path) -> None:
    """It does with it as it likes, and we go on."""
    with Terminal(runner(out, *python(COUNT)), tmp_path) as terminal:
        terminal.shows(b"up")
        terminal.press(b"\x03")
        terminal.shows(b"^C")
        os.kill(terminal.pid, signal.SIGTERM)
        terminal.shows(b"came 2 15")
        assert terminal.ends() == 0


def test_ctrl_c_ends_a_command_that_does_not_mind(out: Path, tmp_path: Path) -> None:
    """And the terminal is as it was."""
    with Terminal(runner(out, *python("import time; print('up', flush=True); time.sleep(600)")), tmp_path) as terminal:
        terminal.shows(b"up")
        terminal.press(b"\x03")
        assert terminal.ends() == 0
    assert told(out)[:2] == (130, signal.SIGINT)


def test_ctrl_z_stops_a_command_without_its_input_too(out: Path, tmp_path: Path) -> None:
    """It is no less the shell's job, and both go on with it."""
    with Terminal(["bash", "--norc", "--noediting", "-i"], tmp_path, {**os.environ, "PS1": "ready> "}) as shell:
        shell.shows(b"ready> ")
        script = """import os, time
print('u' + 'p', flush=True)
while not os.path.exists('go'):
    time.sleep(0.02)
print('o' + 'n')
"""
        shell.press(" ".join([*map(_quoted, runner(out, *python(script))), "< /dev/null\n"]).encode())
        shell.shows(b"\nup\r\n")
        shell.press(b"\x1a")
        shell.shows(b"Stopped")
        shell.shows(b"ready> ")
        (tmp_path / "go").touch()
        shell.press(b"fg\n")
        shell.shows(b"\non\r\n")
        shell.shows(b"ready> ")
        shell.press(b"exit\n")
        shell.ends()
    assert told(out)[0] == 0


def test_ctrl_z_and_fg_work_as_in_any_shell(out: Path, tmp_path: Path) -> None:
    """The command stops and goes on, and the shell is there in between with the terminal as it left it."""
    with Terminal(["bash", "--norc", "--noediting", "-i"], tmp_path, {**os.environ, "PS1": "ready> "}) as shell:
        shell.shows(b"ready> ")
        script = "import time\nprint('u' + 'p', flush=True)\nprint('typed', input(), flush=True)"
        (tmp_path / "run.sh").write_text('exec "$@"')
        line = " ".join([*map(_quoted, runner(out, *python(script)))])
        shell.press(f"{line}\n".encode())
        shell.shows(b"\nup\r\n")
        shell.press(b"\x1a")
        shell.shows(b"Stopped")
        shell.shows(b"ready> ")
        shell.press(b"stty -a | tr ' ' '\\n' | grep -x -e icanon -e isig -e echo | tr '\\n' ' '; jobs | wc -l\n")
        shell.shows(b"isig icanon echo 1")
        shell.press(b"fg\n")
        shell.shows(b"fg")
        shell.press(b"again\n")
        shell.shows(b"typed again")
        shell.shows(b"ready> ")
        shell.press(b"exit\n")
        shell.ends()
    assert told(out)[0] == 0


def _quoted(text: str) -> str:
    return "$'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def test_in_the_background_of_a_shell_it_does_not_touch_the_terminal(out: Path, tmp_path: Path) -> None:
    """`&` works: it writes, and the shell keeps the keys."""
    with Terminal(["bash", "--norc", "--noediting", "-i"], tmp_path, {**os.environ, "PS1": "ready> "}) as shell:
        shell.shows(b"ready> ")
        script = "import os\nprint('w' + 'rote', *map(os.isatty, (1, 2)))"
        shell.press(" ".join([*map(_quoted, runner(out, *python(script))), "&\n"]).encode())
        shell.shows(b"wrote True True")
        assert told(out)[0] == 0
        shell.press(b"wait; exit\n")
        shell.ends()


def test_a_terminal_that_is_closed_ends_the_command(out: Path, tmp_path: Path) -> None:
    """With SIGHUP, as without us, and what came of it can be recorded."""
    with Terminal(runner(out, "sh", "-c", "echo up; exec sleep 600"), tmp_path) as terminal:
        terminal.shows(b"up")
        terminal.close()
        assert terminal.ends() == 0
    assert told(out) == (128 + signal.SIGHUP, signal.SIGHUP, "up\r\n")


def test_a_command_may_outlive_its_terminal(out: Path, tmp_path: Path) -> None:
    """One that saves its state on SIGHUP does so, however much it says that nobody sees."""
    script = """
import signal, sys, time
def save(*_):
    try:
        print("x" * 300_000, "saved", flush=True)
    except OSError:
        pass
    sys.exit(3)
signal.signal(signal.SIGHUP, save)
print("up", flush=True)
while True:
    signal.pause()
"""
    with Terminal(runner(out, *python(script)), tmp_path) as terminal:
        terminal.shows(b"up")
        terminal.close()
        assert terminal.ends() == 0
    assert told(out)[:2] == (3, 0)
    assert told(out)[2].endswith("x saved\r\n")


# Without a terminal


def start(out: Path, *command: str, **how: object) -> "subprocess.Popen[bytes]":
    """Start a command without any terminal, in a session of its own."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "start_new_session": True, **how}
    return subprocess.Popen(runner(out, *command), **options)  # type: ignore[call-overload, no-any-return]


linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")


@linux
@pytest.mark.parametrize("is_group", [False, True], ids=["to us", "to our group"])
def test_a_signal_reaches_the_command_once(out: Path, *, is_group: bool) -> None:
    """Whoever sends it to us alone, and whoever sends it to all that we started."""
    with start(out, *python(COUNT)) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            (os.killpg if is_group else os.kill)(process.pid, number)
            until(lambda: _caught(process.pid) == 0)
        assert process.stdout.readline() in {b"came 2 1 15\n", b"came 1 2 15\n"}
    assert (process.returncode, told(out)[0]) == (0, 0)


def _caught(pid: int) -> int:
    """Return the signals that a process has still to see."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd", "ShdPnd")))


def test_what_ends_the_command_is_known(out: Path) -> None:
    """A status, a signal, a program that is not there, one that cannot be run."""
    script = out.parent / "script"
    script.write_text('echo $0 "$1"')
    script.chmod(0o755)
    (out.parent / "text").write_text("")
    for command, ends in (
        (("sh", "-c", "exit 7"), (7, 0, "")),
        (("sh", "-c", "kill -KILL $$"), (137, 9, "")),
        (("./none",), (127, 0, "./none: No such file or directory\n")),
        (("./text",), (126, 0, "./text: Permission denied\n")),
        ((str(script), "a b"), (0, 0, f"{script} a b\n")),
    ):
        out.unlink(missing_ok=True)
        done = subprocess.run(runner(out, *command), cwd=out.parent, capture_output=True, timeout=SECONDS, check=False)
        assert (done.returncode, told(out)) == (0, ends)


@pytest.mark.parametrize("stdin", [b"", b"\x00\xff no end"])
def test_bytes_come_through_untouched_and_apart(out: Path, stdin: bytes) -> None:
    """Of any kind, without a newline at the end, in both directions."""
    script = "import os, sys; d = os.read(0, 99); os.write(1, b'out' + d); os.write(2, b'err\\xfe' + d)"
    done = subprocess.run(runner(out, *python(script)), input=stdin, capture_output=True, timeout=SECONDS, check=False)
    assert (done.stdout, done.stderr) == (b"out" + stdin, b"err\xfe" + stdin)


def test_one_file_for_both_keeps_their_order(out: Path, tmp_path: Path) -> None:
    """As `> log 2>&1` has it."""
    with (tmp_path / "log").open("wb") as log:
        script = "for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done"
        subprocess.run(runner(out, "sh", "-c", script), stdout=log, stderr=log, timeout=SECONDS, check=True)
    assert (tmp_path / "log").read_text().split() == [f"{it}{i}" for i in range(1, 10) for it in "oe"]


def test_much_output_takes_little_memory_and_none_is_lost(out: Path) -> None:
    """Of 100 MB, a few bytes are held at a time."""
    script = "import os\nfor _ in range(1600): os.write(1, b'x' * 65_535 + b'\\n')"
    with start(out, *python(script)) as process:
        assert process.stdout
        size = sum(map(len, iter(lambda: process.stdout.read(1 << 20), b"")))  # type: ignore[union-attr]
    assert size == 1600 * 65_536
    held = json.loads(out.read_text())[3]
    assert held < 4_000, f"{held} KiB"
    assert len(told(out)[2]) == 16_384


def test_nothing_is_polled(out: Path) -> None:
    """How often it wakes up does not depend on how long the command takes."""
    counts = []
    for seconds in ("0", "3"):
        out.unlink(missing_ok=True)
        subprocess.run(runner(out, "sleep", seconds), timeout=SECONDS, check=True)
        counts.append(json.loads(out.read_text())[4])
    assert counts[1] - counts[0] < 10


@pytest.mark.parametrize("script", ["sleep 600 & echo done", "yes & echo done", "(sleep 0.01; echo late) & echo done"])
def test_what_is_left_behind_is_not_waited_for(out: Path, script: str) -> None:
    """A process in the background that holds the output, whether it writes or not."""
    with start(out, "sh", "-c", f"{script}; echo $! >&2; exit 4", stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr  # noqa: PT018
        line = process.stdout.readline()
        while line == b"y\n":
            line = process.stdout.readline()
        process.stdout.close()
        left = int(process.stderr.readline())
        process.wait(SECONDS)
    assert (line, told(out)[0]) == (b"done\n", 4)
    with suppress(ProcessLookupError):
        os.kill(left, signal.SIGKILL)


def test_a_reader_that_is_gone_is_the_commands_to_hear_of(out: Path) -> None:
    """`| head -1` ends it by SIGPIPE, as without us."""
    with start(out, "yes") as process:
        assert process.stdout
        assert process.stdout.readline() == b"y\n"
        process.stdout.close()
        process.wait(SECONDS)
    assert told(out)[:2] == (128 + signal.SIGPIPE, signal.SIGPIPE)


@linux
def test_a_kill_of_us_is_one_of_the_command(out: Path) -> None:
    """Nothing runs on that nobody knows of."""
    with start(out, "sh", "-c", "echo $$; sleep 600 & wait") as process:
        assert process.stdout
        shell = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.wait(SECONDS)
        until(lambda: not _is_alive(shell), "its end")
    assert not out.exists()


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@linux
def test_what_is_ignored_stays_so(out: Path) -> None:
    """As `nohup` wants it; and SIGPIPE, which Python ignores for itself, is the command's again."""
    with start(out, "grep", "SigIgn", "/proc/self/status", preexec_fn=_without_hangups) as process:
        assert process.stdout
        ignored = int(process.stdout.read().split()[1], 16)
    assert ignored == 1 << (signal.SIGHUP - 1)


def _without_hangups() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def test_closed_streams_are_empty_ones(out: Path) -> None:
    """Nothing that we open gets into their place."""
    line = 'exec "$@" <&- >&- 2>&-'
    command = ["sh", "-c", line, "sh", *runner(out, "sh", "-c", "echo out; echo err >&2; cat; exit 5")]
    assert subprocess.run(command, timeout=SECONDS, check=False).returncode == 0
    assert told(out)[0] == 5


def test_an_error_goes_to_the_terminal_though_the_output_is_redirected(out: Path, tmp_path: Path) -> None:
    """`logbook run -- train > log`: a progress bar on the terminal stays live, Ctrl-C ends it once, bytes are whole."""
    script = """
import os, signal, sys, time
came = []
signal.signal(signal.SIGINT, lambda *_: came.append(1))
print(*map(os.isatty, (0, 1, 2)))
print("bar", os.get_terminal_size(2).columns, file=sys.stderr, flush=True)
while not came:
    time.sleep(0.02)
print("typed", input(), len(came))
"""
    line = f'exec "$@" > {tmp_path}/log'
    with Terminal(["bash", "-c", "sleep 0; " + line, "bash", *runner(out, *python(script))], tmp_path) as terminal:
        terminal.resize(20, 71)
        terminal.shows(b"bar")
        terminal.press(b"\x03")
        terminal.press(b"word\n")
        assert terminal.ends() == 0
    assert (tmp_path / "log").read_text() == "True False True\ntyped word 1\n"
    assert told(out)[0] == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (12, "12 s"), (192, "3 min 12 s"), (7_500, "2 h 5 min"), (273_600, "3 d 4 h")],
)
def test_a_duration_is_told_in_two_units(seconds: float, text: str) -> None:
    """From fractions of a second to days."""
    assert Ended(0, 0, 0, seconds, b"").sentence == f"exit status 0 after {text}"
