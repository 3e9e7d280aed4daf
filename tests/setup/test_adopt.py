"""Claims about a repository with old logbooks that begins to use logbook, and about the baseline that it gets."""

import json
import os
import re
from pathlib import Path

import pytest

from repository import GOOD, Repository, context
from research_logbook import cli
from research_logbook.config.baseline import BASELINE, load_baseline
from research_logbook.config.load import load
from research_logbook.config.schema import PATH, Config
from research_logbook.errors import ConfigurationError, UserError
from research_logbook.findings import Report
from research_logbook.lint.run import LintRequest, lint
from research_logbook.repo.git import Repository as Clone
from research_logbook.setup.adopt import adopt, shrunk

FOLDER = ".agents/logbooks"
BAD = "\n### 2026-02-30 - {name} once more\n\n- Result: loss 1.9 after 400 steps.\n"
"""An entry that no rule about entries would let pass."""

HABITS = (
    "# {name}\n\n## Log\n\n### 2026-02-31 - first\n\n- Result: loss 2.1 after 400 steps.\n",
    "# {name} notes\n\n2026-03-01: ran it, loss 2.2, see [plot](plots/a.png) and [data](data/b.csv)\n",
    "## no title\n\n### second run\n\n- Command: `python train.py ...`\n- Result: loss 2.0\n",
    "# {name}\n\n## Scope\n\n- Goal: {{{{goal}}}}\n\n## Log\n\n### 2031-01-01 - planned\n\n- Result: loss 1.8\n",
    "---\ntopic: something: else\n---\n\n# {name}\n\n## Log\n\n### 2026-03-04 run\n\nloss 2.4 at step 100\n",
    "Just a page of prose about {name}, without a single heading.\n",
)


def book(number: int) -> str:
    """Return one of twelve logbooks that nobody wrote for a linter."""
    text = HABITS[number % len(HABITS)].format(name=f"Thread {number}")
    return (
        text if number < len(HABITS) else f"{text}\n### 2026-03-0{number % 9 + 1} - T-{number:03}\n\nloss {number}.5\n"
    )


@pytest.fixture
def lab(tmp_path: Path) -> Repository:
    """A clone of a repository with twelve such logbooks, one of them not even text, and a page about them."""
    origin = Repository(tmp_path / "origin")
    books: dict[str, str | bytes] = {f"{FOLDER}/thread-{number}.md": book(number) for number in range(11)}
    books[f"{FOLDER}/thread-11.md"] = "# Thread".encode("utf-16")
    origin.commit({**books, f"{FOLDER}/README.md": "# How we keep logbooks\n"})
    return Repository(tmp_path / "clone", origin=tmp_path / "origin")


def adopted(lab: Repository) -> None:
    """Adopt logbook on the default branch, as `init --adopt` and a merge do."""
    done = adopt(Clone(lab.root), context(lab.root).now)
    lab.commit({BASELINE: done.baseline.text(), ".github/logbook.yml": f"logbooks: {json.dumps(logbooks(lab))}\n"})
    lab.git("push", "--quiet", "origin", "HEAD:main")


def logbooks(lab: Repository) -> list[str]:
    """Return the patterns with which the repository begins."""
    found = [it.value for it in adopt(Clone(lab.root), context(lab.root).now).settings if it.key == "logbooks"]
    (patterns,) = found or [Config().logbooks]
    assert not isinstance(patterns, (str, int))
    return list(patterns)


def report(lab: Repository, environment: dict[str, str] | None = None, **asked: bool) -> Report:
    """Return the report on the repository."""
    return lint(LintRequest(**asked), context(lab.root, environment))[0]


def pushed(lab: Repository, branch: str, before: str) -> Report:
    """Return the report of the workflow on a push."""
    after = lab.git("rev-parse", "HEAD")
    payload = {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": after,
        "repository": {"default_branch": "main"},
    }
    event = lab.root.parent / "event.json"
    event.write_text(json.dumps(payload))
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event)}
    return report(lab, {**variables, "GITHUB_REF": f"refs/heads/{branch}", "GITHUB_REF_NAME": branch})


def test_twelve_messy_logbooks_are_silent_on_day_one(lab: Repository) -> None:
    """Without a baseline a look at everything is red; with it there is not a word, and every file was judged."""
    assert report(lab, everything=True).fails("error")
    adopted(lab)
    found = report(lab, everything=True)
    assert (found.findings, len(found.logbooks)) == ((), 11)  # the twelfth cannot be read, and is known as such
    assert found.accepted > 12
    assert not any("no longer occur" in note for note in found.notes)


