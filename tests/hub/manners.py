"""How GitHub answers where emulate is kinder, or knows less.

Each was read in GitHub's documentation or seen in reports of its users; the tests hold our side to GitHub's manners.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

LONGEST_COMMENT = 65_536
_DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token is: a person may what their role allows, a job what its `permissions:` grant besides."""

    login: str
    permissions: Mapping[str, str] | None = None
    """Of a workflow's token; None for a person's."""

    def may(self, sets: str) -> bool:
        """Return whether one of the sets of permissions, as GitHub's header lists them, is granted."""
        if self.permissions is None:
            return True
        return any(
            all(self.permissions.get(name) == level for name, level in re.findall(r"(\w+)=(\w+)", one))
            for one in sets.split(";")
        )


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it arrives."""

    verb: str
    path: str
    """Without the query."""
    query: str
    body: Any
    identity: Identity | None
    is_ours: bool = False
    """Whether logbook asks, and not one of the tests' people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back; `data` None is an empty body."""

    status: int
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Ask = Callable[[str, str], Answer]
"""Asks emulate a GET, of a path and a query."""


def error(status: int, message: str, headers: Mapping[str, str] | None = None, **more: object) -> Answer:
    """Return an error in GitHub's form."""
    data = {"message": message, "documentation_url": _DOCUMENTATION, "status": str(status), **more}
    return Answer(status, data, headers or {})


_ISSUES = "issues=write; pull_requests=write"
_NEEDED = (
    (r"POST|PATCH|PUT|DELETE", r"/repos/[^/]+/[^/]+/git/refs.*", "contents=write; contents=write,workflows=write"),
    (r"POST|PATCH|PUT|DELETE", r"/repos/[^/]+/[^/]+/git/.*", "contents=write"),
    (r"POST|PATCH|PUT|DELETE", r"/repos/[^/]+/[^/]+/(issues|labels|pulls)(/.*)?", _ISSUES),
)


def refusal(request: Request, ask: Ask) -> Answer | None:
    """Return the answer to what GitHub refuses and emulate would do; None to go on."""
    if request.identity is None:
        return error(401, "Bad credentials")
    if request.identity.permissions is not None:
        refused = _not_for_a_job(request, request.identity, ask)
        if refused:
            return refused
    return _invalid(request, ask)


def _not_for_a_job(request: Request, identity: Identity, ask: Ask) -> Answer | None:
    if request.path == "/user":
        return error(403, "Resource not accessible by integration")
    for verbs, path, needed in _NEEDED:
        if re.fullmatch(verbs, request.verb) and re.fullmatch(path, request.path) and not identity.may(needed):
            headers = {"x-accepted-github-permissions": needed}
            return error(403, "Resource not accessible by integration", headers)
    if _is_comment(request) and ask(request.path.removesuffix("/comments"), "").data.get("locked"):
        return error(403, "Unable to create comment because issue is locked.")
    return None


def _is_comment(request: Request) -> bool:
    return request.verb == "POST" and re.fullmatch(r".*/issues/\d+/comments", request.path) is not None


def _invalid(request: Request, ask: Ask) -> Answer | None:
    body = request.body if isinstance(request.body, dict) else {}
    if "/comments" in request.path and len(body.get("body", "")) > LONGEST_COMMENT:
        message = f"Body is too long (maximum is {LONGEST_COMMENT} characters)"
        return _unprocessable(
            {"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": message}
        )
    is_label = request.verb == "POST" and re.fullmatch(r"/repos/[^/]+/[^/]+/labels", request.path)
    if is_label and body["name"].casefold() in _labels(request, ask):
        return _unprocessable({"resource": "Label", "code": "already_exists", "field": "name"})
    return None


def _unprocessable(fault: Mapping[str, str]) -> Answer:
    return error(422, "Validation Failed", errors=[fault])


def _labels(request: Request, ask: Ask) -> dict[str, str]:
    """Return the repository's labels by their names in lower case."""
    repository = "/".join(request.path.split("/")[:4])
    return {label["name"].casefold(): label["name"] for label in ask(f"{repository}/labels", "per_page=100").data}


def as_asked(request: Request, ask: Ask) -> Request:
    """Return the request as emulate has to get it: to GitHub the names of labels are the same in any case."""
    if request.verb == "POST" and re.fullmatch(r".*/issues/\d+/labels", request.path):
        known = _labels(request, ask)
        names = [known.get(name.casefold(), name) for name in request.body["labels"]]
        return replace(request, body={"labels": names})
    return request


