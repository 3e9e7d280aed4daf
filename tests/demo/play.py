"""The stage of the demo: a clone with a GitHub behind it, and what happens on it told as it happens."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import fill

from demo.plain import WIDTH, framed
from e2e.bench import environment
from hub.bench import Hub
from hub.bench import Repository as Project
from repository import Repository as Work

PERSON = "mia"
TOPIC = "momentum"
_LONGEST_SECONDS = 120


class StageError(Exception):
    """A command of the demo did not end as the story has it."""


@dataclass(slots=True)
class Play:
    """A person's clone, the repository on GitHub that it belongs to, and whoever listens."""

    folder: Path
    project: Project
    work: Work
    tell: Callable[[str], object]
    strong: Callable[[str], str] = str
    """What makes a line stand out."""
    exported: dict[str, str] = field(default_factory=dict)
    """What the person's shell has exported."""
    shown: dict[str, str] = field(default_factory=dict)
    """Comments that were shown, by the names that the story gives them."""
    _steps: int = 0

    @classmethod
    def on(cls, hub: Hub, folder: Path, tell: Callable[[str], object], strong: Callable[[str], str] = str) -> "Play":
        """Set the stage in `folder`."""
        origin = Work(folder / "origin")
        origin.commit({"README.md": "Fitting lines.\n"})
        work = Work(folder / TOPIC, origin=origin.root)
        return cls(folder, hub.repository(TOPIC).as_person(PERSON), work, tell, strong)

    @property
    def pages(self) -> str:
        """The address of the repository's pages."""
        return f"{self.project.hub.url}/{self.project.name}"

    def step(self, heading: str, *sentences: str) -> None:
        """Begin a step of the story."""
        self._steps += 1
        self.tell(self.strong(f"━━ {self._steps}. {heading} {'━' * (WIDTH - len(heading) - 7)}") + "\n")
        for sentence in sentences:
            self.say(sentence)

    def say(self, sentence: str) -> None:
        """Tell what people do between the commands."""
        self.tell(fill(sentence, WIDTH, break_on_hyphens=False) + "\n")

    def export(self, name: str, value: str) -> None:
        """Export a variable of the shell."""
        self.tell(self.strong(f"$ export {name}={value}") + "\n")
        self.exported[name] = shlex.split(value)[0]

    def run(self, command: str, exit_code: int = 0, *, has_checks: bool = False) -> str:
        """Run a command line in the clone, and show it with all that it prints, but for a list of single checks."""
        self.tell(self.strong(f"$ {command}"))
        done = subprocess.run(
            self._words(command),
            check=False,
            cwd=self.work.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=_LONGEST_SECONDS,
        )
        self.tell(
            (_without_checks(done.stdout) if has_checks else done.stdout)
            + ("" if done.returncode == 0 else f"(exit code {done.returncode})\n")
        )
        if done.returncode != exit_code:
            raise StageError(f"`{command}` ended with {done.returncode}, not {exit_code}")
        return done.stdout

    def quote(self, text: str) -> None:
        """Show a part of a file."""
        for line in text.strip().splitlines():
            self.tell(f"  │ {line}".rstrip())
        self.tell("")

    def _words(self, command: str) -> list[str]:
        program, *arguments = shlex.split(command)
        programs = {"logbook": [sys.executable, "-P", "-m", "research_logbook"], "python": [sys.executable]}
        return [*programs.get(program, [program]), *arguments]

    def _environment(self) -> Mapping[str, str]:
        hub = self.project.hub
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # `logbook run` starts its `python`
        person = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _MIA.items()}
        github = {"GITHUB_API_URL": hub.url, "GITHUB_SERVER_URL": hub.url, "GITHUB_REPOSITORY": self.project.name}
        wandb = {"WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false"}
        quiet = {"NO_PROXY": "localhost", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "COLUMNS": str(WIDTH)}
        return environment(
            self.folder,
            GITHUB_TOKEN=hub.token(PERSON),
            **{**person, **github, **wandb, **quiet, "PATH": path, **self.exported},
        )

    def show(self, number: int, kind: str, name: str) -> None:
        """Show the newest comment of a kind on an issue, as its readers see it."""
        author, text = [one for one in self.project.comments(number) if one[1].startswith(f"<!-- logbook:{kind}:")][-1]
        self.shown[name] = text
        self.tell(f"  ╭ @{author} commented on #{number}")
        for line in framed(text):
            self.tell(line)
        self.tell("  ╰\n")


def _without_checks(text: str) -> str:
    """Return what the seal prints without a line for each check: its comment tells them."""
    lines = text.splitlines(keepends=True)
    checks = [line for line in lines if line.startswith(("ok ", "FAIL ", "advice "))]
    rest = [line for line in lines if line not in checks and not line.startswith("   ")]
    return "".join([f"(… a line for each of {len(checks)} checks)\n", *rest])


_MIA = {"NAME": "Mia", "EMAIL": "mia@lab.example"}
