"""The door to the outside, by example."""

import json

import pytest

from research_logbook.markdown import escape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100 %, of: it", "100 %25, of: it"),
        ("one\ntwo", "one%0Atwo"),
        ("one\r\ntwo", "one%0D%0Atwo"),
        ("%0A", "%250A"),
        ("\x1b[31mred\u202e", "[31mred"),
    ],
)
def test_a_message_keeps_its_lines_in_one(text: str, expected: str) -> None:
    """The message of a workflow command is one line, which the runner turns back into several."""
    assert escape.annotation_value(text) == expected


def test_a_property_cannot_end_early() -> None:
    """Commas and colons, which end a property and the properties, are escaped too."""
    assert escape.annotation_property("a,b::c\nd%") == "a%2Cb%3A%3Ac%0Ad%25"


def test_a_command_is_one_line() -> None:
    """A workflow command has its properties in the order given, and none is fine."""
    assert escape.command("error", "a: b", file="x,y.md", line=3) == "::error file=x%2Cy.md,line=3::a: b"
    assert escape.command("notice", "a") == "::notice::a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain — text", "plain — text"),
        ("\x1b[2J\x1b]0;title\x07gone", "[2J]0;titlegone"),
        ("\x9b2J", "2J"),
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("::error::x", r"\::error::x"),
        ("\u3000\n ::error::x", r"\::error::x"),
        (":\u200b:error::x", r"\::error::x"),
        ("std::vector", "std::vector"),
        ("see ##[error]x", r"see ##\[error]x"),
        ("#\ufe0f#\u200b[group]", r"##\[group]"),
        ("caf\udce9.md", "caf\ufffd.md"),
    ],
)
def test_a_line_for_a_terminal_is_never_a_command(text: str, expected: str) -> None:
    """Control characters go, and what a runner would take for a command is broken where it begins."""
    assert escape.terminal_line(text) == expected


def test_a_terminal_may_get_several_lines() -> None:
    """A text of ours with lines keeps them and their indent, and each is safe by itself."""
    assert escape.terminal("one\r\n  two\n \t::error::x\u2028::x\n") == "one\n  two\n \t\\::error::x\n\\::x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text, 17.2 %: fine.", "plain text, 17.2 %: fine."),
        ("@octocat", r"<span>\@</span>octocat"),
        ("see owner/repo#12", r"see owner/repo<span>\#</span>12"),
        ("GH-12 MOE-HC-003", r"GH<span>\-</span>12 MOE-HC-003"),
        ("https://a.b", r"https<span>\:</span>//a.b"),
        ("www.a.b", r"www<span>\.</span>a.b"),
        ("$5 and $6", r"<span>\$</span>5 and <span>\$</span>6"),
        ("**a** _b_ ~~c~~", r"\*\*a\*\* \_b\_ \~\~c\~\~"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("<!-- x --> &lt;", "&#60;!-- x --&#62; &#38;lt;"),
        ("a | b \\| c", "a &#124; b &#92;&#124; c"),
        ("`x`", "&#96;x&#96;"),
        ("- a\n- b", r"\- a - b"),
        ("12. a", r"12\. a"),
        ("# a", r"<span>\#</span> a"),
    ],
)
def test_markdown_shows_what_was_written(text: str, expected: str) -> None:
    """Each character with a meaning in GitHub's Markdown loses it, all others are left alone."""
    assert escape.markdown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("python train.py --lr=0.1", "`python train.py --lr=0.1`"),
        ("a | b", "<code>a &#124; b</code>"),
        ("a `b`\nc", "<code>a &#96;b&#96; c</code>"),
        ("", "<code></code>"),
    ],
)
def test_code_is_set_in_backticks_where_that_is_safe(text: str, expected: str) -> None:
    """Inline code that backticks cannot hold, or a table would cut, is set with a tag."""
    assert escape.code(text) == expected


def test_prose_sets_code_in_its_backticks() -> None:
    """What our own sentences set in backticks becomes code, a backtick without a partner stays as it is."""
    assert escape.prose("add `- Command:` to *it* ` @a") == r"add `- Command:` to \*it\* &#96; <span>\@</span>a"
    assert escape.prose("see `a|b`") == "see <code>a&#124;b</code>"


@pytest.mark.parametrize("door", [escape.terminal_line, escape.markdown, escape.prose])
def test_a_text_is_cut_to_the_length_asked_for(door: object) -> None:
    """A text that is longer than asked for ends in an ellipsis."""
    assert callable(door)
    assert door("word " * 9, 12) == "word word w…"
    assert door("short", 5) == "short"


def test_json_says_the_same_and_shows_no_controls() -> None:
    """JSON escapes what a terminal or a runner would act upon, and what an encoding could lack."""
    value = {"a": "é 😀 \x7f\x9b\u202e\U000e0041 ##[error] \x1b"}
    shown = escape.json_text(value)

    assert (
        shown == '{\n  "a": "\\u00e9 \\ud83d\\ude00 \\u007f\\u009b\\u202e\\udb40\\udc41 ##\\u005berror] \\u001b"\n}\n'
    )
    assert json.loads(shown) == value


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ("run", "https://w.example/a", "[run](https://w.example/a)"),
        ("a]b", "https://w.example/a b)<c>|`$", r"[a\]b](https://w.example/a%20b%29%3Cc%3E%7C%60%24)"),
        ("run", "javascript:alert(1)", "run"),
        ("@x", "//w.example", r"<span>\@</span>x"),
    ],
)
def test_a_link_leads_to_a_page_or_is_none(text: str, url: str, expected: str) -> None:
    """A link cannot be left early, and anything but a page is its text alone."""
    assert escape.link(text, url) == expected


def test_a_block_of_code_holds_what_is_put_into_it() -> None:
    """Lines and tabs are kept, control characters are not, and the fence is longer than any in the text."""
    assert escape.block("a\r\n\tb\x1b[1m", "sh") == "```sh\na\n\tb[1m\n```"
    assert escape.block("```\nx\n`````") == "``````\n```\nx\n`````\n``````"
