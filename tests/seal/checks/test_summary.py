"""Claims about the checks of what an issue tells its readers: for each, a table of what passes and what just fails."""

import pytest

from research_logbook.config.schema import Config, Seal
from research_logbook.seal.checks.facts import SealFacts
from seal.closeout import (
    COMMIT,
    DECISIONS,
    FINAL,
    FINAL_COMMENT,
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

WITHOUT_IDS = HEAD + QUEUE + LOG + TWO.replace("SPA-AT-002 ", "")
TLDRS = {
    # The last result is of 2026-05-26, and today is 2026-05-29.
    "the ID": ("## TL;DR\nKept (SPA-AT-002).", LOGBOOK, True),
    "the ID in the heading": ("## TL;DR: SPA-AT-002\nKept.", LOGBOOK, True),
    "a longer ID": ("## TL;DR\nKept (SPA-AT-0021).", LOGBOOK, False),
    "a range with the ID": ("## TL;DR\nKept (SPA-AT-001..002).", LOGBOOK, True),
    "an older ID": ("## TL;DR\nKept (SPA-AT-001).", LOGBOOK, False),
    "the tag": (f"## TL;DR\nKept, see {FINAL}.", LOGBOOK, True),
    "a link to the tag": (f"## TL;DR\nKept, see [the end]({PAGES}/tree/{FINAL}).", LOGBOOK, True),
    "the day of the result": ("## TL;DR (2026-05-26)\nKept.", LOGBOOK, True),
    "the day before it": ("## TL;DR (2026-05-25)\nKept.", LOGBOOK, False),
    "tomorrow, for somebody farther east": ("## TL;DR (2026-05-30)\nKept.", LOGBOOK, True),
    "the day after tomorrow": ("## TL;DR (2026-05-31)\nKept.", LOGBOOK, False),
    "a day at the start": ("## TL;DR\n2026-05-27: kept.", LOGBOOK, True),
    "a day further on": ("## TL;DR\nWe looked at it on 2026-05-27.", LOGBOOK, False),
    "as of a day": ("## TL;DR\nKept, as of 2026-05-27.", LOGBOOK, True),
    "as of an old and a new day": ("## TL;DR\nAs of 2026-05-20 open, as of 2026-05-27 kept.", LOGBOOK, True),
    "last updated on a day": ("## TL;DR\nKept. Last updated: 2026-05-27", LOGBOOK, True),
    "an empty one beside it": ("## Summary\n\n_pending_\n\n## TL;DR\nKept (SPA-AT-002).", LOGBOOK, True),
    "an old one beside it": ("## Summary\n\nNo runs.\n\n## TL;DR\nKept (SPA-AT-002).", LOGBOOK, True),
    "a placeholder": ("## TL;DR\n_pending_", LOGBOOK, False),
    "no ID in the log, a day": ("## TL;DR (2026-05-26)\nKept.", WITHOUT_IDS, True),
    "no ID in the log, no day": ("## TL;DR\nKept.", WITHOUT_IDS, False),
}


@pytest.mark.parametrize("case", TLDRS)
def test_tldr_current(case: str) -> None:
    """It shows by a name or a day that it is not older than the last result."""
    fragment, logbook, passes = TLDRS[case]
    assert verdict(thread(body(fragment), logbook=logbook), "tldr-current").passes is passes


def test_what_a_tldr_should_mention() -> None:
    """The ID of the last result, or what can be mentioned where it has none."""
    stale = body("## TL;DR\nKept.")
    found = verdict(thread(stale), "tldr-current").evidence[0]
    assert (found.text, found.remedy) == (
        "“TL;DR” does not mention SPA-AT-002, the last result",
        "bring it up to date, and mention SPA-AT-002 in it",
    )
    bare = verdict(thread(stale, logbook=WITHOUT_IDS), "tldr-current").evidence[0]
    assert "mention the final snapshot or the date" in bare.remedy
    assert verdict(thread(stale, book=None), "tldr-current").evidence[0].text == "there is no logbook"


@pytest.mark.parametrize(
    ("fragment", "passes"),
    [
        ("## Conclusion\nUse it.", True),
        ("## Conclusions\nUse it.", True),
        ("## Conclusion\n_pending_", False),
        ("## Conclusion\nNone.", False),
        ("## Conclusion\nN/A", False),
        ("## Conclusion\n", False),
        ("## Conclusion\nNothing of it pays: use dense blocks.", True),
        ("## Conclusion\n\nTBD\n\n## Conclusions\n\nUse it.", True),
        ("## Conclusion\n![chart](https://a.b/c.png)", False),
        ("## Conclusion\n![](c.png)", False),
        ("## Conclusion\n[![use 512 blocks](c.png)](https://a.b/c.png)", False),
        ('## Conclusion\n<img src="c.png" alt="use 512 blocks">', False),
        ('## Conclusion\n<p align="center"><img src="c.png"></p>', False),
        ("## Conclusion\n- ![use 512 blocks](c.png)\n- _pending_", False),
        ("## Conclusion\n| a |\n| --- |\n| ![use 512 blocks](c.png) |", False),
        ("## Conclusion\n![chart](c.png)\n\nUse 512 blocks.", True),
        ("## Conclusion\nUse 512 blocks, as ![chart](c.png) shows.", True),
        ("## Conclusion\n[The report](https://a.b/report)", True),
        ("## Conclusion\n<p>Use 512 blocks.</p>", True),
        ("## Conclusion\n![chart](c.png)\n\n## Conclusions\nUse 512 blocks.", True),
    ],
)
def test_conclusion(fragment: str, passes: bool) -> None:
    """It says something in words, and not only in a picture, whose alternative text no reader sees."""
    assert verdict(thread(body(fragment)), "conclusion").passes is passes


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("![loss](SPA-AT-002.png)", False),
        ("![SPA-AT-002 keeps the loss](loss.png)", False),
        ("SPA-AT-002 ![](a.png)", False),
        ("SPA-AT-002 keeps the loss ![](a.png)", True),
    ],
)
def test_a_picture_is_no_summary(text: str, passes: bool) -> None:
    """The words for a picture, and its address, tell a reader of nothing."""
    assert verdict(thread(body(f"## TL;DR\n{text}")), "tldr-current").passes is passes


