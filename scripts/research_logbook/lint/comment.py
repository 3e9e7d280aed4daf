"""`logbook lint-comment`: the verdict on a pull request as a comment, for those whose own run may not write.

It runs after the lint, by `workflow_run`, with a writing token and on the default branch. The pull request's commits
are fetched as git objects and read as such: nothing of them is checked out, and nothing is run. What that other run
printed or left behind is not read either: the author of the pull request could have forged it.
"""

from dataclasses import replace

from research_logbook.actions.event import EventKind, FinishedRun, PullRequest
from research_logbook.context import RunContext
from research_logbook.effects import CommandResult, UpsertComment
from research_logbook.effects.sticky_comments import LONGEST, is_posted
from research_logbook.errors import UnfinishedError
from research_logbook.findings import Report
from research_logbook.github.client import GitHub
from research_logbook.github.models import Pull
from research_logbook.lint.engine import grouped
from research_logbook.lint.rules.rule import Facts
from research_logbook.lint.run import LintRun, judge_tree
from research_logbook.render.markdown import summary
from research_logbook.repo import comparison, versions
from research_logbook.repo.comparison import Comparison
from research_logbook.repo.git import Repository
from research_logbook.repo.versions import RepositoryView


def lint_comment(run: FinishedRun | None, context: RunContext, github: GitHub) -> CommandResult:
    """Return the comment on the pull request that a finished run was for; nothing where that is not certain."""
    if run is None or run.event != "pull_request":
        return CommandResult(notes=("this is not the end of a run for a pull request: nothing to comment on",))
    pull = _pull_of(run, github)
    if pull is None:
        return CommandResult(notes=("no single open pull request matches this run: nothing is commented",))
    context.clone().fetch(f"refs/pull/{pull.number}/head", context.fetch_token)
    report = _judged(pull, run, context, is_own=pull.comes_from(github.repository))
    report = replace(report, pages=github.site.url("blob", pull.head.sha))
    # Judging takes a while: a push meanwhile has a run of its own, which says what is true by then.
    if _pull_of(run, github) != pull:
        return CommandResult(notes=(f"#{pull.number} changed meanwhile: nothing is commented",))
    wanted = UpsertComment(pull.number, "lint", str(pull.number), summary(report, LONGEST // 2))
    return CommandResult(
        (wanted,)
        if report.findings or is_posted(wanted.kind, wanted.key, github.comments(pull.number), github.login())
        else ()
    )


def _pull_of(run: FinishedRun, github: GitHub) -> Pull | None:
    """Return the pull request of the run by owner, branch, commit and repository; None unless it is exactly one."""
    found = [
        pull
        for pull in github.pulls_from(run.owner, run.branch)
        if (pull.head.ref, pull.head.sha, pull.head.repo and pull.head.repo.id)
        == (run.branch, run.commit, run.repository_id)
    ]
    return found[0] if len(found) == 1 else None


def _judged(pull: Pull, run: FinishedRun, context: RunContext, *, is_own: bool) -> Report:
    repository = context.clone()
    compared = _comparison(repository, pull, run.default_branch)
    config, note = context.config_for(compared)
    is_proposed = pull.base.ref == run.default_branch
    view = RepositoryView(repository, compared, pull.head.ref, config, is_proposed=is_proposed)
    tree = versions.inside(view, ())
    facts = Facts(
        now=context.now,
        event=EventKind.PULL_REQUEST,
        branch=pull.head.ref,
        is_research_branch=view.is_research,
        default_branch=run.default_branch,
        pull_request=PullRequest(pull.number, pull.body or "", pull.head.ref, pull.base.ref, same_repository=is_own),
        changed=tree.changed,
        renamed_files=tree.renamed_files,
    )
    baseline = context.baseline_for(compared)
    report = judge_tree(
        LintRun(
            config, facts, compared, repository.root, baseline=baseline, has_all_history=repository.has_all_history
        ),
        tree,
    )
    return replace(report, findings=grouped(report.findings), notes=(*report.notes, *filter(None, [note])))


def _comparison(repository: Repository, pull: Pull, default: str) -> Comparison:
    head = repository.commit(pull.head.sha)
    if head is None:
        raise UnfinishedError(f"the commit of #{pull.number} was not fetched", "the next push runs this again")
    return comparison.of_pull(repository, head, pull.base.ref, default)
