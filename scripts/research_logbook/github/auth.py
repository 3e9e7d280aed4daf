"""Who we are to GitHub: where its API is, whose token it gets, and which repository is meant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from research_logbook.errors import UserError, no_token, repository_unknown
from research_logbook.markdown.escape import quoted

LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}(\[bot\])?")
"""An account's name, an app's included."""

_PUBLIC = "https://github.com"
_PUBLIC_API = "https://api.github.com"
_ENTERPRISE = "/api/v3"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_TOKEN = re.compile(r"[\x21-\x7e]{1,1000}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_-]{1,100}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is, whose token it gets and which repository is meant."""

    api_url: str
    token: str = field(repr=False)
    repository: str
    bot_login: str | None = None
    """The login to take the token's owner for, where the user says so."""
    is_workflow_token: bool = False
    server_url: str = _PUBLIC
    """Of the pages that people read."""

    @property
    def host(self) -> str:
        """The host of the pages that people read, and so of links to issues."""
        return urlsplit(self.server_url).hostname or ""

    @classmethod
    def of(cls, environment: Mapping[str, str], repository: str | None = None, bot_login: str | None = None) -> Self:
        """Return the access that the environment gives, or raise `UserError`; `repository` is OWNER/NAME."""
        token = (environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or "").strip()
        in_actions = environment.get("GITHUB_ACTIONS") == "true"
        api_url = _api_url(environment.get("GITHUB_API_URL") or _PUBLIC_API)
        pages = api_url.removesuffix(_ENTERPRISE) if api_url.endswith(_ENTERPRISE) else _PUBLIC
        return cls(
            api_url=api_url,
            token=_token(token),
            repository=_repository(repository or environment.get("GITHUB_REPOSITORY") or ""),
            bot_login=_login(bot_login) if bot_login else None,
            is_workflow_token=in_actions and token.startswith("ghs_"),
            server_url=(environment.get("GITHUB_SERVER_URL") or pages).rstrip("/"),
        )


_ADDRESS = re.compile(r"(?:https?://|ssh://|git@)[^/\s:]+(?::\d+)?[/:](?P<name>[^\s]+?)(?:\.git)?/?")


def repository_at(address: str) -> str | None:
    """Return the repository, OWNER/NAME, that git fetches from at an address of GitHub's; None for another."""
    match = _ADDRESS.fullmatch(address)
    return match["name"] if match and _REPOSITORY.fullmatch(match["name"]) else None


def _token(token: str) -> str:
    if not token:
        raise no_token()
    if not _TOKEN.fullmatch(token):
        raise UserError("the token for GitHub has characters that none has", "set GITHUB_TOKEN or GH_TOKEN anew")
    return token


def _repository(name: str) -> str:
    if not name:
        raise repository_unknown()
    if not _REPOSITORY.fullmatch(name):
        raise UserError(f"`{quoted(name)}` is no name of a repository", "write it as OWNER/NAME")
    return name


def _login(name: str) -> str:
    if not LOGIN.fullmatch(name):
        raise UserError(f"`{quoted(name)}` is no login on GitHub", "write it as in `github-actions[bot]`")
    return name


def _api_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_good = (
            bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment or "@" in parts.netloc)
        )
    except ValueError:
        is_good = False
    if not is_good or parts.scheme not in {"http", "https"} or not url.isascii() or not url.isprintable():
        raise UserError(
            "GITHUB_API_URL is no address of an API",
            f"set it to {_PUBLIC_API}, or to https://HOST/api/v3 for GitHub Enterprise",
        )
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise UserError("GITHUB_API_URL would send the token unencrypted", "write it with https://")
    return url.rstrip("/")
