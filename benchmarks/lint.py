"""Measures `logbook lint`: wall time, speed and memory, beside other linters where they are installed.

Usage: python benchmarks/lint.py [--with "rumdl check --no-cache"] [--with "markdownlint-cli2 **/*.md"] …
It makes logbooks of its own in a temporary folder, and prints a table. Machines are noisy: look at ratios within one
run, never at a number from another day.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

LOGBOOK = (sys.executable, "-P", "-m", "research_logbook", "lint", "--all", "--fail-on", "never")

HEAD = """\
---
topic: {topic}
issue: https://github.com/lab/models/issues/{number}
---

# Thread {number}: Research Logbook

- Experiment ID prefix: `TH-{number}`
- Tags: TH-{number}, issue-{number}

## Scope

- Goal: halve the cost of attention at equal loss.
- Primary metric: step time in ms, over the last 100 of 400 steps.

## Baseline

- Dense attention: 13.89 s a step at loss 2.214, commit `1691d0a9afbf`.

## Hypothesis Queue

### Active

- `TH-H1`: block sparsity keeps the loss. Next test: one seed at 512 blocks.

## Entry Log
"""

ENTRY = """
### 2026-05-{day:02} {hour:02}:00 UTC - TH-{number}-{index:03} seed {index}

- Hypothesis: block sparsity at {index} blocks keeps the loss within the noise of the dense baseline on this mix.
- Commit Hash: `1691d0a9afbfe849538e180186bec7759574cf2c`
- Command: `uv run python -m experiments.train --blocks {index} --seed {index} --steps 400 --run th-{number}-{index:03}`
- Config: width 512, 8 layers, 400 steps, batch 256, sequence length 4,096; everything else as in the baseline.
- Result: loss 2.{index:03} after 400 steps, 189.6k tok/s, 17.16% MFU; no restarts and no overflow in any layer.

  | arm | step | loss | tok/s |
  |---|---:|---:|---:|
  | dense | 400 | 2.214 | 189.6k |
  | sparse | 400 | 2.{index:03} | 201.2k |

- Interpretation: within the noise of the baseline, so **nothing** speaks against going on. Confidence: `exploratory`.
- Artifacts: [run](https://wandb.ai/lab/models/runs/th-{number}-{index:03}), [config](https://github.com/lab/models/blob/1691d0a9afbfe849538e180186bec7759574cf2c/configs/{index}.yaml).
- Next action: repeat it with the next number of blocks, and look at the drop fraction of the last layers.
"""


def logbook(number: int, size: int) -> str:
    """Return a logbook of about `size` characters."""
    text = HEAD.format(topic=f"thread-{number}", number=number)
    entries = (size - len(text)) // len(ENTRY) + 1
    return text + "".join(
        ENTRY.format(number=number, index=index, day=1 + index % 28, hour=index % 24) for index in range(entries)
    )


def made(folder: Path, count: int, size: int) -> int:
    """Write `count` logbooks of about `size` characters, and return their bytes."""
    for number in range(count):
        (folder / f"thread-{number}.md").write_text(logbook(number, size))
    return sum(path.stat().st_size for path in folder.iterdir())


def timed(command: Sequence[str], folder: Path, runs: int = 3) -> tuple[float, int]:
    """Return the best wall time in seconds, and the memory of its largest process in MB."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent / "scripts")}
    best, memory = float("inf"), 0
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, _, used = os.wait4(process.pid, 0)
        best = min(best, time.perf_counter() - start)
        memory = max(memory, used.ru_maxrss // 1024)
    return best, memory


def rows(others: Sequence[str]) -> Iterator[str]:
    """Yield a line for each measurement."""
    for title, count, size in (
        ("1 logbook of 16 kB", 1, 16_000),
        ("100 logbooks, 1.6 MB", 100, 16_000),
        ("1,000 logbooks, 50 MB", 1_000, 50_000),
        ("1 logbook of 1 MB", 1, 1_000_000),
        ("1 logbook of 4 MB", 1, 4_000_000),
    ):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            total = made(folder, count, size)
            seconds, memory = timed([*LOGBOOK, "."], folder)
            yield f"{title:<24} logbook {seconds:7.2f} s  {total / seconds / 1e6:6.1f} MB/s  {memory:4} MB"
            for other in others:
                seconds, memory = timed(shlex.split(other), folder)
                yield f"{'':<24} {shlex.split(other)[0].rpartition('/')[2]} {seconds:7.2f} s"


def main() -> None:
    """Measure, and print a line at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with", dest="others", action="append", default=[], help="a command to measure beside it")
    for row in rows(parser.parse_args().others):
        print(row, flush=True)


if __name__ == "__main__":
    main()
