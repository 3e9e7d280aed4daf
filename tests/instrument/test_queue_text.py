"""Claims about the hypothesis queue as it is written: in its own form, with evidence, and nothing else touched."""

import pytest

from book import parsed
from research_logbook.errors import UserError
from research_logbook.instrument.queue_text import (
    Move,
    NewHypothesis,
    hypotheses_said,
    moved,
    next_hypothesis_id,
    under_test,
    with_hypothesis,
)
from research_logbook.logbook.model import Logbook, Status

GROUPS = """
### Proposed

- `T-H1`: wider tiles are faster. Next test: run 128.

### Active

- `T-H2`: narrower tiles lose less. Next test: run 16.

### Falsified
"""
TABLE = """
| ID | Hypothesis | Status | Evidence | Next test |
|---|---|---|---|---|
| T-H1 | wider tiles are faster | proposed |  | run 128 |
| T-H2 | narrower tiles lose less | active |  | run 16 |
"""
LIST = """
- `T-H1` (proposed): wider tiles are faster. Next test: run 128.
- `T-H2` (active): narrower tiles lose less. Next test: run 16.
"""
HEADINGS = """
### T-H1: wider tiles are faster

Status: proposed. Next test: run 128.

### T-H2: narrower tiles lose less

Status: active. Next test: run 16.
"""
FORMS = {"groups": GROUPS, "table": TABLE, "list": LIST, "headings": HEADINGS}


def queue(form: str) -> Logbook:
    """Return a logbook with a queue of that form."""
    return parsed(f"# Tiles\n\n- Experiment ID prefix: `T`\n\n## Hypothesis Queue\n{FORMS[form]}\n## Entry Log\n")


def states(text: str) -> dict[str, Status | None]:
    """Return the state of each hypothesis."""
    return {it.id: it.status for it in parsed(text).hypotheses}


@pytest.mark.parametrize("form", FORMS)
def test_a_hypothesis_is_added_in_the_form_of_the_queue(form: str) -> None:
    """As proposed, with the next ID and its next test."""
    book = queue(form)
    text = with_hypothesis(book, NewHypothesis(next_hypothesis_id(book), "tiles | of 64", "run 64"))
    assert states(text) == {"T-H1": Status.PROPOSED, "T-H2": Status.ACTIVE, "T-H3": Status.PROPOSED}
    assert "run 64" in next(it for it in parsed(text).hypotheses if it.id == "T-H3").next_step
    assert [line for line in book.text.split("\n") if line not in text.split("\n")] == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "move",
    [
        Move(Status.SUPPORTED, "T-003: 1.7 times as fast"),
        Move(Status.FALSIFIED, "T-003: slower"),
        Move(Status.ACTIVE, next_test="run 256"),
        Move(Status.BLOCKED, resume="the machine is free"),
    ],
    ids=lambda move: str(move.status),
)
def test_a_hypothesis_moves_with_its_evidence(form: str, move: Move) -> None:
    """Its state changes, the other's does not, and what decided stands beside it."""
    text = moved(queue(form), "T-H1", move)
    assert states(text) == {"T-H1": move.status, "T-H2": Status.ACTIVE}
    found = next(it for it in parsed(text).hypotheses if it.id == "T-H1")
    assert "wider tiles are faster" in found.text or "wider tiles are faster" in text
    assert move.evidence.rstrip(".") in found.evidence


@pytest.mark.parametrize(
    ("move", "asks"),
    [
        (Move(Status.SUPPORTED), "by what evidence"),
        (Move(Status.BLOCKED), "when does T-H1 go on"),
    ],
)
def test_a_move_says_why(move: Move, asks: str) -> None:
    """No hypothesis is settled without evidence, or blocked without what would let it go on."""
    with pytest.raises(UserError, match=asks):
        moved(queue("groups"), "T-H1", move)


def test_the_blank_of_the_template_is_filled_in_first() -> None:
    """What the template left open is no hypothesis that stays."""
    book = parsed(
        "# T\n\n## Hypothesis Queue\n\n### Proposed\n\n- `T-H1`: {{the first hypothesis}}. Next test: {{one}}.\n"
    )
    text = with_hypothesis(book, NewHypothesis(next_hypothesis_id(book), "wider is faster"))
    assert ("{{" in text, states(text)) == (False, {"T-H1": Status.PROPOSED})


