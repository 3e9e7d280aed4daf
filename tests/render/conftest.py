"""Reports in a few words."""

import re
from collections.abc import Callable

import pytest

from research_logbook.findings import Finding, Judged, Report, Severity, Skipped
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, Span

_FINDING = re.compile(
    r"(?P<severity>error|warning) (?P<rule>\S+) (?P<path>[^\s:]*):(?P<line>\d+)(?:-(?P<end>\d+))?"
    r" (?P<message>.+?) => (?P<help>.*)"
)


def finding(line: str) -> Finding:
    """Return the finding that `error missing-title a.md:3-9 what is wrong => what to do` tells of."""
    match = _FINDING.fullmatch(line.strip())
    assert match, f"not a finding: {line}"
    span = Span(match["path"], int(match["line"]), int(match["end"] or match["line"]))
    severity = Severity(match["severity"])
    return Finding(match["rule"], severity, match["message"], span, match["message"], match["help"])


def make_report(text: str = "", **rest: object) -> Report:
    """Return a report with a finding for each line of `text`, on a logbook for each of their paths."""
    found = tuple(finding(line) for line in text.strip().splitlines())
    books = tuple(Judged(path, path, None, None, 0, 0) for path in dict.fromkeys(item.span.path for item in found))
    return Report(**{"logbooks": books, "findings": found} | rest)  # type: ignore[arg-type]


MOE = ".agents/logbooks/moe-hill-climb.md"
KERNEL = ".agents/logbooks/471-attention-kernel.md"

SAMPLE = Report(
    logbooks=(
        Judged(MOE, "moe-hill-climb", "#123", "MOE-HC", 14, 5),
        Judged(KERNEL, "471-attention-kernel", None, None, 3, 0),
        Judged(".agents/logbooks/quiet.md", "quiet", "acme/lab#9", "Q", 1, 1),
    ),
    findings=(
        finding(
            f"warning unlinked-issue {KERNEL}:1 no experiment issue is named => add a line `Issue: #N` to the header"
        ),
        finding(
            f"error result-without-command {KERNEL}:40-52 entry ATT-003 has a result (17.2 %, loss | 2.21)"
            " but no command => add the exact command line as `- Command:`"
        ),
        finding(
            f"error removed-entry {MOE}:88 entry MOE-HC-007 “2026-05-25 — @alice's run <b>” is gone"
            " => bring it back: `git show snapshot/moe/MOE-HC-007:.agents/logbooks/moe-hill-climb.md`"
        ),
        finding("warning unlinked-pull-request :1 the pull request links no logbook => name it in the description"),
    ),
    inherited=14,
    skipped=(
        Skipped("issue-without-logbook-link", "needs GitHub", matters=True),
        Skipped("shared-prefix", "needs a git repository"),
        Skipped("unlinked-issue", "needs GitHub"),
    ),
    notes=("compared with 4f2a9c1 (merge base with origin/main)", "the configuration is the one on main"),
)


@pytest.fixture(scope="session")
def sample() -> Report:
    """Return a report with a bit of everything."""
    return SAMPLE


@pytest.fixture(scope="session")
def reported() -> Callable[..., Report]:
    """Return the maker of small reports."""
    return make_report


LOGBOOK = b"""\
---
issue: 123
branch: research/moe
tags: [moe, hill-climb]
started: 2026-05-20
---
# MoE hill climb

- **Experiment ID prefix:** MOE-HC

## Hypothesis Queue

### Active

- H1: A smaller router loss helps. Next test: MOE-HC-002

## Decision Log

- 2026-05-24: keep top-2 routing

## Entry Log

### 2026-05-25 04:50 UTC - MOE-HC-001: Baseline

- Command: `python train.py --config base.yml`
- Config: [base](https://example.org/base.yml)
- Result: loss 2.214

| step | loss |
| --- | --- |
| 1000 | 2.214 |

```bash
python train.py
```

### 2026-05-26 - Talked to the team

Nothing was run.

### MOE-HC-002: Router loss

- Command: `python train.py --router-loss 0.001`
- Result: pending
"""


@pytest.fixture(scope="session")
def logbook() -> Logbook:
    """Return a small logbook with a bit of everything."""
    book = parse(MOE, LOGBOOK)
    assert isinstance(book, Logbook)
    return book
