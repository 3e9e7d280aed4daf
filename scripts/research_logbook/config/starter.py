"""The configuration that `logbook init` writes: every key with its meaning and its default, made from the schema."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

SCHEMA_URL = "https://raw.githubusercontent.com/run-research/logbook/v1/docs/logbook.schema.json"
Value = str | int | Sequence[str]


class Setting(NamedTuple):
    """A key that is set to something other than its default, and why."""

    key: str
    """With dots, such as `branches.research` or `rules.missing-scope`."""
    value: Value
    why: str
    """For a comment beside it, on one line."""


def starter(schema: Mapping[str, Any], settings: Sequence[Setting] = ()) -> str:
    """Return a configuration with `settings`, and with all other keys as comments that show their defaults."""
    head = [
        f"# yaml-language-server: $schema={SCHEMA_URL}",
        "# Every key has a default. To set one, remove the `#` in front of it.",
    ]
    blocks = _blocks(schema, schema, {item.key: item for item in settings}, "")
    return "\n".join([*head, *(line for block in blocks for line in ("", *block))]) + "\n"


def _blocks(
    schema: Mapping[str, Any], whole: Mapping[str, Any], settings: Mapping[str, Setting], above: str, unset: str = "# "
) -> Iterator[list[str]]:
    """Yield the lines of each key below its meaning; those of keys that are not set begin with `unset`."""
    for name, taken in schema["properties"].items():
        key = above + name
        here = {one: item for one, item in settings.items() if one == key or one.startswith(f"{key}.")}
        if inner := definition(taken, whole):
            # Within a key that is not set, which is a comment as a whole, nothing is marked again.
            blocks = _blocks(inner, whole, here, f"{key}.", unset if here else "")
            lines = [f"{name}:", *(f"  {line}" for block in blocks for line in block)]
        elif here and key not in here:
            rest = (
                f"  {item.key.removeprefix(f'{key}.')}: {_written(item.value)} # {item.why}" for item in here.values()
            )
            lines = [f"{name}:", *rest]
        elif here:
            lines = [f"{name}: {_written(here[key].value)} # {here[key].why}"]
        else:
            lines = [f"{name}: {_written(taken['default'])}"]
        yield [f"# {taken['description']}", *(lines if here else [unset + line for line in lines])]


def _written(value: Value) -> str:
    if isinstance(value, str) and value and value.replace("-", "").isalnum() and not value[0].isdigit():
        return value
    return json.dumps(value, ensure_ascii=False)


def definition(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the mapping of keys that a part of a schema refers to; None where it takes something else."""
    found = whole["$defs"].get(schema.get("$ref", "").removeprefix("#/$defs/"), {})
    return found if "properties" in found else None
