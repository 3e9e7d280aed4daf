"""Claims about named values in entries."""

import pytest

from book import parsed
from research_logbook.logbook.fields import SourceText, facts_of, fields_of
from research_logbook.logbook.model import Field
from research_logbook.markdown.tree import parse


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
