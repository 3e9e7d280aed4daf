"""Planning: from what is known to what is to be done on GitHub."""
