"""Every read and every write: git, files, the runner. Nothing here judges."""
