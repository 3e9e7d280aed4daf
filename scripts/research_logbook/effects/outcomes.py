"""What is told of effects, planned or done: lines for a terminal, and a list with links for a job summary. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from research_logbook.effects import Came, CreateTag, Effect, Names, UpsertComment, told, written_text
from research_logbook.github import RepositorySite
from research_logbook.markdown.escape import code, link, markdown, prose, terminal, terminal_line
from research_logbook.render import enumerated

_INDENT = "    "


class EffectOutcome(NamedTuple):
    """An effect, and what came of it."""

    effect: Effect
    came: Came = Came.PLANNED
    url: str = ""
    """Of what was written; empty where it has no page of its own, or is not written."""
    on_request: str = ""
    """What is to be given for it to be done, where this run only lists it, such as `--apply`."""


def planned(effects: Iterable[Effect], on_request: str = "") -> tuple[EffectOutcome, ...]:
    """Return effects that are not carried out."""
    return tuple(EffectOutcome(effect, on_request=on_request) for effect in effects)


def outcomes_text(outcomes: Iterable[EffectOutcome], *, with_texts: bool = False) -> str:
    """Return a line for each effect, with its address; `with_texts` what it would write below it, indented."""
    return "".join(_lines(outcomes, with_texts=with_texts)) or "nothing to do\n"


def _lines(outcomes: Iterable[EffectOutcome], *, with_texts: bool) -> Iterator[str]:
    for effect, came, url, on_request in outcomes:
        words = f"with {on_request}, {told(effect, came)}" if on_request else told(effect, came)
        text = written_text(effect).strip("\n") if with_texts else ""
        yield f"{terminal_line(words)}{f': {terminal_line(url)}' * bool(url)}{':' * bool(text)}\n"
        if text:
            lines = terminal(text).split("\n")
            yield "".join(f"{_INDENT}{line}".rstrip() + "\n" for line in ["", *lines, ""])


class _LinkedNames(Names):
    """The names of a list in Markdown, with links; an issue that a sentence has named already is `it`."""

    def __init__(self, site: RepositorySite, *, is_done: bool) -> None:
        self._site, self._is_done = site, is_done
        self._comment = ""
        self._named: list[int | str] = []

    def begin(self, url: str) -> None:
        """Let the next issue be linked by the comment on it, where that is what was written."""
        self._comment = url

    def issue(self, number: int) -> str:
        if number in self._named and not self._comment:
            return "it"
        self._named.append(number)
        return link(f"#{number}", self._comment or self._site.url("issues", str(number)))

    def tag(self, name: str) -> str:
        self._named.append(name)
        return link(name, self._site.url("tree", name)) if self._is_done else code(name)

    def snapshot(self, tag: str) -> str:
        return "it" if tag in self._named else super().snapshot(tag)

    def commit(self, name: str) -> str:
        return link(name[:12], self._site.url("commit", name))

    def given(self, text: str) -> str:
        return f"“{markdown(text)}”"

    def plain(self, text: str) -> str:
        return code(text)


def outcomes_summary(
    outcomes: Sequence[EffectOutcome], notes: Iterable[str], site: RepositorySite, *, is_dry: bool
) -> str:
    """Return what a run did, or would do, and its notes, for the job summary, Markdown; nothing for nothing."""
    done = [_sentence(group, site) for group in _by_subject(it for it in outcomes if not it.on_request)]
    listed = [_sentence(group, site) for group in _by_subject(it for it in outcomes if it.on_request)]
    has_written = any(it.came in {Came.DONE, Came.UPDATED} for it in outcomes)
    title = "Dry run: nothing was written" if is_dry else "Done" if has_written else "Nothing was written"
    noted = [prose(note) for note in notes]
    request = next((it.on_request for it in outcomes if it.on_request), "")
    parts = ["\n".join(f"- {line}." for line in done)] if done else []
    if listed:
        parts += [f"Only listed, to be done with `{request}`:", "\n".join(f"- {line}." for line in listed)]
    if noted:
        parts += ["Notes:", "\n".join(f"- {note}" for note in noted)]
    return "\n\n".join([f"### {title}", *parts]) + "\n" if parts else ""


def _by_subject(outcomes: Iterable[EffectOutcome]) -> list[list[EffectOutcome]]:
    """Return effects on one issue together, with the tag that a comment on it is about."""
    groups: dict[object, list[EffectOutcome]] = {}
    for place, it in enumerate(outcomes):
        match it.effect:
            case CreateTag(tag=name) | UpsertComment(kind="snapshot", key=name):
                subject: object = name
            case effect:
                subject = getattr(effect, "issue", str(place))
        groups.setdefault((subject, it.came is Came.PLANNED), []).append(it)
    return list(groups.values())


def _sentence(group: Sequence[EffectOutcome], site: RepositorySite) -> str:
    names = _LinkedNames(site, is_done=group[0].came is not Came.PLANNED)
    said: list[str] = []
    for effect, came, url, _ in group:
        names.begin(url if isinstance(effect, UpsertComment) else "")
        words = told(effect, came, names)
        said.append(words.removeprefix("would ") if said else words)
    sentence = enumerated(said)
    return sentence[:1].upper() + sentence[1:]
