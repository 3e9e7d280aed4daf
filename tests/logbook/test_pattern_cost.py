"""Claims about the cost of the patterns that read logbooks, told from how they are built, without a clock."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from research_logbook import lint, logbook

DELIMITED = {
    "logbook._BARE",
    "logbook.experiment_ids._ID",
    "logbook.experiment_ids.PREFIX",
    "logbook.queries._SCRIPT",
    "logbook.vocabulary.ICONS",
    "lint.rules.leftovers._FENCE",
    "lint.rules.references._PINNED",
}
"""Repetitions within a repetition whose every round begins or ends with what the inner one cannot hold."""


def parts_of(code: int, value: Any) -> Iterator[Any]:
    """Yield what an element of a pattern is made of."""
    if code in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
        yield value[2]
    elif code is op.SUBPATTERN:
        yield value[3]
    elif code is op.ATOMIC_GROUP:
        yield value
    elif code is op.BRANCH:
        yield from value[1]
    elif code in {op.ASSERT, op.ASSERT_NOT}:
        yield value[1]
    elif code is op.GROUPREF_EXISTS:
        yield from (part for part in value[1:] if part is not None)


def gives_back(tree: Any, *, is_within: bool = False) -> bool:
    """Return whether a repetition without an end that gives back stands in another one.

    Such a pair can cut the same text in as many ways as there are sums: the time doubles with each character.
    """
    for code, value in tree:
        is_open = code in {op.MAX_REPEAT, op.MIN_REPEAT} and value[1] is op.MAXREPEAT
        if is_open and is_within:
            return True
        is_kept = code in {op.ATOMIC_GROUP, op.POSSESSIVE_REPEAT, op.ASSERT, op.ASSERT_NOT}
        if any(gives_back(part, is_within=not is_kept and (is_within or is_open)) for part in parts_of(code, value)):
            return True
    return False


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the patterns of the packages that read and judge logbooks, by name."""
    for package in (logbook, lint):
        modules = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        for module in (package.__name__, *(found.name for found in modules)):
            for name, value in vars(importlib.import_module(module)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.removeprefix('research_logbook.')}.{name}", value


def test_no_pattern_that_reads_a_logbook_takes_exponential_time() -> None:
    """Anybody can write a line that makes such a pattern hang."""
    found = {name for name, pattern in patterns() if gives_back(_parser.parse(pattern.pattern, pattern.flags))}
    assert found <= DELIMITED, "make the inner repetition possessive (`*+`), or give it an end"
    assert len(list(patterns())) > 100


@pytest.mark.parametrize("pattern", [r"(?:a+)+b", r"(?:\w+\s*)*:", r"(?:(?:x|y*)z?)+", r"(?:a*?b?)*"])
def test_repetitions_within_repetitions_are_found(pattern: str) -> None:
    """Each of them doubles with each character."""
    assert gives_back(_parser.parse(pattern))


@pytest.mark.parametrize("pattern", [r"(?:a++)+b", r"(?>a+)b+", r"(?:\w{1,9}\s?)*:", r"a+b+", r"(?:(?=a+)b)+"])
def test_repetitions_that_give_nothing_back_are_not(pattern: str) -> None:
    """Each of them goes over the text once."""
    assert not gives_back(_parser.parse(pattern))
