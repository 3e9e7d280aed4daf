"""A rule's docstring as a page: its parts, and the Markdown of the documentation.

The layout: a line that sums the rule up, then `Why:`, `Fails:`, `Passes:` and `How to fix:`. The two in the
middle hold sentences, or examples that are fenced and marked `markdown`, or pairs of examples of which the
first is marked `markdown before` and the second `markdown after`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from research_logbook.lint.rule import Rule
from research_logbook.logbook.vocabulary import FIELDS
from research_logbook.markdown.escape import row

_PARTS = ("Why", "Fails", "Passes", "How to fix")
_PART = re.compile(rf"^({'|'.join(_PARTS)}):[ \t]*", re.MULTILINE)
_FENCED = re.compile(
    r"^(?P<fence>`{3,})(?P<info>markdown[^`\n]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)


class Example(NamedTuple):
    """An example: what stands behind its fence, empty for a sentence, and its lines."""

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
    heads = list(_PART.finditer(_FENCED.sub(_blanked, docstring)))
    names = [head[1] for head in heads]
    if names != list(_PARTS):
        raise ValueError(_misplaced(names))
    starts = [*(head.start() for head in heads), len(docstring)]
    summary = " ".join(docstring[: starts[0]].split())
    if not summary:
        raise ValueError("there is no first line that sums the rule up")
    parts = {head[1]: docstring[head.end() : end].strip() for head, end in zip(heads, starts[1:], strict=True)}
    if empty := [name for name in _PARTS if not parts[name]]:
        raise ValueError(f"there is nothing after `{empty[0]}:`")
    fails, passes = (_examples(name, parts[name]) for name in ("Fails", "Passes"))
    return RulePage(summary, parts["Why"], fails, passes, parts["How to fix"])


def _blanked(fenced: re.Match[str]) -> str:
    return " " * len(fenced[0])


def _misplaced(names: Sequence[str]) -> str:
    missing = [name for name in _PARTS if name not in names]
    if missing:
        return f"there is no `{missing[0]}:`"
    return f"`{':`, `'.join(_PARTS)}:` stand once each, in this order"


def _examples(part: str, text: str) -> tuple[Example, ...]:
    examples = tuple(_pieces(text))
    if any(not example.info and "```" in example.text for example in examples):
        raise ValueError(f"a fence after `{part}:` has no end, or does not say `markdown`")
    if _pairs_are_broken([example.info for example in examples]):
        raise ValueError(f"a `before` after `{part}:` has no `after` below it, or the other way round")
    return examples


def _pieces(text: str) -> Iterator[Example]:
    end = 0
    for fenced in _FENCED.finditer(text):
        yield from _sentences(text[end : fenced.start()])
        yield Example(fenced["info"].strip(), fenced["text"])
        end = fenced.end()
    yield from _sentences(text[end:])


def _sentences(text: str) -> Iterator[Example]:
    if text.strip():
        yield Example("", text.strip())


def _pairs_are_broken(infos: Sequence[str]) -> bool:
    """Return whether a `before` is not followed at once by its `after`; a sentence may stand between them."""
    marks = [info.partition(" ")[2] for info in infos if info]
    before, after = ([index for index, mark in enumerate(marks) if mark == name] for name in ("before", "after"))
    return [index + 1 for index in before] != after


def render(rule: Rule, page: RulePage) -> str:
    """Return the section of a rule in the documentation, Markdown; its heading is its anchor."""
    needs = f"needs {rule.needs}" if rule.needs else ""
    return _section(f"### {rule.name}", " · ".join(filter(None, [f"*{rule.severity}*", *_marks(rule), needs])), page)


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
    blocks = [_block(example) for example in examples]
    if examples[0].info:
        yield f"**{name}:**"
        yield from blocks
    else:
        yield f"**{name}:** {blocks[0]}"
        yield from blocks[1:]


def _block(example: Example) -> str:
    if not example.info:
        return example.text
    kind, _, mark = example.info.partition(" ")
    longest = max(map(len, re.findall(r"`+", example.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return (f"{mark.capitalize()}:\n\n" if mark else "") + f"{fence}{kind}\n{example.text}{fence}"


def rules_page(catalogue: Sequence[Rule]) -> str:
    """Return the page of all rules, Markdown; raises `ValueError` for docstrings that are no pages."""
    pages = _pages(catalogue)
    groups: dict[str, list[Rule]] = {}
    for rule in catalogue:
        groups.setdefault(rule.group, []).append(rule)
    contents = [_contents(name, rules, pages) for name, rules in groups.items()]
    sections = [
        "\n\n".join([f"## {_title(name)}", *(render(rule, pages[rule.name]) for rule in rules)])
        for name, rules in groups.items()
    ]
    return "\n\n".join([_HEAD, *contents, *sections]) + "\n"


class Documented(Protocol):
    """What has a name and a page: a rule, or a seal check."""

    @property
    def name(self) -> str: ...  # noqa: D102 - of a protocol
    @property
    def page(self) -> str: ...  # noqa: D102 - of a protocol


class DocumentedCheck(Documented, Protocol):
    """A seal check."""

    @property
    def demand(self) -> str: ...  # noqa: D102 - of a protocol


def _pages(catalogue: Iterable[Documented]) -> dict[str, RulePage]:
    pages, faults = {}, []
    for rule in catalogue:
        try:
            pages[rule.name] = parse_page(rule.page)
        except ValueError as error:
            faults.append(f"{rule.name}: {error}")
    if faults:
        raise ValueError("\n".join(faults))
    return pages


def _contents(group: str, rules: Iterable[Rule], pages: Mapping[str, RulePage]) -> str:
    rows = [
        f"| [`{rule.name}`](#{rule.name}) | {rule.severity} | {cell(first_sentence(pages[rule.name].summary))} "
        f"| {', '.join(_marks(rule))} |"
        for rule in rules
    ]
    return "\n".join([f"**{_title(group)}**", "", "| rule | severity | what it flags | |", "|---|---|---|---|", *rows])


def first_sentence(text: str) -> str:
    """Return the first sentence."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z])", text, maxsplit=1)[0]


