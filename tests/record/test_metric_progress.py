"""Claims about the course of the primary metric: it is the one that the logbook means, or there is none."""

from repository import GOOD
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook
from research_logbook.record.metric_progress import progress_of
from research_logbook.wandb.runs import Better

ENTRY = """
### 2026-05-{day} 09:00 - SPA-AT-00{n} try {n}

- Command: `python -m train --seed {n}`
- Result: {result}
"""


def book(*results: str, metric: str = "evaluation loss, lower is better", baseline: str = "eval loss 2.25") -> Logbook:
    """Return a logbook with an experiment for each result."""
    text = GOOD[: GOOD.index("### 2026-05-25")]
    text = text.replace("step time in ms, at equal loss.", metric).replace(
        "- Dense attention: 13.89 s a step at loss 2.214, commit `1691d0a9afbf`.", f"- {baseline}"
    )
    text += "".join(ENTRY.format(day=20 + n, n=n, result=result) for n, result in enumerate(results, 1))
    parsed = parse("a.md", text.encode())
    assert isinstance(parsed, Logbook)
    return parsed


def test_each_experiment_that_states_it_is_a_point() -> None:
    """In the order in which the log grew, with the baseline and the best."""
    progress = progress_of(
        book("eval loss: 2.24", "no figure", "final eval loss of 2.21, 3.1 s a step", "eval loss 2.23")
    )
    assert progress is not None
    assert [figure.written for _, figure in progress.points] == ["2.24", "2.21", "2.23"]
    assert (progress.metric, progress.better) == ("eval loss", Better.LOWER)
    assert progress.baseline is not None
    assert progress.baseline.written == "2.25"
    assert progress.best is not None
    assert progress.best[1].written == "2.21"
    assert progress.is_gain(progress.points[0][1]) is True
    assert progress.gain(progress.points[1][1]).startswith("−0.04")


def test_a_failure_and_a_pending_result_are_no_points() -> None:
    """What did not come to a figure is not drawn as one."""
    progress = progress_of(book("eval loss 2.24", "failed with exit code 137", "pending"))
    assert progress is not None
    assert len(progress.points) == 1


def test_a_count_is_no_metric() -> None:
    """Neither an error's number nor a rank, a size or a step is what a thread is about."""
    assert progress_of(book("HTTP error 404 on rank 0", "batch 256, step 400, lr 0.1", metric="quality")) is None


def test_without_a_direction_nothing_is_the_best() -> None:
    """A value is shown, and none is called better."""
    progress = progress_of(book("speedup 1.2", "speedup 1.4", metric="effective speedup", baseline="none"))
    assert progress is not None
    assert (progress.best, progress.better, progress.is_gain(progress.points[0][1])) == (None, None, None)
