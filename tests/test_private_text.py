"""Claims about the regular expressions of text that must not be published."""

import sys
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_logbook import private_text
from research_logbook.errors import UserError
from research_logbook.private_text import BlockedText, blocked_text, expression_refusal

LARGE = "is too large once its repetitions are written out"
IDLE = "matches empty text, and so every line"
ASCII = r"combines letters beyond ASCII with `\b` or `\w`, which know ASCII only"
NO = "cannot be used: RE2 does not support"


@pytest.mark.parametrize(
    "expression",
    [
        "falcon",
        r"(?i)\bproject[- ]?falcon\b",
        r"10\.(?:\d{1,3}\.){2}\d{1,3}",
        r"https?://\S+\.corp\.example\.com/\S*",
        r"[\w.+-]+@[\w-]+\.example\.com",
        "(?:falcon|osprey|heron)-[0-9]+",
        "falcon|osprey|heron|kestrel|merlin|hobby|kite|harrier|buzzard|goshawk|eagle|owl",
        r"\d{3}-\d{2}-\d{4}",
        "(?:ab)+c",
        r"\(a+\)+",
        "(?P<name>a+)b",
        "(?i)étoile",
        r"\pL+-\pN+",
        "x{",
        "[[a]",
        "(a+)+b",
        "(a|b|ab)*c",
        "a?" * 30 + "a" * 30,
        ".*.*.*.*x",
        "(?i)acme.*contract.*price",
    ],
)
def test_used(expression: str) -> None:
    """What people write to name things that they keep private is used, however often it repeats."""
    assert expression_refusal(expression) is None


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("a(?=b)", f"{NO} lookahead"),
        ("(?!un)published", f"{NO} lookahead"),
        ("(?<!un)published", f"{NO} lookbehind"),
        ("(?P<n>a+)-(?P=n)", f"{NO} backreferences"),
        (r"(a+)-\1", f"{NO} backreferences"),
        ("(a)(?(1)b|c)", f"{NO} conditionals"),
        ("(?#note)b", f"{NO} comments"),
        ("(?>a+)b", f"{NO} atomic groups and possessive quantifiers"),
        ("a++b", f"{NO} atomic groups and possessive quantifiers"),
        (r"a\Z", rf"{NO} `\Z`, only `\z`"),
        ("x*", IDLE),
        ("x|", IDLE),
        ("^", IDLE),
        ("", "is empty"),
        ("a" * 301, "is over 300 characters"),
        ("(", "is not a regular expression: missing ): ("),
        ("a**", "is not a regular expression: bad repetition operator: **"),
        ("a{99999}", "is not a regular expression: invalid repetition size: {99999}"),
        ("(?:[ab]{900}[ab]{900}[ab]{900}[ab]{900}[ab]{900})x", LARGE),
        (r"\bétoile\b", ASCII),
    ],
)
def test_refused(expression: str, why: str) -> None:
    """What is not an expression, matches every line or takes what RE2 lacks is refused, and the reason says which."""
    found = expression_refusal(expression)
    assert found is not None
    assert why == found.why


def test_places() -> None:
    """A match is told with its line, its column in characters and the number of the expression."""
    found = list(blocked_text("é falcon\nheron\r\nnothing\n\ud800 heron and falcon", ["falcon", "(?i)HERON"]))
    assert found == [BlockedText(1, 3, 1), BlockedText(2, 1, 2), BlockedText(4, 13, 1), BlockedText(4, 3, 2)]


def test_a_match_stays_in_its_line() -> None:
    """Each line is searched by itself: no expression matches over its end, and `^` and `$` are its ends."""
    assert not list(blocked_text("a\nb", [r"a\sb", r"a\nb"]))
    assert [match.line for match in blocked_text("xa\na\nax", ["^a$"])] == [2]


@pytest.mark.parametrize("expression", ["(?i)acme.*contract.*price", "(a+)+!", ".*.*.*.*!", "(x|xx)*!"])
def test_searching_takes_no_time(expression: str) -> None:
    """What took Python's own engine minutes takes a moment, for time grows with the length of the text alone."""
    hostile = "acme contract " * 7_000 + "\n" + "a" * 100_000 + "\n" + "x" * 100_000
    before = process_time()
    assert not list(blocked_text(hostile, [expression]))
    assert process_time() - before < 5


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    """Any text is judged, and what is used can be searched with."""
    if expression_refusal(text) is None:
        list(blocked_text("some text", [text]))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """An expression may be private itself: the engine never writes it into a log."""
    assert expression_refusal("(falcon") is not None
    assert capfd.readouterr() == ("", "")


def test_without_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where RE2 is not installed nothing is published unchecked: the run ends, and says what is missing."""
    monkeypatch.setitem(sys.modules, "re2", None)
    private_text._expression_compiled.cache_clear()
    with pytest.raises(UserError, match="google-re2"):
        list(blocked_text("text", ["falcon"]))
    assert not list(blocked_text("text", []))
