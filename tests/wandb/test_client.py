"""Claims about reading W&B: the real SDK against a server on this machine, and the files that it leaves offline."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from book import book
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.wandb.client import MOST_RUNS, Limits, LoginError, OfflineRuns, OnlineRuns, RunSource
from research_logbook.wandb.runs import Better
from runs import thread
from wandb_server import KEY, ServedRun, WandbServer, running_wandb, steps

pytest.importorskip("wandb")
pytestmark = pytest.mark.slow  # each starts the SDK, and some wait as it waits

PROJECT = "lab/tiles"
BOOK = book("prefix=MOE-HC tags=moe; E1 command result")
QUICK = Limits(seconds=30, call=10, retries=2, pause=0.1, longest_pause=1)

Connect = Callable[..., OnlineRuns]


@pytest.fixture(scope="module")
def _running() -> Iterator[WandbServer]:
    with running_wandb() as wandb:
        yield wandb


@pytest.fixture
def wandb(_running: WandbServer) -> WandbServer:
    """Return a server with one project and no runs, that fails nothing."""
    _running.forget()
    _running.projects = {PROJECT: []}
    return _running


@pytest.fixture
def connect(wandb: WandbServer) -> Iterator[Connect]:
    """Return what connects to the server, with a good key unless told otherwise."""
    with ExitStack() as opened:

        def made(key: str = KEY, limits: Limits = QUICK, **more: str) -> OnlineRuns:
            return opened.enter_context(OnlineRuns(wandb.url, key, {**os.environ, **more}, limits))

        yield made


def read(server: RunSource, *projects: str) -> list[Any]:
    """Return the runs of `MOE-HC` in projects."""
    listed = projects or (PROJECT,)
    return server.runs(thread(BOOK, projects=listed), listed)


def served(number: int, **more: Any) -> ServedRun:
    """Return a run of the thread, as the server keeps it."""
    return ServedRun(f"run{number}", f"MOE-HC-{number:03}", **more)


def test_a_run_arrives_as_it_is(wandb: WandbServer, connect: Connect) -> None:
    """Name, state, tags, runtime, values, definitions and the address of its page arrive, and others' runs do not."""
    summary = {"eval/loss": {"min": 2.2}, "acc": 0.9, "bad": "NaN", "_runtime": 12.5, "note": "x"}
    mine = served(1, tags=["moe"], summary=summary, metrics=[{"1": "acc", "8": 2}])
    wandb.projects[PROJECT] = [mine, ServedRun("other", "OTHER-001")]
    (run,) = read(connect())
    assert (run.project, run.id, run.name, run.state, run.tags) == (PROJECT, "run1", "MOE-HC-001", "finished", ("moe",))
    assert (run.runtime, run.created_at) == (12.5, "2026-05-25T04:50:00Z")
    assert {name: str(value) for name, value in run.summary.items()} == {
        "eval/loss.min": "2.2",
        "eval/loss": "2.2",
        "acc": "0.9",
        "bad": "nan",
    }
    assert run.better == {"eval/loss": Better.LOWER, "acc": Better.HIGHER}
    assert run.url == f"{wandb.url}/lab/tiles/runs/run1"


