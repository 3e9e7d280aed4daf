"""Claims about what may be added to a text and how its words may be corrected, on both sides of every limit."""

import pytest

from research_logbook.diff.append_only import ComparisonBudget, LostText, lost_text, matched_units
from research_logbook.diff.tokens import Unit, units_of
from research_logbook.markdown.tree import parse


def units(text: str) -> tuple[Unit, ...]:
    """Return the units of a piece of Markdown."""
    return units_of(parse(text))


def lost(old: str, new: str) -> list[LostText]:
    """Return what of one text is gone from another."""
    return lost_text(units(old), units(new), ComparisonBudget(1_000))


def quotes(old: str, new: str) -> list[str]:
    """Return the words of one text that are gone from another."""
    return [item.quote for item in lost(old, new)]


@pytest.mark.parametrize(
    "mark", [".", "!", "?", ":", ";", ")", "\u3002", "\uff01", "\uff1f", "\uff1a", "\uff1b", "\uff09", "…"]
)
def test_a_sentence_goes_on_after_a_mark(mark: str) -> None:
    """Behind a mark that ends a sentence or a clause, words may be added."""
    assert quotes(f"It ran{mark}", f"It ran{mark} twice") == []


@pytest.mark.parametrize("mark", [".", "!", ";", "\u3002", "\uff01", "\uff1b", "…"])
def test_a_statement_goes_on_after_a_new_mark(mark: str) -> None:
    """The end of a sentence or a clause may be put behind it, with more words."""
    assert quotes("It ran", f"It ran{mark} twice") == []


@pytest.mark.parametrize("mark", ["?", ":", ")", "\uff1f", "\uff1a", "\uff09"])
def test_no_new_mark_makes_something_else_of_a_statement(mark: str) -> None:
    """A question mark would make a question of it, a colon a name for what follows."""
    assert quotes("It ran", f"It ran{mark} twice") == ["It ran"]


@pytest.mark.parametrize("mark", [",", "-", "/", "(", "\u3001", "%", "+"])
def test_a_sentence_does_not_go_on_after_another_mark(mark: str) -> None:
    """A comma, a dash or a bracket that opens makes the words part of the sentence."""
    assert quotes(f"It ran{mark}", f"It ran{mark} twice") != []
    assert quotes("It ran", f"It ran{mark} twice") != []


@pytest.mark.parametrize("mark", [".", "!", "?", "\u3002", "\uff01", "\uff1f", "..."])
def test_a_line_may_be_put_between_sentences(mark: str) -> None:
    """A new line of whole sentences stands between two old lines, if a sentence ends before it and it ends too."""
    assert quotes(f"It ran{mark}\nIt won.", f"It ran{mark}\nIt paused{mark}\nIt won.") == []
    assert quotes(f"It ran{mark}\nIt won.", f"It ran{mark}\nIt paused\nIt won.") != []
    assert quotes(f"It ran{mark} It won.", f"It ran{mark} It paused{mark} It won.") != []


@pytest.mark.parametrize("mark", [":", ";", ")", ","])
def test_no_line_may_be_put_inside_a_sentence(mark: str) -> None:
    """A clause that ends is no end of a sentence."""
    assert quotes(f"It ran{mark}\nit won.", f"It ran{mark}\nIt paused.\nit won.") != []


@pytest.mark.parametrize("sign", ['"', "'", "\\*", " \\_", "\\`", "\\]", "}"])
def test_quotes_close_a_sentence(sign: str) -> None:
    """Behind a closing sign the mark before it counts."""
    assert quotes(f"It ran.{sign}", f"It ran.{sign} Twice") == []
    assert quotes(f"It ran{sign}", f"It ran{sign} twice") != []
    assert quotes(f"It ran.{sign}\nIt won.", f"It ran.{sign}\nIt paused.\nIt won.") == []


