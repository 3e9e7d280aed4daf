"""Which commit a version of the actions is: asked of the repository itself, by git, without a token.

`git ls-remote` gives in one call what the API takes several for, with the user's own credentials and proxy, for
GitHub Enterprise too; and it is there where the part that speaks with the API is not installed.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

from research_logbook.errors import UnfinishedError, UserError
from research_logbook.markdown.escape import quoted
from research_logbook.repo.git import Repository
from research_logbook.setup.workflows import OURS, ActionPin

_SOURCE = re.compile(
    r"(?P<name>[A-Za-z0-9_-]{1,100}/(?!\.{1,2}@)[A-Za-z0-9._-]{1,100})@(?P<reference>\w[\w./+-]{0,200})"
)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_VERSION = re.compile(r"v?(\d+)((?:\.\d+)*)")
_SERVER = re.compile(r"(?:https|http|ssh|file)://\S+")


class ActionSource(NamedTuple):
    """A version of the actions, as a user names it."""

    name: str
    """OWNER/NAME."""
    reference: str
    """A tag, a branch or a commit."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Read `OWNER/NAME@REF`; raises `UserError`."""
        match = _SOURCE.fullmatch(text)
        if match is None:
            raise UserError(f"`{quoted(text)}` names no version of a repository", f"write it as in {OURS}@v1")
        return cls(*match.group("name", "reference"))


def resolve(source: ActionSource, repository: Repository, environment: Mapping[str, str]) -> ActionPin:
    """Return the commit that a version is now; raises `UserError` for none, `UnfinishedError` where nobody answers."""
    server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
    if not _SERVER.fullmatch(server):
        raise UserError("GITHUB_SERVER_URL is no address of a server", "set it to https://HOST, or unset it")
    is_commit = _COMMIT.fullmatch(source.reference) is not None
    try:
        there = repository.references_at(f"{server.rstrip('/')}/{source.name}")
    except UnfinishedError as error:
        if is_commit:
            return ActionPin(source.name, source.reference, "")
        raise _unanswered(source, error) from error
    commit = source.reference if is_commit else _commit_of(source.reference, there)
    if commit is None:
        raise UserError(
            f"{source.name} has no tag and no branch {source.reference}", "look at its releases, and name one of them"
        )
    return ActionPin(source.name, commit, _version_of(commit, there) or ("" if is_commit else source.reference))


def _unanswered(source: ActionSource, error: UnfinishedError) -> UnfinishedError:
    return UnfinishedError(
        f"it cannot be found out which commit {source.name}@{source.reference} is: {error.message}",
        "run it again with a connection, or name the commit, which needs none: "
        f"`--source {source.name}@` and its 40 digits",
    )


def _commit_of(reference: str, there: Mapping[str, str]) -> str | None:
    # An annotated tag is an object of its own: what it stands for is the name with `^{}`.
    names = (f"refs/tags/{reference}^{{}}", f"refs/tags/{reference}", f"refs/heads/{reference}")
    return next((there[name] for name in names if name in there), None)


def _version_of(commit: str, there: Mapping[str, str]) -> str:
    """Return the most exact version among the tags of a commit: `v1` moves on, `v1.2.0` stays."""
    tags = {name.removeprefix("refs/tags/").removesuffix("^{}") for name, is_at in there.items() if is_at == commit}
    return max(filter(_VERSION.fullmatch, tags), key=lambda tag: [tag.count("."), *_numbers(tag)], default="")


def _numbers(tag: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", tag)]
