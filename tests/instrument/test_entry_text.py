"""Claims about the text of an entry: where it is put, how it looks, and that nothing else changes."""

import datetime as dt
from itertools import pairwise

import pytest

from book import parsed, written
from research_logbook.diff import compare
from research_logbook.errors import UserError
from research_logbook.instrument.entry_text import (
    NewEntry,
    completed,
    corrected,
    entry_named,
    next_id,
    with_entry,
)
from research_logbook.instrument.style import style_of, written_like
from research_logbook.instrument.values import value_of
from research_logbook.logbook import dates
from research_logbook.logbook.model import Logbook

NOW = dt.datetime(2026, 6, 1, 14, 5, tzinfo=dt.UTC)
VALUES = {"command": "python -m train", "result": "loss 2.2"}


def appended(log: str, **entry: str) -> str:
    """Return what an entry adds to a log."""
    prefix = "- Experiment ID prefix: `MOE-HC`\n\n" if "MOE-HC" in log else ""
    text = f"# Tiles\n\n{prefix}## Entry Log\n\n{log}"
    book = parsed(text)
    new = with_entry(book, NewEntry(NOW, next_id(book, NOW), entry.pop("label", "wider tiles"), entry or VALUES))
    kept, lines = text.split("\n"), new.split("\n")
    added = list(lines)
    for line in kept:
        assert line in added, f"{line!r} is gone"
        added.remove(line)
    return "\n".join(line for line in added if line)


@pytest.mark.parametrize(
    ("last", "heading"),
    [
        ("### 2026-05-25 10:00 - MOE-HC-004 first", "### 2026-06-01 14:05 - MOE-HC-005 wider tiles"),
        ("### 2026-05-25 — MOE-HC-004 — first", "### 2026-06-01 — MOE-HC-005 — wider tiles"),
        ("### MOE-HC-004: first (2026-05-25)", "### MOE-HC-005: wider tiles (2026-06-01)"),
        ("### MOE-HC-004 - 2026-05-25 10:00 - first", "### MOE-HC-005 - 2026-06-01 14:05 - wider tiles"),
        ("## 2026-05-25T10:00Z - `MOE-HC-004` first", "## 2026-06-01T14:05Z - `MOE-HC-005` wider tiles"),
        ("#### [2026-05-25] MOE-HC-04 first", "#### [2026-06-01] MOE-HC-05 wider tiles"),
        ("### May 25, 2026: MOE-HC-004 first", "### June 1, 2026: MOE-HC-005 wider tiles"),
        ("### 2026/05/25 10:00 UTC MOE-HC-004 first", "### 2026/06/01 14:05 UTC MOE-HC-005 wider tiles"),
        ("### 2026-05-25 — first (MOE-HC-004)", "### 2026-06-01 — wider tiles (MOE-HC-005)"),
        ("### [Date: 2026-05-25] - MOE-HC-004 first", "### [Date: 2026-06-01] - MOE-HC-005 wider tiles"),
        ("### 2026-05-25 - MOE-HC-003/004 - first", "### 2026-06-01 - MOE-HC-005 - wider tiles"),
        ("### 2026-05-25 | MOE-HC-002..004 | first", "### 2026-06-01 | MOE-HC-005 | wider tiles"),
        ("### MOE-HC-20260525 · first", "### MOE-HC-20260601 · wider tiles"),
        ("### 2026-05-25 ~10:00Z — MOE-HC-004 first", "### 2026-06-01 14:05Z — MOE-HC-005 wider tiles"),
        ("### **2026-05-25** MOE-HC-004: first", "### **2026-06-01** MOE-HC-005: wider tiles"),
        ("**2026-05-25 - MOE-HC-004 first**", "**2026-06-01 - MOE-HC-005 wider tiles**"),
        ("- **2026-05-25 MOE-HC-004**: first", "- **2026-06-01 MOE-HC-005**: wider tiles"),
        ("2026-05-25 - MOE-HC-004 first\n---", "## 2026-06-01 - MOE-HC-005 wider tiles"),
    ],
)
def test_a_heading_is_written_as_the_last_one(last: str, heading: str) -> None:
    """Level, order, date, dashes and brackets are those of the logbook; the ID is the next."""
    assert appended(f"{last}\n\n- Command: `make`\n- Result: loss 2.3\n").split("\n")[0] == heading


