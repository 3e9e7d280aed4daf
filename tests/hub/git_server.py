"""The git repository behind a repository of the bench: it remembers every push, as GitHub's activity does.

What GitHub does: a commit that a force push replaced can still be fetched by its hash, for as long as GitHub has not
collected it; and each push is listed with the time at which it arrived, whatever dates the commits bear.
"""

import datetime as dt
from typing import Any

from repository import Repository as Work

_NOTES, _CLOCK = "pushes", "clock"
_HOOK = f"""\
#!/bin/sh
while read -r before after ref; do
  case "$before $after" in
    0000000*) kind=branch_creation ;;
    *" 0000000"*) kind=branch_deletion ;;
    *) git merge-base --is-ancestor "$before" "$after" && kind=push || kind=force_push ;;
  esac
  echo "$(cat {_CLOCK} 2>/dev/null || date +%s) $kind $before $after $ref" >>{_NOTES}
done
"""


class GitServer:
    """A repository that people push to; `actor` is who GitHub says pushed, None for a deleted account."""

    def __init__(self, work: Work, actor: str | None = "lab") -> None:
        self.work = work
        self.actor = actor
        self._folder = work.root / ".git"

    @classmethod
    def noting_pushes(cls, work: Work) -> "GitServer":
        """Let a repository note what is pushed to it from now on, and give out what no branch leads to any more."""
        server = cls(work)
        hook = server._folder / "hooks/post-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o755)
        work.git("config", "uploadpack.allowAnySHA1InWant", "true")
        work.git("config", "receive.denyDeleteCurrent", "ignore")
        return server

    def set_clock(self, now: dt.datetime | None) -> None:
        """Let what is pushed from now on arrive at a time; with None, when it does."""
        if now is None:
            (self._folder / _CLOCK).unlink()
        else:
            (self._folder / _CLOCK).write_text(f"{now.timestamp():.0f}")

    def collect_garbage(self) -> None:
        """Lose every commit that no branch or tag leads to."""
        self.work.git("reflog", "expire", "--expire=now", "--all")
        self.work.git("gc", "--quiet", "--prune=now")

    @property
    def activity(self) -> list[dict[str, Any]]:
        """What moved the branches, oldest first, in the form of GitHub's API."""
        notes = self._folder / _NOTES
        pushes = (line.split(" ", 4) for line in notes.read_text().splitlines()) if notes.exists() else ()
        return [
            {
                "id": number,
                "node_id": f"PSH_{number}",
                "before": before,
                "after": after,
                "ref": ref,
                "timestamp": dt.datetime.fromtimestamp(int(seconds), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "activity_type": kind,
                "actor": {"login": self.actor, "id": 1, "type": "User"} if self.actor else None,
            }
            for number, (seconds, kind, before, after, ref) in enumerate(pushes, 1)
            if ref.startswith("refs/heads/")
        ]
