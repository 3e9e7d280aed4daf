"""The page for whoever writes a logbook: the same rules, said as orders, with what the code accepts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from research_logbook.lint.pages import parse_page
from research_logbook.lint.rule import Rule
from research_logbook.logbook.vocabulary import FIELDS
from research_logbook.markdown.escape import row

_SHOWN = (
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
    return _PAGE.format(
        fields="\n".join(_fields(FIELDS)),
        rules="\n\n".join(_rules(catalogue)),
        logbook=logbook.strip(),
        issue=issue.strip(),
    )


def _fields(aliases: Mapping[str, str]) -> Iterator[str]:
    written = defaultdict(list)
    for alias, key in aliases.items():
        if alias != key:
            written[key].append(alias.replace("-", " "))
    for key in _SHOWN:
        yield row([f"`{key.replace('-', ' ').capitalize()}`", ", ".join(written[key][:_MOST_ALIASES])])


def _rules(catalogue: Iterable[Rule]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for rule in catalogue:
        order = parse_page(rule.page).way_out.replace("\n", " ")
        groups.setdefault(rule.group, []).append(f"- `{rule.name}` ({rule.severity}): {order}")
    for group, lines in groups.items():
        yield "\n".join([f"### {group.capitalize()}", "", *lines])


_PAGE = """\
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
