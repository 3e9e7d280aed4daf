"""Claims about sealing, on a GitHub that counts: what is complete is closed with its report, and nothing else is."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from hub.bench import BOT, Connect, Hub, Repository
from hub.closeout import BRANCH, FINAL, FINAL_COMMENT, PATH, Thread
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.repo.research_branches import books_of, named_in
from research_logbook.seal import collect, draft, guard, seal


def test_a_complete_record_is_sealed(connect: Connect, thread: Thread) -> None:
    """A dispatched seal closes the issue as completed, with who asked, why, and what the thread came to."""
    thread.complete()
    assert thread.seal(connect(), "the goal is reached") == 0
    state, labels, comments, report = thread.end
    assert (state, labels, comments) == ("completed", {"experiment", "sealed"}, 2)
    for said in ("`wim`", "the goal is reached", "SPA-AT-002", "Use block sparsity from 512", FINAL, "width 1024"):
        assert said in report
    assert "**Production pull requests:** none" in report
    assert thread.project.history(thread.number)[-1] == f"labeled sealed @{BOT}"


@pytest.mark.parametrize("is_locked", [True, False])
def test_what_was_not_closed_is_not_put_out_as_sealed(
    connect: Connect, thread: Thread, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_locked: bool
) -> None:
    """Neither a dry run nor a seal whose report could not be posted closes anything, and the output says so."""
    thread.complete()
    if is_locked:
        thread.project.lock(thread.number)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    assert thread.seal(connect(), dry_run=not is_locked) == (3 if is_locked else 0)
    assert thread.end[0] == "open"
    assert "sealed=false\n" in (tmp_path / "output").read_text()


def test_an_incomplete_record_is_refused_and_each_missing_thing_is_named(connect: Connect, thread: Thread) -> None:
    """The issue stays open, and one comment, kept current, names what is missing until nothing is."""
    github, body = connect(), thread.body
    assert thread.seal(github) == 1
    assert set(thread.failed) == {
        *("tldr-current", "conclusion", "next-steps", "final-snapshot", "decision-log", "negative-results"),
        *("final-comment", "final-entry"),
    }
    assert thread.end[:3] == ("open", {"experiment"}, 1)
    thread.write(body.replace("## Conclusion", "## Thoughts"))
    assert thread.seal(github) == 1
    assert thread.failed == ["conclusion", "final-comment"]
    thread.write(body)
    assert thread.seal(github) == 1
    assert thread.failed == ["final-comment"]
    thread.project.comment(thread.number, FINAL_COMMENT)
    assert thread.seal(github) == 0
    assert thread.end[:3] == ("completed", {"experiment", "sealed"}, 2)


def test_sealing_twice_changes_nothing(connect: Connect, hub: Hub, thread: Thread) -> None:
    """A second seal writes nothing."""
    thread.complete()
    github = connect()
    thread.seal(github)
    hub.forget()
    assert thread.seal(github, "again") == 0
    assert hub.writes == []


@pytest.mark.parametrize(
    ("edit", "is_told"),
    [
        (lambda body: body.replace("keeps the loss", "halves the loss"), True),
        (lambda body: body.replace("\n", "\r\n") + "\r\n", False),
    ],
)
def test_a_text_that_was_edited_after_the_seal_is_told(
    connect: Connect, hub: Hub, thread: Thread, edit: Callable[[str], str], *, is_told: bool
) -> None:
    """The report tells what was sealed; a later look notes another text, and changes nothing."""
    thread.complete()
    github = connect()
    thread.seal(github)
    thread.write(edit(thread.body))
    hub.forget()
    view = thread.view(github)
    for found in (guard(view, thread.number), seal(view, thread.number, "", "wim")):
        assert [f"#{thread.number} was edited" in note for note in found.outcome.notes] == [True] * is_told
        assert found.sealed
    assert hub.writes == []


def test_a_dry_run_writes_nothing(
    connect: Connect, hub: Hub, thread: Thread, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints what would be done, in the order in which it would be."""
    thread.complete()
    hub.forget()
    assert thread.seal(connect(), dry_run=True) == 0
    assert hub.writes == []
    number = thread.number
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("would ")] == [
        "would create the label “sealed”:",
        f"would comment on #{number} about its closing:",
        f"would close #{number} as completed",
        f"would mark #{number} as sealed",
    ]
    assert "\n    ### 🔒 Closed out\n" in said


