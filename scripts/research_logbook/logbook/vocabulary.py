"""The words that logbooks use, with one canonical name each, and what kinds of text they tell apart.

Source: the research workflow and its companion documents (task-logbook, task-snapshot), and what people really write.
A name that is not listed keeps its own slug.
"""

import re
from functools import lru_cache

from research_logbook.logbook.model import Status

_LONGEST = 200
"""Characters at the start of a name or a title that are looked at."""


def slug(text: str) -> str:
    """Return `text` in lower case, with one hyphen for each run of other characters than letters and digits."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def _listed(text: str) -> list[str]:
    return text.split(", ")


def _table(rows: dict[str, str]) -> dict[str, str]:
    return {slug(alias): key for key, aliases in rows.items() for alias in [key, *_listed(aliases)]}


_ASIDE = re.compile(r"\([^()]*\)")


def without_asides(text: str) -> str:
    """Return `text` without what is in parentheses."""
    return _ASIDE.sub(" ", text) if "(" in text else text


_NEXT = (
    "next, next step, next steps, next action, next actions, follow up, follow ups, followup, follow up work, todo, "
    "to do, remaining work, what next, what is next, what s next, up next, what i will do next, what we will do next, "
    "what to do next, next up, next then, way forward, recommended next experiments"
)
_HYPOTHESES = "hypothesis, hypotheses, initial hypotheses, initial hypothesis"
_CONCLUSION = "conclusions, final conclusion, outcome and conclusion"
_DECISIONS = "decisions, decisions made"
_STOPS = (
    "stop criterion, stop criteria, stopping criterion, stopping criteria, stop condition, stop conditions, "
    "stopping condition, stopping conditions, exit criterion, exit criteria, termination criterion, "
    "termination criteria, success and stop criteria, stop rule, stop rules, stopping rule, stopping rules, "
    "kill criterion, kill criteria, abort criterion, abort criteria, kill condition, kill conditions"
)
_GOAL = "goal, goals, objective, objectives, aim, aims"
_RESULTS = (
    "results, finding, findings, key finding, key findings, outcome, outcomes, main result, "
    "main results, final result, final results, full results"
)
"""What fields, sections of logbooks and sections of issues call alike."""

ICONS = re.compile(r"^(?:[^\w\s!-~–—…]\s*)+")
"""Emoji and other symbols in front of a name."""

FIELDS = _table(
    {
        "hypothesis": f"{_HYPOTHESES}, expectation, prediction",
        "commit": "commit hash, commit sha, hash, git sha, git commit, revision, sha, base head, code ref, "
        "base commit, code",
        "command": "commands, cmd, launch, launches, submission, invocation, exact command, exact commands, script, "
        "repro, reproduction, reproduce, cli, command line, run command",
        "job": "jobs, job id, job ids, job name, root, failed root, child, failed child, coordinator",
        "run": "runs, run id, run ids, w-b, w b, wandb, w b run, w b run id, w b runs, wandb run, wandb runs, "
        "wandb link, run name, run names, w b link, w b links",
        "config": "configs, configuration, configurations, config summary, settings, setup, hyperparameters, params, "
        "data",
        "result": f"{_RESULTS}, key result, key results, result summary, result delta, results summary, status, "
        "key metrics, metrics, observation, observations, state, measurements, error, errors, terminal error, "
        "failure, failures, validation, what we found, what i found, what was found, what we saw",
        "interpretation": "analysis, takeaway, takeaways, root cause analysis, root cause, verdict, reading, "
        "discussion, lesson, lessons, lessons learned, what we learned, early interpretation, assessment, meaning, "
        "implication, implications, explanation, insight, insights, diagnosis, what it means, what this means, "
        "what this changes, what this changes about my thinking, what this tells us, so what",
        "conclusion": f"{_CONCLUSION}, summary",
        "decision": _DECISIONS,
        "next-action": f"{_NEXT}, action, action item, action items, next decision, next test, next experiment, "
        "plan next, recommendation, recommendations, path forward, fix path, what is pending, what s pending",
        "confidence": "confidence level",
        "artifacts": "artifact, output, outputs, logs, log, artefacts, checkpoint, checkpoints, files",
        "id": "experiment id, experiment ids, ids, experiment, experiment number",
        "date": "dates, when, time, datetime, timestamp, started, date launched, date started, date run, launch date, "
        "start date, run date, launched at, launched on, started at, started on, start time, launch time, "
        "date created, date and time, date time",
        "hardware": "accelerator, devices, machine",
    }
)
"""Field names to canonical names."""

KNOWN_FIELDS = frozenset(FIELDS.values())
"""The canonical names of fields."""

ENTRY_FIELDS = frozenset(_listed("hypothesis, commit, command, job, config, result, interpretation, next-action"))
"""Fields that make an undated heading in the log an entry (research workflow, Run / Interpret 3)."""

_HEADS = frozenset(
    _listed("command, commands, job, jobs, hypothesis, interpretation, result, results, commit, failure, error")
)
# "Iris submission command" is a command, "v11 failure" a result: the last word of two to four names the field.
NOT_OWN = frozenset(_listed("expected, planned, previous, prior, target, baseline, parent, no, wanted, pre"))
"""First words of names for what another experiment did, or none has done yet: "Expected result"."""


_NEXT_ACTION = re.compile(
    r"^(?:\w+-){0,3}next-(?:actions?|decisions?|experiments?|moves?|probes?|runs?|steps?|tasks?|tests?)(?:-\w+){0,4}$"
)
"""Names such as "Immediate next action" and "Next experiment A"; a next-token loss is none."""


_RESULT_OF = re.compile(r"^(?:(?:key|main|final)-)?(?:results?|findings?)-(?:after|at|for|on|with|without)-")
"""Names such as "Results with gradient correction"."""


@lru_cache(maxsize=1024)
def field_key(name: str) -> str:
    """Return the canonical name of a field, or its slug."""
    name = name[:_LONGEST]
    words = slug(without_asides(name))
    if words in FIELDS:
        return FIELDS[words]
    first, last = words.partition("-")[0], words.rpartition("-")[2]
    if first == "confidence" and last not in {"interval", "intervals", "level", "levels"}:  # "Confidence at kickoff"
        return first
    if first not in NOT_OWN and last in _HEADS and words.count("-") <= 3:
        return FIELDS[last]
    if first not in NOT_OWN and _NEXT_ACTION.search(words):
        return "next-action"
    if _RESULT_OF.match(words):
        return "result"
    return words or "-".join(name.casefold().split())


SECTIONS = _table(
    {
        "scope": f"{_GOAL}, scope and goal, goal and scope, scope and goals, goals and scope, problem statement, "
        "research question, research questions, purpose, project goal, project goals, project objective, project aim",
        "tldr": "current tl dr, tl dr, summary, current summary, executive summary",
        "baseline": "current baseline, baselines, fixed baseline, baseline case, reference baseline",
        "hypotheses": f"{_HYPOTHESES}, hypothesis queue, living hypothesis queue, current hypotheses, "
        "hypothesis index, working hypotheses, working hypothesis, open hypotheses, active hypotheses, "
        "hypotheses under test, hypotheses to test, competing hypotheses, research hypotheses, candidate hypotheses, "
        "hypothesis list, hypothesis table, hypothesis tracker, hypothesis register, hypothesis backlog, "
        "hypothesis verdicts, hypothesis status, hypothesis outcomes, hypotheses and verdicts, hypotheses and status",
        "decision-log": f"{_DECISIONS}, decision, key decisions, decision record",
        "negative-results": "negative results index, negative result index, dead ends, negative result",
        "stop-criteria": _STOPS,
        "conclusion": _CONCLUSION,
        "next-steps": f"{_NEXT}, future work",
        "links": "references, link, related, artifacts",
        "motivation": "context, background, introduction",
    }
)
"""Section titles to canonical names."""

ISSUE_SECTIONS = _table(
    {
        "hypothesis": f"{_HYPOTHESES}, research question",
        "goal": _GOAL,
        "description": "overview",
        "results": f"result, {_RESULTS}",
        "success-criteria": "success criterion, success metrics, success metric, acceptance criteria",
        "links": "helpful links, useful links, resources",
        "tldr": "final tl dr, final tldr, final summary, latest summary, in short, in brief, in a nutshell, "
        "short summary, brief summary, abstract, at a glance, tl dr summary, too long didn t read",
        "conclusion": "overall conclusion, overall conclusions, main conclusion, main conclusions, our conclusion, "
        "our conclusions, concluding remarks, conclusion and recommendation, "
        "conclusion and recommendations, conclusions and recommendations, verdict, final verdict, bottom line, "
        "takeaway, takeaways, key takeaways, answer",
        "negative-results": "negative findings, what did not work, what didn’t work, failed approaches",
        "next-steps": f"{_NEXT}, ordered next steps",
        "status": "current status",
        "close-out": "closeout, close out checklist, closing checklist, final checklist, seal, seal checklist, "
        "before closing, before closing the issue, before closing this issue, epilogue, epilogue seal",
    }
)
"""Titles that name something else in an issue than in a logbook, or stand only in issues, to canonical names."""

GOALPOSTS = _table(
    {
        "goal": f"{_GOAL}, research goal, research goals, research question, "
        "research questions, main goal, primary goal, overall goal, main objective, primary objective, scope, "
        "goal statement, target outcome",
        "primary metric": "primary metrics, metric, metrics, main metric, main metrics, key metric, key metrics, "
        "success metric, success metrics, target metric, target metrics, evaluation metric, evaluation metrics, "
        "headline metric, decision metric",
        "success threshold": "success thresholds, threshold, thresholds, success criterion, success criteria, success, "
        "success condition, success conditions, acceptance criterion, acceptance criteria, acceptance, "
        "acceptance threshold, acceptance thresholds, pass criterion, pass criteria, passing criteria, pass threshold, "
        "gate, gates, success gate, success gates, promotion gate, promotion gates, promotion criteria, go no go, "
        "go no go criteria, decision criterion, decision criteria, decision rule, decision rules, done when, "
        "definition of done, definition of success, completion criteria, target, targets",
        "stop criterion": f"{_STOPS}, stop, stop when, stop if, stop after",
    }
)
"""Names of what a thread is held to, in headings, fields and tables, to what it is."""

GOALPOST_WORDS = {
    "goal": r"goal\w*|objectives?|aims?|scope|(?:research )?questions?",
    "primary metric": r"metrics?|goalposts?",
    "success threshold": r"thresholds?|success|acceptance|criteri\w+|gates?|targets?|goalposts?",
    "stop criterion": r"stop\w*|criteri\w+|gates?|kill|abort|goalposts?",
}
"""The words by which a text speaks of each of them, as regular expressions."""

_GOALPOST_NUMBER = re.compile(r"^\d+-|-(?:\d+|[a-z])$")
_BESIDE_GOALPOSTS = frozenset(
    _listed(
        "achieved, actual, baseline, baselines, budget, constraint, constraints, context, coordinating, current, "
        "deadline, done, evidence, latest, met, motivation, non, note, notes, observed, out-of-scope, owner, owners, "
        "passed, progress, rationale, reason, related, secondary, shared, so-far, status, timeline, today, update, "
        "updates, verdict, why"
    )
)


@lru_cache(maxsize=1024)
def goalpost(name: str) -> str:
    """Return what the name of a goal, metric, threshold or criterion is, numbered or not; empty for any other name.

    "Gate 2" is a success threshold, and so is "Success criteria: all of these"; "Goals and metrics" are goals.
    """
    words, start = (_GOALPOST_NUMBER.sub("", part) for part in _slugs(name[:_LONGEST]))
    first = start.partition("-and-")[0]
    return GOALPOSTS.get(words) or GOALPOSTS.get(start) or GOALPOSTS.get(first) or ""


LOOSENING = frozenset(
    _listed(
        "or, either, unless, except, excluding, not, no, never, without, nearly, almost, about, approximately, "
        "roughly, around, circa, ideally, preferably, optional, optionally, possible, possibly, maybe, may, might, "
        "could, if, any, some, partly, partially, ~, \u2248, \u00b1"
    )
)
"""Words that make a threshold easier to reach where they are put into it."""

LOOSENING_STARTS = frozenset(
    _listed(
        "or, either, unless, except, otherwise, alternatively, ideally, optional, optionally, not, no, waived, "
        "exception"
    )
)
"""Words that begin a sentence which takes something back from what stands before it."""

FILLERS = frozenset(
    _listed(
        "a, an, and, are, at, be, been, decided, decision, for, has, have, in, is, it, its, of, on, or, our, that, "
        "the, this, to, we, will, with, changed, change, changes, changing, moved, below, above, see, next, result, "
        "none, pending"
    )
)
"""Words that say nothing of their own in a text which explains a change."""


OF_LOGS = frozenset(
    _listed(
        "add, all, always, an, and, any, append, appended, are, at, be, below, by, chronological, date, dated, dates, "
        "decision, decisions, delete, document, each, edit, edited, entries, entry, every, everything, experiment, "
        "experiments, file, findings, first, for, from, here, history, in, is, it, journal, keep, kept, last, latest, "
        "lives, log, logbook, logs, never, new, newest, no, not, notes, of, oldest, on, one, only, order, our, past, "
        "per, project, record, records, research, result, results, rule, running, see, session, sessions, the, these, "
        "this, to, top, up, update, updated, updates, was, we, what, with, work, written"
    )
)
"""Words of sentences that say how a log is kept: "Newest entry on top"."""

LABELS = frozenset(
    _listed("add, claim, hypothesis, idea, note, notes, promote, question, result, revise, stop, todo, why")
)
"""Words that name what follows them in the hypothesis queue, and no hypothesis."""


def is_told_beside_goalposts(name: str) -> bool:
    """Return whether what has this name, under the heading of a goalpost or in its table, is none itself."""
    words = slug(without_asides(name[:_LONGEST]))
    is_known = bool(header_fact(name)) or field_key(name) in KNOWN_FIELDS
    is_beside = not _BESIDE_GOALPOSTS.isdisjoint((words, words.partition("-")[0]))
    return (is_known or is_beside) and not goalpost(name)


HEADER_FACTS = _table(
    {
        "issue": "issues, github, coordinating issue pr, work item, ticket",
        "parent-issue": "parent issue",
        "branch": "research branch, git branch, working branch",
        "prefix": "experiment id prefix, experiment prefix, series id, id prefix, experiment ids, series, "
        "experiment id, experiment series, experiment id series, run prefix, run id prefix, id series",
        "tags": "tag",
        "parent": "parent logbook, continues, continued from, supersedes",
        "topic": "topic",
    }
)
"""Names of the facts in a header to canonical names."""

TRACKED_BY = frozenset(
    _listed(
        "coordinating, coordination, epic, experiment, github, issue, linked, main, our, primary, project, research, "
        "see, study, task, the, this, thread, tracked, tracker, tracking, umbrella"
    )
)
"""Words before "issue" that say what it is to the thread; any other is the name of a tracker: "Weaver issue #170"."""
TRACKERS = "asana|azure|bugzilla|gitea|gitlab|jira|linear|redmine|shortcut|trello|weaver"
"""Other trackers than GitHub, as a regular expression."""
_ITEM = re.compile(r"^(?P<of>(?:[a-z0-9]+-){1,3})(?:issues?|work-items?|tickets?)$")
_TAGS = re.compile(r"^(?:(?:[a-z]+-){1,3})tags$")
_OTHER_TAGS = frozenset(
    _listed("data, dataset, docker, git, html, image, part, pos, release, snapshot, token, version")
)


@lru_cache(maxsize=1024)
def header_fact(name: str) -> str:
    """Return the canonical name of a fact in a header, or an empty string: "Shared W&B tags" are its tags."""
    words = slug(without_asides(name[:_LONGEST]))
    if known := HEADER_FACTS.get(words):
        return known
    if item := _ITEM.match(words):
        of = {*item["of"].strip("-").split("-")}
        return "issue" if of <= TRACKED_BY.union(TRACKERS.split("|")) else ""
    return "tags" if _TAGS.match(words) and _OTHER_TAGS.isdisjoint(words.split("-")) else ""


HEADER_SECTIONS = frozenset(_listed("scope, links, metadata, header, setup, coordination, identification, kickoff"))
"""Sections whose fields are facts of the header."""

_LOGS = frozenset(
    _listed(
        "entry-log, entries, experiment-log, experiments-log, experiment-logs, log, logs, log-entries, research-log, "
        "run-log, work-log, worklog, lab-log, lab-notes, lab-notebook, journal, journal-entries, progress-log, "
        "update-log, task-log, logbook, experiment-entries, research-entries, investigation-log"
    )
)
_LOOSE_LOGS = frozenset(
    _listed("launched-instances, launches, actions, updates, timeline, history, experiments, progress, runs")
)
_LOG_WORDS = ("log", "logs", "journal", "notebook", "diary")

INDICES = frozenset(_listed("decision-log, negative-results, hypotheses, tldr, links, baseline, scope, stop-criteria"))
"""Sections that are kept up to date and hold no entries, even where they are dated."""

KEPT_UP_TO_DATE = INDICES | frozenset(
    _listed(
        "next-steps, next-actions, next-action, status, current-status, latest-status, current-state, open-questions, "
        "todo, todos, to-do, backlog, open-tasks"
    )
)
"""Sections that are kept up to date, and whose text may change; dated entries in one of the last are entries."""

_NO_LOGS = frozenset(
    _listed(
        "changelog, change-log, changes, release-notes, releases, roadmap, schedule, milestones, calendar, deadlines, "
        "bibliography, related-work, literature, reading-list, further-reading, sources, citations, glossary, "
        "acknowledgements, appendix, appendices, prior-work, meetings"
    )
)
_NO_LOG_STARTS = frozenset(
    _listed("plan, plans, planned, planning, upcoming, scheduled, appendix, proposed, future, prediction, predictions")
)
_LONG_SECTIONS = sorted(
    (
        alias
        for alias, key in SECTIONS.items()
        if key in INDICES and ("-" in alias or alias in {"baseline", "hypotheses", "scope"})
    ),
    key=len,
    reverse=True,
)
_NUMBERING = re.compile(r"^\d{1,3}(?:\.\d{1,3})*[.)]?\s+")
_TITLE_END = re.compile(r"\s[-–—|]\s|:\s")


def _slugs(title: str) -> tuple[str, str]:
    """Return the slugs of a title without its number, and of what precedes its dash or colon."""
    bare = _NUMBERING.sub("", without_asides(title))
    return slug(bare), slug(_TITLE_END.split(bare, maxsplit=1)[0])


_GOING_ON = frozenset(
    _listed("after, and, as, at, before, between, by, for, from, in, of, on, or, over, since, to, under, vs, with")
)


_JOINT = re.compile(r"\s?[/&+,]\s?")


def _goes_on(title: str, words: str, alias: str) -> bool:
    """Return whether a title begins with a known one and goes on with it."""
    rest = words[len(alias) + 1 :] if words.startswith(alias + "-") else ""
    return bool(rest) and (rest.partition("-")[0] in _GOING_ON or _slugs(_JOINT.split(title)[0])[0] == alias)


@lru_cache(maxsize=1024)
def section_name(title: str) -> str:
    """Return the canonical name of a section, or its slug."""
    title = title[:_LONGEST]
    words, start = _slugs(title)
    name = SECTIONS.get(words) or SECTIONS.get(start)
    # "Decision log and open questions", "Baseline from the README": a known title, and what goes on with it.
    # "Hypothesis queue update" is another.
    known = "" if name else next((alias for alias in _LONG_SECTIONS if _goes_on(title, words, alias)), "")
    return name or SECTIONS.get(known) or words or "-".join(title.casefold().split())


def is_log(title: str) -> bool:
    """Return whether a section with this title is a log."""
    return not _LOGS.isdisjoint(_slugs(title))


def holds_no_entries(title: str) -> bool:
    """Return whether dates in a section with this title are of plans, releases or sources, not of what was done."""
    slugs = _slugs(title[:_LONGEST])
    return any(words in _NO_LOGS or words.partition("-")[0] in _NO_LOG_STARTS for words in slugs)


def may_be_log(title: str) -> bool:
    """Return whether a section with this title is a log if its content is dated."""
    words, _ = _slugs(title)
    return words not in _NO_LOGS and (
        words in _LOOSE_LOGS or (words.count("-") < 4 and words.rpartition("-")[2] in _LOG_WORDS)
    )


STATUSES: dict[str, Status] = {
    word: status
    for status, words in {
        Status.PROPOSED: "proposed, open, candidate, candidates, new, queued, untested, pending, backlog, initial, "
        "todo, not tested, not yet tested, not started",
        Status.ACTIVE: "active, testing, in progress, running, current, in test, under test, in flight",
        Status.BLOCKED: "blocked, on hold, paused, deferred, parked, stalled",
        Status.SUPPORTED: "supported, confirmed, validated, true, accepted, holds, verified, proven, proved, "
        "partially supported, partly supported, partially confirmed, partly confirmed, mostly confirmed, "
        "strongly supported, weakly supported",
        Status.FALSIFIED: "falsified, rejected, refuted, dead end, disproved, false, dropped, retired, failed, "
        "invalidated, not supported, dead ends, closed, superseded, disproven, unsupported, not confirmed, killed, "
        "abandoned, disconfirmed",
        Status.PROMOTED: "promoted, graduated, shipped, landed, adopted",
    }.items()
    for word in _listed(words)
}
"""What people write for each of the six states of a hypothesis."""

_STATUS_END = re.compile(r"[/,;()|:–—.]|\s-\s")


def status(written: str) -> Status | None:
    """Return the state that `written` names (``Falsified / Dead End``) or begins with; None if there is none."""
    parts = [_status_words(part) for part in _STATUS_END.split(written.casefold()[:200])]
    exact = (STATUSES[" ".join(part)] for part in parts if " ".join(part) in STATUSES)
    # "falsified by MOE-HC-003", "active hypotheses".
    starts = (" ".join(part[:count]) for part in parts for count in (3, 2, 1))
    begun = (STATUSES[start] for start in starts if start in STATUSES)
    return next(exact, None) or next(begun, None)


def exact_status(written: str) -> Status | None:
    """Return the state that `written` names if it says nothing else; None otherwise."""
    parts = [" ".join(_status_words(part)) for part in written.casefold()[:200].split("/")]
    return STATUSES.get(parts[0]) if all(part in STATUSES for part in parts) else None


def _status_words(part: str) -> list[str]:
    return re.sub(r"[^\w\s]+", " ", part).replace("_", " ").split()


CONFIDENCES = frozenset({"exploratory", "replicated", "stable"})
"""Labels for a claim's confidence (research workflow, task-logbook)."""

