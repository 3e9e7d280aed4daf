"""Claims about which repository git is started in, and that a tree cannot choose what it runs."""

import datetime as dt
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from repository import GOOD, PATH, context
from repository import Repository as Work
from research_logbook.errors import ConfigurationError, UnfinishedError, UserError
from research_logbook.lint.run import LintRequest, lint, plan_fixes
from research_logbook.logbook import parse
from research_logbook.logbook.model import Unreadable
from research_logbook.repo.git import Repository

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
BOOKS = ".agents/logbooks"


@pytest.fixture
def planted(tmp_path: Path) -> Work:
    """A checkout of a pull request that holds, beside its logbook, the files of a git directory."""
    ran = f"touch {tmp_path / 'ran'}; cat"
    evil = Work(tmp_path / "evil")
    evil.commit({"sparse-attention.md": GOOD, ".gitattributes": "* filter=evil diff=evil\n"})
    evil.git("switch", "--quiet", "--create", "research/sparse-attention")
    evil.commit({"sparse-attention.md": GOOD + "\nMore.\n"})
    victim = Work(tmp_path / "victim")
    victim.commit({"README.md": "a\n"})
    for name in ("HEAD", "index", "objects", "refs"):
        source, to = evil.root / ".git" / name, victim.root / BOOKS / name
        to.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, to)
        else:
            shutil.copy(source, to)
    config = f"""[core]
        repositoryformatversion = 0
        bare = false
        worktree = .
        fsmonitor = "{ran}"
        hooksPath = .
        pager = "{ran}"
        sshCommand = "{ran}"
        [filter "evil"]
        clean = "{ran}"
        smudge = "{ran}"
        required = true
        [diff]
        external = "{ran}"
        [diff "evil"]
        textconv = "{ran}"
        """
    victim.write(f"{BOOKS}/config", config)
    victim.write(f"{BOOKS}/.gitattributes", "* filter=evil diff=evil\n")
    victim.write(PATH, GOOD + "\nMore.\n")
    victim.git("add", "--force", "--all")
    victim.git("commit", "--quiet", "--message", "A logbook")
    work = Work(tmp_path / "work", origin=victim.root)
    for name in ("refs", "objects"):  # no tree holds an empty folder, but a file in it is enough
        (work.root / BOOKS / name).mkdir(exist_ok=True)
    work.write(PATH, GOOD + "\nMine.\n")
    (tmp_path / "ran").unlink(missing_ok=True)
    return work


def of_file(work: Work) -> None:
    """LintRequest the logbook."""
    lint(LintRequest((str(work.root / PATH),)), context(work.root, {}, NOW))


def of_folder(work: Work) -> None:
    """LintRequest the folder."""
    lint(LintRequest((str(work.root / BOOKS),)), context(work.root, {}, NOW))


def inside(work: Work) -> None:
    """LintRequest from inside the folder."""
    lint(LintRequest(), context(work.root / BOOKS, {}, NOW))


def with_base(work: Work) -> None:
    """LintRequest from inside the folder, compared with a revision."""
    lint(LintRequest(base="HEAD"), context(work.root / BOOKS, {}, NOW))


def deeper(work: Work) -> None:
    """LintRequest from a folder within the planted one."""
    lint(LintRequest((), everything=True), context(work.root / BOOKS / "refs", {}, NOW))


def in_actions(work: Work) -> None:
    """LintRequest as an action does, in the planted folder."""
    lint(LintRequest(), context(work.root / BOOKS, {"GITHUB_ACTIONS": "true"}, NOW))


def fixing(work: Work) -> None:
    """Look for fixes."""
    plan_fixes(LintRequest((str(work.root / PATH),)), context(work.root))


def looking_around(work: Work) -> None:
    """Ask everything of the work tree that there is to ask."""
    found = context(work.root / BOOKS).clone()
    assert found.root == work.root.resolve()
    assert "README.md" in found.tracked(["."])
    assert found.changes("HEAD", None)
    assert found.containing("Mine.", [BOOKS]) == (PATH,)


@pytest.mark.parametrize(
    "what",
    [of_file, of_folder, inside, with_base, deeper, in_actions, fixing, looking_around],
    ids=lambda it: it.__name__,
)
def test_the_files_of_a_git_directory_in_a_tree_are_files(planted: Work, what: Callable[[Work], None]) -> None:
    """Nothing that their configuration names is run, wherever logbook is started and whatever it is asked."""
    what(planted)
    assert not (planted.root.parent / "ran").exists()


def test_a_folder_that_only_looks_like_a_repository_is_none(tmp_path: Path) -> None:
    """A bare repository has no work tree to judge, and what looks like one is not started in."""
    bare = Work(tmp_path / "bare")
    bare.git("init", "--quiet", "--bare", "inside.git")
    assert Repository.around(bare.root / "inside.git") is not None  # the one around it
    assert context(bare.root).clone().references_at(str(bare.root / "inside.git")) == {}  # named, it may be asked
    shutil.rmtree(bare.root / ".git")
    assert Repository.around(bare.root / "inside.git") is None
    with pytest.raises(UserError, match="not a git repository"):
        context(bare.root / "inside.git").clone()


