"""Claims about the log: where it is, and the entries in it."""

import pytest

from book import book, outline, parsed
from research_logbook.logbook.model import EntryKind
from research_logbook.logbook.queries import is_newest_first

ONE = "### 2026-05-25 - KT-001 first\n\n- Command: `make`\n- Result: 5.5 s\n"


def entries(text: str) -> list[str]:
    """Return line, heading and level of each entry."""
    return [f"{entry.span.line} {entry.heading} h{entry.level}" for entry in parsed(text).everything]


@pytest.mark.parametrize(
    "title",
    [
        *(
            "Entry Log",
            "Entry log",
            "Experiment Log",
            "Log",
            "Launched Instances",
            "Actions",
            "Research log",
            "Journal",
        ),
        *("7. Experiment Log", "📓 Log", "Log (newest first)", "Log — append-only", "Updates", "A name of its own"),
    ],
)
def test_a_log_is_found_by_its_title_or_its_content(title: str) -> None:
    """The log is found by its title, or by what stands in it."""
    logbook = parsed(f"# T\n\n## Scope\n\nx\n\n## {title}\n\n{ONE}\n## After\n\ny\n")
    assert outline(logbook) == ["9-12 2026-05-25 | KT-001 | first | experiment | command result"]
    assert logbook.log
    assert logbook.log.line == 7


@pytest.mark.parametrize("level", [2, 3, 4, 5, 6])
def test_entries_at_any_level(level: int) -> None:
    """An entry's heading may stand as deep as it likes, and directly after its log."""
    text = f"# T\n\n## Log\n\n{'#' * level} 2026-05-25 a\n\nx\n\n{'#' * level} 2026-05-26 b\n"
    assert entries(text) == [f"5 2026-05-25 a h{level}", f"9 2026-05-26 b h{level}"]


def test_dated_headings_without_a_log() -> None:
    """If no section is a log, dated headings are entries, newest first or not."""
    logbook = parsed("# T\n\n## Scope\n\n## 2026-05-26 b\n\n## 2026-05-25 a\n\n## Appendix\n")
    assert outline(logbook) == ["5-5 2026-05-26 |  | b | note | ", "7-7 2026-05-25 |  | a | note | "]
    assert is_newest_first(logbook)
    assert logbook.log == logbook.entries[0].span


def test_dated_headings_beside_a_log_are_no_entries() -> None:
    """If there is a log, dated headings elsewhere are something else."""
    assert entries(f"# T\n\n## Plan\n\n### 2026-06-01 deadline\n\n## Log\n\n{ONE}") == [
        "9 2026-05-25 - KT-001 first h3"
    ]


def test_an_empty_log_takes_what_is_dated_elsewhere() -> None:
    """A log that nobody wrote in hides no entry."""
    assert entries("# T\n\n## Log\n\n## Other\n\n## 2026-05-25 a\n") == ["7 2026-05-25 a h2"]


def test_a_log_goes_on_at_its_own_level() -> None:
    """Dated headings right after a log continue it, up to the next that is not dated."""
    text = f"# T\n\n## Log\n\n{ONE}\n## 2026-05-26 b\n\n### 2026-05-27 c\n\n## Other\n\n## 2026-05-28 d\n"
    assert [line.split(maxsplit=1)[1] for line in entries(text)] == [
        *("2026-05-25 - KT-001 first h3", "2026-05-26 b h2", "2026-05-27 c h3"),
    ]


def test_a_logbook_may_have_two_logs() -> None:
    """A second log is a log."""
    text = f"# T\n\n# Part 1\n\n## Log\n\n{ONE}\n# Part 2\n\n## Log\n\n{ONE}"
    assert [line.split()[0] for line in entries(text)] == ["7", "16"]


def test_the_title_of_the_file_is_never_a_log() -> None:
    """A file whose title says that it is a log has its entries where they are."""
    text = "# Research Log: routers\n\n## Scope\n\n- Result: none\n\n## Log\n\n### 2026-05-25 a\n"
    assert entries(text) == ["9 2026-05-25 a h3"]
    assert [section.name for section in parsed(text).sections][1] == "scope"


def test_an_undated_heading_is_an_entry_if_it_has_an_entrys_fields() -> None:
    """An undated heading in the log is an entry only if it has a field of one."""
    logbook = parsed(
        f"# T\n\n## Log\n\n### Kickoff\n\n- Result: TBD.\n\n### Week 21\n\ntext\n\n#{ONE}\n### Notes\n\ntext\n"
    )
    assert [entry.heading for entry in logbook.undated] == ["Kickoff"]
    assert [entry.span.line for entry in logbook.entries] == [13]


