"""Claims about how many findings a reader gets."""

from pathlib import Path

from repository import GOOD, PATH, Repository, context
from research_logbook.findings import Finding, Report
from research_logbook.lint.run import LintRequest, lint
from research_logbook.setup.new import NewOptions, begin_thread, find_thread

MESSY = """
### 2026-05-27 10:00 - SPA-AT-003 many files

- Command: `python train.py`
- Commit Hash: `1691d0a9afbf`
- Result: loss 2.1, in [a](a.csv), [b](b.csv)
  and [c](c.csv).
- Interpretation: as SPA-AT-001, `replicated`.
- Next action: none.
"""


def report(work: Repository, **asked: bool) -> Report:
    """Return the report on what the branch changed."""
    return lint(LintRequest(**asked), context(work.root))[0]


def of(found: Report, rule: str) -> list[Finding]:
    """Return the findings of a rule."""
    return [finding for finding in found.findings if finding.rule == rule]


def test_a_new_logbook_has_one_finding(tmp_path: Path) -> None:
    """What `logbook new` wrote is to be filled in, and that is said once; with an entry, the rest is asked for too.

    What stands in for an issue is one of the things to fill in, not a second finding.
    """
    work = Repository(tmp_path / "work")
    work.commit({"README.md": "# Models"})
    state = find_thread(NewOptions("Sparse attention"), context(work.root))
    begin_thread(state, state.logbook(None))
    (finding,) = report(work).findings
    assert (finding.rule, finding.count > 10) == ("unfilled-template", True)
    assert f"(and {finding.count - 1} more like it on lines " in finding.message
    text = (work.root / PATH).read_text() + "\n### 2026-05-26 09:00 - SPAR-ATT-001 first\n\n- Decision: begin.\n"
    work.write(PATH, text)
    assert {it.rule for it in report(work).findings} == {"unfilled-template", "incomplete-prologue"}
    assert any("stands in for it" in it.message for it in report(work).findings)


def test_findings_of_a_rule_in_one_entry_are_one(tmp_path: Path) -> None:
    """Three broken links in one entry are one finding, on the first of their lines; those of the next are another."""
    work = Repository(tmp_path / "work")
    work.commit({PATH: GOOD})
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    work.commit({PATH: GOOD + MESSY + MESSY.replace("003", "004").replace("10:00", "11:00")})
    first, second = of(report(work), "broken-relative-link")
    assert (first.count, second.count, first.span.line < second.span.line) == (3, 3, True)
    assert first.message.endswith(f"(and 2 more like it on line {first.span.line + 1})")


def test_what_was_lost_is_named_one_by_one(tmp_path: Path) -> None:
    """Neither lost text nor secrets are summed up: each has to be put back, or revoked."""
    keys = "".join(
        f"\n- Command: `WANDB_API_KEY={'0123456789abcdef' * 2}0123456{number} python x.py`\n" for number in "123"
    )
    work = Repository(tmp_path / "work")
    work.commit({PATH: GOOD})
    work.git("switch", "--quiet", "--create", "research/sparse-attention")
    work.commit({PATH: GOOD + MESSY + keys})
    found = of(report(work), "committed-secret")
    assert [finding.count for finding in found] == [1] * 3


def test_only_what_went_wrong_is_listed_as_not_checked(tmp_path: Path) -> None:
    """Without a token on a laptop nothing went wrong; a pull request's run that GitHub refuses lacks something."""
    work = Repository(tmp_path / "work")
    work.commit({PATH: GOOD})
    assert report(work).skipped
    assert not any(rule.matters for rule in report(work).skipped)
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF_NAME": "main"}
    work.git("update-ref", "refs/remotes/origin/main", "HEAD")
    found, _ = lint(LintRequest(), context(work.root, {**actions, "GITHUB_REF": "refs/heads/main"}))
    assert {rule.rule for rule in found.skipped if rule.matters} == {"issue-without-logbook-link", "closing-keyword"}
