"""The record that the versions of a logbook on a branch make up, and what of it the judged version has no more.

A version answers for every version that it descends from since the branch left the default branch: what one push loses
is lost for the next one too, whatever was skipped, cancelled or merged in between, until it is put back. So each commit
is compared with each of its parents. Where the parent's text went on, as nearly always, the newer text is the record.
Where something was lost, the record is the parent's with all that the newer one adds; the next version is held against
that. What rewrote the record is no part of it: to put the old text back is no loss.

That counts for commits that were not pushed yet as well, since they become part of the branch with the next push; they
can still be folded into one. The work tree is judged as what amends the last commit, unless that is on record already.

A version that could not be read stops nothing: one with the marks of a conflict, a link, what is too large or no text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from research_logbook.diff import Changes, compare
from research_logbook.diff.changed_parts import (
    Difference,
    TextPart,
    difference,
    is_begun_with,
    is_filled_in,
    parts_of,
)
from research_logbook.diff.restoration import restored, with_changes
from research_logbook.logbook import decode, parse
from research_logbook.logbook.model import Logbook, Unreadable, topic_of
from research_logbook.repo import files
from research_logbook.repo.git import FileEdit, FileHistory, Repository

WORK_TREE = "work tree:"
"""Before the path of a file: in the place of its hash, and by itself of that of a commit."""
MOST_BYTES = 1_000_000_000
"""Of all versions together that are read; no branch has so many that is not meant to tire this out."""
MOST_COMPARED = 10_000_000
"""Characters of what differs between versions that are parsed."""
MOST_IN_FULL = 2_000_000
"""Characters of earlier versions of one logbook that are held against it one by one; the record has them all."""
_BATCH = 32_000_000
_MOST_RECORDS = 4
"""Records of one logbook that a commit can have: more than one where a merge lost something of several."""
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)


class LostVersion(NamedTuple):
    """What a logbook had, and the judged version has not in full; and a commit that has what was lost last."""

    commit: str
    path: str
    text: str


class Record(NamedTuple):
    """What a logbook should have, where that is more than what it has; and how that came."""

    text: str
    losses: tuple[LostVersion, ...]
    """The oldest first."""
    digest: str
    """Of the last version that had it all."""


@dataclass(frozen=True, slots=True)
class BranchVersions:
    """What became of the logbooks that a branch had."""

    touched: frozenset[str] = frozenset()
    """Those of the judged tree that the branch made or changed."""
    lost: Mapping[str, tuple[LostVersion, ...]] = field(default_factory=dict)
    """By logbook of the judged tree, the oldest first; the last is the whole record."""
    gone: Mapping[str, str] = field(default_factory=dict)
    """Logbooks that the judged tree has not, each with a commit that has it."""
    uncompared: Mapping[str, int] = field(default_factory=dict)
    """How many versions were too much to compare, by logbook of the judged tree."""
    other_names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Which names logbooks of the judged tree had before."""
    commits: frozenset[str] = frozenset()
    """The branch's own."""
    records: Mapping[str, Mapping[str, tuple[Record, ...]]] = field(default_factory=dict)
    """Of the commits whose logbooks lack something, by path."""
    has_merged: bool = False
    """Whether one of the commits merges the default branch."""


