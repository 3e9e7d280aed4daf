"""Claims about the pages of the seal checks: each is whole, and its examples hold when they are judged."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import pytest

from research_logbook.lint.pages import Example, parse_page
from research_logbook.seal import checks
from research_logbook.seal.checks import record, summary
from research_logbook.seal.checks.facts import SealCheck, SealFacts
from seal.closeout import HEAD, LOG, LOGBOOK, ONE, QUEUE, TWO, body, said, thread, verdict


class Case(NamedTuple):
    """An example by its parts: fragments of the body, the logbook, a comment, the logbook before and after."""

    holds: bool
    parts: dict[str, str]

    def thread(self) -> SealFacts:
        """Return the honest thread with the example in it."""
        parts = self.parts
        honest = thread(
            body(parts["markdown"]) if "markdown" in parts else None,
            said(parts["markdown comment"]) if "markdown comment" in parts else None,
            self.logbook(),
            before=HEAD + QUEUE + LOG + parts.get("markdown before", ONE),
        )
        snapshots = honest.snapshots[-1:] if "markdown before" in parts else honest.snapshots
        return replace(honest, snapshots=snapshots)

    def logbook(self) -> str:
        """Return the logbook: a section of the example replaces its own, an entry is added."""
        part = self.parts.get("markdown logbook", "")
        if "markdown after" in self.parts:
            return HEAD + QUEUE + LOG + self.parts["markdown after"]
        if part.startswith("## "):
            return HEAD + "\n" + part + LOG + ONE + TWO
        return LOGBOOK + "\n" + part


def cases(examples: Sequence[Example], *, holds: bool) -> Iterator[Case]:
    """Yield the examples; what is of the logbook belongs to the body before it, if any."""
    parts: dict[str, str] = {}
    for example in (one for one in examples if one.info):
        joins = example.info in {"markdown logbook", "markdown after"} and example.info not in parts
        if parts and not joins:
            yield Case(holds, parts)
            parts = {}
        parts[example.info] = example.text
    if parts:
        yield Case(holds, parts)


EXAMPLES = [
    pytest.param(check, case, id=f"{check.name}-{'passes' if case.holds else 'fails'}")
    for check in checks.CATALOGUE
    for page in [parse_page(check.page)]
    for case in (*cases(page.fails, holds=False), *cases(page.passes, holds=True))
]


@pytest.mark.parametrize(("check", "case"), EXAMPLES)
def test_each_example_is_judged_as_its_page_says(check: SealCheck, case: Case) -> None:
    """What stands after `Fails:` fails its check, and what stands after `Passes:` passes it."""
    found = verdict(case.thread(), check.name)
    assert found.holds is case.holds, found.signs


def test_every_check_is_in_the_catalogue() -> None:
    """No check is defined and left out."""
    defined = [one for module in (summary, record) for one in vars(module).values() if isinstance(one, SealCheck)]
    assert sorted(check.name for check in defined) == sorted(check.name for check in checks.CATALOGUE)
