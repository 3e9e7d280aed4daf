"""Claims about reading a logbook: its bytes, its sections and its header."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from book import PATH, book, parsed, written
from research_logbook.logbook import MAX_BYTES, contents_of, header_alone, parse, plain_values, reference, symlink
from research_logbook.logbook.model import (
    Allowance,
    FrontMatter,
    Header,
    Located,
    Logbook,
    Reference,
    Section,
    SourceText,
    Unreadable,
)
from research_logbook.logbook.queries import files_wanted
from research_logbook.markdown import tree


def refused(data: bytes) -> tuple[str, int]:
    """Return why a file cannot be read, and the line."""
    found = parse("a.md", data)
    assert isinstance(found, Unreadable)
    assert found.help
    assert (found.subject, found.span.line) == ("logbook", found.line)
    return found.reason, found.line


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"# T\n\n\0\n", "contains a NUL byte, so it is not text", 3),
        (b"# T\ncaf\xe9\n", "is not valid UTF-8: byte 0xe9", 2),
        ("# T\n\nå".encode("utf-16"), "is UTF-16", 1),
        ("# T".encode("utf-16-be").join([b"\xfe\xff", b""]), "is UTF-16", 1),
        ("# T".encode("utf-16-le"), "contains a NUL byte, so it is not text", 1),
        ("# T\n\ud800".encode("utf-8", "surrogatepass"), "is not valid UTF-8: byte 0xed", 2),
        (b"\xff", "is not valid UTF-8: byte 0xff", 1),
        (b"a" * (MAX_BYTES + 1), "is 5.0 MB; logbooks over 5 MB are not read", 1),
        (b"a" * 50_000_000, "is 50.0 MB; logbooks over 5 MB are not read", 1),
        (b"# T\n\n" + b"> " * 300 + b"a\n", "is nested more than 200 levels deep", 3),
    ],
    ids=lambda value: str(value)[:16],
)
def test_files_that_cannot_be_read(data: bytes, reason: str, line: int) -> None:
    """What is no text, too large or too deep is refused in words, with the line."""
    assert refused(data) == (reason, line)


class Broken(str):
    """Text that breaks whoever reads it."""

    __slots__ = ()

    def split(self, *_: object) -> list[str]:  # type: ignore[override]
        """Raise what nobody expects."""
        raise ZeroDivisionError


class BrokenBytes(bytes):
    """The same before it is decoded."""

    __slots__ = ()

    def decode(self, *_: object) -> str:
        """Return it."""
        return Broken("# T")


def test_an_unexpected_error_is_a_finding_of_that_file() -> None:
    """A bug that a file meets keeps no other from being read, and says where it is and where to report it."""
    reason, line = refused(BrokenBytes(b"# T"))
    assert re.fullmatch(r"cannot be read, which is a bug \(ZeroDivisionError in test_parsing.py:\d+\)", reason)
    assert line == 1


@pytest.mark.parametrize("data", [b"\xff", b"a" * (MAX_BYTES + 1), b"# T\n\n" + b"> " * 300 + b"a\n"])
def test_the_header_of_what_cannot_be_read_is_empty(data: bytes) -> None:
    """Whoever asks for the header alone gets no error either."""
    assert header_alone("a.md", data) == Header()


def test_a_symbolic_link_is_not_followed() -> None:
    """Saying so is all that happens to a link."""
    assert symlink("a.md").reason == "is a symbolic link"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xef\xbb\xbf", b"---\n---\n", b"---", b"text", b"#", b"-", b"\r", b"\f"]
)
def test_an_almost_empty_file_is_a_logbook(data: bytes) -> None:
    """An empty file is an empty logbook."""
    found = parsed(data)
    assert (found.everything, found.hypotheses, found.links, found.prefix, found.log) == ((), (), (), "", None)


def test_the_largest_file_is_read() -> None:
    """The limit itself is not over the limit."""
    assert isinstance(parse("a.md", b"a" * MAX_BYTES), Logbook)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_all_line_ends_are_line_ends(end: str) -> None:
    """Lines end as CommonMark says."""
    text = "---\ntopic: a\n---\n\n# T\n\n## 2026-05-25 a\n\n- Result: b\n  c\n"
    assert parsed(text.replace("\n", end)) == parsed(text)


def test_a_logbook_knows_its_file() -> None:
    """Path, topic and subject come from the file's name."""
    found = parse(".agents/logbooks/8734-sparse.md", b"# T\n")
    assert isinstance(found, Logbook)
    assert (found.topic, found.subject, found.span.line) == ("8734-sparse", "logbook", 1)


