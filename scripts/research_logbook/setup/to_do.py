"""What is left for a person to do after `logbook init`: what no file in a repository can do."""

from collections.abc import Iterator
from dataclasses import dataclass

from research_logbook.markdown.escape import terminal_line

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Left:
    """What decides it."""

    default_branch: str = ""
    branches: tuple[str, ...] = ()
    """The research branches that lack a workflow that runs on their own pushes."""
    secrets: tuple[str, ...] = ()
    has_snapshots: bool = False
    is_offer: bool = False
    """Whether the workflows are only offered, to the repositories of an organisation."""


def left_to_do(left: Left) -> str:
    """Return the list, a line or two for each point."""
    return "left for you to do:\n" + "".join(f"- {terminal_line(line)}\n" for line in _lines(left))


def _lines(left: Left) -> Iterator[str]:
    if left.is_offer:
        yield "commit the files in the organisation's repository `.github`; then Actions > New workflow offers them"
        yield "each repository that takes one still runs `logbook init` for its configuration"
        return
    yield (
        f"commit these files and merge them into {left.default_branch}: until then nothing that starts from an issue, "
        "by hand or by the clock runs, for GitHub takes those workflows from there"
    )
    if left.branches:
        yield (
            f"then merge {left.default_branch} into {_named(left.branches)}: a push runs the workflows of its own "
            "branch, so until then a push there is neither judged nor tagged; its pull requests are judged already"
        )
    for secret in left.secrets:
        yield f"add the secret {secret}: Settings > Secrets and variables > Actions, or `gh secret set {secret}`"
    if left.has_snapshots:
        yield (
            "keep snapshot tags from being moved: Settings > Rules > New tag ruleset for `snapshot/**/*`, with "
            "“Restrict updates” and “Restrict deletions”; not with “Restrict creations”, which locks the workflow out"
        )


def _named(branches: tuple[str, ...]) -> str:
    shown = ", ".join(branches[:_MOST_NAMED])
    more = len(branches) - _MOST_NAMED
    return f"{shown} and {more} more research branches" if more > 0 else shown
