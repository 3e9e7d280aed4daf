"""Claims about cost: twice as much of anything in one logbook takes about twice as many steps, in every rule.

Steps are counted, no clock is asked: a step is a line of the package that runs, a turn of a loop on one line included.
What regular expressions and strings do in one step is measured by `benchmarks/lint.py`.
"""

import datetime as dt
import sys
from collections.abc import Callable
from functools import cache
from types import FrameType
from typing import Any

import pytest

from book import parsed
from research_logbook.config.schema import Allow, Config
from research_logbook.diff import compare
from research_logbook.lint.engine import judge
from research_logbook.lint.rules import CATALOGUE
from research_logbook.lint.rules.rule import Facts, LintCase, Needs, Revision, Rule, Scope
from research_logbook.logbook.model import Logbook

COUNT = 80
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
CONFIG = Config(allow=(Allow("incomplete-entry", "a pilot", heading="seed 1"), Allow("local-path", "a pilot")))
RULES = [rule for rule in CATALOGUE if rule.scope is Scope.LOGBOOK and rule.needs is not Needs.BASE]


def log(count: int, ids: str, body: str) -> str:
    """Return a logbook with as many entries; `{i}` stands for the number of each."""
    entry = f"### 2026-05-{{day:02}} - {ids}seed {{i}}\n\n{body}\n\n"
    return "# Run\n\n- Experiment ID prefix: `TH`\n\n## Entry Log\n\n" + "".join(
        entry.format(i=i, day=1 + i % 28) for i in range(count)
    )


def queue(count: int, item: str, body: str) -> str:
    """Return a logbook with as many hypotheses as entries."""
    items = "".join(f"- {item.format(i=i)}: a. Next test: b.\n" for i in range(count))
    return log(count, "", body).replace("## Entry Log", f"## Hypothesis Queue\n\n{items}\n## Entry Log")


ALLOWED = "<!-- logbook: allow incomplete-entry -- a pilot {i} -->"
SHAPES: dict[str, Callable[[int], str]] = {
    "whole entries": lambda n: log(n, "TH-{i:03} ", "- Command: `make`\n- Result: 2.5 s\n- Next action: none"),
    "results under one ID": lambda n: log(n, "TH-001 ", "- Result: loss 2.{i}"),
    "results of one job": lambda n: log(n, "", "- Job: `/ana/th`\n- Result: loss 2.{i}"),
    "results with many IDs": lambda n: log(n, "TH-001..050 ", "- Result: loss 2.{i}"),
    "jobs under one ID": lambda n: log(n, "TH-001 ", "- Job: `/ana/th-{i}`"),
    "pending under one ID": lambda n: log(n, "TH-001 ", "- Command: `make`\n- Result: pending."),
    "pending under many IDs": lambda n: log(n, "TH-{i:03} ", "- Command: `make`\n- Result: pending."),
    "pending without an ID": lambda n: log(n, "", "- Command: `make`\n- Result: pending."),
    "pending and results": lambda n: (
        log(n, "TH-001 ", "- Result: pending.") + log(n, "TH-002 ", "- Result: 2.5 s")[90:]
    ),
    "undated entries": lambda n: log(n, "", "- Result: 2.5 s").replace("### 2026-05-", "### no day "),
    "equal entries": lambda n: log(1, "", "x") + "### 2026-05-25 - again\n\nDiverged.\n\n" * n,
    "hypotheses": lambda n: queue(n, "TH-H{i} (active)", "TH-H{i} was looked at; TH-H0{i} is falsified."),
    "one hypothesis": lambda n: queue(n, "TH-H1 (active)", "TH-H1 was looked at."),
    "hypotheses in paragraphs": lambda n: log(0, "", "") + "## Hypotheses\n\nH1: a\n\n" + "- a\n\n<!-- -->\n\n" * n,
    "allowances in entries": lambda n: log(n, "TH-{i:03} ", f"{ALLOWED}\n\n- Command: `make`"),
    "allowances in the log": lambda n: log(n, "TH-001 ", "- Command: `make`").replace(
        "## Entry Log\n\n", "## Entry Log\n\n" + "".join(f"{ALLOWED.format(i=i)}\n\n" for i in range(n))
    ),
    "local paths": lambda n: log(n, "", "- Logs: `/home/ana/{i}`"),
    "commands and local paths": lambda n: log(1, "", "- Command: `cat /home/ana`\n- Logs: `/home/ana`\n" * n),
    "links": lambda n: log(n, "", "[a](b/{i}.md) [c](https://github.com/lab/models/blob/main/{i})"),
    "tables": lambda n: log(n, "", "| run | loss |\n|---|---|\n| a | 2.5 |"),
    "one table": lambda n: log(1, "", "| run | loss |\n|---|---|\n" + "| a | 2.5 |\n" * n),
    "sections": lambda n: "# Run\n\n" + "## A part\n\nText.\n\n" * n,
    "one entry": lambda n: log(1, "", "- Result: 2.5 s\n- Confidence: high\n- Date: YYYY-MM-DD\n" * n),
    "elements in a line": lambda n: log(1, "", "<b>a <s>b <rp>c <sup>1</sup> " * n),
    "elements closed at the end": lambda n: log(1, "", "<b>" * n + "<s>" * n + "</b>" * n),
    "elements around blocks": lambda n: log(1, "", "<details>\n\na\n\n" * n + "</details>\n\n" * n),
    "elements around entries": lambda n: log(n, "TH-{i:03} ", "- Result: 2.5 s\n\n<details>\n\n<div dir=rtl>"),
    "comments in HTML": lambda n: log(1, "", "<div><!-- # 2026-05-25\n\na\n\n<p>-->\n\n" * n),
    "pictures": lambda n: log(n, "TH-{i:03} ", "- Result: ![loss 2.{i}](a.png)"),
    "code": lambda n: log(1, "", "- Command:\n\n  ```sh\n  python a/b.py ...\n  ```\n\n" * n),
}