def test_a_logbook_has_a_summary() -> None:
    """What the rules about several logbooks look at."""
    text = (
        written("prefix=KT parent=.agents/logbooks/old.md; H1 active; E1; E2") + "\nSee [x](other-1.md) and third.md.\n"
    )
    brief = parsed(text).brief
    assert (brief.path, brief.prefix, brief.entries, brief.hypotheses) == (PATH, "KT", 2, 1)
    assert brief.names == {"old", "other-1", "third"}
    assert (brief.topic, brief.subject, brief.span.line) == ("moe-hill-climb", "logbook moe-hill-climb", 3)


def test_the_title_is_the_first_heading_of_the_highest_level() -> None:
    """A logbook without one has none."""
    assert parsed("## A\n\n# B\n\n# C\n").title == "B"
    assert parsed("## A\n").title == ""


def test_everything_is_in_document_order() -> None:
    """Dated and undated entries stand where they stand."""
    logbook = parsed("# T\n\n## Log\n\n### a\n\n- Result: 1\n\n### 2026-05-25 b\n\n### c\n\n- Result: 2\n")
    assert [entry.heading for entry in logbook.everything] == ["a", "2026-05-25 b", "c"]


def test_subjects_do_not_depend_on_the_line() -> None:
    """What a finding is about does not change when lines are added above it."""
    before = book("issue=#5; H1 active; D@2026-05-25 x; E1 command")
    after = parsed("intro\n\n" + before.text)
    for name in ("everything", "hypotheses", "decisions", "links", "sections"):
        assert [item.subject for item in getattr(before, name)] == [item.subject for item in getattr(after, name)]
        assert [item.span.line + 2 for item in getattr(before, name)] == [
            item.span.line for item in getattr(after, name)
        ]


PIECES = [
    *("# T", "## Entry Log", "## Log", "## Decision Log", "## Hypothesis Queue", "### Active", "## Baseline", "---"),
    *(
        "topic: a",
        "issue: '#5'",
        "### 2026-05-25 - MOE-HC-001..003 a",
        "### Kickoff",
        "#### Result",
        "**2026-05-25** a",
    ),
    *(
        "- Result: pending",
        "- Command: `x`",
        "  - Commit: abc1234",
        "- 2026-05-25: a",
        "- `H1`: b. Next test: c",
        "Job:",
    ),
    *(
        "| ID | Hypothesis |",
        "|---|---|",
        "| H1 | x |",
        "```sh",
        "```",
        "python a/b.py",
        "> q",
        "",
        "",
        "<!-- logbook: allow a",
    ),
    *(
        "-- b -->",
        "<details>",
        "</details>",
        "[a](b.md)",
        "![c](d)",
        "[^1]: e",
        "Branch: x (y",
        "**Tags:** `a`, b",
        "\t- z",
    ),
    *(
        "- " * 40 + "x",
        "> " * 40 + "y",
        "$(x)",
        "～～",
        "\u202e",
        "é: 1",
        "- 结果: 2",
        "#",
        "===",
        "  lazy",
        "1. **H2** (active): z",
    ),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=24).map("\n".join))
def test_no_text_raises_an_error(text: str) -> None:
    """Whatever the Markdown, it is read, and everything read stands where it says."""
    found = parse("a.md", text.encode("utf-8", "replace"))
    if isinstance(found, Unreadable):
        assert "bug" not in found.reason
        return
    last = found.text.count("\n") + 1
    located: list[Located] = [
        *found.everything,
        *found.hypotheses,
        *found.decisions,
        *found.links,
        *found.sections,
        *found.allowances,
    ]
    for item in [*located, *(field for entry in found.everything for field in entry.fields)]:
        assert 1 <= item.span.line <= item.span.end_line <= last
        assert item.subject
    lines = [entry.span.line for entry in found.everything]
    assert lines == sorted(set(lines))
    assert found.brief
    assert all(path for _, path in files_wanted(found))


