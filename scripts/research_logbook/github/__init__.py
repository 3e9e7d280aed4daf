"""GitHub: whom to ask and with whose token, the repository and its pages; `client` asks and writes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, urlsplit

from research_logbook.errors import UserError, no_token, repository_unknown
from research_logbook.markdown.escape import quoted

LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}(\[bot\])?")
"""An account's name, an app's included."""

_PUBLIC, _PUBLIC_API = "https://github.com", "https://api.github.com"
_ENTERPRISE = "/api/v3"
_TOKEN = re.compile(r"[\x21-\x7e]{1,1000}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_-]{1,100}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class RepositorySite:
    """A repository on GitHub and the pages of it that people read."""

    repository: str = ""
    """OWNER/NAME."""
    server: str = _PUBLIC

    @property
    def host(self) -> str:
        """The host of the pages, and so of links to issues."""
        return urlsplit(self.server).hostname or ""

    def url(self, *steps: str) -> str:
        """Return the address of a page, such as that of `"blob", commit, path`."""
        steps = tuple(quote(step, errors="surrogateescape") for step in steps)
        return "/".join((self.server, self.repository, *steps))


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is, whose token it gets and which repository is meant."""

    api_url: str
    token: str = field(repr=False)
    repository: str
    bot_login: str | None = None
    """The login to take for the token's owner, where the user names one."""
    is_workflow_token: bool = False
    server_url: str = _PUBLIC
    """Of the pages that people read."""

    @property
    def site(self) -> RepositorySite:
        """The repository's pages."""
        return RepositorySite(self.repository, self.server_url)

    @classmethod
    def of(cls, environment: Mapping[str, str], repository: str | None, bot_login: str | None = None) -> Self:
        """Return the access that the environment gives, or raise `UserError`; `repository` is OWNER/NAME."""
        token = token_in(environment)
        if not token:
            raise no_token()
        if not _TOKEN.fullmatch(token):
            raise UserError("malformed GitHub token", "set GITHUB_TOKEN or GH_TOKEN again")
        if not repository:
            raise repository_unknown()
        if not _REPOSITORY.fullmatch(repository):
            raise UserError(f"`{quoted(repository)}` is not a repository's name", "write it as OWNER/NAME")
        if bot_login and not LOGIN.fullmatch(bot_login):
            raise UserError(f"`{quoted(bot_login)}` is not a GitHub login", "write it as in `github-actions[bot]`")
        api_url = _api_url(environment.get("GITHUB_API_URL") or _PUBLIC_API)
        pages = api_url.removesuffix(_ENTERPRISE) if api_url.endswith(_ENTERPRISE) else _PUBLIC
        return cls(
            api_url=api_url,
            token=token,
            repository=repository,
            bot_login=bot_login or None,
            is_workflow_token=environment.get("GITHUB_ACTIONS") == "true" and token.startswith("ghs_"),
            server_url=(environment.get("GITHUB_SERVER_URL") or pages).rstrip("/"),
        )


def token_in(environment: Mapping[str, str]) -> str:
    """Return the token that the environment holds; empty where there is none."""
    return (environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or "").strip()


def _api_url(url: str) -> str:
    """Return the address of an API without its last slash; raises `UserError` where a token must not be sent there."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if (
        not is_address
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
        or not url.isascii()
        or not url.isprintable()
    ):
        raise UserError(
            "GITHUB_API_URL is not the address of an API",
            f"set it to {_PUBLIC_API}, or to https://HOST/api/v3 for GitHub Enterprise",
        )
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise UserError("GITHUB_API_URL would send the token unencrypted", "use https://")
    return url.rstrip("/")


_ADDRESS = re.compile(r"(?:https?://|ssh://|git@)[^/\s:]+(?::\d+)?[/:](?P<name>[^\s]+?)(?:\.git)?/?")


def repository_at(address: str) -> str | None:
    """Return the repository, OWNER/NAME, that git fetches from at an address of GitHub's; None for another."""
    match = _ADDRESS.fullmatch(address)
    return match["name"] if match and _REPOSITORY.fullmatch(match["name"]) else None
