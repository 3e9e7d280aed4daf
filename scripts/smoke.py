"""One run on the real GitHub, step by step: `scripts/smoke OWNER/NAME` prints it, with `--run` it is made.

Exit codes: 0 all is as expected or nothing was asked for, 1 a step went wrong, 2 bad usage.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from research_logbook.errors import UserError
from research_logbook.github import Access
from research_logbook.setup.init import SOURCE
from research_logbook.setup.workflows import workflow_templates

ENTRY = """
### {day} 09:00 - {prefix}-00{number} smoke run {number}

- Commit Hash: `{commit}`
{command}- Result: loss 2.21{number} after 400 steps.
- Interpretation: it smokes.
- Next action: none.
"""
COMMAND = "- Command: `python -m train --seed {number}`\n"


@dataclass(slots=True)
class Scene:
    """The repository, the clone that the steps work in, and how long they wait."""

    repository: Any
    """PyGithub's."""
    clone: Path
    environment: Mapping[str, str]
    source: str
    minutes: float
    sleep: Callable[[float], object] = time.sleep
    stamp: str = ""
    issue: Any = None

    @property
    def book(self) -> Path:
        """The logbook of the thread."""
        return self.clone / ".agents/logbooks" / f"smoke-{self.stamp}.md"

    @property
    def branch(self) -> str:
        """Its research branch."""
        return f"research/smoke-{self.stamp}"

    def run(self, *command: str) -> str:
        """Run a command in the clone, and return what it printed."""
        done = subprocess.run(  # noqa: S603 - our own words
            command, cwd=self.clone, env=dict(self.environment), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StepError(f"`{' '.join(command[:4])} …` failed: {(done.stderr or done.stdout).strip()[-300:]}")
        return done.stdout.strip()

    def logbook(self, *arguments: str) -> str:
        """Run logbook in the clone."""
        return self.run(sys.executable, "-P", "-m", "research_logbook", *arguments)

    def push(self, message: str) -> str:
        """Commit everything, push, and return the commit."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)
        self.run("git", "push", "--quiet", "origin", "HEAD")
        return self.run("git", "rev-parse", "HEAD")

    def add_entry(self, number: int, command: str = COMMAND) -> None:
        """Append an entry to the logbook."""
        told = {"day": time.strftime("%Y-%m-%d"), "prefix": "SMOK", "commit": self.run("git", "rev-parse", "HEAD")}
        entry = ENTRY.format(number=number, command=command.format(number=number), **told)
        self.book.write_text(self.book.read_text() + entry)

    def until(self, what: str, ask: Callable[[], Any]) -> Any:
        """Ask again and again until there is an answer; `StepError` when there is none in time."""
        for _ in range(max(1, int(self.minutes * 6))):
            answer = ask()
            if answer:
                return answer
            self.sleep(10)
        raise StepError(f"after {self.minutes:g} minutes still not: {what}")

    def conclusion(self, workflow: str, commit: str) -> str:
        """Return how a workflow's run for a commit has ended, once it has."""

        def ended() -> str | None:
            runs = [run for run in self.repository.get_workflow_runs(head_sha=commit) if run.path.endswith(workflow)]
            return next((run.conclusion for run in runs if run.status == "completed"), None)

        return str(self.until(f"a finished run of {workflow} for {commit[:10]}", ended))


class StepError(Exception):
    """A step went wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it needs, what it does and what is to come of it."""

    does: str
    expects: str
    take: Callable[[Scene], None]
    workflow: str = ""
    """It is left out where this workflow is not there."""


def _expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise StepError(f"it is {found!r}, not {wanted!r}")


def _adopt(scene: Scene) -> None:
    scene.logbook("init", "--all", "--source", scene.source)
    scene.push("Adopt logbook")


def _fail_lint(scene: Scene) -> None:
    scene.logbook("new", f"smoke {scene.stamp}", "--no-issue", "--prefix", "SMOK")
    scene.add_entry(1, command="")
    _expect(scene.conclusion("logbook-lint.yml", scene.push("SMOK-001 without its command")), "failure")


def _pass_lint(scene: Scene) -> None:
    text = scene.book.read_text()
    scene.book.write_text(text.replace("- Result: loss 2.211", COMMAND.format(number=1) + "- Result: loss 2.211"))
    _expect(scene.conclusion("logbook-lint.yml", scene.push("SMOK-001 with its command")), "success")


def _push_quickly(scene: Scene) -> None:
    commits = []
    for number in (2, 3, 4):
        scene.add_entry(number)
        commits.append(scene.push(f"SMOK-00{number}"))
    _expect([scene.conclusion("logbook-lint.yml", commit) for commit in commits], ["success"] * 3)


def _take_back(scene: Scene) -> None:
    scene.add_entry(5)
    scene.push("SMOK-005")
    scene.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    scene.run("git", "commit", "--quiet", "--allow-empty", "--message", "SMOK-005 was a slip")
    scene.run("git", "push", "--quiet", "--force", "origin", "HEAD")
    _expect(scene.conclusion("logbook-lint.yml", scene.run("git", "rev-parse", "HEAD")), "success")


def _open_issue(scene: Scene) -> None:
    scene.issue = scene.repository.create_issue(f"Experiment: smoke {scene.stamp}", f"Logbook: {scene.book.name}")

    def labelled() -> bool:
        return "experiment" in {label.name for label in scene.repository.get_issue(scene.issue.number).labels}

    scene.until("the label `experiment`", labelled)


def _snapshot(scene: Scene) -> None:
    commit = scene.push("Keep the smoke\n\nSnapshot: SMOK-004")
    reference = f"tags/snapshot/{scene.book.stem}/SMOK-004"

    def tagged() -> Any:
        return next((one for one in scene.repository.get_git_matching_refs(reference)), None)

    tag = scene.until(f"the tag {reference}", tagged)
    _expect((tag.object.type, scene.repository.get_git_tag(tag.object.sha).object.sha), ("tag", commit))


def _close_early(scene: Scene) -> None:
    number = scene.issue.number
    scene.repository.get_issue(number).edit(state="closed")
    scene.until("the issue is open again", lambda: scene.repository.get_issue(number).state == "open")
    told = [one.body for one in scene.repository.get_issue(number).get_comments() if "logbook:seal" in one.body]
    _expect(len(told), 1)


STEPS = (
    Step("adopt every workflow on the default branch", "the push is accepted", _adopt),
    Step("push a research branch with a result that has no command", "the lint fails", _fail_lint, "lint"),
    Step("add the command", "the lint passes", _pass_lint, "lint"),
    Step("push three times in a row", "each push has a run of its own, and none is cancelled", _push_quickly, "lint"),
    Step(
        "push an entry, and push over it at once", "GitHub lists when, so the lint warns and passes", _take_back, "lint"
    ),
    Step("open an experiment issue", "it gets its label", _open_issue, "labels"),
    Step("push a snapshot commit", "the workflow's token makes an annotated tag", _snapshot, "snapshot"),
    Step("close the issue before its time", "it is reopened, with the report", _close_early, "seal"),
)
BY_HAND = (
    ("lint-comment", "from another account, fork it and send a pull request with a fault: one comment says what"),
    ("snapshot", "try to move a snapshot tag: the ruleset refuses it"),
    ("labels", "look at the runs: the labels that the workflow added have started no further run"),
    ("seal", "dispatch it from a research branch: it is refused"),
)
"""What is left to a person, with the workflow that it is about."""


def steps() -> Iterator[Step]:
    """Yield the steps whose workflows are there."""
    there = workflow_templates()
    return (step for step in STEPS if not step.workflow or step.workflow in there)


def by_hand() -> list[str]:
    """Return what is left to a person for the workflows that are there."""
    there = workflow_templates()
    return [f"{name}: {text}" for name, text in BY_HAND if name in there]


def checklist() -> str:
    """Return what would be done, and what is left to a person."""
    lines = [f"{number}. {step.does}\n   expect: {step.expects}" for number, step in enumerate(steps(), 1)]
    lines += [f"{number}. by hand: {text}" for number, text in enumerate(by_hand(), len(lines) + 1)]
    return "\n".join(lines) + "\n"


def smoke(scene: Scene, say: Callable[[str], object]) -> int:
    """Take every step, say how it went, and return the exit code."""
    for step in steps():
        try:
            step.take(scene)
        except StepError as error:
            say(f"!! {step.does}: {error}\n")
            return 1
        say(f"ok {step.does}: {step.expects}\n")
    say("".join(f"-- by hand: {text}\n" for text in by_hand()))
    return 0


def connected(name: str, folder: Path, minutes: float, source: str = SOURCE) -> Scene:
    """Clone the repository and connect to GitHub; raises `UserError` for one that is not there for this alone."""
    if "smoke" not in name.rpartition("/")[2]:
        raise UserError(f"{name} has no `smoke` in its name", "make a repository for this alone: it is written to")
    from github import Auth, Github  # noqa: PLC0415 - a dry run needs no GitHub

    access = Access.of(os.environ, name)
    hub = Github(auth=Auth.Token(access.token), base_url=access.api_url, seconds_between_requests=None)
    clone = folder / "clone"
    server = os.environ.get("GITHUB_SERVER_URL") or "https://github.com"
    subprocess.run(["git", "clone", "--quiet", f"{server}/{name}", str(clone)], check=True)  # noqa: S603, S607
    stamp = time.strftime("%Y%m%d%H%M%S")
    return Scene(hub.get_repo(access.repository), clone, os.environ, source, minutes, stamp=stamp)


def main(arguments: Sequence[str]) -> int:
    """Print the checklist, or work it off."""
    match arguments:
        case [str()]:
            sys.stdout.write(checklist())
            return 0
        case [name, "--run"]:
            with tempfile.TemporaryDirectory() as folder:
                return smoke(connected(name, Path(folder), minutes=5), sys.stdout.write)
    sys.stderr.write("usage: scripts/smoke OWNER/NAME [--run]\n")
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        sys.stderr.write(f"{error.message}\n  help: {error.help}\n")
        sys.exit(error.exit_code)
