"""What can go wrong with one call of GitHub's API, and a connection on which it does."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from research_logbook.github import Access
from research_logbook.github.client import GitHub
from research_logbook.github.transport import ApiResponse, Call, PyGithubTransport, RetryBudget

Told = Callable[[ApiResponse], ApiResponse]
"""What arrives in place of the answer that GitHub gave, or would give."""


class Killed(BaseException):
    """The process ends here, and nothing catches that."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with one call."""

    name: str
    """Such as `502` or `cut`."""
    told: Told | None
    """None where nothing arrives any more, because the process is killed."""
    is_after: bool
    """Whether GitHub has carried the call out."""
    lasts: bool = False
    """Whether it goes on with all calls after it."""

    def __str__(self) -> str:
        """Return it as `502 after`."""
        return f"{self.name} {'after' if self.is_after else 'before'}"


def _status(status: int, message: str = "Server Error", **headers: str) -> Told:
    body = json.dumps({"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)})
    return lambda _: ApiResponse(status, headers, body)


def _lost(why: str) -> Told:
    return lambda _: ApiResponse(0, {}, why)


def _page(body: str) -> Told:
    return lambda _: ApiResponse(200, {"content-type": "text/html"}, body)


def _truncated(answer: ApiResponse) -> ApiResponse:
    return ApiResponse(200, answer.headers, answer.body[: len(answer.body) // 2] or '{"id": 1')


def _without_fields(answer: ApiResponse) -> ApiResponse:
    return ApiResponse(200, answer.headers, '[{"ok": true}]' if answer.body.startswith("[") else '{"ok": true}')


def _other_kind(answer: ApiResponse) -> ApiResponse:
    return ApiResponse(200, {}, '{"ok": true}' if answer.body.startswith("[") else "[]")


_UNCLEAR: dict[str, Told] = {
    "cut": _lost("the connection failed"),
    "silence": _lost("the request timed out"),
    "500": _status(500),
    "502": _status(502),
    "504": _status(504),
    "truncated": _truncated,
    "html": _page("<!DOCTYPE html>\n<title>Sign in</title>\n<p>Sign in to the network of the laboratory.</p>\n"),
    "empty": _page(""),
    "no-fields": _without_fields,
    "other-kind": _other_kind,
    "null": _page("null"),
    "301": _status(301, "Moved Permanently"),
    "404": _status(404, "Not Found"),
    "410": _status(410, "This issue was deleted"),
    "422": _status(422, "Validation Failed"),
}
"""What may arrive whether GitHub carried the call out or not."""

_REFUSED: dict[str, Told] = {
    "401": _status(401, "Bad credentials"),
    "403": _status(403, "Resource not accessible by integration"),
    "403-soon": _status(403, "You have exceeded a secondary rate limit", **{"retry-after": "2"}),
    "403-later": _status(403, "API rate limit exceeded", **{"retry-after": "3000"}),
    "403-limit": _status(403, "You have exceeded a secondary rate limit. Please wait a few minutes."),
    "429-soon": _status(429, "Too many requests", **{"retry-after": "2"}),
    "429-later": _status(429, "Too many requests", **{"retry-after": "3000"}),
}
"""What says that it was not carried out."""

_LASTING: dict[str, Told] = {name: _UNCLEAR[name] for name in ("cut", "502", "html")} | {"lists": _page("[]")}
"""What may become of all answers from one on, while GitHub goes on carrying out what it is asked for."""

_ALL = (
    *(Fault(name, told, is_after) for name, told in _UNCLEAR.items() for is_after in (False, True)),
    *(Fault(name, told, is_after=False) for name, told in _REFUSED.items()),
    *(Fault("killed", None, is_after) for is_after in (False, True)),
    *(Fault(f"{name}-onwards", told, is_after=True, lasts=True) for name, told in _LASTING.items()),
)
FAULTS = {str(fault): fault for fault in _ALL}


def faults_of(verb: str) -> Iterator[str]:
    """Yield what can go wrong with a call; that a reading one was carried out makes no difference."""
    unclear = {*_UNCLEAR, *(f"{name}-onwards" for name in _LASTING)}
    return (name for name, fault in FAULTS.items() if verb != "GET" or fault.is_after == (fault.name in unclear))


@dataclass(slots=True)
class Wire:
    """The connection of one run, on which something happens at one call; no wait on it takes time."""

    at: int = 0
    """The call at which it happens, counted from 1; 0 for none."""
    fault: Fault | None = None
    meanwhile: Callable[[], object] = lambda: None
    """What others do just before that call."""
    calls: list[Call] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    """What GitHub carried out, by verb and path."""

    def connect(self, access: Access, *_: Any, **__: Any) -> GitHub:
        """Return a client on this wire."""
        budget = RetryBudget(sleep=lambda _: None)
        return GitHub(access, budget, transport=_Disturbed(access, 30, self))


class _Disturbed(PyGithubTransport):
    """PyGithub's connection, with a fault at one call."""

    def __init__(self, access: Access, timeout: int, wire: Wire) -> None:
        super().__init__(access, timeout)
        self._wire = wire

    def send(self, call: Call, url: str) -> ApiResponse:
        """Make a call, or let it fail."""
        wire = self._wire
        wire.calls.append(call)
        is_it = len(wire.calls) == wire.at
        if is_it:
            wire.meanwhile()
        is_on = wire.fault is not None and wire.fault.lasts and 0 < wire.at < len(wire.calls)
        fault = wire.fault if is_it or is_on else None
        if fault is not None and fault.told is None and not fault.is_after:
            raise Killed
        answer = ApiResponse(200, {}, "[]" if call.verb == "GET" else "{}")
        if fault is None or fault.is_after:
            answer = super().send(call, url)
            if 200 <= answer.status < 300:
                wire.done[f"{call.verb} {call.template}"] += 1
        if fault is None:
            return answer
        if fault.told is None:
            raise Killed
        return fault.told(answer)
