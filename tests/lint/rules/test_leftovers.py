"""Edge cases of the rules about what an edit left behind; the rules' pages hold the plain ones."""

import pytest

from lint.judging import hits, said, shown
from research_logbook.lint.rules.hidden_text import hidden_text
from research_logbook.lint.rules.leftovers import conflict_marker, unclosed_block

NOTE = "### 2026-05-25 - MOE-HC-001 first seed\n\n"
CONFLICT = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (CONFLICT, ["<<<<<<< HEAD"]),
        (CONFLICT + CONFLICT, ["<<<<<<< HEAD", "<<<<<<< HEAD"]),
        ("a\n=======\nb\n>>>>>>> 1691d0a (Add a seed)\n", [">>>>>>> 1691d0a (Add a seed)"]),
        ("<<<<<<< Updated upstream\na\n", ["<<<<<<< Updated upstream"]),
        ("```sh\nmake\n<<<<<<< HEAD\n```\n\nb\n\n```sh\nmake\n>>>>>>> main\n```\n", ["<<<<<<< HEAD"]),
        (f"```\n{CONFLICT}```\n", []),
        ("Loss\n=======\n\nIt fell.\n", []),
        ("`<<<<<<< HEAD` was left.\n", []),
        ("    <<<<<<< HEAD\n", []),
        (">>>>>>>> deep\n", []),
        ("cat <<<<<<<x\n", []),
    ],
)
def test_conflict_marker(text: str, lines: list[str]) -> None:
    """A conflict is shown where it begins, one of which a half is left where that half is; a quoted one is no fault."""
    assert shown(conflict_marker, NOTE + text) == lines


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{NOTE}```sh\nmake\n\n## Decision Log\n\n- none\n", "## Decision Log"),
        (f"{NOTE}~~~\nmake\n\n### 2026-05-26 - MOE-HC-002 a\n", "### 2026-05-26 - MOE-HC-002 a"),
        (f"{NOTE}```\nmake\n\n### 2026-05-26 - a\n\n```sh\nmake\n```\n\ntext\n", "### 2026-05-26 - a"),
        (f"{NOTE}```\nmake\n\n### 2026-05-26 - a\n\n```\nmake\n```\n\ntext\n", "### 2026-05-26 - a"),
        (f"{NOTE}- Command:\n  ```sh\n  make\n\n  ### 2026-05-26 - a\n", "### 2026-05-26 - a"),
        (f"{NOTE}```sh\nmake\n", None),
        (f"{NOTE}```sh\n# install\nmake\n", None),
        (f"{NOTE}```sh\nmake\n```\n\n### 2026-05-26 - a\n", None),
        (f"{NOTE}```markdown\n### 2026-05-26 - a\n```\n", None),
        (f"{NOTE}````markdown\n### 2026-05-26 - a\n\n```sh\nmake\n```\n````\n", None),
        (f"{NOTE}```sh\nmake\n```\n\n~~~\n## quoted\n~~~\n", None),
        (f"{NOTE}    ## indented\n", None),
    ],
)
def test_unclosed_block(text: str, found: str | None) -> None:
    """An open block is no fault of its own: it is one where headings are lost in it."""
    messages = [f"the block of code that begins here swallows the heading “{found}”"] if found else []
    assert said(unclosed_block, text) == messages


def test_an_unclosed_block_is_shown_where_it_begins() -> None:
    """There it is to be closed, or a little below."""
    assert shown(unclosed_block, f"{NOTE}Text.\n\n```sh\nmake\n\n### 2026-05-26 - a\n") == ["```sh"]


def test_an_unclosed_comment_is_found_once() -> None:
    """It hides what follows, as other things do."""
    text = f"{NOTE}<!-- a\n\n### 2026-05-26 - MOE-HC-002 a\n\n- Result: loss 2.2\n"
    assert hits(hidden_text, text)
    assert not hits(unclosed_block, text)
