"""Claims about real logbooks, where they are at hand: the parser reads what people really write."""

import csv
from pathlib import Path
from typing import NamedTuple

import pytest

from book import outline, parsed
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook
from research_logbook.logbook.queries import files_wanted, is_newest_first

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


class Row(NamedTuple):
    """What a person counted in a logbook."""

    file: str
    commit: str
    cut: str
    front_matter: str
    log_section: str
    entries: str
    order: str
    prefix: str


def rows() -> list[Row]:
    """Return the rows of the index; none without the corpus."""
    index = CORPUS / "index.tsv"
    if not index.exists():
        return []
    _, *found = csv.reader(index.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    return [Row(*row) for row in found]


ROWS = rows()
pytestmark = pytest.mark.skipif(not ROWS, reason="the corpus of real logbooks is not here")


def read(row: Row) -> Logbook:
    """Return a real logbook."""
    return parsed((CORPUS / "logbooks" / row.file).read_bytes())


def order(logbook: Logbook) -> str:
    """Return the order of the entries, in the index's words."""
    if len(logbook.entries) < 2:
        return "none"
    return "newest-first" if is_newest_first(logbook) else "oldest-first"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_real_logbook_is_read_as_a_person_reads_it(row: Row) -> None:
    """Entries, order, prefix, front matter and log are those that a person found."""
    logbook = read(row)
    assert (str(len(logbook.entries)), order(logbook), logbook.prefix or "-") == (row.entries, row.order, row.prefix)
    assert (logbook.front_matter is not None) is (row.front_matter == "yes")
    assert logbook.log
    heading = logbook.text.split("\n")[logbook.log.line - 1]
    assert row.log_section in {"-", heading.strip("# ")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_dates_are_as_they_are_written(row: Row) -> None:
    """Each entry's date and time stand in its heading, letter by letter, and in the calendar."""
    logbook = read(row)
    lines = logbook.text.split("\n")
    for entry in logbook.entries:
        assert entry.when
        assert entry.when.date
        assert entry.when.written in lines[entry.span.line - 1]
        assert entry.heading_ids == entry.ids


def test_the_only_undated_entry_is_found() -> None:
    """The one heading that lacks a date is an entry nevertheless."""
    undated = {row.file: [entry.heading for entry in read(row).undated] for row in ROWS}
    assert {file: headings for file, headings in undated.items() if headings} == {"glu-activation.md": ["Kickoff"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_logbook_that_is_cut_anywhere_is_read(row: Row) -> None:
    """A file may end in the middle of a word, a table or a fence."""
    data = (CORPUS / "logbooks" / row.file).read_bytes()
    for end in range(0, len(data), 97):
        found = parse("a.md", data[:end].decode(errors="ignore").encode())
        assert isinstance(found, Logbook)
        assert len(outline(found)) == found.brief.entries + len(found.undated)
        assert all(path for _, path in files_wanted(found))
