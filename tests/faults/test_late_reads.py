"""Claims about every command on a GitHub whose reads are late: it ends as on a good day, and nothing comes twice."""

from collections import Counter
from collections.abc import Iterator

import pytest

from faults.scenarios import SCENARIOS, Trees, set_up
from faults.sweep import Undisturbed, run
from faults.wire import FAULTS, Wire
from hub.bench import Hub

_SCENARIOS = [name for name in SCENARIOS if name != "wandb-server"]
"""That one asks GitHub for nothing but what another one does, and takes ten times as long."""


def made(*wires: Wire) -> dict[str, int]:
    """Return how often was made of what people are told, or what must not be there twice."""
    done = sum((wire.done for wire in wires), Counter[str]())
    ends = ("/issues/{number}/comments", "/issues", "/labels", "/git/refs")
    return {call: n for call, n in done.items() if call.startswith("POST") and call.endswith(ends)}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    """Make the git repositories once."""
    return Trees(tmp_path_factory.mktemp("trees"))


@pytest.fixture(scope="module")
def known() -> dict[str, Undisturbed]:
    """Remember what each scenario does on a good day."""
    return {}


@pytest.fixture
def undisturbed(hub: Hub, trees: Trees, known: dict[str, Undisturbed], name: str) -> Iterator[Undisturbed]:
    """Return what a scenario does on a good day."""
    if name not in known:
        known[name] = Undisturbed.of(name, hub, trees)
    yield known[name]
    hub.forget()


@pytest.mark.parametrize("reads", [1, 4])
@pytest.mark.parametrize("name", _SCENARIOS)
def test_what_a_run_writes_counts_before_a_read_shows_it(
    hub: Hub, trees: Trees, undisturbed: Undisturbed, name: str, reads: int
) -> None:
    """Where the reads miss what this run writes, it ends as if they did not."""
    with set_up(name, hub, trees) as stage:
        hub.let_lag(reads)
        wire = Wire()
        ended = run(stage, wire, 1)
        assert (ended.code, stage.end, made(wire)) == (SCENARIOS[name].code, undisturbed.end, undisturbed.made), ended


@pytest.mark.parametrize("reads", [1, 3])
@pytest.mark.parametrize("name", _SCENARIOS)
def test_what_others_did_just_before_counts_before_a_read_shows_it(
    hub: Hub, trees: Trees, undisturbed: Undisturbed, name: str, reads: int
) -> None:
    """Where the reads miss all that was done on the repository, a run ends as if they did not, or says that it did not.

    Then one on a good day ends all, and nothing comes twice.
    """
    with set_up(name, hub, trees, reads) as stage:
        first, second = Wire(), Wire()
        ended = run(stage, first, 1)
        end = stage.end
        hub.proxy.lag = None
        again = run(stage, second, 2)
        # A sweep that is shown nothing yet does nothing, and tomorrow's does it.
        assert end == undisturbed.end or ended.code in {2, 3} or name == "sweep", ended
        assert (stage.end, made(first, second)) == (undisturbed.end, undisturbed.made), (ended, again)


@pytest.mark.slow
@pytest.mark.parametrize("name", _SCENARIOS)
def test_what_was_written_and_not_answered_counts_before_a_read_shows_it(
    hub: Hub, trees: Trees, undisturbed: Undisturbed, name: str
) -> None:
    """Each write in turn is carried out, its answer is lost, and the next two reads miss it: it is not made twice."""
    writes = [at for at, call in enumerate(undisturbed.calls, 1) if not call.startswith("GET")]
    for at in writes:
        with set_up(name, hub, trees) as stage:
            hub.let_lag(reads=2)
            first, second = Wire(at, FAULTS["cut after"]), Wire()
            ended = [run(stage, first, 1)]
            hub.proxy.lag = None
            ended.append(run(stage, second, 2))
            assert (stage.end, made(first, second)) == (undisturbed.end, undisturbed.made), (at, ended)
