"""Claims about the rules of the file as a whole."""

import datetime as dt

import pytest

from lint.examples import PATH
from research_logbook.config.schema import Config
from research_logbook.lint.rule import Facts, LintCase, RuleHit
from research_logbook.lint.rules.file import hidden_characters
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook


def hidden(text: str) -> list[RuleHit]:
    """Return what is said of the hidden characters of a text."""
    book = parse(PATH, text.encode())
    assert isinstance(book, Logbook)
    return list(hidden_characters.check(LintCase(book, Facts(dt.datetime(2026, 7, 1, tzinfo=dt.UTC)), Config(), ())))


@pytest.mark.parametrize(
    "text",
    [
        "It ran to step &#x202e;400&#x202c;.",
        "- Result: &#8238;400",
        "| a |\n|---|\n| &#X202E;400 |",
        "### 2026-05-25 - kick&ZeroWidthSpace;off",
        "<details>\nstep &#x202e;400\n</details>",
        "\\`step &#x202e;400 \\`",
    ],
)
def test_a_hidden_character_is_found_as_an_entity(text: str) -> None:
    """However it is written, what a reader gets is the same."""
    (fault,) = hidden(f"# Run\n\n{text}\n")
    assert "written as an entity" in fault.message


@pytest.mark.parametrize(
    "text",
    ["Write `&#x202e;`.", "```\n&#x202e;\n```", "a &lt; b &mdash; c", "\u05d0&rlm;\u05d1", "&amp;#x202e; stays"],
)
def test_an_entity_that_hides_nothing_is_none(text: str) -> None:
    """Code shows the entity itself, and others stand for what is seen."""
    assert hidden(f"# Run\n\n{text}\n") == []


def test_a_hidden_character_is_never_allowed() -> None:
    """What no reader sees, no reader has agreed to."""
    assert not hidden_characters.can_be_allowed
