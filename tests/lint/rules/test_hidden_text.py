"""Edge cases of the rule about text that the page does not show as the file says it."""

import pytest

from lint.judging import said
from research_logbook.lint.rules.hidden_text import hidden_text

ENTRY = "### 2026-05-25 09:00 - MOE-HC-001 first seed"
NEXT = "### 2026-05-26 09:00 - MOE-HC-002 second seed\n\n- Result: loss 2.33.\n"


def found(body: str, *, log: str = "## Entry Log") -> list[str]:
    """Return what the rule says of a log with one entry of this text, and another one after it."""
    return said(hidden_text, f"# Run: Research Logbook\n\n{log}\n\n{ENTRY}\n\n{body}\n\n{NEXT}")


HIDDEN = {
    "turned": ('<bdo dir="rtl">0.19</bdo>', "“0.19” is shown from right to left"),
    "turned by any tag": ("<span dir=RTL>0.19 to 0.23</span>", "“0.19 to 0.23” is shown from right to left"),
    "turned as a block": ('<div dir="rtl">\n\n0.19\n\n</div>', "“0.19” is shown from right to left"),
    "heading": ("<h3>Retracted</h3>", "“<h3>” makes a heading that is none in the file"),
    "heading in a line": ("It ran. <H2>Retracted", "“<H2>” makes a heading that is none in the file"),
    "words of ruby": ("<ruby>won<rp>lost</rp></ruby>", "“lost” is not shown on the page: it stands in `<rp>`"),
    "template": ("<template>It lost.</template>", "“It lost.” is not shown on the page: it stands in `<template>`"),
    "for want of a video": ("<video>It lost.</video>", "“It lost.” is not shown on the page: it stands in `<video>`"),
    "phantom": ("$\\phantom{2.31}$", "“2.31” is not shown on the page: the formula hides it"),
    "phantom in a block": (
        "```math\nx\n\\vphantom{loss}\n```",
        "“loss” is not shown on the page: the formula hides it",
    ),
    "phantom over lines": ("$$\n\\phantom{\nloss\n}\n$$", "“loss” is not shown on the page: the formula hides it"),
    "white": ("$\\color{white}{loss}$", "“loss” is not shown on the page: the formula hides it"),
    "entry in a comment": (
        "<!--\n### 2026-05-25 12:00 - MOE-HC-009 it lost\n-->",
        "“2026-05-25 12:00 - MOE-HC-009 it lost” is an entry inside a comment",
    ),
    "result in a comment": ("Fine. <!-- Result: loss 9.99 -->", "“loss 9.99” is a result inside a comment"),
    "item in a comment": ("<!--\n- **Result:** loss 9.99\n-->", "“loss 9.99” is a result inside a comment"),
    "unclosed comment": (
        "<!-- for later\n- Result: loss 9.99",
        "“<!-- for later” is not closed, and swallows what follows",
    ),
    "comment in a block": ("<div> <!--", "“<div> <!--” is not closed, and swallows what follows"),
    "unclosed attribute": ('<div title="', '“<div title="” is not closed, and swallows what follows'),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_the_page_does_not_show_as_it_is_written(name: str) -> None:
    """Each is one finding, which quotes what is hidden and says how."""
    body, message = HIDDEN[name]
    assert found(body) == [message]


@pytest.mark.parametrize(
    "body",
    [
        "10<sup>-3</sup>, 4<sup>00</sup>, m<sup>2</sup>, H<sub>2</sub>O and 2<sup>nd</sup>.",
        "<br>It <kbd>ran</kbd>, <del>loss 2.31</del> <ins>loss 2.41</ins>.",
        "![loss 2.31 after 400 steps](loss.png)",
        '<img alt="loss 2.31" src="loss.png">',
        "<details>\n<summary>Log</summary>\n\n#### Output\n\nstep 1\n\n</details>",
        "<!-- logbook: allow incomplete-entry -- a pilot -->\n\nIt ran.",
        "<!-- TODO: plot it again, figure #3 -->\n\nIt ran.",
        "<!-- Result: what came out, with its numbers -->\n\nIt ran.",
        "<!-- Result: pending -->",
        "<!--\n- Result: TBD\n-->",
        "$10^{-3}$ and $\\phantom{0}1$, x**2**, `\\phantom{2.31}`.",
        "```\n<h3>no heading</h3>\n<bdo dir=rtl>0.19</bdo>\n\\phantom{2.31}\n```",
        "`<h3>` and `<bdo dir=rtl>0.19</bdo>` and `<!--`.",
        '<bdo dir="ltr">0.19</bdo> <span dir="auto">0.23</span>',
        '<p dir="rtl">\u0627\u0644\u062e\u0633\u0627\u0631\u0629 2.31</p>',
        "<ruby>\u6f22<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
        "<picture><source srcset=dark.png><img src=light.png></picture>",
        "<video src=run.mp4></video>",
        "The <run> of <your name> said \\<h3>.",
        "a < b, c <!- d, e << f",
    ],
)
def test_what_is_fine(body: str) -> None:
    """Honest HTML, formulas, pictures and comments say nothing else than the page."""
    assert found(body) == []


def test_an_entry_inside_an_element() -> None:
    """An entry that is folded away, turned, or after an unclosed element is found, and the way out depends on it."""
    seed = "“2026-05-26 09:00 - MOE-HC-002 second seed” stands in an element that "
    for body, how in (
        ("<details>\n<summary>Old</summary>", "a reader of the page does not see"),
        ("It ran. <details>", "a reader of the page does not see"),
        ("<s>It ran.", "strikes out all that follows"),
        ("<del>\n\nIt ran.", "strikes out all that follows"),
        ("<sup>\n\nIt ran.", "is raised or lowered"),
    ):
        assert found(body) == [seed + how]
    assert found("<div dir=rtl>") == [
        seed + "is shown from right to left",
        "“2026-05-26 09:00 - MOE-HC-002 second seed” is shown from right to left",
        "“Result: loss 2.33.” is shown from right to left",
    ]
    for body in ("<details open>", "<div align=center>", "It ran. <del>Fine.", "<sup>Small.\n", "- <details>\n  x"):
        assert found(body) == []
    withdrawn = f"# Run: Research Logbook\n\n## Entry Log\n\n<del>\n\n{NEXT}\n</del>\n\n{ENTRY}\n\nIt ran.\n"
    assert said(hidden_text, withdrawn) == []


def test_only_the_record_is_looked_at() -> None:
    """A title set in HTML is fine, and so is whatever stands in another section; a comment may swallow the log."""
    top = '# Run: Research Logbook\n\n<h1 align="center">Run</h1>\n\n## Scope\n\n<bdo dir="rtl">0.19</bdo>\n\n'
    assert said(hidden_text, f"{top}## Entry Log\n\n{NEXT}") == []
    assert len(said(hidden_text, f"{top}<div><!--\n\n## Entry Log\n\n{NEXT}")) == 1
    assert len(said(hidden_text, f"{top}## Entry Log\n\n<h4>A</h4>\n\n{NEXT}")) == 1
    assert len(found("<h4>A</h4>", log="## Notes")) == 1
