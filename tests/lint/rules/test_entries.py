"""Edge cases of the rules about entries and their IDs; the rules' pages hold the plain ones."""

import datetime as dt

import pytest

from book import PATH, parsed, written
from lint.judging import hits, said, shown
from research_logbook.config.schema import Config
from research_logbook.lint.rules.entries import (
    command_not_in_tree,
    entry_out_of_order,
    entry_without_id,
    foreign_id,
    future_entry,
    impossible_date,
    incomplete_entry,
    inexact_command,
    job_without_command,
    pasted_output,
    repeated_entry,
    result_without_command,
    result_without_commit,
    reused_id,
    shared_prefix,
    stale_pending_commit,
    stale_pending_result,
    uncommitted_changes,
    undated_entry,
    unknown_confidence,
    unsourced_figure,
)

NOTE = "### 2026-05-25 - MOE-HC-001 first seed\n\n"
"""The heading of an entry to write below."""


@pytest.mark.parametrize(("length", "shown_length"), [(60, 60), (61, 60)])
def test_the_heading_of_an_undated_entry_is_quoted_in_part(length: int, shown_length: int) -> None:
    """Sixty characters of it tell which entry is meant."""
    (message,) = said(undated_entry, f"### {'x' * length}\n\n- Hypothesis: none.\n- Result: TBD.\n")
    assert message == f"the entry “{'x' * shown_length}” has no date"


@pytest.mark.parametrize(
    ("heading", "count"),
    [
        ("2026-02-28 - MOE-HC-001 x", 0),
        ("2026-02-29 - MOE-HC-001 x", 1),
        ("2024-02-29 - MOE-HC-001 x", 0),
        ("2026-05-25 23:59 - MOE-HC-001 x", 0),
        ("2026-05-25 24:30 - MOE-HC-001 x", 1),
        ("MOE-HC-001 x", 0),
    ],
)
def test_impossible_date(heading: str, count: int) -> None:
    """A day that no calendar has and an hour that no clock has are impossible; no date at all is another rule's."""
    assert len(hits(impossible_date, f"### {heading}\n\n- Result: loss 2.1\n- Command: `make`\n")) == count


@pytest.mark.parametrize(("day", "count"), [("2026-07-01", 0), ("2026-07-02", 0), ("2026-07-03", 1), ("2027-13-01", 0)])
def test_future_entry(day: str, count: int) -> None:
    """The clock says 1 July: tomorrow may be today elsewhere, the day after may not."""
    assert len(hits(future_entry, f"E1@{day} command")) == count


@pytest.mark.parametrize(
    "text",
    [
        "E1 command result",
        "E1 job result",
        "E1 run result",
        "E1 result 'Ran train.py.'",
        "E1 result 'See https://wandb.ai/lab/x/runs/7.'",
        "E1 result '[curves](https://wandb.example.org/x)'",
        "E1 result '/ana/moe-hc-seed-0'",
        "E1 result 'The run ID is 7.'",
        "E1 result 'python -m train'",
        "E1 result '> python -m train'",
        f"{NOTE}- Result: loss 2.2\n\n```sh\n./train\n```\n",
        f"{NOTE}- Root: `x`\n- Result: loss 2.2\n",
        f"{NOTE}- Result: loss 2.2\n\n```yaml\n- python -m train\n```\n",
        f"{NOTE}| run | loss |\n|---|---|\n| a | 2.214 |\n",
        "E1 command; E1 result",
        "E1 result; E1 command",
        "E1 job; E2 job result",
        "E1 'We talked about it.'",
        "E1 pending",
        "E1 failure",
    ],
)
def test_a_result_that_says_what_was_run(text: str) -> None:
    """A command, job, run, script or shell line in any form will do, here or in another entry of the ID or job."""
    assert said(result_without_command, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "E1 result",
        "E1 command=pending result",
        "E1 result; E2 command",
        "E1 result 'It went well.'",
        "E1 result 'See https://example.org/curves.'",
        "E1 result 'loss 2.2, see run.log'",
        "E1 result 'loss 2.2, see docs/a/seed-one.md'",
        "E1 result 'loss 2.2, see /tmp/ana/seed-one.txt'",
        f"{NOTE}| seed | loss |\n|---|---|\n| a | 2.214 |\n",
        f"{NOTE}- Result: loss 2.2\n\n```json\n1\n```\n",
    ],
)
def test_a_result_that_does_not_say_what_was_run(text: str) -> None:
    """A pending command and another experiment's command say nothing."""
    assert said(result_without_command, text) == [
        "entry MOE-HC-001 has a measured result but does not say what was run"
    ]


