"""The examples on the rules' pages, made into whole logbooks and judged with the facts that they state.

A fragment that begins with `### ` goes into the log of a well-formed logbook, one that begins with `## ` before the
log, in place of a section of the same name; an example with a title of its own is a logbook already. In its text,
`<81 lines>` stands for that many lines, `<36 letters and digits>` for that many characters, and `<a NUL byte>` for one.
What else is so stands in a fence marked `yaml given`; see `Given` for its keys.
"""

import datetime as dt
import random
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
from ruamel.yaml import YAML

from research_logbook.actions.event import EventKind, PullRequest
from research_logbook.config.schema import Config
from research_logbook.findings import Finding
from research_logbook.lint.engine import judge, judge_change, judge_unreadable
from research_logbook.lint.rules.rule import ChangeSet, Facts, IssueFact, LintCase, Revision, Rule, Scope
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, Unreadable
from research_logbook.logbook.queries import files_wanted
from research_logbook.patterns import matches
from rule_pages import Example, parse_page

NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
PATH = ".agents/logbooks/router-temperature.md"
"""Where the logbook of an example is, unless `file` says otherwise; its topic is its name."""
BASE = "3f78685"
"""The commit that the earlier version of an example is in."""
REPOSITORY = "lab/models"

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


class GivenPullRequest(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"head": "from", "base": "into"}
):
    """A pull request of this repository, or of a fork."""

    head: str
    base: str = "main"
    description: str = ""
    fork: bool = False


class GivenIssue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An issue as GitHub shows it."""

    body: str = ""
    labels: tuple[str, ...] = ()
    state: str = "open"


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What an example says is so; what it does not say is harmless."""

    file: str = PATH
    """Where the logbook is."""
    files: tuple[str, ...] | None = None
    """All other files of the repository; without it, every file that a logbook refers to is there."""
    unknown_commits: tuple[str, ...] = ()
    """Commits that the repository does not hold."""
    logbooks: Mapping[str, str] = {}
    """Other logbooks by path."""
    branch: str | None = None
    changed: tuple[str, ...] | None = None
    """What the change touches; without it, the logbook."""
    pull_request: GivenPullRequest | None = None
    issues: Mapping[int, GivenIssue] | None = None
    uncompared: int = 0
    """How many versions of the logbook on its branch were too much to compare."""
    configuration: Config = Config()
    """`.github/logbook.yml`."""


class Case(NamedTuple):
    """An example: whether its rule is to find a fault, what is given, the logbook before a change, and the judged one.

    `before` is None for a new logbook, `after` for a change without one, and empty for one that was deleted.
    """

    should_fail: bool
    given: Given
    before: str | None
    after: str | None


def pages(rule: Rule) -> Iterator[Case]:
    """Yield the examples of a rule's page."""
    page = parse_page(rule.page)
    yield from _cases(page.fails, should_fail=True)
    yield from _cases(page.passes, should_fail=False)


def _cases(examples: Sequence[Example], *, should_fail: bool) -> Iterator[Case]:
    given: Given | None = None
    before: str | None = None
    for info, text in examples:
        if info == "yaml given":
            if given is not None:
                yield Case(should_fail, given, None, None)
            given = msgspec.convert(YAML(typ="safe", pure=True).load(text), Given)
        elif info == "markdown before":
            before = wrapped(text)
        elif info:
            yield Case(should_fail, given or Given(), before, wrapped(text))
            given = before = None
    if given is not None:
        yield Case(should_fail, given, None, None)


def findings(rule: Rule, case: Case) -> tuple[Finding, ...]:
    """Return what is found in an example; a rule that is off by default is on."""
    given = case.given
    config = msgspec.structs.replace(given.configuration, rules={rule.name: rule.severity.value})
    after = read(case.after, given.file) if case.after else None
    if isinstance(after, Unreadable):
        return judge_unreadable(after, config, None).findings
    facts = facts_of(case, after, config)
    if rule.scope is Scope.CHANGE:
        return judge_change(ChangeSet((after.brief,) if after else (), facts, config)).findings
    assert after, "a rule about a logbook needs one in its example"
    revisions = (Revision(BASE, given.file, book(case.before, given.file)),) if case.before else ()
    return judge(LintCase(after, facts, config, revisions, is_new=not case.before)).findings


def facts_of(case: Case, after: Logbook | None, config: Config, **others: Any) -> Facts:
    """Return the facts that an example states; `others` replace some of them."""
    given, pull = case.given, case.given.pull_request
    asked = frozenset(files_wanted(after)) if after and given.files is not None else frozenset()
    facts = Facts(
        NOW,
        event=EventKind.PULL_REQUEST if pull else EventKind.PUSH,
        branch=given.branch,
        is_research_branch=matches(given.branch or "", config.branches.research),
        default_branch="main",
        pull_request=PullRequest(7, pull.description, pull.head, pull.base, not pull.fork) if pull else None,
        changed=(given.file,) if given.changed is None else given.changed,
        has_logbook=after is not None,
        uncompared={given.file: given.uncompared} if given.uncompared else {},
        deleted={given.file: BASE} if case.after == "" else {},
        missing=frozenset((tree, path) for tree, path in asked if path not in (given.files or ())),
        unknown_commits=frozenset(given.unknown_commits),
        issues=None if given.issues is None else {number: _fact(issue) for number, issue in given.issues.items()},
        repository=REPOSITORY,
        others=tuple(book(text, path).brief for path, text in given.logbooks.items()),
    )
    return replace(facts, **others)


def _fact(issue: GivenIssue) -> IssueFact:
    return IssueFact(issue.body, "experiment" in issue.labels, "sealed" in issue.labels, issue.state == "open")


def read(text: str, path: str = PATH) -> Logbook | Unreadable:
    """Return the logbook of an example, or why it cannot be read."""
    return parse(path, text.encode())


def book(text: str, path: str = PATH) -> Logbook:
    """Return the logbook of an example."""
    logbook = read(text, path)
    assert isinstance(logbook, Logbook), logbook
    return logbook


def wrapped(fragment: str) -> str:
    """Return a whole logbook that holds `fragment`; what begins otherwise than with a section is whole already."""
    fragment = _spelt_out(fragment)
    if not fragment.startswith(("## ", "### ")) or re.search(r"(?m)^# ", _without_code(fragment)):
        return fragment
    if fragment.startswith("### "):
        return HEAD + _written(SECTIONS | {"Entry Log": fragment})
    named = {title.strip().casefold() for title in re.findall(r"(?m)^## (.+)$", _without_code(fragment))}
    kept = {title: text for title, text in SECTIONS.items() if title.casefold() not in named}
    log = {"Entry Log": kept.pop("Entry Log")} if "Entry Log" in kept else {}
    return (HEAD + _written(kept)).rstrip("\n") + "\n\n" + fragment.rstrip("\n") + "\n\n" + _written(log)


def _spelt_out(text: str) -> str:
    letters = string.ascii_letters + string.digits
    text = re.sub(r"<(\d+) lines>", lambda match: "\n".join(f"step {n}" for n in range(int(match[1]))), text)
    text = re.sub(
        r"<(\d+) letters and digits>",
        lambda match: "".join(random.Random(int(match[1])).choices(letters, k=int(match[1]))),
        text,
    )
    return text.replace("<a NUL byte>", "\0")


def _written(sections: dict[str, str]) -> str:
    return "\n".join(f"## {title}\n\n{text}" for title, text in sections.items())


def _without_code(text: str) -> str:
    return re.sub(r"(?ms)^(`{3,}|~{3,}).*?^\1[ \t]*$", "", text)
