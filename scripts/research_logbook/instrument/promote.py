"""`logbook promote`: one result, told on the experiment issue.

Source: the research workflow, Run / Interpret 5: an update says what changed, by how much, how sure that is, where it
is recorded, and what is next.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from research_logbook.context import RunContext
from research_logbook.effects import CommandResult, UpsertComment, as_plan
from research_logbook.errors import UserError, no_issue_given
from research_logbook.github import RepositorySite
from research_logbook.github.client import GitHub
from research_logbook.instrument import entry_text
from research_logbook.instrument.logbook_file import read_logbook
from research_logbook.instrument.rerun import numbers_in
from research_logbook.logbook import queries
from research_logbook.logbook.model import Entry, Logbook
from research_logbook.markdown.escape import link, markdown
from research_logbook.repo import tags_of
from research_logbook.repo.logbook_resolution import own_issue
from research_logbook.wandb.runs import metric_format

_CONFIDENCE = ("exploratory", "replicated", "stable")


@dataclass(frozen=True, slots=True)
class Promotion:
    """A result that is told: its entry, and where it is recorded for good."""

    book: Logbook
    entry: Entry
    id: str
    commit: str
    """On the server, and holds the entry as it is here."""
    tag: str
    """Its snapshot; empty without one."""
    by_agent: bool = False


def plan_promotion(path: str, name: str, context: RunContext, github: GitHub, *, by_agent: bool) -> CommandResult:
    """Return the comment on an entry's result; raises `UserError` where it has none, or nobody else can see it yet."""
    repository = context.clone()
    book = read_logbook(repository, path)
    entry = entry_text.entry_named(book, name)
    if not queries.has_result(entry):
        raise UserError(f"{name} has no result yet", f"fill it in: `logbook entry complete {name} --result …`")
    issue = own_issue(book.header.issue, github.site)
    if issue is None:
        raise no_issue_given(f"name the experiment issue in the header of {path}")
    head = repository.commit("HEAD") or ""
    pushed = repository.read([(head, path)]).get((head, path)) if head and repository.branches_with(head) else None
    if pushed is None or pushed.data.decode("utf-8", "replace").replace("\r\n", "\n") != book.text:
        raise UserError(
            f"{path} is not pushed as it is here, so nobody could follow a link to it", "commit it and push"
        )
    tags = [tag for tag, _ in repository.tags(tags_of(book.topic)) if tag.rpartition("/")[2] == name]
    promotion = Promotion(book, entry, name, head, tags[0] if tags else "", by_agent)
    update = as_plan([UpsertComment(issue, "update", name, comment(promotion, github.site))])
    found = github.issue(issue)
    judged = {issue: found.updated_at} if found else {}
    return CommandResult(update, judged=judged)


def comment(promotion: Promotion, site: RepositorySite) -> str:
    """Return an update, Markdown."""
    entry = promotion.entry
    robot = "🤖 " if promotion.by_agent else ""
    lines = "\n".join(f"- **{name}:** {text}" for name, text in _parts(promotion, site) if text)
    return f"{robot}**Update: {markdown(promotion.id)} {markdown(entry.label)}**\n\n{lines}\n"


def _parts(promotion: Promotion, site: RepositorySite) -> Iterator[tuple[str, str]]:
    entry = promotion.entry
    said = {key: field.text for key in ("hypothesis", "config", "result", "next-action") if (field := entry.first(key))}
    yield "Change", markdown(said.get("hypothesis") or said.get("config") or entry.label)
    yield "Result", markdown(said.get("result", ""))
    yield "Against the baseline", markdown(", ".join(deltas(promotion.book, entry)))
    yield "Confidence", confidence(entry)
    yield "Links", ", ".join(_links(promotion, site))
    yield "Next", markdown(said.get("next-action", ""))


def _links(promotion: Promotion, site: RepositorySite) -> Iterator[str]:
    span, path = promotion.entry.span, promotion.book.path
    if promotion.tag:
        yield link(promotion.tag, site.url("tree", promotion.tag))
    code = queries.commit_of(promotion.entry)
    if code:
        yield link(f"code at {code[:10]}", site.url("commit", code))
    yield link("entry", f"{site.url('blob', promotion.commit, path)}?plain=1#L{span.line}-L{span.end_line}")
    for run in promotion.entry.links:
        if "wandb" in run.url:
            yield link("W&B run", run.url)


def deltas(book: Logbook, entry: Entry) -> Iterator[str]:
    """Yield how far an entry's numbers are from the baseline's, where both state one of a name."""
    base = numbers_in("\n".join(section.text for section in book.named("baseline")))
    own = numbers_in("\n".join(field.text for field in entry.all("result") if not field.is_pending))
    for name, value in own.items():
        if name in base:
            old, new = float(base[name]), float(value)
            yield f"{name} {metric_format(name, [old, new]).difference(new, old)}"


def confidence(entry: Entry) -> str:
    """Return how sure a result is, in the workflow's word for it; empty where the entry has none."""
    said = " ".join(field.text.casefold() for field in entry.all("confidence", "interpretation"))
    return next((word for word in _CONFIDENCE if word in said), "")
