"""The commands that write on GitHub: labels, snapshots, seals, summaries, comments, the sweep, and the root action."""

import datetime as dt
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import click

from research_logbook import seal, snapshots, sweep
from research_logbook.actions import COMMENT_URL, COMMENT_URLS, FAILED_CHECKS, SEALED, runner
from research_logbook.actions.event import command_for
from research_logbook.cli import completion
from research_logbook.cli.lint import judge
from research_logbook.cli.session import IssueType, Session, flag, github_options, say
from research_logbook.config.schema import Config, FailOn, with_host, with_mode
from research_logbook.context import RunContext
from research_logbook.effects import plan_json, plan_refusal, text_refusal
from research_logbook.effects.outcomes import outcomes_text, planned
from research_logbook.errors import (
    NoIssueError,
    RefusedError,
    UnfinishedError,
    UserError,
    gone,
    keeps_changing,
    no_issue_given,
)
from research_logbook.instrument.logbook_file import logbook_meant
from research_logbook.labels import labels
from research_logbook.lint.comment import lint_comment
from research_logbook.lint.run import LintRequest
from research_logbook.logbook.model import Reference, topic_of
from research_logbook.markdown.escape import command, terminal, terminal_line
from research_logbook.repo.research_branches import books_of
from research_logbook.seal import Sealing, view_of
from research_logbook.seal.report import annotation, seal_json, seal_text
from research_logbook.snapshots import SnapshotRequest
from research_logbook.snapshots.render import listing, page
from research_logbook.wandb import SummaryRequest, local, summaries
from research_logbook.wandb.client import OfflineRuns, OnlineRuns

Mode = Literal["fix", "check"] | None

_ISSUE = IssueType()
_MODE = click.option(
    "--mode", type=click.Choice(["fix", "check"]), help="Add what is missing, or fail.  [default: fix]"
)
_MONTH = dt.timedelta(days=30)
_WANDB_KEY = "WANDB_API_KEY"

_LABEL_ROUNDS = 2
"""How often an issue is judged that changes meanwhile: whoever opened it may have commented, which raises no event."""
_SEAL_ROUNDS = 3


@click.command("labels")
@click.option("--issue", type=_ISSUE, help="The issue.  [default: the event's, else that of the branch's logbook]")
@click.option("--pull", type=_ISSUE, help="The pull request.  [default: the event's]")
@_MODE
@github_options
def labels_command(*, issue: Reference | None, pull: Reference | None, mode: Mode, **github: Any) -> None:
    """Give an experiment issue its labels, `experiment` and `agent-generated`; touch nobody else's."""
    if issue and pull:
        raise UserError("--issue and --pull name two things", "give one of them")
    context = RunContext.here(**github)
    _label(context, context.number_of(issue or pull), mode, github)


def _label(context: RunContext, asked: int | None, mode: Mode, github: dict[str, Any]) -> None:
    with Session.of(context.with_config(with_mode(context.config, mode)), **github) as session:
        number = session.context.issue(asked, session.github)
        if number is None:
            raise no_issue_given("pass `--issue N` or `--pull N`")
        for _ in range(_LABEL_ROUNDS):
            done = session.do(labels(number, session.github, session.context))
            if not done.is_stale:
                break
        else:
            raise keeps_changing()
        session.conclude()


