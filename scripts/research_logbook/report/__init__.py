"""Pure renderers: a report, or a logbook, becomes text."""
