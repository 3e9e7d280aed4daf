"""Claims about what a thread is held to: where it stands, what may change of it, and what explains a change."""

import pytest

from book import parsed
from research_logbook.diff import compare
from research_logbook.diff.goalposts import goalposts_of
from research_logbook.logbook.model import Logbook

RESULT = "### 2026-05-20 - AT-001 seed\n\n- Command: `python t.py`\n- Result: loss 2.31.\n"
PENDING = "### 2026-05-20 - AT-001 seed\n\n- Command: `python t.py`\n- Result: pending\n"
SCOPE = """## Scope

- Goal: halve the attention cost.
- Primary metric: step time in ms, at equal loss.
- Constraints: two GPUs.
"""
GATES = "## Gates\n\n- Gate 1: loss under 2.30 at step 400 for two seeds.\n- Gate 2: the same at 4,000.\n"
TABLE = "## Success criteria\n\n| Gate | Threshold | Status |\n|---|---|---|\n| one seed | < 2.30 | open |\n"
FRONT = "---\ntopic: x\ngoal: halve the cost\nprimary-metric: step time\n---\n"
PARAGRAPH = "Research on collectives. Goal: the layer runs at 1.4x the\nspeed of the old one. We start small.\n"


def book(head: str, log: str = RESULT, front: str = "") -> Logbook:
    """Return a logbook with a text before its log."""
    return parsed(f"{front}# Run: Research Logbook\n\n{head}\n\n## Entry Log\n\n{log}\n")


def moved(before: Logbook, after: Logbook) -> list[tuple[str, str]]:
    """Return the goalposts that moved, each with what it lost or gained."""
    return [(post.kind, post.quote) for post in compare(before, after).goalposts]


@pytest.mark.parametrize(
    ("head", "old", "new", "kind", "quote"),
    [
        (SCOPE, "halve the attention cost", "keep the cost below 1.2", "goal", "halve the attention cost"),
        (SCOPE, "halve the", "die Kosten der", "goal", "halve the"),
        (SCOPE, "step time in ms, at equal loss", "memory", "primary metric", "step time in ms, at equal loss"),
        (SCOPE, "- Goal: halve the attention cost.\n", "", "goal", "halve the attention cost."),
        (SCOPE, "halve", "do not halve", "goal", "do not"),
        (SCOPE, "halve", "nearly halve", "goal", "nearly"),
        (GATES, "2.30", "2.35", "success threshold", "2.30"),
        (GATES, "under", "over", "success threshold", "under"),
        (GATES, "two seeds.", "two seeds, or 2.35 for one.", "success threshold", ", or 2.35 for one."),
        (GATES, "two seeds.", "two seeds. Or 2.35 for one.", "success threshold", ". Or 2.35 for one."),
        (GATES, "2.30 at", "2.30 to 2.50 at", "success threshold", "to 2.50"),
        (GATES, "4,000.\n", "4,000.\n- Or: loss under 2.5.\n", "success threshold", "Or: loss under 2.5."),
        (TABLE, "2.30", "2.40", "success threshold", "2.30"),
        (TABLE, "< 2", "> 2", "success threshold", "<"),
        (PARAGRAPH, "1.4x", "1.2x", "goal", "1.4x"),
        ("The goal is to halve the cost.\n", "halve", "keep", "goal", "halve"),
        ("> Scope: one recipe only.\n", "one recipe only", "all recipes", "goal", "one recipe only"),
        ("## Scope\n\nHalve the cost at equal loss.\n", "equal", "any", "goal", "equal"),
        ("## Goal: halve the cost\n\nText.\n", "halve", "keep", "goal", "halve"),
        ("**Goal**\n\nHalve the cost.\n", "Halve", "Keep", "goal", "Halve"),
        ("- Goals:\n  - halve the cost\n  - keep the loss\n", "loss", "size", "goal", "loss"),
        (
            "| what | value |\n|---|---|\n| Primary metric | step time |\n",
            "step time",
            "loss",
            "primary metric",
            "step time",
        ),
        (
            "| Goal | Metric |\n|---|---|\n| halve it | step time |\n",
            "step time",
            "loss",
            "primary metric",
            "step time",
        ),
        ("- Goal: under 5 mW.\n", "mW", "MW", "goal", "mW"),
        ("## Stop criteria\n\n- Gate 1: three are slower.\n", "three", "five", "stop criterion", "three"),
        (
            SCOPE,
            "halve the attention cost.",
            "keep it. <!-- halve the attention cost. -->",
            "goal",
            "halve the attention cost",
        ),
    ],
)
def test_a_goalpost_that_moves_after_the_first_result_is_found(
    head: str, old: str, new: str, kind: str, quote: str
) -> None:
    """Wherever it stands, with what it lost or gained; until an entry has a result it may change."""
    assert old in head
    after = head.replace(old, new, 1)
    assert moved(book(head), book(after)) == [(kind, quote)]
    (post,) = compare(book(head), book(after)).goalposts
    assert post.span.line <= len(book(after).text.split("\n"))
    assert moved(book(head, PENDING), book(after, PENDING)) == []
    assert moved(book(head, PENDING), book(after, RESULT)) == []


