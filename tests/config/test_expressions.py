"""Claims about the regular expressions that a configuration may hold."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_logbook.config.expressions import refusal

SLOW = "repeats without end a group that can itself fit in several ways"
MANY = "has over 10 quantifiers and alternatives, or over 3 without an upper end"
IDLE = "fits an empty text, and so every line"


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
        "[(]a+[)]+",
        "(?#(a+[)b",
        "(?P<n>a+)-(?P=n)",
        "(a)(?(1)b|c)",
        "(?<!un)published",
        "x{",
    ],
)
def test_used(expression: str) -> None:
    """What people write to name things they hold back is used."""
    assert refusal(expression) is None


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("(a+)+b", SLOW),
        ("(?:a*)*b", SLOW),
        ("(a|aa)+b", SLOW),
        ("(a|b|ab)*c", SLOW),
        ("((a+)b)*c", SLOW),
        ("(a?b){2,}", SLOW),
        ("(?P<n>a+)+b", SLOW),
        ("(a+?)+?b", SLOW),
        ("a?" * 30 + "a" * 30, MANY),
        (r"(?:a.|a\w)" * 20, MANY),
        ("(a?b){60000}", MANY),
        ("((a?){4}){4}b", MANY),
        (".*.*.*.*x", MANY),
        ("x*", IDLE),
        ("x|", IDLE),
        ("^", IDLE),
        ("", "is empty"),
        ("a" * 301, "is over 300 characters"),
        ("(", "is no regular expression: missing ), unterminated subpattern at position 0"),
        ("a**", "is no regular expression: multiple repeat at position 2"),
        ("a{99999999999}", "is no regular expression: the repetition number is too large"),
        ("[[a]", "is no regular expression: Possible nested set at position 1"),
    ],
)
def test_refused(expression: str, why: str) -> None:
    """What is no expression, fits everything or may take exponential time is refused, and says which."""
    found = refusal(expression)
    assert found is not None
    assert why == found.why


PIECES = st.sampled_from(["a", "b", ".", "|", "(", ")", "(?:", "*", "+", "?", "{2,3}", "{2,}", "[ab]", r"\w"])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_what_is_used_ends(expression: str) -> None:
    """An expression that is used comes to its end on a text that fits it almost."""
    if refusal(expression) is None:
        re.search(f"(?:{expression})!", "ab" * 10 + "a" * 12)


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    """Any text is judged, and what is used compiles."""
    if refusal(text) is None:
        re.compile(text)
