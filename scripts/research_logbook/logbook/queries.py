"""What is asked of a logbook that was read: one answer to each question, wherever it is asked. Pure."""

import datetime as dt
import posixpath
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from string import ascii_lowercase
from typing import NamedTuple
from urllib.parse import unquote

from research_logbook.logbook import vocabulary
from research_logbook.logbook.model import Code, Entry, Field, Link, Logbook, Span, Status

# Whether it is one

_OF_LOGBOOKS = re.compile(
    r"(?<![a-z])(?:(?:research|lab|laboratory|experiment)\W?logbooks?|logs?|notebooks?|journals?|diary)(?![a-z])"
    r"|日志|日誌|実験ノート",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b|(?<!\d)20\d\d(?:0[1-9]|1[0-2])[0-3]\d"
)


def is_like_logbook(book: Logbook) -> bool:
    """Return whether a file that no pattern makes a logbook is one: by its log, an index, its header, title or dates.

    In doubt it is one: to judge a page for what it is not does less harm than to let a record go unjudged.
    """
    header = book.header
    facts = (header.issue, header.branch, header.prefix, header.tags, header.parent, header.topic)
    parts = (book.log, book.everything, book.hypotheses, book.decisions)
    if any(parts) or any(facts) or any(book.named("scope", "baseline", "stop-criteria", "hypotheses")):
        return True
    return any(_OF_LOGBOOKS.search(text) for text in (book.title, book.topic)) or bool(_DATE.search(book.text))


# Values: still to come, or nothing


def _spaced(expression: str) -> re.Pattern[str]:
    """Compile an expression in which a space stands for any white space."""
    return re.compile(expression.replace(" ", r"\s++"), re.IGNORECASE)


_KINDS = "|".join(f"(?P<{kind}>{words})" for kind, words in vocabulary.PENDING.items())
_PENDING = _spaced(
    r"(?:[\s_*`~(\"'\[<]|[^\w\s!-~–—…])*+(?:(?:the )?results? )?(?:(?:is|are|still|currently) )*+"
    rf"(?:{_KINDS})(?![^\W_]|-|/\w)"
)
_NO_WORD = re.compile(r"[\s_*`~(\"'\[<]*+(?:[-–—?…]++|\.\.\.|[⌛⏳]\ufe0f?)[\s_*`~)\"'\]>.]*+\Z")
_MARKS = re.compile(r"[\s!-/:-@\[-`{-~–—…“”‘’\u200b\ufeff]*+\Z")
_GOES_ON = re.compile(r"[\s_*`~]++(?=[^\W_])")
_CIRCUMSTANCE = re.compile(rf"(?:{vocabulary.CIRCUMSTANCES})\b", re.IGNORECASE)
_CLAUSE = re.compile(rf"\b(?:{vocabulary.VERBS})\b", re.IGNORECASE)


def pending_phrase(text: str) -> re.Match[str] | None:
    """Return the words by which `text` begins to say that it is still to come, in the group of their kind, or None."""
    return _PENDING.match(text)


def is_pending(text: str) -> bool:
    """Return whether a value says that it is still to come: it begins by saying so, and holds no measurement.

    "pending (baseline took 10.5 h)" is pending; "pending requests fell to 3.2 s" is a result, and so is "running the
    sweep showed no gain". A dash, dots or a question mark alone are pending.
    """
    phrase = _PENDING.match(text)
    if phrase is None:
        return _NO_WORD.match(text) is not None
    if vocabulary.is_measured(vocabulary.without_asides(text)):
        return False
    rest = _GOES_ON.match(text, phrase.end())
    if rest is None or _CIRCUMSTANCE.match(text, rest.end()):
        return rest is None or phrase["alone"] is None
    if phrase["state"]:
        return _CLAUSE.search(text, rest.end(), rest.end() + 200) is None
    return phrase["alone"] is None and phrase["plan"] is None


def is_placeholder(text: str) -> bool:
    """Return whether all of `text` says that something is still to come, or nothing at all; "submitted" says more."""
    phrase = _PENDING.match(text)
    start = phrase.end() if phrase and not phrase["plan"] else 0
    return _MARKS.match(text, start) is not None or _NO_WORD.match(text) is not None


