"""Snapshots: annotated tags that stay, and the comments that say how to run them again."""
