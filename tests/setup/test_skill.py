"""Claims about `logbook init --skill`: what it writes, what it brings up to date, and what it leaves alone."""

from pathlib import Path

import pytest

from repository import Repository, context
from research_logbook.errors import UserError
from research_logbook.repo import files
from research_logbook.setup.init import InitOptions, InitPlan, plan_init
from research_logbook.setup.skill import FOLDER, MAIN, NAME, shipped_skill, skill_state, skill_there, with_digest


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """A repository with a README and nothing of ours."""
    repository = Repository(tmp_path / "work with spaces")
    repository.commit({"README.md": "# Models\n"})
    return repository


def run(work: Repository, **asked: bool) -> InitPlan:
    """Do what `init --skill` would do."""
    done = plan_init(InitOptions(skill=True, **asked), context(work.root))
    for rewrite in done.rewrites:
        files.write(done.root / rewrite.name, rewrite.new)
    return done


def state(work: Repository) -> str:
    """Return how the skill is there."""
    return skill_state(skill_there(context(work.root).clone()))


def older() -> dict[str, str]:
    """Return the skill as an earlier version shipped it."""
    skill = shipped_skill()
    told = skill[MAIN].replace("## What to do when", "## In this order")
    return with_digest({**skill, MAIN: told})


def test_it_writes_the_skill_and_nothing_else(work: Repository) -> None:
    """Every file of it, where agents look; a second run finds nothing to do. No server is asked for anything."""
    done = run(work)
    assert {rewrite.name for rewrite in done.rewrites} == {f"{FOLDER}/{path}" for path in shipped_skill()}
    assert Path(FOLDER).name == NAME
    assert (work.root / FOLDER / MAIN).read_text() == shipped_skill()[MAIN]
    again = run(work)
    assert (again.rewrites, again.notes, again.to_do) == ((), (), ())


def test_a_dry_run_writes_nothing(work: Repository) -> None:
    """Planning leaves the work tree as it was, and shows every file."""
    done = plan_init(InitOptions(skill=True), context(work.root))
    assert work.git("status", "--short") == ""
    assert all(str(rewrite).startswith("--- /dev/null\n") for rewrite in done.rewrites)


def test_one_of_an_earlier_version_is_brought_up_to_date(work: Repository) -> None:
    """Where nobody has edited it; a file that people put beside it stays."""
    for path, text in older().items():
        work.write(f"{FOLDER}/{path}", text)
    work.write(f"{FOLDER}/references/cluster.md", "Ours.\n")
    assert state(work) == "older"
    assert [rewrite.name for rewrite in run(work).rewrites] == [f"{FOLDER}/{MAIN}"]
    assert (state(work), (work.root / FOLDER / "references/cluster.md").read_text()) == ("current", "Ours.\n")


@pytest.mark.parametrize("path", [MAIN, "references/rules.md"])
def test_edits_are_never_overwritten_unasked(path: str, work: Repository) -> None:
    """A person's edit stays, of this version or an earlier one, and it is said; `--force` replaces it."""
    for skill in (shipped_skill(), older()):
        for name, text in skill.items():
            work.write(f"{FOLDER}/{name}", text)
        edited = f"{skill[path]}\nAsk Mia before you use more than eight GPUs.\n"
        work.write(f"{FOLDER}/{path}", edited)
        done = run(work)
        assert (done.rewrites, state(work)) == ((), "edited")
        assert done.notes == (f"{FOLDER} was edited here, and was left alone; pass --force to replace it",)
        assert (work.root / FOLDER / path).read_text() == edited
        run(work, force=True)
        assert state(work) == "current"


def test_a_link_out_of_the_repository_is_not_followed(work: Repository, tmp_path: Path) -> None:
    """What an installer linked to a folder elsewhere is left alone, and it is said."""
    (tmp_path / "elsewhere").mkdir()
    (work.root / FOLDER).parent.mkdir(parents=True)
    (work.root / FOLDER).symlink_to(tmp_path / "elsewhere")
    done = run(work)
    assert (done.rewrites, list((tmp_path / "elsewhere").iterdir())) == ((), [])
    assert "link that leads out of the repository, so the skill was left alone" in done.notes[0]


def test_an_ignored_folder_is_told(work: Repository) -> None:
    """Git would not commit it, and the note says how."""
    work.write(".gitignore", ".agents/\n")
    assert run(work).notes == (f"git ignores {FOLDER}: commit it with `git add --force {FOLDER}`",)


def test_an_organisation_gets_none(work: Repository) -> None:
    """Templates for others are no place for it."""
    with pytest.raises(UserError, match="--org writes templates alone"):
        run(work, org=True)
