"""`logbook snapshot`: a snapshot commit becomes a tag that stays, and a comment that reproduces it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from research_logbook.commands.outcome import Outcome
from research_logbook.config import Config
from research_logbook.core.credentials import find_secrets
from research_logbook.core.facts import EventKind
from research_logbook.core.github import Comment
from research_logbook.core.model import Reference
from research_logbook.core.plan import CreateTag, Effect, UpsertComment, in_order
from research_logbook.core.planning.comments import is_there
from research_logbook.core.planning.evidence import Candidate, Evidence, Refused, gaps
from research_logbook.core.planning.messages import message
from research_logbook.core.planning.snapshots import Decision, Fate, Tagged, decide
from research_logbook.errors import RefusedError, UnfinishedError, UserError
from research_logbook.report import snapshot as report
from research_logbook.shell import snapshots as git
from research_logbook.shell.failures import MissingError
from research_logbook.shell.git import Repository
from research_logbook.shell.github import GitHub
from research_logbook.shell.runner import Event, event_of
from research_logbook.shell.settings import of_default_branch
from research_logbook.shell.snapshots import Ground

KIND = "snapshot"
"""Of the comment, one for each tag."""

Result = Effect | Refused | str
"""What comes of a snapshot commit: something to do, a refusal, or a sentence to be told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asked `logbook snapshot` for; nothing means the event's branch."""

    commit: str | None = None
    branch: str | None = None


@dataclass(slots=True)
class Telling:
    """What is known of the issues that snapshots are told of: their comments, each read once."""

    github: GitHub
    read: dict[int, Sequence[Comment] | None] = field(default_factory=dict)

    def number(self, issue: Reference | None) -> int | None:
        """Return the number of an issue of this repository; None for any other."""
        if issue is None or issue.number is None:
            return None
        is_here = (issue.repository or self.github.repository).casefold() == self.github.repository.casefold()
        return issue.number if is_here and (issue.host is None or f"//{issue.host}/" in self.github.page) else None

    def is_told(self, issue: int, tag: str) -> bool:
        """Return whether the comment on a tag is there, or its issue is not."""
        if issue not in self.read:
            try:
                self.read[issue] = self.github.comments(issue)
            except MissingError:
                self.read[issue] = None
        comments = self.read[issue]
        return comments is None or is_there(KIND, tag, comments, self.github.login())


def snapshot(asked: Asked, github: GitHub, environment: Mapping[str, str], folder: Path) -> Outcome:
    """Return what gives the snapshot commits of a branch, or one commit, their tags and comments."""
    event = event_of(environment)
    if asked == Asked() and event.is_deletion:
        return Outcome(notes=("the branch was deleted; its snapshots stay",))
    place = _ground(event, folder)
    return _outcome(_results(place, _candidates(place, asked, event), Telling(github)))


def is_due(environment: Mapping[str, str], folder: Path) -> bool:
    """Return whether the event is a push to a research branch that has snapshot commits."""
    event = event_of(environment)
    return event.kind is EventKind.PUSH and not event.is_deletion and bool(_pushed(_ground(event, folder), event))


def all_snapshots(github: GitHub, environment: Mapping[str, str], folder: Path) -> Outcome:
    """Return what gives all snapshot commits of all research branches of origin their tags and comments."""
    try:
        place = _ground(event_of(environment), folder)
    except UnfinishedError as error:
        return Outcome(notes=(f"{error.message}; {error.help}",), exit_code=error.exit_code)
    branches = git.research_branches(place)
    found = [it for name, head in branches.items() for it in git.of_branch(place, name, head, before=head)]
    return _outcome(_results(place, found, Telling(github)))


def _ground(event: Event, folder: Path) -> Ground:
    repository = Repository.around(folder)
    return git.ground(repository, of_default_branch(repository, event.default_branch), event.default_branch)


def _candidates(place: Ground, asked: Asked, event: Event) -> tuple[Candidate, ...]:
    if asked.commit is not None:
        return git.of_commit(place, asked.commit)
    if asked.branch is None and event.kind is EventKind.PUSH:
        return _pushed(place, event)
    branch = asked.branch or (event.branch if event.in_actions else None)
    if branch is None:
        raise UserError("it is not said what is to be a snapshot", "name it: --commit SHA or --branch NAME")
    head = place.repository.commit(f"refs/remotes/origin/{branch}")
    if head is None:
        raise UserError(f"origin has no branch {branch!r} in this clone", "run `git fetch origin`, or push it first")
    if not git.is_research(place, branch, head):
        raise UserError(
            f"{branch!r} is no research branch",
            "let a logbook's header name it, or list it under `branches.research` in .github/logbook.yml",
        )
    return git.of_branch(place, branch, head)


