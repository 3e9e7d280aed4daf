"""Claims about sections."""

import datetime as dt

import pytest

from book import parsed
from research_logbook.logbook.fields import SourceText
from research_logbook.logbook.model import Allowance, Section
from research_logbook.logbook.sections import contents_of, read_backwards, read_heading
from research_logbook.markdown.tree import parse, walk


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
    assert [item.stop for item in found] == [4, 3, 3, 4, 5]


def test_headings_elsewhere_begin_no_section() -> None:
    """A heading in a quote, a list, code or a comment begins nothing."""
    text = "# T\n\n> ## q\n\n- ## l\n\n```\n## c\n```\n\n<!--\n## h\n-->\n\n    ## i\n"
    assert [item.title for item in sections(text)] == ["T"]


def test_levels_may_be_skipped() -> None:
    """A heading two levels deeper still stands below the one above it."""
    found = sections("# T\n\n### Deep\n\n## Shallow\n")
    assert [item.stop for item in found] == [3, 2, 3]


def test_a_title_is_one_line() -> None:
    """A title set over two lines is one; code and formatting are its text."""
    assert [item.title for item in sections("A `b`\n*c*\n===\n")] == ["A b c"]


def test_a_section_within_an_entry_has_no_canonical_name() -> None:
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


def allowances(text: str) -> list[Allowance]:
    """Return the allowances of a text."""
    return list(parsed(text).allowances)


@pytest.mark.parametrize(
    "comment",
    [
        *(
            "<!-- logbook: allow future-entry -- the clock is wrong -->",
            "<!--logbook:allow future-entry the clock is wrong-->",
        ),
        *(
            "<!-- logbook: allow future-entry: the clock is wrong -->",
            "<!-- logbook: allow future-entry — the clock is wrong -->",
        ),
        *(
            "<!-- logbook: allow future-entry--the clock is wrong -->",
            "<!--\nlogbook: allow future-entry\n-- the clock\n  is wrong\n-->",
        ),
    ],
)
def test_a_rule_and_a_reason(comment: str) -> None:
    """The reason follows the rule, whatever is between them."""
    (found,) = allowances(f"# T\n\n{comment}\n")
    assert (found.rule, found.reason, found.span.line) == ("future-entry", "the clock is wrong", 3)


@pytest.mark.parametrize("comment", ["<!-- logbook: allow future-entry -->", "<!-- logbook: allow future-entry -- -->"])
def test_a_reason_may_be_missing(comment: str) -> None:
    """An allowance without a reason is read, and judged elsewhere."""
    assert [(found.rule, found.reason) for found in allowances(comment)] == [("future-entry", "")]


@pytest.mark.parametrize(
    "text",
    [
        *("`<!-- logbook: allow a -- b -->`", "```\n<!-- logbook: allow a -- b -->\n```", "<!-- logbook: allow -->"),
        *(
            "    <!-- logbook: allow a -- b -->",
            "<!-- allow a -- b -->",
            "<!-- logbook: allow a",
            "\\<!-- logbook: allow a -->",
        ),
    ],
)
def test_text_that_is_not_an_allowance(text: str) -> None:
    """Code that shows one, and a comment that is not closed, silence nothing."""
    assert allowances(f"# T\n\ntext\n\n{text}\n") == []


def test_an_allowance_covers_what_its_heading_covers() -> None:
    """It holds for the innermost heading's block; above the first heading and below the title for all of the file."""
    one = "<!-- logbook: allow a -- b -->"
    text = f"{one}\n\n# T\n\n{one}\n\n## A\n\n- x {one}\n\n### B\n\n| {one} |\n|---|\n\ny\n\n## C\n\n> {one}\n"
    assert [(found.span.line, found.first_line, found.last_line) for found in allowances(text)] == [
        *((1, 1, 21), (5, 1, 21), (9, 7, 16), (13, 11, 16), (20, 18, 20)),
    ]


def test_several_in_one_block() -> None:
    """Each comment of a block has its own line."""
    text = "# T\n\n<!-- logbook: allow a -- x -->\n<!-- not one --> <!-- logbook: allow b -- y -->\n\n<!--\n-->\nz\n"
    assert [(found.rule, found.span.line) for found in allowances(text)] == [("a", 3), ("b", 4)]


TEXT = "[a](b)\n\n- ```sh\n  x\n  ```\n\n> | h | i |\n> |---|---|\n> | **1** | 2 |\n\n    y\n"


def test_links_tables_and_code_are_found_in_order() -> None:
    """Links, tables and code are found inside lists and quotes."""
    found = contents_of(walk(parse(TEXT)), SourceText("a.md", TEXT.split("\n")))
    assert [link.url for link in found.links] == ["b"]
    assert [(table.header, table.rows, table.span.line) for table in found.tables] == [(("h", "i"), (("1", "2"),), 7)]
    assert [(code.info, code.text, code.span.line) for code in found.code] == [("sh", "x\n", 3), ("", "y\n", 11)]


def test_contents_can_be_cut_by_lines() -> None:
    """A piece of the file has its own links, tables and code."""
    found = contents_of(walk(parse(TEXT)), SourceText("a.md", TEXT.split("\n")))
    assert [len(items) for items in found.within(2, 10)] == [0, 1, 1]
    assert [len(items) for items in found.within(12, 99)] == [0, 0, 0]


def links(text: str) -> list[tuple[int, str, str]]:
    """Return line, target and text of each link."""
    return [(link.span.line, link.url, link.text) for link in parsed(text).links]


