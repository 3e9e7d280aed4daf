"""Claims about the seal checks: honest close-outs in several forms pass, and what only looks like one does not."""

import datetime as dt
from dataclasses import replace

import pytest

from research_logbook.config.schema import Config, Seal
from research_logbook.seal.checks import NAMES
from research_logbook.seal.checks.facts import ProductionPull
from seal.closeout import (
    BODY,
    COMMIT,
    DECISIONS,
    FINAL,
    FINAL_COMMENT,
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
    failing,
    said,
    thread,
    verdict,
    version,
    written,
)

LINKS = f"## Links\n- Logbook: `{PATH}`\n"
PINNED = f"{PAGES}/blob/{FINAL}/{PATH}"


def test_an_honest_close_out_can_be_sealed() -> None:
    """A thread with all that is asked for fails nothing, and every check says what it looked at."""
    honest = thread()
    assert failing(honest) == []
    assert [verdict(honest, name).check for name in NAMES if not verdict(honest, name).evidence] == []


ANSWERED = f"""\
{HEAD}{QUEUE}{LOG}{ONE.replace("loss 2.231 after 400 steps.", "pending.")}
### 2026-05-26 15:00 - SPA-AT-001 first seed, result

- Result: loss 2.231 after 400 steps.
"""
DECIDED = HEAD + QUEUE + DECISIONS + LOG + ONE + TWO
DIVERGED = f"""\
{LOGBOOK}
### 2026-05-26 15:00 - SPA-AT-003 third seed

- Command: `python -m train --seed 2`
- Result: diverged.
"""


def only(logbook: str) -> dict[str, object]:
    """Return the facts of a thread whose only snapshot holds this logbook."""
    return {"snapshots": (), "linked": {FINAL: version(FINAL, logbook)}}


