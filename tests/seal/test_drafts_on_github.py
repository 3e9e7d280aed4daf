"""Claims about drafts, on real git and a GitHub: filled in plainly, a draft passes lint, snapshot and seal."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from hub.bench import Connect, Hub
from hub.closeout import BRANCH, NOW, PATH, Thread
from repository import context
from research_logbook.effects import CreateTag
from research_logbook.effects.apply import apply
from research_logbook.effects.sticky_comments import Origin
from research_logbook.seal import collect, draft
from research_logbook.seal.plan import judge
from research_logbook.seal.report import refusal
from research_logbook.snapshots import SnapshotRequest, snapshot

SCRIPTS = Path(__file__).parents[2] / "scripts"
QUEUE = """\
- `SPA-H1` (supported): block sparsity keeps the loss. Evidence: SPA-AT-002.
- `SPA-H2` (active): it pays from width 1024 on. Next test: width 1024.
- `SPA-H3` (falsified): a single block is enough. Evidence: SPA-AT-002.
"""
PENDING = """
### 2026-05-27 10:00 - SPA-AT-003 third seed

- Command: `python -m train --blocks 512 --seed 3`
- Commit: pending
- Config: width 512.
- Result: pending.
- Interpretation: pending.
- Next action: read the loss.
"""
CLOSED = """
### 2026-05-27 10:00 - SPA-AT-003 third seed

- Command: `python -m train --blocks 512 --seed 3`
- Result: diverged at step 120.
- Interpretation: `exploratory`, it does not hold for this seed.
- Next action: stop here.
"""
REMARK = "\n### 2026-05-27 11:00 - a remark\n\n- Note: the cluster is slow.\n"
PLAIN = {
    "Result": "diverged at step 120, loss 9.1.",
    "Decision": "the thread ends here, since two seeds agree.",
    "Interpretation": "`exploratory`: the third seed does not hold.",
    "Next action": "none.",
    "What worked": "512 blocks kept the loss.",
    "What did not": "the third seed diverged.",
    "Confidence": "exploratory, two of three seeds.",
    "Limitations": "one width.",
    "Next steps": "none",
    "SPA-AT": "block sparsity keeps the loss for two of three seeds.",
    "SPA-H2": "measure width 1024.",
}
"""What somebody writes in the place of a `TODO`, by what its line begins with."""


def filled_in(part: str, **more: str) -> str:
    """Return a part of a draft as somebody plainly fills it in."""
    known = {**PLAIN, **more}

    def plain(line: str) -> str:
        others = "Block sparsity keeps the loss at this width."
        said = next((text for name, text in known.items() if name in line.partition("TODO")[0]), others)
        return re.sub(r"TODO.*", said, line)

    return "\n".join(map(plain, part.splitlines())) + "\n"


def parts_of(text: str) -> Mapping[str, str]:
    """Return the parts of a draft by what the comments above them say."""
    _, *pieces = re.split(r"<!-- (.+) -->\n", text)
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def logbook(thread: Thread, end: str) -> str:
    """Return the thread's logbook with more in its queue, and an end of its log."""
    return re.sub(r"- `SPA-H1`.*\n", QUEUE, thread.logbook(2)) + end


