"""Edge cases of the rules about the hypothesis queue."""

import pytest

from lint.judging import hits, said, shown
from research_logbook.lint.rules.hypotheses import (
    active_without_next_test,
    blocked_without_resume_condition,
    hypothesis_without_id,
    settled_without_evidence,
    stale_hypothesis,
    unknown_hypothesis_status,
)


def queue(status: str, text: str, name: str = "H1") -> str:
    """Return a queue with one hypothesis."""
    return f"## Hypothesis Queue\n\n- `{name}` ({status}): {text}\n"


def test_an_unknown_status_is_quoted_in_part() -> None:
    """Forty characters of it, as it is written."""
    table = "## Hypothesis Queue\n\n| ID | Hypothesis | Status |\n|---|---|---|\n| H1 | it is balanced | {} |\n"
    assert said(unknown_hypothesis_status, table.format("Purple" + "x" * 40)) == [
        f"hypothesis H1 has the unknown status “Purple{'x' * 34}”"
    ]
    assert said(unknown_hypothesis_status, table.format("active")) == []


def test_a_status_that_tells_how_far_it_is_leaves_the_group_its_state() -> None:
    """The group is one of the six; the words are no state."""
    text = "## Hypothesis Queue\n\n### Active\n\n- `H1`: it is balanced. Status: the simulator says so. Next: seeds.\n"
    assert said(unknown_hypothesis_status, text) == []
    assert len(hits(unknown_hypothesis_status, text.replace("### Active\n\n", ""))) == 1


@pytest.mark.parametrize(("text", "count"), [("- `H1`: it is balanced.", 0), ("- It is balanced.", 1)])
def test_hypothesis_without_id(text: str, count: int) -> None:
    """Each hypothesis without an ID is one finding."""
    assert len(hits(hypothesis_without_id, f"## Hypothesis Queue\n\n{text}\n")) == count


@pytest.mark.parametrize("status", ["supported", "falsified", "promoted"])
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("it is balanced.", 1),
        ("it is balanced. Evidence: the second seed.", 0),
        ("it is balanced, see [the run](https://wandb.ai/lab/x/runs/7).", 0),
        ("it is balanced, MOE-HC-002.", 0),
        ("it is balanced, A-2.", 0),
        ("it is balanced, a-2.", 1),
        ("it is balanced, #7.", 0),
        ("it is balanced, 1691d0a.", 0),
        ("it is balanced, 1691d0.", 1),
        ("it is balanced at 2.", 1),
        ("it is balanced at a loss of 2.3 for two seeds.", 0),
        ("it is balanced at a loss of x2 for both seeds.", 1),
        ("it is balanced at a loss of some for both of them.", 1),
    ],
)
def test_settled_without_evidence(status: str, text: str, count: int) -> None:
    """A link, an ID, an issue, a commit, or a number in a sentence is evidence."""
    expected = [f"hypothesis H1 is {status} but cites no evidence"] * count
    assert said(settled_without_evidence, queue(status, text)) == expected


@pytest.mark.parametrize(("length", "count"), [(40, 1), (41, 0)])
def test_a_number_needs_a_sentence(length: int, count: int) -> None:
    """Forty characters are too few to say what a number means."""
    text = "loss 2 ".ljust(length, "x")
    found = hits(settled_without_evidence, queue("falsified", text))
    assert len(found) == count


@pytest.mark.parametrize("status", ["proposed", "active", "blocked"])
def test_an_open_hypothesis_needs_no_evidence(status: str) -> None:
    """There is nothing yet that could settle it."""
    assert said(settled_without_evidence, queue(status, "it is balanced.")) == []


