"""Claims about `logbook run` and `rerun`, each a process of its own: what is recorded, and what the command notices."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from repository import GOOD_ANYWHERE, PATH, Repository
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
    assert (done.returncode, b"no program pyhton" in done.stderr, len(book(work).everything)) == (127, True, 1)
    work.write("text.py", "")
    for name, why in (("./text.py", b"chmod +x ./text.py"), (".agents", b"is a folder")):
        done = run(work, "run", "--", name)
        assert (done.returncode, why in done.stderr, len(book(work).everything)) == (126, True, 1)
    done = run(work, "run", "--", "SEED=1", "train.py")
    assert (done.returncode, b"env SEED=1" in done.stderr) == (127, True)


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
    assert process.returncode == -number
    assert said(last(work), "result").startswith(f"interrupted: ended by {signal.Signals(number).name} after ")


def test_a_command_that_is_killed_ends_logbook_alike(work: Repository) -> None:
    """SIGKILL, which nobody can handle: the entry is complete, and the status the same."""
    done = run(work, "run", "--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert (done.returncode, b"cannot" in done.stderr) == (-9, False)
    assert "SIGKILL" in said(last(work), "result")


def test_evidence_from_no_entry_is_refused(work: Repository) -> None:
    """An ID of the logbook's own that nothing stands under settles nothing; one that is there does."""
    before = (work.root / PATH).read_text()
    move = ("hypothesis", "move", "SPA-H1", "supported", "--evidence")
    done = run(work, *move, "SPA-AT-999")
    assert (done.returncode, b"no entry SPA-AT-999" in done.stderr, (work.root / PATH).read_text()) == (2, True, before)
    assert run(work, *move, "SPA-AT-001, as in MOE-HC-999").returncode == 0


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


@pytest.mark.parametrize("size", [0, 1, 40_000])
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


def test_a_dry_run_shows_the_change_and_makes_none(work: Repository) -> None:
    """Nothing is committed or run."""
    work.write("train.py", TRAIN + "print('more')\n")
    before = (work.root / PATH).read_bytes()
    for how in ((), ("--commit",), ("--dirty",)):
        done = run(work, "run", "--label", "x", "--dry-run", *how, "--", "touch", "ran")
        assert (done.returncode, b"SPA-AT-002 x" in done.stdout) == ((0, True) if how else (2, False))
    assert ((work.root / PATH).read_bytes(), (work.root / "ran").exists()) == (before, False)
    assert not (work.root / PATH).parent.joinpath("patches").exists()
    assert work.git("log", "--format=%s") == "Work"


def test_metrics_that_are_none_are_said_to_be_none(work: Repository) -> None:
    """A file that is not there, no JSON, no numbers, or not written by the run: the result stays pending."""
    work.write("old.json", json.dumps({"loss": 1}))
    write = (sys.executable, "-c", "import sys; open(sys.argv[1], 'w').write(sys.argv[2])")
    for name, command, why in (
        ("none.json", ("true",), "cannot be read: No such file"),
        ("old.json", ("true",), "was not written by this run"),
        ("new.json", (*write, "new.json", '{"loss": "low", "done": true}'), "holds no number"),
        ("new.json", (*write, "new.json", "[1]"), "holds no object"),
        ("new.json", (*write, "new.json", "{"), "is not JSON"),
        (".", ("true",), "is no file"),
    ):
        done = run(work, "run", "--metrics", name, "--", *command)
        assert (done.returncode, said(last(work), "result"), why in done.stderr.decode()) == (0, "pending", True)
        assert b"--result" in done.stderr