HONEST = {
    "summary of a day": thread(body("## Summary (2026-05-26)\nBlock sparsity keeps the loss.")),
    "summary as of a day": thread(body("## TL;DR\n\nAs of 2026-05-27, block sparsity keeps the loss.")),
    "summary that begins with its day": thread(body("## Current TL;DR\n\n2026-05-27: sparsity keeps the loss.")),
    "summary that names the snapshot": thread(body(f"## TL;DR\nKept; the record is `{FINAL}`.")),
    "summary in bold": thread(f"**TL;DR:** sparsity keeps the loss (SPA-AT-002).\n\n{body('', 'TL;DR')}"),
    "a range of IDs": thread(body("## TL;DR\nSparsity keeps the loss (SPA-AT-001..002).")),
    "an old summary beside the final one": thread(f"## Summary\n\nNo runs yet.\n\n{body()}"),
    "a full commit": thread(body(f"{LINKS}- Final snapshot: {COMMIT}")),
    "a permalink": thread(body(f"## Links\n- [Logbook]({PAGES}/blob/{COMMIT}/{PATH})")),
    "a release page of the tag": thread(body(f"{LINKS}- [snapshot]({PAGES}/releases/tag/{FINAL})")),
    "the logbook at the tag": thread(body(f"## Links\n- [Logbook]({PINNED})")),
    "the snapshot in the final comment": thread(
        body(LINKS), said(f"{FINAL_COMMENT}\n[snapshot]({PAGES}/tree/{FINAL})")
    ),
    "next steps in the final comment": thread(body("", "Next steps"), said(f"{FINAL_COMMENT}\n## Next\n1. Ship it.")),
    "no next steps, says the final comment": thread(
        body("", "Next steps"), said(FINAL_COMMENT.replace("measure width 1024", "none"))
    ),
    "conclusion and next steps in one": thread(
        body("## Conclusion and next steps\n\nUse it.\n\n- Measure width 1024.", "Conclusion", "Next steps")
    ),
    "no decisions": thread(body("## Decision log\nNone.")),
    "decisions pinned in the logbook": thread(
        body(f"## Decision log\n\n[Decision log]({PINNED}#decision-log)"),
        logbook=DECIDED,
        **only(DECIDED),
    ),
    "a decision with a link to a branch": thread(
        body(f"## Decision log\nStop at two seeds ([entry]({PAGES}/blob/research/sparse-attention/{PATH})).")
    ),
    "nothing failed": thread(body("## Negative results index\nNone.")),
    "a final comment in sentences": thread(
        comments=said(
            "SealFacts this. Sparsity held up at 512 blocks, one block did not. I am confident, two seeds agree; the "
            "limits are one width and one machine. Next would be width 1024."
        )
    ),
    "a final comment in headings": thread(
        comments=said(
            "## What worked\n- 512\n\n## What did not work\n- one block\n\n## Confidence\nhigh\n\n"
            "## Limitations\none width\n\n## Next steps\n- none"
        )
    ),
    "talk after the final comment": thread(comments=said(FINAL_COMMENT, "Great work, thanks!")),
    "a failure as the last result": thread(
        body("## TL;DR\nThe third seed diverged (SPA-AT-003)."), logbook=DIVERGED, **only(DIVERGED)
    ),
    "a closing note after the last result": thread(
        logbook=f"{LOGBOOK}\n### 2026-05-27 09:00 - wrap-up\n\n- Decision: stop here.\n"
    ),
    "a pending result that a later entry answers": thread(
        body("## TL;DR\nThe first seed keeps the loss (SPA-AT-001)."), logbook=ANSWERED, **only(ANSWERED)
    ),
    "an open hypothesis that is a next step": thread(
        body("## Next steps\n- Take SPA-H1 to width 1024."), logbook=LOGBOOK.replace("supported", "active")
    ),
    "a blocked hypothesis": thread(logbook=LOGBOOK.replace("(supported)", "(blocked)")),
    "a production pull request": thread(
        body() + "\nProduction: #31\n", pulls=(ProductionPull(31, "Faster attention", is_merged=True),)
    ),
    "a production pull request by its address": thread(
        f"{body()}\n[shipped]({PAGES}/pull/31)\n", pulls=(ProductionPull(31, "Faster attention", is_merged=True),)
    ),
    "an open pull request": thread(pulls=(ProductionPull(32, "More", is_merged=False),)),
    "a checklist with a reason": thread(
        body() + "\n## Close-out\n\n- [x] TL;DR\n- [ ] ~~Checkpoints~~ (none)\n- [ ] N/A: no model was trained\n"
    ),
    "open boxes elsewhere": thread(body() + "\n## Ideas\n\n- [ ] a third seed\n"),
    "a bare path for the logbook": thread(body(f"{LINKS}- [snapshot]({PAGES}/tree/{FINAL})")),
    "no snapshot before the final one": thread(snapshots=()),
}


@pytest.mark.parametrize("form", HONEST)
def test_honest_close_outs_take_many_forms(form: str) -> None:
    """However people write what is asked for, it is recognised."""
    assert failing(HONEST[form]) == []


