"""The seal: closing an experiment issue exactly when its record is complete."""
