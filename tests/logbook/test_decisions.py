"""Claims about the decision log."""

from book import book, parsed


def decisions(text: str) -> list[tuple[int, int, str]]:
    """Return lines and text of each decision in a decision log."""
    found = parsed(f"# T\n\n## Decision Log\n\n{text}\n\n## Other\n\n- no decision\n").decisions
    return [(item.span.line, item.span.end_line, item.text) for item in found]


def test_items_rows_and_dated_text_are_decisions() -> None:
    """Lists, tables, dated paragraphs and dated headings hold decisions; an introduction is none."""
    text = "Newest last.\n\n- one\n  more\n  - and\n\n| Date | What |\n|--|--|\n| x | two |\n\n**2026-05-25**: three\n"
    assert decisions(text) == [
        *((7, 9, "one more and"), (13, 13, "x | two"), (15, 15, "2026-05-25: three")),
    ]
    assert decisions("### 2026-05-25 four\n\nBecause.\n\n#### Why\n\n- x\n\n### Kept\n\n- five\n") == [
        *((5, 11, "2026-05-25 four Because. Why x"), (15, 15, "five")),
    ]


def test_decisions_within_an_entry_are_the_entry_s() -> None:
    """A sub-heading of an entry is no decision log."""
    assert parsed("## 2026-05-25 a\n\n### Decision\n\n- keep it\n").decisions == ()


def test_a_decision_is_known_by_how_it_begins() -> None:
    """Its subject is the same wherever it stands."""
    (decision,) = book("D@2026-05-25 'one seed is enough'").decisions
    assert decision.subject == "decision 2026-05-25: one seed is enough"
    assert len({decision}) == 1
