"""A server that takes what is sent to it, and answers by a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.helpers.servers import QuietHandler, Threaded

if TYPE_CHECKING:
    from collections.abc import Sequence

#: status, headers, body
Said = tuple[int, dict[str, str], bytes]


class Taker(Threaded):
    """Keeps what it was sent; answers 200 when its script is over."""

    def __init__(self, script: Sequence[int | Said] = ()) -> None:
        self.script = list(script)
        self.taken: list[tuple[str, str, dict[str, str], bytes]] = []
        taker = self

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet a response

            def answer(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                taker.taken.append((self.command, self.path, dict(self.headers), sent))
                said = taker.script.pop(0) if taker.script else 200
                status, headers, body = (said, {}, b"") if isinstance(said, int) else said
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = answer  # noqa: N815 - http.server names them

        super().__init__(Handler)
