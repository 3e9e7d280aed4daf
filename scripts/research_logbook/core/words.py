"""The words that logbooks use, and the one name each of them has here.

Source: the research workflow and its companion documents (task-logbook, task-snapshot), and what people
were seen to write. Every list is in the canonical name's favour: what is not listed keeps its own name.
"""

import re

from research_logbook.core.model import Status


def slug(text: str) -> str:
    """Return `text` in lower case, with a single hyphen for everything that is no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def _table(rows: dict[str, str]) -> dict[str, str]:
    return {slug(alias): key for key, aliases in rows.items() for alias in [key, *aliases.split(", ")]}


FIELDS = _table(
    {
        "hypothesis": "hypotheses, expectation, prediction",
        "commit": "commit hash, commit sha, hash, git sha, git commit, revision, sha, base head, code ref, base commit, code",
        "command": "commands, cmd, launch, launches, submission, invocation, exact command, exact commands, script, "
        "repro, reproduction, reproduce, cli, command line, run command",
        "job": "jobs, job id, job ids, job name, root, failed root, child, failed child, coordinator",
        "run": "runs, run id, run ids, w-b, w b, wandb, w b run, w b run id, w b runs, wandb run, wandb runs, "
        "wandb link, run name, run names, w b link, w b links",
        "config": "configs, configuration, configurations, config summary, settings, setup, hyperparameters, params",
        "result": "results, result summary, result delta, results summary, finding, findings, status, outcome, outcomes, "
        "key metrics, metrics, observation, observations, key result, key results, state, measurements, data",
        "interpretation": "analysis, takeaway, takeaways, root cause analysis, root cause, verdict, reading, "
        "discussion, lesson, lessons, early interpretation, assessment",
        "conclusion": "conclusions, final conclusion, summary, outcome and conclusion",
        "decision": "decisions",
        "next-action": "next, next actions, next step, next steps, next decision, follow up, follow ups, followup, "
        "todo, next test, next experiment, plan next",
        "confidence": "confidence level",
        "artifacts": "artifact, output, outputs, logs, log, artefacts, checkpoint, checkpoints, files",
        "id": "experiment id, experiment ids, ids, experiment, experiment number",
        "date": "dates, when, time, datetime, timestamp, started",
        "hardware": "accelerator, devices, machine",
    }
)
"""Field names to canonical names."""

ENTRY_FIELDS = frozenset({"hypothesis", "commit", "command", "job", "config", "result", "interpretation", "next-action"})
"""Fields that make an undated heading in the log an entry (research workflow, Run / Interpret 3)."""

_HEADS = frozenset({"command", "commands", "job", "jobs", "hypothesis", "interpretation", "result", "results", "commit"})
# "Iris submission command" is a command, "Iris job" a job: the last word of a name of two to four names the field.
_NOT = frozenset({"expected", "planned", "previous", "prior", "target", "baseline", "parent", "no", "wanted"})


def field_key(name: str) -> str:
    """Return the canonical name of a field, its slug where it has none."""
    words = slug(re.sub(r"\([^)]*\)", " ", name))
    if words in FIELDS:
        return FIELDS[words]
    first, _, _ = words.partition("-")
    last = words.rpartition("-")[2]
    if first == "confidence":  # "Confidence at kickoff"
        return first
    if first not in _NOT and last in _HEADS and words.count("-") <= 3:
        return FIELDS[last]
    return words


SECTIONS = _table(
    {
        "scope": "goal, goals, scope and goal, objective, objectives, problem statement",
        "tldr": "current tl dr, tl dr, summary, current summary, executive summary",
        "baseline": "current baseline, baselines, fixed baseline, baseline case, reference baseline",
        "hypotheses": "hypothesis queue, living hypothesis queue, hypothesis, initial hypotheses, current hypotheses, "
        "hypothesis index",
        "decision-log": "decisions, decision, key decisions",
        "negative-results": "negative results index, negative result index, dead ends, negative result",
        "stop-criteria": "stop criterion, stopping criteria, stop conditions, stop condition, exit criteria, "
        "termination criteria, success and stop criteria, stop rules",
        "conclusion": "conclusions, final conclusion",
        "next-steps": "next step, next, future work, follow ups",
        "links": "references, link, related, artifacts",
        "motivation": "context, background, introduction",
    }
)
"""Section titles to canonical names."""

LOGS = frozenset(
    slug(name)
    for name in (
        "entry log, entries, experiment log, experiments log, experiment logs, log, logs, log entries, research log, "
        "run log, work log, worklog, lab log, lab notes, lab notebook, journal, progress log, update log, task log, "
        "logbook, experiment entries, research entries, investigation log"
    ).split(", ")
)
"""Titles of a log section."""

LOOSE_LOGS = frozenset(
    slug(name)
    for name in ("launched instances, launches, actions, updates, timeline, history, experiments, progress, runs").split(", ")
)
"""Titles that a log section may have: they count when what stands below them is dated."""

INDICES = frozenset({"decision-log", "negative-results", "hypotheses", "tldr", "links", "baseline", "scope", "stop-criteria"})
"""Sections that are kept up to date and hold no entries, dated or not."""


def section_name(title: str) -> str:
    """Return the canonical name of a section, its slug where it has none."""
    bare = slug(re.sub(r"\([^)]*\)", " ", title))
    return SECTIONS.get(bare) or next(
        # "Decision log and open questions", "Baseline from the README": a known title, and more after it.
        (key for alias, key in _LONG_SECTIONS if bare.startswith(alias + "-")),
        bare,
    )


_LONG_SECTIONS = sorted(
    ((alias, key) for alias, key in SECTIONS.items() if key in INDICES and ("-" in alias or alias in {"baseline", "scope"})),
    key=lambda pair: -len(pair[0]),
)

STATUSES: dict[str, Status] = {
    word: status
    for status, words in {
        Status.PROPOSED: "proposed, open, candidate, candidates, new, queued, untested, pending, backlog, initial, todo",
        Status.ACTIVE: "active, testing, in progress, running, current, in test, under test, in flight",
        Status.BLOCKED: "blocked, on hold, paused, deferred, parked, stalled",
        Status.SUPPORTED: "supported, confirmed, validated, true, accepted, holds, partially supported, verified",
        Status.FALSIFIED: "falsified, rejected, refuted, dead end, disproved, false, dropped, retired, failed, invalidated, "
        "not supported, dead ends, closed, superseded",
        Status.PROMOTED: "promoted, graduated, shipped, landed, adopted",
    }.items()
    for word in words.split(", ")
}
"""Words for a hypothesis's state to the six states."""