@pytest.mark.parametrize(
    ("status", "text", "count"),
    [
        ("active", "it is balanced.", 1),
        ("active", "it is balanced. Next test: one seed.", 0),
        ("active", "it is balanced. Next, one seed.", 0),
        ("active", "it is balanced, tested with one seed.", 0),
        ("active", "it is balanced, testing on one seed.", 0),
        ("active", "it is balanced, to test by hand.", 0),
        ("active", "it is balanced in the test.", 1),
        ("active", "it is balanced. Verify on hardware.", 0),
        ("active", "it is balanced. To be measured with one seed.", 0),
        ("active", "it is balanced in what we measure.", 1),
        ("active", "it is balanced in the context.", 1),
        ("proposed", "it is balanced.", 0),
    ],
)
def test_active_without_next_test(status: str, text: str, count: int) -> None:
    """The next test may be named in any words."""
    assert len(hits(active_without_next_test, queue(status, text))) == count


@pytest.mark.parametrize(
    ("status", "text", "count"),
    [
        ("blocked", "it is balanced.", 1),
        ("blocked", "it is balanced. Resume when: the kernel lands.", 0),
        ("blocked", "it is balanced. Next: the kernel.", 0),
        ("blocked", "it is balanced; waits for the kernel.", 0),
        ("blocked", "it is balanced; depends on the kernel.", 0),
        ("blocked", "it is balanced; needless to say.", 1),
        ("active", "it is balanced.", 0),
    ],
)
def test_blocked_without_resume_condition(status: str, text: str, count: int) -> None:
    """What would resume it may be said in any words."""
    assert len(hits(blocked_without_resume_condition, queue(status, text))) == count


def settled(text: str, status: str = "active", name: str = "MOE-H1") -> str:
    """Return a logbook with one hypothesis and an entry that says `text`."""
    log = f"## Entry Log\n\n### 2026-05-25 - first seed\n\n- Interpretation: {text}\n"
    return f"# MoE\n\n{queue(status, 'it is balanced.', name)}\n{log}"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("MOE-H1 is falsified.", "falsified"),
        ("MOE-H1 was now confirmed.", "confirmed"),
        ("So MOE-H1  has been clearly refuted.", "refuted"),
        ("MOE-H1 and MOE-H1 are promoted.", "promoted"),
        ("MOE-H1 is supported by three seeds.", "supported"),
        ("MOE-H1 is supported only for one.", None),
        ("MOE-H1 is supported by the baseline.", None),
        ("MOE-H1 is unsupported.", None),
        ("MOE-H1 is not falsified.", None),
        ("XMOE-H1 is falsified.", None),
        ("A-MOE-H1 is falsified.", None),
        ("(MOE-H1 is falsified)", "falsified"),
        ("MOE-H11 is falsified.", None),
        ("It is falsified.", None),
        ("MOE-H1 is active.", None),
        ("MOE-H1 and H2 are falsified.", "falsified"),
        ("Both `MOE-H1` & H2 were refuted.", "refuted"),
        ("MOE-H1: falsified by both seeds.", "falsified"),
        ("MOE-H1 → confirmed", "confirmed"),
        ("MOE-H1 falsified; the rest goes on.", "falsified"),
        ("Neither MOE-H1 nor H2 is supported.", None),
        ("If MOE-H1 is falsified, we stop.", None),
        ("It is open whether MOE-H1 is supported.", None),
        ("MOE-H1 is falsified if the loss rises.", None),
        ("Run until MOE-H1 is confirmed.", None),
        ("MOE-H1 and H2 is falsified.", None),
        ("MOE-H1 confirmed runs only.", None),
    ],
)
def test_stale_hypothesis(text: str, verdict: str | None) -> None:
    """A plain sentence settles it; a hedge, a negation and another ID do not."""
    expected = [f"hypothesis MOE-H1 is active in the queue but {verdict} in entry “2026-05-25 - first seed”"]
    assert said(stale_hypothesis, settled(text)) == expected * bool(verdict)


