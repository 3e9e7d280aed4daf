"""What GitHub's API answers, as far as it is read: decoded as it is, and may be null where GitHub says so."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec


class Account(msgspec.Struct, frozen=True):
    """A person, an app or an organisation."""

    login: str
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        """Whether it is an app."""
        return self.type == "Bot" or self.login.endswith("[bot]")


GHOST = Account("ghost")
"""Whom GitHub shows for a deleted account."""


def same_login(one: str, other: str) -> bool:
    """Return whether two logins name one account: they are case-insensitive on GitHub."""
    return one.casefold() == other.casefold()


class RepositoryInfo(msgspec.Struct, frozen=True):
    """A repository."""

    full_name: str
    id: int = 0
    visibility: str = ""
    private: bool = False


class Label(msgspec.Struct, frozen=True):
    """A label, of a repository or on an issue, where GitHub does not promise that it is named."""

    name: str = ""


class PullLink(msgspec.Struct, frozen=True):
    """What makes an issue a pull request."""

    merged_at: str | None = None


class Authored(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote on GitHub."""

    user: Account | None = None
    """None where the account was deleted."""
    body: str | None = None
    created_at: dt.datetime
    updated_at: dt.datetime
    url: str = msgspec.field(name="html_url")
    """Of the page that people read."""

    @property
    def text(self) -> str:
        """The body; empty where there is none."""
        return self.body or ""

    @property
    def author(self) -> str:
        """The login of whoever wrote it."""
        return (self.user or GHOST).login

    @property
    def is_bot(self) -> bool:
        """Whether the author is an app."""
        return (self.user or GHOST).is_bot


class Comment(Authored, frozen=True, kw_only=True):
    """A comment on an issue or a pull request."""

    id: int
    issue_url: str = ""
    """Of the issue in the API; empty where it is not told."""

    def is_on(self, number: int) -> bool:
        """Return whether it is on the issue or pull request of that number, as far as is told."""
        return not self.issue_url or self.issue_url.rpartition("/")[2] == str(number)


class Issue(Authored, frozen=True, kw_only=True):
    """An issue or a pull request, which to GitHub is an issue too."""

    number: int
    title: str
    state: str
    """`open` or `closed`."""
    state_reason: str | None = None
    """Why it is closed: `completed`, `not_planned` or `duplicate`."""
    labels: tuple[Label | str, ...] = ()
    """GitHub's description lets each be its name alone."""
    comment_count: int = msgspec.field(default=0, name="comments")
    closed_at: dt.datetime | None = None
    is_locked: bool = msgspec.field(default=False, name="locked")
    pull_request: PullLink | None = None
    repository: RepositoryInfo | None = None
    """Only in a timeline, where it may be another one."""

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of its labels."""
        names = (label if isinstance(label, str) else label.name for label in self.labels)
        return tuple(filter(None, names))

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self.state == "open"

    @property
    def is_pull_request(self) -> bool:
        """Whether it is a pull request."""
        return self.pull_request is not None

    @property
    def is_merged(self) -> bool:
        """Whether it is a merged pull request."""
        return self.pull_request is not None and bool(self.pull_request.merged_at)


def issue_in(payload: object) -> Issue | None:
    """Return the issue that an event's payload shows in the API's form, or None where it shows less."""
    try:
        return msgspec.convert(payload, Issue)
    except msgspec.ValidationError:
        return None


class IssueEvent(msgspec.Struct, frozen=True):
    """Something that happened to an issue, such as `labeled`, `unlabeled`, `closed` or `reopened`."""

    event: str
    created_at: dt.datetime
    actor: Account | None = None
    label: Label | None = None

    @property
    def actor_login(self) -> str:
        """The login of whoever did it."""
        return (self.actor or GHOST).login

    @property
    def label_name(self) -> str:
        """The label that was added or removed; empty where it is about none."""
        return self.label.name if self.label else ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that happened to an issue, each oldest first."""

    events: tuple[IssueEvent, ...] = ()
    comments: tuple[Comment, ...] = ()
    mentions: tuple[Issue, ...] = ()
    """The pull requests that mention it, each once."""


class PullBranch(msgspec.Struct, frozen=True):
    """The branch that a pull request comes from, or goes into."""

    ref: str
    sha: str = ""
    repo: RepositoryInfo | None = None
    """None where it was deleted."""


class Pull(msgspec.Struct, frozen=True):
    """A pull request: what it wants to merge into what."""

    number: int
    head: PullBranch
    base: PullBranch
    body: str | None = None

    def comes_from(self, repository: str) -> bool:
        """Return whether its branch is one of `repository`, OWNER/NAME, and not of a fork."""
        return self.head.repo is not None and same_login(self.head.repo.full_name, repository)


