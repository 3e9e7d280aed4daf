"""The documentation pages of rules and seal checks, made from their docstrings.

A docstring is laid out as a first line that sums the rule up, then `Why:`, `Fails:`, `Passes:` and `How to fix:`. The
two in the middle hold sentences and examples. An example is fenced and marked `markdown`, or is a pair of which the
first is marked `markdown before` and the second `markdown after`. A fence marked `yaml given` before it states what
else is so: the branch, the pull request, the issues, the files of the repository. It can also be an example by itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from research_logbook.lint.rules.rule import Rule
from research_logbook.seal.checks.facts import SealCheck

_PARTS = ("Why", "Fails", "Passes", "How to fix")
_PART = re.compile(rf"^({'|'.join(_PARTS)}):[ \t]*", re.MULTILINE)
_FENCED = re.compile(
    r"^(?P<fence>`{3,})(?P<info>(?:markdown|yaml given)[^`\n]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


class Example(NamedTuple):
    """An example, or a part of one: the info string of its fence, empty for a sentence, and its lines."""

    info: str
    text: str


@dataclass(frozen=True, slots=True)
class RulePage:
    """What a rule's docstring says."""

    summary: str
    why: str
    fails: tuple[Example, ...]
    passes: tuple[Example, ...]
    how_to_fix: str


def parse_page(docstring: str) -> RulePage:
    """Return the parts of a rule's docstring; raises `ValueError` that names what is missing or misplaced."""
    heads = list(_PART.finditer(_FENCED.sub(lambda fenced: " " * len(fenced[0]), docstring)))
    names = [head[1] for head in heads]
    if names != list(_PARTS):
        missing = [name for name in _PARTS if name not in names]
        order = f"write `{':`, `'.join(_PARTS)}:` once each, in this order"
        raise ValueError(f"there is no `{missing[0]}:`" if missing else order)
    starts = [*(head.start() for head in heads), len(docstring)]
    summary = " ".join(docstring[: starts[0]].split())
    if not summary:
        raise ValueError("the first line, a summary, is missing")
    parts = {head[1]: docstring[head.end() : end].strip() for head, end in zip(heads, starts[1:], strict=True)}
    if empty := [name for name in _PARTS if not parts[name]]:
        raise ValueError(f"there is nothing after `{empty[0]}:`")
    fails, passes = (_examples(name, parts[name]) for name in ("Fails", "Passes"))
    return RulePage(summary, parts["Why"], fails, passes, parts["How to fix"])


def _examples(part: str, text: str) -> tuple[Example, ...]:
    """Return the sentences and fences of a part in their order."""
    examples, end = [], 0
    for fenced in _FENCED.finditer(text):
        examples += [Example("", text[end : fenced.start()].strip()), Example(fenced["info"].strip(), fenced["text"])]
        end = fenced.end()
    examples = [example for example in (*examples, Example("", text[end:].strip())) if example.info or example.text]
    if any(not example.info and "```" in example.text for example in examples):
        raise ValueError(f"a fence after `{part}:` is not closed, or not marked `markdown` or `yaml given`")
    marks = [example.info.partition(" ")[2] for example in examples if example.info]
    if not marks:
        raise ValueError(f"there is no example after `{part}:`")
    before, after = ([index for index, mark in enumerate(marks) if mark == name] for name in ("before", "after"))
    if [index + 1 for index in before] != after:
        raise ValueError(f"a `before` under `{part}:` has no `after` below it, or an `after` no `before`")
    return tuple(examples)


def render(rule: Rule, page: RulePage) -> str:
    """Return the section of a rule in the documentation, Markdown; its heading is its anchor."""
    needs = [f"needs {rule.needs}"] if rule.needs else []
    return _section(f"### {rule.name}", " · ".join([f"*{rule.severity}*", *_marks(rule), *needs]), page)