@click.command("snapshot")
@click.option("--commit", metavar="SHA", help="This commit, whatever its message says.")
@click.option("--branch", metavar="NAME", help="A branch of origin.  [default: the event's, else the one checked out]")
@click.option(
    "--list",
    "topic",
    shell_complete=completion.topics,
    metavar="[TOPIC]",
    is_flag=False,
    flag_value="",
    help="List the snapshots of a topic, else of the branch's; needs no GitHub.",
)
@click.option(
    "--show",
    "tag",
    shell_complete=completion.tags,
    metavar="[TAG]",
    is_flag=False,
    flag_value="",
    help="Say how to run a snapshot again, else the branch's newest; needs no GitHub.",
)
@github_options
def snapshot_command(
    *, commit: str | None, branch: str | None, topic: str | None, tag: str | None, **github: Any
) -> None:
    """Give snapshot commits an annotated tag, and their issue a comment that reproduces them.

    A snapshot commit has a line `Snapshot: ID` anywhere in its message, or a subject that begins with `snapshot:`.
    What stands there is an experiment ID, or a name in one word for the newest entry.
    """
    if len([word for word in (commit, branch, topic, tag) if word is not None]) > 1:
        raise UserError("--commit, --branch, --list and --show ask for different things", "give one of them")
    context = RunContext.here(**github)
    if topic is not None:
        topic = topic or topic_of(logbook_meant(context, None))
        click.echo(listing(snapshots.listed(topic, context), github["form"]), nl=False)
    elif tag is not None:
        tag = tag or snapshots.listed(topic_of(logbook_meant(context, None)), context)[-1][0].tag
        click.echo(page(*snapshots.shown(tag, context), form=github["form"]), nl=False)
    else:
        _make_snapshots(context, SnapshotRequest(commit, branch), github)


def _make_snapshots(context: RunContext, asked: SnapshotRequest, github: dict[str, Any]) -> None:
    if github["dry_run"] and not context.token:
        _preview_snapshots(context, asked, github["form"])
        return
    with Session.of(context, **github) as session:
        session.do(snapshots.snapshot(asked, session.github, context))
        session.conclude()


def _preview_snapshots(context: RunContext, asked: SnapshotRequest, form: str) -> None:
    """Print what a run would do, as far as git tells; raises `RefusedError` for what must not be published."""
    done = snapshots.snapshot(asked, None, context)
    held_back = context.config.held_back
    if refusal := text_refusal("this run's log", "\n".join(done.notes), held_back) or plan_refusal(
        done.plan, held_back
    ):
        raise RefusedError(*refusal)
    for note in (*done.notes, "GitHub was not asked which comments are there: set GITHUB_TOKEN or GH_TOKEN"):
        say(note)
    told = plan_json(done.plan, applied=False) if form == "json" else outcomes_text(planned(done.plan), with_texts=True)
    click.echo(told, nl=False)
    if done.exit_code:
        raise SystemExit(done.exit_code)


@click.command("seal")
@click.option("--issue", type=_ISSUE, help="The issue.  [default: the event's, else that of the branch's logbook]")
@click.option("--reason", default="", help="Why the issue is closed now; part of the closing comment.")
@click.option(
    "--guard", "is_guard", is_flag=True, help="Judge a closing by somebody else, as the closing's event would."
)
@click.option("--draft", is_flag=True, help="Print a draft of what is missing, and do nothing else.")
@partial(github_options, forms=("text", "json", "markdown"))
def seal_command(*, issue: Reference | None, reason: str, is_guard: bool, draft: bool, **github: Any) -> None:
    """Close an experiment issue if its record is complete; otherwise report what is missing.

    In Actions, a closing by somebody else is judged the same way, and undone if it came too early.
    """
    context = RunContext.here(**github)
    _seal(context, context.number_of(issue), github, reason=reason, is_guard=is_guard, is_draft=draft)


def _seal(  # noqa: PLR0913 - what a user can say about a seal
    context: RunContext,
    issue: int | None,
    github: dict[str, Any],
    *,
    reason: str = "",
    is_guard: bool = False,
    is_draft: bool = False,
) -> None:
    event = context.event
    with Session.of(context, **github) as session:
        asked = issue if issue or event.number else context.issue(None, session.github)
        number, is_closing = seal.issue_to_judge(event, asked)
        view = view_of(session.github, context)
        if is_draft:
            click.echo(terminal(seal.draft(view, number)))
            return
        if is_guard or is_closing:
            try:
                settle(session, lambda _: seal.guard(view, number))
            except NoIssueError:
                if not (is_closing and event.number == number):
                    raise
                say(gone(number))
        else:
            asked_by = event.actor or session.github.login()
            settle(session, lambda earlier: seal.seal(view, number, reason, asked_by, earlier), is_asked=True)


