"""Claims about the log: where it is, and the entries and fields in it."""

import datetime as dt

import pytest

from book import book, outline, parsed
from research_logbook.logbook.entries import facts_of, fields_of, read_backwards, read_heading
from research_logbook.logbook.model import EntryKind, Field, SourceText
from research_logbook.logbook.queries import is_newest_first
from research_logbook.markdown.tree import parse

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
    """Dated headings behind a log, at its level or at that of its entries, continue it."""
    text = f"# T\n\n## Log\n\n{ONE}\n## 2026-05-26 b\n\n### 2026-05-27 c\n\n## Other\n\n## 2026-05-28 d\n"
    assert [line.split(maxsplit=1)[1] for line in entries(text)] == [
        *("2026-05-25 - KT-001 first h3", "2026-05-26 b h2", "2026-05-27 c h3", "2026-05-28 d h2"),
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
    """Dates may end the headings of a log, and where one begins with its date, those at the level of that."""
    text = (
        "# T\n\n## Log\n\n### KT-001 first (2026-05-25)\n\n### Second — 2026-05-26 10:00\n\n#### Notes (2026-05-27)\n"
    )
    assert outline(parsed(text)) == [
        "5-5 2026-05-25 | KT-001 | first | note | ",
        "7-7 2026-05-26 10:00 |  | Second | note | ",
        "9-9 2026-05-27 |  | Notes | note | ",
    ]
    assert [line.split()[0] for line in entries(text.replace("### KT-001", "### 2026-05-24 KT-001"))] == ["5", "7"]


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


# What a heading says


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


# Fields


def fields(text: str) -> list[Field]:
    """Return the fields of a piece of Markdown."""
    return list(fields_of(parse(text), SourceText("a.md", text.split("\n"))))


def only(text: str) -> Field:
    """Return the one field of a piece of Markdown."""
    (field,) = fields(text)
    return field


def places(text: str) -> list[tuple[str, int, int, str]]:
    """Return canonical name, lines and value of each field."""
    return [(field.key, field.span.line, field.span.end_line, field.value) for field in fields(text)]


@pytest.mark.parametrize(
    "text",
    [
        *("- Result: loss 2.2", "* Result: loss 2.2", "1. Result: loss 2.2", "+   Result:   loss 2.2  "),
        *("- **Result:** loss 2.2", "- **Result**: loss 2.2", "- __Result:__ loss 2.2", "- *Result*: loss 2.2"),
        *("- ***Result:*** loss 2.2", "- **Result: loss 2.2**", "- [x] Result: loss 2.2", "- [ ] **Result:** loss 2.2"),
        *("- ✅ Result: loss 2.2", "- **✅ Result:** loss 2.2", "- Result (seed 0): loss 2.2"),
        *("- Result (at 10:30): loss 2.2", "- [Result](results.md): loss 2.2", "- ~~Status: bad~~ Result: loss 2.2"),
        *("- <b>Result</b>: loss 2.2", "- Result: loss 2.2\n", "- Result (see `a:b`): loss 2.2"),
        *(
            "**Result:** loss 2.2",
            "**Result**: loss 2.2",
            "Result: loss 2.2",
            "*Result:* loss 2.2",
            "Result: loss 2.2",
        ),
        *("- Result:loss 2.2", "-\tResult:\tloss 2.2", "> quoted\n\n- Result: loss 2.2"),
    ],
)
def test_a_value_is_what_follows_the_colon(text: str) -> None:
    """However a name is set, its value is the Markdown behind the colon."""
    field = only(text)
    assert (field.name, field.key, field.value, field.text) == ("Result", "result", "loss 2.2", "loss 2.2")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "- at 10:30 it stopped",
            "- ratio 3:1",
            "- https://example.com/a",
            "- `path`: a file",
            "- 2x: faster",
            "- : a",
        ),
        *(
            "- **bold** without a colon",
            "- a) Result",
            "- " + "long " * 30 + ": x",
            "- one two three four five six seven: x",
        ),
        *(
            "- ~~Result: 5~~",
            "- <!-- Result: 5 -->",
            "- --flag: x",
            "Note: it stopped",
            "See: below",
            "- Result",
            "- ☃",
        ),
        *("```\nResult: 5\n```", "    Result: 5", "> - Result: 5", "| Result: | 5 |\n|---|---|\n", "- (Result: 5)"),
    ],
)
def test_text_that_is_not_a_field(text: str) -> None:
    """Times, links, sentences, code and quotes are no named values, nor is an unknown name in plain prose."""
    assert fields(text) == []


