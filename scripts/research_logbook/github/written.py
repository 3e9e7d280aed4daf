"""What this run has written on GitHub, whose lists and single reads may show it only some seconds later.

The answer to a write is what counts: what it says is there, and what was deleted is gone, whatever a read shows.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

import msgspec

from research_logbook.github.models import Comment, Issue, Label

_APART = dt.timedelta(seconds=1)
"""What may lie between a comment's own time and the change of its issue; GitHub tells whole seconds."""


class WrittenObjects:
    """The objects that this run wrote, as the answers to its writes showed them."""

    def __init__(self) -> None:
        self._posted: defaultdict[int, dict[int, Comment]] = defaultdict(dict)
        self._edited: dict[int, Comment] = {}
        self._deleted: set[int] = set()
        self._shown: set[int] = set()
        self._opened: set[int] = set()
        self._issues: dict[int, Issue] = {}
        self._labels: defaultdict[int, dict[str, str]] = defaultdict(dict)
        self._seen: dict[int, Issue] = {}
        self._labelled_at: dict[int, dt.datetime] = {}
        self._commented_at: dict[int, dt.datetime] = {}

    def post(self, number: int, comment: Comment) -> None:
        """Note a comment that was posted."""
        self._posted[number][comment.id] = comment
        self._commented_at[number] = comment.updated_at + _APART

    def edit(self, comment: Comment) -> None:
        """Note a comment that was edited."""
        self._edited[comment.id] = comment

    def delete(self, comment: int) -> None:
        """Note that a comment is gone."""
        self._deleted.add(comment)

    def open(self, issue: Issue) -> None:
        """Note an issue that was opened."""
        self._opened.add(issue.number)
        self.change(issue)

    def change(self, issue: Issue) -> None:
        """Note an issue that was changed."""
        self._issues[issue.number] = issue
        self._seen[issue.number] = issue

    def label(self, number: int, names: Collection[str]) -> None:
        """Note labels that an issue got, or is about to get."""
        if number in self._seen:
            self._labels[number] |= {name.casefold(): name for name in names}
            before = self._seen[number].updated_at
            self._labelled_at[number] = max(before, self._commented_at.get(number, before))

    def unlabel(self, number: int, name: str) -> None:
        """Note that a label was taken off."""
        self._labels[number].pop(name.casefold(), None)

    def comments(self, number: int, listed: Iterable[Comment]) -> tuple[Comment, ...]:
        """Return an issue's comments, oldest first: those that were `listed`, brought up to date."""
        found = {comment.id: comment for comment in listed}
        for ours in (*self._posted[number].values(), *self._edited.values()):
            shown = found.get(ours.id)
            is_posted_here = ours.id in self._posted[number]
            if (shown is None and is_posted_here) or (shown is not None and shown.updated_at <= ours.updated_at):
                found[ours.id] = ours
        return tuple(found[one] for one in sorted(found) if one not in self._deleted)

    def show(self, comments: Iterable[int]) -> None:
        """Note comments that a read has shown: where a later one does not, they are gone, and not late."""
        self._shown.update(comments)

    def has_posted(self, comment: int) -> bool:
        """Return whether we posted a comment, and know of nobody who has deleted it."""
        return any(comment in posted for posted in self._posted.values()) and comment not in self._deleted

    def may_be_late(self, comment: int) -> bool:
        """Return whether a comment that no read shows is one of ours that no read has shown yet."""
        return self.has_posted(comment) and comment not in self._shown

    def missed(self, number: int, listed: Collection[Comment]) -> set[int]:
        """Return the comments that we posted on an issue, that a read has shown, and that were not `listed` now."""
        return self._posted[number].keys() & self._shown - self._deleted - {comment.id for comment in listed}

    def issue(self, number: int, read: Issue | None) -> Issue | None:
        """Return an issue as it was `read`, or as we left it where that shows an older state; None for none."""
        ours = self._issues.get(number)
        if ours is not None and (read.updated_at < ours.updated_at if read else number in self._opened):
            read = ours
        if read is None:
            return None
        posted = (one for one in self._posted[number].values() if one.id not in self._deleted)
        if uncounted := sum(one.created_at > read.updated_at for one in posted):  # it is from before these
            read = msgspec.structs.replace(read, comment_count=read.comment_count + uncounted)
        commented_at = self._commented_at.get(number, read.updated_at)
        if read.updated_at < commented_at:
            read = msgspec.structs.replace(read, updated_at=commented_at)  # our comment is no change to be judged
        self._seen[number] = max(read, self._seen.get(number, read), key=lambda one: one.updated_at)
        if read.updated_at > self._labelled_at.get(number, read.updated_at):
            return read  # it is newer than our labels, so it shows them, or somebody has taken them off
        have = {name.casefold() for name in read.label_names}
        more = tuple(Label(name) for folded, name in self._labels[number].items() if folded not in have)
        return msgspec.structs.replace(read, labels=(*read.labels, *more)) if more else read

    def seen(self, number: int) -> Issue | None:
        """Return an issue as it was last read, listed or opened in this run; None where it was not."""
        return self._seen.get(number)

    def issues(self, listed: Iterable[Issue]) -> dict[int, Issue]:
        """Return the issues that were `listed`, by number, brought up to date; none that we know to be otherwise."""
        return {one.number: self.issue(one.number, one) or one for one in listed}
