"""Which logbook this is: its version, and the commit where that is known."""

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from research_logbook import __version__
from research_logbook.errors import UserError

_PACKAGE = Path(__file__).resolve().parents[1]


def version() -> str:
    """Return `logbook 0.1.0 (0123456789ab)`."""
    commit = _commit()
    return f"logbook {__version__}{f' ({commit[:12]})' if commit else ''}"


def _commit() -> str:
    """Return the commit that an installer took it from, or that a clone of logbook has checked out; else empty."""
    top = _PACKAGE.parents[1]
    if (top / ".git").exists() and top / "scripts" / _PACKAGE.name == _PACKAGE:
        from research_logbook.repo.git import Repository  # noqa: PLC0415 - an installed one is asked without git

        try:
            return Repository(top).commit("HEAD") or ""
        except UserError:  # git is missing, or fails
            return ""
    try:
        # PEP 610: what pip, pipx and uv write down of what they installed.
        written = distribution("research-logbook").read_text("direct_url.json") or "{}"
        commit = json.loads(written).get("vcs_info", {}).get("commit_id", "")
    except (PackageNotFoundError, ValueError, AttributeError):
        return ""
    return commit if isinstance(commit, str) else ""
