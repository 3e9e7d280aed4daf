"""Claims about the skill: an agent that has it alone takes a thread from its beginning to its seal."""

import re
from pathlib import Path

import pytest

from demo.play import Play
from hub.bench import Hub
from hub.mirror import mirror_tags

TRAIN = """\
import json, sys
width = int(sys.argv[1])
if width > 64:
    sys.exit("out of shared memory: 256 by 64 needs 300 KB")
json.dump({"step_ms": 10 + abs(width - 48) / 16}, open("metrics.json", "w"))
print("trained")
"""
ANSWERS = {
    "YYYY-MM-DD": "2026-05-25",
    "its value of the primary metric": "step_ms 15",
    "the first hypothesis": "smaller",
}
"""What the agent writes for the placeholders of the template; one short sentence for the others."""


class Agent:
    """Somebody who does what the skill says, in its order."""

    def __init__(self, play: Play) -> None:
        self.play, self.lint = play, list[str]()

    @property
    def book(self) -> str:
        """The logbook."""
        return next(iter((self.play.work.root / ".agents/logbooks").glob("*.md"))).read_text()

    def edit(self, pattern: str, new: str) -> None:
        """Edit the logbook, as an agent does for the prologue, the indices and the summary alone."""
        text, count = re.subn(pattern, new, self.book, count=1)
        assert count == 1, pattern
        self.play.work.write(".agents/logbooks/tile-widths.md", text)

    def experiment(self, width: int, means: str, then: str, exit_code: int = 0) -> None:
        """Run one, and say what it means."""
        run = f"logbook run --label 'width {width}' --hypothesis TIL-H1 --metrics metrics.json"
        self.play.run(f"{run} -- python train.py {width}", exit_code)
        self.play.run(f"logbook entry complete --interpretation '{means}' --next '{then}'")

    def publish(self, message: str) -> None:
        """Lint, commit and push."""
        self.lint.append(self.play.run("logbook lint --fail-on warning"))
        self.play.work.git("add", "--all")
        self.play.work.git("commit", "--quiet", f"--message={message}")
        self.play.run("git push --quiet --set-upstream origin research/tile-widths")
        self.lint.append(self.play.run("logbook lint --fail-on warning"))

    def snapshot(self) -> None:
        """Let the workflow tag what was pushed."""
        self.play.run("logbook snapshot --branch research/tile-widths")
        mirror_tags(self.play.project, self.play.work)


@pytest.mark.slow
def test_an_agent_with_the_skill_alone_seals_a_thread(hub: Hub, tmp_path: Path) -> None:
    """Five experiments, of which one crashes and one is replicated; lint, snapshot and seal have nothing to say."""
    play = Play.on(hub, tmp_path, lambda _: None)
    agent = Agent(play)
    play.work.commit({"train.py": TRAIN, ".gitignore": "metrics.json\n"}, "Train")
    play.work.git("push", "--quiet", "origin", "main")
    play.run("logbook new 'Tile widths' --prefix TIL --agent --yes")
    for placeholder in re.findall(r"\{\{.*?\}\}", agent.book):
        answer = next((said for begun, said in ANSWERS.items() if placeholder.startswith("{{" + begun)), "")
        agent.edit(re.escape(placeholder), answer or "the step time, at equal loss and the same batch")
    agent.publish("Begin")

    agent.experiment(128, "the baseline does not fit: the failure is its result", "a narrow tile", exit_code=1)
    agent.experiment(64, "step_ms 11, below the 15 of the baseline; exploratory", "a narrower one")
    agent.play.run("logbook hypothesis move TIL-H1 active --next 'width 32'")
    agent.edit(r"(## Negative Results Index\n)", r"\1\n- `TIL-001`: 128 does not fit into shared memory\n")
    agent.publish("Measure TIL-002")
    agent.experiment(32, "step_ms 11 as in TIL-002, so the width has no effect here; exploratory", "between them")
    agent.experiment(48, "step_ms 10, the lowest of all; exploratory", "replicate it")
    agent.experiment(40, "step_ms 10.5, above TIL-004; exploratory", "replicate TIL-004")
    agent.publish("Measure TIL-004\n\nSnapshot: TIL-004")
    agent.snapshot()
    play.run("logbook rerun TIL-004 --metrics metrics.json --yes")
    assert "replicated TIL-004" in agent.book
    play.run("logbook hypothesis move TIL-H1 supported --evidence TIL-006")
    agent.edit(
        r"## Scope\n", "## TL;DR\n\nA width of 48 is the fastest (TIL-004), and that holds (TIL-006).\n\n## Scope\n"
    )
    ending = "## Conclusion\n\nUse a width of 48. Replicated.\n\n## Next steps\n\n1. Try it in training.\n"
    play.work.write(".agents/logbooks/tile-widths.md", f"{agent.book.rstrip()}\n\n{ending}")
    agent.publish("Close out\n\nSnapshot: TIL-006")
    agent.snapshot()
    play.run("logbook promote TIL-004 --agent")

    issue = int(re.findall(r"^issue: (\d+)$", agent.book, re.MULTILINE)[0])
    draft = play.run(f"logbook seal --issue {issue} --draft")
    body, comment = (part for part in re.split(r"<!-- .* -->\n", draft) if part.strip())
    assert "TIL-004), and that holds (TIL-006)" in body
    opened = play.project.get_issue(issue)["body"].replace("- [ ]", "- [x]")
    play.project.change(issue, body=f"{opened}\n{re.sub(r'TODO.*', 'None.', body)}")
    play.project.comment(issue, re.sub(r"TODO.*", "a width of 48, replicated, on one machine", comment))
    play.run(f"logbook seal --issue {issue}")
    assert play.project.get_issue(issue)["state"] == "closed"
    assert all("no problems found" in said for said in agent.lint), agent.lint