SHELLS = frozenset(
    _listed("sh, bash, shell, zsh, console, shell-session, shellsession, terminal, fish, ps1, powershell")
)
"""Info strings of code blocks that hold commands."""

_PROGRAMS = frozenset(
    _listed(
        "python, uv, uvx, pip, torchrun, accelerate, bash, sh, sbatch, srun, make, docker, apptainer, singularity, "
        "kubectl, gcloud, gsutil, aws, git, gh, pytest, nox, cargo, go, npm, npx, node, wandb, iris, ray, sky, modal, "
        "deepspeed, mpirun, julia, Rscript, conda, poetry, hatch, just, cmake, ssh, rsync, curl, wget, sudo, nohup, "
        "env, export, cd, tmux"
    )
)
_BEFORE_COMMAND = re.compile(r"\s*+(?:\$ |%|!)?+(?:[A-Z_][A-Z0-9_]*+=\S*+ )*+")
_PATH = re.compile(r"[\w.~-]*+(?:/[\w.-]++)++/?")


def is_command(text: str) -> bool:
    """Return whether `text` looks like a command line."""
    start = _BEFORE_COMMAND.match(text, 0, 10_000)
    words = text[start.end() if start else 0 :][:2_000].split(maxsplit=1)
    if not words:
        return False
    program = words[0]
    if program.rstrip("0123456789.") in _PROGRAMS or program.startswith(("/", "./", "../")):
        return len(program.strip("./")) > 0
    is_path = _PATH.fullmatch(program) is not None
    return (is_path and len(words) > 1) or bool(re.fullmatch(r"[\w./-]+\.(?:sh|py)", program))


