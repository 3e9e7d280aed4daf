"""Claims about snapshot tags: their names, and which commit gets which."""

import re
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book import book
from research_logbook.effects.apply import by_hand
from research_logbook.github import RepositorySite
from research_logbook.logbook.model import Reference
from research_logbook.repo import Commit, tag_part, tags_of
from research_logbook.repo.logbook_resolution import own_issue
from research_logbook.snapshots.candidates import RefusedSnapshot, SnapshotCandidate, SnapshotCommit, candidate_of
from research_logbook.snapshots.plan import (
    PublishFacts,
    TagDecision,
    TaggedCommit,
    TagStatus,
    consequences,
    decide,
    family,
    first_tag,
    result,
)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("sparse-attention", "sparse-attention"),
        ("MOE-HC-002b", "MOE-HC-002b"),
        ("My topic (final)", "My-topic-final"),
        ("a..b.lock", "a.b-lock"),
        ("-a.", "a"),
        ("é", "unnamed"),
        ("a/b", "a-b"),
        ("", "unnamed"),
    ],
)
def test_a_part_of_a_tag(text: str, part: str) -> None:
    """What git takes is kept, the rest becomes hyphens."""
    assert tag_part(text) == part
    assert tags_of(text) == f"snapshot/{part}"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*"aB1-_.~^:?*[\\@{/ \t\néx", ".lock", "y" * 99]), max_size=9).map("".join))
def test_git_takes_every_name(text: str) -> None:
    """Whatever a logbook is called, its tags have names that git accepts, and that a file can have."""
    name = f"{tags_of(text)}/{tag_part(text)}"
    assert subprocess.run(["git", "check-ref-format", f"refs/tags/{name}"], check=False).returncode == 0
    assert all(len(part) <= 255 for part in name.split("/"))


def candidate(digest: str, asked: str = "MOE-HC-001", subject: str = "Measure") -> SnapshotCandidate:
    """Return a snapshot at a commit whose hash begins with `digest`."""
    commit = Commit(digest.ljust(40, "0"), "Ana <ana@lab.example>", f"2026-05-25 {subject}", subject)
    found = candidate_of(SnapshotCommit(commit, "", asked), {BOOK.path: BOOK})
    assert isinstance(found, SnapshotCandidate)
    return found


BOOK = book("E1 command result")
FIRST = "snapshot/moe-hill-climb/MOE-HC-001"
A, B, C = candidate("a", subject="A"), candidate("b", subject="B"), candidate("c", subject="C")


def told(*decisions: TagDecision) -> list[tuple[str, TagStatus, str]]:
    """Return what becomes of each snapshot, by the first digit of its commit."""
    return [(it.candidate.commit.hash[0], it.status, it.tag) for it in decisions]


def descends(*pairs: str) -> set[tuple[str, str]]:
    """Return pairs of ancestor and descendant from words such as `ab`."""
    return {(pair[0].ljust(40, "0"), pair[1].ljust(40, "0")) for pair in pairs}


def test_a_snapshot_is_tagged_once() -> None:
    """A new one gets its tag; with the tag on it there is nothing to do."""
    assert told(*decide([A], [], ())) == [("a", TagStatus.NEW, FIRST)]
    assert told(*decide([A], [TaggedCommit(FIRST, A.commit)], ())) == [("a", TagStatus.EXISTS, FIRST)]
    assert told(*decide([A], [TaggedCommit(f"{FIRST}.2", A.commit)], ())) == [("a", TagStatus.EXISTS, f"{FIRST}.2")]


def test_descendants_are_numbered() -> None:
    """Each descendant gets the next number, those of one run included; a gap is not filled."""
    assert told(*decide([A, B, C], [], descends("ab", "ac", "bc"))) == [
        ("a", TagStatus.NEW, FIRST),
        ("b", TagStatus.NEW, f"{FIRST}.2"),
        ("c", TagStatus.NEW, f"{FIRST}.3"),
    ]
    tags = [TaggedCommit(FIRST, A.commit), TaggedCommit(f"{FIRST}.9", B.commit)]
    assert told(*decide([C], tags, descends("ac", "bc"))) == [("c", TagStatus.NEW, f"{FIRST}.10")]


def test_another_commit_with_the_tag_is_a_clash() -> None:
    """One tagged commit that is no ancestor is enough, whatever the others are."""
    assert told(*decide([B], [TaggedCommit(FIRST, A.commit)], ())) == [("b", TagStatus.CONFLICT, FIRST)]
    tags = [TaggedCommit(FIRST, A.commit), TaggedCommit(f"{FIRST}.2", B.commit)]
    assert told(*decide([C], tags, descends("ac"))) == [("c", TagStatus.CONFLICT, f"{FIRST}.2")]


@pytest.mark.parametrize(
    ("change", "status"),
    [({}, TagStatus.REBASED_COPY), ({"author": "Bo"}, TagStatus.CONFLICT), ({"authored_at": "x"}, TagStatus.CONFLICT)],
)
def test_a_rebased_copy_has_the_same_author_date_and_subject(change: dict[str, str], status: TagStatus) -> None:
    """All three are equal in a copy; a commit that is an ancestor has no copy in its descendants."""
    old = replace(A.commit, hash="f" * 40, **change)
    assert told(*decide([A], [TaggedCommit(FIRST, old)], ())) == [("a", status, FIRST)]
    assert told(*decide([A], [TaggedCommit(FIRST, old)], {(old.hash, A.commit.hash)})) == [
        ("a", TagStatus.NEW, f"{FIRST}.2")
    ]