@pytest.mark.parametrize(
    ("status", "count"), [("proposed", 1), ("active", 1), ("blocked", 0), ("falsified", 0), ("supported", 0)]
)
def test_only_an_open_hypothesis_is_stale(status: str, count: int) -> None:
    """What is blocked or settled is not waiting for a test."""
    assert len(hits(stale_hypothesis, settled("MOE-H1 is falsified.", status))) == count


def test_each_of_two_hypotheses_in_a_sentence_is_stale() -> None:
    """A plural is said of all that stand before it."""
    two = settled("H1, H2 and H3 are confirmed.", name="H1").replace(
        "- `H1` (", "- `H2` (active): it is cool.\n- `H3` (falsified): it is hot.\n- `H1` ("
    )
    assert [message.split()[1] for message in said(stale_hypothesis, two)] == ["H2", "H1"]


def test_the_first_verdict_counts() -> None:
    """A later entry is not asked, and each hypothesis is one finding."""
    text = settled("MOE-H1 is falsified. MOE-H1 is confirmed.") + "\n### 2026-05-26 - x\n\nMOE-H1 is refuted.\n"
    (message,) = said(stale_hypothesis, text)
    assert "falsified in entry “2026-05-25" in message
    assert len(shown(stale_hypothesis, text)) == 1


def test_an_id_at_the_start_of_an_entry() -> None:
    """Nothing is before it that could make it part of a longer word."""
    text = settled("none.").replace("- Interpretation: none.", "MOE-H1 is falsified.")
    assert len(hits(stale_hypothesis, text)) == 1


@pytest.mark.parametrize(("length", "count"), [(200, 1), (201, 0)])
def test_a_very_long_id_is_not_searched_for(length: int, count: int) -> None:
    """An ID of more than two hundred characters is not looked for."""
    name = "".join("-" if place % 31 == 30 else "M" for place in range(length))
    assert len(hits(stale_hypothesis, settled(f"{name} is falsified.", name=name))) == count


TABLE = "## Hypothesis Queue\n\n| ID | Hypothesis | State |\n|---|---|---|\n| H1 | it is balanced. | {} |\n"


@pytest.mark.parametrize(
    ("state", "count"),
    [
        ("**confirmed** (MOE-HC-001, CPU)", 0),
        ("**FALSIFIED** (MOE-HC-001). Both types lose the gradient.", 0),
        ("falsified by MOE-HC-001", 0),
        ("supported, #7", 0),
        ("refuted: the loss rose by 0.2 in both seeds", 0),
        ("confirmed", 1),
        ("**FALSIFIED**", 1),
        ("Falsified / Dead End", 1),
        ("confirmed (2)", 1),
    ],
)
def test_the_state_may_name_its_evidence(state: str, count: int) -> None:
    """What settled it may stand behind the state; a state alone is no evidence."""
    assert len(hits(settled_without_evidence, TABLE.format(state))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("it is balanced. Falsified: the loss rose.", 0),
        ("it is balanced; rejected because the kernel is slow.", 0),
        ("it is balanced. See the second seed.", 0),
        ("it is balanced. It was so.", 1),
        ("it is the cause.", 1),
    ],
)
def test_a_reason_is_evidence(text: str, count: int) -> None:
    """Words that say why it is settled count."""
    assert len(hits(settled_without_evidence, queue("falsified", text))) == count


def thread(action: str, *, plan: str = "") -> str:
    """Return a logbook with an active hypothesis, a plan and an entry with a next action."""
    log = f"## Entry Log\n\n### 2026-05-25 - first seed\n\n- Result: 2.31\n- Next action: {action}\n"
    other = "- `MOE-H2` (proposed): it is cool.\n"
    return f"# MoE\n\n{queue('active', 'it is balanced.', 'MOE-H1')}{other}\n{plan}\n{log}"


