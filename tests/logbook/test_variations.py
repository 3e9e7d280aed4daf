"""Claims about whole logbooks as people and agents write them: each is read as its reader reads it."""

from pathlib import Path
from typing import NamedTuple

import pytest

from book import outline, parsed, values
from research_logbook.logbook import header_alone, parse
from research_logbook.logbook.model import Logbook

FIXTURES = Path(__file__).parents[1] / "fixtures" / "logbooks"


class Expected(NamedTuple):
    """What a fixture is read as."""

    entries: tuple[str, ...] = ()
    """As `book.outline` says it."""
    log: int | None = None
    """The line of the log's heading."""
    prefix: str = ""
    issue: str = ""
    branch: str = ""
    hypotheses: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


TEMPLATE = "hypothesis commit command config result interpretation next-action"
SWEEP = "KT-PERF-004 KT-PERF-005 KT-PERF-006"
EXPECTED = {
    "front-matter": Expected(
        entries=(
            "49-57 2026-05-21 09:30 | ROU-001 | first width | experiment | " + TEMPLATE,
            "59-62 2026-05-22 14:00 | ROU-002 | top-1 | experiment | command result",
        ),
        log=47,
        prefix="ROU",
        issue="https://github.com/lab/models/issues/8734",
        hypotheses=("24-24 ROU-H1 active", "28-28 ROU-H2 blocked", "32-32 ROU-H3 falsified"),
        decisions=(
            "40-40 2026-05-21: one seed decides whether a width is worth three.",
            "41-41 2026-05-26: width 2048 is out of reach.",
        ),
    ),
    "bold-header": Expected(
        entries=(
            "14-24 2026-03-26 19:42 | SHAL-104 | d6 starts and stops | experiment | job timeline result next-action",
            "26-39 2026-03-26 20:10 | SHAL-105 | Again, with a tokenizer | experiment | config commit command result",
        ),
        log=12,
        prefix="SHAL",
        issue="https://github.example.com/lab/models/issues/77",
        branch="research/shallow-models",
    ),
    "plain-header": Expected(
        entries=(
            "15-18 2026-05-18 | WIDE-EX-001 | one wide expert | experiment | command result?",
            "20-24 2026-05-19 | WIDE-EX-002 |  | experiment | command job result",
            "28-30 2026-05-25 |  | decided to stop | note | ",
        ),
        log=10,
        prefix="WIDE-EX",
        issue="lab/models#512",
        branch="research/ana/512-wide-experts",
    ),
    "dated-h2": Expected(
        entries=(
            f"6-22 2026-05-05T23:36Z | {SWEEP} | batch sweep | experiment | confidence interpretation artifacts chip-a",
            "24-27 2026-05-05T22:05Z | KT-004 KT-005 KT-006 | short smokes | experiment | job job",
            "29-32 2026-05-05 ~03:16Z | KT-001 | set-up | note | branch result",
        ),
        log=6,
        prefix="KT",
        issue="#5458",
        branch="research/kernel-timings",
    ),
    "bullets": Expected(
        entries=(
            "5-5 2026-08-12 09:00 |  | rollout started | note | ",
            "6-8 2026-08-12 10:30 UTC | CACHE-001 | first shard | experiment | command result",
            "9-10 2026-08-13 | CACHE-002 CACHE-003 | two more shards. | note | result?",
        ),
        log=3,
        prefix="CACHE",
    ),
    "bold-lines": Expected(
        entries=(
            "7-11 2026-04-01 | TOK-01 | kickoff | experiment | command result",
            "13-19 2026-04-02 08:15 | TOK-02 | bigger vocabulary | experiment | ",
        ),
        log=3,
        prefix="TOK",
    ),
    "new-name": Expected(
        entries=(
            "7-10 2026-06-01 |  | the short texts first | experiment | command result",
            "16-19 2026-06-03 |  | the long texts first | experiment | command result?",
        ),
        log=3,
    ),
    "numbered-sections": Expected(
        entries=(
            "13-16 2026-05-25 | DIST-001 | first student | experiment | result command",
            "18-20 2026-05-26 |  | Second student | note | result?",
            "22-30 2026-05-27 |  | Third student | experiment | result",
        ),
        log=11,
        prefix="DIST",
    ),
    "not-entries": Expected(
        entries=(
            "65-79 2026-05-26 | NOT-001 | the only one | experiment | result decision hypothesis",
            "89-91 - |  | Undated, with a field | experiment | result",
            "93-96 2026-05-27 10:00 UTC |  | Dated by a field | experiment | date result",
        ),
        log=38,
        prefix="NOT",
        hypotheses=("7-7 NOT-H1 active", "11-11 NOT-H2 proposed"),
        decisions=(
            "17-17 2026-05-23: drop the warm-up",
            "19-19 2026-05-24: stop at 400 steps",
            "21-23 2026-05-21 — use one seed Because three cost too much.",
            "27-27 the tokenizer",
            "28-28 the width",
        ),
    ),
    "github-markdown": Expected(
        entries=(
            "10-24 2026-05-25 | GFM-001 | folded away[^1] | experiment | command result? config",
            "26-47 2026-05-26 | GFM-002 | set with a line below | experiment | result steps interpretation",
        ),
        log=5,
        prefix="GFM",
        issue="#9",
    ),
    "queue-list": Expected(
        hypotheses=(
            *("7-7 QL-H1 active", "8-8 QL-H2 proposed", "9-9 QL-H3 supported", "10-10 H-ASYNC active"),
            *("11-11 QL-H5 falsified", "12-12 QL-H6 proposed", "13-13 QL-H7 falsified", "14-14  proposed"),
        ),
    ),
    "queue-table": Expected(
        hypotheses=(
            *("7-7 QT-H1 falsified", "8-8 QT-H2 proposed", "9-9 QT-H3 supported"),
            *("11-11 QT-H5 None", "15-15 QT-H6 blocked"),
        ),
    ),
    "queue-headings": Expected(
        hypotheses=(
            *("7-16 QH-H1 active", "18-18 QH-H2 active", "22-22 QH-H3 supported"),
            *("27-29 QH-H4 blocked", "31-33 QH-H5 falsified"),
        ),
    ),
}


