"""What holds for all tests: the GitHub they share, golden files, and how hard Hypothesis looks."""

import os
from collections.abc import Callable

import pytest
from hypothesis import settings

pytest_plugins = ["hub.fixtures"]

# No deadline: how long an example takes says more about what else the machine is doing.
settings.register_profile("thorough", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=20)
settings.load_profile("thorough")  # `--hypothesis-profile` has the last word


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes golden files."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the tests got into the golden files that they compare with; look at the diff afterwards",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to write golden files where nobody would look at them."""
    if config.getoption("--update-golden") and os.environ.get("CI") == "true":
        raise pytest.UsageError("golden files are not updated in CI: do it in a clone, and commit them")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Return a comparison with a file in the folder `golden` beside the test, byte for byte."""
    folder = request.path.parent / "golden"

    def compare(name: str, actual: str) -> None:
        file = folder / name
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(actual.encode())
        expected = file.read_bytes().decode() if file.exists() else ""
        again = f"scripts/test --update-golden {request.path.relative_to(request.config.rootpath)}"
        assert expected == actual, f"golden/{name} says otherwise; if this is what it should say: {again}"

    return compare
