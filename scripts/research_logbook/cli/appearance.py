"""Whether what is printed has colours and links: the one place that decides.

By https://no-color.org, https://bixense.com/clicolors and https://force-color.org; where one of them forbids what
another one asks for there is none, as in Python and uv. Only what people read has any: no JSON, SARIF, Markdown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TextIO


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a stream bears."""

    has_colour: bool = False
    has_links: bool = False
    """Whether a terminal makes text a link, by the control sequence OSC 8."""

    @classmethod
    def of(cls, stream: TextIO | None, environment: Mapping[str, str]) -> Self:
        """Return what a stream bears; None is one that is closed."""
        if stream is None or environment.get("NO_COLOR"):
            return cls()
        is_terminal = is_capable_terminal(stream, environment)
        is_coloured = is_terminal and environment.get("CLICOLOR") != "0"
        is_forced = bool(environment.get("FORCE_COLOR")) or environment.get("CLICOLOR_FORCE", "") not in {"", "0"}
        return cls(is_coloured or is_forced, is_terminal and _knows_links(environment))


def is_capable_terminal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Return whether a stream is a terminal that knows control sequences, and nobody's log."""
    return stream.isatty() and environment.get("TERM") != "dumb" and environment.get("GITHUB_ACTIONS") != "true"


def _knows_links(environment: Mapping[str, str]) -> bool:
    """Return whether a terminal is known to bear links: it says which one it is, and others print the sequence.

    What a terminal said is still there inside tmux or screen, which are other terminals.
    """
    forced = environment.get("FORCE_HYPERLINK", "")
    if forced:
        return forced != "0"
    if any(environment.get(name) for name in ("TMUX", "STY", "CI")):
        return False
    version = tuple(map(int, re.findall(r"\d{1,9}", environment.get("TERM_PROGRAM_VERSION", ""))[:2]))
    since = _PROGRAMS.get(environment.get("TERM_PROGRAM", ""))
    if since is not None and version >= since:
        return True
    vte, konsole = environment.get("VTE_VERSION", ""), environment.get("KONSOLE_VERSION", "")
    if vte.isdecimal() and len(vte) < 9 and int(vte) > _CRASHING_VTE:
        return True
    if konsole.isdecimal() and len(konsole) < 9 and int(konsole) >= _KONSOLE:
        return True
    return environment.get("TERM") in {"xterm-kitty", "alacritty", "xterm-ghostty", "foot"} or bool(
        environment.get("WT_SESSION") or environment.get("DOMTERM")
    )


_PROGRAMS: Mapping[str, tuple[int, ...]] = {
    "iTerm.app": (3, 1),
    "WezTerm": (20200620,),
    "vscode": (1, 72),
    "ghostty": (),
    "zed": (),
    "Hyper": (2,),
}
"""The terminals that set TERM_PROGRAM, each with the version that brought links."""

_CRASHING_VTE = 5000
"""0.50.0 was to have them, and crashes: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda."""
_KONSOLE = 201203
