"""A tiny language for logbooks in tests, and a way to say in a few lines what one was read as.

`book("issue=#8734 prefix=MOE-HC; H1 active; E1 command result; E2@2026-06-01 pending")` is a logbook with two header
facts, a hypothesis queue and two entries. An item is a word and what belongs to it:

- `E2` is entry `MOE-HC-002`, a day after `E1`; `E2@2026-06-01` gives it a day, `E2b`, `E4..6` and `E-` (no ID) an ID.
  Fields follow by name (see `FIELDS`), with a value of their own after `=`: `E1 command='make all' result`. Anything
  else in an entry is a paragraph: `E1 'It diverged.'`.
- `H1 active` is hypothesis `MOE-HC-H1` under that state; words in quotes are said of it.
- `D@2026-05-25 'one seed is enough'` is a decision.
- `issue=#8734 branch=research/moe` are facts of the header.

Keywords name further sections, before the log: `book("E1", baseline="- d512: 3.81")`.
"""

import datetime as dt
import re
import shlex
from collections.abc import Iterable, Iterator

from research_logbook.logbook import parse
from research_logbook.logbook.model import Entry, Logbook

PATH = ".agents/logbooks/moe-hill-climb.md"
PREFIX = "MOE-HC"
FIELDS = {
    "hypothesis": ("Hypothesis", "one more expert keeps the loss."),
    "commit": ("Commit Hash", "`1691d0a9afbf`"),
    "command": ("Command", "`python -m train --seed 0`"),
    "job": ("Job", "`/ana/moe-hc-seed-0`"),
    "run": ("W&B run", "moe-hc-seed-0"),
    "config": ("Config", "width 512, 400 steps."),
    "result": ("Result", "loss 2.214 after 400 steps."),
    "failure": ("Result", "diverged at step 40."),
    "pending": ("Result", "pending."),
    "interpretation": ("Interpretation", "within the noise of the baseline."),
    "next": ("Next action", "a second seed."),
    "confidence": ("Confidence", "`exploratory`"),
}
"""Fields by their name in the language: the name in the logbook, and what they say unless told otherwise."""

_FACTS = {
    "issue": "Issue",
    "branch": "Branch",
    "prefix": "Experiment ID prefix",
    "tags": "Tags",
    "parent": "Parent logbook",
}
_FIRST_DAY = dt.date(2026, 5, 24)


def book(text: str = "", **sections: str) -> Logbook:
    """Return the logbook that a text in the tiny language stands for."""
    return parsed(written(text, **sections))


def parsed(text: str | bytes, path: str = PATH) -> Logbook:
    """Return the logbook of a text in Markdown."""
    read = parse(path, text if isinstance(text, bytes) else text.encode())
    assert isinstance(read, Logbook), read
    return read


def written(text: str = "", **sections: str) -> str:
    """Return the Markdown that a text in the tiny language stands for."""
    items = [shlex.split(item) for item in text.split(";") if item.strip()]
    entries = [_entry(*item) for item in items if re.fullmatch(r"E.*", item[0])]
    queue = [_hypothesis(*item) for item in items if re.fullmatch(r"H\d+", item[0])]
    decisions = [_decision(*item) for item in items if item[0].startswith("D@")]
    parts = [
        "# MoE hill climb: Research Logbook",
        "\n".join(_facts(items)),
        *(f"## {name.replace('_', ' ').capitalize()}\n\n{body}" for name, body in sections.items()),
        *(["## Hypothesis Queue", *queue] if queue else []),
        *(["## Decision Log", "\n".join(decisions)] if decisions else []),
        "## Entry Log",
        *entries,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(items: Iterable[list[str]]) -> Iterator[str]:
    for item in items:
        if "=" in item[0]:
            yield from (f"- {_FACTS[name]}: {value}" for name, _, value in (word.partition("=") for word in item))


def _entry(head: str, *fields: str) -> str:
    number, _, day = head[1:].partition("@")
    digits = re.match(r"\d+", number)
    when = day or str(_FIRST_DAY + dt.timedelta(days=int(digits[0]) if digits else 0))
    name = re.sub(r"\d+", lambda match: f"{int(match[0]):03}", number)
    label = "seed run" if number == "-" else f"{PREFIX}-{name} seed run"
    return "\n".join([f"### {when} - {label}", "", *map(_field, fields)]).rstrip()


def _field(text: str) -> str:
    name, _, value = text.partition("=")
    if name not in FIELDS:
        return f"\n{text}\n"
    title, usual = FIELDS[name]
    return f"- {title}: {value or usual}"


def _hypothesis(name: str, state: str, *said: str) -> str:
    return f"### {state.capitalize()}\n\n- `{PREFIX}-{name}`: {' '.join(said) or 'one more expert keeps the loss.'}"


def _decision(head: str, *said: str) -> str:
    return f"- {head[2:]}: {' '.join(said)}"


def outline(logbook: Logbook) -> list[str]:
    """Return what a logbook's entries were read as, a line for each.

    `7-12 2026-05-25 04:50 UTC | MOE-HC-001 | kickoff | experiment | command result?`: its lines, when (`-` where it
    is not dated), IDs, label, kind and fields; `?` marks a pending value.
    """
    return [_line(entry) for entry in logbook.everything]


def _line(entry: Entry) -> str:
    when = entry.when.written if entry.when else "-"
    fields = [field.key + "?" * field.is_pending for field in entry.fields]
    lines = f"{entry.span.line}-{entry.span.end_line}"
    return " | ".join([f"{lines} {when}", " ".join(entry.ids), entry.label, entry.kind, " ".join(fields)])


def values(entry: Entry) -> dict[str, str]:
    """Return an entry's fields: canonical name to Markdown."""
    return {field.key: field.value for field in entry.fields}
