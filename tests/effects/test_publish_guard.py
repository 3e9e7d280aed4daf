"""Claims about the publish guard: what must not be published is refused, and the refusal does not quote it."""

import random
import string
from collections.abc import Callable

import pytest

from research_logbook.effects import AddLabels, CreateLabel, UpsertComment, plan_refusal, text_refusal
from research_logbook.markdown import escape

VALUE = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=36))
SECRET = "gh" + "p_" + VALUE
HELD_BACK = (r"(?i)project\s?orchid", "codename_[a-z]{3,9}")


def comment(body: str) -> UpsertComment:
    """Return an effect that posts a text."""
    return UpsertComment(12, "snapshot", "TILE-003", body)


@pytest.mark.parametrize("shown", [str, escape.markdown, escape.code, escape.prose, escape.terminal_line])
def test_a_secret_is_found_however_it_is_escaped(shown: Callable[[str], str]) -> None:
    """What a reader would see counts: a mark before an underscore hides no token from the guard."""
    refusal = plan_refusal((AddLabels(12, ("experiment",)), comment(f"Ran it.\n\n{shown(SECRET)}\n")), ())
    assert refusal
    assert (
        "comment on #12 about the snapshot TILE-003 would publish what looks like a secret (GitHub token)"
        in refusal.why
    )
    assert "in line 3" in refusal.why
    assert VALUE not in "".join(refusal)


@pytest.mark.parametrize("shown", [str, escape.markdown, escape.code, escape.prose])
@pytest.mark.parametrize("text", ["Project Orchid", "codename_tulip|x"])
def test_blocked_text_is_refused(shown: Callable[[str], str], text: str) -> None:
    """A match of a pattern of the configuration is named by the pattern's number, and not quoted."""
    refusal = plan_refusal((comment(f"For\n{shown(text)}."),), HELD_BACK)
    assert refusal
    number = 1 + ("codename" in text)
    assert f"text that pattern {number} of `held-back` matches, in line 2" in refusal.why
    assert text not in "".join(refusal)


def test_every_text_of_an_effect_counts() -> None:
    """A name or a description that would be published is refused too, and is not repeated as the effect's name."""
    for effect in (CreateLabel(SECRET, "ededed", ""), CreateLabel("x", "ededed", SECRET), AddLabels(1, ("a", SECRET))):
        refusal = plan_refusal((effect,), ())
        assert refusal
        assert VALUE not in "".join(refusal)


@pytest.mark.parametrize(
    "text",
    [
        "Commit 3f786850e387550fdab836ed7e6dc881de23001b, `WANDB_API_KEY=<redacted> python train.py`",
        "`wandb login <key> 3f786850e387550fdab836ed7e6dc881de23001b`, `WANDB_API_KEY=<redacted>`",
        "| TILE-003 | [run](https://wandb.ai/lab/tiles/runs/3f786850) | **38.9** |\n",
        "An orchid &amp; a project\\_x <details><summary>code</summary>",
        "",
    ],
)
def test_harmless_text_passes(text: str) -> None:
    """Commits, redacted commands, links and escapes are no reason to refuse a comment."""
    assert plan_refusal((comment(text),), HELD_BACK) is None
    assert text_refusal("the job summary", text, HELD_BACK) is None