_NONE = _spaced(rf"[\W_]*+(?:{vocabulary.NONE}|{vocabulary.NOT_APPLICABLE})(?: (?:yet|so far|to date))?[\W_]*+\Z")
_AFTER = (
    r"(?:[^\S\n]*+(?:[_*.,:;!(–—-]|\n|\Z)| (?:needed|required|planned|remaining|left|known|recorded|to report|further|"
    r"else|yet|so far|to date|for|because|since|as|here|in this|to this|at|currently|now|active|applicable|blocked|"
    r"open|pending|planned|proposed|queued|right now|there|under test|until)\b)"
)
_BEGINS_WITH_NONE = _spaced(rf"[\W_]*+(?:{vocabulary.NONE}){_AFTER}")
_BEGINS_WITH_NOT_APPLICABLE = _spaced(rf"[\W_]*+(?:{vocabulary.NOT_APPLICABLE}){_AFTER}")


def is_none(text: str) -> bool:
    """Return whether all of `text` says that there is nothing, or nothing stands there: "none yet", "n/a", a dash."""
    return _MARKS.match(text) is not None or _NONE.match(text) is not None


def says_none(text: str) -> bool:
    """Return whether `text` begins by saying that there is nothing: "none", "none needed", "no next steps: …"."""
    return _BEGINS_WITH_NONE.match(text) is not None


def says_not_applicable(text: str) -> bool:
    """Return whether `text` begins by saying that it does not apply: "N/A: no model was trained"."""
    return _BEGINS_WITH_NOT_APPLICABLE.match(text) is not None


_SAYS_NOTHING = _spaced(r"[\W_]*+(?:unknown|nil|null|no (?:results?|outcome|data))[\W_]*+\Z")
_POINTS = re.compile(
    r"(?:see|cf|refer|as|same|ditto|like|above|below|before|previous|discussed|described|in|check|read)\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\b(?:because|since|due|owing|as|for lack)\b|[:;(–—]", re.IGNORECASE)


def tells_outcome(text: str) -> bool:
    """Return whether a result says what came of an experiment, if only that it was not run, and why.

    "n/a", "none", a dash and "see above" do not; "abandoned" does, and "not run because the cluster was down".
    """
    phrase = _PENDING.match(text)
    if phrase and phrase["undone"] and "yet" not in phrase[0].casefold():
        return _WHY.search(text, phrase.end()) is not None
    is_named = not vocabulary.LINKED_TEXTS.isdisjoint(_WORDS.findall(text[:_LONGEST_SENTENCE].casefold()))
    points = _POINTS.match(text.strip(_AROUND)) is not None and says_nothing(text) and not is_named
    return not (is_pending(text) or is_none(text) or _SAYS_NOTHING.match(text) or points)


_FAILURE = re.compile(
    r"\b(?:fail\w*|crash\w*|diverg\w*|oom|out of memory|nan|abandon\w*|cancel\w*|killed|worse|slower|regress\w*|"
    r"no (?:\w+ )?(?:gain|effect|improvement|benefit|difference)s?|not (?:run|started|help\w*|work\w*|converge\w*)|"
    r"does(?: not|n't) \w+|did(?: not|n't) \w+|falsif\w*|refut\w*|reject\w*|error)\b",
    re.IGNORECASE,
)


def tells_failure(text: str) -> bool:
    """Return whether a result says that something did not work: it crashed, diverged, gained nothing, was refuted."""
    return _FAILURE.search(text) is not None


