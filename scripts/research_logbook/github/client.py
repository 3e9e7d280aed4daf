"""GitHub's API: what is asked there and written there, in plain values."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Self, TypeVar

import msgspec

from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.github.answers import (
    Account,
    CommentAnswer,
    EventAnswer,
    FileAnswer,
    IssueAnswer,
    LabelAnswer,
    PullAnswer,
    ReferenceAnswer,
    RefNameAnswer,
    RepositoryAnswer,
    RoleAnswer,
    RulesetAnswer,
    SecretsAnswer,
    TagAnswer,
    TimelineAnswer,
)
from research_logbook.github.auth import LOGIN, Access
from research_logbook.github.errors import (
    AmbiguousError,
    ApiResponse,
    Call,
    DeniedError,
    InvalidError,
    MissingError,
    MovedError,
)
from research_logbook.github.models import (
    Comment,
    Issue,
    IssueEvent,
    LabelPast,
    Mention,
    Pull,
    Ruleset,
    Timeline,
    base_role,
    label_pasts,
    same_login,
)
from research_logbook.github.transport import PyGithubTransport, RetryBudget, RetryingTransport, UrllibTransport

WORKFLOW_LOGIN = "github-actions[bot]"
"""Who the token is that GitHub gives to a workflow."""

_REPO = "/repos/{repository}"
_ISSUE = f"{_REPO}/issues/{{number}}"
_COMMENT = f"{_REPO}/issues/comments/{{id}}"
_A_PAGE = 100
_A_MOMENT = 1.0
_NEXT = re.compile(r'<([^<>]+)>;[^,]*\brel="next"')

T = TypeVar("T")


class GitHub:
    """One repository on GitHub. Every method raises an `UnfinishedError` that says why it could not."""

    def __init__(
        self,
        access: Access,
        patience: RetryBudget | None = None,
        timeout: int = 20,
        most_pages: int = 1_000,
        wire: PyGithubTransport | UrllibTransport | None = None,
    ) -> None:
        """Connect to nothing yet; `timeout` bounds each call, in seconds, and `most_pages` each list.

        A workflow's token has a thousand calls an hour.
        """
        self._access = access
        self._wire = wire or PyGithubTransport(access, timeout)
        self._calls = RetryingTransport(self._wire.send, patience or RetryBudget())
        self._most_pages = most_pages
        self._own_login: str | None = None
        self._roles: dict[str, str] = {}
        self._labels: frozenset[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()

    @property
    def calls(self) -> int:
        """How many calls were made, repeated ones included."""
        return self._calls.tally.total()

    @property
    def tally(self) -> Counter[str]:
        """The calls by verb and path, names in braces for what varies."""
        return Counter(self._calls.tally)

    def pause(self) -> None:
        """Give GitHub a moment to finish what it may still be doing."""
        self._calls.patience.wait(_A_MOMENT)

    def rest(self) -> None:
        """Let a second pass between writes, as GitHub asks of whoever makes many."""
        self._calls.patience.rest(_A_MOMENT)

    def login(self) -> str:
        """Return who the token is to GitHub, or raise `UserError` where nobody can tell."""
        if self._own_login is None:
            self._own_login = self._find_login()
        return self._own_login

    def _find_login(self) -> str:
        if self._access.bot_login:
            return self._access.bot_login
        if self._access.is_workflow_token:
            return WORKFLOW_LOGIN
        try:
            return self._one(Account, Call("GET", "/user", "ask GitHub whose token it is")).login
        except (DeniedError, MissingError) as error:
            raise UserError(
                "GitHub does not say whose token this is, so our own comments could not be told from others",
                "say it with --bot-login, such as `my-app[bot]` for the token of an app",
            ) from error

    def issue(self, number: int) -> Issue | None:
        """Return an issue or pull request; None where there is none of that number, or none any more."""
        try:
            return self._one(IssueAnswer, self._call("GET", _ISSUE, f"read #{number}", number=number)).value()
        except MissingError:
            return None
        except MovedError:
            self._must_stand_here()
            return None

    def _must_stand_here(self) -> None:
        """Raise `MovedError` where it is the whole repository that was renamed."""
        self._one(RepositoryAnswer, self._call("GET", _REPO, f"find {self._access.repository}"))

    def open_issues(self, since: dt.datetime | None = None, after: int = 0) -> Iterator[Issue]:
        """Yield the open issues and pull requests by ascending number, those above `after`.

        With `since`, only those that were updated then or later. All are read before the first is yielded: GitHub's
        pages are not in the order of numbers, and move when an issue is closed meanwhile.
        """
        asked = {"state": "open", "sort": "created", "direction": "asc"}
        if since is not None:
            asked["since"] = since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        call = self._call("GET", f"{_REPO}/issues", "list the open issues", parameters=asked)
        found = {issue.number: issue.value() for issue in self._all(IssueAnswer, call)}
        return (found[number] for number in sorted(found) if number > after)

    def closed_issues(self, since: dt.datetime) -> Iterator[Issue]:
        """Yield the closed issues that were updated then or later, by ascending number; pull requests are left out."""
        asked = {"state": "closed", "since": since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        call = self._call("GET", f"{_REPO}/issues", "list the closed issues", parameters=asked)
        found = {issue.number: issue.value() for issue in self._all(IssueAnswer, call)}
        return (found[number] for number in sorted(found) if not found[number].is_pull_request)

    @property
    def repository(self) -> str:
        """The repository, OWNER/NAME."""
        return self._access.repository

    @property
    def host(self) -> str:
        """The host of the pages that people read."""
        return self._access.host

    @property
    def page(self) -> str:
        """The address of the repository's page."""
        return f"{self._access.server_url}/{self.repository}"

    def branches(self) -> dict[int, str]:
        """Return the open pull requests from branches of this repository itself, each with its branch."""
        call = self._call("GET", f"{_REPO}/pulls", "list the open pull requests", parameters={"state": "open"})
        return {pull.number: branch for pull in self._all(PullAnswer, call) if (branch := self._own_branch(pull))}

    def branch_of(self, number: int) -> str:
        """Return the branch of this repository itself that a pull request comes from; empty for a fork's."""
        call = self._call("GET", f"{_REPO}/pulls/{{number}}", f"read pull request #{number}", number=number)
        return self._own_branch(self._one(PullAnswer, call))

    def _own_branch(self, pull: PullAnswer) -> str:
        is_own = pull.head.repo and same_login(pull.head.repo.full_name, self.repository)
        return pull.head.ref if is_own else ""

    def pulls_from(self, owner: str, branch: str) -> tuple[Pull, ...]:
        """Return the open pull requests from an owner's branch of that name, whatever repository it is in."""
        asked = {"state": "open", "head": f"{owner}:{branch}"}
        call = self._call("GET", f"{_REPO}/pulls", "look for the pull request", parameters=asked)
        return tuple(pull.value() for pull in self._all(PullAnswer, call))

    def secrets(self) -> frozenset[str]:
        """Return the names of the secrets that a workflow can read, the organisation's included; never a value."""
        names: set[str] = set()
        for owner in ("secrets", "organization-secrets"):
            asked = {"per_page": _A_PAGE}  # a repository can have no more than a page of them
            call = self._call("GET", f"{_REPO}/actions/{owner}", "list the names of secrets", parameters=asked)
            try:
                names |= {secret.name for secret in self._one(SecretsAnswer, call).secrets}
            except MissingError:
                if owner == "secrets":
                    raise
        return frozenset(names)

    def tag_rulesets(self) -> tuple[Ruleset, ...]:
        """Return the rulesets of tags that are in force, the organisation's included."""
        asked = {"targets": "tag", "includes_parents": "true"}
        listed = self._all(RulesetAnswer, self._call("GET", f"{_REPO}/rulesets", "list the rulesets", parameters=asked))
        active = [one.id for one in listed if (one.target, one.enforcement) == ("tag", "active")]
        return tuple(map(self._ruleset, active))

    def _ruleset(self, number: int) -> Ruleset:
        call = self._call("GET", f"{_REPO}/rulesets/{{number}}", f"read ruleset {number}", number=number)
        one = self._one(RulesetAnswer, call)
        on = one.conditions.ref_name if one.conditions else RefNameAnswer()
        return Ruleset(one.name, tuple(on.include), tuple(on.exclude), frozenset(rule.type for rule in one.rules))

    def visibility(self) -> str:
        """Return who may see the repository: `public`, `private` or `internal`."""
        answer = self._one(RepositoryAnswer, self._call("GET", _REPO, f"find {self.repository}"))
        return answer.visibility or ("private" if answer.private else "public")

    def create_issue(self, title: str, body: str, labels: Collection[str] = ()) -> int:
        """Open an issue and return its number. After `AmbiguousError` look for it before you open it again."""
        sent = {"title": title, "body": body, "labels": sorted(labels)}
        call = self._call("POST", f"{_REPO}/issues", f"open the issue “{title}”", body=sent)
        return self._one(IssueAnswer, call).number

    def write_body(self, number: int, body: str) -> None:
        """Replace the body of an issue; only ever of one that we opened ourselves."""
        self._calls.make(self._call("PATCH", _ISSUE, f"edit #{number}", body={"body": body}, number=number))

    def role(self, login: str) -> str:
        """Return the role that somebody has here, such as `triage` or `maintain`; `none` for nobody we know.

        A custom role counts as the one of GitHub's own that it comes up to.
        """
        if login not in self._roles:
            self._roles[login] = self._role(login) if LOGIN.fullmatch(login) else "none"
        return self._roles[login]

    def _role(self, login: str) -> str:
        call = self._call("GET", f"{_REPO}/collaborators/{{login}}/permission", f"ask for {login}'s role", login=login)
        try:
            answer = self._one(RoleAnswer, call)
        except MissingError:
            return "none"
        granted = answer.user.permissions if answer.user else {}
        return base_role(answer.role_name or None, granted, answer.permission) or "none"

    def events(self, number: int) -> tuple[IssueEvent, ...]:
        """Return what happened to an issue, oldest first."""
        call = self._call("GET", f"{_ISSUE}/events", f"read what happened to #{number}", number=number)
        return tuple(event.value() for event in self._all(EventAnswer, call))

    def timeline(self, number: int) -> Timeline:
        """Return all that happened to an issue, its comments and the pull requests that mention it included."""
        call = self._call("GET", f"{_ISSUE}/timeline", f"read the timeline of #{number}", number=number)
        values = [item.value() for item in self._all(TimelineAnswer, call)]
        mentions = {(value.repository, value.number): value for value in values if isinstance(value, Mention)}
        return Timeline(
            tuple(value for value in values if isinstance(value, IssueEvent)),
            tuple(value for value in values if isinstance(value, Comment)),
            tuple(mentions.values()),
        )

    def pull(self, number: int) -> Pull:
        """Return where a pull request comes from and goes to."""
        call = self._call("GET", f"{_REPO}/pulls/{{number}}", f"read pull request #{number}", number=number)
        return self._one(PullAnswer, call).value()

    def pull_files(self, number: int) -> frozenset[str]:
        """Return the paths of the files that a pull request changes."""
        doing = f"list the files of pull request #{number}"
        call = self._call("GET", f"{_REPO}/pulls/{{number}}/files", doing, number=number)
        return frozenset(file.filename for file in self._all(FileAnswer, call))

    def close(self, number: int) -> None:
        """Close an issue as completed."""
        self._change(number, "close", {"state": "closed", "state_reason": "completed"})

    def reopen(self, number: int) -> None:
        """Open an issue again."""
        self._change(number, "reopen", {"state": "open", "state_reason": "reopened"})

    def _change(self, number: int, doing: str, body: Mapping[str, str]) -> None:
        call = self._call("PATCH", _ISSUE, f"{doing} #{number}", body=body, number=number)
        self._surely(call, lambda: (issue := self.issue(number)) is not None and issue.state == body["state"])

    def label_pasts(self, number: int) -> Mapping[str, LabelPast]:
        """Return, by name in lower case, how often a label was taken off an issue, and put back by us."""
        events = self.events(number)
        # Only where one was taken off does it matter who we are, which may cost a call.
        return label_pasts(events, self.login()) if any(event.event == "unlabeled" for event in events) else {}

    def repository_labels(self) -> frozenset[str]:
        """Return the names of the repository's labels, in lower case: GitHub does not tell them apart by case."""
        if self._labels is None:
            call = self._call("GET", f"{_REPO}/labels", "list the labels")
            self._labels = frozenset(label.name.casefold() for label in self._all(LabelAnswer, call))
        return self._labels

    def create_label(self, name: str, colour: str, description: str) -> None:
        """Create a label, if the repository has none of the name; `colour` is six hexadecimal digits."""
        body = {"name": name, "color": colour, "description": description}
        call = self._call("POST", f"{_REPO}/labels", f"create the label “{name}”", body=body)
        self._labels = None
        try:
            self._surely(call, lambda: name.casefold() in self.repository_labels())
        except InvalidError as error:
            if "already_exists" not in error.codes:
                raise

    def add_labels(self, number: int, names: Collection[str]) -> None:
        """Add labels to an issue or pull request in one call; those that it has already stay."""
        doing, wanted = f"label #{number}", {name.casefold() for name in names}
        call = self._call("POST", f"{_ISSUE}/labels", doing, body={"labels": sorted(names)}, number=number)
        reading = self._call("GET", f"{_ISSUE}/labels", f"read the labels of #{number}", number=number)
        self._surely(call, lambda: wanted <= {label.name.casefold() for label in self._all(LabelAnswer, reading)})

    def create_tag(self, tag: str, commit: str, message: str) -> None:
        """Create an annotated tag, if the repository has not the same one already.

        Raises `RefusedError` where the tag is on another commit, and `DeniedError` that needs `workflows` where the
        workflow files of the commit are on no branch, which a workflow's token may not tag.
        """
        doing = f"tag {commit[:12]} as {tag}"
        body = {"tag": tag, "message": message, "object": commit, "type": "commit"}
        made = self._tag_object(self._call("POST", f"{_REPO}/git/tags", doing, body=body))
        body = {"ref": f"refs/tags/{tag}", "sha": made.sha}
        try:
            call = self._call("POST", f"{_REPO}/git/refs", doing, body=body)
            self._surely(call, lambda: self.tagged(tag) == commit)
        except InvalidError:
            there = self.tagged(tag)
            if there is None:
                raise
            if there != commit:
                raise RefusedError(
                    f"{tag} is on {there[:12]} already, and a tag is never moved to another commit, here {commit[:12]}",
                    "run `git fetch --tags origin`, then look at both commits and run it again",
                ) from None

    def _tag_object(self, call: Call) -> TagAnswer:
        try:
            return self._one(TagAnswer, call)
        except AmbiguousError:
            self.pause()
            return self._one(TagAnswer, call)  # an object that no reference names does no harm

    def tagged(self, tag: str) -> str | None:
        """Return the commit that a tag is on; None where there is no such tag."""
        doing = f"read the tag {tag}"
        try:
            call = self._call("GET", f"{_REPO}/git/ref/tags/{{tag}}", doing, tag=tag)
            found = self._one(ReferenceAnswer, call).object
        except MissingError:
            return None
        if found.type == "tag":
            call = self._call("GET", f"{_REPO}/git/tags/{{sha}}", doing, sha=found.sha)
            found = self._one(ReferenceAnswer, call).object
        return found.sha

    def remove_label(self, number: int, name: str) -> None:
        """Take a label off an issue; it may be off already."""
        doing = f"take the label “{name}” off #{number}"
        try:
            self._calls.make(self._call("DELETE", f"{_ISSUE}/labels/{{name}}", doing, number=number, name=name))
        except MissingError:
            return

    def _surely(self, call: Call, is_done: Callable[[], bool]) -> None:
        """Make a call that changes something; where GitHub leaves open if it did, look, and make it once more."""
        try:
            self._calls.make(call)
        except AmbiguousError:
            self.pause()
            if not is_done():
                self._calls.make(call)

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return all comments of an issue or pull request, oldest first."""
        call = self._call("GET", f"{_ISSUE}/comments", f"list the comments on #{number}", number=number)
        return tuple(comment.value() for comment in self._all(CommentAnswer, call))

    def create_comment(self, number: int, body: str) -> Comment:
        """Post a comment. After `AmbiguousError` list the comments before you post again.

        From the answer is known who we are, whatever was thought before.
        """
        call = self._call("POST", f"{_ISSUE}/comments", f"comment on #{number}", body={"body": body}, number=number)
        comment = self._one(CommentAnswer, call).value()
        self._own_login = comment.author
        return comment

    def edit_comment(self, comment: int, body: str) -> Comment:
        """Replace the text of a comment, by its ID; `MissingError` where it is gone."""
        call = self._call("PATCH", _COMMENT, "edit a comment of our own", body={"body": body}, id=comment)
        return self._one(CommentAnswer, call).value()

    def delete_comment(self, comment: int) -> None:
        """Delete a comment, by its ID; it may be gone already."""
        try:
            self._calls.make(self._call("DELETE", _COMMENT, "delete a comment of our own", id=comment))
        except MissingError:
            return

    def _call(self, verb: str, template: str, doing: str, **rest: Any) -> Call:
        asked = {name: rest.pop(name) for name in ("parameters", "body") if name in rest}
        return Call(verb, template, doing, {"repository": self._access.repository, **rest}, **asked)

    def _one(self, kind: type[T], call: Call) -> T:
        return _decoded(kind, self._calls.make(call), call)

    def _all(self, kind: type[T], call: Call) -> Iterator[T]:
        """Yield all that a list holds: the one place that turns pages."""
        call = replace(call, parameters={**call.parameters, "per_page": _A_PAGE})
        answer = self._calls.make(call)
        for _ in range(self._most_pages):
            yield from _decoded(list[kind], answer, call)  # type: ignore[valid-type]
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            answer = self._calls.make(replace(call, parameters={}), following[1])
        raise UnfinishedError(f"could not {call.doing}: there are over {self._most_pages * _A_PAGE:,} of them")


def _decoded(kind: type[T], answer: ApiResponse, call: Call) -> T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.MsgspecError as error:
        raise UnfinishedError(
            f"could not {call.doing}: what answers is not GitHub's API ({error})",
            "look at GITHUB_API_URL, and at proxies on the way",
        ) from error
