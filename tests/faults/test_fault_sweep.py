"""Claims about a sample of the fault sweep; `scripts/sweep-faults` plays all of it."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from faults.scenarios import SCENARIOS, Trees
from faults.sweep import INTERLEAVED, Case, Undisturbed, cases, wrongs
from hub.bench import Hub

_FEW = 4
_SEED = 7


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    """Make the git repositories once."""
    return Trees(tmp_path_factory.mktemp("trees"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_fails_two_runs_end_as_an_undisturbed_one(hub: Hub, trees: Trees, name: str) -> None:
    """Some calls fail in some way, or another run takes place before them; nothing is lost, twice or claimed."""
    undisturbed = Undisturbed.of(name, hub, trees)
    every = list(cases(name, undisturbed))
    chosen = random.Random(_SEED).sample(every, _FEW if not undisturbed.queries else 2)  # whose runs take seconds
    writes = [case for case in every if not case.call.startswith("GET") and case.happens == "html before"]
    interleaved, lasting = ([case for case in every if case.kind == it] for it in (INTERLEAVED, "lists-onwards"))
    chosen += [*writes[-1:], *interleaved[-1:], *lasting[-2:-1]]
    found = {str(case): wrong for case in chosen if (wrong := wrongs(case, undisturbed, hub, trees))}
    assert found == {}


def test_the_sweep_sees_what_goes_wrong(hub: Hub, trees: Trees) -> None:
    """An end that is another, a comment too many and an exit code that claims too much are found."""
    undisturbed = Undisturbed.of("seal-refused", hub, trees)
    last = len(undisturbed.calls)
    case = Case("seal-refused", last, undisturbed.calls[-1], "502 after")
    assert wrongs(case, undisturbed, hub, trees) == []
    (issue,) = undisturbed.end["issues"]
    other = replace(undisturbed, end={**undisturbed.end, "issues": [{**issue, "state": "completed"}]})
    assert any("first run: exit 1" in wrong for wrong in wrongs(case, other, hub, trees))
    assert any("in place of 0" in wrong for wrong in wrongs(case, replace(undisturbed, made=Counter()), hub, trees))
