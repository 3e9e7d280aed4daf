"""The GitHub Actions runner: events, outputs, job summaries and annotations."""