def test_metrics_of_any_kind_are_told(work: Repository) -> None:
    """Nested, not finite, hostile names, large whole numbers, very many; the primary metric first."""
    text = json.dumps(
        {
            "steps": 1_234_567,
            "loss": float("nan"),
            "eval": {"acc@1": 0.123456789, "note": "good"},
            "`x` @ana\n# y": 1,
            **{f"m{it}": it for it in range(20)},
        }
    )
    done = run(work, "run", "--metrics", "metrics.json", "--", "sh", "-c", f"cat > metrics.json <<'E'\n{text}\nE")
    (told,) = [line for line in (work.root / PATH).read_text().splitlines() if line.startswith("- Result: loss nan")]
    assert told.startswith("- Result: loss nan, ")
    assert "steps 1234567" in told
    assert "eval/acc@1 0.123457" in told
    assert r"`` `x` @ana \# y `` 1" in told
    assert told.endswith(", and 12 more")
    assert done.returncode == 0


def test_a_metrics_file_that_is_tracked_is_no_change(work: Repository) -> None:
    """Nor is a logbook, this one or another: the next run is not refused for what the last one wrote."""
    other = PATH.replace("sparse", "other")
    work.commit({"m.json": "{}", other: GOOD_ANYWHERE.replace("SPA-AT", "OTH-ER")})
    work.write(other, GOOD_ANYWHERE.replace("SPA-AT", "OTH-ER") + "\nMore.\n")
    for loss in ("2.5", "2.25"):
        command = ("sh", "-c", f"echo '{{\"loss\": {loss}}}' > m.json")
        done = run(work, "run", "--topic", "sparse-attention", "--metrics", "m.json", "--", *command)
        assert (done.returncode, said(last(work), "result")) == (0, f"loss {loss}")


def test_changes_are_named_where_they_are_refused(work: Repository) -> None:
    """Those of tracked files, and a script that git does not know; `--commit` and `--dirty` take both."""
    work.write("train.py", TRAIN + "print('more')\n")
    work.write("new script.py", "print('new')\n")
    work.write("notes.txt", "x")
    command = (sys.executable, "new script.py")
    done = run(work, "run", "--", *command)
    assert b"train.py, new script.py have changes that no commit holds" in done.stderr
    assert run(work, "run", "--dirty", "--", *command).stdout == b"new\n"
    patch = work.root / PATH.rpartition("/")[0] / "patches" / "SPA-AT-002.patch"
    assert b"+print('more')" in patch.read_bytes()
    assert b"+print('new')" in patch.read_bytes()
    assert "`notes.txt`" in (work.root / PATH).read_text()
    assert run(work, "run", "--commit", "--", *command).returncode == 0
    assert work.git("show", "--name-only", "--format=%s", "HEAD").split("\n") == [
        "Run SPA-AT-003: new script.py",
        "",
        "new script.py",
        "train.py",
    ]
    assert said(last(work), "commit") == work.git("rev-parse", "HEAD")
    work.git("stash", "push", "--quiet", "--", PATH)
    work.git("checkout", "--quiet", "HEAD~1")
    (work.root / "new script.py").unlink(missing_ok=True)
    work.git("apply", str(patch))
    assert (work.root / "new script.py").read_text() == "print('new')\n"


def test_a_patch_or_a_variable_with_a_secret_is_not_kept(work: Repository) -> None:
    """Whatever it is called, by its value or by its name, and asked for or not."""
    key = "0123456789abcdef" * 2 + "01234567"
    work.write(".github/logbook.yml", "run:\n  environment: [LAB_CLUSTER, MY_PASSWORD, COPY, HARMLESS]\n")
    work.commit()
    variables = {
        "LAB_CLUSTER": "north `x`", "MY_PASSWORD": "correct horse battery", "COPY": "--key=correct horse battery",
        "XLA_FLAGS": f"WANDB_API_KEY={key}", "HARMLESS": "1", "OTHER": "2",
    }  # fmt: skip
    done = subprocess.run(
        [*LOGBOOK, "run", "--env", "OTHER", "--", "sh", "-c", "echo my $MY_PASSWORD; echo fine; exit 1"],
        cwd=work.root, env={**os.environ, **variables}, capture_output=True, check=False,
    )  # fmt: skip
    text = (work.root / PATH).read_text()
    assert ("correct horse" in text, key in text) == (False, False)
    for told in ("`` LAB_CLUSTER=north `x` ``", "`HARMLESS=1`", "`OTHER=2`"):
        assert told in text
    for name in (b"MY_PASSWORD", b"COPY", b"XLA_FLAGS"):
        assert name + b" is not recorded" in done.stderr
    assert said(last(work), "Last output").endswith("fine")
    work.write("train.py", f"# WANDB_API_KEY={key}\n")
    assert run(work, "run", "--dirty", "--", "true").returncode == 4
    assert not (work.root / PATH).parent.joinpath("patches").exists()


