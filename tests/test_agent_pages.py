"""Claims about what agents read: the skill, and the page for agents.

Source: the Agent Skills specification, https://agentskills.io/specification.
"""

import re
from pathlib import Path

from ruamel.yaml import YAML

from agent_pages import NOTHING, STILL_TO_COME
from research_logbook import __version__
from research_logbook.logbook.queries import is_pending, says_none, says_not_applicable
from research_logbook.setup.skill import MAIN, NAME, is_as_shipped, shipped_skill

CHECKOUT = Path(__file__).parents[1]
FOLDER = CHECKOUT / "skills" / NAME
PAGES = {"docs/for-agents.md": (CHECKOUT / "docs/for-agents.md").read_text(), MAIN: shipped_skill()[MAIN]}


def test_the_words_for_pending_and_for_none_are_read_so() -> None:
    """The words that are given as examples are read as it is said."""
    assert all(map(is_pending, STILL_TO_COME))
    assert all(says_none(text) or says_not_applicable(text) for text in NOTHING)
    assert not any(map(is_pending, NOTHING))


def test_the_skill_is_valid() -> None:
    """Its frontmatter holds what the specification asks for and nothing else, within its limits."""
    text = shipped_skill()[MAIN]
    assert text.startswith("---\n")
    about = YAML(typ="safe", pure=True).load(text.split("\n---\n")[0])
    known = {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
    assert {"name", "description"} <= about.keys() <= known
    name = about["name"]
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name)
    assert (len(name) <= 64, name) == (True, FOLDER.name)
    assert 0 < len(about["description"].strip()) <= 1024
    assert not re.search(r"[<>]", about["description"])
    assert 0 < len(about["compatibility"]) <= 500
    assert all(isinstance(key, str) and isinstance(value, str) for key, value in about["metadata"].items())
    assert about["metadata"]["version"] == __version__


def test_the_skill_is_short() -> None:
    """The main file is below 500 lines and 5,000 tokens, of which each has at least three bytes."""
    text = shipped_skill()[MAIN]
    assert len(text.splitlines()) < 500
    assert len(text.encode()) / 3 < 5_000


def test_every_reference_is_linked_once_and_links_none() -> None:
    """Each file beside the main one is linked from there, one level deep, and chains to no other."""
    skill = shipped_skill()
    linked = re.findall(r"\]\(([^)#:]+)\)", skill[MAIN])
    assert sorted(linked) == sorted(path for path in skill if path != MAIN)
    assert not [path for path in linked if re.search(r"\]\(references/", skill[path])]


def test_an_edited_skill_is_known() -> None:
    """A change in any of the files shows, and line ends do not; a file that a person adds is none of ours."""
    skill = shipped_skill()
    assert is_as_shipped(skill)
    assert is_as_shipped({path: text.replace("\n", "\r\n") for path, text in skill.items()})
    assert is_as_shipped({**skill, "references/cluster.md": "Ask Mia for a place in the queue.\n"})
    assert not any(is_as_shipped({**skill, path: f"{text}More.\n"}) for path, text in skill.items())
    assert not is_as_shipped({path: text for path, text in skill.items() if path != "references/rules.md"})


def test_every_command_of_the_instrument_is_taught() -> None:
    """In the order of a thread: that each exists, with its options, is a claim about every page."""
    told = re.findall(r"`?logbook (\w+)", PAGES[MAIN].split("## What to do when")[1])
    order = ["new", "hypothesis", "run", "entry", "lint", "doctor", "snapshot", "rerun", "promote", "trace", "seal"]
    assert [name for name in dict.fromkeys(told) if name in order] == order


def test_the_skill_and_the_page_say_the_same() -> None:
    """What to do when, and what no command can do, stand in both, word for word."""
    parts = [text.split("## What to do when\n")[1].split("\n## ")[0] for text in PAGES.values()]
    parts += [text.split("## What no command can do for you\n")[1].split("\n## ")[0] for text in PAGES.values()]
    assert (parts[0], parts[2]) == (parts[1], parts[3])
