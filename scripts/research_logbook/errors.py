"""The errors a user can see: each says what is wrong and how to fix it, and has an exit code.

What several commands may have to say is worded here, once.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple


class UserError(Exception):
    """Bad usage; exit code 2. `help` says what to do."""

    exit_code = 2

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - the word that users read
        super().__init__(message)
        self.message = message
        self.help = help

    @property
    def sentence(self) -> str:
        """The message and the help in one line."""
        return f"{self.message}; {self.help}" if self.help else self.message


class ConfigurationError(UserError):
    """The configuration is wrong: every problem in it, a line each; exit code 2."""


class NoIssueError(UserError):
    """There is no issue of that number, or it was deleted; exit code 2."""


class UnfinishedError(UserError):
    """GitHub, W&B or git failed, so the work could not be finished; exit code 3."""

    exit_code = 3


class RefusedError(UserError):
    """A safety limit refused; exit code 4."""

    exit_code = 4


def nearest(written: str, known: Iterable[str]) -> str:
    """Return the name that was probably meant; empty where none is near.

    Case does not count, nor whether words are joined by hyphens, underscores or spaces.
    """
    names = {_joined(name): name for name in sorted(known, reverse=True)}
    near = get_close_matches(_joined(written[:_LONGEST_NAME]), list(names), 1)
    return names[near[0]] if near else ""


def _joined(name: str) -> str:
    return name.casefold().replace("_", "-").replace(" ", "-")


def did_you_mean(written: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the question whether another name was meant; `otherwise` where none is near."""
    meant = nearest(written, known)
    return f"did you mean `{meant}`?" if meant else otherwise


_LONGEST_NAME = 60
"""The most characters of what somebody wrote that are compared: comparing takes the square of them."""

FETCH_ALL = "check out with `fetch-depth: 0`, or run `git fetch --unshallow --tags`"


def no_repository(fix: str = "run it inside a clone of the repository", *, in_actions: bool = False) -> UserError:
    """The command needs git, and there is no repository around the folder."""
    if in_actions:
        fix = "check it out first; where `actions/checkout` has a `path`, give the action the same `working-directory`"
    return UserError("not a git repository", fix)


def not_a_commit(revision: str, *, is_shallow: bool = False) -> UserError:
    """A revision that the user named is not a commit that this clone has."""
    fix = FETCH_ALL if is_shallow else "name a commit, branch or tag that `git log` knows"
    return UserError(f"{revision!r} is not a commit in this clone", fix)


def shallow_clone(consequence: str) -> UnfinishedError:
    """Part of the history was not fetched; `consequence` says what cannot be determined."""
    return UnfinishedError(f"the clone is shallow, so {consequence}", FETCH_ALL)


def not_in_clone(what: str) -> UnfinishedError:
    """A branch or commit of origin was not fetched."""
    return UnfinishedError(f"{what} is not in this clone", FETCH_ALL)


def not_a_research_branch(branch: str) -> UserError:
    """Neither a pattern of the configuration nor a logbook's header makes the branch a research branch."""
    fix = "name it in a logbook's header, or list it under `branches.research` in .github/logbook.yml"
    return UserError(f"{branch!r} is not a research branch", fix)


def no_token() -> UserError:
    """The command talks to GitHub, and there is no token."""
    return UserError("no GitHub token", "set GITHUB_TOKEN or GH_TOKEN; on your own machine `gh auth token` prints one")


def repository_unknown(fix: str = "pass `--repo OWNER/NAME`") -> UserError:
    """Nothing says which repository on GitHub is meant."""
    return UserError("repository unknown", fix)


def no_issue_given(fix: str = "pass `--issue N`") -> UserError:
    """Neither the command line nor the event names an issue."""
    return UserError("no issue given", fix)


def no_such_issue(number: int, repository: str, what: str = "issue", *, is_pull_request: bool = False) -> NoIssueError:
    """GitHub has no `what` of that number in the repository, or a pull request where an issue is wanted."""
    message = f"#{number} is a pull request" if is_pull_request else f"no {what} #{number} in {repository}"
    return NoIssueError(message, "check the number and the repository")


def gone(number: int) -> str:
    """Say that an issue that was there is not there any more: that is nobody's fault, and ends in exit code 0."""
    return f"#{number} was deleted or moved meanwhile, so there is nothing to do"


def not_an_experiment(number: int) -> UserError:
    """The issue is not an experiment's, and nothing is written on any other."""
    fix = "give it the label `experiment`, or name it in a logbook's header"
    return UserError(f"#{number} is not an experiment issue, so nothing is written on it", fix)


def keeps_changing() -> UnfinishedError:
    """Somebody changed the issue each time that it had been judged, so nothing more was written."""
    return UnfinishedError("the issue keeps changing while it is judged", "run it again once nobody edits it")


def no_such_logbook(topic: str, known: Iterable[str] = ()) -> UserError:
    """No logbook of that topic was found among those of the topics `known`."""
    fix = did_you_mean(topic, known, otherwise="name it as its file, without `.md`")
    return UserError(f"no logbook for the topic `{topic}`", fix)


class Refusal(NamedTuple):
    """What is wrong with a value, to follow its name in a sentence, and what to do about it."""

    why: str
    help: str