HOSTILE = r"""
import sys
print("\x1b[31mred\x1b[0m \x1b]0;title\x07end")
for it in range(200): print(f"\r{it}/200 [###   ]", end="")
print()
print("```\n### 2026-01-01 - SPA-AT-009 forged\n- Result: 1\n@ana <!-- `x` \u202eevil \x00 ~~~~")
print("x" * 5000)
sys.stdout.buffer.write(b"\xff\xfe no end")
sys.exit(1)
"""


def test_the_last_output_is_harmless(work: Repository) -> None:
    """No colours, no bars but the last state, no end of its block, nothing hidden; and lint has nothing to say."""
    work.commit({"fail.py": HOSTILE})
    assert run(work, "run", "--", sys.executable, "fail.py").returncode == 1
    lines = said(last(work), "Last output").split("\n")
    assert lines[:2] == ["red end", "199/200 [###   ]"]
    assert "@ana <!-- `x` evil  ~~~~" in lines
    assert (len(lines), max(map(len, lines))) == (8, 300)
    assert [entry.heading_ids for entry in book(work).everything] == [("SPA-AT-001",), ("SPA-AT-002",)]
    assert said(last(work), "Duration").endswith("exit status 1")
    done = run(work, "lint", "--base", "HEAD")
    assert (done.returncode, b"warning" in done.stdout) == (0, False), done.stdout


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "a b",
        "'\"$x`!",
        "über",
        "two\nlines",
        "a \nb",
        "\x1b[1m\r",
        "a\tb",
        "\u202e",
        os.fsdecode(b"\xff'x"),
        "~",
        "*",
    ],
)
def test_any_argument_is_recorded_as_it_pastes(work: Repository, argument: str) -> None:
    """What is recorded runs the same in a shell, from the root of the repository."""
    (work.root / "sub folder").mkdir()
    show = "import os, sys; print([os.fsencode(it) for it in sys.argv[1:]], os.path.basename(os.getcwd()))"
    command = [*LOGBOOK, "run", "--", sys.executable, "-c", show, argument, "end"]
    done = subprocess.run(command, cwd=work.root / "sub folder", capture_output=True, check=False)
    entry = last(work)
    recorded = entry.code[0].text if entry.code else ""
    if not entry.code:
        (line,) = [it for it in (work.root / PATH).read_text().splitlines() if "import os, sys" in it]
        recorded = line.removeprefix("- Command: ").strip("`").strip()
    assert done.returncode == 0, done.stderr
    again = subprocess.run(["bash", "-c", recorded], cwd=work.root, capture_output=True, check=True)
    assert (done.stdout, b"sub folder" in again.stdout) == (again.stdout, True)


def test_a_plan_becomes_its_run(work: Repository) -> None:
    """An entry that says what will be tried is filled in; one that has a command, or a result, is another one."""
    run(work, "entry", "--label", "plan", "--hypothesis", "wider is better", "--config", "two seeds")
    done = run(work, "run", "--id", "SPA-AT-002", "--metrics", "metrics.json", "--", sys.executable, "train.py")
    assert done.returncode == 0
    entry = last(work)
    assert (len(book(work).everything), entry.label) == (2, "plan")
    assert (said(entry, "config"), said(entry, "result")) == ("two seeds", "loss 2.25, eval/accuracy 0.5")
    assert run(work, "lint", "--base", "HEAD").returncode == 0
    for name, why in (("SPA-AT-002", b"already"), ("OTH-ER-001", b"prefix"), ("nothing", b"is not an")):
        done = run(work, "run", "--id", name, "--", "touch", "ran")
        assert (done.returncode, why in done.stderr, (work.root / "ran").exists()) == (2, True, False)


