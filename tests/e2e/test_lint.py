"""The lint workflow, as users copy it, on the events that GitHub sends."""

from pathlib import Path

from e2e.bench import Bench
from e2e.thread import LOGBOOK, ZERO, Thread
from hub.bench import Hub
from hub.bench import Repository as HubRepository

NO_COMMAND = ""
GOOD: tuple[str, int, list[object]] = ("success", 0, [])


def test_a_good_pull_request_passes(bench: Bench, thread: Thread) -> None:
    """A pull request that adds a complete entry is not found fault with, and outputs and summary say so."""
    thread.branch()
    thread.add_entry()
    thread.commit(message="TILE-003")
    run = bench.act("pull_request", *thread.open_pull_request())
    assert (run.job, run.exit_code, run.faults) == GOOD, run.log
    assert run.outputs == {"findings": "0", "errors": "0", "warnings": "0"}
    assert "no problems found in 1 logbook" in run.summary


def test_a_removed_entry_fails_on_the_line_before_the_gap(bench: Bench, thread: Thread) -> None:
    """An entry that a pull request takes out is missed where it stood, with the way to get it back."""
    thread.branch()
    thread.write(LOGBOOK, thread.book[: thread.book.index("\n### 2026-03-03")])
    last = thread.book.count("\n")
    thread.commit(message="Tidy up")
    run = bench.act("pull_request", *thread.open_pull_request())
    assert (run.job, run.exit_code, run.faults) == (
        "failure",
        1,
        [("removed-entry", LOGBOOK, last)],
    )
    assert "git show" in run.annotations[0].message


def test_a_rewritten_entry_fails(bench: Bench, thread: Thread) -> None:
    """A result that a pull request changes after the fact is found on the entry."""
    thread.branch()
    thread.write(LOGBOOK, thread.book.replace("Result: 38.9 ms", "Result: 31.0 ms"))
    thread.commit(message="Better numbers")
    run = bench.act("pull_request", *thread.open_pull_request())
    assert (run.job, run.exit_code) == ("failure", 1)
    assert [(item.rule, item.path) for item in run.annotations] == [("rewritten-entry", LOGBOOK)]
    assert thread.line("TILE-002 morton") <= run.annotations[0].line <= thread.line("31.0")


def test_a_measured_result_without_a_command_fails(bench: Bench, thread: Thread) -> None:
    """A number that nobody can measure again is found on its entry; outputs and summary count it."""
    thread.branch()
    line = thread.add_entry(command=NO_COMMAND)
    thread.commit(message="TILE-003")
    run = bench.act("pull_request", *thread.open_pull_request())
    found = ("result-without-command", LOGBOOK, line)
    assert (run.job, run.exit_code, run.faults) == ("failure", 1, [found])
    assert run.outputs == {"findings": "1", "errors": "1", "warnings": "0"}
    assert f"{LOGBOOK}?plain=1#L{line})" in run.summary
    assert "result-without-command" in run.summary


def test_old_faults_stay_silent(bench: Bench, thread: Thread) -> None:
    """A fault that the base has already is only counted: nobody is shown what they did not write."""
    thread.add_entry(command=NO_COMMAND)
    thread.commit(message="A fault on the default branch")
    thread.push("main")
    thread.branch()
    thread.add_entry(4, "spiral")
    thread.commit(message="TILE-004")
    run = bench.act("pull_request", *thread.open_pull_request())
    assert (run.job, run.exit_code, run.faults) == GOOD
    assert "1 finding that the base already has" in run.summary


def test_a_pull_request_without_a_logbook_passes(bench: Bench, thread: Thread) -> None:
    """A change that touches no logbook has nothing to answer for."""
    thread.branch("faster-tiles")
    thread.write("bench/tiles.py", "print('33.0 ms')\n")
    thread.commit(message="Faster tiles")
    run = bench.act("pull_request", *thread.open_pull_request("faster-tiles"))
    assert (run.job, run.exit_code, run.faults) == GOOD


def test_a_pull_request_is_not_judged_by_a_configuration_of_its_own(bench: Bench, thread: Thread) -> None:
    """Switching a rule off in the pull request that breaks it does not help, and the summary says so."""
    thread.branch()
    thread.add_entry(command=NO_COMMAND)
    thread.write(".github/logbook.yml", "rules:\n  result-without-command: off\n")
    thread.commit(message="TILE-003")
    run = bench.act("pull_request", *thread.open_pull_request())
    assert (run.job, [item.rule for item in run.annotations]) == ("failure", ["result-without-command"])
    assert ".github/logbook.yml" in run.summary


