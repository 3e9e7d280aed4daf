"""Patterns that people write into the configuration: of paths and branch names, and of text that is not published.

Those of paths are as in the filters of GitHub's workflows: `*` stands for any text without a slash, `**` for any text,
`**/` for any folders or none, `?` for one character and `[a-z]` or `[!a-z]` for one of (none of) a set; none of these
three last is ever a slash. A leading `!` excludes what earlier patterns included. Letter case counts.

Those of text are regular expressions of RE2, whose time grows with the length of the text and with nothing else.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from research_logbook.errors import Refusal, UserError

_SPLIT = re.compile(r"(?:(?<=/)|(?<!.))\*{2,}/|\*+|\[[^\]]+\]|.", re.DOTALL)

LONGEST = 256
REFUSALS = {
    r"^!?$": Refusal("is empty", "write a pattern, or delete the line"),
    r"[\u0000-\u001f\u007f]": Refusal("contains a control character", "remove it"),
    r"\\": Refusal("contains a backslash", "write `/` between folders"),
    r"^!?(/|~|[A-Za-z]:)": Refusal("is an absolute path", "write it from the root of the repository"),
    r"(^!?|/)\.\.(/|$)": Refusal("leaves a folder with `..`", "write it from the root of the repository"),
    r"(^!?|/)\.(/|$)": Refusal("has `.` as a folder", "remove it"),
    r"//": Refusal("has two slashes in a row", "write one"),
    r"/$": Refusal("ends in a slash, so no file matches it", "write `/**` for everything in a folder"),
    r"[{}]": Refusal("has braces, which match only themselves", "write one pattern for each alternative"),
    r"\[[^\]]*$|\[\]": Refusal("has a `[` without characters and `]` after it", "complete the set"),
    r"\]\+": Refusal("has a `+`, which does not repeat anything", "write `*` for any text"),
}
"""Regular expressions of what no pattern may contain, which mean the same in Python and in JavaScript."""


def refusal(pattern: str) -> Refusal | None:
    """Return why `pattern` can never match a path or a branch name; None when it can."""
    if len(pattern) > LONGEST:
        return Refusal(f"is over {LONGEST} characters", "shorten it with `*` or `**`")
    for expression, why in REFUSALS.items():
        if re.search(expression, pattern):
            return why
    try:
        _compiled(pattern)
    except re.error:
        return Refusal("has a backward range", "write the lower end first, as in `[a-z]`")
    return None


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Return whether `path` fits `patterns`; of those it fits, the last one decides.

    The time is bounded by the length of the pattern times that of the path, whatever they hold.
    Raises `re.error` for a range that runs backwards, which `refusal` finds.
    """
    verdict = False
    for pattern in patterns:
        wanted = not pattern.startswith("!")
        if wanted is not verdict and _compiled(pattern.removeprefix("!")).match(path):
            verdict = wanted
    return verdict


# Atomic groups keep the time linear. They lose no match: where a block ends earliest, whatever may follow
# has the most room, and `*` ends earliest at the first place where the text after it fits.


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Cut into blocks at each `**`: any folders and then, unlike for `**/`, any text in one.
    blocks: list[list[str]] = [[]]
    for part in _SPLIT.findall(pattern):
        if part.startswith("**"):
            blocks.append([] if part.endswith("/") else ["*"])
        else:
            blocks[-1].append(part)
    first, *others = blocks
    if not others:
        return re.compile(_block(first, r"\Z"), re.DOTALL)
    *inner, last = others
    middle = "".join(f"(?>(?:[^/]*+/)*?{_block(block)})" for block in inner)
    # The last block fits only in the folder that has as many slashes behind it as the block holds.
    to_its_folder = rf"(?>(?:.*/)?(?=(?:[^/]*+/){{{last.count('/')}}}[^/]*+\Z))"
    return re.compile(_block(first) + middle + to_its_folder + _block(last, r"\Z"), re.DOTALL)


def _block(parts: list[str], end: str = "") -> str:
    """Return parts without a `**` as an expression: each `*` is bound to the text up to the next one."""
    units = [""]
    for part in parts:
        if part == "*":
            units.append("[^/]*?")
        elif part == "?":
            units[-1] += "[^/]"
        elif len(part) == 1:
            units[-1] += re.escape(part)
        else:
            sign = "^" if part[1] in "!^" and len(part) > 3 else ""
            # Only a range of letters or digits is a range; Python would read more into other characters.
            members = re.sub(r"(?<!\w)-|-(?!\w)|[^\w-]", r"\\\g<0>", part[1 + len(sign) : -1])
            units[-1] += f"(?!/)[{sign}{members}]"
    units[-1] += end
    return "".join(f"(?>{unit})" for unit in units)


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
            "install it, or run logbook with Python 3.11 to 3.14",
        ) from None
    options = re2.Options()
    options.log_errors = False  # the log would show the expression
    options.never_capture = True
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise ValueError(error.args[0].decode(errors="replace")) from None