# Sections and what they hold


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
    found = contents_of(tree.walk(tree.parse(TEXT)), SourceText("a.md", TEXT.split("\n")))
    assert [link.url for link in found.links] == ["b"]
    assert [(table.header, table.rows, table.span.line) for table in found.tables] == [(("h", "i"), (("1", "2"),), 7)]
    assert [(code.info, code.text, code.span.line) for code in found.code] == [("sh", "x\n", 3), ("", "y\n", 11)]


def test_contents_can_be_cut_by_lines() -> None:
    """A piece of the file has its own links, tables and code."""
    found = contents_of(tree.walk(tree.parse(TEXT)), SourceText("a.md", TEXT.split("\n")))
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


# The header and front matter


GITHUB = "github.com"


def header(text: str) -> Header:
    """Return the header of a text."""
    return parsed(text).header


REFERENCES = {
    "https://github.com/lab/models/issues/5": Reference(
        "https://github.com/lab/models/issues/5", 5, "lab/models", GITHUB
    ),
    "https://git.lab.example/lab/models/issues/5#c": Reference(
        "https://git.lab.example/lab/models/issues/5", 5, "lab/models", "git.lab.example"
    ),
    "see https://github.com/lab/models/pull/5": Reference(
        "https://github.com/lab/models/pull/5", 5, "lab/models", GITHUB
    ),
    "https://github.com/a/b/pull/4, https://github.com/a/b/issues/5": Reference(
        "https://github.com/a/b/issues/5", 5, "a/b", GITHUB
    ),
    "#5": Reference("#5", 5),
    "#5 (part of #4)": Reference("#5", 5),
    "lab/models#5": Reference("lab/models#5", 5, "lab/models"),
    "5": Reference("5", 5),
    "5 (the second)": Reference("5", 5),
    "LIN-512": Reference("LIN-512"),
    "5 things": Reference("5 things"),
    "https://linear.app/lab/issue/LIN-512": Reference("https://linear.app/lab/issue/LIN-512"),
    "https://gitlab.com/lab/models/-/issues/5": Reference("https://gitlab.com/lab/models/-/issues/5"),
    "#" + "9" * 30: Reference("#" + "9" * 30),
    "9" * 30: Reference("9" * 30),
}


@pytest.mark.parametrize("text", REFERENCES)
def test_the_forms_of_an_issue(text: str) -> None:
    """A URL, a number, `owner/repo#N`, or the words of another tracker."""
    assert reference(text) == REFERENCES[text]


FORMS = [
    "---\nissue: 5\nbranch: research/x\nprefix: KT\ntags: [KT, issue-5]\n---\n# T\n",
    "---\nissue: '#5'\nbranch: research/x\nprefix: KT-NNN\ntags: KT, issue-5\n---\n# T\n",
    "# T\n\n**Issue:** #5\n**Branch:** `research/x`\n**Experiment ID prefix:** `KT`\n**Tags:** `KT`, `issue-5`\n",
    "# T\n\nIssue: #5\nBranch: research/x\nSeries ID: **KT**\nTags: KT issue-5\n",
    "# T\n\n- Coordinating issue/PR: #5, #6\n- Branch: `research/x`, new\n- Prefix: KT-001\n- W&B tags: KT;issue-5\n",
    "Issue: #5\nBranch: research/x (new)\nPrefix: KT.\nTags: KT, issue-5\n\n# T\n",
    "# T\n\n## Scope\n\n- GitHub issue: #5\n- Git branch: `research/x`\n- ID prefix: KT-###\n- Tags: KT, issue-5\n",
    "## Links\n\n- Issue: [#5](#x)\n- Branch: http://a.b/c/d/tree/research/x\n- Prefix: KT\n- Tags: KT,issue-5\n",
    "T\n=\n\n__Issue__: #5\\\n__Branch__: research/x\\\n__Prefix__: KT\\\n__Tags__: KT, issue-5\n",
]


