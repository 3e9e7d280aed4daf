"""What GitHub's refusals mean: an answer that is none becomes an error with a sentence, and what to do about it."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from research_logbook.errors import UnfinishedError
from research_logbook.markdown.escape import printable

_LONGEST_QUOTE = 300
_DAY = 86_400
_NO_LIMIT_SAID = 60
"""Seconds to wait where a limit says nothing (GitHub's documentation, "Exceeding the rate limit")."""


class MissingError(UnfinishedError):
    """GitHub knows no such thing, or hides it from the token."""


class MovedError(UnfinishedError):
    """It stands elsewhere now: a repository was renamed, or an issue transferred."""


class DeniedError(UnfinishedError):
    """The token may not do this, or nobody may; `needs` are the permissions that would do, such as `issues`."""

    def __init__(self, message: str, help: str = "", needs: frozenset[str] = frozenset()) -> None:  # noqa: A002
        super().__init__(message, help)
        self.needs = needs


class LockedError(DeniedError):
    """The conversation is locked."""


class LimitedError(UnfinishedError):
    """GitHub wants no more calls for a while, whatever they are for."""


class InvalidError(UnfinishedError):
    """GitHub found fault with what was sent; `codes` are its words for the faults, such as `already_exists`."""

    def __init__(self, message: str, codes: frozenset[str]) -> None:
        super().__init__(message)
        self.codes = codes


class AmbiguousError(UnfinishedError):
    """A write failed in a way that does not tell whether it was done: look again, and only then write again."""


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
        return self.status == 0 or self.status >= 500


_LIMITED = re.compile(r"rate limit|abuse detection|try again later|wait a few minutes", re.IGNORECASE)


def limit(answer: ApiResponse, now: float) -> float | None:
    """Return for how many seconds GitHub wants no more calls, at `now` in seconds since 1970; None for no limit.

    Source: GitHub's documentation, "Rate limits for the REST API".
    """
    if answer.status not in {403, 429}:
        return None
    after, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
    if _is_number(after):
        return min(int(after), _DAY)
    if answer.headers.get("x-ratelimit-remaining") == "0" and _is_number(reset):
        return min(max(1.0, int(reset) - now + 1), _DAY)
    if answer.status == 429 or _LIMITED.search(_message(answer)):
        return _NO_LIMIT_SAID
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def failure(call: Call, answer: ApiResponse, now: float) -> UnfinishedError:
    """Return the error that says why `call` failed, at `now` in seconds since 1970."""
    could_not = f"could not {call.doing}"
    wait = limit(answer, now)
    if wait is not None:
        return _limited(could_not, now + wait)
    if answer.is_unclear:
        return _unclear(call, answer)
    return _REFUSALS.get(answer.status, _moved if 300 <= answer.status < 400 else _other)(could_not, answer)


def _limited(could_not: str, until: float) -> LimitedError:
    when = dt.datetime.fromtimestamp(until, dt.UTC)
    return LimitedError(
        f"{could_not}: GitHub wants no more calls with this token before {when:%H:%M:%S} UTC on {when:%Y-%m-%d}",
        "run it again then; what is done already is not done twice",
    )


def _unclear(call: Call, answer: ApiResponse) -> UnfinishedError:
    what = f"answered {answer.status}" if answer.status else f"did not answer ({answer.body})"
    if call.is_repeatable:
        return UnfinishedError(
            f"could not {call.doing}: GitHub {what}", "see https://www.githubstatus.com, and run it again"
        )
    return AmbiguousError(
        f"it is not known whether GitHub did {call.doing}: it {what}",
        "run it again: it looks first, and does nothing twice",
    )


def _unknown_token(could_not: str, _: ApiResponse) -> UnfinishedError:
    return UnfinishedError(
        f"{could_not}: GitHub does not accept the token",
        "it may have expired or been revoked: set GITHUB_TOKEN or GH_TOKEN to one that is valid",
    )


_PERMISSION = re.compile(r"([a-z_]+)=(read|write|admin)")


def _denied(could_not: str, answer: ApiResponse) -> UnfinishedError:
    if "issue is locked" in _message(answer):
        return LockedError(f"{could_not}: the conversation is locked", "unlock it, then run it again")
    # Sets of permissions stand between semicolons, any of which would do (GitHub's changelog, 2023-08-10).
    header = answer.headers.get("x-accepted-github-permissions", "")
    sets = (_PERMISSION.findall(one) for one in header.split(";"))
    enough = [" and ".join(f"`{name.replace('_', '-')}: {level}`" for name, level in one) for one in sets if one]
    if not enough:
        return DeniedError(f"{could_not}: GitHub refuses it{_quoted(answer)}", "use a token that may do this")
    return DeniedError(
        f"{could_not}: the token may not",
        f"under the job's `permissions:`, add {' or '.join(enough)}",
        frozenset(name for name, _ in _PERMISSION.findall(header)),
    )


def _missing(could_not: str, answer: ApiResponse) -> UnfinishedError:
    return MissingError(
        f"{could_not}: GitHub knows no such thing{_quoted(answer)}",
        "check the repository's name and the number, and that the token may read the repository",
    )


def _invalid(could_not: str, answer: ApiResponse) -> UnfinishedError:
    message = f"{could_not}: GitHub finds fault with what was sent{_quoted(answer)}"
    return InvalidError(message, frozenset(_codes(answer)))


def _moved(could_not: str, _: ApiResponse) -> UnfinishedError:
    return MovedError(
        f"{could_not}: it stands elsewhere now",
        "if the repository was renamed, name it as it is called now: --repo OWNER/NAME",
    )


def _other(could_not: str, answer: ApiResponse) -> UnfinishedError:
    return UnfinishedError(f"{could_not}: GitHub answered {answer.status}{_quoted(answer)}")


_REFUSALS: Mapping[int, Callable[[str, ApiResponse], UnfinishedError]] = {
    401: _unknown_token,
    403: _denied,
    404: _missing,
    410: _missing,
    422: _invalid,
}


def _quoted(answer: ApiResponse) -> str:
    """Return what GitHub says, to end a sentence with."""
    said = "; ".join(filter(None, [_message(answer), *_details(answer)]))
    return f" (“{printable(said[:_LONGEST_QUOTE])}”)" if said else ""


def _message(answer: ApiResponse) -> str:
    said = _read(answer).get("message")
    return said if isinstance(said, str) else ""


def _details(answer: ApiResponse) -> Iterator[str]:
    for error in _errors(answer):
        yield error if isinstance(error, str) else " ".join(str(word) for word in _words(error))


def _words(error: Mapping[str, Any]) -> list[Any]:
    return [error[key] for key in ("resource", "field", "code", "message") if isinstance(error.get(key), str)]


def _codes(answer: ApiResponse) -> Iterator[str]:
    for error in _errors(answer):
        if isinstance(error, dict) and isinstance(error.get("code"), str):
            yield error["code"]


def _errors(answer: ApiResponse) -> list[Any]:
    errors = _read(answer).get("errors")
    return [error for error in errors if isinstance(error, (str, dict))] if isinstance(errors, list) else []


def _read(answer: ApiResponse) -> dict[str, Any]:
    try:
        read = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
