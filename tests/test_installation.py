"""Claims about how logbook knows by what it was installed, and what it says then."""

import re
import shlex
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from research_logbook.installation import EXTRAS, REPOSITORY, Installation, Installer, missing_extra

PLACES = {
    "tools/research-logbook/uv-receipt.toml": Installer.UV_TOOL,
    "pipx/venvs/research-logbook/pipx_metadata.json": Installer.PIPX,
    ".local/pipx/.cache/6e783d7a3ae5dc7/pipx_metadata.json": Installer.PIPX_RUN,
    ".cache/pipx/6e783d7a3ae5dc7/pipx_metadata.json": Installer.PIPX_RUN,
    "uv/archive-v0/ql3cQ--IHlhbQJrZ/pyvenv.cfg": Installer.UVX,
    "project/.venv/pyvenv.cfg": Installer.PIP,
}
"""A file of an environment, and what made that."""
MADE = Installation(Installer.PIP, Path("/env"), "/env with spaces/bin/python")


@pytest.mark.parametrize(("place", "installer"), PLACES.items())
def test_what_made_an_environment_is_known(place: str, installer: Installer, tmp_path: Path) -> None:
    """By the files that uv and pipx leave beside it, and by where it lies."""
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).touch()
    made = Installation.here((tmp_path / place).parent, tmp_path / "research_logbook")
    assert made.installer is installer


def test_a_checkout_is_known() -> None:
    """These tests run from one: it says which of its scripts brings what is missing."""
    here = Installation.here()
    assert (here.installer, here.script) == (Installer.CHECKOUT, str(Path(__file__).parents[1] / "scripts/run"))
    assert missing_extra("wandb").help == f"start it with `{here.script}`, which brings it"


@pytest.mark.parametrize(
    ("installer", "remedy"),
    [
        (Installer.UV_TOOL, f"run `uv tool install --force --with pygithub --with wandb {REPOSITORY}`"),
        (Installer.UVX, f"start it with `uvx --with pygithub --with wandb --from {REPOSITORY} logbook`"),
        (Installer.PIPX, f"run `pipx install --force --preinstall pygithub --preinstall wandb {REPOSITORY}`"),
        (Installer.PIPX_RUN, f"start it with `pipx run --with pygithub --with wandb --spec {REPOSITORY} logbook`"),
        (Installer.PIP, "run `'/env with spaces/bin/python' -m pip install wandb`"),
    ],
)
def test_the_remedy_fits_what_made_the_environment(installer: Installer, remedy: str) -> None:
    """It brings the extra, keeps the one that is there, and names no distribution that an index could have."""
    said = replace(MADE, installer=installer).remedy_for("wandb")
    others = "|".join(EXTRAS["record"][1])  # which may be there or not
    assert re.sub(rf" --(?:with|preinstall) (?:{others})\b", "", said) == remedy
    assert "research-logbook" not in said.replace("run-research/logbook", "")


def test_every_extra_is_known() -> None:
    """With all of the packages that it brings."""
    about = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    told = {
        it: tuple(re.split(r"[<>=]", need)[0] for need in needs) for it, needs in about["optional-dependencies"].items()
    }
    assert {extra: packages for extra, (_, packages) in EXTRAS.items()} == told


def test_an_environment_without_pip_is_uvs() -> None:
    """An environment that uv made has no pip, and uv installs into it."""
    said = replace(MADE, has_pip=False).remedy_for("github")
    assert said == "run `uv pip install --python '/env with spaces/bin/python' pygithub`"


def test_what_starts_it_again_outlives_the_environment(tmp_path: Path) -> None:
    """An environment that stays starts by its own path; one of a cache by what made it, at the same commit."""
    assert MADE.starts_with({}) == [MADE.python, "-P", "-m", "research_logbook"]
    program = tmp_path / "bin/logbook"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert replace(MADE, prefix=tmp_path).starts_with({}) == [str(program)]
    cached = replace(MADE, installer=Installer.UVX, commit="1691d0a9afbf")
    source = f"{REPOSITORY.removesuffix('@v1')}@1691d0a9afbf"
    assert cached.starts_with({"UV": "/opt/uv"}) == shlex.split(f"/opt/uv tool run --quiet --from {source} logbook")
    assert sys.executable not in cached.starts_with({"PATH": ""})