def settle(session: Session, judged: Callable[[Sealing | None], Sealing], *, is_asked: bool = False) -> None:
    """Apply what came of judging an issue; where it changed meanwhile, judge it again, knowing what came before.

    Where the seal `is_asked` for, and did not come about though nothing failed, that is no success.
    """
    found = judged(None)
    done = session.do(found.outcome)
    for _ in range(_SEAL_ROUNDS - 1):
        if not done.is_stale:
            break
        found = judged(found)
        done = session.do(found.outcome)
    if done.is_stale:
        raise keeps_changing()
    is_planned = session.dry_run and bool(found.outcome.plan)
    is_sealed = found.sealed and not (is_planned or done.is_overtaken or done.unreported)
    if is_asked and found.sealed and not (is_sealed or is_planned):
        session.exit_code = max(session.exit_code, UnfinishedError.exit_code)
    failed = found.report.failed if found.report else ()
    url = next(iter(done.comments), "")
    outputs = {SEALED: str(is_sealed).lower(), FAILED_CHECKS: failed, COMMENT_URL: url}
    runner.set_outputs(session.context.environment, outputs)
    match session.form:
        case "markdown":
            report = terminal(session.summary)
        case "json":
            number, plan = found.case.facts.issue.number, session.plan
            report = seal_json(found.report, number, plan, sealed=found.sealed, applied=not session.dry_run)
        case _:
            said = seal_text(found.report) if found.report else f"{terminal_line(found.why)}\n"
            report = said + session.outcomes_text
    # A closing that was undone is no failure of the job, and has a warning of its own.
    is_refused = bool(failed and found.outcome.exit_code)
    if is_refused and found.report and session.form != "json" and runner.in_actions(os.environ):
        click.echo(command("error", annotation(found.report), title="logbook"))
    session.conclude(report)


@click.command("sweep")
@_MODE
@click.option("--after", type=click.IntRange(0), default=0, help="Resume the labels after this issue number.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Look at closings since this day.  [default: a month]")
@flag("--apply", "is_applied", help="Undo closings that came too early; otherwise only list them.")
@click.option("--force", is_flag=True, help=f"Reopen more than {sweep.MOST_REOPENED} issues at once.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=sweep.MOST_AT_ONCE,
    show_default=True,
    help="Do at most so many snapshots, labels of issues, and closings each.",
)
@github_options
def sweep_command(  # noqa: PLR0913 - what a user can say about a sweep
    *, after: int, mode: Mode, since: dt.datetime | None, is_applied: bool, force: bool, limit: int, **github: Any
) -> None:
    """Catch up on missed snapshots, labels and closings in the whole repository."""
    context = RunContext.here(**github)
    context = context.with_config(with_mode(context.config, mode))
    day = since.replace(tzinfo=dt.UTC) if since else context.now - _MONTH
    with Session.of(context, **github) as session:
        view, found = view_of(session.github, context), snapshots.FoundSnapshots()
        made = session.each(sweep.snapshots(view, found), limit)
        labelled = session.each(sweep.labels(view, day, after), limit)
        earlier = sweep.EarlierParts(found, made, labelled, after)
        session.each(sweep.closings(view, day, earlier, is_applied=is_applied, force=force), limit)
        session.conclude()


@click.command("lint-comment")
@github_options
def lint_comment_command(**github: Any) -> None:
    """Comment the verdict on the pull request whose lint has just ended.

    It is for the event `workflow_run`: a pull request from a fork has a token that cannot comment.
    """
    context = RunContext.here(**github)
    with Session.of(context, **github) as session:
        session.do(lint_comment(context.event.finished_run, context, session.github))
        session.conclude()


