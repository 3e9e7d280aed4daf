"""GitHub Actions: the event that started a run, what the runner reads, and the outputs that steps set.

An output is declared here and nowhere else, an input in the `action.yml` of its action: `python scripts/pages.py`
writes all that follows from them into the actions and the README.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Output:
    """An output of the actions; `commands` are those that set it."""

    name: str
    description: str
    commands: tuple[str, ...]


FINDINGS = Output("findings", "How many findings there are, as a number.", ("lint",))
ERRORS = Output("errors", "How many of them are errors, as a number.", ("lint",))
WARNINGS = Output("warnings", "How many of them are warnings, as a number.", ("lint",))
ADDED = Output("added", "The labels that were added, as a JSON array.", ("labels",))
TAGS = Output("tags", "The snapshot tags that were made, as a JSON array.", ("snapshot",))
COMMENT_URLS = Output(
    "comment-urls",
    "The addresses of the comments that were written or already there, as a JSON array.",
    ("lint-comment", "labels", "snapshot", "wandb-summary"),
)
SEALED = Output("sealed", "Whether the issue is sealed, `true` or `false`.", ("seal",))
FAILED_CHECKS = Output("failed-checks", "The names of the seal checks that fail, as a JSON array.", ("seal",))
COMMENT_URL = Output("comment-url", "The URL of the report; empty if there was nothing to report.", ("seal",))
FOLDER = Output("folder", "The folder that the pages are in, as an absolute path.", ("record",))

OUTPUTS = (FINDINGS, ERRORS, WARNINGS, ADDED, TAGS, COMMENT_URLS, SEALED, FAILED_CHECKS, COMMENT_URL, FOLDER)
"""All of them, in the order of the root action, which sets those of whatever it runs."""

SECRETS = {"token": "GITHUB_TOKEN", "wandb-api-key": "WANDB_API_KEY"}
"""The inputs that are not options, with their variables: what is in an argument can be read by every process."""

WORKING_DIRECTORY = "working-directory"
"""The input that is neither an option nor a variable: the step runs there."""


def outputs_of(command: str) -> tuple[Output, ...]:
    """Return the outputs of a command's action; the root action, `event`, has those of all."""
    return tuple(output for output in OUTPUTS if command == "event" or command in output.commands)
