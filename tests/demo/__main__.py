"""`scripts/demo`: a whole research thread on this machine, on a GitHub that runs on the loopback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from demo.play import TOPIC, Play, StageError
from demo.story import Story
from hub.bench import running_hub

RUN = Path(__file__).parents[2] / "scripts/run"
_BEFORE = f"""\
A whole research thread on this machine, with no account. The commands are real, and so is the git repository; GitHub is
an emulated one on the loopback. `logbook` stands for {RUN}.
"""
_AFTER = f"""\
That was all of it: the emulated GitHub has ended{{left}}.
Next, in a repository of your own: {RUN} init"""
_GONE = ", and the temporary folder with the repository is gone"
_KEPT = "; the repository is in {place}, where {run} lint, inspect and trace go on working"


def main(*, keep: bool) -> int:
    """Play the story, and perhaps keep its repository; return the exit code."""
    tell = partial(print, flush=True)
    tell(_BEFORE)
    with folder(keep=keep) as place, running_hub(place) as hub:
        try:
            Story(Play.on(hub, place, tell, _bold if sys.stdout.isatty() else str)).tell()
        except StageError as error:
            tell(f"the demo went wrong: {error}", file=sys.stderr)
            return 1
    tell(_AFTER.format(left=_KEPT.format(place=place / TOPIC, run=RUN) if keep else _GONE))
    return 0


@contextmanager
def folder(within: Path | None = None, *, keep: bool) -> Iterator[Path]:
    """Yield a folder to play in, which is gone afterwards unless it is to be kept."""
    if keep:
        yield Path(mkdtemp(prefix="logbook-demo-", dir=within))
        return
    with TemporaryDirectory(prefix="logbook-demo-", dir=within, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _bold(line: str) -> str:
    return f"\033[1m{line}\033[0m"


if __name__ == "__main__":
    try:
        sys.exit(main(keep="--keep" in sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
