"""Mutation tests: changes the code in small ways and counts the changes that no test notices.

Run it with `scripts/mutate [PACKAGE…]`. A PACKAGE is one of those in `TESTS`, or one of their modules, such as
`lint/rules/history`. It works on a copy in a scratch folder.
"""

import argparse
import ast
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = {
    "lint/rules": ("tests/lint/rules", "tests/lint/test_examples.py", "tests/lint/test_logbooks.py"),
    "seal/checks": ("tests/seal/checks",),
    "diff": ("tests/diff", "tests/lint/rules/test_history.py"),
}
"""The packages whose decisions must not change unnoticed, each with its own tests."""


def prepare(folder: Path, target: str) -> None:
    """Copy the project to `folder`, and say there what is mutated and which tests are run."""
    package = next(name for name in TESTS if target == name or target.startswith(f"{name}/"))
    ignored = shutil.ignore_patterns(".*", "__pycache__", "node_modules")
    shutil.copytree(ROOT, folder, ignore=ignored, dirs_exist_ok=True)
    # Only in `src` does mutmut know a module by the name that the tests import it by.
    (folder / "src").mkdir()
    (folder / "scripts" / "research_logbook").rename(folder / "src" / "research_logbook")
    code = folder / "src" / "research_logbook" / target
    modules = sorted(code.glob("*.py")) if code.is_dir() else [code.with_suffix(".py")]
    # What makes a function a rule runs when it is imported, and mutmut changes nothing before that.
    modules = [module for module in modules if module.name != "rule.py"]
    for module in modules:
        module.write_text(undecorated(module.read_text()))
    settings = {
        "source_paths": ["src"],
        "only_mutate": [str(module.relative_to(folder)) for module in modules],
        "also_copy": sorted(path.name for path in folder.iterdir()),
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:xdist"],
        "pytest_add_cli_args_test_selection": list(TESTS[package]),
    }
    project = (ROOT / "pyproject.toml").read_text().replace('pythonpath = ["scripts"', 'pythonpath = ["src"')
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    (folder / "pyproject.toml").write_text(f"{project}\n[tool.mutmut]\n{lines}")


def undecorated(source: str) -> str:
    """Return code that calls the decorators of its functions after them: mutmut leaves a decorated one alone."""
    lines = source.split("\n")
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    for function in reversed(functions):
        made = function.name
        for decorator in reversed(function.decorator_list):
            made = f"({ast.unparse(decorator)})({made})"
        lines.insert(function.end_lineno or 0, f"{function.name} = {made}")
        first = min(decorator.lineno for decorator in function.decorator_list)
        del lines[first - 1 : function.lineno - 1]
    return "\n".join(lines)


_SPINNER = frozenset("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")


def mutmut(folder: Path, *arguments: str) -> str:
    """Run mutmut in a folder and return what it prints; raises `SystemExit` with that where it fails."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if line[:1] not in _SPINNER]
        raise SystemExit("\n".join([*said, done.stderr]))
    return done.stdout


def main(arguments: Sequence[str]) -> None:
    """Mutate each package, and print its score: the share of changes that a test noticed."""
    parser = argparse.ArgumentParser(prog="scripts/mutate", description="Count the small changes that no test notices.")
    parser.add_argument("targets", nargs="*", default=list(TESTS), metavar="PACKAGE", help=", ".join(TESTS))
    parser.add_argument("--show", action="store_true", help="print every change that no test noticed")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the mutated copies in a folder")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        for target in chosen.targets:
            folder = (chosen.keep or Path(scratch)) / target.replace("/", "-")
            prepare(folder, target)
            mutmut(folder, "run", "--max-children", "2")
            mutmut(folder, "export-cicd-stats")
            counts = json.loads((folder / "mutants" / "mutmut-cicd-stats.json").read_text())
            noticed = counts["killed"] + counts["timeout"]
            total = noticed + counts["survived"] + counts["no_tests"]
            sys.stdout.write(f"{target}: {noticed} of {total} changes noticed, {100 * noticed // max(1, total)} %\n")
            for line in mutmut(folder, "results").splitlines() if chosen.show else ():
                name, _, state = line.strip().rpartition(": ")
                if state in {"survived", "no tests"}:
                    sys.stdout.write(mutmut(folder, "show", name))


if __name__ == "__main__":
    main(sys.argv[1:])
