"""scripts/run: from nothing to a command that runs, whatever lies about."""

import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from e2e.bench import environment
from e2e.thread import Thread

MOST_BYTES = 12_000_000


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with a copy of the action and a cache of its own."""

    folder: Path
    action: Path
    shared: Mapping[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        """Where the action keeps what it has installed."""
        return self.folder / "temp" / "research-logbook"

    @property
    def environments(self) -> list[Path]:
        """The environments that are installed."""
        return [path.parents[1] for path in self.cache.glob("*/bin/python")]

    def run(self, *arguments: str, at: Path | None = None, **variables: str) -> tuple[int, str]:
        """Run the action's script, and return its exit code and what it printed."""
        temp = {"RUNNER_TEMP": str(self.folder / "temp")}
        return _outcome(
            [str(self.action / "scripts" / "run"), *arguments],
            at or self.folder,
            environment(self.folder, **(temp | dict(self.shared) | variables)),
        )


def _outcome(command: Sequence[str], at: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        command,
        cwd=at,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


@pytest.fixture(scope="session")
def uv(tmp_path_factory: pytest.TempPathFactory, action: Path, packages: Path) -> Path:
    """Let one machine install uv, and return the folder it is in."""
    folder = tmp_path_factory.mktemp("first")
    shared = {"UV_CACHE_DIR": str(packages / "uv"), "PATH": _without_uv(folder)}
    code, said = Machine(folder, action, shared).run("rules")
    assert code == 0, said
    return next(folder.glob("temp/research-logbook/uv-*/bin"))


@pytest.fixture
def machine(tmp_path: Path, action: Path, uv: Path, packages: Path) -> Machine:
    """Make a machine with uv on it, and nothing else of ours."""
    folder = tmp_path / "machine"
    (folder / "bin").mkdir(parents=True)
    path = f"{folder}/bin:{uv}:{environment(folder)['PATH']}"
    return Machine(folder, action, {"PATH": path, "UV_CACHE_DIR": str(packages / "uv")})


def add_program(machine: Machine, name: str, script: str) -> None:
    """Put a program of our making first on a machine's PATH."""
    program = machine.folder / "bin" / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_it_starts_from_nothing(tmp_path: Path, action: Path) -> None:
    """With Python and git alone it installs a uv of known content and what the command needs, and it runs."""
    machine = Machine(tmp_path, action, {"UV_CACHE_DIR": str(tmp_path / "uv"), "PATH": _without_uv(tmp_path)})
    code, said = machine.run("rules")
    assert (code, "result-without-command" in said) == (0, True), said
    assert list(machine.cache.glob("uv-*/bin/uv"))
    assert not list(machine.cache.glob("build.*"))


def test_planted_files_change_nothing_at_a_first_start(
    tmp_path: Path, action: Path, thread: Thread, planted: Path
) -> None:
    """While it installs, too, nothing that lies in the work tree is read or run."""
    machine = Machine(tmp_path, action, {"UV_CACHE_DIR": str(tmp_path / "uv"), "PATH": _without_uv(tmp_path)})
    code, said = machine.run("lint", at=thread.root)
    assert (code, planted.exists()) == (0, False), said


def _without_uv(home: Path) -> str:
    parts = environment(home)["PATH"].split(":")
    return ":".join(part for part in parts if not (Path(part) / "uv").exists())


def test_what_it_installs_is_small(machine: Machine) -> None:
    """The packages for lint stay under 12 MB."""
    machine.run("rules")
    (installed,) = machine.environments
    size = sum(path.lstat().st_size for path in installed.rglob("*") if "__pycache__" not in path.parts)
    assert size < MOST_BYTES


def test_a_second_start_installs_nothing(machine: Machine) -> None:
    """Once installed it needs neither the network nor uv."""
    machine.run("rules")
    add_program(machine, "uv", "exit 1")
    code, _ = machine.run("rules", PIP_INDEX_URL="http://localhost:9/", UV_OFFLINE="1")
    assert (code, len(machine.environments)) == (0, 1)


def test_first_starts_at_once_are_all_well(machine: Machine) -> None:
    """Processes that build the same environment at the same time end with one, and all run."""
    with ThreadPoolExecutor(4) as pool:
        codes = [code for code, _ in pool.map(lambda _: machine.run("rules"), range(4))]
    assert (codes, len(machine.environments)) == ([0, 0, 0, 0], 1)
    (installed,) = machine.environments
    assert {path.name for path in installed.iterdir() if not path.is_symlink()} <= {
        *("bin", "lib", "lib64", "pyvenv.cfg", "CACHEDIR.TAG", ".gitignore", ".lock")
    }


def test_an_environment_whose_python_is_gone_is_built_anew(machine: Machine) -> None:
    """When somebody uninstalls the interpreter, the next start mends what hung on it."""
    machine.run("rules")
    (installed,) = machine.environments
    (installed / "bin" / "python").unlink()
    assert machine.run("rules")[0] == 0


def test_two_versions_share_no_environment(machine: Machine, tmp_path: Path) -> None:
    """A copy of the action somewhere else, or with another lock, gets an environment of its own."""
    machine.run("rules")
    other = Machine(machine.folder, shutil.copytree(machine.action, tmp_path / "other"), machine.shared)
    assert other.run("rules")[0] == 0
    assert len(machine.environments) == 2


def test_it_can_be_called_from_anywhere(machine: Machine, thread: Thread) -> None:
    """The work tree is where it is called; arguments arrive as they are given."""
    code, said = machine.run("lint", at=thread.root / ".agents", CDPATH="/")
    assert code == 0, said
    assert machine.run("lint", "no such file.md", at=thread.root)[0] == 2


def test_an_untested_uv_is_left_alone(machine: Machine, tmp_path: Path) -> None:
    """A uv on the PATH of a version that was never tried is asked for its version, and for nothing else."""
    mark = tmp_path / "mark"
    add_program(machine, "uv", f"case \"$*\" in --version) echo 'uv 0.1.0' ;; *) touch '{mark}' ;; esac")
    assert machine.run("rules")[0] == 0
    assert (mark.exists(), len(list(machine.cache.glob("uv-*")))) == (False, 1)


@pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"])
def test_packages_come_from_where_the_user_says(machine: Machine, variable: str, tmp_path: Path) -> None:
    """A mirror in the environment is used, and when it does not answer the error says how to name one."""
    nowhere: dict[str, Any] = {variable: "http://localhost:9/simple"}
    code, said = machine.run("rules", UV_CACHE_DIR=str(tmp_path / "empty"), UV_HTTP_RETRIES="0", **nowhere)
    assert (code, "localhost:9" in said, "PIP_INDEX_URL" in said) == (3, True, True), said
    assert not list(machine.cache.glob("build.*"))


def _all_at(place: Path, names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), str(place))


