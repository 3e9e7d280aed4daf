"""Two versions of a logbook: what was lost, and what was allowed to change. Pure."""
