"""Judging: the rules applied, allowances and the configuration honoured, what the base has too left out."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from research_logbook.actions.event import EventKind
from research_logbook.config.baseline import Accepted, Baseline
from research_logbook.config.schema import Config
from research_logbook.errors import did_you_mean
from research_logbook.findings import Finding, Severity, Skipped
from research_logbook.lint.rules import ALWAYS_SHOWN, CATALOGUE, NAMES, NEVER_ALLOWED
from research_logbook.lint.rules.file import (
    PROLOGUE,
    invalid_allowance,
    unreadable_logbook,
    unused_allowance,
)
from research_logbook.lint.rules.rule import ChangeSet, Facts, LintCase, Needs, Rule, RuleHit, Scope
from research_logbook.logbook.model import Allowance, Logbook, Unreadable
from research_logbook.patterns import matches
from research_logbook.private_text import is_private

_MOST_LINES = 3
"""Lines that one finding names besides its own."""
_OF_LOGBOOKS = frozenset(rule.name for rule in CATALOGUE if rule.scope is not Scope.CHANGE)
_OF_PROLOGUE = frozenset(rule.name for rule in CATALOGUE if rule.group == PROLOGUE.name)
NOTHING_ACCEPTED = Baseline()


@dataclass(frozen=True, slots=True)
class LintVerdict:
    """What was found in one logbook, or in the change as a whole."""

    findings: tuple[Finding, ...]
    inherited: int = 0
    accepted: int = 0
    outlived: int = 0
    """How many findings the baseline accepts that no longer occur; next to a base, of those that it has."""


def judge_unreadable(
    unreadable: Unreadable,
    config: Config,
    base: Logbook | Unreadable | None,
    baseline: Baseline = NOTHING_ACCEPTED,
    selected: Collection[str] = NAMES,
) -> LintVerdict:
    """Judge a file that cannot be read; one that could not be read in the base either is inherited."""
    findings = _findings(unreadable_logbook, unreadable_logbook.check(unreadable), config)
    # Its other findings may come back once it can be read.
    known = findings if isinstance(base, Unreadable) else ()
    return replace(_without_known(findings, known, baseline, selected), outlived=0)


def judge(
    case: LintCase,
    base: LintCase | None = None,
    baseline: Baseline = NOTHING_ACCEPTED,
    selected: Collection[str] = NAMES,
) -> LintVerdict:
    """Judge a logbook; what the same rules find in `base` is counted, not shown, unless all was asked for.

    So is what `baseline` accepts. Only what the `selected` rules find is told. A message never repeats what
    must not be in the logbook either.
    """
    found = _judged(case)
    old = _judged(base) if base and not case.everything else []
    verdict = _without_known(found, old, baseline, selected)
    # A branch may be older than what was accepted on another, so only a look at everything tells, or what the base had.
    known = 0 if case.everything else _outlived(old, case.book.path, baseline)
    verdict = replace(verdict, outlived=max(0, _outlived(found, case.book.path, baseline) - known))
    blocks = Blocks(case.book)
    private = "this line must not be changed; it is not quoted, because it holds private text"
    held_back = case.config.held_back
    published = (
        replace(it, message=private if is_private(it.message, held_back) else it.message, block=blocks.of(it))
        for it in verdict.findings
    )
    return replace(verdict, findings=tuple(published))


def judge_change(
    change: ChangeSet,
    base: ChangeSet | None = None,
    baseline: Baseline = NOTHING_ACCEPTED,
    selected: Collection[str] = NAMES,
) -> LintVerdict:
    """Judge what concerns more than one logbook; only what the `selected` rules find is told."""

    def found(one: ChangeSet) -> list[Finding]:
        rules = (rule for rule in CATALOGUE if rule.scope is Scope.CHANGE and _applies(rule, one.config, one.facts))
        return [finding for rule in rules for finding in _findings(rule, rule.check(one), one.config)]

    return _without_known(found(change), found(base) if base else (), baseline, selected)


def skipped(config: Config, facts: Facts) -> tuple[Skipped, ...]:
    """Return the rules that could not be judged, each with the reason."""
    lacking = ((rule, _lacking(rule, facts)) for rule in CATALOGUE if config.rules.get(rule.name) != "off")
    # On a laptop most people have no token, and what it would show is shown in Actions.
    failed = {Needs.GITHUB} if facts.event is not EventKind.LOCAL else set()
    return tuple(Skipped(rule.name, why, rule.needs in failed) for rule, why in lacking if why and rule.default_on)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by path and line, errors before warnings on one line; equal ones once."""
    unique = dict.fromkeys(findings)
    return tuple(
        sorted(unique, key=lambda item: (item.span.path, item.span.line, item.severity, item.rule, item.message))
    )


