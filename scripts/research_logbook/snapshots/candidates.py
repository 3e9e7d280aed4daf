"""Which entry of which logbook a snapshot commit pins, and what is missing to reproduce it (task-snapshot). Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

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
    own_commits,
    paths_in,
)
from research_logbook.logbook.vocabulary import is_environment, names_hardware, slug
from research_logbook.markdown.escape import quoted
from research_logbook.render import counted
from research_logbook.repo import Commit, tag_part

Books = Mapping[str, Logbook | Unreadable]
"""The logbooks of a tree, by path."""

_WANDB = re.compile(r"https?://(?:[^/?#@]*@)?[^/?#:@]*wandb", re.IGNORECASE)
MOST_LINES = 50
"""Snapshots that one commit may be; more are a mistake of a tool, and each would be a tag and a comment."""


_MOST_NAMING = 9
"""Fields or lines of an entry that are quoted for what they say of the environment."""


def _is_environment(field: Field) -> bool:
    return is_environment(field.name) and bool(field.text.strip()) and not field.is_pending


@dataclass(frozen=True, slots=True)
class SnapshotCommit:
    """A snapshot commit, before its logbook was read."""

    commit: Commit
    branch: str
    """Empty where it is on several."""
    name: str = ""
    """The experiment ID or slug that its line gives, with all that follows; empty for the newest entry's."""
    changed_files: tuple[str, ...] = ()
    """The files that the commit adds or changes."""
    is_requested: bool = True
    """Whether this run was started for it, and does not only find it on the way."""
    is_title: bool = False
    """Whether that line is the title of a commit, which may go on in words."""
    is_tagged: bool = False
    """Whether a tag has that name already, so that it is taken as it is."""
    lines: int = 1
    """How many such lines the commit has."""


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
class CodeCommit:
    """The commit that an entry records for what ran, where that is not the one that the tag is on."""

    hash: str = ""
    """In full; empty where it cannot be checked out here."""
    is_ancestor: bool = True
    """Whether who fetches the tag has it too."""
    why: str = ""
    """Why it cannot be checked out."""


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
    code: CodeCommit | None = None
    """None where the tag is on the commit that ran, or none is recorded."""

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
    def environment(self) -> tuple[str, ...]:
        """What the commands ran on: the fields for that, else the lines that name a device."""
        fields = ([it.text for it in one.fields if _is_environment(it)] for one in self.entries)
        lines = ([it.strip() for it in one.text.splitlines() if names_hardware(it)] for one in self.entries)
        found: list[str] = next(filter(None, (*fields, *lines)), [])
        return tuple(dict.fromkeys(found[:_MOST_NAMING]))

    @property
    def code_commit(self) -> str | None:
        """The commit that the entry records: what ran may be older than what is pinned."""
        return next(filter(None, map(commit_of, self.entries)), None)

    @property
    def own_code_commit(self) -> str | None:
        """The commit that it records of this repository; None where it may be of another one."""
        found = next((one for one in self.entries if commit_of(one)), self.entry)
        return next((commit for _, commit in own_commits(found)), None)

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


def candidate_of(source: SnapshotCommit, books: Books) -> SnapshotCandidate | RefusedSnapshot:
    """Return what a snapshot publishes, or why it is refused; `books` are those of its tree that it may be of."""
    if source.lines > MOST_LINES:
        why = f"it says `Snapshot:` {source.lines} times, and one commit can be {MOST_LINES} snapshots at most"
        return RefusedSnapshot(source, why, "make a commit of its own for each that counts")
    path = which_logbook(books, source.changed_files, source.branch)
    if isinstance(path, Refusal):
        path = _with_entry(books, source.name) or path
    found = path if isinstance(path, Refusal) else _candidate(source, books[path])
    return RefusedSnapshot(source, found.why, found.help) if isinstance(found, Refusal) else found


