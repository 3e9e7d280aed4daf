"""Claims about comments that silence a rule."""

import pytest

from book import parsed
from research_logbook.logbook.model import Allowance


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
    """The reason follows the rule, whatever stands between them."""
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
def test_what_is_no_allowance(text: str) -> None:
    """Code that shows one, and a comment that is not closed, silence nothing."""
    assert allowances(f"# T\n\ntext\n\n{text}\n") == []


def test_an_allowance_covers_its_heading_s_block() -> None:
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
