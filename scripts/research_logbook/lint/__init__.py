"""Lint: rules over a logbook, what it was before, and the facts around it."""