@pytest.mark.parametrize(
    ("head", "after"),
    [
        (SCOPE, SCOPE.replace("halve the attention cost.", "Halve the attention cost!")),
        (SCOPE, SCOPE.replace("- Goal: halve", "- **Goal**: *halve*")),
        (SCOPE, SCOPE.replace("the attention cost", "[the attention cost](https://example.org/cost)")),
        (SCOPE, SCOPE.replace("two GPUs", "four GPUs")),
        (SCOPE, SCOPE.replace("attention cost", "attention cost on one TPU")),
        (SCOPE, SCOPE.replace("halve the attention cost", "~~halve the attention cost~~ keep it below 1.2")),
        (SCOPE, "\n".join(SCOPE.split("\n")[::-1]).replace("## Scope", "").strip()),
        (
            SCOPE,
            "## Objective\n\nHalve the attention cost.\n\n## Scope\n\n- Metric: step time in ms, at equal loss.\n",
        ),
        (
            SCOPE,
            "| | |\n|---|---|\n| Goal | halve the attention cost. |\n| Metric | step time in ms, at equal loss. |\n",
        ),
        ("## Scope\n\n- Goal: TBD\n", SCOPE),
        ("## Scope\n\nHalve the cost.\n", "## What we want\n\nHalve the cost.\n"),
        (PARAGRAPH, PARAGRAPH.replace("We start small", "We start at once")),
        (GATES, GATES + "- Gate 3: loss under 2.2 at 40,000.\n"),
        (GATES, GATES.replace("two seeds.", "two seeds. Passed: 2.28 (AT-001).")),
        (GATES, GATES.replace("two seeds.", "two seeds — passed")),
        (GATES, GATES.replace("two seeds.", "two seeds ✅")),
        (GATES, GATES.replace("- Gate 1", "- [x] Gate 1")),
        (
            GATES.replace("two seeds.", "two seeds (currently 2.41)."),
            GATES.replace("two seeds.", "two seeds (now 2.33)."),
        ),
        (TABLE, TABLE.replace("open", "passed, 2.28")),
        ("## TL;DR\n\n- Goal: halve it.\n", "## TL;DR\n\n- Goal: we are near.\n"),
        ("## Goal\n\nHalve it.\n\nStatus: 20 % done.\n", "## Goal\n\nHalve it.\n\nStatus: 40 % done.\n"),
        ("## Success criteria\n\n1. under 2.3\n2. two seeds\n", "## Success criteria\n\n1. two seeds\n2. under 2.3\n"),
    ],
)
def test_form_place_progress_and_what_is_added_to_a_goalpost_may_change(head: str, after: str) -> None:
    """After results too; the twin with an old number or word changed is found above."""
    assert head != after
    assert moved(book(head), book(after)) == []