def concluding(last: str) -> SealFacts:
    """Return a thread without next steps in its body, and a last line in its final comment."""
    return thread(body("", "Next steps"), said(FINAL_COMMENT.replace("- Next steps: measure width 1024.\n", last)))


NEXT_STEPS = {
    "a list": (thread(body("## Next steps\n- Ship it.")), "“Next steps” lists 1"),
    "a list of two": (thread(body("## Next steps\n1. Ship it.\n2. Rest.")), "“Next steps” lists 2"),
    "none": (thread(body("## Next steps\nNone.")), "“Next steps” says that there are none"),
    "prose": (thread(body("## Next steps\nWe will see.")), "“Next steps” has no list"),
    "a list of placeholders": (thread(body("## Next steps\n- TBD\n- …")), "“Next steps” has no list"),
    "a list after prose": (thread(body("## Next steps\nSoon.\n\n## Follow-up\n- Ship it.")), "“Follow-up” lists 1"),
    "no section": (thread(body("", "Next steps")), "no next steps are listed"),
    "no section, no comment": (thread(body("", "Next steps"), ()), "no next steps are listed"),
    "a line that says none": (concluding("- Next steps: none\n"), "the final comment says that there are none"),
    "a line that says nothing more": (concluding("- Next steps: **nothing**\n"), "the final comment says"),
    "a line that begins like none": (concluding("- Next steps: nonesuch\n"), "no next steps are listed"),
    "a section of the final comment": (concluding("## Next steps\n- Ship it.\n"), "“Next steps” lists 1"),
}


@pytest.mark.parametrize("case", NEXT_STEPS)
def test_next_steps(case: str) -> None:
    """A list, or the word that there are none, of the body or the final comment."""
    facts, text = NEXT_STEPS[case]
    found = verdict(facts, "next-steps")
    assert text in found.evidence[0].text
    assert found.passes is ("lists" in text or "says" in text)


