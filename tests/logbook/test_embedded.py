"""Claims about what a logbook holds wherever it stands."""

from research_logbook.logbook.embedded import contents_of
from research_logbook.logbook.fields import SourceText
from research_logbook.markdown.tree import parse, walk

TEXT = "[a](b)\n\n- ```sh\n  x\n  ```\n\n> | h | i |\n> |---|---|\n> | **1** | 2 |\n\n    y\n"


def test_all_is_found_in_order() -> None:
    """Links, tables and code are found inside of lists and quotes."""
    found = contents_of(walk(parse(TEXT)), SourceText("a.md", TEXT.split("\n")))
    assert [link.url for link in found.links] == ["b"]
    assert [(table.header, table.rows, table.span.line) for table in found.tables] == [(("h", "i"), (("1", "2"),), 7)]
    assert [(code.info, code.text, code.span.line) for code in found.code] == [("sh", "x\n", 3), ("", "y\n", 11)]


def test_a_part_holds_what_begins_in_it() -> None:
    """A piece of the file has its own links, tables and code."""
    found = contents_of(walk(parse(TEXT)), SourceText("a.md", TEXT.split("\n")))
    assert [len(items) for items in found.within(2, 10)] == [0, 1, 1]
    assert [len(items) for items in found.within(12, 99)] == [0, 0, 0]
