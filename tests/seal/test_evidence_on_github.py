"""Claims about what a seal is held against: no body, branch or tag chooses which evidence counts."""

import pytest

from hub.bench import BOT, Connect, Hub
from hub.closeout import BRANCH, FINAL, FIRST, PATH, Thread
from research_logbook.effects import UpsertComment
from research_logbook.effects.sticky_comments import Origin, comment_text
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook, Unreadable
from research_logbook.repo import logbook_resolution
from research_logbook.seal import collect
from research_logbook.seal.drafts import drafts
from research_logbook.seal.plan import judge

COPY, COPY_BRANCH = ".agents/logbooks/blocks.md", "research/blocks"
DIVERGED = """
### 2026-05-27 10:00 - SPA-AT-003 third seed

- Command: `python -m train --blocks 512 --seed 3`
- Result: diverged at step 120.
- Interpretation: it does not hold.
- Next action: none.
"""


def tag(thread: Thread, name: str, commit: str, *how: str) -> None:
    """Push a tag, annotated unless told otherwise."""
    thread.work.git("tag", "--force", *(how or ("--annotate", "--message", "Snapshot")), name, commit)
    thread.work.git("push", "--quiet", "--force", "origin", f"refs/tags/{name}")


def announce(thread: Thread, name: str, commit: str, login: str = BOT) -> None:
    """Comment on a snapshot as the workflow does."""
    body = (
        f"**Snapshot** [{name}]({thread.pages}/tree/{name}) at commit [{commit[:10]}]({thread.pages}/commit/{commit})"
    )
    text = comment_text(UpsertComment(thread.number, "snapshot", name, f"{body}\n"), Origin())
    thread.project.as_person(login).comment(thread.number, text)


def linked_to_copy(thread: Thread) -> str:
    """Return a body that links the copy in place of the logbook."""
    return thread.body.replace(f"{BRANCH}/{PATH}", f"{COPY_BRANCH}/{COPY}")


# Other logbooks


@pytest.mark.parametrize("is_tagged", [False, True], ids=["not tagged", "tagged"])
@pytest.mark.parametrize("is_gone", [False, True], ids=["on its branch", "its branch deleted"])
def test_a_clean_copy_under_another_topic_is_not_sealed(
    connect: Connect, thread: Thread, *, is_tagged: bool, is_gone: bool
) -> None:
    """The body links a copy without the failure; the honest logbook, or its snapshot, still says what is missing."""
    failed = thread.push(thread.logbook(2) + DIVERGED)
    if is_tagged:
        tag(thread, "snapshot/sparse-attention/SPA-AT-003", failed)
    copied = thread.push(thread.logbook(2), COPY_BRANCH, COPY)
    tag(thread, "snapshot/blocks/SPA-AT-002", copied)
    if is_gone:
        thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    thread.complete()
    thread.write(linked_to_copy(thread).replace(FINAL, "snapshot/blocks/SPA-AT-002"))
    is_known = is_tagged or not is_gone
    assert thread.seal(connect()) == int(is_known)
    assert not is_known or "SPA-AT-003" in thread.report
    expected = ["one-logbook"] * (not is_gone) + ["history-intact"] * is_tagged
    assert thread.failed == expected


def test_a_copy_that_was_merged_hinders_nothing(connect: Connect, thread: Thread) -> None:
    """Once the judged logbook has all that the other one and its snapshot have, the thread is sealed."""
    failed = thread.push(thread.logbook(2) + DIVERGED, COPY_BRANCH, COPY)
    tag(thread, "snapshot/blocks/SPA-AT-003", failed)
    thread.complete()
    assert thread.seal(connect()) == 1
    assert thread.failed == ["one-logbook", "history-intact"]
    assert f"{COPY} on {COPY_BRANCH} names this issue too" in thread.report.replace("\\", "")
    merged = thread.push(thread.logbook(2) + DIVERGED)
    tag(thread, "snapshot/sparse-attention/SPA-AT-003", merged)
    thread.write(thread.body.replace("SPA-AT-002", "SPA-AT-003"))
    assert thread.seal(connect()) == 0


