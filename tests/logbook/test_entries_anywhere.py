"""Claims about entries that do not look as the template has them: what is one, and what only looks like one."""

import pytest

from book import outline, parsed
from research_logbook.logbook.queries import is_newest_first

FIRST = "### 2026-05-25 - KT-001 first\n\nx\n"


def heads(text: str) -> list[str]:
    """Return when and what each entry of a logbook is: `2026-05-25 second`, with `-` where it has no date."""
    entries = parsed(text).everything
    return [f"{entry.when.written if entry.when else '-'} {' '.join(entry.ids) or entry.label}" for entry in entries]


def behind(section: str) -> list[str]:
    """Return the entries of a logbook whose log has one, but for that, with `section` behind the log."""
    return heads(f"# T\n\n## Entry Log\n\n{FIRST}\n{section}\n")[1:]


# Behind the log


@pytest.mark.parametrize(
    "section",
    [
        "## Follow-ups\n\n1. Refit.\n\n### 2026-05-27 - KT-002 second",
        "## Second round\n\n### 2026-05-27: KT-002 second",
        "## Results\n\n### ✅ 2026-05-27 KT-002 second",
        "## Phase 2\n\n### KT-002 — 2026-05-27 — second",
        "## Phase 2\n\n### KT-002 second (2026-05-27)",
        "## Phase 2\n\n### KT-002 second, overnight 2026-05-27, on two nodes",
        "## Reruns\n\nx\n\n## 2026-05-27 - KT-002 second",
        "## Notes\n\n### Loose ends\n\nx\n\n## More\n\n### [2026-05-27] KT-002 second",
        "## Decision Log\n\n- 2026-05-26: stop.\n\n## Later\n\n### 2026-05-27 KT-002 second",
    ],
)
def test_a_dated_heading_under_a_later_section_is_an_entry(section: str) -> None:
    """The log goes on wherever its authors go on."""
    assert behind(section) == ["2026-05-27 KT-002"]


@pytest.mark.parametrize(
    "section",
    [
        "## Decision Log\n\n### 2026-05-27 - one seed is enough",
        "## Negative results\n\n### 2026-05-27 top-1",
        "## Changelog\n\n### 2026-05-27 - v1.2",
        "## Change log\n\n### 2026-05-27 - v1.2",
        "## Plan\n\n### 2026-06-01 - third seed",
        "## Planned experiments\n\n### 2026-06-01 - third seed",
        "## Schedule\n\n### 2026-06-01 deadline",
        "## Milestones\n\n### 2026-06-01 submission",
        "## References\n\n### 2026-05-01 A paper",
        "## Related work\n\n### 2026-05-01 A paper",
        "## Release notes\n\n### 2026-05-01 v2",
        "## Appendix A: older notes\n\n### 2026-05-01 from a mail",
        "## TL;DR (updated 2026-05-27)\n\nx",
        "## Status (2026-05-27)\n\nx",
        "## Next steps (2026-05-27)\n\n### KT-004 fourth seed\n\n- Command: `make`",
        "## Notes\n\n### Compared to 2026-05-20",
        "## Notes\n\n### Rerun of 2026-05-25",
        "## Notes\n\n### Submission, due 2026-06-01",
        "## Notes\n\n### ckpt-2026-05-27 is gone",
        "## Notes\n\n### The file runs/2026-05-27.json",
        "## Notes\n\n#### 2026-05-27 deeper than entries are",
        "## Notes\n\n### Setup\n\n- Config: 8 chips.",
    ],
)
def test_what_is_dated_under_a_later_section_and_is_no_entry(section: str) -> None:
    """Living indices, plans, releases and sources hold none, nor does a heading that speaks of another day."""
    assert behind(section) == []


def test_what_is_dated_before_the_log_is_no_entry() -> None:
    """The log begins where it says so."""
    assert heads(f"# T\n\n## Backend (read on 2026-05-20)\n\n### 2026-05-21 a\n\n## Log\n\n{FIRST}") == [
        "2026-05-25 KT-001"
    ]


