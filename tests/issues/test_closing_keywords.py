"""Claims about which issues a pull request's description closes."""

import pytest

from research_logbook.issues.summaries import closed_by


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
