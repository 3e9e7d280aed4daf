"""The proxy in front of emulate: it counts the calls, has GitHub's manners, and fails when asked to."""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlsplit

from hub import manners
from hub.manners import Answer, Identity, Request

if TYPE_CHECKING:
    from hub.lag import Lag

ENTERPRISE = "/api/v3"
"""The base path of GitHub Enterprise, which the proxy serves too."""

_SECONDS = 30


class Call(NamedTuple):
    """A call that arrived."""

    verb: str
    path: str

    def __str__(self) -> str:
        """Return it as `GET /user`."""
        return f"{self.verb} {self.path}"


@dataclass(slots=True)
class Fault:
    """An answer that some calls get in place of their own."""

    status: int | None
    """0 closes the connection without a word; None answers as ever."""
    verb: str = ".*"
    path: str = ".*"
    times: int = 1
    spared: int = 0
    """Calls that are let through before the first that fails."""
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Any = None
    """The body, where it is no message."""
    after: bool = False
    """Whether the call is carried out first, and only its answer lost."""
    delay: float = 0
    """Seconds before the answer."""
    meanwhile: Callable[[], object] = lambda: None
    """What happens just before the call."""

    def fits(self, call: Call) -> bool:
        """Return whether the call meets this fault."""
        return bool(self.times and re.fullmatch(self.verb, call.verb) and re.search(self.path, call.path))

    def answer(self, status: int) -> Answer:
        """Return what is answered."""
        answer = manners.error(status, self.message, self.headers)
        return answer if self.data is None else Answer(status, self.data, self.headers)


class FaultProxy:
    """A server on the loopback that hands calls on to emulate."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.tokens: dict[str, Identity] = {}
        self.files: dict[str, list[str]] = {}
        """What pull requests change, by the path that lists it: emulate makes it up."""
        self.duplicates: set[str] = set()
        """Issues that were closed as duplicates, by their path: emulate does not know that reason."""
        self.port_behind = 0
        self.token_behind: Callable[[str], str] = lambda login: login
        self.pushes: dict[str, Callable[[], Sequence[Mapping[str, Any]]]] = {}
        """What tells what moved the branches of a repository, by its path: emulate has no git."""
        self.labelled: dict[str, list[dict[str, Any]]] = {}
        """What happened to labels, by the issue's path: of a pull request emulate does not tell."""
        self.expected: Callable[[Request], Sequence[str]] = lambda _: ()
        """Says what GitHub's description does not know of a request."""
        self.unexpected: list[str] = []
        """What it said of those that came."""
        self.lag: Lag | None = None
        """How late reads are; None for a GitHub on a good day."""
        self._lock = Lock()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """What GITHUB_API_URL is set to."""
        return f"http://localhost:{self._server.server_port}"

    def answer(self, request: Request) -> Answer | None:
        """Return the answer to a call; None where the connection is to be closed."""
        if request.is_ours:
            self.unexpected += self.expected(request)
        call = Call(request.verb, request.path)
        fault = self._noted(call)
        if fault is None:
            return self._handed_on(request)
        fault.meanwhile()
        answer = self._handed_on(request) if fault.after or fault.status is None else None
        time.sleep(fault.delay)
        if fault.status is None:
            return answer
        return fault.answer(fault.status) if fault.status else None

    def _noted(self, call: Call) -> Fault | None:
        with self._lock:
            self.calls.append(call)
            fault = next((fault for fault in self.faults if fault.fits(call)), None)
            if fault and fault.spared:
                fault.spared -= 1
                return None
            if fault:
                fault.times -= 1
            return fault

    def _handed_on(self, request: Request) -> Answer:
        login = request.identity.login if request.identity else ""

        def ask(path: str, query: str) -> Answer:
            return self.behind("GET", f"{path}?{query}", login)

        refused = manners.refusal(request, ask)
        if refused:
            return refused
        if request.verb == "GET" and (match := manners.ACTIVITY.fullmatch(request.path)):
            return manners.activity(request, self.pushes.get(match["repository"], list)(), self.url)
        sent = manners.as_asked(request, ask)
        answer = self.behind(sent.verb, f"{sent.path}?{sent.query}", login, sent.body)
        happened = manners.events_of_pull(request, answer, ask, self.labelled)
        answer = manners.as_answered(request, happened or answer, ask, self.files)
        if request.path in self.duplicates and answer.data["state"] == "closed":
            answer = replace(answer, data={**answer.data, "state_reason": "duplicate"})
        return self.lag.as_shown(request, answer) if self.lag else answer

    def behind(self, verb: str, target: str, login: str, body: Any = None) -> Answer:
        """Ask emulate itself, as somebody; nothing counts it and nothing fails."""
        if self.lag is None or verb == "GET":
            return self._behind(verb, target, login, body)

        def ask(path: str) -> Answer:
            return self._behind("GET", path, login)

        path = urlsplit(target).path
        self.lag.before_write(verb, path, ask)
        answer = self._behind(verb, target, login, body)
        self.lag.after_write(verb, path, body, answer, ask)
        return answer

    def _behind(self, verb: str, target: str, login: str, body: Any = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port_behind, timeout=_SECONDS)
        headers = {
            "Host": f"localhost:{self._server.server_port}",
            "Authorization": f"token {self.token_behind(login)}",
            "Content-Type": "application/json",
        }
        try:
            connection.request(verb, target, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        told = {name.lower(): value for name, value in response.getheaders()}
        kept = {name: value for name, value in told.items() if name == "link" or name.startswith("x-ratelimit")}
        if response.status < 300:
            manners.note_labels(verb, urlsplit(target).path, login, body, self.labelled)
        return Answer(response.status, json.loads(raw) if raw else None, kept)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, proxy: FaultProxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    wbufsize = -1  # one packet an answer: the second of two would wait for the first to be acknowledged
    server: _Server

    def handle_call(self) -> None:
        """Answer a call."""
        with suppress(ConnectionError):
            request, base = self._request()
            answer = self.server.proxy.answer(request)
            if answer is None:
                self.close_connection = True
            else:
                self._send(answer, base)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_call  # noqa: N815 - http.server's names

    def _request(self) -> tuple[Request, str]:
        parts = urlsplit(self.path)
        base = ENTERPRISE if parts.path.startswith(f"{ENTERPRISE}/") else ""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = (self.headers.get("Authorization") or "").rpartition(" ")[2]
        identity = self.server.proxy.tokens.get(token)
        path = parts.path.removeprefix(base)
        is_ours = (self.headers.get("User-Agent") or "").startswith("research-logbook/")
        return Request(self.command, path, parts.query, json.loads(raw) if raw else None, identity, is_ours), base

    def _send(self, answer: Answer, base: str) -> None:
        url = self.server.proxy.url
        body = manners.encoded(answer).replace(f"{url}/".encode(), f"{url}{base}/".encode())
        self.send_response(answer.status)
        for name, value in self._headers(answer.headers.items(), url, base):
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @staticmethod
    def _headers(headers: Iterable[tuple[str, str]], url: str, base: str) -> Iterable[tuple[str, str]]:
        return ((name, value.replace(f"{url}/", f"{url}{base}/")) for name, value in headers)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
