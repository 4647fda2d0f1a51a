"""A real HTTP server on this machine that breaks in the ways that servers break."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Reply:
    """How one request is answered; by default fully and rightly."""

    status: int | None = None  # this one and no body
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None  # another file from now on
    etag: str | None = '"first"'
    ranges: bool = True  # whether a Range header is honoured
    even_if_changed: bool = False  # ... also when If-Range no longer holds
    content_range: str | None = None  # instead of the right one
    length: int | None = None  # instead of the right Content-Length
    cut: int | None = None  # bytes of the body after which the connection is closed
    chunked: bool = False


@dataclass
class FlakyServer:
    """Answers by ``script``, one reply a request, the last one for ever."""

    body: bytes
    script: list[Reply]
    url: str = ""
    ranges_asked: list[str | None] = field(default_factory=list)

    def next_reply(self) -> Reply:
        reply = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if reply.body is not None:
            self.body = reply.body
        return reply


class _Http(ThreadingHTTPServer):
    flaky: FlakyServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.flaky.ranges_asked.append(asked)
        reply = self.server.flaky.next_reply()
        self.close_connection = True
        if reply.status is not None:
            self._head(reply.status, {"Content-Length": "0", **reply.headers})
            return
        held = reply.even_if_changed or self.headers.get("If-Range") == reply.etag
        if asked and reply.ranges and held:
            self._partial(reply, int(re.fullmatch(r"bytes=(\d+)-", asked)[1]))
        else:
            self._send(200, reply, self.server.flaky.body, {})

    def _partial(self, reply: Reply, first: int) -> None:
        size = len(self.server.flaky.body)
        if first >= size and reply.content_range is None:
            self._head(416, {"Content-Range": f"bytes */{size}", "Content-Length": "0"})
            return
        span = reply.content_range or f"bytes {first}-{size - 1}/{size}"
        self._send(206, reply, self.server.flaky.body[first:], {"Content-Range": span})

    def _send(self, status: int, reply: Reply, body: bytes, headers: dict[str, str]) -> None:
        if reply.etag:
            headers["ETag"] = reply.etag
        if reply.chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            length = len(body) if reply.length is None else reply.length
            headers["Content-Length"] = str(length)
        self._head(status, {**headers, **reply.headers})
        sent = body[: reply.cut]
        if not reply.chunked:
            self.wfile.write(sent)
            return
        self.wfile.write(b"%x\r\n%b\r\n" % (len(sent), sent))
        if reply.cut is None:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@contextmanager
def serving(body: bytes, *script: Reply) -> Iterator[FlakyServer]:
    """Serve one file on an ephemeral port of the loopback address."""
    server = FlakyServer(body, list(script) or [Reply()])
    with _Http(("127.0.0.1", 0), _Handler) as http:
        http.flaky = server
        server.url = f"http://127.0.0.1:{http.server_port}/archive"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
