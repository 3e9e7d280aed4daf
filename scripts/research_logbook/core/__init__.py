"""The pure core: the model, and how text becomes it. No clock, no network, no operating system."""