@pytest.mark.parametrize(
    ("last", "heading"),
    [
        ("### 2026-05-25 — first", "### 2026-06-01 — wider tiles"),
        ("### 2026-05-25: first", "### 2026-06-01: wider tiles"),
        ("### 2026-05-25 first", "### 2026-06-01 wider tiles"),
        ("### 2026-05-25", "### 2026-06-01 - wider tiles"),
        ("### first, 2026-05-25", "### wider tiles, 2026-06-01"),
        ("### Session 10 -- 2026-05-25", "### wider tiles -- 2026-06-01"),
    ],
)
def test_a_heading_without_an_id_keeps_what_parts_it(last: str, heading: str) -> None:
    """A log that has no IDs gets none."""
    assert appended(f"{last}\n\n- Command: `make`\n- Result: loss 2.3\n").split("\n")[0] == heading


def test_a_date_that_stands_below_the_heading_stands_there() -> None:
    """In a field of its own."""
    log = "### MOE-HC-004: first\n\n**Date:** 2026-05-25\n\n**Command:** `make`\n\n**Result:** loss 2.3\n"
    assert appended(log).split("\n")[:2] == ["### MOE-HC-005: wider tiles", "**Date:** 2026-06-01"]


def test_a_line_between_entries_is_kept() -> None:
    """Between each two, or behind each; one that parts the log from what follows stays there."""
    entries = [f"## 2026-05-2{day} - day {day}\n\nx" for day in (3, 4, 5)]
    between, behind = "\n\n---\n\n".join(entries), "\n\n".join(f"{it}\n\n---" for it in entries)
    single = f"{entries[0]}\n\n---\n\n## Notes\n\ny"
    for log, lines in (
        (between, ["---", "## 2026-06-01 - z"]),
        (f"{behind}\n\n## Notes\n\ny", ["---", "## 2026-06-01 - z", "---", "## Notes"]),
        (single, ["x", "## 2026-06-01 - z", "---", "## Notes"]),
        ("\n\n---\n\n".join(entries[::-1]), ["## Log", "## 2026-06-01 - z", "---", "## 2026-05-25 - day 5"]),
    ):
        new = with_entry(parsed(f"# T\n\n## Log\n\n{log}\n"), NewEntry(NOW, "", "z", {}))
        told = [line for line in new.split("\n") if line]
        at = told.index("## 2026-06-01 - z") - lines.index("## 2026-06-01 - z")
        assert told[at : at + len(lines)] == lines


@pytest.mark.parametrize(
    ("example", "same"),
    [
        ("2026-05-25", "2026-06-01"),
        ("2026-05-25 04:50 PDT", "2026-06-01 14:05 UTC"),
        ("2026-05-05T23:36:10Z", "2026-06-01T14:05:00Z"),
        ("2026-05-25 4:50 PM", "2026-06-01 02:05 PM"),
        ("25 May 2026", "1 June 2026"),
        ("Jan 25, 2026", "Jun 1, 2026"),
    ],
)
def test_a_date_is_written_in_the_form_of_the_last(example: str, same: str) -> None:
    """A zone that is named is UTC from now on, and said to be."""
    found = dates.first(example)
    assert found
    assert written_like(found, NOW) == same


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("- Command: `make`\n- Result: loss 2.3", "- Command: `python -m train`"),
        ("- **Command:** `make`\n- **Result:** loss 2.3", "- **Command:** `python -m train`"),
        ("- **Command**: `make`\n- **Result**: loss 2.3", "- **Command**: `python -m train`"),
        ("* Commands: `make`\n* Results: loss 2.3", "* Commands: `python -m train`"),
        ("**Command:** `make`\n\n**Result:** loss 2.3", "**Command:** `python -m train`"),
        ("#### Command\n\n`make`\n\n#### Result\n\nloss 2.3", "#### Command"),
        ("**Command.** `make`\n\n**Result.** loss 2.3", "**Command.** `python -m train`"),
        ("- command: `make`\n- result: loss 2.3", "- command: `python -m train`"),
        ("- Command: `make`\n- Result: loss 2.3\n- Status: done", "- Result: loss 2.2"),
    ],
)
def test_a_field_is_written_as_the_last_ones(field: str, line: str) -> None:
    """Bullets, bold type, paragraphs, headings and the logbook's own names of fields."""
    assert line in appended(f"### 2026-05-25 MOE-HC-004 first\n\n{field}\n").split("\n")


def test_a_log_that_grows_at_its_top_grows_there() -> None:
    """The new entry stands in front of the newest."""
    entries = "### 2026-05-26 - TI-02 second\n\nx\n\n### 2026-05-25 - TI-01 first\n\ny\n"
    book = parsed(f"# T\n\n## Log\n\n{entries}\n## Notes\n\nz\n")
    new = parsed(with_entry(book, NewEntry(NOW, "TI-03", "third", VALUES)))
    assert [entry.ids for entry in new.entries] == [("TI-03",), ("TI-02",), ("TI-01",)]


