"""Keeps the record of agent-directed research honest."""

import sys

__version__ = "0.1.0"

# An older Python would end in a fault of syntax further on. This file must remain one that it can read.
if sys.version_info < (3, 11):  # noqa: UP036 - pip looks, but nobody else does
    sys.exit("logbook: this is Python %d.%d, and logbook needs 3.11 or newer" % sys.version_info[:2])  # noqa: UP031
