"""Claims about decisions, hypotheses and sections that are kept up to date beside the log."""

import pytest

from book import parsed
from research_logbook.diff.append_only import ComparisonBudget
from research_logbook.diff.hypothesis_queue import dropped_hypotheses
from research_logbook.diff.index_sections import (
    SimilarTexts,
    TextOutsideEntries,
    changed_section,
    lost_decisions,
)
from research_logbook.diff.new_statements import NewStatements
from research_logbook.diff.tokens import units_of
from research_logbook.logbook.model import Logbook
from research_logbook.markdown.tree import parse

ENTRY = "### 2026-05-01 - seed\n\nIt ran."


def book(before: str = "", log: str = ENTRY) -> Logbook:
    """Return a logbook with a text before its log."""
    return parsed(f"# Run\n\n{before}\n\n## Entry Log\n\n{log}\n")


BUDGET = ComparisonBudget(1_000)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("one two three four", 0),
        ("one two x y", 0),
        ("one x y z", None),
        ("one two", 0),
        ("one x", 0),
        ("x y", None),
        ("one two three four five six seven eight nine ten", 0),
        ("", None),
        (", . !", None),
    ],
)
def test_half_of_the_shorter_texts_words_are_enough(text: str, taken: int | None) -> None:
    """Of two texts the shorter one decides how many words they must share."""
    assert SimilarTexts([["one", "two", "three", "four"]]).take(text.split()) == taken


@pytest.mark.parametrize(("common", "taken"), [(5, None), (6, 0)])
def test_a_little_less_than_half_of_the_words_is_not_enough(common: int, taken: int | None) -> None:
    """Of eleven words six are enough, five are not."""
    words = [f"w{number}" for number in range(11)]
    other = [*words[:common], *(f"x{number}" for number in range(11 - common))]
    assert SimilarTexts([words]).take(other) == taken


def test_a_text_is_taken_once() -> None:
    """The most similar first, of equals the first; then the next one, then none."""
    texts = SimilarTexts(text.split() for text in ("one two x y", "one two three y", "one two three z"))
    assert [texts.take(["one", "two", "three", "four"]) for _ in range(4)] == [1, 2, 0, None]


def test_only_the_six_rarest_words_are_looked_up() -> None:
    """A candidate has to share one of them: so no input makes every text meet every other."""
    common = [f"c{number}" for number in range(6)]
    texts = [common, *([word, f"x{word}"] for word in common for _ in range(2))]
    assert SimilarTexts(texts).take([*common, "z"]) == 0
    rare = [f"r{number}" for number in range(6)]
    wanted = [*rare, *common]
    target = [*common, *(f"t{number}" for number in range(3))]
    # Each of the rare words is in one short text that is taken before; the common ones are in two and more.
    lists = [target, target, *([word, word + "a", word + "b", word + "c"] for word in rare)]
    assert SimilarTexts(lists).take(wanted) is None
    assert SimilarTexts([target, target, *lists[3:]]).take(wanted) == 0


@pytest.mark.parametrize(("before", "taken"), [(31, 31), (32, None)])
def test_a_word_leads_to_thirty_two_texts(before: int, taken: int | None) -> None:
    """Of more texts with one word, the first ones are looked at."""
    texts = [*(["one", "a", "b", "c", "d"] for _ in range(before)), ["one", "five"]]
    assert SimilarTexts(texts).take(["one", "x", "y"]) == taken


@pytest.mark.parametrize(
    ("words", "about", "is_said"),
    [
        ("a new baseline", "baseline", True),
        ("New Baselines", "baseline", True),
        ("the seed-baseline", "baseline", True),
        ("sub_baseline", "baseline", False),
        ("the base line", "baseline", False),
        ("gate 1 moves", "stop|gate|criteri", True),
        ("Stopping earlier", "stop|gate|criteri", True),
        ("another criterion", "stop|gate|criteri", True),
        ("aggregated", "stop|gate|criteri", False),
    ],
)
def test_a_change_is_announced_by_a_word_that_begins_so(words: str, about: str, is_said: bool) -> None:
    """In an added entry, its heading or an added decision; what was there before announces nothing."""
    old = book()
    entry = book(log=f"### 2026-05-02 - x\n\n{words}.").entries
    heading = book(log=f"### 2026-05-02 - {words}\n\nx.").entries
    assert NewStatements(old, old, entry).name(about) is is_said
    assert NewStatements(old, old, heading).name(about) is is_said
    decided = book(f"## Decision Log\n\n- {words}")
    assert NewStatements(old, decided, ()).name(about) is is_said
    assert NewStatements(decided, decided, ()).name(about) is False


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("- D1: go on", "- D1: go on", []),
        ("- D1: go on\n- D2: stop", "- D2: stop\n- D1: go on", []),
        ("- D1: go on\n- D1: go on", "- D1: go on", [""]),
        ("- D1: use two seeds", "- D1: use five seeds", ["two"]),
        ("- D1: use two seeds", "- D1: use exactly two seeds", ["D1: use two seeds"]),
        ("- D1: use two seeds", "- D9: nothing like it", [""]),
        ("- D1: go on\n- D2: stop", "- D1: go on D2: stop", []),
        ("- D1: go on\n- D2: stop", "- D1: go on\n- ![D2: stop](a.png)", ["D2: stop"]),
        ("- D1: go on", "<details>\n\n- D1: go on\n\n</details>", ["D1: go on"]),
        ("- D1: go on", "<details open>\n\n- D1: go on\n\n</details>", []),
        ("- none yet", "- D1: go on", []),
        ("- pending", "- D1: go on", []),
    ],
)
def test_what_becomes_of_decisions(before: str, after: str, lost: list[str]) -> None:
    """Each is there as often as it was; one that is like none of the new ones is gone, and quoted by nothing."""
    old, new = (book(f"## Decision Log\n\n{text}") for text in (before, after))
    found = list(lost_decisions(old, new, TextOutsideEntries(new), BUDGET))
    assert [item.quote for item in found] == lost
    lines = new.text.split("\n")
    for item in found:
        assert ("Decision Log" in lines[item.span.line - 1]) is not item.quote


