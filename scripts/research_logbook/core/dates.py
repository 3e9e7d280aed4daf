"""Dates as logbooks write them: `2026-05-25`, `2026-05-25 04:50 PDT`, `2026-05-05T23:36Z`, `~03:16Z`."""

import datetime as dt
import re

from research_logbook.core.model import When

_ZONES = "Z|UTC|GMT|P[SD]?T|M[SD]T|C[SD]T|E[SD]?T|BST|CES?T|EES?T|WES?T|JST|KST|IST|SGT|HKT|AE[SD]T"
_DATE = re.compile(
    rf"""[\[(]?(?P<date>\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}})(?!\d)
         (?:(?:T|,?\s+(?:at\s+)?)[~≈]?(?P<time>\d{{1,2}}:\d{{2}})(?::\d{{2}}(?:\.\d+)?)?
            (?:\s*(?P<zone>(?:{_ZONES})\b|[+-]\d\d:?\d\d\b))?)?
         [\])]?""",
    re.VERBOSE,
)


def leading(text: str) -> tuple[When, str] | None:
    """Return the date that `text` begins with and the rest of it, or None."""
    match = _DATE.match(text)
    return (_when(match), text[match.end() :]) if match else None


def first(text: str) -> When | None:
    """Return the first date anywhere in `text`, or None."""
    match = _DATE.search(text)
    return _when(match) if match else None


def _when(match: re.Match[str]) -> When:
    written = match[0].strip("[]()")
    try:
        day = dt.date(*map(int, re.split(r"[-/.]", match["date"])))
        hour = dt.time(*map(int, match["time"].split(":"))) if match["time"] else None
    except ValueError:
        return When(written, None, None, match["zone"])
    return When(written, day, hour, match["zone"])
