"""Fixtures for tests that need GitHub: one GitHub for all of them, and a repository of its own for each."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contract.description import description
from hub.bench import NOW, Connect, Hub, Repository, running_hub
from hub.closeout import Thread
from hub.emulate import NotInstalledError
from research_logbook.github import Access
from research_logbook.github.client import GitHub
from research_logbook.github.transport import RetryBudget


@pytest.fixture(scope="session")
def _started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    try:
        with running_hub(tmp_path_factory.mktemp("hub")) as hub:
            yield hub
    except NotInstalledError as error:
        pytest.skip(str(error))


@pytest.fixture
def hub(_started: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Return a GitHub that has seen no calls and fails none; all that is asked of it is as GitHub describes."""
    monkeypatch.setenv("NO_PROXY", "localhost")
    _started.forget()
    proxy, described = _started.proxy, description()
    if described:
        proxy.expected = lambda request: described.faults(request.verb, request.path, request.query, request.body)
    yield _started
    unexpected, proxy.unexpected = proxy.unexpected, []
    assert unexpected == []


@pytest.fixture
def repository(hub: Hub) -> Repository:
    """Create a repository."""
    return hub.repository()


@pytest.fixture
def waits() -> list[float]:
    """Collect the seconds that a client would wait, in place of waiting."""
    return []


@pytest.fixture
def connect(hub: Hub, repository: Repository, waits: list[float]) -> Iterator[Connect]:
    """Return what connects to the repository with a token, by default a job's that may write issues."""
    with ExitStack() as opened:

        def made(token: str = "", bot_login: str = "", budget: float = 180, **how: Any) -> GitHub:
            environment = {
                "GITHUB_API_URL": hub.url,
                "GITHUB_REPOSITORY": repository.name,
                "GITHUB_ACTIONS": "true",
                "GITHUB_TOKEN": token or hub.workflow_token(issues="write"),
            }
            environment |= {name: how.pop(name) for name in environment.keys() & how.keys()}
            retries = RetryBudget(budget, clock=lambda: NOW, sleep=waits.append)
            return opened.enter_context(GitHub(Access.of(environment, repository.name, bot_login), retries, **how))

        yield made


@pytest.fixture
def thread(repository: Repository, tmp_path: Path) -> Thread:
    """Work on a research thread: two entries, a snapshot of each, and an issue with its title only."""
    return Thread.begin(repository, tmp_path)
