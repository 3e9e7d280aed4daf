"""Keeps the record of agent-directed research honest."""

__version__ = "0.1.0"
