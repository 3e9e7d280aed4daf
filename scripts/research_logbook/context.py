"""The circumstances of a run, determined once by the command line and passed to every command.

It gives the one answer to what is meant if the user does not say so: which repository on GitHub, which branch, which
issue, which configuration. Each answer is found when it is first needed, and kept.
"""

import copy
import datetime as dt
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from research_logbook.actions import runner
from research_logbook.actions.event import Event
from research_logbook.config.baseline import BASELINE, Baseline, load_baseline
from research_logbook.config.schema import PATH, Config
from research_logbook.errors import UserError, no_repository, not_in_clone, repository_unknown
from research_logbook.github import Access, Remote, RepositorySite, remote_at, server_in, token_for, token_in
from research_logbook.logbook import issue_meant
from research_logbook.logbook.model import Reference
from research_logbook.markdown.escape import quoted
from research_logbook.progress import SILENT, Progress
from research_logbook.repo import files
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
    progress: Progress = SILENT
    """Shows how far long work is."""

    @classmethod
    def here(cls, *, repo: str | None = None, config: str | None = None, **_: object) -> Self:
        """Return the circumstances of this process, with the options that its user passed."""
        progress = getattr(sys.stderr, "progress", SILENT)
        return cls(os.environ, Path.cwd(), dt.datetime.now(dt.UTC), repo, config, progress)

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
            raise no_repository(in_actions=self.in_actions)
        return self.repository

    def at(self, folder: Path) -> Self:
        """Return the same run in another folder."""
        return type(self)(self.environment, folder, self.now, self.repo, self.config_file, self.progress)

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
        return named or (self._remote.name if self._remote and not self._other_server else None)

    @cached_property
    def _remote(self) -> Remote | None:
        """What the git remote says."""
        return remote_at(self.repository.remote_address) if self.repository else None

    @property
    def _other_server(self) -> str:
        """The host of the git remote, where that is another than the GitHub that is asked; else empty."""
        is_unnamed = bool(self.environment.get("GITHUB_API_URL")) and not server_in(self.environment)
        is_there = self._remote is None or is_unnamed or self._remote.is_at(self.site.server)
        return "" if is_there or self._remote is None else self._remote.host

    @cached_property
    def site(self) -> RepositorySite:
        """The pages of the repository: on the server that the environment names, else the git remote's."""
        server = server_in(self.environment) or (self._remote.server if self._remote and not self.repo else "")
        return RepositorySite("", server) if server else RepositorySite()

    @property
    def token(self) -> str:
        """The token for GitHub; empty where there is none."""
        return token_in(self.environment)

    @property
    def fetch_token(self) -> str:
        """The token for git to fetch with; empty where the remote is none of the GitHub that the token is for."""
        return token_for(self.repository.remote_address, self.site, self.token) if self.repository else ""

    def require_github_name(self, fix: str = "pass `--repo OWNER/NAME`") -> str:
        """Return the repository on GitHub, OWNER/NAME; raises `UserError` where nothing says it."""
        if self.github_name:
            return self.github_name
        if other := self._other_server:
            raise UserError(
                f"the git remote is on {quoted(other)}, and GitHub is asked at {quoted(self.site.host)}",
                f"set GITHUB_API_URL to https://{quoted(other)}/api/v3 if that is a GitHub, or {fix}",
            )
        raise repository_unknown(fix)

    def access(self, bot_login: str | None = None) -> Access:
        """Return the access to GitHub; raises `UserError` without a token or a repository."""
        name = self.require_github_name() if self.token else None
        return Access.of(self.environment, name, bot_login, self.site.server)

    def issue(self, asked: int | None, github: "GitHub") -> int | None:
        """Return the issue that was asked for, else the event's, else the one entered when dispatching the workflow.

        On a laptop it is otherwise the one named by the logbook of the checked-out branch; raises `UserError` where
        that could be one of several.
        """
        found = asked or self.event.number or self.dispatched_issue
        if found or self.in_actions or self.repository is None or not self.branch:
            return found
        from research_logbook.repo.research_branches import issues_here  # noqa: PLC0415 - no lint needs it

        named = sorted(issues_here(self.repository, self.work_tree_config, self.branch, github))
        if len(named) > 1:
            listed = ", ".join(f"#{number}" for number in named[:_MOST_NAMED])
            fix = f"pass `--issue N` for one of them: {listed}"
            raise UserError(f"the logbooks of {quoted(self.branch)} name {len(named)} issues", fix)
        return next(iter(named), None)

    @property
    def dispatched_issue(self) -> int | None:
        """The issue entered when dispatching the workflow; raises `UserError` for anything but one of this repository.

        What was entered is its number or its address.
        """
        written = self.event.inputs.get("issue", "").strip()
        if not written:
            return None
        found = issue_meant(written)
        if found is None:
            raise UserError(f"`{quoted(written)}` is not an issue number", "write it as in `12`, or paste its address")
        return self.number_of(found)

    def number_of(self, meant: Reference | None) -> int | None:
        """Return the number of the issue that a user names; raises `UserError` for one of another repository."""
        if meant is None or not meant.repository:
            return meant.number if meant else None
        number = meant.number_in(self.require_github_name(), self.site.host)
        if number is None:
            fix = f"pass `--repo {quoted(meant.repository)}` to work there, or name an issue of this repository"
            raise UserError(f"{quoted(meant.written)} is not an issue of {self.github_name}", fix)
        return number

    @cached_property
    def config(self) -> Config:
        """The configuration for commands that write, as the default branch has it.

        Raises `UnfinishedError` in Actions where the clone lacks that branch: what is checked out may be anybody's.
        """
        if self.repository is None:
            return _load(Path(self.config_file)) if self.config_file else Config()
        tip = self.repository.tip(self.event.default_branch)
        if tip is None and self.event.default_branch and self.repository.remotes:
            raise not_in_clone(f"the default branch {self.event.default_branch!r}, whose configuration counts,")
        return self.config_for(Comparison(None, rules_from=tip))[0]

    @cached_property
    def work_tree_config(self) -> Config:
        """The configuration of the work tree, for commands that a person runs in it."""
        return self.config_for(Comparison(None))[0]

    def config_for(self, comparison: Comparison) -> tuple[Config, str]:
        """Return the configuration to judge by, and a note if it is not the judged tree's.

        It is `.github/logbook.yml`, or the file that `--config` names. Where a commit says whose configuration counts,
        a file of the repository is read there: what the judged tree holds in its place does not count for itself.
        """
        repository, path = self.clone(), PATH
        if self.config_file:
            file, root = Path(self.config_file).absolute(), repository.root.resolve()
            # By its name: a link that the judged tree puts in the place of a folder leads nowhere else.
            place = Path(os.path.normpath(Path.cwd().resolve() / self.config_file))
            place = place if place.is_relative_to(root) else file.parent.resolve() / file.name
            if comparison.rules_from is None or not place.is_relative_to(root):
                return _load(file), ""
            path = place.relative_to(root).as_posix()
        if comparison.rules_from is None:
            return self._of_work_tree(repository)
        wanted = [it for it in (comparison.rules_from, comparison.head) if it]
        found = _versions(repository, path, wanted)
        counts, judged = found.get(comparison.rules_from), found.get(wanted[-1])
        config = _load(counts, path) if counts is not None else Config()
        if counts is None and self.config_file:
            where = f"the commit whose configuration counts, {comparison.rules_from[:10]}"
            return config, f"{path} is not in {where}, so nothing is configured"
        # A branch that left before an edit of the configuration did not make it.
        base = comparison.base or comparison.rules_from
        is_edited = judged != counts and judged != _versions(repository, path, [base]).get(base)
        return config, f"this change edits {path}; it was judged by the configuration without that edit" * is_edited

    def baseline_for(self, comparison: Comparison) -> Baseline:
        """Return the baseline to judge by, from where the configuration is read: no change accepts its own faults.

        Raises `UserError` where the file cannot be read.
        """
        repository = self.clone()
        if comparison.rules_from is not None:
            found = _versions(repository, BASELINE, [comparison.rules_from]).get(comparison.rules_from)
            return load_baseline(found) if found is not None else Baseline()
        left_out = repository.left_out([BASELINE])
        if left_out:
            return load_baseline(repository.contents([left_out[BASELINE]])[left_out[BASELINE]])
        there = files.text_there(repository.root, BASELINE)
        if isinstance(there, files.Obstacle):
            raise UserError(f"{BASELINE} {there.why}", "put the file itself there")
        return load_baseline(there) if there is not None else Baseline()

    def _of_work_tree(self, repository: Repository) -> tuple[Config, str]:
        file = repository.root / PATH
        if file.is_file():
            return _load(file), ""
        left_out = repository.left_out([PATH])
        if left_out:
            return _load(repository.contents([left_out[PATH]])[left_out[PATH]], PATH), ""
        misnamed = file.with_suffix(".yaml")
        return Config(), f"{misnamed.name} is not read: rename it to {PATH}" if misnamed.is_file() else ""

    def with_config(self, config: Config) -> Self:
        """Return the same run with a configuration changed by options."""
        other = copy.copy(self)
        other.__dict__["config"] = config
        return other


_MOST_NAMED = 8


def _versions(repository: Repository, path: str, commits: Sequence[str]) -> dict[str, bytes]:
    """Return the bytes of a regular file in commits that have one: a link can lead anywhere."""
    blobs = repository.read([(commit, path) for commit in commits])
    return {commit: blob.data for (commit, _), blob in blobs.items() if not blob.is_symlink}


def _load(source: Path | bytes, path: str = PATH) -> Config:
    from research_logbook.config.load import load_bytes, load_file  # noqa: PLC0415 - only where there is one

    return load_bytes(source, path) if isinstance(source, bytes) else load_file(source)
