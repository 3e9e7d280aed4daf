"""The outline of a logbook for a terminal."""

from collections.abc import Callable

from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook
from research_logbook.render.text import inspect_text


def test_the_outline_is_as_agreed(logbook: Logbook, golden: Callable[[str, str], None]) -> None:
    """What was understood of a logbook: its header, its log, its hypotheses, decisions and sections."""
    golden("inspect.txt", inspect_text(logbook))


def test_an_empty_file_has_an_outline() -> None:
    """An outline of nothing names the topic and says that there is no log."""
    book = parse("topic.md", b"")

    assert isinstance(book, Logbook)
    assert inspect_text(book) == "topic\n  path: topic.md\n\nno log: no entries\n"
