"""What a snapshot publishes: an entry of a logbook as it stood at the commit (task-snapshot)."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from research_logbook.errors import Refusal
from research_logbook.logbook import experiment_ids
from research_logbook.logbook.model import Entry, EntryKind, Field, Link, Logbook, Reference, Unreadable, topic_of
from research_logbook.logbook.references import SHORTENED, commands_of, commit_of, jobs_of, paths_in
from research_logbook.logbook.vocabulary import slug
from research_logbook.markdown.escape import quoted
from research_logbook.repo.commits import Commit

Books = Mapping[str, Logbook | Unreadable]
"""The logbooks of a tree, by path."""

ENVIRONMENT = ("hardware", "environment", "environment-variables", "env", "device-count", "software")
"""Fields for what a command ran on."""

_SUBJECT = re.compile(r"snapshot:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SnapshotCommit:
    """A snapshot commit, before its logbook was read."""

    commit: Commit
    branch: str
    """Empty where it is on several."""
    asked: str = ""
    """The experiment ID or slug that it names; empty for the newest entry's."""
    touched: tuple[str, ...] = ()
    """The files that the commit adds or changes."""
    is_own: bool = True
    """Whether this run was started for it, and not only finds it on the way."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A snapshot commit that gets no tag: why, and what to do."""

    candidate: SnapshotCommit
    why: str
    help: str
    exit_code: int = 1

    def __str__(self) -> str:
        """Say it in a sentence."""
        return f"the snapshot {self.candidate.commit.hash[:12]} gets no tag: {self.why}; {self.help}"


@dataclass(frozen=True, slots=True)
class SnapshotCandidate:
    """An entry that a snapshot commit pins, with all that its tag and its comment say of it."""

    candidate: SnapshotCommit
    path: str
    """Of the logbook."""
    issue: Reference | None
    name: str
    """The experiment ID or slug that the tag is named for."""
    entries: tuple[Entry, ...]
    """The entry, and after it the older ones with the same ID or job, newest first."""

    @property
    def commit(self) -> Commit:
        """The snapshot commit."""
        return self.candidate.commit

    @property
    def topic(self) -> str:
        """The topic of the logbook."""
        return topic_of(self.path)

    @property
    def entry(self) -> Entry:
        """The entry."""
        return self.entries[0]

    @property
    def commands(self) -> tuple[str, ...]:
        """The exact commands: the entry's, else those of the newest older one with the same ID or job."""
        found = (tuple(place.text.strip("\n") for place in commands_of(entry)) for entry in self.entries)
        return next(filter(None, found), ())

    def said(self, *keys: str) -> tuple[Field, ...]:
        """Return the fields of these names, of the newest entry that has some."""
        found = (tuple(field for field in entry.all(*keys) if not field.is_pending) for entry in self.entries)
        return next(filter(None, found), ())

    @property
    def code(self) -> str | None:
        """The commit that the entry records: what ran may be older than what is pinned."""
        return next(filter(None, map(commit_of, self.entries)), None)

    @property
    def runs(self) -> tuple[Link, ...]:
        """The links to W&B."""
        links = {link.url: link for entry in self.entries for link in entry.links if _is_run(link.url)}
        return tuple(links.values())

    @property
    def is_preregistration(self) -> bool:
        """Whether the entry has no result yet."""
        entry = self.entry
        return not entry.is_measured and all(field.is_pending for field in entry.all("result"))


