"""Which entry of which logbook a snapshot commit pins, and what is missing to reproduce it (task-snapshot). Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from research_logbook.errors import Refusal
from research_logbook.logbook import experiment_ids
from research_logbook.logbook.model import Entry, EntryKind, Field, Link, Logbook, Reference, Unreadable, topic_of
from research_logbook.logbook.queries import (
    SHORTENED,
    commands_of,
    commit_of,
    has_result,
    jobs_of,
    oldest_first,
    paths_in,
)
from research_logbook.logbook.vocabulary import slug
from research_logbook.markdown.escape import quoted
from research_logbook.repo import Commit

Books = Mapping[str, Logbook | Unreadable]
"""The logbooks of a tree, by path."""

ENVIRONMENT = ("hardware", "environment", "environment-variables", "env", "device-count", "software")
"""Fields for what a command ran on."""

_WANDB = re.compile(r"https?://(?:[^/?#@]*@)?[^/?#:@]*wandb", re.IGNORECASE)
_SUBJECT = re.compile(r"snapshot:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SnapshotCommit:
    """A snapshot commit, before its logbook was read."""

    commit: Commit
    branch: str
    """Empty where it is on several."""
    name: str = ""
    """The experiment ID or slug that its trailer gives; empty for the newest entry's."""
    changed_files: tuple[str, ...] = ()
    """The files that the commit adds or changes."""
    is_requested: bool = True
    """Whether this run was started for it, and does not only find it on the way."""


@dataclass(frozen=True, slots=True)
class RefusedSnapshot:
    """A snapshot commit that gets no tag: why, and what to do."""

    source: SnapshotCommit
    why: str
    help: str
    exit_code: int = 1

    def __str__(self) -> str:
        """Say it in a sentence."""
        return f"snapshot commit {self.source.commit.hash[:12]} was not tagged: {self.why}; {self.help}"


@dataclass(frozen=True, slots=True)
class SnapshotCandidate:
    """An entry that a snapshot commit pins, with all that its tag and its comment say of it."""

    source: SnapshotCommit
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
        return self.source.commit

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

    def fields(self, *keys: str) -> tuple[Field, ...]:
        """Return the fields of these names, of the newest entry that has some."""
        found = (tuple(field for field in entry.all(*keys) if not field.is_pending) for entry in self.entries)
        return next(filter(None, found), ())

    @property
    def code_commit(self) -> str | None:
        """The commit that the entry records: what ran may be older than what is pinned."""
        return next(filter(None, map(commit_of, self.entries)), None)

    @property
    def wandb_links(self) -> tuple[Link, ...]:
        """The links to W&B."""
        links = {link.url: link for entry in self.entries for link in entry.links if _WANDB.match(link.url)}
        return tuple(links.values())

    @property
    def scripts(self) -> frozenset[tuple[str, str]]:
        """The scripts that the commands run, as (tree, path)."""
        return frozenset((self.commit.hash, path) for command in self.commands for path in paths_in(command))

    @property
    def is_preregistration(self) -> bool:
        """Whether the entry has no result yet."""
        return not has_result(self.entry)


def is_snapshot(commit: Commit) -> bool:
    """Return whether a commit says that it is a snapshot: by its trailer, or by how its subject begins."""
    return bool(commit.snapshots) or _SUBJECT.match(commit.subject) is not None


def trailer_names(commit: Commit) -> tuple[str, ...]:
    """Return the experiment IDs or slugs that a commit's trailers name; one empty name if there are none."""
    return tuple(dict.fromkeys(commit.snapshots)) or ("",)


def candidate_of(source: SnapshotCommit, books: Books) -> SnapshotCandidate | RefusedSnapshot:
    """Return what a snapshot publishes, or why it is refused; `books` are those of its tree that it may be of."""
    path = which_logbook(books, source.changed_files, source.branch)
    found = path if isinstance(path, Refusal) else _candidate(source, books[path])
    return RefusedSnapshot(source, found.why, found.help) if isinstance(found, Refusal) else found


