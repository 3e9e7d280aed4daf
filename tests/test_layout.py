"""Claims about the layout: data goes one way."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "scripts" / "research_logbook"



def layer(name: str) -> str:
    """Return the layer of a module of the package."""
    return name.split(".")[1] if "." in name else ""


def imported(path: Path) -> set[str]:
    """Return the layers that a module imports from."""
    nodes = ast.walk(ast.parse(path.read_text()))
    names = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {layer(name) for name in names if name.startswith("research_logbook")} - {""}


def test_imports_point_one_way() -> None:
    """Core imports nothing above it, rules and report nothing of the shell, and nobody the command line."""
    for path in PACKAGE.rglob("*.py"):
        here = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if here in LAYERS:
            above = set(LAYERS[LAYERS.index(here) + 1 :])
            assert not imported(path) & above, path


def test_the_pure_parts_do_no_input_or_output() -> None:
    """core, rules and report import nothing that reads files, clocks, processes or the network."""
    forbidden = {"os", "subprocess", "socket", "pathlib", "shutil", "requests", "github", "time"}
    for part in ("core", "rules", "report"):
        for path in (PACKAGE / part).rglob("*.py"):
            nodes = list(ast.walk(ast.parse(path.read_text())))
            names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
            names |= {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
            assert not names & forbidden, path
