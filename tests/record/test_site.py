"""Claims about the record as pages: complete, safe, the same for the same input, and nothing else is touched."""

import datetime as dt
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from repository import ENTRY, GOOD, PATH, Repository, context
from research_logbook.errors import UserError
from research_logbook.record.site import Made, make
from research_logbook.record.trace import trace

FOLDER = ".agents/logbooks"
FAILED = ENTRY.replace("SPA-AT-002 second seed", "SPA-AT-003 wider").replace(
    "loss 2.229 after 400 steps.", "diverged at step 12."
)
PENDING = ENTRY.replace("SPA-AT-002 second seed", "SPA-AT-004 longer").replace("loss 2.229 after 400 steps.", "pending")
OTHER = GOOD.replace("SPA-AT", "MOE-HC").replace("SPA-H1", "MOE-H1").replace("Sparse attention", "Mixture of experts")


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A repository with two threads."""
    work = Repository(tmp_path / "work")
    work.git("remote", "add", "origin", "https://github.com/lab/models.git")
    work.commit({PATH: GOOD + ENTRY + FAILED + PENDING, f"{FOLDER}/moe.md": OTHER})
    return work


def made(work: Repository, name: str = "out", processes: int = 1) -> tuple[Made, Path]:
    """Make the pages beside the repository."""
    out = work.root.parent / name
    return make(out, context(work.root), None, processes=processes), out


def files(out: Path) -> dict[str, bytes]:
    """Return what is in the folder."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def seen(page: Path) -> str:
    """Return the words of a page."""
    return unescape(re.sub(r"<[^>]*>", " ", page.read_text()))


def test_a_thread_has_its_pages(work: Repository) -> None:
    """Its own, its logbook, and one for each experiment; the front page and the search know them all."""
    done, out = made(work)
    assert (done.threads, done.notes) == (2, ())
    assert {"threads/sparse-attention.html", "logbooks/sparse-attention.html", "experiments/SPA-AT-003.html"} <= files(
        out
    ).keys()
    front = seen(out / "index.html")
    for words in ("Sparse attention", "Mixture of experts", "negative result", "result pending since", "SPA-AT-004"):
        assert words in front
    assert "experiments/SPA-AT-002.html" in (out / "search.js").read_text()


def test_a_negative_result_is_as_visible_as_any_other(work: Repository) -> None:
    """On the front page, in the timeline, and on its own page."""
    _, out = made(work)
    for name in ("index", "threads/sparse-attention", "experiments/SPA-AT-003"):
        page = (out / f"{name}.html").read_text()
        assert '<span class="chip outcome-negative">negative result</span>' in page or name == "index"
    assert "1 negative" in seen(out / "index.html")


def test_an_experiments_page_says_what_trace_says(work: Repository) -> None:
    """Command, commit, result, snapshot, and what is missing."""
    work.git("tag", "--annotate", "--message", "x", "snapshot/sparse-attention/SPA-AT-002")
    _, out = made(work)
    said, page = trace("SPA-AT-002", context(work.root), None), seen(out / "experiments/SPA-AT-002.html")
    for words in (said.entries[0].command, said.entries[0].commit[:12], said.snapshots[0][0], *said.missing):
        assert words in page


def test_an_unchanged_record_is_not_written_again(work: Repository) -> None:
    """Not a single file; and only the pages of a thread that has changed, with what is about all."""
    _, out = made(work)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    again, _ = made(work)
    assert (again.read, again.written, again.removed) == (0, (), ())
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    work.write(f"{FOLDER}/moe.md", OTHER + ENTRY.replace("SPA-AT-002", "MOE-HC-002"))
    more, _ = made(work)
    assert more.read == 1
    assert not [name for name in more.written if "sparse" in name or "SPA" in name]
    assert "experiments/MOE-HC-002.html" in more.written


