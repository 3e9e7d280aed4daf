"""What a version of a logbook answers for: what is judged, and every commit that its history is held against.

It is decided here, once, for every command. A change is held against what it descends from, and a ref against what it
replaces; never against what somebody else did meanwhile. Who is behind is told to pull, and who would overwrite
something is told what would be lost.

Source: GitHub's documentation, "Events that trigger workflows" (a pull request's checkout is a merge commit whose first
parent is the base's tip, unless the workflow checks out something else) and "Webhook events and payloads".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from research_logbook.actions.event import Event, EventKind
from research_logbook.errors import FETCH_ALL, UnfinishedError, not_a_commit, not_in_clone
from research_logbook.repo.git import KnownBranches, Repository

_SHOWN = 3
"""Commits that a warning names; the others are counted."""
_MOST_COMPARED = 1_000
"""Commits of two that have diverged whose changes are compared, as each takes git a diff."""


class HeldKind(StrEnum):
    """What an earlier commit is to the judged one."""

    BASE = "base"
    """What the change starts from; its findings are inherited."""
    REPLACED = "replaced"
    """What a push put aside, that is the end of the branch before it."""
    RECENT = "recent"
    """The same, where it was pushed so little before that it may be taken back."""
    PUSHED = "pushed"
    """What of the branch in the work tree is on record already: pushed, or committed where there is no remote."""


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """A commit whose record the judged version must still have."""

    commit: str
    why: str
    """What the commit is, to follow it in a sentence: "before the push"."""
    kind: HeldKind = HeldKind.BASE

    def __str__(self) -> str:
        """Return it for a report: the commit in short, and what it is."""
        return f"{_short(self.commit)}, {self.why}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a run judges, and against what."""

    head: str | None
    """The commit that is judged; None for the work tree."""
    base: str | None = None
    """The commit whose findings are inherited, and from which on the change counts; None for nothing."""
    left: str | None = None
    """The commit where the branch left the default branch; None where that is not known."""
    rules_from: str | None = None
    """The commit whose configuration counts; None for the work tree's."""
    note: str = ""
    """Why there is no base, or what is remarkable about it, in a sentence."""
    is_deletion: bool = False
    held: tuple[HeldAgainst, ...] = ()
    """Every commit whose record the judged version must still have, the base first."""
    unchecked: tuple[str, ...] = ()
    """A sentence for each thing that could not be compared, and why."""
    warnings: tuple[str, ...] = ()
    """What the user should do before the next push, a sentence each; no fault of the record."""

    @property
    def notes(self) -> tuple[str, ...]:
        """The comparison in short, for a report: what it was with, what to do, and what it could not be."""
        more = sum(it.commit != self.base for it in self.held)
        commits, them = ("1 more commit", "it") if more == 1 else (f"{more} more commits", "them")
        others = f", and for lost text with {commits} (--explain-base lists {them})" if more else ""
        bases = [f"compared with {it}" for it in self.held if it.commit == self.base]
        return (
            *(base + others for base in bases),
            *filter(None, [self.note]),
            *([f"history is held against {it}" for it in self.held] if not bases else []),
            *self.warnings,
            *(f"not checked: {sentence}" for sentence in self.unchecked),
        )

    @property
    def explanation(self) -> tuple[str, ...]:
        """What is compared with what and why, and what could not be: a line each, for people."""
        judged = f"commit {_short(self.head)}" if self.head else "nothing" if self.is_deletion else "the work tree"
        return (
            f"judged: {judged}",
            *(f"base: {it}; faults that it has too are not shown" for it in self.held if it.commit == self.base),
            *([f"note: {self.note}"] if self.note else []),
            *(f"history is held against: {it}" for it in self.held),
            *(
                [f"history is held against: every version that the branch itself had since {_short(self.left)}"]
                if self.left
                else []
            ),
            *(f"warning: {sentence}" for sentence in self.warnings),
            *(f"not checked: {sentence}" for sentence in self.unchecked),
        )


def choose(repository: Repository, event: Event, base: str | None, token: str = "") -> Comparison:
    """Return what this run judges; `base` is the revision that the user named, if any.

    Inside Actions, what a checkout left out and the event names is fetched; `token` opens a private repository.
    Raises `UserError` for a base that is none, and `UnfinishedError` where it cannot be told what to compare with.
    """
    match event.kind:
        case _ if base is not None:
            found = _named(repository, event, base)
        case EventKind.PULL_REQUEST:
            found = _pull_request(repository, event, token)
        case EventKind.MERGE_GROUP:
            found = _merge_group(repository, event, token)
        case EventKind.PUSH if event.is_deletion:
            return Comparison(None, note="the branch was deleted: nothing to judge", is_deletion=True)
        case EventKind.PUSH:
            found = _push(repository, event, token)
        case _ if event.in_actions or event.kind is EventKind.ISSUES:
            found = _dispatched(repository, event, token)
        case _:
            found = _local(repository)
    if not repository.is_shallow:
        return found
    lacking = f"versions and snapshots that were not fetched, because the clone is shallow; {FETCH_ALL}"
    return replace(found, unchecked=(*found.unchecked, lacking))


