"""Measures `logbook lint`: wall time, speed and memory, beside other linters where they are on the PATH.

Usage: python benchmarks/lint.py [--with "pymarkdown scan ."] …
It makes logbooks of its own in a temporary folder, and prints a table; then how the time grows with what one file
holds. Machines are noisy: look at ratios within one run, never at a number from another day.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
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
            ours, memory = timed([*LOGBOOK, "."], folder)
            yield f"{title:<24} logbook {ours:7.2f} s  {total / ours / 1e6:6.1f} MB/s  {memory:4} MB"
            for other in others:
                seconds, memory = timed(shlex.split(other), folder)
                ratio = f"logbook takes {ours / seconds:.2f} times as long"
                yield f"{'':<24} {shlex.split(other)[0].rpartition('/')[2]} {seconds:7.2f} s  {memory:4} MB  {ratio}"


OTHERS = ("rumdl check --no-cache .", "markdownlint-cli2 **/*.md")


def found(others: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the commands among `others` that are on the PATH, and the names of those that are not."""
    here = [other for other in others if shutil.which(shlex.split(other)[0])]
    return here, [shlex.split(other)[0] for other in others if other not in here]


FULL = "- Commit Hash: `1691d0a9afbf`\n- Command: `make`\n- Result: loss 2.{i:05}\n- Next action: none"


def entries(count: int, ids: str, body: str) -> str:
    """Return a logbook with as many entries; `{i}` stands for the number of each."""
    entry = f"\n### 2026-05-{{day:02}} - {ids}seed {{i}}\n\n{body}\n"
    return HEAD.format(topic="growth", number=1) + "".join(entry.format(i=i, day=1 + i % 28) for i in range(count))


def queue(count: int) -> str:
    """Return a logbook with as many hypotheses as entries."""
    items = "".join(f"- `TH-H{i}`: a. Next test: b.\n" for i in range(count))
    return entries(count, "", "TH-H{i} was looked at.").replace("## Entry Log", f"{items}\n## Entry Log")


def allowances(count: int) -> str:
    """Return a logbook with as many allowances, all of them for all of its entries."""
    allowed = "<!-- logbook: allow incomplete-entry -- a pilot -->\n\n" * count
    return entries(count, "", "- Command: `make`").replace("## Entry Log\n", f"## Entry Log\n\n{allowed}")


SHAPES: dict[str, Callable[[int], str]] = {
    "whole entries": lambda n: entries(n, "TH-1-{i} ", FULL),
    "whole entries, one ID": lambda n: entries(n, "TH-1-1 ", FULL),
    "results, one ID": lambda n: entries(n, "TH-1-1 ", "- Result: loss 2.{i:05}"),
    "jobs, one ID": lambda n: entries(n, "TH-1-1 ", "- Job: `/ana/th-{i}`"),
    "results of one job": lambda n: entries(n, "", "- Job: `/ana/th`\n- Result: loss 2.{i:05}"),
    "pending, one ID": lambda n: entries(n, "TH-1-1 ", "- Command: `make`\n- Result: pending."),
    "pending, no ID": lambda n: entries(n, "", "- Command: `make`\n- Result: pending."),
    "undated entries": lambda n: entries(n, "", "- Result: TBD.").replace("### 2026-05-", "### no day "),
    "hypotheses and entries": queue,
    "allowances and faults": allowances,
    "local paths": lambda n: entries(n, "", "- Logs: `/home/ana/{i}`"),
    "links": lambda n: entries(n, "", "[a](b/{i}.md) [c](https://github.com/lab/models/blob/main/{i})"),
    "tables": lambda n: entries(n, "", "| run | loss |\n|---|---|\n| a | 2.5 |"),
    "one entry of blocks": lambda n: entries(1, "", "- Command:\n\n  ```sh\n  make\n  ```\n\n- Result: 2.5 s\n" * n),
    "one line": lambda n: entries(1, "", "- Result: " + "loss 2.5 at /step A-B-C " * n),
    "one line of blanks": lambda n: entries(1, "", "```\nTH-H1" + " " * 40 * n + "x\n```"),
    "lines without a word": lambda n: "# Run\n\n## Notes\n\n```\n" + "#\n" * 40 * n + "```\n",
    "IDs in a heading": lambda n: entries(1, "TH-1-1 " + "/".join(f"TH-1-{i}" for i in range(n)), FULL),
    "sections": lambda n: "# Run\n\n" + "## A part\n\nText.\n\n" * n,
}
"""Texts of one logbook by what they are full of, in a size of one's own choice."""


def growth(count: int) -> Iterator[str]:
    """Yield for each shape how long logbooks of once, twice and four times the `count` take."""
    yield f"{'one file of':<24} {count:>7} {2 * count:>10} {4 * count:>10}   4n/n (4.0 is linear)"
    for title, shape in SHAPES.items():
        with tempfile.TemporaryDirectory() as name:
            seconds = []
            for times in (0, 1, 2, 4):
                (Path(name) / "growth.md").write_text(shape(times * count))
                seconds.append(timed([*LOGBOOK, "."], Path(name))[0])
        start, *taken = seconds
        own = [second - start for second in taken]  # without what an empty logbook takes
        ratio = f"{own[2] / own[0]:5.1f}" if own[0] > _TELLING else "too quick to tell"
        yield f"{title:<24} {'  '.join(f'{second:7.2f} s' for second in taken)}  {ratio}"


_TELLING = 0.05
"""Seconds below which a time is mostly noise."""


def main() -> None:
    """Measure, and print a line at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with", dest="others", action="append", default=[], help="a command to measure beside it")
    parser.add_argument("--entries", type=int, default=2_000, help="entries of the smallest file of the second part")
    parser.add_argument("--only", choices=["trees", "growth"], help="one of the two parts")
    asked = parser.parse_args()
    others, absent = found([*OTHERS, *asked.others])
    if asked.only != "growth":
        for name in absent:
            print(f"{name} is not on the PATH: not measured", flush=True)
        for row in rows(others):
            print(row, flush=True)
    if asked.only != "trees":
        for row in growth(asked.entries):
            print(row, flush=True)


if __name__ == "__main__":
    main()