def test_a_sign_that_closes_nothing_ends_no_sentence() -> None:
    """An opening sign, and quotes with nothing before them, are no end."""
    assert quotes("It ran.(", "It ran.( twice") != []
    assert quotes('""', '"" twice') != []


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("a b", "x\n\na b", []),
        ("a b", "a b\n\nx", []),
        ("a b", "a x b", ["a b"]),
        ("a b", "~~a~~ x b", []),
        ("a b", "~~a~~ x y z b", []),
        ("a b", "~~a~~ x ~~b~~ y", []),
        ("a b", "~~a b~~", []),
        ("a b", "~~x~~ a b", ["a b"]),
        ("a b", "a ~~x~~ b", ["a b"]),
        ("~~a~~ b", "a b", ["a"]),
        ("~~a~~ b", "~~a~~ x b", ["a b"]),
        ("a b", "a b ~~x~~", ["a b"]),
        ("| a | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| ~~c~~ x | d |", []),
        ("| a | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| ~~c~~ | x d |", ["c"]),
        ("| a | b |\n|---|---|\n| c. | d |", "| a | b |\n|---|---|\n| c. x | d |", []),
        ("| a | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| c x | d |", ["c | d"]),
        ("| a | b |\n|---|---|\n| | d |", "| a | b |\n|---|---|\n| x y | d |", []),
        ("| a |\n|---|\n| c |", "| a | b |\n|---|---|\n| c | x y |", []),
        ("```\na\n```", "```\na x\n```", ["a"]),
        ("```\na.\n```", "```\na. x\n```", ["a ."]),
        ("```\na\nb\n```", "```\na\nx\nb\n```", []),
        ("```\na. \\\nb\n```", "```\na. \\\nx. \\\nb\n```", ["a .  b"]),
        ("One. Two.", "Zero.\n\n- One.\n- Two.", []),
        ("- https://a.b/c x\n- y", "- y\n- [it](https://a.b/c) x. More", []),
        ("a[^1]", "a", ["[^1]"]),
        ("a b", "a[^1] b", []),
        ("a b", "[^1] a b", ["a b"]),
    ],
)
def test_what_may_be_added_and_struck_out(old: str, new: str, gone: list[str]) -> None:
    """Whole units, what follows struck words, values that come in, new cells at an end and notes; no more."""
    found = [quote.replace("a.", "a .") for quote in quotes(old, new)]
    assert found == gone


@pytest.mark.parametrize(
    ("old", "new", "anywhere", "count"),
    [
        ("- a\n- b", "- a\n- b\n- c", True, 2),
        ("- a\n- b", "- a\n- x\n- b", True, 3),
        ("- a", "- x\n- a", True, 2),
        ("- a", "- x\n- a", False, None),
        ("- a b", "- a\n- b", False, 2),
        ("- a\n- b", "a b", True, 1),
        ("- a\n- b", "- b\n- a", True, None),
        ("- a", "", True, None),
        ("", "- a", True, 0),
        ("- Result: pending", "- Result: pending", True, 1),
        ("- pending", "- x", True, 0),
        ("- a\u202e", "- a", True, 1),
        ("- a", "- a\u202e", True, None),
        ("- a\u202e b\u202d", "- a b\u202d", True, 1),
    ],
)
def test_how_many_units_hold_a_text(old: str, new: str, anywhere: bool, count: int | None) -> None:
    """The first units that all of the older words are found in, in order; before them only where that is allowed."""
    assert matched_units(units(old), units(new), anywhere=anywhere) == count


@pytest.mark.parametrize(
    ("label", "is_kept"),
    [
        ("the run", True),
        ("this W&B run", True),
        ("the good run", False),
        ("a.b/c/d", True),
        ("a.b/c", True),
        ("c/d", True),
        ("d", True),
        ("b/c", False),
        ("https://x.y", False),
        ("the run?", False),
    ],
)
def test_a_link_may_take_the_place_of_an_address(label: str, is_kept: bool) -> None:
    """Its words are a part of the address, or tell what kind of thing it leads to."""
    address = "https://a.b/c/d"
    assert (quotes(f"See {address} here", f"See [{label}]({address}) here") == []) is is_kept
    assert quotes(f"See {address} here", f"See [{label}]({address}x) here") == [address]


@pytest.mark.parametrize(
    ("label", "is_kept"),
    [
        ("#12", True),
        ("issue #12", True),
        ("a/b#12", True),
        ("https://github.com/a/b/issues/12", True),
        ("the issue", False),
        ("#12: the sweep", False),
        ("great success", False),
        ("#112", False),
        ("#1", False),
    ],
)
def test_the_number_of_an_issue_stays_to_be_read(label: str, is_kept: bool) -> None:
    """The words of the link are the number, its address, or the kind of thing beside the number."""
    assert (quotes("See #12 here", f"See [{label}](https://github.com/a/b/issues/12) here") == []) is is_kept


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("https://github.com/a/b/issues/12", True),
        ("https://github.com/a/b/pull/12/", True),
        ("https://github.com/a/b/issues/12#issuecomment-3", True),
        ("https://github.com/a/b/issues/13", False),
        ("https://github.com/a/b/issues/112", False),
        ("https://github.com/a/b/actions/12", False),
    ],
)
def test_a_link_may_take_the_place_of_an_issues_number(url: str, is_kept: bool) -> None:
    """It leads to an issue or pull request of that number."""
    assert (quotes("See #12 here", f"See [issue #12]({url}) here") == []) is is_kept


def test_a_picture_may_be_given_words() -> None:
    """A picture without words and one of the same address with words are the same."""
    assert quotes("See ![](a.png) here", "See ![the loss](a.png) here") == []
    assert quotes("See ![](a.png) here", "See ![the loss](b.png) here") != []


