"""The configuration of a repository, `.github/logbook.yml`: its keys, how it is read, its pages."""
