"""A hub on this machine that misbehaves as it is told, for the tests of downloads."""

from __future__ import annotations

import hashlib
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from models.catalog import RemoteFile

REPOSITORY, REVISION = "anna/model", "main"


class LocalHub(socketserver.ThreadingTCPServer):
    """Serves `files`; `behave` may answer a request in its own way, or return False."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.behave: Callable[[_Handler, bytes], bool] = lambda handler, data: False
        self.pages: dict[str, bytes] = {}  # other addresses that it answers
        self.tags = True  # whether it says what the hashes are
        self.asked: list[tuple[str, str]] = []  # path and Range

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def remote(self, path: str, *, pinned: bool = False, size: int | None = None) -> RemoteFile:
        """Return a file as the catalogue would know it."""
        data = self.files[path]
        sha256 = hashlib.sha256(data).hexdigest() if pinned else ""
        return RemoteFile(REPOSITORY, REVISION, path, len(data) if size is None else size, sha256)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that have left."""


class _Handler(BaseHTTPRequestHandler):
    server: LocalHub
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        prefix = f"/{REPOSITORY}/resolve/{REVISION}/"
        path = self.path.removeprefix(prefix)
        asked = self.headers.get("Range", "")
        self.server.asked.append((path, asked))
        if (page := self.server.pages.get(self.path)) is not None:
            self.answer(page, None)
            return
        data = self.server.files.get(path)
        if data is None or not self.path.startswith(prefix):
            self.send_error(404)
        elif not self.server.behave(self, data):
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else None
            self.answer(data, start)

    def answer(
        self, data: bytes, start: int | None, *, cut: int | None = None, length: int | None = None
    ) -> None:
        """Send a file, or the end of it from `start`, or only `cut` bytes of that."""
        body = data[start or 0 :]
        self.send_response(200 if start is None else 206)
        if start is not None:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if self.server.tags:
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])

    def redirect(self, target: str) -> None:
        """Send to somewhere else."""
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def local_hub(files: dict[str, bytes]) -> Iterator[LocalHub]:
    """Serve files until the end of the block."""
    with LocalHub(files) as hub:
        thread = threading.Thread(target=hub.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
