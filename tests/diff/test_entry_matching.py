"""Claims about which entry of an older logbook has become which of a newer."""

import pytest

from book import parsed
from research_logbook.diff.entry_matching import EntryText, entry_texts, moved, paired


def entries(*texts: str) -> list[EntryText]:
    """Return the entries of a log; each text is a heading, a line feed and a body."""
    log = "\n\n".join(f"### {heading}\n\n{body}" for heading, _, body in (text.partition("\n") for text in texts))
    return entry_texts(parsed(f"# Run\n\n- Experiment ID prefix: `TH`\n\n## Entry Log\n\n{log}\n"))


def pairs(old: list[str], new: list[str]) -> dict[int, int]:
    """Return which old entry has become which new one."""
    return paired(entries(*old), entries(*new))


A, B, C = "2026-05-01 - a\nThe first.", "2026-05-02 - b\nThe second.", "2026-05-03 - c\nThe third."


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([A, B, C], [A, B, C], {0: 0, 1: 1, 2: 2}),
        ([A, B, C], [A, C], {0: 0, 2: 1}),
        ([A, B], [A, C, B], {0: 0, 1: 2}),
        ([A, B, C], [C, A, B], {0: 1, 1: 2, 2: 0}),
        ([A, A], [A], {0: 0}),
        ([A], [A, A], {0: 0}),
        ([], [A], {}),
        ([A], [], {}),
        # The same words in another form, the same heading and beginning, the same heading alone
        ([A, B], ["2026-05-01 — **a**\nThe *first*.", B], {0: 0, 1: 1}),
        ([A + "\n\nx"], ["2026-05-01 - a\nOther.", A + "\n\ny"], {0: 1}),
        ([A], ["2026-05-01 - a\nNo word in common"], {0: 0}),
        # The same day and ID under another heading
        (["2026-05-01 - TH-001 a\nOne."], ["2026-05-01 - TH-001 z\nOther words."], {0: 0}),
        (["2026-05-01 - TH-001 a\nOne."], ["2026-05-01 - TH-002 z\nOther words."], {}),
        (["2026-05-01 - TH-001 a\nOne."], ["2026-05-02 - TH-001 z\nOther words."], {}),
        (["2026-05-01 - a\nOne."], ["2026-05-01 - z\nOther words."], {}),
    ],
)
def test_which_entry_is_which(old: list[str], new: list[str], expected: dict[int, int]) -> None:
    """The surest sign first: all of the text, its words, heading and first line, heading, day and ID."""
    assert pairs(old, new) == expected


@pytest.mark.parametrize(("length", "expected"), [(40, {0: 1}), (39, {})])
def test_a_text_of_forty_characters_tells_an_entry_from_others(length: int, expected: dict[int, int]) -> None:
    """A shorter one under another heading, on another day and with another ID, may be anybody's."""
    body = "x" * length
    found = pairs([f"2026-05-01 - TH-001 a\n{body}"], ["2026-05-02 - TH-002 b\ny", f"2026-05-03 - TH-003 c\n{body}"])
    assert found == expected


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("one two five six", {0: 0}),
        ("one five six seven", {}),
        ("one two three four five six seven eight nine", {0: 0}),
        (". , one ! two", {0: 0}),
    ],
)
def test_half_of_the_words_make_an_entry_the_same(new: str, expected: dict[int, int]) -> None:
    """Of four words two are enough, one is not; marks, dates and names of fields are no words."""
    assert pairs(["2026-05-01\n- Result: one two three four"], [f"2026-06-02\n- Outcome: {new}"]) == expected


@pytest.mark.parametrize(("common", "expected"), [(5, {}), (6, {0: 0})])
def test_a_little_less_than_half_is_not_enough(common: int, expected: dict[int, int]) -> None:
    """Of eleven words six are enough, five are not."""
    words = [f"w{number}" for number in range(11)]
    assert pairs(["2026-05-01\n" + " ".join(words)], ["2026-06-01\n" + " ".join(words[:common])]) == expected


def test_the_most_similar_entry_is_taken() -> None:
    """Of several that share half of the words, the one that shares most, and the first of equals."""
    old = ["2026-05-01\none two three four"]
    assert pairs(old, ["2026-06-01\none two", "2026-06-02\none two three", "2026-06-03\none two three"]) == {0: 1}


@pytest.mark.parametrize(("before", "expected"), [(15, {0: 15}), (16, {})])
def test_a_similar_entry_is_looked_for_among_sixteen(before: int, expected: dict[int, int]) -> None:
    """The window keeps a log that was wholly rewritten from quadratic time."""
    new = [f"2026-06-{number + 1:02}\nx{number} y{number}" for number in range(before)]
    assert pairs(["2026-05-01\none two three four"], [*new, "2026-07-01\none two three five"]) == expected


def test_similar_entries_are_paired_in_order() -> None:
    """What is paired once is behind the next: two rewritten entries do not cross."""
    old = ["2026-05-01\none two three", "2026-05-02\none two four"]
    assert pairs(old, ["2026-06-01\none two five", "2026-06-02\none two six"]) == {0: 0, 1: 1}
    assert pairs(old, ["2026-06-01\none two five"]) == {0: 0}


def test_two_entries_that_say_so_are_not_the_same() -> None:
    """Another day and other IDs make two entries of one text, if it is short."""
    old = ["2026-05-01 - TH-001 x\nrun it"]
    assert pairs(old, ["2026-05-02 - TH-002 x\nrun it again"]) == {}
    assert pairs(old, ["2026-05-02 - TH-001 x again\nrun it again"]) == {0: 0}
    assert pairs(old, ["2026-05-01 - TH-002 x again\nrun it again"]) == {0: 0}
    assert pairs(old, ["2026-05-02 - x again\nrun it again"]) == {0: 0}
    assert pairs(old, ["2026-05-02 - TH-001 TH-002 x again\nrun it again"]) == {0: 0}


@pytest.mark.parametrize(
    ("places", "expected"), [((0, 1, 2), []), ((2, 0, 1), [0]), ((1, 2, 0), [2]), ((2, 1, 0), [0, 1]), ((), [])]
)
def test_as_few_entries_as_can_be_are_moved(places: tuple[int, ...], expected: list[int]) -> None:
    """What keeps its order did not move."""
    assert moved(dict(enumerate(places))) == expected
