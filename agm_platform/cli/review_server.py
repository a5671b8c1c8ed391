"""`python -m agm_platform review`: the review page on loopback, read-only, and nothing else."""

from __future__ import annotations

import os
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = "127.0.0.1"
SECONDS_BETWEEN_LOOKS = 1.0
NOT_YET = b"The review page is written after the first run; there has been none yet.\n"
HEADERS = {
    "Cache-Control": "no-store",
    # The page needs nothing but its own styles.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class ReviewServer(ThreadingHTTPServer):
    """A server of one page, at `/` and under its name; it listens but does not serve yet.

    Port 0 takes a free one. Raises OSError when the port is taken.
    """

    def __init__(self, page: Path, port: int) -> None:
        """Bind to loopback only."""
        self.page = page
        super().__init__((LOOPBACK, port), _Handler)

    def found(self, host: str, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Return status, media type and body for a request.

        One that names another host is refused, so that no web page elsewhere can read this one by
        a name that leads to loopback.
        """
        if host.partition(":")[0] not in {LOOPBACK, "localhost"}:
            return HTTPStatus.FORBIDDEN, "text/plain", b"Only for this machine.\n"
        if path.partition("?")[0] not in {"/", f"/{self.page.name}"}:
            return HTTPStatus.NOT_FOUND, "text/plain", b"There is only the review page.\n"
        try:
            return HTTPStatus.OK, "text/html", self.page.read_bytes()
        except FileNotFoundError:
            return HTTPStatus.NOT_FOUND, "text/plain", NOT_YET


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; http.server refuses every other method."""

    server: ReviewServer

    def do_GET(self) -> None:
        """Send the page as it is now."""
        self.wfile.write(self._head())

    def do_HEAD(self) -> None:
        """Send what GET would, without the page."""
        self._head()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the terminal belongs to Dagster."""

    def _head(self) -> bytes:
        status, kind, body = self.server.found(self.headers.get("Host", ""), self.path)
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        return body


def review(page: Path, port: int, parent: int | None) -> int:
    """Serve until Ctrl-C, or until the process `parent` that started this one has ended."""
    try:
        server = ReviewServer(page, port)
    except OSError as error:
        print(f"No review page at port {port}: {error.strerror}; set AGM_REVIEW_PORT")  # noqa: T201
        return 1
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"Review of checks: http://{LOOPBACK}:{port}/{page.name}", flush=True)  # noqa: T201
    try:
        while parent is None or os.getppid() == parent:
            time.sleep(SECONDS_BETWEEN_LOOKS)
    except KeyboardInterrupt:
        pass
    server.shutdown()
    server.server_close()
    return 0
