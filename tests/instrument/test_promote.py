"""Claims about `logbook promote`: what an update says, that an entry has one, and where none is written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.bench import Hub
from hub.bench import Repository as Project
from hub.git_server import GitServer
from repository import Repository, copied
from research_logbook import cli
from research_logbook.errors import NoIssueError, RefusedError, UserError
from research_logbook.instrument.promote import baseline_figures, confidence
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook

PATH = ".agents/logbooks/sparse-attention.md"
BRANCH = "research/sparse-attention"
NAME = "SPA-AT-001"
BOOK = """\
---
topic: sparse-attention
issue: {issue}
---
# Sparse attention: Research Logbook

- Branch: `research/sparse-attention`
- Experiment ID prefix: SPA-AT

## Scope

- Goal: halve the attention cost.
- Primary metric: eval loss.

## Baseline

- Dense attention: eval loss 2.260, accuracy 70.0 %, throughput 900.

## Hypothesis Queue

- `SPA-H1` (active): block sparsity keeps the loss. Next test: one seed.

## Entry Log

### 2026-05-25 10:00 - SPA-AT-001 first seed

- Hypothesis: SPA-H1
- Commit Hash: `{commit}`
- Command: `python -m train --blocks 512`
- Result: eval loss 2.225, accuracy 69.5 %, throughput 950, gap nan. Thanks @mia, fixes #1.
- Run: https://wandb.ai/lab/sparse/runs/abc123
- Interpretation: within the noise; not replicated yet.
- Confidence: exploratory
- Next action: a second seed.
"""


def _begun(folder: Path, issue: str) -> str:
    origin = Repository(folder / "origin")
    origin.commit({"README.md": "Models.\n"})
    work = Repository(folder / "work", origin=origin.root)
    work.git("checkout", "--quiet", "-b", BRANCH)
    commit = work.commit({"train.py": "x\n"})
    work.commit({PATH: BOOK.format(issue=issue, commit=commit)})
    work.git("push", "--quiet", "--set-upstream", "origin", BRANCH)
    return commit


@dataclass
class Bench:
    """A thread with one result, pushed, and an issue."""

    hub: Hub
    project: Project
    work: Repository
    issue: int
    commit: str
    """Of the code."""

    def promote(self, *arguments: str, name: str = NAME) -> None:
        """Run the command."""
        cli.cli.main(["promote", name, *arguments], standalone_mode=False)

    @property
    def text(self) -> str:
        """The logbook."""
        return (self.work.root / PATH).read_text()

    def rewrite(self, old: str, new: str, *, push: bool = True) -> None:
        """Change the logbook, and push it."""
        assert old in self.text
        self.work.commit({PATH: self.text.replace(old, new)})
        if push:
            self.work.git("push", "--quiet")

    @property
    def comments(self) -> list[str]:
        """What the comments on the issue say, below the markers."""
        return [body.partition("\n")[2] for _, body in self.project.comments(self.issue)]

    @property
    def update(self) -> str:
        """What the one comment says."""
        (said,) = self.comments
        return said


@pytest.fixture
def bench(hub: Hub, repository: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Make it, and let the owner work in it."""
    number = repository.issue("Experiment: sparse attention", labels=["experiment"])
    commit = copied(_begun, tmp_path, str(number))
    repository.is_pushed_to(GitServer(Repository(tmp_path / "origin")))
    monkeypatch.chdir(tmp_path / "work")
    for name in ("GITHUB_ACTIONS", "GH_TOKEN", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_API_URL", hub.url)
    monkeypatch.setenv("GITHUB_REPOSITORY", repository.name)
    monkeypatch.setenv("GITHUB_TOKEN", hub.token("lab"))
    return Bench(hub, repository, Repository(tmp_path / "work"), number, commit)


def test_an_update_says_what_the_workflow_asks_for(bench: Bench) -> None:
    """Change, result, its difference from the baseline, confidence, pinned links, next; in this order."""
    bench.promote()
    head, pages = bench.work.git("rev-parse", "HEAD"), f"https://github.com/{bench.project.name}"
    lines = bench.text.splitlines()
    first = next(at for at, line in enumerate(lines, 1) if line.startswith("### "))
    assert bench.update.rstrip().split("\n") == [
        "**Update: SPA-AT-001 first seed**",
        "",
        "- **Change:** SPA-H1: block sparsity keeps the loss.",
        (
            "- **Result:** eval loss 2.225, accuracy 69.5 %, throughput 950, gap nan. "
            "Thanks <span>\\@</span>mia, fixes <span>\\#</span>1."
        ),
        (
            "- **Result delta:** eval loss 2.225 against 2.260: −0.035 (−1.5 %), better; "
            "accuracy 69.5 % against 70.0 %: −0.5 points, worse; throughput 950 against 900: +50 (+5.6 %)"
        ),
        "- **Interpretation:** within the noise; not replicated yet.",
        "- **Confidence:** exploratory",
        (
            f"- **Links:** code [{bench.commit[:10]}]({pages}/commit/{bench.commit}), "
            f"[logbook entry]({pages}/blob/{head}/{PATH}?plain=1#L{first}-L{len(lines)}), "
            "W&B [abc123](https://wandb.ai/lab/sparse/runs/abc123)"
        ),
        "- **Next:** a second seed.",
    ]


def test_while_the_baseline_is_pending_no_difference_is_told(bench: Bench) -> None:
    """Nor is an argument of the command ever one."""
    bench.rewrite("eval loss 2.225,", "eval loss 2.225, blocks 512, gates 4,", push=False)
    bench.rewrite("--blocks 512", "--blocks 512 --gates 4", push=False)
    bench.rewrite("loss 2.260, accuracy 70.0 %", "loss 2.260, blocks 256, gates 2, accuracy 70.0 %")
    bench.promote()
    assert "blocks 512 against" not in bench.update
    assert "gates 4 against" not in bench.update
    assert "eval loss 2.225 against 2.260" in bench.update
    bench.rewrite("- Dense attention: ", "- Numbers: pending\n- Code refs: `python -m train --loss 3` ")
    bench.promote()
    assert "- **Result delta:** not computed: the numbers of the baseline are pending" in bench.update


def test_an_entry_has_one_update(bench: Bench) -> None:
    """However often it is promoted; a correction brings it up to date."""
    bench.promote()
    bench.promote()
    bench.rewrite("eval loss 2.225,", "~~eval loss 2.225~~ eval loss 2.235,")
    bench.promote()
    assert "eval loss 2.235 against 2.260" in bench.update
    assert "2.225" not in bench.update


@pytest.mark.parametrize("how", ["--agent", "an app", "a configured login"])
def test_an_agents_update_begins_with_a_robot(bench: Bench, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so itself, or its login does; a person's does not."""
    if how == "an app":
        monkeypatch.setenv("GITHUB_TOKEN", bench.hub.app_token("other-app[bot]", issues="write"))
        bench.promote("--bot-login", "other-app[bot]")
    else:
        if how == "a configured login":
            bench.work.write(".github/logbook.yml", "labels:\n  agents: [lab*]\n")
        bench.promote(*(["--agent"] if how == "--agent" else []))
    assert bench.update.startswith("🤖 **Update: SPA-AT-001")


def test_a_snapshot_that_is_on_the_server_is_linked(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """One that is here alone is not, and that is said."""
    tag = f"snapshot/sparse-attention/{NAME}"
    bench.work.git("tag", "--annotate", "--message", "Snapshot", tag)
    bench.promote()
    assert f"the tag {tag} is not on GitHub" in capsys.readouterr().err
    assert tag not in bench.update


@pytest.mark.parametrize("state", ["edited", "committed"])
def test_what_is_not_pushed_is_not_promoted(bench: Bench, state: str) -> None:
    """Nobody could follow the link; what else was added to the logbook meanwhile does not matter."""
    text = bench.text
    bench.work.write(PATH, f"{text}\n### 2026-05-26 - SPA-AT-002 more\n\n- Result: loss 2.\n")
    bench.promote()
    changed = bench.work.write(PATH, text.replace("2.225", "2.224"))
    if state == "committed":
        bench.work.commit({PATH: changed.read_text()})
    with pytest.raises(UserError, match="SPA-AT-001 is not pushed as it is here") as refused:
        bench.promote()
    assert ("commit .agents" in refused.value.help) is (state == "edited")
    assert f"git push --set-upstream origin {BRANCH}" in refused.value.help
    assert "2.225" in bench.update


def test_a_commit_that_is_not_pushed_has_no_link(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Its name stands there, and it is said."""
    bench.work.git("checkout", "--quiet", "-b", "aside")
    lost = bench.work.commit({"train.py": "y\n"})
    bench.work.git("checkout", "--quiet", BRANCH)
    bench.rewrite(bench.commit, lost)
    bench.promote()
    assert f"code `{lost[:10]}`" in bench.update
    assert f"{lost[:12]}, is not pushed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "eval loss 2.225, accuracy 69.5 %, throughput 950, gap nan. Thanks @mia, fixes #1.",
            "pending",
            "no result yet",
        ),
        ("issue: {issue}", "author: ana", "name the experiment issue in the header"),
        ("issue: {issue}", "issue: https://github.com/other/place/issues/7", "is not an issue of"),
        ("issue: {issue}", "issue: 99", "no issue #99"),
    ],
)
def test_an_update_needs_a_result_and_an_issue(bench: Bench, old: str, new: str, why: str) -> None:
    """It says what is missing, and what to do."""
    bench.rewrite(old.format(issue=bench.issue), new)
    with pytest.raises(UserError, match=r"\w") as refused:
        bench.promote()
    assert why in refused.value.sentence
    assert refused.value.help
    assert bench.comments == []


@pytest.mark.parametrize(
    ("happens", "error", "why"),
    [
        (lambda it: it.project.lock(it.issue), UserError, "is locked"),
        (lambda it: it.project.close(it.issue), RefusedError, "is closed, so it takes no new update"),
        (lambda it: (it.project.label(it.issue, "sealed"), it.project.close(it.issue)), RefusedError, "is sealed"),
    ],
    ids=["locked", "closed", "sealed"],
)
def test_a_closed_issue_takes_no_new_update(
    bench: Bench, happens: Callable[[Bench], object], error: type[UserError], why: str
) -> None:
    """Nor a locked one."""
    happens(bench)
    with pytest.raises(error, match=why):
        bench.promote()
    assert bench.comments == []


def test_on_a_closed_issue_an_update_is_still_corrected(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong must not stay because the thread has ended."""
    bench.promote()
    bench.project.close(bench.issue)
    bench.rewrite("eval loss 2.225,", "~~eval loss 2.225~~ eval loss 2.235,")
    bench.promote()
    assert "2.235" in bench.update
    assert "is closed; the comment on SPA-AT-001 is brought up to date" in capsys.readouterr().err


def test_a_pull_request_is_no_issue(bench: Bench) -> None:
    """Though its number is in the header."""
    bench.hub.fail(
        200,
        path=f"/issues/{bench.issue}$",
        times=10**6,
        data=bench.project.get_issue(bench.issue) | {"pull_request": {"merged_at": None}},
    )
    with pytest.raises(NoIssueError, match="is a pull request"):
        bench.promote()


@pytest.mark.parametrize(
    ("text", "config"),
    [
        ("WANDB_API_KEY=" + "0123456789abcdef" * 2 + "01234567", ""),
        ("project nightjar", "held-back: [nightjar]\n"),
        ("ask night@jar", "held-back: ['night@jar']\n"),
    ],
    ids=["a secret", "text that is held back", "text that is escaped"],
)
def test_what_must_not_be_published_is_not(bench: Bench, text: str, config: str) -> None:
    """In whatever part of the entry; nothing is written."""
    if config:
        bench.work.write(".github/logbook.yml", config)
    bench.rewrite("a second seed.", text)
    with pytest.raises(RefusedError, match="nothing was written"):
        bench.promote()
    assert bench.comments == []


def test_a_dry_run_writes_nothing_and_shows_the_comment(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it; a run says where the comment is."""
    bench.hub.forget()
    bench.promote("--dry-run")
    assert bench.hub.writes == []
    shown = capsys.readouterr().out
    bench.promote()
    assert [line for line in bench.update.splitlines() if line not in shown] == []
    assert "#issuecomment-" in capsys.readouterr().out


def test_markdown_of_others_has_no_effect(bench: Bench) -> None:
    """Not as a heading, a link, a table, a comment that hides, or a mention; a table of the entry is a table."""
    evil = "<!-- x --> [y](https://evil.example) ![z](https://evil.example) **b** @lab/all closes #1 | a <img src=x>"
    bench.rewrite("a second seed.", f"{evil}\n\n| metric | value |\n|---|---|\n| <b>loss</b> @mia | 2.2 |")
    bench.promote()
    assert "evil.example)" not in bench.update
    for mark in ("<!--", "<img", "@lab/all", "#1 ", "<b>"):
        assert mark not in bench.update.replace("<span>\\", "")
    assert "| metric | value |\n| --- | --- |\n| loss <span>\\@</span>mia" in bench.update


def test_several_promotions_of_an_agent_are_comments_of_their_own(bench: Bench) -> None:
    """Each entry has one."""
    bench.rewrite(
        "- Next action: a second seed.\n",
        "- Next action: a second seed.\n\n### 2026-05-26 09:00 - SPA-AT-002 x\n\n- Result: eval loss 2.2\n",
    )
    bench.promote()
    bench.promote(name="SPA-AT-002")
    assert [it.split("\n")[0] for it in bench.comments] == [
        "**Update: SPA-AT-001 first seed**",
        "**Update: SPA-AT-002 x**",
    ]


# What is known of a result


def book(log: str, baseline: str = "") -> Logbook:
    """Return a logbook with entries and a baseline."""
    text = (
        f"# T: Research Logbook\n\n- Experiment ID prefix: T-A\n\n## Baseline\n\n{baseline}\n\n## Entry Log\n\n{log}\n"
    )
    found = parse("t.md", text.encode())
    assert isinstance(found, Logbook)
    return found


@pytest.mark.parametrize(
    ("baseline", "log", "figures"),
    [
        ("- loss 2.26 at `abc`.", "", {"loss": "2.26"}),
        ("| metric | value |\n|---|---|\n| loss | 2.26 |", "", {"loss": "2.26"}),
        ("- small: loss 2.26\n- large: loss 2.14", "", {}),
        ("- T-A-000", "### 2026-05-25 - T-A-000 dense\n\n- Result: loss 2.26", {"loss": "2.26"}),
        ("- none yet", "", {}),
        ("- Numbers: loss 2.26\n- Code refs: python3 train.py --lr 0.05 --gates 2", "", {"loss": "2.26"}),
        ("- loss 2.26 with `train.py --use-tf32 --gates 2`", "", {"loss": "2.26"}),
        ("- Numbers: pending\n- Code refs: python3 train.py --gates 2\n- elsewhere loss 2.3", "", {}),
        (
            "- T-A-000",
            "### 2026-05-25 - T-A-000 x\n\n- Command: `train.py --gates=2 m.k=3`\n- Result: gates 2, k 3, z 1",
            {"z": "1"},
        ),
    ],
    ids=[
        "a sentence",
        "a table",
        "two of a name",
        "an entry",
        "nothing",
        "a command",
        "an option",
        "pending",
        "arguments of an entry",
    ],
)
def test_the_baseline_is_what_its_section_states(baseline: str, log: str, figures: dict[str, str]) -> None:
    """Or the entry that it names; of two values nobody knows which is meant."""
    assert {key: it.written for key, it in baseline_figures(book(log, baseline)).items()} == figures


AGREES = """

### 2026-05-26 - T-A-002 second run of T-A-001

- Interpretation: replicated T-A-001: loss 2.9 against 2.2 (with a tolerance of 0.5 of each number)
- Confidence: replicated
"""
DIFFERS = """

### 2026-05-27 - T-A-003 second run of T-A-001

- Interpretation: differs from T-A-001: loss 2.9 against 2.2
- Confidence: exploratory
"""


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("- Confidence: exploratory", "exploratory"),
        ("- Interpretation: replicated T-A-000: loss 2.2", "replicated"),
        ("- Interpretation: not replicated yet", ""),
        ("- Interpretation: stable over three seeds", "stable"),
        ("- Interpretation: fine", ""),
        (("- Confidence: exploratory\n\n### 2026-05-26 - T-A-002 replication of T-A-001\n\n- Result: loss 2.2\n"
         "- Confidence: replicated"), "replicated by T-A-002"),
        ("- Confidence: exploratory\n\n### 2026-05-26 - T-A-002 replication of T-A-0011\n\n- Confidence: replicated",
         "exploratory"),
        (f"- Confidence: exploratory{AGREES}", "replicated by T-A-002 (tolerance 0.5)"),
        (f"- Confidence: replicated{AGREES}{DIFFERS}",
         "exploratory; replicated by T-A-002 (tolerance 0.5); T-A-003 differs"),
        (f"- Confidence: stable{DIFFERS}", "stable; T-A-003 differs"),
        (f"- Label: none{DIFFERS}{AGREES}", "exploratory; replicated by T-A-002 (tolerance 0.5); T-A-003 differs"),
        ("- Label: none\n\n### 2026-05-26 - T-A-002 second run of T-A-001\n\n- Result: loss 2",
         "not stated; T-A-002 ran it again, and is not compared"),
        ("- Confidence: exploratory\n\n### 2026-05-26 - T-A-002 x\n\n- Interpretation: differs from T-A-001 in a line.",
         "exploratory"),
    ],
)  # fmt: skip
def test_confidence_is_what_the_entry_says_or_one_that_replicated_it(fields: str, says: str) -> None:
    """A word that is denied says nothing."""
    found = book(f"### 2026-05-25 - T-A-001 first\n\n- Result: loss 2.2\n{fields}")
    assert confidence(found, found.everything[0], "T-A-001") == says
