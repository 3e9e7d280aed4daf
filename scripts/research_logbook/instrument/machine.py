"""What a machine knows of a run: what it runs on, with which Python and packages, under which variables."""

import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from research_logbook.instrument.values import as_code
from research_logbook.markdown.escape import one_line
from research_logbook.private_text import is_private
from research_logbook.secret_scanner import KnownSecrets, is_secret_name

_SECONDS = 10
"""That a tool may take to say what it knows."""
_LONGEST = 200
_MOST_SAID = 65_536

VARIABLES = (
    "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "XLA_FLAGS", "LIBTPU_INIT_ARGS",
    "JAX_PLATFORMS", "JAX_ENABLE_X64", "NCCL_ALGO", "NCCL_PROTO", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
    "PYTHONHASHSEED", "PYTORCH_CUDA_ALLOC_CONF", "TF_DETERMINISTIC_OPS", "CUBLAS_WORKSPACE_CONFIG", "WORLD_SIZE",
    "WANDB_PROJECT", "WANDB_ENTITY", "WANDB_RUN_GROUP", "WANDB_MODE", "HF_HUB_OFFLINE",
)  # fmt: skip
"""Variables that change what a run does, and hold no secret; others are recorded only where somebody names them."""

LOCK_FILES = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "conda-lock.yml", "pixi.lock", "requirements.txt",
    "environment.yml", "Cargo.lock", "package-lock.json", "flake.lock",
)  # fmt: skip

_JOBS = {
    "Slurm": ("SLURM_JOB_ID", "SLURM_JOB_PARTITION", "SLURM_JOB_NODELIST", "SLURM_NTASKS"),
    "PBS": ("PBS_JOBID", "PBS_QUEUE", "", ""),
    "LSF": ("LSB_JOBID", "LSB_QUEUE", "LSB_HOSTS", ""),
    "Flux": ("FLUX_JOB_ID", "", "", "FLUX_JOB_SIZE"),
}
"""For each scheduler the variables with a job's number, its queue, its hosts and its number of tasks."""
_RANKS = {"SLURM_PROCID": "SLURM_NTASKS", "OMPI_COMM_WORLD_RANK": "OMPI_COMM_WORLD_SIZE", "PMI_RANK": "PMI_SIZE"}
"""Variables with the number of a task of a parallel job, each with the one that says how many there are."""


def is_further_task(environment: Mapping[str, str]) -> bool:
    """Return whether this is one of several tasks that run the same command, and not the first of them."""
    return any(
        environment.get(rank, "0").isdecimal() and int(environment.get(rank, "0")) > 0
        for rank, size in _RANKS.items()
        if environment.get(size, "1") != "1"
    )


def hardware(environment: Mapping[str, str] = os.environ) -> str:
    """Return processor, memory, accelerators, and the job or the container that it is, in a line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [f"{_processor()}, {cores} core{'s' * (cores != 1)}", _memory()]
    parts += [*_accelerators(environment), *_job(environment), _container(environment)]
    return "; ".join(filter(None, (one_line(part.replace("`", "'"), _LONGEST) for part in parts)))


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


def _accelerators(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the accelerators that their vendors' tools know."""
    listed = said_by("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
    names = [", ".join(part.strip() for part in line.split(",")) for line in listed.splitlines() if line.strip()]
    for name in dict.fromkeys(names):
        yield f"{names.count(name)} × {name}" if names.count(name) > 1 else name
    if not names:
        cards = re.findall(r"(?m)^GPU\[\d+\].*Card [Ss]eries:\s*(.+)$", said_by("rocm-smi", "--showproductname"))
        for name in dict.fromkeys(cards):
            yield f"{cards.count(name)} × {name.strip()}"
    if kind := environment.get("TPU_ACCELERATOR_TYPE"):
        yield f"TPU {kind}"


def _job(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what a scheduler says of the job."""
    for name, (number, queue, hosts, tasks) in _JOBS.items():
        if job := environment.get(number):
            told = [environment[it] for it in (queue, hosts) if environment.get(it)]
            told += [f"{environment[tasks]} tasks"] if environment.get(tasks, "1") != "1" else []
            yield f"{name} job {job}" + f" ({', '.join(told)})" * bool(told)


def _container(environment: Mapping[str, str]) -> str:
    """Return in what container it runs, with the image where that is known."""
    if image := environment.get("APPTAINER_NAME") or environment.get("SINGULARITY_NAME"):
        return f"in the container image {image}"
    about = Path("/run/.containerenv")
    if about.exists():
        found = re.search(r'^image="(.+)"$', about.read_text(errors="replace"), re.MULTILINE)
        return f"in the container image {found[1]}" if found else "in a container"
    if environment.get("KUBERNETES_SERVICE_HOST"):
        return "in a Kubernetes pod"
    return "in a container" if Path("/.dockerenv").exists() else ""


def said_by(*command: str, seconds: float = _SECONDS) -> str:
    """Return what a tool says; nothing where there is no such tool, it fails, or it does not come back in time."""
    if shutil.which(command[0]) is None:
        return ""
    with TemporaryFile() as out:
        try:
            tool = subprocess.Popen(  # noqa: S603 - fixed words, and the user's own Python
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        except OSError:
            return ""
        try:
            status = tool.wait(seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(tool.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):  # a driver that hangs lets it not even die
                tool.wait(1)
            return ""
        out.seek(0)
        return "" if status else out.read(_MOST_SAID).decode(errors="replace")


_PYTHON = re.compile(r"(?:python|pypy)(?:\d(?:\.\d+)?)?t?")
_SHEBANG = re.compile(rb"#!\s*(?:\S*/env\s+(?:-S\s+)?)?(\S*python\S*)")


def python(command: Sequence[str]) -> str:
    """Return the version of the Python that runs a command: the one that it names or its script does, else the PATH's.

    It is empty where there is none.
    """
    named = next((word for word in command if _PYTHON.fullmatch(Path(word).name)), None)
    if named is None:
        place = shutil.which(command[0])
        try:
            with Path(place or os.devnull).open("rb") as file:
                found = _SHEBANG.match(file.readline(1_000))
        except OSError:
            found = None
        named = os.fsdecode(found[1]) if found else "python3"
    return one_line(said_by(named, "-V"), 60)


def lock_file(folder: Path, root: Path) -> str:
    """Return the nearest lock file from a folder up to the root, with the hash of its contents; empty without one."""
    above = [it for it in (folder, *folder.parents) if it.is_relative_to(root)]
    for file in (place / name for place in above for name in LOCK_FILES):
        if file.is_file():
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()[:16]
            return as_code(f"{file.relative_to(root).as_posix()} sha256:{digest}")
    return ""


def variables(
    environment: Mapping[str, str], more: Collection[str], held_back: Collection[str]
) -> tuple[list[str], list[str]]:
    """Return the variables that are recorded, each as `NAME=value` in code, and the names of those that must not be.

    Recorded are those of the list that are set, and those asked for, but never what its name or its value says is a
    secret.
    """
    secrets = KnownSecrets.among(environment)
    told, refused = list[str](), list[str]()
    for name in dict.fromkeys((*VARIABLES, *more)):
        text = f"{name}={environment.get(name, '')}"
        if not environment.get(name):
            continue
        if is_secret_name(name) or secrets.mask(text) != text or is_private(f"{text}\n{environment[name]}", held_back):
            refused.append(name)
        else:
            told.append(as_code(one_line(text, _LONGEST)))
    return told, refused
