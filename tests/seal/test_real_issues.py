"""Claims about real experiment issues: the report says what a careful reader says. They stand beside the checkout."""

import datetime as dt
import re
from pathlib import Path

import pytest

from book import book as in_short
from research_logbook.github.models import Account, Comment
from seal.closeout import failing, thread, verdict

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "issues"
BODY = {"tldr-current", "conclusion", "next-steps", "final-snapshot", "decision-log", "negative-results"}
READERS = {
    "marin-9615": {"conclusion"},
    "marin-7856": set(),
    "marin-8003": set(),
    "marin-5203": set(),
    "marin-6443": set(),
}
"""What of the body is as it should be when a thread is closed."""

_COMMENT = re.compile(
    r"----- author: (?P<author>[^|]*?) \| (?P<at>\S+) \| (?P<url>\S+)\n(?P<body>.*?)(?=^----- author:|\Z)",
    re.DOTALL | re.MULTILINE,
)


def comments(text: str) -> tuple[Comment, ...]:
    """Return the comments of a real issue."""
    found = ((one, dt.datetime.fromisoformat(one["at"])) for one in _COMMENT.finditer(text))
    return tuple(
        Comment(id=1, user=Account(one["author"]), created_at=at, updated_at=at, body=one["body"], url=one["url"])
        for one, at in found
    )


@pytest.mark.parametrize("name", READERS)
def test_real_issues(name: str) -> None:
    """None of them was closed out, and what is missing is what a careful reader misses."""
    path = CORPUS / f"{name}.md"
    if not path.exists():
        pytest.skip("the real issues are not beside this checkout")
    body, _, rest = path.read_text().partition("===== COMMENTS =====\n")
    logbook = in_short("E1@2026-10-20 command result")
    real = thread(body, comments(rest), book=logbook, snapshots=(), linked={})
    assert rest.count("----- author:") == len(real.issue.comments)
    assert {one for one in BODY if verdict(real, one).passes} == READERS[name]
    assert "final-comment" in failing(real)