def test_work_trees_get_different_ids(work: Repository) -> None:
    """Who runs in one while something runs in another gets another ID, and no entry is lost."""
    work.git("worktree", "add", "--quiet", "-b", "other", "../other")
    other = Repository(work.root.parent / "other")
    script = "import os, time; print('up', flush=True); input()"
    command = [*LOGBOOK, "run", "--", sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=work.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        assert run(other, "run", "--", "true").returncode == 0
        process.communicate(b"\n")
    assert [last(it).heading_ids for it in (work, other)] == [("SPA-AT-002",), ("SPA-AT-003",)]
    assert said(last(work), "Duration").endswith("exit status 0")


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ("git checkout -q -- .agents", "has no entry SPA-AT-002"),
        ("rm -r .agents", "cannot be read"),
        ("echo '<<<<<<< HEAD' >> " + PATH, "left over from a merge"),
        ("prlimit --pid $PPID --fsize=900", "too large"),
    ],
    ids=["its entry gone", "its logbook gone", "a conflict", "a full disk"],
)
def test_an_outcome_that_cannot_be_recorded_is_kept(work: Repository, harm: str, why: str) -> None:
    """And what to do is said, with the numbers; the status of the command stays its own."""
    if shutil.which(harm.split(maxsplit=1)[0]) is None:
        pytest.skip("a disk cannot be filled here")
    command = f"echo '{{\"loss\": 2.5}}' > metrics.json; {harm}"
    done = run(work, "run", "--metrics", "metrics.json", "--", "sh", "-c", command)
    told = done.stderr.decode()
    assert (done.returncode, why in told) == (3, True), told
    assert "logbook entry complete SPA-AT-002 --result 'loss 2.5' --field 'Duration=" in told
    kept = work.root / ".git" / "logbook" / "SPA-AT-002.md"
    assert "- Result: loss 2.5\n" in kept.read_text()
    assert not list((work.root / ".agents").rglob(".logbook-*"))


def test_a_person_may_edit_the_logbook_meanwhile(work: Repository) -> None:
    """The entry is found again wherever it is, and what the person filled in stays."""
    script = "import os, sys; print('up', flush=True); input(); open('metrics.json', 'w').write('{\"loss\": 2.5}')"
    command = [*LOGBOOK, "run", "--metrics", "metrics.json", "--", sys.executable, "-c", script]
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=work.root, **how) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == b"up\n"
        file = work.root / PATH
        file.write_text(file.read_text().replace("Result: pending", "Result: about 2.5").replace("# ", "# ", 1) + "\n")
        run(work, "entry", "--label", "in between", "--decision", "wait for it")
        _, told = process.communicate(b"\n")
    assert (process.returncode, b"has a result already" in told) == (0, True)
    entry = book(work).everything[-2]
    assert (entry.heading_ids, said(entry, "result")) == (("SPA-AT-002",), "about 2.5")
    assert said(entry, "Duration").endswith("exit status 0")


def test_one_line_is_said_at_the_end(work: Repository) -> None:
    """Which ID it has, and how its meaning is added; nothing with `--quiet`; the command's own lines stay apart."""
    done = run(work, "run", "--metrics", "metrics.json", "--", sys.executable, "train.py")
    assert done.stderr.count(b"\n") == 1
    assert b"SPA-AT-002" in done.stderr
    assert b"`logbook entry complete SPA-AT-002 --interpretation" in done.stderr
    done = run(work, "run", "--quiet", "--", "sh", "-c", "echo err >&2")
    assert (done.stdout, done.stderr) == (b"", b"err\n")


