"""How calls reach GitHub: through PyGithub or the standard library, repeated where that is safe.

A response other than success becomes an exception that says what failed and how to fix it.
"""

import datetime as dt
import json
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec

from research_logbook import __version__
from research_logbook.errors import UnfinishedError
from research_logbook.github import Access
from research_logbook.installation import missing_extra
from research_logbook.markdown.escape import printable
from research_logbook.secret_scanner import LONGEST_SECRET, KnownSecrets, masked


class MissingError(UnfinishedError):
    """There is no such thing on GitHub, or the token may not see it."""


class GoneError(MissingError):
    """It was there, and was deleted (410)."""


class TokenError(UnfinishedError):
    """GitHub takes the token for nobody's: no call will do."""


class MovedError(UnfinishedError):
    """It has moved: a repository was renamed, or an issue transferred."""


class DeniedError(UnfinishedError):
    """The token may not do this, or nobody may; `needs` are the permissions that would do, such as `issues`."""

    def __init__(self, message: str, help: str = "", needs: frozenset[str] = frozenset()) -> None:  # noqa: A002
        super().__init__(message, help)
        self.needs = needs


class LockedError(DeniedError):
    """The conversation is locked."""


class LimitedError(UnfinishedError):
    """The rate limit is reached: GitHub refuses all further calls for a while."""


class InvalidError(UnfinishedError):
    """GitHub rejected what was sent (422); `codes` are its words for the faults, such as `already_exists`."""

    def __init__(self, message: str, codes: frozenset[str]) -> None:
        super().__init__(message)
        self.codes = codes


class AmbiguousError(UnfinishedError):
    """A write failed in a way that leaves open whether it was done: look first, and only then write again."""


OF_ALL_SUBJECTS = (LimitedError, TokenError, DeniedError)
"""What goes wrong with all that comes after it, too, unless it is a `LockedError`."""

OF_ONE_SUBJECT = (MissingError, MovedError, LockedError, InvalidError, AmbiguousError)
"""What can go wrong with one issue while all is well with the next."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API."""

    verb: str
    template: str
    """The path, with names in braces for what varies."""
    doing: str
    """What it is for, to follow "could not"."""
    values: Mapping[str, str | int] = field(default_factory=dict)
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def writes(self) -> bool:
        """Whether it is to change something."""
        return self.verb != "GET"

    @property
    def is_repeatable(self) -> bool:
        """Whether doing it twice does no more than doing it once."""
        return self.verb in {"GET", "PUT", "DELETE"}


