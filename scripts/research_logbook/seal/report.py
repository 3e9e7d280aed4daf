"""What a seal says: the report and the closing comment as Markdown, the report as text and as JSON, and drafts.

Drafts are skeletons of what a close-out lacks; pasted in unchanged they satisfy no check.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from research_logbook.effects.plan import Plan, effect_rows, plan_text
from research_logbook.markdown.escape import code, json_text, link, markdown, prose, row, terminal_line
from research_logbook.render import counted
from research_logbook.repo.logbook_resolution import PinnedLogbook
from research_logbook.seal.checks.facts import Evidence, SealFacts, holds
from research_logbook.seal.plan import SealReport, SealVerdict

_PAGES = "https://github.com/run-research/logbook/blob/v1/docs/seal-checks.md"
_MOST_LINES, _MOST_ROWS = 40, 100


def refusal(report: SealReport, intro: str) -> str:
    """Return the report on an issue that is not closed out, below a sentence `intro` that is Markdown already."""
    failed = [verdict for verdict in report.verdicts if verdict.hinders]
    advice, held = _others(report)
    verb = "does" if len(failed) == 1 else "do"
    parts = [
        f"### ❌ Not closed out: {counted(len(failed), 'check')} of {len(report.verdicts)} {verb} not hold",
        intro,
        _table(failed),
        *_advice(advice),
        _folded(held),
        f"`logbook seal --issue {report.issue} --draft` prints skeletons of what is missing.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _others(report: SealReport) -> tuple[list[SealVerdict], list[SealVerdict]]:
    """Return the verdicts that are advice, and those that hold."""
    advice = [verdict for verdict in report.verdicts if not verdict.holds and not verdict.hinders]
    return advice, [verdict for verdict in report.verdicts if verdict.holds]


def _advice(verdicts: Sequence[SealVerdict]) -> list[str]:
    return ["Advice:", _table(verdicts)] if verdicts else []


def _table(verdicts: Sequence[SealVerdict]) -> str:
    rows = [_row(verdict, sign) for verdict in verdicts for sign in verdict.signs if sign.help]
    more = [row(["…", f"and {len(rows) - _MOST_ROWS} more", ""])] if len(rows) > _MOST_ROWS else []
    return "\n".join([row(["Check", "What is so", "What to do"]), row(["---"] * 3), *rows[:_MOST_ROWS], *more])


def _row(verdict: SealVerdict, sign: Evidence) -> str:
    return row([_check(verdict), _sign(sign), prose(sign.help, 400)])


def _check(verdict: SealVerdict) -> str:
    return f"[{code(verdict.check)}]({_PAGES}#{verdict.check})"


def _sign(sign: Evidence) -> str:
    return link(sign.text, sign.url, 400)


def _folded(held: Sequence[SealVerdict]) -> str:
    title = f"{counted(len(held), 'check')} {'holds' if len(held) == 1 else 'hold'}"
    lines = [f"- {_check(verdict)}: {'; '.join(map(_sign, verdict.signs))}" for verdict in held]
    return "\n".join(["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>"]) if held else ""


def summary(facts: SealFacts, report: SealReport, intro: str) -> str:
    """Return the closing comment: who asked and why (`intro`, Markdown already), and what the thread came to."""
    advice, held = _others(report)
    return "\n\n".join(["### 🔒 Closed out", intro, *_parts(facts), *_advice(advice), _folded(held)]) + "\n"


def _parts(facts: SealFacts) -> Iterator[str]:
    for name, title in (("tldr", "TL;DR"), ("conclusion", "Conclusion")):
        section = facts.section(name)
        if section and not section.is_empty:
            yield f"**{title}**"
            yield _quoted(section.text.splitlines(), facts)
    snapshot = facts.final_snapshot
    if snapshot:
        yield f"**Final snapshot:** {link(snapshot.name, facts.page('tree', snapshot.name))}"
    yield f"**Production pull requests:** {_pulls(facts) or 'none'}"
    steps = [item for text in facts.texts for section in text.named("next-steps") for item in section.items]
    yield f"**Next steps:**{'' if steps else ' none'}"
    if steps:
        yield "\n".join(f"{place}. {_shown(step, facts)}" for place, step in enumerate(dict.fromkeys(steps), 1))


def _quoted(lines: Iterable[str], facts: SealFacts) -> str:
    kept = [line for line in lines if line.strip()]
    more = ["> …"] if len(kept) > _MOST_LINES else []
    return "\n>\n".join([*(f"> {_shown(line, facts)}" for line in kept[:_MOST_LINES]), *more])


def _shown(text: str, facts: SealFacts) -> str:
    return "_(left out: private text)_" if facts.is_private(text) else markdown(text)


def _pulls(facts: SealFacts) -> str:
    merged = (pull for pull in facts.pulls if pull.is_merged)
    return ", ".join(
        link(
            f"#{pull.number}" if facts.is_private(pull.title) else f"#{pull.number} {pull.title}",
            facts.page("pull", str(pull.number)),
            200,
        )
        for pull in merged
    )


# For a terminal, and for programs


def seal_text(report: SealReport) -> str:
    """Return the report for a terminal: a line for each thing that was looked at."""
    lines = (line for verdict in report.verdicts for line in _lines(verdict))
    what = "may be sealed" if report.holds else f"is not closed out: {', '.join(report.failed)}"
    return "".join(f"{line}\n" for line in (*lines, f"#{report.issue} {what}"))


def _lines(verdict: SealVerdict) -> Iterator[str]:
    mark = "ok" if verdict.holds else "FAIL" if verdict.hinders else "advice"
    for sign in verdict.signs:
        is_fault = bool(sign.help)
        if is_fault or verdict.holds:
            yield f"{mark:<6} {terminal_line(f'{verdict.check}: {sign.text}')}"
        if is_fault:
            yield f"       help: {terminal_line(sign.help)}"


def seal_json(report: SealReport | None, issue: int, plan: Plan, *, sealed: bool, applied: bool) -> str:
    """Return the report for programs.

    `{"version": 1, "issue", "sealed", "checks": [{"check", "demand", "holds", "evidence": [{"text", "url"}],
    "missing": [{"text", "url", "help"}]}], "effects": [{"kind", …}], "applied"}`.
    """
    checks = [_checked(verdict) for verdict in report.verdicts] if report else []
    head = {"version": 1, "issue": issue, "sealed": sealed, "checks": checks}
    return json_text({**head, "effects": effect_rows(plan), "applied": applied})


def _checked(verdict: SealVerdict) -> dict[str, object]:
    return {
        "check": verdict.check,
        "demand": verdict.demand,
        "holds": verdict.holds,
        "evidence": [{"text": sign.text, "url": sign.url} for sign in verdict.signs if not sign.help],
        "missing": [sign._asdict() for sign in verdict.signs if sign.help],
    }


def with_plan(said: str, plan: Plan) -> str:
    """Return a report for a terminal, with the plan below it."""
    return f"{said}{plan_text(plan)}"


# Drafts

_Draft = Callable[[SealFacts], Iterator[str]]


def drafts(facts: SealFacts, report: SealReport) -> str:
    """Return skeletons for the checks that do not hold, Markdown, by where they belong."""
    lacking = [verdict.check for verdict in report.verdicts if not verdict.holds]
    parts = [
        f"{title}\n\n" + "\n\n".join(found)
        for title, places in _PLACES.items()
        if (found := [part for name in lacking if name in places for part in places[name](facts)])
    ]
    return "\n\n".join(parts) + "\n" if parts else "nothing is missing\n"


def _text(text: str) -> _Draft:
    return lambda _: iter((text,))


def _snapshot(facts: SealFacts) -> Iterator[str]:
    found = _holding(facts)
    if found:
        yield f"- Final snapshot: [{found.name}]({facts.page('tree', found.name)})"
    else:
        yield "- Final snapshot: TODO: snapshot the last entry that has a result, and link its tag"


def _holding(facts: SealFacts) -> PinnedLogbook | None:
    entry = facts.entry
    return next((held for held in facts.snapshots if entry and holds(held.book, entry)), None)


def _pulls_draft(facts: SealFacts) -> Iterator[str]:
    linked = {link.number for link in facts.body.links if link.is_link}
    merged = [pull for pull in facts.pulls if pull.is_merged and pull.number not in linked]
    if merged:
        yield "\n".join(f"- Production pull request: #{pull.number}" for pull in merged)


def _logbook(facts: SealFacts) -> Iterator[str]:
    if facts.book and not any(link.path == facts.book.path for link in facts.body.links):
        yield f"- Logbook: [{facts.book.path}]({facts.page('blob', facts.ref, facts.book.path)})"


def _sections(facts: SealFacts) -> Iterator[str]:
    there = {section.title.casefold() for section in facts.body.sections if not section.is_empty}
    for title in facts.config.seal.sections:
        if title.casefold() not in there:
            yield f"## {title}\n\nTODO"


def _entry(facts: SealFacts) -> Iterator[str]:
    yield (
        f"### {facts.now:%Y-%m-%d %H:%M} UTC - close-out\n\n"
        "- Decision: TODO\n- Result: TODO\n- Interpretation: TODO\n- Next action: TODO"
    )


_COMMENT = """\
- What worked: TODO
- What did not: TODO
- Confidence: TODO
- Limitations: TODO
- Next steps: TODO"""

_QUEUE = "## Hypothesis Queue\n\nTODO: settle each that is proposed or active, with its evidence"

_PLACES: Mapping[str, Mapping[str, _Draft]] = {
    "<!-- In the issue's body -->": {
        "tldr-current": _text("## TL;DR\n\nTODO: what came of it, with the ID of the last result"),
        "decision-log": _text("## Decision log\n\n- TODO: day, decision, evidence"),
        "negative-results": _text("## Negative results\n\n- TODO: what did not work, with its entry"),
        "conclusion": _text("## Conclusion\n\nTODO: the answer that the thread gives"),
        "next-steps": _text("## Next steps\n\n1. TODO"),
        "sections": _sections,
        "docs-updated": _text("## Documentation\n\nTODO: a link to what was updated, or that none is needed"),
    },
    "## Links": {"final-entry": _logbook, "final-snapshot": _snapshot, "production-pr": _pulls_draft},
    "<!-- As a comment -->": {"final-comment": _text(_COMMENT)},
    "<!-- In the logbook -->": {"hypotheses-settled": _text(_QUEUE), "final-entry": _entry},
}
