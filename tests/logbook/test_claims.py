"""Claims about what a logbook says was measured, in whatever form it says so."""

import pytest

from book import parsed
from research_logbook.logbook.model import Entry, EntryKind
from research_logbook.logbook.vocabulary import is_claim


def entry(body: str, heading: str = "2026-05-25 - KT-001 a") -> Entry:
    """Return the one entry with this body."""
    (found,) = parsed(f"# T\n\n## Log\n\n### {heading}\n\n{body}\n").entries
    return found


@pytest.mark.parametrize(
    "body",
    [
        "- Worker sweep: two and four workers took 214.94s and 175.93s.",
        "- Profile: 50.4% of the time went to splitting.",
        "The second seed ran in 56.0 ms at loss 2.13.",
        "- it reached 37.3 ms",
        "- Arms:\n  - A: median 22.769 ms",
        "**Arm A.** The median was 22.769 ms.",
        "1. loss fell to 2.13",
        "| a | loss |\n|---|---|\n| x | 2.13 |",
        "State of the art: loss 0.0001 after tuning.",
        "- Conclusion: 1.4x faster.",
    ],
)
def test_figures_anywhere_make_an_experiment_of_an_entry_that_was_set_up(body: str) -> None:
    """An entry with an ID, a hypothesis or a configuration has a result, in whatever form."""
    for found in (entry(body), entry(f"- Hypothesis: it helps.\n\n{body}", "2026-05-25 - a")):
        assert (found.kind, found.is_measured) == (EntryKind.EXPERIMENT, True)


@pytest.mark.parametrize(
    "body",
    [
        "- Config: 16 shards, lr 3e-4, dropout 0.1.",
        "- Hypothesis: it takes less than 2.5 s.",
        "- Next action: reach loss 2.1.",
        "- Change: the timeout is 30 s now.",
        "- Baseline: 2.31 at step 400.",
        "- Expected result: 5 % less.",
        "- Success threshold: 1.4x.",
        "The target is a loss of 2.1.",
        "We should see 5 % less.",
        "The baseline was at 2.31.",
        "#12 reported 2.31.",
        "Raised the timeout from 30 s to 60 s.",
        "The loader was fixed; all 16 tests passed.",
        "- Tests: 54 passed.",
        "- Hardware: 8 chips with 80 GB each.",
        "#### Plan\n\nIt takes 2.5 s.",
        "```\nloss 2.31\n```",
        "`pack=1` is set on every component.",
        "torch 2.5.1 is installed.",
        "It ran with AF=5.",
    ],
)
def test_figures_that_nobody_measured(body: str) -> None:
    """What is planned, set, known from elsewhere, or counted is no result."""
    assert not entry(body).is_measured


@pytest.mark.parametrize("code", ["`pack=1`", "`pack = 1`", "`n_layers: 12`", "`world.size==8`"])
def test_a_name_with_a_whole_number_in_code_is_configuration(code: str) -> None:
    """A bug fix that is described measures nothing."""
    fix = entry(f"- Result: all arms stopped before compilation.\n- Validation: each has {code}.", "2026-05-25 - a")
    assert (fix.kind, fix.is_measured) == (EntryKind.NOTE, False)


@pytest.mark.parametrize("value", ["loss=3", "`loss=2.31`", "`pack=1` at loss 2.31", "accuracy: 81"])
def test_a_result_beside_a_setting_is_measured(value: str) -> None:
    """Only code that gives a name a whole number is configuration."""
    assert entry(f"- Result: {value}").is_measured


def test_figures_beside_the_link_of_a_run_make_an_experiment() -> None:
    """Who links the run has run something."""
    body = "[the run](https://wandb.ai/lab/kt/runs/abc)\n\n- throughput reached 189.6k tok/s"
    assert entry(body, "2026-05-25 - a").is_measured
    assert not entry(body.replace("wandb.ai", "example.com"), "2026-05-25 - a").is_measured


def test_the_figures_of_a_plan_are_none_of_its_own() -> None:
    """An entry whose heading ends by saying that it plans has no result until a field says so."""
    table = "| a | loss |\n|---|---|\n| x | 2.13 |"
    assert entry(table, "2026-05-25 - KT-001 experiment plan").kind is EntryKind.NOTE
    assert entry(table, "2026-05-25 - KT-001 planned sweep").is_measured
    assert entry("- Result: loss 2.13", "2026-05-25 - KT-001 plan").is_measured


@pytest.mark.parametrize("value", ["No command was submitted.", "no cluster job", "Not submitted", "nothing was run"])
def test_a_command_that_says_that_nothing_ran_is_none(value: str) -> None:
    """What was not run makes no experiment."""
    assert entry(f"- Command: {value}", "2026-05-25 - a").kind is EntryKind.NOTE
    assert entry(f"- Command: `make`, {value}", "2026-05-25 - a").kind is EntryKind.EXPERIMENT


