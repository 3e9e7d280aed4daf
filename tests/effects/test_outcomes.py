"""Claims about what is told of effects: before they are done and after it, on a terminal and in a job summary."""

import msgspec
import pytest

from research_logbook.effects import (
    AddLabels,
    Came,
    CloseIssue,
    CreateIssue,
    CreateLabel,
    CreateTag,
    Effect,
    MarkSealed,
    Names,
    ReopenIssue,
    RetireComment,
    UpsertComment,
    WriteBody,
    told,
    words,
)
from research_logbook.effects.outcomes import EffectOutcome, outcomes_summary, outcomes_text, planned
from research_logbook.github import RepositorySite

SITE = RepositorySite("lab/tiles")
ISSUES = "https://github.com/lab/tiles/issues"
HASH = "<span>\\#</span>"
COMMIT = "b" * 40

WORDS: dict[Effect, tuple[str, str]] = {
    CreateLabel("a", "ededed", "b"): ("create the label “a”", "created the label “a”"),
    AddLabels(3, ("a", "b", "c")): ("add “a”, “b” and “c” to #3", "added “a”, “b” and “c” to #3"),
    CreateTag("t", COMMIT, "m"): ("create the tag t on bbbbbbbbbbbb", "tagged t on bbbbbbbbbbbb"),
    CreateIssue("T", "b", ("a",)): ("open the issue “T” with “a”", "opened the issue “T” with “a”"),
    WriteBody(3, "b"): ("edit the text of #3, which is our own", "edited the text of #3, which is our own"),
    UpsertComment(3, "seal", "3", "b"): ("comment on #3 about its closing", "commented on #3 about its closing"),
    RetireComment(3, 9, "x", "b"): (
        "say in the report of x on #3 that it is no longer kept",
        "said in the report of x on #3 that it is no longer kept",
    ),
    CloseIssue(3): ("close #3 as completed", "closed #3 as completed"),
    ReopenIssue(3): ("reopen #3", "reopened #3"),
    MarkSealed(3, again=True): ("mark #3 as sealed again", "marked #3 as sealed again"),
}


@pytest.mark.parametrize("effect", WORDS, ids=lambda effect: type(effect).__name__)
def test_an_effect_is_told_in_both_tenses(effect: Effect) -> None:
    """“Would …” before it is done, the past after it; both begin otherwise, and a message has the infinitive."""
    before, after = WORDS[effect]
    assert (words(effect, Names()), str(effect)) == ((before, after), before)
    assert (told(effect, Came.PLANNED), told(effect, Came.DONE)) == (f"would {before}", after)


def test_every_kind_of_effect_has_its_words() -> None:
    """None is left out."""
    assert {type(effect) for effect in WORDS} == set(Effect.__subclasses__())


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("seal", " about its closing"),
        ("snapshot", " about the snapshot k"),
        ("wandb", " about the W&B runs of k"),
        ("lint", " about its logbook"),
        ("labels", " about its labels"),
        ("new", " about its logbook"),
        ("update", " about the result of k"),
    ],
)
def test_a_comment_says_what_it_is_about(kind: str, about: str) -> None:
    """In words, whatever its kind is called; one that was there is not told as posted."""
    comment = UpsertComment(3, kind, "k", "b")
    assert str(comment) == f"comment on #3{about}"
    assert told(comment, Came.UPDATED) == f"updated the comment on #3{about}"
    assert told(comment, Came.UNCHANGED) == f"left the comment on #3{about} as it was"


def test_a_run_prints_the_address_of_what_it_wrote() -> None:
    """A line for each effect; nothing that somebody wrote becomes a workflow command or a second line."""
    done = [
        EffectOutcome(CreateLabel("::error::x\n::stop", "ededed", "b"), Came.DONE),
        EffectOutcome(UpsertComment(3, "seal", "3", "body"), Came.DONE, f"{ISSUES}/3#issuecomment-5"),
    ]
    first, second = outcomes_text(done).splitlines()
    assert first.startswith("created the label “")
    assert second == f"commented on #3 about its closing: {ISSUES}/3#issuecomment-5"
    assert outcomes_text([]) == "nothing to do\n"