@pytest.mark.parametrize("number", range(11))
def test_a_new_bad_entry_in_one_of_them_is_red(lab: Repository, number: int) -> None:
    """On a laptop, in the workflow, and in a look at everything; the old faults of the file stay silent."""
    adopted(lab)
    lab.git("switch", "--quiet", "--create", "research/more")
    before = lab.git("rev-parse", "HEAD")
    path = f"{FOLDER}/thread-{number}.md"
    lab.commit({path: book(number) + BAD.format(name=f"T-{number}99")})
    for found in (report(lab), report(lab, everything=True), pushed(lab, "research/more", before)):
        assert {finding.span.path for finding in found.findings} == {path}
        assert "impossible-date" in {finding.rule for finding in found.findings}
        assert found.fails("error")


def test_a_good_entry_in_one_of_them_is_green(lab: Repository) -> None:
    """Whoever does well in a file that others left messy hears nothing of it."""
    adopted(lab)
    lab.git("switch", "--quiet", "--create", "research/more")
    entry = GOOD[GOOD.index("### ") :].partition("\n### ")[0]
    lab.commit({f"{FOLDER}/thread-6.md": f"{book(6)}\n{entry}\n"})
    assert not [it for it in report(lab).findings if it.severity == "error" and it.rule != "broken-relative-link"]


def test_no_change_accepts_its_own_faults(lab: Repository) -> None:
    """The workflow reads the baseline on the default branch: an item that the change adds does not count for it."""
    adopted(lab)
    before = lab.git("rev-parse", "HEAD")
    lab.git("switch", "--quiet", "--create", "research/more")
    lab.commit({f"{FOLDER}/thread-0.md": book(0) + BAD.format(name="T-900")})
    lab.commit({BASELINE: adopt(Clone(lab.root), context(lab.root).now).baseline.text()})
    assert report(lab, everything=True).findings == ()
    assert pushed(lab, "research/more", before).fails("error")
    lab.git("push", "--quiet", "origin", "HEAD:main")
    lab.git("fetch", "--quiet")
    assert not pushed(lab, "research/more", before).fails("error")


def test_history_is_never_accepted(lab: Repository) -> None:
    """An item about a lost entry or a secret in the baseline accepts nothing, and adoption writes none."""
    lab.commit({f"{FOLDER}/good.md": GOOD})
    adopted(lab)
    lab.git("switch", "--quiet", "--create", "research/more")
    lab.write(f"{FOLDER}/good.md", GOOD.replace("2.231", "2.131").replace("2.214", "2.114"))
    lost = [it for it in report(lab).findings if it.severity == "error"]
    assert lost
    items = [{"path": it.span.path, "rule": it.rule, "subject": it.subject, "count": 9} for it in lost]
    lab.write(BASELINE, json.dumps({"version": 1, "accepted": items}))
    assert [it for it in report(lab).findings if it.severity == "error"] == lost
    assert "rewritten" not in adopt(Clone(lab.root), context(lab.root).now).baseline.text()


def test_the_same_fault_twice_is_one_too_many(lab: Repository) -> None:
    """What the base has and what is accepted is the same fault: they do not add up to two."""
    adopted(lab)
    lab.git("switch", "--quiet", "--create", "research/more")
    text = book(0)
    lab.commit({f"{FOLDER}/thread-0.md": text + text[text.index("\n### ") :]})
    assert "impossible-date" in {it.rule for it in report(lab).findings}


