"""What a machine knows of a run: what it runs on, with which Python and packages, under which variables."""

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from research_logbook.secret_scanner import find_secrets

_SECONDS = 10
"""For which a vendor's tool may look for its accelerators."""

VARIABLES = (
    "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "XLA_FLAGS", "LIBTPU_INIT_ARGS",
    "JAX_PLATFORMS", "JAX_ENABLE_X64", "NCCL_ALGO", "NCCL_PROTO", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
    "PYTHONHASHSEED", "PYTORCH_CUDA_ALLOC_CONF", "TF_DETERMINISTIC_OPS", "CUBLAS_WORKSPACE_CONFIG", "WORLD_SIZE",
    "WANDB_PROJECT", "WANDB_ENTITY", "WANDB_RUN_GROUP", "WANDB_MODE", "HF_HUB_OFFLINE", "SLURM_JOB_ID",
    "SLURM_JOB_PARTITION", "SLURM_NNODES", "SLURM_NTASKS", "SLURM_GPUS_ON_NODE",
)  # fmt: skip
"""Variables that change what a run does, and hold no secret; no other is ever recorded unasked."""

LOCK_FILES = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "conda-lock.yml", "pixi.lock", "requirements.txt",
    "environment.yml", "Cargo.lock", "package-lock.json", "flake.lock",
)  # fmt: skip


def hardware() -> str:
    """Return processor, memory and accelerators in a line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [f"{_processor()}, {cores} core{'s' * (cores != 1)}", _memory(), *_accelerators(), *_where()]
    return "; ".join(filter(None, parts))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model")))
    return next(filter(None, named), "") or platform.processor() or platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB of memory"
    except (ValueError, OSError):
        return ""


def _accelerators() -> Iterator[str]:
    """Yield the accelerators that their vendors' tools know."""
    listed = _said("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
    names = [", ".join(part.strip() for part in line.split(",")) for line in listed.splitlines() if line.strip()]
    for name in dict.fromkeys(names):
        yield f"{names.count(name)} × {name}" if names.count(name) > 1 else name
    if not names and (
        found := [line for line in _said("rocm-smi", "--showproductname").splitlines() if "Card" in line]
    ):
        yield f"{len(found)} × AMD accelerator ({found[0].rpartition(':')[2].strip()})"
    if kind := os.environ.get("TPU_ACCELERATOR_TYPE"):
        yield f"TPU {kind}"


def _where() -> Iterator[str]:
    if job := os.environ.get("SLURM_JOB_ID"):
        yield f"Slurm job {job} on {os.environ.get('SLURM_JOB_NODELIST', platform.node())}"
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        yield "in a container"


def _said(*command: str) -> str:
    """Return what a tool says; nothing where there is no such tool, or it fails."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - fixed words
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def python(command: Sequence[str]) -> str:
    """Return the version of the Python that a command names, else of the one in the PATH."""
    first = command[0] if Path(command[0]).name.startswith("python") else "python3"
    return _said(first, "-V").strip()


def lock_file(*folders: Path) -> str:
    """Return the lock file of the first folder that has one, with the hash of its contents; empty without one."""
    for folder in folders:
        for name in LOCK_FILES:
            file = folder / name
            if file.is_file():
                return f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"
    return ""


def variables(environment: Mapping[str, str], more: Sequence[str] = ()) -> dict[str, str]:
    """Return the variables that are recorded: those of the list that are set, and those asked for; never a secret."""
    wanted = dict.fromkeys((*VARIABLES, *more))
    told = {name: environment[name] for name in wanted if environment.get(name)}
    return {name: value for name, value in told.items() if not any(find_secrets(f"{name}={value}"))}
