"""What `logbook init` writes into a repository: new files, and newer pins in those that are there."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from research_logbook.effects.plan import FileRewrite
from research_logbook.repo.files import Obstacle
from research_logbook.setup.workflows import ActionPin, NoWorkflowError, is_ours, pinned, uses

FOLDER = ".github/workflows"
ISSUE_FORM = ".github/ISSUE_TEMPLATE/experiment.yml"


There = Mapping[str, str | Obstacle | None]
"""The files that are there, by path; None for one that is not."""


class SetupFiles(NamedTuple):
    """What is to be written, and sentences about what is not."""

    rewrites: tuple[FileRewrite, ...] = ()
    notes: tuple[str, ...] = ()


def plan_files(wanted: Mapping[str, str], there: There, pin: ActionPin, *, force: bool) -> SetupFiles:
    """Return what gives the repository the files of `wanted`, by path.

    A file that people changed keeps every change: in a workflow our pins alone are brought up to date, any other
    file stays as it is. With `force` it is replaced.
    """
    return _together(_file(path, text, there[path], pin, force=force) for path, text in wanted.items())


def _together(files: Iterable[SetupFiles]) -> SetupFiles:
    listed = list(files)
    rewrites = tuple(rewrite for one in listed for rewrite in one.rewrites)
    return SetupFiles(rewrites, tuple(note for one in listed for note in one.notes))


def _file(path: str, wanted: str, there: str | Obstacle | None, pin: ActionPin, *, force: bool) -> SetupFiles:
    if isinstance(there, Obstacle):
        return SetupFiles(notes=(f"{path} {there.why}: it is left alone",))
    if there == wanted:
        return SetupFiles()
    if there is None or force:
        return SetupFiles((FileRewrite(path, there, wanted),))
    if not path.startswith(f"{FOLDER}/"):
        return SetupFiles(notes=(f"{path} is there already and stays as it is; --force replaces it",))
    return _workflow(path, wanted, there, pin)


def _workflow(path: str, wanted: str, there: str, pin: ActionPin) -> SetupFiles:
    try:
        is_one_of_ours = any(is_ours(use, pin.source) for use in uses(there))
    except NoWorkflowError as error:
        return SetupFiles(notes=(f"{path} is no workflow and stays as it is ({error}); --force replaces it",))
    if not is_one_of_ours:
        return SetupFiles(notes=(f"{path} uses no action of {pin.source} and stays as it is; --force replaces it",))
    newer = pinned(there, pin)
    kept = f"{path} differs from the template and keeps that; only its pins are brought up to date; --force replaces it"
    return SetupFiles((FileRewrite(path, there, newer),) if newer != there else (), () if newer == wanted else (kept,))