def test_a_note_shows_what_it_claims() -> None:
    """Without an ID, a hypothesis or a configuration an entry stays a note, and its claims can be seen."""
    note = entry("Two days of reading.\n\nState of the art: loss 0.0001 after tuning.", "2026-05-25 - a")
    assert (note.kind, note.is_measured) == (EntryKind.NOTE, False)
    assert [(claim.span.line, claim.text) for claim in note.claims] == [
        (9, "State of the art: loss 0.0001 after tuning.")
    ]


def test_a_log_shows_what_it_claims_outside_of_entries() -> None:
    """What is written without any structure can be seen too, in the log and nowhere else."""
    claim = "State of the art: loss 0.0001 after tuning."
    log = f"## Log\n\n{claim}\n\n### Best so far\n\n- {claim}\n\n### 2026-05-25 a\n\n{claim}\n"
    text = f"# T\n\n## Scope\n\n{claim}\n\n{log}"
    assert [found.span.line for found in parsed(f"{text}\n## Notes\n\n{claim}\n").claims] == [9, 13]
    assert parsed("# T\n\n## Log\n\n### Next steps\n\nReach 2.13 s.\n\n### Plan\n\nIt takes 2.5 s.\n").claims == ()


@pytest.mark.parametrize("text", ["loss " * 20_000 + "2.31", "2.31 " * 50_000, "a: " * 50_000, "8 tokens " * 30_000])
def test_long_text_is_read_in_bounded_time(text: str) -> None:
    """A sentence of any length is read once."""
    is_claim(text)


@pytest.mark.parametrize(
    "body",
    [
        "- Three updates took 0.880 and 0.840 seconds.\n- 88.9% of the tokens were dropped.",
        "The blend reached 1.5077 on the second seed. It took 29.6 ms.",
        "**Results:**\n\n| Rank | Agent | Elo |\n|---|---|---|\n| 1 | search | 1070 |\n| 2 | greedy | 1000 |",
        "#### Results with correction\n\n| Agent | Wins |\n|---|---|\n| search | 12 |\n| greedy | 3 |",
    ],
)
def test_an_entry_whose_sentences_or_results_hold_figures_is_an_experiment(body: str) -> None:
    """It is not held to fields of its own for it: only what has a command, a job or a measured result is."""
    found = entry(body, "2026-05-25 - a")
    assert (found.kind, found.is_run) == (EntryKind.EXPERIMENT, False)


@pytest.mark.parametrize(
    "body",
    [
        "- Exercises 2.1–2.6 are done.\n- 2.1: look at the heads.\n- Section 3.2 is next.",
        "The stack is ROCm 7.2 with triton 3.7.0. It needs PyTorch 2.11.",
        "**Files:**\n\n| File | Lines |\n|---|---|\n| a.py | 12 |\n| b.py | 3 |",
        "Fixed the cap at 0.5 and patched the loop, which took 0.3 s before.",
        "One page loads in 0.9 s.",
    ],
)
def test_an_aside_or_a_number_of_a_chapter_or_version_makes_no_experiment(body: str) -> None:
    """Neither does a described fix, nor a table of something else."""
    assert entry(body, "2026-05-25 - a").kind is EntryKind.NOTE


@pytest.mark.parametrize("name", ["Exact run", "Evaluation", "Second probe", "Smoke test"])
def test_a_field_that_holds_a_command_is_the_command(name: str) -> None:
    """What it is called says when it was run."""
    found = entry(f"- {name}: `uv run python -m pack.run --root /data`, then a look at it.\n- Loss: 2.31")
    assert [item.key for item in found.fields if item.name == name] == ["command"]
    assert found.is_run
    code = entry(f"- {name}: `pack_run_3` is under way.")
    assert [item.key for item in code.fields if item.name == name] != ["command"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("**Next.** Run the second seed.", "next-action"),
        ("- **Result.** Loss 2.13.", "result"),
        ("#### Key finding: the loss follows the width\n\nAt every width.", "result"),
        ("#### Interpretation: it regularizes", "interpretation"),
        ("- What I will do next: run it again.", "next-action"),
        ("- What this changes about my thinking: measure first.", "interpretation"),
    ],
)
def test_fields_in_other_forms(text: str, key: str) -> None:
    """A name may end with a stop in bold, or begin a heading."""
    assert [item.key for item in entry(text).fields] == [key]


def test_bold_words_that_end_with_a_stop_are_no_field() -> None:
    """Only names of fields are."""
    assert not entry("**It worked.** The loss fell.").fields
    assert not entry("#### Loss: what it means for us\n\nx").fields
