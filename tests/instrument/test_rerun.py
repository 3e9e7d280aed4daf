"""Claims about `logbook rerun`: what is run, what is said of it, what is refused, and that nothing of it is left."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repository import GOOD_ANYWHERE, PATH, Repository, context
from research_logbook.errors import UserError
from research_logbook.instrument.rerun import plan_rerun
from research_logbook.logbook import parse
from research_logbook.logbook.model import Entry, Logbook

LOGBOOK = [sys.executable, "-m", "research_logbook"]
TRAIN = """
import json, os, sys
json.dump(json.loads(os.environ.get("METRICS", '{"loss": 2.25, "accuracy": 0.5}')), open("metrics.json", "w"))
"""
METRICS = ("--metrics", "metrics.json")
ENTRY = """
### 2026-05-26 09:00 - SPA-AT-002 second seed

- Commit Hash: {commit}
- Command: {command}
- Result: {result}
- Interpretation: as expected.
- Next action: none.
"""


class Work(Repository):
    """A clone in which `logbook` is run."""

    def run(self, *arguments: str, **how: object) -> "subprocess.CompletedProcess[bytes]":
        """Run `logbook`; what it makes in the temporary folder is in one of its own."""
        command = [*LOGBOOK, *arguments]
        how = {"env": self.environment(), "stdin": subprocess.DEVNULL, **how}
        return subprocess.run(command, cwd=self.root, capture_output=True, check=False, **how)  # type: ignore[call-overload,no-any-return]

    def environment(self, **more: str) -> dict[str, str]:
        """Return what it runs in."""
        names = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "a@lab.example"}
        names |= {"GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "a@lab.example"}
        return {**os.environ, **names, "TMPDIR": str(self.temporary), **more}

    @property
    def temporary(self) -> Path:
        """Where its work trees are made."""
        place = self.root.parent / "temporary"
        place.mkdir(exist_ok=True)
        return place

    @property
    def book(self) -> Logbook:
        """The logbook as it is."""
        found = parse(PATH, (self.root / PATH).read_bytes())
        assert isinstance(found, Logbook)
        return found

    def says(self, name: str) -> str:
        """Return what the last entry says."""
        entry: Entry = self.book.everything[-1]
        return next((it.text for it in entry.fields if it.key == name), "")

    def write_entry(self, command: str = "`true`", result: str = "loss 2.25", commit: str = "") -> None:
        """Append an entry by hand, and commit it."""
        head = commit or f"`{self.git('rev-parse', 'HEAD')}`"
        text = GOOD_ANYWHERE + ENTRY.format(commit=head, command=command, result=result)
        self.commit({PATH: text})

    @property
    def is_clean(self) -> bool:
        """Whether git knows of no other work tree, and no folder of one is left."""
        listed = self.git("worktree", "list", "--porcelain").count("worktree ")
        return listed == 1 and not (self.root / ".git/worktrees").exists() and not [*self.temporary.iterdir()]


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    """A clone with a logbook and code."""
    made = Work(tmp_path / "work")
    made.commit({PATH: GOOD_ANYWHERE, "train.py": TRAIN, ".gitignore": "metrics.json\ndata/\n"})
    yield made
    assert made.is_clean


def test_it_runs_at_its_own_commit_and_is_recorded_here(work: Work) -> None:
    """Though the code has changed since; the replication says so, and lint has nothing to say."""
    work.run("run", *METRICS, "--", sys.executable, "train.py")
    ran_at = work.git("rev-parse", "HEAD")
    work.commit({"train.py": "raise SystemExit(9)\n"})
    done = work.run("rerun", "SPA-AT-002", "--yes", *METRICS)
    assert done.returncode == 0, done.stderr
    assert work.says("interpretation") == "replicated SPA-AT-002: loss 2.25 against 2.25, accuracy 0.5 against 0.5"
    assert (work.says("confidence"), work.says("commit")) == ("replicated", ran_at)
    assert "replicated SPA-AT-002" in done.stderr.decode()
    assert "what does it mean" not in done.stderr.decode()
    assert work.run("lint", "--base", "HEAD").returncode == 0


def test_it_tests_what_the_first_tested_and_claims_nothing_before(work: Work) -> None:
    """The hypothesis is that of the first; what differs is headed as no replication, and its tolerance is stated."""
    work.write_entry(f"`{sys.executable} train.py --gates 4`", "loss 2.25, gates 4\n- Hypothesis: `SPA-H1`: sparser")
    more = work.environment(METRICS='{"loss": 2.9, "gates": 4}')
    work.run("rerun", "SPA-AT-002", "--yes", "--tolerance", "0.1", *METRICS, env=more)
    assert work.says("hypothesis") == "SPA-H1"
    assert "second run of SPA-AT-002" in work.book.everything[-1].heading
    said = "differs from SPA-AT-002: loss 2.9 against 2.25 (with a tolerance of 0.1 of each number)"
    assert work.says("interpretation") == said
    found = work.run("trace", "SPA-AT-002").stdout.decode()
    assert f"SPA-AT-003 {said}" in found


@pytest.mark.parametrize(
    ("metrics", "options", "says", "confidence"),
    [
        ('{"loss": 2.3, "accuracy": 0.5}', (), "differs from SPA-AT-002: loss 2.3 against 2.25", "exploratory"),
        ('{"loss": 2.3, "accuracy": 0.5}', ("--tolerance", "0.05"), "replicated SPA-AT-002: loss 2.3", "replicated"),
        ('{"loss": NaN, "accuracy": 0.5}', ("--tolerance", "9"), "differs from SPA-AT-002: loss nan", "exploratory"),
        ('{"loss": 2.25}', (), "replicated SPA-AT-002 in part: loss 2.25 against 2.25; not reported", "exploratory"),
        ('{"loss": 2.25, "accuracy": 0.5, "speed": 9}', (), "replicated SPA-AT-002: loss 2.25", "replicated"),
        ('{"speed": 9}', (), "not compared: SPA-AT-002 states no number under a name that", "exploratory"),
    ],
    ids=["differs", "within a tolerance", "no number", "one is missing", "one more", "nothing in common"],
)
def test_the_metrics_decide_what_is_said(
    work: Work, metrics: str, options: tuple[str, ...], says: str, confidence: str
) -> None:
    """In the entry; what differs or is missing is exploratory, and names what is to be looked at."""
    work.write_entry(f"`{sys.executable} train.py`", "loss 2.25, accuracy 0.5")
    work.run("rerun", "SPA-AT-002", "--yes", *METRICS, *options, env=work.environment(METRICS=metrics))
    assert work.says("interpretation").startswith(says)
    assert work.says("confidence") == confidence
    assert (work.says("next-action") == "none") is (confidence == "replicated")


def test_the_file_of_metrics_is_found_where_nobody_names_it(work: Work) -> None:
    """It is the one that the command writes with the numbers that are stated; of several none is taken."""
    work.write_entry(f"`{sys.executable} train.py`", "loss 2.25, accuracy 0.5")
    told = work.run("rerun", "SPA-AT-002", "--yes").stderr.decode()
    assert (work.says("result"), work.says("confidence")) == ("loss 2.25, accuracy 0.5", "replicated"), told
    assert "its numbers are those of metrics.json" in told
    work.write_entry(f"`{sys.executable} train.py; cp metrics.json other.json`", "loss 2.25, accuracy 0.5")
    told = work.run("rerun", "SPA-AT-002", "--yes").stderr.decode()
    assert (": pass --metrics" in told, work.says("result")) == (True, "pending")


@pytest.mark.parametrize("share", ["nan", "inf", "-1", "x"])
def test_a_tolerance_is_a_share(work: Work, share: str) -> None:
    """Not more than that."""
    work.write_entry()
    assert work.run("rerun", "SPA-AT-002", "--yes", "--tolerance", share).returncode == 2


@pytest.mark.parametrize(
    ("result", "command", "says"),
    [
        ("failed: exit status 3 after 1.0 s", "exit 3", "replicated the failure of SPA-AT-002"),
        ("failed: exit status 3 after 1.0 s", "exit 4", "differs from SPA-AT-002: it failed again, with exit status 4"),
        ("failed: exit status 3 after 1.0 s", "true", "differs from SPA-AT-002: that failed, and this ended well"),
        ("crashed: out of memory", "exit 1", "replicated the failure of SPA-AT-002"),
        ("loss 2.25", "exit 1", "not replicated: SPA-AT-002 could not be run again"),
        (
            "loss 2.25",
            "cat data/train.txt",
            "not replicated: SPA-AT-002 could not be run again: data/train.txt is not in",
        ),
        ("loss 2.25", "kill -INT $$", "not compared with SPA-AT-002: this run was interrupted"),
    ],
)
def test_failures_are_compared_too(work: Work, result: str, command: str, says: str) -> None:
    """One that failed may fail again; what is in no commit is named."""
    work.write("data/train.txt", "kept out of git")
    work.write_entry(f"`{command}`", result)
    work.run("rerun", "SPA-AT-002", "--yes")
    assert work.says("interpretation").startswith(says)
    assert ("your own clone" in work.says("interpretation")) is ("cat" in command)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("`python train.py --seed <seed>`", "placeholder"),
        ("`python train.py ... --seed 1`", "abbreviated"),
        ("same as above, with seed 1", "refers to another one"),
        ("`true` and `false`", "records 2 commands"),
        ("`true` but with seed 1 in place of 0", "stands among words"),
        ("pending", "no exact command"),
    ],
)
def test_what_is_no_exact_command_is_not_run(work: Work, command: str, why: str) -> None:
    """It is said why, where, and what to do."""
    work.write_entry(command)
    with pytest.raises(UserError, match=why) as refused:
        plan_rerun(PATH, "SPA-AT-002", context(work.root))
    assert "logbook run --" in refused.value.help


@pytest.mark.parametrize(
    ("written", "ran"),
    [
        ("`echo 'a  b' \\| tr a c > out; cat out`", b"c  b\n"),
        ("`` echo `echo x` ``", b"x\n"),
        ("\n\n  ```bash\n  echo one\n  echo 'two\n    three'\n  ```", b"one\ntwo\n  three\n"),
        ("\n\n  ```console\n  $ echo one\n  one\n  $ echo two\n  two\n  ```", b"one\ntwo\n"),
        ("`echo plain` (on the cluster)", b"plain\n"),
    ],
    ids=["quotes and a pipe", "backticks", "several lines", "a session with its output", "with an aside"],
)
def test_a_command_runs_as_it_is_written(work: Work, written: str, ran: bytes) -> None:
    """Spaces, quotes, newlines and all."""
    work.write_entry(written.replace("\\|", "|"), "done in one go")
    done = work.run("rerun", "SPA-AT-002", "--yes")
    assert done.stdout.endswith(ran), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("result", "commit", "why", "fix"),
    [
        ("pending", "", "has no result yet", "entry complete"),
        ("interrupted: ended by SIGINT after 3 s; until then loss 2.3", "", "was interrupted", "logbook run"),
        (
            "loss 2.25",
            "`0123456789abcdef0123456789abcdef01234567`",
            "is not in this clone",
            "git fetch origin 0123456789",
        ),
        ("loss 2.25", "`lab/other@0123456789ab`", "may be of another one", "git fetch"),
        ("loss 2.25", "pending", "records no commit and has no snapshot", "--commit"),
        ("loss 2.25", "`{head}` plus uncommitted changes", "keeps no patch", "commit them"),
        (
            "loss 2.25",
            "`{head}` plus uncommitted changes, `sha256:0123456789abcdef` in [p](patches/p.patch)",
            "not here",
            "commit them",
        ),
    ],
)
def test_what_cannot_be_run_again_says_why(work: Work, result: str, commit: str, why: str, fix: str) -> None:
    """And what to do."""
    work.write_entry("`true`", result, commit.format(head=work.git("rev-parse", "HEAD")))
    with pytest.raises(UserError, match=why) as refused:
        plan_rerun(PATH, "SPA-AT-002", context(work.root))
    assert fix in refused.value.help


def test_in_a_shallow_clone_it_is_said_how_to_get_the_commit(work: Work, tmp_path: Path) -> None:
    """The commit is on the server, and was not fetched."""
    work.write_entry()
    shallow = Work(tmp_path / "shallow")
    shutil.rmtree(shallow.root)
    work.git("clone", "--quiet", "--depth=1", work.root.as_uri(), str(shallow.root))
    told = shallow.run("rerun", "SPA-AT-002", "--yes").stderr.decode()
    assert "git fetch --unshallow --tags" in told


def test_a_branch_that_is_called_like_a_commit_is_not_taken_for_it(work: Work) -> None:
    """Git would."""
    work.write_entry("`true`", "loss 2.25", "`0123456789ab`")
    work.git("branch", "0123456789ab")
    done = work.run("rerun", "SPA-AT-002", "--yes")
    assert (done.returncode, b"is not in this clone" in done.stderr) == (2, True)


def test_where_its_commit_is_gone_its_snapshot_is_used(work: Work) -> None:
    """And that is said."""
    work.write_entry("`true`", "loss 2.25", "`0123456789abcdef0123456789abcdef01234567`")
    work.git("tag", "--annotate", "--message", "Snapshot", "snapshot/sparse-attention/SPA-AT-002")
    done = work.run("rerun", "SPA-AT-002", "--dry-run")
    assert (done.returncode, b"its snapshot snapshot/sparse-attention/SPA-AT-002 is used" in done.stderr) == (0, True)
    assert work.git("rev-parse", "HEAD") in done.stdout.decode()


def test_an_id_of_two_commands_is_not_clear(work: Work) -> None:
    """It is said where they stand; the same command twice is clear."""
    work.write_entry("`echo one`")
    text = (work.root / PATH).read_text()
    entry = text[text.rindex("### ") :]
    work.write(PATH, f"{text}\n{entry}")
    assert work.run("rerun", "SPA-AT-002", "--dry-run").returncode == 0
    work.write(PATH, f"{text}\n{entry.replace('echo one', 'echo two')}")
    done = work.run("rerun", "SPA-AT-002", "--dry-run")
    assert (done.returncode, b"has 2 entries SPA-AT-002 with a command, in the lines" in done.stderr) == (2, True)


def test_what_ran_with_changes_runs_with_its_patch(work: Work) -> None:
    """The code of the clone has moved on; a patch that is another one than it was is refused."""
    work.write("train.py", TRAIN.replace("2.25", "2.75"))
    work.run("run", "--dirty", *METRICS, "--", sys.executable, "train.py")
    work.git("checkout", "--quiet", "train.py")
    done = work.run("rerun", "SPA-AT-002", "--yes", *METRICS)
    assert work.says("interpretation").startswith("replicated SPA-AT-002: loss 2.75 against 2.75"), done.stderr
    assert "SPA-AT-002.patch" in work.says("commit")
    patch = work.root / PATH.rpartition("/")[0] / "patches" / "SPA-AT-002.patch"
    patch.write_text(patch.read_text().replace("2.75", "2.76"))
    done = work.run("rerun", "SPA-AT-002", "--yes", *METRICS)
    assert (done.returncode, b"is not the patch that SPA-AT-002 ran with" in done.stderr) == (4, True)


def test_a_hostile_command_is_shown_whole_before_anything_runs(work: Work) -> None:
    """What would hide it, or move the cursor, is visible; nobody who is not asked runs it."""
    hidden = "true\x1b[2K\u202e # \u200b" + "x" * 3_000 + "; touch ran"
    work.write_entry(f"`{hidden}`")
    done = work.run("rerun", "SPA-AT-002")
    told = done.stdout.decode()
    assert (done.returncode, b"pass `--yes`" in done.stderr) == (2, True)
    assert "\\x1b[2K\\u202e # \\u200b" + "x" * 3_000 + "; touch ran" in told
    assert "\x1b" not in told
    assert not (work.root / "ran").exists()


def test_it_is_never_run_in_actions_unasked(work: Work) -> None:
    """With a terminal or without."""
    work.write_entry()
    done = work.run("rerun", "SPA-AT-002", env=work.environment(GITHUB_ACTIONS="true"))
    assert (done.returncode, b"pass `--yes`" in done.stdout + done.stderr) == (2, True)


def test_git_in_the_command_sees_the_commit_that_runs(work: Work) -> None:
    """Whatever repository the variables name; a sparse checkout leaves nothing out of it."""
    work.commit({"src/deep.txt": "deep\n"})
    work.write_entry("`git rev-parse --show-toplevel; cat src/deep.txt`")
    work.git("sparse-checkout", "set", ".agents")
    done = work.run("rerun", "SPA-AT-002", "--yes", env=work.environment(GIT_DIR=str(work.root / ".git")))
    assert done.returncode == 0, done.stderr
    *_, top, deep = done.stdout.decode().splitlines()
    assert (Path(top).parent.parent, deep) == (work.temporary, "deep")


MESSES = {
    "read-only files": "mkdir -p a/b; touch a/b/c; chmod -R a-w a",
    "a background child": "(for i in $(seq 40); do mkdir -p late/$i; sleep 0.02; done) >/dev/null 2>&1 &",
    "a lock": "git worktree lock --reason mine .",
    "no .git any more": "rm -rf .git *",
    "a broken .git": "echo nonsense > .git",
    "a link to elsewhere": "ln -s / elsewhere; ln -s ../../.. up",
    "a branch and a commit": "git checkout -q -b mine; git commit -q --allow-empty -m more",
    "another repository": "git init -q inner && git -C inner commit -q --allow-empty -m x",
    "its own removal": 'git worktree remove --force "$PWD"',
}


@pytest.mark.parametrize("mess", MESSES.values(), ids=MESSES)
def test_whatever_the_command_leaves_is_gone_afterwards(work: Work, mess: str) -> None:
    """The work tree, and what git knows of it; nothing else is touched."""
    work.write_entry(f"`` {mess} ``", "done in one go")
    beside = work.git("status", "--porcelain")
    work.run("rerun", "SPA-AT-002", "--yes")
    assert work.git("status", "--porcelain").split("\n")[1:] == beside.split("\n")[1:]
    assert (work.root / "train.py").exists()
    for _ in range(200):  # what still writes there stops in a second
        if work.is_clean:
            return
        time.sleep(0.1)
        for left in work.temporary.iterdir():
            shutil.rmtree(left, ignore_errors=True)


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(2_400):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_work_tree(work: Work, number: int) -> None:
    """The command ends, the entry says so, and all is cleaned up."""
    # A shell that waits for `touch` to end would take an interrupt for that one's.
    work.write_entry("`: > up; exec sleep 600`", "done in one go")
    process = subprocess.Popen(
        [*LOGBOOK, "rerun", "SPA-AT-002", "--yes"],
        cwd=work.root,
        env=work.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _until(lambda: any(work.temporary.glob("*/*/up")))
    process.send_signal(number)
    process.wait(120)
    assert "interrupted" in work.says("interpretation")


def test_a_signal_while_it_is_checked_out_leaves_nothing(work: Work) -> None:
    """Git is ended too; nothing is written."""
    work.commit({".gitattributes": "*.bin filter=slow\n", "a.bin": "x"})
    work.write_entry("`true`", "done in one go")
    work.git("config", "filter.slow.smudge", f"touch {work.temporary}/up; sleep 600")
    before = (work.root / PATH).read_bytes()
    process = subprocess.Popen(
        [*LOGBOOK, "rerun", "SPA-AT-002", "--yes"],
        cwd=work.root,
        env=work.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _until((work.temporary / "up").exists)
    process.send_signal(signal.SIGTERM)
    process.wait(120)
    os.killpg(process.pid, signal.SIGKILL)  # git's filter
    assert process.returncode == 128 + signal.SIGTERM
    assert (work.root / PATH).read_bytes() == before
    (work.temporary / "up").unlink()


def test_what_a_killed_run_left_is_cleared_by_the_next(work: Work) -> None:
    """Not while something of its command still runs, in a session of its own; a work tree of somebody else stays."""
    other = work.root.parent / "other"
    work.git("worktree", "add", "--quiet", "--detach", str(other))
    work.write_entry("`test -e quick || setsid sh -c 'echo $$ > up; exec sleep 600'`", "done in one go")
    process = subprocess.Popen(
        [*LOGBOOK, "rerun", "SPA-AT-002", "--yes"],
        cwd=work.root,
        env=work.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _until(lambda: any(it.read_text().strip() for it in work.temporary.glob("*/*/up")))
    (up,) = work.temporary.glob("*/*/up")
    (asleep,) = map(int, up.read_text().split())
    (left,) = work.temporary.iterdir()
    process.kill()
    process.wait(120)
    quick = Work(work.root)
    quick.write(PATH, (work.root / PATH).read_text().replace("test -e quick ||", "true ||"))
    quick.run("rerun", "SPA-AT-002", "--yes")
    assert left.exists(), "its command still uses it"
    os.kill(asleep, signal.SIGKILL)
    _until(lambda: not _is_locked(left / ".lock"))
    quick.run("rerun", "SPA-AT-002", "--yes")
    assert not left.exists()
    assert other.exists()
    work.git("worktree", "remove", "--force", str(other))


def _is_locked(file: Path) -> bool:
    import fcntl  # noqa: PLC0415

    with file.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_submodule_and_a_pointer_of_lfs_are_named(work: Work, tmp_path: Path) -> None:
    """Where the command fails without them; the folder of a submodule is empty in a work tree of its own."""
    module = Repository(tmp_path / "module")
    module.commit({"lib.txt": "x"})
    work.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", module.root.as_uri(), "lib")
    work.commit({"w.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"})
    work.write_entry("`cat lib/lib.txt || { echo bad magic in w.bin >&2; exit 1; }`")
    work.run("rerun", "SPA-AT-002", "--yes")
    assert "the submodule lib is not checked out" in work.says("interpretation")
    assert "w.bin is a pointer of git LFS" in work.says("interpretation")


def test_nothing_is_made_for_a_dry_run(work: Work) -> None:
    """It shows what would be run."""
    work.write_entry(f"`{sys.executable} train.py`", "loss 2.25")
    before = (work.root / PATH).read_bytes()
    done = work.run("rerun", "SPA-AT-002", "--dry-run")
    assert done.stdout.decode().split("\n")[2:] == ["expected  loss 2.25", ""]
    assert (work.root / PATH).read_bytes() == before