_AROUND = " \t\n\xa0_*~`\"'“”‘’()[]{}<>.…:;,!?-–—=|/\\\u200b\ufeff"
_SENTENCE_END = re.compile(r";|(?<=[.!?])\s+|[。！？]")
_REFERENCE = re.compile(
    r"https?://\S++|(?<![\w/])#\d++|\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+){0,4}-\d{1,5}[a-z]?\b|(?<![\w.])[0-9a-f]{7,64}(?!\w)|"
    r"\bsnapshot/\S++|\b(?:19|20)\d\d-\d\d?-\d\d?\b|@[\w-]++|\S*\.md\b\S*|:[a-z_]++:"
)
"""What names something, and says nothing of it."""
_WORDS = re.compile(r"[^\W\d_]++(?:[-;'’][^\W_]++)*+")
_NO_OUTCOME = [
    _spaced(rf"{words}(?P<rest>(?: (?:{vocabulary.CIRCUMSTANCES})\b.{{0,200}})?)\W*+\Z")
    for words in vocabulary.NO_OUTCOME
]
_TEMPLATE = frozenset(map(vocabulary.slug, vocabulary.TEMPLATE_TEXTS))
_KEPT_THERE = re.compile(r"\bkept (?=in|at|on|there|here|below|above|elsewhere)")
_MOST_CLAUSES = 5
_LONGEST_SENTENCE = 400
"""Characters of a sentence that can say nothing; a longer one says something."""


def has_content(text: str, *titles: str) -> bool:
    """Return whether a sentence of `text` says something: it is not pending, no "none", and not without content.

    `titles` are the headings or labels that it stands below, whose own words say nothing there.
    """
    lines = (line for line in text.split("\n") if vocabulary.slug(line) not in _TEMPLATE)
    return any(
        not (is_pending(core) or is_placeholder(core) or is_none(core) or says_nothing(core, *titles))
        for line in lines
        for sentence in _SENTENCE_END.split(line)
        if (core := sentence.strip(_AROUND))
    )


def says_nothing(text: str, *titles: str) -> bool:
    """Return whether a sentence is without content: it points elsewhere, says that all is done, or restates its title.

    So do the words of a template, "lorem ipsum", a mere reference, and "TIL-001 is submitted", which tells no outcome.
    A measured number is content.
    """
    core = " ".join(text.strip(_AROUND).split())
    if len(core) > _LONGEST_SENTENCE or vocabulary.is_measured(vocabulary.without_asides(core)):
        return False
    if vocabulary.slug(core) in _TEMPLATE:
        return True
    for known in _NO_OUTCOME:
        found = known.match(core)
        if found and not _CLAUSE.search(found["rest"]):
            return True
    restated = {word for title in titles for word in _WORDS.findall(title.casefold())}
    rest = _KEPT_THERE.sub(" ", _REFERENCE.sub(" ", core).casefold().replace("’", "'"))
    words = {word.removesuffix("'s") for word in _WORDS.findall(rest)}
    if words <= vocabulary.CONTENTLESS | restated:
        return bool(words) or not re.search(r"\d", rest)
    clauses = core.split(", ")
    return 1 < len(clauses) < _MOST_CLAUSES and all(says_nothing(clause, *titles) for clause in clauses)


# Entries: where they stand


def outermost_headings(book: Logbook) -> dict[int, int]:
    """Return the line of each entry to that of the highest heading it stands below, the title aside; 0 below none."""
    own = {entry.span.line for entry in book.everything if entry.level}
    tops = [one for one in book.sections[1:] if one.span.line not in own] if book.sections else []
    found, place, top, end = dict[int, int](), 0, 0, 0
    for entry in book.everything:
        while place < len(tops) and tops[place].span.line <= entry.span.line:
            if tops[place].span.line > end:
                top, end = tops[place].span.line, tops[place].end_line
            place += 1
        found[entry.span.line] = top if entry.span.line <= end else 0
    return found


# Entries: their results


def has_result(entry: Entry) -> bool:
    """Return whether an entry has a result: a measured number, or words that are not pending; a failure is one."""
    return entry.is_measured or any(not field.is_pending for field in entry.all("result"))


def pending_result(entry: Entry) -> Field | None:
    """Return the field of an entry's result where all of it is still to come."""
    results = list(entry.all("result"))
    return results[0] if results and all(field.is_pending for field in results) else None


class EntryOutcome(StrEnum):
    """What came of an entry, at a glance."""

    PENDING = "pending"
    NEGATIVE = "negative"
    """It did not work, or did not help."""
    RESULT = "result"
    NOTE = "note"
    """Nothing was run."""