def test_few_processes_of_git_are_started(work: Repository, tmp_path: Path) -> None:
    """However small the command is, it does not wait for many of them."""
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, check=True).stdout.decode().strip()
    spy.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nexec {real} "$@"\n')
    spy.chmod(0o755)
    environment = {**os.environ, "PATH": f"{spy.parent}:{os.environ['PATH']}"}
    subprocess.run([*LOGBOOK, "run", "--", "true"], cwd=work.root, env=environment, capture_output=True, check=True)
    assert (tmp_path / "calls").read_text().count("\n") == 5


def test_a_scheduler_is_named_and_one_task_records(work: Repository) -> None:
    """The first of the tasks; the others only run. A tool that hangs is not waited for."""
    job = {"SLURM_JOB_ID": "77", "SLURM_JOB_NODELIST": "node[1-2]", "SLURM_NTASKS": "2"}
    for rank in ("0", "1"):
        environment = {**os.environ, **job, "SLURM_PROCID": rank, "APPTAINER_NAME": "lab.sif"}
        command = [*LOGBOOK, "run", "--", "sh", "-c", "echo $LOGBOOK_ID"]
        done = subprocess.run(command, cwd=work.root, env=environment, capture_output=True, check=True)
        assert done.stdout == (b"SPA-AT-002\n", b"\n")[int(rank)]
    assert "Slurm job 77 (node[1-2], 2 tasks); in the container image lab.sif" in said(last(work), "hardware")
    assert len(book(work).everything) == 2


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda work: (work.root / PATH).write_text("<<<<<<< HEAD\n" + GOOD_ANYWHERE), "left over from a merge"),
        (lambda work: work.write(PATH.replace("sparse", "other"), GOOD_ANYWHERE), "there are 2 logbooks"),
        (lambda work: (work.root / ".git").rename(work.root / "none"), "not a git repository"),
        (lambda work: (work.root / PATH).unlink(), "no logbook"),
    ],
    ids=["a conflict", "several logbooks", "no git", "no logbook"],
)
def test_nothing_runs_that_could_not_be_recorded(
    work: Repository, harm: Callable[[Repository], object], says: str
) -> None:
    """The command does not start."""
    harm(work)
    done = run(work, "run", "--", "touch", "ran")
    assert (done.returncode, says in done.stderr.decode(), (work.root / "ran").exists()) == (2, True, False)


def test_a_run_needs_no_branch(work: Repository) -> None:
    """On a detached HEAD it is recorded in the only logbook."""
    work.git("switch", "--quiet", "--detach")
    assert run(work, "run", "--", "true").returncode == 0


def test_the_link_that_wandb_prints_is_recorded(work: Repository) -> None:
    """In lines of the SDK, and with its folder where there is one; a link that a program shows is not its run."""
    says = "echo https://wandb.ai/lab/moe/runs/other; printf 'wandb: \\033[33mView run at\\033[0m https://wandb.ai/lab/moe/runs/%s\\n'"
    run(work, "run", "--", "sh", "-c", f"{says} a1")
    assert said(last(work), "run") == "a1"
    assert [link.url for link in last(work).links] == ["https://wandb.ai/lab/moe/runs/a1"]
    (work.root / "wandb" / "run-20260525_100000-old").mkdir(parents=True)
    done = run(work, "run", "--", "sh", "-c", f"mkdir -p wandb/run-20260526_100000-b2; {says} b2")
    assert [link.url for link in last(work).links] == ["https://wandb.ai/lab/moe/runs/b2"]
    assert b"run-20260526_100000-b2 is not read" in done.stderr


# The hypothesis that a run tests

QUEUE = """\
### Proposed

- `SPA-H2`: wider blocks keep the loss. Next test: one seed at 1024 blocks.

### Active
"""


@pytest.fixture
def queued(work: Repository) -> Repository:
    """Return a repository whose logbook has a proposed hypothesis, committed."""
    work.commit({PATH: GOOD_ANYWHERE.replace("### Active\n", QUEUE)})
    return work


