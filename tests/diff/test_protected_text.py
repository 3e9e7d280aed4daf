"""Claims about text that is protected whatever it was read as: all of the log, and all below a date or an ID."""

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edits import edits, lines_of_the_log
from research_logbook.diff import Changes, compare
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

LOGBOOKS = sorted((Path(__file__).parent / "logbooks").glob("*.md"))
QUIET = Changes()


def book(text: str) -> Logbook:
    """Return the logbook of a text."""
    parsed = parse(".agents/logbooks/run.md", text.encode())
    assert isinstance(parsed, Logbook)
    return parsed


def found(before: str, after: str) -> list[str]:
    """Return the names of what became of one text in another."""
    result = compare(book(before), book(after))
    return [item.name for item in fields(Changes) if getattr(result, item.name)]


ERRORS = {"removed", "moved", "rewritten"}


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_every_line_of_a_log_is_protected(path: Path) -> None:
    """A line that goes, and a number, a word or a negation that changes, is an error wherever in the log it stands."""
    old = book(path.read_text())
    unseen = [edit for edit in edits(old) if ERRORS.isdisjoint(found(old.text, edit.text))]
    assert unseen == []


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_a_line_of_a_log_stays_in_its_place(path: Path) -> None:
    """Two lines that change places are an error, unless both are items, fields or rows: lists without an order."""
    old = book(path.read_text())
    lines = old.text.split("\n")
    shown = lines_of_the_log(old)
    for n in shown:
        after = next((k for k in shown if k > n), None)
        if after is None or any(lines[k].lstrip().startswith(("-", "|", "**", "Result:")) for k in (n, after)):
            continue
        swapped = [*lines[:n], lines[after], *lines[n + 1 : after], lines[n], *lines[after + 1 :]]
        assert not ERRORS.isdisjoint(found(old.text, "\n".join(swapped))), lines[n]


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_a_line_of_a_log_stays_in_its_entry(path: Path) -> None:
    """A line that moves to the end of another entry is an error."""
    old = book(path.read_text())
    lines = old.text.split("\n")
    for n in lines_of_the_log(old):
        others = [one for one in old.everything if not one.span.line <= n + 1 <= one.span.end_line + 2]
        if lines[n].startswith(("#", "[^", "**")) or not others or "```" in lines[n - 1 : n]:
            continue
        end = others[-1].span.end_line
        moved = [*lines[:end], "", lines[n].strip(), "", *lines[end:]]
        del moved[n if n < end else n + 3]
        assert not ERRORS.isdisjoint(found(old.text, "\n".join(moved))), lines[n]


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_a_logbook_that_is_wrapped_or_set_otherwise_is_no_change(path: Path) -> None:
    """Marks of lists and emphasis, blank lines and trailing spaces are formatting, wherever they stand."""
    text = path.read_text()
    for old, new in (("\n- ", "\n* "), ("\n\n", "\n\n\n"), (".\n", ".  \n"), ("**", "__"), (" takes ", " *takes* ")):
        assert found(text, text.replace(old, new)) == []