def test_a_result_without_command_is_shown_at_the_result() -> None:
    """The finding is on the line of the result, or on the heading where no field holds the number."""
    assert shown(result_without_command, "E1 config result") == ["- Result: loss 2.214 after 400 steps."]
    table = f"{NOTE}| seed | loss |\n|---|---|\n| a | 2.214 |\n"
    assert shown(result_without_command, table) == [NOTE.strip()]
    (hit,) = hits(result_without_command, table)
    assert hit.where.subject == "entry 2026-05-25 - MOE-HC-001 first seed"


@pytest.mark.parametrize(
    ("claim", "is_found"),
    [
        ("State of the art: loss 0.0001 after tuning.", True),
        ("We reached an accuracy of 91.3% on the full set.", True),
        ("Throughput is now 189.6k tok/s.", True),
        ("- The speed-up was 1.8x.", True),
        ("**Loss 2.214** after tuning.", True),
        ("Loss 0.0001 after tuning, by MOE-HC-004.", False),
        ("Loss 0.0001 after tuning (`python -m train --seed 0`).", False),
        ("Loss 0.0001 after tuning, see [the curves](https://example.org/x).", False),
        ("The target is loss 2.1 at step 400.", False),
        ("We expect an accuracy of 91.3%.", False),
        ("Stop when the loss is 2.5 again.", False),
        ("The paper has a perplexity of 12.4.", False),
        ("The loss fell.", False),
        ("Learning rate 0.001, width 512.", False),
        ("We met for 1.5 hours.", False),
    ],
)
def test_unsourced_figure(claim: str, is_found: bool) -> None:
    """A figure is claimed by a note or by the log itself; a target, an expectation and one with its source are not."""
    note = "### 2026-05-25 - a word\n\n"
    for text in (
        f"{note}{claim}\n",
        f"# MoE\n\nExperiment ID prefix: MOE-HC\n\n## Entry Log\n\n{claim}\n\n{note}Text.\n",
    ):
        assert len(hits(unsourced_figure, text)) == is_found
        assert shown(unsourced_figure, text) == [claim] * is_found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Run `sweep_v1_2314` gives the loss.", 0),
        ("Built `targets_v1_9c0cdda9` for it.", 0),
        ("Run it again in May.", 1),
        ("From `E9-evolve__20260718-022622__diagnostics`.", 0),
        ("See `loss_20260718-022622.png`.", 1),
        ("From 20260718-022622 on.", 1),
    ],
)
def test_a_run_may_be_named_in_a_sentence(text: str, count: int) -> None:
    """Its name has a number, or ends in a hash."""
    assert len(hits(result_without_command, f"{NOTE}- Result: loss 2.31\n\n{text}\n")) == count


def test_an_experiment_is_held_to_more_than_a_note() -> None:
    """Its result needs a command of its own; outside of the log the word is free."""
    assert said(unsourced_figure, "E1 result") == []
    assert said(unsourced_figure, "# MoE\n\nLoss 2.2 after tuning.\n\n## Entry Log\n\nNothing yet.\n") == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("E1 job", ["- Job: `/ana/moe-hc-seed-0`"]),
        ("E1 config run", ["- W&B run: moe-hc-seed-0"]),
        ("E1 command job", []),
        ("E1 command; E1 job", []),
        ("E1 command=pending job", ["- Job: `/ana/moe-hc-seed-0`"]),
        ("E1 command job; E2 job", []),
        ("E1 result", []),
        (f"{NOTE}- Run: `cd app && uvicorn main:app --port 8000`\n", []),
    ],
)
def test_job_without_command(text: str, lines: list[str]) -> None:
    """A job is pointed at unless its entry, or another one of its ID or job, has the command."""
    assert shown(job_without_command, text) == lines


RESULT, INTERPRETATION, NEXT = "`- Result: …`", "`- Interpretation: …`", "`- Next action: …`"


@pytest.mark.parametrize(
    ("result", "more", "is_bare"),
    [
        ("done", "", True),
        ("Done.", "", True),
        ("✅ ok", "", True),
        ("**Finished!**", "", True),
        ("done, the loss fell", "", False),
        ("finished without a difference", "", False),
        ("diverged", "", False),
        ("succeeded", "", False),
        ("done", "- Conclusion: the loss got worse.\n", False),
        ("done", "- Loss: 2.214\n", False),
        ("done", "- Run: [run](https://wandb.ai/lab/moe/runs/1a2b)\n", False),
        ("done", "| seed | loss |\n| --- | --- |\n| 1 | 2.2 |\n", False),
    ],
)
def test_that_a_command_ended_is_no_result(result: str, more: str, is_bare: bool) -> None:
    """“Done” says nothing of what came out, unless the entry shows or links it."""
    fields = f"- Command: `python -m train`\n- Result: {result}\n- Interpretation: as expected.\n- Next action: none.\n"
    found = [hit.message for hit in hits(incomplete_entry, f"{ENTRY.format('first seed')}{fields}{more}")]
    assert (len(found), all("of what came out" in one for one in found)) == (int(is_bare), True)