def _with_entry(books: Books, said: str) -> str:
    """Return the path of the only logbook that has an entry of the ID that a line begins with; empty for none."""
    first = _FIRST_WORD.match(said)
    word = first["word"].casefold() if first else ""
    having = [
        path
        for path, book in books.items()
        if isinstance(book, Logbook) and any(word == name.casefold() for entry in book.everything for name in entry.ids)
    ]
    return having[0] if len(having) == 1 else ""


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
    meant = _meant(source, book)
    if isinstance(meant, Refusal):
        return meant
    experiment_id = meant.experiment_id
    entries = _entries(book, experiment_id)
    if not entries:
        wanted = f"entry {experiment_id}" if experiment_id else "entry"
        return Refusal(f"{book.path} has no {wanted}", "add the entry, or correct the ID in a new snapshot commit")
    entry = entries[0]
    day = entry.when.day.isoformat() if entry.when and entry.when.day else ""
    dated = slug(f"{day} {entry.label or entry.heading}"[:80])
    name = experiment_id or meant.slug or next(iter(entry.ids), "") or dated
    candidate = SnapshotCandidate(source, book.path, book.header.issue, name, entries)
    if candidate.commands:
        return candidate
    return Refusal(
        f"entry {quoted(entry.name)} at {book.path}:{entry.span.line} has no command",
        "add the exact command line as `- Command:`, and commit it with a line `Snapshot:` of its own",
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


class _Meant(NamedTuple):
    """What a commit names: an experiment, or its snapshot; neither where the newest entry is meant."""

    experiment_id: str = ""
    slug: str = ""


_FIRST_WORD = re.compile(r"[\s`\[(#]*(?P<word>[^\s`\])(:,;]+?)[.!?]*(?=[\s`\])(:,;]|[.!?]*\Z)[`\])]*")
_TOLD_APART = re.compile(r"\s*(?:\Z|[:：;–—(,\[]|\.(?!\d)|-\s)")
_IDS = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d{1,5}[a-z]?(?![\w-])")


def _meant(source: SnapshotCommit, book: Logbook) -> _Meant | Refusal:
    """Return the experiment ID or slug that a commit gives, or why what it says is neither.

    What is almost an ID is refused: a tag of that name would be of something else, and tags are never moved.
    """
    said = source.name.strip()
    known = {name.casefold(): name for entry in book.everything for name in entry.ids}
    prefixes = {book.prefix, *map(experiment_ids.prefix_of, known.values())} - {""}
    first = _FIRST_WORD.match(said)
    word = first["word"] if first else ""
    names, rest = experiment_ids.before(said)
    if first and word.casefold() in known and len(names) < 2:
        names, rest = (known[word.casefold()],), said[first.end() :]
    if source.is_tagged:
        return _Meant(names[0]) if len(names) == 1 and not rest and _is_own(names[0], prefixes) else _Meant(slug=said)
    if names and _is_own(names[0], prefixes):
        return _one_id(source, said, names, rest, prefixes)
    if near := next(filter(None, (_near(text, known.values(), prefixes) for text in (word, said[:_LONGEST_ID]))), ""):
        return Refusal(
            f"its line says {_line(said)}, which is no experiment ID of {book.path}, and almost one",
            f"write `Snapshot: {near}` if that is meant, or a name that begins otherwise",
        )
    rest = said[first.end() :] if first else ""
    if source.is_title and rest.strip():
        return _Meant()
    name = said if rest.strip() else word
    if tag_part(name) == name or not name:
        return _Meant(slug=name)
    what = (
        "names neither an experiment ID nor a snapshot in one word" if " " in name else "gives a name no tag can have"
    )
    way = "" if tag_part(name) == "unnamed" else f", such as `Snapshot: {tag_part(name[:_LONGEST_ID])}`"
    fix = f"name the experiment ID, or one word of letters, digits, hyphens and dots{way}"
    return Refusal(f"its line says {_line(said)}, which {what}", fix)


_LONGEST_ID = 60


def _line(said: str) -> str:
    return f"“Snapshot: {quoted(said[:_LONGEST_ID])}”"


def _is_own(name: str, prefixes: Collection[str]) -> bool:
    return experiment_ids.prefix_of(name) in prefixes


def _one_id(
    source: SnapshotCommit, said: str, names: Sequence[str], rest: str, prefixes: Collection[str]
) -> _Meant | Refusal:
    """Return the one experiment ID that a line begins with, if it goes on as a line may."""
    named = dict.fromkeys((*names, *(it for it in _IDS.findall(rest) if _is_own(it, prefixes))))
    if len(named) > 1:
        listed = f"{', '.join([*named][:3])}{' …' if len(named) > 3 else ''}"
        way = f"write a line for each: {' and '.join(f'`Snapshot: {it}`' for it in [*named][:2])}"
        return Refusal(f"its line says {_line(said)}, which names {counted(len(named), 'experiment')}: {listed}", way)
    if _TOLD_APART.match(rest) or (source.is_title and rest[:1].isspace()):
        return _Meant(names[0])
    way = f"write `Snapshot: {names[0]}` and no more on that line, in a new snapshot commit"
    return Refusal(f"its line says {_line(said)}, which is more than the experiment ID {names[0]}", way)


def _near(text: str, known: Collection[str], prefixes: Collection[str]) -> str:
    """Return the ID that a text almost is: with other hyphens, a number too short, a letter wrong; empty for none."""

    def squeezed(name: str) -> str:
        return slug(name).replace("-", "")

    said = squeezed(text)
    if not said:
        return ""
    alike = {squeezed(name): name for name in known}
    for prefix in sorted(prefixes, key=len, reverse=True):
        number = said.removeprefix(squeezed(prefix)) if said.startswith(squeezed(prefix)) else None
        if number is not None and (not number or number[0].isdigit()):
            digits = re.match(r"\d*", number)
            same = [it for it in alike if digits and digits[0] and int(digits[0]) == _number_of(it)]
            return alike.get(said) or (alike[same[0]] if same else [*known, f"{prefix}-001"][0])
    if said.isdigit():
        return next((name for name in known if int(said) == _number_of(name)), "")
    return next(iter(get_close_matches(text.upper(), list(known), 1, 0.85)), "") if " " not in text else ""


def _number_of(name: str) -> int:
    """Return the number that an ID ends with; -1 for none."""
    found = re.search(r"(\d{1,9})[a-z]?\Z", name)
    return int(found[1]) if found else -1


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
        (not candidate.environment, "the entry records neither hardware nor environment"),
        (not candidate.code_commit, "the entry records no commit"),
        (candidate.code is not None and bool(candidate.code.why), candidate.code.why if candidate.code else ""),
        (candidate.is_preregistration, "the result is pending"),
    )
    return tuple(text for is_missing, text in found if is_missing)