_ENVIRONMENT = frozenset(
    _listed(
        "accelerator, accelerators, chip, chips, cluster, compute, conda, container, cpu, cpus, cuda, cudnn, "
        "dependencies, device, devices, docker, driver, drivers, env, environment, environments, gpu, gpus, "
        "hardware, host, hostname, instance, interpreter, jax, lockfile, machine, machines, node, nodes, numpy, "
        "os, package, packages, platform, python, pytorch, rocm, runtime, server, software, system, torch, "
        "toolchain, tpu, tpus, venv, virtualenv, workstation, xla"
    )
)
_NOT_ENVIRONMENT = frozenset(
    _listed(
        "activity, budget, busy, command, cost, costs, count-per-step, error, errors, failure, flops, hour, hours, "
        "idle, load, log, logs, mem, memory, metric, metrics, minutes, peak, price, result, results, script, "
        "seconds, speed, speedup, throughput, time, usage, util, utilisation, utilization, utilized"
    )
)
_RAN_ON = re.compile(
    r"^(?:where|(?:ran|run|runs|running|trained|measured|executed|tested|hosted|launched)-(?:on|at|in))$"
)


@lru_cache(maxsize=1024)
def is_environment(name: str) -> bool:
    """Return whether a field of this name tells what a command ran on: hardware, software, or where.

    "GPU type" and "Docker image" do; "GPU hours" and "Compute budget" tell what it took.
    """
    words = slug(without_asides(name[:_LONGEST]))
    parts = words.split("-")
    is_of_it = not _ENVIRONMENT.isdisjoint(parts) and _NOT_ENVIRONMENT.isdisjoint(parts) and len(parts) <= 4
    return is_of_it or _RAN_ON.match(words) is not None


