"""What force pushes took away from a branch, as GitHub's list of what moved it tells.

When a text was pushed is what GitHub says, never a commit's date: whoever is judged does not choose the evidence.
Source: GitHub's REST documentation, "List repository activities".
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from research_logbook.config.schema import Config
from research_logbook.errors import UnfinishedError
from research_logbook.github.client import GitHub
from research_logbook.github.models import Activity
from research_logbook.github.transport import DeniedError, InvalidError, MissingError, MovedError
from research_logbook.logbook import MAX_BYTES, decode, parse
from research_logbook.logbook.model import Header, Logbook
from research_logbook.private_text import is_private
from research_logbook.repo.branch_walk import Comparer
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_resolution import OwedLogbook, PackedText, PinnedLogbook
from research_logbook.repo.versions import logbook_files, roots

_COMMIT = re.compile(r"(?!0+$)(?:[0-9a-f]{40}|[0-9a-f]{64})")


class ReplacedEnd(NamedTuple):
    """An end of a branch that a force push, or a deletion, took away."""

    commit: str
    at: dt.datetime
    """When it was taken away."""
    owed: str
    """What had stood for longer than the grace by then, at most: a commit, which may be the same; empty for nothing."""


def replaced_ends(activities: Sequence[Activity], grace: dt.timedelta) -> tuple[ReplacedEnd, ...]:
    """Return the ends that were taken away from a branch, newest first, as the activities come.

    Where something is missing in the list just before an end was taken away, all of that end is owed.
    """
    happened = list(reversed(activities))
    found, start = [], 0
    for place, push in enumerate(happened):
        while start < place and happened[start].timestamp <= push.timestamp - grace:
            start += 1
        if push.activity_type not in {"force_push", "branch_deletion"} or not _COMMIT.fullmatch(push.before):
            continue
        recent = happened[start : place + 1]
        is_whole = all(one.after == other.before for one, other in pairwise(happened[max(start - 1, 0) : place + 1]))
        is_known = start > 0 or recent[0].activity_type == "branch_creation"
        # A grace of nothing leaves the end itself.
        owed = recent[0].before if is_whole and is_known and grace else push.before
        found.append(ReplacedEnd(push.before, push.timestamp, owed if _COMMIT.fullmatch(owed) else ""))
    return tuple(reversed(found))


def moves_of(github: GitHub, branch: str) -> tuple[tuple[Activity, ...], str]:
    """Return what moved a branch, newest first, and a sentence if not all of it could be asked; else empty.

    GitHub may let a token not ask, or an older server not know the question; it is asked twice. Raises
    `UnfinishedError` where GitHub fails: what is judged then lacks what may be known a minute later.
    """
    found: list[Activity] = []
    error: UnfinishedError | None = None
    for _ in range(2):
        try:
            found = []
            found.extend(github.activity(branch))  # keeps what came before a page that fails
        except (DeniedError, MissingError, MovedError, InvalidError) as refused:
            error = refused
            github.pause()
        else:
            return tuple(found), ""
    return tuple(found), f"force pushes of {branch}: {error.message if error else ''}"


def replaced_by(github: GitHub, branch: str, before: str, after: str, grace: dt.timedelta) -> ReplacedEnd | None:
    """Return the end of a branch that a push has just replaced; None where GitHub does not list that push."""
    moves: list[Activity] = []
    push: Activity | None = None
    with suppress(UnfinishedError):
        for move in github.activity(branch):
            moves.append(move)
            push = push or (move if (move.before, move.after) == (before, after) else None)
            if push and move.timestamp <= push.timestamp - grace:
                break
    ends = replaced_ends(moves, grace)
    return next((end for end in ends if push and (end.commit, end.at) == (push.before, push.timestamp)), None)


def fetched(
    repository: Repository, token: str, branch: str, ends: Iterable[ReplacedEnd]
) -> tuple[tuple[ReplacedEnd, ...], tuple[str, ...]]:
    """Bring the ends into the clone; return those that are there, and a sentence for those that are not.

    Where only what is owed of an end is gone, all of the end is owed.
    """
    ends = tuple(ends)
    lacking = repository.fetch_commits((it for end in ends for it in (end.commit, end.owed) if it), token)
    gone = [end for end in ends if end.commit in lacking]
    here = (end._replace(owed=end.commit) if end.owed in lacking else end for end in ends if end.commit not in lacking)
    if not gone:
        return tuple(here), ()
    first = gone[0]
    more = f" and {len(gone) - 1} before it" if len(gone) > 1 else ""
    what = f"what was pushed over on {branch} on {first.at:%Y-%m-%d %H:%M} UTC, {first.commit[:12]}{more}"
    return tuple(here), (f"{what}: {lacking[first.commit]}",)


class ReplacedLogbooks(NamedTuple):
    """The versions of a logbook that a branch had before it was pushed over, each text once."""

    owed: tuple[OwedLogbook, ...] = ()
    """What had stood for longer than the grace."""
    recent: tuple[PinnedLogbook, ...] = ()
    """What was taken back before that."""
    too_large: int = 0
    """How many versions were not read."""


def replaced_logbooks(
    repository: Repository,
    config: Config,
    ends: Sequence[ReplacedEnd],
    judged: tuple[str, str],
    is_own: Callable[[str, Header], bool],
) -> ReplacedLogbooks:
    """Return the logbooks of the ends, and of each commit that had led to what is owed of them.

    `judged` are the commit and the path of the logbook that they are to be compared with; what that has all of is left
    out. Where an end has nothing at that path, those of its logbooks count that the judged commit has not, and whose
    path or header says that they are the thread's.
    """
    head, path = judged
    led_to = {end: [end, *repository.replaced([end], head, path)] for end in dict.fromkeys(_commits_of(ends))}
    commits = list(dict.fromkeys(commit for found in led_to.values() for commit in found))
    hashes = repository.hashes(f"{commit}:{path}" for commit in (head, *commits))
    comparer = Comparer(partial(is_private, held_back=config.held_back))
    judged_text = _text(repository, hashes.get(f"{head}:{path}", ""))
    names = {commit: [(path, hashes[f"{commit}:{path}"])] for commit in commits if f"{commit}:{path}" in hashes}
    names |= _elsewhere(repository, config, [commit for commit in commits if commit not in names], head)
    sizes = repository.sizes(digest for found in names.values() for _, digest in found)
    known: dict[tuple[str, str], tuple[PinnedLogbook, bool] | None] = {}
    for commit, found in names.items():
        for where, digest in found:
            if (where, digest) in known:
                continue
            # A folder in the place of the logbook has no contents.
            data = repository.contents([digest]).get(digest) if sizes.get(digest, 0) <= MAX_BYTES else None
            text = decode(where, data) if data is not None else None
            book = parse(where, data) if data is not None and where != path else None
            is_version = isinstance(text, str) and (
                where == path or (isinstance(book, Logbook) and is_own(where, book.header))
            )
            pinned = PinnedLogbook(commit, commit, where, None if data is None else PackedText(data))
            is_missed = where != path or (isinstance(text, str) and not comparer.keeps(judged_text, text))
            known[where, digest] = (pinned, is_missed) if is_version else None

    def versions(commit: str) -> Iterator[tuple[PinnedLogbook, bool]]:
        read = (known[name] for one in led_to.get(commit, ()) for name in names.get(one, ()))
        return (one for one in read if one)

    owed: dict[PinnedLogbook, dict[PinnedLogbook, None]] = {}
    recent: dict[PinnedLogbook, None] = {}
    for end in ends:
        until = [pinned for pinned, _ in versions(end.commit)]
        for pinned, is_missed in versions(end.owed):
            if is_missed:
                owed.setdefault(pinned, {}).update(dict.fromkeys(until))
        recent |= {pinned: None for pinned, is_missed in versions(end.commit) if is_missed}
    return ReplacedLogbooks(
        tuple(OwedLogbook(version, tuple(until)) for version, until in owed.items()),
        tuple(version for version in recent if version not in owed),
        sum(size > MAX_BYTES for size in sizes.values()),
    )


def _commits_of(ends: Iterable[ReplacedEnd]) -> Iterator[str]:
    for end in ends:
        yield end.commit
        yield from filter(None, [end.owed])


def _text(repository: Repository, digest: str) -> str | None:
    text = decode("", repository.contents([digest]).get(digest, b"")) if digest else None
    return text if isinstance(text, str) else None


def _elsewhere(
    repository: Repository, config: Config, commits: Sequence[str], head: str
) -> dict[str, list[tuple[str, str]]]:
    """Return the logbooks of commits whose paths `head` has not, by path and hash; of equal trees one is read."""
    if not commits:
        return {}
    there, known = logbook_files(repository, config, head), dict[tuple[str, ...], list[tuple[str, str]]]()
    trees = repository.trees(commits, roots(config))
    for commit, tree in trees.items():
        if tree not in known:
            files = logbook_files(repository, config, commit).items()
            known[tree] = [file for file in files if file[0] not in there]
    return {commit: known[tree] for commit, tree in trees.items()}
