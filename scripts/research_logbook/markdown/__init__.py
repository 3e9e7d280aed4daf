"""Markdown: GitHub's dialect as a small tree with places, and the escaping of all output."""
