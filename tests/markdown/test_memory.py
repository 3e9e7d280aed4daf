"""Claims about memory: bytes are counted, no clock is asked."""

import resource
import sys

from repository import GOOD
from research_logbook.markdown.tree import parse


def test_memory_is_freed_after_parsing() -> None:
    """Parsing many files takes no more memory than parsing a few."""
    text = GOOD * 100
    for _ in range(3):
        parse(text)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(30):
        parse(text)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < 10 * len(text)
