"""Claims about what a seal says: the refusal, the closing comment, the same for a terminal and for programs."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from research_logbook.config.schema import Config
from research_logbook.effects import CloseIssue, MarkSealed
from research_logbook.issues import read
from research_logbook.seal.checks import CATALOGUE
from research_logbook.seal.checks.facts import Evidence, ProductionPull, SealFacts
from research_logbook.seal.drafts import drafts
from research_logbook.seal.plan import SealReport, SealVerdict, judge
from research_logbook.seal.report import annotation, refusal, seal_json, seal_text, summary
from seal.closeout import LOGBOOK, NUMBER, body, thread

SHOWN = [
    check
    for check in CATALOGUE
    if check.name in {"tldr-current", "conclusion", "next-steps", "final-snapshot", "history-intact", "docs-updated"}
]
"""The checks in the reports as agreed: a new one does not change them."""
INTRO = "Requested by `ana`."
PULL = ProductionPull(31, "Faster attention", is_merged=True)
LACKING = thread(body("## Conclusion\n_pending_", "Next steps"), logbook=LOGBOOK.replace("2.231", "2.131"))
HONEST = thread(f"{body()}\nShipped in #31.\n", pulls=(PULL,))


def test_a_refusal_is_as_agreed(golden: Callable[[str, str], None]) -> None:
    """What does not hold stands first, each with what to do; what holds is folded away with its evidence."""
    golden("seal-refused.md", refusal(judge(LACKING, SHOWN), INTRO))


def test_a_closing_comment_is_as_agreed(golden: Callable[[str, str], None]) -> None:
    """Who asked, TL;DR, conclusion, snapshot, production pull requests, next steps."""
    golden("sealed.md", summary(HONEST, judge(HONEST, SHOWN), INTRO))


def test_the_terminal_is_as_agreed(golden: Callable[[str, str], None]) -> None:
    """A line for each check, and the verdict last."""
    golden("seal.txt", seal_text(judge(LACKING, SHOWN)))


def test_the_json_is_as_agreed(golden: Callable[[str, str], None]) -> None:
    """Checks with evidence and what is missing, effects, and whether the issue is sealed."""
    plan = (CloseIssue(NUMBER), MarkSealed(NUMBER))
    golden("seal.json", seal_json(judge(LACKING, SHOWN), NUMBER, plan, sealed=False, applied=False))


def test_the_json_of_nothing_is_json() -> None:
    """Where nothing had to be judged there are no checks and no effects."""
    said = json.loads(seal_json(None, 5, (), sealed=True, applied=True))
    assert (said["sealed"], said["checks"], said["effects"]) == (True, [], [])


def test_drafts_are_as_agreed(golden: Callable[[str, str], None]) -> None:
    """Skeletons of what is missing, by where they belong."""
    bare = thread("", (), pulls=(PULL,), linked={})
    golden("drafts.md", drafts(bare, judge(bare)))


def test_a_draft_that_is_not_filled_in_is_no_close_out() -> None:
    """Pasted into the issue as it is, a draft satisfies no check but by what is true: the links."""
    bare = thread("", (), linked={})
    pasted = thread(drafts(bare, judge(bare)), ())
    assert set(judge(bare).failed) - set(judge(pasted).failed) <= {"final-snapshot", "production-pr", "final-entry"}


def test_nothing_is_drafted_where_nothing_is_missing() -> None:
    """An honest close-out with its documentation needs no skeleton."""
    whole = thread(f"{body()}\n## Documentation\n\nNone needed.\n")
    assert drafts(whole, judge(whole)) == "nothing is missing\n"


def test_a_draft_fills_in_what_the_logbook_knows() -> None:
    """Goal, hypotheses, the last result and the runs, in place of the words that an issue begins with."""
    empty = (
        "## Description\n\nTo be filled in: what.\n\n## Hypothesis or Goal\n\nTo be filled in\n\n"
        "## Links\n\n- W&B: to be filled in\n\n## Results\n\nPending.\n\n## Data\n\nTBD\n"
    )
    run = "https://wandb.ai/lab/tiles/runs/abc"
    for logbook, told in ((LOGBOOK, "TODO: a link to the runs, or “none”"), (f"{LOGBOOK}- W&B: {run}\n", run)):
        facts = thread(empty, (), logbook=logbook)
        shown = drafts(facts, judge(facts))
        assert "## Description\n\n- Goal: halve the attention cost.\n" in shown
        assert "## Hypothesis or Goal\n\n- Goal: halve the attention cost.\n- `SPA-H1` (supported): block" in shown
        assert "## Results\n\n- SPA-AT-002: loss 2.229 after 400 steps.\n" in shown
        assert "## Data\n\nTODO\n" in shown
        assert f"- W&B: {told}\n" in shown


LONG_WAY = f"put it back: {'x' * 1_000} end"
REPEATED = SealReport(
    5,
    (
        SealVerdict("tldr-current", "required", (Evidence("there is no logbook", "", "link it"),)),
        SealVerdict("final-entry", "required", (Evidence("there is no logbook", "", "link it"),)),
        SealVerdict(
            "hypotheses-settled", "required", tuple(Evidence(f"H{n} is active", "", "settle it") for n in range(8))
        ),
        SealVerdict("history-intact", "required", (Evidence("an entry was removed", "", LONG_WAY),)),
    ),
)


def test_what_several_checks_find_is_said_once() -> None:
    """The checks are named together, and a help stands once for all that it is about."""
    shown = seal_text(REPEATED)
    assert "FAIL   tldr-current, final-entry: there is no logbook\n       help: link it\n" in shown
    assert (shown.count("there is no logbook"), shown.count("help: settle it"), shown.count("is active")) == (1, 1, 8)
    table = refusal(REPEATED, INTRO)
    assert (table.count("there is no logbook"), table.count("| settle it |")) == (1, 1)
    assert "`tldr-current`" in table.split("there is no logbook")[0].rpartition("\n")[2]


def test_no_help_is_cut_off() -> None:
    """Whatever has to be typed is there to its end, in the report, on the terminal and in the annotation."""
    for shown in (refusal(REPEATED, INTRO), seal_text(REPEATED), annotation(REPEATED)):
        assert f"{'x' * 1_000} end" in shown


def test_an_annotation_says_what_is_missing_and_what_to_do() -> None:
    """A line for each finding; of very many the first, with their number."""
    first, *lines = annotation(judge(LACKING, SHOWN)).splitlines()
    assert first == f"#{NUMBER} is not closed out: conclusion, next-steps, history-intact"
    assert lines[0] == (
        "conclusion: “Conclusion” gives no answer; write `## Conclusion` with the answer to the thread's question"
    )
    signs = tuple(Evidence(f"entry {index} was removed", "", "put it back") for index in range(500))
    many = SealReport(5, (SealVerdict("history-intact", "required", signs),))
    assert annotation(many).splitlines()[-1] == "and 480 more"


HOSTILE = "@everyone <!-- x --> [a](javascript:b) ::error::c | `d` <img src=x>"


def hostile() -> SealFacts:
    """Return a thread whose every text is hostile, and which may be sealed all the same."""
    text = body(f"## TL;DR\n\nSPA-AT-002 {HOSTILE}\n## Conclusion\n\n{HOSTILE}\n## Next steps\n\n- {HOSTILE}")
    return thread(f"{text}\n#31\n", pulls=(replace(PULL, title=HOSTILE),))


def inert(shown: str) -> bool:
    """Return whether a text in Markdown hides nothing, and leads to pages of the web only."""
    links = {link.url for link in read(shown).links if link.url}
    return "<!--" not in shown and "<img" not in shown and all(url.startswith(("https://", "http://")) for url in links)


def test_hostile_words_do_nothing() -> None:
    """What a thread's texts say is shown in the closing comment, and does nothing there."""
    shown = summary(hostile(), judge(hostile()), INTRO)
    assert inert(shown)
    assert "everyone" in shown
    assert "@everyone" not in shown


