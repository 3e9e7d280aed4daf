"""Writes the generated pages in `docs/`; with `--check` compares them and writes nothing.

Exit codes: 0 done or nothing stale, 1 a page is stale or a rule's docstring is no page, 2 bad usage.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from research_logbook.config import docs
from research_logbook.config.schema import Config
from research_logbook.lint.pages import agents_page, checks_page, rules_page
from research_logbook.lint.rule import Rule
from research_logbook.lint.rules import CATALOGUE
from research_logbook.seal import checks
from research_logbook.setup.workflows import template_text

ROOT = Path(__file__).parent.parent


def pages(catalogue: Sequence[Rule]) -> dict[str, str]:
    """Return every generated page by its path; raises `ValueError` for docstrings that are no pages."""
    names = [rule.name for rule in catalogue]
    never_allowed = [rule.name for rule in catalogue if not rule.can_be_allowed]
    schema = docs.json_schema(Config, names, never_allowed, [check.name for check in checks.CATALOGUE])
    schema_text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return {
        "docs/configuration.md": docs.reference(schema),
        "docs/logbook.schema.json": schema_text,  # what editors fetch, and below what the package reads
        "scripts/research_logbook/config/logbook.schema.json": schema_text,
        "docs/rules.md": rules_page(catalogue),
        "docs/seal-checks.md": checks_page(checks.CATALOGUE),
        "docs/for-agents.md": agents_page(catalogue, template_text("logbook.md"), template_text("issue.md")),
    }


def stale(made: Mapping[str, str], root: Path) -> list[str]:
    """Return the paths of pages that are missing below `root` or hold something else."""
    return [path for path, text in made.items() if _held(root / path) != text.encode()]


def _held(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def write(made: Mapping[str, str], paths: Sequence[str], root: Path) -> None:
    """Write the pages with these paths below `root`."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(made[path].encode())


def main(arguments: Sequence[str], catalogue: Sequence[Rule], root: Path) -> int:
    """Write the pages, or compare them; return the exit code."""
    if not set(arguments) <= {"--check"}:
        sys.stderr.write("usage: pages.py [--check]\n")
        return 2
    try:
        made = pages(catalogue)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    behind = stale(made, root)
    if "--check" in arguments:
        sys.stdout.writelines(f"{path} is stale; run `python scripts/pages.py`\n" for path in behind)
        return 1 if behind else 0
    write(made, behind, root)
    sys.stdout.writelines(f"wrote {path}\n" for path in behind)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], CATALOGUE, ROOT))
