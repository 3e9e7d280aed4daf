"""What is asked of a logbook that was read: one answer to each question, wherever it is asked. Pure."""

import datetime as dt
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Entry, Field, Logbook
from research_logbook.logbook.references import ties_of

# Values: still to come, or nothing


def _spaced(expression: str) -> re.Pattern[str]:
    """Compile an expression in which a space stands for any white space."""
    return re.compile(expression.replace(" ", r"\s++"), re.IGNORECASE)


_KINDS = "|".join(f"(?P<{kind}>{words})" for kind, words in vocabulary.PENDING.items())
_PENDING = _spaced(
    r"(?:[\s_*`~(\"'\[<]|[^\w\s!-~–—…])*+(?:(?:the )?results? )?(?:(?:is|are|still|currently) )*+"
    rf"(?:{_KINDS})(?![^\W_]|-|/\w)"
)
_NO_WORD = re.compile(r"[\s_*`~(\"'\[<]*+(?:[-–—?…]++|\.\.\.|[⌛⏳]\ufe0f?)[\s_*`~)\"'\]>.]*+\Z")
_MARKS = re.compile(r"[\s!-/:-@\[-`{-~–—…“”‘’\u200b\ufeff]*+\Z")
_GOES_ON = re.compile(r"[\s_*`~]++(?=[^\W_])")
_CIRCUMSTANCE = re.compile(rf"(?:{vocabulary.CIRCUMSTANCES})\b", re.IGNORECASE)
_CLAUSE = re.compile(rf"\b(?:{vocabulary.VERBS})\b", re.IGNORECASE)


def pending_phrase(text: str) -> re.Match[str] | None:
    """Return the words by which `text` begins to say that it is still to come, in the group of their kind, or None."""
    return _PENDING.match(text)


def is_pending(text: str) -> bool:
    """Return whether a value says that it is still to come: it begins by saying so, and holds no measurement.

    "pending (baseline took 10.5 h)" is pending; "pending requests fell to 3.2 s" is a result, and so is "running the
    sweep showed no gain". A dash, dots or a question mark alone are pending.
    """
    phrase = _PENDING.match(text)
    if phrase is None:
        return _NO_WORD.match(text) is not None
    if vocabulary.is_measured(vocabulary.without_asides(text)):
        return False
    rest = _GOES_ON.match(text, phrase.end())
    if rest is None or _CIRCUMSTANCE.match(text, rest.end()):
        return rest is None or phrase["alone"] is None
    if phrase["state"]:
        return _CLAUSE.search(text, rest.end(), rest.end() + 200) is None
    return phrase["alone"] is None and phrase["plan"] is None


def is_placeholder(text: str) -> bool:
    """Return whether all of `text` says that something is still to come, or nothing at all; "submitted" says more."""
    phrase = _PENDING.match(text)
    start = phrase.end() if phrase and not phrase["plan"] else 0
    return _MARKS.match(text, start) is not None or _NO_WORD.match(text) is not None


_NONE = _spaced(rf"[\W_]*+(?:{vocabulary.NONE}|{vocabulary.NOT_APPLICABLE})(?: (?:yet|so far|to date))?[\W_]*+\Z")
_AFTER = (
    r"(?:[^\S\n]*+(?:[_*.,:;!(–—-]|\n|\Z)| (?:needed|required|planned|remaining|left|known|recorded|to report|further|"
    r"else|yet|so far|to date|for|because|since|as|here|in this|to this|at)\b)"
)
_BEGINS_WITH_NONE = _spaced(rf"[\W_]*+(?:{vocabulary.NONE}){_AFTER}")
_BEGINS_WITH_NOT_APPLICABLE = _spaced(rf"[\W_]*+(?:{vocabulary.NOT_APPLICABLE}){_AFTER}")


def is_none(text: str) -> bool:
    """Return whether all of `text` says that there is nothing, or nothing stands there: "none yet", "n/a", a dash."""
    return _MARKS.match(text) is not None or _NONE.match(text) is not None


def says_none(text: str) -> bool:
    """Return whether `text` begins by saying that there is nothing: "none", "none needed", "no next steps: …"."""
    return _BEGINS_WITH_NONE.match(text) is not None


def says_not_applicable(text: str) -> bool:
    """Return whether `text` begins by saying that it does not apply: "N/A: no model was trained"."""
    return _BEGINS_WITH_NOT_APPLICABLE.match(text) is not None


# Entries: their results


def has_result(entry: Entry) -> bool:
    """Return whether an entry has a result: a measured number, or words that are not pending; a failure is one."""
    return entry.is_measured or any(not field.is_pending for field in entry.all("result"))


def pending_result(entry: Entry) -> Field | None:
    """Return the field of an entry's result where all of it is still to come."""
    results = list(entry.all("result"))
    return results[0] if results and all(field.is_pending for field in results) else None


_ANY = ""


def unanswered(book: Logbook) -> Iterator[tuple[Entry, Field]]:
    """Yield the entries whose result is pending, each with its field, that no other entry answers.

    An entry answers another when both are tied, it is not dated before the other, and it has a result. Nothing ties an
    entry without an ID or a job to others, so any later result may be its answer.
    """
    pending = [(entry, field) for entry in book.everything if (field := pending_result(entry))]
    days: defaultdict[str, list[dt.date]] = defaultdict(list)
    for entry in filter(has_result, book.everything if pending else ()):
        for tie in (_ANY, *ties_of(entry)):
            # An entry without a day may be the latest of all.
            days[tie].append(_day(entry) or dt.date.max)
    for found in days.values():
        found.sort()
    for entry, field in pending:
        day, itself = _day(entry), int(has_result(entry))
        later = [days[tie][bisect_left(days[tie], day) if day else 0 :] for tie in ties_of(entry) or {_ANY}]
        if all(len(found) <= itself for found in later):
            yield entry, field


def _day(entry: Entry) -> dt.date | None:
    return entry.when.date if entry.when else None


# Logbooks: the order in which they grew


def is_newest_first(book: Logbook) -> bool | None:
    """Return whether a log grows at its top: most entries are later than the one below. None where no date tells.

    One date that is out of order tells nothing; where as many steps lead up as down, the first entry and the last do.
    """
    dated = [entry.when for entry in book.entries if entry.when and entry.when.date]
    steps = [above.is_after(below) for above, below in pairwise(dated)]
    down, up = steps.count(True), steps.count(False)
    if down == up:
        return dated[0].is_after(dated[-1]) if up else None
    return down > up


def oldest_first(book: Logbook) -> tuple[Entry, ...]:
    """Return the entries in the order in which the log grew."""
    return book.everything[::-1] if is_newest_first(book) else book.everything


def last_entry(book: Logbook) -> Entry | None:
    """Return the entry that the log ends with."""
    return next(iter(oldest_first(book)[::-1]), None)


def last_result(book: Logbook) -> Entry | None:
    """Return the last entry that has a result."""
    return next(filter(has_result, oldest_first(book)[::-1]), None)
