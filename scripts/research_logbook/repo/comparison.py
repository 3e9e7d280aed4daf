"""What is judged, and against what.

Source: GitHub's documentation, "Events that trigger workflows": a pull request's checkout is a merge commit whose
first parent is the base's tip, unless the workflow checks out something else.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from research_logbook.actions.event import Event, EventKind
from research_logbook.errors import FETCH_ALL, UnfinishedError, not_a_commit, not_in_clone
from research_logbook.repo.git import Repository


class HeldKind(StrEnum):
    """What an earlier commit is to the judged one."""

    BASE = "base"
    """What the change starts from; its findings are inherited."""
    REPLACED = "replaced"
    """What a push put aside, that is the end of the branch before it."""
    PUSHED = "pushed"
    """What the remote has of the branch in the work tree."""


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """A commit whose record the judged version must still have."""

    commit: str
    why: str
    """What the commit is, in a line: "before the push"."""
    kind: HeldKind = HeldKind.BASE


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run judges."""

    head: str | None
    """The commit that is judged; None for the work tree."""
    base: str | None = None
    """The commit it is compared with; None for nothing."""
    left: str | None = None
    """The commit where the branch left the default branch; None where that is not known."""
    rules_from: str | None = None
    """The commit whose configuration counts; None for the work tree's."""
    note: str = ""
    """What is compared with what, in a sentence."""
    is_deletion: bool = False
    held: tuple[HeldAgainst, ...] = ()
    """Every commit whose record the judged version must still have, the base included."""
    unchecked: tuple[str, ...] = ()
    """A sentence for each thing that could not be compared, and why."""
    warnings: tuple[str, ...] = ()
    """What the user should do before the next push, a sentence each; no fault of the record."""


def choose(repository: Repository, event: Event, base: str | None) -> Comparison:
    """Return what this run judges; `base` is the revision that the user named, if any."""
    found = _chosen(repository, event, base)
    why = found.note.removeprefix(f"compared with {_short(found.base or '')}, ")
    return replace(found, held=(HeldAgainst(found.base, why),)) if found.base else found


def _chosen(repository: Repository, event: Event, base: str | None) -> Comparison:
    if base is not None:
        return _named(repository, event, base)
    match event.kind:
        case EventKind.PULL_REQUEST:
            return _pull_request(repository, event)
        case EventKind.MERGE_GROUP:
            return _merge_group(repository, event)
        case EventKind.PUSH:
            return _push(repository, event)
    return _local(repository, event)


def _named(repository: Repository, event: Event, base: str) -> Comparison:
    commit = repository.commit(base)
    if commit is None:
        raise not_a_commit(base, is_shallow=repository.is_shallow)
    head = _head(repository)
    common = repository.merge_base(commit, head) or commit
    in_actions = event.in_actions or event.kind is not EventKind.LOCAL
    return Comparison(
        head if in_actions else None, common, common, common if in_actions else None, f"compared with {_short(common)}"
    )


def _pull_request(repository: Repository, event: Event) -> Comparison:
    head, base = _head(repository), event.pull_request.base if event.pull_request else ""
    parents = repository.parents(head)
    if len(parents) == 2 and parents[1] == event.head:
        return Comparison(
            head, parents[0], parents[0], parents[0], f"the merge into `{base}` compared with `{base}` before it"
        )
    tip = _tip(repository, base)
    common = _common(repository, tip, head, base)
    return Comparison(head, common, common, tip, f"compared with {_short(common)}, where the branch left `{base}`")


def _merge_group(repository: Repository, event: Event) -> Comparison:
    base = repository.commit(event.base or "")
    if base is None:
        raise not_in_clone(f"the merge queue's base {event.base}")
    return Comparison(_head(repository), base, None, base, f"compared with {_short(base)}, the merge queue's base")


def _push(repository: Repository, event: Event) -> Comparison:
    if event.is_deletion:
        return Comparison(None, note="the branch was deleted: nothing to judge", is_deletion=True)
    head, default = _head(repository), event.default_branch or "main"
    tip = _tip(repository, default)
    before = repository.commit(event.before) if event.before else None
    if before and repository.is_ancestor(before, head):
        left = repository.merge_base(tip, head)
        return Comparison(head, before, left, tip, f"compared with {_short(before)}, before the push")
    common = _common(repository, tip, head, default)
    why = "" if not event.before else " (the branch was rewritten)"
    return Comparison(
        head, common, common, tip, f"compared with {_short(common)}, where the branch left `{default}`{why}"
    )


def _local(repository: Repository, event: Event) -> Comparison:
    head = repository.commit("HEAD")
    # A clone knows the default branch; elsewhere it is looked for by its usual names.
    remote = (repository.tip(name) for name in ("HEAD", "main", "master"))
    local = (repository.commit(f"refs/heads/{name}") for name in ("main", "master"))
    tip = next(filter(None, remote), None) or next((commit for commit in local if commit and commit != head), None)
    common = repository.merge_base(tip, head) if tip and head else None
    # Whatever runs in Actions is judged by the default branch's configuration.
    rules_from = tip if event.in_actions else None
    if common is None:
        return Comparison(
            None, rules_from=rules_from, note="no base found, so history checks were skipped: name one with --base"
        )
    return Comparison(
        None, common, common, rules_from, f"compared with {_short(common)}, where this branch left the default branch"
    )


def _head(repository: Repository) -> str:
    head = repository.commit("HEAD")
    if head is None:
        raise UnfinishedError("the repository has no commit yet", "commit something, then run it again")
    return head


def _tip(repository: Repository, branch: str) -> str:
    tip = repository.tip(branch)
    if tip is None:
        raise not_in_clone(f"the branch {branch!r} of origin")
    return tip


def _common(repository: Repository, tip: str, head: str, branch: str) -> str:
    common = repository.merge_base(tip, head)
    if common is None:
        why = "the clone is shallow" if repository.is_shallow else "their histories share no commit"
        help_text = FETCH_ALL if repository.is_shallow else f"start the branch from `{branch}`"
        raise UnfinishedError(f"where this branch left {branch!r} cannot be found: {why}", help_text)
    return common


def _short(commit: str) -> str:
    return commit[:10]
