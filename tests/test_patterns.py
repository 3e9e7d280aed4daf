"""Claims about the patterns of paths and branch names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_logbook.patterns import matches, refusal

FITS = [
    (".agents/logbooks/*.md", ".agents/logbooks/sparse.md"),
    ("research/**", "research/a"),
    ("research/**", "research/a/b"),
    ("**", "a/b/c"),
    ("**/a.md", "a.md"),
    ("**/a.md", "x/y/a.md"),
    ("a/**/b", "a/b"),
    ("a/**/b", "a/x/y/b"),
    ("**.md", "x/y.md"),
    ("**/docs/**", "docs/a.md"),
    ("**/docs/**", "x/docs/y/a.md"),
    ("**a*b", "a/ab"),
    ("a**/b", "ax/y/b"),
    ("v?", "v1"),
    ("v[12].[0-9]", "v2.7"),
    ("[!a]b", "xb"),
    ("[^a]b", "xb"),
    ("[!]", "!"),
    ("[-a]", "-"),
    ("[a&&b]", "&"),
    ("a+(b).md", "a+(b).md"),
    ("*", "a\nb"),
]
MISSES = [
    (".agents/logbooks/*.md", ".agents/logbooks/old/sparse.md"),
    (".agents/logbooks/*.md", "x/.agents/logbooks/sparse.md"),
    (".agents/logbooks/*.md", ".agents/logbooks/sparse.md\n"),
    (".agents/logbooks/*.md", "xagents/logbooks/sparse.md"),
    ("research/**", "research"),
    ("research/**", "my/research/a"),
    ("**/a.md", "xa.md"),
    ("a/**/b", "a/xb"),
    ("a?b", "a/b"),
    ("a[!x]b", "a/b"),
    ("a[.-0]b", "a/b"),
    ("[a-c]", "d"),
    ("A", "a"),
    ("", "a"),
]


@pytest.mark.parametrize(("pattern", "path"), FITS)
def test_a_path_that_matches(pattern: str, path: str) -> None:
    """The path fits the pattern."""
    assert matches(path, [pattern])


@pytest.mark.parametrize(("pattern", "path"), MISSES)
def test_a_path_that_does_not_match(pattern: str, path: str) -> None:
    """The path does not fit the pattern."""
    assert not matches(path, [pattern])


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["a/**", "!a/b"], False),
        (["a/**", "!a/b", "a/*"], True),
        (["!a/b", "a/**"], True),
        (["!a/c"], False),
        (["x", "!y"], False),
        ([], False),
    ],
)
def test_the_last_matching_pattern_decides(patterns: list[str], expected: bool) -> None:
    """Of the patterns that `a/b` fits the last one decides, and `!` takes back."""
    assert expected is matches("a/b", patterns)


def tried(parts: list[str], path: str) -> bool:
    """Return whether the path fits, by trying every way: the meaning of a pattern, and as slow as that."""
    if not parts:
        return not path
    part, rest = parts[0], parts[1:]
    ends = range(len(path) + 1)
    if part[-2:] == "*/":
        return any(tried(rest, path[end:]) for end in ends if end == 0 or path[end - 1] == "/")
    if part[0] == "*":
        return any(tried(rest, path[end:]) for end in ends if len(part) > 1 or "/" not in path[:end])
    return path[:1] in ({"a", "b"} if part in {"?", "[ab]"} else {part}) and tried(rest, path[1:])


@given(
    st.lists(st.sampled_from(["a", "b", "/", "*", "**", "**/", "?", "[ab]"]), max_size=8).map("".join),
    st.text("ab/", max_size=9),
)
def test_every_reading_of_a_pattern_is_tried(pattern: str, path: str) -> None:
    """A path fits exactly when some way of reading the pattern fits it."""
    parts = re.findall(r"(?:(?<=/)|^)\*{2,}/|\*+|\[ab\]|.", pattern)
    assert matches(path, [pattern]) is tried(parts, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 80 + "b", "a" * 4000),
        ("**a" * 80 + "b", "a" * 4000),
        ("**a*b**", "a" * 4000),
        ("**/*a*b/**c", "a/" * 2000),
        ("**" + "/a" * 100, "/a" * 2000 + "b"),
        ("**/" + "*a/" * 80 + "**b", "a/" * 2000),
    ],
)
def test_no_pattern_takes_exponential_time(pattern: str, path: str) -> None:
    """A pattern that fits nowhere says so at once; trying every way would take longer than anybody waits."""
    assert not matches(path, [pattern])


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "is empty"),
        ("!", "is empty"),
        ("a\nb", "contains a control character"),
        ("a\\b", "contains a backslash"),
        ("/a", "is an absolute path"),
        ("!/a", "is an absolute path"),
        ("~/a", "is an absolute path"),
        ("c:/a", "is an absolute path"),
        ("../a", "leaves a folder with `..`"),
        ("a/..", "leaves a folder with `..`"),
        ("./a", "has `.` as a folder"),
        ("a//b", "has two slashes in a row"),
        ("a/", "ends in a slash, so no file matches it"),
        ("{a,b}", "has braces, which match only themselves"),
        ("a[b", "has a `[` without characters and `]` after it"),
        ("a[]b", "has a `[` without characters and `]` after it"),
        ("v[0-9]+", "has a `+`, which does not repeat anything"),
        ("[z-a]", "has a backward range"),
        ("a" * 257, "is over 256 characters"),
    ],
)
def test_a_pattern_that_can_never_match_is_refused(pattern: str, why: str) -> None:
    """A pattern that no path could fit as its writer meant it is refused."""
    found = refusal(pattern)
    assert found is not None
    assert why == found.why


@pytest.mark.parametrize("pattern", [*(pattern for pattern, _ in FITS), "a..b", ".a", "a.", "!a", "*.md"])
def test_a_pattern_that_can_match_is_accepted(pattern: str) -> None:
    """A pattern that can be meant is not refused."""
    assert refusal(pattern) is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_every_accepted_pattern_can_be_matched(pattern: str, path: str) -> None:
    """A pattern that is not refused can be held against any path."""
    if refusal(pattern) is None:
        assert matches(path, [pattern, "**"])
