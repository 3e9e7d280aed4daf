"""Dates as logbooks write them: `2026-05-25`, `2026-05-25 04:50 PDT`, `2026-05-05T23:36Z`, `May 2026`."""

import datetime as dt
import math
import re

from research_logbook.logbook.model import When

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?i:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)"
_DAY = rf"""
    (?P<date>\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}})(?!\d|\.\d)|
    (?<![\w.])(?P<dotted>(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.20[1-3]\d)(?![.\w])|
    (?P<named>{_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}|(?:\d{{1,2}}\s?[-–]\s?)?\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}\.?,?\s\d{{4}})(?!\d)
"""
_ZONE = (
    r"(?:UTC|GMT)[+-]\d{1,2}(?::?\d\d)?|Z|UTC|GMT|P[SD]?T|M[SD]T|C[SD]T|E[SD]?T|BST|CES?T|EES?T|WES?T|JST|KST|IST|"
    r"SGT|HKT|AE[SD]T|[+-]\d\d(?::?\d\d)?"
)
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s?[AaPp]\.?[Mm]\b\.?)?"
_TIME = rf"""
    (?:T|,?\s(?:at\s|@\s?|[-–—]\s|T)?)[~≈]?(?P<time>{_CLOCK}|\d{{4}}(?=\s?(?:Z|UTC)\b))
    (?:\s?[-–—]\s?[~≈]?{_CLOCK})?
    (?:\s?(?P<open>\()?(?P<zone>{_ZONE})(?!\w)(?(open)\)))?
"""
_DATE = re.compile(
    rf"""[\[(]?(?:{_WEEKDAY}\b\.?,?\s)?(?:{_DAY})
         (?P<weekday>,?\s\(?{_WEEKDAY}\b\.?\)?)?
         (?:{_TIME}|T(?:\d\d[hZ]?)?(?![\w:]))?
         (?:\s?(?:[-–—→]|to|until|\.\.\.?)\s?\d{{4}}-\d\d-\d\d(?:\s\d\d:\d\d)?)?
         [\])]?""",
    re.VERBOSE,
)
_MONTH_ALONE = re.compile(
    rf"[\[(]?(?P<month>(?P<year>20[1-3]\d)-(?P<number>0[1-9]|1[0-2])|(?P<name>{_MONTH})\.?,?\s(?P<its_year>20[1-3]\d))"
    r"(?![\w/]|[.-]\w)[\])]?"
)
_AT_END = re.compile(r"(?:\(|\[|\s[-–—|·@]\s|[:,]\s)$")


def leading(text: str) -> tuple[When, str] | None:
    """Return the date that `text` begins with, and the rest; None without one. Words are separated by one space."""
    match = _DATE.match(text)
    return (_when(match), text[match.end() :]) if match else None


def trailing(text: str) -> tuple[str, When] | None:
    """Return the date that `text` ends with, in brackets or after a dash, and what precedes it; None without one."""
    for match in _DATE.finditer(text):
        before = text[: match.start()] + match[0][: match[0].startswith(("(", "["))]
        if match.end() == len(text) and _AT_END.search(before):
            return _AT_END.sub("", before).rstrip(), _when(match)
    return None


def first(text: str) -> When | None:
    """Return the first date in `text`; None without one."""
    match = _DATE.search(text)
    return _when(match) if match else None


_INSIDE_NAME = re.compile(r"[\w/.-]$")
_GOES_ON = re.compile(r"[-/_.]?\w")
_OF_OTHERS = re.compile(
    r"(?:\b(?:of|since|vs\.?|versus|than|after|before|like|against|until|till|by|due|eta|expires?|deadline|planned|"
    r"scheduled|target|accessed|retrieved|updated|as of)|"
    r"[(\[,;]\s?(?:added|amended|deprecated|hardened|introduced|revised|superseded|upgraded))"
    r"(?: (?:on|for|at|the))?[:\s]*[\[(]?$",
    re.IGNORECASE,
)


def inside(text: str) -> When | None:
    """Return the date that `text` gives of itself somewhere in it; None without one.

    A part of a longer name is none, nor is one that is spoken of: "rerun of 2026-05-25", "due 2026-06-01".
    """
    for match in _DATE.finditer(text):
        before = text[: match.start()]
        ends = match.end() if match[0][-1] in ")]" else len(text)
        is_name = _INSIDE_NAME.search(before) or (ends == len(text) and _GOES_ON.match(text, match.end()))
        if not (is_name or _OF_OTHERS.search(before)):
            return _when(match)
    return None


def month(text: str) -> When | None:
    """Return the month that `text` begins with, or ends with in brackets or after a dash; None without one."""
    for match in _MONTH_ALONE.finditer(text):
        before = text[: match.start()] + match[0][: match[0].startswith(("(", "["))]
        if not match.start() or (match.end() == len(text) and _AT_END.search(before)):
            name = match["name"]
            number = _MONTHS.index(name[:3].casefold()) + 1 if name else int(match["number"])
            year = int(match["its_year"] if name else match["year"])
            return When(match["month"], dt.date(year, number, 1), is_month=True)
    return None


_OF_ID = re.compile(r"-(?P<year>20[1-3]\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)[a-z]?\Z")


def of_id(name: str) -> When | None:
    """Return the day that an experiment ID has for its number (`E-20260525b`); None for another ID."""
    match = _OF_ID.search(name)
    try:
        return When(match[0].strip("-"), dt.date(*map(int, match.groups()))) if match else None
    except ValueError:
        return None


def _when(match: re.Match[str]) -> When:
    day, zone = next(group for group in ("date", "dotted", "named") if match[group]), match["zone"]
    last = next(group for group in ("zone", "time", day) if match[group])
    written = match.string[match.start(day) : match.end(last) + bool(match["open"])]
    try:
        return When(written, _day(match), _time(match["time"]) if match["time"] else None, zone)
    except ValueError:
        return When(written, None, None, zone)


def _day(match: re.Match[str]) -> dt.date:
    if match["date"]:
        year, month, day = map(int, re.split(r"[-/.]", match["date"]))
        return dt.date(year, month, day)
    if match["dotted"]:
        day, month, year = map(int, match["dotted"].split("."))
        return dt.date(year, month, day)
    day, *_, year = map(int, re.findall(r"\d+", match["named"]))
    (name,) = re.findall(_MONTH, match["named"])
    return dt.date(year, _MONTHS.index(name[:3].casefold()) + 1, day)


_CLOCK_PARTS = re.compile(r"(?P<hour>\d{1,2}):?(?P<minute>\d{2})[^APap]*(?P<half>[APap])?")


def _time(written: str) -> dt.time:
    hour, minute, half = _CLOCK_PARTS.findall(written)[0]
    if half and 1 <= int(hour) <= 12:
        return dt.time(int(hour) % 12 + (12 if half in "Pp" else 0), int(minute))
    return dt.time(int(hour), int(minute))


def duration(seconds: float | None) -> str:
    """Return a time as `2 d 3 h`, `1 h 23 min`, `4 min 5 s` or `12 s`; a dash where it is not known."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next((index for index, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(
        f"{number} {unit}" for number, unit in parts[first : first + 2] if number or first == len(parts) - 1
    )
