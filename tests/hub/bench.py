"""The bench: a GitHub of our own on this machine, and people on it."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

from hub.emulate import emulate
from hub.git_server import GitServer
from hub.lag import Lag
from hub.manners import Answer, Identity, with_bots
from hub.proxy import Fault, FaultProxy
from research_logbook.github.client import GitHub

Connect = Callable[..., GitHub]
"""Connects to the test's repository; see the fixture `connect`."""

NOW = 1_780_000_000.0
"""Seconds since 1970 at which all is said to happen: 2026-05-28 20:26:40 UTC."""

BOT = "github-actions[bot]"
OWNER = "lab"
ROLES = {"mia": "maintain", "wim": "push", "tri": "triage", BOT: "push"}
"""Who may do what in every repository; emulate's words for it."""
OUTSIDERS = ("ann", "other-app[bot]")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, as one of its people sees and changes it; nothing of this is counted or fails."""

    hub: "Hub"
    name: str
    """As OWNER/NAME."""
    person: str = OWNER

    def as_person(self, login: str) -> "Repository":
        """Return the repository as somebody else sees it."""
        return Repository(self.hub, self.name, login)

    def issue(self, title: str = "Experiment: tiles", body: str = "", labels: Collection[str] = ()) -> int:
        """Open an issue; return its number."""
        data = {"title": title, "body": body, "labels": list(labels)}
        return int(self._ask("POST", "/issues", data)["number"])

    def get_issue(self, number: int) -> dict[str, Any]:
        """Return an issue."""
        return dict(self._ask("GET", f"/issues/{number}"))

    @property
    def numbers(self) -> list[int]:
        """The numbers of its issues, open or closed."""
        return sorted(issue["number"] for issue in self._ask("GET", "/issues?state=all&per_page=100"))

    @property
    def head(self) -> str:
        """The commit of the default branch."""
        return str(self._ask("GET", "/git/ref/heads/main")["object"]["sha"])

    def pull_request(self, head: str, title: str = "Faster tiles", body: str = "") -> int:
        """Open a pull request into main; return its number."""
        data = {"title": title, "body": body, "head": head, "base": "main"}
        return int(self._ask("POST", "/pulls", data)["number"])

    def comment(self, number: int, body: str) -> int:
        """Comment; return the comment's ID."""
        return int(self._ask("POST", f"/issues/{number}/comments", {"body": body})["id"])

    def delete_comment(self, comment: int) -> None:
        """Delete a comment."""
        self._ask("DELETE", f"/issues/comments/{comment}")

    def label(self, number: int, *names: str) -> None:
        """Label an issue or pull request."""
        self._ask("POST", f"/issues/{number}/labels", {"labels": list(names)})

    def unlabel(self, number: int, name: str) -> None:
        """Take a label off."""
        self._ask("DELETE", f"/issues/{number}/labels/{name}")

    def new_label(self, name: str) -> None:
        """Create a label."""
        self._ask("POST", "/labels", {"name": name, "color": "ededed"})

    def change(self, number: int, **what: object) -> None:
        """Change an issue: its `title`, `body`, `state` or `state_reason`."""
        self._ask("PATCH", f"/issues/{number}", what)

    def close(self, number: int, reason: str = "completed") -> None:
        """Close an issue as `completed`, `not_planned` or `duplicate`."""
        path = f"/repos/{self.name}/issues/{number}"
        (self.hub.proxy.duplicates.add if reason == "duplicate" else self.hub.proxy.duplicates.discard)(path)
        self.change(number, state="closed", **({} if reason == "duplicate" else {"state_reason": reason}))

    def reopen(self, number: int) -> None:
        """Open an issue again."""
        self.change(number, state="open")

    def state(self, number: int) -> str:
        """Return whether an issue is `open`, or why it is closed."""
        issue = self._ask("GET", f"/issues/{number}")
        return str(issue["state_reason"] if issue["state"] == "closed" else issue["state"])

    def history(self, number: int) -> list[str]:
        """Return what happened to an issue, such as `labeled sealed @mia`."""
        events = self._ask("GET", f"/issues/{number}/events?per_page=100")
        told = ((event["event"], (event["label"] or {}).get("name"), f"@{event['actor']['login']}") for event in events)
        return [" ".join(filter(None, one)) for one in told]

    def merge(self, number: int, *files: str) -> None:
        """Merge a pull request, which changes these files."""
        self._ask("PUT", f"/pulls/{number}/merge", {})
        self.hub.proxy.files[f"/repos/{self.name}/pulls/{number}/files"] = list(files)

    def lock(self, number: int) -> None:
        """Lock the conversation."""
        self._ask("PUT", f"/issues/{number}/lock", {"lock_reason": "resolved"})

    def unlock(self, number: int) -> None:
        """Unlock the conversation."""
        self._ask("DELETE", f"/issues/{number}/lock")

    def comments(self, number: int) -> list[tuple[str, str]]:
        """Return author and text of every comment on an issue."""
        pages = (self._ask("GET", f"/issues/{number}/comments?per_page=100&page={page}") for page in count(1))
        found: list[tuple[str, str]] = []
        for page in pages:
            if not page:
                return found
            found += [(comment["user"]["login"], comment["body"]) for comment in page]
        return found

    def comment_ids(self, number: int) -> list[int]:
        """Return the IDs of the first hundred comments on an issue."""
        return [comment["id"] for comment in self._ask("GET", f"/issues/{number}/comments?per_page=100")]

    def labels(self, number: int) -> set[str]:
        """Return the labels of an issue or pull request."""
        return {label["name"] for label in self._ask("GET", f"/issues/{number}/labels")}

    def all_labels(self) -> dict[str, tuple[str, str | None]]:
        """Return colour and description of the repository's labels."""
        listed = self._ask("GET", "/labels?per_page=100")
        return {label["name"]: (label["color"], label["description"]) for label in listed}

    def event(self, number: int, action: str = "opened") -> dict[str, Any]:
        """Return the payload that GitHub sends about an issue, as the issue is now."""
        issue = with_bots(self._ask("GET", f"/issues/{number}"))
        return {"action": action, "issue": issue, "repository": self._place}

    def pull_event(self, number: int, action: str = "opened", fork: str = "") -> dict[str, Any]:
        """Return the payload that GitHub sends about a pull request, from a fork where one is named."""
        pull = with_bots(self._ask("GET", f"/pulls/{number}"))
        pull["head"] = pull["head"] | {"repo": {"full_name": fork or self.name}}
        return {"action": action, "number": number, "pull_request": pull, "repository": self._place}

    @property
    def _place(self) -> dict[str, Any]:
        return {"full_name": self.name, "default_branch": "main", "fork": False}

    def tags(self) -> dict[str, tuple[str, str]]:
        """Return commit and message of every annotated tag; a lightweight one fails."""
        refs = self._ask("GET", "/git/matching-refs/tags/")
        objects = {ref["ref"]: self._ask("GET", f"/git/tags/{ref['object']['sha']}") for ref in refs}
        return {ref.removeprefix("refs/tags/"): (it["object"]["sha"], it["message"]) for ref, it in objects.items()}

    def is_pushed_to(self, server: GitServer) -> None:
        """Let its branches be those of a git repository."""
        self.hub.servers[self.name] = server
        self.hub.proxy.pushes[f"/repos/{self.name}"] = lambda: server.activity

    @property
    def server(self) -> GitServer:
        """What people push to."""
        return self.hub.servers[self.name]

    def invite(self, login: str, permission: str) -> None:
        """Make somebody a collaborator."""
        self._ask("PUT", f"/collaborators/{login}", {"permission": permission})

    def _ask(self, verb: str, path: str, body: object = None) -> Any:
        return _good(self.hub.proxy.behind(verb, f"/repos/{self.name}{path}", self.person, body)).data


