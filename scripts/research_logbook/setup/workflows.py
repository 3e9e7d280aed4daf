"""The workflows that a repository takes over: which there are, and how they name the actions they use."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from ruamel.yaml import YAML

OURS = "run-research/logbook"
"""The repository that the templates name."""


class Workflow(NamedTuple):
    """A workflow that a repository may have."""

    name: str
    does: str
    """What it does, to follow the name of the repository's workflow in a question."""
    is_usual: bool = True
    """Whether it is taken when nobody chose."""

    @property
    def file(self) -> str:
        """The name of its file, of the template and in the repository."""
        return f"logbook-{self.name}.yml"


WORKFLOWS = (
    Workflow("lint", "judges the logbooks of pull requests, the merge queue and pushes to research branches"),
    Workflow("labels", "gives experiment issues their labels"),
    Workflow("snapshot", "tags snapshot commits, and says so on their issue"),
    Workflow("wandb-summary", "keeps a comment with the results from W&B current", is_usual=False),
    Workflow("seal", "closes an experiment issue whose record is complete, and reopens one whose is not"),
    Workflow("sweep", "does once a day what events that never arrived would have done"),
    Workflow("lint-comment", "comments the verdict on pull requests, those of forks included", is_usual=False),
)
"""Every workflow, in the order in which they are offered; each that is there is a template of that name."""


class ActionPin(NamedTuple):
    """What the actions are pinned to."""

    source: str
    """The repository they come from, OWNER/NAME."""
    commit: str
    """In full."""
    version: str
    """What people call that commit, such as `v1.2.0`; empty where it has no name."""


class Use(NamedTuple):
    """A `uses:` of a workflow: where its value and the comment beside it stand in the text, and what they say."""

    start: int
    end: int
    repository: str
    """OWNER/NAME."""
    folder: str
    """Of the action in its repository, with the slash before it; empty for the root."""
    reference: str
    comment: str


_USE = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(?P<folder>(?:/[\w./-]+)?)@(?P<reference>\S+)")
_BESIDE = re.compile(r"[ \t]*(?:#[ \t]*(?P<comment>[^\r\n]*?))?[ \t]*(?=\r?\n|\Z)")
_COMMIT = re.compile(r"[0-9a-f]{40}")


class NoWorkflowError(ValueError):
    """A text is no YAML."""


def uses(text: str) -> Iterator[Use]:
    """Yield every `uses:` that names an action of a repository; raises `NoWorkflowError`."""
    for node in _values(text, "uses"):
        if match := _USE.fullmatch(node.value):
            beside = _BESIDE.match(text, node.end_mark.index)
            end, comment = (beside.end(), beside["comment"]) if beside else (node.end_mark.index, "")
            repository, folder, reference = match.group("repository", "folder", "reference")
            yield Use(node.start_mark.index, end, repository, folder, reference, comment or "")


def _values(text: str, key: str) -> Iterator[Any]:
    """Yield the tokens of the plain values of a key, wherever it stands: no nesting is followed, and no alias."""
    before: list[Any] = []
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            kinds = [type(item).__name__ for item in (*before, token)]
            if kinds == ["KeyToken", "ScalarToken", "ValueToken", "ScalarToken"] and before[1].value == key:
                yield token
            before = [*before[-2:], token]
    except Exception as error:  # noqa: BLE001 - the reader raises anything for text that is no YAML
        raise NoWorkflowError(str(error).partition("\n")[0]) from None


def is_ours(use: Use, source: str = OURS) -> bool:
    """Return whether an action is one of this project, from its own repository or from `source`."""
    return use.repository.casefold() in {OURS, source.casefold()}


def is_pinned(use: Use) -> bool:
    """Return whether a commit is named, which nobody can move."""
    return _COMMIT.fullmatch(use.reference) is not None


# What stood beside the old reference: its version, or the template's excuse for not being pinned.
_OLD_COMMENT = re.compile(r"(?:v?\d[\w.+-]*|zizmor: ignore\[unpinned-uses\].*)(?:\s+|$)")


def pinned(text: str, pin: ActionPin) -> str:
    """Return a workflow with our actions pinned; not a character of anything else changes."""
    for use in reversed(list(uses(text))):
        if is_ours(use, pin.source):
            text = text[: use.start] + _written(use, pin) + text[use.end :]
    return text


def _written(use: Use, pin: ActionPin) -> str:
    kept = use.comment if use.comment == "" else _OLD_COMMENT.sub("", use.comment.removeprefix(use.reference), count=1)
    comment = " ".join(filter(None, [pin.version, kept.strip()]))
    return f"{pin.source}{use.folder}@{pin.commit}" + (f" # {comment}" if comment else "")