def read(name: str) -> Logbook:
    """Return a fixture."""
    return parsed((FIXTURES / f"{name}.md").read_bytes())


def said(book: Logbook) -> Expected:
    """Return what a logbook was read as."""
    issue = book.header.issue
    return Expected(
        entries=tuple(outline(book)),
        log=book.log.line if book.log else None,
        prefix=book.prefix,
        issue=issue.written if issue else "",
        branch=book.header.branch,
        hypotheses=tuple(f"{item.span.line}-{item.span.end_line} {item.id} {item.status}" for item in book.hypotheses),
        decisions=tuple(f"{item.span.line}-{item.span.end_line} {item.text}" for item in book.decisions),
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_a_logbook_is_read_as_its_reader_reads_it(name: str) -> None:
    """Entries, log, header, hypotheses and decisions are found, each on its lines, and nothing else is."""
    assert EXPECTED[name] == said(read(name))


def test_every_fixture_is_expected_to_be_something() -> None:
    """No fixture lies about unread."""
    assert sorted(EXPECTED) == sorted(path.stem for path in FIXTURES.glob("*.md"))


@pytest.mark.parametrize("name", EXPECTED)
def test_line_ends_and_a_byte_order_mark_change_nothing(name: str) -> None:
    """A logbook saved on Windows is the same logbook."""
    data = (FIXTURES / f"{name}.md").read_bytes()
    assert parsed(data) == parsed(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("name", EXPECTED)
def test_spans_are_where_the_text_is(name: str) -> None:
    """Each entry begins on its heading's line, and ends on a line with text."""
    book = read(name)
    lines = book.text.split("\n")
    for entry in book.everything:
        assert entry.heading.split()[-1].rstrip("[^1]") in lines[entry.span.line - 1]
        assert lines[entry.span.end_line - 1].strip()
        for item in entry.fields:
            assert item.name in lines[item.span.line - 1]
            assert entry.span.line <= item.span.line <= item.span.end_line <= entry.span.end_line


def test_values_keep_their_markdown() -> None:
    """Code, tables and nested lists are what is written, without the indent they stand at."""
    folded, underlined = read("github-markdown").entries
    assert values(folded) == {"command": "`make fold`", "result": "TBD", "config": "幅 512、深さ 6 — «широкий»"}
    assert values(underlined)["result"] == "| Arm | Loss |\n|-----|------|\n| a   | 2.5  |"
    assert values(underlined)["steps"].split("\n")[:3] == ["- a", "  - b", "    - c"]
    assert values(underlined)["interpretation"] == (
        "*\\*not\\* emphasised*, <b>bold</b> <!-- hidden -->, ![plot](plots/gfm-002.png)"
    )


def test_what_a_reader_sees_has_no_markup() -> None:
    """The text of a field is without formatting, HTML and comments."""
    interpretation = read("github-markdown").entries[1].fields[-1]
    assert interpretation.text == "*not* emphasised, bold , plot"


def test_code_in_a_field_keeps_its_fences() -> None:
    """A command in a block of code stands in its value with the fence, and in the entry's code without."""
    (entry,) = parsed(
        "## 2026-05-25\n\n- Submission command (see the wiki):\n  ```sh\n  make \\\n    all\n  ```\n- Job: TBD\n"
    ).entries
    assert values(entry) == {"command": "```sh\nmake \\\n  all\n```", "job": "TBD"}
    assert [(code.span.line, code.span.end_line, code.text) for code in entry.code] == [(4, 7, "make \\\n  all\n")]


def test_tables_are_plain_text() -> None:
    """Cells have no formatting."""
    (entry, *_) = read("dated-h2").entries
    (table,) = entry.tables
    assert (table.header, table.rows[0]) == (("Chip", "State", "Step s"), ("A", "succeeded", "0.171"))
    assert (table.span.line, table.span.end_line) == (10, 13)


def test_a_child_logbook_names_its_parent() -> None:
    """The header says which logbook goes on here, and which tags are shared."""
    header = read("bold-header").header
    assert header.parent == ".agents/logbooks/shallow-models.md"
    assert header.tags == ("SHAL", "issue-77")
    assert header.prefix_span
    assert header.prefix_span.line == 6


def test_what_is_said_of_a_hypothesis() -> None:
    """Evidence, the next test and links are told apart from the hypothesis itself."""
    first, _, third, *_ = read("queue-list").hypotheses
    assert (first.text, first.next_step) == ("more heads help. Next test: one seed.", "one seed.")
    assert (third.evidence, third.has_link) == ("QL-004", True)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.md")), ids=lambda path: path.stem)
def test_a_header_is_the_same_when_it_is_read_alone(path: Path) -> None:
    """Whoever needs nothing else reads no entries."""
    data = path.read_bytes()
    logbook = parse(path.name, data)
    assert isinstance(logbook, Logbook)
    assert header_alone(path.name, data) == logbook.header
