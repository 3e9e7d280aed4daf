"""Claims about `docs/for-agents.md`: a thread that is kept as the page says has no finding, at no step of it."""

import datetime as dt
import re
from pathlib import Path

import pytest

from repository import PATH, Repository, context
from research_logbook.findings import Finding
from research_logbook.lint.run import LintRequest, lint
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook
from research_logbook.setup.new import NewOptions, begin_thread, find_thread

NOW = dt.datetime(2026, 5, 29, tzinfo=dt.UTC)
ANSWERS = {
    "what stands in for it": "the design document",
    "YYYY-MM-DD": "2026-05-24",
    "commit and command of the fixed case": "`{head}`, `python train.py --blocks 1`",
    "its value of the primary metric": "13.89 s a step",
    "the first hypothesis": "512 blocks keep the loss",
    "the smallest experiment that would tell": "one seed at 512 blocks",
}
"""What the author writes for the placeholders that begin so; one short sentence for the others."""
CLAIM = "`SPAR-ATT-H1`: 512 blocks keep the loss"


class Author:
    """Someone who has the page, and the tool."""

    def __init__(self, folder: Path) -> None:
        """Begin a repository that has an origin, and a thread in it."""
        origin = Repository(folder / "origin")
        origin.commit({"README.md": "# Models\n", "train.py": "import sys\n"})
        self.work = Repository(folder / "clone", origin=folder / "origin")
        state = find_thread(NewOptions("Sparse attention"), context(self.work.root))
        begin_thread(state, state.logbook(None))

    @property
    def head(self) -> str:
        """The commit that is checked out."""
        return self.work.git("rev-parse", "--short=12", "HEAD")

    @property
    def text(self) -> str:
        """The logbook."""
        return (self.work.root / PATH).read_text()

    def replace(self, old: str, new: str) -> None:
        """Replace what stands there once."""
        assert self.text.count(old) == 1, old
        self.work.write(PATH, self.text.replace(old, new))

    def append(self, number: int, label: str, **fields: str) -> None:
        """Append an entry as the page shows one."""
        told = {
            "Hypothesis": "`SPAR-ATT-H1`",
            "Commit Hash": f"`{self.head}`",
            "Command": f"`python train.py --blocks 512 --seed {number}`",
            "Config": "none beside the command",
            **{name.replace("_", " "): value for name, value in fields.items()},
        }
        lines = "\n".join(f"- {name}: {value}" for name, value in told.items())
        heading = f"### 2026-05-2{4 + number} 09:00 - SPAR-ATT-00{number} {label}"
        self.work.write(PATH, f"{self.text.rstrip()}\n\n{heading}\n\n{lines}\n")

    def findings(self) -> list[Finding]:
        """Return what lint finds: before the commit, and after it as a pull request would; then push."""
        found = lint(LintRequest(), context(self.work.root, {}, NOW))[0].findings
        self.work.commit(message="Go on")
        against = lint(LintRequest(base="origin/main"), context(self.work.root, {}, NOW))[0].findings
        self.work.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
        return [*found, *against]


def test_a_thread_that_follows_the_page_has_no_finding(tmp_path: Path) -> None:
    """From the template to the conclusion: a failure, a pending result, a correction, a falsified hypothesis."""
    author = Author(tmp_path)
    for placeholder in re.findall(r"\{\{.*?\}\}", author.text):
        begun = next((name for name in ANSWERS if placeholder.startswith("{{" + name)), None)
        answer = ANSWERS[begun].format(head=author.head) if begun else "the step time in ms, at equal loss"
        author.work.write(PATH, author.text.replace(placeholder, answer, 1))
    assert author.findings() == []

    proposed = f"- {CLAIM}. Next test: one seed at 512 blocks.\n"
    author.replace(f"{proposed}\n", "")
    author.replace("### Active\n", f"### Active\n\n- {CLAIM}. Next test: a second seed.\n")
    told = {"Interpretation": "as good as the baseline; `exploratory`", "Next_action": "a second seed"}
    author.append(1, "first seed", Result="loss 2.214 after 400 steps", **told)
    assert author.findings() == []

    author.append(2, "second seed", Result="pending", Interpretation="pending", Next_action="wait for it")
    assert author.findings() == []

    told = {"Interpretation": "the set-up failed, which says nothing of H1", "Next_action": "shard it"}
    author.append(3, "1024 blocks", Result="failed at step 0: 17.2 GB do not fit into memory", **told)
    assert author.findings() == []

    author.replace("- Result: pending\n- Interpretation: pending\n", "- Result: 2.391\n- Interpretation: it diverges\n")
    author.replace("wait for it\n", "wait for it. It came: 1024 blocks are next\n")
    author.replace("17.2 GB", "~~17.2~~ 18.1 GB")
    decided = "- 2026-05-28: no third seed at 512 blocks, because of SPAR-ATT-002"
    author.replace("## Decision Log\n", f"## Decision Log\n\n{decided}\n")
    author.replace(
        "## Negative Results Index\n", "## Negative Results Index\n\n- SPAR-ATT-003: 1024 blocks do not fit\n"
    )
    assert author.findings() == []

    told = {"Interpretation": "replicates SPAR-ATT-002: H1 is falsified; `replicated`", "Next_action": "none"}
    author.append(4, "third seed", Result="loss 2.402 after 400 steps", **told)
    author.replace(f"- {CLAIM}. Next test: a second seed.\n\n", "")
    settled = f"- {CLAIM}. Evidence: SPAR-ATT-002 and SPAR-ATT-004."
    author.replace("### Falsified\n", f"### Falsified\n\n{settled}\n")
    assert author.findings() == []

    author.replace("## Scope\n", "## TL;DR\n\n512 blocks diverge (SPAR-ATT-004).\n\n## Scope\n")
    ending = "## Conclusion\n\nNo: see SPAR-ATT-004. Replicated.\n\n## Next steps\n\n- None.\n"
    author.work.write(PATH, f"{author.text}\n{ending}")
    assert author.findings() == []


@pytest.mark.parametrize("above", ["## Scope\n", "- Coordinating issue:"])
def test_a_summary_above_the_facts_of_the_header_hides_none(above: str, tmp_path: Path) -> None:
    """Right below the title, between it and its list, is where a reader puts a summary."""
    author = Author(tmp_path)
    before = parse(PATH, author.text.encode())
    author.replace(above, f"## TL;DR\n\n512 blocks diverge.\n\n{above}")
    after = parse(PATH, author.text.encode())
    assert isinstance(before, Logbook)
    assert isinstance(after, Logbook)
    assert (after.header.branch, after.header.tags, after.prefix) == (
        before.header.branch,
        before.header.tags,
        before.prefix,
    )
    assert after.header.issue == before.header.issue
