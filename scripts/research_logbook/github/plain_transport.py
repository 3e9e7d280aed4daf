"""The wire to GitHub of a lint, which asks three questions at most: the standard library's, for want of PyGithub.

PyGithub and what it needs are 24 MB, three times all else that a lint installs. The manners are the same, because
`calls` and `failures` have them; only reading is done here.
"""

from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from research_logbook import __version__
from research_logbook.github.auth import Access
from research_logbook.github.errors import ApiResponse, Call

_LARGEST = 10_000_000
"""Bytes of an answer that are read."""


class _Stay(HTTPRedirectHandler):
    """Follows no move: the token is for one host alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return no further request."""


class PlainWire:
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