def test_tags_of_other_names_are_no_kin() -> None:
    """A longer ID, a slug with a dot, and another topic have nothing to do with it."""
    others = [f"{FIRST}0", f"{FIRST}.x", f"{FIRST}.02", f"{FIRST}.", "snapshot/other/MOE-HC-001"]
    assert family(FIRST, [TaggedCommit(tag, B.commit) for tag in others]) == []


def test_a_commit_on_two_branches_is_decided_on_once() -> None:
    """What two branches share is one snapshot; a copy on the second is a copy of what is being tagged."""
    copy = candidate("d", subject="A")
    assert told(*decide([A, A, copy], [], ())) == [("a", TagStatus.NEW, FIRST), ("d", TagStatus.REBASED_COPY, FIRST)]


OBSTACLES = {
    "the folder of all": (FIRST, "snapshot", "snapshot"),
    "the folder of the topic": (FIRST, "snapshot/moe-hill-climb", "snapshot/moe-hill-climb"),
    "the folder of all, in capitals": (FIRST, "Snapshot", "Snapshot"),
    "a tag below it": (FIRST, f"{FIRST}/a", f"{FIRST}/a"),
    "the same in capitals": (
        "snapshot/moe-hill-climb/final",
        "snapshot/moe-hill-climb/Final",
        "snapshot/moe-hill-climb/Final",
    ),
    "the same on no commit": (FIRST, FIRST, FIRST),
    "a longer name": (FIRST, f"{FIRST}0", ""),
    "a longer folder": (FIRST, "snapshots", ""),
    "another topic": (FIRST, "snapshot/moe", ""),
    "the same elsewhere": (FIRST, "release/MOE-HC-001", ""),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_a_tag_in_the_way_is_seen_before_anything_is_written(case: str) -> None:
    """Git holds no tag that is a folder of another, and a clone on macOS none that differ in letter case alone."""
    tag, other, obstacle = OBSTACLES[case]
    asked = replace(A, name=tag.rpartition("/")[2])
    (decision,) = decide([asked], [], (), [other])
    assert (decision.status, decision.obstacle) == (TagStatus.BLOCKED if obstacle else TagStatus.NEW, obstacle)
    facts = PublishFacts(RepositorySite("lab/tiles"), (), frozenset(), frozenset(), "https://api.wandb.ai")
    refused = [it for it in consequences(decision, facts) if isinstance(it, RefusedSnapshot)]
    assert [it.exit_code for it in refused] == [4] * bool(obstacle)
    assert all(obstacle in it.why for it in refused)


def test_names_of_one_run_are_held_against_each_other() -> None:
    """The second that differs in letter case alone is refused; on the commit that has the tag already nothing is."""
    one, other = replace(A, name="Final-Run"), replace(B, name="final-run")
    assert [it.status for it in decide([one, other], [], ())] == [TagStatus.NEW, TagStatus.BLOCKED]
    same = TaggedCommit("snapshot/moe-hill-climb/Final-Run", B.commit)
    assert [(it.status, it.tag) for it in decide([other], [same], ())] == [(TagStatus.EXISTS, same.tag)]


def test_the_lines_for_doing_it_by_hand_hold_nobodys_words() -> None:
    """What a message says to paste into a shell has no character that a shell would act upon."""
    evil = replace(candidate("a"), name="$(touch x); `y` && --force '\"\n|")
    assert re.fullmatch(r"[\w./ -]+ && [\w./ -]+", by_hand(first_tag(evil), evil.commit.hash))


@pytest.mark.parametrize(
    ("issue", "number"),
    [
        (Reference("#12", 12), 12),
        (Reference("Lab/Tiles#12", 12, "Lab/Tiles"), 12),
        (Reference("https://github.com/lab/tiles/issues/12", 12, "lab/tiles", "github.com"), 12),
        (Reference("other/place#12", 12, "other/place"), None),
        (Reference("https://ghe.test/lab/tiles/issues/12", 12, "lab/tiles", "ghe.test"), None),
        (Reference("ask Ana"), None),
        (None, None),
    ],
)
def test_only_an_issue_of_this_repository_is_written_on(issue: Reference | None, number: int | None) -> None:
    """An issue elsewhere, on another host or in words is none of ours."""
    assert own_issue(issue, RepositorySite("lab/tiles")) == number


def test_only_a_requested_commit_fails_the_run() -> None:
    """A refused commit that the run only finds on the way is counted, and its reason is not repeated."""
    old = SnapshotCommit(A.commit, "", is_requested=False)
    refusals = [RefusedSnapshot(replace(old, is_requested=is_new), "why", "help") for is_new in (True, False, False)]
    found = result(refusals)
    assert (found.exit_code, found.plan) == (1, ())
    assert found.notes == (
        f"snapshot commit {A.commit.hash[:12]} was not tagged: why; help",
        "2 older snapshot commits have no tag: `logbook snapshot --branch NAME` says why",
    )
    assert result(refusals[1:]).exit_code == 0