def test_other_settings_of_uv_and_python_do_not_matter(machine: Machine, thread: Thread) -> None:
    """Variables that would lead to another project, another interpreter or other modules are not heard."""
    (thread.root / "click.py").write_text("raise SystemExit('planted')\n")
    code, said = machine.run(
        "lint",
        at=thread.root,
        UV_PYTHON="2.7",
        UV_SYSTEM_PYTHON="1",
        PIP_USER="1",
        **_all_at(thread.root, "UV_PROJECT UV_WORKING_DIRECTORY UV_CONFIG_FILE UV_PROJECT_ENVIRONMENT"),
        **_all_at(thread.root, "UV_CONSTRAINT PYTHONPATH PYTHONHOME PYTHONSTARTUP"),
    )
    assert code == 0, said


_USUAL = (
    *("bash", "env", "cat", "cut", "sha256sum", "uname", "mkdir", "mv", "rm", "dirname", "mktemp", "ldd", "od", "tr"),
    *("git", "python3", "uv"),
)


def _path_of(machine: Machine, *without: str) -> str:
    """Return a PATH with the usual programs, but without some."""
    folder = machine.folder / "usual"
    folder.mkdir()
    for name in _USUAL:
        found = shutil.which(name, path=machine.shared["PATH"])
        if found and name not in without:
            (folder / name).symlink_to(found)
    return f"{machine.folder}/bin:{folder}"


def test_a_machine_without_python_is_told_what_to_install(machine: Machine) -> None:
    """An image such as node's has none, and what a shell says of that helps nobody."""
    code, said = machine.run("lint", PATH=_path_of(machine, "python3", "uv"))
    assert (code, said.count("\n"), "apt-get install --yes python3" in said) == (2, 1, True), said
    assert not list(machine.cache.glob("build.*"))


def test_an_old_python_is_named(machine: Machine) -> None:
    """A Python that is too old is told by its version; one that is not, beside a uv, is what it runs with."""
    add_program(machine, "python3", 'case "$1" in -V) echo Python 3.8.10 ;; *) exit 1 ;; esac')
    code, said = machine.run("lint", PATH=_path_of(machine, "python3", "uv"))
    assert (code, "Python 3.8.10" in said, "install Python 3.11" in said) == (2, True, True), said
    (machine.folder / "bin" / "python3").unlink()
    assert machine.run("rules")[0] == 0


def test_alpine_gets_all_but_what_has_no_wheels_for_it(machine: Machine) -> None:
    """Where the C library is musl, RE2 is left out and everything else is there; elsewhere nothing is left out."""
    add_program(machine, "ldd", "echo 'musl libc (x86_64)' >&2; exit 1")
    assert machine.run("rules")[0] == 0
    (machine.folder / "bin" / "ldd").unlink()
    assert machine.run("rules")[0] == 0
    assert sorted(bool(list(one.glob("lib/python*/site-packages/re2"))) for one in machine.environments) == [0, 1]


@pytest.mark.parametrize("name", [signal.SIGKILL, signal.SIGTERM])
def test_a_start_that_is_killed_leaves_nothing_that_the_next_does_not_clear(machine: Machine, name: int) -> None:
    """Whatever ends an installation, no folder of it stays; that of one which is at work does."""
    says = 'case "$1" in --version) echo "uv 0.13.9"'
    add_program(machine, "uv", f"{says} ;; *) kill -{int(name)} $PPID; sleep 0.2 ;; esac")
    code, said = machine.run("rules")
    assert code != 0, said
    (machine.folder / "bin" / "uv").unlink()
    at_work = machine.cache / f"build.{platform.node()}.{os.getpid()}.abcdef"
    at_work.mkdir()
    assert machine.run("rules")[0] == 0
    assert list(machine.cache.glob("build.*")) == [at_work]


@pytest.mark.parametrize("system", ["MINGW64_NT-10.0", "MSYS_NT-10.0", "Windows_NT"])
def test_windows_is_refused_with_a_sentence(machine: Machine, system: str) -> None:
    """On a system that was never tried it says which to use, and does nothing."""
    add_program(machine, "uname", f"echo {system}")
    code, said = machine.run("rules")
    assert (code, said.count("\n"), "Linux and macOS" in said) == (2, 1, True)
    assert not machine.cache.exists()