class PullFile(msgspec.Struct, frozen=True):
    """A file that a pull request changes."""

    filename: str


class GitObject(msgspec.Struct, frozen=True):
    """An object of git; `type` is such as `commit` or `tag`."""

    sha: str
    type: str = ""


class GitReference(msgspec.Struct, frozen=True):
    """A reference or an annotated tag: what points at an object."""

    object: GitObject
    ref: str = ""
    """The full name of a reference."""


class AnnotatedTag(GitReference, frozen=True, kw_only=True):
    """An annotated tag that was made; no reference leads to it yet."""

    sha: str


class Activity(msgspec.Struct, frozen=True):
    """What moved a branch; `activity_type` is such as `push`, `force_push`, `branch_creation` or `branch_deletion`."""

    id: int
    before: str
    """The commit that it moved the branch from; all zeros where it created the branch."""
    after: str
    """The commit that it moved the branch to; all zeros where it deleted the branch."""
    ref: str
    timestamp: dt.datetime
    """When GitHub saw it: no commit's date, which whoever commits can choose."""
    activity_type: str
    actor: Account | None = None
    """None where the account was deleted."""


class Secret(msgspec.Struct, frozen=True):
    """A secret's name; its value is never told."""

    name: str


class Secrets(msgspec.Struct, frozen=True):
    """The secrets of a repository, or those that its organisation shares with it."""

    secrets: tuple[Secret, ...]


class RefPatterns(msgspec.Struct, frozen=True):
    """The references that a ruleset applies to, as patterns of full names; `~ALL` for all."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class RulesetConditions(msgspec.Struct, frozen=True):
    """When a ruleset applies."""

    ref_name: RefPatterns = RefPatterns()


class RulesetRule(msgspec.Struct, frozen=True):
    """A rule of a ruleset; `type` is such as `update`, `deletion` or `creation`."""

    type: str


class Ruleset(msgspec.Struct, frozen=True):
    """A ruleset; its rules and conditions come only where it is asked for by its ID."""

    id: int
    name: str
    enforcement: str
    target: str = "branch"
    conditions: RulesetConditions | None = None
    rules: tuple[RulesetRule, ...] = ()

    @property
    def refs(self) -> RefPatterns:
        """The references that it applies to."""
        return self.conditions.ref_name if self.conditions else RefPatterns()


# Roles, from the least to the most that may be done


MAINTAINERS = frozenset({"maintain", "admin"})
"""Those who may decide for the repository."""

TRUSTED = frozenset({"triage", "write", *MAINTAINERS})
"""Those who may label issues."""

_ROLES = frozenset({"none", "read", *TRUSTED})
_PERMISSION_ROLES = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}


class PermittedAccount(msgspec.Struct, frozen=True):
    """An account with its five permissions: pull, triage, push, maintain, admin."""

    login: str = ""
    permissions: dict[str, bool] = {}


class Permission(msgspec.Struct, frozen=True):
    """What somebody may do in a repository."""

    permission: str
    role_name: str | None = None
    user: PermittedAccount | None = None

    def is_of(self, login: str) -> bool:
        """Return whether it is the permission of that account, as far as is told."""
        return self.user is None or not self.user.login or same_login(self.user.login, login)

    @property
    def role(self) -> str:
        """The role of GitHub's own that it amounts to; `none` for none that is known.

        The name of a custom role says nothing of what it may do: its permissions do. Where they are missing,
        `permission` still tells "write" and "admin"; its "read" may be triage, and counts as "read".
        """
        if self.role_name and self.role_name in _ROLES:
            return self.role_name
        permissions = self.user.permissions if self.user else {}
        granted = next((role for name, role in _PERMISSION_ROLES.items() if permissions.get(name)), self.permission)
        return granted if granted in _ROLES else "none"


# What people do with labels


@dataclass(frozen=True, slots=True)
class LabelPast:
    """How often others took a label off an issue, and how often we put it back after that."""

    removed: int = 0
    put_back: int = 0


def label_pasts(events: Iterable[IssueEvent], own_login: str) -> Mapping[str, LabelPast]:
    """Return the past of each label that others took off, by its name in lower case; `events` come oldest first.

    The first time that we add a label is not counted as putting it back.
    """
    pasts: dict[str, LabelPast] = {}
    gone: set[str] = set()
    for event in events:
        label, is_own = event.label_name.casefold(), same_login(event.actor_login, own_login)
        past = pasts.get(label, LabelPast())
        if event.event == "unlabeled" and not is_own:
            pasts[label] = replace(past, removed=past.removed + 1)
            gone.add(label)
        elif event.event == "labeled" and label in gone:
            pasts[label] = replace(past, put_back=past.put_back + is_own)
            gone.discard(label)
    return pasts
