"""Claims about the checks of what the summary rests on: for each, a table of what passes and what just fails."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from research_logbook.config.schema import Config, Labels
from research_logbook.github.models import LabelPast
from research_logbook.repo.logbook_resolution import PinnedLogbook
from research_logbook.seal.checks.facts import ProductionPull, SealFacts
from seal.closeout import (
    COMMIT,
    FINAL,
    FIRST,
    FORKED,
    HEAD,
    LOG,
    LOGBOOK,
    ONE,
    PAGES,
    PATH,
    QUEUE,
    TWO,
    body,
    said,
    thread,
    verdict,
    version,
)

LINKS = f"## Links\n- Logbook: `{PATH}`\n"
PENDING = "loss 2.229 after 400 steps.", "pending."


def linking(*links: str, **changed: object) -> SealFacts:
    """Return the honest thread with a body that links these and the logbook's path."""
    return thread(body(LINKS + "".join(f"- {link}\n" for link in links)), **changed)  # type: ignore[arg-type]


def pinned(name: str, logbook: str | None = LOGBOOK, **changed: bool) -> dict[str, PinnedLogbook]:
    """Return one linked tag or commit, and the logbook in it."""
    return {name: version(name, logbook, **changed)}


SNAPSHOTS = {
    "the tag": (linking(f"[tag]({PAGES}/tree/{FINAL})"), f"{FINAL} contains the logbook with SPA-AT-002"),
    "a bare commit": (linking(COMMIT), f"{COMMIT[:12]} contains the logbook with SPA-AT-002"),
    "a commit in upper case": (linking(f"[commit]({PAGES}/commit/{COMMIT.upper()})"), "contains the logbook"),
    "the older one first": (linking(f"[a]({PAGES}/tree/{FIRST})", f"[b]({PAGES}/tree/{FINAL})"), "contains"),
    "another host with the same path": (
        linking(f"[tag]({PAGES.replace('github.com', 'gitlab.com')}/tree/{FINAL})"),
        "no snapshot is linked",
    ),
    "the repository in other letters": (linking(f"[tag]({PAGES.replace('lab', 'LAB')}/tree/{FINAL})"), "contains"),
    "nothing": (linking(), "no snapshot is linked"),
    "a name in code": (linking(f"`{FINAL}`"), f"{FINAL} is named, but not linked"),
    "39 of 40 digits": (linking(f"[commit]({PAGES}/commit/{COMMIT[:39]})"), "is not a full commit hash"),
    "a tag that does not exist": (linking(f"[tag]({PAGES}/tree/{FINAL}x)"), "is not a tag or commit"),
    "a commit of a fork": (linking(FORKED), f"{FORKED[:12]} is linked, but no branch or tag"),
    "an older snapshot": (linking(f"[tag]({PAGES}/tree/{FIRST})"), "its logbook lacks the result of SPA-AT-002"),
    "a commit without a logbook": (linking(COMMIT, linked=pinned(COMMIT, None)), "it has no logbook of this thread"),
    "a tag from before the result": (
        linking(f"[tag]({PAGES}/tree/{FINAL})", linked=pinned(FINAL, LOGBOOK.replace(*PENDING))),
        "its logbook lacks the result",
    ),
    "a tag with another heading": (
        linking(f"[tag]({PAGES}/tree/{FINAL})", linked=pinned(FINAL, LOGBOOK.replace("second seed", "third seed"))),
        "its logbook lacks the result",
    ),
    "a tag with another format of the heading": (
        linking(f"[tag]({PAGES}/tree/{FINAL})", linked=pinned(FINAL, LOGBOOK.replace("second seed", "Second *seed*"))),
        "contains the logbook",
    ),
    "no logbook": (linking(book=None, no_logbook="no logbook names #8734"), "no logbook names #8734"),
    "no logbook, and nobody knows why": (linking(book=None), "there is no logbook"),
    "an empty log": (linking(f"[tag]({PAGES}/tree/{FINAL})", logbook=HEAD + LOG), "there is no logbook"),
}


@pytest.mark.parametrize("case", SNAPSHOTS)
def test_final_snapshot(case: str) -> None:
    """The linked snapshot is read, and the last thing that was meant as one is named."""
    facts, text = SNAPSHOTS[case]
    found = verdict(facts, "final-snapshot")
    assert text in found.evidence[0].text
    assert found.passes is ("contains" in text)


