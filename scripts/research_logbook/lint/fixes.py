"""The safe fixes of `logbook lint --fix`: they never change a word that a reader sees."""

from research_logbook.lint.rules.file import visible
from research_logbook.lint.rules.preamble import swallowed


def fixed(text: str) -> str:
    """Return the logbook's text with hidden characters deleted and cut front-matter values quoted."""
    return _quoted(visible(text))


def _quoted(text: str) -> str:
    lines = text.split("\n")
    for number, key, _ in swallowed(text):
        line = lines[number - 1]
        end = "\r" if line.endswith("\r") else ""
        value = line.partition(":")[2].strip()
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        lines[number - 1] = f'{key}: "{escaped}"{end}'
    return "\n".join(lines)
