"""A GitHub that lags: its reads show for a while what was there before the last writes.

A replica may be some seconds behind: lists, timelines and single reads miss a new object, or show an old state of one.
The answers to writes are never late.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.manners import Answer, Request, error

Ask = Callable[[str], Answer]
"""Asks emulate a GET."""

_ISSUE = re.compile(r"(?P<repository>/repos/[^/]+/[^/]+)/(?:issues|pulls)/(?P<number>\d+)(?P<rest>/[a-z]+)?(?:/.*)?")
_OF_REPOSITORY = re.compile(r"(?P<repository>/repos/[^/]+/[^/]+)/(?P<what>issues|labels|git/refs)")
_COMMENT = re.compile(r"(?P<repository>/repos/[^/]+/[^/]+)/issues/comments/(?P<id>\d+)")
_REF = re.compile(r"(?P<repository>/repos/[^/]+/[^/]+)/git/ref/(?P<ref>.+)")


@dataclass(frozen=True, slots=True)
class _Version:
    """What an issue was like from some moment on; None before it was there."""

    data: Mapping[str, Any] | None
    since: float


@dataclass(slots=True)
class Lag:
    """How late reads are: each by a number of `reads` of its own path, or by `seconds` on a clock."""

    reads: int = 0
    seconds: float = 0
    clock: Callable[[], float] = time.monotonic
    shows_issues: bool = False
    """Whether issues themselves are shown as they are, and only what happened to them is late."""
    _new: dict[tuple[str, object], float] = field(default_factory=dict)
    """When objects came, by what they are."""
    _versions: dict[str, list[_Version]] = field(default_factory=dict)
    _asked: Counter[tuple[str, str, object]] = field(default_factory=Counter)

    def before_write(self, verb: str, path: str, ask: Ask) -> None:
        """Note what an issue is like, before somebody changes it."""
        match = _ISSUE.fullmatch(path)
        if match and verb != "GET":
            self._note_version(_place(match), ask)
            for kind, items in self._lists(match, ask):
                for item in items:
                    self._new.setdefault((kind, item["id"]), float("-inf"))

    def after_write(self, verb: str, path: str, body: Any, answer: Answer, ask: Ask) -> None:
        """Note what somebody changed."""
        if verb == "GET" or answer.status >= 300:
            return
        now = self.clock()
        if match := _ISSUE.fullmatch(path):
            self._note_version(_place(match), ask)
            for kind, items in self._lists(match, ask):
                for item in items:
                    self._new.setdefault((kind, item["id"]), now)
        elif match := _OF_REPOSITORY.fullmatch(path):
            if match["what"] == "issues":
                place = f"{match['repository']}/issues/{answer.data['number']}"
                self._versions[place] = [_Version(None, float("-inf"))]
                self._note_version(place, ask)
            else:
                name = body.get("ref") or body["name"].casefold()
                self._new[match["what"], f"{match['repository']} {name}"] = now

    def _note_version(self, place: str, ask: Ask) -> None:
        known = self._versions.setdefault(place, [])
        answer = ask(place)
        data = answer.data if answer.status == 200 else None
        if not known or known[-1].data != data:
            known.append(_Version(data, self.clock() if known else float("-inf")))

    @staticmethod
    def _lists(match: re.Match[str], ask: Ask) -> Sequence[tuple[str, Sequence[Mapping[str, Any]]]]:
        place = _place(match)
        lists = {"comments": f"{place}/comments?per_page=100", "events": f"{place}/events?per_page=100"}
        answers = {kind: ask(path) for kind, path in lists.items()}
        return [(kind, answer.data) for kind, answer in answers.items() if answer.status == 200]

    def _is_late(self, path: str, kind: str, key: object, since: float) -> bool:
        if self.clock() < since + self.seconds:
            return True
        asked = (path, kind, key)
        self._asked[asked] += 1
        return since > float("-inf") and self._asked[asked] <= self.reads

    def _is_new(self, path: str, kind: str, key: object) -> bool:
        since = self._new.get((kind, key))
        return since is not None and self._is_late(path, kind, key, since)

    def as_shown(self, request: Request, answer: Answer) -> Answer:
        """Return what a read shows: `answer` is what is true."""
        path = request.path
        if request.verb != "GET" or answer.status not in {200, 404}:
            return answer
        if (match := _REF.fullmatch(path)) and answer.status == 200:
            is_new = self._is_new(path, "git/refs", f"{match['repository']} refs/{match['ref']}")
            return error(404, "Not Found") if is_new else answer
        if (match := _COMMENT.fullmatch(path)) and answer.status == 200:
            return error(404, "Not Found") if self._is_new(path, "comments", int(match["id"])) else answer
        if isinstance(answer.data, list):
            return replace(answer, data=[it for it in map(self._shown_in(path), answer.data) if it is not None])
        if (match := _ISSUE.fullmatch(path)) and match["rest"] is None and path.startswith(_place(match)):
            data = self._issue(path, path, answer.data if answer.status == 200 else None)
            return Answer(200, data) if data is not None else error(404, "Not Found")
        return answer

    def _issue(self, path: str, place: str, now: Any) -> Any:
        versions = [] if self.shows_issues else self._versions.get(place, [])
        for index in range(len(versions) - 1, 0, -1):
            if not self._is_late(path, place, index, versions[index].since):
                return versions[index].data if index < len(versions) - 1 else now
        return versions[0].data if versions else now

    def _shown_in(self, path: str) -> Callable[[Any], Any]:
        match = _ISSUE.fullmatch(path)
        rest = match["rest"] if match else None
        repository = "/".join(path.split("/")[:4])

        def shown(item: Any) -> Any:
            if rest in {"/comments", "/events", "/timeline"}:
                kind = "comments" if item.get("event", "commented") == "commented" else "events"
                return None if self._is_new(path, kind, item.get("id")) else item
            if path == f"{repository}/labels":
                return None if self._is_new(path, "labels", f"{repository} {item['name'].casefold()}") else item
            if path == f"{repository}/issues":
                return self._issue(path, f"{repository}/issues/{item['number']}", item)
            return item

        return shown


def _place(match: re.Match[str]) -> str:
    return f"{match['repository']}/issues/{match['number']}"