@pytest.mark.parametrize("text", FORMS)
def test_the_forms_of_a_header(text: str) -> None:
    """Front matter, bold lines, plain lines and lists say the same."""
    found = header(text)
    assert (found.issue and found.issue.number, found.branch, found.prefix, found.tags) == (
        *(5, "research/x", "KT", ("KT", "issue-5")),
    )


@pytest.mark.parametrize(
    "text",
    [
        "**Issue:** #5 **Branch:** `research/x` **Prefix:** `KT` **Tags:** `KT`, `issue-5`",
        "Issue: #5 | Branch: `research/x` | Prefix: KT | Tags: KT, issue-5",
        "**Issue**: #5 · **Branch**: research/x · **Prefix**: KT · **Tags**: KT, issue-5",
        "- **Issue:** #5 **Branch:** `research/x`\n- Experiment ID prefix: `KT-###`. Tags: `KT`, `issue-5`.",
        "> Issue: #5\n> Branch: `research/x`\n> Prefix: KT\n> Shared W&B tags: KT, issue-5",
        "| Issue | #5 |\n|---|---|\n| Branch | `research/x` |\n| Prefix | KT |\n| Run tags | KT, issue-5 |",
        "- GitHub issues:\n  - #5\n  - #6\n- Branch: research/x\n- Run prefix: KT\n- Run tags: KT, issue-5",
    ],
)
def test_several_facts_may_stand_on_a_line_in_a_quote_or_a_table(text: str) -> None:
    """Wherever they stand, they say the same."""
    found = header(f"# T\n\n{text}\n")
    assert (found.issue and found.issue.number, found.branch, found.prefix, found.tags) == (
        5,
        "research/x",
        "KT",
        ("KT", "issue-5"),
    )


@pytest.mark.parametrize(
    "text",
    [
        *("Series ID: **KT**", "**Goal:** fewer steps **Metric:** loss", "Known issues: #5", "Docker tags: KT, moe"),
        *("Open issues: #5", "Tags: none (private)", "Release tags: v1, v2", "Upstream issue: #5"),
    ],
)
def test_what_only_looks_like_an_issue_or_tags(text: str) -> None:
    """Somebody else's issue, and tags of something else, are none of the thread."""
    found = header(f"# T\n\n{text}\n")
    assert (found.issue, found.tags) == (None, ())


@pytest.mark.parametrize(
    "text", ["Weaver issue #170", "weaver #170", "Jira ticket 17", "Lab issue #7", "#170 in Linear", "Forge task 3"]
)
def test_another_trackers_issue_has_no_number_here(text: str) -> None:
    """The words before it name the tracker."""
    assert reference(text) == Reference(text)


@pytest.mark.parametrize("text", ["Tracking issue #17", "GitHub issue #17", "part of #17", "#17 (Linear LAB-7)"])
def test_words_before_an_issue_that_name_no_tracker(text: str) -> None:
    """They say what it is to the thread."""
    assert reference(text).number == 17


def test_a_parent_that_is_none_is_no_parent() -> None:
    """A fact that says there is nothing is not there."""
    assert header("# T\n\nParent logbook: none, it is the first\n").parent == ""


def test_a_fact_knows_its_line() -> None:
    """A finding about the header points at the line that says it."""
    found = header("---\ntopic: x\nissue: 5\n---\n# T\n\nBranch: y\nPrefix: KT\n")
    spans = (found.topic_span, found.branch_span, found.prefix_span)
    assert [span and span.line for span in spans] == [2, 7, 8]


def test_the_first_that_says_something_counts() -> None:
    """Front matter comes before lines, and "none" or "TBD" says nothing."""
    assert header("---\nissue: 5\n---\n# T\n\nIssue: #6\n").issue == Reference("5", 5)
    assert header("---\nissue: TBD\n---\n# T\n\nIssue: none yet\nIssue: #6\n").issue == Reference("#6", 6)
    assert header("# T\n\nIssue: n/a\nBranch: to be created\nPrefix: none\n") == Header()