def which_logbook(books: Books, changed_files: Iterable[str], branch: str) -> str | Refusal:
    """Return the path of the logbook that a commit on a branch is a snapshot of.

    The one that the commit changes, else the one whose header names the branch, else the one whose topic the branch
    is named for (the longest such topic), else the only one.
    """
    left = [path for path in changed_files if path in books] or sorted(books)
    named_in_header = [
        path for path in left if branch and isinstance(book := books[path], Logbook) and book.header.branch == branch
    ]
    words = f"-{slug(branch.rpartition('/')[2])}-"
    named_for = [path for path in left if slug(topic_of(path)) and f"-{slug(topic_of(path))}-" in words]
    longest = max((len(topic_of(path)) for path in named_for), default=0)
    for narrower in (named_in_header, [path for path in named_for if len(topic_of(path)) == longest]):
        left = narrower if len(left) > 1 and narrower else left
    if not left:
        return Refusal("its tree contains no logbook", "commit the logbook with it")
    if len(left) == 1:
        return left[0]
    named = ", ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
    return Refusal(
        f"it could belong to any of {named}",
        "change the logbook in the snapshot commit, or name the branch in that logbook's header",
    )


def _candidate(source: SnapshotCommit, book: Logbook | Unreadable) -> SnapshotCandidate | Refusal:
    if isinstance(book, Unreadable):
        return Refusal(f"its logbook {book.path} {book.reason}", book.help)
    experiment_id = _experiment_id(source, book)
    entries = _entries(book, experiment_id)
    if not entries:
        wanted = f"entry {experiment_id}" if experiment_id else "entry"
        return Refusal(f"{book.path} has no {wanted}", "add the entry, or correct the ID in a new snapshot commit")
    entry = entries[0]
    day = entry.when.day.isoformat() if entry.when and entry.when.day else ""
    dated = slug(f"{day} {entry.label or entry.heading}"[:80])
    name = experiment_id or source.name or next(iter(entry.ids), "") or dated
    candidate = SnapshotCandidate(source, book.path, book.header.issue, name, entries)
    if candidate.commands:
        return candidate
    return Refusal(
        f"entry {quoted(entry.name)} at {book.path}:{entry.span.line} has no command",
        "add the exact command line as `- Command:`, and commit it with a `Snapshot:` trailer of its own",
    )


def _entries(book: Logbook, experiment_id: str) -> tuple[Entry, ...]:
    """Return the entry that is meant: the newest of that ID, or the newest experiment; and those it goes back to.

    A note that closes the log is passed over: nothing was run for it.
    """
    newest = oldest_first(book)[::-1]
    if experiment_id:
        tried = [entry for entry in newest if experiment_id in entry.ids]
    else:
        tried = [entry for entry in newest if entry.kind is EntryKind.EXPERIMENT or entry.ids] or list(newest)
    if not tried:
        return ()
    meant = tried[0]
    ties = {experiment_id, *meant.ids[:1], *jobs_of(meant)} - {""}
    older = newest[newest.index(meant) + 1 :]
    return (meant, *(entry for entry in older if not ties.isdisjoint({*entry.ids, *jobs_of(entry)})))


def _experiment_id(source: SnapshotCommit, book: Logbook) -> str:
    """Return the experiment ID that a commit names in its trailer or subject; empty for a slug, and for none."""
    named = source.name
    if not named and (start := _SUBJECT.match(source.commit.subject)):
        named = next(iter(experiment_ids.leading(source.commit.subject[start.end() :], book.prefix)[0]), "")
    known = {name.casefold(): name for entry in book.everything for name in entry.ids}
    if named.casefold() in known:
        return known[named.casefold()]
    names, rest = experiment_ids.before(named)
    is_id = len(names) == 1 and not rest and experiment_ids.prefix_of(names[0]) == book.prefix
    return names[0] if is_id else ""


def reproducibility_gaps(candidate: SnapshotCandidate, missing: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Return what keeps the snapshot from being reproduced; `missing` are scripts that are not in their tree.

    Source: task-snapshot: before it counts as evidence the command reproduces from it, and configuration is explicit.
    """
    gone = sorted(path for _, path in candidate.scripts & {*missing})
    shortened = any(SHORTENED.search(command) for command in candidate.commands)
    found = (
        (shortened, "a command is abbreviated with dots"),
        *((True, f"the command runs {path}, which is not in the tree") for path in gone),
        (not candidate.fields("config"), "the entry records no configuration"),
        (not candidate.fields(*ENVIRONMENT), "the entry records neither hardware nor environment"),
        (not candidate.code_commit, "the entry records no commit"),
        (candidate.is_preregistration, "the result is pending"),
    )
    return tuple(text for is_missing, text in found if is_missing)
