"""Real git repositories for tests."""

import os
import subprocess
from pathlib import Path

GOOD = """\
---
topic: sparse-attention
issue: https://github.com/lab/models/issues/8734
---

# Sparse attention: Research Logbook

- Branch: `research/sparse-attention`
- Experiment ID prefix: SPA-AT
- Tags: SPA-AT, issue-8734

## Scope

- Goal: halve the attention cost.
- Primary metric: step time in ms, at equal loss.

## Baseline

- Dense attention: 13.89 s a step at loss 2.214, commit `1691d0a9afbf`.

## Stop criteria

- Stop when three variants are slower than the baseline.

## Hypothesis Queue

### Active

- `SPA-H1`: block sparsity keeps the loss. Next test: one seed at 512 blocks.

## Entry Log

### 2026-05-25 10:00 - SPA-AT-001 first seed

- Hypothesis: block sparsity keeps the loss.
- Commit Hash: `1691d0a9afbf`
- Command: `python -m train --blocks 512 --seed 0`
- Config: width 512, 400 steps.
- Result: loss 2.231 after 400 steps.
- Interpretation: within the noise of the baseline.
- Next action: a second seed.
"""
"""A logbook with nothing wrong in it."""

ENTRY = """
### 2026-05-26 09:00 - SPA-AT-002 second seed

- Commit Hash: `1691d0a9afbf`
- Command: `python -m train --blocks 512 --seed 1`
- Result: loss 2.229 after 400 steps.
- Interpretation: replicates SPA-AT-001.
- Next action: measure the step time.
"""
"""A well-made entry for it."""

PATH = ".agents/logbooks/sparse-attention.md"


class Repository:
    """A git repository in a folder of a test."""

    def __init__(self, root: Path, *, origin: Path | None = None) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        if origin is None:
            self.git("init", "--quiet", "--initial-branch=main")
            self.git("config", "receive.denyCurrentBranch", "ignore")  # so that a clone may push to it
        else:
            self.git("clone", "--quiet", str(origin), ".")

    def git(self, *arguments: str) -> str:
        """Run git and return what it printed."""
        environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "Ana",
            "GIT_AUTHOR_EMAIL": "ana@lab.example",
            "GIT_COMMITTER_NAME": "Ana",
            "GIT_COMMITTER_EMAIL": "ana@lab.example",
        }
        done = subprocess.run(["git", *arguments], cwd=self.root, env=environment, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "Work") -> str:
        """Write `files`, commit everything and return the commit's hash."""
        for path, text in (files or {}).items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")