def grouped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, in order, with those of one rule in one entry or section as one that counts them."""
    groups: dict[object, list[Finding]] = {}
    for finding in in_order(findings):
        is_one_of_many = finding.block is not None and finding.rule not in ALWAYS_SHOWN
        key = (finding.span.path, finding.rule, finding.severity, finding.block) if is_one_of_many else finding
        groups.setdefault(key, []).append(finding)
    return in_order(_as_one(group) for group in groups.values())


def _as_one(group: Sequence[Finding]) -> Finding:
    first, *others = group
    if not others:
        return first
    lines = list(dict.fromkeys(other.span.line for other in others if other.span.line != first.span.line))
    shown = ", ".join(map(str, lines[:_MOST_LINES])) + ", …" * (len(lines) > _MOST_LINES)
    where = f"on line{'s' * (len(lines) > 1)} {shown}" if lines else "on this line"
    message = f"{first.message} (and {len(others)} more like it {where})"
    return replace(first, message=message, count=len(group))


class Blocks:
    """The entries and sections of a logbook, to find the one that a line is in."""

    def __init__(self, book: Logbook) -> None:
        self._entries = [(entry.span.line, entry.span.end_line) for entry in book.everything]
        self._sections = sorted(section.span.line for section in book.sections)

    def of(self, finding: Finding) -> int:
        """Return the line where the block of a finding begins: what precedes the log is one for the rules about it."""
        line = finding.span.line
        index = bisect_right(self._entries, line, key=lambda entry: entry[0]) - 1
        if index >= 0 and line <= self._entries[index][1]:
            return self._entries[index][0]
        if finding.rule in _OF_PROLOGUE:
            return 0
        section = bisect_right(self._sections, line) - 1
        return self._sections[section] if section >= 0 else 0


def _judged(case: LintCase) -> list[Finding]:
    """Return what the rules find in a logbook, without what comments and the configuration silence."""
    found = [
        finding
        for rule in CATALOGUE
        if rule.scope is Scope.LOGBOOK and _applies_to(rule, case)
        for finding in _findings(rule, rule.check(case), case.config)
    ]
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for finding in sorted(found, key=lambda finding: finding.span.line):
        lines[finding.rule].append(finding.span.line)
    problems = {allowance: _problem(allowance) for allowance in case.book.allowances}
    used = {
        allowance
        for allowance, problem in problems.items()
        if not problem
        and bisect_left(lines[allowance.rule], allowance.first_line)
        < bisect_right(lines[allowance.rule], allowance.last_line)
    }
    by_comments = SilencedLines((allowance.rule, allowance.first_line, allowance.last_line) for allowance in used)
    found = [finding for finding in found if not by_comments.hides(finding)]
    by_configuration = SilencedLines(_configured({finding.rule for finding in found}, case))
    found = [finding for finding in found if not by_configuration.hides(finding)]
    for allowance, problem in problems.items():
        if problem and case.config.rules.get(invalid_allowance.name) != "off":
            found += _findings(invalid_allowance, invalid_allowance.check(allowance, *problem), case.config)
        elif not problem and allowance not in used and case.config.rules.get(unused_allowance.name) != "off":
            found += _findings(unused_allowance, unused_allowance.check(allowance), case.config)
    return found


def _findings(rule: Rule, hits: Iterable[RuleHit], config: Config) -> list[Finding]:
    level = config.rules.get(rule.name)
    severity = Severity(level) if level in {"error", "warning"} else rule.severity
    return [
        Finding(
            rule.name,
            Severity.WARNING if hit.is_excused else severity,
            hit.where.subject,
            hit.where.span,
            hit.message,
            hit.help or rule.help,
        )
        for hit in hits
    ]


def _applies_to(rule: Rule, case: LintCase) -> bool:
    if rule.needs is Needs.BASE:  # A snapshot will do where there is no base.
        return bool(case.revisions) and case.config.rules.get(rule.name) != "off"
    return _applies(rule, case.config, case.facts)


def _applies(rule: Rule, config: Config, facts: Facts) -> bool:
    level = config.rules.get(rule.name)
    return level != "off" and (rule.default_on or level is not None) and not _lacking(rule, facts)


def _lacking(rule: Rule, facts: Facts) -> str:
    """Return what a rule cannot do without and is not there, in words; empty when it can be judged."""
    match rule.needs:
        case Needs.GIT if facts.missing is None:
            return "not in a git repository"
        case Needs.BASE if facts.changed is None:
            return "no earlier version to compare with (`--base REV` names one)"
        case Needs.PULL_REQUEST if facts.event is not EventKind.PULL_REQUEST:
            return "not a pull request"
        case Needs.GITHUB if facts.issues is None:
            return facts.unasked
    return ""


class SilencedLines:
    """The lines on which rules are silenced, as ranges (rule, first line, last line), which may overlap."""

    def __init__(self, ranges: Iterable[tuple[str, int, int]]) -> None:
        self._starts: defaultdict[str, list[int]] = defaultdict(list)
        ends: defaultdict[str, list[int]] = defaultdict(list)
        for rule, first, last in sorted(ranges):
            self._starts[rule].append(first)
            ends[rule].append(last)
        self._ends = {rule: list(accumulate(last, max, initial=-1)) for rule, last in ends.items()}

    def hides(self, finding: Finding) -> bool:
        """Return whether a finding is on a line where its rule is silenced."""
        rule, line = finding.rule, finding.span.line
        return rule in self._ends and line <= self._ends[rule][bisect_right(self._starts[rule], line)]


def _configured(rules: Collection[str], case: LintCase) -> Iterator[tuple[str, int, int]]:
    """Yield where the configuration silences `rules`: below headings that contain a text, else on all lines."""
    for allow in case.config.allow:
        if allow.rule in rules and matches(case.book.path, (allow.path,)):
            if not allow.heading:
                yield allow.rule, 0, len(case.book.text) + 1
                continue
            for section in case.book.sections:
                if allow.heading in section.title:
                    yield allow.rule, section.span.line, section.end_line


def _problem(allowance: Allowance) -> tuple[str, str] | None:
    if allowance.rule not in NAMES:
        return "names no rule", _meant(allowance.rule)
    if allowance.rule in NEVER_ALLOWED:
        return "has no effect: this rule cannot be allowed", "fix the fault itself, and delete the comment"
    if not allowance.reason:
        return "gives no reason", f"write it as `<!-- logbook: allow {allowance.rule} -- reason -->`"
    return None


@lru_cache(maxsize=1024)
def _meant(name: str) -> str:
    return did_you_mean(name, NAMES, otherwise="`logbook rules` lists them")


def _without_known(
    found: Iterable[Finding], old: Iterable[Finding], baseline: Baseline, selected: Collection[str]
) -> LintVerdict:
    """Leave out as many findings of a rule and subject as the base has or the baseline accepts, the first ones first.

    What the base has and what is accepted are the same faults, and do not add up.
    """
    inherited = Counter((finding.rule, finding.subject) for finding in old)
    accepted: dict[Accepted, int] = {}
    shown, known, excused = [], 0, 0
    for finding in found:
        if finding.rule not in selected:
            continue
        key, about = (finding.rule, finding.subject), _about(finding)
        if about not in accepted:
            may = 0 if finding.rule in ALWAYS_SHOWN else baseline.counts.get(about, 0)
            accepted[about] = max(0, may - inherited[key])
        if inherited[key]:
            inherited[key] -= 1
            known += 1
        elif accepted[about]:
            accepted[about] -= 1
            excused += 1
        else:
            shown.append(finding)
    return LintVerdict(tuple(shown), known, excused)


def _outlived(found: Iterable[Finding], path: str, baseline: Baseline) -> int:
    there = Counter(map(_about, found))
    of_logbooks = ((it, number) for it, number in baseline.of(path) if it.rule in _OF_LOGBOOKS)
    return sum(max(0, number - there[it]) for it, number in of_logbooks)


def _about(finding: Finding) -> Accepted:
    return Accepted(finding.span.path, finding.rule, finding.subject)


def accepted(findings: Iterable[Finding]) -> Baseline:
    """Return the baseline that accepts these findings; none of history, and none of what must not be published."""
    return Baseline(Counter(_about(finding) for finding in findings if finding.rule not in ALWAYS_SHOWN))