GAMES = {
    "a stale summary": (thread(body("## TL;DR\nFirst seed done (SPA-AT-001).")), "tldr-current"),
    "a day in the future": (thread(body("## TL;DR (2030-01-01)\nKept.")), "tldr-current"),
    "any day in the text": (thread(body("## TL;DR\nWe began with the data of 2026-05-28.")), "tldr-current"),
    "a longer ID": (thread(body("## TL;DR\nSee SPA-AT-0021.")), "tldr-current"),
    "a hidden summary": (thread(body("## TL;DR\n<!-- SPA-AT-002 keeps the loss -->")), "tldr-current"),
    "a struck summary": (thread(body("## TL;DR\n~~SPA-AT-002~~ Kept.")), "tldr-current"),
    "a summary in a comment": (
        thread(body("", "TL;DR"), said(f"## TL;DR\nSPA-AT-002\n\n{FINAL_COMMENT}")),
        "tldr-current",
    ),
    "a conclusion in a comment": (
        thread(body("", "Conclusion"), said(f"## Conclusion\nUse it.\n\n{FINAL_COMMENT}")),
        "conclusion",
    ),
    "an empty conclusion": (thread(body("## Conclusion\n")), "conclusion"),
    "a conclusion to come": (thread(body("## Conclusion\n_pending_")), "conclusion"),
    "no conclusion, in a word": (thread(body("## Conclusion\nNone.")), "conclusion"),
    "next steps in prose": (thread(body("## Next steps\nWe will see.")), "next-steps"),
    "next steps to come": (thread(body("## Next steps\n- TBD")), "next-steps"),
    "an older snapshot": (thread(body(f"{LINKS}- [snapshot]({PAGES}/tree/{FIRST})")), "final-snapshot"),
    "a snapshot by name": (thread(body(f"{LINKS}- snapshot: `{FINAL}`")), "final-snapshot"),
    "a tag that is not there": (thread(body(f"{LINKS}- [snapshot]({PAGES}/tree/{FINAL}.9)")), "final-snapshot"),
    "a snapshot of another repository": (
        thread(body(f"{LINKS}- [snapshot]({PAGES.replace('lab', 'foo')}/tree/{FINAL})")),
        "final-snapshot",
    ),
    "a commit of a fork": (thread(body(f"{LINKS}- {FORKED}")), "final-snapshot"),
    "an abbreviated commit": (thread(body(f"{LINKS}- [snapshot]({PAGES}/commit/{COMMIT[:10]})")), "final-snapshot"),
    "a commit without the logbook": (
        thread(body(f"{LINKS}- {COMMIT}"), linked={COMMIT: version(COMMIT, None)}),
        "final-snapshot",
    ),
    "a tag from before the result came in": (
        thread(
            linked={FINAL: version(FINAL, LOGBOOK.replace("loss 2.229 after 400 steps.", "pending."))},
        ),
        "final-snapshot",
    ),
    "a snapshot in a branch's name": (
        thread(body(f"{LINKS}- [snapshot]({PAGES}/tree/final-snapshot)")),
        "final-snapshot",
    ),
    "a merged pull request that is not linked": (
        thread(pulls=(ProductionPull(31, "Faster attention", is_merged=True),)),
        "production-pr",
    ),
    "a pull request in code": (
        thread(f"{body()}\n`#31`\n", pulls=(ProductionPull(31, "Faster attention", is_merged=True),)),
        "production-pr",
    ),
    "a pull request of the same number elsewhere": (
        thread(f"{body()}\nfoo/models#31\n", pulls=(ProductionPull(31, "Faster attention", is_merged=True),)),
        "production-pr",
    ),
    "a logbook that was merged along": (
        thread(f"{body()}\n#31\n", pulls=(ProductionPull(31, "Faster attention", is_merged=True, carries=(PATH,)),)),
        "production-pr",
    ),
    "an empty decision log": (thread(body("## Decision log\n_empty_")), "decision-log"),
    "decisions on a branch": (
        thread(body(f"## Decision log\n[in the logbook]({PAGES}/blob/research/sparse-attention/{PATH}#decision-log)")),
        "decision-log",
    ),
    "a sentence that leads to a branch": (
        thread(
            body(
                f"## Decision log\nAll decisions are kept in [the log]({PAGES}/blob/research/sparse-attention/{PATH})."
            )
        ),
        "decision-log",
    ),
    "decisions that the pinned logbook has not": (
        thread(body(f"## Decision log\n[Decision log]({PINNED}#decision-log)")),
        "decision-log",
    ),
    "nothing failed, but something is falsified": (
        thread(body("## Negative results\nNone."), logbook=LOGBOOK.replace("(supported)", "(falsified)")),
        "negative-results",
    ),
    "not applicable, but something is falsified": (
        thread(body("## Negative results\nN/A"), logbook=LOGBOOK.replace("(supported)", "(falsified)")),
        "negative-results",
    ),
    "no comment at all": (thread(comments=()), "final-comment"),
    "headings with nothing below": (
        thread(
            comments=said("## What worked\n\n## What did not work\n\n## Confidence\n\n## Limitations\n\n## Next steps")
        ),
        "final-comment",
    ),
    "labels with nothing behind": (
        thread(comments=said("What worked: TBD\nWhat did not: TBD\nConfidence: …\nLimitations: TODO\nNext steps:")),
        "final-comment",
    ),
    "a quotation of a summary": (
        thread(comments=said("> " + FINAL_COMMENT.replace("\n", "\n> "))),
        "final-comment",
    ),
    "a summary in code": (thread(comments=said(f"```\n{FINAL_COMMENT}\n```")), "final-comment"),
    "a summary from before the last result": (thread(comments=said(FINAL_COMMENT, day="2026-05-20")), "final-comment"),
    "an update after the summary": (
        thread(comments=said(FINAL_COMMENT, "🤖 Update: one more. It works better. Confidence: low. Next: a rerun.")),
        "final-comment",
    ),
    "a logbook of another issue": (thread(logbook=LOGBOOK.replace("issue: 8734", "issue: 12")), "final-entry"),
    "a logbook of no issue": (thread(logbook=LOGBOOK.replace("issue: 8734\n", "")), "final-entry"),
    "no link to the logbook": (thread(body(f"## Links\n- [snapshot]({PAGES}/tree/{FINAL})")), "final-entry"),
    "a log that ends in the middle": (
        thread(logbook=f"{LOGBOOK}\n### 2026-05-27 09:00 - a thought\n\nMaybe more blocks.\n"),
        "final-entry",
    ),
    "a pending result": (
        thread(logbook=f"{LOGBOOK}\n### 2026-05-27 - SPA-AT-003 third\n\n- Command: `a`\n- Result: pending.\n"),
        "final-entry",
    ),
    "a pending result under a closing note": (
        thread(
            logbook=f"{LOGBOOK}\n### 2026-05-27 - SPA-AT-003 third\n\n- Command: `a`\n- Result: pending.\n"
            "\n### 2026-05-28 - wrap-up\n\n- Decision: stop here.\n"
        ),
        "final-entry",
    ),
    "an open hypothesis": (thread(logbook=LOGBOOK.replace("(supported)", "(active)")), "hypotheses-settled"),
    "a hypothesis in limbo": (thread(logbook=LOGBOOK.replace("(supported)", "(purple)")), "hypotheses-settled"),
    "a result that was changed": (thread(logbook=LOGBOOK.replace("2.231", "2.131")), "history-intact"),
    "a result that differs from the linked commit": (
        thread(body(f"{LINKS}- {COMMIT}"), logbook=LOGBOOK.replace("2.229", "2.129"), snapshots=()),
        "history-intact",
    ),
    "an entry that was dropped": (thread(logbook=HEAD + QUEUE + LOG + TWO), "history-intact"),
    "a hypothesis that was dropped": (thread(logbook=HEAD + LOG + ONE + TWO), "history-intact"),
    "a missing label": (thread("🤖 Agent-driven experiment issue.\n\n" + body()), "labels"),
    "an open box": (thread(body() + "\n## Before closing\n\n- [ ] Final snapshot is linked\n"), "checklist"),
    "no logbook": (thread(book=None, no_logbook="no logbook names #8734"), "final-entry"),
}


