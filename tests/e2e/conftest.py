"""Fixtures of the bench: one export of this checkout and one folder of packages for all runs."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from e2e.bench import Bench, export
from e2e.thread import Thread


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of this test run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def action(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export this checkout as it would be released: once, so that what it needs is installed once as well."""
    made = export(tmp_path_factory.mktemp("export"))
    with suppress(OSError):  # another process was first
        made.rename(shared / "action")
    shutil.rmtree(made, ignore_errors=True)
    return shared / "action"


@pytest.fixture(scope="session")
def packages(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder for packages that all runs share, and a script in it that leads jobs there."""
    folder = shared / "packages"
    folder.mkdir(exist_ok=True)
    script = tmp_path_factory.mktemp("script") / "environment.sh"
    script.write_text(f"export RUNNER_TEMP='{folder}'\n")
    script.replace(folder / script.name)  # in one go: a job of another process may be reading it
    return folder


@pytest.fixture
def bench(tmp_path: Path, action: Path, packages: Path) -> Bench:
    """Make a machine with act on it."""
    folder = tmp_path / "machine"
    folder.mkdir()
    # act gives every job a RUNNER_TEMP of its own, into which all would be installed again; bash reads this file.
    return Bench(folder, action, {"BASH_ENV": str(packages / "environment.sh"), "UV_CACHE_DIR": str(packages / "uv")})


@pytest.fixture
def thread(tmp_path: Path) -> Thread:
    """Begin a research thread in a repository that has adopted logbook."""
    return Thread(tmp_path / "thread")


_PROJECT = """\
[project]
name = "planted"
version = "1"
requires-python = ">=9"

[tool.uv]
offline = true
"""


@pytest.fixture
def planted(thread: Thread, tmp_path: Path) -> Path:
    """Plant files that programs like to read, some of which would leave a mark; return where."""
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'w')\n"
    script = f"#!/bin/sh\ntouch '{mark}'\n"
    for name in ("click", "comrak", "msgspec", "sitecustomize", "usercustomize", "json", "pip", "venv"):
        thread.write(f"{name}.py", code)
    thread.write("research_logbook/__init__.py", code)
    thread.write("uv.toml", 'index-url = "http://localhost:9/"\n')
    thread.write("pyproject.toml", _PROJECT)
    thread.write(".python-version", "9.9.9\n")
    thread.write(".netrc", "machine localhost login x password y\n")
    thread.write(".env", "UV_OFFLINE=1\nPIP_NO_INDEX=1\nPYTHONPATH=.\nGITHUB_EVENT_NAME=push\n")
    thread.write("pip.conf", "[global]\nindex-url = http://localhost:9/\n")
    thread.write("wandb/settings", "[default]\nbase_url = http://localhost:9/\n")
    for name in ("uv", "python3", "git", "scripts/run"):
        thread.write(name, script)
        (thread.root / name).chmod(0o755)
    return mark