def test_a_push_is_judged_against_the_push_before(bench: Bench, thread: Thread) -> None:
    """A push to a research branch answers for what it adds itself."""
    thread.branch()
    thread.add_entry(command=NO_COMMAND)
    before = thread.commit(message="A fault of yesterday")
    line = thread.add_entry(4, "spiral", command=NO_COMMAND)
    thread.commit(message="TILE-004")
    run = bench.act("push", *thread.push_branch(before))
    assert (run.job, run.faults) == ("failure", [("result-without-command", LOGBOOK, line)]), run.log


def test_a_new_research_branch_is_judged_from_where_it_left(bench: Bench, thread: Thread) -> None:
    """The first push of a branch has no push before it: everything since the default branch counts."""
    thread.branch()
    line = thread.add_entry(command=NO_COMMAND)
    thread.commit(message="TILE-003")
    run = bench.act("push", *thread.push_branch(ZERO))
    assert (run.job, run.faults) == ("failure", [("result-without-command", LOGBOOK, line)]), run.log


def test_a_force_push_that_drops_an_entry_is_caught(bench: Bench, thread: Thread) -> None:
    """What was pushed away is held against the push; the snapshot holds it against all that come later."""
    thread.branch()
    thread.add_entry()
    before = thread.commit(message="TILE-003")
    thread.snapshot("TILE-003")
    thread.git("reset", "--quiet", "--hard", "HEAD~1")
    last = thread.book.count("\n")
    thread.write(LOGBOOK, thread.book + "\n")
    thread.commit(message="Start over")
    first = bench.act("push", *thread.push_branch(before, forced=True))
    assert (first.job, first.faults) == ("failure", [("removed-entry", LOGBOOK, last)])
    thread.commit({"code.py": "pass\n"}, "Go on")
    later = bench.act("push", *thread.push_branch(thread.git("rev-parse", "HEAD~1").strip()))
    assert (later.job, later.faults) == ("failure", [("removed-entry", LOGBOOK, last)])
    assert "snapshot/tile-order/TILE-003" in later.annotations[0].message


def test_the_merge_queue_is_judged_against_its_base(bench: Bench, thread: Thread) -> None:
    """What the queue would merge is judged as a pull request is."""
    thread.branch()
    line = thread.add_entry(command=NO_COMMAND)
    thread.commit(message="TILE-003")
    run = bench.act("merge_group", *thread.queue())
    assert (run.job, run.faults) == ("failure", [("result-without-command", LOGBOOK, line)]), run.log


def test_a_shallow_clone_says_what_it_could_not_check(bench: Bench, thread: Thread) -> None:
    """A pull request is judged against its base alone, and the one setting that is missing is named."""
    thread.branch()
    thread.add_entry()
    thread.commit(message="TILE-003")
    run = bench.act("pull_request", *thread.open_pull_request(shallow=True))
    assert (run.job, run.exit_code) == ("success", 0)
    assert "not checked: versions and snapshots that were not fetched" in run.summary
    assert "fetch-depth: 0" in run.summary


def test_nothing_runs_in_a_fork(bench: Bench, thread: Thread) -> None:
    """Somebody's copy of the repository does not run the workflow."""
    thread.branch()
    payload, checkout = thread.push_branch()
    run = bench.act("push", {**payload, "repository": payload["repository"] | {"fork": True}}, checkout)
    assert (run.job, run.steps) == ("", {})


HOSTILE = (
    ".agents/logbooks/-rf.md",
    ".agents/logbooks/$(touch pwned)`touch pwned`.md",
    ".agents/logbooks/a%0A::error::pwned.md",
    ".agents/logbooks/\n::error file=x::pwned\n.md",
    ".agents/logbooks/--output=pwned.md",
    ".agents/logbooks/'\";touch pwned;'.md",
)


def test_hostile_names_do_no_harm(bench: Bench, thread: Thread) -> None:
    """Names of files and branches are text: no command, no option, no annotation of their own making."""
    branch = "research/$(touch${IFS}pwned);`touch${IFS}pwned`"
    thread.branch(branch)
    for path in HOSTILE:
        thread.write(path, thread.book + "\n### 2026-03-09 - kickoff\n\n- Result: 1.5 ms per product.\n")
    thread.commit(message="::error::pwned\n\n$(touch pwned)")
    run = bench.act("pull_request", *thread.open_pull_request(branch))
    errors = [(item.rule, item.path) for item in run.annotations if item.level == "error"]
    assert sorted(errors) == sorted(("result-without-command", path) for path in HOSTILE), run.log
    assert {item.path for item in run.annotations} <= {*HOSTILE, ""}
    assert sorted(path.name for path in bench.folder.rglob("pwned*")) == []


def test_planted_files_change_nothing(bench: Bench, thread: Thread, planted: Path) -> None:
    """Whatever a pull request puts into the work tree, our own code judges it and finds its fault."""
    thread.branch()
    line = thread.add_entry(command=NO_COMMAND)
    thread.commit(message="TILE-003, and more")
    run = bench.act("pull_request", *thread.open_pull_request())
    assert (run.job, run.faults) == ("failure", [("result-without-command", LOGBOOK, line)]), run.log
    assert not planted.exists()


