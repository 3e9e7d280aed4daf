"""Claims about sections."""

from book import parsed
from research_logbook.logbook.model import Section
from research_logbook.logbook.sections import reach, reaches


def sections(text: str) -> tuple[Section, ...]:
    """Return the sections of a text."""
    return parsed(text).sections


def test_sections_reach_to_the_next_heading_of_their_level() -> None:
    """A section's block holds its sub-sections; its own blocks end at the next heading of any level."""
    found = sections("# T\n\na\n\n## One\n\nb\n\n### Sub\n\nc\n\n## Two ##\n\n# End\n")
    assert [(item.title, item.level, item.span.line, item.end_line, item.text) for item in found] == [
        ("T", 1, 1, 13, "a"),
        ("One", 2, 5, 11, "b"),
        ("Sub", 3, 9, 11, "c"),
        ("Two", 2, 13, 13, ""),
        ("End", 1, 15, 15, ""),
    ]
    assert reaches(found) == [reach(found, index) for index in range(5)] == [4, 3, 3, 4, 5]


def test_headings_elsewhere_begin_no_section() -> None:
    """A heading in a quote, a list, code or a comment begins nothing."""
    text = "# T\n\n> ## q\n\n- ## l\n\n```\n## c\n```\n\n<!--\n## h\n-->\n\n    ## i\n"
    assert [item.title for item in sections(text)] == ["T"]


def test_levels_may_be_skipped() -> None:
    """A heading two levels deeper still stands below the one above it."""
    found = sections("# T\n\n### Deep\n\n## Shallow\n")
    assert reaches(found) == [3, 2, 3]


def test_a_title_is_one_line() -> None:
    """A title set over two lines is one; code and formatting are its text."""
    assert [item.title for item in sections("A `b`\n*c*\n===\n")] == ["A b c"]


def test_names_within_an_entry_mean_the_entry() -> None:
    """A baseline below a dated heading is that entry's, not the logbook's."""
    text = "# T\n\n## 2026-05-25 a\n\n### Baseline\n\n## Baseline\n\n### Decision\n"
    assert [(item.title, item.name) for item in sections(text)][2:] == [
        ("Baseline", ""),
        ("Baseline", "baseline"),
        ("Decision", "decision-log"),
    ]


def test_indices_may_stand_right_below_a_log() -> None:
    """An index that was put into the log is one; what is two levels below the log belongs to an entry."""
    text = "# T\n\n## Log\n\n### Negative results\n\n### Kickoff\n\n#### Hypothesis\n"
    assert [item.name for item in sections(text)] == ["t", "log", "negative-results", "kickoff", ""]


def test_a_dated_heading_in_an_index_changes_nothing() -> None:
    """Below a decision log everything is part of it."""
    text = "# T\n\n## Decision Log\n\n### 2026-05-25\n\n#### Baseline\n"
    assert [item.name for item in sections(text)][1:] == ["decision-log", "2026-05-25", "baseline"]
