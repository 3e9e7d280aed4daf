"""An issue and a comment as GitHub tells of them."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from research_logbook.github.models import Account, Comment, Issue, Label

DAY = dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC)


def github_issue(body: str | None = "", title: str = "", *, labels: Iterable[str] = (), **changed: object) -> Issue:
    """Return an open issue by a person, with something of it changed."""
    usual = Issue(
        number=7,
        title=title,
        body=body,
        user=Account("ada"),
        state="open",
        labels=tuple(map(Label, labels)),
        created_at=DAY,
        updated_at=DAY,
        url="https://github.com/lab/models/issues/7",
    )
    return msgspec.structs.replace(usual, **changed)


def github_comment(body: str, at: dt.datetime = DAY, author: str = "ada", url: str = "") -> Comment:
    """Return a comment."""
    return Comment(id=1, user=Account(author), body=body, created_at=at, updated_at=at, url=url)