# IDs without dates


@pytest.mark.parametrize(
    ("heading", "ids"),
    [
        ("KT-002 - second seed, 1.72x faster", "KT-002"),
        ("`KT-002`: second seed", "KT-002"),
        ("Run KT-002: second seed", "KT-002"),
        ("Experiment KT-002", "KT-002"),
        ("2. KT-002 second seed", "KT-002"),
        ("✅ KT-002 second seed", "KT-002"),
        ("Second seed (KT-002)", "KT-002"),
        ("Second seed — KT-002", "KT-002"),
        ("KT-002/003 two seeds", "KT-002 KT-003"),
    ],
)
def test_a_heading_of_the_log_that_names_itself_by_an_id_is_an_entry(heading: str, ids: str) -> None:
    """It lacks a date, and is an entry none the less."""
    text = f"# T\n\n## Entries\n\n### KT-001 - first (2026-05-25)\n\nx\n\n### {heading}\n\nIt ran.\n\n"
    assert heads(f"{text}### KT-009 - sealed (2026-05-26)\n") == ["2026-05-25 KT-001", f"- {ids}", "2026-05-26 KT-009"]


@pytest.mark.parametrize(
    "heading",
    [
        "Comparison of KT-001 with the baseline",
        "What KT-001 to KT-004 tell",
        "Next: KT-005 with more steps",
        "GPT-40 evaluation",
        "MOE-001 as others ran it",
        "Week 21",
    ],
)
def test_a_heading_that_only_speaks_of_an_id_is_no_entry(heading: str) -> None:
    """An ID that is mentioned names another entry."""
    assert heads(f"# T\n\n## Entries\n\n{FIRST}\n### {heading}\n\nx\n") == ["2026-05-25 KT-001"]


def test_an_id_over_dated_headings_is_a_group() -> None:
    """The entries below have the dates."""
    text = "# T\n\nPrefix: KT\n\n## Log\n\n### KT-001\n\n#### 2026-05-25 launch\n\n#### 2026-05-26 result\n"
    assert heads(text) == ["2026-05-25 launch", "2026-05-26 result"]


def test_an_arm_below_an_entry_is_a_part_of_it() -> None:
    """An ID below a dated heading begins no entry."""
    assert heads(f"# T\n\n## Log\n\n{FIRST}\n#### KT-001b, the second arm\n\nx\n") == ["2026-05-25 KT-001"]


def test_ids_behind_the_log_are_entries_where_something_was_run() -> None:
    """An ID behind the log that the log does not have is one if it says what was run or what came of it."""
    assert behind("## Second round\n\n### KT-002 second\n\n- Command: `make`") == ["- KT-002"]
    assert behind("## Second round\n\n### KT-002 second\n\nTo be started on Monday.") == []
    assert behind("## Tables\n\n### KT-001 by step\n\n- Result: loss 2.31") == []
    assert behind("## Next steps\n\n### KT-002 second\n\n- Command: TBD") == []


def test_ids_make_a_log_without_any_date() -> None:
    """Where the prefix is declared, or two headings share one, headings with IDs are entries without dates."""
    assert heads("# T\n\nPrefix: KT\n\n## Log\n\n### KT-001 first\n\nx\n") == ["- KT-001"]
    assert heads("# T\n\n## Log\n\n### KT-001 first\n\nx\n\n### KT-002 second\n") == ["- KT-001", "- KT-002"]
    assert heads("# T\n\n## Log\n\n### KT-001 first\n\nx\n") == []


def test_ids_at_the_end_of_dated_headings_are_a_series() -> None:
    """What two headings end with in brackets is their ID, and the prefix that of the logbook."""
    text = "# T\n\n## Log\n\n### 2026-05-25 — set-up ({})\n\nx\n\n### 2026-05-26 — more, see KT-003 ({})\n\nx\n"
    logbook = parsed(text.format("KT-001", "KT-002"))
    assert (logbook.prefix, logbook.entries[0].ids) == ("KT", ("KT-001",))
    assert parsed(text.format("KT-001", "MOE-002")).prefix == ""
    assert parsed(text.format("GPT-40", "GPT-41")).prefix == ""