def test_what_is_gone_is_removed_and_nothing_else(work: Repository) -> None:
    """A thread's pages go with its logbook; a file of somebody else's in the folder stays."""
    _, out = made(work)
    (out / "CNAME").write_text("lab.example\n")
    work.git("rm", "--quiet", f"{FOLDER}/moe.md")
    work.commit({})
    done, _ = made(work)
    assert set(done.removed) == {"threads/moe.html", "logbooks/moe.html", "experiments/MOE-HC-001.html"}
    assert (out / "CNAME").read_text() == "lab.example\n"


def test_a_folder_with_something_else_in_it_is_refused(work: Repository, tmp_path: Path) -> None:
    """It may be a mistake; a file is none either."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.tex").write_text("x")
    with pytest.raises(UserError, match="is not empty, and holds no record"):
        made(work)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="is not a folder"):
        made(work, "file")
    assert files(tmp_path / "out").keys() == {"thesis.tex"}


def test_a_planted_manifest_removes_nothing_outside(work: Repository, tmp_path: Path) -> None:
    """Names that lead out of the folder are not believed."""
    (tmp_path / "thesis.tex").write_text("x")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/record.json").write_text('{"version": 1, "files": ["../thesis.tex"]}')
    with pytest.raises(UserError, match="is of another version"):
        made(work)
    assert (tmp_path / "thesis.tex").is_file()


SCRIPT = """
import datetime as dt, os, sys
from pathlib import Path
from research_logbook.context import RunContext
from research_logbook.record.site import make
context = RunContext(os.environ, Path(sys.argv[1]), dt.datetime.now(dt.UTC))
make(Path(sys.argv[2]), context, None, processes=int(sys.argv[3]))
"""


def test_the_same_input_gives_the_same_bytes(work: Repository) -> None:
    """In other processes, with other seeds, and however many make them."""
    for number in range(14):
        work.write(f"{FOLDER}/more-{number}.md", OTHER.replace("MOE-HC", f"M{number}-HC"))
    work.git("add", "--all")
    work.git("commit", "--quiet", "--message=more")
    for seed, processes in (("1", "1"), ("2", "2")):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(work.root), str(work.root.parent / f"out{seed}"), processes]
        subprocess.run(command, check=True, env=environment, timeout=120)
    assert files(work.root.parent / "out1") == files(work.root.parent / "out2")


def test_all_links_within_the_record_resolve(work: Repository) -> None:
    """Files and the places in them, of every page."""
    _, out = made(work)
    checked = 0
    for page in out.rglob("*.html"):
        for href in re.findall(r'(?:href|src)="([^"]*)"', page.read_text()):
            if href.startswith(("https://", "http://", "mailto:")):
                continue
            path, _, place = unescape(href).partition("#")
            target = (page.parent / path) if path else page
            assert target.is_file(), f"{page}: {href}"
            assert not place or f'id="{place}"' in target.read_text(), f"{page}: {href}"
            checked += 1
    assert checked > 60


def test_every_page_has_the_policy_and_nothing_inline(work: Repository) -> None:
    """Nothing may be fetched from elsewhere, and no script or style stands in a page."""
    _, out = made(work)
    for page in out.rglob("*.html"):
        html = page.read_text()
        assert (
            "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'"
            in unescape(html)
        )
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", html), page
        for address in re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]*)"', html):
            assert "//" not in address


HOSTILE = "<script>x()</script><img src=x onerror=x()>\"'><b>{{ 7*7 }}{% raw %}\u202e[x](javascript:x())"


def test_hostile_text_is_text_in_every_place(work: Repository) -> None:
    """Title, tags, branch, hypotheses, fields, labels, commands and links, in pages and in the search."""
    text = (
        (GOOD + ENTRY).replace("# Sparse attention", f"# {HOSTILE}").replace("Tags: SPA-AT", f"Tags: {HOSTILE}, SPA-AT")
    )
    for part in (
        "block sparsity keeps the loss",
        "first seed",
        "loss 2.231",
        "--blocks 512",
        "halve the attention cost",
    ):
        text = text.replace(part, f"{part} {HOSTILE}")
    work.commit({PATH: text, f"{FOLDER}/moe.md": OTHER})
    _, out = made(work)
    for page in out.rglob("*.html"):
        html = page.read_text()
        assert not re.search(r"<script>|<img|<[^>]*(?:onerror|javascript:)", html), page
        assert "49" not in seen(page) or "{{ 7*7 }}" in seen(page)
    assert "</script" not in (out / "search.js").read_text()


SECRET = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"


def test_secrets_and_held_back_text_are_nowhere(work: Repository) -> None:
    """Neither in a page nor in the search nor in `record.json`; the rest of the logbook is there."""
    told = ENTRY.replace("replicates SPA-AT-001", f"token {SECRET}").replace("loss 2.229", "Acme loss 2.229")
    work.commit({PATH: GOOD + told, ".github/logbook.yml": "held-back: [Acme]\n"})
    _, out = made(work)
    for name, data in files(out).items():
        assert SECRET.encode() not in data, name
        assert b"Acme" not in data, name
    assert "[held back]" in seen(out / "logbooks/sparse-attention.html")
    assert "first seed" in seen(out / "threads/sparse-attention.html")


def test_two_threads_with_an_experiment_share_its_page(work: Repository) -> None:
    """As `logbook trace` tells of both."""
    work.commit({f"{FOLDER}/moe.md": OTHER + ENTRY.replace("second seed", "seen from here")})
    _, out = made(work)
    page = seen(out / "experiments/SPA-AT-002.html")
    assert "second seed" in page
    assert "moe.md, line" in page
    assert made(work)[0].written == ()


def test_two_logbooks_of_one_topic_have_pages_of_their_own(work: Repository) -> None:
    """Their names are made different."""
    work.commit(
        {
            f"{FOLDER}/old/moe.md": OTHER.replace("MOE-HC", "OLD-HC"),
            ".github/logbook.yml": f"logbooks: ['{FOLDER}/**/*.md']\n",
        }
    )
    done, out = made(work)
    assert done.threads == 3
    assert len(list((out / "threads").glob("moe*.html"))) == 2


def test_a_logbook_that_cannot_be_read_is_told_and_stops_no_other(work: Repository) -> None:
    """Such as one that is not in UTF-8."""
    (work.root / f"{FOLDER}/moe.md").write_bytes(b"# \xff\xfe\n")
    done, out = made(work)
    assert done.threads == 1
    assert any("moe.md" in note for note in done.notes)
    assert not (out / "threads/moe.html").exists()


def test_a_thread_on_its_branch_is_shown_from_there(tmp_path: Path) -> None:
    """The version of the branch that the header names, and not the stale one of the default branch."""
    origin = Repository(tmp_path / "origin")
    origin.commit({PATH: GOOD})
    origin.git("switch", "--quiet", "--create", "research/sparse-attention")
    origin.commit({PATH: GOOD + ENTRY})
    origin.git("switch", "--quiet", "main")
    work = Repository(tmp_path / "clone", origin=tmp_path / "origin")
    _, out = made(work)
    assert (out / "experiments/SPA-AT-002.html").is_file()
    assert "research/sparse-attention" in seen(out / "threads/sparse-attention.html")


def test_a_repository_without_logbooks_has_a_front_page(tmp_path: Path) -> None:
    """It says how to begin."""
    work = Repository(tmp_path / "work")
    work.commit({"README.md": "x"})
    _, out = made(work)
    assert "logbook new TOPIC" in seen(out / "index.html")


def test_the_day_is_that_of_the_newest_commit(work: Repository) -> None:
    """And not today, which would make other bytes of the same input."""
    _, out = made(work)
    day = work.git("log", "-1", "--format=%as")
    assert f"As of {day}" in seen(out / "index.html")
    assert dt.date.fromisoformat(day)
