"""`python -m research_logbook` is the command `logbook`."""

from research_logbook.cli import main

main()
