"""A platform that tells everybody what it was told: in bodies, headers and redirects."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import quote, unquote

from tests.helpers.servers import QuietHandler, Threaded


class _Handler(QuietHandler):
    """Answers by path; `token` and `heard` are the echo's."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet a response
    token: str
    heard: list[str]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        sent = f"{unquote(self.path)} {dict(self.headers)} {unquote(body)}"
        self.heard.append(sent)
        getattr(self, self.path[1:].partition("?")[0].replace("-", "_"), self.fine)(sent)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - http.server names them

    def sign_in(self, _: str) -> None:
        self.say(200, {"token": self.token}, {"Set-Cookie": f"session=s-{self.token.strip('=')}-c"})

    def fine(self, sent: str) -> None:
        self.say(200, {"echo": sent})

    def refused(self, sent: str) -> None:
        self.say(401, {"error": sent}, {"WWW-Authenticate": f'Other realm="{quote(sent)}"'})

    def broken(self, sent: str) -> None:
        self.say(500, {"error": sent}, {"X-Error": quote(sent)})

    def away(self, sent: str) -> None:
        self.say(302, {}, {"Location": f"ftp://elsewhere/?told={quote(sent)}"})

    def away_in_base64(self, sent: str) -> None:
        told = base64.b64encode(sent.encode()).decode()
        self.say(302, {}, {"Location": f"gopher://elsewhere/{told}"})

    def away_undeclared(self, sent: str) -> None:
        self.say(302, {}, {"Location": f"http://elsewhere.invalid/?told={quote(sent)}"})

    def around(self, _: str) -> None:
        self.say(302, {}, {"Location": self.path})

    def late(self, sent: str) -> None:
        time.sleep(1.0)
        self.say(200, {"echo": sent})

    def no_json(self, sent: str) -> None:
        self.say(200, f"not JSON: {sent}")

    def nonsense(self, sent: str) -> None:
        self.wfile.write(f"nonsense {sent}\r\n\r\n".encode())
        self.close_connection = True

    def odd_status(self, sent: str) -> None:
        self.wfile.write(f"HTTP/1.1 20x {sent}\r\n\r\n".encode())
        self.close_connection = True

    def odd_header(self, sent: str) -> None:
        self.wfile.write(f"HTTP/1.1 200 OK\r\nbad header {sent}\r\n\r\n".encode())
        self.close_connection = True

    def say(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class Echo(Threaded):
    """Whoever signs in is given `token`, and a cookie of the same kind."""

    def __init__(self, token: str) -> None:
        self.heard: list[str] = []  # all that came, as text
        handler = type("Handler", (_Handler,), {"token": token, "heard": self.heard})
        super().__init__(handler)
