"""The rules and seal checks for a terminal: the list, and the page of one."""

from collections.abc import Iterable

from research_logbook.lint.rule import Rule
from research_logbook.seal.checks.check import Check


def catalogue(rules: Iterable[Rule]) -> str:
    """Return one line for each rule, by group: name, severity, what it flags."""
    lines: list[str] = []
    group = ""
    for rule in rules:
        if rule.group != group:
            group = rule.group
            lines += ["", group]
        marks = "".join([", fixable" if rule.fixable else "", "" if rule.default_on else ", off by default"])
        lines.append(f"  {rule.name:<32} {rule.severity}{marks}: {rule.page.partition(chr(10))[0]}")
    return "\n".join(lines).lstrip("\n") + "\n"


def page(rule: Rule) -> str:
    """Return a rule's page."""
    return f"{rule.name} ({rule.group}, {rule.severity})\n\n{rule.page}\n"


def checks(catalogue: Iterable[Check]) -> str:
    """Return one line for each seal check: name, demand, what must hold."""
    lines = (f"  {check.name:<20} {check.demand}: {check.page.partition(chr(10))[0]}\n" for check in catalogue)
    return "seal\n" + "".join(lines)


def check_page(check: Check) -> str:
    """Return a check's page."""
    return f"{check.name} (seal, {check.demand})\n\n{check.page}\n"
