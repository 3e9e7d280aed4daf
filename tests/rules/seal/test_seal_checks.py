"""Claims about the seal checks: honest close-outs in several forms pass, and what only looks like one does not."""

import datetime as dt
from dataclasses import replace

import pytest

from research_logbook.config import Config, Seal
from research_logbook.core.thread import Held, Production
from research_logbook.rules.seal import NAMES
from rules.seal.closeout import (
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
    book,
    closing,
    failing,
    said,
    verdict,
    written,
)

LINKS = f"## Links\n- Logbook: `{PATH}`\n"
PINNED = f"{PAGES}/blob/{FINAL}/{PATH}"


def test_an_honest_close_out_may_be_sealed() -> None:
    """A thread with all that is asked for fails nothing, and every check says what it looked at."""
    honest = closing()
    assert failing(honest) == []
    assert [verdict(honest, name).check for name in NAMES if not verdict(honest, name).signs] == []


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
    return {"snapshots": (), "linked": {FINAL: Held(FINAL, COMMIT, book(logbook), is_tag=True)}}


HONEST = {
    "summary of a day": closing(body("## Summary (2026-05-26)\nBlock sparsity keeps the loss.")),
    "summary as of a day": closing(body("## TL;DR\n\nAs of 2026-05-27, block sparsity keeps the loss.")),
    "summary that begins with its day": closing(body("## Current TL;DR\n\n2026-05-27: sparsity keeps the loss.")),
    "summary that names the snapshot": closing(body(f"## TL;DR\nKept; the record is `{FINAL}`.")),
    "summary in bold": closing(f"**TL;DR:** sparsity keeps the loss (SPA-AT-002).\n\n{body('', 'TL;DR')}"),
    "a range of IDs": closing(body("## TL;DR\nSparsity keeps the loss (SPA-AT-001..002).")),
    "an old summary beside the final one": closing(f"## Summary\n\nNo runs yet.\n\n{body()}"),
    "a full commit": closing(body(f"{LINKS}- Final snapshot: {COMMIT}")),
    "a permalink": closing(body(f"## Links\n- [Logbook]({PAGES}/blob/{COMMIT}/{PATH})")),
    "a release page of the tag": closing(body(f"{LINKS}- [snapshot]({PAGES}/releases/tag/{FINAL})")),
    "the logbook at the tag": closing(body(f"## Links\n- [Logbook]({PINNED})")),
    "the snapshot in the final comment": closing(
        body(LINKS), said(f"{FINAL_COMMENT}\n[snapshot]({PAGES}/tree/{FINAL})")
    ),
    "next steps in the final comment": closing(body("", "Next steps"), said(f"{FINAL_COMMENT}\n## Next\n1. Ship it.")),
    "no next steps, says the final comment": closing(
        body("", "Next steps"), said(FINAL_COMMENT.replace("measure width 1024", "none"))
    ),
    "conclusion and next steps in one": closing(
        body("## Conclusion and next steps\n\nUse it.\n\n- Measure width 1024.", "Conclusion", "Next steps")
    ),
    "no decisions": closing(body("## Decision log\nNone.")),
    "decisions pinned in the logbook": closing(
        body(f"## Decision log\n\n[Decision log]({PINNED}#decision-log)"),
        logbook=DECIDED,
        **only(DECIDED),
    ),
    "a decision with a link to a branch": closing(
        body(f"## Decision log\nStop at two seeds ([entry]({PAGES}/blob/research/sparse-attention/{PATH})).")
    ),
    "nothing failed": closing(body("## Negative results index\nNone.")),
    "a final comment in sentences": closing(
        comments=said(
            "Closing this. Sparsity held up at 512 blocks, one block did not. I am confident, two seeds agree; the "
            "limits are one width and one machine. Next would be width 1024."
        )
    ),
    "a final comment in headings": closing(
        comments=said(
            "## What worked\n- 512\n\n## What did not work\n- one block\n\n## Confidence\nhigh\n\n"
            "## Limitations\none width\n\n## Next steps\n- none"
        )
    ),
    "talk after the final comment": closing(comments=said(FINAL_COMMENT, "Great work, thanks!")),
    "a failure as the last result": closing(
        body("## TL;DR\nThe third seed diverged (SPA-AT-003)."), logbook=DIVERGED, **only(DIVERGED)
    ),
    "a closing note after the last result": closing(
        logbook=f"{LOGBOOK}\n### 2026-05-27 09:00 - wrap-up\n\n- Decision: stop here.\n"
    ),
    "a pending result that a later entry answers": closing(
        body("## TL;DR\nThe first seed keeps the loss (SPA-AT-001)."), logbook=ANSWERED, **only(ANSWERED)
    ),
    "an open hypothesis that is a next step": closing(
        body("## Next steps\n- Take SPA-H1 to width 1024."), logbook=LOGBOOK.replace("supported", "active")
    ),
    "a blocked hypothesis": closing(logbook=LOGBOOK.replace("(supported)", "(blocked)")),
    "a production pull request": closing(
        body() + "\nProduction: #31\n", pulls=(Production(31, "Faster attention", is_merged=True),)
    ),
    "a production pull request by its address": closing(
        f"{body()}\n[shipped]({PAGES}/pull/31)\n", pulls=(Production(31, "Faster attention", is_merged=True),)
    ),
    "an open pull request": closing(pulls=(Production(32, "More", is_merged=False),)),
    "a checklist with a reason": closing(
        body() + "\n## Close-out\n\n- [x] TL;DR\n- [ ] ~~Checkpoints~~ (none)\n- [ ] N/A: no model was trained\n"
    ),
    "open boxes elsewhere": closing(body() + "\n## Ideas\n\n- [ ] a third seed\n"),
    "a bare path for the logbook": closing(body(f"{LINKS}- [snapshot]({PAGES}/tree/{FINAL})")),
    "no snapshot before the final one": closing(snapshots=()),
}


