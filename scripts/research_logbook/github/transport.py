"""The wire to GitHub: PyGithub carries the calls.

It brings the token, the base path of an Enterprise server, proxies, and one connection for all calls. Its objects
are not used: they fetch themselves again when an attribute is missing, calls that no one would count. Nor are its
retries, which repeat a POST whose outcome is unknown.
"""

import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from research_logbook import __version__
from research_logbook.errors import UnfinishedError
from research_logbook.github.auth import Access
from research_logbook.github.errors import ApiResponse, Call, failure, limit

if TYPE_CHECKING:
    from github import Github

_HEADERS = {"Accept": "application/vnd.github+json"}


class PyGithubTransport:
    """A connection to GitHub's API for one token; `timeout` bounds each wait for it, in seconds."""

    def __init__(self, access: Access, timeout: int) -> None:
        self._client = _client(access, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def send(self, call: Call, url: str) -> ApiResponse:
        """Make a call once; `url` is a path below the API's, or the whole address of a further page."""
        from requests.exceptions import RequestException, RetryError  # noqa: PLC0415 - PyGithub has imported it

        try:
            status, headers, body = self._client.requester.requestJson(
                call.verb, url, parameters=dict(call.parameters), headers=dict(_HEADERS), input=call.body
            )
        except RetryError:
            return ApiResponse(301, {}, "")
        except RequestException as error:
            return ApiResponse(0, {}, _reason(error))
        return ApiResponse(status, headers, body)


def _client(access: Access, timeout: int) -> "Github":
    try:
        from urllib3 import Retry  # noqa: PLC0415

        from github import Auth, Github  # noqa: PLC0415 - takes 0.3 s, which only a run that asks GitHub pays
    except ImportError as error:
        raise UnfinishedError(
            "the part of logbook that speaks with GitHub is not installed", "pip install 'research-logbook[github]'"
        ) from error
    return Github(
        auth=Auth.Token(access.token),
        base_url=access.api_url,
        user_agent=f"research-logbook/{__version__}",
        timeout=timeout,
        seconds_between_requests=None,
        seconds_between_writes=None,
        # No try but the first; and PyGithub would follow a move to another address without its query.
        retry=Retry(0, status_forcelist={301}, allowed_methods=None, respect_retry_after_header=False),
    )


def _reason(error: Exception) -> str:
    """Return why there was no answer, in words that hold no address and no object."""
    from requests import exceptions  # noqa: PLC0415

    if isinstance(error, exceptions.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, exceptions.ProxyError):
        return "the proxy on the way does not let the call through"
    if isinstance(error, exceptions.Timeout):
        return "it took too long"
    return "the connection failed" if isinstance(error, exceptions.ConnectionError) else type(error).__name__


_LARGEST = 10_000_000
"""Bytes of an answer that are read."""


class _Stay(HTTPRedirectHandler):
    """Follows no move: the token is for one host alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return no further request."""


class UrllibTransport:
    """Reads from GitHub's API with one token; `timeout` bounds each wait for it, in seconds."""

    def __init__(self, access: Access, timeout: int) -> None:
        self._access = access
        self._timeout = timeout
        self._opener = build_opener(_Stay)

    def close(self) -> None:
        """Close nothing: each call has a connection of its own."""

    def send(self, call: Call, url: str) -> ApiResponse:
        """Make a call once; `url` is a path below the API's, or the whole address of a further page."""
        asked = f"?{urlencode(call.parameters)}" if call.parameters else ""
        whole = url if url.startswith(f"{self._access.api_url}/") else f"{self._access.api_url}{url}{asked}"
        try:
            request = Request(whole, headers=self._headers())  # noqa: S310 - `Access` lets http and https pass
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _answer(answer.status, answer)
        except HTTPError as error:
            with error:
                return _answer(error.code, error)
        except (OSError, HTTPException, ValueError):
            return ApiResponse(0, {}, "the connection failed, or it took too long")

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"token {self._access.token}",
            "User-Agent": f"research-logbook/{__version__}",
        }


def _answer(status: int, answer: "HTTPError | Any") -> ApiResponse:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return ApiResponse(status, headers, answer.read(_LARGEST).decode("utf-8", "replace"))


_PAUSES = (1.0, 2.0, 4.0)
"""Seconds before each further try."""


class RetryBudget:
    """How long a run may wait for GitHub in all, in seconds; `clock` tells seconds since 1970."""

    def __init__(
        self, seconds: float = 180, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.clock = clock
        self._left = seconds
        self._sleep = sleep

    def wait(self, seconds: float) -> bool:
        """Wait, and return True; or return False at once where that is longer than there is patience for."""
        if seconds > self._left:
            return False
        self._left -= seconds
        self._sleep(seconds)
        return True

    def rest(self, seconds: float) -> None:
        """Wait for politeness' sake, which is no part of the bound on waiting for GitHub."""
        self._sleep(seconds)


class RetryingTransport:
    """Makes calls; `tally` counts them by verb and template, each try of its own."""

    def __init__(self, send: Callable[[Call, str], ApiResponse], patience: RetryBudget) -> None:
        self.tally: Counter[str] = Counter()
        self.patience = patience
        self._send = send

    def make(self, call: Call, url: str | None = None) -> ApiResponse:
        """Return the answer to a call, at `url` where it is another page of one.

        Raises an `UnfinishedError` that says what went wrong: `AmbiguousError` where a write may have been done.
        """
        for pause in (*_PAUSES, None):
            self.tally[f"{call.verb} {call.template}"] += 1
            answer = self._send(call, url or path_of(call))
            wait = self._wait(call, answer, pause)
            if wait is None or not self.patience.wait(wait):
                break
        if 200 <= answer.status < 300:
            return answer
        raise failure(call, answer, self.patience.clock())

    def _wait(self, call: Call, answer: ApiResponse, pause: float | None) -> float | None:
        """Return the seconds to wait before the next try; None for no further one."""
        if pause is None:
            return None
        limited = limit(answer, self.patience.clock())
        if limited is not None:
            return max(limited, pause)  # refused for the limit, so it was not done
        return pause if answer.is_unclear and call.is_repeatable else None


def path_of(call: Call) -> str:
    """Return the path of a call; nothing that varies adds a step to it but a repository's and a tag's slashes."""
    stepped = {"repository", "tag"}
    values = {name: quote(str(value), safe="/" * (name in stepped)) for name, value in call.values.items()}
    return call.template.format(**values)
