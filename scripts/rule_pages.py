"""The documentation pages of rules, made from their docstrings, and the page for agents.

A docstring is laid out as a first line that sums the rule up, then `Why:`, `Fails:`, `Passes:` and `How to fix:`. The
two in the middle hold sentences and examples. An example is fenced and marked `markdown`, or is a pair of which the
first is marked `markdown before` and the second `markdown after`. A fence marked `yaml given` before it states what
else is so: the branch, the pull request, the issues, the files of the repository. It can also be an example by itself.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from research_logbook.lint.rules.rule import Rule
from research_logbook.logbook.model import Status
from research_logbook.logbook.vocabulary import FIELDS, HEADER_FACTS, ISSUE_SECTIONS, SECTIONS, STATUSES
from research_logbook.markdown.escape import row
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
_SHOWN_SECTIONS = (
    *("scope", "baseline", "stop-criteria", "hypotheses", "decision-log", "negative-results", "tldr", "conclusion"),
    *("next-steps", "links", "motivation"),
)
_SHOWN_FACTS = ("issue", "branch", "prefix", "tags", "parent")
STILL_TO_COME = (
    "pending",
    "TBD",
    "to be filled in",
    "running",
    "queued",
    "submitted",
    "not started",
    "results to come",
)
"""What says of a value that it is still to come."""
NOTHING = ("none", "no next steps", "n/a", "not applicable")
"""What says that there is nothing."""


def agents_page(catalogue: Iterable[Rule], logbook: str, issue: str) -> str:
    """Return the page; `logbook` and `issue` are the templates that `logbook new` writes from."""
    names = {
        "fields": _names(FIELDS, _SHOWN_FIELDS),
        "facts": _names(HEADER_FACTS, _SHOWN_FACTS),
        "sections": _names(SECTIONS, _SHOWN_SECTIONS),
        "issue_sections": _names(ISSUE_SECTIONS, dict.fromkeys(ISSUE_SECTIONS.values())),
        "states": _names({word: state.value for word, state in STATUSES.items()}, map(str, Status)),
        "pending": ", ".join(STILL_TO_COME),
        "nothing": ", ".join(NOTHING),
    }
    groups = []
    for name, rules in groupby((rule for rule in catalogue if rule.default_on), lambda rule: rule.group):
        fixes = ((rule, parse_page(rule.page).how_to_fix.replace("\n", " ")) for rule in rules)
        lines = [f"- `{rule.name}` ({rule.severity}): {fix}" for rule, fix in fixes]
        groups.append("\n".join([f"### {name[:1].upper() + name[1:]}", "", *lines]))
    return _AGENTS_PAGE.format(rules="\n\n".join(groups), logbook=logbook.strip(), issue=issue.strip(), **names)


def _names(table: Mapping[str, str], shown: Iterable[str]) -> str:
    """Return the rows of a table of canonical names, each with all others by which it is known."""
    aliases = defaultdict(list)
    for alias, key in table.items():
        if alias != key:
            aliases[key].append(alias.replace("-", " "))
    return "\n".join(row([f"`{key.replace('-', ' ').capitalize()}`", ", ".join(aliases[key])]) for key in shown)


_AGENTS_PAGE = """\
<!-- Written by scripts/pages.py. -->
# For agents

You keep the record of a research thread: a logbook, an experiment issue, a research branch and snapshots. This page
is all you need to keep it so that `logbook lint` finds nothing. It is generated from the code.

## What to do when

1. **Start**: `logbook new TOPIC --agent` (with `--yes` once somebody has agreed to what will be published and
   where; `--issue N` for an existing issue; `--no-issue` without GitHub; `--prefix` chooses the prefix of the
   experiment IDs). It writes `.agents/logbooks/TOPIC.md`. Fill in every `{{{{…}}}}`, or delete its line.
