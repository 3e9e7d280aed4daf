"""What ties the entries of a logbook to each other: their experiment IDs, and the jobs and runs that they name."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from string import ascii_lowercase

from research_logbook.logbook.entry_references import jobs_of
from research_logbook.logbook.model import Entry, Field


def ties_of(entry: Entry) -> set[str]:
    """Return what ties an entry to others: its IDs, the letter of a rerun left out, and the jobs and runs it names."""
    return {*(name.rstrip(ascii_lowercase) for name in entry.ids), *jobs_of(entry)}


def unexplained(asked: Iterable[Entry], entries: Iterable[Entry], explains: Callable[[Entry], bool]) -> Iterator[Entry]:
    """Yield those of `asked` that do not explain themselves, and that none of `entries` which is tied to them does.

    Each entry is looked at once or twice, however many are tied to it.
    """
    left = [entry for entry in asked if not explains(entry)]
    known = {tie for entry in entries if explains(entry) for tie in ties_of(entry)} if left else set()
    yield from (entry for entry in left if known.isdisjoint(ties_of(entry)))


_ANY = ""


class Results:
    """The days of the entries that hold a result, by what ties them to others."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._days: defaultdict[str, list[dt.date]] = defaultdict(list)
        for entry in filter(_has_result, entries):
            for tie in (_ANY, *ties_of(entry)):
                # An entry without a day may be the latest of all.
                self._days[tie].append(_day(entry) or dt.date.max)
        for days in self._days.values():
            days.sort()

    def answer(self, entry: Entry) -> bool:
        """Return whether another entry that is tied to this one, and is not dated before it, holds a result."""
        itself = int(_has_result(entry))
        # Nothing ties an entry without an ID or a job to others, so any later result may be its answer.
        return any(self._since(_day(entry), tie) > itself for tie in ties_of(entry) or {_ANY})

    def _since(self, day: dt.date | None, tie: str) -> int:
        days = self._days.get(tie, [])
        return len(days) - (bisect_left(days, day) if day else 0)


def pending_result(entry: Entry) -> Field | None:
    """Return the field of an entry's result where all of it is still to come."""
    results = list(entry.all("result"))
    return results[0] if results and all(field.is_pending for field in results) else None


def _has_result(entry: Entry) -> bool:
    return entry.is_measured or bool(entry.first("result") and not pending_result(entry))


def _day(entry: Entry) -> dt.date | None:
    return entry.when.date if entry.when else None
