"""What must not be published: secrets, and text that the configuration blocks under `held-back`.

Blocked text is written as regular expressions of RE2, whose time grows with the length of the text and with nothing
else.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from html import unescape
from typing import Any, NamedTuple

from research_logbook.errors import Refusal, UserError
from research_logbook.secret_scanner import find_secrets, masked


class PrivateText(NamedTuple):
    """What must not be published: its line, and what it is, in words."""

    line: int
    what: str


def find_private(text: str, held_back: Collection[str]) -> Iterator[PrivateText]:
    """Yield what must not be published, in a text as it is written and as a reader sees it."""
    for form in dict.fromkeys((text, unescape(_ESCAPE.sub("", text)))):
        for secret in find_secrets(form):
            yield PrivateText(secret.line, f"what looks like a secret ({secret.kind})")
        for blocked in blocked_text(form, held_back):
            yield PrivateText(blocked.line, f"text that pattern {blocked.number} of `held-back` matches")


def is_private(text: str, held_back: Collection[str]) -> bool:
    """Return whether a text holds what must not be published."""
    return any(find_private(text, held_back))


HELD_BACK = "[held back]"


def without_private(text: str, held_back: Collection[str]) -> str:
    """Return a text in which `[held back]` stands in the place of what must not be published.

    That is a credential, and each line that a pattern matches; where something is left even so, it is the whole text.
    """
    shown = masked(text)
    blocked = {it.line for it in blocked_text(shown, held_back)}
    if blocked:
        shown = "\n".join(HELD_BACK if line in blocked else it for line, it in enumerate(shown.split("\n"), 1))
    if not is_private(shown, held_back):
        return shown
    lines = (HELD_BACK if is_private(line, held_back) else line for line in shown.split("\n"))
    shown = "\n".join(lines)
    return HELD_BACK if is_private(shown, held_back) else shown


# What breaks a word up for GitHub and not for a reader: escapes, and tags that show nothing; `<redacted>` is none.
_TAGS = "a|b|code|del|em|font|i|ins|kbd|mark|s|samp|span|strong|sub|sup|tt|u|wbr"
_ESCAPE = re.compile(rf"</?(?:{_TAGS})\b[^<>\n]{{0,200}}>|\\(?=[!-/:-@\[-`{{-~])", re.IGNORECASE)


LONGEST_EXPRESSION = 300
LARGEST_PROGRAM = 4_000
"""Steps of a compiled expression: RE2 takes at most that many for a character of the text."""

_NOT_IN_RE2 = {
    "lookahead": re.compile(r"\(\?[=!]"),
    "lookbehind": re.compile(r"\(\?<[=!]"),
    "backreferences": re.compile(r"\(\?P=|\\[1-9]"),
    "conditionals": re.compile(r"\(\?\("),
    "comments": re.compile(r"\(\?#"),
    "atomic groups and possessive quantifiers": re.compile(r"\(\?>|[*+?}]\+"),
    r"`\Z`, only `\z`": re.compile(r"\\Z"),
}


def expression_refusal(expression: str) -> Refusal | None:
    """Return why `expression` cannot be used to search text; None when it can."""
    if not expression:
        return Refusal("is empty", "write an expression, or delete the line")
    if len(expression) > LONGEST_EXPRESSION:
        return Refusal(f"is over {LONGEST_EXPRESSION} characters", "write several shorter ones")
    try:
        compiled = _expression_compiled(expression)
    except ValueError as error:
        return _not_re2(expression, error)
    if compiled.programsize > LARGEST_PROGRAM:
        return Refusal("is too large once its repetitions are written out", "write several shorter ones")
    if compiled.search(""):
        return Refusal("matches empty text, and so every line", "write what the line must contain")
    ascii_only = Refusal(
        "combines letters beyond ASCII with `\\b` or `\\w`, which know ASCII only",
        "write `\\pL` for any letter, or leave out `\\b`",
    )
    return ascii_only if not expression.isascii() and re.search(r"\\[bBwW]", expression) else None


def _not_re2(expression: str, error: ValueError) -> Refusal:
    """Return why RE2 refuses an expression: by name, what it does not support; else in its own words."""
    lacking = next((what for what, written in _NOT_IN_RE2.items() if written.search(expression)), None)
    if lacking:
        return Refusal(f"cannot be used: RE2 does not support {lacking}", "write it without")
    return Refusal(f"is not a regular expression: {error}", "correct it; `\\` makes the next character literal")


class BlockedText(NamedTuple):
    """Where a text matches one of the expressions: line and column, and which expression it is, all from 1."""

    line: int
    column: int
    number: int


def blocked_text(text: str, expressions: Collection[str]) -> Iterator[BlockedText]:
    """Yield what matches in each line; raises `UserError` where this Python has no RE2."""
    if not expressions:
        return
    compiled = [_expression_compiled(expression) for expression in expressions]
    for line, content in enumerate(text.encode(errors="replace").decode().split("\n"), 1):
        for number, expression in enumerate(compiled, 1):
            if match := expression.search(content):
                yield BlockedText(line, match.start() + 1, number)


@cache
def _expression_compiled(expression: str) -> Any:
    """Compile an expression; raises `ValueError` where RE2 refuses it, `UserError` where there is no RE2."""
    try:
        import re2  # noqa: PLC0415 - only a configuration with such expressions needs it
    except ImportError:
        raise UserError(
            "`held-back` needs the package google-re2, which this Python does not have",
            "install it, or run logbook with Python 3.11 to 3.14, on a system other than Alpine",
        ) from None
    options = re2.Options()
    options.log_errors = False  # the log would show the expression
    options.never_capture = True
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise ValueError(error.args[0].decode(errors="replace")) from None
