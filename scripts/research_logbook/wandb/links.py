"""What addresses at W&B lead to. Pure."""

from urllib.parse import unquote

from research_logbook.issues.wandb_server import on_wandb
from research_logbook.wandb.runs import RunKey


def parse_run_link(url: str, host: str) -> RunKey | None:
    """Return what `url` leads to on the W&B server whose API is at `host`; None for anything else."""
    parts = on_wandb(url, host)
    if parts is None:
        return None
    steps = [unquote(step) for step in parts.path.split("/") if step]
    steps = steps[1:] if steps[:1] == ["wandb"] and "coreweave" in (parts.hostname or "") else steps
    match steps:
        case [entity, project, "runs", run, *_]:
            return RunKey(f"{entity}/{project}", run)
        case [entity, project, "groups", group, *_]:
            return RunKey(f"{entity}/{project}", group=group)
        case [entity, project, "sweeps", sweep, *_]:
            return RunKey(f"{entity}/{project}", sweep=sweep)
        case [entity, project, *_] if entity not in {"links", "site", "docs"}:
            return RunKey(f"{entity}/{project}")
    return None