def of_pull(repository: Repository, head: str, base: str, default: str) -> Comparison:
    """Return what the head of a pull request into the branch `base` is held against: where it left that branch.

    The configuration that counts is the default branch's. Raises `UnfinishedError` where a branch is not in this clone.
    """
    rules_from = _tip(repository, default)
    found = _since_it_left(repository, head, _tip(repository, base), f"`{base}`")
    return replace(found, rules_from=rules_from)


def _since_it_left(repository: Repository, head: str, tip: str, branch: str) -> Comparison:
    """Compare with the commit where `head` left the branch, which is at `tip`; its configuration counts."""
    left = repository.merge_base(tip, head)
    if left is None:
        if repository.is_shallow:
            what = f"where this branch left {branch} cannot be found: the clone is shallow"
            raise UnfinishedError(what, FETCH_ALL)
        return Comparison(head, rules_from=tip, note=f"it shares no commit with {branch}, so all of it is judged")
    return Comparison(head, left, left, tip, held=(HeldAgainst(left, f"where the branch left {branch}"),))


# Inside Actions


def _pull_request(repository: Repository, event: Event, token: str) -> Comparison:
    head, branch = _head(repository), event.pull_request.base if event.pull_request else ""
    default, parents = event.default_branch or branch, repository.parents(head)
    unchecked = tuple[str, ...]()
    if len(parents) == 2 and parents[1] == event.head:
        first = repository.commit(parents[0]) or _fetched(repository, parents[0], token)
        if first and first != event.base:
            # GitHub makes no new merge commit for a pull request that was given another base, or that conflicts.
            is_shallow = repository.is_shallow
            tip = repository.tip(branch) if is_shallow else _tip(repository, branch, token, event.base)
            is_current = bool(tip and repository.is_ancestor(first, tip))
            if not is_current and is_shallow:
                unchecked = (f"whether {_short(first)}, which the merge was made with, is on `{branch}` as it is now",)
            elif not is_current:
                first, head = None, event.head or head
        if first:
            rules = _rules(repository, default, branch, event.base if unchecked else first, token) or first
            held = (HeldAgainst(first, f"`{branch}` as this merge has it"),)
            return Comparison(head, first, first, rules, held=held, unchecked=unchecked)
    tip = _tip(repository, branch, token, event.base)
    found = _since_it_left(repository, head, tip, f"`{branch}`")
    return replace(found, rules_from=_rules(repository, default, branch, tip, token))


def _rules(repository: Repository, default: str, branch: str, commit: str | None, token: str) -> str | None:
    """Return the default branch's commit, which is `commit` where it is the branch that is merged into."""
    if branch != default:
        return _tip(repository, default, token)
    return commit and (repository.commit(commit) or _fetched(repository, commit, token))


def _merge_group(repository: Repository, event: Event, token: str) -> Comparison:
    asked = event.base or ""
    base = repository.commit(asked) or _fetched(repository, asked, token)
    if base is None:
        raise not_in_clone(f"the merge queue's base {asked}")
    held = (HeldAgainst(base, "the merge queue's base"),)
    return Comparison(_head(repository), base, base, base, held=held)


def _push(repository: Repository, event: Event, token: str) -> Comparison:
    head, default = _head(repository), event.default_branch or repository.default_branch or "main"
    tip = _tip(repository, default, token)
    # A tag that is moved continues nothing, and takes nothing from the branch that it was on.
    asked = event.before if event.branch else None
    before = (repository.commit(asked) or _fetched(repository, asked, token)) if asked else None
    # What a default branch brings itself does not count for its own judgement.
    rules_from = (before or tip) if event.branch == default else tip
    # Where history ends early, GitHub knows better whether the push was a forced one.
    is_continued = before and (
        repository.is_ancestor(before, head) or (event.is_forced is False and repository.is_shallow)
    )
    if before and is_continued:
        left = repository.merge_base(tip, head)
        return Comparison(head, before, left, rules_from, held=(HeldAgainst(before, "before the push"),))
    replaced = [HeldAgainst(before, "which this push replaced", HeldKind.REPLACED)] if before else []
    lost = f"what this push replaced: {(asked or '')[:10]} is not in this clone, and could not be fetched"
    unchecked = (lost,) if asked and not before else ()
    try:
        # A default branch that was rewritten left what it was before.
        found = _since_it_left(repository, head, before if before and event.branch == default else tip, f"`{default}`")
    except UnfinishedError:
        if before is None:
            raise
        found = Comparison(head, before)
    held = (*found.held, *replaced)
    return replace(found, rules_from=rules_from, held=held, unchecked=(*found.unchecked, *unchecked))