def test_an_unknown_name_keeps_its_words() -> None:
    """A name that is not known keeps its words, and its slug is its key."""
    field = only("- H100 batch 32 rerun: passed")
    assert (field.name, field.key) == ("H100 batch 32 rerun", "h100-batch-32-rerun")


def test_names_may_be_in_any_script() -> None:
    """A name need not be English to be one."""
    assert [(field.name, field.key, field.value) for field in fields("- Résultat: 2\n- 结果: 3\n- Вывод: 4\n")] == [
        *(("Résultat", "r-sultat", "2"), ("结果", "结果", "3"), ("Вывод", "вывод", "4")),
    ]


def test_code_in_a_name_belongs_to_the_value() -> None:
    """A job's name may stand before the colon; a reader sees it with the value."""
    field = only("- H100 job `/ana/a:1`: passed")
    assert (field.name, field.key, field.value, field.text) == ("H100 job", "job", "passed", "/ana/a:1 passed")
    assert fields("- Some `code` here: x") == []


def test_values_over_several_lines() -> None:
    """A value goes on as long as its item does, without the item's indent."""
    text = "- Result: first\n  second\n\n  third\n- Config: a\nlazy\n\n- Next action: b\n"
    assert places(text) == [
        ("result", 1, 4, "first\nsecond\n\nthird"),
        ("config", 5, 6, "a\nlazy"),
        ("next-action", 8, 8, "b"),
    ]


def test_nested_lists_keep_their_indent() -> None:
    """A list in a value keeps its own levels."""
    text = "- Result: **pass**:\n  - d512: 3.8\n    - seed 0\n  - d768: 3.4\n"
    assert places(text) == [("result", 1, 4, "**pass**:\n- d512: 3.8\n  - seed 0\n- d768: 3.4")]
    assert only(text).text == "pass:\nd512: 3.8\nseed 0\nd768: 3.4"


def test_code_and_tables_in_a_value() -> None:
    """Fences and rows are kept as they are written."""
    code = "1. Command:\n\n   ```sh\n   make \\\n     all\n   ```\n"
    text = f"{code}2. Result:\n\n   | a | b |\n   |---|---|\n   | 1 | 2 |\n"
    assert places(text) == [
        ("command", 1, 6, "```sh\nmake \\\n  all\n```"),
        ("result", 7, 11, "| a | b |\n|---|---|\n| 1 | 2 |"),
    ]


def test_indented_code_keeps_its_indent() -> None:
    """Code set in by four columns stays code."""
    assert places("- Command:\n\n      make all\n") == [("command", 1, 3, "make all")]
    assert places("- Command: a\n\n      make all\n") == [("command", 1, 3, "a\n\nmake all")]


def test_a_value_may_be_indented_by_tabs() -> None:
    """A value indented by tabs loses that indent."""
    assert places("-\tResult:\n\t- a\n\t\t- b\n") == [("result", 1, 3, "- a\n\t- b")]


def test_a_paragraph_holds_several_fields() -> None:
    """Each known or bold name at the start of a line begins a field, which goes on to the next."""
    text = "Intro.\n**Command:** make\nall of it\nStatus: *done*  \nnote: unknown\n**Custom**: x\n"
    assert places(text) == [
        ("command", 2, 3, "make\nall of it"),
        ("result", 4, 5, "*done*\nnote: unknown"),
        ("custom", 6, 6, "x"),
    ]


