"""The record: one experiment followed through everything, and all threads as pages that anybody can read."""