MERGED = ProductionPull(31, "Faster attention", is_merged=True)
PULLS = {
    "by number": (f"{body()}\n#31\n", MERGED, True),
    "by its page": (f"{body()}\n[pull]({PAGES}/pull/31)\n", MERGED, True),
    "by the page of an issue": (f"{body()}\n[pull]({PAGES}/issues/31)\n", MERGED, True),
    "by owner, name and number": (f"{body()}\nlab/models#31\n", MERGED, True),
    "another number": (f"{body()}\n#310\n", MERGED, False),
    "another repository": (f"{body()}\nfoo/models#31\n", MERGED, False),
    "a file of that number": (f"{body()}\n[notes](docs/31.md)\n", MERGED, False),
    "not at all": (body(), MERGED, False),
    "open": (body(), replace(MERGED, is_merged=False), True),
    "linked, with a logbook": (f"{body()}\n#31\n", replace(MERGED, carries=(PATH,)), False),
}


@pytest.mark.parametrize("case", PULLS)
def test_production_pr(case: str) -> None:
    """What is merged has to be linked from the body, and to leave the logbook out."""
    text, pull, passes = PULLS[case]
    assert verdict(thread(text, pulls=(pull,)), "production-pr").passes is passes


def test_each_pull_request_is_named() -> None:
    """Of several, the ones that are linked are no fault, and the others are."""
    others = (replace(MERGED, number=32), replace(MERGED, number=33, is_merged=False))
    found = verdict(thread(f"{body()}\n#31\n", pulls=(MERGED, *others)), "production-pr")
    assert [one.text for one in found.evidence] == [
        "#31 is linked",
        "#32 is merged, but the body does not link it",
        "#33 is still open",
    ]
    assert [one.url.rpartition("/")[2] for one in found.evidence] == ["31", "32", "33"]


def ending(entry: str, heading: str = "a note") -> SealFacts:
    """Return the honest thread with one more entry at its end."""
    return thread(logbook=f"{LOGBOOK}\n### 2026-05-28 10:00 - {heading}\n\n{entry}\n")


ENDS = {
    "a result": (ending("- Result: it diverged."), True),
    "a number": (ending("- Metrics: loss 2.13 after 400 steps."), True),
    "a decision": (ending("- Decision: stop here."), True),
    "a conclusion": (ending("- Conclusion: it works."), True),
    "a pending decision": (ending("- Decision: pending."), False),
    "a pending decision, and a word": (ending("- Decision: pending.\n\nWe decided nothing."), False),
    "a pending and a made decision": (ending("- Decision: pending.\n- Conclusion: it works."), True),
    "a word": (ending("The rest was abandoned."), True),
    "a heading": (ending("Thanks to all.", "Wrap-up"), True),
    "a result that says nothing": (ending("- Result: n/a"), False),
    "a conclusion that says nothing": (ending("- Conclusion: none."), False),
    "a result that says nothing, and a decision": (ending("- Result: n/a\n- Decision: stop here."), True),
    "a result that says nothing, and a heading": (ending("- Result: n/a", "Close-out"), True),
    "a part of a word": (ending("This is inconclusive."), False),
    "a thought": (ending("Maybe more blocks."), False),
    "no entry": (thread(logbook=HEAD + QUEUE + LOG), False),
}


@pytest.mark.parametrize("case", ENDS)
def test_final_entry(case: str) -> None:
    """A log ends with an outcome, not in the middle of a thought."""
    facts, is_an_end = ENDS[case]
    found = verdict(facts, "final-entry")
    said = " ".join(one.text for one in found.evidence)
    assert ("has no" not in said) is is_an_end
    assert ("the log ends with" in said) is found.passes


@pytest.mark.parametrize(
    ("now", "passes"),
    [
        ("n/a", False),
        ("see above", False),
        ("abandoned", True),
        ("not run because the cluster was down.", True),
        ("loss 2.231 after 400 steps.", True),
    ],
)
def test_a_result_that_was_pending_is_not_blanked(now: str, passes: bool) -> None:
    """What a snapshot has as pending is not settled by a value that says nothing; where it never was, none is asked."""
    logbook = LOGBOOK.replace("loss 2.231 after 400 steps.", now)
    found = verdict(thread(logbook=logbook, before=HEAD + QUEUE + LOG + PREREGISTERED), "final-entry")
    assert found.passes is passes
    assert verdict(thread(logbook=logbook, snapshots=()), "final-entry").passes


