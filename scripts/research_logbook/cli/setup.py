"""The commands that begin something: `logbook init`, `logbook new` and `logbook doctor`."""

import sys
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import click

from research_logbook.cli import format_option, repo_option
from research_logbook.cli.session import IssueType, Session, perhaps_connected, say
from research_logbook.context import RunContext
from research_logbook.effects import CommandResult, FileRewrite
from research_logbook.effects.outcomes import outcomes_text, planned
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.github.models import Issue
from research_logbook.github.transport import AmbiguousError
from research_logbook.markdown.escape import terminal, terminal_line
from research_logbook.repo import files, own_clone
from research_logbook.setup.doctor import State, diagnose, health_json, health_text
from research_logbook.setup.git_merging import GitSetting
from research_logbook.setup.init import SOURCE, InitOptions, plan_init
from research_logbook.setup.new import (
    NewOptions,
    ThreadState,
    alone,
    begin_thread,
    chosen,
    find_issue,
    find_thread,
    issues_of,
    link_issue,
    open_issue,
)
from research_logbook.setup.workflows import WORKFLOWS, workflow_templates

_TO_COME = "NUMBER"
"""In place of the number of an issue that a dry run does not open."""

_SOURCE = click.option(
    "--source", default=SOURCE, show_default=True, metavar="OWNER/NAME@REF", help="The repository with the actions."
)


@click.command("init")
@click.option("--workflow", "names", multiple=True, metavar="NAME", help="A workflow to add; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Add every workflow.")
@_SOURCE
@click.option("--adopt", is_flag=True, help="Accept what the logbooks that are there lack, in a baseline.")
@click.option("--org", is_flag=True, help="Write workflow templates for an organisation's `.github` repository.")
@click.option("--skill", is_flag=True, help="Write the agent skill into .agents/skills; alone, nothing else.")
@click.option("--merge-driver", is_flag=True, help="Let git merge logbooks entry by entry; alone, nothing else.")
@click.option("--force", is_flag=True, help="Replace files that were changed.")
@click.option("--dry-run", is_flag=True, help="Print what would be written as a diff, and write nothing.")
def init_command(*, names: tuple[str, ...], everything: bool, dry_run: bool, **asked: Any) -> None:
    """Set this repository up for logbook: workflows, configuration, issue form.

    Run it again to update the pinned versions and the skill; what you changed is left alone.
    """
    templates = workflow_templates()
    if everything:
        names = tuple(templates)
    elif (
        not names
        and InitOptions(**asked).has_workflows
        and sys.stdin
        and sys.stdin.isatty()
        and sys.stdout
        and sys.stdout.isatty()
    ):
        names = tuple(
            workflow.name
            for workflow in WORKFLOWS
            if workflow.name in templates
            and click.confirm(f"Add `{workflow.name}`, which {workflow.does}?", default=workflow.is_usual)
        )
    context = RunContext.here()
    plan = plan_init(InitOptions(names, **asked), context)
    for note in plan.notes:
        click.echo(f"note: {terminal_line(note)}", err=True)
    changes: tuple[FileRewrite | GitSetting, ...] = (*plan.rewrites, *plan.settings)
    for change in changes:
        click.echo(_planned(change) if dry_run else _done(change, context))
    if not (plan.rewrites or plan.settings):
        click.echo("nothing to write" + ("" if plan.notes else ": everything exists and is up to date"))
    if plan.to_do:
        click.echo("\nnext steps:")
    for step in plan.to_do:
        click.echo(f"- {terminal_line(step)}")


def _planned(change: FileRewrite | GitSetting) -> str:
    """Return what would be done, with the text that would be written; git can apply all of it together as a patch."""
    if isinstance(change, GitSetting):
        return terminal(str(change))
    verb = "write" if change.old is None else "update"
    return f"would {verb} {terminal_line(change.name)}:\n\n{terminal(str(change))}\n"


def _done(change: FileRewrite | GitSetting, context: RunContext) -> str:
    """Make a change of the clone, and return what was done."""
    if isinstance(change, GitSetting):
        own_clone.configure(context.clone(), change.name, change.new)
        return f"set {change.name} in this clone"
    files.write(context.clone().root / change.name, change.new)
    return f"{'wrote' if change.old is None else 'updated'} {terminal_line(change.name)}"


@click.command("new")
@click.argument("topic")
@click.option("--issue", type=IssueType(), help="Use this experiment issue.  [default: open one]")
@click.option("--no-issue", is_flag=True, help="Begin without GitHub: only branch and logbook.")
@click.option("--prefix", metavar="PREFIX", help="The experiment-ID prefix.  [default: made from the topic]")
@click.option("--agent", "by_agent", is_flag=True, help="An agent opens the thread, and the issue says so.")
@click.option("--yes", is_flag=True, help="Open the issue without asking.")
@repo_option
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
def new_command(*, no_issue: bool, yes: bool, repo: str | None, dry_run: bool, **asked: Any) -> None:
    """Begin a research thread: its branch, its logbook, its experiment issue.

    If it was interrupted, run it again: it continues where it stopped and does nothing twice.
    """
    context = RunContext.here(repo=repo)
    options = NewOptions(**{**asked, "issue": context.number_of(asked["issue"])})
    if no_issue and options.issue:
        raise UserError("--issue and --no-issue contradict each other", "leave one of them out")
    with nullcontext() if dry_run else alone(context):
        _begin_thread(options, context, no_issue=no_issue, yes=yes, dry_run=dry_run)


