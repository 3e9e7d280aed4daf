"""Claims about experiment IDs."""

import pytest

from research_logbook.logbook.experiment_ids import before, found, leading, most_used, prefix_of

LEADING = {
    "MOE-HC-003 kickoff": (["MOE-HC-003"], "kickoff"),
    "`MOE-HC-003`: kickoff": (["MOE-HC-003"], ": kickoff"),
    "[MOE-HC-003] kickoff": (["MOE-HC-003"], "kickoff"),
    "MOE-HC-002b again": (["MOE-HC-002b"], "again"),
    "EAM-300-001 result": (["EAM-300-001"], "result"),
    "CC16-000 charter": (["CC16-000"], "charter"),
    "MOE-HC-003-seed1 run": (["MOE-HC-003"], "-seed1 run"),
    "KT-004..006 sweep": (["KT-004", "KT-005", "KT-006"], "sweep"),
    "KT-004...006 sweep": (["KT-004", "KT-005", "KT-006"], "sweep"),
    "KT-004–006 sweep": (["KT-004", "KT-005", "KT-006"], "sweep"),
    "KT-004 to 006: sweep": (["KT-004", "KT-005", "KT-006"], ": sweep"),
    "KT-004..KT-006 sweep": (["KT-004", "KT-005", "KT-006"], "sweep"),
    "KT-004 through KT-006": (["KT-004", "KT-005", "KT-006"], ""),
    "KT-004/005/006 smokes": (["KT-004", "KT-005", "KT-006"], "smokes"),
    "KT-004, 005 and 007: smokes": (["KT-004", "KT-005", "KT-007"], ": smokes"),
    "KT-004 & KT-009": (["KT-004", "KT-009"], ""),
    "KT-002a..002d": (["KT-002a", "KT-002d"], ""),
    "KT-001..999 too many": (["KT-001", "KT-999"], "too many"),
    "KT-009..004 backwards": (["KT-009", "KT-004"], "backwards"),
}


@pytest.mark.parametrize("text", LEADING)
def test_ids_that_text_begins_with(text: str) -> None:
    """Lists and ranges are written out; what follows is left."""
    names, rest = LEADING[text]
    assert (tuple(names), rest) == leading(text)


@pytest.mark.parametrize(
    "rest",
    [
        *(" – 2026-05-25", ", 2026-05-25", " - 2026-05-25", "/2026-05-25", " and 2 more", " – 3 seeds", ", 16 GPUs"),
        *(" + 0.5 loss", "/2", ": 50%", " to 3x", " and OTHER-002", ", 128 GPUs", " & 1.5"),
    ],
)
def test_numbers_after_an_id_that_are_not_ids(rest: str) -> None:
    """Dates, counts and decimals after an ID are not more IDs."""
    assert leading(f"KT-012{rest}")[0] == ("KT-012",)


@pytest.mark.parametrize(
    "text",
    ["GPT-4 evaluation", "GPT-40 evaluation", "SHA-256 sums", "kickoff", "moe-hc-003", "MOE-HC", "-003", "", "A-1"],
)
def test_names_of_models_and_standards_are_not_ids(text: str) -> None:
    """Without a declared prefix, names of models and standards are no experiments."""
    assert leading(text) == ((), text)


def test_a_declared_prefix_decides() -> None:
    """With a declared prefix a single digit is enough."""
    assert leading("MOE-4 run", "MOE") == (("MOE-4",), "run")
    assert leading("MOE-4 run", "KT") == ((), "MOE-4 run")
    assert before("MOE-4 run") == (("MOE-4",), "run")


def test_ids_are_found_anywhere_in_a_text() -> None:
    """IDs with the prefix are found wherever they stand, once each; part of a longer name is none."""
    text = "runs MOE-HC-003-seed1, MOE-HC-005/006 and MOE-HC-003; not XMOE-HC-008, MOE-HC-123456 or KT-001"
    assert found(text, "MOE-HC") == ("MOE-HC-003", "MOE-HC-005", "MOE-HC-006")
    assert found(text, "") == ()


def test_the_prefix_that_most_use() -> None:
    """A group of IDs counts once, by its first; the first of equals wins."""
    assert most_used([("KT-001",), (), ("MOE-HC-001", "MOE-HC-002"), ("KT-002",)]) == "KT"
    assert most_used([("B-01",), ("A-01",)]) == "B"
    assert most_used([()]) == ""
    assert prefix_of("MOE-HC-002b") == "MOE-HC"


@pytest.mark.parametrize(
    "text",
    [
        *("A" + "-1" * 250_000, "A" + "-B" * 250_000, "A" * 500_000, "KT-001" + ",002" * 125_000),
        *("KT-001.." + "9" * 500_000, "KT-" + "1" * 500_000, "KT-001 " * 70_000, "KT-001" + " " * 500_000),
    ],
)
def test_hostile_text_does_not_hang(text: str) -> None:
    """Half a megabyte is read, and stands for a bounded number of IDs."""
    names, _ = leading(text)
    found(text, "KT")
    assert len(names) <= 400