_DEVICES = re.compile(
    r"(?:\b|(?<=\d[x×]))(?:"
    r"A100|A10G|A30|A40|A800|A[2456]000|B100|B[23]00|GB200|GH200|H100|H20|H200|H800|V100|P100|L40S?|MI\d{3}[AX]?|"
    r"v[2-7](?:e|p|x|litepod)?-\d{1,4}|TPU ?v\d[ep]?|Gaudi ?\d?|Trainium ?\d?|Inferentia ?\d?|DGX|HGX|Xeon|EPYC|"
    r"(?:RTX|GTX|NVIDIA|Nvidia|GeForce|Tesla|Quadro|Radeon) ?[A-Z]{0,3} ?\d{1,4}\w{0,3}|Threadripper|Ryzen|"
    r"Graviton ?\d?|M[1-5] (?:Pro|Max|Ultra)|Jetson|Raspberry Pi|MacBook)\b|"
    r"\b\d{1,5} ?[x×] ?(?:A10|A2|T4|L4)\b|"
    r"\b(?:\d{1,5} ?[x×]? ?|(?:a|one|two|four|eight|single|the) )(?:\w{1,12} ){0,2}[CGTN]PUs?\b|"
    r"\b\d{1,5} ?[x×]? ?(?:vCPUs?|(?:\w{1,12} )?(?:cores|nodes|chips))\b|"
    r"\b(?:on|using|with) (?:the |a |my |our |one )?(?:[CGT]PU|laptop|workstation)s?\b|"
    r"\b(?:[acgmpt]\d[a-z]{0,3}\.\d{0,2}x?large|(?:a2|a3|g2|n1|n2|c3)-[a-z]{3,10}-\d{1,3}g?)\b"
)
"""What hardware is called: devices with their counts, and the machine types of clouds."""


