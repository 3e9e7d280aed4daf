"""W&B runs, from its server through the SDK, or from the files that the SDK leaves where there is no network."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any, Protocol, Self

import msgspec

from research_logbook.errors import UnfinishedError, UserError
from research_logbook.markdown.escape import quoted
from research_logbook.wandb.plan import WandbThread
from research_logbook.wandb.runs import Curve, Run, number_of, run_of

MOST_RUNS = 10_000
"""Runs of one thread that are read."""
_POINTS = 60
_MOST_FILES = 1_000
_TOLD = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "LD_LIBRARY_PATH")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


class Runs(Protocol):
    """Where runs are read from."""

    notes: list[str]
    """Sentences for whoever started the command, such as what was left out."""

    def of(self, thread: WandbThread, projects: Sequence[str]) -> list[Run]:
        """Return what may be the thread's runs in these projects."""

    def curves(self, runs: Sequence[Run], metric: str) -> list[Curve]:
        """Return the course of a metric in each of these runs, sampled."""


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


def _must_be_installed() -> None:
    if find_spec("wandb") is None:
        raise UnfinishedError(
            "the part of logbook that reads W&B is not installed", "pip install 'research-logbook[github,wandb]'"
        )


class LoginError(UnfinishedError):
    """W&B is not there or does not accept the key, so that nothing more need be asked."""


