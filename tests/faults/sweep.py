"""The fault sweep: every call of every command that writes fails in every way, and the command is run again.

Whatever went wrong, the two runs together must leave what an undisturbed run leaves, and nothing twice; the first must
not say that it did what it did not. `scripts/sweep-faults` runs all of it, the tests a sample.
"""

import contextlib
import gc
import io
import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from faults import wandb_wire
from faults.scenarios import ISSUE, SCENARIOS, Stage, Trees, set_up
from faults.wire import FAULTS, Killed, Wire, faults_of
from hub.bench import BOT, Hub, running_hub
from research_logbook.cli import main
from wandb_server import KEY

KILLED = -9
"""In place of an exit code, of a run that was killed."""
UNFINISHED = 3
INTERLEAVED = "interleaved"
_MADE = ("/issues/{number}/comments", "/issues", "/labels", "/git/refs")
"""Where something is made that people are told of, or that must not be there twice."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    code: int
    said: str
    """On both streams."""


def run(stage: Stage, wire: Wire, number: int) -> Ended:
    """Run the command of a stage in this process; `number` is that of the workflow run."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "NO_PROXY") if name in os.environ}
    said = io.StringIO()
    with (
        patch.dict(os.environ, {**kept, "NO_PROXY": "localhost", **stage.environment(number)}, clear=True),
        patch.object(sys, "argv", ["logbook", *stage.arguments]),
        patch("research_logbook.cli.session.GitHub", wire.connect),
        patch("research_logbook.cli.publish.run_source", lambda *_: stage.runs()),
        patch("research_logbook.repo.git._git", stage.git),
        contextlib.chdir(stage.work),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        except Killed:
            code = KILLED
        finally:
            gc.enable()
    return Ended(code, said.getvalue())


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a command does when all is well."""

    calls: tuple[str, ...]
    """Its calls, as `GET /user`."""
    end: Mapping[str, Any]
    made: Counter[str]
    queries: tuple[str, ...] = ()
    """What it asks W&B's server, as `Runs`."""

    @classmethod
    def of(cls, name: str, hub: Hub, trees: Trees) -> "Undisturbed":
        """Run a scenario twice: the second time nothing may change."""
        scenario = SCENARIOS[name]
        with set_up(name, hub, trees) as stage:
            first, second = Wire(), Wire()
            ended, end = run(stage, first, 1), stage.end
            queries = tuple(stage.wandb.calls) if stage.wandb else ()
            again = run(stage, second, 2)
            assert (ended.code, again.code) == (scenario.code, scenario.again), (name, ended, again)
            assert stage.end == end, (name, "changes when it is run again")
            return cls(tuple(f"{call.verb} {call.template}" for call in first.calls), end, _made(first), queries)


def _made(*wires: Wire) -> Counter[str]:
    done: Counter[str] = sum((wire.done for wire in wires), Counter())
    return Counter({call: n for call, n in done.items() if call.startswith("POST") and call.endswith(_MADE)})


@dataclass(frozen=True, slots=True)
class Case:
    """What happens at one call of a scenario."""

    scenario: str
    at: int
    """Counted from 1."""
    call: str
    happens: str
    """A fault as `FAULTS` names it, or that a second run takes place just before the call."""

    @property
    def kind(self) -> str:
        """The name of what happens, whether before or after."""
        return self.happens.partition(" ")[0]

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.scenario}, call {self.at} ({self.call}): {self.happens}"


def cases(name: str, undisturbed: Undisturbed) -> Iterator[Case]:
    """Yield all cases of a scenario."""
    if undisturbed.queries:  # what becomes of GitHub's answers is another scenario of the same command
        for at, query in enumerate(undisturbed.queries, 1):
            yield from (Case(name, at, f"W&B {query}", fault) for fault in wandb_wire.FAULTS)
        return
    for at, call in enumerate(undisturbed.calls, 1):
        yield from (Case(name, at, call, fault) for fault in faults_of(call.partition(" ")[0]))
        yield Case(name, at, call, INTERLEAVED)
        if name in SEALING:
            yield from (Case(name, at, call, deed) for deed in PEOPLE)


def wrongs(case: Case, undisturbed: Undisturbed, hub: Hub, trees: Trees) -> list[str]:
    """Play a case, and return what is wrong with how it went."""
    play = _interleaved if case.happens == INTERLEAVED else _meddled if case.happens in PEOPLE else _disturbed
    if case.happens == INTERLEAVED and SCENARIOS[case.scenario].command == "new":
        play = _begun_twice
    if case.happens in wandb_wire.FAULTS:
        play = _without_runs
    return play(case, undisturbed, hub, trees)