# Dates elsewhere in headings


@pytest.mark.parametrize(
    ("heading", "when"),
    [
        ("Run 2 - second pass (overnight 2026-05-09, until 15:00 UTC)", "2026-05-09"),
        ("Second pass (2026-05-09) ✅", "2026-05-09"),
        ("Second pass (2026-05-09) — it held", "2026-05-09"),
        ("Second pass [2026-05-09 07:30 UTC]", "2026-05-09 07:30 UTC"),
        ("Second pass on 2026-05-09", "2026-05-09"),
        ("🚀 2026-05-09 second pass", "2026-05-09"),
        ("2. 2026-05-09 second pass", "2026-05-09"),
        ("Second pass, May 9, 2026", "May 9, 2026"),
        ("8–9 May 2026", "8–9 May 2026"),
        ("2026-05-09T: second pass", "2026-05-09"),
    ],
)
def test_a_date_anywhere_in_a_heading_of_the_log(heading: str, when: str) -> None:
    """At the level of the entries, a heading is an entry wherever its date stands."""
    for first in ("Run 1 - first pass (2026-05-08)", "2026-05-08 - first pass"):
        found = parsed(f"# T\n\n## Log\n\n### {first}\n\nx\n\n### {heading}\n\nx\n").entries
        assert [entry.when.written for entry in found if entry.when] == ["2026-05-08", when]


def test_summaries_with_dates_are_a_log() -> None:
    """What stands there again and again with its date is a record, newest first; what stands there once is kept."""
    summary = "## EXECUTIVE SUMMARY (2026-04-18T12:{}Z, after run {})\n\nLoss 0.351.\n\n"
    logbook = parsed(f"# T\n\n{summary.format(42, 'B')}{summary.format(30, 'A')}")
    assert [entry.when.written for entry in logbook.entries if entry.when] == ["2026-04-18T12:42Z", "2026-04-18T12:30Z"]
    assert is_newest_first(logbook)
    assert parsed(f"# T\n\n{summary.format(42, 'B')}").entries == ()


def test_one_date_at_the_end_of_a_heading_makes_no_log() -> None:
    """Run notes with the day of one table are no log."""
    assert heads("# T\n\n## Set-up\n\nx\n\n## Smoke results (2026-05-08)\n\nx\n") == []
    assert len(heads("# T\n\n## Exp 1: a (2026-05-08) ★\n\nx\n\n## Exp 2: b (2026-05-09)\n\nx\n")) == 2


def test_a_title_that_begins_like_an_index_is_none() -> None:
    """A logbook about baselines has entries."""
    text = "# Baseline scaling: Research Logbook\n\n## 2026-05-25 a\n\nx\n"
    assert heads(text) == ["2026-05-25 a"]
    assert not list(parsed(text).named("baseline"))


@pytest.mark.parametrize("name", ["Date", "Date launched", "Date started", "Started", "Launch date", "Started at"])
def test_a_field_that_dates_an_entry_by_other_names(name: str) -> None:
    """The day on which it was launched dates an entry."""
    (entry,) = parsed(f"# T\n\n## Log\n\n### Second pass\n\n- {name}: 2026-05-09 07:30 UTC\n- Result: 5\n").entries
    assert entry.when
    assert entry.when.written == "2026-05-09 07:30 UTC"


# Months


@pytest.mark.parametrize("month", ["2026-05", "May 2026", "2026-05 (from earlier notes)", "Earlier notes (May 2026)"])
def test_a_month_dates_an_entry(month: str) -> None:
    """An entry of a month has no day, and tells nothing about the order within it."""
    logbook = parsed(f"# T\n\n## 2026-05-25 (first run)\n\nx\n\n## {month}\n\nLength grouping helps.\n")
    last = logbook.entries[-1]
    assert last.when
    assert (last.when.is_month, last.when.day, last.span.line) == (True, None, 7)
    assert is_newest_first(logbook)