def test_a_copy_of_another_issue_is_none_of_this_one(connect: Connect, thread: Thread) -> None:
    """A logbook that names its own issue by now holds what its snapshot had while it named this one."""
    other = thread.project.issue("Experiment: blocks", labels=["experiment"])
    text = thread.logbook(1).replace("SPA-AT-001", "BLK-001").replace("seed 1", "block 1")
    tag(thread, "snapshot/blocks/BLK-001", thread.push(text, COPY_BRANCH, COPY))
    thread.complete()
    assert thread.seal(connect()) == 1
    thread.push(text.replace(f"issue: {thread.number}\n", f"issue: {other}\n"), COPY_BRANCH, COPY)
    assert thread.seal(connect()) == 0
    assert f"names {other}, and a snapshot of it named this issue" in thread.report


@pytest.mark.parametrize("path", [PATH, COPY])
def test_cutting_the_issue_off_hides_nothing(connect: Connect, thread: Thread, path: str) -> None:
    """A logbook that names no issue any more is known by its path, or by the entries that it shares."""
    headless = (thread.logbook(2) + DIVERGED).replace(f"issue: {thread.number}\n", "")
    thread.push(headless, "research/headless", path)
    thread.complete()
    assert thread.seal(connect()) == 1
    assert thread.failed == ["one-logbook"]
    assert "names no issue, and has what the judged one lacks" in thread.report


def test_a_logbook_without_an_issue_is_another_matter(connect: Connect, thread: Thread) -> None:
    """One with entries of its own hinders nothing, though its IDs are the same."""
    strange = thread.logbook(2).replace(f"issue: {thread.number}\n", "").replace(" seed ", " width ")
    thread.push(strange, "research/widths", COPY)
    thread.complete()
    assert thread.seal(connect()) == 0


@pytest.mark.parametrize("parent", ["parent: sparse-attention\n", ""])
def test_a_child_logbook_is_legitimate(connect: Connect, thread: Thread, parent: str) -> None:
    """One that names its parent and has entries of its own stands beside it, with its snapshots; without that, not."""
    child = thread.logbook(1).replace("SPA-AT-001", "BLK-001").replace("seed 1", "block 1")
    child = child.replace("topic: sparse-attention\n", f"topic: blocks\n{parent}")
    tag(thread, "snapshot/blocks/BLK-001", thread.push(child, COPY_BRANCH, COPY))
    thread.complete()
    assert thread.seal(connect()) == int(not parent)


def test_a_copy_is_no_child_for_saying_so(connect: Connect, thread: Thread) -> None:
    """A logbook with the same entries is a copy, whichever of the two calls the other its parent."""
    thread.push(thread.logbook(2) + DIVERGED)
    copied = thread.logbook(2).replace("topic: sparse-attention\n", "topic: blocks\nparent: sparse-attention\n")
    tag(thread, "snapshot/blocks/SPA-AT-002", thread.push(copied, COPY_BRANCH, COPY))
    thread.complete()
    thread.write(linked_to_copy(thread).replace(FINAL, "snapshot/blocks/SPA-AT-002"))
    assert thread.seal(connect()) == 1
    assert thread.failed == ["one-logbook"]


@pytest.mark.parametrize("ref", [BRANCH, "research/again"])
def test_one_path_with_two_texts(connect: Connect, thread: Thread, ref: str) -> None:
    """Of one logbook on two branches the link chooses none: the longer one is sealed, the shorter one is not."""
    thread.push(thread.logbook(2).replace("within the noise", "*within* the noise"), "research/again")
    thread.push(thread.logbook(2))
    thread.complete()
    assert thread.seal(connect(), dry_run=True) == 0
    thread.push(thread.logbook(2) + DIVERGED, ref)
    thread.write(thread.body.replace(f"blob/{BRANCH}", f"blob/{'research/again' if ref == BRANCH else BRANCH}"))
    assert thread.seal(connect()) == 1
    assert thread.failed == ["one-logbook"]


def test_a_draft_on_another_branch_is_named_and_hinders_nothing(connect: Connect, thread: Thread) -> None:
    """A branch that is none of research may be anybody's: what it has is told, so that nobody overlooks it."""
    thread.push(thread.logbook(2) + DIVERGED, "ana/draft")
    thread.push(thread.logbook(1), "ana/old")
    thread.complete()
    assert thread.seal(connect()) == 0
    assert f"{PATH} on ana/draft, which is no research branch, names this issue too" in thread.report
    assert "ana/old" not in thread.report


