"""W&B runs, from its server through the SDK, or from the files that the SDK leaves where there is no network."""

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import Any, Protocol

from research_logbook.errors import UnfinishedError, UserError
from research_logbook.installation import missing_extra
from research_logbook.markdown.escape import quoted
from research_logbook.secret_scanner import KnownSecrets, masked
from research_logbook.wandb.plan import WandbThread
from research_logbook.wandb.runs import History, Run, RunKey, history_of, resumed, run_of

MOST_RUNS = 10_000
"""Runs of one thread that are read."""
_POINTS = 60
_MOST_FILES = 1_000
_MOST_RECORDS = 50
"""Records of a file among which the one about the run is looked for."""
_SERVICE = Path(__file__).with_name("service.py")
_PASSED_ON = (
    *("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "LD_LIBRARY_PATH"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)


class RunSource(Protocol):
    """Where runs are read from."""

    notes: list[str]
    """Sentences for whoever started the command, such as what was left out."""
    unread: list[str]
    """Why projects could not be read while others could: a sentence each."""

    def runs(self, thread: WandbThread, projects: Sequence[str]) -> list[Run]:
        """Return what may be the thread's runs in these projects."""

    def histories(self, runs: Sequence[Run], metric: str) -> list[History]:
        """Return the history of a metric in each of these runs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long W&B may take."""

    seconds: float = 300
    """For all that is asked."""
    call: int = 60
    """Seconds for one query with its further tries."""
    retries: int = 4
    """Further tries after 429, 5xx and lost connections."""
    pause: float = 1.0
    """Seconds before the first of them; each pause is longer than the one before."""
    longest_pause: float = 8.0
    """Seconds; below one the SDK takes its own minute."""


def _require_sdk() -> None:
    if find_spec("wandb") is None:
        raise missing_extra("wandb", "github")


class NoProjectError(UnfinishedError):
    """W&B has no such project, or the key may not read it."""


class LoginError(UnfinishedError):
    """W&B is unavailable or rejects the key, so nothing more need be asked."""


class OnlineRuns(AbstractContextManager["OnlineRuns"]):
    """A W&B server. Every method raises an `UnfinishedError` that says why it could not."""

    def __init__(self, host: str, key: str, environment: Mapping[str, str], limits: Limits | None = None) -> None:
        """Connect to nothing yet; `host` is the address of the API, `environment` says how to get there."""
        _require_sdk()
        self.notes: list[str] = []
        self.unread: list[str] = []
        self._host, self._key, self._limits = host, key, limits or Limits()
        self._secrets = KnownSecrets([key])
        self._environment = environment
        self._stack = ExitStack()
        self._service: subprocess.Popen[str] | None = None
        self._deadline = 0.0

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def runs(self, thread: WandbThread, projects: Sequence[str]) -> list[Run]:
        """Return what may be the thread's runs in these projects: a query for each 50."""
        found: list[Run] = []
        asked = {project: filters for project in projects if (filters := thread.api_filters(project)) is not None}
        missing: list[NoProjectError] = []
        for project, filters in asked.items():
            try:
                found += self._runs_in(project, filters, MOST_RUNS - len(found), thread.book.topic)
            except NoProjectError as error:  # one project that is not there stops no other
                missing.append(error)
                self.unread.append(error.sentence)
        if missing and len(missing) == len(asked):
            raise missing[0]
        return found

    def _runs_in(self, project: str, filters: object, most: int, topic: str) -> Iterator[Run]:
        for answer in self._ask({"project": project, "filters": filters, "most": most}, project):
            if "more" not in answer:
                run = run_of(answer)
                if answer["unreadable"]:
                    self.notes.append(f"the summary of {quoted(run.name)} in {project} is not readable")
                yield run
            elif answer["more"]:
                self.notes.append(f"more than {MOST_RUNS:,} runs of {topic} in {project}; only the newest are read")

    def histories(self, runs: Sequence[Run], metric: str) -> list[History]:
        """Return the history of a metric in each of these runs, in at most 60 points: a query for each run."""
        found = []
        for run in runs:
            name = run.nested.get(metric, metric)
            request = {"project": run.project, "run": run.id, "metric": name, "points": _POINTS}
            answers = self._ask(request, run.project)
            found.append(history_of(run, (point for answer in answers for point in answer["points"])))
        return found

    def _ask(self, request: Mapping[str, Any], project: str) -> Iterator[dict[str, Any]]:
        """Yield the answers to a request, each as it comes; kill the service when the time is over."""
        if self._service is None:
            started = _sdk_process([str(_SERVICE)], self._environment, WANDB_BASE_URL=self._host)
            self._service = self._stack.enter_context(started)
            self._deadline = time.monotonic() + self._limits.seconds
            greeting = {"host": self._host, "key": self._key, **asdict(self._limits)}
            try:
                list(self._exchange(self._service, greeting, project))
            except UnfinishedError as error:
                raise LoginError(error.message, error.help) from error
        yield from self._exchange(self._service, request, project)

    def _exchange(
        self, service: "subprocess.Popen[str]", request: Mapping[str, Any], project: str
    ) -> Iterator[dict[str, Any]]:
        assert service.stdin and service.stdout  # noqa: S101, PT018 - it was started with both
        with _killed_after(self._deadline - time.monotonic(), service), suppress(BrokenPipeError, ValueError):
            service.stdin.write(json.dumps(request) + "\n")
            service.stdin.flush()
            for line in service.stdout:
                answer = json.loads(self._secrets.mask(line))
                if "failed" in answer:
                    raise _failure(answer, self._host, project)
                if answer.get("end"):
                    return
                yield answer
        if time.monotonic() >= self._deadline:
            raise UnfinishedError(
                f"W&B at {self._host} did not answer everything within {self._limits.seconds:.0f} seconds",
                "run it again later, or list fewer projects under `wandb.projects`",
            )
        raise UnfinishedError("the W&B SDK exited without an answer", "run it again; if that does not help, report it")


def _failure(answer: Mapping[str, Any], host: str, project: str) -> UnfinishedError:
    """Return the error that says why W&B did not answer."""
    says, status = masked(str(answer["says"])), answer["status"]
    if status == 401 or (status == 403 and answer["failed"] == "AuthenticationError"):
        return LoginError(
            f"W&B at {host} rejected the API key",
            "it may have expired or been revoked: set WANDB_API_KEY to one that is valid there",
        )
    if answer["missing"] or status in {403, 404}:
        return NoProjectError(
            f"W&B has no project {quoted(project)}, or the key may not read it",
            "check `wandb.projects` in the configuration: ENTITY/PROJECT, as in the project's address",
        )
    if status == 429 or "HTTP 429" in says:
        return UnfinishedError(f"W&B rate limit reached at {host}", "run it again in a few minutes")
    if "in time" in says or "timed out" in says or "deadline" in says.casefold():
        return UnfinishedError(
            f"W&B at {host} did not answer in time", "see https://status.wandb.com, and run it again"
        )
    if status >= 500 or "HTTP 5" in says or "connect" in says.casefold() or "no such host" in says:
        return UnfinishedError(
            f"W&B at {host} is unavailable ({quoted(says)})", "see https://status.wandb.com, and run it again"
        )
    return UnfinishedError(
        f"the W&B SDK could not read {quoted(project)}: {quoted(says)}",
        "check `wandb` in the configuration, and run it again",
    )


class OfflineRuns(AbstractContextManager["OfflineRuns"]):
    """The folders that the SDK leaves in offline mode, read by its own `wandb leet inspect`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Read nothing yet; raises `UserError` if there is no such folder."""
        _require_sdk()
        if not folder.is_dir():
            raise UserError(f"{folder} is not a folder", "pass the folder that holds `wandb/`, or that one")
        self.notes: list[str] = []
        self.unread: list[str] = []
        self._folder, self._environment = folder.resolve(), environment
        self._paths: dict[RunKey, list[Path]] = {}

    def __exit__(self, *_: object) -> None:
        """Nothing is kept open."""

    def runs(self, thread: WandbThread, projects: Sequence[str]) -> list[Run]:
        """Return the runs in the folder; where projects are listed, only theirs."""
        paths = sorted(path for path in self._folder.rglob("*.wandb") if path.is_file() and not path.is_symlink())
        if len(paths) > _MOST_FILES:
            self.notes.append(
                f"{len(paths):,} run files; only the newest {_MOST_FILES:,} are read for {thread.book.topic}"
            )
        paths = paths[-_MOST_FILES:]
        with ThreadPoolExecutor(4) as pool:
            read = list(pool.map(lambda path: self._read(path, thread), paths))
        listed = {project.casefold() for project in projects}
        # The files do not always know the entity.
        known = listed | {project.rpartition("/")[2] for project in listed}
        found = [
            (run, path)
            for run, path in zip(read, paths, strict=True)
            if run and (not listed or run.project.casefold() in (listed if "/" in run.project else known))
        ]
        # A run that was resumed has a folder for each part. A folder that was copied is no part of its own.
        parts: dict[RunKey, dict[str, tuple[Run, Path]]] = {}
        for run, path in sorted(found, key=lambda it: (it[0].created_at, it[1])):
            parts.setdefault(run.key, {})[run.created_at or str(path)] = run, path
        self._paths |= {key: [path for _, path in own.values()] for key, own in parts.items()}
        return [resumed([run for run, _ in own.values()]) for own in parts.values()]

    def _read(self, path: Path, thread: WandbThread) -> Run | None:
        try:
            raw = json.loads("".join(self._inspect(path, "--summary")))
        except ValueError:
            raw = None
        if not isinstance(raw, dict) or not raw.get("run_id"):
            self.notes.append(f"no readable run in {path}")
            return None
        project = "/".join(filter(None, [raw.get("entity"), raw.get("project")]))
        about = {**raw, "id": raw["run_id"], "created_at": raw.get("start_time"), "project": project, "url": ""}
        run = run_of(about)
        if thread.own_ids(run):
            return run
        # The group and the sweep stand in the records alone, in one of the first.
        lines = islice(self._inspect(path), _MOST_RECORDS)
        first: dict[str, Any] = next((json.loads(line) for line in lines if '"type":"run"' in line[:60]), {})
        told = first.get("run") or {}
        return run_of({**about, "group": told.get("run_group"), "sweep": told.get("sweep_id")})

    def histories(self, runs: Sequence[Run], metric: str) -> list[History]:
        """Return the history of a metric in each of these runs: every point that was logged.

        Where a run was resumed from an earlier step, what it logged beyond that before does not count.
        """
        found = []
        for run in runs:
            points: list[tuple[float, float]] = []
            for path in self._paths[run.key]:
                records = (json.loads(line) for line in self._inspect(path) if '"history"' in line[:60])
                items = ((record.get("history") or {}).get("item") or {} for record in records)
                name = run.nested.get(metric, metric)
                more = history_of(run, ((item.get("_step"), item.get(name)) for item in items)).points
                first = min((step for step, _ in more), default=math.inf)
                points = [*((step, value) for step, value in points if step < first), *more]
            found.append(History(run, tuple(points)))
        return found

    def _inspect(self, path: Path, *options: str) -> Iterator[str]:
        """Yield the lines that the SDK prints of a run."""
        command = ("-m", "wandb", "leet", "inspect", "--json", *options, str(path))
        with _sdk_process(command, self._environment) as process, _killed_after(Limits().call, process):
            yield from process.stdout or ()


@contextmanager
def _sdk_process(
    arguments: Sequence[str], environment: Mapping[str, str], **settings: str
) -> Iterator["subprocess.Popen[str]"]:
    """Run Python with the SDK: in an empty folder that is its home, and with nothing that would lead it elsewhere."""
    kept = {name: environment[name] for name in _PASSED_ON if name in environment}
    homes = ("HOME", "TMPDIR", "WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "XDG_CONFIG_HOME")
    quiet = {"WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}
    with tempfile.TemporaryDirectory(prefix="logbook-wandb-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, and our own file or the SDK
            [sys.executable, "-P", *arguments],
            cwd=folder,
            env={**kept, **dict.fromkeys(homes, folder), **quiet, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        try:
            yield process
        finally:
            try:  # by itself, and its own process with it
                process.communicate(timeout=10)
            except (subprocess.TimeoutExpired, BrokenPipeError, ValueError):
                process.kill()
                process.communicate()


@contextmanager
def _killed_after(seconds: float, process: "subprocess.Popen[str]") -> Iterator[None]:
    bound = Timer(max(0.0, seconds), process.kill)
    bound.start()
    try:
        yield
    finally:
        bound.cancel()
