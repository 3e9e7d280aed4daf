"""Claims about what comments that are kept current must say."""

import datetime as dt
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from research_logbook.effects import UpsertComment
from research_logbook.effects.sticky_comments import (
    LONGEST,
    Origin,
    Reconciliation,
    RunId,
    comment_name,
    comment_text,
    key_of,
    reconcile,
)
from research_logbook.github.models import Account, Comment

BOT = "github-actions[bot]"
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
WANTED = UpsertComment(5, "seal", "#5", "the report")


def comment(number: int, body: str, author: str = BOT) -> Comment:
    """Return a comment."""
    return Comment(id=number, user=Account(author, "Bot"), body=body, created_at=NOW, updated_at=NOW, url=f"#{number}")


def posted(number: int, body: str, run: int) -> Comment:
    """Return a comment that a run posted."""
    return comment(number, comment_text(replace(WANTED, body=body), Origin(RunId(run, 1))))


def after(comments: Sequence[Comment], goal: Reconciliation) -> list[Comment]:
    """Return the comments when everything that a settlement asks for is done."""
    if goal.text is None:
        said = list(comments)
    elif goal.oldest is None:
        said = [*comments, comment(max((one.id for one in comments), default=0) + 1, goal.text)]
    else:
        said = [replace(one, body=goal.text) if one == goal.oldest else one for one in comments]
    gone = {one.id for one in goal.surplus}
    return [one for one in said if one.id not in gone]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "the report"]), st.integers(1, 9)), max_size=5), st.integers(0, 9))
def test_reconciling_converges(found: list[tuple[str, int]], run: int) -> None:
    """Whatever comments there are, doing what is asked leaves one, and nothing more to be asked."""
    comments = [posted(index, body, one) for index, (body, one) in enumerate(found, 1)]
    origin = Origin(RunId(run, 1))
    rest = after(comments, reconcile(WANTED, origin, comments, BOT))
    assert len(rest) == 1
    assert reconcile(WANTED, origin, rest, BOT).is_reached
    assert rest[0].id == min((one.id for one in comments), default=1)


@given(st.permutations([1, 2, 3]))
def test_the_newest_run_wins_whatever_finishes_last(order: list[int]) -> None:
    """Three runs that finish in any order leave the words of the newest."""
    comments: list[Comment] = []
    for run in order:
        wanted = replace(WANTED, body=f"of run {run}")
        comments = after(comments, reconcile(wanted, Origin(RunId(run, 1)), comments, BOT))
    assert [one.text.partition("\n")[2] for one in comments] == ["of run 3"]


def test_a_second_attempt_is_newer() -> None:
    """A run that is started again is newer than its first attempt, and older than the run after it."""
    first = posted(1, "first", run=7)
    again = reconcile(WANTED, Origin(RunId(7, 2)), [first], BOT)
    late = reconcile(WANTED, Origin(RunId(6, 9)), [first], BOT)
    assert (again.is_late, late.is_late) == (False, True)


def test_line_endings_do_not_matter() -> None:
    """A comment that was saved in a browser has other line ends and says the same."""
    changed = comment(1, posted(1, "two\nlines", run=1).text.replace("\n", "\r\n"))
    assert reconcile(replace(WANTED, body="two\nlines"), Origin(RunId(2, 1)), [changed], BOT).is_reached


def test_logins_are_case_insensitive() -> None:
    """GitHub does not tell logins apart by case, nor do we."""
    ours = comment(1, posted(1, "the report", run=1).text, "GitHub-Actions[bot]")
    assert reconcile(WANTED, Origin(RunId(2, 1)), [ours], BOT).is_reached


HOSTILE = [
    "-->",
    "a--b",
    "---",
    "a b",
    "a\nb",
    "<!--",
    "run=9.9",
    "",
    "%2D",
    "é",
    "\ud800",
    "x" * 300,
    "a:b",
    "-",
    "a-",
]


@pytest.mark.parametrize(("kind", "key"), list(itertools.pairwise([*HOSTILE, "end"])))
def test_no_key_can_end_its_marker(kind: str, key: str) -> None:
    """Whatever a topic or a tag is called, the marker is one HTML comment on one line, and is found again."""
    wanted = replace(WANTED, kind=kind, key=key)
    marker, _, body = comment_text(wanted, Origin(RunId(1, 1))).partition("\n")
    assert marker.startswith("<!-- logbook:")
    assert marker.endswith(" run=1.1 -->")
    assert "--" not in marker[4:-3]
    assert body == "the report"
    assert reconcile(wanted, Origin(RunId(2, 1)), [comment(1, f"{marker}\n{body}")], BOT).is_reached


