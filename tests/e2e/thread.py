"""A sample research repository: an origin, a clone to work in, and checkouts as on GitHub's runners."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from e2e.bench import CHECKOUT, Payload
from repository import Repository, copied

ZERO = "0" * 40
TEMPLATE = ".github/workflows/logbook-lint.yml"
LOGBOOK = ".agents/logbooks/tile-order.md"
BRANCH = "research/tile-order"

Event = tuple[Payload, Path]
"""The payload of an event, and the checkout that a runner makes for it."""

BOOK = """\
---
topic: tile-order
issue: 12
description: Whether the order in which tiles are walked changes how often the cache misses.
author: Ada
---
# Tile order: Research Logbook

- Experiment issue: #12
- Branch: `research/tile-order`
- Experiment ID prefix: `TILE`
- W&B tags: `tiles`, `cache`

## Scope

- Goal: walk the tiles of a matrix in an order that misses the cache less.
- Primary metric: milliseconds per product of two 4096 x 4096 matrices.
- Constraints: one core, no change of the kernel.
- Stop criteria: under 35 ms, or three orders that gain nothing.

## Baseline

- Date: 2026-03-02
- Code refs: `bench/tiles.py`
- Numbers: 41.2 ms row by row.

## Hypothesis Queue

### Active

- TILE-H1: Morton order misses the cache less than rows do. Next test: TILE-002.

## Entry Log
"""


def _template() -> str:
    return (CHECKOUT / "workflows-templates" / "logbook-lint.yml").read_text()


def entry(number: int, order: str, milliseconds: float, commit: str, command: str | None = None) -> str:
    """Return a complete entry; `command` replaces its line for the command."""
    line = f"- Command: `python bench/tiles.py --order {order}`\n" if command is None else command
    return f"""
### 2026-03-{number + 1:02d} 09:10 - TILE-{number:03d} {order} order

