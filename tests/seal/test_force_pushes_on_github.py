"""Claims about what force pushes took away: a seal finds it while GitHub has it, and says what it could not ask."""

import datetime as dt
from typing import Any

import pytest

from hub.bench import Connect, Hub
from hub.closeout import BRANCH, PATH, Thread
from research_logbook.errors import UnfinishedError

NOON = dt.datetime(2026, 5, 28, 12, tzinfo=dt.UTC)
THIRD = "SPA-AT-003"


def minutes(number: int) -> dt.datetime:
    """Return the time so many minutes after noon."""
    return NOON + dt.timedelta(minutes=number)


def overwrite(thread: Thread, text: str, path: str = PATH) -> str:
    """Replace what was pushed last by another text: a commit that is amended, and pushed with force."""
    thread.work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}")
    thread.work.git("reset", "--quiet", "--hard", "HEAD~1")
    commit = thread.work.commit({path: text})
    thread.work.git("push", "--quiet", "--force", "origin", BRANCH)
    thread.work.git("checkout", "--quiet", "main")
    return commit


@pytest.fixture
def dropped(thread: Thread) -> Thread:
    """Complete a thread whose third entry was pushed, and pushed over three hours later."""
    thread.server.set_clock(minutes(0))
    lost = thread.push(thread.logbook(3))
    thread.server.set_clock(minutes(180))
    overwrite(thread, thread.logbook(2))
    thread.complete()
    forget_locally(thread, lost)
    return thread


def forget_locally(thread: Thread, commit: str) -> None:
    """Let the clone lose what no branch leads to, as a new clone never had it."""
    thread.work.git("branch", "--quiet", "--delete", "--force", BRANCH)
    thread.work.git("reflog", "expire", "--expire=now", "--all")
    thread.work.git("gc", "--quiet", "--prune=now")
    assert not thread.work.git("rev-list", "--all", "--reflog").count(commit)


def test_what_a_force_push_took_away_keeps_the_issue_open(connect: Connect, dropped: Thread) -> None:
    """An entry that no snapshot holds is found in the commit that was pushed over, with the way to get it back."""
    assert dropped.seal(connect()) == 1
    assert dropped.failed == ["history-intact"]
    lost = dropped.server.activity[-1]["before"]
    assert f"entry {THIRD} was removed from the log: lost in a force push, or with the branch" in dropped.report
    assert f"git fetch origin {lost}" in dropped.report
    dropped.push(dropped.logbook(3))
    assert dropped.seal(connect()) == 1
    assert "history-intact" not in dropped.failed


def test_a_force_push_that_keeps_the_text_is_silent(connect: Connect, thread: Thread) -> None:
    """Commits that are reordered, rebased or squashed take nothing away from the log."""
    thread.work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}")
    thread.work.git("commit", "--quiet", "--amend", "--message", "Squashed")
    thread.work.git("push", "--quiet", "--force", "origin", BRANCH)
    thread.work.git("checkout", "--quiet", "main")
    thread.complete()
    assert thread.server.activity[-1]["activity_type"] == "force_push"
    assert thread.seal(connect()) == 0
    assert "not checked" not in thread.report


def test_an_ordinary_push_costs_one_call(connect: Connect, hub: Hub, thread: Thread) -> None:
    """Where nothing was pushed over, one page of the list is all that is asked, and nothing is fetched."""
    thread.complete()
    hub.forget()
    assert thread.seal(connect()) == 0
    assert [call for call in hub.calls if "activity" in call] == [f"GET /repos/{thread.project.name}/activity"]


