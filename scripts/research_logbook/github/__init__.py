"""GitHub: whom to ask and with whose token, the repository and its pages; `client` asks and writes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self
from urllib.parse import quote, unquote, urlsplit

from research_logbook.errors import UserError, no_token, repository_unknown
from research_logbook.markdown.escape import quoted

LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}(\[bot\])?")
"""An account's name, an app's included."""

_PUBLIC, _PUBLIC_API = "https://github.com", "https://api.github.com"
_ENTERPRISE = "/api/v3"
_RESIDENCY = re.compile(r"[a-z0-9-]+\.ghe\.com")
"""The host of a GitHub with data residency; its API is at `api.` before it."""
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
        return (urlsplit(self.server).hostname or "").removeprefix("www.")

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
    def of(
        cls, environment: Mapping[str, str], repository: str | None, bot_login: str | None = None, server: str = ""
    ) -> Self:
        """Return the access that the environment gives, or raise `UserError`; `repository` is OWNER/NAME.

        `server` is the GitHub that is meant where the environment names none.
        """
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
        pages = server_in(environment) or server or _PUBLIC
        return cls(
            api_url=_api_url(environment.get("GITHUB_API_URL") or _api_of(pages)),
            token=token,
            repository=repository,
            bot_login=bot_login or None,
            is_workflow_token=environment.get("GITHUB_ACTIONS") == "true" and token.startswith("ghs_"),
            server_url=pages,
        )


def token_in(environment: Mapping[str, str]) -> str:
    """Return the token that the environment holds; empty where there is none."""
    return (environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or "").strip()


def token_for(address: str, site: RepositorySite, token: str) -> str:
    """Return the token where git fetches from `address` on the GitHub that it is for; else an empty one."""
    remote = remote_at(address)
    return token if remote and remote.host == site.host else ""


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


def server_in(environment: Mapping[str, str]) -> str:
    """Return the address of the GitHub that the environment names, that of its pages; empty where it names none.

    Source: GitHub's documentation, "Getting started with the REST API": the API is at `https://HOST/api/v3` on a server
    of one's own, and at `https://api.NAME.ghe.com` with data residency.
    """
    named, api = (environment.get(name, "").rstrip("/") for name in ("GITHUB_SERVER_URL", "GITHUB_API_URL"))
    if named:
        return named
    if api.endswith(_ENTERPRISE):
        return api.removesuffix(_ENTERPRISE)
    host = api.removeprefix("https://api.").casefold()
    return f"https://{host}" if api.startswith("https://api.") and _is_known(host) else ""


def _api_of(server: str) -> str:
    """Return the address of a GitHub's API; a server that has no address of the web has the public one's."""
    host = server.removeprefix("https://")
    if host == "github.com" or not server.startswith(("https://", "http://")):
        return _PUBLIC_API
    return f"https://api.{host}" if _RESIDENCY.fullmatch(host) else server + _ENTERPRISE


def _is_known(host: str) -> bool:
    return host == "github.com" or _RESIDENCY.fullmatch(host) is not None


class Remote(NamedTuple):
    """A repository as the address of a git remote names it."""

    host: str
    """In small letters; a name without a dot is one that the user's ssh knows."""
    name: str
    """OWNER/NAME."""

    @property
    def server(self) -> str:
        """The address of its GitHub where the host tells it; empty for a server of one's own, or none at all."""
        return f"https://{self.host}" if _is_known(self.host) else ""

    def is_at(self, server: str) -> bool:
        """Return whether it is on a server; a host that only the user's ssh knows may be any."""
        return "." not in self.host or self.host == RepositorySite("", server).host


# Source: git's manual, "GIT URLS". The short form has no slash before its first colon.
_URL = re.compile(
    r"(?:git\+)?(?:ssh|https?|git)(?:\+(?:ssh|git))?://(?:[^/@\s]*@)?(?P<host>[^/:@\s]+)(?::\d*)?/+(?P<path>\S+)",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?:[^/@:\s]+@)?(?P<host>[^/:@\s]{2,}):(?!//)/?(?P<path>\S+)")
# Who has several accounts tells them apart by such names in the configuration of ssh.
_ALIAS = re.compile(r"(github\.com|[a-z0-9-]+\.ghe\.com)-[\w.-]+")


def remote_at(address: str) -> Remote | None:
    """Return the repository that git fetches from at an address; None for one whose form is not GitHub's."""
    match = _URL.fullmatch(address) or _SHORT.fullmatch(address)
    if match is None:
        return None
    name = re.sub(r"\.git\Z", "", unquote(match["path"]).strip("/"), flags=re.IGNORECASE)
    if not _REPOSITORY.fullmatch(name):
        return None
    host = match["host"].casefold().removeprefix("www.")
    alias = _ALIAS.fullmatch(host)
    # Where port 22 is blocked, ssh goes through port 443 of a host of its own.
    plain = alias[1] if alias else host.removeprefix("ssh.")
    return Remote(plain if _is_known(plain) else host, name)
