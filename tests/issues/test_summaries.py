"""Claims about what a summary comment covers, and which issues a pull request's description closes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research_logbook.actions.event import closed_by
from research_logbook.issues import read
from research_logbook.issues.classification import TOPICS, covered, is_part_of, naming, next_line

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
        ("100 steps were not tried.", {LIMITS}),  # what nobody tried did not fail
        ("Width 1024 has not been tried.", {LIMITS}),
        ("100 steps did not help.", {FAILED}),
        ("It was not tried again, since it diverged.", {FAILED}),
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


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        ("Closes #12", (12,)),
        ("fixes: #12, and resolved #7.\n\nCLOSE #12", (12, 7)),
        ("Fixed lab/tiles#12", (12,)),
        ("Closes https://github.com/Lab/Tiles/issues/12", (12,)),
        ("- [x] **Closes** #12", (12,)),
        ("Closes other/repo#12", ()),
        ("Closes https://github.com/other/repo/issues/12", ()),
        ("Closes https://gitlab.example/lab/tiles/issues/12", ()),
        ("Part of #12. It encloses #12, and closes nothing.", ()),
        ("Closes #12abc, closes #0", ()),
        ("`Closes #12`\n\n```\nCloses #13\n```\n\n<!-- Closes #14 -->", ()),
        ("~~Closes #12~~", ()),
        ("> " * 900 + "Closes #12", ()),
        ("", ()),
    ],
)
def test_what_a_description_closes(body: str, numbers: tuple[int, ...]) -> None:
    """A keyword before an issue of this repository closes it; in code, in comments and struck out it does not."""
    assert closed_by(body, "lab/tiles") == numbers


def test_a_repository_on_another_host_is_another() -> None:
    """On GitHub Enterprise the addresses of its own host count."""
    assert closed_by("Closes https://ghe.lab.example/lab/tiles/issues/3", "lab/tiles", "ghe.lab.example") == (3,)
    assert closed_by("Closes https://github.com/lab/tiles/issues/3", "lab/tiles", "ghe.lab.example") == ()


@pytest.mark.parametrize(
    ("body", "is_part"),
    [
        ("Part of #12.", True),
        ("part of: #12", True),
        ("Closes lab/tiles#12", True),
        ("Fixed https://github.com/lab/tiles/issues/12", True),
        ("Part of other/repo#12", False),
        ("Part of #123", False),
        ("Parts of #12", False),
        ("#12 is related", False),
    ],
)
def test_what_a_description_is_part_of(body: str, is_part: bool) -> None:
    """It says “part of”, or a closing keyword, before the issue."""
    assert is_part_of(body, 12, "lab/tiles") is is_part
