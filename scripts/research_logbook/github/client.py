"""The client of GitHub's API: what is asked there and written there."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Self, TypeVar

import msgspec

from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.github import LOGIN, Access, RepositorySite
from research_logbook.github.models import (
    Account,
    Activity,
    AnnotatedTag,
    Comment,
    GitReference,
    Issue,
    IssueEvent,
    Label,
    LabelPast,
    Permission,
    Pull,
    PullFile,
    RepositoryInfo,
    Ruleset,
    Secrets,
    Timeline,
    label_pasts,
    same_login,
)
from research_logbook.github.transport import (
    AmbiguousError,
    Call,
    DeniedError,
    GoneError,
    InvalidError,
    MissingError,
    MovedError,
    PyGithubTransport,
    RetryBudget,
    RetryingTransport,
    UrllibTransport,
    foreign,
)
from research_logbook.github.written import WrittenObjects
from research_logbook.secret_scanner import KnownSecrets

WORKFLOW_LOGIN = "github-actions[bot]"
"""The login of the token that GitHub gives to a workflow."""

_REPO = "/repos/{repository}"
_ISSUE = f"{_REPO}/issues/{{number}}"
_PULL = f"{_REPO}/pulls/{{number}}"
_COMMENT = f"{_REPO}/issues/comments/{{id}}"
_PER_PAGE = 100
_NOT_TOLD = (DeniedError, MissingError)
_OTHER = "it is about something else"
_WAITS = (1.0, 2.0, 4.0)
"""The seconds between readings of what is there, and may be shown late."""
SPARED = 60.0
"""Seconds of a run's time that waiting for what is shown late leaves to what may fail later."""
_NEXT = re.compile(r'<([^<>]+)>;[^,]*\brel="next"')

T = TypeVar("T")


