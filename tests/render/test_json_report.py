"""Reports and logbooks as JSON."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from research_logbook.findings import Report
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook
from research_logbook.render.json_report import inspect_json, json_report


def inspected(text: str) -> dict[str, Any]:
    """Return what `inspect` says of a logbook with this text."""
    book = parse("a.md", text.encode())
    assert isinstance(book, Logbook)
    return json.loads(inspect_json(book))  # type: ignore[no-any-return]


def front_matter(values: str) -> Any:
    """Return the front matter of a logbook as JSON has it."""
    return inspected(f"---\n{values}\n---\n# Title\n")["front_matter"]


def test_the_json_is_as_agreed(sample: Report, golden: Callable[[str, str], None]) -> None:
    """The report as programs read it."""
    golden("report.json", json_report(sample))


def test_the_keys_are_those_of_the_contract(sample: Report) -> None:
    """Programs find what the documentation promises, under its names."""
    shown = json.loads(json_report(sample))

    assert list(shown) == [
        *("version", "logbooks", "findings", "inherited", "accepted", "skipped", "notes", "summary"),
    ]
    assert list(shown["logbooks"][0]) == ["path", "topic", "issue", "prefix", "entries", "hypotheses"]
    assert list(shown["findings"][0]) == [
        *("rule", "severity", "path", "line", "column", "end_line", "message", "help", "count"),
    ]
    assert shown["summary"] == {"errors": 2, "warnings": 2}


def test_an_inspected_logbook_is_as_agreed(logbook: Logbook, golden: Callable[[str, str], None]) -> None:
    """The model of a logbook as programs read it."""
    golden("inspect.json", inspect_json(logbook))


def test_values_of_one_name_are_joined() -> None:
    """Two fields with the same canonical name are one value of two lines."""
    shown = inspected("# T\n\n## Entry Log\n\n### 2026-05-25 - A\n\n- Command: `a`\n- Launch: `b`\n- Result: TBD\n")

    assert shown["entries"][0]["fields"] == {"command": "`a`\n`b`", "result": "TBD"}
    assert shown["entries"][0]["pending"] == ["result"]


def test_an_impossible_date_is_null() -> None:
    """An impossible date keeps how it was written, and has no value."""
    shown = inspected("# T\n\n## Entry Log\n\n### 2026-02-30 - A\n\n- Command: `a`\n")

    assert shown["entries"][0]["when"] == {"date": None, "time": None, "zone": None, "written": "2026-02-30"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("a: 2026-05-25", {"a": "2026-05-25"}),
        ("a: 2026-05-25T04:50:00Z", {"a": "2026-05-25T04:50:00+00:00"}),
        ("a: [.nan, .inf, 1.5, 3, true, null]", {"a": ["nan", "inf", 1.5, 3, True, None]}),
        ("a: !!set {q, r}", {"a": ["q", "r"]}),
        ("a: {2026-05-25: x, 3: y}", {"a": {"2026-05-25": "x", "3": "y"}}),
        ("a: !!binary aGk=", {"a": "b'hi'"}),
    ],
)
def test_front_matter_becomes_json(values: str, expected: object) -> None:
    """Dates, sets and numbers that JSON lacks are written as JSON can."""
    assert front_matter(values) == expected


def test_recursive_front_matter_ends() -> None:
    """A value that is part of itself is shown a few levels deep."""
    assert json.dumps(front_matter("a: &x [*x]")) == '{"a": [[[[[[[[["\\u2026"]]]]]]]]]}'


def test_aliases_of_aliases_take_bounded_memory() -> None:
    """A few lines of YAML that stand for millions of values are cut short."""
    lines = ["a: &a {k: [1, 2, 3]}"]
    lines += [
        f"{new}: &{new} {{x: *{old}, y: *{old}, z: *{old}}}" for old, new in zip("abcdefg", "bcdefgh", strict=True)
    ]

    assert len(json.dumps(front_matter("\n".join(lines)))) < 2_000_000


def test_front_matter_that_cannot_be_read_is_null() -> None:
    """Front matter with a fault in it has no values."""
    assert front_matter("a: [") is None