def as_answered(request: Request, answer: Answer, ask: Ask, files: Mapping[str, list[str]]) -> Answer:
    """Return emulate's answer as GitHub would give it; `files` are those of pull requests, by path."""
    if request.verb == "GET":
        if re.fullmatch(r"/repos/[^/]+/[^/]+/issues/\d+/timeline", request.path) and answer.status == 200:
            answer = _timeline(request, ask)
        elif re.fullmatch(r"/repos/[^/]+/[^/]+/pulls/\d+/files", request.path):
            answer = replace(answer, data=[{"filename": name} for name in files.get(request.path, [])])
        if re.fullmatch(r"/repos/[^/]+/[^/]+/issues", request.path):
            answer = _with_pull_requests(request, answer, ask)
        elif re.fullmatch(r"/repos/[^/]+/[^/]+/issues/\d+", request.path) and answer.status == 404:
            answer = _pull_request_as_issue(request, answer, ask)
        elif re.fullmatch(r"/repos/[^/]+/[^/]+/collaborators/[^/]+/permission", request.path):
            answer = _role(request, answer, ask)
    return replace(answer, data=with_bots(answer.data))


def _timeline(request: Request, ask: Ask) -> Answer:
    """Return a page of all that happened to an issue: its events, its comments, and who mentioned it.

    Source: GitHub's documentation, "Timeline events for issues"; emulate has only the events.
    """
    issue = request.path.removesuffix("/timeline")
    repository, _, number = issue.rpartition("/issues/")
    events = _every(f"{issue}/events", ask)
    comments = [{**comment, "event": "commented"} for comment in _every(f"{issue}/comments", ask)]
    pulls = _every(f"{repository}/pulls", ask, "state=all&")
    mentions = [_mention(pull, repository) for pull in pulls if re.search(rf"#{number}\b", pull["body"] or "")]
    items = sorted([*events, *comments, *mentions], key=lambda item: item["created_at"])
    return _page(request, items)


def _mention(pull: Mapping[str, Any], repository: str) -> dict[str, Any]:
    merged = ("body", "number", "title", "state", "html_url", "created_at", "updated_at", "user")
    inner = {"url": pull["url"], "html_url": pull["html_url"], "merged_at": pull["merged_at"]}
    place = {"full_name": repository.removeprefix("/repos/")}
    issue = {**{name: pull[name] for name in merged}, "pull_request": inner, "repository": place}
    return {
        "event": "cross-referenced",
        "actor": pull["user"],
        "created_at": pull["created_at"],
        "source": {"type": "issue", "issue": issue},
    }


def _every(path: str, ask: Ask, query: str = "") -> list[Any]:
    found: list[Any] = []
    page: list[Any] = [None]
    while page:
        page = ask(path, f"{query}per_page=100&page={len(found) // 100 + 1}").data
        found += page
        if len(page) < 100:
            break
    return found


def _page(request: Request, items: list[Any]) -> Answer:
    asked = {name: int(value) for name, value in re.findall(r"(per_page|page)=(\d+)", request.query)}
    size, page = asked.get("per_page", 30), asked.get("page", 1)
    here = items[(page - 1) * size : page * size]
    server = re.match(r"https?://[^/]+", items[0]["actor"]["url"]) if items else None
    if server is None or page * size >= len(items):
        return Answer(200, here)
    following = f"{server[0]}{request.path}?per_page={size}&page={page + 1}"
    return Answer(200, here, {"link": f'<{following}>; rel="next"'})


def _pull_request_as_issue(request: Request, answer: Answer, ask: Ask) -> Answer:
    pull = ask(request.path.replace("/issues/", "/pulls/"), "")
    return Answer(200, _as_issue(pull.data)) if pull.status == 200 else answer


def _as_issue(pull: Mapping[str, Any]) -> dict[str, Any]:
    return {**pull, "pull_request": {"url": pull["url"], "html_url": pull["html_url"]}}


def _with_pull_requests(request: Request, answer: Answer, ask: Ask) -> Answer:
    """Add the open pull requests to the last page of issues."""
    if answer.status != 200 or 'rel="next"' in answer.headers.get("link", ""):
        return answer
    pulls = ask(request.path.removesuffix("/issues") + "/pulls", "state=open&per_page=100").data
    return replace(answer, data=[*answer.data, *map(_as_issue, pulls)])