def _good(answer: Answer) -> Answer:
    assert answer.status < 300, answer
    return answer


@dataclass(slots=True)
class Hub:
    """GitHub on this machine."""

    proxy: FaultProxy
    servers: dict[str, GitServer] = field(default_factory=dict)
    """What people push to, by the name of the repository."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        """What GITHUB_API_URL is set to."""
        return self.proxy.url

    @property
    def calls(self) -> list[str]:
        """The calls that arrived, such as `GET /user`, in order."""
        return [str(call) for call in self.proxy.calls]

    @property
    def writes(self) -> list[str]:
        """The calls among them that change something."""
        return [call for call in self.calls if not call.startswith("GET ")]

    def forget(self) -> None:
        """Forget the calls and the faults so far."""
        self.proxy.calls.clear()
        self.proxy.faults.clear()
        self.proxy.lag = None

    def let_lag(
        self,
        reads: int = 0,
        seconds: float = 0,
        clock: Callable[[], float] = time.monotonic,
        *,
        shows_issues: bool = False,
    ) -> None:
        """Let reads show what is written from now on only after so many reads of it, or seconds of a clock.

        With `shows_issues` the issues themselves are not late.
        """
        self.proxy.lag = Lag(reads, seconds, clock, shows_issues)

    def fail(self, status: int, **how: Any) -> None:
        """Let calls fail, as `Fault` has it: `hub.fail(502, verb="POST", path="/comments$", after=True)`."""
        self.proxy.faults.append(Fault(status, **how))

    def meanwhile(self, happens: Callable[[], object], **when: Any) -> None:
        """Let something happen just before a call, as `Fault` chooses it."""
        self.proxy.faults.append(Fault(None, meanwhile=happens, **when))

    def repository(self, name: str = "") -> Repository:
        """Create a repository with its people; `name` goes below the owner's."""
        name = name or f"tiles-{next(self._numbers)}"
        _good(self.proxy.behind("POST", "/user/repos", OWNER, {"name": name, "auto_init": True}))
        repository = Repository(self, f"{OWNER}/{name}")
        for login, permission in ROLES.items():
            repository.invite(login, permission)
        return repository

    def token(self, login: str) -> str:
        """Return a personal token of somebody."""
        return self._registered(f"ghp_{login}", Identity(login))

    def workflow_token(self, **permissions: str) -> str:
        """Return a token as a job gets it, with the `permissions:` it has."""
        return self._registered(f"ghs_{next(self._numbers)}", Identity(BOT, permissions))

    def app_token(self, login: str, **permissions: str) -> str:
        """Return a token of some other app's installation."""
        return self._registered(f"ghs_{next(self._numbers)}", Identity(login, permissions))

    def _registered(self, token: str, identity: Identity) -> str:
        self.proxy.tokens[token] = identity
        return token


_TOKENS = 50
"""Of each person behind the proxy, used in turn: emulate lets a token make 5,000 calls an hour."""


def _seed() -> Mapping[str, object]:
    people = [OWNER, *ROLES, *OUTSIDERS]
    return {
        "tokens": {
            f"behind_{login}_{number}": {"login": login, "scopes": ["repo", "user"]}
            for login in people
            for number in range(_TOKENS)
        },
        "github": {"users": [{"login": login} for login in people], "repos": []},
    }


@contextmanager
def running_hub(folder: Path) -> Iterator[Hub]:
    """Run a GitHub; `folder` is for its files. Raises `NotInstalledError` where it is not installed."""
    with FaultProxy() as proxy, emulate(_seed(), proxy.url, folder) as port:
        proxy.port_behind = port
        turns = cycle(range(_TOKENS))
        proxy.token_behind = lambda login: f"behind_{login}_{next(turns)}"
        yield Hub(proxy)
