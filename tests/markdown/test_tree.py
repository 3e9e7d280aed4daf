"""Claims about Markdown in GitHub's dialect: blocks, runs of text, and where they stand."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research_logbook.markdown.tree import (
    CODE,
    EMPHASIS,
    HTML,
    MAX_NESTING,
    STRONG,
    STRUCK,
    Block,
    BlockKind,
    InlineRun,
    NestingError,
    parse,
    plain,
    walk,
)


def only(text: str) -> Block:
    """Return the one block of a text."""
    (block,) = parse(text)
    return block


def shape(text: str) -> list[tuple[str, int, int, int]]:
    """Return kind, first and last line and column of each block, in document order."""
    return [(block.kind, block.line, block.end_line, block.column) for block in walk(parse(text))]


def test_an_empty_text_has_no_blocks() -> None:
    """Nothing, and nothing but blank lines, is no block."""
    assert parse("") == parse("\n\n \n") == ()


def test_headings() -> None:
    """A heading has its level; marks that close it and a line below it are none of its text."""
    first, second, third = parse("## A *b* `c` ##\n\nTwo\nlines\n===\n\n#\n")
    assert (first.level, first.text, first.line, first.end_line) == (2, "A b c", 1, 1)
    assert (second.level, second.text, second.line, second.end_line) == (1, "Two\nlines", 3, 5)
    assert (third.level, third.text) == (1, "")


@pytest.mark.parametrize(
    "text", ["    # code", "```\n# code\n```", "\\# text", "#text", "####### seven", "<!--\n# c\n-->"]
)
def test_text_that_is_not_a_heading(text: str) -> None:
    """Code, comments and escaped marks hold no heading."""
    assert [block.kind for block in walk(parse(text)) if block.kind is BlockKind.HEADING] == []


def test_runs_say_how_text_is_set() -> None:
    """Each run has its style, and the target of the link it stands in."""
    assert only("a **b *c*** ~~d~~ `e` [f](g) <i>h</i>").runs == (
        InlineRun("a ", 1),
        InlineRun("b ", 1, STRONG),
        InlineRun("c", 1, STRONG | EMPHASIS),
        InlineRun(" ", 1),
        InlineRun("d", 1, STRUCK),
        InlineRun(" ", 1),
        InlineRun("e", 1, CODE),
        InlineRun(" ", 1),
        InlineRun("f", 1, url="g"),
        InlineRun(" ", 1),
        InlineRun("<i>", 1, HTML),
        InlineRun("h", 1),
        InlineRun("</i>", 1, HTML),
    )


def test_text_is_what_a_reader_sees() -> None:
    """Formatting, HTML and what is struck out are not in a block's text; entities are their characters."""
    block = only("**a** ~~b~~ <b>c</b> <!-- d --> &amp; \\* `e` ![f](g)")
    assert block.text == "a  c  & * e f"
    assert plain(block.runs, struck=True) == "a b c  & * e f"


def test_runs_know_their_line() -> None:
    """Text after code that spans lines is on the line it stands on."""
    block = only("a `b\nc` d\ne\n")
    assert [(run.text, run.line) for run in block.runs] == [
        *(("a ", 1), ("b c", 1), (" d", 2), ("\n", 2), ("e", 3)),
    ]


def test_links_around_images_keep_both_targets() -> None:
    """A badge links somewhere, and shows something."""
    runs = only("[![alt](image.png)](page.md) [](empty.md)").runs
    assert [(run.text, run.url) for run in runs] == [
        *(("alt", "image.png"), ("", "page.md"), (" ", ""), ("", "empty.md")),
    ]


def test_an_item_ends_where_its_text_ends() -> None:
    """The blank line after a list belongs to nobody."""
    assert shape("- a\n\n  b\n\n- c\n\n\nd\n") == [
        ("list", 1, 5, 1),
        ("item", 1, 3, 1),
        ("paragraph", 1, 1, 3),
        ("paragraph", 3, 3, 3),
        ("item", 5, 5, 1),
        ("paragraph", 5, 5, 3),
        ("paragraph", 8, 8, 1),
    ]


def test_tables() -> None:
    """A table has rows, the first of them its header, and rows have cells."""
    table = only("| a | **b** |\n|---|---|\n| 1 | `2` |\n")
    assert [[cell.text for cell in row.blocks] for row in table.blocks] == [["a", "b"], ["1", "2"]]
    assert [(row.line, row.end_line) for row in table.blocks] == [(1, 1), (3, 3)]


def test_code() -> None:
    """Code has its text and what its fence says; the fence counts among its lines."""
    fenced, indented, unclosed = parse("```sh x\na\n```\n\n    b\n\n~~~\nc\n")
    assert (fenced.literal, fenced.info, fenced.line, fenced.end_line) == ("a\n", "sh x", 1, 3)
    assert (indented.literal, indented.info, indented.line) == ("b\n", "", 5)
    assert (unclosed.literal, unclosed.line) == ("c\n", 7)


def test_tasks() -> None:
    """A task knows the mark in its box; an item without a box has none."""
    items = only("- [ ] a\n- [x] b\n- [~] c\n- d\n").blocks
    assert [item.checked for item in items] == [" ", "x", "~", None]


