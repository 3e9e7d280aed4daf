"""Which issues a pull request's description would close when it is merged."""

import re

from research_logbook.logbook.model import Reference
from research_logbook.markdown import tree
from research_logbook.markdown.tree import CODE, NestingError, plain

_OWNER_AND_NAME = r"[\w.-]{1,100}/[\w.-]{1,100}"
_CLOSING = re.compile(
    rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s{{1,9}}(?:(?P<short>{_OWNER_AND_NAME})?\#|"
    rf"https?://(?P<host>[^/\s]{{1,255}})/(?P<long>{_OWNER_AND_NAME})/issues/)(?P<number>\d{{1,9}})\b",
    re.IGNORECASE,
)


def closed_by(body: str, repository: str, host: str = "github.com") -> tuple[int, ...]:
    """Return the issues of `repository` (owner/name) that a description closes, in order; code and comments do not.

    Source: GitHub's documentation, "Linking a pull request to an issue".
    """
    found = (
        Reference(match[0], int(match["number"]), match["short"] or match["long"], match["host"])
        for match in _CLOSING.finditer(_seen(body))
    )
    numbers = (reference.number_in(repository, host) for reference in found)
    return tuple(dict.fromkeys(number for number in numbers if number))


def _seen(body: str) -> str:
    text = body.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    try:
        blocks = tree.parse(text)
    except NestingError:
        return ""
    return "\n".join(plain(run for run in block.runs if not run.style & CODE) for block in tree.walk(blocks))