class ApiResponse(NamedTuple):
    """What came back; status 0 where nothing did, and then `body` says why."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: str

    @property
    def is_unclear(self) -> bool:
        """Whether it leaves open if the call was carried out."""
        return self.status == 0 or self.status >= 500 or self.is_foreign

    @property
    def is_foreign(self) -> bool:
        """Whether it says that all is well in a form that GitHub's API never has, such as a proxy's page."""
        if not 200 <= self.status < 300 or (self.status == 204 and not self.body):
            return False
        try:
            msgspec.json.decode(self.body, type=msgspec.Raw)
        except msgspec.MsgspecError:
            return True
        return False


def limit(answer: ApiResponse, now: float) -> float | None:
    """Return for how many seconds GitHub refuses further calls, at `now` in seconds since 1970; None for no limit.

    Source: GitHub's documentation, "Rate limits for the REST API", "Exceeding the rate limit".
    """
    if answer.status not in {403, 429}:
        return None
    after, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
    if _NUMBER.fullmatch(after):
        return min(int(after), _DAY)
    if answer.headers.get("x-ratelimit-remaining") == "0" and _NUMBER.fullmatch(reset):
        return min(max(1.0, int(reset) - now + 1), _DAY)
    is_limited = answer.status == 429 or _LIMITED.search(_explanation(answer)[0])
    return 60 if is_limited else None


_DAY = 86_400

_NUMBER = re.compile(r"[0-9]{1,15}")

_LIMITED = re.compile(r"rate limit|abuse detection|try again later|wait a few minutes", re.IGNORECASE)


def failure(call: Call, answer: ApiResponse, now: float) -> UnfinishedError:
    """Return the error that says why `call` failed, at `now` in seconds since 1970."""
    failed = f"could not {call.doing}"
    wait = limit(answer, now)
    if wait is not None:
        until = dt.datetime.fromtimestamp(now + wait, dt.UTC)
        return LimitedError(
            f"{failed}: GitHub rate limit reached; it resets at {until:%H:%M:%S} UTC on {until:%Y-%m-%d}",
            "run it again then; nothing is done twice",
        )
    if answer.is_foreign:
        return foreign(call, "it is no JSON")
    if answer.is_unclear:
        what = f"GitHub answered {answer.status}" if answer.status else f"GitHub did not answer ({answer.body})"
        if call.is_repeatable:
            return UnfinishedError(f"{failed}: {what}", "check https://www.githubstatus.com, and run it again")
        return AmbiguousError(
            f"{what}, so it is not known whether it did {call.doing}",
            "run it again: it checks first, and does nothing twice",
        )
    if 300 <= answer.status < 400:
        return MovedError(
            f"{failed}: it has moved", "if the repository was renamed, pass its new name: --repo OWNER/NAME"
        )
    return _refusal(failed, answer)


def foreign(call: Call, why: str) -> UnfinishedError:
    """Return the error for an answer that is not what GitHub's documentation promises."""
    failed, fix = (
        f"could not {call.doing}: the response is not from GitHub's API ({why})",
        "check GITHUB_API_URL, and any proxy in between",
    )
    return (UnfinishedError if call.verb == "GET" else AmbiguousError)(failed, fix)


def _refusal(failed: str, answer: ApiResponse) -> UnfinishedError:
    message, details, codes = _explanation(answer)
    text = "; ".join(filter(None, [message, *details]))
    quote = f" (“{printable(masked(text[: 300 + LONGEST_SECRET])[:300])}”)" if text else ""
    match answer.status:
        case 401:
            return TokenError(
                f"{failed}: GitHub rejected the token (401)",
                "it may have expired or been revoked: set GITHUB_TOKEN or GH_TOKEN to a valid one",
            )
        case 403 if "issue is locked" in message:
            return LockedError(f"{failed}: the conversation is locked", "unlock it, then run it again")
        case 403:
            return _denied(failed, answer, quote)
        case 404 | 410:
            return (GoneError if answer.status == 410 else MissingError)(
                f"{failed}: not found on GitHub{quote}",
                "check the repository and the number, and that the token may read the repository",
            )
        case 422:
            return InvalidError(f"{failed}: GitHub rejected the request (422){quote}", codes)
    return UnfinishedError(
        f"{failed}: GitHub answered {answer.status}{quote}", "check https://www.githubstatus.com, and run it again"
    )


_PERMISSION = re.compile(r"([a-z_]+)=(read|write|admin)")


def _denied(failed: str, answer: ApiResponse, quote: str) -> DeniedError:
    # Sets of permissions stand between semicolons, any of which would do (GitHub's changelog, 2023-08-10).
    header = answer.headers.get("x-accepted-github-permissions", "")
    sets = (_PERMISSION.findall(one) for one in header.split(";"))
    enough = [" and ".join(f"`{name.replace('_', '-')}: {level}`" for name, level in one) for one in sets if one]
    if not enough:
        return DeniedError(f"{failed}: GitHub denied permission{quote}", "use a token that may do this")
    return DeniedError(
        f"{failed}: the token lacks permission",
        f"under the job's `permissions:`, add {' or '.join(enough)}",
        frozenset(name for name, _ in _PERMISSION.findall(header)),
    )


