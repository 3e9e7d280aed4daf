"""Claims about real logbooks, which stand beside the checkout where they are at hand."""

import datetime as dt
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edits import edits
from repository import Repository, context
from research_logbook.diff import compare
from research_logbook.findings import Severity
from research_logbook.instrument.entry import EntryOptions, add_entry
from research_logbook.lint.rules import history
from research_logbook.lint.run import LintRequest, lint
from research_logbook.logbook import parse
from research_logbook.logbook.model import Logbook
from research_logbook.logbook.queries import is_newest_first

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
LOGBOOKS = sorted((CORPUS / "logbooks").glob("*.md"))
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)

pytestmark = pytest.mark.skipif(not LOGBOOKS, reason="the real logbooks are not beside this checkout")

ENTRY = """
{hashes} 2026-11-20 10:00 UTC - {id}one more seed

- Hypothesis: the last result holds for another seed.
- Commit Hash: `1691d0a9afbfe849538e180186bec7759574cf2c`
- Command: `python -m train --seed 7`
- Config: as before, seed 7.
- Result: loss 2.214 after 400 steps.
- Interpretation: the same within noise. Confidence: `replicated`.
- Next action: none.

"""

ERRORS = {"glu-activation.md": ["undated-entry"]}
"""What the authors of the real logbooks would have to admit."""


def continued(text: str, book: Logbook) -> str:
    """Return the text with a well-made entry at the growing end of its log."""
    prefix = f"{book.prefix}-900 " if book.prefix else ""
    level = book.entries[0].level if book.entries else 3
    entry = ENTRY.format(hashes="#" * level, id=prefix)
    lines = text.split("\n")
    at = book.entries[0].span.line - 1 if is_newest_first(book) else book.everything[-1].span.end_line
    return "\n".join([*lines[:at], *entry.split("\n"), *lines[at:]])


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_errors_are_ones_that_the_author_would_admit(path: Path) -> None:
    """Everything asked for, the errors in a real logbook are exactly those listed here."""
    report = lint(LintRequest((str(path),), everything=True), context(path.parent, {}, NOW))[0]
    assert [item.rule for item in report.findings if item.severity is Severity.ERROR] == ERRORS.get(path.name, [])


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_a_well_made_entry_yields_no_finding(path: Path, tmp_path: Path) -> None:
    """Appending a well-made entry to a real logbook yields no finding at all."""
    work = Repository(tmp_path)
    name = f".agents/logbooks/{path.name}"
    work.write(name, "")
    shutil.copy(path, work.root / name)
    work.commit()
    text = path.read_text()
    book = parse(name, text.encode())
    assert isinstance(book, Logbook)
    work.write(name, continued(text, book))
    report = lint(LintRequest(base="HEAD"), context(work.root, {}, NOW))[0]
    assert (report.findings, [book.path for book in report.logbooks]) == ((), [name])


STYLES = {
    "4919-error-aware-muon": ("### 2026-11-23 00:00 - EAM-300-002 one more seed", "- Command: "),
    "7421-cubin-loader": ("### 2026-11-23 - CUBIN7421-006 one more seed", "- Commands: "),
    "8734-qk175-long-context-skew": ("### 2026-11-23 - one more seed", "- Command: "),
    "alignment_function_claude": ("### ALIGN-264 - 2026-11-23 00:00 - one more seed", "- Script: "),
    "context-norm": ("### 2026-11-23 - one more seed", "- Launch: "),
    "coupon-clipping-16gb200": ("### 2026-11-23 00:00 - CC16-008 one more seed", "- Command: "),
    "cw-grug-moe-accelerator-perf": ("## 2026-11-23T00:00Z - CW-GRUG-008 one more seed", "- Command: "),
    "echo-pre-seed": ("### 2026-11-23 00:00 UTC - ECHO-SEED-003 one more seed", "- Commands: "),
    "finestore-transactions": ("### 2026-11-23 — one more seed", "- Command: "),
    "gated_post_norm": ("### 2026-11-23 00:00 — MOE-GPN-001 one more seed", "- Command: "),
    "glu-activation": ("### 2026-11-23 00:00 - MOE-GLU-001 one more seed", "- Command: "),
}
"""The heading and the first words of a field of the next entry of each."""


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this machine be in the zone UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_an_appended_entry_follows_the_style_of_the_log(path: Path, tmp_path: Path, in_utc: None) -> None:  # noqa: ARG001
    """`logbook entry` writes as the last entries are written, where the log grows, and lint has nothing to say."""
    work = Repository(tmp_path)
    name = f".agents/logbooks/{path.name}"
    work.write(name, path.read_bytes())
    commit = work.commit()
    values = {"command": "python -m train --seed 7", "result": "loss 2.214 after 400 steps.", "next-action": "none."}
    values |= {"commit": commit, "interpretation": "the same within noise."}
    written = add_entry(name, EntryOptions(None, "one more seed", values), context(work.root, {}, NOW))
    lines = (work.root / name).read_text().split("\n")
    entry = lines[written.line - 1 : written.line + 12]
    heading, field = STYLES[path.stem]
    assert (entry[0], any(line.startswith(field) for line in entry)) == (heading, True)
    rest = iter(lines)
    assert all(line in rest for line in path.read_text().split("\n"))  # in their order, and none is changed
    report = lint(LintRequest(base="HEAD"), context(work.root, {}, NOW))[0]
    assert report.findings == ()


@pytest.mark.parametrize("path", LOGBOOKS, ids=lambda path: path.stem)
def test_every_line_of_a_log_is_protected(path: Path) -> None:
    """A line of a real log that goes, and a number, a word or a negation that changes in it, is an error."""
    book = parse(path.name, path.read_bytes())
    assert isinstance(book, Logbook)
    unseen = []
    for edit in edits(book):
        after = parse(path.name, edit.text.encode())
        assert isinstance(after, Logbook)
        changes = compare(book, after)
        if not (changes.removed or changes.moved or changes.rewritten):
            unseen.append(edit[:2])
    assert unseen == []


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("context-norm-a", ["replaced-next-action"]),
        ("cw-grug-moe-accelerator-perf", []),
        ("gated_post_norm", []),
    ],
)
def test_real_changes(pair: str, expected: list[str], tmp_path: Path) -> None:
    """The history of a real change is judged as a careful reader judges it."""
    work = Repository(tmp_path)
    name = f".agents/logbooks/{pair}.md"
    work.commit({name: (CORPUS / "pairs" / f"{pair}.before.md").read_bytes()})
    work.commit({name: (CORPUS / "pairs" / f"{pair}.after.md").read_bytes()})
    report = lint(LintRequest(base="HEAD~1"), context(work.root, {}, NOW))[0]
    rules = {rule.name for rule in history.RULES}
    assert [item.rule for item in report.findings if item.rule in rules] == expected
