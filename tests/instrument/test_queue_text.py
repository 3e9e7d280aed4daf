"""Claims about the hypothesis queue as it is written: in its own form, with evidence, and nothing else touched."""

import pytest

from book import parsed
from research_logbook.errors import UserError
from research_logbook.instrument.queue_text import Move, NewHypothesis, moved, next_hypothesis_id, with_hypothesis
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