class Texts:
    """The texts of files by their hashes; None for one that cannot be read as text, or is no whole version of one."""

    def __init__(self, repository: Repository, most: int = MOST_BYTES) -> None:
        """Read so many bytes at most."""
        self._repository, self._left = repository, most
        self._sizes: dict[str, int] = {}
        self._read: dict[str, str | None] = {}
        self._lines: dict[str, Counter[str]] = {}
        self._ahead: list[str] = []
        self.is_spent = False
        """Whether more was asked for than is read."""

    def sizes(self, hashes: Iterable[str]) -> dict[str, int]:
        """Return how many bytes files have."""
        asked = list(dict.fromkeys(hashes))
        self._sizes |= self._repository.sizes([it for it in asked if it not in self._sizes and WORK_TREE not in it])
        return {digest: self._sizes.get(digest, 0) for digest in asked}

    def load(self, hashes: Iterable[str], *, only: bool = False) -> None:
        """Read some at once, if as much may be read, and forget the others if it is `only` these."""
        wanted = dict.fromkeys(hashes)
        if only:
            self._read = {digest: self._read[digest] for digest in wanted if digest in self._read}
        new = [digest for digest in wanted if digest not in self._read]
        sizes = self.sizes(new)
        if new and self._left < 0:
            self.is_spent = True
            return
        self._left -= sum(sizes.values())
        read = self._repository.contents([it for it in sizes if WORK_TREE not in it])
        here = [digest.removeprefix(WORK_TREE) for digest in new if digest.startswith(WORK_TREE)]
        read |= {
            f"{WORK_TREE}{path}": data
            for path, data in files.read_all(self._repository, here).items()
            if isinstance(data, bytes)
        }
        for digest in new:
            data = read.get(digest)
            self._read[digest] = None if data is None else _text(data)

    def expect(self, hashes: Iterable[str]) -> None:
        """Take note of what will be asked for, in this order, so that many are read at once."""
        self._ahead = list(dict.fromkeys(hashes))

    def __getitem__(self, digest: str) -> str | None:
        if digest in self._read:
            return self._read[digest]
        wanted, total = [digest], 0
        if digest in self._ahead:
            following = self._ahead[self._ahead.index(digest) :]
            sizes = self.sizes(following)
            for it in following[1:]:
                total += sizes[it]
                if total > _BATCH:
                    break
                wanted.append(it)
        self.load(wanted, only=len(wanted) > 1)
        return self._read.get(digest)

    def lines(self, digest: str) -> Counter[str]:
        """Return the lines of a text, each counted by its characters."""
        if digest not in self._lines:
            found = self._lines[digest] = Counter()
            for line in map(str.strip, (self[digest] or "").split("\n")):
                found[line] += len(line)
        return self._lines[digest]


def _text(data: bytes) -> str | None:
    text = decode("", data)
    return text if isinstance(text, str) and not _CONFLICT.search(text) else None


# Renames


_LEAST_ALIKE = 0.5
_MOST_PAIRS = 10_000


def renames(old: Mapping[str, str], new: Mapping[str, str], texts: Texts) -> dict[str, str]:
    """Return which logbooks of a tree have another name in a newer one; trees map paths to hashes.

    They are looked for among the logbooks alone, by their lines, so that no limit and no setting of git matters. One
    whose name another text has taken in the same change has moved too, if its own text stands elsewhere.
    """
    left = {path: digest for path, digest in new.items() if path not in old}
    changed = [path for path in old if new.get(path) != old[path]] if left else []
    changed = [path for path in changed if path not in new or alike(texts, old[path], new[path]) < _LEAST_ALIKE]
    found: dict[str, str] = {}
    for path in changed:
        name = next((name for name, digest in left.items() if digest == old[path]), None)
        if name:
            found[path] = name
            del left[name]
    for path in [path for path in changed if path not in found]:
        near = [name for name in left if topic_of(name) == topic_of(path)]
        names = near if near or len(changed) * len(left) > _MOST_PAIRS else list(left)
        shares = {name: alike(texts, old[path], left[name], may_be_cut=path not in new) for name in names}
        best = max(shares, key=shares.__getitem__, default="")
        if best and shares[best] >= _LEAST_ALIKE:
            found[path] = best
            del left[best]
    return found


def alike(texts: Texts, old: str, new: str, *, may_be_cut: bool = False) -> float:
    """Return how much of a text another has, by its lines; or of that, if it may be cut down, how much is from it."""
    was, now = texts.lines(old), texts.lines(new)
    least = min(was.total(), now.total()) if may_be_cut else was.total()
    return (was & now).total() / max(1, least)


# The walk


class Comparer:
    """Tells whether a text has everything of an older one, as far as its budget goes."""

    def __init__(
        self, may_go: Callable[[str], bool], most: int = MOST_COMPARED, renamed_files: Mapping[str, str] | None = None
    ) -> None:
        """Take what `may_go` of a line of an entry, and the path of a renamed file, for nothing that is missed."""
        self._may_go, self._left, self._renamed_files = may_go, most, renamed_files
        self._parts: dict[str, tuple[TextPart, ...]] = {}

    def keeps(self, new: str | None, old: str | None, *, but_goalposts: bool = False) -> bool | None:
        """Return whether the newer text has all of the older one; None where that takes too long to say.

        `but_goalposts` passes over what a thread and its hypotheses are held to, which may change with a reason.
        """
        if old is None or new is None:
            return old is None
        changes = self._changes(new, old)
        if isinstance(changes, Changes):
            return not (replace(changes, goalposts=(), reworded=()) if but_goalposts else changes).has_loss
        return None if changes is None else False

    def moves_goalposts(self, new: str, old: str) -> bool:
        """Return whether the newer text changes what the thread or a hypothesis is held to, and does not say why."""
        changes = self._changes(new, old)
        return not isinstance(changes, Changes) or bool(changes.goalposts or changes.reworded)

    def _changes(self, new: str, old: str) -> Changes | Unreadable | None:
        if is_begun_with(new, old) or is_filled_in(new, old):
            return Changes()
        self._parts = {text: self._parts.get(text) or parts_of(text) for text in (old, new)}
        # What was added says only where something came from that is missed elsewhere.
        less, more = (difference(*self._parts.values(), with_additions=it) for it in (False, True))
        changes = self._compared(less, old)
        return self._compared(more, old) if less != more and changes and changes != Changes() else changes

    def _compared(self, changed: Difference, whole: str) -> Changes | Unreadable | None:
        if changed.old == changed.new:
            return Changes()
        if self._left < 0:
            return None
        self._left -= len(changed.old) + len(changed.new)
        before, after = parse("", changed.old.encode()), parse("", changed.new.encode())
        if not isinstance(before, Logbook):
            return Changes()
        if not isinstance(after, Logbook):
            return after
        return compare(before, after, self._may_go, lambda: parse("", whole.encode()), self._renamed_files)