LOG = """# Run: Research Logbook

- Experiment ID prefix: RUN-A

## Scope

- Goal: 2 seeds.
- Owner: Ana

## Entry Log

All runs use 8 chips.

### 2026-05-20 - RUN-A-001 first

- Result: loss 2.31.

### What we learned

Seed 1 lost 6 chips.

### 2026-05-21 - RUN-A-002 second

- Result: loss 2.42.

### Status

- 2 of 4 runs done.

## Discussion of RUN-A-002

It is 0.11 worse.

## Discussion

Nobody dated this: 7 words.

## Next steps

- Run seed 3.
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("8 chips", "9 chips", ["rewritten"]),
        ("All runs use 8 chips.\n\n", "", ["removed"]),
        ("6 chips", "no chips", ["rewritten"]),
        ("### What we learned\n\nSeed 1 lost 6 chips.\n\n", "", ["removed"]),
        ("What we learned", "What we made up", ["rewritten"]),
        ("0.11 worse", "0.11 better", ["rewritten"]),
        ("## Discussion of RUN-A-002", "## Discussion of RUN-A-001", ["rewritten"]),
        ("## Entry Log\n\nAll runs", "All runs", ["removed"]),
        ("### 2026-05-21", "### Retracted\n\n### 2026-05-21", []),
        ("All runs use", "### Wrong\n\nAll runs use", ["rewritten"]),
        ("All runs use", "### Notes\n\nAll runs use", []),
        ("All runs use 8 chips.", "All runs use 8 chips. Times are UTC.", []),
        ("All runs use 8 chips.", "All runs use ~~8~~ 16 chips.", []),
        ("### What we learned", "### 2026-05-20 - What we learned", []),
        ("### What we learned", "#### What we learned", []),
        ("## Entry Log", "## Log", []),
        ("## Entry Log", "## Retracted results", ["rewritten"]),
        ("2 of 4 runs", "3 of 4 runs", []),
        ("Nobody dated this: 7 words.", "", []),
        ("- Run seed 3.", "- Run seeds 4 and 5.", []),
        ("- Owner: Ana", "- Owner: Ben", []),
    ],
)
def test_what_of_a_logbook_is_protected(old: str, new: str, expected: list[str]) -> None:
    """All of the log and below a date or an ID, but nothing that is kept up to date, nor a discussion with neither."""
    assert sorted(found(LOG, LOG.replace(old, new, 1))) == sorted(expected)


def test_a_heading_over_old_entries_says_nothing_new() -> None:
    """A heading that is put over them may divide the log into months, and may not retract them."""
    deeper = LOG.replace("\n### 2026", "\n#### 2026").replace("### What", "#### What")
    assert found(LOG, deeper.replace("All runs", "### May 2026\n\nAll runs")) == []
    months = deeper.replace("#### 2026-05-20", "### May 2026\n\n#### 2026-05-20")
    assert found(LOG, months) == []
    assert found(LOG, months.replace("May 2026", "Invalid runs")) == ["rewritten"]
    assert found(months, months.replace("\n#### 2026", "\n### 2026")) == []
    invalid = months.replace("May 2026", "Invalid runs")
    assert found(invalid, invalid.replace("#### 2026-05-21", "### 2026-05-21")) == ["rewritten"]


def test_text_among_dated_bullets_is_protected() -> None:
    """Items without a date and paragraphs between those that have one stay where they are."""
    text = "# Run\n\n## Log\n\n- 2026-05-20: started\n- it diverged\n- 2026-05-21: again\n\nBoth on 8 chips.\n"
    assert found(text, text.replace("- it diverged\n", "")) == ["removed"]
    assert found(text, text.replace("it diverged", "it went well")) == ["rewritten"]
    moved = text.replace("- it diverged\n", "").replace("again\n", "again\n- it diverged\n")
    assert set(found(text, moved)) & ERRORS
    assert found(text, text.replace("8 chips", "16 chips")) == ["rewritten"]
    assert found(text, text.replace("it diverged", "it diverged. At step 12.")) == []
    assert found(text, text + "\n- 2026-05-22: stopped\n\nMore.\n") == []


def test_a_bold_line_may_become_a_heading() -> None:
    """What an entry is marked by is formatting, also where more follows it."""
    text = "# Run\n\n## Log\n\n**2026-05-20 - kernel**\n\nIt takes 3 ms.\n\n- forward 1 ms\n"
    assert found(text, text.replace("**2026-05-20 - kernel**", "### 2026-05-20 - kernel")) == []
    bullets = "# Run\n\n## Log\n\n- 2026-05-20: kernel\n  - forward 1 ms\n"
    assert found(bullets, "# Run\n\n## Log\n\n### 2026-05-20: kernel\n\n- forward 1 ms\n") == []


def test_an_entry_below_a_new_item_is_gone() -> None:
    """A dated bullet that becomes the child of another is no entry any more."""
    text = "# Run\n\n## Log\n\n- 2026-05-20: started\n- 2026-05-21: again\n"
    assert found(text, text.replace("- 2026-05-21", "- Never happened:\n  - 2026-05-21")) == ["removed"]


def test_a_footnote_belongs_to_what_cites_it() -> None:
    """Wherever it stands; one that only the scope cites may change."""
    text = LOG.replace("loss 2.31.", "loss 2.31.[^1]").replace("Owner: Ana", "Owner: Ana[^2]")
    text += "\n[^1]: On 4 chips.\n\n[^2]: Of 9.\n"
    assert found(text, text.replace("On 4", "On 8")) == ["rewritten"]
    assert found(text, text.replace("On 4 chips.", "On 4 chips. Again.")) == []
    assert found(text, text.replace("Of 9", "Of 10")) == []
    assert (
        found(text, text.replace("\n[^1]: On 4 chips.\n", "").replace("## Next", "[^1]: On 4 chips.\n\n## Next")) == []
    )


PATHS = st.sampled_from(LOGBOOKS)


@settings(deadline=None, max_examples=40)
@given(PATHS, st.data())
def test_lines_deleted_at_random_are_found(path: Path, data: st.DataObject) -> None:
    """Any set of lines of the log that goes is found."""
    old = book(path.read_text())
    lines = old.text.split("\n")
    gone = data.draw(st.sets(st.sampled_from(lines_of_the_log(old)), min_size=1, max_size=6))
    after = "\n".join(line for n, line in enumerate(lines) if n not in gone)
    assert not ERRORS.isdisjoint(found(old.text, after))


@settings(deadline=None, max_examples=40)
@given(PATHS, st.data())
def test_two_edits_at_once_are_found(path: Path, data: st.DataObject) -> None:
    """An edit does not hide another: what becomes of a text that was edited is found too."""
    old = book(path.read_text())
    first = data.draw(st.sampled_from(list(edits(old))))
    middle = book(first.text)
    if middle.log is None:
        return
    second = data.draw(st.sampled_from(list(edits(middle)) or [first]))
    assert not ERRORS.isdisjoint(found(old.text, second.text)) or second.text == old.text