def test_a_month_over_entries_is_a_group() -> None:
    """A heading that only divides the log is no entry."""
    assert heads(f"# T\n\n## Log\n\n### May 2026\n\n#{FIRST}") == ["2026-05-25 KT-001"]
    assert heads(f"# T\n\n## Log\n\n### May 2026\n\n{FIRST}") == ["2026-05-25 KT-001"]
    assert heads(f"# T\n\n## Log\n\n{FIRST}\n### 2048-12 experts\n\nx\n") == ["2026-05-25 KT-001"]


# Bold lines


SUB_LOG = "**2026-05-09 02:55Z - first cell launched.**\n\n- Command: `make`\n\n**2026-05-09 03:37Z - FAILED.**\n\nx\n"


@pytest.mark.parametrize("title", ["Launch log", "Run log", "Timeline", "Updates", "Progress"])
def test_bold_dated_lines_of_a_log_in_an_entry_are_entries(title: str) -> None:
    """A log within a dated section is a log."""
    logbook = parsed(f"# T\n\n## 2026-05-08 - plan\n\n### Plan\n\n1. Nine.\n\n### {title}\n\n{SUB_LOG}")
    assert outline(logbook) == [
        "3-9 2026-05-08 |  | plan | note | ",
        "11-13 2026-05-09 02:55Z |  | first cell launched. | experiment | command",
        "15-17 2026-05-09 03:37Z |  | FAILED. | note | ",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "### Schedule\n\n**2026-05-09** launch\n\n**2026-05-10** report\n",
        "### Decisions\n\n**2026-05-09** go\n\n**2026-05-10** stop\n",
        "### Next steps\n\n**2026-05-09** go\n\n**2026-05-10** stop\n",
        "**2026-05-09** update: it recovered.\n\n**2026-05-10** update: it held.\n",
        f"### What happened\n\n{SUB_LOG}",
        "### Log\n\n- 2026-05-09: launched\n- 2026-05-10: died\n",
    ],
)
def test_bold_dated_lines_that_are_a_part_of_their_entry(body: str) -> None:
    """A plan, addenda, and bullets are parts of it."""
    assert heads(f"# T\n\n## 2026-05-08 - plan\n\n{body}") == ["2026-05-08 plan"]


# Dates below a heading, in an ID, or of a session


@pytest.mark.parametrize(
    "date",
    [
        "**Date:** 2026-05-27",
        "**Date**: 2026-05-27, overnight",
        "- Date: 2026-05-27",
        "- **Started:** 2026-05-27",
        "Date launched: 2026-05-27",
        "*2026-05-27*",
        "**2026-05-27**",
        "2026-05-27",
        "| Field | Value |\n|---|---|\n| Date | 2026-05-27 |\n| Nodes | 2 |",
    ],
)
def test_the_date_of_an_entry_may_stand_right_below_its_heading(date: str) -> None:
    """So where each entry has it there, and where the others have it in their headings."""
    later = f"## Gemma: baseline\n\n{date}\n\nIt ran."
    assert heads(f"# T\n\n## First run\n\n{date.replace('27', '25')}\n\nIt ran.\n\n{later}\n") == [
        "2026-05-25 First run",
        "2026-05-27 Gemma: baseline",
    ]
    assert heads(f"# T\n\n## 2026-05-25 - first\n\nIt ran.\n\n{later}\n") == [
        "2026-05-25 first",
        "2026-05-27 Gemma: baseline",
    ]


