"""Regular expressions that people write into the configuration: which are refused, so that searching ends.

Python's `re` tries every way in which an expression can fit, and knows no limit of time. So an expression
holds at most `MOST_CHOICES` quantifiers and groups with alternatives, at most `MOST_OPEN` of them without an
upper end, and repeats nothing without end that can itself fit in several ways, as `(a+)+` does. The time then
grows with a power of the length of the text and no longer exponentially: search a line at a time.
"""

import re
import warnings

from research_logbook.errors import Refusal

LONGEST = 300
MOST_CHOICES = 10
MOST_OPEN = 3

_CHARACTER = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_COMMENT = re.compile(r"\(\?#[^)]*\)")
_OPEN = re.compile(r"[*+]|\{\d*,\}")
_CHOICE = re.compile(r"[*+?]|\{\d*,\d*\}")
_QUANTIFIER = r"(?:[*+?]|\{\d*,\d*\}|\{\d+\})"
_LAZY = re.compile(rf"({_QUANTIFIER})[+?]")
_GROUP = re.compile(rf"\((?:\?(?:P?<\w+>|<?[=!]|>|P=|[\w-]*:?))?([^()]*)\)({_QUANTIFIER}?)")

_SLOW = Refusal(
    "repeats without end a group that can itself fit in several ways",
    "leave `+`, `*`, `?` and `|` out of the group, or end its repetition, as in `{1,4}`",
)
_MANY = Refusal(
    f"has over {MOST_CHOICES} quantifiers and alternatives, or over {MOST_OPEN} without an upper end",
    "write several shorter expressions, or an upper end as in `{1,40}`",
)


def refusal(expression: str) -> Refusal | None:
    """Return why `expression` is not used; None when it is."""
    if not expression:
        return Refusal("is empty", "write an expression, or delete the line")
    if len(expression) > LONGEST:
        return Refusal(f"is over {LONGEST} characters", "write several shorter ones")
    return _broken(expression) or _slow(expression) or _idle(expression)


def _broken(expression: str) -> Refusal | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Python warns of what it may read otherwise one day, such as `[[a]`
        try:
            re.compile(expression)
        except (re.error, ValueError, OverflowError, Warning) as error:
            return Refusal(
                f"is no regular expression: {error}",
                "correct it, or put a `\\` before what stands for itself",
            )
    return None


def _slow(expression: str) -> Refusal | None:
    """Replace the innermost group, again and again, by as many quantifiers as it can make choices."""
    text = _LAZY.sub(r"\1", _COMMENT.sub("", _CHARACTER.sub("a", expression)))
    while group := _GROUP.search(text):
        most = _most(group[2])
        open_ones, others = _choices(group[1])
        if most is None and open_ones + others:
            return _SLOW
        inner = _spelled(open_ones, others, most or 1) + (f"a{group[2]}" if _CHOICE.match(group[2]) else "a")
        text = text[: group.start()] + inner + text[group.end() :]
    open_ones, others = _choices(text.replace("|", ""))
    return _MANY if open_ones > MOST_OPEN or open_ones + others > MOST_CHOICES else None


def _most(quantifier: str) -> int | None:
    """Return how often a group can repeat; None for no end."""
    if _OPEN.match(quantifier):
        return None
    return int(re.sub(r".*,", "", quantifier.strip("{}?")) or 1)


def _choices(text: str) -> tuple[int, int]:
    """Return how many choices without an upper end there are in `text`, and how many others."""
    open_ones = len(_OPEN.findall(text))
    return open_ones, len(_CHOICE.findall(text)) - open_ones + ("|" in text)


def _spelled(open_ones: int, others: int, times: int) -> str:
    times = min(times, MOST_CHOICES + 1)  # one too many is enough to be refused
    return "a*" * (open_ones * times) + "a?" * (others * times)


def _idle(expression: str) -> Refusal | None:
    if re.search(expression, ""):
        return Refusal("fits an empty text, and so every line", "write what the line must hold")
    return None
