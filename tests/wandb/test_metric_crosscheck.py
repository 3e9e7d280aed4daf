"""Claims about figures in a logbook: only those that cannot be W&B's are told."""

import pytest

from book import parsed, written
from research_logbook.wandb.metric_crosscheck import fits
from research_logbook.wandb.runs import Run
from runs import remarks, run, summary

FITTING = [
    ("2.214", 2.21443),
    ("2.21", 2.2199),
    ("2.21", 2.21443),
    ("189.6k", 189_612.4),
    ("189,612", 189_612.4),
    ("17.16 %", 0.1716),
    ("17.16%", 17.1612),
    ("1.86e-4", 0.000186),
    ("350 ms", 0.3501),
    ("-2.5", -2.5),
    ("−2.5", -2.5),
    ("2", 2.4),
    ("400", 400.0),
]
NOT_FITTING = [
    ("2.231", 2.21443),
    ("2.213", 2.21443),
    ("2.215", 2.21443),
    ("2.21", 2.22),
    ("17.16 %", 0.18),
    ("189.6k", 191_000.0),
    ("3", 2.4),
    ("2.5", -2.5),
    ("350 ms", 3.5),
    ("1e999", 2.0),
]


@pytest.mark.parametrize(("written", "value"), FITTING)
def test_rounding_and_units_fit(written: str, value: float) -> None:
    """A figure fits the value that it is rounded from or cut off, in a unit of another size too."""
    assert fits(written, value)


@pytest.mark.parametrize(("written", "value"), NOT_FITTING)
def test_another_value_does_not_fit(written: str, value: float) -> None:
    """A figure that no rounding makes of the value does not fit."""
    assert not fits(written, value)


def said(result: str, *runs: Run) -> list[str]:
    """Return the figures of the result of entry `MOE-HC-001` that do not fit."""
    text = written("prefix=MOE-HC; E1 command result=RESULT").replace("RESULT", result)
    told = summary(parsed(text), *(runs or (EVAL,)))
    return [text.partition("says ")[2].partition(";")[0] for text in remarks(told, "DISAGREES")]


EVAL = run("MOE-HC-001", summary={"eval/loss": 2.21443, "throughput": 189_612.4, "train/loss": 2.1})

TRUE = [
    "eval/loss 2.214 after 400 steps.",
    "eval loss: 2.214, throughput 189.6k tok/s.",
    "eval loss of 2.9 at step 100; eval loss 2.214 at the end.",
    "eval loss 2.9 → 2.214",
    "eval/loss fell by 0.03 to 2.31 somewhere.",
    "eval loss +0.02 against the baseline.",
    "eval loss 0.02 lower than the baseline.",
    "loss 2.9 and who knows which.",
    "throughput in 2026-05-25 was fine, 12:30.",
    "~~eval loss 2.9~~ eval loss 2.214",
    "pending (eval loss 9.9 at step 3)",
    "the evaluation took 3.5 h.",
    "eval loss 3 seeds agree",
]
FALSE = {
    "eval/loss 2.231 after 400 steps.": ["2.231 for `eval/loss`"],
    "eval loss is **2.231**": ["2.231 for `eval/loss`"],
    "`eval/loss` = 2.231": ["2.231 for `eval/loss`"],
    "throughput: 191k tok/s, eval loss 2.214": ["191k for `throughput`"],
    "final throughput reached 17.3 M": ["17.3 M for `throughput`"],
}


@pytest.mark.parametrize("result", TRUE)
def test_what_may_be_true_is_left_alone(result: str) -> None:
    """Differences, earlier steps, dates, counts, corrections and ambiguous names are no contradictions."""
    assert said(result) == []


@pytest.mark.parametrize("result", FALSE)
def test_what_cannot_be_true_is_told(result: str) -> None:
    """A figure right behind the metric's name that no run ended at is told, with its metric."""
    assert said(result) == FALSE[result]


def test_an_only_metric_goes_by_its_last_word() -> None:
    """Where no other metric ends in the word, "loss 2.231" speaks of `eval/loss`."""
    only = run("MOE-HC-001", summary={"eval/loss": 2.21443})
    assert said("loss 2.231 after 400 steps.", only) == ["2.231 for `eval/loss`"]
    assert said("loss 2.214; train loss 2.1", only) == []


def test_a_mean_over_seeds_is_true() -> None:
    """With several runs of an entry, any of their values and their mean may be reported."""
    seeds = [run(f"MOE-HC-001 seed {seed}", summary={"eval/loss": 2.0 + seed}) for seed in (0, 1)]
    assert said("eval loss 2.5", *seeds) == []
    assert said("eval loss 2.7", *seeds) == ["2.7 for `eval/loss`"]


def test_a_running_run_contradicts_nothing() -> None:
    """What a run that goes on has logged so far is not what it ends at."""
    assert said("eval loss 2.7", run("MOE-HC-001", "running", summary={"eval/loss": 2.5})) == []


TABLE = """# Tiles

- Experiment ID prefix: TILE

## Log

### 2026-05-25 - TILE-001 both orders

- Command: `python bench.py`
- Result: see the table.

| run | eval loss | tok/s |
|---|---|---|
| TILE-001 row | 2.214 | 5 |
| `TILE-001 morton` | 2.3 | 5 |
| another | 9.9 | 5 |
"""


def test_a_row_of_a_table_is_held_against_its_own_run() -> None:
    """In a table the row's run decides, and the line is the row's."""
    runs = [run("TILE-001 row", summary={"eval/loss": 2.2144}), run("TILE-001 morton", summary={"eval/loss": 2.2144})]
    (told,) = remarks(summary(parsed(TABLE), *runs), "DISAGREES")
    assert told.startswith("`.agents/logbooks/moe-hill-climb.md:15` says 2.3 for `eval/loss`; W&B ends at 2.2144 for")
    assert "morton" in told
