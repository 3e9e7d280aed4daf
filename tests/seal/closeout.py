"""A thread that was honestly closed out, and ways to change it in a line."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from github_issue import github_comment, github_issue
from research_logbook.config.schema import Config
from research_logbook.github import RepositorySite
from research_logbook.github.models import Account, Comment, IssueEvent, Label
from research_logbook.issues import parse_issue, section_names
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook
from research_logbook.repo.logbook_resolution import PackedText, PinnedLogbook
from research_logbook.seal.checks.facts import SealFacts
from research_logbook.seal.plan import SealVerdict, judge

NOW = dt.datetime(2026, 5, 29, 12, tzinfo=dt.UTC)
NUMBER = 8734
PATH = ".agents/logbooks/sparse-attention.md"
REPOSITORY = "lab/models"
PAGES = f"https://github.com/{REPOSITORY}"
FIRST, FINAL = "snapshot/sparse-attention/SPA-AT-001", "snapshot/sparse-attention/SPA-AT-002"
COMMIT = "8f2c1e07d5b3a49698e0c2d7f4b1a6935c8e2d10"
FORKED = "f0" * 20

HEAD = f"""\
---
topic: sparse-attention
issue: {NUMBER}
---
# Sparse attention: Research Logbook

- Branch: `research/sparse-attention`
- Experiment ID prefix: SPA-AT

## Scope

- Goal: halve the attention cost.
"""
QUEUE = """
## Hypothesis Queue

- `SPA-H1` (supported): block sparsity keeps the loss. Evidence: SPA-AT-002.
"""
ONE = """
### 2026-05-25 10:00 - SPA-AT-001 first seed

- Command: `python -m train --blocks 512 --seed 0`
- Result: loss 2.231 after 400 steps.
- Next action: a second seed.
"""
TWO = """
### 2026-05-26 09:00 - SPA-AT-002 second seed

- Command: `python -m train --blocks 512 --seed 1`
- Result: loss 2.229 after 400 steps.
- Next action: none, close the thread out.
"""
DECISIONS = """
## Decision Log

- 2026-05-26: stop at two seeds, both agree (SPA-AT-002).
"""
LOG = "\n## Entry Log\n"
LOGBOOK = HEAD + QUEUE + LOG + ONE + TWO

BODY = {
    "TL;DR": "Block sparsity keeps the loss (SPA-AT-002) at 0.7 of the step time.",
    "Links": f"- [Logbook]({PAGES}/blob/research/sparse-attention/{PATH})\n- [Final snapshot]({PAGES}/tree/{FINAL})",
    "Decision log": "- 2026-05-26: stop at two seeds, both agree (SPA-AT-002).",
    "Negative results": "- A single block loses 0.2 (SPA-AT-001).",
    "Conclusion": "Use block sparsity from 512 blocks on.",
    "Next steps": "1. Measure width 1024.",
}
"""The body by its sections."""
FINAL_COMMENT = """\
🤖 Final summary.

- What worked: 512 blocks keep the loss.
- What did not: a single block.
- Confidence: replicated, two seeds.
- Limitations: one width.
- Next steps: measure width 1024.
"""


def book(text: str = LOGBOOK, path: str = PATH) -> Logbook:
    """Return a logbook."""
    parsed = parse(path, text.encode())
    assert isinstance(parsed, Logbook)
    return parsed


def version(name: str, text: str | None = LOGBOOK, commit: str = COMMIT, **more: Any) -> PinnedLogbook:
    """Return a version of the logbook under a tag's name, or a commit's where the name is one."""
    is_tag = name.startswith("snapshot/")
    packed = PackedText(text.encode()) if text else None
    return PinnedLogbook(name, commit, more.pop("path", PATH), packed, is_tag=is_tag, **more)


def written(sections: Mapping[str, str]) -> str:
    """Return a body."""
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items()) + "\n"


def body(changed: str = "", *left_out: str) -> str:
    """Return the honest body with a fragment in it: its sections replace those of the same name, the rest is first."""
    start, *pieces = re.split(r"(?m)^## (.+)\n", changed)
    new = dict(zip(pieces[::2], map(str.strip, pieces[1::2]), strict=True))
    taken = {name for title in new for name in section_names(title)} | set(left_out)
    kept = {title: text for title, text in BODY.items() if taken.isdisjoint({title, *section_names(title)})}
    return (f"{start.strip()}\n\n" if start.strip() else "") + written(kept | new)


def said(*texts: str, day: str = "2026-05-27") -> tuple[Comment, ...]:
    """Return comments of a day."""
    at, page = dt.datetime.fromisoformat(f"{day}T12:00:00+00:00"), f"{PAGES}/issues/{NUMBER}"
    return tuple(github_comment(text, at, "ana", f"{page}#issuecomment-{index}") for index, text in enumerate(texts))


def thread(
    text: str | None = None,
    comments: Sequence[Comment] | None = None,
    logbook: str = LOGBOOK,
    config: Config | None = None,
    before: str = HEAD + QUEUE + LOG + ONE,
    labels: Sequence[str] = ("experiment",),
    **changed: object,
) -> SealFacts:
    """Return the honest thread with something changed; `before` is the logbook of its first snapshot."""
    given = github_issue(body() if text is None else text, "Experiment: sparse attention", labels=labels, number=NUMBER)
    issue = parse_issue(given, said(FINAL_COMMENT) if comments is None else comments)
    final, first = version(FINAL, HEAD + QUEUE + LOG + ONE + TWO), version(FIRST, before, "ab" * 20)
    linked = {FINAL: final, FIRST: first, COMMIT: replace(final, name=COMMIT, is_tag=False)}
    linked[FORKED] = replace(linked[COMMIT], name=FORKED, is_reachable=False)
    honest = SealFacts(
        issue,
        NOW,
        config or Config(),
        RepositorySite(REPOSITORY),
        book=book(logbook),
        ref="research/sparse-attention",
        commit="cd" * 20,
        is_enrolled=True,
        snapshots=(final, first),
        linked=linked,
    )
    return replace(honest, **changed)  # type: ignore[arg-type]


def verdict(changed: SealFacts, name: str) -> SealVerdict:
    """Return what one check found."""
    return next(one for one in judge(changed).verdicts if one.check == name)


def failing(changed: SealFacts) -> list[str]:
    """Return the checks for which a thread cannot be sealed."""
    return list(judge(changed).failed)


def events(*told: str) -> tuple[IssueEvent, ...]:
    """Return what happened to an issue, oldest first: `labeled sealed @bot`, `closed @ana`."""
    return tuple(_event(index, *one.split()) for index, one in enumerate(told))


def _event(index: int, name: str, *rest: str) -> IssueEvent:
    label = next((word for word in rest if not word.startswith("@")), "")
    actor = next((word[1:] for word in rest if word.startswith("@")), "ana")
    return IssueEvent(name, NOW + dt.timedelta(minutes=index), Account(actor), Label(label) if label else None)
