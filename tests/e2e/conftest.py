"""Fixtures of the bench: one export of this checkout and one folder of packages for all runs."""

from pathlib import Path

import pytest

from e2e.bench import Bench, export
from e2e.thread import Thread
from hub.conftest import _started, hub, repository

__all__ = ["_started", "hub", "repository"]


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export this checkout as it would be released."""
    return export(tmp_path_factory.mktemp("action"))


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder for packages that all runs share."""
    return tmp_path_factory.mktemp("packages")


@pytest.fixture
def bench(tmp_path: Path, action: Path, packages: Path) -> Bench:
    """Make a machine with act on it."""
    folder = tmp_path / "machine"
    folder.mkdir()
    return Bench(folder, action, {"RUNNER_TEMP": str(packages), "UV_CACHE_DIR": str(packages / "uv")})


@pytest.fixture
def thread(tmp_path: Path) -> Thread:
    """Begin a research thread in a repository that has adopted logbook."""
    return Thread(tmp_path / "thread")
