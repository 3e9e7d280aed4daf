"""Which addresses are on the W&B server that is read. Pure.

A host is no W&B server for having "wandb" in its name: only links to the one that the configuration names are live.
"""

import re
from urllib.parse import SplitResult, urlsplit

_OWN_HOSTS = frozenset({"wandb.ai", "app.wandb.ai", "api.wandb.ai", "forge.coreweave.com", "api.forge.coreweave.com"})
"""Hosts of W&B's own server, which all lead to the same runs."""
_PLAIN = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?")
"""What stands between `//` and the path of an address that every reader takes for the same: no user, no backslash."""
_PORTS = {"https": 443, "http": 80}


def on_wandb(url: str, host: str) -> SplitResult | None:
    """Return `url` in its parts where it is an address on the W&B server whose API is at `host`; else None."""
    try:
        parts, own = urlsplit(url[:2_000].strip()), urlsplit(host)
        port, wanted = parts.port or _PORTS.get(parts.scheme), own.port or _PORTS.get(own.scheme)
    except ValueError:
        return None
    place, api = (parts.hostname or "").removeprefix("www."), own.hostname or ""
    plain = api.removeprefix("api.")
    names = _OWN_HOSTS if api in _OWN_HOSTS else {api, plain, f"app.{plain}"}
    # An address without encryption leads to the same pages.
    is_there = place in names and port in {wanted, _PORTS["http"] if wanted == _PORTS["https"] else wanted}
    return parts if is_there and parts.scheme in _PORTS and _PLAIN.fullmatch(parts.netloc) else None
