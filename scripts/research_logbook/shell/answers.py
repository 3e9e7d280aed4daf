"""The answers of GitHub's API: what of them is read, and the plain values that they become."""

import datetime as dt
from typing import Any

import msgspec

from research_logbook.core.github import Comment, Issue, IssueEvent, Pull


class Account(msgspec.Struct):
    """A person, an app or an organisation."""

    login: str
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        """Whether it is an app."""
        return self.type == "Bot" or self.login.endswith("[bot]")


GHOST = Account("ghost")
"""Whom GitHub shows for an account that is gone."""


class LabelAnswer(msgspec.Struct):
    """A label, of a repository or on an issue."""

    name: str


class RepositoryAnswer(msgspec.Struct):
    """A repository."""

    full_name: str
    id: int = 0
    visibility: str = ""
    private: bool = False


class SecretAnswer(msgspec.Struct):
    """A secret: its name, which is all that anybody is told."""

    name: str


class SecretsAnswer(msgspec.Struct):
    """The secrets of a repository, or those that its organisation shares with it."""

    secrets: list[SecretAnswer]


class RefNameAnswer(msgspec.Struct):
    """The references that a ruleset holds for."""

    include: list[str] = []
    exclude: list[str] = []


class ConditionsAnswer(msgspec.Struct):
    """When a ruleset holds."""

    ref_name: RefNameAnswer = msgspec.field(default_factory=RefNameAnswer)


class RuleAnswer(msgspec.Struct):
    """A rule of a ruleset."""

    type: str


class RulesetAnswer(msgspec.Struct):
    """A ruleset; its rules and conditions come only where it is asked for by its ID."""

    id: int
    name: str
    enforcement: str
    target: str = "branch"
    conditions: ConditionsAnswer | None = None
    rules: list[RuleAnswer] = []


class BranchAnswer(msgspec.Struct):
    """The branch that a pull request comes from; one that is gone has no repository."""

    ref: str
    repo: RepositoryAnswer | None = None
    sha: str = ""


class PullAnswer(msgspec.Struct):
    """A pull request, as far as its branches."""

    number: int
    head: BranchAnswer
    base: BranchAnswer = msgspec.field(default_factory=lambda: BranchAnswer(""))
    body: str | None = None

    def value(self) -> Pull:
        """Return it as a plain value."""
        head, place = self.head, self.head.repo
        number, name = (place.id, place.full_name) if place else (0, "")
        return Pull(self.number, self.body or "", head.ref, head.sha, number, name, self.base.ref)


class RoleAnswer(msgspec.Struct):
    """What somebody may do in a repository."""

    permission: str
    role_name: str = ""


class IssueAnswer(msgspec.Struct):
    """An issue, or a pull request as an issue."""

    number: int
    title: str
    state: str
    html_url: str
    created_at: dt.datetime
    updated_at: dt.datetime
    user: Account | None = None
    body: str | None = None
    author_association: str = "NONE"
    labels: list[LabelAnswer] = []
    locked: bool = False
    pull_request: dict[str, Any] | None = None

    def value(self) -> Issue:
        """Return it as a plain value."""
        author = self.user or GHOST
        return Issue(
            number=self.number,
            title=self.title,
            body=self.body or "",
            author=author.login,
            is_bot=author.is_bot,
            author_association=self.author_association,
            state=self.state,
            labels=tuple(label.name for label in self.labels),
            is_locked=self.locked,
            is_pull_request=self.pull_request is not None,
            created_at=self.created_at,
            updated_at=self.updated_at,
            url=self.html_url,
        )


class CommentAnswer(msgspec.Struct):
    """A comment on an issue or pull request."""

    id: int
    html_url: str
    created_at: dt.datetime
    updated_at: dt.datetime
    user: Account | None = None
    body: str | None = None

    def value(self) -> Comment:
        """Return it as a plain value."""
        author = self.user or GHOST
        return Comment(
            id=self.id,
            author=author.login,
            is_bot=author.is_bot,
            body=self.body or "",
            created_at=self.created_at,
            updated_at=self.updated_at,
            url=self.html_url,
        )


class EventAnswer(msgspec.Struct):
    """Something that happened to an issue."""

    event: str
    created_at: dt.datetime
    actor: Account | None = None
    label: LabelAnswer | None = None

    def value(self) -> IssueEvent:
        """Return it as a plain value."""
        actor = (self.actor or GHOST).login
        return IssueEvent(self.event, actor, self.created_at, self.label.name if self.label else "")
