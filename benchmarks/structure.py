"""Measures how far a reader has to go: the size of the package, and the modules that one run passes through.

Usage: python benchmarks/structure.py [--list]
A module counts as passed through when a function that is written in it is called, and only once its import is over. The
early closing runs against the tests' GitHub, so it needs what `scripts/check` installs from npm.
"""

import argparse
import ast
import contextlib
import io
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import click

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "scripts/research_logbook"
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

_WRITTEN_BY_OTHERS = {"<module>", "<lambda>", "<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>"}
_NEW_LOCALS = 0x2  # a function's code has it, the body of a class does not


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="Name the modules that were passed through.")
    listed = parser.parse_args().list
    for name, value in sizes():
        print(f"{name:45} {value:7,}")
    for name, run in (("one finding of lint", one_finding), ("one early closing undone", early_closing)):
        called = run()
        modules = Counter(module for module, _ in called)
        print(
            f"{f'modules that pass {name}':45} {len(modules):7,}\n{f'functions called by {name}':45} {len(called):7,}"
        )
        if listed:
            print("".join(f"    {module} {count}\n" for module, count in sorted(modules.items())), end="")


def sizes() -> Iterator[tuple[str, int]]:
    """Yield the figures of the source: modules, lines of code, functions used once."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}
    yield "modules", len(trees)
    yield "lines of code: no docstring, comment, blank", sum(_code_lines(path, tree) for path, tree in trees.items())
    private, once = 0, 0
    for tree in trees.values():
        used = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
        used += Counter(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("_")]
        private += len(names)
        once += sum(used[name] == 1 for name in names)
    yield "private functions", private
    yield "private functions that are used once", once
    classes = Counter(node.name for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    yield "class names that are defined twice", sum(count > 1 for count in classes.values())


def _code_lines(path: Path, tree: ast.AST) -> int:
    texts = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    inside = {line for node in texts for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    lines = enumerate(path.read_text().splitlines(), 1)
    return sum(bool(line.strip()) and line.lstrip()[0] != "#" and number not in inside for number, line in lines)


def calls_of_logbook(*arguments: str) -> set[tuple[str, str]]:
    """Return the functions of the package, as (module, name), that the command line calls."""
    from research_logbook.cli import cli  # noqa: PLC0415 - found by the path that this file sets
    from research_logbook.cli import main as logbook  # noqa: PLC0415 - the same

    cli.get_command(click.Context(cli), arguments[0])  # imports what the command needs
    called: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        is_ours = event == "call" and code.co_filename.startswith(str(PACKAGE)) and code.co_flags & _NEW_LOCALS
        if is_ours and code.co_name not in _WRITTEN_BY_OTHERS:
            called.add((str(frame.f_globals.get("__name__")).removeprefix("research_logbook."), code.co_qualname))

    sys.argv[1:] = arguments
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        sys.setprofile(note)
        try:
            logbook()
        except SystemExit:
            return called
        finally:
            sys.setprofile(None)
    return called


def one_finding() -> set[tuple[str, str]]:
    """Lint a logbook whose only fault is a shortened command, outside of git."""
    text = (ROOT / "docs/example-logbook.md").read_text().replace("--blocks 512", "--blocks 512 ...", 1)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("sparse-attention.md").write_text(text)
        os.environ["GIT_CEILING_DIRECTORIES"] = folder
        return calls_of_logbook("lint", "sparse-attention.md")


def early_closing() -> set[tuple[str, str]]:
    """Undo the closing of an issue that has nothing but its title, as the workflow does on `issues: closed`."""
    from hub.bench import running_hub  # noqa: PLC0415 - the same
    from hub.closeout import Thread  # noqa: PLC0415 - the same

    with tempfile.TemporaryDirectory() as folder, running_hub(Path(folder)) as hub:
        thread = Thread.begin(hub.repository(), Path(folder) / "work")
        wim = thread.project.as_person("wim")
        wim.close(thread.number)
        event = Path(folder) / "event.json"
        about = {"full_name": thread.project.name, "default_branch": "main"}
        event.write_text(json.dumps({"action": "closed", "issue": wim.get_issue(thread.number), "repository": about}))
        os.environ |= {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "issues",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_API_URL": hub.url,
            "GITHUB_REPOSITORY": thread.project.name,
            "GITHUB_TOKEN": hub.workflow_token(issues="write"),
            "GITHUB_REF_NAME": "main",
            "NO_PROXY": "localhost",
        }
        with contextlib.chdir(thread.work.root):
            return calls_of_logbook("seal")


if __name__ == "__main__":
    main()
