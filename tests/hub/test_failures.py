"""Claims about what happens when GitHub fails, limits or lies."""

from collections.abc import Callable

import pytest
from hub.bench import Hub, Repository
from hub.conftest import NOW, Waits

from research_logbook.errors import UnfinishedError
from research_logbook.shell.failures import AmbiguousError, InvalidError
from research_logbook.shell.github import GitHub

Connect = Callable[..., GitHub]