def _begin_thread(options: NewOptions, context: RunContext, *, no_issue: bool, yes: bool, dry_run: bool) -> None:
    """Do, or tell, one thing after the other: the issue, the branch, the logbook, the issue's labels and its link."""
    state = find_thread(options, context)
    for note in state.notes:
        say(note)
    if no_issue:
        _begin(state, state.reference.number if state.reference else None, dry_run=dry_run)
        _say_next(state, dry_run=dry_run)
        return
    context.require_github_name("pass `--repo OWNER/NAME`, or begin without an issue: `--no-issue`")
    with Session.of(context, dry_run=dry_run) as session:
        state = replace(state, thread=replace(state.thread, site=session.github.site))
        issue = find_issue(options, state, session.github)
        is_named = issue is not None
        if issue is None:
            issue = _opened(session, options, state, yes=yes)
        else:
            click.echo(f"the issue is #{issue.number}: {terminal_line(issue.url)}")
        if issue:
            issue, note = chosen(issue, issues_of(state.thread, session.github), is_named=is_named)
            if note:
                say(note)
        _begin(state, issue.number if issue else _TO_COME, dry_run=dry_run)
        if issue:
            plan = link_issue(options, state, issue, session.github)
            done = session.do(CommandResult(plan, judged={issue.number: issue.updated_at}))
            session.tell()
            if done.is_stale:
                raise UnfinishedError(f"#{issue.number} has changed meanwhile", "run it again: it does nothing twice")
        _say_next(state, dry_run=dry_run)
        session.conclude("")


def _opened(session: Session, options: NewOptions, state: ThreadState, *, yes: bool) -> Issue | None:
    """Open the issue, once a person has seen what is published and where; None in a dry run."""
    plan = open_issue(options, state, session.github)
    if not (session.dry_run or yes):
        click.echo(outcomes_text(planned(plan), with_texts=True), nl=False)
        if not (sys.stdin and sys.stdin.isatty()):
            raise UserError("not a terminal", "pass `--yes` to publish, or `--issue N` to use an issue that exists")
        where = f"{session.github.repository}, which is {session.github.visibility()}"
        if not click.confirm(f"Open this issue in {terminal_line(where)}?"):
            raise UserError("nothing was done", "pass `--issue N` to use an issue, or `--no-issue` to do without")
    issue = None
    try:
        done = session.do(CommandResult(plan))
        issue = next(iter(done.issues), None)
    except AmbiguousError:
        # The answer was lost: whether it was opened shows in a moment.
        tries = (issues_of(state.thread, session.github) for _ in range(3) if session.github.pause(2.0))
        issue = next((found[0] for found in tries if found), None)
        if issue is None:
            raise
        click.echo(f"opened #{issue.number}: {terminal_line(issue.url)}")
    if issue is None and not session.dry_run:
        raise UnfinishedError("the issue was not opened", "run it again")
    session.tell()
    return issue


def _begin(state: ThreadState, issue: int | str | None, *, dry_run: bool) -> None:
    """Check out the branch and write the logbook, or say that it would be done, with what would be written."""
    thread, rewrites = state.thread, state.logbook(issue)
    if not dry_run:
        begin_thread(state, rewrites)
    if not state.is_here:
        switch, create = ("would switch", "would create") if dry_run else ("switched", "created")
        start = f" from {state.begins_at}" if state.begins_at else ""
        click.echo(
            terminal_line(
                f"{switch} to the branch {thread.branch}"
                if state.has_branch
                else f"{create} the branch {thread.branch}{start}"
            )
        )
    for rewrite in rewrites:
        name = terminal_line(rewrite.name)
        click.echo(f"would write {name}:\n\n{terminal(str(rewrite))}\n" if dry_run else f"wrote {name}")


def _say_next(state: ThreadState, *, dry_run: bool) -> None:
    """Say what is to be done once the thread has begun."""
    if dry_run:
        return
    thread = state.thread
    push = f"git push --set-upstream {state.repository.remote or 'origin'} {thread.branch}"
    does = "fill in" if state.there is None else "go on in"
    click.echo(f"next: {does} {thread.path}, then commit it and `{terminal_line(push)}`")


@click.command("doctor")
@_SOURCE
@repo_option
@format_option
def doctor_command(*, source: str, repo: str | None, form: str) -> None:
    """Check that this repository has what logbook needs, and has it up to date.

    With a token in GITHUB_TOKEN it checks labels, secrets and rulesets too. Exits 1 if something needs fixing, and
    changes nothing.
    """
    context = RunContext.here(repo=repo)
    context.clone()
    with perhaps_connected(context) as github:
        checks = diagnose(context, source, github)
    click.echo((health_json if form == "json" else health_text)(checks), nl=False)
    if any(check.state is State.BAD for check in checks):
        raise SystemExit(1)
