"""`logbook labels`: what gives one issue or pull request its labels (research workflow, Core Artifacts 1).

Of GitHub no more is read than decides it. Nobody's own labels are ever touched: labels are added, never removed and
never replaced.
"""

from collections.abc import Collection, Mapping, Sequence

from research_logbook.config.schema import Config
from research_logbook.context import RunContext
from research_logbook.effects import AddLabels, CommandResult, CreateLabel, Effect, Plan, UpsertComment, as_plan
from research_logbook.effects.sticky_comments import is_marked
from research_logbook.errors import gone, no_such_issue
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue, LabelPast, issue_in, same_login
from research_logbook.github.transport import MissingError, MovedError
from research_logbook.issues import parse_issue, read
from research_logbook.issues.classification import AGENT_LABEL, LABEL, is_enrolled, missing_labels
from research_logbook.patterns import matches
from research_logbook.repo.research_branches import Named, named_in

LABELS = {
    LABEL: CreateLabel(LABEL, "5319e7", "A research thread with a logbook"),
    AGENT_LABEL: CreateLabel(AGENT_LABEL, "c5def5", "Made by an agent"),
}
"""The labels as they are created where the repository lacks them."""

MOST_PUT_BACK = 3
"""How often a label is put back on one issue before a comment asks people to agree."""


def labels(number: int, github: GitHub, context: RunContext) -> CommandResult:
    """Return what gives an issue or pull request its labels; raises `NoIssueError` where there is none.

    What the event's payload shows is not asked again, unless something has to be done: then what is true now counts.
    """
    event, config = context.event, context.config
    named = named_in(context.repository, config, event.default_branch, github)

    def branch_of(issue: Issue) -> str:
        """Return the branch of this repository that a pull request comes from; empty for anything else."""
        if not issue.is_pull_request:
            return ""
        if event.pull_request and event.pull_request.number == number:
            return event.pull_request.head if event.pull_request.same_repository else ""
        pull = github.pull(number)
        return pull.head.ref if pull.comes_from(github.repository) else ""

    shown = issue_in(event.issue) if event.number == number else None
    branch = branch_of(shown) if shown else ""
    if shown and not (_lacking(github, shown, named, config, branch) or shown.comment_count):
        return CommandResult()
    issue = github.issue(number, is_known=shown is not None)
    if issue is None:
        if event.number == number:
            return CommandResult(notes=(gone(number),))
        raise no_such_issue(number, github.repository, "issue or pull request")
    if shown and shown.updated_at > issue.updated_at:
        issue = shown  # GitHub may show it late
    taken_off = event.label if shown and event.action == "unlabeled" else ""
    try:
        return label_issue(github, issue, named, config, branch if shown else branch_of(issue), taken_off=taken_off)
    except (MissingError, MovedError):
        if not github.is_gone(number):
            raise
        return CommandResult(notes=(gone(number),))


def label_issue(  # noqa: PLR0913 - what decides about labels
    github: GitHub, issue: Issue, named: Named, config: Config, branch: str, *, taken_off: str = ""
) -> CommandResult:
    """Return what gives an issue its labels, or in mode `check` fails and says which are missing.

    `branch` is the one of this repository that a pull request comes from; `taken_off` is the label that was taken off
    just now, where that is the event.
    """
    needed = _lacking(github, issue, named, config, branch, reads_comments=True)
    if not needed:
        return CommandResult()
    is_needed = taken_off.casefold() in {name.casefold() for name in needed}
    pasts = github.label_pasts(issue.number, taken_off if is_needed else "")
    known = github.repository_labels()
    freed = {name.casefold() for name in config.labels.not_put_back} & pasts.keys()
    missing = tuple(name for name in needed if name not in freed)
    plan = plan_labels(issue.number, missing, pasts, known)
    if config.labels.mode == "fix":
        return CommandResult(plan, judged={issue.number: issue.updated_at})
    lacking = " and ".join(f"“{name}”" for name in missing)
    notes = (f"#{issue.number} lacks {lacking}",) if plan else ()
    return CommandResult(plan, notes, exit_code=int(bool(plan)), is_check=True)


def may_lack(github: GitHub, issue: Issue, named: Named, config: Config, branch: str) -> bool:
    """Return whether an issue may lack a label, which takes hardly any call."""
    return bool(_lacking(github, issue, named, config, branch))


def _lacking(  # noqa: PLR0913 - what decides about labels
    github: GitHub, issue: Issue, named: Named, config: Config, branch: str, *, reads_comments: bool = False
) -> Sequence[str]:
    """Return the labels that an issue has to carry and lacks; asks GitHub only where the answer can change that.

    With `reads_comments` it also counts as an agent's where its author signs a comment as one. Nobody is held to that:
    such a comment raises no event by which the label could have come in time.
    """
    parsed, agents = parse_issue(issue), config.labels.agents
    if issue.is_pull_request:
        is_experiment = bool(branch) and (matches(branch, config.branches.research) or branch in named.branches)
    else:
        is_named = issue.number in named.issues
        is_experiment = is_enrolled(parsed, is_named=is_named, agents=agents, role_of=github.role)
    missing = missing_labels(parsed, agents) if is_experiment else ()
    is_known = parsed.has_label(AGENT_LABEL) or AGENT_LABEL in missing
    if not (is_experiment and reads_comments and issue.comment_count) or is_known or issue.is_pull_request:
        return missing
    own = (one for one in github.comments(issue.number) if same_login(one.author, issue.author) and not is_marked(one))
    return (*missing, AGENT_LABEL) if any(read(one.body).says_agent for one in own) else missing


def plan_labels(number: int, missing: Sequence[str], pasts: Mapping[str, LabelPast], known: Collection[str]) -> Plan:
    """Return what gives an issue its missing labels; `known` are the repository's, in lower case, as in `pasts`."""
    disputed = [name for name in missing if name in pasts and pasts[name].put_back >= MOST_PUT_BACK]
    added = tuple(name for name in missing if name not in disputed)
    effects: list[Effect] = [LABELS[name] for name in added if name not in known]
    if added:
        effects.append(AddLabels(number, added))
    if disputed:
        body = (
            f"{' and '.join(f'`{name}`' for name in disputed)} was taken off this experiment issue and put back "
            f"{MOST_PUT_BACK} times. It stays off now.\n\n"
            "Experiment issues carry `experiment`, and `agent-generated` when an agent made them. To keep a label off "
            "for good, list it under `labels.not-put-back` in `.github/logbook.yml`; otherwise add it again by hand."
        )
        effects.append(UpsertComment(number, "labels", str(number), body))
    return as_plan(effects)