@pytest.mark.parametrize("form", HONEST)
def test_honest_close_outs_take_many_forms(form: str) -> None:
    """However people write what is asked for, it is recognised."""
    assert failing(HONEST[form]) == []


GAMES = {
    "a stale summary": (closing(body("## TL;DR\nFirst seed done (SPA-AT-001).")), "tldr-current"),
    "a day in the future": (closing(body("## TL;DR (2030-01-01)\nKept.")), "tldr-current"),
    "any day in the text": (closing(body("## TL;DR\nWe began with the data of 2026-05-28.")), "tldr-current"),
    "a longer ID": (closing(body("## TL;DR\nSee SPA-AT-0021.")), "tldr-current"),
    "a hidden summary": (closing(body("## TL;DR\n<!-- SPA-AT-002 keeps the loss -->")), "tldr-current"),
    "a struck summary": (closing(body("## TL;DR\n~~SPA-AT-002~~ Kept.")), "tldr-current"),
    "a summary in a comment": (
        closing(body("", "TL;DR"), said(f"## TL;DR\nSPA-AT-002\n\n{FINAL_COMMENT}")),
        "tldr-current",
    ),
    "a conclusion in a comment": (
        closing(body("", "Conclusion"), said(f"## Conclusion\nUse it.\n\n{FINAL_COMMENT}")),
        "conclusion",
    ),
    "an empty conclusion": (closing(body("## Conclusion\n")), "conclusion"),
    "a conclusion to come": (closing(body("## Conclusion\n_pending_")), "conclusion"),
    "no conclusion, in a word": (closing(body("## Conclusion\nNone.")), "conclusion"),
    "next steps in prose": (closing(body("## Next steps\nWe will see.")), "next-steps"),
    "next steps to come": (closing(body("## Next steps\n- TBD")), "next-steps"),
    "an older snapshot": (closing(body(f"{LINKS}- [snapshot]({PAGES}/tree/{FIRST})")), "final-snapshot"),
    "a snapshot by name": (closing(body(f"{LINKS}- snapshot: `{FINAL}`")), "final-snapshot"),
    "a tag that is not there": (closing(body(f"{LINKS}- [snapshot]({PAGES}/tree/{FINAL}.9)")), "final-snapshot"),
    "a snapshot of another repository": (
        closing(body(f"{LINKS}- [snapshot]({PAGES.replace('lab', 'foo')}/tree/{FINAL})")),
        "final-snapshot",
    ),
    "a commit of a fork": (closing(body(f"{LINKS}- {FORKED}")), "final-snapshot"),
    "an abbreviated commit": (closing(body(f"{LINKS}- [snapshot]({PAGES}/commit/{COMMIT[:10]})")), "final-snapshot"),
    "a commit without the logbook": (
        closing(body(f"{LINKS}- {COMMIT}"), linked={COMMIT: Held(COMMIT, COMMIT, None)}),
        "final-snapshot",
    ),
    "a tag from before the result came in": (
        closing(
            linked={FINAL: Held(FINAL, COMMIT, book(LOGBOOK.replace("loss 2.229 after 400 steps.", "pending.")))},
        ),
        "final-snapshot",
    ),
    "a snapshot in a branch's name": (
        closing(body(f"{LINKS}- [snapshot]({PAGES}/tree/final-snapshot)")),
        "final-snapshot",
    ),
    "a merged pull request that is not linked": (
        closing(pulls=(Production(31, "Faster attention", is_merged=True),)),
        "production-pr",
    ),
    "a pull request in code": (
        closing(f"{body()}\n`#31`\n", pulls=(Production(31, "Faster attention", is_merged=True),)),
        "production-pr",
    ),
    "a pull request of the same number elsewhere": (
        closing(f"{body()}\nfoo/models#31\n", pulls=(Production(31, "Faster attention", is_merged=True),)),
        "production-pr",
    ),
    "a logbook that was merged along": (
        closing(f"{body()}\n#31\n", pulls=(Production(31, "Faster attention", is_merged=True, carries=(PATH,)),)),
        "production-pr",
    ),
    "an empty decision log": (closing(body("## Decision log\n_empty_")), "decision-log"),
    "decisions on a branch": (
        closing(body(f"## Decision log\n[in the logbook]({PAGES}/blob/research/sparse-attention/{PATH}#decision-log)")),
        "decision-log",
    ),
    "a sentence that leads to a branch": (
        closing(
            body(
                f"## Decision log\nAll decisions are kept in [the log]({PAGES}/blob/research/sparse-attention/{PATH})."
            )
        ),
        "decision-log",
    ),
    "decisions that the pinned logbook has not": (
        closing(body(f"## Decision log\n[Decision log]({PINNED}#decision-log)")),
        "decision-log",
    ),
    "nothing failed, but something is falsified": (
        closing(body("## Negative results\nNone."), logbook=LOGBOOK.replace("(supported)", "(falsified)")),
        "negative-results",
    ),
    "not applicable, but something is falsified": (
        closing(body("## Negative results\nN/A"), logbook=LOGBOOK.replace("(supported)", "(falsified)")),
        "negative-results",
    ),
    "no comment at all": (closing(comments=()), "final-comment"),
    "headings with nothing below": (
        closing(
            comments=said("## What worked\n\n## What did not work\n\n## Confidence\n\n## Limitations\n\n## Next steps")
        ),
        "final-comment",
    ),
    "labels with nothing behind": (
        closing(comments=said("What worked: TBD\nWhat did not: TBD\nConfidence: …\nLimitations: TODO\nNext steps:")),
        "final-comment",
    ),
    "a quotation of a summary": (
        closing(comments=said("> " + FINAL_COMMENT.replace("\n", "\n> "))),
        "final-comment",
    ),
    "a summary in code": (closing(comments=said(f"```\n{FINAL_COMMENT}\n```")), "final-comment"),
    "a summary from before the last result": (closing(comments=said(FINAL_COMMENT, day="2026-05-20")), "final-comment"),
    "an update after the summary": (
        closing(comments=said(FINAL_COMMENT, "🤖 Update: one more. It works better. Confidence: low. Next: a rerun.")),
        "final-comment",
    ),
    "a logbook of another issue": (closing(logbook=LOGBOOK.replace("issue: 8734", "issue: 12")), "final-entry"),
    "a logbook of no issue": (closing(logbook=LOGBOOK.replace("issue: 8734\n", "")), "final-entry"),
    "no link to the logbook": (closing(body(f"## Links\n- [snapshot]({PAGES}/tree/{FINAL})")), "final-entry"),
    "a log that ends in the middle": (
        closing(logbook=f"{LOGBOOK}\n### 2026-05-27 09:00 - a thought\n\nMaybe more blocks.\n"),
        "final-entry",
    ),
    "a pending result": (
        closing(logbook=f"{LOGBOOK}\n### 2026-05-27 - SPA-AT-003 third\n\n- Command: `a`\n- Result: pending.\n"),
        "final-entry",
    ),
    "a pending result under a closing note": (
        closing(
            logbook=f"{LOGBOOK}\n### 2026-05-27 - SPA-AT-003 third\n\n- Command: `a`\n- Result: pending.\n"
            "\n### 2026-05-28 - wrap-up\n\n- Decision: stop here.\n"
        ),
        "final-entry",
    ),
    "an open hypothesis": (closing(logbook=LOGBOOK.replace("(supported)", "(active)")), "hypotheses-settled"),
    "a hypothesis in limbo": (closing(logbook=LOGBOOK.replace("(supported)", "(purple)")), "hypotheses-settled"),
    "a result that was changed": (closing(logbook=LOGBOOK.replace("2.231", "2.131")), "history-intact"),
    "a result that differs from the linked commit": (
        closing(body(f"{LINKS}- {COMMIT}"), logbook=LOGBOOK.replace("2.229", "2.129"), snapshots=()),
        "history-intact",
    ),
    "an entry that was dropped": (closing(logbook=HEAD + QUEUE + LOG + TWO), "history-intact"),
    "a hypothesis that was dropped": (closing(logbook=HEAD + LOG + ONE + TWO), "history-intact"),
    "a missing label": (closing(lacking_labels=("agent-generated",)), "labels"),
    "an open box": (closing(body() + "\n## Before closing\n\n- [ ] Final snapshot is linked\n"), "checklist"),
    "no logbook": (closing(book=None, trouble="no logbook names #8734"), "final-entry"),
}


