"""The answers of GitHub's API: what of them is read, and the plain values that they become."""

import datetime as dt
from typing import Any

import msgspec

from research_logbook.github.models import Comment, Issue, IssueEvent, Mention, Pull


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


class FileAnswer(msgspec.Struct):
    """A file that a pull request changes."""

    filename: str


class PermittedAnswer(msgspec.Struct):
    """An account with what it may do."""

    permissions: dict[str, bool] = {}


class ObjectAnswer(msgspec.Struct):
    """What a reference or a tag points at; `type` is such as `commit` or `tag`."""

    sha: str
    type: str


class ReferenceAnswer(msgspec.Struct):
    """A reference, or the object of an annotated tag: both point at something."""

    object: ObjectAnswer


class TagAnswer(msgspec.Struct):
    """The object of an annotated tag, as it was made."""

    sha: str


class RoleAnswer(msgspec.Struct):
    """What somebody may do in a repository."""

    permission: str
    role_name: str = ""
    user: PermittedAnswer | None = None


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
    state_reason: str | None = None
    repository: RepositoryAnswer | None = None
    """Only where it is not clear which."""

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
            state_reason=self.state_reason or "",
        )

    def mention(self) -> Mention:
        """Return the pull request that it is, as one that mentions something."""
        return Mention(
            number=self.number,
            title=self.title,
            body=self.body or "",
            repository=self.repository.full_name if self.repository else "",
            is_open=self.state == "open",
            is_merged=bool((self.pull_request or {}).get("merged_at")),
        )


def issue_in(payload: object) -> Issue | None:
    """Return the issue that an event's payload shows in the API's form, or None where it shows less."""
    try:
        return msgspec.convert(payload, IssueAnswer).value()
    except msgspec.ValidationError:
        return None


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


class SourceAnswer(msgspec.Struct):
    """Where something was mentioned."""

    issue: IssueAnswer | None = None


class TimelineAnswer(msgspec.Struct):
    """An item of a timeline: an event, a comment, or that something was mentioned elsewhere."""

    event: str = ""
    created_at: dt.datetime | None = None
    actor: Account | None = None
    label: LabelAnswer | None = None
    source: SourceAnswer | None = None
    id: int = 0
    html_url: str = ""
    updated_at: dt.datetime | None = None
    user: Account | None = None
    body: str | None = None

    def value(self) -> IssueEvent | Comment | Mention | None:
        """Return it as a plain value; None for what nobody asks for."""
        if self.event == "cross-referenced":
            issue = self.source.issue if self.source else None
            return issue.mention() if issue and issue.pull_request is not None else None
        if self.created_at is None:
            return None
        if self.event == "commented":
            at, updated = self.created_at, self.updated_at or self.created_at
            return CommentAnswer(self.id, self.html_url, at, updated, self.user or self.actor, self.body).value()
        return EventAnswer(self.event, self.created_at, self.actor, self.label).value()