@given(st.text(), st.text())
def test_different_keys_have_different_names(one: str, other: str) -> None:
    """No two keys share a comment."""
    assert (comment_name("snapshot", one) == comment_name("snapshot", other)) == (one == other)


@pytest.mark.parametrize("run", ["1.1", "1234567890123456.12"])
@pytest.mark.parametrize(
    "line",
    [
        "<!-- logbook:seal:#5 run={} -->",
        "<!-- logbook:seal:%235 run={} --> more",
        " <!-- logbook:seal:%235 run={} -->",
        "<!-- logbook:seal:%235  run={} -->",
        "<!-- logbook:lint:%235 run={} -->",
        "<!-- logbook:seal:%235 run={}.1 -->",
        "<!-- logbook:seal:%235 run=-{} -->",
        "<!-- logbook:seal:%235 -->",
    ],
)
def test_a_malformed_marker_is_ignored(line: str, run: str) -> None:
    """Only the very line that we write counts."""
    found = comment(1, f"{line.format(run)}\nthe report")
    assert reconcile(WANTED, Origin(RunId(2, 1)), [found], BOT).oldest is None


def test_html_comments_in_quoted_text_are_broken() -> None:
    """Quoted text can neither hide what follows it nor hold a marker."""
    text = comment_text(replace(WANTED, body="> <!-- logbook:seal:%235 run=1.1 -->\n<!--"), Origin())
    assert text.count("<!--") == 1


@pytest.mark.parametrize("body", ["x" * 70_000, "x" * 65_000 + "\n" + "y" * 70_000, "🧪\n" * 70_000, "<!--" * 20_000])
@pytest.mark.parametrize("url", ["https://github.com/lab/tiles/actions/runs/4/attempts/1", ""])
def test_a_long_text_is_cut(body: str, url: str) -> None:
    """A body of any size and shape fits, keeps whole lines where it has some, and says on top that it is cut."""
    text = comment_text(replace(WANTED, body=body), Origin(RunId(4, 1), url))
    assert 60_000 < len(text) <= LONGEST
    assert text.splitlines()[1].startswith("_Too long for a comment, so the end is cut off: ")
    assert url in text


def test_a_text_that_just_fits_is_not_cut() -> None:
    """The last character that a comment holds is used."""
    room = LONGEST - len(comment_text(replace(WANTED, body=""), Origin()))
    assert comment_text(replace(WANTED, body="x" * room), Origin()).endswith("\n" + "x" * room)
    assert "cut off" in comment_text(replace(WANTED, body="x" * (room + 1)), Origin())


@pytest.mark.parametrize("key", ["snapshot/tiles/TILE-001", "snapshot/t--x/ä%20", "5", ""])
def test_a_comment_tells_what_it_is_about(key: str) -> None:
    """The key is read back as it was; a comment of another kind, and one that is not sticky, tells none."""
    mine = comment(1, comment_text(UpsertComment(5, "snapshot", key, "text"), Origin()))
    assert key_of("snapshot", mine) == key
    assert key_of("seal", mine) is None
    assert key_of("snapshot", comment(1, f"snapshot:{key}")) is None


def test_what_was_announced_stays_announced() -> None:
    """The comment on a snapshot is kept current, but never made to pin another commit."""

    def told(commit: str, more: str = "") -> UpsertComment:
        page = "https://github.com/lab/tiles"
        text = f"**Snapshot** [t]({page}/tree/t) at commit [{commit[:10]}]({page}/commit/{commit})\n{more}"
        return UpsertComment(5, "snapshot", "snapshot/tiles/TILE-001", text)

    there = [comment(1, comment_text(told("a" * 40), Origin()))]
    assert reconcile(told("a" * 40, "gaps"), Origin(), there, BOT).text == comment_text(
        told("a" * 40, "gaps"), Origin()
    )
    assert reconcile(told("b" * 40), Origin(), there, BOT) == Reconciliation(there[0], None)
