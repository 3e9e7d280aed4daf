"""Emulate, GitHub's API as a server on this machine: starting it, and stopping it whatever happens."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

_HERE = Path(__file__).parent
_LONGEST_START_SECONDS = 30


class NotInstalledError(Exception):
    """Node or emulate is not installed, and nothing promised that it would be."""


def program() -> tuple[str, Path]:
    """Return node and emulate's script, from where NODE_PATH says or `npm ci` in tests/e2e puts them."""
    promised = os.environ.get("NODE_PATH")
    folders = promised.split(os.pathsep) if promised else [str(_HERE.parent / "e2e/node_modules")]
    scripts = [Path(folder) / "emulate/dist/index.js" for folder in folders]
    script = next(filter(Path.is_file, scripts), None)
    node = shutil.which("node")
    if node and script:
        return node, script
    why = "node is not installed" if not node else f"emulate is not installed in {os.pathsep.join(folders)}"
    assert not promised, f"NODE_PATH promises the bench, but {why}"
    raise NotInstalledError(f"{why}: `scripts/check` sets it up, or `npm ci --ignore-scripts` in tests/e2e")


@contextmanager
def emulate(seed: Mapping[str, object], base_url: str, folder: Path) -> Iterator[int]:
    """Run emulate as `seed` describes, and yield its port; its answers name `base_url` as their server."""
    node, script = program()
    seed_file = folder / "seed.json"
    seed_file.write_text(json.dumps(seed))
    arguments = [f"--import={_HERE / 'loopback.mjs'}", str(script)]
    options = ["--service=github", f"--seed={seed_file}", f"--base-url={base_url}"]
    process = subprocess.Popen(
        [node, *arguments, *options],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield _port(process)
    finally:
        process.kill()
        process.communicate()


def _port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout
    bound = Timer(_LONGEST_START_SECONDS, process.kill)
    bound.start()
    said = ""
    try:
        for line in process.stdout:
            said += line
            if found := re.match(r"listening on (\d+)", line):
                return int(found[1])
    finally:
        bound.cancel()
    raise AssertionError(f"emulate did not start:\n{said}")
