"""The guard that every text passes before it is published: secrets and blocked text stay here.

It refuses, and redacts nothing: a comment with a hole would read as if it were whole.
"""

import re
from collections.abc import Collection, Iterator
from html import unescape
from typing import NamedTuple

import msgspec

from research_logbook.effects import Plan
from research_logbook.errors import Refusal
from research_logbook.patterns import blocked_text
from research_logbook.secret_scanner import find_secrets


def plan_refusal(plan: Plan, held_back: Collection[str]) -> Refusal | None:
    """Return why a plan must not be carried out: an effect would publish what must not be; None where it may.

    Every text of every effect counts. `held_back` are the configuration's regular expressions. The reason names the
    effect and the line, and never the text.
    """
    refusals = (
        text_refusal(str(effect), text, held_back)
        for effect in plan
        for text in _texts(msgspec.structs.astuple(effect))
    )
    return next(filter(None, refusals), None)


def text_refusal(name: str, text: str, held_back: Collection[str]) -> Refusal | None:
    """Return why a text must not be published; `name` says what it is in the reason, unless that is private too."""
    found = next(find_private(text, held_back), None)
    if found is None:
        return None
    shown = "an effect of the plan" if any(find_private(name, held_back)) else name
    return Refusal(
        f"nothing was written: {shown} would publish {found.what}, in line {found.line} of its text",
        "remove it at its source, such as the logbook or the issue; revoke a secret first",
    )


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case tuple() | list():
            for item in value:
                yield from _texts(item)


class PrivateText(NamedTuple):
    """What must not be published: its line, and what it is, in words."""

    line: int
    what: str


def find_private(text: str, held_back: Collection[str]) -> Iterator[PrivateText]:
    """Yield what must not be published, in a text as it is written and as a reader sees it."""
    for form in dict.fromkeys((text, _as_read(text))):
        for secret in find_secrets(form):
            yield PrivateText(secret.line, f"what looks like a secret ({secret.kind})")
        for blocked in blocked_text(form, held_back):
            yield PrivateText(blocked.line, f"text that pattern {blocked.number} of `held-back` matches")


def is_private(text: str, held_back: Collection[str]) -> bool:
    """Return whether a text holds what must not be published."""
    return any(find_private(text, held_back))


# Tags that GitHub shows nothing of inside of a word; `<redacted>` is none.
_TAGS = "a|b|code|del|em|font|i|ins|kbd|mark|s|samp|span|strong|sub|sup|tt|u|wbr"
_ESCAPE = re.compile(rf"</?(?:{_TAGS})\b[^<>\n]{{0,200}}>|\\(?=[!-/:-@\[-`{{-~])", re.IGNORECASE)


def _as_read(text: str) -> str:
    """Return Markdown without the escapes and tags that break a word up for GitHub and not for a reader."""
    return unescape(_ESCAPE.sub("", text))
