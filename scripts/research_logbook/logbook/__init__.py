"""A logbook: its text, read into a frozen, located model. Pure."""