def test_an_empty_folder_named_git_is_passed_by(tmp_path: Path) -> None:
    """Sandboxes leave one behind; git goes on upwards too."""
    work = Work(tmp_path / "work")
    work.commit({"a/b.txt": "b"})
    (work.root / "a/.git").mkdir()
    found = Repository.around(work.root / "a")
    assert found is not None
    assert found.root == work.root.resolve()


def test_linked_work_trees_and_submodules_are_repositories(tmp_path: Path) -> None:
    """Their `.git` is a file; each is its own top, a symbolic link to it included."""
    part, work = Work(tmp_path / "part"), Work(tmp_path / "work")
    part.commit({"deep/a.txt": "a"})
    work.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part.root), "part")
    work.commit()
    work.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    (tmp_path / "link").symlink_to(work.root / "part/deep")
    for folder, top in (("work/part/deep", "work/part"), ("linked/part", "linked"), ("link", "work/part")):
        found = Repository.around(tmp_path / folder)
        assert found is not None
        assert found.root == (tmp_path / top).resolve()


def test_no_git_starts_inside_a_submodule(tmp_path: Path) -> None:
    """What a submodule has not committed is its own affair; the commit that is checked out there counts."""
    part, work = Work(tmp_path / "part"), Work(tmp_path / "work")
    part.commit({"a.txt": "a\n"})
    work.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part.root), "part")
    work.commit()
    inner = Work(work.root / "part", origin=None)
    inner.git("config", "filter.x.clean", f"touch {tmp_path / 'ran'}; cat")
    inner.write(".gitattributes", "* filter=x\n")
    inner.write("a.txt", "b\n")
    repository = context(work.root).clone()
    assert repository.changes("HEAD", None) == ()
    assert not (tmp_path / "ran").exists()
    inner.commit()
    assert [change.new for change in repository.changes("HEAD", None)] == ["part"]


def test_the_users_own_filters_count(tmp_path: Path) -> None:
    """Large files of git-lfs are compared as they are stored, so that an unchanged one is unchanged."""
    work = Work(tmp_path / "work")
    work.git("config", "filter.upper.clean", "tr a-z A-Z")
    work.git("config", "filter.upper.required", "true")
    work.commit({".gitattributes": "*.bin filter=upper\n", "a.bin": "abc\n"})
    (work.root / "a.bin").write_text("aBc\n")
    assert context(work.root).clone().changes("HEAD", None) == ()


def test_where_the_user_says_which_repository_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIT_DIR with GIT_WORK_TREE names one that no folder around holds; a ceiling ends the search."""
    work = Work(tmp_path / "work")
    work.commit({"a/b.txt": "b"})
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(work.root))
    assert Repository.around(work.root / "a") is None
    assert Repository.around(work.root) is not None
    (work.root / ".git").rename(tmp_path / "elsewhere")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(work.root))
    found = Repository.around(work.root / "a")
    assert found is not None
    assert found.root == work.root.resolve()


def test_a_job_may_read_its_own_workspace_whoever_owns_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the checkout is another user's; elsewhere git's own refusal stands, and says what to do."""
    work = Work(tmp_path / "workspace" / "models")
    work.commit({PATH: GOOD})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    refused = f"safe.directory {work.root}"
    for place, actions in ((tmp_path / "workspace", "false"), (tmp_path / "elsewhere", "true")):
        monkeypatch.setenv("GITHUB_WORKSPACE", str(place))
        monkeypatch.setenv("GITHUB_ACTIONS", actions)
        with pytest.raises(UnfinishedError, match="belongs to another user") as raised:
            Repository.around(work.root)
        assert refused in raised.value.help
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "workspace"))
    found = Repository.around(work.root / ".agents")
    assert found
    assert found.commit("HEAD")


def test_sizes_are_looked_at_before_contents(tmp_path: Path) -> None:
    """A file that is too large costs no memory, however little of it git stores; its header is read all the same."""
    work = Work(tmp_path / "work")
    large = GOOD.encode() + b"note\n" * 4_000_000
    work.commit({PATH: GOOD, f"{BOOKS}/large.md": large, f"{BOOKS}/empty.md": ""})
    repository = Repository.around(work.root)
    assert repository
    hashes = repository.files("HEAD", [BOOKS])
    tracemalloc.start()
    read = repository.contents(hashes.values())
    starts = repository.beginnings(hashes.values(), 100)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    of = {path.rpartition("/")[2]: digest for path, digest in hashes.items()}
    assert (read[of["sparse-attention.md"]], read[of["empty.md"]]) == (GOOD.encode(), b"")
    assert (len(read[of["large.md"]]), bytes(read[of["large.md"]])) == (len(large), b"")
    assert set(starts.values()) == {GOOD.encode()[:100], b""}
    found = parse("large.md", read[of["large.md"]])
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("is 20.0 MB")


@pytest.mark.parametrize("where", ["work tree", "default branch"])
def test_a_configuration_that_is_too_large_is_no_configuration(tmp_path: Path, where: str) -> None:
    """It is refused by its size, and never taken for an empty one."""
    work = Work(tmp_path / "work")
    work.commit({PATH: GOOD, ".github/logbook.yml": "# \n" * 2_000_000})
    told = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "workflow_dispatch"} if where == "default branch" else {}
    with pytest.raises(ConfigurationError, match="over 256 KiB"):
        lint(LintRequest(), context(work.root, told, NOW))
