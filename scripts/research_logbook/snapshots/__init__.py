"""Snapshots: a snapshot commit becomes an annotated tag that is never moved, and a comment that reproduces it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from research_logbook.actions.event import Event, EventKind
from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.effects import CommandResult, CreateTag, Plan, Step, UpsertComment, as_plan
from research_logbook.errors import UnfinishedError, UserError, not_a_research_branch
from research_logbook.github import RepositorySite
from research_logbook.github.client import GitHub
from research_logbook.repo import ALL_TAGS, tags_of
from research_logbook.repo.git import Repository
from research_logbook.snapshots import collect
from research_logbook.snapshots.candidates import (
    CodeCommit,
    RefusedSnapshot,
    SnapshotCandidate,
    SnapshotCommit,
    reproducibility_gaps,
)
from research_logbook.snapshots.collect import FullClone, full_clone, whole
from research_logbook.snapshots.plan import PublishFacts, consequences, decide, result
from research_logbook.snapshots.render import SnapshotDetails, block_in, facts_in, snapshot_of

_FETCH = "run `git fetch --tags origin`"


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """What a user asked `logbook snapshot` for; nothing means the branch of the event, or the one checked out."""

    commit: str | None = None
    branch: str | None = None


def snapshot(request: SnapshotRequest, github: GitHub | None, context: RunContext) -> CommandResult:
    """Return what gives the snapshot commits of a branch, or one commit, their tags and comments.

    Without GitHub it is not known which comments are lacking: those on tags that exist are taken to be there.
    Raises `UserError` where nothing says which commits are meant, or the clone does not have them.
    """
    if request == SnapshotRequest() and context.event.is_deletion:
        return CommandResult(notes=("the branch was deleted; its snapshots are kept",))
    clone = full_clone(whole(context.repository), context.config, context.event.default_branch)
    found = [collect.candidate(clone, source) for source in _requested(clone, request, context)]
    return _publish(clone, found, github, github.site if github else RepositorySite(context.github_name or ""))


@dataclass(slots=True)
class FoundSnapshots:
    """What is known of all snapshots of a repository."""

    planned: Plan = ()
    """All that they lack."""
    unread: set[str] = field(default_factory=set)
    """The branches that could not be read."""
    is_decided: bool = False
    """Whether the rest was read."""


def all_snapshots(
    github: GitHub, repository: Repository, config: Config, default_branch: str | None, into: FoundSnapshots
) -> Iterator[Step]:
    """Yield what gives all snapshot commits of all research branches of origin their tags and comments, each its own.

    A branch that cannot be read stops no other. What is found out is put `into`.
    """
    clone = full_clone(repository, config, default_branch)
    read: list[SnapshotCandidate | RefusedSnapshot] = []
    for name, head in collect.known_branches(clone).items():
        try:
            commits = collect.commits_of_branch(clone, name, head, before=head)
            read += [collect.candidate(clone, source) for source in commits]
        except UnfinishedError as error:
            into.unread.add(name)
            note = f"skipped the snapshots of {name}: {error.sentence}"
            yield Step(0, partial(CommandResult, notes=(note,), exit_code=error.exit_code), name)
    published = _publish(clone, read, github, github.site)
    into.planned, into.is_decided = published.plan, True
    by_tag: dict[str, list[CreateTag | UpsertComment]] = {}
    for effect in published.plan:
        if isinstance(effect, CreateTag | UpsertComment):
            by_tag.setdefault(effect.tag if isinstance(effect, CreateTag) else effect.key, []).append(effect)
    yield Step(0, partial(replace, published, plan=()), "the snapshots")
    for tag, effects in by_tag.items():
        issue = next((effect.issue for effect in effects if isinstance(effect, UpsertComment)), 0)
        yield Step(0, partial(CommandResult, as_plan(effects)), f"the snapshot {tag}", issue)


def is_due(context: RunContext) -> bool:
    """Return whether the event is a push to a research branch with snapshot commits."""
    event = context.event
    if event.kind is not EventKind.PUSH or event.is_deletion:
        return False
    return bool(_pushed(full_clone(whole(context.repository), context.config, event.default_branch), event))


def _requested(clone: FullClone, request: SnapshotRequest, context: RunContext) -> tuple[SnapshotCommit, ...]:
    if request.commit is not None:
        return collect.named_commit(clone, request.commit)
    if request.branch is None and context.event.kind is EventKind.PUSH:
        return _pushed(clone, context.event)
    branch = request.branch or context.branch
    if branch is None:
        raise UserError("no commit or branch given", "pass `--commit SHA` or `--branch NAME`")
    head = clone.repository.tip(branch)
    if head is None:
        raise UserError(f"origin has no branch {branch!r} in this clone", "run `git fetch origin`, or push it first")
    if branch not in collect.known_branches(clone):
        raise not_a_research_branch(branch)
    return collect.commits_of_branch(clone, branch, head)


def _pushed(clone: FullClone, event: Event) -> tuple[SnapshotCommit, ...]:
    head, branch = clone.repository.commit("HEAD"), event.branch
    if head is None or branch is None or branch not in collect.known_branches(clone):
        return ()
    before = clone.repository.commit(event.before) if event.before else None
    return collect.commits_of_branch(clone, branch, head, before)


def _publish(
    clone: FullClone,
    read: Sequence[SnapshotCandidate | RefusedSnapshot],
    github: GitHub | None,
    site: RepositorySite,
) -> CommandResult:
    """Decide, look up what the decisions depend on, and return what follows from them."""
    tags = collect.tagged_commits(clone)
    candidates = [one for one in read if isinstance(one, SnapshotCandidate)]
    decisions = decide(candidates, tags, collect.ancestries(clone, candidates, tags), clone.repository.tag_names())
    commented: frozenset[str] = frozenset(one.tag for one in decisions)
    unlisted: Mapping[int, UnfinishedError] = {}
    if github:
        commented, unlisted = collect.commented_tags(github, decisions)
    missing, config = collect.missing_scripts(clone, candidates), clone.config
    facts = PublishFacts(site, config.held_back, commented, missing, config.wandb.host)
    tagged = {tag.commit.hash for tag in tags}  # a commit that somebody has tagged by hand is not refused again
    refused = [one for one in read if isinstance(one, RefusedSnapshot) and one.source.commit.hash not in tagged]
    followed = (item for decision in decisions for item in consequences(decision, facts))
    found = result([*refused, *followed], clone.config.held_back)
    notes = (f"skipped the snapshots' comments on #{number}: {why.sentence}" for number, why in unlisted.items())
    exit_code = max([found.exit_code, *(why.exit_code for why in unlisted.values())])
    return replace(found, notes=(*found.notes, *notes), exit_code=exit_code)


def listed(topic: str, context: RunContext) -> tuple[tuple[SnapshotDetails, str], ...]:
    """Return the snapshots of a topic, oldest first, each with the day it was made; raises `UserError` for none."""
    tags = context.clone().annotated(tags_of(topic))
    if not tags:
        fix = f"{_FETCH}; `git tag --list 'snapshot/*'` lists those of all topics"
        raise UserError(f"this clone has no snapshot of the topic {topic!r}", fix)
    return tuple((snapshot_of(tag.name, tag.commit, tag.message), tag.day) for tag in tags)


def shown(name: str, context: RunContext) -> tuple[SnapshotDetails, str, tuple[str, ...], CodeCommit | None]:
    """Return a snapshot, its commands, what is missing to reproduce it, and the commit that ran; `UserError` for none.

    The entry is looked for in the logbook that the message names, else in one that the commit changes.
    """
    repository = context.clone()
    tag = next((tag for tag in repository.annotated(ALL_TAGS) if tag.name == name), None)
    if tag is None:
        fix = f"{_FETCH}; `logbook snapshot --list TOPIC` lists those of a topic"
        raise UserError(f"this clone has no snapshot tag {name!r}", fix)
    clone = FullClone(repository, context.config, "", tag.commit)
    told, logbook = snapshot_of(tag.name, tag.commit, tag.message), facts_in(tag.message).get("Logbook")
    changed = (logbook,) if logbook else repository.touched([tag.commit]).get(tag.commit, ())
    commit = repository.about([tag.commit])[tag.commit]
    found = collect.candidate(
        clone, SnapshotCommit(commit, told.topic, told.experiment_id, is_tagged=True, changed_files=changed)
    )
    commands = block_in(tag.message, "Commands")
    code = found.code if isinstance(found, SnapshotCandidate) else None
    missing = [] if tag.is_annotated else ["the tag is lightweight: it has no message and does not say who made it"]
    if isinstance(found, SnapshotCandidate):
        commands = commands or "\n".join(found.commands)
        missing += reproducibility_gaps(found, collect.missing_scripts(clone, [found]))
    else:
        missing.append(found.why)
    return told, commands, tuple(missing), code
