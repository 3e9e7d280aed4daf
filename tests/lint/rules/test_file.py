"""Edge cases of the rules about the file as a whole."""

import pytest

from lint.examples import PATH
from lint.judging import hits, said, shown
from research_logbook.config.schema import Config
from research_logbook.lint.rules.file import (
    committed_secret,
    held_back_text,
    hidden_characters,
    unslugged_file_name,
    visible,
)


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
    (hit,) = hits(hidden_characters, f"# Run\n\n{text}\n")
    assert hit.message.endswith(", written as an entity")
    assert hit.help == "delete the entity, or format it as `code`"
    assert ("&#" in text) == ("U+202E" in hit.message)
    (line,) = shown(hidden_characters, f"# Run\n\n{text}\n")
    assert "&" in line
    assert hit.where.subject == f"line {line}"
    assert (hit.where.span.path, hit.where.span.end_line) == (PATH, hit.where.span.line)


@pytest.mark.parametrize(
    "text",
    ["Write `&#x202e;`.", "```\n&#x202e;\n```", "a &lt; b &mdash; c", "\u05d0&rlm;\u05d1", "&amp;#x202e; stays"],
)
def test_an_entity_that_hides_nothing(text: str) -> None:
    """Code shows the entity itself, and others stand for what is seen."""
    assert said(hidden_characters, f"# Run\n\n{text}\n") == []


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a\u202eb", 2),
        ("a\u2066b", 2),
        ("a\u061cb", 2),
        ("a\u200bb", 2),
        ("a\ufeffb", 2),
        ("soft\u00adhyphen", 5),
        ("a\u200eb", 2),
        ("\u05d0\u200f\u05d1", None),
        ("a\u200db", 2),
        ("👩\u200d🔬", None),
        ("a\U000e0041", 2),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", None),
        ("naïve café", None),
    ],
)
def test_hidden_characters(text: str, column: int | None) -> None:
    """Marks in right-to-left text, joiners in emoji and the tags of a flag are seen, and stay."""
    found = hits(hidden_characters, f"# Run\n\n{text}\n")
    assert [(hit.where.span.line, hit.where.span.column) for hit in found] == ([(3, column)] if column else [])
    assert (visible(text) == text) == (column is None)


def test_text_without_hidden_characters_keeps_its_lines() -> None:
    """A joiner at the end of a line joins nothing, also where the next line begins with a letter."""
    assert visible("é\u200b\na\u200d\nb\n") == "é\na\u200d\nb\n"


def test_a_line_with_both_is_found_once() -> None:
    """The character itself comes first: `logbook lint --fix` can delete that one."""
    (message,) = said(hidden_characters, "# Run\n\na\u200bb &#x202e;c\n\nd\n")
    assert message == "hidden character U+200B"


def test_every_line_is_found() -> None:
    """One finding a line, of characters and of entities."""
    assert len(hits(hidden_characters, "# Run\n\na\u200bb\u200bc\n\nd\u200be\n\nf &#x202e;g &#x202d;h\n")) == 3


def test_a_hidden_character_is_never_allowed() -> None:
    """What no reader sees, no reader has agreed to."""
    assert not hidden_characters.can_be_allowed


WRITTEN = "ghp_<36 letters and digits>"


def test_a_secret_is_found_on_its_line_and_not_repeated() -> None:
    """The subject tells lines apart by a digest, which the indent does not change."""
    text = f"# Run\n\nText.\n\n- Token: {WRITTEN}\n"
    (hit,) = hits(committed_secret, text)
    assert hit.where.span.line == hit.where.span.end_line == 5
    assert "ghp_" not in hit.message + hit.where.subject
    (indented,) = hits(committed_secret, text.replace("- Token", "- A\n  - Token"))
    assert indented.where.subject == hit.where.subject
    (other,) = hits(committed_secret, text.replace("Token", "Key"))
    assert other.where.subject != hit.where.subject
    assert len(hit.where.subject) == len("GitHub token in line ") + 12


BLOCKED = Config(held_back=("nightjar", "(?i)starling"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nightjar", []),
        ("a nightjar", [(1, 3)]),
        ("a STARLING", [(2, 3)]),
        ("starling and nightjar", [(1, 14), (2, 1)]),
        ("nightjar nightjar", [(1, 1)]),
    ],
)
def test_held_back_text(text: str, found: list[tuple[int, int]]) -> None:
    """Each pattern that matches a line is told by its number, with the column of the first match."""
    seen = hits(held_back_text, f"# Run\n\nText.\n\n{text}\n", configuration=BLOCKED)
    assert [hit.message for hit in seen] == [
        f"this line matches pattern {number} under `held-back`" for number, _ in found
    ]
    places = [(hit.where.span.line, hit.where.span.end_line, hit.where.span.column) for hit in seen]
    assert places == [(5, 5, column) for _, column in found]
    assert [hit.where.subject[:13] for hit in seen] == [f"held back {number} i" for number, _ in found]


def test_nothing_is_held_back_by_default() -> None:
    """Without patterns no text is blocked."""
    assert said(held_back_text, "# Run\n\nnightjar\n") == []


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("8734-sparse-attention", None),
        ("a", None),
        ("a_b.c", None),
        ("a" * 80, None),
        ("a" * 81, "a" * 80),
        ("-a", "a"),
        ("Sparse", "sparse"),
        ("sparse attention", "sparse-attention"),
        ("é", "topic"),
    ],
)
def test_unslugged_file_name(name: str, better: str | None) -> None:
    """A slug is up to 80 lower-case letters, digits, hyphens, dots and underscores, a letter or digit first."""
    found = hits(unslugged_file_name, "# Run\n", file=f".agents/logbooks/{name}.md", is_new=True)
    assert [(hit.message, hit.help) for hit in found] == (
        [(f"the file name “{name[:80]}” is not a slug", f"rename it, for example to `{better}.md`")] if better else []
    )


def test_only_a_new_logbook_is_asked_to_be_renamed() -> None:
    """Links to an old one would break."""
    assert said(unslugged_file_name, "# Run\n", file=".agents/logbooks/Sparse.md") == []
