"""Whether anybody has changed an issue since a plan was made for it: what is not so any more is not acted on."""

import datetime as dt
from collections.abc import Mapping

import msgspec

from research_logbook.effects import SEALED, AddLabels, CloseIssue, Effect, MarkSealed, ReopenIssue, WriteBody
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue, Label


class JudgedIssues:
    """The issues that a plan was made for, each with the time of its last change then.

    Our own writes change an issue too, and an answer does not tell all that happened meanwhile: after the first of
    them what an issue says is compared with what it said, and with what we did.
    """

    def __init__(self, github: GitHub, judged: Mapping[int, dt.datetime]) -> None:
        self._github = github
        self._judged = judged
        self._known: dict[int, Issue] = {}
        self._written: set[int] = set()
        self._uncounted: set[int] = set()

    def have_changed(self) -> bool:
        """Return whether somebody else has changed one of them: each is read again."""
        return any(self._has_changed(number, then) for number, then in self._judged.items())

    def _has_changed(self, number: int, then: dt.datetime) -> bool:
        for pause in (1.0, 2.0, None):
            issue = self._github.issue(number)
            if issue is None:
                return True
            if number not in self._written:
                self._known[number] = issue
                return issue.updated_at > then
            known = self._known[number]
            is_counted = number in self._uncounted or issue.comment_count == known.comment_count
            if is_counted and _content(issue) == _content(known):
                return False
            if pause is None or not self._github.pause(pause):  # it may show late what we have done
                break
        return True

    def forget_count(self, number: int) -> None:
        """Compare the number of an issue's comments no more: somebody has deleted one of ours, and it comes again."""
        self._uncounted.add(number)

    def note(self, effect: Effect, comments: int = 0) -> None:
        """Note what we have done, so that it does not count as somebody else's; `comments` is how many more there are.

        What is not about an issue, or one that nobody judged, changes nothing.
        """
        number = getattr(effect, "issue", 0)
        known = self._known.get(number)
        if known is None:
            return
        self._written.add(number)
        changed: dict[str, object] = {"comment_count": known.comment_count + comments}
        match effect:
            case AddLabels(_, names):
                changed["labels"] = (*known.labels, *map(Label, names))
            case MarkSealed():
                changed["labels"] = (*known.labels, Label(SEALED))
            case CloseIssue():
                changed["state"] = "closed"
            case ReopenIssue():
                changed["state"] = "open"
            case WriteBody(_, body):
                changed["body"] = body
        self._known[number] = msgspec.structs.replace(known, **changed)


def _content(issue: Issue) -> tuple[object, ...]:
    """Return what a verdict on an issue, and an answer to it, depend on."""
    labels = frozenset(name.casefold() for name in issue.label_names)
    return issue.title, issue.text.replace("\r\n", "\n").strip(), issue.state, labels