def test_a_parent_issue_stands_in_for_the_issue() -> None:
    """The issue above counts only where the thread has none of its own."""
    assert header("# T\n\nParent issue: #4\nIssue: #5\n").issue == Reference("#5", 5)
    assert header("# T\n\nParent issue: #4\n").issue == Reference("#4", 4)


def test_text_below_the_header_declares_nothing() -> None:
    """Entries, plans and text may speak of branches and issues without declaring them."""
    text = "# T\n\n## Plan\n\n- Branch: y\n\n## 2026-05-25 a\n\n- Issue: #5\n- Prefix: KT\n\n### Scope\n\n- Branch: z\n"
    assert header(text) == Header()


@pytest.mark.parametrize("value", ["kt", "KT lower", "MOE-HC", "<prefix>", "", "A" * 200, "`KT-01`", "KT-"])
def test_a_prefix_is_in_capitals(value: str) -> None:
    """What is no prefix is not read as one; a number or a hyphen at its end is not part of it."""
    expected = {"KT lower": "KT", "MOE-HC": "MOE-HC", "KT-": "KT", "`KT-01`": "KT"}.get(value, "")
    assert header(f"# T\n\nPrefix: {value}\n").prefix == expected


def test_the_fixture_language_can_write_a_header() -> None:
    """Tests of rules say what they need in a few words."""
    found = book("issue=#8734 prefix=MOE-HC branch=research/moe; tags=MOE-HC,issue-8734").header
    assert (found.issue, found.prefix, found.branch) == (Reference("#8734", 8734), "MOE-HC", "research/moe")
    assert found.tags == ("MOE-HC", "issue-8734")


@pytest.mark.parametrize(
    "value",
    [
        *(
            "a-" * 200_000,
            "#" + "9" * 400_000,
            "A" + "-<" * 200_000,
            "https://" * 50_000,
            "a/" * 200_000,
            "(" * 400_000,
        ),
        *("https://a/" + "b" * 400_000, "a," * 200_000, " " * 400_000 + "x", "`" * 400_000),
    ],
    ids=lambda value: value[:10],
)
def test_hostile_values_do_not_hang(value: str) -> None:
    """Half a megabyte in every fact is read, and no more of it than a person would write is taken for a prefix."""
    found = header(
        "# T\n\n" + "".join(f"{name}: {value}\n" for name in ("Issue", "Branch", "Prefix", "Tags", "Parent logbook"))
    )
    assert len(found.prefix) < 200


def front(body: str) -> FrontMatter:
    """Return the front matter of a logbook."""
    found = parsed(f"---\n{body}\n---\n# T\n").front_matter
    assert found
    return found


def test_front_matter_has_the_values_that_yaml_gives_it() -> None:
    """Text, numbers, dates, lists and nothing are what YAML makes of them."""
    found = front("topic: a b\nissue: 5\ntags: [x, 'y z']\nwhen: 2026-05-25\nempty:\nurl: https://a.b/c")
    assert {key: str(value) for key, value in found.values.items()} == {
        "topic": "a b",
        "issue": "5",
        "tags": "['x', 'y z']",
        "when": "2026-05-25",
        "empty": "None",
        "url": "https://a.b/c",
    }
    assert (found.problem, found.span.line, found.span.end_line) == ("", 1, 8)


@pytest.mark.parametrize("text", ["# T\n", "", "\n---\na: b\n---\n", "text\n---\na: b\n---\n", "---\n\ntext\n"])
def test_front_matter_begins_on_the_first_line_only(text: str) -> None:
    """Only what begins in the first line is front matter."""
    assert parsed(text).front_matter is None


