"""Claims about the headings of entries."""

import datetime as dt

import pytest

from research_logbook.logbook.entry_heading import read_backwards, read_heading

DAY = dt.date(2026, 5, 25)
KICKOFF = ("2026-05-25", "MOE-HC-001", "kickoff")

FORMS = {
    "2026-05-25 - MOE-HC-001 kickoff": KICKOFF,
    "2026-05-25 — MOE-HC-001 kickoff": KICKOFF,
    "2026-05-25: MOE-HC-001: kickoff": KICKOFF,
    "2026-05-25 | MOE-HC-001 | kickoff": KICKOFF,
    "2026-05-25 MOE-HC-001 kickoff": KICKOFF,
    "2026-05-25 · MOE-HC-001 · kickoff": KICKOFF,
    "2026-05-25, MOE-HC-001, kickoff": KICKOFF,
    "[2026-05-25] MOE-HC-001 - kickoff": KICKOFF,
    "MOE-HC-001 - 2026-05-25 - kickoff": KICKOFF,
    "MOE-HC-001: 2026-05-25 kickoff": KICKOFF,
    "MOE-HC-001 (2026-05-25) kickoff": KICKOFF,
    "MOE-HC-001 – 2026-05-25 – kickoff": KICKOFF,
    "`MOE-HC-001` 2026-05-25: kickoff": KICKOFF,
    "[MOE-HC-001] [2026-05-25] kickoff": KICKOFF,
    "✅ 2026-05-25 - MOE-HC-001 kickoff": KICKOFF,
    "📅 MOE-HC-001 — 2026-05-25 — kickoff": KICKOFF,
    "2026-05-25 - `MOE-HC-001`: kickoff": KICKOFF,
    "2026-05-25 (Mon) - MOE-HC-001 - kickoff": KICKOFF,
    "2026-05-25   -   MOE-HC-001   kickoff": KICKOFF,
    "2026-05-25 04:50 - kickoff": ("2026-05-25 04:50", "", "kickoff"),
    "2026-05-25T04:50Z - KT-004/005 smokes": ("2026-05-25T04:50Z", "KT-004 KT-005", "smokes"),
    "2026-05-25 - MOE-HC-002b again": ("2026-05-25", "MOE-HC-002b", "again"),
    "2026-05-25": ("2026-05-25", "", ""),
    "2026-05-25 - GPT-4 evaluation": ("2026-05-25", "", "GPT-4 evaluation"),
    "GPT-4 2026-05-25 evaluation": ("2026-05-25", "GPT-4", "evaluation"),
    "2026-05-25 - 幅 512": ("2026-05-25", "", "幅 512"),
}


@pytest.mark.parametrize("text", FORMS)
def test_a_heading_says_when_what_and_which(text: str) -> None:
    """Date, IDs and label are read in either order, whatever stands between them."""
    heading = read_heading(text)
    assert heading.when
    assert (heading.when.written, " ".join(heading.ids), heading.label) == FORMS[text]


@pytest.mark.parametrize(
    ("text", "ids", "label"),
    [
        ("Kickoff", "", "Kickoff"),
        ("MOE-HC-001 kickoff", "MOE-HC-001", "kickoff"),
        ("Week 21", "", "Week 21"),
        ("Rerun of 2026-05-25", "", "Rerun of 2026-05-25"),
        ("", "", ""),
    ],
)
def test_a_heading_without_a_date(text: str, ids: str, label: str) -> None:
    """A date that does not lead dates nothing."""
    heading = read_heading(text)
    assert (heading.when, " ".join(heading.ids), heading.label) == (None, ids, label)


def test_an_id_in_the_label_counts_when_its_prefix_is_known() -> None:
    """IDs of the logbook's series are found in the label, others are only mentioned."""
    heading = read_heading("2026-05-25 - rerun of MOE-HC-003 after KT-001", "MOE-HC")
    assert heading.ids == ("MOE-HC-003",)
    assert read_heading("2026-05-25 - MOE-4 run", "MOE").ids == ("MOE-4",)


def test_a_date_at_the_end_of_a_heading() -> None:
    """Where no heading of a log begins with its date, it may end with it."""
    heading = read_backwards("MOE-HC-001 kickoff (2026-05-25)")
    assert heading.when
    assert (heading.when.date, heading.ids, heading.label) == (DAY, ("MOE-HC-001",), "kickoff")
    assert read_backwards("2026-05-25 kickoff (2026-05-26)").when == read_heading("2026-05-25").when
    assert read_backwards("Kickoff").when is None