@pytest.mark.parametrize(
    "section",
    [
        "## Baseline\n\n- Date: 2026-05-20\n- Loss: 2.31",
        "## Scope\n\n**Date:** 2026-05-20",
        "## Data\n\nThe crawl of 2026-05-20.",
        "## Data\n\nOne file.\n\nAnother.\n\n**Date:** 2026-05-20",
        "## Plan\n\n**Date:** 2026-06-20",
        "## Metrics (added 2026-05-20, hardened 2026-05-21)\n\nx",
        "## Statistics (upgraded 2026-05-20)\n\nx",
        "## Metrics (revised 2026-05-20)\n\nx",
    ],
)
def test_what_is_dated_below_another_heading_is_no_entry(section: str) -> None:
    """Baselines, plans and revisions have dates of their own."""
    assert heads(f"# T\n\n{section}\n\n## 2026-05-25 - first\n\nIt ran.\n\n{section}\n") == ["2026-05-25 first"]


def test_a_number_that_is_a_day_dates_an_entry() -> None:
    """An ID with a day for its number is a date, too, if there is such a day."""
    log = "## Experiments\n\n### E-20260702c · pilot\n\nIt ran.\n\n### `E-20260703a` arms\n\nIt ran.\n"
    assert heads(f"# T\n\n## Predictions\n\n### P-20260702d · off target\n\nx\n\n{log}") == [
        "20260702c E-20260702c",
        "20260703a E-20260703a",
    ]
    assert [str(entry.when and entry.when.date) for entry in parsed(f"# T\n\n{log}").entries] == [
        "2026-07-02",
        "2026-07-03",
    ]
    assert heads("# T\n\n## Log\n\n### E-20261399 - no such day\n\n- Result: it ran.\n") == [
        "- E-20261399 - no such day"
    ]


def test_a_session_below_a_section_without_a_date_is_an_entry() -> None:
    """A session is one wherever it stands."""
    sessions = "### Session 2026-06-07(b) — the split is fragile\n\nx\n\n### ★★★ Session 2026-06-08\n\nx\n"
    later = f"## Current state\n\nx\n\n{sessions}"
    log = f"# T\n\n## 2026-06-09 — proven\n\nx\n\n{later}"
    assert heads(log) == [
        "2026-06-09 proven",
        "2026-06-07 Session 2026-06-07(b) — the split is fragile",
        "2026-06-08 Session 2026-06-08",
    ]
    assert heads(log.replace("Session", "Sources of")) == ["2026-06-09 proven"]


def test_a_day_may_be_written_with_dots() -> None:
    """So in Europe; a version is no day."""
    assert heads("# T\n\n## 25.05.2026\n\nx\n\n## 27.05.2026: second\n\nx\n\n## Version 10.12.2026.1\n\nx\n") == [
        "25.05.2026 ",
        "27.05.2026 second",
    ]


def test_a_file_of_dated_titles_is_a_log() -> None:
    """One dated title is that of the file."""
    assert heads("# 2026-05-25 first\n\nx\n\n# 2026-05-26 second\n\nx\n") == ["2026-05-25 first", "2026-05-26 second"]
    assert heads("# 2026-05-25 - the thread\n\n## Scope\n\nx\n\n## Log\n\n### 2026-05-26 second\n\nx\n") == [
        "2026-05-26 second"
    ]


def test_an_id_of_a_series_with_one_digit_names_an_entry_that_has_no_date() -> None:
    """It was run, and it has an ID of the series that dated entries begin with; a model has none."""
    dated = "## 2026-03-12 — EXP-1: base\n\nx\n\n## 2026-03-13 — EXP-2: two\n\nx\n"
    later = "\n## EXP-5 — matrix\n\n**Job:** 5130818\n"
    assert heads(f"# T\n\n{dated}{later}") == ["2026-03-12 EXP-1", "2026-03-13 EXP-2", "- EXP-5"]
    assert heads(f"# T\n\n{dated}\n## EXP-5 — matrix\n\nIt is worth a try.\n") == [
        "2026-03-12 EXP-1",
        "2026-03-13 EXP-2",
    ]
    models = dated.replace("EXP", "GPT")
    assert heads(f"# T\n\n{models}{later.replace('EXP', 'GPT')}") == ["2026-03-12 GPT-1: base", "2026-03-13 GPT-2: two"]
