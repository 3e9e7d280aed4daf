"""Claims about what counts as something said: for each place where a thread is told of, wordings with both verdicts."""

import pytest

from research_logbook.issues import read, section_names
from research_logbook.issues.classification import TOPICS, covered
from research_logbook.logbook.queries import has_content
from research_logbook.logbook.vocabulary import TEMPLATE_TEXTS
from research_logbook.seal.drafts import drafts
from research_logbook.seal.plan import judge
from seal.closeout import FINAL_COMMENT, LOGBOOK, body, said, thread, verdict

WITHOUT = {
    "pointing elsewhere": (
        *("see above", "See above.", "see below", "as above", "same as above", "As discussed.", "see #12", "#8734"),
        *(
            "See the comments.",
            "see the logbook",
            "refer to the logbook",
            "details in the logbook",
            "See W&B.",
            "ditto",
        ),
        *("Please refer to the log below for the full details.", "As described in the logbook.", "see SPA-AT-002"),
        *("[here](https://a.b/c)", "see [here](https://a.b/c)", "https://a.b/c", "SPA-AT-002", "see comment below"),
        *("Decision: see decision log", "The results are kept in the logbook.", "Results: see the table above."),
    ),
    "that it is done": (
        *(
            "done",
            "Done.",
            "✅",
            "✅ Done",
            "ok",
            "Yes.",
            "closed",
            "Closed.",
            "finished",
            "complete",
            "Thread complete.",
        ),
        *("all good", "LGTM", ":shipit:", "👍", "Work complete, closing.", "All tasks are done.", "Thanks everyone!"),
        *("This thread is concluded.", "We have a conclusion.", "wrapped up", "Resolved."),
    ),
    "that there is none": (
        "n/a",
        "N/A",
        "none",
        "Nothing.",
        "-",
        "…",
        "?",
        "***",
        "unknown",
        "no conclusion",
        "No data.",
    ),
    "that it is to come": (
        *(
            "TBD",
            "tbd.",
            "none yet",
            "to be written",
            "pending review",
            "WIP",
            "work in progress",
            "will follow",
            "later",
        ),
        *("🚧", "coming soon", "We will see.", "Will update this later.", "No conclusion yet.", "Results pending."),
        *("TIL-001 is submitted. No result is available yet.", "The sweep is specified, no runs were launched."),
        *("Runs are in progress.", "The run is still running.", "Waiting for results.", "Queued on v5p-8."),
        *("The experiment is queued on v5p-8.", "TIL-001 submitted, results to follow.", "It is not known yet."),
        *("Experiment launched on 2026-05-01; awaiting results.", "No conclusions can be drawn yet."),
    ),
    "its own heading": (
        *("Conclusion", "The conclusion.", "## Conclusion", "TL;DR", "Summary", "The answer to the thread's question"),
        *("What was found.", "The answer.", "Conclusion: the conclusion", "Our findings and conclusions."),
    ),
    "nobody's words": (
        *("lorem ipsum", "Lorem ipsum dolor sit amet, consectetur adipiscing elit.", "xxx", "foo bar", "test", "asdf"),
        *("This section intentionally left blank", "Draft", "t.b.d.", "Stay tuned", "EOM", "idem", "as per the above"),
        *("(fill in)", "[link]", "insert text here", "some example text", *TEMPLATE_TEXTS),
    ),
}
WITH = (
    *("Use it.", "It works", "No gain.", "No change.", "No effect.", "It failed.", "Merged.", "Shipped.", "Supported."),
    *("Block sparsity does not pay.", "Negative: no gain.", "H1 is falsified.", "Do not use it.", "Dense wins."),
    *("Inconclusive: the noise is larger than the effect.", "Nothing of it pays: use dense blocks.", "Not worth it."),
    *("Yes: it halves the cost.", "Abandoned: the cluster was retired.", "Hypothesis rejected", "Do not merge."),
    *("See SPA-AT-002: loss 2.2, so use blocks.", "The method fails at scale; see the logbook for details."),
    *("Done: sparse attention ships in v2.", "loss 2.229", "We stop here since both seeds agree.", "Dense is best."),
    *("The same as the baseline.", "It is good enough to use.", "No run diverged.", "Nothing found at this width."),
    *("No result improved on the baseline.", "The sweep was started on v5p-8 and diverged.", "Kept (SPA-AT-002)."),
    *(
        "Both runs finished below the baseline.",
        "Running it at width 512 showed no gain.",
        "The job ran out of memory.",
    ),
    *("Sparse attention was launched to all users.", "512 blocks win.", "Adopted as the default.", "見送る"),
    *(
        "[The report](https://a.b/report)",
        "[Loss curves of both seeds](https://a.b)",
        "| a | b |\n|---|---|\n| dense | 2.1 |",
    ),
    *(
        "Pays from width 1024 on.",
        "Two seeds agree: the loss is kept.",
        "TIL-001 is faster.",
        "Everything we tried was slower.",
    ),
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in WITHOUT.items() for text in texts])
def test_a_text_without_content_seals_nothing(kind: str, text: str) -> None:
    """Neither the conclusion nor the TL;DR is told by it, and it lists nothing where "none" would be an answer."""
    assert not verdict(thread(body(f"## Conclusion\n\n{text}")), "conclusion").passes
    assert not verdict(thread(body(f"## TL;DR (2026-05-27)\n\n{text}")), "tldr-current").passes
    listed = verdict(thread(body(f"## Negative results\n\n{text}")), "negative-results").passes
    assert listed is (kind == "that there is none" and has_answer(text))