def test_a_field_may_date_an_entry() -> None:
    """A `Date:` field dates a heading that has no date."""
    logbook = parsed("# T\n\n## Log\n\n### KT-001 first\n\n- Time: 4 h\n- Date: on 2026-05-25\n- Result: 5\n")
    assert outline(logbook) == ["5-9 2026-05-25 | KT-001 | first | note | date date result"]
    assert logbook.undated == ()


def test_dates_at_the_end_of_headings() -> None:
    """If no heading of a log begins with a date, dates may end them."""
    text = (
        "# T\n\n## Log\n\n### KT-001 first (2026-05-25)\n\n### Second — 2026-05-26 10:00\n\n#### Notes (2026-05-27)\n"
    )
    assert outline(parsed(text)) == [
        "5-5 2026-05-25 | KT-001 | first | note | ",
        "7-7 2026-05-26 10:00 |  | Second | note | ",
        "9-9 2026-05-27 |  | Notes | note | ",
    ]
    assert entries(text.replace("### KT-001", "### 2026-05-24 KT-001"))[1:] == []


def test_an_entry_holds_its_sub_sections() -> None:
    """All below an entry's heading is its own, up to the next dated heading, whatever its titles say."""
    first = "### 2026-05-25 a\n\n#### Hypothesis\n\nh\n\n##### Baseline\n"
    logbook = parsed(f"# T\n\n## Log\n\n{first}\n#### 2026-05-26 b\n\n- Result: 5\n")
    assert outline(logbook) == ["5-11 2026-05-25 |  | a | note | hypothesis", "13-15 2026-05-26 |  | b | note | result"]
    assert logbook.entries[0].text == "Hypothesis\nh\nBaseline"
    assert (logbook.hypotheses, logbook.decisions) == ((), ())


def test_bullets_only_where_there_are_no_headings() -> None:
    """A dated bullet in an entry is not an entry; in a log without headings it is one."""
    assert entries(f"# T\n\n## Log\n\n- 2026-05-24: b\n\n{ONE}\n- 2026-05-25: c\n") == [
        "7 2026-05-25 - KT-001 first h3"
    ]
    assert entries("# T\n\n## Log\n\n- 2026-05-24: b\n- later: c\n\n### Week\n\n* [x] **2026-05-25** d\n") == [
        *("5 2026-05-24: b h0", "10 2026-05-25 d h0"),
    ]


def test_bold_lines_hold_what_follows_them() -> None:
    """A bold dated line is an entry with all up to the next; bullets in it are its own."""
    logbook = parsed(
        "# T\n\n## Log\n\n**2026-05-24** a\nmore\n\n- 2026-05-25: b\n- Result: 5.5 s\n\n**2026-05-26 b**\n"
    )
    assert outline(logbook) == ["5-9 2026-05-24 |  | a | experiment | result", "11-11 2026-05-26 |  | b | note | "]
    assert logbook.entries[0].text == "2026-05-24 a\nmore\n2026-05-25: b\nResult: 5.5 s"


def test_bullets_under_a_new_name() -> None:
    """Dated bullets make a log of a section with a new name, unless there is only one or dated headings exist."""
    bullets = "# T\n\n## Goings-on\n\n- 2026-05-24: a\n- 2026-05-25: b\n"
    assert len(entries(bullets)) == 2
    assert parsed(bullets).log == parsed(bullets).sections[1].span
    assert entries(bullets.replace("- 2026-05-25", "- later")) == []
    assert entries(f"{bullets}\n## 2026-05-26 c\n") == ["8 2026-05-26 c h2"]


def test_an_entry_is_an_experiment_or_a_note() -> None:
    """An entry with a command, a job or a measured result is an experiment; any other is a note."""
    kinds = [entry.kind for entry in book("E1 command; E2 job; E3 result; E4 failure; E5 pending; E6 run; E7").entries]
    assert "".join("x" if kind is EntryKind.EXPERIMENT else "-" for kind in kinds) == "xxx--x-"