def pushed_branches(text: str) -> tuple[str, ...]:
    """Return the patterns of the branches to whose pushes a workflow listens; raises `NoWorkflowError`."""
    node = _branches(text, "push")
    return tuple(item.value for item in node.value) if node else ()


_FILTER = re.compile(r"!?[\w./*-]+")


def is_filter(pattern: str) -> bool:
    """Return whether a pattern of ours means the same as a branch filter of GitHub's, where `?` and `+` repeat."""
    return _FILTER.fullmatch(pattern) is not None


def with_branches(text: str, patterns: Sequence[str]) -> str:
    """Return a template that listens to pushes to these branches, where it listens to pushes at all."""
    node = _branches(text, "push")
    return text if node is None else _spliced(text, node, patterns)


def as_starter(text: str) -> str:
    """Return a template as an organisation offers it: what names `main` names whatever the default branch is."""
    for event in ("push", "pull_request", "workflow_run"):
        node = _branches(text, event)
        if node and any(item.value == "main" for item in node.value):
            text = _spliced(text, node, ["$default-branch" if it.value == "main" else it.value for it in node.value])
    return text


def _spliced(text: str, node: Any, values: Sequence[str]) -> str:
    written = msgspec.json.encode(list(values)).decode().replace('","', '", "')
    return text[: node.start_mark.index] + written + text[node.end_mark.index :]


def _branches(text: str, event: str) -> Any:
    """Return the node of `on.EVENT.branches` where it is a list in brackets, else None."""
    node = _composed(text)
    for key in ("on", event, "branches"):
        pairs = node.value if type(node).__name__ == "MappingNode" else ()
        node = next((value for name, value in pairs if name.value == key), None)
    return node if type(node).__name__ == "SequenceNode" else None


def _composed(text: str) -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):  # a warning quotes the lines
            return YAML(typ="safe", pure=True).compose(StringIO(text))
    except Exception as error:  # noqa: BLE001 - the reader raises anything for text that is no YAML
        raise NoWorkflowError(str(error).partition("\n")[0]) from None


def read(text: str) -> Mapping[str, Any]:
    """Return a workflow as plain values; raises `NoWorkflowError`."""
    try:
        with warnings.catch_warnings(action="ignore"):  # a warning quotes the lines
            loaded = YAML(typ="safe", pure=True).load(text)
    except Exception as error:  # noqa: BLE001 - the reader raises anything for text that is no YAML
        raise NoWorkflowError(str(error).partition("\n")[0]) from None
    return loaded if isinstance(loaded, dict) else {}


_LEVELS = "none read write"


def permissions(workflow: Mapping[str, Any]) -> dict[str, str]:
    """Return what a workflow and its jobs may, besides reading the contents; the most of each wins."""
    granted: dict[str, str] = {}
    for block in (workflow, *_jobs(workflow)):
        asked = block.get("permissions")
        for name, level in asked.items() if isinstance(asked, dict) else ():
            granted[str(name)] = max(granted.get(str(name), str(level)), str(level), key=_LEVELS.find)
    return granted


def _jobs(workflow: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    jobs = workflow.get("jobs")
    return [job for job in jobs.values() if isinstance(job, dict)] if isinstance(jobs, dict) else []


_SECRET = re.compile(r"\bsecrets\.([A-Za-z_]\w*)")


def secrets(text: str) -> tuple[str, ...]:
    """Return the secrets that a workflow reads, GitHub's own token aside."""
    return tuple(name for name in dict.fromkeys(_SECRET.findall(text)) if name != "GITHUB_TOKEN")


_PACKAGE = Path(__file__).parents[1]


def workflow_templates() -> Mapping[str, str]:
    """Return the text of every workflow template that is there, by the workflow's name, in the order of `WORKFLOWS`."""
    # Installed they lie in the package; in a clone where users copy them from.
    installed = _PACKAGE / "workflows"
    folder = installed if installed.is_dir() else _PACKAGE.parents[1] / "workflows-templates"
    files = ((workflow.name, folder / workflow.file) for workflow in WORKFLOWS)
    return {name: file.read_text(encoding="utf-8") for name, file in files if file.is_file()}


def template_text(name: str) -> str:
    """Return another template by the name of its file."""
    return (_PACKAGE / "templates" / name).read_text(encoding="utf-8")


FOLDER = ".github/workflows"
