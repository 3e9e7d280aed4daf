"""`logbook inspect` and `logbook rules`: what is known of a logbook, and of the rules."""

from difflib import get_close_matches
from pathlib import Path

from research_logbook.core.model import Logbook, Unreadable
from research_logbook.core.parsing.logbook import parse
from research_logbook.errors import UserError
from research_logbook.report.rules import catalogue, page
from research_logbook.rules import CATALOGUE, NAMES
from research_logbook.shell import files


def inspect(path: str) -> Logbook:
    """Return a logbook as it is parsed."""
    source = files.read(Path(path), path)
    book = source if isinstance(source, Unreadable) else parse(path, source)
    if isinstance(book, Unreadable):
        raise UserError(f"{path}:{book.line}: the logbook {book.reason}", book.help)
    return book


def rules(name: str | None) -> str:
    """Return the list of rules, or the page of one."""
    if name is None:
        return catalogue(CATALOGUE)
    found = next((rule for rule in CATALOGUE if rule.name == name), None)
    if found is None:
        close = get_close_matches(name, NAMES, 1)
        raise UserError(
            f"there is no rule {name!r}", f"did you mean {close[0]}?" if close else "`logbook rules` lists them"
        )
    return page(found)
