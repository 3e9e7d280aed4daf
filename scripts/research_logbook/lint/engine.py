"""Judging: the rules applied, allowances and the configuration honoured, what the base has too left out."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from itertools import accumulate

from research_logbook.actions.event import EventKind
from research_logbook.config.schema import Config
from research_logbook.findings import Finding, Severity, Skipped
from research_logbook.lint.rule import ChangeSet, Facts, LintCase, Needs, Rule, RuleHit, Scope
from research_logbook.lint.rules import CATALOGUE, NAMES, NEVER_ALLOWED
from research_logbook.lint.rules.file import invalid_allowance, unreadable_logbook, unused_allowance
from research_logbook.logbook.model import Allowance, Logbook, Unreadable
from research_logbook.patterns import matches


@dataclass(frozen=True, slots=True)
class LintVerdict:
    """What was found in one logbook, or in the change as a whole."""

    findings: tuple[Finding, ...]
    inherited: int = 0


def judge_unreadable(unreadable: Unreadable, config: Config, base: Logbook | Unreadable | None) -> LintVerdict:
    """Judge a file that cannot be read; one that could not be read in the base either is inherited."""
    findings = _findings(unreadable_logbook, unreadable_logbook.check(unreadable), config)
    return _without_inherited(findings, findings if isinstance(base, Unreadable) else ())


def judge(case: LintCase, base: LintCase | None = None) -> LintVerdict:
    """Judge a logbook; what the same rules find in `base` is counted, not shown, unless all was asked for."""
    found = _judged(case)
    verdict = _without_inherited(found, _judged(base) if base and not case.everything else ())
    return replace(verdict, findings=tuple(_published(finding, case) for finding in verdict.findings))


def _published(finding: Finding, case: LintCase) -> Finding:
    """Return a finding as it may be published: a message never repeats what must not be in the logbook either."""
    if not case.is_private(finding.message):
        return finding
    return replace(finding, message="this line must not be changed; it is not quoted, because it holds private text")


def judge_change(change: ChangeSet, base: ChangeSet | None = None) -> LintVerdict:
    """Judge what concerns more than one logbook."""
    found = _changed(change)
    return _without_inherited(found, _changed(base) if base else ())


def _changed(change: ChangeSet) -> list[Finding]:
    return [
        finding
        for rule in CATALOGUE
        if rule.scope is Scope.CHANGE and _applies(rule, change.config, change.facts)
        for finding in _findings(rule, rule.check(change), change.config)
    ]


def _judged(case: LintCase) -> list[Finding]:
    found = [
        finding
        for rule in CATALOGUE
        if rule.scope is Scope.LOGBOOK and _applies_to(rule, case)
        for finding in _findings(rule, rule.check(case), case.config)
    ]
    shown, used = _allowed(found, case.book.allowances)
    silent = _silent(_configured(shown, case))
    return [*(finding for finding in shown if not _hides(silent, finding)), *_about_allowances(case, used)]


def _findings(rule: Rule, faults: Iterable[RuleHit], config: Config) -> list[Finding]:
    level = config.rules.get(rule.name)
    severity = Severity(level) if level in {"error", "warning"} else rule.severity
    return [
        Finding(rule.name, severity, fault.where.subject, fault.where.span, fault.message, fault.help or rule.help)
        for fault in faults
    ]


def _applies_to(rule: Rule, case: LintCase) -> bool:
    if rule.needs is Needs.BASE:  # A snapshot will do where there is no base.
        return bool(case.revisions) and case.config.rules.get(rule.name) != "off"
    return _applies(rule, case.config, case.facts)


def _applies(rule: Rule, config: Config, facts: Facts) -> bool:
    level = config.rules.get(rule.name)
    is_on = level != "off" and (rule.default_on or level is not None)
    return is_on and not _lacking(rule, facts)


def _lacking(rule: Rule, facts: Facts) -> str:
    """Return what a rule cannot do without and is not there, in words; empty when it can be judged."""
    match rule.needs:
        case Needs.GIT if facts.missing is None:
            return "outside of a git repository"
        case Needs.BASE if facts.changed is None:
            return "nothing to compare with: name a base with --base"
        case Needs.PULL_REQUEST if facts.event is not EventKind.PULL_REQUEST:
            return "not a pull request"
        case Needs.GITHUB if facts.issues is None:
            return facts.unasked
    return ""


def skipped(config: Config, facts: Facts) -> tuple[Skipped, ...]:
    """Return the rules that could not be judged, each with the reason."""
    lacking = ((rule, _lacking(rule, facts)) for rule in CATALOGUE if config.rules.get(rule.name) != "off")
    return tuple(Skipped(rule.name, why) for rule, why in lacking if why and rule.default_on)


def _allowed(found: Sequence[Finding], allowances: Sequence[Allowance]) -> tuple[list[Finding], frozenset[Allowance]]:
    """Return the findings that no allowance hides, and the allowances that hide one."""
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for finding in sorted(found, key=lambda finding: finding.span.line):
        lines[finding.rule].append(finding.span.line)
    valid = [allowance for allowance in allowances if not _problem(allowance)]
    used = frozenset(item for item in valid if _is_any_within(lines[item.rule], item.first_line, item.last_line))
    silent = _silent((item.rule, (item.first_line, item.last_line)) for item in used)
    return [finding for finding in found if not _hides(silent, finding)], used


def _is_any_within(lines: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(lines, first)
    return place < len(lines) and lines[place] <= last


class _Lines:
    """Ranges of lines, which may overlap."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(ranges)
        self._starts = [first for first, _ in ordered]
        self._ends = list(accumulate((last for _, last in ordered), max, initial=-1))

    def __contains__(self, line: int) -> bool:
        return line <= self._ends[bisect_right(self._starts, line)]


