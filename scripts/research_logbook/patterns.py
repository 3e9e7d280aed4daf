"""Patterns of paths and of branch names, as in the filters of GitHub's workflows.

`*` stands for any text without a slash, `**` for any text, `**/` for any folders or none, `?` for one
character and `[a-z]` or `[!a-z]` for one of (none of) a set; none of these three last is ever a slash. A
leading `!` takes back what earlier patterns let in. Letter case counts.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from research_logbook.errors import Refusal

_SPLIT = re.compile(r"(?:(?<=/)|(?<!.))\*{2,}/|\*+|\[[^\]]+\]|.", re.DOTALL)

LONGEST = 256
REFUSALS = {
    r"^!?$": Refusal("is empty", "write a pattern, or delete the line"),
    r"[\u0000-\u001f\u007f]": Refusal("holds a control character", "leave it out"),
    r"\\": Refusal("holds a backslash", "write `/` between folders"),
    r"^!?(/|~|[A-Za-z]:)": Refusal("is an absolute path", "write it from the root of the repository"),
    r"(^!?|/)\.\.(/|$)": Refusal("leads out of a folder with `..`", "write it from the root of the repository"),
    r"(^!?|/)\.(/|$)": Refusal("has a `.` for a folder", "leave it out"),
    r"//": Refusal("has two slashes in a row", "write one"),
    r"/$": Refusal("ends in a slash, so no file fits it", "write `/**` for all that a folder holds"),
    r"[{}]": Refusal("has braces, which stand for themselves here", "write a pattern for each alternative"),
    r"\[[^\]]*$|\[\]": Refusal("has a `[` without its characters and `]`", "complete it"),
    r"\]\+": Refusal("has a `+`, which repeats nothing here", "write `*` for any text"),
}
"""Regular expressions of what no pattern may hold, in Python's and in JavaScript's reading of them."""


def refusal(pattern: str) -> Refusal | None:
    """Return why `pattern` is no pattern that could fit a path or a branch name; None when it could."""
    if len(pattern) > LONGEST:
        return Refusal(f"is over {LONGEST} characters", "shorten it with `*` or `**`")
    found = (why for expression, why in REFUSALS.items() if re.search(expression, pattern))
    return next(found, None) or _backward_range(pattern)


def _backward_range(pattern: str) -> Refusal | None:
    try:
        _compiled(pattern)
    except re.error:
        return Refusal("has a range that runs backwards", "write the lower end first, as in `[a-z]`")
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


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(*_blocks(_SPLIT.findall(pattern))), re.DOTALL)


def _blocks(parts: Iterable[str]) -> Iterator[list[str]]:
    """Cut the parts at each `**`: any folders and then, unlike for `**/`, any text in one."""
    block: list[str] = []
    for part in parts:
        if part.startswith("**"):
            yield block
            block = [] if part.endswith("/") else ["*"]
        else:
            block.append(part)
    yield block


# Atomic groups keep the time linear. They lose no match: where a block ends earliest, whatever may follow
# has the most room, and `*` ends earliest at the first place where the text after it fits.


def _expression(first: list[str], *others: list[str]) -> str:
    if not others:
        return _one_block(first, r"\Z")
    *inner, last = others
    middle = "".join(f"(?>(?:[^/]*+/)*?{_one_block(block)})" for block in inner)
    # The last block fits only in the folder that has as many slashes behind it as the block holds.
    to_its_folder = rf"(?>(?:.*/)?(?=(?:[^/]*+/){{{last.count('/')}}}[^/]*+\Z))"
    return _one_block(first) + middle + to_its_folder + _one_block(last, r"\Z")


def _one_block(parts: list[str], end: str = "") -> str:
    """Return parts without a `**` as an expression: each `*` is bound to the text up to the next one."""
    units = [""]
    for part in parts:
        if part == "*":
            units.append("[^/]*?")
        else:
            units[-1] += _one_part(part)
    units[-1] += end
    return "".join(f"(?>{unit})" for unit in units)


def _one_part(part: str) -> str:
    if part == "?":
        return "[^/]"
    if len(part) == 1:
        return re.escape(part)
    sign = "^" if part[1] in "!^" and len(part) > 3 else ""
    # Only a range of letters or digits is a range; Python would read more into other characters.
    members = re.sub(r"(?<!\w)-|-(?!\w)|[^\w-]", r"\\\g<0>", part[1 + len(sign) : -1])
    return f"(?!/)[{sign}{members}]"