@pytest.mark.parametrize(("grace", "code"), [(59, 1), (60, 1), (61, 0)])
def test_what_was_pushed_a_moment_ago_may_be_taken_back(
    connect: Connect, thread: Thread, grace: int, code: int
) -> None:
    """Within the grace a text may be amended: it is named, and the issue is sealed; after it, it is a loss."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(2) + "\nA hasty remark.\n")
    thread.server.set_clock(minutes(60))
    overwrite(thread, thread.logbook(2) + "\nA remark.\n")
    thread.complete()
    configured(thread, grace)
    assert thread.seal(connect()) == code
    said = "lost in a force push, or with the branch" if code else f"taken back within {grace}m of its first push"
    assert f"lost “hasty”: {said}" in thread.report.replace("\\", "")


def configured(thread: Thread, grace: int) -> None:
    """Let the default branch allow a grace of some minutes."""
    thread.work.commit({".github/logbook.yml": f"history:\n  grace: {grace}m\n"})
    thread.work.git("push", "--quiet", "origin", "main")


def test_a_text_that_outlives_a_rebase_is_as_old_as_it_is(connect: Connect, thread: Thread) -> None:
    """Pushing a text anew every half hour does not make it young, and dropping it after that is a loss."""
    for half_hour in range(5):
        thread.server.set_clock(minutes(30 * half_hour))
        if half_hour == 0:
            thread.push(thread.logbook(3))
        else:
            overwrite(thread, thread.logbook(3) + f"\nRebased {half_hour}.\n")
    thread.server.set_clock(minutes(140))
    overwrite(thread, thread.logbook(2))
    thread.complete()
    assert thread.seal(connect()) == 1
    assert thread.failed == ["history-intact"]
    assert thread.report.count(f"{THIRD} was removed from the log: lost in a force push, or with the branch") == 1
    assert "taken back" not in thread.report


@pytest.mark.parametrize("later", [25, 70, 600])
def test_what_was_taken_back_stays_so_through_later_force_pushes(connect: Connect, thread: Thread, later: int) -> None:
    """A remark that was amended at once is not held against a branch that is rebased later."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(2) + "\nA hasty remark.\n")
    thread.server.set_clock(minutes(20))
    overwrite(thread, thread.logbook(2) + "\nA remark.\n")
    thread.server.set_clock(minutes(later))
    overwrite(thread, thread.logbook(2) + "\nA remark.\n\nAnother.\n")
    thread.complete()
    assert thread.seal(connect()) == 0


def test_a_loss_that_is_squashed_away_is_found(connect: Connect, thread: Thread) -> None:
    """An entry that a commit dropped is owed, and a force push that hides that commit hides nothing."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(3))
    thread.server.set_clock(minutes(180))
    thread.push(thread.logbook(2))
    thread.server.set_clock(minutes(600))
    thread.work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}~2")
    thread.work.git("push", "--quiet", "--force", "origin", BRANCH)
    thread.work.git("checkout", "--quiet", "main")
    thread.complete()
    assert thread.seal(connect()) == 1
    assert f"{THIRD} was removed" in thread.report


def test_a_branch_that_was_deleted_and_made_again_answers_for_what_it_had(connect: Connect, thread: Thread) -> None:
    """A deletion replaces what the branch had, just as a force push does."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(3))
    thread.server.set_clock(minutes(180))
    thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    thread.work.git("fetch", "--quiet", "--prune", "origin")
    thread.push(thread.logbook(2))
    thread.complete()
    assert [it["activity_type"] for it in thread.server.activity][-2:] == ["branch_deletion", "branch_creation"]
    assert thread.seal(connect()) == 1
    assert thread.failed == ["history-intact"]


def test_a_branch_that_is_gone_answers_for_what_no_snapshot_has(connect: Connect, thread: Thread) -> None:
    """What was pushed after the last snapshot is lost with the branch, as the header names it."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(3))
    thread.server.set_clock(minutes(180))
    thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    thread.complete()
    assert thread.seal(connect()) == 1
    assert f"{THIRD} was removed" in thread.report


def test_a_branch_that_was_merged_and_deleted_has_lost_nothing(connect: Connect, thread: Thread) -> None:
    """What the default branch has is to be linked from there; that the branch is gone is no loss."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(3))
    thread.push(thread.logbook(3), "main")
    thread.server.set_clock(minutes(180))
    thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    thread.complete()
    assert thread.seal(connect()) == 1
    assert thread.failed == ["one-logbook"]
    thread.write(thread.body.replace(f"blob/{BRANCH}", "blob/main"))
    thread.seal(connect())
    assert not {"history-intact", "one-logbook"} & set(thread.failed)


