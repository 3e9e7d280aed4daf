"""`scripts/demo`: a whole research thread on this machine, on a GitHub that runs on the loopback."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.play import Play, StageError
from demo.story import Story
from hub.bench import running_hub

_BEFORE = """\
A whole research thread, on this machine and with no account: the commands are real, the repository is a real one, and
GitHub is an emulated one that listens on the loopback. All of it lies in a temporary folder.\
"""
_AFTER = """\
That was the whole thread. The emulated GitHub has ended, and the temporary folder is gone.
Next, in a repository of yours: {run} init\
"""


def main() -> int:
    """Play the story; return the exit code."""
    print(_BEFORE)  # noqa: T201 - it is what the demo is for
    with TemporaryDirectory(prefix="logbook-demo-") as name, running_hub(Path(name)) as hub:
        try:
            Story(Play.on(hub, Path(name))).tell()
        except StageError as error:
            print(f"the demo went wrong: {error}", file=sys.stderr)  # noqa: T201
            return 1
    print(_AFTER.format(run=Path(__file__).parents[2] / "scripts/run"))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