def test_that_something_was_done_without_a_command_is_nobodys_business() -> None:
    """A note of housekeeping has no output that could be shown."""
    text = "- Result: done\n- Interpretation: as expected.\n- Next action: none.\n"
    assert said(incomplete_entry, f"### 2026-05-25 - MOE-HC-001 move the data\n\n{text}") == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("E1 command result interpretation next", []),
        ("E1 command", [RESULT, NEXT]),
        ("E1 command next", [RESULT]),
        ("E1 command pending", [NEXT]),
        ("E1 command failure", [INTERPRETATION, NEXT]),
        ("E1 command failure next", [INTERPRETATION]),
        ("E1 command pending failure next", [INTERPRETATION]),
        ("E1 command result interpretation", [NEXT]),
        ("E1 command next 'It diverged.'", []),
        ("E1 command next 'The loss was 2.214.'", []),
        (f"{NOTE}- Command: `make`\n- Next action: none.\n\n| seed | state |\n|---|---|\n| 1 | fine |\n", []),
        (f"{NOTE}- Command: `make`\n- Result: fine.\n- Conclusion: it is.\n- Next action: none.\n", []),
        (f"{NOTE}- Command: `make`\n- Result: fine.\n- Decision: go on.\n- Next action: none.\n", []),
        ("E1 'We talked about it.'", []),
    ],
)
def test_incomplete_entry(text: str, missing: list[str]) -> None:
    """Nothing is to be interpreted before there is a result, which a table, a number or an outcome in words can be."""
    none = "; `none` is a valid next action" if NEXT in missing else ""
    assert [hit.help for hit in hits(incomplete_entry, text)] == [f"add {' and '.join(missing)}{none}"] * bool(missing)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("- Command: `python -m train … --seed 0`", "- Command: `python -m train … --seed 0`"),
        ("- Command:\n\n  ```sh\n  make a\n  make ...\n  make c\n  ```", "  make ..."),
        ("- Command: `make a\n  make ...`", "  make ...`"),
        ("```sh\nmake a\nmake b ...\nmake c ...\n```", "make b ..."),
        ("```sh\nmake ...\n```", "make ..."),
        ("It takes long ... then\n\n```sh\nmake ...\n```", "make ..."),
    ],
)
def test_an_abbreviated_command_is_shown(command: str, line: str) -> None:
    """The finding is on the first line with dots, in a field and in a block of code."""
    assert shown(inexact_command, f"{NOTE}{command}\n") == [line]


def test_an_abbreviated_command_is_named_in_part() -> None:
    """Two hundred characters of a command tell it from others."""
    for length, kept in ((200, 200), (201, 200)):
        command = "make ... ".ljust(length, "x")
        (hit,) = hits(inexact_command, f"E1 command='`{command}`'")
        assert hit.where.subject == f"entry 2026-05-25 - MOE-HC-001 seed run {command[:kept]}"


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("as above, with seed 1", "refers to another one: “as above, with seed 1”"),
        ("same as above", "refers to another one: “same as above”"),
        ("the same command with seed 2", "refers to another one: “the same command with seed 2”"),
        ("as MOE-HC-007, with `--lr 2`", "refers to another one: “as MOE-HC-007, with --lr 2”"),
        ("same as in run MOE-HC-007 with `--lr`", "refers to another one: “same as in run MOE-HC-007 with --lr”"),
        ("rerun of `EXP-7`, seed 2", "refers to another one: “rerun of EXP-7, seed 2”"),
        ("see above", "refers to another one: “see above”"),
        ("ditto", "refers to another one: “ditto”"),
        ("`claude -p <prompt>`", "has the placeholder “<prompt>”"),
        ('`claude -p "<scoped review prompt>"`', "has the placeholder “<scoped review prompt>”"),
        ("`python -m train --init /path/to/checkpoint`", "has the placeholder “/path/to/checkpoint”"),
        ("`python -m train --seed {{seed}}`", "has the placeholder “{{seed}}”"),
        ("`the exact command line`", "is told in prose: “the exact command line”"),
        ("trained it with the usual settings", "is told in prose: “trained it with the usual settings”"),
        (
            "local integration tests, then one smoke run.",
            "is told in prose: “local integration tests, then one smoke run.”",
        ),
    ],
)
def test_a_command_that_cannot_be_run_as_it_stands(command: str, fault: str) -> None:
    """It refers to another, has a placeholder, or tells in words what was done."""
    assert said(inexact_command, f"{NOTE}- Command: {command}\n") == [f"the command in entry MOE-HC-001 {fault}"]


