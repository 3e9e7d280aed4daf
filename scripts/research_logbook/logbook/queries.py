"""Questions to a logbook that is read: one definition for each. Pure."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from research_logbook.logbook.model import Entry, Field
from research_logbook.logbook.references import ties_of

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