def test_github_is_asked_with_a_token_that_only_reads(
    bench: Bench, thread: Thread, hub: Hub, repository: HubRepository
) -> None:
    """A keyword that would close an experiment's issue is found in a call for each issue that is named.

    One that is not there is asked for twice, as it may just have been made, and then the repository is: where that is
    hidden too, nothing is known of the issue.
    """
    number = repository.issue(labels=["experiment"])
    thread.branch()
    thread.add_entry()
    thread.commit(message="TILE-003")
    payload, checkout = thread.open_pull_request()
    closing = {**payload, "pull_request": payload["pull_request"] | {"body": f"Closes #{number}, part of #12"}}
    run = bench.on(repository, hub.workflow_token(contents="read")).act("pull_request", closing, checkout)
    assert (run.job, [item.rule for item in run.annotations]) == ("success", ["closing-keyword"]), run.log
    issues = [f"GET /repos/{repository.name}/issues/{one}" for one in (number, 12, 12)]
    assert hub.calls == [*issues, f"GET /repos/{repository.name}"]


ROOT_ACTION = """\
on: [push, pull_request, pull_request_target, issues, issue_comment]
permissions: {}
jobs:
  logbook:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: run-research/logbook@v1
        with:
          fail-on: FAIL_ON
"""


def with_root_action(checkout: Path, fail_on: str = "") -> str:
    """Write a workflow with the root action into a checkout, and return its name."""
    text = ROOT_ACTION.replace("FAIL_ON", f'"{fail_on}"')
    (checkout / ".github" / "workflows" / "logbook.yml").write_text(text)
    return "logbook.yml"


def test_the_root_action_lints_what_is_pushed(bench: Bench, thread: Thread) -> None:
    """One action for everything: on a push to a research branch it lints."""
    thread.branch()
    line = thread.add_entry(command=NO_COMMAND)
    thread.commit(message="TILE-003")
    payload, checkout = thread.push_branch()
    run = bench.act("push", payload, checkout, with_root_action(checkout))
    assert (run.job, run.faults) == ("failure", [("result-without-command", LOGBOOK, line)]), run.log


def test_an_input_of_the_action_reaches_the_command(bench: Bench, thread: Thread) -> None:
    """With `fail-on: never` the findings are shown, and the job passes."""
    thread.branch()
    line = thread.add_entry(command=NO_COMMAND)
    thread.commit(message="TILE-003")
    payload, checkout = thread.push_branch()
    run = bench.act("push", payload, checkout, with_root_action(checkout, "never"))
    assert (run.job, run.faults) == ("success", [("result-without-command", LOGBOOK, line)])


def test_the_root_action_says_when_there_is_nothing_to_do(bench: Bench, thread: Thread) -> None:
    """An event that calls for nothing is no failure."""
    payload, checkout = thread.push_branch()
    run = bench.act("issue_comment", {"action": "created", **payload}, checkout, with_root_action(checkout))
    assert (run.job, run.faults) == ("success", [])
    assert "nothing to do" in run.log


def test_pull_request_target_is_refused(bench: Bench, thread: Thread) -> None:
    """A writing token on an outsider's pull request is never used: exit code 2, and what to use instead."""
    thread.branch()
    thread.commit(message="Nothing")
    payload, checkout = thread.open_pull_request()
    run = bench.act("pull_request_target", payload, checkout, with_root_action(checkout))
    assert (run.job, run.exit_code) == ("failure", 2)
    assert "on: pull_request" in run.log


def test_a_repository_below_the_workspace_is_judged_there(bench: Bench, thread: Thread, tmp_path: Path) -> None:
    """Where a checkout was given a path, the action is told it, and annotations name files of the repository."""
    thread.branch()
    before = thread.git("rev-parse", "HEAD")
    line = thread.add_entry(command=NO_COMMAND)
    thread.commit(message="TILE-003")
    payload, checkout = thread.push_branch(before)
    workspace = tmp_path / "workspace"
    workflow = workspace / ".github" / "workflows" / "logbook-lint.yml"
    workflow.parent.mkdir(parents=True)
    told = "        with:\n          working-directory: models\n"
    workflow.write_text(
        (checkout / ".github" / "workflows" / "logbook-lint.yml").read_text().rstrip("\n") + "\n" + told
    )
    checkout.rename(workspace / "models")
    run = bench.act("push", payload, workspace)
    assert (run.job, run.faults) == ("failure", [("result-without-command", LOGBOOK, line)]), run.log
    workflow.write_text(workflow.read_text().replace(told, ""))
    run = bench.act("push", payload, workspace)
    assert (run.exit_code, "`working-directory`" in run.log) == (2, True), run.log
