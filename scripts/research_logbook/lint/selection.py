"""Which rules a look at the findings is about: `--select` and `--ignore`, and what `logbook rules` is asked for."""

from collections.abc import Iterable

from research_logbook.errors import UserError, did_you_mean
from research_logbook.lint.rules import ALWAYS_SHOWN, CATALOGUE, NAMES
from research_logbook.markdown.escape import quoted

GROUPS = tuple(dict.fromkeys(rule.group for rule in CATALOGUE))
ALL = "all"


def rules_selected(select: Iterable[str], ignore: Iterable[str]) -> frozenset[str]:
    """Return the names of the rules that are looked at; each item lists rules or groups, with commas between.

    Raises `UserError` for what is neither.
    """
    wanted = _named(select, "--select") if select else NAMES
    return wanted - _named(ignore, "--ignore") if ignore else wanted


def _named(lists: Iterable[str], option: str) -> frozenset[str]:
    found: set[str] = set()
    for name in (item.strip() for listed in lists for item in listed.split(",")):
        if not name:
            continue
        named = in_group(name)
        if name in NAMES:
            named = frozenset({name})
        elif name.casefold() == ALL:
            named = NAMES
        if not named:
            lists_them = "`logbook rules` lists rules and groups; several are separated by commas"
            raise UserError(
                f"{option} names no rule or group `{quoted(name)}`",
                did_you_mean(name, (*NAMES, *GROUPS, ALL), otherwise=lists_them),
            )
        found |= named
    if not found:
        raise UserError(f"{option} names no rule", "name rules or groups, separated by commas")
    return frozenset(found)


def in_group(name: str) -> frozenset[str]:
    """Return the names of the rules of a group; none where there is no such group."""
    group = next((group for group in GROUPS if group.casefold() == name.casefold()), None)
    return frozenset(rule.name for rule in CATALOGUE if rule.group == group)


def note_on(selected: frozenset[str]) -> str:
    """Return a sentence that says what was not looked at; empty where every rule was."""
    left = NAMES - selected
    if not left:
        return ""
    whole = [group for group in GROUPS if in_group(group) <= left]
    single = [rule.name for rule in CATALOGUE if rule.name in left and rule.group not in whole]
    shown = [*(f"all of {group}" for group in whole), *single]
    if len(shown) > _MOST_NAMED:
        guards = [rule.name for rule in CATALOGUE if rule.name in left & ALWAYS_SHOWN and rule.group not in whole]
        kept = [*(f"all of {group}" for group in whole if in_group(group) & ALWAYS_SHOWN), *guards][:_MOST_NAMED]
        shown = [*kept, f"{len(left)} rules in all"]
    return f"not judged, as --select or --ignore leaves it out: {', '.join(shown)}"


_MOST_NAMED = 6
