"""The configuration that `logbook init` writes: every key with what it means and its default, made from the type."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec.inspect import DictType, Field, StructType, type_info

from research_logbook.config.docs import SCHEMA_URL, docs_of
from research_logbook.config.schema import Config

Value = str | int | Sequence[str]


class Setting(NamedTuple):
    """A key that is set to something else than its default, and why."""

    key: str
    """With dots, such as `branches.research` or `rules.missing-scope`."""
    value: Value
    why: str
    """For a comment beside it, on one line."""


def has_key(key: str, kind: type = Config) -> bool:
    """Return whether the configuration has a key of this name, with dots."""
    first, _, rest = key.partition(".")
    match {field.encode_name: field.type for field in _struct(kind).fields}.get(first):
        case StructType(cls=inner) if rest:
            return has_key(rest, inner)
        case DictType():
            return True
        case found:
            return found is not None and not rest


def starter(settings: Sequence[Setting] = (), kind: type = Config) -> str:
    """Return a configuration in which `settings` are set and all other keys stand as comments with their defaults."""
    head = [f"# yaml-language-server: $schema={SCHEMA_URL}", "# Every key has a default; take out the `#` to set one."]
    blocks = _blocks(_struct(kind), {item.key: item for item in settings}, "")
    return "\n".join([*head, *(line for block in blocks for line in ("", *block))]) + "\n"


def _struct(kind: type) -> StructType:
    struct = type_info(kind)
    assert isinstance(struct, StructType)  # noqa: S101 - what type_info gives for a struct
    return struct


def _blocks(struct: StructType, settings: Mapping[str, Setting], above: str, unset: str = "# ") -> Iterator[list[str]]:
    """Yield the lines of each key with what it means above it; those of keys that are not set begin with `unset`."""
    meanings = docs_of(struct)
    for field in struct.fields:
        key = above + field.encode_name
        here = {name: item for name, item in settings.items() if name == key or name.startswith(f"{key}.")}
        lines = list(_key(field, key, here, unset))
        yield [f"# {meanings[field.encode_name]}", *(lines if here else [unset + line for line in lines])]


def _key(field: Field, key: str, here: Mapping[str, Setting], unset: str) -> Iterator[str]:
    name = field.encode_name
    if isinstance(field.type, StructType):
        yield f"{name}:"
        # Within a key that is not set, which is a comment as a whole, nothing is marked again.
        blocks = _blocks(field.type, here, f"{key}.", unset if here else "")
        yield from (f"  {line}" for block in blocks for line in block)
    elif key in here:
        yield f"{name}: {_set(here[key])}"
    elif here:
        yield f"{name}:"
        yield from (f"  {item.key.removeprefix(f'{key}.')}: {_set(item)}" for item in here.values())
    else:
        yield f"{name}:{_default(field)}"


def _set(item: Setting) -> str:
    return f"{_written(item.value)} # {item.why}"


def _default(field: Field) -> str:
    default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
    return f" {_written(default)}"


def _written(value: Value) -> str:
    if isinstance(value, str) and value and value.replace("-", "").isalnum() and not value[0].isdigit():
        return value
    return msgspec.json.encode(value).decode().replace('","', '", "')