@pytest.mark.parametrize(
    ("body", "is_experiment"),
    [
        ("- Command: none", False),
        ("- Command: n/a.", False),
        ("- Command: TBD", False),
        ("- Job: pending", False),
        ("```sh\nls\n```", True),
        ("```\npython train.py\n```", True),
        ("```\nloss 2.2\n```", False),
        ("```python\nimport a\n```", False),
        ("- Result: 16 tests passed", False),
        ("- Result: pending, at 3.2 s", True),
        ("- Config: width 5.5", False),
        ("Loss was 2.2.", False),
        ("| a | loss |\n|---|---|\n| x | 2.2 |", True),
        ("| a | date |\n|---|---|\n| x | 2026 |", False),
        ("- Config:\n\n  | a | width |\n  |---|---|\n  | x | 2.5 |", False),
        ("- Result:\n\n  | a | loss |\n  |---|---|\n  | x | 2.2 |", True),
        ("- Interpretation:\n\n  | a | loss |\n  |---|---|\n  | x | 2.2 |", True),
        ("| a | loss |\n|---|---|\n| x | 2.2 |\n| y | died |", False),
    ],
)
def test_what_makes_an_experiment(body: str, is_experiment: bool) -> None:
    """Commands that were run and numbers that were measured do; plans, counts and configurations do not."""
    (entry,) = parsed(f"## 2026-05-25 a\n\n{body}\n").entries
    assert (entry.kind is EntryKind.EXPERIMENT) is is_experiment


def test_an_entry_knows_what_it_holds() -> None:
    """Tables, code and links are the entry's own, in order, and no one else's."""
    text = "## 2026-05-25 [no](no)\n\n[a](a)\n\n```\nx\n```\n\n### [b](b)\n\n| [c](c) |\n|---|\n"
    first, second = parsed(f"# T\n\n[z](z)\n\n{text}\n## 2026-05-26\n\n[d](d)\n").entries
    assert [link.url for link in first.links] == ["a", "b", "c"]
    assert ([code.text for code in first.code], [table.header for table in first.tables]) == (["x\n"], [("c",)])
    assert [link.url for link in second.links] == ["d"]


def test_the_prefix_is_declared_or_inferred() -> None:
    """The declared prefix counts; else the one that most headings use, and then IDs in labels count too."""
    text = (
        "# T\n\n{}\n\n## Log\n\n### 2026-05-25 KT-001 a\n\n### 2026-05-26 - again KT-002\n\n### 2026-05-27 MOE-01 c\n"
    )
    inferred, declared = parsed(text.format("")), parsed(text.format("Prefix: MOE"))
    assert (inferred.prefix, [entry.ids for entry in inferred.entries]) == (
        "KT",
        [("KT-001",), ("KT-002",), ("MOE-01",)],
    )
    assert (declared.prefix, [entry.ids for entry in declared.entries]) == ("MOE", [("KT-001",), (), ("MOE-01",)])


@pytest.mark.parametrize(
    ("ids", "name"),
    [
        ("KT-001", "KT-001"),
        ("KT-001/002/003", "KT-001, KT-002, KT-003"),
        ("KT-001..004", "KT-001 to KT-004"),
        ("without", "“2026-05-25 without”"),
    ],
)
def test_messages_name_an_entry_by_its_ids(ids: str, name: str) -> None:
    """Up to three IDs are listed, more are given by the first and the last; without any the heading stands for it."""
    (entry,) = parsed(f"## 2026-05-25 {ids}\n").entries
    assert entry.name == name


def test_entries_may_share_an_id() -> None:
    """An ID may be that of several entries."""
    logbook = book("E1 command; E1@2026-05-26 result")
    assert [entry.ids for entry in logbook.entries] == [("MOE-HC-001",), ("MOE-HC-001",)]


def decisions(text: str) -> list[tuple[int, int, str]]:
    """Return lines and text of each decision in a decision log."""
    found = parsed(f"# T\n\n## Decision Log\n\n{text}\n\n## Other\n\n- no decision\n").decisions
    return [(item.span.line, item.span.end_line, item.text) for item in found]


def test_items_rows_and_dated_text_are_decisions() -> None:
    """Lists, tables, dated paragraphs and dated headings hold decisions; an introduction is not one."""
    text = "Newest last.\n\n- one\n  more\n  - and\n\n| Date | What |\n|--|--|\n| x | two |\n\n**2026-05-25**: three\n"
    assert decisions(text) == [
        *((7, 9, "one more and"), (13, 13, "x | two"), (15, 15, "2026-05-25: three")),
    ]
    assert decisions("### 2026-05-25 four\n\nBecause.\n\n#### Why\n\n- x\n\n### Kept\n\n- five\n") == [
        *((5, 11, "2026-05-25 four Because. Why x"), (15, 15, "five")),
    ]


def test_decisions_within_an_entry_belong_to_the_entry() -> None:
    """A sub-heading of an entry is not a decision log."""
    assert parsed("## 2026-05-25 a\n\n### Decision\n\n- keep it\n").decisions == ()


def test_a_decision_is_known_by_how_it_begins() -> None:
    """Its subject is the same wherever it is."""
    (decision,) = book("D@2026-05-25 'one seed is enough'").decisions
    assert decision.subject == "decision 2026-05-25: one seed is enough"
    assert len({decision}) == 1
