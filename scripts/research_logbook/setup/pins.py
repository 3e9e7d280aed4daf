"""Which commit a version of the actions is: git asks the repository itself, without a token.

`git ls-remote` needs one call where the API takes several, uses the user's own credentials and proxy, works with GitHub
Enterprise, and needs nothing installed that talks to the API.
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
            raise UserError(f"`{quoted(text)}` is not a version of a repository", f"write it like {OURS}@v1")
        return cls(*match.group("name", "reference"))


def resolve(source: ActionSource, repository: Repository, environment: Mapping[str, str]) -> ActionPin:
    """Return the commit that a version is now.

    Raises `UserError` for a version that does not exist, `UnfinishedError` where the server does not answer.
    """
    server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
    if not _SERVER.fullmatch(server):
        raise UserError("GITHUB_SERVER_URL is not a server address", "set it to https://HOST, or unset it")
    name, reference = source
    is_commit = _COMMIT.fullmatch(reference) is not None
    try:
        found = repository.references_at(f"{server.rstrip('/')}/{name}")
    except UnfinishedError as error:
        if is_commit:
            return ActionPin(name, reference, "")
        raise UnfinishedError(
            f"cannot find out which commit {name}@{reference} is: {error.message}",
            f"try again with a connection, or name the commit, which needs none: `--source {name}@` and its 40 digits",
        ) from error
    # An annotated tag is an object of its own: the name with `^{}` is the commit that it points to.
    names = (f"refs/tags/{reference}^{{}}", f"refs/tags/{reference}", f"refs/heads/{reference}")
    commit = reference if is_commit else next((found[it] for it in names if it in found), None)
    if commit is None:
        raise UserError(f"{name} has no tag or branch {reference}", "choose one of its releases")
    tags = {it.removeprefix("refs/tags/").removesuffix("^{}") for it, is_at in found.items() if is_at == commit}
    # The most exact version: `v1` moves on, `v1.2.0` stays.
    version = max(
        filter(_VERSION.fullmatch, tags),
        key=lambda tag: [tag.count("."), *map(int, re.findall(r"\d+", tag))],
        default="" if is_commit else reference,
    )
    return ActionPin(name, commit, version)
