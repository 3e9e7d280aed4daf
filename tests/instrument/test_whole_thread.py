"""A thread from its first command to its seal, all of it by commands; lint has nothing to say at any time."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.bench import Hub
from hub.bench import Repository as Project
from hub.git_server import GitServer
from repository import Repository

PATH = ".agents/logbooks/sparse-attention.md"
BRANCH = "research/sparse-attention"
TRAIN = """
import json, sys
blocks = int(sys.argv[1])
if blocks > 1000:
    raise SystemExit("out of memory")
json.dump({"eval/loss": 2.25 - blocks / 10_000}, open("metrics.json", "w"))
"""
SCOPE = {
    "Scope": "- Goal: halve the attention cost.\n- Primary metric: eval/loss, lower is better.\n",
    "Baseline": "- 2026-05-25, dense attention, commit `{commit}`: eval/loss 2.26.\n",
    "First experiment matrix": "Block sizes 100, 300 and 2000, one seed each, 400 steps.\n",
    "Stop criteria": "- Stop when three variants are slower than the baseline.\n",
}


@dataclass
class Thread:
    """A clone in which everything is done by commands, and what stands on GitHub."""

    hub: Hub
    project: Project
    work: Repository
    folder: Path

    def run(self, *arguments: str, code: int = 0, **variables: str) -> str:
        """Run `logbook` as a person, or with the variables of a job, and return what it printed."""
        named = {
            "GITHUB_API_URL": self.hub.url,
            "GITHUB_SERVER_URL": self.hub.url,
            "GITHUB_REPOSITORY": self.project.name,
            "GITHUB_TOKEN": self.hub.token("lab"),
            "WANDB_MODE": "disabled",
            **{f"GIT_{who}_{what}": "ana@lab.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }
        others = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "GH_"))}
        done = subprocess.run(
            [sys.executable, "-m", "research_logbook", *arguments],
            cwd=self.work.root,
            env={**others, **named, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        told = (done.stdout + done.stderr).decode()
        assert done.returncode == code, told
        return told

    def job(self, event: str, payload: dict[str, object], *arguments: str) -> str:
        """Run a command as a workflow does."""
        file = self.folder / "event.json"
        place = {"full_name": self.project.name, "default_branch": "main", "fork": False}
        file.write_text(json.dumps({"repository": place, **payload}))
        branch = BRANCH if event == "push" else "main"
        return self.run(
            *arguments,
            GITHUB_ACTIONS="true",
            GITHUB_ACTOR="wim",
            GITHUB_EVENT_NAME=event,
            GITHUB_EVENT_PATH=str(file),
            GITHUB_REF=f"refs/heads/{branch}",
            GITHUB_REF_NAME=branch,
            GITHUB_RUN_ID="7",
            GITHUB_TOKEN=self.hub.workflow_token(contents="write", issues="write"),
        )

    def push(self, message: str) -> str:
        """Commit everything and push it; return the commit."""
        commit = self.work.commit(message=message)
        self.work.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
        return commit

    def is_silent(self) -> None:
        """Hold that lint has nothing to say, of the change and of the whole."""
        told = self.run("lint", "--all", "--format", "json", GITHUB_TOKEN="")
        assert json.loads(told[told.index("{") : told.rindex("}") + 1])["findings"] == [], told


@pytest.fixture
def thread(hub: Hub, repository: Project, tmp_path: Path) -> Thread:
    """Make a repository with a training script."""
    origin = Repository(tmp_path / "origin")
    origin.commit({"train.py": TRAIN, ".gitignore": "metrics.json\n", "README.md": "# Models\n"})
    repository.is_pushed_to(GitServer.noting_pushes(origin))
    return Thread(hub, repository, Repository(tmp_path / "work", origin=origin.root), tmp_path)


def test_a_thread_goes_from_new_to_seal_by_commands(thread: Thread) -> None:
    """Three runs, one of which crashes; one is run again, and told; a hypothesis is settled; a snapshot; the seal."""
    run, work = thread.run, thread.work
    run("new", "Sparse attention", "--prefix", "SPA-AT", "--yes")
    (issue,) = thread.project.numbers
    _fill_in(work)
    run("hypothesis", "add", "block sparsity keeps the loss", "--next", "three block sizes")
    run("hypothesis", "move", "SPA-AT-H1", "active", "--next", "three block sizes")
    thread.push("Begin a thread")
    thread.is_silent()
    metrics = ("--metrics", "metrics.json", "--hypothesis", "SPA-AT-H1")
    for number, (blocks, code) in enumerate(((100, 0), (2000, 1), (300, 0)), 1):
        run("run", "--label", f"{blocks} blocks", *metrics, "--", sys.executable, "train.py", str(blocks), code=code)
        name = f"SPA-AT-{number:03d}"
        said = "it does not fit into memory" if code else "the loss is kept"
        run("entry", "complete", name, "--interpretation", said, "--next", "another block size")
        thread.is_silent()
    thread.push("Run three block sizes")
    told = run("rerun", "SPA-AT-003", "--yes", "--metrics", "metrics.json")
    assert "replicated SPA-AT-003: eval/loss 2.22 against 2.22" in told
    thread.is_silent()
    thread.push("Replicate")
    run("promote", "SPA-AT-003", "--agent")
    (update,) = [body for _, body in thread.project.comments(issue) if "Update: SPA-AT-003" in body]
    assert update.partition("\n")[2].startswith("🤖 **Update: SPA-AT-003 300 blocks**")
    assert "eval/loss 2.22 against 2.26: −0.04 (−1.8 %), better" in update
    assert "replicated by SPA-AT-004" in update
    run("hypothesis", "move", "SPA-AT-H1", "supported", "--evidence", "SPA-AT-003, replicated by SPA-AT-004")
    run("entry", "--label", "decision", "--decision", "use 300 blocks (SPA-AT-003).", "--next", "none")
    thread.is_silent()
    before = work.git("rev-parse", "HEAD")
    final = thread.push("Settle the hypothesis\n\nSnapshot: SPA-AT-004")
    payload = {"ref": f"refs/heads/{BRANCH}", "before": before, "after": final, "forced": False, "deleted": False}
    tag = "snapshot/sparse-attention/SPA-AT-004"
    assert tag in thread.job("push", payload, "snapshot")
    work.git("tag", "--annotate", "--message", thread.project.tags()[tag][1], tag, final)  # as a fetch brings it
    work.git("push", "--quiet", "--tags", "origin")
    thread.is_silent()
    _close_out(thread, issue, tag)
    work.git("checkout", "--quiet", "main")
    thread.job("workflow_dispatch", {"inputs": {"issue": str(issue)}}, "seal", "--issue", str(issue))
    assert (thread.project.state(issue), "sealed" in thread.project.labels(issue)) == ("completed", True)


def _fill_in(work: Repository) -> None:
    """Write what only a person knows, in place of the template's words: goal, baseline, when to stop."""
    book = work.root / PATH
    sections = book.read_text().split("\n## ")
    texts = {name: text.format(commit=work.git("rev-parse", "HEAD")) for name, text in SCOPE.items()}
    filled = []
    for section in sections:
        title = section.partition("\n")[0]
        filled.append(f"{title}\n\n{texts[title]}" if title in texts else section)
    text = "\n## ".join(filled)
    book.write_text("\n".join(line for line in text.split("\n") if "{{the first hypothesis}}" not in line))


def _close_out(thread: Thread, issue: int, tag: str) -> None:
    """Write the summary and the final comment, which are a person's to write."""
    pages = f"{thread.hub.url}/{thread.project.name}"
    body = f"""\
## TL;DR

300 blocks keep the loss (SPA-AT-003, replicated by SPA-AT-004).

## Links

- [Logbook]({pages}/blob/{BRANCH}/{PATH})
- [Final snapshot]({pages}/tree/{tag})

## Decision log

- 2026-05-26: use 300 blocks (SPA-AT-003).

## Negative results

- 2000 blocks do not fit into memory (SPA-AT-002).

## Conclusion

Use 300 blocks.

## Next steps

1. Measure width 1024.
"""
    thread.project.change(issue, body=body)
    final = (
        "What worked: 300 blocks keep the loss. What did not: 2000 blocks. Confidence: replicated. Limitations: one "
    )
    thread.project.comment(issue, f"🤖 Final summary. {final}width. Next steps: measure width 1024.")