ODD: dict[str, tuple[dict[str, Any], bool]] = {
    "no user": ({"user": None}, True),
    "no summary": ({"summaryMetrics": None}, True),
    "an empty summary": ({"summaryMetrics": ""}, True),
    "no JSON": ({"summaryMetrics": '{"loss": 2.0'}, False),
    "a list for a summary": ({"summaryMetrics": "[1, 2]"}, False),
    "null for a summary": ({"summaryMetrics": "null"}, True),
    "a number for a summary": ({"summaryMetrics": "3"}, False),
    "no JSON in the configuration": ({"config": "{"}, True),
    "no configuration": ({"config": None}, True),
    "no tags": ({"tags": None}, True),
    "a group and a sweep": ({"group": "MOE-HC-002", "sweepName": "sw1", "displayName": "eager-1"}, True),
    "not finite": ({"summaryMetrics": '{"loss": NaN, "gain": -Infinity}'}, True),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_run_costs_no_other(wandb: WandbServer, connect: Connect, name: str) -> None:
    """Whatever one run of a page is like, all are read; whose summary nobody can read is named."""
    node, is_readable = ODD[name]
    wandb.projects[PROJECT] = [served(1, summary={"loss": 2.0}), served(2, node=node), served(3, summary={"loss": 3.0})]
    server = connect()
    runs = read(server)
    assert [run.summary.get("loss") for run in (runs[0], runs[2])] == [2.0, 3.0]
    assert (runs[1].id, bool(server.notes)) == ("run2", not is_readable)


def test_a_metric_further_in_has_a_history(wandb: WandbServer, connect: Connect) -> None:
    """W&B's history has a name with dots for what stands further in."""
    history = [{"_step": step, "eval.loss": 3.0 - step} for step in range(3)]
    wandb.projects[PROJECT] = [served(1, summary={"eval": {"loss": 1.0}}, history=history)]
    server = connect()
    (history,) = server.histories(read(server), "eval/loss")
    assert history.points == ((0.0, 3.0), (1.0, 2.0), (2.0, 1.0))


@pytest.mark.parametrize(("number", "queries"), [(0, 1), (1, 1), (50, 1), (120, 3)])
def test_fifty_runs_are_one_query(wandb: WandbServer, connect: Connect, number: int, queries: int) -> None:
    """One query answers for fifty runs, with all that is known of them."""
    wandb.projects[PROJECT] = [served(n, summary={"loss": 1.0}) for n in range(number)]
    assert len(read(connect())) == number
    assert (wandb.count("Runs"), wandb.count("Run")) == (queries, 0)
    assert len(wandb.calls) <= queries + 2  # who the key's owner is, and once more


def test_ten_thousand_runs_are_read_and_no_more(wandb: WandbServer, connect: Connect) -> None:
    """Of more runs than are read the newest are, in one query for each fifty, and it is said."""
    wandb.projects[PROJECT] = [served(n, summary={"loss": 1.0}) for n in range(MOST_RUNS + 60)]
    server = connect(limits=Limits(seconds=120))
    assert len(read(server)) == MOST_RUNS
    assert wandb.count("Runs") == MOST_RUNS // 50
    assert server.notes == [f"more than {MOST_RUNS:,} runs of moe-hill-climb in {PROJECT}; only the newest are read"]


def test_a_charted_run_is_one_query(wandb: WandbServer, connect: Connect) -> None:
    """The course of a metric is one query a run, of sixty points at most."""
    wandb.projects[PROJECT] = [served(n, history=steps([float(step) for step in range(600)])) for n in range(3)]
    server = connect()
    runs = read(server)
    histories = server.histories(runs, "eval/loss")
    assert (wandb.count("RunSampledHistory"), [len(history.points) for history in histories]) == (3, [60, 60, 60])
    assert histories[0].points[:2] == ((0.0, 0.0), (10.0, 10.0))
    assert server.histories(runs[:1], "nothing")[0].points == ()


def test_only_listed_projects_are_asked(wandb: WandbServer, connect: Connect) -> None:
    """Where the logbook names no way to find a run, and where no project is listed, nothing is asked at all."""
    assert connect().runs(thread(BOOK, projects=()), ()) == []
    assert wandb.calls == []


def test_a_rejected_key_is_said(wandb: WandbServer, connect: Connect) -> None:
    """An expired key is told as such, and is in no sentence."""
    wandb.refuse = [("Viewer", 401)]
    with pytest.raises(LoginError, match="rejected the API key") as caught:
        read(connect("e" * 40))
    assert "eeee" not in caught.value.message + caught.value.help
    assert caught.value.exit_code == 3


def test_a_server_that_lets_nobody_in_is_asked_once(wandb: WandbServer, connect: Connect) -> None:
    """Where not even the log-in works, that ends it for all threads."""
    wandb.refuse = [("Viewer", 500)] * 9
    with pytest.raises(LoginError, match="is unavailable"):
        read(connect())
    assert (wandb.count("Viewer"), wandb.count("Runs")) == (3, 0)


def test_a_project_that_is_missing_stops_no_other(wandb: WandbServer, connect: Connect) -> None:
    """The runs of the others are there, and what is missing is said."""
    wandb.projects[PROJECT] = [served(1)]
    server = connect()
    assert len(read(server, "lab/gone", PROJECT)) == 1
    (said,) = server.unread
    assert said.startswith("W&B has no project lab/gone, or the key may not read it; check `wandb.projects`")


def test_a_missing_project_is_said(wandb: WandbServer, connect: Connect) -> None:
    """A project that is not there, or hidden from the key, is named, and the server stays usable."""
    wandb.projects[PROJECT] = [served(1)]
    server = connect()
    with pytest.raises(UnfinishedError, match="W&B has no project lab/gone, or the key may not read it"):
        read(server, "lab/gone")
    assert len(read(server)) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_limit_that_passes_is_waited_for(wandb: WandbServer, connect: Connect, status: int) -> None:
    """After 429 and 5xx it tries again, so that a short trouble is none."""
    wandb.projects[PROJECT] = [served(1)]
    wandb.refuse = [("Runs", status)] * 2
    assert len(read(connect())) == 1
    assert wandb.count("Runs") == 3


@pytest.mark.parametrize(
    ("status", "message"), [(429, "rate limit reached"), (500, "is unavailable")], ids=["429", "500"]
)
def test_a_limit_that_stays_is_said(wandb: WandbServer, connect: Connect, status: int, message: str) -> None:
    """After three tries in vain it gives up with a sentence."""
    wandb.refuse = [("Runs", status)] * 9
    with pytest.raises(UnfinishedError, match=message) as caught:
        read(connect())
    assert (wandb.count("Runs"), bool(caught.value.help)) == (3, True)


def test_a_server_that_hangs_is_left(wandb: WandbServer, connect: Connect) -> None:
    """A query without an answer is given up after its time."""
    wandb.refuse = [("Runs", 0)] * 9
    with pytest.raises(UnfinishedError, match="did not answer in time"):
        read(connect(limits=Limits(seconds=30, call=1)))


def test_all_of_it_has_a_time_too(wandb: WandbServer, connect: Connect) -> None:
    """However patient each query is, the whole of them ends, and nothing goes on running."""
    wandb.refuse = [("Runs", 0)] * 9
    with _watched() as started, pytest.raises(UnfinishedError, match="within 2 seconds"):
        read(connect(limits=Limits(seconds=2, call=60)))
    assert started
    assert _still_running(started) == set()


def test_nobody_there_is_said() -> None:
    """A server that is not there is told as such."""
    with (
        OnlineRuns("http://localhost:9", KEY, os.environ, Limits(20, 2, 1)) as server,
        pytest.raises(UnfinishedError, match=r"is unavailable|did not answer in time"),
    ):
        read(server)


def test_nothing_goes_on_running(wandb: WandbServer) -> None:
    """When it is over, neither our process nor the SDK's own is left."""
    wandb.projects[PROJECT] = [served(1)]
    with _watched() as started, OnlineRuns(wandb.url, KEY, os.environ, QUICK) as server:
        read(server)
    assert len(started) == 2
    assert _still_running(started) == set()


@contextmanager
def _watched() -> Iterator[set[int]]:
    """Collect the processes of ours and of the SDK that this process, or one of those, starts meanwhile."""
    started: set[int] = set()
    is_over = Event()

    def watch() -> None:
        while not is_over.wait(0.05):
            ours = {os.getpid()} | started
            started.update(pid for pid, parent, command in _processes() if parent in ours and _IS_SDK.search(command))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield started
    finally:
        is_over.set()
        watcher.join()


_IS_SDK = re.compile(r"wandb/service\.py|wandb-core")


def _still_running(started: set[int]) -> set[int]:
    """Return those of the processes that do not end within ten seconds."""
    until = time.monotonic() + 10
    while (left := started & {pid for pid, _, _ in _processes()}) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def _processes() -> list[tuple[int, int, str]]:
    """Return the processes that run now: their numbers, their parents' and their commands."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,stat,args"], capture_output=True, text=True, check=True)
    rows = (line.split(None, 3) for line in listed.stdout.splitlines()[1:])
    return [(int(pid), int(parent), command) for pid, parent, state, command in rows if not state.startswith("Z")]


def test_planted_settings_send_the_key_nowhere(
    wandb: WandbServer, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither files of the work tree nor variables lead the key to another server, and no file keeps it."""
    with running_wandb() as other:
        (tmp_path / "wandb").mkdir()
        (tmp_path / "wandb/settings").write_text(f"[default]\nbase_url = {other.url}\n")
        (tmp_path / ".netrc").write_text("machine localhost login x password y\n")
        (tmp_path / "wandb.py").write_text("raise SystemExit('planted')\n")
        monkeypatch.chdir(tmp_path)
        led = {
            "WANDB_BASE_URL": other.url,
            "WANDB_API_KEY": "x" * 40,
            "HOME": str(tmp_path),
            "PYTHONPATH": str(tmp_path),
        }
        wandb.projects[PROJECT] = [served(1)]
        assert len(read(connect(**led))) == 1
        assert (other.calls, other.others, len(wandb.keys)) == ([], [], 1)
    assert sorted(path.name for path in tmp_path.rglob("*")) == [".netrc", "settings", "wandb", "wandb.py"]


def test_nothing_but_what_was_asked_is_sent(wandb: WandbServer, connect: Connect) -> None:
    """The SDK reports neither errors nor measurements of itself."""
    read(connect())
    assert wandb.others == []


# Without a network


LOG = """
import sys, wandb

settings = wandb.Settings(console="off", x_disable_stats=True, x_disable_meta=True, disable_git=True, silent=True)
for name, state, tags in (("MOE-HC-001 dense", 0, ["moe"]), ("MOE-HC-002 moe", 1, []), ("OTHER-001", 0, [])):
    run = wandb.init(entity="lab", project="tiles", name=name, tags=tags, dir=sys.argv[1], settings=settings)
    run.define_metric("eval/loss", summary="min")
    for step in range(100):
        run.log({"eval/loss": 3 - step / 100, "nan": float("nan")})
    run.summary["mfu"] = 0.1716
    run.finish(exit_code=state)
"""


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let the real SDK log runs in offline mode, and return the folder."""
    folder = tmp_path_factory.mktemp("offline")
    variables = {**os.environ, "WANDB_MODE": "offline", "HOME": str(folder), "WANDB_ERROR_REPORTING": "false"}
    subprocess.run([sys.executable, "-c", LOG, str(folder)], cwd=folder, env=variables, check=True, timeout=120)
    return folder


def test_the_sdks_files_tell_the_same(offline: Path) -> None:
    """Without a network the same values come from the files that the SDK left, courses included."""
    with OfflineRuns(offline, os.environ) as files:
        dense, moe, _ = sorted(read(files), key=lambda run: run.name)
        assert (dense.project, dense.name, dense.state, dense.tags) == (
            "lab/tiles",
            "MOE-HC-001 dense",
            "finished",
            ("moe",),
        )
        assert (moe.state, dense.url) == ("failed", "")
        assert (dense.summary["eval/loss"], dense.summary["mfu"]) == (pytest.approx(2.01), 0.1716)
        assert dense.better == {"eval/loss": Better.LOWER}
        (history,) = files.histories([dense], "eval/loss")
    assert (len(history.points), history.points[0], history.points[-1]) == (
        100,
        (0.0, 3.0),
        (99.0, pytest.approx(2.01)),
    )


PARTS = """
import sys, wandb

settings = wandb.Settings(console="off", x_disable_stats=True, x_disable_meta=True, disable_git=True, silent=True)

def log(values, exit_code=0, **about):
    run = wandb.init(entity="lab", project="tiles", dir=sys.argv[1], settings=settings, **about)
    for step, value in values:
        run.log({"eval": {"loss": value}}, step=step)
    run.finish(exit_code=exit_code)

once = {"id": "r1", "name": "eager-1", "group": "MOE-HC-001", "resume": "allow"}
log([(step, 3 - step / 10) for step in range(6)], **once)
log([(step, 2 - step / 10) for step in range(4, 9)], **once)
again = {"id": "r2", "name": "MOE-HC-002", "resume": "allow"}
log([(0, 4.0)], **again)
log([], exit_code=1, **again)
"""


def test_a_run_that_was_resumed_is_one(tmp_path: Path) -> None:
    """Each part has a folder of its own: the last values count, and the course goes on where it was resumed."""
    variables = {**os.environ, "WANDB_MODE": "offline", "HOME": str(tmp_path), "WANDB_ERROR_REPORTING": "false"}
    subprocess.run([sys.executable, "-c", PARTS, str(tmp_path)], cwd=tmp_path, env=variables, check=True, timeout=120)
    with OfflineRuns(tmp_path, os.environ) as files:
        whole, failed = read(files)
        (history,) = files.histories([whole], "eval/loss")
    assert (whole.name, whole.group, whole.summary["eval/loss"]) == ("eager-1", "MOE-HC-001", pytest.approx(1.2))
    assert (failed.name, failed.state, failed.summary["eval/loss"]) == ("MOE-HC-002", "failed", 4.0)
    assert [round(value, 1) for _, value in history.points] == [3.0, 2.9, 2.8, 2.7, 1.6, 1.5, 1.4, 1.3, 1.2]
    assert [step for step, _ in history.points] == list(range(9))


def test_files_of_other_projects_are_left_out(offline: Path) -> None:
    """Where projects are listed, runs of others in the folder are not read."""
    with OfflineRuns(offline, os.environ) as files:
        assert read(files, "lab/other") == []


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    """A file that is broken, or none of the SDK's, is named, and the others are read."""
    (tmp_path / "run-x.wandb").write_bytes(b"nothing\0")
    with OfflineRuns(tmp_path, os.environ) as files:
        assert read(files) == []
        assert files.notes == [f"no readable run in {tmp_path}/run-x.wandb"]


def test_no_folder_is_bad_usage(tmp_path: Path) -> None:
    """A folder that is not there is refused before anything is read."""
    with pytest.raises(UserError, match="is not a folder"):
        OfflineRuns(tmp_path / "none", os.environ)
