"""Claims about `logbook wandb-summary` on a laptop: what it shows without GitHub, and what it refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from repository import GOOD, PATH, Repository
from wandb_server import KEY, ServedRun, running_wandb

pytest.importorskip("wandb")

SETTINGS = "wandb:\n  host: {host}\n  projects: [lab/tiles]\n"


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Make a repository with a good logbook in its work tree."""
    work = Repository(tmp_path / "work")
    work.commit({PATH: GOOD})
    return work


def logbook(work: Repository, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Run `logbook wandb-summary` in a repository; return exit code, output and what it said beside it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "research_logbook", "wandb-summary", *arguments],
        cwd=work.root,
        env={**kept, "PYTHONPATH": str(Path(__file__).parents[2] / "scripts"), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_a_laptop_shows_the_summary_without_github(work: Repository) -> None:
    """With a key and no token, a dry run shows the summary of a logbook in the work tree; nothing is posted."""
    with running_wandb() as wandb:
        summary = {"loss": {"min": 2.5}}
        wandb.projects["lab/tiles"] = [ServedRun("a1", "SPA-AT-001 seed 0", summary=summary)]
        work.write(".github/logbook.yml", SETTINGS.format(host=wandb.url))
        asked = ("--dry-run", "--topic", "sparse-attention")
        code, shown, _ = logbook(work, *asked, "--format", "markdown", WANDB_API_KEY=KEY)
        assert (code, "### W&B results of sparse-attention" in shown) == (0, True)
        assert f"`{PATH}:39` says 2.231 for `loss`" in shown
        code, shown, _ = logbook(work, *asked, "--format", "json", WANDB_API_KEY=KEY)
        assert (code, json.loads(shown)) == (0, {"version": 1, "effects": [], "applied": False})
        wandb.projects["lab/tiles"] = []
        code, _, said = logbook(work, *asked, WANDB_API_KEY=KEY)
        assert (code, "no run of sparse-attention was found by" in said) == (3, True)


REFUSED = [
    ([], {}, 2, "no W&B key"),
    ([], {"WANDB_API_KEY": KEY}, 2, "lists no W&B project"),
    (["--offline", "nowhere"], {}, 2, "nowhere is not a folder"),
    (["--wandb-host", "http://evil.example"], {"WANDB_API_KEY": KEY}, 2, "is not a server address"),
    (["--offline", "."], {}, 2, "no GitHub token"),
    (["--offline", ".", "--dry-run", "--topic", "none"], {}, 2, "no logbook for the topic `none`"),
    (["--offline", ".", "--dry-run", "--topic", "sparse-attention"], {}, 3, "no run of sparse-attention was found"),
]


@pytest.mark.parametrize(("arguments", "variables", "code", "said"), REFUSED, ids=[row[3] for row in REFUSED])
def test_what_cannot_be_done_is_said(
    work: Repository, arguments: list[str], variables: dict[str, str], code: int, said: str
) -> None:
    """Each fault has its sentence, its exit code and a way out."""
    found, shown, beside = logbook(work, *arguments, **variables)
    assert (found, shown.strip(), said in beside) == (code, "", True), beside
    assert KEY not in beside


def test_a_key_that_is_none_is_said(work: Repository) -> None:
    """A key of the wrong form goes nowhere and is not repeated."""
    with running_wandb() as wandb:
        work.write(".github/logbook.yml", SETTINGS.format(host=wandb.url))
        asked = ("--dry-run", "--topic", "sparse-attention")
        code, _, said = logbook(work, *asked, WANDB_API_KEY="not a key")
        assert (code, "not a key" in said, wandb.keys) == (3, False, set())