def test_an_id_is_taken_once() -> None:
    """Two hypotheses of one ID could not be told apart."""
    with pytest.raises(UserError, match="already has the hypothesis T-H2"):
        with_hypothesis(queue("groups"), NewHypothesis("T-H2", "another"))


def test_a_log_without_a_heading_has_its_queue_in_front() -> None:
    """Behind its entries it would be a part of the last one."""
    text = "# Tiles\n\n## 2026-05-25 - first\n\n- Result: loss 2.3\n\n## 2026-05-26 - second\n\n- Result: loss 2.2\n"
    new = parsed(with_hypothesis(parsed(text), NewHypothesis("H1", "wider tiles are faster")))
    assert [(it.id, it.status) for it in new.hypotheses] == [("H1", Status.PROPOSED)]
    assert [entry.label for entry in new.everything] == ["first", "second"]


@pytest.mark.parametrize("form", FORMS)
def test_a_hypothesis_under_test_becomes_active_and_keeps_its_words(form: str) -> None:
    """Its next test too; one that is active already stays where it is."""
    book = queue(form)
    text = under_test(book, "T-H1")
    assert states(text) == {"T-H1": Status.ACTIVE, "T-H2": Status.ACTIVE}
    told = [{(it.id, it.claim, it.next_step) for it in one.hypotheses} for one in (book, parsed(text))]
    assert told[0] == told[1]
    assert under_test(book, "T-H2") == book.text


def test_a_state_changes_where_it_stands_and_not_in_the_claim() -> None:
    """The sentence that says it stays one."""
    said = "- `T-H1`: the proposed tile wins. Status: proposed. Next test: run 1."
    text = under_test(parsed(f"# T\n\n## Hypothesis Queue\n\n{said}\n\n## Entry Log\n"), "T-H1")
    assert said.replace("Status: proposed.", "Status: active.") in text.split("\n")


@pytest.mark.parametrize("state", ["blocked", "supported", "falsified", "promoted", "set aside"])
def test_what_is_not_proposed_stays_where_it_is(state: str) -> None:
    """A run says nothing against what was decided."""
    book = parsed(f"# T\n\n## Hypothesis Queue\n\n- `T-H1` [{state}]: wider is faster. Evidence: T-001.\n")
    assert under_test(book, "T-H1") == book.text


@pytest.mark.parametrize(
    ("queue", "why"),
    [
        ("### Proposed\n\n- `T-H1`: {{the first hypothesis}}. Next test: {{one}}.\n", "says nothing yet"),
        ("### Proposed\n\n- `T-H1`: wider is faster.\n", "no next test"),
        ("### Proposed\n\n- `T-H1`: one. Next test: a.\n- `T-H1`: two. Next test: b.\n", "cannot be kept"),
        ("| ID | Hypothesis | Next test |\n|---|---|---|\n| T-H1 | wider is faster | run 1 |\n", "no column"),
        ("| ID | Claim | Status |\n|---|---|---|\n| T-H1 | wider | proposed. Next test: a |\n", "cannot be kept"),
        ("### Proposed\n\n- `T-H11`: wider is faster. Next test: a.\n", "no hypothesis T-H1"),
    ],
)
def test_a_hypothesis_that_cannot_be_moved_as_it_is_says_why(queue: str, why: str) -> None:
    """A blank, one without a next test, one of two, a table without states or room for the next test."""
    with pytest.raises(UserError, match=why) as raised:
        under_test(parsed(f"# T\n\n## Hypothesis Queue\n\n{queue}\n## Entry Log\n"), "T-H1")
    assert raised.value.help


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("T-H1", ["T-H1"]),
        ("`T-H1`.", ["T-H1"]),
        ("**T-H1**, `T-H2` and T-H1", ["T-H1", "T-H2"]),
        ("T-H1: wider is faster, and T-H2 is not", ["T-H1"]),
        ("`T-H1` (wider)", ["T-H1"]),
        ("wider is faster than T-H2", []),
        ("none", []),
        ("n/a", []),
        ("", []),
        ("稀疏, H-α", ["稀疏", "H-α"]),
    ],
)
def test_an_entry_names_its_hypotheses_by_their_ids(said: str, names: list[str]) -> None:
    """One, a list, or one with its claim; a sentence names none."""
    assert hypotheses_said(said) == names
