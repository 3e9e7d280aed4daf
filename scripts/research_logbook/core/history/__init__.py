"""Two versions of a logbook, compared entry by entry: what was lost, and what was allowed to change."""
