"""One rule and one logbook in a line: what the rule says of it, and where."""

from collections.abc import Mapping
from typing import Any

from book import written
from lint.examples import BASE, Case, Given, book, facts_of, wrapped
from research_logbook.lint.rules.rule import ChangeSet, LintCase, Revision, Rule, RuleHit, Scope
from research_logbook.logbook.queries import JUDGED


def logbook(text: str) -> str:
    """Return the Markdown of a text: a fragment as on the rules' pages, or one in the tiny language of `book`."""
    return wrapped(text) if "\n" in text or text.startswith("#") else written(text)


def hits(
    rule: Rule,
    text: str,
    *,
    before: str | None = None,
    is_new: bool = False,
    everything: bool = False,
    tree: str = JUDGED,
    besides: Mapping[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
    **given: Any,
) -> list[RuleHit]:
    """Return what a rule finds in a logbook; `given` is as on the rules' pages, `facts` replaces some of them.

    `besides` are more logbooks that are judged, for a rule about several, by path.
    """
    case = Case(
        should_fail=True,
        given=Given(**given),
        before=logbook(before) if before else None,
        after=logbook(text) if text else None,
    )
    config = case.given.configuration
    after = book(case.after, case.given.file) if case.after else None
    known = facts_of(case, after, config, **(facts or {}))
    if rule.scope is Scope.CHANGE:
        more = [book(logbook(other), path) for path, other in (besides or {}).items()]
        books = tuple(one.brief for one in [*([after] if after else []), *more])
        return list(rule.check(ChangeSet(books, known, config)))
    assert after
    revisions = (Revision(BASE, case.given.file, book(case.before, case.given.file)),) if case.before else ()
    return list(rule.check(LintCase(after, known, config, revisions, tree, is_new=is_new, everything=everything)))


def said(rule: Rule, text: str, **how: Any) -> list[str]:
    """Return the messages of what a rule finds in a logbook."""
    return [hit.message for hit in hits(rule, text, **how)]


def shown(rule: Rule, text: str, **how: Any) -> list[str]:
    """Return the lines that a rule points at."""
    lines = logbook(text).split("\n")
    return [lines[hit.where.span.line - 1] for hit in hits(rule, text, **how)]