def names_hardware(text: str) -> bool:
    """Return whether a line names what a command ran on: "on 8 x H100", "v5p-64", "a single GPU"."""
    return _DEVICES.search(text[:_LONGEST_LINE]) is not None


_LONGEST_LINE = 2_000

PENDING = {
    "note": r"tb[dac]|to-?do|fill (?:\w{1,20} ){0,2}in",
    "noun": r"pending|awaiting|placeholder|yet to (?:come|follow|run|start|finish)",
    "state": r"running|queued|ongoing|waiting|wip|(?:work )?in[ -]progress|in[ -]flight",
    "plan": r"submitted|scheduled",
    "undone": r"(?:(?:has|have) )?not (?:yet )?(?:submitted|started|run|launched|available|ready|done|finished|"
    r"completed|recorded|measured|tested|evaluated)(?: yet)?",
    "future": r"(?:to|will|shall) be (?:added|agreed|analy[sz]ed|announced|assigned|checked|chosen|clarified|completed|"
    r"computed|confirmed|continued|created|decided|defined|determined|discussed|done|evaluated|filed|filled(?: in)?|"
    r"given|investigated|launched|linked|logged|measured|named|opened|posted|provided|published|recorded|reported|"
    r"reviewed|run|scheduled|seen|set|specified|started|submitted|tested|updated|verified|written)"
    r"(?: (?:later|soon|below|here))?",
    "alone": r"empty|blank|filled in|no response|(?:coming )?soon|later|to (?:come|follow|do)|not yet|"
    r"(?:none|nothing) yet|(?!no (?:improvement|gain|effect|difference|win|success|change)s? )no (?:\w{1,20} ){1,2}yet|"
    r"(?!(?:no|none|not|nothing) )[a-z]{1,20} (?:pending|in progress|tbd)(?=\W{0,9}\Z)",
}
"""How a value says that it is still to come, by kind, as regular expressions.

A note or a noun may go on with what is awaited, a state with where it runs, a plan with when. What stands alone is
pending only if no word follows: "empty" is a value still to come, "empty string returned" is one that came.
"""