def test_footnotes_stay_in_their_place() -> None:
    """A footnote is read in its place, referred to or not, and its reference is text."""
    blocks = parse("a[^1]\n\n[^1]: note\n\n    - more\n\n[^2]: never referred to\n\nz\n")
    assert [(block.kind, block.line, block.end_line) for block in blocks] == [
        *(("paragraph", 1, 1), ("footnote", 3, 5), ("footnote", 7, 7), ("paragraph", 9, 9)),
    ]
    assert blocks[0].text == "a[^1]"


def test_folded_text_is_read() -> None:
    """What stands in `<details>` is Markdown like any other, when a blank line comes before it."""
    kinds = [block.kind for block in parse("<details>\n<summary>s</summary>\n\n## h\n\n- a\n\n</details>\n")]
    assert kinds == ["html", "heading", "list", "html"]


def test_front_matter_is_a_block() -> None:
    """Front matter is one only in the first line, and only when it is closed."""
    assert parse("---\na: b\n---\n# T\n")[0] == Block(BlockKind.FRONT_MATTER, 1, 3, 1, literal="---\na: b\n---\n")
    assert [block.kind for block in parse("\n---\na: b\n---\n")] == ["other", "heading"]
    assert BlockKind.FRONT_MATTER not in {block.kind for block in parse("---\na: b\n")}


def nested(levels: int) -> str:
    """Return quotes in quotes."""
    return "\n\n" + "> " * levels + "a\n"


def test_what_could_nest_and_does_not_is_read() -> None:
    """A long list without a blank line, in which much is set in bold, is as flat as a short one."""
    (listed,) = parse("- **a**: [*b*](c) `*`\n" * 20_000)
    assert len(listed.blocks) == 20_000


def test_more_marks_than_any_stack_has_room_for_are_refused() -> None:
    """A paragraph that could nest half a million levels deep is refused before it is parsed, with its line."""
    with pytest.raises(NestingError) as refused:
        parse("a\n\n" + "*b " * 500_000 + "c* " * 500_000)
    assert refused.value.line == 3


def stairs(levels: int, mark: str) -> str:
    """Return items in items, a line each."""
    return "\n\n" + "".join(f"{' ' * len(mark) * level}{mark}a\n" for level in range(levels))


@pytest.mark.parametrize("made", [nested, partial(stairs, mark="- "), partial(stairs, mark="1. ")])
def test_nesting_has_a_limit(made: Callable[[int], str]) -> None:
    """What no reader could follow is refused, with its line; an item is one level, as a quote is."""
    parse(made(MAX_NESTING))
    with pytest.raises(NestingError):
        parse(made(MAX_NESTING + 1))


def test_nesting_is_refused_with_its_line() -> None:
    """The line is that of the first thing that is too deep."""
    with pytest.raises(NestingError) as refused:
        parse(nested(MAX_NESTING + 1))
    assert refused.value.line == 3


@pytest.mark.parametrize(
    "text",
    [
        *("* item\n" * 3_000, "char *p;\n" * 3_000, "f(*a, **k)\n" * 2_000, "/" + "*" * 80 + "/\n" + "x = 1\n" * 2_000),
        *("- **a**: b_c_d *e*\n" * 3_000, "a * b * c\n" * 3_000, "[a](b) ![c](d)\n" * 2_000, "x" + "-" * 3_000),
        *("| a |" * 400 + "\n", "\t" * 150 + "- a\n", " " * 700 + "- a\n", "!" * 3_000, "[x]: " * 1_000),
    ],
    ids=lambda text: text[:12],
)
def test_long_text_is_not_deep(text: str) -> None:
    """Long lists, code and rows of stars are read: the limit is on nesting alone."""
    assert parse(text)


LINES = [
    *("# h", "## 2026-05-25 - x", "- a", "  - b", "    - c", "* d", "1. e", "2) f", "> q", ">> r", "> - s", "```"),
    *("~~~", "    code", "\tcode", "", "| a | b |", "|---|---|", "| 1 | 2 |", "text *em* **st** `co` ~~x~~"),
    *("**Bold:** v", "- **K:** v", "[l](u) ![i](u)", "<!-- c -->", "<!--", "-->", "<details>", "</details>"),
    *("[^1]: note", "x[^1]", "===", "---", "***", "- [ ] t", "<b>x</b>", "a `b", "c` d", "https://x.y/z", "  lazy"),
    *("&amp; \\* \\#", "😀 é 中文", "-", "1.", ">", "#", "\\", "a  ", "> [!NOTE]", "\t- t", "   ", "<pre>", "</pre>"),
    *("\u00a0", "\x0b", "\u2028"),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=16).map("\n".join))
def test_places_are_nested_and_in_order(text: str) -> None:
    """Every block stands within the one around it, after the one before it, and every run within its block."""
    last = text.count("\n") + 1

    def check(blocks: tuple[Block, ...], first: int, last: int) -> None:
        before = first
        for block in blocks:
            assert first <= block.line <= block.end_line <= last
            assert block.line >= before
            assert all(block.line <= run.line <= block.end_line for run in block.runs)
            check(block.blocks, block.line, block.end_line)
            before = block.line if block.kind is BlockKind.CELL else block.end_line

    check(parse(text), 1, last)
