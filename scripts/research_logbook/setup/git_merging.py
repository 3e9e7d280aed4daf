"""`logbook init --merge-driver`: what lets git merge logbooks with `logbook merge-driver`.

The attributes are in the repository, and for everyone. The command is in the settings of one clone: git takes no
command from a repository. A clone without it merges line by line, as it would without the attributes.

Source: gitattributes(5), "Defining a custom merge driver".
"""

import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from research_logbook.config.schema import Config
from research_logbook.effects import FileRewrite
from research_logbook.installation import Installation
from research_logbook.repo import files
from research_logbook.repo.files import Obstacle
from research_logbook.repo.git import Repository
from research_logbook.repo.versions import logbook_files, roots

ATTRIBUTES = ".gitattributes"
DRIVER = "logbook"
_COMMAND = f"merge.{DRIVER}.driver"
_ABOUT = "# The entries that both sides added to a logbook stay; `logbook init --merge-driver` sets a clone up for it."
TO_DO = (
    f"commit {ATTRIBUTES}, and let everyone run `logbook init --merge-driver` once in each clone: git takes no command "
    "from a repository, and merges line by line where there is none"
)


class GitSetting(NamedTuple):
    """A setting of the clone that is to be written."""

    name: str
    old: str
    """Empty where there is none."""
    new: str

    def __str__(self) -> str:
        """Return what is done to this clone."""
        return f"would run: git config {self.name} {shlex.quote(self.new)}"


def plan_merging(
    repository: Repository, config: Config, environment: Mapping[str, str]
) -> tuple[tuple[FileRewrite, ...], tuple[GitSetting, ...], tuple[str, ...]]:
    """Return what lets git merge the logbooks of a configuration: attributes, settings, and notes on the rest."""
    wanted = {
        f"merge.{DRIVER}.name": "the entries of both sides of a logbook, in order",
        _COMMAND: driver_command(Installation.here().starts_with(environment)),
    }
    settings = [GitSetting(name, repository.setting(name), new) for name, new in wanted.items()]
    due = tuple(it for it in settings if it.old != it.new)
    there = files.text_there(repository.root, ATTRIBUTES)
    if isinstance(there, Obstacle):
        return (), due, (f"{ATTRIBUTES} {there.why}, so it was left alone",)
    new = with_attributes(there or "", config.logbooks)
    return (FileRewrite(ATTRIBUTES, there, new),) if new != there else (), due, ()


def with_attributes(text: str, patterns: Sequence[str]) -> str:
    """Return the text of attributes in which the files of these patterns have the driver; what is there stays."""
    end = "\r\n" if "\r\n" in text else "\n"
    there = {" ".join(line.split()) for line in text.splitlines()}
    lines = [line for line in map(attribute, patterns) if " ".join(line.split()) not in there]
    if not lines:
        return text
    before = text + end * bool(text and not text.endswith("\n"))
    about = [] if _ABOUT in there else [*([""] if text else []), _ABOUT]
    return before + "".join(f"{line}{end}" for line in (*about, *lines))


def attribute(pattern: str) -> str:
    """Return the line of attributes for a pattern of the configuration; one that excludes takes the driver away."""
    path = "/" + pattern.removeprefix("!")
    # There `**` stands for folders alone: what else it may stand for here is a name in any of them.
    path = re.sub(r"(?<!/)\*{2,}|\*{2,}(?!/|\Z)", "**/*", path)
    if re.search(r'[\s"]', path):
        path = '"' + path.replace('"', '\\"') + '"'
    return f"{path} {'!merge' if pattern.startswith('!') else f'merge={DRIVER}'}"


def driver_command(words: Sequence[str]) -> str:
    """Return the command line for git, given what starts logbook.

    Where that is gone, or fails, lines are merged as git does: a failure without marks would drop the other side.
    """
    start = shlex.join(words).replace("%", "%%")
    marks = "--marker-size=%L"
    by_lines = f"git merge-file {marks} -L ours -L base -L theirs %A %O %B"
    driver = f"{start} merge-driver {marks} --labels %X %S %Y"  # labels, which an older git leaves as they are
    return f"{driver} -- %O %A %B %P || if grep -q '^<<<<<<<' %A; then exit 1; else {by_lines}; fi"


@dataclass(frozen=True, slots=True)
class MergeDriverState:
    """Whether git merges the logbooks of a work tree with the driver."""

    covered: tuple[str, ...] = ()
    """The logbooks that have the attribute; where there is none yet, one that there could be."""
    uncovered: tuple[str, ...] = ()
    command: str = ""
    """What the clone's settings say; empty for nothing."""
    missing_program: str = ""
    """The program that it starts, where that is not found."""


def driver_state(repository: Repository, config: Config, environment: Mapping[str, str]) -> MergeDriverState:
    """Return whether git merges the logbooks of this clone with the driver."""
    paths = list(logbook_files(repository, config)) or [f"{roots(config)[0]}/topic.md".removeprefix("./")]
    attributes = repository.merge_attributes(paths)
    covered = tuple(path for path in paths if attributes.get(path) == DRIVER)
    command = repository.setting(_COMMAND)
    try:
        program = next(iter(shlex.split(command)), "")
    except ValueError:
        program = command
    is_there = not program or shutil.which(program, path=environment.get("PATH")) is not None
    uncovered = tuple(path for path in paths if path not in covered)
    return MergeDriverState(covered, uncovered, command, "" if is_there else program)