CIRCUMSTANCES = r"for|on|until|till|by|at|with|as|after|once|from|via|behind|since|in|under"
"""Words that begin a circumstance: "running on v5p-8", "TBD after the sweep"."""

VERBS = (
    r"is|are|was|were|has|have|had|does|did|do|can|could|not|no|fell|falls?|rose|rises?|grew|grows?|went|gave|gives?|"
    r"makes?|made|helps?|hurts?|fails?|works?|wins?|won|loses?|lost|shows?|beats?|\w\w+ed"
)
"""Words that make a clause, which says something: "running the sweep showed no gain"."""

NONE = (
    r"none|nothing|nil|no (?:further |open |more |active |blocked |current |falsified |known |new |pending |promoted |"
    r"proposed |remaining |settled |supported |testable )?(?:action items?|actions?|blockers?|commands?|decisions?|"
    r"dead ends?|follow[- ]?ups?|hypothes[ei]s|issues?|negative results?|next actions?|next steps?)"
)
"""How a text says that there is nothing to say, as a regular expression."""

NOT_APPLICABLE = r"n/a|n\.a\.?|na|not applicable"
"""How a text says that it does not apply, as a regular expression."""


_FUNCTION_WORDS = frozenset(
    _listed(
        "a, about, all, also, an, and, any, are, as, at, be, been, being, but, by, can, do, for, from, had, has, "
        "have, how, i, i've, i'll, if, in, into, is, it, it's, its, just, my, no, not, now, of, on, only, or, our, "
        "please, so, some, still, that, that's, the, their, there, there's, these, they, this, those, to, until, us, "
        "was, we, we'll, we've, were, what, when, where, which, who, why, will, with, would, yes, you, your, w, b, "
        "s, t"
    )
)
POINTING = frozenset(
    _listed(
        "above, analysis, another, appendix, attached, attachment, before, below, body, cf, channel, chart, "
        "charts, chat, check, comment, comments, covered, described, description, detail, details, discussed, "
        "discussion, ditto, doc, docs, document, documented, earlier, elsewhere, entries, entry, explained, "
        "figure, file, find, following, found, full, further, given, here, info, information, issue, line, link, "
        "linked, links, listed, lives, log, logbook, logbooks, logged, logs, look, mentioned, message, more, next, "
        "notebook, noted, notes, other, our, page, paper, post, posted, pr, previous, previously, project, pull, "
        "rationale, read, readme, recorded, refer, reference, referenced, report, reported, request, respective, "
        "run, runs, said, same, section, see, shown, slack, slides, snapshot, stand, stands, stated, story, tag, "
        "table, thread, ticket, top, under, up, wandb, wiki, write-up, writeup, written, per, idem, ask"
    )
)
"""Words that point to a text elsewhere, and say nothing of what stands there: "see the comments"."""
_COMPLETION = frozenset(
    _listed(
        "achieved, added, close, close-out, closed, closes, closing, closeout, complete, completed, completely, "
        "conclude, concluded, concludes, concluding, done, end, ended, everything, final, finalized, finally, "
        "fine, finished, good, great, lgtm, made, ok, okay, over, ready, resolved, seal, sealed, shipit, solved, "
        "stale, success, thank, thanks, ticked, unknown, everyone, folks, team, wrapped, work, experiment, "
        "experiments, investigation, research, task, eom, agree, nope, idk, cc"
    )
)
_TO_COME = frozenset(
    _listed(
        "await, awaited, drawn, awaiting, be, come, comes, coming, fill, filled, follow, follows, in-progress, "
        "later, once, pending, placeholder, progress, running, see, soon, tba, tbc, tbd, to-do, todo, tomorrow, "
        "update, updated, updates, wait, waiting, wip, write, yet, draft, stay, tuned, d"
    )
)
_NOBODYS = frozenset(
    _listed(
        "adipiscing, aliqua, amet, asdf, bar, baz, blah, consectetur, content, dolor, dolore, dummy, eiusmod, "
        "elit, example, filler, foo, hello, incididunt, insert, ipsum, labore, lorem, magna, qux, qwerty, sample, "
        "sed, sit, something, tempor, test, testing, text, ut, world, xx, xxx, xxxx, intentionally, left, blank"
    )
)
"""Words of texts that are there to be replaced."""
_RESTATING = frozenset(
    _listed(
        "answer, answers, conclusion, conclusions, confidence, decision, decisions, dr, evidence, findings, index, "
        "limitation, limitations, list, negative, outcome, outcomes, question, result, results, steps, step, "
        "summary, title, tl, tldr, tl;dr, verdict, takeaway, takeaways, date, id, last"
    )
)
"""Words of headings, which say what is told and not what it is."""
CONTENTLESS = _FUNCTION_WORDS | POINTING | _COMPLETION | _TO_COME | _NOBODYS | _RESTATING
"""Words that say nothing where no others stand beside them: "Done, see the log.", "The answer to the question"."""