ON_BRANCH = f"{PAGES}/blob/research/sparse-attention/{PATH}"
AT_TAG = f"{PAGES}/blob/{FINAL}/{PATH}"
DECIDED = HEAD + QUEUE + DECISIONS + LOG + ONE + TWO
INDICES = {
    "words": ("Stop at two seeds.", True),
    "none": ("None.", True),
    "a placeholder": ("_empty_", False),
    "a link, pinned": (f"[Decision log]({AT_TAG}#decision-log)", True),
    "a link by its anchor": (f"[in the logbook]({AT_TAG}#decision-log)", True),
    "a link to a branch": (f"[Decision log]({ON_BRANCH}#decision-log)", False),
    "a sentence that points to a branch": (f"All decisions are listed in [the log]({ON_BRANCH}).", False),
    "a sentence that points, and a word": (f"All decisions are listed in [the log]({ON_BRANCH}), finally.", False),
    "a sentence that points, and two words": (f"Sparse blocks: see [the log]({ON_BRANCH}).", True),
    "a commit of a fork": (f"[Decision log]({PAGES}/blob/{FORKED}/{PATH})", False),
    "another repository": (f"[Decision log]({AT_TAG.replace('lab', 'foo')})", False),
    "a tag that does not exist": (f"[Decision log]({PAGES}/blob/{FINAL}9/{PATH})", False),
    "a full commit": (f"[Decision log]({PAGES}/blob/{COMMIT}/{PATH})", True),
    "a link that says nothing": (f"See [here]({AT_TAG}).", True),
    "another file at the tag": (f"[Decision log]({PAGES}/blob/{FINAL}/docs/decisions.md)", True),
    "an abbreviated commit": (f"[Decision log]({PAGES}/blob/{COMMIT[:12]}/{PATH})", False),
}


@pytest.mark.parametrize("case", INDICES)
def test_decision_log(case: str) -> None:
    """It is in the body, or linked where it cannot change and is."""
    text, passes = INDICES[case]
    final = version(FINAL, DECIDED)
    forked = version(FORKED, DECIDED, FORKED, is_reachable=False)
    linked = {FINAL: final, COMMIT: final, FORKED: forked}
    facts = thread(body(f"## Decision log\n{text}"), logbook=DECIDED, linked=linked)
    assert verdict(facts, "decision-log").passes is passes


def test_decisions_under_headings_of_their_own_are_a_decision_log() -> None:
    """The section itself may be empty, where each decision has a heading below it."""
    headed = "\n## Decision Log\n\n### 2026-05-26 stop at two seeds\n\nBoth agree (SPA-AT-002).\n"
    linked = {FINAL: version(FINAL, HEAD + QUEUE + headed + LOG + ONE + TWO)}
    assert verdict(thread(body(f"## Decision log\n[here]({AT_TAG})"), linked=linked), "decision-log").passes


def test_an_index_in_another_file_is_not_the_logbooks() -> None:
    """Only the logbook at the tag is read."""
    text = body(f"## Links\n- [Decision log]({PAGES}/blob/{FINAL}/docs/decisions.md)\n", "Decision log")
    linked = {FINAL: version(FINAL, DECIDED)}
    assert verdict(thread(text, linked=linked), "decision-log").evidence[0].text == "the body has no decision log"


@pytest.mark.parametrize(
    ("check", "title"),
    [("tldr-current", "TL;DR"), ("decision-log", "Decision log"), ("negative-results", "Negative results")],
)
def test_an_empty_section_is_called_empty(check: str, title: str) -> None:
    """It is not called missing, or out of date."""
    found = verdict(thread(body(f"## {title}\n\n_pending_")), check)
    assert [one.text for one in found.evidence] == [f"“{title}” is empty"]


def test_a_link_elsewhere_in_the_body_leads_to_the_index() -> None:
    """By its words it is known, not by where it stands; and only where the version that it is pinned to has one."""
    text = body(f"## Links\n- [Negative results]({AT_TAG})\n- [Logbook]({ON_BRANCH})", "Negative results")
    logbook = f"{HEAD}{QUEUE}\n## Negative results index\n\n- One block loses 0.2.\n{LOG}{ONE}{TWO}"
    there = {FINAL: version(FINAL, logbook)}
    assert verdict(thread(text, linked=there), "negative-results").passes
    found = verdict(thread(text), "negative-results")
    assert found.evidence[0].text == "the body links no negative results at a commit or tag that has one"
    empty = {FINAL: version(FINAL, logbook.replace("- One block loses 0.2.\n", ""))}
    assert not verdict(thread(text, linked=empty), "negative-results").passes


@pytest.mark.parametrize(
    ("text", "status", "passes"),
    [
        ("None.", "supported", True),
        ("N/A", "supported", True),
        ("None.", "falsified", False),
        ("N/A", "falsified", False),
        ("- One block loses 0.2.", "falsified", True),
        ("_empty_", "falsified", False),
        ("_empty_", "supported", False),
    ],
)
def test_negative_results(text: str, status: str, passes: bool) -> None:
    """“None” is an answer unless something was falsified."""
    logbook = LOGBOOK.replace("(supported)", f"({status})")
    facts = thread(body(f"## Negative results\n{text}"), logbook=logbook)
    assert verdict(facts, "negative-results").passes is passes


