"""Why a value from the configuration is refused."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """What is wrong with a value, to follow its name in a sentence, and what to do about it."""

    why: str
    help: str
