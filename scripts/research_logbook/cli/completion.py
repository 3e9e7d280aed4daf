"""What a shell completes: topics, experiment IDs, snapshots, rules. It never fails, and imports no more than it needs.

Names come from files that anybody may have written, and shells put them on the command line as they are: one with a
character that means something to a shell is not offered.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import click
from click.shell_completion import CompletionItem, shell_complete

VARIABLE = "_LOGBOOK_COMPLETE"

_HARMLESS = re.compile(r"[\w./-]{1,200}")
_MOST = 200

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def answer(cli: click.Command) -> int:
    """Print what a shell asks for, and return the exit code: whatever goes wrong, nothing is completed."""
    errors = sys.stderr
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path of anybody
            sys.stderr = nowhere
            return shell_complete(cli, {}, "logbook", VARIABLE, os.environ[VARIABLE])
    except (Exception, KeyboardInterrupt):  # noqa: BLE001 - nobody reads it between two keys
        return 0
    finally:
        sys.stderr = errors


def completing(names: Callable[[], Iterable[str]]) -> Completer:
    """Return what completes one of these names; none where they cannot be found out."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        found: list[str] = []
        with suppress(Exception):
            found = [name for name in names() if _HARMLESS.fullmatch(name) and not name.startswith("-")]
        near = (name for name in found if name.casefold().startswith(incomplete.casefold()))
        return [CompletionItem(name) for name in list(dict.fromkeys(near))[:_MOST]]

    return complete


def _topics() -> Iterable[str]:
    from research_logbook.logbook.model import topic_of  # noqa: PLC0415 - only where a topic is completed
    from research_logbook.repo.versions import logbook_files  # noqa: PLC0415

    context = _context()
    return map(topic_of, sorted(logbook_files(context.clone(), context.work_tree_config)))


def _ids() -> Iterable[str]:
    from research_logbook.repo.research_branches import ids_here  # noqa: PLC0415 - only where an ID is completed

    context = _context()
    return reversed(ids_here(context.clone(), context.work_tree_config))


def _tags() -> Iterable[str]:
    from research_logbook.repo import ALL_TAGS  # noqa: PLC0415 - only where a tag is completed

    return sorted(tag for tag in _context().clone().tag_names() if tag.startswith(f"{ALL_TAGS}/"))


def _context() -> Any:
    from research_logbook.context import RunContext  # noqa: PLC0415 - only where a repository is asked

    return RunContext.here()


def _rules() -> Iterable[str]:
    from research_logbook.lint.rules import CATALOGUE  # noqa: PLC0415 - only where a rule is completed

    return (rule.name for rule in CATALOGUE)


def _rules_and_checks() -> Iterable[str]:
    from research_logbook.seal.checks import CATALOGUE  # noqa: PLC0415 - only where one is completed

    return (*_rules(), *(check.name for check in CATALOGUE))


topics = completing(_topics)
ids = completing(_ids)
tags = completing(_tags)
rules_and_checks = completing(_rules_and_checks)


def rule_lists(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the last rule of a list with commas."""
    before, comma, last = incomplete.rpartition(",")
    if comma and os.environ.get(VARIABLE, "").startswith("fish"):  # click's function for fish cuts at a comma
        return []
    found = completing(_rules)(context, parameter, last)
    return [CompletionItem(f"{before}{comma}{item.value}") for item in found]
