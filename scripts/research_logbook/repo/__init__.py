"""The git repository: which versions of which logbooks there are, and what is compared with what."""