def test_links_are_found_everywhere() -> None:
    """Headings, items, cells, quotes and footnotes hold links, each on its own line."""
    text = "# [a](1)\n\n- x\n  [b](2)\n\n| [c](3) |\n|---|\n| ![d](4) |\n\n> [e](5)\n\n[^f]: [g](6)\n"
    assert links(text) == [(1, "1", "a"), (4, "2", "b"), (6, "3", "c"), (8, "4", "d"), (10, "5", "e"), (12, "6", "g")]


def test_forms_of_links() -> None:
    """References, bare addresses and angle brackets are links; code is none."""
    text = "[a][r] [r] https://b.c/d. <https://e.f> www.g.h `[i](j)` [**k** `l`](m)\n\n[r]: n 'title'\n"
    assert links(text) == [
        *((1, "n", "a"), (1, "n", "r"), (1, "https://b.c/d", "https://b.c/d"), (1, "https://e.f", "https://e.f")),
        *((1, "http://www.g.h", "www.g.h"), (1, "m", "k l")),
    ]


def test_a_link_over_two_lines() -> None:
    """A link is on the line where it begins."""
    assert links("x\n[a\nb](c)\n") == [(2, "c", "a\nb")]


def test_links_without_text() -> None:
    """An empty link and a link around an image lead somewhere too."""
    assert links("[](a) [![b](c)](d)\n") == [(1, "a", ""), (1, "c", "b"), (1, "d", "")]


DAY = dt.date(2026, 5, 25)
KICKOFF = ("2026-05-25", "MOE-HC-001", "kickoff")

HEADINGS = {
    "2026-05-25 - MOE-HC-001 kickoff": KICKOFF,
    "2026-05-25 — MOE-HC-001 kickoff": KICKOFF,
    "2026-05-25: MOE-HC-001: kickoff": KICKOFF,
    "2026-05-25 | MOE-HC-001 | kickoff": KICKOFF,
    "2026-05-25 MOE-HC-001 kickoff": KICKOFF,
    "2026-05-25 · MOE-HC-001 · kickoff": KICKOFF,
    "2026-05-25, MOE-HC-001, kickoff": KICKOFF,
    "[2026-05-25] MOE-HC-001 - kickoff": KICKOFF,
    "MOE-HC-001 - 2026-05-25 - kickoff": KICKOFF,
    "MOE-HC-001: 2026-05-25 kickoff": KICKOFF,
    "MOE-HC-001 (2026-05-25) kickoff": KICKOFF,
    "MOE-HC-001 – 2026-05-25 – kickoff": KICKOFF,
    "`MOE-HC-001` 2026-05-25: kickoff": KICKOFF,
    "[MOE-HC-001] [2026-05-25] kickoff": KICKOFF,
    "✅ 2026-05-25 - MOE-HC-001 kickoff": KICKOFF,
    "📅 MOE-HC-001 — 2026-05-25 — kickoff": KICKOFF,
    "2026-05-25 - `MOE-HC-001`: kickoff": KICKOFF,
    "2026-05-25 (Mon) - MOE-HC-001 - kickoff": KICKOFF,
    "2026-05-25   -   MOE-HC-001   kickoff": KICKOFF,
    "2026-05-25 04:50 - kickoff": ("2026-05-25 04:50", "", "kickoff"),
    "2026-05-25T04:50Z - KT-004/005 smokes": ("2026-05-25T04:50Z", "KT-004 KT-005", "smokes"),
    "2026-05-25 - MOE-HC-002b again": ("2026-05-25", "MOE-HC-002b", "again"),
    "2026-05-25": ("2026-05-25", "", ""),
    "2026-05-25 - GPT-4 evaluation": ("2026-05-25", "", "GPT-4 evaluation"),
    "GPT-4 2026-05-25 evaluation": ("2026-05-25", "GPT-4", "evaluation"),
    "2026-05-25 - 幅 512": ("2026-05-25", "", "幅 512"),
}


@pytest.mark.parametrize("text", HEADINGS)
def test_a_heading_says_when_what_and_which(text: str) -> None:
    """Date, IDs and label are read in either order, whatever is between them."""
    heading = read_heading(text)
    assert heading.when
    assert (heading.when.written, " ".join(heading.ids), heading.label) == HEADINGS[text]


@pytest.mark.parametrize(
    ("text", "ids", "label"),
    [
        ("Kickoff", "", "Kickoff"),
        ("MOE-HC-001 kickoff", "MOE-HC-001", "kickoff"),
        ("Week 21", "", "Week 21"),
        ("Rerun of 2026-05-25", "", "Rerun of 2026-05-25"),
        ("", "", ""),
    ],
)
def test_a_heading_without_a_date(text: str, ids: str, label: str) -> None:
    """A date that does not lead dates nothing."""
    heading = read_heading(text)
    assert (heading.when, " ".join(heading.ids), heading.label) == (None, ids, label)


def test_an_id_in_the_label_counts_when_its_prefix_is_known() -> None:
    """IDs of the logbook's series are found in the label, others are only mentioned."""
    heading = read_heading("2026-05-25 - rerun of MOE-HC-003 after KT-001", "MOE-HC")
    assert heading.ids == ("MOE-HC-003",)
    assert read_heading("2026-05-25 - MOE-4 run", "MOE").ids == ("MOE-4",)


def test_a_date_at_the_end_of_a_heading() -> None:
    """If no heading of a log begins with its date, it may end with it."""
    heading = read_backwards("MOE-HC-001 kickoff (2026-05-25)")
    assert heading.when
    assert (heading.when.date, heading.ids, heading.label) == (DAY, ("MOE-HC-001",), "kickoff")
    assert read_backwards("2026-05-25 kickoff (2026-05-26)").when == read_heading("2026-05-25").when
    assert read_backwards("Kickoff").when is None
