"""Claims about `logbook run` and `rerun`, each a process of its own: what is recorded, and what the command notices."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from repository import GOOD_ANYWHERE, PATH, Repository
from research_logbook.instrument.child import duration
from research_logbook.logbook import parse
from research_logbook.logbook.model import Entry, Logbook

LOGBOOK = [sys.executable, "-m", "research_logbook"]
TRAIN = """
import json, os, sys
json.dump({"loss": 2.25, "eval": {"accuracy": 0.5}}, open("metrics.json", "w"))
print("training", os.environ["LOGBOOK_ID"], os.environ["WANDB_NAME"])
"""


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return a repository with a logbook, code, and the metrics ignored."""
    made = Repository(tmp_path / "work")
    made.commit({PATH: GOOD_ANYWHERE, "train.py": TRAIN, ".gitignore": "metrics.json\n"})
    return made


def run(work: Repository, *arguments: str, **how: object) -> "subprocess.CompletedProcess[bytes]":
    """Run `logbook`."""
    environment = {**os.environ, "SECRET_TOKEN": "x", "OMP_NUM_THREADS": "4"}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*LOGBOOK, *arguments], cwd=work.root, env=environment, capture_output=True, check=False, **how
    )


def book(work: Repository) -> Logbook:
    """Return the logbook as it is."""
    found = parse(PATH, (work.root / PATH).read_bytes())
    assert isinstance(found, Logbook)
    return found


def last(work: Repository) -> Entry:
    """Return the last entry."""
    return book(work).everything[-1]


def said(entry: Entry, name: str) -> str:
    """Return what an entry says under a name, canonical or its own."""
    return next((it.text for it in entry.fields if name in {it.key, it.name}), "")


def test_a_run_is_recorded_with_what_a_machine_knows(work: Repository) -> None:
    """Command, commit, hardware, variables of the list, metrics, duration; the command has its status and output."""
    done = run(work, "run", "--label", "wider", "--metrics", "metrics.json", "--", sys.executable, "train.py", "a b")
    assert (done.returncode, done.stdout) == (0, b"training SPA-AT-002 SPA-AT-002 wider\n")
    entry = last(work)
    assert (entry.heading_ids, entry.label) == (("SPA-AT-002",), "wider")
    assert said(entry, "command") == f"{sys.executable} train.py 'a b'"
    assert said(entry, "commit") == work.git("rev-parse", "HEAD")
    assert said(entry, "result") == "loss 2.25, eval/accuracy 0.5"
    assert "OMP_NUM_THREADS=4" in said(entry, "config")
    assert "SECRET_TOKEN" not in (work.root / PATH).read_text()
    assert "core" in said(entry, "hardware")
    assert said(entry, "Duration").endswith("exit status 0")
    assert run(work, "lint", "--base", "HEAD").returncode == 0


def test_a_failure_is_recorded_with_how_it_failed(work: Repository) -> None:
    """Its status is passed on, and its last lines are kept, without paths of this machine."""
    done = run(work, "run", "--", "bash", "-c", f"echo {work.root}/train.py; sleep 0.3; echo out of memory >&2; exit 3")
    entry = last(work)
    assert (done.returncode, said(entry, "result")[:22]) == (3, "failed: exit status 3 ")
    assert said(entry, "Last output").split("\n") == ["train.py", "out of memory"]


def test_a_secret_in_the_output_is_not_recorded(work: Repository) -> None:
    """The line is left out, and the rest stays."""
    key = "0123456789abcdef" * 2 + "01234567"
    run(work, "run", "--", "bash", "-c", f"echo begin; printf 'WANDB_API_KEY=%s%s\\n' {key[:20]} {key[20:]}; exit 1")
    assert key not in (work.root / PATH).read_text()
    assert said(last(work), "Last output").startswith("begin")