@pytest.mark.parametrize(
    "command",
    [
        "`WANDB_API_KEY=<redacted> python -m train`",
        "`curl -H <api-key> https://example.org`",
        "`python a.py <in.txt >out.txt`",
        "`python -m generate --stop '<eos>'`",
        "`grep '<title>a</title>' page.html`",
        "`python - <<EOF`",
        "`ssh <user>@host make`",
        "`make` in the notebook, as above",
        "`./train` with the settings of the config",
        "python -m train --seed 0",
        "wiggle --seed 0",
        "train.py on the full set",
        "make",
        "none, the runs were those of MOE-HC-001",
        "n/a",
        "No Iris command was submitted.",
        "pending launch",
        "launch commands pending review",
        "searches and a code inventory; no GPU command run yet",
        "the first of two arms:\n\n  ```sh\n  make a\n  ```",
    ],
)
def test_a_command_that_can_be_run_as_it_stands(command: str) -> None:
    """Secrets are left out, redirections and markup are code, and where nothing ran there is no command."""
    assert said(inexact_command, f"{NOTE}- Command: {command}\n") == []


def test_only_a_field_that_is_named_a_command_is_prose_in_place_of_one() -> None:
    """A launch may be told; what was launched, and how, stands elsewhere."""
    assert said(inexact_command, f"{NOTE}- Launch: relaunched by hand after the outage\n") == []


@pytest.mark.parametrize("command", ["`make a...b`", "`make x/...`", "pending ..."])
def test_a_command_that_is_not_abbreviated(command: str) -> None:
    """Dots inside a word are part of it, and a pending command is not there yet."""
    assert said(inexact_command, f"E1 command='{command}'") == []


SCRIPT = "E1 command='python run/train.py'"


def test_a_missing_script_is_named_with_its_tree() -> None:
    """The commit that the entry records is asked, else the judged version of the repository."""
    assert said(command_not_in_tree, SCRIPT, files=()) == [
        "entry MOE-HC-001 runs `run/train.py`, which is not in the repository"
    ]
    assert said(command_not_in_tree, f"{SCRIPT} commit", files=()) == [
        "entry MOE-HC-001 runs `run/train.py`, which is not in commit 1691d0a9af"
    ]


def test_a_script_is_looked_for_in_its_own_tree() -> None:
    """A script that another tree lacks is not missing, and outside a repository nothing is."""
    elsewhere = {"missing": frozenset({("aaaaaaa", "run/train.py")})}
    assert said(command_not_in_tree, SCRIPT, facts=elsewhere) == []
    assert len(hits(command_not_in_tree, SCRIPT, tree="aaaaaaa", facts=elsewhere)) == 1
    assert said(command_not_in_tree, SCRIPT, facts={"missing": None}) == []


def test_the_path_of_a_missing_script_is_cut() -> None:
    """A message holds 120 characters of a path."""
    for length, kept in ((120, 120), (121, 120)):
        path = "run/" + "x" * (length - 7) + ".py"
        (message,) = said(command_not_in_tree, f"E1 command='python {path}'", files=())
        assert f"runs `{path[:kept]}`," in message


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("E1 command result", 1),
        ("E1 command result commit", 0),
        ("E1 command result; E1 commit", 0),
        ("E1 command result; E2 commit", 1),
        ("E1 command result 'Code: 1691d0a.'", 0),
        ("E1 command result 'Code: 1691d0.'", 1),
        ("E1 command result 'Code: 1691000.'", 1),
        ("E1 command result 'Code: abcdefa.'", 1),
        ("E1 command result 'See https://github.com/lab/models/commit/1691000.'", 0),
        ("E1 command result '[code](https://github.com/lab/models/commit/main)'", 0),
        ("E1 command failure", 0),
        ("E1 command result '(git `gb15c3c1`)'", 0),
        ("E1 command result '(git g9894167)'", 0),
        ("E1 command result '(git gabbed)'", 1),
        (f"{NOTE}- Command: `make`\n- Result: the run with N=10,000 follows the curve.\n", 0),
        (f"{NOTE}- Command: `make`\n- Result: the run has WIN=10,000.\n", 1),
        ("E1 'We talked about it.'", 0),
        ("E1 command commit; E2 command='`make`, as in MOE-HC-001' result", 0),
        ("E1 command commit; E2 command='`make`, as in MOE-HC-003' result", 1),
        ("E1 command; E2 command='`make`, as in MOE-HC-001' result", 1),
        (f"{NOTE}- Command: `make`\n- Result: 19 tests passed with `router_z_loss_coef=0.004`.\n", 0),
        (f"{NOTE}- Command: `make`\n- Result: `pack=1, lr=0.02` works.\n", 0),
        (f"{NOTE}- Command: `make`\n- Result: `loss=2.31`, as expected.\n", 1),
    ],
)
def test_result_without_commit(text: str, count: int) -> None:
    """A hash has seven digits and letters in it, unless a link says that it is a commit."""
    assert len(hits(result_without_commit, text)) == count