def test_front_matter_holds_goalposts() -> None:
    """They may move to the text from there."""
    old = book("", front=FRONT)
    assert moved(old, book("", front=FRONT.replace("halve", "keep"))) == [("goal", "halve")]
    assert compare(old, book("", front=FRONT.replace("halve", "keep"))).goalposts[0].span.line == 3
    assert moved(old, book("", front=FRONT.replace("step time", "loss"))) == [("primary metric", "step time")]
    assert moved(old, book("", front=FRONT.replace("topic: x", "topic: y"))) == []
    assert moved(old, book("## Scope\n\n- Goal: halve the cost\n- Primary metric: step time\n")) == []


def test_what_entries_and_living_sections_say_of_goals_is_no_goalpost() -> None:
    """An entry's own goal is part of its text; a summary, a queue and a plan change as the work goes on."""
    log = f"{RESULT}- Goal: this run shows the cost.\n\n### Success criteria\n\n- below 2.4\n"
    living = "".join(f"## {title}\n\n- Goal: next.\n\n" for title in ("TL;DR", "Next steps", "Hypothesis Queue"))
    assert goalposts_of(book(living, log)) == []
    assert [post.kind for post in goalposts_of(book(living + SCOPE, log))] == ["goal", "primary metric"]


MOVED = SCOPE.replace("halve the attention cost", "keep the attention cost below 1.2")


@pytest.mark.parametrize(
    ("said", "is_explained"),
    [
        ("the goal is 1.2 now, because no kernel halves it.", True),
        ("goal relaxed to 1.2; halving is impossible with these kernels.", True),
        ("we keep the attention cost below 1.2 instead; halving took kernels nobody has.", True),
        ("goal relaxed, see AT-001.", True),
        ("objective changed: the sponsor asked for memory.", True),
        ("the goal is 1.2 now.", False),
        ("goal changed.", False),
        ("goal changed as agreed.", False),
        ("new goal: keep the attention cost below 1.2.", False),
        ("use five seeds, because two are too few.", False),
        ("17 % from the goal.", False),
    ],
)
def test_a_new_decision_explains_a_change_if_it_says_what_and_why(said: str, *, is_explained: bool) -> None:
    """An old one does not, nor does the bare statement."""
    decided = f"{MOVED}\n## Decision Log\n\n- 2026-05-26: {said}\n"
    expected = [] if is_explained else [("goal", "halve the attention cost")]
    assert moved(book(SCOPE), book(decided)) == expected
    old = f"{SCOPE}\n## Decision Log\n\n- 2026-05-26: {said}\n"
    assert moved(book(old), book(decided)) == [("goal", "halve the attention cost")]


@pytest.mark.parametrize(
    ("entry", "is_explained"),
    [
        ("goal\n\n- Decision: the goal is 1.2 from now on.\n- Why: no kernel halves it.", True),
        ("new goal\n\nHalving is out of reach on this hardware.", True),
        ("AT-002 seed\n\n- Result: loss 2.2.\n- Decision: goal lowered to 1.2, since halving costs loss.", True),
        (
            "AT-002 seed\n\n- Result: loss 2.2.\n- Interpretation: replicates AT-001, because seeds differ little.",
            False,
        ),
        ("AT-002 seed\n\n- Result: loss 2.2.\n- Interpretation: 17 % from the goal.", False),
    ],
)
def test_a_new_entry_explains_a_change_if_it_says_what_and_why(entry: str, *, is_explained: bool) -> None:
    """In its heading and text, or in one of its fields; an experiment that only mentions the goal does not."""
    after = book(MOVED, f"{RESULT}\n### 2026-05-26 - {entry}\n")
    assert moved(book(SCOPE), after) == ([] if is_explained else [("goal", "halve the attention cost")])
