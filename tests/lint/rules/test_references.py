"""Claims about the rules of links."""

import datetime as dt

import pytest

from book import parsed
from research_logbook.config.schema import Config
from research_logbook.lint.rule import Facts, LintCase
from research_logbook.lint.rules.references import local_path

NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


def pointed_at(body: str) -> list[tuple[str, int]]:
    """Return what `local-path` finds in the text of an entry: the path, and the line counted from the entry's."""
    book = parsed(f"# Run\n\n## Entry Log\n\n### 2026-05-25 - first seed\n{body}\n")
    faults = local_path.check(LintCase(book, Facts(NOW), Config()))
    return [(fault.message.split("`")[1], fault.where.span.line - 5) for fault in faults]


@pytest.mark.parametrize(
    "command",
    [
        "- Command: `cat /home/ana/a.log`",
        "- Command:\n  ```sh\n  cat /home/ana/a.log\n  ```",
        "```\n/home/ana/a.log\n```",
    ],
)
def test_the_line_is_the_one_outside_of_commands(command: str) -> None:
    """A path that a command has too is pointed at where the author may change it."""
    assert pointed_at(command) == []
    place = command.count("\n") + 2
    assert pointed_at(f"{command}\n- Logs: `/home/ana/a.log`") == [("/home/ana/a.log", place)]


@pytest.mark.parametrize("command", ["home", "a", "/"])
def test_a_short_command_hides_no_path(command: str) -> None:
    """What a command says is not cut out of the words of others."""
    assert pointed_at(f"- Command: `{command}`\n- Logs: `/home/ana/a.log`") == [("/home/ana/a.log", 2)]