UNLINKED = {
    "the issue by its address": (LOGBOOK.replace("issue: 8734", f"issue: {PAGES}/issues/8734"), True),
    "the number of another repository": (
        LOGBOOK.replace("issue: 8734", f"issue: {PAGES.replace('lab', 'foo')}/issues/8734"),
        False,
    ),
    "another number": (LOGBOOK.replace("issue: 8734", "issue: 8735"), False),
}


@pytest.mark.parametrize("case", UNLINKED)
def test_the_header_names_the_issue(case: str) -> None:
    """By its number or its address, in this repository."""
    logbook, passes = UNLINKED[case]
    assert verdict(thread(logbook=logbook), "final-entry").passes is passes


@pytest.mark.parametrize(
    ("link", "passes"),
    [
        (f"[snapshot]({PAGES}/tree/{FIRST})", True),
        (f"[snapshot]({PAGES}/commit/{COMMIT})", True),
        (f"[snapshot]({PAGES}/tree/main)", False),
    ],
)
def test_the_logbook_may_link_the_snapshot_itself(link: str, passes: bool) -> None:
    """Where the issue links none that has the end, a link to a tag or to its commit in the logbook does."""
    logbook = LOGBOOK.replace("none, close the thread out.", f"none, see {link}.")
    facts = linking(logbook=logbook, linked={})
    unread = tuple(replace(one, text=None) for one in facts.snapshots)
    found = verdict(replace(facts, snapshots=unread), "final-entry")
    assert found.passes is passes


def test_a_snapshot_that_is_not_linked_is_one_finding() -> None:
    """Where one holds the end, the log has come to it: that it is to be linked is said by `final-snapshot` alone."""
    facts = linking(linked={})
    assert verdict(facts, "final-entry").passes
    (found,) = verdict(facts, "final-snapshot").evidence
    assert found.remedy == f"link `{FINAL}`, which holds SPA-AT-002, from the body"
    (none, at_the_end) = (
        verdict(replace(facts, snapshots=()), name).evidence for name in ("final-snapshot", "final-entry")
    )
    assert none == at_the_end


HYPOTHESES = {
    "(supported)": True,
    "(falsified)": True,
    "(blocked)": True,
    "(promoted)": True,
    "(active)": False,
    "(proposed)": False,
    "(purple)": False,
}


@pytest.mark.parametrize("status", HYPOTHESES)
def test_hypotheses_settled(status: str) -> None:
    """What is active, proposed or in a state that nobody knows is open, unless Next steps name it."""
    logbook = LOGBOOK.replace("(supported)", status)
    assert verdict(thread(logbook=logbook), "hypotheses-settled").passes is HYPOTHESES[status]
    planned = body("## Next steps\n\n- Take SPA-H1 to width 1024.")
    assert verdict(thread(planned, logbook=logbook), "hypotheses-settled").passes


PLANS = {
    "a longer name": (body("## Next steps\n\n- Take SPA-H12 up."), "", False),
    "elsewhere in the body": (body("## Ideas\n\n- Take SPA-H1 up."), "", False),
    "a section of the final comment": (body(), "## Next steps\n\n- SPA-H1 at width 1024.", True),
    "a line of the final comment": (body(), "Next steps: SPA-H1 at width 1024.", True),
}


@pytest.mark.parametrize("case", PLANS)
def test_what_is_planned(case: str) -> None:
    """A hypothesis is planned where its whole name stands under Next steps, of the body or the final comment."""
    text, end, passes = PLANS[case]
    comment = f"It works. Seed 3 failed. Confidence: replicated. One width only.\n\n{end}"
    facts = thread(text, said(comment), LOGBOOK.replace("(supported)", "(active)"))
    assert verdict(facts, "hypotheses-settled").passes is passes


def test_a_hypothesis_without_an_id_is_known_by_its_words() -> None:
    """Its first sixty characters stand for it."""
    words = "block sparsity keeps the loss at every width that we have looked at so far, and at more"
    logbook = LOGBOOK.replace("`SPA-H1` (supported): block sparsity keeps the loss.", f"(active) {words}.")
    assert not verdict(thread(logbook=logbook), "hypotheses-settled").passes
    planned = body(f"## Next steps\n\n- See whether {words[:60]} holds.")
    assert verdict(thread(planned, logbook=logbook), "hypotheses-settled").passes