def _without_runs(case: Case, undisturbed: Undisturbed, hub: Hub, trees: Trees) -> list[str]:
    """Let a query of W&B's server fail, or all from one on, and run the command again."""
    scenario, (told, lasts) = SCENARIOS[case.scenario], wandb_wire.FAULTS[case.happens]
    with set_up(case.scenario, hub, trees) as stage:
        assert stage.wandb
        stage.wandb.disturb = lambda at, reply: told(reply) if at == case.at or (lasts and at > case.at) else reply
        first, second = Wire(), Wire()
        ended, between = run(stage, first, 1), stage.end
        found = list(_wrong_with(ended, "first"))
        is_reached = between == undisturbed.end
        if ended.code not in {UNFINISHED, *([scenario.code] * is_reached)}:
            found.append(f"first run: exit {ended.code}, and everything is {'done' if is_reached else 'not done'}")
        if not is_reached and _made(first):
            found.append("first run: a comment that says another thing")
        if KEY in ended.said:
            found.append("first run: it tells the key")
        stage.wandb.disturb = lambda _, reply: reply
        again = run(stage, second, 2)
        found += _wrong_with(again, "second")
        if again.code not in {scenario.code, scenario.again}:
            found.append(f"second run: exit {again.code}")
        found += _differences(stage.end, undisturbed.end)
        if _made(first, second) != undisturbed.made:
            found.append(f"made {dict(_made(first, second))}")
        if found:
            found.append(f"first said: {ended.said.strip()[-600:]}\n    second said: {again.said.strip()[-300:]}")
    return found


def _disturbed(case: Case, undisturbed: Undisturbed, hub: Hub, trees: Trees) -> list[str]:
    """Let a call fail, and run the command again."""
    scenario, fault = SCENARIOS[case.scenario], FAULTS[case.happens]
    with set_up(case.scenario, hub, trees) as stage:
        first, second = Wire(case.at, fault), Wire()
        ended, between = run(stage, first, 1), stage.end
        found = list(_wrong_with(ended, "first"))
        is_reached = between == undisturbed.end
        allowed = {KILLED} if fault.told is None else {UNFINISHED, *([scenario.code] * is_reached)}
        if case.kind == "lists-onwards" and all(call.verb == "GET" for call in first.calls[case.at - 1 :]):
            allowed = allowed | {scenario.code}  # it was told that there is nothing, which GitHub may well say
        if ended.code not in allowed:
            found.append(f"first run: exit {ended.code}, and everything is {'done' if is_reached else 'not done'}")
        found += _unreported(between, undisturbed.end)
        again = run(stage, second, 2)
        found += _wrong_with(again, "second")
        if again.code not in {scenario.code, scenario.again}:
            found.append(f"second run: exit {again.code}")
        found += _differences(stage.end, undisturbed.end)
        made, wanted = _made(first, second), undisturbed.made
        if fault.lasts:  # nobody is told that anything was done, and of a comment not whether it is there
            wanted = Counter({call: n if call.endswith("/issues") else 2 * n for call, n in wanted.items()})
        found += [f"{call}: {n} in place of {undisturbed.made.get(call, 0)}" for call, n in (made - wanted).items()]
        if found:
            found.append(f"first said: {ended.said.strip()[-600:]}\n    second said: {again.said.strip()[-300:]}")
    return found


def _interleaved(case: Case, undisturbed: Undisturbed, hub: Hub, trees: Trees) -> list[str]:
    """Let a second run take place just before a call of the first, and a third after both."""
    scenario, ends = SCENARIOS[case.scenario], list[Ended]()
    with set_up(case.scenario, hub, trees) as stage:
        other, last = Wire(), Wire()
        first = Wire(case.at, meanwhile=lambda: ends.append(run(stage, other, 2)))
        ends.append(run(stage, first, 1))
        between = stage.end
        found = [it for end, which in zip(ends, ("inner", "outer"), strict=True) for it in _wrong_with(end, which)]
        codes = {end.code for end in ends}
        if not codes <= {scenario.code, scenario.again, UNFINISHED}:
            found.append(f"exit codes {codes}")
        if UNFINISHED not in codes:
            found += _differences(between, undisturbed.end)
        found += _unreported(between, undisturbed.end)
        found += [*_wrong_with(run(stage, last, 3), "third"), *_differences(stage.end, undisturbed.end)]
        if found:
            found.append("\n    ".join(f"said: {end.said.strip()[-300:]}" for end in ends))
    return found