ACTIVITY = re.compile(r"(?P<repository>/repos/[^/]+/[^/]+)/activity")
_ACTIVITY_TYPES = {"push", "force_push", "branch_creation", "branch_deletion", "pr_merge", "merge_queue_merge"}


def activity(request: Request, happened: Sequence[Mapping[str, Any]], server: str) -> Answer:
    """Return a page of what moved a repository's branches, which emulate has not; `happened` is oldest first.

    Pages are found by cursors that stand in the Link header, never by numbers. A `ref` is written with or without
    `refs/heads/`; unlike elsewhere, the newest comes first. A public repository's can be read without any permission.
    Source: GitHub's REST documentation, "List repository activities".
    """
    asked = dict(parse_qsl(request.query))
    kind, size = asked.get("activity_type", ""), int(asked.get("per_page", 30))
    if not 1 <= size <= 100 or (kind and kind not in _ACTIVITY_TYPES):
        return error(422, "Validation Failed")
    items = [
        item
        for item in happened
        if asked.get("ref", item["ref"]).removeprefix("refs/heads/") == item["ref"].removeprefix("refs/heads/")
        and kind in {"", item["activity_type"]}
        and asked.get("actor") in {None, (item["actor"] or {}).get("login")}
    ]
    items = items if asked.get("direction") == "asc" else items[::-1]
    cursors = [f"cursor-{item['id']}" for item in items]
    start = cursors.index(asked["after"]) + 1 if "after" in asked else 0
    page = items[start : start + size]
    if start + size >= len(items):
        return Answer(200, page)
    following = urlencode({**asked, "after": cursors[start + size - 1]})
    return Answer(200, page, {"link": f'<{server}{request.path}?{following}>; rel="next"'})


_LABELS = re.compile(r"(?P<issue>/repos/[^/]+/[^/]+/issues/\d+)/labels(?:/(?P<name>[^/]+))?")
_EVENTS = re.compile(r"(?P<issue>/repos/[^/]+/[^/]+/issues/\d+)/events")


def note_labels(verb: str, path: str, login: str, body: Any, labelled: dict[str, list[dict[str, Any]]]) -> None:
    """Note who put labels on something, or took one off."""
    match = _LABELS.fullmatch(path)
    if match and verb in {"POST", "DELETE"}:
        names = [match["name"]] if verb == "DELETE" else body["labels"]
        event = {"event": "labeled" if verb == "POST" else "unlabeled", "actor": {"login": login}, "created_at": _THEN}
        labelled.setdefault(match["issue"], []).extend({**event, "label": {"name": name}} for name in names)


_THEN = "2026-05-28T20:26:40Z"


def events_of_pull(
    request: Request, answer: Answer, ask: Ask, labelled: Mapping[str, list[dict[str, Any]]]
) -> Answer | None:
    """Return what happened to a pull request's labels, of which emulate knows nothing; None for anything else."""
    match = _EVENTS.fullmatch(request.path)
    if not match or request.verb != "GET" or answer.status != 404:
        return None
    is_pull = ask(match["issue"].replace("/issues/", "/pulls/"), "").status == 200
    return Answer(200, labelled.get(match["issue"], [])) if is_pull else None


_FOLDED = {"maintain": "write", "push": "write", "triage": "read", "pull": "read"}


def _role(request: Request, answer: Answer, ask: Ask) -> Answer:
    if answer.status == 404:  # everyone may read a public repository
        login = request.path.split("/")[5]
        is_known = ask(f"/users/{login}", "").status == 200
        return Answer(200, {"permission": "read", "role_name": "read"}) if is_known else answer
    folded = _FOLDED.get(answer.data["permission"], answer.data["permission"])
    return replace(answer, data={**answer.data, "permission": folded})


def with_bots(data: Any) -> Any:
    """Return `data` with the accounts of apps shown as such."""
    if isinstance(data, list):
        return [with_bots(item) for item in data]
    if not isinstance(data, dict):
        return data
    if str(data.get("login", "")).endswith("[bot]"):
        return {**data, "type": "Bot"}
    return {key: with_bots(value) for key, value in data.items()}


def encoded(answer: Answer) -> bytes:
    """Return the body of an answer; bytes are no JSON, and go as they are."""
    if isinstance(answer.data, bytes):
        return answer.data
    return b"" if answer.data is None else json.dumps(answer.data).encode()
