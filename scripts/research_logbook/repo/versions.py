"""The versions of logbooks that a run reads: the judged one of each, and the earlier ones that it is held against.

An earlier version is one in a commit that `comparison` names; one that the branch itself had (`branch_walk`); or one in
a snapshot of the topic. Of the snapshots those count

- that the branch made: they are versions that it had;
- that no branch of the remote leads to any more, if the branch is the topic's own: it was rewritten without them;
- all of them, where another branch proposes new entries of the topic to the default branch: what is brought there as
  the record must hold what the record held. A copy without entries of its own is only an older one, and may be brought.

One that still stands on another branch says nothing about a branch that never had it. One that the default branch has
too counts as far as that branch has it still: no branch answers for what another one lost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path

from research_logbook.config.schema import Config
from research_logbook.diff.restoration import with_changes
from research_logbook.errors import UserError
from research_logbook.logbook import parse, symlink
from research_logbook.logbook.model import Logbook, Unreadable, topic_of
from research_logbook.patterns import matches
from research_logbook.private_text import is_private
from research_logbook.repo import ALL_TAGS, files, tag_part, tags_of
from research_logbook.repo.branch_walk import WORK_TREE, BranchVersions, Comparer, Texts, alike, renames, walk
from research_logbook.repo.comparison import Comparison, HeldKind
from research_logbook.repo.git import Blob, FileEdit, FileHistory, Renamed, Repository, TreeEntry

_HEAD = 32_768
"""Characters at the start of a logbook in which its header is looked for."""
Source = bytes | Unreadable | Path
"""A logbook's bytes, why there are none, or the file that holds them: a large tree is read where it is judged."""


class VersionKind(StrEnum):
    """Where an earlier version of a logbook comes from."""

    BASE = "base"
    """The commit that the judged tree is compared with."""
    SNAPSHOT = "snapshot"
    """A snapshot of its topic."""
    BRANCH = "branch"
    """A commit of the branch itself."""
    REPLACED = "replaced"
    """What a push put aside."""
    RECENT = "recent"
    """The same, where it was pushed so little before that it may be taken back."""


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """A version of a logbook that the judged one is held against."""

    kind: VersionKind
    revision: str
    path: str
    source: Source
    is_covered: bool = False
    """Whether other versions say what was lost: it broke the record itself, or a merge changed it, or brought it."""
    until: tuple[bytes, ...] = ()
    """What the branch had of it when it was pushed over: what all of these lack had been taken back before."""


