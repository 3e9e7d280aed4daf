"""The record: everything that carries one experiment ID."""
