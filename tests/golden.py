"""Golden files: what a program writes is compared with a file, byte for byte.

`UPDATE_GOLDEN=1 pytest …` writes the files instead; read the difference before it is committed.
"""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent


def compare(path: str, actual: str) -> None:
    """Compare a text with the file at `path`, from the root of the repository."""
    file = ROOT / path
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(actual.encode())
    assert file.read_bytes().decode() == actual, f"if {path} should say this, run the test with UPDATE_GOLDEN=1"
