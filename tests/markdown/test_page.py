"""Claims about what a reader of GitHub's page sees of Markdown with HTML in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_logbook.markdown.page import as_shown, tag_of
from research_logbook.markdown.tree import (
    ASIDE,
    FOLDED,
    HTML,
    LOWERED,
    PLAIN,
    QUOTED,
    RAISED,
    STRUCK,
    TURNED,
    BlockKind,
    parse,
    walk,
)

NAMES = {STRUCK: "~", ASIDE: "?", RAISED: "^", LOWERED: "_", TURNED: "<", FOLDED: "+", QUOTED: ">"}


def shown(text: str) -> str:
    """Return the text that is left, piece by piece, each behind the marks of its style; `|` between blocks."""
    blocks = []
    for leaf in walk(as_shown(parse(text), text)):
        runs = [run for run in leaf.runs if not run.style & HTML and run.text.strip()]
        code = [(leaf.literal, leaf.style)] if leaf.kind is BlockKind.CODE else []
        pieces = [*((run.text, run.style) for run in runs), *code]
        blocks.append(
            " ".join("".join(m for s, m in NAMES.items() if style & s) + said.strip() for said, style in pieces)
        )
    return "|".join(filter(None, blocks))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <b>b</b> <kbd>c</kbd> <x-y>d</x-y>", "a b c d"),
        ("a <del>b <ins>c</ins></del> <s>d</s> <STRIKE>e</STRIKE> f", "a ~b ~c ~d ~e f"),
        ("a<sup>b</sup><sub>c</sub> <ruby>d<rp>(</rp><rt>e</rt></ruby>", "a ^b _c d ?( ^e"),
        ('<bdo dir="rtl">a</bdo> <bdo dir=ltr>b</bdo> <i DIR=\'RTL\'>c</i> <i title="dir=rtl">d</i>', "<a b <c d"),
        ('<i dir="ltr" dir="rtl">a</i>', "a"),
        ("<span hidden>a</span> <span style='display: none'>b</span> <span style='color:red'>c</span>", "?a ?b c"),
        ("<span style='opacity:0.9'>a</span> <span style='opacity:0'>b</span>", "a ?b"),
        ("a <!-- b --> c <? d ?> e", "a c e"),
        ("a <script>b</script> <style>c</style> d", "a d"),
        ("a <template>b</template> <title>c</title> <video>d</video> e", "a ?b ?c ?d e"),
        ("a <br/> b <img alt=c> d <del/>e", "a b d ~e"),
        ("a </del>b</sup> c", "a b c"),
        ("<q>a</q>", '" a "'),
        ("<sub><sup>a</sup></sub> <sub><sub><sub>b<sub>c</sub></sub></sub></sub>", "^_a _b ?_c"),
        ("<small>a<small>b<small>c<small>d</small></small></small></small>", "a b c ?d"),
        ("<del>a <b>b</del> c</b>", "~a ~b c"),
        ("<b>a <s>b</b> c</s> d", "a ~b ~c d"),
        ("`<del>` a", "<del> a"),
        ("![a](b.png) [c](d)", "?a c"),
    ],
)
def test_a_line(text: str, expected: str) -> None:
    """Each tag does what it does on the page, and no more."""
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <del>b\n\nc", "a ~b|c"),
        ("a <s>b\n\nc\n\n# d</s> e", "a ~b|~c|~d e"),
        ("# a <details>\n\nb", "a|b"),
        ("a <details>b\n\nc", "a +b|+c"),
        ("a <details><sup>b\n\nc", "a ^+b|^+c"),
        ("- a <details>b\n\nc", "a +b|c"),
        ("- a <del>b\n  - c\n- d", "a ~b|~c|d"),
        ("> <details>\n> a\n\nb", "+a|b"),
        ("<details>\n\na\n\n```\nb\n```\n\n</details>\n\nc", "+a|+b|c"),
        ("<details open>\n\na\n\n</details>", "a"),
        ("<details class=open>\n\na\n\n</details>", "+a"),
        ("<details><summary>a</summary>\n\nb\n</details>", "a|+b"),
        ("<details><details><summary>a</summary>b</details></details>", "+a +b"),
        ("<del>\n\na\n\n- b\n\n</del>\n\nc", "~a|~b|c"),
        ("<div><del></div>\n\na", "a"),
        ("<p>a\n<p>b\n<del>c", "a b ~c"),
        ("<h2>a <del>b</h3>c", "a ~b c"),
        ("| a | b |\n|---|---|\n| <s>c | d |\n\ne", "a|b|~c|d|e"),
        ("<p>a &lt; b &amp; c</p>", "a < b & c"),
        ("<!-- a\n\nb\n\n# c", ""),
        ("<!-- a --> b\n\nc", "b|c"),
        ("<!--> a\n\nb", "a|b"),
        ("<div><!-- a\n\nb\n\n```\nc\n```\n\n- d\n\n<p>e --> f</p>\n\ng", "f|g"),
        ('<div title="a\n\nb\n\n# c\n\n<p "x">d</p>\n\ne', "d|e"),
        ("<div title='a\n\nb\n\n<p '>d</p>", "d"),
        ("<div title=a\n\nb", "b"),
        ("<div title\n\nb", "b"),
        ("a\n\n<template>\n\nb\n\n```\nc\n```", "a|?b|?c"),
        ("<div><script>\n\na\n\n```\nb\n```", ""),
        (f"{'<div>' * 400}\n\na\n\n<del>\n\nb\n\n</del>", "a|~?b"),
        (f"a {'<s>' * 9}b {'</s>' * 3}c", "a ~b c"),
        ("a <b>b</b>\n\nc", "a b|c"),
        ("<blockquote>a\n\nb\n</blockquote>\n\nc", ">a|>b|c"),
    ],
)
def test_blocks(text: str, expected: str) -> None:
    """Elements go on in the blocks that follow until they are closed, or what they stand in ends."""
    assert shown(text) == expected


def test_where_text_is() -> None:
    """Text in a block of HTML is on the line that it stands on, behind tags and comments of several lines too."""
    text = "x\n\n<p a\nb>c\n<!--\nz\n-->d\ne</p>"
    runs = [run for leaf in walk(as_shown(parse(text), text)) for run in leaf.runs if run.text.strip()]
    assert [(run.text, run.line) for run in runs if not run.style & HTML] == [("x", 1), ("c", 4), ("d", 7), ("e", 8)]


def test_text_without_html_stays_as_it_is() -> None:
    """Nothing is made anew where no tag is."""
    blocks = parse("# a\n\nb < c\n")
    assert as_shown(blocks, "# a\n\nb < c\n") is blocks
    text = "a <b>c</b>\n\n- d\n"
    assert as_shown(parse(text), text)[1:] == parse(text)[1:]


def test_withdrawn_blocks_are_still_read() -> None:
    """What is struck out with all around it keeps its text; what is struck out in a line does not."""
    text = "<del>\n\n# a\n\n</del>\n\n# <del>b</del> c"
    assert [block.text.strip() for block in as_shown(parse(text), text) if block.kind is BlockKind.HEADING] == [
        "a",
        "c",
    ]


def test_tags() -> None:
    """A tag has a name in lower case and its attributes; other HTML is no tag."""
    tag = tag_of("<Details OPEN class = \"a&amp;B\" dir='x' id=y>")
    assert tag
    assert (tag.name, tag.is_end, tag.is_block) == ("details", False, True)
    assert [tag.attribute(name) for name in ("open", "class", "dir", "id", "b")] == ["", "a&b", "x", "y", None]
    end = tag_of("</b>")
    assert end
    assert (end.name, end.is_end, end.is_block) == ("b", True, False)
    assert [tag_of(text) for text in ("<!-- b -->", "text", "<?x?>", "")] == [None] * 4


TAGS = ["<b>", "</b>", "<s>", "</s>", "<details>", "</details>", "<summary>", "<sup>", "<!--", "-->", '<i a="', '">']
MORE = ["a", "`c`", "\n", "\n\n", "- ", "> ", "# ", "| a |\n|---|\n", "<p>", "<div>", "</div>", "&lt;", "```\n"]


@given(st.lists(st.sampled_from(TAGS + MORE), max_size=30).map("".join))
def test_whatever_is_written_has_a_reading(text: str) -> None:
    """Every block stays where it is, and no run has a style that it cannot have."""
    blocks, after = parse(text), as_shown(parse(text), text)
    assert [(block.line, block.column) for block in walk(after)] == [
        (block.line, block.column) for block in walk(blocks)
    ]
    assert all(PLAIN <= run.style < 2 * QUOTED for block in walk(after) for run in block.runs)
