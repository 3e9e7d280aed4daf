"""Claims about scripts/release: what can be released, and what is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from repository import Repository

ROOT = Path(__file__).parents[1]
CHANGES = "# Changelog\n\n## Unreleased\n\n- Later.\n\n## 1.2.0\n\n- New: this.\n- And that.\n\n## 1.1.0\n\n- Old.\n"
PROJECT = """\
[project]
name = "research-logbook"
version = "1.2.0"

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["scripts/research_logbook"]
"""


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A copy of the script in a repository that is ready for a release."""
    work = Repository(tmp_path / "logbook")
    for name in ("scripts/release", "scripts/lib/environment.sh", "scripts/uv.txt"):
        (work.root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, work.root / name)
    code = '"""x"""\n\n__version__ = "1.2.0"\n'
    work.commit({"pyproject.toml": PROJECT, "CHANGELOG.md": CHANGES, "scripts/research_logbook/__init__.py": code})
    work.git("update-ref", "refs/remotes/origin/main", "HEAD")
    return work


def release(work: Repository, tag: str = "v1.2.0") -> tuple[int, str]:
    """Run the script; return its exit code and what it said."""
    command = [work.root / "scripts/release", tag, "../out"]
    done = subprocess.run(command, cwd=work.root, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_an_annotated_tag_is_released(work: Repository) -> None:
    """The notes are the version's part of the changelog, and both packages are built."""
    work.git("tag", "--annotate", "--message", "x", "v1.2.0")
    code, said = release(work)
    assert code == 0, said
    out = work.root.parent / "out"
    assert (out / "notes.md").read_text().strip() == "- New: this.\n- And that."
    assert {path.suffix for path in (out / "dist").iterdir() if path.name != ".gitignore"} == {".whl", ".gz"}


def test_what_cannot_be_released_is_told(work: Repository) -> None:
    """A lightweight tag, one off the default branch, another version and an empty part of the changelog are refused."""
    assert "is no version" in release(work, "--help")[1]
    work.git("tag", "v1.2.0")
    assert "no annotated tag" in release(work)[1]
    work.git("tag", "--annotate", "--message", "x", "v1.3.0")
    assert "names another version than 1.3.0" in release(work, "v1.3.0")[1]
    work.commit({"CHANGELOG.md": "# Changelog\n\n## 1.2.0\n\n## 1.1.0\n\n- Old.\n"})
    work.git("tag", "--force", "--annotate", "--message", "x", "v1.2.0")
    assert "is not on main" in release(work)[1]
    work.git("update-ref", "refs/remotes/origin/main", "HEAD")
    code, said = release(work)
    assert (code, "has nothing under '## 1.2.0'" in said) == (2, True)
    assert not (work.root.parent / "out/dist").exists()
