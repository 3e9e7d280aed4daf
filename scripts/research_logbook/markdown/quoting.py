"""Why a value from the configuration is refused, and how a message quotes it."""

from typing import NamedTuple

LONGEST_SHOWN = 60
"""Characters of the longest text from outside that a message quotes."""


class Refusal(NamedTuple):
    """What is wrong with a value, to follow its name in a sentence, and what to do about it."""

    why: str
    help: str


def visible(text: str) -> str:
    """Return text from outside in one line, without characters that hide or move others."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(text: str) -> str:
    """Return text from outside as a message quotes it: visible, short, and without the quotes themselves."""
    return visible(text[:LONGEST_SHOWN]).replace("`", "'") + "…" * (len(text) > LONGEST_SHOWN)
