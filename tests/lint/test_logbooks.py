"""Claims about whole logbooks: the findings that they expect stand in them, and there are no others."""

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pytest

from research_logbook.config.schema import Config
from research_logbook.lint.engine import judge
from research_logbook.lint.rules.rule import Facts, LintCase
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

LOGBOOKS = sorted((Path(__file__).parent / "logbooks").glob("*.md"))
NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


def expected(text: str) -> Counter[tuple[str, int]]:
    """Return rule and line of each finding that the text expects."""
    return Counter(
        (rule.strip(), number)
        for number, line in enumerate(text.split("\n"), 1)
        for match in re.finditer(r"(?:<!--|#) expect: ([\w, -]+?)(?: -->|$)", line)
        for rule in match[1].split(",")
    )


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_a_logbook_has_the_findings_that_it_expects(path: Path) -> None:
    """Each finding is expected on its line, and each expected one is found."""
    text = path.read_text()
    book = parse(f".agents/logbooks/{path.name}", text.encode())
    assert isinstance(book, Logbook)
    found = judge(LintCase(book, Facts(NOW), Config())).findings
    assert Counter((item.rule, item.span.line) for item in found) == expected(text)
