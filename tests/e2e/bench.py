"""The bench: act runs the workflow templates as users copy them, and its log becomes a `Run`."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hub.bench import Repository as HubRepository

CHECKOUT = Path(__file__).resolve().parents[2]
_ACTION = "run-research/logbook@v1"
_ACT = str(Path(sys.executable).with_name("act"))
_LONGEST_SECONDS = 120
_TOLD = re.compile(r"PATH|LANG|LC_.*|TMPDIR|(UV|PIP|SSL)_.*|(REQUESTS|CURL)_CA_BUNDLE|.*_proxy", re.IGNORECASE)

Payload = Mapping[str, Any]
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Annotation:
    """What GitHub would show beside a line."""

    level: str
    rule: str
    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Run:
    """A finished workflow run."""

    job: str
    """The job's result, `success` or `failure`; empty when it was skipped."""
    exit_code: int
    """What the command of the action exited with."""
    steps: Mapping[str, str]
    """The result of each step, by its name."""
    annotations: Sequence[Annotation]
    outputs: Mapping[str, str]
    summary: str
    log: str
    """Everything that was printed."""

    @property
    def faults(self) -> list[tuple[str, str, int]]:
        """The annotations as (rule, path, line)."""
        return [(item.rule, item.path, item.line) for item in self.annotations]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of nobody's machine: the way to the registries, and a home of its own."""
    told = {name: value for name, value in os.environ.items() if _TOLD.fullmatch(name)}
    own = {"HOME": home, "XDG_CACHE_HOME": home / ".cache", "XDG_CONFIG_HOME": home / ".config"}
    git = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return told | {name: str(path) for name, path in own.items()} | git | more


def export(to: Path) -> Path:
    """Copy this checkout, as it would be released, to a folder; nothing that git ignores comes along."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=CHECKOUT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (CHECKOUT / name).is_file() and not name.startswith("tests/"):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, to / name)
    return to


@dataclass(frozen=True, slots=True)
class Bench:
    """A machine with act on it that resolves our own actions to an export of this checkout."""

    folder: Path
    action: Path
    shared: Mapping[str, str] = field(default_factory=dict)
    """Environment that every job gets, such as a folder for installed packages that all runs use."""
    token: str = ""
    """The token that jobs get."""

    def on(self, repository: HubRepository, token: str = "") -> "Bench":
        """Return the machine as a runner of a repository on the bench's GitHub, where jobs get the token."""
        place = {"GITHUB_API_URL": repository.hub.url, "GITHUB_REPOSITORY": repository.name, "NO_PROXY": "localhost"}
        return replace(self, shared={**self.shared, **place}, token=token)

    def act(self, event: str, payload: Payload, repository: Path, workflow: str = "logbook-lint.yml") -> Run:
        """Run a workflow of a checked out repository on an event, and return what came of it."""
        asked = self.folder / "payload.json"
        asked.write_text(json.dumps(payload))
        command = [
            *(_ACT, event, "--json", "--no-cache-server", "--platform=ubuntu-latest=-self-hosted"),
            *(f"--workflows={repository}/.github/workflows/{workflow}", f"--eventpath={asked}"),
            f"--local-repository={_ACTION}={self.action}",
            *(f"--env={name}={value}" for name, value in ({"GITHUB_REPOSITORY": "lab/tiles"} | self.shared).items()),
            *([f"--secret=GITHUB_TOKEN={self.token}"] if self.token else []),
            # Else act would take settings from files of the work tree.
            *(f"--{name}-file={os.devnull}" for name in ("env", "secret", "var", "input")),
        ]
        code, out, err = _bounded(command, repository, environment(self.folder))
        run = read_log(out.splitlines())
        assert run.job or code == 0, f"act ran no job: {err}{out}"
        return run


def _bounded(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a command with all that it starts, for a bounded time."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=_LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, out, err


def read_log(lines: Iterable[str]) -> Run:
    """Return what act's log in JSON tells of a run of one job with one action of ours."""
    records = [json.loads(line) for line in lines if line.startswith("{")]
    main = [record for record in records if record.get("stage") == "Main"]
    # A composite action repeats at its end what its steps have said; the IDs of its steps have two parts.
    inner = [record for record in main if len(record["stepID"]) == 2]
    said = [record for record in inner if record.get("command") in {"error", "warning", "notice"}]
    return Run(
        job=next((record["jobResult"] for record in records if "jobResult" in record), ""),
        exit_code=next(filter(None, map(_exit_code, inner)), 0),
        steps={record["step"]: record["stepResult"] for record in main if "stepResult" in record},
        annotations=[_annotation(record) for record in said],
        outputs={record["name"]: record["arg"] for record in _of("set-output", inner)},
        summary="".join(record["content"] for record in _of("summary", inner)),
        log="".join(record.get("raw", record["msg"]) for record in inner if {"raw", "raw_output"} & set(record)),
    )


def _of(command: str, records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.get("command") == command]


def _exit_code(record: Record) -> int:
    match = re.fullmatch(r"exit status (\d+)", record["msg"])
    return int(match[1]) if match and record["level"] == "error" else 0


# act takes the last `::` of a line for the end of a command, GitHub's runner the first (ActionCommand.cs).
_COMMAND = re.compile(r"::(?P<level>\w+) ?(?P<about>.*?)::(?P<message>.*)\n?")


def _annotation(record: Record) -> Annotation:
    match = _COMMAND.fullmatch(record["raw"])
    assert match, record
    about = dict(pair.split("=", 1) for pair in match["about"].split(",") if pair)
    return Annotation(
        level=match["level"],
        rule=_plain(about.get("title", "")),
        path=_plain(about.get("file", "")),
        line=int(about.get("line", 0)),
        message=_plain(match["message"]),
    )


def _plain(text: str) -> str:
    for code, mark in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, mark)
    return text
