"""`logbook promote`: one result, told on the experiment issue.

Source: the research workflow, Run / Interpret 5: an update says what changed, by how much, how sure that is, where it
is recorded, and what is next.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from research_logbook.context import RunContext
from research_logbook.effects import SEALED, CommandResult, UpsertComment, as_plan, text_refusal
from research_logbook.effects.sticky_comments import is_posted
from research_logbook.errors import RefusedError, UserError, no_issue_given, no_such_issue, not_an_experiment
from research_logbook.github import RepositorySite
from research_logbook.github.client import GitHub
from research_logbook.github.models import Issue
from research_logbook.instrument import entry_text
from research_logbook.instrument.logbook_file import read_logbook
from research_logbook.instrument.stated_figures import (
    StatedFigure,
    difference,
    figures_in,
    figures_in_tables,
    figures_of,
    key_of,
    same_metric,
)
from research_logbook.issues import parse_issue
from research_logbook.issues.classification import is_agent_login, is_enrolled
from research_logbook.issues.wandb_server import on_wandb
from research_logbook.logbook import parse, queries
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.markdown.escape import code, link, markdown, prose, quoted, row
from research_logbook.repo import tags_of
from research_logbook.repo.git import Repository
from research_logbook.repo.logbook_resolution import own_issue
from research_logbook.repo.research_branches import named_in
from research_logbook.wandb.metric_choice import better_by_name, choose_metrics
from research_logbook.wandb.runs import Better, run_of

KIND = "update"
"""Of the comment, of which an entry has one."""
_CONFIDENCE = ("stable", "replicated", "exploratory")
_NOT_STATED = "not stated"
_MOST_DELTAS = 8
_MOST_ROWS = 10
_MOST_LINKS = 5
_MOST_BRANCHES = 50
"""On which an entry is looked for."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A result that is told: its entry, and where it is recorded for good."""

    book: Logbook
    entry: Entry
    """As it is on the server."""
    id: str
    commit: str
    """On the server, and holds the entry as it is here."""
    code: str = ""
    """The commit that ran, in full, where this repository has it on the server; else as it is written."""
    has_code: bool = False
    """Whether it is on the server."""
    tag: str = ""
    """Its snapshot on the server; empty without one."""
    by_agent: bool = False
    better: tuple[tuple[str, str], ...] = ()
    """Of metrics, whether lower or higher is better, as the configuration says."""
    wandb_host: str = "https://api.wandb.ai"


def plan_promotion(path: str, name: str, context: RunContext, github: GitHub, *, by_agent: bool) -> CommandResult:
    """Return the comment on an entry's result.

    Raises `UserError` where it has none, where nobody else can see it yet, or where its issue takes no update.
    """
    repository = context.clone()
    book = read_logbook(repository, path)
    entry = entry_text.entry_named(book, name)
    if not queries.has_result(entry):
        raise UserError(f"{name} has no result yet", f"fill it in: `logbook entry complete {name} --result …`")
    number = _issue_of(book, context, github)
    commit, pushed, there = _pushed(book, entry, name, repository)
    issue = _open_for(number, name, context, github)
    notes = [f"#{number} is closed; the comment on {name} is brought up to date"] * (not issue.is_open)
    recorded = queries.commit_of(entry) or ""
    is_own = any(own == recorded for _, own in queries.own_commits(entry))
    full = (repository.commit(recorded) if recorded and is_own else None) or ""
    has_code = full.startswith(recorded) and bool(full) and bool(repository.led_to([full]))
    if recorded and is_own and not has_code:
        notes.append(f"the commit that ran, {recorded[:12]}, is not pushed, so the comment has no link to it")
    tag, why = _snapshot(book, name, repository, github)
    config = context.config
    promotion = Promotion(
        pushed,
        there,
        name,
        commit,
        full if has_code else recorded,
        has_code,
        tag,
        by_agent or is_agent_login(github.login(), config.labels.agents),
        tuple(config.wandb.better.items()),
        config.wandb.host,
    )
    if confidence(pushed, there, name).partition(";")[0] in {"", _NOT_STATED}:
        notes.append(f"how sure it is, is not stated: `logbook entry complete {name} --confidence …`")
    # Escaped, a secret could pass unseen.
    refusal = text_refusal(f"the comment on {name}", "\n".join(_quoted_texts(promotion)), config.held_back)
    if refusal:
        raise RefusedError(*refusal)
    update = as_plan([UpsertComment(number, KIND, name, comment(promotion, github.site))])
    return CommandResult(update, (*notes, *why), judged={number: issue.updated_at})