def outcome_of(entry: Entry) -> EntryOutcome:
    """Return what came of an entry; one that fell short is as much a result as any other."""
    if pending_result(entry):
        return EntryOutcome.PENDING
    told = [field.text for field in entry.all("result", "error") if not field.is_pending]
    if any(map(tells_failure, told)):
        return EntryOutcome.NEGATIVE
    return EntryOutcome.RESULT if told or has_result(entry) else EntryOutcome.NOTE


_ANY = ""


def unanswered(book: Logbook) -> Iterator[tuple[Entry, Field]]:
    """Yield the entries whose result is pending, each with its field, that no other entry answers.

    An entry answers another when both are tied, it is not dated before the other, and it has a result that tells an
    outcome. Nothing ties an entry without an ID or a job to others, so any later result may be its answer.
    """
    pending = [(entry, field) for entry in book.everything if (field := _unfinished_result(entry))]
    days: defaultdict[str, list[dt.date]] = defaultdict(list)
    for entry in filter(_has_outcome, book.everything if pending else ()):
        for tie in (_ANY, *ties_of(entry)):
            # An entry without a day may be the latest of all.
            days[tie].append(_day(entry) or dt.date.max)
    for found in days.values():
        found.sort()
    for entry, field in pending:
        day, itself = _day(entry), int(_has_outcome(entry))
        later = [days[tie][bisect_left(days[tie], day) if day else 0 :] for tie in ties_of(entry) or {_ANY}]
        if all(len(found) <= itself for found in later):
            yield entry, field


def _has_outcome(entry: Entry) -> bool:
    return entry.is_measured or any(tells_outcome(field.text) for field in entry.all("result"))


def _unfinished_result(entry: Entry) -> Field | None:
    """Return the field of an entry's result that is still to come, where none of its results tells an outcome."""
    results = list(entry.all("result"))
    is_told = any(tells_outcome(field.text) for field in results)
    return None if is_told else next((field for field in results if field.is_pending), None)


def _day(entry: Entry) -> dt.date | None:
    return entry.when.day if entry.when else None


# Hypotheses: their states


SETTLED = frozenset({Status.SUPPORTED, Status.FALSIFIED, Status.PROMOTED})
"""The states in which a hypothesis has been decided on."""


# Logbooks: the order in which they grew


def is_dated_after(one: Entry, other: Entry) -> bool | None:
    """Return whether an entry says that it is later than another; None if their dates and times do not tell."""
    return one.when.is_after(other.when) if one.when and other.when else None


def _is_written_after(one: Entry, other: Entry) -> bool | None:
    """Return whether an entry's date comes after another's, where a month counts as its first day."""
    days = [entry.when.date if entry.when else None for entry in (one, other)]
    return days[0] > days[1] if days[0] and days[1] and days[0] != days[1] else None


def is_numbered_after(one: Entry, other: Entry) -> bool | None:
    """Return whether an entry's ID comes after another's; None if they are not numbers of one series."""
    if not (one.ids and other.ids):
        return None
    (series, number), (other_series, other_number) = (_numbered(entry.ids[0]) for entry in (one, other))
    return number > other_number if series == other_series and number != other_number else None


_DIGITS = re.compile(r"\d+")


def _numbered(name: str) -> tuple[str, tuple[int | str, ...]]:
    """Return an ID as its series and its place there: `KT-20260525-02b` is in `KT-#-#`, at 20260525, 2, b."""
    stem = name.rstrip(ascii_lowercase)
    return _DIGITS.sub("#", stem), (*map(int, _DIGITS.findall(stem)), name[len(stem) :])


def is_newest_first(book: Logbook) -> bool | None:
    """Return whether a log grows at its top; None where neither the dates nor the IDs of its entries tell."""
    return are_newest_first(book.everything)


def are_newest_first(entries: Sequence[Entry]) -> bool | None:
    """Return whether most of these entries are later than the one below, by their dates, or where none tells by IDs.

    One that is out of order tells nothing; where as many steps lead up as down, the first entry and the last do.
    """
    for known, is_after in (
        ([entry for entry in entries if entry.when and entry.when.date], is_dated_after),
        ([entry for entry in entries if entry.ids], is_numbered_after),
        ([entry for entry in entries if entry.when and entry.when.date], _is_written_after),
    ):
        steps = [is_after(above, below) for above, below in pairwise(known)]
        down, up = steps.count(True), steps.count(False)
        if down != up:
            return down > up
        if up and (is_later := is_after(known[0], known[-1])) is not None:
            return is_later
    return None


