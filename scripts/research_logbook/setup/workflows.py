"""The workflows that a repository can have: their templates, and the versions of the actions they use."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from research_logbook.config.load import compose
from research_logbook.errors import UnfinishedError, UserError
from research_logbook.markdown.escape import quoted
from research_logbook.repo.git import Repository

FOLDER = ".github/workflows"
"""Where a repository has its workflows."""
OURS = "run-research/logbook"
"""The repository that the templates name."""


def workflow_path(name: str) -> str:
    """Return where a repository has the workflow of that name."""
    return f"{FOLDER}/logbook-{name}.yml"


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
    Workflow("lint", "checks the logbooks of pull requests, the merge queue and pushes to research branches"),
    Workflow("labels", "labels experiment issues"),
    Workflow("snapshot", "tags snapshot commits and comments on their issue"),
    Workflow("wandb-summary", "keeps a comment with results from W&B up to date", is_usual=False),
    Workflow("seal", "closes experiment issues whose record is complete, and reopens those whose record is not"),
    Workflow("sweep", "catches up once a day on what missed events would have done"),
    Workflow("record", "publishes pages of all research threads with GitHub Pages", is_usual=False),
    Workflow("lint-comment", "comments the findings on pull requests, including those from forks", is_usual=False),
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


_SOURCE = re.compile(
    r"(?P<name>[A-Za-z0-9_-]{1,100}/(?!\.{1,2}@)[A-Za-z0-9._-]{1,100})@(?P<reference>\w[\w./+-]{0,200})"
)


class ActionSource(NamedTuple):
    """A version of the actions, as a user names it."""

    name: str
    """OWNER/NAME."""
    reference: str
    """A tag, a branch or a commit."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Read `OWNER/NAME@REF`; raises `UserError`."""
        match = _SOURCE.fullmatch(text)
        if match is None:
            raise UserError(f"`{quoted(text)}` is not a version of a repository", f"write it like {OURS}@v1")
        return cls(*match.group("name", "reference"))


class Use(NamedTuple):
    """A `uses:` of a workflow: where its value and the comment beside it are in the text, and what they say."""

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
_VERSION = re.compile(r"v?(\d+)((?:\.\d+)*)")
_SERVER = re.compile(r"(?:https|http|ssh|file)://\S+")


def uses(text: str) -> list[Use]:
    """Return every `uses:` that names an action of a repository, in order; raises `NotYamlError`."""
    found = []
    for key, node in _pairs(compose(text)):
        if key == "uses" and isinstance(node, ScalarNode) and (match := _USE.fullmatch(node.value)):
            beside = _BESIDE.match(text, node.end_mark.index)
            end, comment = (beside.end(), beside["comment"]) if beside else (node.end_mark.index, "")
            found.append(Use(node.start_mark.index, end, **match.groupdict(), comment=comment or ""))
    return sorted(found)