@pytest.mark.parametrize(
    ("log", "messages"),
    [
        ("1@25 2@25 3@26", []),
        ("1@25 2@27 3@26", ["entry MOE-HC-003 (2026-05-26) is older than the one above it (MOE-HC-002, 2026-05-27)"]),
        ("4@28 3@27 2@27 1@26", []),
        (
            "4@28 3@26 2@27 1@25",
            ["entry MOE-HC-002 (2026-05-27) is newer than the one above it (MOE-HC-003, 2026-05-26)"],
        ),
        ("1@25 2@32 3@26", []),
        ("1@25 2@25", []),
        ("1@26 2@25", ["entry MOE-HC-002 (2026-05-25) is older than the one above it (MOE-HC-001, 2026-05-26)"]),
        ("2@26 1@25", []),
        ("-@26 -@25", []),
        ("1@26 -@25", []),
        ("1@28 3@27 2@26", []),
    ],
)
def test_entry_out_of_order(log: str, messages: list[str]) -> None:
    """Days are compared in the direction in which the log grows, which IDs without a gap in order tell above all."""
    text = "; ".join(f"E{number}@2026-05-{day}" for number, day in (item.split("@") for item in log.split()))
    assert said(entry_out_of_order, text) == messages


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("E1 failure; E1 failure; E1 failure", [7, 7]),
        ("E1 'It  diverged.'; E1 'It diverged.'", [7]),
        ("E1 failure; E2@2026-05-25 failure", []),
        ("E1 failure; E1 result", []),
    ],
)
def test_repeated_entry(text: str, lines: list[int]) -> None:
    """Every copy after the first is one; white space makes no difference, a word in heading or text does."""
    first = written(text).split("\n").index("### 2026-05-25 - MOE-HC-001 seed run") + 1
    assert said(repeated_entry, text) == [f"this entry duplicates the one on line {first}" for _ in lines]


@pytest.mark.parametrize(
    ("text", "days", "count"),
    [
        ("E1@2026-06-16 command pending", 14, 1),
        ("E1@2026-06-17 command pending", 14, 0),
        ("E1@2026-06-16 command pending", 15, 0),
        ("E1@2026-06-16 command pending; E1@2026-06-20 result", 14, 0),
        ("E1@2026-06-16 command pending; E1@2026-06-15 result", 14, 1),
        ("E1@2026-06-16 command pending; E2@2026-06-20 result", 14, 1),
        ("E1@2026-06-16 command pending result", 14, 0),
        ("E1@2026-06-32 command pending", 14, 0),
        ("E1@2026-06-16 command", 14, 0),
    ],
)
def test_stale_pending_result(text: str, days: int, count: int) -> None:
    """The clock says 1 July; an answer is a later entry with the same ID and a result."""
    assert len(hits(stale_pending_result, text, configuration=Config(pending_days=days))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("E1@2026-06-16 commit=pending command failure", 1),
        ("E1@2026-06-16 commit=Pending. command result", 1),
        ("E1@2026-06-16 commit=TBD command failure", 1),
        ("E1@2026-06-16 commit='pending the merge' command failure", 1),
        ("E1@2026-06-17 commit=pending command failure", 0),
        ("E1@2026-06-16 commit=pending command pending", 0),
        ("E1@2026-06-16 commit=pending commit command failure", 0),
        ("E1@2026-06-16 commit=pending command failure; E1@2026-06-20 commit failure", 0),
        ("E1@2026-06-16 commit=pending command failure; E2@2026-06-20 commit failure", 1),
        ("E1@2026-06-16 commit command failure", 0),
        ("E1@2026-06-16 command failure", 0),
        ("E1@2026-06-16 commit='none, nothing ran' command failure", 0),
    ],
)
def test_stale_pending_commit(text: str, count: int) -> None:
    """It is stale as a result is; while the result is pending too, that is what is waited for."""
    found = said(stale_pending_commit, text)
    assert found == ["the commit of entry MOE-HC-001 has been pending since 2026-06-16"] * count


@pytest.mark.parametrize(
    ("commit", "words"),
    [
        ("`1691d0a9afbf` plus uncommitted changes", "uncommitted"),
        ("`1691d0a9afbf` (dirty)", "dirty"),
        ("`1691d0a9afbf-dirty`", "dirty"),
        ("`1691d0a9afbf` + local changes to the loader", "local changes"),
        ("uncommitted worktree", "Uncommitted"),
        ("not committed yet", "not committed"),
        ("`1691d0a9afbf`, with unstaged edits", "unstaged"),
        ("`1691d0a9afbf`, working tree changes in `a.py`", "working tree changes"),
        ("`1691d0a9afbf`", None),
        ("`1691d0a9afbf`, no uncommitted changes", None),
        ("`1691d0a9afbf` (clean)", None),
        ("`1691d0a9afbf`, not dirty", None),
        ("`1691d0a9afbf`, dirty: no", None),
        ("`1691d0a9afbf` without local changes", None),
        ("`1691d0a9afbf` plus uncommitted changes, the patch is in the artefact", None),
        ("`1691d0a9afbf` plus uncommitted changes in `s3://lab/a.diff`", None),
        ("`1691d0a9afbf`; the uncommitted loader is now on the branch", None),
    ],
)
def test_uncommitted_changes(commit: str, words: str | None) -> None:
    """What no commit holds cannot be run again, unless a patch does or it was committed since."""
    text = f"{NOTE}- Commit Hash: {commit}\n- Command: `make`\n- Result: loss 2.2\n"
    found = [message.casefold() for message in said(uncommitted_changes, text)]
    assert found == ([f"entry moe-hc-001 ran code that no commit holds: “{words.casefold()}”"] if words else [])
    assert said(result_without_commit, text) == []


