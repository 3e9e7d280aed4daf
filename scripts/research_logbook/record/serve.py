"""The record of one's own clone, on the loopback only, made again when something changes."""

import threading
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from watchfiles import watch

from research_logbook.repo.git import Repository

HOST = "127.0.0.1"
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class _Pages(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of them; a request by another name than the loopback's is refused.

    Else a page of anybody's could have its host's name lead here, and read what is not public.
    """

    def parse_request(self) -> bool:
        """Read the request, and refuse one that another site's page sent."""
        if not super().parse_request():
            return False
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host not in {HOST, "localhost"}:
            self.send_error(421)
            return False
        return True

    def end_headers(self) -> None:
        """Say that nothing is to be kept, framed or guessed at."""
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away."""


def serve_pages(
    folder: Path, clone: Repository, again: Callable[[], None], *, port: int, tell: Callable[[str], None]
) -> None:
    """Serve a folder until Ctrl-C, and call `again` after each change of the work tree or of git's references."""
    git = clone.common_folder.resolve()

    def concerns(_change: object, path: str) -> bool:
        place = Path(path)
        if place.is_relative_to(git):
            return place.is_relative_to(git / "refs") or place == git / "HEAD"
        return ".git" not in place.parts and not place.is_relative_to(folder)

    handler = partial(_Pages, directory=str(folder))
    with _Server((HOST, port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tell(f"http://{HOST}:{server.server_address[1]}/")
        try:
            for _ in watch(clone.root.resolve(), git, watch_filter=concerns, raise_interrupt=True, step=200):
                again()
        finally:
            server.shutdown()