def test_a_label_names_what_stands_below_it() -> None:
    """A label on a line of its own names the list, table, code or quote below; only the last label does."""
    assert places("Results:\n\n- a\n  - b\n") == [("result", 1, 4, "- a\n  - b")]
    assert places("**Command**:\n```\nmake\n```\n") == [("command", 1, 4, "```\nmake\n```")]
    assert places("Result:\n\n| a |\n|---|\n| 1 |\n") == [("result", 1, 5, "| a |\n|---|\n| 1 |")]
    assert places("Config:\nResult:\n\n- a\n") == [("config", 1, 1, ""), ("result", 2, 4, "- a")]
    assert places("Result:\n\nA paragraph.\n") == [("result", 1, 1, "")]


def test_fields_below_a_label_are_fields() -> None:
    """A list below a label may hold fields of its own."""
    assert [field.key for field in fields("**Run 1**:\n\n- Command: make\n- Result: 5\n")] == [
        "run-1",
        "command",
        "result",
    ]


def test_fields_in_nested_lists() -> None:
    """What an entry asks for is found below a grouping item, with its own lines."""
    text = "- Setup:\n  - Command: `make`\n  - Colour: red\n- seed 0\n  - Result: 5\n"
    assert places(text) == [
        ("config", 1, 3, "- Command: `make`\n- Colour: red"),
        ("command", 2, 2, "`make`"),
        ("result", 5, 5, "5"),
    ]


@pytest.mark.parametrize("label", ["Hypothesis", "Next action", "Baseline", "Expected outcome", "Previous run"])
def test_what_is_planned_or_past_is_not_a_field_of_the_entry(label: str) -> None:
    """A command below the next action was not run, a result below the baseline is not this entry's."""
    assert [field.key for field in fields(f"- {label}:\n  - Command: make\n  - Result: 5\n")][1:] == []


def test_sub_headings_named_like_fields() -> None:
    """A sub-heading with a known name holds all below it, up to the next of its level."""
    result = "### Result:\n\nLoss 2.2.\n\n#### By seed\n\n| a |\n|---|\n| 1 |\n"
    text = f"{result}\n### Results of others\n\nx\n\n### Conclusion\n"
    assert places(text)[0] == ("result", 1, 9, "Loss 2.2.\n\n#### By seed\n\n| a |\n|---|\n| 1 |")
    assert [field.key for field in fields(text)] == ["result", "conclusion"]


def test_a_field_knows_whether_its_value_is_pending() -> None:
    """A value still to come says so first."""
    text = "- Result: **TBD** (filled in later)\n- Config: 8 pending\n- Commit: _pending_\n- Job:\n"
    assert [field.is_pending for field in fields(text)] == [True, False, True, False]


@pytest.mark.parametrize("text", ["- Result:", "- Result: <!-- fill in -->", "- Result: ~~5~~", "- **Result:**   "])
def test_empty_values(text: str) -> None:
    """Nothing, a comment, and what is struck out are no value."""
    assert only(text).is_empty


@pytest.mark.parametrize("text", ["- Result: none", "- Result: ![](a.png)", "- Result: 0", "- Result: ~~5~~ 6"])
def test_values_that_are_there(text: str) -> None:
    """A plot is a value, and so is a correction."""
    assert not only(text).is_empty


def test_each_line_of_a_header_is_a_fact() -> None:
    """Plain and bold lines are facts, whatever their names; a list's items are too."""
    text = "Series ID: **MOE**\nIssue: [#5](x)\\\n**Agent:** a: b\nhttps://a.b\n\n- Branch: `x`\n"
    facts = facts_of(parse(text), SourceText("a.md", text.split("\n")))
    assert [(fact.name, fact.span.line, fact.value, fact.text) for fact in facts] == [
        ("Series ID", 1, "**MOE**", "MOE"),
        ("Issue", 2, "[#5](x)", "#5"),
        ("Agent", 3, "a: b", "a: b"),
        ("Branch", 6, "`x`", "x"),
    ]


def test_an_id_may_stand_in_a_field() -> None:
    """If the heading names no experiment, a field may."""
    (entry,) = parsed("## 2026-05-25 kickoff\n\n- Experiment ID: `MOE-HC-001..003`\n- Result: 5\n").entries
    assert entry.ids == ("MOE-HC-001", "MOE-HC-002", "MOE-HC-003")
    assert entry.heading_ids == ()
