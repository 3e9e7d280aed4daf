"""W&B runs in a line."""

from typing import Any

from research_logbook.issues import IssueText, read
from research_logbook.logbook.model import Logbook
from research_logbook.wandb.plan import RunComparison, WandbThread, compare_runs, thread_of
from research_logbook.wandb.runs import Run, run_of

HOST = "https://api.wandb.ai"
PROJECT = "lab/tiles"


def run(name: str, state: str = "finished", tags: str = "", run_id: str = "", **told: Any) -> Run:
    """Return a run: `run("MOE-HC-001 row", loss=2.2)`; `tags` are words, and what else is told its summary's."""
    about = {
        key: told.pop(key) for key in ("project", "created_at", "url", "definitions", "group", "sweep") if key in told
    }
    whole = {"id": run_id or name.lower().replace(" ", "-"), "name": name, "state": state, "tags": tags.split()}
    return run_of({"project": PROJECT} | about | whole | {"summary": told.pop("summary", told)})


def body(text: str) -> IssueText:
    """Return an issue's body."""
    return read(text)


def thread(book: Logbook, issue: str = "", projects: tuple[str, ...] = (PROJECT,)) -> WandbThread:
    """Return the thread of a logbook and the body of its issue."""
    return thread_of(book, body(issue), HOST, projects)


def summary(book: Logbook, *runs: Run, **how: Any) -> RunComparison:
    """Return the summary of runs; `metrics`, `better` and `baseline` are the configuration's."""
    issue = how.pop("issue", "")
    return compare_runs(thread(book, issue), runs, **{"metrics": (), "better": {}, **how})


def remarks(found: RunComparison, kind: str = "") -> list[str]:
    """Return what a summary remarks, of a kind by the name it has in the code."""
    return [text for about, texts in found.remarks.items() if kind in {"", about.name} for text in texts]
