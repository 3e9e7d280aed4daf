"""Claims about what is made of an issue's events."""

import datetime as dt

import pytest

from research_logbook.github.models import Account, IssueEvent, Label, LabelPast, label_pasts

BOT = "github-actions[bot]"
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def events(text: str) -> list[IssueEvent]:
    """Return the events that `+bot experiment; -ann experiment` tells of."""
    found = []
    for one in text.split(";"):
        actor, label = one.strip()[1:].split(" ")
        event = "labeled" if one.strip().startswith("+") else "unlabeled"
        found.append(IssueEvent(event, NOW, Account(actor.replace("bot", BOT)), Label(label)))
    return found


@pytest.mark.parametrize(
    ("given", "past"),
    [
        ("+bot x", None),
        ("+bot x; -ann x", LabelPast(1, 0)),
        ("+bot x; -ann x; +bot x", LabelPast(1, 1)),
        ("+bot x; -ann x; +bot x; -wim x; +bot x", LabelPast(2, 2)),
        ("+bot x; -ann x; +ann x", LabelPast(1, 0)),
        ("+bot x; -ann x; +ann x; +bot x", LabelPast(1, 0)),
        ("+bot x; -bot x; +bot x", None),
        ("-ann x; +bot x", LabelPast(1, 1)),
        ("+bot X; -ann x; +bot X", LabelPast(1, 1)),
        ("+bot y; -ann x; +bot y", LabelPast(1, 0)),
    ],
)
def test_a_label_is_put_back_when_others_took_it_off(given: str, past: LabelPast | None) -> None:
    """Only what others took off counts, and only our own putting it back; case does not matter."""
    assert label_pasts(events(given), BOT).get("x") == past


def test_other_events_have_no_labels() -> None:
    """Closing, reopening and the like change no label's past."""
    assert (
        label_pasts([IssueEvent("closed", NOW, Account("ann")), IssueEvent("reopened", NOW, Account(BOT))], BOT) == {}
    )