def _silent(ranges: Iterable[tuple[str, tuple[int, int]]]) -> dict[str, _Lines]:
    """Return by rule the lines on which it is silenced."""
    by_rule: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for rule, lines in ranges:
        by_rule[rule].append(lines)
    return {rule: _Lines(lines) for rule, lines in by_rule.items()}


def _hides(silent: Mapping[str, _Lines], finding: Finding) -> bool:
    return finding.rule in silent and finding.span.line in silent[finding.rule]


def _configured(found: Iterable[Finding], case: LintCase) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the lines on which the configuration silences rules that found something."""
    rules = {finding.rule for finding in found}
    for allow in case.config.allow:
        if allow.rule in rules and matches(case.book.path, (allow.path,)):
            yield from ((allow.rule, lines) for lines in _under(allow.heading, case.book))


def _under(heading: str, book: Logbook) -> Iterator[tuple[int, int]]:
    """Yield the lines of the blocks whose headings contain a text; for an empty text all lines."""
    if not heading:
        yield 0, len(book.text) + 1
    for section in book.sections if heading else ():
        if heading in section.title:
            yield section.span.line, section.end_line


def _about_allowances(case: LintCase, used: frozenset[Allowance]) -> Iterator[Finding]:
    for allowance in case.book.allowances:
        problem = _problem(allowance)
        if problem and case.config.rules.get(invalid_allowance.name) != "off":
            yield from _findings(invalid_allowance, invalid_allowance.check(allowance, *problem), case.config)
        elif not problem and allowance not in used and case.config.rules.get(unused_allowance.name) != "off":
            yield from _findings(unused_allowance, unused_allowance.check(allowance), case.config)


def _problem(allowance: Allowance) -> tuple[str, str] | None:
    if allowance.rule not in NAMES:
        return "names no rule", _meant(allowance.rule)
    if allowance.rule in NEVER_ALLOWED:
        return "has no effect: this rule cannot be allowed", "mend the fault itself, and delete the comment"
    if not allowance.reason:
        return "gives no reason", f"write it as `<!-- logbook: allow {allowance.rule} -- reason -->`"
    return None


@lru_cache(maxsize=1024)
def _meant(name: str) -> str:
    close = get_close_matches(name, NAMES, 1)
    return f"did you mean `{close[0]}`?" if close else "`logbook rules` lists them"


def _without_inherited(found: Sequence[Finding], old: Iterable[Finding]) -> LintVerdict:
    """Leave out one finding for each that the base has with the same rule and subject, the first of them first."""
    left = Counter((finding.rule, finding.subject) for finding in old)
    shown = []
    for finding in found:
        key = finding.rule, finding.subject
        if left[key]:
            left[key] -= 1
        else:
            shown.append(finding)
    return LintVerdict(tuple(shown), len(found) - len(shown))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by path and line, errors before warnings on one line; equal ones once."""
    unique = dict.fromkeys(findings)
    return tuple(
        sorted(unique, key=lambda item: (item.span.path, item.span.line, item.severity, item.rule, item.message))
    )