def has_answer(text: str) -> bool:
    """Return whether a text says that there is nothing to list."""
    return text.strip(".").casefold() in {"n/a", "none", "nothing"}


@pytest.mark.parametrize("text", WITH)
def test_a_text_in_whatever_words_is_content(text: str) -> None:
    """An honest text is not accused of saying nothing, however short it is."""
    assert verdict(thread(body(f"## Conclusion\n\n{text}")), "conclusion").passes
    assert verdict(thread(body(f"## TL;DR (2026-05-27)\n\n{text}")), "tldr-current").passes
    assert verdict(thread(body(f"## Negative results\n\n{text}")), "negative-results").passes


@pytest.mark.parametrize(
    ("text", "passes"),
    [("Sparse attention.", False), ("Experiment: sparse attention", False), ("Sparse attention pays.", True)],
)
def test_the_title_again_is_no_outcome(text: str, passes: bool) -> None:
    """The thread is called so from its first day on."""
    assert verdict(thread(body(f"## Conclusion\n\n{text}")), "conclusion").passes is passes
    assert verdict(thread(body(f"## TL;DR (2026-05-27)\n\n{text}")), "tldr-current").passes is passes


def test_one_sentence_that_says_something_is_enough() -> None:
    """What stands around it may point elsewhere."""
    assert has_content("Done. See the log. Dense wins. Thanks!", "Conclusion")
    assert not has_content("Done. See the log. Thanks!", "Conclusion")


@pytest.mark.parametrize(
    "form",
    [
        "**Conclusion: {}**",
        "**Conclusion:** {}",
        "**Conclusion** — {}",
        "**Conclusion — {}**",
        "*Conclusion: {}*",
        "__Conclusion: {}__",
        "Conclusion: {}",
        "## Conclusion: {} for all of it",
        "# Conclusion\n\n{}",
        "###### Conclusion\n\n{}",
        "Conclusion\n----------\n\n{}",
        "## 🏁 Conclusion\n\n{}",
        "## :checkered_flag: Conclusion\n\n{}",
        "## 3. Conclusion\n\n{}",
        "## 3️⃣ Conclusion\n\n{}",
        "## III. Conclusion\n\n{}",
        "## Part 2: Conclusion\n\n{}",
        "## Conclusion (2026-05-27)\n\n{}",
        "## 2026-05-27 Conclusion\n\n{}",
        "## Bottom line\n\n{}",
        "## Conclusions and recommendations\n\n{}",
    ],
)
def test_a_conclusion_in_another_form(form: str) -> None:
    """It is read in each; and in each, one that says nothing is not taken for one."""
    assert verdict(thread(body(form.format("use block sparsity"), "Conclusion")), "conclusion").passes
    assert not verdict(thread(body(form.format("see above"), "Conclusion")), "conclusion").passes


@pytest.mark.parametrize(
    "title",
    [
        "Conclusion of the paper we follow",
        "Conclusion criteria",
        "Confidence interval",
        "Summary of prior work",
        "Summary statistics",
        "Executive summary of the proposal",
        "TLDR-bot",
        "Inconclusive runs",
    ],
)
def test_titles_that_only_look_like_it(title: str) -> None:
    """They name something else."""
    assert {"conclusion", "tldr"}.isdisjoint(section_names(title))


def test_a_plain_label_ends_with_its_paragraph() -> None:
    """What follows is not part of it: "Conclusion: TBD" and a paragraph about something else conclude nothing."""
    found = read("Conclusion: TBD\n\nThe data is public.\n\n## Scope\n\nMazes.").named("conclusion")
    assert [(one.text, one.is_empty, one.has_content) for one in found] == [("TBD", True, False)]


DATED = {
    "TL;DR (2026-05-27)": "Kept.",
    "2026-05-27 TL;DR": "Kept.",
    "2026-05-27: TL;DR": "Kept.",
    "TL;DR, as of May 27, 2026": "Kept.",
    "Updated 27 May 2026 — TL;DR": "Kept.",
    "🎯 TL;DR – updated 2026-05-27": "Kept.",
    "TL;DR": "Kept (2026-05-27).",
    "tl;dr": "Kept.\n\n_2026-05-27_",
    "Summary": "_Updated: 27 May 2026._ Kept.",
    "In short": "Kept.\n\n— Ana, 2026-05-27",
}


@pytest.mark.parametrize("title", DATED)
def test_a_date_in_any_order(title: str) -> None:
    """Before the name, behind it, or at the end of the text; an older one is older in each place."""
    assert verdict(thread(body(f"## {title}\n\n{DATED[title]}", "TL;DR")), "tldr-current").passes
    older = f"## {title}\n\n{DATED[title]}".replace("27", "24")
    assert not verdict(thread(body(older, "TL;DR")), "tldr-current").passes