def _begun_twice(case: Case, undisturbed: Undisturbed, hub: Hub, trees: Trees) -> list[str]:
    """Let somebody begin the same thread on another machine just before a call, then run both once more.

    They may have opened two issues, since neither could see the other's. Then both go by the older one, and are told.
    """
    found, usual = list[str](), len(undisturbed.end["issues"])
    with set_up(case.scenario, hub, trees) as stage:
        other, ends = replace(stage, work=trees.copy(trees.empty())), list[Ended]()
        first = Wire(case.at, meanwhile=lambda: ends.append(run(other, Wire(), 2)))
        ends.append(run(stage, first, 1))
        if not {end.code for end in ends} <= {SCENARIOS[case.scenario].code, UNFINISHED}:
            found.append(f"exit codes {[end.code for end in ends]}")
        last = [(one, run(one, Wire(), 3)) for one in (stage, other)]
        found += [it for end in (*ends, *(end for _, end in last)) for it in _wrong_with(end, "a")]
        for one, ended in last:
            end = one.end
            surplus, end["issues"] = end["issues"][usual:], end["issues"][:usual]
            found += _differences(end, undisturbed.end)
            if ended.code not in {SCENARIOS[case.scenario].again, SCENARIOS[case.scenario].code}:
                found.append(f"last run: exit {ended.code}")
            if len(surplus) > (case.scenario == "new") or bool(surplus) != ("keep #1, and close #2" in ended.said):
                found.append(f"{len(surplus)} issues more, and it says: {ended.said.strip()[-300:]}")
        if found:
            found.append("\n    ".join(f"said: {end.said.strip()[-400:]}" for end in ends))
    return found


def _delete_report(stage: Stage) -> None:
    number = stage.project.numbers[0]
    ids, comments = stage.project.comment_ids(number), stage.project.comments(number)
    for comment, (_, text) in zip(ids, comments, strict=True):
        if _REPORT in text:
            stage.project.delete_comment(comment)


_REPORT = "<!-- logbook:seal:"
PEOPLE: Mapping[str, Callable[[Stage], object]] = {
    "emptied": lambda stage: stage.project.change(ISSUE, body=""),
    "reopened": lambda stage: stage.project.as_person("mia").reopen(ISSUE),
    "report-deleted": _delete_report,
}
"""What somebody does just before a call of a run that seals."""
SEALING = ("seal-given", "seal-again", "guard-completes")


def _meddled(case: Case, _: Undisturbed, hub: Hub, trees: Trees) -> list[str]:
    """Let somebody change the issue just before a call, and run the command again."""
    found = list[str]()
    with set_up(case.scenario, hub, trees) as stage:
        had_mark = "sealed" in stage.project.labels(ISSUE)
        wires = Wire(case.at, meanwhile=lambda: PEOPLE[case.happens](stage)), Wire()
        for number, wire in enumerate(wires, 1):
            closed_before = _closings(stage)
            ended = run(stage, wire, number)
            found += _wrong_with(ended, str(number))
            if _closings(stage) > closed_before + 1:
                found.append(f"run {number}: closed again what somebody had reopened")
            issue = stage.end["issues"][0]
            is_closed, is_marked = issue["state"] != "open", "sealed" in issue["labels"]
            if is_closed and is_marked and not issue["body"]:
                found.append(f"run {number}: an empty text is sealed")
            if not is_closed and is_marked and not had_mark:
                found.append(f"run {number}: the mark is on an open issue")
            if is_closed and is_marked and not any(_REPORT in text for _, text in issue["comments"]):
                found.append(f"run {number}: it is sealed without a report")
            if ended.code == 0 and case.scenario != "guard-completes" and not (is_closed and is_marked):
                found.append(f"run {number}: exit 0, and it is not sealed")
            if found:
                return [*found, ended.said[-600:]]
    return found


def _closings(stage: Stage) -> int:
    """Return how often the workflow has closed the issue."""
    return stage.project.history(ISSUE).count(f"closed @{BOT}")


def _wrong_with(ended: Ended, which: str) -> Iterator[str]:
    if "Traceback" in ended.said or "a bug in logbook" in ended.said:
        yield f"{which} run: a traceback"


