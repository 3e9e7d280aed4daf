"""Patterns that people write into the configuration, of paths and branch names.

They are as in the filters of GitHub's workflows: `*` stands for any text without a slash, `**` for any text,
`**/` for any folders or none, `?` for one character and `[a-z]` or `[!a-z]` for one of (none of) a set; none of these
three last is ever a slash. A leading `!` excludes what earlier patterns included. Letter case counts.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from research_logbook.errors import Refusal

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