def _issue_of(book: Logbook, context: RunContext, github: GitHub) -> int:
    reference = book.header.issue
    number = own_issue(reference, github.site)
    if number:
        return number
    if reference and reference.number:
        context.number_of(reference)
    if reference:
        raise no_issue_given(f"{book.path} names {quoted(reference.written)}, which is no issue of {github.repository}")
    raise no_issue_given(f"name the experiment issue in the header of {book.path}: `issue: NUMBER`")


def _open_for(number: int, name: str, context: RunContext, github: GitHub) -> Issue:
    """Return an issue that takes an update on an entry; raises `UserError` that says why it does not."""
    issue = github.issue(number)
    if issue is None or issue.is_pull_request:
        raise no_such_issue(number, github.repository, is_pull_request=issue is not None)
    config = context.config
    named = named_in(context.clone(), config, context.default_branch, github)
    is_named = number in named.issues
    if not is_enrolled(parse_issue(issue), is_named=is_named, agents=config.labels.agents, role_of=github.role):
        raise not_an_experiment(number)
    if issue.is_locked:
        raise UserError(f"#{number} is locked, so nothing is written on it", "unlock it on GitHub first")
    if not issue.is_open and not is_posted(KIND, name, github.comments(number), github.login()):
        is_sealed = SEALED in {label.casefold() for label in issue.label_names}
        raise RefusedError(
            f"#{number} is {'sealed' if is_sealed else 'closed'}, so it takes no new update",
            f"if the thread goes on, reopen it: `gh issue reopen {number}`",
        )
    return issue


def _pushed(book: Logbook, entry: Entry, name: str, repository: Repository) -> tuple[str, Logbook, Entry]:
    """Return a commit on the server that holds an entry as it is here, with the logbook and the entry there.

    Raises `UserError` where there is none.
    """
    head, known = repository.commit("HEAD"), repository.branches()
    upstream = known.commits.get(known.upstream) or known.commits.get(known.push)
    others = list(repository.remote_branches().values())[:_MOST_BRANCHES]
    commits = list(dict.fromkeys(filter(None, (head, upstream, repository.tip(repository.branch), *others))))
    on_server = repository.led_to(commits) if others else frozenset()
    blobs = repository.read([(commit, book.path) for commit in commits])
    has = {}
    for commit in commits:
        blob = blobs.get((commit, book.path))
        there = parse(book.path, blob.data) if blob and not blob.is_symlink else None
        if isinstance(there, Logbook):
            same = [it for it in there.everything if name in it.ids and _raw(there, it) == _raw(book, entry)]
            if same and commit in on_server:
                return commit, there, same[-1]
            has[commit] = bool(same)
    remote, branch = repository.remote or "origin", repository.branch or "HEAD"
    push = f"`git push --set-upstream {remote} {quoted(branch)}`"
    fix = push if has.get(head or "") else f"commit {book.path}, then {push}"
    raise UserError(f"{name} is not pushed as it is here, so nobody could follow a link to it", fix)


def _raw(book: Logbook, entry: Entry) -> str:
    return "\n".join(book.text.split("\n")[entry.span.line - 1 : entry.span.end_line]).strip()


def _snapshot(book: Logbook, name: str, repository: Repository, github: GitHub) -> tuple[str, list[str]]:
    """Return the snapshot of an entry, the newest of several, and a note where the server has none such."""
    numbered = re.compile(rf"{re.escape(name)}(?:\.[1-9]\d*)?\Z")
    tags = [it for it in repository.tags(tags_of(book.topic)) if numbered.match(it[0].rpartition("/")[2])]
    if not tags:
        return "", []
    tag, commit = repository.newest_first(tags)[0]
    there = github.tagged(tag)
    if there == commit:
        return tag, []
    why = "is on another commit on GitHub" if there else "is not on GitHub"
    return "", [f"the tag {tag} {why}, so the comment has no link to it"]


# The comment


def comment(promotion: Promotion, site: RepositorySite) -> str:
    """Return an update, Markdown."""
    entry = promotion.entry
    robot = "🤖 " if promotion.by_agent else ""
    label = " ".join(entry.label.replace(promotion.id, "").split()).strip(" -–—:")
    parts = [f"{robot}**Update: {markdown(promotion.id)}{f' {markdown(label, 200)}' if label else ''}**"]
    parts.append("\n".join(f"- **{name}:** {text}" for name, text in _parts(promotion, site) if text))
    tables = [table for table in entry.tables if table.header]
    if tables:
        wide = tables[0].header[:8]
        lines = [row(markdown(cell, 200) for cell in cells[:8]) for cells in (tables[0].header, *tables[0].rows)]
        parts.append("\n".join([lines[0], row(["---"] * len(wide)), *lines[1 : 1 + _MOST_ROWS]]))
    return "\n\n".join(parts) + "\n"