@pytest.mark.parametrize("game", GAMES)
def test_what_only_looks_closed_out_is_not(game: str) -> None:
    """Each way to satisfy the words and not the meaning fails the check that it is meant to pass."""
    changed, name = GAMES[game]
    assert name in failing(changed)
    assert all(sign.help for sign in verdict(changed, name).signs[:1])


ALONE = {"no logbook", "an older snapshot", "a tag from before the result came in"} | {
    game for game in GAMES if "snapshot" in game or "commit" in game or "tag" in game
}


@pytest.mark.parametrize("game", sorted(GAMES.keys() - ALONE))
def test_one_fault_is_told_once(game: str) -> None:
    """What is wrong in one place fails one check, so that nobody has to guess which of five is meant."""
    changed, name = GAMES[game]
    related = {"an entry that was dropped": {"history-intact"}, "a hypothesis that was dropped": {"history-intact"}}
    assert set(failing(changed)) <= related.get(game, {name})


def test_ticked_boxes_are_no_evidence() -> None:
    """A body of ticked boxes and nothing else fails what the boxes claim."""
    boxes = "## Before closing\n\n" + "\n".join(f"- [x] {item}" for item in ("TL;DR is current", "Conclusion", "Next"))
    failed = failing(closing(boxes, ()))
    assert {"tldr-current", "conclusion", "next-steps", "final-snapshot", "final-comment"} <= set(failed)
    assert "checklist" not in failed