class OnlineRuns:
    """A W&B server. Every method raises an `UnfinishedError` that says why it could not."""

    def __init__(self, host: str, key: str, environment: Mapping[str, str], limits: Limits | None = None) -> None:
        """Connect to nothing yet; `host` is the address of the API, `environment` says how to get there."""
        _must_be_installed()
        self.notes: list[str] = []
        self._host, self._key, self._limits = host, key, limits or Limits()
        self._environment = environment
        self._stack = ExitStack()
        self._service: subprocess.Popen[str] | None = None
        self._until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of(self, thread: WandbThread, projects: Sequence[str]) -> list[Run]:
        """Return what may be the thread's runs in these projects: a query for each 50."""
        found: list[Run] = []
        for project in projects:
            filters = thread.filters(project)
            if filters is None:
                continue
            for answer in self._ask({"project": project, "filters": filters, "most": MOST_RUNS - len(found)}, project):
                found += msgspec.convert(answer["runs"], list[Run])
                if answer.get("more"):
                    self.notes.append(
                        f"{project} has over {MOST_RUNS:,} runs of {thread.book.topic}: the newest are read"
                    )
        return found

    def curves(self, runs: Sequence[Run], metric: str) -> list[Curve]:
        """Return the course of a metric in each of these runs, in at most 60 points: a query for each run."""
        return [Curve(run, tuple(self._points(run, metric))) for run in runs]

    def _points(self, run: Run, metric: str) -> Iterator[tuple[float, float]]:
        asked = {"project": run.project, "run": run.id, "metric": metric, "points": _POINTS}
        for answer in self._ask(asked, run.project):
            yield from ((step, value) for step, value in answer["points"])

    def _ask(self, asked: Mapping[str, Any], project: str) -> Iterator[dict[str, Any]]:
        """Yield the answers to a question, each as it comes; kill the service when the time is over."""
        if self._service is None:
            self._service = self._started()
            self._until = time.monotonic() + self._limits.seconds
            self._log_in(project)
        yield from self._exchange(asked, project)

    def _log_in(self, project: str) -> None:
        try:
            list(self._exchange(self._greeting(), project))
        except UnfinishedError as error:
            raise LoginError(error.message, error.help) from error

    def _exchange(self, asked: Mapping[str, Any], project: str) -> Iterator[dict[str, Any]]:
        service = self._service
        assert service is not None and service.stdin and service.stdout  # noqa: S101, PT018 - it was started with both
        left = max(0.0, self._until - time.monotonic())
        bound = Timer(left, service.kill)
        bound.start()
        try:
            service.stdin.write(json.dumps(asked) + "\n")
            service.stdin.flush()
            for line in service.stdout:
                answer = json.loads(line)
                if "failed" in answer:
                    raise _failure(answer, self._host, project, self._key)
                if answer.get("end"):
                    return
                yield answer
        except (BrokenPipeError, ValueError):
            pass
        finally:
            bound.cancel()
        raise self._silence()

    def _silence(self) -> UnfinishedError:
        if time.monotonic() >= self._until:
            return UnfinishedError(
                f"W&B at {self._host} did not answer all that was asked in {self._limits.seconds:.0f} seconds",
                "run it again later, or list fewer projects under `wandb.projects`",
            )
        return UnfinishedError("the W&B SDK stopped without a word", "run it again; if that does not help, report it")

    def _greeting(self) -> dict[str, Any]:
        limits = self._limits
        pauses = {"retries": limits.retries, "pause": limits.pause, "longest": limits.longest_pause}
        return {"host": self._host, "key": self._key, "seconds": limits.call, **pauses}

    def _started(self) -> "subprocess.Popen[str]":
        folder = self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="logbook-wandb-", ignore_cleanup_errors=True)
        )
        service = subprocess.Popen(
            [sys.executable, "-P", "-m", "research_logbook.wandb.service"],
            cwd=folder,
            env={**_environment(self._environment, folder), "WANDB_BASE_URL": self._host},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._stack.callback(_end, service)
        return service


def _end(service: "subprocess.Popen[str]") -> None:
    """Let the service end by itself, and its own process with it; or end it."""
    try:
        service.communicate(timeout=10)
    except (subprocess.TimeoutExpired, BrokenPipeError, ValueError):
        service.kill()
        service.communicate()


def _environment(told: Mapping[str, str], folder: str) -> dict[str, str]:
    """Return the environment of the SDK: a home of its own, and nothing that would lead it elsewhere."""
    kept = {name: told[name] for name in (*_TOLD, *_PROXIES) if name in told}
    own = dict.fromkeys(
        ("HOME", "TMPDIR", "WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "XDG_CONFIG_HOME"),
        folder,
    )
    return {**kept, **own, "WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}


def _failure(answer: Mapping[str, Any], host: str, project: str, key: str) -> UnfinishedError:
    """Return the error that says why W&B did not answer; the key is in no sentence."""
    says, status = str(answer["says"]).replace(key, "…"), answer["status"]
    if status == 401 or (status == 403 and answer["failed"] == "AuthenticationError"):
        return LoginError(
            f"W&B at {host} does not accept the key",
            "it may have expired or been revoked: set WANDB_API_KEY to one that is valid there",
        )
    if answer["missing"] or status in {403, 404}:
        return UnfinishedError(
            f"W&B has no project {quoted(project)}, or the key may not read it",
            "look at `wandb.projects` in the configuration: ENTITY/PROJECT, as in the project's address",
        )
    if status == 429 or "HTTP 429" in says:
        return UnfinishedError(f"W&B at {host} wants no more queries for now", "run it again in some minutes")
    if "in time" in says or "timed out" in says or "deadline" in says.casefold():
        return UnfinishedError(
            f"W&B at {host} did not answer in time", "see https://status.wandb.com, and run it again"
        )
    if status >= 500 or "HTTP 5" in says or "connect" in says.casefold() or "no such host" in says:
        return UnfinishedError(
            f"W&B at {host} cannot be asked now ({quoted(says)})", "see https://status.wandb.com, and run it again"
        )
    return UnfinishedError(
        f"the W&B SDK could not read {quoted(project)}: {quoted(says)}",
        "look at `wandb` in the configuration, and run it again",
    )


# Without a network


class OfflineRuns:
    """The folders that the SDK leaves in offline mode, read by its own `wandb leet inspect`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Read nothing yet; `UserError` where there is no such folder."""
        _must_be_installed()
        if not folder.is_dir():
            raise UserError(f"{folder} is no folder", "name the folder that holds `wandb/`, or that one: --offline DIR")
        self.notes: list[str] = []
        self._folder, self._environment = folder.resolve(), environment
        self._paths: dict[tuple[str, str], Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is kept open."""

    def of(self, thread: WandbThread, projects: Sequence[str]) -> list[Run]:
        """Return the runs in the folder; where projects are listed, only theirs."""
        paths = sorted(path for path in self._folder.rglob("*.wandb") if path.is_file() and not path.is_symlink())
        if len(paths) > _MOST_FILES:
            self.notes.append(
                f"there are {len(paths):,} files of runs: {_MOST_FILES:,} are read for {thread.book.topic}"
            )
        with ThreadPoolExecutor(4) as pool:
            read = list(pool.map(self._run, paths[-_MOST_FILES:]))
        found = [(run, path) for run, path in zip(read, paths[-_MOST_FILES:], strict=True) if run]
        kept = [(run, path) for run, path in found if not projects or any(_is_in(run, name) for name in projects)]
        self._paths |= {run.key: path for run, path in kept}
        return [run for run, _ in kept]

    def _run(self, path: Path) -> Run | None:
        try:
            told = json.loads("".join(self._inspected(path, "--summary")))
        except ValueError:
            self.notes.append(f"{path} holds no run that can be read")
            return None
        project = "/".join(filter(None, [told.get("entity"), told.get("project")]))
        names = {"id": told.get("run_id"), "created": told.get("start_time"), "project": project}
        return run_of({**told, **names})

    def curves(self, runs: Sequence[Run], metric: str) -> list[Curve]:
        """Return the course of a metric in each of these runs: every point that was logged."""
        return [Curve(run, tuple(_logged(self._inspected(self._paths[run.key]), metric))) for run in runs]

    def _inspected(self, path: Path, *options: str) -> Iterator[str]:
        """Yield the lines that the SDK prints of a run."""
        with tempfile.TemporaryDirectory(prefix="logbook-wandb-", ignore_cleanup_errors=True) as folder:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, and an absolute path
                [sys.executable, "-P", "-m", "wandb", "leet", "inspect", "--json", *options, str(path)],
                cwd=folder,
                env=_environment(self._environment, folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
            bound = Timer(Limits().call, process.kill)
            bound.start()
            try:
                yield from process.stdout or ()
            finally:
                bound.cancel()
                process.kill()
                process.communicate()


def _is_in(run: Run, project: str) -> bool:
    """Return whether a run is in a listed project; the files do not always know the entity."""
    own, listed = run.project.casefold(), project.casefold()
    return own == listed or ("/" not in own and own == listed.rpartition("/")[2])


def _logged(lines: Iterable[str], metric: str) -> Iterator[tuple[float, float]]:
    for line in lines:
        record = json.loads(line) if '"history"' in line[:60] else {}
        item = (record.get("history") or {}).get("item") or {}
        step, value = number_of(item.get("_step")), number_of(item.get(metric))
        if step is not None and value is not None:
            yield step, value
