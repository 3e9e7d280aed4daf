"""Claims about what a summary comment covers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research_logbook.issues import read
from research_logbook.issues.summaries import TOPICS, covered, naming, next_line

ALL = set(TOPICS)
WORKED, FAILED, CONFIDENCE, LIMITS, NEXT = TOPICS


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("What worked: 512 blocks.", {WORKED}),
        ("What did not work: one block.", {FAILED}),
        ("What didn't work: one block.", {FAILED}),
        ("The second seed diverged.", {FAILED}),
        ("Nothing failed.", {FAILED}),
        ("It is 5 % faster, with no measurable gain in loss.", {WORKED, FAILED}),
        ("Confidence: high", {CONFIDENCE}),
        ("This is exploratory.", {CONFIDENCE}),
        ("One caveat: a single seed.", {LIMITS}),
        ("Untested on other machines.", {LIMITS}),
        ("Follow-ups: none.", {NEXT}),
        ("- Confidence: TBD\n- Limitations: TODO\n- Next steps: (link)", set()),
        ("## What worked\n\n## Limitations\n\n_pending_\n", set()),
        ("## What worked\n\n### At 512\n\nThe loss.\n", {WORKED}),
        ("**Next steps:**\n\n- ship it\n", {NEXT}),
        ("Limitations:\n- many\n", {LIMITS}),
        ("> What worked: all. Confidence: high.", set()),
        ("```\nConfidence: high\n```", set()),
        ("<!-- Confidence: high -->", set()),
        ("~~Confidence: high~~", set()),
        ("Great, thanks!", set()),
        ("", set()),
    ],
)
def test_topics(text: str, topics: set[str]) -> None:
    """A topic is covered by a sentence, a label or a heading with something to say, and by nothing else."""
    assert covered(read(text)) == topics


@settings(deadline=None)
@given(st.text(alphabet="whatworkeddidnotconfid: \n#-*>_`TODO", max_size=300))
def test_any_text_is_read(text: str) -> None:
    """Whatever a comment holds, its topics are among the five."""
    assert covered(read(text)) <= ALL


@pytest.mark.parametrize(
    ("text", "rest"),
    [("Next steps: none", "none"), ("- **Next:** none", "none"), ("Next steps are none", None), ("", None)],
)
def test_a_plain_line_of_next_steps(text: str, rest: str | None) -> None:
    """What stands behind a label in plain text is found."""
    assert next_line(read(text)) == rest


def test_names_are_whole_words() -> None:
    """A hypothesis is named by its ID, not by a longer one, and never by nothing."""
    names = naming("take SPA-H1 up again\n- block sparsity keeps the *loss* at width 1024")
    assert [names(name) for name in ("SPA-H1", "spa-h1", "Block sparsity keeps the loss")] == [True, True, True]
    assert [names(name) for name in ("SPA-H", "H1", "", "  ", "keep", "稀疏注意力" * 6)] == [False] * 6
