"""The pages about the configuration, made from its types: the JSON schema, and the reference."""

import ast
import inspect
import json
import sys
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec

from research_logbook import patterns, private_text
from research_logbook.config.load import LARGEST, takes
from research_logbook.config.schema import DEFINITIONS, Config
from research_logbook.config.starter import SCHEMA_URL, definition


def json_schema(
    kind: type[msgspec.Struct] = Config,
    rules: Collection[str] = (),
    never_allowed: Collection[str] = (),
    checks: Collection[str] = (),
) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a configuration.

    `rules` are the names of all rules, `never_allowed` of those that cannot be silenced, and `checks` of the seal
    checks; without them any name is accepted.
    """
    made = msgspec.json.schema(kind)["$defs"]
    for name, struct in made.items():
        for key, meaning in _meanings(getattr(sys.modules[kind.__module__], name)).items():
            struct["properties"][key] = {"description": meaning, **struct["properties"][key]}
    if rules:
        silenced = {"enum": sorted(never_allowed)}
        refused = {"not": silenced, "errorMessage": "cannot be silenced; remove this, and fix what the rule finds"}
        _extend(made, "rule", {"enum": sorted(rules)})
        _extend(made, "rule to silence", {"allOf": [refused], "enum": sorted(set(rules) - set(never_allowed))})
    if checks:
        _extend(made, "seal check", {"enum": sorted(checks)})
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URL,
        "$comment": "Written by scripts/pages.py.",
    }
    return {**head, **made.pop(kind.__name__), "title": "The configuration of logbook", "$defs": made | DEFINITIONS}


def _extend(schema: Any, title: str, more: Mapping[str, Any]) -> None:
    """Add to every part of a schema that has this title."""
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for part in parts:
        _extend(part, title, more)
    if isinstance(schema, dict) and schema.get("title") == title:
        schema |= more


def _meanings(struct: type) -> dict[str, str]:
    """Return the text below each key in the source of a struct, on one line."""
    (declaration,) = ast.parse(inspect.getsource(struct)).body
    assert isinstance(declaration, ast.ClassDef)  # noqa: S101 - what getsource gives for a class
    return {
        declared.target.id.replace("_", "-"): " ".join(text.split())
        for declared, below in pairwise(declaration.body)
        if isinstance(declared, ast.AnnAssign) and isinstance(declared.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(text := below.value.value, str)
    }


def reference(schema: Mapping[str, Any]) -> str:
    """Return the page that describes every key of a configuration, Markdown."""
    rows = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in _rows(schema, schema, ""))
    return _PAGE.format(
        example=f"# yaml-language-server: $schema={SCHEMA_URL}\n{EXAMPLE}",
        table="\n".join(f"| {row} |" for row in rows),
        longest_pattern=patterns.LONGEST,
        longest=private_text.LONGEST_EXPRESSION,
        largest=LARGEST // 1024,
    )


def _rows(schema: Mapping[str, Any], whole: Mapping[str, Any], above: str) -> Iterator[tuple[str, str, str, str]]:
    for key, taken in schema["properties"].items():
        name = f"{above}{key}"
        if inner := definition(taken, whole):
            yield from _rows(inner, whole, f"{name}.")
            continue
        default = "required"
        if key not in schema["required"]:
            written = json.dumps(taken["default"], ensure_ascii=False).strip('"')
            default = f"`{written}`" if written not in {"", "[]", "{}"} else "none"
        items = definition(taken.get("items", {}), whole)
        yield f"`{name}`", "list" if items else _values(taken), default, taken["description"]
        if items:
            yield from _rows(items, whole, f"{name}[].")


def _values(schema: Mapping[str, Any]) -> str:
    """Return what a key takes, in the words of the table."""
    match schema:
        case {"title": title}:
            return "rule" if title == "rule to silence" else str(title)
        case {"type": "array", "items": items}:
            return f"list of {_values(items)}s"
        case {"type": "object", "additionalProperties": values}:
            return f"{_values(schema.get('propertyNames', {}))}: {_values(values)}"
    return takes(schema).removeprefix("a ")


_PAGE = """\
<!-- Written by scripts/pages.py. -->
# Configuration

The configuration is `.github/logbook.yml`. Every key has a default, so the file may be empty or missing. In
Actions the file on the default branch counts, and for a pull request the one on its base: no change can
loosen the rules that it is judged by.

```yaml
{example}```

With the first line an editor that has a YAML language server knows the keys, the rules and what they mean.

## Keys

| key | takes | default | meaning |
|---|---|---|---|
{table}

## Patterns

`*` matches any text without a slash, `**` any text, `**/` any folders or none, `?` one character, `[a-z]`
one of a set and `[!a-z]` one that is not in it. The last matching pattern of a list decides, and one that
begins with `!` excludes what those before it included. Patterns are case-sensitive. They are written from
the root of the repository, with at most {longest_pattern} characters; a list has at most 100. Put a pattern
that begins with `*`, `!` or `[` in quotes, because YAML gives these another meaning.

## Regular expressions

Expressions are searched for in each line with [RE2](https://github.com/google/re2/wiki/Syntax), whose time
grows with the length of the text only. RE2 has no lookahead, lookbehind or backreferences, and `\\w`, `\\d`,
`\\s` and `\\b` know ASCII only: write `\\pL` for any letter. An expression has at most {longest} characters.
One that matches empty text would match every line and is refused. Put expressions in single quotes, which
keep every backslash.

## What is refused

Everything that is not described here: a misspelled key, a rule that does not exist, a silenced rule without
a reason, a value of the wrong type. All problems are reported at once, each with its line. The file is YAML
1.2, in which only `true` and `false` are booleans, without anchors, aliases and tags, and has at most
{largest} KiB.
"""


EXAMPLE = """\
logbooks:
  - .agents/logbooks/*.md
  - "!.agents/logbooks/README.md"
branches:
  research: [research/**, "[0-9]*-experiment"]
fail-on: warning
rules:
  entry-out-of-order: error
  misnamed-branch: warning
  pasted-output: off
allow:
  - rule: missing-scope
    reason: written before logbooks had a scope
    path: .agents/logbooks/2024-*.md
  - rule: local-path
    reason: the cluster's disk is the same for all of us
    heading: Launched Instances
held-back:
  - '(?i)\\bproject[- ]?falcon\\b'
history:
  grace: 30m
labels:
  agents: ["lab-agent-*"]
  not-put-back: [agent-generated]
  mode: check
seal:
  checks:
    negative-results: advisory
    docs-updated: required
  sections: [Ethics review]
guard:
  mode: comment
  since: "2026-05-25"
wandb:
  host: https://wandb.lab.example
  projects: [lab/sparse-attention]
  metrics: [eval/loss, throughput]
  better:
    eval/loss: lower
    throughput: higher
  baseline:
    sparse-attention: SPA-AT-001
run:
  environment: [LAB_CLUSTER]
pending-days: 30
"""
"""A configuration in which every key has another value than its default; docs/configuration.md shows it."""