@pytest.mark.parametrize("game", GAMES)
def test_what_only_looks_closed_out_is_not(game: str) -> None:
    """Each way to satisfy the words and not the meaning fails the check that it is meant to pass."""
    changed, name = GAMES[game]
    assert name in failing(changed)
    assert all(found.remedy for found in verdict(changed, name).evidence[:1])


ALONE = {"no logbook", "an older snapshot", "a tag from before the result came in"} | {
    game for game in GAMES if "snapshot" in game or "commit" in game or "tag" in game
}


@pytest.mark.parametrize("game", sorted(GAMES.keys() - ALONE))
def test_one_problem_fails_one_check(game: str) -> None:
    """What is wrong in one place fails one check, so that nobody has to guess which of five is meant."""
    changed, name = GAMES[game]
    related = {"an entry that was dropped": {"history-intact"}, "a hypothesis that was dropped": {"history-intact"}}
    assert set(failing(changed)) <= related.get(game, {name})


def test_ticked_boxes_are_not_evidence() -> None:
    """A body of ticked boxes and nothing else fails what the boxes claim."""
    boxes = "## Before closing\n\n" + "\n".join(f"- [x] {item}" for item in ("TL;DR is current", "Conclusion", "Next"))
    failed = failing(thread(boxes, ()))
    assert {"tldr-current", "conclusion", "next-steps", "final-snapshot", "final-comment"} <= set(failed)
    assert "checklist" not in failed