def test_a_hostile_sign_does_nothing() -> None:
    """The same holds for what a check quotes, and for an address that is none."""
    sign = Evidence(HOSTILE, "https://a.b/) [x](javascript:c)", HOSTILE)
    report = SealReport(5, (SealVerdict("conclusion", "required", (sign,)),))
    assert inert(refusal(report, INTRO))
    assert not any(line.startswith("::") for line in seal_text(report).splitlines())


def test_private_words_are_left_out_of_the_closing_comment() -> None:
    """What the repository holds back is not repeated from the issue."""
    private = replace(thread(body("## Conclusion\n\nFalcon likes it.")), config=Config(held_back=("Falcon",)))
    shown = summary(private, judge(private), INTRO)
    assert "Falcon" not in shown
    assert "private text left out" in shown


def test_a_private_title_of_a_pull_request_keeps_no_thread_from_its_comment() -> None:
    """Where the title must not be repeated, the number stands alone."""
    pulls = (ProductionPull(31, "Faster for Falcon", is_merged=True),)
    private = thread(body() + "\nProduction: #31\n", pulls=pulls, config=Config(held_back=("Falcon",)))
    shown = summary(private, judge(private), INTRO)
    assert ("Falcon" in shown, "31](" in shown) == (False, True)


@pytest.mark.parametrize("count", [1, 100, 101, 5_000])
def test_a_report_stays_readable(count: int) -> None:
    """However much is wrong, a table has a hundred rows, and says how many there are besides."""
    signs = tuple(Evidence(f"entry {index} was removed", "", "put it back") for index in range(count))
    shown = refusal(SealReport(5, (SealVerdict("history-intact", "required", signs),)), INTRO)
    assert shown.count("was removed") == min(count, 100)
    assert (f"and {count - 100} more" in shown) == (count > 100)