def test_an_older_version_elsewhere_does_no_harm(connect: Connect, thread: Thread) -> None:
    """What the default branch, or a branch of another thread, carries along of the logbook is contained in it."""
    thread.push(thread.logbook(1), "research/next")
    thread.push(thread.logbook(1), "main")
    thread.complete()
    assert thread.seal(connect()) == 0
    assert f"{PATH} on main and research/next has nothing that" in thread.report.replace("\\", "")


# Snapshots


@pytest.mark.parametrize(
    "how", [("--annotate", "--message", "by hand"), ("--no-sign",)], ids=["annotated", "lightweight"]
)
def test_a_tag_made_by_hand_counts_as_what_it_holds(connect: Connect, thread: Thread, how: tuple[str, ...]) -> None:
    """A newer tag on a doctored commit hides no older snapshot, and one on an honest commit hinders nothing."""
    tag(thread, "snapshot/sparse-attention/SPA-AT-009", thread.work.git("rev-parse", FIRST + "^{commit}"), *how)
    thread.complete()
    assert thread.seal(connect(), dry_run=True) == 0
    doctored = thread.push(thread.logbook(2).replace("loss 2.225", "loss 2.125"))
    tag(thread, "snapshot/sparse-attention/SPA-AT-010", doctored, *how)
    assert thread.seal(connect()) == 1
    assert thread.failed == ["history-intact"]


def moved(thread: Thread) -> str:
    """Let the failure be announced, then move its tag to where the failure is not; return where it was."""
    name = "snapshot/sparse-attention/SPA-AT-003"
    honest = thread.work.git("rev-parse", f"origin/{BRANCH}")
    thread.work.git("checkout", "--quiet", "--detach", honest)
    failed = thread.work.commit({PATH: thread.logbook(2) + DIVERGED})
    thread.work.git("checkout", "--quiet", "main")
    tag(thread, name, failed)
    announce(thread, name, failed)
    tag(thread, name, honest)
    return failed


def test_a_tag_that_was_moved_is_told(connect: Connect, thread: Thread) -> None:
    """The comment that announced it pins the commit: the seal says where it was, and what is missing since."""
    failed = moved(thread)
    thread.complete()
    assert thread.seal(connect()) == 1
    assert thread.failed == ["history-intact"]
    assert f"announced on {failed[:12]}" in thread.report
    assert "SPA-AT-003 was removed" in thread.report.replace("\\", "")
    tag(thread, "snapshot/sparse-attention/SPA-AT-003", failed)
    thread.push(thread.logbook(2) + DIVERGED)
    thread.write(thread.body.replace("SPA-AT-002", "SPA-AT-003"))
    assert thread.seal(connect()) == 0


def test_what_was_announced_is_fetched(connect: Connect, thread: Thread) -> None:
    """A clone that never had the announced commit asks GitHub for it by its hash, and says so where it is gone."""
    moved(thread)
    thread.complete()
    for is_gone in (True, False):
        for command in ("reflog expire --expire=now --all", "gc --quiet --prune=now"):
            thread.work.git(*command.split())
        url = thread.work.git("remote", "get-url", "origin")
        if is_gone:
            thread.work.git("remote", "set-url", "origin", str(thread.work.root))
        assert thread.seal(connect()) == 1
        assert ("SPA-AT-003 was removed" in thread.report) is not is_gone
        assert thread.failed == ["history-intact"]
        thread.work.git("remote", "set-url", "origin", url)


def test_a_tag_that_is_gone_is_told(connect: Connect, thread: Thread) -> None:
    """A snapshot that was announced and whose tag was deleted is missed."""
    announce(thread, FIRST, thread.work.git("rev-parse", FIRST + "^{commit}"))
    for where in (("push", "--quiet", "--delete", "origin"), ("tag", "--delete")):
        thread.work.git(*where, FIRST)
    thread.complete()
    assert thread.seal(connect()) == 1
    assert thread.failed == ["history-intact"]
    assert f"{FIRST} is gone" in thread.report


