"""What GitHub tells of issues, their comments and what happened to them: plain values, before anything is parsed."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue or a pull request, which to GitHub is an issue too."""

    number: int
    title: str
    body: str
    author: str
    """The login; `ghost` where the account is gone."""
    is_bot: bool
    """Whether the author is an app."""
    author_association: str
    """Such as `MEMBER` or `NONE`; it says less than a role does."""
    state: str
    """`open` or `closed`."""
    labels: tuple[str, ...]
    is_locked: bool
    is_pull_request: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    url: str
    """Of the page that people read."""
    state_reason: str = ""
    """Why it is closed: `completed`, `not_planned` or `duplicate`."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue or a pull request."""

    id: int
    author: str
    """The login; `ghost` where the account is gone."""
    is_bot: bool
    """Whether the author is an app."""
    body: str
    created_at: dt.datetime
    updated_at: dt.datetime
    url: str


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """Something that happened to an issue, such as `labeled`, `unlabeled`, `closed` or `reopened`."""

    event: str
    actor: str
    created_at: dt.datetime
    label: str = ""
    """The label that was put on or taken off."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A pull request that mentions an issue."""

    number: int
    title: str
    body: str
    repository: str
    """OWNER/NAME; empty where GitHub does not say."""
    is_open: bool
    is_merged: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that happened to an issue, each oldest first."""

    events: tuple[IssueEvent, ...] = ()
    comments: tuple[Comment, ...] = ()
    mentions: tuple[Mention, ...] = ()
    """Each pull request once."""


@dataclass(frozen=True, slots=True)
class LabelPast:
    """How often others took a label off an issue, and how often we put it back after that."""

    removed: int = 0
    put_back: int = 0


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request: what it wants to merge into what."""

    number: int
    body: str
    branch: str
    """It comes from."""
    commit: str
    """The last one of that branch."""
    repository_id: int
    """Of the repository it comes from; 0 for one that is gone."""
    repository: str
    """The same, OWNER/NAME; empty for one that is gone."""
    base: str
    """The branch it goes into."""


def same_login(one: str, other: str) -> bool:
    """Return whether two logins name one account: GitHub does not tell upper from lower case."""
    return one.casefold() == other.casefold()


def label_pasts(events: Iterable[IssueEvent], own_login: str) -> Mapping[str, LabelPast]:
    """Return the past of each label that others took off, by its name in lower case; `events` come oldest first.

    The first time that we add a label is not counted as putting it back.
    """
    pasts: dict[str, LabelPast] = {}
    gone: set[str] = set()
    for event in events:
        label, is_own = event.label.casefold(), same_login(event.actor, own_login)
        past = pasts.get(label, LabelPast())
        if event.event == "unlabeled" and not is_own:
            pasts[label] = replace(past, removed=past.removed + 1)
            gone.add(label)
        elif event.event == "labeled" and label in gone:
            pasts[label] = replace(past, put_back=past.put_back + is_own)
            gone.discard(label)
    return pasts


_KNOWN = frozenset({"none", "read", "triage", "write", "maintain", "admin"})


_GRANTS = (("admin", "admin"), ("maintain", "maintain"), ("push", "write"), ("triage", "triage"), ("pull", "read"))


def base_role(role_name: str | None, permissions: Mapping[str, bool], permission: str = "") -> str | None:
    """Return the role of GitHub's own that `role_name` is, or that a custom role comes up to; None for neither.

    The name of a custom role says nothing of what it may do. `permissions` are the five flags that GitHub answers
    beside it (`user.permissions`: pull, triage, push, maintain, admin). Where they are missing, `permission` still
    tells "write" and "admin"; its "read" may be triage, and counts as "read".
    """
    if role_name in _KNOWN:
        return role_name
    granted = next((role for flag, role in _GRANTS if permissions.get(flag)), None)
    return granted or (permission if permission in _KNOWN else None)


class Ruleset(NamedTuple):
    """A ruleset of tags that is in force."""

    name: str
    include: tuple[str, ...]
    """Patterns of full reference names; `~ALL` for all."""
    exclude: tuple[str, ...]
    rules: frozenset[str]
    """Such as `update`, `deletion`, `creation`."""
