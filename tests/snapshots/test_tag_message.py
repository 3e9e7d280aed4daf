"""Claims about the message of a snapshot tag: people read it, and so do we, years later."""

from hypothesis import given, settings
from hypothesis import strategies as st

from book import parsed, written
from research_logbook.repo import Commit
from research_logbook.snapshots.candidates import SnapshotCandidate, SnapshotCommit, candidate_of
from research_logbook.snapshots.render import LONGEST, SnapshotDetails, block_in, facts_in, message, snapshot_of

COMMIT = Commit("c" * 40, "Ana <ana@lab.example>", "2026-05-25T10:00:00+00:00", "Measure")
BOOK = written("issue=#8734; E1 commit config result")
COMMANDS = """\
- Hardware: 8 x H100
- W&B run: https://wandb.ai/lab/tiles/runs/abc
- Commands:
  ```sh
  export SEED=0
  python -m train \\
  \t--width 512

  python -m eval
  ```
"""


def evidence(text: str, asked: str = "", *, is_tagged: bool = False) -> SnapshotCandidate:
    """Return what a snapshot of a logbook publishes."""
    book = parsed(text)
    found = candidate_of(SnapshotCommit(COMMIT, "", asked, is_tagged=is_tagged), {book.path: book})
    assert isinstance(found, SnapshotCandidate), found
    return found


def test_a_message_in_full() -> None:
    """Topic, issue, logbook, entry, the exact commands with their tabs, configuration, environment and W&B links."""
    assert (
        message(evidence(BOOK.rstrip() + "\n" + COMMANDS))
        == """\
MOE-HC-001: seed run

Topic: moe-hill-climb
Experiment ID: MOE-HC-001
Issue: #8734
Logbook: .agents/logbooks/moe-hill-climb.md
Entry: 2026-05-25 - MOE-HC-001 seed run
Commit Hash: 1691d0a9afbf

Commands:

    export SEED=0
    python -m train \\
    \t--width 512

    python -m eval

Configuration:

    width 512, 400 steps.

Environment:

    8 x H100

W&B:

    https://wandb.ai/lab/tiles/runs/abc
"""
    )


def test_it_is_read_back() -> None:
    """What was written is what is read: topic, ID, and the commands to the letter."""
    text = message(evidence(BOOK.rstrip() + "\n" + COMMANDS))
    tag = "snapshot/moe-hill-climb/MOE-HC-001.2"
    assert snapshot_of(tag, "c" * 40, text) == SnapshotDetails(tag, "c" * 40, "moe-hill-climb", "MOE-HC-001", text)
    assert block_in(text, "Commands") == "export SEED=0\npython -m train \\\n\t--width 512\n\npython -m eval"
    assert block_in(text, "Environment") == "8 x H100"


def test_a_tag_by_hand_is_read_by_its_name() -> None:
    """A message of somebody else's holds no facts of ours; the name tells topic and ID."""
    found = snapshot_of("snapshot/tiles/TILE-003.2", "c" * 40, "Numbers of the paper\n\nas published\n")
    assert (found.topic, found.experiment_id) == ("tiles", "TILE-003")
    assert facts_in("Numbers") == {}
    assert block_in("Numbers", "Commands") == ""


def test_the_title_names_the_entry_that_is_pinned() -> None:
    """A slug alone would not say which it is."""
    assert message(evidence(BOOK + COMMANDS, "final")).startswith("final: MOE-HC-001 seed run\n")
    assert message(evidence(BOOK + COMMANDS, "MOE-HC-001")).startswith("MOE-HC-001: seed run\n")
    assert message(evidence(written("E-@2026-06-01 command result"), "final")).startswith("final: seed run\n")


def test_a_pending_result_is_said() -> None:
    """A preregistration is told from a result."""
    assert "Result: pending, so this is a preregistration\n" in message(evidence(written("E1 command pending")))
    assert "preregistration" not in message(evidence(written("E1 command failure")))


def test_a_long_command_is_cut_with_a_word_about_it() -> None:
    """A message has a longest, and says where the rest is."""
    text = message(evidence(written(f"E1 command='echo {'x' * 30_000}' result")))
    assert len(text) < LONGEST + 1_000
    assert "… cut off here; the logbook at this commit has the rest" in text


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["Topic: x", "Commands:", "\n", "    ", "\t", "\x1b[31m", "a", "é", "\u202e"])))
def test_no_words_of_others_pass_for_ours(pieces: list[str]) -> None:
    """Whatever a command and a slug say, facts and blocks stay what they are, and no control character is in it."""
    evil = "".join(pieces)
    block = "".join(f"  {line}\n" for line in evil.splitlines())
    logbook = f"{written('E1 result').rstrip()}\n- Command:\n  ```sh\n  make\n{block}  ```\n"
    found = evidence(logbook, f"Topic: {evil}", is_tagged=True)
    text = message(found)
    assert facts_in(text)["Topic"] == "moe-hill-climb"
    assert set(facts_in(text)) == {"Topic", "Experiment ID", "Logbook", "Entry"}
    assert block_in(text, "Commands").startswith("make")
    assert not [mark for mark in text if not mark.isprintable() and mark not in "\n\t"]
