"""Reading the configuration: `.github/logbook.yml` becomes a `Config`, or every problem in it at once."""

import datetime as dt
import re
from collections.abc import Callable, Collection
from functools import partial
from itertools import islice

import msgspec

from research_logbook import patterns
from research_logbook.config import expressions, placed, shape
from research_logbook.config.placed import Items, Kind, Mapping, Node, Problem, Scalar
from research_logbook.config.schema import PROJECT, Config, _host
from research_logbook.errors import ConfigurationError, Refusal
from research_logbook.logbook import vocabulary
from research_logbook.markdown.escape import printable

MOST_PROBLEMS = 100
"""Problems that are told at once; a file with more is no configuration."""


def load(
    text: str,
    path: str,
    rules: Collection[str],
    never_allowed: Collection[str] = (),
    checks: Collection[str] = (),
) -> Config:
    """Return the configuration that `text` holds; an empty one is all defaults.

    `path` names the file in messages, `rules` are the names of all rules, `never_allowed` of those that no reason
    silences, and `checks` of the seal checks. Raises `ConfigurationError`, whose message has a line for every
    problem. What is read is bounded by `placed.LARGEST` and `placed.DEEPEST`.
    """
    root, unreadable = placed.read(text)
    if root is None and not unreadable:
        return Config()
    known = _checks(rules, never_allowed, checks)
    misfits = shape.problems(root, msgspec.inspect.type_info(Config), known) if root else ()
    problems = [*islice(unreadable, MOST_PROBLEMS), *islice(misfits, MOST_PROBLEMS)]
    if problems or root is None:
        raise ConfigurationError(_told(problems, path), "docs/configuration.md describes every key")
    return msgspec.convert(_plain(root), Config)


def _told(problems: list[Problem], path: str) -> str:
    problems.sort(key=lambda problem: problem.line)
    lines = [f"{path}:{problem.line}: {problem.why}; {problem.help}" for problem in problems[:MOST_PROBLEMS]]
    more = [f"{path}: there are more problems; correct these first"] * (len(problems) >= MOST_PROBLEMS)
    return "\n".join(printable(line) for line in lines + more)


def _plain(node: Node) -> object:
    match node:
        case Mapping(pairs=pairs):
            return {key.text: _plain(value) for key, value in pairs}
        case Items(items=items):
            return [_plain(item) for item in items]
        case Scalar(text=text, kind=kind):
            return int(text) if kind is Kind.WHOLE else text
    raise TypeError(node)


def _checks(rules: Collection[str], never_allowed: Collection[str], checks: Collection[str]) -> dict[str, shape.Check]:
    return {
        "rule": _of_text(partial(_rule, known=rules)),
        "allowed-rule": _of_text(partial(_allowed_rule, known=rules, never=never_allowed)),
        "check": _of_text(partial(_check, known=checks)),
        "title": _of_text(_title),
        "day": _of_text(_day),
        "reason": _of_text(_reason),
        "pattern": _of_text(patterns.refusal),
        "one-pattern": _of_text(_one_pattern),
        "patterns": _patterns,
        "expression": _of_text(expressions.refusal),
        "host": _of_text(_host),
        "project": _of_text(_project),
    }


def _of_text(check: Callable[[str], Refusal | None]) -> shape.Check:
    return lambda node: check(node.text) if isinstance(node, Scalar) else None


def _rule(name: str, known: Collection[str]) -> Refusal | None:
    if name in known:
        return None
    meant = shape.nearest(name, known)
    return Refusal("is no rule", f"did you mean `{meant}`?" if meant else "`logbook rules` lists them")


def _allowed_rule(name: str, known: Collection[str], never: Collection[str]) -> Refusal | None:
    if name in never:
        return Refusal("cannot be allowed", "remove it: what it finds has to be put right")
    return _rule(name, known)


def _check(name: str, known: Collection[str]) -> Refusal | None:
    if name in known:
        return None
    meant = shape.nearest(name, known)
    return Refusal("is no seal check", f"did you mean `{meant}`?" if meant else "`logbook rules --seal` lists them")


def _title(text: str) -> Refusal | None:
    return None if vocabulary.slug(text) else Refusal("is no title of a section", "write it as its heading has it")


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _day(text: str) -> Refusal | None:
    refusal = Refusal("is no day", "write it as 2026-05-25")
    if not text:
        return None
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return refusal
    return None if _DAY.fullmatch(text) else refusal


def _project(text: str) -> Refusal | None:
    if re.fullmatch(PROJECT, text):
        return None
    return Refusal("is no project of W&B", "write it as ENTITY/PROJECT, as in the project's address")


def _reason(text: str) -> Refusal | None:
    return None if text.strip() else Refusal("is empty", "say why the rule is silenced")


def _one_pattern(text: str) -> Refusal | None:
    if text.startswith("!"):
        return Refusal("begins with `!`, which takes back from nothing", "write what it holds for")
    return patterns.refusal(text)


def _patterns(node: Node) -> Refusal | None:
    first = node.items[0] if isinstance(node, Items) and node.items else None
    if isinstance(first, Scalar) and first.text.startswith("!"):
        return Refusal("begins with a pattern that takes back from nothing", "put a pattern without `!` first")
    return None
