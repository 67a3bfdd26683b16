"""A tiny platform that asks a third party, with retries, and keeps accounts of what it did."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Asked:
    """One operation, as the platform saw it."""

    trace: str
    statuses: list[int] = field(default_factory=list)  # 0: no answer
    waited_s: list[float] = field(default_factory=list)  # before each retry


class Platform:
    """`POST /told {"url"}` says where its third party is; `POST /book` asks it for something.

    It asks `attempts` times at most, `gap_s` after each other; every other booking ignores the
    Retry-After that it was told. It answers 201 if the third party did what it was asked for, else
    200, with `{"fallback_used": …}` in both.
    """

    def __init__(self, *, attempts: int = 3, gap_s: float = 0.03) -> None:
        self.asked: list[Asked] = []
        self.third_party = ""
        self._attempts, self._gap_s = attempts, gap_s
        self._number = 0
        self._lock = threading.Lock()
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet a response

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                status, said = platform.answer(self.path, body)
                data = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What it says to a request."""
        if path == "/told":
            self.third_party = body["url"]
            return 200, {}
        with self._lock:
            self._number += 1
            patient = self._number % 2 == 0
        booked = self._book(Asked(secrets.token_hex(16)), patient=patient)
        return (201 if booked else 200), {"fallback_used": not booked}

    def _book(self, asked: Asked, *, patient: bool) -> bool:
        self.asked.append(asked)
        for attempt in range(self._attempts):
            status, told_s = self._ask(asked.trace)
            asked.statuses.append(status)
            if 200 <= status < 300:
                return True
            if attempt + 1 < self._attempts:
                waits_s = max(told_s, self._gap_s) if patient else self._gap_s
                asked.waited_s.append(waits_s)
                time.sleep(waits_s)
        return False

    def _ask(self, trace: str) -> tuple[int, float]:
        """The status of one attempt, and how long it was told to wait, s."""
        connection = http.client.HTTPConnection(urlsplit(self.third_party).netloc, timeout=10)
        headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
        try:
            connection.request("POST", "/v1/charges", b"{}", headers)
            response = connection.getresponse()
            response.read()
            return response.status, float(response.getheader("Retry-After") or 0)
        except (OSError, http.client.HTTPException):
            return 0, 0.0
        finally:
            connection.close()

    def close(self) -> None:
        """End it."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
