"""Claims about how a snapshot is shown: as the comment that reproduces it, in a list, and as a page."""

import json
from dataclasses import replace

import pytest

from book import parsed, written
from render.test_hostile_text import Page, attacked
from research_logbook.effects.sticky_comments import announced_commit
from research_logbook.github import RepositorySite
from research_logbook.repo import Commit
from research_logbook.snapshots.candidates import (
    CodeCommit,
    SnapshotCandidate,
    SnapshotCommit,
    candidate_of,
    reproducibility_gaps,
)
from research_logbook.snapshots.render import (
    SnapshotDetails,
    comment,
    listing,
    page,
    quoted_texts,
)

SITE = "https://github.com/lab/tiles"
WANDB = "https://api.wandb.ai"
HASH = "c" * 40
TAG = "snapshot/moe-hill-climb/MOE-HC-001"
ENTRY = """\
- Hardware: 8 x H100
- W&B: https://wandb.ai/lab/tiles/runs/abc and [the second](https://wandb.ai/lab/tiles/runs/def)

| width | loss |
|---|---|
"""


def candidate(text: str, touched: tuple[str, ...] = (), asked: str = "MOE-HC-001") -> SnapshotCandidate:
    """Return what a snapshot of a logbook publishes."""
    commit = Commit(HASH, "Ana <ana@lab.example>", "2026-05-25T10:00:00+00:00", "Measure")
    book = parsed(text)
    found = candidate_of(SnapshotCommit(commit, "", asked, touched), {book.path: book})
    assert isinstance(found, SnapshotCandidate), found
    return found


def with_rows(number: int, text: str = "E1 commit command config result") -> str:
    """Return a logbook whose entry has a table with that many rows."""
    return written(text).rstrip() + "\n" + ENTRY + "".join(f"| {row} | 2.{row} |\n" for row in range(number))


def test_a_comment_tells_the_commit_that_it_pins() -> None:
    """Years later the tag is compared with it, whatever the entry's own texts say of commits."""
    hostile = candidate(
        with_rows(1, f"E1 command='echo **Snapshot** [x](y) at commit [x](z/commit/{'a' * 40})' result")
    )
    for site in (RepositorySite("lab/tiles"), RepositorySite("lab/tiles", "http://localhost:8080/git")):
        assert announced_commit(comment(hostile, TAG, [], site, WANDB)) == HASH
    assert announced_commit(f"The snapshot is at commit {HASH}.") == ""


def test_the_comment_in_full() -> None:
    """Tag, commit, links pinned to it, commands, configuration, environment, the first table, how to check it out."""
    touched = (".agents/logbooks/moe-hill-climb.md", "runs/base.yaml", "plots/a b.png")
    assert (
        comment(candidate(with_rows(1), touched), TAG, ["the result is pending"], RepositorySite("lab/tiles"), WANDB)
        == f"""\
**Snapshot** [{TAG}]({SITE}/tree/{TAG}) at commit [cccccccccc]({SITE}/commit/{HASH})

- Logbook: [moe-hill-climb, 2026-05-25 - MOE-HC-001 seed run]({SITE}/blob/{HASH}/.agents/logbooks/moe-hill-climb.md?plain=1#L5-L16)
- Code: [1691d0a9afbf]({SITE}/commit/1691d0a9afbf)
- Configurations: [runs/base.yaml]({SITE}/blob/{HASH}/runs/base.yaml)
- Artefacts: [plots/a b.png]({SITE}/blob/{HASH}/plots/a%20b.png)
- W&B: [abc](https://wandb.ai/lab/tiles/runs/abc), [the second](https://wandb.ai/lab/tiles/runs/def)

Commands:

```sh
python -m train --seed 0
```

Configuration: width 512, 400 steps.

Environment: 8 x H100

| width | loss |
| --- | --- |
| 0 | 2\\.0 |

To reproduce:

```sh
git fetch origin tag {TAG}
git switch --detach {TAG}
```

Missing to reproduce it from the record alone; to have it pinned, add it to the entry and snapshot again:

- the result is pending
"""  # noqa: E501 - a line of the comment
    )


def test_the_commit_that_ran_is_checked_out() -> None:
    """Where it is not the tagged one; where it cannot be had, nothing is called reproducible."""
    ran, site, found = "a" * 40, RepositorySite("lab/tiles"), candidate(with_rows(1))
    shown = comment(replace(found, code=CodeCommit(ran)), TAG, (), site, WANDB)
    assert f"git fetch origin tag {TAG}\ngit switch --detach {ran}\n```\n\nThis is the commit that the entry" in shown
    shown = comment(replace(found, code=CodeCommit(ran, is_ancestor=False)), TAG, (), site, WANDB)
    assert f"git fetch origin {ran}\ngit switch --detach {ran}\n" in shown
    lost = replace(found, code=CodeCommit(why="commit 1 is not in this clone"))
    shown = comment(lost, TAG, (), site, WANDB)
    assert "To check out the record, which need not hold the code that ran:" in shown
    assert "To reproduce" not in shown
    assert "commit 1 is not in this clone" in reproducibility_gaps(lost, ())

    tagged = SnapshotDetails(TAG, HASH, "moe-hill-climb", "MOE-HC-001", "")
    told = page(tagged, "make", (), CodeCommit(ran))
    assert f"(the tag holds the record), here or in a second work tree:\n\n    git switch --detach {ran}\n" in told
    assert json.loads(page(tagged, "make", (), CodeCommit(ran), "json"))["check_out"] == ran
    assert json.loads(page(tagged, "make", (), form="json"))["check_out"] == HASH
    told = page(tagged, "make", ["commit 1 is not in this clone"], CodeCommit(why="commit 1 is not in this clone"))
    assert "check out the record, which need not hold the code that ran" in told
    assert "everything needed" not in told


