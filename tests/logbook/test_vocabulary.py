"""Claims about the words that logbooks use."""

from collections.abc import Callable

import pytest

from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Status

FIELDS = {
    "command": [
        "Command",
        "COMMANDS",
        "Launch",
        "Submission",
        "Iris submission command",
        "Exact commands",
        "✅ Command",
    ],
    "result": [
        *("Result", "Result summary", "Finding", "Status", "Outcome", "Key metrics", "Error", "errors", "Failure"),
        *("Terminal error", "failures", "Validation", "v11 failure", "Second launch error"),
    ],
    "commit": ["Commit Hash", "Base HEAD", "Launch base commit", "SHA", "git sha"],
    "job": ["Job", "Iris job", "Failed root", "Child"],
    "run": ["W&B run ID", "wandb", "Run"],
    "hypothesis": ["Hypothesis", "Hypothesis (H1)", "Prediction"],
    "interpretation": ["Early interpretation", "Root cause analysis", "Takeaways"],
    "next-action": [
        *("Next", "Next actions", "Follow-up", "TODO", "Action", "Immediate next action", "Next experiment A"),
        *("Recommended next run", "Next step (planned)", "Remaining work", "What I will do next", "Up next"),
    ],
    "next-token-loss": ["Next-token loss"],
    "previous-next-action": ["Previous next action"],
    "confidence": ["Confidence", "Confidence at kickoff"],
    "confidence-levels": ["Confidence levels"],
    "config": ["Config", "Data", "Setup"],
    "date": ["Date", "Started"],
    "expected-result": ["Expected result"],
    "baseline-result": ["Baseline result"],
    "pre-commit": ["pre-commit"],
    "local-checks-passed": ["Local checks passed"],
    "结果": ["结果"],
}


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, names in FIELDS.items() for name in names])
def test_a_field_has_one_name(key: str, name: str) -> None:
    """Aliases have one canonical name; what is not known keeps its own."""
    assert vocabulary.field_key(name) == key


SECTIONS = {
    "scope": ["Scope", "Goal", "2. Goal", "Scope: what and why"],
    "baseline": ["Baseline", "Current Baseline", "Baseline (from the README)", "3.1 Baseline — the teacher"],
    "tldr": ["Current TL;DR", "TL;DR", "📌 Summary"],
    "hypotheses": ["Hypothesis Queue", "Living hypothesis queue", "Initial hypotheses"],
    "decision-log": ["Decision Log", "Key decisions", "Decision log and open questions"],
    "negative-results": ["Negative Results Index", "Negative-results index", "Dead ends"],
    "stop-criteria": ["Stop criteria", "Stopping criteria", "Kill criteria", "Exit criterion"],
    "variant": ["Variant"],
    "hypothesis-queue-update": ["Hypothesis Queue Update"],
    "baseline-scaling-trajectories": ["Baseline scaling trajectories"],
    "prior-context": ["Prior context (do NOT repeat)"],
    "背景": ["背景"],
}


@pytest.mark.parametrize(("name", "title"), [(name, title) for name, titles in SECTIONS.items() for title in titles])
def test_a_section_has_one_name(name: str, title: str) -> None:
    """Titles with numbers, emoji, asides and subtitles have the canonical name of what they are."""
    assert vocabulary.section_name(title) == name


@pytest.mark.parametrize(
    "title",
    [
        *("Entry Log", "Entry log", "Experiment Log", "Log", "Research log", "Lab notebook", "7. Experiment Log"),
        *("📓 Log", "Experiment Log (append-only)", "Log — newest first", "Log: MOE-HC"),
    ],
)
def test_titles_of_logs(title: str) -> None:
    """A log is known by its title."""
    assert vocabulary.is_log(title)


@pytest.mark.parametrize("title", ["Launched Instances", "Actions", "Timeline", "Training log", "Field diary"])
def test_titles_that_a_log_may_have(title: str) -> None:
    """Some titles make a log only with dates below them."""
    assert vocabulary.may_be_log(title)
    assert not vocabulary.is_log(title)


@pytest.mark.parametrize("title", ["Changelog", "Scope", "Logging", "2026-05-25", "Results", "Catalogue"])
def test_titles_of_other_sections(title: str) -> None:
    """What is no log by its title may still be one by its content."""
    assert not vocabulary.is_log(title)
    assert not vocabulary.may_be_log(title)