def published(thread: Thread, hub: Hub, connect: Connect, text: str, message: str) -> tuple[list[str], set[str]]:
    """Push a logbook, lint it, and let the workflow tag its snapshots; return the tags, and what lint warns of."""
    work = thread.work
    work.git("checkout", "--quiet", "-B", BRANCH, f"origin/{BRANCH}")
    work.commit({PATH: text}, message)
    lint = [sys.executable, "-m", "research_logbook", "lint"]
    quiet = {**os.environ, "PYTHONPATH": str(SCRIPTS), "GITHUB_ACTIONS": "", "GITHUB_TOKEN": "", "GH_TOKEN": ""}
    told = subprocess.run(lint, cwd=work.root, env=quiet, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    work.git("push", "--quiet", "origin", BRANCH)
    work.git("checkout", "--quiet", "main")
    github = connect(hub.workflow_token(contents="write", issues="write"))
    done = snapshot(SnapshotRequest(branch=BRANCH), github, context(work.root, now=NOW))
    assert done.exit_code == 0, done.notes
    apply(github, done.plan, Origin())
    made = [effect for effect in done.plan if isinstance(effect, CreateTag)]
    for effect in made:
        work.git("tag", "--annotate", "--message", effect.message, effect.tag, effect.commit)
        work.git("push", "--quiet", "origin", f"refs/tags/{effect.tag}")
    return [effect.tag for effect in made], set(re.findall(r"(?m)^\S+:\d+:\d+: (.*)", told.stdout))


@pytest.mark.parametrize(
    "end", [PENDING, CLOSED, "\n### 2026-05-27 11:00 - a remark\n\n- Note: the cluster is slow.\n"]
)
def test_a_draft_that_is_filled_in_plainly_is_a_close_out(connect: Connect, hub: Hub, thread: Thread, end: str) -> None:
    """Each `TODO` is answered in a sentence, and nothing else is done: lint, snapshot and seal agree."""
    text, message = logbook(thread, end), "Third seed\n\nSnapshot: SPA-AT-003" if end == CLOSED else "Go on"
    tags, warnings = published(thread, hub, connect, text, message)
    parts = parts_of(draft(thread.view(connect()), thread.number))
    entries = next((part for place, part in parts.items() if place.startswith("In the logbook, at the end")), "")
    if entries:
        name = "SPA-AT-003" if end == PENDING else "SPA-AT-002"
        ran = thread.work.git("rev-parse", f"origin/{BRANCH}")[:12]
        closed = f"{text}\n{filled_in(entries.strip(), Commit=f'`{ran}`')}"
        made, more = published(thread, hub, connect, closed, f"Close out\n\nSnapshot: {name}")
        assert more <= warnings
        tags += made
    body = parts["In the issue's body"].replace(
        "TODO: the tag of", f"[{tags[-1]}]({thread.pages}/tree/{tags[-1]}) TODO"
    )
    thread.write(filled_in(re.sub(r"(tree/\S+\)) TODO.*", r"\1", body)))
    thread.project.comment(thread.number, filled_in(parts["As a comment"]))
    code = thread.seal(connect())
    assert (code, thread.failed if code else []) == (0, [])


def test_a_draft_tells_what_is_known(connect: Connect, thread: Thread) -> None:
    """The last ID, the open and the falsified hypotheses, what failed, and which result is still to come."""
    thread.push(logbook(thread, CLOSED + PENDING.replace("003", "004")))
    parts = parts_of(draft(thread.view(connect()), thread.number))
    body, comment, entries = parts["In the issue's body"], parts["As a comment"], [*parts.values()][-1]
    assert re.search(r"^SPA-AT-004, \S+: TODO", body, re.MULTILINE)  # what is pending has its result by then
    assert "1. `SPA-H2`: TODO" in body
    assert "- SPA-H3 is falsified: a single block is enough." in body
    assert "- SPA-AT-003: diverged at step 120." in body
    assert f"[{PATH}]" in body
    assert "SPA-AT-003: diverged at step 120." in comment
    assert re.search(
        r"^### \S+ \S+ UTC - SPA-AT-004 outcome\n\n- Commit Hash: TODO.*\n- Result: TODO", entries, re.MULTILINE
    )
    assert "close-out" not in entries


def test_where_only_a_link_is_missing_nothing_is_to_be_taken_or_written_again(connect: Connect, thread: Thread) -> None:
    """The snapshot that holds the end exists: it is to be linked, said once, and the draft has no entry."""
    thread.complete()
    body = "\n".join(line for line in thread.body.splitlines() if "snapshot/" not in line and PATH not in line)
    thread.write(body)
    facts = collect(thread.view(connect()), thread.number).facts
    report = refusal(judge(facts), "Requested.")
    tag = "snapshot/sparse-attention/SPA-AT-002"
    assert report.count(f"link `{tag}`, which holds SPA-AT-002, from the body") == 1
    assert "links no snapshot" not in report
    assert "snapshot the logbook" not in report
    parts = parts_of(draft(thread.view(connect()), thread.number))
    assert [*parts] == ["In the issue's body"]
    assert f"- Final snapshot: [{tag}]({thread.pages}/tree/{tag})" in parts["In the issue's body"]
    assert f"- Logbook: [{PATH}]" in parts["In the issue's body"]


def test_without_any_snapshot_that_it_is_to_be_taken_is_said_once(connect: Connect, thread: Thread) -> None:
    """Two checks miss it, and one row says so."""
    thread.complete()
    thread.push(thread.logbook(3))
    report = refusal(judge(collect(thread.view(connect()), thread.number).facts), "Requested.")
    assert report.count("snapshot the logbook with SPA-AT-003, and link the tag from the body") == 1


def test_a_draft_that_is_pasted_as_it_is_settles_nothing(connect: Connect, thread: Thread) -> None:
    """The names that it tells do not stand for what has to be said of them."""
    thread.push(logbook(thread, PENDING))
    parts = parts_of(draft(thread.view(connect()), thread.number))
    thread.write(parts["In the issue's body"])
    thread.project.comment(thread.number, parts["As a comment"])
    assert thread.seal(connect()) == 1
    open_still = {"tldr-current", "conclusion", "next-steps", "final-comment", "final-entry", "hypotheses-settled"}
    assert set(thread.failed) >= open_still


def test_a_draft_repeats_nothing_private(connect: Connect, thread: Thread) -> None:
    """What the repository holds back is left out, and so is what would end the draft's own comments."""
    thread.work.commit({".github/logbook.yml": "held-back: [falcon]\n"})
    thread.work.git("push", "--quiet", "origin", "main")
    thread.push(logbook(thread, CLOSED.replace("at step 120", "for falcon --> TODO")))
    assert "falcon" not in draft(thread.view(connect()), thread.number)


def test_a_draft_repeats_what_the_logbook_says_at_its_end(connect: Connect, thread: Thread) -> None:
    """A summary that names the last result, a conclusion and next steps are told on the issue in the same words."""
    summary = "## TL;DR\n\nBlocks keep the loss, as [SPA-AT-002](#x) shows.\n\n## Entry Log"
    ending = "\n## Conclusion\n\n**Yes**, at this width.\n\n## Next steps\n\n1. A wider model.\n"
    text = thread.logbook(2).replace("## Entry Log", summary, 1) + ending
    thread.push(text)
    body = parts_of(draft(thread.view(connect()), thread.number))["In the issue's body"]
    assert "## TL;DR\n\nBlocks keep the loss, as [SPA-AT-002](#x) shows.\n\n" in body
    assert "## Conclusion\n\n**Yes**, at this width.\n" in body
    thread.push(text.replace("SPA-AT-002](#x)", "SPA-AT-001](#x)"))
    body = parts_of(draft(thread.view(connect()), thread.number))["In the issue's body"]
    assert "SPA-AT-001" not in body.partition("## Conclusion")[0]