@pytest.mark.parametrize(
    ("before", "after", "dropped"),
    [
        ("- H1: a\n- H2: b", "- H2: c\n- H1: d", []),
        ("- H1: a\n- H2: b", "- H1: a\n\n## Notes\n\n- h2 is over", []),
        ("- H1: a\n- H2: b", "- H1: a", ["H2"]),
        ("- H1: a\n- H2: b", "- K1: a\n- K2: b", []),
        ("- H1: a\n- H2: b", "- K1: a\n- K2: c", ["H2"]),
        ("- H1: a\n- H2: a", "- K1: a", ["H2"]),
        ("- H1: a\n- H2: b", "- H1: a\n\n## Notes\n\n- H2 is over", []),
        ("- H1: a\n- H2: b", "- H1: a\n\n## Decision Log\n\n- H2 is over", ["H2"]),
        ("- H1: a\n- H2: b", "- H1: a\n\n## Notes\n\n- (H2) is over", []),
        ("- H1: a\n- H2: b", "- H1: a\n\n## Notes\n\n- over: H2", ["H2"]),
        ("- a cooler router balances", "- H1: a cooler router helps", []),
        ("- H1: warm up\n- a cooler router", "- H1: a cooler router", ["a cooler router"]),
        ("- a cooler router balances", "- a warmer oven bakes", ["a cooler router balances"]),
        ("- a cooler router balances\n- a cooler router balances", "- a cooler router balances", None),
    ],
)
def test_what_becomes_of_hypotheses(before: str, after: str, dropped: list[str] | None) -> None:
    """An ID is looked for in any case, also where it begins a line elsewhere; without one, half of the words."""
    old, new = (book(f"## Hypothesis Queue\n\n{text}") for text in (before, after))
    found = [
        item.hypothesis.id or item.hypothesis.text for item in dropped_hypotheses(old, new, TextOutsideEntries(new))
    ]
    assert found == (["a cooler router balances"] if dropped is None else dropped)


@pytest.mark.parametrize(
    ("before", "after", "quote"),
    [
        ("- loss 2.41", "- loss 2.41", None),
        ("- loss 2.41", "- evaluation loss of 2.41", None),
        ("- loss 2.41", "- loss 2.36", "2.41"),
        ("- loss 2.41\n- mfu 40", "- mfu 40\n- loss 2.41", None),
        ("- loss 2.41", "| loss |\n|---|\n| 2.41 |", None),
        ("- loss 2.41\n\n### More\n\n- mfu 40", "- loss 2.41", "More"),
        ("- loss 2.41", "", "loss 2.41"),
        ("- loss 2.41", "- ![loss 2.41](a.png)", "loss 2.41"),
        ("- loss 2.41", "<details>\n\n- loss 2.41\n\n</details>", "loss 2.41"),
        ("- loss 2.41", "- loss 2.41\n\n![the loss](a.png)", None),
        ("- loss 241", "- loss 2<sup>41</sup>", "241"),
    ],
)
def test_what_becomes_of_a_section(before: str, after: str, quote: str | None) -> None:
    """Words may come in anywhere; words that went are quoted, of its sub-headings too."""
    old, new = (book(f"## Baseline\n\n{text}\n\n## Notes\n\nx") for text in (before, after))
    found = changed_section(old, new, "baseline", TextOutsideEntries(new), BUDGET)
    assert (found.quote if found else None) == quote


def test_text_that_is_filed_elsewhere_is_there() -> None:
    """A section under another title still has its text; an index or a quote holds no entries."""
    new = book("## Reference\n\n- loss 2.41\n\n## Decision Log\n\n- go\n\n### Sub\n\n- on\n\n> quoted\n> text")
    outside = TextOutsideEntries(new)
    lines = new.text.split("\n")

    assert outside.holds(units_of(parse("- loss 2.41")), "baseline")
    assert not outside.holds(units_of(parse("- go")), "decision-log")
    assert not outside.holds(units_of(parse("- on")), "decision-log")
    assert not outside.holds(units_of(parse("- loss 2.99")), "baseline")
    assert outside.lines_of(units_of(parse("- loss 2.41"))) == [lines.index("- loss 2.41") + 1]
    assert outside.lines_of(()) == []
    assert outside.lines_of(units_of(parse("It ran."))) == []
    assert outside.lines_of(units_of((), "2026-05-01 - seed")) == []
    aside = [line for line, text in enumerate(lines, 1) if text and line in outside.aside_lines]
    assert [lines[line - 1] for line in aside] == ["## Decision Log", "- go", "### Sub", "- on", "> quoted"]


@pytest.mark.parametrize(("before", "is_found"), [(15, True), (16, False)])
def test_a_text_is_looked_for_at_sixteen_places(before: int, is_found: bool) -> None:
    """Of many places where its first line is, the first sixteen are looked at."""
    new = book("## Reference\n\n" + "- a\n- x\n" * before + "- a\n- b\n")
    assert TextOutsideEntries(new).holds(units_of(parse("- a\n- b")), "baseline") is is_found