def _unreported(end: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """Yield the issues that are closed or sealed without a report, though they were to get one."""
    for issue, other in zip(end["issues"], wanted["issues"], strict=False):
        is_reported = any(_REPORT in text for _, text in issue["comments"])
        if "sealed" in issue["labels"] and not is_reported:
            yield f"“{issue['title']}” is sealed without a report"
        if "sealed" in issue["labels"] and issue["state"] == "open" and other["state"] == "open":
            yield f"“{issue['title']}” is sealed and open"


def _differences(end: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    if end == wanted:
        return []
    found = []
    for key, value in wanted.items():
        if key != "issues" and end[key] != value:
            found.append(f"{key}: {end[key]!r}")
    if len(end["issues"]) != len(wanted["issues"]):
        found.append(f"{len(end['issues'])} issues in place of {len(wanted['issues'])}")
    for issue, other in zip(end["issues"], wanted["issues"], strict=False):
        changed = [key for key in issue if issue[key] != other[key]]
        found += [f"{issue['title']}: {key}: {_first_difference(issue[key], other[key])}" for key in changed]
    return found


def _first_difference(one: object, other: object) -> str:
    texts = str(one), str(other)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))
    start = max(len(list(same)) - 20, 0)
    return " in place of ".join(f"…{text[start : start + 150]!r}" for text in texts)


# The whole of it

_MOST_CASES = 100
"""Of one GitHub: it keeps all repositories, and slows down."""


@dataclass(frozen=True, slots=True)
class Played:
    """A case, and what was wrong with how it went."""

    case: Case
    wrongs: tuple[str, ...]

    def __str__(self) -> str:
        """Return it as lines."""
        return "\n  ".join([str(self.case), *self.wrongs])


class Players:
    """A GitHub and git repositories of a process, on which cases are played one after the other."""

    def __init__(self) -> None:
        self._opened = contextlib.ExitStack()
        folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        self.hub, self.trees = self._opened.enter_context(running_hub(folder)), Trees(folder / "trees")
        self._undisturbed: dict[str, Undisturbed] = {}

    def close(self) -> None:
        """Stop them."""
        self._opened.close()

    def undisturbed(self, name: str) -> Undisturbed:
        """Return what a scenario does when all is well."""
        if name not in self._undisturbed:
            self._undisturbed[name] = Undisturbed.of(name, self.hub, self.trees)
        return self._undisturbed[name]

    def play(self, case: Case) -> Played:
        """Play a case."""
        return Played(case, tuple(wrongs(case, self.undisturbed(case.scenario), self.hub, self.trees)))


def _played(chosen: Sequence[Case]) -> list[Played]:
    """Play some cases in a process of their own; whatever happens in one, the others are played."""
    players = Players()
    try:
        return [_one(players, case) for case in chosen]
    finally:
        players.close()


def _one(players: Players, case: Case) -> Played:
    try:
        return players.play(case)
    except Exception as error:  # noqa: BLE001 - the bench failed, which must not pass for a good case
        return Played(case, (f"the bench failed: {error!r}",))


def sweep(chosen: Sequence[Case], processes: int, tell: Callable[[str], None]) -> list[Played]:
    """Play cases in several processes."""
    parts = [chosen[start : start + _MOST_CASES] for start in range(0, len(chosen), _MOST_CASES)]
    found: list[Played] = []
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        for done in as_completed([pool.submit(_played, part) for part in parts]):
            found += done.result()
            bad = sum(bool(one.wrongs) for one in found)
            for one in found[-len(done.result()) :]:
                if one.wrongs:
                    tell(f"{one}")
            tell(f"{len(found):,} of {len(chosen):,} played, {bad:,} went wrong")
    return found


def table(played: Iterable[Played]) -> str:
    """Return how many cases held, by scenario and by what happened, as tables in Markdown."""
    lines = []
    everything = list(played)
    for heading, key in (("scenario", lambda case: case.scenario), ("what happens", lambda case: case.kind)):
        counts: dict[str, list[int]] = {}
        for one in everything:
            count = counts.setdefault(key(one.case), [0, 0])
            count[0] += 1
            count[1] += not one.wrongs
        lines += [f"| {heading} | cases | held |", "|---|---:|---:|"]
        lines += [f"| {name} | {number:,} | {held:,} |" for name, (number, held) in counts.items()]
        total, held = (sum(count[index] for count in counts.values()) for index in (0, 1))
        lines += [f"| all | {total:,} | {held:,} |", ""]
    return "\n".join(lines)