@dataclass(frozen=True, slots=True)
class LogbookVersions:
    """A logbook to judge, with its earlier versions; those in the base go first."""

    path: str
    source: Source
    earlier: tuple[EarlierVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedTree:
    """The logbooks to judge, and what else is known of the tree that holds them."""

    logbooks: tuple[LogbookVersions, ...] = ()
    present: frozenset[str] = frozenset()
    """The paths of all logbooks of the tree."""
    is_kept: bool = True
    """Whether the branch added or continued a logbook since it left the default branch, or one is named for it."""
    changed: tuple[str, ...] | None = None
    deleted: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    renamed_files: Mapping[str, str] = field(default_factory=dict)
    """The files that the judged change renamed or moved: old path to new."""
    uncompared: Mapping[str, int] = field(default_factory=dict)
    """How many earlier versions were too much to compare, by logbook."""


@dataclass(frozen=True)
class RepositoryView:
    """What a run looks at, and through which configuration."""

    repository: Repository
    comparison: Comparison
    branch: str | None
    config: Config
    is_proposed: bool = False
    """Whether the change is on its way into the default branch."""

    @property
    def is_research(self) -> bool:
        """Whether the configuration's patterns make the branch a research branch."""
        return bool(self.branch and matches(self.branch, self.config.branches.research))

    @cached_property
    def head(self) -> str | None:
        """The judged commit, or the one that the work tree is on."""
        return self.comparison.head or self.repository.commit("HEAD")

    @cached_property
    def tree(self) -> Mapping[str, str]:
        """The logbooks of the judged tree, each with the hash of its contents, or where `Texts` finds them."""
        if self.comparison.head:
            return self.logbooks_in(self.comparison.head)
        files_here = logbook_files(self.repository, self.config)
        changed = {change.new for change in self.changes or ()}
        same = {path: digest for path, digest in self.base.items() if path not in changed}
        return {path: same.get(path, f"{WORK_TREE}{path}") for path in files_here}

    @cached_property
    def base(self) -> Mapping[str, str]:
        """The logbooks of the base, each with the hash of its contents."""
        return self.logbooks_in(self.comparison.base) if self.comparison.base else {}

    def logbooks_in(self, commit: str) -> dict[str, str]:
        """Return the logbooks of a commit's tree, each with the hash of its contents."""
        entries = self.repository.entries(commit, roots(self.config))
        return {path: entry.hash for path, entry in entries.items() if matches(path, self.config.logbooks)}

    @cached_property
    def texts(self) -> Texts:
        """The texts of all versions."""
        return Texts(self.repository)

    @cached_property
    def comparer(self) -> Comparer:
        """What tells which versions hold which."""
        may_go = partial(is_private, held_back=self.config.held_back)
        return Comparer(may_go, renamed_files=self.renamed_files)

    @cached_property
    def snapshots(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The snapshot tags by topic, each with its commit, newest first."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, commit in self.repository.newest_first(self.repository.tags(ALL_TAGS)):
            found.setdefault("/".join(name.split("/")[:2]), []).append((name, commit))
        return found

    @cached_property
    def changes(self) -> Sequence[Renamed] | None:
        """What the judged change touches; None without a base."""
        base, head = self.comparison.base, self.comparison.head
        return self.repository.changes(base, head) if base else None

    @property
    def renamed_files(self) -> dict[str, str]:
        """The files that the judged change renamed or moved: old path to new."""
        return {one.old: one.new for one in self.changes or () if one.old and one.new and one.old != one.new}

    @cached_property
    def touched(self) -> frozenset[str]:
        """The logbooks that the judged change touches."""
        return frozenset(path for path, digest in self.tree.items() if self.base.get(path) != digest)

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """The logbooks that stand elsewhere in the base: the names that they have now to those in it."""
        return {new: old for old, new in renames(self.base, self.tree, self.texts).items()}

    @cached_property
    def walked(self) -> BranchVersions:
        """What became of the versions that the branch had."""
        left, head = self.comparison.left, self.head
        if not left or not head:
            return BranchVersions()
        history = self._with_work_tree(self._history(head, left), head)
        return walk(history, self.tree, self.repository, self.texts, self.comparer)

    def walked_to(self, commit: str, left: str, tree: Mapping[str, str]) -> BranchVersions:
        """Return what became of the versions that another branch had, which left the default branch at `left`."""
        return walk(self._history(commit, left), tree, self.repository, self.texts, self.comparer)

    def _history(self, head: str, left: str) -> FileHistory:
        """Return the history of the logbooks of a branch that left the default branch at `left`."""
        without = [left, *filter(None, [self.comparison.rules_from])]
        found = self.repository.history(head, without, roots(self.config))
        edits = (it for it in found.edits if matches(it.path, self.config.logbooks))
        return found._replace(edits=tuple(edits))

    def _with_work_tree(self, history: FileHistory, head: str) -> FileHistory:
        """Return a history with the work tree as its last commit, or as what amends that."""
        if self.comparison.head:
            return history
        is_on_record = self.comparison.rules_from or any(it.commit == head for it in self.comparison.held)
        onto = (head,) if is_on_record or head not in history.parents else history.parents[head]
        edits = []
        for parent in onto:
            there = self.logbooks_in(parent)
            for path in sorted(there.keys() | self.tree.keys()):
                old, new = there.get(path), self.tree.get(path)
                if old != new:
                    entries = (TreeEntry(it, is_symlink=False) if it else None for it in (old, new))
                    edits.append(FileEdit(WORK_TREE, parent, path, *entries))
        kept = (it for it in history.edits if it.commit != head or head in onto)
        return FileHistory({WORK_TREE: onto, **history.parents}, (*edits, *kept))

    @property
    def merged_in(self) -> frozenset[str]:
        """The logbooks that a merge of the default branch brought in as they are, and the branch never touched."""
        head, base, tip = self.comparison.head, self.comparison.base, self.comparison.rules_from
        fork = self.repository.merge_base(base, tip) if base and tip and head else None
        if not (base and tip and fork) or base == tip:
            return frozenset()
        there, then = self.logbooks_in(tip), self.logbooks_in(fork)
        same = (path for path, digest in self.tree.items() if digest == there.get(path))
        return frozenset(path for path in same if self.base.get(path) == then.get(path))

    @property
    def is_kept(self) -> bool:
        """Whether the branch added or continued a logbook since it left the default branch, or one is named for it."""
        if self.comparison.left is None or not self.is_research:
            return True
        return any(self.is_named_for(path) for path in self.tree) or bool(self.walked.touched)

    def is_named_for(self, path: str) -> bool:
        """Return whether the branch is named for the topic of a logbook."""
        return tag_part(topic_of(path)) in tag_part((self.branch or "").rpartition("/")[2])

    def name_of(self, path: Path) -> str:
        """Return a file's path in the repository; raises `UserError` for one that is outside."""
        # Only the folder is resolved: a logbook that is a link itself must be seen as one.
        absolute, root = path.parent.resolve() / path.name, self.repository.root.resolve()
        if not absolute.is_relative_to(root):
            raise UserError(f"{path} is outside the repository {root}", "name only files of one repository")
        return absolute.relative_to(root).as_posix()


def logbook_files(repository: Repository, config: Config, commit: str = "") -> dict[str, str]:
    """Return the logbooks of a commit's tree by path, each with the hash of its contents; no symbolic links.

    Without a commit they are the work tree's, whose files have no hash that git knows.
    """
    folders = roots(config)
    found = repository.files(commit, folders) if commit else dict.fromkeys(sorted(repository.tracked(folders)), "")
    return {path: digest for path, digest in found.items() if matches(path, config.logbooks)}


def roots(config: Config) -> tuple[str, ...]:
    """Return the folders that hold the logbooks: the patterns up to their first wild card."""
    found = []
    for pattern in (pattern for pattern in config.logbooks if pattern[:1] != "!"):
        parts = pattern.split("/")[:-1]
        wild = next((index for index, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
        found.append("/".join(parts[:wild]) or ".")
    return tuple(found)


def inside(view: RepositoryView, paths: Sequence[str], *, everything: bool = False) -> JudgedTree:
    """Return the logbooks of a repository: those named, else those that changed or lack something, or all.

    Raises `UserError` for a path that is not in the repository.
    """
    comparison, changes, walked = view.comparison, view.changes, view.walked
    if comparison.is_deletion:
        return JudgedTree(changed=())
    named = [view.name_of(path) for path in files.named(tuple(paths), view.repository)]
    scope = view.tree.keys() if everything or named or changes is None else view.touched | walked.touched
    replaced, deleted = _replaced(view)
    further: dict[str, list[EarlierVersion]] = {}
    for path, version in (*_on_branch(view), *replaced, *_in_snapshots(view, scope, everything=everything)):
        further.setdefault(path, []).append(version)
    if named:
        names = named
    elif everything or changes is None:
        names = sorted(view.tree)
    else:
        names = sorted({*(view.touched - view.merged_in), *further, *walked.uncompared})
    base, merged = _in_base(view, names), _merged(view, names)
    gone = {} if named else {**_lost(view), **deleted, **{path: commit[:12] for path, commit in _gone(view).items()}}
    moves = view.renamed_files
    return JudgedTree(
        logbooks=tuple(
            LogbookVersions(name, source, (*base.get(name, ()), *merged.get(name, ()), *further.get(name, ())))
            for name, source in _sources(view, names).items()
        ),
        present=frozenset(view.tree),
        is_kept=view.is_kept,
        changed=tuple(change.new or change.old for change in changes) if changes is not None else None,
        deleted=gone,
        # A logbook that moves to where none is looked for is gone too.
        moved={path: moves[path] for path in gone if path in moves and moves[path] not in view.tree},
        renamed_files=moves,
        uncompared=walked.uncompared,
    )


def _sources(view: RepositoryView, names: Sequence[str]) -> dict[str, Source]:
    head = view.comparison.head
    if head is None:
        return {**files.sources(view.repository, names)}
    blobs = view.repository.read([(head, name) for name in names])
    return {name: _source(name, blobs[head, name]) for name in names if (head, name) in blobs}


def _source(path: str, blob: Blob) -> Source:
    return symlink(path) if blob.is_symlink else blob.data


def _in_base(view: RepositoryView, names: Iterable[str]) -> dict[str, tuple[EarlierVersion]]:
    base = view.comparison.base
    if base is None:
        return {}
    earlier = {name: view.renamed.get(name, name) for name in names}
    old = view.repository.read([(base, path) for path in earlier.values()])
    broken = view.walked.records.get(base, {})
    has_merged = base in view.walked.commits and view.walked.has_merged
    return {
        name: (
            EarlierVersion(
                VersionKind.BASE, base[:12], path, _source(path, old[base, path]), has_merged or path in broken
            ),
        )
        for name, path in earlier.items()
        # What has that name now, and not its text, is another logbook.
        if (base, path) in old and (path == view.renamed.get(name) or path not in view.renamed.values())
    }


def _merged(view: RepositoryView, names: Iterable[str]) -> dict[str, tuple[EarlierVersion]]:
    """Return what the branch has from the default branch by now, where it merged that one."""
    base, left = view.comparison.base, view.comparison.left
    if not (left and left != base and view.walked.has_merged):
        return {}
    asked = {name: view.renamed.get(name, name) for name in names}
    found = view.repository.read([(left, path) for path in asked.values()])
    return {
        name: (EarlierVersion(VersionKind.BRANCH, left[:12], path, _source(path, found[left, path]), is_covered=True),)
        for name, path in asked.items()
        if (left, path) in found
    }


def _on_branch(view: RepositoryView) -> Iterator[tuple[str, EarlierVersion]]:
    """Yield the versions that the branch had and the judged one does not hold, by logbook of the judged tree."""
    tags = {commit: tag for of_topic in view.snapshots.values() for tag, commit in of_topic} if view.walked.lost else {}
    for path, found in view.walked.lost.items():
        for it in found:
            kind = VersionKind.SNAPSHOT if it.commit in tags else VersionKind.BRANCH
            yield path, EarlierVersion(kind, tags.get(it.commit, it.commit[:12]), it.path, it.text.encode())


def _replaced(view: RepositoryView) -> tuple[list[tuple[str, EarlierVersion]], dict[str, str]]:
    """Return what a push put aside and the judged tree does not hold, by logbook; and the logbooks that it dropped."""
    comparison, lost, deleted = view.comparison, list[tuple[str, EarlierVersion]](), dict[str, str]()
    recent: dict[str, tuple[bytes, ...]] | None = None
    for held in sorted(comparison.held, key=lambda it: it.kind is not HeldKind.RECENT):
        is_put_aside = held.kind in {HeldKind.REPLACED, HeldKind.RECENT}
        is_walked = comparison.left and (held.commit in view.walked.commits or not is_put_aside)
        if held.commit == comparison.base or is_walked:
            continue
        there, tip = view.logbooks_in(held.commit), comparison.rules_from
        fork = view.repository.merge_base(held.commit, tip) if tip else None
        # What it only had from the default branch was not put aside; and what it had lost itself, it did not have.
        before = view.logbooks_in(fork) if fork else {}
        own = {path: digest for path, digest in there.items() if before.get(path) != digest}
        walked = view.walked_to(held.commit, fork, there) if fork else BranchVersions()
        meanwhile = view.logbooks_in(comparison.left) if comparison.left else {}
        names = renames(own, view.tree, view.texts)
        recent = {} if held.kind is HeldKind.RECENT else recent
        for path in {**own, **walked.records.get(held.commit, {})}:
            now = names.get(path, path)
            texts = [record.text for record in walked.records.get(held.commit, {}).get(path, ())]
            texts = texts or [view.texts[own[path]] or ""]
            then, since = (view.texts[it[path]] if path in it else None for it in (before, meanwhile))
            if then is not None and since is not None:
                texts = [with_changes(text, then, since) for text in texts]
            until = () if recent is None or held.kind is HeldKind.RECENT else recent.get(now)
            if until is None:  # it had been taken back as a whole before
                continue
            if held.kind is HeldKind.RECENT:
                recent = {**(recent or {}), now: tuple(text.encode() for text in texts)}
            if now not in view.tree:
                deleted[path] = held.commit[:12]
            kind = VersionKind.RECENT if held.kind is HeldKind.RECENT else VersionKind.REPLACED
            lost += [
                (now, EarlierVersion(kind, held.commit[:12], path, text.encode(), until=until))
                for text in texts
                if now in view.tree and not view.comparer.keeps(view.texts[view.tree[now]], text)
            ]
    return lost, deleted


def _gone(view: RepositoryView) -> dict[str, str]:
    """Return the logbooks that were deleted, each with a commit that has it."""
    base, left, walked = view.comparison.base, view.comparison.left, view.walked
    found = dict(walked.gone)
    if base and not (left and (base == left or base in walked.commits)):
        found |= {path: base for path in view.base if path not in {*view.renamed.values(), *view.tree}}
    if view.comparison.head is None and view.head and left:
        # Not even the last commit is amended by deleting a logbook.
        last = view.logbooks_in(view.head)
        names = renames(last, view.tree, view.texts)
        found |= {path: view.head for path in last if path not in view.tree and path not in names}
    return found


# Snapshots


def _in_snapshots(
    view: RepositoryView, scope: Iterable[str], *, everything: bool
) -> Iterator[tuple[str, EarlierVersion]]:
    """Yield the snapshots that count and are not held by the judged version, by logbook of the judged tree."""
    names = {
        path: list(dict.fromkeys((path, view.renamed.get(path, path), *sorted(view.walked.other_names.get(path, ())))))
        for path in scope
    }
    topics: dict[str, list[str]] = {}
    for path, known in names.items():
        for topic in {tags_of(topic_of(name)) for name in known}:
            topics.setdefault(topic, []).append(path)
    tags = [
        (tag, commit, topic)
        for topic in topics
        for tag, commit in view.snapshots.get(topic, ())
        if commit not in view.walked.commits
    ]
    if not tags or not view.head:
        return
    asked = {f"{commit}:{name}" for _, commit, topic in tags for path in topics[topic] for name in names[path]}
    digests = view.repository.hashes(sorted(asked))
    view.texts.expect(digests.values())
    merged = view.repository.merged_tags(view.head, ALL_TAGS)
    led_to = view.repository.led_to(commit for _, commit, _ in tags)
    judged = {path: _JudgedLogbook(view, path) for path in names}
    held: dict[str, list[str]] = {}
    for tag, commit, topic in tags:
        found = {
            path: there[0]
            for path in topics[topic]
            if (there := [(name, it) for name in names[path] if (it := digests.get(f"{commit}:{name}"))])
        }
        # Of a topic whose name a new logbook has taken, the one counts that goes on with the text.
        shares = {path: len(found) > 1 and alike(view.texts, it[1], view.tree[path]) for path, it in found.items()}
        if not found or (tag in merged and not everything):
            continue
        path = max(shares, key=shares.__getitem__)
        name, digest = found[path]
        texts = [view.texts[it] for it in (digest, *held.get(path, ())[-1:])]
        if texts[0] is None or any(view.comparer.keeps(it, texts[0]) for it in (judged[path].text, *texts[1:])):
            continue
        is_own = judged[path].is_own(texts[0])
        if tag in merged or (commit not in led_to if is_own else judged[path].brings_more_than(texts[0])):
            held.setdefault(path, []).append(digest)
            yield path, EarlierVersion(VersionKind.SNAPSHOT, tag, name, texts[0].encode())


class _JudgedLogbook:
    """A judged logbook before the snapshots of its topic."""

    def __init__(self, view: RepositoryView, path: str) -> None:
        self._view, self._path = view, path

    @cached_property
    def text(self) -> str:
        """Its text."""
        return self._view.texts[self._view.tree[self._path]] or ""

    @cached_property
    def _book(self) -> Logbook | Unreadable:
        return parse(self._path, self.text.encode())

    @cached_property
    def _added(self) -> frozenset[str]:
        """The headings of the entries that the change brings."""
        base = self._view.base.get(self._view.renamed.get(self._path, self._path))
        old = parse(self._path, (self._view.texts[base] or "").encode()) if base else None
        before = {entry.heading for entry in old.everything} if isinstance(old, Logbook) else set[str]()
        now = {entry.heading for entry in self._book.everything} if isinstance(self._book, Logbook) else set[str]()
        return frozenset(now - before)

    def is_own(self, snapshot: str) -> bool:
        """Return whether the judged branch is the one of the topic: by its name, or by what a header says."""
        view = self._view
        book = parse(self._path, snapshot[:_HEAD].encode())
        named = {it.header.branch for it in (self._book, book) if isinstance(it, Logbook)} - {""}
        is_named = view.is_named_for(self._path) or view.branch in named
        return bool(view.branch) and (is_named or (view.is_research and not named))

    def brings_more_than(self, snapshot: str) -> bool:
        """Return whether entries are on their way into the default branch that a snapshot has not."""
        is_touched = self._view.is_proposed and self._path in self._view.touched
        return is_touched and any(heading not in snapshot for heading in self._added)


def _lost(view: RepositoryView) -> dict[str, str]:
    """Return the logbooks of this research branch that only a snapshot still holds: a restart dropped them."""
    topic = tag_part((view.branch or "").rpartition("/")[2])
    tags = view.snapshots.get(tags_of(topic), ()) if view.is_research and view.head else ()
    known = {name for path, names in view.walked.other_names.items() for name in (path, *names)}
    if not tags or topic in {tag_part(topic_of(path)) for path in (*view.tree, *view.renamed.values(), *known)}:
        return {}
    merged, led_to = (
        view.repository.merged_tags(str(view.head), ALL_TAGS),
        view.repository.led_to(commit for _, commit in tags),
    )
    for tag, commit in tags:
        if tag not in merged and commit not in led_to:
            there = {path: it for path, it in view.logbooks_in(commit).items() if tag_part(topic_of(path)) == topic}
            heirs = renames(there, view.tree, view.texts)
            return {path: tag for path in there if path not in heirs}
    return {}
