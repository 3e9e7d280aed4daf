"""The wire to GitHub: PyGithub carries the calls.

It brings the token, the base path of an Enterprise server, proxies, and one connection for all calls. Its objects
are not used: they fetch themselves again when an attribute is missing, calls that no one would count. Nor are its
retries, which repeat a POST whose outcome is unknown.
"""

from typing import TYPE_CHECKING

from research_logbook import __version__
from research_logbook.errors import UnfinishedError
from research_logbook.github.auth import Access
from research_logbook.github.errors import ApiResponse, Call

if TYPE_CHECKING:
    from github import Github

_HEADERS = {"Accept": "application/vnd.github+json"}


class Wire:
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