LINKED_TEXTS = frozenset(_listed("analysis, document, notebook, page, paper, report, slides, story, write-up, writeup"))
"""Words that name a text for itself where they are a link."""

TEMPLATE_TEXTS = (
    "what is investigated, and why now",
    "what is expected, the primary metric, and when to stop",
    "what you expect, the metric that will tell, and when you will stop",
    "the path of the logbook and its branch, the w&b project or report, prior work",
    "leave empty at the start; it becomes the public summary as results come in",
    "tl;dr is current, and names the last experiment",
    "conclusion is written",
    "next steps are listed",
    "decision log and negative-results index are in this text, or linked",
    "final snapshot is linked",
    "production pull request is linked, if there is one",
    "last comment says what worked, what did not, confidence, limitations and next steps",
    "documentation is updated, or needs no update",
    "what was decided, and because of which entry",
    "what did not work, and why",
    "the step that follows from this",
    "the numbers, or how it failed",
)
"""What our own templates say in the place of a text."""

_SUBJECT = (
    r"(?:(?:the|all|both|our|my|first|next|final|last|two|three|its|this|these|that|it|they|we) )*+"
    r"(?:(?!(?:is|are|was|were|has|have|got|not|no|will) )[\w/.,'’`“”()-]{1,60} ){0,4}"
)
_UNDER_WAY = (
    r"(?:submitted|launched|queued|scheduled|started|running|pending|planned|specified|set up|prepared|configured|"
    r"under way|underway|in progress|ongoing|in flight|awaited|outstanding|waiting|enqueued|kicked off|"
    r"being [a-z]{2,20}ed|being (?:run|written|done)|to (?:come|follow|be [a-z]{2,20})|"
    r"(?:available|ready|done|finished|complete|completed|measured|analy[sz]ed|evaluated|run|known|conclusive|written))"
)
_STILL = (
    rf"{_SUBJECT}(?:(?:is|are|was|were|(?:has|have) been|got|will be) )?"
    r"(?:(?:still|currently|now|just|all|only|already|not|yet|to be|about to be|being) )*+"
    rf"{_UNDER_WAY}(?: (?:yet|now|today|so far|already|again))*+"
)
_NOTHING_CAME = (
    r"(?:(?:there|we) (?:is|are|have|had) )?(?:(?:still|currently|as yet) )?no (?:[a-z]{1,20} ){0,2}"
    r"(?:results?|conclusions?|data|numbers?|outcomes?|answers?|findings?|verdicts?|summary|runs?|experiments?|news|"
    r"updates?)(?: (?:is|are|was|were|has|have)(?: been)?)?"
    r"(?: (?:available|launched|started|done|reported|known|drawn|reached|ready|made|written|recorded|measured|in|out|"
    r"yet|so far|to report|to share|to show|at this (?:point|time|stage)|as of now|for now|currently))*+"
)
_NOT_KNOWN = (
    rf"{_SUBJECT}(?:(?:is|are|does|do|did|has|have) )?not? (?:yet )?"
    r"(?:exist|know|known|have (?:results?|data|numbers?|an answer))(?: (?:yet|so far))?"
)
NO_OUTCOME = (_STILL, _NOTHING_CAME, _NOT_KNOWN)
"""How a sentence says that nothing has come out: "TIL-001 is submitted", "no result is available yet"."""


