"""How logbook was installed: what to run for a part of it that is missing, and what starts it again later.

Source: uv's and pipx's own files beside an environment (`uv-receipt.toml`, `pipx_metadata.json`), and PEP 610 for
where a distribution came from.
"""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from research_logbook.errors import UnfinishedError

REPOSITORY = "git+https://github.com/run-research/logbook@v1"
_DISTRIBUTION = "research-logbook"  # told to nobody: what a package index has under this name may be another's
EXTRAS = {
    "github": ("github", ("pygithub",)),
    "wandb": ("wandb", ("wandb",)),
    "record": ("nh3", ("jinja2", "nh3", "pygal", "watchfiles")),
}
"""The extras, each with a module by which it is known to be there, and the packages that it brings."""


class Installer(StrEnum):
    """What made the environment that logbook runs in."""

    UV_TOOL = "uv tool install"
    UVX = "uvx"
    PIPX = "pipx install"
    PIPX_RUN = "pipx run"
    CHECKOUT = "scripts/run"
    PIP = "pip"


@dataclass(frozen=True, slots=True)
class Installation:
    """An environment that logbook runs in."""

    installer: Installer
    prefix: Path
    python: str
    source: str = REPOSITORY
    """What it is installed from, as pip and uv write it."""
    commit: str = ""
    """The commit of its repository; empty where that is not known."""
    script: str = ""
    """`scripts/run` of a checkout."""
    has_pip: bool = True

    @classmethod
    def here(cls, prefix: Path | None = None, package: Path | None = None) -> Self:
        """Return this process's own; `prefix` is the folder of its environment, `package` that of the code."""
        prefix, package = prefix or Path(sys.prefix), package or Path(__file__).parent
        source, commit = _source()
        run = package.parent / "run"
        is_checkout = package.parent.name == "scripts" and run.is_file() and not source
        return cls(
            Installer.CHECKOUT if is_checkout else _installer(prefix),
            prefix,
            sys.executable,
            source or REPOSITORY,
            commit,
            str(run) if is_checkout else "",
            find_spec("pip") is not None,
        )

    def remedy_for(self, *extras: str) -> str:
        """Return what to do for missing extras; what is there already stays."""
        known = (names for it, (module, names) in EXTRAS.items() if it in extras or find_spec(module) is not None)
        packages = [name for names in known for name in names]
        source, with_each = shlex.quote(self.source), " ".join(f"--with {name}" for name in packages)
        match self.installer:
            case Installer.UV_TOOL:
                return f"run `uv tool install --force {with_each} {source}`"
            case Installer.UVX:
                return f"start it with `uvx {with_each} --from {source} logbook`"
            case Installer.PIPX:
                before = " ".join(f"--preinstall {name}" for name in packages)
                return f"run `pipx install --force {before} {source}`"
            case Installer.PIPX_RUN:
                return f"start it with `pipx run {with_each} --spec {source} logbook`"
            case Installer.CHECKOUT:
                return f"start it with `{shlex.quote(self.script)}`, which brings it"
            case Installer.PIP:
                python = shlex.quote(self.python)
                pip = f"{python} -m pip install" if self.has_pip else f"uv pip install --python {python}"
                return f"run `{pip} {' '.join(name for extra in extras for name in EXTRAS[extra][1])}`"

    def starts_with(self, environment: Mapping[str, str]) -> list[str]:
        """Return the words that start logbook again at any later time, wherever the PATH leads then.

        An environment of `uvx` or `pipx run` may be cleared away, so what made it is what starts it.
        """
        source = f"{self.source.rpartition('@')[0]}@{self.commit}" if self.commit else self.source
        path = environment.get("PATH")
        match self.installer:
            case Installer.UVX:
                uv = environment.get("UV") or shutil.which("uv", path=path) or "uv"
                return [uv, "tool", "run", "--quiet", "--from", source, "logbook"]
            case Installer.PIPX_RUN:
                return [shutil.which("pipx", path=path) or "pipx", "run", "--quiet", "--spec", source, "logbook"]
            case Installer.CHECKOUT:
                return [self.script]
            case _:
                program = self.prefix / "bin/logbook"
                is_there = os.access(program, os.X_OK)
                return [str(program)] if is_there else [self.python, "-P", "-m", "research_logbook"]


def _installer(prefix: Path) -> Installer:
    if (prefix / "uv-receipt.toml").is_file():
        return Installer.UV_TOOL
    if (prefix / "pipx_metadata.json").is_file():
        return Installer.PIPX if prefix.parent.name == "venvs" else Installer.PIPX_RUN
    is_cached = any(part.startswith(("archive-v", "environments-v")) for part in prefix.parts)
    return Installer.UVX if is_cached else Installer.PIP


def _source() -> tuple[str, str]:
    """Return what logbook was installed from, and its commit; both empty for what is no installation."""
    try:
        written = distribution(_DISTRIBUTION).read_text("direct_url.json")
        told = json.loads(written) if written else {}
        version = told.get("vcs_info") or {}
        commit = str(version.get("commit_id") or "")
        if version.get("vcs") != "git" or not told.get("url"):
            return REPOSITORY, ""
        reference = version.get("requested_revision") or commit
        return f"git+{told['url']}@{reference}", commit
    except PackageNotFoundError:
        return "", ""
    except (ValueError, AttributeError):
        return REPOSITORY, ""


def missing_extra(extra: str, *others: str) -> UnfinishedError:
    """A part of logbook that a command needs is not installed; it needs the `others` too."""
    remedy = Installation.here().remedy_for(extra, *others)
    return UnfinishedError(f"this command needs the `{extra}` extra, which is not installed", remedy)
