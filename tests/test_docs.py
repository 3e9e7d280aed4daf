"""Claims about the pages that people wrote: they speak only of what is there."""

import json
import re
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from research_logbook import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "skills").rglob("*.md"))]
CODE = re.compile(r"```.*?\n(.*?)^ *```|`([^`\n]+)`", re.DOTALL | re.MULTILINE)

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)


def code_of(path: Path) -> list[str]:
    """Return what stands in code on a page, a line that goes on joined with the next."""
    found = [block or inline for block, inline in CODE.findall(path.read_text())]
    return [re.sub(r"(?:\\\n|\n(?= +logbook))\s*", " ", text) for text in found]


def calls(path: Path) -> list[tuple[str, str]]:
    """Return every call of the command line in a page's code: the command, and what follows it."""
    lines = [line for text in code_of(path) for line in text.splitlines()]
    starts = [
        re.search(r"(?:^|[\s/])(?<!run-research/)(?:logbook|scripts/run) (?P<command>[a-z][a-z-]+)\b(?P<rest>.*)", line)
        for line in lines
    ]
    return [(found["command"], found["rest"]) for found in starts if found and "@" not in found["command"]]


@every_page
def test_every_command_that_is_named_is_there(path: Path) -> None:
    """A command line in code is one that runs: its command exists, and so does each of its options."""
    for name, rest in calls(path):
        command = cli.cli.get_command(click.Context(cli.cli), name)
        assert command is not None, f"logbook {name}{rest}"
        own = re.split(r"[>]| -- ", rest)[0]
        if isinstance(command, click.Group):
            command = command.commands.get((own.split() or [""])[0], command.commands.get("add", command))
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert known >= set(re.findall(r"(?<!\S)--[a-z-]+", own)), f"logbook {name}{rest}"


@every_page
def test_every_link_leads_somewhere(path: Path) -> None:
    """A link to a file of the repository, or to a heading of a page, has a target."""
    if "Written by scripts/pages.py" in path.read_text():
        return  # its examples link what is not there
    text = re.sub(r"^(`{3,}).*?^\1", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    for target, heading in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", text):
        page = (path.parent / target) if target else path
        assert page.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", title.casefold()).replace(" ", "-") for title in titles}
            assert heading in slugs | {title.strip("`") for title in titles}, heading


@every_page
def test_every_block_that_is_yaml_or_json_can_be_read(path: Path) -> None:
    """What people copy is no broken file."""
    text = path.read_text()
    for block in re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        assert YAML(typ="safe", pure=True).load(block)
    for block in re.findall(r"<<'JSON'\n(.*?)^JSON", text, re.DOTALL | re.MULTILINE):
        assert json.loads(block)
