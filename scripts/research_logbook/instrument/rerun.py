"""`logbook rerun`: an experiment run again at its own commit, and what came out compared with what it says.

Source: the research workflow, Run / Interpret: a result that was run again and held is `replicated`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from research_logbook.context import RunContext
from research_logbook.errors import UserError
from research_logbook.instrument import entry_text, machine
from research_logbook.instrument.entry import EntryOptions, local
from research_logbook.instrument.entry_text import PENDING
from research_logbook.instrument.logbook_file import read_logbook
from research_logbook.instrument.outcome import Outcome
from research_logbook.instrument.run import Preparation, Recorded, RunOptions, record
from research_logbook.logbook import queries
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.repo import own_clone, tags_of
from research_logbook.wandb.metric_crosscheck import fits


@dataclass(frozen=True, slots=True)
class Replication:
    """An experiment that can be run again."""

    id: str
    path: str
    command: str
    """A line, or lines, of the shell."""
    commit: str
    expected: Mapping[str, str]
    """Its numbers as they are written, by their names."""
    failed: bool = False
    """Whether it says that it failed."""


def plan_rerun(path: str, name: str, context: RunContext) -> Replication:
    """Return how an experiment is run again; raises `UserError` that says why it cannot."""
    book = read_logbook(context.clone(), path)
    entry = entry_text.entry_named(book, name)
    commands = [place.text.strip() for place in queries.commands_of(entry)]
    if len(commands) != 1:
        have = "records no exact command" if not commands else f"records {len(commands)} commands"
        raise UserError(f"{name} {have}, so it cannot be run again", "run it by hand: `logbook run -- COMMAND`")
    commit = _commit(book, entry, name, context)
    results = "\n".join(field.text for field in entry.all("result") if not field.is_pending)
    failed = results.startswith("failed")
    return Replication(name, path, commands[0], commit, {} if failed else numbers_in(results), failed)


def _commit(book: Logbook, entry: Entry, name: str, context: RunContext) -> str:
    """Return the commit that an entry records, else that of its snapshot."""
    repository = context.clone()
    if any("uncommitted" in field.text for field in entry.all("commit")):
        raise UserError(
            f"{name} ran with changes that no commit holds, so it cannot be run again as it was",
            "apply its patch on a branch, commit it, and `logbook run` it there",
        )
    recorded = queries.commit_of(entry)
    tags = {tag.rpartition("/")[2]: commit for tag, commit in repository.tags(tags_of(book.topic))}
    commit = repository.commit(recorded) if recorded else tags.get(name)
    if commit is None:
        why = (
            f"its commit {recorded[:12]} is not in this clone"
            if recorded
            else "it records no commit, and has no snapshot"
        )
        raise UserError(f"{name} cannot be run again: {why}", "`git fetch --tags origin` brings what was pushed")
    return commit


_NUMBER = re.compile(
    r"(?P<name>[A-Za-z][\w./@-]*)\s*(?:[:=]|\bis\b|\bof\b)?\s*(?P<value>[-−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.]*\w)"
)


def numbers_in(text: str) -> dict[str, str]:
    """Return the numbers that a result states, as they are written, by the word in front of each."""
    return {found["name"]: found["value"].replace("−", "-").replace(",", "") for found in _NUMBER.finditer(text)}


def rerun(
    plan: Replication, context: RunContext, metrics: str | None = None, tolerance: float | None = None
) -> Recorded:
    """Run an experiment again in a work tree of its own, and append what came of it."""
    repository = context.clone()
    values = {
        "commit": plan.commit,
        "command": plan.command,
        "config": f"replication of `{plan.id}`",
        "hardware": machine.hardware(),
        "result": PENDING,
    }
    entry = EntryOptions(None, f"replication of {plan.id}", values)
    name = entry_text.next_id(read_logbook(repository, plan.path), local(context.now))

    def judged(outcome: Outcome) -> dict[str, str]:
        return {"interpretation": verdict(plan, outcome, tolerance), "next-action": "none"}

    ready = Preparation(plan.path, name, values, judged=judged)
    with own_clone.work_tree_at(repository, plan.commit) as folder:
        options = RunOptions(("bash", "-c", plan.command), entry, metrics)
        return record(options, ready, context, Path(folder))


def verdict(plan: Replication, outcome: Outcome, tolerance: float | None) -> str:
    """Return what a second run says of the first: its numbers side by side.

    They agree where they differ by no more than the share `tolerance`; without one, in the digits that are written.
    """
    if outcome.ended.status and plan.failed:
        return f"replicated the failure of `{plan.id}`"
    if outcome.ended.status:
        return f"not replicated: `{plan.id}` could not be run again"
    shared = {name: value for name, value in plan.expected.items() if name in outcome.numbers}
    if not shared:
        return f"not compared: `{plan.id}` states no number under a name that this run reports"
    pairs = [(name, value, outcome.numbers[name]) for name, value in shared.items()]
    differ = [it for it in pairs if not _agree(it[1], it[2], tolerance)]
    told = ", ".join(f"{name} {new:.6g} against {old}" for name, old, new in differ or pairs)
    return f"differs from `{plan.id}`: {told}" if differ else f"replicated `{plan.id}`: {told}"


def _agree(written: str, value: float, tolerance: float | None) -> bool:
    if tolerance is None:
        return fits(written, value)
    return abs(value - float(written)) <= tolerance * abs(float(written))
