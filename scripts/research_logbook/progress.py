"""What long work shows of itself: one line on a terminal, after a second, and nothing of it in the end."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_PATIENCE = 1.0
"""Seconds for which nothing is shown: most work has ended then."""
_PACE = 0.1
_ERASE = "\r\x1b[K"


class Progress:
    """The line; without a way to `draw` it there is none."""

    def __init__(self, draw: Callable[[str], None] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._draw = draw
        self._clock = clock
        self._is_shown = False

    def over(self, what: str, items: Iterable[Item], total: int | None = None, each: int = 1) -> Iterator[Item]:
        """Yield the items, and show how many are done; `total` is how many there are, an item stands for `each`.

        `what` is our own words.
        """
        if self._draw is None:
            yield from items
            return
        shown_at = self._clock() + _PATIENCE - _PACE
        try:
            for number, item in enumerate(items):
                now = self._clock()
                if now >= shown_at + _PACE:
                    shown_at = now
                    of_all = "" if total is None else f" of {total}"
                    self._draw(f"{_ERASE}{what}: {number * each}{of_all}")
                    self._is_shown = True
                yield item
        finally:
            self.clear()

    def clear(self) -> None:
        """Take the line away, before anything else is printed and in the end."""
        if self._is_shown and self._draw:
            self._is_shown = False
            self._draw(_ERASE)


SILENT = Progress()
