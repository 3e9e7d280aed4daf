"""The circumstances of a run, determined once by the command line and passed to every command.

It gives the one answer to what is meant if the user does not say so: which repository on GitHub, which branch, which
issue, which configuration. Each answer is found when it is first needed, and kept.
"""

import copy
import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from research_logbook.actions import runner
from research_logbook.actions.event import Event
from research_logbook.config.schema import PATH, Config
from research_logbook.errors import UserError, no_repository
from research_logbook.github import Access, repository_at, token_in
from research_logbook.markdown.escape import quoted
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Repository

if TYPE_CHECKING:
    from research_logbook.github.client import GitHub


@dataclass(frozen=True)
class RunContext:
    """Where and when a run takes place, what started it, and what its user asked for."""

    environment: Mapping[str, str]
    folder: Path
    now: dt.datetime
    """In UTC."""
    repo: str | None = None
    """The option `--repo`."""
    config_file: str | None = None
    """The option `--config`."""

    @classmethod
    def here(cls, *, repo: str | None = None, config: str | None = None, **_: object) -> Self:
        """Return the circumstances of this process, with the options that its user passed."""
        return cls(os.environ, Path.cwd(), dt.datetime.now(dt.UTC), repo, config)

    @property
    def in_actions(self) -> bool:
        """Whether this is a step of a workflow."""
        return runner.in_actions(self.environment)

    @cached_property
    def event(self) -> Event:
        """The event that started the run."""
        return runner.event_of(self.environment)

    @cached_property
    def repository(self) -> Repository | None:
        """The git repository around the folder; None outside of one."""
        return Repository.around(self.folder)

    def clone(self) -> Repository:
        """Return the git repository around the folder; raises `UserError` outside of one."""
        if self.repository is None:
            raise no_repository()
        return self.repository

    def at(self, folder: Path) -> Self:
        """Return the same run in another folder."""
        return type(self)(self.environment, folder, self.now, self.repo, self.config_file)

    @cached_property
    def branch(self) -> str | None:
        """The event's branch, else the one that is checked out."""
        return self.event.branch or (self.repository.branch if self.repository else None)

    @cached_property
    def default_branch(self) -> str | None:
        """The default branch, from the event, else from the clone."""
        return self.event.default_branch or (self.repository.default_branch if self.repository else None)

    @cached_property
    def github_name(self) -> str | None:
        """The repository on GitHub, OWNER/NAME: from `--repo`, else GITHUB_REPOSITORY, else the git remote."""
        named = self.repo or self.environment.get("GITHUB_REPOSITORY")
        return named or (repository_at(self.repository.remote_address) if self.repository else None)

    @property
    def token(self) -> str:
        """The token for GitHub; empty where there is none."""
        return token_in(self.environment)

    def access(self, bot_login: str | None = None) -> Access:
        """Return the access to GitHub; raises `UserError` without a token or a repository."""
        return Access.of(self.environment, self.github_name, bot_login)

    def issue(self, asked: int | None, github: "GitHub") -> int | None:
        """Return the issue that was asked for, else the event's, else the one entered when dispatching the workflow.

        On a laptop it is otherwise the one named by the logbook of the checked-out branch.
        """
        found = asked or self.event.number or self.dispatched_issue
        if found or self.in_actions or self.repository is None or not self.branch:
            return found
        from research_logbook.repo.research_branches import issues_here  # noqa: PLC0415 - no lint needs it

        named = issues_here(self.repository, self.work_tree_config, self.branch, github)
        return named.pop() if len(named) == 1 else None

    @property
    def dispatched_issue(self) -> int | None:
        """The issue entered when dispatching the workflow; raises `UserError` for anything but a number."""
        number = self.event.inputs.get("issue", "").strip().removeprefix("#")
        if not number:
            return None
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise UserError(f"`{quoted(number)}` is not an issue number", "write it as in `12`")
        return int(number)

    @cached_property
    def config(self) -> Config:
        """The configuration for commands that write: from `--config`, else the default branch's."""
        if self.config_file:
            return _load(Path(self.config_file))
        if self.repository is None:
            return Config()
        tip = self.repository.tip(self.event.default_branch)
        return self.config_for(Comparison(None, rules_from=tip))[0]

    @cached_property
    def work_tree_config(self) -> Config:
        """The configuration of the work tree, for commands that a person runs in it."""
        return self.config_for(Comparison(None))[0]

    def config_for(self, comparison: Comparison) -> tuple[Config, str]:
        """Return the configuration to judge by, and a note if it is not the judged tree's."""
        if self.config_file:
            return _load(Path(self.config_file)), ""
        repository = self.clone()
        if comparison.rules_from is None:
            path = repository.root / PATH
            misnamed = path.with_suffix(".yaml")
            note = f"{misnamed.name} is not read: rename it to {PATH}"
            if path.is_file():
                return _load(path), ""
            return Config(), note if misnamed.is_file() else ""
        found = repository.read([(commit, PATH) for commit in (comparison.rules_from, comparison.head) if commit])
        counts = found.get((comparison.rules_from, PATH))
        judged = found.get((comparison.head or "", PATH))
        config = _load(counts.data) if counts and not counts.is_symlink else Config()
        edited = (counts and counts.data) != (judged and judged.data)
        return config, f"this change edits {PATH}; it was judged by the configuration without that edit" * edited

    def with_config(self, config: Config) -> Self:
        """Return the same run with a configuration changed by options."""
        other = copy.copy(self)
        other.__dict__["config"] = config
        return other


def _load(source: Path | bytes) -> Config:
    from research_logbook.config.load import load_bytes, load_file  # noqa: PLC0415 - only where there is one

    return load_bytes(source, PATH) if isinstance(source, bytes) else load_file(source)
