"""Regular expressions that people write into the configuration: which are refused, so that searching ends.

Python's `re` tries every way in which an expression can fit, and knows no limit of time. So an expression
may hold at most `MOST_CHOICES` quantifiers and groups with alternatives, `MOST_OPEN` of them without an upper
end, and nothing may repeat without end what can itself fit in several ways, such as `(a+)+`. The time is then
bounded by a power of the length of the text, no longer exponential in it: search a line at a time.
"""

import re
import warnings

from research_logbook.core.refusal import Refusal

LONGEST = 300
MOST_CHOICES = 10
MOST_OPEN = 3

_CHARACTER = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_COMMENT = re.compile(r"\(\?#[^)]*\)")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})[+?]?")
_GROUP = re.compile(rf"\((?:\?(?:P?<\w+>|<?[=!]|>|P=|[\w-]*:?))?(?P<body>[^()]*)\)(?P<quantifier>{_QUANTIFIER.pattern})?")

_SLOW = Refusal("repeats a group that can itself fit in several ways", "write the group without `+`, `*` or `|` in it, or give its repetition an upper end such as `{1,4}`")
_MANY = Refusal(
    f"has more than {MOST_CHOICES} quantifiers and alternatives, or {MOST_OPEN} without an upper end",
    "write several shorter expressions, or an upper end such as `{1,40}`",
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
        warnings.simplefilter("error")  # Python only warns of a set such as `[[a]`, which it may read otherwise
        try:
            re.compile(expression)
        except (re.error, OverflowError, RecursionError, Warning) as error:
            return Refusal(f"is no regular expression: {error}", "correct it, or put a `\\` before what stands for itself")
    return None
