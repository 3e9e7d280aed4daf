"""Claims about goals and claims that move on a branch: found whatever runs saw, and gone with a reason or put back."""

from pathlib import Path

import pytest

from lint.team import Member, Step, Team, entry
from repository import GOOD, PATH

NEW = PATH.replace("sparse-attention", "long-context")
"""A logbook that the default branch has not."""
TEXT = GOOD.replace("sparse-attention", "long-context").replace("SPA-AT", "LC").replace("SPA-H1", "LC-H1")
FULL = TEXT + entry(2).replace("SPA-AT", "LC") + "- Conclusion: LC-H1 holds so far.\n"
MOVES = {
    "goal": ("moved-goalposts", "halve the attention cost", "keep the attention cost"),
    "metric": ("moved-goalposts", "step time in ms, at equal loss", "peak memory"),
    "stop criterion": ("moved-goalposts", "three variants are slower", "thirty variants are slower"),
    "claim": ("reworded-hypothesis", "`LC-H1`: block sparsity keeps the loss", "`LC-H1`: block sparsity costs little"),
}
REASON = """
### 2026-06-05 09:00 - LC-005 what we are held to

- Decision: from now on the goal and the metric are others, and we stop after thirty variants.
- Why: the sponsor asked for memory, and halving takes kernels nobody has.
"""


def errors(step: Step) -> set[str]:
    """Return the rules that found an error in Actions."""
    return {rule for verdict in step.in_actions for rule in verdict.errors}


@pytest.fixture
def ana(tmp_path: Path) -> Member:
    """Ana has pushed a branch with a logbook of its own that has results."""
    team = Team(tmp_path / "lab")
    team.ana.start()
    team.ana.commit({NEW: FULL})
    assert errors(team.ana.push()) == set()
    return team.ana


@pytest.mark.parametrize(("rule", "old", "new"), MOVES.values(), ids=MOVES)
def test_what_moves_in_a_push_that_no_run_saw_stays_found_until_it_is_back(
    ana: Member, rule: str, old: str, new: str
) -> None:
    """A later push of something else is red, and the one that puts it back is green."""
    assert old in FULL
    ana.commit({NEW: FULL.replace(old, new)})
    ana.push(ci=False)
    ana.commit({"train.py": "print(5)\n"})
    assert errors(ana.push()) == {rule}, ana.team.story
    ana.commit({NEW: FULL})
    assert errors(ana.push()) == set(), ana.team.story


@pytest.mark.parametrize("together", [True, False])
def test_a_reason_is_enough_for_every_later_push(ana: Member, *, together: bool) -> None:
    """With the change or after it; what else a version lost has to come back, and the goal need not."""
    text = FULL
    for rule, old, new in MOVES.values():
        text = text.replace(old, new) if rule == "moved-goalposts" else text
    if not together:
        ana.commit({NEW: text})
        assert errors(ana.push()) == {"moved-goalposts"}
    ana.commit({NEW: (text + REASON).replace("- Conclusion: LC-H1 holds so far.\n", "")})
    assert errors(ana.push()) == {"rewritten-entry"}, ana.team.story
    ana.commit({NEW: text + REASON})
    assert errors(ana.push()) == set(), ana.team.story
    ana.commit({"train.py": "print(5)\n"})
    assert errors(ana.push()) == set(), ana.team.story


def test_before_a_result_all_may_move(tmp_path: Path) -> None:
    """On the branch, commit by commit, and with the first result."""
    ana = Team(tmp_path / "lab").ana
    ana.start()
    start = TEXT.partition("### 2026-05-25")[0] + "### 2026-05-25 10:00 - plan\n\nOne seed first.\n"
    ana.commit({NEW: start})
    ana.push()
    text = start
    for _, old, new in MOVES.values():
        text = text.replace(old, new)
        ana.commit({NEW: text})
        assert errors(ana.push()) == set(), ana.team.story
    ana.commit({NEW: text.replace("peak memory", "tokens a second") + entry(2).replace("SPA-AT", "LC")})
    assert errors(ana.push()) == set(), ana.team.story
