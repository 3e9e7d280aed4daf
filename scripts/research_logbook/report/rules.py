"""The rules for a terminal: the list, and the page of one."""

from collections.abc import Iterable

from research_logbook.rules.rule import Rule


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
