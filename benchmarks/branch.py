"""Measures what it takes to hold a logbook to all versions that its branch had: processor time, calls of git, bytes.

Usage: python benchmarks/branch.py [--versions 500] [--size 200000]
It makes repositories of its own in a temporary folder, each with a branch whose every commit changes one logbook in
another way. Processor time counts git's too. Machines are noisy: look at ratios within one run.
"""

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
sys.path.insert(0, str(Path(__file__).parent))

from lint import ENTRY, logbook
from research_logbook.config.schema import Config
from research_logbook.repo import git
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.versions import RepositoryView, inside

PATH = ".agents/logbooks/thread-1.md"
_PENDING = "- Result: pending.\n"
_QUEUE = "Next test: one seed at 512 blocks."


def entry(number: int) -> str:
    """Return a new entry."""
    return ENTRY.format(number=1, index=number, day=1 + number % 28, hour=number % 24)


def appended(text: str, number: int) -> str:
    """Grow at the end."""
    return text + entry(number)


def filled_in(text: str, number: int) -> str:
    """Fill in the last pending result, and add an entry whose result is pending."""
    lines = entry(number).split("\n")
    pending = "\n".join(_PENDING.strip() if line.startswith("- Result") else line for line in lines)
    return text.replace(_PENDING, f"- Result: loss 2.{number} after 400 steps.\n") + pending


def queued(text: str, number: int) -> str:
    """Change the hypothesis queue at the top, and add an entry at the end."""
    return text.replace(_QUEUE, f"Next test: {number} seeds. {_QUEUE}") + entry(number)


def newest_first(text: str, number: int) -> str:
    """Grow at the top of the log."""
    return text.replace("## Entry Log\n", f"## Entry Log\n{entry(number)}", 1)


def listed(text: str, number: int) -> str:
    """Grow by a bullet at the top of a list."""
    return text.replace(
        "## Entry Log\n\n", f"## Entry Log\n\n- 2026-05-{1 + number % 28:02}: seed {number}, 2.{number}.\n"
    )


def mixed(text: str, number: int) -> str:
    """Change as a logbook of a research group does."""
    return (appended, filled_in, appended, queued)[number % 4](text, number)


def losing(text: str, number: int) -> str:
    """Lose an entry with every version, and add another one."""
    start = text.index("\n### 2026")
    return text[:start] + text[text.index("\n### 2026", start + 1) :] + entry(number)


def flipping(text: str, number: int) -> str:
    """Lose the last entry in one version, put it back in the next, and so on."""
    if number % 2:
        return text[: text.rindex("\n### 2026")] + "\n"
    return text.rstrip("\n") + "\n" + entry(number - 2) + entry(number)


SHAPES: dict[str, Callable[[str, int], str]] = {
    "entries at the end": appended,
    "pending results": filled_in,
    "queue and entries": queued,
    "newest first": newest_first,
    "a list, newest first": listed,
    "all of these": mixed,
    "lost and put back": flipping,
    "an entry lost each time": losing,
}


def grown(shape: Callable[[str, int], str], count: int, size: int) -> Iterator[str]:
    """Yield as many versions, of which the last has about `size` characters where each adds an entry."""
    text = logbook(1, max(20_000, size - count * len(ENTRY)))
    if shape is listed:
        start = text.index("\n### 2026")
        lines = (
            f"- 2026-05-{1 + number % 28:02}: run {number}, loss 2.{number}, as planned."
            for number in range(size // 44)
        )
        text = text[:start] + "\n" + "\n".join(lines) + "\n"
    yield text
    for number in range(1, count + 1):
        text = shape(text, 1000 + number)
        yield text


def made(folder: Path, versions: Iterator[str]) -> str:
    """Make a repository with a commit of each version, and return the first one."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=research/thread-1", str(folder)], check=True)
    parts = []
    for number, text in enumerate(versions):
        data = text.encode()
        head = f"commit refs/heads/research/thread-1\ncommitter A <a@lab.example> {1_770_000_000 + number} +0000\n"
        parts.append(f"{head}data 1\nx\nM 100644 inline {PATH}\ndata {len(data)}\n".encode() + data + b"\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=b"".join(parts), check=True)
    for command in (["gc", "--quiet"], ["reset", "--quiet", "--hard"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    first = ["git", "rev-list", "--max-parents=0", "HEAD"]
    return subprocess.run(first, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def processor_seconds() -> float:
    """Return the processor time of this process and of what it has started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def rows(count: int, size: int) -> Iterator[str]:
    """Yield a line for each shape."""
    for title, shape in SHAPES.items():
        with tempfile.TemporaryDirectory() as name:
            folder, versions = Path(name), list(grown(shape, count, size))
            left = made(folder, iter(versions))
            repository = git.Repository(folder)
            head = repository.commit("HEAD")
            trace = folder / "trace"
            os.environ["GIT_TRACE"] = str(trace)
            start = processor_seconds()
            view = RepositoryView(repository, Comparison(head, left, left, left), "research/thread-1", Config())
            (found,) = inside(view, ()).logbooks
            seconds = processor_seconds() - start
            del os.environ["GIT_TRACE"]
            calls = trace.read_text().count("built-in: git")
            total = sum(len(text) for text in versions) / 1e6
            lost = len(found.earlier) - 1
            uncompared = sum(view.walked.uncompared.values())
            yield (
                f"{title:<24} {seconds:6.2f} s {total:7.1f} MB {calls:3} calls of git, {lost} versions held"
                f"{f', {uncompared} too many' if uncompared else ''}"
            )


def main() -> None:
    """Measure, and print a line at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--versions", type=int, default=500, help="versions of the logbook")
    parser.add_argument("--size", type=int, default=200_000, help="characters of the last one")
    asked = parser.parse_args()
    gc.disable()  # as the command line does
    print(f"{asked.versions} versions of one logbook of {asked.size // 1000} kB", flush=True)
    for row in rows(asked.versions, asked.size):
        print(row, flush=True)


if __name__ == "__main__":
    main()