def test_a_logbook_may_hold_front_matter_alone() -> None:
    """A logbook may hold only its front matter."""
    logbook = parsed("---\ntopic: a\nissue: 5\n---")
    assert (logbook.title, logbook.sections, logbook.header.topic) == ("", (), "a")


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("---\ntopic: a\n# T\n", "no closing `---` line", 1),
        ("---\n- a\n- b\n---\n", "not a list of `key: value` lines", 2),
        ("---\ntext\n---\n", "not a list of `key: value` lines", 2),
        ("---\ntopic: a: b\n---\n", "mapping values are not allowed here", 2),
        ("---\ntopic: a\nissue: [\n---\n", "not valid YAML", 3),
        ("---\na: 1\n\tb: 2\n---\n", "cannot start any token", 3),
        ("---\na: 1\na: 2\n---\n", "duplicate key", 3),
        ("---\na: 2026-13-45\n---\n", "month must be in 1..12", 1),
        ("---\na: !!int x\n---\n", "not valid YAML", 1),
        ("---\na: !!int ''\n---\n", "not valid YAML", 1),
        ("---\na: !!bool x\n---\n", "not valid YAML", 1),
        ("---\na: !!timestamp x\n---\n", "not valid YAML", 2),
        ("---\na: !!binary a\n---\n", "not valid YAML", 2),
        ("---\na: !!python/object x\n---\n", "not valid YAML", 2),
        ("---\ntopic: !!omap [a: 1, a: 2]\n---\n", "a value does not fit its tag", 1),
        ("---\na: " + "[" * 10_000 + "\n---\n", "nested too deeply", 2),
        ("---\na: " + "b" * 70_000 + "\n---\n", "over 16 KiB", 1),
        ("---\na: " + "9" * 5_000 + "\n---\n", "not valid YAML", 1),
        ("---\n0x" + "f" * 5_000 + ": 1\n---\n", "not valid YAML", 2),
        ('---\na: "\\ud800"\n---\n', "", 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_problem_of_front_matter_is_named_with_its_line(text: str, problem: str, line: int) -> None:
    """What keeps front matter from being read is said, shortly and with its line."""
    found = parsed(text).front_matter
    assert found
    assert problem in found.problem
    assert (found.problem_line, len(found.problem) < 200) == (line, True)


ODD = [
    *("!!omap [a: 1, a: 2]", "!!omap [1]", "!!omap {a: 1}", "!!omap [{a: 1, b: 2}]", "!!omap x", "!!omap &a [a: *a]"),
    *("!<tag:yaml.org,2002:omap> [a: 1, a: 2]", "!!set [a]", "!!set {a, a}", "!!set {? [b] : }", "!!set x"),
    *("!!pairs [a: 1, a: 2]", "!!pairs [[1]]", "!!pairs x", "!!python/object:os.system x", "!!python/name:os.system "),
    *("!!python/object/apply:os.system ['true']", "!!timestamp 2026-13-45", "!!timestamp [1]", "!!timestamp x"),
    *("2026-05-25T25:61:61Z", "2026-05-25T10:00:00+99:99", "0000-00-00", "!!binary [1]", "!!binary é", "!!binary ===="),
    *("!!merge x", "!!value x", "!!yaml x", "!!float x", "!!float ''", "!!int 0x", "!!int 1:99:x", "!!int _", "0b"),
    *("!!null x", "!!bool ''", "!!str [1]", "!!seq x", "!!map [1]", "!!seq {a: 1}", "!foo {x: 1}", "!<> b", "! b"),
    *("&a [*a]", "&a {<<: *a}", "{<<: [&x {<<: *x}]}", "*a", "*", "&", "&x 1\nb: &x 2", "=", "1e999999", "12e03"),
    *('"\\x00"', '"\\ud800"', '"\\UFFFFFFFF"', '"\\U00110000"', "\x01", "\x7f", "1\n...\n---\nb: 1"),
]
ODD_KEYS = [
    *("&a a: *a", "? &a [*a]\n: 1", "? &a {*a : 1}\n: 1", "<<: *a", "<<: 1", "<<: [1]", "<<: [[1]]", "? ? ?"),
    *("? [a]\n: 1", "? !!set {a}\n: 1", "? !!omap [a: 1]\n: 2", "!!merge x: 1", "!!omap [a: 1, a: 1]", "!!str x"),
    *("%TAG ! tag:x,2000:\n--- a", "%YAML 9.9\n---\na: b", "%YAML 1.1\n---\na: yes", ".nan: 1\n.NaN: 2", "=: 1"),
    *("1: 1\n1.0: 2\ntrue: 3", "*a : 1", "\u2028: 1", "\ufeffa: 1", "0x" + "f" * 5_000 + ": 1"),
]


@pytest.mark.parametrize("body", [*(f"topic: {value}" for value in ODD), *ODD_KEYS], ids=lambda body: ascii(body)[:30])
def test_odd_yaml_does_not_keep_the_logbook_from_being_read(body: str) -> None:
    """What YAML's reader raises for one file is that file's finding, and what stands below is read."""
    logbook = parsed(f"---\n{body}\n---\n# T\n")
    assert logbook.front_matter
    assert logbook.title == "T"


def test_yaml_prints_no_warnings() -> None:
    """YAML's reader would print the lines of an anchor that is used again, as they are; here warnings are errors."""
    assert front("::add-mask::x: &a 1\nb: &a 2\ntopic: *a").values["topic"] == 2


def test_a_value_that_contains_itself_is_ignored() -> None:
    """Aliases of aliases stand for more text than there is memory for, and are not written out."""
    bomb = "\n".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9) if i else 'x'}]" for i in range(12))
    logbook = parsed(f"---\n{bomb}\nissue: *a11\ntopic: &t [*t]\nbranch: {{a: b}}\ntags: [a, [b], c]\n---\n# T\n")
    assert (logbook.header.issue, logbook.header.topic, logbook.header.branch) == (None, "", "")
    assert logbook.header.tags == ("a", "c")