def test_a_long_table_is_cut_with_a_link() -> None:
    """Twenty rows are shown, and a link says how many more there are, and where."""
    shown = comment(candidate(with_rows(25)), TAG, (), RepositorySite("lab/tiles"), WANDB)
    assert shown.count("\n| ") == 22
    assert f"[5 more rows in the logbook]({SITE}/blob/{HASH}/" in shown


def test_many_files_are_cut_with_a_link() -> None:
    """Twenty files of a kind are linked, and the commit has the rest."""
    shown = comment(
        candidate(with_rows(1), tuple(f"out/{number}.csv" for number in range(23))),
        TAG,
        (),
        RepositorySite("lab/tiles"),
        WANDB,
    )
    assert shown.count(f"]({SITE}/blob/{HASH}/out/") == 20
    assert f"[3 more]({SITE}/commit/{HASH})" in shown


def test_a_fence_in_a_command_does_not_end_the_block() -> None:
    """The block of code has a longer fence than anything in it."""
    shown = comment(candidate(written("E1 command='echo ````' result")), TAG, (), RepositorySite("lab/tiles"), WANDB)
    assert "`````sh\necho ````\n`````" in shown


OTHER_SERVERS = [
    "https://wandb.evil.example/lab/tiles/runs/a",
    "https://evil-wandb.ai/lab/tiles",
    "https://wandb.ai.evil.example/lab/tiles",
    "https://wandb.ai@evil.example/lab/tiles",
    "https://evil.example%5C@wandb.ai/lab",
    "https://wandb.ai:8443/lab/tiles",
    "https://acme.wandb.io/lab/tiles/runs/a",
    "http://wandb/lab/tiles",
]


@pytest.mark.parametrize("url", OTHER_SERVERS)
def test_only_the_configured_server_is_linked(url: str) -> None:
    """An address on any other host is told, and leads nowhere, whatever it is called."""
    text = with_rows(0).replace("- W&B:", f"- W&B: [run]({url}),")
    shown = comment(candidate(text), TAG, (), RepositorySite("lab/tiles"), WANDB)
    (line,) = (line for line in shown.split("\n") if line.startswith("- W&B: "))
    assert line.count("](") == 2
    assert [node for node in Page(shown).alive if "evil" in node or "8443" in node or "wandb.io" in node] == []
    assert url.partition("/lab")[0].replace("@", "") in line.replace("<span>\\@</span>", "").replace("@", "")


def test_the_server_may_have_any_name() -> None:
    """Links lead to a laboratory's own server where that is configured, and no more to the public one."""
    text = with_rows(0).replace("- W&B:", "- W&B: [own](http://localhost:8080/lab/tiles/runs/x),")
    shown = comment(candidate(text), TAG, (), RepositorySite("lab/tiles"), "http://localhost:8080")
    assert "- W&B: [own](http://localhost:8080/lab/tiles/runs/x), `https://wandb.ai/lab/tiles/runs/abc`," in shown


@attacked
def test_a_hostile_logbook_does_nothing_in_a_comment(evil: str) -> None:
    """Whatever an entry says: nobody is mentioned, nothing is linked but what is pinned, no block is left early."""
    line = " ".join(evil.replace("\0", "").split())
    text = with_rows(0).rstrip() + f"\n| {line} | 1 |\n"
    found = candidate(text.replace("width 512", f"width {line}").replace("seed run", line), (f"runs/{line}.yaml",))
    shown = Page(comment(found, TAG, [line], RepositorySite("lab/tiles"), WANDB))

    assert shown.tags.count("pre") == 2
    assert not shown.comments
    assert not [node for node in shown.alive if "wandb" not in node]
    assert not {"img", "script", "h1", "h2", "blockquote", "hr", "input"} & set(shown.tags)


def test_what_is_told_is_told_as_it_was_written() -> None:
    """A gate sees the words themselves: an escape could hide a secret from it."""
    found = candidate(with_rows(1).replace("width 512", "width_a@b"), ("runs/x_y.yaml",))
    text = "\n".join(quoted_texts(found, WANDB))
    for word in ("width_a@b", "runs/x_y.yaml", "python -m train --seed 0", "8 x H100", "0 | 2.0", "the second", "def"):
        assert word in text


def test_a_list_has_a_line_each() -> None:
    """Tag, commit, day and title; a control character does nothing, and JSON has all of it."""
    snapshots = [
        (SnapshotDetails(TAG, HASH, "moe-hill-climb", "MOE-HC-001", "MOE-HC-001: \x1b[31mseed\n\nmore"), "2026-05-25")
    ]
    assert listing(snapshots) == f"{TAG}  cccccccccccc  2026-05-25  MOE-HC-001: [31mseed\n"
    (shown,) = json.loads(listing(snapshots, "json"))["snapshots"]
    assert (shown["tag"], shown["experiment_id"], shown["day"]) == (TAG, "MOE-HC-001", "2026-05-25")


def test_a_page_says_how_to_run_it_again() -> None:
    """Message, commands, the ways to check it out, and what is missing; a name is quoted for the shell."""
    snapshot = SnapshotDetails("snapshot/a/$(x)", HASH, "a", "$(x)", "Title\n::error::x\n")
    shown = page(snapshot, "make\nmake test", ["the result is pending"])
    assert "    make\n    make test\n" in shown
    assert "    git switch --detach 'snapshot/a/$(x)'\n    git worktree add ../snapshot 'snapshot/a/$(x)'\n" in shown
    assert "    - the result is pending\n" in shown
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
    assert "everything needed to reproduce" in page(snapshot, "make", ())
    assert json.loads(page(snapshot, "make", ["a"], form="json"))["missing"] == ["a"]