def test_what_another_repository_announced_is_not_missed(connect: Connect, thread: Thread) -> None:
    """An issue that was transferred brings comments about tags that were never here."""
    body = thread.pages.replace(thread.project.name, "lab/elsewhere")
    text = f"**Snapshot** [x]({body}/tree/x) at commit [x]({body}/commit/{'ab' * 20})"
    sticky = comment_text(UpsertComment(thread.number, "snapshot", "snapshot/elsewhere/1", text), Origin())
    thread.project.as_person(BOT).comment(thread.number, sticky)
    thread.complete()
    assert thread.seal(connect()) == 0


def test_a_tag_that_only_the_clone_lacks_is_not_missed(connect: Connect, thread: Thread) -> None:
    """GitHub knows better than a clone that is older than the tag."""
    commit = thread.work.git("rev-parse", FIRST + "^{commit}")
    announce(thread, FIRST, commit)
    thread.work.git("tag", "--delete", FIRST)
    connect(thread.project.hub.workflow_token(contents="write")).create_tag(FIRST, commit, "Snapshot")
    thread.complete()
    assert thread.seal(connect()) == 0


def test_a_tag_that_was_made_anew_in_its_place_changes_nothing(connect: Connect, hub: Hub, thread: Thread) -> None:
    """A lightweight one on the announced commit holds the same; and to see that costs no call."""
    thread.complete()
    hub.forget()
    assert thread.seal(connect(), dry_run=True) == 0
    calls = len(hub.calls)
    commit = thread.work.git("rev-parse", FINAL + "^{commit}")
    announce(thread, FINAL, commit)
    tag(thread, FINAL, commit, "--no-sign")
    hub.forget()
    assert thread.seal(connect(), dry_run=True) == 0
    assert len(hub.calls) <= calls


@pytest.mark.parametrize(("login", "counts"), [("ann", False), ("tri", False), ("wim", True), (BOT, True)])
def test_who_may_tag_may_announce(connect: Connect, thread: Thread, login: str, *, counts: bool) -> None:
    """A comment that is made to look like ours hinders nothing, unless its author could have made the tag."""
    announce(thread, FINAL, "ab" * 20, login)
    thread.complete()
    assert thread.seal(connect()) == int(counts)


# What is held in memory


def test_a_text_is_read_once_however_many_tags_hold_it(
    connect: Connect, thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All snapshots of one commit share its contents, and each text is parsed once when the record is judged."""
    commit = thread.work.git("rev-parse", FIRST + "^{commit}")
    for number in range(20):
        thread.work.git("tag", f"snapshot/sparse-attention/SPA-AT-001.{number}", commit)
    found = collect(thread.view(connect()), thread.number).facts.snapshots
    assert len(found) == 22
    assert len({id(one.text) for one in found}) == 2
    links = "".join(f"- {thread.pages}/tree/snapshot/sparse-attention/SPA-AT-001.{number}\n" for number in range(20))
    thread.complete()
    thread.write(thread.body.replace("## Decision log", f"{links}\n## Decision log"))
    parsed: list[str] = []

    def counted(path: str, data: bytes) -> Logbook | Unreadable:
        parsed.append(f"{path}, {len(data)} bytes")
        return parse(path, data)

    monkeypatch.setattr(logbook_resolution, "parse", counted)
    facts = collect(thread.view(connect()), thread.number).facts
    report = judge(facts)
    assert (report.failed, len(drafts(facts, report)) > 0) == ((), True)
    assert len(parsed) <= 2, parsed


# What the branch had itself


@pytest.mark.parametrize("end", ["as it is", "put back", "merged", "squash-merged"])
def test_what_an_ordinary_commit_dropped_is_missed(connect: Connect, thread: Thread, end: str) -> None:
    """An entry that no snapshot holds and that was dropped long ago keeps the issue open until it is put back."""
    decided = thread.logbook(2) + "\n### 2026-05-27 10:00 - one width only\n\n- Decision: do not trust it beyond 512.\n"
    thread.push(decided)
    thread.push(thread.logbook(2))
    if end == "put back":
        thread.push(decided)
    pull = squash(thread) if end == "squash-merged" else 0
    if end == "merged":
        thread.work.git("merge", "--quiet", "--no-ff", "--message", "Merge", f"origin/{BRANCH}")
        thread.work.git("push", "--quiet", "origin", "main")
    thread.complete()
    thread.write(f"{thread.body}\n#{pull}\n" if pull else thread.body)
    assert thread.seal(connect()) == int(end != "put back")
    assert thread.failed == ["history-intact"] * (end != "put back")
    assert end == "put back" or "one width only” was removed" in thread.report


def test_what_came_and_went_on_another_branch_is_none_of_this_one(connect: Connect, thread: Thread) -> None:
    """A merge of the default branch brings other threads' logbooks, which come and go as they do there."""
    thread.push(
        thread.logbook(1).replace("SPA-AT", "BLK").replace(f"issue: {thread.number}", "issue: 99"), "main", COPY
    )
    thread.work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}")
    thread.work.git("merge", "--quiet", "--message", "Merge main", "main")
    thread.work.git("push", "--quiet", "origin", BRANCH)
    thread.work.git("checkout", "--quiet", "main")
    thread.work.git("rm", "--quiet", COPY)
    thread.work.commit(message="Remove")
    thread.work.git("push", "--quiet", "origin", "main")
    thread.complete()
    assert thread.seal(connect()) == 0


