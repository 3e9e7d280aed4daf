"""Calls of GitHub's API, one after the other: counted, and repeated where that is safe, for a bounded time."""

import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote

from research_logbook.github.errors import ApiResponse, Call, failure, limit

_PAUSES = (1.0, 2.0, 4.0)
"""Seconds before each further try."""


class Patience:
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


class Calls:
    """Makes calls; `tally` counts them by verb and template, each try of its own."""

    def __init__(self, send: Callable[[Call, str], ApiResponse], patience: Patience) -> None:
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