_State = dict[str, tuple[Record, ...]]
"""What logbooks lack, by path."""


class _Step(NamedTuple):
    """From a version of a logbook to what a later commit has; None where one has no file."""

    parent: str
    path: str
    old: str | None
    new: str | None
    elsewhere: Sequence[tuple[str, str]]
    """What the default branch made of it meanwhile, where the later commit merges that."""


class _Walk:
    """The walk over a history."""

    def __init__(self, history: FileHistory, repository: Repository, texts: Texts, comparer: Comparer) -> None:
        self.history, self.repository, self.texts, self.comparer = history, repository, texts, comparer
        self.by_edge: dict[tuple[str, str], list[FileEdit]] = {}
        for edit in history.edits:
            self.by_edge.setdefault((edit.commit, edit.parent), []).append(edit)
        self.made: set[tuple[str, str]] = set()
        self.names: dict[str, set[str]] = {}
        self.states: dict[str, _State] = {}
        self.uncompared = Counter[str]()

    def run(self) -> None:
        """Go through the commits, the oldest first."""
        edits = reversed(tuple(self.history.edits))
        self.texts.expect(it.hash for edit in edits for it in (edit.old, edit.new) if it and not it.is_symlink)
        for commit in reversed(tuple(self.history.parents)):
            parents = self.history.parents[commit]
            elsewhere = [it for it in parents if it not in self.history.parents] if len(parents) > 1 else []
            state: dict[str, dict[str, Record]] = {}
            for parent in [it for it in parents if it not in elsewhere] or [""]:
                for path, records in self._after(commit, parent, elsewhere).items():
                    state.setdefault(path, {}).update({it.text: it for it in records})
            if state:
                self.states[commit] = {path: self._few(path, records) for path, records in state.items()}

    def _few(self, path: str, records: Mapping[str, Record]) -> tuple[Record, ...]:
        self.uncompared[path] += max(0, len(records) - _MOST_RECORDS)
        return tuple(records.values())[:_MOST_RECORDS]

    def _after(self, commit: str, parent: str, elsewhere: Sequence[str]) -> _State:
        """Return what the logbooks of a commit lack of those of one of its parents; others are the default branch's."""
        # What a merge made otherwise than the default branch has it.
        own = [{it.path for it in self.by_edge.get((commit, other), ())} for other in elsewhere]
        state = dict(self.states.get(parent, {}))
        edits = self.by_edge.get((commit, parent), ())
        old = {it.path: it.old.hash for it in edits if it.old and not it.old.is_symlink}
        new = {it.path: it.new.hash for it in edits if it.new and not it.new.is_symlink}
        moved = renames(old, new, self.texts)
        after = {moved.get(path, path): records for path, records in state.items()}
        for path in dict.fromkeys((*old, *(path for path in new if path in state))):
            there = moved.get(path, path)
            # A logbook that the branch never touched is as a merge of the default branch brought it.
            if path in old and (path, old[path]) not in self.made and not all(there in changed for changed in own):
                continue
            if there != path:
                self.names.setdefault(there, set()).update({path, *self.names.get(path, ())})
            made_elsewhere = [it for other in elsewhere if (it := self._elsewhere(parent, other, path, there))]
            records = self._step(
                state.get(path, ()), _Step(parent, path, old.get(path), new.get(there), made_elsewhere)
            )
            after.pop(there, None)
            if records:
                after[there] = records
        self.made.update(item for item in new.items() if all(item[0] in changed for changed in own))
        return after

    def _elsewhere(self, parent: str, other: str, path: str, there: str) -> tuple[str, str] | None:
        """Return what the default branch made of a logbook since a commit left it: its text then and now."""
        fork = self.repository.merge_base(parent, other)
        named = [f"{fork}:{path}", f"{other}:{there}"]
        found = self.repository.hashes(named) if fork else {}
        texts = [self.texts[found[name]] if name in found else None for name in named]
        return (texts[0], texts[1]) if texts[0] is not None and texts[1] is not None else None

    def _step(self, records: tuple[Record, ...], step: _Step) -> tuple[Record, ...]:
        """Return what a version lacks of the records of the one before it."""
        was, now = (self.texts[digest] if digest else None for digest in (step.old, step.new))
        self.uncompared[step.path] += self.texts.is_spent
        keeps = self.comparer.keeps
        for then, since in step.elsewhere:
            was = was and with_changes(was, then, since)
        is_lossy = was is not None and not keeps(now, was)
        if not records and not is_lossy:
            return ()
        found = []
        for record in records or [Record(was or "", (), step.old or "")]:
            owed = record.text
            for then, since in step.elsewhere:
                owed = with_changes(owed, then, since)
            if now is not None and records and keeps(now, owed):
                continue
            losses, digest = record.losses, record.digest
            if is_lossy:
                losses, digest = (*losses, LostVersion(step.parent, step.path, owed)), step.old or digest
            # A goal that moved for a reason stays where it is now, whatever else was lost with it.
            moves = now is not None and self.comparer.moves_goalposts(now, owed)
            text = owed if now is None else restored(owed, now, partial(keeps, but_goalposts=not moves))
            found.append(Record(owed if text is None else text, losses, digest))
            if text is None and now is not None:
                # What cannot be told apart is held against the next version as it is.
                found.append(Record(now, losses, step.new or digest))
        return tuple(found)


