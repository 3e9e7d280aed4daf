"""The agent skill that `logbook init --skill` writes into a repository, where agents look for such folders.

Source: the Agent Skills specification, https://agentskills.io/specification; `.agents/skills/` is the folder that
agents share.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from research_logbook.effects import FileRewrite
from research_logbook.repo import files
from research_logbook.repo.files import Obstacle
from research_logbook.repo.git import Repository

NAME = "research-logbook"
FOLDER = f".agents/skills/{NAME}"
MAIN = "SKILL.md"
_PACKAGE = Path(__file__).parents[1]
_DIGEST = re.compile(r'^  digest: "([0-9a-f]*)"\n', re.MULTILINE)
_LINKED = re.compile(r"\]\((references/[\w.-]+\.md)\)")


def shipped_skill() -> dict[str, str]:
    """Return the files of the skill, by their paths in its folder."""
    # Installed it is in the package; in a clone where installers of skills look for it.
    installed = _PACKAGE / "skill"
    folder = installed if installed.is_dir() else _PACKAGE.parents[1] / "skills" / NAME
    return {it.relative_to(folder).as_posix(): it.read_text(encoding="utf-8") for it in sorted(folder.rglob("*.md"))}


def with_digest(skill: Mapping[str, str]) -> dict[str, str]:
    """Return a skill whose main file tells the digest of all of its files, by which an edited one is known."""
    main = _DIGEST.sub("", skill[MAIN])
    head, _, body = main.partition("\n---\n")
    digest = _digest({**skill, MAIN: main})
    return {**skill, MAIN: f'{head}\n  digest: "{digest}"\n---\n{body}'}


def is_as_shipped(skill: Mapping[str, str]) -> bool:
    """Return whether the files of a skill are those of some version of it, and nobody has edited them."""
    main = skill.get(MAIN, "").replace("\r\n", "\n")
    told = _DIGEST.search(main)
    parts = {path: text for path, text in skill.items() if path in _LINKED.findall(main)}
    return told is not None and told[1] == _digest({**parts, MAIN: _DIGEST.sub("", main)})


def _digest(skill: Mapping[str, str]) -> str:
    told = "".join(f"{path}\0{text}\0" for path, text in sorted(skill.items()))
    return sha256(told.replace("\r\n", "\n").encode()).hexdigest()[:16]


def skill_there(repository: Repository) -> dict[str, str | Obstacle]:
    """Return the files of the skill in the work tree, with why one of them is not touched."""
    folder = repository.root / FOLDER
    names = {*shipped_skill(), *(it.relative_to(folder).as_posix() for it in folder.rglob("*.md"))}
    there = {name: files.text_there(repository.root, f"{FOLDER}/{name}") for name in sorted(names)}
    return {name: text for name, text in there.items() if text is not None}


def skill_state(there: Mapping[str, str | Obstacle]) -> str:
    """Return how the skill of a work tree is: `missing`, `current`, `older` than what is shipped, or `edited`."""
    if not there:
        return "missing"
    texts = {name: text for name, text in there.items() if isinstance(text, str)}
    wanted = shipped_skill()
    if all(texts.get(name, "").replace("\r\n", "\n") == text for name, text in wanted.items()):
        return "current"
    return "older" if len(texts) == len(there) and is_as_shipped(texts) else "edited"


def plan_skill(repository: Repository, *, force: bool) -> tuple[tuple[FileRewrite, ...], tuple[str, ...]]:
    """Return what brings the skill into a repository, or up to date there, and notes on what is left alone."""
    there = skill_there(repository)
    if obstacle := next((f"{FOLDER}/{name} {it.why}" for name, it in there.items() if isinstance(it, Obstacle)), ""):
        return (), (f"{obstacle}, so the skill was left alone",)
    state = skill_state(there)
    if state == "edited" and not force:
        return (), (f"{FOLDER} was edited here, and was left alone; pass --force to replace it",)
    rewrites = tuple(
        FileRewrite(f"{FOLDER}/{name}", old if isinstance(old, str) else None, text)
        for name, text in shipped_skill().items()
        if (old := there.get(name)) != text and state != "current"
    )
    ignored = repository.ignored(f"{FOLDER}/{MAIN}")
    return rewrites, (f"git ignores {FOLDER}: commit it with `git add --force {FOLDER}`",) if ignored else ()
