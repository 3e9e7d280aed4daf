"""Claims about the pages of the seal checks: each is whole, and its examples hold when they are judged."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec
import pytest
from ruamel.yaml import YAML

from research_logbook.config.schema import Config
from research_logbook.issues.classification import is_part_of
from research_logbook.seal import checks
from research_logbook.seal.checks import record, summary
from research_logbook.seal.checks.facts import OtherLogbook, ProductionPull, SealCheck, SealFacts
from rule_pages import Example, parse_page
from seal.closeout import (
    HEAD,
    LOG,
    LOGBOOK,
    NUMBER,
    ONE,
    QUEUE,
    REPOSITORY,
    TWO,
    body,
    book,
    said,
    thread,
    verdict,
    version,
)


class GivenPullRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A merged pull request."""

    title: str
    description: str = ""


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What an example says is so, in a fence marked `yaml given`; what it does not say is as it should be."""

    labels: tuple[str, ...] = ("experiment",)
    pull_requests: Mapping[int, GivenPullRequest] = {}
    configuration: Config = Config()


class Case(NamedTuple):
    """An example by its parts: fragments of the body, the logbook, a comment, and so on, by what its fence says."""

    holds: bool
    parts: dict[str, str]

    def facts(self) -> SealFacts:
        """Return the honest thread with the example in it."""
        parts = self.parts
        given = msgspec.convert(YAML(typ="safe", pure=True).load(parts.get("yaml given", "{}")), Given)
        honest = thread(
            body(parts["markdown"]) if "markdown" in parts else None,
            said(parts["markdown comment"]) if "markdown comment" in parts else None,
            self.logbook(),
            given.configuration,
            before=HEAD + QUEUE + LOG + parts.get("markdown before", ONE),
            labels=given.labels,
            pulls=tuple(
                ProductionPull(number, pull.title, is_merged=True)
                for number, pull in given.pull_requests.items()
                if is_part_of(pull.description, NUMBER, REPOSITORY)
            ),
        )
        if "markdown other" in parts:
            there = version("research/other", HEAD + LOG + parts["markdown other"], path=".agents/logbooks/other.md")
            honest = replace(honest, others=(OtherLogbook(there, (there.name,), book().header),))
        return replace(honest, snapshots=honest.snapshots[-1:]) if "markdown before" in parts else honest

    def logbook(self) -> str:
        """Return the logbook: a section of the example replaces its own, an entry is added."""
        part = self.parts.get("markdown logbook", "")
        if "markdown after" in self.parts:
            return HEAD + QUEUE + LOG + self.parts["markdown after"]
        if part.startswith("## "):
            return HEAD + "\n" + part + LOG + ONE + TWO
        return LOGBOOK + "\n" + part


def cases(examples: Sequence[Example], *, holds: bool) -> Iterator[Case]:
    """Yield the examples: a fence begins a new one unless it adds to the one before it."""
    parts: dict[str, str] = {}
    for info, text in examples:
        adds = info in {"markdown logbook", "markdown after"} or parts.keys() == {"yaml given"}
        if info and parts and (info in parts or not adds):
            yield Case(holds, parts)
            parts = {}
        if info:
            parts[info] = text
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
    found = verdict(case.facts(), check.name)
    assert found.passes is case.holds, found.evidence


def test_evidence_is_worded_as_agreed(golden: Callable[[str, str], None]) -> None:
    """What each check says of its examples: the evidence, where a reader can see it, and the remedy."""
    lines = []
    for check, case in (example.values for example in EXAMPLES):
        found = verdict(case.facts(), check.name)
        lines.append(f"{check.name} {'passes' if found.passes else 'fails'}")
        for evidence in found.evidence:
            remedy = f"\n    remedy: {evidence.remedy}" if evidence.remedy else ""
            lines.append(f"  {evidence.text}\n    at {evidence.url}{remedy}")
    golden("evidence.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("check", checks.CATALOGUE, ids=lambda check: check.name)
def test_each_page_has_a_failing_and_a_passing_example(check: SealCheck) -> None:
    """A reader sees both, and both are run."""
    page = parse_page(check.page)
    assert all(any(info for info, _ in part) for part in (page.fails, page.passes))


def test_every_check_is_in_the_catalogue() -> None:
    """No check is defined and left out."""
    defined = [one for module in (summary, record) for one in vars(module).values() if isinstance(one, SealCheck)]
    assert sorted(check.name for check in defined) == sorted(check.name for check in checks.CATALOGUE)