@pytest.mark.parametrize(
    ("heads", "at_top"),
    [
        ("01-03:15-001 30-22:19-002", False),
        ("01-001 30-002 01-003", False),
        ("01-001 01-002 01-003 01-004 30-005", False),
        ("30-001 01-003 30-002", False),
        ("01-001 01-003 01-002 01-004", False),
        ("01-003 30-002 30-001", True),
        ("30-003 01-002 01-001", True),
        ("01-004 01-002 01-003 01-001", True),
        ("01-002 30-001", True),
        ("30-002 01-001", False),
        ("01-002 01-001", False),
        ("01-001", False),
        ("01- 01- 30-", False),
        ("01-03:15- 01-03:16- 30-22:19-", False),
        ("01- 30- 29-", True),
    ],
)
def test_one_date_out_of_order_turns_no_log_round(heads: str, at_top: bool) -> None:
    """IDs decide before dates; a date of the evening before, in another zone, decides nothing."""
    log = ""
    for head in heads.split():
        day, *clock, number = head.split("-")
        date = f"2026-{'12' if day == '01' else '11'}-{day}"
        log += f"### {' '.join([date, *clock])} - {f'TI-{number} ' if number else ''}run\n\n- Result: loss 2.3\n\n"
    new = parsed(with_entry(parsed(f"# T\n\n## Entry Log\n\n{log}"), NewEntry(NOW, "TI-009", "new", VALUES)))
    assert [entry.ids == ("TI-009",) for entry in new.entries].index(True) == (0 if at_top else len(heads.split()))


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ("2026-12-01 03:15", "2026-12-01 03:19"),
        ("2026-11-30 21:00", "2026-11-30 22:19"),
        ("2026-12-01 03:15 UTC", "2026-12-01 03:19 UTC"),
        ("2026-12-01", "2026-12-01"),
        ("2026-11-30", "2026-11-30"),
    ],
)
def test_an_evening_elsewhere_is_not_the_day_before(last: str, told: str) -> None:
    """The time is that of the machine where the log names no zone, but in UTC where its date lay before the last."""
    now = dt.datetime(2026, 11, 30, 22, 19, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    example = dates.first(last)
    assert example
    assert written_like(example, now) == told


def test_a_section_behind_the_log_stays_behind_it() -> None:
    """An entry is put at the end of the log, and not of the file."""
    text = written("E1 command result") + "\n## Appendix\n\nNotes.\n"
    new = with_entry(parsed(text), NewEntry(NOW, "MOE-HC-002", "second", VALUES))
    assert new.index("MOE-HC-002") < new.index("## Appendix")


def test_the_first_entry_of_a_new_log_stands_in_it() -> None:
    """Without entries the form is that of the template; without a log one is begun."""
    for text in ("# T\n\n## Entry Log\n\n<!-- Append only. -->\n", "# T\n\n## Scope\n\nTiles.\n"):
        new = parsed(with_entry(parsed(text), NewEntry(NOW, "T-001", "first", VALUES)))
        assert [(entry.ids, entry.level) for entry in new.entries] == [(("T-001",), 3)]


@pytest.mark.parametrize(
    "command", ["a | b", "echo `date`", "echo '``'", "cat <<E\nx\nE", "# no comment", "  indented", "a\\\nb", "`"]
)
def test_a_command_pastes_as_it_was(command: str) -> None:
    """Pipes, backticks, newlines and hashes are code, and the text around them stays what it is."""
    text = with_entry(parsed(written("E1 command result")), NewEntry(NOW, "MOE-HC-002", "x", {"command": command}))
    entry = entry_named(parsed(text), "MOE-HC-002")
    found = [field.text for field in entry.all("command")] if "\n" not in command else [it.text for it in entry.code]
    assert found[0].strip() == command.strip()


@pytest.mark.parametrize(
    "value", ["# heading", "- item", "loss | 2.2", "<!-- x", "### 2026-01-01 MOE-HC-009 x", "a\n\nb"]
)
def test_a_value_begins_no_entry_of_its_own(value: str) -> None:
    """Whatever is said stays part of the entry that says it."""
    book = parsed(written("E1 command result"))
    new = parsed(
        with_entry(book, NewEntry(NOW, "MOE-HC-002", "x\n# y", {"interpretation": value, "next-action": "none"}))
    )
    assert [entry.heading_ids for entry in new.everything] == [("MOE-HC-001",), ("MOE-HC-002",)]


# IDs


@pytest.mark.parametrize(
    ("log", "name"),
    [
        ("E1; E2", "MOE-HC-003"),
        ("E1; E12", "MOE-HC-013"),
        ("E2; E1", "MOE-HC-003"),
        ("E1; E3b", "MOE-HC-004"),
        ("prefix=MOE-HC", "MOE-HC-001"),
    ],
)
def test_the_next_id_is_behind_the_highest(log: str, name: str) -> None:
    """Also where the log is newest first, has gaps or letters, or has no entry yet."""
    assert next_id(parsed(written(log)), NOW) == name


# What is there


def book(text: str) -> Logbook:
    """Return a logbook in the tiny language."""
    return parsed(written(text))


def test_what_is_pending_is_filled_in_where_it_stands() -> None:
    """The line changes and no other; what the entry does not say is added at its end."""
    before = book("E1 command pending; E2 command result")
    text = completed(before, "MOE-HC-001", {"result": "loss 2.1", "interpretation": "better."})
    old, new = before.text.split("\n"), text.split("\n")
    assert [line for line in new if line not in old] == ["- Result: loss 2.1", "- Interpretation: better."]
    assert [line for line in old if line not in new] == ["- Result: pending."]
    assert [entry.heading_ids for entry in parsed(text).everything] == [("MOE-HC-001",), ("MOE-HC-002",)]


def test_what_is_said_is_not_said_twice() -> None:
    """A result that is there is corrected, and not completed."""
    before = book("E1 command result")
    with pytest.raises(UserError, match="already says its result") as raised:
        completed(before, "MOE-HC-001", {"result": "loss 9"})
    assert "entry correct MOE-HC-001" in raised.value.help


def test_a_correction_keeps_what_it_corrects() -> None:
    """The old value is struck out, and the right one stands behind it."""
    before = book("E1 command result")
    text = corrected(before, "MOE-HC-001", "result", "loss 2.4")
    assert "- Result: ~~loss 2.214 after 400 steps.~~ loss 2.4" in text.split("\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss ~2.2 and ~3", r"~~loss \~2.2 and \~3~~ loss 2.4"),
        ("`a~b` is 2", "~~`a~b` is 2~~ loss 2.4"),
        ("~~loss 2~~ loss 2.3", "~~loss 2~~ ~~loss 2.3~~ loss 2.4"),
        ("loss ~~2~~ 3 here", "~~loss~~ ~~2~~ ~~3 here~~ loss 2.4"),
        ("loss 2.3\n  over two lines.", "~~loss 2.3\n  over two lines.~~ loss 2.4"),
    ],
)
def test_what_is_struck_out_is_shown_struck_out(old: str, new: str) -> None:
    """Whatever marks it has, and nothing of it is lost."""
    before = parsed(f"# T\n\n## Log\n\n### 2026-05-25 - T-01 x\n\n- Result: {old}\n- Command: `make`\n")
    text = corrected(before, "T-01", "result", "loss 2.4")
    assert f"- Result: {new}\n- Command" in text
    assert not (changes := compare(before, parsed(text))).rewritten
    assert not changes.removed


def test_an_entry_that_is_not_there_is_named_with_those_that_are() -> None:
    """The last IDs help to find a slip of the pen."""
    with pytest.raises(UserError, match="has no entry MOE-HC-009") as raised:
        entry_named(book("E1; E2"), "MOE-HC-009")
    assert "MOE-HC-001, MOE-HC-002" in raised.value.help


def test_code_is_marked_with_more_backticks_than_it_holds() -> None:
    """So that it ends where it ends."""
    for text in ("a", "a`b", "``a``", "`", "a`"):
        marked = value_of("command", text) if not text.startswith("`") else text
        assert marked.strip("`").strip() == text.strip("`") or text in marked


def test_the_style_of_bullets_is_kept() -> None:
    """A log of dated bullets gets another bullet, with its fields below."""
    log = "- 2026-05-24: first run, loss 2.3.\n- 2026-05-25: second run, loss 2.2."
    assert style_of(parsed(f"# T\n\n## Log\n\n{log}\n")).head.start == "- "
    lines = appended(log, label="third").split("\n")
    assert lines == ["- 2026-06-01 14:05 - third"] or lines[0].startswith("- 2026-06-01")
    assert all(a != b for a, b in pairwise(lines))