def test_a_run_makes_the_hypothesis_that_it_tests_active(queued: Repository) -> None:
    """In one write with its entry, keeping its next test; a line says so, the next run nothing; lint is content."""
    before = (queued.root / PATH).read_bytes()
    options = ("run", "-l", "wider", "-H", "SPA-H2")
    done = run(queued, *options, "--dry-run", "--", "touch", "ran")
    assert (queued.root / PATH).read_bytes() == before
    lines = done.stdout.decode().split("\n")
    claim = "- `SPA-H2`: wider blocks keep the loss. Next test: one seed at 1024 blocks."
    assert {f"-{claim}", f"+{claim}", "+- Hypothesis: SPA-H2"} <= set(lines)
    script = f"import pathlib; print(pathlib.Path({PATH!r}).read_text())"
    done = run(queued, *options, "--", sys.executable, "-c", script)
    seen = parse(PATH, done.stdout)
    assert isinstance(seen, Logbook)
    assert ([(it.id, str(it.status)) for it in seen.hypotheses], len(seen.everything)) == (
        [("SPA-H1", "active"), ("SPA-H2", "active")],
        2,
    )
    told = b"note: SPA-H2 moves from proposed to active: this run tests it\n"
    assert (done.returncode, done.stderr.count(told)) == (0, 1)
    assert seen.hypotheses[1].next_step == "one seed at 1024 blocks."
    assert run(queued, "lint", "--base", "HEAD", "--fail-on", "warning").returncode == 0
    queue = (queued.root / PATH).read_text().partition("## Entry Log")[0]
    done = run(queued, *options, "--", "true")
    assert b"SPA-H2 moves" not in done.stderr
    assert (queued.root / PATH).read_text().partition("## Entry Log")[0] == queue


def test_a_hypothesis_that_cannot_be_moved_keeps_nothing_from_being_run(queued: Repository) -> None:
    """One that is not there, one without a next test; the note says what to do, and the queue is as it was."""
    text = (queued.root / PATH).read_text().replace(" Next test: one seed at 1024 blocks.", "")
    queued.commit({PATH: text})
    for name, why in (
        ("spa-h2", b"did you mean SPA-H2?"),
        ("SPA-H2", b"`logbook hypothesis move SPA-H2 active --next"),
        ("a sentence", b""),
    ):
        done = run(queued, "run", "-H", name, "--", "true")
        assert (done.returncode, why in done.stderr, said(last(queued), "hypothesis")) == (0, True, name), done.stderr
        assert (b"is not moved to active" in done.stderr) == bool(why)
    assert (queued.root / PATH).read_text().startswith(text.rstrip())


def test_of_two_runs_at_once_one_moves_the_hypothesis(queued: Repository) -> None:
    """Both entries stay, and it is moved once."""
    command = [*LOGBOOK, "run", "-H", "SPA-H2", "--", "true"]
    processes = [subprocess.Popen(command, cwd=queued.root, stderr=subprocess.PIPE) for _ in range(2)]
    told = b"".join(process.communicate(timeout=120)[1] for process in processes)
    assert (told.count(b"SPA-H2 moves"), len(book(queued).everything)) == (1, 3)
    assert [(it.id, str(it.status)) for it in book(queued).hypotheses] == [("SPA-H1", "active"), ("SPA-H2", "active")]


@pytest.mark.slow
def test_the_numbers_of_an_offline_wandb_run_are_the_result(work: Repository) -> None:
    """Read by the SDK's own tool; the run is named for the experiment."""
    pytest.importorskip("wandb")
    script = "import wandb\nrun = wandb.init(project='moe')\nrun.log({'loss': 2.5})\nrun.finish()\n"
    work.commit({"train.py": script, ".gitignore": "wandb\n"})
    environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_SILENT": "true", "HOME": str(work.root.parent)}
    command = [*LOGBOOK, "run", "--", sys.executable, "train.py"]
    done = subprocess.run(command, cwd=work.root, env=environment, capture_output=True, check=True)
    assert (said(last(work), "result"), "(offline)" in said(last(work), "run")) == ("loss 2.5", True), done.stderr