def _explanation(answer: ApiResponse) -> tuple[str, list[str], frozenset[str]]:
    """Return what GitHub says: its message, its details, and the codes of its errors; nothing for another form."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return "", [], frozenset()
    message, errors = body.get("message"), body.get("errors")
    details: list[str] = []
    codes: set[str] = set()
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, str):
            details.append(error)
        elif isinstance(error, dict):
            words = [error.get(key) for key in ("resource", "field", "code", "message")]
            details.append(" ".join(word for word in words if isinstance(word, str)))
            codes |= {code for code in [error.get("code")] if isinstance(code, str)}
    return message if isinstance(message, str) else "", details, frozenset(codes)


# Connections, and retries


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
            raise missing_extra("github") from error
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
                call.verb,
                url,
                parameters=_as_text(call.parameters),
                headers={"Accept": _ACCEPT},
                input=_as_text(call.body),
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


def _as_text(value: Any) -> Any:
    """Return what is sent without what is no text, such as bytes in the name of a file: GitHub refuses that."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case Mapping():
            return {key: _as_text(item) for key, item in value.items()}
        case list() | tuple():
            return [_as_text(item) for item in value]
    return value


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect: the token is for one host alone."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Return no further request."""


class UrllibTransport:
    """Reads through the standard library with one token; `timeout` bounds each wait, in seconds.

    It is for a lint, which asks four questions at most: PyGithub and what it needs are 24 MB, three times all else
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
            url = f"{self._access.api_url}{url}" + (
                f"?{urlencode(_as_text(call.parameters))}" if call.parameters else ""
            )
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


_BETWEEN_WRITES = 1.0


class RetryBudget:
    """How long a run may wait for GitHub in all, in seconds; `clock` tells seconds since 1970."""

    def __init__(
        self, seconds: float = 180, clock: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.clock = clock
        self._left = seconds
        self._sleep = sleep

    def wait(self, seconds: float, spare: float = 0.0) -> bool:
        """Wait, and return True; or return False at once where the budget does not cover it and what is to `spare`."""
        if seconds + spare > self._left:
            return False
        self._left -= seconds
        self._sleep(seconds)
        return True

    def rest(self, seconds: float) -> None:
        """Wait between writes, which does not count against the budget."""
        self._sleep(seconds)


class RetryingTransport:
    """Makes calls, and repeats them where that is safe; `tally` counts each try by verb and template."""

    def __init__(
        self, send: Callable[[Call, str], ApiResponse], budget: RetryBudget, secrets: KnownSecrets | None = None
    ) -> None:
        """Send calls so; `secrets` are never read out of an answer, whoever repeats them there."""
        self._secrets = secrets or KnownSecrets(())
        self.tally: Counter[str] = Counter()
        self.budget = budget
        self._send = send
        self._last_write = -math.inf

    def send(self, call: Call, url: str | None = None) -> ApiResponse:
        """Return the answer to a call, at `url` where it is a further page of one.

        Raises an `UnfinishedError` that says what went wrong: `AmbiguousError` where a write may have been done.
        """
        for pause in (1.0, 2.0, 4.0, None):
            self._pace(call)
            self.tally[f"{call.verb} {call.template}"] += 1
            answer = self._send(call, url or path_of(call))
            if call.writes:
                self._last_write = self.budget.clock()
            answer = answer._replace(body=self._secrets.mask(answer.body))
            limited = limit(answer, self.budget.clock())
            is_safe = limited is not None or (answer.is_unclear and call.is_repeatable)  # refused, so it was not done
            if pause is None or not is_safe or not self.budget.wait(max(limited or 0, pause)):
                break
            self._last_write = -math.inf  # longer ago than a second by now
        if 200 <= answer.status < 300 and not answer.is_foreign:
            return answer
        raise failure(call, answer, self.budget.clock())

    def _pace(self, call: Call) -> None:
        """Let a second pass between two writes.

        Source: GitHub's documentation, "Best practices for using the REST API", "Pause between mutative requests".
        """
        waited = max(0.0, self.budget.clock() - self._last_write)
        if call.writes and waited < _BETWEEN_WRITES:
            self.budget.rest(_BETWEEN_WRITES - waited)


def path_of(call: Call) -> str:
    """Return the path of a call; only the slashes of a repository's and a tag's name separate steps of it."""
    with_slashes = {"repository", "tag"}
    values = {
        name: quote(str(value), safe="/" * (name in with_slashes), errors="surrogateescape")
        for name, value in call.values.items()
    }
    return call.template.format(**values)
