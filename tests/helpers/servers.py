"""Servers of plain HTTP on loopback for the command line's tests, in threads of this process."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class QuietHandler(BaseHTTPRequestHandler):
    """Says nothing, also when a client is gone."""

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass


class Threaded:
    """A server on a port that is free, from now on until `close`."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class Server(Threaded):
    """Answers `{}` and keeps what it was sent; `delay_s` says how late, of each path."""

    def __init__(self, delay_s: Callable[[str], float] = lambda _: 0.0) -> None:
        self.requests: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.delay_s = delay_s
        self.location: str | None = None
        self.fails: Callable[[str], bool] = lambda _: False  # which paths answer with 500
        server = self

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet a response

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.requests.append((self.command, self.path, body))
                server.headers.append(dict(self.headers))
                if delay_s := server.delay_s(self.path):
                    time.sleep(delay_s)
                failed = server.fails(self.path)
                self.send_response(500 if failed else 200 if server.location is None else 302)
                if server.location is not None:
                    self.send_header("Location", server.location + self.path)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST = do_DELETE = answer  # noqa: N815 - http.server names them

        super().__init__(Handler)
