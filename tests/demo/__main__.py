"""`scripts/demo`: a whole research thread on this machine, on a GitHub that runs on the loopback."""

import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.play import Play, StageError
from demo.story import Story
from hub.bench import running_hub

RUN = Path(__file__).parents[2] / "scripts/run"
_BEFORE = f"""\
A whole research thread on this machine, with no account. The commands are real, and so is the git repository; GitHub is
an emulated one on the loopback. `logbook` stands for {RUN}.
"""
_AFTER = f"""\
That was all of it: the emulated GitHub has ended, and the temporary folder with the repository is gone.
Next, in a repository of your own: {RUN} init"""


def main() -> int:
    """Play the story; return the exit code."""
    tell = partial(print, flush=True)
    tell(_BEFORE)
    with TemporaryDirectory(prefix="logbook-demo-", ignore_cleanup_errors=True) as name, running_hub(Path(name)) as hub:
        try:
            Story(Play.on(hub, Path(name), tell, _bold if sys.stdout.isatty() else str)).tell()
        except StageError as error:
            tell(f"the demo went wrong: {error}", file=sys.stderr)
            return 1
    tell(_AFTER)
    return 0


def _bold(line: str) -> str:
    return f"\033[1m{line}\033[0m"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
