"""Claims about what closes an issue, and about the answer to a closing: events in, decisions out."""

import datetime as dt
from dataclasses import replace

import pytest
from msgspec import structs

from research_logbook.effects import CloseIssue, CreateLabel, MarkSealed, ReopenIssue, UpsertComment
from research_logbook.github.models import Label
from research_logbook.issues import ExperimentIssue
from research_logbook.seal.checks.facts import SealFacts
from research_logbook.seal.plan import (
    SEALED_LABEL,
    Answer,
    SealCase,
    answer,
    closer,
    is_sealed,
    left_alone,
    override,
    plan_answer,
    plan_seal,
)
from seal.closeout import HEAD, LOG, LOGBOOK, ONE, book, events, said, thread

BOT = "github-actions[bot]"
BY_US = f"labeled sealed @{BOT}"


@pytest.mark.parametrize(
    ("told", "sealed"),
    [
        ([], False),
        ([BY_US], True),
        (["labeled sealed @ana"], False),
        (["labeled sealed @ana", BY_US], True),
        ([BY_US, "reopened @ana"], False),
        ([BY_US, "reopened @ana", "labeled sealed @ana"], False),
        ([BY_US, "reopened @ana", BY_US], False),
        (["reopened @ana", BY_US, "closed @ana"], False),
        ([BY_US, "reopened @ana", "closed @ana", BY_US], True),
        ([BY_US, f"unlabeled sealed @{BOT}"], False),
        ([BY_US, f"unlabeled sealed @{BOT}", BY_US], True),
        ([BY_US, "unlabeled sealed @ana"], True),
        ([f"labeled SEALED @{BOT.upper()}"], True),
        ([f"unlabeled sealed @{BOT}"], False),
        ([f"labeled experiment @{BOT}"], False),
    ],
)
def test_sealed_is_our_mark_after_the_last_reopening(told: list[str], sealed: bool) -> None:
    """Nobody else's mark counts, none of before a reopening, none that landed on an open issue or that we took off."""
    assert is_sealed(events(*told), BOT) is sealed


def issue(state: str = "open", *labels: str) -> ExperimentIssue:
    """Return an issue."""
    return structs.replace(thread().issue, state=state, labels=tuple(map(Label, ("experiment", *labels))))


def test_sealing_reports_closes_and_marks_in_this_order() -> None:
    """In this order, so that no issue is closed without its report, or marked before it is closed."""
    plan = plan_seal(issue(), (), BOT, "report", {"experiment"})
    assert [type(effect) for effect in plan] == [CreateLabel, UpsertComment, CloseIssue, MarkSealed]


def test_sealing_again_plans_only_what_is_left() -> None:
    """What an earlier run that broke off has done is left out."""
    number = issue().number
    comment = UpsertComment(number, "seal", str(number), "report")
    assert plan_seal(issue("closed"), events(BY_US), BOT, "report", {"sealed"}) == (comment,)
    assert plan_seal(issue("closed"), (), BOT, "report", {"sealed"}) == (comment, MarkSealed(number))
    assert plan_seal(issue("open"), events(BY_US), BOT, "report", {"sealed"}) == (comment, CloseIssue(number))


def test_a_sealed_label_added_by_others_is_replaced_by_ours() -> None:
    """A label that is on already would not become ours by being added."""
    assert MarkSealed(issue().number, again=True) in plan_seal(issue("open", "Sealed"), (), BOT, "", {"sealed"})


def test_the_label_is_created_once() -> None:
    """A repository that has the label gets no other."""
    assert SEALED_LABEL not in plan_seal(issue(), (), BOT, "", {"sealed"})


@pytest.mark.parametrize(
    ("told", "who"),
    [
        ([], None),
        (["labeled seal-override @mia"], None),
        (["labeled seal-override @mia", "closed @ana"], "mia"),
        (["labeled seal-override @mia", "unlabeled seal-override @ana", "closed @ana"], None),
        (["labeled seal-override @mia", "closed @ana", "reopened @ana", "closed @ana"], None),
        (["closed @ana", "labeled seal-override @mia"], None),
        (["closed @ana", "reopened @bot", "labeled seal-override @mia", "closed @ana"], "mia"),
        (["labeled seal-override @mia", "labeled seal-override @wim", "closed @ana"], "wim"),
    ],
)
def test_an_override_is_for_the_next_closing(told: list[str], who: str | None) -> None:
    """It is used up by the closing after it, and counts no more when it was taken off."""
    found = override(events(*told))
    assert (found.actor_login if found else None) == who