def _title(group: str) -> str:
    return group[:1].upper() + group[1:]


def cell(text: str) -> str:
    """Return Markdown as it stands in a cell of a table."""
    return text.replace("|", "\\|")


_HEAD = """\
<!-- Written by scripts/pages.py. -->
# Rules

A rule is named for the fault it finds. `.github/logbook.yml` gives a rule another severity, or switches it
off, under `rules`; `<!-- logbook: allow RULE -- reason -->` in a logbook silences it for the block of the
heading above, unless it is marked *cannot be allowed*. What is *fixable* is put right by `logbook lint
--fix`."""


def checks_page(catalogue: Sequence[DocumentedCheck]) -> str:
    """Return the page of all seal checks, Markdown; raises `ValueError` for docstrings that are no pages."""
    pages = _pages(catalogue)
    rows = [
        f"| [`{check.name}`](#{check.name}) | {check.demand} | {cell(first_sentence(pages[check.name].summary))} |"
        for check in catalogue
    ]
    contents = "\n".join(["| check | | holds when |", "|---|---|---|", *rows])
    sections = (_section(f"## {check.name}", f"*{check.demand}*", pages[check.name]) for check in catalogue)
    return "\n\n".join([_CHECKS_HEAD, contents, *sections]) + "\n"


_CHECKS_HEAD = """\
<!-- Written by scripts/pages.py. -->
# Seal checks

An experiment issue is sealed when all of these hold. A ticked box is not evidence: each check looks at the thing
itself. `.github/logbook.yml` makes a check `advisory`, `required` or `off` under `seal.checks`. An example is a part
of the issue's body unless it is marked as part of the logbook or of a comment."""


