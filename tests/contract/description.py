"""GitHub's own description of its API: what may be asked, and the least that is answered.

It comes as `@octokit/openapi` from npm, 29 MB; `scripts/check` keeps the part below that logbook could ask, as JSON
Schema, and says in GITHUB_DESCRIPTION where.
"""

import base64
import hashlib
import json
import os
import re
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jsonschema import Draft4Validator

_KEPT = re.compile(
    r"/user|/repos/\{owner\}/\{repo\}"
    r"(/(issues|labels|pulls|git|activity|collaborators|rulesets|actions/(organization-)?secrets)(/.*)?)?"
)
_VERBS = ("get", "post", "patch", "put", "delete")


def reduced(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operations that logbook could ask for, and the schemas that they refer to."""
    operations = {
        f"{verb.upper()} {path}": _operation(described[verb], document)
        for path, described in document["paths"].items()
        if _KEPT.fullmatch(path)
        for verb in _VERBS
        if verb in described
    }
    schemas: dict[str, Any] = {}
    wanted = _references(operations)
    while wanted:
        name = wanted.pop()
        schemas[name] = _json_schema(document["components"]["schemas"][name])
        wanted |= _references(schemas[name]) - schemas.keys()
    return {"operations": operations, "components": {"schemas": schemas}}


def _operation(described: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [_followed(it, document) for it in described.get("parameters", ())]
    answers = (_followed(it, document) for status, it in described["responses"].items() if status.startswith("2"))
    return {
        "query": {it["name"]: _json_schema(it["schema"]) for it in parameters if it["in"] == "query"},
        "body": _json_schema(_content(_followed(described.get("requestBody", {}), document))),
        "answer": _json_schema(next(filter(None, map(_content, answers)), None)),
    }


def _followed(part: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = part
    if "$ref" in part:
        found = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
    return found  # type: ignore[no-any-return]


def _content(part: Mapping[str, Any]) -> Any:
    return part.get("content", {}).get("application/json", {}).get("schema")


def _json_schema(schema: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as one of JSON Schema, which has no `nullable`; examples are left out."""
    if isinstance(schema, list):
        return [_json_schema(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _json_schema(value) for key, value in schema.items() if key not in {"example", "examples", "nullable"}}
    # A property may be named `nullable` too; then it holds a schema.
    return {"anyOf": [{"type": "null"}, told]} if schema.get("nullable") is True else told


def _references(part: Any) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(part)))


@dataclass(frozen=True)
class Operation:
    """What can be asked in one way at one kind of path."""

    name: str
    """Such as `GET /repos/{owner}/{repo}/issues`."""
    told: Mapping[str, Any]
    components: Mapping[str, Any]

    def faults(self, query: str, body: Any) -> Iterator[str]:
        """Yield what GitHub's description does not know of a request's query and body."""
        for name, value in parse_qsl(query, keep_blank_values=True):
            schema = self.told["query"].get(name)
            if schema is None:
                yield f"{self.name} has no parameter `{name}`"
            elif not any(self._validator(schema).is_valid(it) for it in (value, _number(value), value == "true")):
                yield f"{self.name}: `{name}` cannot be `{value}`"
        known = _properties(self.told["body"], self.components)
        if body is not None and not self.told["body"]:
            yield f"{self.name} has no body"
        elif body is not None:
            yield from (f"{self.name} has no `{it}` in its body" for it in body if known and it not in known)
            yield from (f"{self.name}: {it.message}" for it in self._body.iter_errors(body))

    @cached_property
    def _body(self) -> Any:
        return self._validator(self.told["body"] or {})

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        return Draft4Validator({**schema, "components": self.components})

    def answers(self) -> Iterator[Any]:
        """Yield the least that may be answered, once for each form that it can have."""
        if not self.told["answer"]:
            yield None
            return
        for answer in sparse(self.told["answer"], self.components):
            assert self._validator(self.told["answer"]).is_valid(answer), f"{self.name}: not the least: {answer}"
            yield answer


def _number(text: str) -> object:
    return int(text) if text.isdecimal() else text


def _properties(schema: Any, components: Mapping[str, Any]) -> set[str]:
    if not isinstance(schema, dict):
        return set()
    if "$ref" in schema:
        return _properties(_schema_at(schema, components), components)
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    return set(schema.get("properties", ())).union(*(_properties(part, components) for part in parts))


