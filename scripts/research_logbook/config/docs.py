"""The pages about the configuration, made from its types: the JSON schema for editors, and the reference."""

import ast
import inspect
import json
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

import msgspec
from msgspec.inspect import DictType, Field, Metadata, StructType, Type, VarTupleType, type_info

from research_logbook import patterns
from research_logbook.config import expressions, placed
from research_logbook.config.schema import HOST, PROJECT, Config
from research_logbook.config.shape import wanted

SCHEMA_URL = "https://raw.githubusercontent.com/run-research/logbook/v1/docs/logbook.schema.json"

EXAMPLE = f"""\
# yaml-language-server: $schema={SCHEMA_URL}
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
pending-days: 30
"""
"""A configuration with every key."""


def schema(rules: Collection[str] = (), never_allowed: Collection[str] = (), checks: Collection[str] = ()) -> str:
    """Return the JSON schema (draft 2020-12) of the configuration, pretty printed.

    It refuses what `config.load` refuses, YAML's own faults and costly regular expressions aside. `rules`,
    `never_allowed` and `checks` are as for `load`; without them every name is a rule, and a check.
    """
    made = msgspec.json.schema(Config)
    definitions: dict[str, Any] = made["$defs"]
    for struct in _structs(type_info(Config)):
        properties = definitions[struct.cls.__name__]["properties"]
        for field, text in docs_of(struct).items():
            properties[field] = {"description": text, **properties[field]}
    top = definitions.pop("Config") | {"title": "The configuration of logbook"}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URL,
        "$comment": "Written by scripts/pages.py.",
    }
    whole = head | top | {"$defs": definitions | _definitions(rules, never_allowed, checks)}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _definitions(rules: Collection[str], never_allowed: Collection[str], checks: Collection[str]) -> dict[str, object]:
    """Return what the types' checks are in the schema."""
    refused: list[object] = [{"not": {"pattern": expression}} for expression in patterns.REFUSALS]
    not_taking_back = {"not": {"pattern": "^!"}}
    return {
        "rule": _names(rules),
        "allowed-rule": _names([name for name in rules if name not in never_allowed]),
        "check": _names(checks),
        "title": {"type": "string", "pattern": "[0-9A-Za-z]"},
        "day": {"type": "string", "pattern": r"^(\d{4}-\d\d-\d\d)?$"},
        "reason": {"type": "string", "pattern": "\\S"},
        "pattern": {"type": "string", "maxLength": patterns.LONGEST, "allOf": refused},
        "one-pattern": {"$ref": "#/$defs/pattern", **not_taking_back},
        "patterns": {"type": "array", "prefixItems": [not_taking_back]},
        "host": {"type": "string", "pattern": HOST},
        "project": {"type": "string", "pattern": PROJECT},
        "expression": {"type": "string", "format": "regex", "minLength": 1, "maxLength": expressions.LONGEST},
    }


def _names(names: Collection[str]) -> dict[str, object]:
    return {"enum": sorted(names)} if names else {"type": "string"}


def _structs(kind: Type) -> Iterator[StructType]:
    match kind:
        case StructType(fields=fields):
            yield kind
            for field in fields:
                yield from _structs(field.type)
        case Metadata(type=inner) | VarTupleType(item_type=inner):
            yield from _structs(inner)


def docs_of(struct: StructType) -> dict[str, str]:
    """Return the text below each key in the source of the struct, in one line."""
    (declaration,) = ast.parse(inspect.getsource(struct.cls)).body
    assert isinstance(declaration, ast.ClassDef)  # noqa: S101 - what getsource gives for a class
    return {
        declared.target.id.replace("_", "-"): " ".join(text.split())
        for declared, below in pairwise(declaration.body)
        if isinstance(declared, ast.AnnAssign) and isinstance(declared.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(text := below.value.value, str)
    }


def reference() -> str:
    """Return the page that describes every key, Markdown."""
    table = "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in _rows())
    return _PAGE.format(
        example=EXAMPLE,
        table=table,
        longest_pattern=patterns.LONGEST,
        longest=expressions.LONGEST,
        choices=expressions.MOST_CHOICES,
        open_ones=expressions.MOST_OPEN,
        largest=placed.LARGEST // 1024,
    )


def _rows() -> Iterator[tuple[str, str, str, str]]:
    kind = type_info(Config)
    assert isinstance(kind, StructType)  # noqa: S101 - what type_info gives for a struct
    yield from _rows_of(kind, "")


def _rows_of(struct: StructType, above: str) -> Iterator[tuple[str, str, str, str]]:
    docs = docs_of(struct)
    for field in struct.fields:
        name = above + field.encode_name
        match field.type:
            case StructType() as inner:
                yield from _rows_of(inner, f"{name}.")
            case VarTupleType(item_type=StructType() as inner):
                yield f"`{name}`", "list", _default(field), docs[field.encode_name]
                yield from _rows_of(inner, f"{name}[].")
            case kind:
                yield f"`{name}`", _takes(kind), _default(field), docs[field.encode_name]


def _takes(kind: Type) -> str:
    match kind:
        case Metadata(type=VarTupleType() as inner):
            return _takes(inner)
        case Metadata(extra=extra):
            return _WORDS[(extra or {})["is"]]
        case VarTupleType(item_type=item):
            return f"list of {_takes(item)}s"
        case DictType(key_type=key, value_type=value):
            return f"{_takes(key)}: {_takes(value)}"
    return wanted(kind).removeprefix("a ")


_WORDS = {
    "rule": "rule",
    "check": "check",
    "title": "title",
    "day": "day",
    "allowed-rule": "rule",
    "reason": "text",
    "pattern": "pattern",
    "one-pattern": "pattern",
    "expression": "regular expression",
    "host": "address",
    "project": "project",
}


def _default(field: Field) -> str:
    if field.required:
        return "required"
    default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    if not default:
        return "none"
    return f"`{default if isinstance(default, str) else msgspec.json.encode(default).decode()}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_PAGE = """\
<!-- Written by scripts/pages.py. -->
# Configuration

The configuration is `.github/logbook.yml`. Every key has a default, so an empty file, or none, will do. In
Actions the file of the default branch counts, for a pull request that of its base: no change can loosen the
rules that it is judged by.

```yaml
{example}```

The first line gives an editor with a YAML language server the keys, the rules and what they mean.

## Keys

| key | takes | default | meaning |
|---|---|---|---|
{table}

## Patterns

`*` stands for any text without a slash, `**` for any text, `**/` for any folders or none, `?` for one
character, `[a-z]` for one of a set and `[!a-z]` for one of all others. The last pattern of a list that fits
decides, and one that begins with `!` takes back what those before it let in. Letter case counts. A pattern
is written from the root of the repository, in at most {longest_pattern} characters; a list holds at most
100. Put one that begins with `*`, `!` or `[` in quotes: YAML reads these otherwise.

## Regular expressions

They are Python's. So that a search comes to its end, an expression has at most {longest} characters, at
most {choices} quantifiers and groups with alternatives, at most {open_ones} quantifiers without an upper
end, and repeats no group without end that can itself fit in several ways, as `(a+)+` does. One that fits an
empty text would fit every line and is refused too. Put expressions in single quotes, which keep every
backslash.

## What is refused

Everything that is not described here: a misspelled key, a rule that does not exist, an allowance without a
reason, a value of the wrong kind. All problems are told at once, each with its line. The file is YAML 1.2,
where only `true` and `false` are booleans, without anchors, aliases and tags, and has at most {largest}
KiB.
"""