def status(written: str) -> Status | None:
    """Return the state that `written` names (``Falsified / Dead End``), or None."""
    words = [" ".join(part.split()) for part in re.split(r"[/,;()|:–—]| - ", written.casefold())]
    return next((STATUSES[word.strip(" .*_`")] for word in words if word.strip(" .*_`") in STATUSES), None)


CONFIDENCES = frozenset({"exploratory", "replicated", "stable"})
"""Labels for a claim's confidence (research workflow, task-logbook)."""

SHELLS = frozenset({"sh", "bash", "shell", "zsh", "console", "shell-session", "shellsession", "terminal", "fish", "ps1", "powershell"})
"""Info strings of code that is run."""

PROGRAMS = (
    "python|python3|uv|uvx|torchrun|accelerate|bash|sh|sbatch|srun|make|docker|kubectl|gcloud|gsutil|aws|git|pytest|"
    "nox|cargo|go|npm|npx|node|wandb|iris|ray|deepspeed|mpirun|julia|Rscript|conda|poetry|hatch|just|cmake|ssh|rsync|curl"
)
_COMMAND = re.compile(rf"^\s*(?:\$ |%|!)?(?:[A-Z_]+=\S+ )*(?:(?:{PROGRAMS})(?:\s|$)|[\w./-]*/?[\w.-]+\.(?:sh|py)(?:\s|$)|\.{{0,2}}/\S+|\.?[\w~-]+(?:/[\w.-]+)+\s+\S)")


def is_command(text: str) -> bool:
    """Return whether `text` reads as a line for a shell."""
    return bool(_COMMAND.match(text))


_PENDING = re.compile(
    r"""^[\s_*`~("'\[<]*(?:
        (?:is\s+|are\s+|still\s+|currently\s+)*
        (?:pending|tb[dac]|todo|to\s+be\s+\w+|awaiting|wip|in[ ]progress|running|queued|ongoing|
           not\s+(?:yet\s+)?(?:submitted|started|run|launched|available|done|recorded|measured)|none\s+yet|
           no\s+(?:\w+\s+){0,2}yet|no[ ]response|empty|placeholder|fill(?:ed)?\s+in|\?+|…|\.\.\.|-+|—)
        (?![\w-])
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def is_pending(text: str) -> bool:
    """Return whether a value says that it is still to come; judged by how it starts.

    "pending (baseline took 10.5 h)" is pending; "pending requests fell to 3.2 s" is a result.
    """
    return bool(_PENDING.match(text)) and not is_measured(re.sub(r"\([^)]*\)", " ", text))


_UNITS = (
    r"%|x\b|×|[munµ]?s\b|sec\b|seconds\b|min\b|minutes\b|h\b|hours\b|[kKMGT]i?B\b|GB/s|tok(?:ens)?(?:/s)?\b|it/s|[kMGTP]?FLOPs?|"
    r"W\b|Hz\b|bpb\b|BPB\b|ppl\b|nats\b|bits\b|dB\b|°C|points?\b|epochs?/s|steps?/s|samples?/s|req/s|qps\b"
)
_NUMBER = r"(?<![\w./:@#-])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)"
_MEASURED = re.compile(
    rf"{_NUMBER}(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+)(?![\w./]*[\w/])|"  # 2.214, 1.86e-4; no version 0.10.1
    rf"{_NUMBER}(?:\.\d+)?[kMBT]?\s?(?:{_UNITS})|"  # 17.16 %, 189.6k tok/s, 24 minutes
    rf"[A-Za-z]\s?[=:≈]\s?{_NUMBER}(?![\w./-]*\w)|"  # loss=3, accuracy: 81
    rf"{_NUMBER}(?:\.\d+)?\s?(?:±|\+/-)"
)


def is_measured(text: str) -> bool:
    """Return whether `text` holds a number that somebody measured: a decimal, or one with a unit or a name.

    Versions, dates, times, issue numbers, hashes and counts of things are not measurements.
    """
    return bool(_MEASURED.search(text))