MEASURED = [
    *("2.214", "1.86e-4", "17.16 %", "189.6k tok/s", "loss=3", "accuracy: 81", "0.5 ± 0.1", "3 ± 1"),
    *("1,234,567 tokens", "-3.96%", "(3.2)", "Python 3.11 and loss 2.2", "1.31x", "16 GB", "gap 0.25", "d512: 3.81"),
]
COUNTED = [
    *("0.10.1", "2026-05-25", "04:50", "#7712", "16 focused tests", "CUDA 13.3", "Python 3.11", "v2.1", "10.0.0.1"),
    *(
        "15/15 cells",
        "400 steps",
        "24 minutes",
        "3 h",
        "1691d0a9afbf",
        "GLIBC_2.2.5",
        "d768/L1",
        "arXiv 2301.12345",
        "Llama 3.1",
        "",
        "x",
    ),
    *("2026.07.23.4", "step 6386/6386", "three", "1,444 root tests", "seed-0", "/ana/run-12.5"),
]


@pytest.mark.parametrize("text", MEASURED)
def test_numbers_that_are_measurements(text: str) -> None:
    """A decimal, or a number with a unit or a name, is measured."""
    assert vocabulary.is_measured(text)


@pytest.mark.parametrize("text", COUNTED)
def test_numbers_that_are_not_measurements(text: str) -> None:
    """Versions, dates, times, issues, hashes and counts are not measured."""
    assert not vocabulary.is_measured(text)


@pytest.mark.parametrize(
    "text",
    [
        *("python train.py", "$ python3.11 -m train", "FOO=1 BAR=a torchrun x", "./run.sh", "scripts/train.py --x"),
        *("train.py", ".venv/bin/iris job run", "/usr/bin/env x", "sbatch", "  uv run x", "% git log", "~/bin/x y"),
    ],
)
def test_lines_that_are_commands(text: str) -> None:
    """A known program, a script or a path with arguments is a command."""
    assert vocabulary.is_command(text)


@pytest.mark.parametrize("text", ["", "  ", "loss fell", "...", "/", "a/b", "python: slow", "x = 3", "Python is slow"])
def test_lines_that_are_prose(text: str) -> None:
    """Prose and code are not commands."""
    assert not vocabulary.is_command(text)


STATES = {
    Status.PROPOSED: ["proposed", "Open", "queued", "open questions", "Not yet tested"],
    Status.ACTIVE: ["active", "In Progress", "in-progress", "🟢 Active", "Active hypotheses"],
    Status.BLOCKED: ["blocked", "On hold", "blocked until Tuesday"],
    Status.SUPPORTED: ["supported", "Confirmed", "✅ Supported", "Partially supported (2 of 3)"],
    Status.FALSIFIED: ["Falsified / Dead End", "rejected", "falsified by KT-003", "not supported", "dead-end"],
    Status.PROMOTED: ["promoted", "**Shipped**"],
    None: ["purple", "", "not falsified", "Phase 1", "reactive"],
}


@pytest.mark.parametrize(("status", "text"), [(status, text) for status, texts in STATES.items() for text in texts])
def test_the_states_of_a_hypothesis(status: Status | None, text: str) -> None:
    """Each synonym is one of six states; what begins with one is that."""
    assert vocabulary.status(text) is status


def test_a_state_and_nothing_more() -> None:
    """Where a word may be the beginning of a sentence, all of it has to be a state."""
    assert vocabulary.exact_status("Falsified / dead end") is Status.FALSIFIED
    assert vocabulary.exact_status("new data") is None
    assert vocabulary.exact_status("active/purple") is None


HOSTILE = [
    *("1.1." * 100_000, "1." + "1" * 400_000 + "x", "111," * 100_000, "a=1" * 130_000 + "-", "(" * 400_000),
    *("pending " + "(" * 400_000, "to be " + "a" * 400_000, " " * 400_000, "- " * 200_000, "-" * 400_000 + "x"),
    *("is " * 130_000, "A=a " * 100_000, "a/" * 200_000, "a" * 400_000, "." * 400_000, "/" * 400_000, "A=" * 200_000),
    *("cuda 1" + ".1" * 200_000 + "_", "_" * 400_000, "✅" * 100_000, "…" * 400_000 + "x", "a (" * 130_000),
]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
@pytest.mark.parametrize(
    "judge",
    [
        *(
            vocabulary.is_measured,
            vocabulary.is_command,
            vocabulary.status,
            vocabulary.exact_status,
        ),
        *(vocabulary.section_name, vocabulary.field_key, vocabulary.is_log, vocabulary.may_be_log, vocabulary.slug),
    ],
    ids=lambda judge: judge.__name__,
)
def test_hostile_text_does_not_hang(judge: Callable[[str], object], text: str) -> None:
    """Half a megabyte is judged, whatever it holds, and the same again when it is judged again."""
    assert judge(text) == judge(text)
