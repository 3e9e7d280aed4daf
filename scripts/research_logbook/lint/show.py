"""`logbook inspect` and `logbook rules`: what is known of a logbook, and of the rules."""

from difflib import get_close_matches
from pathlib import Path

from research_logbook.errors import UserError
from research_logbook.lint.rules import CATALOGUE, NAMES
from research_logbook.logbook.model import Logbook, Unreadable
from research_logbook.logbook.parsing import parse
from research_logbook.render.rules_list import catalogue, check_page, page
from research_logbook.render.rules_list import checks as checks_list
from research_logbook.repo import files
from research_logbook.seal import checks


def inspect(path: str) -> Logbook:
    """Return a logbook as it is parsed."""
    if not Path(path).is_file():
        raise UserError(f"{path} is no file", "name a logbook")
    source = files.read(Path(path), path)
    book = source if isinstance(source, Unreadable) else parse(path, source)
    if isinstance(book, Unreadable):
        raise UserError(f"{path}:{book.line}: the logbook {book.reason}", book.help)
    return book


def rules(name: str | None, *, of_seal: bool = False) -> str:
    """Return the list of rules, or of seal checks, or the page of one of either."""
    if name is None:
        return checks_list(checks.CATALOGUE) if of_seal else catalogue(CATALOGUE)
    found = None if of_seal else next((rule for rule in CATALOGUE if rule.name == name), None)
    check = next((check for check in checks.CATALOGUE if check.name == name), None)
    if found:
        return page(found)
    if check:
        return check_page(check)
    known, what = (checks.NAMES, "seal check") if of_seal else (NAMES | checks.NAMES, "rule")
    close = get_close_matches(name, known, 1)
    listed = f"`logbook rules{' --seal' * of_seal}` lists them"
    raise UserError(f"there is no {what} {name!r}", f"did you mean {close[0]}?" if close else listed)