@pytest.mark.parametrize(
    ("result", "count"),
    [
        ("loss 2.2", 1),
        ("passed.", 1),
        ("diverged at 2.2 s", 1),
        ("the job died before the first step.", 0),
        ("all jobs crashed.", 0),
        ("failed to start.", 0),
        ("pending", 0),
    ],
)
def test_a_failure_of_uncommitted_code_is_no_evidence(result: str, count: int) -> None:
    """It is on record as it is; nobody builds on it."""
    text = f"{NOTE}- Commit: uncommitted, on `1691d0a9afbf`\n- Command: `make`\n- Result: {result}\n"
    assert len(hits(uncommitted_changes, text)) == count


@pytest.mark.parametrize(("lines", "count"), [(80, 0), (81, 1)])
def test_pasted_output(lines: int, count: int) -> None:
    """Eighty lines are not too many, fenced or indented."""
    fenced = "```\n" + "x\n" * lines + "```\n"
    indented = "Text.\n\n" + "    x\n" * lines
    assert len(hits(pasted_output, NOTE + fenced)) == count
    assert len(hits(pasted_output, NOTE + indented)) == count


def test_pasted_output_is_named_by_its_start() -> None:
    """A hundred and twenty characters tell one block from another."""
    (hit,) = hits(pasted_output, f"{NOTE}```\n{'y' * 130}\n" + "x\n" * 81 + "```\n")
    assert hit.where.subject.endswith(" code " + "y" * 120)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Stable.", ""),
        ("it is replicated now", ""),
        ("pending", ""),
        ("unstable", "unstable"),
        ("high", "high"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 60),
    ],
)
def test_unknown_confidence(text: str, quoted: str) -> None:
    """One of the three words is enough, in any case; sixty characters of another one are quoted."""
    expected = [f"the confidence “{quoted}” is not one of the three labels"] if quoted else []
    assert said(unknown_confidence, f"E1 confidence='{text}'") == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("prefix=MOE-HC; E- command", 1),
        ("prefix=MOE-HC; E1 command", 0),
        ("prefix=MOE-HC; E- 'We talked about it.'", 0),
        ("E- command; E1 command; E2 command", 0),
    ],
)
def test_entry_without_id(text: str, count: int) -> None:
    """Only an experiment needs an ID, and only in a logbook that declares a prefix."""
    assert len(hits(entry_without_id, text)) == count


@pytest.mark.parametrize(
    ("prefix", "heading", "messages"),
    [
        ("MOE-HC", "MOE-HC-001 x", []),
        ("MOE-HC", "MOE-HC-PERF-001 x", []),
        ("MOE-HC", "MOE-HCX-001 x", ["ID MOE-HCX-001 does not use this logbook's prefix MOE-HC"]),
        ("MOE-HC", "MOE-HC-001 after SPA-AT-001", []),
        ("MOE-HC", "MOE-HC-001, SPA-AT-001 x", []),
        ("MOE-HC", "SPA-AT-001 after MOE-HC-001", ["ID SPA-AT-001 does not use this logbook's prefix MOE-HC"]),
        ("", "SPA-AT-001 x", []),
    ],
)
def test_foreign_id(prefix: str, heading: str, messages: list[str]) -> None:
    """The first ID of a heading counts, and a longer prefix that starts with the declared one is fine."""
    fact = f"- Experiment ID prefix: {prefix}\n\n" if prefix else ""
    assert said(foreign_id, f"# MoE\n\n{fact}## Entry Log\n\n### 2026-05-25 - {heading}\n\nText.\n") == messages


def twins(first: str, second: str, heading: str = "MOE-HC-002 twice the width") -> str:
    """Return a log of two entries, the first of which is MOE-HC-002."""
    log = f"### 2026-05-25 - MOE-HC-002 seed 2\n\n{first}\n### 2026-05-26 - {heading}\n\n{second}"
    return f"# MoE\n\n## Entry Log\n\n{log}"


SEED, WIDTH, LOSS = (
    "- Command: `python -m train --seed 2`\n",
    "- Command: `python -m train --width 9`\n",
    "- Result: loss 2.3.\n",
)


