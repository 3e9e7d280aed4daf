"""How calls reach GitHub: a connection through PyGithub or the standard library, and retries where they are safe."""

import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from research_logbook import __version__
from research_logbook.errors import UnfinishedError
from research_logbook.github.auth import Access
from research_logbook.github.errors import ApiResponse, Call, failure, limit

_ACCEPT = "application/vnd.github+json"
_USER_AGENT = f"research-logbook/{__version__}"


class PyGithubTransport:
    """Makes calls through PyGithub with one token; `timeout` bounds each wait, in seconds.

    It brings the token, the base path of an Enterprise server, proxies, and one connection for all calls. Its objects
    are not used: they fetch themselves again when an attribute is missing, calls that no one would count. Nor are its
    retries, which repeat a POST whose outcome is unknown.
    """

    def __init__(self, access: Access, timeout: int) -> None:
        try:
            from urllib3 import Retry  # noqa: PLC0415

            from github import Auth, Github  # noqa: PLC0415 - takes 0.3 s, which only a run that asks GitHub pays
        except ImportError as error:
            raise UnfinishedError(
                "this command needs the `github` extra", "pip install 'research-logbook[github]'"
            ) from error
        self._client = Github(
            auth=Auth.Token(access.token),
            base_url=access.api_url,
            user_agent=_USER_AGENT,
            timeout=timeout,
            seconds_between_requests=None,
            seconds_between_writes=None,
            # No try but the first; and PyGithub would follow a move to another address without its query.
            retry=Retry(0, status_forcelist={301}, allowed_methods=None, respect_retry_after_header=False),
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def send(self, call: Call, url: str) -> ApiResponse:
        """Make a call once; `url` is a path below the API's, or the whole address of a further page."""
        from requests import exceptions  # noqa: PLC0415 - PyGithub has imported it

        try:
            status, headers, body = self._client.requester.requestJson(
                call.verb, url, parameters=dict(call.parameters), headers={"Accept": _ACCEPT}, input=call.body
            )
        except exceptions.RetryError:
            return ApiResponse(301, {}, "")
        except exceptions.RequestException as error:
            # Not its own words: they hold addresses, and could hold a token.
            reasons = {
                exceptions.SSLError: "its certificate is not trusted",
                exceptions.ProxyError: "the proxy refused the connection",
                exceptions.Timeout: "the request timed out",
                exceptions.ConnectionError: "the connection failed",
            }
            reason = next((text for kind, text in reasons.items() if isinstance(error, kind)), type(error).__name__)
            return ApiResponse(0, {}, reason)
        return ApiResponse(status, headers, body)


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect: the token is for one host alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return no further request."""


class UrllibTransport:
    """Reads through the standard library with one token; `timeout` bounds each wait, in seconds.

    It is for a lint, which asks three questions at most: PyGithub and what it needs are 24 MB, three times all else
    that a lint installs.
    """

    def __init__(self, access: Access, timeout: int) -> None:
        self._access = access
        self._timeout = timeout
        self._opener = build_opener(_NoRedirects)

    def close(self) -> None:
        """Close nothing: each call has a connection of its own."""

    def send(self, call: Call, url: str) -> ApiResponse:
        """Make a call once; `url` is a path below the API's, or the whole address of a further page."""
        if not url.startswith(f"{self._access.api_url}/"):
            url = f"{self._access.api_url}{url}" + (f"?{urlencode(call.parameters)}" if call.parameters else "")
        headers = {"Accept": _ACCEPT, "Authorization": f"token {self._access.token}", "User-Agent": _USER_AGENT}
        try:
            request = Request(url, headers=headers)  # noqa: S310 - `Access` lets http and https pass
            try:
                answer = self._opener.open(request, timeout=self._timeout)
            except HTTPError as error:
                answer = error
            with answer:
                body = answer.read(10_000_000).decode("utf-8", "replace")
                return ApiResponse(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)
        except (OSError, HTTPException, ValueError):
            return ApiResponse(0, {}, "the connection failed or timed out")


class RetryBudget:
    """How long a run may wait for GitHub in all, in seconds; `clock` tells seconds since 1970."""

    def __init__(
        self, seconds: float = 180, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.clock = clock
        self._left = seconds
        self._sleep = sleep

    def wait(self, seconds: float) -> bool:
        """Wait, and return True; or return False at once where the budget does not cover it."""
        if seconds > self._left:
            return False
        self._left -= seconds
        self._sleep(seconds)
        return True

    def rest(self, seconds: float) -> None:
        """Wait between writes, which does not count against the budget."""
        self._sleep(seconds)


class RetryingTransport:
    """Makes calls, and repeats them where that is safe; `tally` counts each try by verb and template."""

    def __init__(self, send: Callable[[Call, str], ApiResponse], budget: RetryBudget) -> None:
        self.tally: Counter[str] = Counter()
        self.budget = budget
        self._send = send

    def send(self, call: Call, url: str | None = None) -> ApiResponse:
        """Return the answer to a call, at `url` where it is a further page of one.

        Raises an `UnfinishedError` that says what went wrong: `AmbiguousError` where a write may have been done.
        """
        for pause in (1.0, 2.0, 4.0, None):
            self.tally[f"{call.verb} {call.template}"] += 1
            answer = self._send(call, url or path_of(call))
            limited = limit(answer, self.budget.clock())
            is_safe = limited is not None or (answer.is_unclear and call.is_repeatable)  # refused, so it was not done
            if pause is None or not is_safe or not self.budget.wait(max(limited or 0, pause)):
                break
        if 200 <= answer.status < 300:
            return answer
        raise failure(call, answer, self.budget.clock())


def path_of(call: Call) -> str:
    """Return the path of a call; only the slashes of a repository's and a tag's name separate steps of it."""
    with_slashes = {"repository", "tag"}
    values = {name: quote(str(value), safe="/" * (name in with_slashes)) for name, value in call.values.items()}
    return call.template.format(**values)
