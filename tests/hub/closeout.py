"""A research thread on the bench: its branch and snapshots in git, its issue on GitHub, and people who close it."""

import datetime as dt
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hub.bench import Repository as Project
from hub.git_server import GitServer
from repository import Repository as Work
from repository import context, copied
from research_logbook.cli.publish import settle
from research_logbook.cli.session import Session
from research_logbook.github.client import GitHub
from research_logbook.seal import Sealing, SealView, guard, seal, view_of

PATH = ".agents/logbooks/sparse-attention.md"
BRANCH = "research/sparse-attention"
FIRST, FINAL = "snapshot/sparse-attention/SPA-AT-001", "snapshot/sparse-attention/SPA-AT-002"
NOW = dt.datetime.now(dt.UTC)
PUSHED = dt.datetime(2026, 5, 26, 11, tzinfo=dt.UTC)
"""When the work that a thread begins with arrived."""

HEAD = """\
---
topic: sparse-attention
issue: {number}
---
# Sparse attention: Research Logbook

- Branch: `research/sparse-attention`
- Experiment ID prefix: SPA-AT

## Hypothesis Queue

- `SPA-H1` (supported): block sparsity keeps the loss. Evidence: SPA-AT-002.

## Entry Log
"""
ENTRY = """
### 2026-05-{day} 10:00 - SPA-AT-{index:03d} seed {index}

- Command: `python -m train --blocks 512 --seed {index}`
- Result: loss 2.2{day} after 400 steps.
- Interpretation: within the noise.
- Next action: none.
"""
BODY = """\
## TL;DR

Block sparsity keeps the loss (SPA-AT-002) at 0.7 of the step time.

## Links

- [Logbook]({pages}/blob/{branch}/{path})
- [Final snapshot]({pages}/tree/{final})

## Decision log

- 2026-05-26: stop at two seeds, both agree (SPA-AT-002).

## Negative results

None.

## Conclusion

Use block sparsity from 512 blocks on.

## Next steps

1. Measure width 1024.
"""
FINAL_COMMENT = """\
🤖 Final summary. 512 blocks keep the loss; one block did not. Confidence: replicated. Limitations: one width.
Next steps: measure width 1024.
"""


def logbook(number: int, entries: int) -> str:
    """Return the logbook of an issue with its first entries."""
    log = (ENTRY.format(index=index, day=24 + index) for index in range(1, entries + 1))
    return HEAD.format(number=number) + "".join(log)


def _worked_on(folder: Path, number: int) -> None:
    """Make an origin and a clone with the work for an issue: two entries on a branch, a snapshot of each."""
    origin = Work(folder / "origin")
    server = GitServer.noting_pushes(origin)
    server.set_clock(PUSHED)
    origin.commit({"README.md": "Models.\n"})
    work = Work(folder / "work", origin=origin.root)
    work.git("checkout", "--quiet", "-b", BRANCH)
    for index, tag in ((1, FIRST), (2, FINAL)):
        work.commit({PATH: logbook(number, index)}, f"SPA-AT-{index:03d}")
        work.git("tag", "--annotate", "--message", "Snapshot", tag)
    work.git("push", "--quiet", "--tags", "origin", BRANCH)
    work.git("checkout", "--quiet", "main")
    server.set_clock(None)


@dataclass(slots=True)
class Thread:
    """A thread that was worked on, and what people and the workflow do about its issue."""

    project: Project
    work: Work
    """A clone at the default branch, as a workflow on `issues` or a dispatch checks it out."""
    number: int

    @classmethod
    def begin(cls, project: Project, folder: Path) -> "Thread":
        """Work on a thread: an issue with its title only, two entries, a snapshot of each."""
        number = project.issue("Experiment: sparse attention", labels=["experiment"])
        copied(_worked_on, folder, number)
        project.is_pushed_to(GitServer(Work(folder / "origin")))
        return cls(project, Work(folder / "work"), number)

    def logbook(self, entries: int) -> str:
        """Return the logbook with its first entries."""
        return logbook(self.number, entries)

    def push(self, text: str, branch: str = BRANCH, path: str = PATH) -> str:
        """Push a logbook to a branch; return the commit."""
        self.work.git("checkout", "--quiet", "-B", branch, f"origin/{branch}" if self._has(branch) else "main")
        commit = self.work.commit({path: text})
        self.work.git("push", "--quiet", "--force", "origin", branch)
        self.work.git("checkout", "--quiet", "main")
        return commit

    def _has(self, branch: str) -> bool:
        return bool(self.work.git("branch", "--list", "--remotes", f"origin/{branch}"))

    @property
    def server(self) -> GitServer:
        """What people push to."""
        return self.project.server

    @property
    def pages(self) -> str:
        """The address of the project's pages."""
        return f"{self.project.hub.url}/{self.project.name}"

    @property
    def body(self) -> str:
        """A complete body."""
        return BODY.format(pages=self.pages, branch=BRANCH, path=PATH, final=FINAL)

    def write(self, body: str) -> None:
        """Write the issue's body."""
        self.project.change(self.number, body=body)

    def complete(self) -> None:
        """Close the thread out, but for closing its issue."""
        self.write(self.body)
        self.project.comment(self.number, FINAL_COMMENT)

    def view(self, github: GitHub) -> SealView:
        """Return what a command looks at."""
        return view_of(github, context(self.work.root, now=NOW))

    def seal(self, github: GitHub, reason: str = "", asked_by: str = "wim", *, dry_run: bool = False) -> int:
        """Dispatch a seal; return its exit code."""
        view = self.view(github)
        return _code(
            github, lambda earlier: seal(view, self.number, reason, asked_by, earlier), dry_run=dry_run, is_asked=True
        )

    def guard(self, github: GitHub) -> int:
        """Let the workflow answer the closing of the issue; return its exit code."""
        view = self.view(github)
        return _code(github, lambda _: guard(view, self.number), dry_run=False)

    @property
    def report(self) -> str:
        """What the one comment about the closing says."""
        (said,) = [body for _, body in self.project.comments(self.number) if body.startswith("<!-- logbook:seal:")]
        return said.partition("\n")[2]

    @property
    def failed(self) -> list[str]:
        """The required checks that the report says failed; what it only advises is not among them."""
        required = self.report.partition("\nAdvice:\n")[0]
        return list(dict.fromkeys(re.findall(r"^\| \[`([a-z-]+)`\]", required, re.MULTILINE)))

    @property
    def end(self) -> tuple[str, set[str], int, str]:
        """How the issue stands: its state, its labels, how many comments it has, and what the report says."""
        comments = self.project.comments(self.number)
        report = self.report if any(body.startswith("<!-- logbook:seal:") for _, body in comments) else ""
        return self.project.state(self.number), self.project.labels(self.number), len(comments), report


def _code(github: GitHub, judged: Callable[[Sealing | None], Sealing], *, dry_run: bool, is_asked: bool = False) -> int:
    try:
        with Session(github, context(Path(), os.environ), dry_run) as session:
            settle(session, judged, is_asked=is_asked)
    except SystemExit as ended:
        return int(str(ended.code))
    return 0
