"""`python -m research_logbook` is the command `logbook`."""

import sys


def start() -> None:
    """Run the command line; whoever interrupts it while it is still loading sees no traceback either."""
    try:
        from research_logbook.cli import main  # noqa: PLC0415 - loading is what can be interrupted

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    start()
