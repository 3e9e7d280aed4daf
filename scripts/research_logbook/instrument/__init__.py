"""The instrument: what a machine knows, a machine writes down, in the style of the logbook that is there."""