def _pushed(place: Ground, event: Event) -> tuple[Candidate, ...]:
    head, branch = place.repository.commit("HEAD"), event.branch
    if head is None or branch is None or not git.is_research(place, branch, head):
        return ()
    before = place.repository.commit(event.before) if event.before else None
    is_usable = before is not None and place.repository.is_ancestor(before, head)
    return git.of_branch(place, branch, head, before if is_usable else None)


def _results(place: Ground, candidates: Iterable[Candidate], telling: Telling) -> Iterator[Result]:
    read = [git.evidence(place, candidate) for candidate in candidates]
    tags = git.tagged(place)
    snapshots = [it for it in read if isinstance(it, Evidence)]
    yield from _without_tag(read, tags)
    for decision in decide(snapshots, tags, git.descents(place, snapshots, tags)):
        yield from _result(place, decision, telling)


def _without_tag(read: Iterable[Evidence | Refused], tags: Iterable[Tagged]) -> Iterator[Refused]:
    """Yield the refusals, but those of commits that somebody has tagged by hand."""
    done = {tagged.commit.hash for tagged in tags}
    yield from (it for it in read if isinstance(it, Refused) and it.candidate.commit.hash not in done)


def _result(place: Ground, decision: Decision, telling: Telling) -> Iterator[Result]:
    found, tag, other = decision.evidence, decision.tag, decision.other
    issue = telling.number(found.issue)
    match decision.fate:
        case Fate.NEW:
            yield from _published(place, decision, telling, issue)
        case Fate.TAGGED if issue is not None and not telling.is_told(issue, tag):
            yield from _published(place, decision, telling, issue)
        case Fate.COPY if other and found.candidate.is_own:
            copy = f"{found.commit.hash[:12]} is a rebased copy of {other.hash[:12]}"
            yield f"{copy}, which stays the snapshot {tag}; for the copy, make a snapshot with another name"
        case Fate.CLASH if other:
            yield Refused(
                found.candidate,
                f"{tag} is on {other.hash[:12]} already, which it does not descend from, and a tag is never moved",
                "make a new snapshot commit with another experiment ID or slug in its `Snapshot:` trailer",
                RefusedError.exit_code,
            )


def _published(place: Ground, decision: Decision, telling: Telling, issue: int | None) -> Iterator[Result]:
    """Yield the tag, where it is not there, and the comment; nothing of them where a word must not be published."""
    found, tag = decision.evidence, decision.tag
    text = message(found)
    why = unpublishable("\n".join([tag, text, *report.told(found)]), place.config)
    if why:
        where = f"{found.path}:{found.entry.span.line}"
        help_text = "take it out (revoke a secret first), then make a new snapshot commit"
        yield Refused(found.candidate, f"the entry at {where}, or a name in the commit, {why}", help_text)
        return
    if decision.fate is Fate.NEW:
        yield CreateTag(tag, found.commit.hash, text)
    if issue is None:
        yield f"{tag} is told of nowhere: {found.path} names no issue of this repository"
        return
    missing = gaps(found, git.missing_scripts(place, found))
    yield UpsertComment(issue, KIND, tag, report.comment(found, tag, missing, telling.github.page))


def unpublishable(text: str, config: Config) -> str | None:
    """Return why a text must not be posted, without its words; None when it may."""
    secret = next(find_secrets(text), None)
    if secret:
        return f"holds what looks like a secret ({secret.kind})"
    for index, pattern in enumerate(config.held_back, 1):
        if any(re.search(pattern, line) for line in text.split("\n")):
            return f"matches pattern {index} of `held-back`"
    return None


def _outcome(results: Iterable[Result]) -> Outcome:
    """Return the outcome; a refused commit fails only the run that was started for it, and not each one after."""
    every = list(results)
    refused = [it for it in every if isinstance(it, Refused)]
    own = [it for it in refused if it.candidate.is_own]
    notes = (*map(str, own), *(it for it in every if isinstance(it, str)), *report.others(len(refused) - len(own)))
    plan = in_order(it for it in every if not isinstance(it, Refused | str))
    exit_code = max((it.exit_code for it in own), default=0)
    return Outcome(plan, notes, report.summary(map(str, plan), notes), exit_code)