def _schema_at(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    return components["schemas"][schema["$ref"].rpartition("/")[2]]


_TEXTS = {"date-time": "2026-05-28T20:26:40Z", "date": "2026-05-28", "uri": "https://github.com/lab/tiles"}


def sparse(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the least that fits a schema: null where it may be null, what is required and nothing else.

    Lists hold one item of each form, so that what stands in them is tried too.
    """
    if "$ref" in schema:
        yield from sparse(_schema_at(schema, components), components)
    elif "allOf" in schema:
        whole: dict[str, Any] = {}
        for part in schema["allOf"]:
            whole |= next(sparse(part, components))
        yield whole
    elif forms := schema.get("anyOf", schema.get("oneOf")):
        own = next(_own(schema, components))
        for form in forms:
            for it in sparse(form, components):
                yield {**own, **it} if isinstance(it, dict) else it
    else:
        yield from _own(schema, components)


def _own(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[Any]:
    if "enum" in schema:
        yield from schema["enum"][:1]
        return
    match schema.get("type", "object"):
        case "object":
            kept = {name: schema.get("properties", {}).get(name, {}) for name in schema.get("required", ())}
            values = {name: next(sparse(part, components)) for name, part in kept.items()}
            # Some times are described as any text.
            yield {
                name: _TEXTS["date-time"] if name.endswith("_at") and it == "x" else it for name, it in values.items()
            }
        case "array":
            items = list(sparse(schema.get("items", {}), components))
            yield items or []
        case "string":
            yield _TEXTS.get(schema.get("format", ""), "x" * schema.get("minLength", 1))
        case "integer" | "number":
            yield schema.get("minimum", 1)
        case "boolean":
            yield False
        case "null":
            yield None


class Description:
    """All that may be asked."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.operations = {name: Operation(name, it, told["components"]) for name, it in told["operations"].items()}

    @cache  # noqa: B019 - one description for a session
    def _shapes(self) -> list[tuple[re.Pattern[str], Operation]]:
        return [(_shape(name), it) for name, it in sorted(self.operations.items(), key=lambda one: "{" in one[0])]

    def operation(self, verb: str, path: str) -> Operation | None:
        """Return what is asked by a verb at a path; None for what GitHub does not describe."""
        found = [it for shape, it in self._shapes() if shape.fullmatch(f"{verb} {path}")]
        return min(found, key=lambda it: it.name.count("{"), default=None)

    def faults(self, verb: str, path: str, query: str, body: Any) -> list[str]:
        """Return what GitHub does not describe of a request; nothing for one that is as described."""
        operation = self.operation(verb, path)
        return list(operation.faults(query, body)) if operation else [f"GitHub describes no {verb} {path}"]


def _shape(name: str) -> re.Pattern[str]:
    """Return what fits a path; a reference and a branch hold slashes themselves."""
    parts = (
        part if "{" not in part else ".+" if part in {"{ref}", "{branch}"} else "[^/]+"
        for part in re.split(r"(\{\w+\})", name)
    )
    return re.compile("".join(re.escape(it) if it not in {".+", "[^/]+"} else it for it in parts))


@cache
def description() -> Description | None:
    """Return GitHub's description; None where it is not at hand."""
    place = os.environ.get("GITHUB_DESCRIPTION")
    return Description(json.loads(Path(place).read_text())) if place else None


def described() -> Description:
    """Return GitHub's description, or skip the test."""
    found = description()
    if found is None:
        pytest.skip("GITHUB_DESCRIPTION names no file: `scripts/check` and `scripts/test` set it up")
    return found


def main(tarball: str, lock: str) -> None:
    """Print what is kept of a package from npm, which has to be the one that the lock file of the bench names."""
    raw = Path(tarball).read_bytes()
    wanted = json.loads(Path(lock).read_text())["packages"]["node_modules/@octokit/openapi"]["integrity"]
    found = f"sha512-{base64.b64encode(hashlib.sha512(raw).digest()).decode()}"
    if found != wanted:
        sys.exit(f"{tarball} is not the package that {lock} names: {found}")
    with tarfile.open(tarball) as package:
        file = package.extractfile("package/generated/api.github.com.json")
        assert file
        json.dump(reduced(json.load(file)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