def test_an_empty_issue_fails_all_that_it_has_to_say() -> None:
    """An issue without a word, and without a logbook, fails everything but what there is nothing to say of."""
    empty = closing("", (), book=None, snapshots=(), linked={})
    assert set(failing(empty)) == NAMES - {"production-pr", "labels", "checklist", "sections", "docs-updated"}


def test_the_configuration_decides_what_is_required() -> None:
    """A check can be switched off, made advice, or made more than advice, and sections can be asked for."""
    checks = {"negative-results": "advisory", "conclusion": "off", "docs-updated": "required"}
    config = Config(seal=Seal(checks=checks, sections=("Ethics review",)))  # type: ignore[arg-type]
    changed = closing(body("", "Negative results", "Conclusion"), config=config)
    assert failing(changed) == ["sections", "docs-updated"]
    assert not verdict(changed, "negative-results").holds
    with_both = body("## Ethics review\nNone needed.\n## Documentation\nNone needed.", "Conclusion")
    assert failing(closing(with_both, config=config)) == []


def test_a_next_action_that_was_replaced_is_no_reason_to_stay_open() -> None:
    """A preregistered entry whose result came in, with another next action, does not hinder."""
    before = ONE.replace("loss 2.231 after 400 steps.", "pending.").replace("a second seed.", "read the loss.")
    assert failing(closing(before=HEAD + QUEUE + LOG + before)) == []


def test_private_words_are_not_repeated() -> None:
    """What the repository holds back is not quoted in the report, also not from the logbook."""
    changed = closing(logbook=LOGBOOK.replace("loss 2.231", "loss 2.131"), config=Config(held_back=("2\\.231",)))
    assert not any("2.231" in f"{sign.text}{sign.help}" for sign in verdict(changed, "history-intact").signs)


def test_evidence_has_an_address() -> None:
    """What a check looked at can be followed: the tag, the comment, the line of the logbook."""
    honest = closing()
    assert verdict(honest, "final-snapshot").signs[0].url == f"{PAGES}/tree/{FINAL}"
    assert verdict(honest, "final-comment").signs[0].url.endswith("#issuecomment-0")
    assert verdict(honest, "final-entry").signs[0].url.startswith(f"{PAGES}/blob/{'cd' * 20}/{PATH}#L")


def test_the_clock_is_given() -> None:
    """Whether a day is in the future is asked of the facts."""
    late = closing(body("## TL;DR (2030-01-01)\nKept."))
    assert failing(replace(late, thread=replace(late.thread, now=dt.datetime(2030, 1, 1, tzinfo=dt.UTC)))) == []


def test_a_newest_first_log_ends_at_its_top() -> None:
    """The last result of a log that grows at its top is the topmost."""
    changed = closing(logbook=HEAD + QUEUE + LOG + TWO + ONE, snapshots=())
    assert failing(changed) == []
    assert "tldr-current" in failing(
        closing(written(BODY | {"TL;DR": "SPA-AT-001"}), logbook=HEAD + QUEUE + LOG + TWO + ONE)
    )