def test_at_most_three_falsified_hypotheses_are_named() -> None:
    """A long queue does not become a long sentence."""
    queue = "".join(f"- `SPA-H{number}` (falsified): block {number}. Evidence: SPA-AT-002.\n" for number in range(1, 6))
    logbook = f"{HEAD}\n## Hypothesis Queue\n\n{queue}{LOG}{ONE}{TWO}"
    found = verdict(thread(body("## Negative results\nNone."), logbook=logbook), "negative-results")
    assert found.evidence[0].text.endswith("but SPA-H1, SPA-H2, SPA-H3 and 2 more are falsified")


TWO_TOPICS = "Block sparsity works. Confidence: replicated."
THREE_TOPICS = f"{TWO_TOPICS} Next: width 1024."
COMMENTS = {
    "all five": (said(FINAL_COMMENT), "covers all five topics"),
    "none": ((), "no comment sums the thread up"),
    "two topics": (said(TWO_TOPICS), "no comment sums the thread up"),
    "three topics": (said(THREE_TOPICS), "does not cover what did not and limitations"),
    "four topics": (said(f"{THREE_TOPICS} One width only, a limitation."), "does not cover what did not"),
    "five, then two": (said(FINAL_COMMENT, TWO_TOPICS), "covers all five topics"),
    "five, then three": (said(FINAL_COMMENT, THREE_TOPICS), "does not cover what did not and limitations"),
    "the day of the result": (said(FINAL_COMMENT, day="2026-05-26"), "covers all five topics"),
    "the day before, in another zone": (said(FINAL_COMMENT, day="2026-05-25"), "covers all five topics"),
    "two days before": (said(FINAL_COMMENT, day="2026-05-24"), "is older than SPA-AT-002, the last result"),
}


@pytest.mark.parametrize("case", COMMENTS)
def test_final_comment(case: str) -> None:
    """The last comment on three topics or more is the summary, and has to cover all five after the last result."""
    comments, text = COMMENTS[case]
    found = verdict(thread(comments=comments), "final-comment")
    assert found.evidence[0].text.endswith(text)
    assert found.passes is ("covers" in text)


def test_what_a_final_comment_is_about() -> None:
    """All topics are named where there is none."""
    found = verdict(thread(comments=()), "final-comment").evidence[0]
    assert found.remedy == (
        "post a comment on what worked, what did not, confidence, limitations and next steps, a line or a sentence each"
    )


CHECKLISTS = {
    "ticked": ("## Close-out\n\n- [x] TL;DR", "1 item settled, none open"),
    "struck out": ("## Close-out\n\n- [ ] ~~TL;DR~~", "1 item settled, none open"),
    "not applicable": ("## Close-out\n\n- [ ] N/A: checkpoints", "1 item settled, none open"),
    "open": ("## Close-out\n\n- [x] TL;DR\n- [ ] Conclusion", "“Conclusion” is open"),
    "open, below a smaller heading": ("## Close-out\n\n### Summary of it\n\n- [ ] TL;DR", "“TL;DR” is open"),
    "open, in another section": ("## Ideas\n\n- [ ] a third seed", "there is no close-out checklist"),
    "open, after the section": (
        "## Close-out\n\n- [x] TL;DR\n\n## Ideas\n\n- [ ] a third seed",
        "1 item settled, none open",
    ),
    "very long": (f"## Close-out\n\n- [ ] {'x' * 100}", f"“{'x' * 80}” is open"),
}


@pytest.mark.parametrize("case", CHECKLISTS)
def test_checklist(case: str) -> None:
    """Every item of a close-out list is settled; other lists may be open."""
    fragment, text = CHECKLISTS[case]
    found = verdict(thread(body(fragment)), "checklist")
    assert text in found.evidence[0].text
    assert found.passes is not text.endswith("is open")