EMPTY_SUMMARIES = [
    "Closing as stale. It did not get to the next steps, time was limited, and it would be better to be confident.",
    "Closing this. Work is done, thanks for the help!",
    " ".join(f"{topic}: see above." for topic in TOPICS),
    "".join(f"- {topic}: done\n" for topic in TOPICS),
    "".join(f"- {topic}: {topic}\n" for topic in TOPICS),
    "".join(f"## {topic}\n\nSee the log.\n\n" for topic in TOPICS),
    "".join(f"- {topic}: TBD\n" for topic in TOPICS),
    "What worked, what did not, confidence, limitations, next steps: all in the logbook.",
    "Lorem ipsum. Confidence: lorem. Limitations: ipsum. Next steps: dolor.",
    "The 95 % confidence interval is narrow. Next token prediction is the task. Rate limits were hit.",
    "I will close this if it is not worked on; next week I could be confident that it helps.",
    "We did not have time to look at what works, nor at the limitations.",
]
SUMMARIES = {
    "a list": FINAL_COMMENT,
    "sentences": "Block sparsity kept the loss; a single block diverged. Confidence: replicated over two seeds. "
    "Limitations: one width. Next steps: measure width 1024.",
    "a table": "| What worked | 512 blocks |\n|---|---|\n| What did not | one block |\n| Confidence | replicated |\n"
    "| Limitations | one width |\n| Next steps | width 1024 |",
    "bold sentences": "**What worked.** 512 blocks.\n\n**What did not.** One block.\n\n**Confidence.** High.\n\n"
    "**Limitations.** One width.\n\n**Next steps.** Width 1024.",
    "headings": "### ✅ What worked\n512 blocks.\n### ❌ What didn't\nOne block.\n### Confidence\nHigh\n"
    "### Limitations\nOne width\n### Next steps\n1. Width 1024",
    "prose": "Sparse attention works at 512 blocks. One block fails. We are confident that this holds (two seeds). "
    "It is untested on other widths. Next, measure width 1024.",
    "dashes": "- **What worked** — 512 blocks\n- **What did not** — one block\n- **Confidence** — high\n"
    "- **Limitations** — one width\n- **Next steps** — none",
    "nothing worked": "What worked: nothing. What did not: all of it diverged. Confidence: high. Limitations: none. "
    "Next steps: none.",
    "other words": "1. What worked: 512 blocks\n2. What failed: one block\n3. Confidence: stable\n"
    "4. Caveats: one seed\n5. Follow-up: none",
    "capitals": "WHAT WORKED\n512 blocks.\nWHAT DID NOT\none block.\nCONFIDENCE\nhigh\nLIMITATIONS\none width\n"
    "NEXT STEPS\nnone",
}


@pytest.mark.parametrize("text", EMPTY_SUMMARIES)
def test_a_comment_that_only_looks_like_a_summary(text: str) -> None:
    """Its words are those of a summary, and it says nothing of the thread."""
    assert len(covered(read(text))) < 3
    assert not verdict(thread(comments=said(text)), "final-comment").passes


@pytest.mark.parametrize("form", SUMMARIES)
def test_a_summary_in_any_form(form: str) -> None:
    """Sentences, labels, a list, a table, headings."""
    text = SUMMARIES[form]
    assert covered(read(text)) == {*TOPICS}
    assert verdict(thread(comments=said(text)), "final-comment").passes


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("- see above", False),
        ("- done", False),
        ("1. TBD", False),
        ("- The next steps", False),
        ("- n/a", False),
        ("- none", True),
        ("- Ship it.", True),
        ("- see above\n- Ship it.", True),
        ("1. Measure width 1024 (#12).", True),
    ],
)
def test_an_item_that_says_nothing_is_no_next_step(text: str, passes: bool) -> None:
    """A list of pointers lists nothing."""
    assert verdict(thread(body(f"## Next steps\n\n{text}")), "next-steps").passes is passes


def test_what_a_section_says_instead_is_quoted() -> None:
    """The finding shows the words, and the help says what to write."""
    found = verdict(thread(body("## Conclusion\n\nSee the comments.")), "conclusion").evidence[0]
    assert found.text == "“Conclusion” gives no answer: “See the comments.”"
    found = verdict(thread(body("## TL;DR\n\nTo follow.")), "tldr-current").evidence[0]
    assert "SPA-AT-002" in found.remedy
    found = verdict(thread(body("## Decision log\n\nSee the log.")), "decision-log").evidence[0]
    assert found.text == "“Decision log” lists nothing: “See the log.”"


def test_our_own_drafts_say_nothing() -> None:
    """Pasted as they are, no section of theirs is content; the templates' words are known as such."""
    bare = thread("", (), logbook=LOGBOOK, linked={}, snapshots=())
    pasted = read(drafts(bare, judge(bare)))
    assert {one.title for one in pasted.sections if one.has_content} <= {"Links"}