def test_a_secret_in_the_command_is_refused(work: Repository) -> None:
    """Nothing is run and nothing is written."""
    key = "0123456789abcdef" * 2 + "01234567"
    done = run(work, "run", "--", "bash", "-c", f"touch ran; WANDB_API_KEY={key} true")
    assert (done.returncode, (work.root / "ran").exists(), len(book(work).everything)) == (4, False, 1)


def test_a_program_that_is_not_there_is_no_experiment(work: Repository) -> None:
    """Nothing is written for a slip of the pen."""
    done = run(work, "run", "--", "pyhton", "train.py")
    assert (done.returncode, b"no program pyhton" in done.stderr, len(book(work).everything)) == (2, True, 1)


def test_changes_that_no_commit_holds_are_refused(work: Repository) -> None:
    """They are committed, or kept as a patch, only where that is asked for; the logbook's own do not count."""
    work.write("train.py", TRAIN + "print('more')\n")
    done = run(work, "run", "--", sys.executable, "train.py")
    assert (done.returncode, len(book(work).everything)) == (2, 1)
    assert b"--commit" in done.stderr
    assert run(work, "run", "--dirty", "--", sys.executable, "train.py").returncode == 0
    patch = work.root / PATH.rpartition("/")[0] / "patches" / "SPA-AT-002.patch"
    assert "+print('more')" in patch.read_text()
    assert "uncommitted" in said(last(work), "commit")
    assert run(work, "run", "--commit", "--", sys.executable, "train.py").returncode == 0
    assert said(last(work), "commit") == work.git("rev-parse", "HEAD")
    assert "print('more')" in work.git("show", "HEAD:train.py")


def test_a_kill_leaves_a_pending_entry(work: Repository) -> None:
    """The entry is there before the command starts; what kills everything leaves the truth."""
    process = subprocess.Popen([*LOGBOOK, "run", "--", "sleep", "60"], cwd=work.root, start_new_session=True)
    _until(lambda: len(book(work).everything) == 2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert said(last(work), "result") == "pending"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_reaches_the_command_and_is_recorded(work: Repository, number: int) -> None:
    """It ends the command, and then logbook in the same way, with the entry complete."""
    script = "import signal, time; print('up', flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [*LOGBOOK, "run", "--", sys.executable, "-c", script],
        cwd=work.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    process.send_signal(number)
    process.wait()
    process.stdout.close()
    assert process.returncode in {-number, 1}
    assert said(last(work), "result").startswith("failed: ")


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_two_runs_at_once_both_stay(work: Repository) -> None:
    """With an ID each, and both complete."""
    commands = [[*LOGBOOK, "run", "--label", f"run {it}", "--", "true"] for it in range(4)]
    processes = [subprocess.Popen(it, cwd=work.root, stderr=subprocess.DEVNULL) for it in commands]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    names = [name for entry in book(work).everything for name in entry.heading_ids]
    assert (len(names), len(set(names))) == (5, 5)


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_the_output_is_untouched(work: Repository, size: int) -> None:
    """Bytes that are no text, no newline at the end, megabytes: all of it comes through, in both streams."""
    script = f"import sys; sys.stdout.buffer.write(bytes(range(256)) * {size} + b'end'); sys.stderr.write('err')"
    done = run(work, "run", "--", sys.executable, "-c", script)
    assert done.stdout == bytes(range(256)) * size + b"end"
    assert done.stderr.startswith(b"err")


def test_a_command_has_a_terminal_where_there_is_one(work: Repository) -> None:
    """Progress bars stay live: the command sees a terminal of the same size."""
    script = "import os, sys; print(sys.stdout.isatty(), os.get_terminal_size().columns)"
    child, master = pty.fork()
    if not child:
        os.chdir(work.root)
        os.execv(LOGBOOK[0], [*LOGBOOK, "run", "--", sys.executable, "-c", script])  # noqa: S606
    import fcntl  # noqa: PLC0415
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 97, 0, 0))
    seen = b""
    while b"recorded" not in seen:
        try:
            seen += os.read(master, 4096)
        except OSError:
            break
    os.waitpid(child, 0)
    os.close(master)
    assert b"True 97" in seen