def _parts(promotion: Promotion, site: RepositorySite) -> Iterator[tuple[str, str]]:
    entry = promotion.entry
    results = [field.text for field in entry.all("result") if not field.is_pending] or [it.text for it in entry.claims]
    told = " ".join(line for text in results for line in text.split("\n") if " | " not in line)
    yield "Change", _change(promotion)
    yield "Result", markdown(told)
    why = (
        "the numbers of the baseline are pending"
        if is_baseline_pending(promotion.book)
        else "no number that the baseline states too"
    )
    yield "Result delta", "; ".join(deltas(promotion)) or f"not computed: {why}"
    yield "Interpretation", markdown(_interpretation(entry))
    yield "Confidence", confidence(promotion.book, entry, promotion.id) or _NOT_STATED
    yield "Links", ", ".join(_links(promotion, site))
    next_action = entry.first("next-action")
    yield "Next", markdown(next_action.text if next_action else "") or "not stated"


def _interpretation(entry: Entry) -> str:
    return " ".join(field.text for field in entry.all("interpretation") if not field.is_pending)


def _quoted_texts(promotion: Promotion) -> Iterator[str]:
    """Yield the texts of others that a comment holds, as they were written."""
    entry = promotion.entry
    yield entry.heading
    yield from (it.text for it in entry.all("hypothesis", "config", "result", "interpretation", "next-action"))
    yield from (it.text for it in entry.claims)
    yield from (it.claim or it.text for it in promotion.book.hypotheses if it.id and it.id in _change(promotion))
    yield from (cell for table in entry.tables[:1] for cells in (table.header, *table.rows) for cell in cells)
    yield from (part for run in entry.links for part in (run.text, run.url))


def _change(promotion: Promotion) -> str:
    """Return what was changed: the hypothesis with its claim, else the configuration, else the entry's own words."""
    entry = promotion.entry
    field = entry.first("hypothesis")
    if field is None:
        found = entry.first("config")
        return markdown(found.text if found and not entry.label else entry.label or entry.heading)
    known = {it.id: it.claim or it.text for it in promotion.book.hypotheses if it.id}
    claim = known.get(field.text.strip(" .`"), "")
    return markdown(f"{field.text}: {claim}" if claim else field.text)


def _links(promotion: Promotion, site: RepositorySite) -> Iterator[str]:
    span, path = promotion.entry.span, promotion.book.path
    if promotion.tag:
        yield f"snapshot {link(promotion.tag, site.url('tree', promotion.tag))}"
    if promotion.code:
        short = promotion.code[:10]
        yield f"code {link(short, site.url('commit', promotion.code)) if promotion.has_code else code(short)}"
    lines = f"L{span.line}-L{span.end_line}"
    yield link("logbook entry", f"{site.url('blob', promotion.commit, path)}?plain=1#{lines}")
    runs = {it.url: it for it in promotion.entry.links if on_wandb(it.url, promotion.wandb_host)}
    for run in [*runs.values()][:_MOST_LINKS]:
        name = run.url.partition("?")[0].rstrip("/").rpartition("/")[2] if "://" in run.text else run.text
        yield f"W&B {link(name, run.url, 100)}"


# How far it is from the baseline


def deltas(promotion: Promotion) -> Iterator[str]:
    """Yield how far an entry's figures are from the baseline's, where both are known; Markdown.

    What the entry itself compares a figure with goes first, then the baseline section, and the entries that this names.
    """
    book = promotion.book
    base = baseline_figures(book)
    own = {figure.key: figure for figure in figures_of(promotion.entry)}
    for key, figure in list(own.items())[:_MOST_DELTAS]:
        name = same_metric(key, list(own), list(base))
        against = figure.against or (base.get(name) if name else None)
        if against is None:
            continue
        gap = difference(figure, against)
        told = f"{figure.name} {figure.written} against {against.written}"
        side = _side(figure, promotion) if gap and figure.value != against.value else None
        better = (
            ""
            if side is None
            else ", better"
            if (figure.value < against.value) is (side is Better.LOWER)
            else ", worse"
        )
        yield markdown(f"{told}: {gap}{better}" if gap else told, 300)