def oldest_first(book: Logbook) -> tuple[Entry, ...]:
    """Return the entries in the order in which the log grew."""
    return book.everything[::-1] if is_newest_first(book) else book.everything


def last_entry(book: Logbook) -> Entry | None:
    """Return the entry that the log ends with."""
    return next(iter(oldest_first(book)[::-1]), None)


def last_result(book: Logbook) -> Entry | None:
    """Return the last entry that has a result."""
    return next(filter(has_result, oldest_first(book)[::-1]), None)


# What entries refer to: commands and their scripts, commits, jobs, linked files, each other


JUDGED = ""
"""Stands for the tree that is checked, where other trees are named by the hash of their commit."""


class Script(NamedTuple):
    """A script that an entry's command runs."""

    entry: Entry
    span: Span
    path: str
    tree: str
    """The commit that the entry records; `JUDGED` without one."""

    @property
    def subject(self) -> str:
        """Name the script by its entry and path."""
        return f"{self.entry.subject} script {self.path}"


_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:|//|[#<]")
_LONGEST = 2_000
"""Characters of the longest link that is followed."""


def link_target(book: str, link: Link) -> str | None:
    """Return the path in the repository that a relative link of the logbook at path `book` leads to.

    None for a link to another site or to a heading.
    """
    url = link.url.strip()
    if not url or len(url) > _LONGEST or _ELSEWHERE.match(url):
        return None
    path = unquote(re.split(r"[?#]", url)[0])
    if any(mark in path for mark in ("\n", "\0", "{", "$", "*")):
        return None
    base = "" if path.startswith("/") else posixpath.dirname(book)
    return posixpath.normpath(posixpath.join(base, path.lstrip("/")))


_HEX = re.compile(r"(?<![\w/.-])[0-9a-f]{7,64}(?![\w/.-])")


def commit_of(entry: Entry) -> str | None:
    """Return the commit that an entry records, as it is written."""
    found = (_HEX.search(field.text.casefold()) for field in entry.all("commit"))
    return next((match[0] for match in found if match), None)


_OWN_WORDS = re.compile(
    r"(?:[\W_]|\b(?:commit|hash|sha|git|head|at|on|of|the|branch|base|rev|revision|and|with|plus|code|main|master|clean|full|"
    r"short)\b)*\Z",
    re.IGNORECASE,
)
_ELSEWHERE_IN_GIT = re.compile(
    r"://|@|\w/\w|\b(?:repo|repository|fork|forked|submodule|upstream|image|wheel|dataset|weights|rebased|squashed|amended|lost|"
    r"gone|deleted)\b",
    re.IGNORECASE,
)
_SHORT_OR_FULL = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{7,40}\Z")


def own_commits(entry: Entry) -> Iterator[tuple[Field, str]]:
    """Yield the commits of this repository that an entry says it ran from, each with its field.

    A hash beside the name of something else (another repository, a URL, `owner/name@…`) may be that one's.
    """
    for field in entry.all("commit"):
        text = field.text[:_LONGEST].casefold()
        if not _ELSEWHERE_IN_GIT.search(text) and (match := _HEX.search(text)):
            before = text[: match.start()]
            if _OWN_WORDS.match(before[before.rfind("\n") + 1 :]) and _SHORT_OR_FULL.match(match[0]):
                yield field, match[0]


_JOB = re.compile(r"`?(/[\w.-]+/[\w./-]+)`?")


def jobs_of(entry: Entry) -> Iterator[str]:
    """Yield the jobs and runs that an entry names by a path, such as `/ana/moe-hc-001`."""
    return (match[1] for field in entry.all("job", "run") for match in _JOB.finditer(field.text))


def scripts_of(book: Logbook) -> Iterator[Script]:
    """Yield the scripts that the commands of a logbook's experiments run."""
    for entry in book.everything:
        tree = commit_of(entry) or JUDGED
        for place in commands_of(entry):
            for path in paths_in(place.text):
                yield Script(entry, place.span, path, tree)