def test_a_command_of_several_lines_is_recorded_as_it_pastes(work: Repository) -> None:
    """Quotes, pipes and newlines: what is recorded runs the same in a shell."""
    done = run(work, "run", "--", "bash", "-c", "echo \"a  'b'\" |\ncat")
    recorded = last(work).code[0].text if last(work).code else said(last(work), "command")
    assert done.stdout == subprocess.run(["bash", "-c", recorded], capture_output=True, check=True).stdout


# Running again


def test_a_result_that_holds_is_replicated(work: Repository) -> None:
    """At its own commit, in a work tree that is gone afterwards, though the code has changed since."""
    run(work, "run", "--metrics", "metrics.json", "--", sys.executable, "train.py")
    work.commit({"train.py": TRAIN.replace("2.25", "9.9")})
    done = run(work, "rerun", "SPA-AT-002", "--yes", "--metrics", "metrics.json")
    assert (done.returncode, last(work).heading_ids) == (0, ("SPA-AT-003",))
    assert said(last(work), "interpretation").startswith("replicated SPA-AT-002: loss 2.25 against 2.25")
    assert work.git("worktree", "list").count("\n") == 0


def test_a_result_that_does_not_hold_differs(work: Repository) -> None:
    """The numbers stand side by side; within a tolerance that is asked for they agree."""
    seeded = TRAIN.replace("2.25", "2.2 + len(os.environ['LOGBOOK_ID'].replace('SPA-AT-002', '')) / 100")
    work.commit({"train.py": seeded})
    run(work, "run", "--metrics", "metrics.json", "--", sys.executable, "train.py")
    again = ("rerun", "SPA-AT-002", "--yes", "--metrics", "metrics.json")
    run(work, *again)
    assert said(last(work), "interpretation") == "differs from SPA-AT-002: loss 2.3 against 2.2"
    run(work, *again, "--tolerance", "0.05")
    assert said(last(work), "interpretation").startswith("replicated SPA-AT-002")


@pytest.mark.parametrize(
    ("name", "why"), [("SPA-AT-001", "is not in this clone"), ("SPA-AT-009", "has no entry SPA-AT-009")]
)
def test_what_cannot_be_run_again_says_why(work: Repository, name: str, why: str) -> None:
    """A commit that is gone, an entry that is not there."""
    done = run(work, "rerun", name, "--yes")
    assert (done.returncode, why in done.stderr.decode()) == (2, True)


def test_nothing_is_run_again_unasked(work: Repository) -> None:
    """Where nobody can answer, it takes `--yes`."""
    run(work, "run", "--", "true")
    done = run(work, "rerun", "SPA-AT-002", stdin=subprocess.DEVNULL)
    assert (done.returncode, b"--yes" in done.stderr, len(book(work).everything)) == (2, True, 2)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (12, "12 s"), (192, "3 min 12 s"), (7_500, "2 h 5 min"), (273_600, "3 d 4 h")],
)
def test_a_duration_is_told_in_two_units(seconds: float, text: str) -> None:
    """From fractions of a second to days."""
    assert duration(seconds) == text


def test_metrics_that_are_none_are_said_to_be_none(work: Repository) -> None:
    """A file that is not there, no JSON, or older than the run gives no number, and the result stays pending."""
    work.write("old.json", json.dumps({"loss": 1}))
    os.utime(work.root / "old.json", (1, 1))
    for name, why in (
        ("none.json", "cannot be read"),
        ("old.json", "is older than this run"),
        ("train.py", "is older"),
    ):
        os.utime(work.root / "train.py", (1, 1))
        done = run(work, "run", "--metrics", name, "--", "true")
        assert (said(last(work), "result"), why in done.stderr.decode()) == ("pending", True)