def _section(heading: str, marks: str, page: RulePage) -> str:
    return "\n\n".join(
        [
            heading,
            page.summary,
            marks,
            f"**Why:** {page.why}",
            *_examples_shown("Fails", page.fails),
            *_examples_shown("Passes", page.passes),
            f"**How to fix:** {page.how_to_fix}",
        ]
    )


def _marks(rule: Rule) -> Iterator[str]:
    if rule.fixable:
        yield "fixable"
    if not rule.default_on:
        yield "off by default"
    if not rule.can_be_allowed:
        yield "cannot be allowed"


def _examples_shown(name: str, examples: Sequence[Example]) -> Iterator[str]:
    """Yield the paragraphs of a part of a page, `Fails` or `Passes`."""
    heading = f"**{name}:**"
    if examples[0].info:
        yield heading
    for index, (info, text) in enumerate(examples):
        if info:
            kind, _, mark = info.partition(" ")
            fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
            yield (f"{mark.capitalize()}:\n\n" if mark else "") + f"{fence}{kind}\n{text}{fence}"
        else:
            yield text if index else f"{heading} {text}"


def _pages(catalogue: Iterable[Rule | SealCheck]) -> dict[str, RulePage]:
    pages, problems = {}, []
    for item in catalogue:
        try:
            pages[item.name] = parse_page(item.page)
        except ValueError as error:
            problems.append(f"{item.name}: {error}")
    if problems:
        raise ValueError("\n".join(problems))
    return pages


def rules_page(catalogue: Sequence[Rule]) -> str:
    """Return the page of all rules, Markdown; raises `ValueError` that names every docstring that is not a page."""
    pages = _pages(catalogue)
    contents, sections = [], []
    for name, group in groupby(catalogue, lambda rule: rule.group):
        rules = list(group)
        title = name[:1].upper() + name[1:]
        rows = [
            f"| [`{rule.name}`](#{rule.name}) | {rule.severity} | {_cell(pages[rule.name])} "
            f"| {', '.join(_marks(rule))} |"
            for rule in rules
        ]
        contents.append(
            "\n".join([f"**{title}**", "", "| rule | severity | what it flags | |", "|---|---|---|---|", *rows])
        )
        sections.append("\n\n".join([f"## {title}", *(render(rule, pages[rule.name]) for rule in rules)]))
    return "\n\n".join([_HEAD, *contents, *sections]) + "\n"


def _cell(page: RulePage) -> str:
    """Return the first sentence of a page for the cell of a table."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", page.summary, maxsplit=1)[0].replace("|", "\\|")


_HEAD = """\
<!-- Written by scripts/pages.py. -->
# Rules

A rule is named for the fault it finds. `.github/logbook.yml` changes a rule's severity or switches it off under
`rules`. `<!-- logbook: allow RULE -- reason -->` in a logbook suppresses it below the nearest heading above, unless the
rule is marked *cannot be allowed*. `logbook lint --fix` fixes what is marked *fixable*.

In the examples, *Given* states the circumstances: the branch, the pull request, the issues, or the files in the
repository."""


def checks_page(catalogue: Sequence[SealCheck]) -> str:
    """Return the page of all seal checks, Markdown; raises `ValueError` as `rules_page` does."""
    pages = _pages(catalogue)
    rows = [f"| [`{check.name}`](#{check.name}) | {check.demand} | {_cell(pages[check.name])} |" for check in catalogue]
    contents = "\n".join(["| check | | holds when |", "|---|---|---|", *rows])
    sections = (_section(f"## {check.name}", f"*{check.demand}*", pages[check.name]) for check in catalogue)
    return "\n\n".join([_CHECKS_HEAD, contents, *sections]) + "\n"


_CHECKS_HEAD = """\
<!-- Written by scripts/pages.py. -->
# Seal checks

An experiment issue is sealed when all of these hold. A ticked box is not evidence: each check looks at the thing
itself. `.github/logbook.yml` makes a check `advisory`, `required` or `off` under `seal.checks`. An example is a part
of the issue's body unless it is marked as part of the logbook or of a comment."""
