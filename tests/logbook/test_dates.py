"""Claims about dates."""

import datetime as dt

import pytest

from research_logbook.logbook.dates import first, leading, trailing
from research_logbook.logbook.model import When

DAY = dt.date(2026, 5, 25)

FORMS = {
    "2026-05-25": ("2026-05-25", None, None),
    "2026/5/25": ("2026/5/25", None, None),
    "2026.05.25": ("2026.05.25", None, None),
    "[2026-05-25]": ("2026-05-25", None, None),
    "(2026-05-25)": ("2026-05-25", None, None),
    "2026-05-25 04:50": ("2026-05-25 04:50", (4, 50), None),
    "2026-05-25, 04:50": ("2026-05-25, 04:50", (4, 50), None),
    "2026-05-25 at 4:50": ("2026-05-25 at 4:50", (4, 50), None),
    "2026-05-25 - 04:50": ("2026-05-25 - 04:50", (4, 50), None),
    "2026-05-25 04:50 PDT": ("2026-05-25 04:50 PDT", (4, 50), "PDT"),
    "2026-05-25 04:50 UTC": ("2026-05-25 04:50 UTC", (4, 50), "UTC"),
    "2026-05-25 04:50 (UTC)": ("2026-05-25 04:50 (UTC)", (4, 50), "UTC"),
    "2026-05-25 04:50 UTC+2": ("2026-05-25 04:50 UTC+2", (4, 50), "UTC+2"),
    "2026-05-25T23:36Z": ("2026-05-25T23:36Z", (23, 36), "Z"),
    "2026-05-25T04:50:12+02:00": ("2026-05-25T04:50:12+02:00", (4, 50), "+02:00"),
    "2026-05-25T04:50:12.123456Z": ("2026-05-25T04:50:12.123456Z", (4, 50), "Z"),
    "2026-05-25 0450Z": ("2026-05-25 0450Z", (4, 50), "Z"),
    "2026-05-25 ~03:16Z": ("2026-05-25 ~03:16Z", (3, 16), "Z"),
    "2026-05-25 04:50–06:10 UTC": ("2026-05-25 04:50–06:10 UTC", (4, 50), "UTC"),
    "2026-05-25 4:50 PM": ("2026-05-25 4:50 PM", (16, 50), None),
    "2026-05-25 12:05 a.m.": ("2026-05-25 12:05 a.m.", (0, 5), None),
    "2026-05-25 (Mon)": ("2026-05-25", None, None),
    "2026-05-25 (Mon) 04:50 CEST": ("2026-05-25 (Mon) 04:50 CEST", (4, 50), "CEST"),
    "Monday, 2026-05-25": ("2026-05-25", None, None),
    "2026-05-25 to 2026-05-27": ("2026-05-25", None, None),
    "May 25, 2026": ("May 25, 2026", None, None),
    "25th may 2026 04:50": ("25th may 2026 04:50", (4, 50), None),
}


@pytest.mark.parametrize("text", FORMS)
def test_the_forms_of_a_date(text: str) -> None:
    """Date, time and zone are read from each form, and kept as they are written."""
    written, clock, zone = FORMS[text]
    assert leading(f"{text} — kickoff") == (When(written, DAY, dt.time(*clock) if clock else None, zone), " — kickoff")


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "0000-00-00", "31 Feb 2026", "2026-05-25 25:00 UTC"])
def test_an_impossible_date_is_a_date_without_a_value(text: str) -> None:
    """A day that no calendar has, or an hour that no clock has, is a date without a value."""
    found = leading(text)
    assert found
    assert (found[0].written, found[0].date, found[0].time) == (text, None, None)


@pytest.mark.parametrize(
    "text",
    [
        *("kickoff", "2026-05", "2026.07.23.4 released", "12026-05-25", "2026-05-255", "May the 4th", "25-05-2026"),
        *("run 2026-05-25", "3 seeds", "", "2026", "Week 21"),
    ],
)
def test_text_that_does_not_begin_with_a_date(text: str) -> None:
    """Versions, numbers and dates later on are no leading date."""
    assert leading(text) is None


@pytest.mark.parametrize(
    "text", ["2026-05-25 — 3 seeds", "2026-05-25 - 10 runs", "2026-05-25 Sunshine", "2026-05-25 East"]
)
def test_a_label_is_not_part_of_the_date(text: str) -> None:
    """Numbers and words that only look like a time or a zone stay in the label."""
    assert leading(text) == (When("2026-05-25", DAY), text.removeprefix("2026-05-25"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Kickoff (2026-05-25)", "Kickoff"),
        ("Kickoff — 2026-05-25", "Kickoff"),
        ("Kickoff: 2026-05-25", "Kickoff"),
        ("Kickoff [2026-05-25]", "Kickoff"),
        ("Entry 3, 2026-05-25", "Entry 3"),
        ("A - b - 2026-05-25", "A - b"),
    ],
)
def test_a_date_at_the_end(text: str, label: str) -> None:
    """A date in brackets or behind a mark ends a heading."""
    assert trailing(text) == (label, When("2026-05-25", DAY))


@pytest.mark.parametrize(
    "text", ["Rerun of 2026-05-25", "The 2026-05-25 sweep", "Since (2026-05-25) all is well", "Kickoff"]
)
def test_a_date_inside_a_sentence_is_ignored(text: str) -> None:
    """A date in a sentence dates nothing."""
    assert trailing(text) is None


def test_the_first_date_anywhere() -> None:
    """A field may say more than its date."""
    assert first("begun on 2026-05-25 04:50 UTC, ended 2026-05-26") == When(
        "2026-05-25 04:50 UTC", DAY, dt.time(4, 50), "UTC"
    )
    assert first("soon") is None


@pytest.mark.parametrize(
    "text", ["2026-05-25" + " " * 500_000, "2026-05-25 " * 50_000, "2026-" * 100_000, "(" * 500_000, "May " * 100_000]
)
def test_hostile_text_does_not_hang(text: str) -> None:
    """Half a megabyte is read, whatever it holds, and at most a short date is found."""
    begun, ended = leading(text), trailing(text)
    whens = [*(begun or ())[:1], *(ended or ())[1:], first(text)]
    assert all(len(when.written) < 100 for when in whens if when)
