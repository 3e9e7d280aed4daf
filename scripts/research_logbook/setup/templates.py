"""The templates that come with logbook: workflows, the issue form, the first version of a logbook."""

from collections.abc import Mapping
from pathlib import Path

from research_logbook.setup.workflows import WORKFLOWS

_PACKAGE = Path(__file__).parents[1]


def workflows() -> Mapping[str, str]:
    """Return the text of every workflow template that is there, by the workflow's name, in the order of `WORKFLOWS`."""
    # Installed they lie in the package; in a clone where users copy them from.
    installed = _PACKAGE / "workflows"
    folder = installed if installed.is_dir() else _PACKAGE.parents[1] / "workflows-templates"
    files = ((workflow.name, folder / workflow.file) for workflow in WORKFLOWS)
    return {name: file.read_text(encoding="utf-8") for name, file in files if file.is_file()}


def text(name: str) -> str:
    """Return another template by the name of its file."""
    return (_PACKAGE / "templates" / name).read_text(encoding="utf-8")