def test_a_branch_that_was_given_another_name_is_known_from_a_snapshot(connect: Connect, thread: Thread) -> None:
    """Pushing the log under another name, and saying so in its header, does not shake off what the old branch had."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(3))
    thread.server.set_clock(minutes(180))
    thread.push(thread.logbook(2).replace(BRANCH, "research/sparser"), "research/sparser")
    thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    thread.complete()
    thread.write(thread.body.replace(f"blob/{BRANCH}", "blob/research/sparser"))
    assert thread.seal(connect()) == 1
    assert f"{THIRD} was removed" in thread.report


def test_a_logbook_that_was_renamed_is_the_same(connect: Connect, thread: Thread) -> None:
    """What a force push drops and renames at once is found by the issue that its header names."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(3))
    thread.server.set_clock(minutes(180))
    thread.work.git("checkout", "--quiet", "-B", BRANCH, "origin/main")
    other = ".agents/logbooks/sparser.md"
    thread.work.commit({other: thread.logbook(2)})
    thread.work.git("push", "--quiet", "--force", "origin", BRANCH)
    thread.work.git("checkout", "--quiet", "main")
    thread.complete()
    thread.write(thread.body.replace(PATH, other))
    assert thread.seal(connect()) == 1
    assert "history-intact" in thread.failed
    assert f"{THIRD} was removed" in thread.report


HOSTILE = {
    "a folder in the place of the logbook": {f"{PATH}/x.md": "text"},
    "bytes that are no text": {PATH: b"\xff\xfe\x00"},
    "half a merge": {PATH: "<<<<<<< HEAD\n# A\n=======\n# B\n>>>>>>> x\n"},
    "front matter that is none": {PATH: "---\ntopic: !!omap [a: 1, a: 2]\n---\n"},
    "nothing": {},
}


@pytest.mark.parametrize("files", HOSTILE.values(), ids=HOSTILE)
def test_whatever_was_pushed_over_stops_nothing(
    connect: Connect, thread: Thread, files: dict[str, str | bytes]
) -> None:
    """What was pushed by whoever may push is looked at, and where it is no logbook it is owed by nobody."""
    thread.server.set_clock(minutes(0))
    thread.work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}")
    thread.work.git("rm", "--quiet", PATH)
    thread.work.commit(files)
    thread.work.git("push", "--quiet", "origin", BRANCH)
    thread.server.set_clock(minutes(180))
    thread.work.git("push", "--quiet", "--force", "origin", f"HEAD~1:{BRANCH}")
    thread.work.git("checkout", "--quiet", "main")
    thread.work.git("fetch", "--quiet", "origin")
    thread.complete()
    assert thread.seal(connect()) == 0