def _dispatched(repository: Repository, event: Event, token: str) -> Comparison:
    """Compare the work tree of a workflow that a person, the clock or an issue started.

    Whatever runs in Actions is judged by the default branch's configuration.
    """
    default = event.default_branch or repository.default_branch
    if default is None:  # neither the event nor the clone knows of one
        return _local(repository)
    head, tip = _head(repository), _tip(repository, default, token)
    return replace(_since_it_left(repository, head, tip, f"`{default}`"), head=None)


def _head(repository: Repository) -> str:
    head = repository.commit("HEAD")
    if head is None:
        raise UnfinishedError("the repository has no commit yet", "commit something, then run it again")
    return head


def _tip(repository: Repository, branch: str, token: str | None = None, known: str | None = None) -> str:
    """Return the commit that a branch of the remote is at; with a token, even an empty one, it is fetched if need be.

    Where there is no such branch any more, the commit counts that the event knows.
    """
    tip = repository.tip(branch)
    if tip is None and token is not None:
        _fetched(repository, f"refs/heads/{branch}", token)
        tip = repository.tip(branch)
        if tip is None and known:
            tip = repository.commit(known) or _fetched(repository, known, token)
    if tip is None:
        raise not_in_clone(f"the branch {branch!r} of the remote")
    return tip


def _fetched(repository: Repository, reference: str, token: str) -> str | None:
    """Fetch a branch, or a commit by its hash; return the commit, or None where it could not be had."""
    try:
        repository.fetch(reference, token, alone=repository.is_shallow)
    except UnfinishedError:
        return None
    return repository.commit(reference)


# On a laptop


def _local(repository: Repository) -> Comparison:
    known = repository.branches()
    head = known.commits.get(known.here) or repository.commit("HEAD")
    if head is None:
        return Comparison(None, note="nothing is committed yet, so there is no history to compare with")
    defaults = _defaults(repository, known)
    pushed, warnings = _pushed(repository, known, head, defaults)
    found = _since_default(repository, known, head, defaults)
    held = (*found.held, *(it for it in pushed if it.commit not in {other.commit for other in found.held}))
    return replace(found, held=held, warnings=warnings)


def _defaults(repository: Repository, known: KnownBranches) -> tuple[str, ...]:
    """Return the default branches of all remotes, or this clone's own where no remote has any.

    All count, because that of a fork may be old, and a branch of the fork is started from another remote's.
    """
    usual, found = repository.usual_defaults, dict[str, None]()
    for remote in repository.remotes:
        named, names = known.defaults.get(remote), [f"refs/remotes/{remote}/{name}" for name in usual]
        # A clone goes on believing in `master` after the remote has renamed it to `main`.
        wanted = names if named is None else names[:2] if named in names[:2] else [named]
        found |= dict.fromkeys(name for name in wanted if name in known.commits)
    own = (f"refs/heads/{name}" for name in usual)
    return tuple(found) or tuple(name for name in own if name in known.commits)[:1]


def _since_default(repository: Repository, known: KnownBranches, head: str, defaults: Sequence[str]) -> Comparison:
    """Compare with where the branch left a default branch; else with what was committed before."""
    tips = dict.fromkeys(known.commits[name] for name in defaults if name != known.here)
    base = repository.merge_base(head, *tips)
    has_remote = any(name.startswith("refs/remotes/") for name in known.commits)
    # Where nobody else has a record, what is committed is the record.
    committed = () if has_remote else (HeldAgainst(head, "the last commit", HeldKind.PUSHED),)
    if base:
        near = [name for name in defaults if len(tips) == 1 or repository.is_ancestor(base, known.commits[name])]
        start = HeldAgainst(base, f"where this branch left {_listed(near)}")
        return Comparison(None, base, base, held=(start, *committed * (base != head)))
    if repository.is_shallow:
        unknown = f"where this branch left {_listed(defaults) or 'the default branch'}, because the clone is shallow"
        return Comparison(None, head, held=(HeldAgainst(head, "the last commit"),), unchecked=(unknown,))
    if tips:
        note = f"this branch shares no commit with {_listed(defaults)}, so all of it is judged"
        return Comparison(None, note=note, held=committed)
    fix = "`git remote set-head REMOTE --auto` finds out"
    unknown = f"where this branch left the default branch, because no remote says which that is; {fix}"
    unchecked = (unknown,) if has_remote else ()
    parent = next((it for it in repository.parents(head) if repository.commit(it)), None)
    if parent is None:
        note = "there is no earlier commit than the last one, so all of it is judged"
        return Comparison(None, note=note, held=committed, unchecked=unchecked)
    start = HeldAgainst(parent, "the commit before the last one")
    return Comparison(None, parent, held=(start, *committed), unchecked=unchecked)


