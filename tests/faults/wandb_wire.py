"""What can go wrong with one query of W&B's server, or with all from one on."""

import json
from collections.abc import Callable, Mapping

from wandb_server import Reply

Told = Callable[[Reply], Reply | None]
"""What arrives in place of the server's answer; None where the connection is cut off."""

QUIET = 0
"""In place of a status: nothing arrives, and the connection stays open."""


def _status(status: int) -> Told:
    return lambda _: Reply(status, json.dumps({"errors": [{"message": "refused"}]}).encode())


def _page(body: str, status: int = 200) -> Told:
    return lambda _: Reply(status, body.encode())


_ONE: Mapping[str, Told] = {
    "cut": lambda _: None,
    "silence": lambda _: Reply(QUIET, b""),
    **{str(status): _status(status) for status in (400, 401, 403, 404, 429, 500, 502, 504)},
    "truncated": lambda reply: Reply(200, reply.body[: len(reply.body) // 2]),
    "html": _page("<!DOCTYPE html>\n<title>Sign in</title>\n<p>Sign in to the network of the laboratory.</p>\n"),
    "empty": _page(""),
    "null": _page("null"),
    "other-kind": _page("[]"),
    "no-fields": _page('{"ok": true}'),
    "no-data": _page('{"data": null}'),
    "empty-data": _page('{"data": {}}'),
    "errors": _page('{"data": null, "errors": [{"message": "something went wrong", "path": ["project"]}]}'),
    "no-project": _page('{"data": {"project": null, "viewer": null}}'),
}
FAULTS: Mapping[str, tuple[Told, bool]] = {
    f"wandb-{name} {when}": (told, when == "onwards") for name, told in _ONE.items() for when in ("once", "onwards")
}
"""Each with whether it lasts."""