@pytest.mark.parametrize(
    ("reopened", "mode", "expected"),
    [
        *((0, "reopen", Answer.REOPEN), (2, "reopen", Answer.REOPEN), (3, "reopen", Answer.ASK)),
        *((0, "comment", Answer.COMMENT), (9, "comment", Answer.COMMENT)),
    ],
)
def test_after_three_reopenings_people_are_asked(reopened: int, mode: str, expected: Answer) -> None:
    """After three of ours people have to agree."""
    told = ["closed @ana", f"reopened @{BOT}"] * reopened
    assert answer(events(*told, "closed @ana"), BOT, mode) is expected


def test_reopenings_of_others_and_of_before_a_seal_do_not_count() -> None:
    """Only ours count, and a seal begins anew."""
    told = [f"reopened @{BOT}"] * 3 + [BY_US] + ["reopened @ana"] * 3 + ["closed @ana"]
    assert answer(events(*told), BOT, "reopen") is Answer.REOPEN


def test_only_reopening_reopens() -> None:
    """A comment and nothing more is what the other answers come to."""
    assert [type(one) for one in plan_answer(5, "x", Answer.REOPEN)] == [UpsertComment, ReopenIssue]
    assert [type(one) for one in plan_answer(5, "x", Answer.ASK)] == [UpsertComment]
    assert [type(one) for one in plan_answer(5, "x", Answer.COMMENT)] == [UpsertComment]


def test_the_closer_is_the_last() -> None:
    """Whoever closed it last closed it."""
    assert (closer(events("closed @ana", "reopened @bot", "closed @wim")), closer(())) == ("wim", "")


CLOSED = ["labeled experiment @ana", "closed @ana"]


def case(*told: str, facts: SealFacts | None = None, **changed: object) -> SealCase:
    """Return a closing by Ana that has to be judged, with something of the issue changed."""
    facts = facts or thread()
    closed = structs.replace(facts.issue, **({"state": "closed", "state_reason": "completed"} | changed))
    return SealCase(replace(facts, issue=closed), events(*(told or CLOSED)), BOT)


def test_a_closing_of_an_experiment_is_judged() -> None:
    """There is no reason to leave it alone."""
    assert left_alone(case(), None) == ""
    assert left_alone(case(), dt.date(2026, 5, 20)) == ""


@pytest.mark.parametrize(
    ("left", "why"),
    [
        (case(*CLOSED, BY_US), "is sealed"),
        (case(state_reason="duplicate"), "duplicate"),
        (case(state="open"), "is open"),
        (case(created_at=dt.datetime(2026, 4, 30, 23, 59, tzinfo=dt.UTC)), "was opened before 2026-05-01"),
    ],
)
def test_some_closings_are_exempt(left: SealCase, why: str) -> None:
    """And it is said why."""
    assert why in left_alone(left, dt.date(2026, 5, 1))


def test_the_label_has_to_be_older_than_the_closing() -> None:
    """An issue that never carried the label before it was closed is none of ours, even if it is enrolled."""
    bare = thread(labels=(), is_enrolled=False)
    assert "is not an experiment issue" in left_alone(case("closed @ana", "labeled experiment @ana", facts=bare), None)
    assert "is not an experiment issue" in left_alone(case(facts=bare), None)
    assert left_alone(case(facts=replace(bare, is_enrolled=True)), None) == ""


NOTHING_YET = HEAD + LOG + ONE.replace("loss 2.231 after 400 steps.", "pending.")


@pytest.mark.parametrize(
    ("logbook", "comment", "may"),
    [
        (LOGBOOK, "", False),
        (LOGBOOK, "done", False),
        (LOGBOOK, "We stop here because the cluster is gone.", True),
        (NOTHING_YET, "", True),
        (HEAD + LOG, "", True),
    ],
)
def test_not_planned_takes_a_reason_once_there_is_a_result(logbook: str, comment: str, may: bool) -> None:
    """A thread with results is given up with a word about why, one without may just be."""
    given_up = replace(thread(), book=book(logbook), issue=structs.replace(issue("closed"), comments=said(comment)))
    assert bool(left_alone(case(facts=given_up, state_reason="not_planned"), None)) is may


def test_a_reason_from_before_the_last_entry_does_not_count() -> None:
    """What was said before the last entry does not say why the thread ends after it."""
    early = said("We stop here because the cluster is gone.", day="2026-05-20")
    given_up = replace(thread(), issue=structs.replace(issue("closed"), comments=early))
    assert left_alone(case(facts=given_up, state_reason="not_planned"), None) == ""