class GitHub:
    """One repository on GitHub. Every method raises an `UnfinishedError` that says why it failed."""

    def __init__(
        self,
        access: Access,
        budget: RetryBudget | None = None,
        timeout: int = 20,
        most_pages: int = 1_000,
        transport: PyGithubTransport | UrllibTransport | None = None,
    ) -> None:
        """Connect to nothing yet; `timeout` bounds each call, in seconds, and `most_pages` each list.

        A workflow's token has a thousand calls an hour.
        """
        self._access = access
        self._connection = transport or PyGithubTransport(access, timeout)
        secrets = KnownSecrets([access.token])
        self._transport = RetryingTransport(self._connection.send, budget or RetryBudget(), secrets)
        self._most_pages = most_pages
        self._own_login: str | None = None
        self._roles: dict[str, str] = {}
        self._labels: frozenset[str] | None = None
        self._made_labels: set[str] = set()
        self._written = WrittenObjects()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def repository(self) -> str:
        """The repository, OWNER/NAME."""
        return self._access.repository

    @property
    def site(self) -> RepositorySite:
        """The repository's pages."""
        return self._access.site

    @property
    def calls(self) -> int:
        """How many calls were made, retries included."""
        return self._transport.tally.total()

    @property
    def tally(self) -> Counter[str]:
        """The calls by verb and path, names in braces for what varies."""
        return Counter(self._transport.tally)

    def pause(self, seconds: float = 1.0, spare: float = 0.0) -> bool:
        """Give GitHub a second to finish what it may still be doing; return False where no time is left for it.

        So many seconds are to `spare` after it, for what fails later.
        """
        return self._transport.budget.wait(seconds, spare)

    # The token's owner, and what others may do

    def login(self) -> str:
        """Return the login of the token's owner, or raise `UserError` where GitHub does not tell."""
        if self._own_login is None:
            if self._access.bot_login:
                self._own_login = self._access.bot_login
            elif self._access.is_workflow_token:
                self._own_login = WORKFLOW_LOGIN
            else:
                owner = self._found(Account, Call("GET", "/user", "find the token's owner"), none=_NOT_TOLD)
                if owner is None:
                    raise UserError(
                        "GitHub does not say whose token this is, so logbook cannot tell which comments are its own",
                        "pass --bot-login LOGIN, such as `my-app[bot]` for an app's token",
                    )
                self._own_login = owner.login
        return self._own_login

    def role(self, login: str) -> str:
        """Return the role that somebody has here, such as `triage` or `maintain`; `none` for anyone unknown.

        A custom role counts as the one of GitHub's own that it amounts to.
        """
        if not LOGIN.fullmatch(login):
            return "none"
        if login not in self._roles:
            template, doing = f"{_REPO}/collaborators/{{login}}/permission", f"read the role of {login}"
            found = self._found(Permission, self._call("GET", template, doing, login=login), lambda it: it.is_of(login))
            self._roles[login] = found.role if found else "none"
        return self._roles[login]

    # Issues

    def issue(self, number: int, *, is_known: bool = False) -> Issue | None:
        """Return an issue or pull request; None where there is none of that number, or none any more.

        One that is known from elsewhere is waited for some seconds: GitHub may show it late.
        """
        return self._written.issue(number, self._read_issue(number, is_known=is_known))

    def _read_issue(self, number: int, *, is_known: bool) -> Issue | None:
        try:
            waits = _WAITS if is_known else (1.0,)
            call = self._call("GET", _ISSUE, f"read #{number}", number=number)
            found = self._found(Issue, call, lambda issue: issue.number == number, waits)
        except MovedError:
            found = None
        if found is None:
            self._repository()  # raises the same where the whole repository was renamed, or is hidden from us
        return found

    def comment_count(self, number: int) -> int:
        """Return how many comments an issue has, as it was read last; 0 where there is no such issue."""
        known = self._written.seen(number)
        issue = known if known is not None else self.issue(number)
        return issue.comment_count if issue else 0

    def is_gone(self, number: int) -> bool:
        """Return whether there was an issue of that number, and is none any more."""
        try:
            call = self._call("GET", _ISSUE, f"read #{number}", number=number)
            self._one(Issue, call, lambda issue: issue.number == number)
        except MissingError as error:
            if not isinstance(error, GoneError):
                self._repository()  # who may no longer see it is told that everything in it is missing
            return isinstance(error, GoneError) or self._written.seen(number) is not None
        except MovedError:
            return self.issue(number) is None
        return False

    def open_issues(self, since: dt.datetime | None = None, after: int = 0) -> Iterator[Issue]:
        """Yield the open issues and pull requests by ascending number, those above `after`.

        With `since`, only those that were updated then or later. All are read before the first is yielded: GitHub's
        pages are not in the order of numbers, and shift when an issue is closed meanwhile.
        """
        found = self._issues("open", since, sort="created", direction="asc")
        return (issue for issue in found if issue.number > after)

    def closed_issues(self, since: dt.datetime) -> Iterator[Issue]:
        """Yield the closed issues that were updated then or later, by ascending number; pull requests are left out."""
        return (issue for issue in self._issues("closed", since) if not issue.is_pull_request)

    def _issues(self, state: str, since: dt.datetime | None, **asked: str) -> list[Issue]:
        asked["state"] = state
        if since is not None:
            asked["since"] = since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        call = self._call("GET", f"{_REPO}/issues", f"list the {state} issues", parameters=asked)
        found = self._written.issues(self._all(Issue, call))
        return [found[number] for number in sorted(found) if found[number].state == state]

    def create_issue(self, title: str, body: str, labels: Collection[str] = ()) -> Issue:
        """Open an issue and return it. After `AmbiguousError` look for it before you open it again."""
        sent = {"title": title, "body": body, "labels": sorted(labels)}
        call = self._call("POST", f"{_REPO}/issues", f"open the issue “{title}”", body=sent)
        issue = self._one(Issue, call, lambda made: made.title.split() == title.split())
        self._written.open(issue)
        return issue

    def write_body(self, number: int, body: str) -> None:
        """Replace the body of an issue; only ever of one that we opened ourselves."""
        changed = self._once(
            self._call("PATCH", _ISSUE, f"edit #{number}", body={"body": body}, number=number),
            Issue,
            lambda issue: issue.number == number,
            lambda: (issue := self.issue(number)) is not None and issue.text.split() == body.split(),
        )
        if changed:
            self._written.change(changed)

    def close(self, number: int) -> None:
        """Close an issue as completed."""
        self._set_state(number, "close", {"state": "closed", "state_reason": "completed"})

    def reopen(self, number: int) -> None:
        """Open an issue again."""
        self._set_state(number, "reopen", {"state": "open", "state_reason": "reopened"})

    def _set_state(self, number: int, doing: str, body: Mapping[str, str]) -> None:
        changed = self._once(
            self._call("PATCH", _ISSUE, f"{doing} #{number}", body=body, number=number),
            Issue,
            lambda issue: (issue.number, issue.state) == (number, body["state"]),
            lambda: (issue := self.issue(number)) is not None and issue.state == body["state"],
        )
        if changed:
            self._written.change(changed)

    def events(self, number: int) -> tuple[IssueEvent, ...]:
        """Return what happened to an issue, oldest first."""
        call = self._call("GET", f"{_ISSUE}/events", f"read the events of #{number}", number=number)
        return tuple(self._all(IssueEvent, call))

    def timeline(self, number: int) -> Timeline:
        """Return all that happened to an issue, its comments and the pull requests that mention it included."""
        call = self._call("GET", f"{_ISSUE}/timeline", f"read the timeline of #{number}", number=number)
        events: list[IssueEvent] = []
        comments: list[Comment] = []
        mentions: dict[str, Issue] = {}
        for item in self._all(dict[str, Any], call):
            with _as_documented(call):
                match item:
                    case {"event": "commented"}:
                        comments.append(self._of_issue(number, call, msgspec.convert(item, Comment)))
                    case {"event": "cross-referenced", "source": {"issue": {"pull_request": dict()} as source}}:
                        mention = msgspec.convert(source, Issue)
                        mentions[mention.url] = mention
                    case {"event": str(kind), "created_at": str()} if kind != "cross-referenced":
                        events.append(msgspec.convert(item, IssueEvent))
                    case _ if "event" not in item:
                        raise msgspec.ValidationError("an item is no event")
        return Timeline(tuple(events), self._up_to_date(number, comments), tuple(mentions.values()))

    # Comments

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return all comments of an issue or pull request, oldest first."""
        call = self._call("GET", f"{_ISSUE}/comments", f"list the comments on #{number}", number=number)
        return self._up_to_date(number, tuple(self._of_issue(number, call, it) for it in self._all(Comment, call)))

    @staticmethod
    def _of_issue(number: int, call: Call, comment: Comment) -> Comment:
        if not comment.is_on(number):
            raise foreign(call, _OTHER)
        return comment

    def _up_to_date(self, number: int, listed: Collection[Comment]) -> tuple[Comment, ...]:
        """Return the comments of an issue that were `listed`, with ours; one that is listed no more is asked for."""
        for comment in self._written.missed(number, listed):
            self.has_comment(comment)
        self._written.show(comment.id for comment in listed)
        return self._written.comments(number, listed)

    def has_comment(self, comment: int) -> bool:
        """Return whether there is a comment of that ID; one that there is not is not shown by a list any more.

        What a list shows may come late by its own address, and is waited for; one that this run has posted, longer.
        """
        waits = (*_WAITS, 8.0) if self._written.has_posted(comment) else _WAITS
        call = self._call("GET", _COMMENT, "read our comment", id=comment)
        if self._found(Comment, call, lambda found: found.id == comment, waits) is None:
            self._written.delete(comment)
            return False
        self._written.show([comment])
        return True

    def is_shown(self, comment: int) -> bool:
        """Return whether a read has shown a comment that we posted.

        GitHub's replicas take over what is written in its order: a list that shows it shows all that came before it.
        """
        return not self._written.may_be_late(comment)

    def create_comment(self, number: int, body: str) -> Comment:
        """Post a comment. After `AmbiguousError` list the comments before you post again.

        The answer tells who we are, whatever was assumed before.
        """
        call = self._call("POST", f"{_ISSUE}/comments", f"comment on #{number}", body={"body": body}, number=number)
        comment = self._one(Comment, call, lambda posted: posted.is_on(number))
        self._own_login = comment.author
        self._written.post(number, comment)
        return comment

    def edit_comment(self, comment: int, body: str) -> Comment:
        """Replace the text of a comment, by its ID; `MissingError` where it is gone."""
        call = self._call("PATCH", _COMMENT, "edit our comment", body={"body": body}, id=comment)
        edited = self._one(Comment, call, lambda edited: edited.id == comment)
        self._written.edit(edited)
        return edited

    def delete_comment(self, comment: int) -> None:
        """Delete a comment, by its ID; it may be gone already."""
        call = self._call("DELETE", _COMMENT, "delete our comment", id=comment)
        reading = replace(call, verb="GET", doing="read our comment")
        for _ in range(2):
            is_told = False
            with suppress(MissingError, InvalidError):
                is_told = self._transport.send(call).status == 204
            if is_told or self._found(Comment, reading, lambda found: found.id == comment) is None:
                self._written.delete(comment)
                return
        raise foreign(call, "it is still there")

    # Labels

    def label_pasts(self, number: int, taken_off: str = "") -> Mapping[str, LabelPast]:
        """Return, by name in lower case, how often a label was taken off an issue, and put back by us.

        That one was `taken_off` just now is waited for; raises `UnfinishedError` where GitHub does not show it.
        """
        events = self.events(number)
        for pause in _WAITS:
            if _shows(events, taken_off) or not self.pause(pause):
                break
            events = self.events(number)
        if not _shows(events, taken_off):
            raise UnfinishedError(
                f"GitHub does not show yet who took the label “{taken_off}” off #{number}", "run it again in a minute"
            )
        # Only where one was taken off does it matter who we are, which may cost a call.
        return label_pasts(events, self.login()) if any(event.event == "unlabeled" for event in events) else {}

    def repository_labels(self) -> frozenset[str]:
        """Return the names of the repository's labels, in lower case: they are case-insensitive on GitHub."""
        if self._labels is None:
            call = self._call("GET", f"{_REPO}/labels", "list the labels")
            self._labels = _names(self._all(Label, call))
        return self._labels | self._made_labels

    def create_label(self, name: str, colour: str, description: str) -> None:
        """Create a label, if the repository has none of the name; `colour` is six hexadecimal digits."""
        body = {"name": name, "color": colour, "description": description}
        call = self._call("POST", f"{_REPO}/labels", f"create the label “{name}”", body=body)
        self._labels = None
        self._once(
            call,
            Label,
            lambda label: label.name.casefold() == name.casefold(),
            lambda: name.casefold() in self.repository_labels(),
        )
        self._made_labels.add(name.casefold())

    def add_labels(self, number: int, names: Collection[str]) -> None:
        """Add labels to an issue or pull request in one call; those that it has already stay."""
        wanted = {name.casefold() for name in names}
        call = self._call("POST", f"{_ISSUE}/labels", f"label #{number}", body={"labels": sorted(names)}, number=number)
        self._once(
            call, list[Label], lambda labels: wanted <= _names(labels), lambda: wanted <= self._labels_of(number)
        )
        self._written.label(number, names)

    def foresee(self, number: int | None, names: Collection[str]) -> None:
        """Show labels on an issue, or with None in the repository, that are about to be put there.

        What is decided on later in a run is decided as if that had happened: so a dry run plans what a run does, and
        what failed or does not show yet is not taken for missing.
        """
        if number is None:
            self._made_labels |= {name.casefold() for name in names}
        else:
            self._written.label(number, names)

    def remove_label(self, number: int, name: str) -> None:
        """Take a label off an issue; it may be off already."""
        doing, folded = f"take the label “{name}” off #{number}", name.casefold()
        call = self._call("DELETE", f"{_ISSUE}/labels/{{name}}", doing, number=number, name=name)
        self._once(
            call,
            list[Label],
            lambda labels: bool(labels) and not _names(labels) & {folded, ""},  # an empty list is said of anything
            lambda: folded not in self._labels_of(number),
        )
        self._written.unlabel(number, name)

    def _labels_of(self, number: int) -> frozenset[str]:
        """Return the labels that an issue or pull request has now, in lower case."""
        call = self._call("GET", f"{_ISSUE}/labels", f"read the labels of #{number}", number=number)
        return _names(self._all(Label, call))

    # Pull requests

    def pull(self, number: int) -> Pull:
        """Return where a pull request comes from and goes to."""
        call = self._call("GET", _PULL, f"read pull request #{number}", number=number)
        return self._one(Pull, call, lambda pull: pull.number == number)

    def pull_files(self, number: int) -> frozenset[str]:
        """Return the paths of the files that a pull request changes."""
        call = self._call("GET", f"{_PULL}/files", f"list the files of pull request #{number}", number=number)
        return frozenset(file.filename for file in self._all(PullFile, call))

    def branches(self) -> dict[int, str]:
        """Return the open pull requests from branches of this repository itself, each with its branch."""
        call = self._call("GET", f"{_REPO}/pulls", "list the open pull requests", parameters={"state": "open"})
        return {pull.number: pull.head.ref for pull in self._all(Pull, call) if pull.comes_from(self.repository)}

    def pulls_from(self, owner: str, branch: str) -> tuple[Pull, ...]:
        """Return the open pull requests from an owner's branch of that name, whatever repository it is in."""
        asked = {"state": "open", "head": f"{owner}:{branch}"}
        call = self._call("GET", f"{_REPO}/pulls", f"list the pull requests from {branch}", parameters=asked)
        return tuple(self._all(Pull, call))

    # Tags

    def tagged(self, tag: str) -> str | None:
        """Return the commit that a tag is on; None where there is no such tag."""
        doing = f"read the tag {tag}"
        call = self._call("GET", f"{_REPO}/git/ref/tags/{{tag}}", doing, tag=tag)
        reference = self._found(GitReference, call, lambda found: found.ref in {"", f"refs/tags/{tag}"})
        if reference is None:
            return None
        found = reference.object
        if found.type == "tag":
            call = self._call("GET", f"{_REPO}/git/tags/{{sha}}", doing, sha=found.sha)
            found = self._one(GitReference, call).object
        return found.sha

    def create_tag(self, tag: str, commit: str, message: str) -> None:
        """Create an annotated tag, if the repository has not the same one already.

        Raises `RefusedError` where the tag is on another commit, and `DeniedError` that needs `workflows` where the
        workflow files of the commit are on no branch, which a workflow's token may not tag.
        """
        doing = f"tag {commit[:12]} as {tag}"
        body = {"tag": tag, "message": message, "object": commit, "type": "commit"}
        creating = self._call("POST", f"{_REPO}/git/tags", doing, body=body)
        try:
            made = self._one(AnnotatedTag, creating, lambda made: made.object.sha == commit)
        except (AmbiguousError, MissingError, InvalidError):
            self.pause()
            # An object that no reference names does no harm.
            made = self._one(AnnotatedTag, creating, lambda made: made.object.sha == commit)
        body = {"ref": f"refs/tags/{tag}", "sha": made.sha}
        try:
            self._once(
                self._call("POST", f"{_REPO}/git/refs", doing, body=body),
                GitReference,
                lambda made: made.object.sha == body["sha"],
                lambda: self.tagged(tag) == commit,
            )
        except InvalidError:
            existing = self.tagged(tag)
            if existing is None:
                raise
            if existing != commit:
                raise RefusedError(
                    f"{tag} is on {existing[:12]} already, and a tag is never moved to another commit ({commit[:12]})",
                    "run `git fetch --tags origin`, compare the two commits, and run it again",
                ) from None

    # Branches

    def activity(self, branch: str) -> Iterator[Activity]:
        """Yield what moved a branch, newest first, also one that is gone; it takes a token that may read contents.

        Source: GitHub's REST documentation, "List repository activities".
        """
        asked = {"ref": f"refs/heads/{branch}"}
        return self._all(
            Activity, self._call("GET", f"{_REPO}/activity", f"list what moved {branch}", parameters=asked)
        )

    # The repository's settings

    def visibility(self) -> str:
        """Return who may see the repository: `public`, `private` or `internal`."""
        answer = self._repository()
        return answer.visibility or ("private" if answer.private else "public")

    def _repository(self) -> RepositoryInfo:
        call = self._call("GET", _REPO, f"find {self.repository}")
        return self._one(RepositoryInfo, call, lambda found: same_login(found.full_name, self.repository))

    def secrets(self) -> frozenset[str]:
        """Return the names of the secrets that a workflow can read, the organisation's included; never a value."""
        names: set[str] = set()
        for owner in ("secrets", "organization-secrets"):
            asked = {"per_page": _PER_PAGE}  # a repository can have no more than a page of them
            call = self._call("GET", f"{_REPO}/actions/{owner}", "list the names of secrets", parameters=asked)
            try:
                names |= {secret.name for secret in self._one(Secrets, call).secrets}
            except MissingError:
                if owner == "secrets":
                    raise
        return frozenset(names)

    def tag_rulesets(self) -> tuple[Ruleset, ...]:
        """Return the active rulesets of tags, the organisation's included."""
        asked = {"targets": "tag", "includes_parents": "true"}
        listed = self._all(Ruleset, self._call("GET", f"{_REPO}/rulesets", "list the rulesets", parameters=asked))
        active = [one.id for one in listed if (one.target, one.enforcement) == ("tag", "active")]
        template = f"{_REPO}/rulesets/{{id}}"
        return tuple(self._one(Ruleset, self._call("GET", template, f"read ruleset {one}", id=one)) for one in active)

    # How it is asked

    def _call(self, verb: str, template: str, doing: str, **rest: Any) -> Call:
        asked = {name: rest.pop(name) for name in ("parameters", "body") if name in rest}
        return Call(verb, template, doing, {"repository": self.repository, **rest}, **asked)

    def _one(self, kind: type[T], call: Call, is_asked_for: Callable[[T], bool] = lambda _: True) -> T:
        """Make a call, and return what its answer says that there is, now that something was changed or without that.

        Raises the error of `foreign` where that is not what was asked for, or what was to be done.
        """
        answer = self._transport.send(call)
        with _as_documented(call):
            found = msgspec.json.decode(answer.body, type=kind)
        if not is_asked_for(found):
            raise foreign(call, _OTHER)
        return found

    def _found(
        self,
        kind: type[T],
        call: Call,
        is_asked_for: Callable[[T], bool] = lambda _: True,
        waits: Sequence[float] = (1.0,),
        none: tuple[type[UnfinishedError], ...] = (MissingError,),
    ) -> T | None:
        """Return what a call reads; None where GitHub says twice, a moment apart, that there is no such thing.

        `none` are the errors that say so. Raises `MovedError` where it says twice that it has moved.
        """
        doubtful: tuple[type[UnfinishedError], ...] = (MovedError, *none)
        for pause in waits:
            try:
                return self._one(kind, call, is_asked_for)
            except doubtful:
                self.pause(pause)  # what was just made may not have come to all of GitHub's servers
        try:
            return self._one(kind, call, is_asked_for)
        except none:
            return None

    def _all(self, kind: type[T], call: Call) -> Iterator[T]:
        """Yield all that a list holds: the one place that turns pages."""
        call = replace(call, parameters={**call.parameters, "per_page": _PER_PAGE})
        answer = self._transport.send(call)
        for _ in range(self._most_pages):
            with _as_documented(call):
                page = msgspec.json.decode(answer.body, type=list[kind])  # type: ignore[valid-type]
            yield from page
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            answer = self._transport.send(replace(call, parameters={}), following[1])
        raise UnfinishedError(
            f"could not {call.doing}: there are more than {self._most_pages * _PER_PAGE:,}",
            "nothing was done with a part of them; ask about less at once where the command has an option for it",
        )

    def _once(self, call: Call, kind: type[T], says_so: Callable[[T], bool], is_done: Callable[[], bool]) -> T | None:
        """Make a call that changes something; where the answer leaves open if it did, look, and make it once more.

        So does one that there is nothing to change, or that it cannot be changed: it may be said of a repetition.
        `says_so` tells of the answer, and `is_done` of what is read, whether it was done. Returns the answer, where
        one said that it was done.
        """
        for is_last in (False, True):
            try:
                return self._one(kind, call, says_so)
            except (AmbiguousError, MissingError, MovedError, InvalidError):
                self.pause()
                if is_done():
                    return None
                if is_last:
                    raise
        return None


def _shows(events: Sequence[IssueEvent], taken_off: str) -> bool:
    """Return whether the last that events tell of a label is that it was taken off; no label is shown."""
    told = [event.event for event in events if event.label_name.casefold() == taken_off.casefold()]
    return not taken_off or (bool(told) and told[-1] == "unlabeled")


def _names(labels: Iterable[Label]) -> frozenset[str]:
    """Return the names of labels as they are compared: without regard to case."""
    return frozenset(label.name.casefold() for label in labels)


@contextmanager
def _as_documented(call: Call) -> Iterator[None]:
    """Raise `UnfinishedError` where an answer is not what GitHub's documentation promises."""
    try:
        yield
    except msgspec.MsgspecError as error:
        raise foreign(call, str(error)) from error
