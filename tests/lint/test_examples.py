"""Claims about the pages of all rules: each is whole, and its examples hold when they are judged."""

import importlib
import pkgutil
from collections.abc import Callable

import pytest

from lint.examples import Case, findings, pages
from research_logbook.actions.runner import FIRST
from research_logbook.lint import rules
from research_logbook.lint.rules import CATALOGUE, NAMES
from research_logbook.lint.rules.rule import Rule
from rule_pages import parse_page

EXAMPLES = [
    pytest.param(rule, case, id=f"{rule.name}-{'fails' if case.should_fail else 'passes'}")
    for rule in CATALOGUE
    for case in pages(rule)
]


@pytest.mark.parametrize(("rule", "case"), EXAMPLES)
def test_an_example_is_judged_as_its_page_says(rule: Rule, case: Case) -> None:
    """An example that a page calls failing has one finding of that rule, one that it calls passing has none."""
    assert [item.rule for item in findings(rule, case)].count(rule.name) == case.should_fail


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.name)
def test_every_page_has_a_failing_and_a_passing_example(rule: Rule) -> None:
    """So every rule fires at least once in the tests, and stays silent at least once."""
    assert {case.should_fail for case in pages(rule)} == {True, False}


def test_findings_are_worded_as_agreed(golden: Callable[[str, str], None]) -> None:
    """What each rule says of its failing examples: severity, place, subject, message and help."""
    golden(
        "findings.txt",
        "".join(
            f"{item.severity} {item.rule} at {item.span.path}:{item.span.line}:{item.span.column}-{item.span.end_line}"
            f" ({item.subject!r})\n  {item.message}\n  help: {item.help}\n"
            for rule in CATALOGUE
            for case in pages(rule)
            for item in findings(rule, case)
            if case.should_fail and item.rule == rule.name
        ),
    )


def test_no_rule_is_left_out() -> None:
    """Every rule of every module of rules is in the catalogue, once, and its page has all its parts."""
    modules = [
        importlib.import_module(f"{rules.__name__}.{item.name}") for item in pkgutil.iter_modules(rules.__path__)
    ]
    written = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    assert {rule.name for rule in written} == NAMES
    assert len(NAMES) == len(CATALOGUE)
    assert all(parse_page(rule.page) for rule in CATALOGUE)


def test_annotations_name_real_rules() -> None:
    """The order of annotations names existing rules."""
    assert set(FIRST) <= NAMES