@pytest.mark.parametrize(
    ("first", "second", "how"),
    [
        (SEED + LOSS, WIDTH + LOSS, "ran another command"),
        (SEED + LOSS + "- Commit: 1691d0a9\n", SEED + LOSS + "- Commit: 77c1f6e2\n", "ran from another commit"),
    ],
)
def test_two_experiments_under_one_id_are_a_reused_id(first: str, second: str, how: str) -> None:
    """The later one is to blame, in whichever order the log grows."""
    message = f"MOE-HC-002 already names the entry “seed 2”, which {how}"
    assert said(reused_id, twins(first, second)) == [message]


@pytest.mark.parametrize(
    ("first", "second", "heading"),
    [
        (SEED + LOSS, WIDTH + LOSS, "MOE-HC-003 twice the width"),
        (SEED + LOSS, WIDTH + LOSS, "MOE-HC-002b twice the width"),
        (SEED + LOSS, WIDTH + LOSS, "MOE-HC-002 rerun with twice the width"),
        (SEED + LOSS, WIDTH + LOSS, "MOE-HC-002: evaluation"),
        (SEED + "- Result: pending\n", WIDTH + LOSS, "MOE-HC-002 twice the width"),
        (SEED + LOSS, SEED + LOSS, "MOE-HC-002 a week later"),
        (SEED + LOSS + "- Commit: 1691d0a9\n", SEED + LOSS + "- Commit: 1691d0a9afbf\n", "MOE-HC-002 a week later"),
        (SEED + LOSS, "- Commands: Read the log, and replayed it.\n" + LOSS, "MOE-HC-002 retention"),
    ],
)
def test_an_entry_that_goes_on_with_an_experiment_reuses_no_id(first: str, second: str, heading: str) -> None:
    """A launch and its result, a rerun that says so, the same run on the same commit, and prose for a command."""
    assert said(reused_id, twins(first, second, heading)) == []


def summary(path: str, text: str) -> object:
    """Return a logbook in short."""
    return parsed(written(text), f".agents/logbooks/{path}.md").brief


@pytest.mark.parametrize(
    ("others", "count"),
    [
        ({"a": "prefix=MOE-HC"}, 1),
        ({"a": "prefix=MOE-HC", "b": "prefix=MOE-HC"}, 1),
        ({"a": "prefix=SPA-AT"}, 0),
        ({"a": ""}, 0),
        ({"a": "prefix=MOE-HC parent=moe-hill-climb.md"}, 0),
        ({"a": "prefix=MOE-HC parent=moe-hill-climb.md", "b": "prefix=MOE-HC"}, 1),
        ({"moe-hill-climb": "prefix=MOE-HC"}, 0),
    ],
)
def test_shared_prefix(others: dict[str, str], count: int) -> None:
    """One other logbook of the prefix is named, unless either of the two names the other."""
    known = tuple(summary(path, text) for path, text in others.items())
    assert len(hits(shared_prefix, "prefix=MOE-HC", file=PATH, facts={"others": known})) == count


def test_each_logbook_that_shares_a_prefix_is_told() -> None:
    """One finding for each judged logbook, and none for one with a prefix of its own."""
    besides = {"a.md": "prefix=MOE-HC", "b.md": "prefix=SPA-AT", "c.md": "prefix=MOE-HC"}
    found = hits(shared_prefix, "prefix=MOE-HC", file=PATH, besides=besides)
    assert [(hit.where.span.path, hit.message) for hit in found] == [
        (PATH, "a.md also uses the prefix MOE-HC"),
        ("a.md", f"{PATH} also uses the prefix MOE-HC"),
        ("c.md", f"{PATH} also uses the prefix MOE-HC"),
    ]


def test_a_logbook_without_a_prefix_shares_none() -> None:
    """No prefix is not the same prefix."""
    assert said(shared_prefix, "E- 'Text.'", file=PATH, facts={"others": (summary("a", "E- 'Text.'"),)}) == []


def test_the_clock_is_passed_in() -> None:
    """The same entry is in the future for one clock and in the past for another."""
    late = {"now": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)}
    assert len(hits(future_entry, "E1@2027-01-01")) == 1
    assert hits(future_entry, "E1@2027-01-01", facts=late) == []


ENTRY = "### 2026-05-25 - MOE-HC-001 {}\n\n- Command: `python train.py`\n"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "- Next action: halve it.",
            "- Action: halve it.",
            "- Immediate next action: choose one.",
            "- TODO: halve it.",
        ),
        "- **Next experiment A, planned, not run: less data.** If scores rise, go on.",
        *(
            "- Recommended next run: halve it.",
            "The next experiment must halve it.",
            "Remaining check: the other node.",
        ),
        *("- Decision: validate on one node first.", "- Decision: good. Continue with the old rate."),
        *("- Decision: rejected.", "We need to test each in isolation.", "No further runs are planned."),
    ],
)
def test_a_next_action_by_other_names(text: str) -> None:
    """What follows may be said as a decision, in a sentence, or under another name."""
    entry = ENTRY.format("seed") + f"- Result: loss 2.31\n- Interpretation: fine.\n\n{text}\n"
    assert said(incomplete_entry, entry) == []


