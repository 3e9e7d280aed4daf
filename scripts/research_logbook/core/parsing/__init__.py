"""Reading: a logbook or an issue, from its text to the model."""
