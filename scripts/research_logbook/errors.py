"""The errors a user can see: each says what is wrong and what to do, and has an exit code."""


class UserError(Exception):
    """Bad usage; exit code 2. `help` says what to do."""

    exit_code = 2

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - the word that users read
        super().__init__(message)
        self.message = message
        self.help = help


class ConfigurationError(UserError):
    """The configuration is wrong: every problem in it, a line each; exit code 2."""


class UnfinishedError(UserError):
    """GitHub, W&B or git failed, so the work could not be finished; exit code 3."""

    exit_code = 3


class RefusedError(UserError):
    """A safety limit refused; exit code 4."""

    exit_code = 4