def test_an_empty_issue_fails_every_check_of_its_texts() -> None:
    """An issue without a word, and without a logbook, fails but what there is nothing to say of."""
    failed = set(failing(thread("", (), book=None, snapshots=(), linked={})))
    assert failed >= {"tldr-current", "conclusion", "next-steps", "decision-log", "negative-results", "final-comment"}
    assert failed >= {"final-snapshot", "final-entry", "hypotheses-settled", "history-intact"}
    assert failed.isdisjoint({"production-pr", "labels", "checklist", "sections", "docs-updated"})


def test_the_configuration_decides_what_is_required() -> None:
    """A check can be switched off, made advice, or made more than advice, and sections can be asked for."""
    checks = {"negative-results": "advisory", "conclusion": "off", "docs-updated": "required"}
    config = Config(seal=Seal(checks=checks, sections=("Ethics review",)))  # type: ignore[arg-type]
    changed = thread(body("", "Negative results", "Conclusion"), config=config)
    assert failing(changed) == ["sections", "docs-updated"]
    assert not verdict(changed, "negative-results").passes
    with_both = body("## Ethics review\nNone needed.\n## Documentation\nNone needed.", "Conclusion")
    assert failing(thread(with_both, config=config)) == []


def test_a_replaced_next_action_does_not_block_the_seal() -> None:
    """A preregistered entry whose result came in, with another next action, does not hinder."""
    before = ONE.replace("loss 2.231 after 400 steps.", "pending.").replace("a second seed.", "read the loss.")
    assert failing(thread(before=HEAD + QUEUE + LOG + before)) == []


def test_private_words_are_not_repeated() -> None:
    """What the repository holds back is not quoted in the report, also not from the logbook."""
    changed = thread(logbook=LOGBOOK.replace("loss 2.231", "loss 2.131"), config=Config(held_back=("2\\.231",)))
    assert not any("2.231" in f"{found.text}{found.remedy}" for found in verdict(changed, "history-intact").evidence)


def test_evidence_has_a_url() -> None:
    """What a check looked at can be followed: the tag, the comment, the line of the logbook."""
    honest = thread()
    assert verdict(honest, "final-snapshot").evidence[0].url == f"{PAGES}/tree/{FINAL}"
    assert verdict(honest, "final-comment").evidence[0].url.endswith("#issuecomment-0")
    assert verdict(honest, "final-entry").evidence[0].url.startswith(f"{PAGES}/blob/{'cd' * 20}/{PATH}#L")


def test_the_future_is_judged_by_the_given_time() -> None:
    """Whether a day is in the future is asked of the facts."""
    late = thread(body("## TL;DR (2030-01-01)\nKept."))
    assert failing(replace(late, now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))) == []


def test_a_newest_first_log_ends_at_its_top() -> None:
    """The last result of a log that grows at its top is the topmost."""
    changed = thread(logbook=HEAD + QUEUE + LOG + TWO + ONE, snapshots=())
    assert failing(changed) == []
    assert "tldr-current" in failing(
        thread(written(BODY | {"TL;DR": "SPA-AT-001"}), logbook=HEAD + QUEUE + LOG + TWO + ONE)
    )
