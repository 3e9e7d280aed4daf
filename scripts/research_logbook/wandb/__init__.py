"""W&B: the runs of a thread, compared in one comment that stays current."""
