"""Writes the pages in `docs/`, the skill in `skills/` and parts of the actions; `--check` compares them instead.

Exit codes: 0 done or nothing stale, 1 a page is stale or a rule's docstring is no page, 2 bad usage.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent_pages import agents_page, skill
from config_pages import json_schema, reference
from research_logbook.actions import SECRETS, WORKING_DIRECTORY, outputs_of
from research_logbook.config.schema import Config
from research_logbook.lint.rules import CATALOGUE
from research_logbook.lint.rules.rule import Rule
from research_logbook.seal import checks
from research_logbook.setup.skill import NAME
from research_logbook.setup.workflows import template_text
from rule_pages import checks_page, rules_page

ROOT = Path(__file__).parent.parent


def pages(catalogue: Sequence[Rule]) -> dict[str, str]:
    """Return every generated page by its path; raises `ValueError` for docstrings that are no pages."""
    names = [rule.name for rule in catalogue]
    never_allowed = [rule.name for rule in catalogue if not rule.can_be_allowed]
    schema = json_schema(Config, names, never_allowed, [check.name for check in checks.CATALOGUE])
    logbook, issue = template_text("logbook.md"), template_text("issue.md")
    schema_text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return {
        "docs/configuration.md": reference(schema),
        "docs/logbook.schema.json": schema_text,  # what editors fetch, and below what the package reads
        "scripts/research_logbook/config/logbook.schema.json": schema_text,
        "docs/rules.md": rules_page(catalogue),
        "docs/seal-checks.md": checks_page(checks.CATALOGUE),
        "docs/for-agents.md": agents_page(catalogue, logbook, issue),
        **{f"skills/{NAME}/{path}": text for path, text in skill(catalogue, checks.CATALOGUE, logbook, issue).items()},
    }


def actions(root: Path) -> dict[str, str]:
    """Return the actions below `root`, and the README with its table of them, with what follows from their inputs.

    An action hands each input on in a variable of its own, and as the option of that name where it is set; all but the
    folder that it runs in.
    """
    made, readme = {}, root / "README.md"
    table = readme.read_text() if readme.is_file() else ""
    for path in (root / "action.yml", *sorted(root.glob("actions/*/action.yml"))):
        if not path.is_file():
            continue
        folder = path.parent.relative_to(root)
        command = folder.name or "event"
        text = path.read_text()
        step = re.search(r"^      id: (\S+)$", text, re.MULTILINE)
        inputs = re.findall(
            r"^  ([a-z-]+):$", text.partition("\noutputs:\n")[0].partition("\ninputs:\n")[2], re.MULTILINE
        )
        outputs = [
            f"  {it.name}:\n    description: {it.description}\n"
            f"    value: ${{{{ steps.{step[1] if step else command}.outputs.{it.name} }}}}\n"
            for it in outputs_of(command)
        ]
        handed_on = [name for name in inputs if name != WORKING_DIRECTORY]
        variables = {name: SECRETS.get(name) or f"INPUT_{name.upper().replace('-', '_')}" for name in handed_on}
        env = [f"        {variable}: ${{{{ inputs.{name} }}}}\n" for name, variable in variables.items()]
        options = [
            f'        ${{{variable}:+"--{name}=${variable}"}}\n'
            for name, variable in variables.items()
            if name not in SECRETS and name != "command"
        ]
        text = _between(text, "\noutputs:\n", "\nruns:\n", "".join(outputs))
        text = _between(text, "\n      env:\n", "      run: >-\n", "".join(env))
        start = text.index("scripts/run")
        line_end = text.index("\n", start) + 1
        made[path.relative_to(root).as_posix()] = text[:line_end] + "".join(options)
        cells = (
            ", ".join(f"`{name}`" for name in names) for names in (inputs, [it.name for it in outputs_of(command)])
        )
        name = re.escape("/".join(filter(None, ["logbook", folder.as_posix().strip(".")])))
        row = re.compile(rf"(\| `[^`|]*{name}@v1` \|[^|]*\|)[^|]*\|[^|]*\|")
        new = " | ".join(cells)
        table = row.sub(lambda match, new=new: f"{match[1]} {new} |", table)  # type: ignore[misc]
    return {**made, "README.md": table} if made and table else made


def _between(text: str, start: str, end: str, new: str) -> str:
    """Return the text with all between two marks replaced."""
    before, mark, rest = text.partition(start)
    _, close, after = rest.partition(end)
    return f"{before}{mark}{new}{close}{after}"


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
        made = {**pages(catalogue), **actions(root)}
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