@pytest.mark.parametrize(
    "text",
    [
        "**Verdict:** Freeze the old rate. Do not tune it again.",
        "**Verdict:** it holds. Begin the comparison on the same rows.",
        "- Conclusion: reverted to the old rate.",
        "- Interpretation: fine. The next clean ablations are those of the rate.",
        "The result stands. Next acquire an earlier season.",
        "Pending: the third seed, which still runs.",
        "It is not worth further work.",
        "- Decision: DISCARD, the filter does nothing.",
        "Decision:\n\nDo not run the full batch yet.",
        "#### Fix path\n\n1. Another rate.",
        "#### What's pending\n\n- The third seed.",
        "- **Caveats / next:** best of four at the same budget.",
        "If this direction continues, the target has to look further ahead.",
        "A stronger next version would need a model of the other.",
    ],
)
def test_a_verdict_that_says_what_follows(text: str) -> None:
    """What is kept, dropped or done after it is the next action."""
    entry = ENTRY.format("seed") + f"- Result: loss 2.31\n- Interpretation: fine.\n\n{text}\n"
    assert said(incomplete_entry, entry) == []


@pytest.mark.parametrize(
    "text",
    [
        "**Verdict:** It is the better one.",
        "Decision:\n\nIt is the better one.",
        "Decision:\n\nResult: run twice.",
        "The previous/next token differs: 2.",
        "The approach continues the line of others.",
        "**Interpretation:** Use of the old rate explains it.",
        "- Next-token loss: 2.2",
        "- Decision: it is the better one.",
        "- Previous next action: x",
    ],
)
def test_what_is_no_next_action(text: str) -> None:
    """A measurement, a bare judgement and what was planned before say nothing of what follows."""
    entry = ENTRY.format("seed") + f"- Result: loss 2.31\n- Interpretation: fine.\n{text}\n"
    assert said(incomplete_entry, entry) == ["entry MOE-HC-001 records no next action"]


@pytest.mark.parametrize(
    "text",
    [
        *("- Lessons learned: it is too high.", "**Key observations:** it is too high.", "- Caveat: one node."),
        *(
            "The rate is too high => halve it.",
            "**Answer on seeds:** two are too few.",
            "- **Updated belief:** the rate is too high.",
            "#### Known issues\n\nToo high.",
            "The second seed failed because the rate is too high.",
            "This suggests a rate that is too high.",
            "#### Issues found\n\nToo high.",
        ),
    ],
)
def test_an_interpretation_by_other_names(text: str) -> None:
    """A label, a sub-heading or a sentence may interpret."""
    entry = ENTRY.format("seed") + f"- Result: loss 2.31\n- Next action: none.\n\n{text}\n"
    assert said(incomplete_entry, entry) == []


@pytest.mark.parametrize("text", ["We used width 512 because the memory is small.", "It ran since noon."])
def test_what_is_no_interpretation(text: str) -> None:
    """A reason for the set-up says nothing of the result."""
    entry = ENTRY.format("seed") + f"- Result: loss 2.31\n- Next action: none.\n\n{text}\n"
    assert said(incomplete_entry, entry) == ["entry MOE-HC-001 records no interpretation"]


@pytest.mark.parametrize(
    ("label", "rest", "count"),
    [
        ("launched", "- Job: `/ana/moe`\n", 0),
        ("second seed submitted", "- Result: pending.\n", 0),
        ("kickoff", "- Status: running.\n", 0),
        ("bug: the stream stays empty", "", 0),
        ("experiment plan", "", 1),
        ("launched", "- Result: loss 2.31\n", 1),
        ("launch contract prepared", "", 1),
        ("first seed", "", 1),
    ],
)
def test_the_record_of_a_launch_is_complete(label: str, rest: str, count: int) -> None:
    """There is no result yet; what else ran has one."""
    assert len(hits(incomplete_entry, ENTRY.format(label) + rest)) == count


@pytest.mark.parametrize(
    ("label", "count"),
    [("experiment plan", 0), ("design + setup", 0), ("authorize and design", 0), ("new design of it", 1)],
)
def test_a_plan_is_complete(label: str, count: int) -> None:
    """Nothing ran, so nothing is to be said of it: its figures are targets."""
    text = f"### 2026-05-25 - MOE-HC-001 {label}\n\n| width | loss |\n|---|---|\n| 1 | 2.31 |\n"
    assert len(hits(incomplete_entry, text)) == count
