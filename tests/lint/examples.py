"""The examples on the rules' pages, made into whole logbooks.

A fragment that begins with `### ` goes into the log of a well-formed logbook, one that begins with `## ` before
the log, in place of a section of the same name; an example with a title of its own is a logbook already.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from research_logbook.lint.pages import Example, parse_page
from research_logbook.lint.rule import Rule

PATH = ".agents/logbooks/router-temperature.md"
"""Where the logbook of an example stands; its topic is its name."""

HEAD = """\
---
topic: router-temperature
issue: 42
description: Does a cooler router balance the experts?
author: Ana
---
# Router Temperature: Research Logbook

- Branch: `research/router-temperature`
- Experiment ID prefix: MOE-HC
- Tags: MOE-HC, issue-42

"""
SECTIONS = {
    "Scope": "- Goal: balance the experts.\n- Primary metric: loss at step 400.\n- Constraints: two GPUs.\n",
    "Baseline": "- 2026-05-20, commit `1691d0a`: loss 2.41 at step 400.\n",
    "Stop Criteria": "- Gate 1: stop when three variants are over 2.41.\n",
    "Hypothesis Queue": "- H1 (proposed): a cooler router balances the experts.\n",
    "Entry Log": "### 2026-05-20 09:00 - kickoff\n\n- Decision: begin with one seed.\n",
}
"""The sections of a well-formed logbook by title."""


class Case(NamedTuple):
    """An example: whether its rule is to find a fault, the logbook before a change, if any, and the judged one."""

    should_fail: bool
    before: str | None
    after: str
    """Empty for a file that is gone."""


def pages(rule: Rule) -> Iterator[Case]:
    """Yield the examples of a rule's page; parts that are sentences have none."""
    page = parse_page(rule.page)
    yield from _cases(page.fails, should_fail=True)
    yield from _cases(page.passes, should_fail=False)


def _cases(examples: Sequence[Example], *, should_fail: bool) -> Iterator[Case]:
    before: str | None = None
    for example in examples:
        if example.info == "markdown before":
            before = wrapped(example.text)
        elif example.info:
            yield Case(should_fail, before, wrapped(example.text))
            before = None


def wrapped(fragment: str) -> str:
    """Return a whole logbook that holds `fragment`; what begins otherwise than with a section is whole already."""
    if not fragment.startswith(("## ", "### ")) or re.search(r"(?m)^# ", _without_code(fragment)):
        return fragment
    if fragment.startswith("### "):
        return _logbook(SECTIONS | {"Entry Log": fragment})
    named = dict(_sections(fragment))
    kept = {title: text for title, text in SECTIONS.items() if title.casefold() not in named}
    log = {"Entry Log": kept.pop("Entry Log")} if "Entry Log" in kept else {}
    return _logbook(kept).rstrip("\n") + "\n\n" + fragment.rstrip("\n") + "\n\n" + _written(log)


def _logbook(sections: dict[str, str]) -> str:
    return HEAD + _written(sections)


def _written(sections: dict[str, str]) -> str:
    return "\n".join(f"## {title}\n\n{text}" for title, text in sections.items())


def _sections(fragment: str) -> Iterator[tuple[str, str]]:
    for title in re.findall(r"(?m)^## (.+)$", _without_code(fragment)):
        yield title.strip().casefold(), title


def _without_code(text: str) -> str:
    return re.sub(r"(?ms)^(`{3,}|~{3,}).*?^\1[ \t]*$", "", text)