_SHOWN_FIELDS = (
    "hypothesis",
    "commit",
    "command",
    "job",
    "run",
    "config",
    "result",
    "interpretation",
    "next-action",
    "confidence",
)
_MOST_ALIASES = 5


def agents_page(catalogue: Iterable[Rule], logbook: str, issue: str) -> str:
    """Return the page; `logbook` and `issue` are the templates that `logbook new` writes from."""
    return _AGENTS_PAGE.format(
        fields="\n".join(_field_rows(FIELDS)),
        rules="\n\n".join(_orders(catalogue)),
        logbook=logbook.strip(),
        issue=issue.strip(),
    )


def _field_rows(aliases: Mapping[str, str]) -> Iterator[str]:
    written = defaultdict(list)
    for alias, key in aliases.items():
        if alias != key:
            written[key].append(alias.replace("-", " "))
    for key in _SHOWN_FIELDS:
        yield row([f"`{key.replace('-', ' ').capitalize()}`", ", ".join(written[key][:_MOST_ALIASES])])


def _orders(catalogue: Iterable[Rule]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for rule in catalogue:
        order = parse_page(rule.page).how_to_fix.replace("\n", " ")
        groups.setdefault(rule.group, []).append(f"- `{rule.name}` ({rule.severity}): {order}")
    for group, lines in groups.items():
        yield "\n".join([f"### {group.capitalize()}", "", *lines])


_AGENTS_PAGE = """\
<!-- Written by scripts/pages.py. -->
# For agents

You keep the record of a research thread: a logbook, an experiment issue, a research branch, snapshots. This page is
all that you need to know to keep it so that `logbook lint` has nothing to say. Its tables are made from the code.

## What to do when

1. **Begin**: `logbook new TOPIC --agent` (with `--yes` once somebody has agreed to what is published and where; with
   `--issue N` for an issue that is there; with `--no-issue` without GitHub). Fill in every `{{{{…}}}}`, or delete
   its line.
2. **After each experiment**: append one entry at the end of the log. Never edit an older one.
3. **Before each commit**: `logbook lint`. Exit code 0 is good, 1 has findings, each with a line that begins `help:`.
   `logbook lint --format json` is the same for programs. `logbook rules NAME` explains a rule.
4. **In doubt about one experiment**: `logbook trace ID` says what its record lacks.
5. **A pull request** from the branch says `Part of #N`, never `Closes #N`.

## An entry

```markdown
### 2026-05-26 09:00 - SPA-AT-002 second seed

- Hypothesis: `SPA-AT-H1`
- Commit Hash: `1691d0a9afbf`
- Command: `python -m train --blocks 512 --seed 1`
- Config: what the command does not say
- Result: loss 2.229 after 400 steps
- Interpretation: replicates SPA-AT-001; `replicated`
- Next action: measure the step time
```

The heading is date, time, ` - `, the experiment ID and a few words. A result that is still to come is `pending`;
when it comes it is completed, and the next action with it. A failure is a result: say how it failed.

| field | also read as |
|---|---|
{fields}

## What may change, and what may not

- New entries at the end; new lines, fields and list items in an entry; sentences at the end of a field; a pending value
  that is completed: all fine. So is any formatting.
- A mistake in an old entry is struck out, with what is right after it: `~~2.213~~ 2.231`. Nothing is deleted.
- A hypothesis that was wrong moves to *Falsified* with its evidence; its item stays.
- A secret may always be taken out: put `<redacted>` there.
- Do not touch `.github/logbook.yml` in the change that it would judge: the default branch's counts anyway.
- A finding that is wrong is silenced for one heading's block, with the reason:
  `<!-- logbook: allow RULE -- reason -->`. Findings about history and secrets cannot be silenced.

## The rules, as orders

{rules}

## The logbook at its start

````markdown
{logbook}
````

## The issue at its start

````markdown
{issue}
````
"""