_UNITS = (
    r"%|x\b|×|[munµ]?s\b|sec\b|[kKMGT]i?B\b|GB/s|tok(?:ens)?(?:/s)?\b|it/s|"
    r"[kMGTP]?FLOPs?|W\b|Hz\b|bpb\b|BPB\b|ppl\b|nats\b|bits\b|dB\b|°C|points?\b|epochs?/s|steps?/s|samples?/s|req/s|qps\b"
)
_NUMBER = r"(?<![\w./:@#-])(?<!\d,)[-+−]?(?:\d{1,3}(?:,\d{3})++(?!\d)|\d++)"
_MEASURED = re.compile(
    rf"{_NUMBER}(?:\.\d++(?:[eE][-+]?\d++)?+|[eE][-+]?\d++)(?![\w./]*[\w/])|"  # 2.214, 1.86e-4; no version 0.10.1
    rf"{_NUMBER}(?:\.\d++)?+[kMBT]?\s?(?:{_UNITS})|"  # 17.16 %, 189.6k tok/s
    rf"(?!(?<!\w)[nN]\s?=)[A-Za-z]\s?[=:≈]\s?{_NUMBER}(?![\w./-]*\w)|"  # loss=3, accuracy: 81; N=50 is a size
    rf"{_NUMBER}(?:\.\d++)?+\s?(?:±|\+/-)"
)
_VERSION = re.compile(
    r"\b(?:cuda|cudnn|nccl|rocm|triton|xla|vllm|transformers|diffusers|driver|python|jax|jaxlib|torch|pytorch|numpy|gcc|"
    r"ubuntu|macos|node|rust|cmake|version|release|section|sec\.?|chapter|episode|exercises?|equation|eq\.?|lemma|theorem|"
    r"figure|fig\.?|table|arxiv|llama|qwen|gemma|gpt|claude|mistral|gemini|phi|olmo|sonnet|opus)"
    r"[ -]?\d++(?:\.\d++)++(?:\s?[-–]\s?\d++(?:\.\d++)++)?",
    re.IGNORECASE,
)


def is_measured(text: str) -> bool:
    """Return whether `text` holds a number that somebody measured: a decimal, or one with a unit or a name.

    Versions, dates, times, issue numbers, hashes and counts of things are not measurements.
    """
    found = _MEASURED.search(text)
    return found is not None and (not _VERSION.search(text) or _MEASURED.search(_VERSION.sub("", text)) is not None)


_NO_CLAIM = re.compile(
    r"\b(?:will|would|should|shall|could|may|might|must|if|unless|expect\w*|anticipat\w*|predict\w*|project(?:ed|ion)|"
    r"estimat\w*|assum\w+|hypothesi\w+|target\w*|goals?|aims?|plan\w*|budget\w*|gates?|criteri\w+|thresholds?|"
    r"limit\w*|quota|caps?|capped|time-?outs?|defaults?|baselines?|previous\w*|prior|earlier|reference|paper|reported|"
    r"published|literature|need\w*|requir\w+|at (?:least|most)|up to|want\w*|propos\w+|to be|next|todo|version|"
    r"configur\w+|hyper-?parameters?|settings?|learning rate|lr|weight decay|dropout|warm-?up|set to|raise\w*|lower\w*|"
    r"bump\w*|patch\w*|chang(?:e|ed|es|ing)|fix(?:e[sd])?|replac\w+|retr(?:y|ies)|size)\b|#\d",
    re.IGNORECASE,
)


_BEFORE_CLAIM = re.compile(r"[^\W\d_][^:.;\n]{0,60}:\s")
_NUMBERED = re.compile(r"^\s*+\d{1,3}(?:\.\d{1,3})++[:.)]\s(?=[^\W\d_])")
_CAPACITY = re.compile(
    r"\b[\w.-]{1,40}=\d++(?![\w.,%]*[\w%])|"
    r"(?<![\d.,])\d[\d.,]*+(?:e\d++)?\s?(?:[kKMGT]i?B|(?:[a-z]{1,12} )?(?:FLOPs|tokens|parameters|params))\b(?!/)"
)


def is_claim(sentence: str) -> bool:
    """Return whether a sentence says that a number was measured, not planned, set, or taken from elsewhere.

    A count behind a name is none ("package tests: 54 passed"), nor is how large a device or a model is.
    """
    name = _BEFORE_CLAIM.match(sentence)
    said = _CAPACITY.sub(" ", _NUMBERED.sub("", sentence[name.end() if name else 0 :]))
    return is_measured(said) and _NO_CLAIM.search(sentence) is None


_PLANS = frozenset(
    _listed(
        "change, changes, fix, fixes, plan, plans, motivation, context, background, budget, estimate, estimates, "
        "constraint, constraints, rationale, scope, goal, note, notes, caveat, caveats, patch, design, setup, method, "
        "methods, approach, question, why, reason, cost, references, see, source, sources, model, data-set, dataset, "
        "data, recipe, implementation, code-change, resources, bundle-size, bundle"
    )
)


def is_plan(name: str) -> bool:
    """Return whether a field of this name tells what was set, planned or held to, and not what came of it."""
    words = slug(without_asides(name[:_LONGEST]))
    return words in _PLANS or words.partition("-")[0] in _NO_LOG_STARTS or bool(goalpost(name))