def _is_run(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return url.startswith(("https://", "http://")) and "wandb" in host


def is_snapshot(commit: Commit) -> bool:
    """Return whether a commit says that it is a snapshot: by its trailer, or by how its subject begins."""
    return bool(commit.snapshots) or _SUBJECT.match(commit.subject) is not None


def names_asked(commit: Commit) -> tuple[str, ...]:
    """Return the experiment IDs or slugs that the trailers of a commit name; one that is empty for none."""
    return tuple(dict.fromkeys(commit.snapshots)) or ("",)


def evidence_of(candidate: SnapshotCommit, books: Books) -> SnapshotCandidate | Refused:
    """Return what a snapshot publishes, or why it is refused; `books` are those of its tree that it may be of."""
    path = which_logbook(books, candidate.touched, candidate.branch)
    found = path if isinstance(path, Refusal) else _evidence(candidate, books[path])
    return Refused(candidate, found.why, found.help) if isinstance(found, Refusal) else found


def which_logbook(books: Books, touched: Iterable[str], branch: str) -> str | Refusal:
    """Return the path of the logbook that a commit on a branch is a snapshot of.

    The one that the commit touches, else the one whose header names the branch, else the one whose topic the branch
    is named for, else the only one.
    """
    left = [path for path in touched if path in books] or sorted(books)
    for narrower in (_of_branch(books, left, branch), _of_topic(left, branch)):
        left = narrower if len(left) > 1 and narrower else left
    if not left:
        return Refusal("there is no logbook in its tree", "commit the logbook with it")
    if len(left) == 1:
        return left[0]
    named = ", ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
    return Refusal(
        f"it may be one of {named}",
        "let the snapshot commit touch its logbook, or name the branch in that logbook's header",
    )


def _of_branch(books: Books, paths: Sequence[str], branch: str) -> list[str]:
    found = ((path, books[path]) for path in paths if branch)
    return [path for path, book in found if isinstance(book, Logbook) and book.header.branch == branch]


def _of_topic(paths: Sequence[str], branch: str) -> list[str]:
    words = f"-{slug(branch.rpartition('/')[2])}-"
    found = [path for path in paths if f"-{slug(topic_of(path))}-" in words and slug(topic_of(path))]
    longest = max((len(topic_of(path)) for path in found), default=0)
    return [path for path in found if len(topic_of(path)) == longest]


def _evidence(candidate: SnapshotCommit, book: Logbook | Unreadable) -> SnapshotCandidate | Refusal:
    if isinstance(book, Unreadable):
        return Refusal(f"its logbook {book.path} {book.reason}", book.help)
    named = _asked_id(candidate, book)
    entries = _entries(book, named)
    if not entries:
        wanted = f"entry {named}" if named else "entry"
        return Refusal(f"{book.path} has no {wanted}", "add the entry, or correct the ID in a new snapshot commit")
    name = named or candidate.asked or next(iter(entries[0].ids), "") or _dated(entries[0])
    evidence = SnapshotCandidate(candidate, book.path, book.header.issue, name, entries)
    if evidence.commands:
        return evidence
    return Refusal(
        f"entry {quoted(evidence.entry.name)} at {book.path}:{evidence.entry.span.line} names no command",
        "add the exact command line as `- Command:`, and commit it with a `Snapshot:` trailer of its own",
    )


def _entries(book: Logbook, named: str) -> tuple[Entry, ...]:
    """Return the entry that is meant: the newest of that ID, or the newest experiment; and those it goes back to.

    A note that closes the log is passed over: nothing was run for it.
    """
    newest = book.everything if book.is_newest_first else book.everything[::-1]
    if named:
        tried = [entry for entry in newest if named in entry.ids]
    else:
        tried = [entry for entry in newest if entry.kind is EntryKind.EXPERIMENT or entry.ids] or list(newest)
    if not tried:
        return ()
    meant = tried[0]
    ties = {named, *meant.ids[:1], *jobs_of(meant)} - {""}
    older = newest[newest.index(meant) + 1 :]
    return (meant, *(entry for entry in older if not ties.isdisjoint({*entry.ids, *jobs_of(entry)})))


def _asked_id(candidate: SnapshotCommit, book: Logbook) -> str:
    """Return the experiment ID that a candidate names; empty for a slug, and for none."""
    asked = candidate.asked or next(iter(_ids_in_subject(candidate.commit.subject, book.prefix)), "")
    known = {name.casefold(): name for entry in book.everything for name in entry.ids}
    if asked.casefold() in known:
        return known[asked.casefold()]
    names, rest = experiment_ids.before(asked)
    is_id = len(names) == 1 and not rest and experiment_ids.prefix_of(names[0]) == book.prefix
    return names[0] if is_id else ""


def _ids_in_subject(subject: str, prefix: str) -> tuple[str, ...]:
    start = _SUBJECT.match(subject)
    return experiment_ids.leading(subject[start.end() :], prefix)[0] if start else ()


def _dated(entry: Entry) -> str:
    day = entry.when.date.isoformat() if entry.when and entry.when.date else ""
    return slug(f"{day} {entry.label or entry.heading}"[:80])


def scripts(evidence: SnapshotCandidate) -> frozenset[tuple[str, str]]:
    """Return the scripts that the commands run, as (tree, path)."""
    paths = (path for command in evidence.commands for path in paths_in(command))
    return frozenset((evidence.commit.hash, path) for path in paths)


def gaps(evidence: SnapshotCandidate, missing: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Return what keeps the snapshot from being reproduced; `missing` are scripts that are not in their tree.

    Source: task-snapshot: before it counts as evidence the command reproduces from it, and configuration is explicit.
    """
    return tuple(_gaps(evidence, missing))


def _gaps(evidence: SnapshotCandidate, missing: Collection[tuple[str, str]]) -> Iterator[str]:
    if any(SHORTENED.search(command) for command in evidence.commands):
        yield "a command is shortened with dots"
    gone = sorted(path for _, path in scripts(evidence) & {*missing})
    yield from (f"the command runs {path}, which is not in the tree" for path in gone)
    if not evidence.said("config"):
        yield "the entry records no configuration"
    if not evidence.said(*ENVIRONMENT):
        yield "the entry records neither hardware nor environment"
    if not evidence.code:
        yield "the entry records no commit"
    if evidence.is_preregistration:
        yield "the result is pending"
