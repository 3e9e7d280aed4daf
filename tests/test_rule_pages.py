"""Claims about rules' docstrings as pages."""

import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import pytest

from research_logbook.lint.rules import CATALOGUE
from research_logbook.lint.rules.rule import ERROR, WARNING, Needs, Rule, RuleGroup, RuleHit
from rule_pages import Example, RulePage, parse_page, render, rules_page

WHOLE = """A heading that shouts.

    Why: readers with screen readers hear every letter (style guide,
    Headings).

    Fails: a heading in capitals, such as

    ```markdown
    # SCOPE

    How to fix: this line is part of the example.
    ```

    Passes:

    ```markdown before
    # SCOPE
    ```

    ```markdown after
    # Scope
    ```

    How to fix: write it as a sentence.
    """


def rule(docstring: str, name: str = "shouting_heading", group: str = "header", **marks: Any) -> Rule:
    """Return a rule with this docstring."""

    def check() -> Iterator[RuleHit]:
        yield from ()

    check.__doc__, check.__name__ = docstring, name
    return RuleGroup(group).rule(marks.pop("severity", ERROR), help="", **marks)(check)


def test_whole_page() -> None:
    """A docstring in the layout is taken apart; a line inside an example starts no part of the page."""
    assert parse_page(cleandoc(WHOLE)) == RulePage(
        summary="A heading that shouts.",
        why="readers with screen readers hear every letter (style guide,\nHeadings).",
        fails=(
            Example("", "a heading in capitals, such as"),
            Example("markdown", "# SCOPE\n\nHow to fix: this line is part of the example.\n"),
        ),
        passes=(Example("markdown before", "# SCOPE\n"), Example("markdown after", "# Scope\n")),
        how_to_fix="write it as a sentence.",
    )


def test_circumstances() -> None:
    """What is given is a part of an example, or one by itself."""
    given = "```yaml given\nbranch: main\n```\n"
    page = parse_page(cleandoc(WHOLE).replace("```markdown before", given + "```markdown before"))
    assert [example.info for example in page.passes] == ["yaml given", "markdown before", "markdown after"]
    made = rule(WHOLE)
    assert "**Passes:**\n\nGiven:\n\n```yaml\nbranch: main\n```\n\nBefore:\n\n```markdown" in render(made, page)


def test_longer_fence() -> None:
    """An example that holds a fence stands between longer ones."""
    whole = cleandoc(WHOLE).replace("```markdown after\n# Scope\n```", "````markdown after\n```\ncode\n```\n````")
    page = parse_page(whole)
    assert page.passes[1] == Example("markdown after", "```\ncode\n```\n")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("A heading that shouts.", "", "the first line, a summary, is missing"),
        ("Why:", "Because:", "there is no `Why:`"),
        ("Fails:", "Bad:", "there is no `Fails:`"),
        ("Passes:", "Good:", "there is no `Passes:`"),
        ("How to fix: write it", "Write it", "there is no `How to fix:`"),
        ("Passes:", "Why:", "there is no `Passes:`"),
        (
            "Passes:",
            "Why: again\n\nPasses:",
            "write `Why:`, `Fails:`, `Passes:`, `How to fix:` once each, in this order",
        ),
        ("write it as a sentence.", "", "there is nothing after `How to fix:`"),
        (
            "```markdown before\n",
            "```text\n",
            "a fence after `Passes:` is not closed, or not marked `markdown` or `yaml given`",
        ),
        (
            "# Scope\n```",
            "# Scope\n",
            "a fence after `Passes:` is not closed, or not marked `markdown` or `yaml given`",
        ),
        (
            "```markdown\n# SCOPE\n\nHow to fix: this line is part of the example.\n```",
            "",
            "there is no example after `Fails:`",
        ),
        (
            "markdown after",
            "markdown",
            "a `before` under `Passes:` has no `after` below it, or an `after` no `before`",
        ),
        (
            "markdown before",
            "markdown",
            "a `before` under `Passes:` has no `after` below it, or an `after` no `before`",
        ),
    ],
)
def test_incomplete_page(old: str, new: str, fault: str) -> None:
    """A docstring that is not a page is refused, and what is missing is named."""
    with pytest.raises(ValueError, match=f"^{re.escape(fault)}$"):
        parse_page(cleandoc(WHOLE).replace(old, new))


def test_empty_page() -> None:
    """A rule without a docstring has no page."""
    with pytest.raises(ValueError, match=r"^there is no `Why:`$"):
        parse_page("")


def test_rendered() -> None:
    """A section has the rule's name for its heading, and so for its anchor, and then all parts."""
    made = rule(WHOLE)
    assert render(made, parse_page(made.page)) == cleandoc(
        """
        ### shouting-heading

        A heading that shouts.

        *error*

        **Why:** readers with screen readers hear every letter (style guide,
        Headings).

        **Fails:** a heading in capitals, such as

        ```markdown
        # SCOPE

        How to fix: this line is part of the example.
        ```

        **Passes:**

        Before:

        ```markdown
        # SCOPE
        ```

        After:

        ```markdown
        # Scope
        ```

        **How to fix:** write it as a sentence.
        """
    )


def test_rendered_marks() -> None:
    """What sets a rule apart stands below its summary."""
    made = rule(WHOLE, severity=WARNING, fixable=True, default_on=False, can_be_allowed=False, needs=Needs.BASE)
    marks = "*warning* · fixable · off by default · cannot be allowed · needs a base to compare with"
    assert marks in render(made, parse_page(made.page)).split("\n")


def test_rendered_fence() -> None:
    """A fence is longer than every run of backticks in its example."""
    examples = (Example("markdown", "````\ncode\n````\n"),)
    made = render(rule(WHOLE), RulePage("Summary.", "why", examples, examples, "how to fix"))
    assert "`````markdown\n````\ncode\n````\n`````" in made


def test_contents() -> None:
    """The contents list every rule under its group, with a link, its severity, one sentence and its marks."""
    other = WHOLE.replace("that shouts.", "with a | in it. It\n    breaks tables.")
    lines = rules_page([rule(WHOLE), rule(other, "piped_heading", "file", severity=WARNING, fixable=True)]).split("\n")
    assert "| [`shouting-heading`](#shouting-heading) | error | A heading that shouts. |  |" in lines
    assert "| [`piped-heading`](#piped-heading) | warning | A heading with a \\| in it. | fixable |" in lines
    assert [line for line in lines if line in {"**Header**", "**File**"}] == ["**Header**", "**File**"]
    assert [line for line in lines if line.startswith("## ")] == ["## Header", "## File"]


def test_all_incomplete_pages_at_once() -> None:
    """Every rule whose docstring is not a page is named, each with what is missing."""
    with pytest.raises(ValueError, match=r"^a-b: there is no `Why:`\nc-d: there is no `Fails:`$"):
        rules_page([rule("", "a_b"), rule(WHOLE), rule("Why:", "c_d")])


@pytest.mark.parametrize("made", CATALOGUE, ids=lambda made: made.name)
def test_every_rule_has_a_page(made: Rule) -> None:
    """Every rule says what it flags, why, an example of both kinds, and how to fix it."""
    assert parse_page(made.page).summary