def baseline_figures(book: Logbook) -> dict[str, StatedFigure]:
    """Return the figures of the baseline; of a metric for which two are stated, none.

    Where its numbers are still to come, it has none, and what it says of its command is no number of it.
    """
    if is_baseline_pending(book):
        return {}
    texts = ["\n".join(line for line in text.split("\n") if _key(line) not in _NO_NUMBERS) for text in _baselines(book)]
    told = [figure for text in texts for figure in (*figures_in(text), *figures_in_tables(text.split("\n")))]
    words = set(re.findall(r"[\w-]+", "\n".join(texts)))
    named = [entry for entry in book.everything if not words.isdisjoint(entry.heading_ids)]
    values: dict[str, list[StatedFigure]] = {}
    for figure in told:
        values.setdefault(figure.key, []).append(figure)
    for figure in (figure for entry in named for figure in figures_of(entry)):
        if figure.key not in {it.key for it in told}:
            values.setdefault(figure.key, []).append(figure)
    return {key: found[-1] for key, found in values.items() if len({(it.value, it.unit) for it in found}) == 1}


_NO_NUMBERS = frozenset({"code-refs", "code-ref", "code", "command", "commands", "config", "commit", "commit-hash"})


def is_baseline_pending(book: Logbook) -> bool:
    """Return whether the baseline says of its numbers that they are still to come."""
    lines = [line for text in _baselines(book) for line in text.split("\n")]
    return any(
        _key(line) in {"numbers", "number", "result", "results"} and queries.is_pending(line.partition(":")[2].strip())
        for line in lines
    )


def _baselines(book: Logbook) -> list[str]:
    return [section.text for section in book.named("baseline", "current-baseline")]


def _key(line: str) -> str:
    """Return the name of the field that a line is, as in `Code refs: train.py`; empty for none."""
    name, colon, _ = line[:_LONGEST_NAME].partition(":")
    return key_of(name) if colon else ""


_LONGEST_NAME = 60


def _side(figure: StatedFigure, promotion: Promotion) -> Better | None:
    """Return which values of a metric are better: as the configuration says, else the logbook, else its name."""
    configured = {name.casefold(): Better(side) for name, side in promotion.better}
    said = choose_metrics([run_of({"summary": {figure.name: figure.value}})], promotion.book).better
    return configured.get(figure.name.casefold()) or said.get(figure.name) or better_by_name(figure.name)


_DENIED = r"\b(?:not|never|isn['’]t|un|cannot be|could not be|to be|until|if|before it is|needs? to be)\b[\s\w]{0,20}"


def confidence(book: Logbook, entry: Entry, name: str) -> str:
    """Return how sure a result is, in the workflow's word for it, Markdown; empty where nothing says it.

    Every entry that ran it again is told; where one differs, it is not replicated.
    """
    own = next(filter(None, (_label(field.text) for field in entry.all("confidence"))), "")
    own = own or next(filter(None, (_label(field.text) for field in entry.all("interpretation"))), "")
    again = [run for run in queries.second_runs(book, name) if run.entry.span != entry.span]
    agree = [run for run in again if run.outcome == "replicated"]
    others = [run for run in again if run.outcome != "replicated"]
    is_contested = any(run.outcome == "differs" for run in again)
    told = [f"replicated by {_listed(agree)}"] if agree else []
    if own == "stable" or not agree or is_contested:
        first = "exploratory" if is_contested and own != "stable" else own or (_NOT_STATED if again else "")
        told = [*filter(None, [first]), *told]
    return "; ".join((*told, *(f"{prose(run.name)} {_OUTCOMES[run.outcome]}" for run in others[-_MOST_AGAIN:])))


_OUTCOMES = {"differs": "differs", "in part": "replicates a part of it", "": "ran it again, and is not compared"}
_MOST_AGAIN = 20


def _listed(runs: Sequence[queries.SecondRun]) -> str:
    """Return the names of entries, each with the tolerance that it took."""
    found = (
        (run.name, re.search(r"tolerance of ([\d.e+-]+)|\(within ([\d.e+-]+) of each\)", run.says)) for run in runs
    )
    told = [prose(name) + (f" (tolerance {it[1] or it[2]})" if it else "") for name, it in found]
    return ", ".join(told[-_MOST_AGAIN:])


def _label(text: str) -> str:
    clear = re.sub(_DENIED + "(?:" + "|".join(_CONFIDENCE) + ")", "", text, flags=re.IGNORECASE)
    return next((word for word in _CONFIDENCE if re.search(rf"\b{word}\b", clear, re.IGNORECASE)), "")