def walk(
    history: FileHistory, tree: Mapping[str, str], repository: Repository, texts: Texts, comparer: Comparer
) -> BranchVersions:
    """Return what became of the logbooks of a history, which `tree` has in the end, each with its hash."""
    going = _Walk(history, repository, texts, comparer)
    going.run()
    head = next(iter(history.parents), "")
    made = {path: digest for path, digest in tree.items() if path in {path for path, _ in going.made}}
    end = dict(going.states.get(head, {}))
    # One that was deleted may stand under another name, which a commit before or after made for it.
    born = {edit.path for edit in history.edits if edit.new and not edit.old}
    new = {path: digest for path, digest in made.items() if path in born}
    heirs = renames({path: records[-1].digest for path, records in end.items() if path not in tree}, new, texts)
    for path, records in end.items():
        if path not in tree and path not in heirs:  # or it was a copy of what stands there all along
            holds = (it for it in made if all(comparer.keeps(texts[tree[it]], record.text) for record in records))
            heirs[path] = next(holds, path)
    lost: dict[str, tuple[LostVersion, ...]] = {}
    for path, records in end.items():
        there = heirs.get(path, path)
        if there not in tree:
            continue
        if there != path:
            going.names.setdefault(there, set()).update({path, *going.names.get(path, ())})
        for record in records:
            if not comparer.keeps(texts[tree[there]], record.text):
                whole = record.losses[-1]._replace(text=record.text)
                lost[there] = (*lost.get(there, ()), *_first_in_full(record.losses), whole)
    # Whose text went into another logbook, or back into the one that it was taken from, is not missed.
    gone = {
        path: records[-1].losses[-1].commit
        for path, records in end.items()
        if heirs.get(path, path) not in tree
        and not any(all(comparer.keeps(texts[it], record.text) for record in records) for it in made.values())
    }
    return BranchVersions(
        touched=frozenset(made),
        lost=lost,
        gone=gone,
        uncompared={path: count for path, count in going.uncompared.items() if count},
        other_names={path: frozenset(names - {path}) for path, names in going.names.items() if path in tree},
        commits=frozenset(history.parents),
        records=going.states,
        has_merged=any(len(own) > 1 and not history.parents.keys() >= {*own} for own in history.parents.values()),
    )


def _first_in_full(losses: Sequence[LostVersion]) -> Iterator[LostVersion]:
    """Yield the oldest of the lost versions, as many as are compared one by one."""
    spent = 0
    for loss in losses:
        spent += len(loss.text)
        if spent > MOST_IN_FULL:
            return
        yield loss