def _pushed(
    repository: Repository, known: KnownBranches, head: str, defaults: Sequence[str]
) -> tuple[tuple[HeldAgainst, ...], tuple[str, ...]]:
    """Return what of the branch in the work tree was pushed, and what its user should do about the rest.

    A branch that was started from another of a remote follows that one in git's eyes, and was not pushed as that one.
    """
    if not known.here:
        return (), ()
    name = known.here.removeprefix("refs/heads/")
    copies = [f"refs/remotes/{remote}/{name}" for remote in repository.remotes]
    others = set(defaults) - set(copies)
    own = [it for it in (known.push, f"refs/remotes/{repository.remote}/{name}") if it in known.commits.keys() - others]
    if known.upstream in known.commits.keys() - others and (known.upstream in copies or not own):
        own.append(known.upstream)
    held, warnings = [], []
    for ref in dict.fromkeys((*own, *(it for it in copies if it in known.commits.keys() - set(defaults)))):
        if not ref.startswith("refs/remotes/"):
            continue
        tip, shown = known.commits[ref], _listed([ref])
        ahead, behind = repository.apart(head, tip) if tip != head else (0, 0)
        common = tip if not behind else head if not ahead else repository.merge_base(head, tip)
        if common:
            held.append(HeldAgainst(common, f"pushed as {shown}", HeldKind.PUSHED))
        if behind and ref in own and not ahead:
            counted = f"{behind} commit{'s' * (behind > 1)}"
            warnings.append(f"this branch is {counted} behind {shown}: run `git pull` before you write more")
        # What is only followed may be what the branch was started from, and no push goes there.
        elif behind and ref in own and ref in {known.push, *copies}:
            warnings += _dropped(repository, head, tip, shown) if ahead + behind <= _MOST_COMPARED else ()
    return tuple(held), tuple(warnings)


def _dropped(repository: Repository, head: str, tip: str, shown: str) -> tuple[str, ...]:
    """Return what a user has to know whose branch has diverged from `tip`, which was pushed and is called `shown`."""
    lacking = repository.only_in(tip, head)
    if not lacking:
        return ()
    counted, them = ("1 commit", "it") if len(lacking) == 1 else (f"{len(lacking)} commits", "them")
    subjects = ", ".join(f"{_short(it.hash)} “{it.subject}”" for it in lacking[:_SHOWN])
    more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    fix = f"a force push would drop {them}, so run `git pull --rebase` first"
    return (f"{shown} has {counted} that this branch lacks: {subjects}{more}; {fix}",)


def _named(repository: Repository, event: Event, base: str) -> Comparison:
    # A branch is meant where a tag has its name too.
    names = (f"refs/heads/{base}", f"refs/remotes/{base}", base)
    commit = next((it for name in names if (it := repository.commit(name))), None)
    if commit is None:
        raise not_a_commit(base, is_shallow=repository.is_shallow)
    head = _head(repository)
    common = repository.merge_base(commit, head) or commit
    why = "as --base says" if common == commit else f"where this branch left {base}, as --base says"
    held = (HeldAgainst(common, why),)
    if event.in_actions or event.kind is not EventKind.LOCAL:
        return Comparison(head, common, common, common, held=held)
    known = repository.branches()
    pushed, warnings = _pushed(repository, known, head, _defaults(repository, known))
    more = (it for it in pushed if it.commit != common)
    return Comparison(None, common, common, held=(*held, *more), warnings=warnings)


def _listed(names: Sequence[str]) -> str:
    """Return branches as a reader calls them."""
    return " and ".join(f"`{name.removeprefix('refs/heads/').removeprefix('refs/remotes/')}`" for name in names)


def _short(commit: str) -> str:
    return commit[:10]