@click.command("wandb-summary")
@click.option("--topic", shell_complete=completion.topics, help="The thread of this logbook.  [default: all open ones]")
@click.option("--issue", type=_ISSUE, help="The thread of this issue.")
@click.option("--offline", type=click.Path(path_type=Path), help="Read the files that the W&B SDK left in this folder.")
@click.option("--wandb-host", help="The API of the W&B server.  [default: the configuration's]")
@partial(github_options, forms=("text", "json", "markdown"))
def wandb_summary_command(
    *, topic: str | None, issue: Reference | None, offline: Path | None, wandb_host: str | None, **github: Any
) -> None:
    """Compare the W&B runs of a thread in one comment on its issue, which is kept current.

    The key comes from WANDB_API_KEY. Without a token for GitHub, --dry-run --topic shows the summary of a logbook
    in the work tree.
    """
    context = RunContext.here(**github)
    asked = SummaryRequest(topic or None, context.number_of(issue))
    if not asked.is_one:  # where the command line says nothing, whoever dispatched the workflow may have
        asked = SummaryRequest(context.event.inputs.get("topic", "").strip() or None, context.dispatched_issue)
    context = context.with_config(with_host(context.config, wandb_host))
    runs = run_source(context, offline, context.config)
    if runs is None:
        runner.set_outputs(context.environment, {COMMENT_URLS: ()})
        return
    with runs:
        if github["dry_run"] and asked.topic and not context.token:
            outcome = local(asked.topic, runs, context)
            click.echo(plan_json((), applied=False) if github["form"] == "json" else terminal(outcome.summary))
            for note in outcome.notes:
                say(note)
            if outcome.exit_code:
                raise SystemExit(outcome.exit_code)
            return
        repository = context.clone()
        with Session.of(context, **github) as session:
            notes: list[str] = []
            books = books_of(repository, context.config, context.event.default_branch, notes)
            for note in notes:
                say(note)
            found = summaries(asked, session.github, runs, context.config, books)
            for outcome in context.progress.over("reading W&B runs of threads", found):
                (session.do if asked.is_one else session.do_part)(outcome)
            session.conclude(terminal(session.summary) + "\n" if session.form == "markdown" else None)


def run_source(context: RunContext, offline: Path | None, config: Config) -> OfflineRuns | OnlineRuns | None:
    """Return where runs are read from; None in Actions without a key, which a fork or a new repository has not."""
    if offline is not None:
        return OfflineRuns(offline, context.environment)
    key = context.environment.get(_WANDB_KEY, "").strip()
    if not key and context.in_actions:
        say(f"no W&B key, so nothing is read: add the secret {_WANDB_KEY}, and pass it to the action")
        return None
    if not key:
        raise UserError("no W&B key", f"set {_WANDB_KEY}, or read the SDK's files: --offline DIR")
    if not config.wandb.projects:
        raise UserError(
            "the configuration lists no W&B project, and only listed ones are read",
            "list them under `wandb.projects` in .github/logbook.yml, as ENTITY/PROJECT",
        )
    return OnlineRuns(config.wandb.host, key, context.environment)


@click.command("event", hidden=True)
@click.option("--fail-on", type=click.Choice(get_args(FailOn)))
@_MODE
@click.option("--issue", "--reason", "--apply", "others", multiple=True)
@github_options
def event_command(*, fail_on: FailOn | None, mode: Mode, others: tuple[str, ...], **github: Any) -> None:
    """Do what the event asks for: what the root action runs."""
    if others:
        raise UserError(
            "`issue` and `reason` are for the command `seal`, and `apply` is for `sweep`", "set `command` beside them"
        )
    context = RunContext.here(**github)
    match command_for(context.event):
        case "lint":
            # A fault in the logbook is no reason to lose a snapshot.
            codes = [_code_of(lambda: judge(context, LintRequest(fail_on=fail_on)))]
            if snapshots.is_due(context):
                codes.append(_code_of(lambda: _make_snapshots(context, SnapshotRequest(), github)))
            raise SystemExit(max(codes))
        case "labels":
            _label(context, None, mode, github)
        case "seal":
            _seal(context, None, github, is_guard=True)
        case _:
            click.echo(f"nothing to do for the event {terminal(context.event.name) or '(none)'}")


def _code_of(command: Callable[[], None]) -> int:
    try:
        command()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
