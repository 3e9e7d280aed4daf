"""Real git repositories for tests."""

import atexit
import datetime as dt
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

from research_logbook.config.schema import Config
from research_logbook.context import RunContext

Told = TypeVar("Told")

GOOD = (Path(__file__).parents[1] / "docs" / "example-logbook.md").read_text()
"""A logbook with nothing wrong in it, but that repositories of tests do not hold the commit of its entry."""

GOOD_ANYWHERE = GOOD.replace("Commit Hash: `1691d0a9afbf`", "Commit Hash: `lab/trainer@1691d0a9afbf`")
"""The same, run from a commit of another repository."""

ENTRY = """
### 2026-05-26 09:00 - SPA-AT-002 second seed

- Commit Hash: `lab/trainer@1691d0a9afbf`
- Command: `python -m train --blocks 512 --seed 1`
- Result: loss 2.229 after 400 steps.
- Interpretation: replicates SPA-AT-001.
- Next action: measure the step time.
"""
"""A well-made entry for it."""

PATH = ".agents/logbooks/sparse-attention.md"

_SETTINGS = {"core.fsync": "none", "gc.auto": "0", "maintenance.auto": "false"}
"""What a repository that lives for one test need not do."""
_VARIABLES = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_TEMPLATE_DIR": "",  # no sample hooks
    "GIT_AUTHOR_NAME": "Ana",
    "GIT_AUTHOR_EMAIL": "ana@lab.example",
    "GIT_COMMITTER_NAME": "Ana",
    "GIT_COMMITTER_EMAIL": "ana@lab.example",
    "GIT_CONFIG_COUNT": str(len(_SETTINGS)),
    **{f"GIT_CONFIG_KEY_{index}": name for index, name in enumerate(_SETTINGS)},
    **{f"GIT_CONFIG_VALUE_{index}": value for index, value in enumerate(_SETTINGS.values())},
}


class Repository:
    """A git repository in a folder of a test."""

    def __init__(self, root: Path, *, origin: Path | None = None) -> None:
        """Make it, as a clone of `origin` where there is one; what is there already is left as it is."""
        self.root = root
        self.variables: dict[str, str] = {}
        if (root / ".git").exists():
            return
        root.mkdir(parents=True, exist_ok=True)
        if origin is None:
            self.git("init", "--quiet", "--initial-branch=main")
            self.git("config", "receive.denyCurrentBranch", "ignore")  # so that a clone may push to it
        else:
            self.git("clone", "--quiet", str(origin), ".")

    def git(self, *arguments: str) -> str:
        """Run git and return what it printed."""
        environment = {**os.environ, **_VARIABLES, **self.variables}
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


@cache
def _models() -> Path:
    folder = tempfile.mkdtemp(prefix="repositories-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


_built: dict[Hashable, tuple[Path, object]] = {}


def copied(build: Callable[..., Told], to: Path, *arguments: Hashable) -> Told:
    """Let `build` fill a folder with repositories, once for all tests, and copy what it made to `to`.

    Remotes between them lead to the copies. Returns what `build` returned.
    """
    built = _built.get((build, arguments))
    if built is None:
        model = Path(tempfile.mkdtemp(dir=_models())) / "model"  # what builds may itself copy what another one built
        built = _built[build, arguments] = model, build(model, *arguments)
    model, told = built
    shutil.copytree(model, to, dirs_exist_ok=True, symlinks=True)
    for config in (*to.glob("*/.git/config"), *to.glob("*/config")):
        config.write_text(config.read_text().replace(str(model), str(to)))
    return cast("Told", told)


def release(server: Path, *tags: str, name: str = "run-research/logbook") -> Repository:
    """Release a version of the actions on a server that is a folder; `server.as_uri()` is its address."""
    work = Repository(server / name)
    work.commit(message=" ".join(tags))
    for tag in tags:
        work.git("tag", "--annotate", "--force", "--message", tag, tag)
    return work


def context(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    now: dt.datetime = dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
    config: Config | None = None,
    **named: str,
) -> RunContext:
    """Return what a run stands in; `named` are its options `repo` and `config_file`."""
    made = RunContext(environment or {}, folder, now, **named)
    return made.with_config(config) if config else made
