"""Claims about the hypothesis queue: what of a claim may change once a result is in."""

import pytest

from book import parsed
from research_logbook.diff import compare
from research_logbook.diff.hypothesis_queue import claim_of
from research_logbook.logbook.model import Logbook

RESULT = """### 2026-05-20 - AT-001 seed

- Command: `python t.py`
- Result: loss 2.31.
- Interpretation: H1 holds, and so does SPA-H1.
- Next action: test H2.
"""
QUEUE = """- H1 (active): a cooler router balances the experts. Next test: AT-002.
- H2 (proposed): more warm-up helps.
"""
TABLE = """| ID | Hypothesis | Status | Evidence |
|---|---|---|---|
| H1 | a cooler router balances the experts | active | |
"""
HEADING = "### H1: a cooler router balances the experts\n\n- Status: active\n- Next test: one\n"
BODY = "### H1\n\nA cooler router balances\nthe experts.\n\nStatus: active.\n"
WRAPPED = "- `SPA-H1` (active): block sparsity keeps\n  the loss.\n  - Next test: AT-002.\n"
SETTLED = "- H9 (supported): small is fine. It rose from 2.21 to 2.35 at 3 seeds.\n"
CONDITION = "- H1: sparsity keeps the loss. Falsified if the loss rises by 0.02.\n"


def book(queue: str, log: str = RESULT) -> Logbook:
    """Return a logbook with a hypothesis queue."""
    return parsed(f"# Run: Research Logbook\n\n## Hypothesis Queue\n\n{queue}\n\n## Entry Log\n\n{log}\n")


def reworded(before: Logbook, after: Logbook) -> list[str]:
    """Return the IDs of the hypotheses whose claim changed; none was dropped."""
    found = compare(before, after)
    assert found.dropped == ()
    return [item.hypothesis.id for item in found.reworded]


@pytest.mark.parametrize(
    ("queue", "old", "new"),
    [
        (QUEUE, "balances the experts", "keeps the loss"),
        (QUEUE, "cooler", "warmer"),
        (QUEUE, "balances", "never balances"),
        (QUEUE, " the experts", ""),
        (QUEUE, "experts.", "experts at width 512 only."),
        (QUEUE, "experts.", "experts, but only at width 512."),
        (QUEUE, "experts.", "experts. But only at width 512."),
        (QUEUE, "cooler router balances", "warmer router balances <!-- cooler -->"),
        (QUEUE, "(active): a cooler", "(supported): a warmer"),
        (TABLE, "balances", "worsens"),
        (HEADING, "balances", "worsens"),
        (BODY, "balances", "worsens"),
        (WRAPPED, "keeps", "loses"),
        (SETTLED, "small", "large"),
        (CONDITION, "0.02", "0.05"),
        ("- H1: sparsity keeps the loss. It also halves memory.\n", "halves", "keeps"),
        ("- H1: under 5 mW.\n", "mW", "MW"),
    ],
)
def test_a_claim_that_changes_after_a_result_named_it_is_found(queue: str, old: str, new: str) -> None:
    """In lists, tables, headings and paragraphs; without the result it may change, unless it is settled."""
    assert old in queue
    after = queue.replace(old, new, 1)
    (item,) = compare(book(queue), book(after)).reworded
    assert item.hypothesis.id in queue
    assert book(after).text.split("\n")[item.span.line - 1].strip()
    pending = RESULT.replace("loss 2.31.", "pending")
    assert reworded(book(queue, pending), book(after, pending)) == ["H9"] * (queue == SETTLED)


