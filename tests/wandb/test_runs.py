"""Claims about W&B runs as plain values: whatever a summary holds, numbers come of it."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_logbook.wandb.runs import Better, metric_format, resumed, run_of
from runs import run

SUMMARIES: dict[str, tuple[dict[str, Any], dict[str, float]]] = {
    "plain": ({"loss": 2.5, "steps": 400}, {"loss": 2.5, "steps": 400.0}),
    "own": ({"_step": 3, "_runtime": 12.0, "loss": 1}, {"loss": 1.0}),
    "no numbers": ({"ok": True, "note": "x", "gone": None, "names": ["x"], "empty": {}}, {}),
    "a picture": ({"image": {"_type": "image-file", "size": 3, "width": 64}}, {}),
    "a table further in": ({"eval": {"table": {"_type": "table-file", "nrows": 3}, "loss": 2}}, {"eval/loss": 2.0}),
    "a histogram": ({"grads": {"_type": "histogram", "bins": [0, 1], "values": [3]}}, {}),
    "nested": ({"eval": {"loss": 2}}, {"eval/loss": 2.0}),
    "nested in nested": ({"eval": {"c4": {"loss": 2}}}, {"eval/c4/loss": 2.0}),
    "nested and flat": ({"eval": {"loss": 2}, "eval/acc": 0.5}, {"eval/loss": 2.0, "eval/acc": 0.5}),
    "smallest further in": ({"eval": {"loss": {"min": 2}}}, {"eval/loss.min": 2.0, "eval/loss": 2.0}),
    "own further in": ({"eval": {"_step": 2, "loss": 2}}, {"eval/loss": 2.0}),
    "smallest": ({"loss": {"min": 2.0}}, {"loss.min": 2.0, "loss": 2.0}),
    "last and smallest": ({"loss": {"min": 2.0, "last": 2.5}}, {"loss.min": 2.0, "loss.last": 2.5, "loss": 2.5}),
    "infinite": ({"loss": "Infinity", "gain": "-Infinity"}, {"loss": math.inf, "gain": -math.inf}),
    "infinite in Python's words": (
        {"loss": "inf", "gain": "-inf", "info": "information"},
        {"loss": math.inf, "gain": -math.inf},
    ),
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


def test_what_stands_for_a_metric_is_told() -> None:
    """A number is the last one, or what the definition of its metric keeps; any of these can be asked for."""
    told = run("r", summary={"loss": {"min": 2.0}, "both": {"min": 1.0, "last": 3.0}, "plain": 4.0, "at": {"x": 5.0}})
    assert [told.value(name) for name in ("loss", "both", "plain", "at/x")] == [
        *((2.0, "min"), (3.0, "last"), (4.0, "last"), (5.0, "last"))
    ]
    assert (told.value("both", "min"), told.value("plain", "min"), told.value("none")) == (
        (1.0, "min"),
        (4.0, "last"),
        None,
    )
    assert [told.kinds(name) for name in ("loss", "both", "plain", "none")] == [
        *(("min",), ("last", "min"), ("last",), ())
    ]
    assert dict(told.nested) == {"at/x": "at.x"}


def test_a_run_that_was_resumed_is_one() -> None:
    """A later part goes first where it says something; what it does not log again stays, and the times add up."""
    whole = resumed(
        [
            run("r", "crashed", loss=3.0, acc=0.5, least={"min": 1.0}, _runtime=5, tags="a", created_at="2026-01-01"),
            run("r", "failed", loss=2.0, least={"min": 1.5}, _runtime=7, tags="b", created_at="2026-01-02"),
        ]
    )
    assert whole.summary == {"loss": 2.0, "acc": 0.5, "least.min": 1.0, "least": 1.0}
    assert (whole.state, whole.runtime, whole.tags, whole.created_at) == ("failed", 12.0, ("a", "b"), "2026-01-01")
    assert resumed([run("r", loss={"min": 1.0}), run("r", loss=2.0)]).value("loss") == (2.0, "last")


WRITTEN: list[tuple[list[float], list[str]]] = [
    ([2.21443, 2.3], ["2.21443", "2.30000"]),
    ([2.21, 1e13], ["2.21000", "10.00T"]),
    ([2.21, math.inf, math.nan], ["2.21000", "∞", "NaN"]),
    ([2.2, 1e30], ["2.20000", "1e+30"]),
    ([189612, 200000], ["189.6k", "200.0k"]),
    ([1e12, 2e12], ["1.000T", "2.000T"]),
    ([9000, 8000], ["9000", "8000"]),
    ([1e-3, 1e-9], ["0.00100000", "1e-09"]),
    ([2.5, 0.0], ["2.50000", "0.00000"]),
    ([0.0], ["0"]),
]


@pytest.mark.parametrize(("values", "written"), WRITTEN, ids=range(len(WRITTEN)))
def test_values_have_units_that_suit_them(values: list[float], written: list[str]) -> None:
    """One unit for all where it suits all; where one run diverged, each value has its own."""
    form = metric_format("loss", values)
    assert [form.value(value) for value in values] == written


def test_the_distance_to_a_diverged_run_has_its_own_unit() -> None:
    """A difference is written as its own size asks for, too."""
    form = metric_format("loss", [2.21, 2.5, 1e13])
    assert [form.difference(value, 2.21) for value in (2.5, 1e13, math.nan)] == ["+0.29000", "+10.000T", ""]


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
