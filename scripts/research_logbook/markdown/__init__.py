"""Markdown: GitHub's dialect as a small located tree, and the one door through which text leaves."""