def test_the_baseline_shrinks_and_never_grows(
    lab: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was fixed is noted, then dropped; a new fault is not taken up. An empty baseline goes."""
    adopted(lab)
    before = load_baseline((lab.root / BASELINE).read_bytes())
    lab.write(f"{FOLDER}/thread-3.md", book(3).replace("{{goal}}", "a loss of 2.1"))
    lab.write(f"{FOLDER}/thread-0.md", book(0) + BAD.format(name="T-900"))
    assert any("1 accepted finding no longer occurs" in note for note in report(lab, everything=True).notes)
    monkeypatch.chdir(lab.root)
    update = ["lint", "--update-baseline"]
    cli.cli.main([*update, "--dry-run"], standalone_mode=False)
    assert load_baseline((lab.root / BASELINE).read_bytes()) == before
    cli.cli.main(update, standalone_mode=False)
    assert capsys.readouterr().out.splitlines()[-1].startswith("dropped 1 of ")
    after = load_baseline((lab.root / BASELINE).read_bytes())
    gone = before.counts.keys() - after.counts.keys()
    assert {(it.path, it.rule) for it in gone} == {(f"{FOLDER}/thread-3.md", "unfilled-template")}
    assert after.counts.keys() < before.counts.keys()
    assert report(lab, everything=True).fails("error")
    for path in (lab.root / FOLDER).iterdir():
        path.unlink()
    cli.cli.main(update, standalone_mode=False)
    assert not (lab.root / BASELINE).exists()
    with pytest.raises(UserError, match="accepts nothing"):
        cli.cli.main(update, standalone_mode=False)


def test_who_mends_a_fault_is_told_to_drop_it(lab: Repository) -> None:
    """On the laptop, where the baseline can be written, and until it is; a workflow goes by the default branch's."""
    adopted(lab)
    before = lab.git("rev-parse", "HEAD")
    lab.git("switch", "--quiet", "--create", "research/more")
    lab.commit({f"{FOLDER}/thread-1.md": book(1) + "\nThe seed was 3.\n"})
    assert not any("no longer occurs" in note for note in report(lab).notes)
    lab.commit({f"{FOLDER}/thread-3.md": book(3).replace("{{goal}}", "a loss of 2.1")})
    told = "1 accepted finding no longer occurs: `logbook lint --update-baseline` takes out"
    assert [note for note in report(lab).notes if note.startswith(told)]
    assert not any("no longer occurs" in note for note in pushed(lab, "research/more", before).notes)
    lab.commit(
        {
            BASELINE: shrunk(
                load_baseline((lab.root / BASELINE).read_bytes()), Clone(lab.root), Config(), context(lab.root).now
            ).text()
        }
    )
    assert not any("no longer occurs" in note for note in report(lab).notes)


def test_to_adopt_again_accepts_nothing_more(lab: Repository) -> None:
    """The baseline stays as it is, and what it does not accept is counted; without such a thing nothing is said."""
    adopted(lab)
    clone, now = Clone(lab.root), context(lab.root).now
    old = load_baseline((lab.root / BASELINE).read_bytes())
    own = load((lab.root / PATH).read_text(), PATH)
    again = adopt(clone, now, own, old)
    assert (again.baseline, again.notes) == (old, ())
    lab.write(f"{FOLDER}/thread-0.md", book(0) + BAD.format(name="T-900"))
    more = adopt(clone, now, own, old)
    (note,) = more.notes
    assert more.baseline == old
    assert re.fullmatch(rf"\d findings that {BASELINE} does not accept are judged as new; --force accepts all", note)


def test_no_logbook_is_left_out_in_silence(lab: Repository) -> None:
    """A page about the folder is left out with a note; a file without a heading, or without text, is judged."""
    done = adopt(Clone(lab.root), context(lab.root).now)
    assert logbooks(lab) == [f"{FOLDER}/*.md", f"!{FOLDER}/README.md"]
    assert done.notes[0].startswith(f"{FOLDER}/README.md is taken for a page about its folder, and not judged")
    judged = {it.path for it in done.baseline.counts}
    assert {f"{FOLDER}/thread-5.md", f"{FOLDER}/thread-11.md"} <= judged


@pytest.mark.parametrize(
    "name", [b"x-\xff", b"caf\xe9", b"a[1]", b"{b}", b"c*d", "mäßig".encode(), b"a b"], ids=lambda name: name.hex()
)
def test_a_folder_of_any_name_is_adopted(tmp_path: Path, name: bytes) -> None:
    """What a pattern cannot say, such as bytes that are no text, it leaves open; the logbooks there are judged."""
    work = Repository(tmp_path / "work")
    folder = os.fsdecode(name + b"-logbooks")
    work.commit({f"{folder}/a.md": GOOD + BAD.format(name="T-900"), "README.md": "# Models\n"})
    done = adopt(Clone(work.root), context(work.root).now)
    work.commit({BASELINE: done.baseline.text(), PATH: f"logbooks: {json.dumps(logbooks(work))}\n"})
    assert {it.path for it in load_baseline((work.root / BASELINE).read_bytes()).counts} == {f"{folder}/a.md"}
    assert report(work).findings == ()
    work.write(f"{folder}/a.md", GOOD.replace("2.231", "2.131") + BAD.format(name="T-900"))
    assert [one.rule for one in report(work).findings] == ["rewritten-entry"]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("{", "is not JSON"),
        ("[]", "is no baseline of version 1"),
        ('{"version": 2, "accepted": []}', "is no baseline of version 1"),
        (
            '{"version": 1, "accepted": [{"path": "a", "rule": "b", "subject": "c", "count": 0}]}',
            "item 1 of `accepted`",
        ),
        ('{"version": 1, "accepted": ["a"]}', "item 1 of `accepted`"),
    ],
)
def test_a_file_that_is_no_baseline_is_an_error(lab: Repository, written: str, why: str) -> None:
    """It is said what is wrong with it, and nothing is judged without it."""
    lab.write(BASELINE, written)
    with pytest.raises(ConfigurationError, match=why):
        report(lab)