@pytest.mark.parametrize(
    ("action", "plan", "count"),
    [
        ("a second seed.", "", 0),
        ("a second seed of MOE-H1.", "", 0),
        ("a second seed of MOE-H2.", "", 1),
        ("none.", "## Recommended next experiments\n\n1. MOE-H1 with two seeds.\n", 0),
        ("none.", "## Recommended next experiments\n\n1. MOE-H11 with two seeds.\n", 1),
        ("none.", "## Notes\n\n- MOE-H1 is dear to us.\n", 1),
        ("none.", "", 1),
    ],
)
def test_the_next_test_may_stand_in_the_log_or_a_plan(action: str, plan: str, count: int) -> None:
    """The last entry's next action is the thread's, unless it is on another; a plan has to name the hypothesis."""
    assert len(hits(active_without_next_test, thread(action, plan=plan))) == count


@pytest.mark.parametrize(("named", "count"), [("MOE-H2", 0), ("MOE-H1", 1), ("MOE-H1 and MOE-H2", 1)])
def test_that_nothing_follows_is_said_of_the_hypothesis_of_the_entry(named: str, count: int) -> None:
    """A thread that has finished with one hypothesis still has what it planned for the other."""
    last = f"\n### 2026-05-26 - second seed\n\n- Hypothesis: {named}\n- Result: 2.33\n- Next action: none.\n"
    assert len(hits(active_without_next_test, thread("a second seed.") + last)) == count


def test_a_next_action_on_another_hypothesis_is_no_next_test() -> None:
    """What was planned last for the hypothesis itself still holds."""
    planned = thread("a second seed.")
    on_another = "\n### 2026-05-26 - MOE-H2\n\n- Result: 2.29\n- Next action: {}\n"
    assert said(active_without_next_test, planned + on_another.format("none.")) == []
    done = thread("none.")
    assert len(hits(active_without_next_test, done + on_another.format("a third seed."))) == 1


@pytest.mark.parametrize(("text", "count"), [("Falsifier: two seeds above 2.4.", 0), ("It is false if not.", 1)])
def test_what_would_falsify_it_is_a_test(text: str, count: int) -> None:
    """It says what to measure."""
    assert len(hits(active_without_next_test, queue("active", f"it is balanced. {text}"))) == count


VERDICTS = "| ID | Verdict |\n|---|---|\n| {} | {} |\n"


@pytest.mark.parametrize(
    ("name", "verdict", "count"),
    [
        ("MOE-H1", "**falsified**: it rose", 1),
        ("MOE-H1", "supported", 1),
        ("MOE-H1", "open", 0),
        ("MOE-H1", "", 0),
        ("MOE-H2", "falsified", 0),
    ],
)
def test_a_table_of_verdicts_settles(name: str, verdict: str, count: int) -> None:
    """An entry may give its verdicts in a table."""
    text = settled("see below.") + "\n" + VERDICTS.format(name, verdict)
    assert len(hits(stale_hypothesis, text)) == count


def test_a_table_of_verdicts_in_the_queue_settles_what_is_listed_above_it() -> None:
    """The queue itself says so then: nothing is stale, and nothing waits for a test."""
    text = queue("active", "it is balanced.", "MOE-H1") + "\n" + VERDICTS.format("MOE-H1", "falsified (MOE-HC-001)")
    assert hits(active_without_next_test, text) == hits(settled_without_evidence, text) == []


@pytest.mark.parametrize(
    ("state", "help_says"), [("PARTIAL: a third", "which part"), ("resolved", "does not say which")]
)
def test_help_for_a_state_that_is_none_of_the_six(state: str, help_says: str) -> None:
    """It says what to write instead of a half or a mere end."""
    (hit,) = hits(unknown_hypothesis_status, TABLE.format(state))
    assert help_says in hit.help


@pytest.mark.parametrize(
    ("state", "count"), [("BLOCKED on the MOE-HC-001 gate", 0), ("blocked", 1), ("Blocked (2)", 1)]
)
def test_the_state_may_say_what_it_waits_for(state: str, count: int) -> None:
    """What stands behind the state counts."""
    assert len(hits(blocked_without_resume_condition, TABLE.format(state))) == count