@pytest.mark.parametrize(
    "body",
    [
        *("? " * 5_000, "a: '" * 3_000, "a:" * 5_000, "a: [" + "a, " * 5_000 + "]", "&a " * 5_000, "a: " + "{" * 5_000),
        *("a: |\n" + " x\n" * 5_000, "a: " + "- " * 5_000, "\n".join(f"k{i}: v" for i in range(1_800)), "%a " * 4_000),
        *(
            "".join(f"k{i}: 1\n" for i in range(1_800)),
            "# " * 8_000,
            "a: " + " " * 16_000,
            ": " * 8_000,
            "<<: {}\n" * 2_000,
        ),
        "x: &x {"
        + ",".join(f"k{i}: 1" for i in range(700))
        + "}\n"
        + "".join(f"y{i}: {{<<: *x}}\n" for i in range(400)),
    ],
    ids=lambda body: body[:8],
)
def test_hostile_front_matter_does_not_hang(body: str) -> None:
    """As much as is read at all is read, and the title below is found."""
    assert parsed(f"---\n{body}\n---\n# T\n").title == "T"


SCALARS = st.one_of(
    st.sampled_from(
        ["8734", "01", "true", "No", "y", "null", "2026-05-25", "1e3", "7421-loader", "12-3", "a: b", "a #b", "a:"]
    ),
    st.sampled_from(
        ["https://a.b/c#d", "'q'", "[x]", "{", "- a", "*a", "&a", "é", "a\tb", "a\u00a0b", "#5", "0x1f", "1-e5", ".inf"]
    ),
    st.text(st.sampled_from("ab1:#- \t'\"[]{},&*!|>%@`é\u2028~?"), max_size=8),
)
KEYS = st.one_of(st.sampled_from(["topic", "issue", "yes", "on", "a b", "1", "a-b_c"]), st.text("ab-_:", max_size=3))
LINES = (
    st.builds("{}: {}".format, KEYS, SCALARS)
    | st.builds("{}:{}".format, KEYS, SCALARS)
    | st.sampled_from(["", "  a", "#"])
)


@settings(max_examples=1_000, deadline=None)
@given(st.lists(LINES, max_size=4).map("\n".join))
def test_plain_front_matter_is_read_as_yaml_reads_it(body: str) -> None:
    """What is read without YAML's reader is what YAML's reader reads."""
    short = plain_values(body)
    if short is not None:
        try:
            assert short == YAML(typ="safe", pure=True).load(body)
        except YAMLError as error:
            pytest.fail(f"{body!r} is no YAML: {error}")


@pytest.mark.parametrize(
    "body",
    ["topic: a\nissue: https://github.com/a/b/issues/5\ndescription: One, two; three.", "issue: 8734\ntopic: 8734-x"],
)
def test_usual_front_matter_needs_no_yaml_parser(body: str) -> None:
    """Nearly all front matter is plain."""
    assert plain_values(body)
