"""Logbook as it is installed: by `uvx` or `pipx` from the repository, and as hooks of pre-commit."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from e2e.bench import CHECKOUT, environment
from e2e.thread import BRANCH, LOGBOOK, Thread
from repository import release

_FIND_UV = '. "$1/scripts/lib/environment.sh"; forget_settings; find_cache; find_uv; echo "$uv"'


def run(*command: str, at: Path, home: Path, **variables: str) -> tuple[int, str]:
    """Run a program on nobody's machine; return its exit code and what it printed."""
    done = subprocess.run(
        command,
        cwd=at,
        env=environment(home, **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Installed:
    """Logbook in an environment of its own, away from its repository."""

    home: Path
    program: Path

    def __call__(self, *arguments: str, at: Path, **variables: str) -> tuple[int, str]:
        """Run it; return its exit code and what it printed."""
        return run(str(self.program), *arguments, at=at, home=self.home, **variables)


@pytest.fixture(scope="session")
def uv(packages: Path) -> str:
    """Return the uv that scripts/run uses."""
    code, said = run("bash", "-c", _FIND_UV, "-", str(CHECKOUT), at=packages, home=packages, RUNNER_TEMP=str(packages))
    assert code == 0, said
    return said.strip().splitlines()[-1]


@pytest.fixture(scope="session")
def installed(uv: str, action: Path, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel from the repository as released, and install it with the versions of the lock."""
    home = tmp_path_factory.mktemp("home")
    cache = {"UV_CACHE_DIR": str(packages / "uv")}

    def asked(*arguments: str) -> None:
        code, said = run(uv, *arguments, at=home, home=home, **cache)
        assert code == 0, said

    asked("build", "--no-config", "--wheel", "--out-dir", str(home / "dist"), str(action))
    (wheel,) = (home / "dist").glob("*.whl")
    locked = str(home / "locked.txt")
    asked("export", "--no-config", "--frozen", "--no-dev", "--no-emit-project", "--project", str(action), "-o", locked)
    asked("venv", "--no-config", "--no-project", str(home / "venv"))
    python = str(home / "venv/bin/python")
    asked("pip", "install", "--no-config", "--python", python, "--require-hashes", "--requirements", locked)
    asked("pip", "install", "--no-config", "--python", python, "--no-deps", str(wheel))
    return Installed(home, home / "venv/bin/logbook")


@pytest.fixture
def server(tmp_path: Path) -> str:
    """Return a server that has the actions, with a release."""
    release(tmp_path / "server", "v1")
    return (tmp_path / "server").as_uri()


def test_an_installed_logbook_has_all_that_it_writes(installed: Installed, thread: Thread, server: str) -> None:
    """`init`, `new`, `rules` and `lint` find their templates, away from the repository that they come from."""
    (thread.root / ".github/workflows/logbook-lint.yml").unlink()
    code, said = installed("init", "--all", at=thread.root, GITHUB_SERVER_URL=server)
    assert code == 0, said
    shipped = {path.name for path in (CHECKOUT / "workflows-templates").iterdir()}
    assert {path.name for path in (thread.root / ".github/workflows").iterdir()} == shipped
    assert (thread.root / ".github/ISSUE_TEMPLATE/experiment.yml").is_file()
    code, said = installed("new", "Wave fronts", "--no-issue", at=thread.root)
    assert (code, thread.git("branch", "--show-current")) == (0, "research/wave-fronts"), said
    assert installed("lint", LOGBOOK, at=thread.root)[0] == 0
    assert "result-without-command" in installed("rules", at=thread.root)[1]


def test_what_was_not_installed_is_asked_for(installed: Installed, thread: Thread) -> None:
    """Without the part that speaks with GitHub, a command that needs it says what installs it there."""
    access = {"GITHUB_TOKEN": "x", "GITHUB_API_URL": "http://localhost:9"}
    code, said = installed("labels", "--issue", "1", "--repo", "lab/tiles", at=thread.root, **access)
    assert (code, "research-logbook" in said, "Traceback" in said) == (3, False, False), said
    assert f"help: run `uv pip install --python {installed.program.with_name('python')} pygithub`" in said


def test_an_installed_logbook_brings_its_skill_and_starts_as_merge_driver(installed: Installed, thread: Thread) -> None:
    """Both are written away from the repository that they come from, and git can start the driver."""
    code, said = installed("init", "--skill", "--merge-driver", at=thread.root)
    assert code == 0, said
    skill = CHECKOUT / "skills/research-logbook"
    for path in skill.rglob("*.md"):
        there = thread.root / ".agents/skills/research-logbook" / path.relative_to(skill)
        assert there.read_text() == path.read_text()
    assert thread.git("config", "merge.logbook.driver").startswith(f"{installed.program} merge-driver ")


def test_uvx_runs_it_from_the_repository(uv: str, action: Path, packages: Path, thread: Thread) -> None:
    """One command without an installation judges the logbooks."""
    where = {"UV_CACHE_DIR": str(packages / "uv"), "UV_TOOL_DIR": str(packages / "tools")}
    command = (uv, "tool", "run", "--no-config", "--from", str(action), "logbook", "lint", LOGBOOK)
    code, said = run(*command, at=thread.root, home=packages, **where)
    assert code == 0, said


@pytest.mark.parametrize(
    "hook", YAML(typ="safe", pure=True).load(CHECKOUT / ".pre-commit-hooks.yaml"), ids=lambda it: it["id"]
)
def test_each_hook_runs(hook: dict[str, str], installed: Installed, thread: Thread) -> None:
    """What pre-commit would run is a command that passes on a good thread, and fails on a bad one unless it mends."""
    program, *arguments = hook["entry"].split()
    assert program == "logbook"
    thread.branch()
    thread.add_entry()
    assert installed(*arguments, at=thread.root)[0] == 0
    thread.add_entry(4, "spiral", command="")
    assert installed(*arguments, at=thread.root)[0] == (0 if "--fix-only" in arguments else 1)


def test_the_hooks_see_a_deletion(installed: Installed, thread: Thread) -> None:
    """pre-commit passes no deleted file and skips a hook without files, so these run always, and on no file's name."""
    hooks = YAML(typ="safe", pure=True).load(CHECKOUT / ".pre-commit-hooks.yaml")
    assert {(hook["always_run"], hook["pass_filenames"], "files" in hook) for hook in hooks} == {(True, False, False)}
    thread.branch()
    thread.git("rm", "--quiet", LOGBOOK)
    code, said = installed("lint", at=thread.root)
    assert (code, "deleted-logbook" in said) == (1, True), said


def test_the_fix_hook_mends_in_actions(installed: Installed, thread: Thread, tmp_path: Path) -> None:
    """A runner's checkout is mended, which pre-commit reports; what the push left alone, and what is good, is not."""
    hidden = thread.book.replace("## ", "## \u200b", 1)
    old = LOGBOOK.replace(".md", "-old.md")
    thread.commit({old: hidden}, message="Begin badly")
    thread.push("main")
    thread.branch()
    thread.commit({LOGBOOK: hidden}, message="Hide a character")
    payload, root = thread.push_branch()
    (tmp_path / "event.json").write_text(json.dumps(payload))
    event = {
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REF_TYPE": "branch",
    }
    event |= {"GITHUB_ACTIONS": "true", "GITHUB_REF": payload["ref"], "GITHUB_REF_NAME": BRANCH}
    for expected in (f"fixed {LOGBOOK}\n", ""):
        assert installed("lint", "--fix-only", at=root, **event) == (0, expected)
    assert (root / LOGBOOK).read_text() == hidden.replace("\u200b", "")
    assert (root / old).read_text() == hidden