PREREGISTERED = ONE.replace("loss 2.231 after 400 steps.", "pending.")
CHANGED = LOGBOOK.replace("2.231", "2.131")
SCOPED = LOGBOOK.replace("\n## ", "\n## Scope\n\n- Goal: halve the cost.\n\n## ", 1)
REASON = (
    "\n### 2026-05-28 - goal\n\n- Decision: the goal is to keep the cost now.\n- Why: no kernel we have halves it.\n"
)
HISTORY = {
    "nothing": (thread(), True),
    "a result": (thread(logbook=CHANGED), False),
    "a result that was struck out": (thread(logbook=LOGBOOK.replace("2.231", "~~2.231~~ 2.131")), True),
    "a result, with the rule off": (thread(logbook=CHANGED, config=Config(rules={"rewritten-entry": "off"})), True),
    "a result, with another rule off": (thread(logbook=CHANGED, config=Config(rules={"removed-entry": "off"})), False),
    "an entry": (thread(logbook=HEAD + QUEUE + LOG + TWO), False),
    "a hypothesis": (thread(logbook=HEAD + LOG + ONE + TWO), False),
    "the claim of a hypothesis": (
        thread(logbook=LOGBOOK.replace("sparsity keeps the loss.", "sparsity is fast.")),
        False,
    ),
    "a goal": (thread(before=SCOPED, logbook=SCOPED.replace("halve", "keep")), False),
    "a goal, with the reason": (
        thread(before=SCOPED, logbook=SCOPED.replace("halve", "keep") + REASON),
        True,
    ),
    "a next action, once the result came in": (
        thread(before=HEAD + QUEUE + LOG + PREREGISTERED.replace("a second seed.", "read the loss.")),
        True,
    ),
    "a result of the linked commit": (
        linking(COMMIT, logbook=LOGBOOK.replace("2.229", "2.129"), snapshots=()),
        False,
    ),
    "no snapshot": (thread(logbook=CHANGED, snapshots=(), linked={}), True),
    "a snapshot that cannot be read": (thread(logbook=CHANGED, snapshots=(version(FINAL, None),)), True),
}


@pytest.mark.parametrize("case", HISTORY)
def test_history_intact(case: str) -> None:
    """What a snapshot had is still there; what may change without a finding may change here."""
    facts, passes = HISTORY[case]
    assert verdict(facts, "history-intact").passes is passes


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "nothing is missing that 2 snapshots had"),
        ({"snapshots": thread().snapshots[:1]}, f"nothing is missing that {FINAL} had"),
        ({"snapshots": (), "linked": {}}, "there is no snapshot to compare with"),
    ],
)
def test_what_history_was_compared_with(changed: dict[str, object], text: str) -> None:
    """The report says how much was looked at; a tag that is linked is not counted twice."""
    assert [one.text for one in verdict(thread(**changed), "history-intact").evidence] == [text]  # type: ignore[arg-type]


AGENT = "🤖 Agent-driven experiment issue.\n\n" + body()
LABELS = {
    "a person's": (thread(), []),
    "a person's without its label": (thread(labels=()), ["experiment"]),
    "an agent's": (thread(AGENT), ["agent-generated"]),
    "an agent's with both": (thread(AGENT, labels=("Experiment", "agent-generated")), []),
    "an agent's with none": (thread(AGENT, labels=()), ["experiment", "agent-generated"]),
    "no experiment issue": (thread(labels=(), is_enrolled=False), []),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels(case: str) -> None:
    """The labels that the issue has to carry are there, whatever their letter case."""
    facts, missing = LABELS[case]
    assert [one.text for one in verdict(facts, "labels").evidence if one.remedy] == [
        f"`{name}` is missing" for name in missing
    ]


@pytest.mark.parametrize(("removed", "passes"), [((), False), (["agent-generated"], True)])
def test_a_label_that_was_removed_for_good(removed: Sequence[str], passes: bool) -> None:
    """One that the configuration lists may be missing only if somebody did remove it."""
    config = Config(labels=Labels(not_put_back=("agent-generated",)))
    facts = thread(AGENT, config=config, label_pasts=dict.fromkeys(removed, LabelPast(1)))
    assert verdict(facts, "labels").passes is passes
