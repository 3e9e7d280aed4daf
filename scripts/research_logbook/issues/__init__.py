"""The experiment issue: what its text says, links and closes. Pure."""
