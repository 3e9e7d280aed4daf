"""Claims about the pages of all rules: each is whole, and its examples hold when they are judged."""

import datetime as dt
import importlib
import pkgutil

import pytest

from lint.examples import PATH, Case, pages
from research_logbook.actions.runner import FIRST
from research_logbook.config.schema import Config
from research_logbook.lint import rules
from research_logbook.lint.engine import judge, judge_change
from research_logbook.lint.pages import parse_page
from research_logbook.lint.rule import ChangeSet, Facts, Revision, Rule, Scope
from research_logbook.lint.rule import LintCase as Judged
from research_logbook.lint.rules import CATALOGUE, NAMES
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
EXAMPLES = [
    pytest.param(rule, case, id=f"{rule.name}-{'fails' if case.should_fail else 'passes'}")
    for rule in CATALOGUE
    for case in pages(rule)
]


def book(text: str) -> Logbook:
    """Return the logbook of an example."""
    parsed = parse(PATH, text.encode())
    assert isinstance(parsed, Logbook)
    return parsed


def found(rule: Rule, case: Case) -> set[str]:
    """Return the rules that find fault with an example."""
    facts, config = Facts(NOW, missing=frozenset(), changed=(PATH,)), Config(rules={rule.name: rule.severity.value})
    if rule.scope is Scope.CHANGE:
        deleted = {} if case.after else {PATH: "3f78685"}
        gone = Facts(NOW, changed=(PATH,), deleted=deleted)
        books = (book(case.after).brief,) if case.after else ()
        return {item.rule for item in judge_change(ChangeSet(books, gone, config)).findings}
    revisions = (Revision("3f78685", PATH, book(case.before)),) if case.before else ()
    judged = Judged(book(case.after), facts, config, revisions, is_new=not case.before)
    return {item.rule for item in judge(judged).findings}


@pytest.mark.parametrize(("rule", "case"), EXAMPLES)
def test_an_example_holds(rule: Rule, case: Case) -> None:
    """What a page calls failing fails by that rule, and what it calls passing does not."""
    assert (rule.name in found(rule, case)) == case.should_fail


def test_no_rule_is_left_out() -> None:
    """Every rule of every module of rules stands in the catalogue, once, and its page has all its parts."""
    modules = [
        importlib.import_module(f"{rules.__name__}.{item.name}") for item in pkgutil.iter_modules(rules.__path__)
    ]
    written = [value for module in modules for value in vars(module).values() if isinstance(value, Rule)]
    assert {rule.name for rule in written} == NAMES
    assert len(NAMES) == len(CATALOGUE)
    assert all(parse_page(rule.page) for rule in CATALOGUE)


def test_annotations_name_real_rules() -> None:
    """The order of annotations speaks of rules that there are."""
    assert set(FIRST) <= NAMES
