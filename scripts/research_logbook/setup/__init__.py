"""Setting up: `init`, `doctor` and `new`."""