class SecondRun(NamedTuple):
    """An entry in which an experiment was run again."""

    entry: Entry
    name: str
    says: str
    """Its interpretation, in one line."""
    outcome: str
    """`replicated`, `in part`, `differs`, or empty where it was not compared."""


def second_runs(book: Logbook, name: str) -> Iterator[SecondRun]:
    """Yield the entries that ran an experiment again, as their headings or their interpretations say."""
    named = rf"{re.escape(name)}(?![\w-])"
    heading = re.compile(rf"\b(?:replication|second run) of {named}")
    says = re.compile(
        rf"(?P<replicated>replicated (?:the failure of )?{named})(?P<part> in part)?|(?P<differs>differs from {named})|"
        rf"not replicated: {named}|not compared(?: with|:) {named}"
    )
    for entry in book.everything:
        told = " ".join(next((it.text for it in entry.all("interpretation") if not it.is_pending), "").split())
        found = says.match(told)
        is_headed = heading.search(entry.heading) is not None
        # Without such a heading, only what `rerun` writes: "differs from A-001 in one line" is no second run.
        is_said = found is not None and re.match(r":| in part|$", told[found.end() :]) is not None
        if not is_headed and (not is_said or name in entry.heading_ids):
            continue
        sure = any(re.match(r"\W*replicated\b", it.text, re.IGNORECASE) for it in entry.all("confidence"))
        outcome = "replicated" if sure else ""
        if found:
            outcome = "in part" if found["part"] else "differs" if found["differs"] else "replicated" * sure
        yield SecondRun(entry, next((it for it in entry.heading_ids if it != name), entry.name), told, outcome)


def commands_of(entry: Entry) -> Iterator[Field | Code]:
    """Yield the fields and blocks of code that hold an entry's commands."""
    fields = [item for item in entry.all("command") if not item.is_pending]
    yield from fields
    inside = {line for item in fields for line in range(item.span.line, item.span.end_line + 1)}
    yield from (code for code in entry.code if code.span.line not in inside and is_shell(code))


SHORTENED = re.compile(r"(?:^|(?<=[\s`]))(?:\.\.\.|…)(?=[\s`]|$)", re.MULTILINE)
"""Dots in a command in place of words that were left out."""


_WORD_END = re.compile(r"[\s;&|()'\"]+")
_SCRIPT = re.compile(r"(?:[\w.-]+/)+[\w.-]+\.(?:py|sh|sbatch|jl|R)")


def paths_in(command: str) -> Iterator[str]:
    """Yield the scripts that a command names by a relative path with a folder."""
    for word in _WORD_END.split(command):
        path = word.removeprefix("./")
        if _SCRIPT.fullmatch(path) and ".." not in path:
            yield path


def files_wanted(book: Logbook, tree: str = JUDGED) -> Iterator[tuple[str, str]]:
    """Yield the tree and path of each file that a logbook in `tree` links or runs."""
    for link in book.links:
        path = link_target(book.path, link)
        if path is not None and not path.startswith(".."):
            yield tree, path
    for script in scripts_of(book):
        yield (script.tree if script.tree != JUDGED else tree), script.path


def ties_of(entry: Entry) -> set[str]:
    """Return what ties an entry to others: its IDs, without the letter of a rerun, and the jobs and runs it names."""
    return {*(name.rstrip(ascii_lowercase) for name in entry.ids), *jobs_of(entry)}


def unexplained(asked: Iterable[Entry], entries: Iterable[Entry], explains: Callable[[Entry], bool]) -> Iterator[Entry]:
    """Yield those of `asked` that neither they themselves nor any of the `entries` tied to them explain.

    Each entry is looked at once or twice, however many are tied to it.
    """
    left = [entry for entry in asked if not explains(entry)]
    known = {tie for entry in entries if explains(entry) for tie in ties_of(entry)} if left else set()
    yield from (entry for entry in left if known.isdisjoint(ties_of(entry)))


def is_shell(code: Code) -> bool:
    """Return whether a block of code holds commands, by its language, or without one by its first line."""
    language = re.split(r"[\s,{]", code.info, maxsplit=1)[0].casefold()
    return language in vocabulary.SHELLS or (not language and vocabulary.is_command(code.text))