def test_what_is_too_large_is_not_read(connect: Connect, thread: Thread, capsys: pytest.CaptureFixture[str]) -> None:
    """A version over 5 MB is listed as not checked."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(2) + "x" * 5_000_001)
    thread.server.set_clock(minutes(180))
    overwrite(thread, thread.logbook(2))
    thread.complete()
    assert thread.seal(connect()) == 0
    assert "not checked: 1 of the versions that were pushed over, which are over 5 MB" in capsys.readouterr().err


# What cannot be asked


def test_what_github_no_longer_has_is_listed(
    connect: Connect, dropped: Thread, capsys: pytest.CaptureFixture[str]
) -> None:
    """A commit that was collected cannot be held against anybody; the report and a note say that it was not."""
    dropped.server.collect_garbage()
    lost = dropped.server.activity[-1]["before"]
    assert dropped.seal(connect()) == 0
    said = f"what was pushed over on {BRANCH} on 2026-05-28 15:00 UTC, {lost[:12]}: the remote no longer has it"
    assert f"#{dropped.number}: not checked: {said}\n" in capsys.readouterr().err
    assert "not checked: what was pushed over" in dropped.report


@pytest.mark.parametrize("status", [403, 404])
def test_a_github_that_lists_nothing_is_told(
    connect: Connect, hub: Hub, dropped: Thread, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """An older Enterprise server has no such list, and a token may not be allowed to read it."""
    hub.fail(status, path="/activity$", times=10)
    assert dropped.seal(connect()) == 0
    assert f"not checked: force pushes of {BRANCH}: could not list what moved {BRANCH}" in capsys.readouterr().err


@pytest.mark.parametrize("how", [{"status": 500}, {"status": 0}, {"status": 200, "data": b"<html>"}], ids=str)
def test_a_github_that_fails_closes_nothing(connect: Connect, hub: Hub, dropped: Thread, how: dict[str, Any]) -> None:
    """What was pushed over may be known a minute later: nothing is sealed without it, and the run is to be repeated."""
    hub.fail(path="/activity$", times=9, **how)
    with pytest.raises(UnfinishedError, match=f"could not list what moved {BRANCH}"):
        dropped.seal(connect())
    assert dropped.project.state(dropped.number) == "open"


def test_one_refusal_to_list_is_asked_again(connect: Connect, hub: Hub, dropped: Thread) -> None:
    """GitHub says once that there is no such list, and is not believed."""
    hub.fail(404, path="/activity$")
    assert dropped.seal(connect()) == 1
    assert dropped.failed == ["history-intact"]


def test_a_rate_limit_closes_nothing(connect: Connect, hub: Hub, dropped: Thread) -> None:
    """Where GitHub refuses all calls for a while, the seal is to be run again, and passes over nothing."""
    hub.fail(429, path="/activity$", times=9, headers={"retry-after": "3600"})
    with pytest.raises(UnfinishedError, match=f"could not list what moved {BRANCH}: GitHub rate limit reached"):
        dropped.seal(connect())
    assert dropped.project.state(dropped.number) == "open"


def toggle(thread: Thread, times: int) -> None:
    """Push over the branch again and again, which takes nothing away."""
    tip = thread.work.git("rev-parse", f"origin/{BRANCH}")
    thread.work.git("checkout", "--quiet", "--detach", tip)
    thread.work.git("commit", "--quiet", "--allow-empty", "--amend", "--message", "Amended")
    other = thread.work.git("rev-parse", "HEAD")
    for turn in range(times):
        thread.work.git("push", "--quiet", "--force", "origin", f"{(other, tip)[turn % 2]}:refs/heads/{BRANCH}")
    thread.work.git("checkout", "--quiet", "main")


@pytest.mark.slow
@pytest.mark.parametrize("is_buried", [True, False])
def test_no_number_of_force_pushes_buries_one(
    connect: Connect, hub: Hub, thread: Thread, is_buried: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A loss is found among more than a page of harmless ones; if a page fails, what came before it counts."""
    thread.server.set_clock(minutes(0))
    thread.push(thread.logbook(3))
    if not is_buried:
        thread.server.set_clock(minutes(90))
        toggle(thread, 102)
    thread.server.set_clock(minutes(180))
    overwrite(thread, thread.logbook(2))
    if is_buried:
        toggle(thread, 102)
    else:
        for _ in range(2):  # it is asked twice
            hub.fail(404, path="/activity$", spared=1)
    thread.complete()
    assert thread.seal(connect()) == 1
    assert thread.failed == ["history-intact"]
    assert ("not checked: force pushes" in capsys.readouterr().err) == (not is_buried)