def test_a_label_that_was_there_stays() -> None:
    """Only a plain reference can be linked: a label that the older text had is text."""
    assert quotes("[one](https://a.b) is https://a.b", "[one](https://a.b) is [it](https://a.b)") == []
    assert quotes("[one](https://a.b) is https://a.b", "[two](https://a.b) is https://a.b") == ["one"]


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("- a:\n  - x\n- b:", "- a:\n- b:\n  - x", ["x"]),
        ("- a\n- b\n- c", "- c\n- b\n- a", []),
        ("- a:\n  - x\n  - y", "- a:\n  - y\n  - x", []),
        ("- a:\n  - x\n  - x\n- b:\n  - x", "- a:\n  - x\n- b:\n  - x\n  - x", ["x"]),
        ("- a:\n  - x\n- b:\n  - y", "- z:\n  - a:\n    - x\n- b:\n  - y", ["a:", "x"]),
        ("- a:\n  - x\n- b:\n  - y", "- Notes:\n  - a:\n    - x\n- b:\n  - y", []),
        ("```\na\nb\n```", "```\nb\na\n```", ["a", "b"]),
    ],
)
def test_a_unit_that_moves_keeps_its_parents(old: str, new: str, gone: list[str]) -> None:
    """Items may change places below one parent, in the same number; a new parent above says nothing itself."""
    assert sorted(quotes(old, new)) == gone


@pytest.mark.parametrize(("before", "quote"), [(7, "2.31"), (8, "run loss 2.31")])
def test_a_quote_is_against_a_unit_up_to_eight_places_on(before: int, quote: str) -> None:
    """Beyond that, all of the older unit is quoted."""
    new = "".join(f"- new {number}\n" for number in range(before)) + "- run loss 2.99\n"
    assert quotes("- run loss 2.31", new) == [quote]


@pytest.mark.parametrize(("before", "quote"), [(8, "2.31"), (9, "run loss 2.31")])
def test_a_quote_is_against_a_unit_up_to_eight_places_back(before: int, quote: str) -> None:
    """Beyond that, all of the older unit is quoted."""
    old = "".join(f"- old {number}\n" for number in range(before)) + "- run loss 2.31\n"
    assert quotes(old, "- run loss 2.99")[-1] == quote


def test_an_insertion_is_quoted_with_four_words_on_each_side() -> None:
    """The sentence around the words that were put in, as it was."""
    (found,) = lost("a b c d e f g h i j k", "a b c d e x f g h i j k")
    assert (found.quote, found.is_insertion) == ("b c d e f g h i", True)
    (found,) = lost("a b c", "a x b c")
    assert (found.quote, found.is_insertion) == ("a b c", True)


def test_no_column_comes_in_behind_a_correction() -> None:
    """What follows struck words ends with their cell."""
    old, new = "| a | b |\n|---|---|\n| c | d |", "| ~~a~~ | y | b |\n|---|---|---|\n| ~~c~~ | x | d |"
    assert len(quotes(old, new)) == 2


def test_words_that_went_are_no_insertion() -> None:
    """Words in place of others are told apart from words between others."""
    assert [item.is_insertion for item in lost("a b c", "a x c")] == [False]
    assert [item.is_insertion for item in lost("a b c", "x y")] == [False]


def test_where_a_text_differs() -> None:
    """The line of the first word that differs; where all of a unit is gone, that of what comes before the gap."""
    assert [item.line for item in lost("a\nb\nc", "a\nx\nc")] == [2]
    assert [item.line for item in lost("a\n\nb\n\nc", "a\n\nc")] == [1]
    assert [item.line for item in lost("b\n\nc", "c")] == [0]
    assert [item.line for item in lost("a b", "a")] == [1]


@pytest.mark.parametrize(("words", "cost"), [(0, 1), (63, 1), (64, 2), (127, 2), (128, 3)])
def test_a_long_unit_costs_more_of_the_budget(words: int, cost: int) -> None:
    """One comparison, and one more for every 64 words; spent to the last, it is over."""
    budget = ComparisonBudget(cost)
    assert (budget.spend(words), budget.left, budget.spend(0)) == (True, 0, False)


def test_without_a_budget_nothing_more_is_looked_for() -> None:
    """What is not found at the first try is gone: a finding too many, never one too few."""
    alike = "- " + "run " * 12
    old, new = (units("\n".join(f"{alike}{n}" for n in order)) for order in (("1", "2", "3"), ("3.", "2.", "1.")))
    assert lost_text(old, new, ComparisonBudget(10)) == []
    assert len(lost_text(old, new, ComparisonBudget(0))) > 0