def test_a_dry_run_shows_every_text_that_it_would_write() -> None:
    """The texts of labels, tags, issues and comments stand indented below their lines, escaped for a terminal."""
    plan = tuple(WORDS)
    shown = outcomes_text(planned(plan), with_texts=True)
    lines = [line for line in shown.splitlines() if line and not line.startswith(" ")]
    assert [line.removesuffix(":") for line in lines] == [f"would {before}" for before, _ in WORDS.values()]
    assert shown.count("\n\n    b\n\n") == 4
    assert ("\n\n    b (#ededed)\n\n" in shown, "\n\n    m\n\n" in shown) == (True, True)
    hostile = UpsertComment(3, "seal", "3", "one\n\n::error::two\n\x1b[2Jthree\n##[error]four")
    assert outcomes_text(planned([hostile]), with_texts=True) == (
        "would comment on #3 about its closing:\n\n    one\n\n    \\::error::two\n    [2Jthree\n    ##\\[error]four\n\n"
    )


def test_the_job_summary_says_what_was_done_with_links() -> None:
    """A tag and the comment on it are one sentence, and so is all that became of one issue."""
    comment = f"{ISSUES}/1#issuecomment-5"
    done = [
        EffectOutcome(CreateTag("snapshot/a/A-1", COMMIT, "m"), Came.DONE),
        EffectOutcome(UpsertComment(1, "snapshot", "snapshot/a/A-1", "b"), Came.DONE, comment),
        EffectOutcome(UpsertComment(4, "seal", "4", "b"), Came.UPDATED, f"{ISSUES}/4#issuecomment-6"),
        EffectOutcome(CloseIssue(4), Came.DONE),
        EffectOutcome(MarkSealed(4), Came.DONE),
        EffectOutcome(AddLabels(7, ("x@y",)), Came.DONE),
    ]
    assert outcomes_summary(done, ["skipped @x: `a`"], SITE, is_dry=False) == (
        "### Done\n\n"
        f"- Tagged [snapshot/a/A-1](https://github.com/lab/tiles/tree/snapshot/a/A-1) on [bbbbbbbbbbbb]"
        f"(https://github.com/lab/tiles/commit/{COMMIT}) and commented on [{HASH}1]({comment}) about it.\n"
        f"- Updated the comment on [{HASH}4]({ISSUES}/4#issuecomment-6) about its closing, closed it as completed and "
        "marked it as sealed.\n"
        f"- Added “x<span>\\@</span>y” to [{HASH}7]({ISSUES}/7).\n\n"
        "Notes:\n\n- skipped <span>\\@</span>x: `a`\n"
    )


def test_nothing_of_a_dry_run_is_told_as_done() -> None:
    """The heading says that nothing was written, every line says “would”, and no link leads to what is not there."""
    plan = CreateTag("snapshot/a/A-1", COMMIT, "m"), UpsertComment(4, "seal", "4", "b"), CloseIssue(4)
    assert outcomes_summary(planned(plan), [], SITE, is_dry=True) == (
        "### Dry run: nothing was written\n\n"
        f"- Would create the tag `snapshot/a/A-1` on [bbbbbbbbbbbb](https://github.com/lab/tiles/commit/{COMMIT}).\n"
        f"- Would comment on [{HASH}4]({ISSUES}/4) about its closing and close it as completed.\n"
    )


def test_what_is_only_listed_names_what_would_do_it() -> None:
    """Closings that a sweep lists without `--apply` are told as what it would do with it."""
    listed = planned((ReopenIssue(4),), "--apply")
    assert outcomes_text(listed) == "with --apply, would reopen #4\n"
    summary = outcomes_summary(listed, [], SITE, is_dry=False)
    assert summary == (
        f"### Nothing was written\n\nOnly listed, to be done with `--apply`:\n\n- Would reopen [{HASH}4]({ISSUES}/4).\n"
    )
    assert outcomes_summary([], [], SITE, is_dry=False) == ""


def test_programs_get_the_effects_as_they_are() -> None:
    """The JSON has kinds and fields, and no words."""
    assert msgspec.to_builtins(CloseIssue(4)) == {"kind": "close-issue", "issue": 4}
