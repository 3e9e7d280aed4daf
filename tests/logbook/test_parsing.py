"""Claims about reading a logbook's bytes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book import PATH, book, parsed, written
from research_logbook.logbook import MAX_BYTES, parse, symlink
from research_logbook.logbook.model import Located, Logbook, Unreadable
from research_logbook.logbook.references import wanted


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
    assert all(path for _, path in wanted(found))
