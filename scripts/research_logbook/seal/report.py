"""What a seal says: reports as Markdown, text and JSON, the closing comment, and drafts of what is missing."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from research_logbook.effects import Plan, plan_json
from research_logbook.markdown.escape import code, link, markdown, prose, row, terminal_line
from research_logbook.render import counted
from research_logbook.seal.checks.facts import Evidence, SealFacts
from research_logbook.seal.plan import SealReport, SealVerdict

_PAGES = "https://github.com/run-research/logbook/blob/v1/docs/seal-checks.md"
SEAL_AGAIN = "Once all of it is there, run the seal again."
CLOSE_AGAIN = "Once all of it is there, close the issue again: its record is then checked anew."
"""What is to be done in the end, by whether the issue was to be sealed or was reopened."""
_MOST_LINES, _MOST_ROWS = 40, 100


def refusal(report: SealReport, intro: str, then: str = SEAL_AGAIN) -> str:
    """Return the report on an issue whose record is incomplete, below an `intro` that is Markdown already.

    `then` is what to do once it is complete; empty where that is for people to decide.
    """
    return _incomplete("❌ Not closed out", report, intro, f"{_draft_of(report)} {then}".rstrip())


def accepted(report: SealReport, intro: str) -> str:
    """Return the report on an issue that was closed with an incomplete record, which a maintainer accepts."""
    return _incomplete("⚠️ Closed with an incomplete record", report, intro)


def _draft_of(report: SealReport) -> str:
    return f"`logbook seal --issue {report.issue} --draft` prints a draft of what is missing."


def _incomplete(title: str, report: SealReport, intro: str, *end: str) -> str:
    failed = [verdict for verdict in report.verdicts if verdict.blocks]
    heading = f"### {title}: {len(failed)} of {counted(len(report.verdicts), 'check')} failed"
    return "\n\n".join([heading, intro, _table(failed), *_advice_and_passed(report), *end]) + "\n"


def summary(facts: SealFacts, report: SealReport, intro: str, *, is_done: bool = True) -> str:
    """Return the closing comment: who asked and why (`intro`, Markdown already), and the outcome of the thread.

    With `is_done` False it is for a job summary alone, and says that the record is complete.
    """
    digest = f"The text of the issue was sealed as `{text_digest(facts.issue.text)}`."
    sealed = [f"{digest}\nIf it is edited later, the daily sweep says so."] if is_done else []
    title = "### 🔒 Closed out" if is_done else "### ✅ Complete, and not closed out yet"
    return "\n\n".join([title, intro, *_outcome(facts), *_advice_and_passed(report), *sealed]) + "\n"


def in_summary(facts: SealFacts, report: str) -> str:
    """Return a report for a job summary, which may hold several: its heading says of which issue it is."""
    number = facts.issue.number
    return report.replace("### ", f"### {link(f'#{number}', facts.site.url('issues', str(number)))} ", 1)


def text_digest(body: str) -> str:
    """Return what tells one text of an issue from another; the ends of its lines and empty lines do not count."""
    lines = (line.rstrip() for line in body.splitlines())
    text = "\n".join(line for line in lines if line)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


_SEALED_AS = re.compile(r"^The text of the issue was sealed as `([0-9a-f]{16})`\.\r?$", re.MULTILINE)


def sealed_digest(comment: str) -> str:
    """Return the digest of the text that a closing comment is about; empty where it tells none."""
    found = _SEALED_AS.search(comment)
    return found[1] if found else ""


def _advice_and_passed(report: SealReport) -> Iterator[str]:
    advice = [verdict for verdict in report.verdicts if not verdict.passes and not verdict.blocks]
    if advice:
        yield from ("Advice:", _table(advice))
    passed = [verdict for verdict in report.verdicts if verdict.passes]
    if passed:
        title = f"<summary>{counted(len(passed), 'check')} passed</summary>"
        lines = (
            f"- {_check(verdict)}: {'; '.join(link(found.text, found.url, 400) for found in verdict.evidence)}"
            for verdict in passed
        )
        yield "\n".join(["<details>", title, "", *lines, "", "</details>"])


def _findings(verdicts: Iterable[SealVerdict]) -> dict[Evidence, list[SealVerdict]]:
    """Return what keeps checks from passing, each finding once, with the checks that it keeps."""
    found: dict[Evidence, list[SealVerdict]] = {}
    for verdict in verdicts:
        for one in dict.fromkeys(it for it in verdict.evidence if it.remedy):
            found.setdefault(one, []).append(verdict)
    return found


def _table(verdicts: Sequence[SealVerdict]) -> str:
    rows, told = [], set[str]()
    for found, of in _findings(verdicts).items():
        way = "the same as above" if found.remedy in told else prose(found.remedy)
        told.add(found.remedy)
        rows.append(row([", ".join(map(_check, of)), link(found.text, found.url, 400), way]))
    more = [row(["…", f"and {len(rows) - _MOST_ROWS} more", ""])] if len(rows) > _MOST_ROWS else []
    return "\n".join([row(["Check", "Finding", "How to fix"]), row(["---"] * 3), *rows[:_MOST_ROWS], *more])


def _check(verdict: SealVerdict) -> str:
    return f"[{code(verdict.check)}]({_PAGES}#{verdict.check})"


def _outcome(facts: SealFacts) -> Iterator[str]:
    for name, title in (("tldr", "TL;DR"), ("conclusion", "Conclusion")):
        section = facts.section(name)
        if section and not section.is_empty:
            lines = [line for line in section.text.splitlines() if line.strip()]
            more = ["> …"] if len(lines) > _MOST_LINES else []
            yield f"**{title}**"
            yield "\n>\n".join([*(f"> {_shown(line, facts)}" for line in lines[:_MOST_LINES]), *more])
    snapshot = facts.final_snapshot
    if snapshot:
        yield f"**Final snapshot:** {link(snapshot.name, facts.site.url('tree', snapshot.name))}"
    pulls = (
        link(
            f"#{pull.number}" if facts.is_private(pull.title) else f"#{pull.number} {pull.title}",
            facts.site.url("pull", str(pull.number)),
            200,
        )
        for pull in facts.pulls
        if pull.is_merged
    )
    yield f"**Production pull requests:** {', '.join(pulls) or 'none'}"
    steps = [item for text in facts.texts for section in text.named("next-steps") for item in section.items]
    yield f"**Next steps:**{'' if steps else ' none'}"
    if steps:
        yield "\n".join(f"{place}. {_shown(step, facts)}" for place, step in enumerate(dict.fromkeys(steps), 1))


def _shown(text: str, facts: SealFacts) -> str:
    return "_(private text left out)_" if facts.is_private(text) else markdown(text)


# For a terminal, and for programs


def seal_text(report: SealReport) -> str:
    """Return the report for a terminal: a line for everything that was looked at."""
    lines, told = [], set[Evidence]()
    kept = _findings(report.verdicts)
    for verdict in report.verdicts:
        mark = "ok" if verdict.passes else "FAIL" if verdict.blocks else "advice"
        for index, found in enumerate(verdict.evidence):
            if found in told:
                continue
            told |= {found} if found.remedy else set()
            names = ", ".join(one.check for one in kept[found]) if found.remedy else verdict.check
            if found.remedy or verdict.passes:
                lines.append(f"{mark:<6} {terminal_line(f'{names}: {found.text}')}\n")
            following = next((it.remedy for it in verdict.evidence[index + 1 :] if it.remedy and it not in told), "")
            if found.remedy and following != found.remedy:  # what is to be done about several is said below the last
                lines.append(f"       help: {terminal_line(found.remedy)}\n")
    end = f"is not closed out: {', '.join(report.failed)}" if report.failed else "can be sealed"
    return f"{''.join(lines)}#{report.issue} {end}\n"


def annotation(report: SealReport) -> str:
    """Return what an annotation says of a record that is incomplete: a line for each finding, with what to do."""
    found = _findings(verdict for verdict in report.verdicts if verdict.blocks)
    lines = [f"{', '.join(one.check for one in of)}: {it.text}; {it.remedy}" for it, of in found.items()]
    more = [f"and {len(lines) - _MOST_ANNOTATED} more"] if len(lines) > _MOST_ANNOTATED else []
    head = f"#{report.issue} is not closed out: {', '.join(report.failed)}"
    return "\n".join([head, *lines[:_MOST_ANNOTATED], *more])


_MOST_ANNOTATED = 20
"""Findings in an annotation; the report has them all."""


def seal_json(report: SealReport | None, issue: int, plan: Plan, *, sealed: bool, applied: bool) -> str:
    """Return the report for programs.

    `{"version": 1, "issue", "sealed", "checks": [{"check", "demand", "holds", "evidence": [{"text", "url"}],
    "missing": [{"text", "url", "help"}]}], "effects": [{"kind", …}], "applied"}`.
    """
    checks = [
        {
            "check": verdict.check,
            "demand": verdict.demand,
            "holds": verdict.passes,
            "evidence": [{"text": found.text, "url": found.url} for found in verdict.evidence if not found.remedy],
            "missing": [
                {"text": found.text, "url": found.url, "help": found.remedy}
                for found in verdict.evidence
                if found.remedy
            ],
        }
        for verdict in (report.verdicts if report else ())
    ]
    return plan_json(plan, applied=applied, issue=issue, sealed=sealed, checks=checks)
