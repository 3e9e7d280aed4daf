"""Reports as text, JSON, SARIF and Markdown. Pure."""
