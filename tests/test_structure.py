"""The package is easy to find one's way in: one name means one thing."""

import ast
from collections import defaultdict
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "scripts/research_logbook"
TREES = {path.relative_to(PACKAGE): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def test_no_class_name_is_defined_twice() -> None:
    """A class name means one thing in the whole package."""
    places = defaultdict(list)
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_module_goes_by_another_name() -> None:
    """A module of the package is imported under its own name."""
    modules = {path.with_suffix("").parts[-1] for path in TREES} | {path.parent.name for path in TREES}
    renamed = [
        f"{path}: import {alias.name} as {alias.asname}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("research_logbook")
        for alias in node.names
        if alias.asname and (alias.name in modules or alias.asname in modules)
    ]
    assert renamed == []