2. **After each experiment**: append one entry at the end of the log, and move its hypothesis in the queue, with the
   entry as evidence. A hypothesis that is taken up again moves back and keeps the old evidence. A decision is a line
   at the end of the decision log: `- 2026-05-26: 512 blocks from now on, because of SPA-AT-002`.
3. **Before each commit**: run `logbook lint`. Exit code 0 means that it passes, perhaps with warnings
   (`--fail-on warning` fails on those too), 1 that it fails; each finding has a `help:` line.
   `logbook lint --format json` prints the same for programs. `logbook rules NAME` explains a rule.
4. **To keep the code of a result**: end the message of the commit that records it with a line
   `Snapshot: SPA-AT-002` (an experiment ID or a slug), and push. The workflow tags it and tells the issue; set no
   tag by hand.
5. **If you are unsure about an experiment**: `logbook trace ID` shows its entry, commit, tag and runs, and what is
   missing. Where there is no run to link or snapshot to take, an entry may say so: `W&B: none`, `Snapshot: none`.
6. **In a pull request** from the branch, write `Part of #N`, never `Closes #N`.
7. **At the end**: settle every hypothesis; write `## TL;DR` above `## Scope`, naming the last experiment, and
   `## Conclusion` and `## Next steps` after the log. These may be rewritten at any time.

## An entry

```markdown
### 2026-05-26 09:00 - SPA-AT-002 second seed

- Hypothesis: `SPA-AT-H1`
- Commit Hash: `1691d0a9afbf`
- Command: `python -m train --blocks 512 --seed 1`
- Config: whatever the command does not say
- Result: loss 2.229 after 400 steps
- Interpretation: replicates SPA-AT-001; `replicated`
- Next action: measure the step time
```

The heading is the date, the time, ` - `, the experiment ID and a short label. While a result is outstanding, write
`pending`; fill it in when it arrives, and add to the next action. A failure is a result: say how it failed.

## What may change, and what may not

- You may add entries at the end; add lines, fields and list items to an entry; add sentences at the end of a field;
  fill in pending values; and change formatting.
- Never put a new heading, item, label or quote around old text, tick a box in an old entry, or renumber a list: write
  what has happened since as a new entry, or as a sentence at the end.
- Until an entry is pushed, you may change it. After that, correct a mistake by striking out the whole word or phrase,
  spelling included: `~~2.213~~ 2.231`. Never delete anything.
- Move a hypothesis that turned out wrong to *Falsified* with its evidence; do not remove it. Once a result names it,
  its claim keeps its words: a new claim is a new hypothesis.
- After the first result, change a goal, primary metric, success threshold or stop criterion only together with a new
  entry or decision that says what changed, and why.
- You may always replace a secret with `<redacted>`.
- Do not change `.github/logbook.yml` to silence a finding: the one on the default branch is used.
- Suppress a wrong finding below its heading, with a reason: `<!-- logbook: allow RULE -- reason -->`. Findings about
  history and secrets cannot be suppressed.

## The rules, as instructions

{rules}

## Other names

The names in the template suffice. These matter for a logbook that was begun otherwise.
Any of these names will do, in lower or upper case, with a number, an emoji or an aside in parentheses. A section is
what its whole title says: “Hypothesis Queue Update” is no hypothesis queue.

| field | also recognised as |
|---|---|
{fields}

| fact in the header | also recognised as |
|---|---|
{facts}

“Weaver issue #170” is an issue on another tracker, “Shared W&B tags” are tags. Several facts may stand on a line.

| section | also recognised as |
|---|---|
{sections}

| section of an issue | also recognised as |
|---|---|
{issue_sections}

| state of a hypothesis | also recognised as |
|---|---|
{states}

A hypothesis ID is what stands as code or in bold before the colon (`H-wgrad`), or a word with a number (`H1`).

A value is still to come if it begins with {pending}, or is a dash, dots or a question mark.
Nothing is to be said if it begins with {nothing}. Both mean the same in every place.

## The logbook template

````markdown
{logbook}
````

## The issue template

````markdown
{issue}
````
"""