- Hypothesis: {order} order changes how often the cache misses.
- Commit Hash: `{commit}`
{line}- Config: one core, 64 x 64 tiles
- Result: {milliseconds} ms per product.
- Interpretation: {order} order was measured once, and stands as an exploratory figure.
- Next action: measure the next order in the queue.
"""


def _begun(folder: Path) -> str:
    """Make an origin and a clone of it: code, the workflow template, and a logbook of two entries; return a commit."""
    work = Repository(folder / "work")
    origin = folder / "origin.git"
    work.git("init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    work.git("remote", "add", "origin", origin.as_uri())
    code = work.commit({"bench/tiles.py": "print('41.2 ms')\n", TEMPLATE: _template()})
    work.commit({LOGBOOK: BOOK + entry(1, "row", 41.2, code) + entry(2, "morton", 38.9, code)})
    work.git("push", "--quiet", "origin", "main")
    return code


class Thread(Repository):
    """A research thread in a repository that has adopted logbook: the clone that a researcher works in."""

    def __init__(self, folder: Path) -> None:
        """Make it: code, the workflow template, and a logbook of two entries, all on `main` of an origin."""
        self.code = copied(_begun, folder)
        super().__init__(folder / "work")
        self.folder, self.origin = folder, folder / "origin.git"

    @property
    def book(self) -> str:
        """The logbook as it stands in the work tree."""
        return (self.root / LOGBOOK).read_text()

    def branch(self, name: str = BRANCH) -> None:
        """Start a branch here."""
        self.git("checkout", "--quiet", "-b", name)

    def push(self, *references: str) -> None:
        """Push branches and tags, whatever the server has."""
        self.git("push", "--quiet", "--force", "origin", *references)

    def add_entry(self, number: int = 3, order: str = "hilbert", command: str | None = None) -> int:
        """Append an entry to the logbook, and return the line of its result."""
        milliseconds = 40.25 - number
        self.write(LOGBOOK, self.book + entry(number, order, milliseconds, self.code, command))
        return self.line(f"Result: {milliseconds} ms")

    def line(self, text: str) -> int:
        """Return the line of the logbook that contains `text`."""
        return next(number for number, line in enumerate(self.book.splitlines(), 1) if text in line)

    def checkout(self, reference: str, branch: str | None = None, *, shallow: bool = False) -> Path:
        """Return what actions/checkout leaves: no local branch but the one that was pushed, if any."""
        to = Repository(self.folder / f"checkout-{len(list(self.folder.iterdir()))}")
        to.git("remote", "add", "origin", self.origin.as_uri())
        here = f"refs/remotes/origin/{branch}" if branch else "refs/remotes/pull/1/merge"
        wanted = [f"+{reference}:{here}"]
        if shallow:
            to.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", *wanted)
        else:
            to.git("fetch", "--quiet", "origin", *_EVERYTHING, *([] if branch else wanted))
        to.git("checkout", "--quiet", "--force", *(["-B", branch] if branch else ["--detach"]), here)
        return to.root

    def open_pull_request(self, branch: str = BRANCH, *, shallow: bool = False) -> Event:
        """Push the branch and make a pull request of it; the checkout is of the merge that GitHub makes."""
        self.push(f"HEAD:refs/heads/{branch}")
        head = self.git("rev-parse", "HEAD")
        self.git("fetch", "--quiet", "origin")
        self.git("checkout", "--quiet", "--detach", "origin/main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {head} into main", head)
        self.push("HEAD:refs/pull/1/merge")
        place = {"repo": {"full_name": "lab/tiles"}}
        pull = {
            "number": 1,
            "title": "Tile order",
            "body": "Part of #12",
            "head": {"ref": branch, "sha": head} | place,
            "base": {"ref": "main", "sha": ZERO} | place,
        }
        payload = {"action": "synchronize", "number": 1, "pull_request": pull, "repository": _REPOSITORY}
        return payload, self.checkout("refs/pull/1/merge", shallow=shallow)

    def push_branch(self, before: str = ZERO, branch: str = BRANCH, *, forced: bool = False) -> Event:
        """Push HEAD as the branch, in place of `before`."""
        self.push(f"HEAD:refs/heads/{branch}")
        payload = {
            "ref": f"refs/heads/{branch}",
            "before": before,
            "after": self.git("rev-parse", "HEAD"),
            "created": before == ZERO,
            "deleted": False,
            "forced": forced,
            "repository": _REPOSITORY,
        }
        return payload, self.checkout(f"refs/heads/{branch}", branch)

    def queue(self) -> Event:
        """Put HEAD into the merge queue."""
        head, base = self.git("rev-parse", "HEAD"), self.git("rev-parse", "origin/main")
        branch = f"gh-readonly-queue/main/pr-1-{base}"
        self.push(f"HEAD:refs/heads/{branch}")
        references = {"head_ref": f"refs/heads/{branch}", "base_ref": "refs/heads/main"}
        group = {"head_sha": head, "base_sha": base} | references
        payload = {"action": "checks_requested", "merge_group": group, "repository": _REPOSITORY}
        return payload, self.checkout(f"refs/heads/{branch}", branch)

    def adopt(self, workflow: str) -> None:
        """Copy a further workflow template to the default branch."""
        text = (CHECKOUT / "workflows-templates" / workflow).read_text()
        self.commit({f".github/workflows/{workflow}": text}, message=f"Adopt {workflow}")
        self.push("main")

    def dispatch(self, **inputs: str) -> Event:
        """Start a workflow by hand, on the default branch."""
        payload = {"ref": "refs/heads/main", "inputs": inputs, "repository": _REPOSITORY}
        return payload, self.checkout("refs/heads/main", "main")

    def close_issue(self, number: int) -> Event:
        """Return what GitHub sends when an issue was closed."""
        payload = {"action": "closed", "issue": {"number": number}, "repository": _REPOSITORY}
        return payload, self.checkout("refs/heads/main", "main")

    def snapshot(self, name: str) -> None:
        """Tag HEAD as a snapshot of the thread, and push the tag."""
        tag = f"snapshot/tile-order/{name}"
        self.git("tag", "--annotate", "--message", f"Snapshot of {name}", tag)
        self.push(f"refs/tags/{tag}")


_EVERYTHING = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
_REPOSITORY: Mapping[str, Any] = {"full_name": "lab/tiles", "default_branch": "main", "fork": False}
