"""Claims about W&B runs as plain values: whatever a summary holds, numbers come of it."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_logbook.wandb.runs import Better, run_of
from runs import run

SUMMARIES: dict[str, tuple[dict[str, Any], dict[str, float]]] = {
    "plain": ({"loss": 2.5, "steps": 400}, {"loss": 2.5, "steps": 400.0}),
    "own": ({"_step": 3, "_runtime": 12.0, "loss": 1}, {"loss": 1.0}),
    "no numbers": ({"ok": True, "note": "x", "image": {"_type": "image-file", "size": 3}}, {"image.size": 3.0}),
    "nested": ({"eval": {"loss": 2}}, {"eval.loss": 2.0}),
    "smallest": ({"loss": {"min": 2.0}}, {"loss.min": 2.0, "loss": 2.0}),
    "last and smallest": ({"loss": {"min": 2.0, "last": 2.5}}, {"loss.min": 2.0, "loss.last": 2.5, "loss": 2.5}),
    "infinite": ({"loss": "Infinity"}, {"loss": math.inf}),
    "too large": ({"loss": 10**400}, {"loss": math.inf}),
}


@pytest.mark.parametrize("name", SUMMARIES)
def test_numbers_of_a_summary(name: str) -> None:
    """Numbers keep their names, what a metric is defined to keep stands for it, and the SDK's own go."""
    told, values = SUMMARIES[name]
    assert run("r", summary=told).summary == values


def test_not_a_number_is_a_value() -> None:
    """A run that diverged says so: its NaN is no missing value."""
    assert math.isnan(run("r", loss="NaN").summary["loss"])


def test_the_runtime_is_the_time_that_it_ran() -> None:
    """Of a run that was resumed the sum counts, which W&B keeps beside the last part's."""
    assert run("r", summary={"_runtime": 5.0, "_wandb": {"runtime": 65}}).runtime == 65.0
    assert run("r", summary={"_runtime": 5.0}).runtime == 5.0
    assert run("r").runtime is None


DEFINED: dict[str, tuple[Any, Any, dict[str, Better]]] = {
    "smallest kept": ({"loss": {"min": 2.0}}, [], {"loss": Better.LOWER}),
    "largest kept": ({"acc": {"max": 0.9}}, [], {"acc": Better.HIGHER}),
    "both kept": ({"loss": {"min": 2.0, "max": 3.0}}, [], {}),
    "a goal": ({}, [{"1": "loss", "8": 1}, {"1": "acc", "8": 2}], {"loss": Better.LOWER, "acc": Better.HIGHER}),
    "a summary": ({}, [{"1": "loss", "7": [1]}], {"loss": Better.LOWER}),
    "no side": ({}, [{"1": "loss", "7": [3]}, {"1": "acc"}, {"8": 1}, "x", {"1": 2, "8": 1}, {"1": "f", "7": 1}], {}),
}


@pytest.mark.parametrize("name", DEFINED)
def test_definitions_say_which_is_better(name: str) -> None:
    """Who defines a goal, or to keep the smallest value, says which values are better; nobody else does."""
    summary, definitions, better = DEFINED[name]
    assert run("r", summary=summary, definitions=definitions).better == better


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["id", "name", "state", "created_at", "summary", "url"]), _JSON))
def test_anything_becomes_a_run(told: dict[str, Any]) -> None:
    """Whatever a server answers, a run comes of it and nothing is raised."""
    assert isinstance(run_of(told).name, str)