# A week of ordinary git


def squash(thread: Thread, body: str = "The record of #{n}") -> int:
    """Merge the research branch as one commit, as GitHub's button does; return the pull request's number."""
    thread.work.git("checkout", "--quiet", "main")
    thread.work.git("merge", "--quiet", "--squash", f"origin/{BRANCH}")
    thread.work.git("commit", "--quiet", "--message", "Sparse attention (#2)")
    thread.work.git("push", "--quiet", "origin", "main")
    pull = thread.project.pull_request(BRANCH, body=body.format(n=thread.number))
    thread.project.merge(pull, PATH)
    return pull


@pytest.mark.parametrize("is_deleted", [False, True], ids=["branch kept", "branch deleted"])
def test_a_thread_that_was_squash_merged_is_sealed(connect: Connect, thread: Thread, *, is_deleted: bool) -> None:
    """What a squash left on the default branch is the same text, and the snapshots are on no branch any more."""
    pull = squash(thread)
    if is_deleted:
        thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    thread.complete()
    thread.write(f"{thread.body}\nShipped in #{pull}.\n")
    assert thread.seal(connect()) == 0


def test_a_log_that_goes_on_after_the_merge_is_the_one_to_link(connect: Connect, thread: Thread) -> None:
    """With the branch gone and the log continued on the default branch, the body has to link that one."""
    pull = squash(thread)
    thread.work.git("push", "--quiet", "--delete", "origin", BRANCH)
    thread.push(thread.logbook(2) + "\n### 2026-05-28 10:00 - close-out\n\n- Decision: ship it.\n", "main")
    thread.complete()
    body = f"{thread.body}\nShipped in #{pull}.\n"
    thread.write(body)
    assert thread.seal(connect()) == 1
    assert thread.failed == ["one-logbook"]
    assert "link it from the body" in thread.report
    thread.write(body.replace(f"blob/{BRANCH}", "blob/main"))
    assert thread.seal(connect()) == 0


def test_a_thread_that_was_rebased_is_sealed(connect: Connect, thread: Thread) -> None:
    """After a rebase the snapshots are on commits that the branch does not have; their text it does."""
    thread.work.commit({"src/attention.py": "blocks = 512\n"})
    thread.work.git("push", "--quiet", "origin", "main")
    thread.work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}")
    thread.work.git("rebase", "--quiet", "main")
    thread.work.git("push", "--quiet", "--force", "origin", BRANCH)
    thread.work.git("checkout", "--quiet", "main")
    for name in (FIRST, FINAL):
        announce(thread, name, thread.work.git("rev-parse", name + "^{commit}"))
    thread.complete()
    assert thread.seal(connect()) == 0
    assert "nothing is missing that 2 snapshots" in thread.report


def test_a_logbook_that_was_renamed_keeps_its_snapshots(connect: Connect, thread: Thread) -> None:
    """Those under the old topic are held against it, and one of them may be the final one."""
    thread.work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}")
    thread.work.git("mv", PATH, COPY)
    thread.work.commit(message="Rename")
    thread.work.git("push", "--quiet", "origin", BRANCH)
    thread.work.git("checkout", "--quiet", "main")
    thread.complete()
    thread.write(thread.body.replace(PATH, COPY))
    assert thread.seal(connect(), dry_run=True) == 0
    thread.push(thread.logbook(1), path=COPY)
    assert thread.seal(connect()) == 1
    assert "history-intact" in thread.failed
