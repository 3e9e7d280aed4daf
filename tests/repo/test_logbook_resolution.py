"""Claims about where the logbook of an issue is looked for."""

from dataclasses import replace

import pytest

from research_logbook.github import RepositorySite
from research_logbook.issues import read
from research_logbook.logbook.model import Header, Reference
from research_logbook.repo.logbook_resolution import LogbookCopies, LogbookCopy, Lost, branches_named, find

PATH, OTHER = ".agents/logbooks/tiles.md", ".agents/logbooks/other.md"
OURS = Header(issue=Reference("#5", 5))
PAGES = "https://github.com/lab/tiles"


def copies(*told: str, headers: dict[str, Header] | None = None, snapshots: tuple[str, ...] = ()) -> LogbookCopies:
    """Return copies: `research/a:tiles:one` is `tiles.md` on that branch with the contents `one`."""
    return LogbookCopies(
        tuple(map(_copy, told)),
        tuple(map(_copy, snapshots)),
        {"one": OURS, "two": OURS, "old": OURS} if headers is None else headers,
        "main",
        frozenset(one.partition(":")[0] for one in told if one.startswith("research/")),
        RepositorySite("lab/tiles"),
    )


def _copy(told: str) -> LogbookCopy:
    ref, topic, digest = told.split(":")
    return LogbookCopy(f".agents/logbooks/{topic}.md", ref, digest)


def found(body: str, there: LogbookCopies) -> str:
    """Return where the logbook of issue 5 is found, or why nowhere."""
    one = find(5, read(body).links, there)
    return one.why if isinstance(one, Lost) else f"{one.ref}:{one.digest}"


LINK = f"[logbook]({PAGES}/blob/%s/{PATH})"
ON_BRANCH, CHILD = replace(OURS, branch="work/ana"), replace(OURS, parent="tiles")


@pytest.mark.parametrize(
    ("body", "there", "expected"),
    [
        pytest.param(LINK % "work/b", copies("work/b:tiles:one", "research/a:tiles:two"), "work/b:one", id="the link"),
        pytest.param(
            LINK % "main", copies("main:tiles:one", "research/a:tiles:two"), "main:one", id="the link to main"
        ),
        pytest.param(
            f"`{PATH}`",
            copies("work/ana:tiles:one", "research/a:tiles:two", headers={"one": ON_BRANCH, "two": ON_BRANCH}),
            "work/ana:one",
            id="the header",
        ),
        pytest.param("", copies("research/a:tiles:one"), "research/a:one", id="the one research branch"),
        pytest.param(
            f"`{PATH}`",
            copies("research/a:tiles:two", "research/b:tiles:old", "main:tiles:old"),
            "research/a:two",
            id="a branch that only inherited it is none",
        ),
        pytest.param(
            f"`{PATH}`",
            copies("main:tiles:old", snapshots=("snapshot/tiles/2:tiles:x", "snapshot/tiles/1:tiles:y")),
            "snapshot/tiles/2:x",
            id="the newest snapshot",
        ),
        pytest.param("", copies("main:tiles:one"), "main:one", id="the default branch"),
        pytest.param(LINK % "gone", copies("research/a:tiles:one"), "research/a:one", id="the link's branch is gone"),
        pytest.param(LINK % ("0" * 40), copies("research/a:tiles:one"), "research/a:one", id="a pin says the path"),
        pytest.param(
            f"`{PATH}` and `{OTHER}`",
            copies("research/a:tiles:one", "research/a:other:x", headers={"one": OURS}),
            "research/a:one",
            id="of two, the one that names the issue",
        ),
        pytest.param(
            "",
            copies("research/a:tiles:one", "research/a:other:two", headers={"one": OURS, "two": CHILD}),
            "research/a:one",
            id="of parent and child the parent",
        ),
        pytest.param(
            f"`{PATH}` and `{OTHER}`",
            copies("research/a:tiles:one", "research/a:other:two", headers={"one": OURS, "two": CHILD}),
            "research/a:one",
            id="of two that are linked the parent",
        ),
        pytest.param(
            "",
            copies("research/a:tiles:one", "research/b:tiles:one"),
            "research/a:one",
            id="the same text twice is one",
        ),
    ],
)
def test_a_logbook_is_found(body: str, there: LogbookCopies, expected: str) -> None:
    """Link, header, research branch, snapshot, default branch: the first that says where is taken."""
    assert found(body, there) == expected


@pytest.mark.parametrize(
    ("body", "there", "said"),
    [
        ("", copies(), "no logbook names #5 on main, and there is no research branch"),
        ("", copies("research/a:tiles:x", headers={"x": Header()}), "no logbook names #5 on main and research/a"),
        ("", copies("research/a:tiles:one", "research/a:other:two"), f"{PATH} and {OTHER}"),
        (f"`{PATH}`", copies("research/a:tiles:one", "research/b:tiles:two"), "research/a and research/b"),
        (LINK % "work/b" + LINK % "work/c", copies("work/b:tiles:one", "work/c:tiles:two"), "work/b and work/c"),
        (f"`{PATH}`", copies(), "is on no branch and in no snapshot"),
    ],
)
def test_what_could_be_several_is_none(body: str, there: LogbookCopies, said: str) -> None:
    """Where more than one could be meant they are named, and none is taken."""
    assert said in found(body, there)


def test_another_repository_has_logbooks_of_its_own() -> None:
    """A link to another repository's logbook says nothing of ours, and neither does its issue of the same number."""
    theirs = {"one": Header(issue=Reference("foo/tiles#5", 5, "foo/tiles"))}
    assert "no logbook names #5" in found(
        f"[x](https://github.com/foo/tiles/blob/main/{PATH})", copies("main:tiles:one", headers=theirs)
    )


def test_a_branch_is_named_by_links_on_it() -> None:
    """A branch's name with slashes is told from the path behind it by the branches that there are."""
    links = read(f"[a]({PAGES}/tree/work/ana) [b]({PAGES}/blob/work/b/src/x.py) [c]({PAGES}/blob/work/bc/y)").links
    assert branches_named(links, {"work/ana", "work/b", "work", "main"}) == {"work/ana", "work/b", "work"}


@pytest.mark.parametrize(
    ("told", "header", "expected"),
    [
        ("main:tiles:one", OURS, True),
        ("research/a:tiles:one", OURS, True),
        ("work/ana:tiles:one", OURS, False),
        ("main:tiles:one", Header(issue=Reference("", 5, "lab/tiles", "git.example.org")), False),
    ],
)
def test_a_logbook_enrols_from_a_branch_that_counts(told: str, header: Header, expected: bool) -> None:
    """A branch that only the issue links enrols nothing, and neither does an issue of that number on another host."""
    assert copies(told, headers={"one": header}).enrolls(5) is expected
