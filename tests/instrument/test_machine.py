"""Claims about what a machine knows of a run."""

import hashlib
import sys
from pathlib import Path

import pytest

from research_logbook.instrument import machine
from research_logbook.secret_scanner import is_secret_name


def test_a_tool_that_does_not_come_back_is_not_waited_for() -> None:
    """Nor is one that is not there, or fails; one that answers is heard."""
    assert machine.said_by("sh", "-c", "trap '' TERM; echo half; sleep 600 & wait", seconds=0.5) == ""
    assert machine.said_by("no-such-tool") == ""
    assert machine.said_by("sh", "-c", "echo no; exit 1") == ""
    assert machine.said_by("sh", "-c", "echo yes") == "yes\n"


NVIDIA = "NVIDIA A100-SXM4-80GB, 81920 MiB, 535.104.05\nNVIDIA A100-SXM4-80GB, 81920 MiB, 535.104.05\n"
ROCM = "GPU[0]\t\t: Card series:\t\tAMD Instinct MI250X\nGPU[0]\t\t: Card vendor:\t\tAMD\n"


@pytest.mark.parametrize(
    ("tool", "says", "told"),
    [
        ("nvidia-smi", NVIDIA, "2 × NVIDIA A100-SXM4-80GB, 81920 MiB, 535.104.05"),
        ("nvidia-smi", "`x`\x1b[1m, 1 MiB, 2\n", "'x'[1m, 1 MiB, 2"),
        ("rocm-smi", ROCM, "1 × AMD Instinct MI250X"),
    ],
)
def test_accelerators_are_asked_of_their_vendors_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str, says: str, told: str
) -> None:
    """Alike ones are counted; what a tool says stays on its line."""
    (tmp_path / "says").write_text(says)
    (tmp_path / tool).write_text(f"#!/bin/sh\ncat {tmp_path}/says\n")
    (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert told in machine.hardware({}).split("; ")


def test_the_job_of_a_scheduler_is_told() -> None:
    """Of each that sets a number for it; nothing of one that does not."""
    slurm = {"SLURM_JOB_ID": "77", "SLURM_JOB_PARTITION": "gpu", "SLURM_JOB_NODELIST": "n[1-2]", "SLURM_NTASKS": "8"}
    assert "; Slurm job 77 (gpu, n[1-2], 8 tasks)" in machine.hardware(slurm)
    assert "; PBS job 9.host (long)" in machine.hardware({"PBS_JOBID": "9.host", "PBS_QUEUE": "long"})
    assert " job " not in machine.hardware({"SLURM_CONF": "x", "TMUX": "/run/tmux-0/default,1,0"})


@pytest.mark.parametrize(
    ("environment", "is_further"),
    [
        ({}, False),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "8"}, False),
        ({"SLURM_PROCID": "3", "SLURM_NTASKS": "8"}, True),
        ({"SLURM_PROCID": "0", "SLURM_NTASKS": "1"}, False),
        ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, True),
        ({"PMI_RANK": "x", "PMI_SIZE": "2"}, False),
    ],
)
def test_the_first_of_several_tasks_records(environment: dict[str, str], *, is_further: bool) -> None:
    """All others of the same command only run."""
    assert machine.is_further_task(environment) is is_further


def test_the_python_is_that_of_the_command(tmp_path: Path) -> None:
    """Named by it, wherever, or by its script's first line; else the one of the PATH."""
    here = "Python " + ".".join(map(str, sys.version_info[:3]))
    script = tmp_path / "train"
    script.write_text(f"#!{sys.executable}\n")
    script.chmod(0o755)
    for command in ([sys.executable, "x.py"], ["env", "A=1", sys.executable, "x.py"], [str(script)]):
        assert machine.python(command) == here
    assert machine.python(["true"]) == machine.python(["python3"])


def test_the_nearest_lock_file_is_hashed(tmp_path: Path) -> None:
    """From the folder up to the root, and not beyond."""
    (tmp_path / "uv.lock").write_text("outside")
    root = tmp_path / "work"
    folder = root / "a" / "b"
    folder.mkdir(parents=True)
    assert machine.lock_file(folder, root) == ""
    (root / "uv.lock").write_text("x")
    assert machine.lock_file(folder, root) == f"`uv.lock sha256:{hashlib.sha256(b'x').hexdigest()[:16]}`"
    (root / "a" / "requirements.txt").write_text("y")
    assert machine.lock_file(folder, root).startswith("`a/requirements.txt sha256:")


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("HF_TOKEN", True), ("WANDB_API_KEY", True), ("DB_PASSWORD", True), ("AWS_SECRET_ACCESS_KEY", True),
        ("TOKENIZERS_PARALLELISM", False), ("MAX_TOKENS", False), ("PYTHONHASHSEED", False), ("KEYBOARD", False),
    ],
)  # fmt: skip
def test_a_name_says_that_a_variable_is_secret(name: str, *, is_secret: bool) -> None:
    """And a name that is much like it does not."""
    assert is_secret_name(name) is is_secret


def test_variables_are_told_without_secrets() -> None:
    """By name, by value, by a value of another one, and by what the configuration holds back; bounded, on a line."""
    environment = {
        "OMP_NUM_THREADS": "4",
        "XLA_FLAGS": "--a\n--b " + "c" * 900,
        "HF_TOKEN": "words that nobody guesses",
        "COPY": "x words that nobody guesses",
        "FALCON": "project falcon",
        "EMPTY": "",
    }
    told, refused = machine.variables(environment, ["HF_TOKEN", "COPY", "FALCON", "EMPTY", "UNSET"], ["falcon"])
    assert told[1] == "`OMP_NUM_THREADS=4`"
    assert told[0].startswith("`XLA_FLAGS=--a --b ccc")
    assert len(told[0]) <= 202
    assert (len(told), refused) == (2, ["HF_TOKEN", "COPY", "FALCON"])