def steps(work: Callable[[], object]) -> int:
    """Return how many lines of the package run for `work`, when it is done again."""
    work()  # what is remembered between calls would make the first of two look costly
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if "research_logbook" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@cache
def shaped(shape: str, count: int) -> Logbook:
    """Return the logbook of a shape; it is parsed once for all rules that look at it."""
    return parsed(SHAPES[shape](count))


def growth(work: Callable[[Logbook], Callable[[], object]], shape: str) -> float:
    """Return how many times the steps of a work grow when a logbook doubles."""
    once, twice = (work(shaped(shape, count)) for count in (COUNT, 2 * COUNT))
    return steps(twice) / max(steps(once), 10 * COUNT)


def case(book: Logbook, *revisions: Logbook) -> LintCase:
    """Return a logbook before the rules, all findings asked for."""
    facts = Facts(NOW, missing=frozenset(), changed=())
    return LintCase(
        book,
        facts,
        CONFIG,
        tuple(Revision("1691d0a", book.path, old) for old in revisions),
        is_new=True,
        everything=True,
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rules_take_as_long_as_there_is_to_look_at(rule: Rule) -> None:
    """Entries, hypotheses, allowances or links: no rule holds each against each."""
    grown = {shape: growth(lambda book: lambda: list(rule.check(case(book))), shape) for shape in SHAPES}
    assert {shape: ratio for shape, ratio in grown.items() if ratio > 2.5} == {}


@pytest.mark.parametrize("shape", SHAPES)
def test_reading_and_judging_take_as_long_as_there_is_to_read(shape: str) -> None:
    """What surrounds the rules grows no faster than they: parsing, allowances, the configuration, what is inherited."""
    assert growth(lambda book: lambda: parsed(book.text), shape) < 2.5
    assert growth(lambda book: lambda: judge(case(book), case(book)), shape) < 2.5


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_comparing_takes_as_long_as_there_is_to_compare(shape: str) -> None:
    """A logbook of which every line was edited, half was taken out, or all is new, is compared in one go."""

    def edited(book: Logbook) -> Callable[[], object]:
        new = parsed(book.text.replace(" ", " so ").replace("# so ", "# ").replace("- so ", "- "))
        return lambda: compare(book, new)

    def halved(book: Logbook) -> Callable[[], object]:
        lines = book.text.splitlines(keepends=True)
        new = parsed("".join(lines[: len(lines) // 2]))
        return lambda: compare(book, new) and compare(new, book)

    assert growth(edited, shape) < 2.5
    assert growth(halved, shape) < 2.5