def _pairs(root: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield every key with its value, wherever it is; what aliases repeat is visited once."""
    pending, seen = [root], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, SequenceNode):
            pending += node.value
        elif isinstance(node, MappingNode):
            yield from ((key.value, value) for key, value in node.value)
            pending += [value for _, value in node.value]


def _at(node: Node | None, *keys: str) -> Node | None:
    """Return what is at a path of keys; None where nothing is."""
    for key in keys:
        pairs = node.value if isinstance(node, MappingNode) else ()
        node = next((value for name, value in pairs if name.value == key), None)
    return node


def is_ours(use: Use, source: str = OURS) -> bool:
    """Return whether an action is one of this project, from its own repository or from `source`."""
    return use.repository.casefold() in {OURS, source.casefold()}


def is_pinned(use: Use) -> bool:
    """Return whether a commit is named, which nobody can move."""
    return _COMMIT.fullmatch(use.reference) is not None


def resolve(source: ActionSource, repository: Repository, environment: Mapping[str, str]) -> ActionPin:
    """Return the commit that a version is now: git asks the repository itself, without a token.

    `git ls-remote` needs one call where the API takes several, uses the user's own credentials and proxy, and works
    with GitHub Enterprise.

    Raises `UserError` for a version that does not exist, `UnfinishedError` where the server does not answer.
    """
    server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
    if not _SERVER.fullmatch(server):
        raise UserError("GITHUB_SERVER_URL is not a server address", "set it to https://HOST, or unset it")
    name, reference = source
    is_commit = _COMMIT.fullmatch(reference) is not None
    try:
        found = repository.references_at(f"{server.rstrip('/')}/{name}")
    except UnfinishedError as error:
        if is_commit:
            return ActionPin(name, reference, "")
        raise UnfinishedError(
            f"cannot find out which commit {name}@{reference} is: {error.message}",
            f"try again with a connection, or name the commit, which needs none: `--source {name}@` and its 40 digits",
        ) from error
    # An annotated tag is an object of its own: the name with `^{}` is the commit that it points to.
    names = (f"refs/tags/{reference}^{{}}", f"refs/tags/{reference}", f"refs/heads/{reference}")
    commit = reference if is_commit else next((found[it] for it in names if it in found), None)
    if commit is None:
        raise UserError(f"{name} has no tag or branch {reference}", "choose one of its releases")
    tags = {it.removeprefix("refs/tags/").removesuffix("^{}") for it, is_at in found.items() if is_at == commit}
    # The most exact version: `v1` moves on, `v1.2.0` stays.
    version = max(
        filter(_VERSION.fullmatch, tags),
        key=lambda tag: [tag.count("."), *map(int, re.findall(r"\d+", tag))],
        default="" if is_commit else reference,
    )
    return ActionPin(name, commit, version)


# What was beside the old reference: its version, or the template's excuse for not being pinned.
_OLD_COMMENT = re.compile(r"(?:v?\d[\w.+-]*|zizmor: ignore\[unpinned-uses\].*)(?:\s+|$)")


def pinned(text: str, pin: ActionPin) -> str:
    """Return a workflow with our actions pinned, and nothing else changed; raises `NotYamlError`."""
    for use in reversed(uses(text)):
        if is_ours(use, pin.source):
            kept = _OLD_COMMENT.sub("", use.comment.removeprefix(use.reference), count=1).strip()
            comment = " ".join(filter(None, ["#", pin.version, kept]))
            written = f"{pin.source}{use.folder}@{pin.commit}" + (f" {comment}" if comment != "#" else "")
            text = text[: use.start] + written + text[use.end :]
    return text


def pushed_branches(text: str) -> tuple[str, ...]:
    """Return the patterns of the branches whose pushes run a workflow; raises `NotYamlError`."""
    node = _at(compose(text), "on", "push", "branches")
    return tuple(item.value for item in node.value) if isinstance(node, SequenceNode) else ()


_FILTER = re.compile(r"!?[\w./*-]+")


def is_filter(pattern: str) -> bool:
    """Return whether a pattern of ours means the same as a branch filter of GitHub's, where `?` and `+` repeat."""
    return _FILTER.fullmatch(pattern) is not None


def with_branches(text: str, patterns: Sequence[str]) -> str:
    """Return a template that runs on pushes to these branches, if it runs on pushes to branches at all."""
    return _replaced(text, "push", lambda _: patterns)


def as_starter(text: str) -> str:
    """Return a template as an organisation offers it: `main` becomes the default branch of whoever takes it."""
    for event in ("push", "pull_request", "workflow_run"):
        text = _replaced(text, event, lambda names: ["$default-branch" if it == "main" else it for it in names])
    return text


def _replaced(text: str, event: str, change: Callable[[Sequence[str]], Sequence[str]]) -> str:
    """Return a template with other branches for an event, where it lists some."""
    node = _at(compose(text), "on", event, "branches")
    old = [item.value for item in node.value] if isinstance(node, SequenceNode) else []
    if node is None or change(old) == old:
        return text
    return text[: node.start_mark.index] + json.dumps(change(old)) + text[node.end_mark.index :]


_LEVELS = "none read write"


def permissions(text: str) -> dict[str, str]:
    """Return what a workflow and its jobs may do, the highest level of each; raises `NotYamlError`."""
    root = compose(text)
    jobs = _at(root, "jobs")
    blocks = [root, *(job for _, job in jobs.value)] if isinstance(jobs, MappingNode) else [root]
    granted: dict[str, str] = {}
    for block in blocks:
        asked = _at(block, "permissions")
        for name, level in asked.value if isinstance(asked, MappingNode) else ():
            granted[name.value] = max(granted.get(name.value, level.value), level.value, key=_LEVELS.find)
    return granted


_SECRET = re.compile(r"\bsecrets\.([A-Za-z_]\w*)")


def secrets(text: str) -> tuple[str, ...]:
    """Return the secrets that a workflow reads, other than GitHub's own token."""
    return tuple(name for name in dict.fromkeys(_SECRET.findall(text)) if name != "GITHUB_TOKEN")


_PACKAGE = Path(__file__).parents[1]


def workflow_templates() -> Mapping[str, str]:
    """Return the text of every workflow template by the workflow's name, in the order of `WORKFLOWS`."""
    # Installed they are in the package; in a clone where users copy them from.
    installed = _PACKAGE / "workflows"
    folder = installed if installed.is_dir() else _PACKAGE.parents[1] / "workflows-templates"
    files = ((workflow.name, folder / workflow.file) for workflow in WORKFLOWS)
    return {name: file.read_text(encoding="utf-8") for name, file in files if file.is_file()}


def template_text(name: str) -> str:
    """Return another template by the name of its file."""
    return (_PACKAGE / "templates" / name).read_text(encoding="utf-8")
