"""A small W&B server on the loopback: as much of its GraphQL as `wandb.Api` asks for, counted and made to fail."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, NamedTuple, Self

KEY = "k" * 40
"""The key that it accepts."""


@dataclass(slots=True)
class ServedRun:
    """A run as the server keeps it."""

    id: str
    name: str
    state: str = "finished"
    tags: Sequence[str] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()
    metrics: Sequence[Mapping[str, Any]] = ()
    """The definitions of its metrics, as a run's configuration has them."""
    created: str = "2026-05-25T04:50:00Z"
    group: str | None = None
    sweep: str | None = None
    node: Mapping[str, Any] = field(default_factory=dict)
    """What the server answers otherwise than the rest of this says."""


class Reply(NamedTuple):
    """What the server sends back; with status 0 it says nothing, and keeps the connection open."""

    status: int
    body: bytes


class WandbServer:
    """W&B on this machine."""

    def __init__(self) -> None:
        self.projects: dict[str, list[ServedRun]] = {}
        self.calls: list[str] = []
        """The names of the queries that arrived."""
        self.keys: set[str] = set()
        """The authorisations that arrived."""
        self.others: list[str] = []
        """Addresses that were asked for besides GraphQL."""
        self.refuse: list[tuple[str, int]] = []
        """For each query to come of a name, the status that it gets; 0 lets it hang."""
        self.disturb: Callable[[int, Reply], Reply | None] = lambda _, reply: reply
        """Makes of the answer to a query, counted from 1, what arrives; None cuts the connection off."""
        self._listed: dict[tuple[str, str], list[ServedRun]] = {}
        """What fits a filter of a project, as its first page found it: ten thousand runs have two hundred pages."""
        self.over = Event()
        self.lock = Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.wandb = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """What WANDB_BASE_URL is set to."""
        return f"http://localhost:{self._server.server_port}"

    def count(self, name: str) -> int:
        """Return how often a query arrived."""
        return self.calls.count(name)

    def forget(self) -> None:
        """Forget what arrived and what is to fail."""
        for kept in (self.calls, self.others, self.refuse):
            kept.clear()
        self.keys.clear()

    def answer(self, name: str, variables: Mapping[str, Any]) -> Any:
        """Return the data of a query's answer."""
        if name in {"Viewer", "GetDefaultEntity"}:
            about = {"id": "V", "entity": "lab", "username": "ann", "email": "", "flags": "{}", "teams": {"edges": []}}
            return {"viewer": about}
        project = f"{variables['entity']}/{variables['project']}"
        served = self.projects.get(project)
        if served is None:
            return {"project": None}
        if name != "Runs":
            return {"project": _history(served, variables)}
        listing = project, variables["filters"]
        if not variables.get("cursor"):
            wanted = json.loads(variables["filters"])
            self._listed[listing] = [run for run in served if fits(run, wanted)]
        return {"project": _page(self._listed[listing], variables)}


def _page(fitting: Sequence[ServedRun], variables: Mapping[str, Any]) -> dict[str, Any]:
    start = int(variables.get("cursor") or 0)
    page = fitting[start : start + variables["perPage"]]
    edges = [{"node": _node(run), "cursor": str(place)} for place, run in enumerate(page, start + 1)]
    end = start + len(page)
    return {
        "internalId": "1",
        "runCount": len(fitting),
        "readOnly": False,
        "runs": {"edges": edges, "pageInfo": {"endCursor": str(end), "hasNextPage": end < len(fitting)}},
    }


def _node(run: ServedRun) -> dict[str, Any]:
    config = {"_wandb": {"value": {"m": list(run.metrics)}}, "lr": {"value": 0.001}}
    empty = dict.fromkeys(
        ("sweepName", "group", "jobType", "commit", "heartbeatAt", "description", "notes", "historyKeys")
    )
    return empty | {
        "id": f"storage-{run.id}",
        "projectId": "1",
        "tags": list(run.tags),
        "name": run.id,
        "displayName": run.name,
        "state": run.state,
        "config": json.dumps(config),
        "readOnly": False,
        "createdAt": run.created,
        "systemMetrics": "{}",
        "summaryMetrics": json.dumps(run.summary),
        "historyLineCount": len(run.history),
        "user": {"name": "Ann", "username": "ann"},
        "group": run.group,
        "sweepName": run.sweep,
        **run.node,
    }


def _history(served: Sequence[ServedRun], variables: Mapping[str, Any]) -> dict[str, Any]:
    run = next(run for run in served if run.id == variables["name"])
    spec = json.loads(variables["specs"][0])
    rows = [row for row in run.history if set(spec["keys"]) <= set(row)]
    step = max(1, -(-len(rows) // spec["samples"]))
    return {"run": {"sampledHistory": [rows[::step]]}}


def fits(run: ServedRun, wanted: Mapping[str, Any]) -> bool:
    """Return whether a run fits a filter in the language of `Api.runs`, as far as it is used here."""
    return all(_fits(run, key, value) for key, value in wanted.items())


def _fits(run: ServedRun, key: str, value: Any) -> bool:
    if key in {"$or", "$and"}:
        return (any if key == "$or" else all)(fits(run, one) for one in value)
    among = {"group": [run.group] if run.group else [], "sweep": [run.sweep] if run.sweep else []}
    have = {"name": [run.id], "displayName": [run.name], "tags": list(run.tags), **among}[key]
    if "$in" in value:
        return not set(value["$in"]).isdisjoint(have)
    return any(re.search(value["$regex"], one) for one in have)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 50
    wandb: WandbServer

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1
    server: _Server

    def handle_call(self) -> None:
        """Answer a call."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wandb = self.server.wandb
        if self.path != "/graphql":
            wandb.others.append(self.path)
            self._send(404, b"{}")
            return
        asked = json.loads(raw)
        name = re.search(r"(?:query|mutation)\s+(\w+)", asked["query"])
        assert name
        with wandb.lock:
            wandb.calls.append(name[1])
            wandb.keys.add(self.headers.get("Authorization") or "")
            number = len(wandb.calls)
            refused = next((item for item in wandb.refuse if item[0] == name[1]), None)
            if refused:
                wandb.refuse.remove(refused)
        if refused:
            reply = Reply(refused[1], b'{"errors": [{"message": "refused"}]}')
        else:
            reply = Reply(200, json.dumps({"data": wandb.answer(name[1], asked.get("variables") or {})}).encode())
        told = wandb.disturb(number, reply)
        if told is None:
            self.close_connection = True
        elif told.status:
            self._send(*told)
        else:
            wandb.over.wait(30)

    do_GET = do_POST = handle_call  # noqa: N815 - http.server's names

    def _send(self, status: int, body: bytes) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_wandb() -> Iterator[WandbServer]:
    """Run a server."""
    with WandbServer() as wandb:
        yield wandb


def steps(values: Sequence[float], metric: str = "eval/loss") -> list[dict[str, float]]:
    """Return a history that logs a metric at each step."""
    return [{"_step": step, metric: value} for step, value in enumerate(values)]