@pytest.mark.parametrize(
    ("queue", "after"),
    [
        (QUEUE, QUEUE.replace("(active)", "(falsified)").replace("Next test: AT-002.", "Evidence: AT-001.")),
        (QUEUE, QUEUE.replace("Next test: AT-002.", "Falsified: load varies by 0.41.")),
        (QUEUE, QUEUE.replace("a cooler router balances the experts.", "A cooler router balances the experts;")),
        (QUEUE, QUEUE.replace("- H1 (active): a cooler", "- **H1** (active): a *cooler*")),
        (QUEUE, QUEUE.replace("cooler router", "[cooler router](https://example.org/r)")),
        (QUEUE, QUEUE.replace("cooler", "~~cooler~~ warmer")),
        (QUEUE, QUEUE.replace("a cooler router", "~~a cooler~~ the warmer router")),
        (QUEUE, QUEUE.replace("balances the experts", "~~balances the experts~~ keeps the loss")),
        (QUEUE, QUEUE.replace("experts.", "experts (AT-001).")),
        (QUEUE, QUEUE.replace("experts.", "experts — falsified by AT-001.")),
        (QUEUE, QUEUE.replace("more warm-up helps", "less warm-up helps")),
        (QUEUE, "\n".join(QUEUE.split("\n")[::-1])),
        (QUEUE, "### Supported\n\n- H1: a cooler router balances the experts.\n\n### Proposed\n\n- H2: warm-up.\n"),
        (QUEUE, TABLE + "| H2 | more warm-up helps | proposed | |\n"),
        (TABLE, TABLE.replace("active | |", "falsified | AT-001 |")),
        (TABLE.replace("active | |", "falsified | AT-001 |"), TABLE.replace("active | |", "falsified | AT-002 |")),
        (TABLE, HEADING),
        (HEADING, HEADING.replace("active", "falsified").replace("Next test: one", "Evidence: AT-001")),
        (BODY, BODY.replace("balances\nthe", "balances the")),
        (WRAPPED, WRAPPED.replace("Next test: AT-002.", "Evidence: AT-001.")),
        (SETTLED, SETTLED.replace("2.21 to 2.35", "2.21 to 2.36")),
        ("- H9 (proposed): small is fine.\n", "- H9 (proposed): large is fine.\n"),
        (
            QUEUE.replace("cooler", "~~warmer~~ cooler"),
            QUEUE.replace("cooler", "~~warmer~~ cooler").replace("active", "blocked"),
        ),
    ],
)
def test_what_is_not_the_claim_may_change(queue: str, after: str) -> None:
    """Status, evidence, next test, place and form; what is struck out; and a claim that no result names yet."""
    assert queue != after
    assert reworded(book(queue), book(after)) == []


@pytest.mark.parametrize(
    ("said", "is_named"),
    [
        ("packing took three hours.", False),
        ("Packing took three hours.", False),
        ("**Packing** holds.", True),
        ("`Packing` holds.", True),
        ("fine.\n- Hypothesis: Packing", True),
    ],
)
def test_a_plain_word_names_a_hypothesis_where_it_is_marked(said: str, is_named: bool) -> None:
    """In bold or as code, or in the field for it; in a sentence it is a word."""
    queue = "- **Packing**: longer rows keep the loss.\n- H2: more warm-up helps.\n"
    log = RESULT.replace("H1 holds, and so does SPA-H1.", said)
    after = queue.replace("keep the loss", "halve the cost")
    assert reworded(book(queue, log), book(after, log)) == ["Packing"] * is_named


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("sparsity keeps the loss", "sparsity keeps the loss"),
        ("sparsity\nkeeps the loss.", "sparsity keeps the loss."),
        ("sparsity keeps the loss. Falsified: 2.4.", "sparsity keeps the loss"),
        ("sparsity keeps the loss (AT-001).", "sparsity keeps the loss"),
        ("sparsity keeps the loss — see AT-001", "sparsity keeps the loss"),
        ("it keeps the loss. It rose to 2.4 at once.", "it keeps the loss."),
        ("it keeps the loss. It stays below 2.4.", "it keeps the loss. It stays below 2.4."),
        ("", ""),
    ],
)
def test_a_claim_ends_where_its_outcome_begins(text: str, claim: str) -> None:
    """At a state, an ID, or a sentence with a figure that is no condition."""
    assert claim_of(text) == claim