@pytest.mark.parametrize(
    ("fragment", "failed"),
    [
        ("## Ethics review\nNone needed.\n## Data\nPublic.", []),
        ("## ETHICS  review:\nNone needed.\n## Data\nPublic.", []),
        ("## Ethics review\nNone needed.", ["“Data” is missing or empty"]),
        ("## Ethics review\nTBD\n## Data\nPublic.", ["“Ethics review” is missing or empty"]),
        ("", ["“Ethics review” is missing or empty", "“Data” is missing or empty"]),
    ],
)
def test_sections(fragment: str, failed: list[str]) -> None:
    """Each section of the configuration is in the body, however its heading is formatted, with content."""
    config = Config(seal=Seal(sections=("Ethics review", "Data")))
    found = verdict(thread(body(fragment), config=config), "sections")
    assert [one.text for one in found.evidence if one.remedy] == failed


DOCUMENTATION = {
    "none needed": ("## Documentation\nNone needed.", "no update is needed"),
    "not applicable": ("## Docs\nN/A", "no update is needed"),
    "a line": ("## Links\n- Documentation: no changes required", "no update is needed"),
    "a line about something else": ("## Links\n- Data: no changes required", "no documentation is linked"),
    "a pull request": ("## Documentation\n#40, or [here](https://github.com/lab/models/pull/40)", "links it"),
    "a commit": (f"## Runbook\n{COMMIT}", "links it"),
    "a number alone": ("## Documentation\n#40", "no documentation is linked"),
    "a bare path": ("## Documentation\ndocs/blocks.md", "no documentation is linked"),
    "to come": ("## Documentation\nTo be updated.", "no documentation is linked"),
    "a page elsewhere in the body": ("## Links\n- [blocks](docs/blocks.md)", "docs/blocks.md is linked"),
    "a page in another format": (
        f"## Links\n- [blocks]({PAGES}/blob/main/docs/blocks.rst)",
        "docs/blocks.rst is linked",
    ),
    "code": (f"## Links\n- [code]({PAGES}/blob/main/src/blocks.py)", "no documentation is linked"),
}


@pytest.mark.parametrize("case", DOCUMENTATION)
def test_docs_updated(case: str) -> None:
    """What was updated is linked, or it is said that nothing had to be."""
    fragment, text = DOCUMENTATION[case]
    found = verdict(thread(body(fragment)), "docs-updated")
    assert text in found.evidence[0].text
    assert found.passes is (text != "no documentation is linked")


def test_docs_updated_reads_the_final_comment() -> None:
    """Where the body says nothing of it, the final comment may."""
    facts = thread(comments=said(f"{FINAL_COMMENT}\nDocumentation: none needed.\n"))
    assert verdict(facts, "docs-updated").passes


FILLED_IN = {
    "## Description\n\nTo be filled in: what is investigated.": "“Description” still holds “To be filled in: what",
    "## Links\n\n- W&B: to be filled in": "“Links” still holds “W&B: to be filled in”",
    "## Results\n\n_Pending._": "“Results” still holds “Pending.”",
    "## Results\n\nTODO: the figures": "“Results” still holds “TODO: the figures”",
    "## Results\n\n### Loss\n\n- Seed 0: TBD": "“Loss” still holds “Seed 0: TBD”",
    "## Results\n\n| loss |\n|---|\n| TBD |": "“Results” still holds “TBD",
    "## Hypothesis or Goal\n\nTo be filled in": "“Hypothesis or Goal” still holds",
    "## Data\n\n_No response_": "“Data” still holds “No response”",
    "## Results\n\nLinks:\n\n- [link](https://a.example)\n- Report: [url](https://a.example/b)\n": "",
    "## Results\n\nPending: none": "",
    "## Results\n\nTo be reviewed: nothing, all is merged": "",
    "## Results\n\nPending requests fell to 3.2 s": "",
    "## Results\n\n> Pending.\n\n```\nTODO\n```": "",
    "## Results\n\nNone.": "",
    "## Results\n\nN/A: nothing was trained": "",
    "## Results\n\n### Loss\n\n2.2": "",
    "## Close-out\n\n- [ ] TODO: publish": "",
    "## What is left to do\n\nThe runs to be launched were launched.": "",
}


@pytest.mark.parametrize(("fragment", "found"), FILLED_IN.items())
def test_what_still_holds_a_place_is_advised_on(fragment: str, found: str) -> None:
    """A template's words keep no issue from being sealed, and are named with their section."""
    judged = verdict(thread(body(fragment)), "filled-in")
    told = [it.text for it in judged.evidence if it.remedy]
    assert (judged.blocks, len(told)) == (False, bool(found))
    assert not found or found in told[0]