@pytest.mark.parametrize("is_locked", [False, True])
def test_the_job_summary_claims_nothing_that_was_not_done(
    connect: Connect, thread: Thread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_locked: bool
) -> None:
    """In a dry run, or where GitHub takes no comment, the record is told as complete, and the issue not as sealed."""
    thread.complete()
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    if is_locked:
        thread.project.lock(thread.number)
    thread.seal(connect(), dry_run=not is_locked)
    said = summary.read_text()
    assert "✅ Complete, and not closed out yet" in said
    assert ("Closed out" in said, "was sealed as" in said) == (False, False)
    assert ("### Dry run: nothing was written" in said, "closed it" in said) == (not is_locked, False), said
    assert ("close it as completed and mark it as sealed" in said) is not is_locked
    assert thread.project.state(thread.number) == "open"


def test_the_job_summary_says_what_was_done(
    connect: Connect, thread: Thread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the report it links the comment, and says that the issue was closed."""
    thread.complete()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    thread.seal(connect())
    report, _, done = (tmp_path / "summary.md").read_text().partition("### Done")
    assert "🔒 Closed out" in report
    assert "about its closing, closed it as completed and marked it as sealed.\n" in done
    assert done.count("#issuecomment-") == 1


def test_a_reopened_thread_is_sealed_again(connect: Connect, thread: Thread) -> None:
    """The label of the first time says nothing any more, and is set anew."""
    thread.complete()
    github = connect()
    thread.seal(github)
    thread.project.reopen(thread.number)
    assert thread.seal(github, "once more") == 0
    assert thread.end[:3] == ("completed", {"experiment", "sealed"}, 2)
    marks = [event for event in thread.project.history(thread.number) if "sealed" in event]
    assert marks == [f"{what} sealed @{BOT}" for what in ("labeled", "unlabeled", "labeled")]


def test_somebody_elses_mark_is_not_believed(connect: Connect, thread: Thread) -> None:
    """A `sealed` label that a person puts on does not let an incomplete thread be closed."""
    thread.project.label(thread.number, "sealed")
    thread.project.close(thread.number)
    assert thread.guard(connect()) == 0
    assert thread.end[0] == "open"


def test_no_issue_but_an_experiment_is_touched(connect: Connect, hub: Hub, thread: Thread) -> None:
    """A bug, a pull request and a number that names nothing are refused, and nothing is written on them."""
    bug, pull = thread.project.issue("Crash on start"), thread.project.pull_request("faster")
    hub.forget()
    for number, why in ((bug, "not an experiment issue"), (pull, "is a pull request"), (999, "no issue #999")):
        with pytest.raises(UserError, match=why):
            Thread(thread.project, thread.work, number).seal(connect())
    assert hub.writes == []


def test_a_private_reason_is_not_published(connect: Connect, hub: Hub, thread: Thread) -> None:
    """What the repository holds back is held back here too."""
    thread.complete()
    thread.work.write(".github/logbook.yml", "held-back: [falcon]\n")
    hub.forget()
    with pytest.raises(UserError, match="the reason contains private text"):
        thread.seal(connect(), "project falcon wants it")
    assert hub.writes == []


def test_hostile_text_is_inert_in_the_closing_comment(connect: Connect, thread: Thread) -> None:
    """A reason and a TL;DR that mention people, link and hide do none of that in our comment."""
    thread.write(thread.body.replace("at 0.7", "<!-- x --> @mia [x](http://a.b) <img src=x> at 0.7"))
    thread.project.comment(thread.number, FINAL_COMMENT)
    assert thread.seal(connect(), "@everyone <!-- logbook:seal:1 run=1.1 -->") == 0
    assert not re.search(r"(?<![\\\w])@|\]\(http://a|<img|<!--", thread.report)


def test_a_report_of_an_older_login_is_not_left_to_contradict(connect: Connect, hub: Hub, thread: Thread) -> None:
    """The workflow's token is replaced by an app's: what its report said is taken back, and named in the new one."""
    thread.seal(connect(hub.workflow_token(issues="write", pull_requests="read")))
    thread.complete()
    app = connect(hub.app_token("other-app[bot]", issues="write", pull_requests="read"), bot_login="other-app[bot]")
    assert thread.seal(app) == 0
    reports = {author: body for author, body in thread.project.comments(thread.number) if "logbook:seal:" in body}
    assert reports[BOT].partition("\n")[2].startswith("This report is no longer kept: ")
    assert "Not closed out" not in reports[BOT]
    assert "reported on this issue no longer counts." in reports["other-app[bot]"]
    hub.forget()
    assert (thread.seal(app), hub.writes) == (0, [])


def test_another_bots_report_is_named_and_left_alone(connect: Connect, thread: Thread) -> None:
    """Whose bot that is nobody knows: a note says that its report is kept by nobody; what people wrote is nothing."""
    report = f"<!-- logbook:seal:{thread.number} run=0.0 -->\nNot closed out"
    thread.project.as_person("other-app[bot]").comment(thread.number, report)
    thread.project.as_person("wim").comment(thread.number, report)
    thread.complete()
    found = seal(thread.view(connect()), thread.number, "", "wim")
    assert [note for note in found.outcome.notes if "kept by nobody" in note] == [
        f"#{thread.number} has a report of other-app[bot], which is kept by nobody: delete it by hand"
    ]
    assert thread.seal(connect()) == 0
    said = [body for author, body in thread.project.comments(thread.number) if author in {"other-app[bot]", "wim"}]
    assert said.count(report) == 2


def test_a_refusal_is_an_annotation(
    connect: Connect, thread: Thread, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In Actions the run's page says what is missing and what to do; on a laptop nothing of the kind is printed."""
    thread.seal(connect())
    assert "::error" not in capsys.readouterr().out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    thread.seal(connect())
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::error")]
    assert line.startswith(f"::error title=logbook::#{thread.number} is not closed out: tldr-current, conclusion")
    assert "%0Aconclusion: the body has no Conclusion; write `## Conclusion`" in line
    thread.project.close(thread.number)
    assert thread.guard(connect()) == 0  # the run did what it is for, and a warning says so
    assert "::error" not in capsys.readouterr().out
    monkeypatch.delenv("GITHUB_ACTIONS")
    thread.complete()
    assert thread.seal(connect()) == 0


# Where the logbook is


def test_the_link_says_the_branch(connect: Connect, thread: Thread) -> None:
    """A branch with slashes in its name, which no pattern knows, is found by the issue's link."""
    thread.push(thread.logbook(2).replace(BRANCH, "ana/blocks"), "ana/blocks")
    thread.complete()
    thread.write(thread.body.replace(f"blob/{BRANCH}", "blob/ana/blocks"))
    assert thread.seal(connect()) == 0


def test_a_branch_that_only_its_own_logbook_names_is_one_of_research(connect: Connect, thread: Thread) -> None:
    """Labels, seal and the W&B summary know the same research branches, whatever these are called."""
    thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    thread.push(thread.logbook(2).replace(BRANCH, "ana/blocks"), "ana/blocks")
    thread.project.unlabel(thread.number, "experiment")
    view = thread.view(connect())
    assert view.repository
    named = named_in(view.repository, view.config, "main", view.github)
    found = collect(view, thread.number)
    books = books_of(view.repository, view.config, "main")
    assert (list(named.issues), found.facts.is_enrolled) == ([thread.number], True)
    assert (found.facts.ref, [book.path for book in books]) == ("ana/blocks", [PATH])


def test_several_logbooks_are_named_and_none_is_taken(connect: Connect, thread: Thread) -> None:
    """Two logbooks that name the issue, where the body links neither, are a refusal that names both."""
    other = ".agents/logbooks/other.md"
    thread.push(thread.logbook(1), path=other)
    thread.complete()
    thread.write(re.sub(r"- \[Logbook\].*\n", "", thread.body))
    assert thread.seal(connect()) == 1
    assert PATH in thread.report
    assert other in thread.report


def test_the_one_research_branch_is_found(connect: Connect, thread: Thread) -> None:
    """A bare path in the body is enough where one research branch holds it."""
    thread.push(thread.logbook(2).replace(f"- Branch: `{BRANCH}`\n", ""))
    thread.complete()
    thread.write(re.sub(r"\[Logbook\]\(.*?\)", f"`{PATH}`", thread.body))
    assert thread.seal(connect()) == 0


def test_a_branch_that_is_gone_leaves_the_snapshot(connect: Connect, thread: Thread) -> None:
    """When the research branch was deleted, the newest snapshot is what is judged."""
    thread.complete()
    thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    assert thread.seal(connect()) == 0


# Snapshots and history


def test_a_changed_result_keeps_the_issue_open(connect: Connect, thread: Thread) -> None:
    """What a snapshot holds and the logbook does not any more is named, with the way to get it back."""
    thread.complete()
    thread.push(thread.logbook(2).replace("loss 2.225", "loss 2.125"))
    assert thread.seal(connect()) == 1
    assert thread.failed == ["history-intact"]
    assert f"git show {FINAL}:{PATH}" in thread.report


def test_a_result_after_the_snapshot_needs_another(connect: Connect, thread: Thread) -> None:
    """Once a further entry has a result, the summary and the snapshot that are linked are no longer final."""
    thread.complete()
    thread.push(thread.logbook(3))
    assert thread.seal(connect()) == 1
    assert {"tldr-current", "final-snapshot"} <= set(thread.failed)


def test_a_commit_that_nothing_leads_to_is_no_snapshot(connect: Connect, thread: Thread) -> None:
    """A commit that the clone knows, and no branch or tag of origin leads to, does not count."""
    thread.work.git("checkout", "--quiet", "--detach", f"origin/{BRANCH}")
    lonely = thread.work.commit(message="nowhere")
    thread.work.git("checkout", "--quiet", "main")
    thread.complete()
    thread.write(re.sub(r"- \[Final snapshot\].*", f"- {lonely}", thread.body))
    assert thread.seal(connect()) == 1
    assert "final-snapshot" in thread.failed
    reachable = thread.work.git("rev-parse", f"origin/{BRANCH}")
    thread.write(re.sub(r"- \[Final snapshot\].*", f"- {reachable}", thread.body))
    assert thread.seal(connect()) == 0


# Production pull requests


@pytest.mark.parametrize(
    ("body", "head", "is_part"),
    [
        ("Part of #{n}", "faster", True),
        ("Closes #{n}", "faster", True),
        ("See #{n}; the record is .agents/logbooks/sparse-attention.md", "faster", True),
        ("The record of #{n}", BRANCH, True),
        ("Found while working on #{n}", "faster", False),
        ("Part of #{n}0", "faster", False),
    ],
)
def test_merged_pull_requests_have_to_be_linked(
    connect: Connect, thread: Thread, body: str, head: str, is_part: bool
) -> None:
    """A merged pull request that is part of the issue is linked from its body; a mere mention is not."""
    thread.complete()
    pull = thread.project.pull_request(head, body=body.format(n=thread.number))
    thread.project.merge(pull)
    assert thread.seal(connect()) == int(is_part)
    assert ("production-pr" in thread.failed) == is_part
    thread.write(f"{thread.body}\nProduction: #{pull}\n")
    assert thread.seal(connect()) == 0


def test_an_open_pull_request_does_not_hinder(connect: Connect, thread: Thread) -> None:
    """What is not merged may still come; it is only named."""
    thread.complete()
    pull = thread.project.pull_request("faster", body=f"Part of #{thread.number}")
    assert thread.seal(connect()) == 0
    assert f"\\#</span>{pull}" in thread.report or f"#{pull}" in thread.report


def test_a_logbook_that_was_merged_along_is_found(connect: Connect, thread: Thread) -> None:
    """A production pull request that brought the logbook to the default branch hinders until it is gone from there."""
    thread.complete()
    pull = thread.project.pull_request("faster", body=f"Part of #{thread.number}")
    thread.project.merge(pull, "src/attention.py", PATH)
    thread.write(f"{thread.body}\nProduction: #{pull}\n")
    thread.push(thread.logbook(2), "main")
    assert thread.seal(connect()) == 1
    assert thread.failed == ["production-pr"]
    (thread.work.root / PATH).unlink()
    thread.work.commit()
    thread.work.git("push", "--quiet", "origin", "main")
    assert thread.seal(connect()) == 0


# Costs and crashes


def test_a_seal_costs_few_calls(connect: Connect, hub: Hub, thread: Thread) -> None:
    """With a hundred comments and a production pull request, a seal makes eighteen calls."""
    thread.project.new_label("sealed")
    for index in range(99):
        thread.project.comment(thread.number, f"remark {index}")
    pull = thread.project.pull_request("faster", body=f"Part of #{thread.number}")
    thread.project.merge(pull)
    thread.complete()
    thread.write(f"{thread.body}\n#{pull}\n")
    hub.forget()
    assert thread.seal(connect()) == 0
    assert len(hub.calls) <= 18, hub.calls


@pytest.mark.parametrize(("verb", "path"), [("PATCH", "/issues/1$"), ("POST", "/issues/1/labels$")])
def test_a_text_that_was_emptied_while_it_was_sealed_is_not_sealed(
    connect: Connect, hub: Hub, thread: Thread, verb: str, path: str
) -> None:
    """What we closed and is not complete any more is open again, with a report that says so, and without a mark."""
    thread.complete()
    hub.forget()
    hub.meanwhile(lambda: thread.write(""), verb=verb, path=path)
    assert thread.seal(connect()) == 1
    state, labels, _, report = thread.end
    assert (state, labels) == ("open", {"experiment"})
    assert "It was closed, and is reopened." in report
    assert "Not closed out" in report


@pytest.mark.parametrize(("verb", "path"), [("POST", "/issues/1/labels$"), ("GET", "/issues/comments/")])
def test_who_reopens_an_issue_while_it_is_sealed_is_heard(
    connect: Connect, hub: Hub, thread: Thread, capsys: pytest.CaptureFixture[str], verb: str, path: str
) -> None:
    """It is not closed a second time in the same run, and has no mark; the next run that is asked for closes it."""
    thread.complete()
    hub.forget()
    hub.meanwhile(lambda: thread.project.as_person("mia").reopen(thread.number), verb=verb, path=path)
    assert thread.seal(connect()) == 1
    assert thread.end[:2] == ("open", {"experiment"})
    assert "#1 was closed out and mia reopened it at once, so it stays open" in capsys.readouterr().err
    assert thread.seal(connect()) == 0
    assert thread.end[:2] == ("completed", {"experiment", "sealed"})
    closings = [event for event in thread.project.history(thread.number) if event.startswith("closed")]
    assert closings == [f"closed @{BOT}"] * 2


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", range(19))
def test_a_seal_that_breaks_off_is_completed(
    connect: Connect, hub: Hub, thread: Thread, call: int, after: bool
) -> None:
    """Whatever call is the last, done or not, no issue is closed without its report, and the next run ends it."""
    thread.complete()
    hub.forget()
    hub.meanwhile(lambda: None, times=call)
    hub.fail(502, times=1, after=after)
    hub.fail(403, times=1_000)
    with suppress(UnfinishedError):
        thread.seal(connect())
    hub.forget()
    state, _, comments, _ = thread.end
    assert state == "open" or comments == 2
    assert thread.seal(connect()) == 0
    assert thread.end[:3] == ("completed", {"experiment", "sealed"}, 2)
    assert [event for event in thread.project.history(thread.number) if event.startswith("closed")] == [
        f"closed @{BOT}"
    ]


def test_what_changed_meanwhile_is_judged_again(connect: Connect, hub: Hub, thread: Thread) -> None:
    """An issue that is edited between judging and writing is not closed on what it said before."""
    thread.complete()
    hub.forget()
    number = thread.number
    hub.meanwhile(lambda: None, path=f"/issues/{number}$", times=1)
    hub.meanwhile(lambda: thread.write("nothing any more"), path=f"/issues/{number}$", times=1)
    assert thread.seal(connect()) == 1
    assert thread.end[0] == "open"
    assert "conclusion" in thread.failed


def test_a_late_run_closes_nothing(connect: Connect, thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a newer run has judged the issue meanwhile, an older one neither overwrites its report nor closes."""
    run = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_REPOSITORY": thread.project.name}
    for name, value in run.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    assert thread.seal(connect()) == 1
    thread.complete()
    monkeypatch.setenv("GITHUB_RUN_ID", "6")
    assert thread.seal(connect()) == 3
    assert thread.end[:2] == ("open", {"experiment"})
    assert "Not closed out" in thread.report


def test_a_draft_shows_what_is_missing(connect: Connect, hub: Hub, thread: Thread) -> None:
    """The skeletons name what is missing, and pasted as they are they satisfy nothing but what is true."""
    hub.forget()
    said = draft(thread.view(connect()), thread.number)
    assert hub.writes == []
    assert "## Conclusion" in said
    assert f"[{FINAL}]({thread.pages}/tree/{FINAL})" in said
    thread.write(said)
    thread.project.comment(thread.number, said.partition("<!-- As a comment -->")[2])
    assert thread.seal(connect()) == 1
    assert set(thread.failed) >= {"tldr-current", "conclusion", "next-steps", "decision-log", "negative-results"}
    assert "final-comment" in thread.failed
    assert "final-snapshot" not in thread.failed


def test_without_a_clone_nothing_is_sealed(connect: Connect, thread: Thread, tmp_path: Path) -> None:
    """Outside of a clone the logbook cannot be looked at, and that is what is said."""
    thread.complete()
    outside = tmp_path / "outside"
    outside.mkdir()
    thread.work.root = outside
    assert thread.seal(connect()) == 1
    assert "this is no clone" in thread.report


def test_outsiders_repositories_are_others(connect: Connect, repository: Repository, thread: Thread) -> None:
    """A snapshot of the same name elsewhere is none of ours."""
    thread.complete()
    thread.write(thread.body.replace(f"{thread.pages}/tree", f"{repository.hub.url}/foo/models/tree"))
    assert thread.seal(connect()) == 1
    assert "final-snapshot" in thread.failed
